"""An input held to its declaration: the same before the wrappers of its interface, after them, and in ``validate``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..checks import EVERY_BILL, EVERY_REQUEST, Circumstances
from ..spec import Does, Of, Problem, Transaction
from ..spec.problems import Path, errors, problem
from ..spec.reading import MessageReader

EDITION = "edition"
"""The rule of what is missing and official editions disagree about."""


def checked(
    transaction: Transaction, message: Any, reader: MessageReader, circumstances: Circumstances
) -> tuple[Any, list[Problem]]:
    """The input of ``transaction`` read from JSON values, and everything that is wrong with it: field by field, and
    where each is right by the rules over the whole message."""
    node, problems = reader.read(transaction.input, message, ("input",))
    for place, why in transaction.disputed.items():
        problems += _wanting(node, place, why, ("input",))
    if not errors(problems):
        of_a_bill = EVERY_BILL if _is_bill(transaction) else ()
        for check in (*EVERY_REQUEST, *of_a_bill, *transaction.checks("request")):
            problems += check(node, circumstances)
    return node, problems


def _wanting(node: Any, place: tuple[str, ...], why: str, path: Path) -> Iterator[Problem]:
    """Where a field is missing that official editions disagree about: told, and no error."""
    name, *rest = place
    if isinstance(node, list):
        for i, row in enumerate(node):
            yield from _wanting(row, place, why, (*path, i))
    elif rest:
        yield from _wanting(getattr(node, name, None), tuple(rest), why, (*path, name))
    elif node is not None and getattr(node, name, None) is None:
        yield problem((*path, name), EDITION, f"未给出；官方各版不一致：{why}", level="warning")


def _is_bill(transaction: Transaction) -> bool:
    does = transaction.does
    return does in (Does.SETTLES, Does.PRE_SETTLES) or (does is Does.UPLOADS and transaction.of is Of.FEES)
