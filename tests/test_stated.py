"""What the caller states of a person is held against what 1101 says, before anything is registered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from bedside import STAY, admission, bill, discharge, done, go_on, numbers, run, shown
from bedside import item as row
from liangding.calls.classify import of_another
from liangding.config import Kind
from liangding.flows import Status, View
from liangding.identity import same_name, same_number
from liangding.wire.json import decode, encode
from support import Rig, new_key, simulated_rig_for
from support import bill as purchase_bill
from test_registrations import KINDS

# -- two spellings -----------------------------------------------------------------------------------------------------

ONE_NAME = [
    ("阿卜杜拉·买买提", "阿卜杜拉•买买提"), ("阿卜杜拉．买买提", "阿卜杜拉 买买提"), ("买买提.艾力", "买买提‧艾力"),
    ("ＪＯＨＮ　ＳＭＩＴＨ", "john smith"), ("O'Neil, Ann", "O’NEIL ANN"), ("José", "JOSE"), ("王*", "王小五"),
    ("王小五", "王＊＊"), ("*小五", "王小五"), ("王**五", "王小小五"), ("", "王五"), ("***", "王五"),
]  # fmt: skip
TWO_NAMES = [
    ("王五", "测试二一"), ("王*", "李小五"), ("阿卜杜拉", "阿卜杜拉·买买提"), ("王五", "王五五"), ("王五", "王"),
    ("王*", "王"),
]  # fmt: skip
ONE_NUMBER = [
    ("11010519491231002x", "11010519491231002X"), ("110105491231002", "11010519491231002X"),
    ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"), ("1101**********002X", "11010519491231002X"),
    ("110105******002", "11010519491231002X"), ("R123456(7)", "r123456（7）"), ("H12345678", "H1234567801"),
    ("12345678", "1234567801"), ("E 1234 5678", "e12345678"),
]  # fmt: skip
TWO_NUMBERS = [
    ("11010519491231002X", "110105194912310038"), ("110105491231002", "11010520491231002X"),
    ("H12345678", "H1234567901"), ("12345678", "H12345678"), ("1101**********0038", "11010519491231002X"),
]  # fmt: skip


def test_two_spellings_are_one_person_or_two() -> None:
    assert [pair for pair in ONE_NAME if not (same_name(*pair) and same_name(*pair[::-1]))] == []
    assert [pair for pair in TWO_NAMES if same_name(*pair) or same_name(*pair[::-1])] == []
    assert [pair for pair in ONE_NUMBER if not (same_number(*pair) and same_number(*pair[::-1]))] == []
    assert [pair for pair in TWO_NUMBERS if same_number(*pair) or same_number(*pair[::-1])] == []


# -- a name ------------------------------------------------------------------------------------------------------------


def bought(rig: Rig) -> None:
    done(run(rig, "pharmacy_purchase", purchase_bill(rig.person(), credential=shown(rig.person()), **NO_ACCOUNT), "K1"))


def billed(rig: Rig) -> None:
    done(run(rig, "outpatient", bill(rig.person()), "K1"))


def admitted(rig: Rig) -> None:
    done(run(rig, "admission", admission(rig.person()), "A1"))


def charged(rig: Rig) -> None:
    admitted(rig)
    done(run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [row("F-1")]}, "F1"))


def nothing(_: Rig) -> None:
    pass


NO_ACCOUNT: dict[str, Any] = {"use_account": False}
DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}

FLOWS: dict[str, tuple[Kind, Callable[[Rig], None], Callable[[Rig], dict[str, Any]]]] = {
    "pharmacy_purchase": (Kind.PHARMACY, nothing, lambda rig: purchase_bill(rig.person(), **NO_ACCOUNT)),
    "pharmacy_refund": (Kind.PHARMACY, bought, lambda _: {"purchase_key": "K1"}),
    "outpatient": (Kind.HOSPITAL, nothing, lambda rig: bill(rig.person())),
    "outpatient_undo": (Kind.HOSPITAL, billed, lambda _: {"bill_key": "K1", "level": "registration"}),
    "admission": (Kind.HOSPITAL, nothing, lambda rig: admission(rig.person())),
    "discharge": (Kind.HOSPITAL, charged, lambda rig: discharge(rig.person())),
    "inpatient_undo": (Kind.HOSPITAL, admitted, lambda _: {"stay": STAY, "level": "admission"}),
    "register_designation": (Kind.HOSPITAL, nothing, lambda _: {"facts": KINDS["designation"][1]}),
}
"""Flow → where it is, what comes before it, what it is given beside the credential."""


def begin(rig: Rig, flow: str, **credential: Any) -> View:
    given = FLOWS[flow][2](rig) | {"credential": shown(rig.person()) | credential}
    return run(rig, flow, given, f"{flow}-1", another_name="wait", another_document="wait")


def code(kind: Kind) -> str:
    return f"{'P' if kind is Kind.PHARMACY else 'H'}44190000001"


@pytest.mark.parametrize("flow", FLOWS)
def test_another_name_is_asked_about_before_anything_is_changed(tmp_path: Path, flow: str) -> None:
    kind, before, _ = FLOWS[flow]
    with simulated_rig_for(tmp_path, kind=kind, code=code(kind)) as rig:
        before(rig)
        made = len([call for call in rig.runtime.journal.latest(limit=100) if call.changes])
        view = begin(rig, flow, name="王五")
        assert view.question is not None
        assert (view.question.id, view.question.whom) == ("another_name", kind.cashier)
        assert [value for _, value in view.question.facts] == ["王五", rig.person().name]
        view = rig.flows.answer(view.id, "other")
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "not_confirmed")
        assert len([call for call in rig.runtime.journal.latest(limit=100) if call.changes]) == made
        view = begin(rig, flow, name="赵六")
        assert view.question is not None
        assert view.question.facts[0][1] == "赵六"
        done(go_on(rig, rig.flows.answer(view.id, "same")))


def test_what_was_answered_about_one_name_is_no_answer_about_another(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        view = begin(rig, "pharmacy_purchase", name="王五")
        view = rig.flows.answer(view.id, "same")
        assert view.question is not None
        assert view.question.id == "confirm"
        view = begin(rig, "pharmacy_purchase", name="赵六")
        assert view.question is not None
        assert (view.question.id, view.question.facts[0][1]) == ("another_name", "赵六")


@pytest.mark.parametrize("province", ["dongguan", "shaanxi", "sichuan", "gansu", "xinjiang"])
def test_a_name_written_otherwise_is_not_asked_about(tmp_path: Path, province: str) -> None:
    areas = {"dongguan": "441900", "shaanxi": "610100", "sichuan": "510400", "gansu": "620100", "xinjiang": "650100"}
    area = areas[province]
    with simulated_rig_for(tmp_path, province=province, area=area, code=f"P{area}00001", gateway="plain") as rig:
        person = rig.person()
        object.__setattr__(person, "name", "阿卜杜拉·测试")
        view = begin(rig, "pharmacy_purchase", name="阿卜杜拉•测 试")
        assert view.question is None or view.question.id != "another_name"


# -- a number ----------------------------------------------------------------------------------------------------------


def answers_with(rig: Rig, times: int = 1000, **base: Any) -> None:
    """Let 1101 say something else of the person, so many times."""
    inner, left = rig.platform.handlers["1101"], [times]

    def handler(request: Any) -> Any:
        told = inner(request)
        left[0] -= 1
        return told | {"baseinfo": told["baseinfo"] | base} if left[0] >= 0 else told

    rig.platform.handlers["1101"] = handler


OTHER = "110105194912310038"


@pytest.mark.parametrize("credential", [{}, {"type": "01", "certno": OTHER}])
def test_another_identity_number_is_an_error_that_names_what_there_is(tmp_path: Path, credential: Any) -> None:
    with simulated_rig_for(tmp_path) as rig:
        person = rig.person()
        if credential:
            credential = credential | {"number": person.token}
        else:
            answers_with(rig, certno=f"{OTHER[:4]}{'*' * 10}{OTHER[-4:]}")  # in full, it is no answer at all
        view = begin(rig, "pharmacy_purchase", **credential)
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "not_as_stated")
        assert OTHER[-4:] in str(view.error)
        assert person.certno[-4:] in str(view.error)
        assert person.certno not in str(view.error)
        assert set(numbers(rig)) == {"9001", "1101"}


def test_an_answer_that_the_line_mixed_up_is_asked_for_again(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        answers_with(rig, 1, certno=OTHER)
        done(go_on(rig, begin(rig, "pharmacy_purchase")))


def test_an_older_or_a_wider_spelling_of_a_number_is_the_same(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        wide = "".join(chr(ord(c) + 0xFEE0) for c in rig.person().certno)
        done(go_on(rig, begin(rig, "pharmacy_purchase", number=wide)))


def test_another_document_of_a_foreigner_is_asked_about(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        person = rig.person("foreigner")
        answers_with(rig, certno="X9988776")
        given = purchase_bill(person, **NO_ACCOUNT) | {
            "credential": {"type": "99", "number": person.certno, "cert_type": person.cert_type}
        }
        view = run(rig, "pharmacy_purchase", given, new_key(), another_document="wait")
        assert view.question is not None
        assert view.question.id == "another_document"
        assert person.certno not in view.question.text
        done(go_on(rig, rig.flows.answer(view.id, "same")))


# -- a place -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", ["pharmacy_purchase", "outpatient", "admission", "register_designation"])
def test_a_place_that_the_person_does_not_have_is_an_error(tmp_path: Path, flow: str) -> None:
    kind, before, given = FLOWS[flow]
    with simulated_rig_for(tmp_path, kind=kind, code=code(kind)) as rig:
        before(rig)
        stated = given(rig) | {"credential": shown(rig.person()), "insured_place": "110100"}
        view = run(rig, flow, stated, "K1")
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "not_as_stated")
        assert "110100" in str(view.error)
        assert rig.person().covers[0].place in str(view.error)
        assert set(numbers(rig)) == {"9001", "1101"}
        right = stated | {"insured_place": rig.person().covers[0].place}
        done(run(rig, flow, right, "K2"))


def test_an_empty_place_and_an_empty_insurance_state_nothing(tmp_path: Path) -> None:
    """Systems send every field of a form, the empty ones too."""
    with simulated_rig_for(tmp_path) as rig:
        given = purchase_bill(rig.person(), insured_place="", insutype="", **NO_ACCOUNT)
        done(run(rig, "pharmacy_purchase", given, "K1"))


def test_a_place_where_the_insurance_does_not_hold_is_named_with_why(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        person = rig.person()
        gone = attrs.evolve(person.covers[0], place="440100", status="2")
        person.covers.append(gone)
        view = run(rig, "pharmacy_purchase", purchase_bill(person, insured_place="440100", **NO_ACCOUNT), "K1")
        assert view.error is not None
        assert view.error["code"] == "not_as_stated"
        assert "440100" in view.error["message"]
        assert "不能在本机构用" in view.error["message"]


LONG = "44190000000000000001"


@pytest.mark.parametrize(
    ("told", "as_read", "is_it"),
    [
        (LONG, LONG, True),
        (int(LONG), LONG, True),
        (Decimal(f"{LONG}.0"), LONG, True),
        (Decimal("4.4190000000000000001E+19"), LONG, True),
        (Decimal("4.419E+19"), None, None),
        (int(LONG) - 1, str(int(LONG) - 1), False),
        (44190000000000000000, "44190000000000000000", False),
    ],
    ids=["text", "number", "with a fraction", "written out in powers", "cut", "the neighbour", "rounded by a program"],
)
def test_a_number_of_twenty_digits_is_compared_digit_by_digit(
    tmp_path: Path, told: Any, as_read: str | None, is_it: bool | None
) -> None:
    """Two persons' numbers may differ in the last digit alone, which a floating point number does not hold."""
    with simulated_rig_for(tmp_path) as rig:
        person = rig.person()
        known = rig.runtime.known
        output = {"baseinfo": {"psn_no": told, "psn_name": person.name, "certno": person.certno}}
        read, _ = known.answers.read(known.interfaces["1101"].output, decode(encode(output)), ("output",))
        assert read.baseinfo.psn_no == as_read
        call = rig.runtime.prepare("5206", {"data": {"psn_no": LONG}}, insured_place="441900")
        assert of_another(call, decode(encode({"data": {"psn_no": told}}))) is (is_it is False)
