"""Sessions: on the server, known by the digest of a cookie; new at each sign-in, ended by time, by their person, or by
whoever gives rights."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

import attrs
from sqlalchemy import select

from ...config.console import ConsoleSettings
from ...journal.store import Tx
from .persons import Account, Persons, SignInRefused, sessions, stamp_of

COOKIE = "__Host-liangding"
"""A browser takes a cookie of such a name from this host alone, over a secure line, for every path."""

BROWSER = "__Host-liangding-browser"
"""The cookie by which a browser is known in which somebody signed in before; it opens nothing."""

LONGEST_SECONDS = 24 * 3600.0
"""No session is longer, whatever a console's settings: what is older is nobody's."""

TOUCHED_SECONDS = 20.0
"""How often it is written down that a session is in use."""


@attrs.frozen(kw_only=True)
class SignedIn:
    """One person, signed in. ``form`` is what forms carry, so that no other page can send them."""

    digest: str
    person: Account
    began_at: float
    seen_at: float
    confirmed_at: float
    address: str
    agent: str
    form: str = attrs.field(default="", repr=False)


_HELD = ("digest", "began_at", "seen_at", "confirmed_at", "address", "agent")


class Sessions:
    """The sessions of the persons of one journal."""

    def __init__(self, known: Persons, settings: ConsoleSettings, epoch: Callable[[], float]) -> None:
        self._known, self._settings, self._epoch = known, settings, epoch

    def begin(self, person: Account, address: str, agent: str) -> str:
        """A new session; its cookie. SignInRefused where the account has changed since the person was looked at: what
        came in by the password of before does not stay."""
        token, now = secrets.token_urlsafe(32), self._epoch()
        row = {
            "digest": _digest(token), "person": person.id, "began_at": now, "seen_at": now, "confirmed_at": now,
            "address": address[:60], "agent": agent[:200],
        }  # fmt: skip

        def work(tx: Tx) -> None:
            if stamp_of(tx, person.id) != person.stamp:
                raise SignInRefused("账户刚刚有变动，请重新登录")
            tx.execute(sessions.delete().where(sessions.c.began_at < now - LONGEST_SECONDS))
            tx.execute(sessions.insert(), row)

        self._known.beside.write(work)
        return token

    def of(self, token: str, *, touches: bool = True) -> SignedIn | None:
        """The session of a cookie, if it holds. ``touches``: it is in use now, which puts off its end."""
        row = self._known.beside.read(
            lambda c: c.execute(select(sessions).where(sessions.c.digest == _digest(token))).mappings().first()
        )
        if row is None or not self._holds(row["began_at"], row["seen_at"]):
            return None
        person = self._known.by_id(row["person"])
        if person is None or not person.active:
            return None
        now = self._epoch()
        if touches and abs(now - row["seen_at"]) > TOUCHED_SECONDS:
            self._set(row["digest"], seen_at=now)
        held = {name: row[name] for name in _HELD} | {"seen_at": now}
        return SignedIn(**held, person=person, form=_form(token))

    def _holds(self, began: float, seen: float) -> bool:
        """A clock that went back ends a session, too."""
        now = self._epoch()
        idle, whole = self._settings.idle_minutes * 60, self._settings.longest_hours * 3600
        return abs(now - seen) <= idle and abs(now - began) <= whole

    def is_confirmed(self, session: SignedIn) -> bool:
        """Whether the password was given lately."""
        return 0 <= self._epoch() - session.confirmed_at <= self._settings.confirmed_minutes * 60

    def confirm(self, session: SignedIn) -> None:
        self._set(session.digest, confirmed_at=self._epoch())

    def of_person(self, person: Account) -> list[SignedIn]:
        """The sessions of a person that hold, the latest first."""
        query = select(sessions).where(sessions.c.person == person.id).order_by(sessions.c.began_at.desc())
        rows = self._known.beside.read(lambda c: c.execute(query).mappings().all())
        return [
            SignedIn(**{name: row[name] for name in _HELD}, person=person)
            for row in rows
            if self._holds(row["began_at"], row["seen_at"])
        ]

    def end(self, digest: str, person: Account) -> None:
        """End one session of a person."""
        where = (sessions.c.digest == digest) & (sessions.c.person == person.id)
        self._known.beside.write(lambda tx: tx.execute(sessions.delete().where(where)))

    def close(self, token: str) -> None:
        """End the session of a cookie, whosever it is."""
        where = sessions.c.digest == _digest(token)
        self._known.beside.write(lambda tx: tx.execute(sessions.delete().where(where)))

    def end_others(self, session: SignedIn) -> None:
        """End all sessions of a person but this one."""
        where = (sessions.c.person == session.person.id) & (sessions.c.digest != session.digest)
        self._known.beside.write(lambda tx: tx.execute(sessions.delete().where(where)))

    def _set(self, digest: str, **values: float) -> None:
        self._known.beside.write(
            lambda tx: tx.execute(sessions.update().where(sessions.c.digest == digest).values(**values))
        )


def is_form(session: SignedIn, given: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(session.form.encode(), given.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _form(token: str) -> str:
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()
