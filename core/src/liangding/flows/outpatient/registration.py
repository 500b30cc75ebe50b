"""门诊挂号: a visit registered at one desk and charged at another, or not at all.

1101 and 2201; a bill names the visit by ``visit`` or ``visit_key``, and :class:`OutpatientUndo` takes it back (2202).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, TypedDict

import attrs

from ...contract.steps import Flow
from ...identity import Cover, Insured
from ...receipts.money import SettledMoney
from .. import insurance
from ..batching import Upload
from ..holding import held_first
from ..insurance import InsuredGiven
from ..visits import Doctor, FeeItem, ShownVisit, Visit, shown_visit
from .bill import REGISTERED, register
from .messages import registration_drafts


@attrs.define(kw_only=True)
class RegistrationGiven(InsuredGiven):
    """A registration: the hospital's own number of the visit, and whom it is with. ``med_type`` is not registered; it
    decides which insurance is taken."""

    TAKEN_AS: ClassVar = insurance.TakenAs("2203", "11", "门诊")

    ipt_otp_no: str
    doctor: Doctor
    med_type: str = ""
    begun_at: datetime | None = None
    offsite: insurance.Offsite | None = None


@attrs.define(kw_only=True)
class RegistrationState:
    """How far a registration has got. What a bill has beyond it is empty, for what takes bills back."""

    given: RegistrationGiven
    person: Insured | None = None
    cover: Cover | None = None
    visit: Visit | None = None
    begun_at: datetime | None = None
    settlement: SettledMoney | None = None
    rows: list[FeeItem] = attrs.field(factory=list)
    upload: Upload = attrs.field(factory=Upload)
    chrg_bchno: str = ""

    @property
    def bill(self) -> RegistrationState:
        return self


class RegistrationResult(TypedDict):
    """A visit registered."""

    person: insurance.ShownPerson | None
    insurance: Cover | None
    visit: ShownVisit | None


class OutpatientRegistration(Flow[RegistrationState]):
    """门诊挂号: a visit registered, nothing charged yet."""

    name = REGISTERED
    title = "门诊挂号"
    given = RegistrationGiven
    state = RegistrationState
    undone_by = "outpatient_undo"
    steps = (
        held_first(registration_drafts), insurance.show_credential, insurance.find_person, insurance.choose_insurance,
        register,
    )  # fmt: skip
    keyed_by = (("ipt_otp_no",),)

    @staticmethod
    def result(state: RegistrationState) -> RegistrationResult:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "visit": shown_visit(state.visit),
        }
