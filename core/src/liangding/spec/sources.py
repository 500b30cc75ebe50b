"""Source that readers and writers of nodes write, made into code: once for each text, however many deployments read by
the same declarations."""

from __future__ import annotations

import functools
from types import CodeType


@functools.cache
def code_of(source: str, name: str) -> CodeType:
    """The code of ``source``, which goes by ``name`` where it fails."""
    return compile(source, name, "exec")
