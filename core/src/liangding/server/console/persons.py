"""The accounts of persons, beside the journal: who they are, what they know, what they may do.

There is none by default: the first one is made at the command line (``liangding persons add``). An account that ends
stays, so that what it did has a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from ...config.console import ConsoleSettings
from ...errors import LiangdingError
from ...journal.beside import Beside
from ...journal.beside import reseal as resealed
from ...journal.finding import JournalReading
from ...journal.store import Tx
from . import confirming, passwords
from .confirming import Confirming, Waiting
from .guesses import Guesses
from .rights import Right, Scope, at_once, check_scope, rights_of, waits

FORM = 1

metadata = MetaData()

persons = Table(
    "console_persons",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("institution", String(30), nullable=False),  # whose console it is: several may share a journal
    Column("name", String(60), nullable=False),
    Column("display", String(60), nullable=False),
    Column("operator", String(30), nullable=False),  # the operator code that this person works as, or empty
    Column("password", String(200), nullable=False),  # Argon2id
    Column("fresh", Boolean, nullable=False),  # the password is not the person's own yet
    Column("second", LargeBinary, nullable=False),  # the second factor's secret, sealed
    Column("counter", BigInteger, nullable=False),  # the last code's step: none is taken twice
    Column("scope", String(4000), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failed", Integer, nullable=False),  # of earlier versions: attempts are counted in guesses.py
    Column("locked_until", Float, nullable=False),
    Column("changed_at", Float, nullable=False),  # the password, last
    UniqueConstraint("institution", "name", name="console_persons_name"),
)

sessions = Table(
    "console_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the cookie: the table opens no door
    Column("person", BigInteger, nullable=False),
    Column("began_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("confirmed_at", Float, nullable=False),
    Column("address", String(60), nullable=False),
    Column("agent", String(200), nullable=False),
)


FIRST_SECONDS = 7 * 86_400
"""How long a password holds that is not the person's own yet."""


class SignInRefused(LiangdingError):
    """The name, the password or the code is wrong, or the account has ended, or there were too many attempts under that
    name; ``locks``: this was the last one for a while."""

    code = "sign_in_refused"
    http_status = 401
    remedy = "核对大小写和手机上的时间；连续输错会锁定一段时间"

    def __init__(self, message: str, *, locks: bool = False) -> None:
        super().__init__(message)
        self.locks = locks


class NoSuchPerson(LiangdingError):
    """There is no account of that name."""

    code = "no_such_person"
    http_status = 404


class PersonThere(LiangdingError):
    """There is an account of that name already."""

    code = "person_exists"
    http_status = 409
    remedy = "换一个用户名；停用过的账户也占着它的名字"


@attrs.frozen(kw_only=True)
class Account:
    """One account. ``display`` is what others see of it, ``operator`` the code that it works as with the platform,
    ``fresh`` says that its password has to be changed first. ``stamp`` changes with its password, its roles, and its
    end."""

    id: int
    name: str
    display: str
    operator: str
    fresh: bool
    scope: Scope
    active: bool
    locked_until: float
    stamp: str = attrs.field(default="", repr=False)

    @property
    def principal(self) -> str:
        """Whom the journal says that it was."""
        return f"person:{self.name}"

    def may(self, right: Right, deployment: str) -> bool:
        """Whether the person may do that at a deployment."""
        return right in rights_of(self.scope, deployment)


class Persons:
    """The accounts of one institution's console, in its journal. ``epoch`` is the clock."""

    def __init__(self, journal: JournalReading, settings: ConsoleSettings, epoch: Callable[[], float]) -> None:
        self.beside = Beside(journal, "console", metadata, FORM)
        self._settings, self._epoch, self._institution = settings, epoch, journal.institution or ""
        self.guesses = Guesses(journal, settings, epoch)
        self.confirming = Confirming(journal, epoch)
        self._nobody = passwords.password_hash(passwords.new_password())

    def listed(self) -> list[Account]:
        """All accounts, by name."""
        query = select(persons).where(persons.c.institution == self._institution).order_by(persons.c.name)
        return [self._person(row) for row in self.beside.read(lambda c: c.execute(query).mappings().all())]

    def by_id(self, number: int) -> Account | None:
        row = self._row(persons.c.id == number)
        return None if row is None else self._person(row)

    def get(self, name: str) -> Account:
        """The account of that name. NoSuchPerson."""
        row = self._row(persons.c.name == name)
        if row is None:
            raise NoSuchPerson(f"没有用户 {name}")
        return self._person(row)

    def _person(self, row: Any) -> Account:
        names = ("id", "name", "display", "operator", "active")
        longest = self._settings.password_days * 86_400
        old = bool(longest) and self._epoch() - row["changed_at"] > longest
        return Account(
            **{name: row[name] for name in names}, scope=confirming.read(row["scope"]),
            fresh=row["fresh"] or old, stamp=_stamp(row),
            locked_until=self.guesses.locked_until(self.guesses.under(row["name"])),
        )  # fmt: skip

    def _row(self, where: Any) -> Any:
        mine = persons.c.institution == self._institution
        return self.beside.read(lambda c: c.execute(select(persons).where(mine, where)).mappings().first())

    # -- signing in --------------------------------------------------------------------------------------------------

    def signed_in(self, name: str, password: str, code: str, browser: str = "") -> Account:
        """Whoever knows all three. SignInRefused else, in the same words and after the same work whatever was wrong;
        too many in a row lock the name. ``browser`` is the cookie by which a browser is known (:mod:`.guesses`)."""
        row = self._row(persons.c.name == name) if is_name(name) else None
        known = bool(browser) and self.guesses.is_known(browser, 0 if row is None else row["id"])
        under = self.guesses.under(name, browser if known else "")
        guess = self.guesses.begin(under)
        if guess.minutes:
            raise SignInRefused(f"这个用户名试错太多，已锁定，{guess.minutes} 分钟后再试")
        right = passwords.is_password(password, self._nobody if row is None else row["password"])
        counter = None
        if row is not None and row["active"] and right:
            counter = passwords.counter_of(self._second(row), code, self._epoch())
        if row is None or counter is None or not self._took(row["id"], counter):
            raise SignInRefused("用户名、密码或动态码不正确", locks=guess.last)
        self.guesses.forget(under)
        if row["fresh"] and self._epoch() - row["changed_at"] > FIRST_SECONDS:
            raise SignInRefused("第一次的密码过期了，请管理员重置")
        return self._person(row)

    def _second(self, row: Any) -> bytes:
        return self.beside.vault.open(row["second"], _place(self._institution, row["name"]))

    def _took(self, number: int, counter: int) -> bool:
        """Take a code's step; False where it, or a later one, was taken."""
        where = (persons.c.id == number) & (persons.c.counter < counter)
        return bool(
            self.beside.write(lambda tx: tx.execute(persons.update().where(where).values(counter=counter)).rowcount)
        )

    def knows(self, person: Account, password: str, session: str = "") -> bool:
        """Whether that is the person's password: asked again before what counts. Wrong ones are counted under the
        ``session`` in which they were given. SignInRefused where there were too many in it: it is to end."""
        under = self.guesses.under(person.name, f"session:{session}")
        guess = self.guesses.begin(under)
        row = None if guess.minutes else self._row(persons.c.id == person.id)
        if row is not None and row["active"] and passwords.is_password(password, row["password"]):
            self.guesses.forget(under)
            return True
        if guess.minutes or guess.last:
            raise SignInRefused("密码输错太多次，这个会话结束了，请重新登录", locks=True)
        return False

    # -- making and changing -------------------------------------------------------------------------------------------

    def add(self, name: str, display: str, scope: Scope, *, operator: str = "", by: str = "") -> tuple[str, bytes]:
        """A new account; its first password and the secret of its second factor, told this once. ``by`` is the
        principal of the console who gives the roles: another person confirms them then. PersonThere; ValueError,
        RolesApart for roles that cannot be."""
        if not is_name(name) or "/" in name or not name.strip("."):  # it stands in addresses
            raise ValueError("用户名应为 1 到 60 个字符，不含空格和斜杠")
        display = display.strip() or name
        _check_told(display, 60, "姓名或称呼")
        _check_told(operator, 30, "经办人编号")
        check_scope(scope)
        password, second = passwords.new_password(), passwords.new_secret()
        row = {
            "institution": self._institution, "name": name, "display": display, "operator": operator,
            "active": True, "counter": 0, **self._entry(name, password, second),
            "scope": confirming.written(at_once(scope, {}) if by else scope),
        }  # fmt: skip

        def work(tx: Tx) -> None:
            if tx.connection.scalar(select(persons.c.id).where(self._named(name))) is not None:
                raise PersonThere(f"已有用户 {name}")
            named = (persons.c.institution == self._institution, persons.c.active)
            others = tx.connection.scalars(select(persons.c.display).where(*named))
            if display.casefold() in {other.casefold() for other in others}:
                raise PersonThere(f"已有人叫 {display}", remedy="写成分得开的称呼：谁提出、谁批准，看的是它")
            tx.execute(persons.insert(), row)
            if by and waits(scope, {}):
                number = tx.connection.scalar(select(persons.c.id).where(self._named(name)))
                self.confirming.put(tx, int(number or 0), scope, "新建", by)

        self.beside.write(work)
        return password, second

    def reset(self, name: str, *, by: str = "") -> tuple[str, bytes]:
        """A new first password and second factor, for who lost one; all sessions end. ``by`` is the principal of the
        console who knows the new ones: another person confirms whose they are before the account decides anything."""
        password, second = passwords.new_password(), passwords.new_secret()
        self._change(name, {"counter": 0, **self._entry(name, password, second)}, self._afresh(by))
        self.guesses.forget(self.guesses.under(name))
        return password, second

    def _entry(self, name: str, password: str, second: bytes) -> dict[str, Any]:
        return {
            "password": passwords.password_hash(password), "fresh": True, "failed": 0, "locked_until": 0.0,
            "second": self.beside.vault.seal(second, _place(self._institution, name)), "changed_at": self._epoch(),
        }  # fmt: skip

    def _afresh(self, by: str) -> Callable[[Tx, Any], None]:
        def work(tx: Tx, row: Any) -> None:
            before = confirming.of(tx.connection, row.id)
            scope = confirming.read(row.scope) if before is None else before.scope
            if by and waits(scope, {}):
                self._set_scope(tx, row.id, at_once(scope, {}))
                self.confirming.put(tx, row.id, scope, "重置密码和动态码", by)

        return work

    def give(self, name: str, scope: Scope, *, by: str = "") -> None:
        """Other roles; all sessions end. ``by`` is the principal of the console who gives them: what is more than
        before waits for another person then."""
        check_scope(scope)

        def work(tx: Tx, row: Any) -> None:
            held = confirming.read(row.scope)
            self._set_scope(tx, row.id, at_once(scope, held) if by else scope)
            if by and waits(scope, held):
                self.confirming.put(tx, row.id, scope, "改角色", by)
            else:
                confirming.drop(tx, row.id)

        self._change(name, {}, work)

    def waiting(self) -> list[tuple[Account, Waiting]]:
        """The accounts whose roles wait for another person."""
        found = self.confirming.all()
        return [(person, found[person.id]) for person in self.listed() if person.id in found] if found else []

    def confirm(self, name: str, number: str = "", *, by: str = "") -> Scope:
        """The roles that wait under that number take effect; all sessions of the account end. ``by`` is the principal
        who confirms them; without one, whatever waits does, at the command line. NotToConfirm, NoSuchPerson."""
        given: list[Scope] = []

        def work(tx: Tx, row: Any) -> None:
            held = confirming.of(tx.connection, row.id)
            number_now = number if by or held is None else held.number
            given.append(confirming.taken(tx, row.id, number_now, by, (f"person:{name}",)).scope)
            self._set_scope(tx, row.id, given[0])

        self._change(name, {}, work)
        return given[0]

    def give_back(self, name: str, number: str, *, by: str) -> Scope:
        """The roles that wait under that number are not given: the account stays as it is. NotToConfirm,
        NoSuchPerson."""
        person = self.get(name)
        return self.beside.write(lambda tx: confirming.taken(tx, person.id, number, by, (person.principal,)).scope)

    @staticmethod
    def _set_scope(tx: Tx, number: int, scope: Scope) -> None:
        tx.execute(persons.update().where(persons.c.id == number).values(scope=confirming.written(scope)))

    def link(self, name: str, operator: str) -> None:
        """Another operator code, or none."""
        _check_told(operator, 30, "经办人编号")
        self._change(name, {"operator": operator})

    def sign_out(self, name: str) -> None:
        """All sessions of a person end."""
        self._change(name, {"active": self.get(name).active})

    def set_active(self, name: str, active: bool) -> None:
        """End an account, or let it come in again; all sessions end."""
        self._change(name, {"active": active})
        self.guesses.forget(self.guesses.under(name))

    def set_password(self, person: Account, password: str) -> None:
        """The person's own password. WeakPassword. All sessions end."""
        passwords.check_password(password, person.name)
        held = passwords.password_hash(password)
        self._change(person.name, {"password": held, "fresh": False, "changed_at": self._epoch()})

    def _named(self, name: str) -> ColumnElement[bool]:
        return and_(persons.c.institution == self._institution, persons.c.name == name)

    def _change(
        self, name: str, changed: dict[str, Any], more: Callable[[Tx, Any], None] = lambda _tx, _row: None
    ) -> None:
        """Change an account, ``more`` with it in the same transaction; its sessions end. NoSuchPerson."""

        def work(tx: Tx) -> bool:
            row = tx.connection.execute(select(persons).where(self._named(name))).first()
            if row is None:
                return False
            more(tx, row)
            if changed:
                tx.execute(persons.update().where(self._named(name)).values(**changed))
            tx.execute(sessions.delete().where(sessions.c.person == row.id))
            return True

        if not self.beside.write(work):
            raise NoSuchPerson(f"没有用户 {name}")


def is_name(name: str) -> bool:
    """Whether an account may be called so."""
    return 0 < len(name) <= 60 and name.isprintable() and " " not in name


def _check_told(text: str, longest: int, what: str) -> None:
    if len(text) > longest or not text.isprintable():
        raise ValueError(f"{what}至多 {longest} 个字符，不含换行和控制字符")


def reseal(journal: JournalReading) -> int:
    """Seal the secrets of second factors anew under the journal's present key; how many were changed."""
    return resealed(journal, persons, lambda row: {"second": _place(row.institution, row.name)})


def _place(institution: str, name: str) -> str:
    """Where the sealed secret of an account stands."""
    return f"console:{institution}:{name}"


def _stamp(row: Any) -> str:
    """What changes with an account's password, roles and end."""
    return hashlib.sha256(f"{row['password']}\0{row['scope']}\0{row['active']}".encode()).hexdigest()


def stamp_of(tx: Tx, number: int) -> str:
    """The stamp of an account as it is now; empty where there is none."""
    row = tx.execute(select(persons).where(persons.c.id == number)).mappings().first()
    return "" if row is None else _stamp(row)
