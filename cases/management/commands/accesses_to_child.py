"""List every access to one child."""

from __future__ import annotations

import csv
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from agencies import audit, scope
from agencies.choices import AuditChannel, AuditOutcome, AuditPurpose
from agencies.models import Agency, AuditEvent, User
from cases.accesses import events_about
from cases.models import Child

COLUMNS = ("child", "at", "kind", "action", "person_id", "person", "agencies", "channel", "purpose", "names_child",
           "fields", "request_id", "event_id")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


class Command(BaseCommand):
    """Writes CSV on standard output: reads, changes, sheets and refused attempts, oldest first."""

    help = "List every access to a child, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the child's id, or the reference of the case for all its children."""
        parser.add_argument("reference_or_id", help="Id of the child, or reference of the case.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows, and record that they were listed; refuse what names no child."""
        with scope.through_door("oversight"), transaction.atomic():
            self._list(options["reference_or_id"])

    def _list(self, reference_or_id: str) -> None:
        children = self._find(reference_or_id)
        if not children:
            raise CommandError(_("No child has this id, and no case this reference."))
        writer = csv.writer(self.stdout)
        writer.writerow(COLUMNS)
        agencies = dict(Agency.objects.values_list("pk", "code"))
        for child in children:
            names = dict(
                User.objects.filter(pk__in=events_about(child.case_id, child.pk).values("actor_id"))
                .values_list("pk", "full_name")
            )  # fmt: skip
            for event in events_about(child.case_id, child.pk).iterator():
                writer.writerow([_safe(value) for value in _row(event, child, names, agencies)])
        with audit.coming_from(AuditChannel.COMMAND):
            audit.record(
                "child.accesses_listed", by=None, objects=children, case_id=children[0].case_id,
                purpose=AuditPurpose.OVERSIGHT,
            )  # fmt: skip

    @staticmethod
    def _find(text: str) -> list[Child]:
        try:
            return list(Child.objects.filter(pk=uuid.UUID(text)))
        except ValueError:
            return list(Child.objects.filter(case__reference=text).order_by("pk"))


def _row(event: AuditEvent, child: Child, names: dict[Any, str], agencies: dict[int, str]) -> list[object]:
    codes = " ".join(agencies.get(key, str(key)) for key in event.agency_ids)
    is_named = str(child.pk) in event.ids_of("cases.child")
    return [
        child.pk, event.at.isoformat(), kind_of(event), event.action, event.actor_id or "",
        names.get(event.actor_id, ""), codes, event.channel, event.purpose, "yes" if is_named else "no",
        " ".join(event.field_names), event.request_id or "", event.pk,
    ]  # fmt: skip


def kind_of(event: AuditEvent) -> str:
    """Return whether an event is a refused attempt, a sheet, a read or a change."""
    if event.outcome == AuditOutcome.DENIED:
        return "refused"
    if event.action.endswith("_printed"):
        return "sheet"
    return "read" if event.action.endswith(".read") else "change"


def _safe(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
