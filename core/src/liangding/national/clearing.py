"""Clearing of non-local settlements (异地清分): transactions 3260 to 3262."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Of, amount, chapter, code, moment, node, number, text

transaction = chapter("clearing", "医药机构管理/异地清分")


@node
class ExtractDetailsData:
    trt_year: Annotated[str, text(4, "结算年度")]
    trt_month: Annotated[str, text(2, "结算月份", note="MM, January is 01")]
    startrow: Annotated[Decimal, number(12, 0, "开始行数", note="first row wanted; start with 1")]


@node
class ExtractDetailsRow:
    seqno: Annotated[Decimal, number(12, 0, "顺序号")]
    mdtrtarea: Annotated[str, text(6, "就医地医保区划", note="city code")]
    medins_no: Annotated[str, text(22, "医疗机构编号", note="numbered by the province")]
    certno: Annotated[str, text(18, "证件号码")]
    mdtrt_id: Annotated[str, text(20, "就诊登记号", note="S + 6-digit insured area + yyMMdd + 7-digit serial")]
    mdtrt_setl_time: Annotated[datetime, moment("就诊结算时间")]
    setl_sn: Annotated[
        str, text(30, "结算流水号", note="A + 6-digit insured area + yyMMdd + 7-digit serial; the settlement number")
    ]
    fulamt_advpay_flag: Annotated[
        str, code("fulamt_advpay_flag", "全额垫付标志", length=3, note="0 settled at the hospital, 1 reimbursed later")
    ]
    medfee_sumamt: Annotated[Decimal, amount("总费用")]
    optins_pay_sumamt: Annotated[Decimal, amount("经办机构支付总额")]


@transaction("3260", "提取异地清分明细", "non-local clearing detail extraction", does=Does.READS, of=Of.CLEARING)
class ExtractDetails:
    """Non-local clearing detail extraction.

    - At most 100 rows come back per call: call with startrow 1, 101, 201 … until fewer than 100 rows arrive.
    - Compare each row with the local settlement by setl_sn, time and amounts before confirming with 3261.
    - Used for the monthly clearing of persons insured in another city of the same province; one city's list of
      duties calls the group cross-province clearing.
    - Once a month has been confirmed with 3261, do not extract it again; roll back with 3262 first.
    - Three systems read the rows from output.data, one from output.list; two send the conditions under data,
      one directly under input.
    """

    @node
    class Input:
        data: ExtractDetailsData

    @node
    class Output:
        data: list[ExtractDetailsRow] | None = None


@node
class ConfirmData:
    trt_year: Annotated[str, text(4, "结算年度")]
    trt_month: Annotated[str, text(2, "结算月份", note="MM, January is 01")]
    totalrow: Annotated[Decimal, number(12, 0, "总行数", note="number of detail rows in this call")]


@node
class ConfirmRow:
    certno: Annotated[str, text(18, "证件号码")]
    mdtrt_id: Annotated[str, text(20, "就诊登记号", note="S + 6-digit insured area + yyMMdd + 7-digit serial")]
    mdtrt_setl_time: Annotated[datetime, moment("就诊结算时间")]
    setl_sn: Annotated[str, text(30, "结算流水号", note="A + 6-digit insured area + yyMMdd + 7-digit serial")]
    medfee_sumamt: Annotated[Decimal, amount("总费用")]
    optins_pay_sumamt: Annotated[
        Decimal, amount("经办机构支付总额", note="all insurance payments of the settlement, as returned at settlement")
    ]
    cnfm_flag: Annotated[
        str,
        text(
            3,
            "确认标志",
            note="0 not confirmed, the row stays out of this clearing; 1 confirmed; one table leaves it optional",
        ),
    ]


@transaction(
    "3261",
    "异地清分结果确认",
    "non-local clearing result confirmation",
    does=Does.CONFIRMS,
    of=Of.CLEARING,
    undone_by="3262",
)
class Confirm:
    """Non-local clearing result confirmation.

    - Send back the rows of 3260 of the same year and month, at most 100 per call.
    - Keep inf_refmsgid of the answer: the roll-back 3262 names the call by it.
    - Field set and labels agree in three systems; lengths taken over from 3260.
    - One city lists 2601 (reversal) beside 3260–3262 as a duty of the same group.
    """

    @node
    class Input:
        data: ConfirmData
        detail: list[ConfirmRow]


@node
class RollBackConfirmationData:
    trt_year: Annotated[str, text(4, "结算年度")]
    trt_month: Annotated[str, text(2, "结算月份", note="MM, January is 01")]
    otransid: Annotated[
        str,
        text(
            30,
            "原交易流水号",
            note="inf_refmsgid of the 3261 answer to roll back; 0 rolls back every confirmation of the institution in that period",
        ),
    ]


@transaction(
    "3262",
    "异地清分结果确认回退",
    "non-local clearing result confirmation roll-back",
    does=Does.WITHDRAWS,
    of=Of.CLEARING,
    confidence="medium",
)
class RollBackConfirmation:
    """Non-local clearing result confirmation roll-back.

    - Rolls back what 3261 confirmed; afterwards the rows may be extracted and confirmed again.
    - otransid 0 undoes the whole period at once: ask the user before sending it.
    - Two systems send the three fields under data, two directly under input: make it a setting of the region.
    """

    @node
    class Input:
        data: RollBackConfirmationData
