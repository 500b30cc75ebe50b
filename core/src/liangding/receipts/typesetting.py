"""Typesetting by typst, and the Chinese fonts that it needs."""

from __future__ import annotations

import functools
import importlib.resources
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LiangdingError
from ..wire.json import encode

if TYPE_CHECKING:
    import typst

TEMPLATES = importlib.resources.files(__package__) / "templates"

FONT_FOLDERS = "LIANGDING_FONTS"
"""The environment variable with further folders of fonts, separated as in PATH."""

SONG = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun", "STSong", "Songti SC",
    "AR PL UMing CN", "FandolSong",
)  # fmt: skip
HEI = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "SimHei", "STHeiti",
    "PingFang SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "FandolHei",
)  # fmt: skip
"""Families with simplified Chinese, the best first: 宋体 for text, 黑体 for headings."""


class CannotTypeset(LiangdingError):
    """This machine cannot make PDF: something has to be installed first."""

    code = "cannot_typeset"
    http_status = 501


def ready() -> None:
    """CannotTypeset where typst or a Chinese font is not installed, with what to do."""
    _fonts(os.environ.get(FONT_FOLDERS, ""))


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """The document that ``template`` makes of ``data``, which is handed over as values, never as markup.

    CannotTypeset where typst or a Chinese font is not installed.
    """
    return typeset(b"\n".join((TEMPLATES / f"{part}.typ").read_bytes() for part in ("page", template)), data)


def typeset(source: bytes, data: dict[str, Any]) -> bytes:
    """The document of a template's own text; ``data`` and the fonts are its ``sys.inputs.data``.

    CannotTypeset where typst or a Chinese font is not installed.
    """
    fonts, song, hei = _fonts(os.environ.get(FONT_FOLDERS, ""))
    values = encode(data | {"song": song, "hei": hei}).decode()
    made = _typst().compile(source, font_paths=fonts, sys_inputs={"data": values})
    assert isinstance(made, bytes)
    return made


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise CannotTypeset("没有安装排版程序 typst", remedy="pip install 'liangding[documents]'") from None
    return typst


@functools.cache
def _fonts(folders: str) -> tuple[typst.Fonts, list[str], list[str]]:
    """The machine's fonts and those in ``folders``, and the families of them to use for text and for headings."""
    found = _typst().Fonts(font_paths=[Path(folder) for folder in folders.split(os.pathsep) if folder])
    families = set(found.families())
    song, hei = ([name for name in wanted if name in families] for wanted in (SONG, HEI))
    if not (song or hei):
        raise CannotTypeset(
            "没有中文字体，PDF 会缺字",
            remedy="Debian、Ubuntu：apt-get install fonts-noto-cjk；别的系统装 Noto Serif CJK SC 或宋体，"
            f"或用环境变量 {FONT_FOLDERS} 指出字体所在的文件夹",
        )
    return found, song or hei, hei or song
