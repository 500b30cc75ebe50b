"""A library without its maker: answers every function of a table as the table says, for made-up persons.

It takes the place of the helper process, so that everything in front of it is the real thing.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from liangding.contract import ConfigurationError
from liangding.contract.device_settings import settings_of
from liangding.contract.devices import Emulated, Patience, Persona

from .tables import Function, Library, Operation, library


class EmulatedHelper:
    """Each reading takes the next person; the last one stays. A token says which reading it is of, and for what."""

    started = 1

    def __init__(self, library: Library, personas: Iterable[Persona]) -> None:
        self._library = library
        self._personas = list(personas)
        self._readings = 0

    def ask(self, message: dict[str, Any], patience: Patience) -> dict[str, Any]:
        key, function = next((k, f) for k, f in self._library.functions.items() if f.name == message["function"])
        operation = self._reading_by(key)
        out: list[Any] = [None] * len(function.arguments)
        if operation is not None:
            out = self._read(operation, key, function, message["arguments"])
        for at, argument in enumerate(function.arguments):
            if argument.kind == "number_ref":
                out[at] = 0
            elif argument.kind in ("out", "inout") and out[at] is None:
                out[at] = ""
        return {"returned": self._returned(function), "out": out, "overrun": []}

    def close(self) -> None:
        """There is nothing to let go of."""

    def _reading_by(self, key: str) -> Operation | None:
        return next((o for o in self._library.operations.values() if o.media and key in o.calls), None)

    def _read(self, operation: Operation, key: str, function: Function, given: list[dict[str, Any]]) -> list[Any]:
        if key == operation.calls[0]:
            self._readings += 1
        persona = self._personas[min(self._readings, len(self._personas)) - 1]
        items = self._items(operation, persona, given)
        texts = {operation.output: self._written(operation, items)}
        if key in operation.collect:
            texts = {operation.collect[key]: items.get(key, "")}
        elif operation.signature:
            texts[operation.signature[1]] = "c2lnbmF0dXJl"
        encoding = self._library.encoding
        return [texts[a.name].encode(encoding).hex() if a.name in texts else None for a in function.arguments]

    def _items(self, operation: Operation, persona: Persona, given: list[dict[str, Any]]) -> dict[str, str]:
        medium = operation.media[0]
        number = {"social_card": persona.card_no, "identity_card": persona.certno, "code": persona.token}[medium]
        asked = next((bytes.fromhex(a["bytes"]).decode("ascii", "replace") for a in given if a["name"] == "infno"), "")
        values = {
            "type": {"social_card": "03", "identity_card": "02", "code": "01"}[medium], "number": number,
            "card_sn": persona.card_sn, "certno": persona.certno, "cert_type": persona.cert_type,
            "name": persona.name, "sex": persona.sex, "born": f"{persona.born:%Y%m%d}", "place": persona.place,
            "insured_place": persona.insured_place, "token": f"emulated-{self._readings}-{asked}",
            "valid_from": f"{persona.valid_from:%Y%m%d}",
            "valid_to": f"{persona.valid_to:%Y%m%d}" if persona.valid_to else "长期",
        }  # fmt: skip
        return {item: values.get(attribute, "") for attribute, item in operation.reading.items()}

    @staticmethod
    def _written(operation: Operation, items: Mapping[str, str]) -> str:
        if operation.format == "items":
            return "".join(items.get(item, "") + operation.separator for item in operation.items)
        document: dict[str, Any] = {"code": "1" if "data.card_token" in items else "0", "message": "", "data": {}}
        for path, value in items.items():
            document["data"][path.removeprefix("data.")] = value
        return json.dumps(document, ensure_ascii=False)

    @staticmethod
    def _returned(function: Function) -> Any:
        plain = next((s.value for s in function.success if not s.field and not s.argument), "0")
        return plain.encode().hex() if function.returns == "text" else int(plain)


def personas_of(path: str) -> list[Persona]:
    """The persons in a file that :func:`emulate` wrote."""
    try:
        held = json.loads(Path(path).read_text("utf-8"))
    except OSError as failed:
        raise ConfigurationError(f"读不到模拟人员：{failed.strerror}", path="emulated") from None
    return [settings_of("emulated", each, Persona) for each in held]


@contextlib.contextmanager
def emulate(personas: Iterable[Persona], settings: Mapping[str, Any]) -> Iterator[Emulated]:
    """An emulated library; ``settings`` may name which (``library``), else it is Sichuan's control."""
    wanted = library(str(settings.get("library", "yinhai")))
    with tempfile.TemporaryDirectory(prefix="liangding-emulated-") as folder:
        path = Path(folder) / "personas.json"
        path.write_text(json.dumps([attrs.asdict(p) for p in personas], default=str, ensure_ascii=False), "utf-8")
        values = {name: value or "1" for name, value in wanted.values.items()}
        opened = {"library": wanted.id, "values": values, "emulated": str(path)}
        yield Emulated(settings=opened, says=f"{wanted.title}")
