"""An online service of the platform's side (电子处方中心, 移动支付中心): it opens what came sealed, holds it to its
signature and its time, has it done, and answers sealed, under a key of its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import attrs

from ..config import SecuredService
from ..contract.simulation import Refuse
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..wire.gm import Sm2, private_key, sm3
from ..wire.json import encode
from ..wire.secured import NotAuthentic, SecuredEnvelope, time_of
from .platform import SimulatedPlatform

REFUSES, BAD_SEAL = "500100", "360053"
"""The ``code`` of a refusal, and of a message that cannot be believed."""


class SealFault(StrEnum):
    """What goes wrong with one sealed answer, or notification."""

    FORGED = "forged"
    """Signed by somebody else."""
    TAMPERED = "tampered"
    """A byte of the ciphertext is another one."""
    STALE = "stale"
    """Its time is an hour ago."""
    BARE = "bare"
    """Neither signed nor sealed: as a gateway in between would answer."""


def centre_key(app_secret: str) -> bytes:
    """The private key of the centre that is played for this application: the same whenever it is played."""
    return private_key((sm3(b"simulated centre|" + app_secret.encode())[:31].rjust(32, b"\x01")).hex())


class Centre:
    """One service. ``paths`` says which transaction is posted where; ``captured`` is what the line saw: the bytes that
    came and those that went back; ``carried`` says of each which transaction it was."""

    def __init__(
        self,
        name: str,
        settings: SecuredService,
        ours: SecuredEnvelope,
        paths: Mapping[str, str],
        platform: SimulatedPlatform,
    ) -> None:
        self.name = name
        self.paths = dict(paths)
        self.platform = platform
        self.captured: list[tuple[bytes, bytes]] = []
        self.carried: list[str] = []
        self.faults: list[SealFault] = []
        self._settings = settings
        self._secured = ours
        self._seen: set[str] = set()

    def answer(self, path: str, body: bytes, epoch: float | None = None) -> tuple[bytes, bool]:
        """The sealed answer to a sealed message, and whether it says yes."""
        epoch = self.platform.clock.epoch() if epoch is None else epoch
        try:
            data = self._opened(body, epoch)
            done = self.platform.serve(self.paths[path], data, epoch)
        except Refuse as refused:
            answer, good = _refusal(REFUSES, str(refused)), False
        except NotAuthentic as wrong:
            answer, good = _refusal(BAD_SEAL, wrong.message), False
        else:
            answer, good = self.sealed(done.get("data") if isinstance(done, dict) else done, epoch), True
        self.captured.append((body, answer))
        self.carried.append(self.paths[path])
        return answer, good

    def sealed(self, data: Any, epoch: float, *, answers: bool = True) -> bytes:
        """``data`` under the centre's seal, an answer's or a notification's, with the next of the faults in it."""
        fault = self.faults.pop(0) if self.faults else None
        beside = {"code": "0", "message": "成功", "success": True, "type": "success"} if answers else {}
        if fault is SealFault.BARE:
            return encode({**beside, "data": data})
        secured = self._secured
        if fault is SealFault.FORGED:
            secured = secured.signed_by(Sm2(private=centre_key("somebody else")))
        sealed = secured.seal(data, epoch=epoch - 3600 if fault is SealFault.STALE else epoch, beside=beside)
        return _tampered(sealed) if fault is SealFault.TAMPERED else sealed

    def _opened(self, body: bytes, epoch: float) -> Any:
        opened = self._secured.open(body)
        if not opened.signed:
            raise NotAuthentic("报文没有签名")
        at = time_of(str(opened.body.get("timestamp") or ""))
        if at is None or abs(at - epoch) > (self._settings.fresh_seconds or 300):
            raise NotAuthentic("时间戳不在允许的范围内")
        signature = str(opened.body["signData"])
        if signature in self._seen:
            raise NotAuthentic("重复的报文")
        self._seen.add(signature)
        return opened.data


def _refusal(code: str, message: str) -> bytes:
    """As centres refuse: neither sealed nor signed."""
    return encode({"code": code, "message": message, "success": False, "type": "error"})


def _tampered(sealed: bytes) -> bytes:
    found = re.search(rb'"encData"\s*:\s*"([^"]{8,})"', sealed)
    assert found is not None
    at = found.start(1) + 4
    return sealed[:at] + (b"A" if sealed[at : at + 1] != b"A" else b"B") + sealed[at + 1 :]


def centre_for(name: str, known: Knowledge, platform: SimulatedPlatform) -> Centre:
    """The centre that a deployment's service is: it verifies by the institution's public key, and signs by its own.
    What it plays is what the deployment sends there."""
    settings = known.services.named(name)
    line = known.services.line(name)
    secret = known.deployment.secret(f"services.{name}.app_secret", settings.app_secret)
    user_id = settings.variant.user_id.encode()
    ours = SecuredEnvelope(
        settings.app_id, secret, ours=Sm2(private=centre_key(secret), user_id=user_id),
        theirs=Sm2(public=line.ours.public, user_id=user_id), variant=attrs.evolve(settings.variant),
    )  # fmt: skip
    return Centre(name, settings, ours, dict(_paths(name, known)), platform)


@functools.lru_cache(16)
def _paths(name: str, known: Knowledge) -> Mapping[str, str]:
    """Which transaction is posted where."""
    paths: dict[str, str] = {}
    for transaction in (known.interfaces[infno] for infno in known.interfaces.numbers()):
        if known.services.of(transaction) != name or transaction.incoming:
            continue
        try:
            paths[urlsplit(known.services.address(name, transaction)).path] = transaction.infno
        except ConfigurationError:
            continue  # its path is not public, and not given: it is not sent
    return paths
