"""Devices: what is asked of a reader, a scanner or a control library, and what it answers.

A driver is a plugin that names its :class:`Driver` in ``liangding_device_drivers``. The driver finds and opens
devices; a :class:`Device` reads. Whatever the hardware, one :class:`ReadRequest` goes in and one :class:`Reading` comes
out, or one of the errors of :mod:`liangding.contract.device_errors`.

A reading holds personal data: it goes to whoever asked, and into nothing else but the sealed journal.
"""

from __future__ import annotations

import abc
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

import attrs

from .device_errors import NothingShown, NotSupported, ReadCancelled


class Medium(StrEnum):
    """What a person shows (介质): 社会保障卡; 居民身份证, 居住证, 永久居留身份证; 医保码. What goods show: 追溯码."""

    SOCIAL_CARD = "social_card"
    IDENTITY_CARD = "identity_card"
    CODE = "code"
    GOODS = "goods"

    @property
    def chinese(self) -> str:
        names = {"social_card": "社会保障卡", "identity_card": "身份证", "code": "医保码", "goods": "追溯码"}
        return names[self.value]


MEDIA = (Medium.SOCIAL_CARD, Medium.IDENTITY_CARD, Medium.CODE)
"""Those that a person shows."""


class Scope(StrEnum):
    """What a control's token holds for: the whole visit, or the one call that it was got for."""

    VISIT = "visit"
    CALL = "call"


@attrs.frozen(kw_only=True)
class ReadRequest:
    """What is to be read, and for what.

    ``infno`` is the transaction that the reading is for, as controls want to know it (the step's own, or the last one
    of the visit, as ``scope`` says); ``scenario`` and ``business_type`` the occasion (用码场景, 用码业务类型);
    ``institution`` and ``area`` (fixmedins_code, mdtrtarea_admvs), operator and office who asks. ``psn_no`` is empty
    where the person is not known yet. ``seconds`` is how long a person has to show something.
    """

    media: tuple[Medium, ...] = MEDIA
    seconds: float = 30.0
    flow: str = ""
    infno: str = ""
    scope: Scope = Scope.VISIT
    scenario: str = ""
    business_type: str = ""
    psn_no: str = attrs.field(default="", repr=False)
    institution: str = ""
    area: str = ""
    org_id: str = ""
    operator: str = ""
    operator_name: str = ""
    office_id: str = ""
    office_name: str = ""

    @property
    def wanted(self) -> str:
        """The media in words, for questions and errors."""
        return "、".join(medium.chinese for medium in self.media)


@attrs.frozen(kw_only=True)
class PasswordRequest:
    """A password to be checked (``new`` is None) or changed. Without ``password`` the device's key pad asks for it."""

    medium: Medium = Medium.SOCIAL_CARD
    password: str | None = attrs.field(default=None, repr=False)
    new: str | None = attrs.field(default=None, repr=False)
    seconds: float = 60.0
    infno: str = ""
    operator: str = ""


@attrs.frozen(kw_only=True)
class Token:
    """What a control gives beside a credential (校验介质). It holds for ``infno``, or for the visit that ends so."""

    value: str = attrs.field(repr=False)
    infno: str = ""
    scope: Scope = Scope.VISIT


@attrs.frozen(kw_only=True)
class Signature:
    """The reader's signature over what it read, as messages carry it: ``hcard_basinfo`` (持卡就诊基本信息), the text
    that was read, unchanged; ``hcard_chkinfo`` (持卡就诊校验信息), the signature in Base64."""

    hcard_basinfo: str = attrs.field(repr=False)
    hcard_chkinfo: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Reading:
    """What a device read.

    ``number`` is what the medium is known by: a card's number, a document's number, a code's token where the device
    decodes by itself. ``shown`` is the text of a code that is not decoded yet, or of a pack's traceability code.
    ``type`` is mdtrt_cert_type where the device says it (a control does); else it follows from ``medium`` and the
    region. ``certno`` and ``cert_type`` (psn_cert_type) are the person's document; ``place`` is where a card was
    issued, ``insured_place`` where the person is insured, both six digits, where the medium says so. ``sex`` is a code
    of ``gend``. ``photo`` is passed on as it came. ``raw`` holds every field as it was read, by the device's own names.
    """

    medium: Medium
    device: str = ""
    number: str = attrs.field(default="", repr=False)
    shown: str = attrs.field(default="", repr=False)
    type: str = ""
    card_sn: str = attrs.field(default="", repr=False)
    cert_type: str = ""
    certno: str = attrs.field(default="", repr=False)
    name: str = attrs.field(default="", repr=False)
    sex: str = ""
    born: date | None = attrs.field(default=None, repr=False)
    valid_from: date | None = None
    valid_to: date | None = None
    place: str = ""
    insured_place: str = ""
    token: Token | None = None
    signature: Signature | None = None
    photo: bytes = attrs.field(default=b"", repr=False)
    raw: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    """What the operator should know of it: that a name could not be read without authentication, for example."""


@attrs.frozen(kw_only=True)
class Session:
    """An operator's session with the platform, from 9001 to 9002. Controls are started and stopped with it."""

    institution: str
    area: str
    operator: str
    operator_name: str = ""


class Patience:
    """How long a device may go on waiting, and whether somebody has called it off.

    A driver waits by :meth:`wait` only, or for no longer than :meth:`left` says at a time, in short slices.
    """

    def __init__(self, seconds: float, called_off: threading.Event | None = None) -> None:
        self._until = time.monotonic() + seconds
        self.called_off = called_off or threading.Event()
        """Set by whoever calls it off; handed on to waits that are a part of this one."""

    def left(self, most: float | None = None) -> float:
        """Seconds left, at most ``most``; 0 when they are over. ReadCancelled where it was called off."""
        if self.called_off.is_set():
            raise ReadCancelled("已取消读取")
        left = max(0.0, self._until - time.monotonic())
        return left if most is None else min(left, most)

    def wait(self, seconds: float) -> bool:
        """Let ``seconds`` pass, or as many as are left. Whether any are left then."""
        if self.called_off.wait(self.left(seconds)):
            raise ReadCancelled("已取消读取")
        return self.left() > 0

    def check(self, wanted: str, device: str = "") -> None:
        """NothingShown where no time is left."""
        if self.left() <= 0:
            raise NothingShown(f"没有等到{wanted}", device=device)

    def call_off(self) -> None:
        """Let everybody who waits by this stop."""
        self.called_off.set()


class Device(abc.ABC):
    """One device. Used by one thread at a time; whoever holds it sees to that."""

    name: str
    media: frozenset[Medium]

    @abc.abstractmethod
    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        """Wait until one of ``asked.media`` is shown, and read it. Raises what :mod:`.device_errors` names."""

    def verify_password(self, asked: PasswordRequest, patience: Patience) -> None:
        """Have the password of the card that is there checked. PasswordWrong or CardLocked where it is not right."""
        raise NotSupported("这台设备不能校验密码", device=self.name)

    def change_password(self, asked: PasswordRequest, patience: Patience) -> None:
        """Have the password changed."""
        raise NotSupported("这台设备不能修改密码", device=self.name)

    def begin(self, session: Session) -> None:  # noqa: B027 - most devices have no session
        """A session begins."""

    def end(self) -> None:  # noqa: B027
        """The session ends."""

    def close(self) -> None:  # noqa: B027
        """Let go of the hardware."""


EnterPassword = Callable[[PasswordRequest], str]
"""A key pad: asks the card's holder, shows nobody what was typed."""


@attrs.frozen(kw_only=True)
class CardChallenge:
    """What a third-generation card says before it shows its holder: ``message`` goes to the centre's encryption machine
    (加密机), items ending in ``|`` each; ``card_answer`` is what the card answered, for comparing."""

    message: str = attrs.field(repr=False)
    card_answer: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class CardProof:
    """What the encryption machine answers: internal and external data, in hexadecimal digits."""

    internal: str = attrs.field(repr=False)
    external: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Aids:
    """What a device may be helped with: a key pad, and an encryption machine for third-generation cards."""

    enter_password: EnterPassword | None = None
    authenticate: Callable[[CardChallenge], CardProof] | None = None


@attrs.frozen(kw_only=True)
class Found:
    """A device that a driver sees on this computer: ``settings`` open it, ``says`` describes it to a person."""

    driver: str
    settings: Mapping[str, Any]
    says: str


@attrs.frozen(kw_only=True)
class Persona:
    """A synthetic person with everything that an emulated device shows. Every name begins with 测试."""

    name: str
    certno: str
    sex: str
    born: date
    cert_type: str = "01"
    latin_name: str = ""
    nationality: str = ""
    card_no: str = ""
    card_sn: str = ""
    place: str = ""
    shown: str = ""
    token: str = ""
    insured_place: str = ""
    valid_from: date = date(2020, 1, 1)
    valid_to: date | None = date(2040, 1, 1)


@attrs.frozen(kw_only=True)
class Emulated:
    """An emulated device that runs: ``settings`` open it as if it were the real one."""

    settings: Mapping[str, Any]
    says: str


class Driver(Protocol):
    """A kind of device, as a plugin offers it."""

    name: str
    """What deployment files call it."""
    title: str
    """What operators call it."""
    media: frozenset[Medium]

    def discover(self, *, probe: bool) -> Iterable[Found]:
        """The devices of this kind on this computer; none where it cannot be told. With ``probe`` bytes may be sent to
        ports to find out what hangs there; a printer, for example, would print them."""

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        """The device that ``settings`` describe. ConfigurationError where they are not right; a device that is not
        there is no error before it is used."""

    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> AbstractContextManager[Emulated]:
        """An emulated device of this kind that shows these persons one after the other, while it is entered."""
