"""Problems of messages as they are found: where, which rule, and the offending value without anything personal."""

from __future__ import annotations

from ..errors import Level, Path, Problem
from ..privacy import shown

__all__ = ["UNKNOWN_FIELD", "Level", "Path", "Problem", "errors", "problem"]

UNKNOWN_FIELD = "unknown_field"
"""The rule that a key breaks which the specification does not know."""


def problem(
    path: Path, rule: str, message: str, *, label: str = "", value: object = None, level: Level = "error"
) -> Problem:
    """A problem whose offending value is shown only as far as it is nobody's secret."""
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    return Problem(path=path, rule=rule, message=message, label=label, value=shown(field, value), level=level)


def errors(problems: list[Problem]) -> list[Problem]:
    return [p for p in problems if p.level == "error"]
