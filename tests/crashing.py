"""A process that makes one settlement and is killed on the way, or whose disk is full: run by test_crashes.

Arguments: deployment file, business key, where it happens; the message on standard input. What the caller was told
goes to standard output, a line for each time that it asked.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from liangding.config import load_deployment
from liangding.errors import LiangdingError
from liangding.journal import Existing, Held, Journal, NewCall, Opened, Outcome, Vault
from liangding.journal.store import Store
from liangding.runtime import Runtime
from liangding.wire.transport import Exchange, HttpTransport

SETTLEMENT = "2102"

WHERE = (
    "before record", "in record", "after record", "after send", "after answer", "in outcome", "before acknowledging",
)  # fmt: skip


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """Kills this process at one place; armed by the settlement, so that the sign-in passes."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.now = ""

    def at(self, where: str) -> None:
        if where == self._where:
            die()


class DyingStore(Store):
    dying: Dying

    def _say(self, command: str) -> None:
        if command == "COMMIT" and self.dying.now:
            self.dying.at(f"in {self.dying.now}")
        super()._say(command)


class DyingJournal(Journal):
    dying: Dying
    disk: str = ""

    def open_call(self, new: NewCall, *, again: int | bool = False) -> Opened | Existing | Held:
        if new.infno != SETTLEMENT:
            return super().open_call(new, again=again)
        self.dying.at("before record")
        self.dying.now = "record"
        try:
            with full_disk(self.disk == "full at record"):
                opened = super().open_call(new, again=again)
        finally:
            self.dying.now = ""
        self.dying.at("after record")
        return opened

    def close_call(self, opened: Opened, outcome: Outcome) -> bool:
        if opened.row["infno"] != SETTLEMENT:
            return super().close_call(opened, outcome)
        self.dying.now = "outcome"
        try:
            with full_disk(self.disk == "full at outcome"):
                stands = super().close_call(opened, outcome)
        finally:
            self.dying.now = ""
        self.dying.at("before acknowledging")
        return stands


class DyingTransport(HttpTransport):
    dying: Dying

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        if not url.endswith(SETTLEMENT):
            return super().post(url, headers, body)
        if self.dying._where == "after send":
            send_only(url, headers, body)
        exchange = super().post(url, headers, body)
        self.dying.at("after answer")
        return exchange


def send_only(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """The whole request is on its way when the process dies."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc)
    line.request("POST", parts.path, body, dict(headers))
    die()


@contextlib.contextmanager
def full_disk(full: bool) -> Iterator[None]:
    """No file of this process can grow, as on a disk without space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def main(config: str, key: str, where: str) -> None:
    deployment = load_deployment(Path(config))
    message: dict[str, Any] = json.load(sys.stdin)
    DyingStore.dying = DyingJournal.dying = DyingTransport.dying = Dying(where)
    DyingJournal.disk = where
    vault = Vault(deployment.secret("journal.key", deployment.journal.key))
    journal = DyingJournal(deployment.journal.url, vault, folder=deployment.folder, store=DyingStore)
    transport = DyingTransport(connect_seconds=2, read_seconds=2)
    with Runtime(deployment, journal=journal, transport=transport) as runtime:
        for _ in range(2):
            try:
                answer = runtime.call(SETTLEMENT, message, key=key, insured_place="441900")
            except LiangdingError as failed:
                print(failed.code, flush=True)
            else:
                print(answer.output.setlinfo.setl_id, flush=True)
            DyingJournal.disk = ""


if __name__ == "__main__":
    main(*sys.argv[1:4])
