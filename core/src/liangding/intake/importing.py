"""Tables mapped to a flow: rows of one bill together, each bill under its own key, with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from ..config.deployment import structured
from ..config.sharing import read_toml
from ..config.sources import Source, rows_of
from ..errors import ConfigurationError, InvalidMessage, LiangdingError
from ..files.tables import Row
from ..flows import Flows, Status, View
from ..structuring import nearest
from ..workflow.storing import restore


@attrs.frozen(kw_only=True)
class TableMapping:
    """How a table becomes business. ``flow`` is the flow's name, ``key`` the column with the bill's own number: rows
    with the same one are one bill. ``given`` says of each field of what the flow is given (``credential.number``) from
    which column it comes, ``constants`` what is the same for all; ``rows`` the same of each row, in the field ``into``.
    ``answers`` are the answers to the flow's questions."""

    flow: str
    key: str
    given: dict[str, str] = attrs.field(factory=dict)
    constants: dict[str, str] = attrs.field(factory=dict)
    rows: dict[str, str] = attrs.field(factory=dict)
    row_constants: dict[str, str] = attrs.field(factory=dict)
    into: str = "rows"
    answers: dict[str, str] = attrs.field(factory=dict)
    source: Source = attrs.field(factory=Source)


@attrs.frozen(kw_only=True)
class BillResult:
    """What became of one bill: ``ends`` is the flow's status, ``wrong`` where it was not right, ``ready`` if dry."""

    key: str
    lines: int
    ends: str
    flow: str = ""
    setl_id: str = ""
    total: str = ""
    fund: str = ""
    account: str = ""
    cash: str = ""
    message: str = ""
    remedy: str = ""


COLUMNS = {
    "key": "业务号", "lines": "行数", "ends": "结果", "setl_id": "结算编号", "total": "医疗费总额", "fund": "基金支付",
    "account": "个人账户", "cash": "现金", "message": "说明", "remedy": "办法", "flow": "流程编号",
}  # fmt: skip

CHINESE = {
    "ready": "可以办", "wrong": "数据不对", "done": "已办成", "question": "等人回答", "stopped": "停下",
    "unknown": "结果不明", "running": "正在办", "undone": "已撤销", "abandoned": "已放弃",
}  # fmt: skip


def read_mapping(path: Path) -> TableMapping:
    """A mapping's file. ConfigurationError names every mistake."""
    return structured(read_toml(path), TableMapping, path)


def rows_for(mapping: TableMapping, folder: Path, file: Path | None = None) -> list[Row]:
    """The rows that a mapping names, or those of ``file``."""
    return rows_of(mapping.source, folder, file)


def bills(mapping: TableMapping, rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each bill, in the order in which they first come. ConfigurationError for a column that is missing."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        for column in (mapping.key, *mapping.given.values(), *mapping.rows.values()):
            if column not in row:
                raise ConfigurationError(f"表里没有列 {column}{nearest(column, row)}", path="given")
        grouped.setdefault(row[mapping.key], []).append(row)
    yield from grouped.items()


def given_of(mapping: TableMapping, lines: list[Row]) -> dict[str, Any]:
    """What a flow is given for a bill. ValueError where its rows contradict each other in what holds for the bill."""
    made: dict[str, Any] = {}
    for field, value in mapping.constants.items():
        _put(made, field, value)
    for field, column in mapping.given.items():
        values = {line[column] for line in lines}
        if len(values) > 1:
            raise ValueError(f"同一业务号的各行，{column} 不一样")
        _put(made, field, lines[0][column])
    if mapping.rows or mapping.row_constants:
        made[mapping.into] = [_row(mapping, line) for line in lines]
    return made


def _row(mapping: TableMapping, line: Row) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field, value in mapping.row_constants.items():
        _put(made, field, value)
    for field, column in mapping.rows.items():
        _put(made, field, line[column])
    return made


def _put(made: dict[str, Any], field: str, value: str) -> None:
    """Put a value under its path; an empty one is left out. ``true`` and ``false`` are what they say."""
    if value == "":
        return
    *above, last = field.split(".")
    for name in above:
        made = made.setdefault(name, {})
    made[last] = {"true": True, "false": False}.get(value, value)


class Importer:
    """Does the bills of a table by the deployment's own flow, each under its own number: once more, nothing is done
    twice."""

    def __init__(self, flows: Flows, mapping: TableMapping) -> None:
        self._flows, self._mapping = flows, mapping
        self._flow = flows.flow(mapping.flow)

    def check(self, key: str, lines: list[Row]) -> BillResult:
        """Whether a bill is as the flow wants it; nothing is sent."""
        wrong = self._wrong(key, lines)
        return wrong or BillResult(key=key, lines=len(lines), ends="ready")

    def do(self, key: str, lines: list[Row]) -> BillResult:
        """Do a bill, as far as the mapping answers what the flow asks."""
        wrong = self._wrong(key, lines)
        if wrong is not None:
            return wrong
        try:
            view = self._flows.start(self._mapping.flow, given_of(self._mapping, lines), key=key)
            while view.status is Status.QUESTION and view.question and view.question.id in self._mapping.answers:
                view = self._flows.answer(view.id, self._mapping.answers[view.question.id])
        except LiangdingError as failed:
            return BillResult(
                key=key, lines=len(lines), ends="stopped", message=failed.message, remedy=failed.remedy or ""
            )
        return _result(key, lines, view)

    def _wrong(self, key: str, lines: list[Row]) -> BillResult | None:
        try:
            if not key:
                raise ValueError(f"{self._mapping.key} 是空的")
            restore(given_of(self._mapping, lines), self._flow.given, ("given",))
        except InvalidMessage as wrong:
            told = "；".join(str(problem) for problem in wrong.problems)
        except ValueError as wrong:
            told = str(wrong)
        else:
            return None
        return BillResult(key=key, lines=len(lines), ends="wrong", message=told, remedy="改好表格再导入")


def _result(key: str, lines: list[Row], view: View) -> BillResult:
    settled = view.result.get("settlement")
    split: Mapping[str, str] = (
        {name: f"{getattr(settled.split, name):.2f}" for name in ("total", "fund", "account", "cash")}
        if settled
        else {}
    )
    told = view.error or {}
    message = f"要由人回答：{view.question.text}" if view.question is not None else str(told.get("message", ""))
    return BillResult(
        key=key, lines=len(lines), ends=view.status.value, flow=view.id, setl_id=settled.setl_id if settled else "",
        message=message, remedy=str(told.get("remedy") or ""), **split,
    )  # fmt: skip
