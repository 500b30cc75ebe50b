"""新疆: where traceability codes go, and what is not public."""

from __future__ import annotations

from pathlib import Path

import pytest

from liangding.config import Kind
from liangding.contract.region import Place
from test_plugins import knowledge, own


@pytest.mark.parametrize(("kind", "codes"), [(Kind.PHARMACY, "both"), (Kind.CLINIC, "sale"), (Kind.HOSPITAL, "sale")])
def test_pharmacies_send_traceability_codes_twice(kind: Kind, codes: str, tmp_path: Path) -> None:
    assert knowledge(tmp_path, "xinjiang", "650100", kind).region.trace_codes == codes


def test_an_institution_of_the_corps_has_its_own_digits(tmp_path: Path) -> None:
    region = knowledge(tmp_path, "xinjiang", "660100").region
    assert (region.place("660199"), region.place("660200"), region.place("650100")) == (
        Place.LOCAL, Place.PROVINCE, Place.CROSS,
    )  # fmt: skip


def test_nothing_is_invented(tmp_path: Path) -> None:
    known = knowledge(tmp_path, "xinjiang", "650100")
    assert own(known) == {}
    assert known.region.reversible is None
    for word in ("网关", "扩展交易", "兵团", "电子处方中心", "一码付", "4903"):
        assert any(word in question for question in known.region.unanswered), word
    assert not any("追溯码" in question for question in known.region.unanswered)
