"""Who failed, and where: for the log and for operators, without what the failure says, which may be about persons."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from ..privacy import logger

log = logger("hooks")

CORE = str(Path(__file__).parent.parent)


def blame(hook: Any, failed: BaseException) -> str:
    """Log that a plugin failed in one of the hooks beside the interfaces. Who it was, as operators are told."""
    asked = hook.get_hookimpls()
    guilty = (running(hook, failed) or [each for each in asked if not _of_the_core(each.function)] or asked)[-1]
    where = place(failed, guilty.function)
    log.error("plugin %s: %s failed: %s at %s", guilty.plugin_name, hook.name, type(failed).__name__, where)
    return f"插件 {guilty.plugin_name} 的 {hook.name} 出错（{type(failed).__name__}，{where}）"


def running(hook: Any, failed: BaseException) -> list[Any]:
    """The implementations of a hook that were at work when it failed."""
    codes = {frame.f_code for frame, _ in traceback.walk_tb(failed.__traceback__)}
    return [each for each in hook.get_hookimpls() if getattr(each.function, "__code__", None) in codes]


def _of_the_core(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith(CORE)


def place(failed: BaseException, function: Any) -> str:
    """Where it failed in the code of the plugin that ``function`` belongs to: file and line."""
    code = getattr(function, "__code__", None)
    if code is None:
        return type(function).__qualname__
    home = str(Path(code.co_filename).parent)
    file, line = code.co_filename, code.co_firstlineno
    for frame, at in traceback.walk_tb(failed.__traceback__):
        inner = frame.f_code.co_filename
        if inner.startswith(home) and not inner.startswith(CORE):
            file, line = inner, at
    return f"{Path(file).name}:{line}"
