"""What may be shown of a value, and the filter that keeps personal data and secrets out of logs.

Two nets: by the name of the field, and by the look of the value. A value that either of them catches is shown as
its kind and length only.
"""

from __future__ import annotations

import functools
import logging
import re

PERSONAL_FIELDS = frozenset(
    {
        # who
        "psn_no",
        "psnNo",
        "psn_name",
        "psnName",
        "name",
        "userName",
        "patn_name",
        "patnName",
        "coner_name",
        "agnter_name",
        "certno",
        "certNo",
        "idNo",
        "idcard",
        "agnter_certno",
        "coner_certno",
        "prsc_dr_certno",
        "phar_certno",
        "nwb_name",
        "spus_name",
        "spus_certno",
        "patnCertno",
        "psnCertNo",
        "patn_cert_no",
        "dscg_psn_certno",
        "matn_psn_name",
        # by what
        "mdtrt_cert_no",
        "mdtrtCertNo",
        "card_no",
        "cardno",
        "card_sn",
        "cardSn",
        "ecToken",
        "ectoken",
        "ec_token",
        "ecQrCode",
        "ecIndexNo",
        "businessInfo",
        "authNo",
        "payAuthNo",
        "ecAuthCode",
        "card_token",
        "hcard_basinfo",
        "hcard_chkinfo",
        "password",
        "inputPassword",
        "oldPassword",
        "pwd",
        "pin",
        # where and how to reach
        "tel",
        "mobile",
        "phone",
        "coner_tel",
        "coner_addr",
        "coner_mob",
        "agnter_tel",
        "agnter_addr",
        "live_addr",
        "resd_addr",
        "addr",
        "emp_addr",
        "emp_tel",
        "curr_addr",
        "email",
        "brdy",
        "birthday",
        "acctno",
        "bankacct",
        "bank_acct_no",
        "exp_content",
        "expContent",
    }
)
"""Fields whose values are never shown, whatever they hold."""

SECRET_NAMES = re.compile(r"token|secret|passw|signature|api[_-]?key|paasid|authorization", re.IGNORECASE)

_LOOKS_PERSONAL = re.compile(
    r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9}|\d{16,19}|\d{28})(?!\d)"  # identity, mobile, bank cards, shown codes
    r"|(?<![0-9A-Za-z])[A-Z]{1,2}\d{7,10}(?![0-9A-Za-z])"  # passports, permits of Hong Kong, Macao and Taiwan
    r"|\d{6}ec[0-9A-Za-z]{16,}"  # e-credential tokens
)

SHOWN_CHARACTERS = 40


def shown(field: str, value: object) -> str | None:
    """``value`` as an error may show it: masked where it is personal, cut where it is long, None for nothing."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        return f"{'对象' if isinstance(value, dict) else '列表'}，{len(value)} 项"
    plain = str(value)
    if is_personal(field) or SECRET_NAMES.search(field):
        return f"已隐去，{len(plain)} 位"
    masked = masked_text(plain)
    return masked if len(masked) <= SHOWN_CHARACTERS else f"{masked[:SHOWN_CHARACTERS]}…（共 {len(plain)} 字）"


_declared: set[str] = set()


def keep_private(field: str) -> None:
    """From now on values of ``field`` are shown nowhere: a declaration says that they are personal."""
    if not is_personal(field):
        _declared.add(field)
        _keyed.cache_clear()


def is_personal(field: str) -> bool:
    """Whether values of that field are never shown."""
    return field in PERSONAL_FIELDS or field in _declared


@functools.cache
def _keyed() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, PERSONAL_FIELDS | _declared), key=len, reverse=True))
    return re.compile(
        rf"""(["']?(?:{names}|[\w-]*(?:token|secret|passw|signature|api[_-]?key|paasid|authorization)[\w-]*)["']?\s*[:=]\s*)"""
        r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}\])]+)""",
        re.IGNORECASE,
    )


def masked_text(plain: str) -> str:
    """Free text with everything that looks personal or secret replaced."""
    return _LOOKS_PERSONAL.sub("***", _keyed().sub(r"\1***", plain))


def masked_name(name: str) -> str:
    """A name of which the first character is shown."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_number(number: str) -> str:
    """A person's number, enough of it to compare."""
    return f"{number[:2]}{'*' * max(len(number) - 6, 1)}{number[-4:]}" if len(number) > 6 else "*" * len(number)


class MaskingFilter(logging.Filter):
    """Puts every record's finished message, and the text of its exception, through :func:`masked_text`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked_text(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked_text(record.exc_text)
        return True


def logger(name: str) -> logging.Logger:
    """The logger of a module of ours: masked, whatever handlers the host program installs."""
    found = logging.getLogger(f"liangding.{name}")
    if not any(isinstance(f, MaskingFilter) for f in found.filters):
        found.addFilter(MaskingFilter())
    return found
