"""The key of a local API for which the file configures none: made at the first start, kept beside the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConfigurationError
from .clients import ApiKey, Client, Find, ServerSettings, new_api_key
from .secrets import Secret

FILE = "api-key"
"""The file, in the folder of the deployment's: all deployments of a folder that configure no keys share it."""

NAME = "local"
"""What its client is called in journal and log."""


def own_key_file(folder: Path) -> Path:
    """Where the key of a folder's deployments is kept."""
    return folder / FILE


def clients_of(settings: ServerSettings, find: Find, folder: Path) -> list[Client]:
    """Who may ask: whom the file names, or else whoever has the key that was made here; nobody is named where none was.
    ConfigurationError where a configured key is missing."""
    return [*_clients(settings, find, folder)]


def _clients(settings: ServerSettings, find: Find, folder: Path) -> Iterator[Client]:
    if settings.api_keys:
        yield from settings.clients(find)
    elif own_key_file(folder).exists():
        made = ApiKey(name=NAME, key=Secret(file=str(own_key_file(folder).absolute())))
        yield from ServerSettings(api_keys=[made]).clients(find)


def make_own_key(folder: Path) -> str:
    """A key for the deployments of a folder, readable by this user alone; empty where one is there already.
    ConfigurationError where it cannot be kept."""
    path, key = own_key_file(folder), new_api_key()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(key)
    except FileExistsError:
        return ""
    except OSError as failed:
        raise ConfigurationError(
            f"接口密钥写不了 {path}：{failed.strerror}",
            path="server.api_keys",
            remedy="liangding key --api 生成一个，写进部署文件的 [[server.api_keys]]",
        ) from None
    return key
