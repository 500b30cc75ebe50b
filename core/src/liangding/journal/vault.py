"""Encryption at rest: bodies as AES-256-GCM, identity numbers as keyed hashes that can be searched but not read."""

from __future__ import annotations

import base64
import binascii
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import LiangdingError

_FORMAT = b"\x01"
_NONCE = 12


class Unreadable(LiangdingError):
    """A stored body does not open with this key: another key, or somebody changed it."""

    code = "journal_unreadable"


class Vault:
    """Seals and opens with one secret, from which a key for bodies and a key for hashes are derived."""

    def __init__(self, secret: str) -> None:
        material = _material(secret)
        self._bodies = AESGCM(_derived(material, b"liangding journal bodies"))
        self._hashes = _derived(material, b"liangding journal persons")

    def seal(self, plain: bytes) -> bytes:
        if not plain:
            return b""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._bodies.encrypt(nonce, plain, None)

    def open(self, sealed: bytes | None) -> bytes:
        """The plain bytes. :class:`Unreadable` where the key is not the one that sealed them."""
        if not sealed:
            return b""
        if sealed[:1] != _FORMAT:
            raise Unreadable("流水中的正文格式不认识")
        try:
            return self._bodies.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], None)
        except InvalidTag:
            raise Unreadable("流水中的正文打不开：密钥不对，或内容被改过") from None

    def hashed(self, identity: str | None) -> str | None:
        """A keyed hash of an identity number; the same number gives the same hash."""
        return identity and hmac.new(self._hashes, identity.encode(), "sha256").hexdigest()[:32]


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
