"""Verifying a journal of many calls, in a process of its own as the daily job does it: the whole of it, and going on
from a checkpoint with ever more calls since; how long each takes, and how much memory at its most. ``CALLS=1000000``
says how many calls; the journal is in memory where the system has a place for that."""

from __future__ import annotations

import itertools
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from liangding.journal import Journal, NewCall, Opened, Outcome, State, Vault
from liangding.journal.vault import new_secret

from .rig import DEPLOYMENT, shared_memory

CALLS = int(os.environ.get("CALLS", "100000"))
SINCE = (1, 1_000, 10_000)
"""Calls after the checkpoint."""
AIM_MB = 100

REQUEST = (
    b'{"infno":"2102","input":{"druginfo":{"psn_no":"44190000000000000001","chrg_bchno":"B1","medfee_sumamt":100}}}'
)
_ACCEPTED = Outcome(state=State.ACCEPTED, at=0.0, answer=b'{"infcode":0}', http_status=200, setl_id="S", mdtrt_id="M")

_numbers = itertools.count(1)


def run() -> None:
    with tempfile.TemporaryDirectory(dir=shared_memory()) as name:
        folder = Path(name)
        secret = new_secret()
        (folder / "secret").write_text(secret, "ascii")
        (folder / "secret").chmod(0o600)
        config = folder / "bench.toml"
        config.write_text(DEPLOYMENT.format(port=9, journal="sqlite:///journal.db"), "utf-8")
        url = f"sqlite:///{folder}/journal.db"
        _fill(url, secret, CALLS)
        size = (folder / "journal.db").stat().st_size / 1024**2
        print(f"verifying {CALLS} calls ({size:.0f} MB), each in a process of its own; peak of its memory")
        told("the whole of it, and a checkpoint", *verified(config, "--full", "--checkpoint"))
        for before, since in itertools.pairwise((0, *SINCE)):
            _fill(url, secret, since - before)
            told(f"going on from there, {since} calls later", *verified(config, "--no-full"))
    print()


def _fill(url: str, secret: str, count: int) -> None:
    journal = Journal(url, Vault(secret))
    try:
        for number in itertools.islice(_numbers, count):
            new = NewCall(
                deployment="bench", institution="P44190000009", infno="2102", msgid=f"P44190000009{number:018d}",
                operator="001", changes=True, request=REQUEST, content=f"{number:064d}", at=time.time(),
                key=f"K{number}", person=str(number), holds=True,
            )  # fmt: skip
            opened = journal.open_call(new)
            assert isinstance(opened, Opened)
            journal.close_call(opened, _ACCEPTED)
    finally:
        journal.close()


def verified(config: Path, *how: str) -> tuple[float, float]:
    """Seconds and MB of one run of the command: the most that it had by itself (what the system says after its end
    counts this process, too, from which it came)."""
    began = time.perf_counter()
    program = [sys.executable, "-m", "liangding", "journal", "verify", *how, "--config", str(config)]
    pid = os.posix_spawn(sys.executable, program, dict(os.environ))
    most = 0
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.02)
    assert ended[1] == 0
    return time.perf_counter() - began, most / 1024


def told(what: str, seconds: float, megabytes: float) -> None:
    verdict = "within" if megabytes <= AIM_MB else "ABOVE"
    print(f"  {what:<42} {seconds:6.1f} s   {megabytes:5.0f} MB   (aim at most {AIM_MB} MB: {verdict})")
