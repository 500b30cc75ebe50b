"""The head of a journal: how far each process's chain is, and one digest of where they all end.

A head that was written where it cannot be taken back with the database says later whether the journal that is there
still goes on from it: an older copy, an emptied table and a removed last process do not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import attrs
from sqlalchemy import Connection, select

from ..errors import ConfigurationError
from .tables import events, owners


class OlderCopy(ConfigurationError):
    """The journal does not go on from the head that was written outside it."""

    code = "journal_older"
    remedy = (
        "找回原来的流水文件；确实只能用这一份的：之后办的业务不在其中，先与平台对账，"
        "再用 liangding journal accept --reason 写明为什么"
    )


@attrs.frozen(kw_only=True)
class KeptHead:
    """Where a journal's chains ended: ``events`` are their lengths in the order of the processes, ``digest`` is one of
    their last links; ``at`` is when it was looked at, in seconds since 1970."""

    at: float
    events: tuple[int, ...]
    digest: str

    @property
    def short(self) -> str:
        """What a person compares."""
        return f"{len(self.events)}-{sum(self.events)}-{self.digest[:16]}"

    def as_line(self) -> str:
        return json.dumps({"at": round(self.at, 3), "head": self.digest, "events": self.events}, separators=(",", ":"))

    @classmethod
    def of_line(cls, line: str) -> KeptHead:
        told = json.loads(line)
        return cls(at=told["at"], events=tuple(told["events"]), digest=told["head"])


def head_of(connection: Connection, at: float, lengths: tuple[int, ...] | None = None) -> KeptHead | None:
    """The head of a journal as it is, whatever is missing of it; with ``lengths`` as it was when its chains were so
    long: None where they no longer are."""
    digest, found = sha256(), []
    entered = connection.execute(select(owners).order_by(owners.c.ordinal)).all()
    if lengths is not None and len(entered) < len(lengths):
        return None
    for owner, length in zip(entered, lengths or [owner.events for owner in entered], strict=False):
        link = owner.first_link
        if length:
            where = events.c.owner == owner.owner, events.c.number == length
            link = connection.execute(select(events.c.link).where(*where)).scalar()
            if link is None and lengths is not None:
                return None
        found.append(length)
        digest.update(f"{owner.ordinal}:{length}:{link}\n".encode())
    return KeptHead(at=at, events=tuple(found), digest=digest.hexdigest())


def goes_on(connection: Connection, head: KeptHead) -> bool:
    """Whether the journal goes on from that head."""
    was = head_of(connection, head.at, head.events)
    return was is not None and was.digest == head.digest


class HeadsFile:
    """A file of heads, a line for each, on another disk than the journal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> KeptHead | None:
        """The latest head; None where there is none yet. ConfigurationError where the file cannot be read."""
        try:
            lines = self.path.read_text("utf-8").splitlines()
            return KeptHead.of_line(lines[-1]) if lines else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise ConfigurationError(f"链头文件读不了：{wrong}", path=f"journal.heads {self.path}") from None

    def add(self, head: KeptHead) -> None:
        """Write one more, safe on the disk. ConfigurationError where that cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
                file.write(head.as_line() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as failed:
            raise ConfigurationError(f"链头文件写不了：{failed.strerror}", path=f"journal.heads {self.path}") from None

    def __iter__(self) -> Iterator[KeptHead]:
        for line in self.path.read_text("utf-8").splitlines():
            yield KeptHead.of_line(line)

    def hold(self, connection: Connection) -> None:
        """OlderCopy where the journal does not go on from the latest head."""
        last = self.last()
        if last is not None and not goes_on(connection, last):
            raise OlderCopy(f"流水不是接着链头 {last.short} 的：比它旧，或被换过、删过", path="journal.url")
