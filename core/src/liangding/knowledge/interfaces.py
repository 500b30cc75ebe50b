"""The transactions that one deployment knows: the national baseline, and what its plugins declare over it."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Protocol

from .. import national
from ..contract.hookspecs import Declared
from ..errors import ConfigurationError, UnknownTransaction
from ..spec import Amendment, Does, Of, Transaction, transaction_of
from ..spec.transactions import hook_name, with_meaning_of
from ..structuring import nearest
from .editions import FollowedEdition

_DOES, _OF = {each.value: each for each in Does}, {each.value: each for each in Of}


class RecordedNumber(Protocol):
    """What has to be known of a recorded call to say what it meant."""

    @property
    def infno(self) -> str: ...

    @property
    def does(self) -> str | None: ...

    @property
    def of_what(self) -> str | None: ...


class Interfaces:
    """Transactions by infno; a plugin's declaration of a national number stands before the national one.

    ``own`` is infno → plugin and declaration; ``elsewhere`` names the plugin that declares a number which this
    deployment does not know, or nothing. ``edition`` is the one that the national tables are read by; without it they
    are the baseline as it stands.
    """

    def __init__(
        self,
        own: Mapping[str, tuple[str, Declared]] | None = None,
        elsewhere: Callable[[str], str] = lambda infno: "",
        edition: FollowedEdition | None = None,
    ) -> None:
        self._own = dict(own or {})
        self._elsewhere = elsewhere
        self._edition = edition
        self._loaded: dict[str, Transaction] = {}

    def __getitem__(self, infno: str) -> Transaction:
        """The transaction ``infno``. UnknownTransaction, with the nearest numbers, where there is none."""
        found = self._loaded.get(infno)
        if found is None:
            found = self._find(infno)
            if self._edition is not None and self._is_national(infno):
                found = self._edition.of(found, self._find)
            self._loaded[infno] = found
        return found

    def following(self, edition: FollowedEdition) -> Interfaces:
        """The same transactions as that edition of the specification has them."""
        return Interfaces(self._own, self._elsewhere, edition)

    def _is_national(self, infno: str) -> bool:
        """Whether its tables are the specification's own, as they are or with what a plugin changes in them."""
        return infno not in self._own or isinstance(self._own[infno][1], Amendment)

    def __contains__(self, infno: object) -> bool:
        return infno in self._own or infno in national.places()

    def means(self, infno: str) -> tuple[Does, Of | None]:
        """What a call of ``infno`` does, and of what; that something changes, where nobody declares it any more."""
        return self[infno].means if infno in self else (Does.CHANGES, None)

    def meant(self, call: RecordedNumber) -> tuple[Does, Of | None]:
        """What a recorded call did, and of what: by its record, so that a settlement stays one when nobody declares its
        number any more; by today's declaration where it was recorded before that was kept."""
        does = _DOES.get(call.does or "")
        return self.means(call.infno) if does is None else (does, _OF.get(call.of_what or ""))

    def numbers(self) -> list[str]:
        """Every infno, in order of its number."""
        return sorted({*national.places(), *self._own}, key=lambda n: (not n[:1].isdigit(), n.rjust(8)))

    @property
    def own(self) -> Mapping[str, tuple[str, Declared]]:
        """What plugins declare: infno → plugin and declaration."""
        return self._own

    def owner(self, infno: str) -> str:
        """The plugin that declares ``infno``; empty for the baseline's own."""
        return self._own[infno][0] if infno in self._own else ""

    def hook(self, infno: str) -> str:
        """The name of the interface's hook, without importing its declaration."""
        declared = self._own[infno][1] if infno in self._own else None
        if declared is None or isinstance(declared, Amendment):
            return hook_name(*self._national(infno))
        if isinstance(declared, str):
            module, _, name = declared.partition(":")
            return hook_name(module.rpartition(".")[2], name)
        return transaction_of(declared).hook

    def _national(self, infno: str) -> tuple[str, str]:
        """Chapter and class of a national number. ConfigurationError where a plugin amends another one."""
        if infno not in national.places():
            raise ConfigurationError(f"插件 {self.owner(infno)} 改动的 {infno} 不是国家交易，须整个声明")
        return national.places()[infno]

    def hooks(self) -> list[str]:
        """The names of all interfaces' hooks."""
        return sorted({self.hook(infno) for infno in {*national.places(), *self._own}})

    def _find(self, infno: str) -> Transaction:
        if infno not in self._own:
            if infno not in national.places():
                raise self._unknown(infno)
            return national.transaction(infno)
        plugin, declared = self._own[infno]
        transaction = transaction_of(_made(infno, plugin, declared))
        if transaction.infno != infno or transaction.hook != self.hook(infno):
            raise ConfigurationError(f"插件 {plugin} 以 {infno} 登记的 {declared} 声明的是 {transaction.infno}")
        return with_meaning_of(transaction, national.transaction(infno)) if infno in national.places() else transaction

    def _unknown(self, infno: str) -> UnknownTransaction:
        if plugin := self._elsewhere(infno):
            remedy = f'插件 {plugin} 声明了它；本地用它时在部署文件中写 plugins = ["{plugin}"]'
            return UnknownTransaction(f"本部署没有交易 {infno}", remedy=remedy)
        near = difflib.get_close_matches(infno, self.numbers(), n=3)
        text = f"没有交易 {infno}" + (f"；相近的有 {'、'.join(near)}" if near else "")
        remedy = "liangding interfaces 列出全部交易；本地自有的编号在部署文件中开放：[transactions.编号]"
        return UnknownTransaction(text, remedy=remedy)


def _made(infno: str, plugin: str, declared: Declared) -> type:
    if not isinstance(declared, Amendment):
        return _load(plugin, infno, declared) if isinstance(declared, str) else declared
    try:
        return declared.of(national.transaction(infno).cls)
    except TypeError as wrong:
        raise ConfigurationError(f"插件 {plugin} 对交易 {infno} 的改动不成立：{wrong}") from wrong


def _load(plugin: str, infno: str, place: str) -> type:
    """The class at ``package.module:Class``. ConfigurationError where it is not there, or declares no transaction."""
    module, _, name = place.partition(":")
    try:
        held = importlib.import_module(module)
    except Exception as failed:
        text = f"插件 {plugin} 以 {infno} 登记的 {place} 载入失败：{type(failed).__name__}: {failed}"
        raise ConfigurationError(text) from failed
    loaded = getattr(held, name, None)
    if not isinstance(loaded, type) or "transaction" not in vars(loaded):
        declared = [each for each, cls in vars(held).items() if isinstance(cls, type) and "transaction" in vars(cls)]
        text = f"插件 {plugin} 以 {infno} 登记的 {place} 没有声明交易{nearest(name, declared)}"
        raise ConfigurationError(text)
    return loaded


BASELINE = Interfaces()
"""The national baseline alone."""
