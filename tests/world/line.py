"""A hostile line: a proxy between a server and the platform, on which every exchange may go wrong in its own way.

A thread for each connection, plain sockets: what HTTP libraries would mend or refuse has to be possible here.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import attrs

JSON = "application/json; charset=utf-8"


@attrs.frozen(kw_only=True)
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def infno(self) -> str:
        return self._named("infno")

    @property
    def msgid(self) -> str:
        return self._named("msgid")

    def _named(self, name: str) -> str:
        found = re.search(rf'"{name}"\s*:\s*"([^"]*)"'.encode(), self.body)
        return found[1].decode() if found else ""


def http_answer(
    body: bytes, status: int = 200, kind: str = JSON, headers: str = "", length: int | None = None
) -> bytes:
    """A whole answer as bytes; ``length`` is what it claims where that is not the truth."""
    told = len(body) if length is None else length
    head = f"HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {told}\r\n{headers}\r\n"
    return head.encode() + body


class Met:
    """One exchange in the hands of a trouble: pass it on (or not), and say something (or not)."""

    def __init__(self, line: HostileLine, connection: socket.socket, request: Request) -> None:
        self.line = line
        self.request = request
        self._connection = connection
        self.over = False

    def pass_on(self) -> bytes:
        """Let the platform have the request; the body of its answer."""
        return self.line.pass_on(self.request)

    def hold(self) -> None:
        """Keep the request on the way: it reaches the platform when :meth:`HostileLine.deliver` says so."""
        self.line.held.append(self.request)

    def say(self, data: bytes) -> None:
        """Send bytes back as they are; whoever is gone does not hear them."""
        with contextlib.suppress(OSError):
            self._connection.sendall(data)

    def wait(self, seconds: float) -> None:
        self.line.closing.wait(seconds)

    def close(self) -> None:
        """End the connection in good manner."""
        self.over = True

    def reset(self) -> None:
        """Break the connection as a failing line does."""
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.over = True


Trouble = Callable[[Met], None]


@attrs.define(kw_only=True)
class Rule:
    """``trouble`` strikes requests of ``infnos`` (empty: any) whose body holds ``who``, ``times`` times after ``skip``
    of them; ``struck`` says how often it did."""

    trouble: Trouble
    infnos: tuple[str, ...] = ()
    who: str = ""
    times: int = 1
    skip: int = 0
    struck: int = 0

    def fits(self, request: Request) -> bool:
        named = not self.infnos or request.infno in self.infnos
        return named and self.who.encode() in request.body


@attrs.frozen(kw_only=True)
class Sent:
    """One request that came over the line."""

    infno: str
    msgid: str
    body: bytes = attrs.field(repr=False)


class HostileLine:
    """The proxy, listening on ``port`` of the loopback. ``sent`` is every request that came, in order."""

    def __init__(self, platform_port: int) -> None:
        self._platform = platform_port
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self.closing = threading.Event()
        self.held: list[Request] = []
        self.sent: list[Sent] = []
        self._rules: list[Rule] = []
        self._mutex = threading.Lock()
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def strike(self, trouble: Trouble, *infnos: str, who: str = "", times: int = 1, skip: int = 0) -> Rule:
        """Let a trouble happen; ``times`` 0: always."""
        rule = Rule(trouble=trouble, infnos=infnos, who=who, times=times or 1 << 30, skip=skip)
        with self._mutex:
            self._rules.append(rule)
        return rule

    def calm(self, who: str = "") -> None:
        """Nothing goes wrong any more (with requests that hold ``who``)."""
        with self._mutex:
            self._rules = [rule for rule in self._rules if who and rule.who != who]

    def deliver(self) -> int:
        """Let everything that was held reach the platform now; how many there were."""
        with self._mutex:
            held, self.held = self.held, []
        for request in held:
            self.pass_on(request)
        return len(held)

    def count(self, infno: str, who: str = "") -> int:
        """How many requests of a transaction came over the line."""
        return sum(each.infno == infno and who.encode() in each.body for each in list(self.sent))

    def pass_on(self, request: Request) -> bytes:
        platform = http.client.HTTPConnection("127.0.0.1", self._platform, timeout=30)
        with contextlib.closing(platform):
            kept = {k: v for k, v in request.headers.items() if k not in ("host", "connection", "content-length")}
            platform.request("POST", request.path, request.body, kept)
            return platform.getresponse().read()

    def tell(self, infno: str, body: bytes) -> bytes:
        """Something that nobody of this house says to the platform; its answer."""
        return self.pass_on(Request(path=f"/hsa/hgs/{infno}", headers={"content-type": JSON}, body=body))

    def close(self) -> None:
        self.closing.set()
        # Who waits in accept() is woken first: it would go on with the file's number, which may be the next line's.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listening.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # -- the connections -------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        try:
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for request in _requests(connection):
                    if self._exchange(connection, request):
                        return
        except OSError:
            return
        finally:
            self._open.discard(connection)

    def _exchange(self, connection: socket.socket, request: Request) -> bool:
        """One exchange; whether the connection is over with it."""
        self.sent.append(Sent(infno=request.infno, msgid=request.msgid, body=request.body))
        met = Met(self, connection, request)
        trouble = self._trouble_for(request)
        if trouble is None:
            met.say(http_answer(met.pass_on()))
        else:
            trouble(met)
        return met.over

    def _trouble_for(self, request: Request) -> Trouble | None:
        with self._mutex:
            for rule in self._rules:
                if not rule.fits(request) or not rule.times:
                    continue
                if rule.skip:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                rule.struck += 1
                return rule.trouble
        return None


def _requests(connection: socket.socket) -> Iterator[Request]:
    stream = connection.makefile("rb")
    while first := stream.readline():
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        yield Request(path=first.split()[1].decode(), headers=headers, body=body)


def until(true: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait until something is so; the deadline is only there so that a fault does not hang."""
    patience, deadline = threading.Event(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        patience.wait(0.02)
