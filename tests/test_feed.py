"""What happened, told as it happens: in one sequence, whatever order processes commit in, and to who may see it."""

from __future__ import annotations

import contextlib
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from sqlalchemy import update

from liangding.errors import OutcomeUnknown
from liangding.feed.happenings import Topic
from liangding.feed.sequence import Sequence
from liangding.journal import Journal, NewCall, Opened, Vault
from liangding.journal.asking import asked_by
from liangding.journal.store import Tx
from liangding.journal.tables import events, owners
from liangding.journal.vault import new_secret
from liangding.resolution import Action, Decision, approve, give_back, propose
from liangding.server.app import api
from liangding.simulator.background import Served
from liangding.simulator.faults import Fault
from support import Rig, bill, run_flow, simulated_rig_for, write_secret

OURS, OTHERS = "P44190000001", "P44190000002"
AT = 1_800_000_000.0

ROLES = {
    "his": ("journal", "flows", "decisions"), "looker": ("journal",), "till": ("transactions", "flows"),
    "head": ("decisions",), "desk": ("desk",),
}  # fmt: skip


def keys(folder: Path) -> str:
    """A key for each set of rights, as the file has them."""
    listed = []
    for name, roles in ROLES.items():
        write_secret(folder, name, f"the-key-of-{name}-0123456789")
        held = ", ".join(f'"{role}"' for role in roles)
        listed.append(f'    {{ name = "{name}", key = {{ file = "secrets/{name}" }}, roles = [{held}] }},\n')
    return f"[server]\napi_keys = [\n{''.join(listed)}]\n"


def header(who: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer the-key-of-{who}-0123456789", **more}


@attrs.frozen
class Told:
    """An event as a stream has it."""

    id: str
    kind: str
    data: dict[str, Any]


def told(text: str) -> list[Told]:
    """The events of a stream; what has no data is none."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append(Told(lines.get("id", ""), lines["event"], json.loads(lines["data"])))
    return found


def lose(rig: Rig, key: str, total: str = "100.00") -> int:
    """A settlement whose answer is lost, and of which the platform does not tell."""
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    with pytest.raises(OutcomeUnknown) as lost:
        rig.settle(key=key, total=total)
    rig.door.faults.clear()
    assert lost.value.call_id is not None
    return lost.value.call_id


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    more = f"[resolution]\nsecond_person = true\n{keys(tmp_path)}"
    with simulated_rig_for(tmp_path, keys="", more=more) as made:
        made.runtime.sign_in(made.deployment.operators[0])
        yield made


@pytest.fixture
def served(rig: Rig) -> Iterator[tuple[Any, str]]:
    """The API of the rig, and where it is served."""
    app = api({"main": rig.runtime})
    with Served(app) as at:
        yield app, f"{at.url}/v1/events"


def ask(url: str, who: str = "his", after: str = "", **more: Any) -> httpx.Response:
    """What is there by now."""
    headers = header(who, **({"last-event-id": after} if after else {}))
    return httpx.get(url, params={"seconds": "0", **more}, headers=headers, trust_env=False, timeout=60)


# -- what is told, and to whom ---------------------------------------------------------------------------------------


def test_what_happened_is_told_to_who_may_see_it(rig: Rig, served: tuple[Any, str]) -> None:
    _, url = served
    assert told(ask(url).text) == [], "from now on"
    rig.settle(key="KEY-0", total="1.00")
    resolved = lose(rig, "KEY-1")
    rig.let_pass(600)
    view = run_flow(
        rig.flows, rig.flows.start("pharmacy_purchase", bill(rig.person()), key="KEY-3"),
        {"confirm": "yes", "use_account": "1"},
    )  # fmt: skip
    lost = lose(rig, "KEY-2", total="50.00")
    journal, resolver = rig.runtime.journal, rig.runtime.resolver
    for by, answer in (("a", give_back), ("b", approve)):
        with asked_by(f"person:{by}1"):
            decision = Decision(action=Action.ACCEPT, person=f"甲{by}", reason="已与中心核对")
            number = propose(resolver, journal.call(lost), decision).number
        with asked_by(f"person:{by}2"):
            answer(resolver, journal.call(lost), number, f"乙{by}", *(["再核对"] if answer is give_back else []))
    found = told(ask(url, after="0").text)
    assert [(each.kind, each.data["state"], each.data.get("call_id", 0)) for each in found] == [
        ("call.unknown", "unknown", resolved), ("call.ended", "accepted", resolved),
        ("flow.ended", "done", 0),
        ("call.unknown", "unknown", lost),
        ("decision.proposed", "unknown", lost), ("decision.returned", "unknown", lost),
        ("decision.proposed", "unknown", lost), ("decision.approved", "unknown", lost),
        ("call.ended", "accepted", lost),
    ]  # fmt: skip
    ends = [(each.data["how"], each.data["by"]) for each in found if each.kind == "call.ended"]
    assert ends == [("resolved", "resolver"), ("decided", "person")]
    assert [each.data["flow_id"] for each in found if each.kind == "flow.ended"] == [view.id]
    assert len({each.data["id"] for each in found}) == len(found)
    may = [who for who in ROLES if who != "desk"]
    seen = {who: {each.kind.partition(".")[0] for each in told(ask(url, who, after="0").text)} for who in may}
    assert seen == {
        "his": {"call", "flow", "decision"}, "looker": {"call"}, "till": {"flow"}, "head": {"decision"},
    }  # fmt: skip
    assert ask(url, "desk").status_code == 403
    person, text = rig.person(), ask(url, after="0").text
    held = (person.psn_no, person.certno, person.name, "甲", "乙", "已与中心核对", "KEY-", "50.00")
    assert [each for each in held if each in text] == []


def test_a_flow_is_told_once_however_often_it_is_kept(rig: Rig, served: tuple[Any, str]) -> None:
    _, url = served
    ask(url)
    flows = rig.runtime.journal.flows
    view = run_flow(
        rig.flows, rig.flows.start("pharmacy_purchase", bill(rig.person()), key="F1"),
        {"confirm": "yes", "use_account": "1"},
    )  # fmt: skip
    for _ in range(2):
        assert [each.data["flow_id"] for each in told(ask(url, after="0").text)] == [view.id]
        row = flows.get(view.id)
        assert row is not None
        assert flows.keep(row | {"version": row["version"] + 1}, expected_version=row["version"])


def test_an_institution_hears_of_its_own_alone(rig: Rig) -> None:
    journal = rig.runtime.journal
    sequence = Sequence(journal, rig.runtime.clock.epoch)
    lose(rig, "B1")
    head = sequence.take_up()
    assert len(sequence.after(0, OURS, list(Topic), upto=head)) == 1
    assert sequence.after(0, OTHERS, list(Topic), upto=head) == []


# -- in whatever order processes commit ------------------------------------------------------------------------------


def hidden(journal: Journal, chain: str) -> list[dict[str, Any]]:
    """Take the events of a chain out, as if nothing of it were committed."""

    def work(tx: Tx) -> list[dict[str, Any]]:
        rows = tx.execute(events.select().where(events.c.owner == chain).order_by(events.c.number)).all()
        tx.execute(events.delete().where(events.c.owner == chain))
        tx.execute(update(owners).where(owners.c.owner == chain).values(events=0))
        return [dict(row._mapping) for row in rows]

    return journal.store.write(work)


def seen(journal: Journal, row: dict[str, Any]) -> None:
    """The next event of a chain is committed."""

    def work(tx: Tx) -> None:
        tx.execute(events.insert(), row)
        tx.execute(update(owners).where(owners.c.owner == row["owner"]).values(events=row["number"]))

    journal.store.write(work)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_skipped_whatever_is_committed_first(journal_url: str, seed: int) -> None:
    """Events of three processes about the same calls become visible in any order that keeps each chain's and each
    call's own; between them the sequence is taken up by two processes, and a listener reads on from where it was."""
    chance, vault = random.Random(seed), Vault(new_secret())
    journals = [Journal(journal_url, vault, owner=f"p{number}", alive=lambda _: True) for number in range(3)]
    reader = Journal(journal_url, vault, owner="reader", alive=lambda _: True)
    sequences = [Sequence(each, lambda: AT) for each in (reader, journals[0])]
    sequences[0].take_up()
    ids = []
    for number in range(8):
        new = NewCall(
            deployment="d", institution=OURS, infno="2102", msgid=f"{OURS}{number:018d}", operator="1", changes=True,
            request=b"{}", content="c", at=AT,
        )  # fmt: skip
        opened = journals[0].open_call(new)
        assert isinstance(opened, Opened)
        ids.append(opened.id)
    template, *_ = [row for each in journals for row in hidden(reader, each.owner)]
    length, version = Counter[str](), Counter[int]()
    waiting: list[dict[str, Any]] = []
    for step in range(60):
        call, who = chance.choice(ids), chance.choice(journals).owner
        version[call] += 1
        length[who] += 1
        kind, state = (("resolved", "absent"), ("orphaned", "unknown"))[version[call] // 2 % 2]
        kind = kind if version[call] % 2 == 0 else "advised"
        waiting.append(template | {
            "owner": who, "number": length[who], "call_id": call, "kind": kind, "state": state, "link": f"{step}",
            "row_version": version[call], "at": AT + chance.uniform(-5, 5), "detail": b"",
        })  # fmt: skip
    expected = Counter((row["call_id"], row["row_version"]) for row in waiting if row["kind"] != "advised")
    heard: list[tuple[int, Any]] = []

    def hear(sequence: Sequence) -> None:
        head = sequence.take_up()
        while more := sequences[0].after(heard[-1][0] if heard else 0, OURS, list(Topic), upto=head, most=3):
            heard.extend(more)

    chains, calls = Counter[str](), Counter[int]()
    while waiting:
        free = [
            row for row in waiting
            if row["number"] == chains[row["owner"]] + 1 and row["row_version"] == calls[row["call_id"]] + 1
        ]  # fmt: skip
        row = chance.choice(free)
        waiting.remove(row)
        seen(reader, row)
        chains[row["owner"]] += 1
        calls[row["call_id"]] += 1
        if chance.random() < 0.4:
            hear(chance.choice(sequences))
    hear(sequences[1])
    assert Counter((each.call_id, each.version) for _, each in heard) == expected
    assert [at for at, _ in heard] == sorted({at for at, _ in heard})
    for call in ids:
        versions = [each.version for _, each in heard if each.call_id == call]
        assert versions == sorted(versions)
    for journal in (*journals, reader):
        journal.store.close()


# -- streams ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def listening(url: str, who: str = "his", after: str = "") -> Iterator[Iterator[str]]:
    """The lines of a stream."""
    headers = header(who, **({"last-event-id": after} if after else {}))
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=60) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        yield lines


def next_event(lines: Iterator[str]) -> Told:
    number = next(line for line in lines if line.startswith("id: "))
    kind = next(line for line in lines if line.startswith("event: "))
    data = next(line for line in lines if line.startswith("data: "))
    return Told(number[4:], kind[7:], json.loads(data[6:]))


def test_a_listener_goes_on_where_it_was(rig: Rig, served: tuple[Any, str]) -> None:
    _, url = served
    with listening(url) as lines:
        first = lose(rig, "B1")
        heard = next_event(lines)
        assert (heard.kind, heard.data["call_id"]) == ("call.unknown", first)
    rig.let_pass(600)
    assert [each.kind for each in told(ask(url, after=heard.id).text)] == ["call.ended"]
    with listening(url, after=heard.id) as lines:
        ended = next_event(lines)
        assert (ended.kind, ended.data["call_id"]) == ("call.ended", first)
    assert told(ask(url, after=ended.id).text) == []
    missed = told(ask(url, after="0123abcd-1").text)
    assert [each.kind for each in missed] == ["missed", "call.unknown", "call.ended"]
    ahead = f"{ended.id.partition('-')[0]}-999"
    assert told(ask(url, after=ahead).text)[0].kind == "missed", "the journal was put back"
    assert [ask(url, after=wrong).status_code for wrong in ("x", "a-b", "1-" + "9" * 30)] == [400] * 3
    assert ask(url, seconds="soon").status_code == 400
    rig.runtime.clock.sleep(15 * 86_400)
    lose(rig, "B2", total="70.00")
    late = told(ask(url, after=heard.id).text)
    assert [each.kind for each in late] == ["missed", "call.unknown"], "what is kept no more is told to be missing"


def test_listeners_take_no_threads_and_are_not_more_than_there_may_be(
    served: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, url = served
    monkeypatch.setattr("liangding.server.feeding.LISTENERS", 12)
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(listening(url)) for _ in range(12)]
        assert sum("AnyIO worker" in thread.name for thread in threading.enumerate()) <= 6
        refused = ask(url)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        app.state.feeds.close()
        for lines in streams:
            assert not any(lines), "each ends, and nothing was told"


def test_a_key_that_is_taken_back_ends_its_stream(
    rig: Rig, served: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = served
    monkeypatch.setattr("liangding.server.feeding.HEARTBEAT_SECONDS", 0.0)
    with listening(url, "looker") as lines:
        assert next(line for line in lines if line.startswith("id: ")), "a heartbeat says where it is"
        text = rig.config.read_text("utf-8")
        rig.config.write_text(text.replace('name = "looker"', 'name = "another"').replace("/looker", "/desk"), "utf-8")
        for _ in lines:
            pass
    assert ask(url, "looker").status_code == 401
