"""What a person shows in the middle of a flow, and the card's password before money moves: each way that a deployment
has of it, each answer, and what is asked again."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from liangding.contract.device_errors import DeviceFault, NotSupported, PasswordWrong, WrongCard
from liangding.contract.devices import Medium, PasswordRequest, Reading, ReadRequest, Scope
from liangding.contract.questions import BadAnswer, Question
from liangding.errors import CallRefused
from liangding.identity import Credential
from liangding.workflow.passwords import PasswordNotChecked, check_password
from liangding.workflow.showing import AGAIN, holds_no_longer, request, run_showing, show, shown_by

CODE = Credential(type="01", number="token")
CARD = Credential(type="02", number="11010519491231002X")


class Asked(Exception):
    """A flow pauses."""

    def __init__(self, question: Question) -> None:
        self.question = question


class Devices:
    """The deployment's devices: what they read, and what becomes of each password."""

    def __init__(self, *media: Medium, reads: Any = None, passwords: tuple[Any, ...] = ()) -> None:
        self.media, self.gives, self.passwords = media, reads, list(passwords)
        self.asked: list[Any] = []

    def reads(self, *media: Medium) -> bool:
        return any(medium in self.media for medium in media)

    def read(self, asked: ReadRequest) -> Any:
        self.asked.append(asked)
        return self.gives

    def verify_password(self, asked: PasswordRequest) -> None:
        self.asked.append(asked)
        outcome = self.passwords.pop(0)
        if outcome is not None:
            raise outcome


class AtWork:
    """A step's work, as far as showing and passwords need it."""

    flow: str = "pharmacy_purchase"
    operator: str | None = "007"

    def __init__(
        self, devices: Devices | None = None, *, shown: Credential = CARD, answers: dict[str, str] | None = None,
        ecredential: Any = None, words: tuple[str, ...] = (), person: bool = True, **features: Any,
    ) -> None:  # fmt: skip
        self.answers = dict(answers or {})
        self.calls: list[Any] = []
        self.advice: list[str] = []
        self.signed: list[str] = []
        self.refuses: list[str] = []
        features = {"password": [], "password_by": {}, "show_seconds": 42.0, **features}
        institution = SimpleNamespace(code="P1", area="990100", kind=SimpleNamespace(value="pharmacy"))
        deployment = SimpleNamespace(
            features=SimpleNamespace(**features), institution=institution, ecredential=ecredential,
            operator=lambda code: SimpleNamespace(code=code, name="测试收银员"),
        )  # fmt: skip
        self.runtime: Any = SimpleNamespace(
            deployment=deployment, devices=devices or Devices(), region=SimpleNamespace(expired_words=words),
            sign_in=lambda operator: self.signed.append(operator.code), new_id=lambda: "id",
        )  # fmt: skip
        somebody = Somebody(psn_no="P7", certno="11010519491231002X", credential=shown)
        self.state: Any = SimpleNamespace(
            given=SimpleNamespace(credential=shown), cover=SimpleNamespace(insured_place="990100"),
            person=somebody if person else None,
        )  # fmt: skip
        self.flows: Any = SimpleNamespace(steps=lambda _: (), names=list)

    def answer_of(self, question_id: str) -> str | None:
        return self.answers.get(question_id)

    def ask(self, question: Question) -> str:
        if question.id not in self.answers:
            raise Asked(question)
        return self.answers[question.id]

    def remember(self, question_id: str, answer: str) -> None:
        self.answers[question_id] = answer

    def forget(self, question_id: str) -> None:
        self.answers.pop(question_id, None)

    def advise(self, *sentences: str) -> None:
        self.advice += sentences

    def call(self, infno: str, message: Any, **more: Any) -> Any:
        self.calls.append((infno, message, more))
        if self.refuses:
            raise CallRefused(self.refuses.pop(0), infno=infno)
        return None


@attrs.frozen(kw_only=True)
class Somebody:
    """The flow's person."""

    psn_no: str
    certno: str
    credential: Credential


def asked(work: AtWork) -> Question:
    """The question that a password pauses with."""
    with pytest.raises(Asked) as caught:
        check_password(work, "2102")
    return caught.value.question


# -- passwords ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        (CARD, []), (CARD, ["01", "03"]), (CODE, ["02"]), (Credential(type="99", number="H1"), ["99"]),
        (Credential(type="07", number="H1"), ["07"]),
    ],
)  # fmt: skip
def test_what_has_no_password_or_needs_none_is_not_asked(shown: Credential, kinds: list[str]) -> None:
    devices = Devices(*Medium)
    check_password(AtWork(devices, shown=shown, password=kinds), "2102")
    assert devices.asked == []


MEDIA = {"01": Medium.CODE, "02": Medium.IDENTITY_CARD, "03": Medium.SOCIAL_CARD, "04": Medium.SOCIAL_CARD}


@pytest.mark.parametrize(("kind", "medium"), MEDIA.items())
def test_at_a_key_pad_the_device_asks(kind: str, medium: Medium) -> None:
    shown = Credential(type=kind, number="1", card_sn="S")
    for passwords, times in (
        ((None,), 1),
        ((PasswordWrong("密码不对"), None), 2),
        ((*[PasswordWrong("不对")] * 2, None), 3),
    ):
        devices = Devices(medium, passwords=passwords)
        check_password(AtWork(devices, shown=shown, password=[kind]), "2102")
        expected = PasswordRequest(medium=medium, seconds=42.0, infno="2102", operator="007")
        assert devices.asked == [expected] * times
    devices = Devices(medium, passwords=(PasswordWrong("不对"),) * 3)
    with pytest.raises(PasswordNotChecked, match="未结算"):
        check_password(AtWork(devices, shown=shown, password=[kind]), "2102")
    assert len(devices.asked) == 3
    with pytest.raises(DeviceFault):
        check_password(AtWork(Devices(medium, passwords=(DeviceFault("坏了"),)), shown=shown, password=[kind]), "2102")


def test_without_a_key_pad_the_holder_types_into_the_flow() -> None:
    work = AtWork(Devices(Medium.IDENTITY_CARD, passwords=(NotSupported("没有键盘"),)), password=["02"])
    question = asked(work)
    assert (question.id, question.text, question.kind.value) == ("password", "请输入身份证的密码", "secret")
    work.answers["password"] = "123"
    work.runtime.devices.passwords = [PasswordWrong("不对", tries_left=2)]
    assert asked(work).text == "密码不对，还可以试 2 次，请重新输入"
    assert work.answers == {}, "what was typed is forgotten at once"
    work.answers["password"] = "456"
    work.runtime.devices.passwords = [PasswordWrong("不对")]
    assert asked(work).text == "密码不对，请重新输入"
    work.answers["password"] = "789"
    work.runtime.devices.passwords = [None]
    check_password(work, "2102")
    assert [each.password for each in work.runtime.devices.asked] == [None, "123", "456", "789"]
    work.answers["password"] = "789"
    work.runtime.devices.passwords = [NotSupported("不支持")]
    with pytest.raises(NotSupported):
        check_password(work, "2102")


@pytest.mark.parametrize("by", [{}, {"02": "till"}])
def test_the_tills_own_device_says_whether_it_was_right(by: dict[str, str]) -> None:
    """Where the deployment has none for it, or says that the till does it."""
    devices = Devices(*([Medium.IDENTITY_CARD] if by else [Medium.CODE]))
    work = AtWork(devices, password=["02"], password_by=by)
    question = asked(work)
    assert (question.id, question.text, question.whom) == (
        "password",
        "请在读卡器上校验身份证的密码，通过了吗？",
        "收银程序",
    )
    assert [option.value for option in question.options] == ["yes", "no"]
    work.answers["password"] = "no"
    with pytest.raises(PasswordNotChecked):
        check_password(work, "2102")
    assert (work.answers, devices.asked) == ({}, [])
    work.answers["password"] = "yes"
    check_password(work, "2102")
    assert work.answers == {"password": "yes"}, "a step that runs again does not ask again"


def test_the_platform_checks_a_password() -> None:
    work = AtWork(Devices(*Medium), password=["02"], password_by={"02": "1602"})
    assert asked(work).text == "请输入身份证的密码"
    work.answers["password"] = "123456"
    work.refuses = ["密码错误"]
    assert asked(work).text == "密码没有通过校验（密码错误），请重新输入"
    assert work.answers == {}
    work.answers["password"] = "654321"
    check_password(work, "2102")
    message = {
        "idcard": "11010519491231002X", "insuAdmdvs": "990100", "fixmedinsCode": "P1",
        "inputPassword": "c33367701511b4f6020ec61ded352059",
    }  # fmt: skip
    assert work.calls[1:] == [("1602", message, {"insured_place": "990100"})]
    assert work.answers == {}


# -- what is shown -----------------------------------------------------------------------------------------------------

READ = Reading(medium=Medium.IDENTITY_CARD, number="11010519491231002X", certno="11010519491231002X", cert_type="01",
               notes=("快到期了",))  # fmt: skip


def test_a_device_reads_what_is_shown_and_the_flow_keeps_it() -> None:
    work = AtWork(Devices(Medium.IDENTITY_CARD, reads=READ), person=False)
    found = show(work, "q", infno="2102", scope=Scope.CALL, media=(Medium.IDENTITY_CARD,))
    assert (found.type, found.number) == ("02", "11010519491231002X")
    assert (work.signed, work.advice) == (["007"], ["快到期了"])
    (wanted,) = work.runtime.devices.asked
    assert wanted == ReadRequest(
        media=(Medium.IDENTITY_CARD,), seconds=42.0, flow="pharmacy_purchase", infno="2102", scope=Scope.CALL,
        institution="P1", area="990100", operator="007", operator_name="测试收银员",
    )  # fmt: skip
    assert show(work, "q", infno="2102") == found
    assert len(work.runtime.devices.asked) == 1, "a step that runs again has the same"
    work.runtime.devices.gives = CODE
    assert show(work, "other", infno="") is CODE
    assert "other" not in work.answers


def test_without_a_device_the_caller_is_asked() -> None:
    for infno, text in (
        ("2102", "请出示社会保障卡、身份证、医保码（交易号 2102）"),
        ("", "请出示社会保障卡、身份证、医保码"),
    ):
        with pytest.raises(Asked) as caught:
            show(AtWork(), "q", infno=infno)
        question = caught.value.question
        assert (question.id, question.text, question.kind.value) == ("q", text, "credential")
        assert question.read is not None
        assert (question.read.infno, question.read.psn_no) == (infno, "P7")
    work = AtWork(answers={"q": json.dumps({"type": "01", "number": "t"})})
    assert show(work, "q", infno="2102") == Credential(type="01", number="t")


def test_a_card_of_another_person_is_not_taken() -> None:
    other = attrs.evolve(READ, number="110105194912310021", certno="110105194912310021")
    for reading, taken in (
        (READ, True), (other, False), (attrs.evolve(other, certno="1101**********0021"), True),
        (attrs.evolve(other, certno=""), True),
    ):  # fmt: skip
        work = AtWork(Devices(Medium.IDENTITY_CARD, reads=reading))
        if taken:
            assert show(work, "q", infno="2102").type == "02"
        else:
            with pytest.raises(WrongCard, match="不是这位参保人的"):
                show(work, "q", infno="2102")
    without = attrs.evolve(READ, number="", certno="")
    work = AtWork(answers={"q": json.dumps({"medium": "identity_card"})})
    with pytest.raises(DeviceFault):
        show(work, "q", infno="2102")
    assert work.answers == {}, "the same answer would not do again"
    assert without.number == ""


def test_what_a_device_is_asked_for_says_who_asks() -> None:
    settings = SimpleNamespace(office_id="K1", office_name="测试科", org_id="", business_types={})
    asked = request(AtWork(ecredential=settings), "2207", Scope.VISIT, (Medium.CODE,))
    assert (asked.office_id, asked.office_name, asked.org_id, asked.business_type, asked.scenario) == (
        "K1", "测试科", "P1", "", "",
    )  # fmt: skip
    settings.org_id = "ORG"
    assert request(AtWork(ecredential=settings), "2207", Scope.VISIT, ()).org_id == "ORG"
    assert request(AtWork(person=False), "2207", Scope.CALL, ()).psn_no == ""


@pytest.mark.parametrize(
    ("answer", "said", "place"),
    [
        ("nothing", "答案应为 JSON", "value"), ("5", "应为一组键值", "value"),
        ('{"type": "01"}', "必填", "value.number"),
        ('{"medium": "paper"}', "只能是", "value.medium"), ('{"type": "01", "number": "1", "x": 1}', "没有这个键",
         "value.x"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_credential(answer: str, said: str, place: str) -> None:
    with pytest.raises(BadAnswer, match=said) as caught:
        shown_by(answer)
    assert caught.value.path == place
    assert shown_by('{"medium": "code", "number": "t"}') == Reading(medium=Medium.CODE, number="t")


# -- shown again -------------------------------------------------------------------------------------------------------

EXPIRED = CallRefused("二维码已失效，请刷新", infno="2101")


@pytest.mark.parametrize(
    ("words", "settings", "holds"),
    [
        (("已失效",), None, False), ((), None, True), (("过期",), None, True),
        ((), SimpleNamespace(expired_words=("请刷新",)), False),
        (("过期", "已失效"), SimpleNamespace(expired_words=()), False),
    ],
)  # fmt: skip
def test_whether_what_was_shown_holds_still(words: tuple[str, ...], settings: Any, holds: bool) -> None:
    assert holds_no_longer(AtWork(words=words, ecredential=settings), EXPIRED) is not holds


def running(
    work: AtWork, *outcomes: Exception | None, moved: Callable[[], bool] = lambda: False
) -> tuple[list[Credential], list[AtWork]]:
    """A step that comes to this each time it runs: what it saw shown, and the works that it got."""
    seen, works, ends = [], [], list(outcomes)

    def begin() -> AtWork:
        works.append(work)
        return work

    def run(given: Any) -> None:
        seen.append(given.state.given.credential)
        outcome = ends.pop(0)
        if outcome is not None:
            raise outcome

    step: Any = SimpleNamespace(run=run)
    run_showing(begin, step, lambda: not moved())
    return seen, works


def test_it_is_shown_again_where_nothing_has_moved() -> None:
    def work(**more: Any) -> AtWork:
        return AtWork(Devices(Medium.CODE, reads=fresh), shown=CODE, words=("已失效",), person=False, **more)

    fresh = Credential(type="01", number="fresh")
    assert running(work(), None)[0] == [CODE]
    assert running(work(), EXPIRED, None)[0] == [CODE, fresh]
    assert running(work(), EXPIRED, EXPIRED, None)[0] == [CODE, fresh, fresh]
    with pytest.raises(CallRefused, match="已失效"):
        running(work(), EXPIRED, EXPIRED, EXPIRED)
    with pytest.raises(CallRefused, match="已失效"):
        running(work(), EXPIRED, moved=lambda: True)
    with pytest.raises(CallRefused, match="停保"):
        running(work(), CallRefused("已停保"))
    with pytest.raises(ValueError, match="other"):
        running(work(), ValueError("other"))
    answered = work(answers={AGAIN: json.dumps({"type": "01", "number": "scanned"})})
    assert [each.number for each in running(answered, None)[0]] == ["scanned"]
    assert AGAIN not in answered.answers
    paused = AtWork(shown=CODE, words=("已失效",))
    with pytest.raises(Asked) as caught:
        running(paused, EXPIRED)
    assert (caught.value.question.id, "2101" in caught.value.question.text) == (AGAIN, True)


def test_it_is_the_same_persons_and_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(psn_no="P7")
    queries: list[Any] = []

    def identify(runtime: Any, credential: Credential, *, query: Any) -> Any:
        query("1101", {})
        queries.append(credential)
        return found

    monkeypatch.setattr("liangding.workflow.showing.identify", identify)
    fresh = Credential(type="01", number="fresh")
    work = AtWork(Devices(Medium.CODE, reads=fresh), shown=CODE, words=("已失效",))
    assert running(work, EXPIRED, None)[0] == [CODE, fresh]
    assert (work.state.person.credential, work.state.person.psn_no, queries) == (fresh, "P7", [fresh])
    assert work.calls == [("1101", {}, {"part": "again_id"})]
    found.psn_no = "P8"
    work = AtWork(Devices(Medium.CODE, reads=fresh), shown=CODE, words=("已失效",))
    with pytest.raises(WrongCard, match="不是这位参保人的"):
        running(work, EXPIRED, None)
    assert work.state.given.credential is CODE
    work = AtWork(Devices(Medium.CODE, reads=CARD), shown=CODE, words=("已失效",))
    with pytest.raises(WrongCard, match="不是同一种"):
        running(work, EXPIRED, None)
    assert work.state.given.credential is CODE
