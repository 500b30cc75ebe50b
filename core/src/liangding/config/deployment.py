"""Deployment files: one TOML file says everything about one institution's connection.

Unknown keys are refused with the nearest known one; every mistake in a file is reported at once, each with file, key
and reason.
"""

from __future__ import annotations

import copy
import functools
import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import cattrs

from ..clock import SystemClock, now
from ..errors import ConfigurationError, UnknownOperator
from ..spec.problems import Problem
from ..structuring import MISTAKES, mistakes, nearest, of_kind, strict_converter
from ..wire.gm import BadKeyMaterial, SignatureForm, Sm2, private_key, public_key
from ..wire.secured import SecuredEnvelope
from ..wire.tls import LineTls
from .bulk import CatalogueSettings, JobSettings, ReconciliationSettings, UploadSettings
from .channel import ChannelNumbers
from .clients import Client, ServerSettings
from .console import ConsoleSettings
from .features import Features, Later, LocalTransaction, as_of
from .keys import KeySettings, switch_or_names
from .line import Platform
from .logs import LogSettings
from .one_code import OneCode
from .own_key import clients_of
from .resolving import ResolutionSettings as ResolutionSettings
from .secrets import Secret
from .services import SecuredService
from .sharing import named
from .sharing import read_toml as read_toml
from .spoken import Spoken
from .trials import Trials
from .webhook import WebhookSettings

T = TypeVar("T")


class Kind(StrEnum):
    """What an institution is: 零售药店, 门诊部或诊所, 医院."""

    PHARMACY = "pharmacy"
    CLINIC = "clinic"
    HOSPITAL = "hospital"

    @property
    def chinese(self) -> str:
        return {"pharmacy": "零售药店", "clinic": "门诊部", "hospital": "医院"}[self.value]

    @property
    def cashier(self) -> str:
        """What whoever takes the money is called there."""
        return "收银员" if self is Kind.PHARMACY else "收费员"


Business = Literal["购药", "门诊", "门慢", "门特", "住院", "生育"]

OF_ITS_KIND: dict[Kind, tuple[Business, ...]] = {
    Kind.PHARMACY: ("购药", "门慢", "门特"),
    Kind.CLINIC: ("门诊", "门慢", "门特", "住院", "生育"),
    Kind.HOSPITAL: ("门诊", "门慢", "门特", "住院", "生育"),
}
"""What an institution may do that does not say what it is opened for."""


@attrs.frozen(kw_only=True)
class Institution:
    """The designated institution (定点医药机构): its code and name as registered, its kind, and the place that it
    stands in (``area``, 就医地医保区划, six digits). ``medins_type`` and ``hosp_lv`` (codes of the tables of that name)
    are for the audit of fee rows, which asks for them. ``businesses`` are what the institution is opened for and
    ``payment`` what it settles by, the personal account alone or the pooled fund, where the region tells them apart;
    left out, everything of its kind."""

    code: str
    name: str
    kind: Kind
    area: str
    medins_type: str = ""
    hosp_lv: str = ""
    businesses: list[Business] = attrs.field(factory=list)
    payment: Literal["account", "pooled"] | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.code) < 12:
            raise ValueError(f"code 机构编号至少 12 位，给了 {len(self.code)} 位")
        if not re.fullmatch(r"\d{6}", self.area):
            raise ValueError("area 就医地医保区划应为 6 位数字")
        if strange := [each for each in self.businesses if each not in OF_ITS_KIND[self.kind]]:
            theirs = "、".join(OF_ITS_KIND[self.kind])
            raise ValueError(f"businesses {self.kind.chinese}没有 {'、'.join(strange)}；有的是 {theirs}")

    def does(self, *any_of: Business) -> bool:
        """Whether the institution is opened for one of these."""
        return not {*any_of}.isdisjoint(self.businesses or OF_ITS_KIND[self.kind])


@attrs.frozen(kw_only=True)
class Operator:
    """Somebody, or a machine, that works with the platform. ``type``: 1 经办人, 2 自助终端, 3 移动终端."""

    code: str
    name: str
    type: Literal["1", "2", "3"] = "1"
    mac: str = "00-00-00-00-00-00"
    ip: str = "127.0.0.1"


@attrs.frozen(kw_only=True)
class JournalSettings:
    """Where calls are recorded: ``sqlite:///file`` (relative to the deployment file) or ``postgresql://…`` (several
    hosts, by commas, stand by for each other: the one that is written to is asked); and the key that wraps the
    journal's own; ``password`` is the database's, so that it does not stand in ``url``; ``old_keys`` are the earlier
    ones, at a change of keys. A process that was not heard of for ``silent_seconds`` counts as gone; it says that it is
    there every ten. ``heads`` is a file on another disk that the journal's head is written to each day: an older copy
    in the journal's place is noticed by it."""

    url: str
    key: Secret
    password: Secret | None = None
    old_keys: list[Secret] = attrs.field(factory=list)
    cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    silent_seconds: float = 60.0
    heads: str = ""

    def __attrs_post_init__(self) -> None:
        if self.silent_seconds < 30:
            raise ValueError("silent_seconds 至少 30：进程每 10 秒报一次到")


BELIEF_MARGIN_SECONDS = 5.0
"""How much longer than the line's limits the platform's "not there" has to wait for belief."""


@attrs.frozen(kw_only=True)
class Checks:
    """How strictly requests are held to the code tables: ``unknown_codes`` error or warning; and by how many cents the
    amounts of an answer may contradict each other, where not as the region has it: ``tolerance_cents``. ``edition`` is
    the edition of the specification that the platform follows (``liangding explain`` shows which there are), where not
    as the region has it."""

    unknown_codes: Literal["error", "warning"] = "error"
    edition: str = ""
    tolerance_cents: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.tolerance_cents is not None and not 0 <= self.tolerance_cents <= 100:
            raise ValueError("tolerance_cents 应为 0 到 100 分")


@attrs.frozen(kw_only=True)
class Ecredential:
    """How codes of e-credentials (医保电子凭证) are decoded: by a device's ``driver`` (a plugin), by the decoding
    ``service`` on the front-end machine at ``url``, or by 6101 of the ``platform``.

    ``org_id`` is the institution's number in the e-credential system (empty: the institution's code); ``office_id``
    and ``office_name`` the department that is named where the caller names none. ``business_types`` gives codes of
    用码业务类型 by scenario, where none is published or the region has its own. ``code_field`` is the key that a
    scanned text goes under: no published table says (empty: ``businessInfo`` for 6101, ``ecQrCode`` for a service, as
    one region's has it). ``expired_words`` are words of a refusal that says that a token holds no longer: then it is
    shown and decoded again. None are public.
    """

    by: Literal["driver", "service", "platform"]
    url: str = ""
    path: str = "/localcfc/api/hsecfc/localQrCodeQuery"
    check_path: str = "/localcfc/api/hsecfc/localEcTokenCheck"
    org_id: str = ""
    office_id: str = ""
    office_name: str = ""
    device_type: str = ""
    business_types: dict[str, str] = attrs.field(factory=dict)
    code_field: str = ""
    expired_words: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if self.by == "service" and not re.match(r"https?://", self.url):
            raise ValueError("by = service 时 url 应以 http:// 或 https:// 开头")
        if self.by != "service" and self.url:
            raise ValueError(f"url 只用于 by = service，现在是 {self.by}，请删去这一行")


@attrs.frozen(kw_only=True)
class Deployment:
    """One institution's connection, as its file says it. ``source`` is the file. ``devices`` are tables by the device's
    name: ``driver``, and what that driver takes; see :mod:`liangding.contract.devices`."""

    province: str
    institution: Institution
    operators: list[Operator]
    platform: Platform
    journal: JournalSettings
    name: str = ""
    plugins: list[str] = attrs.field(factory=list)
    server: ServerSettings = attrs.field(factory=ServerSettings)
    log: LogSettings = attrs.field(factory=LogSettings)
    console: ConsoleSettings | None = None
    webhook: WebhookSettings | None = None
    checks: Checks = attrs.field(factory=Checks)
    features: Features = attrs.field(factory=Features)
    keys: KeySettings = attrs.field(factory=KeySettings)
    resolution: ResolutionSettings = attrs.field(factory=ResolutionSettings)
    ecredential: Ecredential | None = None
    one_code: OneCode | None = None
    channel: ChannelNumbers | None = None
    devices: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    services: dict[str, SecuredService] = attrs.field(factory=dict)
    catalogues: CatalogueSettings = attrs.field(factory=CatalogueSettings)
    jobs: JobSettings = attrs.field(factory=JobSettings)
    uploads: UploadSettings = attrs.field(factory=UploadSettings)
    reconciliation: ReconciliationSettings = attrs.field(factory=ReconciliationSettings)
    transactions: dict[str, LocalTransaction] = attrs.field(factory=dict)
    spoken: dict[str, Spoken] = attrs.field(factory=dict)
    later: list[Later] = attrs.field(factory=list)
    acceptance: Trials = attrs.field(factory=Trials)
    source: Path = attrs.field(default=Path("deployment.toml"), init=False)

    def __attrs_post_init__(self) -> None:
        if not self.operators:
            raise ValueError("operators 至少要有一个经办人")
        if self.features.audit in ("show", "stop") and not (self.institution.medins_type and self.institution.hosp_lv):
            raise ValueError("features.audit 要用到 institution.medins_type（机构类型）与 institution.hosp_lv（等级）")

    @property
    def folder(self) -> Path:
        """Where relative paths of the file start."""
        return self.source.parent

    @property
    def least_belief(self) -> float:
        """The shortest ``believe_seconds`` that is safe: as long as an answer may still come, "not there" is nothing to
        go by."""
        return self.platform.connect_seconds + self.platform.read_seconds + BELIEF_MARGIN_SECONDS

    def patient(self) -> Deployment:
        """This deployment, its ``believe_seconds`` lifted to what is safe where it is shorter."""
        if self.resolution.believe_seconds >= self.least_belief:
            return self
        lifted = copy.copy(self)
        settings = attrs.evolve(self.resolution, believe_seconds=self.least_belief)
        object.__setattr__(lifted, "resolution", settings)
        return lifted

    def refuse_trials(self, *, confirmed: bool = False) -> None:
        """ConfigurationError where a trial may not settle here: on a test platform it may, in production when a person
        has confirmed it."""
        if self.platform.environment == "test" or (self.platform.environment == "production" and confirmed):
            return
        at = f"{self.source.name}: platform.environment"
        if self.platform.environment is None:
            todo = '是测试平台就写 environment = "test"，正式平台写 "production"'
            raise ConfigurationError("没有写明平台是测试的还是正式的，不试结算", path=at, remedy=todo)
        todo = "一次只做一个场景，由人在终端上确认人员与金额"
        raise ConfigurationError("正式平台上不自动试结算", path=at, remedy=todo)

    def secret(self, key: str, reference: Secret) -> str:
        return reference.value(f"{self.source.name}: {key}", self.folder)

    def api_keys(self) -> dict[str, str]:
        """The clients of the local HTTP API and their keys, of those whose key is not kept as a hash.
        ConfigurationError where one is missing."""
        return self.server.keys(self.secret)

    def clients(self) -> list[Client]:
        """Who may ask the local HTTP API, by the keys of the file or else by the one that was made here.
        ConfigurationError where a key is missing."""
        return clients_of(self.server, self.secret, self.folder)

    def line_tls(self) -> LineTls | None:
        """TLS of the line to the platform; None where it is as public sites have it. ConfigurationError where a file
        is not as it must be."""
        return None if self.platform.tls is None else self.platform.tls.secured(self.folder, self.secret)

    def secured(self, name: str) -> SecuredEnvelope:
        """The secured line to a service of :attr:`services`. ConfigurationError where it is not configured, or one of
        its keys is none."""
        service = self.services.get(name)
        if service is None:
            raise ConfigurationError(f"没有配置在线服务 {name}{nearest(name, self.services)}", path=f"services.{name}")

        def read(member: str, reference: Secret) -> str:
            return self.secret(f"services.{name}.{member}", reference)

        user_id = service.variant.user_id.encode()
        try:
            ours = Sm2(private=private_key(read("private_key", service.private_key)), user_id=user_id)
            theirs = Sm2(public=public_key(read("platform_key", service.platform_key)), user_id=user_id)
            secret = read("app_secret", service.app_secret)
            return SecuredEnvelope(service.app_id, secret, ours=ours, theirs=theirs, variant=service.variant)
        except (BadKeyMaterial, ValueError) as wrong:
            raise ConfigurationError(str(wrong), path=f"services.{name}") from None

    def operator(self, code: str | None = None) -> Operator:
        """The operator ``code``, or the first one. UnknownOperator where there is none of that code."""
        if code is None:
            return self.operators[0]
        for operator in self.operators:
            if operator.code == code:
                return operator
        raise UnknownOperator(f"没有经办人 {code}", path="operator")


def load_deployment(path: Path | str, *, on: date | None = None) -> Deployment:
    """Read a deployment file, with what it extends, as it counts today or ``on`` a day. ConfigurationError names every
    mistake, also in what is to change later."""
    source = Path(path)
    content = read_toml(source)
    read_deployment(as_of(content, date.max), source)
    return read_deployment(as_of(content, on or now(SystemClock()).date()), source)


def read_deployment(content: dict[str, Any], source: Path) -> Deployment:
    """The deployment that ``content``, as if read from ``source``, describes."""
    deployment = structured(content, Deployment, source)
    object.__setattr__(deployment, "source", source)
    if not deployment.name:
        object.__setattr__(deployment, "name", source.stem)
    return deployment


def structured(content: dict[str, Any], cls: type[T], source: Path) -> T:
    """The ``cls`` that ``content`` describes. ConfigurationError names every mistake, each by its key."""
    try:
        return _converter().structure(content, cls)
    except MISTAKES as wrong:
        told = ((Problem(path=m.path, rule=m.rule, message="").where, m.message) for m in mistakes(wrong))
        message = "；".join(f"{key}: {reason}" if key else reason for key, reason in told)
        raise ConfigurationError(message, path=named(source)) from None


# -- structuring -------------------------------------------------------------------------------------------------


@functools.cache
def _converter() -> cattrs.Converter:
    converter = strict_converter()
    converter.register_structure_hook_func(_is_literal, _literal)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(float, lambda value, _: float(of_kind(int | float, "数值")(value, float)))
    converter.register_structure_hook(str | bool, of_kind(str | bool, "文本或 true/false"))
    converter.register_structure_hook(bool | list[str], switch_or_names)
    converter.register_structure_hook(Kind, _kind)
    converter.register_structure_hook(date, of_kind(date, "日期，如 2027-01-31（不加引号）"))
    converter.register_structure_hook(SignatureForm, _signature_form)
    return converter


def _is_literal(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is Literal


def _literal(value: Any, of: Any) -> Any:
    allowed = [str(each) for each in get_args(of)]
    if value not in get_args(of):
        raise ValueError(f"只能是 {'、'.join(allowed)}{nearest(str(value), allowed)}")
    return value


def _decimal(value: Any, _: Any) -> Decimal:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", str(value)):
        raise ValueError("应为数值，如 1.50")
    return Decimal(str(value))


def _signature_form(value: Any, _: Any) -> SignatureForm:
    try:
        return SignatureForm(value)
    except ValueError:
        raise ValueError(f"只能是 {'、'.join(SignatureForm)}{nearest(str(value), SignatureForm)}") from None


def _kind(value: Any, _: Any) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise ValueError(f"没有机构类别 {value!r}，只能是 {'、'.join(Kind)}{nearest(str(value), Kind)}") from None
