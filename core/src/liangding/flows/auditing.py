"""明细审核: 3101 before fees are uploaded, 3102 before a settlement, and what a person decides on the findings (3103).

The message is built from what the flow knows; a row brings what only the caller knows in ``order``. 3101 knows no own
shares yet and sends none; 3102 sends those of the upload and the pre-settlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol

import attrs

from ..contract.questions import AnswerKind, Option, Question
from ..contract.region import Audit, Place
from ..errors import CallFailed, ConfigurationError, InvalidMessage
from ..national.meaning import WARN_TYPES
from ..receipts.money import ZERO, Split
from ..spec.codes import code_table
from ..spec.problems import Problem, problem
from ..workflow.standing import FlowStopped, NotConfirmed
from ..workflow.work import Work
from .batching import Upload
from .visits import Diagnosis, Doctor, FeeItem, Visit, main_diagnosis, sum_of

BEFORE, DURING, FEEDBACK = "3101", "3102", "3103"
CLEAR = "1"
"""sev_deg 明确违规."""

CONTINUE, CHANGE = Option(value="continue", label="继续执行"), Option(value="change", label="返回修改")


class Violation(FlowStopped):
    """The audit found a clear violation, and the institution or its region lets none pass."""

    code = "violation"
    remedy = "改好医嘱或处方后再办；医院以同一就诊另开一单，已传的明细先撤销"


@attrs.frozen(kw_only=True)
class AuditFinding:
    """What the audit found, and on what grounds (``evidence``, 违规依据). ``rows`` are the caller's serial numbers that
    it points at."""

    jr_id: str
    severity: str
    rule: str
    text: str
    amount: Decimal
    rows: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def severity_name(self) -> str:
        return code_table("sev_deg").name_of(self.severity)


@attrs.define(kw_only=True)
class Audited:
    """What an audit said of a visit, and what a person decided: ``continue`` with a reason, or ``change``."""

    infno: str
    findings: list[AuditFinding] = attrs.field(factory=list)
    decision: str = ""
    reason: str = ""
    reported: bool = False


class AuditedState(Protocol):
    """The part of a flow's state that an audit needs."""

    person: Any
    cover: Any
    trial: Split | None
    audits: list[Audited]


@attrs.frozen(kw_only=True)
class Encounter:
    """What an audit has to know of a visit beyond the state. ``scene`` is trig_scen, ``kind`` med_mdtrt_type (1 门诊,
    2 住院, 3 购药), ``matn_stas`` the table of that name. ``upload`` has what the platform said of the rows, where they
    are there already."""

    visit: Visit
    upload: Upload = attrs.field(factory=Upload)
    scene: str
    kind: str
    med_type: str
    doctor: Doctor
    diagnoses: list[Diagnosis]
    items: list[FeeItem]
    begun_at: Any
    ended_at: Any = None
    matn_stas: str = "0"


def mode(work: Work[Any]) -> Audit:
    """What is done about audits here."""
    return work.runtime.deployment.features.audit or work.runtime.region.audit


def check_orders(work: Work[Any], items: list[FeeItem], further: Iterable[Problem] = ()) -> None:
    """InvalidMessage where audits are made here, and rows do not bring what they ask for; ``further`` is what else is
    wanting of the visit."""
    if mode(work) == "off":
        return
    wanting: list[Problem] = [*further]
    wanting += [
        problem(("given", "rows", i, "order"), "required", "本机构做明细审核，要给出 order（目录类别、规格、职称等）")
        for i, item in enumerate(items)
        if item.order is None
    ]
    if wanting:
        raise InvalidMessage(wanting)


def audit(work: Work[Any], infno: str, encounter: Encounter) -> None:
    """Ask the audit once, show what it finds, record what a person decides. Violation, or NotConfirmed where the
    person goes back to change the orders."""
    how = mode(work)
    if how == "off":
        return
    audited = _asked(work, infno, encounter, how)
    if not audited.findings:
        return
    clear = [each for each in audited.findings if each.severity == CLEAR]
    if how == "stop" and clear:
        audited.decision = CHANGE.value
        _report(work, audited)
        raise Violation("；".join(f"{each.severity_name}：{_told(each)}" for each in clear))
    audited.decision = work.ask(_question(audited))
    if audited.decision == CHANGE.value:
        _report(work, audited)
        work.forget(f"audit_{infno}")
        raise NotConfirmed("按审核提示返回修改，没有继续", remedy=Violation.remedy)
    why = Question(id=f"audit_{infno}_reason", text="继续执行的原因", kind=AnswerKind.TEXT, whom="医生或收款员")
    audited.reason = work.ask(why)
    _report(work, audited)


def _asked(work: Work[Any], infno: str, encounter: Encounter, how: Audit) -> Audited:
    state: AuditedState = work.state
    earlier = next((each for each in state.audits if each.infno == infno), None)
    if earlier is not None and earlier.decision != CHANGE.value:
        return earlier
    found: list[AuditFinding] = []
    try:
        answer = work.call(infno, _message(work, encounter), insured_place=state.cover.insured_place)
        found = sorted(map(_finding, answer.output.result or ()), key=lambda each: each.severity)
    except (CallFailed, InvalidMessage) as failed:
        if how == "stop":
            raise
        work.advise(f"明细审核（{infno}）没有做成：{failed.message}")
    state.audits[:] = [each for each in state.audits if each.infno != infno]
    state.audits.append(Audited(infno=infno, findings=found))
    return state.audits[-1]


def _finding(row: Any) -> AuditFinding:
    pointed = tuple(each.rx_id for each in row.judge_result_detail_dtos or () if each.rx_id)
    return AuditFinding(
        jr_id=row.jr_id, severity=row.sev_deg, rule=row.rule_name, text=row.vola_cont, amount=row.vola_amt or ZERO,
        rows=pointed, evidence=row.vola_evid or "",
    )  # fmt: skip


def _question(audited: Audited) -> Question:
    facts = tuple((f"{each.severity_name} {each.rule}", _told(each)) for each in audited.findings)
    return Question(
        id=f"audit_{audited.infno}", text=f"明细审核有 {len(audited.findings)} 条提示，是否继续？",
        options=(CHANGE, CONTINUE), whom="医生或收款员", facts=facts,
    )  # fmt: skip


def _told(finding: AuditFinding) -> str:
    return f"{finding.text}（依据：{finding.evidence}）" if finding.evidence else finding.text


def _report(work: Work[Any], audited: Audited) -> None:
    """Report the decision, one row a finding (3103). It moves no money: where it fails, the work goes on."""
    if audited.reported:
        return
    way = {CONTINUE.value: "1", CHANGE.value: "2"}[audited.decision]
    reason = {"dspo_way_rea": audited.reason} if audited.reason else {}
    warns = [{"warn_rslt_id": each.jr_id, "dspo_way": way, **reason} for each in audited.findings]
    message = {"data": {"warn_type": WARN_TYPES[audited.infno], "warns": warns}}
    try:
        work.call(FEEDBACK, message, part=f"{audited.infno}-{audited.findings[0].jr_id}-{way}")
    except CallFailed as failed:
        work.advise(f"审核处理结果没有报成（{FEEDBACK}）：{failed.message}")
    else:
        audited.reported = True


# -- the message -------------------------------------------------------------------------------------------------------


def _message(work: Work[Any], encounter: Encounter) -> dict[str, Any]:
    state: AuditedState = work.state
    person, visit = state.person, encounter.visit
    if person.born is None:
        raise FlowStopped("人员信息没有出生日期，不能送审核", remedy="核对 1101 的返回，或关掉审核")
    patient = {
        "patn_id": person.psn_no, "patn_name": person.name, "gend": person.gender, "brdy": person.born,
        "poolarea": state.cover.insured_place, "curr_mdtrt_id": visit.mdtrt_id,
        "fsi_encounter_dtos": [_encounter(work, encounter)],
    }  # fmt: skip
    task = f"{work.flow_id}{work.step}"
    return {"data": {"trig_scen": encounter.scene, "task_id": task, "patient_dtos": [patient]}}


def _encounter(work: Work[Any], encounter: Encounter) -> dict[str, Any]:
    state, institution, visit = work.state, work.runtime.deployment.institution, encounter.visit
    if not (institution.medins_type and institution.hosp_lv):
        text = "做明细审核要在部署文件中给出 institution.medins_type 与 institution.hosp_lv"
        raise ConfigurationError(text, path=f"{work.runtime.deployment.source.name}: institution")
    main, trial = main_diagnosis(encounter.diagnoses), state.trial
    local = work.runtime.region.place(visit.insured_place) is Place.LOCAL
    return {
        "mdtrt_id": visit.mdtrt_id, "medins_id": institution.code, "medins_name": institution.name,
        "medins_admdvs": institution.area, "medins_type": institution.medins_type, "medins_lv": institution.hosp_lv,
        "adm_date": encounter.begun_at, "dscg_date": encounter.ended_at or encounter.begun_at,
        "dscg_main_dise_codg": main.diag_code, "dscg_main_dise_name": main.diag_name,
        "dr_codg": encounter.doctor.atddr_no, "adm_dept_codg": encounter.doctor.dept_code,
        "adm_dept_name": encounter.doctor.dept_name, "dscg_dept_codg": encounter.doctor.dept_code,
        "dscg_dept_name": encounter.doctor.dept_name, "med_mdtrt_type": encounter.kind,
        "med_type": encounter.med_type, "matn_stas": encounter.matn_stas,
        "medfee_sumamt": sum_of(encounter.items), "ownpay_amt": trial.full_own + trial.over_limit if trial else ZERO,
        "selfpay_amt": trial.own_first if trial else ZERO, "setl_totlnum": 1, "insutype": state.cover.insutype,
        "reim_flag": "2", "out_setl_flag": "0" if local else "1",
        "fsi_diagnose_dtos": [_diagnosis(encounter, i, each) for i, each in enumerate(encounter.diagnoses, 1)],
        "fsi_order_dtos": [_order(encounter, item) for item in encounter.items],
    }  # fmt: skip


def _diagnosis(encounter: Encounter, number: int, given: Diagnosis) -> dict[str, Any]:
    return {
        "dise_id": str(number), "inout_dise_type": "1",
        "maindise_flag": "1" if given is main_diagnosis(encounter.diagnoses) else "0", "dias_srt_no": str(number),
        "dise_codg": given.diag_code, "dise_name": given.diag_name,
        "dise_date": given.diag_time or encounter.begun_at,
    }  # fmt: skip


def _order(encounter: Encounter, item: FeeItem) -> dict[str, Any]:
    order, by = item.order, item.doctor or encounter.doctor
    split = encounter.upload.rows().get(item.feedetl_sn)
    assert order is not None
    return {
        "rx_id": item.feedetl_sn, "rxno": item.rxno or item.feedetl_sn,
        "long_drord_flag": "1" if order.long_term else "0", "hilist_type": order.list_type,
        "chrg_type": order.med_chrgitm_type, "drord_bhvr": order.behaviour, "hilist_code": item.med_list_codg,
        "hilist_name": order.list_name or item.name, "hilist_lv": order.chrgitm_lv,
        "hilist_pric": order.list_price if order.list_price is not None else item.price,
        "hosplist_code": item.medins_list_codg, "hosplist_name": item.name, "cnt": item.count, "pric": item.price,
        "sumamt": item.amount, "ownpay_amt": split.full_own + split.over_limit if split else ZERO,
        "selfpay_amt": split.own_first if split else ZERO, "spec": order.spec, "spec_unt": order.unit,
        "drord_begn_date": item.fee_ocur_time or encounter.begun_at, "drord_dept_codg": by.dept_code,
        "drord_dept_name": by.dept_name, "drord_dr_codg": by.atddr_no, "drord_dr_name": by.dr_name,
        "drord_dr_profttl": order.doctor_title, "curr_drord_flag": "1",
    }  # fmt: skip
