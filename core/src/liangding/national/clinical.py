"""Clinical uploads: treatment, record front page, orders, reports, nursing (临床信息采集): transactions 4301 to 4701."""

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
    long_text,
    moment,
    nested,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("clinical", "信息采集上传/临床辅助业务")

LATER = "后来增补（V1.1.27）"
DURATION = "天/小时/分钟，以斜杠相连，如 1/13/24"
OR_TIME = "表中为日期；有的地区接受日期时间"
OPTIONAL_ELSEWHERE = "基线抄本为选填"
INSURED = required_when("参保患者必填")


@node
class UploadOutpatientRecordRegistration:
    """挂号信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    rgst_type_code: Annotated[str | None, code("rgst_type_code", "挂号类别代码")] = None
    rgst_way_code: Annotated[str | None, code("rgst_way_code", "挂号方式代码")] = None
    rgst_serv_fee: Annotated[Decimal | None, amount("挂号费/医事服务费")] = None
    ordr_way_code: Annotated[str | None, text(30, "预约途径代码")] = None
    retnr_flag: Annotated[str | None, text(3, "退号标志", note="0 no, 1 yes")] = None
    fstdiag_flag: Annotated[str | None, text(3, "初诊标志", note="0 no, 1 yes")] = None
    mdtrt_flag: Annotated[str | None, text(3, "就诊标志", note="0 no, 1 yes")] = None
    rgst_retnr_time: Annotated[datetime | None, moment("挂号/退号时间")] = None
    medfee_paymtd_code: Annotated[str | None, code("medfee_paymtd_code", "医疗费用支付方式代码", length=3)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadOutpatientRecordCase:
    """病历信息."""

    mdtrt_date: Annotated[date | None, day("就诊日期")] = None
    chfcomp: Annotated[str | None, text(2000, "主诉")] = None
    attk_date_time: Annotated[datetime | None, moment("发病日期时间")] = None
    mdtrt_rea: Annotated[str | None, text(200, "就诊原因")] = None
    illhis: Annotated[str | None, text(2000, "病史")] = None
    algs: Annotated[str | None, text(2000, "过敏史")] = None
    aise_code: Annotated[str | None, text(30, "过敏源代码")] = None
    phex: Annotated[str | None, text(2000, "查体")] = None
    disa_info_code: Annotated[str | None, text(30, "残疾情况代码")] = None
    symp_name: Annotated[str | None, text(1000, "症状名称")] = None
    symp_code: Annotated[str | None, text(50, "症状代码", note="at most five symptoms")] = None
    dspo_opnn: Annotated[str | None, text(1000, "处置意见")] = None
    dept_code: Annotated[str | None, text(30, "科室代码")] = None
    dept_name: Annotated[str | None, text(50, "科室名称")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadOutpatientRecordDiagnosis:
    """诊断信息."""

    tcm_diag_flag: Annotated[str | None, text(30, "中医诊断标志")] = None
    maindiag_flag: Annotated[str | None, text(30, "主诊断标志")] = None
    diag_code: Annotated[str | None, text(20, "诊断代码")] = None
    diag_name: Annotated[str | None, text(100, "诊断名称")] = None
    tcm_dise_code: Annotated[str | None, text(20, "中医病名代码")] = None
    tcm_dise_name: Annotated[str | None, text(300, "中医病名名称")] = None
    tcmsymp_code: Annotated[str | None, text(20, "中医证候代码")] = None
    tcmsymp: Annotated[str | None, text(300, "中医证候")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadOutpatientRecordPrescription:
    """处方信息."""

    rxno: Annotated[str | None, text(30, "处方号")] = None
    rx_prsc_time: Annotated[datetime | None, moment("处方开方时间")] = None
    rx_type_code: Annotated[str | None, text(30, "处方类别代码")] = None
    rx_item_type_code: Annotated[str | None, text(30, "处方项目分类代码")] = None
    rx_item_type_name: Annotated[str | None, text(100, "处方项目分类名称")] = None
    rx_detl_id: Annotated[str | None, text(30, "处方明细代码", note="in-house drug code")] = None
    rx_detl_name: Annotated[str | None, text(100, "处方明细名称", note="in-house drug name")] = None
    tcmdrug_type_name: Annotated[str | None, text(20, "中药类别名称")] = None
    tcmdrug_type_code: Annotated[str | None, text(30, "中药类别代码")] = None
    tcmherb_foote: Annotated[str | None, text(200, "草药脚注")] = None
    medn_type_code: Annotated[str | None, text(100, "药物类型代码")] = None
    medn_type_name: Annotated[str | None, text(100, "药物类型")] = None
    drug_dosform: Annotated[str | None, code("drug_dosform", "药品剂型", length=30, note="dosage-form code")] = None
    drug_dosform_name: Annotated[str | None, text(200, "药品剂型名称")] = None
    drug_spec: Annotated[str | None, text(255, "药品规格")] = None
    drug_used_frqu: Annotated[str | None, text(30, "药物使用-频率")] = None
    drug_used_idose: Annotated[Decimal | None, number(16, 4, "药物使用-总剂量")] = None
    drug_used_sdose: Annotated[Decimal | None, number(30, None, "药物使用-次剂量")] = None
    drug_used_dosunt: Annotated[str | None, text(30, "药物使用-剂量单位")] = None
    drug_used_way_code: Annotated[str | None, text(30, "药物使用-途径代码")] = None
    drug_medc_way: Annotated[str | None, text(100, "药物使用-途径")] = None
    skintst_dicm: Annotated[str | None, text(30, "皮试判别")] = None
    medc_begntime: Annotated[datetime | None, moment("用药开始时间")] = None
    medc_endtime: Annotated[datetime | None, moment("用药停止日期时间")] = None
    medc_days: Annotated[Decimal | None, number(5, 0, "用药天数")] = None
    main_medc_flag: Annotated[str | None, text(30, "主要用药标志")] = None
    urgt_flag: Annotated[str | None, text(30, "加急标志")] = None
    unif_purc_drug: Annotated[str | None, text(30, "统一采购药品")] = None
    drug_purc_code: Annotated[str | None, text(30, "药品采购代码")] = None
    drug_mgt_plaf_code: Annotated[str | None, text(50, "药品管理平台代码")] = None
    bas_medn_flag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4301",
    "门急诊诊疗记录",
    "outpatient treatment record upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/门急诊业务",
    daily=True,
    known_by=("mdtrt_sn",),
)
class UploadOutpatientRecord:
    """Outpatient treatment record upload.

    - rgstinfo is one row, the other nodes are lists; one call carries one patient.
    - mdtrt_id and psn_no are needed for insured patients only.
    - One client spells the nodes diseInfo and rxInfo.
    """

    @node
    class Input:
        rgstinfo: Annotated[UploadOutpatientRecordRegistration, nested("挂号信息")]
        caseinfo: Annotated[list[UploadOutpatientRecordCase], rows("病历信息")]
        diseinfo: Annotated[list[UploadOutpatientRecordDiagnosis], rows("诊断信息")]
        rxinfo: Annotated[list[UploadOutpatientRecordPrescription] | None, rows("处方信息")] = None


@node
class UploadEmergencyRecordOperation:
    """急诊留观手术信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    oprn_oprt_sn: Annotated[Decimal, number(2, 0, "手术操作序号")]
    oprn_oprt_code: Annotated[str, text(30, "手术操作代码")]
    oprn_oprt_name: Annotated[str, text(500, "手术操作名称")]
    oprn_oprt_tagt_part_name: Annotated[str, text(50, "手术操作目标部位名称")]
    itvt_name: Annotated[str, text(100, "介入物名称")]
    oprn_oprt_mtd_dscr: Annotated[str, text(200, "手术及操作方法描述")]
    oprn_oprt_cnt: Annotated[Decimal, number(3, 0, "手术及操作次数")]
    oprn_oprt_time: Annotated[datetime, moment("手术及操作时间")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadEmergencyRecordRescue:
    """抢救信息."""

    resc_begntime: Annotated[datetime, moment("抢救开始时间")]
    resc_endtime: Annotated[datetime, moment("抢救结束时间")]
    er_resc_rec: Annotated[str, text(2000, "急诊抢救记录")]
    resc_psn_list: Annotated[str, text(500, "参加抢救人员名单", note="names joined by a full-width comma")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4302",
    "急诊留观手术及抢救信息",
    "emergency observation surgery and rescue upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/门急诊业务",
    daily=True,
    known_by=("mdtrt_sn",),
)
class UploadEmergencyRecord:
    """Emergency observation surgery and rescue upload.

    - Both nodes are lists; one call carries one patient.
    - rescinfo has no visit key of its own; it belongs to the visit of oprninfo.
    """

    @node
    class Input:
        oprninfo: Annotated[list[UploadEmergencyRecordOperation] | None, rows("急诊留观手术信息")] = None
        rescinfo: Annotated[list[UploadEmergencyRecordRescue] | None, rows("抢救信息")] = None


@node
class UploadFrontPagePerson:
    """基本信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="institution code followed by an in-house unique number")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    patn_ipt_cnt: Annotated[str | None, text(5, "患者住院次数")] = None
    ipt_no: Annotated[str | None, text(30, "住院号")] = None
    medcasno: Annotated[str, text(40, "病案号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    ntly: Annotated[str | None, code("nat_regn_code", "国籍")] = None
    ntly_name: Annotated[str | None, text(70, "国籍名称")] = None
    nwb_bir_wt: Annotated[Decimal | None, number(6, 2, "新生儿出生体重")] = None
    nwb_adm_wt: Annotated[Decimal | None, number(6, 2, "新生儿入院体重")] = None
    birplc: Annotated[str | None, text(200, "出生地")] = None
    napl: Annotated[str | None, text(100, "籍贯")] = None
    naty_name: Annotated[str | None, text(100, "民族名称")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    prfs: Annotated[str | None, code("prfs", "职业")] = None
    mrg_stas: Annotated[str | None, code("mrg_stas", "婚姻状态", length=3)] = None
    curr_addr_poscode: Annotated[str | None, text(6, "现住址-邮政编码")] = None
    curr_addr: Annotated[str | None, text(200, "现住址")] = None
    psn_tel: Annotated[str | None, text(70, "个人联系电话")] = None
    resd_addr_prov: Annotated[str | None, text(30, "户口地址-省（自治区、直辖市）")] = None
    resd_addr_city: Annotated[str | None, text(500, "户口地址-市（地区）")] = None
    resd_addr_coty: Annotated[str | None, text(500, "户口地址-县（区）")] = None
    resd_addr_subd: Annotated[str | None, text(500, "户口地址-乡（镇、街道办事处）")] = None
    resd_addr_vil: Annotated[str | None, text(500, "户口地址-村（街、路、弄等）")] = None
    resd_addr_housnum: Annotated[str | None, text(200, "户口地址-门牌号码")] = None
    resd_addr_poscode: Annotated[str | None, text(30, "户口地址-邮政编码")] = None
    resd_addr: Annotated[str | None, text(200, "户口地址")] = None
    empr_tel: Annotated[str | None, text(20, "工作单位联系电话")] = None
    empr_poscode: Annotated[str | None, text(6, "工作单位-邮政编码")] = None
    empr_addr: Annotated[str | None, text(200, "工作单位及地址")] = None
    coner_tel: Annotated[str | None, text(50, "联系人电话")] = None
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    coner_addr: Annotated[str | None, text(200, "联系人地址")] = None
    coner_rlts_code: Annotated[str | None, code("patn_rlts", "与联系人关系代码", length=20, note="relation code")] = (
        None
    )
    adm_way_name: Annotated[str | None, text(300, "入院途径名称")] = None
    adm_way_code: Annotated[str | None, code("adm_way", "入院途径代码", length=3)] = None
    trt_type_name: Annotated[str | None, text(300, "治疗类别名称")] = None
    trt_type: Annotated[str | None, code("trt_type", "治疗类别", length=3)] = None
    adm_caty: Annotated[
        str | None, code("dept", "入院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")
    ] = None
    adm_ward: Annotated[str | None, text(50, "入院病房")] = None
    adm_date: Annotated[date | None, day("入院日期")] = None
    dscg_date: Annotated[date | None, day("出院日期")] = None
    dscg_caty: Annotated[
        str | None, code("dept", "出院科别", length=10, note="科室代码；表中长度 6，后来的代码更长")
    ] = None
    Refldept_caty_name: Annotated[str | None, text(50, "转科科别名称")] = None
    dscg_ward: Annotated[str | None, text(50, "出院病房")] = None
    ipt_days: Annotated[Decimal | None, number(4, 0, "住院天数")] = None
    drug_dicm_flag: Annotated[str | None, code("drug_dicm", "药物过敏标志", length=30)] = None
    dicm_drug_name: Annotated[str | None, text(200, "过敏药物名称")] = None
    die_autp_flag: Annotated[str | None, code("die_autp", "死亡患者尸检标志", length=30)] = None
    abo_code: Annotated[str | None, code("blotype_abo", "ABO血型代码", length=30)] = None
    abo_name: Annotated[str | None, text(30, "ABO血型名称")] = None
    rh_code: Annotated[str | None, code("blotype_rh", "Rh血型代码", length=30)] = None
    rh_name: Annotated[str | None, text(30, "RH血型")] = None
    die_flag: Annotated[str | None, code("die_code", "死亡标志", length=3)] = None
    deptdrt_name: Annotated[str | None, text(50, "科主任姓名")] = None
    chfdr_name: Annotated[str | None, text(50, "主任(副主任)医师姓名")] = None
    atddr_name: Annotated[str | None, text(50, "主治医生姓名")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    ipt_dr_name: Annotated[str | None, text(50, "住院医师姓名")] = None
    resp_nurs_name: Annotated[str | None, text(50, "责任护士姓名")] = None
    train_dr_name: Annotated[str | None, text(50, "进修医师姓名")] = None
    intn_dr_name: Annotated[str | None, text(50, "实习医师姓名")] = None
    codr_name: Annotated[str | None, text(50, "编码员姓名")] = None
    qltctrl_dr_name: Annotated[str | None, text(50, "质控医师姓名")] = None
    qltctrl_nurs_name: Annotated[str | None, text(50, "质控护士姓名")] = None
    medcas_qlt_name: Annotated[str | None, text(100, "病案质量名称")] = None
    medcas_qlt_code: Annotated[str | None, text(30, "病案质量代码")] = None
    qltctrl_date: Annotated[date | None, day("质控日期")] = None
    dscg_way_name: Annotated[str | None, text(200, "离院方式名称")] = None
    dscg_way: Annotated[str | None, code("dscg_way", "离院方式", length=3)] = None
    acp_medins_code: Annotated[str | None, text(50, "拟接收医疗机构代码")] = None
    acp_medins_name: Annotated[str | None, text(500, "拟接收医疗机构名称")] = None
    dscg_31days_rinp_flag: Annotated[str | None, code("days_rinp_flag_31", "出院31天内再住院计划标志", length=3)] = None
    dscg_31days_rinp_pup: Annotated[str | None, text(200, "出院31天内再住院目的")] = None
    damg_intx_ext_rea: Annotated[str | None, text(1000, "损伤、中毒的外部原因")] = None
    damg_intx_ext_rea_disecode: Annotated[str | None, text(30, "损伤、中毒的外部原因疾病编码")] = None
    brn_damg_bfadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院前昏迷时长", note=DURATION)] = None
    brn_damg_afadm_coma_dura: Annotated[str | None, text(10, "颅脑损伤患者入院后昏迷时长", note=DURATION)] = None
    vent_used_dura: Annotated[str | None, text(10, "呼吸机使用时长", note=DURATION)] = None
    cnfm_date: Annotated[date | None, day("确诊日期")] = None
    patn_dise_diag_crsp: Annotated[str | None, text(20, "患者疾病诊断对照")] = None
    patn_dise_diag_crsp_code: Annotated[str | None, code("ipt_dise_crsp", "住院患者疾病诊断对照代码", length=3)] = None
    ipt_patn_diag_inscp: Annotated[str | None, text(20, "住院患者诊断符合情况")] = None
    ipt_patn_diag_inscp_code: Annotated[
        str | None, code("ipt_dise_inscp_code", "住院患者诊断符合情况代码", length=1)
    ] = None
    dscg_trt_rslt: Annotated[str | None, text(4, "出院治疗结果")] = None
    dscg_trt_rslt_code: Annotated[str | None, code("dscg_trt_rslt_code", "出院治疗结果代码", length=30)] = None
    medins_orgcode: Annotated[str | None, text(50, "医疗机构组织机构代码")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    aise: Annotated[str | None, code("aise_code", "过敏源", length=30)] = None
    pote_intn_dr_name: Annotated[str | None, text(50, "研究生实习医师姓名")] = None
    hbsag: Annotated[str | None, code("hbsag", "乙肝表面抗原（HBsAg）", length=30)] = None
    hcv_ab: Annotated[
        str | None,
        code("hcv-ab", "丙型肝炎抗体（HCV-Ab）", length=30, note="the printed key has a hyphen", wire="hcv-ab"),
    ] = None
    hiv_ab: Annotated[
        str | None,
        code("hiv-ab", "艾滋病毒抗体（hiv-ab）", length=30, note="the printed key has a hyphen", wire="hiv-ab"),
    ] = None
    resc_cnt: Annotated[Decimal | None, number(3, 0, "抢救次数")] = None
    resc_succ_cnt: Annotated[Decimal | None, number(3, 0, "抢救成功次数")] = None
    hosp_dise_fsttime: Annotated[
        str | None, code("hosp_dise_fsttime", "手术、治疗、检查、诊断为本院第一例", length=30)
    ] = None
    hif_pay_way_name: Annotated[str | None, text(20, "医保基金付费方式名称")] = None
    hif_pay_way_code: Annotated[str | None, code("hif_pay_code", "医保基金付费方式代码", length=2)] = None
    med_fee_paymtd_name: Annotated[str | None, text(200, "医疗费用支付方式名称")] = None
    medfee_paymtd_code: Annotated[str | None, code("medfee_paymtd_code", "医疗费用支付方式代码", length=3)] = None
    selfpay_amt: Annotated[Decimal | None, amount("自付金额")] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    ordn_med_servfee: Annotated[Decimal | None, amount("一般医疗服务费")] = None
    ordn_trt_oprt_fee: Annotated[Decimal | None, amount("一般治疗操作费")] = None
    nurs_fee: Annotated[Decimal | None, amount("护理费")] = None
    com_med_serv_oth_fee: Annotated[Decimal | None, amount("综合医疗服务类其他费用")] = None
    palg_diag_fee: Annotated[Decimal | None, amount("病理诊断费")] = None
    lab_diag_fee: Annotated[Decimal | None, amount("实验室诊断费")] = None
    rdhy_diag_fee: Annotated[Decimal | None, amount("影像学诊断费")] = None
    clnc_dise_fee: Annotated[Decimal | None, amount("临床诊断项目费")] = None
    nsrgtrt_item_fee: Annotated[Decimal | None, amount("非手术治疗项目费")] = None
    clnc_phys_trt_fee: Annotated[Decimal | None, amount("临床物理治疗费")] = None
    rgtrt_trt_fee: Annotated[Decimal | None, amount("手术治疗费")] = None
    anst_fee: Annotated[Decimal | None, amount("麻醉费")] = None
    rgtrt_fee: Annotated[Decimal | None, amount("手术费")] = None
    rhab_fee: Annotated[Decimal | None, amount("康复费")] = None
    tcm_trt_fee: Annotated[Decimal | None, amount("中医治疗费")] = None
    wm_fee: Annotated[Decimal | None, amount("西药费")] = None
    abtl_medn_fee: Annotated[Decimal | None, amount("抗菌药物费用")] = None
    tcmpat_fee: Annotated[Decimal | None, amount("中成药费")] = None
    tcmherb_fee: Annotated[Decimal | None, amount("中药饮片费")] = None
    blo_fee: Annotated[Decimal | None, amount("血费")] = None
    albu_fee: Annotated[Decimal | None, amount("白蛋白类制品费")] = None
    glon_fee: Annotated[Decimal | None, amount("球蛋白类制品费")] = None
    clotfac_fee: Annotated[Decimal | None, amount("凝血因子类制品费")] = None
    cyki_fee: Annotated[Decimal | None, amount("细胞因子类制品费")] = None
    exam_dspo_matl_fee: Annotated[Decimal | None, amount("检查用一次性医用材料费")] = None
    trt_dspo_matl_fee: Annotated[Decimal | None, amount("治疗用一次性医用材料费")] = None
    oprn_dspo_matl_fee: Annotated[Decimal | None, amount("手术用一次性医用材料费")] = None
    oth_fee: Annotated[Decimal | None, amount("其他费")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    ctd: Annotated[str, text(1, "病例分型", note=f"A、B、C 或 D；{LATER}")]
    deptdrt_code: Annotated[str, text(30, "科主任代码", note=LATER)]
    chfdr_code: Annotated[str | None, text(30, "主任(副主任)医师代码", note=LATER)] = None
    atddr_code: Annotated[str, text(30, "主治医生代码", note=LATER)]
    chfpdr_code: Annotated[str | None, text(30, "主诊医师代码", note=LATER)] = None
    ipt_dr_code: Annotated[str, text(30, "住院医师代码", note=LATER)]
    resp_nurs_code: Annotated[str, text(30, "责任护士代码", note=LATER)]
    train_dr_code: Annotated[str | None, text(30, "进修医师代码", note=LATER)] = None
    intn_dr_code: Annotated[str | None, text(30, "实习医师代码", note=LATER)] = None
    qltctrl_dr_code: Annotated[str | None, text(30, "质控医师代码", note=LATER)] = None
    qltctrl_nurs_code: Annotated[str | None, text(30, "质控护士代码", note=LATER)] = None
    pote_intn_dr_code: Annotated[str | None, text(30, "研究生实习医师代码", note=LATER)] = None


@node
class UploadFrontPageDiagnosis:
    """诊断信息."""

    palg_no: Annotated[str | None, text(30, "病理号")] = None
    ipt_patn_disediag_type_code: Annotated[
        str | None, code("ipt_dise_type_code", "住院患者疾病诊断类型代码", length=30)
    ] = None
    disediag_type: Annotated[str | None, text(100, "疾病诊断类型")] = None
    maindiag_flag: Annotated[str | None, code("maindiag_flag", "主诊断标志", length=3)] = None
    diag_code: Annotated[str | None, text(20, "诊断代码")] = None
    diag_name: Annotated[str | None, text(100, "诊断名称")] = None
    inhosp_diag_code: Annotated[str | None, text(20, "院内诊断代码")] = None
    inhosp_diag_name: Annotated[str | None, text(100, "院内诊断名称")] = None
    adm_dise_cond_name: Annotated[str | None, text(300, "入院疾病病情名称")] = None
    adm_dise_cond_code: Annotated[str | None, code("adm_dise_cond_code", "入院疾病病情代码", length=20)] = None
    adm_cond: Annotated[str | None, text(500, "入院病情")] = None
    adm_cond_code: Annotated[str | None, code("adm_cond_code", "入院时病情代码", length=3)] = None
    high_diag_evid: Annotated[str | None, code("high_dise_evid", "最高诊断依据", length=30)] = None
    bkup_deg: Annotated[str | None, text(16, "分化程度")] = None
    bkup_deg_code: Annotated[str | None, code("bkup_deg_code", "分化程度代码", length=30)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    ipt_medcas_hmpg_sn: Annotated[str, text(30, "住院病案首页流水号", note="primary key of the row")]
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="institution code followed by an in-house unique number")]
    fixmedins_code: Annotated[str | None, text(12, "定点医药机构编号", note=LATER)] = None


@node
class UploadFrontPageOperation:
    """手术记录."""

    oprn_oprt_date: Annotated[date | None, day("手术操作日期")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_sn: Annotated[str | None, text(16, "手术操作序列号")] = None
    oprn_lv_code: Annotated[str | None, text(50, "手术级别代码")] = None
    oprn_lv_name: Annotated[str | None, text(300, "手术级别名称")] = None
    oper_name: Annotated[str | None, text(50, "手术者姓名")] = None
    asit_1_name: Annotated[str | None, text(50, "助手Ⅰ姓名")] = None
    asit_name2: Annotated[str | None, text(50, "助手Ⅱ姓名")] = None
    sinc_heal_lv: Annotated[str | None, code("sinc_heal_lv_code", "手术切口愈合等级", length=30)] = None
    sinc_heal_lv_code: Annotated[str | None, code("sinc_heal_lv_code", "手术切口愈合等级代码", length=5)] = None
    anst_mtd_name: Annotated[str | None, text(50, "麻醉-方法名称")] = None
    anst_mtd_code: Annotated[str | None, code("anst_mtd_code", "麻醉-方法代码", length=5)] = None
    anst_dr_name: Annotated[str | None, text(50, "麻醉医师姓名")] = None
    oprn_oper_part: Annotated[str | None, text(10, "手术操作部位")] = None
    oprn_oper_part_code: Annotated[str | None, code("oprn_oper_part_code", "手术操作部位代码", length=30)] = None
    oprn_con_time: Annotated[str | None, text(3, "手术持续时间", note="minutes")] = None
    anst_lv_name: Annotated[str | None, text(50, "麻醉分级名称")] = None
    anst_lv_code: Annotated[str | None, code("anst_lv_code", "麻醉分级代码", length=30)] = None
    oprn_patn_type: Annotated[str | None, text(100, "手术患者类型")] = None
    oprn_patn_type_code: Annotated[str | None, code("oprn_patn_type_code", "手术患者类型代码", length=30)] = None
    main_oprn_flag: Annotated[str | None, code("main_oprn", "主要手术标志", length=30)] = None
    anst_asa_lv_code: Annotated[
        str | None, text(50, "麻醉ASA分级代码", note="ASA grade code of the health commission")
    ] = None
    anst_asa_lv_name: Annotated[str | None, text(100, "麻醉ASA分级名称")] = None
    anst_medn_code: Annotated[
        str | None, text(50, "麻醉药物代码", note="anaesthetic drug code of the health commission")
    ] = None
    anst_medn_name: Annotated[str | None, text(100, "麻醉药物名称")] = None
    anst_medn_dos: Annotated[str | None, text(20, "麻醉药物剂量")] = None
    unt: Annotated[str | None, text(10, "计量单位")] = None
    anst_begntime: Annotated[date | None, day("麻醉开始时间", note=OR_TIME)] = None
    anst_endtime: Annotated[date | None, day("麻醉结束时间", note=OR_TIME)] = None
    anst_copn_code: Annotated[
        str | None, text(30, "麻醉合并症代码", note="anaesthesia complication code of the health commission")
    ] = None
    anst_copn_name: Annotated[str | None, text(100, "麻醉合并症名称")] = None
    anst_copn_dscr: Annotated[str | None, text(1000, "麻醉合并症描述")] = None
    pacu_begntime: Annotated[date | None, day("复苏室开始时间", note=OR_TIME)] = None
    pacu_endtime: Annotated[date | None, day("复苏室结束时间", note=OR_TIME)] = None
    canc_oprn_flag: Annotated[str | None, code("canc_oprn", "取消手术标志", length=3)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    ipt_medcas_hmpg_sn: Annotated[str, text(30, "住院病案首页流水号", note="primary key of the row")]
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="institution code followed by an in-house unique number")]


@node
class UploadFrontPageIntensiveCare:
    """重症监护信息."""

    icu_codeid: Annotated[str | None, text(10, "重症监护室代码", note="in-house ICU code")] = None
    inpool_icu_time: Annotated[datetime | None, moment("进入监护室时间")] = None
    out_icu_time: Annotated[datetime | None, moment("退出监护室时间")] = None
    medins_orgcode: Annotated[str | None, text(50, "医疗机构组织机构代码", note="organisation code")] = None
    nurscare_lv_code: Annotated[str | None, text(30, "护理等级代码")] = None
    nurscare_lv_name: Annotated[str | None, text(10, "护理等级名称")] = None
    nurscare_days: Annotated[Decimal | None, number(3, 0, "护理天数")] = None
    back_icu: Annotated[str | None, text(30, "重返重症监护室标志")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    ipt_medcas_hmpg_sn: Annotated[str, text(30, "住院病案首页流水号", note="primary key of the row")]
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="institution code followed by an in-house unique number")]
    fixmedins_code: Annotated[str | None, text(12, "定点医药机构编号", note=LATER)] = None


@transaction(
    "4401",
    "住院病案首页信息",
    "inpatient record front page upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/住院业务",
    daily=True,
    known_by=("mdtrt_sn",),
)
class UploadFrontPage:
    """Inpatient record front page upload.

    - baseinfo is one row, the others lists; one call carries one patient.
    - mdtrt_sn is the institution code followed by an in-house number.
    - mdtrt_id and psn_no are needed for insured patients only.
    """

    @node
    class Input:
        baseinfo: Annotated[UploadFrontPagePerson, nested("基本信息")]
        diseinfo: Annotated[list[UploadFrontPageDiagnosis], rows("诊断信息")]
        oprninfo: Annotated[list[UploadFrontPageOperation] | None, rows("手术记录")] = None
        icuinfo: Annotated[list[UploadFrontPageIntensiveCare] | None, rows("重症监护信息")] = None


@node
class OrderFacts:
    """What Order and SignedOrder have in common."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    drord_no: Annotated[str | None, text(30, "医嘱号")] = None
    isu_dept_code: Annotated[str | None, code("dept", "下达科室代码", length=30)] = None
    exe_dept_code: Annotated[str | None, code("dept", "执行科室代码", length=30)] = None
    drord_chker_name: Annotated[str | None, text(50, "医嘱审核人姓名")] = None
    drord_ptr_name: Annotated[str | None, text(50, "医嘱执行人姓名")] = None
    drord_type: Annotated[str | None, code("drord_type", "医嘱类别", length=3)] = None
    drord_detl_code: Annotated[str | None, text(30, "医嘱明细代码", note="in-house order item code")] = None
    drord_detl_name: Annotated[str | None, text(100, "医嘱明细名称", note="in-house order item name")] = None
    medn_type_code: Annotated[str | None, text(100, "药物类型代码")] = None
    medn_type_name: Annotated[str | None, text(100, "药物类型名称")] = None
    drug_dosform: Annotated[str | None, code("drug_dosform", "药品剂型", length=30, note="dosage-form code")] = None
    drug_dosform_name: Annotated[str | None, text(110, "药品剂型名称")] = None
    drug_spec: Annotated[str | None, text(50, "药品规格")] = None
    dismed_cnt: Annotated[Decimal | None, number(5, 2, "发药数量")] = None
    dismed_cnt_unt: Annotated[str | None, text(30, "发药数量单位")] = None
    medn_use_frqu: Annotated[str | None, text(20, "药物使用-频率")] = None
    medn_used_dosunt: Annotated[str | None, text(10, "药物使用-剂量单位")] = None
    drug_used_sdose: Annotated[Decimal | None, number(16, 4, "药物使用-次剂量")] = None
    drug_used_idose: Annotated[Decimal | None, number(16, 4, "药物使用-总剂量")] = None
    drug_used_way_code: Annotated[str | None, code("drug_medc_way_code", "药物使用-途径代码", length=30)] = None
    drug_used_way: Annotated[str | None, text(100, "药物使用-途径")] = None
    medc_days: Annotated[Decimal | None, number(5, 0, "用药天数")] = None
    medc_begntime: Annotated[datetime | None, moment("用药开始时间")] = None
    medc_endtime: Annotated[datetime | None, moment("用药停止时间")] = None
    skintst_dicm: Annotated[str | None, code("skintst_dicm", "皮试判别", length=10)] = None
    tcmherb_foote: Annotated[str | None, text(200, "草药脚注")] = None
    drord_endtime: Annotated[datetime | None, moment("医嘱结束时间")] = None
    ipt_dept_code: Annotated[str | None, text(30, "住院科室代码")] = None
    medins_orgcode: Annotated[str | None, text(50, "医疗机构组织机构代码")] = None
    unif_purc_drug_flag: Annotated[str | None, code("unif_purc_drug", "统一采购药品标志", length=3)] = None
    drug_mgt_plaf_code: Annotated[str | None, text(50, "药品管理平台代码")] = None
    drug_purc_code: Annotated[str | None, text(20, "药品采购代码")] = None
    bas_medn_flag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    medcas_drord_detl_id: Annotated[str, text(30, "病案医嘱明细id", note="primary key of the row")]


@node
class Order(OrderFacts):
    ipt_bedno: Annotated[str | None, text(30, "住院床号", note="V1.1.27: ipt_bed_no")] = None
    drord_isu_no: Annotated[date | None, day("医嘱下达时间")] = None
    exedept_name: Annotated[str | None, text(50, "执行科室名称", note="V1.1.27: exe_dept_name")] = None
    drord_grpno: Annotated[str | None, text(30, "医嘱组号")] = None
    drord_item_type: Annotated[str | None, text(30, "医嘱项目分类代码")] = None
    drord_item_name: Annotated[str | None, text(100, "医嘱项目分类名称")] = None
    ipt_bed_no: Annotated[str | None, text(30, "住院床号", note="省版 2024-10 增补")] = None
    exe_dept_name: Annotated[str | None, text(50, "执行科室名称", note="省版 2024-10 增补")] = None


@transaction(
    "4402",
    "住院医嘱记录",
    "inpatient order upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/住院业务",
    daily=True,
    known_by=("mdtrt_sn", "medcas_drord_detl_id"),
)
class UploadOrders:
    """Inpatient order upload.

    - Rows are doctor orders; one call carries one patient.
    - medcas_drord_detl_id is the key of a row.
    """

    @node
    class Input:
        data: list[Order]


@node
class SignedOrder(OrderFacts):
    ipt_bed_no: Annotated[str | None, text(30, "住院床号")] = None
    drord_isu_time: Annotated[datetime | None, moment("医嘱下达时间")] = None
    exe_dept_name: Annotated[str | None, text(50, "执行科室名称")] = None
    drord_grp_no: Annotated[str | None, text(30, "医嘱组号")] = None
    drord_item_type_code: Annotated[str | None, text(30, "医嘱项目分类代码")] = None
    drord_item_type_name: Annotated[str | None, text(100, "医嘱项目分类名称")] = None
    isu_drord_dr_code: Annotated[str | None, text(30, "下达医嘱医生代码")] = None
    isu_drord_dr_name: Annotated[str | None, text(50, "下达医嘱医生姓名")] = None
    drord_chker_code: Annotated[str | None, text(30, "医嘱审核人代码")] = None
    drord_ptr_code: Annotated[str | None, text(30, "医嘱执行人代码")] = None
    end_drord_dr_code: Annotated[str | None, text(30, "结束医嘱医生代码")] = None
    end_drord_dr_name: Annotated[str | None, text(30, "结束医嘱医生姓名")] = None
    drord_begntime: Annotated[datetime | None, moment("医嘱开嘱时间")] = None


@transaction(
    "4402A",
    "住院医嘱记录",
    "inpatient order upload A (with doctors' codes)",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/住院业务",
    daily=True,
    confidence="medium",
    known_by=("mdtrt_sn", "medcas_drord_detl_id"),
)
class UploadOrdersA:
    """Inpatient order upload A (with doctors' codes).

    - Like 4402 with the codes of ordering, checking, executing and stopping staff and the start time.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        data: list[SignedOrder]


@node
class UploadExaminationExamination:
    """检查记录."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    appy_doc_name: Annotated[str | None, text(50, "申请单据名称")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    rpotc_type_code: Annotated[str | None, code("rpt_type_code", "报告单类别代码", length=30)] = None
    exam_rpotc_name: Annotated[str | None, text(50, "检查报告单名称")] = None
    exam_date: Annotated[date | None, day("检查日期")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    cma_date: Annotated[date | None, day("送检日期")] = None
    sapl_date: Annotated[date | None, day("采样日期")] = None
    spcm_no: Annotated[str | None, text(30, "标本号")] = None
    spcm_name: Annotated[str | None, text(30, "标本名称")] = None
    exam_type_code: Annotated[str | None, text(10, "检查类别代码")] = None
    exam_item_code: Annotated[str | None, text(30, "检查-项目代码")] = None
    exam_type_name: Annotated[str | None, text(100, "检查-类别名称", note="names after WS/T 102-1998")] = None
    exam_item_name: Annotated[str | None, text(300, "检查-项目名称")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检查-项目代码")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检查-项目名称")] = None
    exam_part: Annotated[str | None, text(500, "检查部位")] = None
    exam_rslt_poit_flag: Annotated[str | None, code("exam_rslt_poit", "检查结果阳性标志", length=2)] = None
    exam_rslt_abn: Annotated[str | None, code("exam_rslt_abn", "检查/检验结果异常标志", length=10)] = None
    exam_ccls: Annotated[str | None, text(1000, "检查结论")] = None
    appy_org_name: Annotated[str | None, text(50, "申请机构名称")] = None
    appy_dept_code: Annotated[str | None, code("dept", "申请科室代码", length=30)] = None
    exam_dept_code: Annotated[str | None, code("dept", "检查科室代码", length=30)] = None
    ipt_dept_code: Annotated[str | None, code("dept", "住院科室代码", length=30)] = None
    ipt_dept_name: Annotated[str | None, text(50, "住院科室名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生代码")] = None
    bilg_dr_name: Annotated[str | None, text(30, "开单医生姓名")] = None
    exe_org_name: Annotated[str | None, text(200, "执行机构名称")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadExaminationItem:
    """检查项目信息."""

    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_item_code: Annotated[str | None, text(30, "检查-项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检查-项目名称")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检查-项目代码")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检查-项目名称")] = None
    exam_charge: Annotated[Decimal | None, amount("检查费用")] = None


@node
class UploadExaminationSample:
    """检查标本信息."""

    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    sapl_date: Annotated[date | None, day("采样日期")] = None
    spcm_no: Annotated[str | None, text(30, "标本号")] = None
    spcm_name: Annotated[str | None, text(30, "标本名称")] = None


@node
class UploadExaminationImage:
    """检查影像信息."""

    rpotc_no: Annotated[str, text(30, "报告单号")]
    study_uid: Annotated[str, text(200, "全局唯一号", note="study UID in the image")]
    patient_id: Annotated[str | None, text(30, "检查号")] = None
    patient_name: Annotated[str | None, text(30, "患者姓名", note="patient name in the image")] = None
    acession_no: Annotated[str | None, text(30, "图像流水号", note="accession number in the image")] = None
    study_time: Annotated[date | None, day("检查时间")] = None
    modality: Annotated[str | None, text(20, "检查类型")] = None
    store_path: Annotated[str | None, text(300, "存储路径")] = None
    series_count: Annotated[Decimal | None, number(8, 0, "序列数量")] = None
    image_count: Annotated[Decimal | None, number(8, 0, "图像数量")] = None


@transaction(
    "4501",
    "临床检查报告记录",
    "examination report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "rpotc_no"),
)
class UploadExamination:
    """Examination report upload.

    - examinfo is one row, the others lists; one call carries one patient.
    - Nodes are joined by rpotc_no and appy_no.
    """

    @node
    class Input:
        examinfo: Annotated[UploadExaminationExamination, nested("检查记录")]
        iteminfo: Annotated[list[UploadExaminationItem] | None, rows("检查项目信息")] = None
        sampleinfo: Annotated[list[UploadExaminationSample] | None, rows("检查标本信息")] = None
        imageinfo: Annotated[list[UploadExaminationImage] | None, rows("检查影像信息")] = None


@node
class UploadLaboratoryLaboratory:
    """检验信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    appy_org_code: Annotated[str | None, text(50, "申请机构代码")] = None
    appy_org_name: Annotated[str | None, text(50, "申请机构名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生代码")] = None
    bilg_dr_name: Annotated[str | None, text(30, "开单医生姓名")] = None
    exam_org_code: Annotated[str | None, text(50, "检验机构代码")] = None
    exam_org_name: Annotated[str | None, text(100, "检验机构名称")] = None
    appy_dept_code: Annotated[str | None, code("dept", "申请科室代码", length=30)] = None
    exam_dept_code: Annotated[str | None, code("dept", "检查科室代码", length=30)] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_item_code: Annotated[str | None, text(30, "检验-项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检验-项目名称")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检验-项目代码")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检验-项目名称")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    rpot_doc: Annotated[str | None, text(50, "报告医师")] = None
    exam_charge: Annotated[Decimal | None, amount("检查费用")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadLaboratoryItem:
    """检验明细信息."""

    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    ref_val: Annotated[str | None, text(20, "参考值")] = None
    exam_unt: Annotated[str | None, text(200, "检验-计量单位")] = None
    exam_rslt_val: Annotated[Decimal | None, number(11, 0, "检验-结果(数值)")] = None
    exam_rslt_dicm: Annotated[str | None, text(2000, "检验-结果(定性)")] = None
    exam_item_detl_code: Annotated[str | None, text(30, "检验-项目明细代码")] = None
    exam_item_detl_name: Annotated[str | None, text(300, "检验-项目明细名称")] = None
    exam_rslt_abn: Annotated[str | None, text(10, "检查/检验结果异常标识")] = None


@transaction(
    "4502",
    "临床检验报告记录",
    "laboratory report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "rpotc_no"),
)
class UploadLaboratory:
    """Laboratory report upload.

    - labinfo is one row, the others lists; one call carries one patient.
    - One client also sends imageinfo as in 4501; the printed table has no such node.
    """

    @node
    class Input:
        labinfo: Annotated[UploadLaboratoryLaboratory, nested("检验信息")]
        iteminfo: Annotated[list[UploadLaboratoryItem] | None, rows("检验明细信息")] = None
        sampleinfo: Annotated[list[UploadExaminationSample] | None, rows("检验标本信息")] = None


@node
class UploadCultureData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    germ_code: Annotated[str | None, text(100, "细菌代号")] = None
    germ_name: Annotated[str | None, text(100, "细菌名称")] = None
    coly_cntg: Annotated[str | None, text(10, "菌落计数")] = None
    clte_medm: Annotated[str | None, text(100, "培养基")] = None
    clte_time: Annotated[datetime | None, moment("培养时间")] = None
    clte_cond: Annotated[str | None, text(30, "培养条件")] = None
    exam_rslt: Annotated[str | None, text(2000, "检验结果")] = None
    fnd_way: Annotated[str | None, text(100, "发现方式")] = None
    exam_org_name: Annotated[str | None, text(700, "检验机构名称")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4503",
    "细菌培养报告记录",
    "bacterial culture report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "rpotc_no"),
)
class UploadCulture:
    """Bacterial culture report upload.

    - Rows of one patient; one client sends a single object, the printed text says a list.
    - One client copy prints other types and marks every field required; the printed table of V1.1.27 is used.
    """

    @node
    class Input:
        data: list[UploadCultureData]


@node
class UploadSensitivityData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    germ_code: Annotated[str | None, text(100, "细菌代号")] = None
    germ_name: Annotated[str | None, text(100, "细菌名称")] = None
    sstb_code: Annotated[str | None, text(20, "药敏代码")] = None
    sstb_name: Annotated[str | None, text(200, "药敏名称")] = None
    reta_rslt_code: Annotated[str | None, text(50, "抗药结果代码")] = None
    reta_rslt_name: Annotated[str | None, text(10, "抗药结果")] = None
    ref_val: Annotated[str | None, text(20, "参考值")] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    exam_rslt: Annotated[str | None, text(200, "检验结果")] = None
    exam_org_name: Annotated[str | None, text(700, "检验机构名称")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4504",
    "药敏记录报告记录",
    "drug sensitivity report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "rpotc_no"),
)
class UploadSensitivity:
    """Drug sensitivity report upload.

    - Rows of one patient; one client sends a single object, the printed text says a list.
    - One client copy prints other types and marks every field required; the printed table of V1.1.27 is used.
    """

    @node
    class Input:
        data: list[UploadSensitivityData]


@node
class UploadPathologyData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    palg_no: Annotated[str, text(18, "病理号")]
    frez_no: Annotated[str, text(50, "冰冻号")]
    cma_date: Annotated[date, day("送检日期")]
    rpt_date: Annotated[date, day("报告日期")]
    cma_matl: Annotated[str, text(200, "送检材料")]
    clnc_diag: Annotated[str, text(1000, "临床诊断")]
    exam_fnd: Annotated[str, text(1000, "检查所见")]
    sabc: Annotated[str, text(1000, "免疫组化")]
    palg_diag: Annotated[str, long_text(4000, "病理诊断")]
    rpot_doc: Annotated[str, text(50, "报告医师")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4505",
    "病理检查报告记录",
    "pathology report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "palg_no"),
)
class UploadPathology:
    """Pathology report upload.

    - Rows of one patient; one client sends a single object, the printed text says a list.
    """

    @node
    class Input:
        data: list[UploadPathologyData]


@node
class UploadUnstructuredData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    otp_ipt_flag: Annotated[str, text(2, "门诊/住院标志")]
    exam_test_flag: Annotated[str, text(30, "检查/检验标志")]
    appy_no: Annotated[str, text(20, "申请号")]
    file_name: Annotated[str, text(50, "文件名")]
    file_formate: Annotated[str | None, text(3, "文件格式类型")] = None
    exam_test_rpot: Annotated[str, text(None, "检查/检验报告", note="base64 text")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4506",
    "非结构化报告记录",
    "unstructured report upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    daily=True,
    known_by=("mdtrt_sn", "appy_no"),
)
class UploadUnstructured:
    """Unstructured report upload.

    - Rows of one patient; the report file travels as base64 text.
    """

    @node
    class Input:
        data: list[UploadUnstructuredData]


@node
class QueryExaminationExamination(UploadExaminationSample):
    """检查报告信息."""

    fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None
    mdtrt_sn: Annotated[str | None, text(50, "就医流水号")] = None
    mdtrt_id: Annotated[str | None, text(50, "报就诊ID")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    appy_doc_name: Annotated[str | None, text(50, "申请单据名称")] = None
    rpotc_type_code: Annotated[str | None, text(30, "报告单类别")] = None
    exam_rpotc_name: Annotated[str | None, text(50, "检查报告单名称")] = None
    exam_date: Annotated[date | None, day("检查日期")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    cma_date: Annotated[date | None, day("送检日期")] = None
    exam_type_code: Annotated[str | None, text(10, "检查类别代码")] = None
    exam_item_code: Annotated[str | None, text(30, "检查项目代码")] = None
    exam_type_name: Annotated[str | None, text(100, "检查类别名称")] = None
    exam_item_name: Annotated[str | None, text(300, "检查项目名称")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检查项目代码")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检查项目名称")] = None
    examPart: Annotated[str | None, text(500, "检查部位")] = None
    exam_rslt_poit_flag: Annotated[str | None, text(2, "检查结果阳性标志")] = None
    exam_rslt_abn: Annotated[str | None, text(10, "检查结果异常标志")] = None
    exam_ccls: Annotated[str | None, text(1000, "检查结论")] = None
    appy_org_name: Annotated[str | None, text(50, "申请机构名称")] = None
    appy_dept_code: Annotated[str | None, text(30, "申请科室代码")] = None
    exam_dept_code: Annotated[str | None, text(30, "检查科室代码")] = None
    ipt_dept_code: Annotated[str | None, text(30, "住院科室代码")] = None
    ipt_dept_name: Annotated[str | None, text(50, "住院科室名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生代码")] = None
    bilg_dr_name: Annotated[str | None, text(30, "开单医生姓名")] = None
    exe_org_name: Annotated[str | None, text(200, "执行机构名称")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    psn_name: Annotated[str | None, text(50, "姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型", length=30)] = None
    cert_no: Annotated[str | None, text(50, "证件号码")] = None


@node
class QueryExaminationItem:
    """检查项目信息."""

    fixmedins_code: Annotated[str | None, text(20, "医疗机构编码")] = None
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_item_code: Annotated[str | None, text(30, "检查项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检查项目名称")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检查项目名称")] = None
    exam_charge: Annotated[Decimal | None, amount("检查费用")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检查项目代码")] = None


@node
class QueryExaminationImage:
    """检查图像信息."""

    fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None
    study_uid: Annotated[str | None, text(200, "全局唯一号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    patient_name: Annotated[str | None, text(30, "患者姓名")] = None
    acession_no: Annotated[str | None, text(30, "图像流水号")] = None
    study_time: Annotated[date | None, day("检查时间")] = None
    patient_id: Annotated[str | None, text(30, "检查号")] = None
    store_path: Annotated[str | None, text(300, "存储路径")] = None
    series_count: Annotated[Decimal | None, number(8, 0, "序列数量")] = None
    image_count: Annotated[Decimal | None, number(8, 0, "图像数量")] = None
    modality: Annotated[str | None, text(20, "检查类型")] = None


@node
class QueryExaminationSample(UploadExaminationSample):
    """检查样本信息."""

    fixmedins_code: Annotated[str | None, text(20, "医疗机构编码")] = None
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None


@node
class QueryExaminationRow:
    examinfo: Annotated[QueryExaminationExamination, nested("检查报告信息")]
    iteminfo: Annotated[list[QueryExaminationItem] | None, rows("检查项目信息")] = None
    imageinfo: Annotated[list[QueryExaminationImage] | None, rows("检查图像信息")] = None
    sampleinfo: Annotated[list[QueryExaminationSample] | None, rows("检查样本信息")] = None


@transaction(
    "4507", "临床检查报告记录查询", "examination report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QueryExamination:
    """Examination report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize; each row of data holds one report with its items.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        fixmedins_code: Annotated[str | None, text(12, "医疗机构代码")] = None
        exam_item_code: Annotated[str | None, text(30, "检查-项目代码")] = None
        exam_item_name: Annotated[str | None, text(300, "检查-项目名称")] = None
        exe_org_name: Annotated[str | None, text(200, "执行机构名称")] = None
        pageSize: Annotated[Decimal, number(10, 0, "每页显示数")]
        pageNum: Annotated[Decimal, number(10, 0, "当前页数")]

    @node
    class Output:
        data: list[QueryExaminationRow] | None = None


@node
class QueryLaboratoryLaboratory:
    """检验报告信息."""

    fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None
    mdtrt_sn: Annotated[str | None, text(50, "就医流水号")] = None
    mdtrt_id: Annotated[str | None, text(50, "报就诊ID")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    appy_org_code: Annotated[str | None, text(50, "申请机构代码")] = None
    appy_org_name: Annotated[str | None, text(50, "申请机构名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生代码")] = None
    bilg_dr_name: Annotated[str | None, text(50, "开单医生名称")] = None
    exam_org_code: Annotated[str | None, text(500, "检查机构代码")] = None
    exam_org_name: Annotated[str | None, text(700, "检查机构名称")] = None
    appy_dept_code: Annotated[str | None, code("dept", "申请科室代码", length=30)] = None
    exam_dept_code: Annotated[str | None, code("dept", "检查科室代码", length=30)] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_item_code: Annotated[str | None, text(30, "检查项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检查项目名称")] = None
    inhosp_exam_item_code: Annotated[str | None, text(30, "院内检查项目代码")] = None
    inhosp_exam_item_name: Annotated[str | None, text(300, "院内检查项目名称")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    rpot_doc: Annotated[str | None, text(50, "报告医生")] = None
    exam_charge: Annotated[Decimal | None, amount("检测费用")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    psn_name: Annotated[str | None, text(50, "姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型", length=30)] = None
    cert_no: Annotated[str | None, text(50, "证件号码")] = None


@node
class QueryLaboratoryItem:
    """检验项目信息."""

    fixmedins_code: Annotated[str | None, text(20, "医疗机构编码")] = None
    fixmedins_name: Annotated[str | None, text(100, "医疗机构名称")] = None
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    ref_val: Annotated[str | None, text(20, "参考值")] = None
    exam_unt: Annotated[str | None, text(200, "检验-计量单位")] = None
    exam_rslt_val: Annotated[Decimal | None, number(16, 4, "检验-结果（数值）")] = None
    exam_rslt_dicm: Annotated[str | None, text(2000, "检验-结果（定性）")] = None
    exam_item_detl_code: Annotated[str | None, text(30, "检验-项目明细代码")] = None
    exam_item_detl_name: Annotated[str | None, text(300, "检验-项目明细名称")] = None
    exam_rslt_abn: Annotated[str | None, text(10, "检验结果异常标志")] = None


@node
class QueryLaboratoryRow:
    labinfo: Annotated[QueryLaboratoryLaboratory, nested("检验报告信息")]
    iteminfo: Annotated[list[QueryLaboratoryItem] | None, rows("检验项目信息")] = None
    sampleinfo: Annotated[list[QueryExaminationSample] | None, rows("检验样本信息")] = None


@transaction(
    "4508", "临床检验报告记录查询", "laboratory report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QueryLaboratory:
    """Laboratory report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize; each row of data holds one report with its items.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        fixmedins_code: Annotated[str | None, text(50, "医疗机构代码")] = None
        exam_item_code: Annotated[str | None, text(30, "检查-项目代码")] = None
        exam_item_name: Annotated[str | None, text(300, "检查-项目名称")] = None
        exam_org_code: Annotated[str | None, text(50, "检验机构代码")] = None
        exam_org_name: Annotated[str | None, text(50, "检验机构名称")] = None
        pageSize: Annotated[Decimal, number(4, 0, "每页显示数")]
        pageNum: Annotated[Decimal, number(4, 0, "当前页数")]

    @node
    class Output:
        data: list[QueryLaboratoryRow] | None = None


@node
class ReportRowFacts:
    """What QueryCultureRow and QuerySensitivityRow have in common."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    appy_no: Annotated[str | None, text(50, "申请单号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    coly_code: Annotated[str | None, text(100, "菌落代号")] = None
    coly_name: Annotated[str | None, text(100, "菌落名称")] = None
    exam_org_name: Annotated[str | None, text(600, "检验机构名称")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date | None, day("数据创建时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    fixmedins_name: Annotated[str | None, text(100, "定点医药机构名称")] = None


@node
class QueryCultureRow(ReportRowFacts):
    mdtrt_sn: Annotated[str | None, text(100, "就诊流水号")] = None
    coly_cntg: Annotated[str | None, text(10, "菌落计数")] = None
    clte_medm: Annotated[str | None, text(100, "培养基础材质")] = None
    clte_time: Annotated[date | None, day("培养时间")] = None
    clte_cond: Annotated[str | None, text(30, "培养条件")] = None
    exam_Rslt: Annotated[str | None, text(200, "检查结果")] = None
    fnd_way: Annotated[str | None, text(100, "发现方式")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None


@transaction(
    "4509", "细菌培养报告记录查询", "bacterial culture report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QueryCulture:
    """Bacterial culture report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        pageNum: Annotated[Decimal, number(4, 0, "当前页数")]
        pageSize: Annotated[Decimal, number(4, 0, "本页数据量")]
        exam_org_name: Annotated[str | None, text(50, "检验机构名称")] = None
        fixmedins_code: Annotated[str | None, text(12, "定点医药机构编号")] = None
        coly_code: Annotated[str | None, text(100, "菌落代号")] = None
        coly_name: Annotated[str | None, text(100, "菌落名称")] = None

    @node
    class Output:
        data: list[QueryCultureRow] | None = None


@node
class QuerySensitivityRow(ReportRowFacts):
    mdtrt_sn: Annotated[str | None, text(30, "就诊流水号")] = None
    sstb_code: Annotated[str | None, text(20, "药敏代码")] = None
    sstb_name: Annotated[str | None, text(200, "药敏名称")] = None
    reta_rslt_code: Annotated[str | None, text(50, "抗药结果代码")] = None
    reta_rslt_name: Annotated[str | None, text(10, "抗药结果")] = None
    ref_val: Annotated[str | None, text(20, "参考值")] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    exam_rslt: Annotated[str | None, text(200, "检查结果")] = None


@transaction(
    "4510", "药敏检查报告记录查询", "drug sensitivity report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QuerySensitivity:
    """Drug sensitivity report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        pageNum: Annotated[Decimal, number(4, 0, "当前页数")]
        pageSize: Annotated[Decimal, number(4, 0, "本页数据量")]
        sstb_code: Annotated[str | None, text(20, "药敏代码")] = None
        sstb_name: Annotated[str | None, text(200, "药敏名称")] = None
        exam_org_name: Annotated[str | None, text(600, "检验机构名称")] = None
        fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
        reta_rslt_code: Annotated[str | None, text(50, "抗药结果代码")] = None
        reta_rslt_name: Annotated[str | None, text(10, "抗药结果")] = None

    @node
    class Output:
        data: list[QuerySensitivityRow] | None = None


@node
class QueryPathologyRow:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(100, "定点医药机构名称")] = None
    mdtrt_sn: Annotated[str | None, text(30, "就诊流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    palg_no: Annotated[str | None, text(18, "病理号")] = None
    frez_no: Annotated[str | None, text(50, "冻结号")] = None
    cma_date: Annotated[date | None, day("送检日期")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    cma_matl: Annotated[str | None, text(200, "送检材料")] = None
    clnc_diag: Annotated[str | None, text(1000, "临床诊断")] = None
    exam_fnd: Annotated[str | None, text(1000, "检查所见")] = None
    sabc: Annotated[str | None, text(1000, "免疫组化")] = None
    palg_diag: Annotated[str | None, long_text(4000, "病理诊断")] = None
    rpot_doc: Annotated[str | None, text(50, "报告医师")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date | None, day("数据创建时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None


@transaction(
    "4511", "病理检查报告记录查询", "pathology report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QueryPathology:
    """Pathology report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        pageNum: Annotated[Decimal, number(4, 0, "当前页数")]
        pageSize: Annotated[Decimal, number(4, 0, "本页数据量")]
        fixmedins_code: Annotated[str | None, text(14, "定点医药机构编号")] = None

    @node
    class Output:
        data: list[QueryPathologyRow] | None = None


@node
class QueryUnstructuredRow:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(100, "定点医药机构名称")] = None
    mdtrt_sn: Annotated[str | None, text(30, "就医流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    otp_ipt_flag: Annotated[str | None, text(2, "门诊/住院标志")] = None
    exam_test_flag: Annotated[str | None, text(30, "检查/检验标志")] = None
    appy_no: Annotated[str | None, text(50, "申请号")] = None
    file_name: Annotated[str | None, text(50, "文件名")] = None
    file_formate: Annotated[str | None, text(3, "文件格式类型")] = None
    exam_test_rpot: Annotated[str | None, text(None, "检查/检验报告")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date | None, day("数据创建时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None


@transaction(
    "4512", "非结构化报告记录查询", "unstructured report query", does=Does.READS, of=Of.RECORD, confidence="medium"
)
class QueryUnstructured:
    """Unstructured report query.

    - Input fields stand directly under input, without a node name.
    - Paged by pageNum and pageSize.
    - V1.1.27's list of transactions prints the daily call mode for this query.
    - Seen in V1.1.27 only.
    """

    @node
    class Input:
        psn_no: Annotated[str, text(30, "人员编号")]
        pageNum: Annotated[Decimal, number(4, 0, "当前页数")]
        pageSize: Annotated[Decimal, number(4, 0, "本页数据量")]
        fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None

    @node
    class Output:
        data: list[QueryUnstructuredRow] | None = None


@node
class UploadTransfusionData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    abo_code: Annotated[str | None, text(2, "ABO血型代码")] = None
    rh_code: Annotated[str | None, text(1, "Rh血型代码")] = None
    bld_natu_code: Annotated[str | None, text(2, "输血性质代码")] = None
    bld_abo_code: Annotated[str | None, code("blotype_abo", "输血ABO血型代码", length=3)] = None
    bld_rh_code: Annotated[str | None, code("blotype_rh", "输血Rh血型代码", length=3)] = None
    bld_cat_code: Annotated[str | None, text(2, "输血品种代码")] = None
    bld_amt: Annotated[Decimal | None, number(7, 0, "输血量")] = None
    bld_amt_unt: Annotated[str | None, text(10, "输血量计量单位")] = None
    bld_defs_type_code: Annotated[str | None, text(1, "输血反应类型代码")] = None
    bld_cnt: Annotated[Decimal | None, number(2, 0, "输血次数")] = None
    bld_time: Annotated[datetime | None, moment("输血时间")] = None
    bld_rea: Annotated[str | None, text(100, "输血原因")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4601",
    "输血信息",
    "blood transfusion upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/医疗管理业务",
    daily=True,
    known_by=("mdtrt_sn", "bld_time"),
)
class UploadTransfusion:
    """Blood transfusion upload.

    - Rows of one patient.
    """

    @node
    class Input:
        data: list[UploadTransfusionData]


@node
class UploadNursingData:
    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    dept_code: Annotated[str, code("dept", "科室代码", length=30)]
    dept_name: Annotated[str, text(50, "科室名称")]
    wardarea_name: Annotated[str, text(50, "病区名称")]
    bedno: Annotated[str, text(10, "病床号")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    adm_time: Annotated[datetime, moment("入院时间")]
    act_ipt_days: Annotated[Decimal, number(3, 0, "实际住院天数")]
    afpn_days: Annotated[Decimal, number(5, 0, "手术后天数")]
    rcd_time: Annotated[date, day("记录日期时间")]
    vent_frqu: Annotated[Decimal, number(3, 0, "呼吸频率（次/min）")]
    use_vent_flag: Annotated[str, text(1, "使用呼吸机标志")]
    pule: Annotated[Decimal, number(3, 0, "脉率（次/min）")]
    pat_heart_rate: Annotated[Decimal, number(3, 0, "起搏器心率（次/min）")]
    tprt: Annotated[Decimal, number(5, 1, "体温（℃）")]
    systolic_pre: Annotated[str, text(3, "收缩压（mmHg）")]
    dstl_pre: Annotated[str, text(3, "舒张压（mmHg）")]
    wt: Annotated[Decimal, number(7, 1, "体重（kg）")]
    abde: Annotated[Decimal, number(6, 1, "腹围（cm）")]
    nurscare_obsv_item_name: Annotated[str, text(30, "护理观察项目名称")]
    nurscare_obsv_rslt: Annotated[str, text(1000, "护理观察结果")]
    nurs_name: Annotated[str, text(50, "护士姓名")]
    sign_time: Annotated[datetime, moment("签字时间")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4602",
    "护理操作生命体征测量记录",
    "nursing vital sign upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/医疗管理业务",
    daily=True,
    known_by=("mdtrt_sn", "rcd_time", "sign_time"),
)
class UploadNursing:
    """Nursing vital sign upload.

    - Rows of one patient.
    """

    @node
    class Input:
        data: list[UploadNursingData]


@node
class UploadMedicalRecordAdmission:
    """入院信息."""

    mdtrt_sn: Annotated[str, text(30, "就医流水号", note="unique inside the institution")]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), INSURED] = None
    psn_no: Annotated[str | None, text(30, "人员编号"), INSURED] = None
    mdtrtsn: Annotated[str, text(30, "住院号")]
    name: Annotated[str, text(50, "姓名")]
    gend: Annotated[str, code("gend", "性别")]
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    adm_rec_no: Annotated[str, text(18, "入院记录流水号")]
    wardarea_name: Annotated[str, text(50, "病区名称")]
    dept_code: Annotated[str, code("dept", "科室代码", length=30)]
    dept_name: Annotated[str, text(50, "科室名称")]
    bedno: Annotated[str, text(10, "病床号")]
    adm_time: Annotated[datetime, moment("入院时间", note=OPTIONAL_ELSEWHERE)]
    illhis_stte_name: Annotated[str, text(50, "病史陈述者姓名")]
    illhis_stte_rltl: Annotated[str, text(2, "陈述者与患者关系代码")]
    stte_rele: Annotated[str, text(1, "陈述内容是否可靠标识")]
    chfcomp: Annotated[str, text(100, "主诉")]
    dise_now: Annotated[str, text(100, "现病史")]
    hlcon: Annotated[str, text(3, "健康状况")]
    dise_his: Annotated[str, text(100, "疾病史（含外伤）")]
    ifet: Annotated[str, text(1, "患者传染性标志")]
    ifet_his: Annotated[str, text(1000, "传染病史")]
    prev_vcnt: Annotated[str, text(1000, "预防接种史")]
    oprn_his: Annotated[str, text(1000, "手术史")]
    bld_his: Annotated[str, text(1000, "输血史")]
    algs_his: Annotated[str, text(1000, "过敏史")]
    psn_his: Annotated[str, text(1000, "个人史")]
    mrg_his: Annotated[str, text(1000, "婚育史")]
    mena_his: Annotated[str, text(1000, "月经史")]
    fmhis: Annotated[str, text(1000, "家族史")]
    physexm_tprt: Annotated[Decimal, number(5, 0, "体格检查--体温（℃）")]
    physexm_pule: Annotated[Decimal, number(3, 0, "体格检查--脉率（次/mi数字）")]
    physexm_vent_frqu: Annotated[str, text(3, "体格检查--呼吸频率")]
    physexm_systolic_pre: Annotated[str, text(3, "体格检查--收缩压（mmHg）")]
    physexm_dstl_pre: Annotated[str, text(3, "体格检查--舒张压（mmHg）")]
    physexm_height: Annotated[Decimal, number(6, 1, "体格检查--身高（cm）")]
    physexm_wt: Annotated[Decimal, number(7, 2, "体格检查--体重（kg）")]
    physexm_ordn_stas: Annotated[str, text(100, "体格检查--一般状况检查结果")]
    physexm_skin_musl: Annotated[str, text(100, "体格检查--皮肤和黏膜检查结果")]
    physexm_spef_lymph: Annotated[str, text(100, "体格检查--全身浅表淋巴结检查结果")]
    physexm_head: Annotated[str, text(100, "体格检查--头部及其器官检查结果")]
    physexm_neck: Annotated[str, text(100, "体格检查--颈部检查结果")]
    physexm_chst: Annotated[str, text(100, "体格检查--胸部检查结果")]
    physexm_abd: Annotated[str, text(100, "体格检查--腹部检查结果")]
    physexm_finger_exam: Annotated[str, text(100, "体格检查--肛门指诊检查结果描述")]
    physexm_genital_area: Annotated[str, text(100, "体格检查--外生殖器检查结果")]
    physexm_spin: Annotated[str, text(100, "体格检查--脊柱检查结果")]
    physexm_all_fors: Annotated[str, text(100, "体格检查--四肢检查结果")]
    nersys: Annotated[str, text(100, "体格检查--神经系统检查结果")]
    spcy_info: Annotated[str, text(100, "专科情况")]
    asst_exam_rslt: Annotated[str, text(100, "辅助检查结果")]
    tcm4d_rslt: Annotated[str | None, text(100, "中医“四诊”观察结果描述")] = None
    syddclft: Annotated[str | None, text(7, "辨证分型代码")] = None
    syddclft_name: Annotated[str | None, text(50, "辩证分型名称")] = None
    prnp_trt: Annotated[str | None, text(100, "治则治法")] = None
    rec_doc_code: Annotated[str, text(30, "接诊医生编号")]
    rec_doc_name: Annotated[str, text(50, "接诊医生姓名")]
    ipdr_code: Annotated[str, text(30, "住院医师编号")]
    ipdr_name: Annotated[str, text(50, "住院医师姓名")]
    chfdr_code: Annotated[str, text(30, "主任医师编号")]
    chfdr_name: Annotated[str, text(50, "主任医师姓名")]
    chfpdr_code: Annotated[str, text(30, "主诊医师代码")]
    chfpdr_name: Annotated[str, text(50, "主诊医师姓名")]
    main_symp: Annotated[str, text(50, "主要症状")]
    adm_rea: Annotated[str, text(1000, "入院原因")]
    adm_way: Annotated[str, text(1, "入院途径")]
    apgr: Annotated[str, text(2, "评分值(Apgar)")]
    diet_info: Annotated[str, text(1, "饮食情况")]
    growth_deg: Annotated[str, text(1, "发育程度")]
    mtl_stas_norm: Annotated[str, text(1, "精神状态正常标志")]
    slep_info: Annotated[str, text(1000, "睡眠状况")]
    sp_info: Annotated[str, text(1000, "特殊情况")]
    mind_info: Annotated[str, text(1, "心理状态")]
    nurt: Annotated[str, text(1, "营养状态")]
    self_ablt: Annotated[str, text(1, "自理能力")]
    nurscare_obsv_item_name: Annotated[str, text(30, "护理观察项目名称")]
    nurscare_obsv_rslt: Annotated[str, text(1000, "护理观察结果")]
    smoke: Annotated[str, text(1, "吸烟标志")]
    stop_smok_days: Annotated[Decimal, number(5, 0, "停止吸烟天数")]
    smok_info: Annotated[str, text(1, "吸烟状况")]
    smok_day: Annotated[str, text(3, "日吸烟量（支）")]
    drnk: Annotated[str, text(1, "饮酒标志")]
    drnk_frqu: Annotated[str, text(1, "饮酒频率")]
    drnk_day: Annotated[Decimal, number(3, 0, "日饮酒量（mL）")]
    eval_time: Annotated[datetime, moment("评估日期时间", note="基线抄本为选填，且印为无长度的数值")]
    resp_nurs_name: Annotated[str, text(50, "责任护士姓名")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    resp_nurs_code: Annotated[str | None, text(50, "责任护士编码", note=LATER)] = None


@node
class UploadMedicalRecordDiagnosis:
    """诊断信息."""

    inout_diag_type: Annotated[str, code("inout_diag_type", "出入院诊断类别", length=3)]
    maindiag_flag: Annotated[str, text(3, "主诊断标志")]
    diag_seq: Annotated[Decimal, number(2, 0, "诊断序列号")]
    diag_time: Annotated[datetime, moment("诊断时间")]
    wm_diag_code: Annotated[str, text(20, "西医诊断编码")]
    wm_diag_name: Annotated[str, text(100, "西医诊断名称")]
    tcm_dise_code: Annotated[str | None, text(9, "中医病名代码")] = None
    tcm_dise_name: Annotated[str | None, text(100, "中医病名")] = None
    tcmsymp_code: Annotated[str | None, text(9, "中医证候代码")] = None
    tcmsymp: Annotated[str | None, text(100, "中医证候")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    mdtrt_id: Annotated[str | None, text(30, "就诊ID", note=LATER)] = None
    psn_no: Annotated[str | None, text(30, "人员编号", note=LATER)] = None


@node
class UploadMedicalRecordCourseRecord:
    """病程记录."""

    dept_code: Annotated[str, text(30, "科室代码")]
    dept_name: Annotated[str, text(50, "科室名称")]
    wardarea_name: Annotated[str, text(50, "病区名称")]
    bedno: Annotated[str, text(10, "病床号")]
    rcd_time: Annotated[date | None, day("记录日期时间")] = None
    chfcomp: Annotated[str, text(100, "主诉")]
    cas_ftur: Annotated[str, text(200, "病例特点")]
    tcm4d_rslt: Annotated[str | None, text(1000, "中医“四诊”观察结果")] = None
    dise_evid: Annotated[str, text(100, "诊断依据")]
    prel_wm_diag_code: Annotated[str, text(20, "初步诊断-西医诊断编码")]
    prel_wm_dise_name: Annotated[str, text(100, "初步诊断-西医诊断名称", note=LATER)]
    prel_tcm_dise_name: Annotated[str | None, text(200, "初步诊断-中医病名", note="基线抄本为必填，长度 100")] = None
    prel_tcm_diag_code: Annotated[str | None, text(20, "初步诊断-中医病名代码")] = None
    prel_tcmsymp_code: Annotated[str | None, text(9, "初步诊断-中医证候代码")] = None
    prel_tcmsymp: Annotated[str | None, text(200, "初步诊断-中医证候")] = None
    finl_wm_diag_code: Annotated[str, text(20, "鉴别诊断-西医诊断编码")]
    finl_wm_diag_name: Annotated[str, text(100, "鉴别诊断-西医诊断名称")]
    finl_tcm_dise_code: Annotated[str | None, text(9, "鉴别诊断-中医病名代码")] = None
    finl_tcm_dise_name: Annotated[str | None, text(200, "鉴别诊断-中医病名")] = None
    finl_tcmsymp_code: Annotated[str | None, text(9, "鉴别诊断-中医证候代码")] = None
    finl_tcmsymp: Annotated[str | None, text(200, "鉴别诊断-中医证候")] = None
    dise_plan: Annotated[str, text(2000, "诊疗计划")]
    prnp_trt: Annotated[str | None, text(100, "治则治法")] = None
    ipdr_code: Annotated[str, text(30, "住院医师编号")]
    ipdr_name: Annotated[str, text(50, "住院医师姓名")]
    prnt_doc_name: Annotated[str, text(50, "上级医师姓名")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    codse_rcd_id: Annotated[Decimal, number(8, 0, "病程记录编号", note=LATER)]
    prnt_doc_code: Annotated[str | None, text(50, "上级医师编码", note=LATER)] = None


@node
class UploadMedicalRecordOperation:
    """手术记录."""

    oprn_appy_id: Annotated[str, text(30, "手术申请单号")]
    oprn_seq: Annotated[str, text(16, "手术序列号", note=OPTIONAL_ELSEWHERE)]
    blotype_abo: Annotated[str | None, code("blotype_abo", "ABO血型代码", length=2)] = None
    oprn_time: Annotated[date, day("手术日期")]
    oprn_type_code: Annotated[str, text(1, "手术分类代码", note="codes of the health commission")]
    oprn_type_name: Annotated[str | None, text(20, "手术分类名称")] = None
    bfpn_diag_code: Annotated[str | None, text(100, "术前诊断代码")] = None
    bfpn_oprn_diag_name: Annotated[str | None, text(500, "术前诊断名称")] = None
    bfpn_inhosp_ifet: Annotated[str | None, code("bfpn_inhosp_infect", "术前是否发生院内感染", length=10)] = None
    afpn_diag_code: Annotated[str | None, text(100, "术后诊断代码")] = None
    afpn_diag_name: Annotated[str | None, text(500, "术后诊断名称")] = None
    sinc_heal_lv: Annotated[str, code("sinc_heal_lv_code", "手术切口愈合等级代码", length=5, note=OPTIONAL_ELSEWHERE)]
    sinc_heal_lv_code: Annotated[str, text(30, "手术切口愈合等级", note=OPTIONAL_ELSEWHERE)]
    back_oprn: Annotated[str | None, text(2, "是否重返手术（明确定义）")] = None
    selv: Annotated[str | None, text(2, "是否择期")] = None
    prev_abtl_medn: Annotated[str, text(2, "是否预防使用抗菌药物", note=OPTIONAL_ELSEWHERE)]
    abtl_medn_days: Annotated[str | None, text(10, "预防使用抗菌药物天数")] = None
    oprn_oprt_code: Annotated[str, text(30, "手术操作代码")]
    oprn_oprt_name: Annotated[str, text(500, "手术操作名称")]
    oprn_lv_code: Annotated[str | None, code("oprn_oprt_lv_code", "手术级别代码", length=10)] = None
    oprn_lv_name: Annotated[str | None, text(300, "手术级别名称")] = None
    anst_mtd_code: Annotated[str | None, text(5, "麻醉-方法代码")] = None
    anst_mtd_name: Annotated[str | None, text(50, "麻醉-方法名称")] = None
    anst_lv_code: Annotated[str | None, code("anst_lv_code", "麻醉分级代码", length=10)] = None
    anst_lv_name: Annotated[str | None, text(50, "麻醉分级名称")] = None
    exe_anst_dept_code: Annotated[str | None, code("dept", "麻醉执行科室代码", length=30)] = None
    exe_anst_dept_name: Annotated[str | None, text(50, "麻醉执行科室名称")] = None
    anst_efft: Annotated[str | None, text(100, "麻醉效果")] = None
    oprn_begntime: Annotated[str, text(14, "手术开始时间", note="yyyyMMddHHmmss")]
    oprn_endtime: Annotated[str, text(14, "手术结束时间", note="yyyyMMddHHmmss")]
    oprn_asps: Annotated[str | None, text(2, "是否无菌手术")] = None
    oprn_asps_ifet: Annotated[str | None, text(2, "无菌手术是否感染")] = None
    afpn_info: Annotated[str | None, text(500, "手术后情况")] = None
    oprn_merg: Annotated[str | None, text(10, "是否手术合并症")] = None
    oprn_conc: Annotated[str | None, text(10, "是否手术并发症")] = None
    oprn_anst_dept_code: Annotated[str | None, code("dept", "手术执行科室代码", length=30)] = None
    oprn_anst_dept_name: Annotated[str | None, text(50, "手术执行科室名称")] = None
    palg_dise: Annotated[str | None, text(500, "病理检查")] = None
    oth_med_dspo: Annotated[str | None, long_text(4000, "其他医学处置")] = None
    out_std_oprn_time: Annotated[str | None, text(2, "是否超出标准手术时间")] = None
    oprn_oper_name: Annotated[str | None, text(50, "手术者姓名")] = None
    oprn_asit_name1: Annotated[str | None, text(50, "助手I姓名")] = None
    oprn_asit_name2: Annotated[str | None, text(50, "助手Ⅱ姓名")] = None
    anst_dr_name: Annotated[str | None, text(50, "麻醉医师姓名")] = None
    anst_asa_lv_code: Annotated[
        str | None, text(50, "麻醉ASA分级代码", note="ASA grade code of the health commission")
    ] = None
    anst_asa_lv_name: Annotated[str | None, text(100, "麻醉ASA分级名称")] = None
    anst_medn_code: Annotated[
        str | None, text(50, "麻醉药物代码", note="anaesthetic drug code of the health commission")
    ] = None
    anst_medn_name: Annotated[str | None, text(100, "麻醉药物名称")] = None
    anst_medn_dos: Annotated[str | None, text(20, "麻醉药物剂量")] = None
    anst_dosunt: Annotated[str | None, text(10, "计量单位")] = None
    anst_begntime: Annotated[str | None, text(14, "麻醉开始时间", note="yyyyMMddHHmmss")] = None
    anst_endtime: Annotated[str | None, text(14, "麻醉结束时间", note="yyyyMMddHHmmss")] = None
    anst_merg_symp_code: Annotated[
        str | None, text(10, "麻醉合并症代码", note="anaesthesia complication code of the health commission")
    ] = None
    anst_merg_symp: Annotated[str | None, text(100, "麻醉合并症名称")] = None
    anst_merg_symp_dscr: Annotated[str | None, text(1000, "麻醉合并症描述")] = None
    pacu_begntime: Annotated[str | None, text(14, "入复苏室时间")] = None
    pacu_endtime: Annotated[str | None, text(14, "出复苏室时间")] = None
    oprn_selv: Annotated[str | None, code("selv", "是否择期手术", length=1)] = None
    canc_oprn: Annotated[str | None, code("canc_oprn", "是否择取消手术", length=1)] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    oprn_prcs_rcd: Annotated[str | None, long_text(5000, "手术经过记录", note=LATER)] = None
    oprn_oper_code: Annotated[str | None, text(30, "手术者代码", note=LATER)] = None
    oprn_asit_code1: Annotated[str | None, text(30, "助手I代码", note=LATER)] = None
    oprn_asit_code2: Annotated[str | None, text(30, "助手Ⅱ代码", note=LATER)] = None
    anst_dr_code: Annotated[str | None, text(30, "麻醉医师代码", note=LATER)] = None


@node
class UploadMedicalRecordRescue:
    """病情抢救记录."""

    dept: Annotated[str, code("dept", "科室代码", length=30)]
    dept_name: Annotated[str, text(50, "科室名称")]
    wardarea_name: Annotated[str, text(50, "病区名称")]
    bedno: Annotated[str, text(10, "病床号")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    cond_chg: Annotated[str, text(1000, "病情变化情况")]
    resc_mes: Annotated[str, text(1000, "抢救措施")]
    oprn_oprt_code: Annotated[str, text(30, "手术操作代码")]
    oprn_oprt_name: Annotated[str, text(500, "手术操作名称")]
    oprn_oper_part: Annotated[str, text(50, "手术及操作目标部位名称")]
    itvt_name: Annotated[str, text(100, "介入物名称")]
    oprt_mtd: Annotated[str, text(200, "操作方法")]
    oprt_cnt: Annotated[Decimal, number(3, 0, "操作次数")]
    resc_begntime: Annotated[date, day("抢救开始日期时间")]
    resc_endtime: Annotated[date, day("抢救结束日期时间")]
    dise_item_name: Annotated[str, text(80, "检查/检验项目名称")]
    dise_ccls: Annotated[str, text(1000, "检查/检验结果")]
    dise_ccls_qunt: Annotated[Decimal, number(18, 4, "检查/检验定量结果")]
    dise_ccls_code: Annotated[str, text(1, "检查/检验结果代码")]
    mnan: Annotated[str, text(1000, "注意事项")]
    resc_psn_list: Annotated[str, text(200, "参加抢救人员名单")]
    proftechttl_code: Annotated[str, text(30, "专业技术职务类别代码")]
    doc_code: Annotated[str, text(30, "医师编号")]
    dr_name: Annotated[str, text(50, "医师姓名")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    resc_id: Annotated[Decimal, number(8, 0, "抢救记录编号", note=LATER)]


@node
class UploadMedicalRecordDeath:
    """死亡记录."""

    dept: Annotated[str, text(30, "科室代码")]
    dept_name: Annotated[str, text(50, "科室名称")]
    wardarea_name: Annotated[str, text(50, "病区名称")]
    bedno: Annotated[str, text(10, "病床号")]
    adm_time: Annotated[datetime, moment("入院时间")]
    adm_dise: Annotated[str, text(20, "入院诊断编码")]
    adm_info: Annotated[str, text(200, "入院情况")]
    trt_proc_dscr: Annotated[str, text(2000, "诊疗过程描述")]
    die_time: Annotated[datetime, moment("死亡时间")]
    die_drt_rea: Annotated[str, text(50, "直接死亡原因名称")]
    die_drt_rea_code: Annotated[str, text(10, "直接死亡原因编码")]
    die_dise_name: Annotated[str, text(50, "死亡诊断名称")]
    die_diag_code: Annotated[str, text(20, "死亡诊断编码")]
    agre_corp_dset: Annotated[str, text(1, "家属是否同意尸体解剖标志")]
    ipdr_name: Annotated[str, text(50, "住院医师姓名")]
    chfpdr_code: Annotated[str, text(30, "主诊医师代码")]
    chfpdr_name: Annotated[str, text(50, "主诊医师姓名")]
    chfdr_name: Annotated[str, text(50, "主任医师姓名")]
    sign_time: Annotated[date, day("签字日期时间")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    ipdr_code: Annotated[str | None, text(30, "住院医师代码", note=LATER)] = None
    chfdr_code: Annotated[str | None, text(30, "主任医师代码", note=LATER)] = None


@node
class UploadMedicalRecordDischarge:
    """出院小结."""

    dscg_date: Annotated[date | None, day("出院日期")] = None
    adm_diag_dscr: Annotated[str | None, text(200, "入院诊断描述")] = None
    dscg_dise_dscr: Annotated[str | None, text(1000, "出院诊断")] = None
    adm_info: Annotated[str | None, text(2000, "入院情况")] = None
    trt_proc_rslt_dscr: Annotated[str | None, text(2000, "诊治经过及结果（含手术日期名称及结果）")] = None
    dscg_info: Annotated[str | None, text(2000, "出院情况（含治疗效果）")] = None
    dscg_drord: Annotated[str | None, text(1000, "出院医嘱")] = None
    caty: Annotated[str | None, code("dept", "科别", length=10, note="表中长度 6，后来的代码更长")] = None
    rec_doc: Annotated[str | None, text(80, "记录医师")] = None
    main_drug_name: Annotated[str | None, text(1500, "主要药品名称")] = None
    oth_imp_info: Annotated[str | None, text(1500, "其他重要信息")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@transaction(
    "4701",
    "电子病历上传",
    "electronic medical record upload",
    does=Does.UPLOADS,
    of=Of.RECORD,
    effect=Effect.REPEATABLE,
    group="信息采集上传/电子病历",
    daily=True,
    known_by=("mdtrt_sn", "adm_rec_no"),
)
class UploadMedicalRecord:
    """Electronic medical record upload.

    - adminfo is one row, the others lists; one call carries one patient.
    - Diagnosis and course records need the western or the Chinese diagnosis, one of the two.
    - Operation times in oprninfo are 14-digit text yyyyMMddHHmmss in the baseline copy.
    - mdtrt_id and psn_no are needed for insured patients; V1.1.27 requires them always.
    """

    @node
    class Input:
        adminfo: Annotated[UploadMedicalRecordAdmission, nested("入院信息")]
        diseinfo: Annotated[list[UploadMedicalRecordDiagnosis], rows("诊断信息")]
        coursrinfo: Annotated[list[UploadMedicalRecordCourseRecord] | None, rows("病程记录")] = None
        oprninfo: Annotated[list[UploadMedicalRecordOperation] | None, rows("手术记录")] = None
        rescinfo: Annotated[list[UploadMedicalRecordRescue] | None, rows("病情抢救记录")] = None
        dieinfo: Annotated[list[UploadMedicalRecordDeath] | None, rows("死亡记录")] = None
        dscginfo: Annotated[list[UploadMedicalRecordDischarge] | None, rows("出院小结")] = None
