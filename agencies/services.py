"""What changes agencies and people, each with its audit event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Role
from agencies.models import Agency, AgencyGroupPermission, Membership, RoleGroup, User
from agencies.permissions import ROLE_CAPABILITIES
from agencies.refusals import ActRefused
from agencies.staffing import cases_left_by, gaps_without

OVERRIDE_WITHIN = timedelta(hours=72)


def agencies_without_roles() -> QuerySet[Agency]:
    """Return the agencies whose roles do not hold exactly what the table in `permissions` grants; one query."""
    wanted = {(str(role), str(item)) for role, items in ROLE_CAPABILITIES.items() for item in items}
    held: dict[int, set[tuple[str, str]]] = {}
    rows = AgencyGroupPermission.objects.values_list(
        "content_object_id", "group__rolegroup__role", "permission__codename"
    )
    for agency_id, role, codename in rows:
        held.setdefault(agency_id, set()).add((role, codename))
    return Agency.objects.exclude(pk__in=[agency_id for agency_id, has in held.items() if has == wanted])


@transaction.atomic
def ensure_role_groups(*agencies: Agency) -> None:
    """Give agencies one group per role with exactly the capabilities of the table in `permissions`.

    Run again after the table changed: what the table no longer grants is taken away. The number of queries does not
    grow with the agencies.
    """
    if not agencies:
        return
    permissions = Permission.objects.filter(content_type__app_label="agencies", content_type__model="agency")
    ids = {item.codename: item.pk for item in permissions}
    groups = _groups_of(agencies)
    wanted = {
        (group.pk, agency_id, ids[str(capability)])
        for (agency_id, role), group in groups.items()
        for capability in ROLE_CAPABILITIES[role]
    }
    rows = AgencyGroupPermission.objects.filter(group__in=groups.values())
    held = {
        (row.group_id, row.content_object_id, row.permission_id): row.pk
        for row in rows.only("pk", "group_id", "content_object_id", "permission_id")
    }
    taken, given = held.keys() - wanted, sorted(wanted - held.keys())
    AgencyGroupPermission.objects.filter(pk__in=[held[key] for key in taken]).delete()
    AgencyGroupPermission.objects.bulk_create(
        AgencyGroupPermission(group_id=group_id, content_object_id=agency_id, permission_id=permission_id)
        for group_id, agency_id, permission_id in given
    )
    if taken or given:
        codenames = {item.pk: item.codename for item in permissions}
        audit.record(
            "capabilities.changed", by=None, object_type="agencies.agency",
            object_ids=sorted({agency_id for _group_id, agency_id, _permission_id in (*taken, *given)}),
            detail={
                "given": sorted({codenames[key] for _group_id, _agency_id, key in given}),
                "taken": sorted({codenames.get(key, str(key)) for _group_id, _agency_id, key in taken}),
            },
        )  # fmt: skip


def _groups_of(agencies: Iterable[Agency]) -> dict[tuple[int, str], Group]:
    """Return the group of each agency and role, made where it is lacking."""
    names = {(agency.pk, role): f"{agency.code}:{role}" for agency in agencies for role in Role.values}
    Group.objects.bulk_create((Group(name=name) for name in names.values()), ignore_conflicts=True)
    by_name = Group.objects.in_bulk(list(names.values()), field_name="name")
    groups = {key: by_name[name] for key, name in names.items()}
    RoleGroup.objects.bulk_create(
        (RoleGroup(agency_id=key[0], role=key[1], group=group) for key, group in groups.items()), ignore_conflicts=True
    )
    return groups


@transaction.atomic
def grant_membership(
    *,
    user: User,
    agency: Agency,
    role: str,
    by: User | None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Membership:
    """Let a person act in one role of one agency. `by` is None for set-up commands."""
    membership = Membership.objects.create(
        user=user, agency=agency, role=Role(role), valid_from=valid_from or timezone.now(), valid_until=valid_until
    )
    audit.record("membership.granted", by=by, objects=[membership], detail={"user": str(user.pk), "role": role})
    access.forget(user)
    return membership


@transaction.atomic
def grant_role(
    *, user: User, agency: Agency, role: str, by: User, valid_until: datetime | None = None
) -> Membership:  # fmt: skip
    """Grant a role from now on; staff may enter the administration, which opens nothing by itself."""
    if role == Role.STAFF and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return grant_membership(user=user, agency=agency, role=role, by=by, valid_until=valid_until)


@transaction.atomic
def end_membership(*, membership: Membership, by: User | None) -> None:
    """End a membership now; the row stays as history. `by` is None for set-up commands.

    Refuses to end the last approver or duty contact of a program until a successor has the role, or a second
    administrator overrides what a first one asked for within the last 72 hours (U36); so with the last reader who may
    lift the seal of a case (ADR 65).
    """
    if by is not None and not _is_second(membership, by):
        if gaps := gaps_without([membership]):
            raise ActRefused(
                _("Name a successor first, or let a second administrator end this role within 72 hours: %(programs)s.")
                % {"programs": "; ".join(str(gap.words) for gap in gaps)}
            )
        if left := cases_left_by([membership]):
            raise ActRefused(
                _("This person is the last who can lift the seal of %(cases)s. Let them name another reader who can, or an operator of the portal do it with the command name_reader; or let a second administrator end this role within 72 hours.")  # noqa: E501
                % {"cases": ", ".join(left)}
            )  # fmt: skip
    membership.valid_until = timezone.now()
    membership.save(update_fields=["valid_until"])
    audit.record("membership.ended", by=by, objects=[membership], field_names=["valid_until"])
    access.forget(membership.user)


def _is_second(membership: Membership, by: User) -> bool:
    asked_at = membership.end_asked_at
    is_fresh = asked_at is not None and timezone.now() - asked_at < OVERRIDE_WITHIN
    return is_fresh and membership.end_asked_by_id not in (None, by.pk)


@transaction.atomic
def ask_for_end(*, membership: Membership, by: User) -> None:
    """Remember that an administrator wants to end a role that a program cannot spare; a second one may end it."""
    membership.end_asked_at, membership.end_asked_by = timezone.now(), by
    membership.save(update_fields=["end_asked_at", "end_asked_by"])
    audit.record("membership.end_asked", by=by, objects=[membership], field_names=["end_asked_at"])


@transaction.atomic
def set_on_call(*, membership: Membership, is_on_call: bool, by: User) -> None:
    """Put a person on call in one role, or take them off; approvers on call are asked first (U9)."""
    membership.is_on_call = is_on_call
    membership.save(update_fields=["is_on_call"])
    action = "membership.on_call" if is_on_call else "membership.off_call"
    audit.record(action, by=by, objects=[membership], field_names=["is_on_call"])


@transaction.atomic
def choose_language(*, user: User, language: str) -> None:
    """Remember a person's language for pages and mails."""
    user.language = language
    user.save(update_fields=["language"])
