"""The journal of one database: opened, with everything that it can do."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ..clock import SystemClock
from .keeping import Keeping
from .presence import SILENT_SECONDS, Presence
from .recording import Existing, Held, KeyConflict, MsgidTaken, Opened, Recording
from .records import CallRecord, Outcome
from .states import State
from .store import Store
from .timing import shared_clock
from .upgrading import Upgrade, bring_up
from .vault import Vault
from .writing import NoSuchCall, Writer

UPGRADED_AT_ONCE = 2000
"""How many rows of an earlier schema are written anew before a journal counts as open; the rest is done beside it."""


class Journal(Recording, Keeping):
    """The journal of one database; several deployments may share it. ``is_new``: there was none at its URL.

    ``owner`` names this process in the rows that it opens, so that after a crash its unfinished rows are known;
    ``alive`` says of such a name whether its process is still there, instead of looking it up. ``epoch`` is the clock,
    where it is not the database's, or the machine's on SQLite; ``store`` what opens the database, ``silent`` after how
    many seconds without a word a process counts as gone, ``held`` what looks at a journal before it is used, and raises
    where it is not the one.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        folder: Path = Path(),
        owner: str | None = None,
        alive: Callable[[str], bool] | None = None,
        epoch: Callable[[], float] | None = None,
        store: Callable[[str, Path], Store] = Store,
        silent: float = SILENT_SECONDS,
        held: Callable[[Connection], None] | None = None,
    ) -> None:
        opened = store(url, folder)
        try:
            shared = shared_clock(opened) if epoch is None else None
            epoch = epoch or (shared or SystemClock()).epoch
            presence = Presence(owner, alive, epoch, silent=silent, shared=shared)
            ready, before = bring_up(opened, vault, presence, epoch)
            if held is not None:
                opened.read(held)
            super().__init__(Writer(opened, ready, presence, epoch))
            self._upgrade = Upgrade(self._writer)
            self.upgrade(limit=UPGRADED_AT_ONCE)
        except BaseException:
            opened.close()
            raise
        self.is_new = before is None
        presence.keep_beating(opened)

    def upgrade(self, *, limit: int) -> int:
        """Write up to so many rows of an earlier schema anew, a portion at a time beside all other work; how many
        there were, 0 where nothing is left to do."""
        return self._upgrade.go_on(limit=limit)

    def close(self) -> None:
        self._writer.presence.leave(self.store)
        self.store.close()

    def settle(
        self,
        call_id: int,
        outcome: Outcome,
        kind: str,
        detail: dict[str, Any] | None = None,
        *,
        only_from: State | None = None,
        taken: int | None = None,
        **columns: Any,
    ) -> bool:
        """The earlier name of :meth:`conclude`."""
        warnings.warn("Journal.settle is now Journal.conclude", DeprecationWarning, stacklevel=2)
        return self.conclude(call_id, outcome, kind, detail, only_from=only_from, taken=taken, **columns)

    def unsettled(self, deployment: str | None = None) -> list[CallRecord]:
        """The earlier name of :meth:`pending`."""
        warnings.warn("Journal.unsettled is now Journal.pending", DeprecationWarning, stacklevel=2)
        return self.pending(deployment)

    def flow_is_settled(self, flow_id: str) -> bool:
        """The earlier name of :meth:`flow_is_concluded`."""
        warnings.warn("Journal.flow_is_settled is now Journal.flow_is_concluded", DeprecationWarning, stacklevel=2)
        return self.flow_is_concluded(flow_id)


__all__ = ["Existing", "Held", "Journal", "KeyConflict", "MsgidTaken", "NoSuchCall", "Opened"]
