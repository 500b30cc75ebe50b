"""The plugin of docs/plugins.md that has an example of each hook: the blocks run as they stand there."""

from __future__ import annotations

import inspect
import json
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.contract import NotDecoded
from liangding.contract.hookspecs import HookSpecs
from liangding.errors import CallRefused
from liangding.flows import Status
from support import Rig, bill, rig_for, run_flow

GUIDE = Path(__file__).parents[1] / "docs" / "plugins.md"
HOOKS = {name: hook for name, hook in vars(HookSpecs).items() if name.startswith("liangding_")}


@pytest.fixture(scope="module")
def plugin() -> types.ModuleType:
    part = GUIDE.read_text("utf-8").partition("## An example of each")[2].partition("\n## ")[0]
    module = sys.modules["yunhai_examples"] = types.ModuleType("yunhai_examples")
    for block in re.findall(r"^```python\n(.*?)^```$", part, re.MULTILINE | re.DOTALL):
        exec(compile(block, str(GUIDE), "exec", dont_inherit=True), module.__dict__)
    return module


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, plugin: types.ModuleType) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("yunhai")
    with rig_for(folder, province="", area="990100", objects={"yunhai": plugin}) as made:
        yield made


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_has_an_example_with_its_exact_arguments(plugin: types.ModuleType, name: str) -> None:
    wanted = [each for each in inspect.signature(HOOKS[name]).parameters if each != "self"]
    assert list(inspect.signature(getattr(plugin, name)).parameters) == wanted
    row = re.search(rf"^\| `{name}\(([^)]*)\)` \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert row is not None
    assert [each for each in re.split(r", ?", row[1]) if each] == wanted


def test_what_they_say_holds(rig: Rig, plugin: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert rig.runtime.region.name == "云海"
    assert [each.id for each in rig.runtime.known.requirements] == ["YH-1"]
    table = rig.runtime.known.code_table("med_type")
    assert table is not None
    assert "9801" in table
    person = rig.person()
    view = run_flow(rig.flows, rig.flows.start("yunhai_points", {"psn_no": person.psn_no}, key="P1"), {})
    assert (view.status, view.result["found"]) == (Status.DONE, person.psn_no), view.error
    answers = {"insured_place": "990100", "use_account": "1", "confirm": "yes"}
    view = run_flow(rig.flows, rig.flows.start("pharmacy_purchase", bill(person), key="B1"), answers)
    assert view.status is Status.DONE, view.error
    assert "云海：本次购药赠送积分" in view.advice
    (call,) = rig.runtime.journal.latest(infno="2102", limit=1)
    assert json.loads(call.request)["input"]["druginfo"]["med_type"] == "41"
    assert [each(name) for each, name in zip(plugin.liangding_commands(), ["世界"], strict=True)] == [None]
    assert "你好 世界" in capsys.readouterr().out


def test_the_line_and_the_devices(rig: Rig, plugin: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    known = rig.runtime.known
    gateway = plugin.liangding_gateway("stamped", {"app": "A1"}, {}, rig.deployment)
    assert gateway.refusal(gateway.headers(None), b"", "2102", 0.0) is None
    assert gateway.refusal({}, b"", "2102", 0.0) == "x-app 不对"
    assert plugin.liangding_open_answer(None, b"sealed:" + b"{}".hex().encode()) == b"{}"
    assert plugin.liangding_resolution("98009", rig.deployment).by == ("98001",)
    assert known.manager.hook.liangding_resolution(infno="2102", deployment=rig.deployment) is None
    for code in ("281234", None):
        asked: Any = types.SimpleNamespace(code=code)
        if code:
            assert plugin.liangding_decode_credential(asked, rig.deployment).token == "token of 281234"
        else:
            with pytest.raises(NotDecoded):
                plugin.liangding_decode_credential(asked, rig.deployment)
    take = rig.door.receive
    night = lambda headers, body, path="": attrs.evolve(take(headers, body, path), status=423)  # noqa: E731
    monkeypatch.setattr(rig.door, "receive", night)
    with pytest.raises(CallRefused, match="平台夜间不办业务"):
        rig.settle(rig.person("retired"), key="N1")
    assert not rig.runtime.journal.pending()
