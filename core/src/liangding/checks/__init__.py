"""Checks over whole messages, beyond what one field's table row can say: money, rows, codes, identity numbers.

A transaction's class names its checks (``request_checks``, ``answer_checks``); each takes the message and the
:class:`Circumstances` and yields problems. Level ``error`` stops a request, and marks an answer that a person has to
look at; a settled answer is never thrown away.
"""

from .circumstances import NATIONAL, Circumstances
from .cross_province import cross_province
from .identity_numbers import resident_numbers
from .settlement import Check, cancellation_amounts, settlement_amounts, split_rows
from .sums import bill_rows, fee_rows, nothing_below_zero
from .traceability import trace_codes
from .treatment import chronic_disease

EVERY_REQUEST: tuple[Check, ...] = (resident_numbers,)
"""Checks that hold for every request, whatever its transaction."""

EVERY_BILL: tuple[Check, ...] = (nothing_below_zero,)
"""Checks that hold for whatever is settled, or uploaded to be."""

__all__ = [
    "EVERY_BILL",
    "EVERY_REQUEST",
    "NATIONAL",
    "Circumstances",
    "bill_rows",
    "cancellation_amounts",
    "chronic_disease",
    "cross_province",
    "fee_rows",
    "nothing_below_zero",
    "settlement_amounts",
    "split_rows",
    "trace_codes",
]
