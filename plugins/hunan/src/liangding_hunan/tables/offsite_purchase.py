"""Purchase of drugs outside the insured area (异地购药): transactions 2161 to 2181."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import (
    Does,
    Of,
    Unasked,
    amount,
    chapter,
    code,
    day,
    moment,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("offsite_purchase", "医保服务/异地购药")


@transaction(
    "2161",
    "异地就医购药获取人员信息",
    "person query for purchase outside the insured area (provincial)",
    does=Does.READS,
    of=Of.PERSON,
)
class QueryPerson:
    """Who wants to buy, and the account.

    - 接收方为省级清分平台，不是国家核心平台；字段直接在 input、output 下
    """

    @node
    class Input:
        ssn: Annotated[str, text(18, "社会保障号", personal=True)]
        insuplc: Annotated[str, text(6, "参保地统筹区")]
        fixmedins_code: Annotated[str, text(30, "医疗机构编码")]

    @node
    class Output:
        psn_no: Annotated[str, text(30, "个人管理码")]
        psn_name: Annotated[str | None, text(50, "姓名")] = None
        gend: Annotated[str, code("gend", "性别", length=3)]
        brdy: Annotated[date, day("出生日期")]
        ssn: Annotated[str, text(18, "社会保障号码", personal=True)]
        psn_type: Annotated[str, text(3, "人员类别")]
        emp_name: Annotated[str | None, text(100, "单位名称")] = None
        insuplc_admdvs: Annotated[str, text(6, "参保地行政区划代码")]
        outmed_fundmgt_optins_fulname: Annotated[str, text(100, "参保地医保保险经办机构名称")]
        acct_balc: Annotated[Decimal | None, amount("个人账户余额", note="使用虚拟账户的地区必填")] = None
        insutype: Annotated[str, text(3, "险种类型")]


@transaction(
    "2163",
    "异地就医购药退费",
    "refund of purchase outside the insured area (provincial)",
    does=Does.CANCELS,
    of=Of.ORDER,
    looked_for=Unasked("订单状态用 2170、2171 查询，但没有公开怎样从应答认出退费，须由人核对"),
)
class Refund:
    """A settled order is taken back.

    - 退掉已结算的订单；就诊登记号 mdtrt_regno 由 2166 返回
    - 字段表中 medfee_sumamt 列了两次
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
        opter_name: Annotated[str, text(50, "经办人")]

    @node
    class Output:
        medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
        psn_cashpay: Annotated[Decimal, amount("个人现金支付")]
        acct_payamt: Annotated[Decimal, amount("个人账户支付")]
        certno: Annotated[str, text(18, "证件号码")]
        psn_name: Annotated[str, text(50, "姓名")]
        gend: Annotated[str, code("gend", "性别", length=3)]
        brdy: Annotated[date, day("出生日期")]
        psn_type: Annotated[str, text(3, "参保人员类别")]
        insutype: Annotated[str, text(3, "险种类型")]
        prmmsg: Annotated[str | None, text(500, "提示信息")] = None


@node
class OrderedDrug:
    """A drug of an order."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号")]
    medins_list_codg: Annotated[str, text(50, "医药机构项目编码")]
    medins_list_name: Annotated[str, text(100, "医药机构项目名称")]
    hilist_code: Annotated[str | None, text(50, "医保目录统一编码")] = None
    hilist_name: Annotated[str | None, text(100, "医保目录名称")] = None
    hilist_type: Annotated[str, code("hilist_type", "医保目录类别", length=3)]
    chrgitm_lv: Annotated[str | None, code("chrgitm_lv", "收费项目等级", length=3)] = None
    med_invo_item_type: Annotated[str | None, code("med_invo_item_type", "医疗发票项目类别", length=3)] = None
    pric: Annotated[Decimal, number(16, 6, "单价")]
    cnt: Annotated[Decimal, number(10, 4, "数量")]
    amt: Annotated[Decimal, amount("金额")]
    dosform: Annotated[str | None, text(20, "剂型")] = None
    dosunt: Annotated[str | None, text(20, "剂量单位")] = None
    sin_dos: Annotated[Decimal | None, amount("单次用量")] = None
    spec: Annotated[str | None, text(50, "规格")] = None
    orplc: Annotated[str | None, text(100, "产地")] = None
    used_mtd: Annotated[str | None, text(50, "用法")] = None
    detl_ocur_time: Annotated[datetime, moment("处方单据时间")]
    adm_diag_dr: Annotated[str | None, text(50, "医师姓名")] = None
    opter_name: Annotated[str, text(50, "经办人")]
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@transaction(
    "2166",
    "异地就医购药试算",
    "trial and order push for purchase outside the insured area (provincial)",
    does=Does.REGISTERS,
    of=Of.ORDER,
    undone_by="2167",
)
class PlaceOrder:
    """Trial settlement, and the order pushed to the person's app.

    - 发送订单；参保人在省级 App 上支付，结算结果用 2170、2171 查询
    - ec_token 为参保人的医保电子凭证令牌
    - 单价乘数量与行金额相差不超过 0.01；各行金额之和等于总额
    - 就诊顺序号 mdtrtsn 在同一机构内不得重复；退费或冲正之后换新号
    - 医疗类别只用 41
    """

    @node
    class Input:
        ec_token: Annotated[str, text(64, "令牌", note="医保电子凭证令牌")]
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        fixmedins_name: Annotated[str, text(50, "医疗机构名称")]
        insuplc: Annotated[str, text(6, "参保地统筹区")]
        mdtrtarea: Annotated[str, text(6, "就医地统筹区")]
        psn_no: Annotated[str, text(30, "个人管理码")]
        ssn: Annotated[str, text(18, "社会保障号码", personal=True)]
        psn_name: Annotated[str, text(50, "人员姓名")]
        gend: Annotated[str, code("gend", "性别", length=3)]
        brdy: Annotated[date, day("出生日期")]
        emp_no: Annotated[str | None, text(20, "单位编号")] = None
        emp_name: Annotated[str | None, text(100, "单位名称")] = None
        mdtrtsn: Annotated[str, text(20, "就诊顺序号", note="同一机构内不得重复")]
        med_type: Annotated[str, text(3, "医疗类别")]
        psn_type: Annotated[str, text(3, "参保人员类别")]
        insutype: Annotated[str, text(3, "险种类型")]
        dscg_date: Annotated[date, day("购药日期")]
        medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
        opter_name: Annotated[str, text(50, "经办人")]
        feedetl: Annotated[list[OrderedDrug], rows("费用明细")]

    @node
    class Output:
        mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
        prmmsg: Annotated[str | None, text(500, "提示信息")] = None
        push_flag: Annotated[str, text(10, "推送成功标志", note='"true" 或 "false"：是否已推送到省级 App')]


@transaction(
    "2167",
    "异地就医购药取消订单",
    "cancellation of an unpaid order outside the insured area (provincial)",
    does=Does.WITHDRAWS,
    of=Of.ORDER,
)
class CancelOrder:
    """An order that is not paid yet is taken back.

    - 取消尚未支付的 2166 订单；没有输出
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
        opter_name: Annotated[str, text(50, "经办人")]


@node
class OrderRow:
    """A row of an order."""

    medins_list_codg: Annotated[str, text(50, "医药机构项目编码")]
    medins_list_name: Annotated[str, text(100, "医药机构项目名称")]
    hilist_code: Annotated[str | None, text(50, "医保目录统一编码")] = None
    hilist_name: Annotated[str | None, text(100, "医保目录名称")] = None
    hilist_type: Annotated[str, code("hilist_type", "医保目录类别", length=3)]
    chrgitm_lv: Annotated[str | None, code("chrgitm_lv", "收费项目等级", length=3)] = None
    med_invo_item_type: Annotated[str | None, code("med_invo_item_type", "医疗发票项目类别", length=3)] = None
    pric: Annotated[Decimal, number(16, 6, "单价")]
    cnt: Annotated[Decimal, number(10, 4, "数量")]
    amt: Annotated[Decimal, amount("金额")]
    dosform: Annotated[str | None, text(20, "剂型")] = None
    dosunt: Annotated[str | None, text(20, "剂量单位")] = None
    sin_dos: Annotated[Decimal | None, amount("单次用量")] = None
    spec: Annotated[str | None, text(50, "规格")] = None
    orplc: Annotated[str | None, text(100, "产地")] = None
    used_mtd: Annotated[str | None, text(50, "用法")] = None
    detl_ocur_time: Annotated[datetime, moment("处方单据时间")]
    adm_diag_dr: Annotated[str | None, text(50, "医师姓名")] = None
    opter_name: Annotated[str, text(50, "经办人")]
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@node
class Order:
    """An order (订单)."""

    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
    fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
    fixmedins_name: Annotated[str, text(50, "医疗机构名称")]
    insuplc: Annotated[str, text(6, "参保地统筹区")]
    mdtrtarea: Annotated[str, text(6, "就医地统筹区")]
    certno: Annotated[str, text(18, "证件号码")]
    psn_name: Annotated[str, text(50, "姓名")]
    gend: Annotated[str, code("gend", "性别", length=3)]
    brdy: Annotated[date, day("出生日期")]
    dscg_date: Annotated[date, day("购药日期")]
    psn_type: Annotated[str, text(3, "参保人员类别")]
    insutype: Annotated[str, text(3, "险种类型")]
    feedetl: Annotated[list[OrderRow] | None, rows("费用明细")] = None


@transaction(
    "2170",
    "异地就医购药订单查询",
    "order query for purchase outside the insured area (provincial)",
    does=Does.READS,
    of=Of.ORDER,
)
class QueryOrders:
    """A person's orders.

    - 按社会保障号码查订单及明细
    """

    @node
    class Input:
        fixmedins_code: Annotated[str | None, text(20, "医疗机构编码")] = None
        ssn: Annotated[str, text(18, "社会保障号码", personal=True)]

    Output = Annotated[list[Order], rows("", optional=True)]


@node
class SettledRow:
    """A row of a settled order."""

    medins_list_codg: Annotated[str, text(50, "医药机构项目编码")]
    medins_list_name: Annotated[str, text(100, "医药机构项目名称")]
    hilist_code: Annotated[str, text(50, "医保目录统一编码")]
    hilist_name: Annotated[str, text(100, "医保目录名称")]
    hilist_type: Annotated[str, code("hilist_type", "医保目录类别", length=3)]
    chrgitm_lv: Annotated[str, code("chrgitm_lv", "收费项目等级", length=3)]
    med_invo_item_type: Annotated[str, code("med_invo_item_type", "医疗发票项目类别", length=3)]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    cnt: Annotated[Decimal, number(10, 4, "数量")]
    amt: Annotated[Decimal, amount("金额")]
    dosform: Annotated[str | None, text(20, "剂型")] = None
    dosunt: Annotated[str | None, text(20, "剂量单位")] = None
    sin_dos: Annotated[Decimal | None, amount("单次用量")] = None
    spec: Annotated[str | None, text(50, "规格")] = None
    orplc: Annotated[str | None, text(100, "产地")] = None
    used_mtd: Annotated[str | None, text(50, "用法")] = None
    detl_ocur_time: Annotated[datetime, moment("处方单据时间")]
    adm_diag_dr: Annotated[str | None, text(50, "医师姓名")] = None
    opter_name: Annotated[str, text(50, "经办人")]
    opt_time: Annotated[datetime | None, moment("经办时间")] = None


@node
class Settlement:
    """A settlement of an order."""

    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    psn_cashpay: Annotated[Decimal, amount("个人现金支付")]
    acct_payamt: Annotated[Decimal, amount("个人账户支付")]
    fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
    insuplc: Annotated[str, text(6, "参保地统筹区")]
    mdtrtarea: Annotated[str, text(6, "就医地统筹区")]
    mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
    ssn: Annotated[str, text(18, "社会保障号码", personal=True)]
    certno: Annotated[str, text(18, "证件号码")]
    psn_name: Annotated[str, text(50, "姓名")]
    gend: Annotated[str, code("gend", "性别", length=3)]
    brdy: Annotated[date, day("出生日期")]
    psn_type: Annotated[str, text(3, "参保人员类别")]
    insutype: Annotated[str, text(3, "险种类型")]
    out_type: Annotated[str, code("out_type", "异地类型", length=20, note="见字典")]
    feedetl: Annotated[list[SettledRow] | None, rows("费用明细")] = None


@transaction(
    "2171",
    "异地就医购药结算信息查询",
    "settlement query for purchase outside the insured area (provincial)",
    does=Does.READS,
    of=Of.SETTLEMENT,
)
class QuerySettlements:
    """Settlements of orders.

    - 只查到一笔结算时才返回费用明细
    - 订单号为空时须填起止日期
    """

    @node
    class Input:
        fixmedins_code: Annotated[str | None, text(20, "医疗机构编码")] = None
        mdtrt_regno: Annotated[str | None, text(20, "就诊登记号")] = None
        out_type: Annotated[str | None, text(3, "异地标志", note="见字典")] = None
        ssn: Annotated[str, text(18, "社会保障号码", personal=True)]
        start_date: Annotated[date | None, day("查询购药开始日期"), required_when("就诊登记号为空时必填")] = None
        end_date: Annotated[date | None, day("查询购药结束日期"), required_when("就诊登记号为空时必填")] = None

    Output = Annotated[list[Settlement], rows("", optional=True)]


@transaction(
    "2181",
    "冲正交易",
    "reversal of purchase outside the insured area (provincial)",
    does=Does.CANCELS,
    of=Of.ORDER,
    looked_for=Unasked("订单状态用 2170、2171 查询，但没有公开怎样从应答认出冲正，须由人核对"),
)
class Reverse:
    """An order, its settlement or its refund is reversed.

    - 文件不建议使用，更不要成批发送
    - 冲正业务类型：1106 冲试算（订单），1107 冲结算，1203 冲退费
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        ssn: Annotated[str, text(18, "社会保障号码", personal=True)]
        mdtrt_regno: Annotated[str, text(20, "就诊登记号")]
        status: Annotated[str, text(4, "冲正业务类型", note="1106 试算（订单），1107 结算，1203 退费")]
        opter_name: Annotated[str, text(50, "经办人")]
