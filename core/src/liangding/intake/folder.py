"""A folder bridge for software that cannot do HTTP: a request is a file in ``in``, its answer a file in ``out``.

The bridge is a client of the local server: what a request may do, its keys and its errors are the server's own. A file
that is taken is renamed first (``working``), so that two bridges never do the same one; what a killed bridge left there
is done again, under the key that it has, and gets the recorded answer. A request that does not get through is tried
again for as long as ``patience`` says: nothing is charged twice by that, because changing requests need a key.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import attrs
import httpx

from ..errors import LiangdingError
from ..files.text import text_of
from ..privacy import logger
from ..structuring import MISTAKES, mistakes, strict_converter
from ..wire.json import decode, encode

log = logger("bridge")

IN, WORKING, OUT = "in", "working", "out"
ENDING = ".json"
WHOLE_SECONDS = 10.0
"""For so long a file that is no JSON may still be being written, where software cannot rename."""


class BadRequestFile(LiangdingError):
    """A request file is not as it must be."""

    code = "bad_file"
    http_status = 400
    remedy = "请求文件是一个 JSON 对象：path，要改动的还有 key，另有 body、method；先写成别的名字，再改名为 .json"


@attrs.define(kw_only=True)
class FolderRequest:
    """A request: the server's ``path`` (``/v1/transactions/2102``), the business ``key``, and the ``body``."""

    path: str
    key: str | None = None
    body: Any = None
    method: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.path.startswith("/v1/"):
            raise ValueError("path 应以 /v1/ 开头")
        self.method = (self.method or ("POST" if self.body is not None or self.key else "GET")).upper()
        if self.method not in ("GET", "POST"):
            raise ValueError("method 只能是 GET 或 POST")


class Bridge:
    """Works a folder off. ``client`` reaches the server; ``patience`` is for how many seconds one request is tried;
    ``encoding`` is that of the answers (requests may be in either)."""

    def __init__(
        self,
        folder: Path,
        client: httpx.Client,
        *,
        patience: float = 60.0,
        workers: int = 4,
        encoding: Literal["utf-8", "gbk"] = "utf-8",
    ) -> None:
        self.folder, self._encoding = folder, "gb18030" if encoding == "gbk" else "utf-8"
        self._client, self._patience = client, patience
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="bridge")
        for name in (IN, WORKING, OUT):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Take no more; what is under way ends first."""
        self._ended.set()
        self._pool.shutdown(wait=True)

    def run(self, *, every: float = 0.2) -> None:
        """Work until it is closed, what was left half-way first."""
        self.take_up_left()
        while not self._ended.wait(every):
            self.round()

    def take_up_left(self) -> list[Future[None]]:
        """What a bridge that was killed had taken."""
        return [self._pool.submit(self._do, path) for path in sorted((self.folder / WORKING).glob(f"*{ENDING}"))]

    def round(self) -> list[Future[None]]:
        """Take every file that is there now."""
        taken = []
        for path in sorted((self.folder / IN).glob(f"*{ENDING}")):
            mine = self.folder / WORKING / path.name
            try:
                if mine.exists() or not _is_whole(path):
                    continue
                path.rename(mine)
            except OSError:
                continue  # another bridge has it, or it is still held
            taken.append(self._pool.submit(self._do, mine))
        return taken

    def _do(self, path: Path) -> None:
        try:
            answer = self._ask(read(path.read_bytes()))
        except LiangdingError as wrong:
            answer = {"status": wrong.http_status, "body": {"error": wrong.as_json()}}
        if answer is None:
            return  # closed meanwhile: it stays taken, and is done when the bridge begins again
        write(self.folder / OUT / path.name, answer, self._encoding)
        path.unlink()

    def _ask(self, asked: FolderRequest) -> Mapping[str, Any] | None:
        headers = {"Idempotency-Key": asked.key} if asked.key else {}
        body = None if asked.body is None or asked.method == "GET" else encode(asked.body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        until = time.monotonic() + self._patience
        while True:
            try:
                return _answer(self._client.request(asked.method, asked.path, headers=headers, content=body))
            except httpx.HTTPError as failed:
                log.warning("%s does not get through: %s", asked.path, type(failed).__name__)
            if self._ended.wait(1.0):
                return None
            if time.monotonic() > until:
                return {"status": 0, "body": {"error": UNREACHABLE}}


UNREACHABLE = {
    "code": "server_unreachable", "message": "本地服务连不上，这一笔办成没有还不知道",
    "remedy": "服务恢复后，以同一个 key 再放一次；不要换 key 重办",
}  # fmt: skip


def _is_whole(path: Path) -> bool:
    """Whether a file can be taken: it is JSON, or has been as it is for a while."""
    try:
        decode(_text(path.read_bytes()).encode())
    except (ValueError, BadRequestFile):
        return time.time() - path.stat().st_mtime > WHOLE_SECONDS
    return True


def _text(data: bytes) -> str:
    """The text of a file: UTF-8, else GBK as old software writes it."""
    try:
        return text_of(data)
    except UnicodeDecodeError:
        raise BadRequestFile("文件既不是 UTF-8 也不是 GBK") from None


def read(data: bytes) -> FolderRequest:
    """The request of a file. BadFile where it is none."""
    text = _text(data)
    try:
        content = decode(text.encode())
        keep = content.pop("body", None) if isinstance(content, dict) else None
        asked: FolderRequest = strict_converter().structure(content, FolderRequest)
    except MISTAKES as wrong:
        said = "；".join(f"{'.'.join(map(str, m.path))} {m.message}".strip() for m in mistakes(wrong))
        raise BadRequestFile(f"请求文件不对：{said}") from None
    return FolderRequest(path=asked.path, key=asked.key, body=keep, method=asked.method if keep is None else "POST")


def _answer(answer: httpx.Response) -> dict[str, Any]:
    """What the server said: its JSON, a slip's text, or a document as base64."""
    kind = answer.headers.get("content-type", "")
    if "json" in kind:
        return {"status": answer.status_code, "body": decode(answer.content)}
    if kind.startswith("text/"):
        return {"status": answer.status_code, "text": answer.text}
    return {"status": answer.status_code, "base64": base64.b64encode(answer.content).decode()}


def write(path: Path, answer: Mapping[str, Any], encoding: str) -> None:
    """An answer that is there whole or not at all."""
    text = encode(dict(answer)).decode().encode(encoding)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
