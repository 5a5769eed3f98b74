"""Shows legal opinions on pages of the case and of its alerts, as far as they were released to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.db.models import OuterRef, Subquery
from django.template import Context
from django.utils import timezone

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User
from cases import permissions
from cases.choices import AccessPurpose, ReviewStatus
from cases.forms.opinions import AskElsewhereForm, AskOpinionForm, DeadlineForm, OpinionForm, ReleaseForm
from cases.models import Case, CaseAccess, LegalReview
from cases.models.legal_review import WAITING
from cases.services.opinions import possible_readers
from cases.services.questions_elsewhere import possible_advisors

register = template.Library()


@dataclass
class ShownReview:
    """One review as one reader may see it, with the forms of what they may do."""

    row: LegalReview
    is_own: bool
    is_stale: bool
    give_form: OpinionForm | None = None
    again_form: DeadlineForm | None = None
    release_form: ReleaseForm | None = None
    may_withdraw: bool = False


@register.inclusion_tag("cases/_opinions.html", takes_context=True)
def legal_reviews(context: Context, case: Case, acts: bool = True) -> dict[str, Any]:
    """Return the reviews that the reader may see, newest first; without `acts` nothing can be done there."""
    user = context["user"]
    shown = [_shown(row, case, user) for row in reviews_of(case, user)]
    if acts:
        _add_forms(shown, case, user)
    may_ask = acts and case.is_open and permissions.can_ask_opinion(user, case)
    advisors = list(possible_advisors(case, user)) if may_ask else []
    return {
        "case": case,
        "reviews": shown,
        "asked_elsewhere": [_asked(row, case, user, acts) for row in asked_elsewhere(case, user)],
        "elsewhere_form": AskElsewhereForm(advisors=advisors, prefix="elsewhere") if advisors else None,
        "ask_form": AskOpinionForm(prefix="ask") if may_ask else None,
        "opinion_form": OpinionForm(prefix="opinion") if acts and permissions.can_record_opinion(user, case) else None,
        "nonce": context.get("nonce", ""),
        "csrf_token": context.get("csrf_token", ""),
    }


@dataclass
class AskedElsewhere:
    """One question to another agency's advisors as the asking side sees it: whether, never how it was answered."""

    row: LegalReview
    reads_until: datetime | None
    may_withdraw: bool
    again_form: DeadlineForm | None

    @property
    def is_late(self) -> bool:
        """Say whether the deadline has passed without an answer."""
        return self.row.status in WAITING and self.row.due_at is not None and self.row.due_at < timezone.now()


def asked_elsewhere(case: Case, user: User) -> Any:
    """Return the questions that the reader's agencies asked elsewhere, with how long each agency reads the case."""
    sight = CaseAccess.objects.valid().filter(
        case=OuterRef("case"), agency=OuterRef("agency"), purpose=AccessPurpose.LEGAL
    )
    rows = LegalReview.objects.asked_elsewhere_by(user).filter(case=case)  # type: ignore[attr-defined]
    return rows.select_related("agency", "asking_agency", "requested_by").annotate(
        reads_until=Subquery(sight.values("until")[:1])
    )


def _asked(row: Any, case: Case, user: User, acts: bool) -> AskedElsewhere:
    row.case = case
    may_act = acts and row.status in WAITING and permissions.can_withdraw_question(user, row)
    again = may_act and case.is_open and row.status == ReviewStatus.RETURNED
    return AskedElsewhere(row, row.reads_until, may_act, DeadlineForm(prefix="again") if again else None)


def reviews_of(case: Case, user: User) -> Any:
    """Return the reviews of a case that a person may see, with what a page says of each, in two queries."""
    rows = LegalReview.objects.visible_to(user).with_staleness().filter(case=case)  # type: ignore[attr-defined]
    return rows.select_related("agency", "asking_agency", "program", "given_by", "requested_by").prefetch_related(
        "releases__agency"
    )


def _shown(row: LegalReview, case: Case, user: User) -> ShownReview:
    row.case = case
    return ShownReview(
        row,
        is_own=row.agency_id in access.agency_ids(user, Capability.VIEW_CASES),
        is_stale=row.is_on_earlier_facts(case) or row.is_on_earlier_law,
    )


def _add_forms(shown: list[ShownReview], case: Case, user: User) -> None:
    readers: dict[int, list[Agency]] = {}
    for item in shown:
        row = item.row
        if row.status in WAITING and permissions.can_withdraw_question(user, row):
            item.may_withdraw = True
            if row.status == ReviewStatus.RETURNED:
                item.again_form = DeadlineForm(prefix="again")
        if not permissions.can_give_opinion(user, row):
            continue
        if row.status == ReviewStatus.REQUESTED:
            item.give_form = OpinionForm(prefix=f"give-{row.pk}", is_asked_elsewhere=row.asking_agency_id is not None)
        elif row.is_given:
            if row.agency_id not in readers:
                readers[row.agency_id] = list(possible_readers(case, row.agency_id))
            if readers[row.agency_id]:
                item.release_form = ReleaseForm(others=readers[row.agency_id], prefix=f"release-{row.pk}")
