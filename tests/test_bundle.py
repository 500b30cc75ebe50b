"""The offline installer: made with a network, installed without one, rolled back."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from liangding.config import load_deployment
from liangding.errors import ConfigurationError
from liangding.rollout.bundling import CannotBundle, bundle
from support import write_deployment

LOOPBACK = """
import fcntl, socket, struct, subprocess, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x49))  # SIOCSIFFLAGS: up, loopback, running
    try:
        s.connect(("223.5.5.5", 53))
    except OSError:
        pass
    else:
        sys.exit("there is a network")
sys.exit(subprocess.call(sys.argv[1:]))
"""
"""Runs a command where there is nothing but the loopback."""


def without_network(*command: object) -> subprocess.CompletedProcess[str]:
    arguments = ["unshare", "-n", sys.executable, "-c", LOOPBACK, *map(str, command)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    return subprocess.run(
        arguments, capture_output=True, text=True, check=False, env=environment | {"PYTHON": sys.executable}
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = ["unshare", "-n", "true"]
    if shutil.which("unshare") is None or subprocess.run(asked, check=False, capture_output=True).returncode:
        pytest.skip("a network namespace needs unshare and root")
    folder = tmp_path_factory.mktemp("bundle")
    try:
        return bundle(load_deployment(write_deployment(folder)), folder / "made", systems=("linux",))
    except CannotBundle as failed:
        pytest.skip(f"no registry to fetch wheels from: {failed}")


@pytest.mark.long
def test_it_installs_settles_and_rolls_back_without_a_network(made: Path, tmp_path: Path) -> None:
    assert not [path for path in made.rglob("*") if "secret" in path.name], "no secret goes with it"
    to = tmp_path / "liangding"
    done = without_network(made / "install.sh", to)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = without_network(to / "liangding", "demo", "pharmacy", "--folder", tmp_path / "demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "结算编号" in shown.stdout
    first = (to / "current.txt").read_text("utf-8")
    later = tmp_path / "later"
    shutil.copytree(made, later)
    (later / "VERSION").write_text("9.9.9-later\n", "utf-8")
    _sum_up(later)
    assert without_network(later / "install.sh", to).returncode == 0
    assert (to / "current.txt").read_text("utf-8") == "9.9.9-later"
    back = without_network(later / "roll-back.sh", to)
    assert back.returncode == 0, back.stderr
    assert (to / "current.txt").read_text("utf-8") == first
    assert without_network(to / "liangding", "--version").returncode == 0


@pytest.mark.long
def test_a_file_that_was_changed_on_the_way_stops_it(made: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(made, broken)
    wheel = next((broken / "wheels" / "linux").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = without_network(broken / "install.sh", tmp_path / "to")
    assert done.returncode == 1
    assert "文件不完整或被改过" in done.stderr
    assert not (tmp_path / "to" / "current.txt").exists()


def test_what_cannot_be_bundled_is_said(tmp_path: Path) -> None:
    deployment = load_deployment(write_deployment(tmp_path))
    with pytest.raises(ConfigurationError, match="文件夹已经有了"):
        bundle(deployment, tmp_path)
    other = load_deployment(write_deployment(tmp_path, name="other", plugins=("nothing_such",)))
    with pytest.raises(ConfigurationError, match="没有安装插件 nothing_such"):
        bundle(other, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def _sum_up(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files)
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")
