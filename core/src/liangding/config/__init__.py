"""A deployment's file: one institution's connection, its secrets by reference, the journal that it names."""

from .clients import ApiKey, Client, ServerSettings
from .deployment import (
    Business,
    Checks,
    Deployment,
    Ecredential,
    Institution,
    JournalSettings,
    Kind,
    Operator,
    load_deployment,
    read_deployment,
)
from .features import Features
from .keys import KeySettings
from .line import Platform
from .resolving import ResolutionSettings
from .secrets import Secret
from .services import SecuredService
from .sharing import deployment_files
from .spoken import Spoken

__all__ = [
    "ApiKey",
    "Business",
    "Checks",
    "Client",
    "Deployment",
    "Ecredential",
    "Features",
    "Institution",
    "JournalSettings",
    "KeySettings",
    "Kind",
    "Operator",
    "Platform",
    "ResolutionSettings",
    "Secret",
    "SecuredService",
    "ServerSettings",
    "Spoken",
    "deployment_files",
    "load_deployment",
    "read_deployment",
]
