"""What the platform tells of a hospital's call, and what is made of it: there, not there, or not to be told. Each look
in all directions, by tables of what the queries answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from liangding.contract.cases import Finding, Seen
from liangding.knowledge.interfaces import BASELINE
from liangding.resolution import hospital, lists, national, online
from liangding.spec.leaves import LENIENT, STRICT
from liangding.spec.reading import MessageReader

SENT = datetime(2026, 11, 21, 10, 0)
NONE = object()
"""The platform says that there is nothing."""

_strict = MessageReader(STRICT)
_reader = MessageReader(LENIENT)


class Told:
    """A case of which the platform tells what is given, by the number of the query."""

    def __init__(
        self, asked: dict[str, Any], told: dict[str, Any], ours: tuple[str, ...] = (), before: Any = None
    ) -> None:
        self.told, self.ours, self.asked, self.before = told, ours, asked, before
        self.input = asked.get("input")
        self.sent_at, self.psn_no, self.institution = SENT, "P1", "H1"
        self.questions: list[tuple[str, dict[str, Any]]] = []

    def field(self, name: str) -> Any:
        return self.asked.get(name)

    def rows(self, node: str) -> list[Any]:
        return list(getattr(self.input, node))

    def under(self, name: str, values: Any, default: str = "data") -> dict[str, Any]:
        return {default: values}

    def accepted_of(self, mdtrt_id: str) -> list[Any]:
        return [object()] if mdtrt_id in self.ours else []

    def of_flow(self) -> list[Any]:
        """The one call that the same piece of business made before: what it said."""
        return [SimpleNamespace(infno="6201", said=self.before)] if self.before else []

    def data_of(self, call: Any, _: str) -> Any:
        return call.said

    def means(self, infno: str) -> Any:
        return None, None

    def day(self, moment: Any = None) -> tuple[str, str]:
        at = moment or SENT
        return f"{min(at, SENT):%Y-%m-%d} 00:00:00", f"{max(at, SENT) + timedelta(days=1):%Y-%m-%d} 23:59:59"

    def ask(self, infno: str, message: dict[str, Any]) -> Any:
        self.questions.append((infno, message["data"]))
        _, wrong = _strict.read(BASELINE[infno].input, message, ("input",))
        assert (infno, wrong) == (infno, []), "a platform would refuse the question"
        told = self.told.get(infno, NONE)
        if told is NONE:
            return None
        read, _ = _reader.read(BASELINE[infno].output, told, ("output",))
        return read


def visit(mdtrt_id: str = "M1", number: str = "N1", **more: Any) -> dict[str, Any]:
    return {"mdtrt_id": mdtrt_id, "psn_no": "P1", "ipt_otp_no": number, "begntime": "2026-11-20 09:00:00", **more}


def visits(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"5201": {"mdtrtinfo": list(rows)}}


def stays(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"5303": {"data": list(rows)}}


def diagnoses(*codes: str) -> dict[str, Any]:
    return {"5202": {"diseinfo": [{"diag_code": code} for code in codes]}}


def change(*codes: str, **wanted: Any) -> dict[str, Any]:
    facts = dict.fromkeys(hospital.STAY_FACTS) | {"mdtrt_id": "M1", "med_type": "21", "begntime": SENT} | wanted
    rows = [SimpleNamespace(diag_code=code) for code in codes]
    return {"input": SimpleNamespace(adminfo=SimpleNamespace(**facts), diseinfo=rows)}


THERE, NOT_THERE, UNCLEAR = Seen.THERE, Seen.NOT_THERE, Seen.UNCLEAR
ADMITTING = {"ipt_no": "N1", "med_type": "21", "begntime": SENT}
OF_M1 = {"mdtrt_id": "M1"}

Case = tuple[Callable[[Any], Finding], dict[str, Any], dict[str, Any], Seen]

CASES: dict[str, Case] = {
    "a registration: nothing is known": (hospital.registration_cancelled, OF_M1, {}, THERE),
    "a registration: it has a diagnosis": (hospital.registration_cancelled, OF_M1, diagnoses("I10"), NOT_THERE),
    "a registration: none, but a visit": (
        hospital.registration_cancelled, OF_M1, diagnoses() | visits(visit()), NOT_THERE,
    ),
    "a registration: none, another visit": (
        hospital.registration_cancelled, OF_M1, diagnoses() | visits(visit("M2")), UNCLEAR,
    ),
    "an admission: a stay has its number": (hospital.admission, ADMITTING, stays(visit()), THERE),
    "an admission: a visit has its number": (hospital.admission, ADMITTING, visits(visit()), THERE),
    "an admission: another's number": (hospital.admission, ADMITTING, stays(visit(number="N2")), NOT_THERE),
    "an admission: nothing": (hospital.admission, ADMITTING, {}, NOT_THERE),
    "a discharge: still in hospital": (hospital.discharge, OF_M1, stays(visit()), NOT_THERE),
    "a discharge: out": (hospital.discharge, OF_M1, visits(visit(inhosp_stas="0")), THERE),
    "a discharge: in, by the other query": (hospital.discharge, OF_M1, visits(visit(inhosp_stas="1")), UNCLEAR),
    "a discharge: another is out": (hospital.discharge, OF_M1, visits(visit("M2", inhosp_stas="0")), UNCLEAR),
    "a discharge: nothing": (hospital.discharge, OF_M1, {}, UNCLEAR),
    "an admission taken back: listed": (hospital.admission_cancelled, OF_M1, stays(visit()), NOT_THERE),
    "an admission taken back: not listed": (hospital.admission_cancelled, OF_M1, stays(visit("M2")), THERE),
    "a discharge taken back: listed": (hospital.discharge_cancelled, OF_M1, stays(visit()), THERE),
    "a discharge taken back: not listed": (hospital.discharge_cancelled, OF_M1, stays(visit("M2")), NOT_THERE),
    "a change: no such stay": (hospital.change, change(adm_bed="7"), visits(visit("M2", adm_bed="7")), UNCLEAR),
    "a change: nothing to compare": (hospital.change, change(adm_bed="7"), visits(visit()), UNCLEAR),
    "a change: as wanted": (hospital.change, change(adm_bed="7"), visits(visit(adm_bed="7")), THERE),
    "a change: not as wanted": (hospital.change, change(adm_bed="7"), visits(visit(adm_bed="8")), NOT_THERE),
    "a change: one of two as wanted": (
        hospital.change, change(adm_bed="7", atddr_no="D2"), visits(visit(adm_bed="7", atddr_no="D1")), NOT_THERE,
    ),
    "a change: its diagnoses": (
        hospital.change, change("I10", "J06"), visits(visit()) | diagnoses("J06", "I10"), THERE,
    ),
    "a change: other diagnoses": (hospital.change, change("I10"), visits(visit()) | diagnoses("J06"), NOT_THERE),
    "a change: as wanted, other diagnoses": (
        hospital.change, change("I10", adm_bed="7"), visits(visit(adm_bed="7")) | diagnoses("J06"), NOT_THERE,
    ),
    "a change: as wanted, diagnoses not told": (
        hospital.change, change("I10", adm_bed="7"), visits(visit(adm_bed="7")) | diagnoses(), THERE,
    ),
}  # fmt: skip
"""What is looked for and what the platform tells → the look, what was asked, what is told, what is seen."""


@pytest.mark.parametrize("case", CASES)
def test_a_look_says_what_the_platform_tells_and_no_more(case: str) -> None:
    look, asked, told, seen = CASES[case]
    assert look(Told(asked, told)).seen is seen


def test_open_stays_are_asked_for_from_the_longest_stay_to_the_day_after() -> None:
    case: Any = Told(ADMITTING, stays(visit()))
    hospital.admission(case)
    first, last = SENT - timedelta(days=5 * 366), SENT + timedelta(days=1)
    between = {"begntime": f"{first:%Y-%m-%d} 00:00:00", "endtime": f"{last:%Y-%m-%d} 23:59:59"}
    assert case.questions[0] == ("5303", {"psn_no": "P1", **between})


def test_every_fact_of_a_stay_counts() -> None:
    """What 2403 changes and 5201 tells, as the two are printed."""
    facts = (
        "adm_bed", "atddr_no", "chfpdr_name", "adm_dept_codg", "adm_dept_name", "dscg_maindiag_code", "main_cond_dscr",
        "medrcdno", "dise_codg", "oprn_oprt_code", "matn_type", "fpsc_no",
    )  # fmt: skip
    for name in facts:
        for told, seen in (("7", THERE), ("8", NOT_THERE)):
            case: Any = Told(change(**{name: "7"}), visits(visit(**{name: told})))
            assert (name, hospital.change(case).seen) == (name, seen)


@pytest.mark.parametrize(
    ("states", "seen"),
    [("11", THERE), ("00", NOT_THERE), ("10", UNCLEAR), ("1-", UNCLEAR), ("--", NOT_THERE)],
)
def test_lists_are_there_where_each_has_its_state(states: str, seen: Seen) -> None:
    """4102 of two lists to state 1; 4103 shows each (-: it knows none)."""
    told = dict(enumerate(states))
    rows = [SimpleNamespace(psn_no="P1", setl_id=number, stas_type="1") for number in told]

    def ask(infno: str, message: Any) -> Any:
        state = told[message["data"]["setl_id"]]
        return None if state == "-" else SimpleNamespace(setlinfo=SimpleNamespace(stas_type=state))

    case: Any = SimpleNamespace(input=SimpleNamespace(data=SimpleNamespace(stastinfo=rows)), ask=ask)
    assert lists.state(case).seen is seen


def test_a_stay_that_is_another_call_s_is_not_this_one() -> None:
    assert hospital.admission(Told(ADMITTING, stays(visit()), ours=("M1",))).seen is NOT_THERE  # type: ignore[arg-type]


TRANSFER = {
    "begndate": date(2026, 11, 18), "refl_date": date(2026, 11, 19), "reflin_medins_no": "H2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"refl_date": "2026-11-19", "reflin_medins_no": "H2"}, THERE),
        ({"refl_date": "2026-11-19", "reflin_medins_no": None}, THERE),
        ({"refl_date": "2026-11-19", "reflin_medins_no": "H3"}, NOT_THERE),
        ({"refl_date": "2026-11-18", "reflin_medins_no": "H2"}, NOT_THERE),
        (None, NOT_THERE),
    ],
    ids=["it", "no hospital told", "another hospital", "another day", "nothing"],
)
def test_a_transfer_is_known_by_its_day_and_hospital_and_looked_for_from_its_first_day(
    row: dict[str, Any] | None, seen: Seen
) -> None:
    asked = {"input": SimpleNamespace(refmedin=SimpleNamespace(**TRANSFER))}
    case: Any = Told(asked, {} if row is None else {"5304": {"refmedin": [row]}})
    assert hospital.transfer(case).seen is seen
    assert case.questions == [
        ("5304", {"psn_no": "P1", "begntime": "2026-11-18 00:00:00", "endtime": "2026-11-22 23:59:59"})
    ]


@pytest.mark.parametrize(
    ("look", "query", "node", "asked"),
    [
        (hospital.chronic_disease, "5301", "feedetail", {"opsp_dise_code": "M1", "begndate": date(2026, 1, 10)}),
        (hospital.designation, "5302", "psnfixmedin", {"fixmedins_code": "H1", "begndate": date(2026, 1, 10)}),
    ],
    ids=["chronic disease", "designation"],
)
def test_a_filing_that_is_not_shown_may_still_be_examined(look: Any, query: str, node: str, asked: Any) -> None:
    given = {"input": SimpleNamespace(data=SimpleNamespace(biz_appy_type="3", **asked))}
    it = {name: str(value) for name, value in asked.items()}
    for row, seen in ((it, THERE), (it | {"begndate": "2026-01-11"}, UNCLEAR), (dict.fromkeys(it, "X"), UNCLEAR)):
        assert look(Told(given, {query: {node: [row]}})).seen is seen
    assert look(Told(given, {})).seen is UNCLEAR


ORDER = {
    "payOrdId": "ORD-1", "payToken": "T1", "orgCodg": "H1", "idNo": "1", "userName": "测试", "idType": "01",
}  # fmt: skip
ROW = SimpleNamespace(
    mdtrt_sn="S1", drugtracinfo=[SimpleNamespace(drug_trac_codg="C1"), SimpleNamespace(drug_trac_codg="C2")]
)
PRESCRIPTION = {"hiRxno": "RX-1", "fixmedinsCode": "H1", "mdtrtId": "M1", "psnCertType": "01", "certno": "1"}

FOUND: dict[str, tuple[Callable[[Any], Finding], Any, dict[str, Any], dict[str, Any], tuple[Seen, str, str]]] = {
    "half of a sale's codes": (
        national.sale, {"input": SimpleNamespace(selinfo=[ROW], selinfoDetail=[])}, {},
        {"3513": {"output": [{"drugTracCodg": "C1"}]}}, (UNCLEAR, "3513", "2 个追溯码中平台有 1 个"),
    ),
    "own money, some of it back": (
        online.taken_back, {"payOrdId": "ORD-1", "refdType": "CASH"}, ORDER, {"6301": {"data": {"ordStas": "10"}}},
        (UNCLEAR, "6301", "自费部分退过一些，从状态看不出是不是这一笔"),
    ),
    "own money, all of it back": (
        online.taken_back, {"payOrdId": "ORD-1", "refdType": "CASH"}, ORDER, {"6301": {"data": {"ordStas": "7"}}},
        (THERE, "6301", "订单已退款"),
    ),
    "a prescription whose patient was named as one": (
        online.prescription, {"hiRxno": "RX-1"}, PRESCRIPTION | {"patnName": "测试"},
        {"7105": {"data": {"rxStasCodg": "1"}}}, (THERE, "7105", ""),
    ),
}  # fmt: skip
"""The look, what was asked, what the business had said before, what is told → what the history holds of it."""


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found_says_by_which_query_and_what_is_open(case: str) -> None:
    look, asked, before, told, found = FOUND[case]
    finding = look(Told(asked, told, before=before))
    assert (finding.seen, finding.by, finding.note) == found
