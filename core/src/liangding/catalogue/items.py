"""The institution's own drugs, services, consumables, diseases and operations, read from a table: CSV, XLSX, or a view
of another database, which a ``.toml`` names (:mod:`liangding.config.sources`).

The first line, or the view, names the columns by wire name: ``fixmedins_hilist_id`` and ``fixmedins_hilist_name`` and
``list_type`` have to be there; ``med_list_codg``, ``spec``, ``dosform``, ``aprvno``, ``prcunt``, ``pacspec``, ``memo``
may be.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ..config.sources import rows_from
from ..errors import LiangdingError
from ..files.archive import refuse_bomb
from ..files.text import text_of
from ..structuring import nearest
from .kinds import is_kind, named_kinds

REQUIRED = ("fixmedins_hilist_id", "fixmedins_hilist_name", "list_type")


class BrokenTable(LiangdingError):
    """A table that cannot be read as it must be: nothing of it is taken in."""

    code = "broken_table"
    http_status = 422


@attrs.frozen(kw_only=True)
class Item:
    """One of the institution's own items. ``med_list_codg`` is the catalogue's code, where the institution knows it;
    ``list_type`` of a disease or an operation is its catalogue's number (1307, 1308 …)."""

    fixmedins_hilist_id: str
    fixmedins_hilist_name: str
    list_type: str
    med_list_codg: str = ""
    spec: str = ""
    dosform: str = ""
    aprvno: str = ""
    prcunt: str = ""
    pacspec: str = ""
    memo: str = ""


COLUMNS = tuple(attrs.fields_dict(Item))


def read_items(path: Path) -> list[Item]:
    """The items of a table. BrokenTable names the first line that is not right, or the extra that is missing."""
    readers = {".xlsx": _of_workbook, ".xls": _of_workbook, ".toml": _of_view}
    rows = readers.get(path.suffix.lower(), _of_csv)(path)
    head = [str(cell).strip() for cell in next(rows, [])]
    unknown = [name for name in head if name and name not in COLUMNS]
    if unknown:
        text = f"不认识的列 {unknown[0]}{nearest(unknown[0], COLUMNS)}"
        raise BrokenTable(text, remedy=f"可用的列：{'、'.join(COLUMNS)}")
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        raise BrokenTable(f"缺少列 {'、'.join(missing)}")
    found: dict[tuple[str, str], Item] = {}
    for number, row in enumerate(rows, 2):
        values = {name: _text(cell) for name, cell in zip(head, row, strict=False) if name}
        if not any(values.values()):
            continue
        empty = [name for name in REQUIRED if not values.get(name)]
        if empty:
            raise BrokenTable(f"第 {number} 行的 {empty[0]} 是空的")
        if not is_kind(values["list_type"]):
            raise BrokenTable(f"第 {number} 行的 list_type 不是目录类别：{values['list_type']}", remedy=named_kinds())
        item = Item(**values)
        if found.setdefault((item.list_type, item.fixmedins_hilist_id), item) is not item:
            raise BrokenTable(f"第 {number} 行的编号 {item.fixmedins_hilist_id} 出现两次")
    return list(found.values())


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell or "").strip()


def _of_view(path: Path) -> Iterator[list[Any]]:
    rows = rows_from(path)
    head = list(rows[0]) if rows else []
    yield head
    yield from ([row[name] for name in head] for row in rows)


def _of_csv(path: Path) -> Iterator[list[Any]]:
    try:
        yield from csv.reader(text_of(path.read_bytes()).splitlines())
    except OSError as failed:
        raise BrokenTable(f"读不到文件：{failed.strerror}", path=str(path)) from None
    except UnicodeDecodeError:
        remedy = "另存为 UTF-8 编码的 CSV，或用 XLSX"
        raise BrokenTable("文件既不是 UTF-8 也不是 GBK", path=str(path), remedy=remedy) from None


def _of_workbook(path: Path) -> Iterator[list[Any]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise BrokenTable("没有安装读表格的部件", remedy="pip install 'liangding[sheets]'") from None
    refuse_bomb(path)
    try:
        yield from CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError) as failed:
        raise BrokenTable(f"读不了工作簿：{failed}", path=str(path)) from None
