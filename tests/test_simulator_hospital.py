"""The simulated platform plays a hospital's day: visits forwards and backwards, registrations, audit, queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hospital import Desk
from liangding.checks import Circumstances, cancellation_amounts, settlement_amounts
from liangding.config import Kind
from liangding.errors import CallNotSent
from liangding.simulator.faults import Fault
from support import Rig, rig_for, yuan

HOSPITAL = {"kind": Kind.HOSPITAL, "code": "H44190000001"}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    """A hospital in Dongguan and its platform."""
    with rig_for(tmp_path, **HOSPITAL) as made:
        yield made


def desk(rig: Rig, case: str = "local") -> Desk:
    person = rig.person(case)
    cross = person.covers[0].place[:2] != rig.platform.world.area[:2]
    return Desk(rig=rig, person=person, a="A" if cross else "")


def at_counter(rig: Rig, case: str = "local", med_type: str = "11", **facts: Any) -> Desk:
    """A patient who is registered and described."""
    patient = desk(rig, case)
    patient.register()
    patient.describe(med_type, **facts)
    return patient


def agrees_everywhere(output: Any) -> None:
    """The identities hold whatever a region says of fund and account."""
    check = cancellation_amounts if output.setlinfo.medfee_sumamt < 0 else settlement_amounts
    for includes in (None, True, False):
        assert list(check(output, Circumstances(fund_includes_account=includes))) == []


# -- outpatients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["local", "retired", "resident", "civil_servant", "province", "cross"])
def test_a_whole_outpatient_visit(ward: Rig, case: str) -> None:
    patient = at_counter(ward, case)
    rows = patient.fee("1", "33.33", "3"), patient.fee("2", "600", code="XA04"), patient.fee("3", "12.345", "7", "XA05")
    split = patient.charge(*rows, patient.fee("4", "20", code="XA08")).output.result
    assert [row.feedetl_sn for row in split] == ["1", "2", "3", "4"]
    assert split[1].overlmt_amt == yuan("100.00")
    assert split[3].fulamt_ownpay_amt == yuan("20.00")
    settled = patient.settle("806.41")
    info = settled.output.setlinfo
    agrees_everywhere(settled.output)
    assert ward.standing() == [info.setl_id]
    assert info.hifp_pay > 0
    assert (info.acct_pay > 0) is (case != "resident")
    assert (info.cvlserv_pay > 0) is (case == "civil_servant")
    undone = patient.undo(settled)
    agrees_everywhere(undone.output)
    assert undone.output.setlinfo.medfee_sumamt == -info.medfee_sumamt
    assert ward.standing() == []


def test_who_is_retired_or_insured_elsewhere_gets_another_ratio(ward: Rig) -> None:
    ratios = {}
    for case in ("local", "retired", "province", "cross"):
        patient = at_counter(ward, case)
        patient.charge(patient.fee("1", "1000"))
        ratios[case] = patient.settle("1000.00").output.setlinfo.pool_prop_selfpay
    assert ratios["retired"] > ratios["local"] > ratios["province"] > ratios["cross"]


def test_cross_province_persons_need_the_transactions_with_a(ward: Rig) -> None:
    patient = at_counter(ward, "cross")
    patient.charge(patient.fee("1", "10"))
    assert "2206A" in patient.refused("2206", patient.bill("10.00"))


def test_the_deductible_is_paid_once_a_year_and_comes_back(ward: Rig) -> None:
    first, second = at_counter(ward), desk(ward)
    second.register("O2")
    second.describe()
    for patient in (first, second):
        patient.charge(patient.fee("1", "80"))
    paid = first.settle("80.00", account="0")
    assert paid.output.setlinfo.act_pay_dedc == 80
    assert second.call("2206", second.bill("80.00")).output.setlinfo.act_pay_dedc == 20
    first.undo(paid)
    assert second.call("2206", second.bill("80.00")).output.setlinfo.act_pay_dedc == 80
    again = first.settle("80.00", account="0")
    first.call("2601", first.reversal("2207", again.msgid))
    assert second.settle("80.00").output.setlinfo.act_pay_dedc == 80


def test_the_pool_pays_no_more_than_its_ceiling_in_a_year(ward: Rig) -> None:
    patient = at_counter(ward, "resident")
    patient.charge(patient.fee("1", "1900"))
    patient.charge(patient.fee("2", "1000", chrg_bchno="B2"))
    assert patient.settle("1900.00").output.setlinfo.hifp_pay == yuan("736.00")
    assert patient.settle("1000.00", "B2").output.setlinfo.hifp_pay == yuan("64.00")


def test_several_bills_of_one_visit(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"), patient.fee("2", "70", chrg_bchno="B2"))
    one, two = patient.settle("50.00"), patient.settle("70.00", "B2")
    assert len(ward.standing()) == 2
    assert "已结算" in patient.refused("2206", patient.bill("50.00"))
    patient.undo(one)
    assert ward.standing() == [two.output.setlinfo.setl_id]
    assert "已结算" in patient.refused("2205", patient.withdrawing("B2"))
    patient.call("2205", patient.withdrawing("B1"))
    patient.charge(patient.fee("1", "45"))
    patient.settle("45.00")
    assert len(ward.standing()) == 2


def test_an_outpatient_visit_is_undone_from_the_end(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    assert "已结算" in patient.refused("2202", patient.unregistering())
    assert "已结算" in patient.refused("2205", patient.withdrawing("B1"))
    patient.call("2205", patient.withdrawing())
    patient.undo(settled)
    assert "重复撤销" in patient.refused("2208", patient.taking_back(settled.output.setlinfo.setl_id))
    assert "明细" in patient.refused("2202", patient.unregistering())
    patient.call("2205", patient.withdrawing())
    patient.call("2202", patient.unregistering())
    assert "不存在" in patient.refused("2204", {"feedetail": [patient.fee("1", "50")]})
    assert patient.register() != settled.output.setlinfo.mdtrt_id


def test_a_settlement_is_taken_back_by_its_own_transaction_only(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    assert "2208" not in patient.refused("2305", patient.taking_back(settled.output.setlinfo.setl_id))
    assert "2103" in patient.refused("2103", patient.taking_back(settled.output.setlinfo.setl_id))


def test_fee_rows_are_checked(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    assert "重复" in patient.refused("2204", {"feedetail": [patient.fee("1", "50")]})
    assert "应为正" in patient.refused("2204", {"feedetail": [patient.fee("2", "50", "-1")]})
    assert "病种编码不一致" in patient.refused("2204", {"feedetail": [patient.fee("2", "50", dise_codg="M1")]})
    ward.platform.world.row_limit = 2
    many = [patient.fee(str(n), "1") for n in range(10, 13)]
    assert "最多" in patient.refused("2204", {"feedetail": many})
    assert [row.feedetl_sn for row in patient.call("5204", {"data": patient.named}).output] == ["1"]


def test_a_bill_has_to_agree_with_what_was_uploaded(ward: Rig) -> None:
    patient = desk(ward)
    patient.register()
    patient.charge(patient.fee("1", "50"))
    assert "诊断" in patient.refused("2206", patient.bill("50.00"))
    patient.describe()
    assert "合计" in patient.refused("2206", patient.bill("51.00"))
    assert "医疗类别" in patient.refused("2206", patient.bill("50.00", med_type="13"))
    assert "没有待结算" in patient.refused("2206", patient.bill("50.00", "B9"))
    wrong = patient.bill("50.00")
    wrong["data"] |= {"fulamt_ownpay_amt": 50, "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": 0}
    assert "预结算" in patient.refused("2207", wrong)
    by_token = patient.bill("50.00")
    by_token["data"] |= {"mdtrt_cert_type": "01", "mdtrt_cert_no": patient.person.token}
    assert "凭证类型" in patient.refused("2206", by_token)


def test_an_emergency_has_no_deductible(ward: Rig) -> None:
    patient = at_counter(ward, med_type="13")
    patient.charge(patient.fee("1", "100"))
    info = patient.settle("100.00", med_type="13").output.setlinfo
    assert (info.act_pay_dedc, info.hifp_pay) == (0, yuan("70.00"))


def test_a_reversed_settlement_may_be_settled_again(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    patient.call("2601", patient.reversal("2207", settled.msgid))
    assert ward.standing() == []
    again = patient.settle("50.00")
    balance = again.output.setlinfo.balc
    undone = patient.undo(again)
    patient.call("2601", patient.reversal("2208", undone.msgid))
    assert ward.standing() == [again.output.setlinfo.setl_id]
    assert patient.person.covers[0].balance == balance


def test_a_cancellation_cannot_be_reversed_after_the_visit_went_on(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    undone = patient.undo(patient.settle("50.00"))
    patient.call("2205", patient.withdrawing())
    assert "变动" in patient.refused("2601", patient.reversal("2208", undone.msgid))
    assert ward.standing() == []


def test_a_lost_answer_to_2207_is_found_out(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    given = patient.bill("50.00")
    given["data"] |= {"fulamt_ownpay_amt": 0, "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": 50}
    ward.strike(Fault.ANSWER_LOST, "2207")
    settled = patient.call("2207", given)
    assert ward.standing() == [settled.output.setlinfo.setl_id]


def test_queries_with_delay_do_not_see_what_was_just_made(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    asked = {"data": patient.named}
    assert [row.setl_id for row in patient.call("5204", asked).output] == [settled.output.setlinfo.setl_id]
    ward.platform.world.query_delay = 600
    assert patient.call("5204", asked).output in (None, [])
    assert "不存在" in patient.refused("5203", patient.taking_back(settled.output.setlinfo.setl_id))


# -- inpatients ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stay(ward: Rig) -> Desk:
    """A patient in hospital."""
    patient = desk(ward)
    patient.admit()
    return patient


@pytest.mark.parametrize("case", ["local", "retired_civil_servant", "child", "resident_province", "resident_cross"])
def test_a_whole_stay(ward: Rig, case: str) -> None:
    patient = desk(ward, case)
    patient.admit()
    patient.charge_stay(patient.daily("1", "33.335", "30"), patient.daily("2", "800", code="XA04"))
    patient.charge_stay(patient.daily("3", "33.335", "-10", init_feedetl_sn="1"), patient.daily("4", "900", code="X9"))
    patient.call("2403", patient.change())
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("2366.70")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay > 0) is (info.inscp_scp_amt > info.act_pay_dedc > 0)
    assert info.fulamt_ownpay_amt == 900
    assert info.clr_type == "21"
    assert ward.standing() == [info.setl_id]
    undone = patient.undo(settled, "2305")
    agrees_everywhere(undone.output)
    assert ward.standing() == []


def test_who_is_in_hospital_is_not_admitted_again(ward: Rig, stay: Desk) -> None:
    assert "已在院" in stay.refused("2401", stay.admission())
    stay.call("2402", stay.discharge())
    stay.admit()
    elsewhere = desk(ward, "in_hospital")
    assert "已在院" in elsewhere.refused("2401", elsewhere.admission())


def test_a_stay_is_undone_from_the_end(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "1000"))
    assert "出院" in stay.refused("2304", stay.stay_bill("1000.00"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("1000.00")
    for infno, message in (
        ("2405", {"data": stay.named}),
        ("2302", stay.withdrawing_rows("1")),
        ("2404", {"data": stay.named}),
        ("2301", {"feedetail": [stay.daily("2", "1")]}),
    ):
        assert "已结算" in stay.refused(infno, message)
    stay.undo(settled, "2305")
    assert "出院" in stay.refused("2404", {"data": stay.named})
    stay.call("2405", {"data": stay.named})
    assert "明细" in stay.refused("2404", {"data": stay.named})
    stay.call("2302", stay.withdrawing_rows())
    stay.call("2404", {"data": stay.named})
    assert "不存在" in stay.refused("2402", stay.discharge())
    stay.admit()


def test_refunds_take_back_no_more_than_there_was(stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "0.335", "3"))
    back = stay.daily("2", "0.335", "-2", init_feedetl_sn="1")
    stay.charge_stay(back)
    assert "超过" in stay.refused("2301", {"feedetail": [{**back, "feedetl_sn": "3"}]})
    assert "不存在" in stay.refused("2301", {"feedetail": [stay.daily("4", "1", "-1", init_feedetl_sn="9")]})
    assert "应为负" in stay.refused("2301", {"feedetail": [stay.daily("4", "0.335", "1", init_feedetl_sn="1")]})
    assert "项目或单价" in stay.refused("2301", {"feedetail": [stay.daily("4", "0.3", "-1", init_feedetl_sn="1")]})
    assert "退费" in stay.refused("2302", stay.withdrawing_rows("1"))
    stay.call("2302", stay.withdrawing_rows("1", "2"))
    assert stay.call("5204", {"data": stay.named}).output in (None, [])


def test_rows_refunded_in_parts_leave_nothing_negative(stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "0.05", "3", "XA05"), stay.daily("2", "500"))
    stay.charge_stay(*(stay.daily(f"1-{n}", "0.05", "-1", "XA05", init_feedetl_sn="1") for n in range(3)))
    trial = stay.call("2303", stay.stay_bill("500.00"))
    assert trial.output.setlinfo.preselfpay_amt == 0


def test_an_interim_settlement_leaves_the_patient_in_hospital(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "2000"))
    first = stay.settle_stay("2000.00", interim=True)
    assert first.output.setlinfo.act_pay_dedc == 900
    stay.charge_stay(stay.daily("2", "1000"))
    stay.call("2402", stay.discharge())
    last = stay.settle_stay("1000.00")
    assert last.output.setlinfo.act_pay_dedc == 0
    assert "先撤销后面" in stay.refused("2305", stay.taking_back(first.output.setlinfo.setl_id))
    stay.undo(last, "2305")
    stay.undo(first, "2305")
    assert ward.standing() == []


def test_a_second_stay_of_the_year_has_half_the_deductible(ward: Rig) -> None:
    patient = desk(ward)
    for deductible in (900, 450):
        patient.admit()
        patient.charge_stay(patient.daily("1", "2000"))
        patient.call("2402", patient.discharge())
        settled = patient.settle_stay("2000.00")
        assert settled.output.setlinfo.act_pay_dedc == deductible
    patient.undo(settled, "2305")
    assert patient.settle_stay("2000.00").output.setlinfo.act_pay_dedc == 450


def test_beyond_the_ceiling_the_large_amount_fund_pays(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "400000"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("400000.00")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay, info.hifob_pay) == (yuan("300000.00"), yuan("31388.00"))
    assert {share.fund_pay_type for share in settled.output.setldetail} >= {"310100", "330100"}


def test_catastrophic_insurance_pays_for_residents(ward: Rig) -> None:
    patient = desk(ward, "resident")
    patient.admit()
    patient.charge_stay(patient.daily("1", "100000"))
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("100000.00")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay, info.hifmi_pay) == (yuan("64480.00"), yuan("12312.00"))


def test_a_civil_servant_is_supplemented(ward: Rig) -> None:
    patient = desk(ward, "retired_civil_servant")
    patient.admit()
    patient.charge_stay(patient.daily("1", "10900"))
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("10900.00")
    info = settled.output.setlinfo
    assert (info.pool_prop_selfpay, info.hifp_pay, info.cvlserv_pay) == (yuan("0.9"), 9000, 500)
    assert "320100" in {share.fund_pay_type for share in settled.output.setldetail}


def test_the_level_of_the_hospital_counts(ward: Rig, stay: Desk) -> None:
    ward.platform.world.hosp_lv = "8"
    stay.charge_stay(stay.daily("1", "2000"))
    assert stay.call("2303", stay.stay_bill("2000.00")).output.setlinfo.act_pay_dedc == 300


def test_a_birth_is_paid_by_its_own_fund(ward: Rig) -> None:
    patient = desk(ward, "pregnant")
    patient.admit("52", matn_type="1", birctrl_matn_date="2026-11-20")
    patient.charge_stay({**patient.daily("1", "3000"), "med_type": "52"})
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("3000.00")
    assert settled.output.setlinfo.hifp_pay == 3000
    assert [share.fund_pay_type for share in settled.output.setldetail] == ["510100"]
    man = desk(ward, "man")
    man.admit("52")
    man.charge_stay({**man.daily("1", "3000"), "med_type": "52"})
    assert "性别" in man.refused("2303", man.stay_bill("3000.00"))


def test_an_admission_may_be_reversed_while_nothing_hangs_on_it(ward: Rig) -> None:
    patient = desk(ward)
    admitted = patient.call("2401", patient.admission())
    patient.visit = admitted.output.result.mdtrt_id
    patient.charge_stay(patient.daily("1", "10"))
    assert "明细" in patient.refused("2601", patient.reversal("2401", admitted.msgid))
    patient.call("2302", patient.withdrawing_rows())
    patient.call("2601", patient.reversal("2401", admitted.msgid))
    assert "不存在" in patient.refused("2301", {"feedetail": [patient.daily("1", "10")]})
    patient.admit()


def test_a_reversed_settlement_of_a_stay_may_be_made_again(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "1000"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("1000.00")
    stay.call("2601", stay.reversal("2304", settled.msgid))
    undone = stay.undo(stay.settle_stay("1000.00"), "2305")
    stay.call("2405", {"data": stay.named})
    assert "变动" in stay.refused("2601", stay.reversal("2305", undone.msgid))
    assert ward.standing() == []


def test_an_admission_that_comes_late_is_reversed(ward: Rig) -> None:
    patient = desk(ward)
    ward.strike(Fault.LATE_COMMIT, "2401", seconds=0)
    with pytest.raises(CallNotSent):
        patient.call("2401", patient.admission())
    assert [visit.in_hospital for visit in ward.platform.world.visits_of(patient.person.psn_no)] == [False]
    patient.admit()
