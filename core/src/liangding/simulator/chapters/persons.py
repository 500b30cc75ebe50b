"""Persons and their e-credentials, institutions, benefits, code tables (1101, 1201, 1901, 2001, 6101)."""

from __future__ import annotations

from typing import Any

from ...config import Kind
from ...contract.simulation import Refuse
from ...spec.codes import code_table_names, find_code_table
from ...spec.nodes import members, node_of
from ..benefits import Care, care_of
from ..people import FEMALE, NORMAL, Insurance, Person
from ..requests import Request, handles
from ..world import GivenToken, World
from .registering import chronic_registration
from .settling import ACCOUNT, CIVIL_SERVANTS, age, pool_fund

E_CREDENTIAL, SOCIAL_CARD = "01", "03"
"""mdtrt_cert_type."""

HOSPITAL, PHARMACY = "1", "2"
"""fixmedins_type."""


@handles("1101")
def query_person(request: Request) -> dict[str, Any]:
    asked = request.input.data
    kind, number = asked.mdtrt_cert_type.zfill(2), asked.mdtrt_cert_no
    decoded = request.world.token_holder(number, request.epoch) if kind == E_CREDENTIAL else None
    person = decoded or request.world.people.by_credential(kind, number)
    if person is None:
        raise Refuse("该参保人的基本信息为空")
    if kind == SOCIAL_CARD and asked.card_sn != person.card_sn:
        raise Refuse("卡识别码与卡号不符")
    covers = sorted(person.covers, key=lambda c: c.status == NORMAL)
    return {
        "baseinfo": {
            "psn_no": person.psn_no, "psn_cert_type": person.cert_type, "certno": person.certno,
            "psn_name": person.name, "gend": person.gender, "naty": "01", "brdy": person.born.isoformat(),
            "age": age(person, request), "exp_content": None,
        },
        "insuinfo": [_insurance(cover) for cover in covers],
        "idetinfo": [],
    }  # fmt: skip


def _insurance(cover: Insurance) -> dict[str, Any]:
    return {
        "balc": cover.balance, "insutype": cover.insutype, "psn_type": cover.psn_type, "psn_insu_stas": cover.status,
        "psn_insu_date": "2010-01-01", "paus_insu_date": None if cover.status == NORMAL else "2026-01-01",
        "cvlserv_flag": "1" if cover.civil_servant else "0", "insuplc_admdvs": cover.place, "emp_name": "测试单位",
    }  # fmt: skip


@handles("6101")
def decode_credential(request: Request) -> dict[str, Any]:
    """The code that a scanner read comes in businessInfo: the published table has no field for it."""
    world = request.world
    person = world.people.by_qr_code(request.input.InData.businessInfo or "")
    if person is None:
        raise Refuse("500159：扫到的不是电子凭证码")
    token = f"{world.area}ec{world.number('token'):08d}{person.qr_code[:22]}"
    world.tokens[token] = GivenToken(person=person, until=request.epoch + world.token_seconds)
    return {
        "OutData": {
            "userName": person.name, "idNo": person.certno, "idType": person.cert_type, "ecToken": token,
            "insuOrg": person.covers[0].place, "gender": person.gender, "birthday": person.born.isoformat(),
        }
    }  # fmt: skip


# -- institutions ----------------------------------------------------------------------------------------------------


@handles("1201")
def query_institution(request: Request) -> dict[str, Any]:
    own, world, asked = request.deployment.institution, request.world, request.input.medinsinfo
    known = [
        (own.code, own.name, PHARMACY if own.kind is Kind.PHARMACY else HOSPITAL, world.hosp_lv),
        *((f"H{place}09{n:03d}", name, HOSPITAL, "1") for n, (place, name) in enumerate(_other_hospitals(world), 1)),
    ]
    return {
        "medinsinfo": [
            {"fixmedins_code": code, "fixmedins_name": name, "uscc": None, "fixmedins_type": kind, "hosp_lv": level}
            for code, name, kind, level in known
            if (asked.fixmedins_code or code) == code and (asked.fixmedins_name or "") in name
            if code == own.code or asked.fixmedins_type == kind
        ]
    }


def _other_hospitals(world: World) -> list[tuple[str, str]]:
    """Made-up hospitals that patients may be referred to: in the city, in the province, in another one."""
    places = world.area, world.people.near, world.people.far
    return list(zip(places, ("测试市级医院", "测试省内医院", "测试外省医院"), strict=True))


# -- benefits --------------------------------------------------------------------------------------------------------


@handles("2001")
def check_benefits(request: Request) -> dict[str, Any]:
    asked = request.input.data
    person = request.world.person(asked.psn_no)
    cover = person.cover(asked.insutype, request.insured_place)
    why_not = _why_not(request, person, cover)
    funds = {pool_fund(asked.med_type, asked.insutype): why_not}
    if cover is not None and cover.insutype in request.region.accounts:
        usable = cover.status == NORMAL
        funds[ACCOUNT] = "" if usable else SUSPENDED
        if cover.civil_servant:
            funds[CIVIL_SERVANTS] = why_not
    return {
        "trtinfo": [
            {
                "psn_no": person.psn_no, "trt_chk_type": "1", "fund_pay_type": fund,
                "trt_enjymnt_flag": "0" if reason else "1", "begndate": asked.begntime.date().isoformat(),
                "enddate": None, "trt_chk_rslt": reason,
            }
            for fund, reason in funds.items()
        ]
    }  # fmt: skip


SUSPENDED = "参保状态不正常，不能享受待遇"


def _why_not(request: Request, person: Person, cover: Insurance | None) -> str:
    """Why the pool would not pay; empty where it would."""
    if cover is None or cover.status != NORMAL:
        return SUSPENDED
    asked = request.input.data
    care = care_of(asked.med_type, inpatient=False)
    if care is Care.CHRONIC and not chronic_registration(request, person.psn_no, asked.dise_codg or ""):
        return "没有该病种的慢特病备案"
    if care.of_birth and person.gender != FEMALE:
        return "性别与生育类别不符"
    return ""


# -- code tables -----------------------------------------------------------------------------------------------------


@handles("1901")
def query_dictionary(request: Request) -> dict[str, Any]:
    """The entries of one table, by the names that the region's declaration has."""
    asked = request.input.data
    name = asked.type.lower()
    table = find_code_table(name) if name in code_table_names() else None
    parent = getattr(asked, "parentValue", None) or getattr(asked, "parent_value", None)
    values = [v for v in table or () if parent in (None, v.parent)]
    entry = next(m.node for m in members(node_of(request.transaction.output)) if m.wire == "list")
    wires = [member.wire for member in members(entry)]
    rows = (
        {
            "type": asked.type, "label": value.name[:50], "value": value.code, "parentValue": value.parent or "0",
            "sort": n, "valiFlag": "1", "createUser": "测试", "createDate": "2026-01-01", "version": 1,
            "dic_type_code": asked.type, "place_dic_val_code": value.code, "place_dic_val_name": value.name,
        }
        for n, value in enumerate(values, 1)
    )  # fmt: skip
    return {"list": [{wire: row[wire] for wire in wires if wire in row} for row in rows]}
