"""The settlement list (医疗保障基金结算清单): transactions 4101 to 4105."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks.settlement_list import settlement_list
from ..spec import (
    Does,
    Effect,
    LookedFor,
    Of,
    amount,
    chapter,
    code,
    day,
    moment,
    nested,
    node,
    number,
    one_of,
    required_when,
    rows,
    text,
)

DIAGNOSIS = ("diag_type", "diag_code")
OPERATION = ("oprn_oprt_code", "oprn_oprt_begntime")
"""What the platform tells rows apart by (from refusals that a hospital kept, 2025)."""

transaction = chapter("settlement_list", "信息采集上传/医疗保障基金结算清单")

DURATION = "天/小时/分钟，以斜杠相连，如 1/13/24"
GRAMS = "单位克，精确到 10 克"
WHOLE_DAYS = "基线为整天，长度 3"
ADDED = "V1.1.27 增补"
LATER = "后来增补（V1.1.27）"
REQUIRED_THERE = "V1.1.27 增补，当地必填"
CONTACT = required_when("填了联系人姓名时必填")
INPATIENT = required_when("住院清单必填")
CHRONIC = required_when("门诊慢特病清单必填")
RECEIVER = required_when("离院方式为 2（医嘱转院）、3（转社区或乡镇卫生院）且已知接收机构时填")
EXAMPLE = {
    "setlinfo": {
        "hi_no": "hi_no",
        "brdy": "1980-01-01",
        "age": Decimal(46),
        "nwb_age": None,
        "hi_paymtd": "3",
        "trt_type": "10",
        "adm_time": "2026-11-11 10:00:00",
        "dscg_time": "2026-11-21 10:00:00",
        "dscg_caty": "A03",
        "dscg_way": "1",
        "act_ipt_days": Decimal(10),
        "days_rinp_flag_31": "1",
        "chfpdr_name": "chfpdr_name",
        "chfpdr_code": "D000000000001",
        "resp_nurs_code": "N000000000001",
        "vent_used_dura": "0/0/0",
    },
    "diseinfo": {"diag_type": "1", "maindiag_flag": "1", "adm_cond_type": "1"},
}
"""What a sample of a list says for its quality control."""
AGE = one_of("满 1 周岁填岁数，不足 1 周岁填天龄，须有一项", "age", "nwb_age")


@node
class UploadSettlement:
    """结算清单信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    hi_setl_lv: Annotated[str | None, code("hi_setl_lv", "医保结算等级", length=3)] = None
    hi_no: Annotated[str | None, text(30, "医保编号", note="the insured person's code in the insurance system")] = None
    medcasno: Annotated[str, text(40, "病案号")]
    dcla_time: Annotated[
        datetime | None, moment("申报时间", note="time of reporting; the platform fills it on receipt")
    ] = None
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    brdy: Annotated[date, day("出生日期")]
    age: Annotated[Decimal | None, number(4, 1, "年龄", note="以岁计"), AGE] = None
    ntly: Annotated[str, code("nat_regn_code", "国籍")]
    nwb_age: Annotated[Decimal | None, number(3, 0, "（年龄不足1周岁）年龄", note="以天计"), AGE] = None
    naty: Annotated[str, code("naty", "民族", length=3)]
    patn_cert_type: Annotated[str, code("patn_cert_type", "患者证件类别", length=3)]
    certno: Annotated[str, text(50, "证件号码", note="identity document number")]
    prfs: Annotated[str, code("prfs", "职业")]
    curr_addr: Annotated[str | None, text(200, "现住址")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    emp_addr: Annotated[str | None, text(200, "单位地址")] = None
    emp_tel: Annotated[str | None, text(50, "单位电话")] = None
    poscode: Annotated[str | None, text(6, "邮编")] = None
    coner_name: Annotated[str, text(50, "联系人姓名")]
    patn_rlts: Annotated[str, code("patn_rlts", "与患者关系")]
    coner_addr: Annotated[str, text(200, "联系人地址")]
    coner_tel: Annotated[str, text(50, "联系人电话")]
    hi_type: Annotated[str, code("mdcs_type", "医保类型", length=3)]
    insuplc: Annotated[str, text(6, "参保地")]
    sp_psn_type: Annotated[str | None, code("sp_psn_type", "特殊人员类型")] = None
    nwb_adm_type: Annotated[str | None, code("nwb_adm_type", "新生儿入院类型", length=3)] = None
    nwb_bir_wt: Annotated[Decimal | None, number(6, 2, "新生儿出生体重", note=GRAMS)] = None
    nwb_adm_wt: Annotated[Decimal | None, number(6, 2, "新生儿入院体重", note=GRAMS)] = None
    opsp_diag_caty: Annotated[str | None, text(50, "门诊慢特病诊断科别")] = None
    opsp_mdtrt_date: Annotated[date | None, day("门诊慢特病就诊日期")] = None
    ipt_med_type: Annotated[str, code("ipt_med_type", "住院医疗类型", length=3)]
    adm_way: Annotated[str | None, code("adm_way", "入院途径", length=3)] = None
    trt_type: Annotated[str | None, code("trt_type", "治疗类别", length=3)] = None
    adm_time: Annotated[datetime | None, moment("入院时间")] = None
    adm_caty: Annotated[str, code("dept", "入院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")]
    refldept_dept: Annotated[
        str | None,
        code("dept", "转科科别", length=10, note="科室代码；多次转科以 → 相连；表中长度 6，后来的代码更长", joined="→"),
    ] = None
    dscg_time: Annotated[datetime | None, moment("出院时间")] = None
    dscg_caty: Annotated[str, code("dept", "出院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")]
    act_ipt_days: Annotated[Decimal | None, number(3, 0, "实际住院天数")] = None
    otp_wm_dise: Annotated[str | None, text(200, "门（急）诊西医诊断")] = None
    wm_dise_code: Annotated[str | None, text(20, "西医诊断疾病代码")] = None
    otp_tcm_dise: Annotated[str | None, text(200, "门（急）诊中医诊断")] = None
    tcm_dise_code: Annotated[str | None, text(20, "中医诊断代码")] = None
    diag_code_cnt: Annotated[Decimal | None, number(3, 0, "诊断代码计数")] = None
    maindiag_flag: Annotated[
        str | None,
        code(
            "maindiag_flag",
            "主诊断标志",
            length=3,
            note="only one baseline copy lists it here; later withdrawn (the flag belongs to diseinfo)",
        ),
    ] = None
    oprn_oprt_code_cnt: Annotated[Decimal | None, number(3, 0, "手术操作代码计数")] = None
    vent_used_dura: Annotated[str | None, text(10, "呼吸机使用时长", note=DURATION)] = None
    pwcry_bfadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院前昏迷时长", note=DURATION)] = None
    pwcry_afadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院后昏迷时长", note=DURATION)] = None
    bld_cat: Annotated[str | None, code("bld_cat_code", "输血品种", length=3)] = None
    bld_amt: Annotated[Decimal | None, number(6, 0, "输血量")] = None
    bld_unt: Annotated[str | None, text(3, "输血计量单位")] = None
    spga_nurscare_days: Annotated[Decimal | None, number(3, 0, "特级护理天数")] = None
    lv1_nurscare_days: Annotated[Decimal | None, number(3, 0, "一级护理天数")] = None
    scd_nurscare_days: Annotated[Decimal | None, number(3, 0, "二级护理天数")] = None
    lv3_nurscare_days: Annotated[Decimal | None, number(3, 0, "三级护理天数")] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    acp_medins_name: Annotated[str | None, text(100, "拟接收机构名称"), RECEIVER] = None
    acp_optins_code: Annotated[str | None, text(30, "拟接收机构代码"), RECEIVER] = None
    bill_code: Annotated[str, text(50, "票据代码")]
    bill_no: Annotated[str, text(30, "票据号码")]
    biz_sn: Annotated[str, text(50, "业务流水号")]
    days_rinp_flag_31: Annotated[str | None, code("days_rinp_flag_31", "出院31天内再住院计划标志", length=3)] = None
    days_rinp_pup_31: Annotated[str | None, text(200, "出院31天内再住院目的")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    chfpdr_code: Annotated[
        str | None, text(30, "主诊医师代码", note="insurance doctor code; in-house code until coding is standardised")
    ] = None
    setl_begn_date: Annotated[date, day("结算开始日期")]
    setl_end_date: Annotated[date, day("结算结束日期")]
    psn_selfpay: Annotated[Decimal, amount("个人自付")]
    psn_ownpay: Annotated[Decimal, amount("个人自费")]
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    psn_cashpay: Annotated[Decimal, amount("个人现金支付")]
    hi_paymtd: Annotated[str, code("hi_paymtd", "医保支付方式", length=3)]
    hsorg: Annotated[str, text(100, "医保机构")]
    hsorg_opter: Annotated[str, text(50, "医保机构经办人")]
    medins_fill_dept: Annotated[str, text(100, "医疗机构填报部门")]
    medins_fill_psn: Annotated[str, text(50, "医疗机构填报人")]


@node
class UploadFundShare:
    """基金支付信息."""

    fund_pay_type: Annotated[str, code("fund_pay_type", "基金支付类型", length=10, note="表中长度 6，后来的代码更长")]
    fund_payamt: Annotated[Decimal, amount("基金支付金额")]


@node
class UploadChronicDisease:
    """门诊慢特病诊断信息."""

    diag_name: Annotated[str, text(100, "诊断名称")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    oprn_oprt_name: Annotated[
        str | None, text(500, "手术操作名称", note="另一抄本为选填；有的地区没有手术时要填“无”")
    ] = None
    oprn_oprt_code: Annotated[
        str | None, text(30, "手术操作代码", note="另一抄本为选填；有的地区没有手术时要填“无”")
    ] = None


@node
class UploadDiagnosis:
    """住院诊断信息."""

    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    adm_cond_type: Annotated[str | None, code("adm_cond_type", "入院病情类型", length=3)] = None
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3, note="added shortly after V1.0")]


@node
class UploadItem:
    """收费项目信息."""

    med_chrgitm: Annotated[str, code("med_chrgitm_type", "医疗收费项目")]
    amt: Annotated[Decimal, amount("金额")]
    claa_sumfee: Annotated[Decimal, amount("甲类费用合计")]
    clab_amt: Annotated[Decimal, amount("乙类金额")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    oth_amt: Annotated[Decimal, amount("其他金额")]


@node
class OperationFacts:
    """What UploadOperation and UploadAOperation have in common."""

    oprn_oprt_type: Annotated[str, code("oprn_oprt_type", "手术操作类别", length=3)]
    oprn_oprt_name: Annotated[str, text(500, "手术操作名称")]
    oprn_oprt_code: Annotated[str, text(30, "手术操作代码")]
    anst_way: Annotated[str | None, code("anst_mtd_code", "麻醉方式", note="anaesthesia method code")] = None
    oper_dr_code: Annotated[str, text(20, "术者医师代码")]
    anst_dr_code: Annotated[str | None, text(20, "麻醉医师代码")] = None


@node
class UploadOperation(OperationFacts):
    """手术操作信息."""

    oprn_oprt_date: Annotated[date, day("手术操作日期")]
    oper_dr_name: Annotated[str, text(50, "术者医师姓名")]
    anst_dr_name: Annotated[str | None, text(50, "麻醉医师姓名")] = None


@node
class UploadIntensiveCare:
    """重症监护信息."""

    scs_cutd_ward_type: Annotated[str, code("icu_type", "重症监护病房类型")]
    scs_cutd_inpool_time: Annotated[datetime, moment("重症监护进入时间")]
    scs_cutd_exit_time: Annotated[datetime, moment("重症监护退出时间")]
    scs_cutd_sum_dura: Annotated[str, text(10, "重症监护合计时长", note=DURATION)]


@node
class UploadAnswer:
    setl_list_id: Annotated[str, text(30, "清单流水号", note="tables print length 9; longer numbers occur")]


@transaction(
    "4101",
    "医疗保障基金结算清单信息上传",
    "settlement list upload",
    does=Does.UPLOADS,
    of=Of.LIST,
    effect=Effect.REPEATABLE,
    daily=True,
    path="/fsi/api/medinfoupload/setllistinfoupld",
    known_by=("setl_id",),
)
class Upload:
    """Settlement list upload.

    - One call carries the list of one patient and one settlement (setl_id).
    - setlinfo is one row; every other node is a list of rows.
    - Uploaded on a schedule (daily), not right after settlement; the reply gives setl_list_id, the number of
      the list.
    - 4101A replaces this shape: since mid-2022 several provinces keep the number 4101 but expect the fields of
      4101A (no payinfo and iteminfo, no fee totals, plus bldinfo, psn_no, begin/end times of operations).
    - Dates are yyyy-MM-dd, times yyyy-MM-dd HH:mm:ss; durations are text days/hours/minutes.
    - Change or resubmit by uploading again while the list is not submitted (4102 sets the state).
    """

    request_checks = (settlement_list,)
    example = EXAMPLE

    @node
    class Input:
        setlinfo: Annotated[UploadSettlement, nested("结算清单信息")]
        payinfo: Annotated[list[UploadFundShare], rows("基金支付信息")]
        opspdiseinfo: Annotated[list[UploadChronicDisease] | None, rows("门诊慢特病诊断信息")] = None
        diseinfo: Annotated[list[UploadDiagnosis] | None, rows("住院诊断信息", unique=DIAGNOSIS)] = None
        iteminfo: Annotated[list[UploadItem], rows("收费项目信息")]
        oprninfo: Annotated[list[UploadOperation] | None, rows("手术操作信息")] = None
        icuinfo: Annotated[list[UploadIntensiveCare] | None, rows("重症监护信息")] = None

    @node
    class Output:
        data: UploadAnswer


@node
class UploadASettlement:
    """结算清单信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    hi_no: Annotated[
        str | None, text(30, "医保编号", note="the insured person's code; dropped by V1.1.27 in 2023-05")
    ] = None
    medcasno: Annotated[str, text(40, "病案号", note="V1.1.27 prints length 30 and optional here, 40 in 4103")]
    dcla_time: Annotated[
        datetime | None, moment("申报时间", note="time of reporting; the platform fills it on receipt")
    ] = None
    ntly: Annotated[str, code("nat_regn_code", "国籍")]
    prfs: Annotated[str, code("prfs", "职业")]
    curr_addr: Annotated[str | None, text(200, "现住址")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    emp_addr: Annotated[str | None, text(200, "单位地址")] = None
    emp_tel: Annotated[str | None, text(50, "单位电话")] = None
    poscode: Annotated[str | None, text(6, "邮编")] = None
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    patn_rlts: Annotated[str | None, code("patn_rlts", "与患者关系"), CONTACT] = None
    coner_addr: Annotated[str | None, text(200, "联系人地址"), CONTACT] = None
    coner_tel: Annotated[str | None, text(50, "联系人电话"), CONTACT] = None
    nwb_adm_type: Annotated[
        str | None,
        code("nwb_adm_type", "新生儿入院类型", length=3, note="有的省及早期抄本拼作 nwb_admtype"),
        required_when("出生 28 天以内必填"),
    ] = None
    nwb_bir_wt: Annotated[
        Decimal | None,
        number(6, 2, "新生儿出生体重", note=f"{GRAMS}；有的省及早期抄本拼作 nwbbirwt"),
        required_when("新生儿入院及分娩类诊断必填，见 settlement_list_checks.json"),
    ] = None
    nwb_adm_wt: Annotated[
        Decimal | None,
        number(6, 2, "新生儿入院体重", note=f"{GRAMS}；有的省及早期抄本拼作 nwbadmwt"),
        required_when("出生 28 天以内必填"),
    ] = None
    mul_nwb_bir_wt: Annotated[
        str | None,
        text(
            50,
            "多新生儿出生体重",
            note="weights of several newborns, joined by a half-width comma; several newborns use this field instead of nwb_bir_wt",
        ),
    ] = None
    mul_nwb_adm_wt: Annotated[
        str | None, text(50, "多新生儿入院体重", note="weights of several newborns, joined by a half-width comma")
    ] = None
    opsp_diag_caty: Annotated[str | None, text(50, "门诊慢特病诊断科别"), CHRONIC] = None
    opsp_mdtrt_date: Annotated[date | None, day("门诊慢特病就诊日期"), CHRONIC] = None
    adm_way: Annotated[str | None, code("adm_way", "入院途径", length=30)] = None
    trt_type: Annotated[str | None, code("trt_type", "治疗类别", length=3)] = None
    adm_time: Annotated[datetime | None, moment("入院时间"), INPATIENT] = None
    adm_dept_codg: Annotated[
        str | None, text(30, "入院科室编码", note="later addition of two provinces; V1.1.27 writes adm_dept_code")
    ] = None
    adm_dept_code: Annotated[str | None, text(30, "入院科室编码", note="V1.1.27 name of adm_dept_codg")] = None
    adm_dept_name: Annotated[str | None, text(100, "入院科室名称", note="later addition of two provinces")] = None
    refldept_dept: Annotated[
        str | None, code("dept", "转科科别", length=50, note="科室代码；多次转科以 → 相连", joined="→")
    ] = None
    dscg_time: Annotated[datetime | None, moment("出院时间"), INPATIENT] = None
    dscg_dept_codg: Annotated[
        str | None, text(30, "出院科室编码", note="later addition of two provinces; V1.1.27 writes dscg_dept_code")
    ] = None
    dscg_dept_code: Annotated[str | None, text(30, "出院科室编码", note="V1.1.27 name of dscg_dept_codg")] = None
    dscg_dept_name: Annotated[str | None, text(100, "出院科室名称", note="later addition of two provinces")] = None
    dscg_caty: Annotated[
        str | None, code("dept", "出院科别", length=10, note="科室代码；表中长度 6，后来的代码更长"), INPATIENT
    ] = None
    otp_wm_dise: Annotated[str | None, text(200, "门（急）诊诊断（西医诊断）")] = None
    wm_dise_code: Annotated[str | None, text(30, "西医疾病代码", note="20 before mid-2022")] = None
    otp_tcm_dise: Annotated[
        str | None, text(200, "门（急）诊诊断（中医诊断）", note="some provinces and early copies: otptcmdise")
    ] = None
    tcm_dise_code: Annotated[
        str | None, text(30, "中医疾病代码", note="some provinces and early copies: tcmdisecode")
    ] = None
    vent_used_dura: Annotated[str | None, text(10, "呼吸机使用时长", note=DURATION)] = None
    pwcry_bfadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院前昏迷时长", note=DURATION)] = None
    pwcry_afadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院后昏迷时长", note=DURATION)] = None
    spga_nurscare_days: Annotated[Decimal | None, number(4, 1, "特级护理天数", note=WHOLE_DAYS)] = None
    lv1_nurscare_days: Annotated[Decimal | None, number(4, 1, "一级护理天数", note=WHOLE_DAYS)] = None
    scd_nurscare_days: Annotated[Decimal | None, number(4, 1, "二级护理天数", note=WHOLE_DAYS)] = None
    lv3_nurscare_days: Annotated[Decimal | None, number(4, 1, "三级护理天数", note=WHOLE_DAYS)] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3), INPATIENT] = None
    acp_medins_name: Annotated[str | None, text(100, "拟接收机构名称"), RECEIVER] = None
    acp_optins_code: Annotated[str | None, text(30, "拟接收机构代码"), RECEIVER] = None
    bill_code: Annotated[str, text(50, "票据代码", note="bill code printed on the medical e-bill")]
    bill_no: Annotated[str, text(30, "票据号码", note="bill number printed on the medical e-bill")]
    biz_sn: Annotated[str, text(50, "业务流水号")]
    days_rinp_flag_31: Annotated[str | None, code("days_rinp_flag_31", "出院31天内再住院计划标志", length=3)] = None
    days_rinp_pup_31: Annotated[str | None, text(200, "出院31天内再住院计划目的")] = None
    chfpdr_code: Annotated[
        str | None, text(30, "主诊医师代码", note="医保医师代码；编码统一之前可填院内代码"), INPATIENT
    ] = None
    setl_begn_date: Annotated[date, day("结算开始日期")]
    setl_end_date: Annotated[date, day("结算结束日期")]
    medins_fill_dept: Annotated[str, text(100, "医疗机构填报部门")]
    medins_fill_psn: Annotated[str, text(50, "医疗机构填报人")]
    resp_nurs_code: Annotated[
        str | None, text(50, "责任护士代码", note="国家护士代码"), required_when("有的省住院清单必填")
    ] = None
    stas_type: Annotated[
        str | None, code("stas_type", "状态分类", length=10, note="list state, see 4102; sent as 0 on upload")
    ] = None
    hi_paymtd: Annotated[
        str | None,
        code("hi_paymtd", "医保支付方式", length=3, note="payment method agreed between agency and institution"),
    ] = None
    age_days: Annotated[
        Decimal | None,
        number(
            3, 0, "新生儿天龄", note="later addition; age in days, for a newborn under one year who is not yet insured"
        ),
    ] = None
    adm_caty: Annotated[str | None, code("dept", "入院科别", length=10, note="later addition (V1.1.27, 2024-10)")] = (
        None
    )


@node
class UploadAChronicDisease:
    """门诊慢特病诊断信息."""

    diag_name: Annotated[
        str | None,
        text(100, "诊断名称", note="dropped in one province in 2022-06; other copies keep it and require it"),
    ] = None
    diag_code: Annotated[
        str | None, text(20, "诊断代码", note="dropped in one province in 2022-06; other copies keep it and require it")
    ] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None


@node
class UploadADiagnosis:
    """住院诊断信息."""

    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(500, "诊断名称", note="baseline: length 100")]
    adm_cond_type: Annotated[str, code("adm_cond_type", "入院病情类型", length=3, note="baseline: optional")]
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]


@node
class UploadAOperation(OperationFacts):
    """手术操作信息."""

    oprn_oprt_begntime: Annotated[datetime | None, moment("手术操作开始时间")] = None
    oprn_oprt_endtime: Annotated[datetime | None, moment("手术操作结束时间")] = None
    anst_begntime: Annotated[datetime | None, moment("麻醉开始时间")] = None
    anst_endtime: Annotated[datetime | None, moment("麻醉结束时间")] = None


@node
class UploadAIntensiveCare:
    """重症监护信息."""

    scs_cutd_ward_type: Annotated[str, code("icu_type", "重症监护病房类型", note="ICU ward type dictionary")]
    scs_cutd_inpool_time: Annotated[datetime, moment("重症监护进入时间")]
    scs_cutd_exit_time: Annotated[datetime, moment("重症监护退出时间")]
    scs_cutd_sum_dura: Annotated[str, text(10, "重症监护合计时长", note=DURATION)]


@node
class UploadABlood:
    """输血信息."""

    bld_cat: Annotated[
        str | None,
        code(
            "bld_cat_code",
            "输血品种",
            length=3,
            note="V1.1.27 also asks setl_List_bld_Id, psn_no, mdtrt_id and setl_id in each row",
        ),
    ] = None
    bld_amt: Annotated[Decimal | None, number(6, 0, "输血量")] = None
    bld_unt: Annotated[str | None, text(15, "输血计量单位", note="baseline: length 3")] = None
    setl_List_bld_Id: Annotated[str | None, text(30, "结算清单输血ID", note=f"{REQUIRED_THERE}；大小写照原表")] = None
    psn_no: Annotated[str | None, text(30, "人员编号", note=REQUIRED_THERE)] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID", note=REQUIRED_THERE)] = None
    setl_id: Annotated[str | None, text(30, "结算ID", note=REQUIRED_THERE)] = None


@node
class UploadAAnswer:
    setl_list_id: Annotated[
        str, text(30, "清单流水号", note="tables print length 9; one region returns it directly under output")
    ]


@transaction(
    "4101A",
    "医疗保障基金结算清单信息上传",
    "settlement list upload A",
    does=Does.UPLOADS,
    of=Of.LIST,
    effect=Effect.REPEATABLE,
    daily=True,
    path="/fsi/api/medinfoupload/setllistinfoupldA",
    known_by=("setl_id",),
)
class UploadA:
    """Settlement list upload A.

    - Same purpose as 4101 with the fields the platform already holds left out (person, fees, fund payments, fee
      items).
    - One call carries one patient and one settlement; setlinfo is one row, the other nodes are lists.
    - Diagnoses: exactly one row with maindiag_flag 1 (western main diagnosis); every inpatient row needs
      adm_cond_type.
    - Operations: the first or main one has oprn_oprt_type 1; anaesthesia way and doctor go together.
    - Uploaded on a schedule (daily) after settlement; reply gives setl_list_id. State changes go through 4102,
      the whole list is read back with 4103, quality results with 4104.
    - An uploaded list that is submitted or approved cannot be changed; 4102 takes it back first.
    - V1.1.27 (number 4101 there) since 2024-10 also takes a payinfo node (fund_pay_type, fund_payamt) and
      adm_caty.
    - In a copied message, times are yyyy-MM-dd HH:mm:ss also in fields typed as date.
    """

    request_checks = (settlement_list,)
    example = EXAMPLE

    @node
    class Input:
        setlinfo: Annotated[UploadASettlement, nested("结算清单信息")]
        opspdiseinfo: Annotated[list[UploadAChronicDisease] | None, rows("门诊慢特病诊断信息")] = None
        diseinfo: Annotated[list[UploadADiagnosis], rows("住院诊断信息", unique=DIAGNOSIS)]
        oprninfo: Annotated[list[UploadAOperation] | None, rows("手术操作信息", unique=OPERATION)] = None
        icuinfo: Annotated[list[UploadAIntensiveCare] | None, rows("重症监护信息")] = None
        bldinfo: Annotated[list[UploadABlood] | None, rows("输血信息")] = None

    @node
    class Output:
        data: UploadAAnswer


@node
class ChangeStateState:
    psn_no: Annotated[str, text(30, "人员编号")]
    setl_id: Annotated[str, text(30, "结算ID")]
    stas_type: Annotated[str, code("stas_type", "审核状态", length=10, note="0 not submitted, 1 submitted")]


@node
class ChangeStateData:
    stastinfo: list[ChangeStateState]


@transaction(
    "4102",
    "医疗保障基金结算清单信息状态修改",
    "settlement list state change",
    does=Does.CHANGES,
    of=Of.LIST,
    looked_for=LookedFor.LIST_STATE,
    known_by=("setl_id",),
)
class ChangeState:
    """Settlement list state change.

    - States: 0 not submitted, 1 submitted, 2 approved, 3 rejected.
    - The institution may move 0 to 1, and 3 to 0 or 1; 1 may not be sent again as 1; approved lists may not be
      touched.
    - Only a list in state 0 may be uploaded again (4101/4101A).
    - Several settlements may be changed in one call.
    """

    @node
    class Input:
        data: ChangeStateData


@node
class QueryData:
    psn_no: Annotated[str, text(30, "人员编号")]
    setl_id: Annotated[str, text(30, "结算ID")]


@node
class QuerySettlement:
    """结算清单信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    setl_list_sn: Annotated[str, text(30, "结算清单流水号")]
    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    hi_setl_lv: Annotated[str | None, code("hi_setl_lv", "医保结算等级", length=3)] = None
    medcasno: Annotated[str, text(40, "病案号")]
    dcla_time: Annotated[
        datetime | None, moment("申报时间", note="time of reporting; the platform fills it on receipt")
    ] = None
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    brdy: Annotated[date, day("出生日期")]
    age: Annotated[Decimal | None, number(4, 1, "年龄", note="以岁计"), required_when("满 1 周岁给出")] = None
    age_days: Annotated[
        Decimal | None, number(3, 0, "（年龄不足1周岁）年龄", note="days; required under one year of age; or age_daus")
    ] = None
    age_daus: Annotated[Decimal | None, number(3, 0, "（年龄不足1周岁）年龄", note="V1.1.27 name of age_days")] = None
    ntly: Annotated[str, code("nat_regn_code", "国籍")]
    naty: Annotated[str, code("naty", "民族", length=3)]
    psn_cert_type: Annotated[str | None, code("patn_cert_type", "患者证件类别", length=3, note="or patn_cert_type")] = (
        None
    )
    patn_cert_type: Annotated[
        str | None, code("patn_cert_type", "患者证件类别", length=3, note="V1.1.27 name of psn_cert_type")
    ] = None
    certno: Annotated[str, text(50, "证件号码", note="identity document number")]
    prfs: Annotated[str, code("prfs", "职业")]
    curr_addr: Annotated[str | None, text(200, "现住址")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    emp_addr: Annotated[str | None, text(200, "单位地址")] = None
    emp_tel: Annotated[str | None, text(50, "单位电话")] = None
    emp_poscode: Annotated[str | None, text(6, "邮编")] = None
    coner_name: Annotated[str, text(50, "联系人姓名")]
    patn_rlts: Annotated[str, code("patn_rlts", "与患者关系")]
    coner_addr: Annotated[str, text(200, "联系人地址")]
    coner_tel: Annotated[str, text(50, "联系人电话")]
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    sp_psn_type: Annotated[str | None, code("sp_psn_type", "特殊人员类型")] = None
    insu_admdvs: Annotated[str | None, text(6, "参保所属医保区划")] = None
    nwb_adm_type: Annotated[str | None, code("nwb_adm_type", "新生儿入院类型", length=3)] = None
    nwb_bir_wt: Annotated[Decimal | None, number(6, 2, "新生儿出生体重", note=GRAMS)] = None
    nwb_adm_wt: Annotated[Decimal | None, number(6, 2, "新生儿入院体重", note=GRAMS)] = None
    mul_nwb_bir_wt: Annotated[str | None, text(50, "多新生儿出生体重")] = None
    mul_nwb_adm_wt: Annotated[str | None, text(50, "多新生儿入院体重")] = None
    opsp_diag_caty: Annotated[str | None, text(50, "门诊慢特病诊断科别")] = None
    opsp_mdtrt_time: Annotated[date | None, day("门诊慢特病就诊日期")] = None
    ipt_med_type: Annotated[str, code("ipt_med_type", "住院医疗类型", length=3)]
    adm_way_code: Annotated[str | None, code("adm_way", "入院途径", length=3)] = None
    trt_type: Annotated[str | None, code("trt_type", "治疗类别", length=3)] = None
    adm_time: Annotated[datetime | None, moment("入院时间")] = None
    dscg_time: Annotated[datetime | None, moment("出院时间")] = None
    adm_caty: Annotated[str, code("dept", "入院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")]
    refl_caty: Annotated[
        str | None,
        code("dept", "转科科别", length=10, note="科室代码；多次转科以 → 相连；表中长度 6，后来的代码更长", joined="→"),
    ] = None
    dscg_caty: Annotated[str, code("dept", "出院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")]
    act_ipt_days: Annotated[Decimal | None, number(3, 0, "实际住院天数")] = None
    otp_wm_diag: Annotated[str | None, text(200, "门（急）诊西医诊断", note="or otp_wm_dise")] = None
    otp_wm_dise: Annotated[str | None, text(200, "门（急）诊西医诊断", note="V1.1.27 name of otp_wm_diag")] = None
    otp_wm_diag_dise_code: Annotated[str | None, text(20, "西医诊断疾病代码")] = None
    otp_tcm_diag: Annotated[str | None, text(200, "门（急）诊中医诊断", note="or otp_tcm_dise")] = None
    otp_tcm_dise: Annotated[str | None, text(200, "门（急）诊中医诊断", note="V1.1.27 name of otp_tcm_diag")] = None
    otp_tcm_diag_dise_code: Annotated[str | None, text(20, "中医诊断代码")] = None
    diag_code_cnt: Annotated[Decimal | None, number(3, 0, "诊断代码计数")] = None
    oprn_oprt_code_cnt: Annotated[Decimal | None, number(3, 0, "手术操作代码计数")] = None
    vent_used_days: Annotated[Decimal | None, number(3, 0, "呼吸机使用天数")] = None
    vent_used_h_cnt: Annotated[Decimal | None, number(2, 0, "呼吸机使用小时数")] = None
    vent_used_m_cnt: Annotated[Decimal | None, number(2, 0, "呼吸机使用分钟数")] = None
    bfadm_coma_days: Annotated[Decimal | None, number(3, 0, "入院前颅脑损伤患者昏迷天数")] = None
    bfadm_coma_h_cnt: Annotated[Decimal | None, number(2, 0, "入院前颅脑损伤患者昏迷小时数")] = None
    bfadm_coma_m_cnt: Annotated[Decimal | None, number(2, 0, "入院前颅脑损伤患者昏迷分钟数")] = None
    afadm_coma_days: Annotated[Decimal | None, number(3, 0, "入院后颅脑损伤患者昏迷天数")] = None
    afadm_coma_h_cnt: Annotated[Decimal | None, number(2, 0, "入院后颅脑损伤患者昏迷小时数")] = None
    afadm_coma_m_cnt: Annotated[Decimal | None, number(2, 0, "入院后颅脑损伤患者昏迷分钟数")] = None
    spga_nurscare_days: Annotated[Decimal | None, number(3, 0, "特级护理天数")] = None
    lv1_nurscare_days: Annotated[Decimal | None, number(3, 0, "一级护理天数")] = None
    scd_nurscare_days: Annotated[Decimal | None, number(3, 0, "二级护理天数")] = None
    lv3_nurscare_days: Annotated[Decimal | None, number(3, 0, "三级护理天数")] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    acp_optins_name: Annotated[
        str | None,
        text(
            100,
            "拟接收机构名称",
            note="name of the receiver when dscg_way is 2 (other hospital) or 3 (community clinic) and it is known; or acp_medins_name",
        ),
    ] = None
    acp_medins_name: Annotated[str | None, text(100, "拟接收机构名称", note="V1.1.27 name of acp_optins_name")] = None
    acp_optins_code: Annotated[str | None, text(30, "拟接收机构代码"), RECEIVER] = None
    dscg31days_rinp_flag: Annotated[
        str | None, code("days_rinp_flag_31", "出院31天内再住院计划标志", length=3, note="or days_rinp_flag_31")
    ] = None
    days_rinp_flag_31: Annotated[
        str | None,
        code("days_rinp_flag_31", "出院31天内再住院计划标志", length=3, note="V1.1.27 name of dscg31days_rinp_flag"),
    ] = None
    rinp_pup: Annotated[str | None, text(200, "出院31天内再住院目的", note="or days_rinp_pup_31")] = None
    days_rinp_pup_31: Annotated[str | None, text(200, "出院31天内再住院目的", note="V1.1.27 name of rinp_pup")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    chfpdr_code: Annotated[
        str | None, text(30, "主诊医师代码", note="insurance doctor code; in-house code until coding is standardised")
    ] = None
    biz_sn: Annotated[str, text(50, "业务流水号")]
    bill_code: Annotated[str, text(50, "票据代码")]
    bill_no: Annotated[str, text(30, "票据号码")]
    setl_begndate: Annotated[date | None, day("结算开始日期", note="or setl_begn_date")] = None
    setl_begn_date: Annotated[date | None, day("结算开始日期", note="V1.1.27 name of setl_begndate")] = None
    setl_enddate: Annotated[date | None, day("结算结束日期", note="or setl_end_date")] = None
    setl_end_date: Annotated[date | None, day("结算结束日期", note="V1.1.27 name of setl_enddate")] = None
    psn_selfpay_amt: Annotated[Decimal | None, amount("个人自付", note="or psn_selfpay")] = None
    psn_selfpay: Annotated[Decimal | None, amount("个人自付", note="V1.1.27 name of psn_selfpay_amt")] = None
    psn_ownpay_fee: Annotated[Decimal | None, amount("个人自费", note="or psn_ownpay")] = None
    psn_ownpay: Annotated[Decimal | None, amount("个人自费", note="V1.1.27 name of psn_ownpay_fee")] = None
    acct_payamt: Annotated[Decimal | None, amount("个人账户支出", note="or acct_pay")] = None
    acct_pay: Annotated[Decimal | None, amount("个人账户支出", note="V1.1.27 name of acct_payamt")] = None
    psn_cashpay: Annotated[Decimal, amount("个人现金支付")]
    hi_paymtd: Annotated[str, code("hi_paymtd", "医保支付方式", length=3)]
    medins_fill_dept: Annotated[str, text(100, "医疗机构填报部门")]
    medins_fill_psn: Annotated[str, text(50, "医疗机构填报人")]
    hi_no: Annotated[str | None, text(30, "医保编号")] = None
    hi_type: Annotated[str, code("mdcs_type", "医保类型", length=3)]
    opsp_dise_name: Annotated[str, text(300, "门慢门特病种名称")]
    opsp_dise_code: Annotated[str, text(30, "门慢门特病种目录代码")]
    dscg_diag: Annotated[str | None, text(300, "出院诊断")] = None
    resp_nurs_name: Annotated[str | None, text(50, "责任护士姓名")] = None
    resp_nurs_code: Annotated[str | None, text(50, "责任护士代码")] = None
    hsorg_opter_code: Annotated[str | None, text(50, "医保机构经办人代码")] = None
    stas_type: Annotated[str | None, text(10, "状态分类")] = None
    hsorg_opter_name: Annotated[str | None, text(50, "医保机构经办人", note="or hsorg_opter")] = None
    hsorg_opter: Annotated[str | None, text(50, "医保机构经办人", note="V1.1.27 name of hsorg_opter_name")] = None
    hsorg_name: Annotated[str | None, text(50, "医保机构")] = None
    hsorg_code: Annotated[str | None, text(50, "医保机构代码")] = None
    chk_cont: Annotated[str | None, text(2000, "审核内容")] = None
    adm_dept_codg: Annotated[str | None, text(30, "入院科室编码", note=LATER)] = None
    adm_dept_name: Annotated[str | None, text(100, "入院科室名称", note=LATER)] = None
    dscg_dept_codg: Annotated[str | None, text(30, "出院科室编码", note=LATER)] = None
    dscg_dept_name: Annotated[str | None, text(100, "出院科室名称", note=LATER)] = None
    setl_time: Annotated[datetime | None, moment("结算时间", note=LATER)] = None
    dipDiseGrpCode: Annotated[str | None, text(200, "dip病种代码", note=ADDED)] = None
    dipDiseGrpName: Annotated[str | None, text(500, "dip病种名称", note=ADDED)] = None
    gwyPay: Annotated[Decimal | None, number(16, 4, "公务员支出", note=ADDED)] = None
    jmdbPay: Annotated[Decimal | None, number(16, 4, "居民大病支出", note=ADDED)] = None
    spcasExitSco: Annotated[Decimal | None, number(16, 6, "特病单议退出分值", note=ADDED)] = None
    spcasExitWt: Annotated[Decimal | None, number(16, 6, "退出分值权重", note=ADDED)] = None
    spcasRea: Annotated[str | None, text(200, "特病单议原因", note=ADDED)] = None
    ybtcPay: Annotated[Decimal | None, number(16, 4, "医保统筹支出", note=ADDED)] = None
    yljzPay: Annotated[Decimal | None, number(16, 4, "医疗救助支出", note=ADDED)] = None
    zgdePay: Annotated[Decimal | None, number(16, 4, "职工大额支出", note=ADDED)] = None


@node
class QueryFundShare:
    """基金支付信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    fund_pay_type: Annotated[str, code("fund_pay_type", "基金支付类型", length=10, note="表中长度 6，后来的代码更长")]
    poolarea_fund_pay_type: Annotated[str, code("poolarea_fund_pay_type", "统筹区基金支付类型", length=10)]
    poolarea_fund_pay_name: Annotated[str | None, text(200, "统筹区基金支付类型名称")] = None
    fund_payamt: Annotated[Decimal, amount("基金支付金额")]


@node
class QueryChronicDisease:
    """门诊慢特病诊断信息."""

    setl_list_opsp_trt_id: Annotated[str, text(30, "结算清单门慢门特诊疗信息ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    oprn_oprt_name: Annotated[str, text(500, "手术操作名称")]
    oprn_oprt_code: Annotated[str, text(30, "手术操作代码")]


@node
class QueryDiagnosis:
    """住院诊断信息."""

    setl_list_diag_id: Annotated[str, text(30, "结算清单诊断ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    adm_cond_type: Annotated[str | None, code("adm_cond_type", "入院病情类型", length=3)] = None


@node
class QueryItem:
    """收费项目信息."""

    setl_list_chrgitm_id: Annotated[str | None, text(30, "结算清单收费项目ID", note="or etl_list_chrgitm_id")] = None
    etl_list_chrgitm_id: Annotated[
        str | None, text(30, "结算清单收费项目ID", note="V1.1.27 name of setl_list_chrgitm_id")
    ] = None
    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    med_chrgitm_type: Annotated[str | None, code("med_chrgitm_type", "医疗收费项目类别")] = None
    item_sumamt: Annotated[Decimal, amount("金额")]
    item_claa_sumfee: Annotated[Decimal, amount("甲类费用合计", note="one client: item_claa_amt")]
    item_clab_amt: Annotated[Decimal, amount("乙类金额合计")]
    item_fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额", note="one client: item_ownpay_amt")]
    item_ownpay_amt: Annotated[
        Decimal, amount("项目其他金额", note="other amount of the item; one client: item_oth_amt")
    ]
    sindise_code_name: Annotated[str | None, text(100, "单病种代码名称")] = None
    daysrg_code_name: Annotated[str | None, text(100, "日间手术代码名称")] = None


@node
class QueryOperation:
    """手术操作信息."""

    setl_list_oprn_id: Annotated[str, text(30, "结算清单手术操作ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    main_oprn_flag: Annotated[str | None, code("main_oprn", "主要手术标志", length=30, note="0 no, 1 yes")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_date: Annotated[date | None, day("手术操作日期")] = None
    anst_way: Annotated[str | None, text(30, "麻醉方式")] = None
    oper_dr_name: Annotated[str | None, text(50, "术者医师姓名")] = None
    oper_dr_code: Annotated[str | None, text(30, "术者医师代码")] = None
    anst_dr_name: Annotated[str | None, text(50, "麻醉医师姓名")] = None
    anst_dr_code: Annotated[str | None, text(30, "麻醉医师代码")] = None
    oprn_oprt_begntime: Annotated[datetime | None, moment("手术操作开始时间")] = None
    oprn_oprt_endtime: Annotated[datetime | None, moment("手术操作结束时间")] = None
    anst_begntime: Annotated[datetime | None, moment("麻醉开始时间")] = None
    anst_endtime: Annotated[datetime | None, moment("麻醉结束时间")] = None


@node
class QueryIntensiveCare(UploadIntensiveCare):
    """重症监护信息."""

    setl_list_scs_cutd_id: Annotated[str, text(30, "结算清单重症监护ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]


@node
class QueryBlood:
    """输血信息."""

    setl_List_bld_Id: Annotated[str, text(30, "结算清单输血ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    bld_cat: Annotated[str | None, code("bld_cat_code", "输血品种", length=3)] = None
    bld_amt: Annotated[Decimal | None, number(6, 0, "输血量")] = None
    bld_unt: Annotated[str | None, text(3, "输血计量单位")] = None


@node
class QuerySpecialCase:
    """特病单议申请信息（V1.1.27）."""

    appySpcasItemId: Annotated[str | None, text(30, "申请特病单议项目ID")] = None
    appyChkSetlListId: Annotated[str | None, text(30, "申请审核结算目录ID")] = None
    setlId: Annotated[str | None, text(30, "结算ID")] = None
    cnt: Annotated[Decimal | None, number(10, 0, "数量")] = None
    pric: Annotated[Decimal | None, amount("单价", length=12)] = None
    detItemFeeSumamt: Annotated[Decimal | None, amount("明细项目费用总额")] = None
    exitDetlItemFeeSumamt: Annotated[Decimal | None, amount("退出明细项目费用总额")] = None
    hilistCode: Annotated[str | None, text(50, "医保目录编码")] = None
    hilistName: Annotated[str | None, text(200, "医保目录名称")] = None
    listType: Annotated[str | None, text(3, "目录类别")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medinsListCodg: Annotated[str | None, text(100, "医药机构目录编码")] = None
    medinsListName: Annotated[str | None, text(200, "医药机构目录名称")] = None
    medChrgitmType: Annotated[str | None, text(3, "医疗收费项目类别")] = None
    spcasExitSco: Annotated[Decimal | None, number(16, 6, "特病单议退出分值")] = None
    spcasExitWt: Annotated[Decimal | None, number(16, 6, "特病单议退出权重")] = None


@transaction("4103", "医疗保障基金结算清单信息查询", "settlement list query", does=Does.READS, of=Of.LIST)
class Query:
    """Settlement list query.

    - Keyed by psn_no and setl_id; gives the list as the platform completed it (person, fees, fund payments, fee
      items).
    - Field names of setlinfo differ from the upload: durations are split into days, hours and minutes,
      admission way is adm_way_code, the newborn age is age_days.
    - stas_type carries the state (see 4102) and chk_cont the reviewer's remark.
    - The DRG/DIP fields (dipDiseGrpCode and others) and the node drgAppyinfo come in V1.1.27 only.
    - Two editions spell thirteen answer fields differently: a receiver takes either name, so neither is marked
      required.
    """

    @node
    class Input:
        data: QueryData

    @node
    class Output:
        setlinfo: Annotated[QuerySettlement, nested("结算清单信息")]
        payinfo: Annotated[list[QueryFundShare] | None, rows("基金支付信息")] = None
        opspdiseinfo: Annotated[list[QueryChronicDisease] | None, rows("门诊慢特病诊断信息")] = None
        diseinfo: Annotated[list[QueryDiagnosis] | None, rows("住院诊断信息")] = None
        iteminfo: Annotated[list[QueryItem] | None, rows("收费项目信息")] = None
        oprninfo: Annotated[list[QueryOperation] | None, rows("手术操作信息")] = None
        icuinfo: Annotated[list[QueryIntensiveCare] | None, rows("重症监护信息")] = None
        bldinfo: Annotated[list[QueryBlood] | None, rows("输血信息")] = None
        drgAppyinfo: Annotated[list[QuerySpecialCase] | None, rows("特病单议申请信息（V1.1.27）")] = None


@node
class QueryQualityControlData:
    setl_ym: Annotated[str, text(6, "结算年月", note="yyyyMM")]
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    err_lv: Annotated[str | None, text(3, "错误等级")] = None
    retn_flag: Annotated[str | None, text(3, "回退标志")] = None
    page_num: Annotated[Decimal, number(4, 0, "当前页数")]
    page_size: Annotated[Decimal, number(4, 0, "本页数据量")]
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号", note="later addition")] = None


@node
class QueryQualityControlDetail:
    """质控结果详情."""

    exam_data_fld: Annotated[str, text(100, "检查数据字段", note="3607 prints length 100")]
    qltctrl_chk_rslt: Annotated[str, text(100, "质控校验结果", note="one client: qltctrl_chkrslt")]
    err_lv: Annotated[str, text(3, "错误等级")]
    retn_flag: Annotated[str, text(3, "回退标志")]
    init_val: Annotated[str, text(60, "初始值")]


@node
class QueryQualityControl2:
    """质控结果."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(255, "定点医药机构名称")]
    setl_ym: Annotated[str, text(6, "结算年月")]
    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    qltctrl_rslt: Annotated[str, text(3, "质控结果", note="the sister query 3607 prints length 6")]
    err_lv: Annotated[str, text(3, "错误等级")]
    retn_flag: Annotated[str, text(3, "回退标志")]
    qltctrl_ver: Annotated[str, text(60, "质控版本号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    cert_no: Annotated[str, text(50, "证件号码")]
    qltctrl_time: Annotated[datetime | None, moment("质控时间", note="later addition")] = None
    grp_stas: Annotated[str | None, code("grp_stas", "分组状态", note="later addition")] = None
    detailinfo: Annotated[list[QueryQualityControlDetail] | None, rows("质控结果详情")] = None


@transaction(
    "4104",
    "医疗保障基金结算清单质控结果查询",
    "settlement list quality-control result query",
    does=Does.READS,
    of=Of.LIST,
    path="/fsi/api/medinfoupload/queryQltctrlProblemPage",
)
class QueryQualityControl:
    """Settlement list quality-control result query.

    - Paged: page_num and page_size are required; one row for each settlement in the month setl_ym (yyyyMM).
    - The result rows stand directly in the reply without a node name; each holds a list detailinfo (3607 calls
      it detl_list) with the field checked, the finding, the error level, whether the list is sent back and the
      value found.
    - retn_flag tells whether the list goes back to the institution; then correct, set state 0 with 4102 and
      upload again.
    - Values of err_lv, retn_flag and qltctrl_rslt are not listed in the copies seen.
    - detailinfo is a list inside each result row; whether the rows stand directly under output or under a data
      key is not printed.
    """

    @node
    class Input:
        data: QueryQualityControlData

    Output = Annotated[list[QueryQualityControl2], rows("质控结果", optional=True)]


@node
class CountData:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medtype_list: Annotated[str, code("med_type", "医疗类别的集合", length=None, note="list of medical categories")]
    stt_begntime: Annotated[datetime, moment("统计开始时间", or_day=True)]
    stt_endtime: Annotated[datetime, moment("统计结束时间", or_day=True)]
    stt_flag: Annotated[
        bool | None,
        text(None, "统计标志", boolean=True, note="boolean; true counts lists of the old version; V1.1.27"),
    ] = None
    refdset_flag: Annotated[
        str | None,
        text(
            3,
            "退费统计标志",
            note="1 counts negative refund settlements, 0 leaves them out; one province: refd_setl_flag",
        ),
    ] = None
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称", note="V1.1.27")] = None
    pay_loc_list: Annotated[
        str | None, code("pay_loc", "支付地点的集合", length=None, note="list of payment places (one province's copy)")
    ] = None
    clr_way_list: Annotated[
        str | None, code("clr_way", "清算方式的集合", length=None, note="list of clearing ways (one province's copy)")
    ] = None


@transaction(
    "4105",
    "医疗保障基金结算清单数量统计查询",
    "settlement list count query",
    does=Does.READS,
    of=Of.LIST,
    confidence="medium",
)
class Count:
    """Settlement list count query.

    - Compares how many lists are due with how many came, over a period of settlement time.
    - Reply fields are camelCase and stand directly under output.
    """

    @node
    class Input:
        data: CountData

    @node
    class Output:
        heading = nested("统计结果")
        needUploadCnt: Annotated[Decimal, number(None, None, "应上传数量")]
        uploadedCnt: Annotated[Decimal, number(None, None, "已上传数量")]
