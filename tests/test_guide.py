"""The guide: the reference of a deployment file's keys knows every key, and every page stands in both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docs_build.settings import tables

from liangding.kit.rig import TEMPLATE

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "examples").rglob("*-*.toml"))


def keys(held: dict[str, Any], path: str = "") -> Iterator[str]:
    """Every key of a file by its whole path."""
    for name, value in held.items():
        at = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from keys(value, at)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                yield from keys(row, at)
        else:
            yield at


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_key_of_an_example_is_in_the_reference(file: Path) -> None:
    listed = {key.path for table in tables() for key in table.keys}
    named = [path.removesuffix("NAME") for path in listed]
    for key in keys(tomllib.loads(file.read_text("utf-8"))):
        parents = {key[: match.start()] for match in re.finditer(r"\.", key)}
        assert key in listed or parents & listed, key
    assert named


def test_the_reference_says_what_has_to_be_given() -> None:
    needed = {key.path for table in tables() for key in table.keys if not key.default}
    asked = set(re.findall(r"^(\w+) = ", TEMPLATE, re.MULTILINE))
    assert {"province", "institution.code", "institution.area", "platform.url", "platform.gateway"} <= needed
    assert {path.rpartition(".")[2] for path in needed if "." not in path} <= asked
    assert all(table.says and table.title for table in tables())
