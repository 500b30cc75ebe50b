"""Departments (科室管理) in Guangzhou: transaction 3401 declared anew."""

from typing import Annotated

from liangding.national import departments
from liangding.spec import node, redeclares, text

INFERRED = "标签为推断"


@node
class Department(departments.Department):
    """科室信息."""

    medtech_flag: Annotated[str | None, text(None, "医技科室标志", note=INFERRED)] = None
    medserv_type: Annotated[str | None, text(None, "医疗服务类型", note=INFERRED)] = None
    dept_type: Annotated[str | None, text(None, "科室类型", note=INFERRED)] = None


@redeclares(departments.Upload)
class Upload:
    """3401 in Guangzhou.

    - 广州：另有 medtech_flag、medserv_type、dept_type
    """

    @node
    class Input:
        deptinfo: Department
