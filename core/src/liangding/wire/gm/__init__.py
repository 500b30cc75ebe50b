"""国密 (national cryptography): SM2, SM3 and SM4 as the platform's online services use them.

SM3 and SM4 are those of ``cryptography``. SM2 is OpenSSL's where its libcrypto offers it, else ``gmalg``'s; no
arithmetic of elliptic curves is ours.
"""

from .ciphers import SM4_BLOCK, sm3, sm4_decrypt, sm4_encrypt
from .keys import BadKeyMaterial, private_key, public_key
from .sm2 import DEFAULT_USER_ID, CipherOrder, SignatureForm, Sm2, engine_name

__all__ = [
    "DEFAULT_USER_ID", "SM4_BLOCK", "BadKeyMaterial", "CipherOrder", "SignatureForm", "Sm2", "engine_name",
    "private_key", "public_key", "sm3", "sm4_decrypt", "sm4_encrypt",
]  # fmt: skip
