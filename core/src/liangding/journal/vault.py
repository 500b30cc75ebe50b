"""Encryption at rest: bodies under AES-256-GCM or SM4-GCM, identity numbers as keyed hashes that can be searched but
not read, digests of contents, and the keyed digests of the chain.

What seals and hashes are keys of the journal's own, random, one for each :class:`Purpose`. They are kept in the journal
itself, wrapped under the secret that the deployment names (:mod:`.keyring`): another secret wraps them anew at once.
A sealed value is bound to its place, so that it does not open anywhere else.

Journals of schema 0001 had no keys of their own: theirs were derived from the secret. What those sealed still opens.
"""

from __future__ import annotations

import base64
import binascii
import copy
import functools
import hmac
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Literal

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import ConfigurationError, LiangdingError

CipherName = Literal["aes-256-gcm", "sm4-gcm"]
Keyed = Callable[[bytes], str]
"""A keyed digest."""

_NONCE, _TAG = 12, 16
_BOUND, _EARLIER = 2, 0
_CODES: dict[tuple[CipherName, int], int] = {
    ("aes-256-gcm", _EARLIER): 1,
    ("sm4-gcm", _EARLIER): 2,
    ("aes-256-gcm", _BOUND): 3,
    ("sm4-gcm", _BOUND): 4,
}
"""The first byte of a sealed value, by cipher and by what its key is: one of the journal's own, with the value bound to
its place, or one derived from the secret, as schema 0001 had it. Four bytes follow that name the key."""
_NAMES = {code: each for each, code in _CODES.items()}


class UnreadableValue(LiangdingError):
    """A stored body does not open with these keys: another key, or somebody changed it."""

    code = "journal_unreadable"
    remedy = "核对 journal.key 与 journal.old_keys；若密钥没错，正文已被改动"


class WrongKey(ConfigurationError):
    """The journal was written under another secret."""

    code = "wrong_journal_key"
    remedy = "把 journal.key 改回写这个流水时的密钥；换密钥时把原来的放进 journal.old_keys"


class Purpose(StrEnum):
    """What a key of the journal is for."""

    BODIES = "bodies"
    PERSONS = "persons"
    """Hashes of persons' numbers."""
    CONTENTS = "contents"
    """Digests of what callers asked for."""
    CHAIN = "chain"
    EARLIER = "earlier bodies"
    """What a secret itself sealed under schema 0001; its number is that secret's name."""


KeyName = tuple[Purpose, int]


@attrs.frozen(eq=False)
class _Secret:
    """What is derived from a secret: a name to know it by, the key that wraps the journal's own ones, and those of
    schema 0001."""

    name: bytes
    wrapping: bytes = attrs.field(repr=False)
    bodies: bytes = attrs.field(repr=False)
    persons: bytes = attrs.field(repr=False)
    chain: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, secret: str) -> _Secret:
        material = _material(secret)
        return cls(
            name=_derived(material, b"liangding journal key name")[:4],
            wrapping=_derived(material, b"liangding journal keys"),
            bodies=_derived(material, b"liangding journal bodies")
            + _derived(material, b"liangding journal bodies sm4")[:16],
            persons=_derived(material, b"liangding journal persons"),
            chain=_derived(material, b"liangding journal chain"),
        )


class Vault:
    """Seals and opens with the journal's keys, which ``secret`` (or one of the ``old``) wraps.

    A vault that holds no keys yet, as it is made, seals as schema 0001 did. ValueError for a secret that is none.
    """

    def __init__(self, secret: str, *, old: Sequence[str] = (), cipher: CipherName = "aes-256-gcm") -> None:
        self._cipher = cipher
        self.secrets = tuple(map(_Secret.of, (secret, *old)))
        self._keys: dict[KeyName, bytes] = {
            (Purpose.EARLIER, _number(each.name)): each.bodies for each in self.secrets
        } | {(Purpose.PERSONS, 0): self.secrets[-1].persons, (Purpose.CHAIN, 0): self.secrets[-1].chain}
        self._count()

    def with_keys(self, keys: Mapping[KeyName, bytes]) -> Vault:
        """This vault with the journal's own keys; the highest number of a purpose is the present one."""
        made = copy.copy(self)
        earlier = {name: key for name, key in self._keys.items() if name[0] is Purpose.EARLIER}
        made._keys = earlier | dict(keys)
        made._count()
        return made

    def _count(self) -> None:
        numbers: dict[Purpose, list[int]] = {purpose: [] for purpose in Purpose}
        for purpose, number in self._keys:
            numbers[purpose].append(number)
        self._numbers = {purpose: sorted(held, reverse=True) for purpose, held in numbers.items()}
        self._present = {purpose: next(iter(held), 0) for purpose, held in self._numbers.items()}
        self._chains = {n: HMAC(self._keys[Purpose.CHAIN, n], hashes.SM3()) for n in self._numbers[Purpose.CHAIN]}

    def present(self, purpose: Purpose) -> int:
        """The number of the key that is used for new values; 0 where there is none."""
        return self._present[purpose]

    # -- bodies --------------------------------------------------------------------------------------------------------

    def seal(self, plain: bytes, place: str = "") -> bytes:
        """``plain`` sealed, so that it opens at ``place`` only."""
        if not plain:
            return b""
        number = self.present(Purpose.BODIES)
        if not number:
            secret = self.secrets[0]
            head = bytes([_CODES[self._cipher, _EARLIER]]) + secret.name
            return head + _encrypted(self._cipher, secret.bodies, plain, b"")
        head = bytes([_CODES[self._cipher, _BOUND]]) + number.to_bytes(4, "big")
        return head + _encrypted(self._cipher, self._keys[Purpose.BODIES, number], plain, place.encode())

    def open(self, sealed: bytes | None, place: str = "") -> bytes:
        """The plain bytes. :class:`UnreadableValue` where no key that is there sealed them at that place, or they were
        changed."""
        if not sealed:
            return b""
        cipher, bound = _NAMES.get(sealed[0], (None, 0))
        purpose = Purpose.BODIES if bound else Purpose.EARLIER
        key = self._keys.get((purpose, _number(sealed[1:5])))
        if cipher is None or key is None:
            raise UnreadableValue("流水中的正文打不开：密钥不对，或内容被改过")
        try:
            return _decrypted(cipher, key, sealed[5:], place.encode() if bound else b"")
        except (InvalidTag, ValueError):
            raise UnreadableValue("流水中的正文打不开：内容被改过") from None

    def renewed(self, sealed: bytes | None, place: str = "") -> bytes | None:
        """``sealed`` under the present key and cipher; None where it is so already."""
        number = self.present(Purpose.BODIES)
        if not sealed or not number or sealed[:5] == bytes([_CODES[self._cipher, _BOUND]]) + number.to_bytes(4, "big"):
            return None
        return self.seal(self.open(sealed, place), place)

    def heads_under(self, name: KeyName) -> tuple[bytes, ...]:
        """How values begin that a key of bodies sealed."""
        bound = _BOUND if name[0] is Purpose.BODIES else _EARLIER
        return tuple(bytes([code]) + name[1].to_bytes(4, "big") for (_, of), code in _CODES.items() if of == bound)

    # -- digests -------------------------------------------------------------------------------------------------------

    def hashed(self, identity: str | None) -> str | None:
        """A keyed hash of an identity number; the same number gives the same hash."""
        return identity and self._hash(self.present(Purpose.PERSONS), identity)

    def hashes(self, identity: str) -> tuple[str, ...]:
        """Every hash that an identity number may be stored under, the present one first."""
        return tuple(self._hash(number, identity) for number in self._numbers[Purpose.PERSONS])

    def _hash(self, number: int, identity: str) -> str:
        return hmac.new(self._keys[Purpose.PERSONS, number], identity.encode(), "sha256").hexdigest()[:32]

    def content(self, digest: str) -> str:
        """A keyed digest of a digest, as it is stored: who has the journal alone cannot try what it might be of. One
        that is keyed already stays as it is."""
        number = self.present(Purpose.CONTENTS)
        if not number or digest.startswith("k"):
            return digest
        keyed = hmac.new(self._keys[Purpose.CONTENTS, number], digest.encode(), "sha256").hexdigest()
        return f"k{number}:{keyed[:56]}"

    def keyed(self, content: bytes) -> str:
        """A digest by the present key of the chain (SM3)."""
        return self._digest(self.present(Purpose.CHAIN), content)

    def chain(self, number: int | None) -> Keyed | None:
        """What makes digests by the key of the chain of that number; None where there is none."""
        return functools.partial(self._digest, number) if number in self._chains else None

    def _digest(self, number: int, content: bytes) -> str:
        mac = self._chains[number].copy()
        mac.update(content)
        return mac.finalize().hex()

    # -- wrapping ------------------------------------------------------------------------------------------------------

    def wrap(self, name: KeyName, key: bytes) -> bytes:
        """A key of the journal under the deployment's secret."""
        secret = self.secrets[0]
        head = bytes([_CODES[self._cipher, _BOUND]]) + secret.name
        return head + _encrypted(self._cipher, secret.wrapping, key, _label(name))

    def unwrap(self, name: KeyName, wrapped: bytes) -> bytes:
        """The key again. :class:`WrongKey` where none of the secrets wrapped it."""
        cipher, _ = _NAMES.get(wrapped[0], (None, 0))
        for secret in self.secrets:
            if cipher is not None and secret.name == wrapped[1:5]:
                try:
                    return _decrypted(cipher, secret.wrapping, wrapped[5:], _label(name))
                except (InvalidTag, ValueError):
                    break
        given = "、".join(secret.name.hex() for secret in self.secrets)
        raise WrongKey(f"密钥与流水不符：流水由密钥 {wrapped[1:5].hex()} 封着，给出的是 {given}", path="journal.key")

    def is_wrapped(self, wrapped: bytes) -> bool:
        """Whether it is the deployment's present secret that wrapped a key."""
        return wrapped[1:5] == self.secrets[0].name


def _encrypted(cipher: CipherName, key: bytes, plain: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    if cipher == "aes-256-gcm":
        return nonce + _aes(key).encrypt(nonce, plain, place)
    encryptor = BlockCipher(algorithms.SM4(_sm4(key)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(place)
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _decrypted(cipher: CipherName, key: bytes, sealed: bytes, place: bytes) -> bytes:
    nonce, body = sealed[:_NONCE], sealed[_NONCE:]
    if cipher == "aes-256-gcm":
        return _aes(key).decrypt(nonce, body, place)
    decryptor = BlockCipher(algorithms.SM4(_sm4(key)), modes.GCM(nonce, body[-_TAG:])).decryptor()
    decryptor.authenticate_additional_data(place)
    return decryptor.update(body[:-_TAG]) + decryptor.finalize()


@functools.lru_cache(64)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key[:32])


@functools.lru_cache(64)
def _sm4(key: bytes) -> bytes:
    """Schema 0001 had a key of its own for SM4 behind the other one."""
    return key[32:] or _derived(key, b"liangding journal sm4")[:16]


def _label(name: KeyName) -> bytes:
    return f"{name[0].value}:{name[1]}".encode()


def _number(name: bytes) -> int:
    return int.from_bytes(name, "big")


def _material(secret: str) -> bytes:
    try:
        decoded = base64.b64decode(secret, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) < 32:
        raise ValueError("密钥应为 32 字节以上的随机数，Base64 书写；liangding key 生成一个")
    return decoded


def _derived(material: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, purpose).derive(material)


def new_secret() -> str:
    """A fresh secret, as the deployment's environment or file should hold it."""
    return base64.b64encode(os.urandom(32)).decode()
