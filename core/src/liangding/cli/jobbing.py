"""``liangding jobs``: what is done by itself, when, and what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from ..clock import in_china
from .app import AsJson, Config
from .looking import looking
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..jobs.working import AnyJobs

jobs = cyclopts.App(
    name="jobs", help="作业：列出、马上做、暂停、恢复 · what is done by itself", help_format="plaintext"
)

Name = Annotated[str, Parameter(help="作业名，见 liangding jobs list · the job's name")]


@jobs.command(name="list")
def list_(*, config: Config, as_json: AsJson = False) -> None:
    """各作业何时做、上次怎样 · Each job, when it is done, and what came of it last."""
    from ..jobs.all import all_jobs

    with looking(config) as runtime:
        rows = [_row(each, name) for each in all_jobs([runtime]) for name in each.jobs]
    if as_json:
        print_json(rows)
        return
    shown = table("作业", "名称", "何时", "", "上次", "结果")
    for row in rows:
        shown.add_row(*(str(row[name]) for name in ("job", "title", "schedule", "paused", "ended", "said")))
    console().print(shown)


@contextlib.contextmanager
def _held(config: Path) -> Iterator[list[AnyJobs]]:
    """The jobs of a deployment, and those of its journal."""
    from ..jobs.all import all_jobs
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        yield all_jobs([runtime])


def _having(held: list[AnyJobs], name: str) -> AnyJobs:
    """Those that have the job of that name. ConfigurationError."""
    from ..jobs.working import no_such_job

    found = next((each for each in held if name in each.jobs), None)
    if found is None:
        raise no_such_job(name, [one for each in held for one in each.jobs])
    return found


def _row(held: AnyJobs, name: str) -> dict[str, str]:
    last = next(iter(held.runs.latest(name)), None)
    when = "" if last is None else f"{last.state.chinese} {in_china(last.ended_at or last.due_at):%Y-%m-%d %H:%M}"
    return {
        "job": name, "title": held.jobs[name].title, "schedule": held.jobs[name].when(held.runtime).text,
        "paused": "已暂停" if name in held.runs.paused() else "", "ended": when, "said": last.said if last else "",
    }  # fmt: skip


@jobs.command
def run(name: Name, *, config: Config) -> int:
    """现在做一次 · Do it now. Exit code 1: it failed, or somebody else is at it."""
    from ..jobs.runs import RunState

    with _held(config) as both:
        held = _having(both, name)
        made = held.work(held.enter_now(name))
    if made is None:
        console().print("这个作业正在办，或已暂停；已记下，轮到时再办")
        return 1
    done = made.state is RunState.DONE
    console().print(f"{'✓' if done else '✗'} {made.said}" + ("" if done else "；稍后再试"), markup=False)
    return 0 if done else 1


@jobs.command
def pause(name: Name, *, config: Config) -> None:
    """暂停：不再开始 · Pause a job in all processes; a run at work goes on to its end."""
    with _held(config) as held:
        having = _having(held, name)
        having.runs.pause(name, having.runtime.clock.epoch())
    console().print(f"{name} 已暂停")


@jobs.command
def resume(name: Name, *, config: Config) -> None:
    """恢复 · Let a paused job go on."""
    with _held(config) as held:
        _having(held, name).runs.resume(name)
    console().print(f"{name} 已恢复")
