"""Attempts to sign in: who guesses is locked out, and locks nobody else out.

Attempts are counted under the name that was tried, whether there is such an account or not, so that nobody learns from
the lock which there are. A browser in which its person has signed in before counts by itself: whoever knows a name can
lock out strange browsers under it, never the person's own. An attempt is counted before it is looked at: as many at
once as one likes are as many.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import attrs
from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table, insert, select
from sqlalchemy.sql.elements import ColumnElement

from ...config.console import ConsoleSettings
from ...journal.beside import Beside
from ...journal.finding import JournalReading
from ...journal.store import Tx

FORM = 1

KNOWN_SECONDS, FORGOTTEN_SECONDS = 180 * 86_400, 86_400
"""How long a browser is known as somebody's, and how long attempts are kept that nobody goes on with."""

metadata = MetaData()

guesses = Table(
    "console_guesses",
    metadata,
    Column("what", String(64), primary_key=True),  # a digest: what was typed as a name may be a password
    Column("failed", Integer, nullable=False),
    Column("locked_until", Float, nullable=False),
    Column("at", Float, nullable=False),
)

browsers = Table(
    "console_browsers",
    metadata,
    Column("digest", String(64), primary_key=True),  # of a cookie, which opens nothing
    Column("person", BigInteger, primary_key=True),
    Column("at", Float, nullable=False),
)


@attrs.frozen
class Guess:
    """One attempt: ``minutes`` that nobody may try now, and whether it is the ``last`` one before that."""

    minutes: int = 0
    last: bool = False


class Guesses:
    """The attempts at the doors of one console."""

    def __init__(self, journal: JournalReading, settings: ConsoleSettings, epoch: Callable[[], float]) -> None:
        self._beside = Beside(journal, "console_guesses", metadata, FORM)
        self._settings, self._epoch, self._institution = settings, epoch, journal.institution or ""

    def under(self, name: str, browser: str = "") -> str:
        """What attempts under a name are counted by: from any browser, or from one that is known as its person's."""
        return _digest(f"{self._institution}\0{name}\0{browser}")

    def begin(self, what: str) -> Guess:
        """Count one more attempt; it may be looked at where ``minutes`` is 0."""
        now, settings = self._epoch(), self._settings
        lock = settings.locked_minutes * 60

        def work(tx: Tx) -> Guess:
            tx.execute(guesses.delete().where(guesses.c.at < now - max(lock, FORGOTTEN_SECONDS)))
            row = tx.execute(select(guesses).where(_is(what))).first()
            if row is not None and 0 < row.locked_until - now <= lock:
                return Guess(minutes=int(row.locked_until - now) // 60 + 1)
            failed = 1 if row is None or row.locked_until or abs(now - row.at) > lock else row.failed + 1
            last = failed >= settings.attempts
            held = {"failed": failed, "locked_until": now + lock if last else 0.0, "at": now}
            if row is None:
                tx.execute(insert(guesses).values(what=what, **held))
            else:
                tx.execute(guesses.update().where(_is(what)).values(**held))
            return Guess(last=last)

        return self._beside.write(work)

    def forget(self, what: str) -> None:
        """It was no guess, or who gives rights lets them in again."""
        self._beside.write(lambda tx: tx.execute(guesses.delete().where(_is(what))))

    def locked_until(self, what: str) -> float:
        """Until when nobody may try; 0 where anybody may."""
        found = self._beside.read(lambda c: c.scalar(select(guesses.c.locked_until).where(_is(what))))
        return float(found or 0.0)

    # -- browsers --------------------------------------------------------------------------------------------------

    def is_known(self, browser: str, person: int) -> bool:
        """Whether a browser, by its cookie, is one in which the person has signed in before."""
        since = self._epoch() - KNOWN_SECONDS
        where = (browsers.c.digest == _digest(browser)) & (browsers.c.person == person) & (browsers.c.at > since)
        return self._beside.read(lambda c: c.execute(select(browsers.c.person).where(where)).first()) is not None

    def know(self, browser: str, person: int) -> str:
        """From now on a browser is the person's; its cookie, a new one where it has none."""
        token, now = browser or secrets.token_urlsafe(32), self._epoch()
        where = (browsers.c.digest == _digest(token)) & (browsers.c.person == person)

        def work(tx: Tx) -> None:
            tx.execute(browsers.delete().where((browsers.c.at < now - KNOWN_SECONDS) | where))
            tx.execute(insert(browsers).values(digest=_digest(token), person=person, at=now))

        self._beside.write(work)
        return token


def _is(what: str) -> ColumnElement[bool]:
    return guesses.c.what == what


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
