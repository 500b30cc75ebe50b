"""The end of every harness: which of its targets runs, by name or by the first byte."""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

Target = Callable[[bytes], None]


def fuzz(*targets: Target) -> None:
    """Run what the command line names: one of the targets, or ``every``, where the first byte says which. The further
    arguments are libFuzzer's."""

    def every(data: bytes) -> None:
        targets[data[0] % len(targets) if data else 0](data[1:])

    name, *further = sys.argv[1:]
    named = {each.__name__: each for each in (*targets, every)}
    atheris.Setup([sys.argv[0], *further], named[name])
    atheris.Fuzz()
