"""A plugin installed for a test: its package on the path, and beside it what pip leaves of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liangding.knowledge.plugins import installed


def about(folder: Path, name: str, readme: str = "") -> None:
    """What pip leaves of the distribution ``liangding-NAME``, with the entry point of the plugin NAME."""
    left = folder / f"liangding_{name}-1.dist-info"
    left.mkdir(parents=True, exist_ok=True)
    (left / "METADATA").write_text(f"Metadata-Version: 2.1\nName: liangding-{name}\nVersion: 1\n\n{readme}", "utf-8")
    (left / "top_level.txt").write_text(f"liangding_{name}\n", "utf-8")
    (left / "entry_points.txt").write_text(f"[liangding]\n{name} = liangding_{name}\n", "utf-8")


def environment(*folders: Path) -> dict[str, str]:
    """The environment of a process that sees what is installed in ``folders``."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}


@contextmanager
def installed_plugin(name: str, source: str, folder: Path) -> Iterator[None]:
    """The plugin ``name``, a package of one module, installed in this process and in those that it starts."""
    package = folder / f"liangding_{name}"
    package.mkdir()
    (package / "__init__.py").write_text(source, "utf-8")
    about(folder, name)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder)
    sys.path.insert(0, str(folder))
    installed.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
        sys.modules.pop(f"liangding_{name}", None)
        installed.cache_clear()
