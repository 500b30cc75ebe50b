"""A region's own numbers in the place of national ones.

Flows, resolution and the simulator work with the national transaction and its names; only what is sent and recorded is
the region's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..config import Deployment
from ..config.spoken import Spoken
from ..errors import ConfigurationError
from ..spec.nodes import folded, members, node_of
from ..structuring import nearest
from .interfaces import Interfaces
from .services import Services

NODE = "data"
"""What the standard mostly calls the one node of a message."""


class Speaking:
    """``told`` is what the plugins say, number → how it is spoken; the deployment's ``[spoken]`` stands over it.
    ConfigurationError where a number is not known, or two of the deployment's stand for one."""

    def __init__(
        self,
        interfaces: Interfaces,
        services: Services,
        deployment: Deployment,
        told: Iterable[Mapping[str, Spoken]] = (),
    ) -> None:
        self._interfaces, self._services, self._deployment = interfaces, services, deployment
        self._spoken: dict[str, Spoken] = {}
        for each in told:
            self._spoken |= each
        for infno, spoken in deployment.spoken.items():
            _refuse_unknown(interfaces, deployment, infno, spoken)
            self._spoken[infno] = spoken.over(self._spoken.get(infno))
        self._here = self._stand_ins()

    def _stand_ins(self) -> dict[str, str]:
        """National number → the region's that stands for it. What a deployment says goes before what a plugin does."""
        here: dict[str, str] = {}
        for infno in sorted(self._spoken, key=lambda number: number in self._deployment.spoken):
            national = self._spoken[infno].stands_for
            if not national:
                continue
            rival = here.get(national)
            if rival in self._deployment.spoken and infno in self._deployment.spoken:
                path = f"{self._deployment.source.name}: spoken.{infno}.stands_for"
                raise ConfigurationError(f"{rival} 与 {infno} 都写着代替 {national}", path=path)
            here[national] = infno
        return here

    def spoken(self, infno: str) -> Spoken:
        """How a number is spoken; as the standard does where nobody says anything of it."""
        return self._spoken.get(infno) or Spoken(names="national")

    def number(self, infno: str) -> str:
        """The number that ``infno`` goes out under: the region's, where it has one of its own. Where the deployment has
        a service or an address for the national number, it is that one that is spoken there, unless its file says
        otherwise."""
        own = self._here.get(infno)
        if own is None:
            return infno
        spoken_here = own in self._deployment.spoken or self._services.of(self._interfaces[own]) is not None
        national = self._interfaces[infno]
        routed = any(infno.startswith(route) for route in self._deployment.platform.routes)
        return own if spoken_here or not (routed or self._services.of(national)) else infno

    def national(self, infno: str) -> str:
        """The national number that ``infno`` stands for; itself where it stands for none."""
        return self.spoken(infno).stands_for or infno

    def stand_ins(self) -> Mapping[str, str]:
        """The region's numbers that stand for national ones, and for which."""
        return {infno: national for national, infno in self._here.items()}

    def assumed(self) -> dict[str, str]:
        """Number → what is taken for granted of its shape, because nobody has published it."""
        return {infno: spoken.assumed for infno, spoken in sorted(self._spoken.items()) if spoken.assumed}

    # -- what is said ----------------------------------------------------------------------------------------------

    def said(self, infno: str, message: Any) -> Any:
        """``message`` of a number of this region, or of the national one that it stands for, as it goes out: the
        standard's names in, the region's out."""
        own = self.number(infno)
        spoken = self._spoken.get(own)
        return message if spoken is None else _put(spoken, message, spoken.node)

    def answered(self, own: str, output: Any) -> Any:
        """An answer by the standard's names as the region gives it: what the simulator plays."""
        return _put(self.spoken(own), output, self.spoken(own).answer)

    # -- what is heard ---------------------------------------------------------------------------------------------

    def heard(self, own: str, output: Any) -> Any:
        """The output of a region's number by the standard's names."""
        return self._by_standard(own, output, "output", self.spoken(own).answer)

    def asked(self, own: str, message: Any) -> Any:
        """The input of a region's number by the standard's names."""
        return self._by_standard(own, message, "input", self.spoken(own).node)

    def _by_standard(self, own: str, message: Any, side: str, node: str | None) -> Any:
        if own not in self._spoken:
            return message
        shape = getattr(self._interfaces[self.national(own)], side)
        declared = members(node_of(shape))
        standard = declared[0].wire if len(declared) == 1 else NODE
        held = message
        if isinstance(message, Mapping):
            held = next((message[name] for name in (node, standard, NODE) if name and name in message), message)
        inner = declared[0].node if len(declared) == 1 else None
        back = {folded(there): name for name, there in self.spoken(own).fields.items() if there}
        return {standard: _named_by(inner, held, back)}


def _put(spoken: Spoken, message: Any, node: str | None) -> Any:
    renamed = _renamed(spoken, message)
    if node is None or not isinstance(message, Mapping) or len(message) != 1:
        return renamed
    (only,) = message
    return {node: next(iter(_renamed(spoken, {"": message[only]}).values()))}


def _renamed(spoken: Spoken, value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(spoken, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    named = {_name(spoken, key): _renamed(spoken, inner) for key, inner in value.items()}
    return {key: inner for key, inner in named.items() if key is not None}


def _name(spoken: Spoken, key: str) -> str | None:
    if key in spoken.fields:
        return spoken.fields[key] or None
    return key if spoken.names == "national" else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _named_by(node: type | None, value: Any, back: Mapping[str, str]) -> Any:
    """``value`` with the names of the node's declaration; what it does not know stays as it is."""
    if isinstance(value, list):
        return [_named_by(node, each, back) for each in value]
    if not isinstance(value, Mapping):
        return value
    known = {folded(member.wire): member for member in members(node)} if node is not None else {}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = back.get(folded(key), key)
        member = known.get(folded(name))
        found[member.wire if member else name] = _named_by(member.node if member else None, inner, back)
    return found


def _refuse_unknown(interfaces: Interfaces, deployment: Deployment, infno: str, spoken: Spoken) -> None:
    for number, key in ((infno, infno), (spoken.stands_for or "", f"{infno}.stands_for")):
        if number and number not in interfaces:
            path = f"{deployment.source.name}: spoken.{key}"
            remedy = "本地自有的编号先在 [transactions.编号] 中开放"
            raise ConfigurationError(
                f"没有交易 {number}{nearest(number, interfaces.numbers())}", path=path, remedy=remedy
            )
