"""New rows that another agency proposes: the form of a travel leg or a link, its words, and taking it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from agencies.refusals import ActRefused
from cases.models import Case, CorrectionProposal
from cases.models.correction import NEW_ROWS

from .corrections import SHAPES, label_of, proposable, sent_value, words_sent

TITLES: dict[str, Any] = {"travelleg": _("New travel leg"), "link": _("New link")}
PREFIX = "fact"


def new_row_form(case: Case, kind: str, data: Any = None, key: Any = None) -> Any:
    """Return the form of a new row of a case; `key` is the key that the row will have. Refuses another kind."""
    if kind not in NEW_ROWS:
        raise KeyError(kind)
    shape = SHAPES[kind]
    row = shape.Meta.model(case=case) if key is None else shape.Meta.model(case=case, pk=key)
    return shape(data, instance=row, prefix=PREFIX)


def typed_row(kind: str, data: Any) -> dict[str, str]:
    """Return what was typed into the form of a new row, by the name of its field, without what was left empty."""
    values = ((name, str(data.get(f"{PREFIX}-{name}", "")).strip()) for name in SHAPES[kind].Meta.fields)
    return {name: value for name, value in values if value}


def as_typed(row: Mapping[str, str]) -> MultiValueDict[str, str]:
    """Return a proposed row as a browser would send it."""
    return MultiValueDict({f"{PREFIX}-{name}": [value] for name, value in row.items()})


def proposed_row(proposal: CorrectionProposal) -> tuple[Any, list[str]]:
    """Return the proposed row, unsaved, and its filled columns. Refuses one that no longer fits the other facts."""
    form = new_row_form(proposal.case, proposal.subject_type, as_typed(proposal.row), proposal.subject_id)
    if not form.is_valid():
        raise ActRefused(_("The proposed value no longer fits the other facts."))
    row = form.save(commit=False)
    return row, [name for name in form.Meta.fields if getattr(row, row._meta.get_field(name).attname)]


def words_of_row(proposal: CorrectionProposal, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return the label of each field of a proposed row with what was typed, in the reader's words.

    `labels` name what keys lead to; what the reader may not see has no name.
    """
    kind, typed = proposal.subject_type, as_typed(proposal.row)
    empty = SHAPES[kind].Meta.model(case_id=proposal.case_id)
    values = ((name, sent_value(typed, kind, name)) for name in proposable(kind))
    return [(label_of(empty, name), words_sent(empty, name, value, labels)) for name, value in values if value]
