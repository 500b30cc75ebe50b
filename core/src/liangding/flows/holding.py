"""Everything that a flow is given is held against what it will send, before the first message leaves.

A flow composes its messages with a person and a visit that nobody knows yet, and each is held to its declaration and
to the region's fixed values. What is wrong is told by the caller's own places (``given.rows[0].price``); what does not
come from the caller is not asked about here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from ..checks.cross_province import KEYS, keys_for
from ..checks.identity_numbers import wrong as wrong_number
from ..contract.credentials import IDENTITY_CARD, OTHER_DOCUMENT
from ..contract.steps import Step, step
from ..errors import InvalidMessage
from ..identity import Cover, Credential, Insured
from ..receipts.money import ZERO, SettledMoney, Split
from ..spec.problems import Path, Problem, problem
from ..workflow.work import Work
from . import insurance
from .visits import Visit

NOT_YET = "0"
"""Stands for a number that the platform has not given out yet."""

NOT_SETTLED = SettledMoney(
    setl_id=NOT_YET, mdtrt_id=NOT_YET, psn_no=NOT_YET, setl_time="", infno="", msgid="",
    split=Split(**dict.fromkeys((field.name for field in attrs.fields(Split)), ZERO)),
)  # fmt: skip

Names = Mapping[str, tuple[str | int, ...]]


@attrs.frozen(kw_only=True)
class Draft:
    """A message as it would be sent. ``nodes`` says where in the given what each node holds comes from, ``names`` the
    same of fields that are given under another name; ``lone`` that a node is a list of one row, whose number is no
    place of the caller's."""

    infno: str
    message: Any
    nodes: Names
    names: Names = attrs.field(factory=dict)
    lone: bool = False

    def place(self, wrong: Problem, given: Any) -> Path | None:
        """The place in ``given`` that what is wrong with the message comes from; None where the caller did not say
        it."""
        match wrong.path:
            case ("input", str(node), *rest) if node in self.nodes:
                place: Path = self.nodes[node]
            case _:
                return None
        if self.lone and rest and isinstance(rest[0], int):
            rest = rest[1:]
        for each in rest:
            place += (each,) if isinstance(each, int) else self.names.get(str(each), (each,))
        said, value = _said(given, place)
        return ("given", *place) if said and (value is not None or wrong.rule in WANTING) else None


WANTING = ("required", "condition")
"""Rules that find something missing; what is wrong otherwise has to be there."""


def _said(given: Any, place: Path) -> tuple[bool, Any]:
    """Whether the caller's own classes have such a place, and what is there."""
    for each in place:
        if isinstance(each, int):
            if not isinstance(given, Sequence) or isinstance(given, str) or each >= len(given):
                return False, None
            given = given[each]
        elif attrs.has(type(given)) and each in attrs.fields_dict(type(given)):
            given = getattr(given, each)
        else:
            return False, None
    return True, given


Compose = Callable[[Work[Any]], Iterable[Draft]]


def held_first(compose: Compose) -> Step:
    """The step that a flow begins with: what was given is held against the messages that ``compose`` makes of it."""

    @step("核对所给内容", when="第一条报文之前")
    def check_given(work: Work[Any]) -> None:
        """Hold what was given, before anybody is asked and anything is sent. InvalidMessage names the caller's own
        places."""
        insurance.take_med_type(work)
        draft = _as_if(work)
        found = [each for made in compose(draft) for each in _wrong(work, made)]
        found += _rows_wrong(getattr(work.state.given, "rows", ()))
        found += [*_shown_wrong(work), *_stated_wrong(work), *_offsite_wrong(work)]
        told = list({(each.path, each.message): each for each in found}.values())
        if told:
            raise InvalidMessage(told, edition=work.runtime.known.edition.told)

    return check_given


def _wrong(work: Work[Any], draft: Draft) -> Iterable[Problem]:
    area = work.runtime.deployment.institution.area
    try:
        work.runtime.prepare(draft.infno, draft.message, insured_place=area)
    except InvalidMessage as wrong:
        for each in wrong.problems:
            place = draft.place(each, work.state.given)
            if place is not None and each.level == "error":
                yield attrs.evolve(each, path=place)


def _rows_wrong(rows: Iterable[Any]) -> Iterable[Problem]:
    for i, row in enumerate(rows):
        if row.price < 0:
            yield problem(("given", "rows", i, "price"), "negative", "单价不能小于 0", value=str(row.price))
        if row.count == 0:
            yield problem(("given", "rows", i, "count"), "zero", "数量不能是 0")


def _shown_wrong(work: Work[Any]) -> Iterable[Problem]:
    """What cannot be of what was shown; a resident number whose checksum is not right is said, and asked for: the
    platform decides."""
    shown: Credential | None = getattr(work.state.given, "credential", None)
    if shown is None:
        return
    here, kinds = ("given", "credential"), work.runtime.known.code_table("mdtrt_cert_type")
    if kinds is not None and shown.type not in kinds and shown.type != OTHER_DOCUMENT:
        yield problem((*here, "type"), "code", f"不在字典 mdtrt_cert_type（{kinds.name}）之中", value=shown.type)
    if not shown.number:
        yield problem((*here, "number"), "required", "必填，未给出")
    elif shown.type == IDENTITY_CARD and (why := wrong_number(shown.number)):
        work.advise(f"身份证号码可能抄错了：{why}")


def _stated_wrong(work: Work[Any]) -> Iterable[Problem]:
    """What cannot be of the insurance that was given."""
    given, kinds = work.state.given, work.runtime.known.code_table("insutype")
    insutype, place = getattr(given, "insutype", None), getattr(given, "insured_place", None)
    if insutype and kinds is not None and insutype not in kinds:
        text = f"不在字典 insutype（{kinds.name}）之中"
        yield problem(("given", "insutype"), "code", text, value=insutype)
    if place and not re.fullmatch(r"[0-9]{6}", place):
        yield problem(("given", "insured_place"), "format", "应为 6 位医保区划", value=place)


def _offsite_wrong(work: Work[Any]) -> Iterable[Problem]:
    """What cannot be of what was given of a cross-province visit: a code that is none, and what does not go with this
    kind of business."""
    offsite: insurance.Offsite | None = getattr(work.state.given, "offsite", None)
    if offsite is None:
        return
    calls = {infno for each in work.flows.steps(work.flow) for infno in each.calls}
    go = {name for infno in calls for name in keys_for(*work.runtime.interfaces.means(infno))}
    for name in KEYS:
        value, here = getattr(offsite, name.lower()), ("given", "offsite", name.lower())
        table = work.runtime.known.code_table(name.lower())
        if value is None:
            continue
        if name not in go:
            yield problem(here, "condition", f"{KEYS[name].label}不用于这种业务", value=value)
        elif table is not None and value not in table:
            yield problem(here, "code", f"不在字典 {table.table}（{table.name}）之中", value=value)


def _as_if(work: Work[Any]) -> Work[Any]:
    """The work as if the person, the insurance and the visit were known."""
    draft, state = copy.copy(work), work.state
    area = work.runtime.deployment.institution.area
    shown = getattr(state.given, "credential", None) or Credential(type="02", number=NOT_YET)
    made = {
        "person": Insured(
            psn_no=NOT_YET, name="", certno=NOT_YET, cert_type="01", gender="1", credential=shown, covers=()
        ),
        "cover": Cover(insutype="310", insured_place=area, status="1", psn_type="11", balance=Decimal(0)),
        "visit": Visit(
            mdtrt_id=NOT_YET, psn_no=NOT_YET, insured_place=area, insutype="310", med_type=_kind(state.given)
        ),
        "begun_at": work.begun_at,
        "ended_at": work.begun_at,
    }  # fmt: skip
    fields = attrs.fields_dict(type(state))
    draft.state = attrs.evolve(state, **{name: value for name, value in made.items() if name in fields})
    return draft


def _kind(given: Any) -> str:
    stay = getattr(given, "stay", None)
    return getattr(given, "med_type", "") or getattr(stay, "med_type", "") or "11"
