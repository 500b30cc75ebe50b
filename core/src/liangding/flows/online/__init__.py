"""线上: flows whose calls go to an online service: mobile payment, electronic prescriptions."""

from .channel import ChannelOrder
from .dispensing import PrescriptionDelivery, PrescriptionDispensing, PrescriptionSaleWithdrawal
from .noticed import PrescriptionNotice
from .payment import MobilePayment
from .prescribing import OutwardPrescription, PrescriptionOutcome, PrescriptionWithdrawal
from .refund import MobilePaymentRefund, MobilePaymentWithdrawal
from .vouchers import VoucherUpload

ONLINE_FLOWS = (
    MobilePayment,
    MobilePaymentRefund,
    MobilePaymentWithdrawal,
    OutwardPrescription,
    PrescriptionWithdrawal,
    PrescriptionOutcome,
    PrescriptionDispensing,
    PrescriptionSaleWithdrawal,
    PrescriptionDelivery,
    PrescriptionNotice,
    VoucherUpload,
    ChannelOrder,
)

__all__ = [
    "ONLINE_FLOWS",
    "ChannelOrder",
    "MobilePayment",
    "MobilePaymentRefund",
    "MobilePaymentWithdrawal",
    "OutwardPrescription",
    "PrescriptionDelivery",
    "PrescriptionDispensing",
    "PrescriptionNotice",
    "PrescriptionOutcome",
    "PrescriptionSaleWithdrawal",
    "PrescriptionWithdrawal",
    "VoucherUpload",
]
