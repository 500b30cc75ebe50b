"""Rows from a CSV or XLSX file, or from a view of another system's database: every value as text, by its column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from ..errors import ConfigurationError, LiangdingError
from ..files.text import text_of
from .archive import refuse_bomb

EXACT_DIGITS = 15
"""A spreadsheet keeps no more digits of a number."""

Row = dict[str, str]


class BadTable(LiangdingError):
    """A table cannot be read, or a value of it is not what was written."""

    code = "bad_table"
    http_status = 422


def rows_of_file(path: Path, sheet: str = "") -> list[Row]:
    """The rows of a CSV (UTF-8 or GBK) or XLSX file under its first line. BadTable where it is none, a column is there
    twice, or a long number has lost digits."""
    if path.suffix.lower() == ".xlsx":
        return _xlsx(path, sheet)
    try:
        data = path.read_bytes()
    except OSError as failed:
        raise BadTable(f"读不到文件：{failed.strerror}", path=str(path)) from None
    try:
        return _under_first(csv.reader(io.StringIO(text_of(data))), str(path))
    except UnicodeDecodeError:
        raise BadTable("既不是 UTF-8 也不是 GBK", path=str(path)) from None
    except csv.Error as wrong:
        raise BadTable(f"不是合法的 CSV：{wrong}", path=str(path)) from None


def _xlsx(path: Path, sheet: str) -> list[Row]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise ConfigurationError("没有安装读 xlsx 的 openpyxl", remedy="pip install 'liangding[forms]'") from None
    refuse_bomb(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as failed:
        raise BadTable(f"不是能读的 XLSX：{type(failed).__name__}", path=str(path)) from None
    if sheet and sheet not in book.sheetnames:
        raise BadTable(f"没有工作表 {sheet}；有 {'、'.join(book.sheetnames)}", path=str(path))
    try:
        page: Any = book[sheet or book.sheetnames[0]]
        return _under_first(page.iter_rows(values_only=True), str(path))
    except BadTable:
        raise
    except Exception as failed:
        raise BadTable(f"不是能读的 XLSX：{type(failed).__name__}", path=str(path)) from None
    finally:
        book.close()


def _under_first(lines: Iterable[Iterable[Any]], where: str) -> list[Row]:
    found: Iterator[Iterable[Any]] = iter(lines)
    heading = [str(cell or "").strip() for cell in next(found, ())]
    if not any(heading):
        raise BadTable("第一行应为列名", path=where)
    twice = sorted({name for name in heading if name and heading.count(name) > 1})
    if twice:
        raise BadTable(f"列名出现两次：{'、'.join(twice)}", path=where)
    rows = []
    for number, line in enumerate(found, start=2):
        cells = [_as_text(cell, f"{where} 第 {number} 行") for cell in line]
        if any(cells):
            rows.append({name: value for name, value in zip(heading, cells, strict=False) if name})
    return rows


def _as_text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= 10**EXACT_DIGITS:
            raise BadTable("超过 15 位的数字在表格里会丢位（证件号、卡号）", path=where, remedy="把这一列设为文本再填")
        return str(int(value)) if float(value).is_integer() else str(Decimal(repr(value)))
    return str(value).strip()


def rows_of_view(url: str, query: str) -> list[Row]:
    """What a query of another database gives. BadTable, without the address, where it does not answer."""
    try:
        engine = create_engine(url)
    except Exception:
        raise ConfigurationError("数据库地址不对", path="source.url") from None
    try:
        with engine.connect() as connection:
            found = connection.execute(text(query))
            return [{k: _as_text(v, f"第 {i} 行") for k, v in row.items()} for i, row in enumerate(found.mappings(), 1)]
    except SQLAlchemyError as failed:
        raise BadTable(f"视图没有读成：{type(failed).__name__}", path="source.query") from None
    finally:
        engine.dispose()
