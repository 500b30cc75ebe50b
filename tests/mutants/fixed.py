"""The fixed sample: for each rule of money safety the mutants that break it, each with the test that kills it.

``python -m mutants.fixed`` (in ``tests/``) tries them all and tells who lives; with ``--write`` it writes the table in
``docs/money-safety.md`` anew. They stand in ``fixed.tsv``: rule, module, line's text, change, test.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import attrs

from .drawing import ROOT, Drawn, named

FIXED = Path(__file__).with_name("fixed.tsv")
PAGE = ROOT / "docs" / "money-safety.md"
BEGINS, ENDS = "<!-- mutants: begin -->", "<!-- mutants: end -->"


@attrs.frozen
class Broken:
    """A mutant that breaks a rule: ``name`` is the mutation's, ``test`` the one that kills it."""

    rule: int
    name: str
    test: str

    @property
    def drawn(self) -> Drawn | None:
        """The mutation; None where its line is not in the code any more."""
        return named(self.name)


def sample() -> list[Broken]:
    """The fixed sample, in the order of the rules."""
    rows = [line.split("\t") for line in FIXED.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [Broken(int(row[0]), "\t".join(row[1:4]), row[4]) for row in rows]


def table() -> list[str]:
    """What stands in the docs."""
    told = ["| rule | module | line | change | killed by |", "|---|---|---|---|---|"]
    for each in sample():
        module, line, change = each.name.split("\t")
        file, _, test = each.test.partition("::")
        shown = line.replace("|", "\\|")
        told.append(f"| {each.rule} | `{module}` | `{shown}` | {change} | `{Path(file).stem}`: `{test}` |")
    return told


def in_the_docs() -> list[str]:
    """What stands there now."""
    page = PAGE.read_text("utf-8")
    return page.partition(BEGINS)[2].partition(ENDS)[0].strip().splitlines()


def write() -> None:
    """Write the table in the docs anew."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    PAGE.write_text("\n".join([before + BEGINS, *table(), ENDS + after]), "utf-8")


def lives() -> list[str]:
    """Those of the sample that their test does not kill."""
    from .warm import Warm

    os.chdir(ROOT)
    found, broken = [], sample()
    warm = Warm(sorted({each.test.partition("::")[0] for each in broken}))
    for each in broken:
        fate = each.drawn and warm.fate_of(each.drawn, [each.test])
        if not fate or fate.what != "killed":
            found.append(f"{each.name} by {each.test}")
    return found


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    else:
        print("\n".join(alive := lives()))
        sys.exit(bool(alive))
