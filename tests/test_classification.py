"""What comes back on the line, and what it means: every form of an answer in both directions, at each of its edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.calls.answers import Answers, failure_of, identifiers
from liangding.calls.classify import of_another, strange, unreadable
from liangding.config import load_deployment
from liangding.contract.calls import Call, Verdict
from liangding.contract.hookspecs import hookimpl
from liangding.contract.region import Refusals, Region
from liangding.errors import CallNotSent, CallRefused, NoAnswer, OutcomeUnknown
from liangding.journal import State
from liangding.knowledge import Knowledge
from liangding.wire.json import encode
from liangding.wire.replies import parse_reply
from liangding.wire.transport import Exchange
from support import write_deployment

MSGID = "H99010000001202611211000000001"
OTHER = "H99010000001202611211000000002"
ELSEWHERE = "P44190000009202611211000000001"

SETTLES = {"druginfo": {"psn_no": "P1", "mdtrt_cert_type": "02", "mdtrt_cert_no": "110105194912310021"},
           "drugdetail": [{"feedetl_sn": "F1"}]}  # fmt: skip

ASKED: dict[str, Any] = {
    "1101": {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "11010519491231002x"}},
    "2101": SETTLES, "2102": SETTLES, "2207": {"data": {"psn_no": "P1", "mdtrt_id": "M1"}},
    "2103": {"data": {"psn_no": "P1", "setl_id": "S1", "mdtrt_id": "M1"}},
    "2201": {"data": {"psn_no": "P1", "ipt_otp_no": "O1"}}, "2205": {"data": {"psn_no": "P1"}},
    "2204": {"feedetail": [{"feedetl_sn": "F1", "psn_no": "P1"}, {"feedetl_sn": "F2", "psn_no": "P1"}]},
    "3505": {"selinfo": {"psn_no": "P1"}},
    "3505A": {"selinfoDetail": [{"psn_no": "P1", "fixmedins_bchno": "B1"}, {"psn_no": "P1", "fixmedins_bchno": "B2"}]},
    "3506A": {"selinfoDetail": [{"psn_no": "P1", "fixmedins_bchno": "B1"}, {"psn_no": "P1", "fixmedins_bchno": "B2"}]},
    "5203": {"data": {"psn_no": "P1", "setl_id": "S1"}}, "5204": {"data": {"psn_no": "P1"}},
    "5201": {"data": {"psn_no": "P1"}}, "9001": {"signIn": {"opter_no": "001"}},
     "2203": {"mdtrtinfo": {"psn_no": "P1"}},
    "6201": {"payOrdId": "X1"},
}  # fmt: skip
"""What each call asks, as far as its answer is held against it."""

INFO = {"setl_id": "S1", "mdtrt_id": "M1", "psn_no": "P1", "medins_setl_id": MSGID}
PERSON = {"psn_no": "P1", "certno": "11010519491231002X", "psn_name": "测试"}

YES, NO, OPEN, UNSENT, FAILED = State.ACCEPTED, State.REFUSED, State.UNKNOWN, State.NOT_SENT, State.FAILED
NOT_OURS = "应答不像是这笔交易的"
NO_SHAPE = "平台说成功，output 却不是声明的样子，读不了"


def info(**more: Any) -> dict[str, Any]:
    return {"setlinfo": {name: value for name, value in (INFO | more).items() if value is not None}}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder: Path = tmp_path_factory.mktemp("classification")
    config = write_deployment(folder, province="", area="990100", code="H99010000001", gateway="csb")
    return Knowledge(load_deployment(config))


def call_of(known: Knowledge, infno: str, asked: Any = None) -> Call[Any]:
    transaction = known.interfaces[infno]
    message, _ = known.answers.read(transaction.input, ASKED[infno] if asked is None else asked)
    deployment = known.deployment
    return Call(
        transaction=transaction, deployment=deployment, region=known.region, operator=deployment.operator(None),
        input=message,
    )  # fmt: skip


def judged(
    known: Knowledge, infno: str, body: Any, *, can_ask: Callable[[str], bool] = lambda _: True, asked: Any = None,
    **line: Any,
) -> Verdict:  # fmt: skip
    """The verdict on an exchange: ``body`` are its bytes, or the JSON that they are."""
    raw = body if isinstance(body, bytes) else encode(body)
    exchange = Exchange(**{"status": 200, "body": raw, **line})
    reply = None if exchange.failure else parse_reply(raw)
    return Answers(known, can_ask).verdict(call_of(known, infno, asked), exchange, reply, MSGID)


def said(verdict: Verdict) -> tuple[State, str]:
    return verdict.state, verdict.message


def ok(output: Any = None, **more: Any) -> dict[str, Any]:
    return {"infcode": 0, "err_msg": None, "output": output, **more}


# -- the line ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("infno", "lost"), [("2102", OPEN), ("2103", OPEN), ("5203", FAILED), ("9001", FAILED)])
def test_a_line_that_broke(known: Knowledge, infno: str, lost: State) -> None:
    broken: dict[str, Any] = {"status": None, "failure": "read", "message": "读应答超时"}
    assert said(judged(known, infno, b"", **broken)) == (lost, "读应答超时")
    assert said(judged(known, infno, b"", **broken, sent=False)) == (UNSENT, "读应答超时")
    whole = broken | {"status": 200}
    assert said(judged(known, infno, ok(info()), **whole)) == (lost, "读应答超时"), "whatever came before it broke"


GATEWAY = [
    ({"code": "401", "message": "签名不一致!"}, 200, NO, "网关拒绝：签名不一致!"),
    ({"code": "401", "message": "签名不一致!"}, 401, NO, "网关拒绝：签名不一致!"),
    ({"code": "401", "message": "签名时间戳超时"}, 502, NO, "网关拒绝：签名时间戳超时"),
    ({"code": "402", "message": "签名不一致!"}, 200, OPEN, "网关应答 402：签名不一致!"),
    ({"code": "401", "message": "后端签名不一致!"}, 200, OPEN, "网关应答 401：后端签名不一致!"),
    ({"code": "401", "message": "后端签名不一致!"}, 401, OPEN, "应答状态码 401：后端签名不一致!"),
    ({"code": "500", "message": ""}, 500, OPEN, "应答状态码 500"),
    ({"infcode": -1, "err_msg": "参保人员已停保"}, 502, OPEN, "应答状态码 502：参保人员已停保"),
    ({"infcode": -1, "err_msg": ""}, 502, OPEN, "应答状态码 502"),
    (ok(info()), 201, OPEN, "应答状态码 201"), (ok(info()), 199, OPEN, "应答状态码 199"),
    (ok(info()), None, OPEN, "应答状态码 None"), (ok(info()), 200, YES, ""),
    (b"<html>", 502, OPEN, "应答状态码 502"),
    (b"<html>", 200, OPEN, "应答是网页（HTML），多半来自代理或网关"), (b"", 200, OPEN, "应答为空"),
    (b'{"infcode":0,', 200, OPEN, "应答不是完整的 JSON"), (b"[]", 200, OPEN, "应答不是报文对象"),
    ({}, 200, OPEN, "应答没有交易状态码 infcode"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "state", "message"), GATEWAY)
def test_what_stands_before_the_platform(
    known: Knowledge, body: Any, status: int | None, state: State, message: str
) -> None:
    verdict = judged(known, "2102", body, status=status)
    assert said(verdict) == (state, message)
    assert (verdict.unreached, verdict.sign_in_expired) == (state is NO, False)
    read = judged(known, "2101", body, status=status)
    assert said(read) == (FAILED if state is OPEN else state, message)


# -- refusals ----------------------------------------------------------------------------------------------------------

STOPPED = "参保人员已停保"
MARKS = {"inf_refmsgid": "1"}
REFUSED: list[tuple[str, dict[str, Any], State]] = [
    ("2102", {}, NO), ("2103", {}, NO), ("2201", {}, NO), ("2205", {}, NO), ("2101", {}, NO), ("9001", {}, NO),
    ("2102", {"infcode": "-1"}, NO), ("2102", {"infcode": " -1 "}, NO), ("2102", {"infcode": -2}, OPEN),
    ("2102", {"infcode": "1"}, OPEN), ("2102", {"infcode": None}, OPEN), ("2102", {"infcode": ""}, OPEN),
    ("2101", {"infcode": None}, NO), ("2101", {"infcode": -2}, NO),
    ("2102", {"err_msg": "系统异常"}, OPEN), ("2101", {"err_msg": "系统异常"}, NO),
    ("2102", {"err_msg": "参保??人员????"}, OPEN), ("2101", {"err_msg": "参保??人员????"}, NO),
    ("2102", {"err_msg": "参保地处理中"}, OPEN), ("2102", {"err_msg": "报文ID重复，参保地"}, OPEN),
    ("2102", {"err_msg": "该单据已结算"}, OPEN), ("2103", {"err_msg": "该单据已结算"}, NO),
    ("2205", {"err_msg": "该单据已结算"}, NO), ("2201", {"err_msg": "该单据已结算"}, NO),
    ("2102", {"output": {"setlinfo": {"setl_id": "S1"}}}, OPEN),
    ("2102", {"output": {"setlinfo": {"setl_id": None}}}, NO),
    ("2102", {"output": {"setlinfo": {"mdtrt_id": "M1"}}}, NO),
    ("2103", {"output": {"setlinfo": {"setl_id": "S1"}}}, NO),
]  # fmt: skip


@pytest.mark.parametrize(("infno", "change", "state"), REFUSED)
def test_what_proves_a_refusal(known: Knowledge, infno: str, change: dict[str, Any], state: State) -> None:
    body = {"infcode": -1, "err_msg": STOPPED} | change
    assert said(judged(known, infno, body)) == (state, body["err_msg"])


@pytest.mark.parametrize(
    ("refusals", "change", "state"),
    [
        ({"codes": ("-9", "-8")}, {"infcode": -8}, NO), ({"codes": ("-9",)}, {"infcode": -8}, OPEN),
        ({"codes": ("-9",)}, {}, NO), ({"marked": True}, {}, OPEN), ({"marked": True}, MARKS, NO),
        ({"marked": True}, {"refmsg_time": "1", "respond_time": "2"}, NO),
        ({"marked": True}, {"refmsg_time": "1"}, OPEN),
        ({"marked": True, "codes": ("-9",)}, {"infcode": -9}, OPEN), ({"doubts": ("停保",)}, {}, OPEN),
        ({"done": ("停保",)}, {}, OPEN), ({"doubts": ("退保",), "done": ("死亡",)}, {}, NO),
    ],
)  # fmt: skip
def test_how_a_region_refuses(tmp_path: Path, refusals: dict[str, Any], change: dict[str, Any], state: State) -> None:
    known = of_region(tmp_path, Refusals(**refusals))
    assert judged(known, "2102", {"infcode": -1, "err_msg": STOPPED} | change).state is state
    assert judged(known, "2101", {"infcode": -1, "err_msg": STOPPED} | change).state is NO


STANDARD = Refusals()


class Says:
    """A region with its own way to refuse, or its own verdict."""

    def __init__(self, refusals: Refusals = STANDARD, verdict: Any = None) -> None:
        self.refusals, self.verdict = refusals, verdict

    @hookimpl
    def liangding_region(self) -> Region:
        return Region(name="测试", local=("9901",), province=("99",), refusals=self.refusals)

    @hookimpl
    def liangding_classify(self, call: Any, exchange: Any, reply: Any) -> Any:
        if isinstance(self.verdict, BaseException):
            raise self.verdict
        return self.verdict


def of_region(folder: Path, refusals: Refusals = STANDARD, verdict: Any = None, platform: str = "") -> Knowledge:
    config = write_deployment(
        folder, province="", area="990100", code="H99010000001", gateway="plain", platform=platform
    )
    return Knowledge(load_deployment(config), plugins={"region": Says(refusals, verdict)})


def test_behind_a_relay_refusals_bear_the_platforms_marks(tmp_path: Path) -> None:
    known = of_region(tmp_path, platform="behind_relay = true")
    assert judged(known, "2102", {"infcode": -1, "err_msg": STOPPED}).state is OPEN
    assert judged(known, "2102", {"infcode": -1, "err_msg": STOPPED, **MARKS}).state is NO


def test_a_refusal_without_words_says_its_code(known: Knowledge) -> None:
    assert said(judged(known, "2101", {"infcode": "-7"})) == (NO, "平台返回 infcode -7，未说原因")
    assert said(judged(known, "2101", {"infcode": ""})) == (NO, "平台返回 infcode （空），未说原因")
    assert said(judged(known, "2102", {"infcode": -1, "err_msg": ""})) == (OPEN, "平台返回 infcode -1，未说原因")
    assert said(judged(known, "2101", {"infcode": -1, "err_msg": "绯荤粺绻佸繖"})) == (NO, "系统繁忙")


@pytest.mark.parametrize(
    ("infno", "sentence", "state", "expired"),
    [
        ("2102", "签到已失效，请重新签到", NO, True), ("2101", "签到已失效，请重新签到", NO, True),
        ("2102", "参保地签到处理中", OPEN, False), ("2102", STOPPED, NO, False),
    ],
)  # fmt: skip
def test_a_sign_in_that_no_longer_holds(
    known: Knowledge, infno: str, sentence: str, state: State, expired: bool
) -> None:
    verdict = judged(known, infno, {"infcode": -1, "err_msg": sentence})
    assert attrs.astuple(verdict) == (state, sentence, expired, False)


# -- rows with a verdict of their own ----------------------------------------------------------------------------------

BAD, GOOD = {"retRslt": "0", "msgRslt": "追溯码重复"}, {"retRslt": "1"}


@pytest.mark.parametrize(
    ("infno", "output", "state", "message"),
    [
        ("3505", {"result": BAD}, NO, "追溯码重复"), ("3505", {"result": GOOD}, YES, ""),
        ("3505", {"result": {"retRslt": 0}}, NO, "平台返回 retRslt 0，未受理"), ("3505", {"result": {}}, YES, ""),
        ("3505", {"result": {"retRslt": ""}}, YES, ""), ("3505", {"result": {"retRslt": None}}, YES, ""),
        ("3505A", {"selinfoDetail": [BAD, BAD]}, NO, "追溯码重复；追溯码重复"),
        ("3505A", {"selinfoDetail": [BAD, GOOD]}, YES, ""), ("3505A", {"selinfoDetail": [GOOD, GOOD]}, YES, ""),
        ("3505A", {"selinfoDetail": [BAD]}, NO, "追溯码重复"),
        ("3506A", {"selinfoErrDetail": [BAD]}, YES, ""), ("3506A", {"selinfoErrDetail": [BAD, BAD]},
         NO, "追溯码重复；追溯码重复"),
        ("3506A", {"selinfoErrDetail": [BAD, BAD, BAD]}, NO, "追溯码重复；追溯码重复；追溯码重复"),
        ("3506A", {"selinfoErrDetail": []}, YES, ""),
    ],
)  # fmt: skip
def test_an_answer_may_refuse_its_rows(known: Knowledge, infno: str, output: Any, state: State, message: str) -> None:
    assert said(judged(known, infno, ok(output), can_ask=lambda _: False)) == (state, message)


def test_who_sent_one_row_was_refused_by_one(known: Knowledge) -> None:
    one = {"selinfoDetail": [{"psn_no": "P1", "fixmedins_bchno": "B1"}]}
    verdict = judged(known, "3506A", ok({"selinfoErrDetail": [BAD]}), asked=one, can_ask=lambda _: False)
    assert said(verdict) == (NO, "追溯码重复")
    mixed = {"selinfoErrDetail": BAD}
    assert judged(known, "3506A", ok(mixed), can_ask=lambda _: False).state is NO, "a node, no list of some"


# -- what an acceptance has to bring -----------------------------------------------------------------------------------

LACKS = "平台说成功，却没有给 {}"


@pytest.mark.parametrize(
    ("infno", "output", "state", "message"),
    [
        ("2102", info(), YES, ""), ("2102", info(setl_id=None), OPEN, LACKS.format("setl_id")),
        ("2102", info(setl_id=""), OPEN, LACKS.format("setl_id")),
        ("2102", info(setl_id=0), OPEN, LACKS.format("setl_id")),
        ("2102", info(setl_id=Decimal("1E+5")), OPEN, LACKS.format("setl_id")),
        ("2102", info(setl_id=Decimal(15)), YES, ""),
        ("2102", info(setl_id=Decimal("1.5")), YES, ""),
        ("2102", info(mdtrt_id=None), OPEN, LACKS.format("mdtrt_id")), ("2102", None, OPEN, LACKS.format("mdtrt_id")),
        ("2102", {}, OPEN, LACKS.format("mdtrt_id")), ("2102", {"setlinfo": []}, OPEN, LACKS.format("mdtrt_id")),
        ("2102", {"setlinfo": [INFO]}, YES, ""), ("2102", {"setlinfo": [INFO, INFO]}, OPEN, LACKS.format("mdtrt_id")),
        ("2102", {"setlinfo": "x"}, OPEN, LACKS.format("mdtrt_id")), ("2102", "sealed", OPEN, LACKS.format("mdtrt_id")),
        ("2102", [INFO], OPEN, LACKS.format("mdtrt_id")),
        ("2103", info(refd_setl_flag="0"), OPEN, "应答说的是要撤销的那笔结算，它还在"),
        ("2103", info(refd_setl_flag="1"), YES, ""), ("2103", info(setl_id="S2", refd_setl_flag="0"), YES, ""),
        ("2103", info(), YES, ""), ("5203", info(refd_setl_flag="0"), YES, ""),
        ("2103", info(setl_id="S2"), YES, ""), ("2103", info(setl_id=None), OPEN, LACKS.format("setl_id")),
        ("2201", {"data": {"mdtrt_id": "M1", "psn_no": "P1", "ipt_otp_no": "O1"}}, YES, ""),
        ("2201", {"data": {"psn_no": "P1", "ipt_otp_no": "O1"}}, OPEN, LACKS.format("mdtrt_id")),
        ("2101", info(setl_id=None), YES, ""), ("5203", info(setl_id=None), YES, ""),
        ("2101", "sealed", FAILED, NO_SHAPE), ("2101", 7, FAILED, NO_SHAPE), ("2101", None, YES, ""),
        ("5203", [], YES, ""), ("5203", [info()], YES, ""), ("5203", [info(), info()], FAILED, NO_SHAPE),
        ("5204", [], YES, ""), ("5204", [{"psn_no": "P1", "feedetl_sn": "F1"}], YES, ""),
        ("5204", "sealed", FAILED, NO_SHAPE),
        ("5204", None, YES, ""), ("5204", {}, YES, ""),
        ("2205", None, YES, ""), ("2205", {"result": "1"}, YES, ""), ("2205", "sealed", YES, ""),
        ("2102", info(medins_setl_id=OTHER), OPEN, "应答属于另一笔报文（medins_setl_id 不是本次的报文号）"),
        ("2102", info(medins_setl_id=ELSEWHERE), YES, ""), ("2102", info(medins_setl_id=""), YES, ""),
        ("2102", info(medins_setl_id=None), YES, ""), ("2103", info(medins_setl_id=OTHER), YES, ""),
        ("2102", info(medins_setl_id=MSGID[:12]), OPEN, "应答属于另一笔报文（medins_setl_id 不是本次的报文号）"),
        ("2102", info(medins_setl_id=MSGID[:11]), YES, ""),
    ],
)  # fmt: skip
def test_an_acceptance_brings_what_it_has_to(
    known: Knowledge, infno: str, output: Any, state: State, message: str
) -> None:
    asks = judged(known, infno, ok(output), can_ask=lambda _: False)
    assert said(asks) == (state, message)


# -- whose answer it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("infno", "output", "ours"),
    [
        ("2102", info(psn_no="P2"), False), ("2102", info(psn_no=None), True), ("2102", info(psn_no=""), True),
        ("5203", info(psn_no="P2"), False), ("5203", info(psn_no="P1"), True),
        ("5203", info(psn_no=Decimal("1E+3")), True),
        ("2201", {"data": {"mdtrt_id": "M1", "psn_no": "P1", "ipt_otp_no": "O2"}}, False),
        ("2201", {"data": {"mdtrt_id": "M1", "psn_no": "P2", "ipt_otp_no": "O1"}}, False),
        ("2201", {"data": {"mdtrt_id": "M1", "ipt_otp_no": "O1"}}, True),
        ("2201", {"data": {"mdtrt_id": "M1"}, "psn_no": "P2"}, False),
        ("1101", {"baseinfo": PERSON}, True), ("1101", {"baseinfo": PERSON | {"certno": "110105194912310022"}}, False),
        ("1101", {"baseinfo": PERSON | {"certno": "1101**********002X"}}, True),
        ("1101", {"baseinfo": PERSON | {"certno": "H12345678"}}, True),
        ("1101", {"baseinfo": PERSON | {"certno": ""}}, True),
        ("1101", {"baseinfo": PERSON | {"certno": "11010519491231002x"}}, True),
        ("1101", {"baseinfo": PERSON, "insuinfo": [], "certno": "110105194912310022"}, True),
        ("5203", {"baseinfo": {"psn_no": "P1"}}, False), ("5203", {"baseinfo": {}}, True), ("5203", {}, True),
        ("5203", {"setlInfo": INFO}, True), ("5203", {"baseinfo": None, "insuinfo": []}, True),
        ("5204", [{"baseinfo": "x"}], False), ("5204", [{"baseinfo": ""}], True),
        ("5204", [{"baseinfo": "x", "feedetl_sn": "F1"}], True), ("5204", [], True),
    ],
)  # fmt: skip
def test_an_answer_is_believed_that_can_be_this_calls(known: Knowledge, infno: str, output: Any, ours: bool) -> None:
    verdict = judged(known, infno, ok(output))
    changes = known.interfaces[infno].changes
    assert said(verdict) == ((YES, "") if ours else (OPEN if changes else FAILED, NOT_OURS))
    unasked = judged(known, infno, ok(output), can_ask=lambda _: False)
    assert unasked.state is (YES if ours or changes else FAILED), "what cannot be asked is believed"


@pytest.mark.parametrize(
    ("infno", "output", "ours"),
    [
        ("2204", {"result": [{"feedetl_sn": "F1"}]}, True), ("2204", {"result": [{"feedetl_sn": "F9"}]}, False),
        ("2204", {"result": [{"feedetl_sn": "F9"}, {"feedetl_sn": "F2"}]}, True),
        ("2204", {"result": [{"memo": "x"}]}, True),
        ("2204", {"result": []}, False), ("2204", {"other": []}, False), ("2204", {}, False), ("2204", None, False),
        ("2204", [], False), ("2204", "sealed", False), ("2204", 7, False), ("2204", {"result": None}, False),
        ("2204", {"result": "x"}, False), ("2204", {"result": ["x"]}, False), ("2204", {"result": [{}]}, False),
        ("2204", {"result": {"feedetl_sn": "F1"}}, True), ("2204", {"result": [{"feedetl_sn": "F1"}, 7]}, False),
        ("2204", {"result": [{"feedetl_sn": "F1"}, None]}, True), ("2204", [{"result": [{"feedetl_sn": "F1"}]}], True),
        ("2204", [{"result": [{"feedetl_sn": "F9"}]}], False),
        ("2102", info() | {"setldetail": []}, True),
        ("2205", None, True), ("2205", {}, True), ("2205", {"baseinfo": {"psn_no": "P1"}}, True),
        ("2205", {"data": {"psn_no": "P2"}}, False),
        ("3505", {"result": {}}, True), ("3505", {}, True), ("3505", None, True), ("3505", {"baseinfo": {}}, False),
        ("3505A", {"selinfoDetail": []}, True), ("3505A", {"result": {"x": "1"}}, True),
    ],
)  # fmt: skip
def test_what_changes_something_is_answered_by_its_own_nodes(
    known: Knowledge, infno: str, output: Any, ours: bool
) -> None:
    assert judged(known, infno, ok(output)).state is (YES if ours else OPEN)
    assert judged(known, infno, ok(output), can_ask=lambda asked: asked != infno).state is YES


def test_who_is_asked_for_otherwise_is_not_compared(known: Knowledge) -> None:
    another = {"baseinfo": PERSON | {"certno": "110105194912310022"}}
    for asked, told in (
        ({"mdtrt_cert_type": "01", "mdtrt_cert_no": "11010519491231002X"}, YES),
        ({"mdtrt_cert_type": "02", "mdtrt_cert_no": "11010519491231002"}, YES),
        ({"mdtrt_cert_type": "02"}, YES), ({"mdtrt_cert_type": "02", "mdtrt_cert_no": "11010519491231002X"}, FAILED),
    ):  # fmt: skip
        assert judged(known, "1101", ok(another), asked={"data": asked}).state is told, asked


def test_a_number_is_compared_with_all_its_digits(known: Knowledge) -> None:
    def differs(asked: str, told: Any) -> bool:
        return of_another(call_of(known, "5203", {"data": {"psn_no": asked}}), {"setlinfo": {"psn_no": told}})

    assert differs("44000000000000000012", Decimal(44000000000000000012)) is False
    assert differs("44000000000000000012", Decimal(44000000000000000013)) is True
    assert differs("12", Decimal("12.0")) is False
    assert differs("12", Decimal("12.5")) is True
    assert differs("100", Decimal("1E+2")) is False, "who is named in powers of ten is not known"
    assert differs("100", Decimal("2E+2")) is False


def test_shapes_that_cannot_be_read(known: Knowledge) -> None:
    one, rows, nothing = (known.interfaces[infno].output for infno in ("5203", "5204", "2205"))
    outputs: list[Any] = ["x", 7, None, {}, [], [{}], [{}, {}], ["x"]]
    told = {
        shape: [unreadable(each, value) for value in outputs]
        for shape, each in (("one", one), ("rows", rows), ("nothing", nothing))
    }
    assert told == {
        "one": [True, True, False, False, False, False, True, True],
        "rows": [True, True, False, False, False, False, False, True], "nothing": [False] * 8,
    }  # fmt: skip
    outputs = [{"a": 1}, {"a": ""}, {"a": []}, {"a": {}}, {"a": None}, {"a": 0}, 7]
    assert [strange(one, value) for value in outputs] == [
        True, False, False, False, False, True, False,
    ]  # fmt: skip
    assert [strange(nothing, {"a": 1}), strange(one, [{"a": 1}]), strange(one, {"SETLINFO": {"x": 1}})] == [
        False, True, False,
    ]  # fmt: skip


# -- what a region says of an exchange ---------------------------------------------------------------------------------

SOME = ok(info())
SEVEN: Any = 7
REFUSAL = {"infcode": -1, "err_msg": STOPPED}


@pytest.mark.parametrize(
    ("infno", "told", "body", "line", "state", "message"),
    [
        ("2102", Verdict(state=NO, message="不办"), SOME, {}, NO, "不办"),
        ("2102", Verdict(state=NO, message="不办"), b"", {"failure": "read"}, OPEN, ""),
        ("2102", Verdict(state=OPEN, message="再看"), SOME, {}, OPEN, "再看"),
        ("5203", Verdict(state=OPEN, message="再看"), ok(info()), {}, FAILED, "再看"),
        ("2102", Verdict(state=YES), REFUSAL, {}, OPEN, LACKS.format("mdtrt_id")),
        ("2102", Verdict(state=YES), {**REFUSAL, "output": info()}, {}, YES, ""),
        ("2102", Verdict(state=YES, message="x"), b"<html>", {}, OPEN, "应答是网页（HTML），多半来自代理或网关"),
        ("2102", Verdict(state=UNSENT, message="没发"), SOME, {}, YES, ""),
        ("2102", Verdict(state=UNSENT, message="没发"), b"", {"failure": "connect", "sent": False}, UNSENT, "没发"),
        ("2102", Verdict(state=FAILED, message="没成"), SOME, {}, YES, ""),
        ("5203", Verdict(state=FAILED, message="没成"), SOME, {}, FAILED, "没成"),
        ("2102", Verdict(state=State.ABSENT), SOME, {}, YES, ""),
        ("2102", Verdict(state=State.OPEN), SOME, {}, YES, ""),
        ("2102", "不办", SOME, {}, YES, ""), ("2102", Verdict(state=NO, message=SEVEN), SOME, {}, YES, ""),
        ("2102", ValueError(), REFUSAL, {}, NO, STOPPED), ("2102", SystemExit(), SOME, {}, YES, ""),
        ("2102", None, REFUSAL, {}, NO, STOPPED),
    ],
)  # fmt: skip
def test_a_region_may_say_what_can_be(
    tmp_path: Path, infno: str, told: Any, body: Any, line: Mapping[str, Any], state: State, message: str
) -> None:
    assert said(judged(of_region(tmp_path, verdict=told), infno, body, **line)) == (state, message)


# -- what is told of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.REFUSED, CallRefused), (State.NOT_SENT, CallNotSent), (State.FAILED, NoAnswer),
        (State.UNKNOWN, OutcomeUnknown), (State.OPEN, OutcomeUnknown),
    ],
)  # fmt: skip
def test_each_end_is_an_error_of_its_own(state: State, kind: type[Exception]) -> None:
    failed = failure_of(state, "为何", "2102", MSGID, 7)
    assert (type(failed), failed.message, failed.infno, failed.msgid, failed.call_id) == (
        kind,
        "为何",
        "2102",
        MSGID,
        7,
    )


def test_what_an_answer_names(known: Knowledge) -> None:
    def of(**told: Any) -> dict[str, str]:
        return identifiers(known.answers.read(known.interfaces["2102"].output, {"setlinfo": told})[0])

    assert of(mdtrt_id="M1", setl_id="S1", medfee_sumamt="9.5") == {
        "mdtrt_id": "M1", "setl_id": "S1", "amount": "9.50",
    }  # fmt: skip
    assert of(mdtrt_id="M1") == {"mdtrt_id": "M1"}
    assert of(medfee_sumamt=0) == {"amount": "0.00"}


# -- the sentence of a refusal -----------------------------------------------------------------------------------------

NOBODY_KNOWS = """
服务器开小差啦~|哎呀，网络好像出了点问题|当前访问人数过多，请稍后再试|请求过于频繁，请稍后再试|Sentinel 限流
线程池耗尽，拒绝执行|令牌桶已满，请求被丢弃|ORA-12541: TNS: 无监听程序
ORA-01653: 表 MBS.SETL_D 无法通过 128 (在表空间 MBS_DATA 中) 扩展|ORA-00028: 您的会话己被终止
[-7065]:数据库系统处于不可用状态|事务提交失败|Data truncation: Data too long for column 'memo' at row 1
获取分布式锁失败|乐观锁更新失败|记录正被其他用户使用|加锁失败|该人员存在并发结算
System.Net.WebException: 请求被中止: 请求已被取消。|System.Threading.Tasks.TaskCanceledException: 已取消一个任务。
服务器提交了协议冲突. Section=ResponseStatusLine|WinHttp 错误 12030 与服务器的连接意外终止
集合已修改；可能无法执行枚举操作。|未找到方法|非法操作|交易已发送，等待中心确认|请以中心结算结果为准
请到结算查询中核对|支付结果确认中|跨省平台转发失败|参保地接口返回非法报文|应答报文被篡改|返回结果缺少setlinfo节点
核心返回码[9999]|未知错误，错误码：-9999|接口调用失败，返回值=-1|医保结算失败，请联系信息科
后台处理出错，流水号：202611300001|门诊结算失败|个人账户扣款失败|记账失败|结果回传失败|插入结算明细出错|打印结算单失败
结算成功，但打印数据生成失败|个账扣款成功，统筹结算失败|部分处理成功，请核实|服务忙，请稍候|系统负载过高|内存溢出
磁盘空间不足|专线中断|医保专网不通|适配器调用异常|底层异常|总线异常|业务中台异常|个账系统异常|审核引擎异常|机房断电
消息已入队，等待消费|交易受理中|自动冲正失败|请先确认上一笔交易结果|系统维护中|日终处理，暂停服务|主备切换中，请稍后
平台暂不可用|登录超时已过期|网络抽风|H44190000001202611301200000001已存在，请勿重复发送|chrg_bchno对应费用已全部结算
该交易已经成功，请勿重复发起|业务流水号不唯一|医药机构结算ID已存在|您已提交，请耐心等待|存在未完成的相同交易
存在待冲正交易
"""
"""Of a settlement: who speaks, that it failed, which part of a machine was in the way, that it was there before."""

SAYS_WHY = """
付款码超时，请刷新后重扫|处方已超时|备案超时，请补办|订单已超时，自动取消|超时上传的费用不予支付|登录超时，请重新登录
异地备案状态异常，请核实|异地转诊备案失败，未到转诊有效期|参保地账户异常冻结|异地结算失败，未备案
就医地审核失败，材料不全|网络医院处方异常，请医师重新开具|网络医院未开通|通讯地址格式错误|时间节点错误：出院早于入院
连接管规格错误，与注册证不符|本次费用(500.00)超过单日限额|限额 500，本次 620.00|金额: 500.00 大于账户余额 120.00
参保关系转移处理中，暂停待遇|您的停保业务正在办理中，不享受待遇|参数名：psn_no，不能为空|请求参数重复：psn_no
已结算金额超过年度限额|当日已结算2次，超过门诊统筹次数限制|路由错误：该参保区划未开通异地结算
The insured person has been suspended|Invalid psn_no|系统中无此人员信息|系统未维护该医师信息
系统升级后原药品编码失效，请使用新编码|ORA-20001: 该人员已停保，不能结算 ORA-06512: 在 "MBS.PKG_SETL", line 88
消化系统异常不在门慢范围|住院时间异常，请核实|超时未备案，按自费处理|产品序列号错误|用法错误|冲正失败，原交易不存在
核销失败，额度不足|没有待结算的费用明细|请先登记|停保|余额不足
"""
"""Of a settlement, in words that are said of lines and machines as well."""

ON_CANCELLING = [
    ("未重复结算，无需冲正", NO),
    ("尚未结算，不能撤销", NO),
    ("该结算已被撤销，不能重复撤销", NO),
    ("请勿重复撤销", OPEN),
    ("系统维护中", OPEN),
]


def test_what_the_sentence_of_a_refusal_says(known: Knowledge) -> None:
    held = [
        *(("2102", each, OPEN) for each in NOBODY_KNOWS.strip().replace("\n", "|").split("|")),
        *(("2102", each, NO) for each in SAYS_WHY.strip().replace("\n", "|").split("|")),
        *(("2103", each, right) for each, right in ON_CANCELLING),
        ("2204", "系统维护中", NO),
    ]
    wrong = [
        (infno, sentence) for infno, sentence, right in held
        if judged(known, infno, {"infcode": "-1", "err_msg": sentence}).state is not right
    ]  # fmt: skip
    assert not wrong
