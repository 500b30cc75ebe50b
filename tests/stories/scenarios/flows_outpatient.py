"""Outpatients: visits registered, their bills settled, taken back level by level or in part, and settled again."""

from __future__ import annotations

from typing import Any

from liangding.config import Kind
from liangding.simulator.faults import Fault

from .. import story
from ..given import DIAGNOSES, DOCTOR, ORDER, fee, least_visit, shown, whole_visit
from ..scene import HOUR, Scene
from .flows_pharmacy import YES, odd

HOSPITAL = Kind.HOSPITAL
LEVEL = 'medins_type = "A100"\nhosp_lv = "5"'
SHOW = '[features]\naudit = "show"'
AT_ONCE = "[resolution]\nbelieve_seconds = 0"


def does(scene: Scene, flow: str, key: str, given: dict[str, Any], **answers: str) -> Any:
    """A flow at the first desk, all of its questions answered."""
    desk = scene.desks[0] if scene.desks else scene.desk()
    return desk.answers(desk.start(flow, given, key=key), YES | {"confirm_undo": "yes"} | answers)


def gives_up(scene: Scene, flow: str, key: str) -> None:
    """The first desk gives a flow up."""
    flows = scene.desks[0].flows
    held = flows.find(flow, key)
    assert held is not None
    scene.desks[0].do("gives it up", lambda: flows.abandon(held.id))


def visits(scene: Scene, key: str = "B1", **more: Any) -> Any:
    answers = {name: more.pop(name) for name in tuple(more) if name in YES}
    return does(scene, "outpatient", key, least_visit(scene.person(), key, use_account=False, **more), **answers)


def undoes(scene: Scene, key: str, level: str, **more: Any) -> Any:
    return does(scene, "outpatient_undo", key, {
        "credential": shown(scene.person()), "level": level, "bill_key": "B1", **more,
    })  # fmt: skip


def returns(scene: Scene, key: str, *each: tuple[str, str], **more: Any) -> Any:
    back = [{"feedetl_sn": serial, "count": count} for serial, count in each]
    given = {"credential": shown(scene.person()), "bill_key": "B1", "returns": back, **more}
    return does(scene, "outpatient_partial_refund", key, given)


@story(HOSPITAL, in_the_end=True, institution=LEVEL, more=f"{SHOW}\n{AT_ONCE}")
def visit_whole(scene: Scene) -> None:
    """Everything that can be given of a visit, audited twice; one row comes back in part; then all is taken back to the
    registration."""
    given = whole_visit(scene.person())
    given["rows"][0]["count"] = "99"
    does(scene, "outpatient", "B1", given)
    returns(scene, "P1", ("F2", "1"), use_account=False)
    undoes(scene, "U1", "registration", bill_key="P1")


@story(HOSPITAL, in_the_end=True, institution=LEVEL, more='[features]\naudit = "stop"')
def visit_that_is_audited(scene: Scene) -> None:
    """What the audit asks for is missing; a clear violation lets nothing pass; what is only suspect is changed by the
    doctor, and asked about again."""
    visits(scene, "B1")
    visits(scene, "B1", rows=[fee(1, name="测试项目", order=ORDER, count="99")])
    findings = {
        "infcode": 0, "output": {"result": [
            {"jr_id": "J1", "rule_id": "1", "rule_name": "重复用药", "vola_cont": "同类药两种", "sev_deg": "1",
             "vola_amt": "7.50", "vola_evid": "说明书", "judge_result_detail_dtos": [{"rx_id": "F1"}, {"rx_id": None}]},
            {"jr_id": "J2", "rule_id": "2", "rule_name": "限性别", "vola_cont": "性别不符", "sev_deg": "2",
             "judge_result_detail_dtos": None},
        ]},
    }  # fmt: skip
    scene.instead("3101", findings, before=True)
    visits(scene, "B3", rows=[fee(3, name="测试项目", order=ORDER)], ipt_otp_no="O3")
    scene.instead("3101", findings, before=True)
    scene.instead("3103", {"infcode": -1, "err_msg": "提醒已处理"}, before=True)
    visits(scene, "B3", rows=[fee(3, name="测试项目", order=ORDER)], ipt_otp_no="O3")
    visits(scene, "B4", rows=[fee(4, name="测试项目", order=ORDER)], ipt_otp_no="O4", audit_3101="change")
    scene.instead("3101", {"infcode": -1, "err_msg": "审核服务未开通"}, before=True)
    visits(scene, "B5", rows=[fee(5, name="测试项目", order=ORDER)], ipt_otp_no="O5")


@story(HOSPITAL, in_the_end=True, institution=LEVEL, more=SHOW)
def visit_that_is_audited_for_show(scene: Scene) -> None:
    """Changed by the doctor, then gone on with all the same; an audit that does not answer stops nobody."""
    given = least_visit(scene.person(), rows=[fee(1, name="测试项目", order=ORDER, count="99")], use_account=False)
    view = does(scene, "outpatient", "B1", given, audit_3101="change")
    desk = scene.desks[0]
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    view = desk.answers(view, YES | {"audit_3102": "change"})
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.answers(view, YES)
    for infno in ("3101", "3102"):
        scene.instead(infno, {"infcode": -1, "err_msg": "审核服务未开通"}, before=True)
    visits(scene, "B2", rows=[fee(2, name="测试项目", order=ORDER)], ipt_otp_no="O2")
    visits(scene, "B3", rows=[fee(3, name="测试项目", order=ORDER)], visit_key="B2", diagnoses=[])


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def visit_least(scene: Scene) -> None:
    """The least of a visit: the account is asked about; asked for again it is the same; the settlement is taken back,
    settled again with the account as it was, and without it."""
    does(scene, "outpatient", "B1", least_visit(scene.person()))
    does(scene, "outpatient", "B1", least_visit(scene.person()))
    again = {"credential": shown(scene.person()), "bill_key": "B1"}
    does(scene, "outpatient_settle_again", "S0", again)
    undoes(scene, "U1", "settlement")
    does(scene, "outpatient_settle_again", "S1", again)
    undoes(scene, "U2", "settlement", bill_key="S1")
    does(scene, "outpatient_settle_again", "S2", again | {"use_account": False, "bill_key": "S1"})


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def visit_of_another_province(scene: Scene) -> None:
    """A person of another province: transactions with A, the papers and what is told of the visit go along."""
    offsite = {
        "mdtrt_grp_type": "1", "trum_flag": "1", "rel_ttp_flag": "0", "otp_er_refl_flag": "1",
    }  # fmt: skip
    person = scene.person("cross")
    given = whole_visit(person, offsite=offsite, med_type="13", rows=[fee(1), fee(2)], use_account=False)
    view = does(scene, "outpatient", "B1", given)
    does(scene, "outpatient_partial_refund", "P1", {
        "credential": shown(person), "bill": view.id, "returns": [{"feedetl_sn": "F1", "count": "1"}],
    })  # fmt: skip
    does(scene, "outpatient_undo", "U1", {"credential": shown(person), "level": "fees", "bill_key": "P1"})
    local = least_visit(scene.person(), "B2", ipt_otp_no="O2", offsite=offsite, use_account=False)
    does(scene, "outpatient", "B2", local)


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def visit_registered_apart(scene: Scene) -> None:
    """Registered at one desk, two bills of it, then taken back to the registration; a bill without diagnoses, of
    somebody else, with another kind of credential, and of a visit that is none."""
    person = scene.person()
    registration = {
        "credential": shown(person), "ipt_otp_no": "O1", "doctor": DOCTOR, "begun_at": "2026-11-21 08:07:06",
    }  # fmt: skip
    desk = scene.desk()
    view = desk.start("outpatient_registration", registration, key="G1")
    further = {"visit_key": "G1", "diagnoses": []}
    visits(scene, "W1", **further)
    visits(scene, "W2", visit_key="G1", credential=shown(scene.person("retired")))
    visits(scene, "W3", visit_key="G1", credential=shown(person, "01"))
    visits(scene, "W4", visit_key="nothing")
    visits(scene, "B1", visit=view.id)
    visits(scene, "B2", rows=[fee(3), fee(4)], visit_key="B1", diagnoses=[])
    mdtrt_id = view.result["visit"]["mdtrt_id"]
    visits(scene, "B3", rows=[fee(5)], mdtrt_id=mdtrt_id)
    undoes(scene, "U0", "settlement", bill_key="G1")
    undoes(scene, "U1", "fees", bill_key="B2")
    undoes(scene, "U2", "registration", bill_key="G1")
    undoes(scene, "U3", "registration", bill_key="G1")
    desk.start("outpatient_registration", registration)


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def registration_whole(scene: Scene) -> None:
    """A registration of a person of another province, asked for again, and taken back."""
    person = scene.person("cross")
    given = {
        "credential": shown(person), "ipt_otp_no": "O1", "doctor": DOCTOR, "med_type": "13", "insutype": "310",
        "insured_place": person.covers[0].place, "begun_at": "2026-11-21 08:07:06",
    }  # fmt: skip
    does(scene, "outpatient_registration", "G1", given)
    does(scene, "outpatient_registration", "G1", given)
    does(scene, "outpatient_undo", "U1", {
        "credential": shown(person), "level": "registration", "bill_key": "G1",
    })  # fmt: skip


@story(HOSPITAL, in_the_end=True)
def visit_for_a_chronic_disease(scene: Scene) -> None:
    """A chronic disease has to be registered: none is, then one, then two, of which one is chosen."""
    person = scene.person()
    facts = {
        "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "ide_fixmedins_no": "H99010000001",
        "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1",
        "diag_dr_name": "测试医师", "begndate": "2026-01-10",
    }  # fmt: skip
    chronic = {"med_type": "14"}
    visits(scene, "B1", **chronic)
    does(scene, "register_chronic_disease", "C1", {"credential": shown(person), "facts": facts})
    visits(scene, "B2", **chronic, dise_codg="M01600")
    visits(scene, "B3", **chronic)
    other = facts | {"opsp_dise_code": "M01600", "opsp_dise_name": "糖尿病"}
    does(scene, "register_chronic_disease", "C2", {"credential": shown(person), "facts": other})
    desk = scene.desks[0]
    given = least_visit(person, "B4", use_account=False, ipt_otp_no="O4", rows=[fee(4)], **chronic)
    view = desk.start("outpatient", given, key="B4")
    desk.answers(desk.answer(view, "M01600"), YES)


@story(HOSPITAL, in_the_end=True, more='[features.row_limits]\n"2204" = 2')
def visit_in_batches(scene: Scene) -> None:
    """Five rows in batches of two; the second is refused for a row that it names, and for none; mended it goes on as
    another bill of the visit."""
    rows = [fee(number) for number in (1, 2, 3, 4, 5)]
    first = {"infcode": -1, "err_msg": "明细 XA04 未对码"}
    desk = scene.desk()
    scene.meanwhile("2204", lambda: scene.instead("2204", first, before=True))
    visits(scene, "B1", rows=rows)
    scene.instead("2204", {"infcode": -1, "err_msg": "收费批次内单据过期"}, before=True)
    desk.start("outpatient", least_visit(scene.person(), "B1", rows=rows, use_account=False), key="B1")
    visits(scene, "B1", rows=rows)
    undoes(scene, "U1", "fees")


@story(HOSPITAL, in_the_end=True)
def visit_whose_rows_are_left_out(scene: Scene) -> None:
    """The platform accepts rows and does not state one of them, and one it could not split."""
    inner = scene.door.platform.handlers["2204"]

    def leaves_out(request: Any) -> Any:
        answer = inner(request)
        answer["result"] = answer["result"][1:]
        return answer

    def cannot_split(request: Any) -> Any:
        answer = inner(request)
        answer["result"][0] |= {"memo": "目录外", "inscp_scp_amt": None, "fulamt_ownpay_amt": None}
        return answer

    scene.door.platform.handlers["2204"] = leaves_out
    visits(scene, "B1")
    scene.door.platform.handlers["2204"] = cannot_split
    visits(scene, "B2", ipt_otp_no="O2", rows=[fee(3), fee(4)])


@story(HOSPITAL, in_the_end=True)
def visit_settled_otherwise(scene: Scene) -> None:
    """A pre-settlement of another total, one that contradicts itself, and a settlement that is another one."""
    odd(scene, "2206", medfee_sumamt="1.00", psn_cash_pay="1.00", psn_part_amt="1.00", inscp_scp_amt="1.00")
    visits(scene, "B1")
    odd(scene, "2206", medfee_sumamt="-1.00", psn_cash_pay="-1.00", psn_part_amt="-1.00", inscp_scp_amt="-1.01")
    visits(scene, "B2", ipt_otp_no="O2", rows=[fee(3)])
    odd(scene, "2206", inscp_scp_amt="0.01")
    odd(scene, "2207", psn_cash_pay="1.00")
    visits(scene, "B3", ipt_otp_no="O3", rows=[fee(4)])


@story(HOSPITAL, in_the_end=True)
def visit_not_confirmed(scene: Scene) -> None:
    """No to the amounts, no to an undo, no to what comes back."""
    person = scene.person()
    does(scene, "outpatient", "B1", least_visit(person, use_account=False), confirm="no")
    gives_up(scene, "outpatient", "B1")
    visits(scene, "B1")
    undo = {"credential": shown(person), "level": "settlement", "bill_key": "B1"}
    does(scene, "outpatient_undo", "U1", undo, confirm_undo="no")
    back = {"credential": shown(person), "bill_key": "B1", "returns": [{"feedetl_sn": "F1", "count": "1"}]}
    does(scene, "outpatient_partial_refund", "P1", back, confirm_undo="no")
    does(scene, "outpatient_partial_refund", "P2", back, confirm="no")
    does(scene, "outpatient_partial_refund", "P2", back)


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def partial_refunds(scene: Scene) -> None:
    """What comes back in part, again and again: more than there is, what was never there, a row twice, nothing, the
    rest; then what is left to take back."""
    visits(scene, "B1", rows=[fee(1), fee(2), fee(3)])
    returns(scene, "P1", ("F2", "3"))
    returns(scene, "P2", ("F9", "1"))
    returns(scene, "P3", ("F2", "1"), ("F2", "1"))
    returns(scene, "P4", ("F2", "0"))
    returns(scene, "P5")
    returns(scene, "P6", ("F1", "1"), ("F3", "2.5"), bill_key="P5")
    returns(scene, "P7", ("F2", "2"), ("F3", "0.5"), bill_key="P6")
    returns(scene, "P8", ("F2", "2"), bill_key="P7")
    undoes(scene, "U1", "settlement", bill_key="P7")
    undoes(scene, "U2", "registration", bill_key="B1")


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def undone_by_the_platforms_numbers(scene: Scene) -> None:
    """What was not made here: each level by the platform's own numbers, each of them left out once."""
    view = visits(scene, "B1")
    settled = view.result["settlement"]
    desk = scene.desks[0]
    numbers = {
        "bill_key": None, "mdtrt_id": settled.mdtrt_id, "insured_place": "990100", "setl_id": settled.setl_id,
        "chrg_bchno": "B1", "ipt_otp_no": "O1",
    }  # fmt: skip
    for level, name in (
        ("settlement", "setl_id"), ("fees", "chrg_bchno"), ("registration", "ipt_otp_no"), ("settlement", "mdtrt_id"),
        ("fees", "insured_place"),
    ):  # fmt: skip
        undoes(scene, f"U-{name}", level, **numbers | {name: None})
    undoes(scene, "U0", "settlement", **numbers | {"setl_id": "S9"})
    for level in ("settlement", "fees", "registration"):
        undoes(scene, f"U-{level}", level, **numbers)
    undoes(scene, "U9", "fees", **numbers)
    desk.start("outpatient_undo", {"credential": shown(scene.person()), "level": "all", "bill_key": "B1"}, key="U10")


@story(HOSPITAL, in_the_end=True)
def visit_lost(scene: Scene) -> None:
    """The answer of each step is lost once, and found."""
    for infno in ("2201", "2204", "2207"):
        scene.strike(Fault.ANSWER_LOST, infno)
    visits(scene, "B1")
    for infno in ("2208", "2205", "2202"):
        scene.strike(Fault.ANSWER_LOST, infno)
    undoes(scene, "U1", "registration")


@story(HOSPITAL, in_the_end=True)
def visit_whose_process_dies(scene: Scene) -> None:
    """The process dies at the rows, at the settlement, at the undo; another one goes on each time."""
    person = scene.person()
    scene.desk()
    scene.dies("2204")
    visits(scene, "B1")
    other = scene.desk("desk 2")
    scene.clock.sleep(120)
    other.keeps()
    given = least_visit(person, "B1", use_account=False)
    view = other.start("outpatient", given, key="B1")
    scene.dies("2207")
    other.answer(view, "yes")
    third = scene.desk("desk 3")
    undo = {"credential": shown(person), "level": "registration", "bill_key": "B1"}
    view = third.start("outpatient_undo", undo, key="U1")
    scene.dies("2205")
    third.answer(view, "yes")
    fourth = scene.desk("desk 4")
    scene.clock.sleep(300)
    fourth.keeps()
    fourth.keeps()
    fourth.do("looks", lambda: fourth.flows.get(view.id))


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def undone_elsewhere(scene: Scene) -> None:
    """The settlement was taken back in the insurer's pages: in part it cannot come back, settled again it can, and the
    rest of it goes back."""
    from liangding.simulator.chapters.settling import take_back_elsewhere

    visits(scene, "B1")
    scene.say("somebody takes it back elsewhere")
    take_back_elsewhere(*scene.door.platform.world.settlements.values())
    returns(scene, "P1", ("F1", "1"))
    undoes(scene, "U1", "settlement")
    again = {"credential": shown(scene.person()), "bill_key": "B1"}
    does(scene, "outpatient_settle_again", "S1", again)
    undoes(scene, "U2", "registration", bill_key="S1")


@story(HOSPITAL, in_the_end=True)
def undone_before_it_is_known(scene: Scene) -> None:
    """Nobody knows whether the bill is settled: nothing is taken back, in part or settled again until it is known."""
    scene.desk()
    scene.strike(Fault.ANSWER_LOST, "2207")
    scene.deafen("5203", "5204")
    visits(scene, "B1")
    undoes(scene, "U1", "settlement")
    returns(scene, "P1", ("F1", "1"))
    does(scene, "outpatient_settle_again", "S1", {"credential": shown(scene.person()), "bill_key": "B1"})
    visits(scene, "B2", visit_key="B1", rows=[fee(3)])
    scene.mend()
    undoes(scene, "U1", "settlement")
    scene.let_pass(HOUR)


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def rows_gone_and_what_is_not_sent(scene: Scene) -> None:
    """Rows that were taken back cannot be settled again, however many; a further bill demands nothing of what only a
    registration would send."""
    visits(scene, "B1", rows=[fee(number) for number in (1, 2, 3, 4)])
    undoes(scene, "U1", "fees")
    again = {"credential": shown(scene.person()), "bill_key": "B1"}
    does(scene, "outpatient_settle_again", "S1", again)
    without = {name: value for name, value in DOCTOR.items() if name != "caty"}
    visits(scene, "B2", rows=[fee(5), fee(6), fee(7)], visit_key="B1", diagnoses=[], doctor=without)
    undoes(scene, "U2", "fees", bill_key="B2")
    does(scene, "outpatient_settle_again", "S2", again | {"bill_key": "B2"})
    visits(scene, "B3", rows=[fee(8)], ipt_otp_no="O3", doctor=without)


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def refused_half_way(scene: Scene) -> None:
    """What is left behind, and both ways on, where the platform refuses in the middle: before anything was registered,
    after the registration, after the settlement was taken back; a further bill of a visit that is not registered."""
    no = {"infcode": -1, "err_msg": "参保人员已停保"}
    scene.instead("2201", no, before=True)
    visits(scene, "B1")
    visits(scene, "W1", visit_key="B1", rows=[fee(9)])
    scene.instead("2201", {"infcode": 0, "output": {"data": {"mdtrt_id": "M7", "ipt_otp_no": "O7"}}}, before=True)
    scene.instead("2203", no, before=True)
    visits(scene, "W2", ipt_otp_no="O7", rows=[fee(8)])
    scene.instead("2206", no, before=True)
    visits(scene, "B1")
    visits(scene, "B1")
    scene.instead("2206", no, before=True)
    returns(scene, "P1", ("F2", "1"))
    scene.instead("2206", no, before=True)
    returns(scene, "P1", ("F2", "1"))
    returns(scene, "P1", ("F2", "1"))
    undoes(scene, "U1", "settlement", bill_key="P1")
    scene.instead("2207", no, before=True)
    does(scene, "outpatient_settle_again", "S1", {"credential": shown(scene.person()), "bill_key": "P1"})
    does(scene, "outpatient_settle_again", "S1", {"credential": shown(scene.person()), "bill_key": "P1"})


@story(HOSPITAL, in_the_end=True, keys="derive = true")
def visit_whose_key_is_derived(scene: Scene) -> None:
    """Where keys are built from the bill, and the same rows are asked about before anything is registered."""
    desk, person = scene.desk(), scene.person()
    view = desk.answers(desk.start("outpatient", least_visit(person, use_account=False)), YES)
    desk.do("looks by its key", lambda: desk.flows.find("outpatient", "O1:B1"))
    other = least_visit(person, "B2", use_account=False, ipt_otp_no="O2", rows=[
        fee(1) | {"feedetl_sn": "G1"}, fee(2) | {"feedetl_sn": "G2"},
    ])  # fmt: skip
    desk.answer(desk.start("outpatient", other), "same")
    desk.start("outpatient_undo", {"credential": shown(person), "level": "settlement", "bill": view.id})


@story(HOSPITAL, in_the_end=True)
def what_a_visit_is_given_is_checked(scene: Scene) -> None:
    """What can be no visit, no undo and no return."""
    desk, person = scene.desk(), scene.person()
    wrong: list[dict[str, Any]] = [
        {"rows": []}, {"rows": [fee(1), fee(1)]}, {"rows": [fee(1, feedetl_sn="0000")]}, {"rows": [fee(1, count="0")]},
        {"rows": [fee(1, count="-1")]}, {"rows": [fee(1) | {"hosp_appr_flag": None}]}, {"chrg_bchno": "0000"},
        {"diagnoses": []}, {"ipt_otp_no": None}, {"rows": [fee(1, price="1.2345678")]},
        {"rows": [fee(1), fee(2, sin_dos_dscr="长" * 201)]}, {"birctrl_matn_date": "昨天"},
        {"diagnoses": [DIAGNOSES[0], DIAGNOSES[1] | {"diag_code": ""}]}, {"doctor": DOCTOR | {"caty": "X" * 100}},
    ]  # fmt: skip
    for each in wrong:
        desk.start("outpatient", least_visit(person, **{"use_account": False, **each}), key="W1")
    for flow in ("outpatient_undo", "outpatient_partial_refund", "outpatient_settle_again"):
        desk.start(flow, {"credential": shown(person), "level": "fees"}, key="W2")
        desk.start(flow, {"credential": shown(person)}, key="W2")
        more = {"level": "fees"} if flow == "outpatient_undo" else {}
        desk.start(flow, {"credential": shown(person), "bill_key": "B9", **more}, key="W3")
    desk.start("outpatient", least_visit(person))


@story(HOSPITAL, in_the_end=True, more=AT_ONCE)
def nothing_was_settled_or_registered(scene: Scene) -> None:
    """A bill that stands before its registration, and one that stands before its settlement: what follows from a bill
    says what there is not."""
    desk, person = scene.desk(), scene.person()
    desk.start("outpatient", least_visit(person), key="B1")
    follows: tuple[tuple[str, dict[str, Any]], ...] = (
        ("outpatient_settle_again", {}), ("outpatient_partial_refund", {}), ("outpatient_undo", {"level": "fees"}),
        ("outpatient_undo", {"level": "registration"}),
    )  # fmt: skip
    for number, (flow, more) in enumerate(follows):
        desk.start(flow, {"credential": shown(person), "bill_key": "B1", **more}, key=f"X{number}")
    desk.start("outpatient", least_visit(person, "B2", visit_key="B1"), key="B2")
    other = least_visit(person, "B3", ipt_otp_no="O3", rows=[fee(7)], use_account=False)
    desk.start("outpatient", other, key="B3")
    for number, (flow, more) in enumerate(follows):
        desk.start(flow, {"credential": shown(person), "bill_key": "B3", **more}, key=f"Y{number}")
