"""The declarations themselves: complete, consistent, exportable, and loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from liangding import national
from liangding.errors import UnknownTransaction
from liangding.knowledge.interfaces import BASELINE, Interfaces
from liangding.knowledge.regions import places, region_seen
from liangding.resolution.cases import opposites
from liangding.resolution.ways import NATIONAL, WAYS, way_of
from liangding.spec import Does, Effect, LookedFor, Of, Transaction, Unasked, Undeclared, chapter, transaction_of
from liangding.spec.codes import code_table, code_table_names, find_code_table, unpublished
from liangding.spec.export import as_json
from liangding.spec.leaves import LENIENT, STRICT
from liangding.spec.nodes import members, node_of
from liangding.spec.reading import MessageReader
from liangding.spec.sampling import sample_request
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
    for infno, (module, name) in national.places().items():
        transaction = national.transaction(infno)
        assert (transaction.infno, transaction.chapter, transaction.cls.__name__) == (infno, module, name)


TOLD_APART = {
    # 单次就诊（购药）内唯一; 单条诊断、医嘱唯一; 科室由编码、名称、开始时间认定; 清单：一家医院收到的拒绝
    "2101": {"drugdetail"}, "2101A": {"drugdetail"}, "2102": {"drugdetail"}, "2102A": {"drugdetail"},
    "2204": {"feedetail"}, "2301": {"feedetail"}, "3101": {"fsi_diagnose_dtos", "fsi_order_dtos"},
    "3102": {"fsi_diagnose_dtos", "fsi_order_dtos"}, "3401A": {"deptinfo"}, "4101": {"diseinfo"},
    "4101A": {"diseinfo", "oprninfo"}, "4201": {"feedetail"}, "4201A": {"fsiOwnpayPatnFeeListDDTO"},
    "4205": {"feedetail"},
}  # fmt: skip
"""The rows that the platform tells apart by a key that is known."""


def test_a_row_that_the_platform_has_already_is_refused_before_sending() -> None:
    reader = MessageReader(STRICT)
    for infno, expected in TOLD_APART.items():
        transaction = BASELINE[infno]
        once, twice = (reader.read(transaction.input, message)[1] for message in doubled(transaction))
        assert [each for each in once if each.rule == "duplicate"] == [], infno
        found = {str(each.path[-2]) for each in twice if each.rule == "duplicate" and each.path[-1] == 1}
        assert expected <= found, (infno, found)


def doubled(transaction: Transaction) -> tuple[Any, Any]:
    """A full sample, and the same with every row there twice."""

    def twice(value: Any) -> Any:
        if isinstance(value, list):
            return [twice(each) for each in value for _ in range(2)]
        return {name: twice(each) for name, each in value.items()} if isinstance(value, dict) else value

    sample = sample_request(transaction, full=True)
    return sample, twice(sample)


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


TAKES_BACK = {
    Does.SETTLES: (Does.CANCELS,),
    Does.REGISTERS: (Does.WITHDRAWS, Does.CHANGES),
    Does.UPLOADS: (Does.WITHDRAWS, Does.RETURNS, Does.CHANGES),
}


@pytest.mark.parametrize("region", ["national", *places()])
def test_every_transaction_says_what_it_means(region: str) -> None:
    """And what it says agrees: what undoes it takes back the same, what settles says how it is looked for, or why
    not."""
    seen = region_seen(region)
    own = seen.own.values() if seen.plugin else [BASELINE[infno] for infno in BASELINE.numbers()]
    for t in own:
        assert t.says_what_it_does, f"{t.infno} says nothing of what it does"
        assert t.of is not None or t.does in (Does.SIGNS_IN, Does.SIGNS_OUT), t.infno
        assert not (t.changes and t.does.effect is Effect.READS), f"{t.infno} {t.does.value}, and changes"
        assert t.changes or t.looked_for is None, t.infno
        if t.undone_by and t.does in TAKES_BACK:
            undo = seen.interfaces[t.undone_by]
            assert undo.does in TAKES_BACK[t.does], f"{t.infno} and {undo.infno}"
            assert undo.of is t.of, f"{t.infno} and {undo.infno}"
        if t.does in (Does.SETTLES, Does.CANCELS):
            assert t.holds, t.infno
            assert isinstance(t.looked_for, LookedFor) or (t.looked_for and t.looked_for.why), t.infno


LAGGING_BEHIND = {
    "2202": {"2201", "2203", "2203A"}, "2204": {"2205"}, "2205": {"2204"}, "2301": {"2302"}, "2302": {"2301"},
    "2402": {"2405"}, "2403": {"2403"}, "2404": {"2401"}, "2405": {"2402"}, "3505": {"3506", "3506A"},
    "3505A": {"3506", "3506A"}, "3506": {"3505", "3505A"}, "3506A": {"3505", "3505A"},
    "4201A": {"4204", "4206"}, "4202": {"4204", "4206"}, "4204": {"4201", "4201A", "4202", "4205"},
    "4205": {"4204", "4206"}, "4206": {"4201", "4201A", "4202", "4205"}, "3301": {"3302"}, "3302": {"3301"},
}  # fmt: skip


def test_queries_lag_behind_what_does_the_opposite() -> None:
    """Which, is asked of the declarations: whatever brings what a call takes back, or takes back what it brings."""
    lagging = (infno for infno in BASELINE.numbers() if way_of(BASELINE[infno]).behind_opposites)
    asked = {infno: set(opposites(BASELINE, infno)) for infno in lagging}
    assert asked == LAGGING_BEHIND


def test_each_thing_looked_for_has_its_way() -> None:
    assert set(WAYS) == set(LookedFor)
    assert NATIONAL["2102A"] is WAYS[LookedFor.SETTLEMENT]


def test_what_settles_must_say_how_it_is_looked_for() -> None:
    made = chapter("bills", "某地/单据")
    with pytest.raises(TypeError, match=r"9771 .*looked_for"):
        made("9771", "单据结算", "bill settlement", does=Does.SETTLES, of=Of.VISIT)(type("Settle", (), {}))
    asked = made("9771", "单据结算", "x", does=Does.SETTLES, of=Of.VISIT, looked_for=Unasked("没有查询"))
    assert transaction_of(asked(type("Settle", (), {}))).holds


def test_a_declaration_written_before_there_was_a_meaning_keeps_it() -> None:
    """A plugin that declares a national number by itself, by its effect alone, declares a settlement still."""

    old = chapter("outpatient", "医保服务/门急诊结算")
    declared: type = old("2207", "门诊结算", "settlement", undone_by="2208")(type("Settle", (), {}))
    found = Interfaces({"2207": ("old", declared)})["2207"]
    assert (found.means, found.looked_for) == ((Does.SETTLES, Of.VISIT), LookedFor.SETTLEMENT)
    own: type = chapter("extra", "医保服务/其他")("9772", "某事", "something")(type("Do", (), {}))
    assert (transaction_of(own).effect, transaction_of(own).holds) == (Effect.CHANGES, True)
    asks: type = chapter("extra", "其他")("9773", "查询", "query", effect=Effect.READS)(type("Ask", (), {}))
    assert (transaction_of(asks).does, transaction_of(asks).changes) == (Does.READS, False)


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
