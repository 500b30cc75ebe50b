"""Everything that Liangding raises on purpose, and what it finds wrong with messages.

Each error carries a stable ``code`` for programs, a Chinese sentence for the operator, the place it is about where
there is one, and what to do. None carries personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import attrs

Level = Literal["error", "warning", "info"]
Path = tuple[str | int, ...]


@attrs.frozen(kw_only=True)
class Problem:
    """One thing wrong with a message.

    ``rule`` is stable and for programs: ``required``, ``type``, ``length``, ``scale``, ``code``, ``date``,
    ``condition``, ``unknown_field``, or the name of an arithmetic identity. ``message`` is for people.
    ``row`` counts from 1, as a person does; a row in ``path`` counts from 0, as programs do.
    """

    path: Path
    rule: str
    message: str
    label: str = ""
    value: str | None = None
    level: Level = "error"

    @property
    def where(self) -> str:
        """The place as one writes it: ``input.drugdetail[2].cnt``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    @property
    def node(self) -> str:
        return ".".join(step for step in self.path[:-1] if isinstance(step, str))

    @property
    def row(self) -> int | None:
        return next((step + 1 for step in reversed(self.path) if isinstance(step, int)), None)

    @property
    def field(self) -> str:
        return str(self.path[-1]) if self.path else ""

    def __str__(self) -> str:
        named = f" {self.label}" if self.label else ""
        given = f"（值 {self.value}）" if self.value is not None else ""
        return f"{self.where}{named}: {self.message}{given}"

    def as_json(self) -> dict[str, object]:
        return {
            "path": self.where, "node": self.node, "row": self.row, "field": self.field, "label": self.label,
            "rule": self.rule, "message": self.message, "value": self.value, "level": self.level,
        }  # fmt: skip


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
    http_status = 503


class InvalidMessage(LiangdingError):
    """A request breaks the specification. Nothing was sent; ``problems`` names every place, ``edition`` the edition of
    the specification that this rests on, where it is one."""

    code = "invalid_message"
    http_status = 422
    remedy = "按所列各处改正后再发"

    def __init__(self, problems: list[Problem], *, edition: str = "") -> None:
        wrong = [p for p in problems if p.level == "error"]
        super().__init__("；".join(map(str, wrong[:5])) + (f"；等共 {len(wrong)} 处" if len(wrong) > 5 else ""))
        self.problems, self.edition = problems, edition
        self.path = wrong[0].where if wrong else ""
        if edition:
            self.remedy = f"{self.remedy}；依据{edition}"

    def __str__(self) -> str:
        return self.message

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"problems": [p.as_json() for p in self.problems], "edition": self.edition}


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


class IncomingNotice(LiangdingError):
    """A transaction that the platform sends to the institution was to be sent the other way."""

    code = "incoming_notice"
    http_status = 409
    remedy = "它由平台主动通知本机构；要主动查结果用对应的查询交易"


class KeyRequired(LiangdingError):
    """What settles or cancels was to be made without a business key; nothing was sent."""

    code = "key_required"
    http_status = 400
    remedy = (
        "给出本单的业务号：HTTP 用请求头 Idempotency-Key，命令行用 --key，Python 用 key=；"
        '或在部署文件写 [keys] derive = ["receipt_no", "bill_date"]，由单据的字段组成'
    )


class SameBill(LiangdingError):
    """The same rows were settled for the same person a short while ago under another business key; nothing was sent."""

    code = "same_bill"
    http_status = 409
    remedy = "是同一单的，用原来的业务号再问；确是另一单的，加 meant = true（命令行 --meant）再办"
    facts: tuple[tuple[str, str], ...] = ()
    """What is shown of the earlier one, label by label."""
    may_be_meant = True
    """Whether somebody may say that this is another bill."""


class UnknownTransaction(LiangdingError):
    """No transaction of that number is declared for this deployment."""

    code = "unknown_transaction"
    http_status = 404


class NotOpenHere(LiangdingError):
    """The transaction is declared nationally, and not open in this region; nothing was sent."""

    code = "not_open_here"
    http_status = 409


class CallFailed(LiangdingError):
    """A call did not end well. ``call_id`` is its row in the journal, ``msgid`` what it went out under, ``known`` what
    is known of the platform's sentence (:func:`liangding.national.refusals.causes`)."""

    code = "call_failed"
    http_status = 502

    def __init__(self, message: str, *, infno: str = "", msgid: str = "", call_id: int | None = None) -> None:
        super().__init__(message, path=infno)
        self.infno, self.msgid, self.call_id = infno, msgid, call_id
        self.known: Mapping[str, Any] = {}

    def as_json(self) -> dict[str, Any]:
        call = {"infno": self.infno, "msgid": self.msgid, "call_id": self.call_id}
        return super().as_json() | call | dict(self.known)


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


class PluginFailed(CallNotSent):
    """A plugin failed where it had to say how a call goes: this message was not sent, or it was a query's."""

    code = "plugin_failed"
    http_status = 500
    remedy = "修好或停用这个插件后，用同一业务号重办"


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
    """The same piece of business, another one of the same visit, or another settlement of the same person is being
    worked on right now."""

    code = "in_progress"
    http_status = 409
    remedy = "稍候，用同一业务号再问"


class HeldBack(CallFailed):
    """An earlier call of the same person is pending: nothing new is sent for that person before it is."""

    code = "held_back"
    http_status = 409
    remedy = "上一笔查明后再办；不查明就再收可能重复扣款。liangding journal list 可看那一笔"
