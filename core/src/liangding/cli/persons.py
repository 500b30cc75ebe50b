"""``liangding persons``: the accounts of the console. The first one is made here; there is none by default."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

from ..config import Deployment, load_deployment
from ..config.recording import open_own_journal
from ..errors import ConfigurationError
from .app import Config
from .output import console, table

if TYPE_CHECKING:
    from ..journal.journal import Journal
    from ..server.console.persons import Persons

persons = cyclopts.App(name="persons", help="控制台的用户：新建、列出、重置、停用 · accounts of the console")

ISSUER = "两定"

Name = Annotated[str, Parameter(help="用户名 · the account")]
Roles = Annotated[
    list[Literal["cashier", "office", "approver", "auditor", "admin"]],
    Parameter(
        name="--role",
        help="角色，可给几个：cashier 收费员，office 医保办，approver 审批人，auditor 安全审计员，admin 管理员",
    ),
]


@contextlib.contextmanager
def _opened(deployment: Deployment) -> Iterator[tuple[Persons, Journal]]:
    from ..server.console.persons import Persons

    if deployment.console is None:
        raise ConfigurationError("这个部署没有控制台", path="console", remedy="在部署文件中写 [console]")
    journal = open_own_journal(deployment)
    try:
        yield Persons(journal, deployment.console, time.time), journal
    finally:
        journal.close()


@persons.command
def add(
    name: Name,
    *,
    config: Config,
    role: Roles,
    deployment: Annotated[str, Parameter(help="只在这个部署；不给则全部 · at one deployment only")] = "",
    display: Annotated[str, Parameter(help="姓名或称呼 · what others see")] = "",
    operator: Annotated[str, Parameter(help="经办人编号 · the operator code")] = "",
) -> None:
    """新建用户，打印第一次的密码和动态码密钥 · Make an account; what it signs in with is printed once."""
    from ..server.console.rights import EVERYWHERE, PersonRole

    scope = {deployment or EVERYWHERE: tuple(PersonRole(each) for each in role)}
    with _opened(load_deployment(config)) as (known, journal):
        try:
            password, second = known.add(name, display, scope, operator=operator)
        except ValueError as wrong:
            raise ConfigurationError(str(wrong)) from None
        journal.report("persons_changed", {"name": name, "what": "新建", "roles": "、".join(role)})
    _print_entry(name, password, second)


@persons.command(name="list")
def list_(*, config: Config) -> None:
    """列出用户和角色 · The accounts and their roles."""
    from ..server.console.rights import in_words

    with _opened(load_deployment(config)) as (known, _):
        found, waiting = known.listed(), known.confirming.all()
    shown = table("用户名", "姓名", "经办人", "角色", "状态")
    now = time.time()
    for each in found:
        states = {
            "已停用": not each.active, "已锁定": each.active and each.locked_until > now,
            f"等确认 {in_words(waiting[each.id].scope) if each.id in waiting else ''}": each.id in waiting,
        }  # fmt: skip
        state = "，".join(text for text, holds in states.items() if holds)
        shown.add_row(each.name, each.display, each.operator, in_words(each.scope), state)
    console().print(shown if found else "还没有用户：liangding persons add 名字 --role admin")


@persons.command
def reset(name: Name, *, config: Config) -> None:
    """重置密码和动态码 · A new first password and second factor; all sessions end."""
    with _opened(load_deployment(config)) as (known, journal):
        password, second = known.reset(name)
        journal.report("persons_changed", {"name": name, "what": "重置密码和动态码"})
    _print_entry(name, password, second)


@persons.command
def confirm(name: Name, *, config: Config) -> None:
    """让等确认的角色生效（控制台里没有第二个人能确认时） · Let roles that wait take effect, where the console has
    nobody else to confirm them."""
    from ..server.console.rights import in_words

    with _opened(load_deployment(config)) as (known, journal):
        roles = in_words(known.confirm(name))
        journal.report("persons_changed", {"name": name, "what": "在命令行确认角色", "roles": roles})
    console().print(f"{name}：{roles} 已生效")


@persons.command
def end(name: Name, *, config: Config) -> None:
    """停用用户，结束他的会话 · End an account and its sessions."""
    from ..reconciliation.proposing import give_back_all_of as give_back_differences
    from ..resolution.approving import give_back_all_of

    with _opened(load_deployment(config)) as (known, journal):
        known.set_active(name, False)
        journal.report("persons_changed", {"name": name, "what": "停用"})
        by, why = f"person:{name}", "提出的人已停用"
        give_back_all_of(journal, by, why)
        give_back_differences(journal, time.time(), by, why)
    console().print(f"{name} 已停用")


def _print_entry(name: str, password: str, second: bytes) -> None:
    from ..server.console.passwords import address, written

    out = console()
    out.print(f"用户 {name}；下面只打印这一次：")
    for text in (f"第一次的密码  {password}", f"动态码密钥    {written(second)}", address(second, name, ISSUER)):
        out.print(text, markup=False, soft_wrap=True)
