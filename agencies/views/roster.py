"""The roster of one's own agency: who is on duty when, what is changed of it, and the calendar of one's own shifts."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import access, calendar_tokens
from agencies.calendars import calendar_of
from agencies.choices import Capability
from agencies.duty_roster import (
    go_by_roster,
    go_without_roster,
    make_calendar_link,
    override_shift,
    person_of_calendar,
    plan_shifts,
    remove_shift,
    revoke_calendar_link,
    take_back,
)
from agencies.models import Agency, CalendarLink, RosterShift, ShiftOverride, User
from agencies.on_duty import GAPS_WITHIN, gaps_of, shifts_of, who_is_on_duty
from agencies.permissions import can_plan_duty, can_read_roster
from agencies.refusals import NotPermitted

from .acting import SignedIn, act_once, with_nonce
from .roster_days import DAYS_SHOWN, days_of
from .roster_forms import OverrideForm, ShiftForm

SHOWN_BEHIND = timedelta(days=30)


class OwnAgency(SignedIn):
    """A page about the agency that the person acts for; without one it does not exist."""

    def own_agency(self) -> Agency:
        """Return the agency; of several the first by its code, until one is chosen."""
        agency = Agency.objects.filter(pk__in=access.acting_agency_ids(self.user)).order_by("code").first()
        if agency is None:
            raise NotPermitted
        return agency

    def shift(self, pk: uuid.UUID) -> RosterShift:
        """Return a shift of that agency; one of another agency, or off the roster, is answered like none."""
        rows = RosterShift.objects.filter(removed_at__isnull=True).select_related("agency", "person", "created_by")
        found = get_object_or_404(rows, pk=pk)
        if not can_read_roster(self.user, found.agency_id):
            raise NotPermitted
        return found


class Roster(OwnAgency, View):
    """Two weeks of the desk, and the form that plans a shift."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page to everybody in the agency."""
        agency = self.own_agency()
        typed = self.typed_before()
        form = self._form(agency, data=typed) if typed else self._form(agency, initial=self._blank(agency))
        return self._page(agency, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Plan once what the form says."""
        agency = self.own_agency()
        if not can_plan_duty(self.user, agency):
            raise NotPermitted
        form = self._form(agency, data=request.POST)
        if not form.is_valid():
            return self._page(agency, form, status=422)
        values = {name: form.cleaned_data[name] for name in ("person", "starts_at", "ends_at", "repeat", "times")}

        def perform() -> str:
            made = plan_shifts(agency=agency, by=self.user, **values)
            first = made[0].starts_at.astimezone(ZoneInfo(agency.time_zone)).date()
            return f"{reverse('agencies:roster')}?from={first:%Y-%m-%d}"

        return act_once(request, perform, _("The roster was changed."))

    def _form(self, agency: Agency, **kwargs: Any) -> ShiftForm:
        return ShiftForm(people=people_of(agency), zone=agency.time_zone, **kwargs)

    def _blank(self, agency: Agency) -> dict[str, Any]:
        return {"day": timezone.now().astimezone(ZoneInfo(agency.time_zone)).date(), "times": 1}

    def _page(self, agency: Agency, form: ShiftForm, status: int = 200) -> HttpResponse:
        now = timezone.now()
        today = now.astimezone(ZoneInfo(agency.time_zone)).date()
        first = first_day(self.request.GET.get("from", ""), today)
        link = CalendarLink.objects.filter(person=self.user, is_revoked=False).first()
        days = days_of(agency, first, now=now)
        is_planned = agency.keeps_roster or any(day.entries for day in days)
        context = {
            "agency": agency, "now": now, "days": days, "form": form, "duty": who_is_on_duty(agency, now),
            "gaps": gaps_of(agency, now) if is_planned else [], "is_planned": is_planned,
            "gaps_days": GAPS_WITHIN.days, "may_plan": can_plan_duty(self.user, agency),
            "earlier": first - timedelta(days=DAYS_SHOWN), "later": first + timedelta(days=DAYS_SHOWN),
            "is_now": first == today, "nav_section": "roster",
            "calendar_url": calendar_address(link) if link else "", "calendar": link,
            "pack_languages": settings.LANGUAGES,
        }  # fmt: skip
        return render(self.request, "agencies/roster.html", with_nonce(context), status=status)


class SwitchRoster(OwnAgency, View):
    """Says whether the desk goes by its roster."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin or stop, as the pressed button says."""
        agency, is_on = self.own_agency(), request.POST.get("keep") == "yes"

        def perform() -> str:
            (go_by_roster if is_on else go_without_roster)(agency=agency, by=self.user)
            return reverse("agencies:roster")

        words = _("The desk goes by its roster from now on.") if is_on else _("The desk is on duty always again.")
        return act_once(request, perform, words)


class Shift(OwnAgency, View):
    """One shift: its hours, what was changed of it, and the forms that change it."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page to everybody in the agency."""
        shift = self.shift(pk)
        return self._page(shift, OverrideForm(shift=shift, people=people_of(shift.agency)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record once what changes."""
        shift = self.shift(pk)
        if not can_plan_duty(self.user, shift.agency):
            raise NotPermitted
        form = OverrideForm(request.POST, shift=shift, people=people_of(shift.agency))
        if not form.is_valid():
            return self._page(shift, form, status=422)
        values = {name: form.cleaned_data[name] for name in ("kind", "starts_at", "ends_at", "replacement")}

        def perform() -> str:
            override_shift(shift=shift, by=self.user, **values)
            return reverse("agencies:shift", args=[shift.pk])

        return act_once(request, perform, _("The shift was changed."))

    def _page(self, shift: RosterShift, form: OverrideForm, status: int = 200) -> HttpResponse:
        standing = shift.overrides.filter(removed_at__isnull=True).select_related("replacement", "created_by")
        now = timezone.now()
        context = {
            "shift": shift, "agency": shift.agency, "form": form, "overrides": list(standing), "now": now,
            "may_plan": can_plan_duty(self.user, shift.agency) and shift.ends_at > now, "nav_section": "roster",
        }  # fmt: skip
        return render(self.request, "agencies/shift.html", with_nonce(context), status=status)


class RemoveShift(OwnAgency, View):
    """Takes a shift off the roster."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take it off once."""
        shift = self.shift(pk)

        def perform() -> str:
            remove_shift(shift=shift, by=self.user)
            return reverse("agencies:roster")

        return act_once(request, perform, _("The shift is off the roster."))


class TakeBackOverride(OwnAgency, View):
    """Takes a change of a shift back."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take it back once."""
        found = get_object_or_404(ShiftOverride.objects.select_related("shift__agency"), pk=pk)
        if not can_read_roster(self.user, found.shift.agency_id):
            raise NotPermitted

        def perform() -> str:
            take_back(override=found, by=self.user)
            return reverse("agencies:shift", args=[found.shift_id])

        return act_once(request, perform, _("The change was undone."))


class CalendarAddress(OwnAgency, View):
    """Makes, renews and revokes the address of one's own calendar."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do what the pressed button says, for everybody who holds a role."""
        self.own_agency()
        is_revoked = request.POST.get("act") == "revoke"

        def perform() -> str:
            (revoke_calendar_link if is_revoked else make_calendar_link)(person=self.user)
            return reverse("agencies:roster")

        words = (
            _("The address of your calendar was revoked.") if is_revoked else _("Your calendar has a new address.")
        )  # fmt: skip
        return act_once(request, perform, words)


class Calendar(View):
    """A person's shifts for their calendar program, by the address alone: no sign-in, and nothing of any case."""

    http_method_names = ["get", "head"]

    def dispatch(self, request: HttpRequest, *args: Any, token: str, **kwargs: Any) -> HttpResponseBase:
        """Find the person first: an address that was revoked is like one that never was, for every method."""
        person = person_of_calendar(token)
        if person is None:
            raise Http404
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the file in the person's language, from 30 days ago on."""
        address = settings.SITE_URL + reverse("agencies:roster")
        with translation.override(self.person.language):
            text = calendar_of(shifts_of(self.person, timezone.now() - SHOWN_BEHIND), address)
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="amber-duty.ics"'
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex"
        return answer


def people_of(agency: Agency) -> QuerySet[User]:
    """Return who can be on duty at a desk: who may answer requests there now."""
    return access.people_with(agency, Capability.ANSWER_REQUESTS).order_by("full_name", "pk")


def calendar_address(link: CalendarLink) -> str:
    """Return the whole address, for the person's own page only."""
    token = calendar_tokens.token_for(link.pk, link.serial)
    return settings.SITE_URL + reverse("agencies:calendar", args=[token])


def first_day(typed: str, today: date) -> date:
    """Return the day that the address asks for, today without one; what is no day is an address that does not exist."""
    if not typed:
        return today
    try:
        found = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
        if abs((found - today).days) > 3660:
            raise Http404
        return found
    except ValueError as error:
        raise Http404 from error
