"""A scanner that types: its keys come from a stream, a terminal or a character device for example."""

from __future__ import annotations

import contextlib
import os
import select
import time

import attrs

from liangding.contract import SystemClock, now
from liangding.contract.device_errors import NothingShown, NotSupported, ReaderGone
from liangding.contract.devices import Device, Medium, Patience, Reading, ReadRequest
from liangding.contract.serial_ports import SLICE

from .codes import classify
from .framing import Wedge
from .scanner import reading_of


@attrs.frozen(kw_only=True)
class KeyboardSettings:
    """``stream``: the path that keys are read from. ``quick``: seconds between two keys of a scan at most."""

    stream: str
    quick: float = 0.03


class KeyboardScanner(Device):
    """Keys as they come; what a person types is passed over. Where such streams can be waited for (not on Windows)."""

    media = frozenset({Medium.CODE, Medium.GOODS})

    def __init__(self, name: str, settings: KeyboardSettings) -> None:
        self.name = name
        self._settings = settings

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        media = [medium for medium in asked.media if medium in self.media]
        if not media:
            raise NotSupported("这台设备只扫码", device=self.name)
        try:
            stream = os.open(self._settings.stream, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as failed:
            raise ReaderGone(f"打不开 {self._settings.stream}：{type(failed).__name__}", device=self.name) from None
        with contextlib.closing(os.fdopen(stream, "rb", buffering=0)):
            scanned = self._scanned(stream, patience)
        return reading_of(classify(scanned, now(SystemClock()).date()), media, self.name)

    def _scanned(self, stream: int, patience: Patience) -> str:
        wedge = Wedge(quick=self._settings.quick)
        while patience.left() > 0:
            readable, _, _ = select.select([stream], [], [], patience.left(SLICE))
            if not readable:
                continue
            received = os.read(stream, 1024).decode("utf-8", "replace")
            if not received:
                patience.wait(SLICE)  # nobody has the other end
            at = time.monotonic()
            for key in received:
                if (scan := wedge.key(key, at)) is not None:
                    return scan
        raise NothingShown("没有扫到码", device=self.name)
