"""A runtime among its parts: who counts its calls, a journal that fails, and a call that waited too long."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from liangding.journal import JournalUnavailable, State
from liangding.journal.asking import AskingFilter, asked_by, asking, in_request, in_trace
from liangding.journal.asking import trace as trace_of
from liangding.simulator.faults import Fault

from .. import story
from ..scene import HOUR, Desk, Scene
from .calls import STOPPED


@story()
def counted(scene: Scene) -> None:
    """Whoever counts calls is told of each outcome, and of how long it took; where counting fails the call goes on."""
    desk = scene.desk()
    counted_: list[tuple[str, str, float]] = []

    def observe(infno: str, state: State, seconds: float) -> None:
        counted_.append((infno, state.value, seconds))
        if infno == "2102" and len(counted_) > 3:
            raise RuntimeError("cannot count")

    desk.runtime.observe = observe
    scene.strike(Fault.SLOW, "2102", seconds=3)
    desk.settle("B1")
    scene.instead("2102", STOPPED, before=True)
    desk.settle("B2", total="20.00")
    desk.settle("B3", total="30.00")
    scene.show("counted", [list(each) for each in counted_])
    scene.show("kept at", desk.runtime.kept_at)
    scene.show("named", len({desk.runtime.new_id() for _ in range(5)}))
    scene.show("now", desk.runtime.now())


def _failing(desk: Desk, when: Callable[[], bool]) -> None:
    """The journal cannot be written while it is so."""
    write = desk.journal.store.write

    def writes(work: Any, **more: Any) -> Any:
        if when():
            raise JournalUnavailable("流水写不进：磁盘已满")
        return write(work, **more)

    desk.journal.store.write = writes  # type: ignore[method-assign]


@story()
def the_journal_fails(scene: Scene) -> None:
    """Where the record cannot be made nothing is sent; where the outcome cannot be written it is unknown, and found by
    who asks again; a question is answered all the same."""
    desk = scene.desk()
    desk.settle("B0", total="10.00")
    full = [True]
    _failing(desk, lambda: full[0])
    desk.settle("B1")
    full[0] = False
    scene.meanwhile("2102", lambda: full.__setitem__(0, True))
    desk.settle("B2", total="20.00")
    full[0] = False
    desk.settle("B2", total="20.00")
    scene.meanwhile("5201", lambda: full.__setitem__(0, True))
    person = scene.person()
    asked = {"psn_no": person.psn_no, "begntime": "2026-11-21 00:00:00", "endtime": "2026-11-22 00:00:00"}
    desk.call("5201", {"data": {**asked, "med_type": "41"}}, insured_place=person.covers[0].place)
    full[0] = False
    desk.keeps()


def _waits(scene: Scene, desk: Desk, meanwhile: Callable[[], object]) -> None:
    """The desk's next settlement stands still between its record and its first byte."""
    post, waited = desk.runtime._sending.post, [False]

    def posts(call: Any, body: bytes) -> Any:
        if call.transaction.infno == "2102" and not waited[0]:
            waited[0] = True
            scene.clock.sleep(10)
            meanwhile()
            scene.say(f"{desk.name} goes on")
        return post(call, body)

    desk.runtime._sending.post = posts  # type: ignore[method-assign]


@story()
def waited_too_long(scene: Scene) -> None:
    """A call that waited after its record: still its own, it leaves; taken up by another desk, it does not; and where
    its key went on without it, what stands there is the answer."""
    first, second = scene.desk("desk 1"), scene.desk("desk 2")

    def taken_up() -> None:
        scene.alive.discard("desk 1")
        second.keeps()
        scene.alive.add("desk 1")

    def gone_on() -> None:
        scene.alive.discard("desk 1")
        second.keeps()
        scene.let_pass(HOUR, second)
        second.settle("B3", total="30.00")
        scene.alive.add("desk 1")

    for key, total, meanwhile in (("B1", "10.00", lambda: None), ("B2", "20.00", taken_up), ("B3", "30.00", gone_on)):
        _waits(scene, first, meanwhile)
        first.settle(key, total=total)


@story()
def who_asked_before(scene: Scene) -> None:
    """What is done after somebody's block is not done for them any more, however blocks stand in one another."""
    desk = scene.desk()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    record = logging.LogRecord("liangding", logging.INFO, "", 0, "said", (), None)

    def asked() -> None:
        AskingFilter().filter(record)
        told = {name: getattr(record, name) for name in ("principal", "deployment", "request")}
        scene.show("asked", told | {"by": asking(), "trace": trace_of()})

    asked()
    with asked_by("api:his", "test"):
        asked()
        with in_request("r-1"):
            asked()
            with in_trace(trace):
                asked()
                with asked_by("keeper"):
                    asked()
                with in_trace("none"):
                    asked()
                asked()
            asked()
        asked()
    asked()
    with in_trace(trace):
        desk.settle("B1")
    desk.settle("B2")
    asked()
