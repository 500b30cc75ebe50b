"""社会保障卡: social security cards, generations one to three, in any reader that PC/SC knows.

Files, tags and records agree in up to twelve independent public sources; the authentication of third-generation cards
through an encryption machine in two; the order of a password's change is that of bank cards. Nothing was tried on a
real card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from liangding.contract import ConfigurationError, hookimpl
from liangding.contract.device_errors import DeviceError
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import Aids, Device, Driver, Emulated, Found, Medium, Persona


class PcscDriver:
    """Finds and opens card readers."""

    name = "pcsc"
    title = "社会保障卡读卡器（PC/SC）"
    media = frozenset({Medium.SOCIAL_CARD})

    def discover(self, *, probe: bool) -> Iterable[Found]:
        """The readers that the smart card service knows; none where it does not run."""
        try:
            from .middleware import middleware

            with middleware("") as service:
                for reader in service.readers():
                    yield Found(driver=self.name, settings={"reader": reader}, says=reader)
        except (DeviceError, ImportError):
            return

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        try:
            from .reader import CardReader, PcscSettings
        except ImportError:
            raise ConfigurationError(
                "没有安装 pyscard",
                path=f"devices.{name}",
                remedy="pip install pyscard（Linux 上需要编译）",
            ) from None
        return CardReader(name, settings_of(name, settings, PcscSettings), aids)

    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> AbstractContextManager[Emulated]:
        from .emulator import emulate

        return emulate(personas, settings)


@hookimpl
def liangding_device_drivers() -> Iterable[Driver]:
    return (PcscDriver(),)
