"""Editions of the specification: a region names the one that its tables follow, and what is refused says which."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import numbers, run
from liangding.calls.validation import validate
from liangding.config import Kind, load_deployment
from liangding.errors import ConfigurationError, InvalidMessage
from liangding.flows import Status
from liangding.knowledge import Knowledge
from liangding.knowledge.interfaces import BASELINE
from liangding.spec.problems import errors
from liangding.spec.sampling import sample_request
from liangding.wire.json import encode
from shell import liangding
from support import rig_for, simulated_rig_for, write_deployment

VISIT = {
    "psn_no": "1", "insutype": "310", "begntime": "2026-03-02 09:00:00", "mdtrt_cert_type": "02", "mdtrt_cert_no": "1",
    "ipt_otp_no": "O1", "dept_code": "01", "dept_name": "内科", "caty": "A03",
}  # fmt: skip
"""2201 as V1.1.27 has it since 2023-05-10: without the doctor (atddr_no, dr_name)."""

PAPERS = {"psn_cert_type": "01", "certno": "110101199003078515", "psn_type": "11", "psn_name": "测试"}
DOCTOR = {"atddr_no": "D1", "dr_name": "测试"}


def known(folder: Path, province: str, area: str, *, on: date | None = None, **settings: Any) -> Knowledge:
    settings = {"province": province, "area": area, "kind": Kind.HOSPITAL, "code": f"H{area}00001"} | settings
    return Knowledge(load_deployment(write_deployment(folder, gateway="plain", **settings)), on=on)


def wanting(knowledge: Knowledge, infno: str, message: dict[str, Any]) -> dict[str, set[str]]:
    """The fields that are missing, by how grave that is."""
    problems = validate(infno, json.dumps(message).encode(), "request", interfaces=knowledge.interfaces)
    found: dict[str, set[str]] = {"error": set(), "warning": set()}
    for each in problems:
        if each.rule in ("required", "condition", "edition"):
            found[each.level].add(each.field)
    return found


def test_what_an_edition_demands_is_demanded_where_it_is_followed(tmp_path: Path) -> None:
    """湖南 V1.1.27：2201 的证件、姓名、人员类别必填，2023-05-10 起不再强制医师."""
    hunan = known(tmp_path, "hunan", "430100")
    assert wanting(hunan, "2201", {"data": VISIT | PAPERS}) == {"error": set(), "warning": set()}
    assert wanting(hunan, "2201", {"data": VISIT | DOCTOR}) == {"error": set(PAPERS), "warning": set()}


def test_an_edition_is_that_of_a_day(tmp_path: Path) -> None:
    before = known(tmp_path, "hunan", "430100", on=date(2023, 5, 9))
    assert wanting(before, "2201", {"data": VISIT | PAPERS}) == {"error": set(DOCTOR), "warning": set()}
    (tmp_path / "later").mkdir()
    after = known(tmp_path / "later", "hunan", "430100", on=date(2023, 5, 10))
    assert wanting(after, "2201", {"data": VISIT | PAPERS}) == {"error": set(), "warning": set()}


@pytest.mark.parametrize(("province", "area"), [("gansu", "620100"), ("sichuan", "510400"), ("dongguan", "441900")])
def test_where_no_edition_is_known_what_they_disagree_about_is_a_warning(
    tmp_path: Path, province: str, area: str
) -> None:
    unknown = known(tmp_path, province, area)
    assert wanting(unknown, "2201", {"data": VISIT}) == {"error": set(), "warning": {*DOCTOR, *PAPERS}}
    assert wanting(unknown, "2201", {"data": {**VISIT, "psn_no": ""}})["error"] == {"psn_no"}


def test_a_deployment_may_say_which(tmp_path: Path) -> None:
    baseline = known(tmp_path, "gansu", "620100", more='[checks]\nedition = "基线版"')
    assert wanting(baseline, "2201", {"data": VISIT}) == {"error": set(DOCTOR), "warning": set()}
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigurationError, match=r"没有接口规范版本 V1\.1\.28；是不是想写 V1\.1\.27") as wrong:
        known(tmp_path / "other", "gansu", "620100", more='[checks]\nedition = "V1.1.28"')
    assert "checks.edition" in str(wrong.value)


def test_4101_has_the_shape_of_4101a_where_a_province_switched(tmp_path: Path) -> None:
    """湖南 V1.1.27：2022-06-01 起 4101 即原 4101A."""
    listed = sample_request(BASELINE["4101A"])
    listed["setlinfo"] |= {"adm_way": "1", "refldept_dept": "A03→A04"}

    def told(knowledge: Knowledge) -> list[str]:
        problems = validate("4101", encode(listed), "request", interfaces=knowledge.interfaces)
        return [each.where for each in errors(problems)]

    assert told(known(tmp_path, "hunan", "430100")) == []
    (tmp_path / "before").mkdir()
    assert told(known(tmp_path / "before", "hunan", "430100", on=date(2022, 5, 31)))
    (tmp_path / "gansu").mkdir()
    assert told(known(tmp_path / "gansu", "gansu", "620100"))
    (tmp_path / "said").mkdir()
    assert told(known(tmp_path / "said", "gansu", "620100", more='[checks]\nedition = "V1.1.27"')) == []


def test_a_refusal_before_sending_names_the_edition_that_it_rests_on(tmp_path: Path) -> None:
    for province, area, words in (
        ("hunan", "430100", "依据接口规范 V1.1.27"),
        ("gansu", "620100", "依据接口规范基线版（本地区按哪一版没有公开"),
    ):
        folder = tmp_path / province
        folder.mkdir()
        where = {"province": province, "area": area, "kind": Kind.HOSPITAL, "code": f"H{area}00001"}
        with rig_for(folder, gateway="plain", **where) as rig:
            with pytest.raises(InvalidMessage) as refused:
                rig.runtime.call("2201", {"data": VISIT | {"psn_no": ""}}, key="K1", insured_place=area)
            assert words in refused.value.remedy
            assert refused.value.as_json()["edition"] in refused.value.remedy
            given = bedside.bill(rig.person(), "B1")
            given["doctor"] = given["doctor"] | {"dept_code": ""}
            view = run(rig, "outpatient", given, "B1")
            assert view.error is not None
            assert words in view.error["remedy"]
            assert numbers(rig) == []


def test_what_nobody_demands_for_sure_is_no_advice_at_the_till(tmp_path: Path) -> None:
    """A warning about editions is told by ``validate``; the cashier is not asked to read it at every call."""
    where = {"province": "gansu", "area": "620100", "kind": Kind.HOSPITAL, "code": "H62010000001"}
    with simulated_rig_for(tmp_path, gateway="plain", **where) as rig:
        view = run(rig, "outpatient", bedside.bill(rig.person(), "B1"), "B1")
        assert view.status is Status.DONE, view.error
        assert not [each for each in view.advice if "官方各版" in each]


@pytest.mark.parametrize(
    ("arguments", "errors_of", "words"),
    [
        (("--edition", "V1.1.27"), set(), "V1.1.27"),
        (("--edition", "V1.1.27", "--on", "2023-05-09"), set(DOCTOR), "V1.1.27，2023-05-09 时"),
        (("--edition", "V1.1.27", "--on", "2025-03-01"), set(), "V1.1.27，2025-03-01 时"),
        (("--edition", "基线版"), set(DOCTOR), "基线版"),
        ((), set(), "基线版（本地区按哪一版没有公开"),
    ],
    ids=["edition", "day before", "day after", "baseline", "not known"],
)
def test_validate_judges_by_the_edition_of_the_day(
    tmp_path: Path, arguments: tuple[str, ...], errors_of: set[str], words: str
) -> None:
    file = tmp_path / "2201.json"
    file.write_text(json.dumps({"data": VISIT | PAPERS}), "utf-8")
    done = liangding("validate", "2201", file, "--side", "request", "--json", *arguments)
    told = json.loads(done.stdout)
    assert {each["field"] for each in told["problems"] if each["level"] == "error"} == errors_of
    assert (done.returncode, words in told["edition"]) == (1 if errors_of else 0, True)


def test_an_edition_that_there_is_not_is_said(tmp_path: Path) -> None:
    file = tmp_path / "2201.json"
    file.write_text("{}", "utf-8")
    done = liangding("validate", "2201", file, "--side", "request", "--edition", "V1.1.28")
    assert (done.returncode, "是不是想写 V1.1.27" in done.stderr) == (2, True)
