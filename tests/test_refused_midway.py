"""Where the platform refuses after something was brought there: the business goes on with mended content, or is taken
back, and the error says both. Every charging flow, in every province and kind of institution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import run
from liangding.config import Kind
from liangding.contract import Refuse
from liangding.flows import Status, View
from liangding.journal import KeyConflict
from support import Rig, bill, simulated_rig_for
from test_every_flow import AREAS, QUICK

WORDS = "医保目录编码无效"

NEW, FEES, REGISTRATION, DISCHARGE = "新的业务号", "level = fees", "level = registration", "level = discharge"
"""What the operator is told: how the business goes on, and how it is taken back."""


WAYS = {"dongguan": ("on", "back"), "sichuan": ("on", "back")}
"""Both ways where the region's own rules are in them; elsewhere what goes back, which is more."""


@contextmanager
def refusing(rig: Rig, infno: str) -> Iterator[None]:
    """The platform refuses that transaction, with or without A, meanwhile."""

    def refuse(request: Any) -> None:
        raise Refuse(WORDS)

    kept = dict(rig.platform.handlers)
    rig.platform.handlers.update({number: refuse for number in (infno, f"{infno}A") if number in kept})
    try:
        yield
    finally:
        rig.platform.handlers.clear()
        rig.platform.handlers.update(kept)


class Desk:
    """A rig with numbers that are used once."""

    def __init__(self, rig: Rig, ways: tuple[str, ...]) -> None:
        self.rig, self.ways, self.number = rig, ways, 0

    def key(self) -> str:
        self.number += 1
        return f"N{self.number}"

    def run(self, flow: str, given: dict[str, Any], key: str) -> View:
        shown = {} if flow == "inpatient_fees" else {"credential": bedside.shown(self.rig.person())}
        return run(self.rig, flow, {**given, **shown}, key, insutype="310", use_account="1")

    def done(self, flow: str, given: dict[str, Any], key: str | None = None) -> str:
        key = key or self.key()
        view = self.run(flow, given, key)
        assert view.status is Status.DONE, (flow, view.step, view.error, view.question)
        return key

    def refused(self, infno: str, flow: str, given: dict[str, Any], *told: str) -> str:
        """The key of a flow that the platform refused at ``infno``: its error has the platform's words and ``told``."""
        key = self.key()
        with refusing(self.rig, infno):
            view = self.run(flow, given, key)
        assert view.status is Status.STOPPED, (flow, infno, view.status, view.step, view.question)
        assert view.error is not None
        assert WORDS in view.error["message"], view.error
        missing = [words for words in told if words not in view.error["remedy"]]
        assert missing == [], (flow, infno, view.error["remedy"])
        return key

    def nothing_is_left(self) -> None:
        """No settlement, no open visit, no fee row that nobody settles."""
        assert self.rig.standing() == []
        visits = [v for v in self.rig.platform.world.visits.values() if v.state == "effective"]
        pharmacy = self.rig.deployment.institution.kind is Kind.PHARMACY  # there a visit is what a settlement leaves
        assert [v.mdtrt_id for v in visits if not (pharmacy and v.settlements)] == []


def bill_of(desk: Desk, **more: Any) -> dict[str, Any]:
    given = bedside.bill(desk.rig.person(), desk.key(), ipt_otp_no=more.get("ipt_otp_no") or desk.key())
    return {k: v for k, v in (given | more).items() if k != "use_account"}


def undo(desk: Desk, level: str, key: str) -> None:
    desk.done("outpatient_undo", {"bill_key": key, "level": level})


def a_bill(desk: Desk) -> None:
    """2203, 2204, 2206, 2207 refused: another bill of the same visit, or back to before the registration."""
    for infno in ("2203", "2204", "2206", "2207"):
        first = bill_of(desk)
        key = desk.refused(infno, "outpatient", first, NEW, "visit_key", FEES, REGISTRATION)
        if infno in ("2206", "2207"):
            undo(desk, "fees", key)
        mended = bill_of(desk, ipt_otp_no=first["ipt_otp_no"], visit_key=key)
        again = desk.done("outpatient", mended)
        undo(desk, "registration", again)
        desk.nothing_is_left()
        if infno in ("2204", "2207"):
            undo(desk, "registration", desk.refused(infno, "outpatient", bill_of(desk), FEES, REGISTRATION))
            desk.nothing_is_left()


def registered_elsewhere(desk: Desk) -> None:
    """A visit registered at one desk: what is refused at the other goes on there, or the registration goes back."""
    for way in desk.ways:
        number = desk.key()
        given = {"ipt_otp_no": number, "doctor": bedside.DOCTOR}
        visit = desk.done("outpatient_registration", given)
        key = desk.refused("2204", "outpatient", bill_of(desk, ipt_otp_no=number, visit_key=visit), NEW, REGISTRATION)
        if way == "on":
            key = desk.done("outpatient", bill_of(desk, ipt_otp_no=number, visit_key=visit))
        undo(desk, "registration", key)
        desk.nothing_is_left()


def a_refund(desk: Desk) -> None:
    """What stays of a bill is refused after its settlement was taken back: the same key goes on, or all goes back."""
    for infno in ("2204", "2206", "2207"):
        for way in desk.ways:
            first = bill_of(desk)
            key = desk.done("outpatient", first)
            back = [{"feedetl_sn": first["rows"][0]["feedetl_sn"], "count": "1"}]
            given = {"bill_key": key, "returns": back}
            refund = desk.refused(infno, "outpatient_partial_refund", given, "同一业务号继续", NEW, REGISTRATION)
            if way == "on":
                desk.done("outpatient_partial_refund", given, refund)
            undo(desk, "registration", key)
            desk.nothing_is_left()


def settled_again(desk: Desk) -> None:
    """A bill is refused when it is settled again: the same once more, or back."""
    for infno in ("2206", "2207"):
        for way in desk.ways:
            key = desk.done("outpatient", bill_of(desk))
            undo(desk, "settlement", key)
            again = desk.refused(infno, "outpatient_settle_again", {"bill_key": key}, NEW, FEES, REGISTRATION)
            if way == "on":
                desk.done("outpatient_settle_again", {"bill_key": key}, again)
            undo(desk, "registration", key)
            desk.nothing_is_left()


def a_stay(desk: Desk) -> None:
    """2301 refused: the mended rows go under another key. 2303, 2304 refused after the discharge: the same once more,
    or the discharge goes back and is made anew."""
    for infno in ("2303", "2304"):
        for way in desk.ways:
            admission = bedside.admission(desk.rig.person(), ipt_no=desk.key())
            stay = {"admission_key": desk.done("admission", admission)}
            fees = {"stay": stay, "doctor": bedside.DOCTOR, "rows": [bedside.item(desk.key())]}
            desk.refused("2301", "inpatient_fees", fees, NEW)
            desk.done("inpatient_fees", fees)
            given = bedside.discharge(desk.rig.person(), stay=stay)
            key = desk.refused(infno, "discharge", given, "同一业务号继续", DISCHARGE, NEW)
            if way == "back":
                desk.done("inpatient_undo", {"stay": stay, "level": "discharge"})
                key = desk.key()
            desk.done("discharge", given, key)
            desk.done("inpatient_undo", {"stay": stay, "level": "admission"})
            desk.nothing_is_left()


def a_purchase(desk: Desk) -> None:
    """2101, 2102 refused: nothing was brought; mended content goes under the same key where it was not settled, else
    under another."""
    for infno in ("2101", "2102"):
        given = {k: v for k, v in bill(desk.rig.person(), desk.key()).items() if k != "use_account"}
        key = desk.refused(infno, "pharmacy_purchase", given)
        desk.nothing_is_left()
        rows = [{**row, "med_list_codg": "XB01"} for row in given["rows"]]
        key = key if infno == "2101" else desk.key()
        desk.done("pharmacy_purchase", {**given, "rows": rows}, key)
        desk.done("pharmacy_refund", {"purchase_key": key})
        desk.nothing_is_left()


BUSINESS: dict[Kind, tuple[Callable[[Desk], None], ...]] = {
    Kind.PHARMACY: (a_purchase,), Kind.CLINIC: (a_bill, registered_elsewhere, a_refund, settled_again),
    Kind.HOSPITAL: (a_bill, a_stay),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("region", AREAS)
def test_what_is_refused_midway_goes_on_or_is_taken_back(tmp_path: Path, region: str, kind: Kind) -> None:
    letter = "P" if kind is Kind.PHARMACY else "H"
    where = {"province": region, "area": AREAS[region], "kind": kind, "code": f"{letter}{AREAS[region]}00001"}
    with simulated_rig_for(tmp_path, **where, more=QUICK) as rig:
        balances = [cover.balance for cover in rig.person().covers]
        desk = Desk(rig, WAYS.get(region, ("back",)))
        for business in BUSINESS[kind]:
            business(desk)
        assert [cover.balance for cover in rig.person().covers] == balances


def test_a_bill_that_stopped_before_anything_was_sent_is_mended_under_its_key(tmp_path: Path) -> None:
    """The till sends the same receipt again with the price put right; another person's, or one whose settlement was
    sent, is no mended one."""
    with simulated_rig_for(tmp_path) as rig:
        given = {k: v for k, v in bill(rig.person(), "R1").items() if k != "use_account"}
        wrong = {**given, "rows": [{**given["rows"][0], "price": "-1"}, *given["rows"][1:]]}
        view = run(rig, "pharmacy_purchase", wrong, "R1")
        assert view.error is not None
        assert view.error["code"] == "invalid_message"
        with refusing(rig, "2101"):
            view = run(rig, "pharmacy_purchase", given, "R1", use_account="0")
        assert (view.error or {})["code"] == "refused"
        other = {**given, "credential": bedside.shown(rig.person("resident"))}
        with pytest.raises(KeyConflict):
            rig.flows.start("pharmacy_purchase", {**other, "rows": given["rows"][:1]}, key="R1")
        with refusing(rig, "2102"):
            view = run(rig, "pharmacy_purchase", {**given, "rows": given["rows"][:1]}, "R1", use_account="0")
        assert (view.error or {})["code"] == "refused"
        with pytest.raises(KeyConflict):
            rig.flows.start("pharmacy_purchase", given, key="R1")
        view = run(rig, "pharmacy_purchase", {**given, "rows": given["rows"][:1]}, "R1", use_account="0")
        assert (view.status, len(rig.standing())) == (Status.DONE, 1)
