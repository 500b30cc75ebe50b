"""The national baseline (国家基线): every transaction of the platform, a module for each chapter.

Chapters load on demand: ``transaction("2102")`` imports ``national.pharmacy`` and nothing else.
"""

from __future__ import annotations

import functools
import importlib

from ..errors import UnknownTransaction
from ..spec import Transaction, transaction_of
from ..spec.transactions import hook_name
from .index import CHAPTERS


@functools.cache
def transaction(infno: str) -> Transaction:
    """The national transaction ``infno``. UnknownTransaction where the baseline has none of that number."""
    place = places().get(infno)
    if place is None:
        raise UnknownTransaction(f"国家基线中没有交易 {infno}", remedy="liangding interfaces 列出全部交易")
    chapter, name = place
    module = importlib.import_module(f"{__name__}.{chapter}")
    return transaction_of(getattr(module, name))


@functools.cache
def places() -> dict[str, tuple[str, str]]:
    """infno → chapter and class, without importing a chapter."""
    return {infno: (chapter, name) for chapter, held in CHAPTERS.items() for infno, name in held.items()}


def hooks() -> dict[str, str]:
    """infno → the name of its hook, without importing a chapter."""
    return {infno: hook_name(chapter, name) for infno, (chapter, name) in places().items()}
