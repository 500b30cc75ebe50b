"""A hospital's day: thousands of visits at several desks, stays, refunds, and a line that fails now and then.

The platform runs in a process of its own; at the end its ledger is held against our journal and against what each desk
was told.
"""

from __future__ import annotations

import contextlib
import queue
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ...config import Deployment, Kind, load_deployment
from ...errors import LiangdingError
from ...flows import Flows, Status, View
from ...keeper import Keeper
from ...runtime import Runtime
from ...simulator.people import NORMAL
from ...wire.json import decode
from ...wire.transport import Exchange, HttpTransport, Receive
from ..output import console, table
from .hospital import DIAGNOSES, DOCTOR, WARD, row
from .stage import Entry, ledger, recorded, set_up, write

RESOLUTION = """
[resolution]
believe_seconds = 3
hold = "wait"
"""
"""A day in minutes: the simulated platform commits late by a second at most."""

STAYS_PER_VISIT, ROWS_OF_VISIT, ROWS_OF_STAY = 0.04, 4, 50
REFUNDS, FAULTS = 0.03, 0.01
PATIENCE = 90
"""Seconds that a desk asks again at the end of the day, at most."""


def day(folder: Path, *, visits: int, seed: int, desks: int) -> int:
    """Play the day; 0 where all of it is right."""
    out = console()
    config = set_up(folder, Kind.HOSPITAL)
    with _platform(config) as url, httpx.Client(base_url=f"{url}/_simulator", timeout=60) as inspection:
        deployment = load_deployment(config)
        line = _TimedLine(deployment)
        runtime = _TimedRuntime(deployment, transport=line)
        with runtime, Keeper(runtime):
            hospital = _Hospital(runtime, _people(inspection), seed)
            work = hospital.work(visits)
            _open(out, config, url, visits, len(work) - visits, desks)
            inspection.post("/faults", json={"seed": seed, "share": FAULTS, "seconds": 0.5})
            began = time.monotonic()
            _play(out, work, desks)
            took = time.monotonic() - began
            inspection.delete("/faults")
            hospital.ask_again(out)
            book = inspection.get("/ledger", timeout=120).read()
            well = _audit(out, runtime, hospital, decode(book))
            _figures(out, runtime, took)
    out.print(f"\n流水留在 {folder}：liangding journal list --config {config}")
    return 0 if well else 1


# -- the platform, in a process of its own -----------------------------------------------------------------------------


@contextlib.contextmanager
def _platform(config: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    write(config, Kind.HOSPITAL, url, RESOLUTION)
    command = [sys.executable, "-m", "liangding", "simulate", "--config", str(config), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/_simulator/time")
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > until:
                raise LiangdingError("模拟平台没有启动") from None
            time.sleep(0.1)
        else:
            return


def _people(inspection: httpx.Client) -> list[dict[str, Any]]:
    """Those who can be settled here by their identity card and are not in hospital elsewhere."""
    found: list[dict[str, Any]] = decode(inspection.get("/people").content)
    return [
        person
        for person in found
        if person["cert_type"] == "01"
        and len(person["covers"]) == 1
        and person["covers"][0]["status"] == NORMAL
        and person["case"] != "in_hospital"
    ]


# -- measuring ---------------------------------------------------------------------------------------------------------


class _TimedLine(HttpTransport):
    """The line, and how long this thread has waited for it."""

    def __init__(self, deployment: Deployment) -> None:
        platform = deployment.platform
        super().__init__(connect_seconds=platform.connect_seconds, read_seconds=platform.read_seconds)
        self.waited = threading.local()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        began = time.perf_counter()
        try:
            return super().post(url, headers, body)
        finally:
            self.waited.seconds = getattr(self.waited, "seconds", 0.0) + time.perf_counter() - began

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        return super().stream(url, headers, body, receive)


class _TimedRuntime(Runtime):
    """A runtime that notes what each call takes beyond the line; a call inside a call belongs to the outer one."""

    def __init__(self, deployment: Deployment, *, transport: _TimedLine) -> None:
        self._line = transport
        self._inside = threading.local()
        self.added: list[float] = []
        super().__init__(deployment, transport=transport)

    def call(self, infno: str, message: Any, **more: Any) -> Any:
        if getattr(self._inside, "deep", False):
            return super().call(infno, message, **more)
        self._inside.deep = True
        waited, began = getattr(self._line.waited, "seconds", 0.0), time.perf_counter()
        try:
            return super().call(infno, message, **more)
        finally:
            self._inside.deep = False
            on_the_line = getattr(self._line.waited, "seconds", 0.0) - waited
            self.added.append(time.perf_counter() - began - on_the_line)


# -- what the hospital does --------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class _Case:
    """A bill or a stay, and what its desk was told: the settlement that stands, or none."""

    key: str
    person: dict[str, Any]
    refund: str = ""
    stay: bool = False
    setl_id: str = ""
    cash: Decimal = Decimal(0)
    settled: bool = False
    done: bool = False
    said: str = ""


class _Hospital:
    """The day's work, each piece asked for until it is certain."""

    def __init__(self, runtime: Runtime, people: list[dict[str, Any]], seed: int) -> None:
        self._flows = Flows(runtime)
        self._random = random.Random(seed)
        self._people = people
        self._yesterday = f"{runtime.now() - timedelta(days=1):%Y-%m-%d} 08:00:00"
        self._locks = {person["psn_no"]: threading.Lock() for person in people}
        self.cases: list[_Case] = []

    def work(self, visits: int) -> list[Callable[[], None]]:
        """All of the day's business, in the order in which it comes."""
        stays = max(1, round(visits * STAYS_PER_VISIT))
        for i in range(visits + stays):
            refund = self._random.choice(("undo", "part")) if self._random.random() < REFUNDS else ""
            stay = i >= visits
            number = f"{'ZY' if stay else 'MZ'}{i + 1:05d}"
            self.cases.append(
                _Case(key=number, person=self._random.choice(self._people), refund="" if stay else refund, stay=stay)
            )
        self._random.shuffle(self.cases)
        return [lambda case=case: self.attempt(case) for case in self.cases]  # type: ignore[misc]

    def attempt(self, case: _Case) -> None:
        """One try; what is not certain after it is asked again later."""
        with self._locks[case.person["psn_no"]]:
            try:
                case.done = self._stay(case) if case.stay else self._visit(case)
            except LiangdingError as failed:
                case.said = f"{failed.code}: {failed.message}"

    def ask_again(self, out: Console) -> None:
        """The end of the day: what is open is asked for with the same keys, until it is certain."""
        left = [case for case in self.cases if not case.done]
        out.print(f"一天办完，{len(left)} 笔还没有办到底，以同一业务号再问 …")
        until = time.monotonic() + PATIENCE
        while left and time.monotonic() < until:
            for case in left:
                self.attempt(case)
            left = [case for case in left if not case.done]
            if left:
                time.sleep(0.5)
        for case in left:
            out.print(f"[red]{case.key} 仍未办完[/] {case.said}")

    def _visit(self, case: _Case) -> bool:
        n = int(case.key[2:])
        rows = [
            row(f"{case.key}-{i}", "苯磺酸氨氯地平片", f"{5 + (n * 7 + i * 13) % 90}.{(n + i) % 10}0", "2")
            for i in range(ROWS_OF_VISIT)
        ]
        given = {
            "credential": self._card(case), "ipt_otp_no": case.key, "chrg_bchno": case.key, "doctor": DOCTOR,
            "diagnoses": DIAGNOSES, "rows": rows, "use_account": n % 3 == 0,
        }  # fmt: skip
        view = self._run(case, "outpatient", given, case.key)
        if not self._told(case, view) or not case.refund:
            return case.settled
        return self._take_back(case, rows)

    def _take_back(self, case: _Case, rows: list[Any]) -> bool:
        given: dict[str, Any] = {"credential": self._card(case), "bill_key": case.key}
        if case.refund == "undo":
            view = self._run(case, "outpatient_undo", given | {"level": "settlement"}, f"{case.key}-undo")
            if view.status is not Status.DONE:
                return False
            case.setl_id, case.cash = "", Decimal(0)
            return True
        given["returns"] = [{"feedetl_sn": rows[0]["feedetl_sn"], "count": "1"}]
        view = self._run(case, "outpatient_partial_refund", given, f"{case.key}-part")
        return self._told(case, view)

    def _stay(self, case: _Case) -> bool:
        stay = {"admission_key": case.key}
        admission = {
            "credential": self._card(case), "ipt_no": case.key, "ward": WARD, "diagnoses": DIAGNOSES,
            "begun_at": self._yesterday,
        }  # fmt: skip
        if self._run(case, "admission", admission, case.key).status is not Status.DONE:
            return False
        for part in range(2):
            half = ROWS_OF_STAY // 2
            rows = [row(f"{case.key}-{part}-{i}", "头孢曲松钠", f"{20 + i}.50") for i in range(half)]
            fees = {"stay": stay, "doctor": DOCTOR, "rows": rows}
            if self._run(case, "inpatient_fees", fees, f"{case.key}-{part}").status is not Status.DONE:
                return False
        discharge = {
            "credential": self._card(case), "stay": stay, "doctor": DOCTOR, "diagnoses": DIAGNOSES, "dscg_way": "1",
            "use_account": False,
        }  # fmt: skip
        return self._told(case, self._run(case, "discharge", discharge, f"{case.key}-out"))

    def _run(self, case: _Case, flow: str, given: dict[str, Any], key: str) -> View:
        view = self._flows.start(flow, given, key=key)
        while view.status is Status.QUESTION:
            assert view.question is not None
            values = [option.value for option in view.question.options]
            view = self._flows.answer(view.id, "yes" if "yes" in values else values[0])
        case.said = f"{flow} {view.status} {(view.error or {}).get('message', '')}"
        return view

    def _told(self, case: _Case, view: View) -> bool:
        settlement = view.result["settlement"]
        case.settled = settlement is not None and view.status in (Status.DONE, Status.UNDONE)
        if case.settled:
            case.setl_id, case.cash = settlement.setl_id, settlement.split.cash
        return case.settled

    def _card(self, case: _Case) -> dict[str, str]:
        return {"type": "02", "number": case.person["certno"]}


def _play(out: Console, work: list[Callable[[], None]], desks: int) -> None:
    waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    for piece in work:
        waiting.put(piece)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        task = progress.add_task("门诊与住院", total=len(work))

        def desk() -> None:
            while True:
                try:
                    piece = waiting.get_nowait()
                except queue.Empty:
                    return
                piece()
                progress.advance(task)

        threads = [threading.Thread(target=desk, name=f"desk {i + 1}") for i in range(desks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


# -- what is said of it ------------------------------------------------------------------------------------------------


def _open(out: Console, config: Path, url: str, visits: int, stays: int, desks: int) -> None:
    out.rule("[bold]一家医院的一天 · a day of a hospital[/]", align="left")
    rows = visits * ROWS_OF_VISIT + stays * ROWS_OF_STAY
    out.print(f"部署文件 {config}；模拟平台 {url}，在另一个进程")
    out.print(
        f"门诊 {visits} 人次，住院 {stays} 人次，明细 {rows} 行，退费 {REFUNDS:.0%}，故障 {FAULTS:.0%}，{desks} 个窗口"
    )


def _audit(out: Console, runtime: Runtime, hospital: _Hospital, rows: list[dict[str, Any]]) -> bool:
    out.print()
    out.rule("[bold]核对 · the audit[/]", align="left")
    theirs, ours = ledger(rows), recorded(runtime)
    standing = {row["setl_id"]: Decimal(str(row["psn_cash_pay"])) for row in rows if row["counts"]}
    told = {case.setl_id: case.cash for case in hospital.cases if case.setl_id}
    total = {name: sum(a[name] for a in theirs.values()) for name in next(iter(theirs.values()))}
    shown = table("", "笔数", *total)
    shown.add_row("平台净额", str(len(theirs)), *(f"{value:.2f}" for value in total.values()))
    mine = {name: sum((a[name] for a in ours.values()), Decimal(0)) for name in total}
    shown.add_row("流水净额", str(len(ours)), *(f"{value:.2f}" for value in mine.values()))
    out.print(shown)
    checks = {
        "平台的账与流水逐笔到分一致": theirs == ours,
        f"窗口被告知的 {len(told)} 笔有效结算与平台一致，现金到分": standing == told,
        "每一笔业务都办到底": all(case.done for case in hospital.cases),
        "没有结果不明的调用": not runtime.journal.unsettled(),
        "流水的哈希链完整": not runtime.journal.verify(),
    }
    for sentence, holds in checks.items():
        out.print(f"  {'[green]✓[/]' if holds else '[bold red]✗[/]'} {sentence}")
    for entry in [*(theirs.keys() ^ ours.keys())][:5]:
        out.print(f"    [red]{_described(entry)} 只有一边有[/]")
    return all(checks.values())


def _described(entry: Entry) -> str:
    return f"{entry.setl_id} 的撤销" if entry.undone else entry.setl_id


def _figures(out: Console, runtime: _TimedRuntime, took: float) -> None:
    added = sorted(runtime.added)
    middle, p99 = added[len(added) // 2], added[min(len(added) - 1, len(added) * 99 // 100)]
    out.print()
    out.print(f"{len(added)} 次调用，{took:.0f} 秒，每秒 {len(added) / took:.0f} 次")
    out.print(f"在平台自己的时间之外，我们这边每次加：中位 {middle * 1000:.1f} ms，p99 {p99 * 1000:.1f} ms")
