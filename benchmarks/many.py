"""Many institutions in one server: ``python -m benchmarks.many [300]``: start-up, memory, threads.

The files of a folder over one set-up and one journal, of five provinces in turn; no platform is there, nothing is sent.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from liangding.journal.vault import new_secret

PROVINCES = {"dongguan": "441900", "gansu": "620100", "shaanxi": "610100", "sichuan": "510100", "xinjiang": "650100"}

SHARED = """
[[operators]]
code = "001"
name = "收银员"
[platform]
url = "http://127.0.0.1:9"
gateway = "plain"
environment = "test"
[journal]
url = "{journal}"
key = {{ file = "journal.key" }}
"""
OWN = """
extends = "shared.toml"
province = "{province}"
[institution]
code = "H{area}{number:05}"
name = "机构"
kind = "hospital"
area = "{area}"
"""


def main(count: int = 300) -> None:
    """Print what one, and what ``count`` deployments take."""
    for many in (1, count):
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), many)
            started, first, threads, memory = _served(Path(folder))
        print(
            f"{many} deployments: answers after {started:.1f} s, {memory:.0f} MB, {threads} threads; "
            f"a look at the last one {first * 1000:.1f} ms"
        )


def _write(folder: Path, many: int) -> None:
    key = folder / "journal.key"
    key.touch(mode=0o600)
    key.write_text(new_secret(), "utf-8")
    journal = os.environ.get("JOURNAL", "sqlite:///journal.db")
    (folder / "shared.toml").write_text(SHARED.format(journal=journal), "utf-8")
    places = list(PROVINCES.items())
    for number in range(1, many + 1):
        province, area = places[number % len(places)]
        text = OWN.format(province=province, area=area, number=number)
        (folder / f"h{number:05}.toml").write_text(text, "utf-8")


def _served(folder: Path) -> tuple[float, float, int, float]:
    """Seconds until the server answers, seconds of one look, threads, megabytes."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    names = sorted(path.stem for path in folder.glob("h*.toml"))
    begun = time.perf_counter()
    command = [sys.executable, "-m", "liangding", "serve", "--config", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", timeout=60, trust_env=False) as http:
                while True:
                    try:
                        http.get("health").raise_for_status()
                        key = (folder / "api-key").read_text("utf-8")
                        http.headers["authorization"] = f"Bearer {key}"
                        http.get(f"deployments/{names[-1]}/journal").raise_for_status()
                        break
                    except httpx.TransportError:
                        assert server.poll() is None
                        time.sleep(0.05)
                started = time.perf_counter() - begun
                looks = []
                for _ in range(50):
                    at = time.perf_counter()
                    http.get(f"deployments/{names[-1]}/journal").raise_for_status()
                    looks.append(time.perf_counter() - at)
                time.sleep(12)  # rounds of keepers and jobs
            told = Path(f"/proc/{server.pid}/status").read_text("utf-8")
        finally:
            server.terminate()
    figures = {name: int(value) for name, value in re.findall(r"^(Threads|VmRSS):\s+(\d+)", told, re.MULTILINE)}
    return started, sorted(looks)[25], figures["Threads"], figures["VmRSS"] / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
