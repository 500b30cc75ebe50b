"""Identity cards through PC/SC, where a reader has a module for them: a pseudo command for each block of the content.

``FF B0 block 00 00``; the first block begins with the two lengths. Confidence low: one source, not tried on a reader.
"""

from __future__ import annotations

import attrs

from liangding.contract.device_errors import NotSupported, WrongCard
from liangding.contract.devices import Device, Medium, Patience, Reading, ReadRequest
from liangding_pcsc.apdu import Command, Transmit, exchange
from liangding_pcsc.middleware import Slot
from liangding_pcsc.reader import with_card

from .module import Content, content
from .reader import reading_of

BLOCKS = 24
"""More than text and photograph take."""

ONE_SOURCE = "经 PC/SC 读身份证的办法只有一处来源，请核对读出的姓名与号码"


@attrs.frozen(kw_only=True)
class ReaderSettings:
    """``reader``: a part of the reader's name."""

    reader: str


class PcscIdCardReader(Device):
    """A PC/SC reader with a module for identity cards."""

    media = frozenset({Medium.IDENTITY_CARD})

    def __init__(self, name: str, settings: ReaderSettings) -> None:
        self.name = name
        self._settings = settings

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        if Medium.IDENTITY_CARD not in asked.media:
            raise NotSupported("这台设备只读身份证", device=self.name)

        def read(transmit: Transmit, slot: Slot) -> Content:
            return read_blocks(transmit, self.name)

        found = with_card(self.name, self._settings.reader, read, patience, wanted="身份证")
        reading = reading_of(found, self.name)
        return attrs.evolve(reading, notes=(*reading.notes, ONE_SOURCE))


def read_blocks(transmit: Transmit, device: str) -> Content:
    """The content, block by block. WrongCard where the card gives none, DeviceFault where the lengths do not fit."""
    held = b""
    for block in range(BLOCKS):
        answer = exchange(transmit, Command(cla=0xFF, ins=0xB0, p1=block, le=0))
        if not answer.ok or not answer.data:
            if not held:
                raise WrongCard("放上的不是身份证，或这台读卡器不读身份证", device=device)
            break
        held += answer.data
        if len(held) >= 4 and len(held) >= (size := 4 + int.from_bytes(held[:2], "big") + _photo(held)):
            held = held[:size]
            break
    return content(held, device)


def _photo(held: bytes) -> int:
    return int.from_bytes(held[2:4], "big")
