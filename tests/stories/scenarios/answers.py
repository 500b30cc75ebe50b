"""What an answer says beside its output: sentences, amounts that do not go together, another encoding; and what is left
of it when its time is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from liangding.config import Kind
from liangding.errors import LiangdingError
from liangding.flows.pharmacy import PharmacyPurchase
from liangding.journal import State
from liangding.kit import purchase
from liangding.wire.json import decode, encode
from liangding.wire.transport import Exchange
from liangding.workflow.standing import ENDED

from .. import story
from ..given import DOCTOR, fee, least_admission, least_discharge, least_purchase, least_visit, shown
from ..scene import Desk, Scene
from .flows_outpatient import AT_ONCE, does


def alters(scene: Scene, infno: str, change: Callable[[dict[str, Any]], object], encoding: str = "utf-8") -> None:
    """The next answer to a transaction comes with that change, and in that encoding."""

    def plan(post: Callable[[], Exchange]) -> Exchange:
        exchange = post()
        answer = decode(exchange.body)
        change(answer)
        return attrs.evolve(exchange, body=encode(answer).decode().encode(encoding))

    scene.plans.setdefault(infno, []).append(plan)


def settles(desk: Desk, key: str, total: str, **druginfo: str) -> None:
    person = desk.scene.person()
    message = purchase(person, total)
    message["druginfo"] |= {"med_type": "41", **druginfo}
    desk.call("2102", message, key=key, insured_place=person.covers[0].place)


@story()
def what_an_answer_says_beside(scene: Scene) -> None:
    """The account pays although it was not to be used, the platform warns, and writes in another encoding: told with
    the answer, and again to whoever asks again."""
    desk = scene.desk()

    def pays_by_account(answer: dict[str, Any]) -> None:
        info = answer["output"]["setlinfo"]
        info["acct_pay"], info["psn_cash_pay"] = info["psn_cash_pay"], 0

    for flag in ("0", "1"):
        alters(scene, "2102", pays_by_account)
        settles(desk, f"A{flag}", f"3{flag}.00", acct_used_flag=flag)
        settles(desk, f"A{flag}", f"3{flag}.00", acct_used_flag=flag)
    alters(scene, "2102", lambda answer: answer.update(warn_msg="参保人本年度额度将满"), "gb18030")
    settles(desk, "W", "40.00")
    settles(desk, "W", "40.00")
    alters(scene, "1101", lambda answer: answer.update(warn_msg="参保信息以经办为准"), "gb18030")
    person = scene.person()
    desk.call("1101", {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "psn_cert_type": "01"}})


@story(Kind.HOSPITAL)
def what_is_left_of_an_answer(scene: Scene) -> None:
    """Whoever asks again when bodies were cleared away gets the numbers that the columns hold: of a registration its
    own; of rows, which have none, that they were accepted."""
    desk, person = scene.desk(), scene.person()
    place = person.covers[0].place
    opened = {
        "psn_no": person.psn_no, "insutype": "310", "begntime": "2026-11-21 09:00:00", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": person.certno, "ipt_otp_no": "O1", "atddr_no": "D11", "dr_name": "测试医师甲",
        "dept_code": "K11", "dept_name": "测试内科", "caty": "A03",
    }  # fmt: skip
    visit = desk.call("2201", {"data": opened}, insured_place=place).output.data.mdtrt_id
    row = fee(1, mdtrt_id=visit, psn_no=person.psn_no, chrg_bchno="B1", fee_ocur_time="2026-11-21 09:10:00")
    row |= {
        "cnt": row.pop("count"), "pric": row.pop("price"), "det_item_fee_sumamt": "11.11", "rx_circ_flag": "0",
        "bilg_dept_codg": "K11", "bilg_dept_name": "测试内科", "bilg_dr_codg": "D11", "bilg_dr_name": "测试医师甲",
    }  # fmt: skip
    asked: tuple[tuple[str, Any], ...] = (("2201", {"data": opened}), ("2204", {"feedetail": [row]}))
    desk.call("2204", {"feedetail": [row]}, insured_place=place)
    desk.do("clears away", lambda: desk.journal.prune(scene.clock.epoch() + 1))
    for infno, message in asked:
        desk.call(infno, message, insured_place=place)


@story()
def what_is_left_of_a_settlement(scene: Scene) -> None:
    """The same of a settlement, and of what took it back."""
    desk, person = scene.desk(), scene.person()
    info = desk.settle("B1").output.setlinfo
    back = {"psn_no": person.psn_no, "mdtrt_id": info.mdtrt_id, "setl_id": info.setl_id}

    def takes_back() -> None:
        desk.call("2103", {"data": back}, key="Z1", insured_place=person.covers[0].place)

    takes_back()
    desk.do("clears away", lambda: desk.journal.prune(scene.clock.epoch() + 1))
    desk.settle("B1")
    takes_back()


@story(in_the_end=True)
def flows_that_were_cleared_away(scene: Scene) -> None:
    """A purchase whose bodies and persons were cleared away: looked at, asked for again, taken back."""
    desk, person = scene.desk(), scene.person()
    given = least_purchase(person, use_account=False)
    view = desk.answers(desk.start("pharmacy_purchase", given, key="R1"), {"confirm": "yes"})
    desk.do("clears away", lambda: desk.journal.prune(scene.clock.epoch() + 1, [each.value for each in ENDED]))
    desk.do("looks", lambda: desk.flows.get(view.id))
    desk.start("pharmacy_purchase", given, key="R1")
    back = {"credential": shown(person), "purchase": view.id}
    desk.answers(desk.start("pharmacy_refund", back, key="Z1"), {"confirm": "yes"})
    assert view.flow == PharmacyPurchase.name


@story(in_the_end=True, everywhere=True)
def numbers_that_are_long(scene: Scene) -> None:
    """A key may be longer than the column of the bill's own number: the number is cut there, and the key is not."""
    desk, person = scene.desk(), scene.person()
    key = "R" * 99 + "abc"
    given = least_purchase(person, use_account=False)
    view = desk.answers(desk.start("pharmacy_purchase", given, key=key), {"confirm": "yes"})
    desk.do("gives it up", lambda: desk.flows.abandon(view.id))
    assert view.id == getattr(desk.flows.find("pharmacy_purchase", key), "id", "")
    held = desk.journal.flows.get(view.id)
    assert held is not None
    scene.show("kept", {name: held[name] for name in ("key", "bill_no")})
    desk.start("pharmacy_purchase", least_purchase(scene.person("retired"), use_account=True), key=f"{key}2")


@story(Kind.HOSPITAL, in_the_end=True, more=AT_ONCE)
def a_visit_of_the_platforms_own_words(scene: Scene) -> None:
    """The platform warns at every step of a bill: the person at the till reads each sentence once."""
    for infno in ("1101", "2201", "2203", "2204", "2206", "2207"):
        alters(scene, infno, lambda answer, of=infno: answer.update(warn_msg=f"{of} 的提示"))  # type: ignore[misc]
    does(scene, "outpatient", "B1", least_visit(scene.person(), use_account=False))


BY_CODE = """
[ecredential]
by = "platform"
office_id = "A01"
office_name = "收费处"
expired_words = ["二维码过期"]
"""


@story(Kind.HOSPITAL, in_the_end=True, more=AT_ONCE + BY_CODE)
def what_is_asked_to_be_shown(scene: Scene) -> None:
    """Where the caller gives no credential the question says what is to be read, for which occasion and by whom: of a
    bill, of what takes it back, of a stay, and once more where what was shown has expired."""
    desk, person = scene.desk(), scene.person()
    code = json.dumps(shown(person, "01"))
    bill = least_visit(person, use_account=False, credential=None)
    scene.instead("2206", {"infcode": -1, "err_msg": "二维码过期"}, before=True)
    view = desk.start("outpatient", bill, key="B1", operator="002")
    for _ in range(2):
        view = desk.answer(view, code)
    desk.answer(view, "yes")
    back = {"bill_key": "B1", "level": "registration"}
    desk.start("outpatient_undo", back, key="U1")
    desk.start("outpatient_settle_again", {"bill_key": "B1"}, key="A1")
    desk.start("admission", least_admission(person, credential=None), key="I1")
    numbers = {"mdtrt_id": "1", "psn_no": person.psn_no, "insured_place": "990100", "insutype": "310", "ipt_no": "I1"}
    desk.start("discharge", least_discharge(person, credential=None, stay=numbers), key="D1")
    desk.start("inpatient_undo", {"stay": numbers, "level": "admission"}, key="U2")


@story(Kind.HOSPITAL, in_the_end=True, more=AT_ONCE)
def rows_that_do_not_fit_once_they_are_composed(scene: Scene) -> None:
    """A doctor whose code is too long stands in every row of the bill: told of each row before any of them is sent."""
    desk, person = scene.desk(), scene.person()
    doctor = {**DOCTOR, "atddr_no": "长" * 40, "dept_name": "长" * 400}
    numbers = {"mdtrt_id": "1", "psn_no": person.psn_no, "insured_place": "990100", "insutype": "310", "ipt_no": "I1"}
    rows = [fee(1), fee(2, doctor=DOCTOR), fee(3)]
    desk.start("inpatient_fees", {"stay": numbers, "doctor": doctor, "rows": rows}, key="F1")
    given = least_visit(person, rows=[fee(1), fee(2, doctor=doctor)], use_account=False)
    desk.start("outpatient", given, key="B1")


@story()
def what_a_record_says_of_each_outcome(scene: Scene) -> None:
    """Whoever comes to a call that another one has made meanwhile hears what became of it, whatever it is."""
    desk = scene.desk()
    desk.settle("B1")
    held = desk.runtime.journal.by_key(scene.deployment.institution.code, "B1")
    assert held is not None
    transaction = desk.runtime.interfaces["2102"]
    for state in State:
        try:
            received = desk.runtime._answers.recorded(transaction, attrs.evolve(held, state=state))
            scene.show(state.value, [received.call_id, received.found, list(received.advice)])
        except LiangdingError as failed:
            scene.show(state.value, failed.as_json())
