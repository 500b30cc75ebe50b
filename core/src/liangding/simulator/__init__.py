"""The platform's side, on loopback: stateful, checking, with faults on demand.

It stands on the declarations and on ``wire``, never on the runtime: it is the other side. Its people are synthetic.
"""

from . import chapters  # noqa: F401 - each registers what it plays
from .faults import Fault, Faults
from .platform import SimulatedPlatform

__all__ = ["Fault", "Faults", "SimulatedPlatform"]
