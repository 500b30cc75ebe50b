"""Running seeds, replaying them, and making a failing one smaller."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..config import Kind
from ..errors import ConfigurationError
from ..journal import Journal, Vault
from ..knowledge import Knowledge
from ..knowledge.regions import places
from ..structuring import nearest
from .audit import audit
from .choices import Choices
from .faults import WhatHolds
from .journals import Databases, KeptStore, Lite
from .mischief import Mischief
from .premises import MEETS_SAME_BILL, REFUSES_SHARE, changed, premises
from .scene import Scene

DESKS = 2
"""How many processes an institution has, where nothing else is said."""

PLACES = Path("/dev/shm"), Path(tempfile.gettempdir())
"""Where what runs need beside their journals is: in memory where the system has that."""


@attrs.frozen(kw_only=True)
class RunOutcome:
    """What one run came to. ``script`` repeats it; ``calls`` is how many messages reached the platform,
    ``on_money`` how many faults met a call that moves money; ``rules`` are those that were broken."""

    faults: tuple[str, ...]
    rules: frozenset[WhatHolds]
    history: tuple[str, ...] = attrs.field(repr=False)
    script: tuple[int, ...] = attrs.field(repr=False)
    calls: int
    on_money: int


class Laboratory:
    """Where runs of one region's pharmacy and hospital are made, one after the other. ``desks`` is how many processes
    of ours an institution has. Journals are SQLite's in memory, or in a file in ``folder`` where one is given, or a
    database for each run on the PostgreSQL at ``journal``. ``relays``: what is between institution and platform makes
    plain refusals of its own, too, which nobody can tell from the platform's."""

    def __init__(
        self, province: str, folder: Path | None = None, *, relays: bool = True, desks: int = DESKS,
        journal: str | None = None,
    ) -> None:  # fmt: skip
        self._relays, self._desks = relays, desks
        place = places().get(province)
        if place is None:
            raise ConfigurationError(f"没有地区 {province}{nearest(province, places())}", remedy="、".join(places()))
        self._folder = Path(tempfile.mkdtemp(prefix="liangding-", dir=folder or next(p for p in PLACES if p.is_dir())))
        self._vault = Vault("A" * 43 + "=")
        self._journals = (
            Lite(self._folder, self._vault, in_memory=folder is None)
            if journal is None
            else Databases(self._folder, self._vault, journal)
        )
        self._mischief = Mischief()
        plugins = {"mischief": self._mischief}
        self._known = {
            (same_bill, kind): (Knowledge(before, plugins=plugins), Knowledge(changed(before), plugins=plugins))
            for same_bill in MEETS_SAME_BILL
            for kind in (Kind.PHARMACY, Kind.HOSPITAL)
            for before in (premises(*place, kind, self._folder, journal=self._journals.url, same_bill=same_bill),)
        }

    def run(self, choices: Choices) -> RunOutcome:
        """One run, decided by ``choices``."""
        self._journals.empty()
        known = self._where(choices)
        scene = Scene(known, self._vault, choices, self._journals, relays=self._relays, desks=self._desks)
        self._mischief.scene = scene
        scene.play()
        journal = Journal(
            self._journals.url, self._vault, folder=self._journals.folder, owner="auditor", alive=lambda _: False,
            epoch=scene.clock.epoch, store=lambda _, at: KeptStore(self._journals.kept("auditor"), at),
        )  # fmt: skip
        try:
            wrong = audit(scene, journal)
        finally:
            journal.close()
        return RunOutcome(
            faults=tuple(map(str, wrong)), rules=frozenset(each.rule for each in wrong), history=tuple(scene.history),
            script=tuple(choices.made), calls=len(scene.door.platform.requests), on_money=scene.troubles.on_money,
        )  # fmt: skip

    def _where(self, choices: Choices) -> tuple[Knowledge, Knowledge]:
        """The institution of a run, before and after an upgrade."""
        allows, asks, refuses = MEETS_SAME_BILL
        kinds = Kind.PHARMACY, Kind.HOSPITAL
        same_bill, kind = choices.one([(meets, kind) for meets in (allows, asks) for kind in kinds])
        if same_bill == asks and choices.chance(REFUSES_SHARE):
            same_bill = refuses
        return self._known[same_bill, kind]

    def close(self) -> None:
        self._journals.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Laboratory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def run(seed: int, *, province: str, **of: Any) -> RunOutcome:
    """One seed; ``of`` is what a :class:`Laboratory` takes. ConfigurationError where no plugin of that province is
    installed."""
    with Laboratory(province, **of) as laboratory:
        return laboratory.run(Choices(seed))


def explore(seeds: Iterable[int], *, province: str, **of: Any) -> Iterator[tuple[int, RunOutcome]]:
    """Every seed, one after the other; ``of`` is what a :class:`Laboratory` takes."""
    with Laboratory(province, **of) as laboratory:
        for seed in seeds:
            yield seed, laboratory.run(Choices(seed))


def shrink(script: Sequence[int], *, province: str, attempts: int = 400, **of: Any) -> RunOutcome:
    """A smaller run that fails too: decisions are left out and made uneventful as long as money is not safe in it.
    ``of`` is what a :class:`Laboratory` takes."""
    with Laboratory(province, **of) as laboratory:
        best = laboratory.run(Choices(script=script))
        while attempts > 0:
            smaller = _smaller(laboratory, best, attempts)
            attempts -= smaller[1]
            if smaller[0] is None:
                break
            best = smaller[0]
        return best


def _smaller(laboratory: Laboratory, best: RunOutcome, attempts: int) -> tuple[RunOutcome | None, int]:
    """The first of the smaller scripts that fails too, and how many runs that took."""
    tried = 0
    for candidate in _candidates(best.script):
        if tried >= attempts:
            break
        tried += 1
        outcome = laboratory.run(Choices(script=candidate))
        if outcome.faults and _weight(outcome) < _weight(best):
            return outcome, tried
    return None, tried or attempts


def _weight(outcome: RunOutcome) -> tuple[int, int]:
    return sum(1 for value in outcome.script if value), len(outcome.history)


def _candidates(script: Sequence[int]) -> Iterator[list[int]]:
    """Scripts with runs of decisions made uneventful, then left out: long runs first."""
    size = max(1, len(script) // 2)
    while size:
        for start in range(0, len(script), size):
            part = script[start : start + size]
            if any(part):
                yield [*script[:start], *([0] * len(part)), *script[start + size :]]
            yield [*script[:start], *script[start + size :]]
        size //= 2
