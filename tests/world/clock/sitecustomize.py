"""Another time for every Python process that finds this folder in PYTHONPATH: the wall's clock and the one that counts
from the start of the system are put forward (or back) by what stands in the file WORLD_CLOCK, two doubles of seconds.

The monotonic clock stays as it is, as in a computer that was suspended; waiting goes by it. libfaketime would do for
other languages, too, but reads its file each time that a thread waits for the interpreter: most of a server's time.
"""

import mmap
import os
import struct
import time

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


if _FILE:
    _put(_FILE)
