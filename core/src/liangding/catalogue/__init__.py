"""Catalogues (医保目录) kept beside the journal: fetched by version, found by code, name and pinyin.

``shelf`` is where they stand (SQLite, or PostgreSQL), ``loading`` brings a file onto it, ``syncing`` fetches what is
new, ``finding`` looks things up.
"""
