"""What a call has beside it: the operator's sign-in, one at a time; its span; the flow that a plugin holds up."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from liangding.calls.one_signing import Together, Turns, turns
from liangding.calls.signing_in import SigningIn
from liangding.calls.telling import Telling
from liangding.calls.tracing import span
from liangding.clock import SimulatedClock
from liangding.config import load_deployment
from liangding.contract.calls import Answer
from liangding.errors import CallRefused, LiangdingError, NoAnswer
from liangding.journal import Journal, NewCall, Opened, Outcome, State, Vault
from liangding.journal.asking import in_trace, trace
from liangding.journal.states import HELD_UP
from liangding.journal.vault import new_secret
from support import write_deployment

INSTITUTION = "P99010000001"


class Clock(SimulatedClock):
    """A clock that notes how long is slept, and lets things happen meanwhile."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 11, 21, 23, 59))
        self.slept: list[float] = []
        self.happens: dict[int, Callable[[], object]] = {}

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.slept.append(round(seconds, 6))
        self.happens.get(len(self.slept), lambda: None)()


class House:
    """A journal with two processes on it, of which the second may die."""

    def __init__(self, folder: Path, seconds: float = 10.0) -> None:
        self.clock, self.alive = Clock(), {"a", "b"}
        vault, url = Vault(new_secret()), f"sqlite:///{folder / 'journal.db'}"
        self.journals = {
            name: Journal(url, vault, owner=name, alive=self.alive.__contains__, epoch=self.clock.epoch)
            for name in ("a", "b")
        }
        self.turns = {name: Turns(each, INSTITUTION, self.clock, seconds) for name, each in self.journals.items()}

    def whose(self, operator: str = "001") -> list[str]:
        rows = self.journals["a"].store.fetch(turns.select(), {})
        return [row["owner"] for row in rows if row["operator"] == operator]

    def close(self) -> None:
        for each in self.journals.values():
            each.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def never() -> bool:
    return False


def test_a_turn_is_taken_and_left(house: House) -> None:
    with house.turns["a"].of("001", never):
        assert house.whose() == ["a"]
        with house.turns["b"].of("002", never):
            assert house.whose("002") == ["b"], "another operator's is another turn"
        other = Turns(house.journals["b"], "P99010000002", house.clock, 10.0)
        with other.of("001", never):
            assert sorted(house.whose()) == ["a", "b"], "and so is another institution's"
        assert house.whose() == ["a"]
        with house.turns["a"].of("001", never):
            assert house.whose() == ["a"], "one's own is there at once"
    assert (house.whose(), house.clock.slept) == ([], [])


def test_what_fails_leaves_its_turn_and_what_is_ended_does_not(house: House) -> None:
    with pytest.raises(ValueError, match="not"), house.turns["a"].of("001", never):
        raise ValueError("not signed in")
    assert house.whose() == []
    with pytest.raises(SystemExit), house.turns["a"].of("001", never):
        raise SystemExit
    assert house.whose() == ["a"]


def test_who_waits_looks_ever_less_often_until_it_is_done(house: House) -> None:
    done: list[bool] = []
    house.clock.happens = {9: lambda: done.append(True)}
    with house.turns["a"].of("001", never), house.turns["b"].of("001", lambda: bool(done)):
        assert house.whose() == ["a"], "the other one's turn stays the other one's"
    assert house.clock.slept == [0.05, 0.075, 0.1125, 0.16875, 0.253125, 0.379688, 0.5, 0.5, 0.5]
    assert house.whose() == []


def test_who_waited_in_vain_tries_at_once(house: House) -> None:
    first = house.turns["a"].of("001", never)
    first.__enter__()
    house.clock.happens = {2: lambda: first.__exit__(None, None, None)}
    with house.turns["b"].of("001", never):
        assert house.whose() == [], "the other one has tried: who comes now tries without a turn"
    assert (len(house.clock.slept), house.whose()) == (2, [])


def test_who_died_is_taken_over_from(house: House) -> None:
    with pytest.raises(SystemExit), house.turns["b"].of("001", never):
        raise SystemExit
    house.clock.happens = {3: lambda: house.alive.discard("b")}
    with house.turns["a"].of("001", never):
        assert house.whose() == ["a"]
    assert (len(house.clock.slept), house.whose()) == (3, [])


def test_who_neither_signs_in_nor_dies_is_waited_for_so_long(tmp_path: Path) -> None:
    house = House(tmp_path, seconds=1.0)
    with pytest.raises(SystemExit), house.turns["b"].of("001", never):
        raise SystemExit
    with house.turns["a"].of("001", never):
        assert house.whose() == ["a"]
        assert house.clock.slept == [0.05, 0.075, 0.1125, 0.16875, 0.253125, 0.379688]
    house.close()


def test_taken_over_from_twice_the_time_is_not_begun_anew(tmp_path: Path) -> None:
    """Somebody else takes over first: that one is waited for only as long as is left."""
    house = House(tmp_path, seconds=0.3)
    third = Journal(
        f"sqlite:///{tmp_path / 'journal.db'}", house.journals["a"].vault, owner="c", epoch=house.clock.epoch,
        alive=lambda _: True,
    )  # fmt: skip
    with pytest.raises(SystemExit), house.turns["b"].of("001", never):
        raise SystemExit

    def overtakes() -> None:
        with pytest.raises(SystemExit), Turns(third, INSTITUTION, house.clock, 0.0).of("001", never):
            raise SystemExit

    house.clock.happens = {1: overtakes}
    with house.turns["a"].of("001", never):
        assert house.whose() == ["c"], "it changed hands: whoever waited goes on as if it were done"
    third.close()
    house.close()


BEFORE = """
CREATE TABLE beside (name VARCHAR(40) NOT NULL PRIMARY KEY, form INTEGER NOT NULL);
CREATE TABLE signing_in (institution VARCHAR(30) NOT NULL, operator VARCHAR(30) NOT NULL, owner VARCHAR(100) NOT NULL,
  PRIMARY KEY (institution, operator));
INSERT INTO beside VALUES ('signing_in', 1);
INSERT INTO signing_in VALUES ('P99010000001', '001', 'b');
"""
"""What an earlier version wrote beside a journal, whose process signs operator 001 in."""


def test_a_turn_that_an_earlier_version_has_is_waited_for(tmp_path: Path) -> None:
    house = House(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as held:
        held.executescript(BEFORE)
    house.clock.happens = {2: lambda: house.alive.discard("b")}
    with house.turns["a"].of("001", never):
        assert house.whose() == ["a"]
    assert (len(house.clock.slept), house.whose()) == (2, [])
    house.close()


@pytest.mark.parametrize(
    ("row", "taken"),
    [
        (("P99010000001", "001", "b"), False), (("P99010000001", "001", "a"), False),
        (("P99010000001", "002", "a"), True), (("P99010000002", "001", "a"), True),
        (("P99010000001", "002", None), False),
    ],
)  # fmt: skip
def test_a_turn_is_one_processs_by_the_database_itself(house: House, row: tuple[Any, ...], taken: bool) -> None:
    """Whatever two processes read at the same moment, one row for an operator is all that there can be."""
    named = dict(zip(("institution", "operator", "owner"), row, strict=True))
    with house.turns["a"].of("001", never):
        store = house.journals["b"].store
        if taken:
            store.write(lambda tx: tx.execute(turns.insert(), named))
        else:
            with pytest.raises((IntegrityError, LiangdingError)):
                store.write(lambda tx: tx.execute(turns.insert(), named))


# -- in one process ----------------------------------------------------------------------------------------------------


def many(work: Callable[[], Any], count: int = 4) -> list[Any]:
    """What several threads get, or are told."""
    got: list[Any] = []

    def each() -> None:
        try:
            got.append(work())
        except (Exception, CancelledError) as failed:
            got.append(failed)

    threads = [threading.Thread(target=each) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_who_comes_meanwhile_gets_the_same() -> None:
    together, inside, go = Together(), threading.Event(), threading.Event()
    got: list[Any] = []

    def work() -> str:
        inside.set()
        go.wait()
        return "the first one's"

    first = threading.Thread(target=lambda: got.append(together.do("001", work)))
    first.start()
    inside.wait()
    promised, _ = together._under_way["001"]
    second = threading.Thread(target=lambda: got.append(together.do("001", lambda: "of its own")))
    second.start()
    while not promised._condition._waiters and second.is_alive():  # type: ignore[attr-defined]
        pass
    go.set()
    first.join()
    second.join()
    assert got == ["the first one's"] * 2
    assert together.do("001", lambda: "anew") == "anew", "what is done is no promise any more"


def test_who_comes_meanwhile_hears_the_same_failure() -> None:
    together, refused = Together(), NoAnswer("没有应答")
    inside, go = threading.Event(), threading.Event()
    got: list[Any] = []

    def failing() -> str:
        inside.set()
        go.wait()
        raise refused

    first = threading.Thread(target=lambda: got.extend(many(lambda: together.do("001", failing), 1)))
    first.start()
    inside.wait()
    second = threading.Thread(
        target=lambda: got.extend(many(lambda: together.do("001", lambda: "of its own"), 1))
    )  # fmt: skip
    second.start()
    promised, _ = together._under_way["001"]
    while not promised._condition._waiters and second.is_alive():  # type: ignore[attr-defined]
        pass
    assert together.do("002", lambda: "another operator") == "another operator"
    go.set()
    first.join()
    second.join()
    assert got == [refused, refused]
    assert together.do("001", lambda: "anew") == "anew"


def test_a_thread_that_is_ended_leaves_it_to_the_next() -> None:
    together = Together()

    def ended() -> str:
        raise SystemExit

    with pytest.raises(SystemExit):
        together.do("001", ended)
    assert together.do("001", lambda: "anew") == "anew"


def test_signing_in_may_come_to_a_call_that_wants_to_be_signed_in() -> None:
    together = Together()
    assert together.do("001", lambda: together.do("001", lambda: "inner") + ", outer") == "inner, outer"


# -- the number of the day ---------------------------------------------------------------------------------------------


class Desk:
    """Sign-ins by what is sent: each 9001 gives the next number."""

    def __init__(self, folder: Path, journal: Journal, clock: Clock) -> None:
        self.sent: list[tuple[str, Any, str]] = []
        self.numbers = iter(("N1", "N2", "N3", "N4", None))
        self.deployment = load_deployment(write_deployment(folder, province="", area="990100", gateway="plain"))
        self.signs = SigningIn(self.deployment, journal, clock, self._call)

    def _call(self, infno: str, message: Any, *, operator: str) -> Answer[Any]:
        self.sent.append((infno, message, operator))
        output = read_9001({"signinoutb": {"sign_no": next(self.numbers) if infno == "9001" else "x"}})
        return Answer(infno=infno, msgid="M7", call_id=7, output=output, body={})


def read_9001(output: Any) -> Any:
    from liangding.knowledge.interfaces import BASELINE
    from liangding.spec.reading import read_answer

    return read_answer(BASELINE["9001"].output, output)[0]


def test_an_operator_signs_in_once_a_day(house: House, tmp_path: Path) -> None:
    desk = Desk(tmp_path, house.journals["a"], house.clock)
    other = Desk(tmp_path, house.journals["b"], house.clock)
    one, two = desk.deployment.operators
    assert [desk.signs.sign_in(one), desk.signs.sign_in(one), desk.signs.sign_in(two)] == ["N1", "N1", "N2"]
    assert other.signs.sign_in(one) == "N1", "another process has it from the journal"
    assert desk.sent == [
        ("9001", {"signIn": {"opter_no": code, "mac": "00-00-00-00-00-00", "ip": "127.0.0.1"}}, code)
        for code in ("001", "002")
    ]
    house.clock.sleep(59.9)
    assert (desk.signs.sign_in(one), len(desk.sent)) == ("N1", 2), "it is not midnight yet"
    house.clock.sleep(0.1)
    assert (desk.signs.sign_in(one), len(desk.sent)) == ("N3", 3), "in China it is"
    assert (other.signs.sign_in(one), other.sent) == ("N3", [])


def test_what_is_forgotten_is_what_no_longer_holds(house: House, tmp_path: Path) -> None:
    desk = Desk(tmp_path, house.journals["a"], house.clock)
    other = Desk(tmp_path, house.journals["b"], house.clock)
    one = desk.deployment.operators[0]
    assert [desk.signs.sign_in(one), other.signs.sign_in(one)] == ["N1", "N1"]
    desk.signs.forget("001", "N0")
    assert (desk.signs.sign_in(one), len(desk.sent)) == ("N1", 1), "that one was not meant"
    desk.signs.forget("001", "N1")
    assert house.journals["a"].sign_ins.get(INSTITUTION, "001") is None
    assert desk.signs.sign_in(one) == "N2"
    other.signs.forget("001", "N1")
    assert (other.signs.sign_in(one), other.sent) == ("N2", []), "the new one stays"
    other.signs.forget("nobody", "N1")


def test_signing_out(house: House, tmp_path: Path) -> None:
    desk = Desk(tmp_path, house.journals["a"], house.clock)
    one, two = desk.deployment.operators
    desk.signs.sign_out()
    assert desk.sent == [], "who is not signed in is not signed out"
    desk.signs.sign_in(one)
    desk.signs.sign_in(two)
    desk.signs.sign_out("002")
    assert desk.sent[-1] == ("9002", {"signOut": {"sign_no": "N2", "opter_no": "002"}}, "002")
    assert [desk.signs.sign_in(one), desk.signs.sign_in(two)] == ["N1", "N3"]
    desk.signs.sign_out()
    assert desk.sent[-1] == ("9002", {"signOut": {"sign_no": "N1", "opter_no": "001"}}, "001")


def test_an_answer_without_a_number_signs_nobody_in(house: House, tmp_path: Path) -> None:
    desk = Desk(tmp_path, house.journals["a"], house.clock)
    desk.numbers = iter((None, "", "N1"))
    for _ in range(2):
        with pytest.raises(NoAnswer, match="sign_no") as caught:
            desk.signs.sign_in(desk.deployment.operators[0])
        assert (caught.value.infno, caught.value.msgid, caught.value.call_id) == ("9001", "M7", 7)
    assert desk.signs.sign_in(desk.deployment.operators[0]) == "N1"


# -- spans -------------------------------------------------------------------------------------------------------------

GIVEN = f"00-{'ab' * 16}-{'cd' * 8}-11"


class Api:
    """OpenTelemetry's API as far as calls use it. ``valid``: whether a span is open already."""

    def __init__(self, *, valid: bool = False, made: bool = True) -> None:
        self.valid, self.made = valid, made
        self.spans: list[Any] = []

    def get_tracer(self, name: str) -> Any:
        return SimpleNamespace(start_as_current_span=lambda *a, **k: self._start(name, *a, **k))

    @contextlib.contextmanager
    def _start(self, tracer: str, name: str, **more: Any) -> Iterator[Any]:
        self.spans.append((tracer, name, more))
        context = SimpleNamespace(is_valid=self.made, trace_id=0xAB, span_id=0xCD, trace_flags=1)
        failed = None
        try:
            yield SimpleNamespace(get_span_context=lambda: context)
        except BaseException as raised:
            failed = type(raised)
            raise
        finally:
            self.spans.append(("ended", failed))

    def get_current_span(self) -> Any:
        return SimpleNamespace(get_span_context=lambda: SimpleNamespace(is_valid=self.valid))

    SpanContext = staticmethod(lambda *told: told)
    NonRecordingSpan = staticmethod(lambda context: ("under", context))
    set_span_in_context = staticmethod(lambda span: span)
    TraceFlags = staticmethod(lambda flags: flags)


def traced(api: Any, monkeypatch: pytest.MonkeyPatch, given: str | None = None) -> str | None:
    """What a call is kept with, made while a request is traced so, or not."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", api)
    with in_trace(given), span("2102", "somewhere"):
        return trace()


NEW = f"00-{0xAB:032x}-{0xCD:016x}-01"
ATTRIBUTES = {"liangding.infno": "2102", "liangding.province": "somewhere"}


@pytest.mark.parametrize(
    ("given", "valid", "under"),
    [
        (None, False, None), (GIVEN, True, None),
        (GIVEN, False, ("under", (int("ab" * 16, 16), int("cd" * 8, 16), True, 17))),
    ],
)  # fmt: skip
def test_a_call_is_a_span(given: str | None, valid: bool, under: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(valid=valid)
    assert traced(api, monkeypatch, given) == NEW
    assert api.spans == [
        ("liangding", "call 2102", {
            "context": under, "attributes": ATTRIBUTES, "record_exception": False, "set_status_on_exception": False,
        }),
        ("ended", None),
    ]  # fmt: skip


def test_a_span_that_is_none_keeps_what_the_request_came_with(monkeypatch: pytest.MonkeyPatch) -> None:
    assert traced(Api(made=False), monkeypatch, GIVEN) == GIVEN
    assert traced(Api(made=False), monkeypatch) is None


def test_what_fails_within_a_span_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", Api())
    with pytest.raises(CallRefused), span("2102", "somewhere"):
        raise CallRefused("不行")


def test_a_tracer_that_fails_is_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise ValueError("王五")

    api = Api()
    monkeypatch.setattr(api, "get_tracer", fails)
    assert traced(api, monkeypatch, GIVEN) == GIVEN
    assert "2102 is not traced: ValueError" in caplog.text
    closes = Api()
    monkeypatch.setattr(closes, "spans", SimpleNamespace(append=lambda told: fails() if told[0] == "ended" else None))
    assert traced(closes, monkeypatch) == NEW
    assert "the span of 2102 is not closed: ValueError" in caplog.text
    assert "王五" not in caplog.text


# -- a flow that a plugin holds up -------------------------------------------------------------------------------------


def accepted(journal: Journal, flow: str = "f" * 32) -> Any:
    """A call that was accepted, as wrappers hear of it."""
    new = NewCall(
        deployment="test", institution=INSTITUTION, infno="2102", msgid=f"{INSTITUTION}{0:018d}", operator="001",
        changes=True, request=b"{}", content="c", at=1.0, flow=flow,
    )  # fmt: skip
    opened = journal.open_call(new)
    assert isinstance(opened, Opened)
    assert journal.close_call(opened, Outcome(state=State.ACCEPTED, at=2.0))
    return SimpleNamespace(call_id=opened.id, found=False)


def kinds(journal: Journal, call_id: int) -> list[str]:
    return [event.kind for event in journal.history(call_id)]


def kept_flow(journal: Journal, version: int = 3) -> str:
    flow = "f" * 32
    row = {
        "id": flow, "flow": "x", "deployment": "test", "institution": INSTITUTION, "key": None, "content": "c",
        "status": "running", "step": "s", "version": version, "created_at": 1.0, "updated_at": 1.0, "owner": "a",
        "resume_at": None, "state": b"{}", "debts": 0, "bill_no": None, "bill_date": None, "principal": None,
    }  # fmt: skip
    assert journal.flows.keep(row, expected_version=None)
    return flow


def noted(journal: Journal, call_id: int) -> list[Any]:
    return [event.detail for event in journal.history(call_id) if event.kind == HELD_UP]


def test_a_plugin_that_takes_its_time_holds_its_flow_up(house: House) -> None:
    journal = house.journals["a"]
    flow, heard = kept_flow(journal), accepted(house.journals["a"])
    telling, seen = Telling(journal, 0.01), threading.Event()
    note = journal.note

    def notes(*told: Any, **more: Any) -> None:
        note(*told, **more)
        seen.set()

    journal.note = notes  # type: ignore[method-assign]
    assert not telling.holds_up(flow)
    with telling.of(flow, heard, noted=False):
        assert telling.holds_up(flow)
        assert not telling.holds_up("another")
        seen.wait()
    assert not telling.holds_up(flow)
    assert noted(journal, heard.call_id) == [{"flow_version": 3}]
    assert not telling.take(flow)


def watching() -> list[threading.Timer]:
    """The watches of an hour that are not over."""
    found = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    return [each for each in found if each.interval == 3600.0 and not each.finished.is_set()]


def test_who_is_quick_or_was_taken_from_holds_nothing_up(house: House) -> None:
    journal = house.journals["a"]
    flow, heard = kept_flow(journal), accepted(journal)
    telling = Telling(journal, 3600.0)
    with telling.of(flow, heard, noted=False):
        assert [each.daemon for each in watching()] == [True], "keeps no process alive"
        assert telling.take(flow)
        assert not telling.take(flow)
        with telling.of(flow, heard, noted=False):
            assert telling.holds_up(flow)
        assert not telling.holds_up(flow)
    with telling.of("", heard, noted=False):
        assert not telling.holds_up("")
    assert noted(journal, heard.call_id) == []
    assert watching() == []
    mine = object()
    telling._held_up[flow] = mine
    telling._note(flow, object(), heard.call_id)
    telling._note("e" * 32, mine, heard.call_id)
    assert noted(journal, heard.call_id) == [], "it is somebody else's by now, or no flow at all"
    telling._note(flow, mine, heard.call_id)
    assert noted(journal, heard.call_id) == [{"flow_version": 3}]


def test_wrappers_hear_of_a_call_once(house: House) -> None:
    journal = house.journals["a"]
    telling, heard = Telling(journal, 3600.0), accepted(journal)
    assert [telling.is_first(heard.call_id), telling.is_first(heard.call_id)] == [True, False]
    assert kinds(journal, heard.call_id).count("told") == 1
    journal.history = lambda *_: (_ for _ in ()).throw(NoAnswer("没有应答"))  # type: ignore[method-assign]
    assert telling.is_first(heard.call_id) is False, "where nobody knows, nobody hears of it"


@pytest.mark.parametrize(("found", "was_noted", "told"), [(True, False, 1), (True, True, 0), (False, False, 0)])
def test_what_was_found_out_is_noted_as_told(house: House, found: bool, was_noted: bool, told: int) -> None:
    journal = house.journals["a"]
    telling, heard = Telling(journal, 3600.0), accepted(journal)
    heard.found = found
    with telling.of("", heard, noted=was_noted):
        assert kinds(journal, heard.call_id).count("told") == told


def test_advice_is_kept_for_whoever_asks_again(house: House, caplog: pytest.LogCaptureFixture) -> None:
    journal = house.journals["a"]
    telling, heard = Telling(journal, 3600.0), accepted(journal)
    answer: Answer[Any] = Answer(
        infno="2102", msgid="M7", call_id=heard.call_id, output=None, body={}, advice=("甲", "乙")
    )  # fmt: skip
    telling.keep_advice(heard, answer)
    assert journal.call(heard.call_id).advice == ("甲", "乙")
    heard.call_id = 99
    telling.keep_advice(heard, answer)
    assert "advice of M7 is not recorded: " in caplog.text
