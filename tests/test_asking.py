"""Who asks, for which deployment, in which request and trace: known within a block, and as before behind it."""

from __future__ import annotations

import logging

import pytest

from liangding.journal.asking import AskingFilter, asked_by, asking, in_request, in_trace, trace

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def line() -> tuple[str, str, str]:
    """What a line of the log says now: who asks, the deployment, the request."""
    record = logging.LogRecord("liangding", logging.INFO, "", 0, "x", (), None)
    assert AskingFilter().filter(record)
    return record.__dict__["principal"], record.__dict__["deployment"], record.__dict__["request"]


def test_within_a_block_and_behind_it() -> None:
    assert (asking(), trace(), line()) == (None, None, ("-", "-", "-"))
    with in_request("r1"), in_trace(TRACE), asked_by("api:his", "till-1"):
        assert (asking(), trace(), line()) == ("api:his", TRACE, ("api:his", "till-1", "r1"))
        with asked_by("keeper"):
            assert line() == ("keeper", "till-1", "r1"), "the deployment and the request stay"
            with asked_by("jobs", "till-2"), in_request("r2"), in_trace(None):
                assert (trace(), line()) == (None, ("jobs", "till-2", "r2"))
            assert (trace(), line()) == (TRACE, ("keeper", "till-1", "r1"))
        with pytest.raises(ValueError, match="in it"), asked_by("other"), in_request("r3"), in_trace(None):
            raise ValueError("in it")
        assert (asking(), trace(), line()) == ("api:his", TRACE, ("api:his", "till-1", "r1"))
    assert (asking(), trace(), line()) == (None, None, ("-", "-", "-"))


def test_of_a_long_name_a_hundred_characters_are_kept() -> None:
    with asked_by("甲" * 101):
        assert asking() == "甲" * 100


TRACES: dict[str, tuple[str | None, bool]] = {
    "as it is": (TRACE, True), "another flag": (TRACE[:-2] + "00", True),
    "no trace": ("00-" + "0" * 32 + TRACE[35:], False), "no span": (TRACE[:36] + "0" * 16 + "-01", False),
    "another version": ("01" + TRACE[2:], False), "in capitals": (TRACE.upper(), False),
    "too long": (TRACE + "0", False), "cut": (TRACE[:-1], False), "nothing": ("", False), "none": (None, False),
}  # fmt: skip


@pytest.mark.parametrize("case", TRACES)
def test_a_trace_that_is_none_is_left_out(case: str) -> None:
    given, is_one = TRACES[case]
    with in_trace(TRACE), in_trace(given):
        assert trace() == (given if is_one else None)
