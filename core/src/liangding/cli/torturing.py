"""``liangding torture``: many small worlds in which everything goes wrong, and an audit of each."""

from __future__ import annotations

import functools
import gc
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..errors import ConfigurationError
from ..knowledge.regions import places
from ..torture import DESKS, Choices, Laboratory, RunOutcome, run, shrink
from .output import console

CHUNK = 25
"""How many seeds a process is given at a time."""

Place = Annotated[Path | None, Parameter(help="流水文件放在哪里；不给则在内存里")]

OnPostgresql = Annotated[
    str | None,
    Parameter(help="PostgreSQL 的地址，每个种子在上面建一个库；不给则用 SQLite · a server, in place of SQLite"),
]


def torture(
    *,
    seeds: Annotated[str, Parameter(help="种子，如 1..10000 或 42 · seeds")] = "1..500",
    province: Annotated[str | None, Parameter(help="地区 · the region whose plugin is used")] = None,
    jobs: Annotated[int | None, Parameter(help="同时几个进程 · processes")] = None,
    shrink_: Annotated[bool, Parameter(name="--shrink", negative="--no-shrink", help="缩小失败的种子")] = True,
    folder: Place = None,
    desks: Annotated[int, Parameter(help="窗口（进程）数 · processes of one institution")] = DESKS,
    journal: OnPostgresql = None,
) -> int:
    """随机故障试验：断网、坏盘、进程中断、几个窗口同时办，每次之后核对资金 · Deterministic exploration of faults.

    一个种子决定一切，重跑完全一样。全部通过则退出码 0。
    """
    first, last = _range(seeds)
    region = province or next(iter(places()))
    of: dict[str, Any] = {"province": region, "folder": folder, "desks": desks, "journal": journal}
    out = console()
    began, done, failed = time.monotonic(), 0, []
    with out.status("") as status:
        for seed, outcome in _all(first, last, jobs or os.cpu_count() or 1, of):
            done += 1
            if outcome.faults:
                failed.append((seed, outcome))
                out.print(f"[bold red]✗ 种子 {seed}[/] " + "；".join(outcome.faults), soft_wrap=True)
            pace = done / max(time.monotonic() - began, 1e-9)
            status.update(f"{done} / {last - first + 1} 个种子，每秒 {pace:.1f} 个，{len(failed)} 个失败")
    pace = done / max(time.monotonic() - began, 1e-9)
    out.print(f"{region}：种子 {first}..{last}，{done} 个，每秒 {pace:.1f} 个，失败 {len(failed)} 个")
    if not failed:
        return 0
    seed, outcome = min(failed, key=lambda each: len(each[1].script))
    if shrink_:
        out.print(f"\n缩小种子 {seed} …")
        outcome = shrink(outcome.script, **of)
    out.print(f"\n[bold]种子 {seed} 的经过[/]" + ("（已缩小）" if shrink_ else ""))
    for line in outcome.history:
        out.print(line, markup=False)
    for fault in outcome.faults:
        out.print(f"[red]✗ {fault}[/]")
    more = "".join(f" --{name} {of[name]}" for name in ("desks", "journal") if of[name] not in (None, DESKS))
    out.print(f"\n重跑：liangding torture --seeds {seed} --province {region}{more}")
    return 1


def _range(seeds: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", seeds)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise ConfigurationError(f"--seeds 写成 1..10000 或 42，不是 {seeds}")
    return int(found[1]), int(found[2] or found[1])


def _all(first: int, last: int, jobs: int, of: Mapping[str, Any]) -> Iterator[tuple[int, RunOutcome]]:
    if first == last:
        _settle_in()
        yield first, run(first, **of)
        return
    with ProcessPoolExecutor(jobs, initializer=_settle_in) as pool:
        parts = [range(start, min(start + CHUNK, last + 1)) for start in range(first, last + 1, CHUNK)]
        for each in as_completed([pool.submit(_part, part, **of) for part in parts]):
            yield from each.result()


def _part(seeds: range, **of: Any) -> list[tuple[int, RunOutcome]]:
    laboratory = _laboratory(**of)
    return [(seed, laboratory.run(Choices(seed))) for seed in seeds]


@functools.cache
def _laboratory(**of: Any) -> Laboratory:
    """This process's own, which stays: what it has compiled serves all of its seeds."""
    laboratory = Laboratory(**of)
    Finalize(laboratory, laboratory.close, exitpriority=1)
    gc.freeze()
    return laboratory


RARELY = 50_000
"""Objects between two collections of garbage: a run makes many, and few of them are garbage in circles."""


def _settle_in() -> None:
    """What goes wrong on purpose need not be in the log, and runs are short."""
    logging.disable(logging.CRITICAL)
    gc.set_threshold(RARELY)
