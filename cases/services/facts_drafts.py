"""Keeping what is typed into the facts of a case until it is sent, and what becomes of it then (U31, U32)."""

from __future__ import annotations

import json
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.identifiers import uuid7
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import EventAction
from cases.models import Case, FactsDraft

from .drafts import MOST_BYTES, changed_names
from .merging import Typed, merge


@transaction.atomic
def save_facts_draft(
    *, case: Case, by: User, draft_id: uuid.UUID, page: str, seen_version: int, base: Typed, content: Typed, now: Typed
) -> FactsDraft | None:
    """Keep what a page holds; return the row, or None where nothing on the page differs from the facts as they are.

    `page` is the page's own key, `seen_version` the version of the draft that it began with, `base` the values that
    it began with and `now` those of the facts. A draft that another page saved meanwhile stays as it is: this page
    goes on in a row of its own, so that neither loses a word. Refuses everybody but the lead agency, an ended case,
    and more than anybody can have typed.
    """
    if not permissions.can_edit_case(by, case):
        raise NotPermitted
    if not case.is_open:
        raise ActRefused(_("This case has ended; its facts can no longer be changed."))
    if len(json.dumps([base, content])) > 2 * MOST_BYTES:
        raise ActRefused(_("This is more text than a draft can hold."))
    draft = FactsDraft.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    own = draft is not None and draft.case_id == case.pk and (draft.page == page or draft.version == seen_version)
    unsent = changed_names(now, merge(base=base, mine=content, theirs=now).values)
    if not unsent:
        if draft is not None and own:
            draft.delete()
        return None
    if draft is None or not own:
        key = uuid7() if draft is not None else draft_id
        draft = FactsDraft(pk=key, case=case, agency=case.lead_agency, version=0)
    changed = changed_names(draft.content, content)
    if changed or draft._state.adding:
        draft.version += 1
    draft.base, draft.content, draft.page = base, content, page
    draft.saved_at, draft.saved_by = timezone.now(), by
    draft.save()
    draft.authors.add(by)
    if changed:
        audit.record("factsdraft.saved", by=by, objects=[draft], case_id=case.pk, field_names=changed)
    return draft


@transaction.atomic
def send_facts_draft(*, case: Case, by: User, draft_id: uuid.UUID, page: str, seen_version: int) -> None:
    """Close the draft of a page whose facts were saved: everybody who typed into it counts as an author.

    A draft that another page saved meanwhile stays: it holds what this one did not.
    """
    draft = FactsDraft.objects.select_for_update(of=("self",)).filter(pk=draft_id, case=case).first()
    if draft is None or (draft.page != page and draft.version != seen_version):
        return
    for author in draft.authors.exclude(pk=by.pk):
        workflow.note(case, EventAction.DRAFTED, by=author, agency=draft.agency, subject=case)
    draft.delete()


@transaction.atomic
def discard_facts_draft(*, draft: FactsDraft, by: User) -> None:
    """Remove what was typed. Refuses everybody but the lead agency."""
    locked = FactsDraft.objects.select_for_update(of=("self",)).select_related("case").filter(pk=draft.pk).first()
    if locked is None or not permissions.can_edit_case(by, locked.case):
        raise NotPermitted
    audit.record("factsdraft.discarded", by=by, objects=[locked], case_id=locked.case_id)
    locked.delete()
