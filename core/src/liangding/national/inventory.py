"""Stock, sales and traceability codes (进销存管理): transactions 3501 to 3592B."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks import trace_codes
from ..spec import (
    Does,
    LookedFor,
    Of,
    amount,
    chapter,
    code,
    day,
    moment,
    node,
    number,
    one_of,
    required_when,
    rows,
    text,
)

transaction = chapter("inventory", "医药机构管理/进销存管理")

HAS_CODE = required_when("每盒一行；药盒上有追溯码时必填")
ITEM_OR_BATCH = one_of("医药机构目录编码与批次流水号至少填一项", "medins_list_codg", "fixmedins_bchno")
CODE_OR_BATCH = one_of(
    "医疗目录编码、医药机构目录编码与批次流水号至少填一项", "med_list_codg", "medins_list_codg", "fixmedins_bchno"
)
SALE_KEY = one_of(
    "医疗目录编码、医药机构目录编码、批次流水号、就诊ID与证件号码至少填一项",
    "med_list_codg",
    "medins_list_codg",
    "fixmedins_bchno",
    "mdtrt_id",
    "certno",
)


@node
class UploadCountTraceCode:
    """溯源码节点信息."""

    drug_trac_codg: Annotated[str | None, text(100, "药品追溯码"), HAS_CODE] = None


@node
class StockFacts:
    """What StockCount and StockCountRow have in common."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    rx_flag: Annotated[str, code("rx_flag", "处方药标志", length=3)]
    invdate: Annotated[date, day("盘存日期")]
    inv_cnt: Annotated[Decimal, amount("库存数量", note="counted in the smallest priced pack unit")]
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号", note="the institution's own batch number")]
    manu_date: Annotated[date, day("生产日期")]
    expy_end: Annotated[date, day("有效期止")]
    memo: Annotated[str | None, text(500, "备注")] = None
    drugtracinfo: Annotated[list[UploadCountTraceCode] | None, rows("溯源码节点信息")] = None


@node
class StockCount(StockFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]


@transaction(
    "3501",
    "商品盘存上传",
    "stock count upload",
    does=Does.UPLOADS,
    of=Of.STOCK,
    undone_by="3507",
    path="/fsi/api/goodsService/goodsUpload",
    looked_for=LookedFor.STOCK_COUNT,
    known_by=("fixmedins_bchno", "invdate"),
)
class UploadCount:
    """Stock count upload.

    - One row per call; 3501A takes several.
    - At first initialisation upload a 3502 stock change for the counted stock as well.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - drugtracinfo is a list under each goods row, one row per scanned pack; some editions give a single object
      for 3501.
    - Node names and keys keep their mixed case (drugtracinfo, retRslt) although the general rule wants lower
      case.
    """

    request_checks = (trace_codes("invinfo", "drugtracinfo"),)

    @node
    class Input:
        invinfo: StockCount


@node
class StockCountRow(StockFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    pric: Annotated[
        Decimal | None,
        number(
            16,
            6,
            "单价",
            note="V1.1.27 requires it (added 2024-08); absent in the V1.1.72 edition of another province; length taken over from 3502",
        ),
    ] = None


@transaction(
    "3501A",
    "商品盘存上传A",
    "stock count batch upload",
    does=Does.UPLOADS,
    of=Of.STOCK,
    undone_by="3507A",
    looked_for=LookedFor.STOCK_COUNT,
    known_by=("fixmedins_bchno", "invdate"),
)
class UploadCountBatch:
    """Stock count batch upload.

    - Several rows per call, list under invinfoDetail.
    - At first initialisation upload a stock change for the counted stock as well.
    - V1.1.27 gives no output; other A transactions return refused rows in an …ErrDetail list.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - drugtracinfo is a list under each goods row, one row per scanned pack; some editions give a single object
      for 3501.
    - Node names and keys keep their mixed case (drugtracinfo, retRslt) although the general rule wants lower
      case.
    """

    request_checks = (trace_codes("invinfoDetail", "drugtracinfo"),)

    @node
    class Input:
        invinfoDetail: list[StockCountRow]


@node
class UploadChangeTraceCode:
    """溯源码节点信息."""

    drug_trac_codg: Annotated[
        str | None, text(100, "药品追溯码", note="the table prints 30, others 100; GS1 codes are longer"), HAS_CODE
    ] = None


@node
class StockChangeFacts:
    """What StockChange and StockChangeRow have in common."""

    inv_chg_type: Annotated[str, code("inv_chg_type", "库存变更类型")]
    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    cnt: Annotated[Decimal, number(16, 4, "数量", note="counted in the smallest priced pack unit")]
    rx_flag: Annotated[str, code("rx_flag", "处方药标志", length=3)]
    inv_chg_time: Annotated[datetime, moment("库存变更时间")]
    inv_chg_opter_name: Annotated[str | None, text(50, "库存变更经办人姓名")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    trdn_flag: Annotated[str | None, code("trdn_flag", "拆零标志", length=2)] = None
    drugtracinfo: Annotated[list[UploadChangeTraceCode] | None, rows("溯源码节点信息")] = None


@node
class StockChange(StockChangeFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]


@transaction(
    "3502",
    "商品库存变更",
    "stock change upload",
    does=Does.CHANGES,
    of=Of.STOCK,
    undone_by="3507",
    path="/fsi/api/goodsService/goodsUpdate",
    looked_for=LookedFor.STOCK_CHANGE,
    known_by=("fixmedins_bchno", "inv_chg_type", "inv_chg_time"),
)
class UploadChange:
    """Stock change upload.

    - One row per call.
    - cnt is in the smallest priced pack unit; the direction follows from inv_chg_type.
    - drugtracinfo was added to this transaction in later editions (absent in V1.1.27's table, present in
      three systems of 2025).
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    """

    request_checks = (trace_codes("invinfo", "drugtracinfo", printed=30),)

    @node
    class Input:
        invinfo: StockChange


@node
class StockChangeRow(StockChangeFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    trac_codg_pac_hery: Annotated[
        str | None, code("trac_codg_pac_hery", "追溯码包装层级", length=3, note="1 small, 2 middle, 3 large pack")
    ] = None


@node
class RefusedRow:
    """What RefusedChange, RefusedPurchaseReturn and RefusedReturn have in common."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    retRslt: Annotated[str | None, text(6, "返回结果", note="1 accepted, 0 refused")] = None
    msgRslt: Annotated[str | None, text(2000, "错误原因")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class RefusedChange(RefusedRow):
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    inv_chg_type: Annotated[str, code("inv_chg_type", "库存变更类型")]


@transaction(
    "3502A",
    "商品库存变更A",
    "stock change batch upload",
    does=Does.CHANGES,
    of=Of.STOCK,
    undone_by="3507A",
    looked_for=LookedFor.STOCK_CHANGE,
    known_by=("fixmedins_bchno", "inv_chg_type", "inv_chg_time"),
)
class UploadChangeBatch:
    """Stock change batch upload.

    - Several rows per call; refused rows come back in invinfoErrDetail with retRslt 0 and a reason, the others
      count as done.
    - trac_codg_pac_hery says which pack level the scanned codes are of (1 small, 2 middle, 3 large).
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - drugtracinfo is a list under each goods row, one row per scanned pack; some editions give a single object
      for 3501.
    - Node names and keys keep their mixed case (drugtracinfo, retRslt) although the general rule wants lower
      case.
    """

    request_checks = (trace_codes("invinfoDetail", "drugtracinfo", printed=30),)

    @node
    class Input:
        invinfoDetail: list[StockChangeRow]

    @node
    class Output:
        invinfoErrDetail: list[RefusedChange] | None = None


@node
class PurchaseFacts:
    """What GoodsPurchase, GoodsPurchaseRow, PurchaseReturn and PurchaseReturnRow have in common."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    spler_name: Annotated[str, text(200, "供应商名称")]
    spler_pmtno: Annotated[str | None, text(50, "供应商许可证号")] = None
    manu_date: Annotated[date, day("生产日期")]
    expy_end: Annotated[date, day("有效期止")]
    purc_retn_cnt: Annotated[Decimal, number(16, 4, "采购/退货数量")]
    purc_invo_codg: Annotated[str | None, text(50, "采购发票编码")] = None
    rx_flag: Annotated[str, code("rx_flag", "处方药标志", length=3)]
    purc_retn_stoin_time: Annotated[datetime, moment("采购/退货入库时间")]
    purc_retn_opter_name: Annotated[str, text(50, "采购/退货经办人姓名")]
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class GoodsPurchase(PurchaseFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    dynt_no: Annotated[str | None, text(50, "随货单号")] = None
    manu_lotnum: Annotated[str, text(30, "生产批号")]
    prodentp_name: Annotated[
        str, text(200, "生产厂家名称", note="V1.0 (2021-02) called it prdr_name; prodentp_name since 2021-09")
    ]
    aprvno: Annotated[str, text(100, "批准文号")]
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    purc_invo_no: Annotated[str | None, text(50, "采购发票号")] = None
    prod_geay_flag: Annotated[str | None, code("prod_geay_flag", "商品赠送标志", length=3, note="0 no, 1 yes")] = None


@node
class UploadPurchaseResult:
    retRslt: Annotated[str | None, text(6, "返回结果", note="1 accepted, 0 refused")] = None
    msgRslt: Annotated[str | None, text(2000, "返回信息", note="reason when refused")] = None


@transaction(
    "3503",
    "商品采购",
    "purchase upload",
    does=Does.UPLOADS,
    of=Of.GOODS,
    undone_by="3504",
    path="/fsi/api/goodsService/goodsBuy",
    looked_for=LookedFor.GOODS_BOUGHT,
    known_by=("fixmedins_bchno", "purc_retn_stoin_time"),
)
class UploadPurchase:
    """Purchase upload.

    - One row per call.
    - Purchase also changes stock: upload a 3502 change (108) where the region wants both.
    - V1.0 and V1.1.27 have no output; later editions return result with retRslt and msgRslt.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - A wrongly uploaded record is removed by 3507 with inv_data_type 3; goods really given back are a return,
      3504.
    """

    @node
    class Input:
        purcinfo: GoodsPurchase

    @node
    class Output:
        result: UploadPurchaseResult | None = None


@node
class UploadPurchaseBatchInvoiceFile:
    """采购单据列表."""

    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    file_data: Annotated[str, text(1000, "文件内容", note="Base64")]
    file_name: Annotated[str, text(30, "文件名", note="with its full suffix")]


@node
class GoodsPurchaseRow(PurchaseFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    dynt_no: Annotated[str | None, text(50, "随货单号")] = None
    manu_lotnum: Annotated[str, text(30, "生产批号")]
    prodentp_name: Annotated[str, text(200, "生产厂家名称")]
    aprvno: Annotated[str, text(100, "批准文号")]
    finl_trns_pric: Annotated[
        Decimal | None, number(16, 6, "最终成交单价", note="V1.1.27 requires it since 2024-08")
    ] = None
    purc_invo_no: Annotated[str | None, text(50, "采购发票号")] = None
    prod_geay_flag: Annotated[str | None, code("prod_geay_flag", "商品赠送标志", length=3, note="0 no, 1 yes")] = None
    purc_invo_file_List: Annotated[list[UploadPurchaseBatchInvoiceFile] | None, rows("采购单据列表")] = None


@node
class GoodsPurchaseResult:
    """上传结果（V1.1.27）."""

    med_list_codg: Annotated[
        str | None, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ] = None
    fixmedins_hilist_id: Annotated[str | None, text(30, "定点医药机构目录编号")] = None
    fixmedins_hilist_name: Annotated[str | None, text(200, "定点医药机构目录名称")] = None
    dynt_no: Annotated[str | None, text(50, "随货单号")] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    spler_name: Annotated[str | None, text(200, "供应商名称")] = None
    spler_pmtno: Annotated[str | None, text(50, "供应商许可证号")] = None
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    prodentp_name: Annotated[str | None, text(200, "生产厂家名称")] = None
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    manu_date: Annotated[date | None, day("生产日期")] = None
    expy_end: Annotated[date | None, day("有效期止")] = None
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    purc_retn_cnt: Annotated[Decimal | None, number(16, 4, "采购/退货数量")] = None
    purc_invo_codg: Annotated[str | None, text(50, "采购发票编码")] = None
    purc_invo_no: Annotated[str | None, text(50, "采购发票号")] = None
    rx_flag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    purc_retn_stoin_time: Annotated[datetime | None, moment("采购/退货入库时间")] = None
    purc_retn_opter_name: Annotated[str | None, text(50, "采购/退货经办人姓名")] = None
    prod_geay_flag: Annotated[str | None, code("prod_geay_flag", "商品赠送标志", length=3, note="0 no, 1 yes")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    medins_prod_purc_no: Annotated[str | None, text(30, "商品采购流水号")] = None
    retRslt: Annotated[str | None, text(6, "返回结果", note="1 accepted, 0 refused")] = None
    msgRslt: Annotated[str | None, text(2000, "返回信息", note="reason when refused")] = None


@transaction(
    "3503A",
    "商品采购A",
    "purchase batch upload",
    does=Does.UPLOADS,
    of=Of.GOODS,
    undone_by="3504A",
    looked_for=LookedFor.GOODS_BOUGHT,
    known_by=("fixmedins_bchno", "purc_retn_stoin_time"),
)
class UploadPurchaseBatch:
    """Purchase batch upload.

    - Several rows per call.
    - purc_invo_file_List (scans of the purchase documents) is an addition of 2024-08 in V1.1.27, mandatory there.
    - Most later editions return one result node; V1.1.27 echoes every row with retRslt, msgRslt and the
      platform's medins_prod_purc_no.
    - Keep medins_prod_purc_no where it is returned: the return (3504, 3504A) may quote it.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - A wrongly uploaded record is removed by 3507A with inv_data_type 3; goods really given back are a return,
      3504A.
    """

    @node
    class Input:
        purcinfoDetail: list[GoodsPurchaseRow]

    @node
    class Output:
        result: UploadPurchaseResult | None = None
        purcinfoDetail: Annotated[list[GoodsPurchaseResult] | None, rows("上传结果（V1.1.27）")] = None


@node
class PurchaseReturn(PurchaseFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    finl_trns_pric: Annotated[
        Decimal | None, number(16, 6, "最终成交单价", note="unit price of the purchase or the return")
    ] = None
    purc_invo_no: Annotated[str, text(50, "采购发票号")]
    medins_prod_purc_no: Annotated[str | None, text(50, "商品采购流水号")] = None


@transaction(
    "3504",
    "商品采购退货",
    "purchase return upload",
    does=Does.RETURNS,
    of=Of.GOODS,
    undone_by="3507",
    path="/fsi/api/goodsService/goodsBuyReturn",
    looked_for=LookedFor.GOODS_BOUGHT,
    known_by=("fixmedins_bchno", "purc_retn_stoin_time"),
)
class UploadPurchaseReturn:
    """Purchase return upload.

    - One row per call.
    - purc_invo_no is mandatory here though optional in the purchase.
    - V1.0 and V1.1.27 have no output; later editions return result with retRslt and msgRslt.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    """

    @node
    class Input:
        purcinfo: PurchaseReturn

    @node
    class Output:
        result: UploadPurchaseResult | None = None


@node
class PurchaseReturnRow(PurchaseFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    finl_trns_pric: Annotated[
        Decimal | None, number(16, 6, "最终成交单价", note="unit price of the purchase or the return")
    ] = None
    purc_invo_no: Annotated[str, text(50, "采购发票号")]
    medins_prod_purc_no: Annotated[str | None, text(50, "商品采购流水号")] = None


@node
class RefusedPurchaseReturn(RefusedRow):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_prod_purc_no: Annotated[str | None, text(50, "商品采购流水号")] = None


@transaction(
    "3504A",
    "商品采购退货A",
    "purchase return batch upload",
    does=Does.RETURNS,
    of=Of.GOODS,
    undone_by="3507A",
    looked_for=LookedFor.GOODS_BOUGHT,
    known_by=("fixmedins_bchno", "purc_retn_stoin_time"),
)
class UploadPurchaseReturnBatch:
    """Purchase return batch upload.

    - Several rows per call; refused rows come back in purcinfoErrDetail.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    """

    @node
    class Input:
        purcinfoDetail: list[PurchaseReturnRow]

    @node
    class Output:
        purcinfoErrDetail: list[RefusedPurchaseReturn] | None = None


@node
class SaleFacts:
    """What Sale and SaleRow have in common."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    prsc_dr_cert_type: Annotated[str | None, code("psn_cert_type", "开方医师证件类型")] = None
    prsc_dr_certno: Annotated[str | None, text(50, "开方医师证件号码")] = None
    prsc_dr_name: Annotated[str, text(50, "开方医师姓名", note="present even for over-the-counter sales")]
    phar_cert_type: Annotated[str | None, code("psn_cert_type", "药师证件类型")] = None
    phar_certno: Annotated[str | None, text(50, "药师证件号码")] = None
    phar_name: Annotated[str, text(50, "药师姓名")]
    phar_prac_cert_no: Annotated[str, text(50, "药师执业资格证号")]
    hi_feesetl_type: Annotated[
        str | None, code("hi_feesetl_type", "医保费用结算类型", note="0 not insured, 1 local, 2 non-local")
    ] = None
    setl_id: Annotated[
        str | None, text(30, "结算ID"), required_when("医保结算（1）必填，填平台的结算ID", mdtrt_setl_type="1")
    ] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    manu_lotnum: Annotated[str, text(30, "生产批号")]
    manu_date: Annotated[date, day("生产日期")]
    expy_end: Annotated[date | None, day("有效期止")] = None
    rx_flag: Annotated[str, code("rx_flag", "处方药标志", length=3)]
    trdn_flag: Annotated[
        str, code("trdn_flag", "拆零标志", length=3, note="0 no, 1 yes; 1 when an opened pack is sold by the piece")
    ]
    rx_circ_flag: Annotated[str | None, code("rx_circ_flag", "外购处方标志", length=3)] = None
    rtal_docno: Annotated[str, text(40, "零售单据号")]
    stoout_no: Annotated[str | None, text(40, "销售出库单据号")] = None
    bchno: Annotated[str | None, text(30, "批次号")] = None
    shelf_posi: Annotated[str | None, text(20, "货架位")] = None
    sel_retn_cnt: Annotated[Decimal, number(16, 4, "销售/退货数量")]
    sel_retn_time: Annotated[datetime, moment("销售/退货时间")]
    sel_retn_opter_name: Annotated[str, text(50, "销售/退货经办人姓名")]
    memo: Annotated[str | None, text(500, "备注")] = None
    mdtrt_setl_type: Annotated[
        str | None,
        code(
            "mdtrt_setl_type",
            "就诊结算类型",
            note="1 insured settlement, 2 self-paid; some editions spell the key MDTRT_SETL_TYPE; mandatory in one later edition",
        ),
    ] = None
    drugtracinfo: Annotated[list[UploadChangeTraceCode] | None, rows("溯源码节点信息")] = None


@node
class Sale(SaleFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    mdtrt_sn: Annotated[
        str,
        text(
            30,
            "就医流水号",
            note="visit number made by the institution; later editions want mdtrt_id for an insured settlement",
        ),
    ]
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    rxno: Annotated[str | None, text(40, "处方号")] = None
    drug_trac_codg: Annotated[
        str | None,
        text(30, "药品追溯码", note="deprecated: codes go into drugtracinfo; was the place of the single code in V1.0"),
    ] = None
    drug_prod_barc: Annotated[str | None, text(30, "药品条形码")] = None


@transaction(
    "3505",
    "商品销售",
    "sale upload",
    does=Does.UPLOADS,
    of=Of.SALE,
    looked_for=LookedFor.SALE,
    undone_by="3506",
    path="/fsi/api/goodsService/goodsSell",
    known_by=("rtal_docno", "mdtrt_sn", "fixmedins_bchno", "sel_retn_time"),
)
class UploadSale:
    """Sale upload.

    - For an insured sale fill setl_id and use the mdtrt_id as mdtrt_sn; for a self-paid sale use the
      institution's own visit number and mdtrt_setl_type 2.
    - Upload after dispensing, asynchronously; self-paid sales are uploaded too.
    - Every pack with a code goes as one drugtracinfo row; sel_retn_cnt and the number of codes agree unless
      trdn_flag is 1.
    - A code may be sold once; repeat it only with trdn_flag 1 (split sale) or after a 3506 return.
    - A drug without a code: follow the region (some: fetch a virtual code by 3592B; nationally, stock bought
      before 2025-07 without a code goes on the no-code list).
    - V1.1.27 requires the catalogue code for insured and self-paid sales alike and checks that doctor and
      pharmacist are registered with the insurance.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - drugtracinfo is a list under each goods row, one row per scanned pack; some editions give a single object
      for 3501.
    - Node names and keys keep their mixed case (drugtracinfo, retRslt) although the general rule wants lower
      case.
    - V1.0 and V1.1.27 have no output; one later edition returns result with retRslt and msgRslt, and
      retRslt 0 means refused although infcode is 0.
    - A wrongly uploaded record is removed by 3507 with inv_data_type 4; goods really given back are a return,
      3506.
    """

    request_checks = (trace_codes("selinfo", "drugtracinfo", printed=30),)

    @node
    class Input:
        selinfo: Sale

    @node
    class Output:
        result: UploadPurchaseResult | None = None


@node
class SaleRow(SaleFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    mdtrt_sn: Annotated[
        str,
        text(
            30,
            "就医流水号",
            note="mdtrt_id for an insured settlement, the institution's own visit number when self-paid",
        ),
    ]
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价", note="V1.1.27 requires it")] = None
    rxno: Annotated[str | None, text(40, "处方号"), required_when("医保结算时填")] = None
    drug_prod_barc: Annotated[
        str | None,
        text(500, "药品条形码", note="V1.1.27 requires it, NDPB999 when there is none; V1.1.27 allows 500 characters"),
    ] = None
    prsc_dr_no: Annotated[
        str | None,
        text(50, "开方医师编号", note="V1.1.27 增补"),
        required_when("V1.1.27：医保结算时填，只对电子处方核验"),
    ] = None
    phar_no: Annotated[
        str | None, text(50, "医保药师编号", note="V1.1.27 增补"), required_when("V1.1.27：医保结算时填")
    ] = None


@node
class SaleRowResult:
    """上传结果（V1.1.27）."""

    med_list_codg: Annotated[
        str | None, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ] = None
    fixmedins_hilist_id: Annotated[str | None, text(30, "定点医药机构目录编号")] = None
    fixmedins_hilist_name: Annotated[str | None, text(200, "定点医药机构目录名称")] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    prsc_dr_cert_type: Annotated[str | None, code("psn_cert_type", "开方医师证件类型")] = None
    prsc_dr_certno: Annotated[str | None, text(50, "开方医师证件号码")] = None
    prsc_dr_name: Annotated[str | None, text(50, "开方医师姓名")] = None
    phar_cert_type: Annotated[str | None, code("psn_cert_type", "药师证件类型")] = None
    phar_certno: Annotated[str | None, text(50, "药师证件号码")] = None
    phar_name: Annotated[str | None, text(50, "药师姓名")] = None
    phar_prac_cert_no: Annotated[str | None, text(50, "药师执业资格证号")] = None
    hi_feesetl_type: Annotated[str | None, code("hi_feesetl_type", "医保费用结算类型")] = None
    setl_id: Annotated[str | None, text(30, "结算ID", note="needed for an insured sale")] = None
    mdtrt_sn: Annotated[
        str | None,
        text(
            30,
            "就医流水号",
            note="mdtrt_id for an insured settlement, the institution's own visit number when self-paid",
        ),
    ] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    manu_date: Annotated[date | None, day("生产日期")] = None
    expy_end: Annotated[date | None, day("有效期止")] = None
    rx_flag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    trdn_flag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3, note="0 no, 1 yes")] = None
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    rxno: Annotated[str | None, text(40, "处方号", note="needed for an insured settlement")] = None
    rx_circ_flag: Annotated[str | None, code("rx_circ_flag", "外购处方标志", length=3)] = None
    rtal_docno: Annotated[str | None, text(40, "零售单据号")] = None
    stoout_no: Annotated[str | None, text(40, "销售出库单据号")] = None
    bchno: Annotated[str | None, text(30, "批次号")] = None
    drug_prod_barc: Annotated[
        str | None, text(500, "药品条形码", note="V1.1.27 requires it, NDPB999 when there is none")
    ] = None
    shelf_posi: Annotated[str | None, text(20, "货架位")] = None
    sel_retn_cnt: Annotated[Decimal | None, number(16, 4, "销售/退货数量")] = None
    sel_retn_time: Annotated[datetime | None, moment("销售/退货时间")] = None
    sel_retn_opter_name: Annotated[str | None, text(50, "销售/退货经办人姓名")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    prsc_dr_no: Annotated[
        str | None,
        text(
            50,
            "开方医师编号",
            note="V1.1.27: needed for an insured settlement, checked only for electronic prescriptions",
        ),
    ] = None
    phar_no: Annotated[str | None, text(50, "医保药师编号", note="V1.1.27: needed for an insured settlement")] = None
    mdtrt_setl_type: Annotated[
        str | None,
        code(
            "mdtrt_setl_type",
            "就诊结算类型",
            note="1 insured settlement, 2 self-paid; some editions spell the key MDTRT_SETL_TYPE",
        ),
    ] = None
    retRslt: Annotated[str | None, text(6, "返回结果", note="1 accepted, 0 refused")] = None
    msgRslt: Annotated[str | None, text(2000, "错误原因")] = None
    medins_prod_sel_no: Annotated[str | None, text(30, "商品销售流水号")] = None


@transaction(
    "3505A",
    "商品销售A",
    "sale batch upload",
    does=Does.UPLOADS,
    of=Of.SALE,
    looked_for=LookedFor.SALE,
    undone_by="3506A",
    known_by=("rtal_docno", "mdtrt_sn", "fixmedins_bchno", "sel_retn_time"),
)
class UploadSaleBatch:
    """Sale batch upload.

    - For an insured sale fill setl_id and use the mdtrt_id as mdtrt_sn; for a self-paid sale use the
      institution's own visit number and mdtrt_setl_type 2.
    - Upload after dispensing, asynchronously; self-paid sales are uploaded too.
    - Every pack with a code goes as one drugtracinfo row; sel_retn_cnt and the number of codes agree unless
      trdn_flag is 1.
    - A code may be sold once; repeat it only with trdn_flag 1 (split sale) or after a 3506 return.
    - A drug without a code: follow the region (some: fetch a virtual code by 3592B; nationally, stock bought
      before 2025-07 without a code goes on the no-code list).
    - V1.1.27 requires the catalogue code for insured and self-paid sales alike and checks that doctor and
      pharmacist are registered with the insurance.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - drugtracinfo is a list under each goods row, one row per scanned pack; some editions give a single object
      for 3501.
    - Node names and keys keep their mixed case (drugtracinfo, retRslt) although the general rule wants lower
      case.
    - Judge success in two steps: infcode 0, then retRslt 1 (one result node in later editions, one per echoed
      row in V1.1.27).
    - Keep medins_prod_sel_no where it is returned: the return (3506, 3506A) may quote it.
    - After a timeout the outcome is unknown: check with 3513 before sending again.
    - A wrongly uploaded record is removed by 3507A with inv_data_type 4; goods really given back are a return,
      3506A.
    """

    request_checks = (trace_codes("selinfoDetail", "drugtracinfo", printed=30),)

    @node
    class Input:
        selinfoDetail: list[SaleRow]

    @node
    class Output:
        result: UploadPurchaseResult | None = None
        selinfoDetail: Annotated[list[SaleRowResult] | None, rows("上传结果（V1.1.27）")] = None


@node
class SaleReturnFacts:
    """What SaleReturn and SaleReturnRow have in common."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    manu_lotnum: Annotated[str, text(30, "生产批号")]
    manu_date: Annotated[date, day("生产日期")]
    expy_end: Annotated[date | None, day("有效期止")] = None
    rx_flag: Annotated[str, code("rx_flag", "处方药标志", length=3)]
    trdn_flag: Annotated[str, code("trdn_flag", "拆零标志", length=3, note="0 no, 1 yes")]
    finl_trns_pric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    sel_retn_cnt: Annotated[Decimal, number(16, 4, "销售/退货数量")]
    sel_retn_time: Annotated[datetime, moment("销售/退货时间")]
    sel_retn_opter_name: Annotated[str, text(50, "销售/退货经办人姓名")]
    memo: Annotated[str | None, text(500, "备注")] = None
    drugtracinfo: Annotated[list[UploadCountTraceCode] | None, rows("溯源码节点信息")] = None


@node
class SaleReturn(SaleReturnFacts):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_prod_sel_no: Annotated[str | None, text(50, "商品销售流水号", note="of the original sale")] = None
    mdtrt_sn: Annotated[
        str,
        text(
            30,
            "就医流水号",
            note="mdtrt_id for an insured settlement, the institution's own visit number when self-paid; added 2024-08; absent in V1.0",
        ),
    ]


@transaction(
    "3506",
    "商品销售退货",
    "sale return upload",
    does=Does.RETURNS,
    of=Of.SALE,
    looked_for=LookedFor.SALE_TAKEN_BACK,
    undone_by="3507",
    path="/fsi/api/goodsService/goodsSellReturn",
    known_by=("mdtrt_sn", "fixmedins_bchno", "sel_retn_time"),
)
class UploadSaleReturn:
    """Sale return upload.

    - Send the codes of the returned packs in drugtracinfo, so that they may be sold again.
    - mdtrt_sn (added 2024-08) follows the rule of the sale: mdtrt_id when insured.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    """

    request_checks = (trace_codes("selinfo", "drugtracinfo"),)

    @node
    class Input:
        selinfo: SaleReturn


@node
class SaleReturnRow(SaleReturnFacts):
    med_list_codg: Annotated[
        str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code (V1.1.27)")
    ]
    medins_prod_sel_no: Annotated[str | None, text(50, "商品销售流水号")] = None
    mdtrt_sn: Annotated[
        str,
        text(
            30,
            "就医流水号",
            note="mdtrt_id for an insured settlement, the institution's own visit number when self-paid",
        ),
    ]


@node
class RefusedReturn(RefusedRow):
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_prod_sel_no: Annotated[str | None, text(50, "商品销售流水号")] = None


@transaction(
    "3506A",
    "商品销售退货A",
    "sale return batch upload",
    does=Does.RETURNS,
    of=Of.SALE,
    looked_for=LookedFor.SALE_TAKEN_BACK,
    undone_by="3507A",
    known_by=("mdtrt_sn", "fixmedins_bchno", "sel_retn_time"),
)
class UploadSaleReturnBatch:
    """Sale return batch upload.

    - Send the codes of the returned packs in drugtracinfo, so that they may be sold again.
    - mdtrt_sn (added 2024-08) follows the rule of the sale: mdtrt_id when insured.
    - fixmedins_bchno is the key of the stock batch: it ties count, change, purchase and sale together and is
      what 3507 deletes by; make it unique per institution and stable.
    - Several rows per call; refused rows come back in selinfoErrDetail.
    """

    request_checks = (trace_codes("selinfoDetail", "drugtracinfo"),)

    @node
    class Input:
        selinfoDetail: list[SaleReturnRow]

    @node
    class Output:
        selinfoErrDetail: list[RefusedReturn] | None = None


@node
class DeleteRecordData:
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    inv_data_type: Annotated[
        str,
        code("inv_data_type", "进销存数据类型", length=30, note="1 stock count, 2 stock change, 3 purchase, 4 sale"),
    ]


@transaction(
    "3507",
    "商品信息删除",
    "goods record deletion",
    does=Does.WITHDRAWS,
    of=Of.STOCK,
    path="/fsi/api/goodsService/goodsInfoDelete",
    looked_for=LookedFor.GOODS_DELETED,
    known_by=("fixmedins_bchno", "inv_data_type"),
)
class DeleteRecord:
    """Goods record deletion.

    - Deletes what was uploaded under one fixmedins_bchno: type 1 removes 3501, 2 removes 3502, 3 removes 3503
      and 3504, 4 removes 3505 and 3506 (and their A variants).
    - The whole batch goes: there is no deletion of a single row.
    """

    @node
    class Input:
        data: DeleteRecordData


@node
class DeleteRecordBatchRefusedRow:
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    inv_data_type: Annotated[
        str,
        code("inv_data_type", "进销存数据类型", length=30, note="1 stock count, 2 stock change, 3 purchase, 4 sale"),
    ]
    retRslt: Annotated[str | None, text(6, "返回结果", note="1 accepted, 0 refused")] = None
    msgRslt: Annotated[str | None, text(2000, "返回信息", note="reason when refused")] = None


@transaction(
    "3507A",
    "商品信息删除A",
    "goods record batch deletion",
    does=Does.WITHDRAWS,
    of=Of.STOCK,
    looked_for=LookedFor.GOODS_DELETED,
    known_by=("fixmedins_bchno", "inv_data_type"),
)
class DeleteRecordBatch:
    """Goods record batch deletion.

    - As 3507, several batches per call; refused ones come back in goodErrDetail.
    - One system sends it under the number 3507.
    """

    @node
    class Input:
        goodDetail: list[DeleteRecordData]

    @node
    class Output:
        goodErrDetail: list[DeleteRecordBatchRefusedRow] | None = None


@node
class StockQueryFacts:
    """What StockQuery and StockChangeQuery have in common."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str | None, text(150, "医药机构目录编码"), ITEM_OR_BATCH] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号"), ITEM_OR_BATCH] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medins_list_name: Annotated[str | None, text(100, "医药机构目录名称")] = None
    rx_flag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    list_sp_item_flag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    trdn_flag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None


@node
class StockQuery(StockQueryFacts):
    medins_prod_inv_no: Annotated[str | None, text(30, "定点医药机构商品库存流水号")] = None
    invdate: Annotated[date | None, day("库存日期")] = None
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    manu_date: Annotated[date | None, day("生产日期")] = None
    expy_end: Annotated[date | None, day("有效期止")] = None


@node
class StockRowFacts:
    """What StockRow and StockChangeRecord have in common."""

    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区编号")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构编号")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    updtTime: Annotated[datetime | None, moment("数据更新时间")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crteTime: Annotated[datetime | None, moment("数据创建时间")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    rxFlag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    listSpItemFlag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    fixmedinsBchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构编号")] = None
    trdnFlag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3)] = None


@node
class StockRow(StockRowFacts):
    expyEnd: Annotated[date | None, day("有效期止")] = None
    invCnt: Annotated[Decimal | None, amount("库存数量")] = None
    manuDate: Annotated[date | None, day("生产日期")] = None
    invdate: Annotated[date | None, day("库存日期")] = None
    manuLotnum: Annotated[str | None, text(30, "生产批号")] = None
    medinsProdInvNo: Annotated[str | None, text(30, "定点医药机构商品库存流水号")] = None


@transaction("3508", "定点医药机构商品库存信息查询", "uploaded stock query", does=Does.READS, of=Of.STOCK)
class QueryStock:
    """Uploaded stock query.

    - Give medins_list_codg or fixmedins_bchno; every other condition is optional.
    - Output keys are camelCase, unlike the rest of the interface.
    - Sources do not show whether rows come as a list under output or under a child of it: accept both a list
      and a single object.
    """

    @node
    class Input:
        data: StockQuery

    @node
    class Output:
        output: list[StockRow] | None = None


@node
class StockChangeQuery(StockQueryFacts):
    medins_prod_inv_chg_no: Annotated[str | None, text(30, "定点医药机构商品库存变更流水号")] = None
    inv_chg_type: Annotated[str | None, code("inv_chg_type", "库存变更类型")] = None
    inv_chg_time: Annotated[datetime | None, moment("库存变更时间", or_day=True)] = None
    inv_chg_opter_name: Annotated[str | None, text(50, "库存变更经办人姓名")] = None


@node
class StockChangeRecord(StockRowFacts):
    invChgTime: Annotated[datetime | None, moment("库存变更时间")] = None
    invChgOpterName: Annotated[str | None, text(50, "库存变更经办人姓名")] = None
    invChgType: Annotated[str | None, code("inv_chg_type", "库存变更类型")] = None
    medinsProdInvChgNo: Annotated[str | None, text(30, "定点医药机构商品库存变更流水号")] = None
    cnt: Annotated[Decimal | None, number(16, 4, "数量")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None


@transaction("3509", "定点医药机构商品库存变更记录查询", "uploaded stock change query", does=Does.READS, of=Of.STOCK)
class QueryStockChanges:
    """Uploaded stock change query.

    - Give medins_list_codg or fixmedins_bchno; every other condition is optional.
    - Output keys are camelCase, unlike the rest of the interface.
    - Sources do not show whether rows come as a list under output or under a child of it: accept both a list
      and a single object.
    """

    @node
    class Input:
        data: StockChangeQuery

    @node
    class Output:
        output: list[StockChangeRecord] | None = None


@node
class QueryPurchasesData:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str | None, text(150, "医药机构目录编码"), ITEM_OR_BATCH] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号"), ITEM_OR_BATCH] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    medins_prod_purc_no: Annotated[str | None, text(30, "定点医药机构商品采购流水号")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medins_list_name: Annotated[str | None, text(100, "医药机构目录名称")] = None
    dynt_no: Annotated[str | None, text(50, "随货单号")] = None
    spler_name: Annotated[str | None, text(200, "供货商名称")] = None
    spler_pmtno: Annotated[str | None, text(50, "供应商许可证号")] = None
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    prodentp_name: Annotated[str | None, text(200, "生产企业名称")] = None
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    manu_date: Annotated[date | None, day("生产日期")] = None
    expy_end: Annotated[date | None, day("有效期止")] = None
    purc_invo_codg: Annotated[str | None, text(50, "采购发票编码")] = None
    purc_invo_no: Annotated[str | None, text(50, "采购发票号")] = None
    rx_flag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    list_sp_item_flag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    purc_retn_stoin_time: Annotated[datetime | None, moment("采购/退货入库时间", or_day=True)] = None
    purc_retn_opter_name: Annotated[str | None, text(50, "采购/退货经办人姓名")] = None
    prod_geay_flag: Annotated[str | None, code("prod_geay_flag", "商品赠送标志", length=3)] = None
    prod_retn_flag: Annotated[str | None, code("prod_retn_flag", "商品退货标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None


@node
class QueryPurchasesRow:
    expyEnd: Annotated[date | None, day("有效期止")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区编号")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构编号")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    prodRetnFlag: Annotated[str | None, code("prod_retn_flag", "商品退货标志")] = None
    updtTime: Annotated[datetime | None, moment("数据更新时间")] = None
    manuDate: Annotated[date | None, day("生产日期")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crteTime: Annotated[datetime | None, moment("数据创建时间")] = None
    prodentpName: Annotated[str | None, text(200, "生产企业名称")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    aprvno: Annotated[str | None, text(100, "批准文号")] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    medinsProdPurcNo: Annotated[str | None, text(30, "定点医药机构商品采购流水号")] = None
    rxFlag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    listSpItemFlag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    purcInvoNo: Annotated[str | None, text(50, "采购发票号")] = None
    fixmedinsBchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    purcRetnStoinTime: Annotated[datetime | None, moment("采购/退货入库时间")] = None
    manuLotnum: Annotated[str | None, text(30, "生产批号")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    splerName: Annotated[str | None, text(200, "供货商名称")] = None
    prodGeayFlag: Annotated[str | None, code("prod_geay_flag", "商品赠送标志", length=3)] = None
    purcRetnOpterName: Annotated[str | None, text(50, "采购/退货经办人姓名")] = None
    purcInvoCodg: Annotated[str | None, text(50, "采购发票编码")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构编号")] = None
    splerPmtno: Annotated[str | None, text(50, "供应商许可证号")] = None
    finlTrnsPric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    purcRetnCnt: Annotated[Decimal | None, amount("采购/退货数量")] = None
    dyntNo: Annotated[str | None, text(50, "随货单号")] = None


@transaction("3510", "定点医药机构商品采购信息查询", "uploaded purchase query", does=Does.READS, of=Of.GOODS)
class QueryPurchases:
    """Uploaded purchase query.

    - Give medins_list_codg or fixmedins_bchno; every other condition is optional.
    - Output keys are camelCase, unlike the rest of the interface.
    - Sources do not show whether rows come as a list under output or under a child of it: accept both a list
      and a single object.
    """

    @node
    class Input:
        data: QueryPurchasesData

    @node
    class Output:
        output: list[QueryPurchasesRow] | None = None


@node
class QuerySalesData:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str | None, text(150, "医药机构目录编码"), ITEM_OR_BATCH] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号"), ITEM_OR_BATCH] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    medins_prod_sel_no: Annotated[str | None, text(30, "定点医药机构商品销售流水号")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medins_list_name: Annotated[str | None, text(100, "医药机构目录名称")] = None
    prsc_dr_cert_type: Annotated[
        str | None, code("psn_cert_type", "开单医师证件类型", note="表中长度 3，后来的代码更长")
    ] = None
    prsc_dr_certno: Annotated[str | None, text(50, "开单医师证件号码")] = None
    bilg_dr_name: Annotated[str | None, text(50, "开单医师姓名")] = None
    phar_cert_type: Annotated[str | None, code("psn_cert_type", "药师证件类型", note="表中长度 3，后来的代码更长")] = (
        None
    )
    phar_certno: Annotated[str | None, text(50, "药师证件号码")] = None
    phar_name: Annotated[str | None, text(50, "药师姓名")] = None
    phar_prac_cert_no: Annotated[str | None, text(50, "药师执业资格证号")] = None
    hi_feesetl_type: Annotated[str | None, code("hi_feesetl_type", "医保费用结算类型")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    manu_lotnum: Annotated[str | None, text(30, "生产批号")] = None
    manu_date: Annotated[date | None, day("生产日期")] = None
    expy_end: Annotated[date | None, day("有效期止")] = None
    elec_supn_codg: Annotated[str | None, text(20, "电子监管编码")] = None
    rx_flag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    list_sp_item_flag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    trdn_flag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3)] = None
    sel_retn_time: Annotated[datetime | None, moment("销售/退货时间", or_day=True)] = None
    sel_retn_opter_name: Annotated[str | None, text(50, "销售/退货经办人姓名")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None


@node
class QuerySalesRow:
    expyEnd: Annotated[date | None, day("有效期止")] = None
    pharCertType: Annotated[str | None, code("psn_cert_type", "药师证件类型", note="表中长度 3，后来的代码更长")] = None
    selRetnOpterName: Annotated[str | None, text(50, "销售/退货经办人姓名")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区编号")] = None
    setlId: Annotated[str | None, text(30, "结算ID")] = None
    crteOptinsNo: Annotated[str | None, text(20, "创建机构编号")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    updtTime: Annotated[datetime | None, moment("数据更新时间")] = None
    hiFeesetlType: Annotated[str | None, code("hi_feesetl_type", "医保费用结算类型")] = None
    manuDate: Annotated[date | None, day("生产日期")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    psnNo: Annotated[str | None, text(30, "人员编号")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crteTime: Annotated[datetime | None, moment("数据创建时间")] = None
    pharCertno: Annotated[str | None, text(50, "药师证件号码")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    rxFlag: Annotated[str | None, code("rx_flag", "处方药标志", length=3)] = None
    pharPracCertNo: Annotated[str | None, text(50, "药师执业资格证号")] = None
    listSpItemFlag: Annotated[str | None, code("list_sp_item_flag", "目录特项标志", length=3)] = None
    fixmedinsBchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    psnName: Annotated[str | None, text(50, "人员姓名")] = None
    elecSupnCodg: Annotated[str | None, text(20, "电子监管编码")] = None
    bilgDrName: Annotated[str | None, text(50, "开单医师姓名")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    manuLotnum: Annotated[str | None, text(30, "生产批号")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    psnCertType: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    selRetnTime: Annotated[datetime | None, moment("销售/退货时间")] = None
    selRetnCnt: Annotated[Decimal | None, amount("销售/退货数量")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    pharName: Annotated[str | None, text(50, "药师姓名")] = None
    prscDrCertType: Annotated[
        str | None, code("psn_cert_type", "开单医师证件类型", note="表中长度 3，后来的代码更长")
    ] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    prscDrCertno: Annotated[str | None, text(50, "开单医师证件号码")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构编号")] = None
    trdnFlag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3)] = None
    finlTrnsPric: Annotated[Decimal | None, number(16, 6, "最终成交单价")] = None
    medinsProdSelNo: Annotated[str | None, text(30, "定点医药机构商品销售流水号")] = None


@transaction("3511", "定点医药机构商品销售信息查询", "uploaded sale query", does=Does.READS, of=Of.SALE)
class QuerySales:
    """Uploaded sale query.

    - Give medins_list_codg or fixmedins_bchno; every other condition is optional.
    - Output keys are camelCase, unlike the rest of the interface.
    - Sources do not show whether rows come as a list under output or under a child of it: accept both a list
      and a single object.
    """

    @node
    class Input:
        data: QuerySalesData

    @node
    class Output:
        output: list[QuerySalesRow] | None = None


@node
class QueryInboundCodesData:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str | None, text(150, "医药机构目录编码"), CODE_OR_BATCH] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号"), CODE_OR_BATCH] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码"), CODE_OR_BATCH] = None
    drug_trac_codg: Annotated[str | None, text(100, "药品追溯码", note="the table prints 30")] = None


@node
class QueryInboundCodesRow:
    fixmedinsCode: Annotated[str | None, text(30, "定点医药机构编号")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    fixmedinsBchno: Annotated[str | None, text(30, "定点医药机构批次流水号")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medinsListName: Annotated[str | None, text(150, "医药机构目录名称")] = None
    drugTracCodg: Annotated[str | None, text(100, "药品追溯码", note="the table prints 30")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构编号")] = None
    fixBlngAdmdvs: Annotated[str | None, text(6, "定点归属医保区划", note="V1.1.27")] = None


@transaction("3512", "定点医药机构入库商品追溯信息查询", "inbound trace code query", does=Does.READS, of=Of.GOODS)
class QueryInboundCodes:
    """Inbound trace code query.

    - Give one of med_list_codg, medins_list_codg, fixmedins_bchno.
    - Shows the codes uploaded with stock and purchase; use it to check an upload.
    - Output keys are camelCase.
    """

    @node
    class Input:
        data: QueryInboundCodesData

    @node
    class Output:
        output: list[QueryInboundCodesRow] | None = None


@node
class SoldCodeQuery:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str | None, text(150, "医药机构目录编码"), SALE_KEY] = None
    fixmedins_bchno: Annotated[str | None, text(30, "定点医药机构批次流水号"), SALE_KEY] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码"), SALE_KEY] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), SALE_KEY] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "人员证件类型", note="one system treats it as mandatory")
    ] = None
    certno: Annotated[str | None, text(600, "证件号码"), SALE_KEY] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    drug_trac_codg: Annotated[str | None, text(100, "药品追溯码", note="the table prints 30")] = None
    sel_retn_opter_name: Annotated[str | None, text(50, "销售/退货经办人姓名", note="seen in one system only")] = None


@node
class SoldCode:
    fixmedinsCode: Annotated[str | None, text(50, "定点医药机构编号")] = None
    medListCodg: Annotated[
        str | None,
        text(
            50,
            "医疗目录编码",
            note="the printed lengths look shifted by one row: allow 150; the table prints 6, national drug codes have 23 characters",
        ),
    ] = None
    medinsListCodg: Annotated[
        str | None, text(30, "医药机构目录编码", note="the printed lengths look shifted by one row: allow 150")
    ] = None
    medinsListName: Annotated[
        str | None, text(20, "医药机构目录名称", note="the printed lengths look shifted by one row: allow 150")
    ] = None
    fixmedinsBchno: Annotated[str | None, text(150, "定点医药机构批次流水号")] = None
    mdtrtId: Annotated[str | None, text(30, "就诊ID")] = None
    mdtrtSetlType: Annotated[str | None, code("mdtrt_setl_type", "就诊结算类型", length=None)] = None
    bkkpSn: Annotated[str | None, text(100, "记账流水号")] = None
    drugTracCodg: Annotated[str | None, text(100, "药品追溯码", note="the table prints 30")] = None
    psnNo: Annotated[str | None, text(30, "人员编号")] = None
    psnCertType: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(30, "证件号码")] = None
    psnName: Annotated[str | None, text(50, "人员姓名")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    trdnFlag: Annotated[str | None, code("trdn_flag", "拆零标志", length=3)] = None
    updtTime: Annotated[datetime | None, moment("数据更新时间")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crteTime: Annotated[datetime | None, moment("数据创建时间")] = None
    optTime: Annotated[datetime | None, moment("经办时间")] = None
    opterId: Annotated[str | None, text(20, "经办人ID")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crterId: Annotated[str | None, text(20, "创建人ID")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构编号")] = None
    fixBlngAdmdvs: Annotated[str | None, text(6, "定点归属医保区划", note="V1.1.27")] = None


@transaction("3513", "定点医药机构商品销售追溯信息查询", "sold trace code query", does=Does.READS, of=Of.SALE)
class QuerySoldCodes:
    """Sold trace code query.

    - Give one of med_list_codg, medins_list_codg, fixmedins_bchno, mdtrt_id, certno.
    - Use it to see whether a code is already on a sale before selling it, and to settle an unknown outcome of
      3505 or 3505A.
    - bkkpSn is the fee detail number when the code came in with a settlement (2102, 2207 …).
    - Output keys are camelCase.
    """

    @node
    class Input:
        data: SoldCodeQuery

    @node
    class Output:
        output: list[SoldCode] | None = None


@node
class IssueVirtualCodeData:
    med_list_codg: Annotated[str, text(50, "医疗目录编码", note="NMLC999 when the item has no catalogue code")]
    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    fixmedins_bchno: Annotated[str, text(30, "定点医药机构批次流水号")]
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class IssueVirtualCodeResult:
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    drug_trac_codg: Annotated[str, text(500, "药品追溯码")]


@transaction(
    "3592B", "获取虚拟药品追溯码", "virtual trace code issue", does=Does.ISSUES, of=Of.TRACE_CODE, confidence="medium"
)
class IssueVirtualCode:
    """Virtual trace code issue.

    - V1.1.27 only (added 2024-10): gives a one-time code for a drug that carries none; use it in drugtracinfo of
      the sale.
    - Do not reuse a virtual code.
    - drug_trac_codg is declared 500 characters here, 30 to 100 elsewhere.
    """

    @node
    class Input:
        data: IssueVirtualCodeData

    @node
    class Output:
        result: IssueVirtualCodeResult
