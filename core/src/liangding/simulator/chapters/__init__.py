"""What the simulated platform does, a module for each chapter; importing this registers all of it."""

from . import files, goods, persons, pharmacy, queries, reversal, sign_in

__all__ = ["files", "goods", "persons", "pharmacy", "queries", "reversal", "sign_in"]
