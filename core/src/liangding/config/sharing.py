"""A deployment's file as TOML: its own lines over those of the set-up that it shares with others (``extends``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..files.text import text_of

EXTENDS = "extends"


def read_toml(source: Path) -> dict[str, Any]:
    """What a TOML file says, over what the file beside it says that it ``extends``: tables are laid over each other,
    anything else of its own takes the other's place. ConfigurationError where one cannot be read, or is none."""
    content = _toml(source)
    shared = content.pop(EXTENDS, None)
    if shared is None:
        return content
    if not isinstance(shared, str) or shared != Path(shared).name:
        raise ConfigurationError('应为同一文件夹里的一个文件名，如 "shared.toml"', path=f"{source}: {EXTENDS}")
    below = _toml(source.parent / shared)
    if EXTENDS in below:
        told = f"{shared} 自己又 extends 别的文件：只有一层"
        raise ConfigurationError(told, path=f"{source}: {EXTENDS}", remedy="把两个共用的文件合成一个")
    return _over(below, content)


def files_of(source: Path) -> tuple[Path, ...]:
    """The files that say what ``source`` says: itself, and the one that it extends, where they can be read."""
    try:
        shared = _toml(source).get(EXTENDS)
    except ConfigurationError:
        return (source,)
    return (source, source.parent / shared) if isinstance(shared, str) else (source,)


def named(source: Path) -> str:
    """A file for an error: itself, and the one in which the mistake may stand as well."""
    shared = files_of(source)[1:]
    return f"{source}（或它 extends 的 {shared[0].name}）" if shared else str(source)


def deployment_files(given: Iterable[Path]) -> list[Path]:
    """The deployment files: those that are given, and of each folder all of its TOML files but those that others of
    them extend. ConfigurationError where a folder has none."""
    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        files = sorted(path.glob("*.toml"))
        shared = {each.resolve() for file in files for each in files_of(file)[1:]}
        ours = [file for file in files if file.resolve() not in shared]
        if not ours:
            raise ConfigurationError("文件夹里没有部署文件（*.toml）", path=str(path))
        found += ours
    return found


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {k: _over(below[k], v) for k, v in above.items() if isinstance(v, dict) and isinstance(below.get(k), dict)}
    return below | above | both


def _toml(source: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text_of(source.read_bytes()))
    except OSError as failed:
        raise ConfigurationError(f"读不到部署文件：{failed.strerror}", path=str(source)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigurationError(f"不是合法的 TOML：{wrong}", path=str(source)) from None
