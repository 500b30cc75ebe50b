"""Who asks: the name of an API key, of a user of the command line, of the rounds behind a deployment.

Whoever lets somebody in says so (:func:`asked_by`); what is done meanwhile, in this thread or in those that it hands
its context to, stands in the journal and in the log under that name.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar

import attrs

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

LONGEST = 100
"""Characters that are kept of a name."""


@attrs.frozen
class _Asker:
    by: str | None = None
    deployment: str = ""
    request: str = ""
    trace: str | None = None


_ASKED: ContextVar[_Asker] = ContextVar("asked", default=_Asker())  # noqa: B039 (frozen)


def asking() -> str | None:
    """Who asks now; None where nobody said, as in a program that calls the library."""
    return _ASKED.get().by


@contextlib.contextmanager
def asked_by(name: str, deployment: str = "") -> Iterator[None]:
    """What is done within the block is done for ``name``: ``api:his``, ``cli:admin``, ``keeper``; and, for the log, at
    that deployment."""
    now = _ASKED.get()
    before = _ASKED.set(attrs.evolve(now, by=name[:LONGEST], deployment=deployment or now.deployment))
    try:
        yield
    finally:
        _ASKED.reset(before)


@contextlib.contextmanager
def in_request(number: str) -> Iterator[None]:
    """What is done within the block is done for the request of that number."""
    now = _ASKED.get()
    before = _ASKED.set(attrs.evolve(now, request=number))
    try:
        yield
    finally:
        _ASKED.reset(before)


def trace() -> str | None:
    """The ``traceparent`` of what is done now; None where nobody gave one."""
    return _ASKED.get().trace


@contextlib.contextmanager
def in_trace(traceparent: str | None) -> Iterator[None]:
    """What is done within the block belongs to that trace (W3C); one that is none is left out."""
    now = _ASKED.get()
    valid = traceparent is not None and TRACEPARENT.fullmatch(traceparent) is not None
    before = _ASKED.set(attrs.evolve(now, trace=traceparent if valid else None))
    try:
        yield
    finally:
        _ASKED.reset(before)


class AskingFilter(logging.Filter):
    """Gives each line of a log who asked, for which deployment, in which request: ``%(principal)s``,
    ``%(deployment)s``, ``%(request)s``."""

    def filter(self, record: logging.LogRecord) -> bool:
        asked = _ASKED.get()
        record.principal, record.deployment, record.request = (
            asked.by or "-",
            asked.deployment or "-",
            asked.request or "-",
        )
        return True
