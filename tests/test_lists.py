"""What becomes of uploads that have states of their own: settlement lists, and visits of self-paying patients."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.errors import CallFailed
from liangding.knowledge.interfaces import BASELINE
from liangding.simulator.chapters import records, self_pay
from liangding.simulator.faults import Fault
from liangding.uploads.importing import read
from liangding.uploads.lists import NotMoved, SettlementLists
from liangding.uploads.queue import LOOK_SECONDS, Uploads
from liangding.uploads.records import UploadState
from liangding.uploads.self_pay import NotSelfPay, SelfPayVisits
from support import Rig, rig_for, simulated_rig_for, write_secret
from test_uploads import ALWAYS, HOSPITAL, of_kind, report

DONGGUAN: dict[str, Any] = {
    "province": "dongguan", "area": "441900", "code": "H44190000001", "kind": Kind.HOSPITAL, "gateway": "plain",
}  # fmt: skip


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as made:
        yield made


def a_list(setl_id: str) -> dict[str, Any]:
    message: dict[str, Any] = copy.deepcopy(of_kind("4101A"))
    message["setlinfo"] |= {"setl_id": setl_id, "psn_no": "P1", "mdtrt_id": "M1"}
    return message


def on_platform(rig: Rig, setl_id: str) -> records.HeldRecords:
    return records.records(rig.platform.world)["4101", setl_id]


def uploaded(rig: Rig, setl_id: str) -> tuple[Uploads, SettlementLists]:
    uploads = Uploads(rig.runtime)
    uploads.add("4101A", a_list(setl_id), insured_place="990100")
    uploads.drain()
    return uploads, SettlementLists(uploads)


# -- settlement lists --------------------------------------------------------------------------------------------------

MOVES = {"0": {"1"}, "1": set(), "2": set(), "3": {"0", "1"}}


@pytest.mark.parametrize("wanted", ["0", "1"])
@pytest.mark.parametrize("state", MOVES)
def test_a_list_is_moved_as_an_institution_may(state: str, wanted: str, rig: Rig) -> None:
    uploads, lists = uploaded(rig, "S1")
    on_platform(rig, "S1").state = state
    if wanted in MOVES[state]:
        number = lists.move("S1", wanted).id
        uploads.drain()
        assert (uploads.rows.get(number).state, on_platform(rig, "S1").state) == (UploadState.DONE, wanted)
    else:
        with pytest.raises(NotMoved, match=lists.standing("S1").chinese):
            lists.move("S1", wanted)
        assert (rig.sent("4102"), on_platform(rig, "S1").state) == (0, state)


def test_a_list_goes_back_and_forth_and_each_move_is_a_call_of_its_own(rig: Rig) -> None:
    uploads, lists = uploaded(rig, "S1")
    for times in (1, 2):
        lists.move("S1", "1")
        uploads.drain()
        assert (on_platform(rig, "S1").state, rig.sent("4102")) == ("1", times)
        on_platform(rig, "S1").state = "3"
    rig.strike(Fault.ANSWER_LOST, "4102")
    lists.move("S1", "0")
    uploads.drain()
    assert (on_platform(rig, "S1").state, rig.sent("4102")) == ("0", 3)


def test_what_is_not_known_or_waits_still_is_said(rig: Rig) -> None:
    uploads = Uploads(rig.runtime)
    lists = SettlementLists(uploads)
    with pytest.raises(NotMoved, match="S9"):
        lists.standing("S9")
    uploads.add("4101A", a_list("S1"), insured_place="990100")
    with pytest.raises(NotMoved, match="待传"):
        lists.move("S1", "1")
    with pytest.raises(NotMoved, match="经办机构"):
        lists.move("S1", "2")
    with pytest.raises(NotMoved, match="没有撤销结算清单的交易"):
        lists.take_back("S1")
    with pytest.raises(CallFailed):
        lists.standing("S9", psn_no="P9")


def test_a_list_that_was_withdrawn_goes_again_when_it_is_given_again(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=ALWAYS, **DONGGUAN) as rig:
        uploads, lists = uploaded(rig, "S1")
        number = lists.take_back("S1").id
        uploads.drain()
        assert uploads.rows.get(number).state is UploadState.DONE, uploads.rows.get(number).said
        assert ("4101", "S1") not in records.records(rig.platform.world)
        uploads.add("4101A", a_list("S1"), insured_place="441900")
        uploads.drain()
        assert len(on_platform(rig, "S1").arrivals) == 1


def test_quality_control_is_read_page_by_page(rig: Rig) -> None:
    fault = {
        "exam_data_fld": "主诊断",
        "qltctrl_chk_rslt": "编码不对",
        "err_lv": "1",
        "retn_flag": "1",
        "init_val": "X",
    }
    rig.platform.world.kept["findings"] = {f"S{number}": [fault] for number in range(230)}
    lists = SettlementLists(Uploads(rig.runtime))
    assert len(lists.faults("202611")) == 230
    assert [each.found for each in lists.faults("202611", "S7")] == ["编码不对"]


# -- self-paying patients ----------------------------------------------------------------------------------------------


def fees(visit: int, *rows: int) -> dict[str, Any]:
    sample = report(visit, "4201A")
    (name,) = sample
    sample[name] = [sample[name][0] | {"bkkp_sn": f"B{row}"} for row in rows]
    return sample


def held(rig: Rig, visit: int) -> self_pay.HeldSelfPay | None:
    return self_pay.visits(rig.platform.world).get(f"S{visit:06d}")


@pytest.mark.parametrize("refused", [False, True])
def test_a_visit_is_closed_when_all_of_it_is_there(refused: bool, rig: Rig) -> None:
    uploads = Uploads(rig.runtime)
    visits = SelfPayVisits(uploads)
    with pytest.raises(NotSelfPay):
        visits.finish("S000001")
    for message, infno in ((fees(1, 1, 2), "4201A"), (fees(1, 3), "4201A"), (report(1, "4202"), "4202")):
        uploads.add(infno, message)
    if refused:
        records.refusals(rig.platform.world)
        rig.strike(Fault.REQUEST_LOST, "4202")
    number = visits.finish("S000001").id
    uploads.drain()
    if refused:
        assert uploads.rows.get(number).state is UploadState.WAITING
        assert "4202" in uploads.rows.get(number).said
        assert (rig.sent("4203"), held(rig, 1).complete) == (0, False)  # type: ignore[union-attr]
        for _ in range(6):
            rig.runtime.clock.sleep(LOOK_SECONDS + 600)
            rig.runtime.resolver.sweep()
            uploads.drain()
    assert uploads.rows.get(number).state is UploadState.DONE, uploads.rows.get(number).said
    there = held(rig, 1)
    assert there is not None
    assert (there.complete, sorted(there.fees)) == (True, ["B1", "B2", "B3"])
    found = visits.standing("S000001")
    assert ([each.infno for each in found.records], len(found.fees or ())) == (["4201A", "4201A", "4202", "4203"], 3)
    assert visits.known() != []
    assert visits.standing("S000009").fees is None


def test_rows_whose_answer_was_lost_are_looked_for_on_each_page_and_no_further(rig: Rig) -> None:
    uploads = Uploads(rig.runtime)
    everything = rig.platform.handlers["4207"]

    def one_each(request: Any) -> Any:
        told = everything(request)
        first = int(request.input.page_num) - 1
        return {**told, "data": told["data"][first : first + 1]}

    rig.platform.handlers["4207"] = one_each
    rig.strike(Fault.ANSWER_LOST, "4201A")
    number = uploads.add("4201A", fees(1, 1, 2)).id
    uploads.drain()
    if uploads.rows.get(number).state is not UploadState.DONE:
        rig.let_pass(LOOK_SECONDS + 600)
        uploads.drain()
    assert uploads.rows.get(number).state is UploadState.DONE, uploads.rows.get(number).said
    assert (rig.sent("4201A"), rig.sent("4207")) == (1, 2)


def test_what_was_deleted_goes_again_when_it_is_given_again(rig: Rig) -> None:
    uploads = Uploads(rig.runtime)
    visits = SelfPayVisits(uploads)
    for each in (fees(1, 1, 2), fees(1, 3)):
        uploads.add("4201A", each)
    uploads.add("4205", report(2, "4205"))
    uploads.drain()
    for rows, left in ((["B3"], ["B1", "B2"]), ((), [])):
        visits.take_back("S000001", rows)
        uploads.drain()
        assert sorted(held(rig, 1).fees) == left  # type: ignore[union-attr]
        for each in (fees(1, 3), fees(1, 1, 2)):
            uploads.add("4201A", each)
        uploads.drain()
        assert sorted(held(rig, 1).fees) == ["B1", "B2", "B3"]  # type: ignore[union-attr]
    visits.take_back("S000002")
    uploads.drain()
    assert (held(rig, 2), rig.sent("4206")) == (None, 1)
    uploads.add("4205", report(2, "4205"))
    uploads.drain()
    assert held(rig, 2) is not None


def test_records_come_from_a_view_of_another_database(tmp_path: Path) -> None:
    write_secret(tmp_path, "url", f"sqlite:///{tmp_path}/his.db")
    with sqlite3.connect(tmp_path / "his.db") as database:
        database.execute("CREATE TABLE blood (visit TEXT, day TEXT, kind TEXT)")
        database.execute("INSERT INTO blood VALUES ('V1', '2026-11-20', '1'), ('V2', '2026-11-20', '2')")
    database.close()
    query = 'SELECT visit AS key, visit AS \\"data.mdtrt_sn\\", kind AS \\"data.bld_cat\\", day FROM blood'
    (view := tmp_path / "his.toml").write_text(
        f'[source]\nurl = {{ file = "secrets/url" }}\nquery = "{query}"\n', "utf-8"
    )
    found = list(read(BASELINE["4601"], view))
    assert [(each.key, each.message) for each in found] == [
        ("V1", {"data": [{"mdtrt_sn": "V1", "bld_cat": "1"}]}), ("V2", {"data": [{"mdtrt_sn": "V2", "bld_cat": "2"}]}),
    ]  # fmt: skip


def test_one_record_is_sent_without_the_others(rig: Rig) -> None:
    uploads = Uploads(rig.runtime)
    first, second = (uploads.add("4601", report(number)) for number in (1, 2))
    uploads.send_now([second.id, second.id])
    assert [uploads.rows.get(each.id).state for each in (first, second)] == [UploadState.WAITING, UploadState.DONE]
    assert rig.sent("4601") == 1


# -- commands ----------------------------------------------------------------------------------------------------------


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:

        def run(*arguments: str) -> tuple[int, str]:
            code = command([*arguments, "--config", str(rig.config)])
            shown = capsys.readouterr()
            return code, (shown.out + shown.err).replace("\n", "")

        uploads, _ = uploaded(rig, "S1")
        assert run("lists", "state", "S1")[1].startswith("S1：未提交")
        assert run("lists", "submit", "S1")[0] == 0
        assert "不能改为" in run("lists", "reopen", "S1")[1]
        assert run("lists", "quality", "2026-11")[0] == 0
        assert "已上传 1 份" in run("lists", "counts", "2026-11")[1]
        assert "没有撤销结算清单的交易" in run("lists", "withdraw", "S1")[1]
        uploads.add("4201A", fees(1, 1))
        code, said = run("self-pay", "finish", "S000001")
        assert (code, "就诊信息和费用明细没有传全" in said) == (1, True)
        uploads.add("4202", report(1, "4202"))
        uploads.drain()
        assert run("self-pay", "finish", "S000001")[0] == 0
        assert "费用明细 1 行" in run("self-pay", "show", "S000001")[1]
        assert run("self-pay", "reopen", "S000001")[0] == 0
        assert run("self-pay", "delete", "S000001", "B1")[0] == 0
        assert "费用明细 0 行" in run("self-pay", "show", "S000001")[1]
