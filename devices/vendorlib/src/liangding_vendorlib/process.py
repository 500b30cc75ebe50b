"""The helper process as the core sees it: started when it is needed, given a time, survived when it dies."""

from __future__ import annotations

import contextlib
import json
import queue
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Protocol

from liangding.contract.device_errors import DeviceFault, ReadCancelled
from liangding.contract.devices import Patience

HOST = Path(__file__).with_name("host.py")
SLICE = 0.1
"""Seconds between two looks whether somebody called it off."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Helper(Protocol):
    """Somebody who loads a library and calls its functions."""

    started: int
    """How often it was started: what a library knew before is gone then."""

    def ask(self, message: dict[str, Any], patience: Patience) -> dict[str, Any]:
        """Have one thing done. DeviceFault where it crashed, or took too long."""

    def close(self) -> None:
        """Let it go."""


class HelperProcess:
    """A process of ``python`` (another interpreter, where the library has another width), in the library's folder."""

    def __init__(self, device: str, load: dict[str, Any], *, python: str = "", folder: Path | None = None) -> None:
        self.device = device
        self.started = 0
        self._load = load
        self._python = python or sys.executable
        self._folder = folder
        self._mutex = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()

    def ask(self, message: dict[str, Any], patience: Patience) -> dict[str, Any]:
        """Have one thing done; callers take turns. The process is started, and the library loaded, where need be."""
        with self._mutex:
            if self._process is None or self._process.poll() is not None:
                self._start()
                loaded = self._exchange(self._load, patience)
                if "refused" in loaded:
                    self.close()
                    return loaded
            return self._exchange(message, patience)

    def close(self) -> None:
        """End the process, whatever it does at the moment."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None

    def _start(self) -> None:
        self.close()
        try:
            self._process = subprocess.Popen(
                [self._python, "-I", str(HOST)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, cwd=self._folder, creationflags=NO_WINDOW,
            )  # fmt: skip
        except OSError as failed:
            raise DeviceFault(
                f"启动不了控件的助手进程：{type(failed).__name__}", device=self.device,
                remedy="检查部署文件中这台设备的 python 与 path",
            ) from None  # fmt: skip
        self.started += 1
        self._answers = queue.Queue()
        assert self._process.stdout is not None
        threading.Thread(target=_collect, args=(self._process.stdout, self._answers), daemon=True).start()

    def _exchange(self, message: dict[str, Any], patience: Patience) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        body = json.dumps(message).encode()
        try:
            self._process.stdin.write(struct.pack(">I", len(body)) + body)
            self._process.stdin.flush()
            said = self._answer(patience)
        except ReadCancelled:
            self.close()  # a function that waits inside the library cannot be called off otherwise
            raise
        except OSError:
            said = None
        if said is None:
            self.close()
            raise DeviceFault(
                "控件崩溃了，它的进程会重新来过", device=self.device, remedy="再试一次；仍崩溃的核对控件版本与参数个数"
            )
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _answer(self, patience: Patience) -> bytes | None:
        """The next answer; None where the process died."""
        while True:
            left = patience.left(SLICE)
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=max(left, 0.001))
            if left <= 0:
                self.close()
                raise DeviceFault("控件在限定时间内没有返回", device=self.device)


def _collect(pipe: IO[bytes], answers: queue.Queue[bytes | None]) -> None:
    """Everything that the process says, until it ends."""
    with contextlib.suppress(OSError, ValueError):
        while len(head := pipe.read(4)) == 4:
            size = struct.unpack(">I", head)[0]
            body = pipe.read(size)
            if len(body) < size:
                break
            answers.put(body)
    answers.put(None)
