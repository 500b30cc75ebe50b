"""An offline installer: wheels of the core, the province and the devices, locked by hash, with scripts that install
them without any network and go back."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .. import __version__
from ..config import Deployment
from ..config.sharing import files_of
from ..errors import ConfigurationError, LiangdingError
from ..knowledge.plugins import installed

TEMPLATES = importlib.resources.files(__package__) / "templates"

PYTHON = "3.11"
"""The Python that a bundle is for."""

SYSTEMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "linux": ("x86_64-manylinux_2_28", ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64",
                                        "manylinux_2_12_x86_64", "manylinux2010_x86_64", "manylinux_2_5_x86_64",
                                        "manylinux1_x86_64")),
    "windows": ("x86_64-pc-windows-msvc", ("win_amd64",)),
}  # fmt: skip
"""What each system is called where versions are chosen, and where wheels are."""

EXTRAS = ("server", "documents", "forms", "catalogue")


class CannotBundle(LiangdingError):
    """A bundle cannot be made here."""

    code = "cannot_bundle"
    remedy = "pip install 'liangding[bundle]'，并能连到软件包仓库"


def bundle(
    deployment: Deployment,
    to: Path,
    *,
    systems: Iterable[str] = tuple(SYSTEMS),
    wheels: Iterable[Path] = (),
    python: Path | None = None,
) -> Path:
    """Write the installer for a deployment into the new folder ``to``. ``wheels`` are folders with wheels of our own
    where they are not installed from source; ``python`` is an installer of Python itself, put beside it.

    ConfigurationError where the folder is there already, CannotBundle where something cannot be fetched or built.
    """
    if to.exists():
        raise ConfigurationError("文件夹已经有了", path=str(to), remedy="换一个 --to")
    names = distributions(deployment)
    whole = to.with_name(f".{to.name}.unfinished")
    shutil.rmtree(whole, ignore_errors=True)
    own = whole / "wheels" / "own"
    own.mkdir(parents=True)
    _gather(names, own, wheels)
    postgresql = deployment.journal.url.startswith("postgresql")
    extras = ",".join((*EXTRAS, *(["postgresql"] if postgresql else [])))
    wanted = [f"liangding[{extras}]" if name == "liangding" else name for name in names]
    for system in systems:
        _fetch(system, wanted, whole, own)
    (whole / "deployment").mkdir()
    for file in files_of(deployment.source):
        shutil.copyfile(file, whole / "deployment" / file.name)
    if python is not None:
        (whole / "python").mkdir()
        shutil.copyfile(python, whole / "python" / python.name)
    _write_scripts(whole)
    whole.rename(to)
    return to


def distributions(deployment: Deployment) -> list[str]:
    """The distributions of ours that a deployment needs: the core's and those of its plugins. ConfigurationError where
    a plugin is not installed."""
    found = ["liangding"]
    known = installed()
    for plugin in filter(None, (deployment.province, *deployment.plugins)):
        held = known.get(plugin)
        if held is None or getattr(held, "dist", None) is None:
            raise ConfigurationError(f"没有安装插件 {plugin}", path=deployment.source.name)
        name = held.dist.name  # type: ignore[union-attr]
        if name not in found:
            found.append(str(name))
    return found


def _gather(names: Iterable[str], own: Path, wheels: Iterable[Path]) -> None:
    """Our own wheels: those that are given, else built from where a distribution is installed from."""
    for folder in wheels:
        for wheel in folder.glob("*.whl"):
            shutil.copyfile(wheel, own / wheel.name)
    for name in names:
        if any(wheel.name.startswith(f"{name.replace('-', '_')}-") for wheel in own.glob("*.whl")):
            continue
        source = _source_of(name)
        if source is None:
            raise CannotBundle(f"{name} 不是从源码安装的", remedy="用 --wheels 给出放着它的 wheel 的文件夹")
        _run(
            "build", "--wheel", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(own),
            str(source),
        )  # fmt: skip
    for left in own.glob(".gitignore"):
        left.unlink()


def _source_of(name: str) -> Path | None:
    """The folder that a distribution is installed from; None where it came as a wheel."""
    told = metadata.distribution(name).read_text("direct_url.json")
    url = json.loads(told).get("url", "") if told else ""
    folder = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None
    return folder if folder is not None and (folder / "pyproject.toml").is_file() else None


def _fetch(system: str, wanted: Iterable[str], whole: Path, own: Path) -> None:
    """Choose versions for a system, lock them by hash, and fetch their wheels."""
    called, tags = SYSTEMS[system]
    lock, asked = whole / f"{system}.lock", whole / "wanted.in"
    asked.write_text("\n".join(wanted) + "\n", "utf-8")
    _run(
        "pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-find-links",
        "--python-version", PYTHON, "--python-platform", called, "--find-links", str(own), "--only-binary", ":all:",
        "--output-file", str(lock), str(asked),
    )  # fmt: skip
    asked.unlink()
    into = whole / "wheels" / system
    platforms = [argument for tag in tags for argument in ("--platform", tag)]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp", *platforms,
        "--find-links", str(own), "--dest", str(into), "--requirement", str(lock),
    ]  # fmt: skip
    _ran(command)
    for wheel in own.glob("*.whl"):
        (into / wheel.name).unlink(missing_ok=True)  # it is among our own


def _run(*arguments: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise CannotBundle("没有安装 uv")
    _ran([uv, *arguments])


def _ran(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotBundle(f"{Path(command[0]).name} {command[1]} 没有成功：{''.join(last)}")


def _write_scripts(whole: Path) -> None:
    """The scripts, what the bundle is, and the checksum of every file."""
    (whole / "install.py").write_text((TEMPLATES / "install.py.txt").read_text("utf-8"), "utf-8")
    for name, action in (("install", "install"), ("roll-back", "roll-back")):
        shell = whole / f"{name}.sh"
        line = f'exec "${{PYTHON:-python3}}" "$(dirname "$0")/install.py" {action} "${{1:-/opt/liangding}}"\n'
        shell.write_text(f"#!/bin/sh\n{line}", "utf-8")
        shell.chmod(0o755)
        line = f'"%PYTHON%" "%~dp0install.py" {action} "%TO%"'
        (whole / f"{name}.bat").write_text(
            "@echo off\r\nchcp 65001 >nul\r\nset PYTHONUTF8=1\r\n"
            'if "%PYTHON%"=="" set PYTHON=py\r\nset TO=%~1\r\nif "%TO%"=="" set TO=C:\\liangding\r\n' + line + "\r\n",
            "utf-8",
        )
    locks = b"".join(lock.read_bytes() for lock in sorted(whole.glob("*.lock")))
    own = b"".join(wheel.read_bytes() for wheel in sorted((whole / "wheels" / "own").glob("*.whl")))
    (whole / "VERSION").write_text(f"{__version__}-{hashlib.sha256(locks + own).hexdigest()[:8]}\n", "utf-8")
    (whole / "PYTHON").write_text(f"{PYTHON}\n", "utf-8")
    files = sorted(path for path in whole.rglob("*") if path.is_file())
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(whole).as_posix()}" for path in files)
    (whole / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")
