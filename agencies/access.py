"""The gateway: for which agencies may this person do what, now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from agencies.choices import Capability
from agencies.models import Agency, AgencyGroupPermission, Membership, User

# What a person sees is the union of their agencies; everything else they do for the one they chose (ADR 63).
SEEING = frozenset({Capability.VIEW_CASES})
# Asked at every request. The same by the ORM costs the planner more than all the rest of a page of cases: it tries the
# orders of eight tables. This one starts at the few memberships of the person (`Membership.objects.current`); OFFSET 0
# keeps the look-up of content types out of the joins that are tried.
_HELD = """
    SELECT permission.codename, held.agency_id, agency.requires_second_factor, agency.time_zone
    FROM agencies_membership held
    JOIN agencies_agency agency ON agency.id = held.agency_id AND agency.is_active
    JOIN agencies_rolegroup role ON role.agency_id = held.agency_id AND role.role = held.role
    JOIN agencies_agencygrouppermission given
        ON given.group_id = role.group_id AND given.content_object_id = held.agency_id
    JOIN auth_permission permission ON permission.id = given.permission_id
    WHERE held.user_id = %s AND held.valid_from <= %s AND (held.valid_until IS NULL OR held.valid_until > %s)
        AND permission.content_type_id IN (
            SELECT id FROM django_content_type WHERE app_label = 'agencies' OFFSET 0
        )
"""
# Whose capabilities are narrowed in this request, and to which agencies: one, or none while nobody has chosen.
_narrowed: ContextVar[tuple[uuid.UUID, frozenset[int]] | None] = ContextVar("acting_for", default=None)


def agencies(user: User | AnonymousUser, capability: str) -> QuerySet[Agency]:
    """Return the agencies for which this person has this capability at this moment.

    Starts at memberships valid now, then asks the guardian rows of their role's group. A person who is not
    signed in or not active gets none; being a superuser adds none.
    """
    if not user.is_authenticated or not user.is_active:
        return Agency.objects.none()
    held = Membership.objects.current().filter(Exists(_granted(capability)), user=user, agency=OuterRef("pk"))
    return Agency.objects.filter(Exists(held), is_active=True)


def _granted(capability: str) -> QuerySet[AgencyGroupPermission]:
    """Return the guardian rows that give this capability to the role of a membership; for use inside its query."""
    return AgencyGroupPermission.objects.filter(
        content_object=OuterRef("agency"),
        permission__codename=capability,
        permission__content_type__app_label="agencies",
        group__rolegroup__agency=OuterRef("agency"),
        group__rolegroup__role=OuterRef("role"),
    )


def agency_ids(user: User | AnonymousUser, capability: str) -> frozenset[int]:
    """Return the ids of those agencies, asked of the database once per request and person.

    All capabilities are read together in one query. The answer is kept on the user object, which lives as
    long as the request, so a change of membership counts at the next request. Whoever chose one of several agencies
    has only its capabilities, but for seeing.
    """
    held = _held(user).get(str(capability), frozenset())
    return held if capability in SEEING else _of_the_chosen(user, held)


def _of_the_chosen(user: User | AnonymousUser, held: frozenset[int]) -> frozenset[int]:
    narrowed = _narrowed.get()
    return held & narrowed[1] if narrowed is not None and narrowed[0] == user.pk else held


@contextmanager
def acting_only_for(user: User | AnonymousUser, agency_ids: Iterable[int]) -> Iterator[None]:
    """Narrow what this person may do inside this block to these of their agencies; others are not concerned."""
    token = _narrowed.set((user.pk, frozenset(agency_ids)) if user.is_authenticated else None)
    try:
        yield
    finally:
        _narrowed.reset(token)


@contextmanager
def looking_for_all() -> Iterator[None]:
    """Find inside this block what waits for any of a person's agencies: nothing is lost behind a choice."""
    token = _narrowed.set(None)
    try:
        yield
    finally:
        _narrowed.reset(token)


def acting_agency_ids(user: User | AnonymousUser) -> frozenset[int]:
    """Return the agencies that this person acts for: the chosen one, else every one in which they hold a role."""
    return _of_the_chosen(user, all_agency_ids(user))


def has_to_choose(user: User | AnonymousUser) -> bool:
    """Say whether this person holds roles in agencies and has yet to say for which one they act."""
    return bool(all_agency_ids(user)) and not acting_agency_ids(user)


def all_agency_ids(user: User | AnonymousUser) -> frozenset[int]:
    """Return the ids of every agency in which this person holds any role now."""
    return frozenset().union(*_held(user).values())


def belongs_where_factor_is_required(user: User | AnonymousUser) -> bool:
    """Say whether an agency in which this person holds a role now requires a second factor, chosen or not."""
    _held(user)
    return bool(getattr(user, "_factor_required_now", False))


def _held(user: User | AnonymousUser) -> dict[str, frozenset[int]]:
    if not user.is_authenticated or not user.is_active:
        return {}
    kept: dict[str, frozenset[int]] | None = getattr(user, "_capabilities_now", None)
    if kept is None:
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [user.pk, now, now])
            rows = cursor.fetchall()
        found: dict[str, set[int]] = {}
        is_required = False
        zones: dict[int, str] = {}
        for codename, agency_id, requires, zone in rows:
            found.setdefault(codename, set()).add(agency_id)
            is_required |= requires
            zones[agency_id] = zone
        user._zones_now = zones  # type: ignore[union-attr, attr-defined]
        user._factor_required_now = is_required  # type: ignore[union-attr, attr-defined]
        kept = {codename: frozenset(ids) for codename, ids in found.items()}
        user._capabilities_now = kept  # type: ignore[union-attr, attr-defined]
    return kept


def agency_ids_of(user_ids: Iterable[uuid.UUID], capability: str) -> dict[uuid.UUID, frozenset[int]]:
    """Return, in one query, for which agencies each of many people has this capability now; who has none is absent.

    Asked of the database, never of what a user object keeps: tasks act long after the act that queued them.
    """
    held = Membership.objects.current().filter(
        Exists(_granted(capability)), user__in=list(user_ids), user__is_active=True
    )
    found: dict[uuid.UUID, set[int]] = {}
    for user_id, agency_id in held.values_list("user_id", "agency_id"):
        found.setdefault(user_id, set()).add(agency_id)
    return {user_id: frozenset(ids) for user_id, ids in found.items()}


def forget(user: User) -> None:
    """Drop what was kept on this user object, after its memberships changed."""
    user.__dict__.pop("_capabilities_now", None)


def memberships_with(capability: str, agency_ids: Iterable[int]) -> QuerySet[Membership]:
    """Return the memberships of active people that give this capability for one of these agencies now."""
    return Membership.objects.current().filter(
        Exists(_granted(capability)), agency__in=list(agency_ids), user__is_active=True
    )


def memberships_ever_with(capability: str, agency_ids: Iterable[int]) -> QuerySet[Membership]:
    """Return the same whenever they are valid, past ones and coming ones too: for planning ahead."""
    return Membership.objects.filter(
        Exists(_granted(capability)), agency__in=list(agency_ids), agency__is_active=True, user__is_active=True
    )


def agencies_with(capability: str) -> QuerySet[Agency]:
    """Return the active agencies in which somebody has this capability now."""
    held = Membership.objects.current().filter(
        Exists(_granted(capability)), agency=OuterRef("pk"), user__is_active=True
    )
    return Agency.objects.filter(Exists(held), is_active=True)


def people_with(agency: Agency, capability: str) -> QuerySet[User]:
    """Return the active people who have this capability for this agency now, for notices."""
    return User.objects.filter(
        Exists(
            Membership.objects.current().filter(
                user=OuterRef("pk"),
                agency=agency,
                role__in=AgencyGroupPermission.objects.filter(
                    content_object=agency,
                    permission__codename=capability,
                    permission__content_type__app_label="agencies",
                    group__rolegroup__agency=agency,
                ).values("group__rolegroup__role"),
            )
        ),
        is_active=True,
    )
