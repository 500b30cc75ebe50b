"""Why is my signature wrong? The exact text that is signed, and what of it the usual mistakes would change.

A signature that is given is held against every way of signing that clients are known to use; the one that fits is
named. Nothing secret is in what is said: the application's secret stands as ``…``.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from .gm import DEFAULT_USER_ID, SignatureForm, Sm2, sm3, sm4_decrypt
from .gm.sm2 import message_digest
from .json import decode, encode, encode_ordered
from .secured import (
    UNSIGNED,
    Variant,
    clean,
    escaped,
    is_empty,
    message_key,
    read_sealed,
    sign_string,
    write_signature,
)

HIDDEN = "…"

FITS = "与部署文件的设置一致"
"""What is said of a signature that fits the way that is configured."""


@attrs.frozen(kw_only=True)
class ExplainedSignature:
    """What was found. ``text`` is what is signed, with the secret hidden; ``digest`` SM3 of its bytes with the secret
    in it, ``e`` the digest behind the user id and the key, which SM2 signs; ``notes`` where this very message invites
    mistakes; ``fits``: what the given signature is, None where none was given; empty where it fits no known way."""

    text: str
    digest: str
    e: str
    notes: tuple[str, ...]
    fits: tuple[str, ...] | None = None


def explain(
    body: Mapping[str, Any],
    secret: str,
    *,
    signer: Sm2,
    variant: Variant | None = None,
    signature: str | None = None,
    other: Sm2 | None = None,
) -> ExplainedSignature:
    """Explain the signature over an envelope as it was before sealing (``data`` in clear) or as it went out
    (``encData``, which is opened with the secret). ``signer`` is the party that signs, ``other`` the other one,
    whose key is sometimes taken. ValueError where the message has neither."""
    variant = variant or Variant()
    body, notes = _in_clear(dict(body), secret, variant)
    given = signature if signature is not None else body.get("signData")
    text = sign_string(body, secret, variant)
    fits = None if is_empty(given) else tuple(_fits(body, secret, (signer, other), str(given), variant))
    notes += [*_envelope_notes(body, variant), *_data_notes(body.get("data"))]
    if fits == ():
        notes += _unfitting(str(given))
    assert signer.public is not None
    e = message_digest(signer.public, text.encode(), variant.user_id.encode())
    return ExplainedSignature(
        text=text.removesuffix(secret) + HIDDEN, digest=sm3(text.encode()).hex().upper(), e=e.hex().upper(),
        notes=tuple(notes), fits=fits,
    )  # fmt: skip


# -- what the message is --------------------------------------------------------------------------------------------


def _in_clear(body: dict[str, Any], secret: str, variant: Variant) -> tuple[dict[str, Any], list[str]]:
    if not is_empty(body.get("data")):
        return body, []
    sealed = body.get("encData")
    if is_empty(sealed):
        raise ValueError("报文里既没有 data（明文），也没有 encData（密文），没有可签的内容")
    app_id = str(body.get(variant.app_member) or body.get("appId") or body.get("appCode") or "")
    for way in (variant, *(attrs.evolve(variant, sm4_key=key) for key in ("derived", "derived_bytes", "secret"))):
        data = _opened(sealed, app_id, secret, way)
        if data is not None:
            note = "" if way is variant else f'encData 要用 sm4_key = "{way.sm4_key}" 才打得开，部署文件里不是这样'
            return {**body, "data": data}, [note] if note else []
    raise ValueError("encData 打不开：appId 或 appSecret 不对，或密文不是十六进制、Base64")


def _opened(sealed: Any, app_id: str, secret: str, variant: Variant) -> Any:
    for form in ("HEX", "hex", "base64"):
        held = read_sealed(sealed, attrs.evolve(variant, sealed=form))
        if held is not None:
            try:
                return decode(sm4_decrypt(message_key(app_id, secret, variant), held))
            except ValueError:
                return None
    return None


# -- what the given signature is ------------------------------------------------------------------------------------

TURNS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "scalars", "data 里的数字与布尔值",
        (("keep", "按 JSON 原样"), ("strings", "写成字符串"), ("first_level", "只把第一层写成字符串")),
    ),
    ("empty_in_rows", "数组里对象的空值", (("drop", "去掉"), ("keep", "保留"))),
    ("order", "外层各键的顺序", (("ascii", "按 ASCII，大写在前"), ("ignore_case", "不分大小写"))),
    ("signs", "签的 data", (("plain", "明文"), ("ciphertext", "密文文本"))),
)  # fmt: skip
"""Where clients differ: setting, what it is about, and its values with the field's words."""


def _fits(
    body: Mapping[str, Any], secret: str, parties: tuple[Sm2, Sm2 | None], given: str, variant: Variant
) -> Iterator[str]:
    """The ways of signing that the given signature fits, in words; the deployment's own way says so."""
    forms = list(_signatures(given))
    payloads = _payloads(body, secret, variant)
    for which, (user, user_said) in itertools.product(parties, _user_ids(variant, secret)):
        if which is None:
            continue
        party = Sm2(public=which.public, user_id=user)
        key_said = [] if which is parties[0] else ["用的是另一方的密钥（机构与平台的密钥弄反了）"]
        for (payload, said), (form, written, signature) in itertools.product(payloads.items(), forms):
            if party.verify(payload, signature, form):
                differs = [
                    *said,
                    *key_said,
                    *([user_said] if user_said else []),
                    *_written(given, form, written, signature, variant),
                ]
                yield "、".join(differs) if differs else FITS
    yield from _bare(payloads, parties[0], forms)


def _written(given: str, form: SignatureForm, written: str, signature: bytes, variant: Variant) -> list[str]:
    """In what the way that a signature is written differs from the deployment's."""
    if (written, form) != (variant.signature_text, variant.signature):
        return [f"签名写成 {_FORM_NAMES[form]} 的 {_TEXT_NAMES[written]}"]
    exact = write_signature(signature, variant)
    return [] if given == exact else ["签名的文本多了空白、换行，或十六进制用了大写"]


def _bare(
    payloads: Mapping[bytes, list[str]], signer: Sm2, forms: list[tuple[SignatureForm, str, bytes]]
) -> Iterator[str]:
    """Signatures over a text's digest alone: libraries whose ``sign`` leaves the user id to their caller."""
    for (payload, said), (form, _, signature) in itertools.product(payloads.items(), forms):
        if form is SignatureForm.RAW and signer.verify_digest(sm3(payload), signature):
            yield "、".join([*said, "没有算用户标识（ZA）：直接签了原文的 SM3 摘要，换用带用户标识的签名函数"])


def _payloads(body: Mapping[str, Any], secret: str, variant: Variant) -> dict[bytes, list[str]]:
    """The bytes that may have been signed, each with how it differs from the deployment's way."""
    found: dict[bytes, list[str]] = {}
    for values in itertools.product(*(choices for _, _, choices in TURNS)):
        changed: dict[str, Any] = {name: value for (name, _, _), (value, _) in zip(TURNS, values, strict=True)}
        way = attrs.evolve(variant, **changed)
        said = [f"{about}{word}" for (name, about, _), (value, word) in zip(TURNS, values, strict=True)
                if value != getattr(variant, name)]  # fmt: skip
        for name, payload in _texts(body, secret, way):
            found.setdefault(payload, [*said, *([name] if name else [])])
    return found


def _texts(body: Mapping[str, Any], secret: str, way: Variant) -> Iterator[tuple[str, bytes]]:
    """The bytes that are signed under a way, and what a slip would make of them."""
    held = dict(body)
    if way.signs == "ciphertext":
        held["data"] = body.get("encData") or ""
    right = sign_string(held, secret, way)
    yield "", right.encode()
    yield "末尾漏了 &key=appSecret", right.rpartition("&key=")[0].encode()
    yield "appSecret 接在末尾，漏了 &key=", (right.removesuffix(f"&key={secret}") + secret).encode()
    for member in ("version", "timestamp", "transType", "encType", "signType"):
        if held.get(member):
            yield f"漏签了 {member}", sign_string({**held, member: ""}, secret, way).encode()
    if isinstance(held.get("data"), dict | list):
        for name, text in _data_slips(held["data"], way):
            yield name, sign_string({**held, "data": text}, secret, way).encode()
    yield "中文转义成了 \\u", escaped(right).encode()
    yield "原文按 GBK 编码，应为 UTF-8", right.encode("gbk", "replace")
    digest = sm3(right.encode())
    yield "签的是原文的 SM3 摘要（签名函数里又算了一次摘要）", digest
    for written in (digest.hex(), digest.hex().upper()):
        yield "签的是原文 SM3 摘要的十六进制文本", written.encode()


def _data_slips(data: Any, way: Variant) -> Iterator[tuple[str, str]]:
    """``data`` as text, as clients get it wrong."""
    yield "data 没有去掉空值", encode_ordered(data).decode()
    yield "data 没有去掉空值，也没有排序", encode(data).decode()
    cleaned = clean(data, way)
    yield "data 的 JSON 带了空格", json.dumps(_plain(cleaned), ensure_ascii=False)
    yield "data 的数字末尾的 0 丢了（1.50 成了 1.5）", encode(_trimmed(cleaned)).decode()
    yield "data 里的 / 转义成了 \\/", encode(cleaned).decode().replace("/", "\\/")
    if isinstance(data, dict):
        yield "data 里只有第一层排了序", encode({name: data[name] for name in sorted(data)}).decode()


def _plain(value: Any) -> Any:
    """Decimals as floats, as a client without exact numbers has them."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _trimmed(value: Any) -> Any:
    """Decimals without the zeros at their end."""
    if isinstance(value, dict):
        return {name: _trimmed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_trimmed(inner) for inner in value]
    return Decimal(format(value.normalize(), "f")) if isinstance(value, Decimal) else value


def _user_ids(variant: Variant, secret: str) -> Iterator[tuple[bytes, str]]:
    yield variant.user_id.encode(), ""
    if variant.user_id.encode() != DEFAULT_USER_ID:
        yield DEFAULT_USER_ID, "用户标识用的是默认的 1234567812345678"
    yield secret.encode(), "用户标识用的是 appSecret"


_FORM_NAMES = {SignatureForm.RAW: "r‖s（64 字节）", SignatureForm.ASN1: "ASN.1（DER）"}
_TEXT_NAMES = {"base64": "Base64", "hex": "十六进制", "base64_of_hex": "Base64（先写成十六进制文本）"}


def _signatures(given: str) -> Iterator[tuple[SignatureForm, str, bytes]]:
    """What the given text may be: form, how it is written, bytes."""
    given = "".join(given.split())
    for written, held in (
        ("hex", _hex(given)),
        ("base64", _base64(given)),
        ("base64_of_hex", _hex(_ascii(_base64(given)))),
    ):
        if held:
            yield (SignatureForm.RAW if len(held) == 64 else SignatureForm.ASN1), written, held


def _hex(text: str | None) -> bytes | None:
    try:
        return bytes.fromhex(text) if text else None
    except ValueError:
        return None


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ascii(held: bytes | None) -> str | None:
    return held.decode() if held is not None and held.isascii() else None


# -- where mistakes are made ----------------------------------------------------------------------------------------


UNFITTING = (
    "给出的签名不符合任何已知的写法。依次核对：私钥与登记的公钥是不是一对；签的是不是 UTF-8 字节；"
    "中文有没有被转义成 \\u；appSecret 首尾有没有空白；时间戳与发出的是不是同一个"
)


def _unfitting(given: str) -> list[str]:
    held = _hex("".join(given.split())) or _base64("".join(given.split()))
    if held is None:
        return ["给出的签名既不是十六进制，也不是 Base64"]
    if len(held) != 64 and held[:1] != b"\x30":
        return [f"给出的签名有 {len(held)} 字节：r‖s 应为 64 字节，ASN.1 以 30 开头"]
    return [UNFITTING]


def _envelope_notes(body: Mapping[str, Any], variant: Variant) -> Iterator[str]:
    dropped = [key for key, value in body.items() if is_empty(value) and key not in UNSIGNED]
    if dropped:
        yield f"外层的 {'、'.join(sorted(dropped))} 是空的，不参与签名"
    keys = [key for key, value in body.items() if key not in UNSIGNED and not is_empty(value)]
    if sorted(keys) != sorted(keys, key=str.lower):
        yield "外层的键按 ASCII 与不分大小写排出来不同：按部署文件的 order"
    zero = [key for key in keys if body[key] in (0, "0") and body[key] is not False]
    if zero:
        yield f"外层的 {'、'.join(sorted(zero))} 是 0：0 不是空值，要参与签名"
    time = str(body.get("timestamp") or "")
    wanted = {"digits": 14, "seconds": 10, "milliseconds": 13}[variant.timestamp]
    if time and len(time) != wanted:
        yield f"timestamp 有 {len(time)} 位，部署文件的写法是 {wanted} 位"


def _data_notes(data: Any) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    _walk(data, "data", found)
    said = {
        "empty": "是空的（null、空文本、空对象、空数组），各层都要去掉",
        "zero": "是 0：0 不是空值，要保留",
        "number": '是数字：各端写法不一（30 与 "30"，1.50 与 1.5），最稳妥是发字符串',
        "boolean": "是布尔值：写成小写的 true、false，最稳妥是发字符串",
        "text": "含非 ASCII 字符：按 UTF-8 原样签，不转义成 \\u",
        "blank": "首尾有空白：空白也参与签名",
        "row": "在数组的对象里是空的：有的中心保留，见 empty_in_rows",
    }
    for kind, words in said.items():
        places = found.get(kind)
        if places:
            more = f" 等 {len(places)} 处" if len(places) > 3 else ""
            yield f"{'、'.join(places[:3])}{more} {words}"
    if isinstance(data, dict) and list(data) != list(clean(data, Variant())):
        yield "data 的键不是 ASCII 顺序，或有空值：签名前先去空、排序（大写在前），各层都要"


def _walk(value: Any, path: str, found: dict[str, list[str]], in_row: bool = False) -> None:
    def note(kind: str) -> None:
        found.setdefault(kind, []).append(path)

    if is_empty(value):
        note("row" if in_row else "empty")
    elif isinstance(value, bool):
        note("boolean")
    elif isinstance(value, int | Decimal):
        note("zero" if value == 0 else "number")
    elif isinstance(value, str):
        if not value.isascii():
            note("text")
        if value != value.strip():
            note("blank")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _walk(inner, f"{path}.{key}", found, in_row)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _walk(inner, f"{path}[{number}]", found, True)
