"""The declarations themselves: complete, consistent, exportable, and loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from liangding import national
from liangding.errors import UnknownTransaction
from liangding.interfaces import BASELINE
from liangding.spec import Effect, Undeclared
from liangding.spec.codes import code_table, code_table_names, find_code_table, unpublished
from liangding.spec.export import as_json
from liangding.spec.leaves import LENIENT, STRICT
from liangding.spec.nodes import members, node_of
from liangding.spec.reading import MessageReader
from liangding.spec.writing import MessageWriter

FIRST_CHAPTERS = [
    "9001",
    "9002",
    "1101",
    "1201",
    "2001",
    "2101",
    "2101A",
    "2102",
    "2102A",
    "2103",
    "2601",
    "5201",
    "5203",
    "5204",
    "3505",
    "3505A",
    "3506",
    "3506A",
    "3513",
]


def test_the_index_names_every_class_of_every_chapter() -> None:
    for infno, (chapter, name) in national.places().items():
        transaction = national.transaction(infno)
        assert (transaction.infno, transaction.chapter, transaction.cls.__name__) == (infno, chapter, name)


@pytest.mark.parametrize("infno", BASELINE.numbers())
def test_every_declaration_compiles_and_exports(infno: str) -> None:
    transaction = BASELINE[infno]
    for shape in (transaction.input, transaction.output):
        node = node_of(shape)
        MessageReader(STRICT).reader(node)
        MessageReader(LENIENT).reader(node)
        MessageWriter().writer(node)
    exported = as_json(transaction)
    assert exported["infno"] == infno
    assert transaction.public == (node_of(transaction.input) is not Undeclared)


def test_code_tables_named_by_fields_are_published_or_said_not_to_be() -> None:
    def tables(node: object) -> set[str | None]:
        found: set[str | None] = set()
        for member in members(node):
            found |= tables(member.node) if member.node else {member.field.code_table if member.field else None}
        return found - {None}

    transactions = [BASELINE[infno] for infno in BASELINE.numbers()]
    named = set().union(*(tables(node_of(shape)) for t in transactions for shape in (t.input, t.output)))
    missing = {name for name in named if find_code_table(name) is None}
    assert missing <= set(unpublished())
    assert len(code_table_names()) == 359


def test_undo_and_reversal_name_transactions_that_exist() -> None:
    for infno in BASELINE.numbers():
        transaction = BASELINE[infno]
        assert transaction.undone_by is None or transaction.undone_by in BASELINE
        if transaction.reversible:
            assert transaction.effect is Effect.CHANGES


def test_the_first_chapters_are_public() -> None:
    assert all(BASELINE[infno].public for infno in FIRST_CHAPTERS)
    assert {BASELINE[infno].confidence for infno in ("2101A", "2102A")} == {"low"}


def test_an_unknown_number_names_its_neighbours() -> None:
    with pytest.raises(UnknownTransaction, match="2102"):
        BASELINE["2102B"]


def test_asking_for_one_transaction_loads_one_chapter() -> None:
    script = (
        "import sys; from liangding import national; national.transaction('2102');"
        "print(sorted(m for m in sys.modules if m.startswith('liangding.national.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['liangding.national.index', 'liangding.national.pharmacy']"


def test_codes_know_their_other_spelling() -> None:
    table = code_table("mdtrt_cert_type")
    assert "1" in table
    assert table.name_of("1") == table.name_of("01") == "医保电子凭证"
