"""The simulated platform plays a hospital's day: visits forwards and backwards, registrations, audit, queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hospital import Desk
from liangding.checks import Circumstances, cancellation_amounts, settlement_amounts
from liangding.config import Kind
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
