"""Where the journals of runs stand, each empty at its run's beginning: an SQLite file, or a database on a server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ..journal import Journal, Vault
from ..journal.engines import open_engine


class Files:
    """A file in ``folder``, copied from an empty one."""

    url = "sqlite:///journal.db"

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder = folder / "run"
        self._template = folder / "template.db"
        Journal("sqlite:///template.db", vault, folder=folder, owner="template").close()

    def empty(self) -> None:
        """From now on nothing is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        shutil.copyfile(self._template, self.folder / "journal.db")

    def close(self) -> None:
        """Nothing is left but the folder, which is somebody else's."""


class Databases:
    """A database on the PostgreSQL at ``server``, made from an empty one; who is named there may make databases."""

    def __init__(self, folder: Path, vault: Vault, server: str) -> None:
        self.folder = folder
        self._name = f"liangding_torture_{os.getpid()}"
        self._server: Engine = open_engine(server, folder)
        self.url = self._at(server, self._name)
        self._make(f"{self._name}_empty", "template1")
        Journal(self._at(server, f"{self._name}_empty"), vault, folder=folder, owner="template").close()

    def empty(self) -> None:
        """From now on nothing is in it."""
        self._make(self._name, f"{self._name}_empty")

    def close(self) -> None:
        """Nothing is left of it."""
        self._say(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        self._say(f"DROP DATABASE IF EXISTS {self._name}_empty WITH (FORCE)")
        self._server.dispose()

    def _make(self, name: str, like: str) -> None:
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._say(f"CREATE DATABASE {name} TEMPLATE {like}")

    def _say(self, command: str) -> None:
        with self._server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(command)

    @staticmethod
    def _at(server: str, name: str) -> str:
        return make_url(server).set(database=name).render_as_string(hide_password=False)
