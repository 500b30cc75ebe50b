"""``liangding explain``, ``check`` and ``key``: what a deployment file amounts to."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import Annotated, Any

from cyclopts import Parameter
from rich.markup import escape

from ..clock import SystemClock
from ..config import Deployment, load_deployment
from ..config.addresses import without_secrets
from ..config.clients import digest_of, new_api_key
from ..config.one_code import REAL_MONEY
from ..config.recording import journal_as_it_is
from ..devices import devices_of
from ..errors import LiangdingError
from ..feed.webhook import wrong_with
from ..flows import FLOWS
from ..flows.settings import refuse_unused
from ..journal.vault import new_secret
from ..knowledge import Knowledge
from ..knowledge.conform import misfits
from ..knowledge.core_plugin import CORE
from ..knowledge.misfits import refuse
from ..national.passwords import DEVICE, sure_of
from ..workflow.rows import declared
from .admitting import refuse_what_is_open
from .app import Config
from .looking_over import doubts, hold_journal
from .output import console, error_console, table


def explain(infno: Annotated[str, Parameter(help="交易编号，如 2102")], *, config: Config) -> None:
    """说明一个交易在这个部署里怎样走：固定值、接口点、来自哪个插件 · How a transaction goes in a deployment."""
    known = Knowledge(load_deployment(config))
    deployment, transaction = known.deployment, known.interfaces[infno]
    out = console()
    out.print(f"[bold]{infno} {transaction.name}[/] 在部署 {deployment.name}（{known.region.name}）")
    out.print(f"  声明来自：{known.interfaces.owner(infno) or '国家基线'}")
    out.print(f"  发往：{known.address(transaction)}")
    gateway = type(known.gateway)
    out.print(f"  网关：{deployment.platform.gateway}（{gateway.__module__}.{gateway.__name__}）")
    fixed = known.fixed.of(transaction)
    out.print("\n[bold]固定值[/]" + ("" if fixed else "：无"))
    if fixed:
        shown = table("字段", "值", "放在", "来自插件")
        for each in fixed:
            places = "、".join(".".join(map(str, place)) for place in each.places)
            shown.add_row(each.field, each.told, places, each.plugin)
        out.print(shown)
    out.print(f"\n[bold]接口点[/] {transaction.hook}")
    shown = table("次序", "插件", "方式", "函数", "说明")
    implementations = list(reversed(getattr(known.manager.hook, transaction.hook).get_hookimpls()))
    for i, each in enumerate(implementations, 1):
        core = each.plugin_name == CORE
        says = (
            "校验、入流水、签名、发送、分类、应答" if core else (inspect.getdoc(each.function) or "").partition("\n")[0]
        )
        function = "" if core else f"{each.function.__module__}.{each.function.__name__}"
        shown.add_row(str(i), each.plugin_name, "发送" if core else "包裹", function, says)
    out.print(shown)
    added = known.added_codes(transaction)
    if added:
        out.print("\n[bold]本地增加的代码[/]")
        for table_name, codes in added.items():
            out.print(f"  {table_name}：" + "、".join(f"{c.code} {c.name}" for c in codes))
    _explain_requirements(known, infno)


def _explain_requirements(known: Knowledge, infno: str) -> None:
    """What the region's documents demand of the transaction, and what they print wrongly."""
    demanded = [each for each in known.requirements if infno in each.infnos]
    if demanded:
        console().print("\n[bold]本地文件的要求[/]")
    for each in demanded:
        slip = f"；文件笔误（{each.document}）：{each.slip}" if each.slip else ""
        note = f"（{each.note}）" if each.note else ""
        console().print(f"  {each.id} {each.section}：{each.text}——{each.standing.chinese}{note}{slip}")


def _first_line(function: object) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def check(
    *,
    config: Config,
    go_live: Annotated[
        bool, Parameter(negative="", help="上线条件没有满足就算错误 · unmet conditions of going live are errors")
    ] = False,
) -> int:
    """检查部署文件、插件和密钥，不连平台 · Check a deployment file, its plugins and secrets; nothing is sent.

    Exit code 0: nothing is wrong (conditions of going live may be unmet); 1: with ``--go-live``, one is.
    """
    deployment = load_deployment(config)
    known = Knowledge(deployment)
    refuse(misfits(known.manager, known.interfaces, deployment, thorough=True))
    flows, plans = declared(FLOWS, known)
    refuse_unused(flows, plans, known)
    unopened = hold_journal(deployment)
    for name in known.services.names():
        known.services.line(name)
    if (wrong := wrong_with(deployment)) is not None:
        raise wrong
    with contextlib.closing(devices_of(deployment, known.manager, SystemClock())) as devices:
        found = devices.listed()
    refuse_what_is_open(known)
    out = console()
    out.print(f"[bold green]部署文件没有问题[/]：{deployment.source}")
    rows = _facts(known, found)
    for label, value in rows.items():
        out.print(f"  {label}：{value}")
    if not known.region.serves(deployment.institution.code[1:]):
        doubt = f"机构编码 {deployment.institution.code} 的区划不属{known.region.name}（区划变更前的编码除外）"
        out.print(f"\n[yellow]请核对[/]：{doubt}")
    if deployment.patient() is not deployment:
        out.print(f"\n[yellow]请改[/]：{too_hasty(deployment)}")
    for name in known.services.names():
        if unsent := known.services.without_path(name, known.interfaces):
            doubt = f"{'、'.join(unsent)} 没有公开的路径，向中心问清后写在 services.{name}.paths，现在发不出"
            out.print(f"\n[yellow]请留意[/]：在线服务 {name} 的 {doubt}")
    _assumptions(known)
    if deployment.one_code is not None:
        out.print(f"\n[red]一码付[/]：{REAL_MONEY}；没有公开的字段表，字段名照 \\[one_code] 所写")
    for doubt in (*unopened, *doubts(deployment), *_not_opened(known), *_paused(deployment)):
        out.print(f"\n[yellow]请留意[/]：{escape(doubt)}")
    if known.region.unanswered:
        out.print("\n上线前还要向医保部门问清：")
        for question in known.region.unanswered:
            out.print(f"  · {question}")
    if known.region.unmet:
        out.print(f"\n[{'red' if go_live else 'yellow'}]上线条件还没有满足[/]：")
        for condition in known.region.unmet:
            out.print(f"  · {condition}", markup=False)
    return 1 if go_live and known.region.unmet else 0


def _not_opened(known: Knowledge) -> Iterator[str]:
    """Online services that are set up here for what the region has not opened to everybody."""
    of_services = (known.interfaces[number] for number in known.interfaces.numbers())
    told = {known.not_opened(each): "" for each in of_services if known.services.of(each) is not None}
    yield from (f"配置了在线服务。{said}" for said in told if said)


def _paused(deployment: Deployment) -> list[str]:
    """Kinds of daily uploads that somebody stopped."""
    from ..uploads.pausing import paused_of

    code = deployment.institution.code
    with contextlib.suppress(LiangdingError), journal_as_it_is(deployment) as journal:
        return [each.sentence for each in paused_of(journal.of(code), code)]
    return []


def _facts(known: Knowledge, devices: list[dict[str, Any]]) -> dict[str, str]:
    """What a deployment amounts to, label by label."""
    deployment, institution = known.deployment, known.deployment.institution
    line = without_secrets(deployment.platform.url)
    services = (f"{name} {without_secrets(deployment.services[name].url)}" for name in known.services.names())
    return {
        "机构": f"{institution.code} {institution.name}（{institution.kind.value}，就医地 {institution.area}）",
        "省份插件": f"{deployment.province}（{known.region.name}）",
        "所据文件": "；".join(dict.fromkeys(each.document for each in known.requirements if each.document)) or "无",
        "其他插件": "、".join(deployment.plugins) or "无",
        "平台": f"{line}（{deployment.platform.address}，网关 {deployment.platform.gateway}）",
        "经办人": "、".join(f"{o.code} {o.name}" for o in deployment.operators),
        "流水": without_secrets(deployment.journal.url),
        "在线服务": "、".join(services) or "无",
        "设备": "、".join(f"{each['name']} {each['title']}" for each in devices) or "无",
        "交易": f"{len(known.interfaces.numbers())} 个",
        "密码校验": passwords_of(deployment) or "无",
    }


def _assumptions(known: Knowledge) -> None:
    """What is taken for granted of numbers whose tables nobody has published."""
    assumed = known.speaking.assumed()
    if assumed:
        out = console()
        out.print(
            f"\n[yellow]流程里的假设[/]：{len(assumed)} 个编号没有公开的字段表，与中心说的不同时写 \\[spoken.编号]："
        )
        for infno, what in assumed.items():
            out.print(f"  · {infno}：{what}", markup=False, soft_wrap=True)


def passwords_of(deployment: Deployment) -> str:
    """Of which credentials the password is checked, in which way, and how sure that way is."""
    features = deployment.features
    ways = {cert_type: features.password_by.get(cert_type, DEVICE) for cert_type in features.password}
    return "、".join(f"{cert_type} 由 {way}（把握：{sure_of(way, cert_type)}）" for cert_type, way in ways.items())


def too_hasty(deployment: Deployment) -> str:
    """What to change where "not there" would be believed while an answer may still come."""
    least, platform = deployment.least_belief, deployment.platform
    return (
        f"{deployment.source.name} 的 [resolution] believe_seconds = {deployment.resolution.believe_seconds:g} 太短，"
        f"至少 {least:g}（connect_seconds {platform.connect_seconds:g} + read_seconds {platform.read_seconds:g} + 5）"
    ).replace("[resolution]", "\\[resolution]")


def key(
    *, api: Annotated[bool, Parameter(negative="", help="本地接口的密钥 · a key for the local HTTP API")] = False
) -> None:
    """生成一个流水密钥，或本地接口的密钥，打印到标准输出 · Make a key for the journal, or for the local API."""
    if not api:
        print(new_secret())
        return
    made = new_api_key()
    print(made)
    error_console().print(f'部署文件里可以只写它的 hash：hash = "{digest_of(made)}"', markup=False)
