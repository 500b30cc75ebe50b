"""Identity-card readers: frames, layouts, and the driver against an emulated module on a pseudo-terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangding.contract.device_errors import (
    DeviceError,
    DeviceFault,
    MovedTooEarly,
    NothingShown,
    ReadCancelled,
    ReaderGone,
    WrongCard,
)
from liangding.contract.devices import Medium, Patience, Persona, Reading, ReadRequest
from liangding.contract.serial_ports import PortSettings
from liangding_idcard import IdCardDriver
from liangding_idcard.emulator import EmulatedModule, Trouble, emulated_reader
from liangding_idcard.frames import Answer, Stream, answer, request
from liangding_idcard.layouts import LAYOUTS, read_text, text_of
from liangding_idcard.module import FIND, READ, STATUS, content
from liangding_idcard.reader import EVERY, IdCardReader

RESIDENT = Persona(
    name="测试甲", certno="441900199003079015", sex="1", born=date(1990, 3, 7), valid_to=date(2040, 1, 1)
)
PERSONAS = {
    "resident": RESIDENT,
    "forever": attrs.evolve(RESIDENT, valid_to=None),
    "hmt_permit": attrs.evolve(RESIDENT, cert_type="17", certno="810000198506159010", born=date(1985, 6, 15)),
    "foreigner_2017": attrs.evolve(
        RESIDENT, cert_type="07", certno="USA110080010101", latin_name="TEST, SAMPLE ONE", nationality="USA"
    ),
    "foreigner_2023": attrs.evolve(
        RESIDENT, cert_type="07", certno="911840199003079015", latin_name="TEST, SAMPLE " + "LONGNAME" * 4,
        nationality="USA",
    ),
}  # fmt: skip


@contextmanager
def reader(module: EmulatedModule) -> Iterator[IdCardReader]:
    with emulated_reader(module) as port:
        device = IdCardReader("till", PortSettings(port=port))
        yield device
        device.close()


def read(device: IdCardReader, seconds: float = 5) -> Reading:
    return device.read(ReadRequest(media=(Medium.IDENTITY_CARD,)), Patience(seconds))


# -- what travels ------------------------------------------------------------------------------------------------


def test_requests_are_those_of_the_field() -> None:
    """The bytes that public sources agree on."""
    assert STATUS.request.hex() == "aaaaaa9669000311ffed"
    assert FIND.request.hex() == "aaaaaa96690003200122"
    assert READ.request.hex() == "aaaaaa96690003300132"
    assert answer(b"\0\0\x9f", bytes(4)).hex() == "aaaaaa9669000800009f0000000097"
    assert answer(b"\0\0\x41").hex() == "aaaaaa9669000400004145"


@given(st.lists(st.one_of(st.binary(max_size=40), st.just(answer(b"\0\0\x90", b"data")), st.just(request(1, 2)))))
def test_a_whole_answer_is_found_after_anything(before: list[bytes]) -> None:
    """Once what stood before is over, the next whole answer comes out, in whatever pieces it arrives."""
    stream, last = Stream(), answer(b"\0\0\x9f", b"last")
    for piece in before:
        stream.feed(piece)
        while stream.next() is not None:
            pass
    stream.feed(bytes(5000))  # a line that went wild is believed to hold a frame for no longer than the longest one
    while stream.next() is not None:
        pass
    found = []
    for byte in last:
        stream.feed(bytes((byte,)))
        found += [each] if (each := stream.next()) else []
    assert found == [Answer(b"\0\0\x9f", b"last")]


@given(st.binary(max_size=3000))
def test_any_bytes_end_in_a_declared_error(received: bytes) -> None:
    stream = Stream()
    stream.feed(received)
    while stream.next() is not None:
        pass
    assert 1 <= stream.wanting <= 4200
    for parse in (content, read_text):
        with suppress(DeviceError):
            parse(received)


@given(st.sampled_from(sorted(PERSONAS)), st.integers(0, 255), st.binary(min_size=1, max_size=6))
def test_a_damaged_text_ends_in_a_declared_error(kind: str, at: int, with_: bytes) -> None:
    block = bytearray(text_of(PERSONAS[kind]))
    block[at : at + len(with_)] = with_
    with suppress(DeviceError):
        read_text(bytes(block[:256]))


# -- the layouts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PERSONAS)
def test_every_layout_is_read(kind: str) -> None:
    persona = PERSONAS[kind]
    with reader(EmulatedModule([text_of(persona)])) as device:
        reading = read(device)
    assert (reading.number, reading.cert_type, reading.sex, reading.born) == (
        persona.certno, persona.cert_type, "1", persona.born,
    )  # fmt: skip
    assert reading.name == (persona.latin_name if persona.cert_type == "07" else persona.name)
    assert (reading.valid_from, reading.valid_to) == (persona.valid_from, persona.valid_to)
    assert len(reading.photo) == 1024
    assert bool(reading.notes) == (kind == "foreigner_2023")
    assert persona.name not in repr(reading)
    assert persona.certno not in repr(reading)


def test_layouts_do_not_overlap() -> None:
    for layout in LAYOUTS:
        taken = sorted((f.offset, f.offset + f.size) for f in layout.fields)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(taken)), layout.kind
        assert taken[-1][1] <= 256


# -- the driver --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "troubles",
    [
        [Trouble.NOISE] * 3, [Trouble.PAUSE] * 3, [Trouble.STALE, "", Trouble.STALE], ["", "", Trouble.CHECKSUM],
        ["", "", Trouble.CHECKSUM, Trouble.NOISE],
    ],
    ids=lambda troubles: "-".join(map(str, troubles)),
)  # fmt: skip
def test_a_bad_line_is_got_over(troubles: list[str]) -> None:
    module = EmulatedModule([text_of(RESIDENT)] * 2, troubles=troubles)
    with reader(module) as device:
        assert read(device).number == RESIDENT.certno
    if Trouble.CHECKSUM not in troubles:
        assert len(module.asked) == 3, "nothing had to be asked twice"


def test_a_half_frame_is_asked_for_again() -> None:
    with reader(EmulatedModule([text_of(RESIDENT)], troubles=[Trouble.HALF, Trouble.SILENCE])) as device:
        assert read(device).number == RESIDENT.certno


def test_a_line_that_stays_bad_is_a_fault_and_a_silent_one_is_no_reader() -> None:
    with (
        reader(EmulatedModule([], troubles=[Trouble.CHECKSUM] * 9)) as device,
        pytest.raises(DeviceFault, match="残缺"),
    ):
        read(device)
    with reader(EmulatedModule([], troubles=[Trouble.SILENCE] * 9)) as device, pytest.raises(ReaderGone) as gone:
        read(device)
    assert gone.value.device == "till"
    assert "读卡器" in gone.value.remedy


def test_nobody_puts_a_card_down() -> None:
    module = EmulatedModule([])
    with reader(module) as device, pytest.raises(NothingShown, match="没有等到身份证"):
        read(device, 2 * EVERY)
    assert module.asked.count(b"\x20\x01") >= 2, "looked again"


def test_the_same_card_is_read_again_only_when_it_was_lifted() -> None:
    module = EmulatedModule([text_of(RESIDENT)] * 2)
    with reader(module) as device:
        assert read(device).number == read(device).number
        with pytest.raises(NothingShown) as over:
            read(device, EVERY / 2)
    assert "拿起" in over.value.remedy


def test_a_card_taken_away_too_early_is_read_when_it_comes_back_or_named() -> None:
    module = EmulatedModule([text_of(RESIDENT)])
    module.statuses = [0x41]
    with reader(module) as device:
        assert read(device).number == RESIDENT.certno
        module.cards, module.statuses = [text_of(RESIDENT)], [0x41] * 99
        with pytest.raises(MovedTooEarly, match="没有读完"):
            read(device, 2 * EVERY)
        module.statuses = [0x40]
        with pytest.raises(WrongCard):
            read(device)


def test_a_module_that_is_out_of_order_says_so() -> None:
    module = EmulatedModule([text_of(RESIDENT)])
    module.statuses = [0x66]
    with reader(module) as device, pytest.raises(DeviceFault, match="未经授权"):
        read(device)


def test_a_reading_is_called_off() -> None:
    patience = Patience(30)
    patience.call_off()
    with reader(EmulatedModule([])) as device, pytest.raises(ReadCancelled):
        device.read(ReadRequest(), patience)


def test_a_reader_that_is_pulled_out_is_gone_and_comes_back() -> None:
    with emulated_reader(EmulatedModule([])) as port:
        device = IdCardReader("till", PortSettings(port=port))
        with pytest.raises(NothingShown):
            read(device, 0.1)
    with pytest.raises(ReaderGone):
        read(device, 1)
    with pytest.raises(ReaderGone, match="打不开串口"):
        read(device, 1)
    with emulated_reader(EmulatedModule([text_of(RESIDENT)])) as port:
        link = IdCardReader("till", PortSettings(port=port))
        assert read(link).number == RESIDENT.certno
        link.close()


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
def test_a_port_that_is_none_is_named() -> None:
    with pytest.raises(ReaderGone, match="/dev/nothing"):
        read(IdCardReader("till", PortSettings(port="/dev/nothing")))


def test_readers_are_found_where_ports_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent to a port unless it is wished: a printer would print it."""
    with emulated_reader(EmulatedModule([])) as port:
        monkeypatch.setattr("liangding_idcard.ports", lambda: [(port, "USB Serial"), ("/dev/nothing", "x")])
        found = list(IdCardDriver().discover(probe=True))
        assert [(each.settings, each.says) for each in found] == [({"port": port}, f"USB Serial（{port}）")]
        assert list(IdCardDriver().discover(probe=False)) == []
