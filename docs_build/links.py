"""Addresses of what the reference describes, as they look from one page."""

from __future__ import annotations

import posixpath
import re

from markupsafe import Markup, escape

from liangding.spec.codes import same_as, unpublished

from . import declared
from .declared import Scope

TRANSACTIONS = "reference/transactions.md"
FLOWS = "reference/flows.md"
UNDO = "reference/undo.md"
GAPS = "reference/not-public.md"
INDEX = "reference/index.md"
CODES = "reference/codes/index.md"
RULES = "reference/rules.md"
CHECKS = "reference/checks.md"
SETTINGS = "reference/deployment.md"

LONG = 100
"""A table of at least so many values has a page of its own, beside its place among those of its letter."""

NUMBER = re.compile(r"(?<![\w.:/-])\d{4}[A-Z]?(?![\w.:/-])", re.ASCII)


def letter_page(table: str) -> str:
    """The page that tables beginning with this letter stand on; ``#table`` is there for every table, always."""
    return f"reference/codes/{table[0].lower()}.md"


def rule_page(rule: str) -> str:
    """The page of one rule for plugins."""
    return f"reference/rules/{rule}.md"


def own_page(table: str) -> str:
    return f"reference/codes/{table}.md"


class Links:
    """Links from the page ``page``, a path in the site's sources, to what its reader has in scope."""

    def __init__(self, page: str, scope: Scope | None = None) -> None:
        self.page = page
        self.scope = scope or declared.baseline()

    def to(self, page: str, anchor: str = "") -> str:
        """The relative address of a page or of a place in it."""
        mark = f"#{anchor}" if anchor else ""
        if page == self.page and mark:
            return mark
        return posixpath.relpath(page.removesuffix(".md"), posixpath.dirname(self.page)) + ".html" + mark

    def transaction(self, infno: str, anchor: str = "") -> str | None:
        """Where a transaction is described, or one of its fields; None where it is nowhere."""
        page = self.scope.pages.get(infno)
        return page and self.to(page, anchor or infno)

    def code_table(self, table: str) -> str:
        """Where the values of a code table are, or the reason why they are not."""
        table = same_as().get(table, table)
        published = declared.code_tables().get(table)
        if published is None:
            return self.to(GAPS, f"table-{table}" if table in unpublished() else "tables")
        if len(published.values) >= LONG:
            return self.to(own_page(table))
        return self.to(letter_page(table), table)

    def step(self, flow: str, step: str) -> str:
        return self.to(FLOWS, f"{flow}.{step}")

    def numbered(self, infno: str) -> Markup:
        """The number of a transaction, linked where it is described."""
        address = self.transaction(infno)
        if address is None:
            return escape(infno)
        return Markup('<a href="{}">{}</a>').format(address, infno)

    def linked(self, text: str) -> Markup:
        """A sentence of the specification, the transactions that it names linked."""
        made, end = Markup(), 0
        for found in NUMBER.finditer(text):
            made += escape(text[end : found.start()]) + self.numbered(found.group())
            end = found.end()
        return made + escape(text[end:])
