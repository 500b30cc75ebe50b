"""Who is insured, where, and by what: credentials (证、卡、码), the person they find, what that person may enjoy."""

from ..contract.credentials import Credential, Decoded, Decoding, NotDecoded, read_decoded
from .benefits import Benefits, Entitlement, check_benefits
from .ecredentials import decode, looks_like_code, token_holds
from .persons import (
    Cover,
    Insured,
    NotInsured,
    choices,
    identify,
    of_document,
)
from .scenarios import SCENARIOS, NoScenario, Scenario, Setting, scenario_for, scenario_named

__all__ = [
    "SCENARIOS",
    "Benefits",
    "Cover",
    "Credential",
    "Decoded",
    "Decoding",
    "Entitlement",
    "Insured",
    "NoScenario",
    "NotDecoded",
    "NotInsured",
    "Scenario",
    "Setting",
    "check_benefits",
    "choices",
    "decode",
    "identify",
    "looks_like_code",
    "of_document",
    "read_decoded",
    "scenario_for",
    "scenario_named",
    "token_holds",
]
