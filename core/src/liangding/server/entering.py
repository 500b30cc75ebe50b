"""Who may come in: keys, what each may do, and what is written down of those that may not.

The keys are those of the deployment's file as it is now: a key that is added, taken out or expires counts from the next
request on, without a restart. Attempts with a wrong key are answered ever more slowly, each address by itself; nobody
else waits for that.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import anyio
from anyio import to_thread
from starlette.requests import Request

from ..clock import in_china
from ..config.clients import ROLES, Client, ServerSettings, digest_of
from ..config.deployment import structured
from ..config.own_key import clients_of, own_key_file
from ..config.secrets import Secret
from ..config.sharing import files_of, read_toml
from ..errors import ConfigurationError, LiangdingError
from ..privacy import logger

log = logger("server")

Report = Callable[[str, dict[str, Any]], None]
"""What writes down that something happened: a kind of event and its detail."""

FIRST_SECONDS, LONGEST_SECONDS = 0.25, 8.0
"""How long an address waits for its answer after the first wrong key, and at most: doubled each time."""

FORGOTTEN_SECONDS = 600.0
ADDRESSES = 1000
"""So many addresses with wrong keys are known at a time."""

TOLD_AT = frozenset(10**n for n in range(7))
"""Of an address's attempts in a row these are written down: the first, the tenth, the hundredth."""


class Unauthorised(LiangdingError):
    """No API key, or none of those that this server knows."""

    code = "unauthorised"
    http_status = 401
    remedy = "请求头 Authorization: Bearer <密钥>，密钥见部署文件的 server.api_keys"


class NotAllowedHere(LiangdingError):
    """The key is good, but not for this."""

    code = "forbidden"
    http_status = 403
    remedy = "要这个权限的，在部署文件里给这个密钥加上：[[server.api_keys]] 的 roles、operators"


class Configured(Protocol):
    """A file with a ``[server]`` table: a deployment, a till."""

    @property
    def server(self) -> ServerSettings: ...
    @property
    def source(self) -> Path: ...
    def secret(self, key: str, reference: Secret) -> str: ...
    def clients(self) -> list[Client]: ...


ANYBODY = Client(name="", digest="", expires=None, roles=frozenset(ROLES), operators=())
"""Whoever asks where no keys are configured."""


class Keys:
    """The keys of one file, as it is now. ``report`` is told when they change."""

    def __init__(self, configured: Configured, report: Report) -> None:
        self._configured = configured
        self._report = report
        self._clients = configured.clients()
        self._settings = configured.server
        self._files = files_of(configured.source)
        self._needed = bool(self._clients)
        self._stamp = self._stamped()

    @property
    def needed(self) -> bool:
        """Whether a key is needed at all. Where one was at the start, one is from then on."""
        return self._needed

    def of(self, key: str, today: date) -> Client | None:
        """The client whose key it is, if it holds today."""
        self._look_again()
        digest = digest_of(key)
        found = [client for client in self._clients if client.is_mine(digest)]
        return next((client for client in found if not client.has_expired(today)), None)

    def may(self, name: str, role: str, today: date) -> bool:
        """Whether a key of that name is there, holds today, and may do that."""
        self._look_again()
        named = [client for client in self._clients if client.name == name]
        return any(role in client.roles and not client.has_expired(today) for client in named)

    def _look_again(self) -> None:
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            server = read_toml(self._configured.source).get("server", {})
            settings = structured(server, ServerSettings, self._configured.source)
            clients = clients_of(settings, self._configured.secret, self._configured.source.parent)
        except ConfigurationError as wrong:
            log.error("the keys stay as they were: %s", wrong)
            return
        before, after = (
            {(c.name, c.digest, c.expires, c.roles, c.operators, c.institutions) for c in them}
            for them in (self._clients, clients)
        )
        self._settings, self._clients, self._files = settings, clients, files_of(self._configured.source)
        if before != after:
            gone, come = sorted({each[0] for each in before - after}), sorted({each[0] for each in after - before})
            log.info("the API's keys have changed: gone %s, new %s", gone, come)
            self._report("api_keys", {"gone": gone, "new": come})

    def _stamped(self) -> tuple[Any, ...]:
        folder = self._configured.source.parent
        secrets = (each.key.file for each in self._settings.api_keys if each.key is not None and each.key.file)
        return tuple(
            _stamp(path) for path in (*self._files, own_key_file(folder), *(folder / name for name in secrets))
        )


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


class Attempts:
    """Wrong keys, by the address that they came from."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def fail(self, address: str) -> int:
        """One more of this address; how many there were in a row."""
        count, at = self._failed.pop(address, (0, 0.0))
        count = 1 if self._now() - at > FORGOTTEN_SECONDS else count + 1
        self._failed[address] = count, self._now()
        if len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)
        return count

    def forget(self, address: str) -> None:
        self._failed.pop(address, None)


def seconds(count: int) -> float:
    """How long an address waits after so many wrong keys in a row."""
    return min(FIRST_SECONDS * 2.0 ** min(count - 1, 20), LONGEST_SECONDS)


class Entrance:
    """Lets requests in, to the business of ``institution`` where that is one's. ``wait`` is how the answer to a wrong
    key is held back, ``epoch`` the clock."""

    def __init__(
        self,
        configured: Configured,
        report: Report,
        *,
        institution: str = "",
        epoch: Callable[[], float] = time.time,
        wait: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._tell = report
        self._institution = institution
        self._keys = Keys(configured, self._report)
        self._attempts = Attempts()
        self._epoch = epoch
        self._wait = wait
        self._entered: dict[str, date] = {}

    @property
    def needs_key(self) -> bool:
        """Whether nobody comes in without a key."""
        return self._keys.needed

    def may(self, name: str, role: str) -> bool:
        """Whether a key of that name is there by now, and may do that."""
        return self._keys.may(name, role, self._today())

    async def known(self, request: Request) -> Client | None:
        """Whose request it is; None where its key is wrong, not given or for other institutions. Nothing comes of that
        here."""
        client = await self._client(request)
        return client if client is not None and client.sees(self._institution) else None

    async def _client(self, request: Request) -> Client | None:
        if not self._keys.needed:
            return ANYBODY
        given = _key_of(request)
        return await to_thread.run_sync(self._keys.of, given, self._today()) if given else None

    async def enter(self, request: Request, role: str | None) -> Client:
        """Whose request it is. Unauthorised without a good key, NotAllowedHere where it may not do ``role``."""
        client = await self._client(request)
        if client is None:
            await self.refuse(request)
            raise Unauthorised("密钥不正确、已过期，或没有给出")
        if client is ANYBODY:
            return client
        self._attempts.forget(_address_of(request))
        await self._note(client, self._today())
        if not client.sees(self._institution):
            await self._deny(request, client, "institution")
            raise NotAllowedHere(
                f"密钥 {client.name} 不能看机构 {self._institution} 的业务",
                remedy="要看的，在部署文件里写进这个密钥的 institutions",
            )
        if role is not None and role not in client.roles:
            await self._deny(request, client, role)
            raise NotAllowedHere(f"密钥 {client.name} 没有 {role} 权限")
        return client

    async def _deny(self, request: Request, client: Client, role: str) -> None:
        asked = f"{request.method} {request.url.path}"
        await to_thread.run_sync(self._report, "denied", {"client": client.name, "asked": asked, "role": role})

    async def refuse(self, request: Request) -> None:
        """A wrong key: the answer waits, the longer the more of them came from there."""
        if not _key_of(request):
            return
        address = _address_of(request)
        count = self._attempts.fail(address)
        if count in TOLD_AT:
            log.warning("a wrong key from %s, %d in a row", address, count)
            await to_thread.run_sync(self._report, "attempts", {"address": address, "count": count})
        await self._wait(seconds(count))

    def _today(self) -> date:
        return in_china(self._epoch()).date()

    async def _note(self, client: Client, today: date) -> None:
        """Write down that a key was used: once a day, what it did is written down by itself."""
        if self._entered.get(client.digest) != today:
            self._entered[client.digest] = today
            await to_thread.run_sync(self._report, "entered", {"client": client.name})

    def _report(self, kind: str, detail: dict[str, Any]) -> None:
        with contextlib.suppress(LiangdingError):
            self._tell(kind, detail)


def _key_of(request: Request) -> str:
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    return given or request.headers.get("x-api-key", "")


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def named_operator(client: Client, given: Any, default: str | None = None) -> str | None:
    """The operator that a request works as. NotAllowedHere where its key may not name that one."""
    operator = given if given is not None else default
    if not client.operators:
        return operator
    if operator is None:
        return client.operators[0]
    if operator not in client.operators:
        raise NotAllowedHere(f"密钥 {client.name} 不能以经办人 {operator} 办理", path="operator")
    return str(operator)
