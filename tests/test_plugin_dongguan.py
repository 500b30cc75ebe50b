"""东莞 and Guangdong around it: the extended transactions, Dongguan's fixed values, the cities' variants, the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import HOSPITAL
from liangding.acceptance import findings_of
from liangding.config import Kind, load_deployment
from liangding.contract.region import Place
from liangding.errors import CallRefused, InvalidMessage, NotOpenHere, OutcomeUnknown
from liangding.knowledge import Knowledge
from liangding.simulator.faults import Fault
from liangding.spec import Effect, Transaction
from liangding.spec.nodes import members
from liangding_dongguan.extended import UNPUBLISHED
from support import Rig, new_key, purchase, rig_for, simulated_rig_for, write_deployment
from test_plugins import fields, knowledge, least, own, sent, shape

NOT_PUBLIC = {
    "90104": "5301", "90110": "5302", "90206": "2503", "90210": "2505", "90211": "2505", "90215": "5304",
    "90304": "2504", "90306": None, "90504": "90502", "90517": None,
}  # fmt: skip
"""The ten that Dongguan's document names without a table anywhere, and what each is held to be like."""

PRINTED: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "1160": ({"data": 5}, {"spinfo": 7}),
    "2260": (
        {"mdtrtinfo": 27, "agnterinfo": 7, "diseinfo": 0, "diseinfo.rows": 8, "feedetail": 0, "feedetail.rows": 30},
        {"setlInfo": 45, "setldetail": 8, "voladetail": 6, "detlcutinfo": 0, "detlcutinfo.rows": 18},
    ),
    "2261": ({"mdtrtinfo": 3}, {"setlInfo": 45, "setldetail": 8}),
    "3360": ({"catalog": 5}, {}),
    "3461": ({"bedinfo": 9}, {"result": 2}),
    "3462": ({"bedinfo": 9}, {}),
    "3463": ({"bedinfo": 2}, {}),
    "3467": ({"doctorinfo": 21, "doctorinfo.mgtinfo": 7}, {"result": 2}),
    "3468": ({"doctorinfo": 21, "doctorinfo.mgtinfo": 7}, {}),
    "3469": ({"doctorinfo": 3}, {}),
    "4160": ({"data": 9}, {"data": 28}),
    "5163": ({"catalog": 6}, {"result": 1, "result.catalogmatchinfo": 19}),
    "5260": (
        {"data": 3},
        {
            "setlinfo": 76, "setldetail": 7, "funddetail": 7, "setlProcInfo_390": 21, "setlProcInfo_310_510": 20,
            "hospHelpInfo": 2, "cumulative": 17,
        },
    ),
    "5261": ({"data": 3}, {"setlinfo": 33}),
    "90100": ({"data": 1}, {"": 11}),
    "90101": ({"data": 1}, {"result": 32}),
    "90102": ({"data": 1}, {"result": 24}),
    "90103": ({"data": 1}, {"result": 25}),
    "90111": ({"data": 6}, {"": 2, "data": 7}),
    "90201": ({"data": 22}, {"result": 1}),
    "90202": ({"data": 13}, {"result": 1}),
    "90203": ({"data": 14}, {"result": 1}),
    "90502": ({"data": 5}, {"": 2, "setlinfo": 62, "setldetail": 5}),
}  # fmt: skip
"""The nodes of those whose tables are known, and how many fields each has."""

CHANGES = {
    "2260", "2261", "3360", "3461", "3462", "3463", "3467", "3468", "3469", "90201", "90202", "90203", "90206",
    "90210", "90211", "90304", "90306", "90517",
}  # fmt: skip
"""Those that leave something on the platform."""


PRESCRIPTIONS = {
    **{f"CFYLJG{n:03}": f"{7100 + n}" for n in range(1, 8)}, "CFYLJG008": None, "CFYLJG009": None,
    **{f"CFYYJG{n}": f"{7100 + n}" for n in (101, *range(104, 111))}, "CFYYJG111": None, "YDZF102": None,
}  # fmt: skip
"""Electronic prescriptions by Guangdong's numbers, and the national one that each is held to be like."""


def extended(known: Knowledge) -> dict[str, Transaction]:
    """What the plugin declares beside the prescriptions."""
    return {n: t for n, t in own(known).items() if n not in PRESCRIPTIONS}


def test_prescriptions_by_guangdongs_numbers_are_known_there_and_where_they_are_enabled(tmp_path: Path) -> None:
    declared = own(knowledge(tmp_path, "dongguan", "440300"))
    assert {n: declared[n].like for n in PRESCRIPTIONS} == PRESCRIPTIONS
    assert {n for n in PRESCRIPTIONS if declared[n].public} == {"CFYYJG106"}
    config = write_deployment(tmp_path, province="gansu", area="620100", gateway="plain")
    config.write_text('plugins = ["guangdong_prescriptions"]\n' + config.read_text("utf-8"), "utf-8")
    gansu = Knowledge(load_deployment(config))
    assert {n: gansu.interfaces.owner(n) for n in PRESCRIPTIONS} == dict.fromkeys(
        PRESCRIPTIONS, "guangdong_prescriptions"
    )
    assert gansu.region.name == "甘肃"


def test_all_33_extended_transactions_are_there(tmp_path: Path) -> None:
    declared = extended(knowledge(tmp_path, "dongguan", "441900"))
    assert set(declared) == {*PRINTED, *NOT_PUBLIC, "1901"}
    for infno, (given, answered) in PRINTED.items():
        assert (shape(declared[infno], "input"), shape(declared[infno], "output")) == (given, answered), infno
        assert declared[infno].public
    assert {n for n, t in declared.items() if t.effect is Effect.CHANGES} == CHANGES
    undone = {n: t.undone_by for n, t in declared.items() if t.undone_by}
    assert undone == {"2260": "2261", "3461": "3463", "3467": "3469", "90206": "90304"}


def test_those_without_a_public_table_say_so_and_pass_their_body_through(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", "441900")
    assert {n: t.like for n, t in extended(known).items() if not t.public} == NOT_PUBLIC
    body = {"data": {"psn_no": "1", "not_known": [1]}}
    node, problems = known.requests.read(known.interfaces["90504"].input, body)
    assert (known.writer.write(node), problems) == (body, [])
    assert all(
        "没有公开" in known.interfaces[n].rules[-1] or "2579" in known.interfaces[n].rules[-1] for n in NOT_PUBLIC
    )


def test_fields_are_as_printed(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", "441900")
    maternity = fields(known.interfaces["90201"], "data")
    assert maternity["matn_type"].required
    assert not maternity["fetts"].required
    assert (maternity["geso_val"].field.type, maternity["geso_val"].field.length) == ("number", 2)
    assert maternity["spus_cert_type"].field.code_table == "psn_cert_type"
    score = fields(known.interfaces["4160"], "data")
    assert (score["poolarea_no"].field.length, score["setl_end_date"].field.type) == (10, "datetime")
    assert fields(known.interfaces["3467"])["doctorinfo"].repeats
    assert not fields(known.interfaces["3468"])["doctorinfo"].repeats


def test_an_extended_transaction_goes_over_the_line(rig: Rig) -> None:
    rows = [{"insutype": "310", "clct_flag": "1", "accrym_begn": "202601", "accrym_end": "202612", "more": "x"}]
    rig.platform.handlers["90100"] = lambda request: rows if request.input.data.psn_no == "44190001" else []
    answer = rig.runtime.call("90100", {"data": {"psn_no": "44190001"}}, insured_place="441900")
    assert [(row.clct_flag, row.accrym_end) for row in answer.output] == [("1", "202612")]


MATERNITY = {
    "fixmedins_code": "H44190000001", "fixmedins_name": "测试医院", "tel": "13800000000", "matn_type": "1",
    "begndate": "2026-11-01", "enddate": "2027-08-31",
}  # fmt: skip


def test_what_the_document_names_is_called_with_its_evidence(tmp_path: Path) -> None:
    """附件6，医疗机构：90100、90101、90201、90502 截图; those without a table pass as they stand, and say so."""
    with simulated_rig_for(tmp_path, **HOSPITAL, institution='businesses = ["门诊", "住院", "生育"]') as rig:
        psn_no, called = rig.person("births").psn_no, []

        def call(infno: str, **data: Any) -> Any:
            called.append(infno)
            return rig.runtime.call(infno, {"data": {"psn_no": psn_no, **data}}, key=infno, insured_place="441900")

        number = call("90201", **MATERNITY).output.result.trt_dcla_detl_sn
        (found,) = call("90101").output.result
        assert (found.trt_dcla_detl_sn, found.vali_flag, found.matn_type) == (number, "1", "1")
        with pytest.raises(CallRefused, match="重复备案"):
            rig.runtime.call("90201", {"data": {"psn_no": psn_no, **MATERNITY}}, key="again", insured_place="441900")
        paid = [row for row in call("90100").output if row.insutype == "310"]
        assert [row.clct_flag for row in paid] == ["1"] * 12
        bedside.done(bedside.run(rig, "outpatient", bedside.bill(rig.person(), "V1"), "V1"))
        told = rig.runtime.call("90502", {"data": {"insutype": "310"}}).output
        assert (told.totalRow, [row.refd_setl_flag for row in told.setlinfo]) == ("1", ["0"])
        assert set(UNPUBLISHED) == set(NOT_PUBLIC)
        for infno in NOT_PUBLIC:
            answer = call(infno, as_it_stands="1")
            assert [infno in sentence and "没有公开的字段表" in sentence for sentence in answer.advice] == [True]
            assert "没有办" in answer.body["output"]["memo"]
        tallies = findings_of(rig.runtime.known, rig.runtime.journal, rig.runtime.clock).tallies
        for infno in (*called, "90502"):
            assert tallies[infno].evidence[0].msgid, infno


def test_births_are_filed_where_an_institution_is_opened_for_them(tmp_path: Path) -> None:
    """附件6，医疗机构：90201、90101、90517 存在生育业务服务范畴的机构."""
    with simulated_rig_for(tmp_path, **HOSPITAL, institution='businesses = ["门诊", "住院"]') as rig:
        for infno in ("90201", "90101", "90517"):
            with pytest.raises(NotOpenHere, match="没有开通生育"):
                rig.runtime.call(infno, {"data": {"psn_no": "1", **MATERNITY}}, key=infno, insured_place="441900")
        assert bedside.numbers(rig) == []


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_a_filing_whose_answer_was_lost_is_found(tmp_path: Path, fault: Fault) -> None:
    """By its own query: otherwise the person's next call would wait for somebody to decide. What is not there may only
    not show yet: then a person decides."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as rig:
        given = {"data": {"psn_no": rig.person().psn_no, **MATERNITY}}
        rig.strike(fault, "90201")
        if fault is Fault.REQUEST_LOST:
            with pytest.raises(OutcomeUnknown):
                rig.runtime.call("90201", given, key="F", insured_place="441900")
            return
        answer = rig.runtime.call("90201", given, key="F", insured_place="441900")
        assert answer.output.result.trt_dcla_detl_sn in rig.platform.world.registrations
        assert rig.sent("90201") == 1


# -- Dongguan ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "infno", "expected"),
    [
        (Kind.PHARMACY, "2102", {"mdtrtarea_admvs": "441900", "med_type": "41"}),
        (Kind.PHARMACY, "2101A", {"mdtrtarea_admvs": "441900", "med_type": "41"}),
        (Kind.CLINIC, "2203", {"mdtrtarea_admvs": "441900", "med_type": "9935"}),
        (Kind.CLINIC, "2207", {"mdtrtarea_admvs": "441900", "med_type": "9935", "psn_setlway": "01"}),
        (Kind.CLINIC, "2102", {"mdtrtarea_admvs": "441900"}),
        (Kind.HOSPITAL, "2207", {"mdtrtarea_admvs": "441900"}),
    ],
)
def test_fixed_values_of_dongguan(kind: Kind, infno: str, expected: dict[str, str], tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", "441900", kind)
    assert {f.field: f.value for f in known.fixed.of(known.interfaces[infno])} == expected
    assert {f.plugin for f in known.fixed.of(known.interfaces[infno])} == {"dongguan"}


def test_fixed_values_hold_in_dongguan_only(tmp_path: Path) -> None:
    with rig_for(tmp_path, area="440100", code="P44010000001") as guangzhou:
        assert not guangzhou.runtime.known.fixed.of(guangzhou.runtime.interfaces["2102"])
        message = purchase(guangzhou.person())
        with pytest.raises(InvalidMessage, match="med_type"):
            guangzhou.runtime.call("2102", message, key=new_key(), insured_place="440100")
        message["druginfo"]["med_type"] = "14"
        guangzhou.runtime.call("2102", message, key=new_key(), insured_place="440100")


def test_a_value_other_than_the_fixed_one_is_refused(rig: Rig) -> None:
    message = purchase(rig.person())
    message["druginfo"]["med_type"] = "14"
    with pytest.raises(InvalidMessage, match="固定为 41"):
        rig.runtime.call("2102", message, key=new_key(), insured_place="441900")
    assert rig.sent("2102") == 0


def test_region_data_of_dongguan_and_of_its_neighbours(tmp_path: Path) -> None:
    dongguan = knowledge(tmp_path, "dongguan", "441900").region
    assert dongguan.insurances[Kind.CLINIC] == ("310", "390")
    assert dongguan.clearing[Kind.PHARMACY] == {Place.LOCAL: "41", Place.PROVINCE: "9904"}
    assert dongguan.clearing[Kind.CLINIC] == {Place.LOCAL: "11", Place.PROVINCE: "9903"}
    assert dongguan.trace_codes == "both"
    for area, name in {"440100": "广州", "440600": "佛山", "442000": "中山", "440300": "广东"}.items():
        region = knowledge(tmp_path, "dongguan", area).region
        assert (region.name, region.clearing, region.insurances, region.trace_codes) == (name, {}, {}, "sale")
        assert region.circumstances.fund_includes_account is True
        assert region.place("441900") is Place.PROVINCE


def test_codes_of_the_province_and_of_dongguan(tmp_path: Path) -> None:
    dongguan, foshan = (knowledge(tmp_path, "dongguan", area) for area in ("441900", "440600"))
    for known in (dongguan, foshan):
        conditions = known.code_table("adm_dise_cond_code")
        assert conditions is not None
        assert conditions.name_of("000002") == "精神病种床日分值结算"
        assert conditions.name_of("4") == "无"
        credentials = known.code_table("mdtrt_cert_type")
        assert credentials is not None
        assert credentials.find("4") is not None
        assert "港澳" in credentials.name_of("04")
    names = [
        table.name_of("9903") for table in (dongguan.code_table("clr_type"), foshan.code_table("clr_type")) if table
    ]
    assert names == ["省内异地门诊", "跨市异地门诊清算（省内）"]


def test_a_refusal_of_somebody_insured_elsewhere_says_what_to_ask(rig: Rig) -> None:
    def refuse(infno: str, place: str) -> str:
        rig.platform.handlers.pop(infno, None)
        with pytest.raises(CallRefused) as refused:
            rig.runtime.call(infno, purchase(rig.person()), key=new_key(), insured_place=place)
        return refused.value.remedy

    assert "POS" in refuse("2102", "510400")
    assert "POS" not in refuse("2102", "441900")


# -- the cities --------------------------------------------------------------------------------------------------------

NODES = {
    "440100": {
        "2201": {"mdtrtinfo", "agnterinfo"}, "2202": {"mdtrtinfo"}, "2203": {"mdtrtinfo", "diseinfo"},
        "2206": {"mdtrtinfo"}, "2207": {"mdtrtinfo"}, "2208": {"mdtrtinfo"}, "2302": {"feeinfo"}, "2303": {"data"},
        "2304": {"mdtrtinfo"}, "2305": {"mdtrtinfo"}, "2402": {"mdtrtinfo", "diseinfo"},
        "2403": {"mdtrtinfo", "diseinfo", "agnterinfo"}, "3301": {"catalogcompin"}, "3302": {"catalog"},
        "2206A": {"data"}, "2207A": {"data"},
    },
    "440600": {"2201": {"data"}, "2304": {"data"}, "3301": {"catalogcompin"}, "3302": {"catalog"}},
    "442000": {"2201": {"data"}, "2304": {"data"}, "3301": {"data"}, "3302": {"catalogcompin"}},
    "441900": {"2201": {"data"}, "2304": {"data"}, "3301": {"data"}, "3302": {"data"}},
    "440300": {"2201": {"data"}, "3301": {"data"}, "3302": {"data"}},
}  # fmt: skip

FURTHER = {
    ("1101", "data"): {"hcard_basinfo", "hcard_chkinfo"},
    ("2102", "druginfo"): {"hcard_basinfo", "hcard_chkinfo"},
    ("2201", "mdtrtinfo"): {"hcard_basinfo", "hcard_chkinfo", "mdtrt_mode"},
    ("2203", "mdtrtinfo"): {"ttp_resp", "expi_gestation_nub_of_m"},
    ("2204", "feedetail"): {"unchk_flag", "unchk_memo", "medins_list_name"},
    ("2205", "data"): {"feedetl_sn"},
    ("2207", "mdtrtinfo"): {"hcard_basinfo", "hcard_chkinfo", "mdtrt_mode", "mid_setl_flag", "order_no"},
    ("2304", "mdtrtinfo"): {"hcard_basinfo", "hcard_chkinfo", "mdtrt_mode", "order_no"},
    ("2401", "mdtrtinfo"): {
        "hcard_basinfo", "hcard_chkinfo", "mdtrt_mode", "clnc_flag", "er_flag", "advpay", "repeat_ipt_flag",
        "ttp_resp", "merg_setl_flag",
    },
    ("3401", "deptinfo"): {"medtech_flag", "medserv_type", "dept_type"},
}  # fmt: skip
"""Guangzhou: what each node has beyond the national one."""


@pytest.mark.parametrize("area", NODES)
def test_nodes_are_named_as_in_the_city(area: str, tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", area)
    assert {n: set(shape(known.interfaces[n], "input")) for n in NODES[area]} == NODES[area]


def test_further_fields_of_guangzhou(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", "440100")
    plain = knowledge(tmp_path, "dongguan", "440600")
    for (infno, node), added in FURTHER.items():
        there = set(fields(plain.interfaces[infno], "data" if node == "mdtrtinfo" and infno in BY_DATA else node))
        assert set(fields(known.interfaces[infno], node)) - there == added, infno
    for infno in ("2206", "2207", "2303", "2304"):
        assert shape(known.interfaces[infno], "output")["voladetail"] == 2
        assert "voladetail" not in shape(plain.interfaces[infno], "output")


BY_DATA = {"2201", "2207", "2304"}


def test_a_withdrawal_in_guangzhou_keeps_its_attribute_and_changes_its_key(tmp_path: Path) -> None:
    with rig_for(tmp_path, area="440100", code="P44010000001", kind=Kind.CLINIC) as rig:
        reference = {"psn_no": "1", "mdtrt_id": "M1", "ipt_otp_no": "O1"}
        seen: list[Any] = []

        def answer(request: Any) -> None:
            seen.append(request.input.data.mdtrt_id)

        out = sent(rig, "2202", {"mdtrtinfo": reference}, answer)
        assert (list(out), out["mdtrtinfo"]["mdtrt_id"], seen) == (["mdtrtinfo"], "M1", ["M1"])
        assert sent(rig, "2202", {"data": reference}, answer) == out


@pytest.mark.parametrize(
    ("area", "key"), [("440600", "REFD_SETL_FLAG"), ("442000", "REFD_SETL_FLAG"), ("441900", "refd_setl_flag")]
)
def test_the_refund_flag_is_spelt_as_in_the_city(area: str, key: str, tmp_path: Path) -> None:
    known = knowledge(tmp_path, "dongguan", area)
    for infno in ("3201", "3202"):
        held = [wire for wire in fields(known.interfaces[infno], "data") if wire.lower() == "refd_setl_flag"]
        assert held == [key]


# -- the province's rules ----------------------------------------------------------------------------------------------


def fee_row(flag: str) -> dict[str, Any]:
    return {
        "feedetl_sn": "1", "mdtrt_id": "M1", "psn_no": "1", "chrg_bchno": "C1", "rx_circ_flag": "0",
        "fee_ocur_time": "2026-11-21 10:00:00", "med_list_codg": "X1", "medins_list_codg": "D1",
        "det_item_fee_sumamt": "10.00", "cnt": "1", "pric": "10.00", "bilg_dept_codg": "D", "bilg_dept_name": "内科",
        "bilg_dr_codg": "R", "bilg_dr_name": "测试医师", "hosp_appr_flag": flag,
    }  # fmt: skip


@pytest.mark.parametrize(("given", "goes_out"), [("0", "2"), ("1", "1"), ("2", "2")])
def test_an_approval_flag_is_one_or_two(clinic: Rig, given: str, goes_out: str) -> None:
    out = sent(clinic, "2204", {"feedetail": [fee_row(given)]}, lambda request: {"result": [{"feedetl_sn": "1"}]})
    assert [row["hosp_appr_flag"] for row in out["feedetail"]] == [goes_out]
    inpatient = {**fee_row(given), "med_type": "21"}
    del inpatient["chrg_bchno"], inpatient["rx_circ_flag"]
    out = sent(clinic, "2301", {"feedetail": [inpatient]}, lambda request: {"result": [{"feedetl_sn": "1"}]})
    assert [row["hosp_appr_flag"] for row in out["feedetail"]] == [goes_out]
    bill = {
        "mdtrtinfo": {"clnc_flag": "0", "psn_no": "1"}, "diseinfo": {"rows": []},
        "feedetail": {"rows": [{"hosp_appr_flag": given}]},
    }  # fmt: skip
    out = sent(clinic, "2260", bill)
    assert out["feedetail"]["rows"][0]["hosp_appr_flag"] == goes_out


def test_the_dictionary_is_filtered_to_what_was_asked_for(rig: Rig) -> None:
    rows = [
        {"dic_type_code": "GEND", "place_dic_val_code": "1", "place_dic_val_name": "男", "seq": 1},
        {"dic_type_code": "NATY", "place_dic_val_code": "01", "place_dic_val_name": "汉族"},
    ]
    rig.platform.handlers["1901"] = lambda request: {"list": rows}
    answer = rig.runtime.call("1901", {"data": {"type": "GEND", "admdvs": "441900", "date": "2026-11-21"}})
    assert [(row.place_dic_val_code, row.seq) for row in answer.output.list_] == [("1", "1")]
    assert len(answer.body["output"]["list"]) == 2
    assert answer.findings == ()


OPERATION = {"oprn_oprt_date": "2026-11-20", "oprn_oprt_code": "00.0100", "oprn_oprt_name": "测试手术"}


def test_a_front_page_without_operations_says_so(clinic: Rig) -> None:
    known = clinic.runtime.known
    page = least(known, known.interfaces["4401"].input)
    assert "oprninfo" not in page
    out = sent(clinic, "4401", page)
    assert out["oprninfo"] == []
    assert out["diseinfo"][0]["adm_dise_cond_code"] == ""
    node = next(m.node for m in members(known.interfaces["4401"].input) if m.wire == "oprninfo")
    whole = {**least(known, node), **OPERATION}
    assert len(sent(clinic, "4401", {**page, "oprninfo": [whole]})["oprninfo"]) == 1
    for missing in OPERATION:
        broken = {key: value for key, value in whole.items() if key != missing}
        with pytest.raises(InvalidMessage, match="日期、编码、名称") as refused:
            clinic.runtime.call("4401", {**page, "oprninfo": [whole, broken]}, insured_place="441900")
        assert refused.value.path.startswith("input.oprninfo[1]")


def test_one_death_record_goes_out_as_an_object_with_no_insured_place(tmp_path: Path) -> None:
    with rig_for(tmp_path, kind=Kind.HOSPITAL) as rig:
        shape_ = rig.runtime.interfaces["4701"].input
        death = least(rig.runtime.known, next(m.node for m in members(shape_) if m.wire == "dieinfo"))
        message = {**least(rig.runtime.known, shape_), "dieinfo": [death]}
        heads: list[Any] = []

        def answer(request: Any) -> Any:
            heads.append(request.head)
            return {}

        out = sent(rig, "4701", message, answer)
        assert (type(out["dieinfo"]), type(out["diseinfo"]), heads[0].insuplc_admdvs) == (dict, list, None)


@pytest.mark.parametrize(
    ("area", "infno", "insured", "warned"),
    [
        ("442000", "2501", "442000", True), ("442000", "2501", "440100", False), ("442000", "2501A", "442000", False),
        ("442000", "2501A", "510400", True), ("441900", "2501", "441900", False),
    ],
)  # fmt: skip
def test_zhongshan_files_transfers_by_place(area: str, infno: str, insured: str, warned: bool, tmp_path: Path) -> None:
    with rig_for(tmp_path, area=area, kind=Kind.HOSPITAL) as rig:
        known = rig.runtime.known
        rig.platform.handlers[infno] = lambda request: least(known, known.interfaces[infno].output)
        answer = rig.runtime.call(
            infno, least(known, known.interfaces[infno].input), key=new_key(), insured_place=insured
        )
        assert any("2501A" in sentence for sentence in answer.advice) is warned
