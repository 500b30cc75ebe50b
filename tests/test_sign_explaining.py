"""``liangding sign explain``: the text, the mistakes that a message invites, and what a wrong signature is."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.config import load_deployment
from liangding.errors import ConfigurationError
from liangding.wire.gm import SignatureForm, Sm2, engine_name, private_key, sm3
from liangding.wire.secured import Variant, sign_string, write_signature
from liangding.wire.sign_explaining import FITS, explain
from shell import liangding
from support import write_deployment, write_secret

VECTORS = json.loads((Path(__file__).parent / "vectors" / "secured_envelope.json").read_text("utf-8"))
KEY = private_key(VECTORS["private_key"])
SECRET = VECTORS["app_secret"]
SIGNER, OTHER = Sm2(private=KEY), Sm2(private=bytes(31) + b"\7")
BODY: dict[str, Any] = {
    "appId": VECTORS["app_id"], "version": "2.0.1", "timestamp": "20240101123000", "encType": "SM4", "signType": "SM2",
    "data": {"b": "处方", "a": 0, "n": Decimal("1.50"), "empty": "", "ok": True, "rows": [{"x": "1", "y": ""}],
             "pad": " z"},
}  # fmt: skip
TEXT = sign_string(BODY, SECRET, Variant())


def signed(way: Variant, *, user_id: bytes | None = None, text: str | None = None) -> str:
    party = Sm2(private=KEY, user_id=user_id or way.user_id.encode())
    return write_signature(party.sign((text or sign_string(BODY, SECRET, way)).encode(), way.signature), way)


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (signed(Variant()), FITS),
        (signed(Variant(scalars="strings")), "数字与布尔值写成字符串"),
        (signed(Variant(empty_in_rows="keep")), "空值保留"),
        (signed(Variant(signature=SignatureForm.ASN1)), "ASN.1"),
        (signed(Variant(signature_text="hex")), "十六进制"),
        (signed(Variant(signature_text="base64_of_hex")), "先写成十六进制文本"),
        (signed(Variant(), user_id=SECRET.encode()), "appSecret"),
        (signed(Variant(), text=sign_string(BODY, SECRET, Variant()).rpartition("&key=")[0]), "漏了 &key"),
        (signed(Variant(), text=TEXT.replace(f"&key={SECRET}", SECRET)), "接在末尾"),
        (signed(Variant(), text=TEXT.replace("&version=2.0.1", "")), "漏签了 version"),
        (signed(Variant(), text=TEXT.replace("1.50", "1.5")), "末尾的 0 丢了"),
        (signed(Variant(), text=TEXT.replace("处方", "\\u5904\\u65b9")), "转义"),
        (signed(Variant(), text=sm3(TEXT.encode()).hex()), "摘要的十六进制"),
        (write_signature(SIGNER.sign(TEXT.encode("gbk")), Variant()), "GBK"),
        (write_signature(SIGNER.sign(sm3(TEXT.encode())), Variant()), "又算了一次摘要"),
        (write_signature(OTHER.sign(TEXT.encode()), Variant()), "弄反了"),
        (f"\n{signed(Variant())}\n", "换行"),
    ],
    ids=lambda value: "" if len(value) > 60 else value,
)
def test_a_signature_is_named_for_what_it_is(signature: str, said: str) -> None:
    found = explain(BODY, SECRET, signer=SIGNER, signature=signature, other=OTHER)
    assert found.fits
    assert any(said in way for way in found.fits), found.fits
    assert (said == FITS) == (FITS in found.fits)


def test_a_signature_without_a_user_id_is_named() -> None:
    """The digest alone was signed (``openssl pkeyutl -sign``), as libraries do whose caller has to put ZA in front."""
    bare = "/PVExtYTNmsQyn3bWpASQgY+bVAU/tVawOTujShGtwhA9GxOMhFEKYyUtrpHxBdvLfW/9ixt8XXLDWJWEWaymQ=="
    found = explain(BODY, SECRET, signer=SIGNER, signature=bare)
    assert found.e != found.digest
    assert any("ZA" in way for way in found.fits or ()) or engine_name() == "gmalg"


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (signed(Variant(), text="something else"), "一对"),
        ("!!", "既不是十六进制"),
        (base64.b64encode(b"x" * 63).decode(), "63 字节"),
    ],
    ids=["another text", "no text form", "too short"],
)
def test_what_fits_no_known_way_says_what_to_look_at(signature: str, said: str) -> None:
    found = explain(BODY, SECRET, signer=SIGNER, signature=signature)
    assert found.fits == ()
    assert said in found.notes[-1]


def test_what_a_message_invites() -> None:
    notes = "\n".join(explain({**BODY, "code": "0", "Extra": None}, SECRET, signer=SIGNER).notes)
    for said in (
        "data.a 是 0", "data.n 是数字", "data.empty 是空的", "data.ok 是布尔值", "data.b 含非 ASCII", "data.pad 首尾",
        "data.rows[0].y 在数组的对象里是空的", "不是 ASCII 顺序", "code 是 0", "Extra 是空的",
    ):  # fmt: skip
        assert said in notes, notes


def test_the_secret_is_not_shown_and_the_text_is_exact() -> None:
    found = explain(BODY, SECRET, signer=SIGNER)
    assert found.text == sign_string(BODY, SECRET, Variant()).replace(SECRET, "…")
    assert SECRET not in repr(found)


def test_a_sealed_message_is_opened_and_the_other_key_is_named() -> None:
    case = VECTORS["cases"][1]
    found = explain(case["message"], SECRET, signer=SIGNER)
    assert found.text == case["sign_string"].replace(SECRET, "…")
    assert (found.digest, found.fits) == (case["sign_string_sm3"], (FITS,))
    raw = explain(case["message"], SECRET, signer=SIGNER, variant=Variant(sm4_key="derived_bytes"))
    assert any('sm4_key = "derived"' in note for note in raw.notes)
    with pytest.raises(ValueError, match="appSecret"):
        explain(case["message"], "another secret", signer=SIGNER)


def service(folder: Path, **changed: str) -> Path:
    for name, value in {"app_secret": SECRET, "sm2": VECTORS["private_key"], "centre": SIGNER.public.hex()}.items():  # type: ignore[union-attr]
        write_secret(folder, name, value)
    lines = {
        "url": '"https://127.0.0.1/epc"', "app_id": f'"{VECTORS["app_id"]}"',
        "app_secret": '{ file = "secrets/app_secret" }', "private_key": '{ file = "secrets/sm2" }',
        "platform_key": '{ file = "secrets/centre" }',
    } | changed  # fmt: skip
    more = "[services.prescription]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items()) + "\n"
    return write_deployment(folder, more=more)


def test_the_command(tmp_path: Path) -> None:
    config = service(tmp_path)
    file = tmp_path / "message.json"
    file.write_text(json.dumps(VECTORS["cases"][0]["message"], ensure_ascii=False), "utf-8")
    arguments = ("sign", "explain", file, "--config", config, "--service", "prescription")
    done = liangding(*arguments)
    assert done.returncode == 0, done.stderr
    assert VECTORS["cases"][0]["sign_string"].rpartition("&key=")[0] in done.stdout
    wrong = liangding(*arguments, "--signature", base64.b64encode(b"x" * 64).decode(), "--json")
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["right"] is False
    assert SECRET not in done.stdout + wrong.stdout
    assert liangding(*arguments[:-1], "prescripton").returncode == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": '"epc"'}, "services.prescription"),
        ({"app_id": '"short"'}, "16"),
        ({"variant.scalars": '"string"'}, "strings"),
        ({"variant.signature": '"der"'}, "asn1"),
        ({"platform_key": '{ file = "secrets/sm2" }'}, "像是私钥"),
        ({"app_secrets": '"x"'}, "app_secret"),
    ],
)
def test_a_service_that_is_configured_wrongly_is_named(changed: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        load_deployment(service(tmp_path, **changed)).secured("prescription")
    assert said in str(wrong.value)


def test_settings_reach_the_line(tmp_path: Path) -> None:
    config = service(tmp_path, **{"variant.version": '"1.0.0"', "variant.timestamp": '"milliseconds"'})
    line = load_deployment(config).secured("prescription")
    assert line.variant == attrs.evolve(Variant(), version="1.0.0", timestamp="milliseconds")
    assert json.loads(line.seal({"a": "1"}, epoch=1.5))["timestamp"] == "1500"
