"""The text of a file that somebody saved with an editor or a spreadsheet, on whatever system."""

from __future__ import annotations

import codecs

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


def is_utf8(data: bytes) -> bool:
    """Whether every program would read it so."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
