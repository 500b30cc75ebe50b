"""Performing scenarios: one after the other, each taken back, each kept, so that a run may stop anywhere and go on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from ..config.trials import TrialPerson
from ..contract.acceptance import Ends, Scenario, Script
from ..contract.credentials import Credential
from ..contract.devices import Medium
from ..contract.questions import YES, AnswerKind, Question
from ..errors import ConfigurationError, LiangdingError
from ..flows import Flows, Status, View
from ..journal import State as CallState
from ..privacy import masked_text
from ..runtime import Runtime
from ..spec import Does
from ..structuring import nearest
from .evidence import keep_evidence
from .keeping import ScenarioRecord, read_state, write_state
from .scenarios import scenarios_of
from .scripts import DO, Doing, NotThrough, begun, take_back

Decide = Callable[[Scenario, View], str | None]
"""A person's answer to a flow's question; None where nobody answers now."""

Confirm = Callable[[Scenario, TrialPerson], bool]
"""Whether a person lets a scenario be done in production, with that person."""

CONFIRM, USE_ACCOUNT, PLACE, INSURANCE = "confirm", "use_account", "insured_place", "insutype"

INSURANCES = {"职工": ("310",), "居民": ("390",), "生育": ("510", "310"), "医疗救助": ("390",), "离休": ("340", "310")}
"""What a person of a group settles by, where there is a choice."""

MEDIA = {"01": Medium.CODE, "02": Medium.IDENTITY_CARD, "03": Medium.SOCIAL_CARD}

REASON = "验收测试"

CHECK_CHRONIC = "check_chronic"
"""The step at which a person without the registration is found: somebody has to register, nothing has failed."""

OF_NOBODY = (Script.SIGN_IN, Script.RECONCILE)
"""Scripts that are about nobody, so that nobody shows anything."""


class Performer:
    """Performs the scenarios of a deployment at work. ``decide`` answers what only a person can, ``confirm`` lets one
    scenario happen in production; without them everything that wants a person waits."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        decide: Decide = lambda scenario, view: None,
        confirm: Confirm = lambda scenario, person: False,
    ) -> None:
        self.runtime, self.deployment = runtime, runtime.deployment
        self.flows = Flows(runtime)
        self.scenarios = {each.id: each for each in scenarios_of(runtime.known)}
        self.state = read_state(self.deployment)
        self._decide, self._confirm = decide, confirm

    @property
    def production(self) -> bool:
        return self.deployment.platform.environment == "production"

    def named(self, number: str) -> Scenario:
        """The scenario of that id. ConfigurationError where this institution has none."""
        if number not in self.scenarios:
            told = f"没有场景 {number}{nearest(number, self.scenarios)}"
            raise ConfigurationError(told, remedy="liangding acceptance list 列出全部")
        return self.scenarios[number]

    def left(self) -> list[Scenario]:
        """The scenarios that have not passed yet, in order."""
        return [each for number, each in self.scenarios.items() if self._ends(number) is not Ends.PASSED]

    def _ends(self, number: str) -> Ends:
        kept = self.state.scenarios.get(number)
        return kept.ends if kept else Ends.UNTRIED

    def perform(self, scenario: Scenario, do: Callable[[Doing], None] | None = None) -> ScenarioRecord:
        """Do one scenario, or go on with it where it stopped; ``do`` instead of what its script does.
        ConfigurationError where it may not be done here."""
        person = self._person(scenario)
        confirmed = scenario.script.settles and self.production and person is not None
        confirmed = confirmed and person is not None and self._confirm(scenario, person)
        if scenario.script.settles:
            self.deployment.refuse_trials(confirmed=confirmed)
        kept = self._begin(scenario)
        doing = Doing(
            self.runtime, self.flows, scenario, kept, self.state.run, lambda view: self._finish(scenario, view)
        )
        first = self.runtime.journal.latest(limit=1)
        after = first[0].id if first else 0
        try:
            self._do(doing, scenario, person, do or DO[scenario.script])
        finally:
            self._keep(doing, after)
        return kept

    # -- before ----------------------------------------------------------------------------------------------------

    def _person(self, scenario: Scenario) -> TrialPerson | None:
        persons = self.deployment.acceptance.persons
        fit = [each for each in persons if (each.group, each.place) == (scenario.group, scenario.place)]
        return next((each for each in fit if scenario.credential in each.credentials), fit[0] if fit else None)

    def _begin(self, scenario: Scenario) -> ScenarioRecord:
        """The scenario's record: the attempt that is under way, or the next one after one that ended."""
        kept = self.state.of(scenario.id)
        if kept.ends in (Ends.FAILED, Ends.PASSED):
            kept.attempt += 1
            kept.flows, kept.setl_ids, kept.calls, kept.begun_at = {}, [], [], ""
        kept.begun_at = kept.begun_at or begun(self.runtime.now())
        kept.ends, kept.why = Ends.UNKNOWN, "没有做完"
        write_state(self.deployment, self.state)
        return kept

    def _do(self, doing: Doing, scenario: Scenario, person: TrialPerson | None, do: Callable[[Doing], None]) -> None:
        kept = doing.kept
        try:
            doing.credential = self._credential(scenario, person)
            do(doing)
            kept.ends, kept.why = Ends.PASSED, ""
        except NotThrough as stopped:
            kept.ends, kept.why = _ends_of(stopped.view)
        except LiangdingError as failed:
            kept.ends, kept.why = Ends.FAILED, failed.message
            kept.ends = Ends.WAITING if isinstance(failed, ConfigurationError) else kept.ends
        if kept.ends in (Ends.WAITING, Ends.UNKNOWN) and scenario.script.settles and not self._moved(doing):
            return
        if scenario.script.settles:
            self._take_back(doing)
        if kept.ends is Ends.PASSED and doing.failures:
            kept.ends, kept.why = Ends.FAILED, "；".join(doing.failures)

    def _moved(self, doing: Doing) -> bool:
        """Whether a settlement stands, so that it is taken back before anything else."""
        return any(call.state is CallState.ACCEPTED and call.does == Does.SETTLES.value for call in self._calls(doing))

    def _calls(self, doing: Doing) -> list[Any]:
        found = []
        for flow in doing.kept.flows.values():
            found += self.runtime.journal.of_flow(flow)
        return found

    def _take_back(self, doing: Doing) -> None:
        kept = doing.kept
        try:
            take_back(doing)
        except NotThrough as stopped:
            ends, why = _ends_of(stopped.view)
            kept.ends = Ends.UNKNOWN if ends is Ends.UNKNOWN else Ends.STANDING
            kept.why = "；".join(filter(None, (kept.why, f"撤回没有办完：{why}")))
        except LiangdingError as failed:
            kept.ends, kept.why = Ends.STANDING, "；".join(filter(None, (kept.why, f"撤回没有办完：{failed.message}")))

    def _credential(self, scenario: Scenario, person: TrialPerson | None) -> Credential | None:
        """What is shown: by reference, or None where a device of the deployment reads it."""
        if scenario.script in OF_NOBODY:
            return None
        if person is not None and scenario.credential in person.credentials:
            where = f"acceptance.persons.{person.name}"
            number = self.deployment.secret(
                f"{where}.credentials.{scenario.credential}", person.credentials[scenario.credential]
            )
            card_sn = self.deployment.secret(f"{where}.card_sn", person.card_sn) if person.card_sn else None
            return Credential(
                type=scenario.credential, number=number, card_sn=card_sn if scenario.credential == "03" else None
            )
        medium = MEDIA.get(scenario.credential)
        if medium is not None and self.runtime.devices.reads(medium):
            return None
        whom = f"{scenario.group}、{scenario.place} 的人员，凭证 {scenario.credential}"
        raise ConfigurationError(
            f"没有可用的{whom}",
            path=f"{self.deployment.source.name}: acceptance.persons",
            remedy="写出引用，或接上设备由人出示",
        )

    # -- the questions of flows ------------------------------------------------------------------------------------

    def _finish(self, scenario: Scenario, view: View) -> View:
        while view.status is Status.QUESTION and view.question is not None:
            answer = self._answer(scenario, view, view.question)
            if answer is None:
                return view
            view = self.flows.answer(view.id, answer)
        return view

    def _answer(self, scenario: Scenario, view: View, question: Question) -> str | None:
        values = [option.value for option in question.options]
        settling = question.id == CONFIRM and "undo" not in view.flow and "refund" not in view.flow
        if settling and self.production:
            return self._decide(scenario, view)
        if question.id == USE_ACCOUNT:
            return "0" if self.production else "1"
        if question.id == PLACE:
            region = self.runtime.region
            there = [value for value in values if region.place(value).name.lower() == scenario.place]
            return there[0] if there else self._decide(scenario, view)
        if question.id == INSURANCE:
            wanted = [value for value in INSURANCES[scenario.group] if value in values]
            return wanted[0] if wanted else self._decide(scenario, view)
        if question.id.startswith("audit_"):
            return REASON if question.kind is AnswerKind.TEXT else "continue"
        if question.kind is AnswerKind.CHOICE and YES.value in values:
            return YES.value
        return self._decide(scenario, view)

    # -- after -----------------------------------------------------------------------------------------------------

    def _keep(self, doing: Doing, after: int) -> None:
        """Keep what became of it, with its calls and its evidence."""
        kept, journal = doing.kept, self.runtime.journal
        numbers = {call.id for call in self._calls(doing)} | set(doing.asked)
        if not doing.scenario.script.settles:
            numbers |= {each.id for each in journal.latest(limit=500, changes=False) if each.id > after}
        kept.calls = sorted({*kept.calls, *numbers})
        calls = [journal.call(number) for number in kept.calls]
        kept.infnos = list(dict.fromkeys(call.infno for call in calls))
        settled = (c for c in calls if c.state is CallState.ACCEPTED and c.does == Does.SETTLES.value and c.setl_id)
        kept.setl_ids = list(dict.fromkeys(str(call.setl_id) for call in settled))
        kept.why = masked_text(kept.why)
        if kept.ends in (Ends.PASSED, Ends.FAILED, Ends.STANDING):
            kept.finished_at = begun(self.runtime.now())
        write_state(self.deployment, self.state)
        with contextlib.suppress(LiangdingError):
            kept.files = keep_evidence(self.runtime, self.flows, doing.scenario, kept, calls)
        write_state(self.deployment, self.state)


def _ends_of(view: View) -> tuple[Ends, str]:
    if view.status is Status.QUESTION and view.question is not None:
        return Ends.WAITING, f"要由人回答：{view.question.text}"
    if view.step == CHECK_CHRONIC:
        return Ends.WAITING, f"{(view.error or {}).get('message', '')}：换一个有备案的人员，或先备案"
    if view.status in (Status.UNKNOWN, Status.RUNNING):
        return Ends.UNKNOWN, (view.error or {}).get("message", "结果不明，待查明")
    return Ends.FAILED, (view.error or {}).get("message", f"停在{view.step_title}")
