"""TLS of the line: whom it trusts, what it shows, and what is said where it does not come about."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from liangding.cli.app import run as command
from liangding.config import load_deployment
from liangding.errors import ConfigurationError
from liangding.kit import purchase
from liangding.runtime import Runtime
from liangding.wire.transport import HttpTransport
from support import rig_for, write_deployment, write_secret

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


class Authority:
    """Somebody who vouches for others, with files in a folder of its own."""

    def __init__(self, folder: Path, name: str = "root") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self.name, self.key, x509.BasicConstraints(ca=True, path_length=None))
        self.file = self._written(f"{name}.pem", self.certificate)

    def issue(
        self, name: str, *, address: str = "127.0.0.1", begins: datetime = NOW - DAY, ends: datetime = NOW + DAY,
        password: str = "",
    ) -> tuple[Path, Path]:  # fmt: skip
        """A certificate of this address, and its key: PEM files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        made = self._signed(subject, key, names, begins=begins, ends=ends)
        locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        private = self.folder / f"{name}.key"
        pkcs8 = serialization.PrivateFormat.PKCS8
        private.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, locked))
        return self._written(f"{name}.pem", made), private

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, more: x509.ExtensionType, *,
        begins: datetime = NOW - DAY, ends: datetime = NOW + DAY,
    ) -> x509.Certificate:  # fmt: skip
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
            .add_extension(more, critical=True).sign(self.key, hashes.SHA256())
        )  # fmt: skip

    def _written(self, name: str, certificate: x509.Certificate) -> Path:
        path = self.folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path


@contextlib.contextmanager
def platform(certificate: Path, key: Path, **settings: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Somebody who answers everything with nothing over TLS: its address, and what its callers showed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    for name, value in settings.items():
        if name == "asks_of":
            context.load_verify_locations(value)
            context.verify_mode = ssl.CERT_REQUIRED
        else:
            setattr(context, name, value)
    shown: list[dict[str, Any]] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def speak(taken: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(taken, server_side=True) as secured:
            shown.append({"certificate": secured.getpeercert(), "version": secured.version()})
            held = b""
            while not held.endswith(b"}"):
                held += secured.recv(65536) or b"}"
            secured.sendall(ANSWER)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=speak, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/hsa", shown
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # who waits in accept() is woken before the number is another's
    listener.close()


def line_of(folder: Path, url: str, tls: str) -> HttpTransport:
    """The line that a deployment's file describes."""
    deployment = load_deployment(write_deployment(folder, url=url, more=f"[platform.tls]\n{tls}"))
    return HttpTransport(connect_seconds=60, read_seconds=60, tls=deployment.line_tls())


def test_a_platform_with_a_root_of_its_own_is_trusted_by_its_file(tmp_path: Path) -> None:
    root = Authority(tmp_path / "pki")
    with platform(*root.issue("platform")) as (url, shown):
        heard = line_of(tmp_path, url, 'ca = "pki/root.pem"').post(url, {}, b"{}")
        assert (heard.status, heard.body, heard.failure) == (200, b"{}", "")
        assert shown[0]["version"] == "TLSv1.3"
        for changes in ({"connection": "close"}, {}):
            heard = line_of(tmp_path, url, 'least = "1.3"\nca = "pki/root.pem"').post(url, changes, b"{}")
            assert heard.status == 200


Made = Callable[[Authority], tuple[Path, Path]]


@pytest.mark.parametrize(
    ("made", "tls", "says"),
    [
        (lambda root: root.issue("x"), "", "platform.tls.ca"),
        (lambda root: Authority(root.folder, "other").issue("x"), 'ca = "pki/root.pem"', "platform.tls.ca"),
        (lambda root: root.issue("x", ends=NOW - DAY / 2), 'ca = "pki/root.pem"', "过期"),
        (lambda root: root.issue("x", begins=NOW + DAY / 2), 'ca = "pki/root.pem"', "没有生效"),
        (lambda root: root.issue("x", address="127.0.0.9"), 'ca = "pki/root.pem"', "不是给这个地址的"),
    ],
    ids=["unknown root", "another root", "expired", "not yet", "another address"],
)
def test_a_certificate_that_does_not_hold_is_named_and_nothing_left(
    tmp_path: Path, made: Made, tls: str, says: str
) -> None:
    root = Authority(tmp_path / "pki")
    with platform(*made(root)) as (url, shown):
        heard = line_of(tmp_path, url, tls).post(url, {"connection": "close"}, b"{}")
        assert (heard.failure, heard.sent, shown) == ("bad_certificate", False, [])
        assert says in heard.message


def test_versions_that_are_too_old_are_not_spoken(tmp_path: Path) -> None:
    root = Authority(tmp_path / "pki")
    with platform(*root.issue("x"), maximum_version=ssl.TLSVersion.TLSv1_2) as (url, _):
        heard = line_of(tmp_path, url, 'ca = "pki/root.pem"').post(url, {}, b"{}")
        assert heard.status == 200
        heard = line_of(tmp_path, url, 'ca = "pki/root.pem"\nleast = "1.3"').post(url, {}, b"{}")
        assert (heard.failure, heard.sent) == ("tls_failed", False)
        assert "least" in heard.message


def test_the_institution_shows_its_own_certificate(tmp_path: Path) -> None:
    root = Authority(tmp_path / "pki")
    root.issue("his", password="hunter2")
    write_secret(tmp_path, "tls", "hunter2")
    own = 'ca = "pki/root.pem"\ncertificate = "pki/his.pem"\nkey = "pki/his.key"\npassword = { file = "secrets/tls" }\n'
    with platform(*root.issue("x"), asks_of=root.file) as (url, shown):
        assert line_of(tmp_path, url, own).post(url, {}, b"{}").status == 200
        assert "his" in str(shown[0]["certificate"])


def test_a_settlement_over_a_line_that_nobody_vouches_for_was_not_sent(tmp_path: Path) -> None:
    """The till hears at once that nothing happened, and why."""
    root = Authority(tmp_path / "pki")
    (tmp_path / "rig").mkdir()
    with rig_for(tmp_path / "rig") as rig, platform(*root.issue("x")) as (url, shown):
        deployment = load_deployment(write_deployment(tmp_path, url=url))
        with Runtime(deployment) as runtime, pytest.raises(Exception, match=r"platform\.tls\.ca") as failed:
            runtime.call("2102", purchase(rig.person()), key="B1", insured_place="441900")
        assert getattr(failed.value, "code", "") == "not_sent"
        assert shown == []


@pytest.mark.parametrize(
    ("tls", "says"),
    [
        ('ca = "pki/none.pem"', "platform.tls.ca"),
        ('certificate = "pki/his.pem"', "一起写"),
        ('certificate = "pki/his.pem"\nkey = "pki/other.key"', "不能用"),
        ('certificate = "pki/his.pem"\nkey = "pki/locked.key"', "password"),
        ('ca = "pki/his.key"', "不能用"),
        ('least = "1.0"', "least"),
        ("verify = false", "verify"),
    ],
    ids=["no file", "no key", "another's key", "no password", "no certificate", "too old", "not checked"],
)
def test_what_is_wrong_with_the_files_is_said_at_start(tmp_path: Path, tls: str, says: str) -> None:
    root = Authority(tmp_path / "pki")
    for name, password in (("his", ""), ("other", ""), ("locked", "hunter2")):
        root.issue(name, password=password)
    with pytest.raises(ConfigurationError) as wrong:
        load_deployment(write_deployment(tmp_path, url="https://127.0.0.1:9", more=f"[platform.tls]\n{tls}")).line_tls()
    assert says in f"{wrong.value.path} {wrong.value.message} {wrong.value.remedy}"


XINJIANG = {"province": "xinjiang", "area": "650100", "code": "P65010000001", "gateway": "plain"}


def test_a_line_in_clear_wants_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where neither the region nor the file says that nobody else is on it; this machine is no line."""
    for url, more, region, code in (
        ("http://10.1.2.3/fsi", "", XINJIANG, 2),
        ("http://10.1.2.3/fsi", '[platform]\nplain = "专线"', XINJIANG, 0),
        ("https://10.1.2.3/fsi", "", XINJIANG, 0),
        ("http://127.0.0.1:8190/fsi", "", XINJIANG, 0),
        ("http://10.1.2.3/fsi", "", {}, 0),
    ):
        config = write_deployment(tmp_path, url=url, **region)
        if more:
            config.write_text(config.read_text("utf-8").replace("[platform]\n", f"{more}\n", 1), "utf-8")
        assert command(["check", "--config", str(config)]) == code, url
        said = re.sub(r"\s+", "", "".join(capsys.readouterr()))
        assert ('[platform]plain="专线"' in said) == (code == 2)
