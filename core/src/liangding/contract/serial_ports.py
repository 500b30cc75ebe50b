"""Serial ports, as drivers of readers and scanners use them, and emulated ones for work without hardware.

pyserial is a dependency of those drivers, not of the core: it is imported when a port is opened.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import attrs

from .device_errors import DeviceFault, ReaderGone
from .devices import Device

SLICE = 0.05
"""Seconds that one reading of a port waits at most: so long it takes to notice that somebody called it off."""


class Line(Protocol):
    """The little of a serial port that drivers use."""

    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> Any: ...
    def reset_input_buffer(self) -> None: ...
    def close(self) -> None: ...


@attrs.frozen(kw_only=True)
class PortSettings:
    """Which port, and how fast: ``port`` is COM3, /dev/ttyUSB0, or a URL of pyserial's; ``baud`` bits a second."""

    port: str
    baud: int = 115_200

    def __attrs_post_init__(self) -> None:
        if not self.port:
            raise ValueError('没有写明串口，如 port = "COM3" 或 "/dev/ttyUSB0"')
        if self.baud <= 0:
            raise ValueError("baud 应为波特率，如 115200")


def open_port(device: str, settings: PortSettings) -> Line:
    """Open a port: 8 data bits, no parity, one stop bit, no flow control. ReaderGone where it cannot be opened."""
    import serial

    try:
        opened: Line = serial.serial_for_url(settings.port, baudrate=settings.baud, timeout=SLICE, write_timeout=2)
    except (OSError, ValueError) as failed:
        raise ReaderGone(f"打不开串口 {settings.port}：{type(failed).__name__}", device=device) from None
    return opened


def _failures() -> tuple[type[Exception], ...]:
    """What a port that is not there any more raises; a terminal's error is none of the operating system's errors."""
    if os.name != "posix":
        return (OSError,)
    import termios

    return (OSError, termios.error)


@contextlib.contextmanager
def gone_when_it_fails(device: str) -> Iterator[None]:
    """ReaderGone for whatever the operating system says of a port that is not there any more."""
    try:
        yield
    except _failures() as failed:
        raise ReaderGone(f"设备断开了：{type(failed).__name__}", device=device) from None


class SerialDevice(Device):
    """A device at a serial port. The port is opened when it is first used, and again after it was gone."""

    def __init__(self, name: str, port: PortSettings) -> None:
        self.name = name
        self._port = port
        self._line: Line | None = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[Line]:
        """The open port, for one use. ReaderGone where it cannot be opened, or is not there any more."""
        if self._line is None:
            self._line = open_port(self.name, self._port)
        try:
            with gone_when_it_fails(self.name):
                yield self._line
        except (ReaderGone, DeviceFault):
            self.close()
            raise

    def close(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.close()
            self._line = None


def ports() -> list[tuple[str, str]]:
    """The serial ports of this computer: name and description."""
    from serial.tools.list_ports import comports

    return [(port.device, port.description or port.device) for port in comports()]


class EmulatedLine:
    """The far end of a serial line, in a thread of its own: a pseudo-terminal where there are such, else a socket.

    ``answer`` is called with what the program has sent, and with the line, to send what the device would. ``port`` is
    what a driver opens.
    """

    def __init__(self, answer: Callable[[bytes, EmulatedLine], None]) -> None:
        self._answer = answer
        self._stop = threading.Event()
        self._connected = threading.Event()
        self._mutex = threading.Lock()
        self._socket: socket.socket | None = None
        if os.name == "posix":
            import tty

            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            self.port = os.ttyname(self._slave)
            self._connected.set()
            serve = self._serve_terminal
        else:
            self._listening = socket.create_server(("127.0.0.1", 0))
            self.port = f"socket://127.0.0.1:{self._listening.getsockname()[1]}"
            serve = self._serve_socket
        self._thread = threading.Thread(target=serve, name="emulated-line", daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Put bytes on the line."""
        self._connected.wait()
        with self._mutex:
            if self._socket is not None:
                self._socket.sendall(data)
            else:
                while data:
                    data = data[os.write(self._master, data) :]

    def pause(self, seconds: float) -> None:
        """Say nothing for a while."""
        self._stop.wait(seconds)

    def close(self) -> None:
        """The device is unplugged."""
        self._stop.set()
        self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        if os.name == "posix":
            for end in (self._master, self._slave):
                with contextlib.suppress(OSError):
                    os.close(end)
        else:
            self._listening.close()

    def _serve_terminal(self) -> None:
        while not self._stop.is_set():
            readable, _, _ = select.select([self._master], [], [], SLICE)
            if readable:
                with contextlib.suppress(OSError):
                    self._answer(os.read(self._master, 4096), self)

    def _serve_socket(self) -> None:
        self._listening.settimeout(SLICE)
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError, OSError):
                self._socket, _ = self._listening.accept()
                self._connected.set()
                while received := self._socket.recv(4096):
                    self._answer(received, self)
