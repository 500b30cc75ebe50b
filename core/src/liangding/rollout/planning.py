"""What a changed deployment file, or another edition of its plugins, will do before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import metadata
from typing import Any

import attrs

from ..config import Deployment
from ..config.addresses import without_secrets
from ..config.secrets import Secret
from ..errors import LiangdingError
from ..flows.all import FLOWS
from ..knowledge import Knowledge
from ..knowledge.core_plugin import CORE
from ..knowledge.plugins import installed
from ..spec.export import as_json
from ..wire.json import encode
from ..workflow.rows import flows_of, rows_of


class Matter(StrEnum):
    """What a change concerns."""

    SETTINGS = "设置"
    TRANSACTIONS = "交易"
    FIXED = "固定值"
    HOOKS = "接口点"
    ENDPOINTS = "地址"
    STEPS = "流程步骤"
    SCHEDULES = "定时"
    EDITIONS = "版本"


@attrs.frozen(kw_only=True)
class Change:
    """One difference: ``before`` and ``after`` are empty where it was not there, or is no more. ``care`` is what has to
    be thought of before it is done."""

    matter: Matter
    what: str
    before: str = ""
    after: str = ""
    care: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in attrs.asdict(self).items()}


CARES = {
    "journal.url": "换了流水：旧流水中结果不明的不会再查，同一业务号会被当成新的；先查清再换",
    "journal.key": "换密钥要把旧的放进 journal.old_keys，否则旧流水打不开",
    "institution.code": "换了机构：旧机构未结清的调用与没办完的流程留在旧机构名下",
    "institution.area": "就医地变了：本地与异地的判断随之改变",
    "province": "换了省份插件：固定值、交易与流程步骤都按新的来",
    "platform.environment": "验收场景能否结算由它决定",
    "platform.url": "平台地址变了：结果不明的会向新地址查",
    "resolution.believe_seconds": "太短会把迟到的结算当成没有",
    "keys.same_bill": "同一单重复结算的拦截方式变了",
    "features.a_variants": "异地人员走哪个交易随之改变；在途的业务按发出时的记录办完",
}  # fmt: skip
"""What has to be thought of where a setting changes."""


def plan(old: Knowledge, new: Knowledge) -> list[Change]:
    """Everything that changes between two deployments, in the order of :class:`Matter`. Nothing is sent or opened."""
    parts = (
        (Matter.SETTINGS, _settings(old.deployment), _settings(new.deployment)),
        (Matter.TRANSACTIONS, _transactions(old), _transactions(new)),
        (Matter.FIXED, _fixed(old), _fixed(new)),
        (Matter.HOOKS, _hooks(old), _hooks(new)),
        (Matter.ENDPOINTS, _endpoints(old), _endpoints(new)),
        (Matter.STEPS, _steps(old), _steps(new)),
        (Matter.SCHEDULES, _schedules(old.deployment), _schedules(new.deployment)),
        (Matter.EDITIONS, _editions(old), _editions(new)),
    )
    return [change for matter, before, after in parts for change in _differences(matter, before, after)]


def _differences(matter: Matter, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        was, becomes = before.get(what, ""), after.get(what, "")
        if was != becomes:
            yield Change(matter=matter, what=what, before=was, after=becomes, care=CARES.get(what, ""))


# -- what each says ----------------------------------------------------------------------------------------------------


def _settings(deployment: Deployment) -> dict[str, str]:
    """Every setting by its key, as the file has it; secrets by where they are, never by what they are."""
    held = {field.name: getattr(deployment, field.name) for field in attrs.fields(Deployment)}
    return dict(_flat("", {name: value for name, value in held.items() if name not in ("source", "jobs", "later")}))


def _flat(before: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Secret):
        yield before, f"环境变量 {value.env}" if value.env else f"文件 {value.file}"
    elif attrs.has(type(value)):
        yield from _flat(before, attrs.asdict(value, recurse=False))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(f"{before}.{key}" if before else str(key), each)
    elif isinstance(value, list | tuple):
        for i, each in enumerate(value):
            name = getattr(each, "name", None) or getattr(each, "code", None) or i
            yield from _flat(f"{before}.{name}", each)
    elif value not in (None, ""):
        yield before, str(value)


def _transactions(known: Knowledge) -> dict[str, str]:
    """Each transaction that the deployment knows: by whom it is declared, and how."""
    found = {}
    for infno in known.interfaces.numbers():
        owner = known.interfaces.owner(infno)
        if not owner:
            found[infno] = "国家基线"
            continue
        transaction = known.interfaces[infno]
        shape = hashlib.sha256(encode(as_json(transaction))).hexdigest()
        found[infno] = f"{transaction.name}（{owner}，声明 {shape[:6]}）"
    return found


def _fixed(known: Knowledge) -> dict[str, str]:
    """Every fixed value, by transaction and field."""
    found: dict[str, str] = {}
    for values in known.manager.hook.liangding_fixed_values(deployment=known.deployment):
        for infno, fields in values.items():
            for field, value in fields.items():
                found[f"{infno}.{field}"] = value if isinstance(value, str) else "、".join(value)
    return found


def _hooks(known: Knowledge) -> dict[str, str]:
    """What goes round each interface."""
    found = {}
    for infno in known.interfaces.numbers():
        implementations = getattr(known.manager.hook, known.interfaces.hook(infno)).get_hookimpls()
        others = [f"{i.plugin_name}:{i.function.__name__}" for i in implementations if i.plugin_name != CORE]
        if others:
            found[f"{infno} {known.interfaces.hook(infno)}"] = "、".join(others)
    return found


def _endpoints(known: Knowledge) -> dict[str, str]:
    """Where calls go: the platform's address and each route and service."""
    platform = known.deployment.platform
    found = {"平台": f"{without_secrets(platform.url)}（{platform.address}，网关 {platform.gateway}）"}
    found |= {f"路由 {route}": url for route, url in platform.routes.items()}
    return found | {f"在线服务 {name}": service.url for name, service in known.deployment.services.items()}


def _steps(known: Knowledge) -> dict[str, str]:
    """The steps of each flow, as the deployment has them."""
    flows = flows_of(FLOWS, known.manager, known.deployment)
    rows = rows_of(flows, known.manager, known.deployment)
    return {name: " → ".join(step.title for step in row.steps) for name, row in rows.items()}


def _schedules(deployment: Deployment) -> dict[str, str]:
    return dict(_flat("", attrs.asdict(deployment.jobs, recurse=False)))


def _editions(known: Knowledge) -> dict[str, str]:
    """The editions of the core and of the plugins that are enabled."""
    names = [known.deployment.province, *known.deployment.plugins]
    found = {"地区": known.region.name}
    for name in filter(None, names):
        distribution = getattr(installed().get(name), "dist", None)
        found[f"插件 {name}"] = str(distribution.version) if distribution is not None else "已装"
    try:
        found["liangding"] = metadata.version("liangding")
    except metadata.PackageNotFoundError:
        found["liangding"] = "源码"
    return found


def unsettled_of(deployment: Deployment, opened: Any) -> int | None:
    """How many changing calls of the old journal are not settled; None where it cannot be opened."""
    try:
        journal = opened(deployment)
    except (LiangdingError, OSError):
        return None
    try:
        return len(journal.of(deployment.institution.code).pending())
    finally:
        journal.close()
