"""What is told differently from what is kept."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Story

MOST = 60
"""Lines of a difference that are shown."""


def differences(story: Story, told: str) -> str:
    """The difference, as of two files; empty where there is none."""
    kept = story.kept.read_text("utf-8") if story.kept.exists() else ""
    if told == kept:
        return ""
    found = list(difflib.unified_diff(kept.splitlines(), told.splitlines(), "kept", "told", lineterm="", n=2))
    return "\n".join(found[:MOST] + [f"… {len(found) - MOST} lines more"] * (len(found) > MOST))
