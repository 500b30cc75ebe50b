"""Every transaction, by hypothesis: what is legal arrives at the platform as it was meant, what is illegal does not
leave."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liangding.calls.validation import validate
from liangding.knowledge.interfaces import BASELINE
from liangding.spec.leaves import STRICT
from liangding.spec.nodes import Member, Shape, is_list, members, node_of
from liangding.spec.problems import errors
from liangding.spec.reading import MessageReader
from liangding.spec.sampling import sample, sample_answer, sample_request
from liangding.spec.writing import NATIONAL, SPARSE, MessageWriter, WireStyle
from liangding.wire.json import decode, encode
from strategies import messages, spoilt

PUBLIC = [infno for infno in BASELINE.numbers() if BASELINE[infno].public]

STYLES = {
    "sparse": MessageWriter(SPARSE),
    "national": MessageWriter(NATIONAL),
    "quoted": MessageWriter(WireStyle(quoted_numbers=True, full_scale=True, empty_number="blank", empty_text="null")),
}

READER = MessageReader(STRICT)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def meant(value: Any, style: str) -> Any:
    """What a node's values are once they have been written in a style: an empty number may arrive as nought."""
    if isinstance(value, list):
        return [meant(row, style) for row in value]
    found: dict[str, Any] = {}
    cls: Any = type(value)
    for member in members(cls):
        held = getattr(value, member.attribute)
        if member.node is not None:
            found[member.wire] = None if held is None else meant(held, style)
        elif held is None and style == "national" and member.field and member.field.type == "number":
            found[member.wire] = Decimal(0)
        else:
            found[member.wire] = held
    return found


@pytest.mark.parametrize("infno", PUBLIC)
def test_what_is_legal_arrives_as_it_was_meant(infno: str) -> None:
    shape = BASELINE[infno].input

    @FEW
    @given(messages(shape))
    def run(message: Any) -> None:
        node, problems = READER.read(shape, decode(encode(message)))
        assert errors(problems) == []
        for style, writer in STYLES.items():
            arrived, problems = READER.read(shape, decode(encode(writer.write(node))))
            assert [p for p in errors(problems) if p.rule != "required"] == []
            assert meant(arrived, "sparse") == meant(node, style)

    run()


def leaves(
    shape: Shape, node: Any = None, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], Member]]:
    """Every field of a shape, with its place in the sample message."""
    if is_list(shape):
        path = (*path, 0)
    found: list[tuple[tuple[str | int, ...], Member]] = []
    for member in members(node or node_of(shape)):
        here = (*path, member.wire)
        if member.node is None:
            found.append((here, member))
        else:
            found += leaves(member.node, member.node, (*here, 0) if member.repeats else here)
    return found


def put(message: Any, path: tuple[str | int, ...], value: Any) -> None:
    *above, last = path
    for step in above:
        message = message[step]
    message[last] = value


@pytest.mark.parametrize("infno", PUBLIC)
def test_nothing_illegal_passes(infno: str) -> None:
    shape = BASELINE[infno].input
    places = leaves(shape)
    if not places:
        return

    @settings(FEW, max_examples=15)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        path, member = data.draw(st.sampled_from(places))
        assert member.field is not None
        ways = spoilt(member.field) + ([("required", ""), ("required", None)] if member.required else [])
        if not ways:
            return
        rule, value = data.draw(st.sampled_from(ways))
        message = sample(shape, full=True)
        put(message, path, value)
        found = {(p.path, p.rule) for p in errors(validate(infno, encode(message), "request"))}
        assert (("input", *path), rule) in found

    run()


@pytest.mark.parametrize("infno", BASELINE.numbers())
def test_samples_are_legal(infno: str) -> None:
    transaction = BASELINE[infno]
    for full in (False, True):
        request = sample_request(transaction, full=full)
        assert errors(validate(infno, encode(request), "request")) == []
        answer = {"infcode": 0, "output": sample_answer(transaction, full=full)}
        assert errors(validate(infno, encode(answer), "response")) == []
