"""TLS of the line: whom to trust, what to show, and what a failure of it means."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

import attrs
import httpx

Least = Literal["1.2", "1.3"]

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

_REASONS = {
    9: "证书还没有生效：核对本机的日期和时间",
    10: "证书已经过期：请平台方更换；先核对本机的日期和时间",
    18: "证书是自签的：向平台方要它的根证书，写进 platform.tls.ca",
    19: "证书的根不受信任：向平台方要它的根证书，写进 platform.tls.ca",
    20: "签发证书的机构不受信任：向平台方要它的根证书，写进 platform.tls.ca",
    21: "证书链不全：请平台方把中间证书一并送出，或把它写进 platform.tls.ca",
    62: "证书不是给这个地址的：platform.url 用证书上的名字",
    64: "证书不是给这个地址的：platform.url 用证书上的名字",
}
"""What OpenSSL's numbers of a certificate's faults mean, and what to do."""


@attrs.frozen(kw_only=True)
class LineTls:
    """How a line is secured: PEM files of whom to trust (``ca``; none: those that public sites have), what to show
    (``certificate`` and its ``key``, with its ``password``), and the ``least`` version."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    password: str = ""
    least: Least = "1.2"

    def context(self) -> ssl.SSLContext:
        """OSError or ValueError where a file is not as it must be."""
        made = httpx.create_ssl_context(trust_env=False) if self.ca is None else ssl.create_default_context(
            cafile=str(self.ca)
        )  # fmt: skip
        made.minimum_version = _VERSIONS[self.least]
        if self.certificate is not None:
            # A password that is asked for would be asked of nobody.
            made.load_cert_chain(self.certificate, self.key, password=lambda: self.password)
        return made


def tls_failure(error: BaseException) -> tuple[str, str] | None:
    """The name of a failed handshake and what to do about it; None where the error is none."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            reason = _REASONS.get(seen.verify_code, f"证书没有通过核对（{seen.verify_message}）")
            return "bad_certificate", f"平台的{reason}，未发出"
        if isinstance(seen, ssl.SSLError):
            what = (seen.reason or type(seen).__name__).replace("_", " ").lower()
            return "tls_failed", f"与平台的 TLS 没有谈成（{what}）：核对 platform.tls 的 certificate 与 least，未发出"
        seen = seen.__cause__ or seen.__context__
    return None
