"""安全信封 (the secured envelope): how messages travel to the prescription centre and the payment centre.

``data`` is cleaned and ordered, signed with SM2 together with the other members, sealed with SM4, and left out of what
is sent. What comes back is opened, put in ``data``'s place, and believed only when the signature over it holds.

No official text is public: the rules are those that independent clients agree on, and each point where they differ is
a :class:`Variant` that the deployment sets.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import attrs

from ..errors import LiangdingError
from .gm import DEFAULT_USER_ID, SM4_BLOCK, SignatureForm, Sm2, sm4_decrypt, sm4_encrypt
from .json import decode, encode

UNSIGNED = frozenset({"signData", "encData", "extra"})
"""Members of the envelope that are no part of what is signed."""

CHINA = timezone(timedelta(hours=8))


class NotAuthentic(LiangdingError):
    """A secured message is not what its sender sealed: it does not open, or its signature does not hold. Nothing of it
    is used."""

    code = "not_authentic"
    http_status = 502
    remedy = "核对平台公钥、appSecret 与信封的各项设置；liangding sign explain 可逐项比对"


@attrs.frozen(kw_only=True)
class Variant:
    """Where centres differ. The defaults are what most clients do.

    ``app_member``: what the application's number is called. ``version`` (empty: none is sent). ``timestamp``: 14 digits
    of China's time, seconds, or milliseconds. ``scalars``: numbers and booleans inside ``data`` are signed as they are,
    as strings, or as strings on the first level only. ``empty_in_rows``: whether empty members of objects in lists are
    dropped too. ``order``: of the envelope's own members. ``signs``: the plain object, or its ciphertext. ``sm4_key``:
    the first 16 characters of the derived text, its first 16 raw bytes, or the application's secret itself.
    ``sealed``: how a ciphertext is written. ``signature``, ``signature_text``: how a signature is. ``user_id``: SM2's.
    ``ascii``: characters beyond ASCII are escaped before sealing. ``trans_type``: the transaction is named in the
    envelope, too.
    """

    app_member: str = "appId"
    version: str = "2.0.1"
    timestamp: Literal["digits", "seconds", "milliseconds"] = "digits"
    scalars: Literal["keep", "strings", "first_level"] = "keep"
    empty_in_rows: Literal["drop", "keep"] = "drop"
    order: Literal["ascii", "ignore_case"] = "ascii"
    signs: Literal["plain", "ciphertext"] = "plain"
    sm4_key: Literal["derived", "derived_bytes", "secret"] = "derived"
    sealed: Literal["HEX", "hex", "base64"] = "HEX"
    signature: SignatureForm = SignatureForm.RAW
    signature_text: Literal["base64", "hex", "base64_of_hex"] = "base64"
    user_id: str = DEFAULT_USER_ID.decode()
    ascii: bool = False
    trans_type: bool = False


@attrs.frozen(kw_only=True)
class OpenedEnvelope:
    """What came: ``data`` (None where there was none), and all members of the envelope, ``data`` in its place.

    ``signed``: the signature held. False only for a message that carries neither signature nor data, as refusals of a
    gateway do: nothing in it is proved.
    """

    data: Any
    body: Mapping[str, Any] = attrs.field(repr=False)
    signed: bool


class SecuredEnvelope:
    """One side of a secured line: ``ours`` signs what we send, ``theirs`` verifies what they sent.

    ConfigurationError-like ValueError where the application's number is shorter than SM4's key.
    """

    def __init__(self, app_id: str, app_secret: str, *, ours: Sm2, theirs: Sm2, variant: Variant | None = None) -> None:
        self.app_id, self._secret = app_id, app_secret
        self.ours, self.theirs = ours, theirs
        self.variant = variant or Variant()
        self._key = message_key(app_id, app_secret, self.variant)

    def __repr__(self) -> str:
        return f"<SecuredEnvelope {self.app_id[:4]}…>"

    def signed_by(self, other: Sm2) -> SecuredEnvelope:
        """The same line, signed by another key."""
        return SecuredEnvelope(self.app_id, self._secret, ours=other, theirs=self.theirs, variant=self.variant)

    def seal(self, data: Any, *, epoch: float, trans_type: str = "", beside: Mapping[str, Any] | None = None) -> bytes:
        """``data`` signed and sealed, as it goes out. ``beside`` are further members: an answer's code, for example."""
        head: dict[str, Any] = {self.variant.app_member: self.app_id}
        if self.variant.version:
            head["version"] = self.variant.version
        head |= {"timestamp": timestamp(self.variant, epoch), "encType": "SM4", "signType": "SM2"}
        if trans_type and self.variant.trans_type:
            head["transType"] = trans_type
        head |= {key: value for key, value in (beside or {}).items() if not is_empty(value)}
        cleaned = clean(data, self.variant)
        sealed = self._sealed(cleaned)
        signed = sign_string({**head, "data": self._subject(cleaned, sealed)}, self._secret, self.variant)
        signature = self.ours.sign(signed.encode(), self.variant.signature)
        return encode({**head, "encData": sealed, "signData": write_signature(signature, self.variant)})

    def open(self, message: bytes) -> OpenedEnvelope:
        """What a secured message holds, once its signature holds. NotAuthentic else."""
        body = envelope_of(message)
        if body.get("data") and body.get("encData"):
            raise NotAuthentic("安全信封里同时有明文与密文")
        if is_empty(body.get("encData")):
            return self._without_data(body)
        sealed = body["encData"]
        data = self._unsealed(sealed)
        whole = {**body, "data": data}
        subject = self._subject(data, sealed)
        signed = sign_string({**body, "data": subject}, self._secret, self.variant)
        self._check(signed, body)
        return OpenedEnvelope(data=data, body=whole, signed=True)

    def _without_data(self, body: dict[str, Any]) -> OpenedEnvelope:
        if body.get("data") not in (None, "", {}, []):
            raise NotAuthentic("安全信封里的数据没有加密")
        if is_empty(body.get("signData")):
            return OpenedEnvelope(data=None, body=body, signed=False)
        self._check(sign_string(body, self._secret, self.variant), body)
        return OpenedEnvelope(data=None, body=body, signed=True)

    def _check(self, signed: str, body: Mapping[str, Any]) -> None:
        for member, ours in (("encType", "SM4"), ("signType", "SM2"), (self.variant.app_member, self.app_id)):
            if body.get(member) not in (None, "", ours):
                raise NotAuthentic(f"安全信封的 {member} 与部署文件不符")
        signature = read_signature(body.get("signData"), self.variant)
        if signature is None or not self.theirs.verify(signed.encode(), signature, self.variant.signature):
            raise NotAuthentic("安全信封的签名不对，内容不采用")

    def _subject(self, data: Any, sealed: str) -> Any:
        return data if self.variant.signs == "plain" else sealed

    def _sealed(self, cleaned: Any) -> str:
        plain = encode(cleaned)
        if self.variant.ascii:
            plain = escaped(plain.decode()).encode()
        return write_sealed(sm4_encrypt(self._key, plain), self.variant)

    def _unsealed(self, text: Any) -> Any:
        sealed = read_sealed(text, self.variant)
        if sealed is None:
            raise NotAuthentic("安全信封的密文写法不对")
        try:
            return decode(sm4_decrypt(self._key, sealed))
        except ValueError:
            raise NotAuthentic("安全信封的密文打不开") from None


def envelope_of(message: bytes) -> dict[str, Any]:
    """The members of an envelope. NotAuthentic where the message is no object, or names a member twice."""
    try:
        body = decode(message)
    except (ValueError, RecursionError):
        raise NotAuthentic("安全信封不是合法的 JSON") from None
    if not isinstance(body, dict):
        raise NotAuthentic("安全信封不是对象")
    return body


# -- what is signed ------------------------------------------------------------------------------------------------


def is_empty(value: Any) -> bool:
    """What vanishes from a signature: null, and empty text, objects and lists."""
    return value is None or (isinstance(value, str | dict | list) and not value)


def clean(value: Any, variant: Variant, *, level: int = 0, in_row: bool = False) -> Any:
    """A value as it is signed: empty members dropped at every depth, members in ASCII order."""
    if isinstance(value, Mapping):
        keep = in_row and variant.empty_in_rows == "keep"
        inner = {str(k): clean(v, variant, level=level + 1, in_row=in_row) for k, v in value.items()}
        return {key: inner[key] for key in sorted(inner) if keep or not is_empty(inner[key])}
    if isinstance(value, list | tuple):
        return [clean(each, variant, level=level + 1, in_row=True) for each in value]
    as_text = variant.scalars == "strings" or (variant.scalars == "first_level" and level == 1)
    return plain_text(value) if as_text and value is not None else value


def sign_string(body: Mapping[str, Any], secret: str, variant: Variant) -> str:
    """The text that is signed: the members in order as key=value joined by &, and the application's secret as key."""
    members = {key: value for key, value in body.items() if key not in UNSIGNED}
    members = {key: clean(value, variant) if key == "data" else value for key, value in members.items()}
    pairs = {key: plain_text(value) for key, value in members.items() if not is_empty(value)}
    order = sorted(pairs, key=str.lower if variant.order == "ignore_case" else None)
    return "&".join([*(f"{key}={pairs[key]}" for key in order), f"key={secret}"])


def plain_text(value: Any) -> str:
    """A value inside the text that is signed: compact JSON for objects and lists, true and false, plain decimals."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return encode(value).decode()


def message_key(app_id: str, secret: str, variant: Variant) -> bytes:
    """SM4's key for the messages, derived from the application's number and its secret. ValueError where one of the
    two is too short."""
    if variant.sm4_key == "secret":
        if len(secret.encode()) < SM4_BLOCK:
            raise ValueError(f"appSecret 短于 {SM4_BLOCK} 个字符，不能作 SM4 的密钥")
        return secret.encode()[:SM4_BLOCK]
    if len(app_id) < SM4_BLOCK or not app_id.isascii():
        raise ValueError(f"appId 应为 {SM4_BLOCK} 个以上的 ASCII 字符，给的是 {len(app_id)} 个")
    derived = sm4_encrypt(app_id.encode()[:SM4_BLOCK], secret.encode())
    return derived[:SM4_BLOCK] if variant.sm4_key == "derived_bytes" else derived.hex().upper().encode()[:SM4_BLOCK]


def timestamp(variant: Variant, epoch: float) -> str:
    """The envelope's time, in the form that the centre wants."""
    if variant.timestamp == "digits":
        return f"{datetime.fromtimestamp(epoch, UTC).astimezone(CHINA):%Y%m%d%H%M%S}"
    return str(int(epoch * 1000)) if variant.timestamp == "milliseconds" else str(int(epoch))


def time_of(text: str) -> float | None:
    """The moment that an envelope's time names, whichever its form; None where it names none."""
    if re.fullmatch(r"\d{14}", text):
        try:
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA).timestamp()
        except ValueError:
            return None
    if re.fullmatch(r"\d{10}", text):
        return float(text)
    return int(text) / 1000 if re.fullmatch(r"\d{13}", text) else None


# -- texts ---------------------------------------------------------------------------------------------------------


def write_sealed(sealed: bytes, variant: Variant) -> str:
    if variant.sealed == "base64":
        return base64.b64encode(sealed).decode()
    return sealed.hex().upper() if variant.sealed == "HEX" else sealed.hex()


def read_sealed(text: Any, variant: Variant) -> bytes | None:
    """The bytes of a ciphertext, in its one form; None where it is written otherwise."""
    sealed = _bytes(text, variant.sealed.lower())
    return sealed if sealed is not None and write_sealed(sealed, variant) == text else None


def write_signature(signature: bytes, variant: Variant) -> str:
    if variant.signature_text == "hex":
        return signature.hex()
    return base64.b64encode(
        signature.hex().encode() if variant.signature_text == "base64_of_hex" else signature
    ).decode()


def read_signature(text: Any, variant: Variant) -> bytes | None:
    """The bytes of a signature, in its one form; None where it is written otherwise."""
    signature = _bytes(text, "hex" if variant.signature_text == "hex" else "base64")
    if variant.signature_text == "base64_of_hex" and signature is not None:
        signature = _bytes(signature.decode("ascii", "replace"), "hex")
    return signature if signature is not None and write_signature(signature, variant) == text else None


def _bytes(text: Any, form: str) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text, validate=True) if form == "base64" else bytes.fromhex(text)
    except (binascii.Error, ValueError):
        return None


def escaped(text: str) -> str:
    """JSON with everything beyond ASCII as a backslash, u and four digits."""

    def escape(found: re.Match[str]) -> str:
        units = found[0].encode("utf-16-be")
        return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

    return re.sub(r"[^\x00-\x7f]", escape, text)
