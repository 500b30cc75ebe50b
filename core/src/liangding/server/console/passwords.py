"""Passwords (Argon2id) and the second factor (TOTP, RFC 6238), both by ``cryptography``."""

from __future__ import annotations

import base64
import itertools
import os
import secrets
from urllib.parse import quote

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from ...errors import LiangdingError

SHORTEST, LONGEST = 12, 200
"""Characters of a password. No rule about kinds of characters: length is what counts."""

TRIED = (
    "password", "passw", "admin", "administrator", "root", "qwerty", "qwertyuiop", "asdfghjkl", "letmein", "welcome",
    "iloveyou", "abc", "woaini", "yibao", "liangding", "dragon", "monkey", "football", "baseball", "sunshine",
)  # fmt: skip
"""Words that are tried first."""

STEP_SECONDS, SECRET_BYTES, DIGITS = 30, 20, 6

_MEMORY_KIB, _ITERATIONS = 19 * 1024, 2
"""What OWASP recommends at least for Argon2id with one lane."""


class WeakPassword(LiangdingError):
    """A password that is easily guessed."""

    code = "weak_password"
    http_status = 422
    remedy = f"至少 {SHORTEST} 个字符；几个不相干的词连起来，好记也好用"


def check_password(password: str, name: str) -> None:
    """WeakPassword where it is short, holds the account's name, is a few characters over and over or a run of them, or
    a word that everybody tries, with figures."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"密码应为 {SHORTEST} 到 {LONGEST} 个字符")
    text = password.casefold()
    runs = sum(abs(ord(one) - ord(other)) <= 1 for one, other in itertools.pairwise(text))
    letters = "".join(character for character in text if character.isalpha())
    guessed = any(letters == word * (len(letters) // len(word)) for word in TRIED if letters)
    if name.casefold() in text or len(set(text)) < 6 or runs > len(text) // 2 or guessed:
        raise WeakPassword("密码太容易猜：不要含有用户名，不要只用几个字符、连着的字符或人人都用的词")


def password_hash(password: str) -> str:
    """The password's Argon2id in the PHC form."""
    return _argon(os.urandom(16)).derive_phc_encoded(password.encode())


def is_password(password: str, held: str) -> bool:
    """Whether it is the password of that hash."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), held)
    except InvalidKey:
        return False
    return True


def _argon(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=1, memory_cost=_MEMORY_KIB)


def new_password() -> str:
    """A password for the first time, to be changed then: 100 bits in groups that can be typed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def new_secret() -> bytes:
    """A fresh secret of the second factor."""
    return secrets.token_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """The secret as it is typed into an authenticator."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, name: str, issuer: str) -> str:
    """The otpauth address, for a QR code."""
    label = quote(f"{issuer}:{name}")
    return f"otpauth://totp/{label}?secret={written(secret)}&issuer={quote(issuer)}&digits={DIGITS}"


def code_at(secret: bytes, epoch: float) -> str:
    """The code of a moment."""
    return _totp(secret).generate(int(epoch)).decode()


def counter_of(secret: bytes, code: str, epoch: float) -> int | None:
    """Which step of time a code is of: now, the one before or the one after; None for a wrong one."""
    totp, given = _totp(secret), code.replace(" ", "").encode("utf-8", "replace")
    for away in (0, -1, 1):
        moment = int(epoch) + away * STEP_SECONDS
        try:
            totp.verify(given, moment)
        except InvalidToken:
            continue
        return moment // STEP_SECONDS
    return None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)
