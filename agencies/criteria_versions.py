"""Versions of a program's criteria: numbered, one at a time, and history once a decision rests on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast

from django.db import connection
from django.db.models import CASCADE, ForeignObjectRel, Max, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies import audit, scope
from agencies.models import AlertProgram, CriteriaVersion, User

DAY = timedelta(days=1)


def is_used(version: CriteriaVersion) -> bool:
    """Say whether a decision points at this version; its own rows of bodies and fallbacks are part of it.

    Requests live in an app that agencies may not import, so the question goes through the relations themselves.
    """
    kept: bool | None = version.__dict__.get("_is_used")
    if kept is None:
        relations = [
            relation
            for relation in version._meta.get_fields(include_hidden=True)  # most have no way back by name
            if isinstance(relation, ForeignObjectRel) and relation.on_delete is not CASCADE
        ]
        kept = any(_points(relation, version) for relation in relations)
        version.__dict__["_is_used"] = kept  # asked many times while one page is made
    return kept


def _points(relation: ForeignObjectRel, version: CriteriaVersion) -> bool:
    rows = cast("type[Model]", relation.related_model)._base_manager
    with scope.through_door("assessing_criteria"):
        return rows.filter(**{relation.field.name: version}).exists()


def hold(version_id: int | str) -> None:
    """Lock one version until the transaction ends, before the question whether it is used.

    This waits for decisions that are being recorded (see `rest_on`), and the next ones wait for us.
    """
    list(CriteriaVersion.objects.select_for_update().filter(pk=version_id).values_list("pk"))


def rest_on(version: CriteriaVersion) -> None:
    """Hold a version as it is until the decision that rests on it is stored, and read it as it now stands.

    The references to a version are checked only when a transaction ends; without this, staff who find it unused
    could change it between a decision and its end. Decisions do not wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM agencies_criteriaversion WHERE id = %s FOR KEY SHARE", [version.pk])
    version.refresh_from_db()


def hold_program(program: AlertProgram) -> None:
    """Lock a program's row until the transaction ends, so that two people do not make versions at the same time."""
    list(AlertProgram.objects.select_for_update(no_key=True).filter(pk=program.pk).values_list("pk"))


def next_number(program: AlertProgram) -> int:
    """Return the next version number of a program, holding the program's row until the transaction ends."""
    hold_program(program)
    latest = CriteriaVersion.objects.filter(program=program).aggregate(latest=Max("version"))["latest"]
    return int(latest or 0) + 1


def values_for_next(version: CriteriaVersion, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of these fields for a version made from this one: from tomorrow, verified by nobody yet."""
    values = {
        name: getattr(version, name) for name in (*names, "info_test", "message_limits") if hasattr(version, name)
    }
    values |= {"program": version.program_id, "effective_from": timezone.localdate() + DAY, "effective_to": None}
    return values | {"verified_by": "", "verified_at": None}


def confirm(version: CriteriaVersion, *, by: User, person: str, on: date) -> None:
    """Record that the program itself confirmed these rules: who there, on which day, and by whom it is recorded.

    The rules stay as they are, so a used version can be confirmed too; the audit keeps every confirmation.
    """
    CriteriaVersion.objects.filter(pk=version.pk).update(verified_by=person, verified_at=on)
    version.verified_by, version.verified_at = person, on
    audit.record("criteriaversion.verified", by=by, objects=[version], field_names=["verified_by", "verified_at"])


def giving_way(version: CriteriaVersion, *, was_from: date | None = None) -> list[CriteriaVersion]:
    """Return the earlier versions that end the day before this one begins: those without an end of their own.

    `was_from` is the first day of a stored version before it was moved: what had ended for it moves along.
    """
    others = CriteriaVersion.objects.filter(program=version.program_id).exclude(pk=version.pk)
    ended_for_it = was_from - DAY if was_from else None
    return [
        other
        for other in others.filter(effective_from__lt=version.effective_from).order_by("version")
        if other.effective_to is None or other.effective_to == ended_for_it
    ]


def date_faults(version: CriteriaVersion, *, was_from: date | None = None) -> dict[str, str]:
    """Return what is wrong with the days on which a version rules, as sentences by field: two never rule at once.

    No version takes days that have passed from one that ruled on them: decisions of those days rest on it.
    """
    yielding = giving_way(version, was_from=was_from)
    found: dict[str, str] = {}
    others = CriteriaVersion.objects.filter(program=version.program_id).exclude(pk=version.pk)
    for other in others.exclude(pk__in=[item.pk for item in yielding]).order_by("effective_from", "version"):
        if (other.effective_to or date.max) < version.effective_from:
            continue
        if other.effective_from > (version.effective_to or date.max):
            continue
        field, sentence = _overlap(version, other)
        found.setdefault(field, sentence)
    if version.effective_from < timezone.localdate() and version.effective_from != was_from:
        for other in yielding:
            if other.effective_to is None or other.effective_to >= version.effective_from:
                found.setdefault(
                    "effective_from",
                    _("Version %(number)s has ruled until now: this version can begin today at the earliest.")
                    % {"number": other.version},
                )
    return found


def _overlap(version: CriteriaVersion, other: CriteriaVersion) -> tuple[str, str]:
    values = {"number": other.version, "begins": date_format(other.effective_from)}
    if other.effective_from > version.effective_from:
        words = _("Version %(number)s begins on %(begins)s: this version must end before that day.")
        return "effective_to", words % values
    if other.effective_from == version.effective_from or other.effective_to is None:
        return "effective_from", _("Version %(number)s begins on %(begins)s too: choose another day.") % values
    values["ends"] = date_format(other.effective_to)
    words = _("Version %(number)s rules until %(ends)s: this version must begin after that day.")
    return "effective_from", words % values


def end_earlier(version: CriteriaVersion, *, by: User, was_from: date | None = None) -> list[CriteriaVersion]:
    """End the versions that give way on the day before this one begins, and return them; the caller has saved it.

    The words of a used version stay untouched: only its last day is written.
    """
    ended = giving_way(version, was_from=was_from)
    for other in ended:
        other.effective_to = version.effective_from - DAY
        other.save(update_fields=["effective_to"])
        audit.record("criteriaversion.ended", by=by, objects=[other], field_names=["effective_to"])
    return ended
