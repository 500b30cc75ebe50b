"""When a province takes uploads: ``20:00-06:00``, in China's time."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import attrs

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@attrs.frozen
class Window:
    """A span of each day, over midnight where it ends before it begins; ``00:00-24:00`` is always. ValueError for what
    is none."""

    text: str

    def __attrs_post_init__(self) -> None:
        if _FORM.fullmatch(self.text) is None or self._bounds()[1] > timedelta(hours=24):
            raise ValueError(f"时段应写成 20:00-06:00，给了 {self.text!r}")

    def _bounds(self) -> tuple[timedelta, timedelta]:
        hours = [int(each) for each in re.findall(r"\d\d", self.text)]
        return timedelta(hours=hours[0], minutes=hours[1]), timedelta(hours=hours[2], minutes=hours[3])

    def holds(self, at: datetime) -> bool:
        """Whether it is open at that time."""
        begin, end = self._bounds()
        since = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        return begin <= since < end if begin < end else since >= begin or since < end

    def opens(self, at: datetime) -> datetime:
        """When it opens next; ``at`` itself where it is open."""
        if self.holds(at):
            return at
        begin, _ = self._bounds()
        today = datetime.combine(at.date(), time()) + begin
        return today if today >= at else today + timedelta(days=1)


def next_day(day: date) -> datetime:
    """When the day after begins: what is uploaded daily is collected until then."""
    return datetime.combine(day + timedelta(days=1), time())
