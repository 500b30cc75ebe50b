"""电子处方流转, the hospital's side: checked (7101), signed (7102), uploaded (7103); withdrawn (7104); what became of
it at the pharmacy (7105, 7106, 7107).

The document goes through byte for byte: what is signed is what is uploaded. Data is given by its wire names; what
follows from something else is put in.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any, TypedDict

import attrs

from ...contract.steps import Flow, step
from ...errors import CallRefused
from ...spec.nodes import members, node_of
from ...spec.writing import SPARSE, MessageWriter
from ...wire.json import encode
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import following

_write = MessageWriter(SPARSE).write

SIGNED = 20
"""So many fields of 7103, from the first one, are what 7102 signs."""

KINDS = {b"%PDF": "pdf", b"PK\x03\x04": "ofd"}
"""How a document begins."""


@attrs.define(kw_only=True)
class PrescriptionGiven:
    """A prescription that the patient takes elsewhere.

    ``prescription`` is 7101's data, ``pharmacist`` the fields of 7103 that begin with ``phar``: the institution's own
    pharmacist passed it before. ``document`` is the prescription as PDF or OFD, in Base64. Institution, number of drugs
    and the day until which it holds are put in where they are not given.
    """

    prescription: dict[str, Any] = attrs.field(repr=False)
    pharmacist: dict[str, Any] = attrs.field(repr=False)
    document: str = attrs.field(repr=False)
    insured_place: str = ""

    def __attrs_post_init__(self) -> None:
        try:
            held = base64.b64decode(self.document, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("document 应为 Base64") from None
        if not held.startswith(tuple(KINDS)):
            raise ValueError("document 应为 PDF 或 OFD")
        for name in ("hospRxno", "prscTime", "valiDays", "rxdrugdetail", "mdtrtinfo"):
            if not self.prescription.get(name):
                raise ValueError(f"prescription 缺少 {name}")
        if not isinstance(self.prescription["mdtrtinfo"], dict):
            raise ValueError("prescription 的 mdtrtinfo 应为一组键值")


@attrs.define(kw_only=True)
class PrescriptionState:
    """How far a prescription has got. ``document`` and ``digest`` are what the centre signed."""

    given: PrescriptionGiven
    trace: str = attrs.field(default="", repr=False)
    number: str = ""
    document: str = attrs.field(default="", repr=False)
    digest: str = attrs.field(default="", repr=False)
    status: str = ""
    status_name: str = ""


@step("处方预核验", "7101")
def pre_check(work: Work[PrescriptionState]) -> None:
    """Have the prescription checked: the centre gives its number."""
    state = work.state
    institution, given = work.runtime.deployment.institution, state.given.prescription
    visit = {"fixmedinsCode": institution.code, "fixmedinsName": institution.name, **given["mdtrtinfo"]}
    data = {"rxDrugCnt": str(len(given["rxdrugdetail"])), "valiEndTime": _until(given), **given, "mdtrtinfo": visit}
    answer = work.call("7101", {"data": data}, insured_place=state.given.insured_place or None).node("data")
    state.trace, state.number = answer.rxTraceCode, answer.hiRxno


def _until(given: dict[str, Any]) -> str:
    try:
        begins = datetime.fromisoformat(str(given["prscTime"]))
        return f"{begins + timedelta(days=int(given['valiDays'])):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        raise FlowStopped("prscTime 或 valiDays 不对，算不出有效截止时间", remedy="核对处方") from None


@step("处方电子签名", "7102", takes=("7101.output.data.rxTraceCode", "7101.output.data.hiRxno"))
def sign(work: Work[PrescriptionState]) -> None:
    """Have the very fields signed that are uploaded then, and the document."""
    state = work.state
    fields = signed_fields(work)
    data = {
        "fixmedinsCode": work.runtime.deployment.institution.code, "originalRxFile": state.given.document,
        "originalValue": base64.b64encode(encode(fields)).decode(),
    }  # fmt: skip
    answer = work.call("7102", {"data": data}).node("data")
    state.document, state.digest = answer.rxFile, answer.signDigest


def signed_fields(work: Work[PrescriptionState]) -> dict[str, Any]:
    """The first twenty fields of 7103, in the table's order, as they are written in the message; empty where there is
    nothing."""
    state = work.state
    visit, institution = state.given.prescription["mdtrtinfo"], work.runtime.deployment.institution
    names = ("mdtrtId", "patnName", "psnCertType", "certno", "drCode", "prscDrName")
    values = {
        "rxTraceCode": state.trace, "hiRxno": state.number, **{name: visit.get(name) for name in names},
        "fixmedinsName": visit.get("fixmedinsName") or institution.name, "fixmedinsCode": institution.code,
        **state.given.pharmacist,
    }  # fmt: skip
    declared = members(node_of(work.runtime.interfaces["7103"].input))[0].node
    assert declared is not None
    order = [member.wire for member in members(declared)][:SIGNED]
    return {name: values.get(name) or "" for name in order}


@step("处方上传", "7103", takes=("7102.output.data.rxFile", "7102.output.data.signDigest"), undone_by="7104")
def upload(work: Work[PrescriptionState]) -> None:
    """Upload what was signed: from here on the patient can have it dispensed."""
    state = work.state
    fields = {name: value for name, value in signed_fields(work).items() if value}
    data = {**fields, "rxFile": state.document, "signDigest": state.digest}
    answer = work.call("7103", {"data": data}, insured_place=state.given.insured_place or None).node("data")
    state.status, state.status_name = answer.rxStasCodg, answer.rxStasName


class PrescriptionResult(TypedDict):
    """A prescription."""

    prescription: str
    status: str
    status_name: str


class OutwardPrescription(Flow[PrescriptionState]):
    """电子处方上传: from the doctor's prescription to one that a pharmacy can dispense."""

    name = "outward_prescription"
    title = "电子处方上传"
    given = PrescriptionGiven
    state = PrescriptionState
    undone_by = "prescription_withdrawal"
    steps = (pre_check, sign, upload)

    @staticmethod
    def result(state: PrescriptionState) -> PrescriptionResult:
        return {"prescription": state.number, "status": state.status, "status_name": state.status_name}


# -- what follows ------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class FollowingGiven:
    """The prescription that is meant: its flow, or the key that it was started with. ``withdrawal`` is 7104's data
    without number, institution and time: drCode, undoDrName, undoDrCertType, undoDrCertno, undoRea."""

    prescription: str | None = None
    prescription_key: str | None = None
    withdrawal: dict[str, Any] = attrs.field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        if not (self.prescription or self.prescription_key):
            raise ValueError("给出 prescription 或 prescription_key")


@attrs.define(kw_only=True)
class FollowingState:
    """What is known of a prescription: ``query`` is what it is asked for by, the rest what was answered."""

    given: FollowingGiven
    query: dict[str, Any] = attrs.field(factory=dict, repr=False)
    told: dict[str, Any] = attrs.field(factory=dict, repr=False)


@step("找到处方")
def find_prescription(work: Work[FollowingState]) -> None:
    """Know which prescription is meant, and by what it is asked for."""
    given = work.state.given
    names = (OutwardPrescription.name,)
    found = following.earlier(work, names, given.prescription, given.prescription_key)
    if found is None or not found.number:
        raise FlowStopped("这张处方还没有编号", remedy="放弃那笔业务即可")
    visit = found.given.prescription["mdtrtinfo"]
    work.state.query = {
        "hiRxno": found.number, "fixmedinsCode": work.runtime.deployment.institution.code, "mdtrtId": visit["mdtrtId"],
        "psnName": visit["patnName"], "psnCertType": visit["psnCertType"], "certno": visit["certno"],
    }  # fmt: skip


@step("处方信息查询", "7105")
def ask_prescription(work: Work[FollowingState]) -> None:
    """How the prescription stands, and whether it was used."""
    told = _write(work.call("7105", {"data": work.state.query}).node("data"))
    names = ("rxStasCodg", "rxStasName", "rxUsedStasCodg", "rxUsedStasName")
    work.state.told |= {name: told.get(name) for name in names}


@step("处方撤销", "7104", takes=("7101.output.data.hiRxno",))
def withdraw(work: Work[FollowingState]) -> None:
    """Withdraw a prescription that was not dispensed."""
    state = work.state
    data = {
        **state.given.withdrawal, "hiRxno": state.query["hiRxno"], "fixmedinsCode": state.query["fixmedinsCode"],
        "undoTime": f"{work.begun_at:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip
    state.told |= _write(work.call("7104", {"data": data}).node("data"))


@step("审核结果查询", "7106")
def ask_review(work: Work[FollowingState]) -> None:
    """How the pharmacy's pharmacist judged; nothing where nobody has yet."""
    work.state.told["review"] = _asked(work, "7106")


@step("取药结果查询", "7107")
def ask_dispensing(work: Work[FollowingState]) -> None:
    """What was dispensed; nothing where nothing was yet."""
    work.state.told["dispensing"] = _asked(work, "7107")


def _asked(work: Work[FollowingState], infno: str) -> dict[str, Any] | None:
    """What is answered; None where the centre refuses, as it does where there is nothing yet: its words are not public,
    so they are told."""
    try:
        told: dict[str, Any] = _write(work.call(infno, {"data": work.state.query}).node("data"))
    except CallRefused as refused:
        work.advise(f"{work.runtime.interfaces[infno].name}：{refused.message}")
        return None
    return told


class PrescriptionWithdrawal(Flow[FollowingState]):
    """电子处方撤销: a prescription taken back that nobody dispensed."""

    name = "prescription_withdrawal"
    title = "电子处方撤销"
    given = FollowingGiven
    state = FollowingState
    steps = (find_prescription, withdraw)

    @staticmethod
    def result(state: FollowingState) -> dict[str, Any]:
        return {"prescription": state.query.get("hiRxno", ""), **state.told}


class PrescriptionOutcome(Flow[FollowingState]):
    """电子处方结果: how a prescription stands, was judged and was dispensed."""

    name = "prescription_outcome"
    title = "电子处方结果"
    given = FollowingGiven
    state = FollowingState
    steps = (find_prescription, ask_prescription, ask_review, ask_dispensing)

    @staticmethod
    def result(state: FollowingState) -> dict[str, Any]:
        return {"prescription": state.query.get("hiRxno", ""), **state.told}
