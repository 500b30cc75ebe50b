"""The papers that are handed in: the region's forms, and the views that go with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ..contract.acceptance import Findings
from ..contract.forms import Form
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..structuring import nearest
from .evidence import views
from .scenarios import acceptances_of

VIEWS = "打印件"
"""The name of the paper of printed views, which every region has."""


def forms_of(known: Knowledge, journal: Any, found: Findings, wanted: Iterable[str] | None = None) -> list[Form]:
    """The forms that are wanted by name, or all: the region's own, and the printed views of the evidence.
    ConfigurationError where there is none of that name."""
    makers = {name: make for acceptance in acceptances_of(known) for name, make in acceptance.forms.items()}
    names = list(wanted or (*makers, VIEWS))
    for name in names:
        if name not in makers and name != VIEWS:
            told = f"没有表格 {name}{nearest(name, [*makers, VIEWS])}"
            raise ConfigurationError(told, remedy=f"有 {'、'.join([*makers, VIEWS])}")
    return [makers[name](found) if name in makers else views_of(known, journal, found) for name in names]


def views_of(known: Knowledge, journal: Any, found: Findings) -> Form:
    """The printed view of the latest accepted call of each transaction that the documents ask for."""
    latest = [found.tallies[infno].evidence[0] for infno in found.tallies if found.tallies[infno].evidence]
    calls = [journal.call(each.call_id) for each in latest]
    title = f"{found.deployment.institution.name} 接口打印件"
    return views(known, calls, name=VIEWS, title=title)


def over_all(found: Sequence[tuple[Findings, Knowledge]], name: str, day: date) -> list[Form]:
    """The form ``name`` of each region whose plugin has one over several institutions."""
    made: dict[str, Form] = {}
    for province in dict.fromkeys(findings.deployment.province for findings, _ in found):
        ours = [(findings, known) for findings, known in found if findings.deployment.province == province]
        makers = {n: make for acceptance in acceptances_of(ours[0][1]) for n, make in acceptance.over.items()}
        if name in makers:
            form = makers[name]([findings for findings, _ in ours], day)
            made[form.name] = form
    return list(made.values())
