"""What the kind of treatment (med_type) demands of a visit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..spec.problems import Problem, problem
from .circumstances import Circumstances
from .settlement import Check

CHRONIC = "14"
"""med_type 门诊慢特病."""


def chronic_disease(node: str) -> Check:
    """A visit for a chronic or special disease names the disease (门慢门特必填)."""

    def check(message: Any, _: Circumstances) -> Iterator[Problem]:
        visit: Any = getattr(message, node, None)
        if visit is not None and visit.med_type == CHRONIC and not visit.dise_codg:
            text = "门诊慢特病（med_type 14）必填，填慢特病备案（5301）的病种编码"
            yield problem(("input", node, "dise_codg"), "condition", text, label="病种编码")

    return check
