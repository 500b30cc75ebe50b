"""Statements as PDF, for A4 and A5: what a patient takes home, and what the insurance office files."""

from .pages import KINDS, PAPERS, statement
from .typesetting import CannotTypeset

__all__ = ["KINDS", "PAPERS", "CannotTypeset", "statement"]
