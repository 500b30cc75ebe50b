"""From a file onto the shelf: rows are read and checked in one thread, and put aside in another."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from ..files.columns import Layout
from ..files.errors import BrokenFile
from ..files.reading import TextFile, open_text
from .shelf import Arrival, Shelf, ShelfStanding, Texts

BATCH = 20_000
"""Rows that are put aside at once."""

WAITING = 3
"""Batches that may wait to be put aside: memory stays bounded however long the file is."""

Progress = Callable[[int], None]


def load(
    shelf: Shelf, layout: Layout, arrival: Arrival, *, version_column: str, at: float, progress: Progress | None = None
) -> ShelfStanding:
    """Put the file of ``arrival`` on the shelf, from where it was left. The new standing.

    BrokenFile where the file is not whole or not right (nothing of it stands then, and it is forgotten);
    CatalogueUnavailable where the shelf cannot be written.
    """
    try:
        with open_text(Path(arrival.path), layout) as text:
            arrival = _put_aside(shelf, layout, text, arrival, version_column, progress)
            text.check(arrival.expected)
        version = arrival.greatest or arrival.asked
        if version <= arrival.asked and arrival.rows:
            raise BrokenFile(f"文件里最大的版本号是 {version}，不比已有的 {arrival.asked} 新")
    except BrokenFile:
        shelf.throw_away(layout.number)
        raise
    return shelf.take_in(layout, arrival, version, at)


def _put_aside(
    shelf: Shelf, layout: Layout, text: TextFile, arrival: Arrival, version_column: str, progress: Progress | None
) -> Arrival:
    place = layout.places[version_column]
    with _Putter(shelf, layout) as putter:
        rows = itertools.islice(text.texts(), arrival.rows, None)
        while batch := list(itertools.islice(rows, BATCH)):
            greatest = max((row[place] or "" for row in batch), default="")
            arrival = attrs.evolve(arrival, rows=arrival.rows + len(batch), greatest=max(arrival.greatest, greatest))
            putter.put(batch, arrival)
            if progress:
                progress(arrival.rows)
    return arrival


class _Putter:
    """Puts batches aside in a thread of its own, in order; what fails there is raised where batches are given."""

    def __init__(self, shelf: Shelf, layout: Layout) -> None:
        self._shelf, self._layout = shelf, layout
        self._queue: queue.Queue[tuple[list[Texts], Arrival] | None] = queue.Queue(WAITING)
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=f"catalogue {layout.number}")

    def __enter__(self) -> _Putter:
        self._thread.start()
        return self

    def put(self, batch: list[Texts], arrival: Arrival) -> None:
        self._queue.put((batch, arrival))
        if self._failed:
            raise self._failed

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._failed and kind is None:
            raise self._failed

    def _work(self) -> None:
        for batch, arrival in self._given():
            if self._failed is None:
                try:
                    self._shelf.put_aside(self._layout, batch, arrival)
                except BaseException as failed:  # told to whoever gives the next batch
                    self._failed = failed

    def _given(self) -> Iterator[tuple[list[Texts], Arrival]]:
        while (given := self._queue.get()) is not None:
            yield given
