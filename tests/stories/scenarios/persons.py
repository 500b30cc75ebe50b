"""What persons decide of what the resolver could not end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liangding.journal.asking import asked_by
from liangding.resolution import Action, Decision, approve, decide, give_back, proposal_of, propose, shown_case, whose
from liangding.resolution.approving import give_back_all_of
from liangding.simulator.faults import Fault
from liangding.spec.sampling import sample_request
from liangding.wire.json import decode, encode

from .. import story
from ..scene import HOUR, Desk, Scene
from .resolver import nameless


def _case(desk: Desk, key: str = "B1") -> Any:
    held = desk.runtime.journal.by_key(desk.scene.deployment.institution.code, key)
    assert held is not None
    return held


def _shows(desk: Desk, key: str = "B1") -> None:
    """The case as the person sees it."""
    desk.do(f"the case of {key}", lambda: shown_case(desk.runtime.resolver, _case(desk, key)).as_json())


def _decides(desk: Desk, action: Action, key: str = "B1", **more: Any) -> None:
    told = {"person": "测试主任", "reason": "试验"} | more
    said = "  ".join(f"{name}={value}" for name, value in told.items())

    def decides() -> None:
        decide(desk.runtime.resolver, _case(desk, key), Decision(action=action, **told))

    desk.do(f"{action.value} of {key}  {said}", decides)


def _unknown(scene: Scene, *, done: bool = True) -> Desk:
    """A settlement that nobody can be asked about, and that 2601 does not reach."""
    desk = scene.desk()
    scene.deafen()
    scene.strike(Fault.REQUEST_LOST, "2601", times=0)
    scene.strike(Fault.ANSWER_LOST if done else Fault.REQUEST_LOST, "2102")
    desk.settle("B1")
    return desk


@story(everywhere=True)
def too_early(scene: Scene) -> None:
    """Nobody may say that it is not there before it may be believed; nobody decides while a 2601 may take effect; of
    what is known nothing is to be decided."""
    desk = _unknown(scene, done=False)
    _shows(desk)
    _decides(desk, Action.ABSENT)
    _decides(desk, Action.ACCEPT, setl_id="S1")
    _decides(desk, Action.RETRY, person="", reason="")
    _decides(desk, Action.ABSENT, person=" ", reason="")
    scene.let_pass(400)
    _shows(desk)
    _decides(desk, Action.ABSENT)
    scene.mend()
    _decides(desk, Action.ABSENT)
    scene.let_pass(HOUR)
    _decides(desk, Action.ABSENT)
    _shows(desk)
    desk.settle("B1")
    _decides(desk, Action.RETRY)
    _decides(desk, Action.REVERSE)


@story()
def a_person_says_that_it_is_there(scene: Scene) -> None:
    """Accepted by the number that a person names, held against the platform: of another sum, of nothing, taken back."""
    desk = scene.desk()
    other = desk.settle("B0", total="70.00").output.setlinfo
    scene.meanwhile("2102", lambda: nameless(scene))
    scene.strike(Fault.ANSWER_LOST, "2102")
    desk.settle("B1")
    _shows(desk)
    standing = [each for each in scene.door.platform.world.settlements.values() if each.setl_id != other.setl_id]
    (made,) = standing
    _decides(desk, Action.ACCEPT)
    _decides(desk, Action.ACCEPT, setl_id="S-99")
    _decides(desk, Action.ACCEPT, setl_id=other.setl_id, mdtrt_id=other.mdtrt_id)
    _decides(desk, Action.ACCEPT, setl_id=made.setl_id)
    _decides(desk, Action.ACCEPT, setl_id=made.setl_id, mdtrt_id=made.visit.mdtrt_id)
    desk.settle("B1")


@story()
def a_person_contradicts_the_platform(scene: Scene) -> None:
    """What the platform shows is not there by nobody's word, nor the other way round."""
    desk = _unknown(scene)
    scene.clock.sleep(HOUR)
    scene.mend()
    _decides(desk, Action.ABSENT)
    _decides(desk, Action.ACCEPT, setl_id="S-99")
    _decides(desk, Action.ACCEPT)
    desk.settle("B1")


@story()
def a_person_reverses(scene: Scene) -> None:
    """2601 by a person's decision."""
    desk = _unknown(scene)
    scene.mend()
    scene.deafen("5201")
    _decides(desk, Action.REVERSE)
    _shows(desk)
    scene.mend()
    scene.let_pass(HOUR)
    desk.settle("B1")


def _another_program_settles(scene: Scene, msgid: str) -> None:
    """The same settlement, sent by somebody who numbers messages in another way."""
    envelope = decode(scene.carried[msgid][0]) | {"msgid": "X1"}
    scene.door.platform.answer(encode(envelope))


@story()
def a_person_says_that_it_is_not_there(scene: Scene) -> None:
    """Absent by a person's word: the platform shows a settlement of that day whose number says nothing, which another
    program made."""
    desk = scene.desk()
    scene.strike(Fault.REQUEST_LOST, "2102")
    scene.deafen("5201")
    desk.settle("B1")
    _another_program_settles(scene, _case(desk).msgid)
    scene.mend()
    scene.clock.sleep(HOUR)
    _shows(desk)
    _decides(desk, Action.ABSENT)
    scene.let_pass(HOUR)
    desk.settle("B1")


@story(more="[resolution]\nsecond_person = true")
def two_persons(scene: Scene) -> None:
    """One proposes, another one approves: not the same one, not what is no more, and not alone."""
    desk = _unknown(scene, done=False)
    scene.clock.sleep(HOUR)
    resolver, journal = desk.runtime.resolver, desk.runtime.journal

    def as_(who: str, what: str, work: Callable[[], Any]) -> Any:
        with asked_by(who):
            return desk.do(f"{who} {what}", work)

    absent = Decision(action=Action.ABSENT, person="测试甲", reason="平台客服说没有")
    as_("user:a", "decides alone", lambda: decide(resolver, _case(desk), absent))
    as_("user:a", "proposes to look", lambda: propose(resolver, _case(desk), Decision(
        action=Action.RETRY, person="测试甲", reason="")))  # fmt: skip
    made = as_("user:a", "proposes", lambda: propose(resolver, _case(desk), absent))
    scene.show("proposed", proposal_of(journal, _case(desk)))
    as_("user:a", "approves as another", lambda: approve(resolver, _case(desk), made.number, "测试乙"))
    as_("user:b", "approves as the same", lambda: approve(resolver, _case(desk), made.number, " 测试甲 "))
    as_("user:b", "approves as nobody", lambda: approve(resolver, _case(desk), made.number, ""))
    as_("user:b", "approves another one", lambda: approve(resolver, _case(desk), "0", "测试乙"))
    as_("user:b", "gives it back", lambda: give_back(resolver, _case(desk), made.number, "测试乙", "先问参保人"))
    as_("user:b", "gives it back for nothing", lambda: give_back(resolver, _case(desk), made.number, "测试乙", ""))
    again = as_("user:a", "proposes again", lambda: propose(resolver, _case(desk), absent))
    as_("user:b", "approves, nobody answers", lambda: approve(resolver, _case(desk), again.number, "测试乙"))
    scene.show("proposed", proposal_of(journal, _case(desk)))
    third = as_("user:a", "proposes", lambda: propose(resolver, _case(desk), absent))
    as_("user:a", "is gone", lambda: give_back_all_of(journal, "user:a", "账户已停用"))
    fourth = as_("user:c", "proposes", lambda: propose(resolver, _case(desk), absent))
    assert third.number != fourth.number
    scene.mend()
    as_("user:b", "approves", lambda: approve(resolver, _case(desk), fourth.number, "测试乙"))
    scene.show("decisions", journal.decisions(0))
    desk.settle("B1")


@story(more="[resolution]\nsecond_person = true")
def one_person_alone(scene: Scene) -> None:
    """Where the second person is not to be had, one breaks the glass, and it is written down."""
    desk = _unknown(scene)
    scene.clock.sleep(HOUR)
    scene.mend()
    _decides(desk, Action.REVERSE)
    _decides(desk, Action.REVERSE, break_glass=True)
    scene.show("whose", whose(desk.runtime.resolver, _case(desk)))
    scene.show("decisions", desk.runtime.journal.decisions(0))


@story()
def a_cancellation_that_is_not_known(scene: Scene) -> None:
    """A cancellation as the person sees it who decides it: not asked, standing, taken back; and decided."""
    desk = scene.desk()
    person = scene.person()
    for key, fault in (("B1", Fault.REQUEST_LOST), ("B2", Fault.ANSWER_LOST)):
        settled = desk.settle(key, total=f"{len(key)}0.00").output.setlinfo
        named = {"psn_no": person.psn_no, "setl_id": settled.setl_id, "mdtrt_id": settled.mdtrt_id}
        scene.deafen("5203")
        scene.strike(fault, "2103")
        desk.call("2103", {"data": named}, key=f"R-{key}", insured_place=person.covers[0].place)
        _shows(desk, f"R-{key}")
        scene.mend()
        _shows(desk, f"R-{key}")
        scene.clock.sleep(HOUR)
        _decides(desk, Action.ACCEPT, f"R-{key}")
        _decides(desk, Action.ABSENT, f"R-{key}")
        desk.call("2103", {"data": named}, key=f"R-{key}", insured_place=person.covers[0].place)


@story()
def of_what_moves_no_money(scene: Scene) -> None:
    """A case whose settlements nobody asks for: a sale's codes; accepted by a person's word without an answer."""
    desk = scene.desk()
    message = sample_request(desk.runtime.interfaces["3505"])
    scene.deafen("3513", "3511")
    scene.strike(Fault.ANSWER_LOST, "3505")
    desk.call("3505", message, key="S1", insured_place=scene.person().covers[0].place)
    _shows(desk, "S1")
    scene.clock.sleep(HOUR)
    _decides(desk, Action.ACCEPT, "S1")
    scene.mend()
    _decides(desk, Action.REVERSE, "S1")
    _decides(desk, Action.ACCEPT, "S1")
    desk.call("3505", message, key="S1", insured_place=scene.person().covers[0].place)
