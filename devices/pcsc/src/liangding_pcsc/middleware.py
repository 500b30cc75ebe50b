"""PC/SC itself (pcscd on Linux, the smart card service on Windows): readers, waiting for cards, exchanging bytes.

pyscard's thin layer is used directly: waiting has to be called off, and every error has to be told apart.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Iterator
from typing import Any

import attrs
from smartcard import scard

from liangding.contract.device_errors import DeviceError, DeviceFault, MovedTooEarly, ReaderGone, WrongSide
from liangding.contract.devices import Patience

PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
"""The reader that is none: its state changes when readers come and go."""

SLICE = 0.2
"""Seconds that one waiting lasts at most: so long it takes to notice that somebody called it off."""

_GONE = {
    scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_NO_READERS_AVAILABLE,
    scard.SCARD_E_INVALID_HANDLE, scard.SCARD_E_COMM_DATA_LOST,
}  # fmt: skip
_NO_SERVICE = {scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED, scard.SCARD_F_COMM_ERROR}
_MOVED = {
    scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_RESET_CARD, scard.SCARD_W_UNPOWERED_CARD,
    scard.SCARD_E_NOT_TRANSACTED,
}  # fmt: skip
_MUTE = {scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNSUPPORTED_CARD, scard.SCARD_E_PROTO_MISMATCH}

START = "在服务中启动 Smart Card（智能卡）服务" if sys.platform == "win32" else "启动 pcscd（systemctl start pcscd）"


def check(result: int, device: str) -> None:
    """Raise what a result of PC/SC means; nothing for success."""
    if result == scard.SCARD_S_SUCCESS:
        return
    if result in _NO_SERVICE:
        raise ReaderGone("智能卡服务没有运行", device=device, remedy=START)
    if result in _GONE:
        raise ReaderGone("读卡器不在了", device=device)
    if result in _MOVED:
        raise MovedTooEarly("卡没有读完就拿开了", device=device)
    if result in _MUTE:
        raise WrongSide("卡没有应答", device=device)
    if result == scard.SCARD_E_SHARING_VIOLATION:
        raise ReaderGone("读卡器正被另一个程序占用", device=device)
    raise DeviceFault(f"读卡器出错（{result & 0xFFFFFFFF:08X}）", device=device)


@attrs.frozen
class Slot:
    """A reader as it is now. ``since`` changes whenever a card comes or goes."""

    reader: str
    present: bool
    mute: bool
    since: int
    atr: bytes


class Middleware:
    """A connection to the smart card service."""

    def __init__(self, device: str) -> None:
        self.device = device
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        check(result, device)
        self._known: dict[str, int] = {}

    def close(self) -> None:
        scard.SCardReleaseContext(self._context)

    def readers(self) -> list[str]:
        """The readers that are connected."""
        result, readers = scard.SCardListReaders(self._context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE:
            return []
        check(result, self.device)
        return list(readers)

    def slots(self, readers: list[str]) -> list[Slot]:
        """How these readers are now."""
        if not readers:
            return []
        found = self._states(0, dict.fromkeys(readers, scard.SCARD_STATE_UNAWARE))
        self._known = {slot: state for slot, state, _ in found}
        return [
            Slot(
                reader=reader, present=bool(state & scard.SCARD_STATE_PRESENT),
                mute=bool(state & scard.SCARD_STATE_MUTE), since=state >> 16, atr=bytes(atr),
            )
            for reader, state, atr in found
        ]  # fmt: skip

    def wait(self, patience: Patience, most: float = math.inf) -> bool:
        """Wait until something changes at the readers last looked at, or readers come or go, or ``most`` seconds have
        passed. Whether time is left."""
        watched = self._known | {PLUG_AND_PLAY: scard.SCARD_STATE_UNAWARE}
        until = time.monotonic() + most
        while (left := min(patience.left(SLICE), until - time.monotonic())) > 0:
            if any(state & scard.SCARD_STATE_CHANGED for _, state, _ in self._states(left, watched)):
                break
            if not self._known and self.readers():
                break
        return patience.left() > 0

    def _states(self, seconds: float, states: dict[str, int]) -> list[Any]:
        asked = [(reader, state & ~scard.SCARD_STATE_CHANGED) for reader, state in states.items()]
        result, found = scard.SCardGetStatusChange(self._context, int(seconds * 1000), asked)
        if result == scard.SCARD_E_TIMEOUT:
            return [(reader, state, ()) for reader, state in asked]
        check(result, self.device)
        return list(found)

    @contextlib.contextmanager
    def card(self, reader: str) -> Iterator[Card]:
        """The card in a reader, nobody else's while it is used.

        It is left as it is, also where it was moved. pcscd keeps two notes of whether a card is there: a reset of one
        that just went changes the one that clients see and not its own, and a card that comes before it looks again
        is never told of.
        """
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, handle, protocol = scard.SCardConnect(self._context, reader, scard.SCARD_SHARE_SHARED, protocols)
        check(result, self.device)
        try:
            check(scard.SCardBeginTransaction(handle), self.device)
            yield Card(handle, protocol, self.device)
        finally:
            scard.SCardEndTransaction(handle, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)


class Card:
    """A card to talk to."""

    def __init__(self, handle: Any, protocol: int, device: str) -> None:
        self._handle = handle
        self._pci = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        self._device = device

    def transmit(self, command: bytes) -> bytes:
        """Send a command, get the answer with its status word."""
        result, answer = scard.SCardTransmit(self._handle, self._pci, list(command))
        if result != scard.SCARD_S_SUCCESS:
            check(result, self._device)
        if not answer:  # some drivers tell so that the card went
            raise MovedTooEarly("卡没有读完就拿开了", device=self._device)
        return bytes(answer)


@contextlib.contextmanager
def middleware(device: str) -> Iterator[Middleware]:
    """The smart card service, for as long as it is used. ReaderGone where it does not run."""
    opened = Middleware(device)
    try:
        yield opened
    except DeviceError as failed:
        failed.device, failed.path = device, device
        raise
    finally:
        opened.close()
