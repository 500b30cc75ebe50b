"""SM2 by gmalg, where libcrypto offers none: some thirty times slower, and the same results."""

from __future__ import annotations

import gmalg  # type: ignore[import-untyped]
import gmalg.errors  # type: ignore[import-untyped]

SIZE = 32


class Gmalg:
    """SM2 by gmalg; the shapes are those of :class:`liangding.wire.gm.sm2.Engine`."""

    name = "gmalg"

    def public_of(self, private: bytes) -> bytes:
        return bytes(gmalg.SM2(rnd_fn=None).generate_pk(private))

    def is_point(self, public: bytes) -> bool:
        return bool(gmalg.SM2().verify_pk(public))

    def sign(self, private: bytes, public: bytes, user_id: bytes, message: bytes) -> bytes:
        r, s = gmalg.SM2(private, user_id, public).sign(message)
        return bytes(r).rjust(SIZE, b"\0") + bytes(s).rjust(SIZE, b"\0")

    def verify(self, public: bytes, user_id: bytes, message: bytes, signature: bytes) -> bool:
        if not self.is_point(public):
            return False
        try:
            return bool(gmalg.SM2(None, user_id, public).verify(message, signature[:SIZE], signature[SIZE:]))
        except (gmalg.errors.GMError, ValueError, ArithmeticError):
            return False

    def encrypt(self, public: bytes, plain: bytes) -> tuple[bytes, bytes, bytes]:
        if not self.is_point(public):
            raise ValueError("公钥不在 SM2 曲线上")
        sealed = bytes(gmalg.SM2(None, None, public).encrypt(plain))
        return sealed[: 2 * SIZE + 1], sealed[2 * SIZE + 1 : 3 * SIZE + 1], sealed[3 * SIZE + 1 :]

    def decrypt(self, private: bytes, point: bytes, digest: bytes, cipher: bytes) -> bytes:
        if not self.is_point(point):
            raise ValueError("SM2 加解密没有成功")
        try:
            return bytes(gmalg.SM2(private).decrypt(point + digest + cipher))
        except (gmalg.errors.GMError, ArithmeticError):
            raise ValueError("SM2 加解密没有成功") from None
