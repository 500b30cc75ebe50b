"""Social security cards: commands and records, and the driver against a real pcscd with virtual readers."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangding.contract import hookimpl
from liangding.contract.device_errors import (
    CardLocked,
    DeviceError,
    DeviceFault,
    MovedTooEarly,
    NothingShown,
    NotSupported,
    PasswordWrong,
    ReadCancelled,
    ReaderGone,
    WrongCard,
    WrongSide,
)
from liangding.contract.devices import (
    Aids,
    CardChallenge,
    CardProof,
    Device,
    Medium,
    PasswordRequest,
    Patience,
    Persona,
    Reading,
    ReadRequest,
)
from liangding.flows import Flows, Status
from liangding.runtime import Runtime
from liangding_idcard import IdCardDriver
from liangding_idcard.layouts import text_of
from liangding_pcsc import records
from liangding_pcsc.apdu import Command, exchange
from liangding_pcsc.emulator import EmulatedCard, VirtualReader, emulated_machine
from liangding_pcsc.social_card import NOT_AUTHENTICATED, SocialCard, Terminal, read_card
from support import bill, rig_for

PERSONA = Persona(
    name="测试甲", certno="441900199003079015", sex="1", born=date(1990, 3, 7), card_no="A12345678",
    card_sn="441900D156000005A1B2C3D4E5F60718", valid_from=date(2018, 1, 1), valid_to=date(2038, 1, 1),
)  # fmt: skip
LONG_NAME = attrs.evolve(PERSONA, name="测试" + "长名字" * 7)
"""46 bytes: its 16th character stands across the end of the first record where a byte precedes it."""


def read(card: EmulatedCard, prove: Any = None) -> Reading:
    return read_card(card.answer, "till", Terminal(historical="AB", algorithm="03", number="T1"), prove)


# -- without a reader --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", ["1.00", "2.00", "3.00"])
@pytest.mark.parametrize("by_file", [False, True])
def test_three_generations_are_read_by_tag(generation: str, by_file: bool) -> None:
    card = EmulatedCard(PERSONA, generation=generation, by_file=by_file)
    reading = read(card, emulated_machine)
    assert (reading.number, reading.card_sn, reading.place) == (PERSONA.card_no, PERSONA.card_sn, "441900")
    assert (reading.certno, reading.name, reading.sex) == (PERSONA.certno, PERSONA.name, "1")
    assert (reading.born, reading.valid_from, reading.valid_to) == (
        PERSONA.born, PERSONA.valid_from, PERSONA.valid_to,
    )  # fmt: skip
    assert reading.raw["version"] == generation
    assert reading.notes == ()
    for said in (PERSONA.name, PERSONA.certno, PERSONA.card_no, PERSONA.card_sn):
        assert said not in repr(reading)


def test_a_third_generation_card_shows_its_numbers_without_authentication() -> None:
    reading = read(EmulatedCard(PERSONA, generation="3.00"))
    assert (reading.number, reading.card_sn, reading.name, reading.certno) == (
        PERSONA.card_no, PERSONA.card_sn, "", "",
    )  # fmt: skip
    assert reading.notes == (NOT_AUTHENTICATED,)


def test_a_machine_that_proves_nothing_is_not_believed() -> None:
    def forged(challenge: Any) -> Any:
        return attrs.evolve(emulated_machine(challenge), internal="00" * 8)

    with pytest.raises(WrongCard, match="内部认证"):
        read(EmulatedCard(PERSONA, generation="3.00"), forged)
    with pytest.raises(DeviceError, match="外部认证"):
        read(EmulatedCard(PERSONA, generation="3.00"), lambda c: attrs.evolve(emulated_machine(c), external="00" * 16))


@pytest.mark.parametrize("name", [LONG_NAME.name, "a" + "测" * 20, "测试𠮷" * 5])
def test_a_long_name_goes_on_in_the_next_record(name: str) -> None:
    assert read(EmulatedCard(attrs.evolve(PERSONA, name=name))).name == name


def test_commands_are_those_of_the_field() -> None:
    card = EmulatedCard(PERSONA)
    read(card)
    assert card.asked[0].hex() == "00a404000f7378312e73682ec9e7bbe1b1a3d5cf"
    assert bytes.fromhex("00B2012812") in card.asked, "EF05 01 by tag"
    assert bytes.fromhex("00B24E3016") in card.asked, "EF06 4E by tag"
    assert records.CARD_NO.write("A12345678").hex() == "0709413132333435363738"


def test_a_card_that_is_none_of_ours_is_named() -> None:
    card = EmulatedCard(PERSONA)
    card.application = None
    with pytest.raises(WrongCard, match="不是社会保障卡"):
        read(card)


def test_a_password_is_counted_and_locks() -> None:
    emulated = EmulatedCard(PERSONA)
    card = SocialCard(emulated.answer)
    card.select()
    with pytest.raises(PasswordWrong, match="6 位数字"):
        card.verify_password("12x")
    card.verify_password("123456")
    with pytest.raises(PasswordWrong) as wrong:
        card.verify_password("000000")
    assert (wrong.value.tries_left, wrong.value.as_json()["tries_left"]) == (2, 2)
    card.change_password("123456", "654321")
    card.verify_password("654321")
    for left in (2, 1):
        with pytest.raises(PasswordWrong, match=f"{left} 次"):
            card.verify_password("123456")
    for tried in ("123456", "654321"):
        with pytest.raises(CardLocked, match="锁定"):
            card.verify_password(tried)


@given(st.lists(st.binary(max_size=300), max_size=40), st.booleans())
def test_whatever_a_card_answers_ends_in_a_declared_error(answers: list[bytes], well: bool) -> None:
    """Also where it lets itself be selected first, and never stops answering."""
    replies = iter([b"\x90\x00"] * well + answers)
    with contextlib.suppress(DeviceError):
        read_card(lambda _: next(replies, b"\x61\x10"), "till", Terminal(), emulated_machine)


@given(st.sampled_from(["card_id", "name", "born", "valid_to", "card_no"]), st.binary(max_size=40))
def test_whatever_a_record_holds_is_read_or_refused(name: str, value: bytes) -> None:
    card = EmulatedCard(PERSONA)
    card.values[name] = value
    with contextlib.suppress(DeviceError):
        read(card)


def test_an_answer_without_end_is_a_fault() -> None:
    with pytest.raises(DeviceFault, match="没有结尾"):
        exchange(lambda _: b"\x61\x00", Command(ins=0xB2))
    with pytest.raises(DeviceFault, match="残缺"):
        exchange(lambda _: b"", Command(ins=0xB2))


# -- a real pcscd ------------------------------------------------------------------------------------------------


@pytest.fixture
def pcscd() -> Iterator[subprocess.Popen[bytes]]:
    """A pcscd of the test's own with two virtual readers; there can be one on a computer only."""
    pytest.importorskip("smartcard", reason="card readers: install devices/pcsc/requirements.txt (make readers)")
    if shutil.which("pcscd") is None or not list(Path("/usr/lib").glob("**/libifdvpcd*")):
        pytest.skip("card readers: install pcscd and vsmartcard-vpcd (make readers)")
    with (Path(tempfile.gettempdir()) / "liangding-pcscd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _await_ports()
        daemon = subprocess.Popen(["pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await_readers(daemon)
            yield daemon
        finally:
            daemon.terminate()
            daemon.wait(timeout=20)


VIRTUAL_READERS = (35963, 35964)
"""Where the two readers listen for their cards; the system gives such ports to connections of other tests, too."""


def _await_ports() -> None:
    patience = Patience(150)  # what was closed keeps its port for a minute
    while patience.wait(0.05):
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in VIRTUAL_READERS:
                held.enter_context(socket.create_server(("", port)))  # as the reader does
            return
    pytest.fail(f"a connection of another program holds one of {VIRTUAL_READERS}")


def _await_readers(daemon: subprocess.Popen[bytes]) -> None:
    from liangding_pcsc.middleware import Middleware

    patience = Patience(20)
    while patience.wait(0.05):
        if daemon.poll() is not None:
            pytest.skip("card readers: pcscd does not start here (another one runs, or no permission)")
        with contextlib.suppress(ReaderGone):
            service = Middleware("test")
            readers = service.readers()
            service.close()
            if len(readers) >= 2:
                return
    pytest.fail("pcscd has no virtual readers")


def reader(**settings: Any) -> Device:
    from liangding_pcsc import PcscDriver

    return PcscDriver().open("till", settings, Aids(authenticate=emulated_machine))


def ask(device: Device, seconds: float = 10) -> Reading:
    return device.read(ReadRequest(media=(Medium.SOCIAL_CARD,)), Patience(seconds))


@contextlib.contextmanager
def inserted(card: EmulatedCard, slot: int = 0) -> Iterator[VirtualReader]:
    virtual = VirtualReader(35_963 + slot)
    virtual.insert(card)
    try:
        yield virtual
    finally:
        virtual.remove()


def test_cards_in_a_real_reader(pcscd: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """One daemon for the lot: it takes a second to start."""
    from liangding_pcsc import PcscDriver

    assert len(list(PcscDriver().discover(probe=False))) == 2
    device = reader()
    for generation in ("2.00", "3.00"):
        with inserted(EmulatedCard(PERSONA, generation=generation)):
            assert ask(device).certno == PERSONA.certno
    _waits_for_a_card(device)
    _sees_a_card_that_comes_at_once(device)
    _looks_in_both_readers(device)
    _names_what_is_wrong(device)
    _checks_passwords(device)
    _reads_identity_cards()
    _settles_with_a_third_generation_card(tmp_path)
    _plays_the_demonstration(tmp_path)
    pcscd.terminate()
    pcscd.wait(timeout=20)
    with pytest.raises(ReaderGone) as gone:
        ask(device, 2)
    assert "pcscd" in gone.value.remedy


def _waits_for_a_card(device: Device) -> None:
    with pytest.raises(NothingShown, match="没有等到社会保障卡"):
        ask(device, 0.3)
    with pytest.raises(ReaderGone, match="没有接读卡器"):
        ask(reader(reader="no such"), 0.3)
    virtual = VirtualReader()
    later = threading.Timer(0.3, virtual.insert, [EmulatedCard(PERSONA)])
    later.start()
    assert ask(device).number == PERSONA.card_no
    virtual.remove()
    patience = Patience(30)
    threading.Timer(0.3, patience.call_off).start()
    with pytest.raises(ReadCancelled):
        device.read(ReadRequest(media=(Medium.SOCIAL_CARD,)), patience)


def _sees_a_card_that_comes_at_once(device: Device) -> None:
    """The one before was asked after it had gone, the next came before the service looked again."""
    for _ in range(2):
        with inserted(EmulatedCard(PERSONA)):
            assert ask(device).name == PERSONA.name
        with contextlib.suppress(NothingShown):
            ask(device, 0)
        with inserted(EmulatedCard(LONG_NAME, generation="3.00")):
            assert ask(device, 60).name == LONG_NAME.name


def _looks_in_both_readers(device: Device) -> None:
    """A doctor's card stays in one reader; the patient's comes in the other."""
    doctors = EmulatedCard(PERSONA)
    doctors.application = None
    with inserted(doctors):
        with inserted(EmulatedCard(LONG_NAME), slot=1):
            assert ask(device).name == LONG_NAME.name
            with pytest.raises(WrongCard):
                ask(reader(reader="Virtual PCD 00 00"))
            assert ask(reader(reader="virtual pcd 00 01")).name == LONG_NAME.name
        with pytest.raises(WrongCard):
            ask(device, 0.5)


def _and_then(card: EmulatedCard, do: Callable[[], None]) -> None:
    """What happens when somebody has taken the card."""
    hang_up = card.moved

    def moved() -> None:
        hang_up()
        do()

    card.moved = moved


class UntilThen(Patience):
    """Time that is over as soon as something has happened."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.then = threading.Event()

    def left(self, most: float | None = None) -> float:
        return 0.0 if self.then.is_set() else super().left(most)


def _names_what_is_wrong(device: Device) -> None:
    taken = EmulatedCard(PERSONA)
    taken.commands = 5
    with inserted(taken):
        gone = UntilThen(60)
        _and_then(taken, gone.then.set)
        with pytest.raises(MovedTooEarly, match="没有读完"):
            device.read(ReadRequest(media=(Medium.SOCIAL_CARD,)), gone)
    _seen_empty()
    turned = EmulatedCard(PERSONA)
    turned.atr = b"\xff"
    with inserted(turned), pytest.raises(WrongSide) as wrong:
        ask(reader(reader="Virtual PCD 00 00"))
    assert "翻面" in wrong.value.remedy
    with pytest.raises(NotSupported):
        device.read(ReadRequest(media=(Medium.CODE,)), Patience(1))


def _seen_empty() -> None:
    """The service knows that no reader holds a card: until then it shows the answer to reset of the one before."""
    from liangding_pcsc.middleware import middleware

    with middleware("test") as service:
        while any(slot.present for slot in service.slots(service.readers())):
            assert service.wait(Patience(60))


def _never_tries_a_password_again(device: Device) -> None:
    """Whether the card counted it is not known: nothing is asked again of it, or of another one."""
    taken, other, gone = EmulatedCard(PERSONA), EmulatedCard(PERSONA), threading.Event()
    taken.commands = 2
    with inserted(taken) as virtual:
        _and_then(taken, gone.set)

        def put_other() -> None:
            gone.wait()
            virtual.insert(other)

        later = threading.Thread(target=put_other)
        later.start()
        with pytest.raises(MovedTooEarly):
            device.verify_password(PasswordRequest(password="123456"), Patience(10))
        later.join()
        assert taken.asked[-1][1] == 0x20
        assert not [each for each in other.asked if each[1] == 0x20]


def _checks_passwords(device: Device) -> None:
    _never_tries_a_password_again(device)
    with inserted(EmulatedCard(PERSONA)):
        with pytest.raises(PasswordWrong):
            device.verify_password(PasswordRequest(password="000000"), Patience(5))
        device.verify_password(PasswordRequest(password="123456"), Patience(5))
        device.change_password(PasswordRequest(password="123456", new="111111"), Patience(5))
        device.verify_password(PasswordRequest(password="111111"), Patience(5))
        with pytest.raises(NotSupported, match="密码键盘"):
            device.verify_password(PasswordRequest(), Patience(5))


class BlockCard(EmulatedCard):
    """An identity card behind a reader's module: it gives its content in blocks."""

    def answer(self, command: bytes) -> bytes:
        if command[:2] != b"\xff\xb0":
            return super().answer(command)
        text, photo = text_of(IDENTITY), bytes(1024)
        whole = len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big") + text + photo
        block = whole[command[2] * 256 : (command[2] + 1) * 256]
        return block + b"\x90\x00" if block else b"\x6a\x82"


IDENTITY = attrs.evolve(PERSONA, name="测试乙")


def _reads_identity_cards() -> None:
    device = IdCardDriver().open("till", {"reader": "Virtual PCD 00 00"}, Aids())
    asked = ReadRequest(media=(Medium.IDENTITY_CARD,))
    with inserted(BlockCard(PERSONA)):
        reading = device.read(asked, Patience(10))
    assert (reading.name, reading.number, len(reading.photo)) == ("测试乙", IDENTITY.certno, 1024)
    assert "一处来源" in reading.notes[-1]
    with inserted(EmulatedCard(PERSONA)), pytest.raises(WrongCard, match="不读身份证"):
        device.read(asked, Patience(10))
    with pytest.raises(NothingShown, match="没有等到身份证"):
        device.read(asked, Patience(0.3))


class Machine:
    """A plugin that can reach the centre's encryption machine."""

    @hookimpl
    def liangding_authenticate_card(self, challenge: CardChallenge) -> CardProof | None:
        return emulated_machine(challenge)


def _settles_with_a_third_generation_card(folder: Path) -> None:
    """In Dongguan, where the holder's number is wanted: with the machine it settles, without it the flow says why."""
    from test_devices import persona_of

    more = '[devices.card]\ndriver = "pcsc"\n'
    with rig_for(folder, plugins=("pcsc",), more=more) as rig:
        card = EmulatedCard(persona_of(rig.person()), generation="3.00")
        bought = {k: v for k, v in bill(rig.person(), use_account=False).items() if k != "credential"}
        with inserted(card):
            stopped = rig.flows.start("pharmacy_purchase", bought, key="R1")
            assert stopped.error is not None
            assert stopped.error["code"] == "needs_authentication"
            with Runtime(rig.deployment, plugins={"machine": Machine()}) as runtime:
                flows = Flows(runtime)
                view = flows.start("pharmacy_purchase", bought, key="R1")
                view = flows.answer(view.id, "yes")
        assert view.status is Status.DONE, view.error
        assert len(rig.standing()) == 1


def _plays_the_demonstration(folder: Path) -> None:
    """A purchase, its refund and a lost answer, every credential read from a card in the virtual reader."""
    run = [sys.executable, "-m", "liangding", "demo", "pharmacy", "--device", "pcsc", "--folder", str(folder / "demo")]
    done = subprocess.run(run, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "凭证由设备 pcsc" in done.stdout
    assert "✗" not in done.stdout


@given(st.lists(st.binary(max_size=258), max_size=30))
def test_whatever_a_reader_gives_of_an_identity_card_is_read_or_refused(answers: list[bytes]) -> None:
    pytest.importorskip("smartcard", reason="card readers: install devices/pcsc/requirements.txt (make readers)")
    from liangding_idcard.through_pcsc import read_blocks

    replies = iter(answers)
    with contextlib.suppress(DeviceError):
        read_blocks(lambda _: next(replies, b""), "till")
