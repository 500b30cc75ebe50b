"""Quality control of the settlement list (医疗保障基金结算清单质控), before 4101 or 4101A goes out.

Each rule keeps its number. Fields are called as in 4101A, with 4101's names beside them where they differ; what a shape
does not have is not asked there. The official rule library is not public as a whole: what 4104 answers is the final
word. A rule that is grave and sure is an error and stops the upload; ``invalid`` values (out of range), advice, and
everything of low confidence are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..spec.problems import Problem
from .circumstances import Circumstances
from .settlement_list_facts import (
    ANAESTHETISED,
    CHRONIC,
    CONTACT_NAMED,
    FIRST_VERSION,
    INPATIENT,
    INPATIENT_FIRST_VERSION,
    ONE_YEAR_OLD,
    READMISSION_PLANNED,
    TRANSFERRED,
    UNDER_ONE_YEAR,
    VENTILATION_WHOLE,
    WEIGHTS,
    WHOLE_DURATION,
    aged_at_most,
    diagnosed,
)
from .settlement_list_kinds import (
    ListRule,
    adds_up,
    at_most,
    begins_with,
    counts,
    days_of_care,
    duration,
    empty,
    first_is_main,
    in_dictionary,
    in_order,
    is_days_in_hospital,
    is_span,
    matches,
    one_given,
    one_main_diagnosis,
    only,
    paid_in_full,
    required,
    rows_given,
    rule,
    together,
    weight_between,
    weight_step,
    within_stay,
)

NOT_AN_ARROW = r",，、;；|/\\>＞\s"
"""What is written for → between departments, wrongly."""

NEWBORN = aged_at_most(28)
DELIVERY = diagnosed(
    "有分娩诊断时",
    codes=("O80", "O81", "O82", "O83", "O84", "Z37.0", "Z37.2", "Z37.3", "Z37.5", "Z37.6"),
    but=("O83.400",),
)

LIST = (
    rule("SL002", required, "setlinfo.medcasno"),
    rule("SL008", required, "setlinfo.bill_code"),
    rule("SL009", required, "setlinfo.bill_no"),
    rule("SL010", required, "setlinfo.biz_sn"),
    rule("SL011", required, "setlinfo.setl_begn_date"),
    rule("SL012", required, "setlinfo.setl_end_date"),
    rule("SL013", required, "setlinfo.medins_fill_dept"),
    rule("SL014", required, "setlinfo.medins_fill_psn"),
    rule("SL015", required, "setlinfo.hi_paymtd"),
    rule("SL039", in_dictionary("hi_paymtd"), "setlinfo.hi_paymtd", severity="invalid", confidence="medium"),
    rule("SL088", only("0", text="清单只能在未提交（0）时上传"), "setlinfo.stas_type"),
)
"""清单与票据."""

PATIENT = (
    rule("SL001", required, "setlinfo.psn_no|hi_no"),
    rule("SL003", required, "setlinfo.ntly"),
    rule("SL033", in_dictionary("nat_regn_code"), "setlinfo.ntly", severity="invalid"),
    rule("SL004", required, "setlinfo.prfs"),
    rule("SL034", in_dictionary("prfs"), "setlinfo.prfs", severity="invalid"),
    rule(
        "SL017", required, "setlinfo.naty", "setlinfo.brdy", "setlinfo.patn_cert_type", "setlinfo.certno",
        "setlinfo.hi_type", "setlinfo.insuplc", "setlinfo.coner_name", when=FIRST_VERSION,
    ),
    rule("SL005", required, "setlinfo.patn_rlts", when=CONTACT_NAMED),
    rule("SL035", in_dictionary("patn_rlts"), "setlinfo.patn_rlts", severity="invalid", confidence="medium"),
    rule("SL006", required, "setlinfo.coner_addr", when=CONTACT_NAMED),
    rule("SL007", required, "setlinfo.coner_tel", when=CONTACT_NAMED),
    rule("SL059", matches(r"\d{6}", "邮编应为 6 位数字"), "setlinfo.poscode", severity="invalid", confidence="medium"),
    rule("SL051", required, "setlinfo.age", when=ONE_YEAR_OLD),
    rule("SL051", empty, "setlinfo.nwb_age", when=ONE_YEAR_OLD),
    rule("SL052", required, "setlinfo.nwb_age|age_days", when=UNDER_ONE_YEAR),
    rule("SL052", at_most(365, "天龄只用于不足 1 周岁，不应超过 365 天"), "setlinfo.nwb_age|age_days"),
)  # fmt: skip
"""患者."""

NEWBORNS = (
    rule("SL053", required, "setlinfo.nwb_adm_type", when=NEWBORN, confidence="medium"),
    rule("SL036", in_dictionary("nwb_adm_type"), "setlinfo.nwb_adm_type", severity="invalid", confidence="medium"),
    rule(
        "SL054", one_given, "setlinfo.nwb_adm_wt", "setlinfo.mul_nwb_adm_wt", when=NEWBORN, confidence="medium",
    ),
    rule(
        "SL055", one_given, "setlinfo.nwb_bir_wt", "setlinfo.mul_nwb_bir_wt", when=DELIVERY, confidence="medium",
    ),
    rule(
        "SL056", weight_between(100, 9999), "setlinfo.nwb_bir_wt", "setlinfo.nwb_adm_wt", "setlinfo.mul_nwb_bir_wt",
        "setlinfo.mul_nwb_adm_wt", severity="invalid", confidence="medium",
    ),
    rule("SL057", weight_step(10), "setlinfo.nwb_bir_wt", "setlinfo.nwb_adm_wt", severity="invalid"),
    rule(
        "SL058", matches(WEIGHTS, "体重应为数字，多个体重以半角逗号相连，如 2850,2640"),
        "setlinfo.mul_nwb_bir_wt", "setlinfo.mul_nwb_adm_wt", severity="invalid",
    ),
)  # fmt: skip
"""新生儿."""

VISIT = (
    rule("SL016", required, "setlinfo.trt_type", confidence="medium"),
    rule("SL037", in_dictionary("trt_type"), "setlinfo.trt_type", severity="invalid", confidence="medium"),
    rule(
        "SL018", required, "setlinfo.adm_time", "setlinfo.dscg_time", "setlinfo.dscg_caty", "setlinfo.dscg_way",
        "setlinfo.days_rinp_flag_31", "setlinfo.chfpdr_name", "setlinfo.chfpdr_code", when=INPATIENT,
    ),
    # To 4101A the department of admission came late and in some places only: the platform has it from the admission.
    rule("SL018", required, "setlinfo.adm_caty", when=INPATIENT_FIRST_VERSION),
    rule("SL019", required, "setlinfo.resp_nurs_code", when=INPATIENT, confidence="medium"),
    rule("SL031", begins_with("D", "国家医保医师代码"), "setlinfo.chfpdr_code", when=INPATIENT, confidence="medium"),
    rule("SL032", begins_with("N", "国家医保护士代码"), "setlinfo.resp_nurs_code", when=INPATIENT, confidence="medium"),
    rule("SL020", required, "setlinfo.opsp_diag_caty", "setlinfo.opsp_mdtrt_date", when=CHRONIC, confidence="medium"),
    rule("SL021", rows_given, "opspdiseinfo", when=CHRONIC, confidence="medium"),
    rule("SL021", rows_given, "diseinfo", when=INPATIENT, confidence="medium"),
    rule(
        "SL040", in_dictionary("dept", rf"-*[→{NOT_AN_ARROW}]+"), "setlinfo.refldept_dept",
        severity="invalid", confidence="medium",
    ),
    rule("SL041", in_dictionary("dept"), "setlinfo.dscg_caty", severity="invalid", confidence="medium"),
    rule(
        "SL061", matches(rf"[^→{NOT_AN_ARROW}]+(→[^→{NOT_AN_ARROW}]+)*", "多次转科应以 → 相连，如 A03→A04"),
        "setlinfo.refldept_dept",
    ),
    rule("SL064", in_order, "setlinfo.brdy", "setlinfo.adm_time", "setlinfo.dscg_time", confidence="low"),
    rule(
        "SL068", within_stay, "setlinfo.setl_begn_date", "setlinfo.setl_end_date", when=INPATIENT,
        severity="invalid", confidence="medium",
    ),
    rule("SL071", is_days_in_hospital, "setlinfo.act_ipt_days", confidence="medium"),
    rule(
        "SL072", days_of_care, "setlinfo.spga_nurscare_days", "setlinfo.lv1_nurscare_days",
        "setlinfo.scd_nurscare_days", "setlinfo.lv3_nurscare_days", severity="warning", confidence="low",
    ),
    rule("SL038", in_dictionary("dscg_way"), "setlinfo.dscg_way", severity="invalid", confidence="medium"),
    rule(
        "SL077", required, "setlinfo.acp_medins_name", "setlinfo.acp_optins_code", when=TRANSFERRED,
        severity="warning",
    ),
    rule(
        "SL078", required, "setlinfo.days_rinp_pup_31", when=READMISSION_PLANNED, severity="warning", confidence="low",
    ),
)  # fmt: skip
"""就诊：科别、时间、离院."""

DIAGNOSES = (
    rule("SL022", required, "diseinfo.adm_cond_type", when=INPATIENT),
    rule("SL042", in_dictionary("adm_cond_type"), "diseinfo.adm_cond_type", severity="invalid", confidence="medium"),
    rule("SL023", required, "diseinfo.diag_code", "diseinfo.diag_name"),
    rule(
        "SL073", one_main_diagnosis, "diseinfo.maindiag_flag", "diseinfo.diag_type",
        when=INPATIENT, confidence="medium",
    ),
    rule("SL074", counts("diseinfo.diag_code", "opspdiseinfo.diag_code"), "setlinfo.diag_code_cnt", confidence="low"),
    rule(
        "SL079", only("1", "2", "3", text="诊断类别应为 1 西医诊断、2 中医主病诊断或 3 中医主证诊断"),
        "diseinfo.diag_type",
    ),
)  # fmt: skip
"""诊断. Whether a code is a western or a Chinese diagnosis only the catalogues tell: SL079 holds to the three kinds."""

OPERATIONS = (
    rule("SL024", required, "oprninfo.oprn_oprt_code", "oprninfo.oprn_oprt_name", "oprninfo.oper_dr_code"),
    rule("SL026", required, "oprninfo.oprn_oprt_begntime|oprn_oprt_date", confidence="medium"),
    rule("SL025", required, "oprninfo.anst_dr_code", when=ANAESTHETISED, confidence="medium"),
    rule("SL043", in_dictionary("anst_mtd_code"), "oprninfo.anst_way", severity="invalid", confidence="medium"),
    rule("SL076", first_is_main, "oprninfo.oprn_oprt_type", confidence="medium"),
    rule(
        "SL075", counts("oprninfo.oprn_oprt_code", "opspdiseinfo.oprn_oprt_code"), "setlinfo.oprn_oprt_code_cnt",
        confidence="low",
    ),
    rule("SL065", within_stay, "oprninfo.oprn_oprt_begntime|oprn_oprt_date", confidence="low"),
    rule(
        "SL066", within_stay, "oprninfo.anst_begntime", "oprninfo.anst_endtime", when=ANAESTHETISED,
        severity="invalid", confidence="medium",
    ),
    rule("SL069", in_order, "oprninfo.oprn_oprt_begntime", "oprninfo.oprn_oprt_endtime", confidence="low"),
    rule("SL069", in_order, "oprninfo.anst_begntime", "oprninfo.anst_endtime", confidence="low"),
)  # fmt: skip
"""手术操作与麻醉."""

INTENSIVE_CARE = (
    rule(
        "SL029", required, "icuinfo.scs_cutd_ward_type", "icuinfo.scs_cutd_inpool_time", "icuinfo.scs_cutd_exit_time",
        "icuinfo.scs_cutd_sum_dura",
    ),
    rule("SL044", in_dictionary("icu_type"), "icuinfo.scs_cutd_ward_type", severity="invalid", confidence="medium"),
    rule(
        "SL067", within_stay, "icuinfo.scs_cutd_inpool_time", "icuinfo.scs_cutd_exit_time",
        severity="invalid", confidence="medium",
    ),
    rule("SL069", in_order, "icuinfo.scs_cutd_inpool_time", "icuinfo.scs_cutd_exit_time", confidence="low"),
    rule(
        "SL070", is_span, "icuinfo.scs_cutd_sum_dura", "icuinfo.scs_cutd_inpool_time", "icuinfo.scs_cutd_exit_time",
        severity="warning", confidence="low",
    ),
    rule(
        "SL028", matches(WHOLE_DURATION, "用过呼吸机的，天、小时、分钟都要给出，如 1/13/24"), "setlinfo.vent_used_dura",
        confidence="medium",
    ),
    rule("SL060", duration(24, 60), "setlinfo.vent_used_dura", when=VENTILATION_WHOLE, severity="invalid"),
    rule(
        "SL060", duration(24, 60), "setlinfo.pwcry_bfadm_coma_dura", "setlinfo.pwcry_afadm_coma_dura",
        "icuinfo.scs_cutd_sum_dura", severity="invalid",
    ),
)  # fmt: skip
"""重症监护、呼吸机、昏迷."""

BLOOD = (
    rule(
        "SL027", together, "bldinfo|setlinfo.bld_cat", "bldinfo|setlinfo.bld_amt", "bldinfo|setlinfo.bld_unt",
        confidence="medium",
    ),
    rule("SL045", in_dictionary("bld_cat_code"), "bldinfo|setlinfo.bld_cat", severity="invalid", confidence="medium"),
)  # fmt: skip
"""输血."""

FEES = (
    rule("SL030", rows_given, "iteminfo", when=FIRST_VERSION, confidence="medium"),
    rule(
        "SL082", adds_up(left=1), "iteminfo.amt", "iteminfo.claa_sumfee", "iteminfo.clab_amt",
        "iteminfo.fulamt_ownpay_amt", "iteminfo.oth_amt", confidence="low",
    ),
    # The total of the settlement is not in the list: its items stand for it.
    rule("SL084", paid_in_full, "setlinfo.acct_pay", "setlinfo.psn_cashpay", when=FIRST_VERSION, confidence="low"),
    rule(
        "SL085", adds_up(left=2), "setlinfo.psn_selfpay", "setlinfo.psn_ownpay", "setlinfo.acct_pay",
        "setlinfo.psn_cashpay", severity="warning", confidence="low",
    ),
)  # fmt: skip
"""费用, which only 4101 carries."""

RULES: tuple[ListRule, ...] = (
    *LIST, *PATIENT, *NEWBORNS, *VISIT, *DIAGNOSES, *OPERATIONS, *INTENSIVE_CARE, *BLOOD, *FEES,
)  # fmt: skip

READ_STRICTLY = (
    ("SL062", "yyyy-MM-dd of a day, yyyy-MM-dd HH:mm:ss of a time"),
    ("SL063", "amounts have two decimals"),
)
"""Rules on every field of a type, which the strict reader holds it to by its declaration."""

NOT_DECIDABLE = (
    ("SL046", "no dictionary of units of blood (bld_unt) is published"),
    ("SL047", "needs the insurance edition of ICD-10"),
    ("SL048", "needs the insurance edition of ICD-10"),
    ("SL049", "needs the insurance edition of ICD-9-CM-3"),
    ("SL050", "needs the insurance table of Chinese-medicine diagnoses"),
    ("SL080", "one region's wish, which contradicts the others; nothing here says which region it is"),
    ("SL081", "needs a region's list of Chinese-medicine advantage diseases and what they are mapped to"),
    ("SL083", "the total of the settlement is not in the list; SL084 holds its items against its payments"),
    ("SL086", "needs the settlements of the institution and the lists sent for them"),
    ("SL087", "needs the medical e-bill issued for the settlement"),
)
"""Rules that the message alone does not decide, with what is wanting."""


def settlement_list(message: Any, circumstances: Circumstances) -> Iterator[Problem]:
    """Every rule that can be decided from a list of either shape."""
    for declared in RULES:
        yield from declared.findings(message, circumstances)
