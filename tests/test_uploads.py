"""Daily uploads: held to their declaration at once, each on the platform once or refused, whatever breaks meanwhile."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from sqlalchemy import update

from liangding.config import Kind, load_deployment
from liangding.config.windows import Window
from liangding.contract.region import Region
from liangding.errors import ConfigurationError, InvalidMessage
from liangding.jobs.all import jobs_of
from liangding.knowledge.interfaces import BASELINE
from liangding.server.app import api
from liangding.simulator.chapters import records, self_pay
from liangding.simulator.faults import Fault
from liangding.spec.sampling import sample_request
from liangding.uploads import queue
from liangding.uploads.kinds import AfterUnknown
from liangding.uploads.queue import NotUploaded, NotWithdrawn, Uploads, field_meant
from liangding.uploads.records import UploadConflict, UploadState
from liangding.uploads.records import uploads as rows
from shell import liangding
from support import Rig, rig_for, simulated_rig_for, write_deployment

HOSPITAL: dict[str, Any] = {
    "province": "", "area": "990100", "code": "H99010000001", "kind": Kind.HOSPITAL, "gateway": "plain",
}  # fmt: skip
LONGEST_PAUSE_SECONDS: float = attrs.fields(Region).upload_pauses.default[1]  # type: ignore[index]

ALWAYS = '[uploads]\nwindow = "00:00-24:00"'


@pytest.fixture
def hospital(journal_url: str, tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, journal=journal_url, more=ALWAYS, **HOSPITAL) as rig:
        yield rig


def report(number: int, infno: str = "4601", **more: Any) -> dict[str, Any]:
    """The record ``number`` of a kind: the declaration's own sample, known by a number of the institution."""
    sample: dict[str, Any] = sample_request(BASELINE[infno])
    for node in sample.values():
        for row in node if isinstance(node, list) else [node]:
            row.update({name: f"S{number:06d}" for name in ("mdtrt_sn", "fixmedins_mdtrt_id") if name in row})
            row.update({name: f"{value}{number}" for name, value in (("bkkp_sn", "B"),) if name in row})
            row.pop("psn_no", None)
            row.update({"bld_time": "2026-11-20 09:00:00"} if infno == "4601" else {})
            row.update(more)
    return sample


def held(rig: Rig) -> dict[str, int]:
    """What the platform has: how often each record came."""
    return {key: len(each.arrivals) for (_, key), each in records.records(rig.platform.world).items()}


def test_a_record_that_does_not_open_takes_no_other_from_the_list(hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    numbers = [uploads.add("4601", report(number)).id for number in (1, 2)]
    spoilt = update(rows).where(rows.c.id == numbers[0]).values(message=b"\x03" + b"0" * 40)
    with hospital.runtime.journal.store.engine.begin() as connection:
        connection.execute(spoilt)
    told = {each.id: (each.message is not None, each.said) for each in uploads.rows.listed()}
    assert told == {numbers[1]: (True, ""), numbers[0]: (False, told[numbers[0]][1])}
    assert "打不开" in told[numbers[0]][1]
    uploads.drain()
    stand = {each.id: each.state.value for each in uploads.rows.listed()}
    assert (stand, len(held(hospital))) == ({numbers[0]: "waiting", numbers[1]: "done"}, 1)


def test_a_record_is_taken_in_and_sent_once(hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    first = uploads.add("4601", report(1))
    assert (first.state, first.key) == (UploadState.WAITING, "S000001:2026-11-20 09:00:00")
    assert uploads.add("4601", report(1)).id == first.id
    assert uploads.drain() == 1
    done = uploads.rows.get(first.id)
    assert (done.state, done.attempts) == (UploadState.DONE, 1)
    assert done.call_id is not None
    assert uploads.add("4601", report(1)).state is UploadState.DONE
    assert (uploads.drain(), held(hospital)) == (0, {"S000001": 1})
    changed = uploads.add("4601", report(1, memo="改过"))
    assert (changed.id, changed.version, changed.state) == (first.id, 2, UploadState.WAITING)
    assert (uploads.drain(), held(hospital)) == (1, {"S000001": 2})


@pytest.mark.parametrize(
    ("infno", "message", "said"),
    [
        ("4601", {"data": []}, "data"),
        ("4601", report(1)["data"] and {"data": [report(1)["data"][0], report(2)["data"][0]]}, "一个病人"),
        ("4601", report(1, memo="锟斤拷锟斤拷"), "乱码"),
        ("4601", report(1, memo="鍖荤枟淇濋櫓鏈烘瀯鍖荤枟淇濋櫓鏈烘瀯"), "乱码"),
        ("4601", report(1, psn_no="P1"), "参保地"),
        ("4101A", {"setlinfo": {"setl_id": "1"}}, "就诊ID"),
    ],
)
def test_what_is_wrong_is_told_at_once_and_not_taken_in(infno: str, message: Any, said: str, hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    with pytest.raises(InvalidMessage) as refused:
        uploads.add(infno, message)
    assert any(said in str(problem) for problem in refused.value.problems)
    assert uploads.rows.listed() == []


def test_only_records_are_taken_in(hospital: Rig) -> None:
    with pytest.raises(NotUploaded, match="是不是想写 460"):
        Uploads(hospital.runtime).add("4600", {})
    with pytest.raises(NotUploaded):
        Uploads(hospital.runtime).add("2207", {})


@pytest.mark.parametrize(
    ("words", "states", "field"),
    [
        (["结算信息不存在"], ["refused"], ""),
        (["输血信息[血型]不在字典中"], ["refused"], ""),
        (["调用省平台查询本地就医信息失败"], ["waiting", "done"], ""),
        (["监管接口短暂异常"] * 2, ["waiting", "waiting", "done"], ""),
        (["连接省平台失败", "该结算信息未下发到市平台"], ["waiting", "waiting", "done"], ""),
        (["当前时间段内不允许上传", "系统正在维护"], ["waiting", "waiting", "done"], ""),
        (["请先在系统维护科室信息"], ["refused"], ""),
    ],
)
def test_a_refusal_is_final_or_passes_with_time(words: list[str], states: list[str], field: str, hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    number = uploads.add("4601", report(1)).id
    records.refusals(hospital.platform.world)["S000001"] = list(words)
    found = []
    for _ in states:
        uploads.drain()
        found.append(uploads.rows.get(number).state.value)
        hospital.runtime.clock.sleep(LONGEST_PAUSE_SECONDS)
    assert found == states
    if states[-1] == "refused":
        assert uploads.rows.get(number).said == words[0]
        mended = uploads.add("4601", report(1, memo="改过"))
        assert (uploads.drain(), uploads.rows.get(mended.id).state) == (1, UploadState.DONE)


def test_the_field_that_a_refusal_means() -> None:
    members = BASELINE["4101A"]
    assert field_meant(members, "主诊断不能为空，出院科别 dscg_caty 无效") == "setlinfo.dscg_caty"
    assert field_meant(members, "系统错误") == ""


def test_a_refusal_that_passes_is_given_up_after_days(hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    number = uploads.add("4601", report(1)).id
    records.refusals(hospital.platform.world)["S000001"] = ["监管接口短暂异常"] * 1000
    for _ in range(40):
        uploads.drain()
        hospital.runtime.clock.sleep(LONGEST_PAUSE_SECONDS)
    assert uploads.rows.get(number).state is UploadState.REFUSED


@pytest.mark.parametrize(
    ("fault", "infno", "arrivals", "states"),
    [
        (Fault.ANSWER_LOST, "4601", 2, ["done"]),
        (Fault.REQUEST_LOST, "4601", 1, ["done"]),
        (Fault.ANSWER_LOST, "4201A", 1, ["done"]),
        (Fault.REQUEST_LOST, "4201A", 1, ["asking", "waiting", "done"]),
    ],
)
def test_after_an_unknown_outcome_as_its_kind_declares(
    fault: Fault, infno: str, arrivals: int, states: list[str], hospital: Rig
) -> None:
    uploads = Uploads(hospital.runtime)
    number = uploads.add(infno, report(1, infno)).id
    hospital.strike(fault, infno)
    seen = []
    for _ in range(8):
        uploads.drain()
        seen.append(uploads.rows.get(number).state.value)
        hospital.let_pass(hospital.deployment.resolution.believe_seconds + queue.LOOK_SECONDS)
    assert list(dict.fromkeys(seen))[-1] == "done", seen
    assert set(seen) <= set(states), seen
    if infno == "4601":
        assert held(hospital) == {"S000001": arrivals}
    else:
        assert list(self_pay.visits(hospital.platform.world)["S000001"].fees) == ["B1"]


def test_what_cannot_be_asked_waits_for_a_person(hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    kind = hospital.runtime.interfaces["4201"]
    assert uploads.after_unknown(kind) is AfterUnknown.PERSON
    number = uploads.add("4201", report(1, "4201"), key="R1").id
    hospital.strike(Fault.ANSWER_LOST, "4201")
    uploads.drain()
    assert uploads.rows.get(number).state is UploadState.PERSON
    with pytest.raises(UploadConflict):
        uploads.add("4201", report(2, "4201"), key="R1")
    hospital.runtime.clock.sleep(2 * queue.PERSON_LOOK_SECONDS)
    uploads.drain()
    assert (uploads.rows.get(number).state, hospital.sent("4201")) == (UploadState.PERSON, 1)


def test_daily_records_wait_for_the_next_day_or_the_window(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        uploads.add("4601", report(1))
        assert uploads.drain() == 0
        rig.runtime.clock.sleep(14 * 3600)
        assert uploads.drain() == 1
    (folder := tmp_path / "windowed").mkdir()
    with simulated_rig_for(folder, more='[uploads]\nwindow = "20:00-06:00"', **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        uploads.add("4601", report(1))
        assert uploads.drain() == 0
        rig.runtime.clock.sleep(10 * 3600)
        assert uploads.drain() == 1


@pytest.mark.parametrize(
    ("text", "at", "opens"),
    [
        ("20:00-06:00", "2026-11-21 10:00", "2026-11-21 20:00"),
        ("20:00-06:00", "2026-11-21 05:59", "2026-11-21 05:59"),
        ("01:00-05:00", "2026-11-21 05:00", "2026-11-22 01:00"),
        ("00:00-24:00", "2026-11-21 23:59", "2026-11-21 23:59"),
    ],
)
def test_windows(text: str, at: str, opens: str) -> None:
    assert Window(text).opens(datetime.fromisoformat(at)) == datetime.fromisoformat(opens)


@pytest.mark.parametrize("text", ["20-06", "25:00-06:00", "20:00-24:30", "全天"])
def test_what_is_no_window_is_refused(text: str, tmp_path: Path) -> None:
    config = write_deployment(tmp_path, more=f'[uploads]\nwindow = "{text}"', **HOSPITAL)
    with pytest.raises(ConfigurationError, match="window"):
        load_deployment(config)


def test_withdrawing(hospital: Rig) -> None:
    uploads = Uploads(hospital.runtime)
    number = uploads.add("4601", report(1)).id
    assert uploads.withdraw(number).state is UploadState.WITHDRAWN
    assert uploads.drain() == 0
    assert uploads.add("4601", report(1)).state is UploadState.WAITING
    uploads.drain()
    with pytest.raises(NotWithdrawn, match="已传"):
        uploads.withdraw(number)


# -- from outside --------------------------------------------------------------------------------------------------


CSV = """key,day,data.mdtrt_sn,data.memo
A,2026-11-20,S1,第一行
A,2026-11-20,S1,第二行
B,2026-11-20,S2,乙
"""


def test_files_are_taken_in_record_by_record(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        full = report(1)["data"][0]
        columns = [name for name in full if name not in ("mdtrt_sn", "memo")]
        lines = [f"{line}," + ",".join(str(full[name]) for name in columns) for line in CSV.splitlines()[1:]]
        head = CSV.splitlines()[0] + "," + ",".join(f"data.{name}" for name in columns)
        (table := tmp_path / "a.csv").write_text("\n".join([head, *lines]), "utf-8")
        done = liangding("uploads", "import", "4601", str(table), "--config", rig.config)
        assert "记下 2 条" in done.stdout, done.stdout
        (wrong := tmp_path / "b.jsonl").write_text(
            json.dumps({"input": report(3)}) + "\n" + json.dumps({"input": {"data": []}}), "utf-8"
        )
        refused = liangding("uploads", "import", "4601", str(wrong), "--config", rig.config)
        assert (refused.returncode, "第 2 行" in refused.stdout) == (1, True)
        assert "办了 3 条" in liangding("uploads", "send", "--config", rig.config).stdout
        listed = json.loads(liangding("uploads", "list", "--json", "--config", rig.config).stdout)
        assert {(each["key"], each["day"], each["state"]) for each in listed[1:]} == {
            ("A", "2026-11-20", "done"), ("B", "2026-11-20", "done"),
        }  # fmt: skip
        assert "输血" in liangding("uploads", "status", "--config", rig.config).stdout
        (broken := tmp_path / "c.csv").write_text("key,dat.mdtrt_sn\nA,1\n", "utf-8")
        assert "data" in liangding("uploads", "import", "4601", str(broken), "--config", rig.config).stderr


def test_over_http_a_record_is_taken_in_and_asked_for(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        transport = httpx.ASGITransport(app=api({"test": rig.runtime}))

        async def ask() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=transport, base_url="http://test/v1") as client:
                body = {"input": report(1), "day": "2026-11-20"}
                taken = await client.post("/uploads/4601", json=body, headers={"idempotency-key": "R1"})
                wrong = await client.post("/uploads/4601", json={"input": {"data": []}})
                listed = await client.get("/uploads", params={"state": "waiting"})
                shown = await client.get(f"/uploads/{taken.json()['id']}")
                counted = await client.get("/uploads/counts")
                withdrawn = await client.post(f"/uploads/{taken.json()['id']}/withdraw")
                return [taken, wrong, listed, shown, counted, withdrawn]

        import anyio

        taken, wrong, listed, shown, counted, withdrawn = anyio.run(ask)
        assert (taken.status_code, taken.json()["key"], taken.json()["day"]) == (202, "R1", "2026-11-20")
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_message")
        assert listed.json() == [shown.json()]
        assert counted.json() == [{"infno": "4601", "state": "waiting", "count": 1}]
        assert withdrawn.json()["state"] == "withdrawn"


# -- a hospital's day ------------------------------------------------------------------------------------------------

WORKING = """
import sys, threading
from liangding.config import load_deployment
from liangding.runtime import Runtime
from liangding.uploads import queue
from liangding.uploads.queue import Uploads
from liangding.uploads.records import UploadState
queue.LOOK_SECONDS = 0.2
with Runtime(load_deployment(sys.argv[1])) as runtime:
    runtime.resolver.recover()
    uploads = Uploads(runtime)
    print("there", flush=True)
    final = {UploadState.DONE, UploadState.REFUSED}
    while any(state not in final for _, state in uploads.rows.counted()):
        uploads.drain()
        runtime.resolver.sweep()
        threading.Event().wait(0.05)
"""

SEED = 11


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_hospitals_day_through_kill_9(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A small part of a day's records, through kill -9 at random moments; with two processes on PostgreSQL."""
    _a_day(database, tmp_path, request, count=60, faults=0.1, kills=3)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_whole_day_of_5000_records_through_kill_9(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _a_day(database, tmp_path, request, count=5000, faults=0.02, kills=12)


def _a_day(
    database: str, tmp_path: Path, request: pytest.FixtureRequest, *, count: int, faults: float, kills: int
) -> None:
    """Each record is on the platform once, or listed as refused, whatever broke."""
    url = "sqlite:///journal.db" if database == "sqlite" else request.getfixturevalue("postgresql_url")
    settings = f"{ALWAYS}\npauses = [0.05, 0.2]\n[resolution]\nbelieve_seconds = 1"
    chance = random.Random(SEED)
    with rig_for(tmp_path, journal=url, more=settings, read_seconds=1, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        for number in range(count):
            infno = "4201A" if number % 4 == 0 else "4601"
            uploads.add(infno, report(number, infno))
        refused = {f"S{number:06d}" for number in range(1, count, 9) if number % 4}
        records.refusals(rig.platform.world).update({key: ["信息不完整"] * 99 for key in refused})
        rig.door.faults.by_seed(SEED, faults, (Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.ERROR_AFTER, Fault.CUT))
        _through_kills(rig, 1 if database == "sqlite" else 2, chance, kills, count // 5)
        states = {each.key.partition(":")[0]: each.state for each in uploads.rows.listed(most=2 * count)}
        assert len(states) == count
        assert {key for key, state in states.items() if state is UploadState.REFUSED} == refused
        assert {state for key, state in states.items() if key not in refused} == {UploadState.DONE}
        rows = [
            (number, row) for number, visit in self_pay.visits(rig.platform.world).items() for row in visit.fees
        ]  # fmt: skip
        assert sorted([*held(rig), *(number for number, _ in rows)]) == sorted(states.keys() - refused)
        assert rig.platform.failures == []


def _through_kills(rig: Rig, processes: int, chance: random.Random, kills: int, apart: int) -> None:
    """Processes that send, killed ``kills`` times at random moments up to ``apart`` requests after they began; the last
    ones end by themselves."""

    def start() -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", WORKING, str(rig.config)]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        return process

    for _ in range(kills):
        together = [start() for _ in range(processes)]
        before = len(rig.platform.requests)
        wanted = before + chance.randrange(3, apart)
        while len(rig.platform.requests) < wanted and any(each.poll() is None for each in together):
            signal.sigtimedwait([], 0.01)
        for each in together:
            with contextlib.suppress(ProcessLookupError):
                each.send_signal(signal.SIGKILL)
            each.wait()
    for each in [start() for _ in range(processes)]:
        assert each.wait(3600) == 0


def test_a_job_sends_what_is_due(hospital: Rig) -> None:
    Uploads(hospital.runtime).add("4601", report(1))
    held_jobs = jobs_of(hospital.runtime)
    assert held_jobs.work(held_jobs.enter_now("uploads")).said == "办了 1 条"  # type: ignore[union-attr]
    assert held(hospital) == {"S000001": 1}


# -- every kind ------------------------------------------------------------------------------------------------------

GOES_UP = (
    "4101", "4101A", "4301", "4302", "4401", "4402", "4501", "4502", "4503", "4504", "4505", "4506", "4601", "4602",
    "4701", "4201", "4201A", "4202", "4205",
)  # fmt: skip


def of_kind(infno: str) -> Any:
    """A record of a kind that its declaration takes."""
    transaction = BASELINE[infno]
    return getattr(transaction, "example", None) or sample_request(transaction)


@pytest.mark.parametrize("infno", GOES_UP)
def test_each_kind_goes_up_and_is_there_once(infno: str, tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        taken = uploads.add(infno, of_kind(infno), insured_place="990100", key="R1")
        assert uploads.drain() == 1
        done = uploads.rows.get(taken.id)
        assert (done.state, done.said) == (UploadState.DONE, "")
        assert rig.sent(infno) == 1
        assert len(records.records(rig.platform.world)) + len(self_pay.visits(rig.platform.world)) == 1


def test_the_states_of_a_settlement_list(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        message = of_kind("4101A")
        setl_id, psn_no = message["setlinfo"]["setl_id"], message["setlinfo"]["psn_no"]

        def go(infno: str, given: Any, key: str) -> UploadState:
            number = uploads.add(infno, given, insured_place="990100", key=key).id
            uploads.drain()
            return uploads.rows.get(number).state

        def moved(wanted: str) -> Any:
            return {"data": {"stastinfo": [{"psn_no": psn_no, "setl_id": setl_id, "stas_type": wanted}]}}

        assert go("4101A", message, "L1") is UploadState.DONE
        assert go("4102", moved("1"), "C1") is UploadState.DONE
        assert go("4102", moved("1"), "C2") is UploadState.REFUSED, "submitted once"
        changed = json.loads(json.dumps(message, default=str))
        changed["setlinfo"]["medcasno"] = "X1"
        assert go("4101A", changed, "L1") is UploadState.REFUSED, "a list that is submitted stays"
        asked = {"data": {"psn_no": psn_no, "setl_id": setl_id}}
        held = rig.runtime.call("4103", asked, insured_place="990100").output.setlinfo
        assert (held.setl_id, held.stas_type) == (setl_id, "1")
        period = {"stt_begntime": "2026-11-01", "stt_endtime": "2026-11-30", "medtype_list": "21"}
        counted = rig.runtime.call("4105", {"data": {"fixmedins_code": HOSPITAL["code"], **period}}).output
        assert counted.uploadedCnt == 1
        rig.platform.world.kept["findings"] = {setl_id: [{}]}
        month = {"setl_ym": "202611", "page_num": 1, "page_size": 100}
        assert len(rig.runtime.call("4104", {"data": month}).output) == 1


def test_a_self_paying_patient_from_rows_to_done_and_back(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        visit = {"fixmedins_mdtrt_id": "S000001", "fixmedins_code": HOSPITAL["code"]}
        pages = {"page_num": 1, "page_size": 10}

        def go(infno: str, given: Any, key: str) -> UploadState:
            number = uploads.add(infno, given, key=key).id
            uploads.drain()
            return uploads.rows.get(number).state

        assert go("4201A", report(1, "4201A"), "F1") is UploadState.DONE
        assert go("4203", visit | {"cplt_flag": "1"}, "E1") is UploadState.REFUSED, "the visit is not there"
        assert go("4202", report(1, "4202"), "V1") is UploadState.DONE
        assert go("4203", visit | {"cplt_flag": "1"}, "E2") is UploadState.DONE
        assert go("4204", {"feedetail": visit}, "D1") is UploadState.REFUSED, "what is closed stays"
        assert rig.runtime.call("4207", visit | pages).output.recordCounts == 1
        assert rig.runtime.call("4208", pages).output.recordCounts == 1
        assert len(rig.runtime.call("4209", visit | pages).output.data) == 1
        assert go("4203", visit | {"cplt_flag": "0"}, "E3") is UploadState.DONE
        assert go("4204", {"feedetail": visit}, "D2") is UploadState.DONE
        assert go("4206", visit, "D3") is UploadState.DONE
        assert go("4205", report(2, "4205"), "O1") is UploadState.DONE
        assert list(self_pay.visits(rig.platform.world)) == ["S000002"]


@pytest.mark.parametrize(("more", "wanted"), [('[uploads]\nwanted = ["4101A", "4201A"]', True), ("", False)])
def test_what_is_wanted_is_the_deployments_then_the_regions(more: str, wanted: bool, tmp_path: Path) -> None:
    """Whether a city wants the self-paying patients' fees, its deployments say; they go when they are given."""
    place = {"province": "sichuan", "area": "510100", "code": "H51010000001", "kind": Kind.HOSPITAL}
    with simulated_rig_for(tmp_path, more=more, gateway="plain", **place) as rig:
        uploads = Uploads(rig.runtime)
        assert ("4201A" in uploads.wanted()) is wanted
        assert wanted or uploads.wanted() == tuple(rig.runtime.region.uploads.get(Kind.HOSPITAL, ()))
        uploads.add("4201A", report(1, "4201A"), key="F1")
        rig.runtime.clock.sleep(2 * 86_400)
        uploads.drain()
        assert list(self_pay.visits(rig.platform.world)["S000001"].fees) == ["B1"]


OF_ONE_VISIT = {
    "4601": ("bld_time", "2026-11-20 09:00:00", "2026-11-20 15:00:00"), "4201A": ("bkkp_sn", "B1", "B2"),
    "4501": ("rpotc_no", "R1", "R2"), "4602": ("sign_time", "2026-11-20 09:00:00", "2026-11-20 15:00:00"),
}  # fmt: skip


@pytest.mark.parametrize("infno", OF_ONE_VISIT)
def test_two_records_of_one_visit_are_two_and_each_goes_once(infno: str, tmp_path: Path) -> None:
    """Two transfusions, two batches of fees, two reports, two measurements: none takes another's place in the queue."""
    name, *values = OF_ONE_VISIT[infno]
    assert name in BASELINE[infno].known_by
    with simulated_rig_for(tmp_path, more=ALWAYS, **HOSPITAL) as rig:
        uploads = Uploads(rig.runtime)
        made = [uploads.add(infno, _with(of_kind(infno), name, value), insured_place="990100") for value in values]
        assert made[0].id != made[1].id
        again = uploads.add(infno, _with(of_kind(infno), name, values[0]), insured_place="990100")
        assert (again.id, again.version) == (made[0].id, 1)
        assert uploads.drain() == 2
        assert [uploads.rows.get(each.id).state for each in made] == [UploadState.DONE] * 2
        assert rig.sent(infno) == 2


def _with(message: Any, name: str, value: str) -> Any:
    """A message whose rows of the visit have that value of a field."""
    if isinstance(message, dict):
        found = {key: _with(held, name, value) for key, held in message.items()}
        return found | {name: value} if {"mdtrt_sn", "fixmedins_mdtrt_id"} & found.keys() else found
    return [_with(each, name, value) for each in message] if isinstance(message, list) else message
