"""A journal that is only looked at: nothing is created or written, and no process enters its chain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

from ..clock import SystemClock
from ..errors import ConfigurationError
from . import keyring, migrations
from .engines import NoJournalYet
from .examining import Examined, examine
from .finding import JournalReading
from .presence import SILENT_SECONDS, Presence
from .store import ReadStore, Store
from .timing import shared_clock
from .upgrading import too_new
from .vault import Vault
from .writing import Writer


class OldJournal(ConfigurationError):
    """An earlier version has written this journal: it has to be brought up before it can be read."""

    code = "journal_old"
    remedy = "先升级：liangding journal upgrade（会先留一份备份），或启动 liangding serve"


class _Reader(Writer):
    """What reads, in the place of what writes."""

    def __init__(self, store: Store, vault: Vault, presence: Presence, epoch: Callable[[], float]) -> None:
        self.store = store
        self.vault = vault
        self.presence = presence
        self.epoch = epoch


class ReadJournal(JournalReading):
    """The journal at ``url``, to be looked at. JournalUnavailable where there is none, WrongKey, OldJournal, TooNew."""

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        folder: Path = Path(),
        epoch: Callable[[], float] | None = None,
        silent: float = SILENT_SECONDS,
    ) -> None:
        opened = ReadStore(url, folder)
        try:
            found = opened.read(migrations.revision)
            if found is None:
                raise NoJournalYet("那里还没有流水")
            if found not in migrations.REVISIONS:
                raise too_new(found)
            if found != migrations.HEAD:
                raise OldJournal(f"流水是旧版本写的（{found}，现在是 {migrations.HEAD}）", path="journal.url")
            ready = opened.read(lambda connection: keyring.load(connection, vault))
            shared = shared_clock(opened) if epoch is None else None
            epoch = epoch or (shared or SystemClock()).epoch
            super().__init__(_Reader(opened, ready, Presence(None, None, epoch, silent=silent, shared=shared), epoch))
        except BaseException:
            opened.close()
            raise

    def examine(self, *, full: bool | None = True) -> Examined:
        """Whether everything is as it was written, and how much that is. ``full`` False: what came since the last
        checkpoint; None: that, where the journal is large and was gone through as a whole not long ago."""
        return self.store.read(lambda connection: examine(connection, self.vault, self._epoch(), full=full), still=True)

    def verify(self) -> list[str]:
        """Everything that somebody changed or removed, as sentences; empty where all is as it was written."""
        return list(self.examine().faults)

    def serve(self, platform: str) -> None:
        """Nothing is sent from here."""

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
