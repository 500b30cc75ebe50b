"""``liangding lists`` and ``liangding self-pay``: what becomes of uploads that have states of their own."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from ..errors import ConfigurationError
from .app import AsJson, Config
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..uploads.queue import Uploads
    from ..uploads.self_pay import SelfPayVisits

lists = cyclopts.App(
    name="lists", help="结算清单：状态、提交、撤销、质控结果、数量 · settlement lists", help_format="plaintext"
)
self_pay = cyclopts.App(
    name="self-pay", help="自费病人：传全、删除、查询 · self-paying patients", help_format="plaintext"
)

Settlement = Annotated[str, Parameter(help="结算ID · the settlement")]
Person = Annotated[str, Parameter(name="--psn-no", help="人员编号；清单不是从这里传的才要给 · whose it is")]
Visit = Annotated[str, Parameter(help="本机构的就诊号 fixmedins_mdtrt_id · the visit")]


@lists.command
def state(setl_id: Settlement, *, config: Config, psn_no: Person = "") -> None:
    """清单现在是什么状态，审核意见 · The state that the platform has it in."""
    from ..runtime import Runtime
    from ..uploads.lists import SettlementLists
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        found = SettlementLists(Uploads(runtime)).standing(setl_id, psn_no)
    console().print(f"{setl_id}：{found.chinese}" + (f"；{found.remark}" if found.remark else ""), markup=False)


@lists.command
def submit(setl_id: Settlement, *, config: Config, psn_no: Person = "") -> int:
    """提交：未提交、审核不通过的改为已提交（4102）· Submit a list. Exit code 1: it has not gone yet."""
    return _moved(setl_id, "1", config, psn_no)


@lists.command
def reopen(setl_id: Settlement, *, config: Config, psn_no: Person = "") -> int:
    """审核不通过的改回未提交，好重新上传（4102）· Open a rejected list again, so that it can be uploaded anew."""
    return _moved(setl_id, "0", config, psn_no)


def _moved(setl_id: str, wanted: str, config: Config, psn_no: str) -> int:
    from ..runtime import Runtime
    from ..uploads.lists import SettlementLists
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        queue = Uploads(runtime)
        number = SettlementLists(queue).move(setl_id, wanted, psn_no).id
        queue.send_now([number])
        return _told(queue, number)


def _told(queue: Uploads, number: int) -> int:
    from ..uploads.records import UploadState

    held = queue.rows.get(number)
    said = f"{held.infno} {held.state.chinese}" + (f"：{held.said}" if held.said else "")
    console().print(f"{said}（{number} 号）", markup=False)
    return 0 if held.state is UploadState.DONE else 1


@lists.command
def withdraw(setl_id: Settlement, *, config: Config, psn_no: Person = "") -> int:
    """撤销已传的清单，本地有这样的交易才行 · Take a list off the platform, where the region can."""
    from ..runtime import Runtime
    from ..uploads.lists import SettlementLists
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        queue = Uploads(runtime)
        number = SettlementLists(queue).take_back(setl_id, psn_no).id
        queue.send_now([number])
        return _told(queue, number)


@lists.command
def quality(
    month: Annotated[str, Parameter(help="结算年月，如 2026-11 · the month")],
    setl_id: Annotated[str, Parameter(help="只看这一笔结算 · only this settlement")] = "",
    /,
    *,
    config: Config,
    as_json: AsJson = False,
) -> int:
    """质控结果（4104）· What quality control found. Exit code 1: something."""
    from ..runtime import Runtime
    from ..uploads.lists import SettlementLists
    from ..uploads.queue import Uploads

    first, _ = _month(month)
    with Runtime.from_file(config) as runtime:
        found = SettlementLists(Uploads(runtime)).faults(f"{first:%Y%m}", setl_id)
    if as_json:
        print_json([each.as_json() for each in found])
        return 1 if found else 0
    shown = table("结算ID", "字段", "结果", "等级", "回退", "原值")
    for each in found:
        shown.add_row(each.setl_id, each.field, each.found, each.level, each.goes_back, each.value)
    console().print(shown if found else f"{month} 的质控没有结果")
    return 1 if found else 0


@lists.command
def counts(
    month: Annotated[str, Parameter(help="结算年月，如 2026-11 · the month")],
    *,
    config: Config,
    med_types: Annotated[str, Parameter(help="只数这些医疗类别，如 21,11 · only these")] = "",
) -> int:
    """应上传、已上传多少份（4105）· How many are due, how many are there. Exit code 1: some are wanting."""
    from ..runtime import Runtime
    from ..uploads.lists import SettlementLists
    from ..uploads.queue import Uploads

    first, last = _month(month)
    with Runtime.from_file(config) as runtime:
        due, there = SettlementLists(Uploads(runtime)).counts(first, last, med_types)
    console().print(f"{month}：应上传 {due} 份，已上传 {there} 份")
    return 1 if there < due else 0


def _month(text: str) -> tuple[date, date]:
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise ConfigurationError(f"年月应写成 2026-11，给了 {text}")
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


@self_pay.command
def show(visit: Visit, *, config: Config) -> None:
    """这次就诊在这里、在平台各有什么 · What waits here of a visit, and what the platform has."""
    from ..runtime import Runtime
    from ..uploads.queue import Uploads
    from ..uploads.self_pay import SelfPayVisits

    with Runtime.from_file(config) as runtime:
        found = SelfPayVisits(Uploads(runtime)).standing(visit)
    shown = table("号", "交易", "业务号", "", "平台的话")
    for each in found.records:
        shown.add_row(str(each.id), each.infno, each.key, each.state.chinese, each.said)
    console().print(shown)
    fees = "没有" if found.fees is None else f"{len(found.fees)} 行"
    diagnoses = "没有" if found.diagnoses is None else f"{len(found.diagnoses)} 条"
    console().print(f"平台：费用明细 {fees}，诊断 {diagnoses}")


@self_pay.command
def finish(visit: Visit, *, config: Config) -> int:
    """传全了：各条都传到后才发 4203 · All of it is given. Exit code 1: it waits for records that are not there."""
    return _queued(visit, config, lambda visits: visits.finish(visit).id)


@self_pay.command(name="reopen")
def reopen_visit(visit: Visit, *, config: Config) -> int:
    """改回没有传全，好再改 · Open a visit again."""
    return _queued(visit, config, lambda visits: visits.finish(visit, complete=False).id)


@self_pay.command
def delete(
    visit: Visit,
    rows: Annotated[list[str] | None, Parameter(help="只删这些记账流水号；不给则全部 · only these rows")] = None,
    /,
    *,
    config: Config,
) -> int:
    """删除：门诊就医信息（4206），住院的费用明细（4204）· Take a visit, or its rows, off the platform."""
    return _queued(visit, config, lambda visits: visits.take_back(visit, rows or ()).id)


def _queued(visit: str, config: Config, add: Callable[[SelfPayVisits], int]) -> int:
    from ..runtime import Runtime
    from ..uploads.queue import Uploads
    from ..uploads.self_pay import SelfPayVisits

    with Runtime.from_file(config) as runtime:
        queue = Uploads(runtime)
        number = add(SelfPayVisits(queue))
        queue.send_now(queue.visits.numbers(visit))
        return _told(queue, number)
