"""What there is to describe: chapters, code tables, flows, and how they point at each other."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import attrs

from liangding import national
from liangding.flows import Flow, Step
from liangding.flows.all import FLOWS
from liangding.national.index import CHAPTERS
from liangding.spec import Effect, Transaction
from liangding.spec.codes import CodeTable, code_table, code_table_names, same_as

from .messages import NodeTable, node_tables

AREAS = {
    "基础信息": "Basic information",
    "医保服务": "Insurance services",
    "医药机构管理": "Institution management",
    "信息采集上传": "Uploads",
    "信息查询": "Queries",
    "线上支付": "Online payment",
    "医保电子处方": "Electronic prescriptions",
    "电子票据": "Electronic vouchers",
    "其他": "Other",
}
"""The specification's first level in the order of the navigation, with its English; one that is not here comes last,
by its Chinese name."""

HEADING = re.compile(r"(?P<english>.+?) \((?P<chinese>[^()]+)\)")


@attrs.frozen(kw_only=True)
class Chapter:
    """One module of declarations: its transactions in their order, and what its docstring says of them."""

    name: str
    english: str
    chinese: str
    about: str
    transactions: tuple[Transaction, ...]
    home: str = ""
    """The region whose chapter it is (``dongguan``); empty for the baseline."""

    @property
    def area(self) -> str:
        """The first level of the specification's chapters (医保服务, 信息查询 …)."""
        return self.transactions[0].group.partition("/")[0]

    @property
    def path(self) -> str:
        """Its page in the site's sources; deep links are made of it, so it follows nothing but the module's name."""
        return f"reference/{self.home}/{self.name}.md" if self.home else f"reference/{self.name}.md"


def chapter_of(module: ModuleType, transactions: tuple[Transaction, ...], home: str = "") -> Chapter:
    """The chapter that a module declares; its names are those that its docstring begins with, ``English (中文) …``."""
    first, _, rest = (module.__doc__ or "").partition("\n")
    name = module.__name__.rpartition(".")[2]
    found = HEADING.match(first)
    return Chapter(
        name=name,
        english=found["english"] if found else name.replace("_", " ").capitalize(),
        chinese=found["chinese"] if found else transactions[0].group.rpartition("/")[2],
        about=rest.strip(),
        transactions=transactions,
        home=home,
    )


@attrs.frozen(eq=False)
class Scope:
    """What the reader of a page has before him: the baseline, or the baseline with a region's chapters over it."""

    chapters: tuple[Chapter, ...]
    """Later ones stand before earlier ones that declare the same number."""

    @functools.cached_property
    def transactions(self) -> dict[str, Transaction]:
        return {t.infno: t for chapter in self.chapters for t in chapter.transactions}

    @functools.cached_property
    def pages(self) -> dict[str, str]:
        """infno → the page of its chapter."""
        return {t.infno: chapter.path for chapter in self.chapters for t in chapter.transactions}

    @functools.cached_property
    def undoes(self) -> dict[str, tuple[Transaction, ...]]:
        """infno → the transactions that it takes back."""
        found: dict[str, list[Transaction]] = {}
        for t in self.transactions.values():
            if t.undone_by:
                found.setdefault(t.undone_by, []).append(t)
        return {infno: tuple(listed) for infno, listed in found.items()}

    def never_undone(self) -> Iterator[Transaction]:
        """Changing transactions that nothing is declared to take back, and that take back nothing themselves."""
        return (
            t
            for t in self.transactions.values()
            if t.effect is Effect.CHANGES and not t.undone_by and not t.reversible and t.infno not in self.undoes
        )


@functools.cache
def baseline() -> Scope:
    """The national baseline, its chapters in the order of its index."""
    return Scope(
        tuple(
            chapter_of(
                importlib.import_module(f"{national.__name__}.{name}"), tuple(national.transaction(n) for n in numbers)
            )
            for name, numbers in CHAPTERS.items()
        )
    )


# -- flows -------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Position:
    """Where a transaction stands in a flow: the step, its place in the row, and whether it takes that step back."""

    flow: type[Flow[Any]]
    step: Step
    number: int
    takes_back: bool = False


def flows() -> tuple[type[Flow[Any]], ...]:
    return FLOWS


@functools.cache
def positions() -> dict[str, tuple[Position, ...]]:
    """infno → the steps that use it, those that call it before those that it takes back."""
    found: dict[str, list[Position]] = {}
    for takes_back in (False, True):
        for flow in flows():
            for number, step in enumerate(flow.steps, 1):
                used = ((step.undone_by,) if step.undone_by else ()) if takes_back else step.calls
                for infno in used:
                    position = Position(flow=flow, step=step, number=number, takes_back=takes_back)
                    found.setdefault(infno, []).append(position)
    return {infno: tuple(listed) for infno, listed in found.items()}


# -- messages and code tables ------------------------------------------------------------------------------------


@functools.cache
def message(transaction: Transaction, side: str) -> tuple[NodeTable, ...]:
    """The tables of one side (``input``, ``output``) of a transaction."""
    return node_tables(transaction.input if side == "input" else transaction.output, f"{transaction.infno}.{side}")


SIDES = ("input", "output")


@functools.cache
def code_tables() -> dict[str, CodeTable]:
    """The published tables by name."""
    return {name: code_table(name) for name in code_table_names()}


@attrs.frozen(kw_only=True)
class Use:
    """One field of a transaction that takes its values from a code table."""

    transaction: Transaction
    anchor: str
    field: str


@functools.cache
def uses() -> dict[str, tuple[Use, ...]]:
    """Code table → the fields of the baseline that name it, under its own name or another."""
    found: dict[str, list[Use]] = {}
    for transaction in baseline().transactions.values():
        for side in SIDES:
            for table in message(transaction, side):
                for row in table.rows:
                    if row.code_table:
                        name = same_as().get(row.code_table, row.code_table)
                        use = Use(transaction=transaction, anchor=row.anchor, field=row.name)
                        found.setdefault(name, []).append(use)
    return {name: tuple(listed) for name, listed in found.items()}
