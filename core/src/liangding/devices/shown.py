"""Which codes were shown here already. The codes themselves are not kept: a code is its holder's secret."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from threading import Lock

KEPT = 1_000


class ShownCodes:
    """Remembers the last thousand codes that were decoded, by a digest under a key of this process. Safe to share
    between threads."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def add(self, code: str) -> None:
        with self._lock:
            self._digests[self._digest(code)] = None
            if len(self._digests) > KEPT:
                self._digests.popitem(last=False)

    def __contains__(self, code: str) -> bool:
        with self._lock:
            return self._digest(code) in self._digests

    def _digest(self, code: str) -> bytes:
        return hashlib.blake2b(code.encode(), key=self._key, digest_size=16).digest()
