"""The ``liangding`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point. What is asked most and needs least is answered before anything is imported."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from .. import __version__

        print(f"liangding {__version__}")
        return
    from .app import run

    sys.exit(run(sys.argv[1:]))
