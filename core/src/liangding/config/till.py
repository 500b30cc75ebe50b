"""The file of a till whose devices are offered on its own loopback, where the server stands elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from .clients import Client, ServerSettings
from .deployment import load_deployment, structured
from .logs import LogSettings
from .secrets import Secret
from .sharing import read_toml

PORT = 8181
"""Where a till's devices are offered, one above the server's own."""


@attrs.frozen(kw_only=True)
class Till:
    """A till: the plugins that drive its devices, the ``[devices]`` tables, the door (``server``: host, port, keys),
    the ``log`` (a whole deployment's is its server's). ``origins`` are web pages whose programs may ask the devices
    (``https://his.example``). ``source`` is the file."""

    plugins: list[str] = attrs.field(factory=list)
    devices: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    server: ServerSettings = attrs.field(factory=lambda: ServerSettings(port=PORT))
    origins: list[str] = attrs.field(factory=list)
    log: LogSettings = attrs.field(factory=LogSettings)
    source: Path = attrs.field(default=Path("till.toml"), init=False)

    def secret(self, key: str, reference: Secret) -> str:
        return reference.value(f"{self.source.name}: {key}", self.source.parent)

    def api_keys(self) -> dict[str, str]:
        """The clients that may ask, and their keys, of those whose key is not kept as a hash. ConfigurationError where
        one is missing."""
        return self.server.keys(self.secret)

    def clients(self) -> list[Client]:
        """Who may ask. ConfigurationError where a key is missing."""
        return self.server.clients(self.secret)


def load_till(path: Path | str) -> Till:
    """Read a till's file; a whole deployment's does, too: its plugins, devices and keys count, and the port is the
    till's own. ConfigurationError names every mistake."""
    source = Path(path)
    content = read_toml(source)
    if "institution" in content:
        whole = load_deployment(source)
        server = attrs.evolve(whole.server, port=PORT)
        till = Till(plugins=[*filter(None, (whole.province, *whole.plugins))], devices=whole.devices, server=server)
    else:
        if isinstance(content.get("server"), dict):
            content["server"] = {"port": PORT} | content["server"]
        till = structured(content, Till, source)
    object.__setattr__(till, "source", source)
    return till
