"""The simulated platform: takes a request's bytes, checks them as the specification says, and answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..clock import Clock, ShiftedClock, in_china
from ..config import Deployment, Kind
from ..contract.region import Region, national_region
from ..contract.simulation import Refuse
from ..errors import LiangdingError
from ..knowledge.blaming import place
from ..knowledge.interfaces import BASELINE, Interfaces
from ..privacy import logger
from ..spec import Does
from ..spec.codes import find_code_table
from ..spec.leaves import Manner
from ..spec.problems import errors
from ..spec.reading import MessageReader
from ..wire.envelope import KNOWN_BESIDE, Head
from ..wire.json import decode, encode
from .requests import HANDLERS, Handler, HeldFile, Request
from .world import World

log = logger("simulator")

HOSPITAL_LEVEL, NO_LEVEL = "2", "11"
"""hosp_lv where nothing else is set: 三级甲等 for a hospital, 无等级 for any other institution."""


@functools.lru_cache(16)
def _reader(manner: Manner) -> MessageReader:
    """What was compiled for one platform serves the next one of its manner."""
    return MessageReader(manner)


class SimulatorFailed(LiangdingError):
    """A handler of the simulator failed."""

    code = "simulator_failed"


class SimulatedPlatform:
    """One platform serving one institution's deployment.

    ``extended`` are handlers of a region's own transactions. Not thread-safe: one request after the other, as the
    order in the ledger.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        interfaces: Interfaces = BASELINE,
        region: Region | None = None,
        extended: Mapping[str, Handler] | None = None,
        clock: Clock | None = None,
        code_table: Callable[[str], Any] = find_code_table,
    ) -> None:
        self.deployment = deployment
        self.interfaces = interfaces
        self.region = region or national_region(deployment)
        self.clock: Clock = clock or ShiftedClock()
        level = HOSPITAL_LEVEL if deployment.institution.kind is Kind.HOSPITAL else NO_LEVEL
        self.world = World(deployment.institution.area, deployment.institution.code, hosp_lv=level)
        self.handlers = {**HANDLERS, **(extended or {})}
        self.files: dict[str, HeldFile] = {}
        self.seen: set[str] = set()
        self.requests: list[tuple[str, str]] = []
        """Every request that arrived: msgid and infno, also those that were refused."""
        self.failures: list[str] = []
        """Where handlers failed: errors of the simulator, not of the platform that it plays."""
        single_rows = self.region.style.single_rows_as_object
        self._reader = _reader(Manner(strict=True, table=code_table, single_rows=single_rows))

    def answer(self, body: bytes, file: bytes | None = None, epoch: float | None = None) -> bytes | HeldFile:
        """The platform's answer to one request, ``file`` with it: the effect is there when this returns, since
        ``epoch`` (now, where it is not given).

        A file that was asked for is answered as it is, anything else in an envelope. SimulatorFailed where a handler
        fails, a plugin's for example: what it did until then stands.
        """
        epoch = self.clock.epoch() if epoch is None else epoch
        at = in_china(epoch)
        try:
            output = self._handle(body, file, at, epoch)
            return output if isinstance(output, HeldFile) else self._envelope("0", "", output, at)
        except Refuse as refused:
            return self._envelope("-1", str(refused), None, at)
        except (Exception, SystemExit) as failed:
            raise self._failed(failed) from failed

    def _failed(self, failed: BaseException) -> SimulatorFailed:
        infno = self.requests[-1][1] if self.requests else ""
        handler = self.handlers.get(infno, self._handle)
        text = f"{type(failed).__name__} at {place(failed, handler)}"
        self.failures.append(f"{infno}: {text}")
        log.error("simulated %s failed: %s", infno, text)
        return SimulatorFailed(f"模拟平台的 {infno} 出错（{text}）")

    def _handle(self, body: bytes, file: bytes | None, at: datetime, epoch: float) -> Any:
        try:
            envelope = decode(body)
        except ValueError:
            raise Refuse("报文不是合法的 JSON") from None
        if not isinstance(envelope, dict):
            raise Refuse("报文不是对象")
        head, problems = self._reader.read(Head, {k: v for k, v in envelope.items() if k not in KNOWN_BESIDE})
        if errors(problems):
            raise Refuse("报文头不符合规范：" + "；".join(str(p) for p in errors(problems)))
        request = self._read(head, envelope.get("input"), file, at, epoch)
        self._check_sender(request)
        return self._handler(head.infno)(request)

    def _read(self, head: Head, message: Any, file: bytes | None, at: datetime, epoch: float) -> Request:
        self.requests.append((head.msgid, head.infno))
        if head.msgid in self.seen:
            raise Refuse("发送方报文ID重复")
        if head.infno not in self.interfaces:
            raise Refuse(f"未知交易编号 {head.infno}")
        transaction = self.interfaces[head.infno]
        read, problems = self._reader.read(transaction.input, message, ("input",))
        if errors(problems):
            raise Refuse("入参不符合规范：" + "；".join(str(p) for p in errors(problems)))
        self.seen.add(head.msgid)
        return Request(
            transaction=transaction, head=head, input=read, world=self.world, region=self.region, at=at,
            epoch=epoch, deployment=self.deployment, interfaces=self.interfaces, files=self.files, file=file,
        )  # fmt: skip

    def _handler(self, infno: str) -> Handler:
        handler = self.handlers.get(infno)
        if handler is None:
            raise Refuse(f"模拟平台没有实现交易 {infno}")
        return handler

    def serve(self, infno: str, data: Any, epoch: float) -> Any:
        """What an online service does for ``data``, which came to it sealed: such a message has neither head nor
        sign-in. Raises Refuse, and SimulatorFailed where a handler fails."""
        at = in_china(epoch)
        institution, platform = self.deployment.institution, self.deployment.platform
        head = Head(
            infno=infno, msgid=f"{institution.code[:12]}{at:%Y%m%d%H%M%S}{self.world.number('sealed') % 10_000:04d}",
            mdtrtarea_admvs=institution.area, recer_sys_code=platform.recer_sys_code, infver=platform.infver,
            opter_type="3", opter="online", opter_name="在线服务", inf_time=at, fixmedins_code=institution.code,
            fixmedins_name=institution.name,
        )  # fmt: skip
        try:
            return self._handler(infno)(self._read(head, {"data": data}, None, at, epoch))
        except Refuse:
            raise
        except (Exception, SystemExit) as failed:
            raise self._failed(failed) from failed

    def _check_sender(self, request: Request) -> None:
        head = request.head
        if head.fixmedins_code != self.world.institution:
            raise Refuse("定点医药机构编号不存在")
        if request.transaction.does is Does.SIGNS_IN:
            return
        held = self.world.sign_ins.get(head.opter)
        if held is None or held[0] != head.sign_no:
            raise Refuse("未签到，请先签到")
        if held[1] != request.at.date():
            raise Refuse("签到已过期，请重新签到")

    def _envelope(self, infcode: str, message: str, output: Any, at: datetime) -> bytes:
        stamp = f"{at:%Y%m%d%H%M%S%f}"[:17]
        number = f"{self.world.area}{at:%Y%m%d%H%M%S}{self.world.number('message'):010d}"
        return encode(
            {
                "infcode": int(infcode), "inf_refmsgid": number, "refmsg_time": stamp, "respond_time": stamp,
                "err_msg": message or None, "output": output,
            }
        )  # fmt: skip
