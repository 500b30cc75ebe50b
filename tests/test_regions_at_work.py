"""A region's facts hold in every flow: what is expected here is from the provinces' own documents, section by section,
never read from the plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import HOSPITAL, done, numbers, run
from liangding.config import Kind
from support import bill, simulated_rig_for
from test_registrations import registered

AREAS = {
    "dongguan": "441900", "guangzhou": "440100", "shaanxi": "610100", "sichuan": "510400", "xinjiang": "650100",
    "gansu": "620100",
}  # fmt: skip
PLUGINS = {"guangzhou": "dongguan"}
ANSWERS = {"card_token": "token-1", "use_account": "0"}


def place(region: str, kind: Kind) -> dict[str, Any]:
    """What makes a rig's deployment an institution of a region."""
    area = AREAS[region]
    letter = "P" if kind is Kind.PHARMACY else "H"
    return {"province": PLUGINS.get(region, region), "area": area, "kind": kind, "code": f"{letter}{area}00001"}


# -- A variants --------------------------------------------------------------------------------------------------------

WITH_A = [
    # 东莞 附件6：药店 2101/2102、门诊部、医疗机构 2203/2206/2207、2303/2304：各表只列普通交易；转院两个都列
    ("dongguan", "cross", ""), ("dongguan", "local", ""),
    # 四川（攀枝花）二、三章：2101A、2102A、2203A、2206A、2207A、2303A、2304A "支持本地、省内异地及跨省异地"
    ("sichuan", "local", "A"), ("sichuan", "cross", "A"),
    # 陕西、新疆、甘肃与广州的文件没有另说：跨省用 A 版
    ("shaanxi", "local", ""), ("shaanxi", "cross", "A"), ("xinjiang", "cross", "A"), ("gansu", "province", ""),
    ("gansu", "cross", "A"), ("guangzhou", "cross", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("region", "case", "a"), WITH_A)
def test_who_is_served_by_the_transactions_with_a(tmp_path: Path, region: str, case: str, a: str) -> None:
    with simulated_rig_for(tmp_path, **place(region, Kind.PHARMACY)) as rig:
        done(run(rig, "pharmacy_purchase", bill(rig.person(case)), **ANSWERS))
        assert [n for n in numbers(rig) if n.startswith("21")] == [f"2101{a}", f"2102{a}"]
    (tmp_path / "h").mkdir()
    with simulated_rig_for(tmp_path / "h", **HOSPITAL | place(region, Kind.HOSPITAL)) as rig:
        person = rig.person(case)
        done(run(rig, "outpatient", bedside.bill(person), **ANSWERS))
        assert [n for n in numbers(rig) if n.startswith("22")] == ["2201", f"2203{a}", "2204", f"2206{a}", f"2207{a}"]
        done(registered(rig, "transfer", case))
        transfer = "2501A" if case == "cross" or region == "sichuan" else "2501"
        assert transfer in numbers(rig)
