"""Fetching catalogues: asked for by version until nothing is new, each file loaded whole before the version moves.

What is on disk goes on: a file that was fetched is not fetched again, rows that are aside are not put there again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import attrs

from ..errors import LiangdingError
from ..files.columns import Layout
from ..files.errors import BrokenFile
from ..files.layouts import CATALOGUE_OWNER, catalogues, layout_of
from ..privacy import logger
from ..runtime import Runtime
from ..spec.locating import find
from ..transfer.exchange import download_file
from .loading import load
from .shelf import Arrival, Shelf, ShelfStanding

log = logger("catalogue")

Stage = Literal["asked", "fetched", "loading", "current"]

FILES_AT_MOST = 1000
"""Files of one catalogue in one run: a platform that never says "nothing new" is left at last."""


@attrs.frozen(kw_only=True)
class SyncStep:
    """How far a catalogue is: ``rows`` of ``expected`` (None where the platform does not say) at this ``stage``."""

    number: str
    stage: Stage
    version: str
    rows: int = 0
    expected: int | None = None


Tell = Callable[[SyncStep], None]


class NoNewVersion(LiangdingError):
    """The platform gave a file again that holds nothing newer than what is there."""

    code = "no_new_version"
    remedy = '与当地确认版本号取哪一列：catalogues.version_column = "ver" 或 "ver_name"'


class CatalogueSync:
    """Brings the catalogues of one deployment up to date.

    ``folder`` is where files lie until they are loaded. ``tell`` hears of every step.
    """

    def __init__(self, runtime: Runtime, shelf: Shelf, folder: Path, *, tell: Tell | None = None) -> None:
        self._runtime, self._shelf, self._folder = runtime, shelf, folder
        self._settings = runtime.deployment.catalogues
        self._tell = tell or (lambda step: None)

    def sync(self, numbers: Iterable[str] | None = None) -> Iterator[ShelfStanding | LiangdingError]:
        """Bring the catalogues of these numbers (all that the region has) up to date: for each its new standing, or
        what stopped it. One that fails stops no other."""
        for number in numbers if numbers is not None else self.numbers():
            try:
                yield self.one(number)
            except (LiangdingError, OSError) as failed:
                error = (
                    failed
                    if isinstance(failed, LiangdingError)
                    else LiangdingError(f"文件写不到磁盘：{failed.strerror}")
                )
                log.warning("catalogue %s: %s", number, error)
                error.path = error.path or number
                yield error

    def numbers(self) -> list[str]:
        """The catalogues that come as files, as this deployment has them."""
        known = self._runtime.interfaces.numbers()
        left_out = self._settings.leave_out
        return [number for number in catalogues() if number in known and number not in left_out]

    def one(self, number: str) -> ShelfStanding:
        """Bring one catalogue up to date, file by file until nothing is new."""
        layout = layout_of(number)
        for _ in range(FILES_AT_MOST):
            arrival = self._under_way(layout) or self._next(layout)
            if arrival is None:
                self._shelf.stand_current(number, self._now())
                standing = self._shelf.standing(number)
                self._tell(SyncStep(number=number, stage="current", version=standing.version, rows=standing.rows))
                return standing
            self._load(layout, arrival)
        raise NoNewVersion(f"{number} 连续给了 {FILES_AT_MOST} 个文件还没有完")

    def _under_way(self, layout: Layout) -> Arrival | None:
        """The file that was on its way; None where there is none, or it is not there any more as it was."""
        arrival = self._shelf.arrival(layout.number)
        if arrival is None:
            return None
        if _digest(Path(arrival.path)) == arrival.digest:
            return arrival
        self._shelf.throw_away(layout.number)
        return None

    def _next(self, layout: Layout) -> Arrival | None:
        """Ask for what is newer, and fetch it; None where there is nothing."""
        number = layout.number
        version = self._shelf.standing(number).version or self._settings.first_version
        answer = self._runtime.call(number, {"data": {"ver": version}})
        file, name, count = (find(answer.output, key) for key in ("file_qury_no", "filename", "data_cnt"))
        expected = None if count is None else int(count)
        self._tell(SyncStep(number=number, stage="asked", version=version, expected=expected))
        if not file or expected == 0:
            return None
        path = self._folder / f"{number}.zip"
        self._folder.mkdir(parents=True, exist_ok=True)
        owner = CATALOGUE_OWNER if self._settings.owner == "plc" else self._runtime.deployment.institution.code
        held = download_file(self._runtime, file, name or "", path, fixmedins_code=owner)
        self._tell(SyncStep(number=number, stage="fetched", version=version, expected=expected))
        arrival = Arrival(
            number=number, asked=version, filename=name or "", path=str(path), digest=held.fingerprint.sha256,
            expected=expected,
        )  # fmt: skip
        self._shelf.begin(layout, arrival)
        return arrival

    def _load(self, layout: Layout, arrival: Arrival) -> ShelfStanding:
        def tell(rows: int) -> None:
            self._tell(SyncStep(
                number=layout.number, stage="loading", version=arrival.asked, rows=rows, expected=arrival.expected
            ))  # fmt: skip

        column = self._settings.version_column
        try:
            standing = load(
                self._shelf, layout, arrival, version_column=column if column in layout.places else "ver",
                at=self._now(), progress=tell,
            )  # fmt: skip
        except BrokenFile as broken:
            Path(arrival.path).unlink(missing_ok=True)
            if "不比已有" in broken.message:
                raise NoNewVersion(f"{layout.number} {broken.message}") from None
            raise
        Path(arrival.path).unlink(missing_ok=True)
        return standing

    def _now(self) -> float:
        return self._runtime.clock.epoch()


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as held:
            return hashlib.file_digest(held, "sha256").hexdigest()
    except OSError:
        return ""
