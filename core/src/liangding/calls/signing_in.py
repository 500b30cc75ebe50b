"""签到: an operator's sign_no of the day, shared through the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..clock import Clock
from ..config import Deployment, Operator
from ..contract.calls import Answer
from ..errors import CallFailed, LiangdingError, NoAnswer
from ..journal import Journal
from ..spec.locating import find
from .one_signing import Together, Turns

SIGN_IN, SIGN_OUT = "9001", "9002"


class SignInExpired(LiangdingError):
    """A call was refused because the sign-in no longer holds: it signs in again and goes on."""

    def __init__(self, refused: CallFailed) -> None:
        super().__init__(refused.message)
        self.refused = refused


class SigningIn:
    """The sign-ins of one deployment. ``call`` makes a call of it."""

    def __init__(
        self, deployment: Deployment, journal: Journal, clock: Clock, call: Callable[..., Answer[Any]]
    ) -> None:
        self._deployment = deployment
        self._journal = journal
        self._clock = clock
        self._call = call
        self._held: dict[str, tuple[str, int]] = {}
        self._refused: dict[str, str] = {}
        self._together = Together()
        self._turns = Turns(journal, deployment.institution.code, clock, deployment.least_belief)

    def sign_in(self, operator: Operator) -> str:
        """The operator's sign_no of today: the one that is held, else a new one by 9001, which one process sends and
        one thread of it."""
        return self._today(operator) or self._together.do(operator.code, lambda: self._in_turn(operator))

    def _today(self, operator: Operator) -> str | None:
        """The number that is held of today, here or by another process; never the one that the platform refused last,
        which a thread that read it before may still bring back."""
        today = _day(self._clock.epoch())
        known = self._held.get(operator.code)
        if known is not None and known[1] == today and known[0] != self._refused.get(operator.code):
            return known[0]
        held = self._journal.sign_ins.get(self._deployment.institution.code, operator.code)
        if held is not None and _day(held[1]) == today and held[0] != self._refused.get(operator.code):
            self._held[operator.code] = held[0], today
            return held[0]
        return None

    def _in_turn(self, operator: Operator) -> str:
        with self._turns.of(operator.code, lambda: self._today(operator) is not None):
            return self._today(operator) or self._by_9001(operator)

    def _by_9001(self, operator: Operator) -> str:
        message = {"signIn": {"opter_no": operator.code, "mac": operator.mac, "ip": operator.ip}}
        answer = self._call(SIGN_IN, message, operator=operator.code)
        sign_no: str | None = find(answer.output, "sign_no")
        if not sign_no:
            raise NoAnswer("签到应答没有 sign_no", infno=SIGN_IN, msgid=answer.msgid, call_id=answer.call_id)
        self.keep(operator.code, sign_no)
        return sign_no

    def forget(self, operator: str, sign_no: str) -> None:
        """The platform no longer takes this number. Where another one has been given since, that one stays."""
        self._refused[operator] = sign_no
        known = self._held.get(operator)
        if known is not None and known[0] == sign_no:
            del self._held[operator]
        held = self._journal.sign_ins.get(self._deployment.institution.code, operator)
        if held is not None and held[0] == sign_no:
            self.keep(operator, None)

    def keep(self, operator: str, sign_no: str | None) -> None:
        """Remember a sign_no, or forget it: in the journal, which other processes share, and here."""
        at = self._clock.epoch()
        self._held.pop(operator, None)
        self._journal.sign_ins.keep(self._deployment.institution.code, operator, sign_no, at)
        if sign_no is not None:
            if self._refused.get(operator) == sign_no:  # 9001 gave the same one: it holds again
                del self._refused[operator]
            self._held[operator] = sign_no, _day(at)

    def sign_out(self, operator: str | None = None) -> None:
        """Sign the operator out (9002), as at a change of shift."""
        who = self._deployment.operator(operator)
        institution = self._deployment.institution.code
        held = self._journal.sign_ins.get(institution, who.code)
        if held is None:
            return
        self._call(SIGN_OUT, {"signOut": {"sign_no": held[0], "opter_no": who.code}}, operator=who.code)
        self.keep(who.code, None)


def _day(epoch: float) -> int:
    return int(epoch + 8 * 3600) // 86400
