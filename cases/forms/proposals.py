"""Proposed corrections in words: what was recorded, what is recorded now, what is proposed; and taking one over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Subdivision
from agencies.refusals import ActRefused
from cases.models import Child, CorrectionProposal, Link, Person, Sighting, TravelLeg, Vehicle
from cases.models.part import Parted

from .corrections import (
    SHAPES,
    TOGETHER,
    form_of,
    label_of,
    proposable,
    value_now,
    whole_value,
    with_value,
    words_now,
    words_sent,
)
from .indications import proposed_indication, words_of_indication
from .movement import row_label
from .new_rows import TITLES, proposed_row, words_of_row

MODELS: dict[str, Any] = {**{kind: shape.Meta.model for kind, shape in SHAPES.items()}, "sighting": Sighting}
ENDS = (Child, Person, Vehicle, TravelLeg)  # what a link joins


def corrected(proposal: CorrectionProposal, seen: list[str] | None = None) -> tuple[Any, list[str]]:
    """Return the row with the proposed value, unsaved, and its changed fields.

    `seen` is the value of the fact that whoever decides has looked at; without one, the value that the proposer saw
    counts. Refuses a fact that has another value by now, and a proposal that no longer fits.
    """
    if proposal.row:
        return proposed_row(proposal)
    row = proposal.subject()
    if row is None:
        raise ActRefused(_("The fact that this proposal is about is no longer there."))
    if isinstance(row, Sighting):
        return proposed_indication(proposal)
    now = value_now(row, proposal.field_name)
    if seen is None and is_overtaken(proposal, row, now):
        raise ActRefused(
            _("This fact has changed since the correction was proposed. Look at both values, then decide.")
        )
    if seen is not None and seen != now:
        raise ActRefused(_("This fact has changed since you looked at it. Look at both values, then decide."))
    form = form_of(row, with_value(row, proposal.field_name, proposal.value))
    if not form.is_valid():
        raise ActRefused(_("The proposed value no longer fits the other facts."))
    moments = {name for pair in TOGETHER.get(proposal.subject_type, {}).values() for name in pair[:1]}
    names = [name for name in form.changed_names if name == proposal.field_name or name not in moments]
    return form.save(commit=False), names


def is_overtaken(proposal: CorrectionProposal, row: Any, now: list[str]) -> bool:
    """Say whether a fact has another value than the proposer saw.

    Of a part that was held back the proposer saw nothing; that there is something now says nothing of a change.
    """
    if not proposal.before and isinstance(row, Parted) and row.holds_back(proposal.field_name):
        return False
    return now != whole_value(proposal.subject_type, proposal.field_name, proposal.before)


def read_seen(typed: str) -> list[str] | None:
    """Return the value that a page showed, from its own hidden field; None where it is missing or broken."""
    try:
        seen = json.loads(typed)
    except ValueError:
        return None
    return [str(item) for item in seen] if isinstance(seen, list) else None


@dataclass(frozen=True)
class ShownProposal:
    """A proposal as its readers see it: the field, and what was recorded, is recorded and is proposed, in words.

    `before` is empty unless the fact has changed since; `seen` is the value now, as a page sends it back. `facts` are
    those of a new row, label and value.
    """

    proposal: CorrectionProposal
    subject: str
    label: str
    now: str
    proposed: str
    before: str = ""
    seen: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def show_proposals(proposals: Iterable[CorrectionProposal]) -> list[ShownProposal]:
    """Return proposals in words, one query per kind of row; those whose row is gone are left out."""
    listed = list(proposals)
    wanted: dict[str, set[Any]] = {}
    for item in listed:
        wanted.setdefault(item.subject_type, set()).add(item.subject_id)
    rows = {
        (kind, row.pk): row
        for kind, ids in wanted.items() if kind in MODELS
        for row in _rows(kind, ids)
    }  # fmt: skip
    labels = {place.pk: str(place) for place in Subdivision.objects.all()} if listed else {}
    labels |= _names_of_ends([item.case_id for item in listed if item.subject_type == "link"])
    found = ((item, rows.get((item.subject_type, item.subject_id))) for item in listed)
    shown = (
        _show_new(item, labels) if item.row else _show(item, row, labels)
        for item, row in found if item.row or row is not None
    )  # fmt: skip
    return [item for item in shown if item is not None]


def _rows(kind: str, ids: set[Any]) -> Any:
    rows = MODELS[kind]._default_manager.filter(pk__in=ids)
    if kind == "document":
        return rows.defer("content")
    return rows.select_related("case") if MODELS[kind] is Link else rows


def _names_of_ends(case_ids: list[Any]) -> dict[str, str]:
    """Return what pages call the rows that links of these cases may join, as far as the reader may see them."""
    if not case_ids:
        return {}
    return {
        str(row.pk): row_label(row) for model in ENDS for row in model._default_manager.filter(case__in=case_ids)
    }  # fmt: skip


def _show_new(item: CorrectionProposal, labels: dict[str, str]) -> ShownProposal:
    kind = MODELS[item.subject_type]._meta.verbose_name
    return ShownProposal(
        item, str(kind), str(TITLES[item.subject_type]), "", "", facts=tuple(words_of_row(item, labels))
    )


def _show(item: CorrectionProposal, row: Any, labels: dict[str, str]) -> ShownProposal | None:
    subject = str(row._meta.verbose_name)
    if isinstance(row, Sighting):
        label, now = gettext("Use as an indication of crossing"), gettext("Sighting only")
        return ShownProposal(item, subject, label, now, words_of_indication(item, labels))
    if item.field_name not in proposable(item.subject_type):
        return None
    name, seen = item.field_name, value_now(row, item.field_name)
    before = words_sent(row, name, item.before, labels) if not item.decision and is_overtaken(item, row, seen) else ""
    return ShownProposal(
        item, subject, label_of(row, name), words_now(row, name, labels), words_sent(row, name, item.value, labels),
        before, json.dumps(seen),
    )  # fmt: skip
