"""What authors of plugins test with: a deployment at work against its own platform, and bills to try it with."""

from .bills import bill, purchase, run_flow
from .rig import Rig, rig_for, simulated_rig_for, write_deployment, write_secret

__all__ = ["Rig", "bill", "purchase", "rig_for", "run_flow", "simulated_rig_for", "write_deployment", "write_secret"]
