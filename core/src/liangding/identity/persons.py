"""Who is insured, where, and by what: credentials (证、卡、码), the person they find, the choice of insurance.

Everything else begins here: the insured place goes into the head of every later call and decides whether a person is
local, from elsewhere in the province, or from another one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import attrs

from ..contract.calls import Answer
from ..contract.credentials import E_CREDENTIAL, IDENTITY_CARD, OTHER_DOCUMENT, SOCIAL_CARD, Credential
from ..contract.region import Place, Region
from ..errors import CallRefused, LiangdingError, NoAnswer
from ..runtime import Runtime
from ..spec.codes import code_table
from .alike import same_number, tidy

NORMAL = "1"
"""psn_insu_stas 正常参保."""

BASICS_EMPTY = "基本信息为空"
"""How the platform says that a credential found nobody."""


RESIDENT = "01"
"""psn_cert_type 居民身份证（户口簿）."""


def of_document(cert_type: str, number: str, *, name: str | None = None) -> Credential:
    """The credential of somebody who shows a document and no card: an identity card or the household register (a
    child's number stands there) is asked as 02, any other kind (psn_cert_type) as 99 by its number."""
    if cert_type == RESIDENT:
        return Credential(type=IDENTITY_CARD, number=number, name=name)
    return Credential(type=OTHER_DOCUMENT, number=number, cert_type=cert_type, name=name)


@attrs.frozen(kw_only=True)
class Cover:
    """One insurance of a person (参保信息): type, insured place, state, category, account balance in yuan."""

    insutype: str
    insured_place: str
    status: str
    psn_type: str
    balance: Decimal

    @property
    def normal(self) -> bool:
        return self.status in (NORMAL, "")


@attrs.frozen(kw_only=True)
class Insured:
    """The person that 1101 found, with every insurance it has."""

    psn_no: str = attrs.field(repr=False)
    name: str = attrs.field(repr=False)
    certno: str = attrs.field(repr=False)
    cert_type: str
    gender: str
    born: date | None = attrs.field(default=None, repr=False)
    credential: Credential
    covers: tuple[Cover, ...]


class NotInsured(LiangdingError):
    """The person has no insurance that this institution can settle."""

    code = "not_insured"
    http_status = 409
    remedy = "请参保人向参保地医保经办机构查询参保状态，或改为自费"


class NotAsStated(LiangdingError):
    """What the caller states of the person is not what 1101 says; nothing was registered."""

    code = "not_as_stated"
    http_status = 409
    remedy = "核对给出的内容与参保人出示的凭证，改正后重新开始；参保信息有误的，请参保人向医保经办机构查询"


class Query(Protocol):
    """What makes a call."""

    def __call__(self, infno: str, message: Any, *, insured_place: str | None = None) -> Answer[Any]: ...


def identify(
    runtime: Runtime, credential: Credential, *, operator: str | None = None, query: Query | None = None
) -> Insured:
    """Find the person by 1101; ``query`` makes the call, where it is part of something greater.

    Where the platform knows nobody by the credential, a document's number is asked once more as type 99, as
    regions that serve people of Hong Kong and Macao prescribe. An answer about another identity number than was asked
    for is asked for once more: a line may have mixed them up. Raises CallRefused where nobody is found, and
    NotAsStated where the person has another identity number than the caller states.
    """
    ask: Query = query or functools.partial(runtime.call, operator=operator)
    if credential.type == IDENTITY_CARD:
        credential = attrs.evolve(credential, number=tidy(credential.number))
    try:
        answer = _query(ask, credential)
        if credential.by_document and _is_another(credential.number, answer.baseinfo):
            answer = _query(ask, credential)
    except CallRefused as refused:
        if BASICS_EMPTY not in refused.message or credential.type in (E_CREDENTIAL, SOCIAL_CARD, OTHER_DOCUMENT):
            raise
        credential = attrs.evolve(credential, type=OTHER_DOCUMENT)
        answer = _query(ask, credential)
    base = answer.baseinfo
    if base is None or not base.psn_no:
        raise NoAnswer("1101 的应答没有人员编号，请再试一次", infno="1101")
    for stated in (credential.number if credential.by_document else None, credential.certno):
        if stated and _is_another(stated, base) and _is_resident(credential, base):
            raise NotAsStated(
                f"给出的证件号码尾号是 {stated[-4:]}，1101 查到的人尾号是 {base.certno[-4:]}", path="credential"
            )
    return Insured(
        psn_no=base.psn_no, name=base.psn_name or "", certno=base.certno or "", cert_type=base.psn_cert_type or "",
        gender=base.gend or "", born=base.brdy, credential=credential,
        covers=tuple(_cover(row) for row in answer.insuinfo or ()),
    )  # fmt: skip


def _is_another(stated: str, base: Any) -> bool:
    """Whether an answer's person has another number than the one that is stated."""
    return base is not None and bool(base.certno) and not same_number(stated, base.certno)


def _is_resident(credential: Credential, base: Any) -> bool:
    """Whether both numbers are those of resident identity cards: then nobody has two. Of other documents people have
    several, and renew them."""
    stated = credential.cert_type if credential.type == OTHER_DOCUMENT else RESIDENT
    return stated == RESIDENT and (base.psn_cert_type or RESIDENT) == RESIDENT


def _query(query: Query, credential: Credential) -> Any:
    asked: dict[str, Any] = {"mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number}
    if credential.card_sn:
        asked["card_sn"] = credential.card_sn
    if credential.type == OTHER_DOCUMENT:
        asked["certno"] = credential.number
    if credential.cert_type:
        asked["psn_cert_type"] = credential.cert_type
    if credential.name:
        asked["psn_name"] = credential.name
    return query("1101", {"data": asked}, insured_place=credential.insured_place).output


def _cover(row: Any) -> Cover:
    return Cover(
        insutype=row.insutype or "", insured_place=row.insuplc_admdvs or "", status=row.psn_insu_stas or "",
        psn_type=row.psn_type or "", balance=row.balc or Decimal(0),
    )  # fmt: skip


def places_told(covers: Iterable[Cover]) -> str:
    """Insurances in words, with their places; the same said once."""
    return "；".join(dict.fromkeys(map(_described, covers))) or "没有参保信息"


def _described(cover: Cover) -> str:
    insurance, status = (
        code_table("insutype").name_of(cover.insutype),
        code_table("psn_insu_stas").name_of(cover.status),
    )
    return f"{insurance} {cover.insured_place} {status}"


ORDINARY = ("310", "390", "340")
"""职工、城乡居民、离休: one of them settles by itself where it is the only one at its place."""

BIRTHS, BIRTH_TYPES = "510", ("51", "52")
"""生育保险, and the med_type of births: it pays for those alone, and there before the others."""

NEVER_BY_THEMSELVES = ("320", "330", "370", "39999")
"""公务员补助、大额医疗费用补助、企业补充、其他: they pay beside another insurance; taken only where they are named."""


def choices(
    insured: Insured,
    region: Region,
    insurances: tuple[str, ...],
    *,
    med_type: str = "",
    insutype: str | None = None,
) -> list[Cover]:
    """The insurances that may be settled here, place by place: local, in the province, of other provinces.

    Of one place the first in the order of ``insurances`` is left, where the region has an order; else all that nothing
    decides between, so that more than one has to be asked about, and so has one that is none of :data:`ORDINARY`
    (:func:`asked`). ``insutype`` names one of them. The order of the rows in 1101's answer never decides. Raises
    NotInsured where none is in normal state.
    """
    usable = [c for c in insured.covers if c.normal and (not insurances or c.insutype in insurances)]
    shut_out = NEVER_BY_THEMSELVES if med_type in BIRTH_TYPES else (*NEVER_BY_THEMSELVES, BIRTHS)
    usable = [c for c in usable if (c.insutype not in shut_out if not insutype else c.insutype == insutype)]
    if not usable:
        raise NotInsured(f"没有状态正常、可在本机构使用的参保信息（{places_told(insured.covers)}）")
    order = list(Place)
    places = sorted({c.insured_place for c in usable}, key=lambda place: (order.index(region.place(place)), place))
    return [cover for place in places for cover in _of_one_place(place, usable, insurances)]


def _of_one_place(place: str, usable: list[Cover], insurances: tuple[str, ...]) -> list[Cover]:
    """What may settle at one place: one, or all between which a person has to choose."""
    kinds = {c.insutype: c for c in sorted(usable, key=lambda c: (c.balance, c.psn_type)) if c.insured_place == place}
    if BIRTHS in kinds:
        return [kinds[BIRTHS]]
    if insurances:
        return [kinds[next(each for each in insurances if each in kinds)]]
    ordinary = [kinds[each] for each in ORDINARY if each in kinds]
    return ordinary or [kinds[each] for each in sorted(kinds)]


def asked(cover: Cover, insurances: tuple[str, ...]) -> bool:
    """Whether that insurance is asked about though it is the only one."""
    return not insurances and cover.insutype not in (*ORDINARY, BIRTHS)
