"""What demonstrations share: a deployment in a folder, the simulated platform over HTTP, and saying what was seen."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from ...config import Kind, load_deployment
from ...errors import ConfigurationError
from ...flows import Flows, View
from ...flows.insurance import place_name
from ...journal import State
from ...journal.vault import new_secret
from ...kit.rig import service_table
from ...national.meaning import single_node, value_in
from ...receipts.money import Split
from ...runtime import Runtime
from ...simulator.background import ServedPlatform
from ...simulator.setup import door_for
from ...simulator.world import REVERSED
from ...spec import Does
from ...wire.json import decode
from ...wire.replies import Reply, parse_reply
from ..flowing import show_question
from ..output import console, table

FIRST_LINE = "# 演示用的部署文件"
"""How a demonstration's deployment file begins: a folder that has one may be cleared."""

DEPLOYMENT = """\
# 演示用的部署文件：东莞一家{what}，平台是本机的模拟平台
province = "dongguan"
name = "demo"
{plugins}
[institution]
code = "{code}"
name = "{title}"
kind = "{kind}"
area = "441900"
{further}
[[operators]]
code = "001"
name = "收银一号"

[platform]
name = "simulated"
url = "{url}/ebus/gdyb_inf/poc/hsa/hgs"
address = "infno"
gateway = "tif"
credentials.paasid = {{ file = "secrets/paasid" }}
credentials.token = {{ file = "secrets/token" }}
connect_seconds = 2
read_seconds = 3

[journal]
url = "sqlite:///journal.db"
key = {{ file = "secrets/journal.key" }}
"""

INSTITUTIONS = {
    Kind.PHARMACY: {"what": "药店", "code": "P44190099999", "title": "演示大药房（模拟）", "further": ""},
    Kind.HOSPITAL: {
        "what": "医院", "code": "H44190099999", "title": "演示人民医院（模拟）",
        "further": 'medins_type = "A100"\nhosp_lv = "2"\n',
    },
}  # fmt: skip

AMOUNTS = {"医疗费": "medfee_sumamt", "基金": "fund_pay_sumamt", "账户": "acct_pay", "现金": "psn_cash_pay"}
"""Chinese name and field of the amounts that both sides have to agree on."""


class Stage:
    """A demonstration under way: what it works with, and whether each act showed what it had to."""

    def __init__(self, out: Console, config: Path, runtime: Runtime, served: ServedPlatform) -> None:
        self.out = out
        self.config = config
        self.runtime = runtime
        self.flows = Flows(runtime)
        self.served = served
        self.platform = served.door.platform
        self.well = True

    def rule(self, title: str) -> None:
        self.out.print()
        self.out.rule(f"[bold]{title}[/]", align="left")

    def expect(self, holds: bool, sentence: str) -> None:
        """Something that has to be so: it is said whether it is."""
        self.well &= holds
        self.out.print(f"  {'[green]✓[/]' if holds else '[bold red]✗[/]'} {sentence}")

    def introduce(self) -> None:
        deployment = self.runtime.deployment
        self.rule("部署 · the deployment")
        self.out.print(f"部署文件 {self.config}；{deployment.institution.name}，省份插件 {deployment.province}")
        self.out.print(f"模拟平台 {self.served.url}，网关 TIF：每次调用以 SHA-256 签名，平台逐一验签")

    def take_leave(self, *commands: str) -> int:
        """The last words; the exit code."""
        self.rule("完")
        self.out.print(f"流水留在 {self.config.parent}，可再看：")
        for command in ("liangding journal list", *commands):
            self.out.print(f"  {command} --config {self.config}")
        return 0 if self.well else 1

    # -- flows -----------------------------------------------------------------------------------------------------

    def go(self, flow: str, given: Mapping[str, Any], key: str, **answers: str) -> View:
        """A flow with its questions, each shown with the answer that is given; what is not said is yes."""
        return self.go_on(self.flows.start(flow, given, key=key), **answers)

    def go_on(self, view: View, **answers: str) -> View:
        """The same with a flow that was started."""
        while view.question is not None:
            value = answers.get(view.question.id, "yes")
            show_question(view, self.out)
            self.out.print(f"  答：[bold]{value}[/] {self._label(view, value)}")
            view = self.flows.answer(view.id, value)
        if view.error:
            self.out.print(f"[red]{view.error['message']}[/] {view.error['remedy']}")
        return view

    def _label(self, view: View, value: str) -> str:
        assert view.question is not None
        label = next((option.label for option in view.question.options if option.value == value), "")
        return label if label or not view.question.options else place_name(value)

    def compare(self, before: Split | None, after: Split) -> None:
        """Pre-settlement and settlement side by side."""
        assert before is not None
        shown = table("", "预结算（确认前）", "结算（已入账）")
        to_the_right(shown, 1)
        for (label, trial), (_, real) in zip(before.rows(), after.rows(), strict=True):
            shown.add_row(label, trial, real)
        self.out.print(shown)
        self.expect(before == after, "结算与预结算逐项一致")

    def advice(self, view: View) -> None:
        for sentence in view.advice:
            self.out.print(f"[bold yellow]※ 收银界面提醒：{sentence}[/]")

    # -- both sides ------------------------------------------------------------------------------------------------

    def sent(self, infno: str) -> int:
        """How many requests of a transaction reached the platform."""
        return sum(number == infno for _, number in self.platform.requests)

    def standing(self) -> int:
        """How many settlements charge somebody now."""
        return sum(settlement.counts for settlement in self.platform.world.settlements.values())

    def balance(self) -> None:
        """The platform's ledger and our journal, settlement by settlement, to the cent."""
        self.rule("对账：平台的账与我们的流水 · the platform's ledger and our journal")
        ours, theirs = recorded(self.runtime), ledger(self.platform.world.ledger())
        shown = table("结算编号", "", *(f"平台{name}" for name in AMOUNTS), *(f"流水{name}" for name in AMOUNTS))
        to_the_right(shown, 2)
        for entry, amounts in theirs.items():
            mine = ours.get(entry, {})
            shown.add_row(
                entry.setl_id, "撤销" if entry.undone else "结算", *(f"{amounts[name]:.2f}" for name in AMOUNTS),
                *(f"{mine[name]:.2f}" if name in mine else "—" for name in AMOUNTS),
            )  # fmt: skip
        sums = (total(theirs), total(ours))
        shown.add_row("合计", "", *(f"[bold]{value:.2f}[/]" for each in sums for value in each.values()))
        self.out.print(shown)
        self.expect(ours == theirs, f"{len(theirs)} 笔，逐笔到分一致")
        self.expect(not self.runtime.journal.pending(), "没有结果不明的调用")
        self.expect(not self.runtime.journal.verify(), "流水的哈希链完整")


class Entry(NamedTuple):
    """A settlement, or its cancellation (``undone``)."""

    setl_id: str
    undone: bool


Book = dict[Entry, dict[str, Decimal]]


def total(book: Book) -> dict[str, Decimal]:
    """The sum of each amount."""
    return {name: sum((amounts[name] for amounts in book.values()), Decimal(0)) for name in AMOUNTS}


def to_the_right(shown: Table, first: int) -> None:
    """Columns of amounts, from the ``first`` on."""
    for column in shown.columns[first:]:
        column.justify = "right"


def ledger(rows: Iterable[Mapping[str, Any]]) -> Book:
    """The platform's ledger; what 2601 took out of it is as if it had never been."""
    return {
        Entry(row["undo_of"] or row["setl_id"], bool(row["undo_of"])): {
            name: Decimal(str(row[field])) for name, field in AMOUNTS.items()
        }
        for row in rows
        if row["state"] != REVERSED
    }


def recorded(runtime: Runtime, *, limit: int = 1_000_000) -> Book:
    """Every settlement and cancellation that our journal holds as accepted."""
    found: Book = {}
    for call in runtime.journal.latest(states=[State.ACCEPTED], limit=limit, changes=True):
        does, _ = runtime.interfaces.meant(call)
        if does in (Does.SETTLES, Does.CANCELS):
            reply = parse_reply(call.answer)
            assert isinstance(reply, Reply)
            node = single_node(runtime.interfaces[call.infno].output, "setl_id", "setlinfo")
            info, undone = reply.output[node], does is Does.CANCELS
            setl_id = value_in(decode(call.request)["input"] if undone else info, "setl_id")
            found[Entry(setl_id, undone)] = {name: Decimal(str(info.get(f) or 0)) for name, f in AMOUNTS.items()}
    return found


@contextlib.contextmanager
def staged(
    folder: Path,
    kind: Kind,
    more: str = "",
    plugins: Iterable[str] = (),
    services: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """A fresh deployment of that kind in ``folder``, at work against its own platform over HTTP; ``more`` are further
    lines of its file, ``plugins`` those that it enables beside its province's, ``services`` online services by name."""
    config = set_up(folder, kind, more, plugins, services)
    with ServedPlatform(door_for(load_deployment(config))) as served:
        write(config, kind, served.url, more, plugins, services)
        with Runtime.from_file(config) as runtime:
            yield Stage(console(), config, runtime, served)


def set_up(
    folder: Path,
    kind: Kind,
    more: str = "",
    plugins: Iterable[str] = (),
    services: Mapping[str, str] | None = None,
) -> Path:
    """The deployment's file and secrets; what an earlier demonstration left in the folder goes. ConfigurationError
    where the folder holds anything else."""
    _clear(folder)
    secrets = folder / "secrets"
    secrets.mkdir(parents=True)
    for name, value in {"paasid": "demo_paasid", "token": os.urandom(16).hex(), "journal.key": new_secret()}.items():
        path = secrets / name
        path.touch(mode=0o600)
        path.write_text(value + "\n", "utf-8")
    config = folder / "deployment.toml"
    write(config, kind, "http://127.0.0.1:1", more, plugins, services)
    return config


def _clear(folder: Path) -> None:
    config = folder / "deployment.toml"
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not config.is_file() or not config.read_text("utf-8", "replace").startswith(FIRST_LINE):
        raise ConfigurationError("已有别的文件，不是演示留下的，不清空", path=str(folder), remedy="换一个 --folder")
    shutil.rmtree(folder)


def write(
    config: Path,
    kind: Kind,
    url: str,
    more: str = "",
    plugins: Iterable[str] = (),
    services: Mapping[str, str] | None = None,
) -> None:
    named = ", ".join(f'"{name}"' for name in plugins)
    line = f"plugins = [{named}]\n" if named else ""
    text = DEPLOYMENT.format(url=url, kind=kind.value, plugins=line, **INSTITUTIONS[kind])
    tables = [service_table(config.parent, url, name, lines) for name, lines in (services or {}).items()]
    config.write_text("".join([text, more, *tables]), "utf-8")
