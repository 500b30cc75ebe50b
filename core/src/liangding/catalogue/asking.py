"""Catalogues that are queried (1304, 1312, 1316 to 1319, 1901): asked for page by page, and kept with their age.

What was answered lately is not asked again; what cannot be asked now is told as it was, with how old it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs

from ..errors import CallFailed, LiangdingError
from ..runtime import Runtime
from ..spec import Does, Of, Transaction
from ..spec.nodes import members, node_of
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import decode, encode
from .shelf import KeptAnswer, Shelf

OF = (Of.CATALOGUE, Of.MATCHING, Of.DICTIONARY)

PAGE = 100
"""Rows that one page asks for."""

PAGES_AT_MOST = 10_000

EVER = "2000-01-01"
"""updt_time of a question for everything: only what changed since then is answered."""

_rows = MessageWriter(SPARSE)


class NotQueried(LiangdingError):
    """No catalogue of that number is queried; those that come as files are fetched."""

    code = "no_such_catalogue"
    http_status = 404


@attrs.frozen(kw_only=True)
class KnownAnswer:
    """What is known of a question: the rows by wire name, when the platform said so (seconds), and, where it could not
    be asked again although that is long ago, why not."""

    number: str
    rows: tuple[Mapping[str, Any], ...] = attrs.field(repr=False)
    at: float
    why_old: str = ""


def is_queried(transaction: Transaction) -> bool:
    """Whether a transaction answers rows of a catalogue: page by page, or a table of the dictionary whole."""
    return transaction.public and transaction.does is Does.READS and transaction.of in OF


def _is_paged(transaction: Transaction) -> bool:
    return "page_num" in _wires(transaction)


def _wires(transaction: Transaction) -> set[str]:
    """The fields of a question."""
    asked = members(node_of(transaction.input))
    return {member.wire for each in asked if each.node is not None for member in members(each.node)}


class CatalogueQueries:
    """Asks a deployment's queried catalogues, through what is kept on its shelf. ``fresh_seconds`` is for how long an
    answer is not asked again (``catalogues.fresh_hours``)."""

    def __init__(self, runtime: Runtime, shelf: Shelf, *, fresh_seconds: float | None = None) -> None:
        self._runtime, self._shelf = runtime, shelf
        hours = runtime.deployment.catalogues.fresh_hours
        self._fresh = hours * 3600 if fresh_seconds is None else fresh_seconds

    def ask(self, number: str, question: Mapping[str, Any]) -> KnownAnswer:
        """The rows that answer a question, ``question`` being fields of the query by wire name.

        InvalidMessage for a field that the query has not; what a call raises where the platform cannot be asked and
        nothing is kept; NotQueried.
        """
        known = self._runtime.interfaces
        if number not in known or not is_queried(known[number]):
            queried = "、".join(each for each in known.numbers() if is_queried(known[each]))
            raise NotQueried(f"没有按查询取得的目录 {number}；有 {queried}")
        name = question_name(question)
        kept, now = self._shelf.kept(number, name), self._runtime.clock.epoch()
        if kept is not None and 0 <= now - kept.at < self._fresh:
            return KnownAnswer(number=number, rows=kept.rows, at=kept.at)
        try:
            rows = tuple(self._fetched(number, question))
        except CallFailed as failed:
            if kept is None:
                raise
            return KnownAnswer(number=number, rows=kept.rows, at=kept.at, why_old=failed.message)
        self._shelf.keep(number, name, rows, now)
        return KnownAnswer(number=number, rows=rows, at=now)

    def _fetched(self, number: str, question: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        transaction = self._runtime.interfaces[number]
        if not _is_paged(transaction):
            output = self._runtime.call(number, {"data": self._dictionary(_wires(transaction), question)}).output
            yield from _written(output.list_)
            return
        fetched = 0
        for page in range(1, PAGES_AT_MOST + 1):
            asked = {"updt_time": EVER, **question, "page_num": page, "page_size": PAGE}
            output = self._runtime.call(number, {"data": asked}).output
            rows = _written(output.data)
            yield from rows
            fetched += len(rows)
            if not rows or (len(rows) < PAGE if output.recordCounts is None else fetched >= output.recordCounts):
                return
        raise LiangdingError(f"{number} 给了 {PAGES_AT_MOST} 页还没有完")

    def _dictionary(self, wires: set[str], question: Mapping[str, Any]) -> dict[str, Any]:
        """The dictionary's question, its fields in the spelling that the region's declaration has."""
        area, today = self._runtime.deployment.institution.area, self._runtime.now().date()
        usual: dict[str, Any] = {"admdvs": area, "date": today, "valiFlag": "1"}
        return {name: value for name, value in usual.items() if name in wires} | dict(question)


def kept_rows(shelf: Shelf, number: str, question: Mapping[str, Any]) -> KeptAnswer | None:
    """What is kept of a question, however old, without asking anybody."""
    return shelf.kept(number, question_name(question))


def question_name(question: Mapping[str, Any]) -> str:
    """One question is one name, in whatever order its fields are given."""
    return encode({name: _plain(question[name]) for name in sorted(question)}).decode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _written(rows: Any) -> list[Mapping[str, Any]]:
    return list(decode(encode(_rows.write(list(rows))))) if rows else []
