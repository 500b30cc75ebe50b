"""What is wrong with a file that somebody else wrote."""

from __future__ import annotations

from typing import Any

from ..errors import LiangdingError
from ..spec.problems import Problem


class BrokenFile(LiangdingError):
    """A file cannot be read, or is not what its layout says. ``problems`` names places where there are any."""

    code = "broken_file"
    http_status = 502
    remedy = "重新下载一次；仍不行，把文件留下并告诉医保局的技术支持"

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), path: str = "", remedy: str = "") -> None:
        super().__init__(message, path=path, remedy=remedy)
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"problems": [p.as_json() for p in self.problems]}
