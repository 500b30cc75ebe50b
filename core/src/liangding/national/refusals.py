"""Why was it refused? What platforms, gateways, relays, libraries and this program say, and what to do about it.

Each row of ``refusals.tsv``: words that the sentence has (a regular expression), who says so, the cause, what to check,
what to do, whether what was asked for may have happened all the same, where it is known from, and whether it is so
general that anything more exact goes before it. How a call ended is never decided here (:mod:`.meaning` does): this is
for people. What is known from one region alone stands in a table of the same form in its plugin
(``Region.refusals.known_in``).
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable
from importlib import resources
from typing import Any, Literal, cast

import attrs

from .meaning import arrived_before, perhaps_done, says_nothing

Happened = Literal["no", "maybe", "yes"]

SIDES = {"platform": "平台", "gateway": "网关", "relay": "前置机或转发端", "library": "控件或读卡库", "own": "本程序"}
"""Who says it → the word for operators."""

TOLD = {"no": "没有办成", "maybe": "可能已经办成，查明前不要再收费或退费", "yes": "已经办成"}
"""``happened`` → the words for operators."""


@attrs.frozen(kw_only=True)
class Explained:
    """What a sentence or code means. ``words`` are those that it was known by, ``happened`` whether what was asked for
    may have happened all the same; ``general`` is 1 where it goes by the sentence's wording alone, 2 where the sentence
    gives no reason at all. ``region`` is the one that it is known from, where that is a single one."""

    words: re.Pattern[str] = attrs.field(repr=False)
    side: str
    cause: str
    check: str
    remedy: str
    happened: Happened
    source: str
    general: int = 0
    region: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` and the HTTP API show it."""
        return {
            "side": self.side, "cause": self.cause, "check": self.check, "remedy": self.remedy,
            "may_have_happened": self.happened != "no", "source": self.source, "region": self.region,
        }  # fmt: skip


@functools.cache
def known(package: str = "liangding.national", region: str = "") -> tuple[Explained, ...]:
    """Every sentence and code that is known everywhere, or that a plugin's package knows from its ``region``."""
    text = resources.files(package).joinpath("refusals.tsv").read_text("utf-8")
    return tuple(
        Explained(
            words=_compiled(row["words"]), side=row["side"], cause=row["cause"], check=row["check"],
            remedy=row["remedy"], happened=cast(Happened, row["happened"]), source=row["source"],
            general=int(row["general"] or 0), region=region,
        )
        for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )  # fmt: skip


def _compiled(words: str) -> re.Pattern[str]:
    """A gap between two words (``.{0,8}``) stays within a clause: “结算失败：备案信息不存在” is not about a settlement."""
    return re.compile(words.replace(".{0,", "[^。；：;:]{0,"), re.IGNORECASE)


CAUSES = ("cause", "check", "remedy", "may_have_happened")


def causes(sentence: str, further: Iterable[Explained] = ()) -> dict[str, Any]:
    """What is told beside a refusal: cause, what to check and to do, whether it may have happened, and the region that
    this is known from alone; empty where nothing is known of it."""
    found = explained(sentence, further)
    if not found:
        return {}
    first = found[0].as_json()
    return {name: first[name] for name in CAUSES} | ({"known_from": first["region"]} if first["region"] else {})


def explained(sentence: str, further: Iterable[Explained] = ()) -> list[Explained]:
    """What a refusal, an error's sentence or its code may mean, by what is known everywhere and ``further`` (a region's
    own): what names the most of it first; where one of several leaves it open whether something happened, that goes
    before what does not. What is said in general ("the call
    failed: …") comes last; where the sentence itself says that nobody knows, whatever leaves it open goes first,
    and nothing says that it did not happen. Empty where nothing is known of it."""
    said = sentence.strip()
    doubted = perhaps_done(said) or arrived_before(said)
    found = [(match, each) for each in (*further, *known()) if (match := each.words.search(said))]

    def order(one: tuple[re.Match[str], Explained]) -> tuple[int, int, int]:
        match, each = one
        nothing = int(each.happened == "no")
        return (nothing, each.general, -len(match[0])) if doubted else (each.general, nothing, -len(match[0]))

    ordered = [each for _, each in sorted(found, key=order)]
    if ordered and ordered[0].happened == "no" and (doubted or (ordered[0].general and says_nothing(said))):
        return [attrs.evolve(each, happened="maybe") if each.happened == "no" else each for each in ordered]
    return ordered
