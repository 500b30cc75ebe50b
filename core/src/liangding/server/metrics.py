"""What a monitoring system fetches: calls by province and number, what is unknown, how old. Nothing is labelled by
institution, person or bill, so that many deployments cost no more than one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import LiangdingError
from ..journal import State
from ..runtime import Runtime

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Seconds."""

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
    """Counts what these deployments call, from its making on. NoMetrics where the library is not installed."""

    def __init__(self, runtimes: Iterable[Runtime]) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram
        except ImportError:
            raise NoMetrics("没有安装指标部件 prometheus-client") from None
        self._runtimes = list(runtimes)
        self._registry = CollectorRegistry()
        labels = ("province", "infno")
        self._counts = {
            state: Counter(f"liangding_calls_{name}", f"Calls {meaning}", labels, registry=self._registry)
            for state, (name, meaning) in OUTCOMES.items()
        }
        told = "From record to outcome"
        self._seconds = Histogram("liangding_call_seconds", told, labels, buckets=BUCKETS, registry=self._registry)
        self._registry.register(_Standing(self._runtimes))
        for runtime in self._runtimes:
            runtime.observe = self._observing(runtime.deployment.province)

    def _observing(self, province: str) -> Any:
        def observe(infno: str, state: State, seconds: float) -> None:
            counter = self._counts.get(state)
            if counter is not None:
                counter.labels(province, infno).inc()
            self._seconds.labels(province, infno).observe(max(seconds, 0.0))

        return observe

    def written(self) -> bytes:
        """All of it in the text form of Prometheus."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)


class _Standing:
    """What is looked up when it is fetched: what is unknown or waits, by province."""

    def __init__(self, runtimes: list[Runtime]) -> None:
        self._runtimes = runtimes

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import GaugeMetricFamily

        found: dict[str, list[float]] = {}
        for runtime in self._runtimes:
            held = found.setdefault(runtime.deployment.province, [0, 0, 0, 0])
            now = runtime.clock.epoch()
            unsettled = runtime.journal.pending()
            unknown = [call for call in unsettled if call.state is State.UNKNOWN]
            held[0] += len(unknown)
            held[1] += sum(call.escalated_at is not None for call in unsettled)
            held[2] = max([held[2], *(now - call.created_epoch for call in unknown)])
            held[3] = max(held[3], now - runtime.kept_at if runtime.kept_at is not None else 0.0)
        for place, (name, meaning) in enumerate((
            ("liangding_unknown_calls", "Calls whose outcome is not known"),
            ("liangding_waiting_calls", "Calls that wait for a person's decision"),
            ("liangding_oldest_unknown_seconds", "Age of the oldest call whose outcome is not known"),
            ("liangding_keeper_seconds", "Since the keeper's last round ended, the longest of the province"),
        )):  # fmt: skip
            family = GaugeMetricFamily(name, meaning, labels=["province"])
            for province, held in found.items():
                family.add_metric([province], held[place])
            yield family
