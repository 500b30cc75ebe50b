"""The keys of a deployment file, from the classes that it is read into."""

from __future__ import annotations

import csv
import functools
import re
import types
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from liangding.config import Deployment
from liangding.config.secrets import Secret

CHINESE = {
    "": "文件的最上面", "institution": "机构", "operators": "经办人", "platform": "平台与线路", "journal": "流水",
    "server": "本地接口", "server.api_keys": "接口密钥", "checks": "校验", "features": "做什么、怎样做",
    "keys": "业务号", "resolution": "结果不明怎样查", "ecredential": "电子凭证解码", "services": "在线服务",
    "services.NAME.variant": "信封的写法", "services.NAME.listener": "通知的接收", "catalogues": "目录",
    "jobs": "作业", "uploads": "日常上传", "reconciliation": "对账", "transactions": "自开的交易编号",
    "later": "到日子才变的", "webhook": "通知 HIS", "acceptance": "验收", "devices": "设备", "spoken": "说法",
}  # fmt: skip
"""What the tables of the file are called by operators."""

PLAIN: dict[Any, str] = {
    str: "文本", bool: "true/false", int: "整数", float: "数", Decimal: "数值", date: "日期", Any: "任意",
    Secret: '`{ env = "变量" }` 或 `{ file = "文件" }`',
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Key:
    """One key: its whole path, what it takes, what it is where it is left out (empty: it has to be given), and what it
    means to who sets it (``keys.tsv``)."""

    path: str
    name: str
    takes: str
    default: str

    @property
    def meaning(self) -> str:
        return meanings().get(self.path, "")


@attrs.frozen(kw_only=True)
class Table:
    """One table of the file: its path (``services.NAME``: by any name), its keys, and what its class says."""

    path: str
    repeats: bool
    says: str
    keys: tuple[Key, ...]

    @property
    def title(self) -> str:
        heading = f"[[{self.path}]]" if self.repeats else f"[{self.path}]" if self.path else ""
        chinese = CHINESE.get(self.path) or CHINESE.get(self.path.removesuffix(".NAME"), "")
        return f"{chinese} {heading}".strip()

    @property
    def anchor(self) -> str:
        return self.path.replace(".", "-").lower() or "top"


@functools.cache
def meanings() -> dict[str, str]:
    """What each key means, in Chinese, by its whole path."""
    text = Path(__file__).with_name("keys.tsv").read_text("utf-8")
    return {row["key"]: row["meaning"] for row in csv.DictReader(text.splitlines(), delimiter="\t")}


def tables() -> list[Table]:
    """Every table of a deployment file, the file's own keys first."""
    return list(_tables(Deployment, "", repeats=False))


def _tables(cls: Any, path: str, *, repeats: bool) -> Iterator[Table]:
    hints = get_type_hints(cls)
    keys, below = [], []
    for field in attrs.fields(cls):
        if not field.init:
            continue
        at = f"{path}.{field.name}" if path else field.name
        inner, how = _inner(hints[field.name])
        if inner is not None:
            below.append((inner, f"{at}.NAME" if how == "named" else at, how == "listed"))
        else:
            keys.append(Key(path=at, name=field.name, takes=_takes(hints[field.name]), default=_default(field)))
    yield Table(path=path, repeats=repeats, says=_says(cls), keys=tuple(keys))
    for inner, at, listed in below:
        yield from _tables(inner, at, repeats=listed)


def _inner(hint: Any) -> tuple[Any, str]:
    """The class of a table that a key holds, and whether it holds one, several (``listed``), or some by name."""
    if attrs.has(hint):
        return (None, "") if hint is Secret else (hint, "one")
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        found = [_inner(each) for each in inside if each is not types.NoneType]
        return next(((cls, how) for cls, how in found if cls is not None), (None, ""))
    if origin in (list, tuple) and _inner(inside[0])[0] is not None:
        return _inner(inside[0])[0], "listed"
    if origin is dict and _inner(inside[1])[0] is not None:
        return _inner(inside[1])[0], "named"
    return None, ""


def _takes(hint: Any) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "、".join(f"`{each}`" for each in inside)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "、".join(f"`{each.value}`" for each in hint)
    if origin in (Union, types.UnionType):
        return " 或 ".join(_takes(each) for each in inside if each is not types.NoneType)
    if origin in (list, tuple, set, frozenset):
        return f"列表：{_takes(inside[0])}"
    if origin is dict:
        return f"表：名 → {_takes(inside[1])}"
    return getattr(hint, "__name__", str(hint))


def _default(field: Any) -> str:
    if field.default is attrs.NOTHING:
        return ""
    made = field.default
    if isinstance(made, attrs.Factory):  # type: ignore[arg-type]
        made = None if made.takes_self else made.factory()
    if made is None or made in ("", [], {}, ()):
        return "不给"
    if isinstance(made, bool):
        return f"`{str(made).lower()}`"
    if isinstance(made, list):
        return "、".join(f"`{each}`" for each in made)
    return f"`{getattr(made, 'value', made)}`"


def _says(cls: Any) -> str:
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", cls.__doc__ or "").replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
