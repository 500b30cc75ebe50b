"""The keeper: what goes on behind a deployment at work. Looks at unknown calls, and takes up flows left half-way."""

from __future__ import annotations

import threading

from ..errors import LiangdingError
from ..flows import Flows
from ..journal.asking import asked_by
from ..privacy import logger
from ..runtime import Runtime

log = logger("keeper")

SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 5.0
"""Between two rounds."""

UPGRADE_ROWS = 2000
"""So many rows of an earlier schema are written anew in one round."""

LEAVE_SECONDS = 10.0
"""How long the end waits for a round: a platform that does not answer must not keep a server from stopping. What the
round leaves undone is taken up at the next start."""


class Keeper:
    """Keeps one deployment in order, in a thread of its own while its ``with`` block runs, or round by round.

    Several processes on one journal may each have one: no case and no flow is worked on twice.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._flows = Flows(runtime)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"keeper of {runtime.deployment.name}", daemon=True)

    def round(self) -> None:
        """One look at everything: calls and flows of processes that died, cases that are due, flows that can go on.

        Where one part fails, it is in the log and the next round tries again; no round ends the keeper.
        """
        for part in (self._runtime.resolver.recover, self._runtime.resolver.sweep, self._flows.recover, self._upgrade):
            try:
                part()
            except LiangdingError as failed:
                log.warning("%s: %s", self._runtime.deployment.name, failed)
            except Exception:
                log.exception("%s: a round broke off", self._runtime.deployment.name)

    def _upgrade(self) -> None:
        """Write more of what an earlier version left in the journal anew: a large journal is not done when it opens."""
        self._runtime.journal.upgrade(limit=UPGRADE_ROWS)

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(LEAVE_SECONDS)

    def _work(self) -> None:
        with asked_by("keeper"):
            self.round()
            while not self._closed.wait(self._pause()):
                self.round()

    def _pause(self) -> float:
        try:
            due = self._runtime.journal.next_due(self._runtime.deployment.name)
        except LiangdingError:
            return LONGEST_SECONDS
        wait = LONGEST_SECONDS if due is None else due - self._runtime.clock.epoch()
        return min(max(wait, SHORTEST_SECONDS), LONGEST_SECONDS)
