"""Keeps a demo alert of each country in force for a day after every start, through the services only."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from agencies.choices import Country
from agencies.models import AlertProgram
from agencies.refusals import ActRefused, NotPermitted
from alerts import terms
from alerts.choices import AlertStatus
from alerts.gathering import content_hash
from alerts.models import Alert
from alerts.services import drafts, issuing
from cases.choices import CaseStatus, EventAction
from cases.models import Case, CaseEvent

from .desks import DeskUnmanned, open_desk
from .opening import add_portrait, open_with
from .stories import ALERT_STORIES

# A day from the moment when the portal is ready, which comes a little later.
MUST_LAST = timedelta(hours=24, minutes=10)
TERMS_IN_HOURS = (72, 48, 36, 25, 24)


def ensure_active_alerts() -> dict[str, str]:
    """Give every country an alert that lasts; return, by country, the number of the one activated now.

    An alert that users activated counts, and is never ended here. Where users left the demo without two officers
    or changed a program's rules, the country gets no alert and no entry: the demo must start all the same.
    """
    issuing.expire_due()
    activated = {}
    for country in countries_without_alert():
        with contextlib.suppress(ActRefused, NotPermitted, DeskUnmanned):
            activated[country] = _activate_anew(country)
    return activated


def countries_without_alert() -> list[str]:
    """Return the countries in which no alert stays in force and public for a day from now."""
    lasting = Alert.objects.filter(
        status=AlertStatus.ACTIVE,
        is_exercise=False,
        expires_at__gte=timezone.now() + MUST_LAST,
        public__withdrawn_at__isnull=True,
    )
    covered = set(lasting.values_list("program__country", flat=True))
    return [country for country in Country.values if country not in covered]


@transaction.atomic
def _activate_anew(country: str) -> str:
    """End the demo's own alert of the country if one still runs, and put a fresh one in force."""
    _end_own_alerts(country)
    case = _open_case(country)
    program = _program_of(case.lead_agency.code)
    wrote_facts = CaseEvent.objects.filter(case=case, kind=EventAction.FACTS_CHANGED).values_list("actor_id", flat=True)
    author, approver = open_desk(program.agency).pair(barred=frozenset(wrote_facts))
    alert = drafts.start_alert(program=program, case=case, by=author)
    drafts.edit_alert(alert=alert, by=author, texts={}, duration_hours=longest_term(program), photo=alert.photo)
    drafts.submit(alert=alert, by=author)
    drafts.approve(alert=alert, by=approver, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=author)
    return alert.number


def longest_term(program: AlertProgram) -> int:
    """Return the longest of our terms, in hours, that the program's criteria in force allow."""
    rules = terms.rules_of(program)
    return next((hours for hours in TERMS_IN_HOURS if rules.shortest <= hours <= rules.longest), TERMS_IN_HOURS[-1])


def _end_own_alerts(country: str) -> None:
    running = Alert.objects.select_related("program__agency", "request").filter(
        program__country=country, status=AlertStatus.ACTIVE, case__agency_reference__startswith=_key(country)
    )
    for alert in running:
        officer, _second = open_desk(alert.program.agency).pair()
        issuing.cancel(alert=alert, by=officer, reason="criteria_not_met")


def _open_case(country: str) -> Case:
    """Return the country's demo case, or open its next story when the last one has ended."""
    told = Case.objects.filter(agency_reference__startswith=_key(country))
    if case := told.filter(status=CaseStatus.ACTIVE).select_related("lead_agency").first():
        return case
    count = told.count()
    story = ALERT_STORIES[country][count % len(ALERT_STORIES[country])]
    desk = open_desk(_program_of(story.agency).agency)
    now = timezone.now()
    case = open_with(
        story.facts,
        desk=desk,
        key=f"{_key(country)}{count + 1}",
        opened_at=now - timedelta(hours=2),
        happened_at=now - timedelta(hours=4),
    )
    add_portrait(case, by=desk.recorder, basis=story.basis, colors=story.colors)
    return case


def _program_of(agency_code: str) -> AlertProgram:
    programs = AlertProgram.objects.select_related("agency", "subdivision").filter(agency__code=agency_code)
    return programs.order_by("pk")[0]


def _key(country: str) -> str:
    return f"DEMO-ALERT-{country}-"
