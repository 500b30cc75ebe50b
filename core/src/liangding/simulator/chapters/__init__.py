"""What the simulated platform does, a module for each chapter; importing this registers all of it."""

from . import files, goods, outpatient, persons, pharmacy, queries, reversal, sign_in

__all__ = ["files", "goods", "outpatient", "persons", "pharmacy", "queries", "reversal", "sign_in"]
