"""When something is done by itself, in China's time: ``daily 02:30``, ``every 10 minutes``, ``monthly 1 03:00``,
``off``."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import attrs

FORMS = "应写成 off、daily 02:30、every 10 minutes 或 monthly 1 03:00"

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY, _MONTHLY = re.compile(rf"daily {_TIME}"), re.compile(rf"monthly ([1-9]|1\d|2[0-8]) {_TIME}")
_EVERY = re.compile(r"every ([1-9]\d{0,3}) minutes")


@attrs.frozen
class Schedule:
    """A schedule, as its ``text`` says it. ValueError where that is none."""

    text: str

    def __attrs_post_init__(self) -> None:
        if self.text != "off" and not any(form.fullmatch(self.text) for form in (_DAILY, _MONTHLY, _EVERY)):
            raise ValueError(f"{FORMS}，给了 {self.text!r}")

    def last(self, at: datetime) -> datetime | None:
        """The latest time up to ``at`` at which it was to be done; None where it never is."""
        if found := _DAILY.fullmatch(self.text):
            today = datetime.combine(at.date(), _time(*found.groups()))
            return today if today <= at else today - timedelta(days=1)
        if found := _MONTHLY.fullmatch(self.text):
            day, *clock = found.groups()
            this = datetime.combine(date(at.year, at.month, int(day)), _time(*clock))
            before = at.replace(day=1) - timedelta(days=1)
            return this if this <= at else datetime.combine(before.date().replace(day=int(day)), _time(*clock))
        if found := _EVERY.fullmatch(self.text):
            minutes = int(found[1])
            since = int((at - datetime.min).total_seconds() // 60)
            return datetime.min + timedelta(minutes=since - since % minutes)
        return None


def _time(hour: str, minute: str) -> time:
    return time(int(hour), int(minute))
