"""Settings of ``[features]`` that count in no flow of a deployment: a mistake, told at start and by ``check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import national
from ..config import Deployment
from ..contract.steps import Flow, Step
from ..errors import ConfigurationError
from ..identity import NoScenario
from ..identity.scenarios import SCENARIOS, refuse_elsewhere
from ..knowledge import Knowledge
from ..national.passwords import DEVICE, NUMBERS, TILL, password_ways
from ..spec import Does, Of
from ..structuring import nearest
from ..workflow.passwords import MEDIA
from ..workflow.rows import FlowPlan

COUNTED = ("audit", "trace_codes", "sale_upload", "password")
"""Settings that count in steps, and in nothing else."""


def refuse_unused(flows: Mapping[str, type[Flow[Any]]], plans: Mapping[str, FlowPlan], known: Knowledge) -> None:
    """ConfigurationError for every setting that no flow of this deployment uses, and for a way of a password that is
    none."""
    deployment = known.deployment
    steps = [step for name, flow in flows.items() if _is_open(flow, deployment) for step in plans[name].steps]
    told = [*_unused(steps, deployment), *_limits(steps, known), *_no_ways(deployment), *_no_scenarios(deployment)]
    told += _opened(known)
    if told:
        raise ConfigurationError("；".join(f"{path}: {text}" for path, text in told), path=deployment.source.name)


def _is_open(flow: type[Flow[Any]], deployment: Deployment) -> bool:
    """Whether the institution does this business at all."""
    as_what = getattr(flow.given, "TAKEN_AS", None)
    return as_what is None or deployment.institution.does(as_what.business)


def _unused(steps: list[Step], deployment: Deployment) -> Iterator[tuple[str, str]]:
    if any(step.brought_by and step.uses is None for step in steps):
        return  # a plugin's step that does not say what it uses
    used = {name for step in steps for name in step.uses or ()}
    default, kind = type(deployment.features)(), deployment.institution.kind.chinese
    for name in COUNTED:
        if name not in used and getattr(deployment.features, name) != getattr(default, name):
            yield f"features.{name}", f"本机构（{kind}）在 {deployment.province} 没有用到它的流程，请删去这一行"


def _limits(steps: list[Step], known: Knowledge) -> Iterator[tuple[str, str]]:
    limits = known.deployment.features.row_limits
    if not limits:
        return
    used = {infno for step in steps if "row_limits" in (step.uses or ()) for infno in step.calls}
    for infno in limits:
        if infno not in known.interfaces:
            yield f"features.row_limits.{infno}", f"没有交易 {infno}{nearest(infno, used)}"
        elif infno not in used and known.interfaces.means(infno) != (Does.UPLOADS, Of.MATCHING):
            where = "、".join(sorted(used)) or "目录对照"
            yield f"features.row_limits.{infno}", f"不分批上传，行数用在 {where}；请删去这一行"


def _opened(known: Knowledge) -> Iterator[tuple[str, str]]:
    """Chapters that are named as opened to this institution, and are none."""
    chapters = {chapter for chapter, _ in national.places().values()}
    for chapter in known.deployment.features.opened:
        if chapter not in chapters:
            yield "features.opened", f"没有 {chapter} 这一章{nearest(chapter, known.region.not_opened or chapters)}"


def _no_scenarios(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Occasions of e-credentials that are none, or are none of such an institution."""
    known = {each.id: each for each in SCENARIOS}
    for name in deployment.ecredential.business_types if deployment.ecredential else ():
        at = f"ecredential.business_types.{name}"
        if name not in known:
            yield at, f"没有用码场景 {name}{nearest(name, known)}"
            continue
        try:
            refuse_elsewhere(known[name], deployment.institution)
        except NoScenario as wrong:
            yield at, wrong.message


def _no_ways(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Kinds of credentials that have no password, and ways that are none, or none of that kind."""
    features = deployment.features
    ways = {each.way: each for each in password_ways() if each.checks and each.way in (DEVICE, *NUMBERS)}
    for cert_type, way in features.password_by.items():
        at = f"features.password_by.{cert_type}"
        if cert_type not in features.password:
            yield at, f'features.password 没有写 "{cert_type}"，不会校验'
        if way not in (*ways, DEVICE, TILL):
            yield at, f"没有这种方式 {way}{nearest(way, (*ways, TILL))}；有 {'、'.join((*ways, TILL))}"
        elif way not in (DEVICE, TILL) and cert_type not in ways[way].of:
            yield at, f"{way} 只用于 {'、'.join(ways[way].of)}"
    for cert_type in features.password:
        if cert_type not in MEDIA:
            yield "features.password", f"{cert_type} 没有密码可校验；有的是 {'、'.join(MEDIA)}"
