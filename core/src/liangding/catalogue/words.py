"""How names are found: by any two characters of them, or by the initials of their pinyin.

A name is kept with a blank between its characters, so that a phrase of a full-text index finds any part of it;
trigrams would need three characters, and many drugs are called by two.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

LEAST = 2
"""Characters that a search needs."""

AROUND = 2
"""Characters before and after one of several readings that say which it is."""

READINGS = 65_536
"""So many pieces of names with such characters are remembered."""


@functools.lru_cache(READINGS)
def folded(text: str) -> str:
    """Without differences of width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def spaced(names: Iterable[str | None]) -> str:
    """The different names as the index takes them."""
    different = dict.fromkeys(folded(name) for name in names if name)
    return "　".join(" ".join(name) for name in different)


def phrase(text: str) -> str:
    """A search for ``text`` anywhere in a name."""
    return " ".join(character for character in folded(text) if character.isalnum())


@functools.lru_cache(READINGS)
def initials(name: str) -> str:
    """The first letters of a name's pinyin, what is no Chinese character as it stands: ``amxljn`` for 阿莫西林胶囊."""
    name = folded(name)
    if name.isascii():
        return name
    simple = name.translate(_single_readings())
    if simple.isascii():
        return simple
    return "".join(letter if letter.isascii() else _letter_at(name, place) for place, letter in enumerate(simple))


def spaced_initials(names: Iterable[str | None]) -> str:
    different = dict.fromkeys(initials(name) for name in names if name)
    return "　".join(" ".join(each) for each in different)


@functools.cache
def _single_readings() -> dict[int, str]:
    """The first letter of each character whose readings all begin with the same one."""
    from pypinyin.pinyin_dict import pinyin_dict

    table: dict[int, str] = {}
    for number, readings in pinyin_dict.items():
        letters = {unicodedata.normalize("NFD", reading)[0] for reading in readings.split(",")}
        if len(letters) == 1:
            table[number] = letters.pop()
    return table


def _letter_at(name: str, place: int) -> str:
    """The letter of a character of several readings, by the words round it."""
    first = place
    while first > max(0, place - AROUND) and _is_chinese(name[first - 1]):
        first -= 1
    last = place + 1
    while last < min(len(name), place + 1 + AROUND) and _is_chinese(name[last]):
        last += 1
    return _letters_of(name[first:last])[place - first] if _is_chinese(name[place]) else name[place]


def _is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


@functools.lru_cache(READINGS)
def _letters_of(words: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(words, style=Style.FIRST_LETTER))
