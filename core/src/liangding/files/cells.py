"""One value of a file: how a column's text is taken, and how a value is written into it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from ..spec.leaves import LENIENT, Manner, Reader, leaf_reader
from ..spec.nodes import Member
from ..spec.problems import Path, Problem, problem
from .columns import Column

NULL = "null"
"""What stands for a value that is not there."""

SEPARATOR = "\t"

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_JAVA = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) (CST|CDT|GMT\+08:00) (\d{4})\Z")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def cell_reader(column: Column) -> Reader | None:
    """What takes the text of ``column`` as its type; None for a text, which is taken as it stands.

    A value that cannot be taken is noted as a warning and read as None: what a platform sends is not refused.
    """
    kind = column.field.type
    if kind in ("string", "text"):
        return None
    read = leaf_reader(_member(column, required=False), LENIENT)

    def take(cell: object, problems: list[Problem], path: Path) -> Any:
        if kind in ("date", "datetime") and isinstance(cell, str):
            cell = java_moment(cell) or cell
        found: list[Problem] = []
        value = read(cell, found, path)
        problems += [attrs.evolve(each, level="warning") for each in found]
        return value

    return take


def java_moment(cell: str) -> datetime | None:
    """The time in Java's default form, ``Mon Dec 28 14:04:04 CST 2020``; CST is China's. None for any other form."""
    found = _JAVA.match(cell)
    if found is None:
        return None
    month = _MONTHS.find(found[1]) // 3 + 1
    try:
        return datetime.fromisoformat(f"{found[5]}-{month:02d}-{found[2]} {found[3]}")
    except ValueError:
        return None


CellWriter = Callable[[Any, list[Problem], Path], str]


def cell_writer(column: Column, manner: Manner) -> CellWriter:
    """What writes a value into ``column``, held strictly to the column's facts; None and "" become ``null``."""
    check = leaf_reader(_member(column, required=column.required), manner)
    scale = column.field.scale

    def write(value: Any, problems: list[Problem], path: Path) -> str:
        value = check(value, problems, path)
        if value is None:
            return NULL
        if isinstance(value, Decimal):
            return f"{value:f}" if scale is None else f"{value:.{scale}f}"
        if isinstance(value, datetime):
            return value.isoformat(" ", "seconds")
        cell = str(value)
        wrong = _unwritable(cell)
        if wrong:
            problems.append(problem((*path, column.key), "character", wrong, label=column.label, value=cell))
        return cell

    return write


def _unwritable(cell: str) -> str:
    """Why a text cannot stand in a file: there is no way to escape what separates columns and rows."""
    if _CONTROL.search(cell):
        return "不得含 TAB、换行或其他控制字符"
    return "文本 null 会被读作空值" if cell == NULL else ""


def _member(column: Column, *, required: bool) -> Member:
    return Member(
        attribute=column.key, wire=column.key, label=column.label, required=required, condition=None,
        field=column.field,
    )  # fmt: skip
