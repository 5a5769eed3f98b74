"""Proposed corrections as the page of a case and the desk show them."""

from __future__ import annotations

from typing import Any

from agencies import audit
from agencies.models import User
from cases import permissions
from cases.forms.blank_choices import say_blank_choices
from cases.forms.corrections import RefusalForm
from cases.forms.indications import IndicationForm
from cases.forms.proposals import show_proposals
from cases.models import Case, CorrectionProposal
from cases.services import corrections

MOST_SHOWN = 50


def proposals_on_page(user: User, case: Case) -> dict[str, Any]:
    """Return what the page of a case shows of proposals: the open ones, and whether the reader may propose."""
    proposals = CorrectionProposal.objects.visible_to(user).filter(case=case, decision="")  # type: ignore[attr-defined]
    may_decide = permissions.can_edit_case(user, case) and case.is_open
    return {
        "proposals": show_proposals(proposals.select_related("agency", "proposed_by")[:MOST_SHOWN]),
        "can_propose": permissions.can_propose_correction(user, case) and case.is_open,
        "refusal_form": RefusalForm(prefix="refusal") if may_decide else None,
    }


def corrections_on_desk(user: User) -> dict[str, Any]:
    """Return the proposals that the person's agencies have to decide, and what became of their own lately."""
    waiting, decided = corrections.on_desk(user)
    audit.record_read(by=user, objects=[*waiting, *decided])
    return {"corrections_open": show_proposals(waiting), "corrections_decided": show_proposals(decided)}


def with_indication_forms(user: User, case: Case, sightings: list[Any]) -> dict[str, Any]:
    """Give each sighting that is no indication yet its form for the page of the case; say what the reader may do."""
    leads = permissions.can_edit_case(user, case)
    for sighting in sightings if case.is_open and leads else ():
        if not hasattr(sighting, "indication"):
            sighting.case = case
            sighting.form = IndicationForm(sighting=sighting, auto_id=f"sighting-{sighting.pk}-%s")
            say_blank_choices(sighting.form)
    return {"can_propose_indication": case.is_open and permissions.can_propose_correction(user, case)}
