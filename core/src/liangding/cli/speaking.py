"""What the terminal's own characters cannot say, said in others: a GBK console has no ✓, and a command that has done
its work does not die of that."""

from __future__ import annotations

import codecs
import io
import sys

HANDLER = "liangding.plain"

PLAIN = {
    "✓": "√", "✔": "√", "✗": "×", "✘": "×", "⚠": "!", "•": "·", "¥": "￥", "≥": ">=", "≤": "<=", "↔": "<->",
    "─": "-", "━": "-", "│": "|", "├": "+", "└": "+", "┌": "+", "┐": "+", "┘": "+", "→": "->", "…": "...", "·": ".",
    "–": "-", "—": "-",
}  # fmt: skip
"""The nearest that an older character set has; tried in turn with the last way out, ``?``."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said = ""
    for character in error.object[error.start : error.end]:
        nearest = PLAIN.get(character, "?")
        try:
            nearest.encode(error.encoding)
        except UnicodeEncodeError:
            nearest = "?"
        said += nearest
    return said, error.end


def speak_plainly() -> None:
    """Let standard output and error say everything in what characters they have."""
    codecs.register_error(HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
