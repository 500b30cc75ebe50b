"""Stays: admitted, changed, charged, settled in the middle and at the end, and taken back level by level."""

from __future__ import annotations

from typing import Any

from liangding.config import Kind
from liangding.simulator.faults import Fault

from .. import story
from ..given import (
    ADMITTED_WITH,
    DIAGNOSES,
    DOCTOR,
    INPATIENT_FEE,
    ORDER,
    OTHER_DOCTOR,
    WARD,
    WHOLE_WARD,
    fee,
    least_admission,
    least_discharge,
    shown,
    whole_admission,
    whole_discharge,
)
from ..scene import Scene
from .flows_outpatient import AT_ONCE, LEVEL, SHOW, does, gives_up
from .flows_pharmacy import odd

HOSPITAL = Kind.HOSPITAL
STAY = {"admission_key": "A1"}


def charges(scene: Scene, key: str, *rows: dict[str, Any], **more: Any) -> Any:
    return does(scene, "inpatient_fees", key, {"stay": STAY, "doctor": DOCTOR, "rows": list(rows), **more})


def undoes(scene: Scene, key: str, level: str, **more: Any) -> Any:
    given = {"credential": shown(scene.person()), "stay": STAY, "level": level, **more}
    return does(scene, "inpatient_undo", key, given)


def is_in(scene: Scene) -> None:
    """Admitted, and charged two rows."""
    does(scene, "admission", "A1", least_admission(scene.person(), begun_at="2026-11-18 08:09:10"))
    charges(scene, "F1", fee(1), fee(2))


def leaves(scene: Scene, key: str = "D1", **more: Any) -> Any:
    answers = {name: more.pop(name) for name in ("confirm",) if name in more}
    return does(scene, "discharge", key, least_discharge(scene.person(), use_account=False, **more), **answers)


@story(HOSPITAL, in_the_end=True, institution=LEVEL, more=f"{SHOW}\n{AT_ONCE}")
def stay_whole(scene: Scene) -> None:
    """Everything that can be given of a stay: admitted, changed, charged and a row given back, pre-settled, discharged
    and audited, and all of it taken back."""
    person = scene.person()
    does(scene, "admission", "A1", whole_admission(person))
    ward = WHOLE_WARD | {"adm_bed": "13", "doctor": OTHER_DOCTOR}
    changed = {
        "credential": shown(person), "stay": STAY, "ward": ward, "diagnoses": ADMITTED_WITH[:1],
        "begun_at": "2026-11-18 08:09:11",
    }  # fmt: skip
    does(scene, "admission_change", "C1", changed)
    rows = [fee(1, count="99", name="测试药品", order=ORDER), fee(2, **INPATIENT_FEE)]
    charges(scene, "F1", *rows, diagnoses=DIAGNOSES, charged_at="2026-11-19 03:04:05")
    back = fee(3, name="测试项目", count="-1", price="12.12", init_feedetl_sn="F2", order=ORDER)
    charges(scene, "F2", back | {"med_list_codg": "XA02", "medins_list_codg": "H02"}, diagnoses=DIAGNOSES)
    trial = {"credential": shown(person), "stay": STAY, "psn_setlway": "02", "use_account": True, "total": "1112.01"}
    does(scene, "inpatient_trial", "T1", trial)
    does(scene, "discharge", "D1", whole_discharge(person, rows=rows, total="1112.01"))
    undoes(scene, "U1", "admission", settled_by_key="D1")


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def stay_least(scene: Scene) -> None:
    """The least of a stay, by the platform's own numbers; each level is taken back by itself, and once more."""
    is_in(scene)
    person = scene.person()
    does(scene, "admission", "A2", least_admission(person, ipt_no="I2"))
    view = scene.desks[0].flows.find("admission", "A1")
    assert view is not None
    numbers = {
        "mdtrt_id": view.result["visit"]["mdtrt_id"], "psn_no": person.psn_no, "insured_place": "990100",
        "insutype": "310", "ipt_no": "I1",
    }  # fmt: skip
    does(scene, "inpatient_trial", "T1", {"credential": shown(person), "stay": numbers})
    does(scene, "discharge", "D1", least_discharge(person, stay=numbers))
    for level in ("settlement", "settlement", "discharge", "discharge", "fees", "fees", "admission"):
        undoes(scene, f"U-{level}-{len(scene.door.platform.requests)}", level, stay=numbers)


@story(HOSPITAL, in_the_end=True, institution=LEVEL, more=f"{SHOW}\n{AT_ONCE}")
def stay_that_was_opened_elsewhere_is_audited(scene: Scene) -> None:
    """Where bills are audited, a stay that is known by the platform's numbers alone: what is uploaded is not, as nobody
    knows the patient's age; what is settled is, in the middle of the stay and at its end, from the day that it ends."""
    is_in(scene)
    person = scene.person()
    view = scene.desks[0].flows.find("admission", "A1")
    assert view is not None
    stay = {
        "mdtrt_id": view.result["visit"]["mdtrt_id"], "psn_no": person.psn_no, "insured_place": "990100",
        "insutype": "310", "ipt_no": "I1",
    }  # fmt: skip
    rows = [fee(3, name="测试药品", order=ORDER), fee(4, name="测试项目", order=ORDER)]
    charges(scene, "F2", *rows, stay=stay, diagnoses=DIAGNOSES)
    given = {"stay": stay, "rows": rows, "use_account": False, "matn_stas": "1"}
    does(scene, "discharge", "D1", least_discharge(person, **given, interim=True))
    charges(scene, "F3", fee(5), stay=stay)
    does(scene, "discharge", "D2", least_discharge(person, **given, ended_at="2026-11-21 09:08:07"))


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def stay_of_another_province(scene: Scene) -> None:
    """A person of another province: transactions with A, the papers and what is told of the stay go along."""
    person = scene.person("cross")
    offsite = {"mdtrt_grp_type": "1", "trum_flag": "1", "rel_ttp_flag": "0", "ipt_type": "2"}
    shows = {"credential": shown(person)}
    does(scene, "admission", "A1", least_admission(person, offsite=offsite, begun_at="2026-11-18 08:09:10"))
    changed = {
        **shows, "stay": STAY, "ward": WARD, "diagnoses": DIAGNOSES[:1], "begun_at": "2026-11-18 08:09:10",
        "offsite": offsite | {"trum_flag": "0"},
    }  # fmt: skip
    does(scene, "admission_change", "C1", changed)
    charges(scene, "F1", fee(1))
    does(scene, "inpatient_trial", "T1", {**shows, "stay": STAY, "use_account": False})
    does(scene, "discharge", "D1", least_discharge(person, use_account=True))
    does(scene, "inpatient_undo", "U1", {**shows, "stay": STAY, "level": "discharge", "settled_by_key": "D1"})


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def interim_settlements(scene: Scene) -> None:
    """Two settlements in the middle of the stay; the one that is named is taken back and no other, then single rows of
    the first, then all."""
    is_in(scene)
    leaves(scene, "D1", interim=True, dscg_way="", diagnoses=[])
    charges(scene, "F2", fee(3), fee(4))
    leaves(scene, "D2", interim=True)
    undoes(scene, "U1", "settlement", settled_by_key="D2")
    undoes(scene, "U2", "discharge", settled_by_key="D2")
    undoes(scene, "U3", "fees", feedetl_sns=["F1"])
    undoes(scene, "U4", "fees", feedetl_sns=["F9"])
    undoes(scene, "U5", "settlement", feedetl_sns=["F2"])
    leaves(scene, "D3")
    undoes(scene, "U6", "settlement", settled_by_key="D1")
    undoes(scene, "U7", "fees", settled_by_key="D3")


@story(HOSPITAL, in_the_end=True)
def stay_that_stops(scene: Scene) -> None:
    """Sums that differ, amounts that contradict each other, a no, somebody else, another kind of credential, an
    insurance that is gone: each stops before money moves."""
    is_in(scene)
    person = scene.person()
    shows = {"credential": shown(person), "stay": STAY}
    does(scene, "inpatient_trial", "T1", shows | {"total": "35.36"})
    does(scene, "inpatient_trial", "T2", shows | {"total": "35.34"})
    does(scene, "inpatient_trial", "T3", shows | {"credential": shown(scene.person("retired"))})
    does(scene, "inpatient_trial", "T4", shows | {"credential": shown(person, "01")})
    leaves(scene, "D1", confirm="no")
    gives_up(scene, "discharge", "D1")
    undoes(scene, "U1", "discharge")
    odd(scene, "2303", psn_cash_pay="0.01")
    leaves(scene, "D2")
    odd(scene, "2303", psn_cash_pay="-0.01")
    odd(scene, "2304", psn_cash_pay="1.00")
    leaves(scene, "D2")
    undoes(scene, "U2", "settlement")
    person.covers[0].insutype = "390"
    leaves(scene, "D3")


@story(HOSPITAL, in_the_end=True)
def nothing_to_settle(scene: Scene) -> None:
    """No such admission, one that did not come about, a stay without rows, and what cannot be taken back."""
    person, desk = scene.person(), scene.desk()
    leaves(scene, "D1")
    scene.strike(Fault.REQUEST_LOST, "2401")
    scene.deafen("5303")
    does(scene, "admission", "A1", least_admission(person))
    leaves(scene, "D2")
    scene.mend()
    view = desk.do("looks", lambda: desk.flows.find("admission", "A1"))
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    scene.let_pass(400)
    desk.keeps()
    leaves(scene, "D3")
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    leaves(scene, "D4")
    for level in ("settlement", "discharge", "fees", "admission"):
        undoes(scene, f"U-{level}", level)


@story(HOSPITAL, in_the_end=True, more='[features.row_limits]\n"2301" = 2')
def fees_in_batches(scene: Scene) -> None:
    """Rows in batches of two, one of which is refused for a row; what was taken stays, the rest goes on."""
    does(scene, "admission", "A1", least_admission(scene.person()))
    no = {"infcode": -1, "err_msg": "流水号 F0004 的目录未对码"}
    scene.meanwhile("2301", lambda: scene.instead("2301", no, before=True))
    rows = [fee(number) | {"feedetl_sn": f"F000{number}"} for number in (1, 2, 3, 4, 5)]
    charges(scene, "F1", *rows)
    charges(scene, "F1", *rows)
    undoes(scene, "U1", "fees", feedetl_sns=["F0001", "F0005"])
    undoes(scene, "U2", "fees")


@story(HOSPITAL, in_the_end=True)
def stay_lost(scene: Scene) -> None:
    """The answer of each step is lost once, and found."""
    for infno in ("2401", "2301", "2402", "2304"):
        scene.strike(Fault.ANSWER_LOST, infno)
    is_in(scene)
    leaves(scene)
    for infno in ("2305", "2405", "2302", "2404"):
        scene.strike(Fault.ANSWER_LOST, infno)
    undoes(scene, "U1", "admission")


@story(HOSPITAL, in_the_end=True)
def stay_whose_process_dies(scene: Scene) -> None:
    """The process dies when the patient is discharged, and when the stay is settled; another one goes on."""
    is_in(scene)
    person = scene.person()
    scene.dies("2402")
    leaves(scene)
    other = scene.desk("desk 2")
    scene.clock.sleep(120)
    other.keeps()
    view = other.start("discharge", least_discharge(person, use_account=False), key="D1")
    scene.dies("2304")
    other.answer(view, "yes")
    third = scene.desk("desk 3")
    scene.clock.sleep(120)
    third.keeps()
    third.do("looks", lambda: third.flows.get(view.id))
    undo = {"credential": shown(person), "stay": STAY, "level": "discharge", "settled_by": view.id}
    view = third.start("inpatient_undo", undo, key="U1")
    scene.dies("2305")
    third.answer(view, "yes")
    fourth = scene.desk("desk 4")
    scene.clock.sleep(120)
    fourth.keeps()
    fourth.do("looks", lambda: fourth.flows.get(view.id))


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def stay_undone_elsewhere(scene: Scene) -> None:
    """The settlement was taken back in the insurer's pages: the rest of the stay goes back, and no cash."""
    from liangding.simulator.chapters.settling import take_back_elsewhere

    is_in(scene)
    leaves(scene)
    scene.say("somebody takes it back elsewhere")
    take_back_elsewhere(*scene.door.platform.world.settlements.values())
    undoes(scene, "U1", "settlement")
    undoes(scene, "U2", "admission", settled_by_key="D1")


@story(HOSPITAL, in_the_end=True)
def refused_in_the_middle_of_a_stay(scene: Scene) -> None:
    """What is left behind where the platform refuses: an admission, a discharge before and after the patient is out;
    somebody who is in hospital under a number that nobody knows."""
    no = {"infcode": -1, "err_msg": "参保人员已停保"}
    person = scene.person()
    scene.instead(
        "5303", {"infcode": 0, "output": {"data": [{"mdtrt_id": "M9", "psn_no": person.psn_no}]}}, before=True
    )
    does(scene, "admission", "A1", least_admission(person))
    scene.instead("2401", no, before=True)
    does(scene, "admission", "A1", least_admission(person))
    does(scene, "admission", "A1", least_admission(person))
    charges(scene, "F1", fee(1))
    scene.instead("2402", no, before=True)
    leaves(scene)
    scene.instead("2303", no, before=True)
    leaves(scene)
    scene.instead("2304", no, before=True)
    leaves(scene)
    leaves(scene)
    scene.instead("2405", no, before=True)
    undoes(scene, "U1", "admission")
    undoes(scene, "U1", "admission")


@story(HOSPITAL, in_the_end=True)
def what_a_stay_is_given_is_checked(scene: Scene) -> None:
    """What can be no admission, no change, no upload, no discharge and no undo."""
    desk, person = scene.desk(), scene.person()
    shows: dict[str, Any] = {"credential": shown(person), "stay": STAY}
    change = shows | {"ward": WARD, "diagnoses": DIAGNOSES, "begun_at": "2026-11-18 08:09:10"}
    fees: dict[str, Any] = {"stay": STAY, "doctor": DOCTOR, "rows": [fee(1)]}
    numbers = {"mdtrt_id": "M1", "psn_no": "P1", "insured_place": "990100", "insutype": "310", "ipt_no": "I1"}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("admission", least_admission(person, diagnoses=[])), ("admission_change", change | {"diagnoses": []}),
        ("inpatient_fees", fees | {"rows": [fee(1, count="0")]}), ("inpatient_fees", fees | {"rows": [fee(1), fee(1)]}),
        ("inpatient_fees", fees | {"rows": [fee(1, count="-1")]}), ("inpatient_fees", fees | {"rows": []}),
        ("discharge", least_discharge(person, dscg_way="")), ("discharge", least_discharge(person, diagnoses=[])),
        ("inpatient_undo", shows | {"level": "settlement", "feedetl_sns": ["F1"]}),
        ("inpatient_undo", shows | {"level": "all"}),
        *(("inpatient_trial", shows | {"stay": numbers | {name: None}}) for name in numbers),
        ("admission", least_admission(person, ward=WHOLE_WARD | {"tel": "1" * 60})),
        ("admission", least_admission(person, ward=WARD | {"doctor": DOCTOR | {"dept_name": "科" * 101}})),
        ("discharge", least_discharge(person, dscg_way="99")),
        ("discharge", least_discharge(person, doctor=DOCTOR | {"dept_code": "科" * 101})),
        ("inpatient_fees", fees | {"rows": [fee(1, price="1.2345678")]}),
    ]  # fmt: skip
    for number, (flow, given) in enumerate(wrong):
        desk.start(flow, given, key=f"W{number}")
