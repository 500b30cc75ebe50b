"""What a settlement list says (结算清单): where its fields stand in the shape at hand, and when a rule applies.

A field is named by node and key, ``diseinfo.diag_code``. Where the shapes differ, names stand side by side and the
first that the shape has is meant: ``setlinfo.psn_no|hi_no``, ``bldinfo|setlinfo.bld_cat``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ..spec.nodes import Member, members
from ..spec.problems import Path

Spot = tuple[Member, Member | None]
"""The node under the message, and the field in it; None where the node itself is meant."""


# -- places --------------------------------------------------------------------------------------------------------


@attrs.frozen
class ListPlace:
    """One field of one row: where it stands, what its table says of it, what it holds (None: nothing)."""

    path: Path
    member: Member
    value: Any

    @property
    def label(self) -> str:
        return self.member.label

    def declares(self, table: str) -> bool:
        """Whether the field's own table names that dictionary."""
        return self.member.field is not None and self.member.field.code_table == table


def spot(message: Any, field: str) -> Spot | None:
    """Where the message has ``field``; None where its shape does not have it."""
    cls: Any = type(message)
    return spot_in(cls, field)


@functools.cache
def spot_in(cls: Any, field: str) -> Spot | None:
    """Where messages of ``cls`` have ``field``."""
    nodes, _, names = field.partition(".")
    holder = _first_of(cls, nodes)
    if holder is None or not names:
        return (holder, None) if holder else None
    member = _first_of(holder.node, names)
    return (holder, member) if member else None


def _first_of(cls: Any, names: str) -> Member | None:
    listed = {member.wire: member for member in members(cls)}
    return next((listed[name] for name in names.split("|") if name in listed), None)


def rows_of(message: Any, holder: Member) -> Iterator[tuple[Path, Any]]:
    """The rows of a node with their paths: none where it is absent, one where it does not repeat."""
    held = getattr(message, holder.attribute)
    path: Path = ("input", holder.wire)
    if isinstance(held, list):
        yield from (((*path, i), row) for i, row in enumerate(held))
    elif held is not None:
        yield path, held


def place_of(path: Path, row: Any, member: Member) -> ListPlace:
    return ListPlace((*path, member.wire), member, given(getattr(row, member.attribute)))


def given(value: Any) -> Any:
    """``value``, or None where it is nothing but blanks."""
    return None if isinstance(value, str) and not value.strip() else value


def says_something(row: Any) -> bool:
    cls: Any = type(row)
    return any(given(getattr(row, member.attribute)) is not None for member in members(cls))


def values(message: Any, field: str) -> list[Any]:
    """What the list gives under ``field``, row by row."""
    holder, member = spot(message, field) or (None, None)
    if holder is None or member is None:
        return []
    held = (given(getattr(row, member.attribute)) for _, row in rows_of(message, holder))
    return [value for value in held if value is not None]


def value(message: Any, field: str) -> Any:
    """The first of :func:`values`."""
    return next(iter(values(message, field)), None)


# -- the visit -----------------------------------------------------------------------------------------------------


def stay(message: Any) -> tuple[datetime | None, datetime | None]:
    """入院时间 and 出院时间."""
    return value(message, "setlinfo.adm_time"), value(message, "setlinfo.dscg_time")


def inpatient(message: Any) -> bool:
    """住院清单. Neither shape carries med_type: a list is an inpatient's unless it has something of an outpatient
    chronic-disease visit (门诊慢特病) and nothing of a stay."""
    visit = (value(message, f"setlinfo.{name}") for name in ("opsp_diag_caty", "opsp_mdtrt_date"))
    rows = getattr(message, "opspdiseinfo", None) or ()
    chronic = any(fact is not None for fact in visit) or any(map(says_something, rows))
    return not chronic or any(stay(message))


def first_version(message: Any) -> bool:
    """Whether this is the shape of V1.0 (4101), the only one that carries the fees."""
    return spot(message, "iteminfo") is not None


def days_in_hospital(message: Any) -> int | None:
    """出院日期 minus 入院日期, at least 1."""
    begin, end = stay(message)
    return max((end.date() - begin.date()).days, 1) if begin and end else None


# -- the patient ---------------------------------------------------------------------------------------------------


def _birth_and_visit(message: Any) -> tuple[date, date] | None:
    birth = value(message, "setlinfo.brdy")
    admitted, _ = stay(message)
    visit = admitted or value(message, "setlinfo.opsp_mdtrt_date") or value(message, "setlinfo.setl_begn_date")
    return (birth, day_of(visit)) if birth and visit else None


def days_old(message: Any) -> int | None:
    """Age in days, as stated or counted to the beginning of the visit."""
    stated = value(message, "setlinfo.nwb_age|age_days")
    known = _birth_and_visit(message)
    return int(stated) if stated is not None else (known[1] - known[0]).days if known else None


def one_year_old(message: Any) -> bool | None:
    """Whether the patient is one year old or more; None where the list has no day of birth."""
    known = _birth_and_visit(message)
    if known is None:
        return None
    birth, visit = known
    return (visit.year - 1, visit.month, visit.day) >= (birth.year, birth.month, birth.day)


# -- days and times ------------------------------------------------------------------------------------------------


def day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def before(one: date, other: date) -> bool:
    """Whether ``one`` is earlier; where either is a day only, the days are compared."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return day_of(one) < day_of(other)


def minutes(duration: str) -> int | None:
    """天/小时/分钟 in minutes; None where it is not written so."""
    found = re.fullmatch(r"(\d+)/(\d{1,2})/(\d{1,2})", duration, re.ASCII)
    return int(found[1]) * 1440 + int(found[2]) * 60 + int(found[3]) if found else None


# -- conditions ----------------------------------------------------------------------------------------------------


@attrs.frozen
class When:
    """When a rule applies: ``text`` in words, ``holds`` of the message and of the row that is looked at."""

    text: str
    holds: Callable[[Any, Any], bool]


def _has(name: str, *allowed: str) -> Callable[[Any, Any], bool]:
    """The row gives the field, or one of these values of it."""

    def holds(_: Any, row: Any) -> bool:
        held = given(getattr(row, name, None))
        return held in allowed if allowed else held is not None

    return holds


def _matches(name: str, pattern: str) -> Callable[[Any, Any], bool]:
    return lambda _, row: re.fullmatch(pattern, given(getattr(row, name)) or "") is not None


def aged_at_most(days: int) -> When:
    def holds(message: Any, _: Any) -> bool:
        age = days_old(message)
        return age is not None and 0 <= age <= days

    return When(f"出生 {days} 天以内", holds)


def diagnosed(text: str, *, codes: tuple[str, ...], but: tuple[str, ...] = ()) -> When:
    """A diagnosis code begins as one of ``codes`` does, and not as one of ``but``."""

    def holds(message: Any, _: Any) -> bool:
        sent = values(message, "diseinfo.diag_code")
        return any(code.startswith(codes) and not code.startswith(but) for code in sent)

    return When(text, holds)


WHOLE_DURATION = r"[^/\s]+/[^/\s]+/[^/\s]+"
"""Three parts, none empty, whatever they are."""

ALWAYS = When("结算清单", lambda message, row: True)
FIRST_VERSION = When("结算清单", lambda message, row: first_version(message))
INPATIENT = When("住院清单", lambda message, row: inpatient(message))
INPATIENT_FIRST_VERSION = When("住院清单", lambda message, row: inpatient(message) and first_version(message))
CHRONIC = When("门诊慢特病清单", lambda message, row: not inpatient(message))
ONE_YEAR_OLD = When("满 1 周岁", lambda message, row: one_year_old(message) is True)
UNDER_ONE_YEAR = When("不足 1 周岁", lambda message, row: one_year_old(message) is False)
CONTACT_NAMED = When("填了联系人姓名时", _has("coner_name"))
ANAESTHETISED = When("填了麻醉方式时", _has("anst_way"))
TRANSFERRED = When("转院或转社区、乡镇卫生院且已知接收机构时", _has("dscg_way", "2", "3"))
READMISSION_PLANNED = When("有出院 31 天内再住院计划时", _has("days_rinp_flag_31", "2"))
VENTILATION_WHOLE = When("呼吸机使用时长三部分齐全时", _matches("vent_used_dura", WHOLE_DURATION))


# -- weights -------------------------------------------------------------------------------------------------------

WEIGHTS = r"\d+(\.\d+)?(,\d+(\.\d+)?)*"
"""Weights of several newborns, joined by the half-width comma."""


def weights(held: Decimal | str) -> list[Decimal]:
    """One weight, or several as far as they are written properly."""
    if isinstance(held, Decimal):
        return [held]
    return [Decimal(part) for part in held.split(",")] if re.fullmatch(WEIGHTS, held, re.ASCII) else []
