"""A scanner on a serial port (or a USB one that looks like it): waits for a code and says whose it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Literal

import attrs

from liangding.contract import SystemClock, now
from liangding.contract.device_errors import NothingShown, NotSupported, WrongCard
from liangding.contract.devices import Medium, Patience, Reading, ReadRequest
from liangding.contract.serial_ports import Line, PortSettings, SerialDevice

from .codes import GOODS, Code, Kind, classify
from .framing import Framer
from .gs1 import GS

TRIGGERS = {
    "none": (b"", b""),
    "honeywell": (bytes.fromhex("16540D"), bytes.fromhex("16550D")),
    "gm65": (bytes.fromhex("7E000801000201ABCD"), b""),
}
"""How a scanner is told to begin and to stop: Honeywell style; modules like GM65, which stop by themselves."""

GM65_ACKNOWLEDGES = bytes.fromhex("02000001003331")

MATCHING = {Medium.CODE: (Kind.E_CREDENTIAL, Kind.TOKEN, Kind.UNKNOWN), Medium.GOODS: (*GOODS, Kind.UNKNOWN)}
"""What will do for each medium. What is not known may still be a code: decoding tells."""


@attrs.frozen(kw_only=True)
class ScannerSettings:
    """``prefix``: what the scanner puts before each code; ``gap``: seconds of silence that end a code where the scanner
    sends no CR or LF; ``separator``: what the scanner sends in place of the GS1 separator; ``trigger``: how it is told
    to scan."""

    port: str
    baud: int = 9600
    prefix: str = ""
    gap: float = 0.08
    separator: str = GS
    trigger: Literal["none", "honeywell", "gm65"] = "none"


class Scanner(SerialDevice):
    """A scanner. What was scanned before it is asked is thrown away: it was somebody else's."""

    media = frozenset({Medium.CODE, Medium.GOODS})

    def __init__(self, name: str, settings: ScannerSettings) -> None:
        super().__init__(name, PortSettings(port=settings.port, baud=settings.baud))
        self._settings = settings
        self._framer = Framer(prefix=settings.prefix, gap=settings.gap)

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        media = [medium for medium in asked.media if medium in self.media]
        if not media:
            raise NotSupported("这台设备只扫码", device=self.name)
        with self.opened() as line:
            line.reset_input_buffer()
            self._framer.clear()
            with self._triggered(line):
                code = self._code(line, patience)
        return reading_of(code, media, self.name)

    @contextlib.contextmanager
    def _triggered(self, line: Line) -> Iterator[None]:
        start, stop = TRIGGERS[self._settings.trigger]
        line.write(start)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                line.write(stop)

    def _code(self, line: Line, patience: Patience) -> Code:
        acknowledged = self._settings.trigger != "gm65"
        while patience.left() > 0:
            received = line.read(64)
            if not acknowledged and GM65_ACKNOWLEDGES in received:
                received, acknowledged = received.replace(GM65_ACKNOWLEDGES, b"", 1), True
            at = time.monotonic()
            if found := self._framer.feed(received, at) or self._framer.idle(at):
                return classify(found[0].replace(self._settings.separator, GS), now(SystemClock()).date())
        raise NothingShown("没有扫到码", device=self.name)


def reading_of(code: Code, media: list[Medium], device: str) -> Reading:
    """The reading that a code is, for the first medium that it will do for. WrongCard says what it is instead."""
    medium = next((each for each in media if code.kind in MATCHING[each]), None)
    if medium is None:
        wanted = "、".join(each.chinese for each in media)
        raise WrongCard(f"扫到的是{code.chinese}，要的是{wanted}", device=device, remedy=f"请对准{wanted}再扫一次")
    raw = {"kind": code.kind.value, "certainty": code.certainty}
    if code.elements is not None:
        raw |= {f"({identifier})": value for identifier, value in code.elements.fields.items()}
    number = code.text if code.kind is Kind.TOKEN else ""
    valid_to = code.elements.expires if code.elements else None
    return Reading(
        medium=medium, device=device, number=number, shown="" if number else code.text, valid_to=valid_to, raw=raw
    )
