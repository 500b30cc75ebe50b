"""Persons, institutions and benefits (1101, 1201, 2001)."""

from __future__ import annotations

from typing import Any

from ..people import NORMAL, Cover, Person
from ..platform import Request, handles
from ..world import Refuse


@handles("1101")
def query_person(request: Request) -> dict[str, Any]:
    asked = request.input.data
    person = request.world.people.by_credential(asked.mdtrt_cert_type, asked.mdtrt_cert_no)
    if person is None:
        raise Refuse("该参保人的基本信息为空")
    if asked.mdtrt_cert_type.zfill(2) == "03" and asked.card_sn != person.card_sn:
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


def age(person: Person, request: Request) -> int:
    """Whole years on the day of the request."""
    born, today = person.born, request.at.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _insurance(cover: Cover) -> dict[str, Any]:
    return {
        "balc": cover.balance, "insutype": cover.insutype, "psn_type": cover.psn_type, "psn_insu_stas": cover.status,
        "psn_insu_date": "2010-01-01", "paus_insu_date": None if cover.status == NORMAL else "2026-01-01",
        "cvlserv_flag": "1" if cover.civil_servant else "0", "insuplc_admdvs": cover.place, "emp_name": "测试单位",
    }  # fmt: skip


@handles("1201")
def query_institution(request: Request) -> dict[str, Any]:
    own = request.deployment.institution
    asked = request.input.medinsinfo
    matches = (asked.fixmedins_code or own.code) == own.code and (asked.fixmedins_name or "") in own.name
    if not matches:
        return {"medinsinfo": []}
    kind = "2" if own.kind == "pharmacy" else "1"
    return {
        "medinsinfo": [
            {
                "fixmedins_code": own.code,
                "fixmedins_name": own.name,
                "uscc": None,
                "fixmedins_type": kind,
                "hosp_lv": request.world.hosp_lv,
            }
        ]
    }


@handles("2001")
def check_benefits(request: Request) -> dict[str, Any]:
    asked = request.input.data
    person = request.world.person(asked.psn_no)
    cover = person.cover(asked.insutype, request.insured_place)
    fine = cover is not None and cover.status == NORMAL
    return {
        "trtinfo": [
            {
                "psn_no": person.psn_no, "trt_chk_type": "1", "fund_pay_type": "310100",
                "trt_enjymnt_flag": "1" if fine else "0", "begndate": asked.begntime.date().isoformat(),
                "enddate": None, "trt_chk_rslt": "" if fine else "参保状态不正常，不能享受待遇",
            }
        ]
    }  # fmt: skip
