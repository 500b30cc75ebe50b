"""The platform's side of a plugin's transactions, as the simulator plays it: what a handler is given and may answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from ..config import Deployment
from ..spec import Transaction
from .region import Region


class Refuse(Exception):
    """The platform says no; the message is what it answers."""


class SimulatedRequest(Protocol):
    """A request that passed the platform's own checks.

    ``input`` is the typed node. ``world`` is what the platform remembers, of people, visits and settlements
    (:class:`liangding.simulator.world.World`), ``epoch`` and ``at`` when the request arrived.
    """

    @property
    def transaction(self) -> Transaction: ...

    @property
    def infno(self) -> str: ...

    @property
    def msgid(self) -> str: ...

    @property
    def head(self) -> Any:
        """The envelope: a node of the fields beside ``input``."""

    @property
    def input(self) -> Any: ...

    @property
    def world(self) -> Any: ...

    @property
    def region(self) -> Region: ...

    @property
    def deployment(self) -> Deployment: ...

    @property
    def at(self) -> datetime: ...

    @property
    def epoch(self) -> float: ...

    @property
    def insured_place(self) -> str: ...

    def remember(self, psn_no: str, undo: Callable[[], None]) -> None:
        """Keep what this message did, so that 2601 can take it back."""


SimulatedTransaction = Callable[[SimulatedRequest], Any]
"""What the platform does with a request: the answer's output as JSON values. Raises :class:`Refuse` to say no."""
