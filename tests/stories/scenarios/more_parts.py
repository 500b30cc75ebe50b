"""More of the journal's parts by themselves: a shared clock, flows begun at one moment, what an upgrade writes down."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any
from unittest import mock

from sqlalchemy import select

import kept_journals
from kept.fill import KEYS
from liangding.journal import Journal, Vault, checkpoints
from liangding.journal.heads import HeadsFile, KeptHead
from liangding.journal.reading import ReadJournal
from liangding.journal.tables import calls, events, flows, owners, sign_ins
from liangding.journal.tables import checkpoints as checkpoint_rows
from liangding.journal.timing import DatabaseClock, clock, shared_clock
from liangding.kit import bill

from .. import story
from ..scene import Scene


class _Server:
    """A database whose clock says what is given, after so many seconds each."""

    dialect = "postgresql"

    def __init__(self, up: list[float], told: list[tuple[float, float]]) -> None:
        self.up, self._told = up, told

    def read(self, _: Any) -> float:
        took, at = self._told.pop(0)
        self.up[0] += took
        return at


@story()
def a_shared_clock(scene: Scene) -> None:
    """A database's clock is looked at until an answer was quick; the quickest of three counts. Looked at again it is
    set only where it is farther off than the answer took."""
    for what, told in {
        "quick": [(0.125, 1000.0), (0.125, 1010.5)],
        "near enough": [(0.125, 1000.0), (0.125, 1010.125)],
        "just quick": [(0.25, 1000.0), (0.25, 1010.0)],
        "slow, then quick": [(2.0, 1000.0), (0.125, 1001.0), (0.75, 1003.0), (0.5, 1004.0), (0.375, 1005.0)],
        "slow each time": [(3.0, 1000.0), (2.0, 2000.0), (4.0, 3000.0), (9.0, 1.0), (9.0, 2.0), (9.0, 3.0)],
    }.items():
        up = [50.0]
        with (
            mock.patch("liangding.journal.timing.uptime", lambda at=up: at[0]),
            mock.patch("liangding.journal.timing.QUICK_SECONDS", 0.25),
        ):
            held: Any = DatabaseClock(_Server(up, told))  # type: ignore[arg-type]
            scene.say(what)
            scene.show("at once", [held.epoch(), up[0], len(told)])
            up[0] += 10.0
            scene.show("ten seconds later", held.epoch())
            held.look()
            scene.show("looked at again", [held.epoch(), up[0], len(told)])
    scene.show("of a file", [clock("sqlite"), shared_clock(SimpleNamespace(dialect="sqlite"))])  # type: ignore[arg-type]
    scene.show("of a server", str(clock("postgresql")))


@story()
def begun_at_one_moment(scene: Scene) -> None:
    """Calls and flows of one moment, page by page: none twice, none left out."""
    desk = scene.desk()
    for number in range(4):
        given = bill(scene.person(), f"R{number}", credential={"type": "02", "number": scene.person().certno})
        desk.start("pharmacy_purchase", given, key=f"K{number}")
    rows, seen = desk.runtime.journal.flows, list[str]()
    while len(seen) < 9 and (page := rows.search(before=seen[-1] if seen else "", limit=1)):
        seen += page
    scene.show("flows, one by one", [seen.index(each) for each in rows.search()])
    two = rows.search(limit=2)
    scene.show("two, and two", [seen.index(each) for each in two + rows.search(before=two[-1], limit=2)])
    scene.show("latest", [seen.index(each) for each in rows.latest("test", (), limit=3)])
    scene.show("left", [seen.index(each.id) for each in rows.left("test", scene.clock.epoch())])


@story()
def what_an_upgrade_writes(scene: Scene) -> None:
    """A journal of the first schema, brought up a portion at a time: its events, versions, keys and sign-ins."""
    path = scene.folder / "kept.db"
    kept_journals.restore("0001", f"sqlite:///{path}")
    vault = Vault(KEYS["B"], old=[KEYS["A"]])
    with (
        mock.patch("liangding.journal.journal.UPGRADED_AT_ONCE", 1),
        mock.patch("liangding.journal.upgrading.AT_ONCE", 7),
        contextlib.closing(
            Journal(
                f"sqlite:///{path}", vault, folder=scene.folder, owner="desk 1", alive=lambda _: False,
                epoch=kept_journals.AFTER.timestamp,
            )
        ) as journal,
    ):  # fmt: skip
        portions = [journal.upgrade(limit=30)]
        scene.show("whole meanwhile", journal.verify())
        while portions[-1]:
            portions.append(journal.upgrade(limit=30))
        scene.show("portions", portions)
        scene.show("whole", journal.verify())
        looked: dict[str, Any] = {
            "events": select(events.c.kind, events.c.subject).where(
                events.c.subject.is_not(None), events.c.owner == "desk 1"),
            "of calls": select(events.c.kind, events.c.call_id, events.c.row_version, events.c.state).where(
                events.c.call_id.is_not(None), events.c.owner == "desk 1").limit(20),
            "sign-ins": select(sign_ins.c.operator, sign_ins.c.version),
            "owners": select(owners.c.ordinal, owners.c.chain, owners.c.started_at),
            "flows": select(flows.c.flow, flows.c.status, flows.c.version).order_by(flows.c.created_at, flows.c.id),
            "contents": select(calls.c.id).where(~calls.c.content.startswith("k")),
        }  # fmt: skip
        for what, query in looked.items():
            rows = journal.store.read(lambda connection, one=query: connection.execute(one).all())  # type: ignore[misc]
            scene.show(what, [[str(each) for each in row] for row in rows])
        states = [journal.flows.get(each) for each in journal.flows.search()]
        scene.show("open", [len(each["state"]) for each in states if each is not None])


@story()
def as_many_checkpoints_as_are_kept(scene: Scene) -> None:
    """Of many checkpoints the latest are kept; after everything was sealed anew there is none."""
    desk = scene.desk()
    for _ in range(checkpoints.KEPT + 2):
        scene.clock.sleep(1)
        with ReadJournal(
            scene.deployment.journal.url, scene.vault, folder=scene.folder, epoch=scene.clock.epoch
        ) as held:  # fmt: skip
            desk.journal.keep_checkpoint(held.examine().checkpoint)
    query = select(checkpoint_rows.c.number).order_by(checkpoint_rows.c.number)
    kept = desk.journal.store.read(lambda connection: list(connection.scalars(query)))
    scene.show("kept", [kept[0], kept[-1], len(kept)])
    desk.journal.reseal()
    scene.show("after sealing anew", desk.journal.store.read(lambda connection: list(connection.scalars(query))))


@story()
def what_is_vouched_for(scene: Scene) -> None:
    """Events of the first schema, which were linked by what was sealed, are sealed anew: each is vouched for."""
    path = scene.folder / "kept.db"
    kept_journals.restore("0001", f"sqlite:///{path}")
    vault = Vault(KEYS["B"], old=[KEYS["A"]])
    for name in ("desk 1", "desk 2"):
        with contextlib.closing(
            Journal(
                f"sqlite:///{path}", vault, folder=scene.folder, owner=name, alive=lambda _: False,
                epoch=kept_journals.AFTER.timestamp,
            )
        ) as journal:  # fmt: skip
            scene.show("sealed anew", journal.reseal())
            scene.show("whole", journal.verify())
            query = select(events.c.kind, events.c.subject, events.c.format).where(
                events.c.subject.startswith("event:")
            )
            rows = journal.store.read(
                lambda connection, one=query: connection.execute(one.order_by(events.c.number).limit(30)).all()  # type: ignore[misc]
            )
            scene.show("vouched for", [[str(each) for each in row] for row in rows])
            journal.renew_keys()


@story()
def a_head_is_safe_before_it_counts(scene: Scene) -> None:
    """When a head is asked to be safe on the disk, all of its line is in the file; what was there stays."""
    path, seen = scene.folder / "away" / "heads", list[str]()

    def asked(_: int) -> None:
        seen.append(path.read_text("utf-8"))

    with mock.patch("liangding.journal.heads.os.fsync", asked):
        for number in (1, 2):
            HeadsFile(path).add(KeptHead(at=1000.0625 * number, events=(number, 3), digest="d"))
    scene.show("in the file", seen)
    scene.show("for others", oct(path.stat().st_mode & 0o777))
