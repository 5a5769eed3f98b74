"""Drafts of requests: they belong to the agency, any colleague continues, sends or discards them (U31)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions
from alerts.choices import RequestStatus
from alerts.models import ExtensionRequest
from alerts.services.requests import send_draft
from alerts.services.writing import written_language
from cases.models import Case
from cases.services.merging import Merge, Typed, merge

FIELDS = ("kind", "note")


class ColleagueChangedIt(ActRefused):
    """Both changed the same fields since the page was read; `merged` names them, `theirs` holds what stands now."""

    def __init__(self, merged: Merge, theirs: Typed) -> None:
        super().__init__(_("A colleague changed this draft meanwhile. Choose which words stay."))
        self.merged = merged
        self.theirs = theirs


@transaction.atomic
def edit_draft(
    *, request: ExtensionRequest, by: User, values: Mapping[str, str], seen: Mapping[str, str] | None = None,
    and_send: bool = False,
) -> Merge:  # fmt: skip
    """Change what a draft asks for; whoever saves is one of its authors, also who changed nothing.

    Returns what stands in the draft now, with the names of the fields that are a colleague's.

    `values` and `seen` (what stood there when the page was read) hold `kind` and `note`; a field that is left out
    stays. What a colleague changed meanwhile goes together field by field; where both changed the same one, nothing
    is written and `ColleagueChangedIt` names it. Refuses everybody but the asking agency, and what has been sent.
    """
    if not permissions.can_ask(by, request):
        raise NotPermitted
    case = request.case  # locked before its requests, as everywhere
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    request.refresh_from_db(from_queryset=ExtensionRequest.objects.select_for_update(of=("self",)))
    if request.status != RequestStatus.DRAFT:
        raise ActRefused(_("This request is no longer a draft and can no longer be changed."))
    theirs = _typed({name: getattr(request, name) for name in FIELDS})
    mine = theirs | _typed(values)
    merged = merge(base=_typed(seen), mine=mine, theirs=theirs) if seen else Merge(mine)
    if merged.conflicts:
        raise ColleagueChangedIt(merged, theirs)
    _write(request, by, merged.values)
    if and_send:
        send_draft(request=request, by=by)
    return merged


def _write(request: ExtensionRequest, by: User, values: Typed) -> None:
    new = {name: (values.get(name) or [""])[0] for name in FIELDS}
    changed = [name for name in FIELDS if getattr(request, name) != new[name]]
    if "note" in changed:
        request.note_language = written_language(new["note"])
    request.kind, request.note = new["kind"] or request.kind, new["note"]
    request.authors = sorted({*request.authors, by.pk})
    request.saved_at, request.saved_by = timezone.now(), by
    request.save(update_fields=["kind", "note", "note_language", "authors", "saved_at", "saved_by"])
    audit.record("request.draft_edited", by=by, objects=[request], case_id=request.case_id, field_names=changed)


def authors_of(request: ExtensionRequest) -> list[User]:
    """Return everybody who had a hand in the draft."""
    return list(User.objects.filter(pk__in={request.created_by_id, *request.authors}).order_by("full_name"))


def _typed(values: Mapping[str, str] | None) -> Typed:
    return {name: [value.replace("\r\n", "\n")] for name, value in (values or {}).items()}
