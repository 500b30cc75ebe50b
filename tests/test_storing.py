"""Flow states as JSON and back: what a caller gives is read strictly, what a version stored is read whatever version
reads it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs
import pytest

from liangding.errors import InvalidMessage
from liangding.wire.json import decode, encode
from liangding.workflow.storing import NotRecalled, beyond, formerly, recalled, restore, stored


class Way(StrEnum):
    """How far."""

    HALF = "half"
    WHOLE = "whole"


@attrs.frozen(kw_only=True)
class Row:
    """One row."""

    serial: str
    count: Decimal = Decimal(1)

    def __attrs_post_init__(self) -> None:
        if self.count <= 0:
            raise ValueError("count 应大于 0")


@attrs.define(kw_only=True)
class Held:
    """Something of every kind."""

    name: str
    number: int = 3
    sure: bool = False
    amount: Decimal = Decimal("1.50")
    day: date | None = None
    at: datetime | None = None
    way: Way = Way.HALF
    rows: list[Row] = attrs.field(factory=list)
    body: bytes = b""
    note: str | None = attrs.field(default=None, metadata=formerly("remark", "memo"))
    twice: int = attrs.field(default=attrs.Factory(lambda self: self.number * 2, takes_self=True))
    pairs: tuple[tuple[str, str], ...] = ()


WHOLE: dict[str, Any] = {
    "name": "甲", "number": 5, "sure": True, "amount": "2.30", "day": "2026-01-02", "at": "2026-01-02 03:04:05",
    "way": "whole", "rows": [{"serial": "F1", "count": "2"}], "body": "AAEC", "note": "备注", "twice": 7,
    "pairs": [["a", "b"]],
}  # fmt: skip
READ = Held(
    name="甲", number=5, sure=True, amount=Decimal("2.30"), day=date(2026, 1, 2), at=datetime(2026, 1, 2, 3, 4, 5),
    way=Way.WHOLE, rows=[Row(serial="F1", count=Decimal(2))], body=b"\x00\x01\x02", note="备注", twice=7,
    pairs=(("a", "b"),),
)  # fmt: skip


def test_what_is_stored_comes_back() -> None:
    assert decode(encode(stored(READ))) == WHOLE
    assert restore(WHOLE, Held) == recalled(WHOLE, Held) == READ
    least = Held(name="乙")
    assert restore({"name": "乙"}, Held) == recalled({"name": "乙"}, Held) == least
    assert (least.twice, stored(least)["note"], stored(least)["amount"]) == (6, None, "1.50")
    assert restore(stored(least), Held) == least


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"amount": 1.5}, "x.amount", "应为数值（小数请用字符串）"), ({"amount": True}, "x.amount",
     "应为数值（小数请用字符串）"),
    ({"amount": None}, "x.amount", "应为数值（小数请用字符串）"), ({"amount": "一元"}, "x.amount", "不是数值"),
    ({"amount": "NaN"}, "x.amount", "不是数值"), ({"amount": "Infinity"}, "x.amount", "不是数值"),
    ({"amount": "1E+61"}, "x.amount", "数字太长"), ({"amount": "1E-61"}, "x.amount", "数字太长"),
    ({"amount": "9" * 61}, "x.amount", "数字太长"), ({"amount": "1E999999999"}, "x.amount", "数字太长"),
    ({"amount": []}, "x.amount", "不是数值"), ({"day": 5}, "x.day",
     "应为 yyyy-MM-dd HH:mm:ss 的时间或 yyyy-MM-dd 的日期"),
    ({"day": "昨天"}, "x.day", "应为 yyyy-MM-dd HH:mm:ss 的时间或 yyyy-MM-dd 的日期"),
    ({"at": "2026-13-01"}, "x.at", "应为 yyyy-MM-dd HH:mm:ss 的时间或 yyyy-MM-dd 的日期"),
    ({"way": "hale"}, "x.way", "只能是 half、whole；是不是想写 half"), ({"way": "zzz"}, "x.way", "只能是 half、whole"),
    ({"body": 5}, "x.body", "应为 Base64 文本"), ({"body": "!!"}, "x.body", "不是 Base64"),
    ({"name": 5}, "x.name", "应为文本"), ({"rows": [{"count": "1"}]}, "x.rows[0].serial", "必填，未给出"),
    ({"rows": [{"serial": "F1", "count": "0"}]}, "x.rows[0]", "count 应大于 0"), ({"more": 1}, "x.more", "没有这个键"),
    ({"memo": "x"}, "x.memo", "没有这个键"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "said"), WRONG)
def test_what_a_caller_gives_is_read_strictly(change: dict[str, Any], place: str, said: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        restore({"name": "甲", **change}, Held, ("x",))
    assert [each.where for each in caught.value.problems] == [place]
    assert caught.value.problems[0].message.startswith(said), caught.value.problems[0].message


def test_every_place_that_is_not_right_is_named() -> None:
    with pytest.raises(InvalidMessage) as caught:
        restore({"amount": 1.5, "way": "x", "rows": [{"serial": 1}, {"serial": "F", "count": 0.1}]}, Held)
    assert {each.where for each in caught.value.problems} == {
        "name", "amount", "way", "rows[0].serial", "rows[1].count",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (5, Decimal(5)), ("5", Decimal(5)), ("1E+2", Decimal(100)), (Decimal("0.1"), Decimal("0.1")),
        (" 7 ", Decimal(7)), ("1E+60", Decimal("1E+60")), ("9" * 60, Decimal("9" * 60)),
    ],
)  # fmt: skip
def test_an_amount_may_be_given_so(given: Any, read: Decimal) -> None:
    assert restore({"name": "甲", "amount": given}, Held).amount == read


def test_a_moment_has_seconds_and_no_more() -> None:
    for given in ("2026-01-02T03:04:05.678", datetime(2026, 1, 2, 3, 4, 5, 678000)):
        assert restore({"name": "甲", "at": given}, Held).at == datetime(2026, 1, 2, 3, 4, 5)
    assert restore({"name": "甲", "at": "2026-01-02"}, Held).at == datetime(2026, 1, 2)
    assert restore({"name": "甲", "day": "2026-01-02 03:04:05"}, Held).day == date(2026, 1, 2)


def test_what_a_version_stored_is_read_by_any() -> None:
    assert recalled({"name": "甲", "gone": 1}, Held) == Held(name="甲"), "a field that was removed"
    assert recalled({}, Held).name is None, "one that was added and has no default"
    assert recalled({"name": "甲", "remark": "旧"}, Held).note == "旧"
    assert recalled({"name": "甲", "memo": "更旧"}, Held).note == "更旧"
    assert recalled({"name": "甲", "memo": "更旧", "remark": "旧"}, Held).note == "旧", "the later name"
    assert recalled({"name": "甲", "note": None, "remark": "旧"}, Held).note is None, "its own comes first"
    assert recalled({"name": "甲", "amount": None}, Held).amount is None
    assert recalled({"name": "甲", "rows": [{"serial": "F1", "count": "0"}]}, Held).rows[0].count == 0, "no new rules"
    assert recalled({"name": "甲", "number": 4}, Held).twice == 8
    one, other = recalled({"name": "甲"}, Held), recalled({"name": "乙"}, Held)
    one.rows.append(Row(serial="F1"))
    assert other.rows == []


@pytest.mark.parametrize(
    ("held", "places"),
    [
        ({"amount": 1.5}, "amount"), ({"rows": [{"serial": 5}]}, "rows.0.serial"), ({"rows": 5}, "rows"),
        ({"rows": ["x"]}, "rows.0"), ({"way": "x", "amount": "y"}, "amount、way"), ({"remark": 5}, "remark"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_not_recalled(held: dict[str, Any], places: str) -> None:
    with pytest.raises(NotRecalled) as caught:
        recalled({"name": "甲", **held}, Held)
    if "、" in places:  # the first that is not right is enough
        assert caught.value.places in places.split("、") or caught.value.places == places
    else:
        assert caught.value.places == places
    assert caught.value.message == f"存下的状态读不出来：{caught.value.places}"


def test_what_a_later_version_stored_stays() -> None:
    assert beyond({"name": "甲", "later": 1, "memo": 2, "remark": 3, "rows": []}, Held) == {"later": 1}
    assert beyond(WHOLE, Held) == {}
