"""What the regions' documents ask for and no other test plays: variants with an A and codes, clinics' refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import done, run
from liangding.config import Kind
from liangding.contract import Refuse
from support import Rig, bill, simulated_rig_for
from test_every_flow import AREAS, QUICK

CODES = ("81000000000000000001", "81000000000000000002")
BATCH = f'{QUICK}\n[features]\nsale_upload = "batch"'


def place(region: str, kind: Kind) -> dict[str, Any]:
    letter = "P" if kind is Kind.PHARMACY else "H"
    return {"province": region, "area": AREAS[region], "kind": kind, "code": f"{letter}{AREAS[region]}00001"}


def last(rig: Rig, infno: str) -> Any:
    call = next(each for each in rig.runtime.journal.latest(limit=50) if each.infno == infno)
    return json.loads(call.request or b"{}")["input"]


@pytest.mark.parametrize(
    ("region", "case", "settles"),
    # 新疆 一(四)：2102A、3505A、3506A 带追溯码; 东莞 药店 3505A、3506A
    [("xinjiang", "cross", "2102A"), ("xinjiang", "local", "2102"), ("dongguan", "local", "2102")],
)
def test_codes_go_with_the_settlement_and_with_sale_and_return_in_one_call(
    tmp_path: Path, region: str, case: str, settles: str
) -> None:
    with simulated_rig_for(tmp_path, **place(region, Kind.PHARMACY), more=BATCH) as rig:
        shown = {"credential": bedside.shown(rig.person(case))}
        given = bill(rig.person(case), codes=CODES, use_account=False) | shown
        for row in given["rows"]:
            if "goods" in row:
                row["goods"]["split_pack"] = region == "xinjiang"
        done(run(rig, "pharmacy_purchase", given, "R1"))
        sold = [each for row in last(rig, settles)["drugdetail"] for each in row.get("durg_trac_info", ())]
        assert [each["drug_trac_codg"] for each in sold] == list(CODES)
        assert {each["trdn_flag"] for each in sold} == {"1" if region == "xinjiang" else "0"}
        (row,) = last(rig, "3505A")["selinfoDetail"]
        assert [each["drug_trac_codg"] for each in row["drugtracinfo"]] == list(CODES)
        done(run(rig, "pharmacy_refund", {"purchase_key": "R1", **shown}, "B1"))
        (row,) = last(rig, "3506A")["selinfoDetail"]
        assert [each["drug_trac_codg"] for each in row["drugtracinfo"]] == list(CODES)
        assert all(held.returned for held in rig.platform.world.sold.values())


@pytest.mark.parametrize(("case", "asks"), [("cross", True), ("province", True), ("local", False)])
def test_a_clinic_asks_who_is_insured_elsewhere_about_the_place_when_refused(
    tmp_path: Path, case: str, asks: bool
) -> None:
    """东莞 门诊部 注意：异地被拒时提示询问参保地; the flow's error says it, too."""
    with simulated_rig_for(tmp_path, **place("dongguan", Kind.CLINIC), more=QUICK) as rig:

        def refuse(request: Any) -> None:
            raise Refuse("该参保地未开通个人账户异地使用")

        rig.platform.handlers["2207"] = refuse
        given = {**bedside.bill(rig.person(case), "V1"), "use_account": True}
        view = run(rig, "outpatient", given, "V1")
        assert view.error is not None
        assert ("咨询参保地政策" in view.error["remedy"]) is asks, view.error


KEYS = {
    # 异地就医 2.1（湖南 V1.1.27 修订记录）：哪一交易带哪几项
    "2203": {"TRUM_FLAG", "REL_TTP_FLAG", "OTP_ER_REFL_FLAG"},
    "2206": {"MDTRT_GRP_TYPE", "TRUM_FLAG", "REL_TTP_FLAG", "OTP_ER_REFL_FLAG"},
    "2207": {"MDTRT_GRP_TYPE", "TRUM_FLAG", "REL_TTP_FLAG", "OTP_ER_REFL_FLAG"},
    "2401": {"MDTRT_GRP_TYPE", "TRUM_FLAG", "REL_TTP_FLAG", "IPT_TYPE"},
    "2403": {"MDTRT_GRP_TYPE", "TRUM_FLAG", "REL_TTP_FLAG", "IPT_TYPE"},
}  # fmt: skip


@pytest.mark.parametrize(("region", "carrier"), [("gansu", "exp_content"), ("sichuan", "expContent")])
def test_the_keys_of_a_cross_province_visit_travel_where_they_belong(tmp_path: Path, region: str, carrier: str) -> None:
    """In the region's carrier; of a local person nothing, and the cashier is told."""
    told = {"mdtrt_grp_type": "1", "trum_flag": "1", "rel_ttp_flag": "0"}
    with simulated_rig_for(tmp_path, **place(region, Kind.HOSPITAL), more=QUICK) as rig:
        shown = {"credential": bedside.shown(rig.person("cross"))}
        visit = bedside.bill(rig.person("cross"), "V1", offsite={**told, "otp_er_refl_flag": "1"})
        done(run(rig, "outpatient", visit, "V1"))
        stay = {**told, "ipt_type": "1"}
        done(run(rig, "admission", bedside.admission(rig.person("cross"), offsite=stay), "A1"))
        moved = {
            "stay": {"admission_key": "A1"}, "ward": bedside.WARD, "diagnoses": bedside.DIAGNOSES,
            "begun_at": bedside.ADMITTED, "offsite": stay, **shown,
        }  # fmt: skip
        done(run(rig, "admission_change", moved, "C1"))
        sent = {
            call.infno.rstrip("A"): carried(json.loads(call.request or b"{}")["input"], carrier)
            for call in rig.runtime.journal.latest(limit=50)
        }
        assert {infno: sent[infno] for infno in KEYS} == KEYS
        local = run(rig, "outpatient", bedside.bill(rig.person(), "V2", ipt_otp_no="O2", offsite=told), "V2")
        assert any("offsite" in sentence for sentence in done(local).advice)
        assert carried(last(rig, "2207A" if region == "sichuan" else "2207"), carrier) == set()


def carried(message: Any, carrier: str) -> set[str]:
    """The keys that a message has in its carrier, but for a control's token."""
    nodes = [node for node in message.values() if isinstance(node, dict)]
    held = [node.get(carrier) or {} for node in nodes]
    read = [json.loads(each) if isinstance(each, str) else each for each in held]
    return {name for each in read for name in each} - {"card_token"}
