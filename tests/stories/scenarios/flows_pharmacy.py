"""Purchases at a pharmacy, and what takes them back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from liangding.simulator.faults import Fault

from .. import story
from ..given import AUDITED, DIAGNOSES, DOCTOR, least_purchase, shown, sold, whole_purchase
from ..scene import HOUR, Scene

YES = {
    "use_account": "1", "confirm": "yes", "audit_3101": "continue", "audit_3101_reason": "长期用药",
    "audit_3102": "continue", "audit_3102_reason": "病情需要",
}  # fmt: skip


def buys(scene: Scene, given: dict[str, Any] | None = None, key: str = "R1", **answers: str) -> Any:
    """A purchase at the first desk, all of its questions answered."""
    desk = scene.desks[0] if scene.desks else scene.desk()
    given = given or least_purchase(scene.person())
    return desk.answers(desk.start("pharmacy_purchase", given, key=key), YES | answers)


def gives_back(scene: Scene, key: str = "Z1", **given: Any) -> Any:
    desk = scene.desks[0]
    given = {"credential": shown(scene.person()), "purchase_key": "R1", **given}
    return desk.answers(desk.start("pharmacy_refund", given, key=key), YES)


@story(in_the_end=True, institution=AUDITED["institution"], more='[features]\naudit = "show"\ntrace_codes = "both"',
)  # fmt: skip
def purchase_whole(scene: Scene) -> None:
    """Everything that can be given of a purchase, audited twice, and taken back."""
    given = whole_purchase(scene.person())
    given["rows"][0]["count"] = "99"
    buys(scene, given)
    gives_back(scene, credential=shown(scene.person(), "03"))
    buys(scene, least_purchase(scene.person(), use_account=False, doctor=DOCTOR), key="R2")
    buys(scene, least_purchase(scene.person(), use_account=False, diagnoses=DIAGNOSES), key="R3")


@story(in_the_end=True, institution=AUDITED["institution"], more='[features]\naudit = "stop"')
def purchase_that_is_audited(scene: Scene) -> None:
    """Where a clear violation lets nothing pass, what the audit asks for has to be given."""
    person = scene.person()
    buys(scene, least_purchase(person, use_account=False))
    buys(scene, whole_purchase(person, doctor=None, diagnoses=[]), key="R2")
    given = whole_purchase(person)
    given["rows"][0]["count"] = "99"
    buys(scene, given, key="R3", audit_3101="change")
    buys(scene, given, key="R3", audit_3102="change")
    buys(scene, given, key="R3")


@story(in_the_end=True)
def purchase_least(scene: Scene) -> None:
    """The least that can be given of a purchase: the account is asked about; asked for again it is the same; taken back
    by its settlement's number, and once more."""
    view = buys(scene)
    buys(scene)
    settled = view.result["settlement"]
    back = {"setl_id": settled.setl_id, "mdtrt_id": settled.mdtrt_id, "insured_place": "990100", "purchase_key": None}
    gives_back(scene, **back)
    gives_back(scene, key="Z2", **back)


@story(in_the_end=True, more='[features]\nsale_upload = "batch"\ntrace_codes = "settlement"')
def purchase_in_one_upload(scene: Scene) -> None:
    """The goods go in one call, without their codes; one row of what comes back is refused at first."""
    buys(scene, whole_purchase(scene.person(), use_account=False))
    scene.instead("3506A", {
        "infcode": 0, "output": {"selinfoErrDetail": [{
            "fixmedins_hilist_id": "I02", "fixmedins_hilist_name": "测试商品2", "fixmedins_bchno": "B02",
            "med_list_codg": "XA02", "retRslt": "0", "msgRslt": "批次不存在",
        }]},
    }, before=True)  # fmt: skip
    view = gives_back(scene)
    scene.desks[0].do("resumes", lambda: scene.desks[0].flows.resume(view.id))


@story(in_the_end=True)
def purchase_of_another_province(scene: Scene) -> None:
    """A person of another province: transactions with A, and the papers go along."""
    person = scene.person("cross")
    row = sold(1, ("81000000000000000011",))
    given = least_purchase(
        person, rows=[row], use_account=True, staff={"pharmacist": "甲", "pharmacist_certificate": "Z"}
    )
    buys(scene, given)
    gives_back(scene, credential=shown(person))


@story(in_the_end=True)
def purchase_of_two_places(scene: Scene) -> None:
    """Somebody who is insured at two places is asked which; the card is not given at first."""
    desk, person = scene.desk(), scene.person("several_cities")
    view = desk.start("pharmacy_purchase", least_purchase(person, credential=None), key="R1")
    view = desk.answer(view, json.dumps(shown(person)))
    view = desk.answer(view, "999900")
    desk.answers(view, YES)


@story(in_the_end=True)
def purchase_not_confirmed(scene: Scene) -> None:
    """The person says no, is asked again, says yes; another one says no and the flow is given up, and its key used
    again."""
    desk = scene.desk()
    view = desk.answers(
        desk.start("pharmacy_purchase", least_purchase(scene.person()), key="R1"), YES | {"confirm": "no"}
    )
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.answers(view, YES)
    given = least_purchase(scene.person("retired"), receipt_no="R2", use_account=False)
    view = desk.answers(desk.start("pharmacy_purchase", given, key="R2"), {"confirm": "no"})
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))
    desk.do("looks", lambda: desk.flows.get(view.id))
    desk.do("looks by its key", lambda: desk.flows.find("pharmacy_purchase", "R2"))
    desk.answers(desk.start("pharmacy_purchase", given, key="R2"), YES)
    desk.do("looks by its key", lambda: desk.flows.find("pharmacy_purchase", "R2"))


def odd(scene: Scene, infno: str, **by: str) -> None:
    """The platform states other amounts from now on than are right."""
    inner = scene.door.platform.handlers[infno]

    def handler(request: Any) -> Any:
        answer = inner(request)
        for name, more in by.items():
            answer["setlinfo"][name] += Decimal(more)
        return answer

    scene.say(f"{infno} states other amounts: {by}")
    scene.door.platform.handlers[infno] = handler


@story(in_the_end=True)
def purchase_of_contradictory_amounts(scene: Scene) -> None:
    """A pre-settlement whose amounts contradict each other, and one of another total: nothing is settled."""
    odd(scene, "2101", psn_cash_pay="0.01")
    buys(scene, least_purchase(scene.person(), use_account=False))
    odd(scene, "2101", psn_cash_pay="-0.02", psn_part_amt="-0.01", medfee_sumamt="-0.01", inscp_scp_amt="-0.01")
    buys(scene, least_purchase(scene.person("retired"), use_account=False), key="R2")


@story(in_the_end=True)
def purchase_settled_otherwise(scene: Scene) -> None:
    """A settlement that is another one than the pre-settlement, and contradicts itself: it stands, and is told."""
    odd(scene, "2102", psn_cash_pay="1.00")
    buys(scene)
    buys(scene, least_purchase(scene.person("retired"), use_account=False), key="R2")


@story(in_the_end=True, keys='same_bill = "ask"')
def purchase_of_the_same_rows(scene: Scene) -> None:
    """The same rows under another key, up to twelve hours later: asked about before the pre-settlement is confirmed;
    the same, or another."""
    buys(scene)
    desk = scene.desks[0]
    scene.clock.sleep(12 * HOUR)
    view = desk.start("pharmacy_purchase", least_purchase(scene.person(), receipt_no="R2", use_account=False), key="R2")
    view = desk.answer(view, "same")
    view = desk.do("resumes", lambda: desk.flows.resume(view.id))
    view = desk.answer(view, "another")
    desk.answers(view, YES)
    scene.clock.sleep(12 * HOUR + 1)
    buys(scene, least_purchase(scene.person(), receipt_no="R3", use_account=False), key="R3")


@story(in_the_end=True, keys='same_bill = "refuse"')
def purchase_of_the_same_rows_refused(scene: Scene) -> None:
    """Where the deployment refuses them."""
    buys(scene)
    buys(scene, least_purchase(scene.person(), receipt_no="R2", use_account=False), key="R2")


@story(in_the_end=True)
def purchase_lost(scene: Scene) -> None:
    """The settlement's answer is lost and nobody can be asked: unknown, asked again, given up in vain; then the keeper
    finds it and the flow goes on to its end."""
    desk = scene.desk()
    scene.strike(Fault.ANSWER_LOST, "2102")
    scene.deafen()
    given = least_purchase(scene.person(), use_account=False, rows=[sold(1, ("81000000000000000011",))],
                           staff={"pharmacist": "甲", "pharmacist_certificate": "Z"})  # fmt: skip
    view = desk.answers(desk.start("pharmacy_purchase", given, key="R1"), YES)
    desk.start("pharmacy_purchase", given, key="R1")
    desk.do("resumes", lambda: desk.flows.resume(view.id))
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))
    gives_back(scene)
    scene.mend()
    scene.clock.sleep(60)
    desk.keeps()
    desk.keeps()
    desk.do("looks", lambda: desk.flows.get(view.id))


@story(in_the_end=True)
def purchase_that_was_never_settled(scene: Scene) -> None:
    """Nothing reached the platform: the flow stops, and may be given up."""
    desk = scene.desk()
    scene.strike(Fault.REQUEST_LOST, "2102")
    view = desk.answers(
        desk.start("pharmacy_purchase", least_purchase(scene.person(), use_account=False), key="R1"), YES
    )
    scene.let_pass(HOUR)
    desk.keeps()
    view = desk.do("looks", lambda: desk.flows.get(view.id))
    gives_back(scene)
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))


@story(in_the_end=True)
def purchase_whose_process_dies(scene: Scene) -> None:
    """The process dies when the settlement is done; another one takes up the flow, without anybody asking."""
    desk = scene.desk()
    given = least_purchase(scene.person(), use_account=False, rows=[sold(1, ("81000000000000000011",)), sold(2)],
                           staff={"pharmacist": "甲", "pharmacist_certificate": "Z"})  # fmt: skip
    view = desk.start("pharmacy_purchase", given, key="R1")
    scene.dies("2102")
    desk.answer(view, "yes")
    other = scene.desk("desk 2")
    other.start("pharmacy_purchase", given, key="R1")
    other.do("looks", lambda: other.flows.get(view.id))
    scene.clock.sleep(120)
    other.keeps()
    other.keeps()
    other.do("looks", lambda: other.flows.get(view.id))


@story(in_the_end=True)
def purchase_whose_process_dies_before_money_moves(scene: Scene) -> None:
    """The process dies while the pre-settlement is asked for: the flow stops, and its caller lets it go on."""
    desk = scene.desk()
    scene.dies("2101")
    desk.start("pharmacy_purchase", least_purchase(scene.person(), use_account=False), key="R1")
    other = scene.desk("desk 2")
    scene.clock.sleep(120)
    other.keeps()
    view = other.do("looks", lambda: other.flows.find("pharmacy_purchase", "R1"))
    view = other.do("resumes", lambda: other.flows.resume(view.id))
    other.answers(view, YES)


@story(in_the_end=True)
def purchase_whose_upload_stops(scene: Scene) -> None:
    """The second row's upload is refused; it goes on later, and what is taken back meanwhile is what was uploaded."""
    given = least_purchase(
        scene.person(), use_account=False, rows=[sold(1, ("81000000000000000011",)),
         sold(2, ("81000000000000000021",))],
        staff={"pharmacist": "甲", "pharmacist_certificate": "Z"},
    )  # fmt: skip
    desk = scene.desk()
    view = desk.start("pharmacy_purchase", given, key="R1")
    no = {"infcode": -1, "err_msg": "商品批次不存在"}
    scene.meanwhile("3505", lambda: scene.instead("3505", no, before=True))
    view = desk.answers(view, YES)
    gives_back(scene)
    desk.do("looks", lambda: desk.flows.get(view.id))
    desk.do("resumes", lambda: desk.flows.resume(view.id))


@story(in_the_end=True)
def purchase_whose_upload_is_unknown(scene: Scene) -> None:
    """Whether a row was uploaded is not known yet: the refund takes the money back and waits with the goods."""
    given = least_purchase(
        scene.person(), use_account=False, rows=[sold(1, ("81000000000000000011",))],
        staff={"pharmacist": "甲", "pharmacist_certificate": "Z"},
    )  # fmt: skip
    desk = scene.desk()
    view = desk.start("pharmacy_purchase", given, key="R1")
    scene.strike(Fault.ANSWER_LOST, "3505")
    scene.deafen("3513")
    view = desk.answers(view, YES)
    back = gives_back(scene)
    scene.mend()
    scene.clock.sleep(300)
    desk.keeps()
    desk.keeps()
    desk.do("looks", lambda: desk.flows.get(back.id))


@story(in_the_end=True)
def refund_of_nothing(scene: Scene) -> None:
    """What cannot be taken back: no such purchase, one that settled nothing, somebody else's, another flow's; a no, and
    a refund whose answer is lost."""
    desk = scene.desk()
    gives_back(scene, key="Z1")
    view = desk.start("pharmacy_purchase", least_purchase(scene.person(), use_account=False), key="R1")
    gives_back(scene, key="Z2")
    view = desk.answer(view, "yes")
    gives_back(scene, key="Z3", credential=shown(scene.person("retired")))
    asked = desk.start("pharmacy_refund", {"credential": shown(scene.person()), "purchase": view.id}, key="Z4")
    asked = desk.answer(asked, "no")
    gives_back(scene, key="Z5", purchase_key=None, purchase=asked.id)
    scene.strike(Fault.ANSWER_LOST, "2103")
    asked = desk.do("resumes", lambda: desk.flows.resume(asked.id))
    desk.answer(asked, "yes")
    gives_back(scene, key="Z6")


@story(in_the_end=True)
def refund_by_somebody_else(scene: Scene) -> None:
    """The settlement was taken back in the insurer's pages: no cash goes back here, the goods do."""
    from liangding.simulator.chapters.settling import take_back_elsewhere

    given = least_purchase(
        scene.person(), use_account=False, rows=[sold(1, ("81000000000000000011",))],
        staff={"pharmacist": "甲", "pharmacist_certificate": "Z"},
    )  # fmt: skip
    buys(scene, given)
    (settlement,) = scene.door.platform.world.settlements.values()
    scene.say("somebody takes it back elsewhere")
    take_back_elsewhere(settlement)
    gives_back(scene)


@story(in_the_end=True)
def what_a_purchase_is_given_is_checked(scene: Scene) -> None:
    """What can be no purchase, and what is asked of a flow that it cannot do."""
    desk, person = scene.desk(), scene.person()
    codes = [sold(1, ("8100", "8100")), sold(2)]
    wrong: list[dict[str, Any]] = [
        {"rows": []}, {"rows": [sold(1), sold(1)]}, {"rows": codes, "staff": None}, {"rows": [sold(1)]},
        {"rows": [sold(1, ("8100",)), sold(2, ("8100",))]}, {"receipt_no": 5}, {"use_account": "yes"}, {"strange": 1},
        {"rows": [sold(1, count="0")]}, {"med_type": "11"}, {"insutype": "ABC"}, {"credential": {"type": "7"}},
    ]  # fmt: skip
    for each in wrong:
        desk.start("pharmacy_purchase", least_purchase(person, **each), key="W1")
    desk.start("pharmacy_purchase", least_purchase(person))
    desk.start("pharmacy_purchase", least_purchase(person), key="")
    desk.start("pharmacy_refund", {"credential": shown(person)}, key="W2")
    desk.start("pharmacy_refund", {"credential": shown(person), "setl_id": "S1", "mdtrt_id": "M1"}, key="W2")
    desk.start("pharmacy_refunds", {}, key="W2")
    settled = {"setl_id": "S1", "mdtrt_id": "M1", "insured_place": "990100"}
    for name in settled:
        desk.start("pharmacy_refund", {"credential": shown(person), **settled, name: None}, key="W2")


def long_goods(**more: Any) -> dict[str, Any]:
    """A row whose goods have something that is too long."""
    row = sold(2, ("8100",))
    return row | {"goods": row["goods"] | more}


WRONG_GOODS: list[dict[str, Any]] = [
    {"rows": [sold(1), long_goods(manu_lotnum="长" * 120)]}, {"rows": [sold(1), long_goods(barcode="9" * 120)]},
    {"rows": [sold(1), long_goods(trace_codes=["9" * 120])]},
    {"rows": [sold(1)], "staff": {"pharmacist": "长" * 120, "pharmacist_certificate": "Z"}},
    {"rows": [sold(1)], "staff": {"pharmacist": "甲", "pharmacist_certificate": "Z" * 120}},
    {"rows": [sold(1)], "staff": {"pharmacist": "甲", "pharmacist_certificate": "Z", "prescriber": "长" * 120}},
    {"rows": [sold(1)], "staff": {"pharmacist": "甲", "pharmacist_certificate": "Z", "seller": "长" * 120}},
    {"rows": [sold(1), sold(2, prescription_no="9" * 120)]}, {"invoice_no": "9" * 120, "rows": [sold(1)]},
]  # fmt: skip


def wrong_goods(scene: Scene) -> None:
    """Each is told by the caller's own place, before anything is sent."""
    desk, person = scene.desk(), scene.person()
    for number, each in enumerate(WRONG_GOODS):
        given = {"staff": {"pharmacist": "甲", "pharmacist_certificate": "Z"}, "use_account": False, **each}
        desk.start("pharmacy_purchase", least_purchase(person, **given), key=f"W{number}")


@story(in_the_end=True, more='[features]\ntrace_codes = "both"')
def wrong_goods_row_by_row(scene: Scene) -> None:
    """Goods that are too long in something, where each row goes by itself."""
    wrong_goods(scene)


@story(in_the_end=True, more='[features]\nsale_upload = "batch"\ntrace_codes = "both"')
def wrong_goods_in_one_upload(scene: Scene) -> None:
    """The same where all go in one call."""
    wrong_goods(scene)
