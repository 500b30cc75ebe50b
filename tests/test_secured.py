"""The secured envelope: vectors, each variant, and that nothing that was touched on the way is believed."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liangding.wire.gm import Sm2, private_key, public_key, sm3, sm4_encrypt
from liangding.wire.gm.sm2 import SignatureForm
from liangding.wire.secured import (
    NotAuthentic,
    SecuredEnvelope,
    Variant,
    clean,
    message_key,
    plain_text,
    sign_string,
    time_of,
    timestamp,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "secured_envelope.json").read_text("utf-8"))
OURS = Sm2(private=private_key(VECTORS["private_key"]))
CENTRE = Sm2(private=bytes(31) + b"\7")
APP_ID, SECRET = VECTORS["app_id"], VECTORS["app_secret"]
AT = 1_704_083_400.0


def institution(variant: Variant | None = None) -> SecuredEnvelope:
    return SecuredEnvelope(APP_ID, SECRET, ours=OURS, theirs=Sm2(public=CENTRE.public), variant=variant)


def centre(variant: Variant | None = None) -> SecuredEnvelope:
    return SecuredEnvelope(APP_ID, SECRET, ours=CENTRE, theirs=Sm2(public=OURS.public), variant=variant)


def test_the_key_is_derived() -> None:
    derived = sm4_encrypt(APP_ID.encode()[:16], SECRET.encode())
    assert derived.hex().upper() == VECTORS["derivation_cipher"]
    assert message_key(APP_ID, SECRET, Variant()).decode() == VECTORS["sm4_key"]
    assert message_key(APP_ID, SECRET, Variant(sm4_key="derived_bytes")) == derived[:16]
    with pytest.raises(ValueError, match="appId"):
        message_key("short", SECRET, Variant())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vectors(case: dict[str, Any]) -> None:
    signed = sign_string(case["envelope_before"], SECRET, Variant())
    assert signed == case["sign_string"]
    assert sm3(signed.encode()).hex().upper() == case["sign_string_sm3"]
    assert OURS.verify(signed.encode(), bytes.fromhex(case["signature_raw_hex"]))
    reader = SecuredEnvelope(APP_ID, SECRET, ours=CENTRE, theirs=Sm2(public=public_key(VECTORS["public_key"])))
    opened = reader.open(json.dumps(case["message"], ensure_ascii=False).encode())
    assert opened.signed
    assert opened.data == json.loads(case["data_plaintext"])


@pytest.mark.parametrize("case", VECTORS["cases"][:2], ids=lambda case: case["name"])
def test_what_is_sealed_is_the_vectors_ciphertext(case: dict[str, Any]) -> None:
    before = case["envelope_before"]
    sealed = json.loads(institution().seal(before["data"], epoch=AT))
    assert sealed["encData"] == case["message"]["encData"]
    assert list(sealed) == ["appId", "version", "timestamp", "encType", "signType", "encData", "signData"]


VARIANTS = [
    Variant(),
    Variant(app_member="appCode", version="", timestamp="seconds", trans_type=True),
    Variant(version="1.0.0", timestamp="milliseconds", sm4_key="derived_bytes"),
    Variant(scalars="strings", empty_in_rows="keep", order="ignore_case", ascii=True),
    Variant(scalars="first_level", sealed="hex", signature_text="hex", signature=SignatureForm.ASN1),
    Variant(signs="ciphertext", sealed="base64", signature_text="base64_of_hex", sm4_key="secret", user_id="bureau"),
]
DATA = {"age": 30, "price": Decimal("1.50"), "ok": True, "name": "处方𠮷", "rows": [{"a": "", "b": "1"}], "none": None}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_opens_on_the_other_side(variant: Variant) -> None:
    message = institution(variant).seal(DATA, epoch=AT, trans_type="D001")
    opened = centre(variant).open(message)
    assert opened.signed
    assert opened.data == clean(DATA, variant)
    assert ("transType" in opened.body) == variant.trans_type
    assert "处方" not in message.decode()
    assert "data" not in json.loads(message)
    for other in VARIANTS:
        if VARIANTS.index(other) > 1 and other is not variant:
            with pytest.raises(NotAuthentic):
                centre(other).open(message)


@pytest.mark.parametrize(
    ("variant", "signed"),
    [
        (Variant(), '{"a":{"n":30,"t":true},"n":1.50,"rows":[{"b":2}]}'),
        (Variant(scalars="strings"), '{"a":{"n":"30","t":"true"},"n":"1.50","rows":[{"b":"2"}]}'),
        (Variant(scalars="first_level"), '{"a":{"n":30,"t":true},"n":"1.50","rows":[{"b":2}]}'),
        (Variant(empty_in_rows="keep"), '{"a":{"n":30,"t":true},"n":1.50,"rows":[{"b":2,"e":""}]}'),
    ],
)
def test_where_clients_differ_the_text_is_what_the_variant_says(variant: Variant, signed: str) -> None:
    data = {"n": Decimal("1.50"), "a": {"t": True, "n": 30, "x": {}}, "rows": [{"e": "", "b": 2}], "z": []}
    assert plain_text(clean(data, variant)) == signed


def test_time_in_its_three_forms() -> None:
    for form, text in (("digits", "20240101123000"), ("seconds", "1704083400"), ("milliseconds", "1704083400000")):
        assert timestamp(Variant(timestamp=form), AT) == text  # type: ignore[arg-type]
        assert time_of(text) == AT
    assert time_of("20241301000000") is None
    assert time_of("yesterday") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(st.text(min_size=1, max_size=6), JSON, max_size=4)


@settings(max_examples=60, deadline=None)
@given(MEMBERS)
def test_whatever_is_sealed_opens_as_it_was_cleaned(data: dict[str, Any]) -> None:
    opened = centre().open(institution().seal(data, epoch=AT))
    assert opened.data == clean(data, Variant())


MESSAGE = centre().seal(
    {"hiRxno": "处方1", "amount": "12.30", "list": [{"x": "1"}]},
    epoch=AT,
    beside={"code": "0", "success": True, "message": "成功"},
)


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(MESSAGE) - 1), flip=st.integers(1, 255))
@example(at=MESSAGE.index(b'"encData"') + 12, flip=0x20)
def test_a_message_with_any_byte_changed_is_not_believed(at: int, flip: int) -> None:
    touched = MESSAGE[:at] + bytes([MESSAGE[at] ^ flip]) + MESSAGE[at + 1 :]
    with pytest.raises(NotAuthentic):
        institution().open(touched)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.recursive(JSON, st.lists).map(lambda v: json.dumps(v).encode()))
def test_anything_at_all_raises_only_what_is_declared(message: bytes) -> None:
    with contextlib.suppress(NotAuthentic):
        assert not institution().open(message).signed


def test_signed_by_somebody_else_replayed_under_another_application_or_in_clear() -> None:
    ours = institution().seal({"a": "1"}, epoch=AT)
    with pytest.raises(NotAuthentic):
        institution().open(ours)
    stranger = SecuredEnvelope("ANOTHERAPPID00001", SECRET, ours=CENTRE, theirs=OURS)
    with pytest.raises(NotAuthentic):
        institution().open(stranger.seal({"a": "1"}, epoch=AT))
    for clear in (b'{"code":"0","data":{"a":"1"}}', b'{"data":{"a":"1"},' + MESSAGE[1:]):
        with pytest.raises(NotAuthentic):
            institution().open(clear)


def test_a_gateways_refusal_without_data_proves_nothing() -> None:
    refused = institution().open('{"code":"360053","message":"应用不存在","success":false,"data":null}'.encode())
    assert (refused.signed, refused.data, refused.body["code"]) == (False, None, "360053")
    signed = json.loads(centre().seal({"a": "1"}, epoch=AT))
    with pytest.raises(NotAuthentic):
        institution().open(json.dumps(signed | {"encData": ""}).encode())
