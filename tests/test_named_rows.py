"""Which of a batch's rows a refusal names, what an answer leaves out, and which rows go next."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from liangding.errors import CallRefused, NoAnswer
from liangding.flows.batching import Batch, RowsRefused, Upload, UploadedRow, row_limit, shown, upload
from liangding.flows.visits import FeeItem, Visit

VISIT = Visit(mdtrt_id="M1", psn_no="P1", insured_place="990100")


def item(number: int, **more: Any) -> FeeItem:
    facts: dict[str, Any] = {
        "feedetl_sn": f"SN00{number}", "med_list_codg": f"XAAA{number}", "medins_list_codg": f"HHHH{number}",
        "count": Decimal(1), "price": Decimal(number),
    }  # fmt: skip
    return FeeItem(**facts | more)


def stated(serial: str, **more: Any) -> Any:
    facts: dict[str, Any] = {
        "feedetl_sn": serial, "det_item_fee_sumamt": Decimal(10), "fulamt_ownpay_amt": Decimal(1),
        "overlmt_amt": Decimal(2), "preselfpay_amt": Decimal(3), "inscp_scp_amt": Decimal(4), "memo": None,
    }  # fmt: skip
    return SimpleNamespace(**facts | more)


class Work:
    """A step's work whose uploads are answered so, in order: rows that are stated, or a refusal."""

    def __init__(self, *answers: Any, made: dict[str, list[str]] | None = None, held: Any = (), **limits: Any) -> None:
        self.answers, self.held, self.sent = list(answers), held, []  # type: ignore[var-annotated]
        self._made = made or {}
        self.state: Any = SimpleNamespace(upload=Upload())
        deployment = SimpleNamespace(features=SimpleNamespace(row_limits=limits.get("deployment", {})))
        region = SimpleNamespace(row_limits=limits.get("region", {}))
        self.runtime: Any = SimpleNamespace(deployment=deployment, region=region)

    def made(self) -> dict[str, Any]:
        def body(serials: list[str]) -> bytes:
            rows = ",".join(f'{{"feedetl_sn": "{each}"}}' for each in serials)
            return f'{{"input": {{"feedetail": [{rows}]}}}}'.encode()

        return {part: SimpleNamespace(request=body(each) if each else b"") for part, each in self._made.items()}

    def call(self, infno: str, message: Any, *, part: str | None = None, insured_place: str | None = None) -> Any:
        if infno == "5204":
            if isinstance(self.held, Exception):
                raise self.held
            return SimpleNamespace(output=[SimpleNamespace(feedetl_sn=each) for each in self.held])
        self.sent.append((part, [row["feedetl_sn"] for row in message["feedetail"]], insured_place))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        rows = [stated(row["feedetl_sn"]) for row in message["feedetail"]] if answer is None else answer
        return SimpleNamespace(output=SimpleNamespace(result=rows), msgid=f"MSG{part}")


def brings(work: Any, *items: FeeItem) -> Upload:
    upload(work, "2204", items, lambda each: {"feedetl_sn": each.feedetl_sn}, VISIT)
    done: Upload = work.state.upload
    return done


ROWS = (item(1), item(2), item(3))

NAMED: list[tuple[str, list[int]]] = [
    ("明细 SN002 未对码", [1]), ("明细[SN001]、(SN003)未对码", [0, 2]), ("SN002", [1]), ("xSN002 未对码", [0, 1, 2]),
    ("SN0021 未对码", [0, 1, 2]), ("SN0021 与 SN002 未对码", [1]), ("SN001 SN002 SN003 未对码", [0, 1, 2]),
    ("编码 HHHH1 不存在", [0]), ("编码 XAAA3 不存在", [2]), ("SN002 的 HHHH1 不存在", [1]), ("HHHH1 与 XAAA2", [0]),
    ("参保地未开通", [0, 1, 2]), ("中SN003文", [2]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "places"), NAMED)
def test_which_rows_a_refusal_names(said: str, places: list[int]) -> None:
    work: Any = Work(CallRefused(said), held=["SN002", "SN009"])
    with pytest.raises(RowsRefused) as caught:
        brings(work, *ROWS)
    done = work.state.upload
    assert [each.place for each in done.refused] == [f"given.rows[{place}]" for place in places]
    assert {each.reason for each in done.refused} == {said}
    assert (done.held, done.batches) == (["SN002"], [])
    first = f"given.rows[{places[0]}]：{said}"
    assert caught.value.message == f"第 1 批 3 行中 {len(places)} 行被拒绝，平台收下 1 行；{first}"
    assert [(each.where, each.rule, each.message) for each in caught.value.problems] == [
        (f"given.rows[{place}]", "refused", said) for place in places
    ]
    assert caught.value.as_json()["problems"][0]["path"] == f"given.rows[{places[0]}]"


def test_a_name_that_is_too_short_may_stand_there_by_chance() -> None:
    short = [item(1, feedetl_sn="123"), item(2, feedetl_sn="1234")]
    for said, places in (("第 123 行", [0, 1]), ("第 1234 行", [1])):
        work: Any = Work(CallRefused(said))
        with pytest.raises(RowsRefused):
            brings(work, *short)
        assert [each.place for each in work.state.upload.refused] == [f"given.rows[{place}]" for place in places]


def test_where_the_platform_does_not_say_what_it_holds() -> None:
    work: Any = Work(CallRefused("不行"), held=NoAnswer("没有应答"))
    with pytest.raises(RowsRefused, match="不知道收下了哪些"):
        brings(work, *ROWS)
    assert work.state.upload.held is None
    empty: Any = Work(CallRefused("不行"), held=CallRefused("未查询到费用明细"))
    with pytest.raises(RowsRefused, match="平台收下 0 行"):
        brings(empty, *ROWS)


LACKING: list[tuple[Any, dict[int, str]]] = [
    ([stated("SN001"), stated("SN003")], {1: "平台没有返回这一行的分割结果"}),
    (None, {}), ([], dict.fromkeys(range(3), "平台没有返回这一行的分割结果")),
    ([stated("SN001"), stated("SN002", memo="目录外", inscp_scp_amt=None, fulamt_ownpay_amt=None), stated("SN003")],
     {1: "目录外"}),
    ([stated("SN001"), stated("SN002", memo="目录外", inscp_scp_amt=None), stated("SN003")], {}),
    ([stated("SN001"), stated("SN002", memo="目录外", fulamt_ownpay_amt=None), stated("SN003")], {}),
    ([stated("SN001"), stated("SN002", inscp_scp_amt=None, fulamt_ownpay_amt=None), stated("SN003")], {}),
    ([stated("SN003"), stated("SN002"), stated("SN001"), stated("SN009")], {}),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "lacking"), LACKING)
def test_what_an_answer_leaves_out_or_could_not_split(answer: Any, lacking: dict[int, str]) -> None:
    work: Any = Work(answer)
    if lacking:
        with pytest.raises(RowsRefused, match=f"{len(lacking)} 行被拒绝，平台收下 {3 - len(lacking)} 行"):
            brings(work, *ROWS)
    else:
        brings(work, *ROWS)
    done = work.state.upload
    assert {int(each.place[11:-1]): each.reason for each in done.refused} == lacking
    assert len(done.batches) == (0 if lacking else 1)
    if lacking:
        assert done.held == [f"SN00{number}" for number in (1, 2, 3) if number - 1 not in lacking]
    else:
        assert [row.feedetl_sn for row in done.batches[0].rows] == ["SN001", "SN002", "SN003"]


def test_a_row_is_kept_as_it_is_split() -> None:
    done = brings(Work([stated("SN001"), stated("SN002",
     fulamt_ownpay_amt=None, overlmt_amt=None, preselfpay_amt=None)]),
                  *ROWS[:2])  # fmt: skip
    assert done.batches == [Batch(number=1, infno="2204", msgid="MSG1", rows=(
        UploadedRow(feedetl_sn="SN001", amount=Decimal(10), full_own=Decimal(1), over_limit=Decimal(2),
                    own_first=Decimal(3), in_scope=Decimal(4)),
        UploadedRow(feedetl_sn="SN002", amount=Decimal(10), in_scope=Decimal(4)),
    ))]  # fmt: skip
    assert done.rows() == {row.feedetl_sn: row for row in done.batches[0].rows}
    assert shown(done) == {
        "accepted": 2, "batches": [{"number": 1, "msgid": "MSG1", "rows": 2}], "refused": [], "held": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("deployment", "region", "limit"),
    [({}, {}, 100), ({}, {"2204": 7}, 7), ({"2204": 3}, {"2204": 7}, 3), ({"2301": 3}, {"2301": 7}, 100)],
)
def test_how_many_rows_a_call_may_bring(deployment: dict[str, int], region: dict[str, int], limit: int) -> None:
    work: Any = Work(deployment=deployment, region=region)
    assert row_limit(work, "2204") == limit


def test_rows_go_in_batches_and_each_once() -> None:
    work: Any = Work(None, None, CallRefused("SN005 未对码"), deployment={"2204": 2})
    rows = [item(number) for number in (1, 2, 3, 4, 5)]
    with pytest.raises(RowsRefused, match="第 3 批 1 行中 1 行"):
        brings(work, *rows)
    assert work.sent == [
        ("1", ["SN001", "SN002"], "990100"), ("2", ["SN003", "SN004"], "990100"), ("3", ["SN005"], "990100"),
    ]  # fmt: skip
    work.runtime.deployment.features.row_limits = {"2204": 1}
    brings(work, *rows[:4], item(6), item(7), item(8))
    assert work.sent[3:] == [("3", ["SN006", "SN007"], "990100"), ("4", ["SN008"], "990100")], "as many as at first"
    assert (work.state.upload.refused, work.state.upload.held) == ([], [])
    assert Counter(serial for _, serials, _ in work.sent for serial in serials)["SN001"] == 1


def test_what_was_sent_in_a_batchs_place_goes_in_it_again() -> None:
    """A process died after it had sent the second batch under other settings: by the record the same rows are meant."""
    work: Any = Work(made={"1": ["SN002", "SN003"], "2": []}, deployment={"2204": 1})
    brings(work, *ROWS)
    assert [serials for _, serials, _ in work.sent] == [["SN002", "SN003"], ["SN001"]]
    other: Any = Work(made={"1": ["SN009"]}, deployment={"2204": 2})
    brings(other, *ROWS)
    assert [serials for _, serials, _ in other.sent] == [["SN001", "SN002"], ["SN003"]]
