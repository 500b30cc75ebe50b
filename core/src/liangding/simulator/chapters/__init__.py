"""What the simulated platform does, a module for each chapter; importing this registers all of it."""

from . import admission, files, goods, inpatient, outpatient, persons, pharmacy, queries, reversal, sign_in

__all__ = [
    "admission",
    "files",
    "goods",
    "inpatient",
    "outpatient",
    "persons",
    "pharmacy",
    "queries",
    "reversal",
    "sign_in",
]
