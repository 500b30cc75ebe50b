"""住院: a stay in parts, as a hospital works, and taking it back."""

from .admission import Admission, AdmissionChange
from .discharge import Discharge, InpatientTrial
from .fees import InpatientFees
from .stay import StayGiven, Ward
from .undo import InpatientUndo

__all__ = [
    "Admission",
    "AdmissionChange",
    "Discharge",
    "InpatientFees",
    "InpatientTrial",
    "InpatientUndo",
    "StayGiven",
    "Ward",
]
