"""From what comes over the line to codes: ends, prefixes, pauses, repetitions; and scans told from typing."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

LONGEST = 512
"""Bytes; a code longer than that is none, and is dropped up to its end."""

REPEATED = 1.0
"""Seconds within which the same code is the same scan."""

ENDS = b"\r\n"


@attrs.define(kw_only=True)
class Framer:
    """Cuts a stream into codes: at CR, LF or CRLF, or (``gap``) where nothing came for so many seconds.

    ``prefix`` is what the scanner puts before each code; it is taken off. A code that comes again within a second is
    dropped.
    """

    prefix: str = ""
    gap: float = 0.08
    _held: bytearray = attrs.field(factory=bytearray, init=False)
    _heard: float = attrs.field(default=0.0, init=False)
    _last: tuple[str, float] = attrs.field(default=("", -REPEATED), init=False)

    def feed(self, received: bytes, at: float) -> list[str]:
        """The codes that are complete after these bytes, which came at that second."""
        found: list[str] = []
        if received:
            self._heard = at
        for byte in received:
            if byte in ENDS:
                found += self._taken(at)
            elif len(self._held) <= LONGEST:
                self._held.append(byte)
        return found

    def idle(self, at: float) -> list[str]:
        """The code that a pause ends, nothing having come since."""
        return list(self._taken(at)) if self._held and at - self._heard >= self.gap else []

    def clear(self) -> None:
        """Forget what was not finished."""
        self._held.clear()

    def _taken(self, at: float) -> Iterator[str]:
        held = bytes(self._held)
        self._held.clear()
        if not held or len(held) > LONGEST:
            return
        text = _text(held).removeprefix(self.prefix)
        repeated = text == self._last[0] and at - self._last[1] < REPEATED
        self._last = (text, at)
        if text and not repeated:
            yield text


def _text(received: bytes) -> str:
    """UTF-8, else the encoding of Chinese Windows."""
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError:
        return received.decode("gb18030", "replace")


@attrs.define(kw_only=True)
class Wedge:
    """Tells scans from typing in a stream of keys: a scanner's keys follow each other within ``quick`` seconds.

    Keyboard layout and input method have their say before the keys arrive here: Chinese text is lost that way.
    """

    quick: float = 0.03
    least: int = 6
    _keys: list[str] = attrs.field(factory=list, init=False)
    _last: float = attrs.field(default=0.0, init=False)

    def key(self, key: str, at: float) -> str | None:
        """A key at that second. The scan that it ends; None where it ends none."""
        if self._keys and at - self._last > self.quick:
            self._keys.clear()  # so slow is nobody but a person
        self._last = at
        if key not in "\r\n":
            self._keys.append(key)
            return None
        scanned = "".join(self._keys)
        self._keys.clear()
        return scanned if len(scanned) >= self.least else None
