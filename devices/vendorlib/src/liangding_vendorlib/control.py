"""A library as a device: its session, its readings, its passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from liangding.contract import ConfigurationError, SystemClock, now
from liangding.contract.device_errors import DeviceFault, NothingShown, NotSupported
from liangding.contract.device_settings import SecretText
from liangding.contract.devices import (
    Device,
    Medium,
    PasswordRequest,
    Patience,
    Reading,
    ReadRequest,
    Session,
    Signature,
    Token,
)

from .calling import Caller, LibraryRefused, Outcome, pick
from .process import Helper
from .tables import Library, Operation

BY_TYPE = {"01": Medium.CODE, "02": Medium.IDENTITY_CARD, "03": Medium.SOCIAL_CARD}
"""mdtrt_cert_type → what was shown."""

EVERY = 0.3
"""Seconds between two looks for a card."""

TURN = 3.0
"""Seconds that one way of reading waits where others wait for their turn."""

SEXES = {"男": "1", "女": "2", "1": "1", "2": "2", "0": "0", "9": "9"}


@attrs.frozen(kw_only=True)
class LibrarySettings:
    """``library``: which table, one that ships with the driver or a TOML file; ``variant`` of it. ``path``: the file of
    the library (none: COM). ``python``: the interpreter that loads it, where its width is another. ``values``: what the
    table asks for. ``emulated``: a file of persons; then no library is loaded."""

    library: str
    variant: str = ""
    path: str = ""
    python: str = ""
    values: dict[str, str] = attrs.field(factory=dict)
    emulated: str = ""


class LibraryDevice(Device):
    """A library behind a helper. Its session is begun where need be: also again, after the helper was let go."""

    def __init__(self, name: str, library: Library, helper: Helper, values: Mapping[str, str]) -> None:
        self.name = name
        self.media = library.media
        self._library = library
        self._helper = helper
        self._values = dict(values)
        self._caller = Caller(library, helper, name)
        self._session: Session | None = None
        self._begun = 0

    # -- the session -----------------------------------------------------------------------------------------------

    def begin(self, session: Session) -> None:
        self._session = session
        self._ensure_begun(Patience(60))

    def end(self) -> None:
        if self._begun and "end" in self._library.operations:
            self._run("end", {}, Patience(30))
        self._begun, self._session = 0, None

    def close(self) -> None:
        self._helper.close()
        self._begun = 0

    def _ensure_begun(self, patience: Patience) -> None:
        """Start the library, unless it is started: its helper may have died since."""
        if "begin" not in self._library.operations:
            return
        if self._begun and self._begun == self._helper.started and self._library.session == "operator":
            return
        self._run("begin", {}, patience)
        self._begun = self._helper.started

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, asked: ReadRequest, patience: Patience) -> Reading:
        names = self._ways(asked)
        if not names:
            raise NotSupported(f"这个控件不读{asked.wanted}", device=self.name)
        while True:
            for name in names:
                turn = Patience(patience.left() if len(names) == 1 else patience.left(TURN), patience.called_off)
                try:
                    self._ensure_begun(patience)
                    return self._reading(name, asked, turn)
                except NothingShown:
                    if patience.left() <= 0:
                        raise
            if not patience.wait(EVERY):
                raise NothingShown(f"没有等到{asked.wanted}", device=self.name)

    def _ways(self, asked: ReadRequest) -> list[str]:
        """The operations that read what is asked for, in the order of the media; one that reads several comes once."""
        found = [
            name
            for medium in asked.media
            for name, operation in self._library.operations.items()
            if medium in operation.media
        ]
        return list(dict.fromkeys(found))

    def _reading(self, name: str, asked: ReadRequest, patience: Patience) -> Reading:
        operation = self._library.operations[name]
        last, collected = self._run(name, _of_request(asked, patience), patience)
        raw = items(operation, last, collected)
        if not raw:
            raise DeviceFault(f"{self._library.title}的返回中没有内容", device=self.name)
        return reading(operation, raw, last, asked, self.name)

    # -- passwords -------------------------------------------------------------------------------------------------

    def verify_password(self, asked: PasswordRequest, patience: Patience) -> None:
        self._password("verify_password", asked, patience)

    def change_password(self, asked: PasswordRequest, patience: Patience) -> None:
        self._password("change_password", asked, patience)

    def _password(self, name: str, asked: PasswordRequest, patience: Patience) -> None:
        if name not in self._library.operations:
            raise NotSupported(f"{self._library.title}不能校验或修改密码", device=self.name)
        self._ensure_begun(patience)
        self._run(name, {"password": asked.password or "", "new_password": asked.new or ""}, patience)

    # -- running ---------------------------------------------------------------------------------------------------

    def _run(self, name: str, of_request: Mapping[str, str], patience: Patience) -> tuple[Outcome, dict[str, str]]:
        """Make an operation's calls. The last one's outcome, and what was collected of all."""
        operation, collected = self._library.operations[name], dict[str, str]()
        passing = {"no": (), "for_card": (NothingShown,), "until_well": (NothingShown, LibraryRefused)}[operation.wait]
        values = {**self._values, **self._of_session(), **of_request}
        for at, function in enumerate(operation.calls):
            while True:
                try:
                    outcome = self._caller.call(function, values, patience)
                    break
                except passing:
                    if at > 0 or not patience.wait(EVERY):
                        raise
            if function in operation.collect:
                collected[function] = outcome.written.get(operation.collect[function], "")
        return outcome, collected

    def _of_session(self) -> dict[str, str]:
        session = self._session
        if session is None:
            return {}
        return {
            "institution": session.institution, "area": session.area, "operator": session.operator,
            "operator_name": session.operator_name,
        }  # fmt: skip


def _of_request(asked: ReadRequest, patience: Patience) -> dict[str, str]:
    said = {
        "infno": asked.infno, "psn_no": asked.psn_no, "institution": asked.institution, "area": asked.area,
        "operator": asked.operator, "operator_name": asked.operator_name, "office_id": asked.office_id,
        "office_name": asked.office_name, "org_id": asked.org_id or asked.institution,
        "business_type": asked.business_type,
    }  # fmt: skip
    moment = f"{now(SystemClock()):%Y%m%d%H%M%S}"
    milliseconds = str(max(1000, int(patience.left() * 1000)))
    return {name: value for name, value in said.items() if value} | {
        "psn_no": asked.psn_no, "now": moment, "milliseconds": milliseconds,
    }  # fmt: skip


def items(operation: Operation, last: Outcome, collected: Mapping[str, str]) -> dict[str, str]:
    """What an operation read, item by item."""
    if operation.format == "collect":
        return {name: value for name, value in collected.items() if value}
    text = last.written.get(operation.output, "")
    if operation.format == "json":
        document = last.document(operation.output)
        found = {name: pick(document, name) for name in operation.items}
        return {name: value for name, value in found.items() if value}
    parts = (part.strip() for part in text.split(operation.separator))
    return {name: part for name, part in zip(operation.items, parts, strict=False) if name and part}


def reading(operation: Operation, raw: Mapping[str, str], last: Outcome, asked: ReadRequest, device: str) -> Reading:
    """The reading that these items are."""
    said = {attribute: raw.get(item, "") for attribute, item in operation.reading.items()}
    kind = said.get("type", "").zfill(2) if said.get("type") else ""
    medium = BY_TYPE.get(kind, operation.media[0])
    token = said.pop("token", "")
    signed = [last.written.get(argument, "") for argument in operation.signature]
    return Reading(
        medium=medium, device=device, type=kind, number=said.get("number", ""), card_sn=said.get("card_sn", ""),
        cert_type=said.get("cert_type", ""), certno=said.get("certno", ""), name=said.get("name", ""),
        place=said.get("place", ""), insured_place=said.get("insured_place", ""), raw=dict(raw),
        sex=SEXES.get(said.get("sex", ""), ""), born=_day(said.get("born", "")),
        valid_from=_day(said.get("valid_from", "")), valid_to=_day(said.get("valid_to", "")),
        token=Token(value=token, infno=asked.infno, scope=asked.scope) if token else None,
        signature=Signature(hcard_basinfo=signed[0], hcard_chkinfo=signed[1]) if all(signed) and signed else None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    """A day in one of the ways that libraries write it; None where it is none."""
    digits = "".join(c for c in text if c.isdecimal())[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) == 8 else None
    except ValueError:
        return None


def values_of(library: Library, settings: LibrarySettings) -> dict[str, str]:
    """What the table asks for, from the settings. ConfigurationError names what is missing, and what is too much."""
    unknown = settings.values.keys() - library.values.keys()
    values = library.values | settings.values
    missing = [name for name, value in values.items() if not value and name not in settings.values]
    bare = [n for n in library.secret if values.get(n) and not isinstance(values[n], SecretText)]
    if unknown or missing or bare:
        said = [f"没有这一项 {name}" for name in sorted(unknown)] + [f"没有写明 {name}" for name in missing]
        said += [f"{name} 是密钥，不能写在部署文件里" for name in bare]
        raise ConfigurationError(
            "；".join(said), path="values", remedy=f"{library.title}要写明：{'、'.join(library.values) or '没有'}"
        )
    return values


def load_message(library: Library, settings: LibrarySettings) -> tuple[dict[str, Any], Path | None]:
    """How the helper loads the library, and the folder that it works in."""
    if not settings.path:
        if not library.progid:
            raise ConfigurationError("没有写明库文件", path="path", remedy=f"如 {'、'.join(library.files)} 的全路径")
        return {"do": "load", "progid": library.progid}, None
    path = Path(settings.path)
    return {"do": "load", "path": str(path), "convention": library.convention}, path.absolute().parent
