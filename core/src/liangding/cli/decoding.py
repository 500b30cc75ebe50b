"""``liangding decode``: why was it refused?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from .app import AsJson
from .output import console, print_json

if TYPE_CHECKING:
    from ..contract.region import Region


def decode(
    sentence: Annotated[str, Parameter(help="平台、网关、设备或本程序说的话，或错误代码", allow_leading_hyphen=True)],
    *,
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="部署文件：只看它那个地区的")] = None,
    as_json: AsJson = False,
) -> int:
    """为什么被拒绝：原因、核对什么、怎么办 · Why was it refused, and what to do.

    What is known from one region alone says so; with ``--config``, that of other regions is left out.
    Exit code 0: something is known of it; 1: nothing is.
    """
    from ..national.refusals import SIDES, TOLD, explained

    further = [each for region in _regions(config) for each in region.refusals.sentences(region.name)]
    found = explained(sentence, further)
    if as_json:
        print_json([each.as_json() for each in found])
        return 0 if found else 1
    if not found:
        bare = re.fullmatch(r"[-A-Za-z]{0,4}\d{1,8}", sentence.strip())
        console().print(
            "平台的代码没有公开的对照表，请连同旁边的文字一起查：liangding decode “代码：文字”"
            if bare
            else "没有收录这句话。结果不明的先看 liangding journal list；请把原文告诉技术支持"
        )
        return 1
    for each in found[:3]:
        console().print(f"[bold]{each.cause}[/bold]（{SIDES[each.side]}）")
        console().print(f"  核对：{each.check}")
        console().print(f"  处理：{each.remedy}")
        console().print(f"  结果：{TOLD[each.happened]}")
        console().print(f"  依据：{each.source}" + (f"；只在{each.region}见过" if each.region else ""))
    return 0


def _regions(config: Path | None) -> Iterator[Region]:
    """The deployment's region, or all that installed plugins name."""
    if config is not None:
        from ..config import load_deployment
        from ..knowledge import Knowledge

        yield Knowledge(load_deployment(config)).region
        return
    from ..knowledge.regions import places, region_seen

    plugins = {plugin: name for name, (plugin, _) in reversed(places().items())}
    yield from (region_seen(name).region for name in plugins.values())
