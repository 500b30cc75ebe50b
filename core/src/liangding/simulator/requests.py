"""A request that reached the simulated platform, and who plays which transaction: each chapter registers its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from ..config import Deployment
from ..contract.region import Region
from ..knowledge.interfaces import Interfaces
from ..spec import Transaction
from ..wire.envelope import Head
from .world import DoneEffect, World


@attrs.frozen(kw_only=True)
class HeldFile:
    """A file that the platform holds, for whoever asks with ``owner`` as institution code."""

    filename: str
    owner: str
    data: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Request:
    """A request that passed the platform's checks. ``file`` came with it; ``files`` are those the platform holds, by
    file_qury_no."""

    transaction: Transaction
    head: Head
    input: Any
    world: World
    region: Region
    at: datetime
    epoch: float
    deployment: Deployment
    interfaces: Interfaces
    files: dict[str, HeldFile]
    file: bytes | None = None

    @property
    def infno(self) -> str:
        return self.transaction.infno

    @property
    def msgid(self) -> str:
        return self.head.msgid

    @property
    def insured_place(self) -> str:
        return self.head.insuplc_admdvs or ""

    def reversible(self, infno: str) -> bool:
        """Whether 2601 may cancel that transaction here: as the region says, else as the baseline does."""
        if self.region.reversible is not None:
            return infno in self.region.reversible
        return infno in self.interfaces and self.interfaces[infno].reversible

    def remember(self, psn_no: str, undo: Callable[[], None]) -> None:
        """Keep what this message did, so that 2601 can take it back."""
        self.world.effects[self.msgid] = DoneEffect(infno=self.infno, psn_no=psn_no, undo=undo)


Handler = Callable[[Request], Any]

HANDLERS: dict[str, Handler] = {}
"""infno → what the platform does. Filled by the chapters' modules."""


def handles(*infnos: str) -> Callable[[Handler], Handler]:
    """Register a handler for these transactions."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(infnos, handler))
        return handler

    return register
