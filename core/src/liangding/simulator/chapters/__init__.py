"""What the simulated platform does, a module for each chapter; importing this registers all of it."""

from . import ecredentials, files, goods, persons, pharmacy, queries, reversal, sign_in

__all__ = ["ecredentials", "files", "goods", "persons", "pharmacy", "queries", "reversal", "sign_in"]
