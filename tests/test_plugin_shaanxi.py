"""陕西: the national baseline as it stands, and what is not public."""

from __future__ import annotations

from pathlib import Path

from liangding.knowledge.interfaces import BASELINE
from support import new_key, purchase, rig_for
from test_plugins import knowledge, own


def test_the_national_baseline_holds_as_it_stands(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "shaanxi", "610100")
    assert own(known) == {}
    assert known.interfaces.numbers() == BASELINE.numbers()
    assert all(len(getattr(known.manager.hook, hook).get_hookimpls()) == 1 for hook in known.interfaces.hooks())
    assert known.region.reversible is None


def test_a_settlement_needs_no_more_than_the_baseline(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="shaanxi", area="610100", gateway="plain") as rig:
        person = rig.person()
        message = purchase(person, use_account=False)
        message["druginfo"]["med_type"] = "41"
        answer = rig.runtime.call("2102", message, key=new_key(), insured_place=person.covers[0].place)
        assert (answer.output.setlinfo.setl_id, answer.advice) == (rig.standing()[0], ())


def test_nothing_is_invented(tmp_path: Path) -> None:
    questions = knowledge(tmp_path, "shaanxi", "610100").region.unanswered
    for word in ("网关", "recer_sys_code", "扩展交易", "附件 3、4", "2601"):
        assert any(word in question for question in questions), word
