"""What a monitoring system fetches: calls by province and number, what is unknown, how old. Nothing is labelled by
institution, person or bill, so that many deployments cost no more than one."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..errors import ConfigurationError, LiangdingError
from ..feed.webhook import untold
from ..journal import State
from ..runtime import Runtime
from .processes import SHARED_COUNTS

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Seconds."""

KEPT = "liangding_keeper_round"
"""What processes tell each other of their keepers; fetched as seconds since then."""

OUTCOMES = {
    State.ACCEPTED: ("accepted", "accepted by the platform"), State.REFUSED: ("refused", "refused by the platform"),
    State.UNKNOWN: ("unknown", "without a known outcome at first"), State.NOT_SENT: ("not_sent", "that did not leave"),
    State.FAILED: ("unanswered", "queries without an answer"),
}  # fmt: skip


class NoMetrics(LiangdingError):
    """The library that writes metrics is not installed."""

    code = "no_metrics"
    http_status = 501
    remedy = "pip install 'liangding[metrics]'"


class Metrics:
    """Counts what these deployments call, from its making on; where several processes serve together, what all of them
    did since the command began. NoMetrics where the library is not installed."""

    def __init__(self, runtimes: Iterable[Runtime]) -> None:
        try:
            from prometheus_client import CollectorRegistry
        except ImportError:
            raise NoMetrics("没有安装指标部件 prometheus-client") from None
        self._runtimes = list(runtimes)
        self._registry = CollectorRegistry()
        folder = os.environ.get(SHARED_COUNTS)
        if folder is not None and not os.path.isdir(folder):
            raise ConfigurationError(
                f"没有文件夹 {folder}", path=SHARED_COUNTS, remedy="建这个文件夹，或去掉这个环境变量"
            )
        self._counted = _Counted(self._registry) if folder is None else _counted_together()
        kept: Callable[[], dict[str, float]] = partial(_kept_here, self._runtimes)
        if folder is not None:
            together = _Together(folder)
            self._registry.register(together)
            kept = together.kept
        self._registry.register(_Standing(self._runtimes, kept))
        for runtime in self._runtimes:
            runtime.observe = self._observing(runtime.deployment.province)
            if folder is not None:
                runtime.observe_keeper = self._keep

    def _observing(self, province: str) -> Any:
        def observe(infno: str, state: State, seconds: float) -> None:
            counter = self._counted.outcomes.get(state)
            if counter is not None:
                counter.labels(province, infno).inc()
            self._counted.seconds.labels(province, infno).observe(max(seconds, 0.0))

        return observe

    def _keep(self) -> None:
        """Write down for the other processes how far the keeper of this one is."""
        for province, at in _kept_here(self._runtimes).items():
            self._counted.kept.labels(province).set(at)

    def written(self) -> bytes:
        """All of it in the text form of Prometheus."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)


class _Counted:
    """What is counted as it happens; without a registry, in the files that the processes of a command share."""

    def __init__(self, registry: Any) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        labels = ("province", "infno")
        self.outcomes = {
            state: Counter(f"liangding_calls_{name}", f"Calls {meaning}", labels, registry=registry)
            for state, (name, meaning) in OUTCOMES.items()
        }
        told = "From record to outcome"
        self.seconds = Histogram("liangding_call_seconds", told, labels, buckets=BUCKETS, registry=registry)
        self.kept = Gauge(
            KEPT, "When the keeper last came round", ["province"], registry=None, multiprocess_mode="livemin"
        )


@functools.cache
def _counted_together() -> _Counted:
    """One for this process, however often its files are read anew: its numbers stand in one file."""
    return _Counted(None)


class _Together:
    """What the processes of a command have counted, each in a file of its own, summed; those that died count on."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterable[Any]:
        return (family for family in self._read() if family.name != KEPT)

    def kept(self) -> dict[str, float]:
        """When the keeper came round for the last time in the process where that is longest ago, by province."""
        return {
            sample.labels["province"]: sample.value
            for family in self._read()
            if family.name == KEPT
            for sample in family.samples
        }

    def _read(self) -> Iterable[Any]:
        from prometheus_client.multiprocess import MultiProcessCollector

        reading: Any = MultiProcessCollector
        found: Iterable[Any] = reading(None, path=self._folder).collect()
        return found


def _kept_here(runtimes: Iterable[Runtime]) -> dict[str, float]:
    """When the keeper of this process came round for the last time, of the deployment where that is longest ago, by
    province."""
    found: dict[str, float] = {}
    for runtime in runtimes:
        if runtime.kept_at is not None:
            province = runtime.deployment.province
            found[province] = min(found.get(province, runtime.kept_at), runtime.kept_at)
    return found


ALONE_SECONDS = 7 * 86_400
"""How long a decision by one person alone is told."""


STANDING = {
    "liangding_unknown_calls": "Calls whose outcome is not known",
    "liangding_waiting_calls": "Calls that wait for a person's decision",
    "liangding_decided_alone": "Decisions of the last seven days by one person where two are needed",
    "liangding_untold_events": "Events that the webhook has not brought yet",
    "liangding_oldest_unknown_seconds": "Age of the oldest call whose outcome is not known",
    "liangding_journal_silent": "Deployments whose journal does not answer; nothing else is told of them",
    "liangding_keeper_seconds": "Since the keeper's last round ended, the longest of the province",
}
"""What is looked up when it is fetched, and what it means."""


class _Standing:
    """What is looked up when it is fetched: what is unknown or waits, by province. What a journal that does not answer
    would tell is left out, as a 0 would say that all is well."""

    def __init__(self, runtimes: list[Runtime], kept: Callable[[], dict[str, float]]) -> None:
        self._runtimes, self._kept = runtimes, kept

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import GaugeMetricFamily

        found = self._found()
        for name, meaning in STANDING.items():
            family = GaugeMetricFamily(name, meaning, labels=["province"])
            for province, held in found.items():
                if name in held:
                    family.add_metric([province], held[name])
            yield family

    def _found(self) -> dict[str, dict[str, float]]:
        """By province and metric."""
        found: dict[str, dict[str, float]] = {}
        kept, silent = self._kept(), set[object]()
        for runtime in self._runtimes:
            province, now, store = runtime.deployment.province, runtime.clock.epoch(), runtime.journal.store
            held = found.setdefault(province, {"liangding_journal_silent": 0.0})
            held["liangding_keeper_seconds"] = max(now - kept.get(province, now), 0.0)
            try:
                told = {} if store in silent else _standing(runtime)
            except LiangdingError:
                told = {}
                silent.add(store)  # those who share it need not wait for it again
            held["liangding_journal_silent"] += not told
            for name, value in told.items():
                before = held.get(name, 0.0)
                held[name] = max(before, value) if name.endswith("_seconds") else before + value
        return found


def _standing(runtime: Runtime) -> dict[str, float]:
    """What one deployment's journal says. JournalUnavailable."""
    now = runtime.clock.epoch()
    unsettled = runtime.journal.pending()
    unknown = [call for call in unsettled if call.state is State.UNKNOWN]
    decided = runtime.journal.decisions(now - ALONE_SECONDS)
    return {
        "liangding_unknown_calls": len(unknown),
        "liangding_waiting_calls": sum(call.escalated_at is not None for call in unsettled),
        "liangding_decided_alone": sum(event.kind == "broke_glass" for event in decided),
        "liangding_untold_events": untold(runtime),
        "liangding_oldest_unknown_seconds": max((now - call.created_epoch for call in unknown), default=0.0),
    }
