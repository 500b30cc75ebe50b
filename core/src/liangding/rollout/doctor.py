"""What is wrong with a deployment on this machine, each with what to do. It settles nothing."""

from __future__ import annotations

import contextlib
import math
import platform
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

import attrs
import httpx

from ..catalogue.matching import counted
from ..catalogue.opening import oldest_of
from ..clock import Clock, now
from ..config import Deployment
from ..config.recording import journal_disk, open_journal
from ..devices import devices_of
from ..errors import LiangdingError
from ..knowledge import Knowledge
from ..runtime import Runtime
from ..uploads.pausing import paused_of
from ..wire.tls import LineTls, tls_failure
from .standing import certificates_of

PUBLIC = ("223.5.5.5", "114.114.114.114")
"""Public addresses; nothing is sent to them unless that is asked for."""

SECONDS, CLOCK_SECONDS = 3.0, 60
FREE_BYTES = 2 * 1024**3
STALE_DAYS, EXPIRES_DAYS = 7, 30


class Health(StrEnum):
    """How something stands."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    ILL = "ill"
    PERSON = "person"
    """A person has to look."""

    @property
    def chinese(self) -> str:
        return {"well": "正常", "doubtful": "请看", "ill": "不通", "person": "须由人看"}[self.value]


@attrs.frozen(kw_only=True)
class HealthFinding:
    """One thing that was looked at: how it stands, what was seen, what to do."""

    what: str
    health: Health
    told: str
    todo: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in attrs.asdict(self).items()}


def well(what: str, told: str) -> HealthFinding:
    return HealthFinding(what=what, health=Health.WELL, told=told)


def ill(what: str, told: str, todo: str) -> HealthFinding:
    return HealthFinding(what=what, health=Health.ILL, told=told, todo=todo)


def doubtful(what: str, told: str, todo: str) -> HealthFinding:
    return HealthFinding(what=what, health=Health.DOUBTFUL, told=told, todo=todo)


def examined(deployment: Deployment, clock: Clock, *, internet: bool = False) -> Iterator[HealthFinding]:
    """Everything that is looked at, one after the other. ``internet``: public addresses are really connected to."""
    try:
        known = Knowledge(deployment)
    except LiangdingError as failed:
        yield ill("部署文件", failed.message, failed.remedy or "按提示改部署文件")
        return
    yield well("部署文件", f"{deployment.source.name}：{known.region.name}，{len(known.interfaces.numbers())} 个交易")
    yield from _of_environment(deployment)
    reached = True
    for finding in _of_line(known):
        reached = reached and finding.health is not Health.ILL
        yield finding
    yield from _of_internet(internet)
    yield from _of_gateway(deployment, clock)
    if reached:
        yield from _guarded("签到", lambda: _of_sign_in(deployment))
    yield from _guarded("设备", lambda: _of_devices(known, clock))
    yield from _guarded("流水", lambda: _of_journal(deployment))
    yield from _guarded("上传", lambda: _of_uploads(deployment))
    yield from _guarded("目录", lambda: _of_catalogues(deployment, clock))
    yield from _guarded("目录对照", lambda: _of_matching(deployment))
    yield from _of_keys(deployment, now(clock).date())
    yield from _of_disk(deployment)


def _guarded(what: str, look: Callable[[], Iterator[HealthFinding]]) -> Iterator[HealthFinding]:
    """What a look finds; where it fails, that."""
    try:
        yield from look()
    except LiangdingError as failed:
        yield ill(what, failed.message, failed.remedy or "按提示处理")
    except Exception as failed:
        yield ill(what, f"没有查成：{type(failed).__name__}", "把这一行告诉技术支持")


def _of_environment(deployment: Deployment) -> Iterator[HealthFinding]:
    stated = deployment.platform.environment
    if stated is None:
        todo = '在 [platform] 写 environment = "test" 或 "production"'
        yield doubtful("平台环境", "没有写明是测试还是正式", todo)
    else:
        yield well("平台环境", {"test": "测试", "production": "正式"}[stated])


# -- the line ----------------------------------------------------------------------------------------------------------


def _of_line(known: Knowledge) -> Iterator[HealthFinding]:
    """The platform and its services by TCP, the targets that the region names by ICMP."""
    deployment = known.deployment
    urls = {"平台": deployment.platform.url}
    urls |= {f"路由 {route}": url for route, url in deployment.platform.routes.items()}
    urls |= {f"在线服务 {name}": service.url for name, service in deployment.services.items()}
    for name, url in urls.items():
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((host, port), timeout=SECONDS).close()
        except OSError as failed:
            why = failed.strerror or type(failed).__name__
            yield ill(f"网络：{name}", f"连不上 {host}:{port}（{why}）", "查专线、防火墙与地址；平台侧是否开通本机")
        else:
            yield well(f"网络：{name}", f"{host}:{port} 通")
    if known.region.targets:
        with ThreadPoolExecutor(len(known.region.targets)) as beside:
            yield from beside.map(_pinged, known.region.targets)


def _pinged(target: str) -> HealthFinding:
    """One target by ICMP, with the system's own command."""
    command = shutil.which("ping")
    if command is None:
        return HealthFinding(
            what=f"ping {target}", health=Health.PERSON, told="本机没有 ping 命令", todo=f"由人 ping {target}"
        )
    windows = platform.system() == "Windows"
    options = ["-n", "1", "-w", "3000"] if windows else ["-c", "1", "-W", "3"]
    try:
        done = subprocess.run([command, *options, target], capture_output=True, timeout=10, check=False)
        answered = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        answered = False
    if answered:
        return well(f"ping {target}", "通")
    return ill(f"ping {target}", "不通", "按医保局要求设置专线路由与网络；有的网络不放行 ICMP，须由人核对")


def _of_internet(really: bool) -> Iterator[HealthFinding]:
    """Whether this machine has a way to the internet. Without ``really`` only the routing table is asked."""
    for address in PUBLIC:
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
            try:
                probe.connect((address, 53))
            except OSError:
                continue
        if not really:
            told = f"有去往 {address} 的路由（没有真的去连）"
            yield doubtful("专网专用", told, "确认医保专线的设备上不了互联网；--internet 真的连一次")
            return
        with contextlib.suppress(OSError):
            socket.create_connection((address, 53), timeout=SECONDS).close()
            yield ill("专网专用", f"连得上互联网（{address}）", "医保专线的设备不得连互联网：断开，或拆成两台")
            return
    yield well("专网专用", "没有通往互联网的路")


def _of_gateway(deployment: Deployment, clock: Clock) -> Iterator[HealthFinding]:
    """The gateway answers HTTP, and its clock is ours: signatures hold a few minutes only."""
    try:
        tls = (deployment.line_tls() or LineTls()).context()
        answer = httpx.get(deployment.platform.url, timeout=SECONDS, trust_env=False, verify=tls)
    except httpx.HTTPError as failed:
        if secured := tls_failure(failed):
            yield ill("网关", secured[1].removesuffix("，未发出"), "医保专线的证书多由平台方自己签发：向他们要根证书")
            return
        yield ill("网关", f"没有 HTTP 应答（{type(failed).__name__}）", "地址是否写对，是否要走前置机")
        return
    yield well("网关", f"有 HTTP 应答（{answer.status_code}）")
    told = answer.headers.get("date")
    if told is None:
        yield HealthFinding(what="时钟", health=Health.PERSON, told="网关没有报时", todo="由人与标准时间核对本机时钟")
        return
    with contextlib.suppress(ValueError, TypeError):
        off = clock.epoch() - parsedate_to_datetime(told).timestamp()
        if abs(off) > CLOCK_SECONDS:
            yield ill("时钟", f"本机与网关差 {off:.0f} 秒", "校准本机时钟：签名按时间验，差几分钟就不认")
        else:
            yield well("时钟", f"与网关差 {abs(off):.0f} 秒")


def _of_sign_in(deployment: Deployment) -> Iterator[HealthFinding]:
    if deployment.platform.environment is None:
        yield HealthFinding(what="签到", health=Health.PERSON, told="没有写明平台环境，不去签到", todo="写明后再查")
        return
    with Runtime(deployment) as runtime:
        operator = deployment.operator()
        runtime.sign_in(operator)
        yield well("签到", f"经办人 {operator.code} 已签到")


# -- this machine ------------------------------------------------------------------------------------------------------


def _of_devices(known: Knowledge, clock: Clock) -> Iterator[HealthFinding]:
    with contextlib.closing(devices_of(known.deployment, known.manager, clock)) as devices:
        listed = devices.listed()
    told = "、".join(f"{each['name']} {each['title']}" for each in listed)
    if told:
        yield well("设备", told)
    else:
        yield doubtful("设备", "没有配置读卡、扫码设备", "在 [devices] 配置，或由软件给出凭证")


def _of_journal(deployment: Deployment) -> Iterator[HealthFinding]:
    with contextlib.closing(open_journal(deployment)) as journal:
        unsettled = journal.of(deployment.institution.code).pending()
        escalated = sum(call.escalated_at is not None for call in unsettled)
    if escalated:
        yield ill("流水", f"{escalated} 笔等人处理", f"liangding journal list --config {deployment.source.name}")
    elif unsettled:
        yield doubtful("流水", f"{len(unsettled)} 笔结果不明，正在查", "稍后再看")
    else:
        yield well("流水", "没有未结清的调用")
    url = deployment.journal.url
    what = (
        "数据库的备份由数据库做" if url.startswith("postgresql") else "备份 SQLite 文件前先停服务，或用 sqlite3 .backup"
    )
    yield HealthFinding(what="备份", health=Health.PERSON, told=what, todo="确认每天备份流水与密钥，并试过恢复")


def _of_uploads(deployment: Deployment) -> Iterator[HealthFinding]:
    """Kinds of daily uploads that somebody stopped."""
    code = deployment.institution.code
    with contextlib.closing(open_journal(deployment)) as journal:
        paused = paused_of(journal.of(code), code)
    for each in paused:
        yield doubtful(
            "上传", each.sentence, f"liangding uploads resume {each.infno} --config {deployment.source.name}"
        )


def _of_catalogues(deployment: Deployment, clock: Clock) -> Iterator[HealthFinding]:
    oldest = oldest_of(deployment)
    if oldest is None:
        yield doubtful("目录", "还没有下载", f"liangding catalogue sync --config {deployment.source.name}")
        return
    days = (clock.epoch() - oldest.at) / 86400
    told = f"最旧的 {oldest.number} 是 {math.floor(days)} 天前的"
    if days > STALE_DAYS:
        yield doubtful("目录", told, f"liangding catalogue sync --config {deployment.source.name}")
    else:
        yield well("目录", told)


def _of_matching(deployment: Deployment) -> Iterator[HealthFinding]:
    """Items of the institution's own that the platform does not know yet: bills with them are refused."""
    with contextlib.closing(open_journal(deployment)) as journal:
        counts = counted(journal.of(deployment.institution.code), deployment.institution.code)
    due, done = (sum(each[place] for each in counts.values()) for place in (0, 1))
    todo = f"liangding matching list --state open --state proposed --config {deployment.source.name}"
    if not counts:
        yield doubtful("目录对照", "没有导入过本机构的目录", "liangding matching import；由别的系统对照的不用管")
    elif done < due:
        yield doubtful("目录对照", f"应匹配 {due}，完成 {done}：还差 {due - done} 条", todo)
    else:
        yield well("目录对照", f"{due} 条都已上传")


def _of_keys(deployment: Deployment, today: date) -> Iterator[HealthFinding]:
    for key in deployment.server.api_keys:
        expires = getattr(key, "expires", None)
        if expires is not None and expires < today + timedelta(days=EXPIRES_DAYS):
            gone = expires < today
            make = ill if gone else doubtful
            yield make(f"密钥 {key.name}", f"{'已于' if gone else '将于'} {expires} 到期", "liangding key --api 换一把")
    for held in certificates_of(deployment):
        if held.until is None:
            yield ill(f"证书 {held.what}", held.wrong, "换一个读得了的 PEM 文件")
        elif held.until < today + timedelta(days=EXPIRES_DAYS):
            make = ill if held.until < today else doubtful
            yield make(f"证书 {held.what}", f"到 {held.until} 为止", "换新的证书")
    if deployment.journal.old_keys:
        yield doubtful("流水密钥", "old_keys 还留着旧密钥", "流水打开过一次后即可去掉")
    else:
        yield well("密钥", "读得到，没有过期的")


def _of_disk(deployment: Deployment) -> Iterator[HealthFinding]:
    place = journal_disk(deployment)
    free = shutil.disk_usage(place).free
    told = f"{place} 还有 {free / 1024**3:.1f} GB"
    if free < FREE_BYTES:
        yield ill("磁盘", told, "清出空间：磁盘写满时不能记流水，也就不能结算")
    else:
        yield well("磁盘", told)
