"""Audit of fee details before and during the event (明细审核): transactions 3101 to 3103."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import (
    Does,
    Effect,
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

transaction = chapter("audit", "医药机构管理/明细审核")

SCENE_OR_RULES = one_of("触发场景与规则标识集合至少填一项，优先用触发场景", "trig_scen", "rule_ids")


@node
class AnalyseBeforeDiagnosis:
    """诊断信息."""

    dise_id: Annotated[str, text(50, "诊断标识", note="unique per diagnosis row")]
    inout_dise_type: Annotated[str, code("inout_diag_type", "出入诊断类别", length=3)]
    maindise_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    dias_srt_no: Annotated[str, text(2, "诊断排序号", note="1, 2, 3 …")]
    dise_codg: Annotated[str, text(30, "诊断(疾病)编码")]
    dise_name: Annotated[str, text(200, "诊断(疾病)名称")]
    dise_date: Annotated[datetime, moment("诊断日期")]


@node
class AnalyseBeforeOrderExtension:
    """处方扩展属性."""

    o_prdDays: Annotated[str | None, text(10, "周期天数")] = None
    o_minPacCnt: Annotated[str | None, text(30, "最小包装数量")] = None
    o_minPrepunt: Annotated[str | None, text(30, "最小制剂单位")] = None
    o_minPacUnt: Annotated[str | None, text(30, "最小包装单位")] = None
    o_drugSpec: Annotated[str | None, text(30, "药品目录规格")] = None
    o_firstItemFlag: Annotated[
        str | None, text(5, "半年内使用一线用药标志", note="1 used, 0 not used in the last half year")
    ] = None
    o_sinDosDscr: Annotated[str | None, text(50, "单次剂量描述")] = None
    o_used_frqu_dscr: Annotated[str | None, text(50, "使用频次描述")] = None


@node
class AnalyseBeforeOrder:
    """处方（医嘱）信息."""

    rx_id: Annotated[str, text(50, "处方(医嘱)标识", note="unique per order row; results point back to it")]
    rxno: Annotated[str, text(20, "处方号")]
    grpno: Annotated[str | None, text(20, "组编号")] = None
    long_drord_flag: Annotated[str, code("long_drord_flag", "是否为长期医嘱", length=3, note="1 yes, 0 no")]
    hilist_type: Annotated[str, code("list_type", "目录类别", length=3)]
    chrg_type: Annotated[str, code("med_chrgitm_type", "收费类别", note="表中长度 3，后来的代码更长")]
    drord_bhvr: Annotated[
        str,
        code(
            "drord_bhvr",
            "医嘱行为",
            length=3,
            note="0 other, 1 take-home medicine in one system; another points to drord_type instead",
        ),
    ]
    hilist_code: Annotated[
        str,
        text(
            50,
            "医保目录代码",
            note="national catalogue code; the table prints 20, national drug codes have 23 characters",
        ),
    ]
    hilist_name: Annotated[str, text(50, "医保目录名称", note="national catalogue name")]
    hilist_dosform: Annotated[str | None, text(50, "医保目录(药品)剂型", note="national dosage form")] = None
    hilist_lv: Annotated[str, code("chrgitm_lv", "医保目录等级", length=3, note="01 class A, 02 class B, 03 class C")]
    hilist_pric: Annotated[Decimal, amount("医保目录价格")]
    lv1_hosp_item_pric: Annotated[Decimal | None, amount("一级医院目录价格")] = None
    lv2_hosp_item_pric: Annotated[Decimal | None, amount("二级医院目录价格")] = None
    lv3_hosp_item_pric: Annotated[Decimal | None, amount("三级医院目录价格")] = None
    hilist_memo: Annotated[str | None, text(200, "医保目录备注")] = None
    hosplist_code: Annotated[str, text(20, "医院目录代码")]
    hosplist_name: Annotated[str, text(50, "医院目录名称")]
    hosplist_dosform: Annotated[str | None, text(20, "医院目录(药品)剂型")] = None
    cnt: Annotated[Decimal, number(6, 2, "数量")]
    pric: Annotated[Decimal, amount("单价")]
    sumamt: Annotated[Decimal, amount("总费用")]
    ownpay_amt: Annotated[Decimal, amount("自费金额")]
    selfpay_amt: Annotated[Decimal, amount("自付金额")]
    spec: Annotated[str, text(100, "规格")]
    spec_unt: Annotated[str, text(20, "数量单位")]
    drord_begn_date: Annotated[datetime, moment("医嘱开始日期")]
    drord_stop_date: Annotated[datetime | None, moment("医嘱停止日期")] = None
    drord_dept_codg: Annotated[str, text(30, "下达医嘱的科室标识")]
    drord_dept_name: Annotated[str, text(50, "下达医嘱科室名称")]
    drord_dr_codg: Annotated[str, text(30, "开处方(医嘱)医生标识")]
    drord_dr_name: Annotated[str, text(30, "开处方(医嘱)医生姓名")]
    drord_dr_profttl: Annotated[
        str,
        code("drord_dr_profttl", "开处方(医嘱)医职称", length=3, note="value lists differ: 231–235 or 1–6 and 9"),
    ]
    curr_drord_flag: Annotated[
        str,
        code(
            "curr_drord_flag",
            "是否当前处方(医嘱)",
            length=3,
            note="1 = belongs to the order being written now, 0 = history",
        ),
    ]
    extend_order_map: Annotated[AnalyseBeforeOrderExtension | None, nested("处方扩展属性")] = None


@node
class AnalyseBeforeOperation:
    """手术操作信息."""

    setl_list_oprn_id: Annotated[str, text(30, "手术操作ID")]
    oprn_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_name: Annotated[str | None, text(500, "手术操作名称")] = None
    main_oprn_flag: Annotated[str, code("main_oprn_flag", "主手术操作标志", length=3)]
    oprn_date: Annotated[date | None, day("手术操作日期")] = None
    anst_way: Annotated[str | None, text(30, "麻醉方式")] = None
    oper_dr_name: Annotated[str | None, text(50, "术者医师姓名")] = None
    oper_dr_code: Annotated[str | None, text(30, "术者医师代码")] = None
    anst_dr_name: Annotated[str | None, text(50, "麻醉医师姓名")] = None
    anst_dr_code: Annotated[str | None, text(30, "麻醉医师代码")] = None


@node
class AnalyseBeforeEncounter:
    """就诊信息."""

    mdtrt_id: Annotated[str, text(50, "就诊标识", note="unique per visit")]
    medins_id: Annotated[str, text(50, "医疗服务机构标识", note="institution code")]
    medins_name: Annotated[str, text(200, "医疗机构名称")]
    medins_admdvs: Annotated[str, text(6, "医疗机构行政区划编码")]
    medins_type: Annotated[str, code("medins_type", "医疗服务机构类型", note="表中长度 3，后来的代码更长")]
    medins_lv: Annotated[str, code("hosp_lv", "医疗机构等级", length=3)]
    wardarea_codg: Annotated[str | None, text(20, "病区标识")] = None
    wardno: Annotated[str | None, text(20, "病房号")] = None
    bedno: Annotated[str | None, text(20, "病床号")] = None
    adm_date: Annotated[datetime, moment("入院日期", note="labelled a date but carries a time")]
    dscg_date: Annotated[
        datetime,
        moment(
            "出院日期",
            note="labelled a date but carries a time; mandatory: systems send the present time or the visit time before discharge",
        ),
    ]
    dscg_main_dise_codg: Annotated[str, text(20, "主诊断编码", note="e.g. I63.9")]
    dscg_main_dise_name: Annotated[str, text(50, "主诊断名称")]
    dr_codg: Annotated[str, text(20, "医师标识", note="unique per doctor")]
    adm_dept_codg: Annotated[str, text(20, "入院科室标识", note="unique per department")]
    adm_dept_name: Annotated[str, text(50, "入院科室名称")]
    dscg_dept_codg: Annotated[str, text(20, "出院科室标识", note="unique per department")]
    dscg_dept_name: Annotated[str, text(50, "出院科室名称")]
    med_mdtrt_type: Annotated[str, code("med_mdtrt_type", "就诊类型", length=3)]
    med_type: Annotated[str, code("med_type", "医疗类别", note="表中长度 3，后来的代码更长")]
    matn_stas: Annotated[str, code("matn_stas", "生育状态", length=3, note="value lists differ by province")]
    medfee_sumamt: Annotated[Decimal, amount("总费用")]
    ownpay_amt: Annotated[Decimal, amount("自费金额")]
    selfpay_amt: Annotated[Decimal, amount("自付金额")]
    acct_payamt: Annotated[Decimal | None, amount("个人账户支付金额", note="may be an empty string")] = None
    ma_amt: Annotated[Decimal | None, amount("救助金支付金额")] = None
    hifp_payamt: Annotated[Decimal | None, amount("统筹金支付金额")] = None
    setl_totlnum: Annotated[Decimal, number(4, 0, "结算总次数")]
    insutype: Annotated[str, code("insutype", "险种", note="表中长度 3，后来的代码更长")]
    reim_flag: Annotated[str, code("reim_flag", "报销标志", length=3)]
    out_setl_flag: Annotated[
        str,
        code(
            "out_setl_flag",
            "异地结算标志",
            length=3,
            note="value lists differ by province: 0/1, or 2 institution, 3 in-province, 4 cross-province",
        ),
    ]
    dise_no: Annotated[str | None, text(30, "病种编号", note="added 2024-01 (V1.1.25)")] = None
    dise_name: Annotated[str | None, text(500, "病种名称", note="added 2024-01 (V1.1.25)")] = None
    sinc_heal_lv: Annotated[
        str | None,
        text(
            30,
            "手术切口愈合等级",
            note="comma-separated when a visit has several incision types; added 2024-01 (V1.1.25)",
        ),
    ] = None
    his_md_cnt: Annotated[
        str | None,
        text(
            50,
            "历史就诊次数",
            note="nine counts joined by η: month, quarter, year, each outpatient, inpatient, pharmacy; added 2024-01 (V1.1.25)",
        ),
    ] = None
    fsi_diagnose_dtos: Annotated[list[AnalyseBeforeDiagnosis], rows("诊断信息", unique=("dise_id",))]
    fsi_order_dtos: Annotated[list[AnalyseBeforeOrder], rows("处方（医嘱）信息", unique=("rx_id",))]
    fsi_operation_dtos: Annotated[list[AnalyseBeforeOperation] | None, rows("手术操作信息")] = None


@node
class AnalyseBeforePatient:
    """参保人信息."""

    patn_id: Annotated[str, text(50, "参保人标识", note="unique per insured person")]
    patn_name: Annotated[str, text(50, "姓名")]
    gend: Annotated[str, code("gend", "性别", length=3)]
    brdy: Annotated[date, day("出生日期")]
    poolarea: Annotated[str, text(10, "统筹区编码", note="the person's pooling area")]
    curr_mdtrt_id: Annotated[str, text(50, "当前就诊标识", note="id of the present visit")]
    fsi_his_data_dto: Annotated[
        str | None, text(None, "医院信息集合", note="object or empty string; in V1.0, dropped later (2022-11)")
    ] = None
    fsi_encounter_dtos: Annotated[list[AnalyseBeforeEncounter], rows("就诊信息")]


@node
class AnalyseBeforeData:
    """规则分析信息."""

    syscode: Annotated[
        str | None,
        text(10, "系统编码", note="mandatory in V1.0 (2021); dropped in later editions (2022-06), kept in others"),
    ] = None
    rule_ids: Annotated[str | None, text(None, "规则标识集合", note="规则标识的 JSON 数组"), SCENE_OR_RULES] = None
    task_id: Annotated[str | None, text(None, "任务ID", note="unique per call; in V1.0, dropped later (2022-06)")] = (
        None
    )
    trig_scen: Annotated[str | None, code("trig_scen", "触发场景", length=3), SCENE_OR_RULES] = None
    patient_dtos: Annotated[list[AnalyseBeforePatient], rows("参保人信息")]


@node
class AnalyseBeforeFindingRow:
    """违规明细信息."""

    jrd_id: Annotated[str, text(50, "违规明细标识", note="unique per detail row")]
    patn_id: Annotated[str, text(50, "参保人标识")]
    mdtrt_id: Annotated[str | None, text(50, "就诊标识")] = None
    rx_id: Annotated[str | None, text(50, "处方(医嘱)标识")] = None
    vola_item_type: Annotated[str, code("vola_item_type", "违规明细类型", length=3)]
    vola_amt: Annotated[Decimal | None, amount("违规金额", note="marked as always given, null in a real answer")] = None


@node
class AnalyseBeforeResult:
    """违规信息."""

    jr_id: Annotated[str, text(50, "违规标识", note="unique per finding; goes back as warn_rslt_id in 3103")]
    rule_id: Annotated[str, text(50, "规则ID", note="e.g. R01")]
    rule_name: Annotated[str, text(200, "规则名称")]
    vola_cont: Annotated[str, text(500, "违规内容", note="text to show to the doctor")]
    patn_id: Annotated[str, text(50, "参保人ID", note="one of them when several persons cause the finding")]
    mdtrt_id: Annotated[str | None, text(50, "就诊ID", note="one of them when several visits cause the finding")] = None
    vola_amt: Annotated[Decimal, amount("违规金额")]
    vola_amt_stas: Annotated[str, code("vola_amt_stas", "违规金额计算状态", length=3)]
    sev_deg: Annotated[str, code("sev_deg", "严重程度", length=3)]
    vola_evid: Annotated[str | None, text(500, "违规依据")] = None
    vola_bhvr_type: Annotated[str, code("vola_bhvr_type", "违规行为分类", length=3)]
    task_id: Annotated[str | None, text(None, "任务ID")] = None
    judge_result_detail_dtos: Annotated[list[AnalyseBeforeFindingRow] | None, rows("违规明细信息")] = None


@transaction(
    "3101",
    "明细审核事前分析服务",
    "fee detail audit before the event",
    does=Does.CHECKS,
    of=Of.FEES,
    effect=Effect.REPEATABLE,
    path="/fsi/api/riskConService/beforeAnalyze",
)
class AnalyseBefore:
    """Fee detail audit before the event.

    - The whole tree hangs under input.data: data > patient_dtos > fsi_encounter_dtos > (fsi_diagnose_dtos,
      fsi_order_dtos, fsi_operation_dtos).
    - patient_dtos and fsi_encounter_dtos are arrays in most systems; some provinces (one, and a
      multi-province middleware) take or send a single object: make it configurable.
    - Give trig_scen or rule_ids; trig_scen wins when both could be given.
    - An empty or missing result means no finding. Each finding has a jr_id; show vola_cont and sev_deg to the
      doctor and keep jr_id for 3103.
    - sev_deg 1 is a clear violation, 2 highly and 3 slightly suspect; no source orders a stop: the doctor
      decides and 3103 reports the decision.
    - judge_result_detail_dtos.rx_id points to the fsi_order_dtos row; vola_item_type 1 is the offending row, 2
      only involved.
    - Only orders with curr_drord_flag 1 are new; earlier orders of the visit may be sent with 0 as context.
    - Some platforms answer infcode 0 with a non-empty err_msg: treat that as a failure.
    - One client sends the nodes as siblings under input; every other source nests them.
    - Call it when an order or prescription is written, before it takes effect.
    - result is a list of findings in a real answer; the official remark and two systems take a single
      one: accept both.
    """

    @node
    class Input:
        data: Annotated[AnalyseBeforeData, nested("规则分析信息")]

    @node
    class Output:
        result: Annotated[list[AnalyseBeforeResult] | None, rows("违规信息")] = None


@transaction(
    "3102",
    "明细审核事中分析服务",
    "fee detail audit during the event",
    does=Does.CHECKS,
    of=Of.FEES,
    effect=Effect.REPEATABLE,
    path="/fsi/api/riskConService/courseAnalyze",
)
class AnalyseDuring(AnalyseBefore):
    """Fee detail audit during the event.

    - The whole tree hangs under input.data: data > patient_dtos > fsi_encounter_dtos > (fsi_diagnose_dtos,
      fsi_order_dtos, fsi_operation_dtos).
    - patient_dtos and fsi_encounter_dtos are arrays in most systems; some provinces (one, and a
      multi-province middleware) take or send a single object: make it configurable.
    - Give trig_scen or rule_ids; trig_scen wins when both could be given.
    - An empty or missing result means no finding. Each finding has a jr_id; show vola_cont and sev_deg to the
      doctor and keep jr_id for 3103.
    - sev_deg 1 is a clear violation, 2 highly and 3 slightly suspect; no source orders a stop: the doctor
      decides and 3103 reports the decision.
    - judge_result_detail_dtos.rx_id points to the fsi_order_dtos row; vola_item_type 1 is the offending row, 2
      only involved.
    - Only orders with curr_drord_flag 1 are new; earlier orders of the visit may be sent with 0 as context.
    - Some platforms answer infcode 0 with a non-empty err_msg: treat that as a failure.
    - One client sends the nodes as siblings under input; every other source nests them.
    - Call it before the fee upload or the settlement, with the real amounts filled in.
    - Same message as 3101.
    - result is a list of findings in a real answer; the official remark and two systems take a single
      one: accept both.
    """


@node
class ReportFeedbackWarning:
    """处理数据集合."""

    warn_rslt_id: Annotated[str, text(40, "违规标识", note="the jr_id that 3101 or 3102 returned")]
    dspo_way: Annotated[
        str, code("dspo_way", "处理方式", length=None, note="1 carry on with the order, 2 go back and change it")
    ]
    dspo_way_rea: Annotated[
        str | None,
        text(None, "处理原因", note="有的界面限 500 字"),
        required_when("处理方式为 1（继续执行医嘱）时必填", dspo_way="1"),
    ] = None


@node
class ReportFeedbackData:
    warn_type: Annotated[str, code("warn_type", "反馈类型", note="1 before the event, 2 during the event")]
    warns: Annotated[list[ReportFeedbackWarning], rows("处理数据集合")]


@transaction("3103", "事前事中服务反馈服务", "audit finding feedback", does=Does.UPLOADS, of=Of.FINDINGS)
class ReportFeedback:
    """Audit finding feedback.

    - Send one warns row for each finding of 3101 or 3102; warn_rslt_id is that finding's jr_id.
    - warn_type 1 answers 3101, 2 answers 3102; do not mix both in one call.
    - dspo_way 1 (carry on) needs a reason in dspo_way_rea; 2 (change the order) does not.
    - No output node; infcode 0 is the acceptance.
    - Added to the baseline in 2022-11.
    """

    @node
    class Input:
        data: ReportFeedbackData
