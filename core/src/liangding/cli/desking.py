"""``liangding desk``: a person's visits, settlements and registrations, as the platform has them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape

from ..desk import Failure, PersonView, Section, Sums, VisitsView, VisitView
from ..desk import Search as DeskSearch
from ..desk import dictionary as look_up
from ..desk import person as look_at_person
from ..desk import visits as look_at_visits
from ..identity import Insured
from ..receipts.slips import price, yuan
from ..runtime import Runtime
from ..workflow.storing import restore
from .app import AsJson, Config
from .calling import BadFile, read_json
from .output import console, print_json, table

HELP = "柜台查询：一个人的就诊、结算、备案、累计 · a person at the desk"

desk = cyclopts.App(name="desk", help=HELP, help_format="plaintext")

Search = Annotated[
    Path | None,
    Parameter(
        name="FILE",
        allow_leading_hyphen=True,
        help='查谁的 JSON 文件，- 为标准输入：{"credential": {"type": "02", "number": "…"}}；证件号、令牌不上命令行',
    ),
]
PsnNo = Annotated[str | None, Parameter(help="人员编号，与 --place 一起代替 FILE")]
Place = Annotated[str | None, Parameter(help="参保地医保区划")]
Since = Annotated[str | None, Parameter(help="从哪天起，如 2026-11-01；缺省为 30 天前")]
Until = Annotated[str | None, Parameter(help="到哪天止，缺省为今天")]
MedTypes = Annotated[list[str] | None, Parameter(name="--med-type", help="医疗类别代码，可给多个")]


@desk.command
def person(
    file: Search = None,
    *,
    config: Config,
    psn_no: PsnNo = None,
    place: Place = None,
    since: Since = None,
    until: Until = None,
    med_types: MedTypes = None,
    as_json: AsJson = False,
) -> int:
    """看一个人的一切：参保、就诊、费用、结算、备案、定点、累计 · Everything about a person.

    Exit code 1: some query was not answered (it is named; the others are shown).
    """
    search = _search(file, psn_no, place, since, until, med_types)
    with Runtime.from_file(config) as runtime:
        view = look_at_person(runtime, search)
        if as_json:
            print_json(view.as_json())
        else:
            _person(view, runtime)
    return 1 if view.unanswered else 0


@desk.command
def visits(
    file: Search = None,
    *,
    config: Config,
    psn_no: PsnNo = None,
    place: Place = None,
    since: Since = None,
    until: Until = None,
    med_types: MedTypes = None,
    as_json: AsJson = False,
) -> int:
    """看一个人的就诊、诊断、费用和结算 · A person's visits, with what they come to.

    Exit code 1: some query was not answered (it is named; the others are shown).
    """
    search = _search(file, psn_no, place, since, until, med_types)
    with Runtime.from_file(config) as runtime:
        view = look_at_visits(runtime, search)
        if as_json:
            print_json(view.as_json())
        else:
            out = console()
            _visits(view, runtime, out)
            _unanswered(view.unanswered, out)
    return 1 if view.unanswered else 0


@desk.command
def reports(
    file: Search = None,
    *,
    config: Config,
    psn_no: PsnNo = None,
    place: Place = None,
    item: Annotated[str, Parameter(help="要开的检查检验项目代码；不给则全部 · what is to be ordered")] = "",
    details: Annotated[bool, Parameter(negative="", help="连同每份报告的内容 · with what each says")] = False,
    as_json: AsJson = False,
) -> int:
    """检查检验互认：别处做过、可以认的报告（5401、5402）· Reports that may be recognised. Exit code 1: none."""
    from ..desk.recognition import details as details_of
    from ..desk.recognition import recognised

    search = _search(file, psn_no, place, None, None, None)
    with Runtime.from_file(config) as runtime:
        whom, found = recognised(runtime, search, item_code=item)
        told = [list(details_of(runtime, each, whom).lines) if details else [] for each in found]
    if as_json:
        print_json([each.as_json() | {"lines": lines} for each, lines in zip(found, told, strict=True)])
        return 0 if found else 1
    out = console()
    for each, lines in zip(found, told, strict=True):
        about = (each.date, each.institution_name or each.institution, each.title, each.abnormal, each.conclusion)
        out.print("  ".join(filter(None, about)), markup=False)
        for line in lines:
            out.print(f"    {line}", markup=False)
    if not found:
        out.print("没有可以认的报告")
    return 0 if found else 1


@desk.command
def dictionary(
    kind: Annotated[str, Parameter(help="字典类型")],
    *,
    config: Config,
    parent: Annotated[str | None, Parameter(help="父字典键值")] = None,
) -> int:
    """查平台自己的字典（1901） · The platform's own dictionary."""
    with Runtime.from_file(config) as runtime:
        found = look_up(runtime, kind, parent=parent)
    out = console()
    _section(found, (("键值", "value"), ("标签", "label"), ("父键值", "parentValue")), out)
    _unanswered(found.failures, out)
    return 1 if found.failures else 0


def _search(
    file: Path | None,
    psn_no: str | None,
    place: str | None,
    since: str | None,
    until: str | None,
    med_types: list[str] | None,
) -> DeskSearch:
    given = read_json(file) if file is not None else {}
    if not isinstance(given, dict):
        raise BadFile("应为 JSON 对象", path=str(file))
    named = {
        "psn_no": psn_no, "insured_place": place, "since": since, "until": until, "med_types": med_types
    }  # fmt: skip
    return restore(given | {key: value for key, value in named.items() if value}, DeskSearch, ("search",))


# -- showing -----------------------------------------------------------------------------------------------------

PERIOD = (("起", "begndate"), ("止", "enddate"))

SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "registrations": (("病种", "opsp_dise_name"), ("代码", "opsp_dise_code"), *PERIOD),
    "designations": (("险种", "insutype"), ("序", "fix_srt_no"), ("定点机构", "fixmedins_name"), *PERIOD),
    "accumulators": (
        ("年度", "year"), ("年月", "cum_ym"), ("险种", "insutype"), ("累计类别", "cum_type_code"),
        ("累计值", "cum"),
    ),
    "medication": (
        ("时间", "fee_ocur_time"), ("机构", "fixmedins_name"), ("药品", "medins_list_name"), ("规格", "spec"),
        ("数量", "cnt"),
    ),
    "in_hospital": (("入院", "begndate"), ("住院号", "ipt_otp_no"), ("医疗类别", "med_type"), ("险种", "insutype")),
    "transfers": (("转往", "reflin_medins_name"), ("转院日期", "refl_date"), ("原因", "refl_rea"), *PERIOD),
    "institution": (("机构", "fixmedins_name"), ("编号", "fixmedins_code"), ("等级", "hosp_lv")),
}  # fmt: skip
"""Heading and field of what is shown of each section."""


def _person(view: PersonView, runtime: Runtime) -> None:
    out = console()
    if view.person is not None:
        _covers(view.person, runtime, out)
    _visits(view.visits, runtime, out)
    names = {row.value: row.label for row in view["names"].rows}
    for name, columns in SECTIONS.items():
        _section(view[name], columns, out, runtime, names)
    _unanswered(view.unanswered, out)


def _covers(person: Insured, runtime: Runtime, out: Console) -> None:
    out.print(f"[bold]{escape(person.name)}[/]  {person.certno}  人员编号 {person.psn_no}")
    shown = table("险种", "参保地", "状态", "人员类别", "账户余额", title="参保")
    for cover in person.covers:
        codes = (("insutype", cover.insutype), ("psn_insu_stas", cover.status), ("psn_type", cover.psn_type))
        insurance, status, kind = (_named(runtime, field, code) for field, code in codes)
        shown.add_row(insurance, cover.insured_place, status, kind, yuan(cover.balance))
    out.print(shown)


def _visits(view: VisitsView, runtime: Runtime, out: Console) -> None:
    out.print(f"\n[bold]就诊[/] {view.since} 至 {view.until}：{len(view.visits)} 次")
    for visit in view.visits:
        _visit(visit, runtime, out)
    if view.visits:
        _sums("合计", view.sums, bool(view.unanswered), out)


def _visit(view: VisitView, runtime: Runtime, out: Console) -> None:
    visit = view.visit
    kind = _named(runtime, "med_type", visit.med_type)
    where = " ".join(filter(None, (kind, visit.adm_dept_name, visit.ipt_otp_no)))
    out.print(f"\n[bold]{visit.begntime}[/] {escape(where)}  [dim]{visit.mdtrt_id}[/]")
    for diagnosis in view.diagnoses.rows:
        out.print(f"  诊断 {diagnosis.diag_code} {diagnosis.diag_name}", markup=False)
    if view.fees.rows:
        shown = table("  项目", "等级", "类别", "单价", "数量", "金额", "结算编号")
        for row in view.fees.rows:
            level, category = (
                _named(runtime, "chrgitm_lv", row.chrgitm_lv),
                _named(runtime, "med_chrgitm_type", row.med_chrgitm_type),
            )
            settled = "" if row in view.unsettled else row.setl_id
            shown.add_row(
                "  " + escape(row.medins_list_name or ""), level, category, price(row.pric), f"{row.cnt.normalize():f}",
                yuan(row.det_item_fee_sumamt), settled,
            )  # fmt: skip
        out.print(shown)
    for each in view.settlements:
        split, state = each.split, "[red]已退费[/]" if each.refunded else "[red]退费[/]" if each.is_refund else "有效"
        out.print(
            f"  结算 {each.setl_id}  {each.settled_at}  {state}  总额 {yuan(split.total)}  基金 {yuan(split.fund)}  "
            f"账户 {yuan(split.account)}  现金 {yuan(split.cash)}"
        )


def _sums(title: str, sums: Sums, partial: bool, out: Console) -> None:
    shown = table("有效结算", "总额", "基金", "账户", "现金", "医院负担", "未结算费用", title=f"\n{title}")
    amounts = (sums.total, sums.fund, sums.account, sums.cash, sums.hospital, sums.unsettled)
    shown.add_row(str(sums.settlements), *map(yuan, amounts))
    out.print(shown)
    for fund in sums.funds:
        out.print(f"  {fund.name} {yuan(fund.amount)}")
    if partial:
        out.print("[yellow]有查询没有得到应答，合计可能不全[/]")


def _section(
    section: Section,
    columns: tuple[tuple[str, str], ...],
    out: Console,
    runtime: Runtime | None = None,
    names: dict[str, str] | None = None,
) -> None:
    missing = "（没有查到，见下）" if section.failures and not section.rows else "" if section.rows else "：无"
    out.print(f"\n[bold]{section.title}[/]{missing}")
    if not section.rows:
        return
    shown = table(*(heading for heading, _ in columns))
    for row in section.rows:
        shown.add_row(*(escape(_cell(row, field, runtime, names or {})) for _, field in columns))
    out.print(shown)


def _cell(row: Any, field: str, runtime: Runtime | None, names: dict[str, str]) -> str:
    value = getattr(row, field, None)
    if value is None:
        return ""
    text = str(value)
    return names.get(text) or (_named(runtime, field, text) if runtime is not None else text)


def _named(runtime: Runtime, table_name: str, code: str | None) -> str:
    found = runtime.known.code_table(table_name)
    return found.name_of(code) if found is not None else code or ""


def _unanswered(failures: Iterable[Failure], out: Console) -> None:
    listed = list(failures)
    if not listed:
        return
    shown = table("交易", "问什么", "为什么", title="\n没有得到应答的查询")
    for failure in listed:
        shown.add_row(failure.infno, escape(failure.asked), escape(failure.message))
    out.print(shown)
