"""The row of each settlement in the journal is what stands on the platform, however its outcome was learnt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedside import HOSPITAL, bill, done, run, shown
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.journal.settling import SettledColumns, SettlementState
from liangding.resolution.deciding import Action, Decision, decide
from liangding.simulator.faults import Fault
from liangding.simulator.world import LedgerEntry
from support import Rig, rig_for, simulated_rig_for

SUMS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    with rig_for(tmp_path, **HOSPITAL) as made:
        yield made


def kept(rig: Rig) -> dict[str | None, SettledColumns]:
    found = rig.runtime.journal.settlements.between(date(2000, 1, 1), date(2100, 1, 1))
    return {each.setl_id: each for each in found}


def ledger(rig: Rig) -> dict[str, LedgerEntry]:
    return dict(rig.platform.world.settlements)


def told(row: SettledColumns) -> dict[str, Any]:
    return {
        "visit": (row.mdtrt_id, row.insutype, row.med_type), "clearing": (row.clr_type, row.clr_optins),
        "insured in": row.insuplc_admdvs,
        "sums": tuple(getattr(row, name) for name in SUMS), "time": row.setl_time,
    }  # fmt: skip


def stands(held: LedgerEntry) -> dict[str, Any]:
    split, visit = held.split, held.visit
    return {
        "visit": (visit.mdtrt_id, visit.cover.insutype, visit.med_type), "clearing": (held.clr_type, held.clr_optins),
        "insured in": visit.cover.place,
        "sums": (split.total, split.fund, split.account, split.cash), "time": held.at.replace(microsecond=0),
    }  # fmt: skip


@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST], ids=["answered", "asked for"])
def test_a_settlement_is_kept_as_the_platform_has_it(rig: Rig, fault: Fault | None) -> None:
    if fault is not None:
        rig.strike(fault, "2102")
    answer = rig.settle(key="B1")
    (held,), (row,) = ledger(rig).values(), kept(rig).values()
    assert (row.setl_id, row.call_id, row.state) == (held.setl_id, answer.call_id, SettlementState.STANDS)
    assert told(row) == stands(held)
    assert rig.runtime.journal.settlements.psn_no(row.call_id) == rig.person().psn_no
    assert rig.runtime.journal.verify() == []


@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST], ids=["answered", "asked for"])
def test_a_cancellation_is_kept_beside_what_it_takes_back(ward: Rig, fault: Fault | None) -> None:
    settled = done(run(ward, "outpatient", bill(ward.person("retired")), "B1")).result["settlement"].setl_id
    if fault is not None:
        ward.strike(fault, "2208")
    done(
        run(
            ward,
            "outpatient_undo",
            {"credential": shown(ward.person("retired")), "level": "settlement", "bill_key": "B1"},
            "U1",
        )
    )
    original, cancellation = ward.runtime.journal.settlements.by_setl_id(settled)
    assert (original.state, cancellation.state) == (SettlementState.REFUNDED, SettlementState.CANCELS)
    assert (cancellation.refund_of, original.refund_of) == (settled, None)
    for name in ("mdtrt_id", "insutype", "med_type", "clr_type", "clr_optins"):
        assert getattr(cancellation, name) == getattr(original, name), name
    assert [getattr(cancellation, name) for name in SUMS] == [-Decimal(getattr(original, name)) for name in SUMS]
    assert ward.runtime.journal.verify() == []


# -- what a person decides ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path, journal_url: str) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, journal=journal_url) as made:
        yield made


def decided(rig: Rig, action: Action, **more: Any) -> State:
    """Let a person decide the one unknown case, when the platform answers again; how it stands then."""
    (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
    rig.door.faults.clear()
    decide(rig.runtime.resolver, call, Decision(action=action, person="测试主管", reason="与中心核对", **more))
    return rig.runtime.journal.call(call.id).state


def unheard(rig: Rig, infno: str) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, infno)


@pytest.mark.parametrize("named", [False, True], ids=["as it is found", "named by its number"])
def test_what_a_person_accepts_has_its_row(shop: Rig, named: bool) -> None:
    unheard(shop, "2102")
    with pytest.raises(OutcomeUnknown):
        shop.settle(key="B1")
    assert kept(shop) == {}
    (held,) = ledger(shop).values()
    more = {"setl_id": held.setl_id, "mdtrt_id": held.visit.mdtrt_id} if named else {}
    assert decided(shop, Action.ACCEPT, **more) is State.ACCEPTED
    (row,) = kept(shop).values()
    assert (row.setl_id, row.state) == (held.setl_id, SettlementState.STANDS)
    assert told(row) == stands(held)
    assert shop.runtime.journal.verify() == []


def test_what_a_person_has_reversed_stands_nowhere(shop: Rig) -> None:
    unheard(shop, "2102")
    with pytest.raises(OutcomeUnknown):
        shop.settle(key="B1")
    assert decided(shop, Action.REVERSE) is State.REVERSED
    assert (shop.standing(), kept(shop)) == ([], {})


def test_a_cancellation_that_a_person_accepts_marks_what_it_took_back(shop: Rig) -> None:
    settled = shop.settle(key="B1").output.setlinfo
    unheard(shop, "2103")
    message = {"data": {name: getattr(settled, name) for name in ("setl_id", "mdtrt_id", "psn_no")}}
    with pytest.raises(OutcomeUnknown):
        shop.runtime.call("2103", message, key="U1", insured_place="441900")
    assert decided(shop, Action.ACCEPT) is State.ACCEPTED
    original, cancellation = shop.runtime.journal.settlements.by_setl_id(settled.setl_id)
    assert (original.state, original.refund_of) == (SettlementState.REFUNDED, None)
    assert (cancellation.state, cancellation.refund_of) == (SettlementState.CANCELS, settled.setl_id)
    assert cancellation.setl_id != settled.setl_id, "a row of its own number, or of none that is known"
    assert [getattr(cancellation, name) for name in SUMS] == [-Decimal(getattr(original, name)) for name in SUMS]
    assert (shop.standing(), shop.runtime.journal.verify()) == ([], [])
