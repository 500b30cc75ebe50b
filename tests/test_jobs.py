"""Jobs: entered once for a time, one process's at a time, taken over after kill -9, tried again, paused."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from liangding.config import load_deployment
from liangding.config.recording import Journals
from liangding.config.schedules import Schedule
from liangding.errors import ConfigurationError, LiangdingError
from liangding.jobs.all import all_jobs, jobs_of, mover_of, movers_of
from liangding.jobs.declared import Job
from liangding.jobs.hands import FEW
from liangding.jobs.keeper import keepers_of
from liangding.jobs.procrastinated import ProcrastinateMover
from liangding.jobs.runs import RunState, pauses
from liangding.jobs.working import ATTEMPTS, Jobs, KeeperMover
from liangding.journal.tables import events
from liangding.runtime import Runtime
from liangding.server.app import api
from liangding.uploads.queue import Uploads
from shell import liangding
from support import Rig, rig_for, simulated_rig_for, write_deployment


@pytest.fixture
def at_work(journal_url: str, tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, journal=journal_url) as rig:
        yield rig


def jobs(runtime: Runtime, work: Callable[[Runtime], str], schedule: str = "every 10 minutes") -> Jobs:
    return Jobs(runtime, [Job(name="catalogues", title="试验", schedule=schedule, work=work)])


@pytest.mark.parametrize(
    ("text", "at", "last"),
    [
        ("daily 02:30", "2026-11-21 10:00", "2026-11-21 02:30"),
        ("daily 02:30", "2026-11-21 02:29", "2026-11-20 02:30"),
        ("every 10 minutes", "2026-11-21 10:19", "2026-11-21 10:10"),
        ("every 90 minutes", "2026-11-21 10:19", "2026-11-21 09:00"),
        ("monthly 1 03:00", "2026-11-21 10:00", "2026-11-01 03:00"),
        ("monthly 28 03:00", "2026-03-01 10:00", "2026-02-28 03:00"),
        ("monthly 1 03:00", "2026-01-01 02:00", "2025-12-01 03:00"),
        ("off", "2026-11-21 10:00", None),
    ],
)
def test_the_last_time_of_a_schedule(text: str, at: str, last: str | None) -> None:
    found = Schedule(text).last(datetime.fromisoformat(at))
    assert (found and f"{found:%Y-%m-%d %H:%M}") == last


@pytest.mark.parametrize("text", ["", "daily 24:00", "every 0 minutes", "monthly 31 03:00", "每天", "daily 2:30"])
def test_what_is_no_schedule_is_refused_with_its_forms(text: str, tmp_path: Path) -> None:
    config = write_deployment(tmp_path, more=f'[jobs.schedule]\ncatalogues = "{text}"')
    with pytest.raises(ConfigurationError, match=r"jobs.*catalogues.*daily 02:30"):
        load_deployment(config)


def test_a_job_that_there_is_not_is_refused_with_the_nearest(tmp_path: Path) -> None:
    settings = '[jobs.schedule]\ncatalogue = "off"'
    with simulated_rig_for(tmp_path, more=settings) as rig, pytest.raises(ConfigurationError, match="catalogues"):
        jobs_of(rig.runtime)


def test_a_time_has_one_run_and_is_made_up_for_once(at_work: Rig) -> None:
    done: list[str] = []
    held = jobs(at_work.runtime, lambda runtime: done.append("x") or "办了")  # type: ignore[func-returns-value]
    assert [held.round() for _ in range(3)] == [1, 0, 0]
    at_work.runtime.clock.sleep(3600)
    assert [held.round() for _ in range(2)] == [1, 0]
    assert [run.said for run in held.runs.latest("catalogues", 9)] == ["办了", "办了"]
    assert len(done) == 2


def test_what_fails_is_tried_again_later_and_ends_as_failed(at_work: Rig) -> None:
    def fail(runtime: Runtime) -> str:
        raise LiangdingError("维护中")

    held = jobs(at_work.runtime, fail, schedule="monthly 1 03:00")
    assert held.round() == 1
    assert held.round() == 0, "not before its time"
    for _ in range(ATTEMPTS):
        at_work.runtime.clock.sleep(3601)
        held.round()
    (run,) = held.runs.latest("catalogues", 9)
    assert (run.state, run.attempts, run.said) == (RunState.FAILED, ATTEMPTS, "维护中")


def test_a_paused_job_is_not_begun(at_work: Rig) -> None:
    held = jobs(at_work.runtime, lambda runtime: "办了")
    held.runs.pause("catalogues", 0.0)
    assert held.round() == 0
    assert held.work(held.enter_now("catalogues")) is None
    held.runs.resume("catalogues")
    assert held.round() == 2


def test_only_one_of_many_threads_has_a_run(at_work: Rig) -> None:
    begun, together = [], threading.Barrier(6)

    def work(runtime: Runtime) -> str:
        begun.append(1)
        return ""

    held = jobs(at_work.runtime, work)
    (number,) = held.enter()

    def take() -> None:
        together.wait()
        held.work(number)

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 1


@contextlib.contextmanager
def many(folder: Path, count: int, journal: str, **settings: str) -> Iterator[list[Runtime]]:
    """So many deployments, each an institution's, on one journal in one process."""
    with contextlib.ExitStack() as opened:
        journals = opened.enter_context(Journals())
        found = []
        for number in range(count):
            name = f"h{number:02}"
            file = write_deployment(folder, name=name, code=f"P441900{number:05}", journal=journal, **settings)
            deployment = load_deployment(file)
            found.append(opened.enter_context(Runtime(deployment, journal=journals.open(deployment))))
        yield found


def test_what_is_a_journals_is_done_once_for_all_its_deployments_by_few_threads(tmp_path: Path) -> None:
    with many(tmp_path, 30, "sqlite:///journal.db") as runtimes, contextlib.ExitStack() as opened:
        before = threading.active_count()
        (keeper,), (mover,) = keepers_of(runtimes), movers_of(runtimes)
        opened.enter_context(keeper)
        opened.enter_context(mover)
        client = TestClient(api({runtime.deployment.name: runtime for runtime in runtimes}))
        for runtime in runtimes:
            assert client.get(f"/v1/deployments/{runtime.deployment.name}/journal").status_code == 200
        whole = all_jobs(runtimes)[-1]
        (run,) = wait_for(lambda: [r for r in whole.runs.latest("verification", 99) if r.ended_at])
        assert (run.state, run.attempts) == (RunState.DONE, 1), run.said
        assert threading.active_count() - before <= 2 * (1 + FEW) + 2, "not one for each deployment"
        verified = select(func.count()).where(events.c.kind == "verified")
        assert runtimes[0].journal.store.read(lambda connection: connection.scalar(verified)) == 1
        for each in all_jobs(runtimes)[:-1]:
            assert each.runs.latest("verification") == each.runs.latest("uploads") == []


def test_the_times_that_deployments_of_a_journal_say_all_count(tmp_path: Path) -> None:
    with many(tmp_path, 2, "sqlite:///journal.db", more='[jobs.schedule]\nverification = "daily 00:00"') as runtimes:
        whole = all_jobs(runtimes)[-1]
        assert len(whole.enter()) == 1
        assert all_jobs(runtimes[1:])[-1].enter() == [], "another process, the same journal and time"


def test_a_job_that_was_paused_while_it_was_each_institutions_stays_so(at_work: Rig) -> None:
    own, whole = all_jobs([at_work.runtime])
    old = {"institution": own.whose, "job": "verification", "at": 0.0}
    at_work.runtime.journal.store.write(lambda tx: tx.execute(pauses.insert(), old))
    assert whole.work(whole.enter_now("verification")) is None
    assert whole.runs.paused() == {"verification"}
    whole.runs.resume("verification")
    assert whole.runs.paused() == set()


def test_jobs_that_hang_hold_up_no_others(tmp_path: Path) -> None:
    let_go, done = threading.Event(), threading.Event()

    def hang(runtime: Runtime) -> str:
        return "" if let_go.wait(120) else "nobody let it go"

    with many(tmp_path, FEW + 2, "sqlite:///journal.db") as runtimes:
        *hanging, last = runtimes
        held = [jobs(runtime, hang) for runtime in hanging]
        held.append(jobs(last, lambda runtime: done.set() or "办了"))  # type: ignore[func-returns-value]
        with KeeperMover(*held, step=0.02):
            try:
                assert done.wait(120)
            finally:
                let_go.set()


def test_uploads_have_no_run_where_nothing_waits(at_work: Rig) -> None:
    held = jobs_of(at_work.runtime)
    assert held.round() == 0
    assert held.runs.latest("uploads") == []
    assert not Uploads(at_work.runtime).is_due()


WORKING = """
import os, sys, time
from pathlib import Path
from liangding.config import load_deployment
from liangding.jobs.declared import Job
from liangding.jobs.working import Jobs, KeeperMover
from liangding.jobs.procrastinated import ProcrastinateMover
from liangding.runtime import Runtime
config, mover, folder, hang = sys.argv[1:]
def work(runtime):
    name = Path(folder) / f"{os.getpid()}-{time.time_ns()}"
    name.touch()
    while hang == "hang":
        time.sleep(1)
    return "办了"
with Runtime(load_deployment(config)) as runtime:
    kind = ProcrastinateMover if mover == "procrastinate" else KeeperMover
    with kind(Jobs(runtime, [Job(name="catalogues", title="试验", schedule="daily 00:00", work=work)]), step=0.2):
        print("there", flush=True)
        sys.stdin.read()
"""


def started(config: Path, mover: str, folder: Path, *, hang: bool) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WORKING, str(config), mover, str(folder), "hang" if hang else ""]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


def wait_for(there: Callable[[], Any]) -> Any:
    until = time.monotonic() + 120
    while not (found := there()):
        assert time.monotonic() < until, "it never came"
        threading.Event().wait(0.05)
    return found


@pytest.mark.parametrize(
    ("database", "mover"), [("sqlite", "keeper"), ("postgresql", "keeper"), ("postgresql", "procrastinate")]
)
def test_a_run_outlives_kill_9_of_its_process(
    database: str, mover: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "sqlite:///journal.db" if database == "sqlite" else request.getfixturevalue("postgresql_url")
    config, begun = write_deployment(tmp_path, journal=url), tmp_path / "begun"
    begun.mkdir()
    first = started(config, mover, begun, hang=True)
    wait_for(lambda: list(begun.iterdir()))
    others = [started(config, mover, begun, hang=False) for _ in range(2)]
    first.send_signal(signal.SIGKILL)
    first.wait()
    try:
        with Runtime(load_deployment(config)) as runtime:
            held = jobs(runtime, lambda runtime: "")
            (run,) = wait_for(lambda: [r for r in held.runs.latest("catalogues", 9) if r.state is RunState.DONE])
            assert (run.attempts, run.said) == (2, "办了")
            assert len(held.runs.latest("catalogues", 9)) == 1
    finally:
        for process in others:
            process.communicate("")
    pids = [int(path.name.partition("-")[0]) for path in begun.iterdir()]
    assert len(pids) == 2
    assert pids.count(first.pid) == 1
    assert all(process.returncode == 0 for process in others)


def test_procrastinate_wants_postgresql(tmp_path: Path) -> None:
    settings = '[jobs]\nmover = "procrastinate"'
    with simulated_rig_for(tmp_path, more=settings) as rig, pytest.raises(ConfigurationError, match="PostgreSQL"):
        mover_of(jobs_of(rig.runtime))


def test_a_missing_extra_is_named(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with simulated_rig_for(tmp_path, journal=postgresql_url) as rig, pytest.raises(ConfigurationError) as refused:
        ProcrastinateMover(jobs_of(rig.runtime))
    assert "liangding[jobs]" in str(refused.value.remedy)


ALL_BUT_ONE = '[catalogues]\nleave_out = ["1302"]\n'


def test_the_commands_of_jobs(tmp_path: Path) -> None:
    def run(*arguments: str) -> Any:
        return liangding("jobs", *arguments, "--config", rig.config)

    with rig_for(
        tmp_path, more='[catalogues]\nleave_out = ["1302"]\n[jobs.schedule]\ncatalogues = "daily 02:30"'
    ) as rig:
        assert "21 个目录是最新的" in run("run", "catalogues").stdout
        assert run("run", "catalogue").returncode == 2
        assert run("pause", "catalogues").returncode == 0
        assert run("run", "catalogues").returncode == 1
        (row,) = [r for r in json.loads(run("list", "--json").stdout) if r["job"] == "catalogues"]
        assert (row["schedule"], row["paused"]) == ("daily 02:30", "已暂停")
        assert run("resume", "catalogues").returncode == 0


def test_a_server_does_its_jobs(tmp_path: Path) -> None:
    with (
        rig_for(
            tmp_path, more='[catalogues]\nleave_out = ["1302"]\n[jobs.schedule]\ncatalogues = "daily 00:00"'
        ) as rig,
        KeeperMover(held := jobs_of(rig.runtime), step=0.1),
    ):
        wait_for(lambda: [r for r in held.runs.latest("catalogues") if r.state is RunState.DONE])
