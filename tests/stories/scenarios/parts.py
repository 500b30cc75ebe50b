"""The journal's parts by themselves: addresses, locks, statements, seals, names of rows, and what an earlier version
left."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import create_engine, select

import kept_journals
from kept.fill import KEYS
from liangding.errors import LiangdingError
from liangding.journal import Journal, Vault, finding, locks, verifying
from liangding.journal import recording as recording_
from liangding.journal.engines import database_url, libpq_url, open_engine
from liangding.journal.presence import is_gone
from liangding.journal.reading import ReadJournal
from liangding.journal.statements import Prepared
from liangding.journal.subjects import SUBJECTS
from liangding.journal.tables import calls, flows
from liangding.journal.vault import Purpose
from liangding.simulator.faults import Fault
from liangding.wire.json import decode, encode

from .. import story
from ..scene import Scene

ADDRESSES = (
    "sqlite:///journal.db", "sqlite://", "postgresql://u:p%40w@db:5433/base", "postgresql://first:5432,second/base",
    "postgresql://u:p%2Fw@first,second:5433/base?sslmode=require", "postgresql+psycopg://u@a,b/",
    "postgresql://a,b/base?target_session_attrs=any", "mysql://db/base", "nothing", "sqlite:///:memory:",
    "postgresql://[::1/base", "postgresql://a:x,b:y/base",
)  # fmt: skip


@story()
def addresses(scene: Scene) -> None:
    """A database's address, as SQLAlchemy reads it, as PostgreSQL's library does, and what is opened by it."""
    for text in ADDRESSES:
        scene.say(text)
        try:
            url = database_url(text)
            scene.show("read", url.render_as_string(hide_password=False))
            scene.show("query", {name: str(value) for name, value in url.query.items()})
            if url.get_backend_name() == "postgresql":
                scene.show("libpq", libpq_url(text))
            for reading in (False, True):
                _opened(scene, text, reading=reading)
        except LiangdingError as failed:
            scene.show("!", failed.as_json())


def _opened(scene: Scene, text: str, *, reading: bool) -> None:
    made: list[Any] = []

    def make(*given: Any, **more: Any) -> Any:
        made.append(more)
        return create_engine(*given, **more)

    try:
        with mock.patch("liangding.journal.engines.create_engine", make):
            engine = open_engine(text, scene.folder, reading=reading)
    except LiangdingError as failed:
        scene.show(f"! reading={reading}", failed.as_json())
        return
    told = {"driver": engine.driver, "pool": type(engine.pool).__name__, "host": str(engine.url.query)}
    scene.show(f"reading={reading}", told | {"made": [plain_of(each) for each in made]})
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "busy_timeout"):
                scene.show(pragma, connection.exec_driver_sql(f"PRAGMA {pragma}").scalar())
    engine.dispose()


def plain_of(given: dict[str, Any]) -> dict[str, Any]:
    """What an engine is made with, but for what runs."""
    return {name: getattr(value, "__name__", value) if callable(value) else value for name, value in given.items()}


@story()
def locks_by_name(scene: Scene) -> None:
    """What writing touches, and what a transaction on PostgreSQL begins with."""
    call = locks.of_call("H1", "K1", ["p1", "p2", None])
    named = {
        "a call": call, "without a key": locks.of_call("H1", None, ["p1"]), "of nobody": locks.of_call("H1", "K1", []),
        "a row": locks.of_call_row({"institution": "H1", "key": "K1", "person": "p1"}),
        "a settlement": locks.of_settlement("H1", "S1"), "none": locks.of_settlement("H1", None),
        "a flow": locks.of_flow("F1", "H1", "outpatient", "K1"),
        "keyless": locks.of_flow("F1", "H1", "outpatient", None),
        "its own chain": locks.OWN_CHAIN,
    }  # fmt: skip
    for what, names in named.items():
        scene.show(what, sorted(names))
        scene.show("begins with", locks.statement(names))
    scene.show("anything", locks.statement(None))
    scene.show("many", locks.statement(frozenset(map(str, range(500)))) == locks.statement(None))
    scene.show("too many", locks.statement(frozenset(map(str, range(501)))))


@story()
def statements(scene: Scene) -> None:
    """What is compiled once: its text, what it takes, and what it gives, for each kind of database."""
    chosen = {
        "by id": finding.BY_ID, "under a key": finding._UNDER_KEY, "standing": recording_._STANDING,
        "one of two": recording_._pending(("person_0", "person_1")), "all flows": select(flows.c.id, flows.c.debts),
        "keys": recording_._INSERT_KEY, "how many": verifying._how_many(SUBJECTS[0]),
    }  # fmt: skip
    for url in ("sqlite://", "postgresql+psycopg://u@db/x"):
        engine = create_engine(url)
        for what, statement in chosen.items():
            prepared = Prepared(statement, engine.dialect)
            scene.show(f"{what}, {engine.dialect.name}", {
                "sql": " ".join(prepared.sql.split())[-200:], "positions": prepared._positions, "said": prepared._said,
                "flags": list(prepared._flags), "names": len(prepared._names),
                "same": Prepared.of(statement, engine) is Prepared.of(statement, engine),
            })  # fmt: skip


@story()
def seals(scene: Scene) -> None:
    """What a vault seals opens at its place only, under its key only; hashes and digests are keyed."""
    scene.desk()
    with ReadJournal(
        scene.deployment.journal.url, scene.vault, folder=scene.folder, epoch=scene.clock.epoch
    ) as journal:  # fmt: skip
        vault = journal.vault
    bare = scene.vault
    for what, held in (("with keys", vault), ("without", bare)):
        scene.say(what)
        sealed = held.seal(b"a body", "here")
        for name, (opener, body, place) in {
            "here": (held, sealed, "here"), "there": (held, sealed, "there"), "nothing": (held, None, ""),
            "by another": (Vault(KEYS["A"]), sealed, "here"), "cut": (held, sealed[:9], "here"),
            "no such cipher": (held, b"\x09" + b"0" * 40, "here"),
        }.items():  # fmt: skip
            try:
                scene.show(name, opener.open(body, place).decode())
            except LiangdingError as failed:
                scene.show(name, failed.as_json())
        scene.show("empty", held.seal(b"") == b"")
        scene.show("code", sealed[0])
        scene.show("renewed", held.renewed(sealed, "here") is None)
        scene.show("of nothing", held.renewed(b"", "here") is None)
        scene.show(
            "present", {purpose.value: held.present(purpose) for purpose in Purpose if purpose is not Purpose.EARLIER}
        )
        scene.show("heads", [len(head) for head in held.heads_under((Purpose.BODIES, 1))])
        scene.show("head", sealed[:5] in held.heads_under((Purpose.BODIES, 1)))
        hashed = held.hashed("P1")
        scene.show("hashes", [hashed == held.hashes("P1")[0], len(hashed or ""), held.hashed(None), held.hashed("")])
        digest = held.content("d")
        scene.show("digests", [held.content(digest) == digest, digest[:3], len(digest)])
        scene.show("chains", [len(held.keyed(b"x")), held.chain(9) is None, held.chain(1) is None])
    wrapped = vault.wrap((Purpose.BODIES, 1), b"k" * 32)
    scene.show("wrapped", [vault.is_wrapped(wrapped), Vault(KEYS["A"]).is_wrapped(wrapped), wrapped[0]])
    scene.show("unwrapped", vault.unwrap((Purpose.BODIES, 1), wrapped) == b"k" * 32)
    for label in ((Purpose.BODIES, 2), (Purpose.CHAIN, 1)):
        try:
            vault.unwrap(label, wrapped)
        except LiangdingError as failed:
            scene.show("as another", failed.as_json())


@story()
def names_of_rows(scene: Scene) -> None:
    """Rows of other tables by their names in the chain."""
    desk = scene.desk()
    desk.settle("B1")
    code = scene.deployment.institution.code
    for subject in SUBJECTS:
        for name in (
            "settlement:2",
            f"sign_in:{code}:001",
            "flow:x",
            "settlement:3",
            f"sign_in:{code}",
            "sign_in:a:b:c",
        ):
            if name.startswith(subject.prefix):
                found = desk.journal.store.read(lambda c, s=subject, n=name: s.is_there(c, n))  # type: ignore[misc]
                scene.show(name, {"number": subject.number(name), "there": found})
    scene.show("named", SUBJECTS[1].name({"institution": "H1", "operator": "7"}))


NOW = 1_000_000.0


@story()
def who_is_gone(scene: Scene) -> None:
    """Processes of other machines, by when they were last heard of."""
    for owner in ("far:8:9:ab", "far:0123456789abcdef:b001:8:9:ab"):
        for silent in (10.0, 100.0):
            for before in (-100.0, -6.0, -1.0, 0.0, 10.0, 10.1, 99.0, 101.0):
                gone = is_gone(owner, NOW - before, NOW, silent=silent)
                scene.show(f"{owner} of {silent:g} s, {before:g} s ago", gone)
        scene.show("as told", [is_gone(owner, 0, NOW, lambda _: True), is_gone(owner, NOW, NOW, lambda _: False)])


@story()
def what_an_earlier_version_left(scene: Scene) -> None:
    """Journals of each schema, opened by this version: what is written anew, and that it is whole."""
    for schema in kept_journals.SCHEMAS:
        scene.say(f"schema {schema}")
        path = scene.folder / f"kept-{schema}.db"
        kept_journals.restore(schema, f"sqlite:///{path}")
        for what, vault in (
            ("another key", Vault(scene.deployment.secret("journal.key", scene.deployment.journal.key))),
            ("its keys", Vault(KEYS["B"], old=[KEYS["A"]])), ("its keys, to read", Vault(KEYS["B"], old=[KEYS["A"]])),
        ):  # fmt: skip
            scene.told.say(f"-- {what}", "   ")
            _brought_up(scene, path, vault, reading=what.endswith("read"))
        scene.show("kept beside it", sorted(each.name for each in scene.folder.glob(f"kept-{schema}.db*")))
    newer = scene.folder / "newer.db"
    shutil.copyfile(path, newer)
    with contextlib.closing(sqlite3.connect(newer)) as held:
        held.execute("UPDATE alembic_version SET version_num = '0999'")
        held.commit()
    for reading in (False, True):
        _brought_up(scene, newer, Vault(KEYS["B"], old=[KEYS["A"]]), reading=reading)


def _brought_up(scene: Scene, path: Path, vault: Vault, *, reading: bool) -> None:
    made: Any = ReadJournal if reading else Journal
    more = {} if reading else {"owner": "desk 1", "alive": lambda _: False}
    try:
        journal = made(f"sqlite:///{path}", vault, folder=scene.folder, epoch=kept_journals.AFTER.timestamp, **more)
    except LiangdingError as failed:
        scene.show("!", failed.as_json())
        return
    with contextlib.closing(journal):
        if not reading:
            scene.show("left to write anew", journal.upgrade(limit=9))
            scene.show("new", journal.is_new)
        scene.show("whole", journal.verify())
        scene.show("tally", journal.tally(0))
        scene.show("pending", [call.told for call in journal.pending()])
        scene.show("keys", sorted(list(row) for row in journal.store.read(lambda c: c.execute(
            select(calls.c.key, calls.c.state, calls.c.version).where(calls.c.key.is_not(None))).all())))  # fmt: skip
        scene.show("opens", [len(call.request) > 0 for call in journal.latest(limit=5)])
        scene.show("flows", [len(journal.flows.search()), len(journal.flows.left("shop", 0))])


@story(platform="msgid_first = 1000\nmsgid_last = 1999\n")
def another_desks_journal(scene: Scene) -> None:
    """Where desks have journals of their own the platform is asked for the same rows first."""
    desk = scene.desk()
    desk.settle("B1")
    (msgid,) = [held for held, _ in scene.door.platform.requests if _ == "2102"]
    envelope = decode(scene.carried[msgid][0])
    scene.door.platform.answer(encode(envelope | {"msgid": "P99010000001202611211000002001"}))
    desk.settle("B2")
    desk.settle("B2", meant=True)
    desk.settle("B3", total="20.00")
    scene.strike(Fault.REQUEST_LOST, "5204", times=2)
    desk.settle("B4")
