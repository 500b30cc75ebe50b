"""Physicians (医师管理): transactions 3467 to 3469."""

from datetime import date
from typing import Annotated

from liangding.spec import Does, Of, chapter, code, day, nested, node, text

transaction = chapter("physicians", "医药机构管理/医师管理")


@node
class Service:
    """One kind of medical service of a physician."""

    dr_codg: Annotated[str | None, text(20, "医师编码")] = None
    hi_serv_type: Annotated[str | None, text(None, "医疗服务类型")] = None
    hi_serv_name: Annotated[str | None, text(None, "医疗服务类型名称")] = None
    hi_serv_stas: Annotated[str | None, text(None, "服务状态")] = None
    begndate: Annotated[date | None, day("医疗服务开始时间")] = None
    enddate: Annotated[date | None, day("医疗服务结束时间")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class Physician:
    """医师信息."""

    dr_codg: Annotated[str, text(20, "医师编码")]
    dr_name: Annotated[str, text(50, "医师姓名")]
    prac_dr_id: Annotated[str | None, text(None, "执业医师编号")] = None
    dr_prac_type: Annotated[str | None, text(None, "医师执业类别")] = None
    dr_pro_tech_duty: Annotated[str | None, text(None, "医师专业技术职务")] = None
    dr_prac_scp_code: Annotated[str | None, text(None, "医师执业范围代码")] = None
    pro_code: Annotated[str | None, text(None, "专业编号")] = None
    dcl_prof_flag: Annotated[str | None, text(None, "是否申报为本市专家库成员")] = None
    practice_code: Annotated[str | None, text(None, "医师执业情况")] = None
    dr_profttl_code: Annotated[str | None, text(None, "医师职称编号")] = None
    psn_itro: Annotated[str | None, text(None, "个人能力简介")] = None
    mul_prac_flag: Annotated[str, text(None, "多点执业标志")]
    main_pracins_flag: Annotated[str, text(None, "主执业机构标志")]
    hosp_dept_code: Annotated[str, text(None, "医院科室编码")]
    bind_flag: Annotated[str | None, text(None, "定岗标志")] = None
    siprof_flag: Annotated[str | None, text(None, "是否医保专家库成员")] = None
    loclprof_flag: Annotated[str | None, text(None, "是否本地申报专家")] = None
    hi_dr_flag: Annotated[str | None, code("hi_dr_flag", "是否医保医师", length=3)] = None
    cert_type: Annotated[str | None, text(3, "证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    mgtinfo: list[Service] | None = None


@node
class PhysicianResult:
    """What became of one row."""

    dr_codg: Annotated[str | None, text(20, "医师编码")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "3467", "医师信息上传", "physician upload", does=Does.UPLOADS, of=Of.STAFF, undone_by="3469", confidence="medium"
)
class Upload:
    """Physician upload.

    - 一次可传多名医师，每名可带多条医疗服务类型
    - 返回逐行结果
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        doctorinfo: list[Physician]

    @node
    class Output:
        result: list[PhysicianResult] | None = None


@transaction("3468", "医师信息变更", "physician change", does=Does.CHANGES, of=Of.STAFF, confidence="medium")
class Change:
    """Physician change.

    - 单名医师变更，入参与上传同
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        doctorinfo: Physician


@node
class PhysicianReference:
    """医师撤销."""

    hosp_dept_code: Annotated[str, text(None, "医院科室代码")]
    dr_codg: Annotated[str, text(20, "医师编码")]
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction("3469", "医师信息撤销", "physician withdrawal", does=Does.WITHDRAWS, of=Of.STAFF, confidence="medium")
class Withdraw:
    """Physician withdrawal.

    - 按科室代码与医师编码撤销
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        doctorinfo: Annotated[PhysicianReference, nested("医师撤销")]
