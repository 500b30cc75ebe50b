"""Templates to text: the words, samples and small marks that they use."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import JsonLexer  # type: ignore[import-untyped]

from liangding.spec import Effect, Transaction
from liangding.spec.codes import same_as, unpublished
from liangding.spec.sampling import sample
from liangding.wire.json import encode

from . import declared
from .declared import Scope
from .links import Links

EFFECTS = {
    Effect.READS: ("查询", "reads"),
    Effect.REPEATABLE: ("可重复", "repeatable"),
    Effect.CHANGES: ("办理", "changes"),
}
CONFIDENCE = {"high": "高 high", "medium": "中 medium", "low": "低 low"}
SIDE_NAMES = {"input": ("输入", "Request"), "output": ("输出", "Answer")}

LITERAL = re.compile(r"``([^`]+)``")


@attrs.frozen(kw_only=True)
class Check:
    """A rule over the whole message, in its own words."""

    side: str
    name: str
    words: str


def checks(transaction: Transaction) -> Iterator[Check]:
    """What is checked over a whole message of ``transaction`` beyond its single fields."""
    for side, name in (("request", "input"), ("answer", "output")):
        for rule in transaction.checks(side):  # type: ignore[arg-type]
            made_by = getattr(rule, "__qualname__", "").partition(".<locals>")[0]
            told = inspect.getdoc(getattr(inspect.getmodule(rule), made_by, None)) or ""
            words = " ".join(told.partition("\n\n")[0].split())
            yield Check(side=name, name=made_by, words=_with_values(words, rule))


def _with_values(words: str, rule: Any) -> str:
    """``node`` in the words of a rule that was made for one node becomes that node's name."""
    held = inspect.getclosurevars(rule).nonlocals if inspect.isfunction(rule) else {}
    names = {name: value for name, value in held.items() if isinstance(value, str)}
    return LITERAL.sub(lambda found: f"``{names.get(found[1], found[1])}``", words)


def prose(text: str) -> Markup:
    """A docstring's sentence as HTML: its literals as code, nothing else marked up."""
    parts = LITERAL.split(text)
    return Markup().join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def sample_of(transaction: Transaction, side: str) -> Markup:
    """A sample message as coloured JSON; amounts of an answer are 0, so that they agree."""
    shape, money = (transaction.input, Decimal(1)) if side == "input" else (transaction.output, Decimal(0))
    text = msgspec.json.format(encode(sample(shape, money=money)), indent=2).decode()
    return Markup(highlight(text, JsonLexer(), HtmlFormatter(nowrap=True)).rstrip())


def make_environment() -> Environment:
    """Jinja with the templates of this package; every text is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["prose"] = prose
    made.globals.update(
        effects=EFFECTS, confidence=CONFIDENCE, side_names=SIDE_NAMES, sides=declared.SIDES, declared=declared,
        checks=checks, sample_of=sample_of, same_as=same_as(), unpublished=unpublished(),
    )  # fmt: skip
    return made


ENVIRONMENT = make_environment()


def render(template: str, page: str, scope: Scope | None = None, **facts: Any) -> str:
    """The text of the page ``page`` from a template; ``links`` there are seen from that page, ``scope`` is its own."""
    links = Links(page, scope)
    return ENVIRONMENT.get_template(template).render(links=links, scope=links.scope, **facts)
