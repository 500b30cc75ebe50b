"""Who asks: the name of an API key, of a user of the command line, of the rounds behind a deployment.

Whoever lets somebody in says so (:func:`asked_by`); what is done meanwhile, in this thread or in those that it hands
its context to, stands in the journal and in the log under that name.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar

LONGEST = 100
"""Characters that are kept of a name."""

_ASKING: ContextVar[str | None] = ContextVar("asking", default=None)


def asking() -> str | None:
    """Who asks now; None where nobody said, as in a program that calls the library."""
    return _ASKING.get()


@contextlib.contextmanager
def asked_by(name: str) -> Iterator[None]:
    """What is done within the block is done for ``name``: ``api:his``, ``cli:admin``, ``keeper``."""
    before = _ASKING.set(name[:LONGEST])
    try:
        yield
    finally:
        _ASKING.reset(before)


class AskingFilter(logging.Filter):
    """Gives each line of a log who asked, as ``%(principal)s``."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.principal = asking() or "-"
        return True
