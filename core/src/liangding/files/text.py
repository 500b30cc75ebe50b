"""The text of a file that somebody saved with an editor or a spreadsheet, on whatever system."""

from __future__ import annotations

import codecs
import re

_MARKED = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def text_of(data: bytes) -> str:
    """What is written: UTF-8 with a mark or without, UTF-16 with its mark, else GBK (GB 18030). UnicodeDecodeError,
    whose words are Chinese, where it is none of them."""
    marked = next((encoding for mark, encoding in _MARKED if data.startswith(mark)), None)
    if marked is not None:
        return data.decode(marked)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            wrong.reason = "既不是 UTF-8 也不是 GBK，另存为 UTF-8"
            raise wrong from None


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What steers a terminal or a printer, or turns a line around, instead of standing in it."""


def for_terminal(text: str) -> str:
    """The text with what steers a terminal written out (``\\x1b``)."""
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def for_log(text: str) -> str:
    """The same on one line, whatever was in it: nobody's text makes a line of its own."""
    return for_terminal(text).replace("\n", "\\n").replace("\t", "\\t")


def for_paper(text: str) -> str:
    """The text with a question mark for whatever steers a printer: ESC opens the drawer of some. As wide as before."""
    return CONTROL.sub("?", text)


def for_table(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _AMOUNT.fullmatch(text) else text


_AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def is_utf8(data: bytes) -> bool:
    """Whether every program would read it so."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
