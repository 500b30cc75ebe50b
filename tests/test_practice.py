"""What systems at work met: answers of other kinds, keys of other spellings, a cent too much, words for codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from liangding.checks import NATIONAL
from liangding.errors import CallFailed, ConfigurationError
from liangding.flows import Status
from liangding.knowledge.interfaces import BASELINE
from liangding.national.meaning import taken_back
from liangding.simulator.line import SimulatedLine
from liangding.spec.problems import errors
from liangding.spec.reading import read_answer, read_request
from liangding.wire.json import decode
from liangding.wire.transport import Exchange
from support import Rig, bill, new_key, run_flow, simulated_rig_for

YES = {"confirm": "yes", "use_account": "1"}

Change = Callable[[Any], Any]


class Changing:
    """A line on which the answers of some transactions are others than the platform said."""

    def __init__(self, line: SimulatedLine, changes: Mapping[str, Change]) -> None:
        self.line, self.changes = line, changes

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        exchange = self.line.post(url, headers, body)
        change = self.changes.get(url.rpartition("/")[2])
        if change is None:
            return exchange
        answer = json.loads(exchange.body)
        answer["output"] = change(answer["output"])
        return Exchange(status=200, body=json.dumps(answer).encode())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


def changed(rig: Rig, **changes: Change) -> None:
    rig.runtime.transport = Changing(rig.runtime.transport, {n.lstrip("_"): c for n, c in changes.items()})  # type: ignore[arg-type]


# -- an output that is no object ---------------------------------------------------------------------------------------

KINDS = [None, "", "c2VhbGVk", [], [{"a": 1}], 7]


@pytest.mark.parametrize("output", KINDS, ids=repr)
def test_an_output_of_another_kind_ends_in_a_sentence(tmp_path: Path, output: Any) -> None:
    """Some regions answer a text (sealed) or a list where an object is declared: never an exception of the program."""
    with simulated_rig_for(tmp_path) as rig:
        changed(rig, _1101=lambda _: output)
        view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key=new_key())
        assert view.status is Status.STOPPED, view
        assert view.error is not None
        assert any("一" <= sign <= "鿿" for sign in view.error["message"])
        assert "Error" not in view.error["message"]


@pytest.mark.parametrize("output", KINDS, ids=repr)
def test_a_settlement_whose_output_cannot_be_read_is_looked_for(tmp_path: Path, output: Any) -> None:
    with simulated_rig_for(tmp_path) as rig:
        changed(rig, _2102=lambda _: output)
        try:
            told = [rig.settle(key="B1").output.setlinfo.setl_id]
        except CallFailed as failed:
            pytest.fail(f"{failed.code}: it stands and can be asked for")
        assert told == rig.standing()


# -- keys of another spelling ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["REFD_SETL_FLAG", "refdSetlFlag", "Refd_setl_flag"])
def test_a_key_in_a_region_s_spelling_is_read_and_said(key: str) -> None:
    info = {"setl_id": "S1", "mdtrt_id": "M1", "psn_no": "P1", key: "1", "somethingNew": "x"}
    node, found = read_answer(BASELINE["5203"].output, {"setlinfo": info, "setldetail": []})
    assert taken_back(node.setlinfo)
    assert [(p.field, p.rule, p.level) for p in found if p.rule == "spelling"] == [(key, "spelling", "info")]
    both = {"setl_id": "S1", "refd_setl_flag": "0", "REFD_SETL_FLAG": "1"}
    node, _ = read_answer(BASELINE["5203"].output, {"setlinfo": both, "setldetail": []})
    assert not taken_back(node.setlinfo)


def test_a_nation_in_words_is_refused(tmp_path: Path) -> None:
    _, found = read_request(BASELINE["4101"].input, {"setlinfo": {"naty": "汉族"}})
    assert ("naty", "code") in [(p.field, p.rule) for p in errors(found)]


# -- a cent ------------------------------------------------------------------------------------------------------------


def a_cent_more(output: Any) -> Any:
    output["setlinfo"]["inscp_scp_amt"] = str(Decimal(str(output["setlinfo"]["inscp_scp_amt"])) + Decimal("0.01"))
    return output


@pytest.mark.parametrize(("more", "status"), [("", Status.STOPPED), ("[checks]\ntolerance_cents = 1", Status.DONE)])
def test_a_cent_is_tolerated_where_it_is_said_and_each_time_found(tmp_path: Path, more: str, status: Status) -> None:
    with simulated_rig_for(tmp_path, more=more) as rig:
        changed(rig, _2101=a_cent_more)
        view = run_flow(
            rig.flows, rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key()), YES
        )
        assert view.status is status, view.error
        trial = rig.runtime.journal.latest(infno="2101", limit=1)[0]
        answer, _ = read_answer(BASELINE["2101"].output, decode(trial.answer or b"")["output"])
        checks = BASELINE["2101"].checks("answer")
        told = [p for check in checks for p in check(answer, rig.runtime.region.circumstances)]
        assert [(p.rule, p.level) for p in told] == [("scope_split", "info" if more else "error")]


def test_more_than_a_yuan_is_no_tolerance(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match="tolerance_cents"),
        simulated_rig_for(tmp_path, more="[checks]\ntolerance_cents = 101"),
    ):
        pass


# -- cross-province keys of the extension ------------------------------------------------------------------------------

EXTENSIONS: list[tuple[str, str, Any, list[tuple[str, str]]]] = [
    # med_type, infno, exp_content, what is wrong
    ("11", "2203", {"TRUM_FLAG": "1", "REL_TTP_FLAG": "0"}, []),
    ("11", "2203", '{"TRUM_FLAG": "1"}', [("REL_TTP_FLAG", "condition")]),
    ("11", "2203A", {"TRUM_FLAG": "9"}, [("TRUM_FLAG", "code")]),
    ("13", "2203A", {"OTP_ER_REFL_FLAG": "2"}, [("OTP_ER_REFL_FLAG", "condition")]),
    ("13", "2203A", {"OTP_ER_REFL_FLAG": "3"}, []),
    ("11", "2203", {"trum_flag": "1"}, [("trum_flag", "spelling")]),
    ("11", "2203", {"someOwnKey": "x"}, []),
    ("11", "2203", "no JSON", []),
]


@pytest.mark.parametrize(("med_type", "infno", "extension", "wrong"), EXTENSIONS)
def test_the_keys_of_a_cross_province_visit_are_typed(
    med_type: str, infno: str, extension: Any, wrong: list[tuple[str, str]]
) -> None:
    given = {"mdtrtinfo": {"med_type": med_type, "exp_content": extension}}
    node, _ = read_request(BASELINE[infno].input, given, ("input",))
    found = [problem for check in BASELINE[infno].checks("request") for problem in check(node, NATIONAL)]
    assert [(p.field, p.rule) for p in found] == wrong
