"""A hospital's day: thousands of visits at several desks, stays, refunds, and a line that fails now and then.

The platform runs in a process of its own; at the end its ledger is held against our journal and against what each desk
was told.
"""

from __future__ import annotations

import contextlib
import itertools
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
from typing import Any, NamedTuple

import attrs
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ...config import Deployment, Kind, load_deployment
from ...errors import LiangdingError
from ...flows import Flows, Status, View
from ...jobs.keeper import Keeper
from ...receipts.money import Split
from ...runtime import Runtime
from ...wire.json import decode
from ...wire.transport import Exchange, HttpTransport
from ..output import console, table
from .hospital import DIAGNOSES, DOCTOR, WARD, row
from .stage import AMOUNTS, Entry, ledger, recorded, set_up, to_the_right, total, write

LATE = 3.5
"""Seconds that a slow answer or a late commit takes: longer than the deployment waits for an answer."""

RESOLUTION = """
[resolution]
believe_seconds = 5
hold = "wait"
"""
"""A day in minutes: what is not there after this time will not come, because nothing comes later than ``LATE``."""

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
            stays = max(1, round(visits * STAYS_PER_VISIT))
            people = _people(inspection, visits + stays)
            hospital = _Hospital(runtime, people, seed)
            work = hospital.work(visits, stays)
            _open(out, config, url, visits, stays, desks)
            inspection.post("/faults", json={"seed": seed, "share": FAULTS, "seconds": LATE})
            began = time.monotonic()
            _play(out, work, desks)
            took = time.monotonic() - began
            inspection.delete("/faults")
            hospital.ask_again(out)
            well = _audit(out, runtime, hospital, people, _Seen.of(inspection))
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


PEOPLE = {"local": 70, "resident": 12, "retired": 10, "province": 5, "cross": 3}
"""The patients by case, in hundredths."""


def _people(inspection: httpx.Client, count: int) -> list[dict[str, Any]]:
    """That many patients, each a person of their own."""
    found: list[dict[str, Any]] = []
    for case, share in PEOPLE.items():
        asked = inspection.post("/people", json={"case": case, "count": -(-count * share // 100)}).raise_for_status()
        found += decode(asked.content)
    return found[:count]


# -- measuring ---------------------------------------------------------------------------------------------------------


class _Spent(NamedTuple):
    """Seconds by the clock, and of the thread's own work."""

    clock: float
    work: float

    @classmethod
    def now(cls) -> _Spent:
        return cls(time.perf_counter(), time.thread_time())

    def less(self, other: _Spent) -> _Spent:
        return _Spent(self.clock - other.clock, self.work - other.work)


class _TimedLine(HttpTransport):
    """The line, and what each thread has spent on it."""

    def __init__(self, deployment: Deployment) -> None:
        platform = deployment.platform
        super().__init__(connect_seconds=platform.connect_seconds, read_seconds=platform.read_seconds)
        self._spent = threading.local()

    @property
    def spent(self) -> _Spent:
        """By this thread, so far."""
        return getattr(self._spent, "sum", _Spent(0.0, 0.0))

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        began = _Spent.now()
        try:
            return super().post(url, headers, body)
        finally:
            spent, this = self.spent, _Spent.now().less(began)
            self._spent.sum = _Spent(spent.clock + this.clock, spent.work + this.work)


class _TimedRuntime(Runtime):
    """A runtime that notes what each call takes beyond the line; a call inside a call belongs to the outer one."""

    def __init__(self, deployment: Deployment, *, transport: _TimedLine) -> None:
        self._line = transport
        self._inside = threading.local()
        self.added: list[_Spent] = []
        super().__init__(deployment, transport=transport)

    def call(self, infno: str, message: Any, **more: Any) -> Any:
        if getattr(self._inside, "deep", False):
            return super().call(infno, message, **more)
        self._inside.deep = True
        line, began = self._line.spent, _Spent.now()
        try:
            return super().call(infno, message, **more)
        finally:
            self._inside.deep = False
            self.added.append(_Spent.now().less(began).less(self._line.spent.less(line)))


# -- what the hospital does --------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class _Case:
    """A bill or a stay, and what its desk was told: the settlement that stands, or none."""

    key: str
    person: dict[str, Any]
    refund: str = ""
    stay: bool = False
    setl_id: str = ""
    told: Split | None = None
    settled: bool = False
    done: bool = False
    said: str = ""


WAYS = ("undo", "part")
"""How a bill is refunded: all of it, or a part."""


class _Hospital:
    """The day's work, each piece asked for until it is certain."""

    def __init__(self, runtime: Runtime, people: list[dict[str, Any]], seed: int) -> None:
        self._flows = Flows(runtime)
        self._random = random.Random(seed)
        self._random.shuffle(people)
        self._people = people
        self._yesterday = f"{runtime.now() - timedelta(days=1):%Y-%m-%d} 08:00:00"
        self.cases: list[_Case] = []

    def work(self, visits: int, stays: int) -> list[Callable[[], None]]:
        """All of the day's business, in the order in which it comes."""
        refunded = dict(zip(self._random.sample(range(visits), round(visits * REFUNDS)), itertools.cycle(WAYS)))
        for i in range(visits + stays):
            stay, number = i >= visits, f"{'ZY' if i >= visits else 'MZ'}{i + 1:05d}"
            self.cases.append(_Case(key=number, person=self._people[i], refund=refunded.get(i, ""), stay=stay))
        self._random.shuffle(self.cases)
        return [lambda case=case: self.attempt(case) for case in self.cases]  # type: ignore[misc]

    def attempt(self, case: _Case) -> None:
        """One try; what is not certain after it is asked again later."""
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
            case.setl_id, case.told = "", None
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
            case.setl_id, case.told = settlement.setl_id, settlement.split
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
    refunds = round(visits * REFUNDS)
    out.print(
        f"门诊 {visits} 人次，住院 {stays} 人次，明细 {rows} 行，退费 {refunds} 笔，故障 {FAULTS:.0%}，{desks} 个窗口"
    )


@attrs.frozen(kw_only=True)
class _Seen:
    """What the platform's own side shows at the end: its ledger, every request that arrived, its persons."""

    ledger: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    people: list[dict[str, Any]]

    @classmethod
    def of(cls, inspection: httpx.Client) -> _Seen:
        pages = ("ledger", "requests", "people")
        return cls(**{page: decode(inspection.get(f"/{page}").raise_for_status().content) for page in pages})


def _audit(out: Console, runtime: Runtime, hospital: _Hospital, before: list[dict[str, Any]], seen: _Seen) -> bool:
    out.print()
    out.rule("[bold]核对 · the audit[/]", align="left")
    theirs, ours = ledger(seen.ledger), recorded(runtime)
    standing = {row["setl_id"]: _payers(row) for row in seen.ledger if row["counts"]}
    told = {
        case.setl_id: (case.told.total, case.told.fund, case.told.account, case.told.cash)
        for case in hospital.cases
        if case.told is not None
    }
    shown = table("", "笔数", *AMOUNTS)
    to_the_right(shown, 1)
    for name, book in (("平台净额", theirs), ("流水净额", ours)):
        shown.add_row(name, str(len(book)), *(f"{value:.2f}" for value in total(book).values()))
    desk = [sum(column, Decimal(0)) for column in zip(*told.values(), strict=True)]
    shown.add_row("窗口所知", str(len(told)), *(f"{value:.2f}" for value in desk))
    out.print(shown)
    known = {call.msgid for call in runtime.journal.latest(limit=MANY)}
    checks = {
        f"平台的账与流水 {len(theirs)} 笔结算与撤销，逐笔到分一致": theirs == ours,
        f"窗口被告知的 {len(told)} 笔有效结算与平台一致，谁付多少都到分": standing == told,
        f"{len(before)} 位参保人的个人账户，扣的正是有效结算里的": _accounts(before, seen) == [],
        f"平台收到的 {len(seen.requests)} 条报文，发出之前都记在流水里": all(
            r["msgid"] in known for r in seen.requests
        ),
        "每一笔业务都办到底": all(case.done for case in hospital.cases),
        "没有结果不明的调用": not runtime.journal.pending(),
        "流水的哈希链完整": not runtime.journal.verify(),
    }
    for sentence, holds in checks.items():
        out.print(f"  {'[green]✓[/]' if holds else '[bold red]✗[/]'} {sentence}")
    for entry in [*(theirs.keys() ^ ours.keys())][:5]:
        out.print(f"    [red]{_described(entry)} 只有一边有[/]")
    return all(checks.values())


MANY = 10_000_000
"""As many calls as no day has."""


def _payers(row: dict[str, Any]) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(row[field])) for field in AMOUNTS.values())


def _accounts(before: list[dict[str, Any]], seen: _Seen) -> list[str]:
    """The persons whose accounts hold anything but what was there, less what stands."""
    spent: dict[str, Decimal] = {}
    for entry in seen.ledger:
        if entry["counts"]:
            spent[entry["psn_no"]] = spent.get(entry["psn_no"], Decimal(0)) + Decimal(str(entry["acct_pay"]))
    after = {person["psn_no"]: _balance(person) for person in seen.people}
    numbers = {person["psn_no"]: _balance(person) for person in before}
    return [number for number, had in numbers.items() if after[number] + spent.get(number, Decimal(0)) != had]


def _balance(person: dict[str, Any]) -> Decimal:
    return sum((Decimal(str(cover["balance"])) for cover in person["covers"]), Decimal(0))


def _described(entry: Entry) -> str:
    return f"{entry.setl_id} 的撤销" if entry.undone else entry.setl_id


def _figures(out: Console, runtime: _TimedRuntime, took: float) -> None:
    out.print()
    out.print(f"{len(runtime.added)} 次调用，{took:.0f} 秒，每秒 {len(runtime.added) / took:.0f} 次")
    clock = _percentiles([each.clock for each in runtime.added])
    work = _percentiles([each.work for each in runtime.added])
    out.print(f"在平台自己的时间之外，我们这边每次加：{clock}")
    out.print(f"其中自己要算的：{work}；其余是等磁盘写稳，和等同一进程里别的窗口")


def _percentiles(seconds: list[float]) -> str:
    """The median and the 99th percentile, in milliseconds."""
    listed = sorted(seconds)
    middle, p99 = listed[len(listed) // 2], listed[min(len(listed) - 1, len(listed) * 99 // 100)]
    return f"中位 {middle * 1000:.1f} ms，p99 {p99 * 1000:.1f} ms"
