"""The helper process that a library is loaded into: it calls what it is told to, and says what came of it.

It stands alone, on the standard library of Python 3.8 or later, so that a 32-bit interpreter can run it for a 64-bit
core. Over standard input and output go messages: four bytes of length and JSON. What the library itself prints is
thrown away: it may be personal.

Buffers that a library writes into have a guard behind them. A library that writes past its buffer is told of, and the
core lets the process go.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from typing import Any, BinaryIO

GUARD = 4096
"""Bytes behind each buffer that nobody may touch."""
FILL = b"\xa5"
REGISTERS = 6
"""So many arguments are passed at least, zero where there are none: a library that expects one more finds a null
pointer and breaks at once, instead of writing somewhere. Where the caller cleans up (all but stdcall) that is harmless.
"""


class Refused(Exception):
    """The library cannot do what it is told."""


class Buffer:
    """Memory for a library to write into, and the guard behind it."""

    def __init__(self, size: int, content: bytes) -> None:
        self.size = size
        self.memory = ctypes.create_string_buffer(content[:size].ljust(size, b"\0") + FILL * GUARD, size + GUARD)

    @property
    def overrun(self) -> bool:
        return self.memory.raw[self.size :] != FILL * GUARD

    def content(self) -> bytes:
        """Up to the first zero byte."""
        return self.memory.raw[: self.size].split(b"\0", 1)[0]


class Number:
    """A number that the library may change."""

    def __init__(self, value: int) -> None:
        self.memory = ctypes.c_int(value)


class Library:
    """A library of C functions."""

    def __init__(self, path: str, convention: str) -> None:
        loader: Any = getattr(ctypes, "WinDLL", ctypes.CDLL) if convention == "stdcall" else ctypes.CDLL
        folder = os.path.dirname(os.path.abspath(path))
        if hasattr(os, "add_dll_directory"):
            os.add_dll_directory(folder)
        try:
            self._functions = loader(path)
        except OSError as failed:
            raise Refused("not_loaded: %s" % type(failed).__name__)  # noqa: B904, UP031
        self._padded = convention != "stdcall"

    def call(self, name: str, arguments: list[dict[str, Any]], returns: str) -> dict[str, Any]:
        try:
            function = getattr(self._functions, name)
        except AttributeError:
            raise Refused("no_function")  # noqa: B904
        function.restype = {"number": ctypes.c_int, "text": ctypes.c_char_p, "nothing": None}[returns]
        held = [_held(argument) for argument in arguments]
        given = [_given(each) for each in held]
        if self._padded:
            given += [ctypes.c_void_p(0)] * (REGISTERS - len(given))
        returned = function(*given)
        if isinstance(returned, bytes):
            returned = returned.hex()
        return {"returned": returned, "out": [_out(each) for each in held], "overrun": _overrun(arguments, held)}


def _held(argument: dict[str, Any]) -> Any:
    """What an argument is kept in while the function runs."""
    kind = argument["kind"]
    if kind in ("out", "inout"):
        return Buffer(argument["size"], bytes.fromhex(argument.get("bytes", "")))
    if kind == "text":
        return ctypes.create_string_buffer(bytes.fromhex(argument["bytes"]))
    if kind == "number_ref":
        return Number(argument["value"])
    return ctypes.c_int(argument["value"]) if kind == "number" else ctypes.c_void_p(0)


def _given(held: Any) -> Any:
    """What is passed for it."""
    if isinstance(held, Buffer):
        return held.memory
    return ctypes.byref(held.memory) if isinstance(held, Number) else held


def _out(held: Any) -> Any:
    """What the library left in it."""
    if isinstance(held, Buffer):
        return held.content().hex()
    return held.memory.value if isinstance(held, Number) else None


def _overrun(arguments: list[dict[str, Any]], held: list[Any]) -> list[str]:
    return [a["name"] for a, each in zip(arguments, held) if isinstance(each, Buffer) and each.overrun]  # noqa: B905


class ComObject:
    """A COM object's methods. Windows only, with pywin32; described, not run by the tests."""

    def __init__(self, progid: str) -> None:
        try:
            import pythoncom  # type: ignore[import-untyped,import-not-found,unused-ignore]
            import win32com.client  # type: ignore[import-untyped,import-not-found,unused-ignore]
        except ImportError:
            raise Refused("no_com")  # noqa: B904
        self._kinds = pythoncom
        self._client = win32com.client
        pythoncom.CoInitialize()
        try:
            self._object = win32com.client.Dispatch(progid)
        except pythoncom.com_error as failed:
            raise Refused("not_loaded: %s" % type(failed).__name__)  # noqa: B904, UP031

    def call(self, name: str, arguments: list[dict[str, Any]], returns: str) -> dict[str, Any]:
        given = [self._variant(argument) for argument in arguments]
        returned = getattr(self._object, name)(*given)
        out = [
            self._value(variant) if argument["kind"] in ("out", "inout", "number_ref") else None
            for argument, variant in zip(arguments, given)  # noqa: B905
        ]
        return {"returned": returned if isinstance(returned, int) else 0, "out": out, "overrun": []}

    def _variant(self, argument: dict[str, Any]) -> Any:
        kind, made = argument["kind"], self._client.VARIANT
        if kind == "number_ref":
            return made(self._kinds.VT_BYREF | self._kinds.VT_I4, argument["value"])
        text = bytes.fromhex(argument.get("bytes", "")).decode("utf-8")
        if kind in ("out", "inout"):
            return made(self._kinds.VT_BYREF | self._kinds.VT_BSTR, text)
        return argument["value"] if kind == "number" else text

    @staticmethod
    def _value(variant: Any) -> Any:
        held = variant.value
        return held if isinstance(held, int) else str(held or "").encode("utf-8").hex()


def answer(asked: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """Do one thing."""
    if asked["do"] == "load":
        com = asked.get("progid")
        state["library"] = ComObject(com) if com else Library(asked["path"], asked["convention"])
        return {"bits": struct.calcsize("P") * 8}
    called: dict[str, Any] = state["library"].call(asked["function"], asked["arguments"], asked["returns"])
    return called


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    state: dict[str, Any] = {}
    while True:
        head = incoming.read(4)
        if len(head) < 4:
            return
        asked = json.loads(incoming.read(struct.unpack(">I", head)[0]).decode("utf-8"))
        try:
            said = answer(asked, state)
        except Refused as refused:
            said = {"refused": str(refused)}
        body = json.dumps(said).encode("utf-8")
        outgoing.write(struct.pack(">I", len(body)) + body)
        outgoing.flush()


def main() -> None:
    """Keep the pipe to the core for ourselves; what the library prints goes nowhere."""
    outgoing = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(outgoing.fileno(), os.O_BINARY)
    serve(sys.stdin.buffer, outgoing)


if __name__ == "__main__":
    main()
