"""Which process a row belongs to, and whether that process is still there."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

BEAT_SECONDS = 10
"""How often a process that keeps a journal open says that it is there."""

SILENT_SECONDS = 60
"""After this long without a word a process of another machine counts as gone."""


def this_process() -> str:
    """A name for this process: host, number, when the process began, and something of its own."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{_began(os.getpid())}:{uuid.uuid4().hex[:12]}"


def is_gone(owner: str, beat_at: float, now: float, alive: Callable[[str], bool] | None = None) -> bool:
    """Whether the process ``owner``, last heard of at ``beat_at``, is no more. ``alive`` answers instead, where given.

    A process of this machine is looked up; one of another machine counts as gone when it has been silent long enough.
    """
    if alive is not None:
        return not alive(owner)
    host, number, began, _ = owner.split(":")
    if host != socket.gethostname()[:30]:
        return now - beat_at > SILENT_SECONDS
    return not _runs(int(number)) or _began(int(number)) != began


def _runs(number: int) -> bool:
    if os.name == "nt":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, number)  # type: ignore[attr-defined]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
        return bool(handle)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _began(number: int) -> str:
    """When a process began, as the system counts it: a number that is used again begins at another time. Empty where
    the system does not say."""
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
