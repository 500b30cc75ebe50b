"""A new plugin that passes its own tests, to begin from."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from ..contract.hookspecs import API
from ..errors import ConfigurationError
from ..knowledge.plugins import installed

TEMPLATES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "plugin.py": "src/liangding_{name}/__init__.py",
    "conformance.toml": "src/liangding_{name}/conformance.toml",
    "test_plugin.py": "tests/test_{name}.py",
}
"""Template → the file that it becomes."""


def write_plugin(name: str, chinese: str, area: str, folder: Path) -> list[Path]:
    """Write the plugin ``name`` of the region ``chinese``, for an institution in ``area``, into ``folder``: what files
    were written. ConfigurationError where the name or the place is none, or something is there already."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ConfigurationError(f"{name} 不能作插件名", path="name", remedy="用小写字母开头的小写字母、数字、下划线")
    if not re.fullmatch(r"\d{6}", area):
        raise ConfigurationError(f"{area} 不是六位医保区划", path="--area")
    if name in installed():
        raise ConfigurationError(f"插件 {name} 已经安装", path="name")
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder} 里已有文件", path="--folder", remedy="给一个空文件夹")
    facts = {"name": name, "chinese": chinese or name, "area": area, "province": area[:2], "api": API}
    written = []
    for template, target in TEMPLATES.items():
        text = (resources.files(__package__) / "templates" / f"{template}.txt").read_text("utf-8")
        path = folder / target.format(**facts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**facts), "utf-8")
        written.append(path)
    return written
