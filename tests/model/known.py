"""The known faults as variants of the design, with the rule that each breaks, and their shortest traces in the docs.

``python -m model.known`` (in ``tests/``) writes the traces in ``docs/money-safety.md`` anew.
"""

from __future__ import annotations

import functools
from pathlib import Path

from minicheck import check_safety

from .money import Design, protocol

ENOUGH = 20_000
"""States within which every fault shows; a violation that was found is one, however much is unexplored."""

FAULTS: dict[str, tuple[Design, str]] = {
    "a late answer accepts a call whose key has gone on": (
        Design(late_answer_needs_its_key=False), "never wrong",
    ),
    "a late answer accepts a call that a 2601 may have taken back": (
        Design(late_answer_yields_to_a_reversal=False), "the truth was told",
    ),
    "doubt is taken for a refusal": (Design(doubt_is_unknown=False), "one or none"),
    "what was not there is not watched": (Design(watches=False), "the truth was told"),
    "a refusal is not looked at again": (Design(looks_after_a_refusal=False), "the truth was told"),
    "the key does not see an unknown call": (Design(key_sees_unknown=False), "never wrong"),
    "a person decides while a 2601 is on its way": (
        Design(decides_only_when_still=False), "one or none",
    ),
    "what was sent is composed anew": (Design(finishes_by_the_record=False), "the truth was told"),
    "what waited before its first byte is sent without reading again": (
        Design(reads_again_before_sending=False), "never wrong",
    ),
}  # fmt: skip
"""Fault → its variant of the design, and the rule that it breaks first."""

PAGE = Path(__file__).parents[2] / "docs" / "money-safety.md"
BEGINS, ENDS = "<!-- traces: begin -->", "<!-- traces: end -->"


@functools.cache
def trace(fault: str) -> list[str]:
    """The shortest way to what the fault breaks; empty where it breaks nothing."""
    design, rule = FAULTS[fault]
    found = check_safety(protocol(design, fault), max_states=ENOUGH)["properties"][rule]
    return [step["label"] for step in found.get("counterexample") or () if step["label"]]


def lines() -> list[str]:
    """What stands in the docs."""
    return [
        line
        for fault, (_, rule) in FAULTS.items()
        for line in (f"- **{fault[0].upper()}{fault[1:]}** breaks “{rule}”: {' → '.join(trace(fault))}.",)
    ]


def in_the_docs() -> list[str]:
    return PAGE.read_text("utf-8").partition(BEGINS)[2].partition(ENDS)[0].strip().splitlines()


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    before, after = text.partition(BEGINS)[0], text.partition(ENDS)[2]
    PAGE.write_text(f"{before}{BEGINS}\n" + "\n".join(lines()) + f"\n{ENDS}{after}", "utf-8")
