"""The journal that a deployment names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from ..journal import Journal, Vault
from ..journal.copying import Copies
from ..journal.engines import NoJournalYet, database_url
from ..journal.finding import JournalReading
from ..journal.heads import HeadsFile
from ..journal.reading import ReadJournal
from ..journal.vault import WrongKey
from .addresses import with_password
from .deployment import Deployment


def open_journal(deployment: Deployment, clock: Clock | None = None) -> Journal:
    """Open it, with the deployment's keys: all of it, whichever institutions share it. ConfigurationError where a key
    is missing or none; JournalUnavailable."""
    return _opened(deployment, _vault(deployment), clock)


def open_own_journal(deployment: Deployment, clock: Clock | None = None) -> Journal:
    """The same, as the deployment's institution sees it."""
    return open_journal(deployment, clock).of(deployment.institution.code)


def read_journal(deployment: Deployment) -> ReadJournal:
    """The journal, to be looked at, as the deployment's institution sees it: nothing is created or written.
    JournalUnavailable where there is none."""
    return read_whole_journal(deployment).of(deployment.institution.code)


def read_whole_journal(deployment: Deployment) -> ReadJournal:
    """The same, whichever institutions share it."""
    settings = deployment.journal
    return ReadJournal(
        journal_url(deployment), _vault(deployment), folder=deployment.folder, silent=settings.silent_seconds
    )


@contextlib.contextmanager
def journal_as_it_is(deployment: Deployment) -> Iterator[JournalReading]:
    """The whole journal, to be looked at; where there is none yet, an empty one that is gone afterwards."""
    with contextlib.ExitStack() as held:
        opened: JournalReading
        try:
            opened = held.enter_context(read_whole_journal(deployment))
        except NoJournalYet:
            opened = held.enter_context(contextlib.closing(Journal("sqlite://", _vault(deployment))))
        yield opened


def journal_disk(deployment: Deployment) -> Path:
    """A folder on the disk that has to take the next call: that of the journal's file; where the journal is a server's,
    the deployment's own."""
    url = database_url(deployment.journal.url)
    if url.get_backend_name() == "sqlite" and url.database:
        return (deployment.folder / url.database).resolve().parent
    return deployment.folder.resolve()


def heads_of(deployment: Deployment) -> HeadsFile | None:
    """Where the journal's head is written to; None where that is not set up."""
    return HeadsFile(deployment.folder / deployment.journal.heads) if deployment.journal.heads else None


def copies_of(deployment: Deployment) -> Copies:
    """What makes copies of the journal."""
    epoch = SystemClock().epoch
    return Copies(journal_url(deployment), deployment.folder, _vault(deployment), epoch, heads_of(deployment))


class Journals:
    """The journals of several deployments, each opened once: one store, one process's chain and one beat behind all
    that share it."""

    def __init__(self) -> None:
        self._opened: dict[str, tuple[Journal, Vault]] = {}

    def open(self, deployment: Deployment, clock: Clock | None = None) -> Journal:
        """The journal that a deployment names. WrongKey where it was opened under another key already."""
        place, vault = _place(deployment), _vault(deployment)
        if place not in self._opened:
            self._opened[place] = _opened(deployment, vault, clock), vault
        journal, before = self._opened[place]
        if vault.secrets[0].name != before.secrets[0].name:
            where = f"{deployment.source.name}: journal.key"
            raise WrongKey("另一个部署以另一把密钥用着同一个流水", path=where)
        return journal

    def close(self) -> None:
        for journal, _ in self._opened.values():
            journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def journal_url(deployment: Deployment) -> str:
    """Where the journal is, with the password that the deployment names. ConfigurationError where that is missing."""
    settings = deployment.journal
    if settings.password is None:
        return settings.url
    secret = deployment.secret("journal.password", settings.password)
    return with_password(settings.url, secret)


def _vault(deployment: Deployment) -> Vault:
    settings = deployment.journal
    try:
        old = [deployment.secret("journal.old_keys", reference) for reference in settings.old_keys]
        return Vault(deployment.secret("journal.key", settings.key), old=old, cipher=settings.cipher)
    except ValueError as wrong:
        raise ConfigurationError(str(wrong), path=f"{deployment.source.name}: journal.key") from None


def _opened(deployment: Deployment, vault: Vault, clock: Clock | None) -> Journal:
    settings, epoch = deployment.journal, None if clock is None else clock.epoch
    heads = heads_of(deployment)
    return Journal(
        journal_url(deployment), vault, folder=deployment.folder, epoch=epoch, silent=settings.silent_seconds,
        held=None if heads is None else heads.hold,
    )  # fmt: skip


def _place(deployment: Deployment) -> str:
    """Where a journal is, the same for the same one however deployments name it."""
    try:
        url = database_url(deployment.journal.url)
    except ConfigurationError:
        return deployment.journal.url
    if url.get_backend_name() == "sqlite" and url.database:
        return str((deployment.folder / url.database).resolve())
    return url._replace(drivername=url.get_backend_name(), password=None).render_as_string()
