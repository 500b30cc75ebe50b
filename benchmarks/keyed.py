"""One keyed settlement of two checkouts, turn by turn: ``python -m benchmarks.keyed BEFORE [AFTER]``.

Each is the folder of a checkout; AFTER is this one where it is not given. The line is canned, the journal in memory:
what counts is the thread's own CPU time.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measuring import compare

CALLS, TURNS, AIM = 100, 12, 1.1


def main(before: str, after: str = str(Path(__file__).parents[1])) -> None:
    """Print both medians and their ratio."""
    sides = [_started(folder) for folder in (before, after)]
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS + 1):
        for side, kept in zip(sides, took, strict=True):
            seconds = _turn(side)
            if turn:  # the first one warms up
                kept.append(seconds)
    compare("one keyed 2102, thread CPU", took[1], took[0], ("after", "before"), AIM)


def _started(folder: str) -> subprocess.Popen[str]:
    paths = [f"{folder}/core/src", *(str(each) for each in Path(folder).glob("*/*/src")), f"{folder}/tests"]
    command = [sys.executable, "-m", "benchmarks.keyed", "--side"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip


def _turn(side: subprocess.Popen[str]) -> float:
    assert side.stdin is not None
    assert side.stdout is not None
    side.stdin.write("\n")
    side.stdin.flush()
    return float(side.stdout.readline())


def serve() -> None:
    """One side: for each line that comes in, so many calls, and their mean."""
    from liangding.wire.transport import Exchange
    from support import purchase, simulated_rig_for

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, simulated_rig_for(Path(folder)) as rig:
        runtime, message = rig.runtime, purchase(rig.person())
        post, seen = runtime.transport.post, {}

        def keeps(url: str, headers: dict[str, str], body: bytes) -> Exchange:
            seen["last"] = post(url, headers, body)
            return seen["last"]

        runtime.transport.post = keeps  # type: ignore[method-assign, assignment]
        first = runtime.call("2102", message, key="first", insured_place="441900")
        canned, number = seen["last"], first.msgid.encode()

        def cans(url: str, headers: dict[str, str], body: bytes) -> Exchange:
            asked = re.search(rb'"msgid":"(\w+)"', body)
            assert asked is not None
            said = canned.body.replace(number, asked[1])
            return Exchange(status=200, content_type=canned.content_type, body=said)

        runtime.transport.post = cans  # type: ignore[method-assign, assignment]
        for turn, _ in enumerate(sys.stdin):
            began = time.thread_time()
            for number_of_call in range(CALLS):
                runtime.call("2102", message, key=f"{turn}-{number_of_call}", insured_place="441900")
            print((time.thread_time() - began) / CALLS, flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--side"] else main(*sys.argv[1:])
