"""The arithmetic identities of (pre-)settlements and their cancellations (结算返回的金额关系).

How sure each is differs: ``error`` marks those that hold in the answers of several provinces or follow from the
definition, ``warning`` those that policy may break, ``info`` those that are only plausible. A difference of a cent is
a difference, unless the region or the deployment tolerates it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs

from ..spec.nodes import beyond, members
from ..spec.problems import Level, Problem
from .circumstances import Circumstances
from .money import ZERO, amount, cents, given, total

FUND_KINDS = {
    **dict.fromkeys(
        ("310200", "310201", "310203", "320500", "390500", "999110", "999111", "99999750", "99999790"), "account"
    ),
    **dict.fromkeys(("630100", "999996", "99999602"), "hospital"),
    "999998": "cash",
}
"""fund_pay_type → who pays; any other type is a fund."""

SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "hifdm_pay")
CASH = ("psn_cash_pay", "cash_payamt")
PERSONAL = ("psn_part_amt", "psn_pay")

Check = Callable[[Any, Circumstances], Iterator[Problem]]
Identity = Callable[[Any, Any, Circumstances], Iterator[Problem]]


@attrs.frozen(kw_only=True)
class BrokenIdentity(Problem):
    """An identity that does not hold, and by how many yuan."""

    off: Decimal = ZERO

    def within(self, tolerance: Decimal) -> Problem:
        """The same as a mere finding, where the difference is tolerated."""
        if self.level == "info" or self.off > tolerance:
            return self
        return attrs.evolve(self, level="info", message=f"{self.message}；在容差 {tolerance} 元之内，只记下")


def _broken(
    rule: str, field: str, text: str, left: Decimal, right: Decimal, *, level: Level = "error", node: str = "setlinfo"
) -> Problem:
    message = f"{text}：左边 {left}，右边 {right}"
    return BrokenIdentity(path=("output", node, field), rule=rule, message=message, level=level, off=abs(left - right))


# -- one settlement ------------------------------------------------------------------------------------------------


def scope_split(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    left = given(info, "medfee_sumamt")
    right = total(amount(info, name) for name in SCOPE)
    if left is not None and left != right:
        text = "医疗费总额应等于 全自费 + 超限价自费 + 先行自付 + 政策范围内"
        yield _broken("scope_split", "medfee_sumamt", text, left, right)


def payer_split(info: Any, answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    left = given(info, "medfee_sumamt")
    if left is None:
        return
    fund, account, cash = amount(info, "fund_pay_sumamt"), amount(info, "acct_pay"), amount(info, *CASH)
    hospital = hospital_part(info)
    if hospital is None and left < 0:
        # A cancellation may leave the hospital's part out: the difference is it, where it has the total's sign.
        rest = left - fund - account - cash
        hospital = rest if rest <= 0 else ZERO
    apart, inside = fund + account + cash + (hospital or ZERO), fund + cash + (hospital or ZERO)
    allowed = {None: (apart, inside), False: (apart,), True: (inside, apart)}[circumstances.fund_includes_account]
    if left not in allowed:
        text = "医疗费总额应等于 基金支付 + 个人账户 + 个人现金 + 医院承担"
        yield _broken("payer_split", "medfee_sumamt", text, left, allowed[0])


def hospital_part(info: Any) -> Decimal | None:
    """What the hospital bears: hosp_part_amt, or the extension that some provinces put it in."""
    stated = given(info, "hosp_part_amt")
    if stated is not None:
        return stated
    extension = getattr(info, "exp_content", None)
    for held in (beyond(info), extension if isinstance(extension, dict) else {}):
        try:
            if held.get("ownpay_hosp_part") not in (None, ""):
                return Decimal(str(held["ownpay_hosp_part"]))
        except ArithmeticError:
            return None
    return None


def person_split(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    left = given(info, *PERSONAL)
    right = amount(info, "acct_pay") + amount(info, *CASH)
    if left is not None and left != right:
        text = "个人负担总金额应等于 个人账户支出 + 个人现金支出"
        yield _broken("person_split", "psn_part_amt", text, left, right)


def fund_sum(info: Any, answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    left = given(info, "fund_pay_sumamt")
    right = total(amount(info, name) for name in FUNDS)
    if left is None or left == right:
        return
    if circumstances.fund_includes_account is not False and left == right + amount(info, "acct_pay"):
        return
    yield _broken("fund_sum", "fund_pay_sumamt", "基金支付总额应等于各基金支出之和", left, right, level="warning")


def detail_rows(info: Any, answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    rows = [row for row in getattr(answer, "setldetail", None) or () if row.fund_pay_type]
    if not rows:
        return
    kinds = FUND_KINDS | dict(circumstances.funds)
    sums = {"fund": ZERO, "account": ZERO, "hospital": ZERO, "cash": ZERO}
    for row in rows:
        sums[kinds.get(row.fund_pay_type, "fund")] += amount(row, "fund_payamt")
    fund, account = amount(info, "fund_pay_sumamt"), amount(info, "acct_pay")
    funds = {fund, fund - account} if circumstances.fund_includes_account is not False else {fund}
    if sums["fund"] not in funds:
        text = "基金分项之和应等于基金支付总额"
        yield _broken("detail_fund_rows", "fund_pay_sumamt", text, sums["fund"], fund, level="warning")
    if sums["account"] != account:
        text = "账户分项之和应等于个人账户支出"
        yield _broken("detail_acct_rows", "acct_pay", text, sums["account"], account, level="warning")
    hospital = hospital_part(info)
    if hospital is not None and sums["hospital"] != hospital:
        text = "医院承担分项之和应等于医院负担金额"
        yield _broken("detail_hospital_rows", "hosp_part_amt", text, sums["hospital"], hospital, level="warning")


def deductible_in_scope(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    left, right = amount(info, "act_pay_dedc"), amount(info, "inscp_scp_amt")
    if abs(left) > abs(right):
        text = "起付线不应超过政策范围内金额"
        yield _broken("dedc_in_scope", "act_pay_dedc", text, left, right, level="warning")


def fund_bound(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    left = given(info, "fund_pay_sumamt")
    right = amount(info, "inscp_scp_amt") - amount(info, "act_pay_dedc")
    if left is not None and left > right:
        text = "基金支付超过政策范围内减起付线（有救助、补充保险时可能）"
        yield _broken("fund_bound", "fund_pay_sumamt", text, left, right, level="info")


def shared_account(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    left, right = amount(info, "acct_mulaid_pay"), amount(info, "acct_pay")
    if left > right:
        text = "共济支付超过个人账户支出"
        yield _broken("acct_mulaid", "acct_mulaid_pay", text, left, right, level="info")


def account_flag(info: Any, answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    used = amount(info, "acct_pay") + amount(info, "acct_mulaid_pay")
    if circumstances.account_used is False and used:
        text = "请求说不使用个人账户，账户却有支出"
        yield _broken("acct_flag", "acct_pay", text, used, ZERO, level="warning")


def message_echo(info: Any, answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    echoed = getattr(info, "medins_setl_id", None)
    if circumstances.msgid and echoed and echoed != circumstances.msgid:
        message = "medins_setl_id 应等于本次的报文号"
        yield Problem(
            path=("output", "setlinfo", "medins_setl_id"), rule="msgid_echo", message=message, level="warning"
        )


def not_negative(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    for name, value in _amounts(info):
        if value < 0:
            message = "结算的金额不应为负"
            yield Problem(path=("output", "setlinfo", name), rule="sign_forward", message=message, value=str(value))


def not_positive(info: Any, answer: Any, _: Circumstances) -> Iterator[Problem]:
    for name, value in _amounts(info):
        if value > 0:
            message = "撤销的金额应为负（个别省返回正数，按绝对值理解）"
            yield Problem(
                path=("output", "setlinfo", name), rule="sign_undo", message=message, value=str(value), level="warning"
            )


def _amounts(info: Any) -> Iterator[tuple[str, Decimal]]:
    cls: Any = type(info)
    for member in members(cls):
        field = member.field
        if field is not None and field.type == "number" and field.scale == 2 and member.wire != "balc":
            value = getattr(info, member.attribute)
            if isinstance(value, Decimal):
                yield member.wire, value


FORWARD: tuple[Identity, ...] = (
    scope_split, payer_split, person_split, fund_sum, detail_rows, deductible_in_scope, fund_bound, shared_account,
    account_flag, message_echo, not_negative,
)  # fmt: skip

BACKWARD: tuple[Identity, ...] = (
    scope_split, payer_split, person_split, fund_sum, detail_rows, deductible_in_scope, not_positive,
)  # fmt: skip


def settlement_amounts(answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    """Every identity of a settlement or pre-settlement."""
    yield from _all(FORWARD, answer, circumstances)
    yield from split_rows(answer, circumstances)


def cancellation_amounts(answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    """Every identity of a cancellation, whose amounts are negative."""
    yield from _all(BACKWARD, answer, circumstances)


def _all(identities: tuple[Identity, ...], answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    info = getattr(answer, "setlinfo", None)
    if info is not None:
        for identity in identities:
            yield from tolerated(identity(info, answer, circumstances), circumstances)


def tolerated(problems: Iterator[Problem], circumstances: Circumstances) -> Iterator[Problem]:
    """``problems``, those that are within the tolerance as mere findings."""
    for each in problems:
        yield each.within(circumstances.tolerance) if isinstance(each, BrokenIdentity) else each


# -- split rows ----------------------------------------------------------------------------------------------------


def split_rows(answer: Any, circumstances: Circumstances) -> Iterator[Problem]:
    """明细分割: every row split by scope. The rows stand in detlcutinfo (pharmacies) or result (2204, 2301)."""
    for node in ("detlcutinfo", "result"):
        rows = getattr(answer, node, None)
        for i, row in enumerate(rows if isinstance(rows, list) else ()):
            yield from tolerated(_split_row(row, ("output", node, i)), circumstances)


def _split_row(row: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    whole = given(row, "det_item_fee_sumamt")
    scope = given(row, "inscp_scp_amt")
    if whole is None or scope is None:
        return
    own, over, first = (amount(row, n) for n in ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt"))
    parts = own + over + first + scope
    if whole != parts:
        message = f"明细金额应等于 全自费 + 超限价 + 先行自付 + 政策范围内：左边 {whole}，右边 {parts}"
        off = abs(whole - parts)
        yield BrokenIdentity(path=(*path, "det_item_fee_sumamt"), rule="row_split", message=message, off=off)
    share = given(row, "selfpay_prop")
    if share is None:
        return
    if share == 1 and (own != whole or first):
        message = "自付比例为 1 的行应全自费"
        yield Problem(path=(*path, "fulamt_ownpay_amt"), rule="row_full_selfpay", message=message, level="warning")
    elif share < 1 and not own and first != cents((whole - over) * share):
        message = f"先行自付应等于 (金额 - 超限价) × 自付比例 = {cents((whole - over) * share)}"
        yield Problem(path=(*path, "preselfpay_amt"), rule="row_preselfpay", message=message, level="warning")
    limit, price, count = given(row, "pric_uplmt_amt"), given(row, "pric"), given(row, "cnt")
    if limit and price is not None and count is not None:
        expected = cents((price - limit) * count) if price > limit else ZERO
        if over != expected:
            message = f"超限价金额看来应为 {expected}"
            yield Problem(path=(*path, "overlmt_amt"), rule="row_overlmt", message=message, level="info")
