"""The simulated platform's ledger on the disk: after a start it is the platform that it was, or does not start."""

from __future__ import annotations

import contextlib
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest

from hospital import SCOPE, Desk
from liangding.cli.app import run
from liangding.clock import SimulatedClock
from liangding.config import load_deployment
from liangding.errors import CallRefused, ConfigurationError, NoAnswer, OutcomeUnknown
from liangding.knowledge import Knowledge
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.lasting import LastingDoor
from liangding.simulator.ledger_file import FORMAT, LedgerFile
from liangding.simulator.line import SimulatedLine
from liangding.simulator.setup import door_for
from liangding.transfer.exchange import upload_file
from liangding.wire.gateways import Outgoing
from support import Rig, write_deployment
from test_mobile_payment import paid, refunded
from test_online_line import HOSPITAL

LEDGER = "platform.db"
SERVICES = {"payment": ""}
START = datetime(2026, 11, 21, 10, 0)


@contextlib.contextmanager
def lasting(folder: Path) -> Iterator[Rig]:
    """A rig in this process whose platform's ledger is a file in ``folder``; its clock goes on from START each time."""
    config = write_deployment(folder, services=SERVICES, **HOSPITAL)
    deployment = load_deployment(config)
    known, clock = Knowledge(deployment), SimulatedClock(START)
    door = door_for(deployment, clock=clock, known=known, ledger=folder / LEDGER)
    with contextlib.closing(door), Runtime(deployment, transport=SimulatedLine(door), clock=clock, known=known) as made:
        yield Rig(folder=folder, config=config, deployment=deployment, door=door, url="", runtime=made)


def seen(value: Any, met: set[int]) -> Any:
    """Everything that an object holds, to be compared with another's; what was met before, and functions, by name."""
    if value is None or isinstance(value, str | int | float | Decimal | date | bytes | Enum):
        return value
    if id(value) in met:
        return type(value).__name__
    met.add(id(value))
    if isinstance(value, dict):
        return {str(name): seen(each, met) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [seen(each, met) for each in value]
    if isinstance(value, set):
        return sorted(value)
    if callable(value):
        return value.__qualname__
    fields = [a.name for a in attrs.fields(type(value))] if attrs.has(type(value)) else [*vars(value)]
    return {name: seen(getattr(value, name), met) for name in fields}


def everything(rig: Rig) -> dict[str, Any]:
    platform, centre = rig.platform, rig.centre("payment")
    kept = {"files": platform.files, "numbers": platform.seen, "requests": platform.requests, "world": platform.world}
    return {name: seen(each, set()) for name, each in kept.items()} | {"sealed": seen(vars(centre)["_seen"], set())}


def a_day(rig: Rig) -> None:
    """Business of several kinds, in clear and sealed; some of it broken off."""
    patient, later = (Desk(rig=rig, person=person) for person in rig.door.more_people("local", 2))
    rig.door.set_time(None, 30.0)
    for desk in (patient, later):
        desk.register()
        desk.describe()
        desk.charge(desk.fee("1", "100.00"))
    settled = patient.settle("100.00")
    for fault in (Fault.ERROR_AFTER, Fault.DUPLICATE):
        rig.strike(fault, "2208")
        with contextlib.suppress(CallRefused, OutcomeUnknown):
            patient.undo(settled)
        rig.let_pass(600)
    rig.strike(Fault.LATE_COMMIT, "2207", seconds=60)
    with contextlib.suppress(OutcomeUnknown):
        later.settle("100.00")
    rig.let_pass(600)
    upload_file(rig.runtime, io.BytesIO(bytes(range(256)) * 9), "a.zip")
    assert paid(rig).status == "done"
    assert refunded(rig, kind="CASH", cash="4.00").status == "done"
    garbage = b"\xff\xfe{"
    rig.door.receive(rig.runtime.known.gateway.headers(Outgoing(infno="", body=garbage, epoch=0.0, nonce="1")), garbage)


def test_it_is_the_same_platform_after_its_process_was_killed(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    with lasting(tmp_path) as rig:
        a_day(rig)
        before, ledger = everything(rig), rig.platform.world.ledger()
        assert len(ledger) > 2
        assert before["sealed"]
        assert before["files"]
        for file in tmp_path.glob(f"{LEDGER}*"):  # as they lie on the disk while the process has them
            shutil.copy(file, killed / file.name)
    for folder in (tmp_path, killed):
        with lasting(folder) as rig:
            assert everything(rig) == before
            assert rig.platform.world.ledger() == ledger
            patient = Desk(rig=rig, person=rig.person("retired"))
            patient.register("O9")
            assert patient.visit not in {entry["mdtrt_id"] for entry in ledger}, "numbers go on"


def test_where_the_disk_takes_nothing_nothing_is_told_and_nothing_has_happened(tmp_path: Path) -> None:
    with lasting(tmp_path) as rig:
        assert isinstance(rig.door, LastingDoor)
        patient = Desk(rig=rig, person=rig.person())
        patient.register()
        patient.describe()
        patient.charge(patient.fee("1", "100.00"))
        full = vars(rig.door.ledger)["_database"]
        full.execute(f"PRAGMA max_page_count = {full.execute('PRAGMA page_count').fetchone()[0] + 2}")
        with pytest.raises(NoAnswer):
            upload_file(rig.runtime, io.BytesIO(bytes(100_000)), "a.zip")
        held = patient.bill("100.00")
        held["data"] |= dict.fromkeys(SCOPE, "0") | {"inscp_scp_amt": "100.00"}
        with pytest.raises(OutcomeUnknown):
            patient.call("2207", held, key="B1")
    with lasting(tmp_path) as rig:
        assert (rig.standing(), rig.platform.files) == ([], {})
        rig.let_pass(3600)
        (call,) = rig.runtime.journal.latest(infno="2207")
        assert call.state == "absent"


def another(folder: Path) -> None:
    LedgerFile(folder / LEDGER, "H99010000002").close()


def later_form(folder: Path) -> None:
    said(folder, f"PRAGMA user_version = {FORMAT + 1}")


def other_program(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / LEDGER)) as database:
        database.execute("CREATE TABLE calls (id INTEGER)")


def no_database(folder: Path) -> None:
    (folder / LEDGER).write_text("一张纸" * 500, "utf-8")


def damaged(folder: Path) -> None:
    file = folder / LEDGER
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    file.write_bytes(content)


def a_folder(folder: Path) -> None:
    for file in folder.glob(f"{LEDGER}*"):
        file.unlink()
    (folder / LEDGER).mkdir()


def altered(folder: Path) -> None:
    said(folder, "UPDATE lived SET given = replace(CAST(given AS TEXT), '100', '200') WHERE outcome LIKE '受理；%'")


def one_is_gone(folder: Path) -> None:
    said(folder, "DELETE FROM lived WHERE number = 1")


def unknown_kind(folder: Path) -> None:
    said(folder, "UPDATE lived SET kind = 'notice' WHERE number = 2")


def said(folder: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / LEDGER)) as database:
        assert database.execute(statement).rowcount
        database.commit()


WRONG: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "another institution's": (another, False, "H99010000002 的，不是 H99010000001 的"),
    "a later form": (later_form, True, f"格式是 {FORMAT + 1}，这个版本认识 {FORMAT}"),
    "another program's": (other_program, False, "不是模拟平台的账本"),
    "no database": (no_database, False, "坏了"),
    "damaged": (damaged, True, "坏了"),
    "a folder": (a_folder, False, "打不开"),
    "altered": (altered, True, "当时是“受理；"),
    "one is gone": (one_is_gone, True, "现在是“未受理”"),
    "an unknown kind": (unknown_kind, True, "坏了"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_is_not_its_ledger_is_told_and_left_as_it_is(
    case: str, settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, there, told = WRONG[case]
    file = tmp_path / LEDGER
    if there:
        shutil.copy(settled, file)
    spoil(tmp_path)
    before = file.read_bytes() if file.is_file() else b""
    config = write_deployment(tmp_path, services=SERVICES, **HOSPITAL)
    assert run(["simulate", "--config", str(config), "--port", "0", "--ledger", str(file)]) == 2
    said = capsys.readouterr().err
    assert told in said.replace("\n", "")
    assert LEDGER in said
    assert before == (file.read_bytes() if file.is_file() else b"")


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one settlement."""
    folder = tmp_path_factory.mktemp("settled")
    with lasting(folder) as rig:
        patient = Desk(rig=rig, person=rig.person())
        patient.register()
        patient.describe()
        patient.charge(patient.fee("1", "100.00"))
        patient.settle("100.00")
    return folder / LEDGER


def test_a_second_process_is_told_that_the_first_one_has_it(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liangding.simulator.ledger_file.WAIT_SECONDS", 0.0)
    shutil.copy(settled, tmp_path / LEDGER)
    with lasting(tmp_path), pytest.raises(ConfigurationError, match="正被另一个进程使用"):
        LedgerFile(tmp_path / LEDGER, "H99010000001")
