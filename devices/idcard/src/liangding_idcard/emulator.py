"""An identity-card reader without hardware: answers the module's commands on a pseudo-terminal.

It can also be as bad as a real line: noise, halves of frames, wrong checksums, pauses, silence.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

from liangding.contract.devices import Emulated, Persona
from liangding.contract.serial_ports import EmulatedLine

from .frames import HEAD, PREAMBLE, answer
from .layouts import text_of

PHOTO = bytes(1024)
BITS_PER_BYTE = 10
"""On the line: eight data bits, a start and a stop bit."""


class Trouble:
    """What may go wrong with one answer."""

    NOISE = "noise"
    HALF = "half"
    CHECKSUM = "checksum"
    PAUSE = "pause"
    SILENCE = "silence"
    STALE = "stale"
    """An answer to another command comes before the right one."""


class EmulatedModule:
    """The module: ``cards`` are the text blocks that are put down one after the other, each lifted once it was read.

    ``troubles`` befall the answers in turn, one each, until they are used up. ``baud`` lets answers take the time that
    a real line would; ``line_seconds`` adds up what they took. ``statuses`` are answers to the reading command in place
    of a card.
    """

    def __init__(self, cards: Iterable[bytes], *, troubles: Iterable[str] = (), baud: int = 0) -> None:
        self.cards = list(cards)
        self.troubles = list(troubles)
        self.statuses: list[int] = []
        self.baud = baud
        self.line_seconds = 0.0
        self.asked: list[bytes] = []
        self._held = bytearray()
        self._state = "waiting"

    def __call__(self, received: bytes, line: EmulatedLine) -> None:
        self._held += received
        while (start := self._held.find(PREAMBLE)) >= 0:
            del self._held[:start]
            if len(self._held) < HEAD:
                return
            length = int.from_bytes(self._held[len(PREAMBLE) : HEAD], "big")
            if len(self._held) < HEAD + length:
                return
            command = bytes(self._held[HEAD : HEAD + 2])
            del self._held[: HEAD + length]
            self.asked.append(command)
            self._send(self._answered(command), line)

    def _answered(self, command: bytes) -> bytes:
        if command in (b"\x10\xff", b"\x11\xff"):
            return answer(b"\0\0\x90")
        if command == b"\x12\xff":
            return answer(b"\0\0\x90", bytes(16))
        if command == b"\x20\x01":
            return self._found()
        if command == b"\x20\x02":
            self._state = "selected" if self._state in ("found", "selected") else "waiting"
            return answer(b"\0\0\x90", bytes(8)) if self._state == "selected" else answer(b"\0\0\x81")
        if command == b"\x30\x01":
            return self._content()
        return answer(b"\0\0\x91") if command == b"\x30\x03" else answer(b"\0\0\x21")

    def _found(self) -> bytes:
        if not self.cards or self._state == "read":
            self._state = "waiting"
            return answer(b"\0\0\x80")
        self._state = "found"
        return answer(b"\0\0\x9f", bytes(4))

    def _content(self) -> bytes:
        if self.statuses:
            self._state = "waiting"
            return answer(bytes((0, 0, self.statuses.pop(0))))
        if self._state != "selected" or not self.cards:
            return answer(b"\0\0\x41")
        self._state = "read"
        text = self.cards.pop(0)
        return answer(b"\0\0\x90", len(text).to_bytes(2, "big") + len(PHOTO).to_bytes(2, "big") + text + PHOTO)

    def _send(self, reply: bytes, line: EmulatedLine) -> None:
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == Trouble.SILENCE:
            return
        if trouble == Trouble.HALF:
            reply = reply[: len(reply) // 2]
        if trouble == Trouble.CHECKSUM:
            reply = reply[:-1] + bytes((reply[-1] ^ 0xFF,))
        if trouble == Trouble.NOISE:
            reply = b"\x00\xaa\xaa\x96" + PREAMBLE + b"\xff\xff\x01" + reply
        if trouble == Trouble.STALE:
            reply = answer(b"\0\0\x90", bytes(5)) + reply
        if trouble == Trouble.PAUSE:
            line.send(reply[:9])
            line.pause(0.3)
            reply = reply[9:]
        self._paced(reply, line)

    def _paced(self, reply: bytes, line: EmulatedLine) -> None:
        began = time.perf_counter()
        for start in range(0, len(reply), 64):
            piece = reply[start : start + 64]
            if self.baud:
                line.pause(len(piece) * BITS_PER_BYTE / self.baud)
            line.send(piece)
        self.line_seconds += time.perf_counter() - began


@contextlib.contextmanager
def emulated_reader(module: EmulatedModule) -> Iterator[str]:
    """A reader with that module: the port that it hangs at."""
    line = EmulatedLine(module)
    try:
        yield line.port
    finally:
        line.close()


@contextlib.contextmanager
def emulate(personas: Iterable[Persona]) -> Iterator[Emulated]:
    """A reader onto which these persons put their cards, one after the other."""
    cards = [text_of(persona) for persona in personas]
    with emulated_reader(EmulatedModule(cards)) as port:
        yield Emulated(settings={"port": port}, says=f"身份证阅读机具在 {port}，依次放上 {len(cards)} 张证")
