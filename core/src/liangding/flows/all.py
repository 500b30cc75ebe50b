"""All flows that the core has."""

from __future__ import annotations

from typing import Any

from ..contract.steps import Flow
from .dispensing import GoodsDispensing, GoodsReturn
from .inpatient import Admission, AdmissionChange, Discharge, InpatientFees, InpatientTrial, InpatientUndo
from .online import ONLINE_FLOWS
from .outpatient import (
    Outpatient,
    OutpatientPartialRefund,
    OutpatientRegistration,
    OutpatientSettleAgain,
    OutpatientUndo,
)
from .pharmacy import PharmacyPurchase, PharmacyRefund
from .registrations import REGISTRATION_FLOWS
from .shift import ShiftChange

FLOWS: tuple[type[Flow[Any]], ...] = (
    PharmacyPurchase,
    PharmacyRefund,
    OutpatientRegistration,
    Outpatient,
    OutpatientUndo,
    OutpatientPartialRefund,
    OutpatientSettleAgain,
    Admission,
    AdmissionChange,
    InpatientFees,
    InpatientTrial,
    Discharge,
    InpatientUndo,
    GoodsDispensing,
    GoodsReturn,
    *ONLINE_FLOWS,
    *REGISTRATION_FLOWS,
    ShiftChange,
)
