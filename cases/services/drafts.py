"""Keeping, continuing and discarding drafts of intakes. A draft belongs to its agency (U31)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.permissions import may
from agencies.refusals import ActRefused, NotPermitted
from cases.models import CaseDraft, CaseDraftVersion

from .merging import Merge, Typed, merge, plain

MOST_BYTES = 200_000


@dataclass(frozen=True)
class SavedDraft:
    """What became of a save: the row, and how it went together with a colleague's version."""

    draft: CaseDraft
    merged: Merge


@transaction.atomic
def save_draft(*, draft_id: uuid.UUID, by: User, agency: Agency, content: Typed, seen_version: int) -> SavedDraft:
    """Keep what was typed under the id that the page carries; the same save twice is one version.

    `seen_version` is the version that the page began with, 0 for a page that was never saved. With a newer
    version there, fields go together one by one; where both sides changed one, nothing is written and the
    outcome names the conflicts. Refuses a stranger to the agency, a draft that was opened or discarded
    meanwhile, and more than anybody can have typed.
    """
    if not may(by, Capability.EDIT_CASES, agency):
        raise NotPermitted
    if len(json.dumps(content)) > MOST_BYTES:
        raise ActRefused(_("This is more text than a draft can hold."))
    draft = CaseDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        return _begin(draft_id, by, agency, content, seen_version)
    refuse_unless_open(draft, by)
    merged = merge_with(draft, content, seen_version)
    if merged.conflicts:
        return SavedDraft(draft, merged)
    draft.authors.add(by)
    changed = changed_names(draft.content, merged.values)
    if changed or draft.agency_id != agency.pk:
        draft.agency, draft.content = agency, merged.values
        draft.version += 1
        draft.saved_at, draft.saved_by = timezone.now(), by
        draft.save(update_fields=["agency", "content", "version", "saved_at", "saved_by"])
        _keep_version(draft)
        audit.record("casedraft.saved", by=by, objects=[draft], field_names=changed)
    return SavedDraft(draft, merged)


def merge_with(draft: CaseDraft, content: Typed, seen_version: int) -> Merge:
    """Put what was typed on `seen_version` together with the draft as it is now."""
    if seen_version == draft.version:
        return Merge(content)
    base = draft.versions.filter(number=seen_version).first()
    return merge(base=base.content if base else {}, mine=content, theirs=draft.content)


def refuse_unless_open(draft: CaseDraft, by: User) -> None:
    """Refuse strangers to the draft's agency, and a draft that is a case by now."""
    if not may(by, Capability.EDIT_CASES, draft.agency_id):
        raise NotPermitted
    if draft.case is not None:
        raise ActRefused(_("This draft has been opened as case %(reference)s.") % {"reference": draft.case.reference})


def changed_names(before: Typed, after: Typed) -> list[str]:
    """Return the names of the fields that differ."""
    return [name for name in sorted({*before, *after}) if plain(before.get(name)) != plain(after.get(name))]


@transaction.atomic
def discard_draft(*, draft: CaseDraft, by: User) -> None:
    """Remove a draft with everything typed into it. Refuses strangers and a draft that is a case by now."""
    locked = CaseDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if locked is None:
        raise NotPermitted
    refuse_unless_open(locked, by)
    audit.record("casedraft.discarded", by=by, objects=[locked])
    locked.delete()


def _begin(draft_id: uuid.UUID, by: User, agency: Agency, content: Typed, seen_version: int) -> SavedDraft:
    gone = ActRefused(_("A colleague has discarded this draft. What you typed is still on this page."))
    if seen_version:
        raise gone
    try:
        with transaction.atomic():
            draft = CaseDraft.objects.create(pk=draft_id, agency=agency, content=content, created_by=by, saved_by=by)
    except IntegrityError as error:  # the id is that of a draft which the database hides from this agency
        raise gone from error
    draft.authors.add(by)
    _keep_version(draft)
    audit.record("casedraft.saved", by=by, objects=[draft], field_names=sorted(content))
    return SavedDraft(draft, Merge(content))


def _keep_version(draft: CaseDraft) -> None:
    CaseDraftVersion.objects.create(
        draft=draft, number=draft.version, content=draft.content, saved_at=draft.saved_at, saved_by=draft.saved_by
    )
