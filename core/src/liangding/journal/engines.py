"""Opening the databases that a journal may stand in: an SQLite file, a PostgreSQL; to work on, or only to look at."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from ..errors import ConfigurationError, LiangdingError

READING = "liangding_reading"

_SEVERAL = re.compile(r"(postgresql[^:/]*://(?:[^@/?]*@)?)([^@/?]*,[^@/?]*)(.*)")

_HOST = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]+)(?::\d+)?")

LETTERS = "utf8"
"""How text goes to and comes from PostgreSQL, by every connection: a database in SQL_ASCII would tell bytes."""

LOCK_SECONDS: float = 10
"""How long a writer waits for another process that holds the database."""

_CHECKPOINT_PAGES = 8000
"""Pages of 4 kB in SQLite's log before they are moved into the database itself, which somebody has to wait for."""


class JournalUnavailable(LiangdingError):
    """The journal could not be written or read. Where a call was to be recorded, nothing was sent."""

    code = "journal_unavailable"
    http_status = 503
    remedy = "检查磁盘空间、流水文件的权限和数据库连接后再办"


class NoJournalYet(JournalUnavailable):
    """There is no journal where one was to be read."""

    remedy = "核对部署文件的 journal.url；从没办过业务的，还没有流水"


def open_engine(url: str, folder: Path, *, reading: bool = False) -> Engine:
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_reading(folder / (parsed.database or "")) if reading else _sqlite(parsed, folder)
    if parsed.get_backend_name() == "postgresql":
        if reading and parsed.query.get("target_session_attrs") == "read-write":
            # A session that is to read alone is none that may write: the one that does not stand by is meant.
            parsed = parsed.update_query_dict({"target_session_attrs": "primary"})
        return _postgresql(parsed, " -c default_transaction_read_only=on" if reading else "")
    raise ConfigurationError(
        f"journal.url 不支持 {parsed.get_backend_name()}，用 sqlite 或 postgresql", path="journal.url"
    )


def database_url(text: str) -> URL:
    """A database's address, as SQLAlchemy has it; several hosts (``postgresql://user@first:5432,second:5432/base``) are
    a PostgreSQL and those that stand by for it, of which the one that is written to is asked. ConfigurationError."""
    try:
        several = _SEVERAL.fullmatch(text)
        if several is None:
            return make_url(text)
        start, hosts, rest = several.groups()
        if wrong := [each for each in hosts.split(",") if not _HOST.fullmatch(each)]:
            raise ValueError(wrong)
        url = make_url(start + rest)
        return url.update_query_dict(
            {"target_session_attrs": "read-write"} | dict(url.query) | {"host": tuple(hosts.split(","))}
        )  # fmt: skip
    except (SQLAlchemyError, ValueError):
        told = "应写成 sqlite:///文件 或 postgresql://用户@主机/库（几台主机用逗号隔开）"
        raise ConfigurationError(f"journal.url {told}", path="journal.url") from None


def libpq_url(text: str) -> str:
    """The same address as PostgreSQL's own library reads it."""
    url = database_url(text)
    hosts = url.query.get("host")
    if not isinstance(hosts, tuple):
        return "postgresql://" + text.partition("://")[2]
    user = "".join(f"{mark}{quote(part, safe='')}" for mark, part in (("", url.username), (":", url.password)) if part)
    rest = urlencode({name: value for name, value in url.query.items() if name != "host"}, doseq=True)
    return f"postgresql://{user}{'@' if user else ''}{','.join(hosts)}/{url.database or ''}{'?' if rest else ''}{rest}"


def behind_pooler(connection: Any) -> bool:
    """Whether a pooler stands between a connection of psycopg and its server: then the server's process is not the one
    that was told at the beginning, and may be another one in each transaction."""
    (server,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    if not connection.autocommit:
        connection.rollback()
    return bool(server != connection.info.backend_pid)


def _connected(dialect: Any, given: dict[str, Any]) -> Any:
    """A connection of psycopg. A pooler takes no options at the start, and keeps nothing that a session sets: there the
    role's own settings have to be right. JournalUnavailable where they are not."""
    try:
        connection = dialect.connect(**given)
    except dialect.loaded_dbapi.OperationalError as failed:
        if "unsupported startup parameter" not in str(failed):
            raise
        connection = dialect.connect(**{name: value for name, value in given.items() if name != "options"})
    try:
        if behind_pooler(connection):
            connection.prepare_threshold = None
            _hold_role(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _hold_role(connection: Any) -> None:
    found = connection.execute(
        "SELECT current_user, current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),"
        " current_setting('synchronous_commit')"
    ).fetchone()
    if not connection.autocommit:
        connection.rollback()
    user, lock, idle, durable = found
    wanted = {
        "lock_timeout": f"'{LOCK_SECONDS:g}s'" if lock == "0" else "",
        "idle_in_transaction_session_timeout": "'60s'" if idle == "0" else "",
        "synchronous_commit": "on" if durable not in ("on", "remote_apply") else "",
    }
    said = "；".join(f"ALTER ROLE {user} SET {name} = {value}" for name, value in wanted.items() if value)
    if said:
        raise JournalUnavailable(
            f"经连接池（PgBouncer）连数据库，角色 {user} 的设置还不能保证流水",
            path="journal.url",
            remedy=f"在数据库里执行：{said}；再让连接池重新连接（RECONNECT）",
        )


def _postgresql(url: URL, more: str = "") -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"), pool_size=8, pool_pre_ping=True,
            connect_args={
                "connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
                "tcp_user_timeout": 20_000, "client_encoding": LETTERS,
                "options": "-c synchronous_commit=on"
                f" -c lock_timeout={int(LOCK_SECONDS * 1000)} -c idle_in_transaction_session_timeout=60000{more}",
            },
        )  # fmt: skip
    except ImportError:
        raise ConfigurationError(
            "没有安装 PostgreSQL 的驱动", path="journal.url", remedy="pip install 'liangding[postgresql]'"
        ) from None
    event.listen(engine, "do_connect", lambda dialect, _, __, given: _connected(dialect, given))
    return engine


def _sqlite(url: URL, folder: Path) -> Engine:
    if not url.database or url.database == ":memory:":
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        path = folder / url.database
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as failed:
            raise JournalUnavailable(f"建不了流水目录 {path.parent}：{failed.strerror}") from None
        with contextlib.suppress(OSError):  # what may not be made is said where it is opened
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        address = f"{path.resolve().as_uri()}?mode=rw"  # a file that was taken away is not made anew, and empty

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(address, uri=True, check_same_thread=False, timeout=LOCK_SECONDS)

        engine = create_engine(url.set(database=str(path)), creator=connect, pool_size=4)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(READING):
            connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite_reading(path: Path) -> Engine:
    """The file as it is. Where no process has it open there is no log beside it, and none is made."""
    if not path.is_file():
        raise NoJournalYet(f"没有流水文件 {path}")
    alone = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    address = f"file:{quote(str(path.resolve()))}?mode=ro{alone}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=LOCK_SECONDS)
        connection.isolation_level = None
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _write_ahead(connection: Any) -> None:
    """Processes that open a new database at once meet a lock here that SQLite itself does not wait for."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
