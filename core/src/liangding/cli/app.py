"""The commands, and how a command ends: 0 well, 1 the answer is no, 2 asked wrongly or not set up right."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter
from rich.markup import escape

from .. import __version__
from ..errors import CallFailed, ConfigurationError, InvalidMessage, LiangdingError, UnknownTransaction
from ..journal.asking import asked_by
from .output import error_console
from .speaking import speak_plainly

Config = Annotated[Path, Parameter(name=["--config", "-c"], help="部署文件 (TOML) · the deployment file")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="输出 JSON · print JSON")]

COMMANDS = {
    "demo": ("demo:demo", "演示：药店、门诊、住院、撤销、医院的一天 · demonstrations on the simulated platform"),
    "simulate": ("serving:simulate", "启动模拟平台 · serve the simulated platform"),
    "serve": ("serving:serve", "启动本地 HTTP 接口 · serve the local HTTP API"),
    "trial": ("rehearsing:trial", "试运行：模拟平台和几个服务，一条命令 · the simulated platform and several servers"),
    "bridge": ("taking_in:bridge", "文件夹桥：请求文件换应答文件 · a folder for software that cannot do HTTP"),
    "import": ("taking_in:import_", "导入 CSV、XLSX 或读视图，按映射逐单办 · do the bills of a table or a view"),
    "call": ("calling:call", "调用一个交易 · make one call"),
    "flow": ("flowing:flow", "业务流程：画出、开始、回答、继续、查看 · business flows"),
    "desk": ("desking:desk", "柜台查询：一个人的就诊、结算、备案、累计 · a person at the desk"),
    "devices": ("devicing:devices", "设备：列出、读取、守候、模拟、提供给本机程序 · readers and scanners"),
    "slip": ("slipping:slip", "重打小票，或做结算单、费用清单的 PDF · print a slip again, or a statement as PDF"),
    "interfaces": ("interfaces:interfaces", "列出交易，或看一个交易的全表 · the declarations"),
    "codes": ("comparing:codes", "列出字典，或看一个字典的代码 · the code tables"),
    "diff": ("comparing:diff", "两个地区、或地区与国家基线的差别 · how regions differ"),
    "validate": ("validating:validate", "校验一个报文 · hold a message against its declaration"),
    "rules": ("ruling:rules", "规则：编号、正例、反例、修正 · the numbered rules with examples"),
    "protocol": ("ruling:protocol", "结算清单的质控单，逐条 OK、提醒、错误 · quality control of a settlement list"),
    "one-code": ("charging:one_code", "一码付：每一笔的医保部分与自费部分 · both parts of one-code payments"),
    "uses": ("counting:uses", "用码统计：按场景、日期、科室 · how often codes were used"),
    "decode": ("decoding:decode", "为什么被拒绝：原因、核对什么、怎么办 · why was it refused, and what to do"),
    "sign": ("signing:sign", "签名为什么不对：被签的原文、易错之处、与给出的签名比对 · what exactly is signed"),
    "explain": ("deployments:explain", "说明一个交易在部署里怎样走 · how a transaction goes in a deployment"),
    "acceptance": ("accepting:acceptance", "验收：场景、证据、表格 · acceptance: scenarios, evidence, forms"),
    "requirements": ("requiring:requirements", "本地文件的要求，各自怎样 · what the region's documents demand"),
    "check": ("deployments:check", "检查部署文件 · check a deployment file"),
    "plan": ("rolling:plan", "换部署文件之前，看会变什么 · what a change will do before it is done"),
    "bundle": ("rolling:bundle", "离线安装包 · an installer for machines without a network"),
    "fleet": ("rolling:fleet", "一眼看全部部署 · all deployments at a glance"),
    "doctor": ("rolling:doctor", "体检：线路、签到、设备、目录、密钥、磁盘 · what is wrong, and what to do"),
    "key": ("deployments:key", "生成流水密钥 · make a key for the journal"),
    "torture": ("torturing:torture", "随机故障试验并核对资金 · deterministic exploration of faults"),
    "catalogue": ("cataloguing:catalogue", "医保目录：下载、查找 · the catalogues, fetched and searched"),
    "matching": ("matching:matching", "目录对照：导入、候选、确认、上传 · items and codes"),
    "jobs": ("jobbing:jobs", "作业：列出、马上做、暂停、恢复 · what is done by itself"),
    "reconcile": (
        "reconciling:reconcile",
        "对账：总账、明细、差异的原因与办法 · our settlements and the platform's",
    ),
    "clearing": ("clearing:clearing", "清算申请；异地清分：提取、确认、回退 · clearing by the month"),
    "departments": ("staffing:departments", "科室：与平台核对，确认后上传、变更、撤销 · departments"),
    "staff": ("staffing:staff", "医执人员：与平台核对，留下代码 · doctors, nurses, pharmacists"),
    "uploads": ("uploading:uploads", "日常上传：导入、查看、撤下 · records that go by the day"),
    "lists": ("listing:lists", "结算清单：状态、提交、撤销、质控结果、数量 · settlement lists"),
    "self-pay": ("listing:self_pay", "自费病人：传全、删除、查询 · self-paying patients"),
    "new-province": ("authoring:new_province", "写一个新省份的插件 · write a plugin for a new province"),
    "conformance": ("authoring:conformance", "一个插件符合哪些规则、达到哪一级 · the rules and tiers of plugins"),
    "persons": ("persons:persons", "控制台的用户：新建、列出、重置、停用 · accounts of the console"),
    "journal": ("custody:journal", "流水：列出、查看 · the journal of all calls"),
}

app = cyclopts.App(
    name="liangding",
    help="两定 (Liangding)：医院、药店软件与医疗保障信息平台之间的接口。\n\n"
    "Connects hospital and pharmacy software to China's medical-insurance platform.",
    version=__version__,
    help_format="plaintext",
)
app["--help"].group = app["--version"].group = "其他 · Other"
for _name, (_place, _help) in COMMANDS.items():
    app.command(f"liangding.cli.{_place}", name=_name, help=_help)


def _with_plugins(arguments: list[str]) -> None:
    """Take in the commands of the plugin that is named first, or of all where help is asked for."""
    first = arguments[0] if arguments else "--help"
    if first in COMMANDS or (first.startswith("-") and first not in ("--help", "-h")):
        return
    from .extending import bringing, commands_of

    for plugin in bringing() if first.startswith("-") else [first]:
        commands = None if plugin in app else commands_of(plugin)
        if commands is not None:
            app.command(commands)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Errors of ours are one clear message, never a traceback."""
    os.umask(0o077)
    speak_plainly()
    try:
        _with_plugins(arguments)
        with asked_by(f"cli:{_user()}"):
            result = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except cyclopts.CycloptsError:
        return 2
    except LiangdingError as failed:
        _show(failed)
        wrong_setup = isinstance(failed, ConfigurationError | UnknownTransaction)
        return 2 if wrong_setup else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0


def _user() -> str:
    """Who is at the command line, as the system knows it: the environment may say whatever one likes."""
    try:
        if sys.platform == "win32":
            return os.getlogin()
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _show(failed: LiangdingError) -> None:
    console = error_console()
    if isinstance(failed, InvalidMessage):
        console.print("[bold red]报文不符合规范，未发送：[/]")
        for problem in failed.problems:
            console.print(f"  {'✗' if problem.level == 'error' else '!'} {problem}", markup=False)
    else:
        console.print(f"[bold red]错误[/] {escape(f'[{failed.code}] {failed}')}")
    if isinstance(failed, CallFailed) and failed.msgid:
        console.print(f"报文 {failed.msgid}，流水 {failed.call_id}")
    if failed.remedy:
        console.print(f"[dim]办法：[/]{escape(failed.remedy)}")
