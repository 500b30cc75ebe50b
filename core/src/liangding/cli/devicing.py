"""``liangding devices``: what hangs at this computer, reading with it, and offering it to the till's programs."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import cyclopts
from cyclopts import Parameter

from ..contract.device_errors import DeviceError
from ..contract.devices import MEDIA, Driver, Medium, Persona, Reading, ReadRequest
from ..errors import ConfigurationError
from ..knowledge.plugins import installed
from ..national.passwords import SURE, password_ways
from ..privacy import masked_text, shown
from .app import AsJson
from .output import console, error_console, print_json, table

if TYPE_CHECKING:
    from ..devices import Devices

devices = cyclopts.App(
    name="devices", help="设备：列出、读取、守候、模拟、提供给本机程序 · readers and scanners", help_format="plaintext"
)

OptionalConfig = Annotated[
    Path | None,
    Parameter(name=["--config", "-c"], help="部署文件，或只有 plugins、devices、server 的收银台文件 (TOML)"),
]
Media = Annotated[list[Medium] | None, Parameter(name=["--medium", "-m"], help="只读哪几种；缺省为卡、证、码")]


@devices.command(name="list")
def list_(*, config: OptionalConfig = None, probe: bool = False, as_json: AsJson = False) -> None:
    """列出配置的设备，或没有给文件时，列出这台电脑上找得到的设备 · List devices.

    Parameters
    ----------
    probe
        也向串口发问，看那里接的是什么；接着打印机的口会打出乱码
    """
    if config is not None:
        with _opened(config) as opened:
            rows = opened.listed()
        if as_json:
            print_json(rows)
            return
        shown_ = table("设备", "驱动", "读什么")
        for row in rows:
            shown_.add_row(row["name"], row["title"], "、".join(Medium(m).chinese for m in row["media"]))
        console().print(shown_)
        return
    found = [each for driver in _drivers().values() for each in driver.discover(probe=probe)]
    if as_json:
        print_json([{"driver": f.driver, "settings": dict(f.settings), "says": f.says} for f in found])
        return
    out = console()
    out.print("装有驱动：" + "；".join(f"{d.name} {d.title}" for d in _drivers().values()))
    for each in found:
        out.print(f"\n{each.says}\n{device_table(each.driver, each.settings)}", markup=False)
    if not found:
        out.print("没有找到设备" + ("" if probe else "；串口上的加 --probe 再找"))


@devices.command
def read(
    *,
    config: OptionalConfig,
    medium: Media = None,
    device: Annotated[str | None, Parameter(help="只用这一台")] = None,
    seconds: Annotated[float, Parameter(help="等多久")] = 30.0,
    infno: Annotated[str, Parameter(help="交易号，安全控件要用")] = "",
    as_json: AsJson = False,
) -> None:
    """读一次凭证；终端上隐去个人信息，--json 给出全部 · Read once."""
    asked = ReadRequest(media=tuple(medium or MEDIA), seconds=seconds, infno=infno)
    with _opened(config) as opened:
        error_console().print(f"请出示{asked.wanted}……")
        _print(opened.read(asked, device=device), as_json)


@devices.command
def watch(*, config: OptionalConfig, medium: Media = None, count: int | None = None, as_json: AsJson = False) -> None:
    """一直守着，出示一个打印一个，直到 Ctrl-C · Print whatever is shown.

    Parameters
    ----------
    count
        读到这么多次就结束
    """
    asked = ReadRequest(media=tuple(medium or (*MEDIA, Medium.GOODS)), seconds=5.0)
    read_ = 0
    with _opened(config) as opened, contextlib.suppress(KeyboardInterrupt):
        error_console().print(f"守候{asked.wanted}，Ctrl-C 结束")
        while count is None or read_ < count:
            try:
                _print(opened.read(asked), as_json)
                read_ += 1
            except DeviceError as failed:
                if failed.code != "no_card":
                    error_console().print(f"[{failed.code}] {failed} —— {failed.remedy}", markup=False)
                    time.sleep(1)


@devices.command
def emulate(
    kind: Annotated[str, Parameter(help="哪种设备：pcsc、idcard、scanner、vendorlib、simulated")],
    *,
    case: Annotated[list[str] | None, Parameter(help="依次出示哪些模拟参保人，如 local、hong_kong")] = None,
    area: Annotated[str | None, Parameter(help="模拟参保人的参保地，六位区划；缺省为区划表中的第一个市")] = None,
    setting: Annotated[list[str] | None, Parameter(help="设备的设置，如 generation=3.00")] = None,
    seconds: Annotated[float | None, Parameter(help="多久后结束；缺省到 Ctrl-C")] = None,
) -> None:
    """没有硬件时模拟一台，打印出怎样配置它 · Emulate a device, and print how to configure it."""
    drivers = _drivers()
    if kind not in drivers:
        raise ConfigurationError(f"没有设备驱动 {kind}", path="kind", remedy=f"装有：{'、'.join(drivers)}")
    given = dict(each.partition("=")[::2] for each in setting or ())
    with drivers[kind].emulate(personas(area or _some_city(), case or ["local"]), given) as emulated:
        out = console()
        out.print(f"{emulated.says}。把下面几行写进部署文件或收银台文件：\n", markup=False)
        enabled = f'plugins = ["{kind}"]\n\n' if kind in installed() else ""
        out.print(enabled + device_table(kind, emulated.settings), markup=False, soft_wrap=True)
        out.file.flush()
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(seconds if seconds is not None else 10**8)


@devices.command
def passwords(*, as_json: AsJson = False) -> None:
    """校验与修改密码的各种方式、怎样办、把握多大 · The ways of a password, and how sure each is."""
    if as_json:
        print_json([attrs.asdict(each) for each in password_ways()])
        return
    shown_ = table("方式", "校验", "修改", "凭证", "由谁", "带什么", "把握", "来历")
    for each in password_ways():
        sure = SURE[each.confidence]
        kinds = "、".join(each.of)
        shown_.add_row(each.way, each.checks or "–", each.changes, kinds, each.who, each.carries, sure, each.source)
    console().print(shown_)


@devices.command
def serve(*, config: OptionalConfig, host: str | None = None, port: int | None = None) -> None:
    """在本机回环上提供这台电脑的设备，服务器可在别处 · Offer this computer's devices on its loopback."""
    from ..config.till import load_till
    from ..devices import devices_of_till
    from ..server.devices import till_app
    from ..server.listening import listen
    from ..server.logs import log_to
    from .admitting import refuse_open_door

    till = load_till(_needed(config))
    host, port = host or till.server.host, till.server.port if port is None else port
    refuse_open_door(till.server, host, till.source.name)
    with contextlib.closing(devices_of_till(till)) as opened:
        app = till_app(till, opened)
        count = len(opened.listed())
        log_to(till.log, till.source.parent)

        def told(url: str) -> None:
            console().print(f"设备接口 {url}/v1/devices ，{count} 台设备")

        listen(app, host, port, told, till.server, till.source.parent)


# -- what these have in common -----------------------------------------------------------------------------------


def personas(area: str, cases: list[str]) -> list[Persona]:
    """The simulated platform's people, as devices show them."""
    from ..simulator.people import People

    people = People(area)
    known = [person.case for person in people.all]
    for case in cases:
        if case not in known:
            raise ConfigurationError(f"没有模拟参保人 {case}", path="case", remedy=f"有：{'、'.join(known)}")
    return [
        Persona(
            name=p.name, certno=p.certno, sex=p.gender, born=p.born, cert_type=p.cert_type, card_no=p.card_no,
            card_sn=p.card_sn, place=p.card_sn[:6], shown=p.qr_code, token=p.token, insured_place=p.covers[0].place,
        )
        for p in map(people.case, cases)
    ]  # fmt: skip


def _some_city() -> str:
    from ..spec.codes import code_table

    return next(place.code for place in code_table("admdvs") if place.level == "city")


def _drivers() -> dict[str, Driver]:
    from ..devices.drivers import installed_drivers

    return installed_drivers()


def _needed(config: Path | None) -> Path:
    if config is None:
        raise ConfigurationError("没有给文件", path="--config", remedy="liangding devices emulate 打印出怎样写")
    return config


@contextlib.contextmanager
def _opened(config: Path | None) -> Any:
    from ..config.till import load_till
    from ..devices import devices_of_till

    opened: Devices = devices_of_till(load_till(_needed(config)))
    try:
        if not opened:
            raise ConfigurationError("文件里没有设备", path=f"{config}: devices")
        yield opened
    finally:
        opened.close()


def _print(reading: Reading, as_json: bool) -> None:
    from ..workflow.storing import stored

    if as_json:
        print_json(stored(reading))
        return
    out = console()
    out.print(f"[bold]{reading.medium.chinese}[/]（{reading.device}）")
    said = {
        "号码": shown("certno", reading.number or None), "码": shown("ecQrCode", reading.shown or None),
        "证件": shown("certno", reading.certno or None), "姓名": shown("name", reading.name or None),
        "卡识别码": shown("card_sn", reading.card_sn or None), "发卡地": reading.place,
        "有效期至": str(reading.valid_to or ""), "校验介质": shown("card_token", reading.token and reading.token.value),
        "签名": shown("hcard_chkinfo", reading.signature and reading.signature.hcard_chkinfo),
    }  # fmt: skip
    if reading.medium is Medium.GOODS:
        said |= {"码": reading.shown} | {key: masked_text(value) for key, value in reading.raw.items()}
    for name, value in said.items():
        if value:
            out.print(f"  {name}：{value}", markup=False)
    for note in reading.notes:
        out.print(f"  {note}")


def device_table(driver: str, settings: Any) -> str:
    """The table of a deployment file that opens such a device."""
    lines = [f"[devices.{driver}]", f'driver = "{driver}"']
    for key, value in settings.items():
        lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return str(value) if isinstance(value, int | float) else f'"{escaped}"'
