"""Two sides of a great many settlements compared, against duckdb's full join of the same two files in the same run.

``python -m benchmarks.reconciliation 1000000`` is the size of a large hospital's year.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs

from liangding.reconciliation.comparing import FORM, DifferenceKind, compare, written
from liangding.reconciliation.lines import SettlementLine

ROWS, PLANTED, TURNS, AIM = 100_000, 0.001, 3, 3.0

KINDS = (
    DifferenceKind.OURS_ONLY,
    DifferenceKind.PLATFORM_ONLY,
    DifferenceKind.AMOUNT,
    DifferenceKind.STATUS,
    DifferenceKind.REFUND_PAIR,
    DifferenceKind.DATE_BORDER,
)


def run(rows: int = ROWS) -> None:
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        planted = plant(folder, rows, int(rows * PLANTED))
        took: list[float] = []
        base: list[float] = []
        for _ in range(TURNS):
            took.append(_timed(lambda: _ours(folder, planted)))
            base.append(_timed(lambda: _duckdb(folder)))
    best, theirs = min(took), min(base)
    print(f"{rows:,} settlements a side, {sum(planted.values()):,} planted differences: all found, none made up")
    print(f"  ours {best:.2f} s, duckdb's full join {theirs:.2f} s")
    print(f"  ratio {best / theirs:.2f}  (aim at most {AIM:g}: {'within' if best / theirs <= AIM else 'ABOVE'})\n")


def _timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def plant(folder: Path, rows: int, differences: int) -> Counter[DifferenceKind]:
    """Write both sides, with differences of every kind; how many of each."""
    chance, day = random.Random(3), datetime(2026, 11, 1, 8)
    chosen = dict(zip(chance.sample(range(rows), differences), (KINDS * differences)[:differences], strict=True))
    with open(folder / "ours.tsv", "wb") as ours, open(folder / "theirs.tsv", "wb") as theirs:
        order = list(range(rows))
        chance.shuffle(order)
        for number in range(rows):
            _put(ours, _line(number, day), chosen.get(number), ours=True)
        for number in order:
            _put(theirs, _line(number, day), chosen.get(number), ours=False)
    return Counter(chosen.values())


def _line(number: int, day: datetime) -> SettlementLine:
    total = Decimal(number % 90_000 + 1000) / 100
    fund = total / 2 // Decimal("0.01") * Decimal("0.01")
    return SettlementLine(
        setl_id=f"S{number:012d}", mdtrt_id=f"M{number:012d}", medfee_sumamt=total, fund_pay_sumamt=fund,
        acct_pay=total - fund, at=day + timedelta(minutes=number % 600),
    )  # fmt: skip


def _put(side: object, line: SettlementLine, kind: DifferenceKind | None, *, ours: bool) -> None:
    write = side.write  # type: ignore[attr-defined]
    if kind is (DifferenceKind.PLATFORM_ONLY if ours else DifferenceKind.OURS_ONLY):
        return
    if kind is DifferenceKind.REFUND_PAIR:
        line = attrs.evolve(line, refunded=True)
        if ours:
            sums = {name: -getattr(line, name) for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")}
            write(written(attrs.evolve(line, **sums)) + b"\n")
    elif not ours and kind is DifferenceKind.AMOUNT:
        line = attrs.evolve(line, fund_pay_sumamt=line.fund_pay_sumamt + 1)
    elif not ours and kind is DifferenceKind.STATUS:
        line = attrs.evolve(line, refunded=True)
    elif not ours and kind is DifferenceKind.DATE_BORDER:
        assert line.at is not None
        line = attrs.evolve(line, at=line.at + timedelta(days=1))
    write(written(line) + b"\n")


def _ours(folder: Path, planted: Counter[DifferenceKind]) -> None:
    sides = [(folder / name).read_bytes().splitlines() for name in ("ours.tsv", "theirs.tsv")]
    found = Counter(each.kind for each in compare(*sides))
    assert found == planted, (found, planted)


def _duckdb(folder: Path) -> None:
    import duckdb

    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in FORM) + "}"
    read = "read_csv('{}', delim='\t', header=false, quote='', columns={})"
    sides = [read.format(folder / name, columns) for name in ("ours.tsv", "theirs.tsv")]
    differs = " or ".join(f"o.{name} is distinct from t.{name}" for name in FORM[1:])
    with duckdb.connect() as db:
        db.execute(f"select * from {sides[0]} o full join {sides[1]} t using (setl_id) where {differs}").fetchall()


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
