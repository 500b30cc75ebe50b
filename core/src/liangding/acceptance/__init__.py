"""Acceptance: scenarios performed against the configured platform, evidence from the journal, forms filled from it."""

from .findings import findings_of
from .running import Performer
from .scenarios import scenarios_of

__all__ = ["Performer", "findings_of", "scenarios_of"]
