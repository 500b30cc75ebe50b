"""Electronic prescriptions (医保电子处方): transactions 7101 to 7211."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import (
    Does,
    Effect,
    LookedFor,
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
    one_of,
    required_when,
    rows,
    text,
)

transaction = chapter("prescription", "医保电子处方/医疗机构电子处方业务")

NOT_HERBAL = required_when("西药、中成药必填；中药饮片改填处方整剂的字段", rxItemTypeCode=("11", "12"))
HERBAL = required_when("中药饮片处方必填", rxTypeCode=("2", "4", "6", "9"))
TOKEN_OR_REGISTRATION = one_of("电子凭证令牌与身份登记流水号填且只填一项", "ecToken", "regSn")
ELSEWHERE = required_when("查询异地处方（标志为 1）时必填", outFlag="1")
CODE_OR_NAME = one_of("医疗目录编码（或其列表）与药品名称至少填一项", "medListCodg", "medListCodgs", "drugName")


@node
class PreCheckDrug:
    """处方明细信息."""

    medListCodg: Annotated[
        str, text(50, "医疗目录编码", note="national drug code; prescribing and dispensing may go by generic name")
    ]
    fixmedinsHilistId: Annotated[str | None, text(30, "定点医药机构目录编号", note="in-house drug code")] = None
    hospPrepFlag: Annotated[str | None, code("hosp_prep_flag", "医疗机构制剂标志", length=3, note="0 no, 1 yes")] = None
    rxItemTypeCode: Annotated[
        str,
        code(
            "rx_item_type_code",
            "处方项目分类代码",
            length=30,
            note="11 western medicine, 12 Chinese patent medicine, 13 herbal slices",
        ),
    ]
    rxItemTypeName: Annotated[str | None, text(100, "处方项目分类名称")] = None
    tcmdrugTypeCode: Annotated[
        str | None,
        code("tcmdrug_type_code", "中药类别代码", length=30),
        required_when("中药必填，中药饮片（13）填 3", rxItemTypeCode="13"),
    ] = None
    tcmdrugTypeName: Annotated[str | None, text(20, "中药类别名称")] = None
    tcmherbFoote: Annotated[str | None, text(200, "草药脚注")] = None
    mednTypeCode: Annotated[str | None, code("medn_type_code", "药物类型代码", length=100)] = None
    mednTypeName: Annotated[str | None, text(100, "药物类型")] = None
    mainMedcFlag: Annotated[str | None, code("main_medc", "主要用药标志", length=3, note="0 no, 1 yes")] = None
    urgtFlag: Annotated[str | None, code("urgt", "加急标志", length=3, note="0 no, 1 yes")] = None
    basMednFlag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3, note="0 no, 1 yes")] = None
    impDrugFlag: Annotated[str | None, code("imp_drug_flag", "是否进口药品", length=3, note="0 no, 1 yes")] = None
    otcFlag: Annotated[
        str | None, code("otc_flag", "是否OTC药品", length=3, note="0 prescription drug (default), 1 OTC")
    ] = None
    drugGenname: Annotated[str, text(100, "药品通用名")]
    drugDosform: Annotated[str, text(30, "药品剂型")]
    drugSpec: Annotated[str, text(40, "药品规格")]
    drugProdname: Annotated[str | None, text(255, "药品商品名")] = None
    prdrName: Annotated[str | None, text(100, "生厂厂家")] = None
    medcWayCodg: Annotated[str | None, code("drug_medc_way_code", "用药途径代码", length=10), NOT_HERBAL] = None
    medcWayDscr: Annotated[str | None, text(100, "用药途径描述"), NOT_HERBAL] = None
    medcBegntime: Annotated[datetime, moment("用药开始时间")]
    medcEndtime: Annotated[datetime, moment("用药结束时间")]
    medcDays: Annotated[Decimal, number(8, 2, "用药天数")]
    sinDosunt: Annotated[str | None, text(20, "单次剂量单位（即开方单位或剂量单位，如“mg“）"), NOT_HERBAL] = None
    sinDoscnt: Annotated[Decimal | None, number(16, 4, "单次用量"), NOT_HERBAL] = None
    usedFrquCodg: Annotated[str | None, code("used_frqu", "使用频次编码", length=10), NOT_HERBAL] = None
    usedFrquName: Annotated[str | None, text(30, "使用频次名称"), NOT_HERBAL] = None
    drugDosunt: Annotated[
        str,
        text(
            20,
            "药品总用药量单位（即发药计价单位，取药或处方流转时药品医保结算使用的单位；如“片“或”盒“）",
            note="dispensing unit; smallest preparation unit or smallest package unit of the national list",
        ),
    ]
    drugCnt: Annotated[
        Decimal,
        number(
            16,
            4,
            "药品总用药量（取药或处方流转时药品医保结算使用的数量）",
            note="total to dispense, counted in drugDosunt",
        ),
    ]
    drugPric: Annotated[Decimal | None, number(16, 6, "药品单价")] = None
    drugSumamt: Annotated[Decimal | None, amount("药品总金额", note="drugCnt times drugPric")] = None
    hospApprFlag: Annotated[
        str,
        code(
            "hosp_appr_flag",
            "医院审批标志",
            length=3,
            note="0 none, 1 approved for reimbursement, 2 at own expense; works with the restricted-use mark of the drug list",
        ),
    ]
    selfPayRea: Annotated[
        str | None, code("self_pay_rea", "自费原因类型"), required_when("医院审批标志为 2 时必填", hospApprFlag="2")
    ] = None
    realDscr: Annotated[
        str | None, text(1000, "自费原因描述"), required_when("自费原因类型为 6 时必填", selfPayRea="6")
    ] = None
    extras: Annotated[str | None, long_text(None, "扩展数据")] = None


@node
class PreCheckVisit:
    """就诊信息."""

    fixmedinsName: Annotated[str, text(200, "定点医疗机构名称")]
    fixmedinsCode: Annotated[str, text(20, "定点医疗机构编号")]
    mdtrtId: Annotated[str, text(30, "医保就诊ID", note="returned by registration (2201)")]
    medType: Annotated[str, code("med_type", "医疗类别")]
    iptOtpNo: Annotated[str, text(30, "门诊/住院号")]
    otpIptFlag: Annotated[
        str | None, code("otp_ipt_flag", "门诊住院标识", length=3, note="1 outpatient (default), 2 inpatient")
    ] = None
    psnNo: Annotated[str, text(30, "医保人员编号")]
    patnName: Annotated[str, text(40, "患者姓名")]
    psnCertType: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    patnAge: Annotated[Decimal, number(4, 1, "年龄")]
    patnHgt: Annotated[Decimal | None, number(6, 2, "患者身高")] = None
    patnWt: Annotated[Decimal | None, number(6, 2, "患者体重")] = None
    gend: Annotated[str, code("gend", "性别")]
    birctrlType: Annotated[str | None, code("birctrl_type", "计划生育手术类别", note="maternity visits")] = None
    birctrlMatnDate: Annotated[date | None, day("计划生育手术或生育日期", note="maternity visits")] = None
    matnType: Annotated[str | None, text(6, "生育类别")] = None
    gesoVal: Annotated[Decimal | None, number(2, 0, "妊娠(孕周)")] = None
    nwbFlag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3, note="0 no, 1 yes")] = None
    nwbAge: Annotated[str | None, text(20, "新生儿日、月龄")] = None
    suckPrdFlag: Annotated[str | None, code("suck_prd_flag", "哺乳期标志", length=3, note="0 no, 1 yes")] = None
    algsHis: Annotated[str | None, text(1000, "过敏史")] = None
    prscDeptName: Annotated[str, text(50, "开方科室名称")]
    prscDeptCode: Annotated[str, text(30, "开方科室编号", note="hosp_dept_codg uploaded by 3401/3401A")]
    drCode: Annotated[str, text(20, "开方医保医师代码")]
    prscDrName: Annotated[str, text(50, "开方医师姓名")]
    prscDrCertType: Annotated[str | None, code("psn_cert_type", "开方医师证件类型")] = None
    prscDrCertno: Annotated[str | None, text(50, "开方医师证件号码")] = None
    drProfttlCodg: Annotated[str, code("dr_pro_tech_duty", "医生职称编码", length=20)]
    drProfttlName: Annotated[str, text(20, "医生职称名称")]
    drDeptCode: Annotated[str, text(30, "医生科室编码", note="hosp_dept_codg uploaded by 3401/3401A")]
    drDeptName: Annotated[str, text(50, "医生科室名称")]
    caty: Annotated[str | None, code("caty", "科别", length=10)] = None
    mdtrtTime: Annotated[datetime, moment("就诊时间")]
    diseCodg: Annotated[
        str | None,
        text(30, "病种编码", note="按病种结算或慢特病病种目录代码"),
        required_when("医疗类别为门诊慢特病时必填"),
    ] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    spDiseFlag: Annotated[str, code("sp_dise_flag", "特殊病种标志", length=3, note="0 no, 1 yes")]
    maindiagCode: Annotated[str, text(30, "主诊断代码")]
    maindiagName: Annotated[str, text(100, "主诊断名称")]
    diseCondDscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    hiFeesetlType: Annotated[str | None, code("hi_feesetl_type", "医保费用结算类型")] = None
    hiFeesetlName: Annotated[str | None, text(20, "医保费用类别名称")] = None
    rgstFee: Annotated[Decimal | None, amount("挂号费")] = None
    medfeeSumamt: Annotated[
        Decimal | None, amount("医疗费总额", note="fees to settle now, without drugs to be bought outside")
    ] = None
    fstdiagFlag: Annotated[str | None, code("fstdiag", "是否初诊", length=3, note="0 no, 1 yes")] = None
    extras: Annotated[str | None, long_text(None, "扩展数据")] = None


@node
class DiagnosisFacts:
    """What PreCheckDiagnosis, QueryDiagnosis and DownloadDiagnosis have in common."""

    diagType: Annotated[str, code("diag_type", "诊断类别", length=3)]
    maindiagFlag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    diagSrtNo: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diagCode: Annotated[str, text(30, "诊断代码")]
    diagName: Annotated[str, text(100, "诊断名称")]
    tcmDiseCode: Annotated[str | None, text(30, "中医病名代码")] = None
    tcmDiseName: Annotated[str | None, text(300, "中医病名名称")] = None
    tcmsympCode: Annotated[str | None, text(30, "中医症候代码")] = None
    tcmsymp: Annotated[str | None, text(300, "中医症候")] = None


@node
class PreCheckDiagnosis(DiagnosisFacts):
    """诊断信息."""

    diagDept: Annotated[str, text(50, "诊断科室")]
    diagDeptCode: Annotated[str, text(20, "诊断科室代码")]
    diagDrNo: Annotated[str, text(30, "诊断医生编码", note="national physician code")]
    diagDrName: Annotated[str, text(50, "诊断医生姓名")]
    diagTime: Annotated[datetime, moment("诊断时间")]


@node
class PreCheckData:
    """处方信息."""

    mdtrtCertType: Annotated[
        str,
        code(
            "mdtrt_cert_type",
            "就诊凭证类型",
            length=3,
            note="01 e-credential token, 02 ID number, 03 social-security card",
        ),
    ]
    mdtrtCertNo: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrtCertType=("01", "02", "03")
        ),
    ] = None
    cardSn: Annotated[str | None, text(32, "卡识别码"), required_when("凭证类型为 03 时必填", mdtrtCertType="03")] = (
        None
    )
    bizTypeCode: Annotated[
        str,
        code(
            "biz_type_code",
            "业务类型代码",
            length=3,
            note="01 visit at a designated institution, 02 internet hospital consultation",
        ),
    ]
    rxExraAttrCode: Annotated[
        str | None,
        code(
            "rx_exra_attr_code", "处方附加属性代码", length=3, note="01 dual-channel, 02 outpatient pooling, 03 other"
        ),
    ] = None
    ecToken: Annotated[
        str | None, text(64, "电子凭证令牌"), required_when("凭证类型为 01（医保电子凭证）时必填", mdtrtCertType="01")
    ] = None
    authNo: Annotated[
        str | None, text(100, "电子凭证线上身份核验流水号"), required_when("互联网医院问诊（02）必填", bizTypeCode="02")
    ] = None
    insuPlcNo: Annotated[
        str | None, code("admdvs", "参保地编号"), required_when("跨省参保人员、有多个参保地的人员必填")
    ] = None
    mdtrtareaNo: Annotated[
        str | None, code("admdvs", "就医地编号"), required_when("与多个统筹区签约的机构必填，跨省就医人员必填")
    ] = None
    hospRxno: Annotated[str, text(40, "定点医疗机构处方编号", note="never used twice by the institution")]
    initRxno: Annotated[str | None, text(40, "续方的原处方编号")] = None
    rxTypeCode: Annotated[str, code("rx_type_code", "处方类别代码", length=3)]
    prscTime: Annotated[datetime, moment("开方时间")]
    rxDrugCnt: Annotated[
        Decimal,
        number(
            16,
            4,
            "药品类目数（剂数）",
            note="number of drug lines for western and patent medicine, number of doses for herbal slices",
        ),
    ]
    rxUsedWayCodg: Annotated[str | None, code("drug_medc_way_code", "处方整剂用法编号", length=20), HERBAL] = None
    rxUsedWayName: Annotated[str | None, text(40, "处方整剂用法名称"), HERBAL] = None
    rxFrquCodg: Annotated[str | None, code("used_frqu", "处方整剂频次编号", length=20), HERBAL] = None
    rxFrquName: Annotated[str | None, text(40, "处方整剂频次名称"), HERBAL] = None
    rxDosunt: Annotated[str | None, text(20, "处方整剂剂量单位"), HERBAL] = None
    rxDoscnt: Annotated[Decimal | None, amount("处方整剂单次剂量数"), HERBAL] = None
    rxDrordDscr: Annotated[str | None, text(400, "处方整剂医嘱说明")] = None
    valiDays: Annotated[
        Decimal,
        number(
            10, 0, "处方有效天数", note="days within which the drugs must be taken; the prescription lapses afterwards"
        ),
    ]
    valiEndTime: Annotated[datetime, moment("有效截止时间", note="prscTime plus valiDays")]
    reptFlag: Annotated[str | None, code("rept_flag", "复用（多次）使用标志", length=3, note="reserved")] = None
    maxReptCnt: Annotated[Decimal | None, number(3, 0, "最大使用次数", note="reserved")] = None
    minInrvDays: Annotated[Decimal | None, number(3, 0, "使用最小间隔（天数）", note="reserved")] = None
    rxCotnFlag: Annotated[str | None, code("rx_cotn_flag", "续方标志", length=3, note="reserved")] = None
    longRxFlag: Annotated[str | None, code("long_rx_flag", "长期处方标志", length=3, note="0 no, 1 yes")] = None
    rxdrugdetail: Annotated[list[PreCheckDrug], rows("处方明细信息")]
    mdtrtinfo: Annotated[PreCheckVisit, nested("就诊信息")]
    diseinfo: Annotated[list[PreCheckDiagnosis], rows("诊断信息")]


@node
class PreCheckAnswer:
    """预核验结果."""

    rxTraceCode: Annotated[str, text(20, "处方追溯码")]
    hiRxno: Annotated[str, text(30, "医保处方编号")]


@transaction(
    "7101",
    "电子处方上传预核验",
    "electronic prescription upload pre-check",
    does=Does.CHECKS,
    of=Of.PRESCRIPTION,
    path="/epc/api/fixmedins/uploadChk",
    aliases=(
        "D001",
        "Ld7801",
    ),
)
class PreCheck:
    """Electronic prescription upload pre-check.

    - Order of one outward prescription: 7101 check, 7102 sign, 7103 upload; 7104 withdraws an uploaded
      prescription that has not been dispensed.
    - rxTraceCode lives as long as the prescription and serves one upload only.
    - The whole message travels in the secured envelope (crypto.json) when sent to the centre directly; through
      the provincial platform it travels as an ordinary transaction.
    - Known by several names: centre D001, elsewhere Ld7801, and provinces' own.
    - A 2021 draft used other numbers (7101 upload, 7102 audit result, 7103 purchase result, 7104 withdraw, 7105
      payment status) with snake_case names: do not mix them.
    """

    @node
    class Input:
        data: Annotated[PreCheckData, nested("处方信息")]

    @node
    class Output:
        data: Annotated[PreCheckAnswer, nested("预核验结果")]


@node
class SignData:
    """待签名信息."""

    fixmedinsCode: Annotated[
        str, text(20, "定点机构代码", note="selects the institution certificate; length as in 7103")
    ]
    originalValue: Annotated[
        str, long_text(None, "原始待签名处方信息", note="base64 of the JSON of the first 20 fields of 7103")
    ]
    originalRxFile: Annotated[str, long_text(None, "原始待签名处方文件", note="base64 of the PDF or OFD prescription")]
    extras: Annotated[str | None, long_text(None, "扩展字段", note="reserved")] = None


@node
class SignAnswer:
    """签名结果."""

    rxFile: Annotated[str, long_text(None, "医保电子签名后的处方文件", note="base64; goes unchanged into 7103")]
    signDigest: Annotated[str, text(4000, "处方信息签名值", note="goes unchanged into 7103")]
    signCertSn: Annotated[str | None, text(500, "签名机构证书SN", note="certificate serial")] = None
    signCertDn: Annotated[str | None, text(500, "签名机构证书DN", note="certificate subject")] = None


@transaction(
    "7102",
    "电子处方医保电子签名",
    "electronic prescription signing",
    does=Does.AUTHORISES,
    of=Of.PRESCRIPTION,
    path="/epc/api/fixmedins/rxFixmedinsSign",
    aliases=(
        "D002",
        "Ld7802",
    ),
)
class Sign:
    """Electronic prescription signing.

    - The JSON of originalValue must have exactly the 20 fields of 7103 from rxTraceCode to pharChkTime, with
      the values 7103 will carry: signDigest is checked against them.
    - One Java client sorts those keys by ASCII before encoding, one C# client keeps the table order; both read
      as working: the digest is over the bytes sent, so keep the same bytes.
    - Aliases: D002, Ld7802.
    """

    @node
    class Input:
        data: Annotated[SignData, nested("待签名信息")]

    @node
    class Output:
        data: Annotated[SignAnswer, nested("签名结果")]


@node
class UploadData:
    """处方上传信息."""

    rxTraceCode: Annotated[str, text(20, "处方追溯码", note="from 7101; one upload only")]
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    mdtrtId: Annotated[str, text(30, "医保就诊ID", note="returned by registration (2201)")]
    patnName: Annotated[str, text(40, "患者姓名")]
    psnCertType: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    fixmedinsName: Annotated[str, text(200, "定点医疗机构名称")]
    fixmedinsCode: Annotated[str, text(20, "定点医疗机构编号")]
    drCode: Annotated[str, text(20, "开方医保医师代码", note="national physician code")]
    prscDrName: Annotated[str, text(50, "开方医师姓名")]
    pharDeptName: Annotated[str, text(50, "审方药师科室名称")]
    pharDeptCode: Annotated[str, text(30, "审方药师科室编号", note="hosp_dept_codg uploaded by 3401/3401A")]
    pharProfttlCodg: Annotated[str | None, code("phar_pro_tech_duty", "审方药师职称编码", length=20)] = None
    pharProfttlName: Annotated[str | None, text(20, "审方药师职称名称")] = None
    pharCode: Annotated[
        str, text(20, "审方医保药师代码", note="national code of a pharmacist or technician, e.g. HY110000000001")
    ]
    pharCertType: Annotated[str | None, code("psn_cert_type", "审方药师证件类型")] = None
    pharCertno: Annotated[str | None, text(50, "审方药师证件号码")] = None
    pharName: Annotated[str, text(50, "审方药师姓名")]
    pharPracCertNo: Annotated[str | None, text(50, "审方药师执业资格证号")] = None
    pharChkTime: Annotated[
        datetime, moment("医疗机构药师审方时间", note="when the institution pharmacist passed the prescription")
    ]
    rxFile: Annotated[str, long_text(None, "处方原件", note="from 7102")]
    signDigest: Annotated[str, text(4000, "处方信息签名值", note="from 7102")]
    extras: Annotated[
        str | None, long_text(4000, "扩展字段", note="reserved; at most 4000 characters as JSON text")
    ] = None


@node
class UploadAnswer:
    """上传结果."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    rxStasCodg: Annotated[
        str, code("rx_stas_codg", "医保处方状态编码", length=3, note="1 valid, 2 lapsed, 3 withdrawn")
    ]
    rxStasName: Annotated[str, text(20, "医保处方状态名称")]


@transaction(
    "7103",
    "电子处方上传",
    "electronic prescription upload",
    does=Does.UPLOADS,
    of=Of.PRESCRIPTION,
    looked_for=LookedFor.PRESCRIPTION,
    undone_by="7104",
    path="/epc/api/fixmedins/rxFileUpld",
    aliases=("D003",),
)
class Upload:
    """Electronic prescription upload.

    - A prescription must have passed the institution's own pharmacist (pharChkTime) before upload.
    - Aliases: D003; one province calls the upload Ld7101.
    """

    @node
    class Input:
        data: Annotated[UploadData, nested("处方上传信息")]

    @node
    class Output:
        data: Annotated[UploadAnswer, nested("上传结果")]


@node
class WithdrawData:
    """处方撤销信息."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    fixmedinsCode: Annotated[str, text(20, "定点医疗机构编号")]
    drCode: Annotated[str, text(20, "撤销医师的医保医师代码", note="physician who withdraws")]
    undoDrName: Annotated[str, text(50, "撤销医师姓名")]
    undoDrCertType: Annotated[str, code("psn_cert_type", "撤销医师证件类型")]
    undoDrCertno: Annotated[str, text(50, "撤销医师证件号码")]
    undoRea: Annotated[str, text(200, "撤销原因描述")]
    undoTime: Annotated[datetime, moment("撤销时间")]


@node
class WithdrawAnswer:
    """撤销结果."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    rxStasCodg: Annotated[str, code("rx_stas_codg", "医保处方状态编码", length=3, note="3 withdrawn")]
    rxStasName: Annotated[str, text(20, "医保处方状态名称")]


@transaction(
    "7104",
    "电子处方撤销",
    "electronic prescription withdrawal",
    does=Does.WITHDRAWS,
    of=Of.PRESCRIPTION,
    looked_for=LookedFor.PRESCRIPTION_TAKEN_BACK,
    path="/epc/api/fixmedins/rxUndo",
    aliases=("D004",),
)
class Withdraw:
    """Electronic prescription withdrawal.

    - Only a valid prescription not yet dispensed can be withdrawn; its state becomes 3.
    - Aliases: D004.
    """

    @node
    class Input:
        data: Annotated[WithdrawData, nested("处方撤销信息")]

    @node
    class Output:
        data: Annotated[WithdrawAnswer, nested("撤销结果")]


@node
class QueryData:
    """查询条件."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    fixmedinsCode: Annotated[str, text(20, "定点医疗机构编号")]
    mdtrtId: Annotated[str, text(30, "医保就诊ID")]
    psnName: Annotated[str, text(50, "人员名称")]
    psnCertType: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]


@node
class DrugFacts:
    """What QueryDrug and DownloadDrug have in common."""

    medListCodg: Annotated[str, text(50, "医疗目录编码")]
    fixmedinsHilistId: Annotated[str | None, text(30, "定点医药机构目录编号")] = None
    hospPrepFlag: Annotated[str | None, code("hosp_prep_flag", "院内制剂标志", length=3)] = None
    rxItemTypeCode: Annotated[str | None, code("rx_item_type_code", "处方项目分类代码", length=30)] = None
    rxItemTypeName: Annotated[str | None, text(100, "处方项目分类名称")] = None
    tcmdrugTypeName: Annotated[str | None, text(20, "中药类别名称")] = None
    tcmdrugTypeCode: Annotated[str | None, code("tcmdrug_type_code", "中药类别代码", length=30)] = None
    tcmherbFoote: Annotated[str | None, text(200, "草药脚注")] = None
    mednTypeCode: Annotated[str | None, code("medn_type_code", "药物类型代码", length=100)] = None
    mednTypeName: Annotated[str | None, text(100, "药物类型")] = None
    mainMedcFlag: Annotated[str | None, code("main_medc", "主要用药标志", length=30)] = None
    urgtFlag: Annotated[str | None, code("urgt", "加急标志", length=30)] = None
    basMednFlag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    drugGenname: Annotated[str, text(500, "药品通用名")]
    drugDosform: Annotated[str, text(30, "药品剂型")]
    drugSpec: Annotated[str, text(40, "药品规格")]
    prdrName: Annotated[str | None, text(100, "生厂厂家")] = None
    medcWayCodg: Annotated[str, code("drug_medc_way_code", "用药途径代码", length=10)]
    medcWayDscr: Annotated[str, text(100, "用药途径描述")]
    medcBegntime: Annotated[datetime, moment("用药开始时间")]
    medcEndtime: Annotated[datetime, moment("用药结束时间")]
    medcDays: Annotated[Decimal, number(8, 2, "用药天数")]
    sinDoscnt: Annotated[Decimal | None, number(16, 4, "单次用量")] = None
    usedFrquCodg: Annotated[str | None, code("used_frqu", "使用频次编码", length=10)] = None
    usedFrquName: Annotated[str | None, text(30, "使用频次名称")] = None
    hospApprFlag: Annotated[str | None, code("hosp_appr_flag", "医院审批标志", length=3)] = None
    otcFlag: Annotated[str | None, code("otc_flag", "是否OTC药品", length=3)] = None
    selfPayRea: Annotated[str | None, code("self_pay_rea", "自费原因类型")] = None
    realDscr: Annotated[str | None, text(1000, "自费原因描述")] = None


@node
class QueryDrug(DrugFacts):
    """处方明细信息."""

    impDrugFlag: Annotated[str | None, code("imp_drug_flag", "是否进口药品", length=3, note="0 no, 1 yes")] = None
    drugProdname: Annotated[str, text(255, "药品商品名")]
    drugCnt: Annotated[Decimal, number(16, 4, "药品总用药量（取药或处方流转时药品医保结算使用的数量）")]
    drugDosunt: Annotated[
        str | None, text(20, "药品总用药量单位（即发药计价单位，取药或处方流转时药品医保结算使用的单位；如“片“或”盒“）")
    ] = None
    sinDosunt: Annotated[str | None, text(20, "单次剂量单位")] = None
    takeDrugFlag: Annotated[str, code("take_drug_flag", "取药标志位", length=3)]
    drugTotlcnt: Annotated[Decimal | None, number(16, 0, "所需药品库存数量")] = None
    drugTotlcntEmp: Annotated[str | None, text(40, "所需药品库存单位")] = None


@node
class QueryVisit:
    """就诊信息."""

    medType: Annotated[str, code("med_type", "医疗类别")]
    iptOtpNo: Annotated[str, text(30, "门诊/住院号")]
    otpIptFlag: Annotated[
        str | None, code("otp_ipt_flag", "门诊住院标志", length=3, note="1 outpatient, 2 inpatient")
    ] = None
    patnName: Annotated[str, text(40, "患者姓名")]
    patnAge: Annotated[Decimal, number(4, 1, "年龄")]
    patnHgt: Annotated[Decimal | None, number(6, 2, "患者身高")] = None
    patnWt: Annotated[Decimal | None, number(6, 2, "患者体重")] = None
    gend: Annotated[str, code("gend", "性别")]
    gesoVal: Annotated[Decimal | None, number(2, 0, "妊娠(孕周)")] = None
    nwbFlag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3, note="0 no, 1 yes")] = None
    nwbAge: Annotated[str | None, text(20, "新生儿日、月龄")] = None
    suckPrdFlag: Annotated[str | None, code("suck_prd_flag", "哺乳期标志", length=3, note="0 no, 1 yes")] = None
    algsHis: Annotated[str | None, text(1000, "过敏史")] = None
    insutype: Annotated[str, code("insutype", "险种类型")]
    prscDeptName: Annotated[str, text(50, "开方科室名称")]
    prscDrName: Annotated[str, text(50, "开方医师姓名")]
    pharName: Annotated[str, text(50, "药师姓名")]
    pharChkTime: Annotated[datetime, moment("医疗机构药师审方时间")]
    mdtrtTime: Annotated[datetime, moment("就诊时间")]
    diseCodg: Annotated[str | None, text(30, "病种编码")] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    spDiseFlag: Annotated[str, code("sp_dise_flag", "是否特殊病种", length=1, note="0 no, 1 yes")]
    maindiagCode: Annotated[str, text(30, "主诊断代码")]
    maindiagName: Annotated[str, text(100, "主诊断名称")]
    diseCondDscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    fstdiagFlag: Annotated[str | None, code("fstdiag", "是否初诊", length=3, note="0 no, 1 yes")] = None
    iptOpNo: Annotated[str | None, text(30, "住院/门诊号", note="省版 2024-10 增补")] = None
    suckPrdFag: Annotated[str | None, code("suck_prd_flag", "哺乳期标志", length=3, note="省版 2024-10 增补")] = None


@node
class QueryDiagnosis(DiagnosisFacts):
    """诊断信息."""

    diagDept: Annotated[str, text(50, "诊断科室")]
    diagDeptCode: Annotated[str, text(20, "诊断科室代码")]
    diagDrNo: Annotated[str, text(30, "诊断医生编码")]
    diagDrName: Annotated[str, text(50, "诊断医生姓名")]
    diagTime: Annotated[datetime, moment("诊断时间")]


@node
class QueryAnswer(UploadAnswer):
    """处方信息."""

    fixmedinsCode: Annotated[str, text(12, "定点医疗机构编号")]
    fixmedinsName: Annotated[str, text(200, "定点医疗机构名称")]
    rxUsedStasCodg: Annotated[str, code("rx_used_stas_codg", "医保处方使用状态编码", length=3)]
    rxUsedStasName: Annotated[str, text(20, "医保处方使用状态名称")]
    prscTime: Annotated[datetime, moment("开方时间")]
    rxDrugCnt: Annotated[Decimal, amount("药品数量（剂数）")]
    rxUsedWayCodg: Annotated[str | None, code("drug_medc_way_code", "处方整剂用法编号", length=20)] = None
    rxUsedWayName: Annotated[str | None, text(40, "处方整剂用法名称")] = None
    rxFrquCodg: Annotated[str | None, code("used_frqu", "处方整剂频次编号", length=20)] = None
    rxFrquName: Annotated[str | None, text(40, "处方整剂频次名称")] = None
    rxDosunt: Annotated[str | None, text(20, "处方整剂剂量单位")] = None
    rxDoscnt: Annotated[Decimal | None, amount("处方整剂单次剂量数")] = None
    rxDrordDscr: Annotated[str | None, text(500, "处方整剂医嘱说明")] = None
    valiDays: Annotated[Decimal, number(10, 0, "处方有效天数")]
    valiEndTime: Annotated[datetime, moment("有效截止时间")]
    reptFlag: Annotated[str, code("rept_flag", "复用（多次）使用标志", length=3, note="0 no, 1 yes")]
    maxReptCnt: Annotated[Decimal | None, number(3, 0, "最大复用次数")] = None
    reptdCnt: Annotated[Decimal | None, number(3, 0, "已复用次数")] = None
    minInrvDays: Annotated[Decimal | None, number(3, 0, "使用最小间隔（天数）")] = None
    rxTypeCode: Annotated[str, code("rx_type_code", "处方类别编号", length=3)]
    rxTypeName: Annotated[str | None, text(20, "处方类别名称")] = None
    longRxFlag: Annotated[str | None, code("long_rx_flag", "长期处方标志", length=3, note="0 no, 1 yes")] = None
    bizTypeCode: Annotated[
        str,
        code(
            "biz_type_code",
            "业务类型代码",
            length=3,
            note="01 visit at a designated institution, 02 internet hospital consultation",
        ),
    ]
    bizTypeName: Annotated[str | None, text(20, "业务类型名称")] = None
    rxExraAttrCode: Annotated[
        str | None,
        code(
            "rx_exra_attr_code", "处方附加属性代码", length=3, note="01 dual-channel, 02 outpatient pooling, 03 other"
        ),
    ] = None
    rxExraAttrName: Annotated[str | None, text(20, "处方附加属性名称")] = None
    rxCircLimitFlag: Annotated[str | None, text(3, "限制流转标志位", note="省版 2024-10 增补")] = None
    rxDetlList: Annotated[list[QueryDrug] | None, rows("处方明细信息")] = None
    rxOtpinfo: Annotated[QueryVisit, nested("就诊信息")]
    rxDiseList: Annotated[list[QueryDiagnosis] | None, rows("诊断信息")] = None


@transaction(
    "7105",
    "电子处方信息查询",
    "electronic prescription information query",
    does=Does.READS,
    of=Of.PRESCRIPTION,
    path="/epc/api/fixmedins/hospRxDetlQuery",
    aliases=("D005",),
)
class Query:
    """Electronic prescription information query.

    - Aliases: D005.
    """

    @node
    class Input:
        data: Annotated[QueryData, nested("查询条件")]

    @node
    class Output:
        data: Annotated[QueryAnswer, nested("处方信息")]


@node
class QueryAuditAnswer(UploadAnswer):
    """审核结果."""

    pharName: Annotated[str, text(50, "医保药师姓名", note="the source prints 3, a slip")]
    pharCode: Annotated[str, text(20, "医保药师代码")]
    rxChkStasCodg: Annotated[str, code("rx_chk_stas_codg", "处方审核状态代码", length=3)]
    rxChkOpnn: Annotated[str, long_text(None, "处方审核意见")]
    rxChkTime: Annotated[datetime, moment("处方审核时间")]
    rxChkStasName: Annotated[str, text(10, "处方审核状态名称")]


@transaction(
    "7106",
    "电子处方审核结果查询",
    "electronic prescription audit result query",
    does=Does.READS,
    of=Of.REVIEW,
    path="/epc/api/fixmedins/rxChkInfoQuery",
    aliases=("D006",),
)
class QueryAudit:
    """Electronic prescription audit result query.

    - Tells how the dispensing pharmacy's pharmacist judged the prescription.
    - Aliases: D006.
    """

    @node
    class Input:
        data: Annotated[QueryData, nested("查询条件")]

    @node
    class Output:
        data: Annotated[QueryAuditAnswer, nested("审核结果")]


@node
class SaleRowFacts:
    """What QueryDispensingSaleRow and NotifySettlementSaleRow have in common."""

    medListCodg: Annotated[
        str, text(50, "医疗目录编码", note="the table prints 20, national drug codes have 23 characters")
    ]
    drugGenname: Annotated[str, text(50, "通用名")]
    drugProdname: Annotated[str, text(50, "药品商品名")]
    drugDosform: Annotated[str, text(20, "药品剂型")]
    cnt: Annotated[Decimal, number(16, 3, "数量")]
    bchno: Annotated[str | None, text(20, "批次号")] = None
    manuLotnum: Annotated[str | None, text(20, "生产批号")] = None
    prdrName: Annotated[str, text(1000, "生厂厂家")]


@node
class QueryDispensingSaleRow(SaleRowFacts):
    """取药明细."""

    drugSpec: Annotated[str, text(500, "药品规格", note="printed as a number in the source, a slip")]
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    takeDrugFlag: Annotated[str, code("take_drug_flag", "取药标志位", length=3)]


@node
class QueryDispensingAnswer(UploadAnswer):
    """取药结果."""

    setlTime: Annotated[datetime, moment("医保结算时间")]
    rxUsedStasCodg: Annotated[str, code("rx_used_stas_codg", "处方使用状态编号", length=3)]
    rxUsedStasName: Annotated[str, text(20, "处方使用状态名称")]
    seltdelts: Annotated[list[QueryDispensingSaleRow] | None, rows("取药明细")] = None


@transaction(
    "7107",
    "电子处方取药结果查询",
    "electronic prescription dispensing result query",
    does=Does.READS,
    of=Of.SALE,
    path="/epc/api/fixmedins/rxSetlInfoQuery",
    aliases=("D007",),
)
class QueryDispensing:
    """Electronic prescription dispensing result query.

    - Called 电子处方结算结果查询 in one list.
    - Aliases: D007.
    """

    @node
    class Input:
        data: Annotated[QueryData, nested("查询条件")]

    @node
    class Output:
        data: Annotated[QueryDispensingAnswer, nested("取药结果")]


@node
class NotifyAuditData:
    """审核结果."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    pharName: Annotated[str, text(50, "医保药师姓名")]
    pharCode: Annotated[str, text(20, "医保药师代码")]
    rxChkStasCodg: Annotated[str, code("rx_chk_stas_codg", "处方审核状态代码", length=3)]
    rxChkOpnn: Annotated[str, long_text(None, "处方审核意见")]
    rxChkTime: Annotated[datetime, moment("处方审核时间")]
    rxStasCodg: Annotated[str, code("rx_stas_codg", "医保处方状态编码", length=3)]
    rxStasName: Annotated[str, text(20, "医保处方状态名称")]
    rxChkStasName: Annotated[str, text(10, "处方审核状态名称")]


@node
class NotifyAuditAnswer:
    """接收结果."""

    success: Annotated[bool, text(None, "成功状态", boolean=True)]


@transaction(
    "7108",
    "电子处方审核结果通知",
    "electronic prescription audit result notice",
    does=Does.NOTIFIES,
    of=Of.REVIEW,
    path="/rxChkInfoCallback",
    confidence="medium",
)
class NotifyAudit:
    """Electronic prescription audit result notice.

    - Callback: the centre posts to <the institution's callback address>/rxChkInfoCallback; the institution
      answers success true.
    - Optional to receive; the same facts can be asked with 7106.
    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: Annotated[NotifyAuditData, nested("审核结果")]

    @node
    class Output:
        data: Annotated[NotifyAuditAnswer, nested("接收结果")]


@node
class NotifySettlementSaleRow(SaleRowFacts):
    """取药明细."""

    drugSpec: Annotated[str, text(40, "药品规格", note="the source prints a number type, a slip; length as in 7101")]
    aprvno: Annotated[str | None, text(20, "批准文号")] = None


@node
class NotifySettlementData:
    """取药结果."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    setlTime: Annotated[datetime, moment("医保结算时间")]
    rxStasCodg: Annotated[str, code("rx_stas_codg", "医保处方状态编码", length=3)]
    rxStasName: Annotated[str, text(20, "医保处方状态名称")]
    rxUsedStasCodg: Annotated[str, code("rx_used_stas_codg", "处方使用状态编号", length=3)]
    rxUsedStasName: Annotated[str, text(20, "处方使用状态名称")]
    seltdelts: Annotated[list[NotifySettlementSaleRow], rows("取药明细")]


@transaction(
    "7109",
    "电子处方结算结果通知",
    "electronic prescription settlement result notice",
    does=Does.NOTIFIES,
    of=Of.SETTLEMENT,
    path="/rxSetlInfoCallback",
    confidence="medium",
)
class NotifySettlement:
    """Electronic prescription settlement result notice.

    - Callback: the centre posts to <the institution's callback address>/rxSetlInfoCallback; the institution
      answers success true.
    - Optional to receive; the same facts can be asked with 7107.
    - seltdelts is a list inside data, as in the answer of 7107 (nesting inferred from there).
    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: Annotated[NotifySettlementData, nested("取药结果")]

    @node
    class Output:
        data: Annotated[NotifyAuditAnswer, nested("接收结果")]


@node
class AuthoriseReleaseData:
    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    psnName: Annotated[str, text(40, "人员姓名")]
    psnCertType: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    ecToken: Annotated[str | None, text(64, "电子凭证令牌"), TOKEN_OR_REGISTRATION] = None
    regSn: Annotated[str | None, text(40, "身份登记流水号", note="人工核验身份后填"), TOKEN_OR_REGISTRATION] = None
    ipInfo: Annotated[str, text(64, "终端IP")]
    opter: Annotated[str, text(20, "操作人ID")]
    opterName: Annotated[str, text(50, "操作人姓名")]
    optinsNo: Annotated[str, text(20, "操作机构")]
    outFlag: Annotated[str | None, code("out_flag", "异地处方查询标志位", length=3)] = None
    outPoolareaNo: Annotated[str | None, text(6, "异地处方医保区划（省级区划）"), ELSEWHERE] = None
    insuPlcNo: Annotated[str | None, text(6, "参保地编号"), ELSEWHERE] = None


@node
class AuthoriseReleaseRow:
    """待取药处方列表."""

    authRxno: Annotated[str, text(30, "医保处方授权编号")]
    epcToken: Annotated[str, text(100, "电子处方访问令牌")]
    expiresIn: Annotated[datetime, moment("令牌过期时间")]
    fixmedinsCode: Annotated[str, text(20, "定点医疗机构编号")]
    fixmedinsName: Annotated[str, text(200, "定点医疗机构名称")]
    prscTime: Annotated[datetime, moment("开方时间")]
    deptName: Annotated[str, text(50, "科室名称")]
    diseCodg: Annotated[str | None, text(30, "病种编码")] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    valiEndTime: Annotated[datetime, moment("处方有效截止时间")]
    rxExraAttrCode: Annotated[str | None, code("rx_exra_attr_code", "处方附加属性代码", length=3)] = None
    rxExraAttrName: Annotated[str | None, text(20, "处方附加属性名称")] = None


@transaction(
    "7201",
    "电子处方线下流转授权",
    "offline prescription release authorisation",
    does=Does.AUTHORISES,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class AuthoriseRelease:
    """Offline prescription release authorisation.

    - The insured person presents the e-credential, card or ID at the pharmacy; the answer lets the pharmacy
      fetch that person's prescriptions (7204).
    - The field table is that of an official provincial edition (2024-10).
    - A person may have several prescriptions waiting: the answer is described as a list, so take data as a list
      and accept a single object.
    """

    @node
    class Input:
        data: AuthoriseReleaseData

    @node
    class Output:
        data: Annotated[list[AuthoriseReleaseRow] | None, rows("待取药处方列表")] = None


@node
class ReleaseReference:
    """What ReleaseQuery, QrCode and DownloadQuery have in common."""

    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    ipInfo: Annotated[str, text(64, "终端IP")]
    opter: Annotated[str, text(20, "操作人ID")]
    opterName: Annotated[str, text(50, "操作人姓名")]
    optinsNo: Annotated[str, text(20, "操作机构")]


@node
class ReleaseQuery(ReleaseReference):
    hiRxno: Annotated[str, text(40, "医保处方编号")]
    authCircBizSn: Annotated[str, text(40, "线上流转授权业务流水号")]
    epcChnlId: Annotated[str, text(40, "线上流转授权的医保电子处方中心定点医药机构渠道应用id")]


@node
class QueryReleaseAnswer:
    authRxno: Annotated[str, text(30, "医保处方授权编号")]
    epcToken: Annotated[str, text(100, "电子处方访问令牌")]
    expiresIn: Annotated[datetime, moment("令牌过期时间")]


@transaction(
    "7202",
    "电子处方线上流转查询",
    "online prescription release query",
    does=Does.READS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class QueryRelease:
    """Online prescription release query.

    - The field table is that of an official provincial edition (2024-10). The draft of 2021 had snake_case names
      under the same number.
    - Returns the prescriptions the person may use, each with a one-time authorisation number.
    """

    @node
    class Input:
        data: ReleaseQuery

    @node
    class Output:
        data: QueryReleaseAnswer


@node
class QrCode(ReleaseReference):
    epcQrcd: Annotated[str, text(40, "电子处方二维码码值")]
    devInfo: Annotated[str, text(255, "终端信息")]


@transaction(
    "7203",
    "电子处方二维码解码",
    "prescription QR code decoding",
    does=Does.READS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医药机构电子处方业务",
    effect=Effect.REPEATABLE,
    confidence="medium",
)
class DecodeQrCode:
    """Prescription QR code decoding.

    - The field table is that of an official provincial edition (2024-10). The draft of 2021 had snake_case names
      and numbered it 7201.
    - The prescription QR code value has 27 characters in the draft; the answer gives the prescription token for
      7204.
    """

    @node
    class Input:
        data: QrCode

    @node
    class Output:
        data: QueryReleaseAnswer


@node
class DownloadQuery(ReleaseReference):
    epcToken: Annotated[str, text(100, "电子处方令牌")]
    authRxno: Annotated[str, text(30, "医保处方授权编号")]
    devInfo: Annotated[str, text(255, "终端信息")]


@node
class DownloadDrug(DrugFacts):
    """处方明细信息."""

    impDrugFlag: Annotated[str | None, code("imp_drug_flag", "是否进口药品", length=3)] = None
    drugProdname: Annotated[str | None, text(255, "药品商品名")] = None
    drugCnt: Annotated[Decimal, number(16, 4, "药品发药总量（处方流转和取药时的药品医保结算使用的数量）")]
    drugDosunt: Annotated[str, text(20, "药品总用药量单位")]
    sinDosunt: Annotated[str | None, text(20, "单次剂量单位（即开方单位或剂量单位，如“mg“）")] = None
    drugTotlcnt: Annotated[
        Decimal | None, number(16, 0, "所需药品库存数量(按所需库存（包装）单位计算取整后的数量)")
    ] = None
    drugTotlcntEmp: Annotated[str, text(40, "所需药品库存单位（即库存（包装）单位，如“盒”）")]
    takeDrugFlag: Annotated[str | None, code("take_drug_flag", "取药标志位", length=3)] = None


@node
class DownloadVisit:
    """就诊信息."""

    medType: Annotated[str, code("med_type", "医疗类别")]
    otpIptFlag: Annotated[str | None, code("otp_ipt_flag", "门诊住院标志", length=30)] = None
    patnName: Annotated[str, text(42, "患者姓名")]
    patnAge: Annotated[Decimal, number(4, 1, "年龄")]
    patnHgt: Annotated[Decimal | None, number(6, 2, "患者身高")] = None
    patnWt: Annotated[Decimal | None, number(6, 2, "患者体重")] = None
    gend: Annotated[str, code("gend", "性别")]
    gesoVal: Annotated[Decimal | None, number(None, None, "妊娠(孕周)")] = None
    nwbFlag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3)] = None
    nwbAge: Annotated[str | None, text(20, "新生儿日、月龄")] = None
    suckPrdFlag: Annotated[str | None, code("suck_prd_flag", "哺乳期标志", length=3)] = None
    algsHis: Annotated[str | None, text(1000, "过敏史")] = None
    maindiagCode: Annotated[str | None, text(20, "主诊断代码")] = None
    maindiagName: Annotated[str | None, text(40, "主诊断名称")] = None
    diseCondDscr: Annotated[str | None, text(200, "疾病病情描述")] = None
    diseCodg: Annotated[str | None, text(30, "病种编码")] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None


@node
class DownloadDiagnosis(DiagnosisFacts):
    """诊断信息."""


@node
class DownloadAnswer:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    rxTraceCode: Annotated[str, text(20, "处方追溯码")]
    fixmedinsCode: Annotated[str, text(12, "定点医疗机构编号")]
    fixmedinsName: Annotated[str, text(200, "定点医疗机构名称")]
    prscTime: Annotated[datetime, moment("开方时间")]
    prscDeptName: Annotated[str, text(50, "开方科室名称")]
    valiEndTime: Annotated[datetime, moment("有效截止时间")]
    rxTypeCode: Annotated[str, code("rx_type_code", "处方类别编号", length=3)]
    rxTypeName: Annotated[str | None, text(20, "处方类别名称")] = None
    longRxFlag: Annotated[str | None, code("long_rx_flag", "长期处方标志", length=3)] = None
    rxFile: Annotated[str, long_text(None, "处方原件")]
    fileSuffix: Annotated[str, text(6, "处方文件后缀")]
    rxDetlList: Annotated[list[DownloadDrug] | None, rows("处方明细信息")] = None
    rxOtpinfo: Annotated[DownloadVisit, nested("就诊信息")]
    rxDiseList: Annotated[list[DownloadDiagnosis] | None, rows("诊断信息")] = None


@transaction(
    "7204",
    "电子处方下载",
    "electronic prescription download",
    does=Does.DOWNLOADS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class Download:
    """Electronic prescription download.

    - The field table is that of an official provincial edition (2024-10). The draft of 2021 had snake_case names
      and numbered it 7203.
    - Exactly one of the prescription token and the authorisation number is given.
    - rxDetlList and rxDiseList are lists, rxOtpinfo one object, all inside data, as in 7105.
    """

    @node
    class Input:
        data: DownloadQuery

    @node
    class Output:
        data: DownloadAnswer


@node
class CheckData:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    fixmedinsCode: Annotated[str, text(40, "定点医药机构编号")]
    rxTraceCode: Annotated[str, text(20, "处方追溯码")]
    rxFile: Annotated[str, long_text(None, "处方文件")]
    epcToken: Annotated[str, text(100, "电子处方令牌")]


@node
class CheckAnswer:
    flag: Annotated[bool, text(None, "成功标志", boolean=True)]
    rxSignVerifySn: Annotated[
        str | None, text(40, "处方签名验签流水号", note="7206 要用"), required_when("成功标志为 true 时给出")
    ] = None
    signCertSn: Annotated[str, text(500, "签名机构证书SN")]
    signCertDn: Annotated[str, text(500, "签名机构证书DN")]


@transaction(
    "7205",
    "电子处方信息核验",
    "electronic prescription information check",
    does=Does.CHECKS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class Check:
    """Electronic prescription information check.

    - Checks a downloaded prescription before dispensing.
    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: CheckData

    @node
    class Output:
        data: CheckAnswer


@node
class UploadAuditData:
    """处方审方信息."""

    hiRxno: Annotated[str, text(30, "医保处方编号")]
    epcToken: Annotated[str, text(100, "电子处方令牌")]
    ecToken: Annotated[str, text(64, "审方药师电子凭证令牌", note="asked for by default; a region may switch it off")]
    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    fixmedinsName: Annotated[str, text(200, "定点医药机构名称")]
    pharCertType: Annotated[str, code("psn_cert_type", "审方药师证件类型")]
    pharCertno: Annotated[str, text(50, "审方药师证件号码")]
    pharName: Annotated[str, text(50, "审方药师姓名")]
    pharCode: Annotated[str, text(50, "审方医保药师代码")]
    rxChkOpnn: Annotated[str, text(2000, "处方审核意见")]
    rxChkStasCodg: Annotated[str, code("rx_chk_stas_codg", "处方审核状态代码", length=10)]
    rxChkTime: Annotated[datetime, moment("处方审核时间")]
    rxSignVerifySn: Annotated[str, text(40, "处方签名验签流水号", note="from 7205")]


@node
class UploadAuditAnswer:
    """上传结果."""

    flag: Annotated[bool, text(None, "成功标志", boolean=True)]
    rxChkBizSn: Annotated[str, text(30, "处方审核业务流水号")]


@transaction(
    "7206",
    "电子处方审核信息上传",
    "electronic prescription audit upload",
    does=Does.UPLOADS,
    of=Of.REVIEW,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class UploadAudit:
    """Electronic prescription audit upload.

    - The auditing pharmacist identifies himself with his own e-credential token (ecToken).
    - rxSignVerifySn comes from the check 7205.
    - rxChkBizSn is used by the sale upload 7207.
    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: Annotated[UploadAuditData, nested("处方审方信息")]

    @node
    class Output:
        data: Annotated[UploadAuditAnswer, nested("上传结果")]


@node
class UploadSaleDrug:
    """销售出库明细."""

    rtalDocno: Annotated[str, text(40, "零售单据号")]
    stooutNo: Annotated[str | None, text(40, "销售出库单据号")] = None
    stooutTime: Annotated[datetime, moment("销售出库时间")]
    medListCodg: Annotated[str, text(50, "医疗目录编码")]
    medinsListCodg: Annotated[str, text(50, "医药机构目录编码")]
    drugProdname: Annotated[str | None, text(100, "药品商品名")] = None
    drugGenname: Annotated[str, text(100, "通用名")]
    drugSpec: Annotated[str, text(500, "规格")]
    drugDosform: Annotated[str | None, text(50, "剂型")] = None
    prdrName: Annotated[str | None, text(1000, "厂家")] = None
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    manuLotnum: Annotated[str | None, text(30, "生产批号")] = None
    bchno: Annotated[str | None, text(30, "批次号")] = None
    drugstdcode: Annotated[str | None, text(50, "药品本位码")] = None
    drugTraceCodg: Annotated[str | None, text(30, "药品追溯码")] = None
    drugProdBarc: Annotated[str | None, text(30, "药品条形码")] = None
    shelfLoc: Annotated[str | None, text(20, "货架位号")] = None
    drugTotlcnt: Annotated[Decimal, amount("数量")]
    drugTotlcntEmp: Annotated[str, text(40, "库存（包装）单位")]
    drugSumamt: Annotated[Decimal | None, number(16, 6, "药品金额")] = None


@node
class UploadSaleData:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    fixmedinsName: Annotated[str, text(200, "定点医药机构名称")]
    rchkPharCertType: Annotated[str | None, code("psn_cert_type", "复核药师证件类型")] = None
    rchkPharCertno: Annotated[str | None, text(50, "复核药师证件编号")] = None
    rchkPharName: Annotated[str | None, text(40, "复核药师姓名")] = None
    dspeerCertType: Annotated[str | None, code("psn_cert_type", "配药人证件类型")] = None
    dspeerCertno: Annotated[str | None, text(50, "配药人证件编号")] = None
    dspeerName: Annotated[str | None, text(40, "配药人姓名")] = None
    rxChkBizSn: Annotated[str, text(30, "处方审核业务流水号")]
    hiFeesetlFlag: Annotated[str | None, code("hi_feesetl_flag", "医疗保险结算标志位", length=3)] = None
    psnCashPay: Annotated[
        Decimal | None, amount("现金支付总费用", length=14), required_when("非医疗保险结算（0）必填", hiFeesetlFlag="0")
    ] = None
    rxSaleDrugDetl: Annotated[list[UploadSaleDrug], rows("销售出库明细")]


@node
class UploadSaleAnswer:
    flag: Annotated[bool, text(None, "成功标志", boolean=True)]
    selStooutSn: Annotated[str, text(30, "销售出库流水号")]


@transaction(
    "7207",
    "药品销售出库明细上传",
    "drug sale upload against a prescription",
    does=Does.UPLOADS,
    of=Of.SALE,
    group="医保电子处方/医药机构电子处方业务",
    undone_by="7208",
    confidence="medium",
)
class UploadSale:
    """Drug sale upload against a prescription.

    - The field table is that of an official provincial edition (2024-10). The draft of 2021 had snake_case names
      and numbered it 7206.
    - Undone by 7208.
    - rxSaleDrugDetl is a list inside data (one row per drug; nesting inferred from the sister transactions, not
      seen in a message).
    """

    @node
    class Input:
        data: UploadSaleData

    @node
    class Output:
        data: UploadSaleAnswer


@node
class WithdrawSaleData:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    hiFeesetlFlag: Annotated[str | None, text(3, "医疗保险结算标志位")] = None
    selStooutSn: Annotated[
        str | None, text(30, "销售出库流水号"), required_when("处方分次结算时填；不填则撤销全部未结算的明细")
    ] = None


@node
class WithdrawSaleAnswer:
    flag: Annotated[bool, text(None, "成功标志", boolean=True)]


@transaction(
    "7208",
    "药品销售出库明细撤销",
    "drug sale upload withdrawal",
    does=Does.WITHDRAWS,
    of=Of.SALE,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class WithdrawSale:
    """Drug sale upload withdrawal.

    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: WithdrawSaleData

    @node
    class Output:
        data: WithdrawSaleAnswer


@node
class SyncDeliveryData:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    delvNo: Annotated[str, text(30, "配送单业务编号")]
    delvAddr: Annotated[str, text(200, "配送地址")]
    delvDtce: Annotated[Decimal | None, amount("配送距离", length=10)] = None
    delvEntpNo: Annotated[str | None, text(30, "配送企业编码")] = None
    delvEntpName: Annotated[str, text(50, "配送企业名称")]
    delverCertType: Annotated[
        str | None, code("psn_cert_type", "配送员证件类型", note="表中长度 3，后来的代码更长")
    ] = None
    delverCertno: Annotated[str | None, text(50, "配送员证件编号")] = None
    delverName: Annotated[str | None, text(30, "配送员姓名")] = None
    delverTel: Annotated[str | None, text(20, "配送员电话")] = None
    delvStasCodg: Annotated[str, code("delv_stas_codg", "状态编码")]
    delvStasName: Annotated[str, text(20, "状态名称")]
    delvStasDscr: Annotated[str | None, text(20, "状态描述")] = None
    delvStasTime: Annotated[datetime, moment("状态描述变更时间")]
    delverLng: Annotated[str | None, text(30, "配送员当前经度")] = None
    delverLat: Annotated[str | None, text(30, "配送员当前维度")] = None
    delverGeoType: Annotated[str | None, code("delver_geo_type", "配送员经纬度编码类型", length=3)] = None
    delvConner: Annotated[str, text(30, "收货人")]
    delvConTel: Annotated[str | None, text(20, "收货人联系电话")] = None
    fixmedinsCode: Annotated[str, text(20, "供药定点机构编号")]
    fixmedinsName: Annotated[str, text(200, "供药定点机构名称")]


@transaction(
    "7209",
    "药品配送信息同步",
    "drug delivery information sync",
    does=Does.UPLOADS,
    of=Of.DELIVERY,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class SyncDelivery:
    """Drug delivery information sync.

    - The field table is that of an official provincial edition (2024-10). The draft of 2021 had snake_case names
      and numbered it 7205.
    """

    @node
    class Input:
        data: SyncDeliveryData

    @node
    class Output:
        data: WithdrawSaleAnswer


@node
class ConfirmReceiptData:
    hiRxno: Annotated[str, text(30, "医保处方编号")]
    delvNo: Annotated[str | None, text(30, "配送单业务编号")] = None
    delvStasDscr: Annotated[str | None, text(20, "状态描述")] = None
    delverCertType: Annotated[str, code("psn_cert_type", "配送员证件类型", note="表中长度 3，后来的代码更长")]
    delverCertno: Annotated[str, text(50, "配送员证件编号")]
    delverName: Annotated[str, text(30, "配送员姓名")]
    delverTel: Annotated[str | None, text(20, "配送员电话")] = None
    delvStasTime: Annotated[datetime, moment("配送完成时间")]
    delverLng: Annotated[str | None, text(30, "配送员经度")] = None
    delverLat: Annotated[str | None, text(30, "配送员纬度")] = None
    delverGeoType: Annotated[str | None, code("delver_geo_type", "配送员经纬度编码类型", length=3)] = None
    chkWayCodg: Annotated[str | None, code("chk_way_codg", "签收核验方式", length=3)] = None
    delvEntpNo: Annotated[str | None, text(30, "配送企业编码")] = None


@transaction(
    "7210",
    "药品配送签收确认",
    "drug delivery receipt confirmation",
    does=Does.CONFIRMS,
    of=Of.DELIVERY,
    group="医保电子处方/医药机构电子处方业务",
    confidence="medium",
)
class ConfirmReceipt:
    """Drug delivery receipt confirmation.

    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: ConfirmReceiptData

    @node
    class Output:
        data: WithdrawSaleAnswer


@node
class QueryDrugsData:
    fixmedinsCode: Annotated[str, text(20, "定点医药机构编号")]
    medListCodg: Annotated[str | None, text(50, "医疗目录编码"), CODE_OR_NAME] = None
    medListCodgs: Annotated[str | None, text(None, "医疗目录编码列表", note="a list of strings")] = None
    drugName: Annotated[str | None, text(500, "医疗目录药品名称"), CODE_OR_NAME] = None
    dualchnlFlag: Annotated[str | None, text(3, "是否双通道标志")] = None
    oppoolFlag: Annotated[str | None, text(3, "是否门诊统筹标志")] = None
    begntime: Annotated[datetime | None, moment("开始时间", or_day=True)] = None
    endtime: Annotated[datetime | None, moment("结束时间", or_day=True)] = None
    pageNum: Annotated[Decimal, number(3, 0, "分页码值")]
    pageSize: Annotated[Decimal, number(3, 0, "分页大小")]


@node
class QueryDrugsDrug:
    """药品列表."""

    medListCodg: Annotated[str, text(50, "医疗目录编码")]
    natDrugNo: Annotated[str | None, text(20, "国家药品编号")] = None
    genname: Annotated[str | None, text(100, "通用名")] = None
    prodname: Annotated[str | None, text(100, "商品名")] = None
    regName: Annotated[str, text(500, "注册名")]
    listType: Annotated[str | None, code("list_type", "目录类别")] = None
    listTypeName: Annotated[str | None, text(50, "目录类别名称")] = None
    specName: Annotated[str, text(500, "规格名称")]
    prdrName: Annotated[str, text(200, "生厂厂家")]
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    dosformName: Annotated[str, text(200, "剂型名称")]
    minPacunt: Annotated[str | None, text(50, "最小包装单位")] = None
    minPacCnt: Annotated[str | None, text(50, "最小包装数量")] = None
    minPrepunt: Annotated[str | None, text(10, "最小制剂单位")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区编号")] = None
    poolareaName: Annotated[str | None, text(50, "统筹区名称")] = None
    dualchnlFlag: Annotated[str | None, code("dualchnl_flag", "是否双通道标志", length=3)] = None
    oppoolFlag: Annotated[str | None, code("oppool_flag", "门诊统筹标志", length=3)] = None
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    natHiDruglistMemo: Annotated[str | None, text(4000, "限制使用说明")] = None
    natHiDruglistChrgitmLv: Annotated[str | None, text(10, "国家医保药品目录甲乙类标识")] = None
    chrgitmLv: Annotated[str | None, text(3, "收费项目等级")] = None
    hiPayStd: Annotated[Decimal | None, amount("医保支付标准")] = None


@node
class QueryDrugsAnswer:
    total: Annotated[Decimal, number(10, 0, "总数")]
    size: Annotated[Decimal, number(3, 0, "当前条数")]
    list_: Annotated[list[QueryDrugsDrug] | None, rows("药品列表", wire="list")] = None


@transaction(
    "7211",
    "电子处方药品目录查询",
    "electronic prescription drug list query",
    does=Does.READS,
    of=Of.CATALOGUE,
    group="医保电子处方/医药机构电子处方业务",
    path="/epc/api/fixmedins/circDrugQuery",
    confidence="medium",
    aliases=("D008",),
)
class QueryDrugs:
    """Electronic prescription drug list query.

    - Which drugs may flow outside; the centre calls it D008.
    - The field table is that of an official provincial edition (2024-10).
    - list is inside data; at most 100 rows a page.
    """

    @node
    class Input:
        data: QueryDrugsData

    @node
    class Output:
        data: QueryDrugsAnswer
