"""Where rows come from: a file, or a view of another system's database, whose address is kept by reference."""

from __future__ import annotations

from pathlib import Path

import attrs

from ..errors import ConfigurationError
from ..files.tables import Row, rows_of_file, rows_of_view
from .deployment import structured
from .secrets import Secret
from .sharing import read_toml


@attrs.frozen(kw_only=True)
class Source:
    """Where rows come from: a ``file`` (CSV, or XLSX, its ``sheet``), or a view: ``url`` by reference, ``query``."""

    file: str = ""
    sheet: str = ""
    url: Secret | None = None
    query: str = ""


@attrs.frozen(kw_only=True)
class SourceFile:
    """A file that says where rows come from: its table ``[source]``."""

    source: Source


def rows_of(source: Source, folder: Path, file: Path | None = None) -> list[Row]:
    """The rows that a source names, or those of ``file``. ConfigurationError; BadTable."""
    if file is None and source.url is not None:
        return rows_of_view(source.url.value("source.url", folder), source.query)
    if file is None and not source.file:
        raise ConfigurationError("没有说从哪里读：给出文件，或写 [source]", path="source")
    return rows_of_file(file or folder / source.file, source.sheet)


def rows_from(path: Path) -> list[Row]:
    """The rows of a table (``.csv``, ``.xlsx``), or those that a ``.toml`` with a ``[source]`` names. BadTable;
    ConfigurationError."""
    if path.suffix.lower() != ".toml":
        return rows_of_file(path)
    return rows_of(structured(read_toml(path), SourceFile, path).source, path.parent)
