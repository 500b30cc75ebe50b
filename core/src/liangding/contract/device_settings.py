"""A device's settings in a deployment file, read strictly: every mistake named, none guessed at."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import cattrs

from ..errors import ConfigurationError
from ..structuring import MISTAKES, mistakes, of_kind, strict_converter

T = TypeVar("T")


def settings_of(device: str, settings: Mapping[str, Any], cls: type[T]) -> T:
    """The ``cls`` (an attrs class) that a device's settings are. ConfigurationError names every one that is wrong."""
    try:
        return _converter().structure(dict(settings), cls)
    except MISTAKES as wrong:
        named = ((".".join(map(str, m.path)), m.message) for m in mistakes(wrong))
        message = "；".join(f"{key}: {reason}" if key else reason for key, reason in named)
        raise ConfigurationError(message, path=f"devices.{device}") from None


@functools.cache
def _converter() -> cattrs.Converter:
    converter = strict_converter()
    converter.register_structure_hook(float, lambda value, _: float(of_kind(int | float, "数值")(value, float)))
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(of_kind(str, "日期")(value, str)))
    return converter


class SecretText(str):
    """A setting that came from where secrets are kept, and not from the deployment file itself."""
