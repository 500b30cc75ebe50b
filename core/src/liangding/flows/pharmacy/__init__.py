"""药店: a purchase at a pharmacy, and taking it back."""

from .goods import Goods, SoldRow, Staff
from .purchase import PharmacyPurchase, PurchaseGiven, PurchaseState
from .refund import PharmacyRefund, RefundGiven, RefundState

__all__ = [
    "Goods",
    "PharmacyPurchase",
    "PharmacyRefund",
    "PurchaseGiven",
    "PurchaseState",
    "RefundGiven",
    "RefundState",
    "SoldRow",
    "Staff",
]
