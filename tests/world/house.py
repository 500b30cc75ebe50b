"""An institution's house: a simulated platform, a hostile line, servers, each a process of its own, under one clock.

Every process reads the time from one file, so that hours pass at once and for all of them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, text

from liangding.config import Kind
from liangding.journal.engines import database_url
from support import free_port, write_deployment, write_secret

from .line import HostileLine, until
from .till import API_KEY

CLOCK = Path(__file__).parent / "clock"
"""Where Python finds another clock at its start."""

READ_SECONDS = 3
"""How long the servers wait for an answer."""

SETTINGS = """
[[server.api_keys]]
name = "till"
key = {{ file = "secrets/till" }}

[resolution]
believe_seconds = {believe_seconds}
grace_minutes = 30
"""


class WorldClock:
    """The time that the processes of a house see: that of the computer, put forward (``clock/sitecustomize.py``)."""

    def __init__(self, file: Path, also: Callable[[float], None] = lambda forward: None) -> None:
        self.file = file
        self._also = also
        self.forward = self.slept = 0.0
        file.write_bytes(bytes(16))

    def pass_by(self, seconds: float, *, asleep: bool = True) -> None:
        """Let time pass: by the wall's clock and by the one that counts from the start of the system. ``asleep`` False:
        somebody moved the hands of the wall's clock, and no time passed."""
        self.forward += seconds
        self.slept += seconds if asleep else 0.0
        with self.file.open("r+b") as held:
            held.write(struct.pack("<2d", self.forward, self.slept))
        self._also(self.forward)

    def now(self) -> float:
        """Seconds since 1970, as the processes see them."""
        return time.time() + self.forward

    def environment(self) -> dict[str, str]:
        """What makes a process see this clock. Its own waiting goes by the computer's."""
        return os.environ | {"PYTHONPATH": str(CLOCK), "WORLD_CLOCK": str(self.file)}


class Process:
    """One process of the house; it can be killed, stopped and started anew."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path, port: int) -> None:
        self._command, self._environment, self._log = command, environment, log
        self.port = port
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._running is not None:
            # A connection that a killed process broke off ends before its listener: who asks there meets the old one.
            self._running.wait()
            until(lambda: not self._is_reached(), "nobody listens there any more")
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until(self._answers, f"{' '.join(self._command[3:5])} answers: {self._log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, self._log.read_text("utf-8")[-3000:]
        return self._is_reached()

    def _is_reached(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def workers(self) -> list[int]:
        """The processes that it has started, where one command has several."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(each) for each in children.read_text("ascii").split()]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and to what runs under it."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, number)

    def kill(self) -> None:
        """kill -9, and wait until nothing of it is left."""
        if (running := self._running) is not None:  # meanwhile somebody may start it anew
            self.signal(signal.SIGKILL)
            running.wait()

    def stop(self) -> int:
        """Ask it to end, as an operator does; its exit code."""
        assert self._running is not None
        self.signal(signal.SIGTERM)
        return self._running.wait(timeout=30)

    def freeze(self) -> None:
        """As a paused virtual machine, or a closed lid: it lives, and does nothing."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)


DUE = text(
    "SELECT count(*) FROM calls WHERE due_at <= :now AND (state = 'unknown' OR watch_until IS NOT NULL)"
)  # fmt: skip
"""What a keeper has still to look at. Asked only to know how long to wait, never to judge."""

EVENTS = text("SELECT count(*) FROM events")

QUIET = 5
"""So many times, one after the other, everything is as it was before: then nobody is at work."""

UNOWNED = text("SELECT count(*) FROM calls WHERE state IN ('open', 'unknown') AND changes AND escalated_at IS NULL")

_IN_DATABASE = "DO 'BEGIN EXECUTE format($$ALTER DATABASE %I {}$$, current_database()); END'"
_CLOCK = """
CREATE FUNCTION world.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
'SELECT pg_catalog.clock_timestamp() + make_interval(secs => forward) FROM world.clock'
"""
CLOCK_OF_ITS_OWN = (
    "CREATE SCHEMA world",
    "CREATE TABLE world.clock AS SELECT 0::float8 AS forward",
    _CLOCK,
    _IN_DATABASE.format("SET search_path = public, world, pg_catalog"),
)
CLOCK_AS_IT_WAS = ("DROP SCHEMA world CASCADE", _IN_DATABASE.format("RESET search_path"))
"""A PostgreSQL whose clock can be put forward, and back to what it was: found before the system's own."""


def _engine(url: str) -> Engine:
    address = database_url(url)
    driver = {"postgresql": "postgresql+psycopg"}.get(address.drivername, address.drivername)
    return create_engine(address.set(drivername=driver), pool_pre_ping=True)


class House:
    """One institution's processes."""

    def __init__(self, folder: Path, *, kind: Kind, journal: str, settings: str, believe_seconds: float) -> None:
        self.folder = folder
        write_secret(folder, "till", API_KEY)
        self.clock = WorldClock(folder / "clock", self._move_database)
        self.kind = kind
        self._journal = journal
        self._settings = SETTINGS.format(believe_seconds=believe_seconds) + settings
        port = free_port()
        config = self.deployment("http://127.0.0.1:9", "platform")
        self.platform = self._process("simulate", config, port)
        self.platform.start()
        self.line = HostileLine(port)
        self.config = self.deployment(f"{self.line.url}/hsa/hgs", "desk")
        self.servers: list[Process] = []
        relative = journal.removeprefix("sqlite:///")
        url = journal if relative == journal else f"sqlite:///{folder / relative}"
        self.journal_url = url
        self._database = _engine(url)
        self._on_postgresql = relative == journal
        if self._on_postgresql:
            self._say(*CLOCK_OF_ITS_OWN)
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/_simulator", trust_env=False, timeout=30)

    def deployment(self, url: str, name: str, *, journal: str = "", more: str = "") -> Path:
        """A deployment file of this institution."""
        code = {Kind.PHARMACY: "P44190000001", Kind.CLINIC: "P44190000001", Kind.HOSPITAL: "H44190000001"}[self.kind]
        return write_deployment(
            self.folder, url=url, kind=self.kind, gateway="plain", code=code, name=name,
            journal=journal or self._journal, read_seconds=READ_SECONDS, keys="", more=self._settings + more,
        )  # fmt: skip

    def serve(
        self, *, config: Path | None = None, under: Sequence[str] = (), environment: dict[str, str] | None = None,
        python: str = sys.executable, workers: int = 1,
    ) -> Process:  # fmt: skip
        """One more server, up and answering; ``under`` is a command that runs it, ``python`` whose Liangding it is."""
        process = self._process("serve", config or self.config, free_port(), under, environment, python, workers)
        process.start()
        self.servers.append(process)
        return process

    def _process(
        self, command: str, config: Path, port: int, under: Sequence[str] = (),
        environment: dict[str, str] | None = None, python: str = sys.executable, workers: int = 1,
    ) -> Process:  # fmt: skip
        log = self.folder / f"{command}-{port}.log"
        arguments = [*under, python, "-m", "liangding", command, "--config", str(config), "--port", str(port)]
        arguments += ["--workers", str(workers)] if workers > 1 else []
        return Process(arguments, self.clock.environment() | (environment or {}), log, port)

    # -- the platform, as an oracle sees it ------------------------------------------------------------------------

    def ledger(self) -> list[dict[str, Any]]:
        """Every settlement that the platform made, by its own word."""
        self._client.get("/time")
        return self._client.get("/ledger").json()  # type: ignore[no-any-return]

    def people(self, count: int, case: str = "local") -> list[dict[str, Any]]:
        """New insured persons."""
        return self._client.post("/people", json={"case": case, "count": count}).json()  # type: ignore[no-any-return]

    def everybody(self) -> dict[str, dict[str, Any]]:
        """All insured persons, by number."""
        return {each["psn_no"]: each for each in self._client.get("/people").json()}

    def queries_lag(self, seconds: float) -> None:
        """The platform's queries show only what is older."""
        self._client.post("/time", json={"query_delay": seconds})

    # -- time ------------------------------------------------------------------------------------------------------

    def _move_database(self, forward: float) -> None:
        """The database's own clock goes on with all the others."""
        if self._on_postgresql:
            self._say(f"UPDATE world.clock SET forward = {forward}")

    def _say(self, *statements: str) -> None:
        with self._database.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def rest(self, *moments: float) -> None:
        """Let time pass in steps, each long enough for the servers' keepers to do what is due."""
        for seconds in moments or (5, 60, 130, 130, 300, 600, 1000, 2000):
            self.clock.pass_by(seconds)
            self.keepers_turn()

    def keepers_turn(self) -> None:
        """Wait until the servers' keepers have looked at everything that was due, and no look goes on: a case is due no
        more as soon as somebody has taken it."""
        if any(server.alive for server in self.servers):
            seen, often = (-1, -1, -1), 0

            def quiet() -> bool:
                nonlocal seen, often
                now = self.due(), self.happened(), len(self.line.sent)
                seen, often = now, often + 1 if now == seen else 0
                return often >= QUIET and not now[0]

            until(quiet, "a keeper looks at what is due", 900)

    def happened(self) -> int:
        """How many events the journal has."""
        with self._database.connect() as connection:
            return int(connection.execute(EVENTS).scalar_one())

    def due(self) -> int:
        now = time.time() + self.clock.forward
        with self._database.connect() as connection:
            return int(connection.execute(DUE, {"now": now}).scalar_one())

    def unowned(self) -> int:
        """How many calls that change something are not known, and no person was told of them."""
        with self._database.connect() as connection:
            return int(connection.execute(UNOWNED).scalar_one())

    def close(self) -> None:
        for process in (*self.servers, self.platform):
            process.kill()
        self.line.close()
        if self._on_postgresql:
            self._say(*CLOCK_AS_IT_WAS)
        self._database.dispose()
        self._client.close()


@contextlib.contextmanager
def house(
    folder: Path, *, kind: Kind = Kind.PHARMACY, journal: str = "sqlite:///journal.db", settings: str = "",
    believe_seconds: float = 120,
) -> Iterator[House]:  # fmt: skip
    """A house in ``folder`` with its platform and line; no server yet."""
    folder.mkdir(exist_ok=True, parents=True)
    built = House(folder, kind=kind, journal=journal, settings=settings, believe_seconds=believe_seconds)
    try:
        yield built
    finally:
        built.close()
