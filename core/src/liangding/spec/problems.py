"""What is wrong with a message: where, which rule, and the offending value without anything personal."""

from __future__ import annotations

from typing import Literal

import attrs

from ..privacy import shown

Level = Literal["error", "warning", "info"]
Path = tuple[str | int, ...]


@attrs.frozen(kw_only=True)
class Problem:
    """One thing wrong with a message.

    ``rule`` is stable and for programs: ``required``, ``type``, ``length``, ``scale``, ``code``, ``date``,
    ``condition``, ``unknown_field``, or the name of an arithmetic identity. ``message`` is for people.
    ``row`` counts from 1, as a person does; a row in ``path`` counts from 0, as programs do.
    """

    path: Path
    rule: str
    message: str
    label: str = ""
    value: str | None = None
    level: Level = "error"

    @property
    def where(self) -> str:
        """The place as one writes it: ``input.drugdetail[2].cnt``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    @property
    def node(self) -> str:
        return ".".join(step for step in self.path[:-1] if isinstance(step, str))

    @property
    def row(self) -> int | None:
        return next((step + 1 for step in reversed(self.path) if isinstance(step, int)), None)

    @property
    def field(self) -> str:
        return str(self.path[-1]) if self.path else ""

    def __str__(self) -> str:
        named = f" {self.label}" if self.label else ""
        given = f"（值 {self.value}）" if self.value is not None else ""
        return f"{self.where}{named}: {self.message}{given}"

    def as_json(self) -> dict[str, object]:
        return {
            "path": self.where, "node": self.node, "row": self.row, "field": self.field, "label": self.label,
            "rule": self.rule, "message": self.message, "value": self.value, "level": self.level,
        }  # fmt: skip


def problem(
    path: Path, rule: str, message: str, *, label: str = "", value: object = None, level: Level = "error"
) -> Problem:
    """A problem whose offending value is shown only as far as it is nobody's secret."""
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    return Problem(path=path, rule=rule, message=message, label=label, value=shown(field, value), level=level)


def errors(problems: list[Problem]) -> list[Problem]:
    return [p for p in problems if p.level == "error"]
