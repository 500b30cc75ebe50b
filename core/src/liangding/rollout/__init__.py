"""Bringing institutions to work, and finding out what is wrong where one is."""
