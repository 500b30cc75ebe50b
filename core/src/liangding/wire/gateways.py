"""How a region's gateway wants a call signed, one small class for each scheme.

The same class says what headers a call gets and, on the simulator's side, whether a call's headers are right.
Signing is pure: the time and the random text are given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Protocol

import attrs
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC


@attrs.frozen(kw_only=True)
class Outgoing:
    """What a scheme may sign: ``epoch`` in seconds, ``nonce`` a random text, ``body`` the exact bytes that go out."""

    infno: str
    body: bytes
    epoch: float
    nonce: str


class Gateway(Protocol):
    """A signing scheme with its credentials."""

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        """The headers that this call has to carry. Raises ConfigurationError where a signature cannot be made."""

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        """The gateway's own check, as the simulator plays it: why a call is refused, or None."""

    def refused_before_platform(self, code: str, message: str) -> bool:
        """Whether a gateway's answer proves that the call never reached the platform."""


def _unit(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value not in ("s", "ms"):
        raise ValueError(f"{attribute.name} 只能是 s（秒）或 ms（毫秒）")


@attrs.frozen(kw_only=True)
class Plain:
    """专线内直连: no signature; ``apikey`` is a header that one region allows."""

    apikey: str = attrs.field(default="", repr=False)

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        return {"apikey": self.apikey} if self.apikey else {}

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        return None if not self.apikey or headers.get("apikey") == self.apikey else "apikey 不正确"

    def refused_before_platform(self, code: str, message: str) -> bool:
        return False


@attrs.frozen(kw_only=True)
class Csb:
    """CSB 服务网关: HMAC-SHA1 over four sorted pairs, Base64; the body is not signed.

    ``api_name`` empty: the transaction's number is the service's name. ``timestamp_unit``: ``ms`` (13 digits) or ``s``.
    """

    access_key: str
    secret_key: str = attrs.field(repr=False)
    api_name: str = ""
    api_version: str = "1.0.0"
    timestamp_unit: str = attrs.field(default="ms", validator=_unit)

    WINDOW_SECONDS = 30 * 60
    REFUSALS = ("缺少服务网关的请求头", "签名时间戳超时", "非法用户", "签名不一致")

    def sign(self, name: str, timestamp: str) -> str:
        pairs = {
            "_api_access_key": self.access_key,
            "_api_name": name,
            "_api_timestamp": timestamp,
            "_api_version": self.api_version,
        }
        message = "&".join(f"{key}={pairs[key]}" for key in sorted(pairs))
        digest = hmac.new(self.secret_key.encode(), message.encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        name = self.api_name or outgoing.infno
        timestamp = str(int(outgoing.epoch * (1000 if self.timestamp_unit == "ms" else 1)))
        return {
            "_api_name": name,
            "_api_version": self.api_version,
            "_api_timestamp": timestamp,
            "_api_access_key": self.access_key,
            "_api_signature": self.sign(name, timestamp),
        }

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        needed = ("_api_name", "_api_version", "_api_timestamp", "_api_access_key", "_api_signature")
        if not all(headers.get(name) for name in needed) or not headers["_api_timestamp"].isdigit():
            return "缺少服务网关的请求头!"
        sent = int(headers["_api_timestamp"]) / (1000 if len(headers["_api_timestamp"]) == 13 else 1)
        if abs(sent - epoch) > self.WINDOW_SECONDS:
            return "签名时间戳超时!"
        if headers["_api_access_key"] != self.access_key:
            return "非法用户!"
        expected = self.sign(headers["_api_name"], headers["_api_timestamp"])
        if headers["_api_version"] != self.api_version:
            return "签名不一致!"
        return None if hmac.compare_digest(expected, headers["_api_signature"]) else "签名不一致!"

    def refused_before_platform(self, code: str, message: str) -> bool:
        return code == "401" and message.startswith(self.REFUSALS)


@attrs.frozen(kw_only=True)
class Tif:
    """TIF（ebus）头: SHA-256 over timestamp, token, nonce, timestamp; the body is not signed.

    ``upper`` for the sites that want the digest in capitals; ``service_id`` is a header that some deployments ask for.
    """

    paasid: str
    token: str = attrs.field(repr=False)
    service_id: str = ""
    upper: bool = False

    WINDOW_SECONDS = 180

    def sign(self, timestamp: str, nonce: str) -> str:
        digest = hashlib.sha256(f"{timestamp}{self.token}{nonce}{timestamp}".encode()).hexdigest()
        return digest.upper() if self.upper else digest

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        timestamp = str(int(outgoing.epoch))
        signed = {
            "x-tif-paasid": self.paasid,
            "x-tif-timestamp": timestamp,
            "x-tif-nonce": outgoing.nonce,
            "x-tif-signature": self.sign(timestamp, outgoing.nonce),
        }
        return signed | ({"x-tif-serviceId": self.service_id} if self.service_id else {})

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        needed = ("x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature")
        if not all(headers.get(name) for name in needed) or not headers["x-tif-timestamp"].isdigit():
            return "缺少网关请求头"
        if abs(int(headers["x-tif-timestamp"]) - epoch) > self.WINDOW_SECONDS:
            return "时间戳超时"
        if headers["x-tif-paasid"] != self.paasid:
            return "应用标识不存在"
        expected = self.sign(headers["x-tif-timestamp"], headers["x-tif-nonce"])
        return None if hmac.compare_digest(expected.lower(), headers["x-tif-signature"].lower()) else "签名不正确"

    def refused_before_platform(self, code: str, message: str) -> bool:
        return False


@attrs.frozen(kw_only=True)
class CaHmacSm3:
    """x-ca 头: HMAC-SM3 over timestamp, line feed and body, in capital hexadecimal.

    ``timestamp_unit``: ``s``, or ``ms`` (13 digits), as some hospitals have it. ``charset`` of the signed bytes: utf-8
    as sent; an early library took gb2312, to be agreed with the region.
    """

    key: str
    secret: str = attrs.field(repr=False)
    charset: str = "utf-8"
    timestamp_unit: str = attrs.field(default="s", validator=_unit)

    WINDOW_SECONDS = 30 * 60

    def sign(self, timestamp: str, body: bytes) -> str:
        signed = body if self.charset == "utf-8" else body.decode().encode(self.charset)
        mac = HMAC(self.secret.encode(), hashes.SM3())
        mac.update(timestamp.encode() + b"\n" + signed)
        return mac.finalize().hex().upper()

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        timestamp = str(int(outgoing.epoch * (1000 if self.timestamp_unit == "ms" else 1)))
        return {"x-ca-key": self.key, "x-ca-signature": f"{timestamp}:{self.sign(timestamp, outgoing.body)}"}

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        timestamp, _, signature = headers.get("x-ca-signature", "").partition(":")
        if headers.get("x-ca-key") != self.key or not timestamp.isdigit():
            return "x-ca-key 或 x-ca-signature 不正确"
        if abs(int(timestamp) / (1000 if len(timestamp) == 13 else 1) - epoch) > self.WINDOW_SECONDS:
            return "签名时间戳超时"
        return None if hmac.compare_digest(self.sign(timestamp, body), signature) else "签名不正确"

    def refused_before_platform(self, code: str, message: str) -> bool:
        return False


SCHEMES: dict[str, type[Plain | Csb | Tif | CaHmacSm3]] = {
    "plain": Plain,
    "csb": Csb,
    "tif": Tif,
    "ca_hmac_sm3": CaHmacSm3,
}
"""The schemes that the core knows; a plugin adds its own through ``liangding_gateway``."""
