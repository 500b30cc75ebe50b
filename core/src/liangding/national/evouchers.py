"""Electronic settlement vouchers (电子结算凭证): transactions 4901 to 4907, and 5501."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Of, amount, chapter, code, day, long_text, moment, node, number, required_when, rows, text

transaction = chapter("evouchers", "电子票据/医疗机构电子结算凭证信息管理")

CODED = required_when("财政电子票据（1）、税务电子发票（2）必填，税务数电票（3）选填", elecSetlCertType=("1", "2"))
REAL_TIME = required_when("实时结算（1）必填", certSetlType="1")


@node
class UploadVoucher2:
    """结算凭证关联关系列表."""

    elecSetlCertCode: Annotated[str | None, text(50, "电子结算凭证代码"), CODED] = None
    elecSetlCertNo: Annotated[str, text(50, "电子结算凭证号码")]
    elecSetlCertChkcode: Annotated[str | None, text(20, "电子结算凭证校验码", note="表中印为整数，实为文本"), CODED] = (
        None
    )
    elecSetlCertType: Annotated[
        str,
        code(
            "elec_setl_cert_type",
            "电子结算凭证类型",
            length=20,
            note="1 fiscal e-bill, 2 tax e-invoice, 3 digital tax e-invoice",
        ),
    ]
    certSetlType: Annotated[
        str, code("cert_setl_type", "凭证结算类型", length=3, note="1 real-time settlement, 2 full self-pay")
    ]
    mdtrtType: Annotated[str, code("med_mdtrt_type", "就诊类型", length=3, note="1 outpatient, 2 inpatient")]
    billDate: Annotated[date, day("开票日期")]
    medfeeSumamt: Annotated[Decimal, amount("医疗费总额")]
    insuplcAdmdvs: Annotated[str | None, text(6, "参保地医保区划"), REAL_TIME] = None
    bizSn: Annotated[
        str,
        text(50, "业务流水号", note="medins_setl_id for real-time settlement; fixmedins_mdtrt_id for full self-pay"),
    ]
    setlId: Annotated[str | None, text(30, "结算ID"), REAL_TIME] = None
    setlTime: Annotated[datetime | None, moment("结算时间", note="yyyy-MM-dd HH:mm:ss"), REAL_TIME] = None
    psnNo: Annotated[str | None, text(30, "人员编号"), REAL_TIME] = None
    psnName: Annotated[str, text(50, "人员姓名")]
    certno: Annotated[str | None, text(50, "证件号码", note="identity document number")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型"), REAL_TIME] = None
    inscpAmt: Annotated[Decimal | None, amount("符合范围金额"), REAL_TIME] = None
    hifpPay: Annotated[Decimal | None, amount("统筹基金支出"), REAL_TIME] = None
    maindiagCode: Annotated[str, text(30, "主要诊断代码")]
    maindiagName: Annotated[str, text(255, "主要诊断名称")]
    scddiagCode: Annotated[str | None, text(30, "次要诊断代码")] = None
    scddiagName: Annotated[str | None, text(255, "次要诊断名称")] = None
    mdtrtareaAdmdvs: Annotated[str, text(6, "就医地医保区划")]
    extFld: Annotated[
        str | None, long_text(4000, "扩展字段", note="JSON text, at most 4000 characters when serialised")
    ] = None


@transaction(
    "4901",
    "上传电子结算凭证",
    "electronic settlement voucher upload",
    does=Does.UPLOADS,
    of=Of.VOUCHER,
    confidence="medium",
)
class Upload:
    """Electronic settlement voucher upload.

    - Fields stand directly under input; the names are camelCase.
    - At most 100 vouchers in one call; upldDetlList has exactly one row for each layout file in the zip.
    - Layout files (pdf/ofd) are named <voucher code>-<voucher number>; with upldMode 2 the zip also holds
      <code>-<number>-extinfo.xml for each (UTF-8).
    - For real-time settlement the platform compares the voucher with the settlement of setlId (amounts) and
      only then keeps the file.
    - bizStsb is the issue-date range, upldBchno the upload date plus a 5-digit serial; both are needed to ask
      for the result with 4902.
    - elecSetlCertType 1 fiscal e-bill, 2 tax e-invoice (code and check code required), 3 digital tax e-invoice
      (both optional).
    - certSetlType 1 real-time settlement: setlId, setlTime, psnNo, insutype, inscpAmt and hifpPay required; 2
      full self-pay: bizSn is the institution visit number.
    - 4905 uploads a wrong voucher again; no transaction withdraws one.
    """

    @node
    class Input:
        fixmedinsCode: Annotated[str, text(30, "定点医疗机构编号")]
        fixmedinsName: Annotated[str, text(255, "定点医疗机构名称")]
        elecSetlCertCnt: Annotated[Decimal, number(10, 0, "电子结算凭证数量", note="at most 100 in one upload")]
        bizStsb: Annotated[str, text(30, "业务区间", note="issue-date range, yyyyMMdd-yyyyMMdd")]
        upldBchno: Annotated[str, text(50, "上传批次号", note="upload date yyyyMMdd plus a 5-digit serial")]
        filename: Annotated[str, text(200, "文件名称", note="name of the zip file")]
        ftfileCompac: Annotated[
            str,
            long_text(None, "版式文件压缩包", note="base64 zip of layout files (pdf/ofd), each named <code>-<number>"),
        ]
        upldMode: Annotated[
            str | None,
            code(
                "upld_mode",
                "上传模式",
                length=3,
                note="1 the XML is read out of the layout file, 2 the XML is sent as a separate file; 1 when absent",
            ),
        ] = None
        upldDetlList: Annotated[list[UploadVoucher2], rows("结算凭证关联关系列表")]


@node
class QueryUpload2:
    elecSetlCertCode: Annotated[str | None, text(50, "电子结算凭证代码")] = None
    elecSetlCertNo: Annotated[str | None, text(50, "电子结算凭证号码")] = None
    elecSetlCertChkcode: Annotated[str | None, text(20, "电子结算凭证校验码")] = None
    elecSetlCertType: Annotated[
        str | None,
        code(
            "elec_setl_cert_type",
            "电子结算凭证类型",
            length=20,
            note="1 fiscal e-bill, 2 tax e-invoice, 3 digital tax e-invoice",
        ),
    ] = None
    certSetlType: Annotated[
        str | None, code("cert_setl_type", "凭证结算类型", length=3, note="1 real-time settlement, 2 full self-pay")
    ] = None
    ftfileSavRslt: Annotated[
        str | None, code("ftfile_sav_rslt", "版式文件保存结果", length=3, note="0 in progress, 1 success, 2 failure")
    ] = None
    chkRslt: Annotated[
        str | None, code("chk_rslt", "关联关系核验结果", length=3, note="0 in progress, 1 success, 2 failure")
    ] = None
    savFaleRea: Annotated[str | None, text(200, "保存失败原因")] = None


@transaction(
    "4902",
    "查询电子结算凭证上传结果",
    "electronic settlement voucher upload result query",
    does=Does.READS,
    of=Of.VOUCHER,
    confidence="medium",
)
class QueryUpload:
    """Electronic settlement voucher upload result query.

    - Fields stand directly under input; the names are camelCase.
    - Many rows come back, one for each voucher of the batch; results 0 in progress, 1 success, 2 failure for
      the saved file and for the check of the relation.
    - A failed voucher is sent again with 4905.
    """

    @node
    class Input:
        fixmedinsCode: Annotated[str, text(30, "定点医疗机构编号")]
        fixmedinsName: Annotated[str, text(255, "定点医疗机构名称")]
        bizStsb: Annotated[str, text(30, "业务区间", note="issue-date range, yyyyMMdd-yyyyMMdd")]
        upldBchno: Annotated[str, text(20, "上传批次号", note="upload date yyyyMMdd plus a 5-digit serial")]

    Output = Annotated[list[QueryUpload2], rows("", optional=True)]


@transaction(
    "4903",
    "上传电子结算凭证基本信息",
    "upload basic information of electronic settlement vouchers",
    does=Does.UPLOADS,
    of=Of.VOUCHER,
    undone_by="4905",
    confidence="low",
    public=False,
)
class UploadBasics:
    """Upload basic information of electronic settlement vouchers.

    - Uploads the voucher data without the layout file; result by 4904, repeat by 4905 with initUpldWay 2.
    - Field table not found in any public source searched.
    """


@transaction(
    "4904",
    "查询医疗机构电子结算凭证基本信息上传结果",
    "query results of 4903",
    does=Does.READS,
    of=Of.VOUCHER,
    confidence="low",
    public=False,
)
class QueryBasics:
    """Query results of 4903.

    - Counterpart of 4902 for uploads made by 4903.
    - Field table not found in any public source searched.
    """


@node
class UploadAgainVoucher(UploadVoucher2):
    """结算凭证关联关系列表."""

    initElecSetlCertCode: Annotated[str | None, text(50, "原电子结算凭证代码"), CODED] = None
    initElecSetlCertNo: Annotated[str, text(50, "原电子结算凭证号码")]
    initUpldWay: Annotated[
        str, code("init_upld_way", "原上传方式", length=3, note="1 first sent by 4901, 2 first sent by 4903")
    ]
    rea: Annotated[str, text(200, "原因")]
    certCodeNoErrFlag: Annotated[
        str,
        code("cert_code_no_err_flag", "凭证代码号码错误标志", length=3, note="0 code and number unchanged, 1 changed"),
    ]


@transaction(
    "4905",
    "医疗机构重新上传电子结算凭证信息",
    "electronic settlement voucher re-upload",
    does=Does.CHANGES,
    of=Of.VOUCHER,
    confidence="medium",
)
class UploadAgain:
    """Electronic settlement voucher re-upload.

    - Fields stand directly under input; the names are camelCase.
    - initUpldWay 1 when the voucher first came by 4901 (ask 4902 for the result), 2 when by 4903 (ask 4904).
    - rea gives the reason; certCodeNoErrFlag 1 when code or number differ from the first upload, whose values
      go into initElecSetlCertCode and initElecSetlCertNo.
    """

    @node
    class Input:
        fixmedinsCode: Annotated[str, text(30, "定点医疗机构编号")]
        fixmedinsName: Annotated[str, text(255, "定点医疗机构名称")]
        bizStsb: Annotated[str, text(30, "业务区间", note="issue-date range, yyyyMMdd-yyyyMMdd")]
        upldBchno: Annotated[str, text(50, "上传批次号", note="upload date yyyyMMdd plus a 5-digit serial")]
        upldMode: Annotated[
            str | None,
            code(
                "upld_mode",
                "上传模式",
                length=3,
                note="1 the XML is read out of the layout file, 2 the XML is sent as a separate file; 1 when absent",
            ),
        ] = None
        ftfileCompac: Annotated[
            str | None,
            long_text(
                None,
                "文件压缩包",
                note="base64 zip: layout files named <code>-<number> and XML files named <code>-<number>-extinfo",
            ),
        ] = None
        elecSetlCertCnt: Annotated[Decimal, number(10, 0, "电子结算凭证数量")]
        filename: Annotated[str, text(200, "文件名称")]
        reUploadDetlDTOList: Annotated[list[UploadAgainVoucher], rows("结算凭证关联关系列表")]


@transaction(
    "4906",
    "医疗机构上传电子结算凭证信息",
    "upload electronic settlement voucher information",
    does=Does.UPLOADS,
    of=Of.VOUCHER,
    confidence="low",
    public=False,
)
class UploadVoucher:
    """Upload electronic settlement voucher information.

    - Field table not found in any public source searched.
    """


@transaction(
    "4907",
    "医疗机构上传电子结算凭证信息结果查询",
    "query results of 4906",
    does=Does.READS,
    of=Of.VOUCHER,
    confidence="low",
    public=False,
)
class QueryVoucher:
    """Query results of 4906.

    - Field table not found in any public source searched.
    """


@transaction(
    "5501",
    "查询电子凭证状态",
    "electronic settlement voucher state query",
    does=Does.READS,
    of=Of.VOUCHER,
    confidence="medium",
)
class QueryState:
    """Electronic settlement voucher state query.

    - Fields stand directly under input; the names are camelCase.
    - One voucher in, one state out: rhredFlag (reversed or not) and reimFlag (0 not reimbursed, 1 reimbursed, 2
      applied for).
    - A voucher that is reversed or already reimbursed must not be reimbursed again.
    """

    @node
    class Input:
        fixmedinsCode: Annotated[str, text(30, "定点医疗机构编号")]
        fixmedinsName: Annotated[str, text(255, "定点医疗机构名称")]
        elecSetlCertCode: Annotated[str | None, text(50, "电子结算凭证代码"), CODED] = None
        elecSetlCertNo: Annotated[str, text(50, "电子结算凭证号码")]
        elecSetlCertChkcode: Annotated[str | None, text(50, "电子结算凭证校验码"), CODED] = None
        elecSetlCertType: Annotated[
            str,
            code(
                "elec_setl_cert_type",
                "电子结算凭证类型",
                length=20,
                note="1 fiscal e-bill, 2 tax e-invoice, 3 digital tax e-invoice",
            ),
        ]

    @node
    class Output:
        elecSetlCertCode: Annotated[str | None, text(50, "电子结算凭证代码")] = None
        elecSetlCertNo: Annotated[str | None, text(50, "电子结算凭证号码")] = None
        elecSetlCertChkcode: Annotated[str | None, text(20, "电子结算凭证校验码")] = None
        elecSetlCertType: Annotated[
            str | None,
            code(
                "elec_setl_cert_type",
                "电子结算凭证类型",
                length=20,
                note="1 fiscal e-bill, 2 tax e-invoice, 3 digital tax e-invoice",
            ),
        ] = None
        certSetlType: Annotated[
            str | None, code("cert_setl_type", "凭证结算类型", length=3, note="1 real-time settlement, 2 full self-pay")
        ] = None
        rhredFlag: Annotated[
            str | None, code("rhred_flag", "冲红标志", length=3, note="0 not reversed, 1 reversed")
        ] = None
        reimFlag: Annotated[
            str | None, code("reim_flag", "报销标志", length=3, note="0 not reimbursed, 1 reimbursed, 2 applied for")
        ] = None
