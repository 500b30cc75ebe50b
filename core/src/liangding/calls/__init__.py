"""One call, from its input to what became of it. The types that plugins meet are :mod:`liangding.contract`'s."""

from ..contract.calls import Answer, Call, Verdict

__all__ = ["Answer", "Call", "Verdict"]
