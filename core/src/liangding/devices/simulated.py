"""The simulated reader of the core: shows what its settings say. For development, and for tests of what asks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from ..contract.device_errors import CardLocked, DeviceError, NothingShown, NotSupported, PasswordWrong
from ..contract.device_settings import settings_of
from ..contract.devices import (
    MEDIA,
    Aids,
    Device,
    Emulated,
    Found,
    Medium,
    PasswordRequest,
    Patience,
    Persona,
    Reading,
    ReadRequest,
)

TRIES = 3


@attrs.frozen(kw_only=True)
class SimulatedSettings:
    """``personas`` come one after the other, one for each reading; the last one stays. ``media``: those that it can
    show (empty: all). ``password`` is that of every card."""

    personas: list[Persona] = attrs.field(factory=list)
    media: list[Medium] = attrs.field(factory=list)
    password: str = "123456"


class SimulatedReader(Device):
    """Shows the first of the media that it is asked for and has."""

    def __init__(self, name: str, settings: SimulatedSettings, aids: Aids) -> None:
        self.name = name
        self._aids = aids
        self.media = frozenset(settings.media or MEDIA)
        self.password = settings.password
        self.personas = list(settings.personas)
        self.asked: list[ReadRequest] = []
        self.next: DeviceError | None = None
        """What the next reading raises instead."""
        self._tries = TRIES

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        self.asked.append(asked)
        if (failed := self.next) is not None:
            self.next = None
            raise failed
        medium = next((each for each in asked.media if each in self.media), None)
        if medium is None or not self.personas:
            while patience.wait(1):
                pass
            raise NothingShown(f"没有等到{asked.wanted}", device=self.name)
        persona = self.personas.pop(0) if len(self.personas) > 1 else self.personas[0]
        return reading_of(persona, medium, self.name)

    def verify_password(self, asked: PasswordRequest, patience: Patience) -> None:
        if asked.password is None:
            if self._aids.enter_password is None:
                raise NotSupported("模拟读卡器没有密码键盘", device=self.name)
            asked = attrs.evolve(asked, password=self._aids.enter_password(asked))
        if self._tries == 0:
            raise CardLocked("密码错误次数过多，卡的密码已锁定", device=self.name)
        if asked.password != self.password:
            self._tries -= 1
            if self._tries == 0:
                raise CardLocked("密码错误次数过多，卡的密码已锁定", device=self.name)
            raise PasswordWrong(f"密码不对，还可以试 {self._tries} 次", tries_left=self._tries, device=self.name)
        self._tries = TRIES

    def change_password(self, asked: PasswordRequest, patience: Patience) -> None:
        self.verify_password(asked, patience)
        self.password = asked.new or self.password


def reading_of(persona: Persona, medium: Medium, device: str) -> Reading:
    """What a reader would read of this person."""
    name = persona.latin_name or persona.name
    if medium is Medium.CODE:
        return Reading(medium=medium, device=device, shown=persona.shown)
    number = persona.certno if medium is Medium.IDENTITY_CARD else persona.card_no
    card_sn, place = (persona.card_sn, persona.place) if medium is Medium.SOCIAL_CARD else ("", "")
    return Reading(
        medium=medium, device=device, number=number, certno=persona.certno, cert_type=persona.cert_type, name=name,
        sex=persona.sex, born=persona.born, valid_from=persona.valid_from, valid_to=persona.valid_to, card_sn=card_sn,
        place=place,
    )  # fmt: skip


class SimulatedDriver:
    """Opens simulated readers."""

    name = "simulated"
    title = "模拟读卡器"
    media = frozenset(MEDIA)

    def discover(self, *, probe: bool) -> Iterable[Found]:
        return ()

    def open(self, name: str, settings: Mapping[str, Any], aids: Aids) -> Device:
        return SimulatedReader(name, settings_of(name, settings, SimulatedSettings), aids)

    @contextmanager
    def emulate(self, personas: Iterable[Persona], settings: Mapping[str, Any]) -> Iterator[Emulated]:
        held = [{k: str(v) for k, v in attrs.asdict(p).items() if v is not None} for p in personas]
        yield Emulated(settings={"personas": held}, says=f"模拟读卡器，依次出示 {len(held)} 个人的凭证")
