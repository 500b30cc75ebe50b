"""One call on its way: what goes through the hooks of an interface, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from ..config import Deployment, Operator
from ..errors import ConfigurationError, NoAnswer
from ..journal import State
from ..spec import Problem, Transaction
from .region import Region

if TYPE_CHECKING:
    from ..wire.transport import Carriage

T = TypeVar("T")

READ_ATTEMPTS = 2
"""How often a call that may be repeated is made where the line fails."""


def not_at_work(call: Call[Any]) -> Answer[Any]:
    """Where a call ends that belongs to no runtime."""
    raise ConfigurationError(f"交易 {call.transaction.infno} 不能发送：部署没有启动")


@attrs.define(kw_only=True, eq=False)
class Call(Generic[T]):
    """A call, as the wrappers of its interface see it.

    ``input`` is the node that will be sent and may be changed; what is sent is checked again. ``insured_place`` is
    the person's ``insuplc_admdvs``, ``bill_no`` and ``bill_date`` the institution's own number and day of the bill.
    ``head`` sets other fields of the envelope for this call. ``content`` and
    ``written`` are the runtime's: a digest of what was asked for, and the message before the wrappers saw it;
    so are ``resolves`` (the call whose outcome this one finds out), ``carriage`` (the way of a file over the line),
    ``meant`` (another bill, though one of the same rows was settled just now) and ``send`` (what every interface comes
    to in the end).
    """

    transaction: Transaction
    deployment: Deployment
    region: Region
    operator: Operator
    input: Any
    key: str | None = None
    flow: str | None = None
    bill_no: str | None = None
    bill_date: date | None = None
    resolves: int | None = None
    meant: bool = False
    insured_place: str | None = None
    head: dict[str, str] = attrs.field(factory=dict)
    content: str = ""
    written: Any = None
    carriage: Carriage | None = None
    advice: list[str] = attrs.field(factory=list)
    send: Callable[[Call[Any]], Answer[Any]] = attrs.field(default=not_at_work, repr=False)

    def advise(self, sentence: str, node: Any = None) -> None:
        """Something for the person at the till to read; ``{field}`` in it is taken from ``node``."""
        values = {} if node is None else {f.name: getattr(node, f.name) for f in attrs.fields(type(node))}
        self.advice.append(sentence.format_map(values))


@attrs.frozen(kw_only=True)
class Verdict:
    """What an exchange means: its state, and the sentence that goes with it.

    ``sign_in_expired``: refused because the operator's sign-in no longer holds; the runtime signs in and goes on.
    ``unreached``: refused by what stands before the platform, by its own word: the platform never saw the call.
    """

    state: State
    message: str = ""
    sign_in_expired: bool = False
    unreached: bool = False


@attrs.frozen(kw_only=True)
class Answer(Generic[T]):
    """The answer of a call that was accepted.

    ``output`` is the typed answer, with what the platform sent beyond the declaration kept in its nodes; ``body``
    is the whole answer as it came. ``findings`` are oddities of the answer, ``advice`` sentences for the cashier.
    ``recorded``: it was taken from the journal, nothing was sent.
    """

    infno: str
    msgid: str
    call_id: int
    output: Any
    body: Mapping[str, Any] = attrs.field(repr=False)
    advice: tuple[str, ...] = ()
    findings: tuple[Problem, ...] = attrs.field(default=(), repr=False)
    recorded: bool = False

    def node(self, name: str) -> Any:
        """The node of the output that is called so, without which its reader can say nothing. NoAnswer where the answer
        has none."""
        held = getattr(self.output, name, None)
        if held is None:
            text = f"{self.infno} 的应答里没有 {name}，不知道平台答了什么"
            raise NoAnswer(text, infno=self.infno, msgid=self.msgid, call_id=self.call_id)
        return held
