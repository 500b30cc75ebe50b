"""The prescription centre (7101 to 7211): hospitals bring prescriptions, pharmacies fetch, review and dispense them."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from ...clock import in_china
from ...contract.simulation import Refuse
from ...spec.writing import SPARSE, MessageWriter
from ...wire.gm import sm3
from ...wire.json import decode
from ..requests import Request, handles
from ..world import World

VALID, LAPSED, WITHDRAWN = "1", "2", "3"
STATES = {VALID: "有效", LAPSED: "已失效", WITHDRAWN: "已撤销"}
UNUSED, USED = "1", "2"
USES = {UNUSED: "未使用", USED: "已使用"}
PASSED = "1"

SIGNED = 20
"""So many fields of 7103, from the first, are what is signed."""

_write = MessageWriter(SPARSE).write


@attrs.define(kw_only=True, eq=False)
class Prescription:
    """One prescription. ``signed`` are the fields that were signed, with file and digest."""

    trace: str
    number: str
    given: dict[str, Any] = attrs.field(repr=False)
    signed: tuple[dict[str, Any], str, str] | None = attrs.field(default=None, repr=False)
    uploaded: dict[str, Any] | None = attrs.field(default=None, repr=False)
    state: str = ""
    used: str = UNUSED
    token: str = attrs.field(default="", repr=False)
    verified: str = ""
    review: dict[str, Any] | None = attrs.field(default=None, repr=False)
    review_serial: str = ""
    sales: dict[str, dict[str, Any]] = attrs.field(factory=dict, repr=False)
    deliveries: dict[str, str] = attrs.field(factory=dict)

    @property
    def certno(self) -> str:
        return str(self.given["mdtrtinfo"]["certno"])


@attrs.define
class Prescriptions:
    """All prescriptions of a centre; those of several platforms may be one."""

    by_number: dict[str, Prescription] = attrs.field(factory=dict)
    count: int = 0

    def next(self) -> int:
        self.count += 1
        return self.count


def prescriptions_of(world: World) -> Prescriptions:
    kept: Prescriptions = world.kept.setdefault("prescriptions", Prescriptions())
    return kept


# -- the hospital's side -----------------------------------------------------------------------------------------------


@handles("7101")
def pre_check(request: Request) -> dict[str, Any]:
    data, held = request.input.data, prescriptions_of(request.world)
    given = _write(data)
    if data.mdtrtinfo.fixmedinsCode != request.world.institution:
        raise Refuse("定点医疗机构编号不存在")
    if data.valiEndTime != data.prscTime + timedelta(days=int(data.valiDays)):
        raise Refuse("有效截止时间应为开方时间加有效天数")
    same = [each for each in held.by_number.values() if each.given["hospRxno"] == data.hospRxno]
    if any(each.uploaded for each in same):
        raise Refuse("定点医疗机构处方编号重复")
    found = same[0] if same else None
    if found is None:
        serial = held.next()
        found = Prescription(trace=f"{serial:020d}", number=f"RX{request.world.area}{serial:022d}", given=given)
        held.by_number[found.number] = found
    found.given = given
    return {"data": {"rxTraceCode": found.trace, "hiRxno": found.number}}


@handles("7102")
def sign(request: Request) -> dict[str, Any]:
    data = request.input.data
    try:
        original = base64.b64decode(data.originalValue, validate=True)
        fields = decode(original)
        base64.b64decode(data.originalRxFile, validate=True)
    except ValueError:
        raise Refuse("原始待签名处方信息或文件不是 Base64") from None
    found = _prescription(request, str(fields.get("hiRxno") or ""))
    if fields.get("rxTraceCode") != found.trace:
        raise Refuse("处方追溯码与处方编号不符")
    digest = base64.b64encode(sm3(original)).decode()
    found.signed = (fields, data.originalRxFile, digest)
    return {
        "data": {"rxFile": data.originalRxFile, "signDigest": digest, "signCertSn": "TEST", "signCertDn": "CN=测试"}
    }


@handles("7103")
def upload(request: Request) -> dict[str, Any]:
    data = request.input.data
    found = _prescription(request, data.hiRxno)
    given = _write(data)
    if found.uploaded is not None:
        raise Refuse("处方追溯码已使用")
    if found.signed is None:
        raise Refuse("处方没有签名")
    fields, file, digest = found.signed
    if (data.rxFile, data.signDigest) != (file, digest):
        raise Refuse("处方文件或签名值与签名时不一致")
    if any(str(given.get(name) or "") != str(value or "") for name, value in fields.items()):
        raise Refuse("上传的处方信息与签名时不一致")
    found.uploaded, found.state = given, VALID
    return {"data": _stands(found)}


@handles("7104")
def withdraw(request: Request) -> dict[str, Any]:
    found = _uploaded(request, request.input.data.hiRxno)
    if found.state != VALID or found.used == USED:
        raise Refuse(f"处方{STATES[found.state]}，{USES[found.used]}，不能撤销")
    found.state = WITHDRAWN
    return {"data": _stands(found)}


@handles("7105")
def query(request: Request) -> dict[str, Any]:
    found = _asked(request)
    visit, uploaded = found.given["mdtrtinfo"], found.uploaded or {}
    names = ("prscTime", "rxDrugCnt", "valiDays", "valiEndTime", "rxTypeCode", "bizTypeCode", "longRxFlag")
    return {
        "data": {
            **_stands(found), **{name: found.given[name] for name in names if name in found.given},
            "rxUsedStasCodg": found.used, "rxUsedStasName": USES[found.used], "reptFlag": "0",
            "fixmedinsCode": visit["fixmedinsCode"], "fixmedinsName": visit["fixmedinsName"],
            "rxOtpinfo": {
                **{name: value for name, value in visit.items() if name not in _NOT_TOLD}, "insutype": "310",
                "pharName": uploaded.get("pharName"), "pharChkTime": uploaded.get("pharChkTime"),
                "mdtrtTime": visit.get("mdtrtTime") or found.given["prscTime"],
            },
        }
    }  # fmt: skip


_NOT_TOLD = frozenset(
    {
        "fixmedinsName", "fixmedinsCode", "mdtrtId", "psnNo", "psnCertType", "certno", "prscDeptCode", "drCode",
        "prscDrCertType", "prscDrCertno", "drProfttlCodg", "drProfttlName", "drDeptCode", "drDeptName", "caty",
        "hiFeesetlType", "hiFeesetlName", "rgstFee", "medfeeSumamt", "birctrlType", "birctrlMatnDate", "matnType",
        "extras",
    }
)  # fmt: skip


@handles("7106")
def query_review(request: Request) -> dict[str, Any]:
    found = _asked(request)
    if found.review is None:
        raise Refuse("未查询到审核结果")
    return {"data": review_told(found)}


@handles("7107")
def query_dispensing(request: Request) -> dict[str, Any]:
    found = _asked(request)
    if not found.sales:
        raise Refuse("未查询到取药结果")
    return {"data": dispensing_told(found, request.at)}


def review_told(found: Prescription) -> dict[str, Any]:
    """What 7106 and 7108 tell."""
    review = found.review or {}
    told = {name: review.get(name) for name in ("pharName", "pharCode", "rxChkStasCodg", "rxChkOpnn", "rxChkTime")}
    name = "审核通过" if review.get("rxChkStasCodg") == PASSED else "审核不通过"
    return {**_stands(found), **told, "rxChkStasName": name}


def dispensing_told(found: Prescription, at: datetime) -> dict[str, Any]:
    """What 7107 and 7109 tell."""
    rows = [row for sale in found.sales.values() for row in sale["rxSaleDrugDetl"]]
    return {
        **_stands(found), "setlTime": f"{at:%Y-%m-%d %H:%M:%S}", "rxUsedStasCodg": found.used,
        "rxUsedStasName": USES[found.used],
        "seltdelts": [
            {
                "medListCodg": row["medListCodg"], "drugGenname": row["drugGenname"], "drugSpec": row["drugSpec"],
                "drugProdname": row.get("drugProdname") or row["drugGenname"], "cnt": row["drugTotlcnt"],
                "drugDosform": row.get("drugDosform") or "片剂", "prdrName": row.get("prdrName") or "测试药厂",
                "takeDrugFlag": "1",
            }
            for row in rows
        ],
    }  # fmt: skip


# -- the pharmacy's side -----------------------------------------------------------------------------------------------


@handles("7201")
def authorise(request: Request) -> dict[str, Any]:
    data = request.input.data
    if data.ecToken:
        holder = request.world.token_holder(data.ecToken, request.epoch)
        if holder is None or holder.certno != data.certno:
            raise Refuse("电子凭证令牌不是本人的")
    held = prescriptions_of(request.world)
    waiting = [p for p in held.by_number.values() if p.certno == data.certno and _may_be_used(p, request)]
    return {"data": [{**_released(p, request), **_listed(p)} for p in waiting]}


@handles("7202", "7203")
def release(request: Request) -> dict[str, Any]:
    data = request.input.data
    found = _uploaded(request, getattr(data, "hiRxno", None) or str(data.epcQrcd)[-30:])
    if not _may_be_used(found, request):
        raise Refuse("处方不能使用")
    return {"data": _released(found, request)}


@handles("7204")
def download(request: Request) -> dict[str, Any]:
    found = _by_token(request)
    given, visit = found.given, found.given["mdtrtinfo"]
    assert found.uploaded is not None
    head = {name: given[name] for name in ("prscTime", "valiEndTime", "rxTypeCode", "longRxFlag") if name in given}
    person = ("medType", "otpIptFlag", "patnName", "patnAge", "gend", "maindiagCode", "maindiagName", "algsHis")
    return {
        "data": {
            "hiRxno": found.number, "rxTraceCode": found.trace, "fixmedinsCode": visit["fixmedinsCode"],
            "fixmedinsName": visit["fixmedinsName"], "prscDeptName": visit["prscDeptName"], **head,
            "rxFile": found.uploaded["rxFile"], "fileSuffix": "pdf",
            "rxDetlList": [_drug(row) for row in given["rxdrugdetail"]],
            "rxOtpinfo": {name: visit[name] for name in person if name in visit},
        }
    }  # fmt: skip


@handles("7205")
def check(request: Request) -> dict[str, Any]:
    data, found = request.input.data, _by_token(request)
    assert found.uploaded is not None
    if data.rxTraceCode != found.trace or data.rxFile != found.uploaded["rxFile"]:
        return {"data": {"flag": False, "signCertSn": "TEST", "signCertDn": "CN=测试"}}
    found.verified = f"V{found.number[-20:]}"
    told = {"flag": True, "rxSignVerifySn": found.verified, "signCertSn": "TEST", "signCertDn": "CN=测试"}
    return {"data": told}


@handles("7206")
def upload_review(request: Request) -> dict[str, Any]:
    data, found = request.input.data, _by_token(request)
    if data.rxSignVerifySn != found.verified:
        raise Refuse("处方没有验签")
    found.review = _write(data)
    found.review_serial = f"CHK{found.number[-20:]}"
    return {"data": {"flag": True, "rxChkBizSn": found.review_serial}}


@handles("7207")
def upload_sale(request: Request) -> dict[str, Any]:
    data = request.input.data
    found = _uploaded(request, data.hiRxno)
    if found.review is None or found.review["rxChkStasCodg"] != PASSED or data.rxChkBizSn != found.review_serial:
        raise Refuse("处方没有审核通过")
    if found.used == USED:
        raise Refuse("处方已使用")
    serial = f"SO{prescriptions_of(request.world).next():020d}"
    found.sales[serial], found.used = _write(data), USED
    return {"data": {"flag": True, "selStooutSn": serial}}


@handles("7208")
def withdraw_sale(request: Request) -> dict[str, Any]:
    data = request.input.data
    found = _uploaded(request, data.hiRxno)
    if data.selStooutSn and data.selStooutSn not in found.sales:
        raise Refuse("没有这笔销售出库")
    found.sales = {k: v for k, v in found.sales.items() if data.selStooutSn and k != data.selStooutSn}
    found.used = USED if found.sales else UNUSED
    return {"data": {"flag": True}}


@handles("7209", "7210")
def deliver(request: Request) -> dict[str, Any]:
    data = request.input.data
    found = _uploaded(request, data.hiRxno)
    if found.used != USED:
        raise Refuse("处方没有取药，不能配送")
    found.deliveries[data.delvNo or ""] = getattr(data, "delvStasCodg", None) or "2"
    return {"data": {"flag": True}}


@handles("7211")
def query_drugs(request: Request) -> dict[str, Any]:
    drug = {
        "medListCodg": "XC07ABM064A001010100001", "genname": "美托洛尔", "regName": "酒石酸美托洛尔片",
        "specName": "25mg", "prdrName": "测试药厂", "dosformName": "片剂",
    }  # fmt: skip
    wanted = request.input.data.medListCodg
    rows = [drug] if wanted in (None, "", drug["medListCodg"]) else []
    return {"data": {"total": len(rows), "size": request.input.data.pageSize, "list": rows}}


# -- what they have in common ------------------------------------------------------------------------------------------


def _prescription(request: Request, number: str) -> Prescription:
    found = prescriptions_of(request.world).by_number.get(number)
    if found is None:
        raise Refuse("未查询到处方信息")
    return found


def _uploaded(request: Request, number: str) -> Prescription:
    found = _prescription(request, number)
    if found.uploaded is None:
        raise Refuse("未查询到处方信息")
    return found


def _asked(request: Request) -> Prescription:
    data = request.input.data
    found = _uploaded(request, data.hiRxno)
    if data.certno != found.certno:
        raise Refuse("证件号码与处方不符")
    return found


def _by_token(request: Request) -> Prescription:
    token = request.input.data.epcToken
    held = prescriptions_of(request.world).by_number.values()
    found = next((p for p in held if p.token and p.token == token), None)
    if found is None:
        raise Refuse("电子处方令牌无效")
    return found


def _may_be_used(found: Prescription, request: Request) -> bool:
    until = datetime.fromisoformat(str(found.given["valiEndTime"]))
    if found.state == VALID and request.at.replace(tzinfo=None) > until:
        found.state = LAPSED
    return found.state == VALID and found.used == UNUSED


def _released(found: Prescription, request: Request) -> dict[str, Any]:
    found.token = f"EPC{prescriptions_of(request.world).next():030d}"
    until = in_china(request.epoch + 1800)
    return {"authRxno": f"A{found.number[-20:]}", "epcToken": found.token, "expiresIn": f"{until:%Y-%m-%d %H:%M:%S}"}


def _listed(found: Prescription) -> dict[str, Any]:
    visit = found.given["mdtrtinfo"]
    return {
        "fixmedinsCode": visit["fixmedinsCode"], "fixmedinsName": visit["fixmedinsName"],
        "prscTime": found.given["prscTime"], "deptName": visit["prscDeptName"],
        "valiEndTime": found.given["valiEndTime"],
    }  # fmt: skip


def _stands(found: Prescription) -> dict[str, Any]:
    return {"hiRxno": found.number, "rxStasCodg": found.state, "rxStasName": STATES[found.state]}


def _drug(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name in _DRUG}
    return {**told, "drugTotlcnt": str(Decimal(str(row["drugCnt"])).to_integral_value()), "drugTotlcntEmp": "盒"}


_DRUG = frozenset(
    {
        "medListCodg", "rxItemTypeCode", "drugGenname", "drugDosform", "drugSpec", "medcWayCodg", "medcWayDscr",
        "medcBegntime", "medcEndtime", "medcDays", "sinDoscnt", "sinDosunt", "usedFrquCodg", "usedFrquName", "drugCnt",
        "drugDosunt", "prdrName", "hospApprFlag", "drugProdname",
    }
)  # fmt: skip
