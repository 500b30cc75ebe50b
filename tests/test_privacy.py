"""No name, identity number, card number or token of anybody is in the journal, the logs, or an error."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from liangding.errors import InvalidMessage, LiangdingError
from liangding.jobs.keeper import Keeper
from liangding.journal.tables import metadata
from liangding.rollout.support import bundle
from liangding.simulator.faults import Fault
from liangding.simulator.people import Person
from support import GATEWAYS, Rig, bill, new_key, purchase, rig_for, run_flow, write_secret
from test_server import API_KEY, SERVER, free_port, serving

ANSWERS = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}


def personal(rig: Rig) -> list[str]:
    """Everything of everybody that must not be seen, and the secrets of the deployment."""
    kept = [
        value
        for person in rig.platform.world.people.all
        for value in (person.psn_no, person.name, person.certno, person.token, person.card_no, person.card_sn)
    ]
    return [*kept, *GATEWAYS["tif"].values(), API_KEY, (rig.folder / "secrets" / "journal").read_text("utf-8")]


def leaks(rig: Rig, written: bytes) -> list[str]:
    """What of it is there; a short number only where it stands by itself, not as the end of another one."""
    found = (value for value in personal(rig) if value.encode() in written)
    return [value for value in found if len(value) >= 10 or _alone(value, written)]


def _alone(value: str, written: bytes) -> bool:
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])".encode(), written) is not None


def credentials(person: Person) -> list[dict[str, Any]]:
    return [
        {"mdtrt_cert_type": "01", "mdtrt_cert_no": person.token},
        {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno},
        {"mdtrt_cert_type": "03", "mdtrt_cert_no": person.card_no, "card_sn": person.card_sn},
        {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno * 4},
        {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno[:-1] + "0"},
    ]


def day(rig: Rig) -> str:
    """Everybody is identified, buys, loses answers, is refused; what all the errors say."""
    said = []
    faults = [fault for fault in Fault if fault is not Fault.SLOW]
    for i, person in enumerate(rig.platform.world.people.all):
        for credential in credentials(person):
            try:
                rig.runtime.call("1101", {"data": credential})
            except LiangdingError as failed:
                said.append(f"{failed!r} {failed} {json.dumps(failed.as_json(), ensure_ascii=False)}")
                said.append(repr(getattr(failed, "problems", "")))
        rig.strike(faults[i % len(faults)], "2102", seconds=3600)
        for wrong in ({}, {"mdtrt_cert_no": person.card_sn * 9}):
            message = purchase(person)
            message["druginfo"] |= wrong
            try:
                rig.runtime.call("2102", message, key=f"D{i}", insured_place=person.covers[0].place)
            except LiangdingError as failed:
                said.append(f"{failed!r} {failed} {json.dumps(failed.as_json(), ensure_ascii=False)}")
        rig.door.faults.clear()
    flows = rig.flows
    for i, case in enumerate(("several_cities", "retired", "suspended")):
        given = bill(rig.person(case), f"F{i}", codes=(f"8{i:019d}",))
        view = run_flow(flows, flows.start("pharmacy_purchase", given, key=f"F{i}"), ANSWERS)
        said.append(repr(view.error))
    Keeper(rig.runtime).round()
    return "\n".join(said)


def test_nothing_personal_is_kept_logged_or_said(
    tmp_path: Path, journal_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with rig_for(tmp_path, journal=journal_url) as rig:
        said = day(rig)
        journal = rig.runtime.journal
        with journal.store.engine.connect() as connection:
            rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
        kept = "\n".join(repr(cell) if not isinstance(cell, bytes) else "" for row in rows for cell in row).encode()
        kept += b"\n".join(cell for row in rows for cell in row if isinstance(cell, bytes))
        listed = json.dumps([call.as_json() for call in journal.latest(limit=1000)], ensure_ascii=False, default=str)
        files = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
        assert len(rows) > 200
        assert len(caplog.records) > 50
        assert leaks(rig, kept) == []
        assert leaks(rig, files) == []
        assert leaks(rig, listed.encode()) == []
        assert leaks(rig, caplog.text.encode()) == []
        assert leaks(rig, said.encode()) == []
        bundled = bundle(rig.runtime.known, journal, since=0)
        with zipfile.ZipFile(io.BytesIO(bundled)) as archive:
            unpacked = b"\n".join(archive.read(name) for name in archive.namelist())
        assert unpacked.count(b"2102") > 10
        assert leaks(rig, unpacked) == []
        assert leaks(rig, journal.latest(infno="1101")[0].request) != [], "what is sealed is there when it is opened"


def test_what_breaks_with_personal_data_in_its_message_is_logged_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig_for(tmp_path) as rig:
        person = rig.person()
        message = f"bad answer for {person.certno}, token={person.token}, {{'psn_name': '{person.name}'}}"

        def breaks(*_: Any, **__: Any) -> Any:
            raise ValueError(message)

        rig.runtime.sign_in(rig.deployment.operators[0])
        monkeypatch.setattr("liangding.runtime.parse_reply", breaks)
        with pytest.raises(LiangdingError) as failed:
            rig.settle(key="B1")
        assert "ValueError" in caplog.text
        assert leaks(rig, (caplog.text + str(failed.value)).encode()) == []


def test_the_log_of_a_server_names_nobody(tmp_path: Path) -> None:
    write_secret(tmp_path, "api", API_KEY)
    port = free_port()
    with rig_for(tmp_path, more=SERVER.format(port=port)) as rig:
        rig.strike(Fault.ANSWER_LOST, "2102")
        rig.strike(Fault.REQUEST_LOST, "5201", times=2)
        with serving(rig.config, port=port) as server:
            url, headers = f"http://127.0.0.1:{port}/v1", {"authorization": f"Bearer {API_KEY}"}
            with httpx.Client(headers=headers, trust_env=False) as client:
                for person in rig.platform.world.people.all:
                    for credential in credentials(person):
                        client.post(f"{url}/transactions/1101", json={"input": {"data": credential}})
                    body = {"input": purchase(person), "insuplc_admdvs": person.covers[0].place}
                    client.post(f"{url}/transactions/2102", json=body, headers={"idempotency-key": person.case})
                client.post(f"{url}/flows/pharmacy_purchase", json=bill(rig.person("retired"), "F1"))
        assert server.stdout is not None
        log = server.stdout.read()
        assert log.count("liangding") > 50
        assert leaks(rig, log.encode()) == []


def test_an_invalid_message_says_where_and_not_what(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:
        person = rig.person()
        message = purchase(person)
        message["druginfo"] |= {"psn_no": person.psn_no * 3, "mdtrt_cert_no": person.certno * 6}
        with contextlib.suppress(KeyError):
            del message["druginfo"]["insutype"]
        with pytest.raises(InvalidMessage) as failed:
            rig.runtime.call("2102", message, key=new_key(), insured_place="441900")
        shown = json.dumps(failed.value.as_json(), ensure_ascii=False)
        assert "psn_no" in shown
        assert leaks(rig, shown.encode()) == []
