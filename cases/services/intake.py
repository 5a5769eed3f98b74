"""From a filled-in intake to a case, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from agencies import audit
from agencies.models import Agency, User
from cases import workflow
from cases.choices import EventAction
from cases.models import Abduction, Case, CaseDraft

from .drafts import refuse_unless_open
from .facts import record_facts
from .files import open_case


@transaction.atomic
def open_from_intake(
    *, by: User, agency: Agency, is_exercise: bool, agency_reference: str,
    items: Iterable[tuple[models.Model, list[str]]], draft_id: uuid.UUID | None = None,
) -> Case:  # fmt: skip
    """Open a case with the facts of an intake; the draft it came from is emptied and points to the case.

    `items` are unsaved rows with the names of their filled fields; an `Abduction` among them fills the case's own.
    Everybody who saved the draft counts as an author of its facts, whether or not a word of theirs is left (U31).
    Refuses what `open_case` and `record_facts` refuse, and a draft that a colleague opened meanwhile.
    """
    draft = CaseDraft.objects.select_for_update().filter(pk=draft_id).first() if draft_id else None
    if draft is not None:
        refuse_unless_open(draft, by)
    case = open_case(by=by, agency=agency, is_exercise=is_exercise, agency_reference=agency_reference)
    record_facts(case=case, by=by, items=[_row_of(case, item, names) for item, names in items])
    if draft is not None:
        _close_draft(draft, case, by)
    return case


def _row_of(case: Case, item: models.Model, names: list[str]) -> tuple[models.Model, list[str]]:
    if not isinstance(item, Abduction):
        return item, names
    event: Any = case.abduction  # type: ignore[attr-defined]
    for name in names:
        setattr(event, name, getattr(item, name))
    return event, names


def _close_draft(draft: CaseDraft, case: Case, by: User) -> None:
    for author in draft.authors.exclude(pk=by.pk):
        workflow.note(case, EventAction.DRAFTED, by=author, agency=draft.agency, subject=case)
    draft.authors.add(by)
    draft.versions.all().delete()
    draft.case, draft.content = case, {}
    draft.save(update_fields=["case", "content"])
    audit.record("casedraft.opened", by=by, objects=[draft], case_id=case.pk)
