"""A person at the desk: visits, settlements, fees and registrations from the platform's queries, whole or in part."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hospital import Desk
from liangding import desk
from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.contract.credentials import Credential
from liangding.desk.looking import Search
from liangding.desk.recognition import details, recognised
from liangding.errors import CallRefused
from liangding.knowledge.interfaces import BASELINE
from liangding.runtime import Runtime
from liangding.simulator.chapters.recognition import reports
from liangding.simulator.faults import Fault
from liangding.spec.sampling import sample_answer
from shell import liangding
from support import Rig, bill, new_key, rig_for, run_flow, write_deployment

YES = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}
SAMPLED = ("5202", "5205", "5206", "5301", "5302", "5303", "5304", "1901")
"""Queries that are answered by a sample of their declaration."""


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as made:
        yield made


def buy(rig: Rig, receipt: str, **more: Any) -> Any:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), receipt, **more), key=receipt)
    return run_flow(rig.flows, view, YES)


def refund(rig: Rig, purchase: str) -> None:
    given = {"credential": {"type": "01", "number": rig.person().token}, "purchase": purchase}
    run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key=new_key()), YES)


def answer_by_sample(rig: Rig, *infnos: str, **changes: Any) -> None:
    """Let the platform answer these queries with one row each."""

    def handler(infno: str) -> Callable[..., Any]:
        return lambda request: sample_answer(BASELINE[infno], full=True) | changes

    rig.platform.handlers |= {infno: handler(infno) for infno in infnos}


def freeze(rig: Rig, *infnos: str) -> None:
    """Let these queries be answered for ever as they are the first time."""

    def frozen(infno: str) -> Callable[..., Any]:
        real = rig.platform.handlers[infno]
        held: list[Any] = []

        def answer(request: Any) -> Any:
            if not held:
                held.append(real(request))
            return held[0]

        return answer

    rig.platform.handlers |= {infno: frozen(infno) for infno in infnos}


def local(rig: Rig, **more: Any) -> desk.Search:
    return desk.Search(credential=Credential(type="02", number=rig.person().certno), **more)


def test_a_person_whole(rig: Rig) -> None:
    answer_by_sample(rig, *SAMPLED)
    buy(rig, "R1")
    buy(rig, "R2")
    view = desk.person(rig.runtime, local(rig))
    assert view.unanswered == ()
    assert view.person is not None
    assert view.person.covers[0].balance == rig.person().covers[0].balance
    assert {name: len(section.rows) for name, section in view.sections.items()} == {
        "registrations": 1, "designations": 2, "medication": 1, "accumulators": 2, "in_hospital": 1, "transfers": 1,
        "institution": 1, "names": 1,
    }  # fmt: skip
    assert view["institution"].rows[0].fixmedins_code == rig.deployment.institution.code
    for visit in view.visits.visits:
        assert len(visit.fees.rows) == 2
        assert len(visit.diagnoses.rows) == 1
        assert [s.setl_id for s in visit.settlements] == [visit.fees.rows[0].setl_id]


def test_money_is_counted_once_and_refunds_not_at_all(rig: Rig) -> None:
    first, _ = buy(rig, "R1"), buy(rig, "R2")
    answer_by_sample(rig, "5202")
    split = first.result["settlement"].split
    sums = desk.visits(rig.runtime, local(rig)).sums
    assert (sums.settlements, sums.total, sums.cash) == (2, Decimal("224.80"), 2 * split.cash)
    assert sums.fund == 2 * split.fund
    assert sums.account == 2 * split.account
    assert sum(fund.amount for fund in sums.funds) == sums.account
    refund(rig, first.id)
    after = desk.visits(rig.runtime, local(rig)).sums
    assert (after.settlements, after.total) == (1, Decimal("112.40"))


def test_a_settlement_that_was_taken_back_is_shown_and_not_counted(rig: Rig) -> None:
    """Where the fees still name it, as they do on some platforms."""
    done = buy(rig, "R1")
    freeze(rig, "5201", "5204")
    assert desk.visits(rig.runtime, local(rig)).sums.settlements == 1
    refund(rig, done.id)
    view = desk.visits(rig.runtime, local(rig))
    assert [s.refunded for visit in view.visits for s in visit.settlements] == [True]
    assert (view.sums.settlements, view.sums.total) == (0, Decimal(0))


def test_a_visit_of_several_bills_in_a_hospital(hospital: Rig) -> None:
    """One bill settled, one settled and taken back, one not settled yet: to the cent."""
    patient = Desk(rig=hospital, person=hospital.person())
    patient.register()
    patient.describe()
    for batch, price in (("B1", "100.00"), ("B2", "60.00"), ("B3", "7.77")):
        patient.charge(patient.fee(batch, price, chrg_bchno=batch))
    first = patient.settle("100.00", "B1")
    patient.undo(patient.settle("60.00", "B2"))
    view = desk.visits(hospital.runtime, local(hospital, since=date(2026, 11, 1)))
    assert view.unanswered == ()
    (visit,) = view.visits
    assert [row.diag_name for row in visit.diagnoses.rows] == ["高血压", "急性上呼吸道感染"]
    assert [s.setl_id for s in visit.settlements] == [first.output.setlinfo.setl_id]
    info = first.output.setlinfo
    sums = visit.sums
    assert (sums.total, sums.fund) == (info.medfee_sumamt, info.fund_pay_sumamt)
    assert (sums.account, sums.cash) == (info.acct_pay, info.psn_cash_pay)
    assert sums.unsettled == Decimal("67.77")
    assert [line.amount for line in visit.settlements[0].fees] == [Decimal("100.00")]


def test_somebody_in_hospital(hospital: Rig) -> None:
    patient = Desk(rig=hospital, person=hospital.person())
    patient.admit()
    patient.charge_stay(patient.daily("1", "800.00"))
    view = desk.person(hospital.runtime, local(hospital, until=date(2026, 11, 30)))
    assert view.unanswered == ()
    assert [row.mdtrt_id for row in view["in_hospital"].rows] == [patient.visit]
    (visit,) = view.visits.visits
    assert (visit.mdtrt_id, visit.sums.unsettled) == (patient.visit, Decimal("800.00"))


@pytest.mark.parametrize("lost", ["5201", "5202", "5203", "5204", "5206", "5302", "1201"])
def test_what_is_not_answered_hides_nothing_else(rig: Rig, lost: str) -> None:
    answer_by_sample(rig, *SAMPLED)
    freeze(rig, "5201", "5204")
    buy(rig, "R1")
    whole = desk.person(rig.runtime, local(rig)).as_json()
    rig.strike(Fault.HTML, lost, times=0)
    part = desk.person(rig.runtime, local(rig))
    assert {failure.infno for failure in part.unanswered} == {lost}
    assert {failure.code for failure in part.unanswered} == {"no_answer"}
    shown = part.as_json()
    assert (whole["complete"], shown["complete"]) == (True, False)
    sections = {"5206": {"accumulators", "names"}, "5302": {"designations"}, "1201": {"institution"}}
    for name in whole.keys() - sections.get(lost, set()) - {"complete", "visits"}:
        assert shown[name] == whole[name], name
    if lost in ("5202", "5203"):
        assert shown["visits"]["visits"][0]["fees"] == whole["visits"]["visits"][0]["fees"]


def test_the_platforms_reason_is_shown(rig: Rig) -> None:
    buy(rig, "R1")
    del rig.platform.handlers["5301"]
    view = desk.person(rig.runtime, local(rig))
    reasons = {failure.infno: failure.message for failure in view.unanswered}
    assert "5301" in reasons["5301"]
    assert view["registrations"].rows == ()
    assert not view["registrations"].complete
    assert view["designations"].complete
    assert view["designations"].rows == ()


def test_where_nothing_gets_out_nothing_more_is_asked(rig: Rig) -> None:
    buy(rig, "R1")
    settled = next(iter(rig.platform.world.settlements.values()))
    before = len(rig.platform.requests)
    with Runtime.from_file(write_deployment(rig.folder)) as cut_off:
        search = desk.Search(psn_no=settled.visit.person.psn_no, insured_place="441900")
        view = desk.person(cut_off, search)
    codes = [failure.code for failure in view.unanswered]
    assert sorted(set(codes)) == ["not_asked", "not_sent"]
    assert codes.count("not_sent") == 1
    assert len(rig.platform.requests) == before


def test_whom_and_when(rig: Rig) -> None:
    buy(rig, "R1")
    person = rig.person()
    by_number = desk.visits(rig.runtime, desk.Search(psn_no=person.psn_no, insured_place="441900"))
    assert len(by_number.visits) == 1
    earlier = desk.visits(rig.runtime, local(rig, since=date(2020, 1, 1), until=date(2020, 3, 1)))
    assert earlier.visits == ()
    asked = [json.loads(c.request)["input"]["data"] for c in rig.runtime.journal.latest(infno="5201", limit=1)]
    assert (asked[0]["begntime"], asked[0]["endtime"]) == ("2020-01-01 00:00:00", "2020-03-01 23:59:59")
    other = desk.visits(rig.runtime, local(rig, med_types=["11", "14"]))
    assert (other.med_types, other.visits) == (("11", "14"), ())
    with pytest.raises(desk.NoPerson):
        desk.visits(rig.runtime, desk.Search(psn_no=person.psn_no))
    with pytest.raises(CallRefused):
        desk.visits(rig.runtime, desk.Search(credential=Credential(type="01", number="441900ec" + "0" * 30)))


def test_accumulators_are_asked_for_month_by_month(rig: Rig) -> None:
    answer_by_sample(rig, *SAMPLED)
    desk.person(rig.runtime, local(rig, since=date(2025, 11, 5), until=date(2026, 2, 1)))
    calls = rig.runtime.journal.latest(infno="5206", limit=10)
    months = sorted(json.loads(call.request)["input"]["data"]["cum_ym"] for call in calls)
    assert months == ["202511", "202512", "202601", "202602"]


def test_the_place_is_that_of_the_insurance_that_settles_here(rig: Rig) -> None:
    for case, place in (("several_cities", "441900"), ("paused_and_normal", "441900"), ("suspended", "441900")):
        credential = Credential(type="02", number=rig.person(case).certno)
        assert desk.visits(rig.runtime, desk.Search(credential=credential)).insured_place == place
    chosen = desk.Search(credential=Credential(type="02", number=rig.person("several_cities").certno))
    chosen.insured_place = "440100"
    assert desk.visits(rig.runtime, chosen).insured_place == "440100"


def test_a_dictionary(rig: Rig) -> None:
    answer_by_sample(rig, "1901")
    assert len(desk.dictionary(rig.runtime, "insutype", parent="0").rows) == 1
    (call,) = rig.runtime.journal.latest(infno="1901", limit=1)
    data = json.loads(call.request)["input"]["data"]
    assert (data["type"], data["admdvs"], data["parentValue"]) == ("insutype", "441900", "0")


def test_nothing_of_it_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    buy(rig, "R1")
    view = desk.person(rig.runtime, local(rig))
    person = rig.person()
    for secret in (person.certno, person.name, person.psn_no):
        assert secret not in caplog.text
        assert secret not in repr(view.visits)[:200]
    assert person.token not in json.dumps(view.as_json(), ensure_ascii=False)


# -- from the command line ---------------------------------------------------------------------------------------


def test_the_desk_from_the_command_line(rig: Rig) -> None:
    buy(rig, "R1")
    answer_by_sample(rig, "5301")
    del rig.platform.handlers["5202"]
    asked = json.dumps({"credential": {"type": "02", "number": rig.person().certno}})
    part = liangding("desk", "person", "-", "--config", rig.config, stdin=asked)
    assert part.returncode == 1, part.stderr
    for shown in (rig.person().name, "测试项目 XA05", "112.40", "opsp_dise_name", "没有得到应答的查询", "可能不全"):
        assert shown in part.stdout
    answer_by_sample(rig, "5202")
    whole = liangding("desk", "visits", "-", "--config", rig.config, stdin=asked)
    assert whole.returncode == 0, whole.stderr
    assert "可能不全" not in whole.stdout
    number = ("--psn-no", rig.person().psn_no, "--place", "441900", "--since", "2026-01-01")
    as_json = json.loads(liangding("desk", "visits", "--config", rig.config, "--json", *number).stdout)
    assert (as_json["complete"], as_json["sums"]["total"], as_json["since"]) == (True, "112.40", "2026-01-01")
    assert liangding("desk", "visits", "--config", rig.config).returncode == 1
    wrong = liangding("desk", "visits", "-", "--config", rig.config, stdin='{"psn": "1"}')
    assert (wrong.returncode, "是不是想写 psn_no" in wrong.stderr) == (1, True)


def test_reports_of_other_institutions_are_recognised_before_an_examination_is_ordered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as rig:
        person = rig.person()
        common = {"psn_no": person.psn_no, "fixmedins_code": "H44190000009", "exe_org_name": "别院"}
        reports(rig.platform.world).extend([
            common | {
                "rpotc_no": "R1", "rpt_date": "2026-11-01", "exam_rpotc_name": "胸片", "exam_ccls": "未见异常",
                "exam_item_code": "X1",
                "details": {"checkreportdetails": [{"exam_rpotc_name": "胸片", "exam_ccls": "清晰"}]},
            },
            common | {
                "rpotc_no": "R2", "rpt_date": "2026-11-02", "exam_rpotc_name": "血常规", "exam_item_code": "X2",
                "details": {"inspectiondetails": [{
                    "exam_item_detl_name": "白细胞", "exam_rslt_val": "5.2", "exam_unt": "10^9/L", "ref_val": "4-10",
                }]},
            },
        ])  # fmt: skip
        search = Search(credential=Credential(type="02", number=person.certno))
        whom, found = recognised(rig.runtime, search)
        assert [each.number for each in found] == ["R2", "R1"]
        assert details(rig.runtime, found[0], whom).lines == ("白细胞 5.2 10^9/L（参考 4-10）",)
        assert [each.number for each in recognised(rig.runtime, search, item_code="X1")[1]] == ["R1"]
        about = ["--psn-no", person.psn_no, "--place", person.covers[0].place, "--config", str(rig.config)]
        assert command(["desk", "reports", *about, "--details", "--item", "X1"]) == 0
        shown = capsys.readouterr().out
        assert "别院  胸片  未见异常" in shown
        assert "胸片：清晰" in shown
        assert command(["desk", "reports", *about, "--item", "X9"]) == 1
