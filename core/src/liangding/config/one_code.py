"""一码付 (one-code payment): one shown code for the insurance and for the person's own part."""

from __future__ import annotations

from typing import Literal

import attrs

REAL_MONEY = "一码付的测试环境里自费部分是真实扣款（医保部分是模拟的）：用最小金额，测完立即退"


@attrs.frozen(kw_only=True)
class OneCode:
    """That a settlement by an e-credential charges the own part with the same code. ``ask_status``: the user's state is
    asked for before (it is optional). No table is public: the rest are the names that the fields have here, and the
    ``unit`` of amounts."""

    ask_status: bool = False
    unit: Literal["yuan", "fen"] = "yuan"
    ec_token: str = "ecToken"
    amount: str = "amount"
    credential: str = "payCode"
    order: str = "outTradeNo"
