"""How that is looked for which a transaction's declaration names (``looked_for``): one way for each.

A settlement is known by its medins_setl_id, which the platform sets to the number of the message that made it. What
else identifies a call is what it brought: fee rows by their serial numbers, a visit by the institution's own number,
a sale by its traceability codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..contract.cases import Resolution
from ..spec import LookedFor, Unasked
from . import goods, hospital, lists, matchings, national, online, self_pay

if TYPE_CHECKING:
    from ..spec import Transaction

WAYS: dict[LookedFor, Resolution] = {
    LookedFor.SETTLEMENT: Resolution(look=national.settlement, by=("5201", "5204", "5203"), by_message=True),
    LookedFor.SETTLEMENT_TAKEN_BACK: Resolution(look=national.cancellation, by=("5203",)),
    LookedFor.VISIT: Resolution(look=national.registration, by=("5201",)),
    LookedFor.VISIT_TAKEN_BACK: Resolution(
        look=hospital.registration_cancelled, by=("5202", "5201"), behind_opposites=True
    ),
    LookedFor.FEES: Resolution(look=national.fees, by=("5204",), behind_opposites=True),
    LookedFor.FEES_TAKEN_BACK: Resolution(look=hospital.fees_cancelled, by=("5204",), behind_opposites=True),
    LookedFor.STAY: Resolution(look=hospital.admission, by=("5303", "5201")),
    LookedFor.STAY_TAKEN_BACK: Resolution(look=hospital.admission_cancelled, by=("5303",), behind_opposites=True),
    LookedFor.STAY_CHANGED: Resolution(look=hospital.change, by=("5201", "5202"), behind_opposites=True),
    LookedFor.DISCHARGE: Resolution(look=hospital.discharge, by=("5303", "5201"), behind_opposites=True),
    LookedFor.DISCHARGE_TAKEN_BACK: Resolution(look=hospital.discharge_cancelled, by=("5303",), behind_opposites=True),
    LookedFor.TRANSFER: Resolution(look=hospital.transfer, by=("5304",)),
    LookedFor.CHRONIC_DISEASE: Resolution(look=hospital.chronic_disease, by=("5301",)),
    LookedFor.DESIGNATION: Resolution(look=hospital.designation, by=("5302",)),
    LookedFor.ORDER: Resolution(look=online.placed, by=(online.BY_ORDER,)),
    LookedFor.ORDER_TAKEN_BACK: Resolution(look=online.taken_back, by=(online.BY_ORDER,)),
    LookedFor.PRESCRIPTION: Resolution(look=online.prescription, by=(online.BY_PRESCRIPTION,)),
    LookedFor.PRESCRIPTION_TAKEN_BACK: Resolution(look=online.prescription_withdrawn, by=(online.BY_PRESCRIPTION,)),
    LookedFor.SELF_PAY_FEES: Resolution(look=self_pay.fees, by=("4207",), behind_opposites=True),
    LookedFor.SELF_PAY_FEES_TAKEN_BACK: Resolution(look=self_pay.fees_taken_back, by=("4207",), behind_opposites=True),
    LookedFor.SELF_PAY_VISIT: Resolution(look=self_pay.visit, by=("4209",), behind_opposites=True),
    LookedFor.SELF_PAY_VISIT_TAKEN_BACK: Resolution(
        look=self_pay.visit_taken_back, by=("4209",), behind_opposites=True
    ),
    LookedFor.SALE: Resolution(look=national.sale, by=("3513",), behind_opposites=True),
    LookedFor.SALE_TAKEN_BACK: Resolution(look=national.sale_return, by=("3513",), behind_opposites=True),
    LookedFor.STOCK_COUNT: Resolution(look=goods.count, by=("3512", "3508")),
    LookedFor.STOCK_CHANGE: Resolution(look=goods.change, by=("3512", "3509")),
    LookedFor.GOODS_BOUGHT: Resolution(look=goods.purchase, by=("3510",)),
    LookedFor.GOODS_DELETED: Resolution(look=goods.deleted, by=("3508", "3509", "3510", "3511")),
    LookedFor.MATCHING: Resolution(look=matchings.matched, by=("1317",), behind_opposites=True),
    LookedFor.MATCHING_TAKEN_BACK: Resolution(look=matchings.withdrawn, by=("1317",), behind_opposites=True),
    LookedFor.LIST_STATE: Resolution(look=lists.state, by=("4103",)),
}


def way_of(transaction: Transaction) -> Resolution:
    """How an unknown outcome of ``transaction`` is found out, by its declaration."""
    if isinstance(transaction.looked_for, LookedFor):
        return WAYS[transaction.looked_for]
    if isinstance(transaction.looked_for, Unasked):
        return Resolution(look=None, why=transaction.looked_for.why)
    return Resolution(look=None)


def __getattr__(name: str) -> Any:
    """``NATIONAL``: infno → how it is resolved, for plugins that were written with it."""
    if name != "NATIONAL":
        raise AttributeError(name)
    from ..knowledge.interfaces import BASELINE

    declared = {infno: BASELINE[infno].looked_for for infno in BASELINE.numbers()}
    return {infno: WAYS[what] for infno, what in declared.items() if isinstance(what, LookedFor)}
