"""Everything that is said of a message held against the declarations, whole, in each form that one comes in; and of
a call's input before it leaves."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from liangding.calls.checking import checked
from liangding.calls.preparing import Preparing, digest, plain, without
from liangding.calls.validation import ASKED_WITH, Side, validate
from liangding.config import load_deployment
from liangding.contract.hookspecs import hookimpl
from liangding.contract.region import Region
from liangding.errors import InvalidMessage
from liangding.knowledge import Knowledge
from liangding.spec.nodes import members, node_of
from liangding.spec.problems import Problem
from liangding.wire.envelope import INPUT_CHARACTERS
from liangding.wire.json import encode
from support import write_deployment
from test_messages import BUY, PERSON, answer, envelope

Told = tuple[str, str, str, str, str]


def told(problems: list[Problem]) -> list[Told]:
    """Where, which rule, how grave, of what, in which words."""
    return [(each.where, each.rule, each.level, each.label, each.message) for each in problems]


def said(infno: str, message: Any, side: Side = "request") -> list[Told]:
    return told(validate(infno, message if isinstance(message, bytes) else encode(message), side))


QUERY = {"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": "测试"}}
TEXT = json.dumps(QUERY, ensure_ascii=False)
AS_TEXT = ("input", "type", "warning", "", "input 应为对象，给的是写成文本的 JSON")
WARNED = {
    "GBK": ("", "encoding", "warning", "", "不是 UTF-8；按 GBK 读取"),
    "UTF-16": ("", "encoding", "warning", "", "不是 UTF-8；按 UTF-16 读取"),
}
MISSING = ("input.data", "required", "error", "节点输入", "缺少")

NUMBERED = {"data": {"psn_no": "1", "begntime": "2026-11-01", "endtime": "2026-11-02", "med_type": "41"}}
WITHOUT_PLACE = (
    "insuplc_admdvs", "condition", "warning", "参保地医保区划",
     "输入中有人员编号，应给出参保地医保区划；不填按本地处理",
)  # fmt: skip
NO_NUMBER = "medinsinfo", "1"


REQUESTS: list[tuple[str, Any, list[Told]]] = [
    ("1101", QUERY, []), ("1101", TEXT.encode(), []), ("1101", TEXT.encode("utf-8-sig"), []),
    ("1101", TEXT.encode("gbk"), [WARNED["GBK"]]), ("1101", TEXT.encode("utf-16"), [WARNED["UTF-16"]]),
    ("1101", b"\xfe\xff" + TEXT.encode("utf-16-be"), [WARNED["UTF-16"]]),
    ("1101", {"input": QUERY}, []), ("1101", {"input": TEXT}, [AS_TEXT]),
    ("1101", {"input": QUERY} | dict.fromkeys(ASKED_WITH - {"input"}), []),
    ("5201", {"input": NUMBERED}, []), ("5201", {"input": NUMBERED, "bill_date": "2026-01-01"}, []),
    ("5201", envelope(infno="5201", input=NUMBERED), []),
    ("5201", envelope(infno="", input=NUMBERED), [("infno", "required", "error", "交易编号", "必填，未给出")]),
    ("5201", envelope(infno="5201", input=NUMBERED, insuplc_admdvs=""), [WITHOUT_PLACE]),
    ("5201", envelope(infno="5201", input=NUMBERED, insuplc_admdvs=None), [WITHOUT_PLACE]),
    ("1101", envelope(infno="1101", input=QUERY, insuplc_admdvs=""), []),
    ("5201", envelope(input=NUMBERED), [("infno", "infno", "error", "交易编号", "报文是 2102 的，却按 5201 校验")]),
    ("5201", envelope(infno="5201", input=NUMBERED, app_id="1", enc_type="", recer_admdvs="",
     fixmedins_soft_fcty=""), []),
    ("4903", {"any": "thing"}, [
        ("input", "not_public", "warning", "", "这个交易的字段没有公开，只能原样通过，无法校验")
    ]),
]  # fmt: skip


def test_what_is_said_of_a_request() -> None:
    for infno, message, expected in REQUESTS:
        assert said(infno, message) == expected, message


@pytest.mark.parametrize("message", [None, {}, {"input": None}, {"input": {}}])
def test_nothing_given_is_missing(message: Any) -> None:
    (only,) = said("1101", message)
    assert (only[0], only[1], only[2]) == ("input.data", "required", "error")


def test_what_is_no_json_is_said_and_nothing_else() -> None:
    for message in (b"{", b'{"input": }', b"", b"\xff\xfe{"):
        *before, last = said("1101", message)
        assert (last[1], last[2], last[0], last[3]) == ("not_json", "error", "", "")
        assert last[4].startswith("不是合法的 JSON：")
        assert [each[1] for each in before] == (["encoding"] if message[:1] == b"\xff" else [])


def test_an_input_that_is_broken_text_is_said_to_be_no_json() -> None:
    broken = said("1101", {"input": '{"data": '})
    assert [(each[1], each[2]) for each in broken][:2] == [("type", "warning"), ("not_json", "error")]
    assert [each[1] for each in said("1101", {"input": "  "})] == ["type"]


@pytest.mark.parametrize(("more", "size"), [(0, []), (1, ["size"])])
def test_an_input_has_so_many_characters_and_no_more(more: int, size: list[str]) -> None:
    message: dict[str, Any] = {"data": QUERY["data"] | {"x": ""}}
    message["data"]["x"] = "汉" * (INPUT_CHARACTERS - len(encode(message).decode()) + more)
    assert len(encode(message).decode()) == INPUT_CHARACTERS + more
    found = said("1101", message)
    assert [each[1] for each in found if each[1] == "size"] == size
    if size:
        assert ("input", "size", "warning", "", "input 超过 40000 个字符，明细过多时应分批") in found


# -- answers -----------------------------------------------------------------------------------------------------------

GOOD = answer()
OUTPUT = GOOD["output"]
NOT_OURS = (
    "output.setlinfo.medfee_sumamt", "scope_split", "error", "",
    "医疗费总额应等于 全自费 + 超限价自费 + 先行自付 + 政策范围内：左边 101.0，右边 100",
)  # fmt: skip


ANSWERS: list[tuple[str, Any, list[Told] | None]] = [
    ("2102", GOOD, []), ("2102", OUTPUT, []), ("2102", {"output": OUTPUT}, []),
    ("2102", {"infcode": 0, "output": None}, None),
    ("2102", {"infcode": -1, "err_msg": "不行"}, []),
    ("2102", {"infcode": -7}, [("err_msg", "required", "warning", "", "infcode -7 却没有说原因")]),
    ("2102", {"infcode": -7, "err_msg": ""}, [("err_msg", "required", "warning", "", "infcode -7 却没有说原因")]),
    ("2102", b"", [("", "empty", "error", "", "应答为空")]),
    ("2102", b"<html>", [("", "html", "error", "", "应答是网页（HTML），多半来自代理或网关")]),
    ("2102", b"{", [("", "not_json", "error", "", "应答不是完整的 JSON")]),
    ("2102", {"code": 401, "message": "非法用户!"}, [
        ("", "gateway", "error", "", "这是网关的应答，不是平台的：401 非法用户!")
    ]),
    ("5204", {"infcode": 0, "output": None}, []), ("5204", {"infcode": 0, "output": []}, []), ("5204", [], []),
    ("2102", BOM_UTF8 + encode(OUTPUT), []), ("5204", BOM_UTF8 + b"[]", []),
    ("2102", encode(OUTPUT).decode().encode("gbk"), []),
    ("5204", {"output": []}, []), ("1101", {"infcode": 0, "output": {}}, None),
    ("2102", json.dumps({"infcode": -1, "err_msg": "余额不足"}, ensure_ascii=False).encode("gbk"), [
        ("", "encoding", "warning", "", "应答不是 UTF-8，按 GBK 读取")
    ]),
]  # fmt: skip


def test_what_is_said_of_an_answer() -> None:
    for infno, message, expected in ANSWERS:
        found = said(infno, message, "response")
        if expected is not None:
            assert found == expected, message
        else:  # what is not there is missing, each of it
            assert {each[1] for each in found} == {"required"}, message


def test_amounts_of_an_answer_are_held_together_whatever_it_is_wrapped_in() -> None:
    wrong = answer(medfee_sumamt="101.0", psn_cash_pay=1, psn_part_amt=101)
    for form in (wrong, wrong["output"], {"output": wrong["output"]}):
        assert said("2102", form, "response") == [NOT_OURS]
    garbled = json.dumps(wrong, ensure_ascii=False, default=str).replace('"newer_key"', '"备注"').encode("gbk")
    assert said("2102", garbled, "response")[0][1] == "encoding"


def test_an_output_of_that_name_is_a_node_of_its_own() -> None:
    """3513's answer has a node of that name: what looks like a wrapper is the answer itself."""
    assert said("3513", {"output": [], "x": 1}, "response") == said("3513", {"output": []}, "response")


# -- a call's input ----------------------------------------------------------------------------------------------------


class Shapes:
    """A region; ``change`` is what its wrapper does with the call before it leaves."""

    def __init__(self, change: Any = None, **more: Any) -> None:
        self.change, self.more = change, more

    @hookimpl
    def liangding_region(self) -> Region:
        return Region(name="测试", local=("9901",), province=("99",), **self.more)


class Wraps(Shapes):
    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Any) -> Any:
        return (yield)


def preparing(folder: Path, plugin: object | None = None) -> Preparing:
    config = write_deployment(folder, province="", area="990100", code="P99010000001", gateway="plain")
    return Preparing(Knowledge(load_deployment(config), plugins={"region": plugin or Shapes()}))


@pytest.fixture
def prepares(tmp_path: Path) -> Preparing:
    return preparing(tmp_path)


HEAD_NAMES = "cainfo、dev_no、dev_safe_info、infver、insuplc_admdvs、mdtrtarea_admvs、recer_sys_code、signtype"

HEADS: list[tuple[Any, Any, list[Told]]] = [
    ({}, None, []), (None, None, []), ({"dev_no": "1"}, "990100", []),
    (dict.fromkeys(HEAD_NAMES.split("、"), "1"), None, []),
    ({"dev_no": None}, None, []), ({"dev_no": 1}, None, [("head.dev_no", "type", "error", "", "应为文本")]),
    ({"msgid": "1"}, None, [("head.msgid", "unknown_field", "error", "", f"报文头中可以另给的只有 {HEAD_NAMES}")]),
    ([("dev_no", "1")], None, [("head", "type", "error", "", "报文头应为一组键值，参保地医保区划应为文本")]),
    ({}, 990100, [("head", "type", "error", "", "报文头应为一组键值，参保地医保区划应为文本")]),
]  # fmt: skip


@pytest.mark.parametrize(("head", "place", "expected"), HEADS)
def test_what_of_the_head_may_be_given(prepares: Preparing, head: Any, place: Any, expected: list[Told]) -> None:
    if expected:
        with pytest.raises(InvalidMessage) as caught:
            prepares.prepare("2102", BUY, head=head, insured_place=place)
        assert told(caught.value.problems) == expected
        return
    call = prepares.prepare("2102", BUY, head=head, insured_place=place)
    assert (call.head, call.insured_place) == (head or {}, place)
    call.head, call.insured_place = {"msgid": "1"}, None
    with pytest.raises(InvalidMessage, match="报文头中可以另给的只有"):
        prepares.checked(call)


def test_a_prepared_call(prepares: Preparing) -> None:
    call = prepares.prepare("2102", BUY, insured_place="990100", operator="002", head={"dev_no": "D"})
    assert (call.transaction.infno, call.operator.code, call.insured_place, call.head, call.key, call.flow) == (
        "2102", "002", "990100", {"dev_no": "D"}, None, None,
    )  # fmt: skip
    assert (call.content, call.written, call.advice) == (digest("2102", BUY), None, [])
    assert prepares.prepare("2102", BUY).operator.code == "001"
    assert call.deployment is prepares.known.deployment
    assert call.region is prepares.known.region


@pytest.mark.parametrize(
    ("operator", "asked", "said"),
    [
        ("002", {"input": BUY, "insuplc_admdvs": "990100"}, ("002", "990100", PERSON.psn_no)),
        ("gone", {"input": BUY, "insuplc_admdvs": ""}, ("001", None, PERSON.psn_no)),
        ("001", {"input": None}, ("001", None, None)), ("001", {}, ("001", None, None)),
        ("002", None, ("002", None, None)),
    ],
)  # fmt: skip
def test_a_call_as_its_record_has_it(
    prepares: Preparing, operator: str, asked: Any, said: tuple[str, str | None, str | None]
) -> None:
    body = b"" if asked is None else encode(asked)
    record: Any = SimpleNamespace(request=body, operator=operator, key="K", flow="F", content="C")
    call = prepares.as_recorded(prepares.known.interfaces["2102"], record)
    assert (call.operator.code, call.insured_place, getattr(call.input.druginfo, "psn_no", None)) == said
    assert (call.transaction.infno, call.key, call.flow, call.content) == ("2102", "K", "F", "C")
    assert (call.deployment, call.region) == (prepares.known.deployment, prepares.known.region)


def test_what_is_amiss_and_no_error_is_told_to_the_till_unless_it_is_the_programs(
    prepares: Preparing, caplog: pytest.LogCaptureFixture
) -> None:
    odd = BUY | {"druginfo": BUY["druginfo"] | {"insutype": "77777", "strange": "1"}, "stranger": {}}
    call = prepares.prepare("2102", odd, insured_place="990100")
    assert len(call.advice) == 1
    assert "77777" in call.advice[0]
    assert "2102: keys that the specification does not know: " in caplog.text
    assert "strange" in caplog.text
    caplog.clear()
    prepares.prepare("2102", BUY)
    assert "does not know" not in caplog.text


@pytest.mark.parametrize(("place", "head", "passes"), [
    ("990100", {}, True), (None, {"insuplc_admdvs": "990100"}, True), (None, {}, False), ("", {}, False),
])  # fmt: skip
def test_where_a_person_is_insured_has_to_be_said(
    prepares: Preparing, place: str | None, head: dict[str, str], passes: bool
) -> None:
    call = prepares.prepare("2102", BUY, insured_place=place, head=head)
    if passes:
        assert prepares.checked(call)["druginfo"]["psn_no"] == PERSON.psn_no
    else:
        with pytest.raises(InvalidMessage) as caught:
            prepares.checked(call)
        assert told(caught.value.problems) == [(
            "head.insuplc_admdvs", "required", "error", "参保地医保区划",
            "输入中有人员编号，须给出参保地医保区划（取自 1101 的 insuplc_admdvs）",
        )]  # fmt: skip
    nobody = prepares.prepare("1101", QUERY, insured_place=place, head=head)
    assert prepares.checked(nobody)["data"]["mdtrt_cert_no"] == "测试"


def test_what_a_wrapper_changes_is_held_to_the_declaration_again(tmp_path: Path) -> None:
    prepares = preparing(tmp_path, Wraps())
    call = prepares.prepare("2102", BUY, insured_place="990100")
    assert call.written is not None
    assert prepares.checked(call)["druginfo"]["acct_used_flag"] == "1"
    call.input.druginfo.acct_used_flag = "0"
    assert prepares.checked(call)["druginfo"]["acct_used_flag"] == "0"
    spoilt: list[tuple[Callable[[Any], None], str]] = [
        (lambda call: setattr(call.input.druginfo, "acct_used_flag", "7"), "acct_used_flag"),
        (lambda call: setattr(call.input.druginfo, "psn_no", None), "psn_no"),
        (lambda call: setattr(call.input, "druginfo", None), "druginfo"),
        (lambda call: setattr(call, "input", object()), "插件改过之后，已不是这个交易的输入"),
    ]
    for spoil, words in spoilt:
        call = prepares.prepare("2102", BUY, insured_place="990100")
        spoil(call)
        with pytest.raises(InvalidMessage, match=words) as caught:
            prepares.checked(call)
        if "插件" not in words:
            assert call.transaction.edition
            assert caught.value.as_json()["edition"] == call.transaction.edition
    unwrapped = prepares.prepare("2101", BUY, insured_place="990100")
    assert unwrapped.written is None


def test_a_message_as_values(prepares: Preparing) -> None:
    node = prepares.prepare("2102", BUY).input
    assert plain(BUY) is BUY
    assert plain(None) is None
    assert plain([1]) == [1]
    assert plain(node)["druginfo"]["psn_no"] == PERSON.psn_no
    for wrong in (7, "x", object()):
        with pytest.raises(InvalidMessage) as caught:
            plain(wrong)
        assert told(caught.value.problems) == [("input", "type", "error", "输入", "应为对象")]


def test_what_a_bill_is_leaves_out_what_is_shown() -> None:
    def of(sn: str = "", **more: Any) -> str:
        return digest("2102", {"druginfo": {"a": 1, **more}, "rows": [{"card_sn": sn, "b": 2}]})

    assert len({of(), of(mdtrt_cert_no="1"), of(card_sn="2"), of(card_token="3"), of(sn="4")}) == 1
    assert len({of(), of(c=1), of(a=2), digest("2103", {"druginfo": {"a": 1}})}) == 4
    assert digest("2102", {"a": 1, "b": 2}) == digest("2102", {"b": 2, "a": 1})
    shown = [digest("2102", {"mdtrt_cert_no": number}, shown=True) for number in ("1", "2")]
    assert shown[0] != shown[1]
    assert without({"a": [{"b": 1, "c": {"b": 2, "d": 3}}], "b": 4}, ["b"]) == {"a": [{"c": {"d": 3}}]}
    assert without("text", ["b"]) == "text"


def test_what_a_transaction_disputes_is_told_where_it_is_missing(prepares: Preparing) -> None:
    """An edition that demands a field and one that does not: missing, it is a hint for the program, no error."""
    known = prepares.known
    disputed = attrs.evolve(
        known.interfaces["2102"], disputed={("druginfo", "dise_codg"): "甲", ("drugdetail", "rxno"): "乙", ("none",
         "x"): "丙"}
    )  # fmt: skip
    known.interfaces._loaded["2102"] = disputed
    (call,) = [prepares.prepare("2102", BUY)]
    assert call.advice == []
    _, found = checked(disputed, BUY, known.requests, known.region.circumstances)
    assert told(found) == [
        ("input.druginfo.dise_codg", "edition", "warning", "", "未给出；官方各版不一致：甲"),
        ("input.drugdetail[0].rxno", "edition", "warning", "", "未给出；官方各版不一致：乙"),
    ]
    given = BUY | {"druginfo": BUY["druginfo"] | {"dise_codg": "M1"}}
    _, found = checked(disputed, given, known.requests, known.region.circumstances)
    assert [each.where for each in found] == ["input.drugdetail[0].rxno"]


BILLS = ("2101", "2102", "2204", "2206", "2207", "2301", "2303", "2304")
NO_BILLS = ("3501", "3502", "3503", "3505", "3101", "4101")


@pytest.mark.parametrize("infno", [*BILLS, *NO_BILLS])
def test_what_is_charged_is_not_below_zero_and_what_is_counted_may_be(prepares: Preparing, infno: str) -> None:
    """Each number of the message is -1: told of everything that is settled or uploaded to be, and of nothing else."""
    known = prepares.known
    shape = known.interfaces[infno].input

    def filled(node: Any) -> dict[str, Any]:
        held: dict[str, Any] = {}
        for member in members(node):
            if member.node is not None:
                held[member.wire] = [filled(member.node)] if member.repeats else filled(member.node)
            elif member.field is not None and member.field.type == "number":
                held[member.wire] = "-1"
        return held

    transaction = attrs.evolve(known.interfaces[infno], disputed={})
    node, _ = known.answers.read(shape, filled(node_of(shape)), ("input",))
    lenient: Any = SimpleNamespace(read=lambda *_: (node, []))
    _, found = checked(transaction, {}, lenient, known.region.circumstances)
    told = {each.where.rpartition(".")[2] for each in found if each.rule == "below_zero"}
    assert bool(told) is (infno in BILLS), told
