"""Why a device gave nothing: each error says in the operator's language what happened and what to do.

None of them carries what a card holds or a person typed.
"""

from __future__ import annotations

from typing import Any

from ..errors import LiangdingError


class DeviceError(LiangdingError):
    """A device gave nothing; nothing was sent to the platform. ``device`` is the device's name, where it is known."""

    code = "device"
    http_status = 409
    remedy = "看设备的连线与指示灯，再试一次"

    def __init__(self, message: str, *, device: str = "", path: str = "", remedy: str = "") -> None:
        super().__init__(message, path=path or device, remedy=remedy)
        self.device = device

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"device": self.device}


class NoDevice(DeviceError):
    """No device here reads what is asked for."""

    code = "no_device"
    remedy = "在部署文件的 [devices] 中写明设备，或由收银软件给出凭证"


class ReaderGone(DeviceError):
    """The device is not there: unplugged, switched off, its service stopped, its port taken by another program."""

    code = "reader_gone"
    http_status = 503
    remedy = "检查读卡器的连线与电源，关掉占用它的其他程序，再试一次"


class DeviceBusy(DeviceError):
    """Somebody else works with the device at this moment."""

    code = "device_busy"
    remedy = "等前一次读取结束，或取消它"


class DeviceFault(DeviceError):
    """The device answers what cannot be understood, its library crashed, or does not answer at all."""

    code = "device_fault"
    http_status = 502
    remedy = "重新插拔设备再试；仍不行的，把设备名与这句话告诉技术支持"


class NotSupported(DeviceError):
    """The device cannot do what is asked, check a password for example."""

    code = "not_supported"
    remedy = "换一台设备，或由收银软件处理"


class NothingShown(DeviceError):
    """Nobody put a card down or showed a code within the time."""

    code = "no_card"
    remedy = "请把卡、证放到读卡器上，或把医保码对准扫码窗；已放上的拿起后重新放上"


class MovedTooEarly(DeviceError):
    """The card was taken away while it was being read."""

    code = "card_moved"
    remedy = "请放好不动，读完再拿走"


class WrongCard(DeviceError):
    """What was shown is not what is asked for: a bank card, a payment code, a drug's code."""

    code = "wrong_card"
    remedy = "请出示社会保障卡、身份证或医保码"


class WrongSide(DeviceError):
    """The card gives no answer: turned round, upside down, or its contacts are dirty."""

    code = "wrong_side"
    remedy = "请把卡翻面（芯片朝向读卡器）重新插入；仍不行的擦净芯片"


class CardLocked(DeviceError):
    """The card's password is locked, or the card itself."""

    code = "card_locked"
    remedy = "请持卡人到社保卡服务网点解锁"


class CredentialExpired(DeviceError):
    """The card, the document or the shown code is no longer valid."""

    code = "credential_expired"
    remedy = "请换有效的证件，或请参保人刷新医保码后重新出示"


class CodeUsed(DeviceError):
    """The code was shown already: each is good for one use."""

    code = "code_used"
    remedy = "请参保人刷新医保码后重新出示"


class Unreliable(DeviceError):
    """What was read contradicts itself: a number that fails its checksum, a birth date that is another one's."""

    code = "unreliable_reading"
    remedy = "请重新读一次；仍不行的核对证件真伪，改用其他凭证"


class NeedsAuthentication(DeviceError):
    """The card shows what is asked for only after mutual authentication, and nothing here can make it."""

    code = "needs_authentication"
    remedy = "为读卡器配 PSAM 卡或接通加密机，或改用医保码、身份证"


class ReadCancelled(DeviceError):
    """Somebody called the reading off."""

    code = "read_cancelled"
    remedy = "需要时再读一次"


class PasswordWrong(DeviceError):
    """The password is not the card's. ``tries_left`` says how many more are allowed, None where nobody says."""

    code = "password_wrong"
    remedy = "请持卡人重新输入密码"

    def __init__(self, message: str, *, tries_left: int | None = None, device: str = "") -> None:
        super().__init__(message, device=device)
        self.tries_left = tries_left

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"tries_left": self.tries_left}
