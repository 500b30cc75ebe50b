"""The province that docs/kit.md builds step by step: every block is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from installing import about, environment

GUIDE = Path(__file__).parent.parent / "docs" / "kit.md"

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps() -> Iterator[tuple[str, str]]:
    """The blocks of the part that builds a province: language and text."""
    text = GUIDE.read_text("utf-8").partition("## A province, step by step")[2]
    for found in BLOCK.finditer(text):
        yield found[1], found[2]


def test_the_steps_lead_to_silver(tmp_path: Path) -> None:
    package = tmp_path / "yunshan" / "src" / "liangding_yunshan"
    sees = environment(tmp_path / "site", package.parent)
    ran = 0
    for language, text in steps():
        if language == "python":
            module = package / "__init__.py"
            module.write_text(f"{module.read_text('utf-8')}\n\n{text}", "utf-8")
        elif language == "tsv":
            (package / "requirements.tsv").write_text(text, "utf-8")
            record = package / "conformance.toml"
            record.write_text(re.sub(r"^S17 = .*\n", "", record.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
        else:
            for command, said in commands(text):
                done = subprocess.run(
                    [sys.executable, "-m", *command.split()], cwd=tmp_path, env=sees, capture_output=True, text=True,
                    check=False,
                )  # fmt: skip
                assert said_in(said, done.stdout), f"{command}\n{done.stdout}{done.stderr}"
                about(tmp_path / "site", "yunshan")
                ran += 1
    assert ran >= 7
    written = sum(len(p.read_text("utf-8").splitlines()) for p in package.parent.parent.rglob("*.py"))
    assert written <= 200


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a block, each with what it says among other things."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *said = part.rstrip().splitlines()
        yield command, said


def said_in(lines: list[str], output: str) -> bool:
    told = re.sub(r"\s+", " ", output)
    return all(re.sub(r"\s+", " ", line).strip() in told for line in lines)
