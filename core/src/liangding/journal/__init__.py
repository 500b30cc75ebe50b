"""The durable record of every call: what was sent, byte for byte, and what became of it.

The rule that everything rests on: no record, no send. A row is written and safe on the disk before the first byte of
its call leaves, and its outcome is written as soon as it is known.
"""

from .journal import Existing, Held, Journal, KeyConflict, MsgidTaken, NoSuchCall, Opened
from .records import CallRecord, Event, NewCall, Outcome, Settlement
from .states import EVENT_NAMES, PENDING, STATE_NAMES, State
from .store import JournalUnavailable
from .vault import Vault

__all__ = [
    "EVENT_NAMES",
    "PENDING",
    "STATE_NAMES",
    "CallRecord",
    "Event",
    "Existing",
    "Held",
    "Journal",
    "JournalUnavailable",
    "KeyConflict",
    "MsgidTaken",
    "NewCall",
    "NoSuchCall",
    "Opened",
    "Outcome",
    "Settlement",
    "State",
    "Vault",
]  # fmt: skip
