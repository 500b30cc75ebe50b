"""What a prescription centre tells by itself (7108, 7109), kept under the prescription's number."""

from __future__ import annotations

from typing import Any, TypedDict

import attrs

from ...contract.steps import Flow, step
from ...workflow.work import Work


@attrs.define(kw_only=True)
class NoticeGiven:
    """A notice that was verified: its transaction, the prescription's number (hiRxno), what it tells."""

    infno: str
    prescription: str
    told: dict[str, Any] = attrs.field(repr=False)


@attrs.define(kw_only=True)
class NoticeState:
    """Nothing more: a notice is all there is to know of it."""

    given: NoticeGiven


@step("保存通知")
def keep(work: Work[NoticeState]) -> None:
    """It is kept by being given; nothing is taken for done because somebody told it."""


class NoticeResult(TypedDict):
    """What a notice told."""

    infno: str
    prescription: str
    told: dict[str, Any]


class PrescriptionNotice(Flow[NoticeState]):
    """电子处方通知: that a prescription was reviewed, or dispensed. Found by the key ``hiRxno-infno``."""

    name = "prescription_notice"
    title = "电子处方通知"
    given = NoticeGiven
    state = NoticeState
    steps = (keep,)

    @staticmethod
    def result(state: NoticeState) -> NoticeResult:
        given = state.given
        return {"infno": given.infno, "prescription": given.prescription, "told": dict(given.told)}
