"""What goes wrong: the line, the disk, and the process itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import attrs

from ..simulator.centres import Centre, SealFault
from ..simulator.faults import Fault, FaultRule
from ..simulator.line import SimulatedLine
from ..spec.does import Does, Effect
from ..wire.json import encode
from ..wire.transport import Exchange, Receive
from .choices import Choices
from .journals import Kept, KeptStore


class Crash(BaseException):
    """The process dies here. Nothing of ours may catch it."""


RELAYED = (
    "调用接口失败,原因：Unexpected end of file from server", "error status code :504", "系统繁忙，请稍后再试",
    "java.net.SocketException: Connection reset", "java.lang.NullPointerException", "网络异常", "服务暂不可用", "",
    "发送方报文ID重复", "该报文已处理", "请勿重复提交",
)  # fmt: skip
"""What relays and front machines say of a broken line, as if the platform had refused."""

ODD_CODES: tuple[Any, ...] = (None, "", True, {}, 0.0, "0000", "success")
"""infcodes that are neither success nor refusal."""

REFUSED_QUERIES = ("查询服务不存在", "医保区划不存在", "系统繁忙，请稍后再试", "查询超时")
"""Refusals of queries that say nothing of what was asked about."""


class TroubleKind(Enum):
    """What goes wrong with an exchange beside the simulator's own faults."""

    RELAYED_AFTER = "relayed_after"
    """The platform commits; something on the way says that it was refused."""
    RELAYED_BEFORE = "relayed_before"
    """The platform never saw it; something on the way says that it was refused."""
    SECOND_ANSWER = "second_answer"
    """The request is delivered twice; the answer that comes is the second one's."""
    ODD_CODE = "odd_code"
    """The platform commits; the answer's infcode is neither success nor refusal. Of an online service: its seal does
    not hold."""
    LIE = "lie"
    """The platform commits; the answer is a plain refusal that nobody of the platform made."""
    QUERY_REFUSED = "query_refused"
    """A query is refused in words that say nothing of what was asked about."""


@attrs.frozen
class Trouble:
    """What goes wrong with one exchange: a rule of the simulator's, or a kind and what is said."""

    rule: FaultRule | None = None
    kind: TroubleKind | None = None
    said: Any = ""

    def __str__(self) -> str:
        if self.rule is not None:
            late = f" {self.rule.seconds:.0f} s" if self.rule.fault in (Fault.SLOW, Fault.LATE_COMMIT) else ""
            return f"{self.rule.fault.value}{late}"
        return f"{self.kind.value if self.kind else ''} {self.said!r}"


FAULTS = (*Fault, Fault.LATE_COMMIT, Fault.LATE_COMMIT)
"""Late commits come more often than others: only those that are very late show what believing and watching are for."""

FIRST, FIRST_SHARE = 3, 0.95
"""How many calls of a run that move money mostly meet something, and what share of them does."""


class Troubles:
    """What goes wrong in one run, and how often. ``said`` takes a line of the history. The first calls of a run that
    move money mostly meet something. ``relays``: what is between institution and platform makes plain refusals of its
    own, which nobody can tell from the platform's."""

    def __init__(self, choices: Choices, said: Callable[[str], None], *, relays: bool) -> None:
        self._choices = choices
        self._said = said
        self._relays = relays
        self.quiet = False
        self.line_share = (0.0, 0.1, 0.3)[choices.number(3)]
        self.disk_share = (0.0, 0.01, 0.04)[choices.number(3)]
        self.crash_share = (0.0, 0.01, 0.03)[choices.number(3)]
        self.plugin_share = (0.0, 0.2, 0.6)[choices.number(3)]
        self.silence_share = (0.0, 0.0, 0.05)[choices.number(3)]
        self._first = FIRST
        self._outage: Trouble | None = None
        self._refused = 0
        """How many queries more are refused: a service that is down stays so for a while."""
        self.lied = False
        """Whether something said that the platform had refused what it had not, in words that are no doubt."""
        self.on_money = 0
        """How many faults met a call that moves money."""

    def crash(self, where: str) -> None:
        """Perhaps the process dies here."""
        if not self.quiet and self._choices.chance(self.crash_share):
            self._said(f"✗ process dies {where}")
            raise Crash(where)

    def on_the_line(self, *, money: bool, query: bool) -> Trouble | None:
        """What goes wrong with this exchange."""
        if self.quiet:
            return None
        if query and self._refused:
            self._refused -= 1
            return self._outage
        share = FIRST_SHARE if money and self._first > 0 else self.line_share
        self._first -= money
        if not self._choices.chance(share):
            return None
        self.on_money += money
        if query and self._choices.chance(0.3):
            self._outage = Trouble(kind=TroubleKind.QUERY_REFUSED, said=self._choices.one(REFUSED_QUERIES))
            self._refused = (0, 2, 8)[self._choices.number(3)]
            return self._outage
        if money and self._choices.chance(0.4):
            return self._dialect()
        fault = self._choices.one(FAULTS)
        return Trouble(rule=FaultRule(fault=fault, seconds=(5.0, 30.0, 90.0, 300.0, 1500.0)[self._choices.number(5)]))

    def _dialect(self) -> Trouble:
        kinds = [
            kind
            for kind in TroubleKind
            if kind is not TroubleKind.QUERY_REFUSED and (self._relays or kind is not TroubleKind.LIE)
        ]
        kind = self._choices.one(kinds)
        said: Any = "参保人员已停保" if kind is TroubleKind.LIE else self._choices.one(RELAYED)
        self.lied |= kind is TroubleKind.LIE
        if kind is TroubleKind.ODD_CODE:
            said = self._choices.one(ODD_CODES)
        return Trouble(kind=kind, said=said)

    def silence(self) -> float:
        """For how many seconds the process stands still here, so that it may be taken for dead; mostly none."""
        if self.quiet or not self._choices.chance(self.silence_share):
            return 0.0
        return (95.0, 200.0, 400.0)[self._choices.number(3)]

    def in_a_plugin(self) -> bool:
        """Whether a plugin does wrong with this answer."""
        return not self.quiet and self._choices.chance(self.plugin_share)

    def on_disk(self, when: str) -> str:
        """How the disk fails now; mostly it does not."""
        if self.quiet or not self._choices.chance(self.disk_share):
            return ""
        error = {"begin": "database is locked", "commit": "database or disk is full"}.get(when, "disk I/O error")
        self._said(f"✗ disk: {error} ({when})")
        return error


class TroubledStore(KeptStore):
    """A journal's database on a disk that fails, in a process that dies."""

    def __init__(self, kept: Kept, folder: Path, troubles: Troubles) -> None:
        self._troubles = troubles
        super().__init__(kept, folder)

    def _say(self, command: str) -> None:
        if command.startswith("BEGIN"):
            self._perhaps_fail("begin")
        elif command == "COMMIT":
            self._troubles.crash("before a commit")
            self._perhaps_fail("commit")
        super()._say(command)
        if command == "COMMIT":
            self._troubles.crash("after a commit")
            self._perhaps_fail("after the commit")

    def _perhaps_fail(self, when: str) -> None:
        if error := self._troubles.on_disk(when):
            raise self.engine.dialect.loaded_dbapi.OperationalError(error)


class TroubleWitness(Protocol):
    """Who is told of each request before its first byte leaves: an auditor that stands at the line."""

    def __call__(self, infno: str, body: bytes, *, sealed: bool) -> None: ...


class TroubledLine(SimulatedLine):
    """A line that fails, and on which others are at work at the same time.

    ``meanwhile`` lets them; ``stand_still`` lets them for so many seconds, during which this process may be taken for
    dead; ``means`` says of an infno what it does.
    """

    def __init__(
        self, door: Any, troubles: Troubles, desk: Neighbours, said: Callable[[str], None], sending: TroubleWitness,
        means: Callable[[str], tuple[Does, Any]],
    ) -> None:  # fmt: skip
        super().__init__(door, read_seconds=60.0)
        self._troubles = troubles
        self._desk = desk
        self._said = said
        self._sending = sending
        self._means = means

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        centre = self.centre_at(url)
        infno = centre.paths[urlsplit(url).path] if centre else url.rpartition("/")[2]
        self._troubles.crash(f"before sending {infno}")
        self._desk.meanwhile()
        self._sending(infno, body, sealed=centre is not None)
        does, _ = self._means(infno)
        trouble = self._troubles.on_the_line(money=does.moves_money, query=does.effect is Effect.READS)
        if trouble is not None:
            self._said(f"~ {infno}: {trouble}")
        exchange = self._struck(trouble, url, headers, body)
        self._said(f"  {infno} → {exchange.status or exchange.failure}")
        self._stand_still()
        self._desk.meanwhile()
        self._troubles.crash(f"after {infno}")
        return exchange

    def centre_at(self, url: str) -> Centre | None:
        """The online service that is reached there; None where it is the platform."""
        path = urlsplit(url).path
        return next((centre for centre in self.door.centres.values() if path in centre.paths), None)

    def _stand_still(self) -> None:
        if seconds := self._troubles.silence():
            self._desk.stand_still(seconds)

    def _struck(self, trouble: Trouble | None, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        self.door.faults.clear()
        centre = self.centre_at(url)
        if centre is not None:
            centre.faults.clear()
        if trouble is None or trouble.rule is not None:
            if trouble is not None and trouble.rule is not None:
                self.door.faults.add(trouble.rule)
            return super().post(url, headers, body)
        refused = _refused if centre is None else _refused_by_a_centre
        if trouble.kind in (TroubleKind.RELAYED_BEFORE, TroubleKind.QUERY_REFUSED):
            return refused(trouble.said)
        if trouble.kind is TroubleKind.ODD_CODE and centre is not None:
            centre.faults.append([*SealFault][ODD_CODES.index(trouble.said) % len(SealFault)])
        first = super().post(url, headers, body)
        if trouble.kind is TroubleKind.SECOND_ANSWER:
            return super().post(url, headers, body)
        if trouble.kind is TroubleKind.ODD_CODE:
            odd = encode({"infcode": trouble.said, "err_msg": None, "output": None})
            return first if centre is not None else attrs.evolve(first, body=odd)
        return refused(trouble.said)

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        self._troubles.crash("before sending")
        return super().stream(url, headers, body, receive)


class Neighbours(Protocol):
    """The desk that a line belongs to, and those beside it."""

    def meanwhile(self) -> None: ...

    def stand_still(self, seconds: float) -> None: ...


def _refused(sentence: str) -> Exchange:
    """What a relay makes of it: a refusal without the platform's marks."""
    body = encode({"infcode": "-1", "err_msg": sentence})
    return Exchange(status=200, content_type="application/json", body=body)


def _refused_by_a_centre(sentence: str) -> Exchange:
    """The same of an online service: neither sealed nor signed."""
    body = encode({"code": "500100", "message": sentence, "success": False, "type": "error"})
    return Exchange(status=200, content_type="application/json", body=body)
