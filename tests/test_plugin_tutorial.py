"""The province of the tutorial, which does not exist: a plugin of 120 lines, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import liangding
from liangding.knowledge.plugins import installed
from liangding.knowledge.regions import places, region_seen
from support import new_key, purchase, rig_for

EXAMPLE = Path(__file__).parent.parent / "examples" / "province"

ENTRY = """[liangding]
yunzhou = liangding_yunzhou
"""


@pytest.fixture
def enabled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example as pip leaves it: its package on the path, and what it says of itself beside it."""
    about = tmp_path / "liangding_yunzhou-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: liangding-yunzhou\nVersion: 0.1.0\n", "utf-8")
    (about / "entry_points.txt").write_text(ENTRY, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))
    installed.cache_clear()
    yield
    installed.cache_clear()


def test_it_takes_at_most_120_lines_and_no_edit_of_the_core() -> None:
    written = [path for path in EXAMPLE.rglob("*") if path.suffix in (".py", ".toml")]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in written) <= 120
    for path in Path(liangding.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        assert "liangding_yunzhou" not in text, path


def test_each_difference_that_it_declares_holds(enabled: None, tmp_path: Path) -> None:
    with rig_for(tmp_path, province="yunzhou", area="990100", code="P99010000001", gateway="plain") as rig:
        person = rig.person()
        message = purchase(person)
        message["druginfo"]["card_area"] = "990100"
        settled = rig.runtime.call("2102", message, key=new_key(), insured_place="990100")
        assert settled.advice == (f"个人账户已支付 {settled.output.setlinfo.acct_pay} 元，请打印小票",)
        sent = json.loads(rig.runtime.journal.call(settled.call_id).request)["input"]["druginfo"]
        assert (sent["med_type"], sent["card_area"]) == ("41", "990100")
        left = rig.runtime.call("99001", {"data": {"psn_no": person.psn_no, "insutype": "310"}}, insured_place="990100")
        assert left.output.result.left_amt == Decimal("1200.00")
    assert places()["yunzhou"] == ("yunzhou", "990100")
    assert set(region_seen("yunzhou").own) == {"99001", "2102", "2202"}
