"""The console of a server: how long a person stays signed in, and how wrong passwords are met.

[console]
idle_minutes = 15
"""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class ConsoleSettings:
    """A deployment that has a console. A session ends ``idle_minutes`` after its last request and ``longest_hours``
    after it began; decisions, exports and bodies ask for the password again after ``confirmed_minutes``. After
    ``attempts`` wrong ones in a row nobody comes in under that name for ``locked_minutes``; who signed in before in the
    same browser has attempts of their own. A password is changed after ``password_days``; 0: it holds."""

    idle_minutes: float = 15.0
    longest_hours: float = 10.0
    confirmed_minutes: float = 5.0
    attempts: int = 5
    locked_minutes: float = 15.0
    password_days: float = 90.0

    def __attrs_post_init__(self) -> None:
        if min(self.idle_minutes, self.longest_hours, self.confirmed_minutes, self.locked_minutes) <= 0:
            raise ValueError("时间应大于 0")
        if not 1 <= self.attempts <= 10:
            raise ValueError("attempts 应为 1 到 10")
        if self.idle_minutes > 60 or self.longest_hours > 24:
            raise ValueError("idle_minutes 至多 60，longest_hours 至多 24")
        if self.password_days < 0:
            raise ValueError("password_days 不能小于 0；0 是不要求更换")
