"""Content that came packed: taken out piece by piece, never more of it than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
AT_ONCE = 1 << 20


class TooLarge(Exception):
    """More came than an answer may have."""


class BadlyPacked(Exception):
    """What came cannot be unpacked."""


def unpacked(coding: str, pieces: Iterator[bytes], most: int | None) -> Iterator[bytes]:
    """The content of an answer of that content-encoding. TooLarge as soon as it has more than ``most`` bytes (None: as
    many as there are), BadlyPacked where it cannot be unpacked or breaks off."""
    plain = _inflated(pieces) if coding.strip().lower() in ("gzip", "x-gzip", "deflate") else pieces
    count = 0
    for piece in plain:
        count += len(piece)
        if most is not None and count > most:
            raise TooLarge
        yield piece


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What gzip (of however many members) or deflate packed; at most so much at a time."""
    member = zlib.decompressobj(GZIP_OR_ZLIB)
    begun = False
    for piece in pieces:
        left = piece
        while left:
            if member.eof:
                member = zlib.decompressobj(GZIP_OR_ZLIB)
            try:
                plain = member.decompress(left, AT_ONCE)
            except zlib.error as failed:
                if begun:
                    raise BadlyPacked from failed
                member = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate as some servers do it: without its frame
                begun = True
                continue
            begun = True
            left = member.unused_data if member.eof else member.unconsumed_tail
            yield plain
    if begun and not member.eof:
        raise BadlyPacked
