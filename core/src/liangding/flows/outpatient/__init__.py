"""门诊: visits with their bills, taken back level by level or in part."""

from .again import OutpatientSettleAgain
from .bill import Outpatient, OutpatientGiven, OutpatientState
from .partial import OutpatientPartialRefund
from .registration import OutpatientRegistration
from .undo import OutpatientUndo

__all__ = [
    "Outpatient", "OutpatientGiven", "OutpatientPartialRefund", "OutpatientRegistration", "OutpatientSettleAgain",
    "OutpatientState", "OutpatientUndo",
]  # fmt: skip
