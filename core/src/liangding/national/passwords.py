"""The ways in which a password is checked before money moves, or changed: one table, with how sure each is.

``passwords.tsv`` has a row for each way. 1602, 1603 and 1163 are no numbers of the baseline: a deployment opens them
where its region says that it works so (``features.password_by``, or ``[transactions.NUMBER]``).
"""

from __future__ import annotations

import csv
import functools
import hashlib
from importlib import resources
from typing import Annotated, cast

import attrs

from ..spec import Does, Of, chapter, code, node, text
from ..spec.transactions import Confidence

transaction = chapter("passwords", "基础信息/密码")

DEVICE, TILL = "device", "till"
"""The card reader's or the control's own function; and what the till's program does by itself, of which nothing is
known here but what it answers."""


@attrs.frozen(kw_only=True)
class PasswordWay:
    """One way. ``checks`` and ``changes`` are what does it: functions of libraries, or a transaction's number; empty
    where it cannot. ``of`` are the kinds of credentials (mdtrt_cert_type) that it was seen for."""

    way: str
    checks: str
    changes: str
    of: tuple[str, ...]
    who: str
    carries: str
    confidence: Confidence
    source: str


@functools.cache
def password_ways() -> tuple[PasswordWay, ...]:
    """Every way that is known."""
    written = resources.files(__package__).joinpath("passwords.tsv").read_text("utf-8")
    return tuple(
        PasswordWay(
            way=row["way"], checks=row["checks"], changes=row["changes"], of=tuple(row["of"].split("、")),
            who=row["who"], carries=row["carries"], confidence=cast(Confidence, row["confidence"]),
            source=row["source"],
        )
        for row in csv.DictReader(written.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )  # fmt: skip


def sure_of(way: str, cert_type: str) -> str:
    """How sure it is that a way checks the password of that kind of credential, in words."""
    found = next((each for each in password_ways() if each.way == way and cert_type in each.of), None)
    return SURE[found.confidence] if found else "没有见到文件"


SURE: dict[Confidence, str] = {"high": "高", "medium": "中", "low": "低"}


def digest(password: str) -> str:
    """A password as 1602 and 1603 carry it: 32 hexadecimal digits of MD5; small ones, as the case was not seen."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


NUMBERS = {
    "1602": f"{__name__}:CheckIdentityCard",
    "1603": f"{__name__}:ChangeIdentityCard",
    "1163": f"{__name__}:ChangeCard",
}
"""Where those are declared that a deployment may open."""


@node
class IdentityCardPassword:
    """Whose password, and what was typed."""

    idcard: Annotated[str, text(18, "身份证号码", personal=True)]
    insuAdmdvs: Annotated[str, code("admdvs", "参保地行政区划", length=6)]
    fixmedinsCode: Annotated[str, text(12, "定点医药机构编码")]
    inputPassword: Annotated[str, text(32, "密码", note="MD5，32 位十六进制", personal=True)]


@transaction(
    "1602",
    "身份证密码校验",
    "check of the identity card's password",
    does=Does.CHECKS,
    of=Of.CREDENTIAL,
    confidence="low",
)
class CheckIdentityCard:
    """Check of the identity card's password.

    - 字段直接放在 input 下；没有公开的输出，infcode 为 0 即通过
    - 一省 2021 年的目录里有，次年因没有使用而删去：用不用它，要由当地说
    """

    Input = IdentityCardPassword


@node
class NewIdentityCardPassword:
    """Whose password, the old one and the new one."""

    idcard: Annotated[str, text(18, "身份证号码", personal=True)]
    psnName: Annotated[str, text(50, "姓名", personal=True)]
    insuAdmdvs: Annotated[str, code("admdvs", "参保地行政区划", length=6)]
    password: Annotated[str, text(32, "新密码", note="MD5，32 位十六进制", personal=True)]
    oldPassword: Annotated[str, text(32, "原密码", note="MD5，32 位十六进制", personal=True)]


@transaction(
    "1603",
    "修改身份证密码",
    "change of the identity card's password",
    does=Does.CHANGES,
    of=Of.CREDENTIAL,
    confidence="low",
)
class ChangeIdentityCard:
    """Change of the identity card's password.

    - 字段直接放在 input 下；与 1602 同一来历
    """

    Input = NewIdentityCardPassword


@transaction(
    "1163",
    "修改密码",
    "change of the card's password through the control library",
    does=Does.CHANGES,
    of=Of.CREDENTIAL,
    confidence="low",
)
class ChangeCard:
    """Change of the card's password through the control library.

    - 入参为空：控件在键盘上要新旧密码
    - 只在一家厂商的程序里见到，不能当作已证实
    """
