"""The online services of a deployment: what goes to which, where, and by which secured line."""

from __future__ import annotations

from ..config import Deployment, SecuredService
from ..errors import ConfigurationError
from ..spec import Transaction
from ..wire.secured import SecuredEnvelope
from .interfaces import Interfaces


class Services:
    """Prescription centres, payment centres: whatever is spoken to in the secured envelope."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._lines: dict[str, SecuredEnvelope] = {}

    def names(self) -> list[str]:
        return list(self._deployment.services)

    def of(self, transaction: Transaction) -> str | None:
        """The service that a transaction goes to; None for one that goes to the platform. What ``carries`` says goes
        before the declaration, the longest beginning first."""
        services = self._deployment.services
        begins = [(len(b), name) for name, s in services.items() for b in s.carries if transaction.infno.startswith(b)]
        if begins:
            return max(begins)[1]
        return next((name for name in (transaction.channel, transaction.chapter) if name in services), None)

    def named(self, name: str) -> SecuredService:
        return self._deployment.services[name]

    def address(self, name: str, transaction: Transaction) -> str:
        """Where a transaction is posted. ConfigurationError where its path is not public and not given."""
        service = self.named(name)
        base = service.url.rstrip("/")
        given = service.paths.get(transaction.infno)
        if given is not None:
            return f"{base}/{given.lstrip('/')}"
        if service.address == "single":
            return base
        if service.address == "infno":
            return f"{base}/{transaction.infno}"
        if transaction.path is None:
            where = f"services.{name}.paths"
            text = f"交易 {transaction.infno} {transaction.name}没有公开的路径"
            raise ConfigurationError(text, path=where, remedy=f'向中心问清，写 "{transaction.infno}" = "/…"')
        return f"{base}{transaction.path}"

    def callbacks(self, name: str, interfaces: Interfaces) -> dict[str, str]:
        """Path → transaction, of what a service tells by itself."""
        listener = self.named(name).listener
        given = listener.paths if listener else {}
        found: dict[str, str] = {}
        for infno in interfaces.numbers():
            transaction = interfaces[infno]
            if transaction.incoming and self.of(transaction) == name:
                path = given.get(infno) or transaction.path
                if path:
                    found[path] = infno
        return found

    def without_path(self, name: str, interfaces: Interfaces) -> list[str]:
        """The transactions of a service whose path is neither public nor given: they cannot be sent yet."""
        found = []
        for infno in interfaces.numbers():
            transaction = interfaces[infno]
            if self.of(transaction) == name and not transaction.incoming:
                try:
                    self.address(name, transaction)
                except ConfigurationError:
                    found.append(infno)
        return found

    def line(self, name: str) -> SecuredEnvelope:
        """The secured line to a service. ConfigurationError where one of its keys is none."""
        if name not in self._lines:
            self._lines[name] = self._deployment.secured(name)
        return self._lines[name]
