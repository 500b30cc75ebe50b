"""As much of ASN.1 DER as keys, signatures and ciphertexts of SM2 need. Reading is strict: one form only."""

from __future__ import annotations

from typing import NamedTuple

SEQUENCE, INTEGER, BITS, OCTETS, OID = 0x30, 0x02, 0x03, 0x04, 0x06

EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")
SM2_CURVE = bytes.fromhex("2a811ccf5501822d")
"""1.2.840.10045.2.1 and 1.2.156.10197.1.301."""


class Element(NamedTuple):
    """One element: its tag and its content."""

    tag: int
    content: bytes


def write(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: bytes) -> bytes:
    """A number that is not negative, from its big-endian bytes."""
    trimmed = value.lstrip(b"\0") or b"\0"
    return write(INTEGER, b"\0" + trimmed if trimmed[0] & 0x80 else trimmed)


def read(data: bytes) -> list[Element]:
    """The elements that ``data`` consists of, one after the other. ValueError where it is not DER."""
    found: list[Element] = []
    at = 0
    while at < len(data):
        head = data[at : at + 2]
        if len(head) < 2:
            raise ValueError("不是完整的 DER")
        at += 2
        size = head[1]
        if size >= 0x80:
            length = data[at : at + (size & 0x7F)]
            size = int.from_bytes(length, "big")
            if not length or len(length) > 3 or len(length) != head[1] & 0x7F or length[0] == 0 or size < 0x80:
                raise ValueError("DER 的长度不规范")
            at += len(length)
        if at + size > len(data):
            raise ValueError("不是完整的 DER")
        found.append(Element(head[0], data[at : at + size]))
        at += size
    return found


def one(data: bytes, tag: int = SEQUENCE) -> bytes:
    """The content of the single element that ``data`` is. ValueError else."""
    found = read(data)
    if len(found) != 1 or found[0].tag != tag:
        raise ValueError("DER 的结构不对")
    return found[0].content


def number(element: Element, size: int) -> bytes:
    """A number that is not negative, as ``size`` bytes. ValueError where it is none, or longer."""
    content = element.content
    wrong = element.tag != INTEGER or not content or content[0] & 0x80
    if wrong or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
        raise ValueError("DER 的整数不规范")
    value = content.lstrip(b"\0")
    if len(value) > size:
        raise ValueError("DER 的整数过长")
    return value.rjust(size, b"\0")


def private_key_info(private: bytes) -> bytes:
    """PKCS#8 of an SM2 key."""
    algorithm = write(SEQUENCE, write(OID, EC_PUBLIC_KEY), write(OID, SM2_CURVE))
    key = write(SEQUENCE, integer(b"\1"), write(OCTETS, private))
    return write(SEQUENCE, integer(b"\0"), algorithm, write(OCTETS, key))


def public_key_info(point: bytes) -> bytes:
    """SubjectPublicKeyInfo of an SM2 point."""
    algorithm = write(SEQUENCE, write(OID, EC_PUBLIC_KEY), write(OID, SM2_CURVE))
    return write(SEQUENCE, algorithm, write(BITS, b"\0" + point))
