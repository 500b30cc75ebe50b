"""What is looked for in a journal, kept of it, copied, sealed anew, and found where somebody changed it."""

from __future__ import annotations

import base64
import contextlib
import sqlite3
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, select

from liangding.errors import LiangdingError
from liangding.journal import Journal, State, Vault
from liangding.journal.asking import asked_by
from liangding.journal.beside import Beside, reseal
from liangding.journal.copying import Copies
from liangding.journal.heads import HeadsFile
from liangding.journal.reading import ReadJournal
from liangding.journal.searching import CallSearch
from liangding.journal.settling import SettlementState
from liangding.journal.states import EVENT_NAMES, NOTES, REPORTS, TRANSITIONS, transition
from liangding.kit import bill
from liangding.simulator.faults import Fault

from .. import story
from ..scene import HOUR, Desk, Scene


def _busy(scene: Scene, name: str = "desk 1") -> Desk:
    """A journal with a little of everything: accepted, refused, unknown, absent, of two persons and two days."""
    desk = scene.desk(name)
    other = scene.door.platform.world.people.more("local", 1)[0]
    with asked_by("api:his"):
        desk.settle("B1", bill_no="R-1")
        scene.clock.sleep(HOUR)
        desk.settle("B2", total="20.00", operator="002", person=other)
    scene.instead("2102", {"infcode": -1, "err_msg": "参保人员已停保", "output": None}, before=True)
    desk.settle("B3", total="30.00")
    scene.clock.sleep(24 * HOUR)
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B4", total="40.00", person=other, bill_date=date(2026, 11, 20))
    scene.let_pass(HOUR)
    scene.deafen()
    scene.strike(Fault.REQUEST_LOST, "2102")
    desk.settle("B5", total="50.00")
    return desk


def _tries(scene: Scene, what: str, work: Callable[[], Any]) -> Any:
    """What somebody does with a journal as a whole: what comes of it, or the error."""
    scene.say(what)
    try:
        came = work()
    except LiangdingError as failed:
        scene.show(f"! {type(failed).__name__}", failed.as_json())
        return None
    scene.show("=", came)
    return came


@story(everywhere=True)
def looked_for(scene: Scene) -> None:
    """Everything by which calls are found again."""
    desk = _busy(scene)
    journal, bound = desk.journal, desk.runtime.journal
    code, person = scene.deployment.institution.code, scene.person().psn_no
    begun = scene.told.start

    def shown(found: Any) -> list[int]:
        return [call.id for call in found]

    wanted: dict[str, CallSearch] = {
        "everything": CallSearch(), "accepted": CallSearch(states=(State.ACCEPTED,)),
        "unknown or absent": CallSearch(states=(State.UNKNOWN, State.ABSENT)),
        "refused 2102": CallSearch(states=(State.REFUSED,), infno="2102"),
        "by 002": CallSearch(operator="002"), "2102 by 001, changing": CallSearch(
            infno="2102", operator="001", changes=True), "only looking": CallSearch(changes=False),
        "a bill's number": CallSearch(number="R-1"), "a key": CallSearch(number="B2"),
        "a person": CallSearch(person=person), "a person's accepted": CallSearch(
            person=person, states=(State.ACCEPTED,)),
        "since": CallSearch(since=begun + HOUR), "until": CallSearch(until=begun + HOUR),
        "least": CallSearch(least=Decimal(40)), "most": CallSearch(most=Decimal(20)),
        "between": CallSearch(least=Decimal(20), most=Decimal(40), changes=True),
        "nobody's number": CallSearch(number="B9"),
    }  # fmt: skip
    scene.say("searches")
    for what, search in wanted.items():
        for view in (journal, bound, journal.of("P99010000002")):
            scene.show(f"{what} of {view.institution}", shown(view.search(search)))
    first = bound.search(CallSearch(), limit=3)
    scene.show("a page", shown(first))
    scene.show("the next", shown(bound.search(CallSearch(), before=first[-1].id, limit=3)))
    scene.show("behind none", shown(bound.search(CallSearch(), before=999, limit=3)))
    scene.say("other ways")
    call = bound.by_key(code, "B1")
    assert call is not None
    for view in (journal, bound, journal.of("P99010000002")):
        looks: dict[str, Callable[[], Any]] = {
            "latest": lambda at=view: shown(at.latest(limit=4)),  # type: ignore[misc]
            "latest 2102": lambda at=view: shown(at.latest(infno="2102", limit=2)),  # type: ignore[misc]
            "latest unknown": lambda at=view: shown(at.latest(states=[State.UNKNOWN])),  # type: ignore[misc]
            "latest not changing": lambda at=view: shown(at.latest(changes=False, limit=3)),  # type: ignore[misc]
            "by key": lambda at=view: at.by_key(code, "B1") is not None,  # type: ignore[misc]
            "tally": lambda at=view: at.tally(begun + HOUR),  # type: ignore[misc]
            "created since": lambda at=view: shown(at.created_since("test", begun + HOUR, limit=4)),  # type: ignore[misc]
            "of the visit": lambda at=view: shown(at.of_visit(call)),  # type: ignore[misc]
            "accepted of": lambda at=view: shown(at.accepted_of(code, person, call.mdtrt_id or "")),  # type: ignore[misc]
            "accepted since": lambda at=view: shown(at.accepted_since(code, person, ["2102"], begun)),  # type: ignore[misc]
            "accepted after": lambda at=view: shown(at.accepted_after(code, person, 1)),  # type: ignore[misc]
            "pending": lambda at=view: shown(at.pending()),  # type: ignore[misc]
            "pending here": lambda at=view: shown(at.pending("test")),  # type: ignore[misc]
            "pending of": lambda at=view: shown(at.pending_of(person, "M1")),  # type: ignore[misc]
            "due": lambda at=view: shown(at.due("test", limit=5)),  # type: ignore[misc]
            "next due": lambda at=view: at.next_due("test"),  # type: ignore[misc]
            "stirring": lambda at=view: sorted(at.stirring()),  # type: ignore[misc]
            "next due each": lambda at=view: at.next_due_each(),  # type: ignore[misc]
            "open for long": lambda at=view: shown(at.open_for(1)),  # type: ignore[misc]
            "used by api:his": lambda at=view: at.was_used_by("api:his"),  # type: ignore[misc]
            "used by nobody": lambda at=view: at.was_used_by("api:x"),  # type: ignore[misc]
            "settled": lambda at=view: list(at.settlements.between(date(2026, 11, 21), date(2026, 11, 21))),  # type: ignore[misc]
            "settled lately": lambda at=view: at.settlements.lately(date(2026, 11, 22)),  # type: ignore[misc]
            "without a time": lambda at=view: list(at.settlements.without_time()),  # type: ignore[misc]
            "of the bill": lambda at=view: at.settlements.of_bill("R-1"),  # type: ignore[misc]
            "by its number": lambda at=view: at.settlements.by_setl_id(call.setl_id or ""),  # type: ignore[misc]
            "whose settlement": lambda at=view: at.settlements.psn_no(call.id),  # type: ignore[misc]
            "signed in": lambda at=view: at.sign_ins.get(code, "001"),  # type: ignore[misc]
            "keys since": lambda at=view: at.keys_since(),  # type: ignore[misc]
        }
        scene.say(f"seen by {view.institution}")
        for what, look in looks.items():
            scene.show(what, look())
        _tries(scene, "a call", lambda at=view: at.call(call.id).as_json())  # type: ignore[misc]
        _tries(scene, "by its message", lambda at=view: at.by_msgid(call.msgid).told)  # type: ignore[misc]
        _tries(scene, "its history", lambda at=view: at.history(call.id))  # type: ignore[misc]
    _tries(scene, "no such call", lambda: journal.call(999))
    _tries(scene, "no such message", lambda: journal.by_msgid("M"))


@story()
def used(scene: Scene) -> None:
    """Who used the journal and for what; what has become of a settlement elsewhere."""
    desk = scene.desk()
    answer = desk.settle("B1")
    code = scene.deployment.institution.code
    with asked_by("cli:admin"):
        why = {"reason": "客户投诉"}
        desk.do("looks at bodies", lambda: desk.runtime.journal.report("bodies_read", why, call_id=2))
        desk.do("exports", lambda: desk.journal.report("exported", {"file": "a.zip"}))
        _tries(scene, "a call that is none", lambda: desk.runtime.journal.report("bodies_read", {}, call_id=99))
    for view in (desk.journal, desk.runtime.journal, desk.journal.of("P99010000002")):
        scene.show(f"reports to {view.institution}", view.reports(0))
        scene.show(f"exports to {view.institution}", view.reports(0, kind="exported", limit=1))
    settlements = desk.runtime.journal.settlements
    setl_id = answer.output.setlinfo.setl_id
    desk.do("elsewhere", lambda: settlements.mark("P99010000002", setl_id, SettlementState.REFUNDED_ELSEWHERE))
    desk.do("taken back elsewhere", lambda: settlements.mark(code, setl_id, SettlementState.REFUNDED_ELSEWHERE))
    desk.do("once more", lambda: settlements.mark(code, setl_id, SettlementState.REFUNDED_ELSEWHERE))
    desk.do("signs out", lambda: desk.runtime.journal.sign_ins.keep(code, "001", None, scene.clock.epoch()))
    desk.do("advice", lambda: desk.runtime.journal.advise(2, ["个人账户已支付", "请核对"]))
    desk.settle("B1")


@story()
def kept_in_order(scene: Scene) -> None:
    """Verified from a checkpoint and as a whole, pruned, and opened under another platform."""
    desk = _busy(scene)
    journal = desk.journal
    with _reading(scene) as held:
        found = _tries(scene, "examined", held.examine)
        scene.show("told", found.as_text())
        desk.do("a checkpoint", lambda: journal.keep_checkpoint(found.checkpoint))
    desk.settle("B6", total="60.00", person=scene.door.platform.world.people.more("local", 2)[1])
    for full in (False, None, True):
        with _reading(scene) as held:
            scene.show(f"examined, full={full}", held.examine(full=full).as_text())
    scene.show("verified of the last hour", journal.verify_since(scene.clock.epoch() - HOUR))
    purchase_ = desk.answers(
        desk.start("pharmacy_purchase", bill(scene.person(), "R9", credential={
            "type": "02", "number": scene.person().certno}), key="F1"),
        {"confirm": "yes", "use_account": "0"})  # fmt: skip
    scene.show("flow", getattr(purchase_, "status", ""))
    scene.clock.sleep(HOUR)
    ended = ("done", "stopped")
    desk.do("prunes another's", lambda: journal.of("P99010000002").prune(scene.clock.epoch(), ended))
    desk.do("prunes what is old", lambda: desk.runtime.journal.prune(scene.told.start + 2 * HOUR, ended))
    desk.do("prunes all", lambda: desk.runtime.journal.prune(scene.clock.epoch(), ended))
    desk.do("prunes once more", lambda: journal.prune(scene.clock.epoch(), ended))
    desk.settle("B1")
    _tries(scene, "another platform", lambda: desk.runtime.journal.serve("another"))
    _tries(scene, "the same", lambda: desk.runtime.journal.serve(scene.deployment.platform.identity))


def _reading(scene: Scene, url: str = "") -> ReadJournal:
    return ReadJournal(
        url or scene.deployment.journal.url, scene.vault, folder=scene.folder, epoch=scene.clock.epoch
    )  # fmt: skip


@story()
def copied(scene: Scene) -> None:
    """Backed up, restored, moved, begun from as it is; each where it may not be, too."""
    desk = _busy(scene, "another machine:1:2:3")
    heads = HeadsFile(scene.folder / "heads")
    copies = Copies(scene.deployment.journal.url, scene.folder, scene.vault, scene.clock.epoch, heads)
    target = scene.folder / "copies" / "a.db"
    _tries(scene, "backed up", lambda: copies.back_up(target).as_text())
    _tries(scene, "backed up over it", lambda: copies.back_up(target))
    _tries(scene, "restored at work", lambda: copies.restore(target))
    _tries(scene, "moved at work", lambda: copies.move(scene.folder / "b.db"))
    _tries(scene, "no head yet", heads.last)
    _tries(scene, "begun from", lambda: copies.accept().as_text())
    desk.settle("B7", total="70.00", person=scene.door.platform.world.people.more("local", 3)[2])
    _tries(scene, "begun from once more", lambda: copies.accept().as_text())
    scene.show("heads", [head.events for head in heads])
    desk.close()
    scene.alive.discard(desk.name)
    scene.clock.sleep(HOUR)
    _tries(scene, "restored", lambda: copies.restore(target).as_text())
    scene.show("files", _files(scene))
    with _reading(scene) as held:
        _tries(scene, "held against its head", lambda: held.store.read(heads.hold))
    _tries(scene, "moved", lambda: copies.move(scene.folder / "b.db").as_text())
    scene.show("files", _files(scene))
    (scene.folder / "heads").write_text("nothing\n", "utf-8")
    _tries(scene, "a head that is none", heads.last)
    (scene.folder / "copies" / "a.db.head").write_text('{"at":1.0,"head":"0","events":[1]}\n', "utf-8")
    _tries(scene, "a copy that is not its head's", lambda: copies.restore(target))
    server = Copies("postgresql://u:secret@db/liangding", scene.folder, scene.vault, scene.clock.epoch)
    _tries(scene, "a server's", lambda: server.back_up(scene.folder / "c.db"))
    copies.restore(scene.folder / "b.db")


def _files(scene: Scene) -> list[str]:
    found = (path.relative_to(scene.folder) for path in scene.folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if "secrets" not in path.parts and path.suffix != ".toml")


CHANGED = {
    "a sum": "UPDATE calls SET amount = '1.00' WHERE id = 2",
    "an outcome": "UPDATE calls SET state = 'refused' WHERE id = 2",
    "a call is gone": "DELETE FROM calls WHERE id = 3",
    "an event is gone": "DELETE FROM events WHERE number = 5",
    "an event's word": "UPDATE events SET kind = 'asked' WHERE number = 6",
    "an event's state": "UPDATE events SET state = 'x' WHERE number = 6",
    "the last event is gone": "DELETE FROM events WHERE number = (SELECT max(number) FROM events)",
    "a key points elsewhere": "UPDATE keys SET call_id = 2 WHERE key = 'B2'",
    "a key is gone": "DELETE FROM keys WHERE key = 'B1'",
    "a key too many": "INSERT INTO keys VALUES ('P99010000001', 'B99', 1, '')",
    "a settlement's sum": "UPDATE settlements SET medfee_sumamt = 1",
    "a settlement is gone": "DELETE FROM settlements WHERE call_id = 2",
    "a sign-in": "UPDATE sign_ins SET sign_no = 'x' WHERE operator = '001'",
    "a sign-in is gone": "DELETE FROM sign_ins WHERE operator = '002'",
    "a process is gone": "DELETE FROM owners",
    "a process ended elsewhere": "UPDATE owners SET events = events - 1",
    "another beginning": "UPDATE owners SET started_at = 1.0",
    "another key's number": "UPDATE owners SET chain = 9",
    "a body": "UPDATE calls SET answer = request WHERE id = 2",
    "all that is older": "UPDATE calls SET version = version - 1 WHERE id = 2",
}
"""What somebody may change in the file, in SQL."""


@story()
def changed_by_somebody(scene: Scene) -> None:
    """Each change of the file is found, in the whole and in what came since a checkpoint."""
    desk = _busy(scene)
    with _reading(scene) as held:
        begun = held.examine().checkpoint
    desk.journal.keep_checkpoint(begun)
    desk.settle("B8", total="80.00", person=scene.door.platform.world.people.more("local", 4)[3])
    path = scene.folder / "journal.db"
    for what, statement in CHANGED.items():
        copy = scene.folder / "changed.db"
        for old in scene.folder.glob("changed.db*"):
            old.unlink()
        with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(copy)) as made:
            source.backup(made)
            made.execute(statement)
            made.commit()
        scene.say(what)
        with _reading(scene, f"sqlite:///{copy}") as held:
            scene.show("the whole", list(held.examine().faults))
            scene.show("since", list(held.examine(full=False).faults))


@story()
def sealed_anew(scene: Scene) -> None:
    """Another secret, fresh keys, everything sealed anew, and the old keys taken out; a secret that is not the one."""
    desk = _busy(scene)
    key = scene.deployment.secret("journal.key", scene.deployment.journal.key)
    desk.close()
    scene.alive.discard(desk.name)
    fresh = base64.b64encode(bytes(range(32))).decode()

    def opened(vault: Vault, name: str) -> Journal:
        return Journal(
            scene.deployment.journal.url, vault, folder=scene.folder, owner=name, alive=lambda _: False,
            epoch=scene.clock.epoch,
        )  # fmt: skip

    def sealed(vault: Vault, name: str) -> None:
        with contextlib.closing(opened(vault, name)) as journal:
            scene.show("sealed anew", journal.reseal())
            scene.show("once more", journal.reseal())
            scene.show("still needed", journal.drop_unused_keys())

    _tries(scene, "another secret", lambda: opened(Vault(fresh), "other"))
    both = Vault(fresh, old=[key])
    _tries(scene, "rewrapped", lambda: sealed(both, "keeper 1"))
    scene.clock.sleep(HOUR)
    with contextlib.closing(opened(both, "keeper 2")) as journal:
        _tries(scene, "fresh keys", journal.renew_keys)
    _tries(scene, "sealed anew", lambda: sealed(both, "keeper 3"))
    _tries(scene, "the old secret", lambda: opened(Vault(key), "other"))
    scene.vault = Vault(fresh, cipher="sm4-gcm")
    _tries(scene, "another cipher", lambda: sealed(scene.vault, "keeper 4"))
    for old in ("", "short", "not base 64 !"):
        scene.say(f"a secret {old!r}")
        try:
            Vault(old)
        except ValueError as wrong:
            scene.show("!", str(wrong))
    desk = scene.desk("desk 2")
    desk.settle("B1", bill_no="R-1")


class _Thing:
    """A table beside the journal."""

    def __init__(self) -> None:
        self.metadata = MetaData()
        self.table = Table(
            "things", self.metadata, Column("id", Integer, primary_key=True), Column("state", String(20)),
            Column("owner", String(40)), Column("body", LargeBinary),
        )  # fmt: skip


@story()
def beside(scene: Scene) -> None:
    """Tables beside the journal: made when they are needed, known by their form, sealed anew with it."""
    desk = scene.desk()
    thing = _Thing()
    scene.show("there", Beside.is_there(desk.journal, "things"))
    held = Beside(desk.journal, "things", thing.metadata, 2)
    scene.show("there", Beside.is_there(desk.journal, "things"))
    for number, owner in enumerate(("desk 1", "desk 2", "desk 3"), 1):
        row = {"id": number, "state": "working", "owner": owner, "body": desk.journal.vault.seal(b"x", f"t:{number}")}
        held.write(lambda tx, row=row: tx.execute(thing.table.insert(), row))  # type: ignore[misc]
    scene.alive.add("desk 3")
    scene.show("gone", sorted(held.gone(thing.table, "working")))
    scene.show("gone elsewhere", sorted(held.gone(thing.table, "waiting")))
    scene.show("sealed anew", reseal(desk.journal, thing.table, lambda row: {"body": f"t:{row.id}"}))
    _tries(scene, "a later form", lambda: Beside(desk.journal, "things", thing.metadata, 1))
    desk.do("fresh keys", desk.journal.renew_keys)
    desk.close()
    scene.alive.discard("desk 1")
    with contextlib.closing(scene.desk("desk 4").journal) as journal:
        scene.alive.discard("desk 4")
        again = Beside(journal, "things", thing.metadata, 2)
        again.write(lambda tx: tx.execute(thing.table.update().where(thing.table.c.id == 2).values(body=b"\x03bad")))
        scene.show("sealed anew", reseal(journal, thing.table, lambda row: {"body": f"t:{row.id}"}))
        rows = again.read(lambda connection: connection.execute(select(thing.table).order_by(thing.table.c.id)).all())
        opened = [journal.vault.open(row.body, f"t:{row.id}").decode() for row in rows if row.id != 2]
        scene.show("opens", opened)
    with _reading(scene) as reading:
        looked = Beside(reading, "things", thing.metadata, 2)
        scene.show("read", len(looked.read(lambda connection: connection.execute(select(thing.table)).all())))
        none = Beside(reading, "others", MetaData(), 1)
        scene.show("others", none.store is not reading.store)
        scene.show("there", [Beside.is_there(reading, "things"), Beside.is_there(reading, "others")])


@story()
def the_table_of_transitions(scene: Scene) -> None:
    """How a call moves, whatever the event."""
    for row in TRANSITIONS:
        scene.show(row.kind, row)
    for kind in sorted({row.kind for row in TRANSITIONS}):
        for before in State:
            for after in State:
                with contextlib.suppress(ValueError):
                    found = transition(kind, before, after)
                    if found is not None:
                        scene.show(f"{kind} {before.value}", after.value)
    scene.show("notes", {kind: turn.value for kind, turn in NOTES.items()})
    scene.show("names", dict(EVENT_NAMES))
    scene.show("reports", sorted(REPORTS))
    for state in State:
        scene.show(state.value, {"final": state.final, "repeatable": state.repeatable})


@story()
def flows_are_found(scene: Scene) -> None:
    """Flows by their keys, numbers, days and states."""
    desk = scene.desk()
    person = scene.person()
    shown = {"type": "02", "number": person.certno}
    code = scene.deployment.institution.code
    for number in range(3):
        given = bill(person, f"R{number}", credential=shown)
        view = desk.start("pharmacy_purchase", given, key=f"K{number}")
        if number:
            desk.answers(view, {"confirm": "yes" if number == 1 else "no", "use_account": "0"})
        scene.clock.sleep(HOUR)
    names = {row: number for number, row in enumerate(desk.journal.flows.latest("test", (), limit=9))}

    def numbers(found: Any) -> list[Any]:
        return [names.get(each if isinstance(each, str) else each.id) for each in found]

    for view_ in (desk.journal, desk.runtime.journal, desk.journal.of("P99010000002")):
        rows = view_.flows
        scene.say(f"seen by {view_.institution}")
        scene.show("all", numbers(rows.search()))
        scene.show("done", numbers(rows.search(statuses=("done",))))
        scene.show("of a flow", numbers(rows.search(flow="pharmacy_purchase", limit=2)))
        scene.show("of another", numbers(rows.search(flow="pharmacy_refund")))
        scene.show("a number", numbers(rows.search(number="R1")))
        scene.show("a key", [numbers(rows.search(number=f"K{each}")) for each in range(3)])
        scene.show("since", numbers(rows.search(since=scene.told.start + HOUR)))
        scene.show("until", numbers(rows.search(until=scene.told.start + HOUR)))
        scene.show("behind", numbers(rows.search(before=next(iter(names)))))
        scene.show("left", numbers(rows.left("test", scene.clock.epoch())))
        scene.show("owing", numbers(rows.owing("test", "done")))
        scene.show("latest done", numbers(rows.latest("test", ("done",), limit=5)))
        scene.show("there", [rows.get(each) is not None for each in names])
        scene.show("by key", rows.by_key(code, "pharmacy_purchase", "K1") is not None)
        scene.show("of days", sorted(rows.by_key_of_days(code, "pharmacy_purchase", "K")))
        scene.show("version", [rows.version(each) for each in names])
        scene.show("held up", [view_.is_held_up(each) for each in names])
        scene.show("concluded", [view_.flow_is_concluded(each) for each in names])
        scene.show("calls", [[call.id for call in view_.of_flow(each)] for each in names])
