"""SM3 digests and SM4 with PKCS#7 padding (GB/T 32905, GB/T 32907)."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

SM4_BLOCK = 16
"""Bytes of a block, and of a key."""

_PADDING = PKCS7(SM4_BLOCK * 8)


def sm3(content: bytes) -> bytes:
    """The digest, 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


def sm4_encrypt(key: bytes, plain: bytes, *, iv: bytes | None = None) -> bytes:
    """SM4 over ``plain``, padded: ECB, or CBC where an ``iv`` of 16 bytes is given. ValueError for a key of another
    length."""
    whole = len(plain) - len(plain) % SM4_BLOCK
    padder = _PADDING.padder()
    last = padder.update(plain[whole:]) + padder.finalize()
    encryptor = Cipher(algorithms.SM4(key), modes.ECB() if iv is None else modes.CBC(iv)).encryptor()
    return encryptor.update(memoryview(plain)[:whole]) + encryptor.update(last) + encryptor.finalize()


def sm4_decrypt(key: bytes, sealed: bytes, *, iv: bytes | None = None) -> bytes:
    """What :func:`sm4_encrypt` sealed. ValueError where it is no whole number of blocks, or its padding is wrong."""
    decryptor = Cipher(algorithms.SM4(key), modes.ECB() if iv is None else modes.CBC(iv)).decryptor()
    unpadder = _PADDING.unpadder()
    return unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()
