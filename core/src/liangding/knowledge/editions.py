"""The edition of the specification that a deployment's tables follow, and what a declaration becomes by it.

Where it is known its differences are in the declaration. Where it is not, official editions count alike: what one of
them demands and another does not is told where it is missing, and refuses nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from datetime import date
from typing import Any

import attrs

from ..errors import ConfigurationError
from ..national.editions import BASELINE, EditionDifference, differences, editions
from ..spec import Amendment, Transaction
from ..spec.amending import Change, inside, of_length, optional, required
from ..structuring import nearest

DISPUTED = ("required", "optional")
NOT_KNOWN = "本地区按哪一版没有公开；知道的写进部署文件 checks.edition"


@attrs.frozen
class FollowedEdition:
    """The edition that tables follow (``name``; empty: nobody knows which), as it was on a day (None: as it is now)."""

    name: str = ""
    on: date | None = None

    @classmethod
    def named(cls, name: str, *, path: str, on: date | None = None) -> FollowedEdition:
        """ConfigurationError, with the nearest one, where there is no such edition."""
        if name and name not in editions():
            raise ConfigurationError(
                f"没有接口规范版本 {name}{nearest(name, editions())}；有 {'、'.join(editions())}", path=path
            )
        return cls(name, on)

    @property
    def told(self) -> str:
        """The edition in words, as a refusal names it."""
        day = f"，{self.on} 时" if self.on else ""
        return f"接口规范 {self.name}{day}" if self.name else f"接口规范{BASELINE}{day}（{NOT_KNOWN}）"

    def of(self, transaction: Transaction, like: Any) -> Transaction:
        """The transaction as this edition has it; ``like`` gives the transaction of another number."""
        rows = [each for each in differences().get(transaction.infno, ()) if each.counts_on(self.on)]
        if self.name:
            rows = [each for each in rows if each.edition == self.name]
            return self._declared(transaction, rows, like)
        disputed = {each.place: _disputed(each) for each in rows if each.what in DISPUTED}
        softened = [each for each in rows if each.what == "optional"]
        return attrs.evolve(self._declared(transaction, softened, like), disputed=disputed)

    def _declared(self, transaction: Transaction, rows: list[EditionDifference], like: Any) -> Transaction:
        """The declaration with an edition's differences in it; the same where there are none."""
        disputed = {each.place: f"{each.edition} 印作必填" for each in rows if each.what == "wanted"}
        told = attrs.evolve(transaction, edition=self.told, disputed=disputed)
        cls = transaction.cls
        for each in rows:
            if each.what == "like":
                cls = _in_the_shape_of(cls, like(each.value).cls)
        if changes := tuple(_changes(rows)):
            cls = Amendment(input=changes, confidence=transaction.confidence).of(cls)
        if cls is transaction.cls:
            return told
        made = attrs.evolve(told, cls=cls)
        cls.transaction = made  # type: ignore[attr-defined]
        return made


def _changes(rows: Iterable[EditionDifference]) -> Iterable[Change]:
    for each in rows:
        if not each.place or each.what == "wanted":
            continue
        *nodes, name = each.place
        if each.what == "length":
            change = of_length(name, int(each.value))
        else:
            change = required(name) if each.what == "required" else optional(name)
        for node in reversed(nodes):
            change = inside(**{node: change})
        yield change


def _in_the_shape_of(cls: type, other: type) -> type:
    """A class of the same number with the other's input, output and checks."""
    sides = ("Input", "Output", "request_checks", "answer_checks", "example")
    told: dict[str, Any] = {name: getattr(other, name) for name in sides if hasattr(other, name)}
    rule = f"\n- 按 {other.transaction.infno} 的结构收发"  # type: ignore[attr-defined]
    told |= {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    made = type(cls.__name__, (cls,), told | {"__doc__": inspect.cleandoc(other.__doc__ or "") + rule})
    made.transaction = cls.transaction  # type: ignore[attr-defined]
    return made


def _disputed(difference: EditionDifference) -> str:
    if difference.what == "optional":
        return f"{BASELINE}必填，{difference.edition} 可不填"
    return f"{difference.edition} 必填，{BASELINE}可不填"
