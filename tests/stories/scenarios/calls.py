"""Single calls, and what becomes of them."""

from __future__ import annotations

from liangding.simulator.faults import Fault

from .. import story
from ..scene import HOUR, Scene


@story(everywhere=True)
def accepted(scene: Scene) -> None:
    """A settlement that the platform accepts, asked for again under its key."""
    desk = scene.desk()
    desk.settle("B1")
    desk.settle("B1")


@story()
def refused(scene: Scene) -> None:
    """A settlement that the platform refuses with its marks; a minute later nobody finds it."""
    desk = scene.desk()
    scene.instead("2102", {
        "infcode": -1, "inf_refmsgid": "990100202611211000000000000001", "refmsg_time": "20261121100000000",
        "respond_time": "20261121100000000", "err_msg": "参保人员已停保", "output": None,
    }, before=True)  # fmt: skip
    desk.settle("B1")
    scene.let_pass(HOUR)


@story(everywhere=True)
def lost_answer(scene: Scene) -> None:
    """The platform settles, and its answer is lost: it is found at once."""
    desk = scene.desk()
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    desk.settle("B1")
