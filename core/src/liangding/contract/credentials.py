"""What a person shows, and what a shown code is decoded to.

Decoding is asked and answered in the form of ``ec.query``, which is compiled from systems at work in several provinces;
no official text of it was read. The token is a bearer's secret: it is decoded anew for every step and kept out of logs,
errors and files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ..config import Operator
from ..errors import LiangdingError
from ..privacy import masked_text
from ..wire.json import decode
from .devices import Signature

E_CREDENTIAL, IDENTITY_CARD, SOCIAL_CARD, OTHER_DOCUMENT = "01", "02", "03", "99"
"""mdtrt_cert_type: 医保电子凭证、居民身份证、社会保障卡; 99 asks by the number of any other document."""


@attrs.frozen(kw_only=True)
class Credential:
    """What a person shows. ``type`` and ``number`` as 1101 takes them: 01 with the token, 02 with the identity
    number, 03 with the card's number and ``card_sn``. Documents of Hong Kong, Macao, Taiwan and foreigners: 99 with
    the document's number, and its kind in ``cert_type`` (psn_cert_type). ``card_token`` is what a safety control
    (安全控件) gave beside it, where a region works with one. ``insured_place`` is where the person is insured, where
    the credential says so before 1101 does. ``signature`` is a reader's over what it read, where it gives one;
    ``card_token_for`` the transaction that a control was told when it gave ``card_token``. ``name`` and ``certno``
    (the identity number, beside a code or a card) are what the caller knows of the person: they are held against what
    1101 says."""

    type: str
    number: str = attrs.field(repr=False)
    card_sn: str | None = attrs.field(default=None, repr=False)
    cert_type: str | None = None
    name: str | None = attrs.field(default=None, repr=False)
    card_token: str | None = attrs.field(default=None, repr=False)
    insured_place: str | None = None
    signature: Signature | None = None
    card_token_for: str | None = None
    certno: str | None = attrs.field(default=None, repr=False)

    @property
    def by_document(self) -> bool:
        """Whether ``number`` is that of a document, and no code's or card's."""
        return self.type in (IDENTITY_CARD, OTHER_DOCUMENT)

    def __attrs_post_init__(self) -> None:
        """The number as it is printed: without spaces and full-width characters, an identity number with its X."""
        plain = "".join(unicodedata.normalize("NFKC", self.number).split())
        object.__setattr__(self, "number", plain.upper() if self.type == IDENTITY_CARD else plain)


NOT_A_CREDENTIAL = "500159"
"""The code of an answer that says: this is no e-credential's code."""

SERVICE_CODE_FIELD = "ecQrCode"
"""Where a scanned text goes in what the common libraries take; no published table says it."""

Gain = Literal["MOBILE", "FACE"]
"""How a terminal takes the code by itself: it scans a phone, or a face."""


class NotDecoded(LiangdingError):
    """No token came of what the person showed; nothing else was done."""

    code = "not_decoded"
    http_status = 409
    remedy = "请参保人刷新医保码后重新出示，或改用身份证、社会保障卡"


@attrs.frozen(kw_only=True)
class Decoding:
    """What is to be decoded, for whom, and at which step. ``code`` is the scanned text; None where the device
    scans by itself. ``gain`` and ``serial`` (unique) are for terminals that take the code."""

    business_type: str
    org_id: str
    operator: Operator
    office_id: str
    office_name: str
    device_type: str = ""
    code: str | None = attrs.field(default=None, repr=False)
    gain: Gain | None = None
    serial: str = ""
    code_field: str = SERVICE_CODE_FIELD

    def data(self) -> dict[str, str]:
        """The business parameters (业务参数), as the service and 6101 both take them."""
        asked = {
            "orgId": self.org_id, "businessType": self.business_type, "operatorId": self.operator.code,
            "operatorName": self.operator.name, "officeId": self.office_id, "officeName": self.office_name,
            "deviceType": self.device_type,
        }  # fmt: skip
        return asked | ({self.code_field: self.code} if self.code else {})

    def request(self) -> dict[str, Any]:
        """The whole request of ``ec.query``, or of ``iot.gain.ec.qrcode`` where a terminal takes the code."""
        data, kind = self.data(), "ec.query"
        if self.gain is not None:
            kind, data = "iot.gain.ec.qrcode", data | {"gainWay": self.gain, "outBizNo": self.serial}
        return {"transType": kind, "orgId": self.org_id, "data": data}


@attrs.frozen(kw_only=True)
class Decoded:
    """Whom a code belongs to. ``idno`` may come masked with ``*``; the person is then found by the token alone."""

    token: str = attrs.field(repr=False)
    name: str = attrs.field(default="", repr=False)
    idno: str = attrs.field(default="", repr=False)
    id_type: str = ""
    insured_place: str = ""
    auth_no: str = attrs.field(default="", repr=False)
    index_no: str = attrs.field(default="", repr=False)

    @property
    def masked(self) -> bool:
        """Whether the number is no number to ask by."""
        return "*" in self.idno

    def credential(self) -> Credential:
        """What 1101 and the settlement take: type 01 with the token, and where the person is insured."""
        return Credential(type=E_CREDENTIAL, number=self.token, insured_place=self.insured_place or None)


def read_decoded(answer: bytes | str | Mapping[str, Any]) -> Decoded:
    """Whom an answer of ``ec.query`` names, whether it comes as bytes, text or an object: for drivers of devices.

    NotDecoded where it is a refusal, or has no token.
    """
    body = object_of(answer)
    code = text_of(body.get("code"))
    if code == NOT_A_CREDENTIAL:
        raise NotDecoded("扫到的不是医保电子凭证")
    if code != "0" or body.get("success") is False:
        said = masked_text(text_of(body.get("message")))
        raise NotDecoded(f"电子凭证解码未成：{said or '没有说明原因'}（{code or '没有返回码'}）")
    return decoded_of(object_of(body.get("data")))


def decoded_of(person: Mapping[str, Any]) -> Decoded:
    token = text_of(person.get("ecToken"))
    if not token:
        raise NotDecoded("电子凭证解码的应答中没有令牌")
    place = text_of(person.get("insuOrg"))
    return Decoded(
        token=token, name=text_of(person.get("userName")), idno=text_of(person.get("idNo")),
        id_type=text_of(person.get("idType")), insured_place=place if re.fullmatch(r"\d{6}", place) else "",
        auth_no=text_of(person.get("authNo")), index_no=text_of(person.get("ecIndexNo")),
    )  # fmt: skip


def object_of(value: Any) -> Mapping[str, Any]:
    """An object, or a text that holds one; anything else is an empty one."""
    if isinstance(value, bytes | str):
        try:
            value = decode(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str:
    """A value as text; absent, null and the text "null" are nothing."""
    return "" if value in (None, "null") else str(value).strip()
