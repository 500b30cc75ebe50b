"""All flows that the core has."""

from __future__ import annotations

from typing import Any

from .engine import Flow
from .outpatient import Outpatient
from .pharmacy import PharmacyPurchase, PharmacyRefund

FLOWS: tuple[type[Flow[Any]], ...] = (PharmacyPurchase, PharmacyRefund, Outpatient)
