"""National cryptography: the standards' vectors, each engine against the other, every form of key and signature."""

from __future__ import annotations

import base64
import contextlib

import gmalg  # type: ignore[import-untyped]
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
from liangding.wire.gm.sm2 import engine, identity_digest, message_digest

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
ZA = "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
E = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
"""The digests on the way: of the user id and the key, and of the message behind it."""

ENCRYPTED = (
    "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)
"""The same annex's ciphertext of "encryption standard": point, digest, cipher."""


# Openly known: GB/T 32905's two examples, the empty message, a single letter, and a million of them.
@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"),
        (b"abcd" * 16, "DEBE9FF92275B8A138604889C18E5A4D6FDB70E5387E5765293DCBA39C0C5732"),
        (b"", "1AB21D8355CFA17F8E61194831E81A8F22BEC8C728FEFB747ED035EB5082AA2B"),
        (b"a", "623476AC18F65A2909E43C7FEC61B49C7E764A91A18CCB82F1917A29C86C5E88"),
        (b"a" * 1_000_000, "C8AAF89429554029E231941A2ACC0AD61FF2A5ACD8FADD25847A3A732B3B02C3"),
    ],
    ids=["abc", "abcd, 16 times", "empty", "a", "a, a million times"],
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


BLOCKS = bytes.fromhex("AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEEEEEEEFFFFFFFFAAAAAAAABBBBBBBB")
COUNTED = bytes(range(16))


@pytest.mark.parametrize(
    ("key", "iv", "sealed"),
    [
        ("0123456789ABCDEFFEDCBA9876543210", None, "5EC8143DE509CFF7B5179F8F474B86192F1D305A7FB17DF985F81C8482192304"),
        ("FEDCBA98765432100123456789ABCDEF", None, "C5876897E4A59BBBA72A10C83872245B12DD90BC2D200692B529A4155AC9E600"),
        (
            "0123456789ABCDEFFEDCBA9876543210", COUNTED,
            "78EBB11CC40B0A48312AAEB2040244CB4CB7016951909226979B0D15DC6A8F6D",
        ),
        (
            "FEDCBA98765432100123456789ABCDEF", COUNTED,
            "0D3A6DDC2D21C698857215587B7BB59A91F2C147911A4144665E1FA1D40BAE38",
        ),
    ],
    ids=["ECB 1", "ECB 2", "CBC 1", "CBC 2"],
)  # fmt: skip
def test_sm4_in_its_modes(key: str, iv: bytes | None, sealed: str) -> None:
    """The examples of the Internet-Draft on SM4 (two blocks each), a whole block of padding behind them."""
    made = sm4_encrypt(bytes.fromhex(key), BLOCKS, iv=iv)
    assert (made[:32].hex().upper(), len(made)) == (sealed, 48)
    assert sm4_decrypt(bytes.fromhex(key), made, iv=iv) == BLOCKS


@pytest.mark.parametrize("padding", ["00", "11", "0102", "FF", "03030203"])
def test_a_wrong_padding_is_refused(padding: str) -> None:
    """A block that does not end as PKCS#7 has it: zero, too long, of other bytes."""
    block = bytes.fromhex(padding).rjust(16, b"x")
    encryptor = Cipher(algorithms.SM4(COUNTED), modes.ECB()).encryptor()
    with pytest.raises(ValueError, match="padding"):
        sm4_decrypt(COUNTED, encryptor.update(block))


@settings(max_examples=20, deadline=None)
@given(message=st.binary(max_size=300), key=st.binary(min_size=16, max_size=16))
def test_another_library_digests_and_seals_the_same(message: bytes, key: bytes) -> None:
    other = gmalg.SM3()
    other.update(message)
    assert sm3(message) == bytes(other.value())
    block = message[:16].ljust(16, b"\0")
    assert sm4_encrypt(key, block)[:16] == bytes(gmalg.SM4(key).encrypt(block))


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
    assert identity_digest(key.public).hex().upper() == ZA
    assert message_digest(key.public, b"message digest").hex().upper() == E
    assert key.verify(b"message digest", signature)
    assert key.verify_digest(bytes.fromhex(E), signature) == (by == "libcrypto")
    assert not key.verify_digest(sm3(b"message digest"), signature)
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


OPENSSL = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQg0JFWczAXva2An9m7
2MaT9gIwWTFptvlKrxyO4TjMmbWhRANCAAQ5OirZ4n5DrKqrhaGdO4VZHhRAYVcX
Wt3Te/d/8Mr57Tf886i09VwDhSMmH8pmNq/mp6+ioUgqYG9cs6GLLioe
-----END PRIVATE KEY-----"""


@EACH
def test_vectors_of_another_library(by: str) -> None:
    """OpenSSL's own: a PKCS#8 key with its point, a ciphertext in ASN.1 and the same in both orders, a signature over a
    digest (its library offers no other)."""
    key = Sm2(private=private_key(OPENSSL), by=by)
    sealed = bytes.fromhex(
        "30818A0220466BE2EF5C11782EC77864A0055417F407A5AFC11D653C6BCE69E417BB1D05B6022062B572E21FF0DDF5C726BD3F9FF2EAE5"
        "6E6294713A607E9B9525628965F62CC804203C1B5713B5DB2728EB7BF775E44F4689FC32668BDC564F52EA45B09E8DF2A5F40422084A9D"
        "0CC2997092B7D3C404FCE95956EB604D732B2307A8E5B8900ED6608CA5B197"
    )
    x, y, digest, cipher = der.read(der.one(sealed))
    point = b"\4" + der.number(x, 32) + der.number(y, 32)
    for form, order in (
        (sealed, CipherOrder.ASN1),
        (point + digest.content + cipher.content, CipherOrder.C1C3C2),
        (point + cipher.content + digest.content, CipherOrder.C1C2C3),
    ):
        assert key.decrypt(form, order) == b"The floofy bunnies hop at midnight"
    signed = bytes.fromhex(
        "3046022100AB1DB64DE7C40EDBDE6651C9B8EBDB804673DB836E5D5C7FE15DCF9ED2725037022100EBA714451FF69B0BB930B379E192E7"
        "CD5FA6E3C41C7FBD8303B799AB54A54621"
    )
    r, s = (der.number(element, 32) for element in der.read(der.one(signed)))
    digest_of = bytes.fromhex("D7AD397F6FFA5D4F7F11E7217F241607DC30618C236D2C09C1B9EA8FDADEE2E8")
    assert key.verify_digest(digest_of, r + s) == (by == "libcrypto")


@EACH
@settings(max_examples=10, deadline=None)
@given(message=st.binary(min_size=1, max_size=40), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_single_bit_changed_is_refused(by: str, message: bytes, where: float, bit: int) -> None:
    """Of a signature in both forms, and of a ciphertext in each order."""
    key = Sm2(private=private_key(STANDARD), by=by)

    def turned(held: bytes) -> bytes:
        at = int(where * len(held))
        return held[:at] + bytes((held[at] ^ 1 << bit,)) + held[at + 1 :]

    for form in SignatureForm:
        assert not key.verify(message, turned(key.sign(message, form)), form)
    for order in CipherOrder:
        with pytest.raises(ValueError, match=r"SM2|DER"):
            key.decrypt(turned(key.encrypt(message, order)), order)


@EACH
@pytest.mark.parametrize("wrong", [2, 3])
def test_what_an_asn1_ciphertext_is_made_of_is_looked_at(by: str, wrong: int) -> None:
    """The tag of an octet string was not: one bit of it could be turned."""
    key = Sm2(private=private_key(STANDARD), by=by)
    parts = list(der.read(der.one(key.encrypt(b"m", CipherOrder.ASN1))))
    parts[wrong] = der.Element(der.OCTETS ^ 1, parts[wrong].content)
    with pytest.raises(ValueError, match="DER"):
        key.decrypt(der.write(der.SEQUENCE, *(der.write(*part) for part in parts)), CipherOrder.ASN1)


@EACH
@pytest.mark.parametrize("user_id", [b"", b"x" * 8192], ids=["none", "too long"])
def test_a_user_id_that_cannot_be_is_refused(by: str, user_id: bytes) -> None:
    with pytest.raises(BadKeyMaterial, match="用户标识"):
        Sm2(private=private_key(STANDARD), user_id=user_id, by=by)


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


P256 = bytes.fromhex("2a8648ce3d030107")


def _sec1(private: bytes, curve: bytes) -> bytes:
    """An EC key that names its curve and holds its point, as openssl writes it."""
    held = (
        der.write(0xA0, der.write(der.OID, curve)),
        der.write(0xA1, der.write(der.BITS, b"\0" + bytes.fromhex(POINT))),
    )
    return der.write(der.SEQUENCE, der.integer(b"\1"), der.write(der.OCTETS, private), *held)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_keys_are_read_in_every_form() -> None:
    raw, point = bytes.fromhex(STANDARD), bytes.fromhex(POINT)
    sec1 = der.write(der.SEQUENCE, der.integer(b"\1"), der.write(der.OCTETS, raw))
    pkcs8, spki = der.private_key_info(raw), der.public_key_info(point)
    named = _sec1(raw, der.SM2_CURVE)
    parameters = _pem("EC PARAMETERS", der.write(der.OID, der.SM2_CURVE))
    for text in (
        STANDARD, STANDARD.lower(), f"00{STANDARD}", f"0x{STANDARD}", f" {STANDARD}\r\n", b64(raw), b64(b"\0" + raw),
        b64(pkcs8), pkcs8.hex(), b64(sec1), _pem("PRIVATE KEY", pkcs8), _pem("EC PRIVATE KEY", sec1),
        "\ufeff" + b64(raw), b64(named), parameters + _pem("EC PRIVATE KEY", named),
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
        (private_key, b64(der.write(der.SEQUENCE, der.write(der.SEQUENCE), der.write(der.OCTETS, b"x" * 40))), "口令"),
        (private_key, b64(der.public_key_info(bytes.fromhex(POINT))), "给的是公钥"),
        (private_key, b64(_sec1(bytes.fromhex(STANDARD), P256)), "SM2 曲线"),
        (
            private_key,
            f"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n{b64(b'x')}\n-----END EC PRIVATE KEY-----",
            "口令",
        ),
        (private_key, f"{STANDARD[:32]}-{STANDARD[32:]}", "Base64"),
        (public_key, b64(der.private_key_info(bytes.fromhex(STANDARD)) + b""), "给的是私钥"),
        (public_key, b64(_sec1(bytes.fromhex(STANDARD), der.SM2_CURVE)), "给的是私钥"),
        (public_key, _pem("CERTIFICATE", b"x"), "x509"),
        (public_key, b64(der.write(der.SEQUENCE, *(der.write(t, b"x" * 30) for t in (0x30, 0x30, 0x03)))), "x509"),
        (public_key, STANDARD, "像是私钥"),
        (public_key, "02" + POINT[2:66], "压缩"),
        (public_key, "05" + POINT[2:], "04"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
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
