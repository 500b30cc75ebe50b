"""``liangding demo``: what Liangding does, over real HTTP against the simulated platform. Everything shown is real:
signed calls, a journal on disk, the platform's own ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

Which = Literal[
    "pharmacy", "outpatient", "inpatient", "undo", "day", "reconcile", "catalogue", "prescription", "mobile-payment"
]


def demo(
    which: Annotated[
        Which, Parameter(help="药店、门诊、住院、撤销、医院的一天、对账、目录、电子处方、移动支付 · what to show")
    ] = "pharmacy",
    *,
    folder: Annotated[Path, Parameter(help="演示的部署文件和流水放在哪里")] = Path("var/demo"),
    visits: Annotated[int, Parameter(help="day：多少门诊人次，住院与明细按比例")] = 2000,
    seed: Annotated[int, Parameter(help="day：故障和退费由它决定")] = 1,
    device: Annotated[str | None, Parameter(help="pharmacy：凭证由哪种（模拟的）设备读，如 pcsc")] = None,
    desks: Annotated[int, Parameter(help="day：几个窗口同时办")] = 8,
) -> int:
    """演示：购药、门诊、住院、各级撤销、医院的一天、电子处方、移动支付 · Demonstrations on the simulated platform."""
    if which == "pharmacy":
        from .pharmacy import pharmacy

        return pharmacy(folder, device)
    if which == "day":
        from .day import day

        return day(folder, visits=visits, seed=seed, desks=desks)
    if which in ("reconcile", "catalogue"):
        from . import bulk

        shown: int = getattr(bulk, which)(folder)
        return shown
    if which in ("prescription", "mobile-payment"):
        from . import online

        return online.prescription(folder) if which == "prescription" else online.mobile_payment(folder)
    from . import hospital

    played: int = getattr(hospital, which)(folder)
    return played
