"""Asking another agency blindly whether it knows a child or a plate: yes or no, and whom to call (ADR 66)."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, scope
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases.choices import BlindSubject, PlateStanding
from cases.models import BlindQuestion
from cases.models.case_search import is_searchable, name_parts
from cases.models.plate import UNKNOWN_CHARACTER, plate_key

PERIOD = timedelta(hours=1)
MOST_BY_PERSON, MOST_BY_AGENCY = 10, 30  # in a period; a search of one night needs a handful
ANSWER_SECONDS = 0.3  # every answer takes as long: how long the look took tells nothing
LEAST_PLATE = 4
LEAST_NAMES = 2

# Counted to the end in one statement, whatever is found; cases that are sealed, and the other kind of exercise, count
# as nothing. `known` are the cases that the agency is on now; it answers for no part that it does not read itself.
_CHILD = """
    SELECT count(*) FILTER (WHERE NOT access.is_sealed AND known.is_exercise = %(is_exercise)s)
    FROM cases_child child
    JOIN cases_case known ON known.id = child.case_id
    JOIN cases_caseaccess access ON access.case_id = known.id AND access.agency_id = %(agency)s
        AND (access.until IS NULL OR access.until > statement_timestamp())
    WHERE child.birth_date = %(born)s AND (child.part_marks = '{}' OR amber_reads_parts(
        ARRAY[%(agency)s]::bigint[], child.case_id, child.id, amber_held(child.part_marks, false)
    )) AND NOT EXISTS (
        SELECT FROM unnest(%(parts)s::text[]) part
        WHERE ' ' || btrim(amber_fold(child.given_names || ' ' || child.first_surname || ' ' || child.second_surname
            || ' ' || child.also_known_as || ' ' || child.name_on_document)) || ' ' NOT LIKE '%% ' || part || ' %%'
    )
"""
_PLATE = """
    SELECT count(*) FILTER (WHERE NOT access.is_sealed AND known.is_exercise = %(is_exercise)s)
    FROM cases_plate plate
    JOIN cases_case known ON known.id = plate.case_id
    JOIN cases_caseaccess access ON access.case_id = known.id AND access.agency_id = %(agency)s
        AND (access.until IS NULL OR access.until > statement_timestamp())
    WHERE plate.search_key = %(key)s AND plate.standing <> %(wrong)s
        AND amber_reads_vehicle(ARRAY[%(agency)s]::bigint[], plate.vehicle_id)
"""


def possible_agencies(user: User) -> QuerySet[Agency]:
    """Return the agencies that may be asked: active ones, none of the person's own."""
    return Agency.objects.active().exclude(pk__in=access.agency_ids(user, Capability.EDIT_CASES)).order_by(
        "country", "name"
    )  # fmt: skip


def may_ask(user: User) -> bool:
    """Say whether this person asks blind questions: whoever opens and edits cases for an agency."""
    return bool(access.agency_ids(user, Capability.EDIT_CASES))


@transaction.atomic
def ask_about_child(
    *, by: User, agency: Agency, reason: str, names: str, birth_date: date, is_exercise: bool = False
) -> BlindQuestion:
    """Ask whether an agency knows a child by names and date of birth, in any order and spelling of accents.

    Every part of the name must be a part of the child's. Refuses whoever may not ask, fewer than two parts, and more
    questions than the limits allow.
    """
    parts = name_parts(names)
    if len(set(parts)) < LEAST_NAMES or not is_searchable(names):
        raise ActRefused(_("Write the given name and a surname."))
    values = {"parts": parts, "born": birth_date}
    told = f"{' '.join(sorted(parts))} {birth_date.isoformat()}"
    return _ask(by, agency, reason, (BlindSubject.CHILD, told), (_CHILD, values), is_exercise)


@transaction.atomic
def ask_about_plate(*, by: User, agency: Agency, reason: str, plate: str, is_exercise: bool = False) -> BlindQuestion:
    """Ask whether an agency knows a plate, whatever stands between its letters and digits.

    Refuses whoever may not ask, a plate that is not whole, and more questions than the limits allow.
    """
    key = plate_key(plate)
    if len(key) < LEAST_PLATE or UNKNOWN_CHARACTER in key:
        raise ActRefused(_("Write the whole plate, at least four letters and digits."))
    values = {"key": key, "wrong": PlateStanding.WRONG}
    return _ask(by, agency, reason, (BlindSubject.PLATE, key), (_PLATE, values), is_exercise)


def _ask(  # noqa: PLR0917  two kinds of the same question
    by: User, agency: Agency, reason: str, subject: tuple[str, str], look: tuple[str, dict[str, Any]],
    is_exercise: bool,
) -> BlindQuestion:  # fmt: skip
    began = time.monotonic()
    own = access.agency_ids(by, Capability.EDIT_CASES)
    if not own:
        raise NotPermitted
    if not reason:
        raise ActRefused(_("Choose a reason."))
    if not possible_agencies(by).filter(pk=agency.pk).exists():
        raise ActRefused(_("Choose another agency."))
    asking = Agency.objects.select_for_update(of=("self",), no_key=True).get(pk=min(own))  # one question at a time
    _refuse_too_many(by, asking)
    kind, told = subject
    sql, values = look
    with scope.through_door("blind_questions"), connection.cursor() as cursor:
        cursor.execute(sql, {**values, "agency": agency.pk, "is_exercise": is_exercise})
        is_hit = bool(cursor.fetchone()[0])
    question = BlindQuestion.objects.create(
        asked_by=by, from_agency=asking, to_agency=agency, subject=kind, reason=reason, is_exercise=is_exercise,
        subject_hash=salted_hmac("cases.blind_question", told, algorithm="sha256").hexdigest(), is_hit=is_hit,
    )  # fmt: skip
    audit.record(  # in the trail of both agencies
        "blindquestion.asked", by=by, objects=[question], agency_ids=[asking.pk, agency.pk],
        detail={"from": asking.pk, "to": agency.pk, "subject": str(kind), "reason": reason, "is_hit": is_hit},
    )  # fmt: skip
    time.sleep(max(0.0, ANSWER_SECONDS - (time.monotonic() - began)))
    return question


def _refuse_too_many(by: User, agency: Agency) -> None:
    lately = BlindQuestion.objects.filter(created_at__gt=timezone.now() - PERIOD).order_by("-created_at")
    for rows, most, words in (
        (lately.filter(asked_by=by), MOST_BY_PERSON,
         _("You have asked %(count)d questions in the last hour. You may ask again at %(time)s (your time).")),
        (lately.filter(from_agency=agency), MOST_BY_AGENCY,
         _("Your agency has asked %(count)d questions in the last hour. It may ask again at %(time)s (your time).")),
    ):  # fmt: skip
        asked = list(rows.values_list("created_at", flat=True)[:most])
        if len(asked) == most:
            raise ActRefused(
                words % {"count": most, "time": date_format(timezone.localtime(asked[-1] + PERIOD), "TIME_FORMAT")}
            )
