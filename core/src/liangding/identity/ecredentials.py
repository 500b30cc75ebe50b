"""医保电子凭证: from the code that a person shows to the token that 1101 and settlements take.

Three ways, and the deployment says which: a driver of the device that scans (a plugin), the decoding service on the
front-end machine, or 6101 of the platform. All three ask and answer in the form of ``ec.query``, which is compiled
from systems at work in several provinces; no official text of it was read. The token is a bearer's secret: it is
decoded anew for every step and kept out of logs, errors and files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ..config import Ecredential, Operator
from ..errors import ConfigurationError, LiangdingError, NoAnswer
from ..knowledge.misfits import Misfit, refuse
from ..privacy import masked_text
from ..runtime import Runtime
from ..spec.writing import SPARSE, MessageWriter
from ..structuring import nearest
from ..wire.json import decode as decode_json
from ..wire.json import encode
from .persons import E_CREDENTIAL, Credential
from .scenarios import SCENARIOS, Scenario

_sparse = MessageWriter(SPARSE)

NOT_A_CREDENTIAL = "500159"
"""The code of an answer that says: this is no e-credential's code."""

DIGITS = 28
"""A shown code: digits, so many in those that were seen."""

SERVICE_CODE_FIELD = "ecQrCode"
CODE_FIELDS = {"platform": "businessInfo", "service": SERVICE_CODE_FIELD, "driver": SERVICE_CODE_FIELD}
"""Where a scanned text goes, which no published table says. 6101 has one optional field that may be meant for it; the
other name is that of one region's service."""

Gain = Literal["MOBILE", "FACE"]
"""How a terminal takes the code by itself: it scans a phone, or a face."""


class NotDecoded(LiangdingError):
    """No token came of what the person showed; nothing else was done."""

    code = "not_decoded"
    http_status = 409
    remedy = "请参保人刷新医保码后重新出示，或改用身份证、社会保障卡"


@attrs.frozen(kw_only=True)
class Decoding:
    """What is to be decoded, for whom, and at which step. ``code`` is the scanned text; None where the device
    scans by itself. ``gain`` and ``serial`` (unique) are for terminals that take the code."""

    business_type: str
    org_id: str
    operator: Operator
    office_id: str
    office_name: str
    device_type: str = ""
    code: str | None = attrs.field(default=None, repr=False)
    gain: Gain | None = None
    serial: str = ""
    code_field: str = SERVICE_CODE_FIELD

    def data(self) -> dict[str, str]:
        """The business parameters (业务参数), as the service and 6101 both take them."""
        asked = {
            "orgId": self.org_id, "businessType": self.business_type, "operatorId": self.operator.code,
            "operatorName": self.operator.name, "officeId": self.office_id, "officeName": self.office_name,
            "deviceType": self.device_type,
        }  # fmt: skip
        return asked | ({self.code_field: self.code} if self.code else {})

    def request(self) -> dict[str, Any]:
        """The whole request of ``ec.query``, or of ``iot.gain.ec.qrcode`` where a terminal takes the code."""
        data, kind = self.data(), "ec.query"
        if self.gain is not None:
            kind, data = "iot.gain.ec.qrcode", data | {"gainWay": self.gain, "outBizNo": self.serial}
        return {"transType": kind, "orgId": self.org_id, "data": data}


@attrs.frozen(kw_only=True)
class Decoded:
    """Whom a code belongs to. ``idno`` may come masked with ``*``; the person is then found by the token alone."""

    token: str = attrs.field(repr=False)
    name: str = attrs.field(default="", repr=False)
    idno: str = attrs.field(default="", repr=False)
    id_type: str = ""
    insured_place: str = ""
    auth_no: str = attrs.field(default="", repr=False)
    index_no: str = attrs.field(default="", repr=False)

    @property
    def masked(self) -> bool:
        """Whether the number is no number to ask by."""
        return "*" in self.idno

    def credential(self) -> Credential:
        """What 1101 and the settlement take: type 01 with the token, and where the person is insured."""
        return Credential(type=E_CREDENTIAL, number=self.token, insured_place=self.insured_place or None)


def decode(
    runtime: Runtime,
    scenario: Scenario,
    *,
    code: str | None = None,
    office: tuple[str, str] | None = None,
    gain: Gain | None = None,
    serial: str = "",
    operator: str | None = None,
) -> Decoded:
    """Decode what a person shows at ``scenario``. ``code`` is what a scanner read; None lets the device scan.

    ``office`` is the department (number, name) where it happens; else the deployment's. Raises NotDecoded where no
    token comes of it, NoAnswer where the service does not answer, ConfigurationError where the deployment does not
    say how codes are decoded, and for 6101 what :meth:`Runtime.call` raises.
    """
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
        business_type=_business_type(settings, scenario), org_id=settings.org_id or runtime.deployment.institution.code,
        operator=runtime.deployment.operator(operator), office_id=office_id, office_name=office_name,
        device_type=settings.device_type, code=code and code.strip(), gain=gain, serial=serial,
        code_field=settings.code_field or CODE_FIELDS[settings.by],
    )  # fmt: skip
    if settings.by == "platform":
        return _by_platform(runtime, asked, operator)
    if settings.by == "service":
        return read_decoded(_ask_service(runtime, settings, settings.path, asked.request()))
    manager = runtime.known.manager
    decoded: Decoded | None = manager.hook.liangding_decode_credential(asked=asked)
    if decoded is None:
        raise ConfigurationError(
            "没有插件能解码电子凭证", path="plugins", remedy="在 plugins 中启用设备驱动，或改 ecredential.by"
        )
    if not isinstance(decoded, Decoded):
        names = "、".join(i.plugin_name for i in manager.hook.liangding_decode_credential.get_hookimpls())
        message = f"应为 Decoded，给的是 {type(decoded).__name__}"
        refuse([Misfit(plugin=names, hook="liangding_decode_credential", message=message)])
    return decoded


def looks_like_code(text: str) -> bool:
    """Whether a scanned text has the form of a shown code. One that has not may still be one: let it be decoded."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def _business_type(settings: Ecredential, scenario: Scenario) -> str:
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
    return _decoded(_sparse.write(answer.output.OutData))


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
    answer = _object(_ask_service(runtime, settings, settings.check_path, request))
    flag = _text(answer.get("flag")) or _text(_object(answer.get("data")).get("flag"))
    if flag not in ("0", "1"):
        raise NoAnswer("电子凭证解码服务没有说令牌是否有效")
    return flag == "1"


# -- what comes back ---------------------------------------------------------------------------------------------


def read_decoded(answer: bytes | str | Mapping[str, Any]) -> Decoded:
    """Whom an answer of ``ec.query`` names, whether it comes as bytes, text or an object: for drivers of devices.

    NotDecoded where it is a refusal, or has no token.
    """
    body = _object(answer)
    code = _text(body.get("code"))
    if code == NOT_A_CREDENTIAL:
        raise NotDecoded("扫到的不是医保电子凭证")
    if code != "0" or body.get("success") is False:
        said = masked_text(_text(body.get("message")))
        raise NotDecoded(f"电子凭证解码未成：{said or '没有说明原因'}（{code or '没有返回码'}）")
    return _decoded(_object(body.get("data")))


def _decoded(person: Mapping[str, Any]) -> Decoded:
    token = _text(person.get("ecToken"))
    if not token:
        raise NotDecoded("电子凭证解码的应答中没有令牌")
    place = _text(person.get("insuOrg"))
    return Decoded(
        token=token, name=_text(person.get("userName")), idno=_text(person.get("idNo")),
        id_type=_text(person.get("idType")), insured_place=place if re.fullmatch(r"\d{6}", place) else "",
        auth_no=_text(person.get("authNo")), index_no=_text(person.get("ecIndexNo")),
    )  # fmt: skip


def _object(value: Any) -> Mapping[str, Any]:
    """An object, or a text that holds one; anything else is an empty one."""
    if isinstance(value, bytes | str):
        try:
            value = decode_json(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    """A value as text; absent, null and the text "null" are nothing."""
    return "" if value in (None, "null") else str(value).strip()
