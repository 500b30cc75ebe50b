"""The envelope's own signature (cainfo, signtype), where a region has opened it."""

from __future__ import annotations

from typing import Literal

import attrs

from ..wire.gm import DEFAULT_USER_ID, SignatureForm
from .secrets import Secret


@attrs.frozen(kw_only=True)
class InputSigning:
    """How ``input`` is signed: ``SM2`` with the institution's ``private_key`` (``user_id``, ``signature`` raw r‖s or
    ASN.1), or ``SM3``, the digest alone. Signed are the bytes of ``input`` as they are sent. ``written``: how cainfo is
    written. A call that brings a cainfo of its own keeps it."""

    signtype: Literal["SM2", "SM3"] = "SM2"
    private_key: Secret | None = None
    user_id: str = DEFAULT_USER_ID.decode()
    signature: SignatureForm = SignatureForm.RAW
    written: Literal["base64", "hex", "HEX"] = "base64"

    def __attrs_post_init__(self) -> None:
        if (self.private_key is None) == (self.signtype == "SM2"):
            raise ValueError("signtype = SM2 时给出 private_key，SM3 时不给")
