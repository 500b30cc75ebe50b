"""Frames of the SAM_V module in every identity-card reader (居民身份证阅读机具): written, and found in a stream.

    request   AA AA AA 96 69 · length 2 · CMD · PARA · data · checksum
    answer    AA AA AA 96 69 · length 2 · SW1 SW2 SW3 · data · checksum

The length counts every byte after itself, the checksum included; the checksum is the exclusive or of every byte
between the preamble and itself.
"""

from __future__ import annotations

import functools
import operator

import attrs

PREAMBLE = bytes.fromhex("AAAAAA9669")
HEAD = len(PREAMBLE) + 2
SHORTEST, LONGEST = 4, 4096
"""What a length may say: three status bytes and a checksum; more than text, photograph and two fingerprints take."""


def checksum(covered: bytes) -> int:
    """The exclusive or of all bytes."""
    return functools.reduce(operator.xor, covered, 0)


def request(command: int, parameter: int, data: bytes = b"") -> bytes:
    """A request's bytes."""
    covered = (len(data) + 3).to_bytes(2, "big") + bytes((command, parameter)) + data
    return PREAMBLE + covered + bytes((checksum(covered),))


def answer(status: bytes, data: bytes = b"") -> bytes:
    """An answer's bytes, as a module sends them: three status bytes and the data."""
    covered = (len(status) + len(data) + 1).to_bytes(2, "big") + status + data
    return PREAMBLE + covered + bytes((checksum(covered),))


@attrs.frozen
class Answer:
    """One answer: the three status bytes and what follows them."""

    status: bytes
    data: bytes = attrs.field(repr=False)

    @property
    def code(self) -> int:
        """SW3, which tells how it went; -1 where SW1 and SW2 are not zero."""
        return self.status[2] if self.status[:2] == b"\0\0" else -1


class Stream:
    """Finds answers in what comes over the line, whatever stands before, between and inside them.

    A frame whose checksum fails, or whose length cannot be, is passed over from its preamble's first byte on: the next
    frame may have begun inside it. ``damaged`` counts the frames whose checksum failed.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.damaged = 0

    def feed(self, received: bytes) -> None:
        """More bytes from the line."""
        self._held += received

    def clear(self) -> None:
        """Forget what came so far."""
        self._held.clear()

    @property
    def wanting(self) -> int:
        """How many bytes the answer that has begun still needs; 1 where none has."""
        start = self._held.find(PREAMBLE)
        if start < 0 or len(self._held) - start < HEAD:
            return 1
        length = int.from_bytes(self._held[start + len(PREAMBLE) : start + HEAD], "big")
        return max(1, start + HEAD + length - len(self._held)) if length <= LONGEST else 1

    def next(self) -> Answer | None:
        """The next whole answer; None where more bytes are needed."""
        while (start := self._held.find(PREAMBLE)) >= 0:
            del self._held[:start]
            if len(self._held) < HEAD:
                return None
            length = int.from_bytes(self._held[len(PREAMBLE) : HEAD], "big")
            if SHORTEST <= length <= LONGEST:
                if len(self._held) < HEAD + length:
                    return None
                covered = bytes(self._held[len(PREAMBLE) : HEAD + length])
                if checksum(covered) == 0:  # the checksum itself is covered, too
                    del self._held[: HEAD + length]
                    return Answer(covered[2:5], covered[5:-1])
                self.damaged += 1
            del self._held[:1]
        del self._held[: max(0, len(self._held) - len(PREAMBLE) + 1)]
        return None
