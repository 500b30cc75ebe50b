"""A deployment in a folder, its simulated platform in a process of its own, and the requests to send."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from liangding.journal.vault import new_secret

DEPLOYMENT = """\
province = "dongguan"
name = "bench"
[institution]
code = "P44190000009"
name = "测量用药店"
kind = "pharmacy"
area = "441900"
[[operators]]
code = "001"
name = "测量员"
[platform]
url = "http://127.0.0.1:{port}/hsa/hgs"
address = "infno"
gateway = "tif"
credentials.paasid = {{ file = "secret" }}
credentials.token = {{ file = "secret" }}
[journal]
url = "{journal}"
key = {{ file = "secret" }}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def started(*arguments: str, health: str) -> subprocess.Popen[bytes]:
    """A ``liangding`` command that serves, up and answering at ``health``."""
    command = [sys.executable, "-m", "liangding", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(health, trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{arguments[0]} did not start") from None
        else:
            return process


@contextlib.contextmanager
def deployment(place: str | None = None, journal: str = "sqlite:///journal.db") -> Iterator[tuple[Path, str]]:
    """A deployment file under ``place`` (None: the temporary folder on disk) and its platform's address."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        secret = Path(folder) / "secret"
        secret.touch(mode=0o600)
        secret.write_text(new_secret(), "utf-8")
        port = free_port()
        config = Path(folder) / "bench.toml"
        config.write_text(DEPLOYMENT.format(port=port, journal=journal), "utf-8")
        url = f"http://127.0.0.1:{port}"
        platform = started("simulate", "--config", str(config), "--port", str(port), health=f"{url}/_simulator/ledger")
        try:
            yield config, url
        finally:
            platform.terminate()
            platform.wait()


def purchase(person: dict[str, Any], rows: int = 3) -> dict[str, Any]:
    """A settlement of a few rows."""
    return {
        "druginfo": {
            "psn_no": person["psn_no"], "mdtrt_cert_type": "02", "mdtrt_cert_no": person["certno"],
            "begntime": "2026-11-21 10:00:00", "medfee_sumamt": f"{rows}.00", "insutype": "310", "acct_used_flag": "0",
        },
        "drugdetail": [
            {
                "feedetl_sn": str(i), "rx_circ_flag": "0", "fee_ocur_time": "2026-11-21 10:00:00",
                "med_list_codg": "XA01", "medins_list_codg": "D1", "det_item_fee_sumamt": "1.00", "cnt": "1",
                "pric": "1.00",
            }
            for i in range(rows)
        ],
    }  # fmt: skip


def shared_memory() -> str | None:
    """A folder in memory, or None where the system has none."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else None
