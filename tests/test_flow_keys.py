"""Whether what is asked for again under a flow's key is the same piece of business: content, day, person."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from liangding.clock import CHINA
from liangding.config import KeySettings
from liangding.identity import Credential
from liangding.journal import KeyConflict
from liangding.workflow.keys import FlowKeys, told
from liangding.workflow.standing import Status

BEGUN = datetime(2026, 11, 21, 20, 0, tzinfo=CHINA)
DAY, NEXT = date(2026, 11, 21), date(2026, 11, 22)

CARD = Credential(type="02", number="11010519491231002X")
CODE, FRESH = Credential(type="01", number="token"), Credential(type="01", number="fresh")

FLOW: Any = SimpleNamespace(title="药店购药")


@attrs.define(kw_only=True)
class Given:
    """What a flow was given, which may name its day."""

    credential: Credential | None = CARD
    bill_date: date | None = None


@attrs.define(kw_only=True)
class Dayless:
    """One that has no day of its own."""

    credential: Credential | None = CARD


def keys(now: datetime = BEGUN, **settings: Any) -> FlowKeys:
    runtime: Any = SimpleNamespace(
        clock=SimpleNamespace(epoch=now.timestamp), deployment=SimpleNamespace(keys=KeySettings(**settings)),
        journal=SimpleNamespace(flows=SimpleNamespace(is_of=lambda row, content: row == {"content": content})),
    )  # fmt: skip
    return FlowKeys(runtime=runtime)


def person(credential: Credential = CARD) -> Any:
    return SimpleNamespace(psn_no="P1", certno=CARD.number, credential=credential)


def record(status: Status = Status.DONE, given: Any = None, **state: Any) -> Any:
    known = {"given": given or Given(), "person": person(), "settlement": None} | state
    return SimpleNamespace(
        key="R1", content="c", status=status, created_at=BEGUN.timestamp(), operator="001",
        state=SimpleNamespace(**known),
    )  # fmt: skip


# -- how a flow is told of ---------------------------------------------------------------------------------------------

STANDS = {
    Status.RUNNING: "办理中", Status.QUESTION: "等待回答", Status.STOPPED: "已停下", Status.UNKNOWN: "结果不明",
    Status.DONE: "已办成", Status.ABANDONED: "已放弃", Status.UNDONE: "已撤销",
}  # fmt: skip


@pytest.mark.parametrize("status", Status)
def test_an_operator_hears_when_it_was_begun_how_it_stands_and_what_it_settled(status: Status) -> None:
    assert told(record(status), FLOW) == f"11-21 20:00 的药店购药（{STANDS[status]}）"
    settled = SimpleNamespace(split=SimpleNamespace(total=12), setl_id="S1")
    assert told(record(status, settlement=settled), FLOW) == (
        f"11-21 20:00 的药店购药（{STANDS[status]}，12.00 元，结算编号 S1）"
    )


# -- another content, another day --------------------------------------------------------------------------------------


def refusal(now: datetime, held: Any, fresh: Any, content: str = "c", *, anew: bool = False) -> str:
    """What is said of a key that is used again; empty where it is the same piece of business."""
    try:
        keys(now).hold(held, FLOW, fresh, content, anew=anew)
    except KeyConflict as conflict:
        message, remedy = conflict.message, conflict.remedy
    else:
        return ""
    said, _, which = message.partition("：")
    assert which == told(held, FLOW)
    assert ("by-key" in remedy) is ("另一天" in said)
    return said


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=CHINA)


ANOTHER_DAY = "业务号 R1 已用于另一天的药店购药"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(21, 23, 59, 59), ""), (at(22, 0), ""), (at(22, 2), ""), (at(22, 2, 0, 1), ANOTHER_DAY),
        (at(22, 20), ANOTHER_DAY), (at(28, 20), ANOTHER_DAY),
    ],
)  # fmt: skip
def test_some_hours_after_midnight_a_bill_without_a_day_is_another_days(now: datetime, said: str) -> None:
    assert refusal(now, record(), Given()) == said
    assert refusal(now, record(Status.UNDONE), Given()) == said
    for status in (Status.RUNNING, Status.QUESTION, Status.STOPPED, Status.UNKNOWN):
        assert refusal(now, record(status), Given()) == "", "what is not over goes on"
    assert refusal(now, record(), Given(bill_date=DAY)) == "", "its content says which day is meant"
    assert refusal(now, record(), Dayless()) == ""


def test_other_content_is_another_piece_of_business() -> None:
    for anew in (False, True):
        assert refusal(BEGUN, record(), Given(), "other", anew=anew) == "业务号 R1 已用于另一内容的药店购药"


@pytest.mark.parametrize(
    ("fresh", "before", "now", "same"),
    [
        (None, None, BEGUN, True), (DAY, DAY, BEGUN, True), (NEXT, DAY, BEGUN, False), (None, DAY, BEGUN, False),
        (DAY, None, BEGUN, False), (None, None, at(22, 3), False), (None, None, at(22, 1), True),
        (DAY, DAY, at(22, 3), False),
    ],
)  # fmt: skip
def test_what_sent_nothing_may_be_mended_on_its_day(
    fresh: date | None, before: date | None, now: datetime, same: bool
) -> None:
    held = record(Status.STOPPED, Given(bill_date=before))
    assert keys(now).may_be_mended(held, Given(bill_date=fresh)) is same


# -- another person ----------------------------------------------------------------------------------------------------

LOWER: Any = SimpleNamespace(type="02", number=CARD.number.lower())
"""A number as an old flow kept it."""
OTHER = Credential(type="02", number="110105194912310021")
ALIKE = Credential(type="99", number=CARD.number)

SHOWN: list[tuple[Credential | None, Credential | None, Any, bool]] = [
    # shown now, given before, the flow's person; whether 1101 is asked who it is
    (None, CARD, person(), False), (FRESH, CODE, None, False), (FRESH, None, person(CODE), False),
    (CARD, CARD, person(), False), (CODE, CARD, person(CODE), False), (CARD, CODE, person(CODE), False),
    (LOWER, CODE, person(CODE), False), (FRESH, CODE, person(CODE), True), (OTHER, CARD, person(), True),
    (ALIKE, CARD, person(), True), (Credential(type="01", number=CARD.number), CARD, person(), True),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "before", "of", "asks"), SHOWN)
@pytest.mark.parametrize("found", ["P1", "P2"])
def test_who_shows_something_is_the_flows_person_or_1101_says_who_it_is(
    shown: Credential | None,
    before: Credential | None,
    of: Any,
    asks: bool,
    found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def identify(runtime: Any, credential: Credential, *, operator: str) -> Any:
        asked.append((credential, operator))
        return SimpleNamespace(psn_no=found)

    monkeypatch.setattr("liangding.workflow.keys.identify", identify)
    held, fresh, same = record(given=Given(credential=before), person=of), Given(credential=shown), found == "P1"
    assert keys().is_same_person(held, fresh) is (same if asks else True)
    assert asked == ([(shown, "001")] if asks else [])
    other = "" if same or not asks else "业务号 R1 已用于另一人的药店购药"
    assert refusal(BEGUN, held, fresh) == other
    assert refusal(BEGUN, held, fresh, anew=True) == "", "it begins again, for whoever it is"
    assert keys().may_be_mended(held, fresh) is (same if asks else True)


# -- the key itself ----------------------------------------------------------------------------------------------------


def test_a_number_of_a_day_is_a_bills_that_may_name_its_day() -> None:
    bill: Any = SimpleNamespace(title="药店购药", given=Given, keyed_by=())
    dayless: Any = SimpleNamespace(title="药店退药", given=Dayless, keyed_by=())
    day = keys(per="day")
    assert day.of(bill, Given(bill_date=DAY), "R1", "001", charges=True) == "R1@2026-11-21"
    assert day.of(dayless, Dayless(), "R1", "001", charges=True) == "R1"
    assert keys().of(bill, Given(bill_date=DAY), "R1", "001", charges=True) == "R1"
    assert day.of(bill, Given(), None, "001", charges=False) is None
