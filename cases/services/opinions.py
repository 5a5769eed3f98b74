"""Legal opinions: asked for, given, sent back for more facts, released to named agencies (U30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, criteria_versions
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import agencies_on, working_on
from cases.choices import ReleaseScope
from cases.models import Case, LegalReview, ReviewRelease
from cases.services import sights

MORE_FACTS = "more_facts"


@transaction.atomic
def ask_opinion(*, case: Case, by: User, question: str, hours: float) -> LegalReview:
    """Ask the legal advisors of the coordinator's agency a coded question, due in `hours`; they are told by notice.

    Refuses everybody but a coordinator of an agency on the case, an ended case, an agency without an advisor, and a
    second open question of the same kind.
    """
    if not permissions.can_ask_opinion(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not case.is_open:
        raise ActRefused(_("This case has ended."))
    agency = asking_agency(by, case)
    if not access.people_with(agency, Capability.GIVE_OPINIONS).exists():
        raise ActRefused(_("Your agency has no legal advisor in the portal."))
    waiting = LegalReview.objects.filter(case=case, agency=agency, question=question, asking_agency__isnull=True)
    if waiting.filter(status__in=("requested", "returned")).exists():
        raise ActRefused(_("This question already waits for an opinion."))
    review = LegalReview.objects.create(
        case=case, agency=agency, program=program_of(agency), question=question, requested_by=by,
        due_at=timezone.now() + timedelta(hours=hours), facts_version=case.facts_version,
    )  # fmt: skip
    audit.record("legalreview.asked", by=by, objects=[review], case_id=case.pk, detail={"question": question})
    workflow.note(case, "legalreview.ask", by=by, agency=agency, subject=review, only_for=agency)
    workflow.announce(review, "ask", by=by)
    return review


@transaction.atomic
def ask_again(*, review: LegalReview, by: User, hours: float) -> None:
    """Ask the same question anew, after the facts that the advisor missed were recorded.

    An advisor of another agency reads the case again until then.
    """
    due_at = timezone.now() + timedelta(hours=hours)
    workflow.apply(
        review, "ask_again", by=by, agency=review.asking_agency or review.agency, requested_at=timezone.now(),
        requested_by=by, due_at=due_at, facts_wanted="", told_overdue_at=None,
    )  # fmt: skip
    sights.open_sight(review, by=by)


@transaction.atomic
def withdraw_question(*, review: LegalReview, by: User) -> None:
    """Take back a question that was not answered; the sight that came with it ends after its period.

    Refuses everybody but a coordinator of the agency that asked.
    """
    workflow.apply(review, "withdraw", by=by, agency=review.asking_agency or review.agency)
    sights.end_sight(review, by=by)


@transaction.atomic
def give_opinion(
    *, review: LegalReview, by: User, opinion: str, grounds: str, conclusion: str = "", notes: str = ""
) -> None:
    """Record the answer, bound to the present facts and criteria; "more facts needed" goes back to the asker.

    Refuses a person who is not a legal advisor of the review's agency, and conditions that are not named.
    """
    if opinion == "with_conditions" and not conclusion:
        raise ActRefused(_("Name the conditions."))
    criteria = CriteriaVersion.in_force_for(review.program) if review.program else None
    if criteria is not None:
        criteria_versions.rest_on(criteria)
    facts_version = Case.objects.values_list("facts_version", flat=True).get(pk=review.case_id)
    stamps: dict[str, Any] = {
        "opinion": opinion, "conclusion": conclusion, "grounds": grounds, "notes": notes,
        "language": (get_language() or by.language)[:2], "facts_version": facts_version, "criteria": criteria,
    }  # fmt: skip
    if opinion == MORE_FACTS:
        if review.asking_agency_id and not conclusion:
            raise ActRefused(_("Name the facts that are missing: the agency that asked sees only these words."))
        stamps["facts_wanted"] = conclusion
        workflow.apply(review, "return_for_facts", by=by, agency=review.agency, **stamps)
    else:
        workflow.apply(
            review, "give", by=by, agency=review.agency, detail={"opinion": opinion}, given_at=timezone.now(),
            given_by=by, **stamps,
        )  # fmt: skip
    sights.end_sight(review, by=by)


@transaction.atomic
def record_opinion(
    *, case: Case, by: User, opinion: str, grounds: str, conclusion: str = "", notes: str = ""
) -> LegalReview:
    """Record an opinion that nobody asked for; it stays inside the advisor's agency.

    Refuses a person who is not a legal advisor of an agency on the case.
    """
    if not permissions.can_record_opinion(by, case):
        raise NotPermitted
    agency = Agency.objects.get(pk=min(access.agency_ids(by, Capability.GIVE_OPINIONS) & agencies_on(case)))
    review = LegalReview.objects.create(case=case, agency=agency, program=program_of(agency), requested_by=by)
    give_opinion(review=review, by=by, opinion=opinion, grounds=grounds, conclusion=conclusion, notes=notes)
    audit.record("legalreview.recorded", by=by, objects=[review], case_id=case.pk)
    return review


@transaction.atomic
def release_opinion(*, review: LegalReview, by: User, agency: Agency, scope: str) -> ReviewRelease:
    """Show an opinion to one named agency on the case, whole or as its conclusion only.

    Refuses everybody but the advisors of the author's agency, an agency that is not on the case, the author's own,
    and what was released before.
    """
    workflow.apply(review, "release", by=by, agency=review.agency, detail={"agency": agency.pk, "scope": str(scope)})
    if agency.pk == review.agency_id or agency.pk not in agencies_on(review.case):
        raise ActRefused(_("Choose another agency on the case."))
    before = set(review.releases.filter(agency=agency).values_list("scope", flat=True))
    if scope in before or ReleaseScope.WHOLE in before:
        raise ActRefused(_("This was already released to that agency."))
    release = ReviewRelease.objects.create(case=review.case, review=review, agency=agency, scope=scope, released_by=by)
    workflow.note(
        review.case, "legalreview.release", by=by, agency=review.agency, subject=review,
        detail={"scope": str(scope)}, only_for=agency,
    )  # fmt: skip
    workflow.announce(release, "release", by=by)
    return release


def possible_readers(case: Case, author_id: int) -> QuerySet[Agency]:
    """Return the agencies on a case to which an opinion of this agency may be released."""
    return Agency.objects.filter(pk__in=agencies_on(case) - {author_id}).order_by("name")


def asking_agency(user: User, case: Case) -> Agency:
    """Return for which of their agencies that work on the case a coordinator asks."""
    return Agency.objects.get(pk=min(access.agency_ids(user, Capability.ASK_OPINIONS) & working_on(case)))


def program_of(agency: Agency) -> AlertProgram | None:
    return AlertProgram.objects.filter(agency=agency, is_active=True).order_by("pk").first()
