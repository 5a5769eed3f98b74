"""The home program's own decision on its own alert (U4)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import EventAction, HomeOutcome
from cases.models import Case, HomeDecision
from cases.services import assessments


def home_programs(case: Case) -> QuerySet[AlertProgram]:
    """Return the programs that are at home in this case: the lead agency's, else those of the place of origin."""
    active = AlertProgram.objects.filter(is_active=True)
    own = active.run_by([case.lead_agency_id])
    if own.exists() or case.origin_id is None:
        return own
    return active.filter(subdivision_id=case.origin_id)


@transaction.atomic
def decide_at_home(
    *, case: Case, program: AlertProgram, by: User, outcome: str, reason: str = "", alternative: str = ""
) -> HomeDecision:
    """Record what the home program decided, with officer and time, and freeze the answers it rests on.

    Refuses everybody but the lead agency's officers, a program that is not at home, an ended case, and "not
    activated" without a reason and an alternative: criteria not met is not silence (domain §9.14).
    """
    if not permissions.can_decide_at_home(by, case):
        raise NotPermitted
    if not home_programs(case).filter(pk=program.pk).exists():
        raise ActRefused(_("This is not the home program of the case."))
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not case.is_open:
        raise ActRefused(_("This case has ended."))
    if outcome == HomeOutcome.NOT_ACTIVATED and not (reason and alternative):
        raise ActRefused(_("“Not activated” needs a reason and an alternative."))
    criteria = CriteriaVersion.in_force_for(program)
    assessment = assessments.freeze(case=case, criteria=criteria, by=by) if criteria else None
    return _record(
        case=case, program=program, by=by, outcome=outcome, reason=reason, alternative=alternative,
        criteria=criteria, assessment=assessment,
    )  # fmt: skip


@transaction.atomic
def record_activation(*, case: Case, program: AlertProgram, by: User) -> HomeDecision | None:
    """Record "activated" when the home program's own alert goes out; None for any other program's.

    The right to activate was checked by the caller.
    """
    if not home_programs(case).filter(pk=program.pk).exists():
        return None
    latest = case.home_decisions.first()
    if latest is not None and latest.outcome == HomeOutcome.ACTIVATED:
        return latest
    criteria = CriteriaVersion.in_force_for(program)
    assessment = None
    if criteria is not None and permissions.can_assess(by, case):
        assessment = assessments.freeze(case=case, criteria=criteria, by=by)
    return _record(
        case=case, program=program, by=by, outcome=HomeOutcome.ACTIVATED, criteria=criteria, assessment=assessment,
        is_automatic=True,
    )  # fmt: skip


def _record(*, case: Case, program: AlertProgram, by: User, outcome: str, **fields: Any) -> HomeDecision:
    decision = HomeDecision.objects.create(
        case=case, program=program, outcome=outcome, decided_by=by, facts_version=case.facts_version, **fields
    )
    workflow.note(
        case, EventAction.HOME_DECISION, by=by, agency=program.agency, subject=decision,
        detail={"outcome": str(outcome), "reason": decision.reason, "alternative": decision.alternative},
    )  # fmt: skip
    audit.record("case.home_decision", by=by, objects=[decision], case_id=case.pk, detail={"outcome": str(outcome)})
    return decision
