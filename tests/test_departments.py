"""Departments: the institution's list against the platform's, and what a person confirms of the difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from liangding.config import Kind
from liangding.desk.departments import Deed, apply, compare
from liangding.knowledge.interfaces import BASELINE
from liangding.simulator.chapters.departments import departments
from liangding.spec.sampling import sample_request
from support import simulated_rig_for


def department(code: str, **more: Any) -> dict[str, Any]:
    sample: dict[str, Any] = sample_request(BASELINE["3401"])["deptinfo"]
    return sample | {"hosp_dept_codg": code, "hosp_dept_name": f"测试科{code}"} | more


def test_the_difference_is_shown_and_what_is_confirmed_is_done(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        ours = [department("A"), department("B")]
        assert [(each.code, each.deed) for each in compare(rig.runtime, ours)] == [
            ("A", Deed.UPLOAD),
            ("B", Deed.UPLOAD),
        ]
        for each in compare(rig.runtime, ours):
            apply(rig.runtime, each)
        assert compare(rig.runtime, ours) == []
        ours = [department("A", dr_psncnt=77), department("C")]
        found = compare(rig.runtime, ours)
        assert [(each.code, each.deed, each.fields) for each in found] == [
            ("A", Deed.CHANGE, ("dr_psncnt",)), ("C", Deed.UPLOAD, ()), ("B", Deed.CANCEL, ()),
        ]  # fmt: skip
        for each in found:
            apply(rig.runtime, each)
        assert compare(rig.runtime, ours) == []
        assert sorted(departments(rig.platform.world)) == ["A", "C"]
        assert [rig.sent(number) for number in ("3401", "3402", "3403")] == [3, 1, 1]
