"""Institutions on one journal: none sees, answers, decides or changes what is another's, by whatever way it asks."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import MetaData, select
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from liangding.catalogue.items import Item
from liangding.catalogue.matching import Matching
from liangding.cli.app import COMMANDS
from liangding.cli.app import run as command
from liangding.cli.custody import journal as journal_commands
from liangding.cli.flowing import flow as flow_commands
from liangding.config import load_deployment
from liangding.config.clients import digest_of, new_api_key
from liangding.config.recording import Journals
from liangding.errors import OutcomeUnknown
from liangding.jobs.keeper import Keeper, keepers_of
from liangding.journal import NoSuchCall, Outcome, State
from liangding.journal.recording import OtherPlatform
from liangding.journal.vault import WrongKey, new_secret
from liangding.knowledge.interfaces import BASELINE
from liangding.runtime import Runtime
from liangding.server.app import api
from liangding.server.console.persons import Persons
from liangding.server.console.rights import PersonRole
from liangding.server.console.sessions import COOKIE, Sessions
from liangding.simulator.faults import Fault
from liangding.spec.sampling import sample_request
from liangding.uploads.queue import Uploads
from support import Rig, bill, purchase, rig_for, run_flow, write_deployment, write_secret

OURS, THEIRS = "P44190000001", "P44190000002"
KEY, THEIR_KEY = new_api_key(), new_api_key()
THEIR_ITEM = Item(fixmedins_hilist_id="THEIR-ITEM", fixmedins_hilist_name="布洛芬缓释胶囊", list_type="101")
YES = {"use_account": "1", "confirm": "yes"}


@attrs.frozen(kw_only=True)
class Shops:
    """Two pharmacies, each with its platform, on one journal; what is the other's."""

    ours: Rig
    theirs: Rig
    their_calls: tuple[int, ...]
    their_flows: tuple[str, ...]
    their_uploads: tuple[int, ...]
    their_words: tuple[str, ...]


@pytest.fixture
def shops(tmp_path: Path, journal_url: str) -> Iterator[Shops]:
    secret = new_secret()
    with contextlib.ExitStack() as stack:
        made = []
        for code, key in ((OURS, KEY), (THEIRS, THEIR_KEY)):
            folder = tmp_path / code
            folder.mkdir()
            write_secret(folder, "journal", secret)
            more = f'[console]\n[[server.api_keys]]\nname = "his"\nhash = "{digest_of(key)}"'
            made.append(stack.enter_context(rig_for(folder, journal=journal_url, name=code, code=code, more=more)))
        ours, theirs = made
        person = theirs.person()
        run_flow(theirs.flows, theirs.flows.start("pharmacy_purchase", bill(person, "R1"), key="R1"), YES)
        theirs.flows.start("pharmacy_purchase", bill(theirs.person("retired"), "R2"), key="R2")
        theirs.deafen()
        theirs.strike(Fault.ANSWER_LOST, "2102")
        with contextlib.suppress(Exception):
            theirs.settle(theirs.person("man"), key="R3")
        upload = Uploads(theirs.runtime).add("3501", sample_request(BASELINE["3501"]), key="THEIR-STOCK")
        Matching(theirs.runtime).take_in([THEIR_ITEM])
        known = theirs.runtime.journal.latest(limit=1000)
        words = {call.msgid for call in known}  # both platforms count their settlements alike
        found = [theirs.runtime.journal.flows.by_key(THEIRS, "pharmacy_purchase", key) for key in ("R1", "R2")]
        their_flows = tuple(str(row["id"]) for row in found if row is not None)
        yield Shops(
            ours=ours, theirs=theirs, their_calls=tuple(call.id for call in known), their_flows=their_flows,
            their_uploads=(upload.id,), their_words=(*words, *their_flows, "THEIR-STOCK", "THEIR-ITEM"),
        )  # fmt: skip


def held(rig: Rig) -> list[Any]:
    """Every row of an institution in whichever table, as it stands."""
    there, rows = MetaData(), list[Any]()
    there.reflect(rig.runtime.journal.store.engine)
    assert {"calls", "keys", "flows", "settlements", "sign_ins", "uploads", "matchings"} <= set(there.tables)
    for table in there.tables.values():
        if "institution" not in table.c:
            continue
        query = select(table).where(table.c.institution == rig.deployment.institution.code)
        query = query.order_by(*table.primary_key.columns)
        rows += rig.runtime.journal.store.read(lambda connection, q=query: connection.execute(q).all())  # type: ignore[misc]
    return rows


def walked(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from walked(list(route.routes or ()), before + route.path)
        elif isinstance(route, Route):
            yield from ((method, before + route.path) for method in sorted(route.methods or ()) if method != "HEAD")


def filled(shops: Shops, path: str) -> Iterator[str]:
    """A route's path with every number of the other's in the place of its own."""
    numbers = {
        "{id:int}": map(str, (*shops.their_calls, *shops.their_uploads)), "{id}": shops.their_flows,
        "{flow}": ("pharmacy_purchase",), "{infno}": ("2102",),
    }  # fmt: skip
    named = re.findall(r"\{[^}]+\}", path)
    assert set(named) <= set(numbers), f"what is foreign in {path}?"
    if not named:
        yield path
    for value in numbers[named[0]] if named else ():
        yield path.replace(named[0], value)


ASKED = (("/by-key", "key", ""), ("/events", "seconds", "0"))
"""What routes are asked with in their address; a key where nothing is said."""


def test_no_route_gives_or_changes_what_is_anothers(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liangding.server.entering.LONGEST_SECONDS", 0.0)
    app = api({OURS: shops.ours.runtime, THEIRS: shops.theirs.runtime})
    client, before = TestClient(app), held(shops.theirs)
    person = shops.theirs.person("man")
    bodies = {
        "decision": {"action": "retry"}, "answer": {"value": "yes"}, "pharmacy_purchase": bill(person, "R1"),
        "2102": {"input": purchase(person), "insuplc_admdvs": person.covers[0].place},
    }  # fmt: skip
    asked = 0
    for method, path in walked(list(app.routes)):
        if path.endswith("/openapi.json") or path == "/v1/health" or path.startswith("/console"):
            continue
        mine = not path.startswith(f"/v1/deployments/{THEIRS}")
        for place in filled(shops, path):
            for key in ("R1", "R2", "R3"):
                headers = {"authorization": f"Bearer {KEY}", "idempotency-key": key}
                body = {} if method == "GET" else {"json": bodies.get(place.rpartition("/")[2], {})}
                params = {name: value for end, name, value in ASKED if path.endswith(end) for value in (value or key,)}
                answer = client.request(method, place, headers=headers, params=params, **body)
                asked += 1
                assert mine or answer.status_code == 401, (method, place, answer.text)
                seen = [word for word in shops.their_words if word in answer.text and word not in place]
                assert seen == [], (method, place, answer.text)
    assert asked > 100
    assert held(shops.theirs) == before
    assert shops.ours.runtime.journal.verify() == []


HERE = "https://testserver"


def test_no_page_gives_or_changes_what_is_anothers(shops: Shops) -> None:
    """One server, one journal, one console: who has every role of business at the one institution goes to every page,
    and sends every form, by the other's numbers, under the own deployment's name and under the other's."""
    runtime, settings = shops.ours.runtime, shops.ours.deployment.console
    assert settings is not None
    app, epoch = api({OURS: runtime, THEIRS: shops.theirs.runtime}), runtime.clock.epoch
    known = Persons(runtime.journal, settings, epoch)
    known.add("clerk", "收费员", {OURS: (PersonRole.CASHIER, PersonRole.OFFICE, PersonRole.APPROVER)})
    known.set_password(known.get("clerk"), "correct horse battery")
    client = TestClient(app, base_url=HERE, headers={"origin": HERE}, follow_redirects=False)
    client.cookies.set(COOKIE, Sessions(known, settings, epoch).begin(known.get("clerk"), "", ""))
    mark = re.findall(r'name="form" value="(\w+)"', client.get("/console/me").text)[0]
    form = {
        "form": mark, "reason": "看看", "action": "absent", "number": "R3", "period": "2026-11", "infno": "3501",
        "value": "yes", "fixmedins_hilist_id": "THEIR-ITEM", "type": "02",
    }  # fmt: skip
    before, asked = held(shops.theirs), 0
    for method, path in walked(list(app.routes)):
        if "{d}" not in path:
            if method == "GET" and path.startswith("/console/"):
                shown = client.get(path, params={"d": THEIRS, "all": "1", "number": "R1"}).text
                assert [word for word in shops.their_words if word in shown] == [], path
            continue
        for d in (OURS, THEIRS):
            for act in ("answer", "resume", "abandon") if "{act}" in path else ("",):
                for place in filled(shops, path.replace("{d}", d).replace("{act}", act)):
                    answer = client.request(method, place, **({} if method == "GET" else {"data": form}))
                    asked += 1
                    assert (answer.status_code == 403) == (d == THEIRS), (method, place, answer.text)
                    seen = [word for word in shops.their_words if word in answer.text and word not in place]
                    assert seen == [], (method, place, answer.text)
    assert asked > 100
    assert held(shops.theirs) == before


OF_ALL_IT_HAS = [
    ["one-code"], ["uses"], ["uploads", "list", "--json"], ["uploads", "status"], ["uploads", "owed"],
    ["uploads", "send"], ["jobs", "list"], ["jobs", "run", "uploads"], ["jobs", "pause", "uploads"],
    ["matching", "list", "--json"], ["matching", "counts"], ["matching", "propose"], ["matching", "upload"],
    ["acceptance", "list"], ["reconcile", "--date", "2026-11-28"], ["clearing", "extract", "2026-10"], ["doctor"],
    ["staff", "list"],
]  # fmt: skip
"""Commands on everything that a deployment has in its journal."""

OWN_ALONE = {
    "bridge", "call", "catalogue", "check", "demo", "departments", "desk", "devices", "explain", "import", "persons",
    "self-pay", "serve", "simulate", "trial",
}  # fmt: skip
"""Commands that ask the platform, stand for routes that are walked by themselves, or are about accounts, which are
another table (test_console.py)."""

WITHOUT_A_JOURNAL = {
    "bundle", "codes", "conformance", "decode", "diff", "interfaces", "key", "new-province", "plan", "protocol",
    "requirements", "rules", "sign", "torture", "validate",
}  # fmt: skip


def test_every_command_is_walked_or_has_no_journal() -> None:
    walked_here = {each[0] for each in OF_ALL_IT_HAS} | {"flow", "fleet", "journal", "lists", "slip"}
    assert walked_here | OWN_ALONE | WITHOUT_A_JOURNAL == set(COMMANDS)
    assert len(walked_here) + len(OWN_ALONE) + len(WITHOUT_A_JOURNAL) == len(COMMANDS)


def test_no_command_gives_or_changes_what_is_anothers(shops: Shops, capsys: pytest.CaptureFixture[str]) -> None:
    config, before = ["--config", str(shops.ours.config)], held(shops.theirs)
    folder = shops.ours.folder
    (folder / "bill.json").write_text(json.dumps(bill(shops.ours.person("cross"), "R1")), "utf-8")
    whole = {"verify", "reseal", "sweep", "list", "events", "export", "prune", "backup", "head", "upgrade", "accept"}
    whole |= {"restore", "move"}
    by_number = {"show", "resolve", "propose", "approve"}
    assert {name for name in journal_commands if not name.startswith("-")} == whole | by_number
    by_flow = {"answer", "resume", "status", "abandon"}
    assert {name for name in flow_commands if not name.startswith("-")} == by_flow | {"start", "debts", "show"}
    asked = [["journal", name, str(number)] for name in by_number for number in shops.their_calls]
    asked += [["journal", "show", "--bodies", str(number)] for number in shops.their_calls]
    asked += [
        ["journal", "resolve", str(number), "--do", "accept", "--person", "p", "--reason", "r"]
        for number in shops.their_calls
    ]
    asked += [
        ["flow", name, flow, *(["yes"] if name == "answer" else [])] for name in by_flow for flow in shops.their_flows
    ]
    asked += [["slip", flow] for flow in shops.their_flows]
    moves = ("state", "submit", "reopen", "withdraw")
    asked += [["lists", name, setl_id] for name in moves for setl_id in shops.theirs.standing()]
    asked += [["uploads", "withdraw", str(number)] for number in shops.their_uploads]
    asked += [["matching", "confirm", "101", "THEIR-ITEM", "X1", "--person", "p"]]
    asked += [["matching", "withdraw", "101", "THEIR-ITEM"]]
    for each in asked:
        assert command([*each, *config]) != 0, each
    at_large = [
        ["list", "--all"],
        ["list", "--json"],
        ["verify"],
        ["sweep"],
        ["events"],
        ["reseal"],
        ["export", str(folder / "out.zip")],
        ["prune", "--keep-days", "1"],
    ]
    for each in at_large:
        command(["journal", *each, *config])
    for each in OF_ALL_IT_HAS if shops.ours.deployment.journal.url.startswith("sqlite") else ():
        assert command([*each, *config]) in (0, 1), each
    command(["fleet", str(folder)])
    command(["flow", "debts", *config])
    command(["flow", "start", "pharmacy_purchase", str(folder / "bill.json"), "--key", "R1", *config])
    told = "".join(capsys.readouterr())
    given = "".join(" ".join(each) for each in asked)
    assert [word for word in shops.their_words if word in told and word not in given] == []
    assert held(shops.theirs) == before


def test_a_view_of_the_journal_knows_no_other_institution(shops: Shops) -> None:
    """What hooks and steps of a plugin reach: the runtime's journal, by whatever they ask."""
    view, theirs = shops.ours.runtime.journal, shops.theirs.runtime.journal
    person = shops.theirs.person()
    before, call = held(shops.theirs), theirs.call(shops.their_calls[-1])
    for number in shops.their_calls:
        with pytest.raises(NoSuchCall):
            view.call(number)
        with pytest.raises(NoSuchCall):
            view.history(number)
        with pytest.raises(NoSuchCall):
            view.note(number, "told", {})
        with pytest.raises(NoSuchCall):
            view.advise(number, ["x"])
        with pytest.raises(NoSuchCall):
            view.schedule(number, attempts=0)
        with pytest.raises(NoSuchCall):
            view.report("bodies_read", {}, call_id=number)
        with pytest.raises(NoSuchCall):
            view.conclude(number, Outcome(state=State.ABSENT, at=0.0), "decided")
        with pytest.raises(NoSuchCall):
            view.by_msgid(theirs.call(number).msgid)
    mdtrt_id, everything = call.mdtrt_id or "", [call.infno for call in theirs.latest(limit=1000)]
    found = [
        view.latest(limit=1000), view.pending(), view.due(), view.orphans(), view.open_for(-1e12),
        view.created_since(THEIRS, 0.0, limit=1000), view.accepted_of(THEIRS, person.psn_no, mdtrt_id),
        view.accepted_since(THEIRS, person.psn_no, everything, 0.0), view.accepted_after(THEIRS, person.psn_no, 0),
        view.pending_of(person.psn_no, mdtrt_id), *(view.of_flow(flow) for flow in shops.their_flows),
        view.flows.left(THEIRS, 1e12), view.flows.owing(THEIRS, "done"),
        *(view.settlements.of_bill(key) for key in ("R1", "R2", "R3")),
        *(view.settlements.by_setl_id(word) for word in shops.their_words),
    ]  # fmt: skip
    assert [each for each in found if each] == []
    assert [view.by_key(THEIRS, key) for key in ("R1", "R2", "R3")] == [None] * 3
    assert [view.flows.get(flow) for flow in shops.their_flows] == [None, None]
    assert view.flows.by_key(THEIRS, "pharmacy_purchase", "R1") is None
    assert view.flows.by_key_of_days(THEIRS, "pharmacy_purchase", "R") == {}
    assert view.sign_ins.get(THEIRS, "001") is None
    assert not any(view.settlements.mark(THEIRS, word, "refunded") for word in shops.their_words)  # type: ignore[arg-type]
    row = theirs.flows.get(shops.their_flows[0])
    assert row is not None
    assert not view.flows.keep(row | {"institution": OURS}, expected_version=row["version"])
    assert held(shops.theirs) == before


def test_a_key_sees_the_institutions_that_it_names(tmp_path: Path) -> None:
    """Where institutions share a file of keys, one key may be of some of them only."""
    more = "".join(
        f'[[server.api_keys]]\nname = "{name}"\nhash = "{digest_of(key)}"\n{which}\n'
        for name, key, which in (("region", KEY, ""), ("one shop", THEIR_KEY, f'institutions = ["{OURS}"]'))
    )
    with contextlib.ExitStack() as opened:
        journals, runtimes = opened.enter_context(Journals()), {}
        for name, code in (("ours", OURS), ("theirs", THEIRS)):
            deployment = load_deployment(write_deployment(tmp_path, name=name, code=code, more=more))
            runtimes[name] = opened.enter_context(Runtime(deployment, journal=journals.open(deployment)))
        client = TestClient(api(runtimes))
        seen = {}
        for who, key in (("region", KEY), ("one shop", THEIR_KEY)):
            client.headers["authorization"] = f"Bearer {key}"
            asked = [client.get(f"/v1/deployments/{name}/journal").status_code for name in runtimes]
            seen[who] = asked, set(client.get("/v1/health").json()["deployments"])
        assert seen == {"region": ([200, 200], {"ours", "theirs"}), "one shop": ([200, 403], {"ours"})}
        denied = [event.detail for event in runtimes["theirs"].journal.reports(0.0) if event.kind == "denied"]
        assert [(each["client"], each["role"]) for each in denied] == [("one shop", "institution")]


def test_deployments_of_one_institution_share_their_cases_whatever_their_files_are_called(
    tmp_path: Path, journal_url: str
) -> None:
    with rig_for(tmp_path, journal=journal_url, name="till") as rig:
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with contextlib.suppress(Exception):
            rig.settle(key="B1")
        assert len(rig.runtime.journal.pending()) == 1
        rig.door.faults.clear()
        write_deployment(
            tmp_path,
            url=rig.deployment.platform.url,
            journal=journal_url,
            name="renamed",
            gateway="tif",
            province="dongguan",
            area="441900",
            code=OURS,
        )
        with Runtime.from_file(tmp_path / "renamed.toml") as renamed:
            assert [call.key for call in renamed.journal.pending()] == ["B1"]
            while renamed.journal.pending():
                Keeper(renamed).round()
        again = rig.settle(key="B1")
        assert (again.recorded, rig.sent("2102")) == (True, 1)


def test_deployments_of_one_institution_see_the_same_by_every_route(tmp_path: Path, journal_url: str) -> None:
    """The other side of the walk: a call, flow or record of one till is the other till's as well."""
    more = f'[[server.api_keys]]\nname = "his"\nhash = "{digest_of(KEY)}"'
    with rig_for(tmp_path, journal=journal_url, name="till-1", code=OURS, more=more) as rig:
        second = tmp_path / "till-2.toml"
        second.write_text(rig.config.read_text("utf-8").replace('name = "till-1"', 'name = "till-2"', 1), "utf-8")
        flow = run_flow(rig.flows, rig.flows.start("pharmacy_purchase", bill(rig.person(), "R1"), key="R1"), YES)
        upload = Uploads(rig.runtime).add("3501", sample_request(BASELINE["3501"]), key="STOCK")
        (number, *_) = (call.id for call in rig.runtime.journal.latest(infno="2102", limit=1))
        with Runtime.from_file(second) as runtime:
            client = TestClient(api({"till-1": rig.runtime, "till-2": runtime}))
            client.headers["authorization"] = f"Bearer {KEY}"
            numbers = {"journal/{id:int}": number, "uploads/{id:int}": upload.id, "{id}": flow.id}
            numbers |= {"{flow}": "pharmacy_purchase"}
            seen = []
            for method, path in walked(list(client.app.routes)):  # type: ignore[attr-defined]
                own = path.removeprefix("/v1/deployments/till-1/")
                if method != "GET" or own == path or own in ("openapi.json", "devices", "glance"):
                    continue
                for place, value in numbers.items():
                    own = own.replace(place, f"{place.rpartition('{')[0]}{value}")
                asked = [
                    client.get(f"/v1/deployments/{till}/{own}", params={"key": "R1", "seconds": "0"})
                    for till in ("till-1", "till-2")
                ]
                assert asked[0].status_code == asked[1].status_code, own
                assert asked[0].content == asked[1].content or own.endswith("statement"), own
                seen += [own] * (asked[0].status_code == 200)
            assert {f"journal/{number}", f"uploads/{upload.id}", f"flows/{flow.id}", f"flows/{flow.id}/slip"} <= {*seen}
            again = runtime.call("2102", purchase(rig.person("man")), key="R9", insured_place="441900")
            first = rig.runtime.call("2102", purchase(rig.person("man")), key="R9", insured_place="441900")
            assert (again.recorded, first.recorded, again.call_id) == (False, True, first.call_id)


def test_an_institutions_calls_to_another_platform_do_not_go_into_the_same_journal(
    tmp_path: Path, journal_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    common: dict[str, Any] = {"journal": journal_url, "gateway": "tif", "province": "dongguan", "area": "441900"}
    real = write_deployment(tmp_path, name="real", platform_name="", url="http://10.0.0.1:81/hsa", code=OURS, **common)
    with Runtime.from_file(real):
        pass
    test = write_deployment(tmp_path, name="test", platform_name="", url="http://10.0.0.2/hsa", code=OURS, **common)
    with pytest.raises(OtherPlatform) as refused:
        Runtime.from_file(test)
    assert 'name = "10.0.0.1:81/hsa"' in (refused.value.remedy or "")
    other = write_deployment(tmp_path, name="other", platform_name="", url="http://10.0.0.2/hsa", code=THEIRS, **common)
    moved = write_deployment(
        tmp_path, name="moved", platform_name="10.0.0.1:81/hsa", url="http://10.0.0.2/hsa", code=OURS, **common
    )
    for config in (other, moved, real):
        with Runtime.from_file(config):
            pass
    assert command(["journal", "sweep", "--config", str(test)]) == 2
    assert "other_platform" in capsys.readouterr().err


def test_deployments_of_one_journal_stand_on_one_store_and_one_process(tmp_path: Path, journal_url: str) -> None:
    one = load_deployment(write_deployment(tmp_path, name="one", code=OURS, journal=journal_url))
    spelled = journal_url.replace("postgresql://postgres:@", "postgresql+psycopg://postgres@")
    two = load_deployment(write_deployment(tmp_path, name="two", code=THEIRS, journal=spelled))
    with Journals() as journals:
        first, second = journals.open(one), journals.open(two)
        assert (first.store, first.owner) == (second.store, second.owner)
        write_secret(tmp_path, "other", new_secret())
        other = write_deployment(tmp_path, name="three", code=THEIRS, journal=journal_url)
        other.write_text(other.read_text("utf-8").replace("secrets/journal", "secrets/other"), "utf-8")
        with pytest.raises(WrongKey):
            journals.open(load_deployment(other))


def test_one_keeper_of_a_journal_keeps_all_its_deployments_and_none_waits_for_another(
    shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rig in (shops.ours, shops.theirs):
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with contextlib.suppress(OutcomeUnknown):
            rig.settle(key="K1")
        rig.door.faults.clear()
    before = [rig.sent("2102") for rig in (shops.ours, shops.theirs)]
    with contextlib.ExitStack() as opened:
        journals = opened.enter_context(Journals())
        found = [load_deployment(rig.config) for rig in (shops.ours, shops.theirs)]
        ours, theirs = (opened.enter_context(Runtime(each, journal=journals.open(each))) for each in found)
        answered = threading.Event()
        monkeypatch.setattr(ours.resolver, "sweep", answered.wait)
        (keeper,) = keepers_of([ours, theirs])
        with keeper:
            deadline = time.monotonic() + 120
            while theirs.journal.pending():
                assert time.monotonic() < deadline
            assert ours.journal.pending(), "its platform does not answer"
            monkeypatch.undo()
            answered.set()
            while ours.journal.pending():
                assert time.monotonic() < deadline
        assert [rig.sent("2102") for rig in (shops.ours, shops.theirs)] == before
