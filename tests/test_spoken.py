"""A region's own numbers in the place of national ones: the same flows, other words on the line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.acceptance import findings_of
from liangding.acceptance.reporting import forms_of
from liangding.config import Kind, load_deployment
from liangding.contract.acceptance import Ends
from liangding.errors import ConfigurationError
from liangding.flows import Status
from liangding.kit import bill, run_flow
from liangding.knowledge import Knowledge
from liangding.resolution.cases import OpenCase
from liangding.simulator.chapters.prescriptions import prescriptions_of
from liangding.simulator.faults import Fault
from liangding.wire.json import decode
from shell import liangding
from support import Rig, simulated_rig_for, write_deployment
from test_prescriptions import asked, came, uploaded

DONGGUAN: dict[str, Any] = {"province": "dongguan", "area": "441900", "gateway": "plain"}
COUNTED = {
    "fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "美托洛尔", "rx_flag": "1", "invdate": "2026-11-20",
    "inv_cnt": "40", "fixmedins_bchno": "B1", "manu_date": "2026-01-01", "expy_end": "2028-01-01",
    "med_list_codg": "XC07ABM064A001010100001",
}  # fmt: skip


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "hospital"
    folder.mkdir()
    with simulated_rig_for(folder, **DONGGUAN, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        yield rig


@pytest.fixture
def pharmacy(tmp_path: Path, hospital: Rig) -> Iterator[Rig]:
    folder = tmp_path / "pharmacy"
    folder.mkdir()
    with simulated_rig_for(folder, **DONGGUAN, code="P44190000001") as rig:
        kept = hospital.platform.world.kept
        kept["prescriptions"] = prescriptions_of(hospital.platform.world)
        rig.platform.world.kept = kept
        yield rig


def calls(rig: Rig, *begins: str) -> list[str]:
    """The numbers that went out, in order."""
    sent = [call.infno for call in reversed(rig.runtime.journal.latest(limit=500))]
    return [infno for infno in sent if infno.startswith(begins)]


def of(rig: Rig, infno: str) -> dict[str, Any]:
    """The latest message of a number."""
    call = rig.runtime.journal.latest(infno=infno, limit=1)[0]
    found: dict[str, Any] = decode(call.request or b"")["input"]
    return found


def test_dongguans_pharmacy_dispenses_under_its_own_numbers(hospital: Rig, pharmacy: Rig) -> None:
    """111 → 101 → 104 → 105 → 106 → purchase → 107; delivery 109, 110; undone 108."""
    view = uploaded(hospital)
    assert view.status is Status.DONE, view.error
    assert calls(hospital, "CF") == ["CFYLJG001", "CFYLJG002", "CFYLJG003"]
    assert of(hospital, "CFYLJG001")["data"]["hosp_rxno"] == "RX1"
    taken = pharmacy.flows.answer(came(pharmacy).id, "1")
    bought = pharmacy.flows.start("pharmacy_purchase", bill(pharmacy.person(), use_account=False), key="P1")
    assert run_flow(pharmacy.flows, bought, {"confirm": "yes", "use_account": "0"}).status is Status.DONE
    taken = run_flow(pharmacy.flows, taken, {"purchase": "P1"})
    assert taken.status is Status.DONE, taken.error
    assert taken.result["sale"]
    assert calls(pharmacy, "CF") == [f"CFYYJG{n}" for n in (111, 101, 104, 105, 106, 107)]
    review = of(pharmacy, "CFYYJG106")
    assert list(review) == ["rx_chk_up_info"], "the one table that is public, as it is printed"
    assert review["rx_chk_up_info"]["rx_chk_stas_codg"] == "1"
    assert "access_token" not in review["rx_chk_up_info"]
    (kept,) = pharmacy.runtime.journal.latest(infno="CFYYJG106")
    meant = OpenCase(pharmacy.runtime.resolver.asking, kept).data_of(kept, "input")
    assert (meant["hiRxno"], meant["rxChkStasCodg"]) == (review["rx_chk_up_info"]["hi_rxno"], "1"), (
        "by the standard's names"
    )
    assert of(pharmacy, "CFYYJG107")["data"]["access_token"].startswith("AT")
    outcome = asked(hospital).result
    assert (outcome["rxUsedStasName"], outcome["review"]["rxChkStasName"]) == ("已使用", "审核通过")
    assert calls(hospital, "CF")[-3:] == ["CFYLJG005", "CFYLJG006", "CFYLJG007"]
    delivery = {
        "delvNo": "E1", "delvAddr": "测试路 1 号", "delvEntpName": "测试快递", "delvStasCodg": "1",
        "delvStasName": "配送中", "delvConner": "测试甲", "delvStasTime": "2026-11-21 11:00:00",
    }  # fmt: skip
    receipt = {
        "delverCertType": "01", "delverCertno": "441900198001010017", "delverName": "测试乙", "delvNo": "E1",
        "delvStasTime": "2026-11-21 12:00:00",
    }  # fmt: skip
    given = {"dispensing_key": "S1", "delivery": delivery, "receipt": receipt}
    sent = pharmacy.flows.start("prescription_delivery", given, key="D1")
    assert sent.status is Status.DONE, sent.error
    back = pharmacy.flows.start("prescription_sale_withdrawal", {"dispensing_key": "S1"}, key="W1")
    assert back.status is Status.DONE, back.error
    assert calls(pharmacy, "CF")[6:] == [f"CFYYJG{n}" for n in (111, 109, 110, 111, 108)]
    assert asked(hospital).result["rxUsedStasName"] == "未使用"
    told = findings_of(pharmacy.runtime.known, pharmacy.runtime.journal, pharmacy.runtime.clock)
    rows = {row.requirement.id: row.ends for row in told.rows}
    assert {rows[f"DG-{n:03}"] for n in range(40, 49)} == {Ends.PASSED}
    (log,) = forms_of(pharmacy.runtime.known, pharmacy.runtime.journal, told, ["使用日志"])
    text = str(log)
    assert all(f"CFYYJG{n} " in text for n in (101, *range(104, 112))), "the evidence that is asked for"
    assert pharmacy.person().certno not in text
    (pack,) = forms_of(pharmacy.runtime.known, pharmacy.runtime.journal, told, ["验收材料清单"])
    assert "按 7207 的表" in str(pack)


def test_a_prescription_is_withdrawn_under_its_own_number(hospital: Rig) -> None:
    uploaded(hospital)
    reason = {
        "drCode": "D441900000001", "undoDrName": "测试医生", "undoDrCertType": "01",
        "undoDrCertno": "441900198001010017", "undoRea": "开错",
    }  # fmt: skip
    back = hospital.flows.start("prescription_withdrawal", {"prescription_key": "RX1", "withdrawal": reason}, key="W")
    assert (back.status, back.result["rxStasName"]) == (Status.DONE, "已撤销"), back.error
    assert calls(hospital, "CF")[-1] == "CFYLJG004"


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.CUT])
def test_an_upload_whose_answer_is_lost_is_looked_for_under_its_own_number(hospital: Rig, fault: Fault) -> None:
    hospital.strike(fault, "CFYLJG003")
    view = uploaded(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        view = hospital.flows.resume(view.id)
    assert (view.status, view.result["status_name"]) == (Status.DONE, "有效"), view.error
    assert "CFYLJG005" in calls(hospital, "CF")
    held = prescriptions_of(hospital.platform.world).by_number.values()
    assert [each.state for each in held] == ["1"]


def test_the_stock_is_told_and_found(hospital: Rig, pharmacy: Rig) -> None:
    """YDZF102 is fed from what was counted last; CFYLJG009 and CFYLJG008 are asked before prescribing."""
    nothing = pharmacy.flows.start("online_stock", {}, key="K0")
    assert (nothing.status, nothing.result["told"]) == (Status.DONE, 0)
    pharmacy.platform.handlers["3501"] = lambda request: {}
    for count in ("40", "38"):
        pharmacy.runtime.call("3501", {"invinfo": COUNTED | {"inv_cnt": count}})
    told = pharmacy.flows.start("online_stock", {}, key="K1")
    assert (told.status, told.result["told"]) == (Status.DONE, 1), told.error
    assert of(pharmacy, "YDZF102")["data"]["invinfo"][0]["inv_cnt"] in ("38", 38)
    found = hospital.flows.start("prescription_pharmacies", {"med_list_codg": COUNTED["med_list_codg"]}, key="F1")
    assert found.status is Status.DONE, found.error
    assert [each["name"] for each in found.result["drugs"]] == ["美托洛尔"]
    assert [each["fixmedins_code"] for each in found.result["pharmacies"]] == ["P44190000001"]
    assert calls(hospital, "CF") == ["CFYLJG009", "CFYLJG008"]


def test_a_deployment_says_otherwise(tmp_path: Path) -> None:
    more = """
[spoken.CFYLJG001]
names = "national"
node = "rx_info"
answer = "rx_result"
fields = { hospRxno = "hosp_rx_number", rxTraceCode = "trace_code" }
"""
    with simulated_rig_for(tmp_path, **DONGGUAN, kind=Kind.HOSPITAL, code="H44190000001", more=more) as rig:
        assert uploaded(rig).status is Status.DONE
        message = of(rig, "CFYLJG001")["rx_info"]
        assert (message["hosp_rx_number"], message["valiDays"]) == ("RX1", "7")
        assert "CFYLJG001" not in rig.runtime.known.speaking.assumed()
        (call,) = rig.runtime.journal.latest(infno="CFYLJG001")
        said = decode(call.answer)["output"]["rx_result"]
        case = OpenCase(rig.runtime.resolver.asking, call)
        for part, names in {"input": {"hospRxno", "valiDays"}, "output": {"rxTraceCode", "hiRxno"}}.items():
            assert names <= set(case.data_of(call, part)), "a case reads both by the standard's names"  # type: ignore[arg-type]
        assert case.data_of(call, "output")["rxTraceCode"] == said["trace_code"]


def test_whoever_spoke_to_a_centre_by_national_numbers_goes_on_with_them(tmp_path: Path) -> None:
    """A deployment from before there were own numbers in flows; ``carries`` is how it says that they are wanted."""
    for name, carries in (("before", ""), ("after", 'carries = ["CFY"]')):
        folder = tmp_path / name
        folder.mkdir()
        services = {"prescription": f'address = "infno"\n{carries}'}
        with simulated_rig_for(folder, **DONGGUAN, kind=Kind.HOSPITAL, code="H44190000001", services=services) as rig:
            assert uploaded(rig).status is Status.DONE
            sent = calls(rig, "7", "CF")
            assert sent == (["CFYLJG001", "CFYLJG002", "CFYLJG003"] if carries else ["7101", "7102", "7103"])


def test_an_upload_is_the_same_one_when_the_numbers_change_under_way(tmp_path: Path) -> None:
    """Sent as 7103, its answer lost; the deployment changes to own numbers: it is found, not sent again."""
    settings = {**DONGGUAN, "kind": Kind.HOSPITAL, "code": "H44190000001"}
    with simulated_rig_for(tmp_path, **settings, services={"prescription": 'address = "infno"'}) as rig:
        rig.strike(Fault.ANSWER_LOST, "7103")
        rig.strike(Fault.REQUEST_LOST, "7105", times=0)
        view = uploaded(rig)
        assert view.status is Status.UNKNOWN
        held = prescriptions_of(rig.platform.world)
    services = {"prescription": 'address = "infno"\ncarries = ["CFY"]'}
    with simulated_rig_for(tmp_path, **settings, services=services) as rig:
        rig.platform.world.kept["prescriptions"] = held
        rig.let_pass(3600)
        view = rig.flows.resume(view.id)
        assert (view.status, view.result["status_name"]) == (Status.DONE, "有效"), view.error
        assert "CFYLJG003" not in calls(rig, "CF")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[spoken.CFYLJG0001]\nnode = 'x'", "没有交易 CFYLJG0001"),
        ("[spoken.CFYLJG001]\nstands_for = '7199'", "没有交易 7199"),
        ("[spoken.CFYLJG001]\nnames = 'snake'", "snake_case"),
        ("[spoken.CFYLJG001]\nstands_for='7102'\n[spoken.CFYLJG002]\nstands_for='7102'", "都写着代替 7102"),
    ],
)  # fmt: skip
def test_what_cannot_be_spoken_is_named(tmp_path: Path, more: str, said: str) -> None:
    assert tomllib.loads(more)
    config = write_deployment(tmp_path, **DONGGUAN, more=more)
    with pytest.raises(ConfigurationError, match=said):
        Knowledge(load_deployment(config))


def test_what_is_assumed_is_said_wherever_it_matters(tmp_path: Path) -> None:
    config = write_deployment(tmp_path, **DONGGUAN, more="[spoken.CFYYJG101]\nnode = 'x'")
    for command in (("check",), ("interfaces", "CFYYJG107"), ("acceptance", "list")):
        told = liangding(*command, "--config", config).stdout.replace("\n", "")
        assert "按 7207 的表" in told, command
    assert "按 7201 的表" not in liangding("check", "--config", config).stdout
    found = json.loads(liangding("acceptance", "list", "--config", config, "--json").stdout)
    assert "7207" in found["assumed"]["CFYYJG107"]
