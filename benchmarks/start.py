"""How long the command takes to say its version, against Python doing nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .measuring import compare, in_turn


def run() -> None:
    command = shutil.which("liangding", path=str(Path(sys.executable).parent)) or "liangding"
    ours, nothing = in_turn(
        lambda: subprocess.run([command, "--version"], check=True, stdout=subprocess.DEVNULL),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        40,
    )
    compare("start-up", ours, nothing, ("liangding --version", "python -c pass"), 3)
