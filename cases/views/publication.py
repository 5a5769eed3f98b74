"""What the page of a case shows about the authority to publish."""

from __future__ import annotations

import uuid
from typing import Any

from agencies.choices import Country
from agencies.models import User
from cases import permissions
from cases.forms.publication import AuthorityForm, item_label
from cases.models import Case, PublicationAuthority
from cases.services import publication


def publication_context(case: Case, user: User) -> dict[str, Any]:
    """Return each item that needs an authority with the rows that give it, and the form for those who record."""
    rows = case.publication_authorities.select_related(
        "program", "child", "person", "photo__child", "photo__person", "recorded_by"
    ).defer("photo__jpeg")
    held: dict[tuple[str, uuid.UUID], list[PublicationAuthority]] = {}
    for row in rows.filter(revoked_at__isnull=True):
        row.country_label = Country(row.country).label if row.country else ""  # type: ignore[attr-defined]
        held.setdefault((row.item, row.subject_id), []).append(row)
    items = publication.public_items(case)
    may_record = case.is_open and permissions.can_edit_case(user, case)
    return {
        "public_items": [
            {"label": item_label(item, subject), "rows": held.get((str(item), subject.pk), [])}
            for item, subject in items
        ],
        "authority_form": AuthorityForm(case=case, prefix="authority") if items and may_record else None,
    }
