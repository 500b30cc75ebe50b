"""``liangding demo``: a pharmacy purchase over real HTTP against the simulated platform, and what happens when the line
fails. Everything it shows is real: signed calls, a journal on disk, the platform's own ledger."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from ..config import load_deployment
from ..flows import Flows, Status, View
from ..flows.insurance import place_name
from ..flows.money import Split
from ..journal.vault import new_secret
from ..privacy import masked_text
from ..runtime import Runtime
from ..simulator.background import ServedPlatform
from ..simulator.faults import Fault, Rule
from ..simulator.people import Person
from ..simulator.setup import door_for
from .flowing import show_question
from .journaling import show_calls
from .output import console, table

DEPLOYMENT = """\
# 演示用的部署文件：东莞一家药店，平台是本机的模拟平台
province = "dongguan"
name = "demo"

[institution]
code = "P44190099999"
name = "演示大药房（模拟）"
kind = "pharmacy"
area = "441900"

[[operators]]
code = "001"
name = "收银一号"

[platform]
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


def demo(
    *,
    folder: Annotated[Path, Parameter(help="演示的部署文件和流水放在哪里")] = Path("var/demo"),
) -> int:
    """演示：药店购药、重复请求、应答丢失 · A pharmacy purchase, a repeated request, a lost answer."""
    out = console()
    config = _set_up(folder)
    door = door_for(load_deployment(config))
    with ServedPlatform(door) as served:
        config.write_text(DEPLOYMENT.format(url=served.url), "utf-8")
        with Runtime.from_file(config) as runtime:
            scene = _Scene(out, runtime, served)
            scene.open(config)
            scene.purchase()
            scene.repeat()
            scene.refund()
            scene.lost_answer()
    _rule(out, "完")
    out.print(f"流水留在 {folder}，可再看：")
    out.print(f"  liangding journal list --config {config}")
    out.print(f"  liangding explain 2102 --config {config}")
    return 0 if scene.well else 1


def _set_up(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    secrets = folder / "secrets"
    secrets.mkdir(parents=True)
    for name, value in {"paasid": "demo_paasid", "token": os.urandom(16).hex(), "journal.key": new_secret()}.items():
        path = secrets / name
        path.touch(mode=0o600)
        path.write_text(value + "\n", "utf-8")
    config = folder / "deployment.toml"
    config.write_text(DEPLOYMENT.format(url="http://127.0.0.1:1"), "utf-8")
    return config


def _rule(out: Console, title: str) -> None:
    out.print()
    out.rule(f"[bold]{title}[/]", align="left")


class _Scene:
    """The demonstration's acts, and whether each showed what it had to."""

    def __init__(self, out: Console, runtime: Runtime, served: ServedPlatform) -> None:
        self.out = out
        self.runtime = runtime
        self.flows = Flows(runtime)
        self.served = served
        self.platform = served.door.platform
        self.well = True

    def expect(self, holds: bool, sentence: str) -> None:
        self.well &= holds
        self.out.print(f"  {'[green]✓[/]' if holds else '[bold red]✗[/]'} {sentence}")

    def open(self, config: Path) -> None:
        out, deployment = self.out, self.runtime.deployment
        _rule(out, "一、部署 · the deployment")
        out.print(f"部署文件 {config}；{deployment.institution.name}，省份插件 {deployment.province}")
        out.print(f"模拟平台 {self.served.url}，网关 TIF：每次调用以 SHA-256 签名，平台逐一验签")

    # -- a purchase ------------------------------------------------------------------------------------------------

    def purchase(self) -> None:
        out = self.out
        person = self.platform.world.people.case("several_cities")
        _rule(out, "二、购药 · a purchase by a person insured in two cities")
        view = self.flows.start("pharmacy_purchase", self._bill(person, "R-0001", self._codes(1)), key="R-0001")
        found = view.result["person"]
        assert found is not None
        out.print(f"1101 找到：{found['name'][:1]}**，证件 {masked_text(found['certno'])}，人员编号已得")
        view = self._answer_all(view, {"insured_place": "441900", "use_account": "1", "confirm": "yes"})
        settlement = view.result["settlement"]
        self.expect(view.status is Status.DONE and settlement is not None, "结算完成")
        assert settlement is not None
        self._compare(view.result["trial"], settlement.split)
        out.print(f"结算编号 [bold]{settlement.setl_id}[/]  就诊编号 {settlement.mdtrt_id}  报文 {settlement.msgid}")
        for sentence in view.advice:
            out.print(f"[bold yellow]※ 收银界面提醒：{sentence}[/]")
        out.print()
        out.print(view.result["slip"], markup=False)
        query = {"data": {"fixmedins_code": self.runtime.deployment.institution.code, "mdtrt_id": settlement.mdtrt_id}}
        sold = self.runtime.call("3513", query).output.output or []
        out.print("3505 已上传追溯码，平台查得（3513）：" + "、".join(row.drugTracCodg for row in sold))
        self.expect(len(sold) == 2, "两盒药的追溯码都在平台上")

    def _bill(self, person: Person, receipt: str, codes: list[str]) -> dict[str, Any]:
        goods = {
            "fixmedins_hilist_id": "D0001", "fixmedins_hilist_name": "阿莫西林胶囊", "fixmedins_bchno": f"B-{receipt}",
            "manu_lotnum": "260301", "manu_date": "2026-03-01", "expy_end": "2028-02-29", "trace_codes": codes,
        }  # fmt: skip
        return {
            "credential": {"type": "01", "number": person.token},
            "receipt_no": receipt,
            "staff": {"pharmacist": "执业药师（模拟）", "pharmacist_certificate": "YS0000001"},
            "rows": [
                {
                    "feedetl_sn": f"{receipt}-1", "med_list_codg": "XJ01CAA040E001010100005", "name": "阿莫西林胶囊",
                    "medins_list_codg": "D0001", "count": "2", "price": "23.80", "goods": goods,
                },
                {
                    "feedetl_sn": f"{receipt}-2", "med_list_codg": "C14020000101001010000018", "name": "医用棉签",
                    "medins_list_codg": "D0002", "count": "1", "price": "6.50",
                },
            ],
        }  # fmt: skip

    def _codes(self, n: int) -> list[str]:
        return [f"8100000000000000{n:02d}{i:02d}" for i in (1, 2)]

    def _answer_all(self, view: View, answers: dict[str, str]) -> View:
        while view.question is not None:
            value = answers[view.question.id]
            show_question(view, self.out)
            self.out.print(f"  答：[bold]{value}[/] {self._label(view, value)}")
            view = self.flows.answer(view.id, value)
        return view

    def _label(self, view: View, value: str) -> str:
        assert view.question is not None
        label = next(option.label for option in view.question.options if option.value == value)
        return label or place_name(value)

    def _compare(self, before: Split | None, after: Split) -> None:
        assert before is not None
        shown = table("", "预结算（确认前）", "结算（已入账）")
        for (label, trial), (_, real) in zip(before.rows(), after.rows(), strict=True):
            shown.add_row(label, trial, real)
        self.out.print(shown)
        self.expect(before == after, "结算与预结算逐项一致")

    # -- the same again --------------------------------------------------------------------------------------------

    def repeat(self) -> None:
        _rule(self.out, "三、同一请求再来一次 · the same request with the same key")
        person = self.platform.world.people.case("several_cities")
        sent = len(self.platform.requests)
        view = self.flows.start("pharmacy_purchase", self._bill(person, "R-0001", self._codes(1)), key="R-0001")
        assert view.result["settlement"] is not None
        self.out.print(f"返回记录的结果：结算编号 {view.result['settlement'].setl_id}")
        self.expect(len(self.platform.requests) == sent, "没有向平台发送任何东西")
        self.expect(self._standing() == 1, f"平台账上有效结算 {self._standing()} 笔")

    def _standing(self) -> int:
        return sum(settlement.counts for settlement in self.platform.world.settlements.values())

    # -- taking it back --------------------------------------------------------------------------------------------

    def refund(self) -> None:
        _rule(self.out, "四、退药 · the refund: 2103 and the goods back by 3506")
        person = self.platform.world.people.case("several_cities")
        given = {"credential": {"type": "01", "number": person.token}, "purchase_key": "R-0001"}
        view = self._answer_all(self.flows.start("pharmacy_refund", given, key="R-0001-退"), {"confirm": "yes"})
        self.out.print(view.result["slip"], markup=False)
        self.expect(view.status is Status.DONE and self._standing() == 0, "整笔撤销，账户退回，追溯码可再售")

    # -- the answer is lost ----------------------------------------------------------------------------------------

    def lost_answer(self) -> None:
        out, faults = self.out, self.served.door.faults
        _rule(out, "五、结算的应答丢失，线路随后不通 · a settlement's answer is lost, then the line is down")
        person = self.platform.world.people.case("local")
        faults.add(Rule(fault=Fault.ANSWER_LOST, infno="2102"))
        faults.add(Rule(fault=Fault.REQUEST_LOST, infno="5201", times=0))
        bill = self._bill(person, "R-0002", self._codes(2)) | {"use_account": True}
        view = self.flows.start("pharmacy_purchase", bill, key="R-0002")
        view = self.flows.answer(view.id, "yes")
        error = view.error or {}
        out.print(f"告诉收银员：[bold red]{error.get('message')}[/] —— {error.get('remedy')}")
        told = view.status is Status.UNKNOWN and error.get("code") == "outcome_unknown"
        self.expect(told, "报告为“结果不明”，不是“失败”")
        for _ in range(3):
            self.flows.resume(view.id)
        out.print("收银软件又问了三次：每次都答“结果不明”，没有重发")
        out.print("\n[bold]liangding journal list[/]")
        show_calls(self.runtime.journal.latest(changes=True, limit=8), out)
        self.expect(self._sent("2102") == 2, "2102 向平台只发送过两次：R-0001 一次，R-0002 一次")
        self.expect(self._standing() == 1, "平台账上 R-0002 恰好一笔")
        self._line_is_back(view)

    def _line_is_back(self, view: View) -> None:
        _rule(self.out, "六、线路恢复：自动查明 · the line is back: found out without a person")
        self.served.door.faults.clear()
        view = self.flows.resume(view.id)
        settlement = view.result["settlement"]
        self.expect(view.status is Status.DONE and settlement is not None, "向平台查询（5201、5204、5203）：结算已成立")
        if settlement is not None:
            self.out.print(f"  结算编号 {settlement.setl_id}，业务接着办完：上传销售、打印小票")
        self.expect((self._sent("2102"), self._standing()) == (2, 1), "2102 没有重发，平台账上仍是一笔")
        self.expect(not self.runtime.journal.verify(), "流水的哈希链完整")

    def _sent(self, infno: str) -> int:
        return sum(number == infno for _, number in self.platform.requests)
