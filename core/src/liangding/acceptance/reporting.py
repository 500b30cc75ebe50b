"""The papers that are handed in: the region's forms, and the views that go with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ..contract.acceptance import Findings
from ..contract.forms import Block, Form, Paragraph
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..structuring import nearest
from .evidence import log_lines, views
from .scenarios import acceptances_of

VIEWS, LOGS = "打印件", "使用日志"
"""The papers that every region has: printed views, and the log of use of each transaction that is asked for."""

LOGGED = 50
"""How many of a transaction's latest calls its log of use has."""


def form_names(known: Knowledge) -> list[str]:
    """The forms that there are: the region's own, and the papers that every region has."""
    return [*(name for acceptance in acceptances_of(known) for name in acceptance.forms), VIEWS, LOGS]


def forms_of(known: Knowledge, journal: Any, found: Findings, wanted: Iterable[str] | None = None) -> list[Form]:
    """The forms that are wanted by name, or all: the region's own, and the printed views of the evidence.
    ConfigurationError where there is none of that name."""
    makers = {name: make for acceptance in acceptances_of(known) for name, make in acceptance.forms.items()}
    ours = {VIEWS: views_of, LOGS: logs_of}
    names = list(wanted or (*makers, *ours))
    for name in names:
        if name not in makers and name not in ours:
            told = f"没有表格 {name}{nearest(name, [*makers, *ours])}"
            raise ConfigurationError(told, remedy=f"有 {'、'.join([*makers, *ours])}")
    return [makers[name](found) if name in makers else ours[name](known, journal, found) for name in names]


def views_of(known: Knowledge, journal: Any, found: Findings) -> Form:
    """The printed view of the latest accepted call of each transaction that the documents ask for."""
    latest = [found.tallies[infno].evidence[0] for infno in found.tallies if found.tallies[infno].evidence]
    calls = [journal.call(each.call_id) for each in latest]
    title = f"{found.deployment.institution.name} 接口打印件"
    return views(known, calls, name=VIEWS, title=title)


def logs_of(known: Knowledge, journal: Any, found: Findings) -> Form:
    """The log of use of each transaction that was accepted at least once, a line for each call, nobody named."""
    title = f"{found.deployment.institution.name} 接口使用日志"
    blocks: list[Block] = [Paragraph(text=title, size="title", align="center")]
    for infno, tally in found.tallies.items():
        if tally.evidence:
            blocks.append(Paragraph(text=f"{infno} {tally.name}", size="heading"))
            calls = reversed(journal.latest(infno=infno, limit=LOGGED))
            blocks += [Paragraph(text=line, size="small") for line in log_lines(known, calls)]
    note = f"由流水打印，每个接口最近 {LOGGED} 次；没有姓名、证件号与报文内容"
    return Form(name=LOGS, title=title, blocks=tuple(blocks), note=note)


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
