"""The webhook: what happened is sent to the address that a deployment names, each thing at least once.

What is to be sent is a row beside the journal, in the same transaction that says how far the sequence was looked at. A
row is taken by moving the time when it is due, before it is sent: one process at a time, and a process that dies leaves
it to be due again. It goes when the other side has said 2xx. Nothing here touches a call.

The form is that of Standard Webhooks: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
)

from ..clock import CHINA
from ..config import Deployment
from ..config.webhook import WebhookSettings
from ..errors import ConfigurationError
from ..journal.beside import Beside
from ..journal.store import Tx
from ..privacy import logger
from ..runtime import Runtime
from ..wire.json import encode
from ..wire.tls import LineTls
from ..wire.transport import Exchange, HttpTransport
from .happenings import Happening, Topic
from .sequence import Sequence

log = logger("webhook")

FORM = 1

CONNECT_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 40.0, 3600.0
"""Before it is sent again: twice as long each time, up to the longest. The first one is longer than a sending takes."""

AT_ONCE = 50
"""So many in one round."""

ANSWER_BYTES = 64 * 1024
LEAST_BYTES = 24

metadata = MetaData()

told = Table(
    "webhook_told",
    metadata,
    # How far the sequence was looked at for an institution.
    Column("institution", String(30), primary_key=True),
    Column("sequence", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("institution", String(30), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("body", String(1000), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("said", String(60), nullable=False),
)
Index("webhook_due", deliveries.c.institution, deliveries.c.due_at)


def signature(secret: bytes, digest: str, number: str, timestamp: int, body: bytes) -> str:
    """The signature of a delivery as its header bears it: ``v1,`` and HMAC-SHA256, or ``v1sm3,`` and HMAC-SM3, in
    Base64, over ``number.timestamp.body``."""
    name, algorithm = {"sha256": ("v1", hashes.SHA256()), "sm3": ("v1sm3", hashes.SM3())}[digest]
    mac = HMAC(secret, algorithm)
    mac.update(f"{number}.{timestamp}.".encode() + body)
    return f"{name},{base64.b64encode(mac.finalize()).decode()}"


def secret_of(deployment: Deployment, settings: WebhookSettings) -> bytes:
    """The bytes that both sides sign with. ConfigurationError where they are missing or too few."""
    path = f"{deployment.source.name}: webhook.secret"
    given = deployment.secret("webhook.secret", settings.secret).removeprefix("whsec_")
    try:
        held = base64.b64decode(given, validate=True)
    except binascii.Error:
        held = b""
    if len(held) < LEAST_BYTES:
        raise ConfigurationError(
            f"webhook 的密钥应为至少 {LEAST_BYTES} 字节的随机数，Base64 书写", path=path,
            remedy="liangding key 生成一个，双方各存一份",
        )  # fmt: skip
    return held


def line_of(deployment: Deployment, settings: WebhookSettings) -> HttpTransport:
    """The line to the other side. ConfigurationError where its root certificate cannot be used."""
    tls = LineTls(ca=deployment.folder / settings.ca if settings.ca else None)
    try:
        if settings.ca:
            tls.context()
    except (OSError, ValueError) as wrong:
        raise ConfigurationError(
            f"根证书 {settings.ca} 不能用：{getattr(wrong, 'strerror', None) or wrong}",
            path=f"{deployment.source.name}: webhook.ca", remedy="写 PEM 文件的路径",
        ) from None  # fmt: skip
    return HttpTransport(
        connect_seconds=CONNECT_SECONDS, read_seconds=settings.seconds, answer_bytes=ANSWER_BYTES, tls=tls
    )


class Deliveries:
    """What is to be sent of one institution's."""

    def __init__(self, runtime: Runtime) -> None:
        self._beside = Beside(runtime.journal, "webhook", metadata, FORM)
        self._institution = runtime.deployment.institution.code
        self._epoch = runtime.clock.epoch
        self._mine = deliveries.c.institution == self._institution

    def enter(self, sequence: Sequence, kinds: list[Topic]) -> None:
        """What happened since the last look is to be sent. The first look begins with what happens from then on."""
        head = sequence.take_up()
        mine = told.c.institution == self._institution
        seen = self._beside.read(lambda connection: connection.execute(select(told).where(mine)).first())
        if seen is not None and (seen.sequence, seen.position) == (sequence.name, head):
            return
        start = head if seen is None else seen.position if seen.sequence == sequence.name else 0
        found: list[tuple[int, Happening]] = []
        while more := sequence.after(found[-1][0] if found else start, self._institution, kinds, upto=head):
            found += more
        if seen is not None and seen.sequence == sequence.name and not found:
            return  # others' business alone: looking over it once more costs less than a write of each deployment

        def work(tx: Tx) -> None:
            held = tx.execute(select(told).where(mine).with_for_update()).first()
            if held != seen:
                return  # another process has looked meanwhile
            tx.execute(delete(told).where(mine))
            tx.execute(told.insert(), {"institution": self._institution, "sequence": sequence.name, "position": head})
            for position, each in found:
                waits = select(deliveries.c.id).where(deliveries.c.id == each.id)
                if tx.execute(waits).first() is None:
                    tx.execute(deliveries.insert(), self._row(position, each))

        self._beside.write(work)

    def _row(self, position: int, each: Happening) -> dict[str, object]:
        now = self._epoch()
        return {
            "id": each.id, "institution": self._institution, "position": position, "made_at": now, "due_at": now,
            "body": encode(each.as_json()).decode(), "attempts": 0, "said": "",
        }  # fmt: skip

    def due(self) -> list[Row[tuple[object, ...]]]:
        """What may be sent now, in order; also what was put off before the clock went back."""
        now = self._epoch()
        time = or_(deliveries.c.due_at <= now, deliveries.c.due_at > now + LONGEST_PAUSE_SECONDS)
        query = select(deliveries).where(self._mine, time).order_by(deliveries.c.position).limit(AT_ONCE)
        return list(self._beside.read(lambda connection: connection.execute(query).all()))

    def take(self, row: Row[tuple[object, ...]]) -> bool:
        """Whether it is this process that sends it now: until it is due again nobody else does."""
        as_seen = and_(deliveries.c.id == row.id, deliveries.c.attempts == row.attempts)
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(row.attempts, 20), LONGEST_PAUSE_SECONDS)
        values = {"attempts": row.attempts + 1, "due_at": self._epoch() + pause}
        return self._beside.write(
            lambda tx: tx.execute(deliveries.update().where(as_seen).values(values)).rowcount == 1
        )

    def took(self, row: Row[tuple[object, ...]]) -> None:
        """The other side has it."""
        self._beside.write(lambda tx: tx.execute(delete(deliveries).where(deliveries.c.id == row.id)))

    def failed(self, row: Row[tuple[object, ...]], said: str) -> None:
        """The other side does not have it, as far as is known."""
        values = {"said": said[:60]}
        self._beside.write(lambda tx: tx.execute(deliveries.update().where(deliveries.c.id == row.id).values(values)))

    def waiting(self) -> int:
        """How many the other side does not have yet."""
        query = select(func.count()).select_from(deliveries).where(self._mine)
        return self._beside.read(lambda connection: connection.execute(query).scalar_one())


class Webhook:
    """The webhook of one deployment at work; ``sequence`` is its journal's, where others read it, too.
    ConfigurationError where its secret or its root is not usable."""

    def __init__(self, runtime: Runtime, settings: WebhookSettings, sequence: Sequence | None = None) -> None:
        self._settings, self._name, self._now = settings, runtime.deployment.name, runtime.now
        self._secret = secret_of(runtime.deployment, settings)
        self._line = line_of(runtime.deployment, settings)
        self._sequence = sequence or Sequence(runtime.journal, runtime.clock.epoch)
        self.deliveries = Deliveries(runtime)

    def round(self, closed: Callable[[], bool] = lambda: False) -> int:
        """Enter what happened, and send what is due; how many the other side took. Where it does not answer, the rest
        waits for the next round."""
        self.deliveries.enter(self._sequence, [Topic(each) for each in self._settings.events])
        took = 0
        for row in self.deliveries.due():
            if closed() or not self.deliveries.take(row):
                continue
            answer = self._sent(row)
            if answer.status is not None and 200 <= answer.status < 300:
                self.deliveries.took(row)
                took += 1
                continue
            said = answer.failure or f"HTTP {answer.status}"
            log.warning("%s: %s was not taken (%s), time %d", self._name, row.id, said, row.attempts + 1)
            self.deliveries.failed(row, said)
            if answer.status is None:
                break
        return took

    def _sent(self, row: Row[tuple[object, ...]]) -> Exchange:
        at, body = int(self._now().replace(tzinfo=CHINA).timestamp()), row.body.encode()
        headers = {
            "webhook-id": row.id, "webhook-timestamp": str(at), "connection": "close",
            "webhook-signature": signature(self._secret, self._settings.digest, row.id, at, body),
        }  # fmt: skip
        return self._line.post(self._settings.url, headers, body)


def untold(runtime: Runtime) -> int:
    """How many events a deployment's webhook has not brought yet."""
    return 0 if runtime.deployment.webhook is None else Deliveries(runtime).waiting()


def wrong_with(deployment: Deployment) -> ConfigurationError | None:
    """What keeps a deployment's webhook from being sent; None where nothing does, or it names none."""
    try:
        if deployment.webhook is not None:
            secret_of(deployment, deployment.webhook)
            line_of(deployment, deployment.webhook)
    except ConfigurationError as wrong:
        return wrong
    return None
