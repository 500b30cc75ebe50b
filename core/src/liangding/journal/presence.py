"""Which process a row belongs to, and whether that process is still there."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import socket
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import Update, bindparam, literal, select

from . import chain, locks
from .store import ChainHead, JournalUnavailable, Store, Tx
from .tables import owners
from .timing import DatabaseClock, clock
from .vault import Purpose, Vault

BEAT_SECONDS = 10
"""How often a process that keeps a journal open says that it is there."""

SILENT_SECONDS = 60.0
"""After this long without a word a process counts as gone, where no setting says otherwise."""

_CLOCK_SECONDS = 3600.0
"""A word from farther ahead than this is from before the clock went back: it does not say that its process lives."""

_ACCESS_DENIED = 5


_LAST = select(owners).order_by(owners.c.ordinal.desc()).limit(1)

_ENTER = owners.insert()

_FOLLOWED = owners.update().where(owners.c.owner == bindparam("before")).values(successor=bindparam("link"))


LATEST = 200
"""So many of the processes that entered last are looked at: those before them ended long ago."""


@attrs.frozen(kw_only=True)
class WorkingProcess:
    """A process on a journal: its name as the chain has it, the machine and number in it, since when it is there, when
    it was last heard of (seconds since 1970)."""

    owner: str
    started_at: float
    beat_at: float

    @property
    def machine(self) -> str:
        return self.owner.partition(":")[0]

    @property
    def number(self) -> str:
        parts = self.owner.split(":")
        return parts[3] if len(parts) == 6 else parts[1] if len(parts) > 1 else ""


class Presence:
    """This process in the journal: its name, the calls that it works on, and what it knows of the others.

    ``alive`` says of a name whether its process is still there, instead of looking it up. ``shared`` is the
    database's clock, where rows age by that.
    """

    def __init__(
        self,
        owner: str | None,
        alive: Callable[[str], bool] | None,
        epoch: Callable[[], float],
        *,
        silent: float = SILENT_SECONDS,
        shared: DatabaseClock | None = None,
    ) -> None:
        self.owner = owner or this_process()
        self.shared = shared
        self._silent = silent
        self.under_way: set[str] = set()
        self._alive = alive
        self._epoch = epoch
        self._closed = threading.Event()

    def enter(self, tx: Tx, vault: Vault) -> ChainHead:
        """Write this process down, and begin its chain."""
        last = tx.execute(_LAST).first()
        ordinal, before = (last.ordinal + 1, last.first_link) if last is not None else (1, chain.ROOT)
        now = self._epoch()
        link = chain.first_link(vault.keyed, self.owner, ordinal, now, before)
        row = {
            "owner": self.owner, "ordinal": ordinal, "started_at": now, "beat_at": now, "first_link": link,
            "events": 0, "closing": chain.closing(vault.keyed, self.owner, ChainHead(0, link)),
            "successor": chain.successor(vault.keyed, self.owner, None), "chain": vault.present(Purpose.CHAIN),
        }  # fmt: skip
        tx.execute(_ENTER, row)
        if last is not None:
            keyed = vault.chain(last.chain) or vault.keyed
            tx.execute(_FOLLOWED, {"before": last.owner, "link": chain.successor(keyed, last.owner, link)})
        return ChainHead(0, link)

    def keep_beating(self, store: Store) -> None:
        """Say every now and then that this process is there, until :meth:`leave`. Where somebody else says who is
        alive, nobody listens."""
        if self._alive is None:
            threading.Thread(target=self._beating, args=(store,), name="journal beat", daemon=True).start()

    def leave(self, store: Store) -> None:
        """Say that this process goes, so that nobody waits for it: not even one of the same machine and number."""
        self._closed.set()
        if self._alive is None:
            gone = owners.update().where(owners.c.owner == self.owner).values(beat_at=0.0)
            with contextlib.suppress(JournalUnavailable):
                store.write(lambda tx: tx.execute(gone), touches=locks.OWN_CHAIN)

    def is_gone(self, owner: str, store: Store) -> bool:
        """Whether the process of that name is no more."""
        if owner == self.owner:
            return False
        if self._alive is not None:
            return not self._alive(owner)
        now: Any = clock(store.dialect)
        query = select(owners.c.beat_at, literal(self._epoch()) if now is None else now).where(owners.c.owner == owner)
        beat_at, at = store.read(lambda c: c.execute(query).first()) or (0.0, self._epoch())
        return self.is_gone_since(owner, beat_at, at)

    def at_work(self, store: Store) -> list[WorkingProcess]:
        """The processes of the journal that are not gone, the latest first."""
        now: Any = clock(store.dialect)
        moment = literal(self._epoch()) if now is None else now
        query = select(owners.c.owner, owners.c.started_at, owners.c.beat_at, moment.label("now"))
        query = query.order_by(owners.c.ordinal.desc()).limit(LATEST)
        return [
            WorkingProcess(owner=row.owner, started_at=row.started_at, beat_at=row.beat_at)
            for row in store.read(lambda connection: connection.execute(query).all())
            if row.owner == self.owner or not self.is_gone_since(row.owner, row.beat_at, row.now)
        ]

    def is_gone_since(self, owner: str, beat_at: float, now: float) -> bool:
        """The same of one that was last heard of at ``beat_at``."""
        return is_gone(owner, beat_at, now, self._alive, self._silent)

    def _beating(self, store: Store) -> None:
        while not self._closed.wait(BEAT_SECONDS):
            now: Any = clock(store.dialect)
            at = self._epoch() if now is None else now
            statement = owners.update().where(owners.c.owner == self.owner).values(beat_at=at)
            try:
                store.write(lambda tx, s=statement: tx.execute(s), touches=locks.OWN_CHAIN)  # type: ignore[misc]
                if self.shared is not None:
                    self.shared.look()
            except JournalUnavailable:
                continue


@functools.cache
def beat(dialect: str) -> Update:
    """What a transaction says of its process: how far its chain is, and that it is there; nothing where the chain is
    not as far as it was ``before``. On PostgreSQL the time is the database's own: machines' clocks may be apart."""
    now: Any = clock(dialect)
    values: dict[str, Any] = {"events": bindparam("count"), "closing": bindparam("link")}
    values["beat_at"] = bindparam("now") if now is None else now
    return (
        owners.update().where(owners.c.owner == bindparam("who"), owners.c.events == bindparam("before")).values(values)
    )


def this_process() -> str:
    """A name for this process: a host name to read, and what tells it from every other process: machine, boot, number,
    when it began, and something of its own."""
    number = os.getpid()
    parts = (socket.gethostname()[:20], _machine(), _boot(), str(number), _began(number), uuid.uuid4().hex[:12])
    return ":".join(part.replace(":", "-") for part in parts)


def is_gone(
    owner: str, beat_at: float, now: float, alive: Callable[[str], bool] | None = None, silent: float = SILENT_SECONDS
) -> bool:
    """Whether the process ``owner``, last heard of at ``beat_at``, is no more. ``alive`` answers instead, where given.

    A process of this machine is looked up. One that is silent for too long counts as gone on every machine: it may
    live, but nobody waits for it (a late answer of it counts only where that does no harm).
    """
    if alive is not None:
        return not alive(owner)
    if now - beat_at > silent:
        return True
    from_before = now - beat_at < -_CLOCK_SECONDS  # the clock went back: only who can be looked up is known to be there
    parts = owner.split(":")
    if len(parts) == 6:
        _, machine, boot, number, began, _ = parts
        if machine != _machine():
            return from_before
        return boot != _boot() or not _runs(int(number)) or _began(int(number)) != began
    host, number, began, _ = parts
    if host != socket.gethostname()[:30]:
        return from_before
    return not _runs(int(number)) or _began(int(number)) != began


@functools.cache
def _machine() -> str:
    """This machine, and the room for process numbers on it: containers of one machine may have one each. A digest: the
    number itself is nobody's business."""
    told = ""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        told = told or _read(path)
    if os.name == "nt":
        told = _registry(r"SOFTWARE\Microsoft\Cryptography", "MachineGuid")
    room = ""
    with contextlib.suppress(OSError):
        room = os.readlink("/proc/self/ns/pid")
    known = f"liangding {told or uuid.getnode()} {room}"
    return hashlib.sha256(known.encode()).hexdigest()[:16]


@functools.cache
def _boot() -> str:
    """When this machine was started, as a number of its own; empty where the system does not say."""
    if os.name == "nt":
        place = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
        return _registry(place, "BootId")
    return _read("/proc/sys/kernel/random/boot_id")[:8]


def _registry(place: str, name: str) -> str:
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:  # type: ignore[attr-defined]
            return str(winreg.QueryValueEx(key, name)[0])  # type: ignore[attr-defined]
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError:
        return ""


def _runs(number: int) -> bool:
    """Whether a process of that number is at work: one that has ended and only waits to be buried is not, one that we
    may not ask is."""
    if os.name == "nt":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, number)  # type: ignore[attr-defined]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
        return bool(handle) or ctypes.windll.kernel32.GetLastError() == _ACCESS_DENIED  # type: ignore[attr-defined]
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _stat(number)[:1] != ["Z"]


def _began(number: int) -> str:
    """When a process began, as the system counts it: a number that is used again begins at another time. Empty where
    the system does not say."""
    told = _stat(number)
    return told[19] if len(told) > 19 else ""


def _stat(number: int) -> list[str]:
    """What the system says of a process, from its state on."""
    return _read(f"/proc/{number}/stat").rpartition(")")[2].split()
