"""Secrets by reference: the deployment file names where one is, never what it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import attrs

from ..errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Secret:
    """Where a secret is: an environment variable, or a file that nobody else may read. Exactly one of the two."""

    env: str | None = None
    file: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.env is None) == (self.file is None):
            raise ValueError('写成 { env = "变量名" } 或 { file = "文件" }，二者取一')

    def value(self, key: str, beside: Path) -> str:
        """The secret itself. ``key`` names the setting in errors; a relative file is looked for in ``beside``.

        ConfigurationError where it is missing, empty, or a file that others may read.
        """
        if self.env is not None:
            found = os.environ.get(self.env, "")
            if not found:
                raise ConfigurationError(
                    f"环境变量 {self.env} 未设置", path=key, remedy=f"先设置环境变量 {self.env}，再启动"
                )
            return found
        assert self.file is not None
        path = beside / self.file
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise ConfigurationError(f"文件 {path} 别人可读", path=key, remedy=f"chmod 600 {path}")
            found = path.read_text("utf-8-sig").strip()
        except OSError as failed:
            raise ConfigurationError(f"读不到文件 {path}：{failed.strerror}", path=key) from None
        if not found:
            raise ConfigurationError(f"文件 {path} 是空的", path=key)
        return found
