"""发药与退药: what a hospital or a clinic hands out after a settlement, with its traceability codes, and takes back.

3505(A) after the settlement of a visit or a stay, 3506(A) for what comes back. Nobody shows anything at the counter:
whose settlement it is, the bill says. One bill may be handed out in several parts, each with a document number of its
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ..contract.steps import Flow, step
from ..identity import Credential, Insured
from ..journal.settling import SettlementState
from ..workflow.standing import FlowStopped
from ..workflow.work import Work
from . import following
from .holding import NOT_YET, Draft, held_first
from .pharmacy.goods import SoldRow, Staff, give_back, goods_of, sale_drafts, sale_of, sell, seller_of, sold_by

SETTLED_BY = ("outpatient", "outpatient_settle_again", "outpatient_partial_refund", "discharge", "pharmacy_purchase")
"""The flows whose settlement something may be handed out for."""


@attrs.define(kw_only=True)
class GoodsDispensingGiven:
    """What is handed out for which settlement: that of a flow (``bill``, or ``bill_key`` which it was started with), or
    one by the platform's numbers. ``document_no`` is the institution's own number of the paper (发药单号); every row
    brings its ``goods``."""

    document_no: str
    rows: list[SoldRow]
    staff: Staff
    bill: str | None = None
    bill_key: str | None = None
    setl_id: str | None = None
    mdtrt_id: str | None = None
    psn_no: str | None = attrs.field(default=None, repr=False)
    insured_place: str | None = None
    dispensed_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        numbers = self.setl_id and self.mdtrt_id and self.psn_no and self.insured_place
        if not (self.bill or self.bill_key or numbers):
            raise ValueError("给出 bill 或 bill_key，或者 setl_id、mdtrt_id、psn_no、insured_place 四项")
        if not self.rows or any(row.goods is None for row in self.rows):
            raise ValueError("rows 至少要有一行，每行都要有 goods（库存、批号、追溯码）")
        serials = [row.feedetl_sn for row in self.rows]
        if len(set(serials)) != len(serials):
            raise ValueError("rows 中 feedetl_sn 有重复")
        codes = [c for row in self.rows if row.goods and not row.goods.split_pack for c in row.goods.trace_codes]
        if len(set(codes)) != len(codes):
            raise ValueError("同一追溯码扫了两次")


@attrs.define(kw_only=True)
class GoodsDispensingState:
    """How far it has got. ``uploaded`` are the rows that the platform has."""

    given: GoodsDispensingGiven
    person: Insured | None = None
    setl_id: str = ""
    mdtrt_id: str = ""
    insured_place: str = ""
    begun_at: datetime | None = None
    uploaded: list[str] = attrs.field(factory=list)


@step("找到结算")
def find_settled(work: Work[GoodsDispensingState]) -> None:
    """Know whose settlement it is, and that it stands. FlowStopped where nothing was settled, or it was taken back."""
    state, given = work.state, work.state.given
    state.begun_at = state.begun_at or given.dispensed_at or work.begun_at
    flow_id = following.earlier_id(work, SETTLED_BY, given.bill, given.bill_key)
    if flow_id is None:
        state.setl_id, state.mdtrt_id = given.setl_id or "", given.mdtrt_id or ""
        state.insured_place, state.person = given.insured_place or "", _known_by_number(given.psn_no or "")
    else:
        settlement, bill = following.settlement_of(work, flow_id), work.flows.state_of(flow_id)
        if settlement is None:
            raise FlowStopped("那张单还没有结算，不能发药", remedy="结算后再发")
        state.setl_id, state.mdtrt_id = settlement.setl_id, settlement.mdtrt_id
        state.person = bill.person or _known_by_number(settlement.psn_no)
        state.insured_place = bill.cover.insured_place if bill.cover else ""
    if any(
        each.state is not SettlementState.STANDS for each in work.runtime.journal.settlements.by_setl_id(state.setl_id)
    ):
        raise FlowStopped(f"结算 {state.setl_id} 已经撤销，不能发药", remedy="重新结算后，按新的结算发药")


def _known_by_number(psn_no: str) -> Insured:
    """Somebody of whom only the person's number is known."""
    nothing = Credential(type="99", number=psn_no)
    return Insured(psn_no=psn_no, name="", certno="", cert_type="", gender="", covers=(), credential=nothing)


@step(
    "发药上传",
    "3505",
    "3505A",
    takes=("2207.output.setlinfo.setl_id",),
    repeats="每行药品",
    undone_by="3506",
    uses=("sale_upload",),
)
def hand_out(work: Work[GoodsDispensingState]) -> None:
    """Upload what is handed out, with its traceability codes; each row once."""
    state = work.state
    sell(work, state.given.rows, lambda row: _handed_out(work, row), state.insured_place, state.uploaded)


def _handed_out(work: Work[GoodsDispensingState], row: SoldRow) -> dict[str, Any]:
    state, given = work.state, work.state.given
    assert state.person is not None
    at = state.begun_at or work.begun_at
    common = goods_of(work, row, state.mdtrt_id, state.setl_id, state.person, at)
    return sale_of(work, row, given.staff, common, document_no=given.document_no, insured_place=state.insured_place)


def _drafts(work: Work[GoodsDispensingState]) -> Iterator[Draft]:
    """What will be sent."""
    work.state.setl_id, work.state.mdtrt_id = NOT_YET, NOT_YET
    paper = {"rtal_docno": ("document_no",)}
    for made in sale_drafts(work, work.state.given.rows, lambda row: _handed_out(work, row)):
        yield made
        yield attrs.evolve(made, nodes=dict.fromkeys(made.nodes, ()), names=paper)


class GoodsDispensingResult(TypedDict):
    """What was handed out: the settlement, and the rows that the platform has."""

    setl_id: str
    uploaded: list[str]


class GoodsDispensing(Flow[GoodsDispensingState]):
    """发药: what a settlement paid for is handed out, and told with its traceability codes."""

    name = "goods_dispensing"
    title = "发药"
    given = GoodsDispensingGiven
    state = GoodsDispensingState
    undone_by = "goods_return"
    keyed_by = (("document_no",),)
    steps = (held_first(_drafts), find_settled, hand_out)

    @staticmethod
    def result(state: GoodsDispensingState) -> GoodsDispensingResult:
        return {"setl_id": state.setl_id, "uploaded": list(state.uploaded)}


# -- what comes back ---------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class GoodsComingBack:
    """A row that was handed out and comes back: all of it, or ``count`` of it with the codes of those packs."""

    feedetl_sn: str
    count: Decimal | None = None
    trace_codes: tuple[str, ...] = ()


@attrs.define(kw_only=True)
class GoodsReturnGiven:
    """What comes back of what was handed out (``dispensing``, or ``dispensing_key`` which that was started with); left
    out, everything."""

    dispensing: str | None = None
    dispensing_key: str | None = None
    returns: list[GoodsComingBack] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if not (self.dispensing or self.dispensing_key):
            raise ValueError("给出 dispensing 或 dispensing_key")
        serials = [each.feedetl_sn for each in self.returns]
        if len(set(serials)) != len(serials):
            raise ValueError("returns 中 feedetl_sn 有重复")


@attrs.define(kw_only=True)
class GoodsReturnState:
    """How far it has got. ``rows`` are what comes back, ``returned`` those of them that the platform has."""

    given: GoodsReturnGiven
    person: Insured | None = None
    setl_id: str = ""
    mdtrt_id: str = ""
    insured_place: str = ""
    staff: Staff | None = None
    rows: list[SoldRow] = attrs.field(factory=list)
    begun_at: datetime | None = None
    returned: list[str] = attrs.field(factory=list)


@step("找到发药")
def find_dispensed(work: Work[GoodsReturnState]) -> None:
    """Know what was handed out, and what of it comes back. FlowStopped where that was not handed out, HeldBack where
    nobody knows yet whether it was."""
    state, given = work.state, work.state.given
    flow_id = following.earlier_id(work, (GoodsDispensing.name,), given.dispensing, given.dispensing_key)
    assert flow_id is not None
    out: GoodsDispensingState = work.flows.state_of(flow_id)
    state.begun_at = state.begun_at or work.begun_at
    state.person, state.setl_id, state.mdtrt_id = out.person, out.setl_id, out.mdtrt_id
    state.insured_place, state.staff = out.insured_place, out.given.staff
    sold = sold_by(work, flow_id, hand_out.name, [row for row in out.given.rows if row.feedetl_sn not in out.uploaded])
    there = {*out.uploaded, *(row.feedetl_sn for row in sold)}
    held = {row.feedetl_sn: row for row in out.given.rows if row.feedetl_sn in there}
    if not held:
        raise FlowStopped("这张发药单还没有发出，不用退", remedy="放弃那张发药单即可")
    wanted = given.returns or [GoodsComingBack(feedetl_sn=serial) for serial in held]
    state.rows = [_coming_back(held, each) for each in wanted]


def _coming_back(held: dict[str, SoldRow], back: GoodsComingBack) -> SoldRow:
    """The row with the count and the codes that come back."""
    row = held.get(back.feedetl_sn)
    if row is None or row.goods is None:
        raise FlowStopped(f"这张发药单没有发过 {back.feedetl_sn}", remedy="核对 returns 的 feedetl_sn")
    count = back.count or row.count
    if not 0 < count <= row.count:
        raise FlowStopped(f"{back.feedetl_sn} 发了 {row.count:f}，不能退 {count:f}")
    codes = back.trace_codes or (row.goods.trace_codes if count == row.count else ())
    if strange := [code for code in codes if code not in row.goods.trace_codes]:
        raise FlowStopped(f"{back.feedetl_sn} 没有发过追溯码 {'、'.join(strange)}", remedy="重扫要退的那几盒")
    if row.goods.trace_codes and not codes:
        raise FlowStopped(f"{back.feedetl_sn} 只退一部分，要给出那几盒的 trace_codes")
    return attrs.evolve(row, count=count, goods=attrs.evolve(row.goods, trace_codes=codes))


@step("退药上传", "3506", "3506A", takes=("3505.input.selinfo",), repeats="每行药品", undone_by="3507")
def take_goods_back(work: Work[GoodsReturnState]) -> None:
    """Upload what came back, with its codes, so that they may be handed out again."""
    state = work.state
    give_back(work, state.rows, lambda row: _given_back(work, row), state.insured_place, state.returned)


def _given_back(work: Work[GoodsReturnState], row: SoldRow) -> dict[str, Any]:
    state = work.state
    assert state.person is not None
    common = goods_of(work, row, state.mdtrt_id, state.setl_id, state.person, state.begun_at or work.begun_at)
    return common | {"sel_retn_opter_name": seller_of(work, state.staff)}


class GoodsReturnResult(TypedDict):
    """What came back: the settlement, and the rows that the platform has taken back."""

    setl_id: str
    returned: list[str]


class GoodsReturn(Flow[GoodsReturnState]):
    """退药: what was handed out comes back, whole or in part."""

    name = "goods_return"
    title = "退药"
    given = GoodsReturnGiven
    state = GoodsReturnState
    steps = (find_dispensed, take_goods_back)

    @staticmethod
    def result(state: GoodsReturnState) -> GoodsReturnResult:
        return {"setl_id": state.setl_id, "returned": list(state.returned)}
