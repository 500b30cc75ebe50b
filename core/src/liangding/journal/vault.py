"""Encryption at rest: bodies under AES-256-GCM or SM4-GCM, identity numbers as keyed hashes that can be searched but
not read, and the keyed digests of the chain.

A secret can be followed by another (rotation): what the old one sealed still opens, and :meth:`Vault.renewed` says
what has to be sealed anew.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from typing import Literal

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import LiangdingError

CipherName = Literal["aes-256-gcm", "sm4-gcm"]

_NONCE, _TAG = 12, 16
_CODES: dict[CipherName, int] = {"aes-256-gcm": 1, "sm4-gcm": 2}
_NAMES = {code: name for name, code in _CODES.items()}


class Unreadable(LiangdingError):
    """A stored body does not open with these keys: another key, or somebody changed it."""

    code = "journal_unreadable"
    remedy = "核对 journal.key 与 journal.old_keys；若密钥没错，正文已被改动"


@attrs.frozen(eq=False)
class _Secret:
    """What is derived from one secret: a name to know it by, and a key for each use."""

    name: bytes
    aes: AESGCM
    sm4: bytes

    @classmethod
    def of(cls, secret: str) -> _Secret:
        material = _material(secret)
        return cls(
            name=_derived(material, b"liangding journal key name")[:4],
            aes=AESGCM(_derived(material, b"liangding journal bodies")),
            sm4=_derived(material, b"liangding journal bodies sm4")[:16],
        )


class Vault:
    """Seals with ``secret``; opens with it and with the ``old`` ones.

    Hashes of persons and the chain are keyed by the oldest secret that is given, so that they stay comparable.
    ValueError for a secret that is none.
    """

    def __init__(self, secret: str, *, old: Sequence[str] = (), cipher: CipherName = "aes-256-gcm") -> None:
        self._cipher = cipher
        self._now = _Secret.of(secret)
        self._known = {held.name: held for held in (self._now, *map(_Secret.of, old))}
        oldest = _material(old[-1] if old else secret)
        self._hashes = _derived(oldest, b"liangding journal persons")
        self._chain = HMAC(_derived(oldest, b"liangding journal chain"), hashes.SM3())

    def seal(self, plain: bytes) -> bytes:
        if not plain:
            return b""
        nonce = os.urandom(_NONCE)
        head = bytes([_CODES[self._cipher]]) + self._now.name + nonce
        if self._cipher == "aes-256-gcm":
            return head + self._now.aes.encrypt(nonce, plain, None)
        encryptor = BlockCipher(algorithms.SM4(self._now.sm4), modes.GCM(nonce)).encryptor()
        return head + encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def open(self, sealed: bytes | None) -> bytes:
        """The plain bytes. :class:`Unreadable` where no key that is given sealed them, or they were changed."""
        if not sealed:
            return b""
        cipher, name = _NAMES.get(sealed[0]), sealed[1:5]
        nonce, body = sealed[5 : 5 + _NONCE], sealed[5 + _NONCE :]
        held = self._known.get(name)
        if cipher is None or held is None:
            raise Unreadable("流水中的正文打不开：密钥不对，或内容被改过")
        try:
            if cipher == "aes-256-gcm":
                return held.aes.decrypt(nonce, body, None)
            decryptor = BlockCipher(algorithms.SM4(held.sm4), modes.GCM(nonce, body[-_TAG:])).decryptor()
            return decryptor.update(body[:-_TAG]) + decryptor.finalize()
        except (InvalidTag, ValueError):
            raise Unreadable("流水中的正文打不开：内容被改过") from None

    def renewed(self, sealed: bytes | None) -> bytes | None:
        """``sealed`` under the present secret and cipher; None where it is so already."""
        if not sealed or (sealed[0] == _CODES[self._cipher] and sealed[1:5] == self._now.name):
            return None
        return self.seal(self.open(sealed))

    def hashed(self, identity: str | None) -> str | None:
        """A keyed hash of an identity number; the same number gives the same hash."""
        return identity and hmac.new(self._hashes, identity.encode(), "sha256").hexdigest()[:32]

    def keyed(self, content: bytes) -> str:
        """A keyed SM3 digest."""
        mac = self._chain.copy()
        mac.update(content)
        return mac.finalize().hex()


def _material(secret: str) -> bytes:
    try:
        decoded = base64.b64decode(secret, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) < 32:
        raise ValueError("密钥应为 32 字节以上的随机数，Base64 书写；liangding key 生成一个")
    return decoded


def _derived(material: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, purpose).derive(material)


def new_secret() -> str:
    """A fresh secret, as the deployment's environment or file should hold it."""
    return base64.b64encode(os.urandom(32)).decode()
