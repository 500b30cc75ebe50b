"""四川: what 2601 may cancel, variants with an A, and the safety control's token in expContent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding import national
from liangding.config import Kind
from liangding.errors import InvalidMessage, UnknownTransaction
from liangding.resolution import NotReversible
from support import Rig, purchase, rig_for
from test_plugins import fields, knowledge, least, own, sent

TOKEN = {"card_token": "made-up-token"}

CARRIERS = {
    "1101": "data", "2201": "data", "2202": "data", "2203": "mdtrtinfo", "2203A": "mdtrtinfo", "2204": "feedetail",
    "2206": "data", "2206A": "data", "2207": "data", "2207A": "data", "2303": "data", "2303A": "data",
    "2304": "data", "2304A": "data", "2401": "mdtrtinfo", "2101": "druginfo", "2101A": "druginfo", "2102": "druginfo",
    "2102A": "druginfo", "2103": "data", "2208": "data", "2305": "data",
}  # fmt: skip
"""The business node that carries the token."""

SEEN = {"1101", "2201", "2202", "2203A", "2204", "2206A", "2207A", "2303", "2304", "2401"}
"""Where it was seen; elsewhere the place is inferred."""


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    """A hospital in Panzhihua and its platform: no signature, one address."""
    with rig_for(tmp_path, province="sichuan", area="510400", kind=Kind.HOSPITAL, gateway="plain") as made:
        yield made


def carrying(known: Any, infno: str, token: Any) -> dict[str, Any]:
    """The least message of ``infno`` with ``token`` in its business node, on every row of one that repeats."""
    message = least(known, known.interfaces[infno].input)
    held = message[CARRIERS[infno]]
    for node in held if isinstance(held, list) else [held]:
        node["expContent"] = token
    return dict(message)


def test_exactly_the_carriers_are_declared_anew(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "sichuan", "510400")
    declared = own(known)
    clears = declared.pop("3201")  # 视同清算申请
    assert (clears.input, clears.changes) == (national.transaction("3201").input, True)
    assert set(declared) == set(CARRIERS)
    assert {n for n, t in declared.items() if t.confidence == "medium"} == SEEN
    assert {t.confidence for n, t in declared.items() if n not in SEEN} == {"low"}
    for infno, node in CARRIERS.items():
        assert fields(known.interfaces[infno], node, "expContent").keys() == {"card_token"}, infno
        assert "exp_content" not in fields(known.interfaces[infno], node), infno


@pytest.mark.parametrize("infno", CARRIERS)
def test_the_token_goes_out_in_the_business_node(infno: str, hospital: Rig) -> None:
    known = hospital.runtime.known
    message = carrying(known, infno, TOKEN)
    if infno == "2204":
        message["feedetail"] = [{**message["feedetail"][0], "feedetl_sn": sn} for sn in ("1", "2")]
    output = least(known, known.interfaces[infno].output)
    out = sent(hospital, infno, message, lambda request: output)[CARRIERS[infno]]
    held = [row.get("expContent") for row in (out if isinstance(out, list) else [out])]
    assert held == [TOKEN] * (2 if infno == "2204" else 1)


def test_the_national_spelling_goes_out_as_the_province_spells_it(hospital: Rig) -> None:
    message = carrying(hospital.runtime.known, "2202", TOKEN)
    message["data"]["exp_content"] = message["data"].pop("expContent")
    out = sent(hospital, "2202", message)["data"]
    assert (out["expContent"], "exp_content" in out) == (TOKEN, False)


def test_a_message_without_a_token_has_no_expcontent(hospital: Rig) -> None:
    known = hospital.runtime.known
    for empty in (None, ""):
        out = sent(hospital, "2202", carrying(known, "2202", empty))
        assert "expContent" not in out["data"]


def test_the_token_is_text(hospital: Rig) -> None:
    with pytest.raises(InvalidMessage, match="card_token"):
        hospital.runtime.call(
            "2202", carrying(hospital.runtime.known, "2202", {"card_token": ["x"]}), insured_place="510400"
        )


def test_extensions_are_spelt_expcontent_everywhere(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="sichuan", area="510400", gateway="plain") as rig:
        message = purchase(rig.person())
        message["druginfo"] |= {"med_type": "41", "exp_content": TOKEN}
        settled = rig.platform.handlers["2102"]
        out = sent(rig, "2102", message, settled)
        assert out["druginfo"]["expContent"] == TOKEN
        assert "exp_content" not in out["druginfo"]


def test_2601_cancels_only_what_the_document_lists(hospital: Rig) -> None:
    region = hospital.runtime.region
    assert region.reversible == frozenset({"2102", "2103", "2207", "2208", "2304", "2305", "2401"})
    message = {"data": {"psn_no": hospital.person().psn_no, "omsgid": "1" * 30, "oinfno": "2207A"}}
    with pytest.raises(NotReversible):
        hospital.runtime.call("2601", message, insured_place="510400")
    assert hospital.sent("2601") == 0


def test_variants_with_an_a_are_preferred(tmp_path: Path) -> None:
    assert knowledge(tmp_path, "sichuan", "510400").region.a_variant("pharmacy") == "always"


def test_the_22_extended_transactions_are_said_not_to_be_public(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "sichuan", "510400")
    assert "22 个扩展交易" in known.region.unanswered[0]
    with pytest.raises(UnknownTransaction):
        known.interfaces["90502"]
