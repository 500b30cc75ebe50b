"""人员备案: registrations of a person (2501 to 2507) and their withdrawals, one family of flows declared once.

What a registration says of the matter is taken from its declaration: ``facts`` has the declared fields but those that
the flow knows from the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypedDict, get_type_hints

import attrs

from ..contract.calls import Answer
from ..contract.credentials import Credential
from ..contract.questions import NO, YES, Question
from ..contract.steps import Flow, Step, step
from ..identity import Cover, Insured
from ..national import registrations as declared
from ..spec import Does
from ..spec.nodes import members
from ..workflow.standing import FlowStopped
from ..workflow.work import Work
from . import following, insurance
from .holding import Compose, Draft, held_first


@attrs.frozen(kw_only=True)
class Registration:
    """One kind: the transaction that registers (with its variant for cross-province persons) and the node it takes,
    and the one that withdraws."""

    kind: str
    title: str
    infno: str
    node: Any
    wire: str = "data"
    withdrawal: str | None = None
    has_variant: bool = False

    @property
    def name(self) -> str:
        return f"register_{self.kind}"


REGISTRATIONS = (
    Registration(
        kind="transfer", title="转院备案", infno="2501", node=declared.TransferA, wire="refmedin", withdrawal="2502",
        has_variant=True,
    ),
    Registration(
        kind="chronic_disease", title="慢特病备案", infno="2503", node=declared.ChronicDisease, withdrawal="2504"
    ),
    Registration(kind="designation", title="定点备案", infno="2505", node=declared.Designation, withdrawal="2506"),
    Registration(kind="injury", title="意外伤害备案", infno="2507", node=declared.Injury),
)  # fmt: skip


KNOWN: dict[str, Callable[[Insured, Cover], Any]] = {
    "psn_no": lambda person, cover: person.psn_no,
    "insutype": lambda person, cover: cover.insutype,
    "insu_optins": lambda person, cover: cover.insured_place,
    "insu_admdvs": lambda person, cover: cover.insured_place,
    "psn_cert_type": lambda person, cover: person.cert_type,
    "certno": lambda person, cover: person.certno,
    "psn_name": lambda person, cover: person.name,
}
"""What a flow knows of the person, by the declared names; a caller need not say it."""


@attrs.define(kw_only=True)
class RegisteredState:
    """How far a registration has got; each kind adds what it was given."""

    person: Insured | None = None
    cover: Cover | None = None
    trt_dcla_detl_sn: str = ""
    registered: bool = False


def _serial(answer: Answer[Any]) -> str:
    """What a registration is withdrawn by; empty where the platform did not say it."""
    told = answer.output.result
    return str((told.trt_dcla_detl_sn if told is not None else None) or "")


def _facts_of(node: Any) -> type:
    """A class of what a caller says of a registration: the declared fields that the flow does not know."""
    hints = get_type_hints(node)
    named = {
        member.attribute: attrs.field(type=hints[member.attribute], default=attrs.NOTHING if member.required else None)
        for member in members(node)
        if member.attribute not in (*KNOWN, "exp_content")
    }
    return attrs.make_class(f"{node.__name__}Facts", named, kw_only=True)


@attrs.define(kw_only=True)
class WithdrawalGiven:
    """Which registration is withdrawn: by its flow, by the key that it was started with, or by the platform's
    trt_dcla_detl_sn and the place insured at. ``reason`` goes to the platform."""

    credential: Credential | None = None
    reason: str
    registration: str | None = None
    registration_key: str | None = None
    trt_dcla_detl_sn: str | None = None
    insured_place: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.registration or self.registration_key or (self.trt_dcla_detl_sn and self.insured_place)):
            raise ValueError("给出 registration 或 registration_key，或者 trt_dcla_detl_sn 与 insured_place")


@attrs.define(kw_only=True)
class WithdrawalState:
    """How far a withdrawal has got."""

    given: WithdrawalGiven
    person: Insured | None = None
    cover: Cover | None = None
    psn_no: str = attrs.field(default="", repr=False)
    insured_place: str = ""
    trt_dcla_detl_sn: str = ""
    withdrawn: bool = False


@step("核对人员", "1101")
def check_person(work: Work[WithdrawalState]) -> None:
    """The credential again: it has to be the registered person's."""
    following.check_person(work, work.state.psn_no)


@step("确认撤销", when="请经办人确认")
def confirm_withdrawal(work: Work[WithdrawalState]) -> None:
    """Ask once more."""
    text = f"撤销备案 {work.state.trt_dcla_detl_sn}，是否继续？"
    question = Question(id="confirm_undo", text=text, options=(YES, NO), whom="经办人")
    if work.ask(question) == NO.value:
        work.forget("confirm_undo")
        raise FlowStopped("没有确认，未撤销", remedy="继续（resume）会再问一次，或放弃这笔业务")


def _registering(kind: Registration) -> Step:
    """The step that makes a registration of this kind."""
    variants = (kind.infno, f"{kind.infno}A") if kind.has_variant else (kind.infno,)

    @step(
        kind.title,
        *variants,
        takes=("1101.output.baseinfo.psn_no", "1101.output.insuinfo.insuplc_admdvs"),
        undone_by=kind.withdrawal,
    )
    def register(work: Work[Any]) -> None:
        """Make the registration."""
        state = work.state
        infno, message = _message(work, kind)
        answer = work.call(infno, message, insured_place=state.cover.insured_place)
        state.trt_dcla_detl_sn = _serial(answer)
        state.registered = True
        if not state.trt_dcla_detl_sn:
            work.advise("备案已成立，平台没有给出待遇申报明细流水号：要撤销时向医保经办机构查询")

    return register


def _message(work: Work[Any], kind: Registration) -> tuple[str, dict[str, Any]]:
    """The transaction that registers this person, and what it is sent."""
    state = work.state
    infno = insurance.variant(work, kind.infno) if kind.has_variant else kind.infno
    said = {name: value for name, value in attrs.asdict(state.given.facts).items() if value is not None}
    names = {member.attribute for member in members(kind.node)}
    known = {name: of(state.person, state.cover) for name, of in KNOWN.items() if name in names}
    return infno, {kind.wire: known | said}


def _drafts(kind: Registration) -> Compose:
    def drafts(work: Work[Any]) -> Iterator[Draft]:
        """What a registration will send."""
        infno, message = _message(work, kind)
        yield Draft(infno=infno, message=message, nodes={kind.wire: ("facts",)})

    return drafts


def _finding(kind: Registration) -> Step:
    """The step that finds the registration to withdraw."""

    @step("找到原备案")
    def find_registration(work: Work[WithdrawalState]) -> None:
        """Know what is withdrawn: from our own record of it, else from what the caller says."""
        state, given = work.state, work.state.given
        flow_id = following.earlier_id(work, (kind.name,), given.registration, given.registration_key)
        if flow_id is None:
            state.trt_dcla_detl_sn, state.insured_place = given.trt_dcla_detl_sn or "", given.insured_place or ""
            return
        made = work.flows.state_of(flow_id)
        answer = None if made.registered else following.answer_of(work, flow_id, Does.REGISTERS)
        if not made.registered and answer is None:
            raise FlowStopped("这项备案没有办成，不用撤销", remedy="放弃那笔业务即可")
        told = made.trt_dcla_detl_sn or (_serial(answer) if answer else "")
        serial = told or given.trt_dcla_detl_sn
        if not serial:
            raise FlowStopped("这项备案没有流水号，无从撤销", remedy="向医保经办机构查流水号，用 trt_dcla_detl_sn 给出")
        state.trt_dcla_detl_sn, state.insured_place = serial, made.cover.insured_place
        state.psn_no = made.person.psn_no

    return find_registration


def _withdrawing(kind: Registration, infno: str) -> Step:
    """The step that withdraws."""

    @step(f"{kind.title}撤销", infno, takes=(f"{kind.infno}.output.result.trt_dcla_detl_sn",))
    def withdraw(work: Work[WithdrawalState]) -> None:
        """Withdraw the registration."""
        state = work.state
        assert state.person is not None
        data = {
            "trt_dcla_detl_sn": state.trt_dcla_detl_sn, "psn_no": state.person.psn_no, "memo": state.given.reason,
        }  # fmt: skip
        work.call(infno, {"data": data}, insured_place=state.insured_place)
        state.withdrawn = True

    return withdraw


class Registered(TypedDict):
    """A registration."""

    person: insurance.ShownPerson | None
    trt_dcla_detl_sn: str
    registered: bool


class RegistrationWithdrawn(TypedDict):
    """A registration withdrawn."""

    trt_dcla_detl_sn: str
    withdrawn: bool


def _shown(state: Any) -> Registered:
    return {
        "person": insurance.shown_person(state.person),
        "trt_dcla_detl_sn": state.trt_dcla_detl_sn,
        "registered": state.registered,
    }


def _shown_withdrawal(state: WithdrawalState) -> RegistrationWithdrawn:
    return {"trt_dcla_detl_sn": state.trt_dcla_detl_sn, "withdrawn": state.withdrawn}


_PERSON = (insurance.show_credential, insurance.find_person, insurance.choose_insurance)


def _flows(kind: Registration) -> list[type[Flow[Any]]]:
    """The flow that registers, and the one that withdraws where there is one."""
    camel = kind.kind.title().replace("_", "")
    facts = {"facts": attrs.field(type=_facts_of(kind.node))}
    given = attrs.make_class(f"{camel}Given", facts, bases=(insurance.InsuredGiven,), kw_only=True)
    given.__doc__ = f"{kind.title}: the person, and what is registered in ``facts``."
    state = attrs.make_class(
        f"{camel}State", {"given": attrs.field(type=given)}, bases=(RegisteredState,), kw_only=True
    )
    made: list[type[Flow[Any]]] = [
        type(
            f"Register{camel}",
            (Flow,),
            {
                "__doc__": f"{kind.title}: a person registered ({kind.infno}).", "name": kind.name,
                "title": kind.title, "given": given, "state": state,
                "undone_by": f"withdraw_{kind.kind}" if kind.withdrawal else None,
                "steps": (held_first(_drafts(kind)), *_PERSON, _registering(kind)),
                "result": staticmethod(_shown),
            },
        )
    ]  # fmt: skip
    if kind.withdrawal:
        made.append(
            type(
                f"Withdraw{camel}",
                (Flow,),
                {
                    "__doc__": f"{kind.title}撤销: a registration withdrawn ({kind.withdrawal}).",
                    "name": f"withdraw_{kind.kind}", "title": f"{kind.title}撤销", "given": WithdrawalGiven,
                    "state": WithdrawalState,
                    "steps": (
                        _finding(kind), insurance.show_credential, check_person, confirm_withdrawal,
                        _withdrawing(kind, kind.withdrawal),
                    ),
                    "result": staticmethod(_shown_withdrawal),
                },
            )
        )  # fmt: skip
    return made


REGISTRATION_FLOWS: tuple[type[Flow[Any]], ...] = tuple(flow for kind in REGISTRATIONS for flow in _flows(kind))
