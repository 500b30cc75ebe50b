"""Every numbered rule has a good example, a bad one that breaks it alone, and a repair that mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liangding.calls.validation import validate
from liangding.checks.book import Example, NumberedRule, book, numbered
from liangding.checks.settlement_list import NOT_DECIDABLE
from liangding.receipts.protocols import ListVerdict, protocol
from liangding.wire.json import encode
from shell import liangding

RULES = list(book().values())
DECIDED = [rule for rule in RULES if not rule.undecided]

BESIDE = {"SL061"}
"""Rules whose bad example cannot but look strange to the dictionary, too, which only hints."""


def said(rule: NumberedRule, example: Example, *, good: bool = False) -> list[Any]:
    side: Any = example.side
    return validate(example.infno, encode(example.message), side, circumstances=rule.known(good))


def test_all_are_there() -> None:
    lists = [rule for rule in RULES if rule.number.startswith("SL")]
    assert [rule.number for rule in lists] == [f"SL{n:03}" for n in range(1, 89)]
    assert {rule.number for rule in RULES if rule.undecided} == {number for number, _ in NOT_DECIDABLE}
    assert all(rule.title for rule in RULES)


@pytest.mark.parametrize("rule", DECIDED, ids=lambda rule: rule.number)
def test_the_bad_example_breaks_this_rule_alone_and_the_good_one_none(rule: NumberedRule) -> None:
    assert said(rule, rule.good(), good=True) == []
    found = said(rule, rule.bad())
    hints = [each for each in found if rule.number in BESIDE and each.rule == "code" and each.level == "warning"]
    broken, *more = [each for each in found if each not in hints]
    assert {each.rule for each in more} <= {rule.rule}
    assert (broken.rule, broken.where, broken.message, broken.level) == (rule.rule, rule.place, rule.reason, rule.level)


def test_where_only_the_writing_is_wrong_it_is_mended() -> None:
    mended = {rule.number: example for rule in DECIDED if (example := rule.mended()) is not None}
    assert mended.keys() == {"SL058", "SL061", "SL062", "ME05", "ME21", "ME25"}
    for number, example in mended.items():
        assert said(numbered(number), example) == [], number


def test_rules_from_the_command_line() -> None:
    listed = json.loads(liangding("rules", "--json").stdout)
    assert [each["number"] for each in listed] == [rule.number for rule in RULES]
    told = liangding("rules", "sl061").stdout
    for word in ("SL061", "多次转科应以 → 相连", "A03,A04", "A03→A04"):
        assert word in told
    undecided = liangding("rules", "SL047").stdout
    assert "目录没有随本软件提供" in undecided
    wrong = liangding("rules", "SL089")
    assert (wrong.returncode, "是不是想写" in wrong.stderr) == (1, True)


# -- the protocol of a list --------------------------------------------------------------------------------------------


def test_a_protocol_has_a_verdict_on_each_rule() -> None:
    good = protocol("4101A", encode(numbered("SL002").good().message))
    assert [row.number for row in good.rows] == [f"SL{n:03}" for n in range(1, 89)]
    assert good.counted[ListVerdict.WRONG] == good.counted[ListVerdict.REMINDER] == 0
    assert good.counted[ListVerdict.UNDECIDED] == len(NOT_DECIDABLE)
    for rule in DECIDED:
        if rule.number.startswith("SL"):
            made = protocol(rule.bad().infno, encode(rule.bad().message))
            row = next(each for each in made.rows if each.number == rule.number)
            assert row.verdict is (ListVerdict.WRONG if rule.level == "error" else ListVerdict.REMINDER), rule.number
            assert row.found, rule.number
    spelt = protocol("4101A", encode(numbered("SL061").bad().message))
    (row,) = [each for each in spelt.rows if each.number == "SL061"]
    assert row.repair == "A03→A04"


def test_the_protocol_is_printed(tmp_path: Path) -> None:
    file, pdf = tmp_path / "list.json", tmp_path / "protocol.pdf"
    file.write_bytes(encode(numbered("SL061").bad().message))
    done = liangding("protocol", "4101A", file, "--pdf", pdf)
    assert done.returncode == 1, done.stderr
    assert "SL061" in done.stdout
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert "P1" not in done.stdout
