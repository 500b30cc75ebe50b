"""Devices at work: several beside each other, what they read held against itself, flows that ask them."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.clock import SystemClock
from liangding.config import load_deployment
from liangding.contract.device_errors import (
    CodeUsed,
    CredentialExpired,
    DeviceBusy,
    DeviceError,
    DeviceFault,
    NoDevice,
    NothingShown,
    PasswordWrong,
    ReadCancelled,
    ReaderGone,
    Unreliable,
    WrongCard,
)
from liangding.contract.devices import (
    MEDIA,
    Aids,
    Device,
    Medium,
    PasswordRequest,
    Patience,
    Persona,
    Reading,
    ReadRequest,
    Session,
)
from liangding.contract.simulation import Refuse
from liangding.devices import Devices, devices_of, judged, open_devices
from liangding.devices.simulated import SimulatedDriver, SimulatedReader
from liangding.errors import CallRefused, ConfigurationError
from liangding.flows import Status, View
from liangding.identity import decode, scenario_named
from liangding.knowledge.known import Knowledge
from liangding.simulator.people import Person
from support import Rig, bill, rig_for, run_flow, write_deployment

TODAY = date(2026, 11, 28)
CODES = '[ecredential]\nby = "platform"\noffice_id = "A01"\noffice_name = "收费处"\nexpired_words = ["令牌已失效"]\n'
DEVICE = '[devices.till]\ndriver = "simulated"\n'
YES = {"use_account": "1", "confirm": "yes"}


def persona_of(person: Person) -> Persona:
    return Persona(
        name=person.name, certno=person.certno, sex=person.gender, born=person.born, cert_type=person.cert_type,
        card_no=person.card_no, card_sn=person.card_sn, place=person.card_sn[:6], shown=person.qr_code,
        token=person.token,
    )  # fmt: skip


def shows(rig: Rig, *people: Person, media: tuple[Medium, ...] = MEDIA) -> SimulatedReader:
    """Let these people show their credentials at the simulated reader, one after the other."""
    device = rig.runtime.devices.named("till")
    assert isinstance(device, SimulatedReader)
    device.personas, device.media = [persona_of(person) for person in people], frozenset(media)
    return device


def given(rig: Rig, **more: Any) -> dict[str, Any]:
    """A purchase for which nobody gave a credential."""
    return {key: value for key, value in bill(rig.person(), **more).items() if key != "credential"}


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy with a simulated reader."""
    with rig_for(tmp_path, more=CODES + DEVICE) as rig:
        yield rig


def bought(rig: Rig, key: str = "R1") -> View:
    return run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given(rig, receipt=key), key=key), YES)


# -- flows ask the device ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("medium", MEDIA)
def test_a_flow_asks_the_device_for_whatever_is_shown(till: Rig, medium: Medium) -> None:
    device = shows(till, till.person(), media=(medium,))
    view = bought(till)
    assert view.status is Status.DONE, view.error
    asked = device.asked[0]
    assert (asked.flow, asked.infno, asked.scenario, asked.business_type) == (
        "pharmacy_purchase", "2102", "purchase", "02121",
    )  # fmt: skip
    assert (asked.institution, asked.area, asked.operator) == ("P44190000001", "441900", "001")
    assert len(till.standing()) == 1


def test_an_undo_asks_again_and_another_person_is_refused(till: Rig) -> None:
    device = shows(till, till.person())
    bought(till)
    shows(till, till.person("province"))
    refund = till.flows.start("pharmacy_refund", {"purchase_key": "R1"}, key="B1")
    assert refund.error is not None
    assert refund.error["code"] == "other_person"
    shows(till, till.person())
    view = run_flow(till.flows, till.flows.start("pharmacy_refund", {"purchase_key": "R1"}, key="B2"), YES)
    assert view.status is Status.DONE, view.error
    assert till.standing() == []
    assert [asked.infno for asked in device.asked] == ["2102", "2103", "2103"]
    assert device.asked[-1].scenario == "purchase", "a refund is the occasion of what it takes back"


def test_a_device_that_gives_nothing_stops_the_flow_and_it_goes_on(till: Rig) -> None:
    device = shows(till, till.person())
    device.next = WrongCard("扫到的是微信付款码，要的是医保码", device="till")
    view = till.flows.start("pharmacy_purchase", given(till), key="R1")
    assert view.error is not None
    assert (view.status, view.error["code"], view.error["device"]) == (Status.STOPPED, "wrong_card", "till")
    assert "医保码" in view.error["remedy"]
    view = run_flow(till.flows, till.flows.start("pharmacy_purchase", given(till), key="R1"), YES)
    assert view.status is Status.DONE
    assert till.sent("2102") == 1


def test_started_again_a_flow_keeps_what_was_shown(till: Rig) -> None:
    device = shows(till, till.person())
    first = till.flows.start("pharmacy_purchase", given(till), key="R1")
    again = till.flows.start("pharmacy_purchase", given(till), key="R1")
    assert (first.id, first.question, len(device.asked)) == (again.id, again.question, 1)


def test_a_code_that_holds_no_longer_is_shown_again(till: Rig) -> None:
    """2102 is refused with the words that the deployment names; the person shows a fresh code, and it goes through."""
    device = shows(till, till.person(), media=(Medium.CODE,))
    settle, refusals = till.platform.handlers["2102"], [1]

    def expired_once(request: Any) -> Any:
        if refusals:
            refusals.pop()
            raise Refuse("令牌已失效，请重新扫码")
        return settle(request)

    till.platform.handlers["2102"] = expired_once
    view = bought(till)
    assert view.status is Status.DONE, view.error
    assert len(device.asked) == 2
    assert till.sent("2102") == 2
    assert len(till.standing()) == 1


def test_somebody_else_does_not_step_in_for_a_code_that_holds_no_longer(till: Rig) -> None:
    shows(till, till.person(), till.person("retired"), media=(Medium.CODE,))

    def always(request: Any) -> Any:
        raise Refuse("令牌已失效")

    till.platform.handlers["2101"] = always
    view = bought(till)
    assert view.error is not None
    assert view.error["code"] == "wrong_card"
    assert till.standing() == []


def test_a_code_is_scanned_and_decoded_where_none_is_given(till: Rig) -> None:
    """Through 6101 the text that the device scanned; a library that decodes by itself gives the token at once."""
    device = shows(till, till.person(), media=(Medium.CODE,))
    assert decode(till.runtime, scenario_named("药店购药")).idno == till.person().certno
    assert (device.asked[0].business_type, till.sent("6101")) == ("02121", 1)


def test_a_code_that_is_used_up_is_named(till: Rig) -> None:
    """Whoever decodes says whether a code holds twice; where not, the operator learns that it was this very code."""
    decoding, taken = till.platform.handlers["6101"], set()

    def once(request: Any) -> Any:
        code = request.input.InData.businessInfo
        if code in taken:
            raise Refuse("二维码无效")
        taken.add(code)
        return decoding(request)

    till.platform.handlers["6101"] = once
    occasion = scenario_named("药店购药")
    shows(till, till.person(), till.person(), media=(Medium.CODE,))
    decode(till.runtime, occasion)
    with pytest.raises(CodeUsed, match=r"已经用过：.*二维码无效") as used:
        decode(till.runtime, occasion)
    assert "刷新" in used.value.remedy
    taken.add(till.person("retired").qr_code)
    shows(till, till.person("retired"), media=(Medium.CODE,))
    with pytest.raises(CallRefused, match="二维码无效"):
        decode(till.runtime, occasion)


# -- no device here: the till's program asks its own -------------------------------------------------------------


def test_without_a_device_the_question_says_what_to_read(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=CODES) as rig:
        view = rig.flows.start("pharmacy_purchase", given(rig), key="R1")
        assert view.question is not None
        asked = view.as_json()["question"]
        assert (asked["kind"], asked["read"]["infno"], asked["read"]["business_type"]) == (
            "credential", "2102", "02121",
        )  # fmt: skip
        assert list(asked["read"]["media"]) == ["social_card", "identity_card", "code"]
        for wrong in ("nonsense", "[]", '{"medium": "coin"}', '{"number": "1"}', ""):
            with pytest.raises(Exception, match=r"答案|JSON|value|必填|只能|应为"):
                rig.flows.answer(view.id, wrong)
        person = rig.person()
        reading = {"medium": "code", "device": "elsewhere", "shown": person.qr_code}
        view = run_flow(rig.flows, rig.flows.answer(view.id, json.dumps(reading)), YES)
        assert view.status is Status.DONE, view.error
        credential = {"type": "02", "number": person.certno}
        second = rig.flows.start("pharmacy_purchase", given(rig, receipt="R2"), key="R2")
        view = run_flow(rig.flows, rig.flows.answer(second.id, json.dumps(credential)), YES)
        assert view.status is Status.DONE, view.error
        assert len(rig.standing()) == 2


# -- held against itself -----------------------------------------------------------------------------------------

RESIDENT = Reading(
    medium=Medium.IDENTITY_CARD, device="till", number="441900199003079010", certno="441900199003079010",
    cert_type="01", born=date(1990, 3, 7), valid_from=date(2020, 1, 1), valid_to=date(2040, 1, 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({}, None, ""),
        ({"valid_to": TODAY}, None, ""),
        ({"valid_to": None}, None, ""),
        ({"valid_to": date(2026, 11, 27)}, CredentialExpired, "2026-11-27"),
        ({"valid_from": date(2026, 11, 29)}, Unreliable, "起才有效"),
        ({"certno": "441900199003079011"}, Unreliable, "校验位"),
        ({"born": date(1990, 3, 8)}, Unreliable, "出生日期"),
        ({"certno": "4419001990030790"}, Unreliable, "18 位"),
        ({"certno": "E00000001", "cert_type": "08"}, None, ""),
        ({"certno": "44190019900307****"}, None, ""),
        ({"medium": Medium.GOODS, "valid_to": date(2020, 1, 1)}, None, ""),
    ],
)
def test_a_reading_is_held_against_itself(change: dict[str, Any], error: type[DeviceError] | None, says: str) -> None:
    reading = attrs.evolve(RESIDENT, **change)
    if error is None:
        assert judged(reading, TODAY) == reading
        return
    with pytest.raises(error, match=says) as wrong:
        judged(reading, TODAY)
    assert reading.certno not in str(wrong.value.as_json())


def test_whatever_a_device_reads_is_held_against_itself() -> None:
    expired = attrs.evolve(RESIDENT, valid_to=date(2020, 1, 1))
    with contextlib.closing(beside(Made("one", expired))) as devices, pytest.raises(CredentialExpired):
        devices.read(ReadRequest())


# -- several devices ---------------------------------------------------------------------------------------------


class Made(Device):
    """A device whose reading is what a test says."""

    def __init__(self, name: str, says: Any, media: tuple[Medium, ...] = MEDIA) -> None:
        self.name, self.says, self.media = name, says, frozenset(media)
        self.waiting, self.done = threading.Event(), threading.Event()
        self.sessions: list[str] = []

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        self.waiting.set()
        try:
            if isinstance(self.says, Exception):
                raise self.says
            while self.says is None:
                if not patience.wait(0.05):
                    raise NothingShown("没有等到", device=self.name)
            if isinstance(self.says, Reading):
                return self.says
            return Reading(medium=Medium.CODE, device=self.name, shown=str(self.says))
        finally:
            self.done.set()

    def begin(self, session: Session) -> None:
        self.sessions.append(session.operator)

    def end(self) -> None:
        self.sessions.append("end")


class MadeDriver(SimulatedDriver):
    """Hands out devices that are there already."""

    name = "made"

    def __init__(self, *devices: Device) -> None:
        self.devices = {device.name: device for device in devices}

    def open(self, name: str, settings: Any, aids: Aids) -> Device:
        return self.devices[name]


def beside(*devices: Device) -> Devices:
    tables = {device.name: {"driver": "made"} for device in devices}
    return open_devices(tables, {"made": MadeDriver(*devices)}, secret=lambda path, reference: "")


def test_the_first_that_reads_wins_and_the_others_stop() -> None:
    waits, reads = Made("waits", None), Made("reads", "X")
    with contextlib.closing(beside(waits, reads)) as devices:
        assert devices.read(ReadRequest()).device == "reads"
        assert waits.done.wait(5)


@pytest.mark.parametrize(
    ("one", "two", "error", "says"),
    [
        (None, None, NothingShown, "没有等到"),
        (ReaderGone("读卡器不在了", device="one"), None, NothingShown, "one 用不了"),
        (ReaderGone("读卡器不在了", device="one"), ReaderGone("x", device="two"), ReaderGone, "不在了"),
        (WrongCard("这不是社会保障卡", device="one"), None, WrongCard, "不是"),
        (ZeroDivisionError("441900199003079010"), None, DeviceFault, "ZeroDivisionError"),
    ],
)
def test_of_several_failures_the_most_telling_is_said(one: Any, two: Any, error: type[DeviceError], says: str) -> None:
    with contextlib.closing(beside(Made("one", one), Made("two", two))) as devices:
        with pytest.raises(error, match=says) as failed:
            devices.read(ReadRequest(seconds=0.2))
        assert "441900199003079010" not in str(failed.value)


def test_a_device_is_one_users_at_a_time_and_can_be_called_off() -> None:
    device = Made("one", None)
    with contextlib.closing(beside(device)) as devices:
        found: list[Exception] = []

        def wait() -> None:
            try:
                devices.read(ReadRequest(seconds=60))
            except DeviceError as failed:
                found.append(failed)

        thread = threading.Thread(target=wait)
        thread.start()
        assert device.waiting.wait(5)
        with pytest.raises(DeviceBusy):
            devices.read(ReadRequest())
        assert devices.cancel() == 1
        thread.join(5)
        assert isinstance(found[0], ReadCancelled)
        with pytest.raises(NoDevice, match="没有设备 other"):
            devices.read(ReadRequest(), device="other")
    with pytest.raises(NoDevice, match="没有能读医保码的设备"):
        beside(Made("one", "X", (Medium.SOCIAL_CARD,))).read(ReadRequest(media=(Medium.CODE,)))


def test_a_session_begins_at_9001_and_ends_at_9002(till: Rig) -> None:
    device = Made("till", "X")
    till.runtime.devices._attached["till"] = attrs.evolve(till.runtime.devices._attached["till"], device=device)
    till.runtime.sign_in(till.deployment.operator())
    till.runtime.sign_in(till.deployment.operator())
    till.runtime.sign_out()
    assert device.sessions == ["001", "end"]


def test_passwords_are_counted(till: Rig) -> None:
    shows(till, till.person())
    devices = till.runtime.devices
    for left in (2, 1):
        with pytest.raises(PasswordWrong) as wrong:
            devices.verify_password(PasswordRequest(password="000000"))
        assert wrong.value.tries_left == left
    devices.verify_password(PasswordRequest(password="123456"))
    devices.change_password(PasswordRequest(password="123456", new="654321"))
    devices.verify_password(PasswordRequest(password="654321"))


# -- what the file says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plugin", "table", "says"),
    [
        ("", 'port = "COM3"', "没有写明 driver"),
        ("", 'driver = "idcard"', "没有设备驱动 idcard"),
        ("idcard", 'driver = "idcard"\nprot = "COM3"', "prot"),
        ("scanner", 'driver = "scanner"\nport = "COM4"\ntrigger = "no"', "trigger"),
        ("vendorlib", 'driver = "vendorlib"\nlibrary = "yinhai"\nvalues = { x = { env = "NOT_SET" } }', "NOT_SET"),
    ],
)
def test_a_device_that_is_described_wrongly_is_named(tmp_path: Path, plugin: str, table: str, says: str) -> None:
    plugins = (plugin,) if plugin else ()
    path = write_deployment(tmp_path, more=f"[devices.a]\n{table}", plugins=plugins)
    deployment = load_deployment(path)
    manager = Knowledge(deployment).manager
    with pytest.raises(ConfigurationError) as wrong:
        devices_of(deployment, manager, SystemClock())
    assert says in str(wrong.value)
