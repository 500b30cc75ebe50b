"""Reconciliation: every planted difference is found, with its cause and one safe action, and none is made up."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from hospital import Desk
from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.errors import CallRefused, OutcomeUnknown
from liangding.jobs.all import jobs_of
from liangding.journal.settling import SettlementState
from liangding.reconciliation.applying import Applications, NotApplied
from liangding.reconciliation.causes import NotDone, SafeAction, act
from liangding.reconciliation.clearing import Clearing
from liangding.reconciliation.comparing import DifferenceKind as Difference
from liangding.reconciliation.comparing import compare, read, written
from liangding.reconciliation.lines import SettlementLine
from liangding.reconciliation.reconciling import Report, reconcile
from liangding.reconciliation.report import write_pdf, write_workbook
from liangding.reconciliation.statement import NotListed, by_statement
from liangding.simulator.chapters.accounts import plant
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, rig_for, simulated_rig_for

DAY = date(2026, 11, 21)


def line(number: int, total: str = "10.00", **more: Any) -> SettlementLine:
    usual: dict[str, Any] = {
        "setl_id": f"S{number}",
        "mdtrt_id": f"M{number}",
        "medfee_sumamt": Decimal(total),
        "acct_pay": Decimal(0),
    }
    usual |= {"fund_pay_sumamt": Decimal("1.00"), "at": datetime(2026, 11, 21, 10)}
    return SettlementLine(**usual | more)


def kinds(
    ours: list[SettlementLine], theirs: list[SettlementLine], around: list[SettlementLine] | None = None
) -> list[tuple[str, str]]:
    found = compare(map(written, ours), map(written, theirs), around=map(written, around or []))
    return [(each.setl_id, each.kind.value) for each in found]


FIRST, TAKEN_BACK, MINUS = line(1), line(1, refunded=True), line(1, "-10.00", refunded=True)


@pytest.mark.parametrize(
    ("ours", "theirs", "around", "kind"),
    [
        ([FIRST], [FIRST], [], None),
        ([FIRST], [], [], Difference.OURS_ONLY),
        ([], [FIRST], [], Difference.PLATFORM_ONLY),
        ([], [FIRST], [attrs.evolve(FIRST, at=datetime(2026, 11, 22))], Difference.DATE_BORDER),
        ([FIRST], [line(1, "10.01")], [], Difference.AMOUNT),
        ([FIRST], [line(1, fund_pay_sumamt=Decimal("1.01"))], [], Difference.AMOUNT),
        ([FIRST], [TAKEN_BACK], [], Difference.STATUS),
        ([FIRST], [attrs.evolve(FIRST, at=FIRST.at + timedelta(seconds=1) if FIRST.at else None)], [], None),
        ([FIRST], [attrs.evolve(FIRST, at=datetime(2026, 11, 22, 0, 0, 1))], [], Difference.DATE_BORDER),
        ([TAKEN_BACK, MINUS], [TAKEN_BACK, MINUS], [], None),
        ([TAKEN_BACK, MINUS], [TAKEN_BACK], [], Difference.REFUND_PAIR),
        ([FIRST], [TAKEN_BACK, MINUS], [], Difference.REFUND_PAIR),
        ([], [MINUS], [], Difference.REFUND_PAIR),
        ([FIRST, FIRST], [FIRST], [], Difference.TWICE),
    ],
)
def test_kinds_of_differences(
    ours: list[SettlementLine], theirs: list[SettlementLine], around: list[SettlementLine], kind: Difference | None
) -> None:
    assert kinds(ours, theirs, around) == ([("S1", kind.value)] if kind else [])


amounts = st.decimals("-9999", "9999", places=2)
lines = st.builds(line, st.integers(1, 30), amounts.map(str), refunded=st.booleans())


@given(st.lists(lines), st.randoms(use_true_random=False))
def test_sides_that_agree_have_no_difference_in_whatever_order(held: list[SettlementLine], chance: Any) -> None:
    assert [read(written(each)) for each in held] == held
    assert kinds(held, chance.sample(held, len(held))) == []


# -- against the platform --------------------------------------------------------------------------------------------


@pytest.fixture(params=["with", "without"])
def pharmacy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, more=f'[reconciliation]\nrefunds = "{request.param}"') as rig:
        yield rig


def settled(rig: Rig, *totals: str) -> list[str]:
    """Settlements of as many persons; their numbers."""
    return [rig.settle(total=total).output.setlinfo.setl_id for total in totals]


def report_of(rig: Rig) -> Report:
    return reconcile(rig.runtime, DAY, DAY)


def test_what_agrees_balances(pharmacy: Rig) -> None:
    first, *_ = settled(pharmacy, "100.00", "31.20", "8.00")
    held = pharmacy.platform.world.settlements[first]
    pharmacy.runtime.call(
        "2103", {"data": {"psn_no": held.visit.person.psn_no, "setl_id": first, "mdtrt_id": held.visit.mdtrt_id}},
        key="undo", insured_place=held.visit.cover.place,
    )  # fmt: skip
    report = report_of(pharmacy)
    assert report.balanced, report.as_json()
    assert pharmacy.sent("3202") == 0


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("gone", (Difference.OURS_ONLY, SafeAction.NOTHING)),
        ("amount", (Difference.AMOUNT, SafeAction.NOTHING)),
        ("not ours", (Difference.PLATFORM_ONLY, SafeAction.NOTHING)),
        ("other day", (Difference.OURS_ONLY, SafeAction.NOTHING)),
        ("foreign refund", None),
    ],
)
def test_a_planted_difference_is_found_with_its_cause(
    what: str, found: tuple[Difference, SafeAction] | None, pharmacy: Rig
) -> None:
    first, second, _ = settled(pharmacy, "100.00", "31.20", "8.00")
    plant(pharmacy.platform.world, what, second)
    report = report_of(pharmacy)
    assert not report.balanced
    assert [total.balanced for total in report.totals] == [False]
    assert report.failures == ()
    shown = [(each.difference.kind, each.action) for each in report.differences]
    if found is not None:
        assert shown == [found]
    else:
        assert any(action is SafeAction.RECORD for _, action in shown), report.as_json()
    assert all(each.cause for each in report.differences)
    assert not any(each.difference.setl_id == first for each in report.differences)


def test_a_refund_made_elsewhere_is_recorded_when_a_person_says_so(pharmacy: Rig) -> None:
    first, second = settled(pharmacy, "100.00", "31.20")
    plant(pharmacy.platform.world, "foreign refund", second)
    found = next(each for each in report_of(pharmacy).differences if each.action is SafeAction.RECORD)
    assert found.difference.setl_id == second
    act(pharmacy.runtime, found, person="张三", reason="病人在大厅退的")
    (held,) = pharmacy.runtime.journal.settlements.by_setl_id(second)
    assert held.state is SettlementState.REFUNDED_ELSEWHERE
    with pytest.raises(NotDone):
        act(pharmacy.runtime, found, person="张三", reason="再来一次")
    assert report_of(pharmacy).balanced, report_of(pharmacy).as_json()
    month = Applications(pharmacy.runtime, DAY.year, DAY.month)
    assert month.apply(month.due()[0]), "the month is cleared without a person's saying that it balances"
    plant(pharmacy.platform.world, "not ours", first)
    report = report_of(pharmacy)
    assert not report.balanced
    assert [each.difference.kind for each in report.differences] == [Difference.PLATFORM_ONLY]


def test_a_known_refund_of_an_earlier_day_hides_no_other_one(pharmacy: Rig) -> None:
    """Two settlements of one sum; one is known to have been taken back elsewhere, on a later day."""
    first, second = settled(pharmacy, "31.20", "31.20")
    world, next_day = pharmacy.platform.world, DAY + timedelta(days=1)
    for number, balanced in ((first, True), (second, False)):
        plant(world, "foreign refund", number)
        list(world.settlements.values())[-1].at += timedelta(days=1)
        code = pharmacy.deployment.institution.code
        if number == first:
            assert pharmacy.runtime.journal.settlements.mark(code, number, SettlementState.REFUNDED_ELSEWHERE)
        with_refunds = pharmacy.deployment.reconciliation.refunds == "with"
        assert reconcile(pharmacy.runtime, next_day, next_day).balanced is (balanced or not with_refunds)
        assert reconcile(pharmacy.runtime, DAY, DAY).balanced is (balanced or with_refunds)


def test_a_settlement_that_nobody_here_knows_the_end_of_is_looked_at(pharmacy: Rig) -> None:
    settled(pharmacy, "100.00")
    pharmacy.deafen()
    pharmacy.strike(Fault.ANSWER_LOST, "2102")
    with pytest.raises(OutcomeUnknown):
        pharmacy.settle(total="31.20")
    pharmacy.door.faults.clear()
    (found,) = report_of(pharmacy).differences
    assert (found.difference.kind, found.action) == (Difference.PLATFORM_ONLY, SafeAction.LOOK)
    act(pharmacy.runtime, found, person="张三", reason="对账发现")
    assert report_of(pharmacy).balanced


def test_3201_is_not_sent_where_it_counts_as_an_application(tmp_path: Path) -> None:
    sichuan = {"province": "sichuan", "area": "510100", "code": "P51010000001", "gateway": "plain"}
    with simulated_rig_for(tmp_path, **sichuan) as rig:
        rig.settle()
        assert rig.runtime.interfaces["3201"].changes
        report = reconcile(rig.runtime, DAY, DAY, totals_too=False)
        assert (rig.sent("3201"), rig.sent("3202"), report.differences) == (0, 1, ())


def test_the_report_on_paper(pharmacy: Rig, tmp_path: Path) -> None:
    _, second = settled(pharmacy, "100.00", "31.20")
    plant(pharmacy.platform.world, "amount", second)
    report = report_of(pharmacy)
    write_workbook(report, tmp_path / "r.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx"))
    assert book.sheet_names == ["概要", "总账", "差异"]
    rows = book.get_sheet_by_name("差异").to_python()
    assert [row[1] for row in rows[1:]] == [second]
    write_pdf(report, tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_for(tmp_path, more="[resolution]\nsecond_person = true") as rig:
        _, second = settled(rig, "100.00", "31.20")
        today = f"{rig.runtime.now():%Y-%m-%d}"

        def run(*arguments: str) -> Any:
            return liangding("reconcile", "--date", today, *arguments, "--config", rig.config)

        assert (run().returncode, "平" in run().stdout) == (0, True)
        plant(rig.platform.world, "foreign refund", second)
        found = json.loads(run("--json").stdout)
        assert not found["balanced"]
        assert run("--confirm", second).returncode == 2, "who and why"
        who = ("--person", "张三", "--reason", "大厅退的")
        assert "要两个人" in run("--confirm", second, *who).stderr
        number = re.findall(r"提议 (\w+)", run("--propose", second, *who).stdout)[0]
        monkeypatch.setenv("LOGNAME", "head")
        assert "不能批准自己提出的" in run("--approve", number, "--person", "李四").stderr, "the same account, renamed"
        done = run("--confirm", second, *who, "--break-glass", "--folder", str(tmp_path / "out"))
        assert "已记为在别处退费" in done.stdout, done.stdout + done.stderr
        assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".pdf", ".xlsx"]
        assert liangding("reconcile", "--config", rig.config).returncode == 2


def test_a_great_many_with_planted_differences(tmp_path: Path) -> None:
    """A million in `python -m benchmarks.reconciliation 1000000`, fewer here."""
    from benchmarks.reconciliation import plant as plant_many

    planted = plant_many(tmp_path, 6000, 60)
    sides = [(tmp_path / name).read_bytes().splitlines() for name in ("ours.tsv", "theirs.tsv")]
    assert Counter(each.kind for each in compare(*sides)) == planted


# -- clearing of persons from elsewhere ------------------------------------------------------------------------------


def test_a_month_of_persons_from_elsewhere_is_cleared_by_the_hundred(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        elsewhere = rig.person("province")
        numbers = [rig.settle(elsewhere, total="10.00").output.setlinfo.setl_id for _ in range(103)]
        rig.settle(total="10.00")
        month = Clearing(rig.runtime, 2026, 11)
        rows = month.extract()
        assert ([each.setl_sn for each in rows], rig.sent("3260")) == (numbers, 2)
        assert {each.doubt for each in rows} == {""}
        plant(rig.platform.world, "amount", numbers[5])
        doubted = [each for each in month.extract() if each.doubt]
        assert [each.setl_sn for each in doubted] == [numbers[5]]
        rows = month.extract()
        done = month.confirm(rows)
        assert [each.rows for each in done] == [100, 3]
        assert month.confirm(rows) == done
        assert rig.sent("3261") == 2
        with pytest.raises(CallRefused, match="回退"):
            month.extract()
        month.roll_back()
        assert len(month.extract()) == 103


def test_the_commands_of_clearing(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:
        rig.settle(rig.person("province"))
        month = f"{rig.runtime.now():%Y-%m}"

        def run(*arguments: str) -> Any:
            return liangding("clearing", *arguments, "--config", rig.config)

        assert "1 笔，0 笔有疑问" in run("extract", month).stdout
        assert "1 笔参加清分" in run("confirm", month).stdout
        assert run("roll-back", month).returncode == 2
        assert run("roll-back", month, "--all").returncode == 0
        assert run("extract", "2026-13").returncode == 2


def test_what_the_regions_table_has_otherwise_is_a_finding(tmp_path: Path) -> None:
    """41 for local persons and 9904 for those of the province, at a pharmacy; 3201 asks each by itself."""
    with simulated_rig_for(tmp_path) as rig:
        first = rig.settle(total="10.00").output.setlinfo.setl_id
        rig.settle(rig.person("province"), total="10.00")
        report = reconcile(rig.runtime, DAY, DAY)
        assert {total.group[1] for total in report.totals} == {"41", "9904"}
        assert (report.balanced, report.findings, rig.sent("3201")) == (True, (), 2)
        rig.platform.world.settlements[first].clr_type = "11"
        odd = rig.platform.handlers["2102"]
        rig.platform.handlers["2102"] = lambda request: _with_clr_type(odd(request), "9904")
        rig.settle(total="12.00")
        assert any("应为 41" in each for each in reconcile(rig.runtime, DAY, DAY).findings)


def _with_clr_type(output: Any, clr_type: str) -> Any:
    output["setlinfo"]["clr_type"] = clr_type
    return output


@pytest.mark.parametrize("kind", [Kind.CLINIC, Kind.HOSPITAL])
def test_visits_are_reconciled_as_purchases_are(kind: Kind, tmp_path: Path) -> None:
    more = {"kind": kind, "code": "H44190000001"} if kind is Kind.HOSPITAL else {"kind": kind}
    with simulated_rig_for(tmp_path, **more) as rig:
        numbers = []
        for person in ("local", "province"):
            desk = Desk(rig=rig, person=rig.person(person))
            desk.register(person)
            med_type = "9935" if kind is Kind.CLINIC else "11"
            desk.describe(med_type)
            desk.charge(desk.fee(person, "100"))
            numbers.append(desk.settle("100", med_type=med_type).output.setlinfo.setl_id)
        report = reconcile(rig.runtime, DAY, DAY)
        assert (report.balanced, len(report.totals)) == (True, 2), report.as_json()
        plant(rig.platform.world, "amount", numbers[0])
        found = reconcile(rig.runtime, DAY, DAY).differences
        assert [(each.difference.setl_id, each.difference.kind) for each in found] == [(numbers[0], Difference.AMOUNT)]
        assert [each.doubt for each in Clearing(rig.runtime, 2026, 11).extract()] == [""]


def test_what_the_journal_holds_to_be_nothing_and_the_platform_has_is_taken_back(tmp_path: Path) -> None:
    """A query that lags longer than anybody watches: found not to be there, and there at the month's end."""
    with simulated_rig_for(tmp_path, more="[resolution]\nwatch_hours = 0") as rig:
        settled(rig, "100.00")
        rig.platform.world.query_delay = 86_400
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(total="31.20")
        rig.let_pass(3600)
        assert rig.runtime.journal.pending() == []
        rig.platform.world.query_delay = 0
        (found,) = report_of(rig).differences
        assert (found.difference.kind, found.action) == (Difference.PLATFORM_ONLY, SafeAction.REVERSE)
        act(rig.runtime, found, person="张三", reason="月底对账")
        assert report_of(rig).balanced
        assert len(rig.standing()) == 1


def test_the_platform_is_asked_of_groups_in_which_nothing_happened_here(pharmacy: Rig) -> None:
    """A refund elsewhere of an earlier day's settlement, on a day without any of ours; and nothing where nothing is."""
    first, _ = settled(pharmacy, "100.00", "31.20")
    pharmacy.runtime.clock.sleep(86_400)
    next_day = DAY + timedelta(days=1)
    quiet = reconcile(pharmacy.runtime, next_day, next_day)
    assert (quiet.balanced, quiet.totals) == (True, ())
    plant(pharmacy.platform.world, "not ours", first)
    entered = list(pharmacy.platform.world.settlements)[-1]
    pharmacy.platform.world.settlements[entered].at += timedelta(days=1)
    found = reconcile(pharmacy.runtime, next_day, next_day)
    assert [(each.difference.setl_id, each.difference.kind) for each in found.differences] == [
        (entered, Difference.PLATFORM_ONLY)
    ]


def test_the_daily_round_finds_within_a_day_what_was_taken_back_elsewhere(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        held = jobs_of(rig.runtime)
        assert held.round() == 0, "nothing was settled: nobody is asked"
        _, second = settled(rig, "100.00", "31.20")
        plant(rig.platform.world, "foreign refund", second)
        rig.runtime.clock.sleep(86_400)
        assert held.round() == 1
        (run,) = held.runs.latest("reconciliation")
        assert "处差异" in run.said
        assert f"liangding reconcile --date {DAY}" in run.said
        assert rig.sent("5203") <= 1, "only what differs is asked for one by one"


@pytest.mark.parametrize("kind", [Kind.PHARMACY, Kind.CLINIC, Kind.HOSPITAL])
def test_a_region_that_lists_settlements_is_held_against_the_journal_row_by_row(kind: Kind, tmp_path: Path) -> None:
    more = {} if kind is Kind.PHARMACY else {"kind": kind, "code": "H44190000001"}
    with simulated_rig_for(tmp_path, **more) as rig:
        if kind is Kind.PHARMACY:
            numbers = settled(rig, *["10.00"] * 103)
            plant(rig.platform.world, "foreign refund", numbers[-1])
        else:
            desk = Desk(rig=rig, person=rig.person())
            desk.register("V1")
            med_type = "9935" if kind is Kind.CLINIC else "11"
            desk.describe(med_type)
            desk.charge(desk.fee("V1", "100"))
            numbers = [desk.settle("100", med_type=med_type).output.setlinfo.setl_id]
        assert by_statement(rig.runtime, DAY, DAY).balanced == (kind is not Kind.PHARMACY)
        assert rig.sent("90502") == (2 if kind is Kind.PHARMACY else 1)
        plant(rig.platform.world, "amount", numbers[0])
        plant(rig.platform.world, "not ours", numbers[0])
        listed = by_statement(rig.runtime, DAY, DAY).differences
        found = {(each.difference.kind, each.difference.setl_id, each.action) for each in listed}
        entered = list(rig.platform.world.settlements)[-1]
        assert {
            (Difference.AMOUNT, numbers[0], SafeAction.NOTHING),
            (Difference.PLATFORM_ONLY, entered, SafeAction.NOTHING),
        } <= found
        assert (kind is Kind.PHARMACY) == any(action is SafeAction.RECORD for *_, action in found)
        assert len(found) <= 4
        rig.runtime.clock.sleep(86_400)
        later = rig.settle() if kind is Kind.PHARMACY else None
        month = by_statement(rig.runtime, DAY.replace(day=1), DAY.replace(day=30))
        assert {each.difference.setl_id for each in month.differences} == {number for _, number, _ in found}
        assert later is None or later.output.setlinfo.setl_id not in {number for _, number, _ in found}


def test_where_no_query_lists_settlements_that_is_said(tmp_path: Path) -> None:
    gansu = {"province": "gansu", "area": "620100", "code": "P62010000001", "gateway": "plain"}
    with simulated_rig_for(tmp_path, **gansu) as rig, pytest.raises(NotListed, match="没有逐笔对数"):
        by_statement(rig.runtime, DAY, DAY)


def test_clearing_is_applied_for_once_when_it_balances_and_taken_back(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        first, *_ = settled(rig, "100.00", "31.20")
        rig.settle(rig.person("province"), total="10.00")
        held = Applications(rig.runtime, 2026, 11)
        local, elsewhere = held.due()
        assert [(each.clr_type, each.count, each.medfee_sumamt) for each in (local, elsewhere)] == [
            ("41", 2, Decimal("131.20")), ("9904", 1, Decimal("10.00")),
        ]  # fmt: skip
        plant(rig.platform.world, "amount", first)
        with pytest.raises(NotApplied, match="没有对平"):
            held.apply(local)
        assert rig.sent("3203") == 0
        number = held.apply(elsewhere)
        assert [each.applied for each in held.due()] == ["", number]
        with pytest.raises(NotApplied, match=number):
            held.apply(held.due()[1])
        held.withdraw(held.due()[1])
        assert [each.applied for each in held.due()] == ["", ""]
        assert held.apply(held.due()[1]) != number
        with pytest.raises(NotApplied, match="没有申请过"):
            held.withdraw(local)
        assert held.apply(local, balanced=True)
        rig.strike(Fault.ANSWER_LOST, "3204")
        with pytest.raises(OutcomeUnknown):
            held.withdraw(held.due()[0])
        assert (rig.sent("3203"), rig.sent("3204")) == (3, 2)


def test_an_application_that_nobody_knows_the_end_of_is_not_made_again(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        settled(rig, "100.00")
        held = Applications(rig.runtime, 2026, 11)
        rig.strike(Fault.ANSWER_LOST, "3203")
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                held.apply(held.due()[0])
        assert (held.due()[0].unknown, rig.sent("3203")) == (True, 1)


def test_the_commands_of_applications_and_of_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with rig_for(tmp_path) as rig:
        settled(rig, "100.00")
        now = rig.runtime.now()

        def run(*arguments: str) -> tuple[int, str]:
            code = command([*arguments, "--config", str(rig.config)])
            shown = capsys.readouterr()
            return code, shown.out + shown.err

        month = f"{now:%Y-%m}"
        assert "没有" in run("clearing", "due", month)[1]
        assert run("clearing", "apply", month, "99")[0] == 2
        assert "CLR" in run("clearing", "apply", month, "41")[1]
        assert "CLR" in run("clearing", "due", month)[1]
        assert run("clearing", "withdraw", month, "41")[1].startswith("已撤销")
        code, said = run("reconcile", "--date", f"{now:%Y-%m-%d}", "--rows")
        assert (code, "90502 查得 1 行，流水 1 行" in said) == (0, True)
