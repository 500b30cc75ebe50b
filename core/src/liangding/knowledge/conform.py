"""Whether a plugin says what can be: each hook's result held to its type, and to the place where it is to go.

Asked at every start, by ``liangding check`` and in a plugin's own tests. A start imports no chapter but those in which
a plugin fixes a value; ``thorough`` imports whatever the plugins name.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pluggy

from .. import contract, national
from ..config import Deployment, Spoken
from ..contract import hookspecs
from ..contract.hookspecs import Declared
from ..contract.region import EVERY_CHAPTER, FixedValues, Region
from ..errors import LiangdingError
from ..national.editions import editions
from ..spec import Amendment, transaction_of
from ..spec.codes import Code, CodeTable, code_table_names, find_code_table, merged, same_as, unpublished
from ..spec.leaves import Manner, leaf_reader
from ..spec.nodes import Member, members, node_of
from ..spec.problems import Problem, errors
from ..structuring import nearest
from .fitting import unfit
from .fixed import EVERY, HEAD, fixable, several
from .interfaces import Interfaces
from .misfits import Misfit, PluginRefused
from .plugins import answers, plugin_manager


def conform(plugin: object, deployment: Deployment, *, name: str = "plugin") -> tuple[Misfit, ...]:
    """Everything that cannot be in what ``plugin`` says to a deployment, also in classes that it names and that are
    imported only when they are used; empty where it conforms. ``name`` is what the plugin is called in the misfits.

    ConfigurationError where the deployment's other plugins cannot be enabled with it.
    """
    try:
        manager, interfaces = plugin_manager(deployment, {name: plugin})
        return tuple(misfits(manager, interfaces, deployment, thorough=True))
    except PluginRefused as refused:
        return refused.misfits


def misfits(
    manager: pluggy.PluginManager, interfaces: Interfaces, deployment: Deployment, *, thorough: bool = False
) -> Iterator[Misfit]:
    """Everything that cannot be in what the plugins of a deployment say to it."""
    yield from _of_transactions(interfaces, thorough)
    held: dict[str, list[tuple[str, Any]]] = {hook: [] for hook in PLACED}
    for hook in PLACED:
        for plugin, given in answers(manager, hook, deployment=deployment):
            answer = _whole(given)
            wrong = [Misfit(plugin=plugin, hook=hook, key=u.key, message=str(u)) for u in unfit(answer, gives(hook))]
            yield from wrong
            if not wrong and answer is not None:
                held[hook].append((plugin, answer))
    ground = _Ground(interfaces, _tables(held["liangding_code_tables"]), thorough)
    for hook, misplaced in PLACED.items():
        for plugin, answer in held[hook]:
            for key, message in misplaced(ground, answer):
                yield Misfit(plugin=plugin, hook=hook, key=key, message=message)
    yield from _of_places(manager)
    yield from _of_resolution(manager, interfaces, deployment)


class _Names(dict[str, Any]):
    """The names that hooks' annotations are written with, loaded when one needs them."""

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(contract, name)
        except AttributeError:
            raise KeyError(name) from None


@functools.cache
def gives(hook: str) -> Any:
    """What a hook gives back, as its specification says."""
    return get_type_hints(getattr(hookspecs.HookSpecs, hook), localns=_Names())["return"]


def ill_typed(manager: pluggy.PluginManager, hook: str, **given: Any) -> Iterator[Misfit]:
    """What plugins answer to a hook and is not of its kind; what they answer is not shown, it may be secret."""
    for plugin, answer in answers(manager, hook, **given):
        yield from (Misfit(plugin=plugin, hook=hook, key=u.key, message=u.veiled) for u in unfit(answer, gives(hook)))


def _whole(answer: Any) -> Any:
    """An answer with its iterators run through, so that it can be looked at more than once."""
    if not isinstance(answer, Mapping):
        return answer
    return {key: tuple(held) if isinstance(held, Iterator) else held for key, held in answer.items()}


Misplaced = Iterator[tuple[str, str]]
"""Keys and what is wrong with them."""


@attrs.frozen
class _Ground:
    """What a plugin's words are held against."""

    interfaces: Interfaces
    tables: Mapping[str, CodeTable]
    thorough: bool

    def table(self, name: str) -> CodeTable | None:
        return self.tables.get(name) or find_code_table(name)

    def fields(self, infno: str) -> list[Member]:
        """The fields of a transaction that may be fixed; none where it cannot be imported, which is said elsewhere."""
        try:
            return [member for _, member in fixable(self.interfaces[infno])]
        except (LiangdingError, TypeError):
            return []

    def unknown(self, infno: str) -> str:
        """Why a number cannot be, empty where it can."""
        return "" if infno in self.interfaces else f"没有交易 {infno}{nearest(infno, self.interfaces.numbers())}"

    def unlisted(self, table: str, value: str) -> str:
        """Why a code cannot be, empty where it can, or nobody knows."""
        known = self.table(table)
        if known is None or value in known or not known.complete:
            return ""
        return f"{value} 不在字典 {table}（{known.name}）之中{nearest(value, known.spellings)}"


def _tables(added: Iterable[tuple[str, Mapping[str, Iterable[Code]]]]) -> dict[str, CodeTable]:
    tables: dict[str, CodeTable] = {}
    for plugin, given in added:
        for name, values in given.items():
            base = tables.get(name) or find_code_table(name) or CodeTable(table=name, name=name, values=())
            tables[name] = merged(base, values, plugin)
    return tables


# -- transactions ------------------------------------------------------------------------------------------------------


def _of_transactions(interfaces: Interfaces, thorough: bool) -> Iterator[Misfit]:
    theirs = national.hooks()
    holders = {hook: infno for infno, hook in theirs.items()}
    for infno in interfaces.own.keys() - theirs.keys():
        holders.setdefault(interfaces.hook(infno), infno)
    for infno, (plugin, declared) in interfaces.own.items():
        message = _other_hook(interfaces.hook(infno), infno, theirs.get(infno), holders)
        message = message or _undeclared(interfaces, infno, declared, thorough)
        if message:
            yield Misfit(plugin=plugin, hook="liangding_transactions", key=infno, message=message)


def _undeclared(interfaces: Interfaces, infno: str, declared: Declared, thorough: bool) -> str:
    """Why a declaration is none, empty where it is one, or seems so without being imported."""
    if isinstance(declared, str):
        module, _, name = declared.partition(":")
        if not thorough and _seems_to_have(module, name):
            return ""
    elif isinstance(declared, Amendment):
        if not thorough:
            return ""
    elif transaction_of(declared).infno != infno:
        return f"类 {declared.__qualname__} 声明的是 {transaction_of(declared).infno}"
    try:
        transaction = interfaces[infno]
        for side in (transaction.input, transaction.output) if thorough else ():
            members(node_of(side))
    except LiangdingError as failed:
        return failed.message
    except TypeError as wrong:
        return f"声明不成立：{wrong}"
    return ""


def _seems_to_have(module: str, name: str) -> bool:
    """Whether a module has a class, as far as it shows without being imported: by the text of its source."""
    if module in sys.modules:
        return hasattr(sys.modules[module], name)
    try:
        found = importlib.util.find_spec(module)
        source = Path(found.origin).read_text("utf-8") if found and found.origin else ""
    except (ImportError, OSError, UnicodeDecodeError):
        return False
    return re.search(rf"^(class {name}\b|{name} *[:=])", source, re.MULTILINE) is not None


def _other_hook(hook: str, infno: str, national_hook: str | None, holders: Mapping[str, str]) -> str:
    """Why an interface cannot have the hook that its chapter and class give it, empty where it can."""
    if national_hook is not None and hook != national_hook:
        return f"接口点成了 {hook}，{infno} 的是 {national_hook}：模块与类用国家声明的名字"
    if holders[hook] != infno:
        return f"接口点 {hook} 已是 {holders[hook]} 的：换一个模块名或类名"
    return ""


# -- what is data ------------------------------------------------------------------------------------------------------


def _of_region(ground: _Ground, region: Region) -> Misplaced:
    for name in ("local", "province"):
        for prefix in getattr(region, name):
            if not re.fullmatch(r"\d{2,6}", prefix):
                yield name, f"“{prefix}” 不是医保区划的前 2 到 6 位数字"
    for kind, insurances in region.insurances.items():
        for value in insurances:
            if message := ground.unlisted("insutype", value):
                yield f"insurances.{kind}", message
    for kind, by_place in region.clearing.items():
        for place, value in by_place.items():
            if message := ground.unlisted("clr_type", value):
                yield f"clearing.{kind}.{place.value}", message
    for name, numbers in (("reversible", region.reversible or ()), ("row_limits", region.row_limits)):
        for infno in sorted(numbers):
            if message := ground.unknown(infno):
                yield name, message
    chapters = {EVERY_CHAPTER, *(chapter for chapter, _ in national.places().values())}
    for chapter in region.a_variants:
        if chapter not in chapters:
            yield f"a_variants.{chapter}", f"没有这一章{nearest(chapter, chapters)}"
    for chapter in region.not_opened:
        if chapter not in chapters - {EVERY_CHAPTER}:
            yield f"not_opened.{chapter}", f"没有这一章{nearest(chapter, chapters)}"
    for name in ("doubts", "done"):
        for pattern in getattr(region.refusals, name):
            if message := _no_pattern(pattern):
                yield f"refusals.{name}", message
    if region.edition and region.edition not in editions():
        yield "edition", f"没有接口规范版本 {region.edition}{nearest(region.edition, editions())}"
    for infno, limit in region.row_limits.items():
        if limit < 1:
            yield f"row_limits.{infno}", f"每次的行数至少是 1，给的是 {limit}"


def _no_pattern(pattern: str) -> str:
    """What is wrong with a regular expression, in words; empty where nothing is."""
    try:
        matches_all = re.search(pattern, "") is not None
    except re.error as wrong:
        return f"“{pattern}” 不是正则表达式：{wrong}"
    return f"“{pattern}” 对任何一句话都成立" if matches_all else ""


def _of_code_tables(ground: _Ground, added: Mapping[str, Iterable[Code]]) -> Misplaced:
    known = {*code_table_names(), *unpublished(), *same_as()}
    for table, values in added.items():
        if table not in known and table not in _tables_named(ground.interfaces):
            yield table, f"没有字典 {table}{nearest(table, known)}"
        codes = [value.code for value in values]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"{table}.{code}", "这个代码给了两次"


def _tables_named(interfaces: Interfaces) -> set[str]:
    """The code tables that the plugins' own transactions name."""
    found: set[str] = set()

    def collect(node: Any) -> None:
        for member in members(node):
            if member.node is not None:
                collect(member.node)
            elif member.field is not None and member.field.code_table:
                found.add(member.field.code_table)

    for infno in interfaces.own:
        with contextlib.suppress(LiangdingError, TypeError):
            for side in (interfaces[infno].input, interfaces[infno].output):
                collect(node_of(side))
    return found


def _of_fixed_values(ground: _Ground, values: FixedValues) -> Misplaced:
    for infno, fields in values.items():
        if infno != EVERY and (message := ground.unknown(infno)):
            yield infno, message
            continue
        for field, value in fields.items():
            found = [member for members in _places(ground, infno, field) for member in members]
            if not found:
                yield f"{infno}.{field}", _no_field(ground, infno, field)
            wrong = (_wrong_value(ground, member, each) for member in found for each in several(value))
            for message in dict.fromkeys(wrong):
                if message:
                    yield f"{infno}.{field}", message


def _places(ground: _Ground, infno: str, field: str) -> Iterator[list[Member]]:
    """Where a field that is fixed has a place: in the envelope, or in the transactions that it is fixed for. Without
    being thorough, one place is enough."""
    if field in HEAD:
        yield [HEAD[field]]
        if not ground.thorough:
            return
    for each in ground.interfaces.numbers() if infno == EVERY else [infno]:
        found = [member for member in ground.fields(each) if member.wire == field]
        yield found
        if found and not ground.thorough:
            return


def _no_field(ground: _Ground, infno: str, field: str) -> str:
    known = set(HEAD)
    if infno == EVERY:
        return f"信封和所有交易的输入中都没有字段 {field}{nearest(field, known)}"
    known |= {member.wire for member in ground.fields(infno)}
    return f"信封和 {infno} 的输入及其下一层节点中没有字段 {field}{nearest(field, known)}"


def _wrong_value(ground: _Ground, member: Member, value: str) -> str:
    """Why a value cannot be one of the field's, empty where it can."""
    found: list[Problem] = []
    leaf_reader(member, Manner(strict=True, table=ground.table))(value, found, ())
    for wrong in errors(found):
        table = ground.table(member.field.code_table) if member.field and member.field.code_table else None
        near = nearest(value, table.spellings) if wrong.rule == "code" and table else ""
        return f"{value!r} 不能是 {member.label}：{wrong.message}{near}"
    return ""


# -- what is done ------------------------------------------------------------------------------------------------------


def _of_spoken(ground: _Ground, told: Mapping[str, Spoken]) -> Misplaced:
    for infno, spoken in told.items():
        for number in (infno, spoken.stands_for):
            if number and (message := ground.unknown(number)):
                yield infno, message


def _of_simulate(ground: _Ground, handlers: Mapping[str, Callable[..., Any]]) -> Misplaced:
    for infno in handlers:
        if message := ground.unknown(infno):
            yield infno, message


def _of_places(manager: pluggy.PluginManager) -> Iterator[Misfit]:
    hook = "liangding_places"
    for plugin, told in answers(manager, hook):
        wrong = [(u.key, str(u)) for u in unfit(told, gives(hook))]
        wrong = wrong or [
            (name, f"“{area}” 不是六位医保区划") for name, area in told.items() if not re.fullmatch(r"\d{6}", area)
        ]
        yield from (Misfit(plugin=plugin, hook=hook, key=key, message=message) for key, message in wrong)


def _of_resolution(manager: pluggy.PluginManager, interfaces: Interfaces, deployment: Deployment) -> Iterator[Misfit]:
    hook = "liangding_resolution"
    if not manager.hook.liangding_resolution.get_hookimpls():
        return
    for infno in interfaces.numbers():
        for plugin, answer in answers(manager, hook, infno=infno, deployment=deployment):
            wrong = [str(u) for u in unfit(answer, gives(hook))]
            asked = () if wrong or answer is None else (*answer.by, *answer.lags)
            wrong += [f"没有交易 {n}{nearest(n, interfaces.numbers())}" for n in asked if n not in interfaces]
            yield from (Misfit(plugin=plugin, hook=hook, key=infno, message=message) for message in wrong)


PLACED: Mapping[str, Callable[[_Ground, Any], Misplaced]] = {
    "liangding_region": _of_region,
    "liangding_code_tables": _of_code_tables,
    "liangding_fixed_values": _of_fixed_values,
    "liangding_spoken": _of_spoken,
    "liangding_simulate": _of_simulate,
}
"""The hooks that are asked with the deployment alone, and what holds their answers to the places that they name."""
