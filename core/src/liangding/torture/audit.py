"""The definition of money safety, held against the platform's ledger after a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ..journal import CallRecord, Journal, State
from ..simulator.world import LedgerEntry
from ..spec import Does, Of
from .channel import ChannelBusiness, wrong_mixed_order
from .faults import WhatHolds, Wrong
from .his import Business, FlowBusiness, Told
from .orders import OrderBusiness, wrong_orders
from .scene import Scene


def audit(scene: Scene, journal: Journal) -> list[Wrong]:
    """Everything that is not as it has to be at rest, or was not on the way there; empty where money was safe."""
    calls = {call.msgid: call for call in journal.latest(limit=100_000)}
    return [
        *scene.witness.wrong,
        *_messages(scene, calls),
        *_rows(calls.values(), journal),
        *_ledger(scene, calls),
        *(each for business in scene.business for each in _business(scene, business, journal)),
        *_nobodys(scene, calls, journal),
        *_accounts(scene),
        *_flows(scene, journal),
        *(Wrong(WhatHolds.CHAIN, sentence) for sentence in journal.verify()),
    ]


def _messages(scene: Scene, calls: dict[str, CallRecord]) -> Iterator[Wrong]:
    sealed = {infno for centre in scene.door.centres.values() for infno in centre.paths.values()}
    for msgid, infno in scene.door.platform.requests:
        if infno not in sealed and msgid not in calls and msgid not in scene.foreign:
            yield Wrong(WhatHolds.SENT_UNRECORDED, f"{infno} {msgid} was sent without a record")


def _rows(calls: Iterable[CallRecord], journal: Journal) -> Iterator[Wrong]:
    for call in calls:
        if call.state is State.OPEN and call.changes:
            yield Wrong(WhatHolds.LEFT_OPEN, f"{call.infno} {call.msgid} is open, and nobody works on it")
        elif call.state is State.UNKNOWN and call.escalated_at is None:
            yield Wrong(WhatHolds.UNOWNED, f"{call.infno} {call.msgid} is unknown, and no person was told")
        if call.attempts and any(event.kind == "broke_off" for event in journal.history(call.id)):
            yield Wrong(WhatHolds.BROKE_OFF, f"a look at {call.infno} {call.msgid} broke off")


def _ledger(scene: Scene, calls: dict[str, CallRecord]) -> Iterator[Wrong]:
    """Every settlement that stands was accepted, and every accepted one stands unless it was cancelled."""
    made = {s.msgid: s for s in scene.world.settlements.values() if s.undo_of is None}
    for msgid, settlement in made.items():
        call = calls.get(msgid)
        if call is not None and settlement.counts and call.state is not State.ACCEPTED:
            yield Wrong(
                WhatHolds.LEDGER, f"{settlement.setl_id} stands, and the journal says {call.state.value} of {msgid}"
            )
    for call in calls.values():
        does, of = scene.known.interfaces.meant(call)
        if does is Does.SETTLES and of is not Of.ORDER and call.state is State.ACCEPTED and call.msgid not in made:
            text = f"the journal says accepted of {call.msgid}, and the platform has no such settlement"
            yield Wrong(WhatHolds.ACCEPTED, text)


def _nobodys(scene: Scene, calls: dict[str, CallRecord], journal: Journal) -> Iterator[Wrong]:
    """What stands and was recorded, and belongs to nothing that the institution wanted."""
    for settlement in scene.world.settlements.values():
        if not settlement.counts or settlement.msgid not in calls:
            continue
        if not any(business.owns(settlement.msgid, journal) for business in scene.business):
            yield Wrong(WhatHolds.NOBODY, f"{settlement.setl_id} stands, and nobody asked for it")


def _business(scene: Scene, business: Business, journal: Journal) -> Iterator[Wrong]:
    if isinstance(business, OrderBusiness):
        yield from wrong_orders(scene, business, journal)
        return
    if isinstance(business, ChannelBusiness):
        yield from wrong_mixed_order(business, journal)
        return
    standing, name, other = _standing(scene, business, journal), business.key, business.other
    again = [] if other is None else _standing(scene, other, journal)
    if other is not None and standing and again:
        yield Wrong(WhatHolds.ONCE, f"{name} is settled, and is settled as {other.key}, too")
    if len(standing) > 1:
        yield Wrong(WhatHolds.ONCE, f"{name} is settled {len(standing)} times")
    wanted = business.stands
    if business.told is Told.UNKNOWN or business.refund is Told.UNKNOWN:
        if business.open:
            yield Wrong(WhatHolds.KNOWN, f"{name} is unknown still, after everything came to rest")
    elif wanted and business.setl_id in scene.taken_back:
        if standing:
            yield Wrong(WhatHolds.TOLD, f"{name}: taken back elsewhere, and {standing[0].setl_id} stands")
    elif wanted and [s.setl_id for s in standing] != [business.setl_id]:
        yield Wrong(WhatHolds.TOLD, f"{name}: told {business.setl_id}, and {[s.setl_id for s in standing]} stand")
    elif wanted and (standing[0].split.total, standing[0].split.cash) != (business.total, business.cash):
        text = f"{name}: told {business.cash} of {business.total}, and the platform has another amount"
        yield Wrong(WhatHolds.AMOUNTS, text)
    elif not wanted and standing:
        yield Wrong(WhatHolds.NOTHING, f"{name}: told that nothing stands, and {standing[0].setl_id} does")
    yield from _given_back(scene, business)
    if isinstance(business, FlowBusiness):
        yield from _as_wished(business, standing)
        foreign = {business.setl_id, other.setl_id if other else ""} & scene.taken_back
        if not foreign and not _with_a_person(business, journal):
            yield from _goods(scene, business, bool(standing or again))


def _standing(scene: Scene, business: Business, journal: Journal) -> list[LedgerEntry]:
    """The settlements of the business that stand."""
    return [s for s in scene.world.settlements.values() if s.counts and business.owns(s.msgid, journal)]


def _as_wished(business: FlowBusiness, standing: list[LedgerEntry]) -> Iterator[Wrong]:
    """What the person at the till said."""
    name = business.key
    for entry in standing:
        if not business.confirms:
            yield Wrong(WhatHolds.NOBODY, f"{name}: the person said no, and {entry.setl_id} stands")
        used, could = entry.split.account, min(entry.split.cash, entry.balance_after)
        if (business.account is False and used) or (business.account and not used and could):
            text = f"{name}: the person chose {business.account}, and the account pays {used}, and could {could}"
            yield Wrong(WhatHolds.ACCOUNT_AS_CHOSEN, text)


def _given_back(scene: Scene, business: Business) -> Iterator[Wrong]:
    """The cash that the till was told to give back: what the settlement had taken, and nothing where the insurer had
    taken it back."""
    if business.back is None:
        return
    (setl_id, cash), ledger = business.back, scene.world.settlements
    due = ledger[setl_id].split.cash if setl_id in ledger and setl_id not in scene.taken_back else Decimal(0)
    if abs(cash) != due:
        yield Wrong(
            WhatHolds.AMOUNTS, f"{business.key}: told to give {abs(cash)} back for {setl_id}, and {due} is to be given"
        )


def _with_a_person(business: Business, journal: Journal) -> bool:
    """Whether a call of the business waits for a person: then its goods are that person's, too."""
    waiting = [call for call in journal.latest(states=[State.UNKNOWN], limit=100) if call.escalated_at is not None]
    both = [each for each in (business, business.other) if each is not None]
    return any(each.owns(call.msgid, journal) for call in waiting for each in both)


def _goods(scene: Scene, business: FlowBusiness, stands: bool) -> Iterator[Wrong]:
    for code in business.codes:
        sold = scene.world.sold.get(code)
        if stands and (sold is None or sold.returned):
            yield Wrong(WhatHolds.GOODS, f"{business.key}: the settlement stands, and code {code} is not sold")
        elif not stands and sold is not None and not sold.returned:
            yield Wrong(WhatHolds.GOODS, f"{business.key}: the settlement does not stand, and code {code} is sold")


def _accounts(scene: Scene) -> Iterator[Wrong]:
    """What is left in each person's account is what was there, less what stands."""
    for person in scene.world.people.all:
        spent = sum(
            (s.split.account for s in scene.world.settlements.values() if s.counts and s.visit.person is person),
            Decimal(0),
        )
        left = sum((cover.balance for cover in person.covers), Decimal(0))
        if left + spent != scene.balances[person.psn_no]:
            had = scene.balances[person.psn_no]
            text = f"the account of {person.case} had {had}, {spent} of it was spent, and {left} is left"
            yield Wrong(WhatHolds.ACCOUNTS, text)


def _flows(scene: Scene, journal: Journal) -> Iterator[Wrong]:
    unsettled = {call.flow for call in journal.pending(scene.deployment.name)}
    for left in journal.flows.left(scene.deployment.name, scene.clock.epoch()):
        if left.id not in unsettled:
            yield Wrong(WhatHolds.FLOWS, f"flow {left.id} is left {left.status}")
