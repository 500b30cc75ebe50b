"""How a message with a file goes over the line: as a form of two parts, as a list of numbers, as a stream of bytes.

The journal records an envelope before anything is sent, and the file is not in it: in the place of its bytes stands
a :class:`Fingerprint`, so that the record says for certain which file it was and does not grow with it. A carriage
turns the recorded envelope into what goes out, and what comes back into what the journal keeps of it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx

from ..wire.json import decode, encode
from ..wire.replies import Reply, parse_reply
from ..wire.transport import Exchange

NODE, BYTES = "fsUploadIn", "in"
"""Where 9101's input has the file."""

ENVELOPE_PART, FILE_PART = "jsonStr", "file"
"""The names of the two parts of a form."""

OCTETS = "application/octet-stream"
ZIP_MARK = b"PK"
ANSWER_BYTES = 1024 * 1024
"""More than this of an answer that is not a file is not kept."""


@attrs.frozen
class Fingerprint:
    """What the journal holds of a file in the place of its bytes: how many they are, and their SHA-256."""

    length: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Fingerprint:
        return cls(len(data), hashlib.sha256(data).hexdigest())

    def __str__(self) -> str:
        return f"{self.length} bytes, sha256 {self.sha256}"


@attrs.frozen
class MultipartUpload:
    """9101 as multipart/form-data: ``jsonStr`` the whole envelope, and the file under the name ``part``.

    The envelope goes without the key of the file's bytes. A gateway that signs bodies signs the form as it goes out.
    """

    data: bytes = attrs.field(repr=False)
    filename: str
    part: str = FILE_PART

    def packed(self, envelope: bytes) -> tuple[dict[str, str], bytes]:
        message = decode(envelope)
        message["input"][NODE].pop(BYTES, None)
        parts = [
            (ENVELOPE_PART, (None, encode(message), "text/plain; charset=UTF-8")),
            (self.part, (self.filename, self.data, OCTETS)),
        ]
        form = httpx.Request("POST", "http://form", files=parts)
        return {"content-type": form.headers["content-type"]}, form.read()

    def receive(self, head: Exchange, content: Iterator[bytes]) -> Exchange:
        return attrs.evolve(head, body=b"".join(content))


@attrs.frozen
class JsonUpload:
    """9101 as plain JSON: ``fsUploadIn.in`` is the list of the file's bytes, each 0 to 255."""

    data: bytes = attrs.field(repr=False)

    def packed(self, envelope: bytes) -> tuple[dict[str, str], bytes]:
        message = decode(envelope)
        message["input"][NODE][BYTES] = list(self.data)
        return {}, encode(message)

    def receive(self, head: Exchange, content: Iterator[bytes]) -> Exchange:
        return attrs.evolve(head, body=b"".join(content))


@attrs.define
class StreamDownload:
    """9102: a file comes as a stream and goes to ``path``; a failure comes as JSON.

    The first bytes decide: a ZIP begins with PK, nothing else is taken for a file, whatever the content type says.
    A stream that ends early or holds no whole ZIP is a failed exchange. ``fingerprint`` is of the file that came;
    the journal keeps it as the output of an accepted answer, since the platform's own answer has none.
    """

    path: Path
    fingerprint: Fingerprint | None = None

    def packed(self, envelope: bytes) -> tuple[dict[str, str], bytes]:
        return {}, envelope

    def receive(self, head: Exchange, content: Iterator[bytes]) -> Exchange:
        start = _at_least(len(ZIP_MARK), content)
        if head.status != 200 or not start.startswith(ZIP_MARK):
            return self._not_a_file(head, start, content)
        try:
            self._keep(start, content)
        except OSError as failed:
            said = f"文件写不到磁盘：{failed.strerror}"
            return attrs.evolve(head, failure="not_kept", message=said)
        try:
            zipfile.ZipFile(self.path).close()
        except zipfile.BadZipFile:
            return attrs.evolve(head, failure="cut", message="文件没有收全：不是完整的 ZIP")
        assert self.fingerprint is not None
        return attrs.evolve(head, body=encode({"infcode": 0, "output": attrs.asdict(self.fingerprint)}))

    def _keep(self, start: bytes, content: Iterator[bytes]) -> None:
        digest, length = hashlib.sha256(), 0
        with open(self.path, "wb") as kept:
            for piece in itertools.chain((start,), content):
                digest.update(piece)
                length += kept.write(piece)
        self.fingerprint = Fingerprint(length, digest.hexdigest())

    def _not_a_file(self, head: Exchange, start: bytes, content: Iterator[bytes]) -> Exchange:
        body = (start + _at_least(ANSWER_BYTES, content))[:ANSWER_BYTES]
        if head.status == 200 and OCTETS in head.content_type and body.lstrip()[:1] not in (b"{", b"<", b""):
            said = "应答是字节流，却不是 ZIP 文件（开头不是 PK）"
            return attrs.evolve(head, body=body, failure="not_a_zip", message=said)
        reply = parse_reply(body)
        if isinstance(reply, Reply) and reply.succeeded:
            return attrs.evolve(head, body=body, failure="no_file", message="平台说成功，却没有给文件")
        return attrs.evolve(head, body=body)


def _at_least(length: int, content: Iterator[bytes]) -> bytes:
    """The next pieces of ``content``, up to where they have ``length`` bytes or end."""
    found = b""
    for piece in content:
        found += piece
        if len(found) >= length:
            break
    return found


def unpacked(content_type: str, body: bytes) -> tuple[bytes, bytes | None]:
    """An upload as the platform takes it: the envelope with a fingerprint in the file's place, and the file.

    A body that is no upload comes back as it is. ValueError for a form that cannot be taken apart.
    """
    boundary = re.search(r'multipart/form-data;.*?boundary="?([^";]+)', content_type, re.IGNORECASE)
    if boundary:
        parts = _parts(body, boundary[1].encode())
        if ENVELOPE_PART not in parts:
            raise ValueError(f"表单没有 {ENVELOPE_PART}")
        files = [data for name, data in parts.items() if name != ENVELOPE_PART]
        if len(files) != 1:
            raise ValueError("表单应只有一个文件")
        return _with_fingerprint(decode(parts[ENVELOPE_PART]), files[0]), files[0]
    if f'"{NODE}"'.encode() not in body:
        return body, None
    message = decode(body)
    listed = _upload(message).get(BYTES)
    if not isinstance(listed, list):
        return body, None
    if not all(isinstance(number, int) for number in listed):
        raise ValueError(f"{BYTES} 应为字节数组")
    data = bytes(number & 0xFF for number in listed)  # Java's bytes are signed
    return _with_fingerprint(message, data), data


def _with_fingerprint(message: Any, data: bytes) -> bytes:
    _upload(message)[BYTES] = str(Fingerprint.of(data))
    return encode(message)


def _upload(message: Any) -> dict[str, Any]:
    held = message.get("input") if isinstance(message, Mapping) else None
    node = held.get(NODE) if isinstance(held, Mapping) else None
    if not isinstance(node, dict):
        raise ValueError(f"报文没有 {NODE}")
    return node


def _parts(body: bytes, boundary: bytes) -> dict[str, bytes]:
    """The parts of a form by name."""
    found: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'\bname="([^"]*)"', head)
        if name:
            found[name[1].decode("utf-8", "replace")] = data
    return found
