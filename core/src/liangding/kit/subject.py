"""A plugin under test: what it says at each of its places, to each kind of institution, and its rigs."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import cattrs

from ..config import Deployment, Institution, JournalSettings, Kind, Operator, Platform, Secret
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..knowledge.plugins import MARK, load_plugin
from ..spec import Transaction
from ..structuring import MISTAKES, mistakes, strict_converter
from .rig import Rig, rig_for

RECORD = "conformance.toml"
"""What a plugin's package keeps of its standing: see :class:`AuthorsRecord`."""


@attrs.frozen(kw_only=True)
class Vector:
    """One known signature of a gateway scheme: credentials and settings, what was signed (``infno``, ``body``,
    ``epoch``, ``nonce``), and the headers that came of it at a system at work or in the region's document."""

    scheme: str
    headers: dict[str, str]
    credentials: dict[str, str] = attrs.field(factory=dict)
    settings: dict[str, Any] = attrs.field(factory=dict)
    infno: str = "2102"
    body: str = "{}"
    epoch: float = 0.0
    nonce: str = ""
    source: str


@attrs.frozen(kw_only=True)
class AuthorsRecord:
    """What the authors of a plugin say of its standing, in ``conformance.toml`` in its package.

    ``done`` are rules that a person has to see to, with the evidence; ``exempt`` rules that do not hold here, with the
    reason. ``seen`` are transactions that were seen in a real message (masked), with when and where; ``accepted`` those
    that a bureau accepted, with the paper. ``vectors`` are known signatures of gateways.
    """

    done: dict[str, str] = attrs.field(factory=dict)
    exempt: dict[str, str] = attrs.field(factory=dict)
    seen: dict[str, str] = attrs.field(factory=dict)
    accepted: dict[str, str] = attrs.field(factory=dict)
    vectors: list[Vector] = attrs.field(factory=list)


class PluginAtTest:
    """The installed plugin ``name``. ConfigurationError where it is not installed, or its record is not right."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.plugin = load_plugin(name)
        self._held: dict[tuple[str, Kind], Knowledge] = {}

    def hook(self, name: str) -> Any:
        """The plugin's implementation of a hook; None where it has none."""
        found = getattr(self.plugin, name, None)
        return found if hasattr(found, MARK) else None

    @functools.cached_property
    def places(self) -> Mapping[str, str]:
        """The regions that the plugin tells apart, and an area in each."""
        told = self.hook("liangding_places")
        return dict(told()) if told else {}

    @property
    def package(self) -> str:
        """The plugin's import package."""
        return self.plugin.__name__ if isinstance(self.plugin, ModuleType) else type(self.plugin).__module__

    def sources(self) -> Iterator[tuple[str, ast.Module]]:
        """Each module of the plugin: its file beneath the package, and its syntax."""
        folder = Path(inspect.getfile(__import__(self.package, fromlist=["_"])))
        files = sorted(folder.parent.rglob("*.py")) if folder.name == "__init__.py" else [folder]
        for path in files:
            yield str(path.relative_to(folder.parent)), ast.parse(path.read_text("utf-8"))

    @functools.cached_property
    def record(self) -> AuthorsRecord:
        try:
            held = resources.files(self.package).joinpath(RECORD).read_text("utf-8")
        except (FileNotFoundError, TypeError, NotADirectoryError):
            return AuthorsRecord()
        try:
            converter: cattrs.Converter = strict_converter()
            return converter.structure(tomllib.loads(held), AuthorsRecord)
        except tomllib.TOMLDecodeError as wrong:
            raise ConfigurationError(f"不是合法的 TOML：{wrong}", path=f"{self.package}/{RECORD}") from None
        except MISTAKES as wrong:
            text = "；".join(f"{'.'.join(map(str, m.path))}: {m.message}" for m in mistakes(wrong))
            raise ConfigurationError(text, path=f"{self.package}/{RECORD}") from None

    # -- what it says ----------------------------------------------------------------------------------------------

    def deployment(self, area: str, kind: Kind) -> Deployment:
        """A deployment of that kind and place, of which nothing is opened."""
        return Deployment(
            province=self.name,
            institution=Institution(code=f"{kind.value[0].upper()}{area}00001", name="示例机构", kind=kind, area=area),
            operators=[Operator(code="001", name="示例")],
            platform=Platform(url="http://127.0.0.1/", gateway="plain"),
            journal=JournalSettings(url="sqlite://", key=Secret(env="UNUSED")),
        )

    def known(self, area: str, kind: Kind) -> Knowledge:
        """What a deployment of that kind and place knows."""
        if (area, kind) not in self._held:
            self._held[area, kind] = Knowledge(self.deployment(area, kind))
        return self._held[area, kind]

    def cases(self) -> Iterator[tuple[str, Kind, Knowledge]]:
        """Every place and kind: ``place, kind, known``."""
        for place, area in self.places.items():
            for kind in Kind:
                yield place, kind, self.known(area, kind)

    @functools.cached_property
    def own(self) -> Mapping[str, tuple[Transaction, Knowledge]]:
        """Every transaction that the plugin declares, wherever it does, and a deployment that knows it."""
        found: dict[str, tuple[Transaction, Knowledge]] = {}
        for _, _, known in self.cases():
            for infno in known.interfaces.own:
                if known.interfaces.owner(infno) == self.name:
                    found.setdefault(infno, (known.interfaces[infno], known))
        return found

    def around(self) -> Iterator[tuple[str, str, Any]]:
        """The wrappers of the plugin: infno, hook, function."""
        seen: set[str] = set()
        for _, _, known in self.cases():
            for infno in known.interfaces.numbers():
                hook = known.interfaces.hook(infno)
                for found in getattr(known.manager.hook, hook).get_hookimpls():
                    if found.plugin_name == self.name and hook not in seen:
                        seen.add(hook)
                        yield infno, hook, found.function

    # -- rigs ------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def rig(self, kind: Kind, area: str = "", **settings: Any) -> Iterator[Rig]:
        """A deployment at work at the plugin's first place, or at ``area``, against its own platform over HTTP."""
        area = area or next(iter(self.places.values()))
        with (
            tempfile.TemporaryDirectory(prefix="liangding-") as folder,
            rig_for(Path(folder), province=self.name, area=area, kind=kind, **settings) as rig,
        ):
            yield rig
