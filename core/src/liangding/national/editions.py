"""Editions of the specification: where an official edition has another requiredness, length or shape than the baseline.

Each row of ``editions.tsv``: the edition, the transaction, the place in its input, what is different there, and the day
since which it is (empty: not told). ``required`` and ``optional`` say so, ``wanted`` that the table prints 必填 for what
one asks by and may not know yet, so that its want is told and nothing is refused; ``length=500`` is another length,
``like=4101A`` the whole shape of another number.
"""

from __future__ import annotations

import csv
import functools
from datetime import date
from importlib import resources
from typing import Literal, cast

import attrs

BASELINE = "基线版"
"""The national baseline (基线版), which the tables of the chapters here are."""

What = Literal["required", "optional", "wanted", "length", "like"]


@attrs.frozen(kw_only=True)
class EditionDifference:
    """One difference of an edition from the baseline: ``place`` are the attributes that lead to it in the input,
    ``value`` the length, or the number whose shape it has; ``since`` the day from which it counts."""

    edition: str
    infno: str
    place: tuple[str, ...]
    what: What
    value: str = ""
    since: date | None = None

    def counts_on(self, day: date | None) -> bool:
        """Whether it counts on a day; None is today, when everything does."""
        return day is None or self.since is None or self.since <= day


@functools.cache
def differences() -> dict[str, tuple[EditionDifference, ...]]:
    """Every difference that is known, by transaction."""
    text = resources.files(__package__).joinpath("editions.tsv").read_text("utf-8")
    found: dict[str, list[EditionDifference]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        what, _, value = row["what"].partition("=")
        difference = EditionDifference(
            edition=row["edition"], infno=row["infno"], place=tuple(filter(None, row["place"].split("."))),
            what=cast(What, what), value=value, since=date.fromisoformat(row["since"]) if row["since"] else None,
        )  # fmt: skip
        found.setdefault(difference.infno, []).append(difference)
    return {infno: tuple(rows) for infno, rows in found.items()}


@functools.cache
def editions() -> tuple[str, ...]:
    """The editions that are known, the baseline first."""
    return (BASELINE, *dict.fromkeys(each.edition for rows in differences().values() for each in rows))
