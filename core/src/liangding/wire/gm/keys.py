"""SM2 keys in the forms in which bureaus hand them out: hexadecimal, Base64, PEM, PKCS#8.

Errors name the form that is wrong, never the key.
"""

from __future__ import annotations

import base64
import binascii
import re

from ...errors import LiangdingError
from . import der

SIZE = 32
"""Bytes of a private key, and of a coordinate."""

ORDER = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)
"""The order of the curve's base point: a private key is smaller by one at least (GB/T 32918.5)."""

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_BESIDE = {"CERTIFICATE": "；从证书取公钥：openssl x509 -pubkey -noout"}
_PARAMETERS = 0xA0
"""The tag of an EC key's own curve (SEC 1)."""
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)")


class BadKeyMaterial(LiangdingError):
    """What should be a key is none. The message says what it looks like, and never holds the key."""

    code = "bad_key_material"
    remedy = "密钥用十六进制、Base64、PEM 或 PKCS#8 书写；私钥 32 字节，公钥 64 或 65 字节"


def private_key(text: str) -> bytes:
    """The 32 bytes of a private key: hexadecimal or Base64 of 32 bytes (33 with a leading zero), of PKCS#8 or of
    SEC 1; or PEM. BadKeyMaterial for anything else."""
    data = _bytes_of(text, ("PRIVATE KEY", "EC PRIVATE KEY"))
    if len(data) > SIZE + 1:
        data = _private_from_der(data)
    if len(data) == SIZE + 1 and data[0] == 0:
        data = data[1:]
    if len(data) != SIZE:
        raise BadKeyMaterial(f"私钥应为 {SIZE} 字节，给的是 {len(data)} 字节")
    if not 0 < int.from_bytes(data, "big") < ORDER - 1:
        raise BadKeyMaterial("私钥的值超出了 SM2 曲线的范围")
    return data


def public_key(text: str) -> bytes:
    """The 65 bytes 04‖x‖y of a public key: hexadecimal or Base64 of 65 bytes (64 without the 04), of
    SubjectPublicKeyInfo; or PEM. BadKeyMaterial for anything else."""
    data = _bytes_of(text, ("PUBLIC KEY",))
    if len(data) > 2 * SIZE + 1:
        data = _public_from_der(data)
    if len(data) == 2 * SIZE:
        data = b"\4" + data
    if len(data) == SIZE + 1 and data[0] in (2, 3):
        raise BadKeyMaterial("公钥是压缩的（02 或 03 开头），请换成不压缩的 04‖x‖y")
    if len(data) == SIZE or (len(data) == SIZE + 1 and data[0] == 0):
        raise BadKeyMaterial(f"公钥应为 64 或 65 字节，给的是 {len(data)} 字节：像是私钥")
    if len(data) != 2 * SIZE + 1 or data[0] != 4:
        raise BadKeyMaterial(f"公钥应为 64 字节，或以 04 开头的 65 字节，给的是 {len(data)} 字节")
    return data


def _bytes_of(text: str, labels: tuple[str, ...]) -> bytes:
    held = text.strip().lstrip("\ufeff")
    if not held:
        raise BadKeyMaterial("密钥是空的")
    blocks = list(_PEM.finditer(held))
    pem = next((block for block in blocks if block[1] in labels), blocks[0] if blocks else None)
    if pem:
        if pem[1] not in labels:
            wanted = " 或 ".join(labels)
            beside = "，是加了口令的，请先去掉口令" if "ENCRYPTED" in pem[1] else _BESIDE.get(pem[1], "")
            raise BadKeyMaterial(f"PEM 的种类是 {pem[1]}，这里要 {wanted}{beside}")
        if "Proc-Type:" in pem[2]:
            raise BadKeyMaterial("这个 PEM 是加了口令的，请先去掉口令")
        held = pem[2]
    held = "".join(held.split())
    plain = _HEX.fullmatch(held)
    if plain and not pem:
        return bytes.fromhex(plain[1])
    try:
        return base64.b64decode(held, validate=True)
    except binascii.Error:
        raise BadKeyMaterial("密钥既不是十六进制，也不是完整的 Base64") from None


def _private_from_der(data: bytes) -> bytes:
    try:
        fields = der.read(der.one(data))
        tags = [field.tag for field in fields]
        if tags[:3] == [der.INTEGER, der.SEQUENCE, der.OCTETS]:
            _check_curve(fields[1].content)
            fields = der.read(der.one(fields[2].content))
        elif tags == [der.SEQUENCE, der.OCTETS]:
            raise BadKeyMaterial("这个私钥是加了口令的 PKCS#8，请先去掉口令")
        elif tags == [der.SEQUENCE, der.BITS]:
            raise BadKeyMaterial("这里要私钥，给的是公钥")
        if len(fields) < 2 or fields[1].tag != der.OCTETS:
            raise ValueError("DER 的结构不对")
        for field in fields[2:]:
            if field.tag == _PARAMETERS:
                _check_curve(field.content)
    except ValueError as wrong:
        raise BadKeyMaterial(f"读不懂私钥的 DER：{wrong}") from None
    return fields[1].content.rjust(SIZE, b"\0")


def _public_from_der(data: bytes) -> bytes:
    try:
        fields = der.read(der.one(data))
        tags = [field.tag for field in fields]
        if tags[:2] in ([der.INTEGER, der.SEQUENCE], [der.INTEGER, der.OCTETS]):
            raise BadKeyMaterial("这里要公钥，给的是私钥")
        if tags == [der.SEQUENCE, der.SEQUENCE, der.BITS]:
            raise BadKeyMaterial(f"给的是证书{_BESIDE['CERTIFICATE']}")
        if tags != [der.SEQUENCE, der.BITS]:
            raise ValueError("DER 的结构不对")
        algorithm, bits = fields
        _check_curve(algorithm.content)
    except ValueError as wrong:
        raise BadKeyMaterial(f"读不懂公钥的 DER：{wrong}") from None
    return bits.content[1:]


def _check_curve(algorithm: bytes) -> None:
    held = [element.content for element in der.read(algorithm)]
    if der.SM2_CURVE not in held:
        raise BadKeyMaterial("这个密钥不是 SM2 曲线的")
