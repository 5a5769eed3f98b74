"""Forms in which two people's changes go together field by field, and what of them has to be chosen (U31)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from cases.choices import EventAction
from cases.forms.coded_rows import column_of
from cases.forms.conflicts import Conflict, apply_choices, describe_conflict, sent_values, typed_values
from cases.models import Case
from cases.services.merging import Typed, merge

Who = Callable[[forms.BoundField], tuple[str, datetime | None]]


@dataclass(frozen=True)
class PageState:
    """What a page of facts began with, and what two people changed to different values."""

    base: Typed | None
    version: int
    conflicts: tuple[Conflict, ...] = ()

    @property
    def base_as_json(self) -> str:
        """Return what the page's hidden field holds."""
        return json.dumps(self.base, ensure_ascii=False)


def put_together(
    typed: MultiValueDict[str, str], now: Iterable[forms.BaseForm], base: Typed, who: Who
) -> tuple[MultiValueDict[str, str], list[Conflict]]:
    """Put what was typed on `base` together with the forms as they are now; return it with what has to be chosen."""
    forms_now = list(now)
    theirs = sent_values(forms_now)
    fields = {field.html_name: field for form in forms_now for field in form}
    mine = typed_values(typed, fields)
    together = merge(base=base, mine=mine, theirs=theirs)
    values, unsolved = apply_choices(typed, together.values, theirs)
    to_choose = {*together.conflicts, *unsolved}
    names = [name for name in fields if name in to_choose]
    conflicts = [
        describe_conflict(fields[name], mine.get(name, []), theirs.get(name, []), *who(fields[name])) for name in names
    ]
    return MultiValueDict(values), conflicts


def who_changed(case: Case) -> Who:
    """Return the question who last changed a fact of the case, and when, as far as the timeline knows."""

    def of(field: forms.BoundField) -> tuple[str, datetime | None]:
        form: Any = field.form
        key = f"{form._meta.model._meta.model_name}.{column_of(field.name)}"
        changes = case.events.filter(kind=EventAction.FACTS_CHANGED).select_related("actor").order_by("-at")  # type: ignore[attr-defined]
        event = changes.filter(detail__fields__contains=[key]).first() or changes.first()
        return (event.actor.full_name, event.at) if event and event.actor else ("", None)

    return of


def who_noted(case: Case, kind: str, subject: Any) -> Who:
    """Return the question who last made such an entry about one row."""

    def of(_field: forms.BoundField) -> tuple[str, datetime | None]:
        entries = case.events.filter(kind=kind, subject_id=str(subject.pk)).select_related("actor").order_by("-at")  # type: ignore[attr-defined]
        event = entries.first()
        return (event.actor.full_name, event.at) if event and event.actor else ("", None)

    return of
