"""Departments (科室管理): transactions 3401 to 3403."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Of, chapter, code, day, moment, node, number, rows, text

transaction = chapter("departments", "医药机构管理/科室管理")

DEPARTMENT = ("hosp_dept_codg", "hosp_dept_name", "begntime")
"""What identifies a department for 3402 and 3403."""


@node
class DepartmentFacts:
    """What Department and ChangedDepartment have in common."""

    caty: Annotated[str, code("dept", "科别", length=10, note="表中长度 6，后来的代码更长")]
    hosp_dept_name: Annotated[str, text(100, "医院科室名称")]
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间", note="empty while in use")] = None
    itro: Annotated[str, text(500, "简介")]
    dept_resper_name: Annotated[str, text(50, "科室负责人姓名")]
    dept_resper_tel: Annotated[str, text(50, "科室负责人电话")]
    dept_med_serv_scp: Annotated[str | None, text(500, "科室医疗服务范围")] = None
    dept_estbdat: Annotated[datetime, moment("科室成立日期")]
    aprv_bed_cnt: Annotated[Decimal, number(11, 0, "批准床位数量")]
    hi_crtf_bed_cnt: Annotated[Decimal | None, number(11, 0, "医保认可床位数")] = None
    poolarea_no: Annotated[str, text(6, "统筹区编号")]
    dr_psncnt: Annotated[Decimal, number(5, 0, "医师人数")]
    phar_psncnt: Annotated[Decimal, number(5, 0, "药师人数")]
    nurs_psncnt: Annotated[Decimal, number(5, 0, "护士人数")]
    tecn_psncnt: Annotated[Decimal, number(5, 0, "技师人数")]
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class Department(DepartmentFacts):
    hosp_dept_codg: Annotated[str, text(20, "医院科室编码", note="unique inside the institution")]


@transaction(
    "3401",
    "科室信息上传",
    "department upload",
    does=Does.UPLOADS,
    of=Of.DEPARTMENT,
    undone_by="3403",
    path="/fsi/api/department/saveDepartmentManageInfo",
)
class Upload:
    """Department upload.

    - caty is the standard department class (dept dictionary); hosp_dept_codg is the institution's own code,
      unique inside it.
    - hosp_dept_codg, hosp_dept_name and begntime together identify the row for 3402 and 3403.
    - No output node.
    """

    @node
    class Input:
        deptinfo: Department


@transaction(
    "3401A",
    "批量科室信息上传",
    "department batch upload",
    does=Does.UPLOADS,
    of=Of.DEPARTMENT,
    undone_by="3403",
    path="/fsi/api/department/saveDepartmentManageBatch",
)
class UploadBatch:
    """Department batch upload.

    - caty is the standard department class (dept dictionary); hosp_dept_codg is the institution's own code,
      unique inside it.
    - hosp_dept_codg, hosp_dept_name and begntime together identify the row for 3402 and 3403.
    - No output node.
    """

    @node
    class Input:
        deptinfo: Annotated[list[Department], rows("", unique=DEPARTMENT)]


@node
class ChangedDepartment(DepartmentFacts):
    hosp_dept_codg: Annotated[str, text(20, "医院科室编码")]


@transaction(
    "3402",
    "科室信息变更",
    "department change",
    does=Does.CHANGES,
    of=Of.DEPARTMENT,
    path="/fsi/api/department/modifyDepartmentInfo",
)
class Change:
    """Department change.

    - caty is the standard department class (dept dictionary); hosp_dept_codg is the institution's own code,
      unique inside it.
    - hosp_dept_codg, hosp_dept_name and begntime together identify the row for 3402 and 3403.
    - No output node.
    """

    @node
    class Input:
        deptinfo: ChangedDepartment


@node
class CancelData:
    hosp_dept_codg: Annotated[str, text(20, "医院科室编码")]
    hosp_dept_name: Annotated[str, text(100, "医院科室名称")]
    begntime: Annotated[date, day("开始时间", note="a date here, a date-time in 3401 and 3402")]


@transaction(
    "3403",
    "科室信息撤销",
    "department cancellation",
    does=Does.WITHDRAWS,
    of=Of.DEPARTMENT,
    path="/fsi/api/department/pauseDepartmentInfo",
)
class Cancel:
    """Department cancellation.

    - All three fields must equal those of the uploaded department.
    """

    @node
    class Input:
        data: CancelData
