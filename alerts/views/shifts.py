"""Handing over between the shifts of one's own desk: the notes, one of them, promises by telephone (U41)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, page_or_404, with_nonce
from alerts import permissions
from alerts.forms.shifts import PromiseForm
from alerts.models import ShiftNote, ShiftPromise
from alerts.services import shifts
from alerts.shift_content import Scope, promises_of, sections_of


class ShiftList(SignedIn, View):
    """The notes of the desk that the person acts for, what is still promised, and the form for a promise."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page to everybody who may answer requests for the desk."""
        agency = self.desk()
        return self._page(agency, PromiseForm(self.typed_before(), user=self.user, agency=agency))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write a promise down once."""
        agency = self.desk()
        form = PromiseForm(request.POST, user=self.user, agency=agency)
        if not form.is_valid():
            return self._page(agency, form, status=422)
        values = form.cleaned_data

        def perform() -> str:
            shifts.promise(
                agency=agency, words=values["words"], case=values["case"], due_at=values["due"], by=self.user
            )
            return reverse("alerts:shift-list")

        return act_once(request, perform, _("The commitment appears in every handoff until it is marked as done."))

    def desk(self) -> Agency:
        """Return the agency whose desk the person works at; of several the first by its code, until one is chosen."""
        ids = access.agency_ids(self.user, Capability.ANSWER_REQUESTS)
        agency = Agency.objects.filter(pk__in=ids).order_by("code").first()
        if agency is None:
            raise NotPermitted
        return agency

    def _page(self, agency: Agency, form: PromiseForm, status: int = 200) -> HttpResponse:
        rows = ShiftNote.objects.visible_to(self.user).filter(agency=agency)  # type: ignore[attr-defined]
        page = page_or_404(rows.select_related("agency", "accepted_by"), self.request)
        promises = list(promises_of(self.user, agency.pk))
        audit.record_read(by=self.user, objects=promises)
        audit.record_read(by=self.user, objects=page.rows)
        context = {
            "agency": agency, "page": page, "promises": promises, "form": form, "nav_section": "desk",
            "back": reverse("alerts:shift-list"), "now": timezone.now(),
        }  # fmt: skip
        return render(self.request, "alerts/shift_list.html", with_nonce(context), status=status)


class OneNote(SignedIn):
    """A note of one of the person's desks; any other is answered like none."""

    def note(self, pk: uuid.UUID) -> ShiftNote:
        """Return the note."""
        rows = ShiftNote.objects.visible_to(self.user)  # type: ignore[attr-defined]
        found: ShiftNote = get_object_or_404(rows.select_related("agency", "accepted_by"), pk=pk)
        return found


class ShiftPage(OneNote, View):
    """One note: looked up for this reader now, or, once accepted, what was handed over as it stands now."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show it; what it shows of cases is recorded as read."""
        note = self.note(pk)
        handed = note.handed if note.accepted_at else None
        sections = sections_of(Scope(self.user, note.agency_id, shifts.next_end(note), handed))
        promises = promises_shown(self.user, note)
        audit.record_read(by=self.user, objects=[note])
        audit.record_read(by=self.user, objects=[item.row for section in sections for item in section.rows])
        audit.record_read(by=self.user, objects=promises)
        names = dict(User.objects.filter(pk__in=[*note.leaving, *note.coming]).values_list("pk", "full_name"))
        context = {
            "note": note, "agency": note.agency, "sections": sections, "promises": promises,
            "leaving": [names.get(pk, "") for pk in note.leaving], "coming": [names.get(pk, "") for pk in note.coming],
            "may_accept": note.is_open and permissions.can_accept_shift(self.user, note),
            "is_waiting": note.is_open and ShiftNote.objects.waiting().filter(pk=note.pk).exists(),  # type: ignore[attr-defined]
            "back": note.url, "nav_section": "desk",
        }  # fmt: skip
        return render(request, "alerts/shift_note.html", with_nonce(context))


def promises_shown(user: User, note: ShiftNote) -> list[ShiftPromise]:
    """Return what is promised now; of an accepted note what was promised then, settled or not."""
    if note.accepted_at is None:
        return list(promises_of(user, note.agency_id))
    rows = ShiftPromise.objects.visible_to(user).filter(agency=note.agency_id)  # type: ignore[attr-defined]
    handed = rows.filter(pk__in=note.handed.get("promises", []))
    return list(handed.select_related("case", "written_by", "settled_by").order_by("created_at"))


class AcceptShift(OneNote, View):
    """Takes over from a shift."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Accept once."""
        note = self.note(pk)

        def perform() -> str:
            return shifts.accept(note=note, by=self.user).url

        return act_once(request, perform, _("You have taken over the shift. Escalations come to you from now on."))


class SettlePromise(SignedIn, View):
    """Notes that a promise was kept, or has no object any more."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Settle it once, and go back to the list."""
        rows = ShiftPromise.objects.visible_to(self.user)  # type: ignore[attr-defined]
        promise = get_object_or_404(rows, pk=pk)

        def perform() -> str:
            shifts.settle(promise=promise, by=self.user)
            return reverse("alerts:shift-list")

        return act_once(request, perform, _("The commitment is marked as done."))
