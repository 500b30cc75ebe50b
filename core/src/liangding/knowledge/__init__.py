"""What a deployment knows: its plugins, held to what can be, and with them the national baseline as it is here."""

from .known import Knowledge

__all__ = ["Knowledge"]
