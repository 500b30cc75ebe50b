"""The SAM_V module: the commands that identity-card readers understand, and what their status codes say.

Sequence of a reading: find, select, read; a card that has been read stays selected, and is not found again before it
is lifted and put down.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum

import attrs

from liangding.contract.device_errors import DeviceFault, ReaderGone
from liangding.contract.devices import Patience
from liangding.contract.serial_ports import Line

from .frames import Answer, Stream, request


class Status(IntEnum):
    """SW3."""

    OK = 0x90
    NOTHING_THERE = 0x91
    FOUND = 0x9F
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    NOT_ALLOWED = 0x23
    UNKNOWN_ERROR = 0x24
    CARD_REFUSED_MODULE = 0x31
    MODULE_REFUSED_CARD = 0x32
    NOT_GENUINE = 0x33
    UNKNOWN_CARD = 0x40
    NOT_READ = 0x41
    NO_RANDOM = 0x47
    MODULE_DEFECT = 0x60
    MODULE_NOT_LICENSED = 0x66
    NOT_FOUND = 0x80
    NOT_SELECTED = 0x81

    @property
    def chinese(self) -> str:
        return _SAYS[self.value]


_SAYS = {
    0x90: "操作成功", 0x91: "证卡中此项无内容", 0x9F: "寻找证卡成功", 0x10: "接收数据的校验和错",
    0x11: "接收数据的长度错", 0x21: "命令错", 0x23: "越权操作", 0x24: "无法识别的错误", 0x31: "证卡认证安全模块失败",
    0x32: "安全模块认证证卡失败", 0x33: "信息验证错误", 0x40: "无法识别的卡类型", 0x41: "读证卡操作失败",
    0x47: "取随机数失败", 0x60: "安全模块自检失败", 0x66: "安全模块未经授权", 0x80: "寻找证卡失败",
    0x81: "选取证卡失败",
}  # fmt: skip

NOT_A_CARD = {Status.CARD_REFUSED_MODULE, Status.MODULE_REFUSED_CARD, Status.NOT_GENUINE, Status.UNKNOWN_CARD}
"""What is there is no identity card, or no genuine one."""

DEFECT = {Status.NOT_ALLOWED, Status.MODULE_DEFECT, Status.MODULE_NOT_LICENSED, Status.BAD_COMMAND}
"""The module itself is out of order."""


@attrs.frozen(kw_only=True)
class Command:
    """One command: its two bytes, the status of success, how long the module may take (seconds), and the sizes that
    the data of a success may have (None: any)."""

    code: int
    parameter: int
    ok: Status = Status.OK
    seconds: float = 1.0
    sizes: Callable[[int], bool] = lambda size: True

    @property
    def request(self) -> bytes:
        return request(self.code, self.parameter)

    def fits(self, answer: Answer) -> bool:
        """Whether an answer may be this command's, and not a late one of another command."""
        if answer.code == self.ok:
            return self.sizes(len(answer.data))
        return answer.code not in (Status.OK, Status.FOUND) and not answer.data


RESET = Command(code=0x10, parameter=0xFF, sizes=lambda size: size == 0)
STATUS = Command(code=0x11, parameter=0xFF, sizes=lambda size: size == 0)
MODULE_NUMBER = Command(code=0x12, parameter=0xFF, sizes=lambda size: size == 16)
FIND = Command(code=0x20, parameter=0x01, ok=Status.FOUND)
SELECT = Command(code=0x20, parameter=0x02, sizes=lambda size: size == 8)
READ = Command(code=0x30, parameter=0x01, seconds=3.0, sizes=lambda size: size > 16)
NEW_ADDRESS = Command(code=0x30, parameter=0x03, seconds=2.0, sizes=lambda size: size in (0, 70))

TRIES = 3
"""How often a command is sent whose answer came damaged, or never: none of them changes anything."""


@attrs.frozen
class Content:
    """What a card holds: the text block, and the photograph as it came (WLT, which only its maker's library opens)."""

    text: bytes = attrs.field(repr=False)
    photo: bytes = attrs.field(repr=False)


class Module:
    """A module at the end of a line."""

    def __init__(self, line: Line, device: str = "") -> None:
        self._line = line
        self._stream = Stream()
        self.device = device

    def ask(self, command: Command, patience: Patience) -> Answer:
        """Send a command and wait for its answer. ReaderGone where none comes, DeviceFault where none is whole."""
        heard = False
        for _ in range(TRIES):
            self._stream.clear()
            self._line.reset_input_buffer()
            self._line.write(command.request)
            answer, said = self._await(command, patience)
            heard = heard or said
            if answer is not None and answer.code not in (Status.BAD_CHECKSUM, Status.BAD_LENGTH):
                return self._judged(answer)
        if heard:
            raise DeviceFault("读卡器的应答残缺", device=self.device)
        raise ReaderGone("读卡器没有应答", device=self.device)

    def _await(self, command: Command, patience: Patience) -> tuple[Answer | None, bool]:
        """The answer of that command, and whether anything was heard at all."""
        until, heard = time.monotonic() + command.seconds, False
        while time.monotonic() < until:
            patience.left()
            received = self._line.read(self._stream.wanting)
            heard = heard or bool(received)
            self._stream.feed(received)
            damaged = self._stream.damaged
            while (answer := self._stream.next()) is not None:
                if command.fits(answer):
                    return answer, True
            if self._stream.damaged > damaged:
                return None, True  # what was wanted came damaged: ask again at once
        return None, heard

    def _judged(self, answer: Answer) -> Answer:
        if answer.code in DEFECT:
            raise DeviceFault(f"读卡器：{Status(answer.code).chinese}", device=self.device)
        return answer

    def find(self, patience: Patience) -> bool:
        """Whether a card has been put down."""
        return self.ask(FIND, patience).code == Status.FOUND

    def select(self, patience: Patience) -> bool:
        """Whether the card that was found answers."""
        return self.ask(SELECT, patience).code == Status.OK

    def read(self, patience: Patience) -> Content | Status | None:
        """What the selected card holds; the status where the module says why not; None for a status unknown to us."""
        answer = self.ask(READ, patience)
        if answer.code != Status.OK:
            return Status(answer.code) if answer.code in _SAYS else None
        return content(answer.data, self.device)

    def new_address(self, patience: Patience) -> str:
        """The address that was written later; empty where there is none."""
        answer = self.ask(NEW_ADDRESS, patience)
        return answer.data.decode("utf-16-le", "replace").rstrip(" \0") if answer.code == Status.OK else ""


def content(data: bytes, device: str = "") -> Content:
    """The blocks of an answer to a reading: two lengths of two bytes, text, photograph. DeviceFault where they
    contradict each other."""
    text, photo = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if len(data) < 4 or len(data) != 4 + text + photo:
        raise DeviceFault("读卡器的应答长度自相矛盾", device=device)
    return Content(data[4 : 4 + text], data[4 + text :])
