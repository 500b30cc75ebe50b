"""Everything that Liangding raises on purpose.

Each error carries a stable ``code`` for programs, a Chinese sentence for the operator, the place it is about where
there is one, and what to do. None carries personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .spec.problems import Problem


class LiangdingError(Exception):
    """The root of all errors of this framework."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    remedy: str = ""

    def __init__(self, message: str, *, path: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        if remedy:
            self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def as_json(self) -> dict[str, Any]:
        """The error as the HTTP API and ``--json`` show it."""
        return {"code": self.code, "message": self.message, "path": self.path, "remedy": self.remedy}


class ConfigurationError(LiangdingError):
    """A deployment file, a plugin or a credential is not as it must be. Nothing was started."""

    code = "configuration"


class InvalidMessage(LiangdingError):
    """A request breaks the specification. Nothing was sent; ``problems`` names every place."""

    code = "invalid_message"
    http_status = 422
    remedy = "按所列各处改正后再发"

    def __init__(self, problems: list[Problem]) -> None:
        wrong = [p for p in problems if p.level == "error"]
        super().__init__("；".join(map(str, wrong[:5])) + (f"；等共 {len(wrong)} 处" if len(wrong) > 5 else ""))
        self.problems = problems
        self.path = wrong[0].where if wrong else ""

    def __str__(self) -> str:
        return self.message

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"problems": [p.as_json() for p in self.problems]}


class UnknownOperator(LiangdingError):
    """The deployment has no operator of that code."""

    code = "unknown_operator"
    http_status = 422
    remedy = "用部署文件 operators 中的编号"


class BadKey(LiangdingError):
    """A business key that cannot be one."""

    code = "bad_key"
    http_status = 422
    remedy = "业务号用 1 到 200 个字符，如零售单据号；不用就不要给"


class UnknownTransaction(LiangdingError):
    """No transaction of that number is declared for this deployment."""

    code = "unknown_transaction"
    http_status = 404


class NotOpenHere(LiangdingError):
    """The transaction is declared nationally, and not open in this region; nothing was sent."""

    code = "not_open_here"
    http_status = 409


class CallFailed(LiangdingError):
    """A call did not end well. ``call_id`` is its row in the journal, ``msgid`` what it went out under."""

    code = "call_failed"
    http_status = 502

    def __init__(self, message: str, *, infno: str = "", msgid: str = "", call_id: int | None = None) -> None:
        super().__init__(message, path=infno)
        self.infno, self.msgid, self.call_id = infno, msgid, call_id

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"infno": self.infno, "msgid": self.msgid, "call_id": self.call_id}


class CallRefused(CallFailed):
    """The platform refused: nothing happened there. The message is the platform's."""

    code = "refused"
    http_status = 409
    remedy = "按平台所说的原因改正后重办"


class CallNotSent(CallFailed):
    """Nothing left this computer: nothing happened on the platform."""

    code = "not_sent"
    http_status = 503
    remedy = "网络恢复后重办"


class NoAnswer(CallFailed):
    """A call that changes nothing was sent and got no usable answer. It may be made again."""

    code = "no_answer"
    http_status = 504
    remedy = "没有改动任何东西，可以再试"


class OutcomeUnknown(CallFailed):
    """The call was sent, and nobody knows what the platform did. It must not be made again; it is being resolved."""

    code = "outcome_unknown"
    http_status = 504
    remedy = "不要重新收费；用同一业务号再问即得结果，或看 liangding journal list"


class InProgress(CallFailed):
    """The same piece of business, or another one of the same visit, is being worked on right now."""

    code = "in_progress"
    http_status = 409
    remedy = "稍候，用同一业务号再问"


class HeldBack(CallFailed):
    """An earlier call of the same person is not settled: nothing new is sent for that person before it is."""

    code = "held_back"
    http_status = 409
    remedy = "上一笔查明后再办；不查明就再收可能重复扣款。liangding journal list 可看那一笔"
