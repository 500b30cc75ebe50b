"""A bounded run of coverage-guided fuzzing over every parser of outside bytes; `fuzz_devices.py` runs longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_nothing_from_outside_breaks_a_parser(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="fuzzing: atheris is not installed here (make readers)")
    harness = Path(__file__).with_name("fuzz_devices.py")
    arguments = ["every", "-runs=20000", "-seed=1", "-max_len=400", "-timeout=20"]
    run = [sys.executable, str(harness), *arguments]
    done = subprocess.run(run, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done 20000 runs" in done.stderr
