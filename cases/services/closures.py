"""Ending a case with its result, opening it again, and saying that the family knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import ChildStatus, EventAction
from cases.models import Case, Child, Closure, Person, PublicationAuthority

# Results that need no recovery; every other one needs each child recovered (U17).
STEP_OF_REASON = {"hoax": "close_as_hoax", "unfounded": "close_as_unfounded"}
DECEASED = "found_deceased"


@transaction.atomic
def close_case(
    *, case: Case, by: User, reason: str, alert_effect: str, category: str, is_family_informed: bool = False
) -> Closure:
    """End a case with its coded result, its category now, and whether and how the alert led to the result.

    A hoax and an unfounded report need no recovery and clear the suspects; the category of the intake stays as it
    was. The result itself stands in neither timeline nor audit, so that a death is told by nobody but the family's
    own police (U17). Refuses everybody but the lead agency, and a found child while one is not recovered.
    """
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    step = STEP_OF_REASON.get(reason, "close")
    workflow.apply(case, step, by=by, agency=case.lead_agency)
    closure = Closure.objects.create(
        case=case, reason=reason, alert_effect=alert_effect, category=category, closed_by=by
    )
    event = case.abduction
    event.category_at_closure = category
    event.save(update_fields=["category_at_closure"])
    if reason == DECEASED and is_family_informed:
        _say_family_informed(case, by)
    if step != "close":
        _clear_suspects(case, by)
    audit.record("case.result_recorded", by=by, objects=[closure], case_id=case.pk)
    return closure


@transaction.atomic
def inform_family(*, case: Case, by: User) -> None:
    """Record that the family was informed of a death; from now on the other agencies see it.

    Refuses everybody but the lead agency and the one that held the child, and a case without a death.
    """
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not permissions.can_say_family_informed(by, case):
        raise NotPermitted
    if case.family_informed_at is not None:
        raise ActRefused(_("It is recorded already that the family was informed."))
    if not permissions.holds_a_death(case):
        raise ActRefused(_("This case records no death."))
    _say_family_informed(case, by)


@transaction.atomic
def reopen(*, case: Case, by: User, children: Iterable[Child], reason: str) -> None:
    """Search again: a wrong recovery, a child missing once more, or a case that was ended by mistake (U15).

    `children` are those who are missing again; `reason` is a code. Their reports of recovery are taken back, the case
    is active, the suspects of a hoax count again. Refuses everybody but the lead agency, a child who is not recovered,
    and a case in which nobody would be missing.
    """
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not permissions.can_lead_case(by, case):
        raise NotPermitted
    detail = {"reason": reason}
    for child in children:
        if child.case_id != case.pk:
            raise NotPermitted
        workflow.apply(child, "reopen", by=by, agency=case.lead_agency, detail=detail)
    case.refresh_from_db()
    if not case.is_open:
        if not case.children.exclude(status=ChildStatus.RECOVERED).exists():
            raise ActRefused(_("Choose at least one child who is missing."))
        workflow.apply(case, "reopen", by=by, agency=case.lead_agency, detail=detail)
    case.refresh_from_db()


def _say_family_informed(case: Case, by: User) -> None:
    case.family_informed_at, case.family_informed_by = timezone.now(), by
    case.save(update_fields=["family_informed_at", "family_informed_by"])
    workflow.note(case, EventAction.FAMILY_INFORMED, by=by, agency=case.lead_agency, subject=case)
    audit.record("case.family_informed", by=by, objects=[case], case_id=case.pk)


def _clear_suspects(case: Case, by: User) -> None:
    """Nobody did anything: named people are cleared, and nothing of them may be published any more."""
    people = list(case.people.filter(role__in=Person.SUSPECTED, cleared_at__isnull=True))
    for person in people:
        person.cleared_at = timezone.now()
        person.save(update_fields=["cleared_at"])
    of_them = Q(person__in=people) | Q(photo__person__in=people)
    PublicationAuthority.objects.filter(of_them, case=case, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    if people:
        workflow.note(case, EventAction.PEOPLE_CLEARED, by=by, agency=case.lead_agency, subject=case)
        audit.record("person.cleared", by=by, objects=people, case_id=case.pk)
