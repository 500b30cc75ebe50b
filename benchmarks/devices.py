"""Devices: an identity-card read against the emulated line's own time, an APDU exchange against bare pyscard.

The second one needs pcscd and a virtual reader (``make readers``), and is left out loudly without them.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date

from liangding.contract.devices import Medium, Patience, Persona, ReadRequest
from liangding.contract.serial_ports import PortSettings

from .measuring import compare, report

BAUD = 115_200
READS, EXCHANGES, TURNS = 12, 300, 9

PERSONA = Persona(
    name="测试甲", certno="441900199003079010", sex="1", born=date(1990, 3, 7), card_no="A12345678",
    card_sn="441900D156000005A1B2C3D4E5F60718",
)  # fmt: skip


def run() -> None:
    identity_card()
    with _pcscd() as there:
        if there:
            apdu()
        else:
            print("an APDU exchange: left out, no pcscd with a virtual reader here (make readers)")


def identity_card() -> None:
    """Find, select and read, at the speed of the line: what the driver adds to the emulator's own line time."""
    from liangding_idcard.emulator import EmulatedModule, emulated_reader
    from liangding_idcard.layouts import text_of
    from liangding_idcard.reader import IdCardReader

    ours, line = [], []
    for _ in range(READS):
        module = EmulatedModule([text_of(PERSONA)], baud=BAUD)
        with emulated_reader(module) as port:
            device = IdCardReader("bench", PortSettings(port=port, baud=BAUD))
            began = time.perf_counter()
            device.read(ReadRequest(media=(Medium.IDENTITY_CARD,)), Patience(10))
            ours.append(time.perf_counter() - began)
            line.append(module.line_seconds)
            device.close()
    compare("one identity card", ours, line, ("found, selected, read, understood", "the line's own time"), 1.2)


def apdu() -> None:
    """The same command through our layers and through pyscard alone, turn by turn."""
    from smartcard import scard

    from liangding_pcsc.apdu import Command, exchange
    from liangding_pcsc.emulator import EmulatedCard, VirtualReader
    from liangding_pcsc.middleware import middleware
    from liangding_pcsc.social_card import SocialCard

    virtual = VirtualReader()
    virtual.insert(EmulatedCard(PERSONA))
    command = Command(ins=0xB2, p1=0x01, p2=0x28, le=0x12)
    with middleware("bench") as service:
        reader = service.readers()[0]
        while not service.slots([reader])[0].present:
            time.sleep(0.1)
        with service.card(reader) as card:
            SocialCard(card.transmit).select()
            handle, pci = card._handle, card._pci
            plain = list(command.sent)
            ours, bare = [], []
            for _ in range(TURNS):
                ours.append(_each(lambda: exchange(card.transmit, command)))
                bare.append(_each(lambda: scard.SCardTransmit(handle, pci, plain)))
    virtual.remove()
    added = statistics.median(ours) - statistics.median(bare)
    print("one APDU exchange")
    report("through liangding_pcsc", ours)
    report("bare pyscard", bare)
    print(f"  {added * 1e3:.4f} ms more  (aim at most 0.2 ms: {'within' if added <= 0.0002 else 'ABOVE'})\n")


def _each(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(EXCHANGES):
        do()
    return (time.perf_counter() - began) / EXCHANGES


@contextlib.contextmanager
def _pcscd() -> Iterator[bool]:
    try:
        import smartcard  # noqa: F401
    except ImportError:
        yield False
        return
    if shutil.which("pcscd") is None:
        yield False
        return
    daemon = subprocess.Popen(["pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    try:
        yield daemon.poll() is None
    finally:
        daemon.terminate()
        daemon.wait(timeout=20)
