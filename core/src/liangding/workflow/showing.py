"""What a person shows in the middle of a flow: read by a device of the deployment, else asked of the caller.

Readers hang at the till, the server may stand elsewhere: where the deployment has no device the question says what is
to be read (``read``), the till's program asks its own devices for it (``POST /v1/devices/read``) and answers with what
they read, or with a credential that it has from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import attrs

from ..contract.calls import Answer
from ..contract.device_errors import WrongCard
from ..contract.devices import MEDIA, Medium, Reading, ReadRequest, Scope
from ..contract.questions import AnswerKind, BadAnswer, Question
from ..contract.steps import Step
from ..errors import CallRefused, InvalidMessage, LiangdingError
from ..identity import Credential, NoScenario, UseScenario, business_type_of, credential_of, identify, scenario_for
from ..runtime import Runtime
from ..wire.json import decode, encode
from .storing import restore, stored


class AtWork(Protocol):
    """What is needed here of a step's :class:`~liangding.workflow.work.Work`."""

    runtime: Runtime
    flow: str
    state: Any
    operator: str | None

    @property
    def flows(self) -> Rows: ...
    def answer_of(self, question_id: str) -> str | None: ...
    def ask(self, question: Question) -> str: ...
    def remember(self, question_id: str, answer: str) -> None: ...
    def forget(self, question_id: str) -> None: ...
    def advise(self, *sentences: str) -> None: ...
    def call(
        self, infno: str, message: Any, *, part: str | None = None, insured_place: str | None = None
    ) -> Answer[Any]: ...


class Rows(Protocol):
    """The deployment's flows, as far as their steps are concerned."""

    def names(self) -> list[str]: ...
    def steps(self, name: str) -> tuple[Step, ...]: ...


def show(
    work: AtWork, question_id: str, *, infno: str, scope: Scope = Scope.VISIT, media: tuple[Medium, ...] = MEDIA
) -> Credential:
    """The credential that is shown now. Kept with the flow's answers: a step that runs again has the same one.

    ``infno`` and ``scope`` are what a control is told: the transaction that its token is for, and whether it holds for
    the whole visit. Raises what devices and decoding raise; pauses the flow where there is no device.
    """
    given = work.answer_of(question_id)
    scenario = scenario_of(work)
    asked = request(work, infno, scope, media)
    if given is None and work.runtime.devices.reads(*media):
        work.runtime.sign_in(work.runtime.deployment.operator(work.operator))  # controls are started by it
        found: Credential | Reading = work.runtime.devices.read(asked)
    elif given is None:
        text = f"请出示{asked.wanted}" + (f"（交易号 {infno}）" if infno else "")
        found = shown_by(work.ask(Question(id=question_id, text=text, kind=AnswerKind.CREDENTIAL, read=asked)))
    else:
        found = shown_by(given)
    if isinstance(found, Credential):
        return found
    person = getattr(work.state, "person", None)
    if person is not None and found.certno and "*" not in found.certno and found.certno != person.certno.upper():
        raise WrongCard("出示的凭证不是这位参保人的", device=found.device)
    work.advise(*found.notes)
    try:
        credential = credential_of(work.runtime, found, scenario, operator=work.operator)
    except LiangdingError:
        work.forget(question_id)  # the same answer would not do again
        raise
    work.remember(question_id, encode(stored(credential)).decode())
    return credential


AGAIN = "credential_again"
"""The question for what was shown already and holds no longer."""

TIMES = 3
"""How often one step has something shown anew."""


def run_showing(begin: Callable[[], AtWork], step: Step, nothing_moved: Callable[[], bool]) -> None:
    """Run a step; ``begin`` gives it a work of its own. Where the platform refuses it because what was shown holds no
    longer, it is shown again and the step runs anew, as long as nothing has moved."""
    work = begin()
    if work.answer_of(AGAIN) is not None:
        _take(work, "")
    for left in reversed(range(TIMES)):
        try:
            return step.run(work)
        except CallRefused as refused:
            if not (left and holds_no_longer(work, refused) and nothing_moved()):
                raise
            _take(begin(), refused.infno)
            work = begin()
    return None


def holds_no_longer(work: AtWork, refused: CallRefused) -> bool:
    """Whether a refusal says that what was shown holds no longer. Its words are the region's and the deployment's: none
    are public, so that without them the flow stops with the platform's reason."""
    settings = work.runtime.deployment.ecredential
    words = (*work.runtime.region.expired_words, *(settings.expired_words if settings else ()))
    return any(word in refused.message for word in words)


def _take(work: AtWork, infno: str) -> None:
    """Have the credential shown anew, in the place of the one that holds no longer. WrongCard where it is another
    person's, or of another kind."""
    person, given = getattr(work.state, "person", None), work.state.given
    fresh = show(work, AGAIN, infno=infno)
    work.forget(AGAIN)
    if person is not None:
        if fresh.type != person.credential.type:
            raise WrongCard("这次出示的凭证与开始时不是同一种")
        query = partial(work.call, part=f"again_{work.runtime.new_id()}")
        if identify(work.runtime, fresh, query=query).psn_no != person.psn_no:
            raise WrongCard("这次出示的凭证不是这位参保人的")
        work.state.person = attrs.evolve(person, credential=fresh)
    given.credential = fresh


def shown_by(answer: str) -> Credential | Reading:
    """What an answer in JSON says: what a device read, or a credential. BadAnswer names what is wrong with it."""
    try:
        body = decode(answer)
        kind: type[Credential | Reading] = Reading if isinstance(body, dict) and "medium" in body else Credential
        return restore(body, kind, ("value",))
    except ValueError:
        raise BadAnswer("答案应为 JSON：设备读出的内容，或 {type, number, …}", path="value") from None
    except InvalidMessage as wrong:
        raise BadAnswer(wrong.message, path=wrong.path) from None


def request(work: AtWork, infno: str, scope: Scope, media: tuple[Medium, ...]) -> ReadRequest:
    """What a device is asked for in this flow."""
    scenario = scenario_of(work)
    deployment = work.runtime.deployment
    operator, settings = deployment.operator(work.operator), deployment.ecredential
    person = getattr(work.state, "person", None)
    asked = ReadRequest(
        media=media, seconds=deployment.features.show_seconds, flow=work.flow, infno=infno, scope=scope,
        psn_no=person.psn_no if person else "", institution=deployment.institution.code,
        area=deployment.institution.area, operator=operator.code, operator_name=operator.name,
        scenario=scenario.id if scenario else "",
    )  # fmt: skip
    if settings is None:
        return asked
    business = business_type_of(settings, scenario) if scenario else ""
    return attrs.evolve(
        asked, business_type=business, office_id=settings.office_id, office_name=settings.office_name,
        org_id=settings.org_id or deployment.institution.code,
    )  # fmt: skip


def scenario_of(work: AtWork) -> UseScenario | None:
    """The occasion that this flow is, by the transactions that it makes; one that takes something back is the occasion
    of what it takes back (nothing is published of that). None where nothing follows."""
    kind = work.runtime.deployment.institution.kind
    made = [infno for step in work.flows.steps(work.flow) for infno in step.calls]
    for numbers in (made, list(_taken_back(work, made))):
        try:
            return scenario_for(numbers, kind)
        except NoScenario:
            continue
    return None


def _taken_back(work: AtWork, made: list[str]) -> Iterable[str]:
    """The transactions that those take back."""
    for flow in work.flows.names():
        for step in work.flows.steps(flow):
            if step.undone_by in made:
                yield from step.calls
