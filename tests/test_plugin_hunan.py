"""湖南: a sixth province costs its own folder alone, and its 40 transactions are as its edition prints them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import liangding
import liangding_hunan
from liangding.config import load_deployment
from liangding.errors import OutcomeUnknown, UnknownTransaction
from liangding.knowledge import Knowledge
from liangding.privacy import masked_text
from liangding.simulator.faults import Fault
from liangding.spec import Does, Unasked
from liangding.spec.export import as_json
from support import new_key, purchase, rig_for, write_deployment
from test_plugins import fields, knowledge, least, own, shape

FIELDS = {
    "100001": (3, 10), "2161": (3, 11), "2163": (3, 10), "2166": (40, 3), "2167": (3, 0), "2170": (2, 33),
    "2171": (6, 35), "2172": (8, 27), "2173": (8, 34), "2174": (9, 29), "2175": (4, 28), "2176": (3, 9),
    "2181": (5, 0), "2306": (5, 0), "2406": (10, 1), "2407": (14, 12), "3601": (32, 47), "3602": (50, 3),
    "3603": (38, 3), "3604": (3, 52), "3605": (4, 27), "3606": (4, 29), "3607": (4, 19), "3608": (3, 8),
    "3609": (5, 11), "3610": (3, 8), "3611": (5, 7), "3701": (7, 169), "3702": (9, 6), "3703": (9, 6),
    "3704": (3, 1), "4261": (101, 0), "4262": (3, 5), "4263": (5, 12), "5461": (7, 0), "9601": (10, 2),
    "9602": (12, 0), "9603": (8, 2), "9604": (3, 32), "9605": (10, 0),
}  # fmt: skip
"""How many fields the edition prints for each: input, output."""

MEDIUM = {*(str(n) for n in range(3601, 3612)), "3701", "3702", "3703", "3704", "4263"}


def test_the_40_transactions_are_there_with_their_1155_fields(tmp_path: Path) -> None:
    declared = own(knowledge(tmp_path, "hunan", "430100"))
    counted = {n: tuple(sum(shape(t, side).values()) for side in ("input", "output")) for n, t in declared.items()}
    assert counted == FIELDS
    assert (len(counted), sum(map(sum, counted.values()))) == (40, 1155)
    assert {n for n, t in declared.items() if t.confidence != "high"} == MEDIUM
    assert all(t.public and t.says_what_it_does for t in declared.values())
    assert {n for n, t in declared.items() if t.does is Does.CANCELS} == {"2163", "2181"}


def test_fields_are_as_printed(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "hunan", "430100")
    order = fields(known.interfaces["2166"])
    assert (order["mdtrtsn"].field.length, order["ec_token"].field.length, order["emp_no"].required) == (20, 64, False)
    assert fields(known.interfaces["2166"], "feedetl")["pric"].field.scale == 6
    assert as_json(known.interfaces["2170"])["output"][0]["repeats"]
    message = least(known, known.interfaces["3702"].input)
    finding = message["docs"][0]["docSusptDTOS"][0]
    finding["applyFlag"] = "1"
    _, problems = known.requests.read(known.interfaces["3702"].input, message)
    assert {str(each.path[-1]) for each in problems} == {"susptAmt", "attUploadId", "auditOpinion"}


def test_values_that_the_tables_call_personal_are_shown_nowhere(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "hunan", "430100")
    face = least(known, known.interfaces["9601"].input)
    face["recogInfo"]["recog_pic"] = ["made-up-picture"]
    _, problems = known.requests.read(known.interfaces["9601"].input, face)
    assert "made-up" not in "".join(str(each) for each in problems)
    assert masked_text('"recog_pic": "made-up-picture"') == '"recog_pic": ***'


def test_a_purchase_of_a_province_that_the_core_does_not_know(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="hunan", area="430100", code="P43010000001", gateway="plain") as rig:
        person = rig.person()
        message = purchase(person)
        message["druginfo"]["med_type"] = "41"
        settled = rig.runtime.call("2102", message, key=new_key(), insured_place="430100")
        assert settled.output.setlinfo.psn_no == person.psn_no


def test_a_refund_with_an_unknown_outcome_waits_for_a_person_and_says_why(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="hunan", area="430100", code="P43010000001", gateway="plain") as rig:
        rig.strike(Fault.ANSWER_LOST, "2163")
        refund = {"fixmedins_code": "P43010000001", "mdtrt_regno": "R1", "opter_name": "张三"}
        with pytest.raises(OutcomeUnknown):
            rig.runtime.call("2163", refund, insured_place="430100", key="refund-R1")
        with pytest.raises(OutcomeUnknown):
            rig.runtime.call("2163", refund, insured_place="430100", key="refund-R1")
        assert rig.sent("2163") == 1
        looked_for = rig.runtime.interfaces["2163"].looked_for
        assert isinstance(looked_for, Unasked)
        assert "2170、2171" in looked_for.why


def test_a_number_that_the_core_knew_before_says_what_to_enable(tmp_path: Path) -> None:
    gansu = knowledge(tmp_path, "gansu", "620100")
    for infno, plugin in {
        "3601": "hunan_tables",
        "4261": "hunan_tables",
        "CFYYJG106": "guangdong_prescriptions",
    }.items():
        with pytest.raises(UnknownTransaction) as unknown:
            gansu.interfaces[infno]
        assert f'plugins = ["{plugin}"]' in unknown.value.remedy


def test_another_province_that_has_taken_the_tables_over_enables_them(tmp_path: Path) -> None:
    config = write_deployment(tmp_path, province="gansu", area="620100", gateway="plain")
    config.write_text('plugins = ["hunan_tables"]\n' + config.read_text("utf-8"), "utf-8")
    known = Knowledge(load_deployment(config))
    assert {n for n in known.interfaces.numbers() if known.interfaces.owner(n) == "hunan_tables"} == set(FIELDS)
    assert known.region.name == "甘肃"


# -- what a sixth province costs ---------------------------------------------------------------------------------------


def test_a_sixth_province_costs_its_own_folder_alone() -> None:
    assert liangding_hunan.__file__
    package = Path(liangding_hunan.__file__).parent
    beside_the_tables = [*package.glob("*.py"), package.parents[1] / "pyproject.toml"]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in beside_the_tables) <= 120
    numbers = re.compile("|".join(rf"[\"']{n}[\"']" for n in FIELDS) + "|hunan|湖南", re.IGNORECASE)
    root = Path(liangding.__file__).parent
    for path in root.rglob("*.py"):
        assert not numbers.search(path.read_text("utf-8")), path
