"""A scanner without hardware: on a pseudo-terminal, it sends a code whenever it is told to scan."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from liangding.contract.devices import Emulated, Persona
from liangding.contract.serial_ports import EmulatedLine

from .scanner import TRIGGERS

START = TRIGGERS["honeywell"][0]


class EmulatedScanner:
    """Shown codes, one for each trigger; the last one again and again. ``suffix`` ends each."""

    def __init__(self, codes: Iterable[str], *, suffix: bytes = b"\r\n") -> None:
        self.codes = list(codes)
        self.suffix = suffix

    def __call__(self, received: bytes, line: EmulatedLine) -> None:
        for _ in range(received.count(START)):
            code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
            line.send(code.encode() + self.suffix)


@contextlib.contextmanager
def emulate(personas: Iterable[Persona]) -> Iterator[Emulated]:
    """A scanner to which these persons show their codes, one after the other."""
    codes = [persona.shown for persona in personas]
    line = EmulatedLine(EmulatedScanner(codes))
    try:
        settings = {"port": line.port, "trigger": "honeywell"}
        yield Emulated(settings=settings, says=f"扫码枪在 {line.port}，依次出示 {len(codes)} 个医保码")
    finally:
        line.close()
