"""The institution's software at the till: what it asks for, over HTTP, and a log of everything that it was told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import httpx

from liangding.wire.json import decode, encode

SETTLED, NOTHING, UNKNOWN = "settled", "nothing", "unknown"
"""What the institution's software believes of a bill after an answer."""

API_KEY = "0123456789abcdefghijKLMNOPQRSTUV"
"""The till's key at the servers of a house."""

DONE_WITH = frozenset({"refused", "not_sent", "not_confirmed"})
"""Codes that say that nothing of the bill stands."""


@attrs.frozen(kw_only=True)
class Heard:
    """One answer. ``code`` is what the server called it; ``says`` what follows from it for the bill."""

    code: str
    says: str
    setl_id: str = ""
    total: Decimal | None = None
    account: Decimal | None = None
    cash: Decimal | None = None
    fund: Decimal | None = None
    text: str = attrs.field(default="", repr=False)


@attrs.define(kw_only=True, eq=False)
class Bill:
    """One bill of one person: it wants one settlement. ``heard`` is everything that was told about it, in order."""

    key: str
    person: Mapping[str, Any] = attrs.field(repr=False)
    total: Decimal = Decimal("100.00")
    by_flow: bool = False
    heard: list[Heard] = attrs.field(factory=list)
    refund: list[Heard] = attrs.field(factory=list)

    @property
    def psn_no(self) -> str:
        return str(self.person["psn_no"])

    @property
    def last(self) -> str:
        """What the institution's software believes now."""
        telling = [heard.says for heard in self.heard if heard.says]
        return telling[-1] if telling else NOTHING


class Till:
    """A till that asks servers at these ports."""

    def __init__(self, *ports: int, patience: float = 60) -> None:
        self.ports = list(ports)
        headers = {"authorization": f"Bearer {API_KEY}"}
        self._client = httpx.Client(headers=headers, trust_env=False, timeout=patience)

    def close(self) -> None:
        self._client.close()

    def ask(self, bill: Bill, *, port: int | None = None) -> Heard:
        """Ask for the bill's settlement, under its key, and write down what was told."""
        heard = self._flow(bill, port) if bill.by_flow else self._call(bill, port)
        bill.heard.append(heard)
        return heard

    def until_told(self, bill: Bill, *, most: int = 20, between: Callable[[], object] = lambda: None) -> Heard:
        """Ask under the same key until it is settled."""
        for _ in range(most):
            heard = self.ask(bill)
            if heard.says == SETTLED:
                return heard
            between()
        return bill.heard[-1]

    def take_back(self, bill: Bill, *, known: bool = True) -> Heard:
        """Refund what was settled (``known`` False: what the till does not know to be settled)."""
        if bill.by_flow:
            given = {"credential": _credential(bill), "purchase_key": bill.key}
            view = self.run("pharmacy_refund", given, f"{bill.key}-refund", None)
            heard = _of_flow(view, "cancelled")
        else:
            last = next(heard for heard in reversed(bill.heard) if heard.says == SETTLED)
            ledger_id = {"setl_id": last.setl_id, "mdtrt_id": decode(last.text)["output"]["setlinfo"]["mdtrt_id"]}
            message = {"data": {**ledger_id, "psn_no": bill.psn_no}}
            heard = self._heard(self.post("transactions/2103", body_of(bill, message), f"{bill.key}-refund"))
        if known:
            bill.refund.append(heard)
        return heard

    # -- how it is asked -------------------------------------------------------------------------------------------

    def post(self, path: str, body: Any, key: str | None = None, port: int | None = None) -> httpx.Response | None:
        """One request; None where the server was not there, or went away."""
        headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
        with contextlib.suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{port or self.ports[0]}/v1/{path}"
            return self._client.post(url, content=encode(body), headers=headers)
        return None

    def get(self, path: str, port: int | None = None) -> Any:
        return decode(self._client.get(f"http://127.0.0.1:{port or self.ports[0]}/v1/{path}").content)

    def _call(self, bill: Bill, port: int | None) -> Heard:
        return self._heard(self.post("transactions/2102", body_of(bill, purchase(bill)), bill.key, port))

    def _heard(self, answer: httpx.Response | None) -> Heard:
        if answer is None:
            return Heard(code="down", says=UNKNOWN)
        body = decode(answer.content)
        if "error" in body:
            code = body["error"]["code"]
            return Heard(code=code, says=_follows(code), text=answer.text)
        info = (body.get("output") or {}).get("setlinfo") or {}
        amounts = {name: info.get(wire) for name, wire in AMOUNTS.items()}
        return Heard(code="ok", says=SETTLED, setl_id=str(info.get("setl_id")), text=answer.text, **amounts)

    def purchase_given(self, bill: Bill) -> dict[str, Any]:
        """What the purchase flow is given."""
        return {
            "credential": _credential(bill), "receipt_no": bill.key,
            "rows": [
                {
                    "feedetl_sn": "1", "med_list_codg": "XA05", "medins_list_codg": "D1", "count": "1",
                    "price": str(bill.total), "name": "测试药品",
                }
            ],
        }  # fmt: skip

    def _flow(self, bill: Bill, port: int | None) -> Heard:
        return _of_flow(self.run("pharmacy_purchase", self.purchase_given(bill), bill.key, port), "settlement")

    def run(self, flow: str, given: Any, key: str, port: int | None = None) -> Any:
        """The flow's last view, each question answered with what goes on; an error, or None where nothing answered."""
        answer = self.post(f"flows/{flow}", given, key, port)
        while answer is not None:
            view = decode(answer.content)
            question = view.get("question")
            if not question or "error" not in view:
                return view
            value = question["options"][0]["value"] if question["options"] else "T0123456789"
            answer = self.post(f"flows/{view['id']}/answer", {"value": value, "question": question["id"]}, None, port)
        return None


AMOUNTS = {"total": "medfee_sumamt", "account": "acct_pay", "cash": "psn_cash_pay", "fund": "fund_pay_sumamt"}


def _of_flow(view: Any, ends: str) -> Heard:
    if view is None:
        return Heard(code="down", says=UNKNOWN)
    if "status" not in view:
        code = view["error"]["code"]
        return Heard(code=code, says=_follows(code), text=str(view))
    reached = view["result"].get(ends)
    if reached:
        split = reached.get("split", {}) if isinstance(reached, dict) else {}
        amounts = {name: _amount(split.get(name)) for name in AMOUNTS}
        setl_id = str(reached.get("setl_id")) if isinstance(reached, dict) else ""
        return Heard(code="ok", says=SETTLED, setl_id=setl_id, text=str(view), **amounts)
    code = view["error"]["code"] if view["error"] else view["status"]
    stopped = view["status"] in ("stopped", "abandoned")
    return Heard(code=code, says=NOTHING if stopped and code not in NOT_TELLING else UNKNOWN, text=str(view))


NOT_TELLING = frozenset({"held_back", "in_progress", "flow_busy", "journal_unavailable", "busy"})


def _follows(code: str) -> str:
    """What an error says of the bill: that nothing stands, that nobody knows, or (empty) nothing new."""
    if code in DONE_WITH:
        return NOTHING
    return "" if code in NOT_TELLING else UNKNOWN


def _amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _credential(bill: Bill) -> dict[str, str]:
    return {"type": "02", "number": str(bill.person["certno"])}


def body_of(bill: Bill, message: Any) -> dict[str, Any]:
    """What is posted for a call about the bill's person."""
    return {"input": message, "insuplc_admdvs": bill.person["covers"][0]["place"]}


def purchase(bill: Bill) -> dict[str, Any]:
    """The input of 2102: one row."""
    return {
        "druginfo": {
            "psn_no": bill.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": bill.person["certno"],
            "begntime": "2026-11-21 10:00:00", "medfee_sumamt": str(bill.total),
            "insutype": bill.person["covers"][0]["insutype"], "acct_used_flag": "1",
        },
        "drugdetail": [
            {
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-21 10:00:00",
                "med_list_codg": "XA01", "medins_list_codg": "D1", "det_item_fee_sumamt": str(bill.total),
                "cnt": "1", "pric": str(bill.total),
            }
        ],
    }  # fmt: skip
