"""Reading and writing messages: every fault named, nothing legal refused, nothing lost."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from liangding.calls.validation import Side, validate
from liangding.knowledge.interfaces import BASELINE
from liangding.simulator.people import People
from liangding.spec import beyond
from liangding.spec.problems import errors
from liangding.spec.reading import read_answer, read_request
from liangding.spec.writing import NATIONAL, SPARSE, MessageWriter, WireStyle
from liangding.wire.json import decode, encode
from support import purchase

PERSON = People("441900").case("local")
BUY = purchase(PERSON)
BUY["druginfo"]["med_type"] = "41"


def found(infno: str, message: object, side: Side = "request") -> dict[str, str]:
    """Place → rule of every problem of level error."""
    problems = validate(infno, encode(message), side)
    return {p.where: p.rule for p in errors(problems)}


def changed(**changes: Any) -> dict[str, Any]:
    """The good purchase with fields of its head changed; None removes one."""
    message: dict[str, Any] = decode(encode(BUY))
    for name, value in changes.items():
        message["druginfo"][name] = value
    return message


def test_a_good_message_has_no_problem() -> None:
    assert validate("2102", encode(BUY), "request") == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"psn_no": None}, "required"),
        ({"psn_no": ""}, "required"),
        ({"psn_no": "x" * 31}, "length"),
        ({"psn_no": 12}, "type"),
        ({"psn_no": True}, "type"),
        ({"psn_no": {}}, "type"),
        ({"medfee_sumamt": "1.234"}, "scale"),
        ({"medfee_sumamt": "1" * 15}, "length"),
        ({"medfee_sumamt": "十元"}, "type"),
        ({"medfee_sumamt": "NaN"}, "type"),
        ({"medfee_sumamt": True}, "type"),
        ({"begntime": "2026-11-21"}, "date"),
        ({"begntime": "2026-13-21 10:00:00"}, "date"),
        ({"begntime": "2026-11-21T10:00:00"}, "date"),
        ({"acct_used_flag": "7"}, "code"),
        ({"mdtrt_cert_no": None}, "condition"),
    ],
)
def test_each_fault_is_named(change: dict[str, Any], rule: str) -> None:
    (name,) = change
    assert found("2102", changed(**change)) == {f"input.druginfo.{name}": rule}


def test_twelve_faults_are_all_named_at_once() -> None:
    message = changed(
        psn_no="", mdtrt_cert_no="", begntime="昨天", medfee_sumamt="1.005", insutype=310, acct_used_flag="x",
        dise_codg="9" * 31,
    )  # fmt: skip
    row = message["drugdetail"][0]
    row |= {"rx_circ_flag": "1", "cnt": "一", "pric": "1.0000001", "fee_ocur_time": "2026-02-30 00:00:00"}
    row.pop("med_list_codg")
    assert found("2102", message) == {
        "input.druginfo.psn_no": "required",
        "input.druginfo.mdtrt_cert_no": "condition",
        "input.druginfo.begntime": "date",
        "input.druginfo.medfee_sumamt": "scale",
        "input.druginfo.insutype": "type",
        "input.druginfo.acct_used_flag": "code",
        "input.druginfo.dise_codg": "length",
        "input.drugdetail[0].rxno": "condition",
        "input.drugdetail[0].cnt": "type",
        "input.drugdetail[0].pric": "scale",
        "input.drugdetail[0].fee_ocur_time": "date",
        "input.drugdetail[0].med_list_codg": "required",
    }


def test_a_problem_tells_place_row_label_and_value() -> None:
    message = changed()
    message["drugdetail"].append({**message["drugdetail"][0], "feedetl_sn": "2", "cnt": "1.23456"})
    (problem,) = errors(validate("2102", encode(message), "request"))
    assert (problem.row, problem.label, problem.value) == (2, "数量", "1.23456")
    assert str(problem) == "input.drugdetail[1].cnt 数量: 小数最多 4 位（值 1.23456）"


def test_personal_values_are_not_shown() -> None:
    message = changed(mdtrt_cert_no=PERSON.certno + "x" * 40, dise_codg=PERSON.certno + "x" * 40)
    shown = json.dumps([p.as_json() for p in validate("2102", encode(message), "request")], ensure_ascii=False)
    assert PERSON.certno not in shown


@pytest.mark.parametrize("wrong", [{"druginfo": []}, {"druginfo": "x", "drugdetail": {}}, {}, [], "x", None])
def test_shapes_that_are_wrong(wrong: object) -> None:
    assert set(found("2102", wrong).values()) <= {"type", "required"}
    assert found("2102", wrong)


def test_an_unknown_key_is_a_hint_with_the_key_that_was_meant() -> None:
    (hint,) = validate("2102", encode(changed(dise_cod="x")), "request")
    assert (hint.level, hint.rule) == ("warning", "unknown_field")
    assert "dise_codg" in hint.message


def test_a_code_outside_an_incomplete_table_is_a_hint() -> None:
    (hint,) = validate("2102", encode(changed(insutype="77777")), "request")
    assert (hint.level, hint.rule) == ("warning", "code")


def test_a_card_needs_its_recognition_code() -> None:
    card = {"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": "C1"}}
    assert found("1101", card) == {"input.data.card_sn": "condition"}
    other_spelling = {"data": {"mdtrt_cert_type": "3", "mdtrt_cert_no": "C1"}}
    assert found("1101", other_spelling) == {"input.data.card_sn": "condition"}
    assert found("1101", {"data": {**card["data"], "card_sn": "S1"}}) == {}


def test_one_of_several_fields_is_enough() -> None:
    asked = {"medinsinfo": {"fixmedins_type": "2"}}
    assert set(found("1201", asked).values()) == {"condition"}
    asked["medinsinfo"]["fixmedins_code"] = "P44190000001"
    assert found("1201", asked) == {}


def test_a_query_may_send_a_day_for_a_time() -> None:
    asked = {"data": {"psn_no": "1", "begntime": "2026-11-01", "endtime": "2026-11-02", "med_type": "41"}}
    assert found("5201", asked) == {}


# -- envelopes and answers ----------------------------------------------------------------------------------------


def envelope(**more: Any) -> dict[str, Any]:
    head = {
        "infno": "2102", "msgid": "P44190000001202611211000000001", "mdtrtarea_admvs": "441900",
        "insuplc_admdvs": "441900", "recer_sys_code": "01", "infver": "V1.0", "opter_type": "1", "opter": "001",
        "opter_name": "测试收银员", "inf_time": "2026-11-21 10:00:00", "fixmedins_code": "P44190000001",
        "fixmedins_name": "测试机构", "sign_no": "1", "cainfo": "", "signtype": "", "dev_no": "", "dev_safe_info": "",
        "input": BUY,
    }  # fmt: skip
    return head | more


def test_a_whole_envelope_is_held_against_the_table_too() -> None:
    assert validate("2102", encode(envelope()), "request") == []
    assert found("2102", envelope(opter_type="9", inf_time="", infno="2101")) == {
        "opter_type": "code",
        "inf_time": "required",
        "infno": "infno",
    }
    assert [p.rule for p in validate("2102", encode(envelope(insuplc_admdvs="")), "request")] == ["condition"]


ANSWER = {
    "infcode": 0,
    "inf_refmsgid": "1",
    "err_msg": None,
    "output": {
        "setlinfo": {
            "setl_id": "S1", "mdtrt_id": "M1", "psn_no": "1", "psn_name": "测试", "psn_cert_type": "01",
            "certno": "1", "psn_type": "11", "cvlserv_flag": "0", "setl_time": "2026-11-21 10:00:00",
            "med_type": "41", "medfee_sumamt": 100.0, "fulamt_ownpay_amt": "0", "overlmt_selfpay": None,
            "preselfpay_amt": "", "inscp_scp_amt": 100, "hifp_pay": 0, "pool_prop_selfpay": 0, "cvlserv_pay": 0,
            "hifes_pay": 0, "hifmi_pay": 0, "hifob_pay": 0, "maf_pay": 0, "oth_pay": 0, "fund_pay_sumamt": 0,
            "psn_part_amt": 100, "acct_pay": "100.00", "psn_cash_pay": 0, "balc": 1, "acct_mulaid_pay": 0,
            "medins_setl_id": "P1", "clr_type": "41", "newer_key": {"kept": 1},
        },
        "setldetail": {"fund_pay_type": "310201", "inscp_scp_amt": 100, "fund_payamt": 100},
        "detlcutinfo": [{"feedetl_sn": "", "cnt": None}],
    },
}  # fmt: skip


def answer(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = decode(encode(ANSWER))
    made["output"]["setlinfo"].update(changes)
    return made


def test_an_answer_is_taken_leniently() -> None:
    assert validate("2102", encode(ANSWER), "response") == []
    node, problems = read_answer(BASELINE["2102"].output, decode(encode(ANSWER["output"])))
    assert problems == []
    assert node.setlinfo.medfee_sumamt == 100
    assert node.setlinfo.preselfpay_amt is None
    assert len(node.setldetail) == 1
    assert node.detlcutinfo == []
    assert beyond(node.setlinfo) == {"newer_key": {"kept": 1}}


@pytest.mark.parametrize(
    "form",
    [
        "2026-11-21 10:00:00",
        "20261121100000",
        "2026-11-21T10:00:00",
        "2026/11/21 10:00:00",
        "2026-11-21 10:00:00.0",
        1795226400000,
    ],
)
def test_times_come_in_several_forms(form: object) -> None:
    node, problems = read_answer(BASELINE["2102"].output, answer(setl_time=form)["output"])
    assert problems == []
    assert node.setlinfo.setl_time == datetime(2026, 11, 21, 10)


@pytest.mark.parametrize(
    ("change", "rule"), [({"setl_id": None}, "required"), ({"balc": "很多"}, "type"), ({"setl_time": "昨天"}, "date")]
)
def test_a_bad_answer_is_named(change: dict[str, Any], rule: str) -> None:
    (name,) = change
    assert found("2102", answer(**change), "response") == {f"output.setlinfo.{name}": rule}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"code": 0, "type": "success", "message": None, "data": ANSWER},
        {"code": 0, "message": "", "data": json.dumps(ANSWER)},
        ANSWER | {"infcode": "0", "output": json.dumps(ANSWER["output"])},
        ANSWER["output"],
    ],
)
def test_answers_in_other_dialects(wrapped: object) -> None:
    assert found("2102", wrapped, "response") == {}


def test_a_refusal_is_a_valid_answer_and_a_gateway_is_not() -> None:
    assert validate("2102", b'{"infcode":-1,"err_msg":"no","output":null}', "response") == []
    assert found("2102", {"code": 401, "message": "非法用户!"}, "response") == {"": "gateway"}
    assert [p.rule for p in validate("2102", b"<html></html>", "response")] == ["html"]
    assert [p.rule for p in validate("2102", b'{"infcode":0,"outp', "response")] == ["not_json"]


def test_gbk_is_read_and_said() -> None:
    data = json.dumps({"infcode": -1, "err_msg": "余额不足"}, ensure_ascii=False).encode("gbk")
    assert [p.rule for p in validate("2102", data, "response")] == ["encoding"]


# -- writing -------------------------------------------------------------------------------------------------------


def test_what_is_written_reads_back_the_same() -> None:
    node, problems = read_request(BASELINE["2102"].input, BUY)
    assert problems == []
    for style in (NATIONAL, SPARSE, WireStyle(quoted_numbers=True, full_scale=True)):
        again, problems = read_request(BASELINE["2102"].input, decode(encode(MessageWriter(style).write(node))))
        assert not errors(problems)
        assert MessageWriter(SPARSE).write(again.drugdetail[0]) | {"prd_days": 0} == MessageWriter(SPARSE).write(
            node.drugdetail[0]
        ) | {"prd_days": 0}


def test_styles_write_what_is_not_given_as_their_region_wants() -> None:
    node, _ = read_request(BASELINE["2102"].input, BUY)
    national = MessageWriter(NATIONAL).write(node)["drugdetail"][0]
    assert (national["rxno"], national["prd_days"]) == ("", 0)
    assert "rxno" not in MessageWriter(SPARSE).write(node)["drugdetail"][0]
    full = MessageWriter(WireStyle(quoted_numbers=True, full_scale=True, empty_number="null")).write(node)
    assert (full["drugdetail"][0]["cnt"], full["drugdetail"][0]["prd_days"]) == ("1.0000", None)


def test_numbers_never_pass_through_floating_point() -> None:
    assert decode(b"[0.1, 100.00, 1]") == [Decimal("0.1"), Decimal("100.00"), 1]
    assert encode({"x": Decimal("100.10")}) == b'{"x":100.10}'
