"""An input held to its declaration: the same before the wrappers of its interface, after them, and in ``validate``."""

from __future__ import annotations

from typing import Any

from ..checks import EVERY_BILL, EVERY_REQUEST, Circumstances
from ..spec import Does, Of, Problem, Transaction
from ..spec.problems import errors
from ..spec.reading import MessageReader


def checked(
    transaction: Transaction, message: Any, reader: MessageReader, circumstances: Circumstances
) -> tuple[Any, list[Problem]]:
    """The input of ``transaction`` read from JSON values, and everything that is wrong with it: field by field, and
    where each is right by the rules over the whole message."""
    node, problems = reader.read(transaction.input, message, ("input",))
    if not errors(problems):
        of_a_bill = EVERY_BILL if _is_bill(transaction) else ()
        for check in (*EVERY_REQUEST, *of_a_bill, *transaction.checks("request")):
            problems += check(node, circumstances)
    return node, problems


def _is_bill(transaction: Transaction) -> bool:
    does = transaction.does
    return does in (Does.SETTLES, Does.PRE_SETTLES) or (does is Does.UPLOADS and transaction.of is Of.FEES)
