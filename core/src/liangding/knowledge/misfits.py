"""What is wrong with a plugin: which plugin, which hook, which key, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..errors import ConfigurationError

SHOWN = 8
"""How many misfits one message lists."""


@attrs.frozen(kw_only=True)
class Misfit:
    """One thing that a plugin says and that cannot be. ``key`` is the place in the hook's result (``2102.med_type``),
    empty where it is about the hook itself."""

    plugin: str
    hook: str
    message: str
    key: str = ""

    def __str__(self) -> str:
        return f"插件 {self.plugin} 的 {self.hook}{f' 中 {self.key}' if self.key else ''}：{self.message}"


class PluginRefused(ConfigurationError):
    """Plugins say what cannot be; ``misfits`` names every place. Nothing was started."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits = tuple(misfits)
        shown = "；".join(map(str, self.misfits[:SHOWN]))
        rest = f"；等共 {len(self.misfits)} 处" if len(self.misfits) > SHOWN else ""
        super().__init__(shown + rest, remedy="改正插件后再启动；liangding check 列出全部")

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"misfits": [attrs.asdict(each) for each in self.misfits]}


def refuse(misfits: Iterable[Misfit]) -> None:
    """PluginRefused where there are any."""
    found = tuple(dict.fromkeys(misfits))
    if found:
        raise PluginRefused(found)
