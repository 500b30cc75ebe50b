"""What another desk of the institution, with a journal of its own, has settled for a person today.

Two desks that share no journal know nothing of each other: not of keys, not of persons whose call is not known, not of
the same bill. Where numbers of messages are given to desks in ranges, a settlement asks the platform first what the
person has of the day, so that a till that goes to the other desk is not charged a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from ..calls.bills import Bills, Rows, rows_in
from ..contract.calls import Call
from ..contract.cases import CannotAsk
from ..errors import CallNotSent, SameBill
from ..national.meaning import OUTPATIENT_TYPES, taken_back
from ..spec import Does
from ..spec.locating import find
from .asking import Asking
from .cases import OpenCase
from .national import settlements_of, visits


@attrs.frozen
class Elsewhere:
    """Looks for settlements of a deployment's persons that its own journal does not hold."""

    asking: Asking
    bills: Bills

    def refuse(self, call: Call[Any], call_id: int) -> None:
        """SameBill where a settlement that is recorded, and not sent yet, charges the same rows as one of the day that
        another desk made and that stands, and nobody says that it is ``meant``. CallNotSent where the platform does not
        say. Nothing is asked where no other desk has a journal of its own."""
        deployment, psn_no = self.asking.deployment, find(call.input, "psn_no")
        meant = call.meant and deployment.keys.same_bill != "refuse"
        settles = call.transaction.does is Does.SETTLES and psn_no is not None
        if meant or not settles or not deployment.platform.has_range:
            return
        record = self.asking.journal.call(call_id)
        rows = self.bills.rows_of(call.input, str(psn_no))
        try:
            found = next(self._same(OpenCase(self.asking, record), rows), None)
        except CannotAsk as silent:
            text = f"另一台可能已结算这一单，平台现在问不到（{silent.message}），没有发出"
            raise CallNotSent(text, infno=record.infno, msgid=record.msgid, call_id=call_id) from None
        if found is not None:
            raise _said(found, refused=deployment.keys.same_bill == "refuse")

    def _same(self, case: OpenCase, rows: Rows) -> Iterator[Any]:
        return (info for visit in self._visits(case) for info in self._settlements(case, visit, rows))

    def _visits(self, case: OpenCase) -> Iterator[str]:
        """The visits of the day, that of the call among them, the newest first."""
        own, kind = case.field("mdtrt_id"), case.field("med_type")
        if own:
            yield own
        found = [visit for each in ((kind,) if kind else OUTPATIENT_TYPES) for visit in visits(case, each, None)]
        yield from (visit.mdtrt_id for visit in reversed(found) if visit.mdtrt_id != own)

    def _settlements(self, case: OpenCase, mdtrt_id: str, rows: Rows) -> Iterator[Any]:
        """The visit's settlements that charge these rows, stand, and are not of our record."""
        charged = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": mdtrt_id}}) or []
        for setl_id in settlements_of(charged):
            ours = self.asking.journal.settlements.by_setl_id(setl_id)
            if ours or rows_in([row for row in charged if row.setl_id == setl_id]) != rows:
                continue
            found = case.ask("5203", {"data": {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id}})
            if found is None:
                raise CannotAsk("5203 没有给出 5204 里的结算")
            if not taken_back(found.setlinfo):
                yield found.setlinfo


def _said(info: Any, *, refused: bool) -> SameBill:
    at = f"{info.setl_time:%m-%d %H:%M} " if info.setl_time else ""
    said = SameBill(
        f"同一参保人今天 {at}已在另一台按同样的明细结算（{info.medfee_sumamt} 元，结算编号 {info.setl_id}）",
        remedy="是同一单的，到那一台看结果、打单据，这里不再结算；确是另一单的，加 meant = true（命令行 --meant）再办",
    )
    said.may_be_meant = not refused
    said.facts = (
        ("已结算时间", f"{info.setl_time:%Y-%m-%d %H:%M:%S}" if info.setl_time else ""),
        ("医疗费总额", str(info.medfee_sumamt)), ("结算编号", info.setl_id),
    )  # fmt: skip
    return said
