"""The server's log: where it goes, what a line says, that it is turned over and nobody's text makes a line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from liangding.config import load_deployment
from liangding.config.logs import LogSettings
from liangding.errors import ConfigurationError
from liangding.journal.asking import asked_by, in_request
from liangding.privacy import logger
from liangding.server.logs import log_to
from support import free_port, rig_for, write_deployment
from test_server import own_key, serving

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING|ERROR) \[.*?\] \[.*?\] \[.*?\] [\w.]+ .*")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_says_when_for_whom_and_where_and_is_one_line(tmp_path: Path) -> None:
    log_to(LogSettings(file="logs/liangding.log", level="debug"), tmp_path)
    log = logger("test")
    with asked_by("api:his", "till-1"), in_request("r1"):
        log.debug("of\n2026-11-30 00:00:00.000 INFO [x] forged\x1b[2J\r psn_name=张三 certno=440101199001011234")
    try:
        raise ValueError("in\n2026-11-30 00:00:00.000 INFO [x] an exception 13800138000")
    except ValueError:
        log.exception("broke off")
    first, second, *more = (tmp_path / "logs" / "liangding.log").read_text("utf-8").splitlines()
    assert re.search(r"\[till-1\] \[api:his\] \[r1\] liangding\.test of\\n2026", first)
    assert "\\x1b[2J\\r" in first
    assert "440101199001011234" not in first
    assert "张三" not in first
    assert LINE.fullmatch(second)
    assert all(line.startswith("    ") for line in more), "an exception's lines are set in"
    assert not any("13800138000" in line for line in more)


def test_the_time_is_chinas_and_files_are_turned_over(tmp_path: Path) -> None:
    handler = log_to(LogSettings(file="liangding.log", megabytes=1, kept=2), tmp_path)
    assert handler.formatter is not None
    record = logging.LogRecord("liangding", logging.INFO, "", 0, "x", (), None)
    record.created = 1_796_000_000.25  # 2026-11-30 00:53:20 UTC
    handler.filter(record)
    assert handler.formatter.format(record).startswith("2026-11-30 08:53:20.250 INFO [-] [-] [-] liangding x")
    for _ in range(4 * 1024):
        logging.getLogger("liangding").info("y " * 512)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["liangding.log", "liangding.log.1", "liangding.log.2"]
    assert all(path.stat().st_size <= 1024**2 for path in tmp_path.iterdir())


@pytest.mark.parametrize("line", ['level = "loud"', "kept = 0", "megabytes = 5000", "days = 3"])
def test_settings_of_the_log_are_checked(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError, match="log"):
        load_deployment(write_deployment(tmp_path, more=f"[log]\n{line}"))


def test_a_server_writes_its_log_to_a_file_of_its_owner(tmp_path: Path) -> None:
    port = free_port()
    with rig_for(tmp_path, more='[log]\nfile = "logs/serve.log"\nlevel = "debug"') as rig:
        with serving(rig.config, port=port):
            body = {"input": {"data": {"nobody": "440101199001011234"}}}
            url = f"http://127.0.0.1:{port}/v1/transactions/1101"
            headers = own_key(rig.config) | {"x-request-id": "till-7-00001"}
            assert httpx.post(url, json=body, headers=headers, trust_env=False, timeout=120).status_code == 422
            person = rig.person()
            shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "psn_cert_type": "01"}
            body = {"input": {"data": shown | {"certno": person.certno, "psn_name": person.name}}}
            assert httpx.post(url, json=body, headers=headers, trust_env=False, timeout=120).status_code == 200
        log = tmp_path / "logs" / "serve.log"
        lines = log.read_text("utf-8").splitlines()
        assert any(" [test] [api:local] [till-7-00001] " in line and " 1101 " in line for line in lines), lines
        assert not [line for line in lines if person.certno in line or "440101199001011234" in line]
        assert log.stat().st_mode & 0o077 == 0
