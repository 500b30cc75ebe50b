"""Several processes behind one port: one command starts them, starts one that died anew, and ends them in order.

Each is a copy of the command's own process made before it opened anything (``fork``), and opens its journals, lines and
keeper by itself: to the journal they are as many servers as there are processes, which take over from each other. The
socket is the first process's, which serves nothing: a connection that comes while nobody is there waits in it.
"""

from __future__ import annotations

import contextlib
import glob
import os
import select
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from typing import NoReturn

import attrs

from ..errors import ConfigurationError
from ..privacy import logger

log = logger("processes")

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""The folder in which the processes of one command count together; a name that prometheus-client gives."""

LIVED_SECONDS = 10.0
"""A process that dies earlier is started anew after a pause, which doubles from the first to the longest."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0

_FORWARDED = (signal.SIGTERM, signal.SIGINT)


def refuse_several() -> None:
    """ConfigurationError where the system does not copy processes."""
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            "这个系统（Windows）上一条 serve 只开一个进程",
            path="server.processes",
            remedy="不写 --workers 与 processes；要几个进程，就各用一个端口开几条 serve，流水用同一个 PostgreSQL",
        )


@attrs.frozen
class Worker:
    """This process, as one of several: its number from 1, and the socket that all of them serve."""

    number: int
    held: socket.socket
    _told: int

    @property
    def speaks(self) -> bool:
        """Whether this is the one of them that says what an operator has to read."""
        return self.number == 1

    def listens(self) -> None:
        """Tell the first process that this one serves."""
        with contextlib.suppress(OSError):
            os.write(self._told, b"+")


@attrs.define
class _Place:
    """One of the processes, or what is to become one again at ``due``."""

    number: int
    pid: int = 0
    ear: int = -1
    began: float = 0.0
    serves: bool = False
    due: float | None = None
    pause: float = 0.0


def share(count: int, held: socket.socket, told: Callable[[], None]) -> Worker:
    """Returns in each of ``count`` processes; the process that calls it stays inside until all of them have ended, and
    ends with SystemExit. ``told`` is called there when all serve for the first time.

    The first one starts alone: where it does not come to serve, what it said counts, and the command ends as it did.
    """
    refuse_several()
    return _Parent(count, held, told).run()


class _Parent:
    """The process that the command began in."""

    def __init__(self, count: int, held: socket.socket, told: Callable[[], None]) -> None:
        self._places = [_Place(number) for number in range(1, count + 1)]
        self._held, self._told = held, told
        self._life, self._lifeline = os.pipe()
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._asked: list[int] = []
        self._served, self._ending, self._code = False, False, 0
        self._folder = ""

    def run(self) -> Worker:
        if SHARED_COUNTS not in os.environ:
            self._folder = os.environ[SHARED_COUNTS] = tempfile.mkdtemp(prefix="liangding-counts-")
        hangup = getattr(signal, "SIGHUP", None)
        for number in (*_FORWARDED, *([hangup] if hangup else [])):
            signal.signal(number, self._noted)
        self._places[0].due = 0.0
        while True:
            for place in self._places:
                if place.due is not None and time.monotonic() >= place.due and not self._ending:
                    worker = self._start(place)
                    if worker is not None:
                        return worker
            if self._ending and not any(place.pid for place in self._places):
                self._leave()
            self._wait()

    def _noted(self, number: int, _: object) -> None:
        self._asked.append(number)
        with contextlib.suppress(OSError):
            os.write(self._waker, b"+")

    def _start(self, place: _Place) -> Worker | None:
        """A new process: None here, the worker there."""
        ear, mouth = os.pipe()
        place.due = None
        signals = {*_FORWARDED, signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        pid = os.fork()
        if pid == 0:
            for number in signals:
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            for end in (ear, self._lifeline, self._wake, self._waker, *(p.ear for p in self._places if p.pid)):
                os.close(end)
            threading.Thread(target=end_with, args=(self._life,), name="lifeline", daemon=True).start()
            return Worker(place.number, self._held, mouth)
        os.close(mouth)
        place.pid, place.ear, place.began, place.serves = pid, ear, time.monotonic(), False
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        return None

    def _wait(self) -> None:
        """Until something has happened or a process is due, and take that in."""
        due = [place.due for place in self._places if place.due is not None]
        left = max(min(due) - time.monotonic(), 0.0) if due and not self._ending else None
        ears = {place.ear: place for place in self._places if place.pid}
        heard, _, _ = select.select([self._wake, *ears], [], [], left)
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake, 64):
                pass
        while self._asked:
            self._forward(self._asked.pop(0))
        for ear in heard:
            if ear in ears:
                self._hear(ears[ear])

    def _forward(self, number: int) -> None:
        if number in _FORWARDED:
            self._end()
            number = signal.SIGTERM
        for place in self._places:
            if place.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(place.pid, number)

    def _end(self) -> None:
        """No connection is taken in any more but by those who still serve, and no process started."""
        self._ending = True
        self._held.close()

    def _hear(self, place: _Place) -> None:
        if not os.read(place.ear, 1):
            self._bury(place)
        elif not place.serves:
            place.serves = self._served = True
            for other in self._places:
                if not other.began and other.due is None:
                    other.due = 0.0
            if all(each.serves for each in self._places):
                told, self._told = self._told, _nothing
                told()

    def _bury(self, place: _Place) -> None:
        """A process has ended: by itself, because it was asked to, or killed."""
        os.close(place.ear)
        _, status = os.waitpid(place.pid, 0)
        code, pid, place.pid, place.serves = os.waitstatus_to_exitcode(status), place.pid, 0, False
        for left in glob.glob(f"{glob.escape(os.environ[SHARED_COUNTS])}/gauge_live*_{pid}.db"):
            with contextlib.suppress(OSError):
                os.unlink(left)
        if self._ending:
            self._code = self._code or abs(code)
            return
        if not self._served:
            self._code = abs(code) or 1
            self._end()
            return
        lived = time.monotonic() - place.began
        place.pause = 0.0 if lived >= LIVED_SECONDS else min(max(2 * place.pause, FIRST_PAUSE), LONGEST_PAUSE)
        place.due = time.monotonic() + place.pause
        log.warning(
            "process %d (%d) has ended (%d), and is started anew in %.0f s", place.number, pid, code, place.pause
        )

    def _leave(self) -> NoReturn:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        raise SystemExit(self._code)


def _nothing() -> None:
    pass


def end_with(life: int) -> None:
    """End this process in order when the one that began it, and holds the other end of the pipe ``life``, is no more:
    nobody would start or end it any longer."""
    with contextlib.suppress(OSError):
        os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)
