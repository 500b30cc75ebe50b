"""Commands of plugins: ``liangding NAME …`` for a plugin that is installed under that name and brings commands."""

from __future__ import annotations

from typing import Any

import cyclopts

from ..errors import ConfigurationError
from ..knowledge.misfits import Misfit, refuse
from ..knowledge.plugins import MARK, installed, load_plugin

HOOK = "liangding_commands"


def commands_of(plugin: str) -> cyclopts.App | None:
    """The commands of the plugin ``plugin``, as one command of its name; None where it is not installed, or has none.

    PluginRefused for what is no command. A command needs no deployment: whoever installed the plugin may ask for it.
    """
    if plugin not in installed():
        return None
    bring = getattr(load_plugin(plugin), HOOK, None)
    if bring is None or not hasattr(bring, MARK):
        return None
    app = cyclopts.App(name=plugin, help=f"插件 {plugin} 的命令 · commands of this plugin", help_format="plaintext")
    for command in _asked(plugin, bring):
        if not (isinstance(command, cyclopts.App) or callable(command)):
            message = f"应为 cyclopts.App 或函数，给的是 {command!r}"
            refuse([Misfit(plugin=plugin, hook=HOOK, message=message)])
        app.command(command)
    return app


def _asked(plugin: str, bring: Any) -> list[Any]:
    try:
        return list(bring())
    except Exception as failed:
        raise ConfigurationError(f"插件 {plugin} 的 {HOOK} 出错：{type(failed).__name__}: {failed}") from failed


def bringing() -> list[str]:
    """The installed plugins that bring commands."""
    return [name for name in sorted(installed()) if hasattr(getattr(load_plugin(name), HOOK, None), MARK)]
