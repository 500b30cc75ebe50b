"""门诊: visits with their bills, taken back level by level or in part."""

from .bill import Outpatient, OutpatientGiven, OutpatientState
from .partial import OutpatientPartialRefund
from .undo import OutpatientUndo

__all__ = ["Outpatient", "OutpatientGiven", "OutpatientPartialRefund", "OutpatientState", "OutpatientUndo"]
