"""What a transaction means: what it does, of what, and how an unknown outcome of it is looked for.

Said once, with the transaction's number and name. What holds a person, takes back, prints, audits or explores asks
here, so that a region's own settlement is treated like a national one from the day that it is declared.
"""

from __future__ import annotations

from enum import Enum

import attrs


class Effect(Enum):
    """What a call does on the platform, and so whether it may be sent again when its outcome is not known."""

    READS = "reads"
    """Changes nothing: may be repeated."""
    REPEATABLE = "repeatable"
    """Leaves the same state however often it arrives (sign-in, audit analysis): may be repeated."""
    CHANGES = "changes"
    """Moves money, stock or records: never sent twice on our own account."""


class Does(Enum):
    """What a transaction does (``of`` says of what); ``chinese`` is the word for operators, ``effect`` what it mostly
    comes to."""

    chinese: str
    effect: Effect

    def __new__(cls, value: str, chinese: str, effect: Effect = Effect.CHANGES) -> Does:
        member = object.__new__(cls)
        member._value_, member.chinese, member.effect = value, chinese, effect
        return member

    @property
    def moves_money(self) -> bool:
        """Whether a patient's account or the fund is another afterwards."""
        return self in (Does.SETTLES, Does.CANCELS)

    READS = "reads", "查询", Effect.READS
    DOWNLOADS = "downloads", "下载", Effect.READS
    """Fetches a file or a document."""
    CHECKS = "checks", "核对", Effect.READS
    """Has the platform judge something that stays as it is: an audit, a pre-check, a reconciliation."""
    REGISTERS = "registers", "登记"
    """A visit, a stay, its end, a filing comes into being."""
    UPLOADS = "uploads", "上传"
    """Rows or records are brought."""
    CHANGES = "changes", "变更"
    """What was registered or uploaded becomes another."""
    CONFIRMS = "confirms", "确认"
    WITHDRAWS = "withdraws", "撤销"
    """What was registered or uploaded is taken back."""
    RETURNS = "returns", "退货"
    """Goods that were bought or sold go back."""
    PRE_SETTLES = "pre-settles", "预结算", Effect.READS
    SETTLES = "settles", "结算"
    CANCELS = "cancels", "结算撤销"
    """A settlement of it is taken back."""
    REVERSES = "reverses", "冲正", Effect.REPEATABLE
    """The platform undoes a message, whatever it was."""
    ISSUES = "issues", "领取"
    """The platform gives out something that is used up: a code, a token."""
    AUTHORISES = "authorises", "授权", Effect.REPEATABLE
    NOTIFIES = "notifies", "通知", Effect.REPEATABLE
    """Comes from the platform to the institution, never the other way."""
    SIGNS_IN = "signs in", "签到", Effect.REPEATABLE
    SIGNS_OUT = "signs out", "签退", Effect.REPEATABLE

    @property
    def opposites(self) -> tuple[Does, ...]:
        """What brings that which this takes back, or takes back what this brings; a change stands against others."""
        brings, takes = (Does.REGISTERS, Does.UPLOADS), (Does.WITHDRAWS, Does.RETURNS)
        if self in brings or self in takes:
            return takes if self in brings else brings
        return {Does.SETTLES: (Does.CANCELS,), Does.CANCELS: (Does.SETTLES,)}.get(self, (self,))


class Of(Enum):
    """What a transaction is about; ``chinese`` is the word for operators. ``holds``: it is the person's, and the
    person's next call waits while a change of it is pending: money, or what money hangs on."""

    chinese: str
    holds: bool

    def __new__(cls, value: str, chinese: str, holds: bool = False) -> Of:
        member = object.__new__(cls)
        member._value_, member.chinese, member.holds = value, chinese, holds
        return member

    PURCHASE = "purchase", "购药", True
    """At a pharmacy: the visit comes into being with its settlement."""
    VISIT = "visit", "门诊", True
    STAY = "stay", "住院", True
    DISCHARGE = "discharge", "出院", True
    FEES = "fees", "费用明细", True
    ORDER = "order", "线上订单", True
    TRANSFER = "transfer", "转院", True
    CHRONIC_DISEASE = "chronic disease", "慢特病", True
    DESIGNATION = "designation", "定点", True
    INJURY = "injury", "意外伤害", True
    FILING = "filing", "备案", True
    """A filing of another kind."""

    PERSON = "person", "人员"
    CREDENTIAL = "credential", "凭证"
    BENEFITS = "benefits", "待遇"
    SETTLEMENT = "settlement", "结算信息"
    FINDINGS = "findings", "审核反馈"
    MESSAGE = "message", "报文"

    SALE = "sale", "销售"
    GOODS = "goods", "采购"
    STOCK = "stock", "库存"
    TRACE_CODE = "trace code", "追溯码"
    DELIVERY = "delivery", "配送"
    PRESCRIPTION = "prescription", "处方"
    REVIEW = "review", "审方"

    LIST = "list", "结算清单"
    SELF_PAY = "self-pay", "自费就医"
    RECORD = "record", "诊疗记录"
    REPORT = "report", "检查检验报告"
    VOUCHER = "voucher", "电子结算凭证"
    GROUPING = "grouping", "分组"
    SPECIAL_CASE = "special case", "特病单议"

    ACCOUNTS = "accounts", "对账"
    CLEARING = "clearing", "清算"
    INSTITUTION = "institution", "机构"
    DEPARTMENT = "department", "科室"
    STAFF = "staff", "医护人员"
    BED = "bed", "病床"
    CATALOGUE = "catalogue", "目录"
    MATCHING = "matching", "目录对照"
    DICTIONARY = "dictionary", "字典"
    FILE = "file", "文件"


class LookedFor(Enum):
    """What the platform is asked for where the outcome of a changing call is unknown; ``chinese`` is the word for
    operators. How it is asked, :mod:`liangding.resolution` says."""

    chinese: str

    def __new__(cls, value: str, chinese: str) -> LookedFor:
        member = object.__new__(cls)
        member._value_, member.chinese = value, chinese
        return member

    SETTLEMENT = "settlement", "带有本次报文号的结算"
    """The settlement that carries our message number (medins_setl_id): among those of the visit that the call names
    (5204, 5203), else of the person's visits of the day (5201)."""
    SETTLEMENT_TAKEN_BACK = "settlement taken back", "原结算的退费标志"
    """The settlement that the call names, with the sign that it was taken back (5203)."""
    VISIT = "visit", "本机构编号的就诊"
    """A visit with our own number (ipt_otp_no) among the person's visits of the day (5201)."""
    VISIT_TAKEN_BACK = "visit taken back", "原就诊是否还在"
    FEES = "fees", "本次流水号的费用明细"
    """Rows with our serial numbers (feedetl_sn) among those of the visit (5204)."""
    FEES_TAKEN_BACK = "fees taken back", "原费用明细是否还在"
    """No unsettled row of the batch (chrg_bchno), or of the serial numbers, that the call names (5204)."""
    STAY = "stay", "本机构编号的住院"
    """A stay with our own number (ipt_no) among the person's (5303, 5201)."""
    STAY_TAKEN_BACK = "stay taken back", "原住院是否还在"
    STAY_CHANGED = "stay changed", "住院信息是否已变更"
    DISCHARGE = "discharge", "是否已出院"
    DISCHARGE_TAKEN_BACK = "discharge taken back", "是否又在院"
    TRANSFER = "transfer", "转院备案"
    CHRONIC_DISEASE = "chronic disease", "慢特病备案"
    DESIGNATION = "designation", "定点备案"
    ORDER = "order", "线上订单的状态"
    """Whether the order that the call names was placed (6301)."""
    ORDER_TAKEN_BACK = "order taken back", "线上订单是否已退"
    PRESCRIPTION = "prescription", "电子处方是否已上传"
    """The prescription that the call names (7105)."""
    PRESCRIPTION_TAKEN_BACK = "prescription taken back", "电子处方是否已撤销"
    SELF_PAY_FEES = "self-pay fees", "本次记账流水号的自费明细"
    """Rows with our serial numbers (bkkp_sn) among those of the self-paying patient's visit (4207)."""
    SELF_PAY_FEES_TAKEN_BACK = "self-pay fees taken back", "原自费明细是否还在"
    SELF_PAY_VISIT = "self-pay visit", "本次就诊的自费诊断"
    """Our diagnoses among those of the self-paying patient's visit (4209)."""
    SELF_PAY_VISIT_TAKEN_BACK = "self-pay visit taken back", "原自费就诊是否还在"
    SALE = "sale", "本次追溯码的销售"
    """Our traceability codes among those that are sold (3513)."""
    SALE_TAKEN_BACK = "sale taken back", "追溯码是否还在销售中"
    STOCK_COUNT = "stock count", "本批次的盘存"
    """Our codes among those that came in (3512), else the batch's count of that day (3508)."""
    STOCK_CHANGE = "stock change", "本批次的库存变更"
    """Our codes among those that came in (3512), else the batch's change of that kind and time (3509)."""
    GOODS_BOUGHT = "goods bought", "本批次的采购"
    """The batch's purchase, or its return to the supplier, of that time and number (3510)."""
    GOODS_DELETED = "goods deleted", "本批次是否还在"
    """No record of the kind is left of the batch (3508 to 3511)."""
    MATCHING = "matching", "本次的目录对照"
    """Our items with the codes that the call gives them (1317)."""
    MATCHING_TAKEN_BACK = "matching taken back", "原目录对照是否还在"
    LIST_STATE = "list state", "结算清单的状态"
    """The state that the call gives each list (4103)."""


@attrs.frozen
class Unasked:
    """An unknown outcome cannot be asked for, and goes to a person; ``why``, in words for that person."""

    why: str
