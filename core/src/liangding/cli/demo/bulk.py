"""What moves in bulk: a day's reconciliation with planted differences, and catalogues from download to the till."""

from __future__ import annotations

from pathlib import Path

from ...catalogue.asking import CatalogueQueries
from ...catalogue.finding import find
from ...catalogue.opening import arrivals, open_shelf
from ...catalogue.syncing import CatalogueSync
from ...catalogue.terms import terms_of
from ...config import Kind
from ...errors import LiangdingError, OutcomeUnknown
from ...kit.bills import new_key, purchase
from ...reconciliation.causes import SafeAction, act
from ...reconciliation.reconciling import Report
from ...reconciliation.reconciling import reconcile as held_against
from ...reconciliation.report import write_pdf, write_workbook
from ...simulator.chapters.accounts import plant
from ...simulator.faults import Fault, FaultRule
from ...spec.codes import code_table
from ..output import table
from ..reconciling import show
from .stage import Stage, staged

PLANTED = {
    "foreign refund": "在别处退了费", "gone": "中心没有了", "amount": "中心的金额多一元",
    "not ours": "中心多出同样的一笔",
}  # fmt: skip

KEYS = '\n[keys]\nsame_bill = "allow"\n'


def reconcile(folder: Path) -> int:
    """Settlements of a day, differences planted on the platform, found, explained, one of them mended."""
    with staged(folder, Kind.PHARMACY, KEYS) as stage:
        stage.introduce()
        stage.rule("一天的结算 · a day's settlements")
        numbers = [_settled(stage, f"{10 + number}.50") for number in range(12)]
        stage.expect(all(numbers), f"{len(numbers)} 笔结算，报表只读流水的结算表，不开报文")
        first = _reconciled(stage)
        stage.expect(first.balanced, "总账 3201 平，不用对明细")
        stage.rule("中心一侧动了手脚 · differences on the platform")
        for what, number in zip(PLANTED, numbers, strict=False):
            plant(stage.platform.world, what, number)
            stage.out.print(f"  {number}：{PLANTED[what]}")
        _lost(stage)
        second = _reconciled(stage)
        stage.expect(not second.balanced and stage.sent("3202") == 1, "不平的组上传明细（9101、3202），取回结果")
        stage.rule("一人确认，办可以安全办的 · a person confirms")
        for each in second.differences:
            if each.action is not SafeAction.NOTHING:
                said = act(stage.runtime, each, person="演示", reason="演示对账")
                stage.out.print(f"  {each.difference.setl_id}：{each.action.chinese} → {said}")
        third = _reconciled(stage)
        left = {each.action for each in third.differences}
        stage.expect(left == {SafeAction.NOTHING}, f"剩下 {len(third.differences)} 处，要与经办机构核对")
        _on_paper(stage, third)
        return stage.take_leave("liangding reconcile --date " + f"{stage.runtime.now():%Y-%m-%d}")


def _settled(stage: Stage, total: str) -> str:
    person = stage.platform.world.people.case("local")
    answer = stage.runtime.call("2102", purchase(person, total), key=new_key(), insured_place=person.covers[0].place)
    return str(answer.output.setlinfo.setl_id)


def _lost(stage: Stage) -> None:
    """One more, whose answer is lost while nothing can be asked."""
    for infno in ("5201", "5203", "5204"):
        stage.served.door.faults.add(FaultRule(fault=Fault.REQUEST_LOST, infno=infno, times=0))
    stage.served.door.faults.add(FaultRule(fault=Fault.ANSWER_LOST, infno="2102"))
    try:
        _settled(stage, "88.80")
    except OutcomeUnknown:
        stage.out.print("  又一笔 2102：平台办成了，应答丢在路上，查询也不通；流水里结果不明")
    stage.served.door.faults.clear()


def _reconciled(stage: Stage) -> Report:
    stage.rule("对账 · reconciliation")
    today = stage.runtime.now().date()
    report = held_against(stage.runtime, today, today)
    show(report)
    return report


def _on_paper(stage: Stage, report: Report) -> None:
    folder = stage.config.parent
    write_workbook(report, folder / "reconcile.xlsx")
    stage.out.print(f"  工作簿 {folder / 'reconcile.xlsx'}")
    try:
        write_pdf(report, folder / "reconcile.pdf")
        stage.out.print(f"  报告 {folder / 'reconcile.pdf'}")
    except LiangdingError as failed:
        stage.out.print(f"  [dim]没有做 PDF：{failed.message}[/]")


def catalogue(folder: Path) -> int:
    """Catalogues fetched by version, found by name and initials, and what an item costs the insured."""
    with staged(folder, Kind.PHARMACY) as stage:
        stage.introduce()
        stage.rule("按版本下载到没有更新为止 · fetched until nothing is new")
        shelf = open_shelf(stage.runtime.deployment)
        worker = CatalogueSync(stage.runtime, shelf, arrivals(stage.runtime.deployment))
        done = list(worker.sync())
        shown = table("目录", "版本", "行数")
        for each in done:
            if not isinstance(each, LiangdingError):
                shown.add_row(each.number, each.version, str(each.rows))
        stage.out.print(shown)
        stage.expect(not any(isinstance(each, LiangdingError) for each in done), f"{len(done)} 个目录整份入库")
        asked = stage.sent("9102")
        list(worker.sync())
        stage.expect(stage.sent("9102") == asked, "再来一次：没有更新，一个文件也不下载")
        stage.rule("查找 · found by part of a name, and by initials")
        for text in ("测试", "cs"):
            found = find(shelf, text, most=3)
            stage.out.print(f"  {text}：" + "、".join(f"{each.code} {each.names[0]}" for each in found))
            stage.expect(bool(found), f"{text} 查得到")
        stage.rule("限价、先自付比例、等级 · what an item costs the insured")
        queries = CatalogueQueries(stage.runtime, shelf)
        place, today = stage.runtime.deployment.institution.area, stage.runtime.now().date()
        held = terms_of(queries, "SIM13010001", place=place, day=today)
        persons = code_table("selfpay_prop_psn_type")
        ratios = "、".join(f"{persons.name_of(kind)} {ratio * 100:.0f}%" for kind, ratio in held.ratios.items())
        stage.out.print(f"  等级 {held.level_name}，先自付 {ratios}，限价 {'没有' if held.cap is None else held.cap}")
        before = stage.sent("1318")
        terms_of(queries, "SIM13010001", place=place, day=today)
        stage.expect(stage.sent("1318") == before, "留存的不再问平台，柜台不用等")
        shelf.close()
        return stage.take_leave("liangding catalogue status", "liangding catalogue find 测试")
