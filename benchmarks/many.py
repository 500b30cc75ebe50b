"""Many institutions in one server: ``python -m benchmarks.many [300] [processes]``: start-up, memory, threads.

The files of a folder over one set-up and one journal, of five provinces in turn; no platform is there, nothing is sent.
With several processes the journal is on a PostgreSQL of its own, whose connections are counted.
"""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

from liangding.journal.vault import new_secret

from .journal import postgresql

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


def main(count: int = 300, processes: int = 1) -> None:
    """Print what one, and what ``count`` deployments take, served by so many processes of one command."""
    with tempfile.TemporaryDirectory() as held, contextlib.ExitStack() as opened:
        url = opened.enter_context(postgresql(held)) if processes > 1 else "sqlite:///journal.db"
        for many in (1, count):
            with tempfile.TemporaryDirectory() as folder:
                _empty(url)
                _write(Path(folder), many, url)
                started, first, each = _served(Path(folder), processes, url)
            took = "; ".join(f"{memory:.0f} MB, {threads} threads" for threads, memory in each)
            print(
                f"{many} deployments: answers after {started:.1f} s; {took}; {_connections(url)} connections; "
                f"a look at the last one {first * 1000:.1f} ms"
            )


def _empty(url: str) -> None:
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


MOST = {"connections": 0}


def _connections(url: str) -> int:
    """The most connections to the database that were seen while it served."""
    return MOST["connections"] if url.startswith("postgresql") else 0


def _count(url: str) -> None:
    if url.startswith("postgresql"):
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(url) as connection:
            found = connection.execute(query).fetchone()
        MOST["connections"] = max(MOST["connections"], found[0] if found else 0)


def _write(folder: Path, many: int, journal: str) -> None:
    key = folder / "journal.key"
    key.touch(mode=0o600)
    key.write_text(new_secret(), "utf-8")
    (folder / "shared.toml").write_text(SHARED.format(journal=journal), "utf-8")
    places = list(PROVINCES.items())
    for number in range(1, many + 1):
        province, area = places[number % len(places)]
        text = OWN.format(province=province, area=area, number=number)
        (folder / f"h{number:05}.toml").write_text(text, "utf-8")


def _served(folder: Path, processes: int, url: str) -> tuple[float, float, list[tuple[int, float]]]:
    """Seconds until all processes serve, seconds of one look, threads and megabytes of each process."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    names = sorted(path.stem for path in folder.glob("h*.toml"))
    begun = time.perf_counter()
    command = [sys.executable, "-m", "liangding", "serve", "--config", str(folder), "--port", str(port)]
    command += ["--workers", str(processes)] if processes > 1 else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", timeout=60, trust_env=False) as http:
                assert server.stdout is not None
                while "本地接口 " not in (line := server.stdout.readline()):
                    assert line, server.wait()
                key = (folder / "api-key").read_text("utf-8")
                http.headers["authorization"] = f"Bearer {key}"
                http.get(f"deployments/{names[-1]}/journal").raise_for_status()
                started = time.perf_counter() - begun
                looks = []
                for _ in range(50):
                    at = time.perf_counter()
                    http.get(f"deployments/{names[-1]}/journal").raise_for_status()
                    looks.append(time.perf_counter() - at)
                for _ in range(12):  # rounds of keepers and jobs
                    time.sleep(1)
                    _count(url)
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii").split()
            told = [
                _figures(Path(f"/proc/{number}/status")) for number in (children if processes > 1 else [server.pid])
            ]
        finally:
            server.terminate()
    return started, sorted(looks)[25], told


def _figures(status: Path) -> tuple[int, float]:
    found = dict(re.findall(r"^(Threads|VmRSS):\s+(\d+)", status.read_text("utf-8"), re.MULTILINE))
    return int(found["Threads"]), int(found["VmRSS"]) / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
