"""Processes that die, stand still, wake again, and others that go on without them."""

from __future__ import annotations

from liangding.simulator.faults import Fault
from liangding.wire.json import encode
from liangding.wire.transport import Exchange

from .. import story
from ..scene import HOUR, Scene
from .calls import STOPPED
from .resolver import nameless


@story(everywhere=True)
def dies_before_it_sends(scene: Scene) -> None:
    """The process dies between its record and the first byte; another one takes the call up, and makes it anew when it
    is asked."""
    scene.dies("2102", before=True)
    scene.desk("desk 1").settle("B1")
    second = scene.desk("desk 2")
    second.settle("B1")
    second.keeps()
    scene.let_pass(HOUR)
    second.settle("B1")


@story()
def dies_after_it_sent(scene: Scene) -> None:
    """The process dies with its answer on the way; another one finds what stands, once the keeper has been round."""
    scene.dies("2102")
    scene.desk("desk 1").settle("B1")
    second = scene.desk("desk 2")
    second.keeps()
    second.settle("B1")
    second.settle("B2", total="20.00")


@story()
def dies_in_the_middle_of_a_reversal(scene: Scene) -> None:
    """The process dies after its 2601 left: nobody works on the case before it can take effect no more."""
    first = scene.desk("desk 1")
    scene.meanwhile("2102", lambda: nameless(scene))
    scene.strike(Fault.ANSWER_LOST, "2102")
    first.settle("B1")
    scene.dies("2601")
    for _ in range(3):
        scene.clock.sleep(8)
        first.keeps()
    second = scene.desk("desk 2")
    second.settle("B1")
    second.keeps()
    scene.let_pass(HOUR, second)


def _away(scene: Scene, seconds: float) -> None:
    """Desk 1 stands still, and desk 2 goes on as if it were dead."""
    scene.alive.discard("desk 1")
    scene.let_pass(seconds, scene.desks[1])
    scene.desks[1].keeps()
    scene.let_pass(seconds, scene.desks[1])
    scene.desks[1].settle("B1")
    scene.alive.add("desk 1")


@story()
def wakes_with_its_answer(scene: Scene) -> None:
    """Taken for dead while its answer was on the way: another one found what stands; the late word changes nothing."""
    first = scene.desk("desk 1")
    scene.desk("desk 2")
    scene.meanwhile("2102", lambda: _away(scene, 10))
    first.settle("B1")


@story()
def wakes_with_a_late_yes(scene: Scene) -> None:
    """Taken for dead before its message arrived: absent, made anew by another one; then the first one arrives after
    all, is accepted, and is taken back."""
    first = scene.desk("desk 1")
    scene.desk("desk 2")
    scene.held_up("2102", lambda: _away(scene, HOUR))
    first.settle("B1")
    scene.let_pass(10 * HOUR, scene.desks[1])


@story()
def wakes_while_its_case_is_unknown(scene: Scene) -> None:
    """Taken for dead, its case unknown: a late yes stands where nothing else does, a late no too."""
    first = scene.desk("desk 1")
    second = scene.desk("desk 2")

    def away() -> None:
        scene.alive.discard("desk 1")
        second.keeps()
        scene.alive.add("desk 1")

    scene.deafen()
    scene.held_up("2102", away)
    first.settle("B1")

    def refused(_: object) -> Exchange:
        away()
        return Exchange(status=200, content_type="application/json", body=encode(STOPPED))

    scene.plans["2102"] = [refused]
    first.settle("B2", person=scene.door.platform.world.people.more("local", 1)[0])


@story()
def two_at_once(scene: Scene) -> None:
    """While one desk waits for its answer another one asks for the same bill, and for another one of the person."""
    first = scene.desk("desk 1")
    second = scene.desk("desk 2")

    def meanwhile() -> None:
        second.settle("B1")
        second.settle("B2", total="20.00")

    scene.meanwhile("2102", meanwhile)
    first.settle("B1")
    second.settle("B2", total="20.00")


@story()
def who_is_at_work(scene: Scene) -> None:
    """The processes of a journal, as they come and go."""
    first = scene.desk("desk 1")
    second = scene.desk("desk 2")
    scene.show("at work", first.journal.processes())
    second.do("goes", second.journal.close)
    scene.alive.discard("desk 2")
    scene.show("at work", first.journal.processes())
    scene.show("is gone", [first.journal.is_gone(name) for name in ("desk 1", "desk 2", "desk 3")])
    third = scene.desk("desk 3")
    third.settle("B1")
    scene.show("at work", first.journal.processes())
