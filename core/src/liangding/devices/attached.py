"""Devices at work: several beside each other, each used by one at a time, the first that reads something wins."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import attrs
import pluggy

from ..clock import Clock, SystemClock, now
from ..config import Deployment, Operator
from ..config.secrets import Secret
from ..config.till import Till
from ..contract.device_errors import (
    DeviceBusy,
    DeviceError,
    DeviceFault,
    NeedsAuthentication,
    NoDevice,
    NothingShown,
    NotSupported,
    ReadCancelled,
    ReaderGone,
)
from ..contract.device_settings import SecretText
from ..contract.devices import (
    Aids,
    CardChallenge,
    CardProof,
    Device,
    Driver,
    Medium,
    PasswordRequest,
    Patience,
    Reading,
    ReadRequest,
    Session,
)
from ..errors import ConfigurationError
from ..privacy import logger
from ..spec import Does
from .drivers import driver_named, drivers_named, drivers_of
from .judging import judged
from .shown import ShownCodes

T = TypeVar("T")

log = logger("devices")

PASSING = (NothingShown, ReaderGone, NotSupported, DeviceBusy)
"""What one device may say while another one still waits for its card."""


@attrs.frozen
class Attached:
    """A device with what it was opened by, and the lock of whoever uses it."""

    device: Device
    driver: Driver
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def as_json(self) -> dict[str, Any]:
        media = [medium.value for medium in Medium if medium in self.device.media]
        return {"name": self.device.name, "driver": self.driver.name, "title": self.driver.title, "media": media}


class Devices:
    """The devices of a deployment, or of a till. Safe to share between threads."""

    def __init__(self, attached: Mapping[str, Attached], clock: Clock | None = None) -> None:
        self._attached = dict(attached)
        self._clock = clock or SystemClock()
        self.shown = ShownCodes()
        self._waiting: set[Patience] = set()
        self._mutex = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._attached)

    def listed(self) -> list[dict[str, Any]]:
        """Every device: name, driver, title, media."""
        return [each.as_json() for each in self._attached.values()]

    def named(self, name: str) -> Device:
        """The device of that name, not locked: for looking at. NoDevice where there is none."""
        return self._one(name).device

    def reads(self, *media: Medium) -> bool:
        """Whether any device here reads one of ``media``."""
        return any(each.device.media & set(media) for each in self._attached.values())

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, asked: ReadRequest, *, device: str | None = None) -> Reading:
        """Wait at every device that reads one of the media (or at ``device``) until one has read something.

        What was read is held against checksum and validity. Raises what :mod:`liangding.contract.device_errors` names.
        """
        chosen = [self._one(device)] if device else self._for(asked.media)
        if not chosen:
            raise NoDevice(f"没有能读{asked.wanted}的设备")
        with self._patience(asked.seconds) as patience:
            found = _first(chosen, lambda each: each.device.read(asked, _part(patience)), patience)
        log.info("read %s with %s", found.medium.value, found.device)
        return judged(found, now(self._clock).date())

    def cancel(self) -> int:
        """Call off every waiting; how many there were."""
        with self._mutex:
            waiting = list(self._waiting)
        for patience in waiting:
            patience.call_off()
        return len(waiting)

    # -- passwords -------------------------------------------------------------------------------------------------

    def verify_password(self, asked: PasswordRequest, *, device: str | None = None) -> None:
        """Have the card's password checked. PasswordWrong says how many tries are left; CardLocked that none is."""
        self._password(asked, device, lambda each, patience: each.verify_password(asked, patience))

    def change_password(self, asked: PasswordRequest, *, device: str | None = None) -> None:
        """Have the card's password changed."""
        self._password(asked, device, lambda each, patience: each.change_password(asked, patience))

    def _password(self, asked: PasswordRequest, device: str | None, do: Callable[[Device, Patience], None]) -> None:
        chosen = [self._one(device)] if device else self._for((asked.medium,))
        why: DeviceError = NoDevice("没有能校验密码的设备")
        with self._patience(asked.seconds) as patience:
            for each in chosen:
                with _held(each):
                    try:
                        return do(each.device, patience)
                    except NotSupported as unable:
                        why = unable
        raise why

    # -- sessions --------------------------------------------------------------------------------------------------

    def follow(self, does: Does, deployment: Deployment, operator: Operator) -> None:
        """An operator signed in: controls are started; signed out: they are stopped. One that does not start is said
        when it is used."""
        if does is Does.SIGNS_IN:
            session = Session(
                institution=deployment.institution.code, area=deployment.institution.area, operator=operator.code,
                operator_name=operator.name,
            )  # fmt: skip
            self._each(lambda device: device.begin(session))
        elif does is Does.SIGNS_OUT:
            self._each(lambda device: device.end())

    def _each(self, do: Callable[[Device], None]) -> None:
        for each in self._attached.values():
            try:
                with _held(each):
                    do(each.device)
            except DeviceError as failed:
                log.warning("%s: %s", each.device.name, failed.code)

    def close(self) -> None:
        """Let go of every device."""
        self.cancel()
        for each in self._attached.values():
            each.device.close()

    # -- which -----------------------------------------------------------------------------------------------------

    def _one(self, name: str) -> Attached:
        if name not in self._attached:
            raise NoDevice(f"没有设备 {name}", remedy=f"有：{'、'.join(self._attached) or '一台也没有'}")
        return self._attached[name]

    def _for(self, media: tuple[Medium, ...]) -> list[Attached]:
        return [each for each in self._attached.values() if each.device.media & set(media)]

    @contextmanager
    def _patience(self, seconds: float) -> Iterator[Patience]:
        patience = Patience(seconds)
        with self._mutex:
            self._waiting.add(patience)
        try:
            yield patience
        finally:
            with self._mutex:
                self._waiting.discard(patience)


def _part(patience: Patience) -> Patience:
    return Patience(patience.left(), patience.called_off)


@contextmanager
def _held(each: Attached) -> Iterator[None]:
    """The device is nobody else's meanwhile. DeviceBusy where it is somebody's."""
    if not each.lock.acquire(blocking=False):
        raise DeviceBusy("设备正在使用中", device=each.device.name)
    try:
        yield
    finally:
        each.lock.release()


def _first(chosen: list[Attached], read: Callable[[Attached], Reading], patience: Patience) -> Reading:
    """What the first device reads; the others stop waiting. Where none reads anything, the most telling error."""
    if len(chosen) == 1:
        with _held(chosen[0]):
            return _named(chosen[0], read)
    answers: queue.Queue[Reading | DeviceError] = queue.Queue()

    def wait(each: Attached) -> None:
        try:
            with _held(each):
                answers.put(_named(each, read))
        except DeviceError as failed:
            answers.put(failed)

    for each in chosen:
        threading.Thread(target=wait, args=(each,), daemon=True).start()
    failures: list[DeviceError] = []
    for _ in chosen:
        said = answers.get()
        if isinstance(said, Reading):
            patience.call_off()
            return said
        failures.append(said)
        if not isinstance(said, PASSING):
            patience.call_off()
            raise said
    raise _telling(failures)


def _named(each: Attached, read: Callable[[Attached], Reading]) -> Reading:
    """What that device reads; whatever a driver did not foresee is a fault of the device."""
    try:
        return read(each)
    except DeviceError:
        raise
    except Exception as unexpected:
        log.exception("%s broke off", each.device.name)
        raise DeviceFault(f"设备出错：{type(unexpected).__name__}", device=each.device.name) from None


def _telling(failures: list[DeviceError]) -> DeviceError:
    """Of several, the one that helps most; a device that is gone is named beside a card that was not shown."""
    gone = [failed for failed in failures if isinstance(failed, ReaderGone)]
    for kind in (ReadCancelled, NothingShown, DeviceBusy, ReaderGone):
        found = next((failed for failed in failures if isinstance(failed, kind)), None)
        if found is not None:
            if gone and not isinstance(found, ReaderGone):
                found.message += f"（另外 {'、'.join(failed.device for failed in gone)} 用不了）"
            return found
    return failures[0]


def open_devices(
    tables: Mapping[str, Mapping[str, Any]],
    drivers: Mapping[str, Driver],
    *,
    aids: Aids | None = None,
    secret: Callable[[str, Mapping[str, Any]], str],
    clock: Clock | None = None,
) -> Devices:
    """The devices that a file's ``[devices]`` tables describe. No hardware is touched.

    ``secret`` gives what a reference to a secret in the settings stands for. ConfigurationError where a table is not as
    it must be.
    """
    attached: dict[str, Attached] = {}
    for name, table in tables.items():
        named = table.get("driver")
        if not isinstance(named, str):
            raise ConfigurationError("没有写明 driver", path=f"devices.{name}.driver")
        driver = driver_named(named, drivers, f"devices.{name}.driver")
        settings = {key: _revealed(f"devices.{name}.{key}", value, secret) for key, value in table.items()}
        settings.pop("driver")
        attached[name] = Attached(driver.open(name, settings, aids or Aids()), driver)
    return Devices(attached, clock)


def _revealed(path: str, value: Any, secret: Callable[[str, Mapping[str, Any]], str]) -> Any:
    """A setting with every reference to a secret in it replaced by what it stands for."""
    if not isinstance(value, dict):
        return value
    if value.keys() in ({"env"}, {"file"}):
        return secret(path, value)
    return {key: _revealed(f"{path}.{key}", inner, secret) for key, inner in value.items()}


def devices_of(deployment: Deployment, plugins: pluggy.PluginManager, clock: Clock) -> Devices:
    """The devices of a deployment, with the aids that its plugins offer."""
    if not deployment.devices:
        return Devices({})

    def secret(path: str, reference: Mapping[str, Any]) -> str:
        return SecretText(deployment.secret(path, Secret(**reference)))

    return open_devices(deployment.devices, drivers_of(plugins), aids=_aids_of(plugins), secret=secret, clock=clock)


def devices_of_till(till: Till) -> Devices:
    """The devices of a till. No plugin but its drivers is asked: there is no deployment."""

    def secret(path: str, reference: Mapping[str, Any]) -> str:
        return SecretText(till.secret(path, Secret(**reference)))

    return open_devices(till.devices, drivers_named(till.plugins), secret=secret)


def _aids_of(plugins: pluggy.PluginManager) -> Aids:
    pad, machine = plugins.hook.liangding_enter_password, plugins.hook.liangding_authenticate_card

    def enter(asked: PasswordRequest) -> str:
        typed = pad(asked=asked)
        if not isinstance(typed, str):
            raise ReadCancelled("没有输入密码")
        return typed

    def authenticate(challenge: CardChallenge) -> CardProof:
        proof = machine(challenge=challenge)
        if not isinstance(proof, CardProof):
            raise NeedsAuthentication("加密机没有应答")
        return proof

    return Aids(
        enter_password=enter if pad.get_hookimpls() else None,
        authenticate=authenticate if machine.get_hookimpls() else None,
    )
