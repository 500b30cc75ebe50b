"""SM2 (GB/T 32918): signatures with SM3 and a user id, and public-key encryption, in the forms that are asked for."""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import Protocol

from ...errors import ConfigurationError
from . import der, libcrypto
from .ciphers import sm3
from .keys import SIZE, BadKeyMaterial

DEFAULT_USER_ID = b"1234567812345678"
"""The user id of whoever was given none (GM/T 0009)."""

POINT = 2 * SIZE + 1

LONGEST_USER_ID = 0xFFFF // 8
"""Bytes of a user id at most: its length in bits is written in two bytes (GB/T 32918.2, 5.5)."""

_CURVE = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
"""a, b and the base point's x and y (GB/T 32918.5)."""


def identity_digest(public: bytes, user_id: bytes = DEFAULT_USER_ID) -> bytes:
    """ZA: what a user id and a public key (65 bytes) put in front of the message, 32 bytes (GB/T 32918.2, 5.5)."""
    return sm3((len(user_id) * 8).to_bytes(2, "big") + user_id + _CURVE + public[1:])


def message_digest(public: bytes, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> bytes:
    """e: the 32 bytes that a signature is over, SM3 of ZA and the message."""
    return sm3(identity_digest(public, user_id) + message)


class SignatureForm(StrEnum):
    """How a signature is written: 64 bytes r‖s, or an ASN.1 sequence of two numbers."""

    RAW = "raw"
    ASN1 = "asn1"


class CipherOrder(StrEnum):
    """How a ciphertext is put together: point, digest, cipher (GM/T 0003 of 2012), or the older order."""

    C1C3C2 = "c1c3c2"
    C1C2C3 = "c1c2c3"
    ASN1 = "asn1"


class Engine(Protocol):
    """What does the arithmetic. Keys and points are raw bytes, signatures r‖s; ValueError where it cannot."""

    name: str

    def public_of(self, private: bytes) -> bytes: ...
    def is_point(self, public: bytes) -> bool: ...
    def sign(self, private: bytes, public: bytes, user_id: bytes, message: bytes) -> bytes: ...
    def verify(self, public: bytes, user_id: bytes, message: bytes, signature: bytes) -> bool: ...
    def encrypt(self, public: bytes, plain: bytes) -> tuple[bytes, bytes, bytes]:
        """Point, digest and cipher."""

    def decrypt(self, private: bytes, point: bytes, digest: bytes, cipher: bytes) -> bytes: ...


_PROVEN = (
    bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"),
    bytes.fromhex(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
        "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    ),
)
"""The key and the signature of GB/T 32918.2's example over "message digest"."""


def works(engine: Engine) -> bool:
    """Whether an engine gets the standard's example right, and reads what it wrote."""
    private, signature = _PROVEN
    try:
        public = engine.public_of(private)
        fresh = engine.sign(private, public, DEFAULT_USER_ID, b"liangding")
        return (
            engine.verify(public, DEFAULT_USER_ID, b"message digest", signature)
            and engine.verify(public, DEFAULT_USER_ID, b"liangding", fresh)
            and not engine.verify(public, DEFAULT_USER_ID, b"message digest", fresh)
            and engine.decrypt(private, *engine.encrypt(public, b"liangding")) == b"liangding"
        )
    except ValueError:
        return False


@functools.cache
def engine(name: str = "") -> Engine:
    """The engine of that name; without a name libcrypto where it works, else gmalg. ConfigurationError where there is
    none."""
    if name in ("", "libcrypto") and libcrypto.library() is not None and works(libcrypto.Libcrypto()):
        return libcrypto.Libcrypto()
    if name in ("", "gmalg"):
        try:
            from .purepython import Gmalg
        except ImportError:
            pass
        else:
            return Gmalg()
    raise ConfigurationError("这台机器没有可用的 SM2", remedy="安装 OpenSSL 3，或 pip install liangding[gm]")


def engine_name() -> str:
    """Which engine is in use, for showing."""
    return engine().name


class Sm2:
    """One key of one party: ``private`` signs and decrypts, ``public`` verifies and encrypts; either may be missing.

    Both are raw bytes (:mod:`.keys` reads them from text). BadKeyMaterial for a public key that is not on the curve,
    or that does not belong to the private one.
    """

    def __init__(
        self,
        *,
        private: bytes | None = None,
        public: bytes | None = None,
        user_id: bytes = DEFAULT_USER_ID,
        by: str = "",
    ) -> None:
        self._engine = engine(by)
        if not user_id:
            raise BadKeyMaterial("用户标识是空的；没有约定的，用默认的 1234567812345678")
        if len(user_id) > LONGEST_USER_ID:
            raise BadKeyMaterial(f"用户标识有 {len(user_id)} 字节，最长 {LONGEST_USER_ID} 字节")
        self._private, self._user_id = private, user_id
        own = None if private is None else self._engine.public_of(private)
        if public is not None and not self._engine.is_point(public):
            raise BadKeyMaterial("公钥不在 SM2 曲线上")
        if own is not None and public not in (None, own):
            raise BadKeyMaterial("公钥与私钥不是一对")
        self.public = public or own

    def __repr__(self) -> str:
        return "<Sm2>"

    def sign(self, message: bytes, form: SignatureForm = SignatureForm.RAW) -> bytes:
        """The signature over ``message`` by SM3 with the user id."""
        if self._private is None or self.public is None:
            raise BadKeyMaterial("没有私钥，不能签名")
        signature = self._engine.sign(self._private, self.public, self._user_id, message)
        if form is SignatureForm.RAW:
            return signature
        return der.write(der.SEQUENCE, der.integer(signature[:SIZE]), der.integer(signature[SIZE:]))

    def verify(self, message: bytes, signature: bytes, form: SignatureForm = SignatureForm.RAW) -> bool:
        """Whether the signature is this party's over ``message``; one of another form is not."""
        if self.public is None:
            raise BadKeyMaterial("没有公钥，不能验签")
        if form is SignatureForm.ASN1:
            try:
                r, s = der.read(der.one(signature))
                signature = der.number(r, SIZE) + der.number(s, SIZE)
            except ValueError:
                return False
        if len(signature) != 2 * SIZE:
            return False
        return self._engine.verify(self.public, self._user_id, message, signature)

    def verify_digest(self, digest: bytes, signature: bytes) -> bool:
        """Whether the signature (r‖s) is this party's over ``digest`` itself, without a user id: what libraries sign
        that leave ZA to their caller. For explaining, never for believing; False where the engine cannot tell."""
        verifies = getattr(self._engine, "verify_digest", None)
        return self.public is not None and verifies is not None and bool(verifies(self.public, digest, signature))

    def encrypt(self, plain: bytes, order: CipherOrder = CipherOrder.C1C3C2) -> bytes:
        """``plain`` for this party's eyes, with the point as 04‖x‖y. ValueError for nothing at all."""
        if self.public is None:
            raise BadKeyMaterial("没有公钥，不能加密")
        if not plain:
            raise ValueError("没有要加密的内容")
        point, digest, cipher = self._engine.encrypt(self.public, plain)
        if order is CipherOrder.ASN1:
            numbers = der.integer(point[1 : SIZE + 1]), der.integer(point[SIZE + 1 :])
            return der.write(der.SEQUENCE, *numbers, der.write(der.OCTETS, digest), der.write(der.OCTETS, cipher))
        return point + (digest + cipher if order is CipherOrder.C1C3C2 else cipher + digest)

    def decrypt(self, sealed: bytes, order: CipherOrder = CipherOrder.C1C3C2) -> bytes:
        """What was encrypted for this party; the leading 04 may be missing. ValueError where it does not open."""
        if self._private is None:
            raise BadKeyMaterial("没有私钥，不能解密")
        whole = order is CipherOrder.ASN1 or (sealed[:1] == b"\4" and self._engine.is_point(sealed[:POINT]))
        return self._engine.decrypt(self._private, *_parts(sealed if whole else b"\4" + sealed, order))


def _parts(sealed: bytes, order: CipherOrder) -> tuple[bytes, bytes, bytes]:
    if order is CipherOrder.ASN1:
        x, y, digest, cipher = der.read(der.one(sealed))
        if (digest.tag, cipher.tag, len(digest.content)) != (der.OCTETS, der.OCTETS, SIZE):
            raise ValueError("DER 的结构不对")
        return b"\4" + der.number(x, SIZE) + der.number(y, SIZE), digest.content, cipher.content
    point, rest = sealed[:POINT], sealed[POINT:]
    if len(rest) <= SIZE:
        raise ValueError("SM2 密文太短")
    if order is CipherOrder.C1C3C2:
        return point, rest[:SIZE], rest[SIZE:]
    return point, rest[-SIZE:], rest[:-SIZE]
