"""Whether two spellings name the same person: names and documents' numbers as tills, cards and the platform write them.

Alike are ·, •, ． and blanks in names of minorities, full width, capitals, accents, the x of a number, its 15 and 18
digits, parts that are masked (王*), and a travel permit with and without the digits of its issue.
"""

from __future__ import annotations

import re
import unicodedata

_MASKS = str.maketrans(dict.fromkeys("×●○□■", "*") | {"ㆍ": None})
_SIGNIFICANT = ("L", "N", "Co")
"""Categories of what tells names apart: letters, digits, and characters of one's own (rare ones, in old systems)."""

_PERMITS = re.compile(r"([HM]\d{8}|\d{8})(\d{2})?")
"""Travel permits of Hong Kong, Macao and Taiwan: the holder's number, and how often it was issued."""


def same_name(stated: str, known: str) -> bool:
    """Whether both may be the same person's name. What is empty, or masked as a whole, contradicts nothing."""
    return _fits(_plain(stated), _plain(known))


def same_number(stated: str, known: str) -> bool:
    """Whether both may be the number of the same document."""
    one, other = _plain(stated), _plain(known)
    if _fits(one, other):
        return True
    shorter, longer = sorted((one, other), key=len)
    if (len(shorter), len(longer)) == (15, 18):
        return longer[6:8] in ("19", "18", "**") and _fits(shorter, longer[:6] + longer[8:17])
    permits = _PERMITS.fullmatch(shorter), _PERMITS.fullmatch(longer)
    return permits[0] is not None and permits[1] is not None and permits[0][1] == permits[1][1]


def tidy(number: str) -> str:
    """A resident number as the platform takes it: half width, no blanks, a capital X."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def _plain(text: str) -> str:
    """What of a text tells persons apart, in one spelling; what is masked is a *."""
    spelt = unicodedata.normalize("NFKD", text.translate(_MASKS)).upper()
    return "".join(c for c in spelt if c == "*" or unicodedata.category(c).startswith(_SIGNIFICANT))


def _fits(one: str, other: str) -> bool:
    """Whether two texts may be the same, where * stands for anything."""
    return not one or not other or _covers(one, other) or _covers(other, one)


def _covers(masked: str, text: str) -> bool:
    pattern = ".+".join(re.escape(part) for part in re.split(r"\*+", masked))
    return re.fullmatch(pattern, text) is not None
