"""The goods of a receipt: what a sale and its return upload of them (进销存)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ...identity import Insured
from ...receipts.money import priced
from ...workflow.work import Work
from ..visits import Order


@attrs.frozen(kw_only=True)
class Goods:
    """What the sale upload needs to know of a row beyond its price (进销存): the stock record, the batch, the codes.

    ``trace_codes`` are the scanned traceability codes, one for each pack; ``split_pack`` true where an opened pack
    is sold by the piece (拆零).
    """

    fixmedins_hilist_id: str
    fixmedins_hilist_name: str
    fixmedins_bchno: str
    manu_lotnum: str
    manu_date: date
    expy_end: date | None = None
    prescription_drug: bool = False
    split_pack: bool = False
    trace_codes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SoldRow:
    """One row of the receipt. ``count`` times ``price`` (yuan) gives the row's amount, rounded to the cent. ``order``
    is for the audit, where one is made."""

    feedetl_sn: str
    med_list_codg: str
    medins_list_codg: str
    count: Decimal
    price: Decimal
    name: str = ""
    prescription_no: str | None = None
    goods: Goods | None = None
    order: Order | None = None

    @property
    def amount(self) -> Decimal:
        return priced(self.count, self.price)


@attrs.frozen(kw_only=True)
class Staff:
    """Who sold: prescriber, pharmacist with the certificate's number, and the person at the till."""

    pharmacist: str
    pharmacist_certificate: str
    prescriber: str = "无"
    seller: str | None = None


def codes_go_with(work: Work[Any], what: str) -> bool:
    wanted = work.runtime.deployment.features.trace_codes or work.runtime.region.trace_codes
    return wanted in (what, "both")


def goods_of(
    work: Work[Any], row: SoldRow, mdtrt_id: str, setl_id: str, person: Insured, at: datetime
) -> dict[str, Any]:
    """What a sale and its return have in common."""
    goods = row.goods
    assert goods is not None
    codes = goods.trace_codes if codes_go_with(work, "sale") else ()
    return {
        "med_list_codg": row.med_list_codg, "fixmedins_hilist_id": goods.fixmedins_hilist_id,
        "fixmedins_hilist_name": goods.fixmedins_hilist_name, "fixmedins_bchno": goods.fixmedins_bchno,
        "setl_id": setl_id, "mdtrt_sn": mdtrt_id, "psn_no": person.psn_no, "psn_cert_type": person.cert_type or None,
        "certno": person.certno or None, "psn_name": person.name or None, "manu_lotnum": goods.manu_lotnum,
        "manu_date": goods.manu_date, "expy_end": goods.expy_end, "finl_trns_pric": row.price,
        "rx_flag": "1" if goods.prescription_drug else "0", "trdn_flag": "1" if goods.split_pack else "0",
        "sel_retn_cnt": row.count, "sel_retn_time": at,
        "drugtracinfo": [{"drug_trac_codg": code} for code in codes] or None,
    }  # fmt: skip


def in_one_call(work: Work[Any], infno: str) -> bool:
    """Whether the goods of this step go in one call (``infno``) or each by itself: as they were sent already, where
    they were, else as the deployment says."""
    made = list(work.made().values())
    return made[0].infno == infno if made else work.runtime.deployment.features.sale_upload == "batch"


def seller_of(work: Work[Any], staff: Staff | None) -> str:
    return (staff.seller if staff else None) or work.runtime.deployment.operator(work.operator).name
