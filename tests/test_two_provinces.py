"""Deployments of two provinces at work in one process, on one journal, at the same time: nothing of one is ever in what
the other sends, keeps or answers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from liangding.flows import Status
from support import Rig, bill, rig_for, run_flow, write_secret

PLACES = {"dongguan": "441900", "gansu": "620100"}
CASES = ("local", "retired", "chronic", "man")
ROUNDS = 3
ANSWERS = {"use_account": "1", "confirm": "yes"}


@pytest.fixture
def both(tmp_path: Path) -> Iterator[dict[str, Rig]]:
    """Both at their own platforms over HTTP, with one journal and one key."""
    with contextlib.ExitStack() as stack:
        rigs: dict[str, Rig] = {}
        for province, area in PLACES.items():
            folder = tmp_path / province
            folder.mkdir()
            if rigs:
                write_secret(
                    folder, "journal", (tmp_path / next(iter(rigs)) / "secrets" / "journal").read_text("utf-8")
                )
            rigs[province] = stack.enter_context(
                rig_for(
                    folder, province=province, area=area, code=f"P{area}00001", gateway="plain", name=province,
                    journal=f"sqlite:///{tmp_path}/shared.db",
                )
            )  # fmt: skip
        yield rigs


def received(rig: Rig) -> list[dict[str, Any]]:
    """What a platform is sent from now on, as it comes."""
    messages: list[dict[str, Any]] = []
    take = rig.door.receive

    def taking(headers: Any, body: bytes, path: str = "") -> Any:
        messages.append(json.loads(body))
        return take(headers, body, path)

    rig.door.receive = taking  # type: ignore[method-assign]
    return messages


def test_no_value_of_one_is_in_what_the_other_sends(both: dict[str, Rig]) -> None:
    sent = {province: received(rig) for province, rig in both.items()}

    def buys(province: str, case: str) -> list[tuple[str, str]]:
        rig, made = both[province], []
        for number in range(ROUNDS):
            receipt = f"{case}-{number}"  # the same in both provinces: a key is an institution's own
            given = bill(rig.person(case), receipt)
            answers = ANSWERS | {"insured_place": PLACES[province]}
            view = run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key=receipt), answers)
            assert view.status is Status.DONE, (province, case, view.error)
            made.append((receipt, view.result["settlement"].setl_id))
        return made

    with ThreadPoolExecutor(len(PLACES) * len(CASES)) as together:
        turns = [(province, case) for case in CASES for province in PLACES]
        told = dict(zip(turns, together.map(buys, *zip(*turns, strict=True)), strict=True))

    for province, messages in sent.items():
        rig, area = both[province], PLACES[province]
        (other,) = set(PLACES) - {province}
        theirs = both[other]
        persons = [theirs.person(case) for case in CASES]
        foreign = {each for person in persons for each in (person.certno, person.token, person.psn_no, person.card_no)}
        foreign |= {theirs.deployment.institution.code, PLACES[other], PLACES[other][:4]}
        settlements = [each for each in messages if each["infno"] == "2102"]
        assert len(settlements) == len(CASES) * ROUNDS
        for message in messages:
            assert message["fixmedins_code"] == rig.deployment.institution.code
            assert message["mdtrtarea_admvs"] == area
            assert message["msgid"].startswith(rig.deployment.institution.code)
            assert message["insuplc_admdvs"] in (area, "", None), message["infno"]
            assert foreign.isdisjoint(values(message)), message["infno"]
        kept = rig.runtime.journal.latest(infno="2102", limit=100)
        assert {each.msgid for each in kept} == {each["msgid"] for each in settlements}
        mine = {setl_id for (place, _), made in told.items() if place == province for _, setl_id in made}
        assert mine == {each.setl_id for each in kept} == set(rig.platform.world.settlements)


def values(message: Any) -> Iterator[str]:
    """Every text of a message, however deep."""
    if isinstance(message, dict):
        for each in message.values():
            yield from values(each)
    elif isinstance(message, list):
        for each in message:
            yield from values(each)
    elif isinstance(message, str):
        yield message
