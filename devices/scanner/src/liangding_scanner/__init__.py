"""扫码: scanners for medical-insurance codes and traceability codes, on a serial port or as a keyboard.

How codes end, the triggers and the forms of codes come from public sources; nothing was tried on a real scanner. The
period after which a shown code changes is not public: a code is treated as good for one use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from liangding.contract import hookimpl
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import Aids, Device, Driver, Emulated, Found, Medium, Persona


class ScannerDriver:
    """Opens scanners. They say nothing of themselves: none is found."""

    name = "scanner"
    title = "扫码枪、扫码盒"
    media = frozenset({Medium.CODE, Medium.GOODS})

    def discover(self, *, probe: bool) -> Iterable[Found]:
        return ()

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        if "stream" in settings:
            from .keyboard import KeyboardScanner, KeyboardSettings

            return KeyboardScanner(name, settings_of(name, settings, KeyboardSettings))
        from .scanner import Scanner, ScannerSettings

        return Scanner(name, settings_of(name, settings, ScannerSettings))

    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> AbstractContextManager[Emulated]:
        from .emulator import emulate

        return emulate(personas)


@hookimpl
def liangding_device_drivers() -> Iterable[Driver]:
    return (ScannerDriver(),)
