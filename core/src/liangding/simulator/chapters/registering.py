"""What is registered of a person (备案): kept in one list, looked up by whoever settles."""

from __future__ import annotations

from datetime import date

from ..requests import Request
from ..world import CHRONIC, TRANSFER, FiledRegistration


def in_force(request: Request, kind: str, psn_no: str, on: date | None = None) -> list[FiledRegistration]:
    """The person's registrations of that kind that hold on a day (today)."""
    day = on or request.at.date()
    return [r for r in request.world.registrations.values() if r.kind == kind and r.psn_no == psn_no and r.holds(day)]


def chronic_registration(request: Request, psn_no: str, disease: str) -> FiledRegistration | None:
    """The registration of that chronic disease (opsp_dise_code)."""
    held = in_force(request, CHRONIC, psn_no)
    return next((r for r in held if r.given["opsp_dise_code"] == disease), None)


def transferred_here(request: Request, psn_no: str) -> bool:
    """Whether another hospital referred the person to this one."""
    held = in_force(request, TRANSFER, psn_no)
    return any(r.given["reflin_medins_no"] == request.world.institution for r in held)
