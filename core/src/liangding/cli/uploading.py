"""``liangding uploads``: records that go to the platform by the day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from ..clock import in_china
from .app import AsJson, Config
from .looking import looking
from .output import console, print_json, table

uploads = cyclopts.App(
    name="uploads", help="日常上传：导入、查看、现在就传、撤下 · records that go by the day", help_format="plaintext"
)

SHOWN_REFUSALS = 20


@uploads.command(name="import")
def import_(
    infno: Annotated[str, Parameter(help="交易编号，如 4501 · the transaction")],
    file: Annotated[Path, Parameter(help=".jsonl（每行一条）、.csv（列名为 节点.字段）、.toml（视图）· the records")],
    *,
    config: Config,
) -> int:
    """导入记录，当场校验，记下待传 · Take in the records of a file. Exit code 1: some were not taken in."""
    from ..runtime import Runtime
    from ..uploads.importing import take_in
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        taken, refused = take_in(Uploads(runtime), infno, file)
    for each in refused[:SHOWN_REFUSALS]:
        console().print(f"✗ 第 {each.line} 行：{each.why}", markup=False)
    console().print(f"记下 {taken} 条" + (f"，{len(refused)} 条没有收下" if refused else ""))
    return 1 if refused else 0


@uploads.command(name="list")
def list_(
    *,
    config: Config,
    state: Annotated[list[str] | None, Parameter(help="waiting、done、refused 等 · these states")] = None,
    infno: str = "",
    day: Annotated[str, Parameter(help="哪一天的，如 2026-11-28 · of that day")] = "",
    limit: int = 50,
    as_json: AsJson = False,
) -> None:
    """各条怎样了；被拒的带平台的话 · The records, the latest first."""
    from ..errors import ConfigurationError
    from ..uploads.queue import Uploads
    from ..uploads.records import UploadState

    try:
        states = [UploadState(each) for each in state or ()]
    except ValueError as wrong:
        raise ConfigurationError(str(wrong), remedy=f"只能是 {'、'.join(UploadState)}") from None
    with looking(config) as runtime:
        found = Uploads(runtime).rows.listed(states=states, infno=infno, day=day, most=limit)
    if as_json:
        print_json([each.as_json() for each in found])
        return
    shown = table("号", "交易", "业务号", "日期", "", "次数", "平台的话", "字段")
    for each in found:
        words = (each.said, each.field)
        shown.add_row(str(each.id), each.infno, each.key, each.day, each.state.chinese, str(each.attempts), *words)
    console().print(shown)


@uploads.command
def status(*, config: Config, day: str = "", as_json: AsJson = False) -> None:
    """各类各有多少 · How many of each kind stand how."""
    from ..uploads.pausing import paused_of
    from ..uploads.queue import Uploads
    from ..uploads.records import UploadState

    with looking(config) as runtime:
        held = Uploads(runtime)
        found, wanted = held.rows.counted(day), held.wanted()
        paused = paused_of(runtime.journal, runtime.deployment.institution.code)
        names = {
            infno: runtime.interfaces[infno].name
            for infno in {*wanted, *(infno for infno, _ in found)} if infno in runtime.interfaces
        }  # fmt: skip
    if as_json:
        print_json([{"infno": infno, "state": state.value, "count": count} for (infno, state), count in found.items()])
        return
    shown = table("交易", "名称", *(state.chinese for state in UploadState))
    for infno in sorted(names):
        shown.add_row(infno, names[infno], *(str(found.get((infno, state), 0)) for state in UploadState))
    console().print(shown)
    for each in paused:
        console().print(each.sentence, markup=False)
    console().print(f"当地要求：{'、'.join(wanted)}" if wanted else "当地没有说明要求上传什么：向经办机构问清")


@uploads.command
def owed(
    *,
    config: Config,
    day: Annotated[date | None, Parameter(help="哪一天的结算，如 2026-11-28；缺省为昨天 · settled on that day")] = None,
    as_json: AsJson = False,
) -> int:
    """哪些结算还欠着销售或结算清单 · Settlements of which a wanted upload is missing. Exit code 1: there are some."""
    from ..uploads.queue import Uploads

    with looking(config) as runtime:
        asked = day or runtime.now().date() - timedelta(days=1)
        found = Uploads(runtime).owed(asked)
    if as_json:
        print_json([each.as_json() for each in found])
        return 1 if found else 0
    shown = table("结算ID", "单据号", "结算时间", "欠")
    for each in found:
        held = each.settled
        shown.add_row(held.setl_id or "", held.bill_no or "", f"{held.setl_time}", each.wanted)
    console().print(shown if found else f"{asked} 的结算都传了")
    return 1 if found else 0


@uploads.command
def send(*, config: Config) -> None:
    """现在就传到期的 · Send what is due now."""
    from ..runtime import Runtime
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        held = Uploads(runtime)
        done = held.drain()
        outside = held.window is not None and not held.window.holds(runtime.now())
    console().print(f"办了 {done} 条" + (f"；现在不在上传时段 {held.window.text}" if outside and held.window else ""))


@uploads.command
def pause(
    infno: str,
    *,
    config: Config,
    person: Annotated[str, Parameter(help="谁停的 · who stops it")],
    reason: Annotated[str, Parameter(help="为什么 · why")],
) -> None:
    """停下一类不传；照常收，等人说接着传 · Send no record of a kind until it is resumed."""
    from ..runtime import Runtime
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        Uploads(runtime).pause(infno, person=person, reason=reason)
    console().print(f"{infno} 停着不传；接着传：liangding uploads resume {infno} --person …", markup=False)


@uploads.command
def resume(
    infno: str, *, config: Config, person: Annotated[str, Parameter(help="谁说接着传 · who lets it go on")]
) -> None:
    """停下的一类接着传 · Let a kind go on."""
    from ..runtime import Runtime
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        Uploads(runtime).pauses().resume(infno, person=person)
    console().print(f"{infno} 接着传", markup=False)


@uploads.command
def withdraw(number: int, *, config: Config) -> None:
    """撤下一条待传或被拒的 · Take a record off the list."""
    from ..runtime import Runtime
    from ..uploads.queue import Uploads

    with Runtime.from_file(config) as runtime:
        upload = Uploads(runtime).withdraw(number)
    console().print(f"{upload.infno} {upload.key} 已撤下（{in_china(upload.changed_at):%Y-%m-%d %H:%M}）", markup=False)
