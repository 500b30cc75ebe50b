"""The guide: the reference of a deployment file's keys knows every key, and every page stands in both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docs_build.settings import meanings, tables

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


def test_every_key_is_explained_in_chinese() -> None:
    keys = [key for table in tables() for key in table.keys]
    assert [key.path for key in keys if not key.meaning] == []
    assert set(meanings()) == {key.path for key in keys}


def test_every_control_names_tests_that_are_there() -> None:
    table = (ROOT / "docs" / "security.md").read_text("utf-8").partition("## Controls")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    for row in rows:
        named, file = re.findall(r"`([\w./]*)(?:::(\w+))?`", row.rpartition(" | ")[2]), ""
        assert named, row
        for where, test in named:
            file = where or file
            text = (ROOT / "tests" / file).read_text("utf-8")
            assert not test or f"def {test}(" in text, f"{file}::{test}"
    assert len(rows) > 15
    for control in OF_PERSONS:
        held = [row for row in rows if control in row.split(" | ")[0] and "`test_console.py" in row]
        assert held, f"{control}: what holds it where persons sign in?"


OF_PERSONS = (
    "ASVS 2.3.5", "2.4.1", "3.5.1", "3.5.2", "ASVS 6.3.1", "ASVS 6.3.2", "ASVS 6.3.3", "ASVS 7.3.1–7.4.5", "7.5",
    "ASVS 8.2.1", "8.2.2", "14.3.2", "16.2.1", "16.3.1", "16.3.2", "等保 身份鉴别 a, d", "等保 身份鉴别 b",
    "等保 身份鉴别 c", "等保 访问控制", "等保 安全审计 a, b",
)  # fmt: skip
"""Controls on persons, sessions and second persons: the console's own tests hold each."""


def test_the_reference_says_what_has_to_be_given() -> None:
    needed = {key.path for table in tables() for key in table.keys if not key.default}
    asked = set(re.findall(r"^(\w+) = ", TEMPLATE, re.MULTILINE))
    assert {"province", "institution.code", "institution.area", "platform.url"} <= needed
    assert {path.rpartition(".")[2] for path in needed if "." not in path} <= asked
    assert all(table.says and table.title for table in tables())


# -- in both languages -------------------------------------------------------------------------------------------------

GUIDE, CHINESE = ROOT / "docs", ROOT / "docs" / "zh"


def levels(page: Path) -> list[int]:
    """The levels of a page's headings, in order; what stands in fenced code is none."""
    plain = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", plain, re.MULTILINE)]


def test_every_page_is_there_in_both_languages() -> None:
    english, chinese = ({page.stem for page in folder.glob("*.md")} for folder in (GUIDE, CHINESE))
    assert chinese == english


@pytest.mark.parametrize("page", sorted(page.stem for page in CHINESE.glob("*.md")))
def test_a_chinese_page_has_the_headings_of_the_english_one(page: str) -> None:
    assert levels(CHINESE / f"{page}.md") == levels(GUIDE / f"{page}.md")


@pytest.mark.parametrize("page", sorted(page.stem for page in CHINESE.glob("*.md")))
def test_a_chinese_page_names_the_same_parts_settings_and_codes(page: str) -> None:
    """The codes that stand first in tables' rows: one that is there in English alone has been forgotten in Chinese."""
    firsts = [
        set(re.findall(r"^\| (`[^|]*`) \|", (folder / f"{page}.md").read_text("utf-8"), re.MULTILINE))
        for folder in (GUIDE, CHINESE)
    ]
    plain = [
        {re.sub(r"[^\w/.{}`-]+", " ", first) for first in found if not re.search(r"[\u4e00-\u9fff]", first)}
        for found in firsts
    ]
    assert plain[0] - plain[1] == set()


def test_the_chinese_api_page_names_the_same_routes_and_errors() -> None:
    told = [
        (
            re.findall(r"^\| `((?:GET|POST) /\S+)` \|.*\| ?(\w*) \|$", text, re.MULTILINE),
            re.findall(r"^\| (\d{3}) \| ([^|]+) \|", text, re.MULTILINE),
        )
        for text in ((folder / "http-api.md").read_text("utf-8") for folder in (GUIDE, CHINESE))
    ]
    assert told[0] == told[1]
    assert all(told[0])
