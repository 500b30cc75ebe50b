"""Every identity of a settlement's amounts, false by a cent in each direction, with each amount left out, and in each
reading that a region may have of the fund's sum."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from liangding.calls.validation import validate
from liangding.checks import Circumstances
from liangding.checks.settlement import FUND_KINDS
from liangding.spec.problems import Problem
from liangding.wire.json import encode

FUNDS = {
    "hifp_pay": "30.01", "cvlserv_pay": "2.02", "hifes_pay": "3.03", "hifmi_pay": "4.04", "hifob_pay": "5.05",
    "maf_pay": "6.06", "oth_pay": "7.07", "hifdm_pay": "1.01",
}  # fmt: skip

GOOD = {
    "medfee_sumamt": "100.00", "fulamt_ownpay_amt": "10.03", "overlmt_selfpay": "5.04", "preselfpay_amt": "7.05",
    "inscp_scp_amt": "77.88", "act_pay_dedc": "8.06", **FUNDS, "fund_pay_sumamt": "58.29", "acct_pay": "15.20",
    "acct_mulaid_pay": "3.10", "psn_cash_pay": "25.01", "psn_part_amt": "40.21", "hosp_part_amt": "1.50",
    "balc": "-9.99", "pool_prop_selfpay": "-0.1", "age": "-1",
}  # fmt: skip
"""58.29 + 15.20 + 25.01 + 1.50 = 100.00; what may be below zero is."""

ROWS = {"310100": "50.00", "610100": "8.29", "310200": "10.00", "390500": "5.20", "630100": "1.50", "999998": "25.01"}

APART: dict[str, Any] = {"fund_includes_account": False}

HOLD = {
    ("scope_split", "error", "medfee_sumamt"): (
        "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt",
    ),
    ("payer_split", "error", "medfee_sumamt"): (
        "medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay", "hosp_part_amt",
    ),
    ("person_split", "error", "psn_part_amt"): ("psn_part_amt", "acct_pay", "psn_cash_pay"),
    ("fund_sum", "warning", "fund_pay_sumamt"): ("fund_pay_sumamt", *FUNDS),
    ("detail_fund_rows", "warning", "fund_pay_sumamt"): ("fund_pay_sumamt", "310100", "610100"),
    ("detail_acct_rows", "warning", "acct_pay"): ("acct_pay", "310200", "390500"),
    ("detail_hospital_rows", "warning", "hosp_part_amt"): ("hosp_part_amt", "630100"),
}  # fmt: skip
"""What holds to the cent → the amounts that are in it."""

Told = tuple[str, str, str, Decimal | None]
"""Rule, level, field, and by how much."""

LEFT = {
    "medfee_sumamt": ("scope_split", "payer_split"), "psn_part_amt": ("person_split",),
    "fund_pay_sumamt": ("fund_sum", "fund_bound"), "hosp_part_amt": ("detail_hospital_rows",),
}  # fmt: skip
"""An amount that is not given says nothing: the identity that begins with it is none."""

WITHOUT: dict[str, set[Told]] = {
    "inscp_scp_amt": {
        ("fund_bound", "info", "setlinfo.fund_pay_sumamt", Decimal("66.35")),
        ("dedc_in_scope", "warning", "setlinfo.act_pay_dedc", Decimal("8.06")),
    },
    "acct_pay": {("acct_mulaid", "info", "setlinfo.acct_mulaid_pay", Decimal("3.10"))},
}
"""What is above its bound where an amount counts as nothing."""

OURS = {
    *(rule for rule, _, _ in HOLD), "dedc_in_scope", "fund_bound", "acct_mulaid", "acct_flag", "msgid_echo",
    "sign_forward", "sign_undo", "row_split", "row_full_selfpay", "row_preselfpay", "row_overlmt",
}  # fmt: skip


def told(problems: Iterable[Problem]) -> set[Told]:
    """What is said of identities."""
    return {
        (each.rule, each.level, ".".join(map(str, each.path[1:])), getattr(each, "off", None))
        for each in problems
        if each.rule in OURS
    }


def judged(infno: str, info: dict[str, Any], rows: dict[str, str] | None = None, **known: Any) -> list[Problem]:
    """What is said of an answer with these amounts and fund rows."""
    output: dict[str, Any] = {"setlinfo": {name: value for name, value in info.items() if value is not None}}
    if rows is not None:
        output["setldetail"] = [
            {"fund_pay_type": kind, "fund_payamt": value, "inscp_scp_amt": "0"} for kind, value in rows.items()
        ]
    return validate(infno, encode(output), "response", circumstances=Circumstances(**known))


def of(info: dict[str, Any], rows: dict[str, str] | None = None, infno: str = "2304", **known: Any) -> set[Told]:
    return told(judged(infno, info, rows, **known))


def broken(*rules: str, off: str) -> set[Told]:
    return {(rule, level, f"setlinfo.{field}", abs(Decimal(off))) for rule, level, field in HOLD if rule in rules}


def moved(amounts: dict[str, str], name: str, by: str) -> dict[str, str]:
    return amounts | ({name: str(Decimal(amounts[name]) + Decimal(by))} if name in amounts else {})


@pytest.mark.parametrize("infno", ["2304", "2207", "2102", "2206", "2303", "2101"])
def test_what_fits_together_is_not_remarked_on(infno: str) -> None:
    each: list[dict[str, Any]] = [{}, APART, {"fund_includes_account": True}, {"msgid": "M", "account_used": True}]
    for known in each:
        assert of(GOOD, ROWS, infno, **known) == set()
        assert of(GOOD, None, infno, **known) == of(GOOD, {}, infno, **known) == set()


@pytest.mark.parametrize("by", ["0.01", "-0.01"])
@pytest.mark.parametrize("name", sorted({name for names in HOLD.values() for name in names}))
def test_a_cent_in_either_direction_breaks_each_identity_that_it_is_in(name: str, by: str) -> None:
    rules = [rule for (rule, _, _), names in HOLD.items() if name in names]
    info, rows = moved(GOOD, name, by), moved(ROWS, name, by)
    assert of(info, rows, **APART) == broken(*rules, off=by)
    without_rows = [rule for rule in rules if not rule.startswith("detail")]
    assert of(info, None, **APART) == broken(*without_rows, off=by)
    assert of(info, rows) == broken(*rules, off=by)
    inside = Decimal("15.20") + Decimal(by) * {"medfee_sumamt": 1, "acct_pay": 0}.get(name, -1)
    others = [rule for rule in rules if rule != "payer_split"]
    assert of(info, rows, fund_includes_account=True) == broken(*others, off=by) | (
        broken("payer_split", off=str(inside)) if "payer_split" in rules else set()
    ), "told is the reading that the region has"


@pytest.mark.parametrize("name", sorted({name for names in HOLD.values() for name in names} & GOOD.keys()))
def test_an_amount_that_is_left_out_counts_as_nothing(name: str) -> None:
    rules = [rule for (rule, _, _), names in HOLD.items() if name in names and rule not in LEFT.get(name, ())]
    assert of(GOOD | {name: None}, ROWS, **APART) == broken(*rules, off=GOOD[name]) | WITHOUT.get(name, set())


CENT = Decimal("0.01")

INSIDE = GOOD | {"fund_pay_sumamt": "73.49"}
"""The fund's sum with what the account paid in it: 73.49 + 25.01 + 1.50 = 100.00."""


def test_whether_the_funds_sum_has_the_account_in_it_is_the_regions_to_say() -> None:
    over = {("fund_bound", "info", "setlinfo.fund_pay_sumamt", Decimal("3.67"))}
    assert of(INSIDE, ROWS) == of(INSIDE, ROWS, fund_includes_account=True) == over
    assert of(INSIDE, ROWS, **APART) == over | broken("payer_split", "fund_sum", "detail_fund_rows", off="15.20")
    for by in ("0.01", "-0.01"):
        wrong = moved(INSIDE, "psn_cash_pay", by) | {"psn_part_amt": str(Decimal("40.21") + Decimal(by))}
        assert of(wrong, ROWS, fund_includes_account=True) == over | broken("payer_split", off=by)


def test_both_sides_are_told() -> None:
    sides = {each.rule: each.message.partition("：")[2] for each in judged(
        "2304", GOOD | {"medfee_sumamt": "200.00", "psn_part_amt": "0.01", "fund_pay_sumamt": "60.29"}, ROWS, **APART
    )}  # fmt: skip
    assert {rule: sides[rule] for rule in ("scope_split", "payer_split", "person_split", "fund_sum")} == {
        "scope_split": "左边 200.00，右边 100.00", "payer_split": "左边 200.00，右边 102.00",
        "person_split": "左边 0.01，右边 40.21", "fund_sum": "左边 60.29，右边 58.29",
    }  # fmt: skip
    assert sides["detail_fund_rows"] == "左边 58.29，右边 60.29"


@pytest.mark.parametrize(
    ("change", "rule", "level", "field"),
    [
        ({"act_pay_dedc": "77.88"}, "dedc_in_scope", "", ""),
        ({"act_pay_dedc": "77.89"}, "dedc_in_scope", "warning", "act_pay_dedc"),
        ({"act_pay_dedc": "19.59"}, "fund_bound", "", ""),
        ({"act_pay_dedc": "19.60"}, "fund_bound", "info", "fund_pay_sumamt"),
        ({"acct_mulaid_pay": "15.20"}, "acct_mulaid", "", ""),
        ({"acct_mulaid_pay": "15.21"}, "acct_mulaid", "info", "acct_mulaid_pay"),
    ],
)
def test_bounds_hold_at_their_edge_and_not_a_cent_beyond(
    change: dict[str, str], rule: str, level: str, field: str
) -> None:
    expected = {(rule, level, f"setlinfo.{field}", CENT)} if level else set()
    assert {each for each in of(GOOD | change) if each[0] == rule} == expected


@pytest.mark.parametrize(
    ("account_used", "account", "shared", "off"),
    [
        (False, "0", "0", None), (False, "0.01", "0", "0.01"), (False, "0", "0.02", "0.02"),
        (False, "0.01", "0.02", "0.03"), (True, "0.01", "0.02", None), (None, "0.01", "0.02", None),
    ],
)  # fmt: skip
def test_an_account_that_was_not_to_be_used_pays_nothing(
    account_used: bool | None, account: str, shared: str, off: str | None
) -> None:
    found = of(GOOD | {"acct_pay": account, "acct_mulaid_pay": shared}, account_used=account_used)
    assert {each for each in found if each[0] == "acct_flag"} == (
        set() if off is None else {("acct_flag", "warning", "setlinfo.acct_pay", Decimal(off))}
    )


@pytest.mark.parametrize(
    ("msgid", "echoed", "said"),
    [("M1", "M1", 0), ("M1", "M2", 1), (None, "M2", 0), ("M1", None, 0), ("M1", "", 0), ("", "M2", 0)],
)
def test_the_number_that_is_echoed_is_the_messages(msgid: str | None, echoed: str | None, said: int) -> None:
    found = of(GOOD | {"medins_setl_id": echoed}, msgid=msgid)
    assert found == ({("msgid_echo", "warning", "setlinfo.medins_setl_id", None)} if said else set())


AMOUNTS = sorted(GOOD.keys() - {"balc", "pool_prop_selfpay", "age"})


@pytest.mark.parametrize("name", AMOUNTS)
def test_no_amount_of_a_settlement_is_below_zero(name: str) -> None:
    for value, said in (("-0.01", True), ("0.00", False), ("0.01", False)):
        found = {each for each in judged("2304", GOOD | {name: value}) if each.rule == "sign_forward"}
        assert {(each.level, each.path, each.value) for each in found} == (
            {("error", ("output", "setlinfo", name), "-0.01")} if said else set()
        )


# -- what is taken back ------------------------------------------------------------------------------------------------

BACK = {
    **{name: f"-{GOOD[name]}" for name in AMOUNTS if name not in ("psn_part_amt", "psn_cash_pay", "hosp_part_amt")},
    "psn_pay": "-40.21", "cash_payamt": "-25.01", "balc": "1.00",
}  # fmt: skip
"""A pharmacy's cancellation, which does not say what the hospital bears, and has names of its own for the cash."""


def test_what_takes_back_fits_together_with_minus_signs() -> None:
    minus = {kind: f"-{value}" for kind, value in ROWS.items()}
    assert of(BACK, minus, "2103", **APART) == of(BACK, minus, "2103") == set()
    hospital = {name: f"-{value}" for name, value in GOOD.items() if name in AMOUNTS}
    assert of(hospital, minus, "2208", **APART) == of(hospital, minus, "2305", **APART) == set()
    assert of(GOOD, None, "2208", **APART) == {("sign_undo", "warning", f"setlinfo.{name}", None) for name in AMOUNTS}


@pytest.mark.parametrize(
    ("name", "by", "rules"),
    [
        ("cash_payamt", "-0.01", ("person_split",)), ("cash_payamt", "1.50", ("person_split",)),
        ("cash_payamt", "-1.50", ("person_split",)), ("cash_payamt", "-1.51", ("person_split", "payer_split")),
        ("psn_pay", "0.01", ("person_split",)), ("fulamt_ownpay_amt", "0.01", ("scope_split",)),
        ("hifes_pay", "0.01", ("fund_sum",)), ("hifes_pay", "-0.01", ("fund_sum",)),
    ],
)  # fmt: skip
def test_what_the_hospital_bore_may_be_the_difference_of_what_is_taken_back(
    name: str, by: str, rules: tuple[str, ...]
) -> None:
    expected = broken(*rules, off=by)
    if "payer_split" in rules:  # there is no part of 1.50 left to explain it
        expected = broken("person_split", off=by) | broken("payer_split", off="0.01")
    assert of(moved(BACK, name, by), None, "2103", **APART) == expected


def test_a_settlement_that_leaves_the_hospitals_part_out_has_no_difference_to_spare() -> None:
    for total, off in (("98.50", None), ("98.51", "0.01"), ("98.49", "0.01")):
        found = of(GOOD | {"hosp_part_amt": None, "medfee_sumamt": total}, None, **APART)
        assert {each[3] for each in found if each[0] == "payer_split"} == ({Decimal(off)} if off else set())


def test_nothing_charged_has_no_difference_to_spare_either() -> None:
    nothing = dict.fromkeys(AMOUNTS, "0") | {"hosp_part_amt": None}
    assert of(nothing) == set()
    assert of(nothing | {"psn_cash_pay": "0.01", "psn_part_amt": "0.01"}) == broken("payer_split", off="0.01")


@pytest.mark.parametrize("name", [name for name in BACK if name != "balc"])
def test_no_amount_of_what_takes_back_is_above_zero(name: str) -> None:
    for value, said in (("0.01", True), ("0.00", False), ("-0.01", False)):
        found = {each for each in judged("2103", BACK | {name: value}) if each.rule == "sign_undo"}
        assert {(each.level, each.path, each.value) for each in found} == (
            {("warning", ("output", "setlinfo", name), "0.01")} if said else set()
        )


def test_bounds_of_a_settlement_are_none_of_what_takes_back() -> None:
    odd = BACK | {"acct_mulaid_pay": "-99.00", "medins_setl_id": "M2"}
    assert of(odd, None, "2103", msgid="M1", account_used=False, **APART) == set()
    assert of(BACK | {"act_pay_dedc": "-77.88"}, None, "2103") == set()
    assert of(BACK | {"act_pay_dedc": "-77.89"}, None, "2103") == {
        ("dedc_in_scope", "warning", "setlinfo.act_pay_dedc", CENT)
    }


# -- the hospital's part in an extension -------------------------------------------------------------------------------

ELSEWHERE = {key: value for key, value in GOOD.items() if key != "hosp_part_amt"}


@pytest.mark.parametrize("held", ["1.50", 1.5, "1.5"])
@pytest.mark.parametrize("place", ["exp_content", "expContent", ""])
def test_the_hospitals_part_is_read_where_a_region_puts_it(place: str, held: Any) -> None:
    part = {"ownpay_hosp_part": held}
    assert of(ELSEWHERE | ({place: part} if place else part), ROWS, **APART) == set()
    assert (
        of(GOOD | ({place: {"ownpay_hosp_part": "9"}} if place else {"ownpay_hosp_part": "9"}), ROWS, **APART) == set()
    )


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"exp_content": {"ownpay_hosp_part": "1.51"}}, "1.51"),
        ({"exp_content": {"ownpay_hosp_part": "1.49"}}, "1.49"),
        ({"ownpay_hosp_part": "", "exp_content": {"ownpay_hosp_part": "1.51"}}, "1.51"),
        ({"ownpay_hosp_part": "1.51", "exp_content": {"ownpay_hosp_part": "1.50"}}, "1.51"),
        ({"exp_content": {"ownpay_hosp_part": None}}, None), ({"exp_content": {"ownpay_hosp_part": ""}}, None),
        ({"exp_content": {"ownpay_hosp_part": "无"}}, None), ({"ownpay_hosp_part": "无"}, None),
        ({"exp_content": "1.50"}, None), ({"exp_content": {"other": "1.50"}}, None), ({}, None),
    ],
)  # fmt: skip
def test_a_hospitals_part_that_does_not_fit_or_cannot_be_read(more: dict[str, Any], part: str | None) -> None:
    expected = broken("payer_split", off=str(Decimal(part or 0) - Decimal("1.50")))
    if part is not None:
        expected |= broken("detail_hospital_rows", off="0.01")
    assert of(ELSEWHERE | more, ROWS, **APART) == expected


# -- fund rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "payer"),
    [
        *((kind, "account") for kind in (
            "310200", "310201", "310203", "320500", "390500", "999110", "999111", "99999750", "99999790"
        )),
        *((kind, "hospital") for kind in ("630100", "999996", "99999602")),
        ("999998", "cash"), ("310100", "fund"), ("390100", "fund"), ("999997", "fund"), ("610100", "fund"),
    ],
)  # fmt: skip
def test_who_pays_by_which_kind_of_row(kind: str, payer: str) -> None:
    assert len(FUND_KINDS) == 13
    rule = {"account": ("detail_acct_rows",), "hospital": ("detail_hospital_rows",), "fund": ("detail_fund_rows",),
            "cash": ()}[payer]  # fmt: skip
    rows = {**{k: v for k, v in ROWS.items() if k != kind}, kind: str(Decimal(ROWS.get(kind, "0")) + 4)}
    assert of(GOOD, rows, **APART) == broken(*rule, off="4.00")


def test_a_regions_own_kinds_come_before_the_national_ones() -> None:
    rows = {k: v for k, v in ROWS.items() if k != "390500"} | {"X1": "5.20"}
    assert of(GOOD, rows, funds=(("X1", "account"),), **APART) == set()
    assert of(GOOD, ROWS, funds=(("390500", "fund"),), **APART) == broken(
        "detail_fund_rows", "detail_acct_rows", off="5.20"
    )


def test_rows_without_a_kind_are_none() -> None:
    assert of(GOOD, {"": "7.00"}, **APART) == set()
    assert of(GOOD, ROWS | {"": "7.00"}, **APART) == set()


# -- tolerance ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tolerance", "level"), [("0", "error"), ("0.01", "error"), ("0.02", "info"), ("1", "info")])
def test_a_difference_within_the_tolerance_is_a_finding(tolerance: str, level: str) -> None:
    known: dict[str, Any] = APART | {"tolerance": Decimal(tolerance)}
    (said,) = (each for each in judged("2304", GOOD | {"fulamt_ownpay_amt": "10.05"}, **known) if each.rule in OURS)
    assert (said.rule, said.level, said.message.endswith(f"；在容差 {tolerance} 元之内，只记下")) == (
        "scope_split", level, level == "info",
    )  # fmt: skip


def test_a_mere_finding_says_nothing_of_tolerance() -> None:
    (found,) = (
        each for each in judged("2304", GOOD | {"acct_mulaid_pay": "15.21"}, tolerance=Decimal(1)) if each.rule in OURS
    )
    assert (found.rule, found.level, "容差" in found.message) == ("acct_mulaid", "info", False)


# -- split rows --------------------------------------------------------------------------------------------------------

ROW = {
    "det_item_fee_sumamt": "100.00", "fulamt_ownpay_amt": "0", "overlmt_amt": "20.00", "preselfpay_amt": "8.00",
    "inscp_scp_amt": "72.00", "selfpay_prop": "0.1", "pric_uplmt_amt": "8", "pric": "10", "cnt": "10",
}  # fmt: skip
"""(100 − 20) × 0.1 = 8.00 first; (10 − 8) × 10 = 20.00 over the limit."""

WHOLLY_OWN = {
    "det_item_fee_sumamt": "50.00", "fulamt_ownpay_amt": "50.00", "overlmt_amt": "0", "preselfpay_amt": "0",
    "inscp_scp_amt": "0", "selfpay_prop": "1", "pric_uplmt_amt": "0", "pric": "5", "cnt": "10",
}  # fmt: skip

SPLIT: list[tuple[dict[str, str], dict[str, str | None], set[tuple[str, str, str, str]]]] = [
    (ROW, {}, set()), (WHOLLY_OWN, {}, set()),
    (ROW, {"inscp_scp_amt": "72.01"}, {("row_split", "error", "det_item_fee_sumamt", "0.01")}),
    (ROW, {"inscp_scp_amt": "71.99"}, {("row_split", "error", "det_item_fee_sumamt", "0.01")}),
    (ROW, {"inscp_scp_amt": None}, set()), (ROW, {"det_item_fee_sumamt": None}, set()),
    (ROW, {"inscp_scp_amt": None, "preselfpay_amt": "1"}, set()),
    (ROW, {"selfpay_prop": None, "preselfpay_amt": "9.00", "inscp_scp_amt": "71.00", "pric": "99"}, set()),
    (ROW, {"selfpay_prop": None, "preselfpay_amt": "9.00"}, {("row_split", "error", "det_item_fee_sumamt", "1.00")}),
    (ROW, {"preselfpay_amt": "8.01", "inscp_scp_amt": "71.99"}, {("row_preselfpay", "warning", "preselfpay_amt", "")}),
    (ROW, {"preselfpay_amt": "7.99", "inscp_scp_amt": "72.01"}, {("row_preselfpay", "warning", "preselfpay_amt", "")}),
    (ROW, {"preselfpay_amt": None, "inscp_scp_amt": "80.00"}, {("row_preselfpay", "warning", "preselfpay_amt", "")}),
    (ROW, {"fulamt_ownpay_amt": "1.00", "inscp_scp_amt": "71.00", "preselfpay_amt": "8.00"}, set()),
    (ROW, {"fulamt_ownpay_amt": "1.00", "inscp_scp_amt": "70.00", "preselfpay_amt": "9.00"}, set()),
    (ROW, {"selfpay_prop": "0", "preselfpay_amt": "0", "inscp_scp_amt": "80.00"}, set()),
    (ROW, {"selfpay_prop": "0.10006", "preselfpay_amt": "8.00"}, set()),
    (ROW, {"selfpay_prop": "0.10007", "preselfpay_amt": "8.01", "inscp_scp_amt": "71.99"}, set()),
    (ROW, {"selfpay_prop": "1.1", "preselfpay_amt": "3", "inscp_scp_amt": "77.00"}, set()),
    (WHOLLY_OWN, {"fulamt_ownpay_amt": "49.99", "inscp_scp_amt": "0.01"},
     {("row_full_selfpay", "warning", "fulamt_ownpay_amt", "")}),
    (WHOLLY_OWN, {"preselfpay_amt": "0.01", "inscp_scp_amt": "-0.01"},
     {("row_full_selfpay", "warning", "fulamt_ownpay_amt", "")}),
    (WHOLLY_OWN, {"fulamt_ownpay_amt": None, "inscp_scp_amt": "50.00"},
     {("row_full_selfpay", "warning", "fulamt_ownpay_amt", "")}),
    (ROW, {"pric_uplmt_amt": "7.999"}, {("row_overlmt", "info", "overlmt_amt", "")}),
    (ROW, {"pric_uplmt_amt": "8.001"}, {("row_overlmt", "info", "overlmt_amt", "")}),
    (ROW, {"pric": None}, set()), (ROW, {"cnt": None}, set()), (ROW, {"pric_uplmt_amt": None}, set()),
    (ROW, {"pric_uplmt_amt": "0"}, set()),
    (ROW, {"pric_uplmt_amt": "10"}, {("row_overlmt", "info", "overlmt_amt", "")}),
    (ROW, {"pric_uplmt_amt": "12", "overlmt_amt": "0", "preselfpay_amt": "10.00", "inscp_scp_amt": "90.00"}, set()),
    (ROW, {"pric_uplmt_amt": "10", "overlmt_amt": "0", "preselfpay_amt": "10.00", "inscp_scp_amt": "90.00"}, set()),
    (ROW, {"pric_uplmt_amt": "7.9994", "cnt": "10.01"}, {("row_overlmt", "info", "overlmt_amt", "")}),
]  # fmt: skip


@pytest.mark.parametrize(("infno", "node"), [("2204", "result"), ("2301", "result"), ("2102", "detlcutinfo")])
def test_how_a_row_is_split(infno: str, node: str) -> None:
    for base, change, expected in SPLIT:
        row = {name: value for name, value in {**base, **change}.items() if value is not None}
        output: dict[str, Any] = {node: [ROW, row]}
        if infno == "2102":
            output["setlinfo"] = GOOD
        found = told(validate(infno, encode(output), "response"))
        assert found == {
            (rule, level, f"{node}.1.{field}", Decimal(off) if off else None) for rule, level, field, off in expected
        }, (change, found)  # fmt: skip


def test_what_a_row_should_be_is_said() -> None:
    wrong = ROW | {"preselfpay_amt": "8.01", "pric_uplmt_amt": "7.5"}
    found = {each.rule: each.message for each in validate("2204", encode({"result": [wrong]}), "response")}
    assert "左边 100.00，右边 100.01" in found["row_split"]
    assert "= 8.00" in found["row_preselfpay"]
    assert "应为 25.00" in found["row_overlmt"]


def test_a_row_is_tolerated_as_a_settlement_is() -> None:
    row = encode({"result": [ROW | {"inscp_scp_amt": "72.01"}]})
    levels = [
        [each.level for each in validate("2204", row, "response", circumstances=known) if each.rule == "row_split"]
        for known in (Circumstances(), Circumstances(tolerance=Decimal("0.01")))
    ]
    assert levels == [["error"], ["info"]]


@pytest.mark.parametrize("long", ["1E+29", "9" * 30, "-" + "9" * 30])
def test_amounts_that_cannot_be_are_told_and_break_nothing(long: str) -> None:
    """As long as a number may be that is read at all."""
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "hosp_part_amt"):
        assert {rule for rule, *_ in of(GOOD | {name: long}, ROWS)} >= {"payer_split"}
    for name in ROW:  # of a price, a limit and a share nothing follows where another one is not what it may be
        found = told(validate("2204", encode({"result": [ROW | {name: long}]}), "response"))
        assert found or name in {"selfpay_prop", "pric_uplmt_amt", "pric"}, name


@pytest.mark.parametrize("longer", ["1E+30", "9" * 31, "1E+60", "-" + "9" * 60])
def test_an_amount_of_more_digits_than_any_has_is_said_to_be_too_long(longer: str) -> None:
    answer = encode({"setlinfo": GOOD | {"medfee_sumamt": longer}})
    found = [each for each in validate("2207", answer, "response") if each.field == "medfee_sumamt"]
    assert [(each.rule, each.message) for each in found] == [("length", "数字长过 30 位")]


def test_what_is_no_list_of_rows_and_no_settlement_is_passed_over() -> None:
    assert told(validate("2204", encode({"result": None}), "response")) == set()
    assert told(validate("2304", encode({}), "response")) == set()
