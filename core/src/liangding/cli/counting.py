"""``liangding uses``: how often codes were used, by occasion, day and department."""

from __future__ import annotations

import datetime
from typing import Annotated

from cyclopts import Parameter

from ..clock import SystemClock, now
from ..config import load_deployment
from ..config.recording import journal_as_it_is
from ..identity.uses import CodeUses, report
from .app import AsJson, Config
from .output import console, print_json, table

DAYS = 30


def uses(
    *,
    config: Config,
    first: Annotated[datetime.date | None, Parameter(name="--from", help="从哪一天；缺省 30 天前")] = None,
    last: Annotated[datetime.date | None, Parameter(name="--to", help="到哪一天；缺省今天")] = None,
    as_json: AsJson = False,
) -> None:
    """用码统计：本机构的各个场景用了多少次，按天、按科室；没有公布业务类型的列为未决 · How often codes were used."""
    deployment = load_deployment(config)
    last = last or now(SystemClock()).date()
    first = first or last - datetime.timedelta(days=DAYS)
    with journal_as_it_is(deployment) as journal:
        held = CodeUses(journal, deployment.institution.code).between(first, last)
    found = report(held, deployment.institution, deployment.ecredential)
    if as_json:
        print_json({"from": f"{first}", "to": f"{last}", "scenarios": [each.as_json() for each in found]})
        return
    out = console()
    out.print(f"[bold]{deployment.institution.name}[/] 用码统计，{first} 至 {last}")
    shown = table("场景", "业务类型", "次数", "说明")
    for each in found:
        remark = "未决：没有公布业务类型编码，问清后写在 ecredential.business_types" if each.open else ""
        shown.add_row(each.scenario.name, each.business_type, str(each.uses), remark)
    out.print(shown)
    if held:
        shown = table("日期", "场景", "科室", "次数")
        names = {each.scenario.id: each.scenario.name for each in found}
        for row in held:
            shown.add_row(row.day, names[row.scenario], f"{row.office} {row.office_name}".strip(), str(row.uses))
        out.print(shown)
    out.print("这是本机构自己的计数：平台按每次解码的业务类型计数，以平台的为准")
