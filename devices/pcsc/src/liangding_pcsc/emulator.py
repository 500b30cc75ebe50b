"""A social security card without plastic: it answers commands as a card does, and can be put into a virtual reader.

The virtual reader is vpcd's (Debian's vsmartcard-vpcd), a driver of a real pcscd: cards are clients of its TCP port.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from liangding.contract.device_errors import ReaderGone
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import CardChallenge, CardProof, Emulated, Persona

from . import records
from .apdu import StatusWord
from .records import HOLDER, OF_HOLDER, OF_ISSUER
from .social_card import APPLICATION, AUTHENTICATION_KEY

ATR = bytes.fromhex("3B6B0000") + b"TESTCARD\x00\x01\x02"
PORT = 35_963
"""Where vpcd's first reader listens; the second one a number higher."""

FILE_INFORMATION = bytes(30)
PASSWORD, TRIES = "123456", 3


def values_of(persona: Persona, generation: str = "2.00") -> dict[str, bytes]:
    """The records of a made-up card of this person."""
    ends = f"{persona.valid_to:%Y%m%d}" if persona.valid_to else "20991231"
    texts = {
        "card_id": persona.card_sn, "version": generation, "card_no": persona.card_no, "certno": persona.certno,
        "issued": f"{persona.valid_from:%Y%m%d}", "valid_to": ends, "name": "", "name_more": "", "sex": persona.sex,
        "nation": "01", "born": f"{persona.born:%Y%m%d}",
    }  # fmt: skip
    held = {r.name: r.write(texts[r.name]) for r in (*OF_ISSUER, *OF_HOLDER)}
    name, size = persona.name.encode("gb18030"), records.NAME.size
    for record, part in ((records.NAME, name[:size]), (records.NAME_MORE, name[size:])):
        held[record.name] = bytes((record.tag, record.size)) + part.ljust(record.size, b"\0")
    if generation == "1.00":
        del held["name_more"]
    return held


class EmulatedCard:
    """A card: :meth:`answer` takes a command's bytes and gives the answer's.

    ``generation`` is 1.00, 2.00 or 3.00; ``by_file`` lets it take records of a selected file only, as some cards do.
    ``application`` None makes it some other card, an ``atr`` that is none a card put in the wrong way.
    After ``commands`` of them, ``moved`` is called: somebody took it.
    """

    def __init__(self, persona: Persona, *, generation: str = "2.00", by_file: bool = False) -> None:
        self.values = values_of(persona, generation)
        self.generation = generation
        self.by_file = by_file
        self.application: bytes | None = APPLICATION
        self.atr = ATR
        self.password, self.tries = PASSWORD, TRIES
        self.commands: int | None = None
        self.moved: Callable[[], None] = lambda: None
        self.asked: list[bytes] = []
        self.reset()

    @property
    def was_read(self) -> bool:
        """Whether the last record that a reading asks for was asked for."""
        last = records.VALID_TO if self.generation == "3.00" else records.BORN
        return any(each[1] == 0xB2 and each[2] == last.tag for each in self.asked)

    def reset(self) -> None:
        """Power on."""
        self._selected, self._file, self._pending = False, 0, b""
        self._challenges: list[bytes] = []
        self._authenticated = self.generation != "3.00"

    def answer(self, command: bytes) -> bytes:
        self.asked.append(command)
        if self.commands is not None:
            self.commands -= 1
            if self.commands < 0:
                self.moved()
                return b""
        if len(command) < 5:
            return _word(StatusWord.WRONG_LENGTH)
        does = {
            0xA4: self._select, 0xB2: self._read, 0xC0: self._more, 0x84: self._challenge, 0x88: self._inner,
            0x82: self._outer, 0x20: self._verify, 0x5E: self._change,
        }.get(command[1])  # fmt: skip
        return does(command) if does else _word(StatusWord.BAD_INSTRUCTION)

    def _select(self, command: bytes) -> bytes:
        data = command[5 : 5 + command[4]]
        if command[2] == 0x04:
            if self.application is None or data != self.application:
                return _word(StatusWord.FILE_NOT_FOUND)
            self._selected, self._pending = True, FILE_INFORMATION
            return bytes((0x61, len(FILE_INFORMATION)))
        if not self._selected or len(data) != 2 or data[0] != 0xEF:
            return _word(StatusWord.FILE_NOT_FOUND)
        self._file = data[1]
        return _word(StatusWord.OK)

    def _read(self, command: bytes) -> bytes:
        if not self._selected:
            return _word(StatusWord.CONDITIONS)
        file = command[3] >> 3 if not self.by_file and command[3] else self._file
        if file == 0 or (self.by_file and command[3]):
            return _word(StatusWord.NO_CURRENT_FILE)
        record = next((r for r in (*OF_ISSUER, *OF_HOLDER) if (r.file, r.tag) == (file, command[2])), None)
        if record is None or record.name not in self.values:
            return _word(StatusWord.RECORD_NOT_FOUND)
        if record.file == HOLDER and not self._authenticated:
            return _word(StatusWord.NOT_ALLOWED)
        value = self.values[record.name]
        return value + _word(StatusWord.OK) if command[4] == len(value) else bytes((0x6C, len(value)))

    def _more(self, command: bytes) -> bytes:
        pending, self._pending = self._pending, b""
        return pending[: command[4] or 256] + _word(StatusWord.OK) if pending else _word(StatusWord.CONDITIONS)

    def _challenge(self, command: bytes) -> bytes:
        made = hashlib.sha256(bytes((len(self._challenges),)) + self.values["card_id"]).digest()[:8]
        self._challenges.append(made)
        return made + _word(StatusWord.OK)

    def _inner(self, command: bytes) -> bytes:
        self._pending = _secret(self.values["card_id"][2:], command[5:21])[:8]
        return bytes((0x61, 8))

    def _outer(self, command: bytes) -> bytes:
        source, factor = self._challenges[-2:] if len(self._challenges) > 3 else (b"", b"")
        expected = _secret(self.values["card_id"][2:], factor + source)
        if command[3] != AUTHENTICATION_KEY or command[5:21] != expected:
            return bytes((0x63, 0xC2))
        self._authenticated = True
        return _word(StatusWord.OK)

    def _verify(self, command: bytes) -> bytes:
        return self._tried(command[5 : 5 + command[4]] == bytes.fromhex(self.password))

    def _change(self, command: bytes) -> bytes:
        old, _, new = command[5 : 5 + command[4]].partition(b"\xff")
        answer = self._tried(old == bytes.fromhex(self.password))
        if answer == _word(StatusWord.OK):
            self.password = new.hex()
        return answer

    def _tried(self, right: bool) -> bytes:
        if self.tries == 0:
            return _word(StatusWord.BLOCKED)
        self.tries = TRIES if right else self.tries - 1
        return _word(StatusWord.OK) if right else bytes((0x63, 0xC0 | self.tries))


def _word(status: StatusWord) -> bytes:
    return status.to_bytes(2, "big")


def _secret(card_id: bytes, challenge: bytes) -> bytes:
    """What card and encryption machine both know to answer; the real algorithm is not public, and not needed here."""
    return hashlib.sha256(b"made up" + card_id + challenge).digest()[:16]


def emulated_machine(challenge: CardChallenge) -> CardProof:
    """The encryption machine that knows the emulated cards."""
    _, _, _, card_id, factor, source, other_factor, other_source, *_ = challenge.message.split("|")
    inner = _secret(bytes.fromhex(card_id), bytes.fromhex(factor + source))
    outer = _secret(bytes.fromhex(card_id), bytes.fromhex(other_factor + other_source))
    return CardProof(internal=inner.hex(), external=outer.hex())


class VirtualReader:
    """A slot of vpcd's: :meth:`insert` puts a card in, :meth:`remove` takes it out."""

    def __init__(self, port: int = PORT) -> None:
        self.port = port
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def insert(self, card: EmulatedCard | CardStack) -> None:
        """Put a card in. ReaderGone where no virtual reader listens."""
        self.remove()
        try:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        except OSError:
            raise ReaderGone("没有虚拟读卡器", remedy="安装 pcscd 与 vsmartcard-vpcd，启动 pcscd 后再试") from None
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        card.moved = self._hang_up
        self._thread = threading.Thread(target=self._serve, args=(self._socket, card), daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card out."""
        self._hang_up()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        self._socket = self._thread = None

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _serve(line: socket.socket, card: EmulatedCard | CardStack) -> None:
        with contextlib.suppress(OSError):
            while received := _message(line):
                if received in (b"\x00", b"\x01", b"\x02"):
                    card.reset()
                    continue
                reply = card.atr if received == b"\x04" else card.answer(received)
                if not reply:
                    return
                line.sendall(len(reply).to_bytes(2, "big") + reply)


def _message(line: socket.socket) -> bytes:
    """One message of vpcd's: two bytes of length and the payload. Empty where the line is closed."""
    size = _exactly(line, 2)
    return _exactly(line, int.from_bytes(size, "big")) if size else b""


def _exactly(line: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        if hasattr(socket, "TCP_QUICKACK"):  # without it an exchange takes 50 ms
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        received = line.recv(size - len(held))
        if not received:
            return b""
        held += received
    return held


@attrs.frozen(kw_only=True)
class EmulatorSettings:
    """``generation`` of the cards, 1.00 to 3.00; ``port`` of the virtual reader."""

    generation: str = "2.00"
    port: int = PORT


@contextlib.contextmanager
def emulate(personas: Iterable[Persona], settings: Mapping[str, Any]) -> Iterator[Emulated]:
    """These persons' cards in the virtual reader, one after the other; the last one stays."""
    wanted = settings_of("emulate", settings, EmulatorSettings)
    cards = [EmulatedCard(persona, generation=wanted.generation) for persona in personas]
    reader = VirtualReader(wanted.port)
    reader.insert(CardStack(cards))
    try:
        yield Emulated(settings={"reader": "Virtual PCD 00 0"}, says=f"社会保障卡在虚拟读卡器中，依次 {len(cards)} 张")
    finally:
        reader.remove()


class CardStack:
    """Cards one after the other: when one has been read, the next one answers. Nobody has to be quick."""

    def __init__(self, cards: list[EmulatedCard]) -> None:
        self._cards = cards
        self.atr = ATR
        self.moved: Callable[[], None] = lambda: None

    def reset(self) -> None:
        """Power on."""
        self._cards[0].reset()

    def answer(self, command: bytes) -> bytes:
        selects = command[1:3] == b"\xa4\x04"
        if selects and len(self._cards) > 1 and self._cards[0].was_read:
            self._cards.pop(0)
        return self._cards[0].answer(command)
