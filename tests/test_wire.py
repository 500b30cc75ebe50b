"""The wire: signatures against known vectors, message numbers that never repeat, every scheme over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from liangding.errors import ConfigurationError, NoAnswer
from liangding.wire.gateways import CaHmacSm3, Csb, Outgoing, Plain, Tif
from support import GATEWAYS, Rig, rig_for

EPOCH = 1704135845.0


def out(infno: str = "1101", body: bytes = b"{}") -> Outgoing:
    return Outgoing(infno=infno, body=body, epoch=EPOCH, nonce="123456789abcdefg")


def test_csb_vectors() -> None:
    scheme = Csb(access_key="demoAccessKey", secret_key="demoSecretKey")
    signed = scheme.headers(out())
    assert signed["_api_timestamp"] == "1704135845000"
    assert signed["_api_signature"] == "2s4PFbuTJXrKgUxyaURq9idhgX4="
    one_name = Csb(access_key="demoAccessKey", secret_key="demoSecretKey", api_name="hssServives")
    assert one_name.headers(out())["_api_signature"] == "b9vOeJtH123J83XBEyJrudNJQys="


def test_tif_vector() -> None:
    signed = Tif(paasid="demo_paasid", token="demoToken").headers(out())
    assert signed == {
        "x-tif-paasid": "demo_paasid",
        "x-tif-timestamp": "1704135845",
        "x-tif-nonce": "123456789abcdefg",
        "x-tif-signature": "bd6db50f22c5da41f5d50b03de0ec7696a6ab734cc472ee351754075740c700e",
    }
    assert Tif(paasid="p", token="demoToken", upper=True).headers(out())["x-tif-signature"].startswith("BD6DB5")


def test_ca_hmac_sm3_vector() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    body = b'{"infno":"1101","input":{"data":{"mdtrt_cert_type":"02"}}}'
    signed = CaHmacSm3(key="k", secret="demoSecret").headers(out(body=body))
    expected = "1704135845:94E85911326FFDCD2F4E227F20978B03CC51ECA61B68EAF99F5F8B8CA21C0F13"
    assert signed["x-ca-signature"] == expected
    seen = CaHmacSm3(key="k", secret="demoSecret", timestamp_unit="ms").headers(out(body=body))["x-ca-signature"]
    timestamp, _, signature = seen.partition(":")
    assert timestamp == "1704135845000"
    mac = HMAC(b"demoSecret", hashes.SM3())
    mac.update(b"1704135845000\n" + body)
    assert signature == mac.finalize().hex().upper(), "the milliseconds are what is signed"


@pytest.mark.parametrize("scheme", ["csb", "ca_hmac_sm3"])
@pytest.mark.parametrize("unit", ["s", "ms"])
def test_a_timestamps_unit_is_a_setting(tmp_path: Path, scheme: str, unit: str) -> None:
    with rig_for(tmp_path, gateway=scheme, platform=f'settings = {{ timestamp_unit = "{unit}" }}') as rig:
        assert rig.settle().output.setlinfo.setl_id in rig.standing()


def test_a_unit_that_there_is_not_is_named(tmp_path: Path) -> None:
    settings = 'settings = { timestamp_unit = "us" }'
    with (
        pytest.raises(ConfigurationError, match="timestamp_unit"),
        rig_for(tmp_path, gateway="ca_hmac_sm3", platform=settings),
    ):
        pass


@pytest.mark.parametrize(
    "scheme",
    [
        Tif(paasid="p", token="t"),
        Csb(access_key="a", secret_key="s"),
        CaHmacSm3(key="k", secret="s"),
        Plain(apikey="a"),
    ],
)
def test_a_gateway_refuses_what_is_not_signed_right(scheme: Tif | Csb | CaHmacSm3 | Plain) -> None:
    headers = scheme.headers(out())
    assert scheme.refusal(headers, b"{}", "1101", EPOCH) is None
    for name in headers:
        assert scheme.refusal({**headers, name: headers[name] + "0"}, b"{}", "1101", EPOCH)
        assert scheme.refusal({k: v for k, v in headers.items() if k != name}, b"{}", "1101", EPOCH)
    if not isinstance(scheme, Plain):
        assert scheme.refusal(headers, b"{}", "1101", EPOCH + 3600)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_scheme_works_over_http(tmp_path: Path, gateway: str) -> None:
    with rig_for(tmp_path, gateway=gateway) as rig:
        assert rig.settle().output.setlinfo.setl_id in rig.standing()


def test_the_platform_refuses_a_wrong_signature(rig: Rig) -> None:
    rig.door.gateway = Tif(paasid="test_paasid", token="another")
    with pytest.raises(NoAnswer, match="签名"):
        rig.settle()
    assert rig.platform.requests == []


def test_what_is_signed_and_stored_is_what_is_sent(rig: Rig) -> None:
    answer = rig.settle()
    record = rig.runtime.journal.call(answer.call_id)
    assert record.msgid.encode() in record.request
    assert '"psn_no":"' + rig.person().psn_no in record.request.decode()
    assert answer.output.setlinfo.medins_setl_id == record.msgid


def test_message_numbers_are_unique_across_processes(rig: Rig) -> None:
    script = """
import sys
from liangding.runtime import Runtime
with Runtime.from_file(sys.argv[1]) as runtime:
    for _ in range(40):
        runtime.call("1201", {"medinsinfo": {"fixmedins_type": "2", "fixmedins_code": "P44190000001"}})
"""
    started = [subprocess.Popen([sys.executable, "-c", script, str(rig.config)]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    numbers = [msgid for msgid, _ in rig.platform.requests]
    assert len(numbers) == len(set(numbers)) >= 120
    assert all(len(number) == 30 and number.startswith("P44190000001") for number in numbers)
