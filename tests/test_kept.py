"""A journal that an earlier version filled opens, verifies and goes on: nothing is charged twice, lost or stranded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, inspect, select, update

from kept.fill import KEYS, OWNERS, SHOP, WARD
from kept_journals import AFTER, SCHEMAS, restore, rigs
from liangding.clock import SimulatedClock
from liangding.jobs.keeper import Keeper
from liangding.journal import Journal, State, Vault
from liangding.journal.migrations import HEAD, REVISIONS, revision
from liangding.journal.store import Store
from liangding.journal.tables import calls, events, flows, keys, owners
from liangding.journal.upgrading import InUse
from liangding.journal.vault import WrongKey, new_secret
from support import Rig, purchase

AFTER_EPOCH = SimulatedClock(AFTER).epoch()

STATES = {State.OPEN: 3, State.UNKNOWN: 3, State.ABSENT: 1, State.REVERSED: 1, State.NOT_SENT: 1, State.REFUSED: 3}
"""How many calls are kept in each state that is not the usual one."""

FLOWS = {
    SHOP: {
        "OLD-2": "undone", "F-done": "done", "F-question": "question", "F-gone": "abandoned", "F-stopped": "stopped",
        "F-unknown": "done", "F-running": "done",
    },
    WARD: {
        "OLD-3": "done", "V-question": "question", "V-done": "done", "V-unknown": "done", "V-running": "stopped",
    },
}  # fmt: skip
"""Each kept flow of a bill by its key, and what has become of it after a round of the keeper with a platform that
answers: what had charged has gone on to its end, what had not waits."""

STAND = {SHOP: 7, WARD: 3}
"""How many settlements stand on each platform then."""


def test_a_journal_of_every_earlier_schema_is_kept() -> None:
    assert [schema for schema in REVISIONS if schema not in (*SCHEMAS, HEAD)] == []


def built(store: Store) -> dict[str, tuple[list[str], list[str]]]:
    """Each table's columns and indexes."""
    with store.engine.connect() as connection:
        seen = inspect(connection)
        return {
            table: (
                sorted(str(column["name"]) for column in seen.get_columns(table)),
                sorted(f"{each['name']}{each['column_names']}" for each in seen.get_indexes(table)),
            )
            for table in seen.get_table_names()
        }


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_journal_that_was_brought_up_is_built_like_a_new_one(schema: str, journal_url: str, tmp_path: Path) -> None:
    restore(schema, journal_url)
    brought = opened(journal_url, KEYS["B"], KEYS["A"])
    found = built(brought.store)
    brought.close()
    if journal_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        with psycopg.connect(journal_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        url = journal_url
    new = Journal(url, Vault(new_secret()))
    assert found == built(new.store)
    new.close()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_kept_journal_opens_verifies_and_goes_on(schema: str, journal_url: str, tmp_path: Path) -> None:
    restore(schema, journal_url)
    with rigs(schema, tmp_path, journal_url) as made:
        shop, ward = made[SHOP], made[WARD]
        journal = shop.runtime.journal
        assert journal.verify() == []
        seen = Counter(call.state for rig in made.values() for call in rig.runtime.journal.latest(limit=1000))
        assert STATES.items() <= seen.items()
        for _ in range(4):
            for rig in made.values():
                Keeper(rig.runtime).round()
                rig.let_pass(130)
        assert [rig.runtime.journal.pending() for rig in made.values()] == [[], []]
        assert {code: statuses(rig) for code, rig in made.items()} == flows_of(schema)
        assert {code: len(rig.standing()) for code, rig in made.items()} == STAND
        assert {code: sorted(rig.standing()) for code, rig in made.items()} == {c: told(r, c) for c, r in made.items()}
        asked_again(shop, schema)
        finished(shop, "F-question", use_account="1")
        finished(ward, "V-question")
        assert {code: len(rig.standing()) for code, rig in made.items()} == {c: n + 1 for c, n in STAND.items()}
        assert journal.verify() == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_keeper_writes_the_rest_of_an_old_journal_anew(
    schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liangding.journal.journal.UPGRADED_AT_ONCE", 1)
    monkeypatch.setattr("liangding.journal.upgrading.AT_ONCE", 1)
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    restore(schema, url)
    with rigs(schema, tmp_path, url) as made:
        store = made[SHOP].runtime.journal.store
        assert (contents_without_a_key(store) > 0) == (schema == "0001")
        Keeper(made[SHOP].runtime).round()
        assert contents_without_a_key(store) == 0
        assert made[SHOP].runtime.journal.verify() == []


def flows_of(schema: str) -> dict[str, dict[str, str]]:
    """What has become of the flows that are found by their keys: since schema 0002 a key that was given up is free."""
    given_up = () if schema == "0001" else ("F-gone",)
    return {code: {key: status for key, status in kept.items() if key not in given_up} for code, kept in FLOWS.items()}


def contents_without_a_key(store: Store) -> int:
    query = select(func.count()).where(~calls.c.content.startswith("k1:"))
    return store.read(lambda connection: connection.execute(query).scalar_one())


def opened(url: str, *secrets: str) -> Journal:
    return Journal(url, Vault(secrets[0], old=secrets[1:]), epoch=lambda: AFTER_EPOCH)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_kept_journal_is_written_anew_and_its_secrets_can_go(schema: str, journal_url: str) -> None:
    restore(schema, journal_url)
    renewed = new_secret()
    journal = opened(journal_url, renewed, KEYS["A"], KEYS["B"])
    assert (journal.is_new, journal.upgrade(limit=1)) == (False, 0)
    with journal.store.engine.connect() as connection:
        contents = {*connection.execute(select(calls.c.content)).scalars()}
        contents |= {*connection.execute(select(keys.c.content)).scalars()}
        contents |= {*connection.execute(select(flows.c.content)).scalars()}
        bodies = connection.execute(select(calls.c.id).where(calls.c.request.is_not(None))).scalars().all()
    assert all(content.startswith("k1:") for content in contents)
    assert journal.verify() == []
    assert schema != "0001" or journal.reseal() > len(bodies)
    assert (journal.reseal(), journal.verify()) == (0, [])
    with journal.store.engine.connect() as connection:
        vouched = connection.execute(select(events.c.number).where(events.c.format == 0)).all()
    assert bool(vouched) == (schema == "0001"), "what stands in journals is read by its number"
    journal.close()
    journal = opened(journal_url, renewed)
    assert journal.verify() == []
    assert all(journal.call(number).request.startswith(b"{") for number in bodies)
    assert all(journal.flows.by_key(SHOP, "pharmacy_purchase", key) for key in flows_of(schema)[SHOP])
    assert any(event.detail for event in journal.history(journal.latest(states=[State.REVERSED])[0].id))
    journal.close()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_was_altered_before_an_upgrade_is_shown_after_it(schema: str, journal_url: str) -> None:
    restore(schema, journal_url)
    engine = Store(journal_url, Path()).engine
    with engine.begin() as connection:
        connection.execute(update(calls).where(calls.c.key == "C-accepted").values(amount="1.00"))
        connection.execute(update(events).where(events.c.kind == "escalated").values(at=events.c.at + 1))
    engine.dispose()
    for _ in range(2):
        journal = opened(journal_url, KEYS["B"], KEYS["A"])
        found = journal.verify()
        number = journal.by_key(SHOP, "C-accepted")
        assert number is not None
        journal.close()
        assert f"调用 {number.id} 的内容被改过" in found
        assert sum("件事被改过" in sentence for sentence in found) == len(found) - 1 == 2


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_secret_that_did_not_write_a_kept_journal_changes_nothing_in_it(schema: str, journal_url: str) -> None:
    restore(schema, journal_url)
    for secrets in ((new_secret(),), (new_secret(), new_secret())):
        with pytest.raises(WrongKey):
            opened(journal_url, *secrets)
    engine = Store(journal_url, Path()).engine
    with engine.connect() as connection:
        assert (revision(connection), inspect(connection).has_table("journal_keys")) == (schema, schema != "0001")
        assert connection.execute(select(func.count()).select_from(owners)).scalar() == len(OWNERS)
    engine.dispose()


@pytest.mark.parametrize("schema", [schema for schema in SCHEMAS if schema != HEAD])
def test_nothing_is_upgraded_under_a_process_of_the_earlier_version(schema: str, journal_url: str) -> None:
    restore(schema, journal_url)
    with pytest.raises(InUse, match=OWNERS[2].rpartition(":")[0]):
        Journal(journal_url, Vault(KEYS["B"], old=[KEYS["A"]]), alive=lambda owner: owner == OWNERS[2])


def statuses(rig: Rig) -> dict[str, str]:
    name = "pharmacy_purchase" if rig.deployment.name == "shop" else "outpatient"
    found = {key: rig.flows.find(name, key) for key in FLOWS[rig.deployment.institution.code]}
    return {key: view.status.value for key, view in found.items() if view is not None}


def told(rig: Rig, institution: str) -> list[str]:
    """The settlements that the journal says to stand, but for those that the platform took back by request."""
    accepted = rig.runtime.journal.latest(states=[State.ACCEPTED], limit=1000)
    made = {c.setl_id or "" for c in accepted if c.institution == institution and c.infno in ("2102", "2207")}
    return sorted(made - {settlement.undo_of or "" for settlement in rig.platform.world.settlements.values()})


def as_then(message: dict[str, Any], schema: str) -> dict[str, Any]:
    """A purchase as the journals' programs wrote it: the first ones without the person's papers."""
    if schema not in ("0001", "0002"):
        return message
    papers = ("psn_cert_type", "certno", "psn_name", "psn_type")
    return message | {"druginfo": {k: v for k, v in message["druginfo"].items() if k not in papers}}


def asked_again(shop: Rig, schema: str) -> None:
    """Each key gives the settlement that its call made, and nothing is sent."""
    sent = shop.sent("2102")
    told = {}
    for key, case in {"C-accepted": "civil_servant", "C-unknown": "several_cities", "C-open": "child"}.items():
        message = as_then(purchase(shop.person(case)), schema)
        answer = shop.runtime.call("2102", message, key=key, insured_place="441900")
        assert answer.recorded
        told[key] = answer.output.setlinfo.setl_id
    assert shop.sent("2102") == sent
    assert len(set(told.values())) == 3
    assert set(told.values()) <= shop.platform.world.settlements.keys()


def finished(rig: Rig, key: str, **answers: str) -> None:
    """A flow that waited for its answer when it was kept is answered, and ends."""
    name = "pharmacy_purchase" if rig.deployment.name == "shop" else "outpatient"
    view = rig.flows.find(name, key)
    assert view is not None
    while view.status == "question":
        assert view.question is not None
        view = rig.flows.answer(view.id, answers.get(view.question.id, "yes"))
    assert view.status == "done", (view.step, view.error)
