"""Fuzzing by coverage (atheris) of whatever reads bytes from outside: only declared exceptions, and always an end.

    python tests/fuzz_devices.py TARGET [-runs=N] [-seed=N] …

Targets are the names of the functions below; the further arguments are libFuzzer's.
"""

from __future__ import annotations

import contextlib
from datetime import date

import atheris

from fuzzing import fuzz
from liangding.contract.device_errors import DeviceError

OURS = ["liangding_idcard", "liangding_pcsc", "liangding_scanner", "liangding_vendorlib"]

with atheris.instrument_imports(include=OURS):
    from liangding_idcard.frames import PREAMBLE, Stream, answer
    from liangding_idcard.layouts import read_text
    from liangding_idcard.module import content
    from liangding_pcsc.apdu import historical
    from liangding_pcsc.emulator import emulated_machine
    from liangding_pcsc.social_card import Terminal, read_card
    from liangding_scanner.codes import classify
    from liangding_scanner.framing import Framer
    from liangding_vendorlib.calling import pick

TODAY = date(2026, 11, 28)


def frames(data: bytes) -> None:
    """A byte stands for a preamble, another one for a whole frame: chance would never write one."""
    data = data.replace(b"\xfe", PREAMBLE).replace(b"\xfd", answer(b"\0\0\x90", bytes(4)))
    stream = Stream()
    for at in range(0, len(data), 7):
        stream.feed(data[at : at + 7])
        while (found := stream.next()) is not None:
            with contextlib.suppress(DeviceError):
                content(found.data)
        assert 1 <= stream.wanting <= 4200


def texts(data: bytes) -> None:
    with contextlib.suppress(DeviceError):
        read_text(data[:256].ljust(256, b"\0"))


def cards(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)

    def transmit(_: bytes) -> bytes:
        answered: bytes = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 60)) + provider.PickValueInList(
            [b"\x90\x00", b"", b"\x61\x10", b"\x6c\x12", b"\x69\x82", b"\x6a\x83"]
        )
        return answered if provider.remaining_bytes() else b"\x90\x00"

    historical(data[:40])
    with contextlib.suppress(DeviceError):
        read_card(transmit, "fuzz", Terminal(), emulated_machine)


def codes(data: bytes) -> None:
    framer = Framer(prefix="~")
    for at in range(0, len(data), 5):
        for code in framer.feed(data[at : at + 5], at * 0.01) + framer.idle(at * 0.01 + 0.2):
            classify(code, TODAY)
    classify(data.decode("utf-8", "replace"), TODAY)


def documents(data: bytes) -> None:
    text = data.decode("gb18030", "replace")
    for path in ("code", "data.ecToken", "data.card_token"):
        assert isinstance(pick(text, path), str)


if __name__ == "__main__":
    fuzz(frames, texts, cards, codes, documents)
