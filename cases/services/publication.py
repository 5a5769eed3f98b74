"""Recording and taking back the authority to publish (U28)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import PUBLIC_ROLES, EventAction, PublicItem
from cases.models import Case, Child, Document, Person, Photo, PublicationAuthority
from cases.models.publication import SUBJECTS

from .parts import release_for_publication

# Who usually stands behind a basis, where an act records the basis alone.
USUAL_AUTHORIZER = {
    "parental_consent": "parental_authority",
    "prosecutor_order": "prosecutor",
    "court_order": "court",
    "police_authority": "police",
}


@transaction.atomic
def record_authority(
    *,
    case: Case,
    by: User,
    items: Iterable[tuple[str, models.Model]],
    countries: Iterable[str] = (),
    programs: Iterable[AlertProgram] = (),
    basis: str,
    authorizer: str = "",
    authorizer_name: str = "",
    document: Document | None = None,
    valid_until: datetime | None = None,
) -> list[PublicationAuthority]:
    """Record that items may be published, once per item and jurisdiction.

    `items` are pairs of a `PublicItem` and the child, person or photo that it is about. The lead agency records for
    any jurisdiction, officers of an asked program for their own. Refuses an end in the past, a document or an item of
    another case, and an act that names no item or no jurisdiction.
    """
    countries, programs, items = list(countries), list(programs), list(items)
    if not permissions.can_record_authority(by, case, countries=countries, programs=programs):
        raise NotPermitted
    _check(case, items, document, valid_until)
    if not countries and not programs:
        raise ActRefused(_("Name at least one jurisdiction."))
    jurisdictions: Iterable[dict[str, object]] = chain(
        ({"country": country} for country in countries), ({"program": program} for program in programs)
    )
    release_for_publication(case=case, by=by, items=items)
    rows = PublicationAuthority.objects.bulk_create(
        PublicationAuthority(
            case=case,
            item=PublicItem(item),
            basis=basis,
            authorizer=authorizer or USUAL_AUTHORIZER.get(basis, basis),
            authorizer_name=authorizer_name,
            document=document,
            valid_until=valid_until,
            recorded_by=by,
            **{SUBJECTS[PublicItem(item)]: subject},
            **jurisdiction,
        )
        for jurisdiction in jurisdictions
        for item, subject in items
    )
    detail: dict[str, object] = {"items": sorted({str(row.item) for row in rows}), "basis": basis}
    workflow.note(case, EventAction.AUTHORITY_RECORDED, by=by, subject=rows[0], detail=detail)
    audit.record("publication.authorized", by=by, objects=rows, case_id=case.pk, detail=detail)
    return rows


@transaction.atomic
def revoke_authority(*, authority: PublicationAuthority, by: User) -> None:
    """Take an authority back: what rests on it leaves the public at once and can no longer be activated.

    Refuses everybody who could not record it, and one already taken back.
    """
    authority.refresh_from_db(from_queryset=PublicationAuthority.objects.select_for_update(of=("self",)))
    programs = [authority.program] if authority.program else []
    countries = [authority.country] if authority.country else []
    if not permissions.can_record_authority(by, authority.case, countries=countries, programs=programs):
        raise NotPermitted
    if authority.revoked_at is not None:
        raise ActRefused(_("This authority has already been revoked."))
    authority.revoked_at, authority.revoked_by = timezone.now(), by
    authority.save(update_fields=["revoked_at", "revoked_by"])
    workflow.note(
        authority.case, EventAction.AUTHORITY_REVOKED, by=by, subject=authority, detail={"items": [authority.item]}
    )
    audit.record("publication.revoked", by=by, objects=[authority], case_id=authority.case_id)
    workflow.announce_revocation(authority, by=by)


def public_items(case: Case) -> list[tuple[str, Child | Person | Photo]]:
    """Return everything of a case that needs an authority before it is published."""
    children = list(case.children.all())
    people = [person for person in case.people.all() if person.role in PUBLIC_ROLES and not person.cleared_at]
    photos = list(case.photos.defer("jpeg").select_related("child", "person"))
    return [
        *((PublicItem.CHILD_NAME, child) for child in children if child.name or child.also_known_as),
        *((PublicItem.PHOTO, photo) for photo in photos),
        *((PublicItem.SUSPECT_NAME, person) for person in people if person.name or person.also_known_as),
        *((PublicItem.SUSPECT_DETAILS, person) for person in people),
    ]


def _check(
    case: Case, items: list[tuple[str, models.Model]], document: Document | None, valid_until: datetime | None
) -> None:
    if not items:
        raise ActRefused(_("Name at least one item."))
    named = [*(subject for _item, subject in items), *([document] if document else [])]
    if any(getattr(subject, "case_id", None) != case.pk for subject in named):
        raise NotPermitted
    about_suspects = [row for item, row in items if item in (PublicItem.SUSPECT_NAME, PublicItem.SUSPECT_DETAILS)]
    if any(isinstance(row, Person) and row.role not in PUBLIC_ROLES for row in about_suspects):
        raise ActRefused(_("Only who took the child, is suspected of it or travels along can be named in public."))
    if valid_until is not None and valid_until <= timezone.now():
        raise ActRefused(_("The authority must end in the future."))
