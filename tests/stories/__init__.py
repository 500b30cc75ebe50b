"""Stories: what happens at a deployment, told word by word and kept (``told/``), so that whatever changes of it is one
readable difference. ``python -m stories`` (in ``tests/``) says which are told differently by now, ``--renew`` writes
them anew.

A story is a function that is given a :class:`~stories.scene.Scene` and lets things happen there (``@story``). Told is
all of it: what each caller asked, every message on the line with its fields in order, every answer, what the caller
was told, and after each thing what is new or other in the journal, row by row and event by event. Clock, numbers and
names are the same each time; what is random (keys, digests, flows' numbers) stands under a name of its own.
"""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from liangding.config import Kind

from .scene import Scene

TOLD = Path(__file__).with_name("told")


@attrs.frozen(kw_only=True)
class Story:
    """``name``: module and function; ``settings``: those of the deployment file, ``objects``: plugins by name.
    ``everywhere``: it is quick, and goes the same on each database."""

    name: str
    tells: Callable[[Scene], None]
    kind: Kind
    everywhere: bool
    objects: Mapping[str, object]
    settings: dict[str, Any]

    @property
    def kept(self) -> Path:
        """Where it is written down."""
        return TOLD / f"{self.name}.txt"

    def told(self, journal: str = "sqlite:///journal.db") -> str:
        """It happens, and is told."""
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(Path(folder), kind=self.kind, journal=journal, objects=self.objects, **self.settings)
            scene.line_of("#", *((self.tells.__doc__ or "").split("\n")))
            try:
                self.tells(scene)
                scene.in_the_end()
            finally:
                scene.close()
            return scene.text()


STORIES: dict[str, Story] = {}


def story(
    kind: Kind = Kind.PHARMACY,
    *,
    everywhere: bool = False,
    objects: Mapping[str, object] | None = None,
    **settings: Any,
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Makes a function a story."""

    def made(tells: Callable[[Scene], None]) -> Callable[[Scene], None]:
        name = f"{tells.__module__.rpartition('.')[2]}/{tells.__name__}"
        STORIES[name] = Story(
            name=name, tells=tells, kind=kind, everywhere=everywhere, objects=objects or {}, settings=settings
        )
        return tells

    return made


for _found in pkgutil.iter_modules([str(Path(__file__).with_name("scenarios"))]):
    importlib.import_module(f"{__name__}.scenarios.{_found.name}")
