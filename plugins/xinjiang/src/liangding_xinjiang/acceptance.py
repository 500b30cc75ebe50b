"""《关于统筹开展医药机构医保业务应用接口改造工作的通知》: six applications, their standards and days, the weekly table.

The notice has those told off who report as finished what is not (三(二)): an application counts as finished only where
the platform accepted the data and shows them, or where the institution states that the acceptance is done.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, timedelta

import attrs

from liangding.contract import Acceptance, Cell, Ends, Findings, Form, Kind, Paragraph, Table, filled, label
from liangding.contract.requirements import read_requirements


@attrs.frozen(kw_only=True)
class Application:
    """One of the six. ``due`` is the requirement that names its day, ``accepted_by`` the one whose statement says that
    it is finished. ``sends`` are alternatives of what has to be accepted, for pharmacies ``of_pharmacies`` too;
    ``shows`` what the platform shows it by. ``pharmacies``: whether it is theirs, too."""

    name: str
    due: str
    standard: str
    accepted_by: str
    sends: tuple[tuple[str, ...], ...]
    of_pharmacies: tuple[tuple[str, ...], ...] = ()
    shows: tuple[str, ...] = ()
    pharmacies: bool = True
    starts: tuple[str, ...] = ()


APPLICATIONS = (
    Application(
        name="药品追溯码", due="XJ-080", accepted_by="XJ-081", sends=(("3505", "3505A"),),
        of_pharmacies=(("2102", "2102A"),), shows=("3513",),
        standard="实现药品追溯码数据上传，自治区医疗保障信息平台可查询到相关数据",
    ),
    Application(
        name="电子处方流转", due="XJ-076", accepted_by="XJ-077", sends=(),
        starts=("7101", "7102", "7103", "7202", "7203", "7204", "7205", "7206", "7207"),
        standard="配合统筹区所属医保部门提交验收材料，完成验收流程",
    ),
    Application(
        name="医保码全流程应用", due="XJ-074", accepted_by="XJ-075", sends=(), starts=("6101",),
        standard="实现医保码全流程应用数据上传，自治区医疗保障信息平台可查询到相关数据",
    ),
    Application(
        name="移动支付", due="XJ-078", accepted_by="XJ-079", sends=(), pharmacies=False,
        starts=("6201", "6202", "6203", "6301", "6401"),
        standard="配合统筹区所属医保部门提交验收材料，完成验收流程",
    ),
    Application(
        name="电子结算凭证", due="XJ-082", accepted_by="XJ-083", sends=(("4901", "4905", "4906"),),
        starts=("4902", "4907"), shows=("5501",),  # 4902 and 4907 also answer that a voucher was refused
        standard="实现医疗费用电子结算凭证数据上传，自治区医疗保障信息平台可查询到相关数据",
    ),
    Application(
        name="一码付", due="XJ-084", accepted_by="XJ-085", sends=(),
        standard="配合统筹区所属医保部门提交验收材料，完成验收流程",
    ),
)  # fmt: skip
"""In the order of the weekly table."""

FINISHED, BEGUN, NOT_BEGUN, NOT_THEIRS = "已完成改造", "正在改造", "尚未开始", "不涉及"


def acceptance() -> Acceptance:
    return Acceptance(forms={"应用接口改造进度": progress}, over={"weekly": weekly}, met=met)


@functools.cache
def _days() -> dict[str, date]:
    """The last day of each requirement that has one."""
    return {each.id: each.until for each in read_requirements(__package__) if each.until is not None}


def met(found: Findings) -> dict[str, Ends]:
    """The day of an application that is finished is met, and its standard is shown."""
    finished = [each for each in APPLICATIONS if standing(found, each) == FINISHED]
    ways = {each: _way(found, each) for each in finished}
    return {number: way for each, way in ways.items() for number in (each.due, each.accepted_by)}


def _way(found: Findings, of: Application) -> Ends:
    row = found.row(of.accepted_by)
    return Ends.STATED if row is not None and row.ends is Ends.STATED else Ends.PASSED


def standing(found: Findings, of: Application) -> str:
    """How an application stands at an institution, by the journal and by what is stated."""
    pharmacy = found.deployment.institution.kind is Kind.PHARMACY
    if pharmacy and not of.pharmacies:
        return NOT_THEIRS
    row = found.row(of.accepted_by)
    if row is not None and row.ends is Ends.STATED:
        return FINISHED
    wanted = (*of.sends, *(of.of_pharmacies if pharmacy else ()))
    sent = [any(found.has(infno) for infno in each) for each in wanted]
    if wanted and all(sent) and any(found.has(infno) for infno in of.shows):
        return FINISHED
    begun = any(found.has(infno) for infno in (*of.starts, *of.shows)) or any(sent)
    return BEGUN if begun else NOT_BEGUN


def until(of: Application) -> date:
    """Its last day."""
    return _days()[of.due]


def overdue(of: Application, how: str, day: date) -> bool:
    return how not in (FINISHED, NOT_THEIRS) and day > until(of)


# -- one institution ---------------------------------------------------------------------------------------------------


def progress(found: Findings) -> Form:
    title = "医保业务应用接口改造进度"
    institution = found.deployment.institution
    heading = tuple(label(text) for text in ("应用", "完成标准", "完成期限", "情况", "依据", "备注"))
    rows = tuple(_progress(found, each) for each in APPLICATIONS)
    return Form(
        name="应用接口改造进度",
        title=title,
        landscape=True,
        note="单家机构的进度由本系统自拟版式；上报用周进度表",
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Paragraph(text=f"{institution.name}（{institution.code}）    {found.today:%Y年%m月%d日}", align="center"),
            Table(widths=(1.2, 3, 1, 0.9, 2.6, 1.2), rows=(heading, *rows), repeated=1),
        ),
    )


def _progress(found: Findings, of: Application) -> tuple[Cell, ...]:
    how = standing(found, of)
    row = found.row(of.accepted_by)
    infnos = [n for each in (*of.sends, *of.of_pharmacies) for n in each] + [*of.shows, *of.starts]
    proofs = [f"{n} 报文 {found.tallies[n].evidence[0].msgid}" for n in infnos if found.has(n)]
    stated = f"机构声明：{row.stated}" if row is not None and row.stated else ""
    late = f"逾期 {(found.today - until(of)).days} 天" if overdue(of, how, found.today) else ""
    return (
        filled(of.name), filled(of.standard), filled(f"{until(of):%Y-%m-%d}"), filled(how),
        filled("\n".join(filter(None, (stated, *proofs)))), filled(late),
    )  # fmt: skip


# -- the weekly table --------------------------------------------------------------------------------------------------


def weekly(found: Sequence[Findings], day: date) -> Form:
    """《医保局医保业务应用接口改造周进度表》 of the week before ``day``, which is reported on Mondays."""
    monday = day - timedelta(days=day.weekday())
    begin, end = monday - timedelta(days=7), monday - timedelta(days=1)
    bureau = next((each.fact("医保局") for each in found if each.fact("医保局")), "          医保局")
    title = f"{bureau}医保业务应用接口改造周进度表"
    heading = tuple(label(text) for text in ("机构类型", "接口家数", *(each.name for each in APPLICATIONS)))
    rows: list[tuple[Cell, ...]] = []
    for name, ours in (
        ("定点医疗机构", [each for each in found if each.deployment.institution.kind is not Kind.PHARMACY]),
        ("定点零售药店", [each for each in found if each.deployment.institution.kind is Kind.PHARMACY]),
    ):
        counts = [_counts(ours, of) for of in APPLICATIONS]
        for i, what in enumerate(("总数 (家)", "已完成改造 (家)", "正在改造 (家)")):
            first = (label(name, rows=3),) if i == 0 else ()
            cells = (filled("—" if count is None else str(count[i]), align="center") for count in counts)
            rows.append((*first, label(what), *cells))
    late = [_late_row(found, of, day) for of in APPLICATIONS]
    heads = (label("应用"), label("完成期限"), label("逾期 (家)"), label("逾期的机构", columns=5))
    return Form(
        name=f"周进度表-{begin:%Y%m%d}-{end:%Y%m%d}",
        title="周进度表",
        landscape=True,
        sheet=True,
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Paragraph(text=f"{_day(begin)}-{_day(end)}", align="center"),
            Table(widths=(1.2, 1.3, *(1.0,) * 6), rows=(heading, *rows)),
            Paragraph(text=f"附：截至 {day:%Y-%m-%d} 逾期情况", size="heading"),
            Table(widths=(1.2, 1.3, *(1.0,) * 6), rows=(heads, *late)),
        ),
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _counts(ours: Sequence[Findings], of: Application) -> tuple[int, int, int] | None:
    """How many there are, have finished, have begun; None where the application is not theirs."""
    held = [standing(each, of) for each in ours]
    if held and all(how == NOT_THEIRS for how in held):
        return None
    return len(held), held.count(FINISHED), held.count(BEGUN)


def _late_row(found: Sequence[Findings], of: Application, day: date) -> tuple[Cell, ...]:
    names = [each.deployment.institution.name for each in found if overdue(of, standing(each, of), day)]
    return (
        filled(of.name), filled(f"{until(of):%Y-%m-%d}"), filled(str(len(names)), align="center"),
        filled("、".join(names), columns=5),
    )  # fmt: skip
