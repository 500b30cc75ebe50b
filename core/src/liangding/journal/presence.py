"""Which process a row belongs to, and whether that process is still there."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import bindparam, select

from . import chain
from .store import Head, JournalUnavailable, Store, Tx
from .tables import owners
from .vault import Purpose, Vault

BEAT_SECONDS = 10
"""How often a process that keeps a journal open says that it is there."""

SILENT_SECONDS = 60
"""After this long without a word a process of another machine counts as gone."""


class Presence:
    """This process in the journal: its name, the calls that it works on, and what it knows of the others.

    ``alive`` says of a name whether its process is still there, instead of looking it up.
    """

    beat = (
        owners.update()
        .where(owners.c.owner == bindparam("who"))
        .values(events=bindparam("count"), closing=bindparam("link"), beat_at=bindparam("now"))
    )

    def __init__(self, owner: str | None, alive: Callable[[str], bool] | None, epoch: Callable[[], float]) -> None:
        self.owner = owner or this_process()
        self.under_way: set[str] = set()
        self._alive = alive
        self._epoch = epoch
        self._closed = threading.Event()

    def enter(self, tx: Tx, vault: Vault) -> Head:
        """Write this process down, and begin its chain."""
        last = tx.execute(select(owners).order_by(owners.c.ordinal.desc()).limit(1)).first()
        ordinal, before = (last.ordinal + 1, last.first_link) if last is not None else (1, chain.ROOT)
        now = self._epoch()
        link = chain.first_link(vault.keyed, self.owner, ordinal, now, before)
        row = {
            "owner": self.owner, "ordinal": ordinal, "started_at": now, "beat_at": now, "first_link": link,
            "events": 0, "closing": chain.closing(vault.keyed, self.owner, Head(0, link)),
            "successor": chain.successor(vault.keyed, self.owner, None), "chain": vault.present(Purpose.CHAIN),
        }  # fmt: skip
        tx.execute(owners.insert(), row)
        if last is not None:
            keyed = vault.chain(last.chain) or vault.keyed
            followed = {"successor": chain.successor(keyed, last.owner, link)}
            tx.execute(owners.update().where(owners.c.owner == last.owner).values(followed))
        return Head(0, link)

    def keep_beating(self, store: Store) -> None:
        """Say every now and then that this process is there, until :meth:`leave`."""
        if store.dialect != "sqlite":
            threading.Thread(target=self._beating, args=(store,), name="journal beat", daemon=True).start()

    def leave(self) -> None:
        self._closed.set()

    def is_gone(self, owner: str, store: Store) -> bool:
        """Whether the process of that name is no more."""
        if owner == self.owner:
            return False
        query = select(owners.c.beat_at).where(owners.c.owner == owner)
        beat_at = store.read(lambda c: c.execute(query).scalar()) or 0.0
        return self.is_gone_since(owner, beat_at, self._epoch())

    def is_gone_since(self, owner: str, beat_at: float, now: float) -> bool:
        """The same of one that was last heard of at ``beat_at``."""
        return is_gone(owner, beat_at, now, self._alive)

    def _beating(self, store: Store) -> None:
        while not self._closed.wait(BEAT_SECONDS):
            statement = owners.update().where(owners.c.owner == self.owner).values(beat_at=self._epoch())
            try:
                store.write(lambda tx, s=statement: tx.execute(s))  # type: ignore[misc]
            except JournalUnavailable:
                continue


def this_process() -> str:
    """A name for this process: host, number, when the process began, and something of its own."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{_began(os.getpid())}:{uuid.uuid4().hex[:12]}"


def is_gone(owner: str, beat_at: float, now: float, alive: Callable[[str], bool] | None = None) -> bool:
    """Whether the process ``owner``, last heard of at ``beat_at``, is no more. ``alive`` answers instead, where given.

    A process of this machine is looked up; one of another machine counts as gone when it has been silent long enough.
    """
    if alive is not None:
        return not alive(owner)
    host, number, began, _ = owner.split(":")
    if host != socket.gethostname()[:30]:
        return now - beat_at > SILENT_SECONDS
    return not _runs(int(number)) or _began(int(number)) != began


def _runs(number: int) -> bool:
    if os.name == "nt":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, number)  # type: ignore[attr-defined]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
        return bool(handle)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _began(number: int) -> str:
    """When a process began, as the system counts it: a number that is used again begins at another time. Empty where
    the system does not say."""
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
