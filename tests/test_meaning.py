"""A region's own settlement, under a number and a heading of its own, with nodes of its own names, is held, resolved,
undone, printed and audited like a national one: from its declaration alone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import attrs
import pytest

import liangding
from liangding.cli.demo.stage import ledger
from liangding.cli.demo.stage import recorded as booked
from liangding.clock import SimulatedClock
from liangding.config import Deployment, load_deployment
from liangding.contract.hookspecs import hookimpl
from liangding.errors import HeldBack, OutcomeUnknown
from liangding.journal import State
from liangding.knowledge import Knowledge
from liangding.knowledge.interfaces import BASELINE, Interfaces
from liangding.national import pharmacy
from liangding.receipts.gathering import of_flow
from liangding.receipts.statements import Treatment
from liangding.runtime import Runtime
from liangding.simulator.chapters.pharmacy import cancel_settlement, settle
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.simulator.requests import Request
from liangding.simulator.setup import door_for
from liangding.spec import Does, LookedFor, Of, Unasked, chapter, nested, node, rows
from liangding.torture.audit import audit
from liangding.torture.faults import WhatHolds
from support import Rig, purchase, write_deployment

transaction = chapter("slips", "某省自建/单据式结算")

HOUR = 3600.0


@node
class Slip:
    bill: pharmacy.InvoicedPurchase
    items: Annotated[list[pharmacy.TracedDrug], rows("明细")]


@node
class Settled:
    slip: Annotated[pharmacy.Settlement, nested("结算单", wire="setlInfo")]
    shares: Annotated[list[pharmacy.FundShare] | None, rows("分项")] = None
    splits: Annotated[list[pharmacy.FeeSplit] | None, rows("明细分割")] = None


@node
class Taken:
    which: pharmacy.SettlementReference


@node
class TakenBack:
    slip: Annotated[pharmacy.CancelledSettlement, nested("结算单", wire="setlInfo")]
    shares: Annotated[list[pharmacy.FundShare] | None, rows("分项")] = None


@transaction(
    "9771", "单据式结算", "one-call settlement", does=Does.SETTLES, of=Of.PURCHASE, looked_for=LookedFor.SETTLEMENT,
    undone_by="9772",
)  # fmt: skip
class Settle:
    Input, Output = Slip, Settled


@transaction(
    "9772", "单据式结算撤销", "its cancellation", does=Does.CANCELS, of=Of.PURCHASE,
    looked_for=LookedFor.SETTLEMENT_TAKEN_BACK,
)  # fmt: skip
class Cancel:
    Input, Output = Taken, TakenBack


@transaction(
    "9773", "查不到的结算", "a settlement that cannot be asked for", does=Does.SETTLES, of=Of.PURCHASE,
    looked_for=Unasked("某省的 9773 没有查询，请打电话问经办机构"), undone_by="9772",
)  # fmt: skip
class Unseen:
    Input, Output = Slip, Settled


def _as_national(handler: Callable[[Request], dict[str, Any]]) -> Callable[[Request], dict[str, Any]]:
    """The platform's side: what it does for 2102 and 2103, between nodes of other names."""

    def handle(request: Request) -> dict[str, Any]:
        given = request.input
        said = {"druginfo": getattr(given, "bill", None), "drugdetail": getattr(given, "items", None)}
        shown = SimpleNamespace(**said, data=getattr(given, "which", None))
        answer = handler(attrs.evolve(request, input=shown))
        names = {"setlinfo": "setlInfo", "setldetail": "shares", "detlcutinfo": "splits"}
        return {names[name]: value for name, value in answer.items()}

    return handle


class Province:
    """Somebody's plugin."""

    @hookimpl
    def liangding_transactions(self, deployment: Deployment) -> Mapping[str, Any]:
        return {"9771": Settle, "9772": Cancel, "9773": Unseen}

    @hookimpl
    def liangding_simulate(self, deployment: Deployment) -> Mapping[str, Any]:
        return {"9771": _as_national(settle), "9772": _as_national(cancel_settlement), "9773": _as_national(settle)}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy of that province, on a simulated clock."""
    config = write_deployment(tmp_path)
    deployment = load_deployment(config)
    known = Knowledge(deployment, plugins={"somewhere": Province()})
    clock = SimulatedClock(datetime(2026, 11, 21, 10, 0))
    door = door_for(deployment, clock=clock, known=known)
    line = SimulatedLine(door, read_seconds=deployment.platform.read_seconds)
    with Runtime(deployment, transport=line, clock=clock, known=known) as runtime:
        runtime.sign_in(deployment.operators[0])
        yield Rig(folder=tmp_path, config=config, deployment=deployment, door=door, url="", runtime=runtime)


def settled(rig: Rig, infno: str = "9771", key: str = "S1") -> Any:
    person = rig.person()
    given = purchase(person)
    message = {"bill": given["druginfo"] | {"med_type": "41"}, "items": given["drugdetail"]}
    return rig.runtime.call(infno, message, key=key, flow="F1", insured_place=person.covers[0].place)


def taken_back(rig: Rig, setl_id: str, mdtrt_id: str) -> Any:
    person = rig.person()
    which = {"psn_no": person.psn_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id}
    return rig.runtime.call("9772", {"which": which}, key="S1-back", flow="F1", insured_place=person.covers[0].place)


def held(rig: Rig, key: str = "S1") -> Any:
    return rig.runtime.journal.by_key(rig.deployment.institution.code, key)


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.ERROR_AFTER, Fault.CUT, Fault.OTHER_ANSWER])
def test_what_was_done_is_found_and_answered_in_the_province_s_own_shape(rig: Rig, fault: Fault) -> None:
    rig.strike(fault, "9771")
    info = settled(rig).output.slip
    assert ([info.setl_id], info.medfee_sumamt) == (rig.standing(), 100)
    assert (held(rig).setl_id, held(rig).mdtrt_id) == (info.setl_id, info.mdtrt_id)
    rig.strike(fault, "9772")
    back = taken_back(rig, info.setl_id, info.mdtrt_id).output.slip
    assert (rig.standing(), back.medfee_sumamt, rig.sent("9772")) == ([], -100, 1)


def test_the_person_s_next_call_is_held_back(rig: Rig) -> None:
    rig.strike(Fault.ANSWER_LOST, "9771")
    rig.deafen()
    with pytest.raises(OutcomeUnknown):
        settled(rig)
    with pytest.raises(HeldBack, match="9771"):
        rig.settle(key="another")


def test_what_comes_late_is_taken_back_by_what_undoes_it(rig: Rig) -> None:
    rig.strike(Fault.LATE_COMMIT, "9771", seconds=1500)
    with pytest.raises(OutcomeUnknown):
        settled(rig)
    rig.let_pass(300)
    assert held(rig).state is State.ABSENT
    rig.let_pass(3 * HOUR)
    assert (rig.standing(), rig.sent("9772"), rig.sent("2601")) == ([], 1, 0)
    assert held(rig).state is State.REVERSED


def test_what_cannot_be_asked_for_goes_to_a_person_who_reads_why(rig: Rig) -> None:
    rig.strike(Fault.ANSWER_LOST, "9773")
    with pytest.raises(OutcomeUnknown):
        settled(rig, "9773")
    call = held(rig)
    assert (call.state, call.escalated_at is not None) == (State.UNKNOWN, True)
    notes = [event.detail.get("note", "") for event in rig.runtime.journal.history(call.id)]
    assert any("打电话问经办机构" in note for note in notes)


def test_it_is_printed_with_its_rows_and_its_refund(rig: Rig) -> None:
    info = settled(rig).output.slip
    (slip,) = of_flow(rig.runtime, "F1")
    assert (slip.treatment, slip.setl_id, slip.split.total) == (Treatment.PHARMACY, info.setl_id, Decimal(100))
    assert [fund.code for fund in slip.funds] == ["310200"]
    (line,) = slip.fees
    assert (line.serial, line.amount, line.category, line.own_share is not None) == ("1", Decimal(100), "09", True)
    taken_back(rig, info.setl_id, info.mdtrt_id)
    first, second = of_flow(rig.runtime, "F1")
    assert (first.refunded, second.undoes, second.split.total) == (True, info.setl_id, Decimal(-100))


def test_it_is_audited_by_every_book(rig: Rig) -> None:
    person = rig.person()
    before = {p.psn_no: sum(c.balance for c in p.covers) for p in rig.platform.world.people.all}
    settled(rig)
    world = rig.platform.world
    assert booked(rig.runtime) == ledger(world.ledger())
    scene: Any = SimpleNamespace(
        door=rig.door, world=world, business=[], balances=before, known=rig.runtime.known, deployment=rig.deployment,
        clock=rig.runtime.clock, witness=SimpleNamespace(wrong=[]), foreign=set(), taken_back=set(),
    )  # fmt: skip
    wrong = audit(scene, rig.runtime.journal)
    assert [each for each in wrong if each.rule is not WhatHolds.NOBODY] == [], (
        "there is no till that wants anything here"
    )
    (made,) = world.settlements.values()
    world.settlements.clear()
    person.covers[0].balance += made.split.account
    assert any("no such settlement" in str(wrong) for wrong in audit(scene, rig.runtime.journal))


def test_a_recorded_settlement_stays_one_when_nobody_declares_its_number_any_more(rig: Rig) -> None:
    settled(rig)
    assert Interfaces().meant(held(rig)) == (Does.SETTLES, Of.PURCHASE)
    assert Interfaces().means("9771") == (Does.CHANGES, None)


# -- no list of numbers says it a second time --------------------------------------------------------------------------

NAMES_WHAT_IT_CALLS = {
    "cli/demo/hospital.py": "the audits whose questions it answers",
    "uploads/self_pay.py": "the chain of uploads that a self-paid stay makes",
    "catalogue/kinds.py": "the catalogues that each kind of item is looked for in",
    "flows/caps.py": "the catalogues of diagnoses that it looks into",
}
"""Lists of numbers that do not say what a number means."""


def _numbers(tree: ast.AST) -> Iterator[str]:
    """Transaction numbers that a module compares something with, or keeps in a constant."""
    for part in ast.walk(tree):
        if isinstance(part, ast.Compare):
            yield from _quoted(part)
        elif isinstance(part, ast.Assign | ast.AnnAssign) and part.value is not None:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            found = [] if any(isinstance(target, ast.Tuple) for target in targets) else [*_quoted(part.value)]
            yield from found if len(found) > 1 else ()


def _quoted(part: ast.AST) -> Iterator[str]:
    """The numbers in a literal, those in calls apart: a call names what it calls."""
    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in BASELINE:
        yield part.value
    elif not isinstance(part, ast.Call) or getattr(part.func, "id", "") in ("frozenset", "set", "dict"):
        for child in ast.iter_child_nodes(part):
            yield from _quoted(child)


def test_no_list_outside_the_declarations_says_what_numbers_mean() -> None:
    root = Path(liangding.__file__).parent
    for path in root.rglob("*.py"):
        where = path.relative_to(root).as_posix()
        if not where.startswith(("national/", "files/layouts")) and where not in NAMES_WHAT_IT_CALLS:
            found = [*_numbers(ast.parse(path.read_text("utf-8")))]
            assert not found, f"{where} says what {found} mean: ask the declaration (does, of)"
