"""The 256 bytes of text in an identity card: four layouts, told apart by the character at offset 248.

All are UTF-16 (little-endian), each field of fixed length, padded with spaces.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

import attrs

from liangding.contract.device_errors import DeviceFault
from liangding.contract.devices import Persona

SIZE = 256
FLAG = slice(248, 250)
FOREVER = "长期"
"""The validity of a card that has no end."""


class Unreadable(DeviceFault):
    """The card's text is not in any layout that is known."""


@attrs.frozen
class Field:
    """One field: its name, where it begins, and how many bytes it takes."""

    name: str
    offset: int
    size: int
    label: str

    @property
    def span(self) -> slice:
        return slice(self.offset, self.offset + self.size)


@attrs.frozen(kw_only=True)
class Layout:
    """One kind of card. ``cert_type`` is its psn_cert_type; ``number`` and ``name`` say which fields those are."""

    kind: Literal["resident", "hmt_permit", "foreigner_2017", "foreigner_2023"]
    flag: str
    label: str
    cert_type: str
    number: str
    name: tuple[str, ...]
    fields: tuple[Field, ...]
    confidence: Literal["high", "medium"] = "high"

    def read(self, text: bytes) -> dict[str, str]:
        """Every field's text, without the spaces at its end."""
        return {f.name: _text(text[f.span]) for f in self.fields}

    def write(self, values: Mapping[str, str]) -> bytes:
        """The 256 bytes that hold these values; ValueError where one does not fit."""
        block = bytearray(" ".encode("utf-16-le") * (SIZE // 2))
        for f in self.fields:
            encoded = values.get(f.name, "").encode("utf-16-le")
            if len(encoded) > f.size:
                raise ValueError(f"{f.name} does not fit into {f.size} bytes")
            block[f.offset : f.offset + len(encoded)] = encoded
        if self.flag:
            block[FLAG] = self.flag.encode("utf-16-le")
        return bytes(block)


_ISSUED = (
    Field("issuer", 158, 30, "签发机关"),
    Field("valid_from", 188, 16, "有效期起"),
    Field("valid_to", 204, 16, "有效期止"),
)

RESIDENT = Layout(
    kind="resident", flag="", label="居民身份证", cert_type="01", number="id_no", name=("name",),
    fields=(
        Field("name", 0, 30, "姓名"), Field("sex", 30, 2, "性别"), Field("ethnic", 32, 4, "民族"),
        Field("birth", 36, 16, "出生日期"), Field("address", 52, 70, "住址"), Field("id_no", 122, 36, "公民身份号码"),
        *_ISSUED,
    ),
)  # fmt: skip

HMT_PERMIT = Layout(
    kind="hmt_permit", flag="J", label="港澳台居民居住证", cert_type="17", number="id_no", name=("name",),
    fields=(
        Field("name", 0, 30, "姓名"), Field("sex", 30, 2, "性别"), Field("birth", 36, 16, "出生日期"),
        Field("address", 52, 70, "住址"), Field("id_no", 122, 36, "公民身份号码"), *_ISSUED,
        Field("permit_no", 220, 18, "通行证号码"), Field("issue_count", 238, 4, "签发次数"),
    ),
)  # fmt: skip

FOREIGNER_2017 = Layout(
    kind="foreigner_2017", flag="I", label="外国人永久居留身份证（2017 版）", cert_type="07", number="prc_no",
    name=("name_en",),
    fields=(
        Field("name_en", 0, 120, "英文姓名"), Field("sex", 120, 2, "性别"), Field("prc_no", 122, 30, "永久居留证号码"),
        Field("nationality", 152, 6, "国籍或所在地区代码"), Field("name_cn", 158, 30, "中文姓名"),
        Field("valid_from", 188, 16, "签发日期"), Field("valid_to", 204, 16, "有效期止"),
        Field("birth", 220, 16, "出生日期"), Field("version", 236, 4, "证件版本号"),
        Field("authority", 240, 8, "当次申请受理机关代码"),
    ),
)  # fmt: skip

FOREIGNER_2023 = Layout(
    kind="foreigner_2023", flag="Y", label="外国人永久居留身份证（2023 版）", cert_type="07", number="id_no",
    name=("name_en", "name_en_ext"), confidence="medium",
    fields=(
        Field("name_cn", 0, 30, "中文姓名"), Field("sex", 30, 2, "性别"), Field("renewal_count", 32, 4, "换证次数"),
        Field("birth", 36, 16, "出生日期"), Field("name_en", 52, 70, "英文姓名"), Field("id_no", 122, 36, "证件号码"),
        Field("valid_from", 188, 16, "签发日期"), Field("valid_to", 204, 16, "有效期止"),
        Field("name_en_ext", 220, 22, "英文姓名（续）"), Field("nationality", 242, 6, "国家或地区代码"),
        Field("old_no_link", 250, 6, "与旧版证件号码的关联项"),
    ),
)  # fmt: skip

LAYOUTS = (RESIDENT, HMT_PERMIT, FOREIGNER_2017, FOREIGNER_2023)


@attrs.frozen(kw_only=True)
class Document:
    """What a card says. ``fields`` holds every field by name."""

    layout: Layout
    number: str = attrs.field(repr=False)
    name: str = attrs.field(repr=False)
    sex: str
    born: date | None = attrs.field(repr=False)
    valid_from: date | None
    valid_to: date | None
    """None for one that has no end."""
    fields: Mapping[str, str] = attrs.field(repr=False)


def read_text(block: bytes) -> Document:
    """Read the text of a card. Unreadable where it is not 256 bytes, of no known layout, or has no number."""
    if len(block) != SIZE:
        raise Unreadable(f"证件文字区应为 {SIZE} 字节，读到 {len(block)} 字节")
    flag = _text(block[FLAG])
    layout = next((each for each in LAYOUTS if each.flag == flag), None)
    if layout is None:
        raise Unreadable("不认识的证件版式", remedy="可能是新版证件，请升级驱动；先改用其他凭证")
    fields = layout.read(block)
    number = fields[layout.number].upper()
    if not re.fullmatch(r"[0-9A-Z]{15,18}", number):
        raise Unreadable("证件号码的形式不对")
    name = "".join(fields[part] for part in layout.name) or fields.get("name_cn", "")
    return Document(
        layout=layout, number=number, name=name, sex=fields["sex"], born=_day(fields["birth"], "出生日期"),
        valid_from=_day(fields["valid_from"], "有效期起"), fields=fields,
        valid_to=None if fields["valid_to"] == FOREVER else _day(fields["valid_to"], "有效期止"),
    )  # fmt: skip


def _text(encoded: bytes) -> str:
    return encoded.decode("utf-16-le", "replace").rstrip(" \0")


def _day(text: str, label: str) -> date | None:
    """A day; None where there is none. Unreadable where it is not one."""
    if not text:
        return None
    with contextlib.suppress(ValueError):
        if re.fullmatch(r"[0-9]{8}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    raise Unreadable(f"证件的{label}不是日期")


def text_of(persona: Persona) -> bytes:
    """The text of a made-up card of this person: the layout follows from its ``cert_type``; a foreigner's from the
    length of its number, too."""
    layout = {"01": RESIDENT, "17": HMT_PERMIT}.get(persona.cert_type)
    if layout is None:
        layout = FOREIGNER_2023 if len(persona.certno) == 18 else FOREIGNER_2017
    ends = f"{persona.valid_to:%Y%m%d}" if persona.valid_to else FOREVER
    values = {
        "sex": persona.sex, "birth": f"{persona.born:%Y%m%d}", layout.number: persona.certno,
        "valid_from": f"{persona.valid_from:%Y%m%d}", "valid_to": ends,
    }  # fmt: skip
    if layout in (RESIDENT, HMT_PERMIT):
        values |= {"name": persona.name, "address": "测试路1号", "issuer": "测试公安局"}
        values |= {"ethnic": "01"} if layout is RESIDENT else {"permit_no": "H00000001", "issue_count": "01"}
    elif layout is FOREIGNER_2017:
        values |= {"name_en": persona.latin_name, "name_cn": persona.name, "nationality": persona.nationality}
    else:
        values |= {
            "name_en": persona.latin_name[:35], "name_en_ext": persona.latin_name[35:], "name_cn": persona.name,
            "nationality": persona.nationality,
        }  # fmt: skip
    return layout.write(values)
