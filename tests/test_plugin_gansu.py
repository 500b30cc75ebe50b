"""甘肃: 3401A is not open, and what is not public."""

from __future__ import annotations

from pathlib import Path

import pytest

from liangding.config import Kind
from liangding.errors import NotOpenHere
from support import rig_for
from test_plugins import knowledge, least, own, sent


def test_departments_go_one_by_one(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="gansu", area="620100", kind=Kind.HOSPITAL, gateway="plain") as rig:
        known = rig.runtime.known
        rig.platform.handlers["3401A"] = lambda request: {}
        with pytest.raises(NotOpenHere, match="没有开放") as refused:
            rig.runtime.call("3401A", least(known, known.interfaces["3401A"].input))
        assert "3401" in refused.value.remedy
        assert (rig.sent("3401A"), rig.sent("9001")) == (0, 0)
        assert sent(rig, "3401", least(known, known.interfaces["3401"].input))["deptinfo"]


def test_nothing_is_invented(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "gansu", "620100")
    assert own(known) == {}
    assert known.region.reversible is None
    for word in ("密码校验", "网关", "扩展交易", "2601"):
        assert any(word in question for question in known.region.unanswered), word
