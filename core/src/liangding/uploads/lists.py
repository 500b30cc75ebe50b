"""Settlement lists (结算清单) after they were uploaded.

Their state (4103), moved (4102), taken back where the region can, what quality control found (4104), how many are due
and there (4105)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs

from ..errors import LiangdingError
from ..spec import Does, Of
from ..spec.codes import code_table
from .queue import Uploads
from .records import QueuedUpload, UploadState

MOVE, SHOW, QUALITY, COUNT = "4102", "4103", "4104", "4105"

NOT_SUBMITTED, SUBMITTED, APPROVED, REJECTED = "0", "1", "2", "3"
"""stas_type."""

MOVES = {(NOT_SUBMITTED, SUBMITTED), (REJECTED, NOT_SUBMITTED), (REJECTED, SUBMITTED)}
"""What an institution may make of a state."""

PAGE = 100


class NotMoved(LiangdingError):
    """A list's state cannot be changed so, or nothing can be asked of it."""

    code = "not_moved"
    http_status = 409


@attrs.frozen(kw_only=True)
class ListStanding:
    """Where a list stands: its state on the platform (stas_type), and what the reviewer wrote (chk_cont)."""

    setl_id: str
    psn_no: str
    state: str
    remark: str

    @property
    def chinese(self) -> str:
        return code_table("stas_type").name_of(self.state)


@attrs.frozen(kw_only=True)
class ListFault:
    """One thing that quality control found: the field, the finding, its level, whether the list goes back."""

    setl_id: str
    field: str
    found: str
    level: str
    goes_back: str
    value: str

    def as_json(self) -> dict[str, str]:
        return attrs.asdict(self)


class SettlementLists:
    """The settlement lists of one deployment."""

    def __init__(self, queue: Uploads) -> None:
        self._queue, self._runtime = queue, queue.runtime

    def standing(self, setl_id: str, psn_no: str = "") -> ListStanding:
        """The state that the platform has a list in. NotMoved where nobody knows its ``psn_no``; what a call raises."""
        person = psn_no or self._person(setl_id)
        asked = {"data": {"psn_no": person, "setl_id": setl_id}}
        info = self._runtime.call(SHOW, asked, insured_place=self._place(setl_id)).node("setlinfo")
        return ListStanding(
            setl_id=setl_id, psn_no=person, state=info.stas_type or NOT_SUBMITTED,
            remark=getattr(info, "chk_cont", None) or "",
        )  # fmt: skip

    def _person(self, setl_id: str) -> str:
        held = self._queue.ties.of_settlement(setl_id)
        found = next((str(row["psn_no"]) for row in self._settlement_rows(held) if row.get("psn_no")), "")
        settlements = self._runtime.journal.settlements
        settled = next((each for each in settlements.by_setl_id(setl_id) if each.setl_id == setl_id), None)
        found = found or (settlements.psn_no(settled.call_id) if settled is not None else "")
        if not found:
            raise NotMoved(f"这里没有结算 {setl_id} 的清单，不知道是谁的", remedy="给出人员编号（--psn-no）")
        return found

    def _settlement_rows(self, numbers: list[int]) -> Iterator[Mapping[str, Any]]:
        for number in numbers:
            yield from (node for node in self._queue.rows.get(number).message.values() if isinstance(node, dict))

    def move(self, setl_id: str, wanted: str, psn_no: str = "") -> QueuedUpload:
        """Have a list moved to a state (4102), by the queue. NotMoved where the institution may not, or its own upload
        of it waits still; the list's state is asked first."""
        if wanted not in (NOT_SUBMITTED, SUBMITTED):
            raise NotMoved("只能改为 0（未提交）或 1（已提交）；审核由医保经办机构做")
        for number in self._queue.ties.of_settlement(setl_id):
            waiting = self._queue.rows.get(number)
            means = self._runtime.interfaces.means(waiting.infno)
            if means == (Does.UPLOADS, Of.LIST) and waiting.state is not UploadState.DONE:
                raise NotMoved(f"结算 {setl_id} 的清单{waiting.state.chinese}，传到了再改状态")
        now = self.standing(setl_id, psn_no)
        if (now.state, wanted) not in MOVES:
            names = code_table("stas_type")
            raise NotMoved(f"结算 {setl_id} 的清单是{now.chinese}，不能改为{names.name_of(wanted)}")
        row = {"psn_no": now.psn_no, "setl_id": setl_id, "stas_type": wanted}
        own = f"{setl_id}:{now.state}{wanted}:{self._runtime.new_id()[:12]}"
        return self._queue.add(MOVE, {"data": {"stastinfo": [row]}}, insured_place=self._place(setl_id), key=own)

    def take_back(self, setl_id: str, psn_no: str = "") -> QueuedUpload:
        """Take a list off the platform, where the region has a transaction for that. NotMoved where it has none."""
        known = self._runtime.interfaces
        infno = next((each for each in known.numbers() if known.means(each) == (Does.WITHDRAWS, Of.LIST)), None)
        if infno is None:
            raise NotMoved("本地没有撤销结算清单的交易", remedy="审核不通过的改好再传；已提交的请经办机构退回")
        named = {"psn_no": psn_no or self._person(setl_id), "setl_id": setl_id}
        message = self._runtime.known.speaking.said(infno, {"data": named})
        own = f"{setl_id}:{self._runtime.new_id()[:12]}"
        return self._queue.add(infno, message, insured_place=self._place(setl_id), key=own)

    def _place(self, setl_id: str) -> str:
        """Where the person is insured: as the settlement says, else the list that went; the institution's own place
        where neither is known here."""
        place = self._queue.ties.place({"data": {"setl_id": setl_id}})
        given = (self._queue.rows.get(number).place for number in self._queue.ties.of_settlement(setl_id))
        return place or next(filter(None, given), "") or self._runtime.deployment.institution.area

    def faults(self, month: str, setl_id: str = "") -> list[ListFault]:
        """What quality control found in the lists of a month (yyyyMM), or in one of them, page by page."""
        asked: dict[str, Any] = {"setl_ym": month, "page_size": PAGE}
        asked |= {"setl_id": setl_id} if setl_id else {}
        found: list[ListFault] = []
        told: set[str] = set()
        for page in range(1, 10_000):
            answered = self._runtime.call(QUALITY, {"data": asked | {"page_num": page}}).output or ()
            rows = [row for row in answered if row.setl_id not in told]  # some answer all of it whatever is asked
            told |= {row.setl_id for row in rows}
            found += [
                ListFault(
                    setl_id=row.setl_id, field=each.exam_data_fld, found=each.qltctrl_chk_rslt, level=each.err_lv,
                    goes_back=each.retn_flag, value=each.init_val,
                )
                for row in rows for each in row.detailinfo or ()
            ]  # fmt: skip
            if len(rows) < PAGE:
                break
        return found

    def counts(self, first: date, last: date, med_types: str = "") -> tuple[int, int]:
        """How many lists are due of the settlements of a period, and how many are there (4105). ``med_types`` are the
        codes of med_type that count, with commas; all where none are given."""
        all_ = ",".join(each.code for each in code_table("med_type").values)
        asked = {
            "fixmedins_code": self._runtime.deployment.institution.code, "medtype_list": med_types or all_,
            "stt_begntime": first, "stt_endtime": last,
        }  # fmt: skip
        answer = self._runtime.call(COUNT, {"data": asked})
        return int(answer.node("needUploadCnt")), int(answer.node("uploadedCnt"))
