"""What every settlement has in common: who pays for what, the ledger's entry, the answer, and taking it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...config import Kind
from ...contract.region import Place
from ...contract.simulation import Refuse
from ..arithmetic import ZERO, BillSplit, Policy, RowSplit, split_bill
from ..benefits import care_of, insured_as
from ..people import EMPLOYEES, NORMAL, RESIDENTS, VETERANS, Insurance, Person, whole_years
from ..requests import Request
from ..world import CANCELLED, EFFECTIVE, REVERSED, FeeRow, LedgerEntry, LedgerVisit

POOLS = {EMPLOYEES: "310100", RESIDENTS: "390100", VETERANS: "340100"}
BIRTHS, ACCOUNT, CIVIL_SERVANTS, LARGE, CATASTROPHIC = "510100", "310200", "320100", "330100", "390200"
HOSPITAL, AID = "630100", "610100"
"""fund_pay_type of the rows of 结算基金分项: 统筹、生育、个人账户、公务员补助、大额、居民大病、医院减免、医疗救助."""

CLEARED_APART = {"14": "14", "28": "28", "51": "53"}
"""med_type → clr_type of visits that are not cleared as ordinary ones: 慢特病、日间手术、生育门诊."""


def cover_of(request: Request, person: Person, insutype: str) -> Insurance:
    """The insurance that a settlement runs on. Refuse where there is none, or it is not in normal state."""
    cover = person.cover(insutype, request.insured_place)
    if cover is None:
        raise Refuse("该参保地没有此险种的参保信息")
    if cover.status != NORMAL:
        raise Refuse("参保状态不正常，不能结算")
    return cover


def check_variant(request: Request) -> None:
    """The transactions with A are for whom the region has them; a cross-province person's are made with A there."""
    plain = request.infno.removesuffix("A")
    if f"{plain}A" not in request.interfaces:
        return
    rule, with_a = request.region.a_variant(request.transaction.chapter), request.infno != plain
    if with_a and rule == "never":
        raise Refuse(f"本地没有开放 {request.infno}，请使用 {plain}")
    place = request.region.place(request.insured_place)
    if rule == "local" and with_a is not (place is Place.LOCAL):
        raise Refuse(f"{place.value}请使用 {plain if with_a else f'{plain}A'}")
    if not with_a and rule in ("cross_province", "always") and place is Place.CROSS:
        raise Refuse(f"跨省异地就医请使用 {request.infno}A")


def check_credential(request: Request, person: Person, cert_type: str, number: str | None) -> None:
    """Refuse where the credential that came with a call is not this person's."""
    if not number or person.holds(cert_type, number):
        return
    decoded = request.world.token_holder(number, request.epoch) if cert_type.zfill(2) == "01" else None
    if decoded is not person:
        raise Refuse("就诊凭证与人员不符")


def try_settle(visit: LedgerVisit, rows: list[RowSplit], policy: Policy, *, use_account: bool) -> BillSplit:
    """The split that a settlement would have."""
    return split_bill(rows, policy, visit.cover.balance if use_account else ZERO)


def book(
    request: Request,
    visit: LedgerVisit,
    split: BillSplit,
    rows: list[FeeRow],
    batch: str = "",
    *,
    interim: bool = False,
) -> LedgerEntry:
    """Enter a settlement in the ledger: the account is charged now."""
    world = request.world
    visit.cover.balance -= split.account
    settlement = LedgerEntry(
        setl_id=f"{world.area}{request.at:%Y%m%d}S{world.number('settlement'):08d}", visit=visit, msgid=request.msgid,
        infno=request.infno, at=request.at, made_at=request.epoch, split=split, batch=batch, interim=interim,
        clr_type=clearing_type(request, visit), clr_optins=request.insured_place[:4] + "00",
        balance_after=visit.cover.balance, rows=rows,
    )  # fmt: skip
    world.enter(settlement)
    for row in rows:
        row.setl_id = settlement.setl_id
    request.remember(visit.person.psn_no, lambda: reverse(request, settlement))
    return settlement


def clearing_type(request: Request, visit: LedgerVisit) -> str:
    """clr_type of a settlement, as the region has it for kind and place."""
    kind = request.deployment.institution.kind
    place = request.region.place(request.insured_place)
    ordinary = "41" if kind is Kind.PHARMACY else "21" if visit.inpatient else "11"
    national = CLEARED_APART.get(visit.med_type, ordinary)
    return request.region.clearing.get(kind, {}).get(place, national)


def cancel(request: Request, settlement: LedgerEntry) -> LedgerEntry:
    """Take a settlement back (2103, 2208, 2305): a negative one beside it, the account is given back."""
    if not settlement.counts:
        raise Refuse("该结算已撤销，不能重复撤销")
    if request.interfaces[settlement.infno].undone_by != request.infno:
        raise Refuse(f"{settlement.infno} 的结算不能用 {request.infno} 撤销")
    _give_back(settlement, CANCELLED)
    world, visit = request.world, settlement.visit
    negative = LedgerEntry(
        setl_id=f"{world.area}{request.at:%Y%m%d}S{world.number('settlement'):08d}", visit=visit, msgid=request.msgid,
        infno=request.infno, at=request.at, made_at=request.epoch, split=settlement.split.negated(),
        clr_type=settlement.clr_type, clr_optins=settlement.clr_optins, balance_after=visit.cover.balance,
        undo_of=settlement.setl_id, batch=settlement.batch,
    )  # fmt: skip
    world.enter(negative)
    ended = visit.end

    def reinstate() -> None:
        if negative.state != EFFECTIVE:
            raise Refuse("原撤销已冲正")
        moved_on = any(row.state != EFFECTIVE or row.setl_id for row in settlement.rows) or visit.end != ended
        if moved_on or visit.state != EFFECTIVE:
            raise Refuse("撤销之后就诊已有变动，不能冲正")
        negative.state = REVERSED
        settlement.state = EFFECTIVE
        visit.cover.balance -= settlement.split.account
        for row in settlement.rows:
            row.setl_id = settlement.setl_id

    request.remember(visit.person.psn_no, reinstate)
    return negative


def reverse(request: Request, settlement: LedgerEntry) -> None:
    """2601 on a settlement."""
    if settlement.state == CANCELLED:
        raise Refuse("原结算已退费，不能冲正")
    if settlement.state == REVERSED:
        raise Refuse("原交易已冲正")
    _give_back(settlement, REVERSED)


def take_back_elsewhere(settlement: LedgerEntry) -> None:
    """Somebody takes a settlement back in the insurer's own pages: no message of the institution's says so."""
    _give_back(settlement, CANCELLED)


def _give_back(settlement: LedgerEntry, state: str) -> None:
    settlement.state = state
    settlement.visit.cover.balance += settlement.split.account
    for row in settlement.rows:
        row.setl_id = None


def age(person: Person, request: Request) -> int:
    """Whole years on the day of the request."""
    return whole_years(person.born, request.at.date())


def settlement_info(request: Request, visit: LedgerVisit, split: BillSplit, balance: Decimal) -> dict[str, Any]:
    """结算信息, without the identifiers that only a real settlement has."""
    person, cover = visit.person, visit.cover
    return {
        "mdtrt_id": visit.mdtrt_id, "psn_no": person.psn_no, "psn_name": person.name, "certno": person.certno,
        "psn_cert_type": person.cert_type, "gend": person.gender, "naty": "01", "brdy": person.born.isoformat(),
        "age": age(person, request), "insutype": cover.insutype, "psn_type": cover.psn_type,
        "cvlserv_flag": "1" if cover.civil_servant else "0", "mdtrt_cert_type": visit.cert_type,
        "med_type": visit.med_type, **amounts(split), "balc": balance, "medins_setl_id": request.msgid,
        "clr_optins": request.insured_place[:4] + "00", "clr_way": "1", "clr_type": clearing_type(request, visit),
    }  # fmt: skip


def amounts(split: BillSplit) -> dict[str, Any]:
    """The money of a settlement, as its answer prints it."""
    return {
        "medfee_sumamt": split.total, "fulamt_ownpay_amt": split.full_own, "overlmt_selfpay": split.over_limit,
        "preselfpay_amt": split.own_first, "inscp_scp_amt": split.in_scope, "act_pay_dedc": split.deductible,
        "hifp_pay": split.pool, "pool_prop_selfpay": split.ratio, "cvlserv_pay": split.civil_servant,
        "hifes_pay": 0, "hifmi_pay": split.catastrophic, "hifob_pay": split.large, "maf_pay": split.aid,
        "oth_pay": 0, "hifdm_pay": 0, "fund_pay_sumamt": split.fund, "psn_part_amt": split.account + split.cash,
        "acct_pay": split.account, "psn_cash_pay": split.cash, "acct_mulaid_pay": 0, "hosp_part_amt": split.hospital,
    }  # fmt: skip


def pool_fund(med_type: str, insutype: str) -> str:
    """fund_pay_type of the fund that pays by ratio."""
    return BIRTHS if care_of(med_type, inpatient=False).of_birth else POOLS[insured_as(insutype)]


def fund_shares(visit: LedgerVisit, split: BillSplit) -> list[dict[str, Any]]:
    """结算基金分项信息: a row for each payer that paid something."""
    shares = {
        pool_fund(visit.med_type, visit.cover.insutype): split.pool, CIVIL_SERVANTS: split.civil_servant,
        LARGE: split.large, CATASTROPHIC: split.catastrophic, AID: split.aid,
        ACCOUNT: split.account, HOSPITAL: split.hospital,
    }  # fmt: skip
    return [
        {
            "fund_pay_type": kind, "inscp_scp_amt": split.in_scope, "crt_payb_lmt_amt": 0, "fund_payamt": paid,
            "fund_pay_type_name": None, "setl_proc_info": None,
        }
        for kind, paid in shares.items()
        if paid
    ]  # fmt: skip


def row_split(row: RowSplit) -> dict[str, Any]:
    """明细分割信息 of one row."""
    return {
        "feedetl_sn": row.feedetl_sn, "det_item_fee_sumamt": row.total, "cnt": row.count, "pric": row.price,
        "pric_uplmt_amt": row.item.limit, "selfpay_prop": row.item.own_share, "fulamt_ownpay_amt": row.full_own,
        "overlmt_amt": row.over_limit, "preselfpay_amt": row.own_first, "inscp_scp_amt": row.in_scope,
        "chrgitm_lv": row.item.level, "med_chrgitm_type": "09", "bas_medn_flag": "0", "hi_nego_drug_flag": "0",
        "chld_medc_flag": "0", "list_sp_item_flag": "0", "lmt_used_flag": "0", "drt_reim_flag": "0", "memo": "",
    }  # fmt: skip


def tried_answer(request: Request, visit: LedgerVisit, split: BillSplit) -> dict[str, Any]:
    """The answer of a pre-settlement."""
    info = settlement_info(request, visit, split, visit.cover.balance - split.account)
    return {"setlinfo": info | {"setl_time": None}, "setldetail": fund_shares(visit, split)}


def settled_answer(request: Request, settlement: LedgerEntry) -> dict[str, Any]:
    """The answer of a settlement, or of the negative one that takes it back."""
    info = settlement_info(request, settlement.visit, settlement.split, settlement.balance_after)
    info |= {"setl_id": settlement.setl_id, "setl_time": request.at.isoformat(" ", "seconds")}
    return {"setlinfo": info, "setldetail": fund_shares(settlement.visit, settlement.split)}
