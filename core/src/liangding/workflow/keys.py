"""The business keys of flows: what a piece of business is known by, and whether what is asked for again is the same.

Tills use their receipt numbers again each day. A key never gives another day's settlement, or another person's: the day
is the bill's own, the person is the one whom 1101 finds.
"""

from __future__ import annotations

from typing import Any

import attrs

from ..calls.keying import derived, of_day
from ..clock import in_china
from ..config import KeySettings
from ..contract.credentials import IDENTITY_CARD, Credential
from ..contract.steps import Flow
from ..errors import KeyRequired
from ..identity import Insured, identify
from ..journal import KeyConflict
from ..runtime import Runtime
from .records import Record, day_of
from .standing import STATUS_NAMES, Status

SAME_BILL_SECONDS = 6 * 3600
"""How long after midnight a bill that names no day of its own is taken for the one of the day before."""

ANOTHER_DAY = (
    "要看那一单，按业务号查它（by-key）；是新的一单，给出单据日期 bill_date 并换一个业务号，"
    '或在部署文件写 [keys] per = "day"，每天的同号各是一单'
)


@attrs.frozen(kw_only=True)
class FlowKeys:
    """The keys of one deployment's flows."""

    runtime: Runtime

    @property
    def settings(self) -> KeySettings:
        return self.runtime.deployment.keys

    def of(self, flow: type[Flow[Any]], given: Any, key: str | None, operator: str, *, charges: bool) -> str | None:
        """The key of a flow that was started with ``key``, or without one. KeyRequired where the flow ``charges`` and
        has none."""
        whose, fields = flow.title, attrs.fields_dict(flow.given)

        def value(name: str) -> Any:
            beside = {"operator": operator, "bill_date": day_of(given)}
            return beside[name] if name in beside else getattr(given, name, None)

        key = derived(self.settings, flow.keyed_by, value, whose) if key is None else key
        if key is None:
            if charges:
                raise KeyRequired(f"{whose}要有业务号", path="key")
            return None
        return of_day(self.settings, key, day_of(given), whose) if "bill_date" in fields else key

    def hold(self, record: Record, flow: type[Flow[Any]], fresh: Any, content: str, *, anew: bool) -> None:
        """KeyConflict where what is asked for again is not the piece of business that the key names: other content,
        another day's bill, another person. ``anew``: it has changed nothing and begins again, for whoever it is."""
        if not self.is_content(record, content):
            raise KeyConflict(f"业务号 {record.key} 已用于另一内容的{flow.title}：{told(record, flow)}")
        ended = record.status in (Status.DONE, Status.UNDONE)
        if ended and hasattr(fresh, "bill_date") and day_of(fresh) is None and self._is_another_day(record):
            text = f"业务号 {record.key} 已用于另一天的{flow.title}：{told(record, flow)}"
            conflict = KeyConflict(text)
            conflict.remedy = ANOTHER_DAY
            raise conflict
        if not anew and not self.is_same_person(record, fresh):
            raise KeyConflict(f"业务号 {record.key} 已用于另一人的{flow.title}：{told(record, flow)}")

    def is_content(self, record: Record, content: str) -> bool:
        """Whether a flow was started with this content."""
        return self.runtime.journal.flows.is_of({"content": record.content}, content)

    def may_be_mended(self, record: Record, fresh: Any) -> bool:
        """Whether other content may take the place of a flow's that has changed nothing: it is the same person's, and
        of the same day."""
        same_day = day_of(fresh) == day_of(record.state.given) and not self._is_another_day(record)
        return same_day and self.is_same_person(record, fresh)

    def _is_another_day(self, record: Record) -> bool:
        now = self.runtime.clock.epoch()
        other = in_china(now).date() != in_china(record.created_at).date()
        return other and now - record.created_at > SAME_BILL_SECONDS

    def is_same_person(self, record: Record, fresh: Any) -> bool:
        """Whether who shows a credential now is the flow's person, by what 1101 says."""
        shown: Credential | None = getattr(fresh, "credential", None)
        person: Insured | None = getattr(record.state, "person", None)
        before: Credential | None = getattr(record.state.given, "credential", None)
        if shown is None or person is None or before is None or _same(shown, before) or _same(shown, person.credential):
            return True
        if shown.type == IDENTITY_CARD and shown.number.upper() == person.certno.upper():
            return True
        return identify(self.runtime, shown, operator=record.operator).psn_no == person.psn_no


def _same(one: Credential, other: Credential) -> bool:
    return (one.type, one.number) == (other.type, other.number)


def told(record: Record, flow: type[Flow[Any]]) -> str:
    """When a flow was started and how it stands, in words for an operator."""
    settlement = getattr(record.state, "settlement", None)
    amount = f"，{settlement.split.total:.2f} 元，结算编号 {settlement.setl_id}" if settlement is not None else ""
    return f"{in_china(record.created_at):%m-%d %H:%M} 的{flow.title}（{STATUS_NAMES[record.status]}{amount}）"
