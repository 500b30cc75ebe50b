"""Pharmacy settlement (药店结算) in Guangzhou: transactions 2101 and 2102 declared anew."""

from typing import Annotated

from liangding.national import pharmacy
from liangding.spec import nested, node, redeclares, rows

from .fields import CardBasics, CardCheck


@node
class Purchase(pharmacy.Purchase):
    """购药信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None


@redeclares(pharmacy.PreSettle)
class PreSettle:
    """2101 in Guangzhou.

    - 广州：另带读卡器给出的 hcard_basinfo、hcard_chkinfo
    """

    @node
    class Input:
        druginfo: Annotated[Purchase, nested("购药信息")]
        drugdetail: Annotated[list[pharmacy.Drug], rows("购药明细")]


@node
class InvoicedPurchase(pharmacy.InvoicedPurchase):
    """购药信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None


@redeclares(pharmacy.Settle)
class Settle:
    """2102 in Guangzhou.

    - 广州：另带读卡器给出的 hcard_basinfo、hcard_chkinfo
    """

    @node
    class Input:
        druginfo: Annotated[InvoicedPurchase, nested("购药信息")]
        drugdetail: Annotated[list[pharmacy.TracedDrug], rows("购药明细")]
