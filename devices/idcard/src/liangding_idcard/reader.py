"""An identity-card reader: waits for a card, reads it, says what it is."""

from __future__ import annotations

from liangding.contract.device_errors import (
    MovedTooEarly,
    NothingShown,
    NotSupported,
    WrongCard,
)
from liangding.contract.devices import Medium, Patience, Reading, ReadRequest
from liangding.contract.serial_ports import SerialDevice

from .layouts import Document, read_text
from .module import NOT_A_CARD, Content, Module

EVERY = 0.25
"""Seconds between two looks for a card."""

SEXES = ("0", "1", "2", "9")
"""The card's codes of the sex; those of ``gend`` are the same."""


class IdCardReader(SerialDevice):
    """A reader on a serial port. The port is opened when it is first used, and again after it was gone."""

    media = frozenset({Medium.IDENTITY_CARD})

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        if Medium.IDENTITY_CARD not in asked.media:
            raise NotSupported("这台设备只读身份证", device=self.name)
        with self.opened() as line:
            return reading_of(self._content(Module(line, self.name), patience), self.name)

    def _content(self, module: Module, patience: Patience) -> Content:
        lost = False
        while True:
            if module.find(patience) and module.select(patience):
                found = module.read(patience)
                if isinstance(found, Content):
                    return found
                if found in NOT_A_CARD:
                    raise WrongCard("放上的不是身份证，或读卡器认不出它", device=self.name)
                lost = True
            if not patience.wait(EVERY):
                break
        if lost:
            raise MovedTooEarly("证件没有读完就拿开了", device=self.name)
        raise NothingShown("没有等到身份证", device=self.name)


def reading_of(found: Content, device: str) -> Reading:
    """What a card's content says. Unreadable where its text is in no layout."""
    document = read_text(found.text)
    return Reading(
        medium=Medium.IDENTITY_CARD, device=device, number=document.number, certno=document.number,
        cert_type=document.layout.cert_type, name=document.name, born=document.born,
        sex=document.sex if document.sex in SEXES else "",
        valid_from=document.valid_from, valid_to=document.valid_to, photo=found.photo, raw=document.fields,
        notes=_notes(document),
    )  # fmt: skip


def _notes(document: Document) -> tuple[str, ...]:
    if document.layout.confidence == "high":
        return ()
    return (f"{document.layout.label}的版式只有一处来源，请核对读出的姓名与号码",)
