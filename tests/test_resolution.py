"""Unknown outcomes end by themselves: one effective settlement or none, and the HIS was told what is true."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.clock import SimulatedClock
from liangding.errors import (
    CallNotSent,
    CallRefused,
    ConfigurationError,
    HeldBack,
    InProgress,
    OutcomeUnknown,
)
from liangding.journal import Journal, State, Vault
from liangding.journal.records import CallRecord
from liangding.journal.states import LATE
from liangding.resolution import NotReversible
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.wire.gateways import Csb, Tif
from liangding.wire.transport import Exchange
from support import Rig, rig_for, simulated_rig_for

DONE = [Fault.ANSWER_LOST, Fault.ERROR_AFTER, Fault.SLOW, Fault.CUT, Fault.EMPTY, Fault.OTHER_ANSWER]
"""The platform settled, and its answer does not say so."""

NOT_DONE = [Fault.REQUEST_LOST, Fault.ERROR_BEFORE, Fault.HTML]
"""The platform never saw the request."""

HOUR = 3600.0


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy, its platform and the line between in one process, on a simulated clock."""
    with simulated_rig_for(tmp_path) as made:
        made.runtime.sign_in(made.deployment.operators[0])
        yield made


def ask(rig: Rig, key: str = "B1") -> str:
    """What the HIS hears when it asks for its settlement; what it hears is true at that moment."""
    failed = None
    try:
        told: str = rig.settle(key=key).output.setlinfo.setl_id
    except (OutcomeUnknown, InProgress, CallNotSent) as error:
        failed, told = error, error.code
    if failed is None:
        assert rig.standing() == [told]
    elif isinstance(failed, CallNotSent):
        assert rig.standing() == []
    else:
        assert not settlement(rig, key).state.final
    return told


def settlement(rig: Rig, key: str = "B1") -> CallRecord:
    """The call that the key holds."""
    found = rig.runtime.journal.by_key(rig.deployment.institution.code, key)
    assert found is not None
    return found


def kinds(rig: Rig, call: CallRecord) -> list[str]:
    return [event.kind for event in rig.runtime.journal.history(call.id)]


# -- whatever goes wrong with one settlement -------------------------------------------------------------------------


@pytest.mark.parametrize("fault", DONE)
def test_a_settlement_that_the_platform_made_is_found_at_once(sim: Rig, fault: Fault) -> None:
    sim.strike(fault, "2102", seconds=30)
    told = ask(sim)
    assert [told] == sim.standing()
    assert settlement(sim).resolution == "asked:5201+5204+5203"
    sim.let_pass(48 * HOUR)
    assert (ask(sim), sim.sent("2102")) == (told, 1)


def test_what_is_found_is_the_answer_that_was_lost(sim: Rig) -> None:
    heard = sim.settle(key="heard").output.setlinfo
    sim.strike(Fault.ANSWER_LOST, "2102")
    found = sim.settle(key="lost").output.setlinfo
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay", "psn_part_amt", "psn_no", "clr_type"):
        assert getattr(found, name) == getattr(heard, name), name
    assert (settlement(sim, "lost").setl_id, found.balc) == (found.setl_id, heard.balc - heard.acct_pay)


@pytest.mark.parametrize("fault", NOT_DONE)
def test_a_settlement_that_never_arrived_is_known_not_to_be_there_and_may_be_made(sim: Rig, fault: Fault) -> None:
    sim.strike(fault, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(300)
    assert (settlement(sim).state, sim.standing()) == (State.ABSENT, [])
    told = ask(sim)
    sim.let_pass(48 * HOUR)
    assert sim.standing() == [told]


@pytest.mark.parametrize("fault", [*DONE, *NOT_DONE])
def test_over_http_one_settlement_whatever_goes_wrong(tmp_path: Path, fault: Fault) -> None:
    at_once = "[resolution]\nbelieve_seconds = 0"
    with rig_for(tmp_path, read_seconds=0.3, more=at_once) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        rig.strike(fault, "2102", seconds=0.6)
        heard = [ask(rig) for _ in range(3)]
        assert [heard[-1]] == rig.standing()
        assert set(heard) <= {"outcome_unknown", heard[-1]}
        assert rig.sent("2102") == 1
        assert rig.runtime.journal.verify() == []


def test_a_request_that_the_network_delivers_twice_settles_once(sim: Rig) -> None:
    sim.strike(Fault.DUPLICATE, "2102")
    told = ask(sim)
    assert (sim.standing(), sim.sent("2102")) == ([told], 2)


class Replacing:
    """A line on which something else comes back than the platform said; ``before``: it never got the request."""

    def __init__(self, line: SimulatedLine, infno: str, body: bytes, *, before: bool) -> None:
        self.line, self.infno, self.body, self.before = line, infno, body, before

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        if not url.endswith(self.infno):
            return self.line.post(url, headers, body)
        if not self.before:
            self.line.post(url, headers, body)
        self.infno = "none"
        return Exchange(status=200, body=self.body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        b'{"code":500,"message":"upstream timed out"}',
        b'{"code":401,"message":"who are you"}',
        b'{"infcode":-1,"err_msg":"\xe8\xb0\x83\xe7\x94\xa8\xe8\xb6\x85\xe6\x97\xb6"}',
        b'{"infcode":0,"output":{"setlinfo":{"setl_id":""}}}',
        b'{"infcode":0,"output":null}',
        b'"ok"',
        b"\x00\x01",
    ],
)
def test_a_strange_answer_with_status_200_is_found_out_too(sim: Rig, body: bytes, before: bool) -> None:
    assert isinstance(sim.runtime.transport, SimulatedLine)
    sim.runtime.transport = Replacing(sim.runtime.transport, "2102", body, before=before)
    heard = ask(sim)
    assert (heard == "outcome_unknown") is before
    sim.let_pass(300)
    assert [ask(sim)] == sim.standing()


def test_a_call_that_the_gateway_turned_away_is_refused_and_may_be_made_again(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, gateway="csb") as sim:
        sim.runtime.sign_in(sim.deployment.operators[0])
        right = sim.door.gateway
        sim.door.gateway = Csb(access_key="test_ak", secret_key="another")
        with pytest.raises(CallRefused, match="网关"):
            sim.settle(key="B1")
        sim.door.gateway = right
        assert (settlement(sim).state, [ask(sim)]) == (State.REFUSED, sim.standing())


# -- late, and later -------------------------------------------------------------------------------------------------


def test_a_commit_while_it_is_being_looked_for_is_found(sim: Rig) -> None:
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=60)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(200)
    assert settlement(sim).state is State.ACCEPTED
    assert [ask(sim)] == sim.standing()


def test_a_query_that_lags_behind_is_not_believed_too_soon(sim: Rig) -> None:
    sim.platform.world.query_delay = 90
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(200)
    assert (sim.sent("2102"), [ask(sim)]) == (1, sim.standing())


@pytest.mark.parametrize("lag", ["late commit", "slow queries"])
def test_a_settlement_that_nobody_was_told_of_is_taken_back_when_it_appears(sim: Rig, lag: str) -> None:
    balance = sim.person().covers[0].balance
    late(sim, lag)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(300)
    assert settlement(sim).state is State.ABSENT
    sim.let_pass(24 * HOUR)
    assert (settlement(sim).state, sim.standing()) == (State.REVERSED, [])
    assert [kind for kind in kinds(sim, settlement(sim)) if kind != "taken"][-2:] == ["reopened", "resolved"]
    assert sim.person().covers[0].balance == balance
    told = ask(sim)
    sim.let_pass(24 * HOUR)
    assert sim.standing() == [told]


def late(rig: Rig, lag: str, seconds: float = 700) -> None:
    """A settlement that shows only long after its absence was believed."""
    if lag == "late commit":
        rig.strike(Fault.LATE_COMMIT, "2102", seconds=seconds)
    else:
        rig.platform.world.query_delay = seconds
        rig.strike(Fault.ANSWER_LOST, "2102")


@pytest.mark.parametrize("lag", ["late commit", "slow queries"])
def test_where_the_his_settled_anew_meanwhile_only_that_one_stands(sim: Rig, lag: str) -> None:
    late(sim, lag)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(300)
    first = settlement(sim)
    told = sim.settle(key="B1").output.setlinfo.setl_id
    sim.let_pass(24 * HOUR)
    assert sim.standing() == [told]
    assert sim.runtime.journal.call(first.id).state is State.REVERSED
    assert ask(sim) == told


def test_what_appeared_when_its_key_was_used_again_stands_and_stays(sim: Rig) -> None:
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=290)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(250)
    assert settlement(sim).state is State.ABSENT
    sim.runtime.clock.sleep(45)
    told = ask(sim)
    sim.let_pass(48 * HOUR)
    assert (ask(sim), sim.sent("2102"), settlement(sim).state) == (told, 1, State.ACCEPTED)


@pytest.mark.parametrize("of_the_undo", [None, Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.ERROR_AFTER])
def test_a_late_one_that_2601_may_not_cancel_is_cancelled_by_its_own_transaction(
    sim: Rig, of_the_undo: Fault | None
) -> None:
    """Torture, Sichuan: where the cancellation's own outcome was not known, it stayed so, and nobody had it."""
    if of_the_undo is not None:
        sim.strike(of_the_undo, "2103")
    sim.runtime.known.region = attrs.evolve(sim.runtime.region, reversible=frozenset())
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=700)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(6 * HOUR)
    assert (settlement(sim).state, sim.standing()) == (State.REVERSED, [])
    assert (sim.sent("2601"), sim.sent("2103")) == (0, 1)
    assert sim.runtime.journal.pending() == []


# -- what is believed ------------------------------------------------------------------------------------------------


def test_not_there_is_believed_only_twice_and_late_enough(sim: Rig) -> None:
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    for seconds in (5, 30, 60):
        sim.runtime.clock.sleep(seconds)
        assert ask(sim) == "outcome_unknown"
    sim.runtime.clock.sleep(26)
    sim.runtime.resolver.attempt(settlement(sim).id)
    assert settlement(sim).state is State.ABSENT


def test_one_late_look_is_not_enough(sim: Rig) -> None:
    sim.deafen()
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.runtime.clock.sleep(500)
    sim.door.faults.clear()
    call = settlement(sim)
    assert [sim.runtime.resolver.attempt(call.id).state for _ in range(2)] == [State.UNKNOWN, State.ABSENT]


def anonymous(rig: Rig, given: str | None) -> dict[str, bool]:
    """The platform does not say which message made a settlement, or says something of its own; until it tells all."""
    query, telling = rig.platform.handlers["5203"], {"all": False}

    def answer(request: Any) -> Any:
        found = query(request)
        if not telling["all"]:
            found["setlinfo"]["medins_setl_id"] = given
        return found

    rig.platform.handlers["5203"] = answer
    return telling


@pytest.mark.parametrize("given", [None, "", "HIS-000123"])
def test_a_settlement_that_cannot_be_told_apart_is_never_taken_for_absent(sim: Rig, given: str | None) -> None:
    anonymous(sim, given)
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(300)
    assert (settlement(sim).state, settlement(sim).resolution) == (State.REVERSED, "reversed:2601")
    assert sim.standing() == []
    assert settlement(sim).absences == 0


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.HTML, Fault.ERROR_AFTER])
def test_a_reversal_whose_outcome_is_unknown_changes_nothing(sim: Rig, fault: Fault) -> None:
    anonymous(sim, None)
    sim.strike(Fault.ANSWER_LOST, "2102")
    sim.strike(fault, "2601", times=2)
    assert ask(sim) == "outcome_unknown"
    while "reversal_unknown" not in kinds(sim, settlement(sim)):
        sim.let_pass(5)
    assert settlement(sim).state is State.UNKNOWN
    sim.let_pass(HOUR)
    assert settlement(sim).state in (State.REVERSED, State.ABSENT)
    assert sim.standing() == []


def test_a_reversal_that_did_not_take_is_not_believed(sim: Rig) -> None:
    telling = anonymous(sim, None)
    sim.platform.handlers["2601"] = lambda _: telling.update(all=True)
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(HOUR)
    assert "reversed" in kinds(sim, settlement(sim))
    assert [ask(sim)] == sim.standing()


def test_what_stays_unknown_goes_to_a_person_and_is_still_looked_at(sim: Rig) -> None:
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(29 * 60)
    assert settlement(sim).escalated_at is None
    sim.let_pass(10 * 60)
    assert settlement(sim).escalated_at is not None
    sim.let_pass(3 * HOUR)
    assert (settlement(sim).state, kinds(sim, settlement(sim)).count("escalated")) == (State.UNKNOWN, 1)
    sim.door.faults.clear()
    sim.let_pass(400)
    assert (settlement(sim).state, [ask(sim)]) == (State.ACCEPTED, sim.standing())


def test_a_case_that_breaks_the_resolver_does_not_stop_the_others(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST, "2102", times=2)
    assert ask(sim, "B1") == "outcome_unknown"
    with pytest.raises(OutcomeUnknown):
        sim.settle(sim.person("retired"), key="B2")
    sim.door.faults.clear()
    broken = settlement(sim, "B1").msgid
    look = sim.runtime.resolver.look

    def sick(call: CallRecord) -> Any:
        if call.msgid == broken:
            raise ZeroDivisionError
        return look(call)

    monkeypatch.setattr(sim.runtime.resolver, "look", sick)
    sim.let_pass(HOUR)
    assert [settlement(sim, key).state for key in ("B1", "B2")] == [State.UNKNOWN, State.ACCEPTED]
    assert settlement(sim, "B1").escalated_at is not None


# -- cancellations ---------------------------------------------------------------------------------------------------


def cancel(rig: Rig, info: Any, key: str) -> Any:
    asked = {"psn_no": info.psn_no, "setl_id": info.setl_id, "mdtrt_id": info.mdtrt_id}
    return rig.runtime.call("2103", {"data": asked}, key=key, insured_place="441900")


@pytest.mark.parametrize("fault", [*DONE[:-1], *NOT_DONE])
def test_a_cancellation_ends_as_one_or_none(sim: Rig, fault: Fault) -> None:
    info = sim.settle(key="B1").output.setlinfo
    balance = sim.person().covers[0].balance
    sim.strike(fault, "2103", seconds=30)
    with contextlib.suppress(OutcomeUnknown):
        cancel(sim, info, "R1")
    first = settlement(sim, "R1")
    sim.let_pass(300)
    assert cancel(sim, info, "R1").output.setlinfo.medfee_sumamt == -info.medfee_sumamt
    sim.let_pass(48 * HOUR)
    assert (sim.standing(), sim.person().covers[0].balance) == ([], balance + info.acct_pay)
    assert sim.runtime.journal.pending() == []
    assert "reopened" not in kinds(sim, first), "what is seen is the doing of the one that was made again"


# -- the person's next call ------------------------------------------------------------------------------------------


def test_the_next_call_of_the_person_is_held_back_with_the_reason(sim: Rig) -> None:
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    with pytest.raises(HeldBack, match=r"2102（11-21 10:\d\d:\d\d）结果不明") as held:
        sim.settle(key="B2")
    assert (held.value.msgid, held.value.call_id) == (settlement(sim).msgid, settlement(sim).id)
    assert sim.sent("2102") == 1
    assert sim.settle(sim.person("retired"), key="B3").output.setlinfo.setl_id
    sim.door.faults.clear()
    assert sim.settle(key="B2").output.setlinfo.setl_id
    assert (len(sim.standing()), settlement(sim).state) == (3, State.ACCEPTED)


WAIT = '[resolution]\nhold = "wait"\nhold_seconds = 15'


def test_it_waits_where_the_deployment_says_so(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=WAIT) as sim:
        sim.strike(Fault.ANSWER_LOST, "2102")
        sim.strike(Fault.REQUEST_LOST, "5201", times=8)
        assert ask(sim) == "outcome_unknown"
        began = sim.runtime.clock.epoch()
        assert sim.settle(key="B2").output.setlinfo.setl_id
        assert 0 < sim.runtime.clock.epoch() - began < 15
        assert len(sim.standing()) == 2


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=WAIT) as sim:
        sim.deafen()
        sim.strike(Fault.ANSWER_LOST, "2102")
        assert ask(sim) == "outcome_unknown"
        with pytest.raises(HeldBack):
            sim.settle(key="B2")
        assert sim.sent("2102") == 1


# -- reversals by hand -----------------------------------------------------------------------------------------------


def reverse(rig: Rig, call: CallRecord, infno: str = "2102") -> Any:
    message = {"data": {"psn_no": rig.person().psn_no, "omsgid": call.msgid, "oinfno": infno}}
    return rig.runtime.call("2601", message, insured_place="441900")


def test_what_the_platform_accepted_is_not_reversed_but_cancelled(sim: Rig) -> None:
    told = ask(sim)
    with pytest.raises(NotReversible, match="已受理") as refused:
        reverse(sim, settlement(sim))
    assert "2103" in refused.value.remedy
    assert (sim.sent("2601"), sim.standing()) == (0, [told])


def test_what_is_unknown_is_looked_at_and_reversed_by_the_resolver_alone(sim: Rig) -> None:
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    with pytest.raises(NotReversible, match="结果不明"):
        reverse(sim, settlement(sim))
    sim.door.faults.clear()
    with pytest.raises(NotReversible, match="已受理"):
        reverse(sim, settlement(sim))
    assert (sim.sent("2601"), len(sim.standing())) == (0, 1)


def test_only_what_2601_may_cancel_here_is_sent(sim: Rig) -> None:
    told = ask(sim)
    for infno in ("2601", "3505", "9999"):
        with pytest.raises(NotReversible, match=infno):
            reverse(sim, settlement(sim), infno)
    assert (sim.sent("2601"), sim.standing()) == (0, [told])


def test_a_number_that_this_journal_does_not_hold_is_the_platforms_to_judge(sim: Rig) -> None:
    ask(sim)
    stranger = attrs.evolve(settlement(sim), msgid="P44190000001202611200900000001")
    with pytest.raises(CallRefused, match="未找到"):
        reverse(sim, stranger)


# -- what fails on our side ------------------------------------------------------------------------------------------


def test_a_call_that_cannot_be_signed_was_not_sent_and_holds_nothing(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_key(*_: Any) -> dict[str, str]:
        raise ConfigurationError("没有密钥")

    with monkeypatch.context() as broken:
        broken.setattr(Tif, "headers", no_key)
        with pytest.raises(CallNotSent, match="没有密钥"):
            sim.settle(key="B1")
    assert settlement(sim).state is State.NOT_SENT
    assert [ask(sim)] == sim.standing()
    assert sim.sent("2102") == 1


class Meanwhile:
    """A line on which something happens after the platform answered and before the answer is here."""

    def __init__(self, line: SimulatedLine, infno: str, happens: Callable[[], None]) -> None:
        self.line, self.infno, self.happens = line, infno, happens

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        exchange = self.line.post(url, headers, body)
        if url.endswith(self.infno):
            self.infno = "none"
            self.happens()
        return exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


@pytest.mark.parametrize("delay", [0, 1000])
def test_an_answer_after_another_process_took_the_case_over_tells_what_the_journal_holds(
    sim: Rig, delay: float
) -> None:
    """This process was thought dead while it waited. Where the other one found the call there, it stands; where it did
    not, somebody may have gone on without it: it is taken back."""
    assert isinstance(sim.runtime.clock, SimulatedClock)
    assert isinstance(sim.runtime.transport, SimulatedLine)
    clock, line = sim.runtime.clock, sim.runtime.transport
    vault = Vault((sim.folder / "secrets" / "journal").read_text("utf-8"))
    taker = Journal("sqlite:///journal.db", vault, folder=sim.folder, epoch=clock.epoch, alive=lambda _: False)
    other = Runtime(sim.deployment, journal=taker, transport=line, clock=clock)
    sim.platform.world.query_delay = delay

    def take_over() -> None:
        other.resolver.recover()
        other.resolver.sweep()
        clock.sleep(200)
        other.resolver.sweep()
        sim.platform.world.query_delay = 0

    sim.runtime.transport = Meanwhile(line, "2102", take_over)
    told = ask(sim)
    if delay:
        assert (told, sim.standing(), settlement(sim).state) == ("not_sent", [], State.REVERSED)
        told = ask(sim)
    assert [told] == sim.standing()
    assert settlement(sim).state is State.ACCEPTED
    sim.let_pass(48 * HOUR)
    assert (ask(sim), sim.sent("2102")) == (told, 2 if delay else 1)
    other.close()
    taker.close()


def test_a_call_that_was_interrupted_here_is_looked_up_by_this_process(sim: Rig) -> None:
    """The person at the desk broke it off while it waited for the answer; the program went on."""
    assert isinstance(sim.runtime.transport, SimulatedLine)
    line = sim.runtime.transport

    def break_off() -> None:
        raise KeyboardInterrupt

    sim.runtime.transport = Meanwhile(line, "2102", break_off)
    with pytest.raises(KeyboardInterrupt):
        sim.settle(key="B1")
    assert settlement(sim).state is State.OPEN
    assert [ask(sim)] == sim.standing()
    assert sim.sent("2102") == 1


def reversal_comes_late(sim: Rig, seconds: float) -> None:
    """A settlement that cannot be told apart is reversed, of which nobody hears; then it can be told apart."""
    telling = anonymous(sim, None)
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.strike(Fault.LATE_COMMIT, "2601", times=2, seconds=seconds)
    while "reversal_unknown" not in kinds(sim, settlement(sim)):
        sim.let_pass(5)
    telling["all"] = True


def test_while_a_reversal_may_take_effect_nobody_is_told_that_it_stands(sim: Rig) -> None:
    """The HIS asks while 2601 is on its way and the settlement can suddenly be told apart: it is about to go."""
    reversal_comes_late(sim, 60)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(HOUR)
    assert (settlement(sim).state.repeatable, sim.standing()) == (True, [])


def test_an_earlier_attempt_that_came_late_goes_before_the_next_one_is_made(sim: Rig) -> None:
    """Not there when the second attempt was made, there when that one is found missing: never two at once."""
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=1500)
    assert ask(sim) == "outcome_unknown"
    while not settlement(sim).state.repeatable:
        sim.let_pass(5)
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.runtime.clock.sleep(1800)
    sim.door.commit_late()
    assert len(sim.standing()) == 1
    told = [ask(sim) for _ in range(3)]
    assert sim.standing() == told[-1:]


def test_what_a_reversal_may_still_take_back_is_never_told_to_stand(sim: Rig) -> None:
    """Its outcome is not known, and it comes twenty-five minutes later: what stands until then is taken back."""
    reversal_comes_late(sim, 1500)
    sim.let_pass(HOUR)
    assert (settlement(sim).state, sim.standing()) == (State.REVERSED, [])
    assert [ask(sim)] == sim.standing()


def test_what_no_reversal_left_for_is_looked_at_as_before(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = anonymous(sim, None)
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    resolver = sim.runtime.resolver

    def unsent(*_: Any, **__: Any) -> Any:
        raise CallNotSent("连不上", infno="2601")

    with monkeypatch.context() as held:
        held.setattr(resolver, "asking", attrs.evolve(resolver.asking, call=unsent))
        resolver.reverse(settlement(sim))
    telling["all"] = True
    sim.let_pass(HOUR)
    assert [ask(sim)] == sim.standing() == [settlement(sim).setl_id]
    assert sim.sent("2601") == 0


def test_what_was_seen_before_another_began_counts_no_more(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query hangs; meanwhile another thread looks, and its word is the later one."""
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.door.faults.clear()
    look = sim.runtime.resolver.look
    call = settlement(sim)

    def slow(looked: CallRecord) -> Any:
        monkeypatch.setattr(sim.runtime.resolver, "look", look)
        found = look(looked)
        sim.runtime.journal.schedule(call.id, attempts=looked.attempts, due_at=sim.runtime.clock.epoch())
        return found

    monkeypatch.setattr(sim.runtime.resolver, "look", slow)
    assert sim.runtime.resolver.attempt(call.id).state is State.UNKNOWN
    assert sim.runtime.resolver.attempt(call.id).state is State.ACCEPTED


@pytest.mark.parametrize("how", ["by 2601", "it is gone already"])
def test_what_was_taken_back_is_so_only_by_the_word_of_who_has_the_case(
    sim: Rig, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is looked whether it is gone, another one begins on the case: the later one's word counts."""
    sim.deafen()
    sim.strike(Fault.ANSWER_LOST if how == "by 2601" else Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.door.faults.clear()
    resolver, journal, call = sim.runtime.resolver, sim.runtime.journal, settlement(sim)
    if how == "it is gone already":
        sim.runtime.known.region = attrs.evolve(sim.runtime.region, reversible=frozenset())
        assert journal.schedule(call.id, attempts=call.attempts, resolution=LATE, due_at=sim.runtime.clock.epoch())
    look = resolver.look

    def slow(looked: CallRecord) -> Any:
        monkeypatch.setattr(resolver, "look", look)
        found = look(looked)
        now = journal.call(call.id)
        assert journal.schedule(call.id, attempts=now.attempts, due_at=sim.runtime.clock.epoch())
        return found

    monkeypatch.setattr(resolver, "look", slow)
    if how == "by 2601":
        resolver.reverse(settlement(sim))
    else:
        resolver.attempt(call.id)
    assert settlement(sim).state is State.UNKNOWN
    sim.let_pass(24 * HOUR)
    ended = State.ABSENT if how == "by 2601" else State.REVERSED
    assert (settlement(sim).state, sim.standing()) == (ended, [])


def test_what_was_seen_before_a_process_stood_still_is_as_old_as_its_look(sim: Rig) -> None:
    """The platform commits late. The look that did not see it was early, whatever the clock says when the process goes
    on: a second settlement would be sent for what stands."""
    assert isinstance(sim.runtime.clock, SimulatedClock)
    assert isinstance(sim.runtime.transport, SimulatedLine)
    clock, line = sim.runtime.clock, sim.runtime.transport
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=60)
    assert ask(sim) == "outcome_unknown"
    call = settlement(sim)
    before = len(sim.platform.requests)
    clock.sleep(5)
    sim.runtime.resolver.attempt(call.id)
    query = sim.platform.requests[before][1]
    clock.sleep(30)
    sim.runtime.transport = Meanwhile(line, query, lambda: clock.sleep(300))
    assert sim.runtime.resolver.attempt(call.id).state is State.UNKNOWN
    sim.runtime.transport = line
    told = ask(sim)
    assert ([told], sim.sent("2102")) == (sim.standing(), 1)
