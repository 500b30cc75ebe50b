"""A province's code that does wrong round settlements and their cancellation: it fails, alters, swallows, sends twice,
and takes its time. Nothing of it may reach what the till hears."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from ..contract.calls import Answer, Call
from ..contract.hookspecs import around

if TYPE_CHECKING:
    from .scene import Scene

WAYS = ("fails", "leaves", "alters", "swallows", "sends twice", "takes its time")

SLOW_SECONDS = 90.0


class Mischief:
    """The plugin; ``scene`` is the run in which it is at work, and decides what it does."""

    scene: Scene | None = None

    @around("2102", "2102A", "2103", "2207", "2207A", "2208", "2304", "2304A", "2305")
    def go_round(self, call: Call[Any]) -> Generator[None, Answer[Any], Any]:
        """Do wrong with what was answered."""
        scene = self.scene
        answer = yield
        if scene is None or not scene.troubles.in_a_plugin():
            return answer
        way = scene.choices.one(WAYS)
        scene.say(f"~ a plugin {way}")
        if way == "fails":
            raise ValueError(way)
        if way == "leaves":
            raise SystemExit(way)
        if way == "alters":
            answer.output.setlinfo.setl_id = "made-up"
        elif way == "sends twice":
            return call.send(call)
        elif way == "takes its time":
            scene.clock.sleep(SLOW_SECONDS)
        return None if way == "swallows" else answer
