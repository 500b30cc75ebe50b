"""发药与退药 after settlements of visits and stays, with traceability codes (东莞 门诊部、医疗机构；新疆 一(四)1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import done, numbers, run
from liangding.config import Kind
from liangding.flows import Status
from support import Rig, bill, simulated_rig_for

QUICK = "[resolution]\nbelieve_seconds = 0"
CODES = ("81000000000000000001", "81000000000000000002")
STAFF = {"pharmacist": "测试药师", "pharmacist_certificate": "ZY0001", "prescriber": "测试医师"}


def drug(serial: str, codes: tuple[str, ...], count: str = "2", **goods: Any) -> dict[str, Any]:
    stock = {
        "fixmedins_hilist_id": "HXA01", "fixmedins_hilist_name": "测试药品", "fixmedins_bchno": f"B-{serial}",
        "manu_lotnum": "L1", "manu_date": "2026-01-01", "expy_end": "2028-01-01", "prescription_drug": True,
        "trace_codes": list(codes), **goods,
    }  # fmt: skip
    return {
        "feedetl_sn": serial, "med_list_codg": "XA01", "medins_list_codg": "HXA01", "count": count, "price": "30",
        "prescription_no": "RX1", "goods": stock,
    }  # fmt: skip


def handed_out(**more: Any) -> dict[str, Any]:
    return {"document_no": "FY1", "rows": [drug("1", CODES)], "staff": STAFF, **more}


def settled(rig: Rig, kind: str) -> dict[str, str]:
    """A visit or a stay that is settled; how a dispensing names it."""
    if kind == "outpatient":
        done(run(rig, "outpatient", bedside.bill(rig.person()), "B1"))
        return {"bill_key": "B1"}
    done(run(rig, "admission", bedside.admission(rig.person()), "A1"))
    fees = {"stay": bedside.STAY, "doctor": bedside.DOCTOR, "rows": [bedside.item("F1")]}
    done(run(rig, "inpatient_fees", fees, "F1"))
    done(run(rig, "discharge", bedside.discharge(rig.person()), "D1"))
    return {"bill_key": "D1"}


def last(rig: Rig, infno: str) -> Any:
    """The input of the last call of a transaction."""
    call = next(each for each in rig.runtime.journal.latest(limit=50) if each.infno == infno)
    return json.loads(call.request or b"{}")["input"]


PLACES = [
    ("dongguan", "441900", Kind.CLINIC, "outpatient"), ("dongguan", "441900", Kind.HOSPITAL, "outpatient"),
    ("dongguan", "441900", Kind.HOSPITAL, "inpatient"), ("xinjiang", "650100", Kind.HOSPITAL, "outpatient"),
    ("xinjiang", "650100", Kind.HOSPITAL, "inpatient"), ("xinjiang", "650100", Kind.CLINIC, "outpatient"),
]  # fmt: skip


@pytest.mark.parametrize("batch", [False, True], ids=["each", "batch"])
@pytest.mark.parametrize(("province", "area", "kind", "what"), PLACES)
def test_what_was_settled_is_handed_out_and_comes_back(
    tmp_path: Path, province: str, area: str, kind: Kind, what: str, batch: bool
) -> None:
    sale, back = ("3505A", "3506A") if batch else ("3505", "3506")
    more = f'{QUICK}\n[features]\nsale_upload = "batch"' if batch else QUICK
    where = {"province": province, "area": area, "kind": kind, "code": f"H{area}00001", "gateway": "plain"}
    with simulated_rig_for(tmp_path, more=more, **where) as rig:
        bill = settled(rig, what)
        rows = [drug("1", CODES), drug("2", ("81000000000000000003",), "1")]
        out = done(run(rig, "goods_dispensing", handed_out(rows=rows, **bill), "FY1"))
        standing = rig.standing()
        assert out.result == {"setl_id": standing[0], "uploaded": ["1", "2"]}
        node = last(rig, sale)
        row = node["selinfoDetail"][1] if batch else node["selinfo"]
        world = rig.platform.world
        visit = world.settlements[standing[0]].visit.mdtrt_id
        assert (row["setl_id"], row["mdtrt_sn"], row["rtal_docno"]) == (standing[0], visit, "FY1")
        assert (row["psn_no"], row["mdtrt_setl_type"]) == (rig.person().psn_no, "1")
        assert {code for code, held in world.sold.items() if not held.returned} == {*CODES, "81000000000000000003"}

        part = [{"feedetl_sn": "1", "count": "1", "trace_codes": [CODES[1]]}]
        returned = done(run(rig, "goods_return", {"dispensing_key": "FY1", "returns": part}, "TY1"))
        assert returned.result == {"setl_id": standing[0], "returned": ["1"]}
        assert {code for code, held in world.sold.items() if held.returned} == {CODES[1]}
        assert numbers(rig).count(back) == 1
        again = handed_out(document_no="FY2", rows=[drug("1", (CODES[1],), "1")], **bill)
        done(run(rig, "goods_dispensing", again, "FY2"))  # what came back may be handed out again
        assert not world.sold[CODES[1]].returned


def test_nothing_is_handed_out_for_a_bill_that_is_not_settled_or_was_taken_back(tmp_path: Path) -> None:
    where = {"kind": Kind.HOSPITAL, "code": "H44190000001"}
    with simulated_rig_for(tmp_path, more=QUICK, **where) as rig:
        waiting = run(rig, "outpatient", bedside.bill(rig.person()), "B1", confirm="wait")
        view = run(rig, "goods_dispensing", handed_out(bill_key="B1"), "FY1")
        assert view.error is not None
        assert "还没有结算" in view.error["message"]
        done(bedside.go_on(rig, waiting))
        done(run(rig, "outpatient_undo", {"bill_key": "B1", "level": "settlement",
                                          "credential": bedside.shown(rig.person())}))  # fmt: skip
        view = run(rig, "goods_dispensing", handed_out(bill_key="B1"), "FY2")
        assert view.error is not None
        assert "已经撤销" in view.error["message"]
        assert "3505" not in numbers(rig)


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        ([{"feedetl_sn": "9"}], "没有发过 9"),
        ([{"feedetl_sn": "1", "count": "3"}], "发了 2，不能退 3"),
        ([{"feedetl_sn": "1", "count": "1"}], "要给出那几盒的 trace_codes"),
        ([{"feedetl_sn": "1", "count": "1", "trace_codes": ["81000000000000000009"]}], "没有发过追溯码"),
    ],
    ids=["row", "count", "codes", "strange"],
)
def test_only_what_was_handed_out_comes_back(tmp_path: Path, returns: list[dict[str, Any]], words: str) -> None:
    with simulated_rig_for(tmp_path, more=QUICK, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        done(run(rig, "goods_dispensing", handed_out(**settled(rig, "outpatient")), "FY1"))
        view = run(rig, "goods_return", {"dispensing_key": "FY1", "returns": returns}, "TY1")
        assert view.status is not Status.DONE
        assert view.error is not None
        assert words in view.error["message"]
        assert "3506" not in numbers(rig)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"document_no": "F" * 41}, "given.document_no"),
        ({"rows": [drug("1", CODES, manu_lotnum="L" * 31)]}, "given.rows[0].goods.manu_lotnum"),
        ({"staff": {**STAFF, "pharmacist": "长" * 60}}, "given.staff.pharmacist"),
    ],
    ids=["document", "goods", "staff"],
)
def test_what_is_wrong_is_told_in_the_callers_places_before_anything_is_sent(
    tmp_path: Path, wrong: dict[str, Any], place: str
) -> None:
    with simulated_rig_for(tmp_path, more=QUICK, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        bill = settled(rig, "outpatient")
        view = run(rig, "goods_dispensing", handed_out(**bill, **wrong), "FY1")
        assert view.error is not None
        assert [each["path"] for each in view.error["problems"]] == [place]
        assert "3505" not in numbers(rig)


def test_a_settlement_that_was_not_made_here_is_named_by_the_platforms_numbers(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=QUICK, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        settled(rig, "outpatient")
        (setl_id,) = rig.standing()
        person = rig.person()
        named = {
            "setl_id": setl_id, "mdtrt_id": rig.platform.world.settlements[setl_id].visit.mdtrt_id,
            "psn_no": person.psn_no, "insured_place": person.covers[0].place,
        }  # fmt: skip
        view = done(run(rig, "goods_dispensing", handed_out(**named), "FY1"))
        assert view.result["uploaded"] == ["1"]


@pytest.mark.parametrize("what", ["outpatient", "inpatient"])
def test_who_takes_a_settlement_back_is_told_that_drugs_are_out(tmp_path: Path, what: str) -> None:
    """What was handed out and has not come back: shown in the question, said again at the end; nothing where it came
    back."""
    where = {"kind": Kind.HOSPITAL, "code": "H44190000001"}
    flow = f"{what}_undo"
    given: dict[str, Any] = {"level": "settlement"}
    given |= {"bill_key": "B1"} if what == "outpatient" else {"stay": bedside.STAY}
    with simulated_rig_for(tmp_path, more=QUICK, **where) as rig:
        given["credential"] = bedside.shown(rig.person())
        bill = settled(rig, what)
        rows = [drug("1", CODES), drug("2", ("81000000000000000003",), "1", fixmedins_hilist_name="另一种药")]
        done(run(rig, "goods_dispensing", handed_out(rows=rows, **bill), "FY1"))
        part = [{"feedetl_sn": "1", "count": "1", "trace_codes": [CODES[0]]}, {"feedetl_sn": "2"}]
        done(run(rig, "goods_return", {"dispensing_key": "FY1", "returns": part}, "TY1"))
        asked = run(rig, flow, given, "U1", confirm_undo="wait")
        assert asked.question is not None
        assert dict(asked.question.facts)["已发出的药品"] == "测试药品 × 1"
        view = done(bedside.go_on(rig, asked))
        assert any("测试药品 × 1" in sentence and "goods_return" in sentence for sentence in view.advice)
        rest = [{"feedetl_sn": "1", "count": "1", "trace_codes": [CODES[1]]}]
        done(run(rig, "goods_return", {"dispensing_key": "FY1", "returns": rest}, "TY2"))


@pytest.mark.parametrize("what", ["purchase", "dispensing"])
def test_what_an_edition_demands_of_the_upload_is_asked_for_before_money_moves(tmp_path: Path, what: str) -> None:
    """湖南 V1.1.27: 3505A 的药品条形码必填，3505 不必; told by the caller's own place, with nothing sent."""
    kind, code = (Kind.PHARMACY, "P43010000001") if what == "purchase" else (Kind.HOSPITAL, "H43010000001")
    more = f'{QUICK}\n[features]\nsale_upload = "batch"'
    with simulated_rig_for(tmp_path, province="hunan", area="430100", kind=kind, code=code, more=more) as rig:
        flow, given = "pharmacy_purchase", bill(rig.person(), "R1", codes=CODES, use_account=False)
        if what == "dispensing":
            flow, given = "goods_dispensing", handed_out(**settled(rig, "outpatient"))
        sent = len(rig.platform.requests)
        view = run(rig, flow, given, "K1")
        assert view.error is not None
        places = [each["path"] for each in view.error["problems"]]
        assert [place for place in places if place.startswith("given.rows[0].goods.barcode")] == places[:1]
        assert len(rig.platform.requests) == sent
        rows = [
            {**row, "goods": {**row["goods"], "barcode": "6900000000001"}} for row in given["rows"] if row.get("goods")
        ]
        done(run(rig, flow, {**given, "rows": rows}, "K1"))
