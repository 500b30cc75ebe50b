"""Single calls, and what becomes of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from liangding.journal.asking import asked_by, in_request, in_trace
from liangding.kit import purchase
from liangding.simulator.faults import Fault
from liangding.wire.transport import Exchange

from .. import story
from ..scene import HOUR, Scene

MARKS = {
    "inf_refmsgid": "990100202611211000000000000077", "refmsg_time": "20261121100000000",
    "respond_time": "20261121100000000",
}  # fmt: skip

STOPPED = {"infcode": -1, "err_msg": "参保人员已停保", "output": None}


@story(everywhere=True)
def accepted(scene: Scene) -> None:
    """A settlement that the platform accepts, asked for again under its key, and for another day's bill under it."""
    desk = scene.desk()
    desk.settle("B1")
    desk.settle("B1")
    desk.settle("B1", bill_date=date(2026, 11, 20))
    desk.settle("B2", bill_no="R-17", bill_date=date(2026, 11, 20), meant=True)


@story(keys='same_bill = "ask"')
def keys_used_again(scene: Scene) -> None:
    """One key for another sum and another person; none at all; the same rows under another key, asked about and meant;
    a key that is none."""
    desk = scene.desk()
    other = scene.door.platform.world.people.more("local", 1)[0]
    desk.settle("B1")
    desk.settle("B1", total="90.00")
    desk.settle("B1", person=other)
    desk.settle(None)
    desk.settle("")
    desk.settle("K" * 201)
    desk.settle("B2")
    desk.settle("B2", meant=True)
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B3", person=other)
    desk.settle("B3", person=other, total="70.00")
    scene.let_pass(HOUR)
    desk.settle("B3", person=other, total="70.00")


@story(keys='same_bill = "refuse"')
def the_same_bill_is_refused(scene: Scene) -> None:
    """The same rows under another key, where nobody may say that they are meant; the next day they are another bill."""
    desk = scene.desk()
    desk.settle("B1")
    desk.settle("B2", meant=True)
    scene.clock.sleep(24 * HOUR)
    desk.settle("B3")


@story(everywhere=True)
def refused(scene: Scene) -> None:
    """A settlement that is refused with the platform's marks: a minute later and once more the keeper looks, and finds
    nothing; asked for again meanwhile it is looked for first, and made."""
    desk = scene.desk()
    scene.instead("2102", STOPPED | MARKS, before=True)
    desk.settle("B1")
    scene.let_pass(HOUR)
    scene.instead("2102", STOPPED | MARKS, before=True)
    desk.settle("B2")
    desk.settle("B2")
    scene.let_pass(HOUR)


@story()
def refused_without_marks(scene: Scene) -> None:
    """A refusal that bears no marks; while the platform does not tell, the key is not free."""
    desk = scene.desk()
    scene.instead("2102", STOPPED, before=True)
    desk.settle("B1")
    scene.deafen()
    desk.settle("B1")
    scene.mend()
    scene.let_pass(2 * HOUR)
    desk.settle("B1")


@story()
def refused_with_marks_and_nobody_tells(scene: Scene) -> None:
    """A refusal with marks frees its key where the platform does not answer queries."""
    desk = scene.desk()
    scene.instead("2102", STOPPED | MARKS, before=True)
    desk.settle("B1")
    scene.deafen()
    desk.settle("B1")


@story()
def refused_and_stands(scene: Scene) -> None:
    """What was refused stands all the same. Nobody asks again: it is taken back. Somebody asks again: it is the
    answer; for another sum: it is a conflict."""
    desk = scene.desk()
    scene.instead("2102", STOPPED | MARKS)
    desk.settle("B1")
    scene.let_pass(HOUR)
    scene.instead("2102", STOPPED)
    desk.settle("B2")
    desk.settle("B2")
    scene.instead("2102", STOPPED)
    desk.settle("B3", total="30.00")
    desk.settle("B3", total="40.00")


@story()
def the_gateway_refuses(scene: Scene) -> None:
    """What stands before the platform says no: that needs no second look."""
    desk = scene.desk()
    scene.instead("2102", {"code": 401, "message": "签名不正确"}, before=True)
    desk.settle("B1")
    scene.instead("2102", {"infcode": -1, "err_msg": "Unexpected end of file from server"}, before=True)
    desk.settle("B2")
    scene.let_pass(HOUR)


@story()
def lost_answer(scene: Scene) -> None:
    """The platform settles, and its answer is lost: it is found at once."""
    desk = scene.desk()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    desk.settle("B1")


@story()
def every_doubt(scene: Scene) -> None:
    """Each way in which an answer may not say what became of a settlement, for a person of its own."""
    desk = scene.desk()
    faults = (Fault.CUT, Fault.EMPTY, Fault.HTML, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.SLOW, Fault.OTHER_ANSWER)
    for fault, person in zip(faults, scene.door.platform.world.people.more("local", len(faults)), strict=True):
        scene.strike(fault, "2102", seconds=30)
        desk.settle(f"K-{fault.value}", person=person)


@story()
def nothing_left(scene: Scene) -> None:
    """The connection is refused before the first byte: not sent, and the key is free."""
    desk = scene.desk()

    def refused(_: Any) -> Exchange:
        return Exchange(failure="connect", message="连接被拒绝", sent=False)

    scene.plans["2102"] = [refused]
    desk.settle("B1")
    desk.settle("B1")


@story()
def the_program_fails(scene: Scene) -> None:
    """Something of ours fails in the middle: before the first byte, and with the answer in hand; a question, too."""
    desk = scene.desk()

    def broken(_: Any) -> Exchange:
        raise RuntimeError("a mistake of the program")

    scene.plans["2102"] = [broken]
    desk.settle("B1")
    scene.let_pass(HOUR)
    scene.plans["5201"] = [broken]
    asked = {"psn_no": scene.person().psn_no, "begntime": "2026-11-21 00:00:00", "endtime": "2026-11-22 00:00:00"}
    desk.call("5201", {"data": {**asked, "med_type": "41"}}, insured_place=scene.person().covers[0].place)
    gateway = desk.runtime.known.gateway
    try:
        desk.runtime.known.gateway = _Unsigned()
        desk.settle("B2")
    finally:
        desk.runtime.known.gateway = gateway


class _Unsigned:
    """A gateway that cannot sign."""

    def headers(self, *_: Any, **__: Any) -> Any:
        raise OSError("no key")

    def __getattr__(self, name: str) -> Any:
        raise OSError("no key")


@story()
def questions(scene: Scene) -> None:
    """A question is asked again where no answer comes; twice in vain it has none. Refused, and wrong."""
    desk = scene.desk()
    person = scene.person()
    asked = {"psn_no": person.psn_no, "begntime": "2026-11-21 00:00:00", "endtime": "2026-11-22 00:00:00"}
    message = {"data": {**asked, "med_type": "41"}}
    place = person.covers[0].place
    scene.strike(Fault.ANSWER_LOST, "5201")
    desk.call("5201", message, insured_place=place)
    scene.strike(Fault.ANSWER_LOST, "5201", times=2)
    desk.call("5201", message, insured_place=place)
    scene.instead("5201", STOPPED)
    desk.call("5201", message, insured_place=place)
    desk.call("5201", {"data": {"psn_no": person.psn_no}}, insured_place=place)
    desk.call("5203", {"data": {"psn_no": person.psn_no, "setl_id": "S1", "mdtrt_id": "M1"}}, insured_place=place)


@story()
def signing_in(scene: Scene) -> None:
    """Signed in once a day and operator; anew where the platform says that it has expired, and once only; out."""
    desk = scene.desk()
    desk.settle("B1", operator="002")
    desk.settle("B2", operator="003")
    desk.do("9002", lambda: desk.runtime.sign_out("002"))
    scene.instead("2102", STOPPED | MARKS | {"err_msg": "签到已过期，请重新签到"}, before=True)
    desk.settle("B3")
    for _ in range(2):
        scene.instead("2102", STOPPED | MARKS | {"err_msg": "未签到，请先签到"}, before=True)
    desk.settle("B4")
    scene.clock.sleep(24 * HOUR)
    scene.strike(Fault.REQUEST_LOST, "9001", times=2)
    desk.settle("B5")
    desk.settle("B5")


@story()
def who_asks(scene: Scene) -> None:
    """Who asks, for which request and trace, stands in the journal; a trace that is none does not."""
    desk = scene.desk()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with asked_by("api:his", "test"), in_request("r-1"), in_trace(trace):
        desk.settle("B1")
    with asked_by("cli:" + "a" * 120), in_trace("00-" + "0" * 32 + "-b7ad6b7169203331-01"):
        desk.settle("B2")
    desk.settle("B3")


@story()
def held_back(scene: Scene) -> None:
    """While a person's settlement is unknown the next one waits; another person's does not, nor does a question."""
    desk = scene.desk()
    other = scene.door.platform.world.people.more("local", 1)[0]
    scene.deafen()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    desk.settle("B1")
    desk.settle("B2", total="20.00")
    desk.settle("B3", person=other)
    scene.mend()
    desk.settle("B2", total="20.00")


@story(more='[resolution]\nhold = "wait"\nhold_seconds = 5')
def waiting(scene: Scene) -> None:
    """Where calls wait they do so for as long as is set."""
    desk = scene.desk()
    scene.deafen()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    desk.settle("B2", total="20.00")


@story()
def the_record_is_used(scene: Scene) -> None:
    """What was recorded is finished by its record alone: accepted, refused, unknown."""
    desk = scene.desk()
    desk.settle("B1")
    scene.instead("2102", STOPPED | MARKS, before=True)
    desk.settle("B2", total="20.00")
    scene.deafen()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B3", total="30.00")
    for key in ("B1", "B2", "B3"):
        held = desk.runtime.journal.by_key(scene.deployment.institution.code, key)
        assert held is not None
        desk.do(f"finishes {key}", lambda call=held: desk.runtime.finish(call))  # type: ignore[misc]


@story()
def a_cancellation(scene: Scene) -> None:
    """A settlement is taken back, its answer lost; asked for again; refused because it is done already, and because
    somebody else did it."""
    desk = scene.desk()
    person = scene.person()
    place = person.covers[0].place
    for key in ("B1", "B2"):
        settled = desk.settle(key).output.setlinfo
        named = {"psn_no": person.psn_no, "setl_id": settled.setl_id, "mdtrt_id": settled.mdtrt_id}
        if key == "B1":
            scene.strike(Fault.ANSWER_LOST, "2103")
        desk.call("2103", {"data": named}, key=f"R-{key}", insured_place=place)
        desk.call("2103", {"data": named}, key=f"R-{key}", insured_place=place)
        desk.call("2103", {"data": named}, key=f"again-{key}", insured_place=place)
        scene.show("of the bill", desk.runtime.journal.settlements.of_bill(key))
    scene.let_pass(HOUR)
    third = desk.settle("B3").output.setlinfo
    named = {"psn_no": person.psn_no, "setl_id": third.setl_id, "mdtrt_id": third.mdtrt_id}
    scene.strike(Fault.REQUEST_LOST, "2103")
    desk.call("2103", {"data": named}, key="R-B3", insured_place=place)
    scene.let_pass(HOUR)
    desk.call("2103", {"data": named}, key="R-B3", insured_place=place)


@story()
def what_is_not_sent(scene: Scene) -> None:
    """What breaks the specification or is another way round is told, and nothing leaves."""
    desk = scene.desk()
    message = purchase(scene.person(), "100.00")
    del message["druginfo"]["psn_no"]
    desk.call("2102", message, key="B1")
    desk.call("6302", {}, key="B2")
    desk.call("0000", {}, key="B3")
    desk.call("2601", {"data": {"psn_no": scene.person().psn_no, "omsgid": "M1", "oinfno": "2102"}})
