"""National cryptography: our SM2 against libcrypto's bare calls, our SM4 against the library's bare cipher.

Bare is what nobody could leave out: a context for each signature, the digest, the call itself, with the key loaded and
everything bound before.
"""

from __future__ import annotations

import statistics
from ctypes import byref, c_size_t, c_ubyte
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from liangding.wire.gm import Sm2, sm4_decrypt, sm4_encrypt
from liangding.wire.gm import libcrypto as bound

from .measuring import compare, in_turn

PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
USER_ID = b"1234567812345678"
MESSAGE = b"m" * 2_000
KEY, DATA = b"0123456789ABCDEF", b"d" * 2**20
SIGNATURES, TURNS = 100, 15


def run() -> None:
    if bound.library() is None:
        print("SM2 by libcrypto: left out, this machine has none that offers it\n")
    else:
        sm2()
    sm4()


def sm2() -> None:
    key = Sm2(private=PRIVATE)
    signature = key.sign(MESSAGE)
    held = bound._loaded("private", PRIVATE)
    ours, bare = in_turn(
        lambda: [key.sign(MESSAGE) for _ in range(SIGNATURES)],
        lambda: [_signed(held) for _ in range(SIGNATURES)],
        TURNS,
    )
    _rate("SM2 sign, 100 times", ours, bare)
    encoded = _signed(held)
    ours, bare = in_turn(
        lambda: [key.verify(MESSAGE, signature) for _ in range(SIGNATURES)],
        lambda: [_verified(held, encoded) for _ in range(SIGNATURES)],
        TURNS,
    )
    _rate("SM2 verify, 100 times", ours, bare)


def _rate(title: str, ours: list[float], bare: list[float]) -> None:
    compare(title, ours, bare, ("liangding", "libcrypto by itself"), 1.25)
    print(f"  {SIGNATURES / statistics.median(ours):,.0f} a second, bare {SIGNATURES / statistics.median(bare):,.0f}\n")


def _begun(held: Any, init: Any) -> tuple[int, int]:
    lib = bound.library()
    assert lib is not None
    context, digest = lib.EVP_PKEY_CTX_new(held.pointer, None), lib.EVP_MD_CTX_new()
    lib.EVP_PKEY_CTX_set1_id(context, USER_ID, len(USER_ID))
    lib.EVP_MD_CTX_set_pkey_ctx(digest, context)
    init(digest, None, lib.EVP_sm3(), None, held.pointer)
    return context, digest


def _signed(held: Any) -> bytes:
    lib = bound.library()
    assert lib is not None
    context, digest = _begun(held, lib.EVP_DigestSignInit)
    room, size = (c_ubyte * 80)(), c_size_t(80)
    lib.EVP_DigestSign(digest, room, byref(size), MESSAGE, len(MESSAGE))
    lib.EVP_MD_CTX_free(digest)
    lib.EVP_PKEY_CTX_free(context)
    return bytes(room[: size.value])


def _verified(held: Any, encoded: bytes) -> bool:
    lib = bound.library()
    assert lib is not None
    context, digest = _begun(held, lib.EVP_DigestVerifyInit)
    right: bool = lib.EVP_DigestVerify(digest, encoded, len(encoded), MESSAGE, len(MESSAGE)) == 1
    lib.EVP_MD_CTX_free(digest)
    lib.EVP_PKEY_CTX_free(context)
    return right


def sm4() -> None:
    sealed = sm4_encrypt(KEY, DATA)

    def encrypted() -> None:
        cipher = Cipher(algorithms.SM4(KEY), modes.ECB()).encryptor()
        cipher.update(DATA)
        cipher.finalize()

    def decrypted() -> None:
        cipher = Cipher(algorithms.SM4(KEY), modes.ECB()).decryptor()
        cipher.update(sealed)
        cipher.finalize()

    for title, mine, bare in (
        ("SM4 encrypt, 1 MiB", lambda: sm4_encrypt(KEY, DATA), encrypted),
        ("SM4 decrypt, 1 MiB", lambda: sm4_decrypt(KEY, sealed), decrypted),
    ):
        ours, theirs = in_turn(mine, bare, TURNS)
        compare(title, ours, theirs, ("liangding, padded", "cryptography by itself"), 1.25)
        print(f"  {1 / statistics.median(ours):.0f} MiB a second, bare {1 / statistics.median(theirs):.0f}\n")
