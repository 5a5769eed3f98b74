"""What changes a roster: shifts, what goes before them, whether the desk goes by it, and calendar links (ADR 73)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, calendar_tokens
from agencies.choices import Capability, OverrideKind
from agencies.models import Agency, CalendarLink, RosterShift, ShiftOverride, User
from agencies.on_duty import stretches_of
from agencies.permissions import can_plan_duty
from agencies.refusals import ActRefused, NotPermitted

MOST_HOURS = 24
MOST_REPEATS = 60
DAYS_APART = {"": 0, "daily": 1, "weekly": 7}


@transaction.atomic
def plan_shifts(
    *, agency: Agency, person: User, starts_at: datetime, ends_at: datetime, by: User, repeat: str = "", times: int = 1
) -> list[RosterShift]:
    """Put a person on duty once, or several times a day or a week apart at the same hours of the desk's own clock.

    Return the shifts. Refuses everybody but who plans the agency's duty, a person who may not answer requests there,
    hours that end before they begin or are over, more than 24 hours or 60 repeats, and a shift over another one of the
    same person at the same desk.
    """
    _permit(by, agency)
    _lock(agency)
    if not access.people_with(agency, Capability.ANSWER_REQUESTS).filter(pk=person.pk).exists():
        raise ActRefused(_("Only somebody who may answer requests for your agency can be on duty."))
    _check_hours(starts_at, ends_at)
    if not 1 <= times <= MOST_REPEATS:
        raise ActRefused(_("A shift is repeated at most %(times)s times.") % {"times": MOST_REPEATS})
    zone, days = ZoneInfo(agency.time_zone), DAYS_APART[repeat]
    spans = [
        (_later(starts_at, days * number, zone), _later(ends_at, days * number, zone))
        for number in range(times if days else 1)
    ]
    for start, end in spans:
        _refuse_overlap(agency, person, start, end)
    made = RosterShift.objects.bulk_create(
        RosterShift(
            agency=agency, person=person, starts_at=start, ends_at=end, time_zone=agency.time_zone, created_by=by
        )
        for start, end in spans
    )  # fmt: skip
    audit.record("roster.planned", by=by, objects=made, detail={"person": str(person.pk)})
    return made


@transaction.atomic
def remove_shift(*, shift: RosterShift, by: User) -> None:
    """Take a shift off the roster; sent twice it is off once. Refuses one that is over: it is what happened."""
    _permit(by, shift.agency)
    _lock(shift.agency)
    shift.refresh_from_db()
    if shift.removed_at is not None:
        return
    _refuse_over(shift)
    shift.removed_at, shift.removed_by = timezone.now(), by
    shift.save(update_fields=["removed_at", "removed_by"])
    audit.record("roster.removed", by=by, objects=[shift], detail={"person": str(shift.person_id)})


@transaction.atomic
def override_shift(
    *, shift: RosterShift, kind: str, starts_at: datetime, ends_at: datetime, by: User, replacement: User | None = None
) -> ShiftOverride:
    """Let somebody else be on duty in a part of a shift, or nobody where a person is sick or away.

    Refuses everybody but who plans the agency's duty, a shift that is over or off the roster, hours outside it or over
    another change of it, a swap without somebody, and a replacement who may not answer requests or is the same person.
    """
    _permit(by, shift.agency)
    _lock(shift.agency)
    shift.refresh_from_db()
    if shift.removed_at is not None:
        raise ActRefused(_("This shift was taken off the roster."))
    _refuse_over(shift)
    if not shift.starts_at <= starts_at < ends_at <= shift.ends_at:
        raise ActRefused(_("The hours must lie inside the shift."))
    if kind == OverrideKind.SWAP and replacement is None:
        raise ActRefused(_("Say who takes the shift over."))
    if replacement is not None:
        able = access.people_with(shift.agency, Capability.ANSWER_REQUESTS).filter(pk=replacement.pk).exists()
        if not able or replacement.pk == shift.person_id:
            raise ActRefused(_("Somebody else who may answer requests for your agency has to stand in."))
    standing = shift.overrides.filter(removed_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if standing.exists():
        raise ActRefused(_("These hours are already changed. Undo that change first."))
    made = ShiftOverride.objects.create(
        shift=shift, kind=OverrideKind(kind), starts_at=starts_at, ends_at=ends_at, replacement=replacement,
        created_by=by,
    )  # fmt: skip
    people = {"person": str(shift.person_id), "replacement": str(replacement.pk) if replacement else ""}
    audit.record("roster.overridden", by=by, objects=[made], detail={"shift": str(shift.pk), **people})
    return made


@transaction.atomic
def take_back(*, override: ShiftOverride, by: User) -> None:
    """Take a change of a shift back: who was planned is on duty again. Refuses one whose hours are over."""
    _permit(by, override.shift.agency)
    _lock(override.shift.agency)
    override.refresh_from_db()
    if override.removed_at is not None:
        return
    if override.ends_at <= timezone.now():
        raise ActRefused(_("These hours are over: what happened stays."))
    override.removed_at, override.removed_by = timezone.now(), by
    override.save(update_fields=["removed_at", "removed_by"])
    audit.record("roster.override_removed", by=by, objects=[override], detail={"shift": str(override.shift_id)})


@transaction.atomic
def go_by_roster(*, agency: Agency, by: User) -> None:
    """Let who is on duty be whom the roster names from now on. Refuses while it names nobody for this moment."""
    _permit(by, agency)
    _lock(agency)
    now = timezone.now()
    if not any(stretch.covers(now) for stretch in stretches_of(agency, now, now + timedelta(minutes=1))):
        raise ActRefused(_("Nobody would be on duty now. Plan a shift that covers this moment first."))
    _switch(agency, by, keeps_roster=True)


@transaction.atomic
def go_without_roster(*, agency: Agency, by: User) -> None:
    """Let the 24-hour desk be on duty always again; what is planned stays."""
    _permit(by, agency)
    _lock(agency)
    _switch(agency, by, keeps_roster=False)


@transaction.atomic
def make_calendar_link(*, person: User) -> CalendarLink:
    """Give a person an address for their calendar, another one than before: the one before finds nothing any more."""
    link, is_new = CalendarLink.objects.select_for_update().get_or_create(person=person)
    if not is_new:
        link.serial, link.made_at, link.is_revoked = link.serial + 1, timezone.now(), False
        link.save(update_fields=["serial", "made_at", "is_revoked"])
    audit.record("calendar.made", by=person, objects=[link])
    return link


@transaction.atomic
def revoke_calendar_link(*, person: User) -> None:
    """Let the address find nothing any more; without one nothing happens."""
    if CalendarLink.objects.filter(person=person, is_revoked=False).update(is_revoked=True):
        audit.record("calendar.revoked", by=person, objects=[CalendarLink.objects.get(person=person)])


def person_of_calendar(token: str) -> User | None:
    """Return whose calendar an address is; None when it was renewed, revoked, or its person is suspended."""
    named = calendar_tokens.link_named_by(token)
    if named is None:
        return None
    rows = CalendarLink.objects.filter(pk=named, is_revoked=False, person__is_active=True)
    link = rows.select_related("person").first()
    return link.person if link is not None and calendar_tokens.is_token_of(token, link.pk, link.serial) else None


def _permit(by: User, agency: Agency) -> None:
    if not can_plan_duty(by, agency):
        raise NotPermitted


def _lock(agency: Agency) -> None:
    """Changes of one roster come one after the other: overlaps are looked for under this lock."""
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)


def _switch(agency: Agency, by: User, *, keeps_roster: bool) -> None:
    agency.keeps_roster = keeps_roster
    agency.save(update_fields=["keeps_roster"])
    action = "roster.in_force" if keeps_roster else "roster.out_of_force"
    audit.record(action, by=by, objects=[agency], field_names=["keeps_roster"])


def _check_hours(starts_at: datetime, ends_at: datetime) -> None:
    if not starts_at < ends_at:
        raise ActRefused(_("A shift ends after it begins."))
    if ends_at - starts_at > timedelta(hours=MOST_HOURS + 1):  # the hour that a day may have more
        raise ActRefused(_("A shift lasts at most %(hours)s hours.") % {"hours": MOST_HOURS})
    if ends_at <= timezone.now():
        raise ActRefused(_("These hours are over."))


def _refuse_over(shift: RosterShift) -> None:
    if shift.ends_at <= timezone.now():
        raise ActRefused(_("This shift is over: what happened stays."))


def _refuse_overlap(agency: Agency, person: User, start: datetime, end: datetime) -> None:
    over = RosterShift.objects.filter(
        agency=agency, person=person, removed_at__isnull=True, starts_at__lt=end, ends_at__gt=start
    ).first()  # fmt: skip
    if over is not None:
        day = date_format(over.starts_at.astimezone(ZoneInfo(agency.time_zone)), "DATE_FORMAT")
        raise ActRefused(_("This person has a shift over these hours already: %(day)s.") % {"day": day})


def _later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same hour of the desk's clock some days later, whatever summer time does in between."""
    local = moment.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone)
