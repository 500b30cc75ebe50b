"""Which flows this process works on at the moment: one thread at a time works on one flow."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from .standing import FlowBusy

_flows: set[str] = set()
_mutex = threading.Lock()


@contextlib.contextmanager
def working_on(flow_id: str) -> Iterator[None]:
    """Nobody else in this process works on the flow meanwhile. FlowBusy where somebody does."""
    with _mutex:
        if flow_id in _flows:
            raise FlowBusy("这笔业务正由另一处办理")
        _flows.add(flow_id)
    try:
        yield
    finally:
        with _mutex:
            _flows.discard(flow_id)


def is_worked_on(flow_id: str) -> bool:
    """Whether a thread of this process works on it."""
    return flow_id in _flows
