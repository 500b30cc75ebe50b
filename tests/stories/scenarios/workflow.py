"""Flows as they are asked, answered, let go on and given up, at the right moment and at the wrong one; and what plugins
bring into them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from liangding.contract.hookspecs import hookimpl
from liangding.contract.questions import AnswerKind
from liangding.contract.region import Region
from liangding.contract.steps import Change
from liangding.errors import NoAnswer
from liangding.flows import After, Around, Before, EachCall, FlowStopped, Question, Work, step

from .. import story
from ..given import least_purchase, shown, sold
from ..scene import HOUR, Desk, Scene
from .flows_pharmacy import YES


class Plugin:
    """A plugin made of the changes to purchases, and of a region's words."""

    def __init__(self, *changes: Change, region: dict[str, Any] | None = None) -> None:
        self.changes = changes
        if region is not None:
            self.region = Region(name="测试", local=("9901",), province=("99",), **region)

    @hookimpl
    def liangding_flow_steps(self, flow: str, deployment: Any) -> Iterable[Change]:
        return self.changes if flow == "pharmacy_purchase" else ()

    @hookimpl
    def liangding_region(self) -> Region | None:
        return getattr(self, "region", None)


def begins(scene: Scene, key: str = "R1", desk: Desk | None = None, **more: Any) -> Any:
    """A purchase up to its first question."""
    desk = desk or (scene.desks[0] if scene.desks else scene.desk())
    return desk.start("pharmacy_purchase", least_purchase(scene.person(), use_account=False, **more), key=key)


@story(in_the_end=True)
def answered_at_the_wrong_moment(scene: Scene) -> None:
    """What a flow is asked that it cannot do where it stands."""
    view = begins(scene)
    desk = scene.desks[0]
    desk.answer(view, "2")
    desk.answer(view, "yes", question="use_account")
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.answer(view, "yes", question="confirm")
    desk.answer(view, "yes")
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))
    desk.do("takes it over", lambda: {name: str(state) for name, state in desk.flows.take_over(view.id).items()})
    desk.do("takes it over", lambda: {name: str(state) for name, state in desk.flows.take_over(view.id).items()})
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.do("looks for one that is none", lambda: desk.flows.get("0" * 32))
    desk.do("looks for one that is none", lambda: desk.flows.find("pharmacy_purchase", "R9"))
    desk.do("looks for a flow that is none", lambda: desk.flows.find("pharmacy_purchases", "R9"))
    desk.do("owes", desk.flows.debts)


@story(in_the_end=True)
def asked_for_again(scene: Scene) -> None:
    """Started again under its key: the same, mended before anything was sent, with other content, for somebody else,
    with another credential."""
    desk, person = scene.desk(), scene.person()

    def again(**more: Any) -> Any:
        given = {"use_account": False, **more}
        return desk.start("pharmacy_purchase", least_purchase(person, **given), key="R1")

    again(insutype="390")
    again(insutype="390", receipt_no="R2")
    again(receipt_no="R2", credential=shown(scene.person("retired")))
    again()
    again(credential=shown(person, "01"))
    again(credential=None)
    again(receipt_no="R2")
    again(credential=shown(scene.person("retired")))
    view = again(credential=shown(person))
    scene.instead("2102", {"infcode": -1, "err_msg": "参保人员已停保"}, before=True)
    desk.answer(view, "yes")
    again(receipt_no="R2")
    again(credential=shown(person, "01"))
    view = again()
    again(credential=shown(scene.person("retired")))
    again(receipt_no="R3")


@story(in_the_end=True)
def asked_for_on_another_day(scene: Scene) -> None:
    """Where a number is used once: after midnight it is the same bill for some hours, then another day's."""
    begins(scene)
    scene.clock.sleep(14 * HOUR)
    view = begins(scene)
    scene.desks[0].answers(view, YES)
    scene.clock.sleep(8 * HOUR)
    begins(scene)
    begins(scene, bill_date="2026-11-21")
    begins(scene, key="R2", bill_date="2026-11-21")
    begins(scene, key="R2", bill_date="2026-11-22")


@story(in_the_end=True, keys='per = "day"\nsame_bill = "allow"')
def numbers_used_anew_each_day(scene: Scene) -> None:
    """Where numbers are used anew each day: another day's is another bill, and which one is meant has to be said."""
    desk = scene.desk()
    for day in ("2026-11-21", "2026-11-20"):
        desk.answers(begins(scene, bill_date=day), YES)
    begins(scene)
    desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R1"))
    desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R1", bill_date=date(2026, 11, 20)))
    desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R1", bill_date=date(2026, 11, 19)))
    desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R2"))
    begins(scene, key="R3", bill_date="2026-11-21")
    desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R3"))


# -- steps of plugins --------------------------------------------------------------------------------------------------


@step("密码校验", when="结算前")
def ask_password(work: Work[Any]) -> None:
    """Ask for the password."""
    if work.ask(Question(id="password", text="请输入密码", kind=AnswerKind.SECRET)) != "123456":
        work.forget("password")
        raise FlowStopped("密码不对")
    work.kept["checked"] = "yes"


def sees(work: Work[Any], infno: str, message: Any) -> None:
    """Every call of a purchase is seen, and the invoice's number is the plugin's."""
    if infno == "2102":
        message["druginfo"]["invono"] = "P9"


@story(objects={"asks": Plugin(Before("settle", ask_password), EachCall(sees))})
def a_plugin_asks(scene: Scene) -> None:
    """A step of a plugin asks for a password before money moves; where the plugin is gone, the flow waits for it."""
    view = begins(scene)
    desk = scene.desks[0]
    view = desk.answer(view, "yes")
    desk.answer(view, "000000")
    scene.becomes()
    without = scene.desk("desk 2")
    without.do("resumes", lambda: without.flows.resume(view.id))
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.answer(view, "123456")


class Owes:
    """A plugin whose step after the settlement, and what goes round another one, fail as often as it is told."""

    def __init__(self) -> None:
        self.fails: list[Exception] = []

    def step(self, work: Work[Any]) -> None:
        """Tell somebody."""
        self._fail()
        work.advise("已告诉别处")

    def around(self, work: Work[Any], go_on: Callable[[], None]) -> None:
        go_on()
        self._fail()

    def _fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)


OWES = Owes()


def tell(work: Work[Any]) -> None:
    """Tell somebody else of it."""
    OWES.step(work)


TOLD = step("告知别处")(tell)


@story(objects={"owes": Plugin(After("settle", TOLD), Around("upload_sales", OWES.around))})
def a_plugin_owes(scene: Scene) -> None:
    """What a plugin's step owes after money has moved is paid later, the first time in a minute, then less and less
    often; where the plugin is gone it stays owed."""
    OWES.fails[:] = [ValueError("王五"), NoAnswer("没有应答"), ValueError(), NoAnswer("没有应答"), ValueError()]
    goods = [sold(1, ("81000000000000000011",))]
    view = begins(scene, rows=goods, staff={"pharmacist": "甲", "pharmacist_certificate": "Z"})
    desk = scene.desks[0]
    desk.answer(view, "yes")
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    scene.clock.sleep(61)
    desk.keeps()
    desk.do("owes", desk.flows.debts)
    scene.becomes()
    without = scene.desk("desk 2")
    without.do("resumes", lambda: without.flows.resume(view.id))
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.do("owes", desk.flows.debts)


@story(objects={"owes": Plugin(Around("settle", OWES.around), Before("pre_settle", TOLD))})
def a_plugin_fails_before_money_moves(scene: Scene) -> None:
    """Before money moves the flow stops at what a plugin fails with; round the settlement itself the money has moved,
    and it is owed."""
    OWES.fails[:] = [ValueError("王五")]
    view = begins(scene)
    OWES.fails[:] = [NoAnswer("没有应答")]
    desk = scene.desks[0]
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    OWES.fails[:] = [ValueError("王五")]
    desk.answer(view, "yes")
    desk.do("resumes", lambda: desk.flows.resume(view.id))


@story(objects={"owes": Plugin(After("settle", TOLD))})
def what_is_owed_is_paid_by_the_keeper(scene: Scene) -> None:
    """A minute later, by itself, once; what fails again waits twice as long."""
    OWES.fails[:] = [ValueError(), ValueError()]
    view = begins(scene)
    desk = scene.desks[0]
    desk.answer(view, "yes")
    for seconds in (59, 1, 119, 1, 3600):
        scene.clock.sleep(seconds)
        desk.keeps()
    desk.do("looks", lambda: desk.flows.get(view.id))


@story()
def given_up_after_a_query(scene: Scene) -> None:
    """The process died while it asked something that changes nothing: the flow may be given up at once, and its key be
    used again by another person."""
    desk = scene.desk()
    scene.dies("2101")
    begins(scene, desk=desk)
    other = scene.desk("desk 2")
    held = other.flows.find("pharmacy_purchase", "R1")
    assert held is not None
    other.do("gives it up", lambda: other.flows.abandon(held.id))
    begins(scene, desk=other, credential=shown(scene.person("retired")))


def spoils(work: Work[Any]) -> None:
    """Leave something in the state that nobody can read again."""
    work.state.uploaded = [{"no": "serial"}]


def asks_late(work: Work[Any]) -> None:
    """Ask somebody when money has moved."""
    work.ask(Question(id="late", text="还要什么？", kind=AnswerKind.TEXT))


@story(objects={"spoils": Plugin(Before("settle", step("弄坏")(spoils)))})
def a_plugin_spoils_the_state(scene: Scene) -> None:
    """What could not be read again is not stored: the flow stands as it stood before the step."""
    view = begins(scene)
    scene.desks[0].answer(view, "yes")


@story(objects={"late": Plugin(After("settle", step("再问")(asks_late)))})
def a_plugin_asks_when_money_has_moved(scene: Scene) -> None:
    """A question after the settlement waits as any other; given up it cannot be."""
    view = begins(scene)
    desk = scene.desks[0]
    view = desk.answer(view, "yes")
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))
    desk.answer(view, "没有了")


EXPIRED = {"infcode": -1, "err_msg": "电子凭证已失效"}


@story(objects={"region": Plugin(region={"expired_words": ("已失效",)})})
def what_was_shown_holds_no_longer(scene: Scene) -> None:
    """The code that was shown has expired: shown again it goes on; by somebody else, by another kind of credential, or
    again and again it does not."""
    desk, person = scene.desk(), scene.person()
    code = shown(person, "01")
    given = least_purchase(person, use_account=False, credential=code)
    scene.instead("2101", EXPIRED, before=True)
    view = desk.start("pharmacy_purchase", given, key="R1")
    view = desk.answer(view, "not json")
    view = desk.do("looks", lambda: desk.flows.find("pharmacy_purchase", "R1"))
    view = desk.answer(view, json.dumps(shown(person)))
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    scene.instead("2101", EXPIRED, before=True)
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    scene.instead("2102", EXPIRED, before=True)
    view = desk.answers(view, YES | {"credential_again": json.dumps(code)})


# -- what stops for the moment -----------------------------------------------------------------------------------------


@story()
def stopped_for_a_while(scene: Scene) -> None:
    """What stops for the moment when money has moved is tried again a minute later, for a day."""
    goods = [sold(1, ("81000000000000000011",))]
    view = begins(scene, rows=goods, staff={"pharmacist": "甲", "pharmacist_certificate": "Z"})
    desk = scene.desks[0]
    down = {"infcode": -1, "err_msg": "系统繁忙"}
    for _ in range(3):
        scene.instead("3505", down, before=True, status=503)
    scene.deafen("3513")
    desk.answer(view, "yes")
    for seconds in (59, 1, 60):
        scene.clock.sleep(seconds)
        desk.keeps()
    desk.do("looks", lambda: desk.flows.get(view.id))


@story(in_the_end=True)
def worked_on_by_somebody_else(scene: Scene) -> None:
    """While one process settles, another one asks for the same, answers, gives up, resumes, takes back."""
    view = begins(scene)
    desk, other = scene.desks[0], scene.desk("desk 2")

    def meanwhile() -> None:
        begins(scene, desk=other)
        other.answer(view, "yes")
        other.do("gives it up", lambda: other.flows.abandon(view.id))
        other.do("resumes", lambda: other.flows.resume(view.id))
        other.keeps()
        back = {"credential": shown(scene.person()), "purchase": view.id}
        other.start("pharmacy_refund", back, key="Z1")
        desk.do("resumes", lambda: desk.flows.resume(view.id))

    scene.meanwhile("2102", meanwhile)
    desk.answer(view, "yes")


def checks_it(work: Work[Any]) -> None:
    """Have the password checked."""
    work.check_password("2102")


CHECKED = step("校验密码", uses=("password",))(checks_it)


@story(
    in_the_end=True,
    more='[features]\npassword = ["02"]\npassword_by = { "02" = "till" }',
    objects={"checks": Plugin(Before("settle", CHECKED))},
)
def the_till_checks_the_password(scene: Scene) -> None:
    """The till's own device checks the password: it was wrong, it was right; a code has none."""
    view = begins(scene)
    desk = scene.desks[0]
    view = desk.answer(view, "yes")
    view = desk.answer(view, "no")
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.answer(view, "yes")
    desk.answers(begins(scene, key="R2", credential=shown(scene.person(), "01")), YES)
