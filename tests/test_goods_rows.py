"""Rows of goods that are uploaded beside a settlement: each once, what is refused keeps none of the others, and what is
there already is not sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from liangding.errors import CallRefused, HeldBack, NoAnswer
from liangding.flows.pharmacy.goods import Goods, SoldRow, give_back, in_one_call, sell, sold_by
from liangding.journal import State
from liangding.knowledge.interfaces import BASELINE
from liangding.spec.leaves import LENIENT
from liangding.spec.reading import MessageReader
from liangding.workflow.standing import PartlyTaken

FLOW, PLACE, READER = "f" * 32, "990100", MessageReader(LENIENT)


def row(serial: str, *, goods: bool = True, codes: tuple[str, ...] = ("C",)) -> SoldRow:
    of_it = Goods(
        fixmedins_hilist_id="I", fixmedins_hilist_name="商品", fixmedins_bchno=f"B-{serial}", manu_lotnum="L",
        manu_date=date(2026, 1, 2), trace_codes=tuple(f"{code}-{serial}" for code in codes),
    )  # fmt: skip
    return SoldRow(
        feedetl_sn=serial, med_list_codg="X", medins_list_codg="H", count=Decimal(1), price=Decimal(1),
        goods=of_it if goods else None,
    )  # fmt: skip


ROWS = [row("F1"), row("F2"), row("F3")]


def made(one: SoldRow) -> dict[str, Any]:
    codes = one.goods.trace_codes if one.goods else ()
    listed = [{"drug_trac_codg": code} for code in codes] or None
    return {"row": one.feedetl_sn, "mdtrt_sn": "M1", "drugtracinfo": listed}


def answer(infno: str, refused: dict[str, str | None] | None = None) -> Any:
    """What the platform answers to several rows, of which it did not take those batches."""
    listed = [{"fixmedins_bchno": f"B-{serial}", "retRslt": "0", "msgRslt": why}
              for serial, why in (refused or {}).items()]  # fmt: skip
    node = "selinfoErrDetail" if infno == "3506A" else "selinfoDetail"
    output = {node: [{"fixmedins_bchno": "B-other", "retRslt": "1"}, *listed]} if listed else {}
    return SimpleNamespace(output=READER.read(BASELINE[infno].output, output, ("output",))[0])


def shows(*codes: str) -> Any:
    """3513's answer: the codes that stand on a sale."""
    output = {"output": [{"drugTracCodg": code} for code in codes]}
    return SimpleNamespace(output=READER.read(BASELINE["3513"].output, output, ("output",))[0])


class Work:
    """A step's work: what it sends is answered so, by number and part; ``earlier`` is what runs before have sent."""

    def __init__(self, way: str = "each", earlier: dict[str, State] | None = None, **answers: Any) -> None:
        features = SimpleNamespace(sale_upload=way)
        institution = SimpleNamespace(code="P1")
        self.runtime: Any = SimpleNamespace(
            deployment=SimpleNamespace(features=features, institution=institution),
            resolver=SimpleNamespace(may_lag=lambda _: False),
            interfaces=BASELINE,
        )
        self.earlier, self.answers, self.sent = dict(earlier or {}), answers, []  # type: ignore[var-annotated]
        self.infno = "3505A" if way == "batch" else "3505"
        """Of what runs before have sent."""

    def made(self) -> dict[str, Any]:
        return {part: SimpleNamespace(infno=self.infno) for part, state in self.earlier.items() if not state.repeatable}

    def not_taken(self, part: str) -> Any:
        return SimpleNamespace(part=part) if part in self.earlier and part not in self.made() else None

    def call(self, infno: str, message: Any, *, part: str | None = None, insured_place: str | None = None) -> Any:
        assert insured_place == PLACE
        if infno == "3513":
            assert message == {"data": {"fixmedins_code": "P1", "mdtrt_id": "M1"}}
            self.sent.append("3513")
            came = self.answers.get("shows", shows())
        else:
            told = message() if callable(message) else message
            rows = [each["row"] for node in told.values() for each in (node if isinstance(node, list) else [node])]
            assert list(told) == ["selinfoDetail" if infno.endswith("A") else "selinfo"]
            if part not in self.made():  # finished by its record
                self.sent.append(f"{infno} {part}: {' '.join(rows)}")
            came = self.answers.get(f"p_{part}", answer(infno if infno.endswith("A") else "3505A"))
            state = State.REFUSED if isinstance(came, CallRefused) else State.ACCEPTED
            self.earlier[part or ""] = State.UNKNOWN if isinstance(came, NoAnswer) else state
        if isinstance(came, Exception):
            raise came
        return came


Does = Callable[..., None]

NO, WORSE, LOST = CallRefused("不收"), CallRefused("更不收"), NoAnswer("没有应答")


@pytest.mark.parametrize(("does", "infno"), [(sell, "3505"), (give_back, "3506")])
def test_each_row_is_sent_by_itself_and_a_refused_one_keeps_none_of_the_others(does: Does, infno: str) -> None:
    work, done = Work(p_F1=NO, p_F3=WORSE), list[str]()
    with pytest.raises(CallRefused, match="不收"):
        does(work, ROWS, made, PLACE, done)
    assert (work.sent, done) == ([f"{infno} F1: F1", f"{infno} F2: F2", f"{infno} F3: F3"], ["F2"])
    again = Work(earlier=work.earlier, p_F3=WORSE, shows=shows("C-F1", "C-F3"))
    with pytest.raises(CallRefused, match="更不收"):
        does(again, ROWS, made, PLACE, done)
    assert ([each for each in again.sent if each != "3513"], done) == (
        [f"{infno} F1: F1", f"{infno} F3: F3"], ["F2", "F1"],
    )  # fmt: skip
    assert again.sent.count("3513") == (2 if does is give_back else 0)


@pytest.mark.parametrize("does", [sell, give_back])
def test_what_is_not_known_stops_at_once(does: Does) -> None:
    work, done = Work(p_F2=LOST), list[str]()
    with pytest.raises(NoAnswer):
        does(work, ROWS, made, PLACE, done)
    assert (len(work.sent), done) == (2, ["F1"])


@pytest.mark.parametrize(
    ("shown", "codes", "back"),
    [
        (shows(), ("C",), True), (shows("other"), ("C",), True), (shows("C-F1"), ("C",), False),
        (shows("other", "D-F1"), ("C", "D"), False), (CallRefused("未查询到追溯码信息"), ("C",), True),
        (CallRefused("系统繁忙"), ("C",), False), (LOST, ("C",), False), (shows(), (), False),
        (SimpleNamespace(output=None), ("C",), True),
    ],
)  # fmt: skip
def test_a_return_that_was_refused_is_back_where_no_sale_shows_its_codes(
    shown: Any, codes: tuple[str, ...], back: bool
) -> None:
    work, done = Work(earlier={"F1": State.REFUSED}, shows=shown), list[str]()
    give_back(work, [row("F1", codes=codes)], made, PLACE, done)  # type: ignore[arg-type]
    assert (work.sent.count("3506 F1: F1"), done) == (0 if back else 1, ["F1"])
    assert work.sent.count("3513") == (1 if codes else 0)


@pytest.mark.parametrize(
    ("does", "infno", "parts"), [(sell, "3505A", ("all", "all2")), (give_back, "3506A", ("1", "2"))]
)
def test_what_of_one_call_was_not_taken_goes_in_another(does: Does, infno: str, parts: tuple[str, str]) -> None:
    first, second = parts
    refused = {f"p_{first}": answer(infno, {"F2": "批号不对", "F3": None})}
    work, done = Work("batch", **refused), list[str]()
    with pytest.raises(PartlyTaken, match="批次 B-F2：批号不对；批次 B-F3：未说原因"):
        does(work, ROWS, made, PLACE, done)
    assert (work.sent, done) == ([f"{infno} {first}: F1 F2 F3"], ["F1"])
    again = Work("batch", work.earlier, **refused)
    again.infno = infno
    does(again, ROWS, made, PLACE, done)
    assert (again.sent, done) == ([f"{infno} {second}: F2 F3"], ["F1", "F2", "F3"])
    over = Work("batch", again.earlier, **refused)
    over.infno = infno
    does(over, ROWS, made, PLACE, done)
    assert over.sent == []


def test_what_of_one_call_was_refused_as_a_whole_is_sent_again_but_for_what_is_back() -> None:
    work, done = Work("batch", p_1=NO), list[str]()
    with pytest.raises(CallRefused):
        give_back(work, ROWS, made, PLACE, done)  # type: ignore[arg-type]
    assert (work.sent, done) == (["3506A 1: F1 F2 F3"], [])
    again = Work("batch", work.earlier, shows=shows("C-F2"))
    give_back(again, ROWS, made, PLACE, done)  # type: ignore[arg-type]
    assert ([each for each in again.sent if each != "3513"], sorted(done)) == (["3506A 1: F2"], ["F1", "F2", "F3"])
    back = Work("batch", {"1": State.REFUSED})
    give_back(back, ROWS, made, PLACE, [])  # type: ignore[arg-type]
    assert {*back.sent} == {"3513"}, "all of them are back"
    sold, left = Work("batch", {"all": State.REFUSED}), list[str]()
    sell(sold, ROWS, made, PLACE, left)  # type: ignore[arg-type]
    assert (sold.sent, left) == (["3505A all: F1 F2 F3"], ["F1", "F2", "F3"])


def test_goods_go_as_they_were_sent_already() -> None:
    for way, sent, one in (("each", "3505A", True), ("batch", "3505", False), ("batch", "", True), ("each", "", False)):
        work: Any = Work(way, {"F1": State.ACCEPTED} if sent else {})
        work.infno = sent
        assert in_one_call(work, "3505A") is one


# -- what an earlier flow has sold -------------------------------------------------------------------------------------


def call(part: str, state: State = State.ACCEPTED, *, step: str = "upload_sales", flow: str = FLOW, **more: Any) -> Any:
    facts = {"may_be_there": False, "changes": True, "answer": b"x"} | more
    return SimpleNamespace(key=f"{flow}:{step}:{part}", state=state, **facts)


def sold(*calls: Any, finds: Any = None, answers: Any = None) -> tuple[list[str], list[Any]]:
    """Which rows are sold by these calls, and which of them were looked at again."""
    looked: list[Any] = []

    def look(one: Any) -> None:
        looked.append(one)
        one.state = finds or one.state

    runtime = SimpleNamespace(
        journal=SimpleNamespace(of_flow=lambda _: list(calls)), resolver=SimpleNamespace(look_again=look),
        finish=lambda _: answers or answer("3505A"),
    )  # fmt: skip
    work: Any = SimpleNamespace(runtime=runtime)
    found = sold_by(work, FLOW, "upload_sales", [*ROWS, row("F4", goods=False)])
    return [each.feedetl_sn for each in found], looked


def test_what_a_flow_has_sold_is_what_its_calls_say() -> None:
    assert sold() == ([], [])
    assert sold(call("F1"), call("F3"))[0] == ["F1", "F3"]
    others = (call("F1", step="settle"), call("F2", flow="e" * 32), call("F3", changes=False), call("F4"))
    assert sold(*others)[0] == []
    assert sold(call("F1"), call("F2", State.REFUSED), call("F3", State.NOT_SENT))[0] == ["F1"]
    assert sold(call("all"))[0] == ["F1", "F2", "F3"]
    assert sold(call("all"), answers=answer("3505A", {"F2": "批号不对"}))[0] == ["F1", "F3"]
    assert sold(call("all"), call("all2", State.REFUSED), answers=answer("3505A", {"F2": ""}))[0] == ["F1", "F3"]
    assert sold(call("all", answer=b""), answers=answer("3505A", {"F2": "批号不对"}))[0] == ["F1", "F2", "F3"]
    assert sold(call("all", State.REFUSED))[0] == []


def test_what_may_have_come_late_is_looked_at_once_more() -> None:
    late = call("F1", State.ABSENT, may_be_there=True)
    assert sold(late, finds=State.ACCEPTED) == (["F1"], [late])
    gone = call("F1", State.ABSENT)
    assert sold(gone, finds=State.ACCEPTED) == ([], [])
    for state in (State.UNKNOWN, State.OPEN):
        with pytest.raises(HeldBack, match="查明后再上传退货") as caught:
            sold(call("F1", state), call("F2"))
        assert caught.value.infno == "3505"
