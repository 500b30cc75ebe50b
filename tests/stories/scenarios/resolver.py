"""What the resolver does with what is unknown, and when."""

from __future__ import annotations

from liangding.simulator.faults import Fault

from .. import story
from ..scene import HOUR, Scene
from .calls import MARKS, STOPPED


@story()
def not_there(scene: Scene) -> None:
    """A settlement that never arrived: believed when it was seen twice and late enough; watched until its hours are
    over. Asked for again it is looked for once more, and made; then nobody watches the first."""
    desk = scene.desk()
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B1")
    desk.settle("B1")
    scene.let_pass(30 * HOUR)
    desk.settle("B1")
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B2", total="20.00")
    scene.let_pass(HOUR)
    desk.settle("B2", total="20.00")
    scene.let_pass(30 * HOUR)


@story()
def comes_late(scene: Scene) -> None:
    """A settlement that the platform makes after it was found not to be there: nobody was told of it, and it is taken
    back."""
    desk = scene.desk()
    scene.strike(Fault.LATE_COMMIT, "2102", seconds=2000)
    desk.settle("B1")
    scene.let_pass(10 * HOUR)
    desk.settle("B1")


@story()
def comes_late_and_is_asked_for(scene: Scene) -> None:
    """The same, and the HIS asks again before anybody looked: it stands, and is the answer."""
    desk = scene.desk()
    scene.strike(Fault.LATE_COMMIT, "2102", seconds=700)
    desk.settle("B1")
    scene.let_pass(600)
    scene.clock.sleep(120)
    desk.settle("B1")
    scene.let_pass(HOUR)


@story()
def comes_late_and_cannot_be_reversed(scene: Scene) -> None:
    """A late settlement that 2601 does not take back goes by what undoes it; what fails is tried again."""
    desk = scene.desk()
    scene.strike(Fault.LATE_COMMIT, "2102", seconds=2000)
    desk.settle("B1")
    for sentence in ("该交易不支持冲正", "没有找到需要冲正的报文"):
        scene.instead("2601", STOPPED | MARKS | {"err_msg": sentence}, before=True)
    scene.strike(Fault.REQUEST_LOST, "2103")
    scene.let_pass(10 * HOUR)


def nameless(scene: Scene) -> None:
    """The platform does not say by which message a settlement was made."""
    world = scene.door.platform.world
    for settlement in world.settlements.values():
        settlement.msgid = ""


@story()
def nobody_answers(scene: Scene) -> None:
    """Where no query is answered nothing is reversed either: the case goes to a person, and is still looked at."""
    desk = scene.desk()
    scene.deafen()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    scene.let_pass(HOUR)


@story()
def a_settlement_without_a_number(scene: Scene) -> None:
    """A settlement that the platform shows without our number: unclear three times, then 2601, whose answer is lost
    once, and that is refused once."""
    desk = scene.desk()
    scene.strike(Fault.ANSWER_LOST, "2601")
    scene.instead("2601", STOPPED | MARKS | {"err_msg": "冲正失败，请联系管理员"}, before=True)
    scene.meanwhile("2102", lambda: nameless(scene))
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    desk.settle("B1")
    scene.let_pass(4 * HOUR)
    desk.settle("B1")


@story()
def reversed_and_still_there(scene: Scene) -> None:
    """2601 is accepted and the settlement is still shown; accepted and nobody answers the look after it."""
    desk = scene.desk()
    scene.meanwhile("2102", lambda: nameless(scene))
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    scene.instead("2601", {"infcode": 0, "err_msg": None, "output": None} | MARKS, before=True)
    scene.let_pass(300)
    scene.deafen()
    scene.let_pass(600)


@story()
def refused_queries(scene: Scene) -> None:
    """A refused query says that nothing is there only where its sentence means so."""
    desk = scene.desk()
    for number, sentence in enumerate(("查询服务不存在", "未查询到就诊记录", "医保区划不存在", "系统繁忙", "无数据")):
        scene.instead("5201", STOPPED | MARKS | {"err_msg": sentence})
        scene.strike(Fault.REQUEST_LOST, "2102")
        desk.settle(f"B{number}", person=scene.door.platform.world.people.more("local", number + 1)[number])
    scene.let_pass(HOUR)


@story(more="[resolution]\ngrace_minutes = 5\nbelieve_seconds = 60\nwatch_hours = 1")
def handed_to_a_person(scene: Scene) -> None:
    """After the grace time a case is a person's, and is still looked at; other times than the usual ones."""
    desk = scene.desk()
    scene.deafen()
    scene.strike(Fault.ANSWER_LOST, "2601", times=0)
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B1")
    scene.let_pass(900)
    scene.mend()
    scene.let_pass(2 * HOUR)


@story()
def settled_by_another_message(scene: Scene) -> None:
    """The platform says that it is settled already: by ours that came late it is taken back first; a word that says so
    without a settlement is found out."""
    desk = scene.desk()
    scene.instead("2102", STOPPED | MARKS | {"err_msg": "该笔记录已结算"}, before=True)
    desk.settle("B1")
    scene.let_pass(HOUR)
    scene.instead("2102", STOPPED | MARKS | {"err_msg": "发送方报文ID重复"})
    desk.settle("B2")


@story()
def callers_reversals(scene: Scene) -> None:
    """A caller's own 2601: of what stands, of what is unknown, of what is not there, of nobody's, of what 2601 does not
    cancel."""
    desk = scene.desk()
    person = scene.person()
    place = person.covers[0].place

    def asks(msgid: str, infno: str, key: str) -> None:
        data = {"psn_no": person.psn_no, "omsgid": msgid, "oinfno": infno}
        desk.call("2601", {"data": data}, key=key, insured_place=place)

    asks(desk.settle("B1").msgid, "2102", "X1")
    scene.strike(Fault.REQUEST_LOST, "2102")
    asks(desk.settle("B2", total="20.00").msgid, "2102", "X2")
    scene.let_pass(HOUR)
    asks(desk.runtime.journal.latest(infno="2102")[0].msgid, "2102", "X3")
    asks("P99010000001202611210000000001", "2102", "X4")
    asks("P99010000001202611210000000001", "2101", "X5")


@story()
def the_platform_lags(scene: Scene) -> None:
    """Queries that show what happened a minute ago: not there is not believed before; seen later it is the answer."""
    desk = scene.desk()
    scene.door.platform.world.query_delay = 90.0
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    scene.let_pass(HOUR)
    desk.settle("B1")


@story(more="[resolution]\nwatch_hours = 0")
def nothing_is_watched(scene: Scene) -> None:
    """Where nothing is watched, what is not there is left in peace."""
    desk = scene.desk()
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B1")
    scene.let_pass(HOUR)
    desk.settle("B1")


@story()
def the_clock_goes_back(scene: Scene) -> None:
    """The clock is put back by hours while a case is unknown and while one is watched."""
    desk = scene.desk()
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B1")
    scene.say("the clock goes back by eight hours")
    scene.clock._epoch -= 8 * HOUR
    scene.let_pass(600)
    scene.say("the clock goes back by two days")
    scene.clock._epoch -= 48 * HOUR
    desk.keeps()
    scene.let_pass(HOUR)
