"""The institution's doctors, nurses, pharmacists and technicians against the platform's (5102), and the codes that are
kept of them.

    found = compare(runtime, ours)                     # 5102, once for each class
    StaffList(runtime).take(found, person="张三")       # the platform's codes, as a person confirmed them

The platform's list is maintained elsewhere (国家医保信息业务编码标准数据库): nobody is put there from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    select,
)

from ..errors import LiangdingError
from ..journal.beside import Beside
from ..journal.beside import reseal as resealed
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..runtime import Runtime
from ..spec.codes import code_table

QUERY = "5102"

FORM = 1

REQUIRED = ("prac_psn_type", "prac_psn_no", "prac_psn_name")
COLUMNS = (*REQUIRED, "prac_psn_code", "psn_cert_type", "certno")

metadata = MetaData()

staff = Table(
    "staff",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("institution", String(30), nullable=False),
    Column("prac_psn_no", String(60), nullable=False),
    Column("prac_psn_type", String(10), nullable=False),
    Column("prac_psn_code", String(30), nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("hi_dr_flag", String(3), nullable=False),
    Column("until", String(10), nullable=False),
    Column("person", String(60), nullable=False),
    Column("changed_at", Float, nullable=False),
    UniqueConstraint("institution", "prac_psn_no", name="staff_number"),
)


class StaffFinding(StrEnum):
    """What the comparison of one person comes to; ``chinese`` is the word for operators."""

    SAME = "same"
    CODE_MISSING = "code missing"
    CODE_DIFFERS = "code differs"
    NAME_DIFFERS = "name differs"
    ENDED = "ended"
    OURS_ONLY = "ours only"
    THEIRS_ONLY = "theirs only"

    @property
    def chinese(self) -> str:
        return {
            "same": "一致", "code missing": "本机构没有代码，平台有", "code differs": "代码不同",
            "name differs": "姓名不同", "ended": "平台上已停用", "ours only": "平台没有：到医保信息业务编码系统登记",
            "theirs only": "本机构名单里没有",
        }[self.value]  # fmt: skip


TAKEABLE = (StaffFinding.SAME, StaffFinding.CODE_MISSING, StaffFinding.CODE_DIFFERS)
"""What the platform's code can be taken of, when a person says so."""


class BadStaffList(LiangdingError):
    """The institution's list is not as it must be, or that cannot be done with it."""

    code = "bad_staff_list"
    http_status = 422


@attrs.frozen(kw_only=True)
class StaffRow:
    """One person on both sides. ``number`` is the institution's own (prac_psn_no), ``code`` what the institution has,
    ``their_code`` what the platform has (prac_psn_code), ``until`` the platform's last day, empty where there is none.
    """

    kind: str
    number: str
    name: str = attrs.field(repr=False)
    code: str
    their_code: str
    finding: StaffFinding
    hi_dr_flag: str = ""
    until: str = ""

    @property
    def kind_name(self) -> str:
        return code_table("medins_psn_type").name_of(self.kind)


def compare(runtime: Runtime, ours: Iterable[Mapping[str, str]]) -> list[StaffRow]:
    """Both sides of everyone, ours in their order, then who is on the platform only. People are told by the code, else
    by the institution's own number, else by their document. BadStaffList; what a call raises."""
    mine = [_checked(row, place) for place, row in enumerate(ours, 2)]
    today = runtime.now().date().isoformat()
    found, left = [], {}
    for kind in dict.fromkeys(row["prac_psn_type"] for row in mine):
        answer = runtime.call(QUERY, {"data": {"prac_psn_type": kind}})
        left[kind] = list(answer.output.feedetail or ())
    for row in mine:
        there = left[row["prac_psn_type"]]
        same = next((each for name in ("prac_psn_code", "prac_psn_no", "certno") for each in there
                     if row[name] and getattr(each, name) == row[name]), None)  # fmt: skip
        if same is not None:
            there.remove(same)
        found.append(_told(row, same, today))
    found += [_told(None, each, today) for there in left.values() for each in there]
    return found


def _checked(row: Mapping[str, str], place: int) -> dict[str, str]:
    held = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    empty = [name for name in REQUIRED if not held[name]]
    if empty:
        raise BadStaffList(f"第 {place} 行没有 {'、'.join(empty)}", remedy=f"要有的列：{'、'.join(REQUIRED)}")
    if code_table("medins_psn_type").name_of(held["prac_psn_type"]) == held["prac_psn_type"]:
        kinds = "、".join(f"{each.code} {each.name}" for each in code_table("medins_psn_type").values)
        raise BadStaffList(f"第 {place} 行的 prac_psn_type 不是 {kinds}")
    return held


def _told(row: Mapping[str, str] | None, theirs: Any, today: str) -> StaffRow:
    if theirs is None:
        assert row is not None
        return StaffRow(
            kind=row["prac_psn_type"], number=row["prac_psn_no"], name=row["prac_psn_name"], code=row["prac_psn_code"],
            their_code="", finding=StaffFinding.OURS_ONLY,
        )  # fmt: skip
    until = "" if theirs.endtime is None else theirs.endtime.date().isoformat()
    if row is None:
        finding = StaffFinding.THEIRS_ONLY
    elif until and until < today:
        finding = StaffFinding.ENDED
    elif row["prac_psn_name"] != theirs.prac_psn_name:
        finding = StaffFinding.NAME_DIFFERS
    elif row["prac_psn_code"] != theirs.prac_psn_code:
        finding = StaffFinding.CODE_DIFFERS if row["prac_psn_code"] else StaffFinding.CODE_MISSING
    else:
        finding = StaffFinding.SAME
    return StaffRow(
        kind=theirs.prac_psn_type, number=row["prac_psn_no"] if row else theirs.prac_psn_no or "",
        name=row["prac_psn_name"] if row else theirs.prac_psn_name, code=row["prac_psn_code"] if row else "",
        their_code=theirs.prac_psn_code, finding=finding, hi_dr_flag=theirs.hi_dr_flag, until=until,
    )  # fmt: skip


class StaffList:
    """The codes of an institution's staff, as a person has confirmed them; names are sealed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._institution = runtime.deployment.institution.code
        self._beside = Beside(runtime.journal, "staff", metadata, FORM)
        self._mine = staff.c.institution == self._institution

    def take(self, rows: Iterable[StaffRow], *, person: str) -> int:
        """Keep the platform's codes of these people; how many. BadStaffList where one of them has none to be taken, or
        nobody is named who says so."""
        if not person.strip():
            raise BadStaffList("要写明谁确认的（person）", path="person")
        taken, now = list(rows), self._runtime.clock.epoch()
        for row in taken:
            if row.finding not in TAKEABLE:
                raise BadStaffList(f"{row.number} {row.finding.chinese}，没有可用的代码")

        def work(tx: Tx) -> None:
            for row in taken:
                tx.execute(delete(staff).where(and_(self._mine, staff.c.prac_psn_no == row.number)))
                tx.execute(staff.insert(), {
                    "institution": self._institution, "prac_psn_no": row.number, "prac_psn_type": row.kind,
                    "prac_psn_code": row.their_code, "hi_dr_flag": row.hi_dr_flag, "until": row.until,
                    "name": self._beside.vault.seal(row.name.encode(), _place(self._institution, row.number)),
                    "person": person,
                    "changed_at": now,
                })  # fmt: skip

        self._beside.write(work)
        return len(taken)

    def listed(self) -> list[StaffRow]:
        """Who is kept, by kind and number."""
        query = select(staff).where(self._mine).order_by(staff.c.prac_psn_type, staff.c.prac_psn_no)
        return [
            StaffRow(
                kind=row.prac_psn_type, number=row.prac_psn_no, code=row.prac_psn_code, their_code=row.prac_psn_code,
                name=self._beside.vault.open(row.name, _place(row.institution, row.prac_psn_no)).decode(),
                finding=StaffFinding.SAME, hi_dr_flag=row.hi_dr_flag, until=row.until,
            )
            for row in self._beside.read(lambda c: c.execute(query).all())
        ]  # fmt: skip


def reseal(journal: JournalReading) -> int:
    """Seal the names of every institution's staff anew under the journal's present key; how many were changed."""
    return resealed(journal, staff, lambda row: {"name": _place(row.institution, row.prac_psn_no)})


def _place(institution: str, number: str) -> str:
    """Where a name stands."""
    return f"staff.name:{institution}:{number}"
