"""The rules of money safety by name, and what breaks them."""

from __future__ import annotations

from enum import Enum

import attrs


class WhatHolds(Enum):
    """What has to hold, by the name that a planted bug is known by."""

    SENT_UNRECORDED = "no record, no send"
    SENT_TWICE = "no message twice"
    SENT_GIVEN_UP = "nothing that was given up"
    SENT_WHILE_HELD = "nothing while a person is held back"
    LEFT_OPEN = "no open call without a process"
    UNOWNED = "no unknown call without an owner"
    LEDGER = "what stands was accepted"
    ACCEPTED = "what was accepted was made"
    ONCE = "one settlement"
    NOBODY = "no settlement that nobody asked for"
    TOLD = "what was told stands"
    NOTHING = "what was told not to stand does not"
    AMOUNTS = "amounts as told"
    ACCOUNT_AS_CHOSEN = "the account pays where the person chose that"
    TRULY = "nothing was told to have failed that had not"
    KNOWN = "known in the end"
    GOODS = "codes follow the settlement"
    ACCOUNTS = "accounts add up"
    FLOWS = "no flow is left"
    CHAIN = "the journal verifies"
    BROKE_OFF = "no look breaks off"


@attrs.frozen
class Wrong:
    """A rule that is broken, and how."""

    rule: WhatHolds
    text: str

    def __str__(self) -> str:
        return f"{self.text} [{self.rule.value}]"
