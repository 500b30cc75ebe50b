"""Flows in flight outlive an upgrade: states that earlier versions wrote, kept as files, load and go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keeping import go_on, scene, unpack

KEPT = Path(__file__).parent / "kept"
WRITTEN = {
    (states.name, name): held
    for states in sorted(KEPT.glob("states-*"))
    for name, held in json.loads((states / "index.json").read_text("utf-8")).items()
}


@pytest.mark.parametrize(("states", "name"), WRITTEN)
def test_flows_of_an_earlier_version_go_on(tmp_path: Path, states: str, name: str) -> None:
    held: dict[str, Any] = WRITTEN[states, name]
    unpack(KEPT / states, name, tmp_path)
    with scene(name, tmp_path, held["at"]) as rig:
        by_itself, flows = go_on(rig, [dict(each) for each in held["flows"]])
        assert by_itself == held["by_itself"]
        for now, then in zip(flows, held["flows"], strict=True):
            assert now["became"] == then["became"], (now["flow"], now["status"], now["step"])
        finished = {each["id"] for each in flows if each["became"]["status"] in ("done", "undone", "abandoned")}
        unsettled = [call for call in rig.runtime.journal.pending(rig.deployment.name) if call.flow in finished]
        assert not unsettled
