"""How a deployment stands on this machine: versions, the age of its keys, its certificates, the processes on its
journal, the last verification. Looked at only; the platform is not asked."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
from cryptography import x509

from .. import __version__
from ..clock import in_china
from ..config import Deployment
from ..config.own_key import own_key_file
from ..config.secrets import Secret
from ..journal.finding import JournalReading

DISTRIBUTIONS = ("liangding-{}", "{}")


@attrs.frozen(kw_only=True)
class KeptKey:
    """A key or another secret: the setting that names it, and since when it is as it is."""

    what: str
    since: datetime


@attrs.frozen(kw_only=True)
class KeptCertificate:
    """A certificate of a file: the setting that names it, and the last day that it holds; None where it cannot be read,
    and ``wrong`` says why."""

    what: str
    until: date | None
    wrong: str = ""


@attrs.frozen(kw_only=True)
class LastVerified:
    """The last time that the journal was verified, as far as that was written down: how many faults there were, and the
    head that it had then."""

    at: datetime
    faults: int
    head: str


def versions_of(deployment: Deployment) -> dict[str, str]:
    """What is at work: the product, Python, each plugin that has a distribution of its own."""
    found = {"liangding": __version__, "Python": platform.python_version()}
    for name in filter(None, (deployment.province, *deployment.plugins)):
        for distribution in DISTRIBUTIONS:
            try:
                found[name] = metadata.version(distribution.format(name))
            except metadata.PackageNotFoundError:
                continue
            break
    return found


def keys_of(deployment: Deployment, journal: JournalReading) -> list[KeptKey]:
    """Since when the journal's own keys are at work, and each secret of a file is as it is; those of the environment
    tell nobody how old they are."""
    found = [KeptKey(what="流水自己的密钥", since=at) for at in [journal.keys_since()] if at is not None]
    named = [(where, deployment.folder / secret.file) for where, secret in _secrets(deployment, "") if secret.file]
    if not deployment.server.api_keys:
        named.append(("server.api_keys", own_key_file(deployment.folder)))
    return found + [
        KeptKey(what=where, since=in_china(path.stat().st_mtime)) for where, path in named if path.is_file()
    ]


def _secrets(value: Any, where: str) -> Iterator[tuple[str, Secret]]:
    """The secrets that a deployment names, each with its setting."""
    if isinstance(value, Secret):
        yield where, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _secrets(inner, f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets(inner, f"{where}.{inner.name}" if hasattr(inner, "name") else where)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _secrets(getattr(value, field.name), f"{where}.{field.name}" if where else field.name)


def certificates_of(deployment: Deployment) -> list[KeptCertificate]:
    """The certificates that the deployment shows or trusts, each file by its first one."""
    line, server = deployment.platform.tls, deployment.server.tls
    named = {} if line is None else {"platform.tls.ca": line.ca, "platform.tls.certificate": line.certificate}
    named |= {} if server is None else {"server.tls.certificate": server.certificate}
    return [_certificate(what, deployment.folder / path) for what, path in named.items() if path]


def _certificate(what: str, path: Path) -> KeptCertificate:
    try:
        ends = x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError, IndexError) as failed:
        return KeptCertificate(what=what, until=None, wrong=f"{path.name} 读不了：{type(failed).__name__}")
    return KeptCertificate(what=what, until=in_china(ends.timestamp()).date())


def last_verified(journal: JournalReading) -> LastVerified | None:
    """The last verification that was written down; None where none was."""
    event = next(iter(journal.reports(0.0, limit=1, kind="verified")), None)
    if event is None:
        return None
    told = event.detail
    return LastVerified(at=event.at, faults=int(told.get("problems") or 0), head=str(told.get("head") or ""))
