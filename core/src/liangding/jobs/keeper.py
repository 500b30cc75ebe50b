"""The keeper: what goes on behind the deployments of a journal: unknown calls, and flows that were left half-way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable

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
    """Keeps the deployments of one journal in order, beside other work while its ``with`` block runs, or round by
    round. A platform that does not answer one deployment holds up no other's.

    Several processes on one journal may each have one: no case and no flow is worked on twice.
    """

    def __init__(self, runtime: Runtime, *others: Runtime) -> None:
        self._looks = [_Look(each) for each in (runtime, *others)]
        self._journal = runtime.journal
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)

    def round(self) -> None:
        """One look at everything: calls and flows of processes that died, cases that are due, flows that can go on.

        Where one part fails, it is in the log and the next round tries again; no round ends the keeper.
        """
        for look in self._looks:
            look()
        self._upgrade()

    def _upgrade(self) -> None:
        """Write more of what an earlier version left in the journal anew: a large journal is not done when it opens."""
        _tried("journal", lambda: self._journal.upgrade(limit=UPGRADE_ROWS))

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        until = time.monotonic() + LEAVE_SECONDS
        self._thread.join(LEAVE_SECONDS)
        for look in self._looks:
            if look.thread is not None:
                look.thread.join(max(until - time.monotonic(), 0.0))

    def _work(self) -> None:
        while True:
            for look in self._looks:
                look.begin()
            self._upgrade()
            if self._closed.wait(self._pause()):
                return

    def _pause(self) -> float:
        found: list[float] = []
        for look in self._looks:
            with contextlib.suppress(LiangdingError):
                found += look.seconds_to_next()
        return min(max(min(found, default=LONGEST_SECONDS), SHORTEST_SECONDS), LONGEST_SECONDS)


class _Look:
    """One deployment, looked at again and again."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._flows = Flows(runtime)
        self.thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look at it in a thread of its own, unless the last look goes on."""
        if self.thread is None or not self.thread.is_alive():
            name = f"keeper of {self._runtime.deployment.name}"
            self.thread = threading.Thread(target=self._look, name=name, daemon=True)
            self.thread.start()

    def _look(self) -> None:
        with asked_by("keeper", self._runtime.deployment.name):
            self()

    def __call__(self) -> None:
        for part in (self._runtime.resolver.recover, self._runtime.resolver.sweep, self._flows.recover):
            _tried(self._runtime.deployment.name, part)

    def seconds_to_next(self) -> list[float]:
        """How long until a case is due; nothing where none is."""
        due = self._runtime.journal.next_due(self._runtime.deployment.name)
        return [] if due is None else [due - self._runtime.clock.epoch()]


def keepers_of(runtimes: Iterable[Runtime]) -> list[Keeper]:
    """One keeper for each journal that these deployments have."""
    of_journal: dict[int, list[Runtime]] = {}
    for runtime in runtimes:
        of_journal.setdefault(id(runtime.journal.store), []).append(runtime)
    return [Keeper(*each) for each in of_journal.values()]


def _tried(name: str, part: Callable[[], object]) -> None:
    try:
        part()
    except LiangdingError as failed:
        log.warning("%s: %s", name, failed)
    except Exception:
        log.exception("%s: a round broke off", name)
