"""Matching (目录对照): the institution's own items and the catalogue's codes, proposed by machine, confirmed by a
person, uploaded (3301) and withdrawn (3302).

    matching = Matching(runtime)
    matching.take_in(read_items(path))
    matching.propose(shelf)                      # codes first, then names and specifications
    matching.confirm("101", "D1", "X000001", person="张三")
    matching.upload()                            # what is confirmed, in batches, each sent once
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import Column, Float, Integer, MetaData, Row, String, Table, and_, func, inspect, or_, select

from ..contract.region import ROW_LIMIT
from ..errors import CallRefused, LiangdingError
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..runtime import Runtime
from .finding import find, show
from .items import Item
from .kinds import LOCAL, catalogues_of
from .shelf import Shelf
from .words import LEAST, folded

MATCHINGS, FORM = "matchings", 1

UPLOAD, WITHDRAW = "3301", "3302"

OPEN_END = date(2099, 1, 1)
"""enddate of a matching that goes on."""

SURE = 100.0

KEY = ("list_type", "fixmedins_hilist_id")
"""What an item is known by."""

metadata = MetaData()

matchings = Table(
    "matchings",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("list_type", String(30), primary_key=True),
    Column("fixmedins_hilist_id", String(150), primary_key=True),
    *(Column(name, String(500), nullable=False) for name in attrs.fields_dict(Item) if name not in KEY),
    Column("state", String(20), nullable=False),
    Column("score", Float, nullable=False),  # of the proposal; 100: the codes are the same
    Column("batch", Integer, nullable=False),  # which upload it goes with; its key
    Column("person", String(60), nullable=False),
    Column("said", String(500), nullable=False),
    Column("changed_at", Float, nullable=False),
)  # fmt: skip


class MatchState(StrEnum):
    """Where an item stands; ``chinese`` is the word for operators."""

    OPEN = "open"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    UPLOADED = "uploaded"
    REFUSED = "refused"

    @property
    def chinese(self) -> str:
        names = {"open": "未匹配", "proposed": "待确认", "confirmed": "待上传", "uploaded": "已上传", "refused": "被拒"}
        return names[self.value]


class NotMatched(LiangdingError):
    """That cannot be done with this item."""

    code = "not_matched"
    http_status = 409


@attrs.frozen(kw_only=True)
class Candidate:
    """A code of the catalogue that an item may be: how alike they are (0 to 100), and what makes them so."""

    code: str
    name: str
    spec: str
    score: float
    why: str


@attrs.frozen(kw_only=True)
class Matched:
    """An item with where its matching stands."""

    item: Item
    state: MatchState
    score: float
    person: str
    said: str


def candidates(shelf: Shelf, item: Item, *, most: int = 5) -> list[Candidate]:
    """What an item may be: its own code where the catalogue has it, then names and specifications, the likest first."""
    asked = catalogues_of(item.list_type) if item.med_list_codg else ()
    held = next((row for each in asked if (row := show(shelf, item.med_list_codg, number=each)) is not None), None)
    if held is not None:
        name = held.names[0] if held.names else ""
        return [Candidate(code=held.code, name=name, spec=_spec(held.row), score=SURE, why="编码相同")]
    found: dict[str, Candidate] = {}
    name = folded(item.fixmedins_hilist_name)
    for length in dict.fromkeys((len(name), 4, 3, LEAST)):
        if len(name) >= length >= LEAST and len(found) < most:
            for catalogue in catalogues_of(item.list_type):
                for each in find(shelf, name[:length], number=catalogue, most=50):
                    found.setdefault(each.code, _alike(item, each.code, each.names, each.row))
    return sorted(found.values(), key=lambda each: (-each.score, each.code))[:most]


def alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 100. LiangdingError where what compares them is not installed."""
    try:
        from rapidfuzz import fuzz
    except ImportError:
        raise LiangdingError("没有安装比较名称的部件", remedy="pip install 'liangding[matching]'") from None
    return float(fuzz.ratio(folded(one), folded(other)))


def _alike(item: Item, code: str, names: Iterable[str], row: Any) -> Candidate:
    ours = item.fixmedins_hilist_name
    best = max(names, key=lambda name: alike(ours, name), default="")
    likeness, spec = alike(ours, best), _spec(row)
    if item.spec and spec:
        likeness = 0.7 * likeness + 0.3 * alike(item.spec, spec)
    if item.aprvno and folded(item.aprvno) == folded(str(row.get("aprvno") or "")):
        return Candidate(code=code, name=best, spec=spec, score=SURE - 1, why="批准文号相同")
    return Candidate(code=code, name=best, spec=spec, score=round(min(likeness, SURE - 2), 1), why="名称、规格相近")


def _spec(row: Any) -> str:
    return str(row.get("drug_spec") or row.get("spec") or "")


class Matching:
    """The matchings of one deployment's institution."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._institution = runtime.deployment.institution.code
        self._beside = Beside(runtime.journal, MATCHINGS, metadata, FORM)
        self._mine = matchings.c.institution == self._institution

    def take_in(self, items: Iterable[Item]) -> int:
        """Take the institution's items in; those that are there keep their matching, their name and the rest follow."""
        now, count = self._runtime.clock.epoch(), 0

        def put(tx: Tx, portion: list[Item]) -> None:
            for item in portion:
                where = self._where(item.list_type, item.fixmedins_hilist_id)
                held = tx.execute(select(matchings).where(where)).first()
                if held is None:
                    row = attrs.asdict(item) | {"institution": self._institution, "changed_at": now, **_FRESH}
                    tx.execute(matchings.insert(), row)
                else:
                    kept = {"med_list_codg": held.med_list_codg or item.med_list_codg, "changed_at": now}
                    tx.execute(matchings.update().where(where).values(attrs.asdict(item) | kept))

        for portion in _portions(items, 500):
            self._beside.write(lambda tx, portion=portion: put(tx, portion))  # type: ignore[misc]
            count += len(portion)
        return count

    def propose(self, shelf: Shelf, *, least: float = 60.0) -> int:
        """Propose a code for every item that has none, the likest that is at least so alike; how many got one. An item
        whose own code is the catalogue's is proposed with that."""
        done = 0
        for held in self.listed(states=[MatchState.OPEN]):
            best = next(iter(candidates(shelf, held.item, most=1)), None)
            if best is not None and best.score >= least:
                values = {"med_list_codg": best.code, "score": best.score, "state": MatchState.PROPOSED.value}
                self._change(held.item.list_type, held.item.fixmedins_hilist_id, [MatchState.OPEN], values)
                done += 1
        return done

    def confirm(self, list_type: str, number: str, code: str, *, person: str) -> None:
        """A person says what an item is. NotMatched for one that is uploaded (withdraw it first), or is not there."""
        if not person.strip():
            raise NotMatched("要写明谁确认的（person）", path="person")
        values = {"med_list_codg": code, "state": MatchState.CONFIRMED.value, "person": person, "said": "", "batch": 0}
        states = [state for state in MatchState if state is not MatchState.UPLOADED]
        if not self._change(list_type, number, states, values):
            raise NotMatched(f"没有 {list_type} {number}，或已上传；改对照先撤销（3302）")

    # -- with the platform -----------------------------------------------------------------------------------------

    def upload(self) -> tuple[int, int]:
        """Upload what is confirmed, so many rows a call as the region takes; how many went, how many were refused. A
        batch is numbered before it leaves: after a crash it goes on as the same batch, under the same key."""
        went = refused = 0
        while batch := self._batch():
            number, held = batch
            try:
                rows = [self._row(each.item) for each in held]
                self._runtime.call(UPLOAD, {"data": rows}, key=self._key(number))
            except CallRefused as failed:
                refused += len(held)
                self._end(number, MatchState.REFUSED, failed.message)
            else:
                went += len(held)
                self._end(number, MatchState.UPLOADED, "")
        return went, refused

    def _key(self, batch: int) -> str:
        return f"matching:{self._institution}:{batch}"

    def _batch(self) -> tuple[int, list[Matched]] | None:
        confirmed = and_(
            self._mine, matchings.c.state == MatchState.CONFIRMED.value, matchings.c.list_type.not_in(LOCAL)
        )
        deployment, region = self._runtime.deployment.features.row_limits, self._runtime.region.row_limits
        limit = deployment.get(UPLOAD) or region.get(UPLOAD) or ROW_LIMIT

        def number(tx: Tx) -> int | None:
            begun: int | None = tx.connection.scalar(
                select(func.min(matchings.c.batch)).where(confirmed, matchings.c.batch > 0)
            )
            if begun is not None:
                return begun
            rows = tx.execute(select(*_KEY).where(confirmed).order_by(*_KEY).limit(limit)).all()
            if not rows:
                return None
            last: int = (
                tx.connection.scalar(select(func.coalesce(func.max(matchings.c.batch), 0)).where(self._mine)) or 0
            )
            fresh = last + 1
            while self._runtime.journal.by_key(self._institution, self._key(fresh)) is not None:
                fresh += 1  # all of that batch was withdrawn since
            for row in rows:
                where = self._where(row.list_type, row.fixmedins_hilist_id)
                tx.execute(matchings.update().where(where).values(batch=fresh))
            return fresh

        found = self._beside.write(number)
        if found is None:
            return None
        query = select(matchings).where(confirmed, matchings.c.batch == found).order_by(*_KEY)
        return found, [_matched(row) for row in self._beside.read(lambda c: c.execute(query).all())]

    def _end(self, batch: int, state: MatchState, said: str) -> None:
        where = and_(self._mine, matchings.c.batch == batch, matchings.c.state == MatchState.CONFIRMED.value)
        values = {"state": state.value, "said": said[:500], "changed_at": self._runtime.clock.epoch()}
        self._beside.write(lambda tx: tx.execute(matchings.update().where(where).values(values)))

    def _row(self, item: Item) -> dict[str, Any]:
        told = {name: value for name, value in attrs.asdict(item).items() if value}
        return told | {"begndate": self._runtime.now().date(), "enddate": OPEN_END}

    def withdraw(self, list_type: str, number: str) -> None:
        """Withdraw an uploaded matching (3302), so that it can be made anew. What a call raises; NotMatched."""
        held = self.get(list_type, number)
        if held.state is not MatchState.UPLOADED:
            raise NotMatched(f"{list_type} {number} 没有上传过")
        message = {
            "fixmedins_code": self._institution, "fixmedins_hilist_id": number, "list_type": list_type,
            "med_list_codg": held.item.med_list_codg,
        }  # fmt: skip
        self._runtime.call(WITHDRAW, {"data": message}, key=f"unmatching:{self._runtime.new_id()}")
        self._change(list_type, number, [MatchState.UPLOADED], {"state": MatchState.PROPOSED.value, "batch": 0})

    # -- looked up -------------------------------------------------------------------------------------------------

    def get(self, list_type: str, number: str) -> Matched:
        """One item. NotMatched where it was never taken in."""
        query = select(matchings).where(self._where(list_type, number))
        row = self._beside.read(lambda c: c.execute(query).first())
        if row is None:
            raise NotMatched(f"没有导入过 {list_type} {number}")
        return _matched(row)

    def listed(
        self,
        *,
        states: Iterable[MatchState] = (),
        text: str = "",
        after: tuple[str, str] | None = None,
        most: int | None = None,
    ) -> list[Matched]:
        """The items, in order; those whose number is ``text`` or whose name holds it, behind the list_type and number
        ``after``, at most so many."""
        wanted = [state.value for state in states]
        query = select(matchings).where(self._mine).order_by(*_KEY).limit(most)
        query = query.where(matchings.c.state.in_(wanted)) if wanted else query
        if text:
            named = matchings.c.fixmedins_hilist_name.contains(text, autoescape=True)
            query = query.where(or_(matchings.c.fixmedins_hilist_id == text, named))
        if after is not None:
            kind, number = after
            same = and_(matchings.c.list_type == kind, matchings.c.fixmedins_hilist_id > number)
            query = query.where(or_(matchings.c.list_type > kind, same))
        return [_matched(row) for row in self._beside.read(lambda c: c.execute(query).all())]

    def states(self) -> dict[MatchState, int]:
        """How many items stand how."""
        query = select(matchings.c.state, func.count()).where(self._mine).group_by(matchings.c.state)
        found = {MatchState(state): count for state, count in self._beside.read(lambda c: c.execute(query).all())}
        return {state: found[state] for state in MatchState if state in found}

    def counted(self) -> dict[str, tuple[int, int]]:
        """应匹配数 and 完成匹配数 of each list_type."""
        return counted(self._runtime.journal, self._institution)

    def gaps(self, numbers: Iterable[str]) -> list[str]:
        """Those of the institution's item numbers that a settlement would be refused for: not uploaded."""
        there = {each.item.fixmedins_hilist_id for each in self.listed(states=[MatchState.UPLOADED])}
        return [number for number in dict.fromkeys(numbers) if number not in there]

    def against(self, rows: Iterable[tuple[str, str]]) -> list[str]:
        """What speaks against rows of a bill, the institution's number and the catalogue's code of each: of the items
        that were taken in, those that are not uploaded, or with another code."""
        wanted = dict.fromkeys(rows)
        names = sorted({number for number, _ in wanted})
        query = select(matchings).where(self._mine, matchings.c.list_type.not_in(LOCAL))
        query = query.where(matchings.c.fixmedins_hilist_id.in_(names))
        held = {row.fixmedins_hilist_id: row for row in self._beside.read(lambda c: c.execute(query).all())}
        found = []
        for number, code in wanted:
            row = held.get(number)
            if row is not None and row.state != MatchState.UPLOADED.value:
                found.append(f"{number} 的目录对照{MatchState(row.state).chinese}，平台可能不收")
            elif row is not None and row.med_list_codg != code:
                found.append(f"{number} 上传的对照是 {row.med_list_codg}，账单上是 {code}，平台可能不收")
        return found

    def _where(self, list_type: str, number: str) -> Any:
        return and_(
            self._mine, matchings.c.list_type == list_type, matchings.c.fixmedins_hilist_id == number
        )  # fmt: skip

    def _change(self, list_type: str, number: str, states: Iterable[MatchState], values: dict[str, Any]) -> bool:
        where = and_(self._where(list_type, number), matchings.c.state.in_([state.value for state in states]))
        told = values | {"changed_at": self._runtime.clock.epoch()}
        return self._beside.write(lambda tx: tx.execute(matchings.update().where(where).values(told)).rowcount == 1)


def counted(journal: JournalReading, institution: str) -> dict[str, tuple[int, int]]:
    """应匹配数 and 完成匹配数 of each list_type, for who only looks: what is uploaded is done, of diseases and
    operations what a person has confirmed. Nothing where no item was ever taken in."""
    mine = select(matchings.c.list_type, matchings.c.state, func.count()).where(matchings.c.institution == institution)
    query = mine.group_by(matchings.c.list_type, matchings.c.state)
    found: dict[str, tuple[int, int]] = {}
    for kind, state, count in journal.store.read(
        lambda c: c.execute(query).all() if inspect(c).has_table(matchings.name) else []
    ):
        due, done = found.get(kind, (0, 0))
        ends = MatchState.CONFIRMED if kind in LOCAL else MatchState.UPLOADED
        found[kind] = due + count, done + (count if state == ends.value else 0)
    return found


_KEY = (matchings.c.list_type, matchings.c.fixmedins_hilist_id)

_FRESH: dict[str, Any] = {"state": MatchState.OPEN.value, "score": 0.0, "batch": 0, "person": "", "said": ""}


def _matched(row: Row[Any]) -> Matched:
    item = Item(**{name: getattr(row, name) for name in attrs.fields_dict(Item)})
    return Matched(item=item, state=MatchState(row.state), score=row.score, person=row.person, said=row.said)


def _portions(items: Iterable[Item], size: int) -> Iterable[list[Item]]:
    held = iter(items)
    while portion := list(itertools.islice(held, size)):
        yield portion
