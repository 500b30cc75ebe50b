"""How the states in ``tests/kept`` were made: flows in every status, for later versions.

    python tests/keeping.py tests/kept/NAME

makes them with the version that is installed, before the first commit that changes what is stored. For each scene a
journal (SQLite, xz) holds the flows; ``index.json`` says where each stands, what it is answered, and what it came to
when the version that wrote it went on. The platform is not kept: :func:`resume_world` shows it again what the journal
says it was sent.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from bedside import DOCTOR, LEVEL, ORDER, admission, discharge, item, shown
from bedside import bill as visit_bill
from dying import Died, doomed
from liangding.clock import SimulatedClock
from liangding.config import Kind, load_deployment
from liangding.flows import Status, View
from liangding.jobs.keeper import Keeper
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.simulator.people import Person
from liangding.simulator.setup import door_for
from support import Rig, bill, write_deployment, write_secret

SECRET = "a2VwdCBzdGF0ZXMgb2YgZmxvd3MsIG5vdCBhIHNlYy4="
"""The key that the kept journals are sealed with: they hold synthetic persons only."""

SCENES: dict[str, dict[str, Any]] = {
    "pharmacy": {"gateway": "plain"},
    "hospital": {
        "gateway": "plain", "kind": Kind.HOSPITAL, "code": "H44190000001", "institution": LEVEL,
        "more": '[features]\naudit = "show"\n[features.row_limits]\n"2204" = 1\n[resolution]\nbelieve_seconds = 0',
    },
    "controlled": {
        "gateway": "plain", "kind": Kind.HOSPITAL, "code": "H51040000001", "province": "sichuan", "area": "510400",
    },
}  # fmt: skip
"""The deployments whose flows are kept."""

BEGUN = datetime(2026, 11, 28, 10, 0)
REACHED = ("accepted", "refused", "unknown", "open")
"""States of calls whose requests reached the platform, in these scenes."""


@attrs.define
class Kept:
    """Flows of one scene, and how each goes on: the answers, whether the process died that worked on it."""

    rig: Rig
    flows: list[dict[str, Any]] = attrs.field(factory=list)
    persons: Iterator[Person] = attrs.field(factory=lambda: iter(()))

    def person(self) -> Person:
        """One who has no business yet."""
        return next(self.persons)

    def start(self, flow: str, given: dict[str, Any], key: str, **answers: str) -> View:
        """A flow from its start to the first question that has no answer here."""
        return self.answer(self.rig.flows.start(flow, given, key=key), **answers)

    def answer(self, view: View, **answers: str) -> View:
        while view.status is Status.QUESTION and view.question is not None and view.question.id in answers:
            view = self.rig.flows.answer(view.id, answers.pop(view.question.id))
        return view

    def die(self, flow: str, given: dict[str, Any], key: str, step: str, **answers: str) -> None:
        """A flow whose process dies when it has done ``step``."""
        with doomed(self.rig, flow, step) as flows, contextlib.suppress(Died):
            view = flows.start(flow, given, key=key)
            while view.status is Status.QUESTION and view.question is not None:
                view = flows.answer(view.id, answers.pop(view.question.id))
            raise AssertionError(f"{flow} did not die at {step}: {view}")
        found = self.rig.flows.find(flow, key)
        assert found is not None
        self.keep(found, then=answers)

    def keep(self, view: View, then: dict[str, str] | None = None) -> None:
        """One of the flows that a later version has to go on with."""
        self.flows.append(
            {
                "flow": view.flow, "id": view.id, "status": view.status.value, "step": view.step,
                "asks": view.question.id if view.question else None, "answers": then or {},
            }
        )  # fmt: skip


# -- the scenes --------------------------------------------------------------------------------------------------------

YES = {"confirm": "yes"}
PLACE = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}


def codes(number: int) -> tuple[str, ...]:
    return tuple(f"8{number:03d}{i:016d}" for i in range(2))


def pharmacy(kept: Kept) -> None:
    """Purchases and refunds."""
    rig = kept.rig
    kept.keep(kept.start("pharmacy_purchase", bill(kept.person(), "P1"), "P1"), PLACE)
    kept.keep(kept.start("pharmacy_purchase", bill(rig.person("several_cities"), "P2"), "P2"), PLACE)
    kept.keep(kept.start("pharmacy_purchase", bill(kept.person(), "P3", codes=codes(3)), "P3", use_account="1"), YES)
    kept.keep(kept.start("pharmacy_purchase", bill(kept.person(), "P4"), "P4", use_account="0", confirm="no"), YES)
    given = bill(kept.person(), "P5", codes=codes(5), use_account=True)
    kept.die("pharmacy_purchase", given, "P5", "settle", confirm="yes")
    given = bill(kept.person(), "P6", use_account=True)
    kept.die("pharmacy_purchase", given, "P6", "pre_settle")

    sold = bill(kept.person(), "P7", codes=codes(7), use_account=True)
    kept.start("pharmacy_purchase", sold, "P7", confirm="yes")
    again = bill(kept.person(), "P8", codes=codes(8), use_account=True)
    view = kept.start("pharmacy_purchase", again, "P8")
    rig.strike(Fault.REQUEST_LOST, "3505")
    kept.keep(kept.answer(view, confirm="yes"))

    person = kept.person()
    kept.start("pharmacy_purchase", bill(person, "P9", codes=codes(9), use_account=True), "P9", confirm="yes")
    back = {"credential": shown(person), "purchase_key": "P9"}
    kept.keep(kept.start("pharmacy_refund", back, "P9-back"), YES)
    person = kept.person()
    kept.start("pharmacy_purchase", bill(person, "P10", codes=codes(10), use_account=True), "P10", confirm="yes")
    back = {"credential": shown(person), "purchase_key": "P10"}
    kept.die("pharmacy_refund", back, "P10-back", "cancel", confirm="yes")

    view = kept.start("pharmacy_purchase", bill(kept.person(), "P11", use_account=True), "P11")
    kept.keep(rig.flows.abandon(view.id))
    person = kept.person()
    view = kept.start("pharmacy_purchase", bill(person, "P12", codes=codes(12), use_account=True), "P12", confirm="yes")
    back = {"credential": shown(person), "purchase": view.id}
    refund = kept.start("pharmacy_refund", back, "P12-back", confirm="yes")
    kept.keep(rig.flows.get(view.id))
    kept.keep(refund)
    kept.keep(kept.start("shift_change", {"leaving": "001", "coming": "002"}, "S1"))

    view = kept.start("pharmacy_purchase", bill(kept.person(), "P13", codes=codes(13), use_account=True), "P13")
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    kept.keep(kept.answer(view, confirm="yes"))


def rows(number: str) -> list[dict[str, Any]]:
    """Two rows of a bill, each a batch of its own."""
    return [item(f"{number}-000{i}", code=f"XA0{i}", order=ORDER) for i in (1, 2)]


def outpatient(kept: Kept) -> None:
    """Visits of a hospital, forwards and backwards."""
    rig = kept.rig

    def visit(number: str, **more: Any) -> dict[str, Any]:
        return visit_bill(kept.person(), number, **{"ipt_otp_no": f"O{number}", "rows": rows(number), **more})

    insulin = [*rows("V1"), item("V1-0003", code="XA09", order=ORDER) | {"name": "胰岛素注射液"}]
    kept.keep(kept.start("outpatient", visit("V1", rows=insulin), "V1"), {
        "audit_3101": "continue", "audit_3101_reason": "病情需要", "audit_3102": "continue",
        "audit_3102_reason": "病情需要", **YES,
    })  # fmt: skip
    kept.keep(kept.start("outpatient", visit("V2"), "V2"), YES)
    first = visit("V4")
    kept.start("outpatient", first, "V4", confirm="yes")
    twice = first | {"chrg_bchno": "V5", "rows": [*rows("V5"), *rows("V4")[:1]], "visit_key": "V4", "diagnoses": []}
    kept.keep(kept.start("outpatient", twice, "V5"))
    kept.die("outpatient", visit("V7"), "V7", "register", confirm="yes")
    kept.die("outpatient", visit("V8"), "V8", "settle", confirm="yes")

    given = visit("V9")
    kept.start("outpatient", given, "V9", confirm="yes")
    undo = {"credential": given["credential"], "level": "registration", "bill_key": "V9"}
    kept.keep(kept.start("outpatient_undo", undo, "V9-undo"), {"confirm_undo": "yes"})
    given = visit("V11")
    kept.start("outpatient", given, "V11", confirm="yes")
    undo = {"credential": given["credential"], "level": "registration", "bill_key": "V11"}
    kept.die("outpatient_undo", undo, "V11-undo", "cancel_settlements", confirm_undo="yes")
    given = visit("V12")
    kept.start("outpatient", given, "V12", confirm="yes")
    part = {
        "credential": given["credential"], "bill_key": "V12", "returns": [{"feedetl_sn": "V12-0001", "count": "1"}],
    }  # fmt: skip
    kept.keep(kept.start("outpatient_partial_refund", part, "V12-part", confirm_undo="yes"), YES)
    chronic = rig.person("chronic")
    given = visit_bill(chronic, "V13", ipt_otp_no="OV13", rows=rows("V13"), med_type="14")
    kept.keep(kept.start("outpatient", given, "V13"), YES)


def inpatient(kept: Kept) -> None:
    """Stays of a hospital."""
    rig = kept.rig

    def stay(number: str) -> tuple[Person, dict[str, str]]:
        person = kept.person()
        kept.start("admission", admission(person, ipt_no=f"I{number}"), number)
        return person, {"admission_key": number}

    def fees(number: str, named: dict[str, str]) -> dict[str, Any]:
        return {"stay": named, "doctor": DOCTOR, "rows": [item(f"{number}-{i}", "500", "2") for i in (1, 2)]}

    def full(number: str) -> tuple[Person, dict[str, str]]:
        person, named = stay(number)
        kept.start("inpatient_fees", fees(number, named), f"{number}-fees")
        return person, named

    kept.die("admission", admission(kept.person(), ipt_no="IA1"), "A1", "admit")
    person, named = stay("A2")
    kept.die("inpatient_fees", fees("A2", named), "A2-fees", "upload_fees")
    person, named = full("A3")
    kept.keep(kept.start("discharge", discharge(person, stay=named), "A3-out"), YES)
    person, named = full("A4")
    kept.die("discharge", discharge(person, stay=named), "A4-out", "settle", confirm="yes")
    person, named = full("A5")
    kept.start("discharge", discharge(person, stay=named), "A5-out", confirm="yes")
    undo = {"credential": shown(person), "stay": named, "level": "admission", "settled_by_key": "A5-out"}
    kept.keep(kept.start("inpatient_undo", undo, "A5-undo"), {"confirm_undo": "yes"})
    person, named = full("A8")
    change = admission(person, stay=named)
    del change["ipt_no"]
    kept.die("admission_change", change, "A8-bed", "change")
    trial = {"credential": shown(person), "stay": named, "use_account": False}
    kept.keep(kept.start("inpatient_trial", trial, "A8-trial"))
    person = kept.person()
    kept.keep(kept.start("admission", admission(person, ipt_no="IA9"), "A9"))
    kept.keep(kept.start("admission", admission(person, ipt_no="IA10"), "A9-again"))
    facts = {
        "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "ide_fixmedins_no": "H44190000001",
        "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1",
        "diag_dr_name": "测试医师", "begndate": "2026-01-10",
    }  # fmt: skip
    person = kept.person()
    kept.keep(kept.start("register_chronic_disease", {"credential": shown(person), "facts": facts}, "C1"))
    withdrawal = {"credential": shown(person), "reason": "登记错了", "registration_key": "C1"}
    kept.keep(kept.start("withdraw_chronic_disease", withdrawal, "C1-back"), {"confirm_undo": "yes"})
    person, named = stay("A10")
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2301")
    kept.keep(kept.start("inpatient_fees", fees("A10", named), "A10-fees"))


def hospital(kept: Kept) -> None:
    outpatient(kept)
    inpatient(kept)


def controlled(kept: Kept) -> None:
    """Visits where a plugin's steps take a token."""
    kept.keep(
        kept.start("outpatient", visit_bill(kept.person(), "K1"), "K1"), {"card_token": "made-up", "confirm": "yes"}
    )
    view = kept.start("outpatient", visit_bill(kept.person(), "K2", ipt_otp_no="O2"), "K2", card_token="made-up")
    kept.keep(view, YES)
    given = admission(kept.person(), ipt_no="IK3")
    kept.keep(kept.start("admission", given, "K3", card_token_1101="one"), {"card_token_2401": "two"})


MAKE: dict[str, Callable[[Kept], None]] = {"pharmacy": pharmacy, "hospital": hospital, "controlled": controlled}


# -- keeping, and going on ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def scene(name: str, folder: Path, at: float | None = None) -> Iterator[Rig]:
    """The rig of a scene in ``folder``, whose clock stands ``at``; a journal that is there is opened."""
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    write_secret(folder, "journal", SECRET)
    config = write_deployment(folder, name=name, **SCENES[name])
    deployment = load_deployment(config)
    clock = SimulatedClock(BEGUN)
    door = door_for(deployment, clock=clock)
    door.platform.world.people.more("local", 60)
    if at is not None:
        clock.sleep(at - clock.epoch())
    line = SimulatedLine(door, read_seconds=deployment.platform.read_seconds)
    with Runtime(deployment, transport=line, clock=clock) as runtime:
        yield Rig(folder=folder, config=config, deployment=deployment, door=door, url="", runtime=runtime)


def resume_world(rig: Rig) -> None:
    """Show the platform every request that reached it, by what the journal says."""
    calls = rig.runtime.journal.latest(limit=10_000)
    for call in sorted(calls, key=lambda each: each.id):
        if call.state.value in REACHED and not _was_lost(call):
            rig.platform.answer(call.request, epoch=call.created_epoch)
    rig.platform.requests.clear()


def _was_lost(call: Any) -> bool:
    """The one request of these scenes that did not arrive, and the queries after it that nobody heard."""
    return bool(call.infno == "3505" and call.state.value == "unknown")


def go_on(rig: Rig, flows: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """What the keeper does by itself with flows that were left, and every flow after it was answered, with what came
    of it: where it stands, what it changed on the platform, what it settled and took back."""
    resume_world(rig)
    Keeper(rig.runtime).round()
    by_itself = _changing(rig, 0)
    for each in flows:
        before, sent = rig.standing(), len(rig.platform.requests)
        view = rig.flows.resume(each["id"])
        answers = dict(each["answers"])
        while view.status is Status.QUESTION and view.question is not None and view.question.id in answers:
            view = rig.flows.answer(view.id, answers.pop(view.question.id))
        each["became"] = {
            "status": view.status.value, "step": view.step, "error": view.error and view.error["code"],
            "changed": _changing(rig, sent),
            "settled": [_amounts(rig, setl_id) for setl_id in rig.standing() if setl_id not in before],
            "undone": [_amounts(rig, setl_id) for setl_id in before if setl_id not in rig.standing()],
        }  # fmt: skip
    return by_itself, flows


def _changing(rig: Rig, since: int) -> list[str]:
    """The changing transactions that reached the platform."""
    return [infno for _, infno in rig.platform.requests[since:] if rig.runtime.interfaces[infno].changes]


def _amounts(rig: Rig, setl_id: str) -> list[str]:
    split = rig.platform.world.settlements[setl_id].split
    return [str(value) for value in (split.total, split.fund, split.account, split.cash)]


def unpack(kept: Path, name: str, folder: Path) -> None:
    """A kept journal where its scene looks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journal.db").write_bytes(lzma.decompress((kept / f"{name}.db.xz").read_bytes()))


def make(target: Path) -> None:
    """Make the journals of every scene, then let another process go on with them."""
    target.mkdir(parents=True, exist_ok=True)
    index = {}
    for name, play in MAKE.items():
        with tempfile.TemporaryDirectory() as folder, scene(name, Path(folder)) as rig:
            kept = Kept(rig, persons=iter(rig.platform.world.people.all[-60:]))
            play(kept)
            index[name] = {"at": rig.runtime.clock.epoch() + 600, "flows": kept.flows}
            rig.runtime.journal.close()
            packed = lzma.compress((Path(folder) / "journal.db").read_bytes(), preset=9)
        (target / f"{name}.db.xz").write_bytes(packed)
    write(target, index)


def carry_on(target: Path) -> None:
    """Let this version go on with kept journals, and write down what it came to."""
    index = json.loads((target / "index.json").read_text("utf-8"))
    for name, held in index.items():
        with tempfile.TemporaryDirectory() as folder:
            unpack(target, name, Path(folder))
            with scene(name, Path(folder), held["at"]) as rig:
                held["by_itself"], held["flows"] = go_on(rig, held["flows"])
    write(target, index)


def write(target: Path, index: dict[str, Any]) -> None:
    text = json.dumps(index, ensure_ascii=False, indent=1)
    (target / "index.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[2:]:
        {"make": make, "go on": carry_on}[sys.argv[2]](Path(sys.argv[1]))
    else:  # by two processes, of which the first one is dead when the second one comes
        for part in ("make", "go on"):
            subprocess.run([sys.executable, __file__, sys.argv[1], part], check=True)
