"""医保电子凭证: from the code that a person shows to the token that 1101 and settlements take.

Three ways, and the deployment says which: a driver of the device that scans (a plugin), the decoding service on the
front-end machine, or 6101 of the platform. All three ask and answer in the form of ``ec.query``, which is compiled
from systems at work in several provinces; no official text of it was read. The token is a bearer's secret: it is
decoded anew for every step and kept out of logs, errors and files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from ..config import Ecredential
from ..contract.credentials import (
    SERVICE_CODE_FIELD,
    Decoded,
    Decoding,
    Gain,
    NotDecoded,
    decoded_of,
    object_of,
    read_decoded,
    text_of,
)
from ..contract.device_errors import CodeUsed
from ..contract.devices import Medium, ReadRequest
from ..errors import CallRefused, ConfigurationError, NoAnswer
from ..knowledge.misfits import Misfit, refuse
from ..runtime import Runtime
from ..spec.writing import SPARSE, MessageWriter
from ..structuring import nearest
from ..wire.json import encode
from .scenarios import SCENARIOS, UseScenario, refuse_elsewhere
from .uses import counted

_sparse = MessageWriter(SPARSE)

DIGITS = 28
"""A shown code: digits, so many in those that were seen."""

CODE_FIELDS = {"platform": "businessInfo", "service": SERVICE_CODE_FIELD, "driver": SERVICE_CODE_FIELD}
"""Where a scanned text goes, which no published table says. 6101 has one optional field that may be meant for it; the
other name is that of one region's service."""


def decode(
    runtime: Runtime,
    scenario: UseScenario,
    *,
    code: str | None = None,
    office: tuple[str, str] | None = None,
    gain: Gain | None = None,
    serial: str = "",
    operator: str | None = None,
) -> Decoded:
    """Decode what a person shows at ``scenario``. ``code`` is what a scanner read; None lets the device scan.

    ``office`` is the department (number, name) where it happens; else the deployment's. Raises NotDecoded where no
    token comes of it, NoScenario where the institution has no such occasion, NoAnswer where the service does not
    answer, ConfigurationError where the deployment does not say how codes are decoded, and for 6101 what
    :meth:`Runtime.call` raises; CodeUsed in the place of a refusal of a code that was decoded here before.
    What was decoded is counted (:mod:`liangding.identity.uses`).
    """
    found = _decoded(runtime, scenario, code=code, office=office, gain=gain, serial=serial, operator=operator)
    count_use(runtime, scenario, office)
    return found


def count_use(runtime: Runtime, scenario: UseScenario, office: tuple[str, str] | None = None) -> None:
    """Count that a code was used on that occasion, at the department that is given, else the deployment's."""
    deployment, settings = runtime.deployment, runtime.deployment.ecredential
    at = office or ((settings.office_id, settings.office_name) if settings else ("", ""))
    counted(runtime.journal, deployment.institution.code, scenario, runtime.now().date(), at)


def _decoded(
    runtime: Runtime,
    scenario: UseScenario,
    *,
    code: str | None,
    office: tuple[str, str] | None,
    gain: Gain | None,
    serial: str,
    operator: str | None,
) -> Decoded:
    refuse_elsewhere(scenario, runtime.deployment.institution)
    settings = runtime.deployment.ecredential
    if settings is None:
        raise ConfigurationError(
            "没有配置电子凭证怎样解码", path="ecredential", remedy="在部署文件的 [ecredential] 中写明 by"
        )
    if code is not None and not code.strip():
        raise NotDecoded("没有扫到内容")
    office_id, office_name = office or (settings.office_id, settings.office_name)
    if not (office_id and office_name):
        raise ConfigurationError(
            "没有说是哪个科室", path="ecredential.office_id", remedy="调用时给出科室，或写明 office_id 与 office_name"
        )
    asked = Decoding(
        business_type=business_type_of(settings, scenario),
        org_id=settings.org_id or runtime.deployment.institution.code,
        operator=runtime.deployment.operator(operator), office_id=office_id, office_name=office_name,
        device_type=settings.device_type, code=code and code.strip(), gain=gain, serial=serial,
        code_field=settings.code_field or CODE_FIELDS[settings.by],
    )  # fmt: skip
    with _says_if_used(runtime, asked.code):
        if settings.by == "service":
            return read_decoded(_ask_service(runtime, settings, settings.path, asked.request()))
        if settings.by == "driver" and (answered := _by_plugin(runtime, asked)) is not None:
            return answered
    if asked.code is None and gain is None and runtime.devices.reads(Medium.CODE):
        reading = runtime.devices.read(_reading(runtime, scenario, asked))
        if reading.number:
            return Decoded(
                token=reading.number, name=reading.name, idno=reading.certno, id_type=reading.cert_type,
                insured_place=reading.insured_place,
            )  # fmt: skip
        asked = attrs.evolve(asked, code=reading.shown)
    if settings.by == "platform":
        with _says_if_used(runtime, asked.code):
            return _by_platform(runtime, asked, operator)
    raise ConfigurationError(
        "没有插件或设备能解码电子凭证", path="plugins", remedy="在 plugins 与 [devices] 中写明设备，或改 ecredential.by"
    )


@contextmanager
def _says_if_used(runtime: Runtime, code: str | None) -> Iterator[None]:
    """Whether a code is good for one use is nowhere published: the one who decodes says it. But where it refuses one
    that was decoded before, the operator is told what that means."""
    shown = runtime.devices.shown
    try:
        yield
    except (NotDecoded, CallRefused) as refused:
        if code and code in shown:
            raise CodeUsed(f"这个码先前已经用过：{refused.message}") from refused
        raise
    if code:
        shown.add(code)


def _reading(runtime: Runtime, scenario: UseScenario, asked: Decoding) -> ReadRequest:
    """What a device is asked for that scans, and decodes where it can."""
    deployment = runtime.deployment
    return ReadRequest(
        media=(Medium.CODE,), seconds=deployment.features.show_seconds, scenario=scenario.id,
        business_type=asked.business_type, org_id=asked.org_id, institution=deployment.institution.code,
        area=deployment.institution.area, operator=asked.operator.code, operator_name=asked.operator.name,
        office_id=asked.office_id, office_name=asked.office_name,
    )  # fmt: skip


def _by_plugin(runtime: Runtime, asked: Decoding) -> Decoded | None:
    """What a plugin answers that decodes by a hook of its own; None where none does."""
    manager = runtime.known.manager
    decoded: Decoded | None = manager.hook.liangding_decode_credential(asked=asked, deployment=runtime.deployment)
    if decoded is not None and not isinstance(decoded, Decoded):
        names = "、".join(i.plugin_name for i in manager.hook.liangding_decode_credential.get_hookimpls())
        message = f"应为 Decoded，给的是 {type(decoded).__name__}"
        refuse([Misfit(plugin=names, hook="liangding_decode_credential", message=message)])
    return decoded


def looks_like_code(text: str) -> bool:
    """Whether a scanned text has the form of a shown code. One that has not may still be one: let it be decoded."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def business_type_of(settings: Ecredential, scenario: UseScenario) -> str:
    """The code of 用码业务类型 that a scenario is decoded under. ConfigurationError where none is known."""
    known = [each.id for each in SCENARIOS]
    for name in settings.business_types:
        if name not in known:
            raise ConfigurationError(f"没有用码场景 {name}{nearest(name, known)}", path="ecredential.business_types")
    found = settings.business_types.get(scenario.id) or scenario.business_type
    if found is None:
        raise ConfigurationError(
            f"用码场景 {scenario.name} 没有公布的业务类型代码",
            path=f"ecredential.business_types.{scenario.id}",
            remedy="向医保部门问清代码，写在这一项",
        )
    return found


# -- by the platform ---------------------------------------------------------------------------------------------


def _by_platform(runtime: Runtime, asked: Decoding, operator: str | None) -> Decoded:
    answer = runtime.call("6101", {"InData": asked.data()}, operator=operator)
    return decoded_of(_sparse.write(answer.node("OutData")))


# -- by the service on the front-end machine ---------------------------------------------------------------------


def _ask_service(runtime: Runtime, settings: Ecredential, path: str, request: Mapping[str, Any]) -> Any:
    exchange = runtime.transport.post(settings.url.rstrip("/") + path, {}, encode(request))
    if exchange.failure or exchange.status != 200:
        why = exchange.message or f"HTTP {exchange.status}"
        raise NoAnswer(f"电子凭证解码服务没有应答：{why}")
    return exchange.body


def token_holds(runtime: Runtime, decoded: Decoded) -> bool:
    """Ask the decoding service whether a token still holds (localEcTokenCheck). NoAnswer where it does not say."""
    settings = runtime.deployment.ecredential
    if settings is None or settings.by != "service":
        raise ConfigurationError("只有解码服务能校验令牌", path="ecredential.by")
    request = {"ecToken": decoded.token, "idType": decoded.id_type, "idNo": decoded.idno, "userName": decoded.name}
    answer = object_of(_ask_service(runtime, settings, settings.check_path, request))
    flag = text_of(answer.get("flag")) or text_of(object_of(answer.get("data")).get("flag"))
    if flag not in ("0", "1"):
        raise NoAnswer("电子凭证解码服务没有说令牌是否有效")
    return flag == "1"
