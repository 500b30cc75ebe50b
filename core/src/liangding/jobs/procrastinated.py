"""Jobs handed round between machines by procrastinate, on the journal's PostgreSQL.

What it moves is the number of a run and nothing else; whether the run is free, its row says. So whatever procrastinate
loses, forgets or does twice, no run is lost and none is made twice: what is due is put to it again in every round.
Its tables stand in a schema of its own for each of its versions; another version begins with an empty one.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import threading
from typing import Any

from ..config.recording import journal_url
from ..errors import ConfigurationError, LiangdingError
from ..journal.asking import asked_by
from ..journal.engines import LETTERS, behind_pooler, libpq_url
from ..privacy import logger
from .hands import FEW
from .runs import AllRuns
from .working import LEAVE_SECONDS, STEP_SECONDS, AnyJobs, due_of

log = logger("jobs")


class ProcrastinateMover:
    """A worker of procrastinate for jobs whose runs are in one database, in a thread of its own while the ``with``
    block runs; a few runs at once.

    ConfigurationError where the journal is not on PostgreSQL, or procrastinate is not installed.
    """

    def __init__(self, jobs: AnyJobs, *others: AnyJobs, step: float = STEP_SECONDS) -> None:
        deployment = jobs.runtime.deployment
        if not deployment.journal.url.startswith("postgresql"):
            raise ConfigurationError(
                "procrastinate 要用 PostgreSQL 的流水库", path="jobs.mover", remedy='改为 mover = "keeper"'
            )
        try:
            import procrastinate  # noqa: F401
        except ImportError:
            raise ConfigurationError(
                "没有安装 procrastinate", path="jobs.mover", remedy="pip install 'liangding[jobs]'"
            ) from None
        self._jobs = {each.whose: each for each in (jobs, *others)}
        self._all, self._step = AllRuns(jobs.runtime.journal), step
        self._url = libpq_url(journal_url(deployment))
        with jobs.runtime.journal.store.engine.connect() as held:
            if behind_pooler(held.connection.driver_connection):
                raise ConfigurationError(
                    "procrastinate 不能经连接池（PgBouncer）：它要在一条连接上等消息", path="jobs.mover",
                    remedy='改为 mover = "keeper"，或 journal.url 直接写数据库的地址',
                )  # fmt: skip
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)

    def __enter__(self) -> ProcrastinateMover:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(LEAVE_SECONDS)

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                asyncio.run(self._work())
            except Exception:
                log.exception("procrastinate broke off, and begins anew")
            self._closed.wait(self._step)

    async def _work(self) -> None:
        from procrastinate import App, PsycopgConnector

        schema = make_schema(self._url)
        connector = PsycopgConnector(
            conninfo=self._url, kwargs={"client_encoding": LETTERS, "options": f"-c search_path={schema}"}, max_size=6
        )
        app = App(connector=connector)

        @app.task(name="liangding.run")
        def run(number: int) -> None:
            whose = self._jobs.get(self._all.whose(number) or "")
            if whose is not None:
                with asked_by("jobs", whose.runtime.deployment.name):
                    whose.work(number)

        async with app.open_async():
            worker = asyncio.create_task(app.run_worker_async(
                queues=[_queue(whose) for whose in self._jobs], concurrency=min(len(self._jobs), FEW),
                install_signal_handlers=False, delete_jobs="always",
                fetch_job_polling_interval=self._step,
            ))  # fmt: skip
            try:
                while not self._closed.is_set() and not worker.done():
                    await self._put_due(run)
                    await asyncio.sleep(min(self._step, 1.0))
            finally:
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)

    async def _put_due(self, task: Any) -> None:
        """Put to procrastinate what is due; what waits there already is left."""
        from procrastinate.exceptions import AlreadyEnqueued

        try:
            for whose, number in await asyncio.to_thread(self._due):
                queue = _queue(whose)
                try:
                    put = task.configure(queue=queue, queueing_lock=f"{queue}:{number}")
                    await put.defer_async(number=number)
                except AlreadyEnqueued:
                    continue
        except LiangdingError as failed:
            log.warning("jobs wait: %s", failed.code)

    def _due(self) -> list[tuple[str, int]]:
        found = due_of(list(self._jobs.values()))
        return [(whose.whose, number) for whose, numbers in found.items() for number in numbers]


def _queue(whose: str) -> str:
    return f"liangding:{whose}"


def make_schema(url: str) -> str:
    """The schema of this version of procrastinate, made where it is not there."""
    import psycopg
    from procrastinate.schema import SchemaManager

    version = importlib.metadata.version("procrastinate")
    schema = "liangding_jobs_" + "_".join(version.split(".")[:3])
    with psycopg.connect(url, client_encoding=LETTERS) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('liangding jobs'))")
        found = connection.execute("select to_regclass(%s)", (f"{schema}.procrastinate_jobs",)).fetchone()
        if found in (None, (None,)):
            connection.execute(f"create schema if not exists {schema}".encode())
            connection.execute(f"set local search_path to {schema}".encode())
            connection.execute(SchemaManager.get_schema().encode())
    return schema
