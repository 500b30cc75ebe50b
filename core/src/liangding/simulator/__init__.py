"""The platform's side, on loopback: stateful, checking, with faults on demand.

It stands on the declarations and on ``wire``, never on the runtime: it is the other side. Its people are synthetic.
"""

from .faults import Fault, Faults
from .platform import Platform

__all__ = ["Fault", "Faults", "Platform"]
