"""What tests share: rigs (deployment, platform, runtime) of a pharmacy in Dongguan, bills and persons."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from liangding import kit
from liangding.kit import Rig, bill, new_key, purchase, run_flow, write_secret
from liangding.kit.rig import GATEWAYS

__all__ = [
    "GATEWAYS", "Rig", "bill", "free_port", "new_key", "purchase", "rig_for", "run_flow", "simulated_rig_for",
    "until_up", "write_deployment", "write_secret", "yuan",
]  # fmt: skip

USUAL = {"province": "dongguan", "area": "441900", "code": "P44190000001", "gateway": "tif"}


def write_deployment(folder: Path, **settings: Any) -> Path:
    """A deployment file with its secrets beside it: a pharmacy in Dongguan, where nothing else is said."""
    return kit.write_deployment(folder, **{**USUAL, **settings})


@contextlib.contextmanager
def rig_for(folder: Path, **settings: Any) -> Iterator[Rig]:
    """A rig in ``folder``; ``settings`` go into the deployment file."""
    with kit.rig_for(folder, **{**USUAL, **settings}) as rig:
        yield rig


@contextlib.contextmanager
def simulated_rig_for(folder: Path, **settings: Any) -> Iterator[Rig]:
    """A rig whose line is in this process and whose clock is simulated: hours pass at once."""
    with kit.simulated_rig_for(folder, **{**USUAL, **settings}) as rig:
        yield rig


def until_up(process: subprocess.Popen[Any], port: int) -> None:
    """Wait until somebody listens at the port: the process, which must not end meanwhile. Nobody who looks all the time
    takes the processor from it."""
    deadline = time.monotonic() + 120
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < deadline


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def yuan(text: str) -> Decimal:
    return Decimal(text)
