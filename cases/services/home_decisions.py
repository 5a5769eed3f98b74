"""The home program's own decision on its own alert (U4)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import audit, criteria_versions
from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import EventAction, HomeOutcome
from cases.models import Case, HomeDecision
from cases.services import assessments
from cases.signals import case_transitioned

ONLY_THE_PROGRAM = _("The program has recorded its own decision. From then on only the program itself changes it.")


def home_programs(case: Case) -> QuerySet[AlertProgram]:
    """Return the programs that are at home in this case: the lead agency's, else those of the place of origin."""
    active = AlertProgram.objects.filter(is_active=True)
    own = active.run_by([case.lead_agency_id])
    if own.exists() or case.origin_id is None:
        return own
    return active.filter(subdivision_id=case.origin_id)


def programs_to_decide(user: User, case: Case) -> list[AlertProgram]:
    """Return the home programs whose decision this person may record: all for the lead agency, else their own (U4, U7).

    The lead agency records for a program only until the program has decided itself.
    """
    programs = list(home_programs(case).select_related("agency"))
    leads = permissions.can_decide_at_home(user, case)
    own = [program for program in programs if permissions.can_decide_for_program(user, case, program)]
    if not leads:
        return own
    decided = set(case.home_decisions.filter(is_own=True).values_list("program", flat=True))
    return [program for program in programs if program in own or _runs(case, program) or program.pk not in decided]


@transaction.atomic
def decide_at_home(
    *, case: Case, program: AlertProgram, by: User, outcome: str, reason: str = "", alternative: str = "",
    seen: str | None = None,
) -> HomeDecision:  # fmt: skip
    """Record what the home program decided, with officer and time, and freeze the answers it rests on.

    The program itself decides by the officers of its deciding bodies. Where another agency leads the case, that agency
    writes down what it was told, until the program has recorded its own decision, which supersedes it; both stay.
    `seen` is the id of the newest decision that the officer had read, empty for none; None compares nothing.
    Refuses everybody else, a program that is not at home, an ended case, a decision over a newer one, and "not
    activated" without a reason and an alternative: criteria not met is not silence (domain §9.14).
    """
    is_home = home_programs(case).filter(pk=program.pk).exists()
    is_own = is_home and permissions.can_decide_for_program(by, case, program)
    leads = permissions.can_decide_at_home(by, case)
    if not (is_own or leads):
        raise NotPermitted
    if not is_home:
        raise ActRefused(_("This is not the home program of the case."))
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not case.is_open:
        raise ActRefused(_("This case has ended."))
    is_own = is_own or _runs(case, program)
    if not is_own and case.home_decisions.filter(program=program, is_own=True).exists():
        raise ActRefused(ONLY_THE_PROGRAM)
    latest = case.home_decisions.first()
    if seen is not None and seen != (str(latest.pk) if latest else ""):
        raise ActRefused(_("Another decision was recorded meanwhile. Read it first; nothing was written over."))
    if outcome == HomeOutcome.NOT_ACTIVATED and not (reason and alternative):
        raise ActRefused(_("“Not activated” needs a reason and an alternative."))
    criteria = CriteriaVersion.in_force_for(program)
    assessment = None
    if criteria is not None:
        criteria_versions.rest_on(criteria)
        if permissions.can_assess(by, case):
            assessment = assessments.freeze(case=case, criteria=criteria, by=by)
    return _record(
        case=case, program=program, by=by, outcome=outcome, reason=reason, alternative=alternative,
        criteria=criteria, assessment=assessment, is_own=is_own,
    )  # fmt: skip


@transaction.atomic
def record_activation(*, case: Case, program: AlertProgram, by: User) -> HomeDecision | None:
    """Record "activated" when the home program's own alert goes out; None for any other program's.

    The right to activate was checked by the caller.
    """
    if not home_programs(case).filter(pk=program.pk).exists():
        return None
    latest = case.home_decisions.first()
    if latest is not None and latest.outcome == HomeOutcome.ACTIVATED and latest.is_own:
        return latest
    criteria = CriteriaVersion.in_force_for(program)
    assessment = None
    if criteria is not None and permissions.can_assess(by, case):
        assessment = assessments.freeze(case=case, criteria=criteria, by=by)
    return _record(
        case=case, program=program, by=by, outcome=HomeOutcome.ACTIVATED, criteria=criteria, assessment=assessment,
        is_automatic=True, is_own=True,
    )  # fmt: skip


def _runs(case: Case, program: AlertProgram) -> bool:
    """Say whether the lead agency is one of those that run the program: it then decides for itself."""
    return case.lead_agency_id in agencies_of(program).running


def _record(*, case: Case, program: AlertProgram, by: User, outcome: str, is_own: bool, **fields: Any) -> HomeDecision:
    decision = HomeDecision.objects.create(
        case=case, program=program, outcome=outcome, decided_by=by, facts_version=case.facts_version, is_own=is_own,
        **fields,
    )  # fmt: skip
    workflow.note(
        case, EventAction.HOME_DECISION, by=by, agency=program.agency if is_own else case.lead_agency, subject=decision,
        detail={"outcome": str(outcome), "reason": decision.reason, "alternative": decision.alternative},
    )  # fmt: skip
    audit.record("case.home_decision", by=by, objects=[decision], case_id=case.pk, detail={"outcome": str(outcome)})
    case_transitioned.send(sender=HomeDecision, item=decision, transition="decide", by=by)
    return decision
