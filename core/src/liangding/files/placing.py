"""Putting a file in its place whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; it becomes ``path``, durably, when the block ends well.

    Where the block raises nothing is left, and a file that was at ``path`` before is untouched. OSError at once where
    nothing can be written there.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    temporary.touch()
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folders; its rename is durable by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
