"""Who is insured, where, and by what: credentials (证、卡、码), the person they find, what that person may enjoy."""

from ..contract.credentials import Credential, Decoded, Decoding, NotDecoded, read_decoded
from .alike import same_name, same_number
from .benefits import Benefits, Entitlement, check_benefits
from .ecredentials import business_type_of, decode, looks_like_code, token_holds
from .persons import (
    Cover,
    Insured,
    NotAsStated,
    NotInsured,
    asked,
    choices,
    identify,
    of_document,
    places_told,
)
from .readings import credential_of
from .scenarios import SCENARIOS, NoScenario, Setting, UseScenario, scenario_for, scenario_named

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
    "NotAsStated",
    "NotDecoded",
    "NotInsured",
    "Setting",
    "UseScenario",
    "asked",
    "business_type_of",
    "check_benefits",
    "choices",
    "credential_of",
    "decode",
    "identify",
    "looks_like_code",
    "of_document",
    "places_told",
    "read_decoded",
    "same_name",
    "same_number",
    "scenario_for",
    "scenario_named",
    "token_holds",
]
