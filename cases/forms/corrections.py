"""Corrections on a page: which facts may be corrected, the field for the new value, a value in words."""

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

from agencies.choices import Language
from cases.choices import DocumentKind
from cases.countries import country_choices
from cases.fact_words import COUNTRIES, ZONES, list_in_words
from cases.models import Abduction, Document
from cases.models.code import CodeField, CodeListField, code_choices, code_label
from cases.zones import zone_choices

from .coded_rows import BY_COLUMN, column_of
from .conflicts import sent_values
from .facts import AbductionForm, ChildForm, CrossingForm, DescribedForm, SuspectForm, VehicleForm
from .movement import PLACE_PARTS, LegForm, LinkForm, PlaceParts, row_label


class EventForm(AbductionForm, PlaceParts):
    """What happened, with the place in detail."""

    class Meta(AbductionForm.Meta):
        model = Abduction
        fields = (*AbductionForm.Meta.fields, *PLACE_PARTS)  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        """Check the moment, and that coordinates are two."""
        cleaned = super().clean()
        self.clean_coordinates(cleaned)
        return cleaned


class DocumentForm(forms.ModelForm):
    """What a kept file is called, and what it is. An alert of a partner stays one: its kind releases it."""

    class Meta:
        model = Document
        fields = ("name", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        if self.instance.kind == DocumentKind.PARTNER_CAP:
            kinds.disabled = True
        else:
            kinds.choices = [choice for choice in kinds.choices if choice[0] != DocumentKind.PARTNER_CAP]

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields."""
        return list(self.changed_data)


SHAPES: dict[str, Any] = {
    "abduction": EventForm, "child": ChildForm, "person": SuspectForm, "vehicle": VehicleForm,
    "crossingindication": CrossingForm, "travelleg": LegForm, "link": LinkForm, "document": DocumentForm,
}  # fmt: skip
# Free text and what is frozen or asked for elsewhere.
NOT_PROPOSED = {"circumstances", "circumstances_language", "category_at_intake", "role"}
# Facts that mean nothing alone: a clock without its zone, half of the coordinates, words without their language.
# Typed and proposed together.
LANGUAGE = "places_language"
TOGETHER = {
    "abduction": {"latitude": ("latitude", "longitude")},
    "travelleg": {
        "departs_at": ("departs_at", "departure_zone"),
        "arrives_at": ("arrives_at", "arrival_zone"),
        "from_place": ("from_place", LANGUAGE),
        "to_place": ("to_place", LANGUAGE),
    },
    "link": {"since": ("since", "time_zone"), "until": ("until", "time_zone")},
}


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


class RowReasonForm(ReasonForm):
    """Why a new row is proposed, which only the lead agency and the proposing one read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("How you know. Only the lead agency and your own read it.")


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
    seconds = {second for _first, second in TOGETHER.get(subject_type, {}).values()}
    return [name for name in (*shape.Meta.fields, *rows) if name not in NOT_PROPOSED | seconds]


def _together(subject_type: str, name: str) -> tuple[str, ...]:
    return TOGETHER.get(subject_type, {}).get(name, ())


def sent_value(typed: MultiValueDict[str, str], subject_type: str, name: str) -> list[str]:
    """Return the value of one fact as a browser sent it.

    A row of clothing or of marks is one value of two codes; of two fields that belong together both stand, in order.
    """
    if name in BY_COLUMN:
        return BY_COLUMN[name].sent(typed, "fact-")
    pair = _together(subject_type, name)
    return whole_value(subject_type, name, [value for one in pair or (name,) for value in typed.getlist(f"fact-{one}")
                                            or [""]])  # fmt: skip


def whole_value(subject_type: str, name: str, values: list[str]) -> list[str]:
    """Return a value as it is kept: without empty items, except where two fields belong together and one is empty."""
    if not any(item.strip() for item in values):
        return []
    pair = _together(subject_type, name)
    if LANGUAGE in pair and not values[0].strip():
        return []  # a language of no words
    return [*(item.strip() for item in values), ""][: len(pair)] if pair else [item for item in values if item.strip()]


def value_now(row: models.Model, name: str) -> list[str]:
    """Return the value of one fact as a browser would send it if nobody touched it."""
    return sent_value(MultiValueDict(sent_values([form_of(row)])), str(row._meta.model_name), name)


def fields_of(form: Any, name: str) -> list[forms.BoundField]:
    """Return the fields in which one fact is typed: one, two that belong together, or those of its rows."""
    if name in BY_COLUMN:
        return [field for pair in BY_COLUMN[name].bound(form) for field in pair]
    return [form[one] for one in _together(str(form.instance._meta.model_name), name) or (name,)]


def facts_of(case: Any) -> list[tuple[str, list[Fact]]]:
    """Return every correctable fact of a case, row by row under the name of its kind."""
    children = case.children.select_related("custody_subdivision")
    rows = [case.abduction, *children, *case.people.all(), *case.vehicles.select_related("plate_issuer"),
            *case.crossingindications.select_related("toward_subdivision"),
            *case.legs.select_related("from_subdivision", "to_subdivision"),
            *case.links.select_related("child", "person", "vehicle", "leg"),
            *case.documents.defer("content")]  # fmt: skip
    return [(str(row._meta.verbose_name), _facts_of_row(row)) for row in rows]


def _facts_of_row(row: Any) -> list[Fact]:
    kind = str(row._meta.model_name)
    return [
        Fact(kind, row.pk, name, label_of(row, name), words_now(row, name))
        for name in proposable(kind) if not _is_fixed(row, name)
    ]  # fmt: skip


def _is_fixed(row: Any, name: str) -> bool:
    return isinstance(row, Document) and name == "kind" and row.kind == DocumentKind.PARTNER_CAP


def label_of(row: Any, name: str) -> str:
    """Return a field's name as a page writes it."""
    if name == "latitude":
        return gettext("Coordinates")
    return capfirst(str(row._meta.get_field(name).verbose_name))


def words_now(row: Any, name: str, labels: dict[str, str] | None = None) -> str:
    """Return what a row holds of one fact in the reader's words; `labels` name what its keys lead to."""
    pair = _together(str(row._meta.model_name), name)
    if pair:
        return words_sent(row, name, value_now(row, name), labels)
    field: Any = row._meta.get_field(name)
    return words_of(field, getattr(row, name if labels is None else field.attname), row, labels)


def words_sent(row: Any, name: str, values: list[str], labels: dict[str, str] | None = None) -> str:
    """Return a value as a form sent it in the reader's words."""
    field: Any = row._meta.get_field(name)
    if not (_together(str(row._meta.model_name), name) and values):
        return words_of(field, values, row, labels)
    first, second = [*values, ""][:2]
    if name == "latitude":
        return f"{first or '–'}, {second or '–'}"
    shown = words_of(field, first, row)
    if LANGUAGE in _together(str(row._meta.model_name), name):
        second = str(dict(Language.choices).get(second, ""))
    return f"{shown} ({second.replace('_', ' ')})" if second else shown


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
        return _clock_of_the_place(field.name, values[0], row)
    return ", ".join(_chosen(field, values, places or {}))


def _chosen(field: Any, values: list[Any], names: dict[str, str]) -> Iterable[str]:
    if isinstance(field, models.ForeignKey):
        return (_named(item, names) for item in values)
    named = zone_choices() if field.name.endswith("zone") else field.flatchoices
    choices = country_choices() if field.name in COUNTRIES else named
    labels = {str(key): str(label) for key, label in choices}
    return (labels.get(str(item), str(item)) for item in values)


def _named(value: Any, labels: dict[str, str]) -> str:
    """Return the name of what a key leads to; what the reader may not see has none."""
    if isinstance(value, models.Model):
        return row_label(value)
    return labels.get(str(value), gettext("Not visible to your agency"))


def _clock_of_the_place(name: str, value: Any, row: Any) -> str:
    """Return a stored moment, or one as a browser sent it, by the clock of the row's place."""
    if isinstance(value, datetime):
        zone = getattr(row, ZONES[name]) or "UTC"
        at: datetime | None = value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    else:
        at = parse_datetime(str(value))
    return date_format(at, "DATETIME_FORMAT") if at else str(value)


def correction_form(row: Any, name: str, value: list[str] | None = None) -> Any:
    """Return a row's form, of which the page shows one field. Refuses a field that nobody may correct with 404."""
    if name not in proposable(str(row._meta.model_name)) or _is_fixed(row, name):
        raise Http404
    return form_of(row) if value is None else form_of(row, with_value(row, name, value))


def with_value(row: Any, name: str, values: list[str]) -> MultiValueDict[str, str]:
    """Return a row's form as a browser would send it with one field changed."""
    sent = sent_values([form_of(row)])
    pair = _together(str(row._meta.model_name), name)
    if pair:
        given = values or [""] if LANGUAGE in pair else [*values, "", ""]  # the other place keeps its language
        typed = {f"fact-{one}": [value] for one, value in zip(pair, given, strict=False)}
        return MultiValueDict({**sent, **typed})
    if name not in BY_COLUMN:
        return MultiValueDict({**sent, f"fact-{name}": values})
    others = {key: kept for key, kept in sent.items() if column_of(key.removeprefix("fact-")) != name}
    return MultiValueDict(others | BY_COLUMN[name].typed(values, "fact-"))
