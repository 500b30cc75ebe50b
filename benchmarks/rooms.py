"""Whether one shop's slow platform holds up another's calls: a server with two deployments; calls of the one, and
``/v1/live``, while nothing else goes on, and while 60 calls of the other one wait for their answers, in the same run.
``SECONDS=15`` says how long that platform takes: long enough for all that is measured beside it."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from liangding.config.own_key import FILE
from liangding.kit import Rig, rig_for
from liangding.simulator.faults import Fault

from .measuring import compare
from .rig import free_port

SLOW, CALLS, SECONDS = 60, int(os.environ.get("CALLS", "100")), float(os.environ.get("SECONDS", "60"))
AIM = 3.0
"""Times their own median alone."""


def run() -> None:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        slow, quick = (
            stack.enter_context(_rig(Path(name), shop, number)) for number, shop in enumerate(("slow", "quick"))
        )
        url = stack.enter_context(_serving(slow.config, quick.config))
        for rig in (slow, quick):
            _asked(url, rig)
        alone, live = [_asked(url, quick) for _ in range(CALLS)], [_lives(url) for _ in range(CALLS)]
        slow.strike(Fault.SLOW, "1101", times=SLOW, seconds=SECONDS)
        before = slow.sent("1101")
        with ThreadPoolExecutor(SLOW) as pool:
            waiting = [pool.submit(_asked, url, slow) for _ in range(SLOW)]
            while slow.sent("1101") < before + SLOW:
                time.sleep(0.05)
            beside, live_beside = [_asked(url, quick) for _ in range(CALLS)], [_lives(url) for _ in range(CALLS)]
            assert not any(each.done() for each in waiting), "slower than the slow ones: take more SECONDS"
        title = f"one shop's 1101 over HTTP, {SLOW} slow calls of another one beside it"
        compare(title, beside, alone, (f"beside {SLOW} slow calls", "alone"), AIM)
        within = sum(took <= AIM * statistics.median(alone) for took in beside)
        print(f"  {within} of {CALLS} calls within {AIM:g} times the median of those alone\n")
        compare("/v1/live, the same", live_beside, live, (f"beside {SLOW} slow calls", "alone"), AIM)


def _rig(folder: Path, shop: str, number: int) -> contextlib.AbstractContextManager[Rig]:
    (folder / shop).mkdir()
    more = f"[server]\nworkers = {SLOW}"
    place: dict[str, Any] = {"gateway": "tif", "province": "dongguan", "area": "441900"}
    return rig_for(folder / shop, name=shop, code=f"P4419000001{number}", read_seconds=2 * SECONDS, more=more, **place)


@contextlib.contextmanager
def _serving(*configs: Path) -> Any:
    port = free_port()
    given = [part for config in configs for part in ("--config", str(config))]
    command = [sys.executable, "-m", "liangding", "serve", *given, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"http://127.0.0.1:{port}/v1/health", trust_env=False, timeout=60)
                    break
                assert server.poll() is None
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/v1/deployments"
        finally:
            server.terminate()


def _lives(url: str) -> float:
    began = time.perf_counter()
    httpx.get(f"{url.removesuffix('/deployments')}/live", trust_env=False, timeout=300).raise_for_status()
    return time.perf_counter() - began


def _asked(url: str, rig: Rig) -> float:
    person = rig.person()
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "psn_cert_type": "01", "certno": person.certno}
    body = {"input": {"data": shown | {"psn_name": person.name}}}
    began = time.perf_counter()
    place = f"{url}/{rig.deployment.name}/transactions/1101"
    headers = {"authorization": f"Bearer {(rig.folder / FILE).read_text('utf-8')}"}
    httpx.post(place, json=body, headers=headers, trust_env=False, timeout=300).raise_for_status()
    return time.perf_counter() - began
