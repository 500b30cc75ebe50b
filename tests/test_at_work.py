"""One thread at a time works on a flow; what it has done is what its calls say, and by that it is tried again and taken
up after a crash."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from liangding.contract.questions import CASHIER, Question
from liangding.contract.steps import Step
from liangding.errors import SameBill
from liangding.journal import State
from liangding.journal.flows import Left
from liangding.workflow.at_work import is_worked_on, working_on
from liangding.workflow.recovering import Recovery
from liangding.workflow.rows import FlowPlan
from liangding.workflow.running import Runner
from liangding.workflow.same_bill import ANOTHER, SAME, SAME_BILL, ask_same_bill, is_meant
from liangding.workflow.standing import FlowBusy, FlowStopped, NotConfirmed, Status
from liangding.workflow.tracks import Tracks
from liangding.workflow.work import WHOSE, Work

FLOW, OTHER = "f" * 32, "e" * 32


def test_a_flow_is_worked_on_by_one() -> None:
    assert not is_worked_on(FLOW)
    with working_on(FLOW):
        assert (is_worked_on(FLOW), is_worked_on(OTHER)) == (True, False)
        with pytest.raises(FlowBusy, match="另一处"), working_on(FLOW):
            raise AssertionError("nobody else")
        with pytest.raises(FlowBusy), working_on(FLOW, lambda _: False):
            raise AssertionError("nobody else")
        with working_on(OTHER):
            assert is_worked_on(OTHER)
        assert (is_worked_on(FLOW), is_worked_on(OTHER)) == (True, False)
    assert not is_worked_on(FLOW)


def test_what_is_taken_is_the_takers() -> None:
    asked: list[str] = []

    def takes(flow: str) -> bool:
        asked.append(flow)
        return True

    with working_on(FLOW):
        with working_on(FLOW, takes):
            assert asked == [FLOW]
            assert is_worked_on(FLOW)
        assert not is_worked_on(FLOW), "who it was taken from has it no more"
    with working_on(FLOW, takes):
        assert asked == [FLOW], "what nobody has is not taken from anybody"
    taken = working_on(FLOW, lambda _: True)
    with working_on(FLOW):
        taken.__enter__()
    assert is_worked_on(FLOW), "and leaves what is the taker's"
    taken.__exit__(None, None, None)
    assert not is_worked_on(FLOW)


def test_what_fails_leaves_it() -> None:
    with pytest.raises(ValueError, match="failed"), working_on(FLOW):
        raise ValueError("failed")
    assert not is_worked_on(FLOW)


# -- what a flow has done, by its calls --------------------------------------------------------------------------------


def made(step: str, state: State, *, changes: bool = True, part: str = "1", flow: str = FLOW) -> Any:
    """A call of a flow's step."""
    return SimpleNamespace(key=f"{flow}:{step}:{part}" if step else None, state=state, changes=changes)


def does_nothing(_: Any) -> None:
    """Nothing."""


STEPS = (
    Step(name="ask", title="问", run=does_nothing),
    Step(name="settle", title="结", run=does_nothing, charges=True, formerly=("charge",)),
    Step(name="print", title="打", run=does_nothing, formerly=("paper",)),
)


def tracks(*calls: Any, gone: bool = False, held_up: bool = False) -> Tracks:
    """What is known of a flow that made these calls; ``settle`` charges, and was called ``charge`` once."""
    journal: Any = SimpleNamespace(
        of_flow=lambda _: list(calls), owner="me", is_gone=lambda _: gone, is_held_up=lambda _: held_up
    )

    def run(_: Any) -> None:
        """Nothing."""

    steps = (
        Step(name="ask", title="问", run=run), Step(name="settle", title="结",
         run=run, charges=True, formerly=("charge",)),
        Step(name="print", title="打", run=run, formerly=("paper",)),
    )  # fmt: skip
    return Tracks(journal, lambda _: steps)


def record(step: str = "settle", status: Status = Status.STOPPED, **more: Any) -> Any:
    facts = {"id": FLOW, "flow": "x", "step": step, "status": status, "created_at": 1000.0, "debts": [], "error": None}
    return SimpleNamespace(**facts | more)


A, R, U, N, W, B, V = (
    State.ACCEPTED, State.REFUSED, State.UNKNOWN, State.NOT_SENT, State.OPEN, State.ABSENT, State.REVERSED,
)  # fmt: skip

DONE: list[tuple[str, tuple[Any, ...], tuple[bool, ...]]] = [
    # the step where it stands, its calls; moved, touched, has only asked, charged, may have charged
    ("settle", (), (False, False, True, False, False)),
    ("settle", (made("settle", A),), (True, True, False, True, True)),
    ("settle", (made("charge", A),), (True, True, False, True, True)),
    ("settle", (made("settle", U),), (True, True, False, False, True)),
    ("settle", (made("settle", W),), (True, True, False, False, True)),
    *(("settle", (made("settle", state),),
    (False, False, False, False, False)) for state in (R, N, B, V, State.FAILED)),
    ("settle", (made("settle", A, changes=False),), (False, False, True, False, False)),
    ("print", (made("settle", A),), (False, True, False, True, True)),
    ("print", (made("paper", A),), (True, True, False, False, False)),
    ("ask", (made("settle", R), made("settle", A)), (False, True, False, True, True)),
    ("gone", (made("gone", A),), (True, True, False, False, False)),
    ("settle", (made("settle", A, flow=OTHER),), (False, True, False, False, False)),
    ("settle", (made("", A),), (False, True, False, False, False)),
]  # fmt: skip


@pytest.mark.parametrize(("step", "calls", "expected"), DONE)
def test_what_a_flow_has_done(step: str, calls: tuple[Any, ...], expected: tuple[bool, ...]) -> None:
    known, flow = tracks(*calls), record(step)
    assert (
        known.moved(flow), known.touched(flow), known.has_only_asked(flow), known.charged(flow),
        known.may_have_charged(flow),
    ) == expected  # fmt: skip


def test_what_became_of_each_call() -> None:
    known = tracks(made("settle", A), made("print", U, part="F1"), made("ask", A, changes=False), made("", A))
    assert known.calls(FLOW) == {"settle:1": A, "print:F1": U}


@pytest.mark.parametrize(
    ("owner", "gone", "held_up", "left"),
    [
        ("me", False, False, True), ("me", True, False, True), ("other", False, False, False),
        ("other", True, False, True),
        ("other", False, True, True),
    ],
)  # fmt: skip
def test_whether_nobody_works_on_it_any_more(owner: str, gone: bool, held_up: bool, left: bool) -> None:
    assert tracks(gone=gone, held_up=held_up).left(FLOW, owner) is left
    with working_on(FLOW):
        assert tracks(gone=gone).left(FLOW, "me") is False
        assert tracks(held_up=True).left(FLOW, "me") is True


HOURS = 3600.0
PAST: dict[str, Any] = {"error": {"code": "no_answer"}}


@pytest.mark.parametrize(
    ("flow", "calls", "now", "again"),
    [
        (record(**PAST), (made("settle", A),), 1000.0, 1060.0), (record(**PAST), (made("settle", U),), 1000.0, None),
        (record(**PAST), (), 1000.0, None), (record(error={"code": "refused"}), (made("settle", A),), 1000.0, None),
        (record(), (made("settle", A),), 1000.0, None),
        (record(status=Status.UNKNOWN, **PAST), (made("settle", A),), 1000.0, None),
        (record(**PAST), (made("settle", A),), 1000.0 + 24 * HOURS - 61, 1000.0 + 24 * HOURS - 1),
        (record(**PAST), (made("settle", A),), 1000.0 + 24 * HOURS - 60, None),
        *(
            (record(status=Status.DONE, debts=[SimpleNamespace(tries=tries)]), (), 5.0, 5.0 + wait)
            for tries, wait in ((1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (8, 3600), (50, 3600))
        ),
        (record(status=Status.DONE, debts=[SimpleNamespace(tries=4), SimpleNamespace(tries=2)]), (), 5.0, 125.0),
        (record(status=Status.DONE), (), 5.0, None),
        (record(status=Status.UNDONE, debts=[SimpleNamespace(tries=1)]), (), 5.0, None),
    ],
)  # fmt: skip
def test_when_a_flow_is_tried_again(flow: Any, calls: tuple[Any, ...], now: float, again: float | None) -> None:
    assert tracks(*calls).resume_at(flow, now) == again


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        ("not_sent", True), ("no_answer", True), ("held_back", True), ("in_progress", True), ("outcome_unknown", True),
        ("journal_unavailable", True), ("broke_off", True), ("still_running", True), ("refused", False),
        ("not_confirmed", False), ("flow_busy", False), ("interrupted", False), ("invalid_message", False),
    ],
)  # fmt: skip
def test_what_stops_a_flow_for_the_moment_only(code: str, passes: bool) -> None:
    again = tracks(made("settle", A)).resume_at(record(error={"code": code}), 1000.0)
    assert again == (1060.0 if passes else None)


# -- where a flow goes on ----------------------------------------------------------------------------------------------

PLACES: list[tuple[str, list[str] | None, str, bool, int | None]] = [
    # where it stands, what it has passed, whose step that is, whether it may have charged: at which step it goes on
    ("ask", [], "", False, 0), ("settle", ["ask"], "", False, 1), ("charge", ["ask"], "", False, 1),
    ("print", ["ask", "settle"], "", True, 2), ("paper", ["ask", "charge"], "", False, 2),
    ("done", ["ask"], "", True, 3),
    ("print", ["ask"], "", False, 1), ("print", ["ask"], "", True, 2),
    ("done", ["ask", "settle", "print"], "", False, 3),
    ("settle", None, "", False, 1), ("print", None, "", True, 2),
    ("gone", [], "", False, 0), ("gone", [], "", True, 0), ("gone", ["ask"], "", False, 1),
    ("gone", ["ask", "charge"], "", True, 2), ("gone", ["ask", "other", "settle"], "", False, 2),
    ("gone", None, "", False, None), ("gone", None, "", True, None), ("gone", ["ask"], "theirs", False, None),
    ("gone", ["ask", "settle"], "theirs", True, 2),
]  # fmt: skip


@pytest.mark.parametrize(("step", "passed", "plugin", "charged", "at"), PLACES)
def test_at_which_step_a_flow_goes_on(
    step: str, passed: list[str] | None, plugin: str, charged: bool, at: int | None
) -> None:
    plan = FlowPlan(steps=STEPS)
    nobody: Any = SimpleNamespace(may_have_charged=lambda _: charged)
    runner = Runner(nobody, nobody, lambda _: plan, nobody, nobody)
    flow = record(step, passed=passed, plugin=plugin)
    if at is None:
        with pytest.raises(FlowStopped, match="流程 x 停在步骤 gone，这个部署现在没有这一步") as caught:
            runner._position(flow)
        assert "插件" in caught.value.remedy
        return
    assert runner._position(flow) == at
    assert flow.passed is not None


# -- after a crash -----------------------------------------------------------------------------------------------------

RUN, ASK, STOP, OPEN, OVER = Status.RUNNING, Status.QUESTION, Status.STOPPED, Status.UNKNOWN, Status.DONE

LEFT: list[tuple[Status, Status, dict[str, bool], str]] = [
    # as it was found, as it is when it is loaded, what is known of it, what becomes of it
    (RUN, RUN, {"left": False}, ""), (RUN, RUN, {"concluded": False}, "unknown outcome_unknown"),
    (RUN, RUN, {"concluded": False, "charged": True}, "unknown outcome_unknown"),
    (RUN, RUN, {}, "stopped interrupted"), (RUN, RUN, {"charged": True}, "goes on"), (RUN, STOP, {"charged": True}, ""),
    (OPEN, OPEN, {"concluded": False}, ""), (OPEN, OPEN, {"concluded": False, "charged": True}, ""),
    (OPEN, OPEN, {"left": False}, "stopped interrupted"), (OPEN, OPEN, {"charged": True}, "goes on"),
    (STOP, STOP, {"charged": True}, "goes on"), (STOP, STOP, {}, "goes on"), (OVER, OVER, {}, "pays"),
    (OVER, Status.UNDONE, {}, ""), (STOP, STOP, {"concluded": False}, "goes on"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "stands", "known", "becomes"), LEFT)
def test_what_is_taken_up(found: Status, stands: Status, known: dict[str, bool], becomes: str) -> None:
    facts = {"left": True, "concluded": True, "charged": False} | known
    flow, happened = record(status=stands, error={"code": "before"}), []
    runtime: Any = SimpleNamespace(
        journal=SimpleNamespace(
            flow_is_concluded=lambda _: facts["concluded"],
            flows=SimpleNamespace(left=lambda name, now: [Left(id=FLOW, status=found.value, owner="x")]),
        ),
        deployment=SimpleNamespace(name="test"), clock=SimpleNamespace(epoch=lambda: 5.0),
        take_from_plugins=lambda _: False,
    )  # fmt: skip
    flows: Any = SimpleNamespace(load=lambda _: flow, keep=lambda kept: happened.append("kept"))
    done: Any = SimpleNamespace(left=lambda *_: facts["left"], charged=lambda _: facts["charged"])
    runner: Any = SimpleNamespace(run=lambda _: happened.append("runs"), repay=lambda _: happened.append("pays"))
    assert Recovery(runtime, flows, done, runner).recover() == bool(becomes)
    if becomes == "goes on":
        assert (happened, flow.status, flow.error) == (["runs"], RUN, None)
    elif becomes == "pays":
        assert happened == ["pays"]
    elif becomes:
        assert (happened, f"{flow.status.value} {flow.error['code']}") == (["kept"], becomes)
    else:
        assert (happened, flow.error) == ([], {"code": "before"})


def test_one_that_cannot_be_taken_up_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def load(flow_id: str) -> Any:
        if flow_id == OTHER:
            raise FlowBusy("另一处")
        return record(status=STOP)

    left = [Left(id=each, status="stopped", owner="x") for each in (OTHER, FLOW)]
    runtime: Any = SimpleNamespace(
        journal=SimpleNamespace(flow_is_concluded=lambda _: True, flows=SimpleNamespace(left=lambda *_: left)),
        deployment=SimpleNamespace(name="test"), clock=SimpleNamespace(epoch=lambda: 5.0),
    )  # fmt: skip
    runs: list[Any] = []
    nothing: Any = SimpleNamespace(load=load, charged=lambda _: True, left=lambda *_: True, run=runs.append)
    assert Recovery(runtime, nothing, nothing, nothing).recover() == 1
    assert (len(runs), f"flow {OTHER} cannot be taken up: flow_busy" in caplog.text) == (1, True)


def test_a_step_knows_which_parts_it_has_sent() -> None:
    work: Any = SimpleNamespace(_before=lambda: [SimpleNamespace(key=f"{'f' * 32}:undo:1")])
    assert [Work.has_sent(work, part) for part in ("1", "2", "charge")] == [True, False, False]
    work._before = list
    assert not Work.has_sent(work, "1")


def test_a_step_knows_which_part_was_certainly_not_taken() -> None:
    def sent(part: str, state: State) -> Any:
        return SimpleNamespace(key=f"{'f' * 32}:undo:{part}", state=state)

    calls = [sent("1", State.REFUSED), sent("2", State.UNKNOWN), sent("1", State.ABSENT), sent("3", State.ACCEPTED),
             sent("3", State.REFUSED)]  # fmt: skip
    work: Any = SimpleNamespace(_before=lambda: calls, made=lambda: Work.made(work))
    assert Work.not_taken(work, "1") is calls[2], "the last one"
    assert [Work.not_taken(work, part) for part in ("2", "3", "4")] == [None, None, None]


@pytest.mark.parametrize(
    ("output", "held"), [({"a": 1}, {"a": 1}), ({}, {}), ([{"a": 1}], {}), ("密文", {}), (None, {}), (5, {})]
)
def test_what_a_regions_own_number_says_is_read_by_name_or_is_nothing(output: Any, held: dict[str, Any]) -> None:
    heard: list[Any] = []

    def by_standard(infno: str, told: Any) -> Any:
        heard.append((infno, told))
        return told

    fields = SimpleNamespace(fields={"psn_no": "psnNo", "begntime": ""})
    work: Any = SimpleNamespace(_speaking=SimpleNamespace(heard=by_standard, spoken=lambda _: fields))
    answer: Any = SimpleNamespace(infno="Y1", body={} if output is None else {"output": output})
    assert (Work.heard(work, answer), heard) == (held, [("Y1", output)])
    assert [Work.said(work, "Y1", name) for name in ("psn_no", "begntime", "other")] == ["psnNo", "", "other"]


ANSWERED = {"confirm": "yes", "use_account": "1"}


@pytest.mark.parametrize(
    ("before", "kept"),
    [({}, {}), (ANSWERED, ANSWERED), (ANSWERED | {WHOSE: "P1"}, ANSWERED), (ANSWERED | {WHOSE: "P2"}, {})],
)  # fmt: skip
def test_what_was_answered_for_another_person_does_not_count(before: dict[str, str], kept: dict[str, str]) -> None:
    work: Any = SimpleNamespace(_record=SimpleNamespace(answers=dict(before)))
    Work.belong_to(work, "P1")
    assert work._record.answers == {**kept, WHOSE: "P1"}


@pytest.mark.parametrize("said", [SAME, ANOTHER])
def test_who_is_asked_whether_it_is_the_same_bill_sees_the_earlier_one(said: Any) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return str(said.value)

    left: list[str] = []
    earlier = SameBill("同一单")
    earlier.facts = (("结算编号", "S1"), ("业务号", "K1"))
    work: Any = SimpleNamespace(
        ask=ask,
        forget=left.append,
        answer_of={SAME_BILL: said.value}.get,
    )
    if said is SAME:
        with pytest.raises(NotConfirmed, match="没有再结算"):
            ask_same_bill(work, earlier)
    else:
        ask_same_bill(work, earlier)
    (question,) = asked
    assert (question.id, question.whom, question.facts) == (SAME_BILL, CASHIER, earlier.facts)
    assert question.options == (SAME, ANOTHER)
    assert (left, is_meant(work)) == ([SAME_BILL] if said is SAME else [], said is ANOTHER)
