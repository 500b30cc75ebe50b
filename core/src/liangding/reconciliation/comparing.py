"""What differs between two sides of a great many settlements.

Each side is lines of bytes, a settlement a line, its number first and TAB-separated. Lines that both sides have are
never taken apart: only what differs is, so that a million settlements of which all but a few agree cost little more
than reading them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from .lines import SettlementLine

FORM = ("setl_id", "mdtrt_id", "medfee_sumamt", "fund_pay_sumamt", "acct_pay", "refunded", "at")
"""The columns of a line; ``at`` to the second, empty where it is not told."""


class DifferenceKind(StrEnum):
    """What kind of difference it is; ``chinese`` is the word for operators."""

    OURS_ONLY = "ours only"
    PLATFORM_ONLY = "platform only"
    AMOUNT = "amount"
    STATUS = "status"
    REFUND_PAIR = "refund pair"
    """A plus and a minus on one side, only one of the two on the other."""
    DATE_BORDER = "date border"
    """Both have it, on different days: it is in the period for one side alone."""
    TWICE = "twice"
    """One side has the same line more often than the other."""

    @property
    def chinese(self) -> str:
        return {
            "ours only": "只有本机构有", "platform only": "只有中心有", "amount": "金额不一致",
            "status": "退费状态不一致", "refund pair": "退费正负不成对", "date border": "跨日", "twice": "重复",
        }[self.value]  # fmt: skip


@attrs.frozen(kw_only=True)
class Difference:
    """A settlement on which the sides do not agree, with what each has of it. ``msgid`` is the message that made it, as
    the platform told it, ``note`` the platform's own words."""

    kind: DifferenceKind
    setl_id: str
    ours: tuple[SettlementLine, ...]
    theirs: tuple[SettlementLine, ...]
    msgid: str = ""
    note: str = ""

    @property
    def amount(self) -> Decimal:
        """By how much the sides differ, in yuan: ours less the platform's."""
        return sum((line.medfee_sumamt for line in self.ours), Decimal(0)) - sum(
            (line.medfee_sumamt for line in self.theirs), Decimal(0)
        )


def written(line: SettlementLine) -> bytes:
    """A line as it is compared."""
    at = "" if line.at is None else f"{line.at:%Y-%m-%d %H:%M:%S}"
    cells = (line.setl_id, line.mdtrt_id, *(f"{value:.2f}" for value in line.sums), line.flag, at)
    return "\t".join(cells).encode()


def read(line: bytes) -> SettlementLine:
    setl_id, mdtrt_id, total, fund, account, refunded, at = line.decode().split("\t")
    return SettlementLine(
        setl_id=setl_id, mdtrt_id=mdtrt_id, medfee_sumamt=Decimal(total), fund_pay_sumamt=Decimal(fund),
        acct_pay=Decimal(account), refunded=refunded == "1", at=datetime.fromisoformat(at) if at else None,
    )  # fmt: skip


def compare(ours: Iterable[bytes], theirs: Iterable[bytes], *, around: Iterable[bytes] = ()) -> Iterator[Difference]:
    """What differs, by settlement, in the order of their numbers.

    ``around`` are our lines of the days before and after the period: what the platform has in the period and we have
    beside it is a matter of the border, and no missing settlement.
    """
    mine, other = list(ours), list(theirs)
    left, only_theirs, repeated = _left(mine, other)
    kept: defaultdict[bytes, tuple[list[SettlementLine], list[SettlementLine]]] = defaultdict(lambda: ([], []))
    for place, lines in enumerate((left, only_theirs)):
        for line in lines:
            kept[number_of(line)][place].append(read(line))
    beside = {number_of(line): read(line) for line in around}
    agreed = _agreed(mine, left, kept) if kept else {}
    for number in sorted(kept):
        found = _difference(number.decode(), *kept[number], agreed.get(number, []), beside.get(number))
        if found is not None:
            yield found
    if repeated:
        yield from _twice(Counter(mine), Counter(other))


def _left(mine: list[bytes], other: list[bytes]) -> tuple[set[bytes], set[bytes], bool]:
    """The lines that one side alone has, and whether a side has one more than once."""
    left = set(mine)
    different = len(left)
    only_theirs = [line for line in other if line not in left]
    left.difference_update(other)
    alone = set(only_theirs)
    once = len(other) - len(only_theirs) == different - len(left) and len(alone) == len(only_theirs)
    return left, alone, not once or different < len(mine)


def _twice(mine: Counter[bytes], other: Counter[bytes]) -> Iterator[Difference]:
    """Lines that both sides have, not equally often."""
    for line in sorted(mine.keys() & other.keys()):
        if mine[line] != other[line]:
            held = read(line)
            ours, theirs = (held,) * mine[line], (held,) * other[line]
            yield Difference(kind=DifferenceKind.TWICE, setl_id=held.setl_id, ours=ours, theirs=theirs)


def number_of(line: bytes) -> bytes:
    return line[: line.index(b"\t")]


def _agreed(
    mine: Iterable[bytes], left: Container[bytes], wanted: Container[bytes]
) -> dict[bytes, list[SettlementLine]]:
    """The lines that both sides have of settlements of which they differ otherwise."""
    found: defaultdict[bytes, list[SettlementLine]] = defaultdict(list)
    for line in mine:
        if line[: line.index(b"\t")] in wanted and line not in left:
            found[number_of(line)].append(read(line))
    return found


def _difference(
    number: str,
    ours: list[SettlementLine],
    theirs: list[SettlementLine],
    agreed: list[SettlementLine],
    beside: SettlementLine | None,
) -> Difference | None:
    kind = _kind(ours, theirs, agreed, beside)
    if kind is None:
        return None
    return Difference(kind=kind, setl_id=number, ours=(*agreed, *ours), theirs=(*agreed, *theirs))


def _kind(
    ours: list[SettlementLine],
    theirs: list[SettlementLine],
    agreed: list[SettlementLine],
    beside: SettlementLine | None,
) -> DifferenceKind | None:
    """What kind of difference it is; None where it is none: the same day told to another second."""
    if not ours or not theirs:
        if agreed or _is_half(ours or theirs):
            return DifferenceKind.REFUND_PAIR
        if not ours:
            return DifferenceKind.PLATFORM_ONLY if beside is None else DifferenceKind.DATE_BORDER
        return DifferenceKind.OURS_ONLY
    if len(ours) != len(theirs):
        return DifferenceKind.REFUND_PAIR
    pairs = list(zip(sorted(ours, key=_in_order), sorted(theirs, key=_in_order), strict=True))
    if any(a.sums != b.sums for a, b in pairs):
        return DifferenceKind.AMOUNT
    if any(a.refunded != b.refunded or a.mdtrt_id != b.mdtrt_id for a, b in pairs):
        return DifferenceKind.STATUS
    return DifferenceKind.DATE_BORDER if any(a.at and b.at and a.at.date() != b.at.date() for a, b in pairs) else None


def _is_half(lines: list[SettlementLine]) -> bool:
    """Whether there is a minus alone: what it takes back is nowhere on that side."""
    return all(line.minus for line in lines)


def _in_order(line: SettlementLine) -> tuple[bool, Decimal]:
    return line.minus, line.medfee_sumamt
