"""线上: flows whose calls go to an online service: mobile payment, electronic prescriptions."""

from .payment import MobilePayment, MobilePaymentGiven
from .refund import MobilePaymentRefund, MobilePaymentWithdrawal

__all__ = ["MobilePayment", "MobilePaymentGiven", "MobilePaymentRefund", "MobilePaymentWithdrawal"]
