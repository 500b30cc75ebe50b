"""From a request at the platform's door to what comes back over the line: the gateway's check, and the faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import attrs

from ..clock import ShiftedClock
from ..files.carriage import OCTETS, unpacked
from ..wire.gateways import Gateway
from ..wire.json import decode, encode
from ..wire.transport import Exchange, Receive
from .centres import Centre
from .faults import Fault, FaultRule, Faults
from .people import Person
from .platform import SimulatedPlatform, SimulatorFailed
from .requests import HeldFile

JSON = "application/json; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
PROXY_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@attrs.frozen(kw_only=True)
class Reaction:
    """What the client gets to see: an answer, late by ``delay`` seconds, and only its first ``upto`` bytes where the
    line breaks (0: nothing at all)."""

    status: int = 200
    content_type: str = JSON
    body: bytes = b""
    delay: float = 0.0
    upto: int | None = None


@attrs.frozen
class Arrived:
    """A request as the platform takes it: its envelope, and the file that came with it; or as an online service does:
    a sealed message, and the path that it was posted to."""

    envelope: bytes
    file: bytes | None = None
    centre: Centre | None = None
    path: str = ""


class Door:
    """Everything between a client and the platform."""

    def __init__(
        self,
        platform: SimulatedPlatform,
        gateway: Gateway,
        faults: Faults | None = None,
        centres: Iterable[Centre] = (),
    ) -> None:
        self.platform = platform
        self.gateway = gateway
        self.faults = faults or Faults()
        self.centres = {centre.name: centre for centre in centres}
        self._last: dict[str, Reaction] = {}
        self._late: list[tuple[float, Arrived]] = []

    def receive(self, headers: Mapping[str, str], body: bytes, path: str = "") -> Reaction:
        """One request: check its headers, let it strike or pass, and answer."""
        self.commit_late()
        for centre in self.centres.values():
            if (number := centre.paths.get(path)) is not None:
                return self._came(number, Arrived(body, centre=centre, path=path))
        infno = _infno(body)
        refusal = self.gateway.refusal(headers, body, infno, self._gateway_epoch())
        if refusal is not None:
            return Reaction(body=encode({"code": 401, "message": refusal}))
        try:
            arrived = Arrived(*unpacked(headers.get("content-type", ""), body))
        except ValueError as wrong:
            return Reaction(status=400, content_type=PLAIN, body=str(wrong).encode())
        return self._came(infno, arrived)

    def _came(self, infno: str, arrived: Arrived) -> Reaction:
        rule = self.faults.strike(infno)
        return self._struck(rule, arrived) if rule else self._answer(arrived)

    def _gateway_epoch(self) -> float:
        """The gateway's time: that of its callers, also where the platform's is put forward."""
        clock = self.platform.clock
        return clock.epoch() - (clock.shift if isinstance(clock, ShiftedClock) else 0.0)

    def commit_late(self) -> None:
        """Do now what the late requests, whose time has come, ask for."""
        now = self.platform.clock.epoch()
        due = [(at, arrived) for at, arrived in self._late if at <= now]
        self._late = [(at, arrived) for at, arrived in self._late if at > now]
        for at, arrived in due:
            self._answer(arrived, at)

    @property
    def late(self) -> int:
        """How many requests are still to be committed."""
        return len(self._late)

    def close(self) -> None:
        """Nothing is held."""

    def more_people(self, case: str, count: int) -> list[Person]:
        """More persons, as :meth:`People.more` makes them. ValueError."""
        return self.platform.world.people.more(case, count)

    def set_time(self, shift: float | None, query_delay: float) -> None:
        """Let the platform's clock be ``shift`` seconds ahead (None: as it is), and its queries behind by so many."""
        clock = self.platform.clock
        if shift is not None and isinstance(clock, ShiftedClock):
            clock.shift = shift
        self.platform.world.query_delay = query_delay

    def _answer(self, arrived: Arrived, epoch: float | None = None) -> Reaction:
        reaction, good = self._done(arrived, self.platform.clock.epoch() if epoch is None else epoch)
        if good:  # for the fault that answers with it again
            self._last[arrived.centre.name if arrived.centre else ""] = reaction
        return reaction

    def _done(self, arrived: Arrived, epoch: float) -> tuple[Reaction, bool]:
        """What is answered, and whether that is a yes."""
        centre = arrived.centre
        try:
            if centre is not None:
                sealed, good = centre.answer(arrived.path, arrived.envelope, epoch)
                return Reaction(body=sealed), good
            answer = self.platform.answer(arrived.envelope, arrived.file, epoch)
        except SimulatorFailed as failed:
            return Reaction(status=500, content_type=PLAIN, body=failed.message.encode()), False
        if isinstance(answer, HeldFile):
            return Reaction(content_type=OCTETS, body=answer.data), True
        return Reaction(body=answer), decode(answer)["infcode"] in (0, "0")

    def _struck(self, rule: FaultRule, arrived: Arrived) -> Reaction:
        react: dict[Fault, Callable[[], Reaction]] = {
            Fault.REQUEST_LOST: lambda: Reaction(upto=0),
            Fault.ANSWER_LOST: lambda: attrs.evolve(self._answer(arrived), upto=0),
            Fault.ERROR_BEFORE: lambda: Reaction(status=503, content_type="text/plain", body=b"Service Unavailable"),
            Fault.ERROR_AFTER: lambda: attrs.evolve(self._lost(arrived), status=500),
            Fault.SLOW: lambda: attrs.evolve(self._answer(arrived), delay=rule.seconds),
            Fault.CUT: lambda: self._cut(arrived),
            Fault.HTML: lambda: Reaction(content_type="text/html", body=PROXY_PAGE),
            Fault.EMPTY: lambda: self._lost(arrived),
            Fault.DUPLICATE: lambda: self._twice(arrived),
            Fault.LATE_COMMIT: lambda: self._later(arrived, rule.seconds),
            Fault.OTHER_ANSWER: lambda: self._other(arrived),
        }
        return react[rule.fault]()

    def _lost(self, arrived: Arrived) -> Reaction:
        return attrs.evolve(self._answer(arrived), body=b"")

    def _cut(self, arrived: Arrived) -> Reaction:
        answer = self._answer(arrived)
        return attrs.evolve(answer, upto=len(answer.body) // 2)

    def _twice(self, arrived: Arrived) -> Reaction:
        first = self._answer(arrived)
        self._answer(arrived)
        return first

    def _later(self, arrived: Arrived, seconds: float) -> Reaction:
        self._late.append((self.platform.clock.epoch() + seconds, arrived))
        return Reaction(upto=0)

    def _other(self, arrived: Arrived) -> Reaction:
        other = self._last.get(arrived.centre.name if arrived.centre else "", Reaction())
        self._answer(arrived)
        return other


def _infno(body: bytes) -> str:
    found = re.search(rb'"infno"\s*:\s*"([^"]*)"', body)
    return found[1].decode("utf-8", "replace") if found else ""


class SimulatedLine:
    """A transport that ends at a simulated platform in the same process: no socket, no waiting, the same faults.

    An answer that is later than ``read_seconds`` is a timeout; the platform's clock is moved on by the wait.
    """

    def __init__(self, door: Door, *, read_seconds: float = 60.0) -> None:
        self.door = door
        self._read_seconds = read_seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        reaction = self.door.receive(headers, body, urlsplit(url).path)
        clock = self.door.platform.clock
        clock.sleep(min(reaction.delay, self._read_seconds))
        if reaction.delay > self._read_seconds:
            return Exchange(failure="read_timeout", message="等应答超时")
        if reaction.upto is not None:
            return Exchange(failure="cut", message="应答中断")
        return Exchange(status=reaction.status, content_type=reaction.content_type, body=reaction.body)

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        exchange = self.post(url, headers, body)
        return exchange if exchange.failure else receive(attrs.evolve(exchange, body=b""), iter((exchange.body,)))

    def close(self) -> None:
        """Nothing is held."""
