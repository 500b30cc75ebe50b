"""The application of a social security card (社会保障卡) that says whose it is: first, second and third generation.

Records are asked for by tag: their numbers differ between generations. EF05 is free to read on all; EF06 only after
external authentication on the third.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from liangding.contract.device_errors import (
    CardLocked,
    DeviceFault,
    NeedsAuthentication,
    NotSupported,
    PasswordWrong,
    WrongCard,
)
from liangding.contract.devices import CardChallenge, CardProof, Medium, Reading

from . import records
from .apdu import LOCKED, Command, Response, StatusWord, Transmit, exchange
from .records import OF_HOLDER, OF_ISSUER, Record

APPLICATION = "sx1.sh.社会保障".encode("gb2312")

SELECT = Command(ins=0xA4, p1=0x04, data=APPLICATION)
CHALLENGE = Command(ins=0x84, le=8)

AUTHENTICATION_KEY = 0x0A
"""RKSSSE: the key that lets EF06 of a third-generation card be read."""

PASSWORD_DIGITS = 6

NOT_THIS_WAY = {
    StatusWord.FILE_NOT_FOUND, StatusWord.NO_CURRENT_FILE, StatusWord.NOT_FOR_THIS_FILE, StatusWord.BAD_PARAMETERS,
}  # fmt: skip
"""How a card says that it wants its file selected before a record is asked for."""

Prove = Callable[[CardChallenge], CardProof]
"""The way to an encryption machine."""

NOT_AUTHENTICATED = "三代卡没有经过双向认证：读出了卡号与卡识别码，没有姓名与证件号码"


@attrs.frozen(kw_only=True)
class Terminal:
    """What an encryption machine is told of this terminal: the card's historical bytes in hexadecimal digits, the
    algorithm's identifier (not public: as the centre says) and the terminal's number."""

    historical: str = ""
    algorithm: str = ""
    number: str = ""


class SocialCard:
    """A card that is there. Every method may raise WrongCard, CardLocked, DeviceFault, and what ``transmit`` raises."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit
        self._selected = 0

    def _ask(self, command: Command) -> Response:
        return exchange(self._transmit, command)

    def select(self) -> None:
        """Select the application 社会保障. WrongCard where the card has none."""
        answer = self._ask(SELECT)
        if answer.status == StatusWord.APPLICATION_LOCKED:
            raise CardLocked("社会保障应用已被锁定")
        if not answer.ok:
            raise WrongCard("这不是社会保障卡")

    def value(self, record: Record) -> bytes:
        """One record's value; empty where an optional one is not there. NeedsAuthentication where the card withholds
        it."""
        answer = self._record(record)
        if answer.status == StatusWord.NOT_ALLOWED:
            raise NeedsAuthentication(f"卡要先经双向认证才给出{record.label}")
        if record.optional and answer.status in (StatusWord.RECORD_NOT_FOUND, StatusWord.BAD_DATA):
            return b""
        if answer.status in LOCKED:
            raise CardLocked("卡已锁定")
        if not answer.ok:
            raise DeviceFault(f"读不出{record.label}：{answer.chinese}")
        return record.value(answer.data)

    def _record(self, record: Record) -> Response:
        """By tag, with the file's short identifier; where the card does not take that, in the selected file."""
        expected = record.size + 2
        if self._selected != record.file:
            answer = self._ask(Command(ins=0xB2, p1=record.tag, p2=record.file << 3, le=expected))
            if answer.status not in NOT_THIS_WAY:
                return answer
            self._select_file(record.file)
        return self._ask(Command(ins=0xB2, p1=record.tag, le=expected))

    def _select_file(self, file: int) -> None:
        for p1 in (0x02, 0x00):
            answer = self._ask(Command(ins=0xA4, p1=p1, data=bytes((0xEF, file))))
            if answer.ok:
                self._selected = file
                return
        raise DeviceFault(f"选不中文件 EF{file:02X}：{answer.chinese}")

    def authenticate(self, terminal: Terminal, prove: Prove) -> None:
        """Card and centre authenticate each other through an encryption machine (加密机). Confidence medium: two
        sources, not tried on a real card."""
        place = records.CARD_ID.text(self.value(records.CARD_ID))
        source, factor = self._challenge(), self._challenge()
        inner = self._ask(Command(ins=0x88, data=factor + source))
        if not inner.ok:
            raise NeedsAuthentication(f"卡没有应答内部认证：{inner.chinese}")
        other_source, other_factor = self._challenge(), self._challenge()
        items = (
            place[:6], terminal.historical, terminal.algorithm, place, factor.hex(), source.hex(), other_factor.hex(),
            other_source.hex(), terminal.number,
        )  # fmt: skip
        proof = prove(
            CardChallenge(message="".join(f"{item.upper()}|" for item in items), card_answer=inner.data.hex())
        )
        if proof.internal[:16].upper() != inner.data.hex()[:16].upper():
            raise WrongCard("卡没有通过内部认证")
        answer = self._ask(Command(ins=0x82, p2=AUTHENTICATION_KEY, data=_sixteen(proof)))
        if not answer.ok:
            raise NeedsAuthentication(f"卡没有通过外部认证：{answer.chinese}")

    def _challenge(self) -> bytes:
        answer = self._ask(CHALLENGE)
        if not answer.ok or len(answer.data) != 8:
            raise NeedsAuthentication(f"卡没有给出随机数：{answer.chinese}")
        return answer.data

    def verify_password(self, password: str) -> None:
        """Have the card check its password (six digits). PasswordWrong says how many tries are left."""
        self._judge_password(self._ask(Command(ins=0x20, data=_digits(password))))

    def change_password(self, old: str, new: str) -> None:
        """Have the card change its password. Confidence low: the order old, FF, new is that of bank cards."""
        data = _digits(old) + b"\xff" + _digits(new)
        self._judge_password(self._ask(Command(cla=0x80, ins=0x5E, p1=0x01, data=data)))

    @staticmethod
    def _judge_password(answer: Response) -> None:
        left = answer.tries_left
        if left == 0 or answer.status in (StatusWord.BLOCKED, *LOCKED):
            raise CardLocked("密码错误次数过多，卡的密码已锁定")
        if left is not None:
            raise PasswordWrong(f"密码不对，还可以试 {left} 次", tries_left=left)
        if answer.status in (StatusWord.BAD_INSTRUCTION, StatusWord.BAD_CLASS):
            raise NotSupported("这张卡不支持密码校验")
        if not answer.ok:
            raise DeviceFault(f"密码没有校验成：{answer.chinese}")


def _digits(password: str) -> bytes:
    if not (len(password) == PASSWORD_DIGITS and password.isascii() and password.isdigit()):
        raise PasswordWrong(f"密码应为 {PASSWORD_DIGITS} 位数字，没有向卡提交")
    return bytes.fromhex(password)


def _sixteen(proof: CardProof) -> bytes:
    try:
        external = bytes.fromhex(proof.external)
    except ValueError:
        external = b""
    if len(external) != 16:
        raise NeedsAuthentication("加密机返回的外部认证数据不对")
    return external


def read_card(transmit: Transmit, device: str, terminal: Terminal, prove: Prove | None) -> Reading:
    """Everything that the card that is there shows. Where a third-generation card withholds its holder and nothing
    here can authenticate, the reading has the card's numbers alone, and says so."""
    card = SocialCard(transmit)
    card.select()
    values = {record.name: card.value(record) for record in OF_ISSUER}
    notes: tuple[str, ...] = ()
    try:
        values |= {record.name: card.value(record) for record in OF_HOLDER}
    except NeedsAuthentication:
        if prove is None:
            notes = (NOT_AUTHENTICATED,)
        else:
            card.authenticate(terminal, prove)
            values |= {record.name: card.value(record) for record in OF_HOLDER}
    return _reading(values, device, notes)


def _reading(values: dict[str, bytes], device: str, notes: tuple[str, ...]) -> Reading:
    name = values.get("name", b"")
    if name.rstrip(b"\0 ") and b"\0" not in name:  # as long as the record: it may go on in the next one
        name += values.get("name_more", b"")
    values = values | {"name": name}
    raw = {r.name: r.text(values[r.name]) for r in (*OF_ISSUER, *OF_HOLDER) if values.get(r.name)}
    place = raw.get("card_id", "")[:6]
    certno = raw.get("certno", "").upper()
    return Reading(
        medium=Medium.SOCIAL_CARD, device=device, number=raw.get("card_no", ""), card_sn=raw.get("card_id", ""),
        certno=certno, name=raw.get("name", ""), sex=raw.get("sex", ""), born=records.day(raw.get("born", "")),
        valid_from=records.day(raw.get("issued", "")), valid_to=records.day(raw.get("valid_to", "")),
        place=place if place.isdigit() else "", raw=raw, notes=notes,
    )  # fmt: skip
