"""Reversal of a call whose outcome is unknown (冲正): transaction 2601."""

from typing import Annotated

from ..spec import Does, Json, Of, chapter, extension, nested, node, text

transaction = chapter("reversal", "医保服务/事务补偿业务")


@node
class Reversal:
    """冲正信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    omsgid: Annotated[str, text(30, "原发送方报文ID", note="被冲正交易请求报文的 msgid")]
    oinfno: Annotated[
        str, text(5, "原交易编号", note="被冲正交易的交易编号；V1.0 表中长度 4，带 A 的编号为 5 位且平台接受")
    ]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2601",
    "冲正交易",
    "transaction reversal",
    does=Does.REVERSES,
    of=Of.MESSAGE,
    path="/fsi/api/reverseService/revsMethod",
)
class Reverse:
    """Transaction reversal.

    Repeatable: a second one of the same number finds its work done.

    - 只在网络中断或超时、不知道接收方是否落账时使用
    - 可冲正：2102、2103、2207、2208、2304、2305、2401，以及 2102A、2207A、2304A；其余交易用各自的撤销交易回退
    - 冲正本身不能再被冲正
    - 按 psn_no、omsgid、oinfno 找原交易，omsgid 须与原请求 msgid 完全一致
    - 原结算已退费的不能冲正（真实平台返回 infcode -1）
    - 原始文字把住院结算撤销误写为 2207，应为 2305
    - 无业务输出
    - 有的省只列 2102、2207、2304、2401 可冲正；撤销交易（2103、2208、2305）能否冲正按地区设定，有的省可以
    """

    @node
    class Input:
        data: Annotated[Reversal, nested("冲正信息")]
