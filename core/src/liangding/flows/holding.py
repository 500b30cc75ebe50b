"""Everything that a flow is given is held against what it will send, before the first message leaves.

A flow composes its messages with a person and a visit that nobody knows yet, and each is held to its declaration and
to the region's fixed values. What is wrong is told by the caller's own places (``given.rows[0].price``); what does not
come from the caller is not asked about here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

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
        told = list({(each.path, each.rule): each for each in found}.values())
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
