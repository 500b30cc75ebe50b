"""The matrix of single faults: each trouble once, at the settlement, for a raw call and for a flow; the till believes
what it is told (a refusal ends the matter), or insists until it is settled. What it hears, and what stands at the end.

``python -m world.matrix`` (in ``tests/``) runs it and writes the table in ``docs/money-safety.md`` anew.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import attrs

from .house import House, house
from .oracle import judge, standing
from .till import NOTHING, SETTLED, Bill, Till
from .troubles import TROUBLES

AT_ONCE = 8
"""Bills under way at the same time, each at a server's thread of its own."""

SETTLING = ("2102", "2102A")

PAGE = Path(__file__).parents[2] / "docs" / "money-safety.md"
BEGINS, ENDS = "<!-- matrix: begins -->", "<!-- matrix: ends -->"


@attrs.define(kw_only=True)
class Cell:
    """One trouble at one bill. ``insists``: the till asks until it is settled."""

    trouble: str
    bill: Bill
    insists: bool
    wrong: list[str] = attrs.field(factory=list)
    stands: int = 0

    @property
    def first(self) -> str:
        return self.bill.heard[0].code

    @property
    def asked(self) -> bool:
        """Whether the till has to ask (again)."""
        return self.bill.last not in ((SETTLED,) if self.insists else (SETTLED, NOTHING))


def run(at: House, names: tuple[str, ...] = tuple(TROUBLES)) -> list[Cell]:
    """Every cell, played and judged."""
    server = at.serve()
    till = Till(server.port)
    cells = list(_cells(at, names))
    for cell in cells:
        at.line.strike(TROUBLES[cell.trouble], *SETTLING, who=cell.bill.psn_no)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(lambda cell: till.ask(cell.bill), cells))
    at.line.calm()
    at.clock.pass_by(20)
    at.line.deliver()
    for seconds in (5, 130, 20, 130):
        at.rest(seconds)
        with ThreadPoolExecutor(AT_ONCE) as hands:
            list(hands.map(lambda cell: till.ask(cell.bill), [cell for cell in cells if cell.asked]))
    at.rest(90, 400, 2000)
    till.close()
    ledger = at.ledger()
    for cell in cells:
        cell.wrong, cell.stands = judge([cell.bill], ledger), len(standing(cell.bill, ledger))
    return cells


def _cells(at: House, names: tuple[str, ...]) -> Iterator[Cell]:
    people = iter(at.people(4 * len(names)))
    for n, name in enumerate(names):
        for by_flow in (False, True):
            for insists in (False, True):
                key = f"M{n}{'f' if by_flow else 'c'}{'i' if insists else 'b'}"
                bill = Bill(key=key, person=next(people), total=Decimal("100.00"), by_flow=by_flow)
                yield Cell(trouble=name, bill=bill, insists=insists)


def table(cells: list[Cell]) -> list[str]:
    """The lines of the table in the docs."""
    lines = [
        "| what goes wrong | a call hears | then stands | a flow hears | then stands |",
        "|---|---|---|---|---|",
    ]
    by_name: dict[str, list[Cell]] = {}
    for cell in cells:
        by_name.setdefault(cell.trouble, []).append(cell)
    for name, four in by_name.items():
        called, flowed = ([cell for cell in four if cell.bill.by_flow is by_flow] for by_flow in (False, True))
        lines.append(f"| {name} | {_first(called)} | {_stand(called)} | {_first(flowed)} | {_stand(flowed)} |")
    return lines


def differs(written: str, seen: str) -> bool:
    """Whether a line of the docs says other things than were seen. A busy machine may look later than a till waits:
    then it hears first that the outcome is not known."""
    return any(
        said != found and set(found.split(", ")) - {said, "`outcome_unknown`"}
        for said, found in zip(written.split(" | "), seen.split(" | "), strict=True)
    )


def _first(cells: list[Cell]) -> str:
    return ", ".join(sorted({"the answer" if cell.first == "ok" else f"`{cell.first}`" for cell in cells}))


def _stand(cells: list[Cell]) -> str:
    believes, insists = (next(cell for cell in cells if cell.insists is wanted) for wanted in (False, True))
    return (
        str(insists.stands) if believes.stands == insists.stands else f"{believes.stands}, asked again {insists.stands}"
    )


def written(lines: list[str], page: Path = PAGE) -> None:
    """Put the table in its place."""
    text = page.read_text("utf-8")
    before, after = text.partition(BEGINS)[0], text.partition(ENDS)[2]
    page.write_text(f"{before}{BEGINS}\n" + "\n".join(lines) + f"\n{ENDS}{after}", "utf-8")


def in_the_docs(page: Path = PAGE) -> list[str]:
    """The table as it stands in the docs."""
    return page.read_text("utf-8").partition(BEGINS)[2].partition(ENDS)[0].strip().splitlines()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as at:
        cells = run(at, tuple(sys.argv[1:]) or tuple(TROUBLES))
    for wrong in (wrong for cell in cells for wrong in (f"{cell.trouble}: {each}" for each in cell.wrong)):
        print(wrong)
    if len(sys.argv) == 1:
        written(table(cells))
    else:
        print("\n".join(table(cells)))
    return any(cell.wrong for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
