"""How things are measured here: in turn, many times, medians; and how a figure is printed with its aim."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def in_turn(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Seconds of each, measured turn by turn, so that both meet the same machine."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for each, kept in zip((first, second), took, strict=True):
            began = time.perf_counter()
            each()
            kept.append(time.perf_counter() - began)
    return took


def compare(title: str, ours: Sequence[float], baseline: Sequence[float], names: tuple[str, str], aim: float) -> float:
    """Print the medians of both and their ratio, with the aim beside it."""
    mine, theirs = statistics.median(ours), statistics.median(baseline)
    ratio = mine / theirs
    verdict = "within" if ratio <= aim else "ABOVE"
    print(f"{title}")
    report(names[0], ours)
    report(names[1], baseline)
    print(f"  ratio {ratio:.2f}  (aim at most {aim:g}: {verdict})\n")
    return ratio


def report(name: str, took: Sequence[float]) -> None:
    print(f"  {name:<42} median {statistics.median(took) * 1e3:9.3f} ms   p99 {percentile(took, 99) * 1e3:9.3f} ms")


def percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(len(ordered) * percent / 100))]
