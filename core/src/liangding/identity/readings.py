"""From what a device read to the credential that 1101 and settlements take.

A document goes by its own kind, a code is decoded, a control says itself what it read. As what a social security card
goes is the region's word (:class:`liangding.contract.region.SocialCards`), by the place that the card itself says.
"""

from __future__ import annotations

import attrs

from ..contract.credentials import E_CREDENTIAL, OTHER_DOCUMENT, SOCIAL_CARD, Credential
from ..contract.device_errors import DeviceFault, NeedsAuthentication
from ..contract.devices import Medium, Reading
from ..contract.region import Region
from ..devices.judging import is_hong_kong_or_macao
from ..runtime import Runtime
from .ecredentials import count_use, decode
from .persons import of_document
from .scenarios import UseScenario


def credential_of(
    runtime: Runtime, reading: Reading, scenario: UseScenario | None, *, operator: str | None = None
) -> Credential:
    """The credential that was read. A code that is not decoded yet is decoded at ``scenario``.

    DeviceFault where the reading lacks what the credential needs, NeedsAuthentication where a card withholds it, and
    what :func:`~liangding.identity.decode` raises.
    """
    found = _plain(runtime, reading, scenario, operator)
    token = reading.token
    return attrs.evolve(
        found, insured_place=found.insured_place or reading.insured_place or None, signature=reading.signature,
        card_token=token.value if token else None, card_token_for=token.infno if token else None,
    )  # fmt: skip


def _plain(runtime: Runtime, reading: Reading, scenario: UseScenario | None, operator: str | None) -> Credential:
    if reading.type:
        return Credential(
            type=reading.type, number=_said(reading.number, reading), card_sn=reading.card_sn or None,
            cert_type=reading.cert_type if reading.type == OTHER_DOCUMENT else None,
        )  # fmt: skip
    if reading.medium is Medium.CODE:
        if reading.number:
            if scenario is not None:
                count_use(runtime, scenario)
            return Credential(type=E_CREDENTIAL, number=reading.number)
        if scenario is None:
            raise DeviceFault("没有说是哪个用码场景，不能解码", device=reading.device)
        return decode(runtime, scenario, code=_said(reading.shown, reading), operator=operator).credential()
    if reading.medium is Medium.SOCIAL_CARD:
        return _social_card(reading, runtime.region)
    return of_document(reading.cert_type, _said(reading.number, reading), name=reading.name or None)


def _social_card(reading: Reading, region: Region) -> Credential:
    if is_hong_kong_or_macao(reading.certno):
        kind = region.social_cards.hong_kong_macao
    elif reading.place.startswith(region.province):
        kind = region.social_cards.of_province
    else:
        kind = region.social_cards.elsewhere
    if kind == SOCIAL_CARD:
        return Credential(type=kind, number=_said(reading.number, reading), card_sn=_said(reading.card_sn, reading))
    if not reading.certno:
        raise NeedsAuthentication("这里的社保卡要用持卡人的证件号码，卡没有给出", device=reading.device)
    return Credential(type=kind, number=reading.certno)


def _said(text: str, reading: Reading) -> str:
    if not text:
        raise DeviceFault(f"{reading.medium.chinese}读出的内容不全", device=reading.device)
    return text
