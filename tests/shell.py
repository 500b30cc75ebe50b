"""The command line as a person has it: in this process, as most commands are soonest tried, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from liangding.cli.app import run

Done = subprocess.CompletedProcess[str]


def liangding(*arguments: object, stdin: str = "", cwd: Path | None = None) -> Done:
    """Run the command in this process: starting one would take most of a short command's time."""
    asked, (out, err) = [str(each) for each in arguments], (io.BytesIO(), io.BytesIO())
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(cwd or Path.cwd()):
        for name, stream in (("stdin", io.BytesIO(stdin.encode("utf-8"))), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, io.TextIOWrapper(stream, "utf-8", write_through=True))
        code = run(asked)
        return Done(asked, code, *(stream.getvalue().decode("utf-8") for stream in (out, err)))


def started(*arguments: object, stdin: str | None = None, cwd: Path | None = None) -> Done:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "liangding", *map(str, arguments)],
        capture_output=True, text=True, input=stdin, cwd=cwd, env={**os.environ, "PYTHONUTF8": "1"}, check=False,
    )  # fmt: skip
