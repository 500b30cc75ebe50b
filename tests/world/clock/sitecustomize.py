"""Another time for every Python process that finds this folder in PYTHONPATH: the wall's clock and the one that counts
from the start of the system are put forward (or back) by what stands in the file WORLD_CLOCK, two doubles of seconds.
Keepers, who sleep between their rounds, wake when it is moved: nobody wants to wait for them.

The monotonic clock stays as it is, as in a computer that was suspended; waiting goes by it. libfaketime would do for
other languages, too, but reads its file each time that a thread waits for the interpreter: most of a server's time.

And a gate between the record of a settlement and its first byte: as long as the file WORLD_GATE is there, whoever would
send one waits before it, as a computer does that was suspended just then, and says so in a file beside it.

And planted bugs: with WORLD_WITHOUT_LOCKS=all no advisory lock of the database is taken, with =person none of persons.
"""

import mmap
import os
import struct
import threading
import time
from typing import Any

_FILE = os.environ.get("WORLD_CLOCK")


def _put(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    held = mmap.mmap(descriptor, 16, prot=mmap.PROT_READ)
    os.close(descriptor)
    real_time, real_gettime, shifts = time.time, time.clock_gettime, struct.Struct("<2d")

    def wall() -> float:
        return real_time() + float(shifts.unpack_from(held)[0])

    def gettime(clock: int, /) -> float:
        if clock == time.CLOCK_REALTIME:
            return wall()
        forward = float(shifts.unpack_from(held)[1]) if clock == time.CLOCK_BOOTTIME else 0.0
        return real_gettime(clock) + forward

    time.time = wall
    time.time_ns = lambda: int(wall() * 1e9)
    time.clock_gettime = gettime
    time.clock_gettime_ns = lambda clock, /: int(gettime(clock) * 1e9)
    _wake_keepers(held)


def _wake_keepers(held: mmap.mmap) -> None:
    real_wait = threading.Event.wait

    def wait(self: threading.Event, timeout: float | None = None) -> bool:
        if timeout is None or not threading.current_thread().name.startswith("keeper"):
            return real_wait(self, timeout)
        before, until = held[:], time.monotonic() + timeout
        while held[:] == before and (left := until - time.monotonic()) > 0:
            if real_wait(self, min(left, 0.05)):
                break
        return self.is_set()

    threading.Event.wait = wait  # type: ignore[method-assign]


def _shut(gate: str) -> None:
    real_send, real_sendall = socket.socket.send, socket.socket.sendall
    settling = re.compile(rb"POST \S*/(2102|2207|2304)A? ")

    def wait(data: object) -> None:
        if settling.match(bytes(memoryview(data)[:200])):  # type: ignore[arg-type]
            while os.path.exists(gate):
                open(gate + ".reached", "wb").close()
                time.sleep(0.02)

    def send(self: socket.socket, data: object, *more: int) -> int:
        wait(data)
        return real_send(self, data, *more)  # type: ignore[arg-type]

    def sendall(self: socket.socket, data: object, *more: int) -> None:
        wait(data)
        real_sendall(self, data, *more)  # type: ignore[arg-type]

    socket.socket.send, socket.socket.sendall = send, sendall  # type: ignore[assignment,method-assign]


def _without_locks_of(kind: str) -> None:
    import itertools

    from liangding.journal import locks

    number, others = locks.number, itertools.count(-os.getpid() << 32)
    locks.number = lambda name: next(others) if name.startswith(f"{kind}:") else number(name)


def _without_locks() -> None:
    import psycopg

    execute = psycopg.Cursor.execute

    def wrong(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        told = query.replace("pg_advisory_xact_lock(", "coalesce(") if isinstance(query, str) else query
        return execute(self, told, *args, **more)

    psycopg.Cursor.execute = wrong  # type: ignore[method-assign]


if _FILE:
    _put(_FILE)
if _GATE := os.environ.get("WORLD_GATE"):
    import re
    import socket

    _shut(_GATE)
if (_KIND := os.environ.get("WORLD_WITHOUT_LOCKS", "")) == "all":
    _without_locks()
elif _KIND:
    _without_locks_of(_KIND)
