"""Which flows this process works on at the moment: one thread at a time works on one flow."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from .standing import FlowBusy

_flows: dict[str, object] = {}
_mutex = threading.Lock()


@contextlib.contextmanager
def working_on(flow_id: str, taken: Callable[[str], bool] = lambda _: False) -> Iterator[None]:
    """Nobody else in this process works on the flow meanwhile. FlowBusy where somebody does, unless it is ``taken``
    from them: who worked on it finds, at the next thing to store, that it went on without them."""
    mine = object()
    with _mutex:
        if flow_id in _flows and not taken(flow_id):
            raise FlowBusy("这笔业务正由另一处办理")
        _flows[flow_id] = mine
    try:
        yield
    finally:
        with _mutex:
            if _flows.get(flow_id) is mine:
                del _flows[flow_id]


def is_worked_on(flow_id: str) -> bool:
    """Whether a thread of this process works on it."""
    return flow_id in _flows
