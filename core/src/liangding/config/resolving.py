"""How a deployment resolves calls with an unknown outcome."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class ResolutionSettings:
    """How calls with an unknown outcome are resolved.

    ``believe_seconds``: how long after it was sent the platform's "not there" is believed (it may commit late).
    ``grace_minutes``: after that an unresolved case goes to a person. ``watch_hours``: how long a call that was found
    not to be there is looked at again. ``hold``: whether the person's next call is refused meanwhile, or waits up to
    ``hold_seconds``. ``plugin_seconds``: when a plugin that was told of an accepted call has not come back for so long,
    another process may go on with its flow. ``second_person``: what a person decides of money takes a second one, who
    approves it.
    """

    believe_seconds: float = 120.0
    grace_minutes: float = 30.0
    watch_hours: float = 24.0
    hold: Literal["refuse", "wait"] = "refuse"
    hold_seconds: float = 15.0
    plugin_seconds: float = 5.0
    second_person: bool = False

    def __attrs_post_init__(self) -> None:
        times = (self.believe_seconds, self.grace_minutes, self.watch_hours, self.hold_seconds, self.plugin_seconds)
        if min(times) < 0:
            raise ValueError("时间不能小于 0")
