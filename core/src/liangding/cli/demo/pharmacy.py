"""A pharmacy: a purchase, the same again, a refund, and a settlement whose answer is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...config import Kind
from ...devices.drivers import driver_named, installed_drivers
from ...flows import Status, View
from ...knowledge.plugins import installed
from ...privacy import masked_text
from ...simulator.faults import Fault, FaultRule
from ...simulator.people import Person
from ..devicing import device_table, personas
from ..journaling import show_calls
from ..output import console
from .stage import Stage, staged

BUYERS = ("several_cities", "several_cities", "local")
"""Who shows something to a device: for the purchase, for its refund, for the purchase whose answer is lost."""

CODES = """
[ecredential]
by = "platform"
office_id = "A01"
office_name = "收费处"

"""


def pharmacy(folder: Path, device: str | None = None) -> int:
    """The whole demonstration; its exit code. With ``device`` (a driver's name) the tills ask an emulated device of
    that kind for the credentials."""
    with _device(device) as (more, plugins), staged(folder, Kind.PHARMACY, more, plugins) as stage:
        acts = Acts(stage.out, stage.config, stage.runtime, stage.served)
        acts.introduce()
        acts.purchase()
        acts.repeat()
        acts.refund()
        acts.lost_answer()
        return acts.take_leave("liangding explain 2102")


@contextlib.contextmanager
def _device(kind: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a deployment's file has of an emulated device of that kind: its lines, and the plugins that it enables."""
    if kind is None:
        yield "", ()
        return
    drivers = installed_drivers()
    driver = driver_named(kind, drivers, "--device")
    with driver.emulate(personas("441900", list(BUYERS)), {}) as emulated:
        console().print(f"模拟设备：{emulated.says}", markup=False)
        yield CODES + device_table(kind, emulated.settings) + "\n", (kind,) if kind in installed() else ()


class Acts(Stage):
    """The acts of the demonstration."""

    # -- a purchase ------------------------------------------------------------------------------------------------

    def purchase(self) -> None:
        out = self.out
        person = self.platform.world.people.case("several_cities")
        self.rule("二、购药 · a purchase by a person insured in two cities")
        view = self.flows.start("pharmacy_purchase", self._bill(person, "R-0001", self._codes(1)), key="R-0001")
        found = view.result["person"]
        assert found is not None, view.error
        for each in self.runtime.devices.listed():
            out.print(f"凭证由设备 {each['name']}（{each['title']}）读得")
        out.print(f"1101 找到：{found['name'][:1]}**，证件 {masked_text(found['certno'])}，人员编号已得")
        view = self.go_on(view, insured_place="441900", use_account="1")
        settlement = view.result["settlement"]
        self.expect(view.status is Status.DONE and settlement is not None, "结算完成")
        assert settlement is not None
        self.compare(view.result["trial"], settlement.split)
        out.print(f"结算编号 [bold]{settlement.setl_id}[/]  就诊编号 {settlement.mdtrt_id}  报文 {settlement.msgid}")
        self.advice(view)
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
            **self._shown(person),
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

    def _shown(self, person: Person) -> dict[str, Any]:
        """What the till gives of the person: nothing, where a device is there to be asked."""
        if self.runtime.devices:
            return {}
        return {"credential": {"type": "01", "number": person.token}}

    def _codes(self, n: int) -> list[str]:
        return [f"8100000000000000{n:02d}{i:02d}" for i in (1, 2)]

    # -- the same again --------------------------------------------------------------------------------------------

    def repeat(self) -> None:
        self.rule("三、同一请求再来一次 · the same request with the same key")
        person = self.platform.world.people.case("several_cities")
        sent = len(self.platform.requests)
        view = self.flows.start("pharmacy_purchase", self._bill(person, "R-0001", self._codes(1)), key="R-0001")
        assert view.result["settlement"] is not None
        self.out.print(f"返回记录的结果：结算编号 {view.result['settlement'].setl_id}")
        self.expect(len(self.platform.requests) == sent, "没有向平台发送任何东西")
        self.expect(self.standing() == 1, f"平台账上有效结算 {self.standing()} 笔")

    # -- taking it back --------------------------------------------------------------------------------------------

    def refund(self) -> None:
        self.rule("四、退药 · the refund: 2103 and the goods back by 3506")
        person = self.platform.world.people.case("several_cities")
        given = {**self._shown(person), "purchase_key": "R-0001"}
        view = self.go("pharmacy_refund", given, "R-0001-back")
        self.out.print(view.result["slip"], markup=False)
        self.expect(view.status is Status.DONE and self.standing() == 0, "整笔撤销，账户退回，追溯码可再售")

    # -- the answer is lost ----------------------------------------------------------------------------------------

    def lost_answer(self) -> None:
        out, faults = self.out, self.served.door.faults
        self.rule("五、结算的应答丢失，线路随后不通 · a settlement's answer is lost, then the line is down")
        person = self.platform.world.people.case("local")
        faults.add(FaultRule(fault=Fault.ANSWER_LOST, infno="2102"))
        faults.add(FaultRule(fault=Fault.REQUEST_LOST, infno="5201", times=0))
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
        self.expect(self.sent("2102") == 2, "2102 向平台只发送过两次：R-0001 一次，R-0002 一次")
        self.expect(self.standing() == 1, "平台账上 R-0002 恰好一笔")
        self._line_is_back(view)

    def _line_is_back(self, view: View) -> None:
        self.rule("六、线路恢复：自动查明 · the line is back: found out without a person")
        self.served.door.faults.clear()
        view = self.flows.resume(view.id)
        settlement = view.result["settlement"]
        self.expect(view.status is Status.DONE and settlement is not None, "向平台查询（5201、5204、5203）：结算已成立")
        if settlement is not None:
            self.out.print(f"  结算编号 {settlement.setl_id}，业务接着办完：上传销售、打印小票")
        self.expect((self.sent("2102"), self.standing()) == (2, 1), "2102 没有重发，平台账上仍是一笔")
        self.expect(not self.runtime.journal.verify(), "流水的哈希链完整")
