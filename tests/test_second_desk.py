"""Two desks of one institution with journals of their own: the second one charges nobody a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from bedside import HOSPITAL
from bedside import bill as visit_bill
from liangding.cli.app import run as cli
from liangding.config import load_deployment
from liangding.contract.simulation import Refuse
from liangding.errors import CallNotSent, SameBill
from liangding.flows import Status
from liangding.runtime import Runtime
from liangding.simulator.chapters.settling import take_back_elsewhere
from liangding.simulator.faults import Fault
from liangding.wire.json import decode
from support import Rig, bill, run_flow, simulated_rig_for, write_deployment

FIRST, SECOND = "msgid_first = 0\nmsgid_last = 4999", "msgid_first = 5000\nmsgid_last = 9999"

YES = {"confirm": "yes", "same_bill": "another"}


@attrs.define
class Desks:
    """Both, and what they share: the platform."""

    first: Rig
    second: Rig

    def looks(self) -> int:
        return self.first.sent("5201") + self.first.sent("5204")


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    yield from _desks(tmp_path)


@pytest.fixture
def clinics(tmp_path: Path) -> Iterator[Desks]:
    yield from _desks(tmp_path, **HOSPITAL)


def _desks(folder: Path, **settings: Any) -> Iterator[Desks]:
    with simulated_rig_for(folder, keys="", platform=FIRST, gateway="plain", **settings) as first:
        config = write_deployment(
            folder, name="second", journal="sqlite:///second.db", keys="", platform=SECOND, **settings
        )
        deployment = load_deployment(config)
        with Runtime(deployment, transport=first.runtime.transport, clock=first.runtime.clock) as runtime:
            yield Desks(first, attrs.evolve(first, config=config, deployment=deployment, runtime=runtime))


def setl_id_of(rig: Rig, key: str, **more: Any) -> str:
    told: str = rig.settle(key=key, **more).output.setlinfo.setl_id
    return told


@pytest.mark.parametrize("key", ["B1", "B2"])
def test_what_the_first_desk_settled_the_second_does_not(desks: Desks, key: str) -> None:
    first = setl_id_of(desks.first, "B1")
    with pytest.raises(SameBill, match=first) as caught:
        desks.second.settle(key=key)
    assert caught.value.may_be_meant
    facts = dict(caught.value.facts)
    assert (facts["结算编号"], facts["医疗费总额"]) == (first, "100.00")
    assert facts["已结算时间"].startswith(f"{desks.first.runtime.now():%Y-%m-%d} ")
    assert (desks.first.standing(), desks.first.sent("2102")) == ([first], 1)
    held = desks.second.runtime.journal.by_key(desks.second.deployment.institution.code, key)
    assert held is not None
    assert (held.state.value, held.failure) == ("not_sent", "same_bill")


def _meant(rig: Rig) -> None:
    call, rig.runtime.call = rig.runtime.call, lambda *a, **k: call(*a, meant=True, **k)  # type: ignore[method-assign]
    rig.settle(key="B1")


def _after_taking_back(desks: Desks, setl_id: str) -> None:
    take_back_elsewhere(desks.first.platform.world.settlements[setl_id])
    desks.second.settle(key="B1")


def _twice(rig: Rig) -> None:
    told = setl_id_of(rig, "B3", total="80.00")
    asked = rig.sent("5201")
    assert setl_id_of(rig, "B3", total="80.00") == told
    assert rig.sent("5201") == asked


OTHERWISE: dict[str, Callable[[Desks, str], Any]] = {
    "another amount": lambda desks, _: desks.second.settle(key="B1", total="90.00"),
    "another person": lambda desks, _: desks.second.settle(desks.second.person("retired"), key="B1"),
    "what is meant": lambda desks, _: _meant(desks.second),
    "what was taken back": _after_taking_back,
    "its own, asked again": lambda desks, _: _twice(desks.second),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_is_another_bill_goes_without_a_word(desks: Desks, what: str) -> None:
    first = setl_id_of(desks.first, "B1")
    OTHERWISE[what](desks, first)
    assert desks.first.sent("2102") == 2


@pytest.mark.parametrize("infno", ["5201", "5204", "5203"])
def test_where_the_platform_does_not_say_nothing_is_sent(desks: Desks, infno: str) -> None:
    setl_id_of(desks.first, "B1")
    desks.first.strike(Fault.REQUEST_LOST, infno, times=0)
    with pytest.raises(CallNotSent, match="另一台"):
        desks.second.settle(key="B1")
    desks.first.door.faults.clear()
    told = desks.first.platform.handlers.get("5203")

    def knows_none(_: Any) -> Any:
        raise Refuse("未查询到结算信息")

    desks.first.platform.handlers["5203"] = knows_none
    with pytest.raises(CallNotSent, match="没有给出 5204 里的结算"):
        desks.second.settle(key="B1")
    assert told is not None
    desks.first.platform.handlers["5203"] = told
    with pytest.raises(SameBill):
        desks.second.settle(key="B1")
    assert desks.first.sent("2102") == 1


def test_a_flow_asks_the_cashier(desks: Desks) -> None:
    given = bill(desks.first.person(), use_account=True)
    run_flow(desks.first.flows, desks.first.flows.start("pharmacy_purchase", given, key="P1"), YES)
    view = desks.second.flows.start("pharmacy_purchase", given, key="P1")
    while view.question is not None and view.question.id == "confirm":
        view = desks.second.flows.answer(view.id, "yes")
    assert (view.status, view.question and view.question.id) == (Status.QUESTION, "same_bill")
    assert desks.first.sent("2102") + desks.first.sent("2102A") == 1


def test_a_visit_of_the_first_desk_is_seen_by_the_second(clinics: Desks) -> None:
    given = visit_bill(clinics.first.person())
    done = run_flow(clinics.first.flows, clinics.first.flows.start("outpatient", given, key="V1"), YES)
    assert done.status is Status.DONE
    again = visit_bill(clinics.first.person(), ipt_otp_no="O2")
    view = clinics.second.flows.start("outpatient", again, key="V1")
    while view.question is not None and view.question.id == "confirm":
        view = clinics.second.flows.answer(view.id, "yes")
    assert view.error is None, view.error
    assert (view.status, view.question and view.question.id) == (Status.QUESTION, "same_bill")
    assert len(clinics.first.standing()) == 1


def test_in_the_same_visit_too(clinics: Desks) -> None:
    """The second desk brings the rows once more, as another batch of the visit that the first one registered."""
    first, second, person = clinics.first, clinics.second, clinics.first.person()
    done = run_flow(first.flows, first.flows.start("outpatient", visit_bill(person), key="V1"), YES)
    assert done.status is Status.DONE
    upload, message = (
        decode(first.runtime.journal.latest(infno=infno, limit=1)[0].request)["input"] for infno in ("2204", "2207")
    )
    for row in upload["feedetail"]:
        row |= {"feedetl_sn": f"X{row['feedetl_sn']}", "chrg_bchno": "C2"}
    second.runtime.call("2204", upload, insured_place=person.covers[0].place)
    message["data"]["chrg_bchno"] = "C2"
    with pytest.raises(SameBill, match=first.standing()[0]):
        second.runtime.call("2207", message, key="V2", insured_place=person.covers[0].place)
    assert len(first.standing()) == 1


def test_where_one_server_serves_all_nothing_is_asked(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        rig.settle(key="B1")
        assert (rig.sent("5201"), rig.sent("5204")) == (0, 0)


@pytest.mark.parametrize("ranges", [FIRST, ""])
def test_check_says_what_is_lost_and_how_one_server_serves_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ranges: str
) -> None:
    config = write_deployment(tmp_path, platform=ranges)
    cli(["check", "--config", str(config)])
    said = "".join(capsys.readouterr().out.split())
    for word in ("另一台有自己的流水", "liangdingserve", "postgresql://", "平台查不到时不结算"):
        assert (word in said) is bool(ranges), word
