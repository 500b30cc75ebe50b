"""The table of what is matched with what (目录对照表), with how far the names are apart.

It is handed in, above all of diseases and operations, where odd names have to be explained (``memo`` of an item)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import attrs

from ..errors import LiangdingError
from .finding import show
from .kinds import catalogues_of, kind_name
from .matching import Matched, alike
from .shelf import Shelf

ODD = 80.0
"""Names less alike than that (0 to 100) have to be explained."""


@attrs.frozen(kw_only=True)
class MappedRow:
    """One item with its match. ``alike`` is the likeness of the names (0 to 100), None where one of them is not known;
    ``explained`` the institution's words about it."""

    kind: str
    number: str
    name: str
    code: str
    their_name: str
    alike: float | None
    state: str
    person: str
    explained: str

    @property
    def odd(self) -> str:
        """What is wrong with it, empty where nothing is."""
        if not self.code:
            return "没有对照"
        if not self.their_name:
            return "目录里没有这个编码"
        if self.alike is not None and self.alike < ODD and not self.explained:
            return "名称差得多，要说明（memo）"
        return ""


HEAD = (
    "类别", "类别名称", "院内编码", "院内名称", "医保编码", "医保名称", "名称相似度", "名称差距", "情况", "确认人",
    "说明", "待办",
)  # fmt: skip


def mapping(shelf: Shelf, items: Iterable[Matched], kinds: Iterable[str] = ()) -> list[MappedRow]:
    """What is matched with what, of some kinds or of all."""
    wanted = set(kinds)
    return [_mapped(shelf, each) for each in items if not wanted or each.item.list_type in wanted]


def _mapped(shelf: Shelf, each: Matched) -> MappedRow:
    item = each.item
    names: tuple[str, ...] = ()
    for catalogue in catalogues_of(item.list_type) if item.med_list_codg else ():
        held = show(shelf, item.med_list_codg, number=catalogue)
        names = held.names if held is not None else names
    best = max(((alike(item.fixmedins_hilist_name, name), name) for name in names), default=None)
    return MappedRow(
        kind=item.list_type, number=item.fixmedins_hilist_id, name=item.fixmedins_hilist_name, code=item.med_list_codg,
        their_name=best[1] if best else "", alike=round(best[0], 1) if best else None, state=each.state.chinese,
        person=each.person, explained=item.memo,
    )  # fmt: skip


def write_mapping(rows: Iterable[MappedRow], path: Path) -> None:
    """The table as CSV, or as XLSX. LiangdingError for another ending, and where this machine writes no workbook."""
    lines = [_line(row) for row in rows]
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEAD, *lines])
    elif path.suffix.lower() == ".xlsx":
        try:
            import xlsxwriter
        except ImportError:
            raise LiangdingError("没有安装写表格的部件", remedy="pip install 'liangding[sheets]'") from None
        with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
            sheet, bold = (
                book.add_worksheet("对照表"),
                book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1}),
            )
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(HEAD) - 1, 14)
            for column in (3, 5, 10, 11):
                sheet.set_column(column, column, 30)
            for number, line in enumerate((HEAD, *lines)):
                for column, cell in enumerate(line):
                    sheet.write_string(number, column, cell, None if number else bold)
    else:
        raise LiangdingError("写成 .csv 或 .xlsx", path=path.name)


def _line(row: MappedRow) -> tuple[str, ...]:
    near = "" if row.alike is None else f"{row.alike:.1f}"
    far = "" if row.alike is None else f"{100 - row.alike:.1f}"
    return (
        row.kind, kind_name(row.kind), row.number, row.name, row.code, row.their_name, near, far, row.state, row.person,
        row.explained, row.odd,
    )  # fmt: skip
