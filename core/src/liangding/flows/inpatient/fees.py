"""住院费用上传: fee rows of a stay (2301) in batches, with negative ones for what is given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypedDict

import attrs

from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...receipts.money import Split
from ...workflow.work import Work
from .. import auditing, batching
from ..auditing import Audited, Encounter
from ..batching import Upload
from ..caps import remind_of_items
from ..following import earlier
from ..holding import Draft, held_first
from ..visits import INPATIENT_ONLY, Diagnosis, Doctor, FeeItem, ShownVisit, Visit, check_serials, fee_row, shown_visit
from .admission import Admission
from .stay import StayGiven, find_stay

GIVEN_AS = {"cnt": ("count",), "pric": ("price",), "det_item_fee_sumamt": ("price",)}
"""Fields of a fee row that are given under another name."""


@attrs.define(kw_only=True)
class FeesGiven:
    """A day's fee rows, or any others. A row with a negative count gives back one that was uploaded, and names it."""

    stay: StayGiven
    doctor: Doctor
    rows: list[FeeItem]
    diagnoses: list[Diagnosis] = attrs.field(factory=list)
    charged_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_serials(self.rows)
        if any(item.count == 0 for item in self.rows):
            raise ValueError("rows 的 count 不能是 0")
        if any(item.count < 0 and not item.init_feedetl_sn for item in self.rows):
            raise ValueError("负数的行要给出 init_feedetl_sn（原费用流水号）")


@attrs.define(kw_only=True)
class FeesState:
    """How far an upload has got."""

    given: FeesGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    charged_at: datetime | None = None
    upload: Upload = attrs.field(factory=Upload)
    trial: Split | None = None
    audits: list[Audited] = attrs.field(factory=list)


@step("核对明细", when="发送之前")
def check_fees(work: Work[FeesState]) -> None:
    """Hold the rows to the declaration before anything is sent."""
    state = work.state
    assert state.visit is not None
    state.charged_at = state.charged_at or state.given.charged_at or work.begun_at
    batching.check_rows(work, "2301", state.given.rows, lambda item: _fee(state, item), state.visit.insured_place)


@step(
    "事前审核",
    "3101",
    "3103",
    takes=("2401.output.result.mdtrt_id",),
    skip=lambda state: not state.given.diagnoses,
    when="部署或地区要做审核，且给出了 diagnoses",
    uses=("audit",),
)
def audit_fees(work: Work[FeesState]) -> None:
    """Have the orders audited before their fees are uploaded; who the patient is, the admission knows."""
    state, given = work.state, work.state.given
    assert state.visit is not None
    if auditing.mode(work) == "off":
        return
    admission = earlier(work, (Admission.name,), given.stay.admission, given.stay.admission_key)
    if admission is None:
        work.advise("入院不是在这里办的，不知道参保人的性别和出生日期，没有做事前审核")
        return
    ordered = [item for item in given.rows if item.count > 0]
    auditing.check_orders(work, ordered)
    state.person, state.cover = admission.person, admission.cover
    encounter = Encounter(
        visit=state.visit, upload=state.upload, scene="4", kind="2",
        med_type=state.visit.med_type, doctor=given.doctor, diagnoses=given.diagnoses,
        items=ordered, begun_at=state.visit.begun_at or state.charged_at, ended_at=state.charged_at,
    )  # fmt: skip
    auditing.audit(work, "3101", encounter)


@step(
    "费用明细上传",
    "2301",
    takes=("2401.output.result.mdtrt_id",),
    undone_by="2302",
    repeats="每日；每批一次",
    uses=("row_limits",),
)
def upload_fees(work: Work[FeesState]) -> None:
    """Upload the rows, batch by batch."""
    state = work.state
    assert state.visit is not None
    batching.upload(work, "2301", state.given.rows, lambda item: _fee(state, item), state.visit)
    remind_of_items(work, (item for item in state.given.rows if item.count > 0), state.visit.insured_place)


def _fee(state: FeesState, item: FeeItem) -> dict[str, Any]:
    visit = state.visit
    assert visit is not None
    row = fee_row(item, visit, state.given.doctor, state.charged_at, *INPATIENT_ONLY)
    return row | {"med_type": visit.med_type}


def _drafts(work: Work[FeesState]) -> Iterator[Draft]:
    """What an upload will send."""
    state = work.state
    state.charged_at = state.given.charged_at or work.begun_at
    rows = [_fee(state, item) for item in state.given.rows]
    yield Draft(infno="2301", message={"feedetail": rows}, nodes={"feedetail": ("rows",)}, names=GIVEN_AS)


class FeesResult(TypedDict):
    """What became of fees."""

    visit: ShownVisit | None
    audits: list[Audited]
    fees: batching.ShownFees


class InpatientFees(Flow[FeesState]):
    """住院费用上传: fee rows of a stay, those given back among them."""

    name = "inpatient_fees"
    title = "住院费用上传"
    given = FeesGiven
    state = FeesState
    undone_by = "inpatient_undo"
    steps = (held_first(_drafts), find_stay, check_fees, audit_fees, upload_fees)

    @classmethod
    def left_behind(cls, state: FeesState, *, touched: bool) -> str:
        """Rows that the platform took, of an upload others of which it refused."""
        taken = "、".join(state.upload.rows())
        kept = f"；已收下的 {taken} 不用再传，要撤的以 inpatient_undo（level = fees，feedetl_sns）撤销" if taken else ""
        return f"改好的行以新的业务号再传{kept}"

    @staticmethod
    def result(state: FeesState) -> FeesResult:
        return {
            "visit": shown_visit(state.visit), "audits": list(state.audits), "fees": batching.shown(state.upload),
        }  # fmt: skip
