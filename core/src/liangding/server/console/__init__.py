"""The console: what persons see and decide in a browser. Off, unless a deployment's file has ``[console]``."""

from .pages import console_routes

__all__ = ["console_routes"]
