"""Card readers behind PC/SC: wait for a social security card in any of them, read it, check its password."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from liangding.contract.device_errors import (
    CardLocked,
    DeviceError,
    MovedTooEarly,
    NothingShown,
    NotSupported,
    ReaderGone,
    WrongCard,
    WrongSide,
)
from liangding.contract.devices import Aids, Device, Medium, PasswordRequest, Patience, Reading, ReadRequest

from .apdu import Transmit, historical
from .middleware import Middleware, Slot, middleware
from .social_card import SocialCard, Terminal, read_card

T = TypeVar("T")

Use = Callable[[Transmit, Slot], T]
"""What is done with a card that is there."""

PATIENT = (WrongCard, WrongSide, CardLocked)
"""What another card, or the same one put in again, may set right."""

AGAIN = (0.2, 1.2)
"""Seconds before a card that was moved is tried again. At first its contacts may have settled; then pcscd, which looks
every 0.4 s, has had the time to turn off what nobody uses, so that another card in its place is powered up anew."""


@attrs.frozen(kw_only=True)
class PcscSettings:
    """``reader``: a part of the reader's name; empty: any reader. ``algorithm`` and ``terminal`` are what the
    encryption machine is told, where third-generation cards are authenticated."""

    reader: str = ""
    algorithm: str = ""
    terminal: str = ""


class CardReader(Device):
    """The readers of this computer whose name has ``settings.reader`` in it."""

    media = frozenset({Medium.SOCIAL_CARD})

    def __init__(self, name: str, settings: PcscSettings, aids: Aids) -> None:
        self.name = name
        self._settings = settings
        self._aids = aids

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        if Medium.SOCIAL_CARD not in asked.media:
            raise NotSupported("这台设备只读社会保障卡", device=self.name)

        def read(transmit: Transmit, slot: Slot) -> Reading:
            said, settings = historical(slot.atr).hex(), self._settings
            terminal = Terminal(historical=said, algorithm=settings.algorithm, number=settings.terminal)
            return read_card(transmit, self.name, terminal, self._aids.authenticate)

        return self._with_card(read, patience)

    def verify_password(self, asked: PasswordRequest, patience: Patience) -> None:
        password = self._password(asked)

        def verify(transmit: Transmit, slot: Slot) -> None:
            card = SocialCard(transmit)
            card.select()
            card.verify_password(password)

        self._with_card(verify, patience, once=True)

    def change_password(self, asked: PasswordRequest, patience: Patience) -> None:
        if asked.new is None:
            raise NotSupported("没有给出新密码", device=self.name)
        old, new = self._password(asked), asked.new

        def change(transmit: Transmit, slot: Slot) -> None:
            card = SocialCard(transmit)
            card.select()
            card.change_password(old, new)

        self._with_card(change, patience, once=True)

    def _password(self, asked: PasswordRequest) -> str:
        if asked.password is not None:
            return asked.password
        if self._aids.enter_password is None:
            raise NotSupported("没有密码键盘", device=self.name, remedy="由收银软件请持卡人输入密码")
        return self._aids.enter_password(asked)

    def _with_card(self, use: Use[T], patience: Patience, *, once: bool = False) -> T:
        return with_card(self.name, self._settings.reader, use, patience, once=once)


def with_card(
    device: str, reader: str, use: Use[T], patience: Patience, *, wanted: str = "社会保障卡", once: bool = False
) -> T:
    """Use the first card that will do, in a reader whose name has ``reader`` in it. Cards that will not are named at
    once where no reader is left to wait for, else when the time is over. With ``once`` nothing is begun again after a
    card has answered: what it was asked may have counted."""
    with middleware(device) as service:
        search = _Search(service, use, once)
        while True:
            slots = service.slots([each for each in service.readers() if reader.casefold() in each.casefold()])
            if found := search.look(slots):
                return found[0]
            if search.why is not None and search.hopeless(slots):
                raise search.why
            if not service.wait(patience, search.pause):
                break
    if search.why is not None:
        raise search.why
    if not slots:
        raise ReaderGone("没有接读卡器", device=device)
    raise NothingShown(f"没有等到{wanted}", device=device)


class _Search(Generic[T]):
    """One wait for a card: which were tried, and why they would not do."""

    def __init__(self, service: Middleware, use: Use[T], once: bool) -> None:
        self._service = service
        self._use = use
        self._once = once
        self._failed: dict[str, int] = {}
        self._moved = 0
        self.why: DeviceError | None = None
        self.pause = math.inf
        """How long to wait for a change at most: a card is just coming or going, and the service learns that late."""

    def look(self, slots: list[Slot]) -> tuple[T] | None:
        """What the first card that will do gives; None where there is none."""
        self._failed = {slot.reader: slot.since for slot in slots if self._failed.get(slot.reader) == slot.since}
        self.pause = math.inf
        for slot in slots:
            if slot.present and slot.reader not in self._failed:
                try:
                    return (self._tried(slot),)
                except PATIENT as wrong:
                    self._failed[slot.reader], self.why = slot.since, wrong
                except MovedTooEarly as moved:
                    if self._answered and self._once:
                        raise
                    self.pause = AGAIN[min(self._moved, 1)]
                    self._moved += 1
                    self.why = moved if self._answered else self.why
        return None

    def _tried(self, slot: Slot) -> T:
        self._answered = False
        if slot.mute:
            raise WrongSide("卡没有应答")
        with self._service.card(slot.reader) as card:

            def transmit(command: bytes) -> bytes:
                answer = card.transmit(command)
                self._answered = True
                return answer

            return self._use(transmit, slot)

    def hopeless(self, slots: list[Slot]) -> bool:
        """Whether every reader holds a card that will not do."""
        return bool(slots) and len(self._failed) == len(slots)
