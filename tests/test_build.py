"""What is built: wheels with the licence, bound to each other's versions, that work where no checkout is; the bill of
materials."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from liangding import __version__

ROOT = Path(__file__).parents[1]

STATIC = "core/src/liangding/server/console/static"

MEMBERS: dict[str, Path] = {
    tomllib.loads(path.read_text("utf-8"))["project"]["name"]: path.parent
    for pattern in ("core/pyproject.toml", "plugins/*/pyproject.toml", "devices/*/pyproject.toml")
    for path in ROOT.glob(pattern)
}

COMPILED = "liangding-pcsc"
"""Needs a compiler on Linux, and is asked for by name."""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every member's wheel, built by what is installed and locked."""
    to = tmp_path_factory.mktemp("wheels")
    uv = str(Path(sys.executable).with_name("uv"))
    for member in MEMBERS.values():
        built = [uv, "build", "--quiet", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable]
        subprocess.run([*built, "--out-dir", str(to), str(member)], check=True)
    return {name: next(to.glob(f"{name.replace('-', '_')}-*.whl")) for name in MEMBERS}


def test_every_wheel_has_the_licence_and_names_the_exact_version_of_ours(wheels: dict[str, Path]) -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    for name, wheel in wheels.items():
        with zipfile.ZipFile(wheel) as held:
            (about,) = (each for each in held.namelist() if each.endswith(".dist-info/METADATA"))
            told = message_from_bytes(held.read(about))
            assert held.read(about.replace("METADATA", "licenses/LICENSE")) == licence, name
        assert told["Version"] == __version__, name
        ours = [each for each in told.get_all("Requires-Dist", []) if each.startswith("liangding")]
        assert ours, name
        loose = [each for each in ours if not re.search(rf"=={re.escape(__version__)}(;|$)", each)]
        assert not loose, f"{name}: {loose}"


def test_all_of_it_can_be_asked_for_at_once() -> None:
    project = tomllib.loads((ROOT / "core/pyproject.toml").read_text("utf-8"))["project"]
    whole = " ".join(project["optional-dependencies"]["all"])
    missing = [name for name in MEMBERS.keys() - {"liangding", COMPILED} if f"{name}==" not in whole]
    extras = set(project["optional-dependencies"]) - {"all"}
    assert not missing
    assert extras == set(re.search(r"liangding\[([\w,]+)\]", whole)[1].split(","))  # type: ignore[index]


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with our wheels in it, and of this one only what others wrote."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    own = [wheel for name, wheel in wheels.items() if name != COMPILED]
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), *map(str, own)], check=True
    )
    others = folder / "others"
    others.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "liangding" not in path.name and path.suffix != ".pth":
            (others / path.name).symlink_to(path)
    (where,) = folder.glob("lib/*/site-packages")
    (where / "others.pth").write_text(f"{others}\n", "utf-8")
    return folder / "bin" / "liangding"


def run(command: Path, folder: Path, *arguments: object) -> str:
    """What the installed command says in a folder of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONUTF8": "1"}
    called = [str(command), *map(str, arguments)]
    done = subprocess.run(called, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextlib.contextmanager
def listening(command: Path, folder: Path, *arguments: object) -> Iterator[str]:
    """A server of the installed command; the address that it tells."""
    started = subprocess.Popen(
        [command, *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert started.stdout is not None
    try:
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:[1-9]\d*", said)):
            line = started.stdout.readline()
            assert line, said
            said += line
        yield found[0]
    finally:
        started.terminate()
        started.communicate()


def test_demo_simulate_and_serve_run_where_no_checkout_is(installed: Path, tmp_path: Path) -> None:
    said = run(installed, tmp_path, "demo", "pharmacy", "--folder", tmp_path / "shop")
    assert "结算编号" in said
    config = next((tmp_path / "shop").rglob("deployment.toml"))
    with listening(installed, tmp_path, "simulate", "--config", config, "--port", "0") as line:
        assert httpx.get(f"{line}/_simulator/ledger", trust_env=False).status_code == 200
    with listening(installed, tmp_path, "serve", "--config", config, "--port", "0") as local:
        assert httpx.get(f"{local}/v1/health", trust_env=False).status_code == 200


def test_everything_that_is_installed_is_locked_by_hash() -> None:
    """Each file that a set-up installs from: no package without its version and its hashes."""
    files = [ROOT / "requirements.txt", *ROOT.glob("tests/*.txt"), *ROOT.glob("packaging/*.txt"),
             *ROOT.glob("devices/*/requirements.txt")]  # fmt: skip
    held = 0
    for file in files:
        text = re.sub(r"\\\n\s*", " ", file.read_text("utf-8"))
        for line in text.splitlines():
            if re.match(r"[A-Za-z0-9]", line) and "==" in line:
                held += 1
                assert "--hash=sha256:" in line, f"{file.name}: {line}"
    assert held > 100
    made = (ROOT / "Makefile").read_text("utf-8")
    installs = re.findall(r"pip install (.*)", made)
    assert installs
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs), installs


def test_the_bill_of_materials_has_everything_that_is_locked(tmp_path: Path) -> None:
    to = tmp_path / "dist"
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    command: list[object] = [
        Path(sys.executable).with_name("cyclonedx-py"),
        "requirements",
        tmp_path / "requirements.txt",
    ]
    command += ["--pyproject", ROOT / "core/pyproject.toml", "--output-format", "JSON", "--output-file", to]
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    bill = json.loads(to.read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "liangding"
    subprocess.run([sys.executable, str(ROOT / "packaging/vendored.py"), str(to)], check=True)
    vendored = [each for each in json.loads(to.read_text("utf-8"))["components"] if each not in bill["components"]]
    kept = hashlib.sha256((ROOT / STATIC / "htmx.min.js").read_bytes()).hexdigest()
    assert [(each["name"], each["hashes"][0]["content"]) for each in vendored] == [("htmx.org", kept)]
    scripts = (ROOT / STATIC).glob("*.js")
    assert [path.name for path in scripts] == ["htmx.min.js"], "another script is no component yet"
    locked = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert {(each["name"], each["version"]) for each in bill["components"]} == set(locked)
    assert all(each["externalReferences"][0]["hashes"] for each in bill["components"])
