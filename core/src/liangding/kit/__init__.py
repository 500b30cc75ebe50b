"""What authors of plugins test with: a deployment at work against its own platform, and bills to try it with."""

from .bills import bill, new_key, purchase, run_flow
from .rig import Rig, rig_for, simulated_rig_for, write_deployment, write_secret
from .rules import Tier
from .testing import conformance_tests

__all__ = [
    "Rig", "Tier", "bill", "conformance_tests", "new_key", "purchase", "rig_for", "run_flow", "simulated_rig_for",
    "write_deployment", "write_secret",
]  # fmt: skip
