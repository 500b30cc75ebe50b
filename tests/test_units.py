"""What starts the server as a service: each file is one that its manager takes, as far as that can be seen here, and
says what our command line understands."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]

from liangding.cli.app import app
from liangding.config.clients import ServerSettings

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"


def understood(arguments: list[str]) -> tuple[str, object]:
    """The command that a line starts, and its deployment file."""
    command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    config = bound.arguments["config"]
    return command.__name__, config[0] if isinstance(config, list) else config


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = (PACKAGING / "liangding.service").read_text("utf-8")
    program = Path(sys.executable).with_name("liangding")
    assert program.exists()
    (tmp_path / "liangding.service").write_text(unit.replace("/opt/liangding/bin/liangding", str(program)), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "liangding.service")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "liangding.service" in line]) == (0, [])


def test_every_manager_starts_the_server_and_leaves_it_time_to_end() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(PACKAGING / "liangding.service", "utf-8")
    service = unit["Service"]
    windows = ElementTree.parse(PACKAGING / "windows" / "liangding.xml").getroot()
    container = (PACKAGING / "Containerfile").read_text("utf-8")
    compose = yaml.safe_load((PACKAGING / "compose.yaml").read_text("utf-8"))["services"]["liangding"]
    lines = {
        "systemd before": shlex.split(service["ExecStartPre"])[1:],
        "systemd": shlex.split(service["ExecStart"])[1:],
        "windows": shlex.split(windows.findtext("arguments", "").replace("\\", "/")),
        "container": json.loads(re.findall(r"^CMD (\[.*)$", container, re.MULTILINE)[0]),
    }
    assert {name: understood(line)[0] for name, line in lines.items()} == {
        "systemd before": "check", "systemd": "serve", "windows": "serve", "container": "serve",
    }  # fmt: skip
    grace = service["TimeoutStopSec"], windows.findtext("stoptimeout"), compose["stop_grace_period"]
    assert grace == ("30", "30 sec", "30s")


def test_the_container_holds_what_there_is_and_listens_where_we_do() -> None:
    container = (PACKAGING / "Containerfile").read_text("utf-8")
    compose = yaml.safe_load((PACKAGING / "compose.yaml").read_text("utf-8"))["services"]["liangding"]
    copied = re.findall(r"^COPY (?!--)(\S+) ", container, re.MULTILINE)
    assert [each for each in copied if not (ROOT / each).exists()] == []
    port = str(ServerSettings().port)
    assert re.findall(r"^EXPOSE (\d+)$", container, re.MULTILINE) == [port]
    assert compose["ports"] == [f"127.0.0.1:{port}:{port}"]
    config = str(understood(json.loads(re.findall(r"^CMD (\[.*)$", container, re.MULTILINE)[0]))[1])
    assert [each.split(":")[1] for each in compose["volumes"]] == [config, "/var/lib/liangding"]
    assert (PACKAGING / compose["build"]["context"] / compose["build"]["dockerfile"]).exists()
    assert (PACKAGING / compose["env_file"]).read_text("utf-8").count("=\n") == 2, "no secret in it"
