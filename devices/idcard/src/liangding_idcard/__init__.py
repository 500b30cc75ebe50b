"""居民身份证阅读机具: identity-card readers with a SAM_V module, on a serial port or behind PC/SC.

Frames, commands, status codes and the four layouts agree in up to ten independent public sources; nothing was tried on
a real reader. The layout of the foreigner's card of 2023 has one source, the way through PC/SC has one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from liangding.contract import ConfigurationError, hookimpl
from liangding.contract.device_errors import DeviceError
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import Aids, Device, Driver, Emulated, Found, Medium, Patience, Persona
from liangding.contract.serial_ports import PortSettings, open_port, ports


class IdCardDriver:
    """Finds and opens identity-card readers."""

    name = "idcard"
    title = "身份证阅读机具"
    media = frozenset({Medium.IDENTITY_CARD})

    def discover(self, *, probe: bool) -> Iterable[Found]:
        """Ports at whose end a module says that it is well; without probing nothing can be told."""
        for port, described in ports() if probe else ():
            if self._answers(port):
                yield Found(driver=self.name, settings={"port": port}, says=f"{described}（{port}）")

    def _answers(self, port: str) -> bool:
        from .module import STATUS, Module, Status

        try:
            line = open_port("", PortSettings(port=port))
        except DeviceError:
            return False
        try:
            return Module(line).ask(STATUS, Patience(2)).code == Status.OK
        except (DeviceError, OSError):
            return False
        finally:
            line.close()

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        if "reader" in settings:
            return self._through_pcsc(name, settings)
        from .reader import IdCardReader

        return IdCardReader(name, settings_of(name, settings, PortSettings))

    @staticmethod
    def _through_pcsc(name: str, settings: Mapping[str, Any]) -> Device:
        try:
            from .through_pcsc import PcscIdCardReader, ReaderSettings
        except ImportError:
            raise ConfigurationError(
                "经 PC/SC 读身份证要装 liangding-pcsc 与 pyscard", path=f"devices.{name}.reader"
            ) from None
        return PcscIdCardReader(name, settings_of(name, settings, ReaderSettings))

    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> AbstractContextManager[Emulated]:
        from .emulator import emulate

        return emulate(personas)


@hookimpl
def liangding_device_drivers() -> Iterable[Driver]:
    return (IdCardDriver(),)
