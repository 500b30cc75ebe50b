"""Commands to a card and its answers (ISO 7816-4): written, exchanged, and their status words named."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import IntEnum

import attrs

from liangding.contract.device_errors import DeviceFault

Transmit = Callable[[bytes], bytes]
"""Sends a command's bytes to the card that is there, and returns its answer with the status word."""

ROUNDS = 16
"""How often a card may say that there is more, or that it wants another length, before it is believed to be broken."""


class StatusWord(IntEnum):
    """SW1 and SW2. ``61xx``, ``6Cxx`` and ``63Cx`` carry a number and are told by :class:`Response`."""

    OK = 0x9000
    WRONG_LENGTH = 0x6700
    NOT_FOR_THIS_FILE = 0x6981
    NOT_ALLOWED = 0x6982
    BLOCKED = 0x6983
    BAD_CHALLENGE = 0x6984
    CONDITIONS = 0x6985
    NO_CURRENT_FILE = 0x6986
    SECURE_MESSAGING = 0x6988
    BAD_DATA = 0x6A80
    CARD_LOCKED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    BAD_PARAMETERS = 0x6A86
    KEY_NOT_FOUND = 0x6A88
    BAD_INSTRUCTION = 0x6D00
    BAD_CLASS = 0x6E00
    BAD_MAC = 0x9302
    APPLICATION_LOCKED = 0x9303

    @property
    def chinese(self) -> str:
        return _SAYS[self.value]


_SAYS = {
    0x9000: "成功", 0x6700: "长度错", 0x6981: "命令与文件结构不符", 0x6982: "不满足安全条件", 0x6983: "认证方法锁定",
    0x6984: "随机数无效", 0x6985: "不满足使用条件", 0x6986: "命令不接受", 0x6988: "安全报文数据项不正确",
    0x6A80: "数据域参数错", 0x6A81: "功能不支持或卡锁定", 0x6A82: "文件未找到", 0x6A83: "记录未找到",
    0x6A86: "P1 P2 错", 0x6A88: "引用数据（密钥）未找到", 0x6D00: "INS 错", 0x6E00: "CLA 错", 0x9302: "MAC 无效",
    0x9303: "应用已被永久锁定",
}  # fmt: skip

LOCKED = {StatusWord.CARD_LOCKED, StatusWord.APPLICATION_LOCKED}
"""The card, or the application on it, is of no use any more."""


@attrs.frozen(kw_only=True)
class Command:
    """One command: class, instruction, two parameters, data, and how many bytes are expected (None: none, 0: 256)."""

    cla: int = 0x00
    ins: int
    p1: int = 0x00
    p2: int = 0x00
    data: bytes = attrs.field(default=b"", repr=False)
    le: int | None = None

    @functools.cached_property
    def sent(self) -> bytes:
        """As it travels under T=0: with data, the expected length is left out, and asked for by GET RESPONSE."""
        head = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            return head + bytes((len(self.data),)) + self.data
        return head + bytes(((self.le or 0) & 0xFF,))


@attrs.frozen
class Response:
    """What a card answered."""

    data: bytes = attrs.field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        return self.status == StatusWord.OK

    @property
    def tries_left(self) -> int | None:
        """How many tries of a password are left, where the status says so (63Cx)."""
        return self.status & 0xF if self.status & 0xFFF0 == 0x63C0 else None

    @property
    def chinese(self) -> str:
        """What the status says, with its number."""
        said = _SAYS.get(self.status, f"鉴别失败，剩余 {self.tries_left} 次" if self.tries_left is not None else "")
        return f"{said or '没有说明的状态'}（{self.status:04X}）"


def exchange(transmit: Transmit, command: Command) -> Response:
    """Send a command and get its whole answer: what remains is fetched (61xx), a wrong length is mended (6Cxx).

    DeviceFault where the card's answer is none, or never comes to an end.
    """
    sent, held = command.sent, b""
    for _ in range(ROUNDS):
        received = transmit(sent)
        if len(received) < 2:
            raise DeviceFault("卡的应答残缺")
        data, sw1, sw2 = received[:-2], received[-2], received[-1]
        if sw1 == 0x61:
            held += data
            sent = bytes((command.cla & 0x03, 0xC0, 0, 0, sw2))
        elif sw1 == 0x6C and not data:
            sent = sent[:4] + bytes((sw2,))
        else:
            return Response(held + data, sw1 << 8 | sw2)
    raise DeviceFault("卡的应答没有结尾")


def historical(atr: bytes) -> bytes:
    """The historical bytes of an answer to reset; none where it is not a whole one."""
    if len(atr) < 2:
        return b""
    count, at, more = atr[1] & 0xF, 2, atr[1] >> 4
    while more:
        interface = at + (more & 0b0111).bit_count()
        if not more & 0b1000:
            at = interface
            break
        if interface >= len(atr):
            return b""
        at, more = interface + 1, atr[interface] >> 4
    found = atr[at : at + count]
    return found if len(found) == count else b""
