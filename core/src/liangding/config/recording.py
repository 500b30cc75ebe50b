"""The journal that a deployment names."""

from __future__ import annotations

from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from ..journal import Journal, Vault
from .deployment import Deployment


def open_journal(deployment: Deployment, clock: Clock | None = None) -> Journal:
    """Open it, with the deployment's keys. ConfigurationError where a key is missing or none; JournalUnavailable."""
    settings = deployment.journal
    try:
        old = [deployment.secret("journal.old_keys", reference) for reference in settings.old_keys]
        vault = Vault(deployment.secret("journal.key", settings.key), old=old, cipher=settings.cipher)
    except ValueError as wrong:
        raise ConfigurationError(str(wrong), path=f"{deployment.source.name}: journal.key") from None
    epoch = (clock or SystemClock()).epoch
    return Journal(settings.url, vault, folder=deployment.folder, epoch=epoch, silent=settings.silent_seconds)
