"""The durable record of every call: what was sent, byte for byte, and what became of it.

The rule that everything rests on: no record, no send. A row is written and safe on the disk before the first byte of
its call leaves, and its outcome is written as soon as it is known.
"""

from .journal import Existing, Held, Journal, Opened
from .records import Call, Event, NewCall, Outcome, State
from .vault import Vault

__all__ = ["Call", "Event", "Existing", "Held", "Journal", "NewCall", "Opened", "Outcome", "State", "Vault"]
