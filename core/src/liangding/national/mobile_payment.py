"""Mobile payment and one-code payment (移动支付): transactions 6101 to 6401, and 一码付."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import (
    Does,
    Effect,
    LookedFor,
    Of,
    Unasked,
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
    required_unless,
    required_when,
    rows,
    text,
)

transaction = chapter("mobile_payment", "线上支付/订单支付")

ADDED_2024 = "省版 2024-10 增补"
LENGTH_TAKEN_OVER = "长度取自普通交易的同名字段"
TOKEN_OR_AUTH = one_of("电子凭证授权Token与支付授权码填且只填一项", "ecToken", "payAuthNo")
E_CREDENTIAL = required_unless("不用支付授权码时必填，授权码、渠道ID、用户ID三项一并给出", "payAuthNo")
FINAL = required_when("终态时给出")


@node
class DecodeCredentialData:
    orgId: Annotated[str, text(None, "机构ID")]
    businessType: Annotated[str, code("businessType", "用码业务类型", length=None)]
    businessInfo: Annotated[str | None, text(None, "用码业务信息")] = None
    operatorId: Annotated[str, text(None, "操作员工号")]
    operatorName: Annotated[str, text(None, "操作员姓名")]
    officeId: Annotated[str, text(None, "医保科室编号")]
    officeName: Annotated[str, text(None, "科室名称")]
    deviceType: Annotated[str | None, text(None, "设备类型")] = None


@node
class DecodeCredentialResult:
    userName: Annotated[str, text(50, "用户姓名")]
    idNo: Annotated[str, text(30, "证件号码")]
    idType: Annotated[str, code("idType", "证件类型", length=3)]
    ecToken: Annotated[str, text(40, "身份核验令牌")]
    insuOrg: Annotated[str, code("insuOrg", "参保地行政区划")]
    authNo: Annotated[str | None, text(40, "授权流水号")] = None
    ecIndexNo: Annotated[str | None, text(32, "外部索引号")] = None
    gender: Annotated[str | None, text(3, "性别")] = None
    birthday: Annotated[str | None, text(10, "出生日期")] = None
    nationality: Annotated[str | None, text(40, "国籍")] = None
    email: Annotated[str | None, text(40, "电子邮箱")] = None


@transaction(
    "6101",
    "解析医保电子凭证二维码",
    "e-credential QR code decoding",
    does=Does.READS,
    of=Of.CREDENTIAL,
    group="线上支付/医保电子凭证",
    effect=Effect.REPEATABLE,
    confidence="medium",
)
class DecodeCredential:
    """E-credential QR code decoding.

    - Turns the scanned QR code into an identity-check token (ecToken), which then serves as mdtrt_cert_no with
      mdtrt_cert_type 01.
    - One city accepts institutions only if they obtain ecToken by 6101.
    - The local decoding service ec.query (ecredential.json) does the same step. One province maps its own 1162 to
      /fsi/api/hsecfc/localQrCodeQuery with the fields of ec.query plus ecQrCode.
    - The nodes are those of one official provincial document; whether one repeats must be checked against its
      sample.
    """

    @node
    class Input:
        InData: DecodeCredentialData

    @node
    class Output:
        OutData: DecodeCredentialResult


@node
class UploadFeesDiagnosis:
    """诊断信息."""

    diagType: Annotated[str, code("diag_type", "诊断类别", length=3)]
    diagSrtNo: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diagCode: Annotated[str, text(20, "诊断代码")]
    diagName: Annotated[str, text(100, "诊断名称")]
    diagDept: Annotated[str, text(50, "诊断科室")]
    diseDorNo: Annotated[str, text(30, "诊断医生编码")]
    diseDorName: Annotated[str, text(50, "诊断医生姓名")]
    diagTime: Annotated[datetime, moment("诊断时间")]
    valiFlag: Annotated[str, code("vali_flag", "有效标志", length=3)]


@node
class UploadFeesFeeRow:
    """费用明细."""

    feedetlSn: Annotated[str, text(30, "费用明细流水号")]
    mdtrtId: Annotated[str | None, text(30, "就诊ID"), required_when("就诊已登记时填；官方表印为必填")] = None
    psnNo: Annotated[str, text(30, "人员编号")]
    chrgBchno: Annotated[str, text(30, "收费批次号")]
    diseCodg: Annotated[str | None, text(30, "病种编码")] = None
    rxno: Annotated[str | None, text(30, "处方号")] = None
    rxCircFlag: Annotated[str, code("rx_circ_flag", "外购处方标志", length=3)]
    feeOcurTime: Annotated[datetime, moment("费用发生时间")]
    medListCodg: Annotated[str, text(50, "医疗目录编码")]
    medinsListCodg: Annotated[str, text(150, "医药机构目录编码")]
    detItemFeeSumamt: Annotated[Decimal, amount("明细项目费用总额")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    sinDosDscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    usedFrquDscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prdDays: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medcWayDscr: Annotated[str | None, text(200, "用药途径描述")] = None
    bilgDeptCodg: Annotated[str, text(30, "开单科室编码")]
    bilgDeptName: Annotated[str, text(100, "开单科室名称")]
    bilgDrCodg: Annotated[str, text(30, "开单医生编码")]
    bilgDrName: Annotated[str, text(50, "开单医师姓名")]
    acordDeptCodg: Annotated[str | None, text(30, "受单科室编码")] = None
    acordDeptName: Annotated[str | None, text(100, "受单科室名称")] = None
    ordersDrCode: Annotated[str | None, text(30, "受单医生编码")] = None
    ordersDrName: Annotated[str | None, text(50, "受单医生姓名")] = None
    hospApprFlag: Annotated[str, code("hosp_appr_flag", "医院审批标志", length=3)]
    tcmdrugUsedWay: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etipFlag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etipHospCode: Annotated[str | None, text(30, "外检医院编码")] = None
    dscgTkdrugFlag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    matnFeeFlag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None
    initFeedetlSn: Annotated[str | None, text(30, "原费用流水号")] = None
    drordNo: Annotated[str | None, text(30, "医嘱号")] = None
    medType: Annotated[str, code("med_type", "医疗类别")]
    memo: Annotated[str | None, text(500, "备注")] = None
    extData: Annotated[str | None, long_text(None, "扩展字段")] = None
    medListName: Annotated[str | None, text(None, "医疗目录名称")] = None
    medListSpc: Annotated[str | None, text(None, "医疗目录规格")] = None


@node
class UploadFeesData:
    """订单信息."""

    orgCodg: Annotated[str, text(40, "定点机构编码", note="the institution's national code")]
    orgId: Annotated[str | None, text(40, "电子凭证机构号", note="institution number in the e-credential system")] = (
        None
    )
    psnNo: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    medOrgOrd: Annotated[str, text(40, "医疗机构订单号", note="unique in the institution")]
    initRxOrd: Annotated[
        str | None, text(40, "要续方的原处方流水"), required_when("电子处方流转标志为 1 时必填", rxCircFlag="1")
    ] = None
    rxCircFlag: Annotated[
        str | None, text(1, "电子处方流转标志", note="0 no (default), 1 prescription flows outside")
    ] = None
    begntime: Annotated[datetime, moment("开始时间", note="visit time, yyyy-MM-dd HH:mm:ss")]
    idNo: Annotated[str, text(40, "证件号码")]
    userName: Annotated[str, text(40, "用户姓名")]
    idType: Annotated[str, code("psn_cert_type", "证件类别", note="表中长度 3，后来的代码更长")]
    ecToken: Annotated[str | None, text(64, "电子凭证授权Token", note="官方表只有本项，且为必填"), TOKEN_OR_AUTH] = None
    payAuthNo: Annotated[str | None, text(None, "支付授权码", note="由渠道授权取得"), TOKEN_OR_AUTH] = None
    insuCode: Annotated[
        str | None, code("admdvs", "参保地", note="region of insurance, given by the decoded e-credential")
    ] = None
    insuplcAdmdvs: Annotated[
        str | None, code("admdvs", "参保地医保区划", note="sent beside insuCode by one client")
    ] = None
    iptOtpNo: Annotated[str, text(30, "住院/门诊号")]
    atddrNo: Annotated[str | None, text(30, "医师编码")] = None
    drName: Annotated[str | None, text(50, "医师姓名")] = None
    deptCode: Annotated[str | None, text(30, "科室编码")] = None
    deptName: Annotated[str, text(100, "科室名称")]
    caty: Annotated[str, code("caty", "科别", length=10, note="表中长度 6，后来的代码更长")]
    mdtrtId: Annotated[
        str | None, text(30, "就诊ID"), required_when("有的客户端用支付授权码支付时必填；空则由中心自行登记就诊")
    ] = None
    medType: Annotated[str, code("med_type", "医疗类别")]
    feeType: Annotated[str, code("feeType", "费用类型", length=3, note="01 outpatient payment in the clients seen")]
    medfeeSumamt: Annotated[Decimal, amount("医疗费总额")]
    acctUsedFlag: Annotated[str, code("acct_used_flag", "个人账户使用标志", length=1)]
    mdtrtCertType: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3, note=LENGTH_TAKEN_OVER)] = (
        None
    )
    mainCondDscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    diseCodg: Annotated[
        str | None, text(30, "病种编码"), required_when("慢特病或按病种结算时填；官方表印为一律必填")
    ] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    psnSetlway: Annotated[str, code("psn_setlway", "个人结算方式")]
    chrgBchno: Annotated[str, text(30, "收费批次号")]
    pubHospRfomFlag: Annotated[
        str | None, text(None, "公立医院改革标志", note="0 no, 1 yes; seen in one client, not in the official table")
    ] = None
    uldLatlnt: Annotated[str | None, text(None, "经纬度", note="longitude,latitude of the institution")] = None
    endtime: Annotated[datetime | None, moment("出院时间")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    fulamtOwnpayAmt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmtSelfpay: Annotated[Decimal | None, amount("超限价金额")] = None
    preselfpayAmt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscpScpAmt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    oprnOprtCode: Annotated[str | None, text(30, "手术操作代码")] = None
    oprnOprtName: Annotated[str | None, text(500, "手术操作名称")] = None
    fpscNo: Annotated[str | None, text(50, "计划生育服务证号")] = None
    latechbFlag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    gesoVal: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次"), required_when("住院结算时填")] = None
    fetusCnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pretFlag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    birctrlType: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    birctrlMatnDate: Annotated[date | None, day("计划生育手术或生育日期")] = None
    copFlag: Annotated[str | None, code("cop_flag", "伴有并发症标志", length=3)] = None
    dscgDeptCodg: Annotated[str | None, text(30, "出院科室编码")] = None
    dscgDeptName: Annotated[str | None, text(100, "出院科室名称")] = None
    dscgDed: Annotated[str | None, text(50, "出院床位")] = None
    dscgWay: Annotated[str | None, code("dscg_way", "离院方式", length=8)] = None
    dieDate: Annotated[date | None, day("死亡日期")] = None
    matnType: Annotated[str | None, code("matn_type", "生育类别"), required_when("住院结算时填")] = None
    midSetlFlag: Annotated[str | None, text(3, "中途结算标志")] = None
    admDiagDscr: Annotated[str | None, text(None, "入院诊断描述")] = None
    admDeptCodg: Annotated[str | None, text(30, "入院科室编码", note=LENGTH_TAKEN_OVER)] = None
    admDeptName: Annotated[str | None, text(100, "入院科室名称", note=LENGTH_TAKEN_OVER)] = None
    admBed: Annotated[str | None, text(30, "入院床位", note=LENGTH_TAKEN_OVER)] = None
    extData: Annotated[str | None, long_text(None, "扩展字段")] = None
    diseinfoList: Annotated[list[UploadFeesDiagnosis], rows("诊断信息")]
    feedetailList: Annotated[list[UploadFeesFeeRow], rows("费用明细")]


@node
class UploadFeesAnswer:
    """上传结果."""

    payOrdId: Annotated[str, text(40, "支付订单号")]
    payToken: Annotated[str, text(40, "支付token", note="secret: needed by 6202, 6301 and 6401; keep on the server")]
    extData: Annotated[str | None, long_text(None, "扩展数据", note="may carry mdtrtId")] = None
    cashierUrl: Annotated[str | None, text(4000, "医保支付收银台h5地址", note=ADDED_2024)] = None


@transaction(
    "6201",
    "费用明细上传",
    "mobile payment fee detail upload",
    channel="payment",
    does=Does.UPLOADS,
    of=Of.FEES,
    undone_by="6401",
    path="/org/local/api/hos/uldFeeInfo",
    confidence="medium",
)
class UploadFees:
    """Mobile payment fee detail upload.

    - Sum of detItemFeeSumamt over feedetailList equals medfeeSumamt.
    - fulamtOwnpayAmt + preselfpayAmt + inscpScpAmt equals medfeeSumamt when all three are given.
    - Exactly the payOrdId and payToken returned here may be used in 6202.
    - Undone by 6401 as long as the order is not settled.
    - Order states: 0 saved, 1 pre-settled, 2 settling, 3 cash part paid, 4 insurance part paid, 5 settled in
      the institution, 6 settled, 7 refunded, 8 insurance part fully refunded, 9 cash only fully refunded, 10
      cash only partly refunded, 11 insurance fully and cash partly refunded, 12 withdrawn, 13 insurance part
      withdrawn, 14 abnormal, 15 settlement failed, 16 insurance settlement failed and cash reversal failed.
    - Sent in the secured envelope (crypto.json) to the regional mobile payment centre, not through the ordinary
      transaction envelope in the clients seen.
    - Amounts are strings of yuan with at most two decimals: compute in whole fen, never in floating point.
    """

    @node
    class Input:
        data: Annotated[UploadFeesData, nested("订单信息")]

    @node
    class Output:
        data: Annotated[UploadFeesAnswer, nested("上传结果")]


@node
class PlaceOrderData:
    """下单信息."""

    payAuthNo: Annotated[
        str | None,
        text(40, "支付授权码"),
        required_unless("不用电子凭证的授权码、渠道ID、用户ID三项时必填", "ecAuthCode", "ecChnlAppId", "ecChnlUserId"),
    ] = None
    payOrdId: Annotated[str, text(40, "支付订单号", note="from 6201")]
    payToken: Annotated[str, text(40, "支付token", note="from 6201")]
    orgCodg: Annotated[str, text(40, "定点机构编码", note="as in 6201")]
    orgBizSer: Annotated[str, text(40, "机构业务流水号", note="unique in the institution")]
    chrgBchno: Annotated[str | None, text(40, "收费批次号", note="as in 6201")] = None
    feeType: Annotated[
        str | None, code("feeType", "费用类型", length=3, note="as in 6201; in clients, not in the official table")
    ] = None
    mdtrtId: Annotated[str, text(40, "就诊ID")]
    acctUsedFlag: Annotated[str | None, code("acct_used_flag", "个人账户使用标志", length=3, note="empty, 0 or 1")] = (
        None
    )
    deposit: Annotated[Decimal | None, amount("住院押金", note="the answer gives back the part used")] = None
    ecAuthCode: Annotated[str | None, text(40, "电子凭证授权码"), E_CREDENTIAL] = None
    ecChnlAppId: Annotated[str | None, text(40, "电子凭证渠道ID"), E_CREDENTIAL] = None
    ecChnlUserId: Annotated[str | None, text(40, "电子凭证用户ID"), E_CREDENTIAL] = None
    extData: Annotated[str | None, text(None, "扩展数据", note=ADDED_2024)] = None


@node
class PlaceOrderAnswer:
    """下单结果."""

    payOrdId: Annotated[str, text(40, "支付订单号")]
    ordStas: Annotated[str, code("ordStas", "订单状态", length=40)]
    feeSumamt: Annotated[Decimal, amount("费用总额", length=12)]
    ownPayAmt: Annotated[Decimal, amount("现金支付", length=12)]
    psnAcctPay: Annotated[Decimal, amount("个人账户支出", length=12)]
    fundPay: Annotated[Decimal, amount("医保基金支出", length=12)]
    deposit: Annotated[Decimal | None, amount("住院押金")] = None
    acctMulaidPay: Annotated[Decimal | None, amount("个人账户共济支付金额")] = None
    hospPartAmt: Annotated[Decimal | None, amount("医院负担金额")] = None
    othFeeAmt: Annotated[Decimal | None, amount("其他费用金额")] = None
    selfAcctPay: Annotated[Decimal | None, amount("本人账户支付金额")] = None
    extData: Annotated[
        str | None,
        long_text(
            None,
            "扩展数据",
            note="object; extData.preSetl holds the pre-settlement result with the snake_case fields of 2206 setlinfo",
        ),
    ] = None


@transaction(
    "6202",
    "支付下单",
    "mobile payment order",
    channel="payment",
    does=Does.SETTLES,
    of=Of.ORDER,
    looked_for=LookedFor.ORDER,
    undone_by="6203",
    path="/org/local/api/hos/pay_order",
    confidence="medium",
)
class PlaceOrder:
    """Mobile payment order.

    - ownPayAmt + psnAcctPay + fundPay equals feeSumamt.
    - The answer is not proof of payment: poll 6301 until a final state.
    - ownPayAmt above zero: the cash part is paid through the channel before or together with the insurance
      part.
    - Order states: 0 saved, 1 pre-settled, 2 settling, 3 cash part paid, 4 insurance part paid, 5 settled in
      the institution, 6 settled, 7 refunded, 8 insurance part fully refunded, 9 cash only fully refunded, 10
      cash only partly refunded, 11 insurance fully and cash partly refunded, 12 withdrawn, 13 insurance part
      withdrawn, 14 abnormal, 15 settlement failed, 16 insurance settlement failed and cash reversal failed.
    - Sent in the secured envelope (crypto.json) to the regional mobile payment centre, not through the ordinary
      transaction envelope in the clients seen.
    - Amounts are strings of yuan with at most two decimals: compute in whole fen, never in floating point.
    """

    @node
    class Input:
        data: Annotated[PlaceOrderData, nested("下单信息")]

    @node
    class Output:
        data: Annotated[PlaceOrderAnswer, nested("下单结果")]


@node
class RefundData:
    """退费信息."""

    payOrdId: Annotated[str, text(40, "支付订单号")]
    appRefdSn: Annotated[str, text(40, "应用退款流水号", note="unique in the institution")]
    appRefdTime: Annotated[str, text(14, "应用退费时间", note="yyyyMMddHHmmss")]
    totlRefdAmt: Annotated[Decimal, amount("总退费金额", length=12)]
    psnAcctRefdAmt: Annotated[Decimal | None, amount("医保个人账户支付", length=12, note="account part refunded")] = (
        None
    )
    fundRefdAmt: Annotated[Decimal | None, amount("基金支付", length=12, note="fund part refunded")] = None
    cashRefdAmt: Annotated[Decimal, amount("现金退费金额", length=12)]
    ecToken: Annotated[str | None, text(64, "电子凭证授权Token"), TOKEN_OR_AUTH] = None
    payAuthNo: Annotated[str | None, text(None, "支付授权码"), TOKEN_OR_AUTH] = None
    refdType: Annotated[str, text(40, "退费类型", note="ALL all, CASH cash only, HI insurance only")]
    orgCodg: Annotated[str | None, text(40, "定点机构编码")] = None
    extData: Annotated[str | None, long_text(None, "扩展数据")] = None


@node
class RefundAnswer:
    """退费结果."""

    refStatus: Annotated[str, text(40, "退费状态", note="SUCC, FAIL or EXP")]
    refdSn: Annotated[str | None, text(40, "结算中心流水号", note=ADDED_2024)] = None
    hiFefdSn: Annotated[str | None, text(40, "医保退费流水号", note=ADDED_2024)] = None
    hiTrnsDate: Annotated[str | None, text(8, "医保退费日期", note=ADDED_2024)] = None
    hiTrnsTime: Annotated[str | None, text(6, "医保退费时间", note=ADDED_2024)] = None
    extData: Annotated[str | None, text(None, "医保扩展数据", note=ADDED_2024)] = None


@transaction(
    "6203",
    "医保退费",
    "mobile payment insurance refund",
    channel="payment",
    does=Does.CANCELS,
    of=Of.ORDER,
    looked_for=LookedFor.ORDER_TAKEN_BACK,
    path="/org/local/api/hos/refund_Order",
    confidence="medium",
)
class Refund:
    """Mobile payment insurance refund.

    - cashRefdAmt + psnAcctRefdAmt + fundRefdAmt equals totlRefdAmt.
    - ALL must equal every part of the original settlement; CASH has no insurance part; HI has no cash part; no
      part may exceed the original.
    - Insurance money can only be refunded in whole.
    - Sent in the secured envelope (crypto.json) to the regional mobile payment centre, not through the ordinary
      transaction envelope in the clients seen.
    - Amounts are strings of yuan with at most two decimals: compute in whole fen, never in floating point.
    """

    @node
    class Input:
        data: Annotated[RefundData, nested("退费信息")]

    @node
    class Output:
        data: Annotated[RefundAnswer, nested("退费结果")]


@node
class SyncOrderData:
    payOrdId: Annotated[str, text(40, "支付订单号")]
    medOrgOrd: Annotated[str, text(40, "医院订单号")]
    feeSumamt: Annotated[Decimal, amount("费用总金额", length=12)]
    ownPayAmt: Annotated[Decimal, amount("现金自付", length=12)]
    psnAcctPay: Annotated[Decimal, amount("个人账户支付", length=12)]
    fundPay: Annotated[Decimal, amount("医保基金支付", length=12)]
    thdPayType: Annotated[str, text(40, "第三方支付类型")]
    extData: Annotated[str | None, text(None, "扩展数据")] = None


@transaction(
    "6204",
    "医保订单信息同步",
    "mobile payment order information sync",
    channel="payment",
    effect=Effect.CHANGES,
    does=Does.NOTIFIES,
    of=Of.ORDER,
    confidence="medium",
)
class SyncOrder:
    """Mobile payment order information sync.

    - Sent by the regional mobile payment centre to the institution after an order was placed; nothing is
      answered but the acknowledgement.
    - The field table is that of an official provincial edition (2024-10).
    """

    @node
    class Input:
        data: SyncOrderData


@transaction(
    "6205",
    "银行卡支付下单",
    "bank card payment order",
    channel="payment",
    does=Does.SETTLES,
    of=Of.ORDER,
    looked_for=LookedFor.ORDER,
    confidence="low",
    public=False,
)
class PlaceBankOrder:
    """Bank card payment order.

    - Where its message names the order (payOrdId, as 6202 does), an unknown outcome is looked for by 6301.
    - No field table found, also after a dedicated search; the number and name come from a province's list of
      mobile-payment transactions.
    """


@node
class QueryOrderData:
    """查询条件."""

    payOrdId: Annotated[str, text(40, "支付订单号", note="from 6201")]
    orgCodg: Annotated[str, text(40, "定点机构编码", note="as in 6201")]
    payToken: Annotated[str, text(40, "支付token", note="from 6201")]
    idNo: Annotated[str, text(40, "证件号码")]
    userName: Annotated[str, text(40, "用户姓名")]
    idType: Annotated[str, code("psn_cert_type", "证件类别", note="表中长度 3，后来的代码更长")]
    extData: Annotated[str | None, long_text(None, "扩展数据")] = None


@node
class QueryOrderAnswer:
    """结算结果."""

    ordStas: Annotated[str, code("ordStas", "订单状态", length=40)]
    callType: Annotated[str | None, code("callType", "回调类型", length=40), FINAL] = None
    payOrdId: Annotated[str, text(40, "支付订单号")]
    medOrgOrd: Annotated[str | None, text(40, "医疗机构订单号"), FINAL] = None
    traceTime: Annotated[str | None, text(40, "交易时间"), FINAL] = None
    feeSumamt: Annotated[Decimal | None, amount("费用总额", length=12), FINAL] = None
    ownPayAmt: Annotated[Decimal | None, amount("现金支付", length=12, note="有的客户端拼作 ownpayAmt"), FINAL] = None
    psnAcctPay: Annotated[Decimal | None, amount("个人账户支出", length=12), FINAL] = None
    fundPay: Annotated[Decimal | None, amount("医保基金支出", length=12), FINAL] = None
    setlType: Annotated[str | None, text(40, "结算类型", note="ALL、CASH 或 HI"), FINAL] = None
    revsToken: Annotated[str | None, text(40, "冲正token"), FINAL] = None
    hiChrgTime: Annotated[str | None, text(None, "医保结算时间")] = None
    hiDocSn: Annotated[str | None, text(None, "医保单据流水号")] = None
    hiRgstSn: Annotated[str | None, text(None, "医保挂号流水号")] = None
    orgName: Annotated[str | None, text(40, "机构名称")] = None
    orgCode: Annotated[str | None, text(None, "机构编码")] = None
    ecCode: Annotated[str | None, text(None, "电子凭证码")] = None
    extData: Annotated[
        str | None, long_text(None, "扩展数据", note="object with setlinfo and setldetail lists in camelCase")
    ] = None
    orgCodg: Annotated[str | None, text(40, "两定机构编号", note=ADDED_2024)] = None


@transaction(
    "6301",
    "医保订单结算结果查询",
    "mobile payment order result query",
    channel="payment",
    does=Does.READS,
    of=Of.ORDER,
    group="线上支付/订单查询",
    path="/org/local/api/hos/query_order_info",
    confidence="medium",
)
class QueryOrder:
    """Mobile payment order result query.

    - States 0-2 mean still running: only payOrdId and ordStas may be present, poll again.
    - States 3-6 carry amounts; 6 is the only fully settled one: earlier states need the remaining steps.
    - 7-13 refunded or withdrawn, 14-16 failed.
    - Order states: 0 saved, 1 pre-settled, 2 settling, 3 cash part paid, 4 insurance part paid, 5 settled in
      the institution, 6 settled, 7 refunded, 8 insurance part fully refunded, 9 cash only fully refunded, 10
      cash only partly refunded, 11 insurance fully and cash partly refunded, 12 withdrawn, 13 insurance part
      withdrawn, 14 abnormal, 15 settlement failed, 16 insurance settlement failed and cash reversal failed.
    - Sent in the secured envelope (crypto.json) to the regional mobile payment centre, not through the ordinary
      transaction envelope in the clients seen.
    - Amounts are strings of yuan with at most two decimals: compute in whole fen, never in floating point.
    """

    @node
    class Input:
        data: Annotated[QueryOrderData, nested("查询条件")]

    @node
    class Output:
        data: Annotated[QueryOrderAnswer, nested("结算结果")]


@node
class NotifySettlementData:
    """结算结果通知."""

    ordStas: Annotated[
        str | None,
        code("ordStas", "订单状态", length=None, note="in one client; the official table has callType instead"),
    ] = None
    callType: Annotated[str, code("callType", "回调类型", length=40, note="02 payment succeeded, the only one in use")]
    payOrdId: Annotated[str, text(40, "支付订单号")]
    medOrgOrd: Annotated[str | None, text(40, "医疗机构订单号"), FINAL] = None
    traceTime: Annotated[str | None, text(40, "交易时间"), FINAL] = None
    feeSumamt: Annotated[Decimal | None, amount("费用总额", length=12), FINAL] = None
    ownPayAmt: Annotated[Decimal | None, amount("现金支付", note="有的客户端拼作 ownpayAmt"), FINAL] = None
    psnAcctPay: Annotated[Decimal | None, amount("个人账户支出", length=12), FINAL] = None
    fundPay: Annotated[Decimal | None, amount("医保基金支出", length=12), FINAL] = None
    setlType: Annotated[str | None, text(40, "结算类型", note="ALL、CASH 或 HI"), FINAL] = None
    revsToken: Annotated[
        str | None, text(40, "冲正token"), required_when("机构无法完成时凭它撤销医保部分，一小时内有效")
    ] = None
    hiChrgTime: Annotated[str | None, text(6, "医保结算时间")] = None
    hiDocSn: Annotated[str | None, text(40, "医保单据流水号")] = None
    hiRgstSn: Annotated[str | None, text(40, "医保挂号流水号")] = None
    orgName: Annotated[str | None, text(40, "机构名称")] = None
    orgCode: Annotated[str | None, text(None, "机构编码")] = None
    ecCode: Annotated[str | None, text(200, "电子凭证码")] = None
    extData: Annotated[
        str | None, long_text(None, "扩展数据", note="object with setlinfo and setldetail lists in camelCase")
    ] = None
    ownpayAmt: Annotated[
        Decimal | None, amount("个人现金自付", length=12), required_when("ownPayAmt 在本交易官方表中的写法")
    ] = None


@node
class NotifySettlementAnswer:
    """接收结果."""

    success: Annotated[bool, text(None, "回调通知结果", boolean=True)]
    message: Annotated[str, text(1000, "结果说明")]


@transaction(
    "6302",
    "医保结算结果通知",
    "mobile payment settlement result notice",
    channel="payment",
    does=Does.NOTIFIES,
    of=Of.ORDER,
    group="线上支付/订单查询",
    path="/pmc/api/hos/seltSucCallback",
    confidence="medium",
)
class NotifySettlement:
    """Mobile payment settlement result notice.

    - Sent by the regional mobile payment centre to the institution after settlement: the institution must
      accept it many times (idempotent by payOrdId) and still confirm with 6301.
    - The path is the one an institution exposes; it is agreed per institution.
    """

    @node
    class Input:
        data: Annotated[NotifySettlementData, nested("结算结果通知")]

    @node
    class Output:
        data: Annotated[NotifySettlementAnswer, nested("接收结果")]


@node
class WithdrawFeesAnswer:
    """撤销结果."""

    success: Annotated[bool, text(None, "成功标志", boolean=True)]
    message: Annotated[str | None, text(1000, "结果说明")] = None


@transaction(
    "6401",
    "费用明细上传撤销",
    "mobile payment fee detail upload withdrawal",
    channel="payment",
    does=Does.WITHDRAWS,
    of=Of.FEES,
    group="线上支付/订单撤销",
    path="/org/local/api/hos/revoke_order",
    confidence="medium",
)
class WithdrawFees:
    """Mobile payment fee detail upload withdrawal.

    - Only before settlement; after settlement use 6203.
    - Sent in the secured envelope (crypto.json) to the regional mobile payment centre, not through the ordinary
      transaction envelope in the clients seen.
    - Amounts are strings of yuan with at most two decimals: compute in whole fen, never in floating point.
    """

    @node
    class Input:
        data: Annotated[QueryOrderData, nested("撤销条件")]

    @node
    class Output:
        data: Annotated[WithdrawFeesAnswer, nested("撤销结果")]


@transaction(
    "一码付-支付下单",
    "支付下单",
    "one-code pay: payment order",
    does=Does.SETTLES,
    of=Of.ORDER,
    looked_for=Unasked("一码付的字段没有公开来源，平台怎么查也不清楚；请向收单方核对"),
    group="一码付",
    confidence="low",
    public=False,
)
class PlaceOneCodeOrder:
    """One-code pay: payment order.

    - The charge of the cash part through the institution's own acquirer; acquirer and reconciliation stay as
      they were.
    - Offered by the provincial e-credential middle platform; the state authority issues the institution key.
      Path, codes and field names were not found in public sources.
    - Insurance transactions (fee upload, pre-settlement, settlement, refund) stay the offline ones.
    - Direct merchants of a wallet charge the credential with that wallet's payment-code interface; indirect
      merchants with their acquirer's.
    - Alipay channel: after the payment the order is synchronised with medicalOrgNo, medicalOrgName,
      paymentCityCode, bizType, subject, optType SETTLE, status SUCCESS, outBizNo, gmtPaid, qrCode,
      alipayTradeNo, alipayAmount, bizTraceNo (several joined by commas), feeSumamt, fundPay, psnAcctPay,
      ownPayAmt, sysServiceProviderId, paymentPlace, paymentPlaceCode (an aggregator's field names, not the
      insurance platform's).
    - bizType of that synchronisation: OUTPATIENT_REGISTRATION, OUTPATIENT_PAYMENT, HOSPITAL_DEPOSIT,
      HOSPITAL_SETTLEMENT.
    - In the test environment the wallet side charges real money while the insurance side is simulated: use the
      smallest amount and refund at once.
    """


@transaction(
    "一码付-用户一码付状态查询",
    "用户一码付状态查询",
    "one-code pay: user status query",
    does=Does.READS,
    of=Of.ORDER,
    group="一码付",
    confidence="low",
    public=False,
)
class QueryOneCodeState:
    """One-code pay: user status query.

    - Input is the ecToken; tells whether the person has signed up for one-code pay and with which channel.
    - Optional: an institution may go straight to the payment credential.
    - Offered by the provincial e-credential middle platform; the state authority issues the institution key.
      Path, codes and field names were not found in public sources.
    - Insurance transactions (fee upload, pre-settlement, settlement, refund) stay the offline ones.
    - Ask only when pre-settlement shows a cash part.
    """


@transaction(
    "一码付-获取付款凭据",
    "获取付款凭据",
    "one-code pay: get payment credential",
    does=Does.ISSUES,
    effect=Effect.REPEATABLE,
    of=Of.CREDENTIAL,
    group="一码付",
    confidence="low",
    public=False,
)
class GetOneCodeCredential:
    """One-code pay: get payment credential.

    - Input is the ecToken decoded from the e-credential QR code plus the cash amount; the answer names the
      paying channel and gives a payment code of that channel.
    - Ask for it after pre-settlement shows a cash part and before the settlement; the amount asked must equal
      the amount then charged.
    - Then settle (ordinary settlement transaction) and charge the code through the institution's own acquirer
      as a payment code (付款码支付).
    - Offered by the provincial e-credential middle platform; the state authority issues the institution key.
      Path, codes and field names were not found in public sources.
    - Insurance transactions (fee upload, pre-settlement, settlement, refund) stay the offline ones.
    - The credential is single-use for the amount asked; when the settlement changes the cash part, ask again
      (inferred from the equal-amount rule).
    - Before go-live the material goes to the province and then to the national review.
    """
