"""The local API's front door: its key, who may knock, what every answer bears, and how much anybody may draw out."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from liangding.cli.app import run as command
from liangding.config.clients import ServerSettings
from liangding.journal.asking import asked_by
from liangding.privacy import is_personal
from liangding.server import listening
from support import Rig, rig_for, write_deployment
from test_cli import listening as said_by
from test_server import own_key

NAMED = '[server]\nnames = ["till.shop.example"]\n'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str, str]]:
    """A server of a file without keys: its rig, its address, and what it said."""
    with (
        rig_for(tmp_path_factory.mktemp("door"), more=NAMED) as rig,
        said_by("serve", "--config", rig.config, "--port", "0") as said,
    ):
        yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], said


def test_a_key_is_made_at_the_first_start_and_shown_once(served: tuple[Rig, str, str]) -> None:
    rig, url, said = served
    kept = rig.folder / "api-key"
    key = kept.read_text("utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert f"Authorization: Bearer {key}\n" in said
    assert httpx.get(f"{url}/v1/journal", trust_env=False).status_code == 401
    assert httpx.get(f"{url}/v1/journal", headers=own_key(rig.config), trust_env=False).status_code == 200
    assert httpx.get(f"{url}/openapi.json", trust_env=False).status_code == 401
    assert httpx.get(f"{url}/v1/health", trust_env=False).json() == {"status": "ok"}
    with said_by("serve", "--config", rig.config, "--port", "0") as again:
        assert key not in again
        assert str(kept) in again.replace("\n", "")
    assert kept.read_text("utf-8") == key


def test_who_never_had_a_key_goes_on_and_is_told(tmp_path: Path) -> None:
    """A shop whose till asked an earlier version without a key: an upgrade does not shut it out."""
    with rig_for(tmp_path) as rig:
        with asked_by("api"):
            rig.settle(key="B1")
        with said_by("serve", "--config", rig.config, "--port", "0") as said:
            url = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
            assert "本地接口没有密钥" in said
            assert httpx.get(f"{url}/v1/journal", trust_env=False).status_code == 200
            told = httpx.get(f"{url}/v1/health", trust_env=False).json()["deployments"]
            assert [each["keyless"] for each in told.values()] == [True]
    assert not (tmp_path / "api-key").exists()


def test_a_file_that_comes_beside_anothers_shuts_nobody_out(tmp_path: Path) -> None:
    """The second shop of a folder is new; the first one's till still asks without a key."""
    with (
        rig_for(tmp_path, name="old") as old,
        rig_for(tmp_path, name="new", code="P44190000002") as new,
    ):
        with asked_by("api"):
            old.settle(key="B1")
        with said_by("serve", "--config", new.config, "--config", old.config, "--port", "0") as said:
            url = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
            assert httpx.get(f"{url}/v1/deployments/old/journal", trust_env=False).status_code == 200
            assert "new、old" in said
    assert not (tmp_path / "api-key").exists()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200), ("127.0.0.1:PORT", 200), ("localhost:PORT", 200), ("LOCALHOST", 200), ("[::1]:PORT", 200),
        ("127.0.0.2", 200), ("till.shop.example:8180", 200), ("Till.Shop.Example", 200), (socket.gethostname(), 200),
        ("evil.example", 403), ("127.0.0.1.evil.example:PORT", 403), ("localhost.evil.example", 403), ("", 403),
        ("evil.example@127.0.0.1", 403), ("203.0.113.7", 403), ("[::ffff:203.0.113.7]", 403), ("0x7f000001", 403),
        ("till.shop.example.evil", 403), ("[", 403),
    ],
)  # fmt: skip
def test_a_request_names_this_machine(served: tuple[Rig, str, str], host: str, status: int) -> None:
    rig, url, _ = served
    headers = {"host": host.replace("PORT", url.rpartition(":")[2]), **own_key(rig.config)}
    answer = httpx.get(f"{url}/v1/journal", headers=headers, trust_env=False)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "forbidden_host"
        assert "names" in answer.json()["error"]["remedy"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "OWN"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": "file://"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ({"origin": "OWN", "host": "evil.example"}, 403),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value)),
)
def test_no_foreign_page_asks(served: tuple[Rig, str, str], headers: dict[str, str], status: int) -> None:
    rig, url, _ = served
    given = {name: url if value == "OWN" else value for name, value in headers.items()}
    before = len(rig.platform.requests)
    for path in ("/v1/journal", "/v1/health", "/openapi.json", "/v1/openapi.json", "/nothing"):
        answer = httpx.get(f"{url}{path}", headers=given | own_key(rig.config), trust_env=False)
        assert answer.status_code == (404 if status == 200 and path == "/nothing" else status)
    assert len(rig.platform.requests) == before


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200), ("application/json; charset=utf-8", 200), ("Application/JSON;charset=UTF-8", 200),
        (None, 415), ("", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415), ("application/xml", 415), ("application/json; charset=gbk", 415),
        ("text/json", 415), ("application/jsonp", 415),
    ],
)  # fmt: skip
def test_only_json_comes_in(served: tuple[Rig, str, str], kind: str | None, status: int) -> None:
    rig, url, _ = served
    person = rig.person()
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "psn_cert_type": "01", "certno": person.certno}
    body = {"input": {"data": shown | {"psn_name": person.name}}}
    headers = own_key(rig.config) | ({} if kind is None else {"content-type": kind})
    before = rig.sent("1101")
    answer = httpx.post(f"{url}/v1/transactions/1101", content=json.dumps(body), headers=headers, trust_env=False)
    assert answer.status_code == status
    assert rig.sent("1101") - before == (status == 200)
    if status == 415:
        assert "Content-Type: application/json" in answer.json()["error"]["remedy"]


def test_what_every_answer_bears(served: tuple[Rig, str, str]) -> None:
    rig, url, _ = served
    seen = set()
    for path, headers in (
        ("/v1/health", {}), ("/v1/journal", own_key(rig.config)), ("/v1/journal", {}), ("/nothing", {}),
        ("/v1/openapi.json", own_key(rig.config)), ("/v1/journal", {"host": "evil.example"}),
        ("/v1/journal", {"origin": "null"}),
    ):  # fmt: skip
        answer = httpx.get(f"{url}{path}", headers=headers, trust_env=False)
        seen.add(answer.status_code)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
        assert "server" not in answer.headers
    assert seen == {200, 401, 403, 404}
    own = httpx.get(f"{url}/v1/health", headers={"x-request-id": "bill-20261130-7"}, trust_env=False)
    assert own.headers["x-request-id"] == "bill-20261130-7"
    foreign = httpx.get(f"{url}/v1/health", headers={"x-request-id": "a b\tc" * 9}, trust_env=False)
    assert re.fullmatch(r"[0-9a-f]{16}", foreign.headers["x-request-id"])


def test_what_no_database_keeps_is_refused_at_the_door(served: tuple[Rig, str, str]) -> None:
    """A character of nothing: PostgreSQL refuses it, which was told as a journal that is not there."""
    rig, url, _ = served
    for path in ("journal?number=%00", "flows?flow=a%00", "flows/%00", "flows/pharmacy_purchase/by-key?key=%00"):
        answer = httpx.get(f"{url}/v1/{path}", headers=own_key(rig.config), trust_env=False)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request"), path
    searched = httpx.post(
        f"{url}/v1/journal/search", headers=own_key(rig.config), json={"number": "a\0"}, trust_env=False
    )
    assert (searched.status_code, searched.json()["error"]["path"]) == (400, "number")


def test_no_address_has_a_place_for_a_person(served: tuple[Rig, str, str]) -> None:
    rig, url, _ = served
    document = httpx.get(f"{url}/openapi.json", headers=own_key(rig.config), trust_env=False, timeout=120).json()
    named = {
        each["name"]
        for path in document["paths"].values()
        for told in path.values()
        if isinstance(told, dict)
        for each in told.get("parameters", ())
        if each["in"] in ("path", "query")
    }
    assert len(named) > 5
    assert [name for name in named if is_personal(name) or name in ("name", "phone", "certno", "card")] == []


# -- addresses that others reach ---------------------------------------------------------------------------------------

KEYED = '[server]\nhost = "0.0.0.0"\n{more}\n[[server.api_keys]]\nname = "his"\nhash = "sha256:' + "ab" * 32 + '"\n'


@pytest.mark.parametrize("verb", ["serve", "check"])
def test_beyond_this_machine_it_wants_tls_or_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    config = write_deployment(tmp_path, more=KEYED.format(more=""))
    assert command([verb, "--config", str(config), *(["--port", "1"] if verb == "serve" else [])]) == 2
    said = re.sub(r"\s+", "", capsys.readouterr().err)
    assert "没有TLS" in said
    assert '[server]plain="局域网"' in said


def test_a_file_of_tls_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = 'tls = { certificate = "secrets/server.pem", key = "secrets/server.key" }'
    config = write_deployment(tmp_path, more=KEYED.format(more=named))
    assert command(["serve", "--config", str(config), "--port", "1"]) == 2
    assert "server.tls.certificate" in capsys.readouterr().err
    certificate, key = pair(tmp_path / "secrets")
    key.write_text("-----BEGIN PRIVATE KEY-----\n", "utf-8")
    assert command(["serve", "--config", str(config), "--port", "1"]) == 2
    said = capsys.readouterr().err
    assert "不能用" in said
    assert str(certificate.name) in said


def test_tls(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    certificate, key = pair(tmp_path / "secrets")
    tls = f'[server]\ntls = {{ certificate = "secrets/{certificate.name}", key = "secrets/{key.name}" }}\n'
    with rig_for(tmp_path, more=tls) as rig, said_by("serve", "--config", rig.config, "--port", "0") as said:
        url = re.findall(r"https://127\.0\.0\.1:\d+", said)[0]
        trusting = ssl.create_default_context(cafile=certificate)
        answer = httpx.get(f"{url}/v1/journal", headers=own_key(rig.config), verify=trusting, trust_env=False)
        assert answer.status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/v1/journal", trust_env=False)


def pair(folder: Path) -> tuple[Path, Path]:
    """A certificate for the loopback that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, private


# -- bounds ------------------------------------------------------------------------------------------------------------


@contextmanager
def bounded(connections: int) -> Iterator[tuple[str, int]]:
    """A listener in this process, of an application that answers everything with nothing."""
    told: list[str] = []
    up = threading.Event()

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    def hear(url: str) -> None:
        told.append(url)
        up.set()

    started = threading.Thread(
        target=listening.listen,
        args=(app, "127.0.0.1", 0, hear, ServerSettings(connections=connections), Path()),
        daemon=True,
    )
    started.start()
    assert up.wait(60)
    yield "127.0.0.1", int(told[0].rpartition(":")[2])


def test_heads_and_connections_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.2)
    with bounded(connections=10) as at:
        plain = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        for sent in (b"", plain, plain + b"\r\n" + plain):
            with socket.create_connection(at, timeout=20) as slow:
                slow.sendall(sent)
                heard = b""
                while part := received(slow):
                    heard += part
            assert heard.count(b"HTTP/1.1 204") == sent.count(b"\r\n\r\n")
        with socket.create_connection(at, timeout=60) as long:
            long.sendall(plain + b"x: " + b"y" * (listening.HEAD_BYTES + 1))
            assert received(long).startswith(b"HTTP/1.1 400")
        monkeypatch.setattr(listening, "HEAD_SECONDS", 60)
        crowd = [socket.create_connection(at, timeout=60) for _ in range(10)]
        crowd[-1].sendall(plain + b"\r\n")
        assert received(crowd[-1]).startswith(b"HTTP/1.1 503")
        for each in crowd:
            each.close()


def received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""
