"""Where a story happens: one institution, its platform and the line between in one process, on a clock that moves only
when it is told to; processes that share a journal, die and come back; and all of it told."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from liangding.clock import SimulatedClock
from liangding.config import Kind, load_deployment
from liangding.contract.calls import Answer
from liangding.errors import LiangdingError
from liangding.flows import Flows, View
from liangding.jobs.keeper import Keeper
from liangding.journal import CallRecord, Journal, Vault
from liangding.kit import purchase, write_deployment, write_secret
from liangding.knowledge import Knowledge
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault, FaultRule
from liangding.simulator.line import SimulatedLine
from liangding.simulator.people import Person
from liangding.simulator.setup import door_for
from liangding.wire.json import decode, encode
from liangding.wire.transport import Exchange, Receive

from .given import RELATIVE
from .journals import Ledger
from .rendering import Names, brief, compact, fields, moment, nodes, other, plain, shortened, wrapped

OF_THE_PLATFORM = ("output", "refmsg_time", "respond_time", "inf_refmsgid")
"""What of an answer's envelope is told by its output, or in the journal."""

START = datetime(2026, 11, 21, 10, 0)

HOUR = 3600.0


class Died(BaseException):
    """The process is gone."""


class Told:
    """What is written down."""

    def __init__(self, start: float) -> None:
        self.names = Names()
        self.start = start
        self._lines: list[str] = []

    def say(self, text: str, indent: str = "") -> None:
        """A thing, on as many lines as it needs."""
        self._lines.extend(wrapped(self.names.told(text), indent))

    def text(self) -> str:
        return "\n".join(self._lines).strip() + "\n"


class Scene:
    """The institution and its platform. ``settings`` are those of the deployment file."""

    def __init__(
        self, folder: Path, *, kind: Kind, journal: str, objects: Mapping[str, object] | None = None,
        in_the_end: bool = False, **settings: Any,
    ) -> None:  # fmt: skip
        self.folder, self._only_in_the_end = folder, in_the_end
        self._settings = {"kind": kind, "journal": journal, **settings}
        self.clock = SimulatedClock(START)
        self.told = Told(self.clock.epoch())
        self.told.names.call(str(folder), "FOLDER")
        self.told.names.call(journal, "JOURNAL")
        write_secret(folder, "journal", base64.b64encode(b"a key of stories, and of nothing").decode())
        self._read(objects)
        self.vault = Vault(self.deployment.secret("journal.key", self.deployment.journal.key))
        self.door = door_for(self.deployment, clock=self.clock, known=self.known)
        self.alive: set[str] = set()
        self.desks: list[Desk] = []
        self.carried: dict[str, list[bytes]] = {}
        """Message → the bytes that went out, and those that came back."""
        self.answered: dict[int, list[str]] = {}
        self.viewed: dict[str, dict[str, Any]] = {}
        """Flow → what its caller saw of it the last time."""
        self.plans: dict[str, list[Callable[[Callable[[], Exchange]], Exchange]]] = {}
        self.ledger = Ledger(self)
        self._head: dict[str, Any] = {}

    def _read(self, objects: Mapping[str, object] | None) -> None:
        self.config = write_deployment(self.folder, **self._settings)
        self.deployment = load_deployment(self.config)
        self.known = Knowledge(self.deployment, plugins=objects)

    # -- telling -------------------------------------------------------------------------------------------------------

    def line_of(self, mark: str, *lines: str) -> None:
        """Lines with a mark before them."""
        for line in lines:
            self.told.say(f"{mark} {line.strip()}".strip())

    def say(self, text: str) -> None:
        """A heading: what happens now."""
        self.told.say("")
        self.told.say(f"== {moment(self.clock.epoch(), self.told.start)} {text}")

    def look(self) -> None:
        """What is new or other in the journal, unless that is told in the end only."""
        if not self._only_in_the_end:
            self.ledger.tell()

    def show(self, what: str, value: Any) -> None:
        """What somebody sees who looks."""
        held = plain(value)
        self.told.say(f"{what}: {fields(held) if isinstance(held, dict) else compact(held)}", "   ")

    def text(self) -> str:
        """The whole story."""
        return self.told.text()

    def goes_out(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        envelope = decode(body)
        head = {name: value for name, value in envelope.items() if name != "input"}
        head |= {"url": url, "headers": dict(headers)}
        said = {name: head.pop(name, None) for name in ("infno", "msgid", "inf_time")}
        self.told.say(f"→ {said['infno']} {said['msgid']} {said['inf_time']}", "   ")
        other = {name: value for name, value in head.items() if self._head.get(name) != value}
        gone = [name for name in self._head if name not in head]
        if other or gone:
            self.told.say(f"head: {fields(other)}" + "".join(f"  no {name}" for name in gone), "       ")
        self._head = head
        for node in nodes(envelope.get("input")):
            self.told.say(node, "       ")
        self.carried.setdefault(str(said["msgid"]), []).append(body)

    def comes_back(self, exchange: Exchange) -> None:
        if exchange.failure:
            sent = "" if exchange.sent else ", nothing left"
            self.told.say(f"← {exchange.failure}: {exchange.message}{sent}", "   ")
            return
        try:
            answer = decode(exchange.body)
        except ValueError:
            answer = exchange.body.decode("utf-8", "replace")
        if not isinstance(answer, dict):
            self.told.say(f"← {exchange.status} {compact(answer)}", "   ")
            return
        head = {name: value for name, value in answer.items() if name not in OF_THE_PLATFORM and value is not None}
        self.told.say(f"← {exchange.status} {fields(head)}", "   ")
        for node in nodes(brief(answer.get("output")) or {}):
            self.told.say(f"output.{node}", "       ")

    # -- what happens --------------------------------------------------------------------------------------------------

    def desk(self, name: str = "desk 1") -> Desk:
        """A process begins."""
        self.say(f"{name} begins")
        made = Desk(self, name)
        self.desks.append(made)
        self.look()
        return made

    def person(self, case: str = "local") -> Person:
        return self.door.platform.world.people.case(case)

    def strike(self, fault: Fault, infno: str = "", *, times: int = 1, skip: int = 0, seconds: float = 0) -> None:
        """Let a fault happen."""
        self.say(f"{fault.value} will strike {infno or 'everything'}")
        self.door.faults.add(FaultRule(fault=fault, infno=infno, times=times, skip=skip, seconds=seconds))

    def becomes(self, objects: Mapping[str, object] | None = None, **settings: Any) -> None:
        """Other settings, and other plugins: processes that begin from now on have them."""
        told = [f"{name}={value!r}" for name, value in settings.items()]
        self.say(f"the deployment is another from now on: {', '.join([*told, *sorted(objects or {})]) or 'no plugins'}")
        self._settings |= settings
        self._read(objects)

    def deafen(self, *infnos: str) -> None:
        """Let no query be answered from now on."""
        self.say("no query is answered from now on")
        for infno in infnos or ("5201", "5203", "5204"):
            self.door.faults.add(FaultRule(fault=Fault.REQUEST_LOST, infno=infno, times=0))

    def mend(self) -> None:
        """No more faults."""
        self.say("the line is well again")
        self.door.faults.clear()

    def instead(self, infno: str, answer: Any, *, before: bool = False, status: int = 200) -> None:
        """Let something else come back of the next message of a transaction than the platform said; ``before``: it
        never got the request."""
        body = answer if isinstance(answer, bytes) else encode(answer)

        def plan(post: Callable[[], Exchange]) -> Exchange:
            if not before:
                post()
            return Exchange(status=status, content_type="application/json", body=body)

        self.plans.setdefault(infno, []).append(plan)

    def dies(self, infno: str, *, before: bool = False) -> None:
        """Let the process die that sends the next message of a transaction; ``before`` it left."""

        def plan(post: Callable[[], Exchange]) -> Exchange:
            if not before:
                post()
            raise Died

        self.plans.setdefault(infno, []).append(plan)

    def meanwhile(self, infno: str, happens: Callable[[], object]) -> None:
        """Let something happen while the answer to the next message of a transaction is on its way."""

        def plan(post: Callable[[], Exchange]) -> Exchange:
            answer = post()
            happens()
            self.say("the answer arrives")
            return answer

        self.plans.setdefault(infno, []).append(plan)

    def held_up(self, infno: str, happens: Callable[[], object]) -> None:
        """Let something happen while the next message of a transaction is on its way to the platform."""

        def plan(post: Callable[[], Exchange]) -> Exchange:
            happens()
            self.say("the message arrives")
            return post()

        self.plans.setdefault(infno, []).append(plan)

    def let_pass(self, seconds: float, desk: Desk | None = None) -> None:
        """Let time pass; whatever is due meanwhile is done when it is due, by the desk's keeper."""
        self.say(f"{seconds:.0f} seconds pass")
        until = self.clock.epoch() + seconds
        by = desk or next(each for each in self.desks if each.name in self.alive)
        while (due := by.journal.next_due(self.deployment.name)) is not None and due <= until:
            self.clock.sleep(due - self.clock.epoch())
            self.door.commit_late()
            self.told.say(f"-- {moment(self.clock.epoch(), self.told.start)} a round of {by.name}", "   ")
            by.runtime.resolver.sweep()
            self.look()
            assert by.journal.next_due(self.deployment.name) != due, "looked at, and due as before"
        self.clock.sleep(until - self.clock.epoch())
        self.door.commit_late()

    def in_the_end(self) -> None:
        """How everything stands, where anything was begun."""
        if not self.desks:
            return
        self.say("in the end")
        world = self.door.platform.world
        standing = [each.setl_id for each in world.settlements.values() if each.counts]
        self.told.say(f"stand on the platform: {', '.join(standing) or 'none'}", "   ")
        self.ledger.tell(briefly=self._only_in_the_end)
        self.ledger.in_the_end()

    def close(self) -> None:
        """Nothing is left open."""
        for desk in self.desks:
            desk.close()
        self.ledger.close()


class Desk:
    """One process: a runtime of its own on the common journal."""

    def __init__(self, scene: Scene, name: str) -> None:
        self.scene, self.name = scene, name
        scene.alive.add(name)
        settings = scene.deployment.journal
        self.journal = Journal(
            settings.url, scene.vault, folder=scene.folder, owner=name, alive=scene.alive.__contains__,
            epoch=scene.clock.epoch,
        )  # fmt: skip
        self.runtime = Runtime(
            scene.deployment, journal=self.journal, transport=_Line(scene), clock=scene.clock, known=scene.known,
            randomness=random.Random(name),
        )  # fmt: skip
        self.flows = Flows(self.runtime)

    def do(self, what: str, work: Callable[[], Any]) -> Any:
        """Let the process do something, and tell what comes of it: what is returned, or the error; None where it
        dies."""
        self.scene.say(f"{self.name}: {what}")
        try:
            came = work()
        except LiangdingError as failed:
            self._failed(failed)
            came = failed
        except Died:
            self.dies()
            came = None
        else:
            self._came(came)
        self.scene.look()
        return came

    def call(self, infno: str, message: Any, **more: Any) -> Any:
        """One call: the answer, or the error."""
        said = "  ".join(f"{name}={value}" for name, value in more.items())
        return self.do(f"{infno} {said}".rstrip(), lambda: self.runtime.call(infno, message, **more))

    def settle(self, key: str | None = "B1", total: str = "100.00", person: Person | None = None, **more: Any) -> Any:
        """One 2102 of one row."""
        person = person or self.scene.person()
        message = purchase(person, total)
        message["druginfo"]["med_type"] = "41"
        return self.call("2102", message, key=key, insured_place=person.covers[0].place, **more)

    def start(self, name: str, given: Mapping[str, Any], **more: Any) -> Any:
        """A flow begins: its view, or the error."""
        said = "  ".join([f"{name}={value}" for name, value in more.items()] + list(nodes(dict(given))))
        before = {*self.journal.flows.search()}
        view = self.do(f"begins {name}  {said}", lambda: self.flows.start(name, given, **more))
        assert not isinstance(view, View) or view.new is (view.id not in before), "new is what was not there"
        return view

    def answer(self, view: View, value: str, **more: Any) -> Any:
        """The question that a flow asks is answered."""
        asked = view.question.id if view.question else "nothing"
        return self.do(f"answers {asked} with {value}", lambda: self.flows.answer(view.id, value, **more))

    def answers(self, view: Any, told: Mapping[str, str]) -> Any:
        """Every question that a flow asks is answered."""
        for _ in range(50):
            if not isinstance(view, View) or view.question is None:
                return view
            view = self.answer(view, told[view.question.id])
        raise AssertionError("the same is asked again and again")

    def keeps(self) -> None:
        """One round of the keeper."""
        self.do("a round of the keeper", lambda: Keeper(self.runtime).round())

    def dies(self) -> None:
        """The process is no more: what it had not written down is gone."""
        self.scene.told.say(f"!! {self.name} dies", "   ")
        self.scene.alive.discard(self.name)
        self.journal.store.close()

    def close(self) -> None:
        if self.name in self.scene.alive:
            self.runtime.close()
            self.journal.close()

    def _failed(self, error: LiangdingError) -> None:
        told = error.as_json()
        self.scene.told.say(f"! {type(error).__name__} {error.http_status}  {fields(told)}", "   ")

    def _came(self, came: Any) -> None:
        say = self.scene.told.say
        if isinstance(came, Answer):
            recorded = "  recorded" if came.recorded else ""
            lines = list(self._answered(came))
            same = self.scene.answered.get(came.call_id) == lines
            say(f"= answer to {came.infno} {came.msgid}, call {came.call_id}{recorded}", "   ")
            for line in ["(the same as before)"] if same else lines:
                say(line, "       ")
            self.scene.answered[came.call_id] = lines
        elif isinstance(came, View):
            self._says_nothing_personal(came)
            told = came.as_json()
            before, self.scene.viewed[came.id] = self.scene.viewed.get(came.id), told
            where = [told.pop(name) for name in ("id", "flow", "title", "status", "step", "step_title")]
            say(f"= {'  '.join(where)}", "   ")
            for node in nodes(other(shortened(told), before and shortened(before))):
                say(f"= {node}", "   ")
        elif isinstance(came, CallRecord):
            say(f"= {came.told}", "   ")
        elif came is not None:
            held = plain(came)
            say(f"= {fields(held) if isinstance(held, dict) else compact(held)}", "   ")

    def _says_nothing_personal(self, came: View) -> None:
        """What a flow knows may stand in an error or a line of the log as it is written there: nothing of a person."""
        try:
            said = repr(self.flows.state_of(came.id))
        except LiangdingError:
            return  # of a flow that cannot be read nothing is said
        for person in self.scene.door.platform.world.people.all:
            numbers = (each for each in (person.psn_no, person.certno, person.token, person.card_no) if len(each) > 8)
            for what in (person.name, *numbers):
                assert what not in said, f"a flow's state says {what}"
        assert not [what for what in RELATIVE if what in said]

    def _answered(self, came: Answer[Any]) -> Iterator[str]:
        """What the caller has in hand; the body where it is not what came over the line."""
        carried = self.scene.carried.get(came.msgid, [])
        if encode(dict(came.body)) not in map(_evenly, carried):
            yield f"body: {fields(came.body)}"
        yield from (f"read: {node}" for node in nodes(plain(came.output)))
        yield from (f"advice: {sentence}" for sentence in came.advice)
        yield from (f"finding: {fields(finding.as_json())}" for finding in came.findings)


def _evenly(body: bytes) -> bytes:
    try:
        return encode(decode(body))
    except ValueError:
        return body


class _Line:
    """The way to the platform; what is planned happens on it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._line = SimulatedLine(scene.door, read_seconds=scene.deployment.platform.read_seconds)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        self._scene.goes_out(url, headers, body)
        envelope = decode(body)
        plans = self._scene.plans.get(str(envelope.get("infno")))

        def post() -> Exchange:
            return self._line.post(url, headers, body)

        exchange = plans.pop(0)(post) if plans else post()
        self._scene.carried[str(envelope.get("msgid"))].append(exchange.body)
        self._scene.comes_back(exchange)
        return exchange

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        self._scene.goes_out(url, headers, body)
        exchange = self._line.stream(url, headers, body, receive)
        self._scene.comes_back(exchange)
        return exchange

    def close(self) -> None:
        """Nothing is held."""
