"""Quality control of the settlement list before 4101 and 4101A: every rule can fire, and a good list passes."""

from __future__ import annotations

from typing import Any

import pytest

from liangding.checks import NATIONAL, Circumstances
from liangding.checks.book import changed, messages
from liangding.checks.settlement_list import NOT_DECIDABLE, READ_STRICTLY, RULES, settlement_list
from liangding.checks.settlement_list_facts import spot_in
from liangding.knowledge.interfaces import BASELINE
from liangding.spec.codes import find_code_table
from liangding.spec.nodes import members
from liangding.spec.problems import Problem, errors
from liangding.spec.reading import read_request
from liangding.wire.json import decode, encode

Message = dict[str, Any]
Changes = dict[str, Any]

SHAPES = {"4101": BASELINE["4101"].input, "4101A": BASELINE["4101A"].input}

# -- good lists ----------------------------------------------------------------------------------------------------

INPATIENT, CHRONIC, FIRST = (messages()[name].message for name in ("4101A 住院", "4101A 慢特病", "4101 住院"))
"""4101A of an inpatient, and of an outpatient with a chronic disease (the table wants a diagnosis row of it too); 4101
of an inpatient."""

INFANT = {"brdy": "2026-02-20", "age": None, "nwb_age": 10, "nwb_adm_type": "3", "nwb_adm_wt": 3100}
"""What makes the patient of FIRST ten days old."""

GOOD = {"4101A": INPATIENT, "4101A 慢特病": CHRONIC, "4101": FIRST}


def look(name: str, changes: Changes, circumstances: Circumstances = NATIONAL) -> tuple[list[Problem], list[Problem]]:
    """What the strict reader and the quality control say of a good list, changed. What the reader refuses is not
    looked at further, as before sending."""
    message = decode(encode(changed(GOOD[name], changes)))
    node, read = read_request(SHAPES[name[:5].strip()], message, ("input",))
    return read, [] if errors(read) else list(settlement_list(node, circumstances))


def found(name: str, changes: Changes, circumstances: Circumstances = NATIONAL) -> list[tuple[str, str, str]]:
    """Place, rule and level of what the quality control says; the reader refuses nothing."""
    read, problems = look(name, changes, circumstances)
    assert not errors(read)
    return [(p.where.removeprefix("input."), p.rule, p.level) for p in problems]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_list_has_no_problem(name: str) -> None:
    assert look(name, {}) == ([], [])


# -- every rule fires ----------------------------------------------------------------------------------------------

WARNINGS = {f"SL0{n}" for n in (40, *range(56, 61), *range(64, 71), 72, 74, 75, 77, 78, 82, 84, 85)}
"""Rules whose values are only invalid, whose advice is only advice, or of which nobody is sure."""

BLANK = " "
"""Nothing, as far as the record office is concerned; the reader takes it for text."""

STILL = {
    "oprninfo": None, "icuinfo": None, "setlinfo.spga_nurscare_days": None, "setlinfo.lv1_nurscare_days": None,
    "setlinfo.scd_nurscare_days": None,
}  # fmt: skip
"""A stay in which nothing is dated."""

WEIGHED = {"setlinfo.nwb_adm_wt": 3100, "setlinfo.nwb_adm_type": "3"}
DELIVERED = {"diseinfo.1.diag_code": "O82.000x001"}

FIRING: list[tuple[str, str, Changes, str]] = [
    # rule, list, changes, place
    ("SL001", "4101", {"setlinfo.hi_no": None}, "setlinfo.hi_no"),
    ("SL001", "4101A", {"setlinfo.psn_no": BLANK}, "setlinfo.psn_no"),
    ("SL002", "4101A", {"setlinfo.medcasno": BLANK}, "setlinfo.medcasno"),
    ("SL003", "4101A", {"setlinfo.ntly": BLANK}, "setlinfo.ntly"),
    ("SL005", "4101A", {"setlinfo.patn_rlts": None}, "setlinfo.patn_rlts"),
    ("SL006", "4101A", {"setlinfo.coner_addr": None}, "setlinfo.coner_addr"),
    ("SL006", "4101", {"setlinfo.coner_addr": BLANK}, "setlinfo.coner_addr"),
    ("SL007", "4101A", {"setlinfo.coner_tel": ""}, "setlinfo.coner_tel"),
    ("SL008", "4101A", {"setlinfo.bill_code": BLANK}, "setlinfo.bill_code"),
    ("SL009", "4101A", {"setlinfo.bill_no": BLANK}, "setlinfo.bill_no"),
    ("SL010", "4101A", {"setlinfo.biz_sn": BLANK}, "setlinfo.biz_sn"),
    ("SL013", "4101A", {"setlinfo.medins_fill_dept": BLANK}, "setlinfo.medins_fill_dept"),
    ("SL014", "4101A", {"setlinfo.medins_fill_psn": BLANK}, "setlinfo.medins_fill_psn"),
    ("SL015", "4101A", {"setlinfo.hi_paymtd": None}, "setlinfo.hi_paymtd"),
    ("SL016", "4101A", {"setlinfo.trt_type": None}, "setlinfo.trt_type"),
    ("SL016", "4101A 慢特病", {"setlinfo.trt_type": None}, "setlinfo.trt_type"),
    ("SL017", "4101", {"setlinfo.certno": BLANK}, "setlinfo.certno"),
    ("SL017", "4101", {"setlinfo.hi_type": BLANK}, "setlinfo.hi_type"),
    ("SL017", "4101", {"setlinfo.insuplc": BLANK}, "setlinfo.insuplc"),
    ("SL017", "4101", {"setlinfo.coner_name": BLANK}, "setlinfo.coner_name"),
    ("SL018", "4101A", {"setlinfo.adm_time": None}, "setlinfo.adm_time"),
    ("SL018", "4101A", {"setlinfo.dscg_time": None}, "setlinfo.dscg_time"),
    ("SL018", "4101A", {"setlinfo.dscg_way": None}, "setlinfo.dscg_way"),
    ("SL018", "4101A", {"setlinfo.days_rinp_flag_31": None}, "setlinfo.days_rinp_flag_31"),
    ("SL018", "4101A", {"setlinfo.chfpdr_code": None}, "setlinfo.chfpdr_code"),
    ("SL018", "4101", {"setlinfo.chfpdr_name": None}, "setlinfo.chfpdr_name"),
    ("SL018", "4101", {"setlinfo.dscg_caty": BLANK}, "setlinfo.dscg_caty"),
    ("SL018", "4101", {"setlinfo.adm_caty": BLANK}, "setlinfo.adm_caty"),
    ("SL019", "4101A", {"setlinfo.resp_nurs_code": None}, "setlinfo.resp_nurs_code"),
    ("SL020", "4101A 慢特病", {"setlinfo.opsp_diag_caty": None}, "setlinfo.opsp_diag_caty"),
    ("SL020", "4101A 慢特病", {"setlinfo.opsp_mdtrt_date": None}, "setlinfo.opsp_mdtrt_date"),
    ("SL021", "4101A 慢特病", {"opspdiseinfo": [{"diag_code": ""}]}, "opspdiseinfo"),
    ("SL021", "4101", {"diseinfo": None, "setlinfo.diag_code_cnt": None}, "diseinfo"),
    ("SL022", "4101", {"diseinfo.1.adm_cond_type": None}, "diseinfo[1].adm_cond_type"),
    ("SL023", "4101A", {"diseinfo.0.diag_code": BLANK}, "diseinfo[0].diag_code"),
    ("SL023", "4101A", {"diseinfo.1.diag_name": BLANK}, "diseinfo[1].diag_name"),
    ("SL024", "4101A", {"oprninfo.0.oprn_oprt_code": BLANK}, "oprninfo[0].oprn_oprt_code"),
    ("SL024", "4101", {"oprninfo.0.oprn_oprt_name": BLANK}, "oprninfo[0].oprn_oprt_name"),
    ("SL024", "4101A", {"oprninfo.1.oper_dr_code": BLANK}, "oprninfo[1].oper_dr_code"),
    ("SL025", "4101A", {"oprninfo.0.anst_dr_code": None}, "oprninfo[0].anst_dr_code"),
    ("SL026", "4101A", {"oprninfo.0.oprn_oprt_begntime": None}, "oprninfo[0].oprn_oprt_begntime"),
    ("SL027", "4101A", {"bldinfo.0.bld_cat": None}, "bldinfo[0].bld_cat"),
    ("SL027", "4101A", {"bldinfo.0.bld_unt": None}, "bldinfo[0].bld_unt"),
    ("SL027", "4101", {"setlinfo.bld_amt": None}, "setlinfo.bld_amt"),
    ("SL028", "4101A", {"setlinfo.vent_used_dura": "1//24"}, "setlinfo.vent_used_dura"),
    ("SL028", "4101A", {"setlinfo.vent_used_dura": "13/24"}, "setlinfo.vent_used_dura"),
    ("SL029", "4101", {"icuinfo.0.scs_cutd_ward_type": BLANK}, "icuinfo[0].scs_cutd_ward_type"),
    ("SL029", "4101A", {"icuinfo.0.scs_cutd_sum_dura": BLANK}, "icuinfo[0].scs_cutd_sum_dura"),
    ("SL031", "4101A", {"setlinfo.chfpdr_code": "440000000001"}, "setlinfo.chfpdr_code"),
    ("SL032", "4101A", {"setlinfo.resp_nurs_code": "D440000000001"}, "setlinfo.resp_nurs_code"),
    ("SL040", "4101A", {"setlinfo.refldept_dept": "A03→X99→A04"}, "setlinfo.refldept_dept"),
    ("SL051", "4101", {"setlinfo.nwb_age": 200}, "setlinfo.nwb_age"),
    ("SL052", "4101", {"setlinfo.brdy": "2025-03-03", "setlinfo.age": 1}, "setlinfo.nwb_age"),
    ("SL052", "4101A", {"setlinfo.age_days": 366}, "setlinfo.age_days"),
    ("SL053", "4101A", {"setlinfo.age_days": 28, "setlinfo.nwb_adm_wt": 3100}, "setlinfo.nwb_adm_type"),
    ("SL054", "4101A", {"setlinfo.age_days": 0, "setlinfo.nwb_adm_type": "1"}, "setlinfo.nwb_adm_wt"),
    ("SL055", "4101A", DELIVERED, "setlinfo.nwb_bir_wt"),
    ("SL055", "4101A", {"diseinfo.1.diag_code": "Z37.300"}, "setlinfo.nwb_bir_wt"),
    ("SL055", "4101", DELIVERED, "setlinfo.nwb_bir_wt"),
    ("SL056", "4101A", {"setlinfo.nwb_bir_wt": 90}, "setlinfo.nwb_bir_wt"),
    ("SL056", "4101", {"setlinfo.nwb_adm_wt": 90}, "setlinfo.nwb_adm_wt"),
    ("SL056", "4101A", {"setlinfo.mul_nwb_bir_wt": "99,2640"}, "setlinfo.mul_nwb_bir_wt"),
    ("SL056", "4101A", {"setlinfo.mul_nwb_adm_wt": "2850,10000"}, "setlinfo.mul_nwb_adm_wt"),
    ("SL057", "4101A", {"setlinfo.nwb_bir_wt": "3100.5"}, "setlinfo.nwb_bir_wt"),
    ("SL057", "4101A", {"setlinfo.nwb_adm_wt": 3105}, "setlinfo.nwb_adm_wt"),
    ("SL058", "4101A", {"setlinfo.mul_nwb_bir_wt": "2850，2640"}, "setlinfo.mul_nwb_bir_wt"),
    ("SL058", "4101A", {"setlinfo.mul_nwb_adm_wt": "2850g"}, "setlinfo.mul_nwb_adm_wt"),
    ("SL059", "4101A", {"setlinfo.poscode": "51000"}, "setlinfo.poscode"),
    ("SL060", "4101A", {"setlinfo.vent_used_dura": "1/25/0"}, "setlinfo.vent_used_dura"),
    ("SL060", "4101A", {"setlinfo.pwcry_bfadm_coma_dura": "1/2"}, "setlinfo.pwcry_bfadm_coma_dura"),
    ("SL060", "4101A", {"setlinfo.pwcry_afadm_coma_dura": "1/2/61"}, "setlinfo.pwcry_afadm_coma_dura"),
    ("SL060", "4101A", {"icuinfo.0.scs_cutd_sum_dura": "25小时"}, "icuinfo[0].scs_cutd_sum_dura"),
    ("SL061", "4101A", {"setlinfo.refldept_dept": "A03,A04"}, "setlinfo.refldept_dept"),
    ("SL061", "4101A", {"setlinfo.refldept_dept": "A03->A04"}, "setlinfo.refldept_dept"),
    ("SL061", "4101", {"setlinfo.refldept_dept": "A03→"}, "setlinfo.refldept_dept"),
    (
        "SL064", "4101A",
        {**STILL, "setlinfo.dscg_time": "2026-03-02 08:00:00", "setlinfo.setl_end_date": "2026-03-02"},
        "setlinfo.dscg_time",
    ),
    (
        "SL064", "4101",
        {"setlinfo.brdy": "2026-03-03", "setlinfo.age": None, "setlinfo.nwb_age": 1, "setlinfo.nwb_adm_wt": 3100,
         "setlinfo.nwb_adm_type": "1"},
        "setlinfo.adm_time",
    ),
    ("SL065", "4101A", {"oprninfo.0.oprn_oprt_begntime": "2026-03-02 08:59:59"}, "oprninfo[0].oprn_oprt_begntime"),
    ("SL065", "4101", {"oprninfo.0.oprn_oprt_date": "2026-03-13"}, "oprninfo[0].oprn_oprt_date"),
    ("SL066", "4101A", {"oprninfo.0.anst_begntime": "2026-03-01 23:00:00"}, "oprninfo[0].anst_begntime"),
    ("SL066", "4101A", {"oprninfo.0.anst_endtime": "2026-03-12 10:00:01"}, "oprninfo[0].anst_endtime"),
    (
        "SL067", "4101A",
        {"icuinfo.0.scs_cutd_inpool_time": "2026-03-02 08:00:00", "icuinfo.0.scs_cutd_sum_dura": "2/5/24"},
        "icuinfo[0].scs_cutd_inpool_time",
    ),
    (
        "SL067", "4101",
        {"icuinfo.0.scs_cutd_exit_time": "2026-03-12 12:00:00", "icuinfo.0.scs_cutd_sum_dura": "9/0/0"},
        "icuinfo[0].scs_cutd_exit_time",
    ),
    ("SL068", "4101A", {"setlinfo.setl_begn_date": "2026-03-01"}, "setlinfo.setl_begn_date"),
    ("SL068", "4101A", {"setlinfo.setl_end_date": "2026-03-13"}, "setlinfo.setl_end_date"),
    ("SL069", "4101A", {"oprninfo.0.oprn_oprt_endtime": "2026-03-03 09:00:00"}, "oprninfo[0].oprn_oprt_endtime"),
    ("SL069", "4101A", {"oprninfo.1.anst_endtime": "2026-03-03 09:00:00"}, "oprninfo[1].anst_endtime"),
    ("SL069", "4101A", {"icuinfo.0.scs_cutd_exit_time": "2026-03-03 11:00:00"}, "icuinfo[0].scs_cutd_exit_time"),
    ("SL070", "4101A", {"icuinfo.0.scs_cutd_sum_dura": "1/1/25"}, "icuinfo[0].scs_cutd_sum_dura"),
    ("SL071", "4101", {"setlinfo.act_ipt_days": 11}, "setlinfo.act_ipt_days"),
    ("SL072", "4101A", {"setlinfo.scd_nurscare_days": 8}, "setlinfo.spga_nurscare_days"),
    ("SL072", "4101A", {"setlinfo.lv3_nurscare_days": -1}, "setlinfo.lv3_nurscare_days"),
    ("SL073", "4101A", {"diseinfo.0.maindiag_flag": "0"}, "diseinfo"),
    ("SL073", "4101A", {"diseinfo.1.maindiag_flag": "1"}, "diseinfo[1].maindiag_flag"),
    ("SL074", "4101", {"setlinfo.diag_code_cnt": 2}, "setlinfo.diag_code_cnt"),
    ("SL075", "4101", {"setlinfo.oprn_oprt_code_cnt": 0}, "setlinfo.oprn_oprt_code_cnt"),
    ("SL076", "4101A", {"oprninfo.1.oprn_oprt_type": "1"}, "oprninfo[1].oprn_oprt_type"),
    ("SL076", "4101", {"oprninfo.0.oprn_oprt_type": "2"}, "oprninfo[0].oprn_oprt_type"),
    ("SL077", "4101A", {"setlinfo.dscg_way": "3", "setlinfo.acp_medins_name": "测试"}, "setlinfo.acp_optins_code"),
    ("SL077", "4101", {"setlinfo.dscg_way": "2", "setlinfo.acp_optins_code": "H1"}, "setlinfo.acp_medins_name"),
    ("SL078", "4101A", {"setlinfo.days_rinp_flag_31": "2"}, "setlinfo.days_rinp_pup_31"),
    ("SL079", "4101A", {"diseinfo.2.diag_type": "4"}, "diseinfo[2].diag_type"),
    ("SL082", "4101", {"iteminfo.1.oth_amt": "40.01"}, "iteminfo[1].amt"),
    ("SL084", "4101", {"payinfo.0.fund_payamt": "699.99"}, "setlinfo.acct_pay"),
    ("SL085", "4101", {"setlinfo.psn_ownpay": "100.01"}, "setlinfo.psn_selfpay"),
    ("SL088", "4101A", {"setlinfo.stas_type": "1"}, "setlinfo.stas_type"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "changes", "place"), FIRING, ids=[f"{f[0]} {f[1]} {f[3]}" for f in FIRING])
def test_one_change_lets_one_rule_fire(rule: str, name: str, changes: Changes, place: str) -> None:
    level = "warning" if rule in WARNINGS else "error"
    assert found(name, changes) == [(place, rule, level)]


HELD_BY_THE_TABLE: list[tuple[str, str, str, object, str]] = [
    # rule, list, place, value, what the reader calls it
    ("SL004", "4101A", "setlinfo.prfs", None, "required"),
    ("SL011", "4101A", "setlinfo.setl_begn_date", None, "required"),
    ("SL012", "4101A", "setlinfo.setl_end_date", None, "required"),
    ("SL030", "4101", "iteminfo", [], "required"),
    ("SL033", "4101A", "setlinfo.ntly", "ZZZ", "code"),
    ("SL034", "4101A", "setlinfo.prfs", "12", "code"),
    ("SL035", "4101A", "setlinfo.patn_rlts", "x", "code"),
    ("SL036", "4101A", "setlinfo.nwb_adm_type", "5", "code"),
    ("SL037", "4101A", "setlinfo.trt_type", "1", "code"),
    ("SL038", "4101A", "setlinfo.dscg_way", "6", "code"),
    ("SL039", "4101A", "setlinfo.hi_paymtd", "8", "code"),
    ("SL040", "4101A", "setlinfo.refldept_dept", "X99", "code"),
    ("SL041", "4101A", "setlinfo.dscg_caty", "X99", "code"),
    ("SL042", "4101A", "diseinfo.0.adm_cond_type", "5", "code"),
    ("SL043", "4101A", "oprninfo.0.anst_way", "8", "code"),
    ("SL044", "4101A", "icuinfo.0.scs_cutd_ward_type", "8", "code"),
    ("SL045", "4101A", "bldinfo.0.bld_cat", "8", "code"),
    ("SL045", "4101", "setlinfo.bld_cat", "8", "code"),
    ("SL062", "4101A", "setlinfo.setl_begn_date", "2026-03-02 00:00:00", "date"),
    ("SL062", "4101A", "setlinfo.adm_time", "2026-03-02", "date"),
    ("SL063", "4101", "iteminfo.0.amt", "400.001", "scale"),
]


@pytest.mark.parametrize(("rule", "name", "place", "value", "reader"), HELD_BY_THE_TABLE)
def test_what_the_table_holds_is_said_once_and_by_the_reader(
    rule: str, name: str, place: str, value: object, reader: str
) -> None:
    read, problems = look(name, {place: value})
    assert [(p.path, p.rule) for p in read] == [
        (("input", *(int(step) if step.isdigit() else step for step in place.split("."))), reader)
    ]
    assert not problems


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"oprninfo.1.oprn_oprt_code": "47.0100"}, "oprninfo[1]"),
        ({"diseinfo.1.diag_code": "K35.800"}, "diseinfo[1]"),
        ({"oprninfo.1.oprn_oprt_code": "47.0100", "oprninfo.1.oprn_oprt_begntime": "2026-03-03 10:01:00"}, ""),
        ({"diseinfo.2.diag_code": "K35.800"}, ""),
    ],
)
def test_rows_that_the_platform_cannot_tell_apart_are_refused(changes: Changes, place: str) -> None:
    """The same operation at the same time, the same diagnosis of the same kind: the platform's keys are unique."""
    read, _ = look("4101A", changes)
    assert [(p.where.removeprefix("input."), p.rule) for p in errors(read)] == ([(place, "duplicate")] if place else [])


def test_no_rule_is_dead_and_none_is_forgotten() -> None:
    declared = {rule.number for rule in RULES}
    by_reader = {number for number, _ in READ_STRICTLY}
    undecidable = {number for number, _ in NOT_DECIDABLE}
    assert len(declared) + len(by_reader) + len(undecidable) == 88
    assert declared | by_reader | undecidable == {f"SL{n:03}" for n in range(1, 89)}
    fired = {firing[0] for firing in FIRING} | {held[0] for held in HELD_BY_THE_TABLE}
    assert fired == declared | by_reader


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_every_rule_finds_its_fields(rule: Any) -> None:
    for field in rule.fields:
        assert any(spot_in(shape, field) for shape in SHAPES.values()), field


def test_a_rule_that_is_not_sure_is_never_an_error() -> None:
    assert {rule.level for rule in RULES if rule.confidence == "low"} == {"warning"}
    assert {rule.level for rule in RULES if rule.severity != "error"} == {"warning"}


def test_a_dictionary_that_a_rule_names_is_published() -> None:
    """And the one that a rule is not decidable for is not."""
    tables = {
        at[1].field.code_table
        for rule in RULES
        for field in rule.fields
        for shape in SHAPES.values()
        if rule.severity == "invalid" and (at := spot_in(shape, field)) and at[1] and at[1].field
    }
    assert {"prfs", "dept", "bld_cat_code"} < tables
    assert all(find_code_table(table) for table in tables if table)
    assert find_code_table("bld_unt") is None


# -- what must not fire --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("4101A", {"setlinfo.coner_name": None, "setlinfo.coner_addr": None, "setlinfo.coner_tel": None}),
        ("4101A", {"setlinfo.hi_no": None, "setlinfo.adm_caty": None, "setlinfo.stas_type": None}),
        ("4101A", {"oprninfo.0.anst_way": None, "oprninfo.0.anst_dr_code": None}),
        ("4101A", {"setlinfo.refldept_dept": "A03.01→A04→A03", "setlinfo.vent_used_dura": None}),
        ("4101A", {"setlinfo.age_days": 29}),
        ("4101A", {"setlinfo.age_days": 365}),
        ("4101A", {"setlinfo.nwb_bir_wt": 100, "setlinfo.nwb_adm_wt": "9990.00"}),
        ("4101A", {"setlinfo.mul_nwb_adm_wt": "100,9999", "icuinfo.0.scs_cutd_exit_time": "2026-03-04 13:24:59"}),
        ("4101A", {"setlinfo.age_days": 28, **WEIGHED}),
        ("4101A", {**DELIVERED, "setlinfo.mul_nwb_bir_wt": "2850,2640"}),
        ("4101A", {"setlinfo.age_days": 3, "setlinfo.nwb_adm_type": "1", "setlinfo.mul_nwb_adm_wt": "2850,2640"}),
        ("4101A", {"diseinfo.1.diag_code": "O83.400"}),
        ("4101A", {"diseinfo.1.diag_code": "Z37.100"}),
        ("4101A", {"bldinfo.0.bld_cat": None, "bldinfo.0.bld_amt": None, "bldinfo.0.bld_unt": ""}),
        ("4101A", {"setlinfo.chfpdr_code": "D1", "setlinfo.dscg_way": "4"}),
        ("4101A", {"opspdiseinfo": [{"diag_name": "高血压", "diag_code": "M03900"}]}),
        ("4101", {f"setlinfo.{name}": value for name, value in INFANT.items()}),
        ("4101", {"setlinfo.brdy": "2025-03-02", "setlinfo.age": 1}),
        ("4101", {"setlinfo.brdy": "2025-03-03", "setlinfo.age": None, "setlinfo.nwb_age": 364}),
        ("4101", {"oprninfo.0.oprn_oprt_date": "2026-03-02", "payinfo.1.fund_payamt": "100.00"}),
        ("4101", {"setlinfo.dscg_time": "2026-03-02 20:00:00", "setlinfo.act_ipt_days": 1, **STILL,
                  "setlinfo.oprn_oprt_code_cnt": 0, "setlinfo.setl_end_date": "2026-03-02"}),
    ],
)  # fmt: skip
def test_what_is_right_stays_silent(name: str, changes: Changes) -> None:
    assert found(name, changes) == []


def test_age_in_years_from_one_year_and_in_days_below() -> None:
    in_days = {"setlinfo.age": None, "setlinfo.nwb_age": 200}
    assert [place for place, _, _ in found("4101", in_days)] == ["setlinfo.age", "setlinfo.nwb_age"]
    assert found("4101", {**in_days, "setlinfo.brdy": "2025-08-14"}) == []


def test_an_account_kind_of_the_region_is_not_counted_twice() -> None:
    account = {"payinfo.1.fund_pay_type": "999888"}
    assert found("4101", account) == [("setlinfo.acct_pay", "SL084", "warning")]
    assert found("4101", account, Circumstances(funds=(("999888", "account"),))) == []


def test_everything_wrong_is_said_at_once() -> None:
    changes: Changes = {
        "setlinfo.bill_no": BLANK, "setlinfo.chfpdr_code": "8", "setlinfo.poscode": "x",
        "diseinfo.0.maindiag_flag": "0", "oprninfo.1.oprn_oprt_type": "1", "setlinfo.nwb_bir_wt": 55,
    }  # fmt: skip
    rules = sorted(rule for _, rule, _ in found("4101A", changes))
    assert rules == ["SL009", "SL031", "SL056", "SL057", "SL059", "SL073", "SL076"]


def test_a_problem_is_a_sentence_with_its_label_and_nothing_personal() -> None:
    _, (missing,) = look("4101A", {"setlinfo.coner_tel": None})
    assert missing.message == "填了联系人姓名时应填写联系人电话，未给出"
    assert missing.label == "联系人电话"
    _, (born_late,) = look("4101", {"setlinfo.nwb_age": 200})
    assert (born_late.label, born_late.value) == ("（年龄不足1周岁）年龄", "200")
    _, (strange,) = look("4101A", {"setlinfo.refldept_dept": "A03→110101199003070011"})
    assert "110101199003070011" not in f"{strange.message}{strange.value}"


def test_the_shapes_are_the_ones_that_the_rules_were_written_for() -> None:
    assert {m.wire for m in members(SHAPES["4101"])} - {m.wire for m in members(SHAPES["4101A"])} == {
        "payinfo",
        "iteminfo",
    }
    assert {m.wire for m in members(SHAPES["4101A"])} - {m.wire for m in members(SHAPES["4101"])} == {"bldinfo"}
