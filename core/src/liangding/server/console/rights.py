"""Roles of persons, what each may do, and which of them nobody has together (三员 apart)."""

from __future__ import annotations

from enum import StrEnum

from ...errors import LiangdingError


class PersonRole(StrEnum):
    """What a person is at a deployment, in the field's words."""

    CASHIER = "cashier"
    OFFICE = "office"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def chinese(self) -> str:
        return {
            "cashier": "收费员", "office": "医保办", "approver": "审批人", "auditor": "安全审计员", "admin": "管理员",
        }[self.value]  # fmt: skip


class Right(StrEnum):
    """What may be done in the console."""

    LOOK = "look"
    """See calls, cases and flows, without bodies."""
    BODIES = "bodies"
    """Open a message: with a reason, and written down."""
    FLOWS = "flows"
    """Answer, resume and abandon flows."""
    PROPOSE = "propose"
    """Ask the platform again, and propose a decision."""
    APPROVE = "approve"
    """Approve or return what another person proposed."""
    UPLOADS = "uploads"
    """See records of the daily uploads, mend them, take them off."""
    MATCH = "match"
    """Say what the institution's items are in the catalogues; send that, and withdraw it."""
    RECONCILE = "reconcile"
    """Hold settlements against the platform's."""
    OPERATE = "operate"
    """See and try versions, disk, line and journal."""
    AUDIT = "audit"
    """Read who did what."""
    PERSONS = "persons"
    """Make and end accounts, give roles."""
    CONFIRM = "confirm"
    """Confirm what roles another person gave."""


RIGHTS: dict[PersonRole, frozenset[Right]] = {
    PersonRole.CASHIER: frozenset({Right.LOOK, Right.FLOWS}),
    PersonRole.OFFICE: frozenset(
        {
            Right.LOOK,
            Right.FLOWS,
            Right.BODIES,
            Right.PROPOSE,
            Right.UPLOADS,
            Right.MATCH,
            Right.RECONCILE,
            Right.OPERATE,
        }
    ),
    PersonRole.APPROVER: frozenset({Right.LOOK, Right.BODIES, Right.APPROVE, Right.RECONCILE, Right.CONFIRM}),
    PersonRole.AUDITOR: frozenset({Right.AUDIT, Right.CONFIRM}),
    PersonRole.ADMIN: frozenset({Right.OPERATE, Right.PERSONS, Right.CONFIRM}),
}

GUARDED = frozenset({Right.PROPOSE, Right.APPROVE, Right.CONFIRM})
"""What decides on money, or has a say in who does: a role with it is given by one person and confirmed by another."""

APART = (PersonRole.AUDITOR, PersonRole.ADMIN)
"""Roles that are nobody's beside another one: who gives rights does no business, and who audits does neither."""

EVERYWHERE = "*"
"""The scope that is every deployment of the server."""

Scope = dict[str, tuple[PersonRole, ...]]
"""The roles of a person by deployment, or everywhere."""


class RolesApart(LiangdingError):
    """Roles that one person may not have together."""

    code = "roles_apart"
    http_status = 422
    remedy = "管理员、安全审计员各用一个账户，不兼别的角色"


def check_scope(scope: Scope) -> None:
    """RolesApart where one person would have roles that are apart, wherever; ValueError for no role at all."""
    held = {role for roles in scope.values() for role in roles}
    if not held:
        raise ValueError("至少给一个角色")
    lone = held.intersection(APART)
    if lone and set(scope) != {EVERYWHERE}:
        raise RolesApart(f"{next(iter(lone)).chinese}的范围是全部部署")
    if lone and len(held) > 1:
        raise RolesApart(f"{next(iter(lone)).chinese}不能再兼别的角色")


def rights_of(scope: Scope, deployment: str) -> frozenset[Right]:
    """What a person may do at a deployment."""
    return frozenset(right for role in _roles(scope, deployment) for right in RIGHTS[role])


def in_words(scope: Scope) -> str:
    """Roles by deployment, as they are told: ``全部：医保办；shop：审批人``."""
    return "；".join(
        f"{'全部' if place == EVERYWHERE else place}：{'、'.join(role.chinese for role in held)}"
        for place, held in scope.items()
    )


def at_once(given: Scope, held: Scope) -> Scope:
    """What an account has of the roles that it is given before another person has confirmed them: what it has had, and
    what decides nothing."""
    found: Scope = {}
    for place in dict.fromkeys((*given, *held)):
        roles = dict.fromkeys((*given.get(place, ()), *held.get(place, ())))
        found[place] = tuple(
            role
            for role in roles
            if role in _roles(given, place) and (role in _roles(held, place) or RIGHTS[role].isdisjoint(GUARDED))
        )
    return {place: roles for place, roles in found.items() if roles}


def waits(given: Scope, held: Scope) -> bool:
    """Whether another person has to confirm something of what an account is given."""
    meanwhile = at_once(given, held)
    return any(role not in _roles(meanwhile, place) for place, roles in given.items() for role in roles)


def _roles(scope: Scope, place: str) -> tuple[PersonRole, ...]:
    return (*scope.get(EVERYWHERE, ()), *scope.get(place, ()))
