"""The envelope's own signature (cainfo), and answers that a region seals."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from liangding.contract import Call, hookimpl, sm4_decrypt, sm4_encrypt
from liangding.errors import ConfigurationError, NoAnswer
from liangding.wire.gm import SignatureForm, Sm2, private_key, sm3
from liangding.wire.json import decode, encode, encode_plain
from support import Rig, rig_for, write_secret

PRIVATE = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
KEY = b"0123456789abcdef"


def sent(rig: Rig, infno: str = "1101") -> dict[str, Any]:
    """The envelope of the latest call of a number."""
    found: dict[str, Any] = decode(rig.runtime.journal.latest(infno=infno, limit=1)[0].request or b"")
    return found


def asked(rig: Rig) -> str:
    data = {"mdtrt_cert_type": "02", "mdtrt_cert_no": rig.person().certno, "psn_cert_type": "01"}
    told: str = rig.runtime.call("1101", {"data": data}).output.baseinfo.psn_no
    return told


@pytest.mark.parametrize(
    ("more", "user", "form"),
    [
        ("", b"1234567812345678", SignatureForm.RAW),
        (', user_id = "bureau", signature = "asn1"', b"bureau", SignatureForm.ASN1),
    ],
    ids=["usual", "own id, ASN.1"],
)
def test_input_is_signed_as_it_is_sent(tmp_path: Path, more: str, user: bytes, form: SignatureForm) -> None:
    write_secret(tmp_path, "own", PRIVATE)
    signing = f'signing = {{ private_key = {{ file = "secrets/own" }}{more} }}'
    with rig_for(tmp_path, platform=signing) as rig:
        assert asked(rig) == rig.person().psn_no
        envelope = sent(rig)
        assert envelope["signtype"] == "SM2"
        line = rig.runtime.journal.latest(infno="1101", limit=1)[0].request or b""
        assert encode_plain(envelope["input"]) in line, "signed is what stands in the message, byte for byte"
        verifier = Sm2(public=Sm2(private=private_key(PRIVATE)).public, user_id=user)
        signature = base64.b64decode(envelope["cainfo"])
        assert verifier.verify(encode_plain(envelope["input"]), signature, form)
        own = rig.runtime.call("5201", {"data": _visits(rig)}, head={"cainfo": "OWN"}, insured_place="441900")
        assert own.infno == "5201"
        assert sent(rig, "5201")["cainfo"] == "OWN", "what a call brings stays"


def _visits(rig: Rig) -> dict[str, str]:
    return {
        "psn_no": rig.person().psn_no, "begntime": "2026-11-01 00:00:00", "endtime": "2026-11-30 23:59:59",
        "med_type": "41",
    }  # fmt: skip


def test_a_digest_alone(tmp_path: Path) -> None:
    with rig_for(tmp_path, platform='signing = { signtype = "SM3", written = "HEX" }') as rig:
        asked(rig)
        envelope = sent(rig)
        assert envelope["signtype"] == "SM3"
        assert envelope["cainfo"] == sm3(encode_plain(envelope["input"])).hex().upper()


def test_a_settlement_that_is_signed_is_one(tmp_path: Path) -> None:
    write_secret(tmp_path, "own", PRIVATE)
    with rig_for(tmp_path, platform='signing = { private_key = { file = "secrets/own" } }') as rig:
        answer = rig.settle(key="K1")
        again = rig.settle(key="K1")
        assert (again.msgid, again.recorded) == (answer.msgid, True), "another signature is no other bill"


@pytest.mark.parametrize(
    ("signing", "said"),
    [
        ('{ signtype = "SM2" }', "private_key"), ('{ signtype = "SM4" }', "SM3"),
        ('{ private_key = { file = "secrets/bad" } }', "platform.signing.private_key"),
    ],
    ids=["no key", "no such type", "no key in the file"],
)  # fmt: skip
def test_what_cannot_sign_is_named_at_start(tmp_path: Path, signing: str, said: str) -> None:
    write_secret(tmp_path, "bad", "not a key at all")
    with pytest.raises(ConfigurationError, match=said), rig_for(tmp_path, platform=f"signing = {signing}"):
        pass


class Sealed:
    """A region whose answers' output is SM4 text."""

    @hookimpl
    def liangding_open_answer(self, call: Call[Any], body: bytes) -> bytes | None:
        held = decode(body)
        if not isinstance(held.get("output"), str):
            return None
        clear = sm4_decrypt(KEY, bytes.fromhex(held["output"]))
        return encode({**held, "output": decode(clear), "sealed": held["output"]})


def seal(rig: Rig, spoilt: bool = False) -> None:
    """Let the platform seal the output of whatever it answers."""
    answering = rig.platform.answer

    def sealed(*given: Any, **more: Any) -> Any:
        answer = answering(*given, **more)
        assert isinstance(answer, bytes)
        held = decode(answer)
        if held["output"] is not None:
            text = sm4_encrypt(KEY, encode(held["output"])).hex()
            held["output"] = text[:-2] + "zz" if spoilt else text
        return encode(held)

    rig.platform.answer = sealed  # type: ignore[method-assign]


def test_answers_that_a_region_seals_are_opened_before_anything_reads_them(tmp_path: Path) -> None:
    with rig_for(tmp_path, objects={"sealed": Sealed()}) as rig:
        seal(rig)
        assert asked(rig) == rig.person().psn_no
        assert rig.settle().output.setlinfo.setl_id in rig.standing()
        record = rig.runtime.journal.latest(infno="1101", limit=1)[0]
        assert decode(record.answer or b"")["sealed"], "the sealed text is kept beside the clear one"


def test_an_answer_that_does_not_open_is_no_answer(tmp_path: Path) -> None:
    """Nobody takes a query's answer from it, and a settlement is found out by asking."""
    with rig_for(tmp_path, objects={"sealed": Sealed()}) as rig:
        rig.settle()
        seal(rig, spoilt=True)
        with pytest.raises(NoAnswer):
            asked(rig)
