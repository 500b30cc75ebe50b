"""The accounts of persons, beside the journal: who they are, what they know, what they may do.

There is none by default: the first one is made at the command line (``liangding persons add``). An account that ends
stays, so that what it did has a name.
"""

from __future__ import annotations

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
from ...wire.json import decode, encode
from . import passwords
from .rights import PersonRole, Right, Scope, check_scope, rights_of

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
    Column("failed", Integer, nullable=False),
    Column("locked_until", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
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


class SignInRefused(LiangdingError):
    """The name, the password or the code is wrong, or the account is locked or has ended."""

    code = "sign_in_refused"
    http_status = 401
    remedy = "核对大小写和手机上的时间；连续输错会锁定一段时间"


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
    ``fresh`` says that its password has to be changed first."""

    id: int
    name: str
    display: str
    operator: str
    fresh: bool
    scope: Scope
    active: bool
    locked_until: float

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
        self._nobody = passwords.password_hash(passwords.new_password())

    def listed(self) -> list[Account]:
        """All accounts, by name."""
        query = select(persons).where(persons.c.institution == self._institution).order_by(persons.c.name)
        return [_person(row) for row in self.beside.read(lambda c: c.execute(query).mappings().all())]

    def by_id(self, number: int) -> Account | None:
        row = self._row(persons.c.id == number)
        return None if row is None else _person(row)

    def get(self, name: str) -> Account:
        """The account of that name. NoSuchPerson."""
        row = self._row(persons.c.name == name)
        if row is None:
            raise NoSuchPerson(f"没有用户 {name}")
        return _person(row)

    def _row(self, where: Any) -> Any:
        mine = persons.c.institution == self._institution
        return self.beside.read(lambda c: c.execute(select(persons).where(mine, where)).mappings().first())

    # -- signing in --------------------------------------------------------------------------------------------------

    def signed_in(self, name: str, password: str, code: str) -> Account:
        """Whoever knows all three. SignInRefused else, in the same words and after the same work whatever was wrong;
        too many in a row lock the account."""
        row = self._row(persons.c.name == name)
        right = passwords.is_password(password, self._nobody if row is None else row["password"])
        if row is None or not row["active"]:
            raise _refused()
        now = self._epoch()
        if row["locked_until"] > now:
            raise _refused(int(row["locked_until"] - now) // 60 + 1 if right else 0)
        counter = passwords.counter_of(self._second(row), code, now) if right else None
        if counter is None or not self._took(row["id"], counter):
            self._failed(row["id"])
            raise _refused()
        return _person(row)

    def _second(self, row: Any) -> bytes:
        return self.beside.vault.open(row["second"], _place(self._institution, row["name"]))

    def _took(self, number: int, counter: int) -> bool:
        """Take a code's step; False where it, or a later one, was taken."""
        where = (persons.c.id == number) & (persons.c.counter < counter)
        fresh = {"counter": counter, "failed": 0, "locked_until": 0.0}
        return bool(self.beside.write(lambda tx: tx.execute(persons.update().where(where).values(**fresh)).rowcount))

    def _failed(self, number: int) -> None:
        settings, now = self._settings, self._epoch()

        def work(tx: Tx) -> None:
            count = tx.connection.scalar(select(persons.c.failed).where(persons.c.id == number)) or 0
            locked = count + 1 >= settings.attempts
            more = (
                {"failed": 0, "locked_until": now + settings.locked_minutes * 60} if locked else {"failed": count + 1}
            )
            tx.execute(persons.update().where(persons.c.id == number).values(**more))

        self.beside.write(work)

    def knows(self, person: Account, password: str) -> bool:
        """Whether that is the person's password: asked again before what counts. Wrong ones count towards the lock."""
        row = self._row(persons.c.id == person.id)
        right = row is not None and row["active"] and row["locked_until"] <= self._epoch()
        if right and passwords.is_password(password, row["password"]):
            return True
        self._failed(person.id)
        return False

    # -- making and changing -------------------------------------------------------------------------------------------

    def add(self, name: str, display: str, scope: Scope, *, operator: str = "") -> tuple[str, bytes]:
        """A new account; its first password and the secret of its second factor, told this once. PersonThere;
        ValueError, RolesApart for roles that cannot be."""
        if not (0 < len(name) <= 60 and name.isprintable() and " " not in name):
            raise ValueError("用户名应为 1 到 60 个字符，不含空格")
        check_scope(scope)
        password, second = passwords.new_password(), passwords.new_secret()
        row = {
            "institution": self._institution, "name": name, "display": display or name, "operator": operator,
            "active": True, "counter": 0, "scope": _written(scope), **self._entry(name, password, second),
        }  # fmt: skip

        def work(tx: Tx) -> None:
            if tx.connection.scalar(select(persons.c.id).where(self._named(name))) is not None:
                raise PersonThere(f"已有用户 {name}")
            tx.execute(persons.insert(), row)

        self.beside.write(work)
        return password, second

    def reset(self, name: str) -> tuple[str, bytes]:
        """A new first password and second factor, for who lost one; all sessions end."""
        password, second = passwords.new_password(), passwords.new_secret()
        self._change(name, {"counter": 0, **self._entry(name, password, second)})
        return password, second

    def _entry(self, name: str, password: str, second: bytes) -> dict[str, Any]:
        return {
            "password": passwords.password_hash(password), "fresh": True, "failed": 0, "locked_until": 0.0,
            "second": self.beside.vault.seal(second, _place(self._institution, name)), "changed_at": self._epoch(),
        }  # fmt: skip

    def give(self, name: str, scope: Scope) -> None:
        """Other roles; all sessions end."""
        check_scope(scope)
        self._change(name, {"scope": _written(scope), "changed_at": self._epoch()})

    def set_active(self, name: str, active: bool) -> None:
        """End an account, or let it come in again; all sessions end."""
        self._change(name, {"active": active, "failed": 0, "locked_until": 0.0, "changed_at": self._epoch()})

    def set_password(self, person: Account, password: str) -> None:
        """The person's own password. WeakPassword. All sessions end."""
        passwords.check_password(password, person.name)
        held = passwords.password_hash(password)
        self._change(person.name, {"password": held, "fresh": False, "changed_at": self._epoch()})

    def _named(self, name: str) -> ColumnElement[bool]:
        return and_(persons.c.institution == self._institution, persons.c.name == name)

    def _change(self, name: str, changed: dict[str, Any]) -> None:
        def work(tx: Tx) -> bool:
            number = tx.connection.scalar(select(persons.c.id).where(self._named(name)))
            tx.execute(persons.update().where(self._named(name)).values(**changed))
            tx.execute(sessions.delete().where(sessions.c.person == (number or 0)))
            return number is not None

        if not self.beside.write(work):
            raise NoSuchPerson(f"没有用户 {name}")


def _refused(minutes: int = 0) -> SignInRefused:
    locked = f"这个账户已锁定，{minutes} 分钟后再试" if minutes else ""
    return SignInRefused(locked or "用户名、密码或动态码不正确")


def reseal(journal: JournalReading) -> int:
    """Seal the secrets of second factors anew under the journal's present key; how many were changed."""
    return resealed(journal, persons, lambda row: {"second": _place(row.institution, row.name)})


def _place(institution: str, name: str) -> str:
    """Where the sealed secret of an account stands."""
    return f"console:{institution}:{name}"


def _written(scope: Scope) -> str:
    return encode({place: [role.value for role in roles] for place, roles in scope.items() if roles}).decode()


def _person(row: Any) -> Account:
    scope = {place: tuple(map(PersonRole, roles)) for place, roles in decode(row["scope"].encode()).items()}
    names = ("id", "name", "display", "operator", "fresh", "active", "locked_until")
    return Account(**{name: row[name] for name in names}, scope=scope)
