"""cainfo: the envelope's own signature over ``input``."""

from __future__ import annotations

import base64
from typing import Any

import attrs

from .gm import SignatureForm, Sm2, sm3
from .json import encode_plain


@attrs.frozen(kw_only=True)
class InputSigner:
    """Signs ``input`` as it goes out; ``key`` None: its SM3 digest alone."""

    signtype: str
    key: Sm2 | None = attrs.field(default=None, repr=False)
    signature: SignatureForm = SignatureForm.RAW
    written: str = "base64"

    def head(self, message: Any) -> dict[str, str]:
        """The fields of the envelope for ``message``, JSON values as they are sent."""
        body = encode_plain(message)
        signed = sm3(body) if self.key is None else self.key.sign(body, self.signature)
        text = base64.b64encode(signed).decode() if self.written == "base64" else signed.hex()
        return {"cainfo": text.upper() if self.written == "HEX" else text, "signtype": self.signtype}
