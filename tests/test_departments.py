"""Departments and staff: the institution's list against the platform's, and what a person confirms of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.desk import staff
from liangding.desk.departments import BadDepartments, Deed, apply, apply_all, compare
from liangding.desk.staff import BadStaffList, StaffFinding, StaffList
from liangding.knowledge.interfaces import BASELINE
from liangding.simulator.chapters.departments import departments
from liangding.spec.sampling import sample_request
from support import rig_for, simulated_rig_for


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


def test_several_new_ones_go_together_and_a_list_that_is_not_right_says_where(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        ours = [department(f"D{number:03}") for number in range(130)]
        apply_all(rig.runtime, compare(rig.runtime, ours))
        assert compare(rig.runtime, ours) == []
        assert (rig.sent("3401"), rig.sent("3401A")) == (0, 2)
        with pytest.raises(BadDepartments, match="第 3 行没有 hosp_dept_name"):
            compare(rig.runtime, [department("A"), {"hosp_dept_codg": "B"}])
        with pytest.raises(BadDepartments, match=r"不认识的列 dr_count"):
            compare(rig.runtime, [department("A") | {"dr_count": "3"}])


def on_platform(number: str, name: str, *, code: str, kind: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "psn_cert_type": "01", "certno": f"C{number}", "prac_psn_no": number, "prac_psn_code": code,
        "prac_psn_name": name, "prac_psn_type": kind, "hi_dr_flag": "1", "begntime": "2024-01-01 00:00:00", **more,
    }  # fmt: skip


OURS = [
    ("1", "d1", "甲医", "D1", StaffFinding.SAME), ("1", "d2", "乙医", "", StaffFinding.CODE_MISSING),
    ("1", "d3", "丙医", "D0", StaffFinding.CODE_DIFFERS), ("1", "d4", "改名", "D4", StaffFinding.NAME_DIFFERS),
    ("1", "d5", "戊医", "D5", StaffFinding.ENDED), ("3", "p1", "己药", "", StaffFinding.OURS_ONLY),
]  # fmt: skip
THEIRS = [
    on_platform("d1", "甲医", code="D1"), on_platform("d2", "乙医", code="D2"), on_platform("d3", "丙医", code="D3"),
    on_platform("d4", "丁医", code="D4"), on_platform("d5", "戊医", code="D5", endtime="2025-01-01 00:00:00"),
    on_platform("d9", "不在名单", code="D9"),
]  # fmt: skip


def given() -> list[dict[str, str]]:
    names = ("prac_psn_type", "prac_psn_no", "prac_psn_name", "prac_psn_code")
    return [dict(zip(names, row[:4], strict=True)) for row in OURS]


def test_staff_are_held_against_the_platforms_and_their_codes_kept(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        rig.platform.world.kept["staff"] = THEIRS
        found = staff.compare(rig.runtime, given())
        wanted = [*((row[1], row[4]) for row in OURS), ("d9", StaffFinding.THEIRS_ONLY)]
        assert [(each.number, each.finding) for each in found] == wanted
        assert rig.sent("5102") == 2, "once for each class of ours"
        kept = StaffList(rig.runtime)
        with pytest.raises(BadStaffList, match="person"):
            kept.take(found[:2], person=" ")
        with pytest.raises(BadStaffList, match="d4 姓名不同"):
            kept.take(found, person="张三")
        assert kept.take(found[:3], person="张三") == kept.take(found[:3], person="张三") == 3
        assert [(each.number, each.code) for each in kept.listed()] == [("d1", "D1"), ("d2", "D2"), ("d3", "D3")]
        for wrong, said in (({"prac_psn_type": "医师"}, "prac_psn_type"), ({"prac_psn_no": ""}, "没有 prac_psn_no")):
            with pytest.raises(BadStaffList, match=rf"第 2 行.*{said}"):
                staff.compare(rig.runtime, [given()[0] | wrong])


def test_the_commands_of_departments_and_staff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        rig.platform.world.kept["staff"] = THEIRS
        for name, rows in (("staff.csv", given()), ("departments.csv", [department("A"), department("B")])):
            with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)

        def run(*arguments: str) -> tuple[int, str]:
            code = command([*arguments, "--config", str(rig.config)])
            shown = capsys.readouterr()
            return code, (shown.out + shown.err)

        ours = str(tmp_path / "departments.csv")
        assert run("departments", "compare", ours)[0] == 1
        assert "与平台一致" in run("departments", "apply", ours, "--all")[1]
        ours, codes = str(tmp_path / "staff.csv"), tmp_path / "codes.csv"
        shown = run("staff", "compare", ours, "--take-all", "--person", "张三", "--to", str(codes))[1]
        assert "7 人，6 人不一致；留下 3 人的代码" in shown
        assert len(codes.read_text("utf-8-sig").splitlines()) == 8
        assert [row["code"] for row in json.loads(run("staff", "list", "--json")[1])] == ["D1", "D2", "D3"]
