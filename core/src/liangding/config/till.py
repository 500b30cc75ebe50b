"""The file of a till whose devices are offered on its own loopback, where the server stands elsewhere."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import attrs

from ..errors import ConfigurationError
from ..spec.problems import Problem
from ..structuring import MISTAKES, mistakes
from .deployment import ServerSettings, converter, load_deployment
from .secrets import Secret

PORT = 8181
"""Where a till's devices are offered, one above the server's own."""


@attrs.frozen(kw_only=True)
class Till:
    """A till: the plugins that drive its devices, the ``[devices]`` tables, the door (``server``: host, port, keys).
    ``origins`` are web pages whose programs may ask the devices (``https://his.example``). ``source`` is the file."""

    plugins: list[str] = attrs.field(factory=list)
    devices: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    server: ServerSettings = attrs.field(factory=lambda: ServerSettings(port=PORT))
    origins: list[str] = attrs.field(factory=list)
    source: Path = attrs.field(default=Path("till.toml"), init=False)

    def secret(self, key: str, reference: Secret) -> str:
        return reference.value(f"{self.source.name}: {key}", self.source.parent)

    def api_keys(self) -> dict[str, str]:
        """The clients that may ask, and their keys. ConfigurationError where one is missing."""
        return {key.name: self.secret(f"server.api_keys.{key.name}", key.key) for key in self.server.api_keys}


def load_till(path: Path | str) -> Till:
    """Read a till's file; a whole deployment's does, too: its plugins, devices and keys count, and the port is the
    till's own. ConfigurationError names every mistake."""
    source = Path(path)
    try:
        content = tomllib.loads(source.read_text("utf-8"))
    except OSError as failed:
        raise ConfigurationError(f"读不到文件：{failed.strerror}", path=str(source)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigurationError(f"不是合法的 TOML：{wrong}", path=str(source)) from None
    if "institution" in content:
        whole = load_deployment(source)
        server = attrs.evolve(whole.server, port=PORT)
        till = Till(plugins=[*filter(None, (whole.province, *whole.plugins))], devices=whole.devices, server=server)
    else:
        till = _read(content, source)
    object.__setattr__(till, "source", source)
    return till


def _read(content: dict[str, Any], source: Path) -> Till:
    if "server" in content and isinstance(content["server"], dict):
        content = content | {"server": {"port": PORT} | content["server"]}
    try:
        return converter().structure(content, Till)
    except MISTAKES as wrong:
        named = ((Problem(path=m.path, rule=m.rule, message="").where, m.message) for m in mistakes(wrong))
        message = "；".join(f"{key}: {reason}" if key else reason for key, reason in named)
        raise ConfigurationError(message, path=str(source)) from None
