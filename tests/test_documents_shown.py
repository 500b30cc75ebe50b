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
        done(run(rig, "pharmacy_purchase", bill(rig.person(case), codes=CODES, use_account=False) | shown, "R1"))
        sold = [
            each["drug_trac_codg"] for row in last(rig, settles)["drugdetail"] for each in row.get("durg_trac_info", ())
        ]
        assert sold == list(CODES)
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
