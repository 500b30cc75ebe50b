"""Card and control libraries in a helper process: the shipped tables, and libraries in C that behave badly."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiled import BAD, CONTROL, compiled
from liangding.contract.device_errors import (
    CardLocked,
    DeviceError,
    DeviceFault,
    NothingShown,
    NotSupported,
    ReadCancelled,
)
from liangding.contract.device_settings import SecretText
from liangding.contract.devices import (
    MEDIA,
    Aids,
    Device,
    Medium,
    PasswordRequest,
    Patience,
    Reading,
    ReadRequest,
    Scope,
    Session,
)
from liangding.errors import ConfigurationError
from liangding_vendorlib import LibraryDriver, host
from liangding_vendorlib.calling import ERRORS, pick
from liangding_vendorlib.tables import library, shipped
from test_device_pcsc import PERSONA

TABLE = """\
id = "made_up"
title = "测试控件"
confidence = "low"
sources = 0

[functions.card]
name = "{function}"
seconds = {seconds}
arguments = [{{ name = "iType", kind = "number", value = 3 }}, {{ name = "out", kind = "out", size = 64 }}]

[operations.social_card]
calls = ["card"]
media = ["social_card"]
output = "out"
format = "items"
items = ["place"]
reading = {{ place = "place" }}

[errors]
"-52" = {{ says = "密码已锁定", error = "card_locked" }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def bad(folder: Path, function: str, seconds: float = 5) -> Device:
    """A device whose library has that function for reading a card."""
    table = folder / f"{function}.toml"
    table.write_text(TABLE.format(function=function, seconds=seconds), "utf-8")
    return LibraryDriver().open("till", {"library": str(table), "path": str(compiled(BAD))}, Aids())


def read(device: Device, *media: Medium, infno: str = "", seconds: float = 10, scope: Scope = Scope.VISIT) -> Reading:
    asked = ReadRequest(media=media or (Medium.SOCIAL_CARD,), infno=infno, scope=scope, institution="H1", area="510400")
    return device.read(asked, Patience(seconds))


# -- libraries that misbehave ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("crashing", "崩溃"), ("leaving", "崩溃"), ("beyond", "写出了缓冲区（out）"), ("far_beyond", "崩溃"),
        ("one_more", "崩溃"), ("no_such", "没有函数 no_such"),
    ],
)  # fmt: skip
def test_a_bad_library_is_survived_and_named(folder: Path, function: str, says: str) -> None:
    device = bad(folder, function)
    for _ in range(2):  # a fresh process does the same again
        with pytest.raises(DeviceFault, match=says) as failed:
            read(device)
        assert failed.value.device == "till"
    device.close()


def test_an_argument_too_few_is_a_null_pointer(folder: Path) -> None:
    """A library that expects one more finds nothing there, and never a place to write to."""
    device = bad(folder, "told")
    assert read(device).place == "nothing"
    device.close()


def test_another_convention_is_noticed(folder: Path) -> None:
    """Called by the wrong convention a library finds its arguments elsewhere: it crashes, or nothing comes of it."""
    device = bad(folder, "foreign")
    with pytest.raises(DeviceFault, match=r"崩溃|没有内容"):
        read(device)
    device.close()


def test_a_slow_library_has_a_time_and_can_be_called_off(folder: Path) -> None:
    device, began = bad(folder, "slow", seconds=0.5), time.monotonic()
    with pytest.raises(DeviceFault, match="限定时间"):
        read(device)
    device.close()
    device, patience = bad(folder, "slow", seconds=60), Patience(60)
    threading.Timer(0.3, patience.call_off).start()
    with pytest.raises(ReadCancelled):
        device.read(ReadRequest(media=(Medium.SOCIAL_CARD,)), patience)
    device.close()
    assert time.monotonic() - began < 50, "nobody waited for the library"


def test_what_a_library_says_is_taken_as_it_is_meant(folder: Path) -> None:
    device = bad(folder, "well")
    assert read(device).place == "441900"
    with pytest.raises(NotSupported):
        read(device, Medium.CODE)
    with pytest.raises(NotSupported):
        device.verify_password(PasswordRequest(), Patience(1))
    device.close()
    device = bad(folder, "garbage")
    assert "�" in read(device).place
    device.close()
    device = bad(folder, "refusing")
    with pytest.raises(CardLocked, match="密码已锁定") as failed:
        read(device)
    assert PERSONA.certno not in str(failed.value)
    device.close()


def test_two_threads_take_turns(folder: Path) -> None:
    device, found = bad(folder, "alone"), []
    threads = [threading.Thread(target=lambda: found.append(read(device).place)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["alone"] * 6
    device.close()


# -- Sichuan's control -------------------------------------------------------------------------------------------


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Device]:
    """The control in a folder of its own, with a card before it."""
    device = LibraryDriver().open("control", control_settings(tmp_path), Aids())
    yield device
    device.close()


def control_settings(folder: Path) -> dict[str, Any]:
    path = folder / "yh_interface_chs.so"
    shutil.copy(compiled(CONTROL), path)
    show_card(folder)
    return {"library": "yinhai", "path": str(path), "values": {"local_type": "1", "out_type": "1"}}


def show_card(folder: Path, **said: str) -> None:
    held = {
        "card_no": PERSONA.card_no, "psn_name": PERSONA.name, "certno": PERSONA.certno, "psn_cert_type": "01",
        "mdtrt_cert_type": "03", "mdtrt_cert_no": PERSONA.card_no, "card_sn": PERSONA.card_sn,
        "insuplc_admdvs": "510400", **said,
    }  # fmt: skip
    text = json.dumps(held, ensure_ascii=False)[1:-1]
    (folder / "person.json").write_bytes(text.encode("gb18030"))


def control_log(folder: Path) -> list[str]:
    path = folder / "control.log"
    return path.read_text().split("\n")[:-1] if path.exists() else []


def test_a_control_gives_credential_and_token(control: Device, tmp_path: Path) -> None:
    reading = read(control, *MEDIA, infno="2207A")
    assert (reading.medium, reading.type, reading.number, reading.card_sn) == (
        Medium.SOCIAL_CARD, "03", PERSONA.card_no, PERSONA.card_sn,
    )  # fmt: skip
    assert (reading.name, reading.certno, reading.insured_place) == (PERSONA.name, PERSONA.certno, "510400")
    assert reading.token is not None
    assert (reading.token.value, reading.token.infno, reading.token.scope) == ("tok-1-2207A", "2207A", Scope.VISIT)
    show_card(tmp_path, mdtrt_cert_type="01", mdtrt_cert_no="510400ec" + "a" * 32)
    shown = read(control, *MEDIA, infno="2304A", scope=Scope.CALL)
    assert (shown.medium, shown.type) == (Medium.CODE, "01")
    assert shown.token is not None
    assert (shown.token.value, shown.token.scope) == ("tok-2-2304A", Scope.CALL)
    for said in (PERSONA.name, PERSONA.certno, "tok-1"):
        assert said not in repr(reading)


def test_a_session_begins_and_ends_and_outlives_a_crash(control: Device, tmp_path: Path) -> None:
    session = Session(institution="H1", area="510400", operator="001")
    control.begin(session)
    read(control, *MEDIA, infno="2102A")
    control.close()  # the helper is gone: the library has to be started anew
    read(control, *MEDIA, infno="2102A")
    control.end()
    control.begin(session)
    assert control_log(tmp_path) == [
        "init", "call 2102A tok-1-2102A", "init", "call 2102A tok-1-2102A", "destroy", "init",
    ]  # fmt: skip
    (tmp_path / "person.json").unlink()
    with pytest.raises(DeviceError, match="无卡"):
        read(control, *MEDIA, infno="2102A")


# -- the tables --------------------------------------------------------------------------------------------------


def test_the_ten_libraries_are_described() -> None:
    assert len(shipped()) == 10
    for id_ in shipped():
        table = library(id_)
        assert (table.id, bool(table.title), table.confidence in ("high", "medium", "low")) == (id_, True, True)
        for variant in ("", *table.variants):
            of_variant = table.of_variant(variant)
            for name, operation in of_variant.operations.items():
                assert set(operation.calls) <= of_variant.functions.keys(), (id_, variant, name)
                last = of_variant.functions[operation.calls[-1]]
                written = {a.name for a in last.arguments if a.kind in ("out", "inout")}
                assert {operation.output, *operation.signature} - {""} <= written, (id_, variant, name)
                held = set(operation.items) | operation.collect.keys()
                assert set(operation.reading.values()) <= held, (id_, variant, name)
            for said in of_variant.errors.values():
                assert said.error in ERRORS, said


@pytest.mark.parametrize("id_", [each for each in shipped() if library(each).media])
def test_every_library_that_reads_is_emulated(id_: str) -> None:
    driver, table, persona = LibraryDriver(), library(id_), attrs.evolve(PERSONA, token="440100ec" + "a" * 32)
    with driver.emulate([persona], {"library": id_}) as emulated:
        settings = dict(emulated.settings)
        settings["values"] = {
            name: SecretText(value) if name in table.secret else value for name, value in settings["values"].items()
        }
        device = driver.open("till", settings, Aids())
        device.begin(Session(institution="H1", area="440100", operator="001"))
        for medium in table.media:
            reading = read(device, medium, infno="2207")
            assert reading.number in (persona.card_no, persona.certno, persona.token)
            assert reading.medium in (medium, Medium.CODE)
            assert bool(reading.signature) == (id_ == "sscard_insurance")
            if medium is Medium.SOCIAL_CARD and id_ != "yinhai":
                assert (reading.card_sn, reading.certno) == (PERSONA.card_sn, PERSONA.certno)
        device.end()
        device.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"library": "yinhei"}, "是不是想写 yinhai"),
        ({"library": "yinhai", "path": "x.so"}, "没有写明 local_type"),
        (
            {"library": "yinhai", "path": "x.so", "values": {"local_type": "1", "out_type": "1", "x": "y"}},
            "没有这一项 x",
        ),
        ({"library": "nation_ec", "values": {"url": "http://127.0.0.1"}}, "没有写明"),
        ({"library": "ssc_driver", "variant": "other"}, "healthy_carder"),
        ({"library": "shanghai"}, "只有说明"),
        ({"library": "ssc_driver", "paht": "x"}, "paht"),
    ],
)
def test_settings_that_are_not_right_are_named(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        LibraryDriver().open("till", settings, Aids())
    assert says in f"{wrong.value}{wrong.value.remedy}"


def test_a_file_that_is_no_library_is_named(folder: Path) -> None:
    device = bad(folder, "well")
    device.close()
    (folder / "no.so").write_bytes(b"no library")
    settings = {"library": str(folder / "well.toml"), "path": str(folder / "no.so")}
    other = LibraryDriver().open("till", settings, Aids())
    with pytest.raises(DeviceFault, match="没有载入"):
        read(other)
    other.close()


def test_a_com_control_says_where_it_can_be_used() -> None:
    """Described, not run: there is no COM here."""
    settings = {"library": "yinhai", "values": {"local_type": "1", "out_type": "1"}}
    device = LibraryDriver().open("till", settings, Aids())
    with pytest.raises(DeviceFault, match="COM") as refused:
        read(device, *MEDIA)
    assert "Windows" in refused.value.remedy
    device.close()


def test_secrets_come_from_where_secrets_are_kept() -> None:
    emulator = LibraryDriver().emulate([PERSONA], {"library": "heasec"})
    with emulator as emulated, pytest.raises(ConfigurationError, match="access_key 是密钥"):
        LibraryDriver().open("till", emulated.settings, Aids())


@given(st.text(max_size=200), st.sampled_from(["data.ecToken", "code", "a.b.c.d"]))
def test_whatever_a_library_writes_is_searched_without_harm(text: str, path: str) -> None:
    assert isinstance(pick(text, path), str)


def test_the_host_stands_alone() -> None:
    """A 32-bit interpreter without Liangding has to run it."""
    source = Path(host.__file__).read_text("utf-8")
    assert "liangding" not in source.split('"""')[2]
    with contextlib.suppress(host.Refused):
        host.Library("/nowhere.so", "cdecl")


def test_nothing_shown_is_waited_for() -> None:
    with pytest.raises(NothingShown):
        Patience(0).check("卡")
