"""How things are written in a story: messages by their nodes and fields in order, rows by what changed of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from liangding.clock import in_china
from liangding.wire.json import encode

WIDTH = 118

_RANDOM = re.compile(r"(?<![0-9a-fk:])(?:k\d+:[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{12})(?![0-9a-f])")
"""Random numbers and digests by random keys; what is all digits is a message's number, or an amount."""

_ALWAYS = re.compile(
    r'(?<=number=")[0-9a-f]{12}(?=")|(?<=\d-)[0-9a-f]{16}(?![0-9a-f])|(?<=\d{4}:)[0-9a-f]{32}(?![0-9a-f])'
)
"""Those of proposals and heads, and of keys that calls get by themselves, whatever they look like."""


class Names:
    """Names for what is random: the same one for the same thing, by the order in which they come up."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._fixed: dict[str, str] = {}

    def call(self, text: str, name: str) -> None:
        """From now on that text stands as this name."""
        self._fixed[text] = name

    def told(self, text: str) -> str:
        """A text with names in the place of what is random."""
        for each, name in self._fixed.items():
            text = text.replace(each, name)
        text = _ALWAYS.sub(lambda found: self._name(found[0]), text)
        return _RANDOM.sub(lambda found: found[0] if found[0].isdigit() else self._name(found[0]), text)

    def _name(self, found: str) -> str:
        return self._known.setdefault(found, f"<{len(self._known) + 1}>")


def plain(value: Any) -> Any:
    """A value as JSON has it; what is empty in an object of ours is left out."""
    if attrs.has(type(value)):
        held = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return {name: plain(each) for name, each in held.items() if each not in (None, (), [], {}, "")}
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal | int | float) or value is None:
        return value
    return f"({type(value).__name__})"


def compact(value: Any) -> str:
    """JSON in one line."""
    return value if isinstance(value, str) else encode(plain(value)).decode()


def fields(held: Mapping[str, Any]) -> str:
    """The fields of a node in order."""
    return "  ".join(f"{name}={written(plain(value))}" for name, value in held.items())


def written(value: Any) -> str:
    """A value, with room between the fields of what stands in it."""
    if isinstance(value, Mapping) and value:
        return "{" + fields(value) + "}"
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        return "[" + "  ".join(map(written, value)) + "]"
    return encode(value).decode()


def nodes(message: Any) -> Iterator[str]:
    """A message's nodes, a line for each, in order."""
    if not isinstance(message, Mapping):
        yield message if isinstance(message, str) else written(plain(message))
        return
    for name, node in message.items():
        if isinstance(node, Mapping):
            yield f"{name}: {fields(node)}"
        elif isinstance(node, list) and node and all(isinstance(each, Mapping) for each in node):
            yield from (f"{name}[{number}]: {fields(each)}" for number, each in enumerate(node))
        else:
            yield f"{name}={written(plain(node))}"


def wrapped(text: str, indent: str) -> Iterator[str]:
    """Lines of bearable width, broken between fields."""
    line = indent
    for part in text.split("  "):
        if len(line) + len(part) > WIDTH and line.strip():
            yield line.rstrip()
            line = indent + "  "
        line += part + "  "
    yield line.rstrip()


def moment(epoch: float, start: float) -> str:
    """A moment as a time of day, with its day where that is another one than the story's first."""
    at, first = in_china(epoch), in_china(start)
    told = f"{at:%H:%M:%S}" + (f".{at.microsecond // 1000:03d}" if at.microsecond else "")
    return told if at.date() == first.date() else f"{at:%m-%d} {told}"


def changed(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterable[tuple[str, Any]]:
    """What of a row is other than before; of a new one what holds something."""
    if before is None:
        return [(name, value) for name, value in row.items() if value is not None]
    return [(name, value) for name, value in row.items() if value != before[name]]


EMPTY: tuple[Any, ...] = (None, "", [], {}, False, 0, "0")


def other(held: Any, before: Any) -> Any:
    """Of an object what is other than before, entry by entry, or where nothing was before, all that says something."""
    if not isinstance(held, Mapping):
        return held
    if not isinstance(before, Mapping):
        return {name: other(value, None) for name, value in held.items() if value not in EMPTY}
    return {name: other(value, before.get(name)) for name, value in held.items() if value != before.get(name)}


NAMED = frozenset({
    "psn_no", "certno", "mdtrt_id", "setl_id", "feedetl_sn", "ipt_otp_no", "medins_setl_id", "sign_no", "insutype",
    "insuplc_admdvs", "psn_insu_stas", "refd_setl_flag", "medfee_sumamt", "fund_pay_sumamt", "acct_pay",
    "psn_cash_pay", "balc", "det_item_fee_sumamt", "memo", "retRslt", "msgRslt", "opsp_dise_code", "jr_id", "sev_deg",
})  # fmt: skip
"""What is told of the platform's answers: identifiers, states and sums. The rest is the platform's own to state."""


def brief(output: Any) -> Any:
    """An answer's output with what is told of it, and how much there is beside it."""
    if isinstance(output, list):
        return [brief(each) for each in output]
    if not isinstance(output, Mapping):
        return output
    told = {
        name: brief(value)
        for name, value in output.items()
        if name in NAMED or (isinstance(value, Mapping | list) and value)
    }
    return told | ({"…": f"{len(output) - len(told)} more"} if len(output) > len(told) else {})


def shortened(seen: Any) -> Any:
    """What a flow's caller sees, without what a slip says word by word and every field of a settlement: they are held
    elsewhere."""
    if isinstance(seen, list):
        return [shortened(each) for each in seen]
    if not isinstance(seen, Mapping):
        return seen
    told = {name: shortened(value) for name, value in seen.items()}
    if "setlinfo" in told:
        told |= {"setlinfo": brief(seen["setlinfo"]), "setldetail": len(seen["setldetail"])}
    return told | ({"slip": f"{len(seen['slip'].splitlines())} lines"} if seen.get("slip") else {})
