"""Questions that a flow puts to a person: it pauses with one and goes on with the answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from ..errors import LiangdingError
from .devices import ReadRequest


class BadAnswer(LiangdingError):
    """An answer that is none of the question's, or a question that is not the one being asked."""

    code = "bad_answer"
    http_status = 422
    remedy = "看这笔业务现在问的是什么：choice 从 options 中选一个，text 与 secret 写出来，credential 给出凭证"


CASHIER = "收款员"
"""Whoever takes the money, in a declaration; who reads it is told 收银员 in a pharmacy, 收费员 elsewhere."""


class AnswerKind(StrEnum):
    """What an answer is: one of the options, a text, a text that nobody else may see, or what a person shows: what a
    device read, or a credential, as JSON."""

    CHOICE = "choice"
    TEXT = "text"
    SECRET = "secret"
    CREDENTIAL = "credential"


@attrs.frozen(kw_only=True)
class Option:
    """One possible answer; ``detail`` helps to choose."""

    value: str
    label: str
    detail: str = ""


@attrs.frozen(kw_only=True)
class Question:
    """Asked of ``whom`` (the insured person, or the cashier, :data:`CASHIER`). ``facts`` are shown beside it, label by
    label. ``read`` is what a device at the till is to be asked for, where a credential is wanted."""

    id: str
    text: str
    options: tuple[Option, ...] = ()
    kind: AnswerKind = AnswerKind.CHOICE
    whom: str = "参保人"
    facts: tuple[tuple[str, str], ...] = ()
    read: ReadRequest | None = None

    def asked_of(self, cashier: str) -> Question:
        """The same, the cashier (:data:`CASHIER`) by the name that this institution has for it."""
        return attrs.evolve(self, whom=self.whom.replace(CASHIER, cashier))

    def check(self, value: str) -> None:
        """BadAnswer where ``value`` is none of the options, or no text where one is asked for."""
        if self.kind is not AnswerKind.CHOICE:
            if not value.strip():
                raise BadAnswer("答案不能是空的", path=self.id)
        elif value not in [option.value for option in self.options]:
            allowed = "、".join(f"{option.value}（{option.label}）" for option in self.options)
            raise BadAnswer(f"答案只能是 {allowed}", path=self.id)

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self) | {"facts": [{"label": label, "value": value} for label, value in self.facts]}


YES, NO = Option(value="yes", label="是"), Option(value="no", label="否")
