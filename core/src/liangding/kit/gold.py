"""Gold: the region is at work, its bureau has seen it, and nothing of its documents is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

from ..contract.requirements import Standing
from ..flows.all import FLOWS
from .rules import NotConcerned, Tier, person, rule
from .subject import PluginAtTest
from .working import explored

SEEDS = range(1, 501)
"""How many seeds are explored for each region."""


@rule("G01", Tier.GOLD, "文件的要求没有未完成的")
def nothing_is_open(subject: PluginAtTest) -> Iterator[str]:
    """No row of the region's requirements is open: each works, is a person's, or is marked as not public.

    Why: what the bureau demands and does not get is found on the day of acceptance.

    Example: a row `open` with the note what is wanting.

    Exception: none.
    """
    if subject.hook("liangding_requirements") is None:
        yield "the plugin gives no requirements"
        return
    rows = {
        row.id: row
        for _, _, known in subject.cases()
        for rows in known.manager.hook.liangding_requirements(deployment=known.deployment)
        for row in rows
    }
    yield from (f"{row.id}: {row.text}" for row in rows.values() if row.standing is Standing.OPEN)


@rule("G02", Tier.GOLD, "数百种子的故障试验核对无误")
def money_is_safe_for_long(subject: PluginAtTest) -> Iterator[str]:
    """Five hundred explored runs of each of the plugin's regions end with money safe. Takes minutes.

    Why: what a dozen runs do not meet, some of hundreds do.

    Example: `liangding torture --seeds 1..500 --province yunzhou`.

    Exception: none.
    """
    for place in subject.places:
        yield from explored(place, SEEDS)


@rule("G03", Tier.GOLD, "自己的交易都见过真实报文")
def its_transactions_were_seen(subject: PluginAtTest) -> Iterator[str]:
    """Each transaction that the plugin declares was seen in a real message of a system at work in the region.

    Why: printed tables and real messages differ more often than not.

    Example: `seen = { "99001" = "2026-10, 某药店联调，两次" }` in `conformance.toml`; the message stays where it is.

    Exception: what is not open yet is exempt, with who said so.
    """
    if not subject.own:
        raise NotConcerned("没有自己的声明")
    yield from (f"{infno} was not seen" for infno in subject.own if infno not in subject.record.seen)


@rule("G04", Tier.GOLD, "流程用到的交易都经医保部门验收")
def what_flows_call_was_accepted(subject: PluginAtTest) -> Iterator[str]:
    """Each transaction that a flow may call was accepted by the bureau in a joint test.

    Why: that a message is right is decided there, not here.

    Example: `accepted = { "2102" = "2026-11-20 系统联调验收单" }` in `conformance.toml`.

    Exception: flows that the region's institutions do not use are exempt, with why.
    """
    called = dict.fromkeys(infno for flow in FLOWS for step in flow.steps for infno in step.calls)
    yield from (f"{infno} was not accepted" for infno in called if infno not in subject.record.accepted)


@rule("G05", Tier.GOLD, "有给操作员看的中文说明")
def operators_can_read(subject: PluginAtTest) -> Iterator[str]:
    """The distribution's README tells operators in Chinese what is other in the region.

    Why: whoever answers a till's call at night reads that, and not the code.

    Example: `readme = "README.md"` in `pyproject.toml`, with a part in Chinese.

    Exception: none.
    """
    names = metadata.packages_distributions().get(subject.package.split(".")[0], [])
    about = "".join(metadata.distribution(name).read_text("METADATA") or "" for name in names)
    if len(re.findall(r"[\u4e00-\u9fff]", about)) < 200:
        yield "the distribution has no README, or says little in Chinese"


person(
    "G06", Tier.GOLD, "第二个人对照原文复核过事实",
    """
    Somebody who did not write the plugin held every fact against the document that it is from.

    Why: a code read from the wrong line settles wrongly for years.

    Example: `G06 = "2026-11-12，复核人与文件页码见复核单 3 号"` under `[done]`.

    Exception: none.
    """,
)  # fmt: skip

person(
    "G07", Tier.GOLD, "网关与地址在测试环境连通过",
    """
    The gateway scheme, the address and `recer_sys_code` were tried against the bureau's test address.

    Why: a signature that fits its own check may still not be what the gateway wants.

    Example: `G07 = "2026-11-03，9001 签到成功，报文号……"` under `[done]`.

    Exception: none.
    """,
)  # fmt: skip

person(
    "G08", Tier.GOLD, "各类机构都通过了验收",
    """
    A pharmacy, a clinic and a hospital each passed the region's acceptance, on the region's own form.

    Why: each kind uses other transactions, and other fixed values.

    Example: `G08 = "2026-11-20，药店 1 家、医院 1 家，联调验收单编号……"` under `[done]`.

    Exception: a region whose plugin serves one kind only, with why.
    """,
)  # fmt: skip

person(
    "G09", Tier.GOLD, "还不清楚的事都问过医保部门",
    """
    Each entry of `Region.unanswered` was put to the bureau, and the answer is in the plugin or the question dated.

    Why: what nobody asked is decided by chance.

    Example: `G09 = "2026-11-05 函询，答复见……"` under `[done]`.

    Exception: none.
    """,
)  # fmt: skip

person(
    "G10", Tier.GOLD, "在用一个月，没有未查明的结算",
    """
    An institution of the region worked with the plugin for a month, and no settlement was left unknown.

    Why: a month has a month's end, a change of shift, a restart and a fallen line.

    Example: `G10 = "2026-12，某药店 4,100 笔，未查明 0 笔，对账平"` under `[done]`.

    Exception: none.
    """,
)  # fmt: skip
