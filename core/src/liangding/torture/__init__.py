"""Deterministic exploration: one seed decides everything that happens to a small insurance world, and an auditor says
whether money was safe in it.

Runtime, journal (a real file) and simulated platform live in one process under a simulated clock. Every choice (what
the desks do, what the network and the disk do, when a process dies) is drawn from :class:`Choices`, so that a seed
replays exactly and a failing one shrinks.
"""

from .choices import Choices
from .run import DESKS, Laboratory, RunOutcome, explore, run, shrink

__all__ = ["DESKS", "Choices", "Laboratory", "RunOutcome", "explore", "run", "shrink"]
