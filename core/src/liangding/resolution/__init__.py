"""Ending what is unknown: ask the platform, reverse where asking does not tell, else hand over to a person.

The journal owns every unknown outcome; nothing here guesses. An outcome ends as accepted, absent or reversed only on
what the platform itself said.
"""

from ..contract.cases import Case, Finding, Resolution, Seen
from .approving import Proposal, approve, give_back, proposal_of, propose
from .asking import Asking
from .deciding import ACTION_NAMES, Action, Decision, NotAllowed, SecondPersonNeeded, actions, decide
from .elsewhere import Elsewhere
from .entering import Entering
from .resolver import REVERSAL, NotReversible, Resolver
from .showing import NotYet, PossibleSettlement, ShownCase, shown_case, whose

__all__ = [
    "ACTION_NAMES",
    "REVERSAL",
    "Action",
    "Asking",
    "Case",
    "Decision",
    "Elsewhere",
    "Entering",
    "Finding",
    "NotAllowed",
    "NotReversible",
    "NotYet",
    "PossibleSettlement",
    "Proposal",
    "Resolution",
    "Resolver",
    "SecondPersonNeeded",
    "Seen",
    "ShownCase",
    "actions",
    "approve",
    "decide",
    "give_back",
    "proposal_of",
    "propose",
    "shown_case",
    "whose",
]  # fmt: skip
