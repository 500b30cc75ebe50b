"""Telling garbled text (乱码): GBK where UTF-8 should be, UTF-8 once read as GBK, characters that are lost."""

from __future__ import annotations

LOST = REPLACEMENT, REPLACEMENT_AS_GBK = "\ufffd", "锟斤拷"
"""What stands where a character was lost: the replacement character, and the same read as GBK."""

ENOUGH = 8
"""So many Chinese characters have to come out of a text read the other way before it is doubted."""


FEWEST = 2
"""So few Chinese characters are a sentence, where nothing else comes out of it that was read the other way."""


def decoded(line: bytes, charset: str = "utf-8") -> tuple[str, str]:
    """``line`` as text, and what is wrong with it in words; empty words where nothing is.

    UnicodeDecodeError, whose reason says what the bytes look like, where the line as a whole is not in ``charset``;
    a few broken characters in it, as where a value was cut at a number of bytes, are replaced and said.
    """
    try:
        text = line.decode(charset)
    except UnicodeDecodeError as wrong:
        text = line.decode(charset, "replace")
        if _beyond_ascii(text) <= 2 * text.count("\ufffd"):
            wrong.reason = f"不是 {charset.upper()}" + ("，像是 GBK" if charset == "utf-8" and _is_gbk(line) else "")
            raise
        return text, "有字符损坏，以 \ufffd 代替"
    return text, "有丢失的字符（乱码）" if REPLACEMENT in text or REPLACEMENT_AS_GBK in text else ""


def twice_encoded(text: str) -> bool:
    """Whether ``text`` is UTF-8 that somebody read as GBK and wrote again (鍖荤枟 for 医疗)."""
    if text.isascii():
        return False
    original = text.encode("gb18030", "replace").decode("utf-8", "replace")
    chinese = sum("\u3000" <= character < "\ufff0" for character in original)
    return chinese >= max(ENOUGH, 4 * (_beyond_ascii(original) - chinese))


def unspoiled(sentence: str) -> str:
    """A sentence that was UTF-8 and that somebody read as GBK (绯荤粺绻佸繖 for 系统繁忙) as it was said; any other as
    it is."""
    given = sentence.rstrip(REPLACEMENT).encode("gb18030", "replace")
    said = given.decode("utf-8", "replace").rstrip(REPLACEMENT)
    beyond = [character for character in said if not character.isascii()]
    if len(beyond) < FEWEST or sentence.isascii() or not all("\u3000" <= each < "\ufff0" for each in beyond):
        return sentence
    chinese = sum("\u4e00" <= each <= "\u9fff" for each in beyond)
    return said if 2 * chinese > len(beyond) else sentence


def is_spoilt(sentence: str) -> bool:
    """Whether so much of a sentence is lost that nobody can read what it says; one character may be, where it was cut
    at a number of bytes."""
    return REPLACEMENT_AS_GBK in sentence or sentence.count(REPLACEMENT) + sentence.count("??") > 1


def is_garbled(content: bytes) -> bool:
    """Whether a message as it came bears characters that were lost or went through another encoding."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return any(lost in text for lost in LOST) or twice_encoded(text)


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _is_gbk(line: bytes) -> bool:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
