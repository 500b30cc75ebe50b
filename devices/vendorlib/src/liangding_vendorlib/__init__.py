"""读卡库、安全控件: card and control libraries of other makers, each in a helper process of its own.

A library is a table (``libraries/``): functions, arguments, buffers, encodings, what success looks like, how a
credential is read through it. Tables come from public code and stored pages, with their confidence; none was tried on
a real library, COM objects and 32-bit libraries were not run at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from liangding.contract import ConfigurationError, hookimpl
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import MEDIA, Aids, Device, Driver, Emulated, Found, Persona


class LibraryDriver:
    """Opens libraries. They are found by their path only."""

    name = "vendorlib"
    title = "读卡库、安全控件"
    media = frozenset(MEDIA)

    def discover(self, *, probe: bool) -> Iterable[Found]:
        return ()

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        from .control import LibraryDevice, LibrarySettings, load_message, values_of
        from .emulator import EmulatedHelper, personas_of
        from .process import Helper, HelperProcess
        from .tables import library

        wanted = settings_of(name, settings, LibrarySettings)
        try:
            table = library(wanted.library).of_variant(wanted.variant)
            if not table.media:
                raise ConfigurationError(f"{table.title}：只有说明，没有读凭证的办法", path="library")
            values = values_of(table, wanted)
            helper: Helper
            if wanted.emulated:
                helper = EmulatedHelper(table, personas_of(wanted.emulated))
            else:
                load, folder = load_message(table, wanted)
                helper = HelperProcess(name, load, python=wanted.python, folder=folder)
        except ConfigurationError as wrong:
            raise ConfigurationError(wrong.message, path=f"devices.{name}.{wrong.path}", remedy=wrong.remedy) from None
        return LibraryDevice(name, table, helper, values)

    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> AbstractContextManager[Emulated]:
        from .emulator import emulate

        return emulate(personas, settings)


@hookimpl
def liangding_device_drivers() -> Iterable[Driver]:
    return (LibraryDriver(),)
