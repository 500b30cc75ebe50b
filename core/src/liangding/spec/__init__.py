"""The language that interfaces are declared in.

A declaration is plain attrs and plain typing; what it looks like is shown in :mod:`liangding.national`. This package
holds what declarations are written with, and what reads, writes, checks and exports messages by them.
"""

from .amending import Amendment, adds, amended, amends, carrying, inside, optional, renamed
from .conditions import one_of, required_unless, required_when
from .does import Does, Effect, LookedFor, Of, Unasked
from .fields import Json, amount, code, day, extension, long_text, moment, nested, number, rows, text
from .nodes import Nothing, Undeclared, beyond, node
from .problems import Problem
from .transactions import Transaction, chapter, redeclares, transaction_of

__all__ = [
    "Amendment",
    "Does",
    "Effect",
    "Json",
    "LookedFor",
    "Nothing",
    "Of",
    "Problem",
    "Transaction",
    "Unasked",
    "Undeclared",
    "adds",
    "amended",
    "amends",
    "amount",
    "beyond",
    "carrying",
    "chapter",
    "code",
    "day",
    "extension",
    "inside",
    "long_text",
    "moment",
    "nested",
    "node",
    "number",
    "one_of",
    "optional",
    "redeclares",
    "renamed",
    "required_unless",
    "required_when",
    "rows",
    "text",
    "transaction_of",
]
