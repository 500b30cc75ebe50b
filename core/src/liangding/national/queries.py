"""Queries of departments, visits, settlements and registrations (信息查询): transactions 5101 to 5360."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Json, Of, amount, chapter, code, day, extension, moment, nested, node, number, rows, text

transaction = chapter("queries", "信息查询/医保服务查询")


@node
class QueryDepartmentsFeeRow:
    """科室信息."""

    hosp_dept_codg: Annotated[
        str, text(20, "医院科室编码", note="the same code the institution uploaded by 3401/3401A")
    ]
    hosp_dept_name: Annotated[str, text(100, "医院科室名称")]
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    itro: Annotated[str | None, text(500, "简介")] = None
    dept_resper_name: Annotated[str, text(50, "科室负责人姓名")]
    dept_resper_tel: Annotated[str, text(50, "科室负责人电话")]
    dept_med_serv_scp: Annotated[str | None, text(500, "科室医疗服务范围")] = None
    caty: Annotated[str, code("caty", "科别", length=10, note="表中长度 6，后来的代码更长")]
    dept_estbdat: Annotated[datetime | None, moment("科室成立日期")] = None
    aprv_bed_cnt: Annotated[Decimal | None, number(11, 0, "批准床位数量")] = None
    hi_crtf_bed_cnt: Annotated[Decimal | None, number(11, 0, "医保认可床位数")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None
    dr_psncnt: Annotated[Decimal | None, number(5, 0, "医师人数")] = None
    phar_psncnt: Annotated[Decimal | None, number(5, 0, "药师人数")] = None
    nurs_psncnt: Annotated[Decimal | None, number(5, 0, "护士人数")] = None
    tecn_psncnt: Annotated[Decimal | None, number(5, 0, "技师人数")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "5101",
    "科室信息查询",
    "department information query",
    does=Does.READS,
    of=Of.DEPARTMENT,
    group="信息查询/基础信息查询",
    path="/fsi/api/fsiIntegratedQueryService/queryFixmedinsDept",
)
class QueryDepartments:
    """Department information query.

    - No business input: the institution is taken from fixmedins_code of the message envelope.
    - Returns the departments uploaded by 3401/3401A that are still in force.
    - Since a later edition (2021-09) an empty data node is expected under input; its table only repeats
      the envelope fields.
    """

    @node
    class Output:
        feedetail: Annotated[list[QueryDepartmentsFeeRow] | None, rows("科室信息")] = None


@node
class QueryPractitionersData:
    """查询条件."""

    prac_psn_type: Annotated[str, code("medins_psn_type", "执业人员分类")]
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    prac_psn_name: Annotated[str | None, text(50, "执业人员姓名")] = None
    prac_psn_code: Annotated[
        str | None, text(20, "执业人员代码", note="national code of the insured-system physician, nurse or pharmacist")
    ] = None


@node
class QueryPractitionersFeeRow:
    """医执人员信息."""

    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    prac_psn_no: Annotated[str | None, text(20, "执业人员自编号")] = None
    prac_psn_code: Annotated[
        str, text(20, "执业人员代码", note="national code of the insured-system physician, nurse or pharmacist")
    ]
    prac_psn_name: Annotated[str, text(50, "执业人员姓名")]
    prac_psn_type: Annotated[str, code("medins_psn_type", "执业人员分类")]
    prac_psn_cert: Annotated[str | None, text(30, "执业人员资格证书编码")] = None
    prac_cert_no: Annotated[str | None, text(30, "执业证书编号")] = None
    hi_dr_flag: Annotated[str, code("hi_dr_flag", "医保医师标志", length=3)]
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    chg_rea: Annotated[str | None, text(200, "变更原因")] = None


@transaction(
    "5102",
    "医执人员信息查询",
    "practitioner information query",
    does=Does.READS,
    of=Of.STAFF,
    group="信息查询/基础信息查询",
    path="/fsi/api/fsiIntegratedQueryService/queryFixmedinsPracPsn",
)
class QueryPractitioners:
    """Practitioner information query.

    - Query one practitioner class at a time: prac_psn_type is mandatory.
    """

    @node
    class Input:
        data: Annotated[QueryPractitionersData, nested("查询条件")]

    @node
    class Output:
        feedetail: Annotated[list[QueryPractitionersFeeRow] | None, rows("医执人员信息")] = None


@node
class VisitQuery:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    begntime: Annotated[datetime, moment("开始时间", or_day=True, note="查询条件亦可只传日期")]
    endtime: Annotated[datetime, moment("结束时间", or_day=True, note="查询条件亦可只传日期")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None


@node
class Visit:
    """就诊信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    insutype: Annotated[str, code("insutype", "险种类型")]
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    maf_psn_flag: Annotated[str | None, code("maf_psn_flag", "医疗救助对象标志", length=3)] = None
    cvlserv_flag: Annotated[str, code("cvlserv_flag", "公务员标志", length=3)]
    flxempe_flag: Annotated[str | None, code("flxempe_flag", "灵活就业标志", length=3)] = None
    nwb_flag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3)] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime, moment("结束时间")]
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    ars_year_ipt_flag: Annotated[str | None, code("ars_year_ipt_flag", "跨年度住院标志", length=3)] = None
    pre_pay_flag: Annotated[str | None, code("pre_pay_flag", "先行支付标志", length=3)] = None
    ipt_otp_no: Annotated[str | None, text(30, "住院/门诊号")] = None
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    atddr_no: Annotated[str | None, text(30, "主治医生编码")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    adm_dept_codg: Annotated[str | None, text(30, "入院科室编码")] = None
    adm_dept_name: Annotated[str | None, text(100, "入院科室名称")] = None
    adm_bed: Annotated[str | None, text(30, "入院床位")] = None
    dscg_maindiag_code: Annotated[str | None, text(20, "住院主诊断代码")] = None
    dscg_maindiag_name: Annotated[str | None, text(300, "住院主诊断名称")] = None
    dscg_dept_codg: Annotated[str | None, text(30, "出院科室编码")] = None
    dscg_dept_name: Annotated[str | None, text(100, "出院科室名称")] = None
    dscg_bed: Annotated[str | None, text(30, "出院床位")] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_codg: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    otp_diag_info: Annotated[str | None, text(200, "门诊诊断信息")] = None
    inhosp_stas: Annotated[str | None, code("inhosp_stas", "在院状态", length=3)] = None
    die_date: Annotated[date | None, day("死亡日期")] = None
    ipt_days: Annotated[Decimal | None, number(4, 0, "住院天数")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    latechb_flag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetus_cnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pret_flag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期")] = None
    cop_flag: Annotated[str | None, code("cop_flag", "伴有并发症标志", length=3)] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction("5201", "就诊信息查询", "visit information query", does=Does.READS, of=Of.VISIT)
class QueryVisits:
    """Visit information query.

    - Only visits of this institution are returned.
    - psn_no is in the input, so insuplc_admdvs of the envelope must be filled.
    """

    @node
    class Input:
        data: Annotated[VisitQuery, nested("查询条件")]

    @node
    class Output:
        mdtrtinfo: Annotated[list[Visit] | None, rows("就诊信息")] = None


@node
class DiagnosisQuery:
    """查询条件."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]


@node
class QueryDiagnosesDiagnosis:
    """诊断信息."""

    diag_info_id: Annotated[str, text(30, "诊断信息ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    inout_diag_type: Annotated[str, code("inout_diag_type", "出入院诊断类别", length=3)]
    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    diag_srt_no: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    adm_cond: Annotated[str | None, text(500, "入院病情")] = None
    diag_dept: Annotated[str, text(50, "诊断科室")]
    dise_dor_no: Annotated[str, text(30, "诊断医生编码")]
    dise_dor_name: Annotated[str, text(50, "诊断医生姓名")]
    diag_time: Annotated[datetime, moment("诊断时间")]
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@transaction("5202", "诊断信息查询", "diagnosis information query", does=Does.READS, of=Of.VISIT)
class QueryDiagnoses:
    """Diagnosis information query.

    - mdtrt_id must be a visit registered by this institution.
    """

    @node
    class Input:
        data: Annotated[DiagnosisQuery, nested("查询条件")]

    @node
    class Output:
        diseinfo: Annotated[list[QueryDiagnosesDiagnosis] | None, rows("诊断信息")] = None


@node
class SettlementQuery:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID", note="listed as optional in the V1.08 edition of one province")]


@node
class SettledAccount:
    """结算信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    gend: Annotated[str, code("gend", "性别")]
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    insutype: Annotated[str, code("insutype", "险种类型")]
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    cvlserv_flag: Annotated[str, code("cvlserv_flag", "公务员标志", length=3)]
    flxempe_flag: Annotated[str | None, code("flxempe_flag", "灵活就业标志", length=3)] = None
    nwb_flag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3)] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    pay_loc: Annotated[str, code("pay_loc", "支付地点类别")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    hosp_lv: Annotated[str | None, code("hosp_lv", "医院等级")] = None
    fixmedins_poolarea: Annotated[str | None, text(6, "定点归属机构")] = None
    lmtpric_hosp_lv: Annotated[str | None, code("lmtpric_hosp_lv", "限价医院等级")] = None
    dedc_hosp_lv: Annotated[str | None, code("dedc_hosp_lv", "起付线医院等级")] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    setl_time: Annotated[datetime, moment("结算时间")]
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    clr_way: Annotated[str | None, code("clr_way", "清算方式")] = None
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价自费费用")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额")]
    act_pay_dedc: Annotated[Decimal, amount("实际支付起付线")]
    hifp_pay: Annotated[Decimal, amount("基本医疗保险统筹基金支出")]
    pool_prop_selfpay: Annotated[Decimal, number(5, 4, "基本医疗保险统筹基金支付比例")]
    med_sumfee: Annotated[
        Decimal | None,
        amount("医保认可费用总额", note="seen in one provincial edition only; length as the other amounts"),
    ] = None
    cvlserv_pay: Annotated[Decimal, amount("公务员医疗补助资金支出")]
    hifes_pay: Annotated[Decimal, amount("企业补充医疗保险基金支出")]
    hifmi_pay: Annotated[Decimal, amount("居民大病保险资金支出")]
    hifob_pay: Annotated[Decimal, amount("职工大额医疗费用补助基金支出")]
    hifdm_pay: Annotated[
        Decimal | None,
        amount("伤残人员医疗保障基金支出", note="seen in one provincial edition; length as the other amounts"),
    ] = None
    maf_pay: Annotated[Decimal, amount("医疗救助基金支出")]
    oth_pay: Annotated[Decimal, amount("其他支出")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    psn_pay: Annotated[Decimal, amount("个人支付金额")]
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    cash_payamt: Annotated[Decimal, amount("现金支付金额")]
    balc: Annotated[Decimal, amount("余额")]
    acct_mulaid_pay: Annotated[Decimal, amount("个人账户共济支付金额")]
    medins_setl_id: Annotated[
        str, text(30, "医药机构结算ID", note="message id the institution sent with the settlement")
    ]
    refd_setl_flag: Annotated[str, code("refd_setl_flag", "退费结算标志", length=3)]
    year: Annotated[str, text(4, "年度")]
    dise_codg: Annotated[
        str | None, text(30, "病种编码", note="code of a per-disease, chronic-disease or day-surgery list")
    ] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None
    pref_fund_pay: Annotated[Decimal | None, amount("优抚对象基金支出", note="省版 2024-10 增补")] = None


@node
class FundShare:
    """结算基金分项信息."""

    fund_pay_type: Annotated[
        str | None,
        code(
            "fund_pay_type",
            "基金支付类型",
            length=10,
            note="真实返回有整行为空串的分项行，视为无此行; 表中长度 6，后来的代码更长",
        ),
    ] = None
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额")]
    crt_payb_lmt_amt: Annotated[Decimal, amount("本次可支付限额金额")]
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额", note="真实返回有整行为空串的分项行，视为无此行")] = (
        None
    )
    fund_pay_type_name: Annotated[str | None, text(200, "基金支付类型名称")] = None
    setl_proc_info: Annotated[Json | None, extension(4000, "结算过程信息", long=False)] = None


@transaction(
    "5203",
    "结算信息查询",
    "settlement information query",
    does=Does.READS,
    of=Of.SETTLEMENT,
    path="/fsi/api/fsiIntegratedQueryService/querySetlInfo",
)
class QuerySettlement:
    """Settlement information query.

    - Use it to learn the outcome of a settlement whose answer was lost, before deciding on 2601.
    - refd_setl_flag 1 marks the negative settlement created by an undo.
    - fund_pay_sumamt + acct_pay + cash_payamt should equal medfee_sumamt (cash_payamt is called psn_cash_pay in
      2207/2304).
    """

    @node
    class Input:
        data: Annotated[SettlementQuery, nested("查询条件")]

    @node
    class Output:
        setlinfo: Annotated[SettledAccount, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class FeeQuery:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    mdtrt_id: Annotated[str, text(30, "就诊ID")]


@node
class FeeRow:
    """费用明细."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
    feedetl_sn: Annotated[str, text(30, "费用明细流水号")]
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    sin_dos_dscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    used_frqu_dscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prd_days: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medc_way_dscr: Annotated[str | None, text(200, "用药途径描述")] = None
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    pric_uplmt_amt: Annotated[Decimal, number(16, 6, "定价上限金额")]
    selfpay_prop: Annotated[Decimal | None, number(5, 4, "自付比例")] = None
    fulamt_ownpay_amt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmt_amt: Annotated[Decimal | None, amount("超限价金额")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    chrgitm_lv: Annotated[str, code("chrgitm_lv", "收费项目等级", length=3)]
    hilist_code: Annotated[str, text(50, "医保目录编码")]
    hilist_name: Annotated[str, text(200, "医保目录名称")]
    list_type: Annotated[str, code("list_type", "目录类别")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    medins_list_name: Annotated[str, text(100, "医药机构目录名称")]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    prodname: Annotated[str | None, text(200, "商品名")] = None
    spec: Annotated[str | None, text(200, "规格")] = None
    dosform_name: Annotated[str, text(200, "剂型名称")]
    bilg_dept_codg: Annotated[str | None, text(30, "开单科室编码")] = None
    bilg_dept_name: Annotated[str | None, text(100, "开单科室名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生编码")] = None
    bilg_dr_name: Annotated[str | None, text(50, "开单医师姓名")] = None
    acord_dept_codg: Annotated[str | None, text(30, "受单科室编码")] = None
    acord_dept_name: Annotated[str | None, text(100, "受单科室名称")] = None
    orders_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    orders_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    lmt_used_flag: Annotated[str | None, code("lmt_used_flag", "限制使用标志", length=3)] = None
    hosp_prep_flag: Annotated[str | None, code("hosp_prep_flag", "医院制剂标志", length=3)] = None
    hosp_appr_flag: Annotated[str | None, code("hosp_appr_flag", "医院审批标志", length=3)] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    prodplac_type: Annotated[str | None, code("prodplac_type", "生产地类别")] = None
    bas_medn_flag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    hi_nego_drug_flag: Annotated[str | None, code("hi_nego_drug_flag", "医保谈判药品标志", length=3)] = None
    chld_medc_flag: Annotated[str | None, code("chld_medc_flag", "儿童用药标志", length=3)] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    list_sp_item_flag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    matn_fee_flag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None
    drt_reim_flag: Annotated[str | None, code("drt_reim_flag", "直报标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@transaction(
    "5204",
    "费用明细查询",
    "fee detail query",
    does=Does.READS,
    of=Of.FEES,
    path="/fsi/api/fsiIntegratedQueryService/queryFeeList",
)
class QueryFees:
    """Fee detail query.

    - The output value itself is the list of rows: there is no node name under output (one client
      stores the same rows under output.result for 2204).
    - setl_id absent: all fee rows of the visit, settled or not.
    """

    @node
    class Input:
        data: Annotated[FeeQuery, nested("查询条件")]

    Output = Annotated[list[FeeRow], rows("费用明细", optional=True)]


@node
class QueryChronicMedicationData:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    begntime: Annotated[datetime, moment("开始时间", or_day=True, note="查询条件亦可只传日期")]
    endtime: Annotated[datetime | None, moment("结束时间", or_day=True, note="查询条件亦可只传日期")] = None


@node
class QueryChronicMedicationFeeRow:
    """用药记录."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号")]
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    fixmedins_code: Annotated[str | None, text(12, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    psn_no: Annotated[str, text(30, "人员编号")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    chrgitm_lv: Annotated[str | None, code("chrgitm_lv", "收费项目等级", length=3)] = None
    hilist_code: Annotated[str, text(50, "医保目录编码")]
    hilist_name: Annotated[str, text(200, "医保目录名称")]
    list_type: Annotated[str, code("list_type", "目录类别")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    medins_list_name: Annotated[str, text(100, "医药机构目录名称")]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    prodname: Annotated[str | None, text(200, "商品名")] = None
    spec: Annotated[str, text(200, "规格")]
    dosform_name: Annotated[str | None, text(200, "剂型名称")] = None
    lmt_used_flag: Annotated[str | None, code("lmt_used_flag", "限制使用标志", length=3)] = None
    hosp_prep_flag: Annotated[str | None, code("hosp_prep_flag", "医院制剂标志", length=3)] = None
    hosp_appr_flag: Annotated[str | None, code("hosp_appr_flag", "医院审批标志", length=3)] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    prodplac_type: Annotated[str | None, code("prodplac_type", "生产地类别")] = None
    bas_medn_flag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    hi_nego_drug_flag: Annotated[str | None, code("hi_nego_drug_flag", "医保谈判药品标志", length=3)] = None
    chld_medc_flag: Annotated[str | None, code("chld_medc_flag", "儿童用药标志", length=3)] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    list_sp_item_flag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    matn_fee_flag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None


@transaction(
    "5205",
    "人员慢特病用药记录查询",
    "chronic and special disease medication record query",
    does=Does.READS,
    of=Of.CHRONIC_DISEASE,
)
class QueryChronicMedication:
    """Chronic and special disease medication record query.

    - Covers the person's chronic/special-disease outpatient medication at any institution within the period.
    """

    @node
    class Input:
        data: Annotated[QueryChronicMedicationData, nested("查询条件")]

    @node
    class Output:
        feedetail: Annotated[list[QueryChronicMedicationFeeRow] | None, rows("用药记录")] = None


@node
class CumulativeQuery:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    cum_ym: Annotated[str | None, text(6, "累计年月", note="yyyyMM")] = None


@node
class QueryCumulativeCumulative:
    """累计信息."""

    insutype: Annotated[str, code("insutype", "险种类型")]
    year: Annotated[str, text(4, "年度")]
    cum_ym: Annotated[str, text(6, "累计年月", note="yyyyMM")]
    cum_type_code: Annotated[str, text(10, "累计类别代码")]
    cum: Annotated[Decimal, amount("累计值")]


@transaction(
    "5206",
    "人员累计信息查询",
    "person cumulative information query",
    does=Does.READS,
    of=Of.BENEFITS,
    path="/fsi/api/fsiIntegratedQueryService/queryFixmedinsPracPsnSum",
)
class QueryCumulative:
    """Person cumulative information query.

    - One month a call: a caller wanting a year loops over its months.
    """

    @node
    class Input:
        data: Annotated[CumulativeQuery, nested("查询条件")]

    @node
    class Output:
        cuminfo: Annotated[list[QueryCumulativeCumulative] | None, rows("累计信息")] = None


@node
class ChronicQuery:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]


@node
class QueryChronicRegistrationsFeeRow:
    """慢特病备案信息."""

    opsp_dise_code: Annotated[str, text(30, "门慢门特病种目录代码")]
    opsp_dise_name: Annotated[str, text(300, "门慢门特病种名称")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None


@transaction(
    "5301",
    "人员慢特病备案查询",
    "personal chronic and special disease registration query",
    does=Does.READS,
    of=Of.CHRONIC_DISEASE,
    group="信息查询/医药机构服务查询",
    path="/fsi/api/fsiIntegratedQueryService/queryPsnOpspReg",
)
class QueryChronicRegistrations:
    """Personal chronic and special disease registration query.

    - Only registrations now in force are returned; opsp_dise_code is what goes into dise_codg of a med_type 14
      settlement.
    """

    @node
    class Input:
        data: Annotated[ChronicQuery, nested("查询条件")]

    @node
    class Output:
        feedetail: Annotated[list[QueryChronicRegistrationsFeeRow] | None, rows("慢特病备案信息")] = None


@node
class QueryDesignationsData:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    biz_appy_type: Annotated[str, code("biz_appy_type", "业务申请类型", note="表中长度 3，后来的代码更长")]


@node
class QueryDesignationsDesignation:
    """人员定点信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[
        str,
        code("insutype", "险种类型", note="the source table has lost a column here; read as in the other transactions"),
    ]
    fix_srt_no: Annotated[str, text(3, "定点排序号")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "5302",
    "人员定点信息查询",
    "personal designated institution query",
    does=Does.READS,
    of=Of.DESIGNATION,
    group="信息查询/医药机构服务查询",
)
class QueryDesignations:
    """Personal designated institution query.

    - fix_srt_no orders the person's designated institutions.
    """

    @node
    class Input:
        data: Annotated[QueryDesignationsData, nested("查询条件")]

    @node
    class Output:
        psnfixmedin: Annotated[list[QueryDesignationsDesignation] | None, rows("人员定点信息")] = None


@node
class InHospitalQuery:
    """查询条件."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    begntime: Annotated[datetime, moment("开始时间", or_day=True, note="查询条件亦可只传日期")]
    endtime: Annotated[
        datetime | None, moment("结束时间", or_day=True, note="有一版标为必填；查询条件亦可只传日期")
    ] = None


@node
class QueryInHospitalRow:
    """在院信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal, number(4, 1, "年龄")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    begndate: Annotated[date, day("开始日期", note="admission date")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    ipt_otp_no: Annotated[str | None, text(30, "住院/门诊号")] = None
    out_flag: Annotated[str | None, code("out_flag", "异地标志", length=3, note="0 no, 1 yes")] = None


@transaction(
    "5303",
    "在院信息查询",
    "inpatient in-hospital query",
    does=Does.READS,
    of=Of.STAY,
    group="信息查询/医药机构服务查询",
    path="/fsi/api/fsiIntegratedQueryService/queryInhospInfo",
)
class QueryInHospital:
    """Inpatient in-hospital query.

    - psn_no absent: all patients of this institution now in hospital whose admission falls in the period.
    """

    @node
    class Input:
        data: Annotated[InHospitalQuery, nested("查询条件")]

    @node
    class Output:
        data: Annotated[list[QueryInHospitalRow] | None, rows("在院信息")] = None


@node
class QueryTransfersTransfer:
    """转院信息."""

    insutype: Annotated[str, code("insutype", "险种类型")]
    dcla_souc: Annotated[str | None, code("dcla_souc", "申报来源")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    brdy: Annotated[date | None, day("出生日期")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(200, "联系地址")] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    diag_code: Annotated[str | None, text(20, "诊断代码")] = None
    diag_name: Annotated[str | None, text(100, "诊断名称")] = None
    dise_cond_dscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    reflin_medins_no: Annotated[str | None, text(30, "转往定点医药机构编号")] = None
    reflin_medins_name: Annotated[str, text(200, "转往医院名称")]
    out_flag: Annotated[str | None, code("out_flag", "异地标志", length=3, note="0 no, 1 yes")] = None
    refl_date: Annotated[date, day("转院日期")]
    refl_rea: Annotated[str, text(100, "转院原因")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    hosp_agre_refl_flag: Annotated[str, code("hosp_agre_refl_flag", "医院同意转院标志", length=3)]
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@transaction(
    "5304",
    "转院信息查询",
    "hospital transfer query",
    does=Does.READS,
    of=Of.TRANSFER,
    group="信息查询/医药机构服务查询",
)
class QueryTransfers:
    """Hospital transfer query.

    - Shows transfer registrations made by 2501/2501A.
    """

    @node
    class Input:
        data: Annotated[InHospitalQuery, nested("查询条件")]

    @node
    class Output:
        refmedin: Annotated[list[QueryTransfersTransfer] | None, rows("转院信息")] = None


@node
class QueryApprovedDesignationsData:
    """查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    begntime: Annotated[datetime | None, moment("开始时间", or_day=True, note="查询条件亦可只传日期")] = None


@node
class QueryApprovedDesignationsRow:
    """人员审批定点信息."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    dise_codg: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    exp_content: Annotated[Json | None, extension(None, "字段扩展", long=False)] = None


@transaction(
    "5360",
    "人员审批定点信息获取",
    "approved designation query (provincial extension)",
    does=Does.READS,
    of=Of.DESIGNATION,
    group="信息查询/医药机构服务查询",
    confidence="low",
)
class QueryApprovedDesignations:
    """Approved designation query (provincial extension).

    - A provincial extension (seen in one province), not in the baseline list.
    - Lengths are those of the baseline fields of the same name; the source gives none.
    """

    @node
    class Input:
        data: Annotated[QueryApprovedDesignationsData, nested("查询条件")]

    @node
    class Output:
        data: Annotated[list[QueryApprovedDesignationsRow] | None, rows("人员审批定点信息")] = None
