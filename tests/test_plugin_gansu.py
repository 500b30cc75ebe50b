"""甘肃: 3401A is not open, its form of what is matched, and what is not public."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest

from liangding.acceptance import Performer, findings_of
from liangding.acceptance.matched import settle_matched
from liangding.acceptance.reporting import forms_of
from liangding.catalogue.items import Item
from liangding.catalogue.matching import Matching
from liangding.catalogue.opening import open_shelf
from liangding.clock import SystemClock
from liangding.config import Kind
from liangding.contract.acceptance import Ends
from liangding.contract.forms import Table
from liangding.errors import NotOpenHere
from liangding.kit.trials import trial_settings
from support import rig_for
from test_plugins import knowledge, least, own, sent


def test_departments_go_one_by_one(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="gansu", area="620100", kind=Kind.HOSPITAL, gateway="plain") as rig:
        known = rig.runtime.known
        rig.platform.handlers["3401A"] = lambda request: {}
        with pytest.raises(NotOpenHere, match="没有开放") as refused:
            rig.runtime.call("3401A", least(known, known.interfaces["3401A"].input))
        assert "3401" in refused.value.remedy
        assert (rig.sent("3401A"), rig.sent("9001")) == (0, 0)
        assert sent(rig, "3401", least(known, known.interfaces["3401"].input))["deptinfo"]


def test_the_form_has_what_is_matched_and_what_was_verified(tmp_path: Path) -> None:
    more = trial_settings(tmp_path, "620100")
    with rig_for(
        tmp_path, province="gansu", area="620100", kind=Kind.HOSPITAL, code="H62010000001", gateway="plain", more=more
    ) as rig:
        known, matching = rig.runtime.known, Matching(rig.runtime)

        def shown() -> tuple[str, dict[str, Ends]]:
            found = findings_of(known, rig.runtime.journal, SystemClock())
            (form,) = forms_of(known, rig.runtime.journal, found, ["系统联调验收单"])
            cells = [cell.text for each in form.blocks if isinstance(each, Table) for row in each.rows for cell in row]
            return "|".join(cells), {row.requirement.id: row.ends for row in found.rows}

        nothing, ends = shown()
        assert "药品目录||" in nothing
        assert ends["GS-038"] is not Ends.PASSED
        codes = {"101": "XA01", "201": "SA01", "301": "CA01", "1307": "A00"}
        matching.take_in([
            Item(fixmedins_hilist_id=f"D{kind}", fixmedins_hilist_name="某", list_type=kind, med_list_codg=code)
            for kind, code in codes.items()
        ])  # fmt: skip
        for kind in ("101", "201", "1307"):
            matching.confirm(kind, f"D{kind}", codes[kind], person="张三")
        matching.upload()
        text, ends = shown()
        assert "药品目录|1|1|服务项目|1|1" in text
        assert "医用耗材|1|0|病种、诊断手术|1|1" in text
        assert [ends[number] for number in ("GS-038", "GS-040", "GS-044")] == [Ends.PASSED] * 3
        assert ends["GS-058"] is not Ends.PASSED
        with contextlib.closing(open_shelf(rig.deployment)) as shelf:
            kept, rows = settle_matched(Performer(rig.runtime), shelf, matching.listed(), price=Decimal(1))
        assert (kept.ends, [row.differs for row in rows]) == (Ends.PASSED, [(), ()]), kept.why
        ends = shown()[1]
        assert {number: ends[number] is Ends.PASSED for number in ("GS-039", "GS-041", "GS-043", "GS-059")} == {
            "GS-039": True, "GS-041": True, "GS-043": False, "GS-059": True,
        }  # fmt: skip
        assert rig.standing() == []


def test_nothing_is_invented(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "gansu", "620100")
    assert own(known) == {}
    assert known.region.reversible is None
    for word in ("密码校验", "网关", "扩展交易", "2601"):
        assert any(word in question for question in known.region.unanswered), word
