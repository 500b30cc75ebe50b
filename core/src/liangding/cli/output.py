"""Printing for people and for programs."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..files.text import for_terminal
from ..wire.json import encode


class SafeConsole(Console):
    """A console where nothing of somebody else's steers the terminal."""

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(for_terminal(text), **how)


def console() -> Console:
    """Standard output; 120 columns where nobody watches."""
    return SafeConsole(width=None if sys.stdout.isatty() else 120, highlight=False)


def error_console() -> Console:
    return SafeConsole(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """``value`` as indented JSON, numbers exact."""
    import msgspec

    sys.stdout.write(msgspec.json.format(encode(value), indent=2).decode() + "\n")


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the house's style."""
    made = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left", title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
