"""A hospital: outpatient bills, a stay, and taking things back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ...config import Kind
from ...flows import Status, View
from ...receipts.gathering import reprint
from ...simulator.faults import Fault, FaultRule
from ...simulator.people import Person
from ...simulator.world import EFFECTIVE, LedgerVisit
from ..output import table
from .stage import Stage, staged

DOCTOR = {
    "atddr_no": "D441900000001", "dr_name": "王医师（模拟）", "dept_code": "A03", "dept_name": "内科", "caty": "A03"
}  # fmt: skip
DIAGNOSES = [
    {"diag_code": "I10.x00x002", "diag_name": "高血压"},
    {"diag_code": "J06.900", "diag_name": "急性上呼吸道感染"},
]
WARD = {"doctor": DOCTOR, "adm_bed": "0312", "adm_diag_dscr": "高血压"}


def row(
    serial: str, name: str, price: str, count: str = "1", code: str = "XC07ABM064A001010100001", **more: Any
) -> Any:
    """One fee row."""
    return {
        "feedetl_sn": serial, "med_list_codg": code, "medins_list_codg": f"H-{code[-6:]}", "count": count,
        "price": price, "name": name, "hosp_appr_flag": "1", **more,
    }  # fmt: skip


ORDER = {
    "list_type": "101", "med_chrgitm_type": "09", "chrgitm_lv": "1", "spec": "5mg×28", "unit": "盒",
    "doctor_title": "234",
}  # fmt: skip
"""What the audit asks of a row beyond its price."""

AUDITED = """
[features]
audit = "show"
row_limits = { "2204" = 3 }
"""
"""Orders are audited, and few rows go in a call, so that there are several."""


def card(person: Person) -> dict[str, str]:
    return {"type": "02", "number": person.certno}


class Hospital(Stage):
    """What the three demonstrations of a hospital have in common."""

    def show(self, view: View, *, slip: bool = True) -> None:
        """How a settlement came out."""
        settlement = view.result["settlement"]
        self.expect(view.status is Status.DONE and settlement is not None, "结算完成")
        if settlement is None:
            return
        self.compare(view.result["trial"], settlement.split)
        self.out.print(f"结算编号 [bold]{settlement.setl_id}[/]  就诊编号 {settlement.mdtrt_id}")
        self.advice(view)
        if slip:
            self.out.print()
            self.out.print(view.result["slip"], markup=False)

    def bill(self, person: Person, visit: str, number: str, *rows: Any, **more: Any) -> dict[str, Any]:
        return {
            "credential": card(person), "ipt_otp_no": visit, "chrg_bchno": number, "doctor": DOCTOR,
            "diagnoses": DIAGNOSES, "rows": [each | {"order": ORDER} for each in rows], **more,
        }  # fmt: skip

    def path(self, since: int) -> str:
        """The transactions that went to the platform since its n-th request."""
        return " → ".join(infno for _, infno in self.platform.requests[since:])


# -- outpatient --------------------------------------------------------------------------------------------------------


def outpatient(folder: Path) -> int:
    """A visit with two bills whose orders are audited, a person of another province, a settlement's lost answer."""
    with staged(folder, Kind.HOSPITAL, AUDITED) as stage:
        acts = OutpatientDemo(stage.out, stage.config, stage.runtime, stage.served)
        acts.introduce()
        acts.out.print("明细审核的提示由人决定（features.audit）；2204 每次最多 3 行（features.row_limits）")
        acts.first_bill()
        acts.second_bill()
        acts.from_elsewhere()
        acts.lost()
        acts.balance()
        return acts.take_leave("liangding flow show outpatient", "liangding explain 2207")


AUDITS = ("3101", "3102")
"""Before the fees are uploaded, and before the settlement."""


class OutpatientDemo(Hospital):
    def first_bill(self) -> None:
        self.rule("一、一次就诊：挂号、诊断、明细、预结算、结算 · a visit and its first bill")
        person, sent = self.platform.world.people.case("local"), len(self.platform.requests)
        rows = [
            row("B1-01", "苯磺酸氨氯地平片", "23.80", "2"),
            row("B1-02", "血常规", "25.00", code="002503010010000"),
            row("B1-03", "普通门诊诊察费", "12.00", code="001102000010000"),
            row("B1-04", "阿托伐他汀钙片", "46.20", "2", code="XC10AAA120A001010100025"),
            row("B1-05", "常规心电图检查", "18.00", code="003107010010000"),
        ]
        why = "外院血脂报告已附，长期服用"
        audited = {f"audit_{infno}": "continue" for infno in AUDITS} | {
            f"audit_{infno}_reason": why for infno in AUDITS
        }
        view = self.go("outpatient", self.bill(person, "MZ-0001", "B1", *rows), "B1", use_account="1", **audited)
        self.show(view)
        self.out.print(f"交易：{self.path(sent)}")
        batches = view.result["fees"]["batches"]
        sizes = "、".join(f"第 {each['number']} 批 {each['rows']} 行" for each in batches)
        self.expect([each["rows"] for each in batches] == [3, 2], f"5 行明细分批上传：{sizes}")
        found = self.platform.world.findings.values()
        reported = len(found) > 0 and all(each.feedback for each in found)
        self.expect(reported, f"审核提示 {len(found)} 条，怎样处理的都已报给平台（3103）")

    def second_bill(self) -> None:
        self.rule("二、同一就诊的又一张单 · a further bill of the same visit: no second registration")
        person, sent = self.platform.world.people.case("local"), len(self.platform.requests)
        more = self.bill(person, "MZ-0001", "B2", row("B2-01", "胸部X线摄影", "85.00", code="002101020150000"))
        more |= {"visit_key": "B1", "diagnoses": []}
        view = self.go("outpatient", more, "B2", use_account="0")
        self.show(view, slip=False)
        self.out.print(f"交易：{self.path(sent)}")
        self.expect("2201" not in self.path(sent), "没有再挂号")

    def from_elsewhere(self) -> None:
        self.rule("三、跨省异地参保人：本地不用 A 版交易 · a person insured in another province: plain numbers here")
        person, sent = self.platform.world.people.case("cross"), len(self.platform.requests)
        bill = self.bill(person, "MZ-0002", "B3", row("B3-01", "氨氯地平片", "146.20", "2"))
        view = self.go("outpatient", bill, "B3", use_account="0")
        self.show(view, slip=False)
        self.out.print(f"交易：{self.path(sent)}")
        self.expect(self.path(sent).endswith("2207"), "结算走 2207")

    def lost(self) -> None:
        self.rule("四、结算的应答丢失：向平台查明，接着办完 · the settlement's answer is lost")
        self.served.door.faults.add(FaultRule(fault=Fault.ANSWER_LOST, infno="2207"))
        person, sent = self.platform.world.people.case("retired"), len(self.platform.requests)
        view = self.go(
            "outpatient",
            self.bill(person, "MZ-0003", "B4", row("B4-01", "复方感冒灵片", "31.50")),
            "B4",
            use_account="0",
        )
        self.show(view, slip=False)
        self.out.print(f"交易：{self.path(sent)}")
        self.expect(self.path(sent).count("2207") == 1, "2207 只发了一次，结果由查询得来")


# -- inpatient ---------------------------------------------------------------------------------------------------------


def inpatient(folder: Path) -> int:
    """A stay from the admission to the statement."""
    with staged(folder, Kind.HOSPITAL) as stage:
        acts = Inpatient(stage.out, stage.config, stage.runtime, stage.served)
        acts.introduce()
        acts.admit()
        acts.charge()
        acts.interim()
        acts.leave()
        acts.balance()
        return acts.take_leave("liangding flow show discharge", f"liangding slip {acts.discharged}")


class Inpatient(Hospital):
    STAY: ClassVar = {"admission_key": "A1"}
    discharged = ""

    @property
    def person(self) -> Person:
        return self.platform.world.people.case("civil_servant")

    def admit(self) -> None:
        self.rule("一、入院 · the admission")
        given = {
            "credential": card(self.person), "ipt_no": "ZY-0001", "ward": WARD, "diagnoses": DIAGNOSES,
            "begun_at": f"{self.runtime.now():%Y-%m-%d} 00:10:00",
        }  # fmt: skip
        view = self.go("admission", given, "A1")
        self.expect(view.status is Status.DONE, f"入院办好，就诊编号 {view.result['visit']['mdtrt_id']}")
        again = self.go("admission", given | {"ipt_no": "ZY-0002"}, "A2")
        self.expect(again.status is Status.STOPPED, "在院的人不能再办入院")

    def charge(self) -> None:
        self.rule("二、每日费用，其中一行退一部分 · daily fees, one row given back in part")
        days = {
            "F1": [row("F1-01", "床位费", "60.00", code="001109000010100"), row("F1-02", "头孢曲松钠", "38.50", "4")],
            "F2": [row("F2-01", "床位费", "60.00", code="001109000010100"), row("F2-02", "冠状动脉造影", "6800.00")],
            "F3": [row("F3-01", "头孢曲松钠（退一支）", "38.50", "-1", init_feedetl_sn="F1-02")],
        }
        for key, rows in days.items():
            view = self.go("inpatient_fees", {"stay": self.STAY, "doctor": DOCTOR, "rows": rows}, key)
            self.expect(view.status is Status.DONE, f"{key}：{len(rows)} 行已上传")

    def interim(self) -> None:
        self.rule("三、中途看一看 · an interim pre-settlement")
        given = {"credential": card(self.person), "stay": self.STAY, "use_account": False}
        view = self.go("inpatient_trial", given, "T1")
        for label, amount in view.result["trial"].rows():
            self.out.print(f"  {label}  {amount}")
        self.expect(view.status is Status.DONE, "预结算完成，没有收费")

    def leave(self) -> None:
        self.rule("四、出院结算 · the discharge")
        given = {
            "credential": card(self.person), "stay": self.STAY, "doctor": DOCTOR, "diagnoses": DIAGNOSES,
            "dscg_way": "1", "total": "7035.50",
        }  # fmt: skip
        view = self.go("discharge", given, "D1", use_account="1")
        self.discharged = view.id
        self.show(view)
        self._print(view)

    def _print(self, view: View) -> None:
        from ...receipts import CannotTypeset, statement

        (paper,) = reprint(self.flows, view.id)
        try:
            made = statement("settlement", paper, "A4")
        except CannotTypeset as wanting:
            self.out.print(f"[dim]没有做 PDF 结算单：{wanting}。{wanting.remedy}[/]")
            return
        file = self.config.parent / "statement.pdf"
        file.write_bytes(made)
        self.expect(made.startswith(b"%PDF"), f"结算单 {file}（A4，{len(made) // 1024} KB）")


# -- undo --------------------------------------------------------------------------------------------------------------


def undo(folder: Path) -> int:
    """Taking back: level by level, in part, and with a lost answer."""
    with staged(folder, Kind.HOSPITAL) as stage:
        acts = Undo(stage.out, stage.config, stage.runtime, stage.served)
        acts.introduce()
        acts.levels()
        acts.part()
        acts.lost()
        acts.stay()
        acts.balance()
        return acts.take_leave("liangding flow show outpatient_undo")


class Undo(Hospital):
    def _settled(self, case: str, number: str) -> Person:
        person = self.platform.world.people.case(case)
        rows = [row(f"{number}-01", "苯磺酸氨氯地平片", "23.80", "3"), row(f"{number}-02", "血常规", "25.00")]
        view = self.flows.start(
            "outpatient", self.bill(person, f"MZ-{number}", number, *rows, use_account=True), key=number
        )
        if view.question is not None:
            view = self.flows.answer(view.id, "yes")
        assert view.result["settlement"] is not None, view.error
        self.out.print(f"先结算一张单 {number}：{view.result['settlement'].split.total:.2f} 元")
        return person

    def levels(self) -> None:
        self.rule("一、逐级撤销：结算、明细、挂号 · level by level")
        person = self._settled("local", "U1")
        for level, what in (("settlement", "结算 2208"), ("fees", "明细 2205"), ("registration", "挂号 2202")):
            given = {"credential": card(person), "level": level, "bill_key": "U1"}
            view = self.go("outpatient_undo", given, f"U1-{level}")
            self.expect(view.status is Status.DONE, f"撤销{what}")
        self.expect(self.standing() == 0, "平台上没有有效结算，账户退回")

    def part(self) -> None:
        self.rule("二、退一部分：撤销、重传、重新结算 · a partial refund")
        person = self._settled("retired", "U2")
        given = {"credential": card(person), "bill_key": "U2", "returns": [{"feedetl_sn": "U2-01", "count": "1"}]}
        sent = len(self.platform.requests)
        view = self.go("outpatient_partial_refund", given, "U2-part")
        self.show(view)
        self.out.print(f"交易：{self.path(sent)}")
        self.expect(self.standing() == 1, "有效结算恰好一笔")

    def lost(self) -> None:
        self.rule("三、撤销的应答丢失，查询也不通 · the answer of a cancellation is lost, and nothing can be asked")
        person, faults = self._settled("resident", "U3"), self.served.door.faults
        given = {"credential": card(person), "level": "settlement", "bill_key": "U3"}
        sent = len(self.platform.requests)
        view = self.flows.start("outpatient_undo", given, key="U3-undo")
        faults.add(FaultRule(fault=Fault.ANSWER_LOST, infno="2208"))
        for infno in ("5203", "5204"):
            faults.add(FaultRule(fault=Fault.REQUEST_LOST, infno=infno, times=0))
        view = self.go_on(view)
        self.expect(view.status is Status.UNKNOWN, "报告为“结果不明”：既不说退了，也不说没退")
        faults.clear()
        self.out.print("线路恢复，接着办：")
        view = self.flows.resume(view.id)
        self.out.print(f"交易：{self.path(sent)}")
        self.expect(view.status is Status.DONE, "向平台查询（5204、5203）：原结算已撤销")
        self.expect(self.path(sent).count("2208") == 1, "2208 只发了一次")

    def stay(self) -> None:
        self.rule("四、住院：从结算退到入院 · a stay, from the settlement back to the admission")
        person, stay = self.platform.world.people.case("civil_servant"), {"admission_key": "A9"}
        begun = f"{self.runtime.now():%Y-%m-%d} 00:10:00"
        admission = {
            "credential": card(person),
            "ipt_no": "ZY-9",
            "ward": WARD,
            "diagnoses": DIAGNOSES,
            "begun_at": begun,
        }
        self.go("admission", admission, "A9")
        fees = {"stay": stay, "doctor": DOCTOR, "rows": [row("Z9-01", "床位费", "60.00", "2")]}
        self.go("inpatient_fees", fees, "Z9")
        discharge = {
            "credential": card(person), "stay": stay, "doctor": DOCTOR, "diagnoses": DIAGNOSES, "dscg_way": "1",
            "use_account": False,
        }  # fmt: skip
        settled = self.go("discharge", discharge, "D9")
        self.expect(settled.status is Status.DONE, "出院结算")
        visit = self.platform.world.visits[settled.result["visit"]["mdtrt_id"]]
        shown = table("撤销到", "交易", "有效结算", "明细", "住院")
        shown.add_row("（撤销之前）", "", *_left(visit))
        for level, name in (("settlement", "结算"), ("discharge", "出院"), ("fees", "明细"), ("admission", "入院")):
            undone = {"credential": card(person), "stay": stay, "level": level}
            view = self.go("inpatient_undo", undone, f"D9-{level}")
            calls = self.runtime.journal.of_flow(view.id)
            shown.add_row(name, " ".join(call.infno for call in calls if call.changes), *_left(visit))
        self.out.print(shown)
        self.expect(_left(visit) == ("0 笔", "0 行", "已撤销"), "一级一级退到底，平台上什么也不留")


def _left(visit: LedgerVisit) -> tuple[str, str, str]:
    """What stands of a stay on the platform."""
    where = "在院" if visit.in_hospital else "已出院" if visit.state == EFFECTIVE else "已撤销"
    return f"{len(visit.standing_settlements)} 笔", f"{len(visit.standing_rows)} 行", where
