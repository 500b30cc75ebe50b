"""Why was it refused? What platforms, gateways, relays, libraries and this program say, and what to do about it.

Each row of ``refusals.tsv``: words that the sentence has (a regular expression), who says so, the cause, what to check,
what to do, whether what was asked for may have happened all the same, where it is known from, and whether it is so
general that anything more exact goes before it. How a call ended is never decided here (:mod:`.meaning` does): this is
for people.
"""

from __future__ import annotations

import csv
import functools
import re
from importlib import resources
from typing import Any, Literal, cast

import attrs

from .meaning import arrived_before, perhaps_done

Happened = Literal["no", "maybe", "yes"]

SIDES = {"platform": "平台", "gateway": "网关", "relay": "前置机或转发端", "library": "控件或读卡库", "own": "本程序"}
"""Who says it → the word for operators."""

TOLD = {"no": "没有办成", "maybe": "可能已经办成，查明前不要再收费或退费", "yes": "已经办成"}
"""``happened`` → the words for operators."""


@attrs.frozen(kw_only=True)
class Explained:
    """What a sentence or code means. ``words`` are those that it was known by, ``happened`` whether what was asked for
    may have happened all the same; ``general`` is 1 where it goes by the sentence's wording alone, 2 where the sentence
    gives no reason at all."""

    words: re.Pattern[str] = attrs.field(repr=False)
    side: str
    cause: str
    check: str
    remedy: str
    happened: Happened
    source: str
    general: int = 0

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` and the HTTP API show it."""
        return {
            "side": self.side, "cause": self.cause, "check": self.check, "remedy": self.remedy,
            "may_have_happened": self.happened != "no", "source": self.source,
        }  # fmt: skip


@functools.cache
def known() -> tuple[Explained, ...]:
    """Every sentence and code that is known."""
    text = resources.files(__package__).joinpath("refusals.tsv").read_text("utf-8")
    return tuple(
        Explained(
            words=_compiled(row["words"]), side=row["side"], cause=row["cause"], check=row["check"],
            remedy=row["remedy"], happened=cast(Happened, row["happened"]), source=row["source"],
            general=int(row["general"] or 0),
        )
        for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )  # fmt: skip


def _compiled(words: str) -> re.Pattern[str]:
    """A gap between two words (``.{0,8}``) stays within a clause: “结算失败：备案信息不存在” is not about a settlement."""
    return re.compile(words.replace(".{0,", "[^。；：;:]{0,"), re.IGNORECASE)


def explained(sentence: str) -> list[Explained]:
    """What a refusal, an error's sentence or its code may mean: what names the most of it first; where one of several
    leaves it open whether something happened, that goes before what does not. What is said in general ("the call
    failed: …") comes last; where the sentence itself says that nobody knows, whatever leaves it open goes first. Empty
    where nothing is known of it."""
    said = sentence.strip()
    doubted = perhaps_done(said) or arrived_before(said)
    found = [(match, each) for each in known() if (match := each.words.search(said))]

    def order(one: tuple[re.Match[str], Explained]) -> tuple[int, int, int]:
        match, each = one
        nothing = int(each.happened == "no")
        return (nothing, each.general, -len(match[0])) if doubted else (each.general, nothing, -len(match[0]))

    return [each for _, each in sorted(found, key=order)]
