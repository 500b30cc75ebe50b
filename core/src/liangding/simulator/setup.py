"""The simulated platform that fits a deployment: its region, its plugins' side, its gateway with the same secrets."""

from __future__ import annotations

from pathlib import Path

from ..clock import Clock
from ..config import Deployment
from ..knowledge import Knowledge
from .centres import centre_for
from .faults import Faults
from .lasting import LastingDoor
from .ledger_file import LedgerFile
from .line import Door
from .platform import SimulatedPlatform
from .spoken import spoken_handlers


def door_for(
    deployment: Deployment,
    *,
    clock: Clock | None = None,
    faults: Faults | None = None,
    known: Knowledge | None = None,
    ledger: Path | None = None,
) -> Door:
    """A fresh platform behind the deployment's gateway; ``known`` is what the deployment knows, where somebody has it
    already. With a ``ledger`` it is the platform of that file, which is made where it is not there. ConfigurationError
    where the file is none of its."""
    known = known or Knowledge(deployment)
    extended = {
        infno: handler
        for handlers in known.manager.hook.liangding_simulate(deployment=deployment)
        for infno, handler in handlers.items()
    }
    extended = {**spoken_handlers(known), **extended}
    filled = known.region.line.fill(deployment)
    platform = SimulatedPlatform(
        filled, interfaces=known.interfaces, region=known.region, extended=extended, clock=clock,
        code_table=known.code_table,
    )  # fmt: skip
    centres = [centre_for(name, known, platform) for name in known.services.names()]
    if ledger is None:
        return Door(platform, known.gateway, faults, centres)
    return LastingDoor(platform, known.gateway, LedgerFile(ledger, filled.institution.code), faults, centres)
