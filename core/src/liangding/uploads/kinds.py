"""What may be uploaded, and what each kind is known by.

Whatever uploads a list, a record, a report, the visit of a self-paying patient or goods is a kind, also a region's own:
the declarations say so (``does``, ``of``, ``known_by``). What is done after an unknown outcome follows from them, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import Enum
from typing import Any

from ..knowledge.interfaces import Interfaces
from ..spec import Does, Effect, Of, Transaction
from ..spec.nodes import Member, members, node_of
from ..spec.problems import Problem, problem
from ..wire.json import encode_ordered

GOODS = (Of.STOCK, Of.GOODS, Of.SALE)
OF = (Of.LIST, Of.RECORD, Of.REPORT, Of.SELF_PAY, *GOODS)
DOES = (Does.UPLOADS, Does.CHANGES, Does.CONFIRMS, Does.WITHDRAWS, Does.RETURNS)

PATIENT = ("psn_no", "fixmedins_mdtrt_id", "mdtrt_sn")
"""Fields that say whose a record is: each may have one value in a message, since a call carries one patient."""

KEYS = (
    "setl_id", "rpotc_no", "medcas_drord_detl_id", "fixmedins_mdtrt_id", "mdtrt_sn", "mdtrt_id", "psn_no",
)  # fmt: skip
"""Fields that a record is known by, where neither its caller gives a number of its own nor its declaration names any
(``known_by``)."""


KEY_CHARACTERS = 200


class AfterUnknown(Enum):
    """What is done where nobody knows whether the platform has a record."""

    AGAIN = "again"
    """It is sent again: it leaves the same behind however often it comes."""
    ASKED = "asked"
    """The platform is asked, as after any other call; until it has told, nothing is sent."""
    PERSON = "person"
    """A person has to look: the platform cannot be asked, and a second one would count twice."""

    @property
    def chinese(self) -> str:
        return {"again": "再传一次", "asked": "问过平台再说", "person": "由人查明"}[self.value]


def kinds(interfaces: Interfaces) -> list[str]:
    """The numbers of what may be uploaded, as a deployment has them."""
    return [number for number in interfaces.numbers() if is_kind(interfaces[number])]


def is_kind(transaction: Transaction) -> bool:
    """Goods only where their declaration says what a record is known by: those of prescriptions go by flows."""
    known = transaction.of not in GOODS or bool(transaction.known_by)
    return known and transaction.of in OF and transaction.does in DOES


def after_unknown(transaction: Transaction, *, can_ask: bool) -> AfterUnknown:
    """What is done after an unknown outcome of it."""
    if transaction.effect is Effect.REPEATABLE:
        return AfterUnknown.AGAIN
    return AfterUnknown.ASKED if can_ask else AfterUnknown.PERSON


def derived_key(transaction: Transaction, message: Any) -> str:
    """What a record is known by: the fields that tell it from others, as its declaration names them. Of a field with
    several values the set of them; where one is not there the whole content, so that no two are taken for one. Empty
    where nothing tells it from others."""
    if not transaction.known_by:
        return known_by_any(message)
    held: dict[str, list[str]] = {}
    for name, value in values_of(message):
        held.setdefault(name, []).append(str(value))
    found = [_as_one(held[name]) for name in transaction.known_by if name in held]
    if len(found) < len(transaction.known_by):
        found.append(_digest(encode_ordered(message)))
    return ":".join(found)


def known_by_any(message: Any) -> str:
    """What a record is known by where its declaration says nothing of it. Empty where it has none of those fields."""
    held = dict(values_of(message))
    return ":".join(str(held[name]) for name in KEYS if held.get(name))


def _as_one(values: list[str]) -> str:
    several = sorted(set(values))
    return several[0] if len(several) == 1 else f"{len(several)}*{_digest(' '.join(several).encode())}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def one_patient(transaction: Transaction, message: Any) -> list[Problem]:
    """Problems where a message carries several patients; goods are nobody's."""
    if transaction.of in GOODS:
        return []
    found: dict[str, set[str]] = {}
    for name, value in values_of(message):
        if name in PATIENT:
            found.setdefault(name, set()).add(str(value))
    return [
        problem(("input",), "one_patient", f"一次只能传一个病人，{name} 却有 {len(values)} 个值")
        for name, values in found.items()
        if len(values) > 1
    ]


def values_of(message: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a message that has a value, however deep it stands."""
    if isinstance(message, dict):
        for name, value in message.items():
            if isinstance(value, dict | list):
                yield from values_of(value)
            elif value not in (None, ""):
                yield name, value
    elif isinstance(message, list):
        for each in message:
            yield from values_of(each)


def nodes_of(transaction: Transaction) -> dict[str, Member]:
    """The nodes of a kind's input by wire name, in order."""
    return {member.wire: member for member in members(node_of(transaction.input)) if member.node is not None}
