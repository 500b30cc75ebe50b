"""What a region's acceptance (联调、验收) consists of: scenarios to perform, forms to fill; and what was found.

A plugin gives both by ``liangding_acceptance``. A form is a function of :class:`Findings`: it prints what was found and
nothing else, and leaves empty what a person writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum, StrEnum

import attrs

from ..config import Deployment, Kind
from ..config.deployment import Business
from ..config.trials import Group, Whereabouts
from .forms import Form
from .requirements import Requirement


class Script(Enum):
    """What a scenario does, with which it begins and ends; ``settles`` where it moves money, and takes it back."""

    SIGN_IN = "sign_in", "签到", False
    DESK = "desk", "柜台查询", False
    PURCHASE = "purchase", "购药结算、查询、撤销", True
    VISIT = "visit", "门诊挂号、结算、查询、逐级撤销", True
    STAY = "stay", "入院、明细、出院结算、查询、逐级撤销", True
    RECONCILE = "reconcile", "对总账、对明细账", False

    def __init__(self, word: str, chinese: str, settles: bool) -> None:
        self.word = word
        self.chinese = chinese
        self.settles = settles


@attrs.frozen(kw_only=True)
class Scenario:
    """One scenario. ``id`` is in lower-case letters, digits and hyphens. ``credential`` is the mdtrt_cert_type that is
    shown, by a person of ``group`` insured at ``place``; ``kinds`` the institutions that it is for. ``chronic``: the
    visit is for a chronic disease, with ``med_type``. ``business`` is what the institution has to be opened for, where
    the script alone does not say it: 门慢 and 门特 are apart, each with a disease of its own. ``shows`` are ids of
    requirements that it shows beside those whose transactions it makes."""

    id: str
    title: str
    script: Script
    kinds: tuple[Kind, ...]
    credential: str = "02"
    group: Group = "职工"
    place: Whereabouts = "local"
    chronic: bool = False
    med_type: str = ""
    business: Business | None = None
    shows: tuple[str, ...] = ()


class Ends(StrEnum):
    """How a scenario, or a requirement, stands in this acceptance."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """What became of it is not known yet; the resolver is at it."""
    STANDING = "standing"
    """Something that it settled could not be taken back."""
    WAITING = "waiting"
    """A person has to do something before it can go on."""
    UNTRIED = "untried"
    STATED = "stated"
    """A person says that it is done: the deployment's ``acceptance.stated``."""
    PERSON = "person"
    NOT_PUBLIC = "not public"
    OPEN = "open"
    """The product does not have it yet."""

    @property
    def chinese(self) -> str:
        return {
            "passed": "联调通过", "failed": "未通过", "unknown": "结果待查", "standing": "未能撤回",
            "waiting": "等人办理", "untried": "尚未联调", "stated": "已由人办理", "person": "须由人办理",
            "not public": "没有公开", "open": "产品未完成",
        }[self.value]  # fmt: skip


@attrs.frozen(kw_only=True)
class Evidence:
    """One call that the platform accepted, as the journal has it."""

    infno: str
    msgid: str
    at: datetime
    call_id: int
    setl_id: str = ""
    scenario: str = ""


@attrs.frozen(kw_only=True)
class Tally:
    """The calls of one transaction: how many were accepted, refused, and left anybody in doubt (unknown, no answer)."""

    infno: str
    name: str
    accepted: int = 0
    refused: int = 0
    doubtful: int = 0
    evidence: tuple[Evidence, ...] = ()

    @property
    def passed(self) -> bool:
        """Accepted, and nobody was left in doubt."""
        return self.accepted > 0 and not self.doubtful


@attrs.frozen(kw_only=True)
class Tried:
    """What became of a scenario: ``why`` where it did not pass, the settlements that it made, its files."""

    scenario: Scenario
    ends: Ends
    why: str = ""
    setl_ids: tuple[str, ...] = ()
    infnos: tuple[str, ...] = ()
    finished_at: datetime | None = None
    files: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Row:
    """A requirement in this acceptance: how it stands, by which calls and scenarios."""

    requirement: Requirement
    ends: Ends
    evidence: tuple[Evidence, ...] = ()
    scenarios: tuple[str, ...] = ()
    stated: str = ""


@attrs.frozen(kw_only=True)
class Findings:
    """Everything that is known of an institution's acceptance on a day."""

    deployment: Deployment
    region: str
    rows: tuple[Row, ...]
    tried: tuple[Tried, ...]
    tallies: Mapping[str, Tally]
    today: date
    assumed: Mapping[str, str] = attrs.field(factory=dict)
    """Number → what is taken for granted of its shape, because nobody has published it."""
    matched: Mapping[str, tuple[int, int]] = attrs.field(factory=dict)
    """list_type, or the catalogue's number of diseases and operations → how many of the institution's items are to be
    matched, and how many are uploaded, or confirmed; nothing where no item was ever taken in."""
    read: int = 0
    """How many of the answers that count as evidence were read for garbled text."""
    garbled: tuple[str, ...] = ()
    """Message numbers of those that bear garbled text."""

    def fact(self, name: str) -> str:
        """What the institution says of itself (``acceptance.facts``); empty where it does not."""
        return self.deployment.acceptance.facts.get(name, "")

    def row(self, number: str) -> Row | None:
        """The requirement of that id, where it is demanded of this institution."""
        return next((row for row in self.rows if row.requirement.id == number), None)

    def ends(self, numbers: Iterable[str]) -> Ends | None:
        """How several requirements stand together: the first way of PASSED and STATED where all do, else the worst."""
        found = [row.ends for row in map(self.row, numbers) if row is not None]
        order = (Ends.STANDING, Ends.FAILED, Ends.UNKNOWN, Ends.WAITING, Ends.UNTRIED, Ends.OPEN, Ends.PERSON,
                 Ends.NOT_PUBLIC, Ends.STATED, Ends.PASSED)  # fmt: skip
        return min(found, key=order.index, default=None)

    def of_script(self, script: Script, *, chronic: bool = False) -> list[Tried]:
        """The scenarios of a script."""
        return [each for each in self.tried if each.scenario.script is script and each.scenario.chronic is chronic]

    def has(self, infno: str) -> bool:
        """Whether a transaction was accepted, and left nobody in doubt."""
        return infno in self.tallies and self.tallies[infno].passed

    @property
    def overdue(self) -> tuple[Row, ...]:
        """What had to be done by a day that has gone by, and is neither shown nor stated."""
        done = (Ends.PASSED, Ends.STATED)
        return tuple(row for row in self.rows if row.requirement.is_past(self.today) and row.ends not in done)

    @property
    def counts(self) -> Counter[Ends]:
        """How many requirements stand how; they add up to all of them."""
        return Counter(row.ends for row in self.rows)


FormOf = Callable[[Findings], Form]
Met = Callable[[Findings], Mapping[str, Ends]]
OverAll = Callable[[Sequence[Findings], date], Form]


@attrs.frozen(kw_only=True)
class Acceptance:
    """What a plugin says of its region's acceptance: ``scenarios`` beside the usual ones (one of the same id stands in
    its place), ``forms`` by name, and those ``over`` several institutions, by name (``weekly``). ``shows`` says of
    usual scenarios which requirements they show beside those whose transactions they make; ``met`` which others the
    findings show, and how, by id: the day of something that is finished is met."""

    scenarios: tuple[Scenario, ...] = ()
    forms: Mapping[str, FormOf] = attrs.field(factory=dict)
    over: Mapping[str, OverAll] = attrs.field(factory=dict)
    shows: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    met: Met | None = None
