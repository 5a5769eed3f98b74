"""Corrections on a page: which facts may be corrected, the field for the new value, both values in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import models
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Subdivision
from agencies.refusals import ActRefused
from cases.countries import country_choices
from cases.fact_words import COUNTRIES, list_in_words
from cases.models import CorrectionProposal, Sighting
from cases.models.code import CodeField, CodeListField, code_choices, code_label

from .coded_rows import BY_COLUMN, column_of
from .conflicts import sent_values
from .facts import AbductionForm, ChildForm, CrossingForm, DescribedForm, SuspectForm, VehicleForm
from .indications import proposed_indication, words_of_indication

SHAPES: dict[str, Any] = {
    "abduction": AbductionForm, "child": ChildForm, "person": SuspectForm, "vehicle": VehicleForm,
    "crossingindication": CrossingForm,
}  # fmt: skip
MODELS: dict[str, Any] = {**{kind: shape.Meta.model for kind, shape in SHAPES.items()}, "sighting": Sighting}
# Free text and what is frozen or asked for elsewhere.
NOT_PROPOSED = {"circumstances", "circumstances_language", "category_at_intake", "role"}


@dataclass(frozen=True)
class Fact:
    """One field of one row, in words."""

    subject_type: str
    subject_id: Any
    name: str
    label: str
    value: str


class ReasonForm(forms.Form):
    """Why the value is wrong."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you know. Visible to the agencies on the case."),
    )  # fmt: skip


class RefusalForm(forms.Form):
    """Why a proposal is not taken over."""

    refusal = forms.ChoiceField(
        label=_("Reason of the refusal"), choices=lambda: code_choices("correction_refusal", blank=False)
    )


def form_of(row: models.Model, data: Any = None) -> Any:
    """Return the form of a row's kind."""
    return SHAPES[str(row._meta.model_name)](data, instance=row, prefix="fact")


def proposable(subject_type: str) -> list[str]:
    """Return the names of the fields for which a correction may be proposed."""
    shape = SHAPES[subject_type]
    rows = BY_COLUMN if issubclass(shape, DescribedForm) else ()
    return [name for name in (*shape.Meta.fields, *rows) if name not in NOT_PROPOSED]


def sent_value(typed: MultiValueDict[str, str], name: str) -> list[str]:
    """Return the value of one fact as a browser sent it; a row of clothing or of marks is one value of two codes."""
    if name in BY_COLUMN:
        return BY_COLUMN[name].sent(typed, "fact-")
    return [item for item in typed.getlist(f"fact-{name}") if item.strip()]


def value_now(row: models.Model, name: str) -> list[str]:
    """Return the value of one fact as a browser would send it if nobody touched it."""
    return sent_value(MultiValueDict(sent_values([form_of(row)])), name)


def fields_of(form: Any, name: str) -> list[forms.BoundField]:
    """Return the fields in which one fact is typed: one, or those of its rows."""
    if name in BY_COLUMN:
        return [field for pair in BY_COLUMN[name].bound(form) for field in pair]
    return [form[name]]


def facts_of(case: Any) -> list[tuple[str, list[Fact]]]:
    """Return every correctable fact of a case, row by row under the name of its kind."""
    children = case.children.select_related("custody_subdivision")
    rows = [case.abduction, *children, *case.people.all(), *case.vehicles.select_related("plate_issuer"),
            *case.crossingindications.select_related("toward_subdivision")]  # fmt: skip
    return [(str(row._meta.verbose_name), _facts_of_row(row)) for row in rows]


def _facts_of_row(row: Any) -> list[Fact]:
    kind = str(row._meta.model_name)
    return [
        Fact(kind, row.pk, name, label_of(row, name), words_of(row._meta.get_field(name), getattr(row, name), row))
        for name in proposable(kind)
    ]


def label_of(row: Any, name: str) -> str:
    """Return a field's name as a page writes it."""
    return capfirst(str(row._meta.get_field(name).verbose_name))


def words_of(field: Any, value: Any, row: Any = None, places: dict[str, str] | None = None) -> str:
    """Return a stored or a sent value in the reader's words; codes by their labels, times of the row's place."""
    values = [item for item in (value if isinstance(value, list) else [value]) if item not in (None, "")]
    if not values:
        return gettext("Empty")
    if isinstance(field, (CodeField, CodeListField)):
        return ", ".join(code_label(field.list_name, str(item)) for item in values)
    if field.name in BY_COLUMN:
        stored = BY_COLUMN[field.name].stored(values) if isinstance(values[0], str) else values
        return list_in_words(field.name, stored)
    if isinstance(field, models.BooleanField):
        return gettext("Yes") if values[0] not in (False, "False") else gettext("No")
    if isinstance(field, models.DateTimeField):
        return _clock_of_the_place(values[0], row)
    is_place = isinstance(field, models.ForeignKey)
    choices = country_choices() if field.name in COUNTRIES else field.flatchoices
    labels = (places or {}) if is_place else {str(key): str(label) for key, label in choices}
    return ", ".join(labels.get(str(item), str(item).replace("T", " ")) for item in values)


def _clock_of_the_place(value: Any, row: Any) -> str:
    """Return a stored moment, or one as a browser sent it, by the clock of the row's place."""
    if isinstance(value, datetime):
        at: datetime | None = value.astimezone(ZoneInfo(row.time_zone or "UTC")).replace(tzinfo=None)
    else:
        at = parse_datetime(str(value))
    return date_format(at, "DATETIME_FORMAT") if at else str(value)


def correction_form(row: Any, name: str, value: list[str] | None = None) -> Any:
    """Return a row's form, of which the page shows one field. Refuses a field that nobody may correct with 404."""
    if name not in proposable(str(row._meta.model_name)):
        raise Http404
    return form_of(row) if value is None else form_of(row, with_value(row, name, value))


def with_value(row: Any, name: str, values: list[str]) -> MultiValueDict[str, str]:
    """Return a row's form as a browser would send it with one field changed."""
    sent = sent_values([form_of(row)])
    if name not in BY_COLUMN:
        return MultiValueDict({**sent, f"fact-{name}": values})
    others = {key: kept for key, kept in sent.items() if column_of(key.removeprefix("fact-")) != name}
    return MultiValueDict(others | BY_COLUMN[name].typed(values, "fact-"))


def corrected(proposal: CorrectionProposal) -> tuple[Any, list[str]]:
    """Return the row with the proposed value, unsaved, and its changed fields. Refuses what no longer fits."""
    row = proposal.subject()
    if row is None:
        raise ActRefused(_("The fact that this proposal is about is no longer there."))
    if isinstance(row, Sighting):
        return proposed_indication(proposal)
    form = form_of(row, with_value(row, proposal.field_name, proposal.value))
    if not form.is_valid():
        raise ActRefused(_("The proposed value no longer fits the other facts."))
    return form.save(commit=False), form.changed_names


@dataclass(frozen=True)
class ShownProposal:
    """A proposal as its readers see it: the field, the present and the proposed value in their language."""

    proposal: CorrectionProposal
    subject: str
    label: str
    now: str
    proposed: str


def show_proposals(proposals: Iterable[CorrectionProposal]) -> list[ShownProposal]:
    """Return proposals in words, one query per kind of row; those whose row is gone are left out."""
    listed = list(proposals)
    wanted: dict[str, set[Any]] = {}
    for item in listed:
        wanted.setdefault(item.subject_type, set()).add(item.subject_id)
    rows = {
        (kind, row.pk): row
        for kind, ids in wanted.items() if kind in MODELS
        for row in MODELS[kind]._default_manager.filter(pk__in=ids)
    }  # fmt: skip
    places = {place.pk: str(place) for place in Subdivision.objects.all()} if listed else {}
    found = ((item, rows.get((item.subject_type, item.subject_id))) for item in listed)
    shown = (_show(item, row, places) for item, row in found if row is not None)
    return [item for item in shown if item is not None]


def _show(item: CorrectionProposal, row: Any, places: dict[str, str]) -> ShownProposal | None:
    subject = str(row._meta.verbose_name)
    if isinstance(row, Sighting):
        label, now = gettext("Take over as an indication of crossing"), gettext("Sighting only")
        return ShownProposal(item, subject, label, now, words_of_indication(item, places))
    if item.field_name not in proposable(item.subject_type):
        return None
    field: Any = row._meta.get_field(item.field_name)
    now = words_of(field, getattr(row, str(field.attname)), row, places)
    return ShownProposal(item, subject, label_of(row, item.field_name), now, words_of(field, item.value, row, places))
