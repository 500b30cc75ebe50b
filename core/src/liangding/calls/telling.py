"""Wrappers that hear of an accepted call, and what one that does not come back holds up: its own request, nothing else.

What the platform did is recorded before any of them hears of it. So the flow that the call belongs to may be taken up
meanwhile: in the same process by whoever asks again, and, when a plugin has taken its time (``plugin_seconds``), which
its own process notes in the journal, by every other process.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from ..contract.calls import Answer
from ..errors import LiangdingError
from ..journal import Journal
from ..journal.states import HELD_UP
from ..privacy import logger
from .wrapping import Received

log = logger("runtime")

TOLD = "told"
"""The event of a call of which wrappers heard only after it had been found out behind them."""


class Telling:
    """What the wrappers of one deployment are told. After ``seconds`` with one of them the flow is noted as held up."""

    def __init__(self, journal: Journal, seconds: float) -> None:
        self._journal = journal
        self._seconds = seconds
        self._held_up: dict[str, object] = {}

    def is_first(self, call_id: int) -> bool:
        """Whether wrappers hear of that call for the first time; from now on they do not."""
        try:
            told = any(event.kind == TOLD for event in self._journal.history(call_id))
            if not told:
                self._journal.note(call_id, TOLD, {})
        except LiangdingError as failed:
            log.warning("call %d is not told to plugins: %s", call_id, failed.code)
            return False
        return not told

    @contextlib.contextmanager
    def of(self, flow: str, received: Received, *, noted: bool) -> Iterator[None]:
        """While wrappers hear of an accepted call of ``flow`` (empty: of none)."""
        if received.found and not noted:
            self.is_first(received.call_id)
        if not flow:
            yield
            return
        mine = self._held_up[flow] = object()
        watch = threading.Timer(self._seconds, self._note, (flow, mine, received.call_id))
        watch.daemon = True
        with contextlib.suppress(RuntimeError):  # no thread can be had: the answer is as good
            watch.start()
        try:
            yield
        finally:
            watch.cancel()
            if self._held_up.get(flow) is mine:
                del self._held_up[flow]

    def _note(self, flow: str, mine: object, call_id: int) -> None:
        """Say to every process that a plugin holds the flow up, as it stands."""
        try:
            version = self._journal.flows.version(flow)
            if version is not None and self._held_up.get(flow) is mine:
                self._journal.note(call_id, HELD_UP, {"flow_version": version})
                log.error("a plugin holds up flow %s: call %d was accepted", flow, call_id)
        except Exception as failed:
            log.warning("that flow %s is held up is not noted: %s", flow, type(failed).__name__)

    def holds_up(self, flow: str) -> bool:
        """Whether a plugin of this process alone works on that flow, a call of which was accepted."""
        return flow in self._held_up

    def take(self, flow: str) -> bool:
        """Let a flow that a plugin of this process holds up be somebody else's: whether it was held up."""
        return self._held_up.pop(flow, None) is not None

    def keep_advice(self, received: Received, answer: Answer[Any]) -> None:
        """Keep what the wrappers advised, for whoever asks again. Where that fails the answer is as good."""
        try:
            self._journal.advise(received.call_id, answer.advice)
        except Exception as failed:
            log.warning("advice of %s is not recorded: %s", answer.msgid, type(failed).__name__)
