"""Self-paying patients (自费病人就医信息): transactions 4201 to 4263."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import (
    Does,
    Effect,
    Json,
    LookedFor,
    Of,
    amount,
    chapter,
    code,
    day,
    extension,
    moment,
    nested,
    node,
    number,
    rows,
    text,
)

transaction = chapter("self_pay", "信息采集上传/自费病人就医信息")


@node
class FeeRow:
    """明细信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="visit number made by the institution, unique there")]
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号", note="unique inside the institution")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    chrg_bchno: Annotated[str, text(30, "收费批次号", note="all rows of one charge batch carry the same disease code")]
    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="unique within one visit")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    medins_list_name: Annotated[str, text(100, "医药机构目录名称")]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    prodname: Annotated[str, text(200, "商品名")]
    bilg_dept_codg: Annotated[str, text(30, "开单科室编码")]
    bilg_dept_name: Annotated[str, text(100, "开单科室名称")]
    bilg_dr_codg: Annotated[str, text(30, "开单医生编码")]
    bilg_dr_name: Annotated[str, text(50, "开单医师姓名")]
    acord_dept_codg: Annotated[str | None, text(30, "受单科室编码")] = None
    acord_dept_name: Annotated[str | None, text(100, "受单科室名称")] = None
    orders_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    orders_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "4201",
    "自费病人费用明细信息上传",
    "self-pay fee detail upload",
    does=Does.UPLOADS,
    of=Of.SELF_PAY,
    known_by=("mdtrt_sn", "feedetl_sn"),
)
class UploadFees:
    """Self-pay fee detail upload.

    - One call carries one patient.
    - One source sends a single row, others a list.
    - feedetl_sn is unique within the visit; all rows of one charge batch share the disease code.
    - Whether to use it is decided by each city; one province replaced it by one upload of the whole visit, later national copies by 4201A and
      4205.
    """

    @node
    class Input:
        feedetail: Annotated[list[FeeRow], rows("明细信息", unique=("mdtrt_sn", "feedetl_sn"))]


@node
class SelfPayFeeFacts:
    """What InpatientFeeRow and OutpatientFeeRow have in common."""

    med_type: Annotated[str, code("med_type", "医疗类别")]
    bkkp_sn: Annotated[str, text(30, "记账流水号", note="unique within one visit")]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    medins_list_name: Annotated[str, text(100, "医药机构目录名称")]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    prodname: Annotated[str | None, text(200, "商品名")] = None
    bilg_dept_codg: Annotated[str, text(30, "开单科室编码")]
    bilg_dept_name: Annotated[str, text(100, "开单科室名称")]
    bilg_dr_code: Annotated[str, text(30, "开单医生编码")]
    bilg_dr_name: Annotated[str, text(50, "开单医师姓名")]
    acord_dept_codg: Annotated[str | None, text(30, "受单科室编码")] = None
    acord_dept_name: Annotated[str | None, text(100, "受单科室名称")] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    sin_dos_dscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    used_frqu_dscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prd_days: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medc_way_dscr: Annotated[str | None, text(200, "用药途径描述")] = None
    memo: Annotated[
        str | None, text(500, "备注", note="some put an object here (hosp_appr_flag, invoice_no, memo)")
    ] = None


@node
class InpatientFeeRow(SelfPayFeeFacts):
    """费用明细信息."""

    fixmedins_mdtrt_id: Annotated[
        str, text(30, "医药机构就诊ID", note="visit number of the institution, the one sent by 4202")
    ]
    acord_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    acord_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    tcmdrug_used_way: Annotated[str, code("tcmdrug_used_way", "中药使用方式")]
    etip_flag: Annotated[str, code("etip_flag", "外检标志", length=3)]
    dscg_tkdrug_flag: Annotated[str, code("dscg_tkdrug_flag", "出院带药标志", length=3)]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价自费金额")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额")]
    inscp_amt: Annotated[Decimal, amount("符合政策范围金额")]


@transaction(
    "4201A",
    "自费病人住院费用明细信息上传",
    "self-pay inpatient fee detail upload",
    does=Does.UPLOADS,
    of=Of.SELF_PAY,
    looked_for=LookedFor.SELF_PAY_FEES,
    undone_by="4204",
    known_by=("fixmedins_mdtrt_id", "bkkp_sn"),
)
class UploadInpatientFees:
    """Self-pay inpatient fee detail upload.

    - One call carries one patient; fixmedins_mdtrt_id ties it to 4202.
    - bkkp_sn is unique within the visit.
    - Visit (4202) and fees (4201A) may come in either order; 4203 closes the upload.
    """

    @node
    class Input:
        fsiOwnpayPatnFeeListDDTO: Annotated[list[InpatientFeeRow], rows("费用明细信息", unique=("bkkp_sn",))]


@node
class UploadInpatientVisitVisit:
    """自费病人就诊信息."""

    fixmedins_mdtrt_id: Annotated[str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(600, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(500, "联系地址")] = None
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    ipt_otp_no: Annotated[str | None, text(30, "住院/门诊号")] = None
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    chfpdr_code: Annotated[str | None, text(30, "主诊医师代码")] = None
    adm_diag_dscr: Annotated[str | None, text(200, "入院诊断描述")] = None
    adm_dept_codg: Annotated[str | None, text(30, "入院科室编码")] = None
    adm_dept_name: Annotated[str | None, text(100, "入院科室名称")] = None
    adm_bed: Annotated[str | None, text(30, "入院床位")] = None
    wardarea_bed: Annotated[str | None, text(50, "病区床位")] = None
    traf_dept_flag: Annotated[str | None, text(6, "转科室标志")] = None
    dscg_maindiag_code: Annotated[str | None, text(30, "出院主诊断代码")] = None
    dscg_dept_codg: Annotated[str | None, text(30, "出院科室编码")] = None
    dscg_dept_name: Annotated[str | None, text(100, "出院科室名称")] = None
    dscg_bed: Annotated[str | None, text(30, "出院床位")] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_no: Annotated[str | None, text(30, "病种编号")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    otp_diag_info: Annotated[str | None, text(200, "门诊诊断信息")] = None
    inhosp_stas: Annotated[str | None, code("inhosp_stas", "在院状态", length=3)] = None
    die_date: Annotated[date | None, day("死亡日期")] = None
    ipt_days: Annotated[Decimal | None, number(16, 0, "住院天数")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    latechb_flag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetus_cnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pret_flag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    prey_time: Annotated[date | None, day("妊娠时间")] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期")] = None
    cop_flag: Annotated[str | None, code("cop_flag", "伴有并发症标志", length=3)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    memo: Annotated[str | None, text(500, "备注")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[datetime | None, moment("经办时间")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    dscg_maindiag_name: Annotated[str | None, text(300, "住院主诊断名称")] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗总费用", note="must equal the sum of the fee rows")]
    elec_bill_code: Annotated[str | None, text(50, "电子票据代码")] = None
    elec_billno_code: Annotated[str | None, text(50, "电子票据号码")] = None
    elec_bill_chkcode: Annotated[str | None, text(6, "电子票据校验码", note="one client: elec_bil_chkcode")] = None
    exp_content: Annotated[Json | None, extension(4000, "扩展字段")] = None


@node
class UploadInpatientVisitDiagnosis:
    """自费病人诊断信息."""

    inout_diag_type: Annotated[str, code("inout_diag_type", "出入院诊断类别")]
    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    diag_srt_no: Annotated[str, text(2, "诊断排序号")]
    diag_code: Annotated[str, text(30, "诊断代码")]
    diag_name: Annotated[str, text(255, "诊断名称")]
    diag_dept: Annotated[str | None, text(50, "诊断科室")] = None
    diag_dr_code: Annotated[str | None, text(30, "诊断医师代码")] = None
    diag_dr_name: Annotated[str | None, text(50, "诊断医师姓名")] = None
    diag_time: Annotated[datetime | None, moment("诊断时间")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None


@transaction(
    "4202",
    "自费病人住院就诊和诊断信息上传",
    "self-pay inpatient visit and diagnosis upload",
    does=Does.UPLOADS,
    of=Of.SELF_PAY,
    looked_for=LookedFor.SELF_PAY_VISIT,
    known_by=("fixmedins_mdtrt_id",),
)
class UploadInpatientVisit:
    """Self-pay inpatient visit and diagnosis upload.

    - One call carries one patient; the visit is one row, the diagnoses a list.
    - The visit is uploaded as incomplete; 4203 closes it once visit and fees are complete.
    """

    @node
    class Input:
        ownPayPatnMdtrtD: Annotated[UploadInpatientVisitVisit, nested("自费病人就诊信息")]
        ownPayPatnDiagListD: Annotated[list[UploadInpatientVisitDiagnosis], rows("自费病人诊断信息")]


@transaction(
    "4203",
    "自费病人就诊以及费用明细上传完成",
    "self-pay upload completion",
    does=Does.CONFIRMS,
    of=Of.SELF_PAY,
    effect=Effect.REPEATABLE,
    known_by=("fixmedins_mdtrt_id",),
)
class Complete:
    """Self-pay upload completion.

    - One call changes one visit; complete may be set back to incomplete and the other way round.
    - Input fields stand directly under input, without a node name.
    """

    @node
    class Input:
        fixmedins_mdtrt_id: Annotated[
            str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")
        ]
        fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
        cplt_flag: Annotated[str, text(6, "完成标志", note="set when visit and fee details are all uploaded")]


@node
class DeleteInpatientFeesFeeRow:
    """自费病人费用明细信息."""

    fixmedins_mdtrt_id: Annotated[str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]


@node
class DeleteInpatientFeesRow:
    """费用明细流水信息."""

    bkkp_sn: Annotated[str, text(30, "记账流水号")]


@transaction(
    "4204",
    "自费病人住院费用明细删除",
    "self-pay inpatient fee detail deletion",
    does=Does.WITHDRAWS,
    of=Of.SELF_PAY,
    looked_for=LookedFor.SELF_PAY_FEES_TAKEN_BACK,
    known_by=("fixmedins_mdtrt_id", "bkkp_sn"),
)
class DeleteInpatientFees:
    """Self-pay inpatient fee detail deletion.

    - One call deletes for one visit; without feedetl all inpatient fee rows of the visit are deleted.
    - One client spells the node feedetI.
    """

    @node
    class Input:
        feedetail: Annotated[DeleteInpatientFeesFeeRow, nested("自费病人费用明细信息")]
        feedetl: Annotated[list[DeleteInpatientFeesRow] | None, rows("费用明细流水信息")] = None


@node
class UploadOutpatientVisitVisit:
    """自费病人门诊就诊信息."""

    fixmedins_mdtrt_id: Annotated[str, text(30, "医药机构就诊ID")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(600, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(500, "联系地址")] = None
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_codg: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    elec_bill_code: Annotated[str | None, text(50, "电子票据代码")] = None
    elec_billno_code: Annotated[str | None, text(50, "电子票据号码")] = None
    elec_bill_chkcode: Annotated[str | None, text(6, "电子票据校验码")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class UploadOutpatientVisitDiagnosis:
    """自费病人门诊诊断信息."""

    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    diag_srt_no: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diag_code: Annotated[str, text(30, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    diag_dept: Annotated[str | None, text(50, "诊断科室")] = None
    diag_dr_code: Annotated[str | None, text(30, "诊断医生编码")] = None
    diag_dr_name: Annotated[str | None, text(50, "诊断医生姓名")] = None
    diag_time: Annotated[datetime | None, moment("诊断时间")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None


@node
class OutpatientFeeRow(SelfPayFeeFacts):
    """自费病人门诊费用明细信息."""

    fixmedins_mdtrt_id: Annotated[str, text(30, "医药机构就诊ID", note="visit number of the institution")]
    acord_dr_code: Annotated[str | None, text(30, "受单医生编码", note="one client: orders_dr_code")] = None
    acord_dr_name: Annotated[str | None, text(50, "受单医生姓名", note="one client: orders_dr_name")] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    fulamt_ownpay_amt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmt_selfpay: Annotated[Decimal | None, amount("超限价自费金额")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscp_amt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    rxno: Annotated[str | None, text(30, "处方号")] = None


@transaction(
    "4205",
    "自费病人门诊就医信息上传",
    "self-pay outpatient visit upload",
    does=Does.UPLOADS,
    of=Of.SELF_PAY,
    looked_for=LookedFor.SELF_PAY_VISIT,
    undone_by="4206",
    confidence="medium",
    known_by=("fixmedins_mdtrt_id",),
)
class UploadOutpatientVisit:
    """Self-pay outpatient visit upload.

    - One call carries one outpatient visit whole: visit, diagnoses and fees; a client closes it with 4203,
      cplt_flag 1.
    - In some provinces memo of a fee row is an object with hosp_appr_flag (1 approved, 0 no approval needed, else
      self-pay), invoice_no and memo.
    - One client of the first copies lacks the dose, amount-split and prescription fields of feedetail.
    - Required flags of this transaction come from clients, not from a printed table; treat N as unknown.
    """

    @node
    class Input:
        mdtrtinfo: Annotated[UploadOutpatientVisitVisit, nested("自费病人门诊就诊信息")]
        diseinfo: Annotated[list[UploadOutpatientVisitDiagnosis], rows("自费病人门诊诊断信息")]
        feedetail: Annotated[list[OutpatientFeeRow], rows("自费病人门诊费用明细信息", unique=("bkkp_sn",))]


@transaction(
    "4206",
    "自费病人门诊就医信息删除",
    "self-pay outpatient visit deletion",
    does=Does.WITHDRAWS,
    of=Of.SELF_PAY,
    looked_for=LookedFor.SELF_PAY_VISIT_TAKEN_BACK,
    known_by=("fixmedins_mdtrt_id",),
)
class DeleteOutpatientVisit:
    """Self-pay outpatient visit deletion.

    - Deletes what 4205 uploaded for one visit.
    - Input fields stand directly under input, without a node name.
    """

    @node
    class Input:
        fixmedins_mdtrt_id: Annotated[
            str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")
        ]
        fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]


@node
class QueryFeesRow:
    """费用明细信息."""

    fixmedinsMdtrtId: Annotated[str | None, text(30, "医药机构就诊ID")] = None
    bkkpSn: Annotated[str | None, text(30, "记账流水号")] = None
    feeOcurTime: Annotated[datetime | None, moment("费用发生时间")] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedinsName: Annotated[str | None, text(200, "定点医药机构名称")] = None
    cnt: Annotated[Decimal | None, number(16, 4, "数量")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None
    detItemFeeSumamt: Annotated[Decimal | None, amount("明细项目费用总额")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    medChrgitmType: Annotated[str | None, code("med_chrgitm_type", "医疗收费项目类别")] = None
    prodname: Annotated[str | None, text(200, "商品名")] = None
    bilgDeptCodg: Annotated[str | None, text(30, "开单科室编码")] = None
    bilgDeptName: Annotated[str | None, text(100, "开单科室名称")] = None
    bilgDrCode: Annotated[str | None, text(30, "开单医生编码")] = None
    bilgDrName: Annotated[str | None, text(50, "开单医师姓名")] = None
    acordDeptCodg: Annotated[str | None, text(30, "受单科室编码")] = None
    acordDeptName: Annotated[str | None, text(100, "受单科室名称")] = None
    acordDrCode: Annotated[str | None, text(30, "受单医生编码")] = None
    acordDrName: Annotated[str | None, text(50, "受单医生姓名")] = None
    tcmdrugUsedWay: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etipFlag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etipHospCode: Annotated[str | None, text(30, "外检医院编码")] = None
    dscgTkdrugFlag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    sinDosDscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    usedFrquDscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prdDays: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medcWayDscr: Annotated[str | None, text(200, "用药途径描述")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    fulamtOwnpayAmt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmtSelfpay: Annotated[Decimal | None, amount("超限价自费金额")] = None
    preselfpayAmt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscpAmt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(30, "唯一记录号")] = None
    updtTime: Annotated[datetime | None, moment("更新时间")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crteTime: Annotated[datetime | None, moment("创建时间")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构")] = None
    poolareaNo: Annotated[str | None, text(10, "统筹区编码")] = None
    chkPassFlag: Annotated[str | None, text(3, "审核通过标识")] = None
    rxno: Annotated[str | None, text(30, "处方号")] = None


@transaction("4207", "自费病人就医费用明细查询", "self-pay fee detail query", does=Does.READS, of=Of.SELF_PAY)
class QueryFees:
    """Self-pay fee detail query.

    - Input fields stand directly under input, without a node name.
    - Reply: recordCounts and pages stand directly under output, the rows in data; names in data are camelCase.
    """

    @node
    class Input:
        fixmedins_mdtrt_id: Annotated[
            str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")
        ]
        fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
        page_num: Annotated[Decimal, number(4, 0, "当前页数")]
        page_size: Annotated[Decimal, number(4, 0, "本页数据量")]

    @node
    class Output:
        heading = nested("", optional=True)
        recordCounts: Annotated[Decimal | None, number(None, None, "总记录数")] = None
        pages: Annotated[Decimal | None, number(None, None, "总页数")] = None
        data: Annotated[list[QueryFeesRow] | None, rows("费用明细信息")] = None


@node
class QueryVisitsRow:
    """自费病人就诊信息."""

    fixmedinsMdtrtId: Annotated[str | None, text(30, "医药机构就诊ID")] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedinsName: Annotated[str | None, text(200, "定点医药机构名称")] = None
    psnCertType: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    psnName: Annotated[str | None, text(50, "人员姓名")] = None
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    conerName: Annotated[str | None, text(50, "联系人姓名")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(500, "联系地址")] = None
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    medType: Annotated[str | None, code("med_type", "医疗类别")] = None
    iptOtpNo: Annotated[str | None, text(30, "住院/门诊号")] = None
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    chfpdrCode: Annotated[str | None, text(30, "主诊医师代码")] = None
    admDiagDscr: Annotated[str | None, text(200, "入院诊断描述")] = None
    admDeptCodg: Annotated[str | None, text(30, "入院科室编码")] = None
    admDeptName: Annotated[str | None, text(100, "入院科室名称")] = None
    admBed: Annotated[str | None, text(30, "入院床位")] = None
    wardareaBed: Annotated[str | None, text(50, "病区床位")] = None
    trafDeptFlag: Annotated[str | None, text(6, "转科室标志")] = None
    dscgMaindiagCode: Annotated[str | None, text(30, "出院主诊断代码")] = None
    dscgDeptCodg: Annotated[str | None, text(30, "出院科室编码")] = None
    dscgDeptName: Annotated[str | None, text(100, "出院科室名称")] = None
    dscgBed: Annotated[str | None, text(30, "出院床位")] = None
    dscgWay: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    mainCondDscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    diseNo: Annotated[str | None, text(30, "病种编号")] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    oprnOprtCode: Annotated[str | None, text(30, "手术操作代码")] = None
    oprnOprtName: Annotated[str | None, text(500, "手术操作名称")] = None
    otpDiagInfo: Annotated[str | None, text(200, "门诊诊断信息")] = None
    inhospStas: Annotated[str | None, code("inhosp_stas", "在院状态", length=3)] = None
    dieDate: Annotated[date | None, day("死亡日期")] = None
    iptDays: Annotated[Decimal | None, number(16, 0, "住院天数")] = None
    fpscNo: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matnType: Annotated[str | None, code("matn_type", "生育类别")] = None
    birctrlType: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    latechbFlag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    gesoVal: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetusCnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pretFlag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    preyTime: Annotated[date | None, day("妊娠时间")] = None
    birctrlMatnDate: Annotated[date | None, day("计划生育手术或生育日期")] = None
    copFlag: Annotated[str | None, code("cop_flag", "伴有并发症标志", length=3)] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    chfpdrName: Annotated[str | None, text(50, "主诊医师姓名")] = None
    dscgMaindiagName: Annotated[str | None, text(300, "住院主诊断名称")] = None
    medfeeSumamt: Annotated[Decimal | None, amount("医疗总费用")] = None
    elecBillCode: Annotated[str | None, text(50, "电子票据代码")] = None
    elecBillnoCode: Annotated[str | None, text(50, "电子票据号码")] = None
    elecBillChkcode: Annotated[str | None, text(6, "电子票据校验码")] = None
    expContent: Annotated[Json | None, extension(4000, "扩展字段")] = None
    rid: Annotated[str | None, text(30, "唯一记录号")] = None
    updtTime: Annotated[datetime | None, moment("更新时间")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crteTime: Annotated[datetime | None, moment("创建时间")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构")] = None
    poolareaNo: Annotated[str | None, text(10, "统筹区编码")] = None
    cpltFlag: Annotated[str | None, text(6, "完成标志")] = None


@transaction("4208", "自费病人就医就诊信息查询", "self-pay visit query", does=Does.READS, of=Of.SELF_PAY)
class QueryVisits:
    """Self-pay visit query.

    - Input fields stand directly under input, without a node name.
    - Reply: recordCounts and pages stand directly under output, the rows in data; names in data are camelCase.
    """

    @node
    class Input:
        psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
        certno: Annotated[str | None, text(600, "证件号码")] = None
        psn_name: Annotated[str | None, text(50, "人员姓名")] = None
        begntime: Annotated[datetime | None, moment("开始时间", or_day=True)] = None
        endtime: Annotated[datetime | None, moment("结束时间", or_day=True)] = None
        med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
        medfee_sumamt: Annotated[Decimal | None, amount("医疗总费用")] = None
        elec_billno_code: Annotated[str | None, text(50, "电子票据号码")] = None
        cplt_flag: Annotated[str | None, text(6, "完成标志")] = None
        page_num: Annotated[Decimal, number(4, 0, "当前页数")]
        page_size: Annotated[Decimal, number(4, 0, "本页数据量")]

    @node
    class Output:
        heading = nested("", optional=True)
        recordCounts: Annotated[Decimal | None, number(None, None, "总记录数")] = None
        pages: Annotated[Decimal | None, number(None, None, "总页数")] = None
        data: Annotated[list[QueryVisitsRow] | None, rows("自费病人就诊信息")] = None


@node
class QueryDiagnosesRow:
    """诊断信息."""

    diagInfoId: Annotated[str | None, text(30, "诊断信息ID")] = None
    fixmedinsMdtrtId: Annotated[str | None, text(30, "医药机构就诊ID")] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    inoutDiagType: Annotated[str | None, code("inout_diag_type", "出入院诊断类别")] = None
    diagType: Annotated[str | None, code("diag_type", "诊断类别", length=3)] = None
    maindiagFlag: Annotated[str | None, code("maindiag_flag", "主诊断标志", length=3)] = None
    diagSrtNo: Annotated[str | None, text(2, "诊断排序号")] = None
    diagCode: Annotated[str | None, text(20, "诊断代码")] = None
    diagName: Annotated[str | None, text(255, "诊断名称")] = None
    diagDept: Annotated[str | None, text(50, "诊断科室")] = None
    diagDrCode: Annotated[str | None, text(30, "诊断医师代码")] = None
    diagDrName: Annotated[str | None, text(50, "诊断医师姓名")] = None
    diagTime: Annotated[datetime | None, moment("诊断时间")] = None
    admCond: Annotated[str | None, text(500, "入院病情")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(30, "唯一记录号")] = None
    updtTime: Annotated[datetime | None, moment("更新时间")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crteTime: Annotated[datetime | None, moment("创建时间")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构")] = None
    poolareaNo: Annotated[str | None, text(10, "统筹区编码")] = None


@transaction("4209", "自费病人就医诊断信息查询", "self-pay diagnosis query", does=Does.READS, of=Of.SELF_PAY)
class QueryDiagnoses:
    """Self-pay diagnosis query.

    - Input fields stand directly under input, without a node name.
    - Reply: recordCounts and pages stand directly under output, the rows in data; names in data are camelCase.
    """

    @node
    class Input:
        fixmedins_mdtrt_id: Annotated[
            str, text(30, "医药机构就诊ID", note="visit number of the institution, unique there")
        ]
        fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
        page_num: Annotated[Decimal, number(4, 0, "当前页数")]
        page_size: Annotated[Decimal, number(4, 0, "本页数据量")]

    @node
    class Output:
        heading = nested("", optional=True)
        recordCounts: Annotated[Decimal | None, number(None, None, "总记录数")] = None
        pages: Annotated[Decimal | None, number(None, None, "总页数")] = None
        data: Annotated[list[QueryDiagnosesRow] | None, rows("诊断信息")] = None
