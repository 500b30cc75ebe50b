"""What each script does: pieces of business by the deployment's own flows, looked at, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .. import desk
from ..config.trials import TrialBill
from ..contract.acceptance import Scenario, Script
from ..contract.credentials import Credential
from ..errors import ConfigurationError, LiangdingError
from ..flows import Flows, Status, View
from ..reconciliation.reconciling import reconcile
from ..runtime import Runtime
from .keeping import ScenarioRecord

PURCHASE, REFUND, VISIT, VISIT_UNDO = "pharmacy_purchase", "pharmacy_refund", "outpatient", "outpatient_undo"
ADMISSION, FEES, DISCHARGE, STAY_UNDO = "admission", "inpatient_fees", "discharge", "inpatient_undo"


OF_A_VISIT = ("doctor_code", "doctor_name", "dept_code", "dept_name", "diag_code", "diag_name")
"""What the bill has to say where somebody is treated."""

DAYS_BACK = 31
"""How far back settlements are looked for that can be reconciled."""


class NotThrough(Exception):
    """A flow of a scenario did not come to its end."""

    def __init__(self, view: View) -> None:
        self.view = view


Finish = Callable[[View], View]
"""Answers a flow's questions until it asks none, or somebody has to."""


class Doing:
    """One scenario under way. Every flow has a key of the run, the scenario's number and the attempt, so that a run
    that goes on gets what was done, and nothing is done twice."""

    def __init__(
        self, runtime: Runtime, flows: Flows, scenario: Scenario, kept: ScenarioRecord, run: str, finish: Finish
    ) -> None:
        self.runtime, self.flows, self.scenario, self.kept = runtime, flows, scenario, kept
        self.number = f"YS{run}-{kept.ordinal}-{kept.attempt}"
        self.finish = finish
        self.credential: Credential | None = None
        self.failures: list[str] = []
        self.asked: list[int] = []

    def key(self, part: str) -> str:
        return f"acceptance {self.number} {part}"

    @property
    def begun_at(self) -> str:
        return self.kept.begun_at

    @property
    def bill(self) -> TrialBill:
        bill = self.runtime.deployment.acceptance.bill
        if bill is None:
            raise ConfigurationError(
                "没有写明拿什么来试结算",
                path=f"{self.runtime.deployment.source.name}: acceptance.bill",
                remedy="写出目录编码、院内编码、名称与单价",
            )
        return bill

    def go(self, flow: str, part: str, given: Mapping[str, Any]) -> View:
        """One flow to its end. NotThrough where it stops before it."""
        given = dict(given) | ({"credential": self.shown()} if self.credential else {})
        before = self.flows.find(flow, self.key(part))
        view = before if before and before.status in (Status.DONE, Status.UNDONE) else None
        view = view or self.finish(self.flows.start(flow, given, key=self.key(part)))
        self.kept.flows[part] = view.id
        if view.status not in (Status.DONE, Status.UNDONE):
            raise NotThrough(view)
        return view

    def shown(self) -> dict[str, Any]:
        """The credential, as a flow is given it."""
        assert self.credential is not None
        held = {"type": self.credential.type, "number": self.credential.number, "card_sn": self.credential.card_sn}
        return {name: value for name, value in held.items() if value}

    def ask(self, infno: str, message: Mapping[str, Any], place: str) -> None:
        """One query; that it fails is the scenario's failure, after everything else was done."""
        try:
            self.asked.append(self.runtime.call(infno, message, insured_place=place).call_id)
        except LiangdingError as failed:
            self.failures.append(f"{infno}：{failed.message}")

    def look(self, view: View, *, diagnoses: bool) -> None:
        """Ask for the visit, its settlement and its fees, as the desk does."""
        state = self.flows.state_of(view.id)
        if state.settlement is None or state.person is None:
            return
        visit: Any = getattr(state, "visit", None)
        place = state.cover.insured_place if getattr(state, "cover", None) else visit.insured_place
        named = {"psn_no": state.person.psn_no, "mdtrt_id": state.settlement.mdtrt_id}
        settled = named | {"setl_id": state.settlement.setl_id}
        med_type = getattr(state.given, "med_type", "") or visit.med_type
        day = self.begun_at[:10]
        period = {"begntime": f"{day} 00:00:00", "endtime": f"{self.runtime.now():%Y-%m-%d} 23:59:59"}
        self.ask("5201", {"data": {"psn_no": state.person.psn_no, "med_type": med_type, **period}}, place)
        self.ask("5203", {"data": settled}, place)
        self.ask("5204", {"data": settled}, place)
        if diagnoses:
            self.ask("5202", {"data": named}, place)


# -- what is done ------------------------------------------------------------------------------------------------------


def sign_in(doing: Doing) -> None:
    """9001, whatever sign-in is held."""
    deployment = doing.runtime.deployment
    operator = deployment.operator()
    doing.runtime.sign_in(operator)


def look_at_a_person(doing: Doing) -> None:
    """Everything that the desk asks about a person."""
    if doing.credential is None:
        raise ConfigurationError("柜台查询要有凭证的引用", path="acceptance.persons", remedy="给出 credentials.02")
    seen = desk.person(doing.runtime, desk.Search(credential=doing.credential))
    failures = [*seen.visits.failures, *(each for section in seen.sections.values() for each in section.failures)]
    doing.failures += [f"{each.infno}：{each.message}" for each in failures]


def purchase(doing: Doing) -> None:
    bill = doing.bill
    row: dict[str, Any] = {
        "feedetl_sn": f"{doing.number}-1", "med_list_codg": bill.med_list_codg, "name": bill.name,
        "medins_list_codg": bill.medins_list_codg, "count": str(bill.count), "price": str(bill.price),
    }  # fmt: skip
    given: dict[str, Any] = {"receipt_no": doing.number, "rows": [row]}
    if bill.order:
        _wanted(doing, OF_A_VISIT)
        row["order"] = bill.order
        given |= {"doctor": _doctor(bill), "diagnoses": _diagnoses(bill)}
    if bill.trace_codes:
        row["goods"] = {
            "fixmedins_hilist_id": bill.medins_list_codg, "fixmedins_hilist_name": bill.name,
            "fixmedins_bchno": f"{doing.number}", "manu_lotnum": bill.batch, "manu_date": str(bill.made_on),
            "trace_codes": list(bill.trace_codes),
        }  # fmt: skip
        given["staff"] = {
            "pharmacist": bill.pharmacist, "pharmacist_certificate": bill.pharmacist_certificate,
        }  # fmt: skip
    if doing.scenario.med_type:
        given |= {"med_type": doing.scenario.med_type}
    if doing.scenario.chronic:
        given |= _disease(doing)
    doing.look(doing.go(PURCHASE, "purchase", given), diagnoses=False)


def visit(doing: Doing) -> None:
    bill = _of_a_visit(doing)
    given: dict[str, Any] = {
        "ipt_otp_no": doing.number, "chrg_bchno": doing.number, "doctor": _doctor(bill),
        "diagnoses": _diagnoses(bill), "rows": [_fee(doing, bill)], "begun_at": doing.begun_at,
    }  # fmt: skip
    if doing.scenario.med_type:
        given |= {"med_type": doing.scenario.med_type}
    if doing.scenario.chronic:
        given |= _disease(doing)
    doing.look(doing.go(VISIT, "visit", given), diagnoses=True)


def stay(doing: Doing) -> None:
    doing.look(settled_stay(doing), diagnoses=True)


def settled_stay(doing: Doing, rows: Sequence[Mapping[str, Any]] = ()) -> View:
    """A stay with these fee rows (the bill's where none are given), settled at its discharge."""
    bill = _of_a_visit(doing)
    at = {"admission_key": doing.key("admission")}
    ward = {"doctor": _doctor(bill), "adm_bed": bill.bed or "1", "adm_diag_dscr": bill.diag_name}
    admission = {"ipt_no": doing.number, "ward": ward, "diagnoses": _diagnoses(bill), "begun_at": doing.begun_at}
    doing.go(ADMISSION, "admission", admission)
    shown, doing.credential = doing.credential, None
    doing.go(FEES, "fees", {"stay": at, "doctor": _doctor(bill), "rows": list(rows) or [_fee(doing, bill)]})
    doing.credential = shown
    discharge = {"stay": at, "doctor": _doctor(bill), "diagnoses": _diagnoses(bill), "dscg_way": "1"}
    return doing.go(DISCHARGE, "discharge", discharge)


def _of_a_visit(doing: Doing) -> TrialBill:
    """The bill, with what a visit needs beyond a purchase. ConfigurationError names what is wanting."""
    bill = doing.bill
    _wanted(doing, OF_A_VISIT)
    return bill


def _wanted(doing: Doing, names: Sequence[str]) -> None:
    """ConfigurationError names what the bill does not say."""
    wanting = [name for name in names if not getattr(doing.bill, name)]
    if wanting:
        where = f"{doing.runtime.deployment.source.name}: acceptance.bill"
        raise ConfigurationError(f"试{doing.scenario.title}还要 {'、'.join(wanting)}", path=where)


def _disease(doing: Doing) -> dict[str, str]:
    """The chronic disease that is treated: one of those that count as 门特, or any other."""
    prefix = "special_" if doing.scenario.business == "门特" else ""
    _wanted(doing, [f"{prefix}dise_codg", f"{prefix}dise_name"])
    return {name: str(getattr(doing.bill, f"{prefix}{name}")) for name in ("dise_codg", "dise_name")}


def _doctor(bill: TrialBill) -> dict[str, str]:
    return {
        "atddr_no": bill.doctor_code, "dr_name": bill.doctor_name, "dept_code": bill.dept_code,
        "dept_name": bill.dept_name, "caty": bill.caty or bill.dept_code,
    }  # fmt: skip


def _diagnoses(bill: TrialBill) -> list[dict[str, str]]:
    return [{"diag_code": bill.diag_code, "diag_name": bill.diag_name}]


def _fee(doing: Doing, bill: TrialBill) -> dict[str, Any]:
    return {
        "feedetl_sn": f"{doing.number}-1", "med_list_codg": bill.med_list_codg, "name": bill.name,
        "medins_list_codg": bill.medins_list_codg, "count": str(bill.count), "price": str(bill.price),
        "hosp_appr_flag": "1", **({"order": bill.order} if bill.order else {}),
    }  # fmt: skip


def reconciled(doing: Doing) -> None:
    """The latest day with settlements, by 3201 and, whether that balances or not, by 3202. Where 3201 changes something
    it is sent on a test platform only."""
    runtime = doing.runtime
    today = runtime.now().date()
    days = (today - timedelta(days=back) for back in range(DAYS_BACK))
    day = next((day for day in days if any(True for _ in runtime.journal.settlements.between(day, day))), None)
    if day is None:
        told = f"最近 {DAYS_BACK} 天没有结算可对"
        raise ConfigurationError(told, path="acceptance: reconcile", remedy="先做会结算的场景，再做 reconcile")
    tried = runtime.deployment.platform.environment == "test"
    report = reconcile(runtime, day, day, totals_too=tried, every_detail=True)
    if not report.totals:
        raise ConfigurationError(f"{day} 没有成立的结算可对", path="acceptance: reconcile", remedy="有结算的那天再做")
    doing.failures += [*report.failures, *(each.said for each in report.totals if each.asked and not each.balanced)]
    doing.failures += [f"{each.difference.setl_id} {each.difference.kind.chinese}" for each in report.differences]


# -- taking back -------------------------------------------------------------------------------------------------------


def take_back(doing: Doing) -> None:
    """Take back whatever the scenario's flows have left standing. NotThrough where something stands."""
    for part, flow, undo in (
        ("purchase", PURCHASE, lambda view: (REFUND, {"purchase": view.id})),
        ("visit", VISIT, lambda view: (VISIT_UNDO, {"bill": view.id, "level": "registration"})),
        (
            "admission",
            ADMISSION,
            lambda view: (STAY_UNDO, {"stay": {"admission_key": doing.key("admission")}, "level": "admission"}),
        ),
    ):
        view = doing.flows.find(flow, doing.key(part))
        if view is None or view.status is Status.ABANDONED:
            continue
        if not any(call.changes and not call.state.repeatable for call in doing.runtime.journal.of_flow(view.id)):
            continue  # nothing of it reached the platform
        name, given = undo(view)
        doing.go(name, f"undo {part}", given)


DO: Mapping[Script, Callable[[Doing], None]] = {
    Script.SIGN_IN: sign_in,
    Script.DESK: look_at_a_person,
    Script.PURCHASE: purchase,
    Script.VISIT: visit,
    Script.STAY: stay,
    Script.RECONCILE: reconciled,
}


def begun(now: datetime) -> str:
    """When a scenario's visit begins, as it is said to the platform."""
    return f"{now:%Y-%m-%d %H:%M:%S}"
