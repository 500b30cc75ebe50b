"""Trying a plugin's transactions and wrappers: messages for them, and calls whose answer is given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..config import Kind
from ..knowledge import Knowledge
from ..simulator.people import Person
from ..spec import Transaction
from ..spec.sampling import sample_answer, sample_request
from .rig import Rig
from .subject import PluginAtTest

CERTIFICATE = "02"
"""mdtrt_cert_type 居民身份证."""


def message_for(known: Knowledge, transaction: Transaction, person: Person | None = None, *, full: bool = False) -> Any:
    """A sample request about ``person``, without what the region fixes: that is filled in."""
    message = sample_request(transaction, full=full, tables=known.code_table)
    fixed = {each.field for each in known.fixed.of(transaction)}
    values: dict[str, str] = {}
    if person is not None:
        values = {"psn_no": person.psn_no, "mdtrt_cert_no": person.certno, "mdtrt_cert_type": CERTIFICATE}
    return _about(message, values, fixed)


def _about(message: Any, values: Mapping[str, str], without: set[str]) -> Any:
    if isinstance(message, list):
        return [_about(row, values, without) for row in message]
    if not isinstance(message, Mapping):
        return message
    kept = {key: _about(value, values, without) for key, value in message.items() if key not in without}
    return kept | {key: value for key, value in values.items() if key in kept}


def kind_for(hook: str) -> Kind:
    """The kind of institution that an interface is tried at."""
    return Kind.PHARMACY if hook.startswith("pharmacy_") else Kind.HOSPITAL


class Trial:
    """One wrapped interface, tried at a rig."""

    def __init__(self, rig: Rig, infno: str, person: Person) -> None:
        self.rig, self.infno, self.person = rig, infno, person
        self.known = rig.runtime.known
        self.transaction = self.known.interfaces[infno]

    def call(self, *, full: bool = False) -> Any:
        """Make the call; what comes of it is returned or raised."""
        message = message_for(self.known, self.transaction, self.person, full=full)
        return self.rig.runtime.call(
            self.infno, message, key=f"try {self.infno} {full}", insured_place=self.person.covers[0].place
        )

    def answer(self, *, full: bool) -> None:
        """Let the platform answer with the sample: what is required only, or everything."""
        named = {"psn_name": self.person.name, "certno": self.person.certno, "psn_no": self.person.psn_no}
        given = _about(sample_answer(self.transaction, full=full, tables=self.known.code_table), named, set())
        self.play(lambda request: given)

    def play(self, handler: Callable[[Any], Any]) -> None:
        self.rig.platform.handlers[self.infno] = handler


@contextlib.contextmanager
def trials(subject: PluginAtTest, kind: Kind) -> Iterator[Iterator[Trial]]:
    """The plugin's wrapped interfaces that are tried at an institution of that kind, each about a person of its own."""
    wrapped = [infno for infno, hook, _ in subject.around() if kind_for(hook) is kind]
    if not wrapped:
        yield iter(())
        return
    with subject.rig(kind) as rig:
        people = rig.platform.world.people.more("local", len(wrapped))
        yield (Trial(rig, infno, person) for infno, person in zip(wrapped, people, strict=True))
