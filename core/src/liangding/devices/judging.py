"""Holding a reading against itself: checksums, birth dates, validity. A card that lies is not used."""

from __future__ import annotations

import re
from datetime import date

import attrs
from stdnum.cn import ric

from ..contract.device_errors import CredentialExpired, Unreliable
from ..contract.devices import Medium, Reading

RESIDENT, HMT_RESIDENT = "01", "17"
"""psn_cert_type: 居民身份证, 港澳台居民居住证."""

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_HONG_KONG_MACAO = re.compile(r"(81|82)\d{4}.{12}|[HM]\d{8,10}")


def judged(reading: Reading, today: date) -> Reading:
    """The reading, completed by what follows from it. Unreliable where it contradicts itself, CredentialExpired where
    it is not valid today."""
    reading = _completed(reading)
    _check_number(reading)
    if reading.valid_to is not None and reading.valid_to < today and reading.medium is not Medium.GOODS:
        raise CredentialExpired(f"{reading.medium.chinese}的有效期到 {reading.valid_to} 为止", device=reading.device)
    if reading.valid_from is not None and reading.valid_from > today:
        raise Unreliable(f"{reading.medium.chinese}从 {reading.valid_from} 起才有效", device=reading.device)
    return reading


def is_hong_kong_or_macao(certno: str) -> bool:
    """Whether a document's number is one of somebody from Hong Kong or Macao: a residence permit (81, 82), or a travel
    permit (H, M)."""
    return _HONG_KONG_MACAO.fullmatch(certno) is not None


def _completed(reading: Reading) -> Reading:
    if reading.certno and not reading.cert_type and _EIGHTEEN.fullmatch(reading.certno):
        kind = HMT_RESIDENT if reading.certno[:2] in ("81", "82", "83") else RESIDENT
        return attrs.evolve(reading, cert_type=kind)
    return reading


def _check_number(reading: Reading) -> None:
    if "*" in reading.certno or not _EIGHTEEN.fullmatch(reading.certno):
        if reading.cert_type == RESIDENT and reading.certno and "*" not in reading.certno:
            raise Unreliable("身份证号码不是 18 位", device=reading.device)
        return
    if ric.calc_check_digit(reading.certno) != reading.certno[17]:
        raise Unreliable("证件号码的校验位不对", device=reading.device)
    born = reading.certno[6:14]
    if reading.born is not None and f"{reading.born:%Y%m%d}" != born:
        raise Unreliable("证件号码与出生日期不符", device=reading.device)
