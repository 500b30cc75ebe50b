"""The line belongs to one call, and a call to its limits: whole answers, in seconds and bytes, on connections of their
own."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import attrs
import pytest

from liangding.wire import transport
from liangding.wire.transport import OVERTAKEN, Exchange, HttpTransport, leaving_only_while

Talk = Callable[[socket.socket, bytes], bool]
"""What the other side does about a request; False: the connection is over."""


class Server:
    """Speaks as it is told. ``connections`` are how many were made, ``requests`` what came."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.connections = talk, 0
        self.requests: list[bytes] = []
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                taken, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._speak, args=(taken,), daemon=True).start()

    def _speak(self, taken: socket.socket) -> None:
        with contextlib.suppress(OSError), taken:
            held = b""
            while data := taken.recv(65536):
                held += data
                head, mark, body = held.partition(b"\r\n\r\n")
                length = int(next((line for line in head.lower().split(b"\r\n") if b"content-length" in line), b":0")
                             .partition(b":")[2])  # fmt: skip
                if mark and len(body) >= length:
                    self.requests.append(held)
                    held = b""
                    if not self.talk(taken, head):
                        return

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # who waits in accept() is woken before the number is another's
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Callable[[Talk], Server]]:
    made: list[Server] = []

    def make(talk: Talk) -> Server:
        made.append(Server(talk))
        return made[-1]

    yield make
    for each in made:
        each.close()


def answer(body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"content-length: %d" % (len(body) if length is None else length), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def says(whole: bytes) -> Talk:
    """Answers everything so."""

    def talk(taken: socket.socket, _: bytes) -> bool:
        taken.sendall(whole)
        return True

    return talk


def line(**settings: float) -> HttpTransport:
    return HttpTransport(**{"connect_seconds": 60, "read_seconds": 60, **settings})  # type: ignore[arg-type]


def test_a_limit_is_one_for_the_whole_answer_however_many_pieces_it_comes_in(
    server: Callable[[Talk], Server],
) -> None:
    def drips(taken: socket.socket, _: bytes) -> bool:
        taken.sendall(answer(b"{", length=1_000_000))
        while not made.over.wait(0.02):
            taken.sendall(b" ")
        return False

    made = server(drips)
    heard = line(read_seconds=0.3).post(made.url, {}, b"{}")
    assert (heard.failure, heard.sent) == ("read_timeout", True)


def test_so_is_that_of_a_head_that_never_ends(server: Callable[[Talk], Server]) -> None:
    def drips(taken: socket.socket, _: bytes) -> bool:
        taken.sendall(b"HTTP/1.1 200 OK\r\nx: ")
        while not made.over.wait(0.02):
            taken.sendall(b"x")
        return False

    made = server(drips)
    assert line(read_seconds=0.3).post(made.url, {}, b"{}").failure == "read_timeout"


ZEROS = b"0" * (3 << 20)


def test_a_file_has_limits_for_its_pieces_and_none_as_a_whole(
    server: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour passes with every look at the clock: an answer's time is over, a file goes on as long as pieces come."""

    def keep(head: Exchange, pieces: Iterator[bytes]) -> Exchange:
        return attrs.evolve(head, body=b"".join(pieces))

    made = server(says(answer(ZEROS)))
    with monkeypatch.context() as patched:
        hours = itertools.count(0.0, 3600.0)
        patched.setattr(transport, "time", SimpleNamespace(monotonic=lambda: next(hours)))
        assert line().post(made.url, {}, b"{}").failure in ("write_timeout", "read_timeout")
        assert line(answer_bytes=1).stream(made.url, {}, b"{}", keep).body == ZEROS

    def stalls(taken: socket.socket, _: bytes) -> bool:
        taken.sendall(answer(b"{", length=1_000_000))
        made.over.wait()
        return False

    made = server(stalls)
    assert line(read_seconds=0.3).stream(made.url, {}, b"{}", keep).failure == "read_timeout"


@pytest.mark.parametrize(
    ("body", "headers", "failure"),
    [
        (ZEROS, (), "too_large"),
        (gzip.compress(ZEROS), (b"content-encoding: gzip",), "too_large"),
        (gzip.compress(b"{}") + gzip.compress(ZEROS), (b"content-encoding: gzip",), "too_large"),
        (zlib.compress(ZEROS), (b"content-encoding: deflate",), "too_large"),
        (gzip.compress(b"{}"), (b"content-encoding: gzip",), ""),
        (gzip.compress(b"{") + gzip.compress(b"}"), (b"Content-Encoding: GZIP",), ""),
        (zlib.compress(b"{}"), (b"content-encoding: deflate",), ""),
        (zlib.compress(b"{}")[2:-4], (b"content-encoding: deflate",), ""),
        (gzip.compress(b"{}")[:-9], (b"content-encoding: gzip",), "undecodable"),
        (b"not packed", (b"content-encoding: gzip",), "undecodable"),
        (b"{}", (b"content-encoding: identity",), ""),
    ],
    ids=[
        "long",
        "long packed",
        "long after short",
        "long deflated",
        "packed",
        "packed in two",
        "deflated",
        "deflated raw",
        "packed and cut",
        "not packed",
        "as it is",
    ],
)
def test_bytes_are_limited_packed_and_unpacked(
    server: Callable[[Talk], Server], body: bytes, headers: tuple[bytes, ...], failure: str
) -> None:
    made = server(says(answer(body, *headers)))
    heard = line(answer_bytes=2 << 20).post(made.url, {}, b"{}")
    assert (heard.failure, heard.body) == (failure, b"" if failure else b"{}")
    assert heard.sent


@pytest.mark.parametrize("framed", ["by its length", "in chunks"])
def test_a_second_answer_that_nobody_asked_for_is_nobodys(server: Callable[[Talk], Server], framed: str) -> None:
    def twice(taken: socket.socket, _: bytes) -> bool:
        mine = b"%d" % len(made.requests)
        first = answer(mine)
        if framed == "in chunks":
            first = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n" + mine + b"\r\n0\r\n\r\n"
        taken.sendall(first + answer(b"stray " + mine))
        return True

    made = server(twice)
    with contextlib.closing(line()) as used:
        assert [used.post(made.url, {}, b"{}").body for _ in range(4)] == [b"1", b"2", b"3", b"4"]


def test_a_question_takes_a_connection_that_is_there_and_a_change_one_of_its_own(
    server: Callable[[Talk], Server],
) -> None:
    made = server(says(answer(b"{}")))
    with contextlib.closing(line()) as used:
        for _ in range(3):
            used.post(made.url, {}, b"{}")
        assert made.connections == 1
        for _ in range(3):
            used.post(made.url, {"connection": "close"}, b"{}")
        assert made.connections == 4
        used.post(made.url, {}, b"{}")
        assert made.connections == 4


@pytest.mark.parametrize("pieces", [0, 1])
def test_what_was_taken_up_elsewhere_does_not_leave(server: Callable[[Talk], Server], pieces: int) -> None:
    """Asked before each piece: a request without its last one is none."""
    made, left = server(lambda *_: False), iter([True] * pieces)
    with leaving_only_while(lambda: next(left, False)):
        heard = line().post(made.url, {}, b"{}")
    assert (heard.failure, heard.sent, made.requests) == (OVERTAKEN, False, [])


@pytest.mark.parametrize(
    ("url", "headers", "failure"),
    [
        ("http://127.0.0.1:9/x", {}, "connect_failed"),
        ("ftp://127.0.0.1/x", {}, "bad_url"),
        ("http://", {}, "bad_url"),
        ("http://127.0.0.1:99999999/", {}, "connect_failed"),
        ("http://127.0.0.1:9/x", {"x": "中"}, "bad_request"),
    ],
)
def test_what_cannot_be_sent_is_not_sent(url: str, headers: dict[str, str], failure: str) -> None:
    heard = line().post(url, headers, b"{}")
    assert (heard.failure, heard.sent) == (failure, False)
