"""Records from a file: a message a line as JSON, or rows of a CSV, or of a view of another database that a ``.toml``
names (:mod:`liangding.config.sources`), put together to messages.

A CSV's first line, or the view, names the fields as ``node.field``, and ``key``, ``day`` and ``insuplc_admdvs`` where
a record has them. Lines that follow each other with one key are one record: a node that repeats gets a row of each, any
other its first.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from ..config.sources import rows_from
from ..errors import InvalidMessage, LiangdingError
from ..files.text import text_of
from ..spec import Transaction
from ..structuring import nearest
from ..wire.json import decode
from . import kinds
from .queue import Uploads

BESIDE = ("key", "day", "insuplc_admdvs")


class BrokenImport(LiangdingError):
    """A file that cannot be read as it must be: nothing of it is taken in."""

    code = "broken_import"
    http_status = 422


@attrs.frozen(kw_only=True)
class Given:
    """A record of a file: the line that it begins at, its message, and what stands beside it."""

    line: int
    message: Any = attrs.field(repr=False)
    key: str | None = None
    day: date | None = None
    place: str = ""


@attrs.frozen(kw_only=True)
class Refusal:
    """A record of a file that was not taken in, and why."""

    line: int
    why: str


def take_in(uploads: Uploads, infno: str, path: Path) -> tuple[int, list[Refusal]]:
    """Take in the records of a file: how many, and which were not, with all that is wrong with each. BrokenImport where
    the file as a whole cannot be read; NotUploaded."""
    taken, refused = 0, []
    for given in read(uploads.runtime.interfaces[infno], path):
        try:
            uploads.add(infno, given.message, insured_place=given.place, key=given.key, day=given.day)
        except InvalidMessage as wrong:
            refused.append(Refusal(line=given.line, why=wrong.message))
        except LiangdingError as failed:
            refused.append(Refusal(line=given.line, why=failed.message))
        else:
            taken += 1
    return taken, refused


def read(transaction: Transaction, path: Path) -> Iterator[Given]:
    """The records of a file, by its ending: ``.jsonl``, ``.csv``, or ``.toml`` for a view. BrokenImport; BadTable;
    ConfigurationError."""
    if path.suffix.lower() == ".toml":
        rows = rows_from(path)
        return _of_rows(transaction, list(rows[0]) if rows else [], rows, first=1)
    try:
        text = text_of(path.read_bytes())
    except OSError as failed:
        raise BrokenImport(f"读不到文件：{failed.strerror}", path=str(path)) from None
    except UnicodeDecodeError:
        raise BrokenImport("文件既不是 UTF-8 也不是 GBK", path=str(path), remedy="另存为 UTF-8 编码") from None
    if path.suffix.lower() == ".csv":
        lines = csv.DictReader(text.splitlines())
        return _of_rows(transaction, list(lines.fieldnames or ()), lines)
    if path.suffix.lower() == ".jsonl":
        return _of_lines(text)
    raise BrokenImport(f"不认识的文件 {path.name}", remedy="用 .jsonl（每行一条）、.csv，或写着视图的 .toml")


def _of_lines(text: str) -> Iterator[Given]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                held = decode(line)
            except ValueError as wrong:
                raise BrokenImport(f"第 {number} 行不是合法的 JSON：{wrong}") from None
            if not isinstance(held, dict) or "input" not in held:
                raise BrokenImport(f'第 {number} 行应是 {{"input": …}}')
            yield Given(line=number, message=held["input"], **_beside(held, number))


def _of_rows(
    transaction: Transaction, names: Iterable[str], lines: Iterable[dict[str, Any]], *, first: int = 2
) -> Iterator[Given]:
    nodes = kinds.nodes_of(transaction)
    for name in names:
        node, dot, _ = name.partition(".")
        if name not in BESIDE and (not dot or node not in nodes):
            raise BrokenImport(
                f"第 1 行的列名 {name} 应写成 节点.字段{nearest(node, nodes)}", remedy=f"节点有：{'、'.join(nodes)}"
            )
    numbered = enumerate(lines, first)
    for _, group in itertools.groupby(numbered, lambda each: each[1].get("key") or each[0]):
        rows = list(group)
        message: dict[str, Any] = {}
        for name, member in nodes.items():
            given = [_node(row, name) for _, row in rows]
            given = [each for each in given if each]
            if given:
                message[name] = given if member.repeats else given[0]
        number, beside = rows[0]
        yield Given(line=number, message=message, **_beside(beside, number))


def _node(row: dict[str, Any], node: str) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in row.items() if name.startswith(f"{node}.") and value}


def _beside(held: dict[str, Any], number: int) -> dict[str, Any]:
    try:
        day = date.fromisoformat(held["day"]) if held.get("day") else None
    except (TypeError, ValueError):
        raise BrokenImport(f"第 {number} 行的 day 应写成 2026-11-28") from None
    return {"key": held.get("key") or None, "day": day, "place": held.get("insuplc_admdvs") or ""}
