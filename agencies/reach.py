"""How far a person's management of people reaches: their own agencies, and nobody's rights elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agencies import access, permissions
from agencies.choices import Capability
from agencies.models import Agency, Membership, User


def managed_agency_ids(user: User) -> frozenset[int]:
    """Return the agencies whose people this person manages."""
    return access.agency_ids(user, Capability.MANAGE_PEOPLE)


def managed_agencies(user: User) -> QuerySet[Agency]:
    """Return those agencies."""
    return Agency.objects.filter(pk__in=managed_agency_ids(user))


def people_of(rows: QuerySet[User], user: User) -> QuerySet[User]:
    """Return of these people those who hold or held a membership in an agency that this person manages."""
    held = Membership.objects.filter(user=OuterRef("pk"), agency_id__in=managed_agency_ids(user))
    return rows.filter(Exists(held))


def editable_accounts(user: User, people: Iterable[User]) -> list[User]:
    """Return of these people those whose account this person may change; one query for any number of them."""
    listed = list(people)
    if not permissions.can_manage_people(user):
        return []
    running = Membership.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now()), user__in=listed
    )
    elsewhere = set(running.exclude(agency_id__in=managed_agency_ids(user)).values_list("user_id", flat=True))
    return [person for person in listed if person.pk not in {user.pk, *elsewhere} and not person.is_superuser]


def may_edit_account(user: User, person: User) -> bool:
    """Say whether this person may change that one's login, password and name.

    Whoever sets a password could act as its owner. So nobody edits themselves here, a superuser, or somebody who
    also acts, now or later, for an agency that is not theirs to manage.
    """
    return bool(editable_accounts(user, [person]))
