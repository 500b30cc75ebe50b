"""No name, identity number, card number or token of anybody is in the journal, the logs, or an error."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from sqlalchemy import func, select

from liangding.calls.sending import NumberedEnvelope
from liangding.contract.calls import Answer, Call
from liangding.contract.cases import Finding
from liangding.contract.credentials import Credential, Decoded, Decoding
from liangding.contract.devices import (
    CardChallenge,
    CardProof,
    PasswordRequest,
    Reading,
    ReadRequest,
    Signature,
    Token,
)
from liangding.errors import InvalidMessage, LiangdingError
from liangding.flows.dispensing import GoodsDispensingGiven
from liangding.flows.inpatient.stay import StayGiven
from liangding.flows.online.orders import PaymentOrder
from liangding.flows.pharmacy.refund import RefundState
from liangding.flows.registrations import WithdrawalState
from liangding.flows.visits import Visit
from liangding.identity.persons import Insured
from liangding.jobs.keeper import Keeper
from liangding.journal.recording import KeyConflict, Opened
from liangding.journal.records import Bodies, CallRecord, Event, NewCall, Outcome, Settlement
from liangding.journal.searching import CallSearch
from liangding.journal.tables import events, metadata
from liangding.knowledge.interfaces import BASELINE
from liangding.privacy import MASKED_CHARACTERS, is_personal, masked_text, shown
from liangding.receipts.money import SettledMoney
from liangding.receipts.statements import Statement
from liangding.rollout.support import bundle
from liangding.simulator.faults import Fault
from liangding.simulator.people import Person
from liangding.spec.nodes import Member, members, node_of
from liangding.spec.personal import Personal
from liangding.uploads.records import QueuedUpload
from liangding.wire.gateways import CaHmacSm3, Csb, Plain, Tif
from liangding.wire.input_signing import InputSigner
from liangding.workflow.standing import ENDED
from support import GATEWAYS, Rig, bill, free_port, new_key, purchase, rig_for, run_flow, write_secret
from test_server import API_KEY, SERVER, serving

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
    with rig_for(tmp_path, more=SERVER.format(port=port) + '[log]\nlevel = "debug"\n') as rig:
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
                root = url.removesuffix("/v1")
                shown = [client.get(f"{root}{path}").text for path in ("/metrics", "/v1/health", "/v1/ready")]
            assert "liangding_" in shown[0]
            process = Path("/proc") / str(server.pid)
            shown += [(process / each).read_text("utf-8", "replace") for each in ("cmdline", "environ")]
            held = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
        assert leaks(rig, "\n".join(shown).encode() + held) == []
        assert server.stdout is not None
        log = server.stdout.read()
        assert log.count("liangding") > 50
        assert leaks(rig, log.encode()) == []


# -- masks, and what they go by ----------------------------------------------------------------------------------------

NAMED = {
    "参保人欧阳兰若的待遇已暂停": "欧阳兰若", "患者【聂小倩】在院": "聂小倩", "姓名：宁采臣，已欠费": "宁采臣",
    "该人员身份证 4401 0119 5706 1290 12": "1290", "身份证440101-1957-0612-9012不存在": "9012",
    "请回电 138 0013 8000": "8000", "手机13800138000": "13800138000", "psn_no 44190000000000000001": "0000001",
    "Authorization: Bearer abcDEF.123-x": "abcDEF", "relay said Bearer abcDEF.123": "abcDEF",
    r'{"output":"{\"psn_name\":\"宁采臣\",\"patn_tel\":\"020-81234567\"}"}': "宁采臣",
    "psnCertNo=G12345678": "G12345678", "patient_name: 宁采臣": "宁采臣",
}  # fmt: skip
INNOCENT = (
    "参保人员已停保", "患者未出院", "人员待遇封锁", "参保人有多个险种", "职工医保余额不足", "人员编号不存在",
    "本人申请", "该参保人的基本信息为空", "msgid P44190000001202611301602431728", "追溯码 81234567890123456789",
    "结算编号 44190020261130S00000001", "2026-11-30 16:02:43",
)  # fmt: skip


def test_what_is_of_a_person_is_masked_wherever_it_stands_in_a_sentence() -> None:
    assert {said: masked_text(said) for said, person in NAMED.items() if person in masked_text(said)} == {}
    assert [said for said in INNOCENT if masked_text(said) != said] == []


@pytest.mark.parametrize(
    "unit", ["a", "a-", 'name:"', "token ", "1", "参保人张", '\\"', " ", "psn_name =", "bearer ", "4401 "]
)
def test_a_long_text_is_looked_at_once_and_cut_first(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the cut, too: what looks at each place again for each place before it would not end here."""
    text = unit * (300_000 // len(unit)) + "="
    assert len(masked_text(text)) < MASKED_CHARACTERS + 40
    monkeypatch.setattr("liangding.privacy.MASKED_CHARACTERS", len(text))
    assert masked_text(text)
    assert len(shown("memo", text) or "") < 80


def test_a_cut_leaves_no_beginning_of_a_number() -> None:
    number = "440101195706129012"
    for before in range(MASKED_CHARACTERS - len(number), MASKED_CHARACTERS):
        assert number[:6] not in masked_text("。" * before + number + "。" * 100)


SHOWN_NOWHERE = (Personal.IDENTITY, Personal.CONTACT)


def test_every_declared_field_says_what_it_tells_of_a_person() -> None:
    """What each names by its label: an identity or a way to reach somebody is masked by name everywhere."""
    told = {(member.wire, member.label): member.personal for member in declared()}
    assert len(told) > 1900
    assert set(told.values()) == set(Personal)
    who = re.compile(r"姓名|身份证|证件号码|人员编号|住址|手机|联系电话|卡识别码|社会保障号|出生日期|照片")
    missed = {pair for pair, kind in told.items() if who.search(pair[1]) and kind not in SHOWN_NOWHERE}
    assert missed == set()
    assert [wire for (wire, _), kind in told.items() if kind in SHOWN_NOWHERE and not is_personal(wire)] == []
    kinds = {"诊断代码": Personal.HEALTH, "手术操作名称": Personal.HEALTH, "医疗费总额": Personal.MONEY}
    for label, kind in kinds.items():
        assert {found for (_, named), found in told.items() if named == label} <= {kind}, label


def declared() -> Iterator[Member]:
    """Every field of every transaction of the baseline."""
    seen: set[Any] = set()
    waiting = [
        node_of(shape)
        for infno in BASELINE.numbers()
        for shape in (BASELINE[infno].input, BASELINE[infno].output)
        if shape
    ]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for member in members(node):
            if member.node is not None:
                waiting.append(member.node)
            elif member.field is not None:
                yield member


PLANTED = ("欧阳兰若", "440101195706129012", "44010119570612901200", "13800138000", "O80.000x001")


def answering(output: Any) -> Callable[[Any], Any]:
    return lambda request: output


def test_a_doubly_encoded_answer_and_what_tells_of_health_do_not_leave(tmp_path: Path) -> None:
    """A planted person in every way that answers came in: the bundle keeps only what is declared technical."""
    name, certno, psn_no, phone, diagnosis = PLANTED
    with rig_for(tmp_path) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        person = {"psn_no": psn_no, "psn_name": name, "certno": certno, "tel": phone, "diag_code": diagnosis}
        told = json.dumps(person, ensure_ascii=False)
        for output in (told, {"baseinfo": told, name: told}, [person, told], {"mdtrtinfo": [person]}):
            rig.platform.handlers["5303"] = answering(output)
            with contextlib.suppress(LiangdingError):
                rig.runtime.call("5303", {"data": {"psn_no": psn_no, "begntime": "2026-11-01"}}, insured_place="441900")
        with zipfile.ZipFile(io.BytesIO(bundle(rig.runtime.known, rig.runtime.journal, since=0))) as archive:
            unpacked = "\n".join(archive.read(each).decode() for each in archive.namelist())
        assert "5303" in unpacked
        assert [each for each in PLANTED if each in unpacked] == []


def test_pruning_reaches_the_states_of_flows(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:
        person = rig.person("retired")
        view = run_flow(rig.flows, rig.flows.start("pharmacy_purchase", bill(person, "F1"), key="F1"), ANSWERS)
        journal = rig.runtime.journal

        def kept() -> bytes:
            row = journal.flows.get(view.id)
            return row["state"] if row else b""

        who = [value.encode() for value in (person.name, person.certno, person.token)]
        assert any(value in kept() for value in who)
        journal.prune(before=rig.runtime.clock.epoch() + 3600, ended=ENDED)
        assert [value for value in who if value in kept()] == []
        assert journal.verify() == []
        pruned = select(func.count()).where(events.c.kind == "pruned")
        before = journal.store.read(lambda connection: connection.execute(pruned).scalar_one())
        assert journal.prune(before=rig.runtime.clock.epoch() + 3600, ended=ENDED) == 0
        again = journal.store.read(lambda connection: connection.execute(pruned).scalar_one())
        assert again == before, "there is nothing left to take out"
        with pytest.raises(KeyConflict, match="另一人"):
            rig.flows.start("pharmacy_purchase", bill(rig.person(), "F1"), key="F1")
        asked = rig.flows.start("pharmacy_purchase", bill(person, "F1"), key="F1")
        assert (asked.status, asked.id) == (view.status, view.id)
        assert asked.result["settlement"].split == view.result["settlement"].split


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


# -- what a record says of itself --------------------------------------------------------------------------------------

SAYS_NOTHING_OF: list[tuple[type, str]] = [
    (Answer, "body"), (Call, "send"), (Finding, "output other"), (NumberedEnvelope, "body"),
    (Credential, "number card_sn name card_token certno"), (Decoded, "name token idno auth_no index_no"),
    (Decoding, "code"),
    (CardChallenge, "message card_answer"), (CardProof, "internal external"), (PasswordRequest, "password new"),
    (ReadRequest, "psn_no"), (Reading, "number card_sn name certno shown born photo raw"), (Token, "value"),
    (Signature, "hcard_basinfo hcard_chkinfo"), (Insured, "name certno psn_no born"),
    (NewCall, "request person"), (Outcome, "message answer advice settlement"),
    (CallRecord, "person traceparent bodies"),
    (Bodies, "sealed opened"), (Event, "detail"), (Settlement, "psn_no"), (CallSearch, "person"), (Opened, "row"),
    (SettledMoney, "psn_no setlinfo setldetail"), (Statement, "psn_no person"), (Visit, "psn_no"),
    (RefundState, "psn_no"), (PaymentOrder, "name certno token"), (WithdrawalState, "psn_no"),
    (StayGiven, "psn_no"), (GoodsDispensingGiven, "psn_no"), (QueuedUpload, "message said"),
    (CaHmacSm3, "secret"), (Csb, "secret_key"), (Plain, "apikey"), (Tif, "token"), (InputSigner, "key"),
]  # fmt: skip
"""What stands in a line of the log or an error wherever somebody writes a record there: nothing of these fields."""


@pytest.mark.parametrize(("record", "fields"), SAYS_NOTHING_OF, ids=[kind.__name__ for kind, _ in SAYS_NOTHING_OF])
def test_a_record_says_nothing_of_a_person_or_a_secret(record: type, fields: str) -> None:
    hidden = fields.split()
    one: Any = object.__new__(record)
    for field in attrs.fields(record):
        object.__setattr__(one, field.name, f"told-{field.name}" if field.name in hidden else 0)
    said = repr(one)
    assert record.__name__ in said
    assert not [name for name in hidden if f"told-{name}" in said]
    assert {*hidden} <= {field.name for field in attrs.fields(record)}
