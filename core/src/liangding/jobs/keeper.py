"""The keeper: what goes on behind the deployments of a journal: unknown calls, flows that were left half-way, and
telling the HIS what happened."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable

from ..errors import LiangdingError
from ..feed.sequence import Sequence
from ..feed.webhook import Webhook
from ..flows import Flows
from ..journal.asking import asked_by
from ..privacy import logger
from ..runtime import Runtime
from .hands import Hands

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
        sequence = functools.cache(lambda: Sequence(runtime.journal, runtime.clock.epoch))
        self._looks = [_Look(each, sequence) for each in (runtime, *others)]
        self._journal = runtime.journal
        self._closed = threading.Event()
        self._hands = Hands("keeper")
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)

    def round(self) -> None:
        """One look at everything: calls and flows of processes that died, cases that are due, flows that can go on.

        Where one part fails, it is in the log and the next round tries again; no round ends the keeper.
        """
        for look in self._looks:
            look()
            look.tell()
        self._upgrade()

    def _upgrade(self) -> None:
        """Write more of what an earlier version left in the journal anew: a large journal is not done when it opens."""
        _tried("journal", lambda: self._journal.upgrade(limit=UPGRADE_ROWS))

    def __enter__(self) -> Keeper:
        for look in self._looks:  # from now on it is waited for: a first round may never end
            look.is_kept()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(LEAVE_SECONDS)
        self._hands.close(LEAVE_SECONDS)

    def _work(self) -> None:
        while True:
            _tried("journal", self._begin)
            _tried("journal", self._looks[0].observe)
            self._hands.press()
            self._upgrade()
            if self._closed.wait(self._pause()):
                return

    def _begin(self) -> None:
        """Look at the deployments of which anything is open, beside each other; at none whose last look goes on."""
        stirring = self._journal.stirring()
        for look in self._looks:
            if look.institution in stirring:
                self._hands.give(look.name, look.kept)
            else:
                look.is_kept()
            if look.tells:
                self._hands.give((look.name, "webhook"), look.tell)

    def _pause(self) -> float:
        due: dict[str, float] = {}
        with contextlib.suppress(LiangdingError):
            due = self._journal.next_due_each()
        ours = [due[look.institution] - look.now() for look in self._looks if look.institution in due]
        return min(max(min(ours, default=LONGEST_SECONDS), SHORTEST_SECONDS), LONGEST_SECONDS)


class _Look:
    """One deployment, looked at again and again."""

    def __init__(self, runtime: Runtime, sequence: Callable[[], Sequence]) -> None:
        self._runtime, self._sequence = runtime, sequence
        self._flows = Flows(runtime)
        self.name, self.institution = runtime.deployment.name, runtime.deployment.institution.code
        self.now = runtime.clock.epoch
        self.tells = runtime.deployment.webhook is not None
        self._webhook: Webhook | None = None

    def kept(self) -> None:
        with asked_by("keeper", self.name):
            self()

    def __call__(self) -> None:
        for part in (self._runtime.resolver.recover, self._runtime.resolver.sweep, self._flows.recover):
            _tried(self.name, part)
        self.is_kept()

    def observe(self) -> None:
        """Tell who counts that the keeper goes round."""
        self._runtime.observe_keeper()

    def tell(self) -> None:
        """Tell who is to be told by itself of what happened; where that cannot be, the next round tries again."""
        if self.tells:
            with asked_by("webhook", self.name):
                _tried(self.name, self._tell)

    def _tell(self) -> None:
        settings = self._runtime.deployment.webhook
        assert settings is not None
        if self._webhook is None:
            self._webhook = Webhook(self._runtime, settings, self._sequence())
        self._webhook.round()

    def is_kept(self) -> None:
        """A round has ended, with work or without any."""
        self._runtime.kept_at = self.now()


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
