"""What a Windows machine in a pharmacy is like, imitated here: files as Notepad and Excel save them, a console in GBK,
no ``/proc``, folders with Chinese names. Windows itself was not to be had."""

from __future__ import annotations

import codecs
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from liangding.cli.app import run as command
from liangding.config import load_deployment
from liangding.config.secrets import Secret
from liangding.errors import ConfigurationError
from liangding.files.text import text_of
from support import purchase, rig_for, write_deployment

CHINESE = "医保 接口（一店）"
SAVED = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "gbk": lambda text: text.encode("gbk"),
    "unicode": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "unicode, big end first": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "lines end with crlf": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
}
WINDOWS = {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}


def on_windows(folder: Path, *arguments: object, under: tuple[str, ...] = ()) -> tuple[int, str]:
    """A command at a GBK console: how it ended, and what it said on both streams."""
    done = subprocess.run(
        [*under, sys.executable, "-m", "liangding", *map(str, arguments)], cwd=folder, env={**os.environ, **WINDOWS},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode("gbk")


@pytest.mark.parametrize("saved", SAVED)
def test_files_are_read_as_they_were_saved(tmp_path: Path, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / CHINESE
    folder.mkdir()
    config = write_deployment(folder, name="一店")
    text = config.read_text("utf-8")
    config.write_bytes(SAVED[saved](text))
    assert load_deployment(config).name == "一店"
    assert command(["check", "--config", str(config)]) == 0
    told = capsys.readouterr().out.replace("\n", "")
    assert ("不是 UTF-8" in told) == (saved in ("gbk", "unicode", "unicode, big end first"))
    message = folder / "报文.json"
    message.write_bytes(SAVED[saved](json.dumps({"input": {"data": {"psn_name": "张三"}}}, ensure_ascii=False)))
    assert command(["validate", "1101", str(message), "--side", "request", "--config", str(config)]) == 1
    assert "不是合法的 JSON" not in capsys.readouterr().out


def test_what_is_in_no_known_character_set_is_said(tmp_path: Path) -> None:
    config = write_deployment(tmp_path)
    config.write_bytes(b"# \xff\xfd\x81\x00\n" + config.read_bytes())
    with pytest.raises(ConfigurationError, match="既不是 UTF-8 也不是 GBK"):
        load_deployment(config)
    for data in (b"\xff", b"\x81", b"\xfe\xff\xd8", codecs.BOM_UTF8 + b"\xff"):
        with pytest.raises(UnicodeDecodeError):
            text_of(data)


def test_a_secret_that_notepad_saved_is_what_was_typed(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    kept.write_bytes(codecs.BOM_UTF8 + b"hunter2\r\n")
    kept.chmod(0o600)
    assert Secret(file="secret").value("x", tmp_path) == "hunter2"


def test_a_gbk_console_hears_everything(tmp_path: Path) -> None:
    """Marks that GBK has not are said in others; the exit code is that of the work."""
    folder = tmp_path / CHINESE
    folder.mkdir()
    message = folder / "报文.json"
    message.write_text('{"input": {"druginfo": {"psn_name": "✗ é 𠮷"}}}', "utf-8")
    code, said = on_windows(folder, "validate", "2102", message.name, "--side", "request")
    assert (code, "× input.druginfo" in said, "✗" in said) == (1, True, False)
    code, said = on_windows(folder, "check", "--config", "没有.toml")
    assert (code, "没有.toml" in said) == (2, True)


def test_a_purchase_in_a_folder_with_a_chinese_name_without_proc(tmp_path: Path) -> None:
    """The journal's owner is known without the system's word on processes; what one process recorded another finds."""
    folder = tmp_path / CHINESE
    folder.mkdir()
    without = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")
    probe = [*without, "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    with rig_for(folder) as rig:
        body = folder / "购药.json"
        body.write_bytes(codecs.BOM_UTF8 + json.dumps(purchase(rig.person()), ensure_ascii=False).encode())
        asked = ("call", "2102", body.name, "--key", "B1", "--insured-place", "441900", "--config", rig.config.name)
        for _ in range(2):
            code, said = on_windows(folder, *asked, under=without)
            assert code == 0, said
            assert rig.standing()[0] in said
        assert rig.sent("2102") == 1
        code, said = on_windows(folder, "journal", "list", "--config", rig.config.name, under=without)
        assert (code, "2102" in said) == (0, True)
