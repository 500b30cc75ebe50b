"""The documentation site, built and read as its reader gets it: complete, whole in itself, searchable in Chinese."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import attrs
import pytest

from liangding import national
from liangding.flows.all import FLOWS
from liangding.knowledge.interfaces import BASELINE
from liangding.knowledge.plugins import installed, load_plugin
from liangding.spec import Transaction
from liangding.spec.codes import code_table, code_table_names, unpublished
from liangding.spec.export import as_json

ROOT = Path(__file__).parent.parent
TRANSACTIONS = [BASELINE[number] for number in BASELINE.numbers()]


@attrs.define
class Page:
    """One built page: the ids on it, its links and resources, and the cells of its tables' rows by heading and id."""

    ids: set[str] = attrs.field(factory=set)
    links: list[str] = attrs.field(factory=list)
    resources: list[str] = attrs.field(factory=list)
    sections: dict[str, list[list[str]]] = attrs.field(factory=dict)
    """The id of a heading (h1, h2) → the rows under it, cell by cell."""
    rows: dict[str, list[str]] = attrs.field(factory=dict)
    """The id of a row → its cells."""
    links_under: dict[str, set[str]] = attrs.field(factory=dict)
    """The id of a heading → the links under it."""


class Reader(HTMLParser):
    """Reads a page of the site."""

    LOADED: ClassVar = {
        "script": "src",
        "img": "src",
        "iframe": "src",
        "source": "src",
        "video": "src",
        "object": "data",
    }

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._section = ""
        self._row: list[str] | None = None
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if "id" in facts:
            self.page.ids.add(facts["id"])
        if tag in ("h1", "h2"):
            self._section = facts.get("id", "")
        if tag == "a" and "href" in facts:
            self.page.links.append(facts["href"])
            self.page.links_under.setdefault(self._section, set()).add(facts["href"])
        if tag == "link" and facts.get("rel") not in ("prev", "next", "canonical"):
            self.page.resources.append(facts["href"])
        if self.LOADED.get(tag, "") in facts:
            self.page.resources.append(facts[self.LOADED[tag]])
        if tag == "tr":
            self._row = []
            self.page.sections.setdefault(self._section, []).append(self._row)
            if "id" in facts:
                self.page.rows[facts["id"]] = self._row
        if tag == "td" and self._row is not None:
            self._row.append("")
        self._in_cell = tag == "td" or (self._in_cell and tag != "tr")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell and self._row:
            self._row[-1] += data


@functools.cache
def read(path: Path) -> Page:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: once for a run, also where several workers share it."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "site"
    told = place.with_name("site.told")
    try:
        place.mkdir()
    except FileExistsError:
        for _ in range(1500):
            if told.exists():
                break
            time.sleep(0.2)
    else:
        built = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place)],
            cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        writing = told.with_suffix(".writing")
        writing.write_text(f"{built.returncode}\n{built.stdout}{built.stderr}", encoding="utf-8")
        writing.rename(told)
    code, _, output = told.read_text(encoding="utf-8").partition("\n")
    assert code == "0", output
    assert "WARNING" not in output
    return place


def chapter_page(site: Path, transaction: Transaction) -> Page:
    chapter, _ = national.places()[transaction.infno]
    return read(site / "reference" / f"{chapter}.html")


def table_rows(site: Path, table: str) -> list[list[str]]:
    """The rows of a code table: on its letter's page, or on its own where that says so."""
    letter = read(site / "reference" / "codes" / f"{table[0].lower()}.html")
    assert table in letter.ids
    own = site / "reference" / "codes" / f"{table}.html"
    if f"{table}.html" in letter.links_under[table]:
        return [row for rows in read(own).sections.values() for row in rows if row]
    return [row for row in letter.sections[table] if row]


def test_every_transaction_stands_on_the_page_of_its_chapter(site: Path) -> None:
    for transaction in TRANSACTIONS:
        page = chapter_page(site, transaction)
        assert transaction.infno in page.ids
        under = page.links_under[transaction.infno]
        if transaction.undone_by:
            assert any(link.endswith(f"#{transaction.undone_by}") for link in under), transaction.infno


def test_every_field_has_a_line_with_its_facts(site: Path) -> None:
    for transaction in TRANSACTIONS:
        rows = chapter_page(site, transaction).rows
        declared = as_json(transaction)
        for side in ("input", "output"):
            for node in declared[side]:
                for field in node["fields"]:
                    place = f".{node['node']}.{field['name']}" if node["node"] else f".{side}.{field['name']}"
                    found = [
                        cells for anchor, cells in rows.items()
                        if anchor.startswith(f"{transaction.infno}.{side}.") and anchor.endswith(place)
                    ]  # fmt: skip
                    expected = field["label"], field["required"], field["code_table"] or ""
                    assert expected in [(c[1], c[4][:1], c[5]) for c in found], (transaction.infno, place)


def test_every_value_of_every_code_table_is_there(site: Path) -> None:
    for name in code_table_names():
        shown = [(row[0], row[1]) for row in table_rows(site, name)]
        assert shown == [(value.code, value.name) for value in code_table(name)], name


def test_aliases_are_shown(site: Path) -> None:
    rows = {row[0]: row for row in table_rows(site, "mdtrt_cert_type")}
    assert code_table("mdtrt_cert_type").find("3") is code_table("mdtrt_cert_type").find("03")
    assert rows["03"][2] == "3"


def test_undo_and_reversal_are_as_declared(site: Path) -> None:
    rows = read(site / "reference" / "undo.html").rows
    undone = {anchor.removeprefix("undo-"): cells[2] for anchor, cells in rows.items() if anchor.startswith("undo-")}
    assert undone == {t.infno: t.undone_by for t in TRANSACTIONS if t.undone_by}
    reversible = {anchor.removeprefix("2601-") for anchor in rows if anchor.startswith("2601-")}
    assert reversible == {t.infno for t in TRANSACTIONS if t.reversible}


def test_what_is_not_public_is_listed(site: Path) -> None:
    page = read(site / "reference" / "not-public.html")
    for heading, expected in (
        ("transactions", {t.infno for t in TRANSACTIONS if not t.public}),
        ("low", {t.infno for t in TRANSACTIONS if t.public and t.confidence == "low"}),
        ("medium", {t.infno for t in TRANSACTIONS if t.public and t.confidence == "medium"}),
        ("tables", set(unpublished())),
    ):
        assert {row[0] for row in page.sections[heading] if row} == expected


def test_steps_of_flows_and_transactions_point_at_each_other(site: Path) -> None:
    flows = read(site / "reference" / "flows.html")
    for flow in FLOWS:
        for step in flow.steps:
            place = f"{flow.name}.{step.name}"
            assert flows.rows[place][1] == step.title
            for infno in step.calls:
                assert f"flows.html#{place}" in chapter_page(site, BASELINE[infno]).links_under[infno]


def test_every_region_that_is_installed_has_a_page(site: Path) -> None:
    regions = [name for name in installed() if hasattr(load_plugin(name), "liangding_region")]
    assert regions
    for name in regions:
        assert "asked" in read(site / "reference" / name / "index.html").ids, f"{name} names no liangding_places"


def test_nothing_comes_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for resource in read(path).resources:
            assert not urlsplit(resource).netloc, (path.name, resource)
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(url\(|@import)\s*["']?\s*(https?:)?//""", text), path.name


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    broken = [
        (str(path.relative_to(site)), link) for path in site.rglob("*.html") for link in read(path).links
        if path.name != "404.html" and not _leads_somewhere(path, link)
    ]  # fmt: skip
    assert not broken[:5]


def _leads_somewhere(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return False
    return target.suffix != ".html" or not parts.fragment or unquote(parts.fragment) in read(target).ids


@pytest.fixture(scope="module")
def index(site: Path) -> dict[str, set[str]]:
    """The search index: location → its words, cut as the search cuts them."""
    held = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    separator = re.compile(held["config"]["separator"])
    assert held["config"]["pipeline"] == []  # the trimmer would take Chinese words for noise
    return {
        doc["location"]: set(separator.split(re.sub(r"<[^>]+>", " ", f"{doc['title']} {doc['text']}")))
        for doc in held["docs"]
    }


def _words_at(index: dict[str, set[str]], place: str) -> set[str]:
    return index[f"reference/{place}"]


def test_every_transaction_and_code_table_is_found_by_its_name(index: dict[str, set[str]]) -> None:
    for transaction in TRANSACTIONS:
        chapter, _ = national.places()[transaction.infno]
        words = _words_at(index, f"{chapter}.html#{transaction.infno}")
        assert words >= set(re.findall(r"\w+", transaction.infno, re.ASCII)), transaction.infno
    for table in code_table_names():
        assert set(table.split("-")) <= _words_at(index, f"codes/{table[0].lower()}.html#{table}")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("outpatient.html#2201", {"2201", "挂号", "门诊", "mdtrt_cert_type"}),
        ("pharmacy.html#2102", {"2102", "药店", "结算", "med_list_codg"}),
        ("reversal.html#2601", {"2601", "冲正"}),
        ("codes/admdvs.html", {"admdvs", "441900", "东莞市", "海珠区"}),
    ],
)
def test_chinese_words_are_words_of_the_index(index: dict[str, set[str]], place: str, words: set[str]) -> None:
    assert words <= _words_at(index, place)


def test_search_sees_the_last_word_of_a_query(site: Path) -> None:
    (worker,) = _workers(site)
    assert re.search(r"(\w)<=(\w)\.length;\1\+\+\)\2\.slice\(\w,\1\)in ", worker)


def _workers(site: Path) -> Iterator[str]:
    for path in (site / "assets" / "javascripts" / "workers").glob("search.*.js"):
        yield path.read_text(encoding="utf-8")
