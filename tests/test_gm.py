"""National cryptography: the standards' vectors, each engine against the other, every form of key and signature."""

from __future__ import annotations

import base64
import contextlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from liangding.wire.gm import (
    DEFAULT_USER_ID,
    BadKeyMaterial,
    CipherOrder,
    SignatureForm,
    Sm2,
    der,
    private_key,
    public_key,
    sm3,
    sm4_decrypt,
    sm4_encrypt,
)
from liangding.wire.gm.sm2 import engine

ENGINES = ("libcrypto", "gmalg")
EACH = pytest.mark.parametrize("by", ENGINES)

STANDARD = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
POINT = (
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = (
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
"""GB/T 32918.5, annex A: key, point, signature over "message digest"."""

ENCRYPTED = (
    "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)
"""The same annex's ciphertext of "encryption standard": point, digest, cipher."""


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"),
        (b"abcd" * 16, "DEBE9FF92275B8A138604889C18E5A4D6FDB70E5387E5765293DCBA39C0C5732"),
    ],
)
def test_sm3_of_the_standard(message: bytes, digest: str) -> None:
    assert sm3(message).hex().upper() == digest


def test_sm4_of_the_standard() -> None:
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    assert sm4_encrypt(key, key)[:16].hex().upper() == "681EDF34D206965E86B3E94F536E4246"
    encryptor, block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor(), key
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block.hex().upper() == "595298C7C6FD271F0402F804C33D3F66"


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=100), st.none() | st.binary(min_size=16, max_size=16))
def test_sm4_opens_what_it_sealed(key: bytes, plain: bytes, iv: bytes | None) -> None:
    sealed = sm4_encrypt(key, plain, iv=iv)
    assert sm4_decrypt(key, sealed, iv=iv) == plain
    with pytest.raises(ValueError, match=r"(?i)length|padding|block|multiple"):
        sm4_decrypt(key, sealed[:-1], iv=iv)


@EACH
def test_sm2_signature_of_the_standard(by: str) -> None:
    key = Sm2(private=private_key(STANDARD), by=by)
    assert key.public == bytes.fromhex(POINT) == public_key(POINT)
    signature = bytes.fromhex(SIGNATURE)
    assert key.verify(b"message digest", signature)
    assert not key.verify(b"message digesT", signature)
    assert not Sm2(public=key.public, user_id=b"ALICE123@YAHOO.COM", by=by).verify(b"message digest", signature)


@EACH
def test_sm2_encryption_of_the_standard(by: str) -> None:
    sealed = bytes.fromhex(ENCRYPTED)
    key = Sm2(private=private_key(STANDARD), by=by)
    assert key.decrypt(sealed) == b"encryption standard"
    older = sealed[:65] + sealed[97:] + sealed[65:97]
    assert key.decrypt(older, CipherOrder.C1C2C3) == b"encryption standard"
    with pytest.raises(ValueError, match="SM2"):
        key.decrypt(older)


KEYS = st.integers(1, 2**255).map(lambda n: n.to_bytes(32, "big"))


@settings(max_examples=8, deadline=None)
@given(key=KEYS, message=st.binary(max_size=50), user=st.binary(min_size=1, max_size=20))
def test_each_engine_verifies_and_opens_what_the_other_made(key: bytes, message: bytes, user: bytes) -> None:
    one, other = (Sm2(private=key, user_id=user, by=by) for by in ENGINES)
    assert one.public == other.public
    for form in SignatureForm:
        assert one.verify(message, other.sign(message, form), form)
        assert other.verify(message, one.sign(message, form), form)
    for order in CipherOrder:
        assert one.decrypt(other.encrypt(message + b"x", order), order) == message + b"x"
        assert other.decrypt(one.encrypt(message + b"x", order), order) == message + b"x"


@EACH
def test_numbers_out_of_range_are_no_signature(by: str) -> None:
    key = Sm2(private=private_key(STANDARD), by=by)
    good = key.sign(b"m")
    order = bytes.fromhex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123")
    zero = bytes(32)
    for wrong in (
        zero + good[32:],
        good[:32] + zero,
        order + good[32:],
        good[:32] + order,
        b"\xff" * 64,
        b"",
        good[:63],
    ):
        assert not key.verify(b"m", wrong)
    assert not key.verify(b"m", good + b"\0")
    assert not key.verify(b"m", good[:63])
    asn1 = key.sign(b"m", SignatureForm.ASN1)
    for wrong in (good, asn1 + b"\0", asn1[:-1], b"", der.write(der.SEQUENCE)):
        assert not key.verify(b"m", wrong, SignatureForm.ASN1)


@EACH
def test_a_ciphertext_may_come_without_its_leading_04(by: str) -> None:
    key = Sm2(private=private_key(STANDARD), by=by)
    for _ in range(3):
        sealed = key.encrypt("处方".encode())
        assert key.decrypt(sealed[1:]).decode() == "处方"
    for wrong in (sealed[:-1], sealed[:96], b"\4" + bytes(64) + sealed[65:], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(ValueError, match="SM2"):
            key.decrypt(wrong)


def _pem(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_keys_are_read_in_every_form() -> None:
    raw, point = bytes.fromhex(STANDARD), bytes.fromhex(POINT)
    sec1 = der.write(der.SEQUENCE, der.integer(b"\1"), der.write(der.OCTETS, raw))
    pkcs8, spki = der.private_key_info(raw), der.public_key_info(point)
    for text in (
        STANDARD, STANDARD.lower(), f"00{STANDARD}", f"0x{STANDARD}", f" {STANDARD}\r\n", b64(raw), b64(b"\0" + raw),
        b64(pkcs8), pkcs8.hex(), b64(sec1), _pem("PRIVATE KEY", pkcs8), _pem("EC PRIVATE KEY", sec1),
        "\ufeff" + b64(raw),
    ):  # fmt: skip
        assert private_key(text) == raw, text
    for text in (POINT, POINT[2:], b64(point), b64(point[1:]), b64(spki), spki.hex(), _pem("PUBLIC KEY", spki)):
        assert public_key(text) == point, text


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (private_key, "", "空"),
        (private_key, "zzz", "Base64"),
        (private_key, "00" * 32, "范围"),
        (private_key, "ff" * 32, "范围"),
        (private_key, STANDARD[:-2], "31 字节"),
        (private_key, POINT, "DER"),
        (private_key, _pem("PUBLIC KEY", b"x"), "PUBLIC KEY"),
        (private_key, _pem("ENCRYPTED PRIVATE KEY", b"x"), "口令"),
        (public_key, STANDARD, "像是私钥"),
        (public_key, "02" + POINT[2:66], "压缩"),
        (public_key, "05" + POINT[2:], "04"),
    ],
)
def test_what_is_no_key_is_named_and_not_shown(read: object, text: str, said: str) -> None:
    with pytest.raises(BadKeyMaterial) as wrong:
        read(text)  # type: ignore[operator]
    assert said in str(wrong.value)
    assert STANDARD not in str(wrong.value)


def test_a_key_of_another_curve_is_refused() -> None:
    other = der.write(
        der.SEQUENCE,
        der.integer(b"\0"),
        der.write(
            der.SEQUENCE, der.write(der.OID, der.EC_PUBLIC_KEY), der.write(der.OID, bytes.fromhex("2a8648ce3d030107"))
        ),
        der.write(
            der.OCTETS, der.write(der.SEQUENCE, der.integer(b"\1"), der.write(der.OCTETS, bytes.fromhex(STANDARD)))
        ),
    )
    with pytest.raises(BadKeyMaterial, match="SM2 曲线"):
        private_key(base64.b64encode(other).decode())


@EACH
def test_keys_that_do_not_fit_are_refused(by: str) -> None:
    with pytest.raises(BadKeyMaterial, match="一对"):
        Sm2(private=bytes(31) + b"\1", public=bytes.fromhex(POINT), by=by)
    with pytest.raises(BadKeyMaterial, match="曲线"):
        Sm2(public=bytes.fromhex(POINT)[:-1] + b"\0", by=by)
    with pytest.raises(BadKeyMaterial, match="私钥"):
        Sm2(public=bytes.fromhex(POINT), by=by).sign(b"m")


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_der_of_anything_raises_only_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert b"".join(der.write(*element) for element in der.read(data)) == data


def test_the_default_user_id_and_engine() -> None:
    assert DEFAULT_USER_ID == b"1234567812345678"
    assert engine().name in ENGINES
