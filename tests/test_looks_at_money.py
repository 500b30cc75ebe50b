"""What the platform tells of settlements, their cancellations, visits and fee rows, and what is made of it: there, not
there, by another message, or not to be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from liangding.contract.cases import Finding, Seen
from liangding.knowledge.interfaces import BASELINE
from liangding.national.meaning import OUTPATIENT_TYPES
from liangding.resolution import hospital, national
from liangding.resolution.undoing import undoing
from liangding.spec.leaves import LENIENT
from liangding.spec.reading import MessageReader
from liangding.wire.json import encode
from test_looks import NOT_THERE, SENT, THERE, UNCLEAR, Told, visit

OURS, OTHER = "H99010000001202611210000000001", "H99010000001202611210000000002"
ELSEWHERE = "P99010000009202611210000000001"
_reader = MessageReader(LENIENT)


class OfMoney(Told):
    """The platform tells of each settlement (5203), of each visit's rows (5204) and of each kind of visits (5201)."""

    def __init__(self, asked: dict[str, Any], told: dict[str, Any], ours: tuple[Any, ...] = ()) -> None:
        super().__init__(asked, told)
        self.accepted = list(ours)
        self.call = SimpleNamespace(msgid=OURS, amount=asked.get("amount"))

    def accepted_of(self, mdtrt_id: str) -> list[Any]:
        return [call for call in self.accepted if call.mdtrt_id == mdtrt_id]

    def means(self, infno: str) -> Any:
        return BASELINE.means(infno)

    def ask(self, infno: str, message: dict[str, Any]) -> Any:
        by = {"5203": "setl_id", "5204": "mdtrt_id", "5201": "med_type"}[infno]
        every, self.told = self.told, {infno: self.told[infno][message["data"][by]]} if message["data"][by] in (
            self.told.get(infno, {})) else {}  # fmt: skip
        try:
            return super().ask(infno, message)
        finally:
            self.told = every

    @property
    def asked_for(self) -> str:
        """The questions in order, each by what it names."""
        return " ".join(f"{n}:{d.get('setl_id') or d.get('med_type') or d['mdtrt_id']}" for n, d in self.questions)


def rows(*held: str) -> list[dict[str, Any]]:
    """Fee rows by their number and the settlement that holds them: F1/S1."""
    return [
        {"feedetl_sn": sn, "setl_id": setl_id, "mdtrt_id": "M1"} for sn, _, setl_id in (h.partition("/") for h in held)
    ]


def settled(setl_id: str = "S1", msgid: str | None = OURS, flag: str = "0", **more: Any) -> dict[str, Any]:
    info = {"setl_id": setl_id, "mdtrt_id": "M1", "medins_setl_id": msgid, "refd_setl_flag": flag,
            "medfee_sumamt": "50.00", "setl_time": "2026-11-21 10:00:05"}  # fmt: skip
    return {"setlinfo": info | more}


def uploaded(*serials: str, batch: str = "B1", mdtrt_id: str = "M1") -> Any:
    """An upload of ours that was accepted."""
    body = {"input": {"feedetail": [{"feedetl_sn": each, "chrg_bchno": batch} for each in serials]}}
    return SimpleNamespace(infno="2204", mdtrt_id=mdtrt_id, request=encode(body))


def of(*settlements: dict[str, Any], held: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What is told of a visit M1 with these settlements, one row in each where nothing is said of its rows."""
    told = {each["setlinfo"]["setl_id"]: each for each in settlements}
    return {"5204": {"M1": held or rows(*(f"F{n}/{name}" for n, name in enumerate(told)))}, "5203": told}


ON_M1 = {"mdtrt_id": "M1"}
IN_B1 = {"mdtrt_id": "M1", "chrg_bchno": "B1"}
NAMELESS = "有结算没有带回报文号，认不出是不是这一笔"

SETTLEMENTS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Any, ...], tuple[Seen, str, str], str]] = {
    "it is there": (ON_M1, of(settled()), (), (THERE, "", ""), "5204:M1 5203:S1"),
    "it was taken back": (ON_M1, of(settled(flag="1")), (), (NOT_THERE, "结算已撤销", ""), "5204:M1 5203:S1"),
    "another message's": (ON_M1, of(settled(msgid=OTHER)), (), (NOT_THERE, "", "S1"), "5204:M1 5203:S1"),
    "another message's, taken back": (
        ON_M1, of(settled(msgid=OTHER, flag="1")), (), (NOT_THERE, "", ""), "5204:M1 5203:S1",
    ),
    "nameless": (ON_M1, of(settled(msgid=None)), (), (UNCLEAR, NAMELESS, ""), "5204:M1 5203:S1"),
    "of another institution": (ON_M1, of(settled(msgid=ELSEWHERE)), (), (UNCLEAR, NAMELESS, ""), "5204:M1 5203:S1"),
    "by another kind of number": (ON_M1, of(settled(msgid=OTHER[:20])), (), (UNCLEAR, NAMELESS, ""), "5204:M1 5203:S1"),
    "nameless, then it": (
        ON_M1, of(settled(msgid=None), settled("S2")), (), (THERE, "", ""), "5204:M1 5203:S1 5203:S2",
    ),
    "nameless, then another's": (
        ON_M1, of(settled(msgid=None), settled("S2", OTHER)), (), (UNCLEAR, NAMELESS, ""), "5204:M1 5203:S1 5203:S2",
    ),
    "another's, then nameless": (
        ON_M1, of(settled(msgid=OTHER), settled("S2", None)), (), (UNCLEAR, NAMELESS, ""), "5204:M1 5203:S1 5203:S2",
    ),
    "not told of": (ON_M1, of(held=rows("F1/S1")), (), (NOT_THERE, "", ""), "5204:M1 5203:S1"),
    "none": (ON_M1, of(held=rows("F1/", "F2/000")), (), (NOT_THERE, "", ""), "5204:M1"),
    "no rows": (ON_M1, {}, (), (NOT_THERE, "", ""), "5204:M1"),
    "one of several rows": (
        ON_M1, of(settled(), held=rows("F1/S1", "F2/S1", "F3/")), (), (THERE, "", ""), "5204:M1 5203:S1",
    ),
    "another's, of the same batch": (
        IN_B1, of(settled(msgid=OTHER), held=rows("F1/S1", "F2/")), (uploaded("F1", "F2"),), (NOT_THERE, "", "S1"),
        "5204:M1 5203:S1",
    ),
    "another's, of another batch": (
        IN_B1, of(settled(msgid=OTHER), held=rows("F1/", "F3/S1")), (uploaded("F1"), uploaded("F3", batch="B2")),
        (NOT_THERE, "", ""), "5204:M1 5203:S1",
    ),
    "another's, of a batch that we know nothing of": (
        IN_B1, of(settled(msgid=OTHER)), (uploaded("F9", batch="B2"),), (NOT_THERE, "", "S1"), "5204:M1 5203:S1",
    ),
}  # fmt: skip
"""What was asked for, what the platform tells, what we uploaded → what is seen, with its note and the other settlement
that is named; what was asked in order."""


@pytest.mark.parametrize("case", SETTLEMENTS)
def test_a_settlement_of_a_visit(case: str) -> None:
    asked, told, ours, (seen, note, other), questions = SETTLEMENTS[case]
    at = OfMoney(asked, told, ours)
    found = national.settlement(at)  # type: ignore[arg-type]
    assert (found.seen, found.by, found.note) == (seen, "5204+5203", note)
    assert found.other.get("setl_id", "") == other
    assert (found.named.get("setl_id") == ("S2" if "then" in case else "S1")) is (seen is THERE)
    assert at.asked_for == questions
    if other:
        assert (found.other["medins_setl_id"], found.other["medfee_sumamt"]) == (OTHER, Decimal("50.00"))


def visits(*held: str) -> dict[str, Any]:
    """Visits of a kind by number and hour: M1@9."""
    return {
        "mdtrtinfo": [
            visit(m, begntime=f"2026-11-21 {int(h):02}:00:00") for m, _, h in (v.partition("@") for v in held)
        ]
    }


BY_PERSON: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Any, ...], tuple[Seen, str], str]] = {
    "in the newest visit": (
        {"med_type": "41"},
        {"5201": {"41": visits("M1@8", "M2@9")}, "5204": {"M2": rows("F1/S1")}, "5203": {"S1": settled()}}, (),
        (THERE, ""), "5201:41 5204:M2 5203:S1",
    ),
    "in the one before": (
        {"med_type": "41"},
        {"5201": {"41": visits("M1@8", "M2@9")}, "5204": {"M1": rows("F1/S1")}, "5203": {"S1": settled()}}, (),
        (THERE, ""), "5201:41 5204:M2 5204:M1 5203:S1",
    ),
    "in none": (
        {"med_type": "41"}, {"5201": {"41": visits("M1@8", "M2@9")}}, (), (NOT_THERE, ""), "5201:41 5204:M2 5204:M1",
    ),
    "one is nameless": (
        {"med_type": "41"},
        {"5201": {"41": visits("M1@8", "M2@9")}, "5204": {"M2": rows("F1/S1")}, "5203": {"S1": settled(msgid=None)}},
        (), (UNCLEAR, NAMELESS), "5201:41 5204:M2 5203:S1 5204:M1",
    ),
    "a visit that came with another settlement": (
        {"med_type": "41"}, {"5201": {"41": visits("M1@8", "M2@9")}, "5204": {"M2": rows("F1/S1")}},
        (SimpleNamespace(infno="2102", mdtrt_id="M2", request=b""),), (NOT_THERE, ""), "5201:41 5204:M1",
    ),
    "a visit to which we uploaded": (
        {"med_type": "41"}, {"5201": {"41": visits("M2@9")}}, (uploaded("F1", mdtrt_id="M2"),), (NOT_THERE, ""),
        "5201:41 5204:M2",
    ),
    "of any kind": ({}, {}, (), (NOT_THERE, ""), " ".join(f"5201:{kind}" for kind in OUTPATIENT_TYPES)),
}  # fmt: skip
"""The same where the visit comes into being with the settlement."""


@pytest.mark.parametrize("case", BY_PERSON)
def test_a_settlement_of_a_persons_day(case: str) -> None:
    asked, told, ours, (seen, note), questions = BY_PERSON[case]
    at = OfMoney(asked, told, ours)
    found = national.settlement(at)  # type: ignore[arg-type]
    assert (found.seen, found.by if seen is not THERE else "5201+5204+5203", found.note) == (
        seen, "5201+5204+5203", note,
    )  # fmt: skip
    assert at.asked_for == questions


NAMED: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "it is": ({"amount": "50.00"}, settled(), ""), "of no amount": ({}, settled(), ""),
    "nameless": ({"amount": "50.00"}, settled(msgid=None), ""),
    "of another institution's number": ({"amount": "50.00"}, settled(msgid=ELSEWHERE), ""),
    "none": ({}, None, "没有这笔结算"), "taken back": ({"amount": "50.00"}, settled(flag="1"), "那笔结算已撤销"),
    "of another amount": ({"amount": "50.01"}, settled(), "那笔结算的总金额不同"),
    "another message's": ({"amount": "50.00"}, settled(msgid=OTHER), "那笔结算是另一报文办的"),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMED)
def test_a_settlement_that_somebody_names(case: str) -> None:
    asked, told, against = NAMED[case]
    for named, visit_of in (("M7", "M7"), (None, "M1")):
        at = OfMoney(asked | ON_M1, {} if told is None else {"5203": {"S1": told}})
        found = national.settlement_named(at, "S1", named)  # type: ignore[arg-type]
        assert (found.seen, found.by, found.note) == (NOT_THERE if against else THERE, "5203", against)
        assert at.questions == [("5203", {"psn_no": "P1", "setl_id": "S1", "mdtrt_id": visit_of})]


def test_a_cancellation_is_told_by_what_it_took_back() -> None:
    """Its own answer has the amounts below zero, under the names that cancellations have for them."""
    asked = {"psn_no": "P1", "setl_id": "S1", "mdtrt_id": "M1"}
    more = {"psn_pay": "20.00", "cash_payamt": "5.00", "balc": "7.00", "age": "30", "pool_prop_selfpay": "0.5"}
    shares = {"setldetail": [{"fund_pay_type": "310200", "fund_payamt": "30.00"}]}
    for told, seen, note in (
        ({}, UNCLEAR, "平台查不到原结算"), ({"5203": {"S1": settled()}}, NOT_THERE, ""),
        ({"5203": {"S1": settled(flag="1", **more) | shares}}, THERE, ""),
    ):  # fmt: skip
        found = national.cancellation(OfMoney(asked, told))  # type: ignore[arg-type]
        assert (found.seen, found.by, found.note) == (seen, "5203", note)
    info: Any = found.output["setlinfo"]
    below = {name: -Decimal(info[name]) for name in ("medfee_sumamt", "psn_part_amt", "psn_cash_pay")}
    assert below == {"medfee_sumamt": 50, "psn_part_amt": 20, "psn_cash_pay": 5}
    kept = {name: Decimal(info[name]) for name in ("balc", "age", "pool_prop_selfpay")}
    assert kept == {"balc": 7, "age": 30, "pool_prop_selfpay": Decimal("0.5")}
    assert (info["setl_id"], found.output["setldetail"]) == ("S1", [])
    whole = national.settlement(OfMoney(ON_M1, of(settled(**more) | shares)))  # type: ignore[arg-type]
    info = whole.output["setlinfo"]
    assert (info["psn_part_amt"], info["psn_cash_pay"], info["medfee_sumamt"]) == (20, 5, 50)
    assert [share["fund_payamt"] for share in whole.output["setldetail"]] == [30]


def test_a_registration_is_known_by_the_institutions_own_number() -> None:
    for asked, shown, ours, seen in (
        ({"med_type": "11"}, "11", (), THERE), ({}, OUTPATIENT_TYPES[0], (), THERE), ({}, "99", (), NOT_THERE),
        ({"med_type": "11"}, "11", (uploaded("F1"),), NOT_THERE),
    ):  # fmt: skip
        told = {"5201": {shown: {"mdtrtinfo": [visit("M9", "N9"), visit()]}}}
        found = national.registration(OfMoney(asked | {"ipt_otp_no": "N1"}, told, ours))  # type: ignore[arg-type]
        assert (found.seen, found.by) == (seen, "5201")
        named = {"mdtrt_id": "M1", "psn_no": "P1", "ipt_otp_no": "N1"}
        assert found.output == ({"data": named} if seen is THERE else {})


def asking_for(infno: str, node: str, *serials: str) -> dict[str, Any]:
    given = {node: [{"feedetl_sn": each, "psn_no": "P1", "mdtrt_id": "M1"} for each in serials]}
    read, _ = _reader.read(BASELINE[infno].input, given, ("input",))
    return {"input": read, "mdtrt_id": "M1"}


Look = Callable[[Any], Finding]
FEES: dict[str, tuple[Look, dict[str, Any], list[str], tuple[Any, ...], tuple[Seen, str]]] = {
    "uploaded: all": (
        national.fees, asking_for("2204", "feedetail", "F2", "F1"), ["F1/", "F2/", "F3/"], (), (THERE, ""),
    ),
    "uploaded: none": (national.fees, asking_for("2204", "feedetail", "F1"), ["F3/"], (), (NOT_THERE, "")),
    "uploaded: no rows at all": (national.fees, asking_for("2204", "feedetail", "F1"), [], (), (NOT_THERE, "")),
    "uploaded: some": (
        national.fees, asking_for("2204", "feedetail", "F1", "F2", "F3"), ["F3/", "F1/"], (),
        (UNCLEAR, "3 行中平台只有 2 行"),
    ),
    "a batch: no row left": (hospital.fees_cancelled, IN_B1, [], (uploaded("F1"),), (THERE, "")),
    "a batch: what is left is settled": (hospital.fees_cancelled, IN_B1, ["F1/S1"], (uploaded("F1"),), (THERE, "")),
    "a batch: its row is left": (
        hospital.fees_cancelled, IN_B1, ["F1/", "F2/0"], (uploaded("F1"), uploaded("F2", batch="B2")), (NOT_THERE, ""),
    ),
    "a batch: another's row is left": (
        hospital.fees_cancelled, IN_B1, ["F2/"], (uploaded("F1"), uploaded("F2", batch="B2")), (THERE, ""),
    ),
    "a batch that we know nothing of": (
        hospital.fees_cancelled, IN_B1, ["F2/", "F3/"], (),
        (UNCLEAR, "平台还有 2 行未结算的明细，看不出属于哪个收费批次"),
    ),
    "every batch: a row is left": (
        hospital.fees_cancelled, IN_B1 | {"chrg_bchno": "0000"}, ["F2/"], (), (NOT_THERE, ""),
    ),
    "every batch: none": (hospital.fees_cancelled, IN_B1 | {"chrg_bchno": "0000"}, ["F2/S1"], (), (THERE, "")),
    "rows: gone": (hospital.fees_cancelled, asking_for("2302", "data", "F1", "F2"), ["F3/"], (), (THERE, "")),
    "rows: there": (
        hospital.fees_cancelled, asking_for("2302", "data", "F1", "F2"), ["F1/", "F2/", "F3/"], (), (NOT_THERE, ""),
    ),
    "rows: some": (
        hospital.fees_cancelled, asking_for("2302", "data", "F1", "F2"), ["F2/", "F3/"], (),
        (UNCLEAR, "2 行中平台还有 1 行"),
    ),
    "every row: some": (
        hospital.fees_cancelled, asking_for("2302", "data", "0000"), ["F2/"], (), (NOT_THERE, ""),
    ),
    "every row: none": (hospital.fees_cancelled, asking_for("2302", "data", "0000"), [], (), (THERE, "")),
}  # fmt: skip
"""The look, what was asked for, the rows that the platform has, our uploads → what is seen."""


@pytest.mark.parametrize("case", FEES)
def test_fee_rows(case: str) -> None:
    look, asked, held, ours, (seen, note) = FEES[case]
    at = OfMoney(asked, {"5204": {"M1": rows(*held)}} if held else {}, ours)
    found = look(at)
    assert (found.seen, found.by, found.note) == (seen, "5204", note)
    assert at.questions == [("5204", {"psn_no": "P1", "mdtrt_id": "M1"})]
    if case == "uploaded: all":
        assert [row["feedetl_sn"] for row in found.output["result"]] == ["F2", "F1"], "in the order of the call"


# -- what takes back that which came late ------------------------------------------------------------------------------

NOW = datetime(2026, 11, 22, 8, 0, 0, 123456)


class Sold(OfMoney):
    """A case of goods that were sold."""

    def rows(self, node: str) -> list[Any]:
        held = getattr(self.input, node, None)
        return held if isinstance(held, list) else [] if held is None else [held]


def goods(infno: str, node: str, *packs: dict[str, Any]) -> Sold:
    held = [{"fixmedins_bchno": "B1", "setl_id": "S1", "rxno": "R1", "sel_retn_cnt": "1",
             "sel_retn_time": "2026-11-21 10:00:00", **pack} for pack in packs]  # fmt: skip
    one = len(held) == 1 and node == "selinfo"
    read, _ = _reader.read(BASELINE[infno].input, {node: held[0] if one else held}, ("input",))
    return Sold({"input": read}, {})


CODED = {"drugtracinfo": [{"drug_trac_codg": "C1"}]}


@pytest.mark.parametrize(
    ("infno", "node", "undo"), [("3505", "selinfo", "3506"), ("3505A", "selinfoDetail", "3506A")], ids=["one", "rows"]
)
def test_a_sale_goes_back_as_it_was_brought(infno: str, node: str, undo: str) -> None:
    found = Finding(seen=THERE, by="3513")
    packs = [CODED] if node == "selinfo" else [CODED, CODED | {"fixmedins_bchno": "B2"}]
    back = undoing(goods(infno, node, *packs), found, BASELINE[undo], NOW)  # type: ignore[arg-type]
    assert back is not None
    assert list(back) == [node]
    sent = back[node] if isinstance(back[node], list) else [back[node]]
    assert [row["fixmedins_bchno"] for row in sent] == ["B1", "B2"][: len(packs)]
    for row in sent:
        assert (row["setl_id"], row["sel_retn_cnt"], row["drugtracinfo"]) == ("S1", 1, CODED["drugtracinfo"])
        assert row["sel_retn_time"] == NOW.replace(microsecond=0), "when it goes back, to the second"
        assert "rxno" not in row, "what a return has no field for"
    bare = [CODED, {"drugtracinfo": []}][-len(packs) :]
    assert undoing(goods(infno, node, *bare), found, BASELINE[undo], NOW) is None  # type: ignore[arg-type]
    assert undoing(goods(infno, node, *packs), found, BASELINE["2202"], NOW) is None  # type: ignore[arg-type]
    other = "3506A" if undo == "3506" else "3506"
    assert undoing(goods(infno, node, *packs), found, BASELINE[other], NOW) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("undo", ["2103", "2208", "2305"])
def test_a_settlement_goes_back_by_its_numbers(undo: str) -> None:
    told = {"setl_id": "S1", "mdtrt_id": "M1", "psn_no": "P1", "medfee_sumamt": "50.00"}
    found = Finding(seen=THERE, by="5203", output={"setlinfo": told})
    named = {"data": {name: told[name] for name in ("setl_id", "mdtrt_id", "psn_no")}}
    assert undoing(OfMoney({}, {}), found, BASELINE[undo], NOW) == named  # type: ignore[arg-type]
    less = Finding(seen=THERE, by="5203", output={"setlinfo": told | {"setl_id": ""}})
    assert undoing(OfMoney({}, {}), less, BASELINE[undo], NOW) is None  # type: ignore[arg-type]


def test_what_has_no_time_comes_last() -> None:
    """A platform that does not say when a visit began; the visit of the call itself is asked for alone."""
    untimed = {"mdtrtinfo": [visit("M1", begntime=None), *visits("M2@9", "M3@8")["mdtrtinfo"]]}
    told = {"5201": {"41": untimed}, "5204": {f"M{n}": rows(f"F/S{n}") for n in (1, 2, 3)}}
    told["5203"] = {f"S{n}": settled(f"S{n}") for n in (1, 2)}
    asked = {"med_type": "41", "begntime": SENT}
    found = list(national.settled_of(OfMoney(asked, told)))  # type: ignore[arg-type]
    assert [(mdtrt_id, info.setl_id) for mdtrt_id, info in found] == [("M2", "S2"), ("M1", "S1")]
    at = OfMoney(asked | ON_M1, told)
    assert [mdtrt_id for mdtrt_id, _ in national.settled_of(at)] == ["M1"]  # type: ignore[arg-type]
    assert at.asked_for == "5204:M1 5203:S1"
    at = OfMoney({}, {})
    assert list(national.settled_of(at)) == []  # type: ignore[arg-type]
    assert at.asked_for == " ".join(f"5201:{kind}" for kind in OUTPATIENT_TYPES)
