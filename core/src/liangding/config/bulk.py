"""What a deployment's file says of what moves in bulk: catalogues, daily uploads, jobs."""

from __future__ import annotations

from typing import Literal

import attrs

from .schedules import Schedule
from .secrets import Secret
from .windows import Window


@attrs.frozen(kw_only=True)
class CatalogueSettings:
    """Where catalogues are kept, and how they are asked for.

    ``url``: ``sqlite:///file`` or ``postgresql://…`` (empty: in the journal's PostgreSQL, else ``catalogues.db``);
    ``password`` is the database's, so that it does not stand in ``url``.
    ``first_version`` is what the first call names, ``version_column`` the column of a file that the next one does,
    ``owner`` whose number 9102 wants (``plc``, or the institution's ``own``): all three to be asked of the region.
    ``leave_out``: catalogues that are not fetched. ``fresh_hours``: for how long what was queried (1312, 1316 to 1319,
    1901) is not asked again.
    """

    url: str = ""
    password: Secret | None = None
    first_version: str = "0"
    version_column: Literal["ver", "ver_name"] = "ver"
    owner: Literal["plc", "own"] = "plc"
    leave_out: list[str] = attrs.field(factory=list)
    fresh_hours: float = 24.0

    def __attrs_post_init__(self) -> None:
        if self.fresh_hours < 0:
            raise ValueError("fresh_hours 不能小于 0")


@attrs.frozen(kw_only=True)
class JobSettings:
    """What is done by itself, and by whom.

    ``schedule``: job → when (:class:`~liangding.config.schedules.Schedule`); what is not named is done as the job's own
    schedule has it (``liangding jobs list``). ``mover``: ``keeper``, each process looks for itself what is due, or
    ``procrastinate``, which hands it round between machines on PostgreSQL.
    """

    schedule: dict[str, str] = attrs.field(factory=dict)
    mover: Literal["keeper", "procrastinate"] = "keeper"

    def __attrs_post_init__(self) -> None:
        for name, text in self.schedule.items():
            try:
                Schedule(text)
            except ValueError as wrong:
                raise ValueError(f"schedule.{name} {wrong}") from None


@attrs.frozen(kw_only=True)
class UploadSettings:
    """How records are uploaded. ``window``: when (``20:00-06:00``; empty: as the region has it, else what is collected
    by the day from the next day on, all other at once). ``passing_hours``: for how long a refusal that passes with time
    is tried again, ``pauses`` how many seconds before the first time and at most (left out: as the region has it).
    ``wanted``: the transactions that are wanted here (empty: as the region says)."""

    window: str = ""
    passing_hours: float = 72.0
    pauses: tuple[float, float] | None = None
    wanted: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.window:
            try:
                Window(self.window)
            except ValueError as wrong:
                raise ValueError(f"window {wrong}") from None
        if self.passing_hours < 0:
            raise ValueError("passing_hours 不能小于 0")
        if self.pauses is not None and not 0 < self.pauses[0] <= self.pauses[1]:
            raise ValueError("pauses 应为 [第一次的秒数, 最长的秒数]，如 [60, 14400]")


@attrs.frozen(kw_only=True)
class ReconciliationSettings:
    """How settlements are reconciled. ``refunds``: whether settlements that were taken back are in the sums and the
    file, each with a plus and a minus (``with``), or left out (``without``): to be asked of the region."""

    refunds: Literal["with", "without"] = "with"
