"""What each role may do: the one table to read and to change."""

from __future__ import annotations

from agencies import access
from agencies.choices import Capability as C
from agencies.choices import Role
from agencies.models import Agency, User

_DUTY = frozenset(
    {
        C.VIEW_CASES,
        C.EDIT_CASES,
        C.IMPORT_CASES,
        C.SEND_REQUESTS,
        C.ANSWER_REQUESTS,
        C.COMPOSE_ALERTS,
        C.REPORT_RECOVERY,
        C.CONFIRM_IDENTITY,
    }
)

ROLE_CAPABILITIES: dict[str, frozenset[str]] = {
    Role.DUTY_OFFICER: _DUTY,
    Role.COORDINATOR: _DUTY
    | {
        C.APPROVE_ALERTS,
        C.WITHDRAW_PUBLIC,
        C.SUPERVISE_PROGRAM,
        C.ASK_OPINIONS,
        C.READ_AUDIT,
        C.SEAL_CASES,
        C.PLAN_DUTY,
    },
    Role.LEGAL_ADVISOR: frozenset({C.VIEW_CASES, C.GIVE_OPINIONS}),
    Role.STAFF: frozenset({C.VIEW_CASES, C.LOOK_UP_CASES, C.MANAGE_PEOPLE, C.MANAGE_REFERENCE_DATA, C.READ_AUDIT}),
}


def may(user: User, capability: str, agency: Agency | int | None) -> bool:
    """Say whether this person may do this for this agency now. False without an agency."""
    if agency is None:
        return False
    agency_id = agency if isinstance(agency, int) else agency.pk
    return agency_id in access.agency_ids(user, capability)


def can_manage_people(user: User) -> bool:
    """Say whether this person manages people in any agency."""
    return bool(access.agency_ids(user, C.MANAGE_PEOPLE))


def can_manage_reference_data(user: User) -> bool:
    """Say whether this person edits programs, criteria and code lists."""
    return user.is_superuser or bool(access.agency_ids(user, C.MANAGE_REFERENCE_DATA))


def can_look_up_cases(user: User) -> bool:
    """Say whether this person may look cases up in the administration."""
    return bool(access.agency_ids(user, C.LOOK_UP_CASES))


def can_read_audit(user: User) -> bool:
    """Say whether this person may read the audit trail of an agency."""
    return bool(access.agency_ids(user, C.READ_AUDIT))


def can_plan_duty(user: User, agency: Agency | int | None) -> bool:
    """Say whether this person plans who is on duty at the desk of this agency."""
    return may(user, C.PLAN_DUTY, agency)


def can_read_roster(user: User, agency: Agency | int) -> bool:
    """Everybody with a role in an agency reads its roster, in whatever role; nobody else does."""
    agency_id = agency if isinstance(agency, int) else agency.pk
    return agency_id in access.acting_agency_ids(user)
