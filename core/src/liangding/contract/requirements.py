"""What a region's documents demand of an institution, row by row, as data of the region's plugin.

A plugin keeps its rows in ``requirements.tsv`` inside its package and gives them by ``liangding_requirements``:

    @hookimpl
    def liangding_requirements(deployment):
        return read_requirements(__name__)

A row that says ``works`` names the test that shows it; the kit refuses one that does not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ..config import Deployment, Kind
from ..errors import ConfigurationError
from ..structuring import nearest

T = TypeVar("T", "Standing", "Demand")


class Standing(Enum):
    """How a requirement stands; ``chinese`` is the word for operators."""

    WORKS = "works", "已有"
    OPEN = "open", "未完成"
    PERSON = "person", "须由人办理"
    NOT_PUBLIC = "not public", "没有公开"

    def __init__(self, word: str, chinese: str) -> None:
        self.word = word
        self.chinese = chinese


class Demand(Enum):
    """What kind of thing is demanded; ``chinese`` is the word for operators."""

    TRANSACTION = "transaction", "交易"
    FIXED_VALUE = "fixed value", "固定值"
    MEDIUM = "medium", "凭证与设备"
    ORDER = "order", "流程"
    EVIDENCE = "evidence", "验收证据"
    FORM_ROW = "form row", "表格项"
    DEADLINE = "deadline", "期限"
    CONDITION = "condition", "条件"

    def __init__(self, word: str, chinese: str) -> None:
        self.word = word
        self.chinese = chinese


@attrs.frozen(kw_only=True)
class Requirement:
    """One thing that a document demands, in our own words.

    ``section`` is where the document says it. ``kinds`` are the institutions that it concerns, empty for all;
    ``infnos`` the transactions that it is about; ``shown_by`` the tests or scenarios that show it; ``note`` what is
    wanting or has to be known; ``slip`` what the document prints wrongly, and what is meant; ``until`` the last day on
    which it may be done, where the document names one. ``document`` is the document's title, and its day where it has
    one.
    """

    id: str
    section: str
    demand: Demand
    text: str
    standing: Standing
    kinds: tuple[Kind, ...] = ()
    infnos: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    note: str = ""
    slip: str = ""
    until: date | None = None
    document: str = ""

    def is_past(self, today: date) -> bool:
        """Whether its day has gone by."""
        return self.until is not None and self.until < today

    def concerns(self, deployment: Deployment) -> bool:
        """Whether it is demanded of that institution."""
        return not self.kinds or deployment.institution.kind in self.kinds

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "section": self.section, "kind": self.demand.word, "text": self.text,
            "state": self.standing.word, "applies": [kind.value for kind in self.kinds], "infnos": list(self.infnos),
            "shown_by": list(self.shown_by), "note": self.note, "slip": self.slip,
            "until": self.until and self.until.isoformat(), "document": self.document,
        }  # fmt: skip


def unproved(requirements: Iterable[Requirement], tests: Path) -> list[str]:
    """The ids of what is said to work and is not shown: its test, ``test_file.py::test_name``, is not in ``tests``."""
    return [each.id for each in requirements for test in each.shown_by if not _stands(test, tests)]


def _stands(test: str, tests: Path) -> bool:
    file, _, name = test.partition("::")
    path = tests / file
    return path.is_file() and f"def {name}(" in path.read_text("utf-8")


COLUMNS = ("id", "section", "kind", "applies", "infnos", "text", "state", "shown by", "note", "slip")
UNTIL = "until"
"""A further column that may be there: ``yyyy-MM-dd``."""


def read_requirements(package: str, name: str = "requirements.tsv", *, document: str = "") -> tuple[Requirement, ...]:
    """The rows of a document (its title and day) that a plugin's package keeps, TAB-separated under :data:`COLUMNS`;
    the words of a row's ``applies``, ``infnos`` and ``shown by`` are separated by spaces. ConfigurationError, with file
    and line, where a row is not as it must be: a word that is none, an id that is there twice, no text, "works" without
    a test."""
    lines = resources.files(package).joinpath(name).read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
    if tuple(rows.fieldnames or ()) not in (COLUMNS, (*COLUMNS, UNTIL)):
        raise ConfigurationError(f"第一行应为 {'、'.join(COLUMNS)}", path=f"{package}/{name}: 1")
    found: dict[str, Requirement] = {}
    for line, row in enumerate(rows, start=2):
        where = f"{package}/{name}: {line}"
        each = attrs.evolve(_requirement(row, where), document=document)
        if each.id in found:
            raise ConfigurationError(f"编号 {each.id} 出现两次", path=where)
        found[each.id] = each
    return tuple(found.values())


def _requirement(row: dict[str, str], where: str) -> Requirement:
    standing = _word(row["state"], tuple(Standing), where)
    shown_by = tuple(row["shown by"].split())
    if not row["id"] or not row["text"]:
        raise ConfigurationError("编号与内容都不能为空", path=where)
    if (standing is Standing.WORKS) != bool(shown_by):
        raise ConfigurationError(f"{row['id']}：已有的须写明由哪个测试证明，其余的不写", path=where)
    return Requirement(
        id=row["id"],
        section=row["section"],
        demand=_word(row["kind"], tuple(Demand), where),
        text=row["text"],
        standing=standing,
        kinds=tuple(Kind(_among(word, [kind.value for kind in Kind], where)) for word in row["applies"].split()),
        infnos=tuple(row["infnos"].split()),
        shown_by=shown_by,
        note=row["note"],
        slip=row["slip"],
        until=_day(row.get(UNTIL, ""), where),
    )


def _day(told: str, where: str) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise ConfigurationError(f"{told} 不是 yyyy-MM-dd 的日期", path=where) from None


def _word(word: str, known: Sequence[T], where: str) -> T:
    return next(each for each in known if each.word == _among(word, [k.word for k in known], where))


def _among(word: str, known: Sequence[str], where: str) -> str:
    if word not in known:
        raise ConfigurationError(f"没有 {word}{nearest(word, known)}；可用的有 {'、'.join(known)}", path=where)
    return word
