"""Asking the legal advisors of another agency, who read the case for that and no longer (U30)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import working_on
from cases.models import Case, LegalReview
from cases.models.legal_review import WAITING
from cases.services import sights
from cases.services.opinions import asking_agency, program_of


def possible_advisors(case: Case, user: User) -> QuerySet[Agency]:
    """Return the agencies whose advisors this coordinator may ask: the lead agency any, others those on the case."""
    if not permissions.can_ask_opinion(user, case):
        return Agency.objects.none()
    rows = access.agencies_with(Capability.GIVE_OPINIONS).exclude(pk=asking_agency(user, case).pk)
    if not permissions.can_share_for_advice(user, case):
        rows = rows.filter(pk__in=working_on(case))
    return rows.order_by("name")


@transaction.atomic
def ask_elsewhere(
    *, case: Case, by: User, agency: Agency, question: str, hours: float, sight_hours: int
) -> LegalReview:
    """Ask the advisors of another agency a coded question, due in `hours`; they are told by notice.

    That agency reads the case, no more, until the question is answered or withdrawn and `sight_hours` after that.
    Its answer stays inside it until it is released. Refuses everybody but a coordinator of an agency that works on
    the case, an ended case, an agency without an advisor or not on the case unless the lead agency asks, and a
    second open question of the same kind.
    """
    if not permissions.can_ask_opinion(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not case.is_open:
        raise ActRefused(_("This case has ended."))
    if not possible_advisors(case, by).filter(pk=agency.pk).exists():
        raise ActRefused(_("Choose another agency that has a legal advisor in the portal."))
    asker = asking_agency(by, case)
    waiting = LegalReview.objects.filter(case=case, agency=agency, asking_agency=asker, question=question)
    if waiting.filter(status__in=WAITING).exists():
        raise ActRefused(_("This question already waits for an opinion."))
    review = LegalReview.objects.create(
        case=case, agency=agency, asking_agency=asker, program=program_of(agency), question=question,
        requested_by=by, due_at=timezone.now() + timedelta(hours=hours), sight_hours=sight_hours,
        facts_version=case.facts_version,
    )  # fmt: skip
    sights.open_sight(review, by=by)
    audit.record(
        "legalreview.asked", by=by, objects=[review], case_id=case.pk,
        detail={"question": question, "agency": agency.pk},
    )  # fmt: skip
    for side in (asker, agency):
        workflow.note(case, "legalreview.ask", by=by, agency=asker, subject=review, only_for=side)
    workflow.announce(review, "ask", by=by)
    return review
