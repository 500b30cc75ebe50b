"""Turns that a case takes on few days: what comes late and may stay, what is nobody's to look at now, what is not told
when it is taken back; and journals whose rows do not open, or are somebody else's."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from sqlalchemy import select, update

import kept_journals
from bedside import HOSPITAL, registration
from kept.fill import KEYS
from liangding.config import load_deployment
from liangding.contract.cases import CannotAsk
from liangding.contract.simulation import Refuse
from liangding.errors import CallRefused, HeldBack, OutcomeUnknown
from liangding.journal import Journal, Outcome, State, Vault
from liangding.journal.presence import this_process
from liangding.journal.recording import OtherPlatform
from liangding.journal.states import LATE
from liangding.journal.tables import calls, events, journal_keys, sign_ins
from liangding.journal.upgrading import InUse
from liangding.journal.vault import new_secret
from liangding.knowledge.interfaces import BASELINE
from liangding.national.order_states import OrderState
from liangding.resolution import elsewhere, online, second_look, ways
from liangding.resolution.cases import OpenCase
from liangding.resolution.showing import shown_case
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.spec import LookedFor, Unasked
from support import Rig, simulated_rig_for
from test_journal import NOW, SECRET, flow_row, new_call, opened, record, recorded
from test_looks import ORDER, UNCLEAR, Told
from test_resolution import HOUR, ask, kinds, settlement


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path) as made:
        made.runtime.sign_in(made.deployment.operators[0])
        yield made


def registered(rig: Rig) -> Any:
    person = rig.person()
    return rig.runtime.call("2201", registration(person), key="V1", insured_place=person.covers[0].place)


# -- what comes late ---------------------------------------------------------------------------------------------------


def test_what_moves_no_money_and_comes_late_may_stand(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL) as rig:
        rig.strike(Fault.LATE_COMMIT, "2201", seconds=700)
        with pytest.raises(OutcomeUnknown):
            registered(rig)
        rig.let_pass(400)
        held = rig.runtime.journal.by_key("H44190000001", "V1")
        assert held is not None
        assert held.state is State.ABSENT
        rig.let_pass(4 * HOUR)
        held = rig.runtime.journal.call(held.id)
        assert (held.state, held.watch_until, held.due_at) == (State.ACCEPTED, None, None)
        assert kinds(rig, held)[-1] == "let_stand"
        assert registered(rig).recorded
        assert (rig.sent("2201"), rig.sent("2202")) == (1, 0)


def test_one_that_nobody_was_told_of_and_that_is_not_told_apart_any_more_is_not_touched(sim: Rig) -> None:
    """Its number is gone from what the platform shows when it refuses 2601."""

    def refuses(_: Any) -> Any:
        for each in sim.platform.world.settlements.values():
            each.msgid = ""
        raise Refuse("冲正失败，请联系管理员")

    sim.platform.handlers["2601"] = refuses
    sim.strike(Fault.LATE_COMMIT, "2102", seconds=700)
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(2 * HOUR)
    held = settlement(sim)
    assert (held.state, held.resolution, len(sim.standing()), sim.sent("2103")) == (State.UNKNOWN, LATE, 1, 0)
    last = [event for event in sim.runtime.journal.history(held.id) if event.kind == "asked"][-1]
    assert last.detail["seen"] == "unclear"
    assert "认不出" in last.detail["note"]


def test_where_nobody_can_be_asked_what_was_not_there_is_made_again(sim: Rig) -> None:
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    sim.let_pass(400)
    first = settlement(sim)
    assert first.state is State.ABSENT
    sim.strike(Fault.REQUEST_LOST, "5201", times=0)
    assert sim.runtime.resolver.look_again(first) == first
    told = ask(sim)
    assert (sim.standing(), sim.sent("2102")) == ([told], 1)


def test_what_is_known_or_somebody_elses_is_not_asked_about(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(sim)
    resolver, accepted = sim.runtime.resolver, settlement(sim)
    sim.strike(Fault.REQUEST_LOST, "2102")
    with pytest.raises(OutcomeUnknown):
        sim.settle(key="B2", total="20.00")
    unknown = settlement(sim)
    asked = sim.sent("5201") + sim.sent("5204")
    assert resolver.attempt(accepted.id) == accepted
    monkeypatch.setattr(resolver.asking.journal, "schedule", lambda *_, **__: False)
    assert resolver.attempt(unknown.id) == unknown
    assert sim.sent("5201") + sim.sent("5204") == asked


@pytest.mark.parametrize("what", ["begun on by another", "settled meanwhile"])
def test_a_reversal_is_not_sent_by_who_has_the_case_no_more(sim: Rig, what: str) -> None:
    sim.strike(Fault.REQUEST_LOST, "5201", times=0)
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    seen, journal = settlement(sim), sim.runtime.journal
    if what == "settled meanwhile":
        assert journal.conclude(seen.id, Outcome(state=State.ABSENT, at=NOW), "resolved")
    else:
        assert journal.schedule(seen.id, attempts=seen.attempts, due_at=NOW)
    before = journal.call(seen.id)
    sim.runtime.resolver.reverse(seen)
    assert (sim.sent("2601"), journal.call(seen.id)) == (0, before)


def test_of_many_settlements_ten_are_shown(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has more today asks for them one by one."""
    sim.strike(Fault.REQUEST_LOST, "5201", times=0)
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    asked: list[str] = []

    def many(_: Any) -> Iterator[tuple[str, Any]]:
        for number in range(30):
            asked.append(f"S{number}")
            told = {"medins_setl_id": None, "setl_time": None, "medfee_sumamt": None, "mdtrt_id": "M1"}
            yield "M1", SimpleNamespace(setl_id=asked[-1], refd_setl_flag="1", **told)

    monkeypatch.setattr("liangding.resolution.showing.settled_of", many)
    shown = shown_case(sim.runtime.resolver, settlement(sim))
    assert [each.setl_id for each in shown.candidates] == asked == [f"S{number}" for number in range(10)]
    assert (shown.candidates[0].possible, shown.candidates[0].note) == (False, "那笔结算已撤销")
    assert shown.candidates[0].as_json()["medfee_sumamt"] is None


def test_who_is_held_back_looks_twice_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated_rig_for(tmp_path, more='[resolution]\nhold = "wait"\nhold_seconds = 2') as rig:
        rig.deafen()
        rig.strike(Fault.REQUEST_LOST, "2102")
        assert ask(rig) == "outcome_unknown"
        slept, sleep = list[float](), rig.runtime.clock.sleep

        def sleeps(seconds: float) -> None:
            slept.append(seconds)
            sleep(seconds)

        monkeypatch.setattr(rig.runtime.clock, "sleep", sleeps)
        rig.door.faults.clear()
        rig.strike(Fault.REQUEST_LOST, "5201", times=0)
        with pytest.raises(HeldBack):
            rig.settle(key="B2", total="20.00")
        assert set(slept) - {0.0} == {0.5}, "beside what the line takes"
        assert sum(slept) >= 1


MARKED = '"inf_refmsgid":"R1","refmsg_time":"20261121100000000","respond_time":"20261121100000100"'

ANSWERS = {
    "a refusal": ('{"infcode":-1,"err_msg":"该笔记录已结算"}', "该笔记录已结算", False),
    "one with its marks": ('{"infcode":-1,"err_msg":"已停保",' + MARKED + "}", "已停保", True),
    "yes": ('{"infcode":0,"err_msg":"该笔记录已结算","output":null,' + MARKED + "}", None, False),
    "a page": ("<html>502 Bad Gateway</html>", None, False), "nothing": ("", None, False),
}  # fmt: skip
"""What a call was answered → the refusal's sentence, and whether it bears the platform's marks."""


@pytest.mark.parametrize("what", ANSWERS)
def test_only_a_refusal_is_one(what: str) -> None:
    answer, sentence, marked = ANSWERS[what]
    call: Any = SimpleNamespace(answer=answer.encode())
    refusal = second_look._refusal(call)
    assert (None if refusal is None else refusal.message) == sentence
    assert second_look._is_marked(call) is marked


def test_a_refusal_is_not_watched_where_nobody_can_be_asked(sim: Rig) -> None:
    second = sim.runtime.resolver.second_look
    due = second.due("2102")
    assert due["due_at"] - sim.runtime.clock.epoch() == 60
    assert due["watch_until"] - sim.runtime.clock.epoch() == max(60, sim.deployment.resolution.believe_seconds)
    assert attrs.evolve(second, can_ask=lambda _: False).due("2102") == {}


def test_a_call_that_was_not_answered_has_no_output_to_read(sim: Rig) -> None:
    sim.strike(Fault.REQUEST_LOST, "5201", times=0)
    sim.strike(Fault.REQUEST_LOST, "2102")
    assert ask(sim) == "outcome_unknown"
    call = settlement(sim)
    case = OpenCase(sim.runtime.resolver.asking, call)
    assert (case.data_of(call, "output"), case.data_of(call, "input")) == ({}, {})
    assert (case.field("psn_no"), case.psn_no, case.field("nothing")) == (
        sim.person().psn_no,
        sim.person().psn_no,
        None,
    )
    assert (case.rows("nothing"), len(case.rows("druginfo")), len(case.rows("drugdetail"))) == ([], 1, 1)
    assert case.of_flow() == []
    assert (case.insured_place, case.institution, case.sent_at) == ("441900", "P44190000001", call.created_at)


def test_what_the_platform_gives_no_time_of_is_said_without_one() -> None:
    """As the other desk's settlement is told."""
    told = {"setl_id": "S1", "medfee_sumamt": Decimal("50.00")}
    for at, when, fact in (
        (None, "今天 已在", ""), (datetime(2026, 11, 21, 9, 5, 7), "今天 11-21 09:05 已在", "2026-11-21 09:05:07"),
    ):  # fmt: skip
        for refused in (False, True):
            said = elsewhere._said(SimpleNamespace(setl_time=at, **told), refused=refused)
            assert when in said.message
            assert said.facts == (("已结算时间", fact), ("医疗费总额", "50.00"), ("结算编号", "S1"))
            assert said.may_be_meant is not refused


def test_a_runtime_gives_back_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    with simulated_rig_for(tmp_path) as rig:
        runtime = Runtime(rig.deployment, transport=rig.runtime.transport, clock=rig.runtime.clock)
        for name in ("devices", "transport", "journal"):
            part = getattr(runtime, name)

            def close(name: str = name, held: Any = part.close) -> None:
                closed.append(name)
                held()

            monkeypatch.setattr(part, "close", close)
        with runtime:
            assert closed == []
        assert sorted(closed) == ["devices", "journal", "transport"]


# -- how each is looked for --------------------------------------------------------------------------------------------


def test_how_a_transaction_is_looked_for_goes_by_its_declaration() -> None:
    assert ways.NATIONAL["2102"] is ways.WAYS[LookedFor.SETTLEMENT]
    assert {infno: ways.way_of(BASELINE[infno]) for infno in ways.NATIONAL} == ways.NATIONAL
    why = {infno: BASELINE[infno].looked_for for infno in BASELINE.numbers()}
    untold = {infno: told.why for infno, told in why.items() if isinstance(told, Unasked)}
    assert untold
    assert {infno: ways.way_of(BASELINE[infno]).why for infno in untold} == untold
    assert not {ways.way_of(BASELINE[infno]).look for infno in untold} - {None}
    with pytest.raises(AttributeError):
        _ = ways.nothing


def test_an_order_of_which_no_state_is_told() -> None:
    told = {"6301": {"data": None}}
    found = online.placed(Told({"payOrdId": "ORD-1"}, told, before=ORDER))  # type: ignore[arg-type]
    assert (found.seen, found.by, found.note) == (UNCLEAR, "6301", "移动支付中心没有说订单的状态")


def test_of_own_money_that_is_partly_back_the_state_says_nothing_more() -> None:
    """By which refund it went back is not told; of everything else the state tells, where it can be asked for."""
    partly = {OrderState.CASH_PARTLY_REFUNDED, OrderState.HI_AND_CASH_PARTLY_REFUNDED}
    for state in OrderState:
        for kind in ("CASH", "HI", "ALL"):
            case: Any = Told(
                {"payOrdId": "ORD-1", "refdType": kind}, {"6301": {"data": {"ordStas": state.value}}}, before=ORDER
            )
            assert online.state_leaves_open(case) is (kind == "CASH" and state in partly), (state, kind)
    asked = {"payOrdId": "ORD-1", "refdType": "CASH"}
    told = {"6301": {"data": {"ordStas": OrderState.CASH_PARTLY_REFUNDED.value}}}
    nobodys: Any = Told(asked, told)
    silent: Any = Told(asked, told, before=ORDER)

    def says_nothing(*_: Any) -> None:
        raise CannotAsk("6301 查询没有应答")

    silent.ask = says_nothing
    assert [online.state_leaves_open(case) for case in (nobodys, silent)] == [False, False]


# -- journals ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with opened(f"sqlite:///{tmp_path}/journal.db") as made:
        yield made


def test_what_is_another_institutions_is_not_written_or_found(journal: Journal) -> None:
    mine = journal.of("P44190000001")
    assert mine.flows.keep(flow_row(id="f1", key="K2026-11-28"), expected_version=None)
    assert not mine.flows.keep(flow_row(id="f2", key="K2026-11-28"), expected_version=None), "its key is taken"
    assert not mine.flows.keep(flow_row(id="f1", version=3), expected_version=2)
    theirs = journal.of("P44190000002")
    for work in (
        lambda: theirs.open_call(new_call()),
        lambda: theirs.flows.keep(flow_row(id="f3"), expected_version=1),
    ):
        with pytest.raises(ValueError, match="P44190000001 in the journal of P44190000002"):
            work()
    with pytest.raises(ValueError, match="no report"):
        mine.report("asked", {})
    found = {view.institution: view.flows.by_key_of_days("P44190000001", "pharmacy_purchase", "K") for view in (
        mine, theirs)}  # fmt: skip
    assert found == {"P44190000001": {"K2026-11-28": "f1"}, "P44190000002": {}}
    assert mine.flows.by_key("P44190000002", "pharmacy_purchase", "K2026-11-28") is None
    assert mine.sign_ins.get("P44190000002", "001") is None
    assert mine.flows.version("f9") is None
    assert journal.verify() == []


def test_a_detail_that_does_not_open_takes_no_event_away(journal: Journal) -> None:
    call = recorded(journal, State.UNKNOWN)
    journal.note(call, "asked", {"seen": "unclear"})
    with journal.store.engine.begin() as connection:
        connection.execute(update(events).where(events.c.kind == "asked").values(detail=b"\x03\0\0\0\1broken"))
    told = [(event.kind, event.detail) for event in journal.history(call)]
    assert [kind for kind, _ in told] == ["recorded", "ended", "asked"]
    assert "打不开" in told[-1][1]["note"]


def test_who_is_known_by_a_body_that_does_not_open_stays_as_it_is(journal: Journal, tmp_path: Path) -> None:
    """Sealed anew are the others."""
    body = b'{"input":{"data":{"psn_no":"7"}}}'
    broken, whole = (record(journal, person="7", holds=False, request=body).id for _ in range(2))
    with journal.store.engine.begin() as connection:
        connection.execute(update(calls).where(calls.c.id == broken).values(request=b"\x03\0\0\0\1broken"))
    before = {each: journal.call(each).person for each in (broken, whole)}
    journal.renew_keys()
    journal.close()
    with contextlib.closing(Journal(f"sqlite:///{tmp_path}/journal.db", Vault(SECRET), epoch=lambda: NOW)) as again:
        again.reseal()
        after = {each: again.call(each).person for each in (broken, whole)}
        assert (after[broken], after[whole]) == (before[broken], again.vault.hashed("7"))
        assert after[whole] != before[whole]
        assert again.call(whole).request == body


def test_work_that_breaks_its_connection_spoils_nothing(journal: Journal) -> None:
    def work(tx: Any) -> None:
        tx.execute(update(calls).values(operator="9"))
        tx._cursor.close()
        raise CallRefused("x", infno="2102")

    call = recorded(journal, State.ACCEPTED)
    with pytest.raises(CallRefused):
        journal.store.write(work)
    recorded(journal, State.ACCEPTED)
    assert (journal.call(call).operator, journal.verify()) == ("001", [])


def test_another_platforms_journal_is_given_back(sim: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Journal] = []
    close = Journal.close

    def closing(journal: Journal) -> None:
        closed.append(journal)
        close(journal)

    monkeypatch.setattr(Journal, "close", closing)
    text = sim.config.read_text("utf-8").replace('name = "simulated"', 'name = "another"')
    sim.config.with_name("other.toml").write_text(text, "utf-8")
    other = load_deployment(sim.config.with_name("other.toml"))
    with pytest.raises(OtherPlatform):
        Runtime(other)
    assert len(closed) == 1
    with pytest.raises(OtherPlatform):
        Runtime(other, journal=sim.runtime.journal)
    assert len(closed) == 1, "one that was given is whose who gave it"
    ask(sim)


def test_what_was_kept_of_an_old_journal_is_not_written_over(tmp_path: Path) -> None:
    """An upgrade that broke off had kept it; what is tried again is not what it was."""
    kept_journals.restore("0003", f"sqlite:///{tmp_path}/journal.db")
    (tmp_path / "journal.db.0003").write_bytes(b"as it was")
    Journal(f"sqlite:///{tmp_path}/journal.db", Vault(KEYS["B"], old=[KEYS["A"]])).close()
    assert (tmp_path / "journal.db.0003").read_bytes() == b"as it was"


def test_keys_that_are_wrapped_as_they_should_be_stay_as_they_are(journal: Journal, tmp_path: Path) -> None:
    """Whoever opens a journal under the same secret leaves them; another secret wraps them anew, once."""
    fresh = new_secret()

    def wrapped(secret: str, *old: str) -> set[bytes]:
        url = f"sqlite:///{tmp_path}/journal.db"
        with contextlib.closing(Journal(url, Vault(secret, old=old), epoch=lambda: NOW)) as again:
            return set(again.store.read(lambda c: c.execute(select(journal_keys.c.wrapped)).scalars().all()))

    first = wrapped(SECRET)
    assert wrapped(SECRET) == first
    second = wrapped(fresh, SECRET)
    assert not second & first
    assert wrapped(fresh, SECRET) == wrapped(fresh) == second


@pytest.mark.parametrize("schema", ["0001", "0003"])
def test_an_old_journal_is_not_brought_up_while_its_process_lives(schema: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    kept_journals.restore(schema, url)
    vault, me = Vault(KEYS["B"], old=[KEYS["A"]]), this_process()
    with sqlite3.connect(tmp_path / "journal.db") as held:
        held.execute("UPDATE owners SET owner = ?, beat_at = ? WHERE ordinal = 1", (me, time.time()))
    held.close()
    with pytest.raises(InUse) as used:
        Journal(url, vault)
    assert (used.value.code, used.value.path, me.rpartition(":")[0] in used.value.message) == (
        "journal_in_use", "journal.url", True,
    )  # fmt: skip
    with sqlite3.connect(tmp_path / "journal.db") as held:
        assert held.execute("SELECT version_num FROM alembic_version").fetchone() == (schema,)
    held.close()
    assert sorted(path.name for path in tmp_path.iterdir() if "-" not in path.name) == ["journal.db"]


def test_an_upgrade_that_was_broken_off_goes_on_and_begins_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liangding.journal.journal.UPGRADED_AT_ONCE", 1)
    monkeypatch.setattr("liangding.journal.upgrading.AT_ONCE", 5)
    kept_journals.restore("0001", f"sqlite:///{tmp_path}/journal.db")
    done, query = [], select(events.c.kind).where(events.c.subject == "journal").order_by(events.c.at)
    for _ in range(3):
        vault = Vault(KEYS["B"], old=[KEYS["A"]])
        made = Journal(f"sqlite:///{tmp_path}/journal.db", vault, epoch=kept_journals.AFTER.timestamp)
        with contextlib.closing(made) as journal:
            done.append(journal.upgrade(limit=1))
            kinds_ = journal.store.read(lambda c: list(c.scalars(query)))
            assert (kinds_, journal.verify()) == (["upgrading"], [])
    with contextlib.closing(Journal(f"sqlite:///{tmp_path}/journal.db", vault)) as journal:
        while journal.upgrade(limit=1000):
            pass
        assert journal.store.read(lambda c: sorted(c.scalars(query))) == ["upgraded", "upgrading"]
        signed = select(sign_ins.c.version)
        assert journal.store.read(lambda c: set(c.scalars(signed))) == {1}
        assert journal.verify() == []
    assert all(done)


def test_what_somebody_altered_before_an_upgrade_is_told_after_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    kept_journals.restore("0001", url)
    with sqlite3.connect(tmp_path / "journal.db") as held:
        (other,) = held.execute("SELECT max(id) FROM calls").fetchone()
        held.execute("UPDATE calls SET amount = '0.01' WHERE id = 1")
        held.execute("UPDATE calls SET version = version + 1 WHERE id = ?", (other,))
        (flow,) = held.execute("SELECT min(id) FROM flows").fetchone()
        held.execute("UPDATE flows SET state = ? WHERE id = ?", (b"\x01broken", flow))
    held.close()
    made = Journal(url, Vault(KEYS["B"], old=[KEYS["A"]]), epoch=kept_journals.AFTER.timestamp)
    with contextlib.closing(made) as journal:
        while journal.upgrade(limit=1000):
            pass
        assert {f"调用 {each} 的内容被改过" for each in (1, other)} <= set(journal.verify())
        row = journal.store.read(lambda c: c.exec_driver_sql("SELECT state FROM flows WHERE id = ?", (flow,)).scalar())
        assert row == b"\x01broken"
