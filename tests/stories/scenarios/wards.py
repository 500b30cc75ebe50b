"""A hospital's messages one by one, each lost once: on the way there, and on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hospital import SCOPE
from hospital import Desk as Patient
from liangding.config import Kind
from liangding.simulator.faults import Fault

from .. import story
from ..scene import HOUR, Desk, Scene

AT_ONCE = "[resolution]\nbelieve_seconds = 30"


class _Ward:
    """One patient whose messages go out at a desk, each struck as the story wants it."""

    def __init__(self, scene: Scene, fault: Fault | None) -> None:
        self.scene, self.fault = scene, fault
        self.desk: Desk = scene.desk()
        self.person = scene.person()
        self.patient = Patient(rig=None, person=self.person)  # type: ignore[arg-type]
        self._number = 0

    def sends(self, infno: str, message: Any) -> Any:
        """The answer in the end: where it is not known at first, it is asked for again after a while."""
        self._number += 1
        key, place = f"K{self._number}", self.person.covers[0].place
        if self.fault is not None and self.desk.runtime.interfaces[infno].changes:
            self.scene.strike(self.fault, infno)
        came = self.desk.call(infno, message, key=key, insured_place=place)
        if not hasattr(came, "output"):
            self.scene.let_pass(45)
            came = self.desk.call(infno, message, key=key, insured_place=place)
        return came.output if hasattr(came, "output") else None

    def settles(self, trial: str, infno: str, bill: dict[str, Any]) -> Any:
        told = self.sends(trial, bill).setlinfo
        bill["data"] |= {name: str(getattr(told, name)) for name in SCOPE}
        return self.sends(infno, bill).setlinfo


def _outpatient(ward: _Ward) -> Iterator[None]:
    """From the registration to its cancellation, with a settlement that is taken back between."""
    patient, sends = ward.patient, ward.sends
    patient.visit = sends("2201", patient.registration()).data.mdtrt_id
    yield
    sends("2203", patient.description())
    rows = [patient.fee("F1", "60", "1"), patient.fee("F2", "20", "2")]
    sends("2204", {"feedetail": rows})
    yield
    sends("2205", patient.withdrawing("B1"))
    sends("2204", {"feedetail": rows})
    sends("2205", patient.withdrawing())
    sends("2204", {"feedetail": rows})
    yield
    settled = ward.settles("2206", "2207", patient.bill("100"))
    sends("2208", patient.taking_back(settled.setl_id))
    yield
    sends("2205", patient.withdrawing())
    sends("2202", patient.unregistering())


def _inpatient(ward: _Ward) -> Iterator[None]:
    """From the admission to its cancellation, with a change, fees, and a discharge that is taken back between."""
    patient, sends = ward.patient, ward.sends
    patient.visit = sends("2401", patient.admission()).result.mdtrt_id
    sends("2403", patient.change(adm_bed="14"))
    yield
    sends("2301", {"feedetail": [patient.daily("F1", "60"), patient.daily("F2", "40")]})
    sends("2302", patient.withdrawing_rows("F2"))
    yield
    sends("2402", patient.discharge())
    settled = ward.settles("2303", "2304", patient.stay_bill("60"))
    yield
    sends("2305", patient.taking_back(settled.setl_id))
    sends("2405", {"data": {**patient.named}})
    yield
    sends("2302", patient.withdrawing_rows())
    sends("2404", {"data": {**patient.named}})


def _all(scene: Scene, day: Any, fault: Fault | None) -> None:
    for _ in day(_Ward(scene, fault)):
        scene.clock.sleep(HOUR)


@story(Kind.HOSPITAL, more=AT_ONCE)
def outpatient(scene: Scene) -> None:
    """A visit to a clinic, message by message."""
    _all(scene, _outpatient, None)


@story(Kind.HOSPITAL, more=AT_ONCE)
def outpatient_with_lost_answers(scene: Scene) -> None:
    """The same; the answer to each message that changes something is lost."""
    _all(scene, _outpatient, Fault.ANSWER_LOST)


@story(Kind.HOSPITAL, more=AT_ONCE)
def outpatient_with_lost_requests(scene: Scene) -> None:
    """The same; each message that changes something is lost on its way, and made anew."""
    _all(scene, _outpatient, Fault.REQUEST_LOST)


@story(Kind.HOSPITAL, more=AT_ONCE)
def inpatient(scene: Scene) -> None:
    """A stay, message by message."""
    _all(scene, _inpatient, None)


@story(Kind.HOSPITAL, more=AT_ONCE)
def inpatient_with_lost_answers(scene: Scene) -> None:
    """The same; the answer to each message that changes something is lost."""
    _all(scene, _inpatient, Fault.ANSWER_LOST)


@story(Kind.HOSPITAL, more=AT_ONCE)
def inpatient_with_lost_requests(scene: Scene) -> None:
    """The same; each message that changes something is lost on its way, and made anew."""
    _all(scene, _inpatient, Fault.REQUEST_LOST)
