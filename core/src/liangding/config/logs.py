"""Where the log goes."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class LogSettings:
    """The log of ``liangding serve``: to ``file`` (relative to the deployment file), turned over at ``megabytes``,
    ``kept`` earlier files beside it; left out: to standard output, which a service manager keeps. ``level`` is the
    least that is written. Of several deployments in one server the first one's counts."""

    file: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"
    megabytes: int = 10
    kept: int = 10

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.megabytes <= 1000 or not 1 <= self.kept <= 1000:
            raise ValueError("megabytes 与 kept 应在 1 到 1000 之间")
