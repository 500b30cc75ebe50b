"""One call: shaped, checked, recorded before it is sent, classified, never sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.config import load_deployment
from liangding.contract.calls import Answer, Call
from liangding.contract.hookspecs import hookimpl
from liangding.errors import (
    CallNotSent,
    CallRefused,
    ConfigurationError,
    InProgress,
    InvalidMessage,
    OutcomeUnknown,
    UnknownTransaction,
)
from liangding.journal import State
from liangding.journal.journal import KeyConflict
from liangding.journal.store import JournalUnavailable
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.wire.json import encode
from liangding.wire.transport import OVERTAKEN, Exchange
from support import Rig, new_key, purchase, rig_for, simulated_rig_for, write_deployment

LOST = [
    Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.CUT, Fault.HTML, Fault.EMPTY,
    Fault.LATE_COMMIT,
]  # fmt: skip


def test_a_settlement_is_typed_checked_and_kept_whole(rig: Rig) -> None:
    answer = rig.settle(key="B1")
    assert answer.output.setlinfo.setl_id == rig.standing()[0]
    assert answer.findings == ()
    assert answer.body["infcode"] == 0
    record = rig.runtime.journal.call(answer.call_id)
    assert (record.state, record.setl_id, record.amount) == (State.ACCEPTED, rig.standing()[0], "100.00")
    assert record.answer.decode().startswith("{")


def test_signing_in_happens_once_a_day_and_again_when_it_has_expired(rig: Rig) -> None:
    rig.settle()
    rig.settle()
    assert rig.sent("9001") == 1
    rig.platform.world.sign_ins["001"] = ("another", rig.platform.world.sign_ins["001"][1])
    assert rig.settle().output.setlinfo.setl_id
    assert (rig.sent("9001"), len(rig.standing())) == (2, 3)


def test_operators_sign_in_by_themselves_and_sign_out(rig: Rig) -> None:
    person = rig.person()
    rig.runtime.call("2102", purchase(person), key=new_key(), insured_place="441900", operator="002")
    assert set(rig.platform.world.sign_ins) == {"002"}
    rig.runtime.sign_out("002")
    assert rig.platform.world.sign_ins == {}


def test_fixed_values_are_filled_in_and_contradictions_refused(rig: Rig) -> None:
    rig.settle()
    assert next(iter(rig.platform.world.visits.values())).med_type == "41"
    bought = purchase(rig.person())
    bought["druginfo"]["med_type"] = "11"
    with pytest.raises(InvalidMessage, match="固定为 41"):
        rig.runtime.call("2102", bought, key=new_key(), insured_place="441900")
    assert rig.sent("2102") == 1


def test_the_insured_place_is_needed_as_soon_as_there_is_a_person(rig: Rig) -> None:
    with pytest.raises(InvalidMessage, match="参保地医保区划"):
        rig.runtime.call("2102", purchase(rig.person()), key=new_key())
    assert rig.sent("2102") == 0


def test_an_invalid_request_is_not_sent(rig: Rig) -> None:
    with pytest.raises(InvalidMessage) as caught:
        rig.runtime.call("2102", {"druginfo": {}, "drugdetail": [{}]}, key=new_key(), insured_place="441900")
    assert len(caught.value.problems) > 10
    assert rig.runtime.journal.latest() == []


def test_an_unknown_transaction(rig: Rig) -> None:
    with pytest.raises(UnknownTransaction):
        rig.runtime.call("0000", {})


def test_a_refusal_says_what_the_platform_said(rig: Rig) -> None:
    person = rig.person("suspended")
    with pytest.raises(CallRefused, match="参保状态不正常") as caught:
        rig.runtime.call("2102", purchase(person), key="B1", insured_place="441900")
    assert rig.runtime.journal.call(caught.value.call_id or 0).state is State.REFUSED


@pytest.mark.parametrize("fault", LOST)
def test_whatever_is_lost_the_outcome_is_unknown_and_nothing_is_sent_twice(rig: Rig, fault: Fault) -> None:
    rig.deafen()
    rig.strike(fault, "2102", seconds=3600)
    for _ in range(4):
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
    assert rig.sent("2102") + rig.door.late <= 1
    assert len(rig.standing()) <= 1
    (record,) = rig.runtime.journal.latest(infno="2102")
    assert record.state is State.UNKNOWN


def test_an_answer_that_is_too_late_is_unknown(tmp_path: Path) -> None:
    with rig_for(tmp_path, read_seconds=0.3) as rig:
        rig.deafen()
        rig.strike(Fault.SLOW, "2102", seconds=1)
        with pytest.raises(OutcomeUnknown, match="超时"):
            rig.settle(key="B1")
        assert rig.sent("2102") == 1


def test_an_answer_to_another_message_is_unknown(rig: Rig) -> None:
    rig.settle()
    rig.deafen()
    rig.strike(Fault.OTHER_ANSWER, "2102")
    with pytest.raises(OutcomeUnknown, match="另一笔报文"):
        rig.settle(key="B2")


def test_a_settlement_without_its_identifier_is_unknown(rig: Rig) -> None:
    rig.deafen()
    settle = rig.platform.handlers["2102"]

    def forgetful(request: Any) -> Any:
        answer = settle(request)
        answer["setlinfo"]["setl_id"] = ""
        return answer

    rig.platform.handlers["2102"] = forgetful
    with pytest.raises(OutcomeUnknown, match="setl_id"):
        rig.settle(key="B1")


def test_the_platform_that_does_not_know_itself_leaves_it_unknown(rig: Rig) -> None:
    from liangding.contract.simulation import Refuse

    def confused(_: Any) -> Any:
        raise Refuse("调用异地平台超时")

    rig.deafen()
    rig.platform.handlers["2102"] = confused
    with pytest.raises(OutcomeUnknown, match="超时"):
        rig.settle(key="B1")


PROVED = [
    ("-1", "参保人员已停保，不能结算"), (-1, "余额不足"), (-1, "诊断编码不存在"), (-1, "BusinessException: 未找到医师"),
]  # fmt: skip
NO_PROOF: list[tuple[Any, str | None]] = [
    (None, "不行"), ("", "不行"), ({}, "不行"), (True, "不行"), ("0000", "不行"), ("success", "不行"), (1, "不行"),
    (-1, ""), (-1, None), ("-1", "Unexpected end of file from server"), (-1, "系统繁忙，请稍后"), (-1, "网络异常"),
    (-1, "交易处理中"), (-1, "java.net.ConnectException: Connection refused"), (-1, "feign.RetryableException"),
    (-1, "error status code :504"), (-1, "java.lang.NullPointerException"), (-1, "服务暂不可用"),
    (-1, "发送方报文ID重复"), (-1, "该报文已处理"), (-1, "请勿重复提交"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("infcode", "sentence", "status"),
    [
        *((*said, 200) for said in [*PROVED, *NO_PROOF]),
        *((-1, "余额不足", status) for status in (302, 403, 429, 500, 502)),
    ],
)
def test_a_refusal_of_a_settlement_needs_proof(tmp_path: Path, infcode: Any, sentence: str | None, status: int) -> None:
    """A relay says no in the place of the platform, which has settled: told as unknown, it is found out."""
    proved = (infcode, sentence) in PROVED and status == 200
    with simulated_rig_for(tmp_path) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        post = rig.runtime.transport.post

        def relay(url: str, headers: Any, body: bytes) -> Exchange:
            exchange = post(url, headers, body)
            if not url.endswith("2102"):
                return exchange
            return attrs.evolve(exchange, status=status, body=encode({"infcode": infcode, "err_msg": sentence}))

        rig.runtime.transport.post = relay  # type: ignore[method-assign]
        if proved:
            with pytest.raises(CallRefused, match=sentence):
                rig.settle(key="B1")
        else:
            answers = [rig.settle(key="B1") for _ in range(2)]
            assert [answer.output.setlinfo.setl_id for answer in answers] == rig.standing() * 2
        assert (rig.sent("2102"), len(rig.standing())) == (1, 1)


def test_nothing_left_when_nobody_listens(tmp_path: Path) -> None:
    with Runtime.from_file(write_deployment(tmp_path)) as runtime:
        with pytest.raises(CallNotSent):
            runtime.call("9001", {"signIn": {"opter_no": "001", "mac": "0", "ip": "127.0.0.1"}})
        assert {call.state for call in runtime.journal.latest()} == {State.NOT_SENT}


def test_what_another_process_took_up_while_the_line_was_made_does_not_leave(rig: Rig) -> None:
    """The call says so, holds nothing back, and may be made again."""
    post = rig.runtime.transport.post

    def overtaken(url: str, headers: Any, body: bytes) -> Exchange:
        if b'"2102"' not in body:
            return post(url, headers, body)
        return Exchange(sent=False, failure=OVERTAKEN, message="等得太久，期间已被别处接手，未发出")

    rig.runtime.transport.post = overtaken  # type: ignore[method-assign]
    with pytest.raises(CallNotSent, match="记入流水后等得太久") as failed:
        rig.settle(key="B1")
    assert failed.value.call_id is not None
    call = rig.runtime.journal.call(failed.value.call_id)
    assert (call.state, call.failure, call.msgid) == (State.NOT_SENT, "waited", failed.value.msgid)
    rig.runtime.transport.post = post  # type: ignore[method-assign]
    assert not rig.settle(key="B1").recorded
    assert len(rig.standing()) == 1


def test_reading_calls_are_repeated_changing_calls_are_not(rig: Rig) -> None:
    rig.settle()
    rig.strike(Fault.ANSWER_LOST, "1101")
    person = rig.person()
    answer = rig.runtime.call("1101", {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno}})
    assert answer.output.baseinfo.psn_no == person.psn_no
    assert rig.sent("1101") == 2
    post, tried = rig.runtime.transport.post, []

    def unheard(url: str, headers: Any, body: bytes) -> Exchange:
        tried.append(url)
        return Exchange(sent=False, failure="refused", message="没有连上")

    rig.runtime.transport.post = unheard  # type: ignore[method-assign]
    with pytest.raises(CallNotSent):
        rig.settle(key="B2")
    rig.runtime.transport.post = post  # type: ignore[method-assign]
    assert len(tried) == 1, "also where nothing left"
    assert rig.settle(key="B2").output.setlinfo.setl_id in rig.standing()


# -- business keys -------------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_recorded_answer(rig: Rig) -> None:
    first = rig.settle(key="B1")
    again = rig.settle(key="B1")
    assert (again.recorded, again.output.setlinfo.setl_id) == (True, first.output.setlinfo.setl_id)
    assert again.advice == first.advice
    assert (rig.sent("2102"), len(rig.standing())) == (1, 1)


def test_the_same_key_for_something_else_is_a_conflict(rig: Rig) -> None:
    rig.settle(key="B1")
    with pytest.raises(KeyConflict):
        rig.settle(key="B1", total="99.00")
    assert len(rig.standing()) == 1


def test_after_a_refusal_the_same_key_may_try_again_with_what_is_right(rig: Rig) -> None:
    person = rig.person()
    person.covers[0].status = "2"
    with pytest.raises(CallRefused):
        rig.settle(key="B1")
    person.covers[0].status = "1"
    assert rig.settle(key="B1", total="90.00").output.setlinfo.medfee_sumamt == 90


def test_many_at_once_with_one_key_settle_once(rig: Rig) -> None:
    rig.settle(key="warm")
    ended: list[str] = []

    def desk() -> None:
        try:
            ended.append(rig.settle(key="B1").output.setlinfo.setl_id)
        except InProgress:
            ended.append("in progress")

    desks = [threading.Thread(target=desk) for _ in range(8)]
    for each in desks:
        each.start()
    for each in desks:
        each.join()
    assert len(ended) == 8
    assert len({one for one in ended if one != "in progress"}) == 1
    assert len(rig.standing()) == 2


def test_keys_survive_a_restart(rig: Rig) -> None:
    first = rig.settle(key="B1")
    rig.runtime.close()
    with Runtime(rig.deployment) as again:
        answer = again.call("2102", purchase(rig.person()), key="B1", insured_place="441900")
    assert (answer.recorded, answer.call_id) == (True, first.call_id)


# -- no record, no send ----------------------------------------------------------------------------------------------


def test_no_record_no_send(rig: Rig) -> None:
    rig.runtime.sign_in(rig.deployment.operators[0])
    with rig.runtime.journal.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE keys")
        connection.exec_driver_sql("DROP TABLE calls")
    with pytest.raises(JournalUnavailable):
        rig.settle(key="B1")
    assert rig.sent("2102") == 0


def test_an_answer_that_cannot_be_recorded_is_not_called_a_success(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.runtime.sign_in(rig.deployment.operators[0])

    def full(*_: object) -> None:
        raise JournalUnavailable("流水库不可用：disk full")

    monkeypatch.setattr(rig.runtime.journal, "close_call", full)
    with pytest.raises(OutcomeUnknown, match="没能记入流水"):
        rig.settle(key="B1")
    again = rig.settle(key="B1")
    assert again.recorded
    assert [again.output.setlinfo.setl_id] == rig.standing()
    assert rig.sent("2102") == 1


# -- hooks -----------------------------------------------------------------------------------------------------------


class Checker:
    """A plugin that looks at settlements."""

    def __init__(self, change: Callable[[Call[Any]], None]) -> None:
        self.change = change

    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        self.change(call)
        answer = yield
        call.advise("共 {medfee_sumamt} 元", answer.output.setlinfo)
        return answer


def with_plugin(rig: Rig, plugin: object) -> Runtime:
    return Runtime(rig.deployment, plugins={"checker": plugin})


def test_a_wrapper_may_change_what_is_sent_and_advise(rig: Rig) -> None:
    def invoice(call: Call[Any]) -> None:
        call.input.druginfo.invono = "F001"

    with with_plugin(rig, Checker(invoice)) as runtime:
        answer = runtime.call("2102", purchase(rig.person()), key=new_key(), insured_place="441900")
        assert "共 100.00 元" in answer.advice
        assert b'"invono":"F001"' in runtime.journal.call(answer.call_id).request


def test_what_a_wrapper_spoils_is_not_sent(rig: Rig) -> None:
    def spoil(call: Call[Any]) -> None:
        call.input.druginfo.invono = "x" * 21

    with with_plugin(rig, Checker(spoil)) as runtime, pytest.raises(InvalidMessage, match="invono"):
        runtime.call("2102", purchase(rig.person()), key=new_key(), insured_place="441900")
    assert rig.sent("2102") == 0


def test_the_cashier_is_told_that_the_account_is_charged(rig: Rig) -> None:
    assert any("请勿再刷 POS" in sentence for sentence in rig.settle().advice)
    resident = rig.person("resident")
    answer = rig.runtime.call("2102", purchase(resident, use_account=False), key=new_key(), insured_place="441900")
    assert answer.advice == ()


class Misspelt:
    @hookimpl(wrapper=True)
    def pharmacy_setle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield)


class Rival:
    @hookimpl
    def liangding_region(self, deployment: Any) -> Any:
        return None


class Usurper:
    @hookimpl
    def pharmacy_settle(self, call: Call[Any]) -> Any:
        return None


@pytest.mark.parametrize(
    ("plugin", "said"), [(Misspelt(), "pharmacy_settle"), (Rival(), "liangding_region"), (Usurper(), "wrapper=True")]
)
def test_plugins_that_cannot_be_are_refused_at_start(rig: Rig, plugin: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        with_plugin(rig, plugin)


def test_several_deployments_stand_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with rig_for(tmp_path / "a") as one, rig_for(tmp_path / "b", code="P44190000002", gateway="csb") as two:
        one.settle(key="B1")
        two.settle(key="B1")
        assert (len(one.standing()), len(two.standing())) == (1, 1)
        assert one.runtime.interfaces is not two.runtime.interfaces


def test_the_deployment_knows_its_address(tmp_path: Path) -> None:
    path = write_deployment(tmp_path)
    text = path.read_text("utf-8").replace('address = "infno"', 'address = "path"')
    path.write_text(text.replace("connect_seconds", 'routes = { "42" = "http://other:1/x" }\nconnect_seconds'), "utf-8")
    with Runtime(load_deployment(path)) as runtime:
        known = runtime.known
        assert known.address(runtime.interfaces["1101"]).endswith("/fsi/api/fsiPsnInfoService/queryPsnInfo")
        assert known.address(runtime.interfaces["4201"]) == "http://other:1/x"
        with pytest.raises(ConfigurationError, match="没有公开"):
            known.address(runtime.interfaces["2102"])
