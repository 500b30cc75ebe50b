"""Spans of calls, for whoever traces: by the API of OpenTelemetry alone, and only where somebody has loaded it.

What is sent to the platform bears nothing of it. The journal keeps each call's ``traceparent``: that of its span, else
the one that the request to us came with.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from ..journal.asking import in_trace, trace
from ..privacy import logger

log = logger("tracing")

NAME = "liangding"


@contextlib.contextmanager
def span(infno: str, province: str) -> Iterator[None]:
    """A span around one call, named by its number; nothing where nobody traces. Nothing of a person is in it."""
    api: Any = sys.modules.get("opentelemetry.trace")
    if api is None:
        yield
        return
    with contextlib.ExitStack() as opened:
        try:
            _open(api, infno, province, opened)
        except Exception as failed:
            log.warning("%s is not traced: %s", infno, type(failed).__name__)
        try:
            yield
        finally:
            _close(opened, infno)


def _open(api: Any, infno: str, province: str, opened: contextlib.ExitStack) -> None:
    attributes = {"liangding.infno": infno, "liangding.province": province}
    made = opened.enter_context(
        api.get_tracer(NAME).start_as_current_span(
            f"call {infno}", context=_parent(api), attributes=attributes, record_exception=False,
            set_status_on_exception=False,
        )
    )  # fmt: skip
    opened.enter_context(in_trace(_told(made) or trace()))


def _close(opened: contextlib.ExitStack, infno: str) -> None:
    """The call has its outcome: a tracer that fails changes nothing of it."""
    try:
        opened.close()
    except Exception as failed:
        log.warning("the span of %s is not closed: %s", infno, type(failed).__name__)


def _parent(api: Any) -> Any:
    """The trace that the request came with, unless a span is open already."""
    given = trace()
    if given is None or api.get_current_span().get_span_context().is_valid:
        return None
    _, trace_id, span_id, flags = given.split("-")
    context = api.SpanContext(int(trace_id, 16), int(span_id, 16), True, api.TraceFlags(int(flags, 16)))
    return api.set_span_in_context(api.NonRecordingSpan(context))


def _told(made: Any) -> str | None:
    context = made.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
