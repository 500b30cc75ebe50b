"""The protocol of a settlement list's quality control: each of the 88 rules with its verdict, as a page to print."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from ..calls.validation import validate
from ..checks import NATIONAL, Circumstances
from ..checks.book import NumberedRule, book, repair
from ..knowledge.interfaces import BASELINE, Interfaces
from ..spec import Does, Of
from ..spec.problems import Problem, errors
from ..spec.reading import MessageReader
from ..wire.json import decode
from .typesetting import pdf


class ListVerdict(StrEnum):
    """What a rule says of a list."""

    FINE = "OK"
    REMINDER = "提醒"
    WRONG = "错误"
    UNDECIDED = "未判"
    """No list alone decides it, or the table has to be kept first."""


@attrs.frozen(kw_only=True)
class ListRow:
    """One rule's verdict; ``found`` says where and what, ``repair`` how it is written rightly."""

    number: str
    title: str
    verdict: ListVerdict
    found: tuple[str, ...] = ()
    repair: str = ""


@attrs.frozen(kw_only=True)
class Protocol:
    """All verdicts on one list; ``beyond`` is what the interface's table says that no rule of the list does."""

    infno: str
    setl_id: str
    medcasno: str
    edition: str
    rows: tuple[ListRow, ...]
    beyond: tuple[tuple[str, str], ...]

    @property
    def counted(self) -> Counter[ListVerdict]:
        return Counter(row.verdict for row in self.rows)

    @property
    def passes(self) -> bool:
        """Whether the list may go out."""
        return not self.counted[ListVerdict.WRONG] and not any(level == "error" for level, _ in self.beyond)


LISTS = tuple(n for n in BASELINE.numbers() if (BASELINE[n].does, BASELINE[n].of) == (Does.UPLOADS, Of.LIST))
"""The settlement lists: what uploads one."""

FIRST_THE_TABLE = "先改正表中的错误，再判"


def protocol(
    infno: str,
    data: bytes,
    *,
    interfaces: Interfaces = BASELINE,
    requests: MessageReader | None = None,
    circumstances: Circumstances = NATIONAL,
) -> Protocol:
    """Hold a list (its input, or its whole envelope, as JSON) against every rule."""
    problems = validate(infno, data, "request", interfaces=interfaces, requests=requests, circumstances=circumstances)
    rules = {number: rule for number, rule in book().items() if number.startswith("SL")}
    by_rule: dict[str, list[Problem]] = {number: [] for number in rules}
    beyond: list[tuple[str, str]] = []
    for each in problems:
        number = each.rule if each.rule in rules else _held_by_table(each, rules)
        if number is None:
            beyond.append((each.level, str(each)))
        else:
            by_rule[number].append(each)
    message = _message(data)
    held = message.get("setlinfo") if isinstance(message, dict) else None
    named = held if isinstance(held, dict) else {}
    stopped = any(each.level == "error" and each.rule not in rules for each in problems)
    rows = tuple(_row(rules[number], found, message, stopped) for number, found in by_rule.items())
    return Protocol(
        infno=infno, setl_id=str(named.get("setl_id", "")), medcasno=str(named.get("medcasno", "")),
        edition=interfaces[infno].edition, rows=rows, beyond=tuple(beyond),
    )  # fmt: skip


def _held_by_table(found: Problem, rules: dict[str, NumberedRule]) -> str | None:
    """The rule of the list that the strict reader has held a value to."""
    same = [number for number, rule in rules.items() if rule.rule == found.rule and rule.field == found.field]
    if same:
        return same[0]
    kinds = {"date": "SL062", "scale": "SL063"}
    return kinds.get(found.rule)


def _row(rule: NumberedRule, found: list[Problem], message: Any, stopped: bool) -> ListRow:
    told = tuple(f"{each.where.removeprefix('input.')} {each.label}：{each.message}" for each in found)
    if found:
        verdict = ListVerdict.WRONG if errors(found) else ListVerdict.REMINDER
        mended = repair(rule.number, _value(message, found[0]))
        return ListRow(number=rule.number, title=rule.title, verdict=verdict, found=told, repair=mended or "")
    if rule.undecided:
        return ListRow(number=rule.number, title=rule.title, verdict=ListVerdict.UNDECIDED, found=(rule.undecided,))
    if stopped and rule.rule == rule.number:
        return ListRow(number=rule.number, title=rule.title, verdict=ListVerdict.UNDECIDED, found=(FIRST_THE_TABLE,))
    return ListRow(number=rule.number, title=rule.title, verdict=ListVerdict.FINE)


def _message(data: bytes) -> Any:
    try:
        message = decode(data)
    except ValueError:
        return None
    return message["input"] if isinstance(message, dict) and "input" in message else message


def _value(message: Any, found: Problem) -> Any:
    held = message
    for step in found.path[1:]:
        try:
            held = held[step]
        except (KeyError, IndexError, TypeError):
            return None
    return held


def printed(made: Protocol, *, institution: str = "", code: str = "", at: datetime) -> bytes:
    """The protocol as PDF. CannotTypeset where typst or a Chinese font is not installed."""
    counted = made.counted
    facts = {
        "接口": made.infno, "结算ID": made.setl_id, "病案号": made.medcasno,
        **{str(verdict): f"{counted[verdict]} 条" for verdict in ListVerdict}, "依据": made.edition,
    }  # fmt: skip
    return pdf(
        "protocol",
        {
            "paper": "A4", "institution": institution or "定点医疗机构", "institution_code": code or "—",
            "title": "医疗保障基金结算清单质控单", "facts": [[name, value] for name, value in facts.items() if value],
            "marks": ["可上传" if made.passes else "不可上传"], "operator": "", "advice": [],
            "printed": f"{at:%Y-%m-%d %H:%M:%S}",
            "rows": [
                [row.number, row.title, str(row.verdict), "；".join(row.found)
                 + (f"。改作 {row.repair}" if row.repair else "")]
                for row in made.rows
            ],
            "beyond": [text for _, text in made.beyond],
        },
    )  # fmt: skip
