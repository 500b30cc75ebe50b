"""人员备案与交接班: registrations and their withdrawals, and the change of shift."""

from __future__ import annotations

from typing import Any

import pytest

from bedside import done, run, shown
from liangding.errors import InvalidMessage
from liangding.flows import Status
from liangding.simulator.faults import Fault
from support import Rig

TRANSFER = {
    "diag_code": "I10.x00", "diag_name": "高血压", "reflin_medins_no": "H44010000001", "reflin_medins_name": "省医院",
    "mdtrtarea_admdvs": "440100", "refl_type": "2", "refl_date": "2026-11-20", "refl_rea": "病情需要",
    "refl_opnn": "同意", "begndate": "2026-11-20", "enddate": "2026-12-31",
}  # fmt: skip
CHRONIC = {
    "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "ide_fixmedins_no": "H44190000001",
    "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1", "diag_dr_name": "测试医师",
    "begndate": "2026-01-10",
}  # fmt: skip
DESIGNATION = {
    "biz_appy_type": "3", "begndate": "2026-01-10", "fix_srt_no": "1", "fixmedins_code": "H44190000001",
    "fixmedins_name": "测试机构",
}  # fmt: skip
INJURY = {"dcla_souc": "01", "chk_pay_flag": "1", "begndate": "2026-11-20", "trum_time": "2026-11-19 18:00:00"}

KINDS: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "transfer": ("2501", TRANSFER, "2502"),
    "chronic_disease": ("2503", CHRONIC, "2504"),
    "designation": ("2505", DESIGNATION, "2506"),
    "injury": ("2507", INJURY, None),
}
"""Kind → the transaction that registers, what is registered, the one that withdraws."""


def registered(rig: Rig, kind: str, case: str = "local") -> Any:
    given = {"credential": shown(rig.person(case)), "facts": KINDS[kind][1]}
    return run(rig, f"register_{kind}", given, "K1")


def held(rig: Rig) -> list[str]:
    psn_no = rig.person().psn_no
    return [r.state for r in rig.platform.world.registrations.values() if r.psn_no == psn_no]


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_registered_once_for_a_key(ward: Rig, kind: str) -> None:
    view = done(registered(ward, kind))
    assert view.result["trt_dcla_detl_sn"]
    assert registered(ward, kind).id == view.id
    assert ward.sent(KINDS[kind][0]) == 1
    assert held(ward) == ["effective"]


@pytest.mark.parametrize("kind", ["transfer", "chronic_disease", "designation"])
def test_a_registration_is_withdrawn(ward: Rig, kind: str) -> None:
    view = done(registered(ward, kind))
    given = {"credential": shown(ward.person()), "registration_key": "K1", "reason": "误报"}
    assert done(run(ward, f"withdraw_{kind}", given, "W1")).result["withdrawn"]
    assert held(ward) == ["cancelled"]
    assert ward.sent(str(KINDS[kind][2])) == 1
    serial = {"trt_dcla_detl_sn": view.result["trt_dcla_detl_sn"], "insured_place": ward.person().covers[0].place}
    again = run(ward, f"withdraw_{kind}", {"credential": shown(ward.person()), "reason": "误报", **serial})
    assert again.status is Status.STOPPED


def test_cross_province_persons_are_transferred_by_the_variant(ward: Rig) -> None:
    done(registered(ward, "transfer", "cross"))
    assert (ward.sent("2501"), ward.sent("2501A")) == (0, 1)


@pytest.mark.parametrize("kind", ["transfer", "chronic_disease", "designation"])
def test_a_lost_answer_is_found_out_without_its_number(ward: Rig, kind: str) -> None:
    infno = KINDS[kind][0]
    ward.strike(Fault.ANSWER_LOST, infno)
    view = done(registered(ward, kind))
    assert ward.sent(infno) == 1
    assert view.result["trt_dcla_detl_sn"] == ""
    assert any("流水号" in sentence for sentence in view.advice)
    given = {"credential": shown(ward.person()), "registration_key": "K1", "reason": "误报"}
    stopped = run(ward, f"withdraw_{kind}", given)
    assert (stopped.status, stopped.step) == (Status.STOPPED, "find_registration")


def test_what_nobody_can_ask_goes_to_a_person(ward: Rig) -> None:
    ward.strike(Fault.ANSWER_LOST, "2507")
    view = registered(ward, "injury")
    assert (view.status, view.step) == (Status.UNKNOWN, "register")
    assert ward.sent("2507") == 1


@pytest.mark.parametrize(
    "change", [{"opsp_dise_code": None}, {"hosp_ide_date": "yesterday"}, {"psn_no": "1"}, {"disease": "x"}]
)
def test_what_is_registered_is_checked(ward: Rig, change: dict[str, Any]) -> None:
    given = {"credential": shown(ward.person()), "facts": CHRONIC | change}
    with pytest.raises(InvalidMessage):
        ward.flows.start("register_chronic_disease", given)


def test_a_withdrawal_is_the_persons_own_and_confirmed(ward: Rig) -> None:
    done(registered(ward, "chronic_disease"))
    given = {"credential": shown(ward.person("retired")), "registration_key": "K1", "reason": "误报"}
    other = run(ward, "withdraw_chronic_disease", given)
    assert other.error is not None
    assert other.error["code"] == "other_person"
    own = given | {"credential": shown(ward.person())}
    assert run(ward, "withdraw_chronic_disease", own, confirm_undo="no").status is Status.STOPPED
    assert held(ward) == ["effective"]


# -- the change of shift -----------------------------------------------------------------------------------------------


def test_one_operator_leaves_and_the_next_one_comes(ward: Rig) -> None:
    first, second = ward.deployment.operators
    before = ward.runtime.sign_in(first)
    done(run(ward, "shift_change", {"leaving": first.code, "coming": second.code}, "S1"))
    assert (ward.sent("9002"), ward.sent("9001")) == (1, 2)
    run(ward, "shift_change", {"leaving": first.code, "coming": second.code}, "S1")
    assert ward.sent("9001") == 2
    done(run(ward, "shift_change", {"leaving": second.code, "coming": first.code}, "S2"))
    assert ward.runtime.sign_in(first) != before or ward.sent("9001") == 3


def test_only_operators_of_the_deployment_change_shifts(ward: Rig) -> None:
    view = run(ward, "shift_change", {"leaving": "001", "coming": "009"})
    assert view.error is not None
    assert view.error["code"] == "unknown_operator"
    assert ward.sent("9002") == 0
