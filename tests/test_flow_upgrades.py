"""An upgrade strands no flow: fields and steps added, removed and renamed under flows in flight; what plugins owe."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from bedside import HOSPITAL, item, numbers
from bedside import bill as visit_bill
from dying import Died, Plugin
from liangding.config import Deployment
from liangding.contract.steps import Change, Step
from liangding.errors import OutcomeUnknown
from liangding.flows import After, Around, Before, EachCall, Flow, Flows, FlowStopped, Status, Work, step
from liangding.flows.pharmacy import PharmacyPurchase, PurchaseGiven, PurchaseState, SoldRow, purchase
from liangding.jobs.keeper import Keeper
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.workflow.storing import NotRecalled, formerly
from support import Rig, bill, new_key, run_flow, simulated_rig_for

ANSWERS = {"confirm": "yes", "weigh": "1", "pack": "1"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy whose line is in this process."""
    with simulated_rig_for(tmp_path) as made:
        yield made


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    """A hospital whose line is in this process."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as made:
        yield made


# -- the version before, and the one after it --------------------------------------------------------------------------


@attrs.define(kw_only=True)
class GivenThen(PurchaseGiven):
    shelf: str = ""


@attrs.define(kw_only=True)
class StateThen(PurchaseState):
    given: GivenThen
    weight: str = ""
    parcels: list[str] = attrs.field(factory=list)


@step("称重")
def weigh(work: Work[Any]) -> None:
    """A step that the next version does not have."""
    work.state.weight, work.state.parcels = "1 kg", ["A"]


def charge(work: Work[Any]) -> None:
    """The settlement, under the name that it had."""
    purchase.settle.run(work)


@attrs.define(kw_only=True)
class GivenNow(PurchaseGiven):
    drawer: str

    def __attrs_post_init__(self) -> None:
        raise ValueError("only of new business")


@attrs.define(kw_only=True)
class StateNow(PurchaseState):
    given: GivenNow
    boxes: list[str] = attrs.field(factory=list, metadata=formerly("parcels"))
    checked: bool = False


@step("复核")
def check_again(work: Work[Any]) -> None:
    """A step that the version before did not have."""
    assert work.state.settlement is None, "money has moved: it comes too late"
    work.state.checked = True


def after(name: str, one: Step, steps: Iterable[Step]) -> tuple[Step, ...]:
    """The row with ``one`` behind the step of that name."""
    row = list(steps)
    row.insert([each.name for each in row].index(name) + 1, one)
    return tuple(row)


def steps_then() -> tuple[Step, ...]:
    steps = {each.name: each for each in PharmacyPurchase.steps}
    steps["settle"] = attrs.evolve(purchase.settle, name="charge", run=charge)
    return after("ask_account", weigh, steps.values())


def steps_now() -> tuple[Step, ...]:
    row = [attrs.evolve(s, formerly=("charge",)) if s.name == "settle" else s for s in PharmacyPurchase.steps]
    return after("choose_insurance", check_again, row)


def version(**parts: Any) -> type[Flow[Any]]:
    """The purchase as another version has it."""
    return type("PharmacyPurchase", (PharmacyPurchase,), parts)


THEN = version(given=GivenThen, state=StateThen, steps=steps_then())
NOW = version(given=GivenNow, state=StateNow, steps=steps_now())


def dies(work: Work[Any], go_on: Callable[[], None]) -> None:
    go_on()
    raise Died


@pytest.mark.parametrize(
    ("where", "stands", "checked"),
    [
        ("use_account", "ask_account", True),
        ("confirm", "confirm", True),
        ("weigh", "weigh", True),
        ("charge", "charge", False),
        ("unknown", "charge", False),
    ],
)
def test_fields_and_steps_change_under_a_flow(rig: Rig, where: str, stands: str, checked: bool) -> None:
    given = bill(rig.person(), shelf="3", use_account=None if where == "use_account" else True)
    dying = {"dies": Plugin("pharmacy_purchase", Around(where, dies))} if where in ("weigh", "charge") else {}
    with others(rig, dying) as runtime, contextlib.suppress(Died):
        flows = Flows(runtime, [THEN])
        view = flows.start("pharmacy_purchase", given, key="R1")
        if where == "unknown":
            rig.deafen()
            rig.strike(Fault.ANSWER_LOST, "2102")
        if where in ("charge", "unknown"):
            flows.answer(view.id, "yes")
    rig.door.faults.clear()
    flows = Flows(rig.runtime, [NOW])
    found = flows.find("pharmacy_purchase", "R1")
    assert found is not None
    assert found.step == stands
    view = run_flow(flows, flows.resume(found.id), ANSWERS | {"use_account": "1"})
    assert view.status is Status.DONE, (view.step, view.error)
    assert (rig.sent("2102"), rig.sent("2101")) == (1, 1), "what was done is not done again"
    state = flows.state_of(view.id)
    assert (state.checked, state.given.drawer) == (checked, None)
    assert state.boxes == ([] if where in ("use_account", "weigh") else ["A"])


def test_what_a_later_version_keeps_stays_where_it_is(rig: Rig) -> None:
    later = Flows(rig.runtime, [THEN])
    view = later.start("pharmacy_purchase", bill(rig.person(), shelf="3", use_account=True), key="R1")
    rig.strike(Fault.REQUEST_LOST, "3505")
    assert rig.flows.answer(view.id, "no").status is Status.STOPPED
    assert later.state_of(view.id).weight == "1 kg"


def test_a_value_of_another_kind_is_named_and_not_guessed_at(rig: Rig) -> None:
    kinds: dict[str, Any] = {"begun_at": attrs.field(type=int, default=0)}
    changed = attrs.make_class("Changed", kinds, bases=(PurchaseState,), kw_only=True)
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key())
    with pytest.raises(NotRecalled, match="begun_at") as caught:
        Flows(rig.runtime, [version(state=changed)]).get(view.id)
    assert caught.value.remedy


def test_the_steps_of_the_versions_before_are_known_by_their_names() -> None:
    names = [name for each in steps_now() for name in (each.name, *each.formerly)]
    assert len(set(names)) == len(names)
    assert {each.name for each in steps_then()} - set(names) == {"weigh"}


# -- what plugins owe --------------------------------------------------------------------------------------------------


@attrs.define
class Registry:
    """A region's own register, which fails as often as it is told."""

    failures: int
    raises: Callable[[], Exception]
    entered: list[str] = attrs.field(factory=list)

    def enter(self, work: Work[Any]) -> None:
        if self.failures:
            self.failures -= 1
            raise self.raises()
        self.entered.append(work.state.settlement.setl_id)

    def step(self) -> Step:
        def report(work: Work[Any]) -> None:
            """Tell the region's register of the settlement."""
            self.enter(work)

        return step("上报登记处")(report)

    def around(self, work: Work[Any], go_on: Callable[[], None]) -> None:
        go_on()
        self.enter(work)


FAILURES: dict[str, Callable[[], Exception]] = {
    "says so": lambda: FlowStopped("登记处没有开门"),
    "breaks off": lambda: ZeroDivisionError("x"),
    "does not know": lambda: OutcomeUnknown("登记处没有应答"),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("how", ["step", "around"])
def test_a_plugins_failure_after_money_moved_is_owed_and_paid_later(rig: Rig, how: str, failure: str) -> None:
    registry = Registry(failures=2, raises=FAILURES[failure])
    change: Change = After("settle", registry.step()) if how == "step" else Around("settle", registry.around)
    with others(rig, {"registry": Plugin("pharmacy_purchase", change)}) as runtime:
        flows = Flows(runtime)
        view = run_flow(
            flows, flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key()), ANSWERS
        )
        assert view.status is Status.DONE, view.error
        assert [(debt.plugin, debt.tries) for debt in view.debts] == [("registry", 1)]
        assert [each.id for each in flows.debts()] == [view.id]
        assert [debt["plugin"] for debt in view.as_json()["debts"]] == ["registry"]
        owed = view.debts[0].sentence
        assert owed in view.advice
        assert "registry" in view.result["slip"]
        assert "没有办成" in view.result["slip"]
        assert flows.resume(view.id).debts[0].tries == 2
        Keeper(runtime).round()
        view = flows.resume(view.id)
        assert (view.debts, flows.debts(), owed in view.advice) == ((), [], False)
        assert registry.entered == [view.result["settlement"].setl_id]
    assert (rig.sent("2102"), len(rig.standing())) == (1, 1)


def test_a_plugins_failure_before_money_moved_stops_the_flow(rig: Rig) -> None:
    registry = Registry(failures=1, raises=FAILURES["breaks off"])
    changes = Plugin("pharmacy_purchase", Before("settle", registry.step()))
    with others(rig, {"registry": changes}) as runtime:
        flows = Flows(runtime)
        view = run_flow(
            flows, flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key()), ANSWERS
        )
        assert (view.status, view.debts) == (Status.STOPPED, ())
    assert rig.sent("2102") == 0


def test_a_plugin_that_swallows_what_a_step_came_to_hides_nothing(rig: Rig) -> None:
    def swallows(work: Work[Any], go_on: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):
            go_on()

    changes = Plugin("pharmacy_purchase", Around("settle", swallows))
    with others(rig, {"swallows": changes}) as runtime:
        flows = Flows(runtime)
        view = flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key="R1")
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        assert flows.answer(view.id, "yes").status is Status.UNKNOWN
        rig.door.faults.clear()
        assert flows.resume(view.id).status is Status.DONE
    assert rig.sent("2102") == 1


def test_the_rows_of_a_receipt_are_recalled_as_they_were(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key())
    assert all(isinstance(row, SoldRow) for row in rig.flows.state_of(view.id).given.rows)


# -- what was sent is finished by its record ---------------------------------------------------------------------------


def adds_a_field(work: Work[Any], infno: str, message: Any) -> None:
    for head in (message.get("druginfo"), message.get("data")):
        if isinstance(head, dict):
            head["memo"] = "from now on"


def asks_again(work: Work[Any], infno: str, message: Any) -> None:
    if infno.startswith(("2102", "2207")):
        raise AssertionError("what was sent is composed anew")


@attrs.frozen(kw_only=True)
class Between:
    """What changes between sending and going on: settings before and after, a plugin that is enabled meanwhile."""

    flow: str
    dies_at: str
    before: dict[str, Any] = attrs.field(factory=dict)
    after: dict[str, Any] = attrs.field(factory=dict)
    sees: Callable[[Work[Any], str, Any], None] | None = None


BETWEEN = {
    "variant A is preferred": Between(flow="outpatient", dies_at="settle", after={"prefer_a": True}),
    "fewer rows a call": Between(
        flow="outpatient", dies_at="upload_fees", before={"row_limits": {"2204": 2}}, after={"row_limits": {"2204": 1}}
    ),
    "more rows a call": Between(
        flow="outpatient", dies_at="upload_fees", before={"row_limits": {"2204": 1}}, after={"row_limits": {"2204": 9}}
    ),
    "codes go elsewhere": Between(flow="pharmacy_purchase", dies_at="settle", after={"trace_codes": "settlement"}),
    "sales go in one call": Between(flow="pharmacy_purchase", dies_at="upload_sales", after={"sale_upload": "batch"}),
    "sales go one by one": Between(flow="pharmacy_purchase", dies_at="upload_sales", before={"sale_upload": "batch"}),
    "a plugin changes messages": Between(flow="pharmacy_purchase", dies_at="settle", sees=adds_a_field),
    "a plugin fails at them": Between(flow="outpatient", dies_at="settle", sees=asks_again),
}  # fmt: skip


@pytest.mark.parametrize("what", BETWEEN)
def test_a_setting_changes_between_sending_and_going_on(request: pytest.FixtureRequest, what: str) -> None:
    case = BETWEEN[what]
    rig: Rig = request.getfixturevalue("rig" if case.flow.startswith("pharmacy") else "ward")
    person = rig.person()
    if case.flow == "outpatient":
        given = visit_bill(person, rows=[item(f"R-{i}", code=f"XA0{i}") for i in range(1, 6)])
    else:
        given = bill(person, codes=("81000000000000000001",), use_account=True)
    plugins = {"dies": Plugin(case.flow, Around(case.dies_at, dies))}
    with at_work(rig, case.before, plugins) as flows, contextlib.suppress(Died):
        run_flow(flows, flows.start(case.flow, given, key="K1"), ANSWERS)
        raise AssertionError("the process did not die")
    sent = Counter(numbers(rig))
    with at_work(rig, case.after, {"new": Plugin(case.flow, EachCall(case.sees))} if case.sees else {}) as flows:
        view = run_flow(flows, flows.start(case.flow, given, key="K1"), ANSWERS)
    assert view.status is Status.DONE, (view.step, view.error)
    assert len(rig.standing()) == 1
    again = Counter(numbers(rig)) - sent
    changing = {infno for infno in sent if rig.runtime.interfaces[infno].changes}
    assert not {infno for infno in again if infno.removesuffix("A") in {each.removesuffix("A") for each in changing}}
    assert not view.debts


def others(rig: Rig, plugins: dict[str, Any], deployment: Deployment | None = None) -> Runtime:
    """Another process on the same journal and line, with plugins and settings of its own."""
    return Runtime(
        deployment or rig.deployment, plugins=plugins, journal=rig.runtime.journal, transport=rig.runtime.transport,
        clock=rig.runtime.clock,
    )  # fmt: skip


@contextlib.contextmanager
def at_work(rig: Rig, features: dict[str, Any], plugins: dict[str, Any]) -> Iterator[Flows]:
    """Flows with other settings and plugins."""
    deployment = attrs.evolve(rig.deployment, features=attrs.evolve(rig.deployment.features, **features))
    object.__setattr__(deployment, "source", rig.deployment.source)
    with others(rig, plugins, deployment) as runtime:
        yield Flows(runtime)
