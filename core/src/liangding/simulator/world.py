"""What the simulated platform remembers: messages, visits, settlements, goods. Inspectable, and never personal in
any log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ..contract.simulation import Refuse
from .arithmetic import BillSplit, RowSplit
from .people import Insurance, People, Person

EFFECTIVE, CANCELLED, REVERSED = "effective", "cancelled", "reversed"


@attrs.define(kw_only=True, eq=False)
class LedgerVisit:
    """One visit (就诊): for a pharmacy it comes into being with its settlement.

    ``diagnoses`` are the rows of 2203 or 2401, ``discharge_diagnoses`` those of 2402; ``described`` says that the
    visit's own facts are there.
    """

    mdtrt_id: str
    person: Person
    cover: Insurance
    med_type: str
    begin: datetime
    cert_type: str
    inpatient: bool = False
    end: datetime | None = None
    ipt_otp_no: str = ""
    state: str = EFFECTIVE
    made_at: float = 0.0
    described: bool = False
    facts: dict[str, Any] = attrs.field(factory=dict)
    diagnoses: list[dict[str, Any]] = attrs.field(factory=list, repr=False)
    discharge_diagnoses: list[dict[str, Any]] = attrs.field(factory=list, repr=False)
    rows: list[FeeRow] = attrs.field(factory=list, repr=False)
    settlements: list[LedgerEntry] = attrs.field(factory=list, repr=False)

    @property
    def in_hospital(self) -> bool:
        return self.inpatient and self.state == EFFECTIVE and self.end is None

    @property
    def standing_rows(self) -> list[FeeRow]:
        """The fee rows that were not withdrawn."""
        return [row for row in self.rows if row.state == EFFECTIVE]

    @property
    def unsettled_rows(self) -> list[FeeRow]:
        return [row for row in self.standing_rows if row.setl_id is None]

    @property
    def standing_settlements(self) -> list[LedgerEntry]:
        """The settlements that charge somebody now."""
        return [settlement for settlement in self.settlements if settlement.counts]


@attrs.define(kw_only=True, eq=False)
class FeeRow:
    """An uploaded fee row with its split; ``setl_id`` when a settlement holds it, ``refund_of`` the row that a negative
    one takes back."""

    visit: LedgerVisit
    batch: str
    split: RowSplit
    given: dict[str, Any]
    setl_id: str | None = None
    state: str = EFFECTIVE
    made_at: float = 0.0
    refund_of: FeeRow | None = attrs.field(default=None, repr=False)


@attrs.define(kw_only=True, eq=False)
class LedgerEntry:
    """One settlement in the ledger. ``msgid`` is the message that made it; ``undo_of`` the settlement that a
    cancellation negates; ``interim`` one in the middle of a stay."""

    setl_id: str
    visit: LedgerVisit
    msgid: str
    infno: str
    at: datetime
    made_at: float
    split: BillSplit
    clr_type: str
    clr_optins: str
    balance_after: Decimal
    state: str = EFFECTIVE
    undo_of: str | None = None
    rows: list[FeeRow] = attrs.field(factory=list, repr=False)
    batch: str = ""
    interim: bool = False

    @property
    def counts(self) -> bool:
        """Whether this settlement charges somebody now."""
        return self.state == EFFECTIVE and self.undo_of is None


@attrs.define(kw_only=True)
class DoneEffect:
    """What a message did, so that 2601 can take it back. ``undo`` raises Refuse where that is too late."""

    infno: str
    psn_no: str
    undo: Callable[[], None]
    undone: bool = False


TRANSFER, CHRONIC, DESIGNATION, INJURY = "transfer", "chronic", "designation", "injury"
"""Kinds of registration: 转院、慢特病、定点、意外伤害."""

HYPERTENSION = {"opsp_dise_code": "M03900", "opsp_dise_name": "高血压"}
"""What the person of the case ``chronic`` has been registered for since long."""


@attrs.define(kw_only=True)
class FiledRegistration:
    """A registration of a person (备案), in force from ``begin`` to ``end`` while it is not withdrawn. ``decided`` says
    that the bureau has dealt with it: then it cannot be withdrawn."""

    number: str
    kind: str
    psn_no: str
    begin: date
    end: date | None
    given: dict[str, Any] = attrs.field(repr=False)
    state: str = EFFECTIVE
    decided: bool = False
    made_at: float = 0.0

    def holds(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.state == EFFECTIVE and self.begin <= day and (self.end is None or day <= self.end)


@attrs.frozen(kw_only=True)
class GivenToken:
    """An e-credential's token that was given out by decoding: whose it is, and until when."""

    person: Person
    until: float


@attrs.define(kw_only=True)
class AuditEntry:
    """Something that an audit found; ``feedback`` is what the institution did about it."""

    number: str
    infno: str
    psn_no: str
    rule: str
    feedback: dict[str, Any] | None = None


@attrs.define(kw_only=True)
class Sold:
    """A traceability code on a sale, and the goods upload's own facts."""

    code: str
    setl_id: str
    mdtrt_sn: str
    facts: dict[str, Any]
    returned: bool = False


class World:
    """All state of one simulated platform.

    ``hosp_lv`` is the institution's level, which the benefits follow; ``row_limit`` how many fee rows one message may
    bring; ``token_seconds`` how long a decoded token holds. No source gives those two: they are numbers to try
    with.
    """

    def __init__(self, area: str, institution: str, *, hosp_lv: str = "11") -> None:
        self.area = area
        self.institution = institution
        self.hosp_lv = hosp_lv
        self.row_limit = 100
        self.token_seconds = 1800.0
        self.people = People(area)
        self.visits: dict[str, LedgerVisit] = {}
        self.settlements: dict[str, LedgerEntry] = {}
        self.effects: dict[str, DoneEffect] = {}
        self.registrations: dict[str, FiledRegistration] = {}
        self.tokens: dict[str, GivenToken] = {}
        self.findings: dict[str, AuditEntry] = {}
        self.sign_ins: dict[str, tuple[str, date]] = {}
        self.passwords: dict[str, str] = {}
        """Of identity cards, as they travel; absent is the one that every card begins with."""
        self.sold: dict[str, Sold] = {}
        self.sales: list[dict[str, Any]] = []
        self.query_delay = 0.0
        self.kept: dict[str, Any] = {}
        """What chapters of their own remember beside all this, by the chapter's name."""
        self._numbers: dict[str, int] = {}
        self._visits_of: dict[str, list[LedgerVisit]] = {}
        chronic = self.people.case("chronic").psn_no
        self.register(CHRONIC, chronic, date(2020, 1, 1), HYPERTENSION).decided = True

    def number(self, kind: str) -> int:
        """The next number of a kind, from 1."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def open_visit(self, visit: LedgerVisit, at: datetime) -> None:
        """Give the visit its mdtrt_id, and keep it."""
        visit.mdtrt_id = f"{self.area}{at:%Y%m%d}M{self.number('visit'):08d}"
        self.visits[visit.mdtrt_id] = visit
        self._visits_of.setdefault(visit.person.psn_no, []).append(visit)

    def visits_of(self, psn_no: str) -> list[LedgerVisit]:
        """Every visit of a person, in order, also what was withdrawn."""
        return list(self._visits_of.get(psn_no, ()))

    def enter(self, settlement: LedgerEntry) -> None:
        """Enter a settlement, or its negation, in the ledger."""
        self.settlements[settlement.setl_id] = settlement
        settlement.visit.settlements.append(settlement)

    def register(
        self, kind: str, psn_no: str, begin: date, given: dict[str, Any], *, end: date | None = None, made_at: float = 0
    ) -> FiledRegistration:
        """Enter a registration."""
        number = f"{self.area}T{self.number('registration'):010d}"
        held = FiledRegistration(
            number=number, kind=kind, psn_no=psn_no, begin=begin, end=end, given=given, made_at=made_at
        )
        self.registrations[number] = held
        return held

    def token_holder(self, token: str, epoch: float) -> Person | None:
        """Whose decoded token this is. Refuse where its time is over."""
        held = self.tokens.get(token)
        if held is None:
            return None
        if epoch > held.until:
            raise Refuse("电子凭证令牌已失效，请重新解码")
        return held.person

    def person(self, psn_no: str) -> Person:
        found = self.people.by_number(psn_no)
        if found is None:
            raise Refuse("未查到该人员的参保信息")
        return found

    def visit(self, mdtrt_id: str, psn_no: str) -> LedgerVisit:
        found = self.visits.get(mdtrt_id)
        if found is None or found.person.psn_no != psn_no or found.state != EFFECTIVE:
            raise Refuse("就诊信息不存在")
        return found

    def settlement(self, setl_id: str, mdtrt_id: str, psn_no: str) -> LedgerEntry:
        found = self.settlements.get(setl_id)
        if found is None or found.visit.mdtrt_id != mdtrt_id or found.visit.person.psn_no != psn_no:
            raise Refuse("结算信息不存在")
        return found

    def visible(self, made_at: float, epoch: float) -> bool:
        """Whether a query sees already what was made at that time."""
        return epoch - made_at >= self.query_delay

    def ledger(self) -> list[dict[str, Any]]:
        """Every settlement, as the inspection API and an auditor see it."""
        return [
            {
                "setl_id": s.setl_id, "mdtrt_id": s.visit.mdtrt_id, "psn_no": s.visit.person.psn_no, "msgid": s.msgid,
                "infno": s.infno, "state": s.state, "undo_of": s.undo_of, "counts": s.counts, "batch": s.batch,
                "medfee_sumamt": s.split.total, "fund_pay_sumamt": s.split.fund, "acct_pay": s.split.account,
                "psn_cash_pay": s.split.cash, "setl_time": s.at.isoformat(" ", "seconds"),
            }
            for s in self.settlements.values()
        ]  # fmt: skip
