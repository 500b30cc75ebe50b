"""The one text inside a ZIP, or a plain text, as lines of bytes: nothing is unpacked to disk, nothing read whole.

Names inside an archive are never used as paths. What an archive says of its size is held against limits before a
byte is unpacked, and what comes out of it again while it is read.
"""

from __future__ import annotations

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import attrs

from .errors import BrokenFile

PIECE = 64 * 1024
SMALL = 16 * 1024**2
"""Up to this many unpacked bytes no archive is suspected: short repetitive texts shrink without end."""


@attrs.frozen(kw_only=True)
class Limits:
    """How much a file may be: ``unpacked`` bytes of text, ``ratio`` of unpacked to packed, bytes of one ``line``."""

    unpacked: int = 8 * 1024**3
    ratio: int = 200
    line: int = 4 * 1024**2


@contextlib.contextmanager
def opened_text(source: Path | str | BinaryIO, limits: Limits) -> Iterator[BinaryIO]:
    """The text of ``source`` (a path, or a seekable stream) as a stream of bytes. BrokenFile where there is none."""
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(source, "rb")) if isinstance(source, Path | str) else source
        start = stream.read(2)
        stream.seek(-len(start), 1)
        if start != b"PK":
            yield stream
            return
        with _saying_what_is_broken():
            archive = stack.enter_context(zipfile.ZipFile(stream))
            member = _only_text(archive, limits)
            text = stack.enter_context(archive.open(member))
        yield text  # type: ignore[misc]  # a ZipExtFile reads as any stream of bytes does


def lines(text: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """The lines of ``text`` without their ends (LF or CRLF), each within the limit."""
    rest, total = b"", 0
    while piece := _piece(text):
        total += len(piece)
        if total > limits.unpacked:
            raise BrokenFile(f"解开后超过 {limits.unpacked} 字节的上限")
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
        if len(rest) > limits.line:
            raise BrokenFile(f"有一行超过 {limits.line} 字节的上限，不像按行的文本")
    if rest:
        yield rest.removesuffix(b"\r")


def _piece(text: BinaryIO) -> bytes:
    with _saying_what_is_broken():
        return text.read(PIECE)


def _only_text(archive: zipfile.ZipFile, limits: Limits) -> zipfile.ZipInfo:
    held = [member for member in archive.infolist() if not member.is_dir()]
    texts = [member for member in held if member.filename.lower().endswith(".txt")]
    found = texts if len(texts) == 1 else held
    if len(found) != 1:
        raise BrokenFile(f"压缩包里应只有一个 TXT，却有 {len(found)} 个文件")
    (member,) = found
    if member.flag_bits & 0x1:
        raise BrokenFile("压缩包有密码")
    if member.file_size > limits.unpacked:
        raise BrokenFile(f"压缩包解开后有 {member.file_size} 字节，超过 {limits.unpacked} 的上限")
    if member.file_size > max(SMALL, limits.ratio * member.compress_size):
        raise BrokenFile(f"压缩包解开后大了 {member.file_size // max(member.compress_size, 1)} 倍，疑为压缩炸弹")
    return member


WORKBOOK = 300 * 1024**2
"""What the parts of a spreadsheet may come to, unpacked."""


def refuse_bomb(path: Path) -> None:
    """BrokenFile for a spreadsheet whose parts come to more than any table has. What is no archive is left to its
    reader."""
    try:
        with zipfile.ZipFile(path) as archive:
            whole = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile, ValueError, RuntimeError):
        return
    if whole > WORKBOOK:
        raise BrokenFile(f"表格解开后有 {whole} 字节，超过 {WORKBOOK} 的上限", path=str(path))


@contextlib.contextmanager
def _saying_what_is_broken() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, struct.error, OverflowError) as wrong:
        raise BrokenFile(f"压缩包不完整或已损坏（{wrong}）") from None
    except RuntimeError as wrong:  # also what zipfile has not learnt
        raise BrokenFile(f"压缩包的压缩方式不认识（{wrong}）") from None
