"""Departments and staff of the institution: 3401 to 3403, asked for by 5101; 5102 answers what a test has put into
``world.kept["staff"]``."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ...spec.writing import SPARSE, MessageWriter
from ..requests import Request, handles

_written = MessageWriter(SPARSE)


def departments(world: Any) -> dict[str, dict[str, Any]]:
    """The departments in force, by the institution's own code."""
    held: dict[str, dict[str, Any]] = world.kept.setdefault("departments", {})
    return held


def _take(request: Request, department: Any) -> None:
    held = departments(request.world)
    if department.hosp_dept_codg in held:
        raise Refuse(f"科室编码 {department.hosp_dept_codg} 已存在")
    held[department.hosp_dept_codg] = _written.write(department)


@handles("3401")
def upload(request: Request) -> None:
    _take(request, request.input.deptinfo)


@handles("3401A")
def upload_batch(request: Request) -> None:
    codes = [each.hosp_dept_codg for each in request.input.deptinfo]
    for code in codes:
        if code in departments(request.world) or codes.count(code) > 1:
            raise Refuse(f"科室编码 {code} 已存在")
    for each in request.input.deptinfo:
        _take(request, each)


@handles("3402")
def change(request: Request) -> None:
    wanted = request.input.deptinfo
    if wanted.hosp_dept_codg not in departments(request.world):
        raise Refuse("科室信息不存在")
    departments(request.world)[wanted.hosp_dept_codg] = _written.write(wanted)


@handles("3403")
def cancel(request: Request) -> None:
    asked = request.input.data
    held = departments(request.world).get(asked.hosp_dept_codg)
    if held is None or (held["hosp_dept_name"], str(held["begntime"])[:10]) != (
        asked.hosp_dept_name, asked.begntime.isoformat()[:10]
    ):  # fmt: skip
        raise Refuse("科室信息不存在，或名称、开始时间不一致")
    del departments(request.world)[asked.hosp_dept_codg]


@handles("5101")
def query(request: Request) -> dict[str, Any]:
    return {"feedetail": list(departments(request.world).values())}


@handles("5102")
def staff(request: Request) -> dict[str, Any]:
    held: list[dict[str, Any]] = request.world.kept.get("staff", [])
    asked = request.input.data
    return {"feedetail": [each for each in held if each.get("prac_psn_type") == asked.prac_psn_type]}
