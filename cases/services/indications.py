"""A sighting becomes an indication of crossing: the lead agency takes it over, any other agency proposes it (U2)."""

from __future__ import annotations

from copy import copy

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions
from cases.models import Case, CorrectionProposal, CrossingIndication, Sighting

from .corrections import propose_correction
from .facts import record_facts

# What whoever takes a sighting over says of it; evidence, time and zone stay those of the sighting.
SAID = ("toward", "toward_subdivision", "crossing_point", "confidence")
SEEN = ("evidence", "observed_at", "time_zone")
INDICATION = "indication"  # the name under which a proposal asks for the whole row


def indication_of(sighting: Sighting) -> CrossingIndication:
    """Return the indication that a sighting would be, unsaved, with everything that the sighting says.

    It points to a copy: the sighting itself would otherwise count as taken over from now on.
    """
    said = {name: getattr(sighting, name) for name in SAID}
    return CrossingIndication(
        case=sighting.case, sighting=copy(sighting), evidence=sighting.evidence, observed_at=sighting.seen_at,
        time_zone=sighting.time_zone, **said,
    )  # fmt: skip


def names_of(indication: CrossingIndication) -> list[str]:
    """Return the names of the columns that say something."""
    return ["sighting", *(name for name in (*SAID, *SEEN) if getattr(indication, name) not in (None, ""))]


@transaction.atomic
def take_over(*, indication: CrossingIndication, by: User, seen_version: int | None = None) -> CrossingIndication:
    """Record a sighting as an indication of crossing in one act; asked programs hear of it like of any other.

    Refuses everybody but the lead agency, an ended case, a newer version of the facts than `seen_version`, and a
    sighting that was taken over already.
    """
    if not permissions.can_edit_case(by, indication.case):
        raise NotPermitted
    refuse_taken(indication)
    record_facts(case=indication.case, by=by, items=[(indication, names_of(indication))], seen_version=seen_version)
    return indication


def refuse_taken(indication: CrossingIndication) -> None:
    """Refuse a sighting that is an indication by now; the case is locked, so that two presses make one row."""
    Case.objects.select_for_update(of=("self",), no_key=True).get(pk=indication.case_id)
    if CrossingIndication.objects.filter(sighting=indication.sighting_id).exists():
        raise ActRefused(_("This sighting is an indication of crossing already."))


@transaction.atomic
def propose_indication(*, indication: CrossingIndication, by: User, reason: str) -> CorrectionProposal:
    """Propose to the lead agency that a sighting be taken over. The proposal keeps what would be recorded.

    Refuses everybody who may not propose corrections, an ended case, and a sighting that was taken over already.
    """
    if not permissions.can_propose_correction(by, indication.case):
        raise NotPermitted
    refuse_taken(indication)
    sighting = indication.sighting
    if sighting is None:
        raise NotPermitted
    return propose_correction(
        case=indication.case, by=by, subject=sighting, field_name=INDICATION, before=[], value=_sent(indication),
        reason=reason,
    )  # fmt: skip


def _sent(indication: CrossingIndication) -> list[str]:
    """Return what is said of the sighting in the order of `SAID`, as a form would send it."""
    values = [getattr(indication, name) for name in SAID]
    return [str(value.pk) if isinstance(value, models.Model) else str(value or "") for value in values]
