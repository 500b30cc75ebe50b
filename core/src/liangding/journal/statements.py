"""Statements that are constants, compiled once for each kind of database and run on the driver's own cursor: building
and reading a result through the engine costs several times what the database takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Boolean, Engine, Select
from sqlalchemy.engine import Dialect


class Prepared:
    """A statement compiled once for each kind of database, for the paths that every call takes. Statements are
    constants: each is kept."""

    _made: ClassVar[dict[tuple[str, Any], Prepared]] = {}

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...] | None = None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self._positions: list[str] | None = compiled.positiontup if compiled.positional else None
        self._said = {name: value for name, value in compiled.params.items() if value is not None}
        found = statement.selected_columns if isinstance(statement, Select) else ()
        self._names = tuple(column.name for column in found)
        self._flags = tuple(column.name for column in found if isinstance(column.type, Boolean))

    @classmethod
    def of(cls, statement: Any, engine: Engine, columns: tuple[str, ...] | None = None) -> Prepared:
        """The statement for an engine's kind of database; ``columns`` are those that an INSERT fills."""
        at = engine.dialect.name, statement
        made = cls._made.get(at)
        if made is None:
            made = cls._made[at] = cls(statement, engine.dialect, columns)
        return made

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given: ``values``, and those that the statement itself says."""
        whole = {**self._said, **values}
        return whole if self._positions is None else tuple([whole[name] for name in self._positions])

    def rows(self, cursor: Any) -> list[dict[str, Any]]:
        """What a SELECT found, by the columns' names."""
        found = [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]
        for name in self._flags:
            for row in found:
                row[name] = None if row[name] is None else bool(row[name])
        return found
