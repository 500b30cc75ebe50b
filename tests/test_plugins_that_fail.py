"""Nothing that a plugin does can hide what the platform did: wrappers, gateways, verdicts, resolutions, steps."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from liangding.contract.calls import Answer, Call, Verdict
from liangding.contract.hookspecs import hookimpl
from liangding.errors import (
    CallNotSent,
    CallRefused,
    ConfigurationError,
    HeldBack,
    InvalidMessage,
    LiangdingError,
    NotOpenHere,
    OutcomeUnknown,
    PluginFailed,
)
from liangding.flows import Flows, Status
from liangding.journal import Journal, JournalUnavailable, State
from liangding.knowledge import Knowledge
from liangding.resolution import Finding, Resolution, Seen
from liangding.runtime import Runtime
from liangding.server.app import api
from liangding.simulator.background import Served
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.simulator.setup import door_for
from liangding.workflow.standing import FlowBusy
from support import Rig, bill, purchase, run_flow, simulated_rig_for

Hearing = Callable[[Call[Any], Any], Any]
"""What a wrapper does with a call and its answer after ``yield``; what it gives is returned."""

YES = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}


class Plugin:
    """A plugin round settlements and their cancellation. ``before`` is done before ``yield``, ``hear`` after it."""

    def __init__(self, hear: Hearing | None = None, before: Callable[[Call[Any]], Any] | None = None) -> None:
        self.hear = hear or (lambda call, answer: answer)
        self.before = before or (lambda call: None)
        self.heard = 0

    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield from self._round(call))

    @hookimpl(wrapper=True)
    def pharmacy_cancel_settlement(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield from self._round(call))

    def _round(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        self.before(call)
        answer = yield
        self.heard += 1
        given: Answer[Any] = self.hear(call, answer)
        return given


class Trial(Plugin):
    """The same round trial settlements and queries."""

    @hookimpl(wrapper=True)
    def pharmacy_pre_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield from self._round(call))

    @hookimpl(wrapper=True)
    def persons_query_person(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield from self._round(call))


def raising(error: BaseException) -> Hearing:
    def hear(call: Call[Any], answer: Any) -> Any:
        raise error

    return hear


def altering_in_place(call: Call[Any], answer: Any) -> Any:
    answer.output.setlinfo.setl_id = "made-up"
    answer.output.setlinfo.psn_cash_pay = Decimal("0.01")
    answer.body["output"]["setlinfo"]["setl_id"] = "made-up"
    return answer


def emptying(call: Call[Any], answer: Any) -> Any:
    answer.output.setlinfo = None
    answer.body.clear()
    return attrs.evolve(answer, output=None, msgid="another", call_id=0, recorded=True)


def spoiling_the_call(call: Call[Any], answer: Any) -> Any:
    call.advice = None  # type: ignore[assignment]
    call.key = call.transaction = None  # type: ignore[assignment]
    raise AttributeError


def sending_again(call: Call[Any], answer: Any) -> Any:
    call.input.druginfo.medfee_sumamt = Decimal("1.00")
    return call.send(attrs.evolve(call, key=None))


AFTERWARDS: dict[str, Hearing] = {
    "raises": raising(ValueError("王五")),
    "raises an error of ours": raising(NotOpenHere("不办了")),
    "says that it was refused": raising(CallRefused("没有办成")),
    "leaves the program": raising(SystemExit(1)),
    "is interrupted": raising(KeyboardInterrupt()),
    "closes": raising(GeneratorExit()),
    "stops": raising(StopIteration()),
    "returns nothing": lambda call, answer: None,
    "returns text": lambda call, answer: "结算成功",
    "returns the output alone": lambda call, answer: answer.output,
    "alters it in place": altering_in_place,
    "empties it": emptying,
    "spoils the call": spoiling_the_call,
}
"""What a plugin may do once it has heard of a settlement."""

TWICE: dict[str, Plugin] = {
    "after": Plugin(sending_again),
    "before": Plugin(before=lambda call: call.send(call)),
    "before, then fails": Plugin(before=lambda call: raising(ValueError())(call, call.send(call))),
}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path) as made:
        yield made


def with_plugin(rig: Rig, plugin: object, **more: object) -> Runtime:
    """A runtime of the rig's with a plugin more."""
    runtime = rig.runtime
    return Runtime(
        rig.deployment, journal=runtime.journal, transport=runtime.transport, clock=runtime.clock,
        plugins={"strange": plugin, **more},
    )  # fmt: skip


def settle(rig: Rig, runtime: Runtime, key: str = "B1") -> Answer[Any]:
    message = purchase(rig.person())
    message["druginfo"] |= {"med_type": "41"}
    return runtime.call("2102", message, key=key, insured_place=rig.person().covers[0].place)


def amounts(rig: Rig) -> tuple[str, Decimal, Decimal]:
    """The one settlement that stands: its number, its total and its cash part."""
    (standing,) = [s for s in rig.platform.world.settlements.values() if s.counts]
    return standing.setl_id, standing.split.total, standing.split.cash


def told(answer: Answer[Any]) -> tuple[str, Decimal, Decimal]:
    info = answer.output.setlinfo
    assert answer.body["output"]["setlinfo"]["setl_id"] == info.setl_id
    return info.setl_id, info.medfee_sumamt, info.psn_cash_pay


@pytest.mark.parametrize("way", AFTERWARDS)
def test_a_settlement_is_told_whatever_a_plugin_does_with_it(
    rig: Rig, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = Plugin(AFTERWARDS[way])
    with with_plugin(rig, plugin) as runtime:
        first = settle(rig, runtime)
        again = settle(rig, runtime)
    assert told(first) == told(again) == amounts(rig)
    assert (first.recorded, again.recorded, first.call_id) == (False, True, again.call_id)
    assert "插件 strange 出错，药店结算已成立" in first.advice
    assert any("请勿再刷 POS" in sentence for sentence in first.advice), "another plugin's advice"
    assert first.advice == again.advice
    assert plugin.heard == 1, "asked again, the plugin is left out"
    assert rig.sent("2102") == 1
    (line,) = [r.getMessage() for r in caplog.records if r.name == "liangding.hooks"]
    assert "strange" in line
    assert "pharmacy_settle" in line
    assert "test_plugins_that_fail.py:" in line
    assert "王五" not in caplog.text
    assert rig.runtime.journal.verify() == []


@pytest.mark.parametrize("way", AFTERWARDS)
def test_a_flow_goes_on_to_its_end(rig: Rig, way: str) -> None:
    with with_plugin(rig, Plugin(AFTERWARDS[way])) as runtime:
        flows = Flows(runtime)
        views = [run_flow(flows, flows.start("pharmacy_purchase", bill(rig.person()), key="B1"), YES) for _ in "12"]
        assert [view.status for view in views] == [Status.DONE] * 2
        settlement = views[0].result["settlement"]
        assert (settlement.setl_id, settlement.split.total, settlement.split.cash) == amounts(rig)
        assert "插件 strange 出错，药店结算已成立" in views[0].advice
        refund = {"credential": {"type": "01", "number": rig.person().token}, "purchase_key": "B1"}
        back = run_flow(flows, flows.start("pharmacy_refund", refund, key="B1-back"), YES)
        assert back.status is Status.DONE
    assert rig.standing() == []


@pytest.mark.parametrize("way", TWICE)
def test_a_call_is_sent_once_however_often_a_plugin_sends_it(rig: Rig, way: str) -> None:
    with with_plugin(rig, TWICE[way]) as runtime:
        answers = [settle(rig, runtime) for _ in range(2)]
    assert [told(answer) for answer in answers] == [amounts(rig)] * 2
    assert rig.sent("2102") == 1
    assert len(rig.runtime.journal.latest(infno="2102")) == 1


@pytest.mark.parametrize("way", ["raises", "alters it in place", "spoils the call"])
def test_what_was_found_out_behind_them_the_plugins_hear_once(rig: Rig, way: str) -> None:
    plugin = Plugin(AFTERWARDS[way])
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    with with_plugin(rig, plugin) as runtime:
        with pytest.raises(OutcomeUnknown):
            settle(rig, runtime)
        rig.door.faults.clear()
        attrs.evolve(rig, runtime=runtime).let_pass(10)
        assert plugin.heard == 0
        first, again = settle(rig, runtime), settle(rig, runtime)
    assert told(first) == told(again) == amounts(rig)
    assert first.recorded
    assert first.advice == again.advice
    assert any("请勿再刷 POS" in sentence for sentence in first.advice)
    assert plugin.heard == 1


def test_where_it_cannot_be_noted_that_they_hear_the_plugins_hear_later(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs is to hold nobody up again: that is noted before it hears."""
    plugin = Plugin()
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    note = Journal.note

    def full(self: Journal, call_id: int, kind: str, *more: Any, **changes: Any) -> None:
        if kind == "told":
            raise JournalUnavailable("流水库不可用：磁盘满")
        note(self, call_id, kind, *more, **changes)

    with with_plugin(rig, plugin) as runtime:
        with pytest.raises(OutcomeUnknown):
            settle(rig, runtime)
        rig.door.faults.clear()
        attrs.evolve(rig, runtime=runtime).let_pass(10)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "note", full)
            first = settle(rig, runtime)
        assert plugin.heard == 0
        again = settle(rig, runtime)
    assert told(first) == told(again) == amounts(rig)
    assert plugin.heard == 1


def test_several_plugins_each_hear_what_the_platform_said(rig: Rig) -> None:
    heard: list[Any] = []

    def hear(call: Call[Any], answer: Any) -> Any:
        heard.append(told(answer))
        return answer

    honest = Plugin(hear)
    with with_plugin(rig, Plugin(altering_in_place), honest=honest, third=Plugin(AFTERWARDS["raises"])) as runtime:
        answer = settle(rig, runtime)
    assert heard == [amounts(rig)]
    failures = [f"插件 {name} 出错，药店结算已成立" for name in ("strange", "third")]
    assert sorted(s for s in answer.advice if "出错" in s) == failures


# -- one that hangs ----------------------------------------------------------------------------------------------------


class Hangs(Plugin):
    """A plugin that does not come back from a settlement until it is let go."""

    def __init__(self) -> None:
        super().__init__(self._wait)
        self.reached, self.free = threading.Event(), threading.Event()

    def _wait(self, call: Call[Any], answer: Any) -> Any:
        self.reached.set()
        assert self.free.wait(60)
        return answer


@contextlib.contextmanager
def hanging(work: Callable[[], Any], plugin: Hangs) -> Iterator[Future[Any]]:
    """While the first request hangs in the plugin; it is let go at the end."""
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(work)
        try:
            assert plugin.reached.wait(60)
            yield first
        finally:
            plugin.free.set()


def test_one_that_hangs_holds_up_its_own_request_only(rig: Rig) -> None:
    plugin = Hangs()
    with with_plugin(rig, plugin) as runtime:
        with hanging(lambda: settle(rig, runtime), plugin) as first:
            again = settle(rig, runtime)
            assert told(again) == amounts(rig)
            assert not first.done()
        assert told(first.result()) == told(again)
    assert (rig.sent("2102"), plugin.heard) == (1, 1)


def test_one_that_hangs_in_a_flow_does_not_keep_the_flow(rig: Rig) -> None:
    plugin = Hangs()
    with with_plugin(rig, plugin) as runtime:
        flows = Flows(runtime)
        waits = flows.start("pharmacy_purchase", bill(rig.person()), key="B1")
        waits = flows.answer(waits.id, YES[waits.question.id]) if waits.question else waits
        with hanging(lambda: flows.answer(waits.id, "yes"), plugin) as first:
            again = flows.start("pharmacy_purchase", bill(rig.person()), key="B1")
            assert again.status is Status.DONE
            assert again.result["settlement"].setl_id == rig.standing()[0]
            assert not first.done()
        with pytest.raises(FlowBusy):
            first.result()
        assert flows.get(waits.id) == again
    assert rig.sent("2102") == 1


def test_where_no_thread_can_be_had_a_settlement_is_told_all_the_same(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Timer, "start", full)
    with with_plugin(rig, Plugin()) as runtime:
        flows = Flows(runtime)
        view = run_flow(flows, flows.start("pharmacy_purchase", bill(rig.person()), key="B1"), YES)
    assert (view.status, view.result["settlement"].setl_id) == (Status.DONE, rig.standing()[0])


def test_http_gives_the_settlement_while_a_plugin_hangs(rig: Rig) -> None:
    plugin = Hangs()
    with (
        with_plugin(rig, plugin) as runtime,
        Served(api({"test": runtime})) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as http,
    ):
        body = {"input": purchase(rig.person()), "insuplc_admdvs": "441900"}

        def ask() -> httpx.Response:
            return http.post("/v1/transactions/2102", json=body, headers={"idempotency-key": "B1"})

        with hanging(ask, plugin):
            told = ask().json()
            assert told["output"]["setlinfo"]["setl_id"] == rig.standing()[0]


# -- before the answer, and where nothing changes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("王五"), "plugin_failed"),
        (SystemExit(1), "plugin_failed"),
        (NotOpenHere("没有开放"), "not_open_here"),
        (CallRefused("不办"), "refused"),
    ],
)
def test_before_the_answer_a_plugin_stops_a_call_and_nothing_is_sent(rig: Rig, error: Any, code: str) -> None:
    plugin = Plugin(before=lambda call: raising(error)(call, None))
    with with_plugin(rig, plugin) as runtime:
        for _ in range(2):
            with pytest.raises(LiangdingError) as caught:
                settle(rig, runtime)
            assert caught.value.code == code
    if code == "plugin_failed":
        assert "插件 strange 的 pharmacy_settle 出错" in caught.value.message
        assert "test_plugins_that_fail.py:" in caught.value.message
        assert "王五" not in str(caught.value)
    assert rig.runtime.journal.latest(infno="2102") == []
    assert settle(rig, rig.runtime).output.setlinfo.setl_id == rig.standing()[0]


@pytest.mark.parametrize(("place", "spoil"), [
    ("input", lambda call: setattr(call, "input", None)),
    ("input", lambda call: setattr(call, "input", "text")),
    ("input", lambda call: setattr(call.input, "druginfo", 7)),
    ("head.msgid", lambda call: call.head.update(msgid="1")),
    ("head.opter", lambda call: call.head.update(opter=object())),
    ("head", lambda call: setattr(call, "head", None)),
])  # fmt: skip
def test_what_a_plugin_spoils_is_not_sent(rig: Rig, place: str, spoil: Callable[[Call[Any]], None]) -> None:
    with with_plugin(rig, Plugin(before=spoil)) as runtime, pytest.raises((InvalidMessage, PluginFailed)) as caught:
        settle(rig, runtime)
    assert caught.value.path == place
    assert rig.runtime.journal.latest(infno="2102") == []


def test_the_rules_over_the_whole_message_hold_after_the_wrappers(rig: Rig) -> None:
    def spoil(call: Call[Any]) -> None:
        call.input.druginfo.medfee_sumamt = Decimal("99.00")

    with with_plugin(rig, Plugin(before=spoil)) as runtime, pytest.raises(InvalidMessage, match="medfee_sumamt"):
        settle(rig, runtime)
    assert rig.runtime.journal.latest(infno="2102") == []


def test_what_is_the_runtimes_stays_as_it_was(rig: Rig) -> None:
    def spoil(call: Call[Any]) -> None:
        call.key = call.flow = call.resolves = call.transaction = call.content = None  # type: ignore[assignment]
        call.advice = ["说明", object(), "半个字 \ud83d"]  # type: ignore[list-item]

    with with_plugin(rig, Plugin(before=spoil)) as runtime:
        first, again = settle(rig, runtime), settle(rig, runtime)
    assert told(first) == told(again) == amounts(rig)
    assert first.advice[:2] == again.advice[:2] == ("说明", "半个字 ?")
    assert rig.sent("2102") == 1


@pytest.mark.parametrize("infno", ["2101", "1101"])
@pytest.mark.parametrize(
    ("hear", "code"),
    [
        (raising(NotOpenHere("本地不办")), "not_open_here"),
        (raising(ValueError()), "plugin_failed"),
        (raising(SystemExit(1)), "plugin_failed"),
        (lambda call, answer: None, "plugin_failed"),
    ],
)
def test_after_a_query_or_a_trial_a_plugin_may_stop_the_business(
    rig: Rig, infno: str, hear: Hearing, code: str
) -> None:
    person = rig.person()
    query = {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno}}
    message = purchase(person) if infno == "2101" else query
    with with_plugin(rig, Trial(hear)) as runtime, pytest.raises(LiangdingError) as caught:
        runtime.call(infno, message, insured_place="441900")
    assert caught.value.code == code
    with with_plugin(rig, Trial(hear)) as runtime:
        flows = Flows(runtime)
        view = run_flow(flows, flows.start("pharmacy_purchase", bill(person), key="B1"), YES)
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, code)
        assert flows.abandon(view.id).status is Status.ABANDONED
    assert rig.standing() == []


def test_after_a_query_a_plugin_may_change_the_answer_and_ask_again(rig: Rig) -> None:
    def hear(call: Call[Any], answer: Any) -> Any:
        again = call.send(call)
        again.output.baseinfo.psn_name = "甲"
        return again

    person = rig.person()
    query = {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno}}
    with with_plugin(rig, Trial(hear)) as runtime:
        assert runtime.call("1101", query).output.baseinfo.psn_name == "甲"
    assert rig.sent("1101") == 2


# -- what did not come about -------------------------------------------------------------------------------------------


class Swallows(Plugin):
    """A plugin that makes a success of whatever the core raises."""

    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        try:
            return (yield)
        except LiangdingError as failed:
            failed.message, failed.call_id = "办成了", -1  # type: ignore[attr-defined]
            failed.remedy = "请参保人咨询参保地"
            return Answer(infno="2102", msgid="", call_id=0, output={}, body={})


@pytest.mark.parametrize("code", ["refused", "outcome_unknown", "invalid_message"])
def test_a_plugin_makes_no_success_of_a_failure(rig: Rig, code: str) -> None:
    if code == "refused":
        rig.person().covers[0].status = "2"
    elif code == "outcome_unknown":
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
    spoils = Plugin(before=lambda call: setattr(call.input.druginfo, "invono", "x" * 21))
    inner = {"inner": spoils} if code == "invalid_message" else {}
    with with_plugin(rig, Swallows(), **inner) as runtime, pytest.raises(LiangdingError) as caught:
        settle(rig, runtime)
    assert caught.value.code == code
    if code != "invalid_message":
        (record,) = rig.runtime.journal.latest(infno="2102")
        assert (caught.value.call_id, caught.value.message) == (record.id, record.message)  # type: ignore[attr-defined]
        assert caught.value.remedy == "请参保人咨询参保地"


# -- the other hooks ---------------------------------------------------------------------------------------------------


@attrs.define(eq=False, slots=False)
class Says:
    """A plugin that answers one hook, or fails in it."""

    answer: Any

    def _said(self) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Classifies(Says):
    """Judges settlements."""

    @hookimpl
    def liangding_classify(self, call: Call[Any], exchange: Any, reply: Any) -> Any:
        return self._said() if call.transaction.infno == "2102" else None


VERDICTS = [
    ValueError(), SystemExit(1), "accepted", State.REFUSED, Verdict(state=State.NOT_SENT), Verdict(state=State.ABSENT),
    Verdict(state=State.OPEN), Verdict(state=State.FAILED), Verdict(state="refused"),  # type: ignore[arg-type]
    Verdict(state=State.REFUSED, message=7),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS, ids=repr)
def test_a_verdict_that_fails_or_is_none_is_the_cores(rig: Rig, verdict: Any, caplog: pytest.LogCaptureFixture) -> None:
    with with_plugin(rig, Classifies(verdict)) as runtime:
        assert told(settle(rig, runtime)) == amounts(rig)
        assert "plugin strange: liangding_classify failed" in caplog.text
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            settle(rig, runtime, "B2")


def test_a_region_may_say_that_nobody_knows(rig: Rig) -> None:
    rig.deafen()
    says = Classifies(Verdict(state=State.UNKNOWN, message="本地说不清"))
    with with_plugin(rig, says) as runtime, pytest.raises(OutcomeUnknown, match="本地说不清"):
        settle(rig, runtime)
    assert [call.state for call in rig.runtime.journal.latest(infno="2102")] == [State.UNKNOWN]


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REFUSED])
def test_a_verdict_on_an_answer_that_never_came_is_the_cores(rig: Rig, state: State) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    with with_plugin(rig, Classifies(Verdict(state=state))) as runtime, pytest.raises(OutcomeUnknown):
        settle(rig, runtime)


def test_what_a_region_accepts_has_to_bring_its_number(rig: Rig) -> None:
    rig.deafen()
    rig.platform.handlers["2102"] = lambda request: {}
    with with_plugin(rig, Classifies(Verdict(state=State.ACCEPTED))) as runtime, pytest.raises(OutcomeUnknown):
        settle(rig, runtime)


class Gateway:
    """A signing scheme whose headers are ``answer``."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.broken = False

    @hookimpl(tryfirst=True)
    def liangding_gateway(self, scheme: str) -> Any:
        return self

    def headers(self, outgoing: Any) -> Any:
        if self.broken and isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer if self.broken else {}

    def refusal(self, headers: Any, body: bytes, infno: str, epoch: float) -> None:
        return None

    def refused_before_platform(self, code: str, message: str) -> bool:
        raise ValueError


@pytest.mark.parametrize("answer", [ValueError(), SystemExit(1), ConfigurationError("没有证书"), None, {"x": 1}, [1]])
def test_a_gateway_that_fails_before_the_first_byte_sends_nothing(tmp_path: Path, answer: Any) -> None:
    gateway = Gateway(answer)
    with simulated_rig_for(tmp_path, gateway="plain") as rig, with_plugin(rig, gateway) as runtime:
        runtime.sign_in(rig.deployment.operators[0])
        gateway.broken = True
        with pytest.raises(CallNotSent) as caught:
            settle(rig, runtime)
        assert "签名" in caught.value.message
        assert caught.value.call_id is not None
        assert runtime.journal.call(caught.value.call_id).state is State.NOT_SENT
        assert rig.sent("2102") == 0
        gateway.broken = False
        assert told(settle(rig, runtime)) == amounts(rig)


class Resolves(Says):
    """Answers once it is ``at_work``: at the start each is asked, and held to its type."""

    at_work = False

    @hookimpl
    def liangding_resolution(self, infno: str) -> Any:
        return self._said() if self.at_work and infno == "2102" else None


def shows(answer: Any) -> Resolution:
    def look(case: Any) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return Resolution(look=look)


RESOLUTIONS = {
    "fails": ValueError(),
    "leaves": SystemExit(1),
    "none": "5203",
    "looks and fails": shows(ZeroDivisionError()),
    "looks and says that it was refused": shows(CallRefused("没有")),
    "looks and leaves": shows(SystemExit(1)),
    "shows nothing": shows(None),
    "shows a word": shows(Finding(seen="there")),  # type: ignore[arg-type]
    "shows no output": shows(Finding(seen=Seen.THERE, output=7)),  # type: ignore[arg-type]
    "shows what cannot be kept": shows(Finding(seen=Seen.THERE, output={"setlinfo": object()})),
}


@pytest.mark.parametrize("way", RESOLUTIONS)
def test_a_resolution_that_fails_leaves_the_case_open_and_names_the_plugin(tmp_path: Path, way: str) -> None:
    """In a province whose own plugin leaves resolving to the core: two plugins that resolve are one too many."""
    here = {"province": "xinjiang", "area": "650100", "code": "P65010000001", "gateway": "plain"}
    with simulated_rig_for(tmp_path, **here) as rig:
        leaves_the_case_open(rig, way)


def leaves_the_case_open(rig: Rig, way: str) -> None:
    rig.strike(Fault.ANSWER_LOST, "2102")
    plugin = Resolves(RESOLUTIONS[way])
    with with_plugin(rig, plugin) as runtime:
        plugin.at_work = True
        for _ in range(2):
            with pytest.raises(OutcomeUnknown) as caught:
                settle(rig, runtime)
        with pytest.raises(HeldBack):
            settle(rig, runtime, "B2")
        (record,) = runtime.journal.latest(infno="2102")
        assert record.state is State.UNKNOWN
        notes = [str(event.detail.get("note", "")) for event in runtime.journal.history(record.id)]
        assert any("插件 strange 的 liangding_resolution 出错" in note for note in notes)
        attrs.evolve(rig, runtime=runtime).let_pass(3600)
        assert runtime.journal.call(record.id).escalated_at is not None
    assert rig.sent("2102") == 1
    assert caught.value.call_id == record.id
    assert told(settle(rig, rig.runtime)) == amounts(rig), "without the plugin it is found out"


class Simulates(Says):
    """Plays the platform's settlement."""

    @hookimpl
    def liangding_simulate(self, deployment: Any) -> Any:
        return {"2102": lambda request: self._said()}


@pytest.mark.parametrize("answer", [ValueError("王五"), SystemExit(1), object()])
def test_a_handler_that_fails_is_an_error_of_the_simulator(
    rig: Rig, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    known = Knowledge(rig.deployment, plugins={"strange": Simulates(answer)})
    door = door_for(rig.deployment, clock=rig.runtime.clock, known=known)
    line = SimulatedLine(door)
    shared: dict[str, Any] = {"known": known, "transport": line, "clock": rig.runtime.clock}
    with Runtime(rig.deployment, **shared) as runtime, pytest.raises(OutcomeUnknown, match="500"):
        settle(rig, runtime)
    assert "simulated 2102 failed" in caplog.text
    assert "王五" not in caplog.text
