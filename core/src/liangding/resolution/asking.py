"""What resolving asks with: it is handed these parts and knows nothing of what brings them together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from ..clock import Clock, now
from ..config import Deployment
from ..contract.calls import Answer
from ..contract.region import Region
from ..journal import Journal
from ..knowledge import Knowledge
from ..knowledge.interfaces import Interfaces


@attrs.frozen
class Asking:
    """``call`` makes one call, as :meth:`liangding.Runtime.call` does; ``journal`` is the institution's view."""

    known: Knowledge
    journal: Journal
    clock: Clock
    call: Callable[..., Answer[Any]]

    @property
    def deployment(self) -> Deployment:
        return self.known.deployment

    @property
    def interfaces(self) -> Interfaces:
        return self.known.interfaces

    @property
    def region(self) -> Region:
        return self.known.region

    def now(self) -> datetime:
        """The time of day in China."""
        return now(self.clock)
