"""Fuzzing by coverage (atheris) of whatever reads messages, files and tables from outside: only declared exceptions,
and always an end.

    python tests/fuzz_messages.py TARGET [-runs=N] [-seed=N] …

Targets are the names of the functions below; the further arguments are libFuzzer's.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import tomllib
import zipfile
from pathlib import Path

import atheris

from fuzzing import fuzz

with atheris.instrument_imports(include=["liangding"]):
    from liangding.calls.validation import Side, validate
    from liangding.errors import LiangdingError
    from liangding.files.archive import Limits
    from liangding.files.carriage import unpacked as form_of
    from liangding.files.layouts import layout_of
    from liangding.files.reading import open_text
    from liangding.files.tables import rows_of_file
    from liangding.files.text import for_log, for_paper, for_table, for_terminal, text_of
    from liangding.national.refusals import explained
    from liangding.privacy import masked_text
    from liangding.wire.gm import Sm2
    from liangding.wire.json import DEEPEST, decode, encode
    from liangding.wire.replies import parse_reply, refused_rows
    from liangding.wire.secured import SecuredEnvelope
    from liangding.wire.unpacking import BadlyPacked, TooLarge, unpacked

SIDES: tuple[Side, ...] = ("request", "response")
PLACE = Path(tempfile.mkdtemp(prefix="fuzz-"))
KEY = Sm2(private=bytes(31) + b"\7")
LINE = SecuredEnvelope("0123456789abcdef0123", "0123456789abcdef", ours=KEY, theirs=KEY)
LIMITS = Limits(unpacked=1 << 20, line=1 << 16)


def grown(data: bytes) -> bytes:
    """A byte stands for many: for depth, for digits, for what an answer usually has. Chance would never write them."""
    for mark, more in (
        (b"\xf5", b"[" * (DEEPEST + 3)), (b"\xf6", b'{"a":' * (DEEPEST + 3)), (b"\xf7", b"9" * 5000),
        (b"\xf8", b"1e99999"), (b"\xf9", b'{"infcode":'), (b"\xfa", b',"output":'), (b"\xfb", b'"\\ud800"'),
        (b"\xfc", "处理中".encode("gbk")), (b"\xfd", b'"err_msg":"'), (b"\xfe", b"\xef\xbb\xbf"),
    ):  # fmt: skip
        data = data.replace(mark, more)
    return data


def replies(data: bytes) -> None:
    reply = parse_reply(grown(data))
    refused_rows(getattr(reply, "output", None))
    explained(getattr(reply, "message", ""))


def messages(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        value = decode(grown(data))
        assert decode(encode(value)) == value
    for infno in ("2102", "4101A", "1101"):
        for side in SIDES:
            for found in validate(infno, grown(data), side):
                str(found)


def files(data: bytes) -> None:
    held = io.BytesIO()
    if data[:1] < b"\x80":
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("1301.txt", data[1:].replace(b"\xf0", b"\t" * 80).replace(b"\xf1", b"\n"))
        broken = bytearray(held.getvalue())
        if len(data) > 3:
            broken[data[1] % len(broken)] ^= data[2]
        held = io.BytesIO(bytes(broken))
    else:
        held = io.BytesIO(data[1:])
    with contextlib.suppress(LiangdingError), open_text(held, layout_of("1301"), limits=LIMITS) as text:
        for row in text:
            row.as_dict()
        text.check()


def forms(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        form_of("multipart/form-data; boundary=b", data.replace(b"\xf0", b"\r\n--b\r\n").replace(b"\xf1", b"\r\n\r\n"))
    with contextlib.suppress(ValueError):
        form_of("application/json", grown(data.replace(b"\xf0", b'{"input":{"fsUploadIn":{"in":[')))


def packages(data: bytes) -> None:
    for coding in ("gzip", "deflate", "br", ""):
        with contextlib.suppress(TooLarge, BadlyPacked):
            for piece in unpacked(coding, iter([data[:7], data[7:]]), 1 << 16):
                assert len(piece) <= 1 << 20


def envelopes(data: bytes) -> None:
    sealed = bytearray(LINE.seal({"a": "1"}, epoch=1_796_000_000))
    for at in range(0, len(data) - 1, 2):
        sealed[data[at] * 3 % len(sealed)] = data[at + 1]
    for message in (bytes(sealed), grown(data)):
        with contextlib.suppress(LiangdingError):
            LINE.open(message)


def texts(data: bytes) -> None:
    with contextlib.suppress(UnicodeDecodeError):
        text = text_of(data)
        for sink in (for_terminal, for_paper, for_table, for_log, masked_text):
            said = sink(text)
            assert sink in (for_table, masked_text) or "\x1b" not in said
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tomllib.loads(text)


def tables(data: bytes) -> None:
    path = PLACE / "table.csv"
    path.write_bytes(data)
    with contextlib.suppress(LiangdingError):
        rows_of_file(path)


if __name__ == "__main__":
    fuzz(replies, messages, files, forms, packages, envelopes, texts, tables)
