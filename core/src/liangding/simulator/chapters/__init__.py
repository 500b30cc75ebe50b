"""What the simulated platform does, a module for each chapter; importing this registers all of it."""

from . import (
    admission,
    audit,
    files,
    goods,
    inpatient,
    orders,
    outpatient,
    persons,
    pharmacy,
    queried,
    queries,
    records,
    registrations,
    reversal,
    self_pay,
    sign_in,
)

__all__ = [
    "admission",
    "audit",
    "files",
    "goods",
    "inpatient",
    "orders",
    "outpatient",
    "persons",
    "pharmacy",
    "queried",
    "queries",
    "records",
    "registrations",
    "reversal",
    "self_pay",
    "sign_in",
]
