"""A platform that outlives its process: what reaches it is kept in a file, and lived through again at its start."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable
from typing import Any

from ..privacy import logger
from ..wire.gateways import Gateway
from ..wire.json import decode, encode
from .centres import Centre
from .faults import Faults
from .ledger_file import ANEW, Came, LedgerFile, Lived
from .line import PLAIN, Arrived, Door, Reaction
from .people import Person
from .platform import SimulatedPlatform

log = logger("simulator")

STANDS = "模拟平台的账本写不进去，没有再办任何业务：看磁盘，再重新启动它"


class LastingDoor(Door):
    """A door whose platform is, after a start, what it was when its process ended, however that was: who was told of a
    settlement finds it there.

    It lives through everything that is kept, and each time the same has to come of it. What is not the platform's is
    not kept: faults, and requests that are still on their way. ConfigurationError where something else comes of it.
    """

    def __init__(
        self,
        platform: SimulatedPlatform,
        gateway: Gateway,
        ledger: LedgerFile,
        faults: Faults | None = None,
        centres: Iterable[Centre] = (),
    ) -> None:
        super().__init__(platform, gateway, faults, centres)
        self.ledger = ledger
        self.lived = 0
        """How many things happened before this start."""
        self._stands = False
        for lived in ledger.lived():
            self.lived += 1
            self._live_again(lived)

    def more_people(self, case: str, count: int) -> list[Person]:
        made = super().more_people(case, count)
        self._keep(Came.PEOPLE, {"case": case, "count": count})
        return made

    def set_time(self, shift: float | None, query_delay: float) -> None:
        super().set_time(shift, query_delay)
        self._keep(Came.TIME, {"shift": shift, "query_delay": query_delay})

    def close(self) -> None:
        self.ledger.close()

    def _keep(self, kind: Came, given: dict[str, Any]) -> None:
        self._write(Lived(kind=kind, at=self.platform.clock.epoch(), given=encode(given)))

    def _write(self, lived: Lived) -> None:
        """Keep what has just happened. OSError where that cannot be: then nothing happens any more, as the platform in
        this process is ahead of the one in the file."""
        try:
            self.ledger.keep(lived)
        except OSError as failed:
            self._stands = True
            log.error("the ledger cannot be written, nothing is done any more: %s", failed)
            raise

    def _done(self, arrived: Arrived, epoch: float) -> tuple[Reaction, bool]:
        if not self._stands:
            reaction, good, outcome = self._seen(arrived, epoch)
            kept = Lived(
                kind=Came.MESSAGE, at=epoch, given=arrived.envelope, file=arrived.file,
                centre=arrived.centre.name if arrived.centre else "", path=arrived.path, outcome=outcome,
            )  # fmt: skip
            with contextlib.suppress(OSError):
                self._write(kept)
                return reaction, good
        return Reaction(status=500, content_type=PLAIN, body=STANDS.encode()), False

    def _seen(self, arrived: Arrived, epoch: float) -> tuple[Reaction, bool, str]:
        """What the platform answers, whether it says yes, and in words what that made of money."""
        held = self.platform.world.settlements
        before = len(held)
        reaction, good = super()._done(arrived, epoch)
        made = reversed([*itertools.islice(reversed(held.values()), len(held) - before)])
        splits = [(s.setl_id, s.split) for s in made]
        told = [f"{n} {s.total:.2f}={s.fund:.2f}+{s.account:.2f}+{s.cash:.2f}" for n, s in splits]
        return reaction, good, "；".join(["受理" if good else "未受理", *told])

    def _live_again(self, lived: Lived) -> None:
        outcome = ""
        if lived.kind is Came.MESSAGE:
            centre = self.centres.get(lived.centre)
            if lived.centre and centre is None:
                raise self._differs(f"在线服务 {lived.centre} 收到报文", "没有这个服务")
            outcome = self._seen(Arrived(lived.given, lived.file, centre, lived.path), lived.at)[2]
        else:
            given = decode(lived.given)
            if lived.kind is Came.PEOPLE:
                super().more_people(given["case"], int(given["count"]))
            else:
                shift = given["shift"]
                super().set_time(None if shift is None else float(shift), float(given["query_delay"]))
        if outcome != lived.outcome:
            raise self._differs(lived.outcome, outcome)

    def _differs(self, then: str, now: str) -> Exception:
        return self.ledger.wrong(
            f"第 {self.lived} 条当时是“{then}”，现在是“{now}”：产品、插件或部署文件换过",
            f"换回原来的；或者{ANEW}",
        )
