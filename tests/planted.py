"""Bugs to plant: each is a patch, with the rules of money safety that it breaks and no others.

What a bug does to an exchange is planted at the line, so that a plant stays what it is however the core is cut.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import attrs
import pytest

from liangding.calls.bills import Bills
from liangding.calls.wrapping import Wrappers
from liangding.contract.cases import Finding, Seen
from liangding.contract.questions import YES, Question
from liangding.flows.online.orders import asked, asked_until_told, shown_order
from liangding.flows.undoing import cancel, elsewhere
from liangding.jobs.keeper import Keeper
from liangding.journal import Journal, Opened, Outcome, State
from liangding.journal.presence import Presence
from liangding.journal.recording import new_row
from liangding.journal.store import Store
from liangding.journal.writing import Writer
from liangding.notices import Receiver
from liangding.resolution.resolver import Resolver
from liangding.resolution.second_look import SecondLook
from liangding.simulator.chapters import settling
from liangding.simulator.faults import Fault
from liangding.simulator.faults import FaultRule as Fall
from liangding.simulator.line import SimulatedLine
from liangding.spec.does import Does
from liangding.torture.desks import Desk
from liangding.torture.faults import WhatHolds
from liangding.torture.his import FlowBusiness
from liangding.torture.orders import OrderBusiness, order_business
from liangding.torture.scene import Scene
from liangding.torture.surroundings import Surroundings
from liangding.torture.troubles import Trouble, TroubledLine, TroubleKind, Troubles
from liangding.torture.wishes import AMOUNTS, PEOPLE
from liangding.wire.json import decode, encode
from liangding.wire.transport import Exchange
from liangding.workflow.engine import FlowEngine
from liangding.workflow.work import Work, call_key

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

SETTLING = ("2102", "2102A", "2207", "2207A", "2304", "2304A")
CANCELLING = ("2103", "2208", "2305")


def _answered(patch: Patch, change: Callable[[str, Exchange], Exchange]) -> None:
    """Every exchange is seen by the core as ``change`` makes it."""
    post = TroubledLine._struck

    def wrong(self: Any, trouble: Any, url: str, headers: Any, body: bytes) -> Exchange:
        return change(url.rpartition("/")[2], post(self, trouble, url, headers, body))

    patch.setattr(TroubledLine, "_struck", wrong)


def _as_refusal(exchange: Exchange) -> Exchange:
    body = encode({"infcode": "-1", "err_msg": "被拒绝", "inf_refmsgid": "1", "refmsg_time": "1", "respond_time": "1"})
    return Exchange(status=200, content_type="application/json", body=body)


def a_refusal_is_not_looked_at_again(patch: Patch) -> None:
    patch.setattr(SecondLook, "judged", lambda *_: {})
    patch.setattr(SecondLook, "is_due", lambda *_: False)


def five_hundreds_are_refusals(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)
    _answered(patch, lambda _, x: _as_refusal(x) if x.status and x.status >= 500 else x)


def a_broken_line_is_a_refusal(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)
    _answered(patch, lambda _, x: _as_refusal(x) if x.failure else x)


def an_empty_answer_is_a_refusal(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)
    _answered(patch, lambda _, x: _as_refusal(x) if x.status == 200 and not x.body else x)


def a_cut_answer_was_not_sent(patch: Patch) -> None:
    _answered(patch, lambda _, x: attrs.evolve(x, sent=False) if x.failure == "cut" else x)


def a_late_answer_was_not_sent(patch: Patch) -> None:
    _answered(patch, lambda _, x: attrs.evolve(x, sent=False) if x.failure == "read_timeout" else x)


def _sent_again(patch: Patch, when: Callable[[Exchange], bool], number: bytes) -> None:
    post = SimulatedLine.post

    def wrong(self: SimulatedLine, url: str, headers: Any, body: bytes) -> Exchange:
        exchange = post(self, url, headers, body)
        if when(exchange):
            return post(self, url, headers, re.sub(rb'("msgid":"\w{26})\d{4}', rb"\g<1>" + number, body))
        return exchange

    patch.setattr(SimulatedLine, "post", wrong)


def what_fails_is_sent_once_more(patch: Patch) -> None:
    _sent_again(patch, lambda x: bool(x.failure) or x.status != 200, b"9999")


def what_meets_503_is_sent_once_more(patch: Patch) -> None:
    _sent_again(patch, lambda x: x.status == 503, b"9999")


def a_message_is_sent_twice(patch: Patch) -> None:
    post = TroubledLine.post

    def wrong(self: TroubledLine, url: str, headers: Any, body: bytes) -> Exchange:
        exchange = post(self, url, headers, body)
        return post(self, url, headers, body) if exchange.failure else exchange

    patch.setattr(TroubledLine, "post", wrong)


def nothing_is_recorded_before_it_is_sent(patch: Patch) -> None:
    open_call = Journal.open_call

    def wrong(self: Journal, new: Any, **more: Any) -> Any:
        if new.infno not in SETTLING:
            return open_call(self, new, **more)
        return Opened(0, new_row(new) | {"person": None, "request": b"", "owner": self.owner})

    patch.setattr(Journal, "open_call", wrong)
    patch.setattr(Journal, "close_call", lambda *_: True)


def not_there_is_believed_at_the_first_look(patch: Patch) -> None:
    def wrong(self: Resolver, call: Any, finding: Any, begun: Any) -> None:
        outcome = Outcome(state=State.ABSENT, at=self._now(), resolution="asked:once")
        self.asking.journal.conclude(call.id, outcome, "resolved", **self.watched(call))

    patch.setattr(Resolver, "_not_there", wrong)


def what_is_absent_is_not_watched(patch: Patch) -> None:
    patch.setattr(Resolver, "watched", lambda *_: {})


def the_watch_lets_everything_stand(patch: Patch) -> None:
    patch.setattr(Resolver, "_watch", lambda *_: None)


def a_key_does_not_see_an_unknown_call(patch: Patch) -> None:
    held = Journal._held_by_key

    def wrong(self: Journal, tx: Any, new: Any) -> Any:
        before = held(self, tx, new)
        return attrs.evolve(before, state=State.ABSENT) if before and before.state is State.UNKNOWN else before

    patch.setattr(Journal, "_held_by_key", wrong)
    patch.setattr(Journal, "_blocking", lambda *_: ())


def a_refusal_is_believed_by_its_code_alone(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)
    patch.setattr("liangding.calls.classify.gives_a_reason", lambda *_: True)
    patch.setattr("liangding.calls.classify.is_spoilt", lambda *_: False)
    patch.setattr("liangding.calls.classify.perhaps_done", lambda *_: False)
    patch.setattr("liangding.calls.classify.arrived_before", lambda *_: False)
    patch.setattr("liangding.calls.classify.settled_before", lambda *_: False)


def the_second_answer_of_a_duplicate_is_believed(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)
    patch.setattr("liangding.calls.classify.arrived_before", lambda *_: False)


def any_code_is_a_refusal(patch: Patch) -> None:
    a_refusal_is_not_looked_at_again(patch)

    def wrong(infno: str, exchange: Exchange) -> Exchange:
        if exchange.status != 200 or not exchange.body.startswith(b"{") or b'"infcode":0' in exchange.body:
            return exchange
        code = decode(exchange.body).get("infcode")
        return exchange if code in (0, "0", -1, "-1") and code is not False else _as_refusal(exchange)

    _answered(patch, wrong)


def a_call_is_sent_without_reading_its_row_again(patch: Patch) -> None:
    """In processes that often stand still between a call's record and its sending."""

    def pause(self: Desk) -> None:
        if not self._scene.troubles.quiet and self._scene.choices.chance(0.3):
            self.stand_still(400.0)

    patch.setattr(Journal, "may_send", lambda *_: True)
    patch.setattr(Desk, "pause", pause)


def keys_are_voluntary(patch: Patch) -> None:
    patch.setattr("liangding.calls.keying.needs_key", lambda *_: False)


def the_same_bill_is_not_seen_under_another_key(patch: Patch) -> None:
    patch.setattr(Bills, "same", lambda *_, **__: None)


def nobody_is_held_back(patch: Patch) -> None:
    patch.setattr(Journal, "_blocking", lambda *_: ())


def a_flow_goes_on_without_its_caller(patch: Patch) -> None:
    from liangding.workflow.tracks import Tracks

    patch.setattr(Tracks, "charged", lambda *_: True)


def flows_are_not_taken_up(patch: Patch) -> None:
    patch.setattr(FlowEngine, "recover", lambda *_: 0)


def orphans_are_not_taken_up(patch: Patch) -> None:
    patch.setattr(Resolver, "recover", lambda *_: 0)
    patch.setattr(Journal, "is_left", lambda *_: False)


def nobody_is_told_of_a_case(patch: Patch) -> None:
    patch.setattr(Resolver, "_escalate", lambda *_: None)
    patch.setattr(Resolver, "_resolve", lambda *_: None)


def the_keeper_sleeps(patch: Patch) -> None:
    patch.setattr(Keeper, "round", lambda *_: None)


def a_look_breaks_off(patch: Patch) -> None:
    def wrong(self: Resolver, call: Any) -> None:
        raise ZeroDivisionError

    patch.setattr(Resolver, "_resolve", wrong)


def whatever_is_asked_about_is_not_there(patch: Patch) -> None:
    look = Resolver.look

    def wrong(self: Resolver, call: Any) -> Finding:
        return attrs.evolve(look(self, call), seen=Seen.NOT_THERE)

    patch.setattr(Resolver, "look", wrong)


def _cash_is_told_wrong(patch: Patch, infnos: Collection[str], cash: Callable[[dict[str, Any]], Any]) -> None:
    """The cash in answers to these is what ``cash`` makes of the settlement."""

    def wrong(infno: str, exchange: Exchange) -> Exchange:
        if infno not in infnos or b"psn_cash_pay" not in exchange.body:
            return exchange
        body = decode(exchange.body)
        info = (body.get("output") or {}).get("setlinfo") or {}
        if "psn_cash_pay" in info:
            info["psn_cash_pay"] = cash(info)
        return attrs.evolve(exchange, body=encode(body))

    _answered(patch, wrong)


def amounts_are_told_wrong(patch: Patch) -> None:
    """Everything is cash."""
    _cash_is_told_wrong(patch, SETTLING, lambda info: info["medfee_sumamt"])


def the_cash_of_a_refund_is_told_wrong(patch: Patch) -> None:
    """Everything is cash."""
    _cash_is_told_wrong(patch, CANCELLING, lambda info: info["medfee_sumamt"])


def a_refund_tells_to_give_nothing_back(patch: Patch) -> None:
    _cash_is_told_wrong(patch, CANCELLING, lambda info: 0)


def what_we_took_back_is_told_as_taken_back_elsewhere(patch: Patch) -> None:
    def wrong(work: Work[Any], infno: str, visit: Any, setl_id: str, *, part: str = "1") -> Any:
        cancel(work, infno, visit, setl_id, part=part)
        return elsewhere(work, visit, setl_id)

    for module in ("undoing", "outpatient.undo", "inpatient.undo"):
        patch.setattr(f"liangding.flows.{module}.cancel", wrong)


def the_account_is_never_used(patch: Patch) -> None:
    """Whatever the person chose."""
    post = SimulatedLine.post

    def wrong(self: SimulatedLine, url: str, headers: Any, body: bytes) -> Exchange:
        return post(self, url, headers, body.replace(b'"acct_used_flag":"1"', b'"acct_used_flag":"0"'))

    patch.setattr(SimulatedLine, "post", wrong)


def a_no_is_a_yes(patch: Patch) -> None:
    """Where the person is asked whether to settle."""
    ask = Work.ask

    def wrong(self: Work[Any], question: Question) -> str:
        given = ask(self, question)
        return YES.value if question.id == "confirm" else given

    patch.setattr(Work, "ask", wrong)


def an_account_is_not_given_back(patch: Patch) -> None:
    give_back = settling._give_back

    def wrong(settlement: Any, state: str) -> None:
        before = settlement.visit.cover.balance
        give_back(settlement, state)
        settlement.visit.cover.balance = before

    patch.setattr(settling, "_give_back", wrong)


def what_was_given_up_is_sent(patch: Patch) -> None:
    post = TroubledLine.post

    def wrong(self: TroubledLine, url: str, headers: Any, body: bytes) -> Exchange:
        does, _ = self._means(url.rpartition("/")[2])
        if does is Does.SETTLES and self._troubles.line_share:
            self._desk.stand_still(400.0)
        return post(self, url, headers, body)

    patch.setattr(TroubledLine, "post", wrong)


def a_late_answer_overwrites_what_was_resolved(patch: Patch) -> None:
    """In processes that stand still with a call already on its way."""
    what_was_given_up_is_sent(patch)

    def wrong(self: Any, tx: Any, opened: Opened, outcome: Outcome) -> bool:
        row = self._writer.row(tx, opened.id)
        changes = self._writer._changes(row, outcome) | {"due_at": None, "watch_until": None}
        self._writer._move(tx, opened.id, row, changes, "answered_late", {})
        return True

    patch.setattr(Journal, "_end_late", wrong)


def a_decision_is_taken_while_a_reversal_is_under_way(patch: Patch) -> None:
    """Where no look tells, 2601 arrives late, and somebody is in a hurry."""
    patch.setattr(Writer, "is_reversing", lambda *_: False)
    look, send, struck = Resolver.look, Resolver._send_reversal, TroubledLine._struck

    def unclear(self: Resolver, call: Any) -> Finding:
        finding = look(self, call)
        return attrs.evolve(finding, seen=Seen.UNCLEAR) if call.infno in SETTLING else finding

    def late(self: Any, trouble: Any, url: str, headers: Any, body: bytes) -> Exchange:
        if url.endswith("/2601") and not self._troubles.quiet:
            trouble = Trouble(rule=Fall(fault=Fault.LATE_COMMIT, seconds=90.0))
        return struck(self, trouble, url, headers, body)

    def hurried(self: Resolver, call: Any) -> bool:
        done = send(self, call)
        finding = look(self, call)
        if not done and finding.seen is Seen.THERE:
            self._accept(call, finding, "decided")
        return done

    patch.setattr(Resolver, "look", unclear)
    patch.setattr(TroubledLine, "_struck", late)
    patch.setattr(Resolver, "_send_reversal", hurried)


def what_was_sent_is_composed_anew(patch: Patch) -> None:
    """And its key with it."""
    numbers = itertools.count()
    patch.setattr(Work, "_finished", lambda *_: None)
    patch.setattr("liangding.workflow.work.call_key", lambda *parts: f"{call_key(*parts)}#{next(numbers)}")


def a_refused_query_means_not_there(patch: Patch) -> None:
    """Where half of all queries are refused, and nobody looks again later."""
    what_is_absent_is_not_watched(patch)
    on_the_line = Troubles.on_the_line

    def down(self: Troubles, *, money: bool, query: bool) -> Trouble | None:
        if query and not self.quiet and self._choices.chance(0.5):
            return Trouble(kind=TroubleKind.QUERY_REFUSED, said="查询服务不存在")
        return on_the_line(self, money=money, query=query)

    patch.setattr(Troubles, "on_the_line", down)
    patch.setattr("liangding.resolution.cases.found_nothing", lambda *_: True)


def _orders_only(patch: Patch) -> None:
    """A hospital that does nothing but mobile payment."""

    def ordered(scene: Surroundings, key: str) -> OrderBusiness:
        person, total = scene.world.people.case(scene.choices.one(PEOPLE)), scene.choices.one(AMOUNTS)
        return order_business(scene, key, person, total)

    patch.setattr("liangding.torture.scene.hospital_business", ordered)


def any_end_of_an_order_is_paid_for(patch: Patch) -> None:
    _orders_only(patch)

    def wrong(order: Any, state: Any, parts: Any) -> Any:
        return {**shown_order(order, state, parts), "paid": True}

    patch.setattr("liangding.flows.online.payment.shown_order", wrong)


def own_money_of_a_failed_order_stays_kept(patch: Patch) -> None:
    _orders_only(patch)
    patch.setattr("liangding.flows.online.payment._cash_is_kept", lambda *_: False)


def a_refused_question_is_a_refusal_of_the_order(patch: Patch) -> None:
    """Where half of all queries are refused."""
    _orders_only(patch)
    on_the_line = Troubles.on_the_line

    def down(self: Troubles, *, money: bool, query: bool) -> Trouble | None:
        if query and not self.quiet and self._choices.chance(0.5):
            return Trouble(kind=TroubleKind.QUERY_REFUSED, said="医保区划不存在")
        return on_the_line(self, money=money, query=query)

    patch.setattr(Troubles, "on_the_line", down)
    patch.setattr("liangding.flows.online.payment.asked_until_told", asked)


def an_event_is_not_linked(patch: Patch) -> None:
    move = Writer._move

    def wrong(self: Any, tx: Any, call_id: int, row: Any, changes: Any, kind: str, detail: Any = None) -> None:
        move(self, tx, call_id, row, changes, kind, detail)
        if kind == "ended":
            tx.connection.exec_driver_sql(f"UPDATE calls SET amount = '0.01' WHERE id = {int(call_id)}")

    patch.setattr(Writer, "_move", wrong)


def whatever_is_asked_about_is_there(patch: Patch) -> None:
    look = Resolver.look

    def wrong(self: Resolver, call: Any) -> Finding:
        found = look(self, call)
        told = {"setlinfo": {"setl_id": "made-up", "mdtrt_id": "made-up", "psn_cash_pay": 0}}
        return found if found.seen is Seen.THERE else attrs.evolve(found, seen=Seen.THERE, output=told)

    patch.setattr(Resolver, "look", wrong)


def what_a_plugin_makes_of_an_answer_is_told(patch: Patch) -> None:
    patch.setattr(Wrappers, "change", lambda self, call, core, telling: self.read(call, core))


def what_was_taken_back_elsewhere_is_paid_back_here(patch: Patch) -> None:
    """Where the insurer is often the first to take back."""
    refund = FlowBusiness._refund

    def second(self: FlowBusiness, desk: Desk, scene: Surroundings) -> None:
        settlement = scene.world.settlements.get(self.setl_id)
        if settlement is not None and settlement.counts and not scene.troubles.quiet and scene.choices.chance(0.5):
            settling.take_back_elsewhere(settlement)
            scene.taken_back.add(self.setl_id)
        refund(self, desk, scene)

    def wrong(work: Work[Any], visit: Any, setl_id: str) -> Any:
        told = elsewhere(work, visit, setl_id)
        held = next(each for each in work.runtime.journal.settlements.by_setl_id(setl_id) if each.setl_id == setl_id)
        return attrs.evolve(told, split=attrs.evolve(told.split, cash=held.psn_cash_pay or Decimal(0)))

    patch.setattr(FlowBusiness, "_refund", second)
    for module in ("undoing", "outpatient.undo", "inpatient.undo"):
        patch.setattr(f"liangding.flows.{module}.elsewhere", wrong)


def a_person_is_believed(patch: Patch) -> None:
    """In a place where somebody is always in a hurry, and nobody looks again later."""
    what_is_absent_is_not_watched(patch)
    act = Scene._act

    def hurried(self: Scene, desk: Desk, business: Any) -> None:
        act(self, desk, business)
        if not self.troubles.quiet and self.choices.chance(0.5):
            desk.do(lambda: self._somebody_decides(desk))

    patch.setattr(Scene, "_act", hurried)
    patch.setattr("liangding.resolution.deciding.not_before", lambda *_: None)
    patch.setattr("liangding.resolution.deciding._look", lambda *_: Finding(seen=Seen.UNCLEAR))


def a_notice_is_believed(patch: Patch) -> None:
    """By a hospital that does nothing but mobile payment."""
    _orders_only(patch)
    heard: dict[str, str] = {}
    play, act = Scene.play, Receiver._act

    def fresh(self: Scene) -> None:
        heard.clear()
        play(self)

    def hears(self: Receiver, transaction: Any, data: dict[str, Any]) -> Any:
        heard[data["medOrgOrd"]] = data["ordStas"]
        return act(self, transaction, data)

    def believed(work: Work[Any], order: Any) -> Any:
        told = asked_until_told(work, order)
        told.ordStas = heard.get(work.state.given.order_no, told.ordStas)
        return told

    patch.setattr(Scene, "play", fresh)
    patch.setattr(Receiver, "_act", hears)
    patch.setattr("liangding.flows.online.payment.asked_until_told", believed)


def everybody_else_counts_as_gone(patch: Patch) -> None:
    patch.setattr(Presence, "is_gone", lambda self, owner, _: owner != self.owner)


def a_commit_that_failed_counts(patch: Patch) -> None:
    fail = Store._fail

    def wrong(self: Store, batch: list[Any], error: BaseException) -> None:
        fail(self, batch, error)
        for entry in batch:
            entry.error = entry.error if entry.result is None else None

    patch.setattr(Store, "_fail", wrong)


PLANTED: dict[Plant, frozenset[WhatHolds]] = {
    a_refusal_is_not_looked_at_again: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    five_hundreds_are_refusals: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_broken_line_is_a_refusal: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    an_empty_answer_is_a_refusal: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_cut_answer_was_not_sent: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_late_answer_was_not_sent: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    what_fails_is_sent_once_more: frozenset({WhatHolds.SENT_UNRECORDED, WhatHolds.TOLD, WhatHolds.GOODS}),
    what_meets_503_is_sent_once_more: frozenset({WhatHolds.SENT_UNRECORDED}),
    a_message_is_sent_twice: frozenset({WhatHolds.SENT_TWICE, WhatHolds.TRULY}),
    nothing_is_recorded_before_it_is_sent: frozenset(
        {WhatHolds.SENT_UNRECORDED, WhatHolds.TOLD, WhatHolds.KNOWN, WhatHolds.GOODS, WhatHolds.FLOWS}
    ),
    not_there_is_believed_at_the_first_look: frozenset({WhatHolds.NOTHING, WhatHolds.TRULY}),
    what_is_absent_is_not_watched: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    the_watch_lets_everything_stand: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    a_key_does_not_see_an_unknown_call: frozenset(
        {WhatHolds.SENT_WHILE_HELD, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY}
    ),
    a_refusal_is_believed_by_its_code_alone: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    the_second_answer_of_a_duplicate_is_believed: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    any_code_is_a_refusal: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_call_is_sent_without_reading_its_row_again: frozenset(
        {WhatHolds.SENT_GIVEN_UP, WhatHolds.ONCE, WhatHolds.TRULY, WhatHolds.KNOWN}
    ),
    keys_are_voluntary: frozenset({WhatHolds.NOBODY}),
    the_same_bill_is_not_seen_under_another_key: frozenset({WhatHolds.ONCE}),
    nobody_is_held_back: frozenset({WhatHolds.SENT_WHILE_HELD, WhatHolds.ONCE}),
    a_flow_goes_on_without_its_caller: frozenset({WhatHolds.TOLD, WhatHolds.NOTHING}),
    flows_are_not_taken_up: frozenset({WhatHolds.GOODS, WhatHolds.FLOWS}),
    orphans_are_not_taken_up: frozenset(
        {
            WhatHolds.LEFT_OPEN,
            WhatHolds.UNOWNED,
            WhatHolds.LEDGER,
            WhatHolds.KNOWN,
            WhatHolds.GOODS,
            WhatHolds.FLOWS,
        }
    ),
    nobody_is_told_of_a_case: frozenset(
        {WhatHolds.UNOWNED, WhatHolds.LEDGER, WhatHolds.KNOWN, WhatHolds.GOODS, WhatHolds.FLOWS}
    ),
    the_keeper_sleeps: frozenset(
        {
            WhatHolds.LEFT_OPEN,
            WhatHolds.UNOWNED,
            WhatHolds.LEDGER,
            WhatHolds.ONCE,
            WhatHolds.TOLD,
            WhatHolds.NOTHING,
            WhatHolds.KNOWN,
            WhatHolds.GOODS,
            WhatHolds.FLOWS,
        }
    ),
    a_look_breaks_off: frozenset(
        {WhatHolds.LEDGER, WhatHolds.NOTHING, WhatHolds.KNOWN, WhatHolds.GOODS, WhatHolds.BROKE_OFF}
    ),
    whatever_is_asked_about_is_not_there: frozenset(
        {
            WhatHolds.UNOWNED,
            WhatHolds.LEDGER,
            WhatHolds.ONCE,
            WhatHolds.TOLD,
            WhatHolds.NOTHING,
            WhatHolds.TRULY,
            WhatHolds.KNOWN,
            WhatHolds.GOODS,
        }
    ),
    amounts_are_told_wrong: frozenset({WhatHolds.AMOUNTS}),
    the_cash_of_a_refund_is_told_wrong: frozenset({WhatHolds.AMOUNTS}),
    a_refund_tells_to_give_nothing_back: frozenset({WhatHolds.AMOUNTS}),
    what_we_took_back_is_told_as_taken_back_elsewhere: frozenset({WhatHolds.AMOUNTS}),
    the_account_is_never_used: frozenset({WhatHolds.ACCOUNT_AS_CHOSEN}),
    a_no_is_a_yes: frozenset({WhatHolds.NOBODY}),
    an_account_is_not_given_back: frozenset({WhatHolds.ACCOUNTS}),
    what_was_given_up_is_sent: frozenset({WhatHolds.SENT_GIVEN_UP, WhatHolds.NOTHING, WhatHolds.TRULY}),
    a_late_answer_overwrites_what_was_resolved: frozenset(
        {WhatHolds.SENT_GIVEN_UP, WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY}
    ),
    a_decision_is_taken_while_a_reversal_is_under_way: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ACCEPTED, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    what_was_sent_is_composed_anew: frozenset(
        {WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_refused_query_means_not_there: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    any_end_of_an_order_is_paid_for: frozenset({WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.TRULY, WhatHolds.KNOWN}),
    own_money_of_a_failed_order_stays_kept: frozenset({WhatHolds.NOTHING, WhatHolds.TRULY}),
    a_refused_question_is_a_refusal_of_the_order: frozenset({WhatHolds.NOTHING, WhatHolds.TRULY}),
    an_event_is_not_linked: frozenset({WhatHolds.CHAIN}),
    whatever_is_asked_about_is_there: frozenset(
        {
            WhatHolds.ACCEPTED,
            WhatHolds.ONCE,
            WhatHolds.TOLD,
            WhatHolds.NOTHING,
            WhatHolds.KNOWN,
            WhatHolds.GOODS,
            WhatHolds.FLOWS,
        }
    ),
    what_a_plugin_makes_of_an_answer_is_told: frozenset(
        {WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    what_was_taken_back_elsewhere_is_paid_back_here: frozenset({WhatHolds.AMOUNTS}),
    a_person_is_believed: frozenset({WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING}),
    a_notice_is_believed: frozenset({WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.KNOWN}),
    everybody_else_counts_as_gone: frozenset({WhatHolds.SENT_GIVEN_UP}),
    a_commit_that_failed_counts: frozenset({WhatHolds.SENT_UNRECORDED, WhatHolds.TOLD}),
}
"""Each bug with the rules that it breaks, and no others."""

RARELY: dict[Plant, frozenset[WhatHolds]] = {
    a_refusal_is_not_looked_at_again: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    five_hundreds_are_refusals: frozenset({WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.TRULY, WhatHolds.GOODS}),
    a_broken_line_is_a_refusal: frozenset({WhatHolds.GOODS}),
    an_empty_answer_is_a_refusal: frozenset({WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.TRULY, WhatHolds.GOODS}),
    a_cut_answer_was_not_sent: frozenset({WhatHolds.TOLD, WhatHolds.TRULY, WhatHolds.GOODS}),
    a_late_answer_was_not_sent: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    what_fails_is_sent_once_more: frozenset({WhatHolds.TOLD, WhatHolds.GOODS}),
    a_message_is_sent_twice: frozenset({WhatHolds.TRULY}),
    nothing_is_recorded_before_it_is_sent: frozenset({WhatHolds.KNOWN, WhatHolds.FLOWS}),
    not_there_is_believed_at_the_first_look: frozenset({WhatHolds.NOTHING}),
    what_is_absent_is_not_watched: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    the_watch_lets_everything_stand: frozenset({WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.GOODS}),
    a_refusal_is_believed_by_its_code_alone: frozenset({WhatHolds.GOODS}),
    the_second_answer_of_a_duplicate_is_believed: frozenset(
        {WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    any_code_is_a_refusal: frozenset({WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.GOODS}),
    a_key_does_not_see_an_unknown_call: frozenset({WhatHolds.TRULY}),
    a_call_is_sent_without_reading_its_row_again: frozenset({WhatHolds.ONCE, WhatHolds.TRULY, WhatHolds.KNOWN}),
    a_flow_goes_on_without_its_caller: frozenset({WhatHolds.TOLD, WhatHolds.NOTHING}),
    flows_are_not_taken_up: frozenset({WhatHolds.GOODS}),
    nobody_is_held_back: frozenset({WhatHolds.ONCE}),
    orphans_are_not_taken_up: frozenset({WhatHolds.UNOWNED, WhatHolds.LEDGER, WhatHolds.GOODS, WhatHolds.FLOWS}),
    nobody_is_told_of_a_case: frozenset({WhatHolds.FLOWS}),
    the_keeper_sleeps: frozenset(
        {
            WhatHolds.LEFT_OPEN,
            WhatHolds.UNOWNED,
            WhatHolds.ONCE,
            WhatHolds.TOLD,
            WhatHolds.NOTHING,
            WhatHolds.KNOWN,
            WhatHolds.GOODS,
        }
    ),
    a_look_breaks_off: frozenset({WhatHolds.NOTHING, WhatHolds.GOODS}),
    whatever_is_asked_about_is_not_there: frozenset({WhatHolds.GOODS}),
    what_was_given_up_is_sent: frozenset({WhatHolds.NOTHING, WhatHolds.TRULY}),
    a_late_answer_overwrites_what_was_resolved: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ONCE, WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY}
    ),
    a_decision_is_taken_while_a_reversal_is_under_way: frozenset(
        {WhatHolds.LEDGER, WhatHolds.ACCEPTED, WhatHolds.ONCE, WhatHolds.NOTHING, WhatHolds.GOODS}
    ),
    what_was_sent_is_composed_anew: frozenset({WhatHolds.GOODS}),
    a_refused_query_means_not_there: frozenset({WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}),
    any_end_of_an_order_is_paid_for: frozenset({WhatHolds.ONCE, WhatHolds.TRULY}),
    a_refused_question_is_a_refusal_of_the_order: frozenset({WhatHolds.NOTHING}),
    whatever_is_asked_about_is_there: frozenset({WhatHolds.ONCE, WhatHolds.GOODS, WhatHolds.FLOWS}),
    what_a_plugin_makes_of_an_answer_is_told: frozenset(
        {WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.GOODS}
    ),
    a_person_is_believed: frozenset({WhatHolds.ONCE, WhatHolds.NOTHING}),
    a_notice_is_believed: frozenset({WhatHolds.TOLD, WhatHolds.NOTHING, WhatHolds.TRULY, WhatHolds.KNOWN}),
    a_commit_that_failed_counts: frozenset({WhatHolds.TOLD}),
}
"""Of these those that a bug breaks in five seeds out of a hundred or fewer, so that others may show none."""
