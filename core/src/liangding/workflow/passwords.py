"""The card's password before money moves, where a region wants it and the deployment says for what.

In which way, the deployment says (``features.password_by``, the ways of :mod:`liangding.national.passwords`): by the
device, at its key pad, else with what the holder typed, which is forgotten at once; by a transaction of the platform.
Where the deployment has no device, the till's program has its own one check it, and says whether it was right.
"""

from __future__ import annotations

import attrs

from ..contract.device_errors import NotSupported, PasswordWrong
from ..contract.devices import Medium, PasswordRequest
from ..contract.questions import NO, YES, AnswerKind, Question
from ..errors import CallRefused
from ..national.passwords import DEVICE, TILL, digest
from .showing import AtWork
from .standing import FlowStopped

MEDIA = {"01": Medium.CODE, "02": Medium.IDENTITY_CARD, "03": Medium.SOCIAL_CARD, "04": Medium.SOCIAL_CARD}
"""mdtrt_cert_type → what has the password."""

QUESTION = "password"

AT_THE_PAD = 3
"""How often the holder may type at a key pad before the flow stops; the card counts for itself."""


class PasswordNotChecked(FlowStopped):
    """The password was not right; nothing is settled."""

    code = "password_not_checked"
    remedy = "请持卡人核对密码后继续（resume）；忘记密码的改用其他凭证"


def check_password(work: AtWork, infno: str) -> None:
    """Have the password of what the person showed checked, where ``features.password`` names its kind. Pauses for the
    password where the device has no key pad, and again where it was wrong; CardLocked when no try is left."""
    shown, features = work.state.person.credential, work.runtime.deployment.features
    medium = MEDIA.get(shown.type)
    if medium is None or shown.type not in features.password:
        return
    way = features.password_by.get(shown.type, DEVICE)
    if way not in (DEVICE, TILL):
        _by_the_platform(work, way, medium)
        return
    if way == TILL or not work.runtime.devices.reads(medium):
        _by_the_till(work, medium)
        return
    asked = PasswordRequest(medium=medium, seconds=features.show_seconds, infno=infno, operator=work.operator or "")
    typed = work.answer_of(QUESTION)
    work.forget(QUESTION)
    try:
        for _ in range(1 if typed is not None else AT_THE_PAD):
            if _is_right(work, attrs.evolve(asked, password=typed)):
                return
    except NotSupported:
        if typed is not None:
            raise
        work.ask(_question(f"请输入{medium.chinese}的密码"))
    raise PasswordNotChecked("密码没有通过校验，未结算")


def _is_right(work: AtWork, asked: PasswordRequest) -> bool:
    """Whether the device finds the password right. Typed into the flow, it is asked for again where it is not; at a key
    pad it is typed again there."""
    try:
        work.runtime.devices.verify_password(asked)
    except PasswordWrong as wrong:
        if asked.password is not None:
            left = "" if wrong.tries_left is None else f"，还可以试 {wrong.tries_left} 次"
            work.ask(_question(f"密码不对{left}，请重新输入"))
        return False
    return True


def _question(text: str) -> Question:
    return Question(id=QUESTION, text=text, kind=AnswerKind.SECRET)


def _by_the_till(work: AtWork, medium: Medium) -> None:
    text = f"请在读卡器上校验{medium.chinese}的密码，通过了吗？"
    if work.ask(Question(id=QUESTION, text=text, options=(YES, NO), whom="收银程序")) == NO.value:
        work.forget(QUESTION)
        raise PasswordNotChecked("密码没有通过校验，未结算")


def _by_the_platform(work: AtWork, infno: str, medium: Medium) -> None:
    """Have the platform check what the holder types; asked for again, in the platform's own words, where it says no."""
    typed = work.ask(_question(f"请输入{medium.chinese}的密码"))
    work.forget(QUESTION)
    state, institution = work.state, work.runtime.deployment.institution
    asked = {
        "idcard": state.person.certno, "insuAdmdvs": state.cover.insured_place, "fixmedinsCode": institution.code,
        "inputPassword": digest(typed),
    }  # fmt: skip
    try:
        work.call(infno, asked, insured_place=state.cover.insured_place)
    except CallRefused as refused:
        work.ask(_question(f"密码没有通过校验（{refused.message}），请重新输入"))
