"""The institution of a run: its deployment, what its payment centre needs, and how it is after an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import attrs

from ..config import Deployment, Institution, JournalSettings, KeySettings, Kind, Operator, Platform, SecuredService
from ..config.secrets import Secret
from ..simulator.centres import centre_key
from ..wire.gm import Sm2
from .channel import NUMBERS, TRANSACTIONS

PAYMENT = "payment"
"""The online service of a hospital."""

SameBillIs = Literal["allow", "ask", "refuse"]

MEETS_SAME_BILL: tuple[SameBillIs, ...] = ("allow", "ask", "refuse")
"""What institutions say to the same rows settled again under another key."""

REFUSES_SHARE = 0.3
"""How many of the institutions that ask refuse at once."""


def premises(plugin: str, area: str, kind: Kind, folder: Path, *, journal: str, same_bill: SameBillIs) -> Deployment:
    """A pharmacy, or a hospital with a payment centre whose made-up keys are written into ``folder``; ``journal`` is
    the URL of its journal."""
    letter = "P" if kind is Kind.PHARMACY else "H"
    return Deployment(
        province=plugin,
        name="torture",
        institution=Institution(code=f"{letter}{area}00001", name="试验机构", kind=kind, area=area),
        operators=[Operator(code="001", name="收银员甲"), Operator(code="002", name="收银员乙")],
        platform=Platform(url="http://127.0.0.1", gateway="plain", address="infno"),
        journal=JournalSettings(url=journal, key=Secret(env="UNUSED")),
        keys=KeySettings(same_bill=same_bill),
        services={PAYMENT: _service(folder)} if kind is Kind.HOSPITAL else {},
        channel=NUMBERS if kind is Kind.HOSPITAL else None,
        transactions=TRANSACTIONS if kind is Kind.HOSPITAL else {},
    )


def _service(folder: Path) -> SecuredService:
    secret = "TESTSECRET".ljust(32, "0")
    centre = Sm2(private=centre_key(secret)).public
    assert centre is not None
    held = {"app_secret": secret, "private_key": "1".rjust(64, "7"), "platform_key": centre.hex()}
    for name, value in held.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(value, "ascii")
    app_secret, private_key, platform_key = (Secret(file=str(folder / name)) for name in held)
    return SecuredService(
        url=f"http://127.0.0.1/{PAYMENT}", app_id="TEST".ljust(32, "0"), app_secret=app_secret,
        private_key=private_key, platform_key=platform_key,
    )  # fmt: skip


def changed(before: Deployment) -> Deployment:
    """The same institution after an upgrade: other names of operators, another choice of transactions."""
    operators = [attrs.evolve(operator, name=f"{operator.name}新") for operator in before.operators]
    return attrs.evolve(before, operators=operators, features=attrs.evolve(before.features, prefer_a=True))
