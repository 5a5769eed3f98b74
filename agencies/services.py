"""What changes agencies and people, each with its audit event."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies import access, audit
from agencies.choices import Role
from agencies.models import Agency, AgencyGroupPermission, Membership, RoleGroup, User
from agencies.permissions import ROLE_CAPABILITIES


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
def ensure_role_groups(agency: Agency) -> None:
    """Give an agency one group per role with exactly the capabilities of the table in `permissions`.

    Run again after the table changed: what the table no longer grants is taken away.
    """
    permissions = {
        item.codename: item
        for item in Permission.objects.filter(content_type__app_label="agencies", content_type__model="agency")
    }
    for role in Role.values:
        group, _made = Group.objects.get_or_create(name=f"{agency.code}:{role}")
        RoleGroup.objects.get_or_create(agency=agency, role=role, defaults={"group": group})
        wanted = {str(capability) for capability in ROLE_CAPABILITIES[role]}
        held = AgencyGroupPermission.objects.filter(group=group, content_object=agency)
        held.exclude(permission__codename__in=wanted).delete()
        present = set(held.values_list("permission__codename", flat=True))
        AgencyGroupPermission.objects.bulk_create(
            AgencyGroupPermission(group=group, content_object=agency, permission=permissions[codename])
            for codename in sorted(wanted - present)
        )


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
        user=user, agency=agency, role=role, valid_from=valid_from or timezone.now(), valid_until=valid_until
    )
    audit.record("membership.granted", by=by, objects=[membership], detail={"user": str(user.pk), "role": role})
    access.forget(user)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User | None) -> None:
    """End a membership now; the row stays as history."""
    membership.valid_until = timezone.now()
    membership.save(update_fields=["valid_until"])
    audit.record("membership.ended", by=by, objects=[membership], field_names=["valid_until"])
    access.forget(membership.user)


@transaction.atomic
def choose_language(*, user: User, language: str) -> None:
    """Remember a person's language for pages and mails."""
    user.language = language
    user.save(update_fields=["language"])
