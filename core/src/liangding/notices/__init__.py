"""Notices of online services (7108, 7109, 6302): received at a door of their own, verified, acted on once."""

from .door import listening, notice_app
from .receiving import Receiver

__all__ = ["Receiver", "listening", "notice_app"]
