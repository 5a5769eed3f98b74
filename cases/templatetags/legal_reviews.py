"""Shows legal opinions on pages of the case and of its alerts, as far as they were released to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User
from cases import permissions
from cases.choices import ReviewStatus
from cases.forms.opinions import AskOpinionForm, DeadlineForm, OpinionForm, ReleaseForm
from cases.models import Case, LegalReview
from cases.services.opinions import possible_readers

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


@register.inclusion_tag("cases/_opinions.html", takes_context=True)
def legal_reviews(context: Context, case: Case, acts: bool = True) -> dict[str, Any]:
    """Return the reviews that the reader may see, newest first; without `acts` nothing can be done there."""
    user = context["user"]
    shown = [_shown(row, case, user) for row in reviews_of(case, user)]
    if acts:
        _add_forms(shown, case, user)
    may_ask = acts and case.is_open and permissions.can_ask_opinion(user, case)
    return {
        "case": case,
        "reviews": shown,
        "ask_form": AskOpinionForm(prefix="ask") if may_ask else None,
        "opinion_form": OpinionForm(prefix="opinion") if acts and permissions.can_record_opinion(user, case) else None,
        "nonce": context.get("nonce", ""),
        "csrf_token": context.get("csrf_token", ""),
    }


def reviews_of(case: Case, user: User) -> Any:
    """Return the reviews of a case that a person may see, with what a page says of each, in two queries."""
    rows = LegalReview.objects.visible_to(user).with_staleness().filter(case=case)  # type: ignore[attr-defined]
    return rows.select_related("agency", "program", "given_by", "requested_by").prefetch_related("releases__agency")


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
        if row.status == ReviewStatus.RETURNED and permissions.can_ask_again(user, row):
            item.again_form = DeadlineForm(prefix="again")
        if not permissions.can_give_opinion(user, row):
            continue
        if row.status == ReviewStatus.REQUESTED:
            item.give_form = OpinionForm(prefix=f"give-{row.pk}")
        elif row.is_given:
            if row.agency_id not in readers:
                readers[row.agency_id] = list(possible_readers(case, row.agency_id))
            if readers[row.agency_id]:
                item.release_form = ReleaseForm(others=readers[row.agency_id], prefix=f"release-{row.pk}")
