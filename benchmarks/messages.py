"""Reading, checking and writing large messages, against msgspec decoding the same bytes into plain structs that
check nothing but the types; and what one transaction loads."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import msgspec

from liangding.checks import EVERY_REQUEST, NATIONAL
from liangding.checks.settlement_list import settlement_list
from liangding.knowledge.interfaces import BASELINE
from liangding.spec import Transaction
from liangding.spec.leaves import STRICT
from liangding.spec.nodes import members, node_of
from liangding.spec.problems import errors
from liangding.spec.reading import MessageReader
from liangding.spec.sampling import sample_request
from liangding.spec.writing import MessageWriter
from liangding.wire.json import decode, encode

from .measuring import compare, in_turn, report

AIM = 6


def run() -> None:
    fees = sample_request(BASELINE["2204"], full=True)
    row = fees["feedetail"][0]
    fees["feedetail"] = [{**row, "feedetl_sn": str(i)} for i in range(50)]
    _measure(BASELINE["2204"], fees, "2204 with 50 fee rows")
    settled = sample_request(BASELINE["4101A"], full=True)
    _measure(BASELINE["4101A"], settled, "4101A, every field, one row in each list")
    rows = {"diseinfo": 10, "oprninfo": 5, "icuinfo": 2, "bldinfo": 2, "opspdiseinfo": 2}
    grown = settled | {name: settled[name] * count for name, count in rows.items()}
    _measure(BASELINE["4101A"], grown, "4101A, every field, ten diagnoses and five operations")
    _loading()


def _measure(transaction: Transaction, message: Any, name: str) -> None:
    data = encode(message)
    reader, writer = MessageReader(STRICT), MessageWriter()
    quality = [check for check in transaction.checks("request") if check is settlement_list]
    checks = [check for check in (*EVERY_REQUEST, *transaction.checks("request")) if check not in quality]
    plain = msgspec.json.Decoder(_struct(node_of(transaction.input)))
    values = decode(data)

    def ours() -> None:
        node, problems = reader.read(transaction.input, values, ("input",))
        for check in checks:
            problems += check(node, NATIONAL)
        writer.write(node)

    _, problems = reader.read(transaction.input, values)
    assert not errors(problems), problems
    in_turn(ours, lambda: plain.decode(data), 50)
    took, base = in_turn(ours, lambda: plain.decode(data), 500)
    names = ("read, check, write", "msgspec decode into structs")
    compare(f"{name} ({len(data):,} bytes)", took, base, names, AIM)
    if quality:
        node, _ = reader.read(transaction.input, values, ("input",))
        controlled, _ = in_turn(lambda: list(settlement_list(node, NATIONAL)), ours, 200)
        report("quality control of the list, beyond that", controlled)
        print()


def _struct(cls: Any) -> type[msgspec.Struct]:
    """A plain struct of the same members: text, exact decimals, lists; no lengths, codes, dates or conditions."""
    fields = []
    for member in members(cls):
        kind: Any = Decimal if member.field and member.field.type == "number" else str
        if member.node is not None:
            kind = list[_struct(member.node)] if member.repeats else _struct(member.node)  # type: ignore[misc]
        fields.append((member.attribute, kind) if member.required else (member.attribute, kind | None, None))
    renamed = {member.attribute: member.wire for member in members(cls)}
    return msgspec.defstruct(cls.__name__, fields, kw_only=True, rename=renamed)


def _loading() -> None:
    script = """
import sys, time
began = time.perf_counter()
from liangding.knowledge.interfaces import BASELINE
imported = time.perf_counter()
from liangding.spec.reading import read_request
from liangding.spec.sampling import sample_request
t = BASELINE["2102"]
read_request(t.input, sample_request(t))
done = time.perf_counter()
chapters = [m for m in sys.modules if m.startswith("liangding.national.") and not m.endswith("index")]
print(f"  import {1e3 * (imported - began):.0f} ms, first message of 2102 {1e3 * (done - imported):.0f} ms; "
      f"{len(sys.modules)} modules, of the national chapters only: {', '.join(chapters)}")
"""
    print("what one transaction loads")
    print(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
