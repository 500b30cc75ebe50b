"""What a call is known by: keys that are given, built from a bill or made by themselves, and the same bill under
another one. Each field that counts differs once, each that does not is changed once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.calls.bills import Bills, bill_of, rows_in, same_bill
from liangding.calls.keying import Keying, check_key, day_of, derived, named, needs_key, number_of, of_day
from liangding.calls.preparing import digest
from liangding.config import KeySettings, Operator
from liangding.contract.calls import Call
from liangding.errors import BadKey, KeyRequired, SameBill
from liangding.journal import CallRecord, Journal, NewCall, Opened, Outcome, Settlement, State, Vault
from liangding.journal.settling import SettlementState
from liangding.journal.vault import new_secret
from liangding.knowledge.interfaces import BASELINE
from liangding.spec.leaves import LENIENT
from liangding.spec.reading import MessageReader
from liangding.wire.json import encode

INSTITUTION, NOW, HOUR = "H99010000001", 1_800_000_000.0, 3600.0

_numbers = itertools.count(1)


def call_of(infno: str, message: Any, **more: Any) -> Call[Any]:
    """A call of a message, as it is before it has a key."""
    transaction = BASELINE[infno]
    node, _ = MessageReader(LENIENT).read(transaction.input, message, ("input",))
    nothing: Any = None
    return Call(
        transaction=transaction, deployment=nothing, region=nothing, operator=Operator(code="007", name="测试"),
        input=node, content=digest(infno, message), **more,
    )  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(f"sqlite:///{tmp_path / 'journal.db'}", Vault(new_secret()), epoch=lambda: NOW)
    yield made
    made.close()


def done(
    journal: Journal, infno: str, message: Any, key: str | None = None, state: State | None = State.ACCEPTED,
    at: float = NOW, psn_no: str = "P1", institution: str = INSTITUTION, **facts: Any,
) -> CallRecord:  # fmt: skip
    """A call as it stands in the journal; ``state`` None: still open."""
    told = {name: facts.pop(name, None) for name in ("setl_id", "amount", "settlement")}
    does, of = BASELINE.means(infno)
    new = NewCall(
        deployment="test", institution=institution, infno=infno, msgid=f"{INSTITUTION}{next(_numbers):018d}",
        operator="001", changes=True, request=encode({"input": message}), content=digest(infno, message),
         at=at, key=key,
        person=psn_no, does=does.value, of_what=of.value if of else None, **facts,
    )  # fmt: skip
    opened = journal.open_call(new, again=True)
    assert isinstance(opened, Opened)
    if state is not None:
        assert journal.close_call(opened, Outcome(state=state, at=at + 1, **told))
    return journal.call(opened.id)


def keying(journal: Journal, **settings: Any) -> Keying:
    return Keying(settings=KeySettings(**settings), institution=INSTITUTION, journal=journal, interfaces=BASELINE)


# -- keys that are given -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "known", "bad"),
    [
        (None, False, ""), ("R1", False, ""), ("x" * 200, False, ""), ("x" * 201, False, "长过 200"),
        ("", False, "空的"),
        (7, False, "文本"), ("   ", False, "空的"),
        (" " * 300 + "x", False, ""), ("x" * 201, True, "长过 200"), ("单1", False, "ASCII"),
        ("单1", True, ""), ("a\tb", False, "ASCII"), ("a\tb", True, ""), ("~!@:", False, ""),
    ],
)  # fmt: skip
def test_what_can_be_a_key(key: Any, known: bool, bad: str) -> None:
    if not bad:
        return check_key(key, known=lambda _: known)
    with pytest.raises(BadKey, match=bad) as caught:
        check_key(key, known=lambda _: known)
    assert caught.value.path == "key"
    return None


@pytest.mark.parametrize(
    ("infno", "needs"),
    [("2102", True), ("2207A", True), ("2304", True), ("2103", True), ("2208", True), ("2101", False), ("2201", False),
     ("2204", False), ("5203", False), ("2601", False)],
)  # fmt: skip
def test_what_needs_a_key(infno: str, needs: bool) -> None:
    assert needs_key(BASELINE[infno]) is needs


def test_when_a_key_has_still_to_be_made(journal: Journal) -> None:
    once, day = keying(journal), keying(journal, per="day")
    settles, reads = BASELINE["2102"], BASELINE["5203"]
    assert [each.wants(settles, None) for each in (once, day)] == [True, True]
    assert [each.wants(settles, "R1") for each in (once, day)] == [False, True]
    assert [each.wants(reads, "R1") for each in (once, day)] == [False, False]
    assert [each.wants(BASELINE["2201"], "R1") for each in (once, day)] == [False, False]
    with pytest.raises(BadKey):
        once.wants(settles, "单1")
    done(journal, "2102", {}, "单1")
    assert once.wants(settles, "单1") is False


# -- keys that are built -----------------------------------------------------------------------------------------------

USUAL = (("receipt_no",), ("a", "b"))
BILL = {"receipt_no": "R1", "till": "2", "operator": "007", "bill_date": date(2026, 11, 21), "a": "x", "b": "y", "n": 5}


@pytest.mark.parametrize(
    ("derive", "bill", "key"),
    [
        (False, BILL, None), (True, BILL, "R1"), (True, BILL | {"receipt_no": None}, "x:y"),
        (True, BILL | {"receipt_no": ""}, "x:y"), (True, {"a": "x"}, None), (True, {}, None),
        (True, {"a": "x", "b": "y"}, "x:y"),
        (["n"], BILL, "5"), (["n", "a"], BILL, "5:x"), (["a", "n"], BILL, "x:5"), (["n"], BILL | {"n": None}, "R1"),
        (["n", "a"], {"n": 5, "receipt_no": "R1"}, "R1"), (["till", "n"], BILL, "5:2"), (["n", "till"], BILL, "5:2"),
        (["bill_date"], BILL, "R1:2026-11-21"), (["operator", "till"], BILL, "R1:007:2"),
        (["till", "operator"], BILL, "R1:2:007"), (["bill_date", "n"], BILL, "5:2026-11-21"),
        (["n"], {"n": datetime(2026, 11, 21, 9, 5)}, "2026-11-21"), (["n"], {"n": "a:b/c 汉"}, "a%3Ab%2Fc%20%E6%B1%89"),
        (["n"], {"n": Decimal("1.50")}, "1.50"),
    ],
)  # fmt: skip
def test_a_key_is_built_of_the_fields_that_are_named(derive: Any, bill: dict[str, Any], key: str | None) -> None:
    assert derived(KeySettings(derive=derive), USUAL, bill.get, "购药") == key


@pytest.mark.parametrize(
    ("derive", "bill", "said"),
    [
        (["n", "till"], {"n": 5}, "购药的业务号要由 n、till 组成，没有给出 till"),
        (["till", "operator"], {"receipt_no": "R1"},
         "购药的业务号要由 receipt_no、till、operator 组成，没有给出 till、operator"),
        (["bill_date", "till"], {"receipt_no": "R1", "till": "2"},
         "购药的业务号要由 receipt_no、bill_date、till 组成，没有给出 bill_date"),
    ],
)  # fmt: skip
def test_what_has_to_stand_beside_the_number_is_asked_for(derive: Any, bill: dict[str, Any], said: str) -> None:
    with pytest.raises(KeyRequired) as caught:
        derived(KeySettings(derive=derive), USUAL, bill.get, "购药")
    assert caught.value.message == said


def test_a_number_of_a_day() -> None:
    once, day = KeySettings(), KeySettings(per="day")
    assert of_day(once, "R1", None, "购药") == of_day(once, "R1", date(2026, 1, 2), "购药") == "R1"
    assert of_day(day, "R1", date(2026, 1, 2), "购药") == "R1@2026-01-02"
    with pytest.raises(KeyRequired, match="购药要有单据日期") as caught:
        of_day(day, "R1", None, "购药")
    assert (caught.value.path, "bill_date" in caught.value.remedy) == ("bill_date", True)
    kept = ("R1@2026-01-02", "R@1@2026-01-02", "R1", "R1@2026-1-2", "R1@2026-01-021", "@2026-01-02", None)
    assert [number_of(day, key) for key in kept] == [
        "R1", "R@1", "R1", "R1@2026-1-2", "R1@2026-01-021", "", None,
    ]  # fmt: skip
    assert [number_of(once, key) for key in kept] == list(kept)


def test_what_a_message_says_of_its_bill() -> None:
    begun = {"druginfo": {"begntime": "2026-11-21 23:59:59", "invono": "V1"}}
    assert (day_of(call_of("2102", begun)), named(call_of("2102", begun))) == (date(2026, 11, 21), "V1")
    assert (day_of(call_of("2102", {})), named(call_of("2102", {}))) == (None, None)
    assert named(call_of("2207", {"data": {"chrg_bchno": "B1"}})) == "B1"
    assert named(call_of("2207", {"data": {"chrg_bchno": "B1", "invono": "V1"}})) == "V1"


SETTLEMENT = {"data": {"mdtrt_id": "M1", "chrg_bchno": "B1", "invono": "V1"}}
PURCHASE = {"druginfo": {"invono": "V1", "begntime": "2026-11-21 08:00:00"}}


@pytest.mark.parametrize(
    ("infno", "message", "settings", "key"),
    [
        ("2102", PURCHASE, {"derive": True}, "2102:V1"), ("2102A", PURCHASE, {"derive": True}, "2102:V1"),
        ("2207", SETTLEMENT, {"derive": True}, "2207:M1:B1"), ("2207A", SETTLEMENT, {"derive": True}, "2207:M1:B1"),
        ("2103", {"data": {"setl_id": "S1", "mdtrt_id": "M1"}}, {"derive": True}, "2103:S1"),
        ("2208", {"data": {"setl_id": "S1", "mdtrt_id": "M1"}}, {"derive": True}, "2208:S1"),
        ("2207", SETTLEMENT, {"derive": ["invono", "operator"]}, "2207:V1:007"),
        ("2102", PURCHASE, {"derive": ["bill_date"]}, "2102:V1:2026-11-21"),
        ("2102", PURCHASE, {"derive": True, "per": "day"}, "2102:V1@2026-11-21"),
    ],
)  # fmt: skip
def test_a_call_that_moves_money_is_known_by_its_bill(
    journal: Journal, infno: str, message: Any, settings: dict[str, Any], key: str
) -> None:
    assert keying(journal, **settings).of_call(call_of(infno, message), None, None) == key
    kept = keying(journal, **settings).of_call(call_of(infno, message), "R1", date(2026, 1, 2))
    assert kept == ("R1@2026-01-02" if settings.get("per") else "R1"), "given comes first"


def test_a_bills_own_day_comes_before_its_messages(journal: Journal) -> None:
    keys = keying(journal, derive=["bill_date"], per="day")
    assert keys.of_call(call_of("2102", PURCHASE), None, date(2026, 1, 2)) == "2102:V1:2026-01-02@2026-01-02"
    assert keys.of_call(call_of("2102", PURCHASE), None, None) == "2102:V1:2026-11-21@2026-11-21"


def test_a_call_that_moves_money_without_a_key_is_refused(journal: Journal) -> None:
    for settings, infno, message in (
        ({}, "2102", PURCHASE), ({"derive": True}, "2102", {}),
        ({"derive": True}, "2304", {"data": {"mdtrt_id": "M1"}}),
    ):  # fmt: skip
        with pytest.raises(KeyRequired) as caught:
            keying(journal, **settings).of_call(call_of(infno, message), None, None)
        assert (caught.value.path, caught.value.message) == (
            "key", f"{infno} {BASELINE[infno].name}要有业务号",
        )  # fmt: skip


# -- keys that calls get by themselves ---------------------------------------------------------------------------------


def registration(**more: Any) -> dict[str, Any]:
    return {"data": {"psn_no": "P1", "ipt_otp_no": "O1", "begntime": "2026-11-21 09:00:00", "caty": "A03"} | more}


def fees(*serials: str, **more: Any) -> dict[str, Any]:
    return {
        "feedetail": [{"psn_no": "P1", "mdtrt_id": "M1", "feedetl_sn": each, "cnt": "1"} | more for each in serials]
    }


def taking(**more: Any) -> dict[str, Any]:
    return {"data": {"psn_no": "P1", "mdtrt_id": "M1", "chrg_bchno": "B1"} | more}


def staying(**more: Any) -> dict[str, Any]:
    return {"mdtrtinfo": {"psn_no": "P1", "ipt_no": "I1", "begntime": "2026-11-21 09:00:00", "adm_bed": "1"} | more}


ALIKE: list[tuple[str, Any, Any, bool]] = [
    ("2201", registration(), registration(begntime="2026-11-21 10:00:00"), True),
    ("2201", registration(), registration(caty="A04"), True),
    ("2201", registration(), registration(begntime="2026-11-22 09:00:00"), False),
    ("2201", registration(), registration(psn_no="P2"), False),
    ("2201", registration(), registration(ipt_otp_no="O2"), False),
    ("2401", staying(), staying(adm_bed="2"), True), ("2401", staying(), staying(ipt_no="I2"), False),
    ("2401", staying(), staying(begntime="2026-11-21 11:00:00"), True),
    ("2204", fees("F1", "F2"), fees("F2", "F1"), True), ("2204", fees("F1", "F2"), fees("F1", "F2", cnt="2"), True),
    ("2204", fees("F1", "F2"), fees("F1"), False), ("2204", fees("F1"), fees("F1", psn_no="P2"), False),
    ("2204", fees("F1"), fees("F1", mdtrt_id="M2"), False), ("2204", fees("F1"), fees("F2"), False),
    ("2205", taking(), taking(), True), ("2205", taking(), taking(chrg_bchno="B2"), False),
    ("2205", taking(), taking(mdtrt_id="M2"), False), ("2205", taking(), taking(psn_no="P2"), False),
    ("2202", {"data": registration()["data"] | {"mdtrt_id": "M1"}},
     {"data": registration()["data"] | {"mdtrt_id": "M2"}}, False),
]  # fmt: skip


@pytest.mark.parametrize(("infno", "one", "other", "same"), ALIKE)
def test_what_a_call_is_about(journal: Journal, infno: str, one: Any, other: Any, same: bool) -> None:
    keys = keying(journal)
    made = [keys.of_call(call_of(infno, message), None, None) for message in (one, other)]
    assert all(key is not None and key.startswith(f"{infno}:") for key in made)
    assert (made[0] == made[1]) is same
    assert keys.of_call(call_of(infno, one), "R1", None) == "R1", "given comes first"


def test_what_holds_nobody_gets_no_key(journal: Journal) -> None:
    keys = keying(journal)
    assert keys.of_call(call_of("5203", {"data": {"psn_no": "P1"}}), None, None) is None
    assert keys.of_call(call_of("5203", {"data": {"psn_no": "P1"}}), "R1", None) == "R1"
    assert keys.of_call(call_of("2203", {"mdtrtinfo": {"psn_no": "P1"}}), None, None) is None
    assert keys.of_call(call_of("3505", {"selinfo": {"psn_no": "P1"}}), None, None) is None


def test_registered_at_another_hour_of_the_day_its_content_is_the_same(journal: Journal) -> None:
    keys, contents = keying(journal), []
    for message in (
        registration(), registration(begntime="2026-11-21 10:00:00"), registration(caty="A04"), staying(), staying(),
    ):  # fmt: skip
        call = call_of("2201" if "data" in message else "2401", message)
        keys.of_call(call, None, None)
        contents.append(call.content)
    assert (contents[0] == contents[1], contents[0] == contents[2], contents[3] == contents[4]) == (True, False, True)
    uploaded = call_of("2204", fees("F1"))
    before = uploaded.content
    keys.of_call(uploaded, None, None)
    assert uploaded.content == before


REGISTERED = {"mdtrt_id": "M1"}
WITHDRAWN = {"data": {"psn_no": "P1", "mdtrt_id": "M1", "ipt_otp_no": "O1"}}

ENDED: list[tuple[str, Any, str, dict[str, Any], dict[str, Any], bool]] = [
    # what was done, what came after it, whether the first is over
    ("2201", registration(), "2202", WITHDRAWN, {"mdtrt_id": "M1"}, True),
    ("2201", registration(), "2202", WITHDRAWN, {"mdtrt_id": "M2"}, False),
    ("2201", registration(), "2202", WITHDRAWN, {}, True),
    ("2201", registration(), "2202", WITHDRAWN, {"mdtrt_id": "M1", "state": State.REFUSED}, False),
    ("2201", registration(), "2202", WITHDRAWN, {"mdtrt_id": "M1", "psn_no": "P2"}, False),
    ("2201", registration(), "2202", WITHDRAWN, {"mdtrt_id": "M1", "institution": "H99010000002"}, False),
    ("2201", registration(), "2205", taking(), {"mdtrt_id": "M1"}, False),
    ("2201", registration(), "2404", WITHDRAWN, {"mdtrt_id": "M1"}, False),
    ("2201", registration(), "2201", registration(caty="A04"), {"mdtrt_id": "M1"}, True),
    ("2201", registration(), "2201", registration(), {"mdtrt_id": "M1"}, False),
    ("2204", fees("F1"), "2205", taking(), {"mdtrt_id": "M1"}, True),
    ("2204", fees("F1"), "2205", taking(), {"mdtrt_id": "M2"}, False),
    ("2204", fees("F1"), "2204", fees("F2"), {"mdtrt_id": "M1"}, False),
    ("2205", taking(), "2204", fees("F9"), {"mdtrt_id": "M1"}, True),
    ("2205", taking(), "2205", taking(chrg_bchno="B2"), {"mdtrt_id": "M1"}, False),
    ("2401", staying(), "2404", WITHDRAWN, {"mdtrt_id": "M1"}, True),
    ("2401", staying(), "2403", WITHDRAWN, {"mdtrt_id": "M1"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("infno", "message", "later", "said", "how", "over"), ENDED)
def test_a_key_goes_on_to_the_next_when_what_it_stands_for_is_no_more(
    journal: Journal, infno: str, message: Any, later: str, said: Any, how: dict[str, Any], over: bool
) -> None:
    keys = keying(journal)

    def key() -> str:
        made = keys.of_call(call_of(infno, message), None, None)
        assert made is not None
        return made

    first = key()
    done(journal, infno, message, first, mdtrt_id="M1")
    assert key() == first
    done(journal, later, said, **how)
    assert key() == (f"{first}~2" if over else first)
    if over:
        done(journal, infno, message, key(), mdtrt_id="M1")
        done(journal, later, said, **how)
        assert key() == f"{first}~3"


@pytest.mark.parametrize("state", [State.REFUSED, State.UNKNOWN, State.NOT_SENT, None])
def test_what_was_not_accepted_keeps_its_key(journal: Journal, state: State | None) -> None:
    keys = keying(journal)
    first = keys.of_call(call_of("2201", registration()), None, None)
    done(journal, "2201", registration(), first, state, mdtrt_id="M1")
    done(journal, "2202", WITHDRAWN, mdtrt_id="M1")
    assert keys.of_call(call_of("2201", registration()), None, None) == first


@pytest.mark.parametrize("state", [each for each in State if each not in (State.ABSENT, State.REVERSED)])
@pytest.mark.parametrize("same", [True, False])
def test_what_a_key_holds(journal: Journal, state: State, same: bool) -> None:
    keys, message = keying(journal), {"druginfo": {"psn_no": "P1", "mdtrt_cert_no": "C1"}}
    held = done(journal, "2102", message, "K1", None if state is State.OPEN else state)
    shown_anew = {"druginfo": {"psn_no": "P1", "mdtrt_cert_no": "C2"}}
    found = keys.before(BASELINE["2102"], shown_anew if same else {"druginfo": {"psn_no": "P2"}}, "K1")
    assert found.held is not None
    assert (found.held.id, bool(found.content)) == (held.id, same)
    assert found.answers is (same and state is State.ACCEPTED)
    assert found.may_be_made is (state in (State.REFUSED, State.NOT_SENT, State.FAILED))


def test_a_key_that_holds_nothing(journal: Journal) -> None:
    keys = keying(journal)
    done(journal, "2102", {}, "K1")
    nothing = [
        keys.before(BASELINE["2102"], {}, key) for key in ("K2", None, "")
    ] + [keys.before(BASELINE["5203"], {}, "K1")]  # fmt: skip
    assert [(each.held, each.content, each.answers, each.may_be_made) for each in nothing] == [
        (None, "", False, True)
    ] * 4
    other = attrs.evolve(keys, institution="H99010000002")
    assert other.before(BASELINE["2102"], {}, "K1").held is None


# -- the same bill under another key -----------------------------------------------------------------------------------


def rows(*each: tuple[str, str, str], **more: str) -> list[dict[str, Any]]:
    return [
        {"feedetl_sn": f"{next(_numbers)}", "psn_no": "P1", "mdtrt_id": "M1", "med_list_codg": code, "cnt": count,
         "pric": price, **more}
        for code, count, price in each
    ]  # fmt: skip


TWO = (("XA01", "1", "10.00"), ("XA02", "2", "5"))
BOUGHT = {"druginfo": {"psn_no": "P1"}, "drugdetail": rows(*TWO)}


def bills(journal: Journal) -> Bills:
    return Bills(journal, BASELINE, INSTITUTION)


def test_rows_are_counted_by_what_they_charge() -> None:
    assert rows_in(BOUGHT) == bill_of([("XA02", Decimal("2.0"), Decimal("5.00")), ("XA01", Decimal(1), Decimal(10))])
    assert rows_in(rows(*TWO)) == rows_in(BOUGHT)
    assert rows_in(call_of("2102", BOUGHT).input) == rows_in(BOUGHT)
    twice = rows_in({"drugdetail": rows(TWO[0], TWO[0])})
    assert (twice == rows_in({"drugdetail": rows(TWO[0])}), sum(twice.values())) == (False, 2)
    assert not rows_in({"drugdetail": [{"med_list_codg": "XA01", "cnt": "1"}]})
    for other in (("XA01", "1", "10.01"), ("XA01", "2", "10.00"), ("XA09", "1", "10.00")):
        assert rows_in(rows(other)) != rows_in(rows(TWO[0]))


SOLD: dict[str, Any] = {"setl_id": "S1", "mdtrt_id": "M1", "amount": "20.00"}


def test_the_latest_settlement_of_the_same_rows_is_found(journal: Journal) -> None:
    first = done(journal, "2102", BOUGHT, "K1", **SOLD)
    found = bills(journal)
    assert found.same("P1", rows_in(BOUGHT), NOW) == first
    assert found.same("P1", rows_in(BOUGHT), NOW + 0.001) is None
    assert found.same("P2", rows_in(BOUGHT), NOW) is None
    assert found.same("P1", rows_in(rows(TWO[0])), NOW) is None
    assert found.same("P1", rows_in([]), NOW) is None
    assert Bills(journal, BASELINE, "H99010000002").same("P1", rows_in(BOUGHT), NOW) is None
    second = done(journal, "2102", BOUGHT, "K2", flow="f" * 32, **SOLD | {"setl_id": "S2"})
    assert found.same("P1", rows_in(BOUGHT), NOW) == second
    assert found.same("P1", rows_in(BOUGHT), NOW, but=("f" * 32,)) == first
    assert found.same("P1", rows_in(BOUGHT), NOW, but=("f" * 32, None)) is None
    done(journal, "2103", {"data": {"setl_id": "S2"}})
    assert found.same("P1", rows_in(BOUGHT), NOW) == first
    done(journal, "2103", {"data": {"setl_id": "S1"}}, state=State.REFUSED)
    assert found.same("P1", rows_in(BOUGHT), NOW) == first


@pytest.mark.parametrize("state", [State.REFUSED, State.UNKNOWN, State.NOT_SENT, None])
def test_what_was_not_settled_is_no_bill(journal: Journal, state: State | None) -> None:
    done(journal, "2102", BOUGHT, "K1", state, mdtrt_id="M1")
    assert bills(journal).same("P1", rows_in(BOUGHT), NOW) is None


def test_what_only_asks_for_amounts_is_no_bill(journal: Journal) -> None:
    done(journal, "2101", BOUGHT, **SOLD)
    assert bills(journal).same("P1", rows_in(BOUGHT), NOW) is None


def test_what_was_taken_back_elsewhere_is_no_bill(journal: Journal) -> None:
    done(journal, "2102", BOUGHT, "K1", **SOLD, settlement=Settlement(psn_no="P1", setl_id="S1", mdtrt_id="M1"))
    assert bills(journal).same("P1", rows_in(BOUGHT), NOW) is not None
    journal.settlements.mark(INSTITUTION, "S1", SettlementState.REFUNDED_ELSEWHERE)
    assert bills(journal).same("P1", rows_in(BOUGHT), NOW) is None


VISIT = {"data": {"psn_no": "P1", "mdtrt_id": "M1", "chrg_bchno": "B1"}}


def test_a_visits_bill_charges_the_rows_of_its_batch(journal: Journal) -> None:
    done(journal, "2204", {"feedetail": rows(TWO[0], chrg_bchno="B1")}, mdtrt_id="M1")
    done(journal, "2204", {"feedetail": rows(TWO[1], chrg_bchno="B1")}, mdtrt_id="M1")
    done(journal, "2204", {"feedetail": rows(TWO[1], chrg_bchno="B2")}, mdtrt_id="M1")
    done(journal, "2204", {"feedetail": rows(TWO[1], chrg_bchno="B1")}, mdtrt_id="M2")
    done(journal, "2204", {"feedetail": rows(TWO[1], chrg_bchno="B1")}, mdtrt_id="M1", state=State.REFUSED)
    done(journal, "2203", {"feedetail": rows(TWO[1], chrg_bchno="B1")}, mdtrt_id="M1")
    settled = done(journal, "2207", VISIT, "K1", **SOLD)
    done(journal, "2204", {"feedetail": rows(TWO[1], chrg_bchno="B1")}, mdtrt_id="M1")
    found = bills(journal)
    assert found.same("P1", rows_in(rows(*TWO)), NOW) == settled, "what came after it is not in it"
    assert found.same("P1", rows_in(rows(TWO[0], TWO[1], TWO[1])), NOW) is None
    assert found.rows_of(call_of("2207", VISIT).input, "P1") == rows_in(rows(TWO[0], TWO[1], TWO[1]))
    other = {"data": VISIT["data"] | {"chrg_bchno": "B2"}}
    assert found.rows_of(call_of("2207", other).input, "P1") == rows_in(rows(TWO[1]))
    stay = {"data": {"psn_no": "P1", "mdtrt_id": "M1"}}
    assert found.rows_of(call_of("2304", stay).input, "P1") == rows_in(rows(TWO[0], TWO[1], TWO[1], TWO[1]))
    assert found.rows_of(call_of("2207", VISIT).input, "P2") == rows_in([])
    assert found.rows_of(call_of("2207", {"data": {"psn_no": "P1"}}).input, "P1") == rows_in([])
    assert found.rows_of(call_of("2102", BOUGHT | {"druginfo": {"psn_no": "P1"}}).input, "P1") == rows_in(rows(*TWO))


REFUSES: list[tuple[dict[str, Any], dict[str, Any], str, float, bool]] = [
    ({}, {}, "2102", 0, True), ({}, {"meant": True}, "2102", 0, False), ({"same_bill": "allow"}, {}, "2102", 0, False),
    ({"same_bill": "refuse"}, {}, "2102", 0, True), ({"same_bill": "refuse"}, {"meant": True}, "2102", 0, True),
    ({}, {}, "2101", 0, False), ({}, {}, "2102", 12 * HOUR, True), ({}, {}, "2102", 12 * HOUR + 1, False),
    ({"same_bill_hours": 1.0}, {}, "2102", HOUR, True), ({"same_bill_hours": 1.0}, {}, "2102", HOUR + 1, False),
    ({}, {"flow": "f" * 32}, "2102", 0, False), ({}, {"flow": "a" * 32}, "2102", 0, True),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "call", "infno", "later", "refused"), REFUSES)
def test_when_the_same_bill_is_refused(
    journal: Journal, settings: dict[str, Any], call: dict[str, Any], infno: str, later: float, refused: bool
) -> None:
    done(journal, "2102", BOUGHT, "K1", flow="f" * 32, **SOLD)
    asked = call_of(infno, BOUGHT, **call)
    if not refused:
        return bills(journal).refuse(asked, KeySettings(**settings), NOW + later)
    with pytest.raises(SameBill) as caught:
        bills(journal).refuse(asked, KeySettings(**settings), NOW + later)
    meant = settings.get("same_bill") != "refuse"
    assert (caught.value.may_be_meant, "same_bill_hours" in caught.value.remedy) == (meant, not meant)
    return None


def test_a_bill_of_nobody_is_not_compared(journal: Journal) -> None:
    done(journal, "2102", BOUGHT, "K1", **SOLD)
    bills(journal).refuse(call_of("2102", {"drugdetail": BOUGHT["drugdetail"]}), KeySettings(), NOW)


def test_what_is_said_of_the_earlier_one(journal: Journal) -> None:
    single = same_bill(done(journal, "2102", BOUGHT, "K1", **SOLD))
    at = f"{single.facts[0][1]}"
    assert single.message == f"同一参保人 {at[5:16]} 已按同样的明细结算（业务号 K1，20.00 元，结算编号 S1）"
    assert single.facts == (("已结算时间", at), ("医疗费总额", "20.00"), ("结算编号", "S1"))
    of_flow = same_bill(done(journal, "2102", BOUGHT, "K2", flow="f" * 32, setl_id="S2", mdtrt_id="M1"))
    assert of_flow.message == f"同一参保人 {at[5:16]} 已按同样的明细结算（结算编号 S2）"
    assert of_flow.facts[1:] == (("医疗费总额", ""), ("结算编号", "S2"))
    unnamed = same_bill(done(journal, "2102", BOUGHT, None, mdtrt_id="M1", amount="3.00"), refused=True)
    assert unnamed.message.endswith("（3.00 元，结算编号 None）")
    assert unnamed.facts[2] == ("结算编号", "")
