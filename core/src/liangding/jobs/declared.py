"""A job: something that a deployment, or a journal, does by itself, when its schedule says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from ..config.schedules import Schedule
from ..runtime import Runtime


@attrs.frozen(kw_only=True)
class Job:
    """``work`` does it and returns a sentence of what came of it, without personal data. It may run again after it was
    broken off: what it does is done once by the journal's keys, or by a version that moves with it. A LiangdingError
    that it raises is a failure that may pass: it is tried again.
    """

    name: str
    title: str
    schedule: str
    """When it is done where the deployment does not say."""
    work: Callable[[Runtime], str] = attrs.field(repr=False)
    wanted: Callable[[Runtime], bool] | None = attrs.field(default=None, repr=False)
    """Whether there is anything to do when its time has come; where there is not, it has no run of that time."""

    def when(self, runtime: Runtime) -> Schedule:
        return Schedule(runtime.deployment.jobs.schedule.get(self.name, self.schedule))


@attrs.frozen(kw_only=True)
class JournalJob:
    """A job that is done once for a journal, however many deployments stand on it. ``work`` is given those of this
    process; otherwise as :class:`Job`."""

    name: str
    title: str
    schedule: str
    """When it is done where none of the deployments says."""
    work: Callable[[Sequence[Runtime]], str] = attrs.field(repr=False)

    def when(self, runtime: Runtime) -> Schedule:
        return Schedule(runtime.deployment.jobs.schedule.get(self.name, self.schedule))
