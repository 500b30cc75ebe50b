"""Business keys (业务号): what a changing call is known by to whoever asks for it again.

What settles or cancels needs one: its caller's own number of the bill, or one that is derived from the bill's fields
([keys] derive). Any other call that holds a person gets one by itself, from what it is about: the hospital's number of
the visit, the serial numbers of its rows, else its content. A key of that kind goes on to the next one when what it
stands for was taken back since: registered, withdrawn and registered again is two registrations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import attrs

from ..config import KeySettings
from ..contract.calls import Call
from ..errors import BadKey, KeyRequired
from ..journal import CallRecord as Record
from ..journal import Journal, State
from ..knowledge.interfaces import Interfaces
from ..national.meaning import SERIAL, rows_with
from ..spec import Does, Of, Transaction
from ..spec.locating import find
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import encode_ordered
from .preparing import digest, plain, without

_sparse = MessageWriter(SPARSE)

KEY_CHARACTERS = 200

DAY_MARK = "@"
"""Between a key and the day of its bill, where numbers are used anew each day."""

USUAL: dict[tuple[Does, Of | None], tuple[tuple[str, ...], ...]] = {
    (Does.SETTLES, Of.PURCHASE): (("invono",),),
    (Does.SETTLES, Of.VISIT): (("mdtrt_id", "chrg_bchno"),),
}
"""The fields that name a bill where the deployment names none, the best first; a cancellation is named by the
settlement that it takes back."""

NUMBERS = ("ipt_otp_no", "ipt_no")
"""The hospital's own number of a visit or a stay."""

BESIDE = ("bill_date", "till", "operator")
"""What may stand beside the number of a bill in its key."""


def check_key(key: str | None, *, known: Callable[[str], bool] = lambda _: False) -> None:
    """BadKey for a business key that is empty, too long, or not ASCII; None is no key. A key that is ``known`` from an
    earlier version is one."""
    if key is None:
        return
    if not isinstance(key, str):
        raise BadKey('业务号要是文本，如 "12345"', path="key")
    if not 0 < len(key.strip()) <= KEY_CHARACTERS:
        raise BadKey(f"业务号是空的，或长过 {KEY_CHARACTERS} 个字符", path="key")
    if not (key.isascii() and key.isprintable()) and not known(key):
        raise BadKey("业务号只能用 ASCII 字符（字母、数字和符号）", path="key", remedy="汉字请换成编号或拼音")


def digests(infno: str, message: Any) -> tuple[str, str]:
    """The digests of what is asked for: as it is recorded now, and as it was before what is shown was left out."""
    return digest(infno, message), digest(infno, message, shown=True)


@attrs.frozen(kw_only=True)
class UnderKey:
    """What a key holds already: the call, and its content where it is the same."""

    held: Record | None = None
    content: str = ""

    @property
    def answers(self) -> bool:
        """Whether what is held is the answer to whoever asks."""
        return self.held is not None and self.held.state is State.ACCEPTED and bool(self.content)

    @property
    def may_be_made(self) -> bool:
        """Whether the call may be made: nothing of it stands."""
        return self.held is None or self.held.state.repeatable


NOTHING = UnderKey()


def needs_key(transaction: Transaction) -> bool:
    """Whether a call of it needs a business key."""
    return transaction.does.moves_money


def derived(
    settings: KeySettings, usual: Iterable[tuple[str, ...]], value: Callable[[str], Any], whose: str
) -> str | None:
    """The key of a bill from its fields, as the settings say; None where they derive none, or the bill does not bring
    the fields. ``usual`` are the fields where the settings name none, ``value`` finds one, ``whose`` says in words what
    the key is for. KeyRequired where what has to stand beside the number is not there."""
    if settings.derive is False:
        return None
    named = settings.derive if isinstance(settings.derive, list) else []
    beside = [name for name in named if name in BESIDE]
    number = tuple(name for name in named if name not in BESIDE)
    for fields in ((number,) if number else ()) + tuple(usual):
        parts = {name: _text(value(name)) for name in (*fields, *beside)}
        if all(parts[name] for name in fields):
            missing = [name for name in beside if not parts[name]]
            if missing:
                raise KeyRequired(f"{whose}的业务号要由 {'、'.join(parts)} 组成，没有给出 {'、'.join(missing)}")
            return _short(":".join(quote(part, safe="") for part in parts.values()), whose)
    return None


def _short(key: str, whose: str) -> str:
    if len(key) > KEY_CHARACTERS:
        raise BadKey(f"{whose}的业务号由单据拼成后长过 {KEY_CHARACTERS} 个字符（一个汉字占 9 个）", path="key")
    return key


def of_day(settings: KeySettings, key: str, day: date | None, whose: str) -> str:
    """The key as it is kept: with the bill's own day where numbers are used anew each day. KeyRequired where the bill
    names no day then."""
    if settings.per == "once":
        return key
    if day is None:
        remedy = "给出单据日期 bill_date（单据自己的日期，不是现在的）"
        raise KeyRequired(f'部署文件写了 [keys] per = "day"，{whose}要有单据日期', remedy=remedy, path="bill_date")
    return _short(f"{key}{DAY_MARK}{day:%Y-%m-%d}", whose)


def _text(value: Any) -> str:
    return "" if value is None else value.date().isoformat() if isinstance(value, datetime) else str(value)


@attrs.frozen(kw_only=True)
class Keying:
    """The keys of one deployment's calls."""

    settings: KeySettings
    institution: str
    journal: Journal
    interfaces: Interfaces

    def wants(self, transaction: Transaction, key: str | None) -> bool:
        """Whether the key of a call has still to be made: where none is given, or numbers are used anew each day.
        BadKey where the one that is given cannot be one."""
        check_key(key, known=lambda used: self.journal.by_key(self.institution, used) is not None)
        return key is None or (self.settings.per == "day" and needs_key(transaction))

    def of_call(self, call: Call[Any], key: str | None, bill_date: date | None) -> str | None:
        """The key of a call that came with ``key``, or without one: derived where it needs one, its own where it holds
        a person; None for any other. KeyRequired where it needs one and none can be derived."""
        transaction = call.transaction
        if needs_key(transaction):
            whose = f"{transaction.infno} {transaction.name}"
            key = key or self._derived(call, bill_date, whose)
            if key is None:
                raise KeyRequired(f"{whose}要有业务号", path="key")
            return of_day(self.settings, key, bill_date or day_of(call), whose)
        if key is not None or not (transaction.changes and transaction.holds):
            return key
        return self._own(call)

    def before(self, transaction: Transaction, message: Any, key: str | None) -> UnderKey:
        """What a key holds already."""
        held = self.journal.by_key(self.institution, key) if key and transaction.changes else None
        if held is None:
            return NOTHING
        contents = digests(transaction.infno, plain(message))
        return UnderKey(held=held, content=next((each for each in contents if self.journal.is_of(held, each)), ""))

    def _derived(self, call: Call[Any], bill_date: date | None, whose: str) -> str | None:
        def value(name: str) -> Any:
            beside = {"operator": call.operator.code, "bill_date": bill_date or day_of(call)}
            return beside[name] if name in beside else find(call.input, name)

        transaction = call.transaction
        usual = (("setl_id",),) if transaction.does is Does.CANCELS else USUAL.get(transaction.means, ())
        made = derived(self.settings, usual, value, whose)
        return None if made is None else f"{transaction.infno.removesuffix('A')}:{made}"

    # -- keys that calls get by themselves ---------------------------------------------------------------------------

    def _own(self, call: Call[Any]) -> str:
        """The key of a call by what it is about, or of its next time."""
        about = encode_ordered(self._about(call)).decode()
        bases = [f"{call.transaction.infno}:{number}" for number in self.journal.vault.hashes(about)]
        used = (base for base in bases if self.journal.by_key(self.institution, base) is not None)
        base, count = next(used, bases[0]), 0
        while (held := self.journal.by_key(self.institution, _nth(base, count))) is not None:
            if not self._is_over(call, held):
                break
            count += 1
        return _nth(base, count)

    def _about(self, call: Call[Any]) -> list[Any]:
        """What a call is about, whatever else it says. Registered with another time of that day it is the same."""
        infno, visit = call.transaction.infno, [find(call.input, "psn_no"), find(call.input, "mdtrt_id")]
        serials = sorted({str(getattr(row, SERIAL)) for row in rows_with(call.input, SERIAL)})
        if serials:
            return [infno, *visit, serials]
        number = next(filter(None, (find(call.input, name) for name in NUMBERS)), None)
        if call.transaction.does is Does.REGISTERS and number:
            call.content = digest(infno, without(_sparse.write(call.input), ["begntime"]))
            return [infno, *visit, number, str(day_of(call) or "")]
        return [infno, *visit, call.content]

    def _is_over(self, call: Call[Any], held: Record) -> bool:
        """Whether what a call did is no more: taken back since, or another one took its place."""
        psn_no = find(call.input, "psn_no")
        if held.state is not State.ACCEPTED or psn_no is None:
            return False
        later = self.journal.accepted_after(self.institution, str(psn_no), held.id)
        return any(self._ends(held, other) for other in later)

    def _ends(self, held: Record, other: Record) -> bool:
        does, of = self.interfaces.means(held.infno)
        did, what = self.interfaces.means(other.infno)
        if of is not what or (None not in (held.mdtrt_id, other.mdtrt_id) and held.mdtrt_id != other.mdtrt_id):
            return False
        replaced = of is not Of.FEES and held.infno == other.infno and held.content != other.content
        return replaced or (did is not does and did in does.opposites)


def _nth(base: str, count: int) -> str:
    return f"{base}~{count + 1}" if count else base


def named(call: Call[Any]) -> str | None:
    """The institution's own number of the bill that a call's message names; None where it names none."""
    found = next(filter(None, (find(call.input, name) for name in ("invono", "chrg_bchno"))), None)
    return None if found is None else str(found)


def number_of(settings: KeySettings, key: str | None) -> str | None:
    """The number of a bill that is kept under ``key``, as its caller gave it."""
    if key is None or settings.per == "once":
        return key
    number, mark, day = key.rpartition(DAY_MARK)
    return number if mark and re.fullmatch(r"\d{4}-\d\d-\d\d", day) else key


def day_of(call: Call[Any]) -> date | None:
    """The day of a bill as its message says it."""
    begun = find(call.input, "begntime")
    return begun.date() if isinstance(begun, datetime) else begun
