"""People from a table: looked at first, then taken in whole or not at all (U36)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import audit
from agencies.choices import Language, Role
from agencies.models import Agency, Membership, User
from agencies.reach import editable_accounts, managed_agencies, people_of
from agencies.refusals import ActRefused, NotPermitted
from agencies.services import grant_role
from agencies.tables_read import TableRow, one_kind_of_line_ends, read_table

COLUMNS = ("email", "full_name", "language", "reads_languages", "time_zone", "agency", "role", "valid_until")
REQUIRED = ("email", "full_name", "role")
ACCOUNT = ("full_name", "language", "reads_languages", "time_zone")
LOOK_AGAIN = gettext_lazy("What the table would do has changed since you looked at it. Look again.")
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


class RowRefused(Exception):
    """This row is not taken in; `message` says why, in the reader's language."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class PlannedRow:
    """What a row of the table would do: `outcome`, the changed fields, the role it grants, or why it is refused."""

    line: int
    email: str
    full_name: str
    outcome: str = REFUSED
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    person: User | None = None
    agency: Agency | None = None
    role: str = ""
    grants: bool = False
    valid_until: datetime | None = None

    @property
    def role_words(self) -> str:
        """Return the role in the reader's language."""
        return str(Role(self.role).label) if self.role else ""

    @property
    def field_names(self) -> list[str]:
        """Return what changes of an account that is there, in words."""
        return [str(getattr(User, name).field.verbose_name) for name in self.values] if self.person else []


@dataclass(frozen=True)
class Plan:
    """All rows of a table, and a mark of what they would do for whoever looked at them."""

    rows: list[PlannedRow]
    seal: str

    def count(self, outcome: str) -> int:
        """Return how many rows have this outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def is_possible(self) -> bool:
        """Say whether the table may be taken in: no row is refused, and one does something."""
        return not self.count(REFUSED) and bool(self.count(NEW) + self.count(CHANGED))


def plan_of(text: str, *, by: User) -> Plan:
    """Return what a table would do, in a constant number of queries, without doing it.

    Refuses a table that cannot be read with `TableRefused`; a row that cannot be taken in is part of the plan.
    """
    text = one_kind_of_line_ends(text)  # a form sends them as it likes
    rows = read_table(text, columns=COLUMNS, required=REQUIRED)
    known = _Known(rows, by)
    planned = [_planned(row, known) for row in rows]
    done = [[row.line, row.outcome, sorted(row.values), row.grants] for row in planned]
    seal = salted_hmac("agencies.people_import", json.dumps([str(by.pk), text, done])).hexdigest()
    return Plan(planned, seal)


def look_at(text: str, *, by: User) -> Plan:
    """Return the plan of a table and record that it was looked at: what it answers tells which accounts there are."""
    plan = plan_of(text, by=by)
    audit.record("people.import_looked_at", by=by, detail={"rows": len(plan.rows), "refused": plan.count(REFUSED)})
    return plan


def take_in(text: str, *, by: User, seal: str) -> Plan:
    """Make and change the people of a table as the plan with this seal showed it, all of them or none.

    Refuses a plan with a refused row, one that nobody looked at, and one that would no longer do the same.
    """
    try:
        with transaction.atomic():
            return _take_in(plan_of(text, by=by), by, seal)
    except IntegrityError as error:  # somebody made one of these accounts at the same moment
        raise ActRefused(LOOK_AGAIN) from error


def _take_in(plan: Plan, by: User, seal: str) -> Plan:
    if not constant_time_compare(plan.seal, seal):
        raise ActRefused(LOOK_AGAIN)
    if not plan.is_possible:
        raise ActRefused(_("A table with a refused row is not taken in. Correct it and choose it again."))
    made: dict[str, User] = {}
    for row in plan.rows:
        person = row.person or made.get(row.email) or _make(row, by)
        made[row.email] = person
        if row.person is not None and row.values:
            _change(row, by)
        if row.grants and row.agency is not None:
            grant_role(user=person, agency=row.agency, role=row.role, by=by, valid_until=row.valid_until)
    counts: dict[str, object] = {NEW: plan.count(NEW), CHANGED: plan.count(CHANGED), SAME: plan.count(SAME)}
    audit.record("people.imported", by=by, objects=list(made.values()), detail=counts)
    return plan


def _make(row: PlannedRow, by: User) -> User:
    """Make an account without a usable password: whoever manages it sets the first one."""
    person = User.objects.create_user(row.email, None, **row.values)
    audit.record("user.added", by=by, objects=[person], field_names=["email", *row.values])
    return person


def _change(row: PlannedRow, by: User) -> None:
    assert row.person is not None  # noqa: S101  the caller looked
    for name, value in row.values.items():
        setattr(row.person, name, value)
    row.person.save(update_fields=list(row.values))
    audit.record("user.changed", by=by, objects=[row.person], field_names=list(row.values))


class _Known:
    """What is there already, for all rows at once."""

    def __init__(self, rows: Iterable[TableRow], by: User) -> None:
        self.by = by
        if not managed_agencies(by).exists():
            raise NotPermitted
        self.agencies = {agency.code: agency for agency in managed_agencies(by)}
        emails = {row.cells["email"].lower() for row in rows}
        self.accounts = {person.email: person for person in User.objects.filter(email__in=emails)}
        self.ours = set(people_of(User.objects.filter(email__in=emails), by).values_list("email", flat=True))
        editable = editable_accounts(by, [self.accounts[email] for email in self.ours])
        self.editable = {person.email for person in editable}
        running = Membership.objects.filter(user__email__in=emails, agency__in=self.agencies.values())
        self.roles = {(row.user.email, row.agency_id, row.role): row for row in running.select_related("user")
                      if row.valid_until is None or row.valid_until > timezone.now()}  # fmt: skip
        self.first: dict[str, dict[str, Any]] = {}
        self.seen: set[tuple[str, int, str]] = set()
        self.zones = available_timezones()


def _planned(row: TableRow, known: _Known) -> PlannedRow:
    planned = PlannedRow(row.line, row.cells["email"].lower(), row.cells["full_name"])
    try:
        if row.fault:
            raise RowRefused(row.fault)
        _plan_account(planned, row.cells, known)
        _plan_role(planned, row.cells, known)
    except RowRefused as refusal:
        planned.reason, planned.values, planned.grants = refusal.message, {}, False
        return planned
    is_new = planned.person is None
    planned.outcome = NEW if is_new else CHANGED if planned.values or planned.grants else SAME
    return planned


def _plan_account(planned: PlannedRow, cells: dict[str, str], known: _Known) -> None:
    try:
        validate_email(planned.email)
    except ValidationError as error:
        raise RowRefused(_("This is no e-mail address.")) from error
    planned.agency = _agency(cells.get("agency", ""), known)
    planned.person = known.accounts.get(planned.email)
    given = _given(cells, known)
    if known.first.setdefault(planned.email, given) != given:
        raise RowRefused(_("The same person stands in an earlier row with other values."))
    if planned.person is None:
        if not given.get("full_name") or not given.get("language"):
            raise RowRefused(_("A new person needs a name and a language."))
        planned.values = {"time_zone": planned.agency.time_zone, **given}
        return
    if planned.email not in known.ours:
        raise RowRefused(_("This account is not yours to change."))
    planned.values = {name: value for name, value in given.items() if getattr(planned.person, name) != value}
    if planned.values and planned.email not in known.editable:
        raise RowRefused(_("This account is not yours to change."))


def _agency(code: str, known: _Known) -> Agency:
    if not code and len(known.agencies) == 1:
        return next(iter(known.agencies.values()))
    if code not in known.agencies:
        raise RowRefused(_("This is no agency whose people you manage now."))
    return known.agencies[code]


def _given(cells: dict[str, str], known: _Known) -> dict[str, Any]:
    """Return the values of an account that a row names; an empty cell says nothing."""
    found: dict[str, Any] = {name: cells[name] for name in ACCOUNT if cells.get(name)}
    if len(found.get("full_name", "")) > 160:
        raise RowRefused(_("The name is too long."))
    languages = found.get("reads_languages", "").replace("|", " ").split()
    if any(code not in Language.values for code in [*languages, found.get("language", Language.EN)]):
        raise RowRefused(_("A language is en, es or fr; several stand beside each other: en es."))
    if "reads_languages" in found:
        found["reads_languages"] = list(dict.fromkeys(languages))
    if found.get("time_zone", "UTC") not in known.zones:
        raise RowRefused(_("This is no time zone; write it as America/Denver."))
    return found


def _plan_role(planned: PlannedRow, cells: dict[str, str], known: _Known) -> None:
    assert planned.agency is not None  # noqa: S101  the account was planned before
    planned.role = cells["role"].lower()
    if planned.role not in Role.values:
        planned.role = ""
        raise RowRefused(_("A role is one of these: %(roles)s.") % {"roles": ", ".join(Role.values)})
    key = (planned.email, planned.agency.pk, planned.role)
    if key in known.seen:
        raise RowRefused(_("The same role of the same person stands in an earlier row."))
    known.seen.add(key)
    planned.valid_until = _end(cells.get("valid_until", ""), planned.agency)
    held = known.roles.get(key)
    if held is None:
        if planned.person is not None and (planned.person.pk == known.by.pk or not planned.person.is_active):
            raise RowRefused(_("Nobody gives a role to themselves, or to somebody who is suspended."))
        planned.grants = True
    elif planned.valid_until is not None and held.valid_until != planned.valid_until:
        raise RowRefused(_("This person already has this role; its end is not changed here."))


def _end(text: str, agency: Agency) -> datetime | None:
    """Return the end of a day in the agency's zone."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(agency.time_zone))
    except (ValueError, OverflowError) as error:
        raise RowRefused(_("Write the last day as year-month-day: 2027-01-31.")) from error
    if ends <= timezone.now():
        raise RowRefused(_("The end must lie in the future."))
    return ends
