"""Addresses of databases and services: shown without what is secret in them, and given the password that a deployment
names beside them."""

from __future__ import annotations

import re

from ..errors import ConfigurationError
from ..journal.engines import database_url
from ..privacy import SECRET_NAMES

_USER = re.compile(r"(?<=://)([^:]*):.*@", re.DOTALL)
_ASKED = re.compile(r"(?<=[?&])([^=&#]*)=([^&#]*)")


def without_secrets(address: str) -> str:
    """An address that may be shown: without a password, whether it stands before the host or behind a question mark."""
    shown = _USER.sub(r"\1:***@", address)
    return _ASKED.sub(lambda found: f"{found[1]}=***" if SECRET_NAMES.search(found[1]) else found[0], shown)


def with_password(address: str, password: str) -> str:
    """A database's address with its password; one that is none stays as it is, for who opens it to refuse."""
    try:
        return database_url(address).set(password=password).render_as_string(hide_password=False)
    except ConfigurationError:
        return address
