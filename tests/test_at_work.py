"""One thread at a time works on a flow of this process; who it is taken from leaves what is another's by then."""

from __future__ import annotations

import pytest

from liangding.workflow.at_work import is_worked_on, working_on
from liangding.workflow.standing import FlowBusy

FLOW, OTHER = "f" * 32, "e" * 32


def test_a_flow_is_worked_on_by_one() -> None:
    assert not is_worked_on(FLOW)
    with working_on(FLOW):
        assert (is_worked_on(FLOW), is_worked_on(OTHER)) == (True, False)
        with pytest.raises(FlowBusy, match="另一处"), working_on(FLOW):
            raise AssertionError("nobody else")
        with pytest.raises(FlowBusy), working_on(FLOW, lambda _: False):
            raise AssertionError("nobody else")
        with working_on(OTHER):
            assert is_worked_on(OTHER)
        assert (is_worked_on(FLOW), is_worked_on(OTHER)) == (True, False)
    assert not is_worked_on(FLOW)


def test_what_is_taken_is_the_takers() -> None:
    asked: list[str] = []

    def takes(flow: str) -> bool:
        asked.append(flow)
        return True

    with working_on(FLOW):
        with working_on(FLOW, takes):
            assert asked == [FLOW]
            assert is_worked_on(FLOW)
        assert not is_worked_on(FLOW), "who it was taken from has it no more"
    with working_on(FLOW, takes):
        assert asked == [FLOW], "what nobody has is not taken from anybody"
    taken = working_on(FLOW, lambda _: True)
    with working_on(FLOW):
        taken.__enter__()
    assert is_worked_on(FLOW), "and leaves what is the taker's"
    taken.__exit__(None, None, None)
    assert not is_worked_on(FLOW)


def test_what_fails_leaves_it() -> None:
    with pytest.raises(ValueError, match="failed"), working_on(FLOW):
        raise ValueError("failed")
    assert not is_worked_on(FLOW)
