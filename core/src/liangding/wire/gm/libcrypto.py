"""SM2 by OpenSSL 3's libcrypto, where this machine's offers it.

Bound by ctypes: no library binds these functions for Python. Each call has contexts of its own, so that threads may
share a key.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import glob
import os
import sys
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_void_p
from pathlib import Path
from typing import Any

from . import der

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_get_octet_string_param": (c_int, [c_void_p, c_char_p, c_void_p, c_size_t, POINTER(c_size_t)]),
    "EVP_PKEY_CTX_new": (c_void_p, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [c_void_p, c_void_p]),
    "EVP_sm3": (c_void_p, []),
    "EVP_DigestSignInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestSign": (c_int, [c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_verify_init": (c_int, [c_void_p]),
    "EVP_PKEY_verify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_encrypt": (c_int, [c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_decrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_decrypt": (c_int, [c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "ERR_clear_error": (None, []),
    "OpenSSL_version_num": (ctypes.c_ulong, []),
}

LEAST_VERSION = 0x30000000
SIGNATURE_ROOM = 80
"""More than the DER of a signature takes."""


def _candidates() -> Iterator[str]:
    """Where a libcrypto may be: beside this Python, which brings its own on Windows, and where the system has it."""
    if sys.platform == "win32":
        for folder in (Path(sys.base_prefix) / "DLLs", Path(sys.base_prefix)):
            yield from sorted(glob.glob(str(folder / "libcrypto-3*.dll")))
    found = ctypes.util.find_library("crypto")
    if found:
        yield found
    if os.name == "posix":
        yield "libcrypto.so.3"


@functools.cache
def library() -> Any | None:
    """The first libcrypto that has what SM2 needs; None where there is none."""
    for name in _candidates():
        try:
            held = ctypes.CDLL(name)
            for function, (result, arguments) in _FUNCTIONS.items():
                bound = getattr(held, function)
                bound.restype, bound.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        if held.OpenSSL_version_num() >= LEAST_VERSION:
            return held
    return None


class _Held:
    """A pointer that is freed with its object."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int | None, free: Any) -> None:
        if not pointer:
            raise ValueError("libcrypto 不接受这个密钥")
        self.pointer, self._free = pointer, free

    def __del__(self) -> None:
        pointer = getattr(self, "pointer", None)
        if pointer:
            self._free(pointer)


@functools.lru_cache(maxsize=64)
def _loaded(kind: str, material: bytes) -> _Held:
    lib = library()
    assert lib is not None
    encoded = der.private_key_info(material) if kind == "private" else der.public_key_info(material)
    read = lib.d2i_AutoPrivateKey if kind == "private" else lib.d2i_PUBKEY
    pointer = read(None, byref(c_char_p(encoded)), len(encoded))
    lib.ERR_clear_error()
    return _Held(pointer, lib.EVP_PKEY_free)


def _context(key: _Held) -> _Held:
    lib = library()
    assert lib is not None
    return _Held(lib.EVP_PKEY_CTX_new(key.pointer, None), lib.EVP_PKEY_CTX_free)


def _digesting(key: _Held, user_id: bytes, init: Any) -> tuple[_Held, _Held]:
    """A digest context that is ready to sign or to verify, and the key's context, which has to outlive it."""
    lib = library()
    assert lib is not None
    context = _context(key)
    digest = _Held(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
    if lib.EVP_PKEY_CTX_set1_id(context.pointer, user_id, len(user_id)) <= 0:
        raise ValueError("libcrypto 不接受这个用户标识")
    lib.EVP_MD_CTX_set_pkey_ctx(digest.pointer, context.pointer)
    if init(digest.pointer, None, lib.EVP_sm3(), None, key.pointer) <= 0:
        raise ValueError("libcrypto 不能以 SM2 签名")
    return digest, context


class Libcrypto:
    """SM2 by libcrypto; the shapes are those of :class:`liangding.wire.gm.sm2.Engine`."""

    name = "libcrypto"

    def public_of(self, private: bytes) -> bytes:
        lib, key = library(), _loaded("private", private)
        assert lib is not None
        room, size = (c_ubyte * 65)(), c_size_t()
        if lib.EVP_PKEY_get_octet_string_param(key.pointer, b"pub", room, 65, byref(size)) <= 0 or size.value != 65:
            lib.ERR_clear_error()
            raise ValueError("libcrypto 没有给出公钥")
        return bytes(room)

    def is_point(self, public: bytes) -> bool:
        try:
            _loaded("public", public)
        except ValueError:
            return False
        return True

    def sign(self, private: bytes, public: bytes, user_id: bytes, message: bytes) -> bytes:
        lib = library()
        assert lib is not None
        digest, _context_held = _digesting(_loaded("private", private), user_id, lib.EVP_DigestSignInit)
        room, size = (c_ubyte * SIGNATURE_ROOM)(), c_size_t(SIGNATURE_ROOM)
        if lib.EVP_DigestSign(digest.pointer, room, byref(size), message, len(message)) <= 0:
            lib.ERR_clear_error()
            raise ValueError("libcrypto 没有签成")
        r, s = der.read(der.one(bytes(room[: size.value])))
        return der.number(r, 32) + der.number(s, 32)

    def verify(self, public: bytes, user_id: bytes, message: bytes, signature: bytes) -> bool:
        lib = library()
        assert lib is not None
        encoded = der.write(der.SEQUENCE, der.integer(signature[:32]), der.integer(signature[32:]))
        try:
            digest, _context_held = _digesting(_loaded("public", public), user_id, lib.EVP_DigestVerifyInit)
        except ValueError:
            return False
        right: bool = lib.EVP_DigestVerify(digest.pointer, encoded, len(encoded), message, len(message)) == 1
        lib.ERR_clear_error()
        return right

    def verify_digest(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        lib = library()
        assert lib is not None
        encoded = der.write(der.SEQUENCE, der.integer(signature[:32]), der.integer(signature[32:]))
        context = _context(_loaded("public", public))
        right: bool = (
            lib.EVP_PKEY_verify_init(context.pointer) == 1
            and lib.EVP_PKEY_verify(context.pointer, encoded, len(encoded), digest, len(digest)) == 1
        )
        lib.ERR_clear_error()
        return right

    def encrypt(self, public: bytes, plain: bytes) -> tuple[bytes, bytes, bytes]:
        lib = library()
        assert lib is not None
        context = _context(_loaded("public", public))
        sealed = self._run(context, lib.EVP_PKEY_encrypt_init, lib.EVP_PKEY_encrypt, plain)
        x, y, digest, cipher = der.read(der.one(sealed))
        return b"\4" + der.number(x, 32) + der.number(y, 32), digest.content, cipher.content

    def decrypt(self, private: bytes, point: bytes, digest: bytes, cipher: bytes) -> bytes:
        lib = library()
        assert lib is not None
        numbers = der.integer(point[1:33]), der.integer(point[33:])
        sealed = der.write(der.SEQUENCE, *numbers, der.write(der.OCTETS, digest), der.write(der.OCTETS, cipher))
        context = _context(_loaded("private", private))
        return self._run(context, lib.EVP_PKEY_decrypt_init, lib.EVP_PKEY_decrypt, sealed)

    def _run(self, context: _Held, init: Any, work: Any, data: bytes) -> bytes:
        lib = library()
        assert lib is not None
        size = c_size_t()
        try:
            if init(context.pointer) <= 0 or work(context.pointer, None, byref(size), data, len(data)) <= 0:
                raise ValueError("SM2 加解密没有成功")
            room = (c_ubyte * size.value)()
            if work(context.pointer, room, byref(size), data, len(data)) <= 0:
                raise ValueError("SM2 加解密没有成功")
            return bytes(room[: size.value])
        finally:
            lib.ERR_clear_error()
