"""The journal of one database: opened, with everything that it can do."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import migrations
from .keeping import Keeping
from .presence import Presence
from .recording import Existing, Held, KeyConflict, MsgidTaken, Opened, Recording
from .records import Outcome
from .states import State
from .store import Store, Tx
from .vault import Vault
from .writing import NoSuchCall, Writer


class Journal(Recording, Keeping):
    """The journal of one database; several deployments may share it.

    ``owner`` names this process in the rows that it opens, so that after a crash its unfinished rows are known;
    ``alive`` says of such a name whether its process is still there, instead of looking it up. ``epoch`` is the clock,
    ``store`` what opens the database.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        folder: Path = Path(),
        owner: str | None = None,
        alive: Callable[[str], bool] | None = None,
        epoch: Callable[[], float] = time.time,
        store: Callable[[str, Path], Store] = Store,
    ) -> None:
        opened = store(url, folder)
        _bring_up(opened)
        presence = Presence(owner, alive, epoch)
        super().__init__(Writer(opened, vault, presence, epoch))
        presence.keep_beating(opened)

    def close(self) -> None:
        self._writer.presence.leave()
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


def _bring_up(store: Store) -> None:
    """Bring the database's tables up to what this version needs; two processes at once make them once."""

    def work(tx: Tx) -> None:
        if migrations.revision(tx.connection) != migrations.HEAD:
            migrations.upgrade(tx.connection)

    if store.read(migrations.revision) != migrations.HEAD:
        store.write(work)


__all__ = ["Existing", "Held", "Journal", "KeyConflict", "MsgidTaken", "NoSuchCall", "Opened"]
