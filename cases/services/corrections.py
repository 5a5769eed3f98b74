"""Proposing, accepting and refusing corrections of facts (U31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.identifiers import uuid7
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import working_on
from cases.choices import CorrectionDecision, EventAction
from cases.models import Case, CorrectionProposal
from cases.models.correction import NEW_ROWS

from .facts import record_facts

# How long the desk of the proposing agency tells what became of a proposal.
TOLD_FOR = timedelta(hours=72)
MOST_ON_DESK = 10


def on_desk(user: User) -> tuple[list[CorrectionProposal], list[CorrectionProposal]]:
    """Return the proposals that the person's agencies have to decide, and what became of their own within 72 hours.

    At most ten of each.
    """
    rows = CorrectionProposal.objects.select_related("agency", "proposed_by", "case__lead_agency")
    waiting = rows.to_decide(user)[:MOST_ON_DESK]  # type: ignore[attr-defined]
    decided = rows.decided_lately(user, since=timezone.now() - TOLD_FOR)[:MOST_ON_DESK]  # type: ignore[attr-defined]
    return list(waiting), list(decided)


@transaction.atomic
def propose_correction(
    *, case: Case, by: User, subject: models.Model, field_name: str, before: list[str], value: list[str], reason: str
) -> CorrectionProposal:
    """Propose another value for one field of the facts; the facts stay as they are.

    Refuses everybody who may not propose, an ended case, and a row of another case.
    """
    if subject.case_id != case.pk:  # type: ignore[attr-defined]
        raise NotPermitted
    return _propose(
        case, by, subject_type=str(subject._meta.model_name), subject_id=subject.pk, field_name=field_name,
        before=before, value=value, reason=reason,
    )  # fmt: skip


@transaction.atomic
def propose_row(*, case: Case, by: User, kind: str, row: dict[str, str], reason: str) -> CorrectionProposal:
    """Propose a new travel leg or link to the lead agency; nothing is recorded until it takes the row over.

    `row` is what was typed, by the name of its field, checked by the form of its `kind`. Only the lead agency and the
    proposing one read it. Refuses everybody who may not propose, an ended case, another kind and an empty row.
    """
    if kind not in NEW_ROWS or not row:
        raise NotPermitted
    return _propose(case, by, subject_type=kind, subject_id=uuid7(), row=row, reason=reason)


def _propose(case: Case, by: User, **proposed: Any) -> CorrectionProposal:
    if not permissions.can_propose_correction(by, case):
        raise NotPermitted
    if not case.is_open:
        raise ActRefused(_("This case has ended; its facts can no longer be changed."))
    held = access.agency_ids(by, Capability.REPORT_RECOVERY) & working_on(case)
    proposal = CorrectionProposal.objects.create(
        case=case, agency=Agency.objects.get(pk=min(held)), proposed_by=by,
        reason_language=(translation.get_language() or by.language)[:2], **proposed,
    )  # fmt: skip
    _note(proposal, EventAction.CORRECTION_PROPOSED, by)
    audit.record("correction.proposed", by=by, objects=[proposal], case_id=case.pk, field_names=[_name(proposal)])
    return proposal


@transaction.atomic
def accept_correction(
    *, proposal: CorrectionProposal, by: User, row: models.Model, names: list[str],
    seen_version: int | None = None,
) -> None:  # fmt: skip
    """Take the proposed value into the facts in one act, as the correction it is; the timeline names who proposed it.

    `row` holds the value, checked by the form of its kind on the facts of `seen_version`. The proposer counts as an
    author of the facts. Refuses everybody but the lead agency, a proposal that was decided meanwhile, and facts that
    have a newer version.
    """
    locked = _locked(proposal, by)
    record_facts(
        case=locked.case, by=by, items=[(row, names)], is_correction=not row._state.adding, seen_version=seen_version
    )
    _decide(locked, by, CorrectionDecision.ACCEPTED)
    _note(locked, EventAction.CORRECTION_ACCEPTED, locked.proposed_by)


@transaction.atomic
def refuse_correction(*, proposal: CorrectionProposal, by: User, refusal: str) -> None:
    """Refuse with a coded reason. Refuses everybody but the lead agency, and what was decided meanwhile."""
    locked = _locked(proposal, by)
    if not refusal:
        raise ActRefused(_("Choose a reason."))
    _decide(locked, by, CorrectionDecision.REFUSED, refusal)
    _note(locked, EventAction.CORRECTION_REFUSED, by)


def _locked(proposal: CorrectionProposal, by: User) -> CorrectionProposal:
    locked = CorrectionProposal.objects.select_for_update(of=("self",)).select_related("case").get(pk=proposal.pk)
    if not permissions.can_edit_case(by, locked.case):
        raise NotPermitted
    if locked.decision:
        raise ActRefused(_("This proposal has already been decided."))
    return locked


def _decide(proposal: CorrectionProposal, by: User, decision: str, refusal: str = "") -> None:
    proposal.decision, proposal.refusal = decision, refusal
    proposal.decided_at, proposal.decided_by = timezone.now(), by
    proposal.save(update_fields=["decision", "refusal", "decided_at", "decided_by"])
    audit.record(
        f"correction.{decision}", by=by, objects=[proposal], case_id=proposal.case_id, field_names=[_name(proposal)]
    )
    workflow.announce(proposal, str(decision), by=by)


def _note(proposal: CorrectionProposal, kind: str, by: User) -> None:
    agency = proposal.agency if by == proposal.proposed_by else proposal.case.lead_agency
    detail = {"fields": [_name(proposal)], "proposal": str(proposal.pk)}
    workflow.note(proposal.case, kind, by=by, agency=agency, subject=proposal, detail=detail)


def _name(proposal: CorrectionProposal) -> str:
    return f"{proposal.subject_type}.{proposal.field_name or 'new'}"
