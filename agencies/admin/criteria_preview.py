"""What staff look at before a version of criteria is stored: its days, what differs from the one in force."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agencies import criteria_versions
from agencies.choices import AlertReach, FallbackAlert
from agencies.models import Agency, CriteriaVersion

from .criteria_fields import ParameterFields

SHOWN, AGAIN = "_shown", "_preview"
UNSEEN = "unseen"
# The reading of the version says these in words, language by language.
IN_WORDS = {"info_test", "branches"}
UNTRANSLATED = {"danger_test", "activating_bodies", "notes"}  # their words are compared language by language
# Kept as codes without choices in the model; staff chose them from these.
CHOSEN = {"levels": AlertReach.choices, "fallback_alert_types": FallbackAlert.choices}
NOT_COMPARED = {"id", "program", "version", "effective_from", "effective_to"} | UNTRANSLATED


class VersionForm(ParameterFields):
    """A version that is stored only as it was shown: any other state of the form comes back with its preview."""

    is_unseen = False

    def _post_clean(self) -> None:
        """Check the days against the other versions; then ask to look first. The instance holds the new values."""
        super()._post_clean()
        version: CriteriaVersion = self.instance
        if self.errors or version.program_id is None:
            return
        criteria_versions.hold_program(version.program)  # of two people who save, one waits for the other
        for field, sentence in criteria_versions.date_faults(version, was_from=self.was_from()).items():
            self.add_error(field, sentence)
        if not self.errors and (AGAIN in self.data or not constant_time_compare(self.data.get(SHOWN, ""), self.seal())):
            self.is_unseen = True
            self.add_error(None, ValidationError(_("Look at how the version will read, then save it."), code=UNSEEN))

    def was_from(self) -> date | None:
        """Return the first day of the stored version, None for one that is being made."""
        return self.initial.get("effective_from") if self.instance.pk else None

    def seal(self) -> str:
        """Return a mark of all that was sent and of the version in force beside which it was shown."""
        sent = {key: self._sent(key) for key in self.data if not key.startswith("_") and key != "csrfmiddlewaretoken"}
        present = CriteriaVersion.in_force_for(self.instance.program)
        beside = [present.pk, _values(present)] if present else []
        return salted_hmac("agencies.criteria", json.dumps([sent, beside], sort_keys=True, default=str)).hexdigest()

    def _sent(self, key: str) -> Any:
        return self.data.getlist(key) if hasattr(self.data, "getlist") else self.data[key]

    def forget_unseen(self) -> None:
        """Take the demand to look first out of the errors: the page answers it."""
        kept = [error for error in self.errors.get(NON_FIELD_ERRORS, forms.utils.ErrorList()).as_data()
                if error.code != UNSEEN]  # fmt: skip
        self.errors.pop(NON_FIELD_ERRORS, None)
        if kept:
            self.add_error(None, kept)


@dataclass(frozen=True)
class Difference:
    """One parameter that is not what it is now."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """One version as it would be stored."""

    version: CriteriaVersion
    present: CriteriaVersion | None
    days: str
    ended: list[str]
    differences: list[Difference]
    seal: str


def preview_of(form: VersionForm, rows: Mapping[str, list[str]]) -> Preview:
    """Return what staff are shown; `rows` are the bodies and fallbacks as they would be stored."""
    version: CriteriaVersion = form.instance
    present = CriteriaVersion.in_force_for(version.program)
    ended = [
        _("Version %(number)s ends on %(day)s.")
        % {"number": other.version, "day": date_format(version.effective_from - criteria_versions.DAY)}
        for other in criteria_versions.giving_way(version, was_from=form.was_from())
    ]
    return Preview(version, present, _days(version), ended, _differences(version, present, rows), form.seal())


def _days(version: CriteriaVersion) -> str:
    values = {"begins": date_format(version.effective_from)}
    if version.effective_to is not None:
        values["ends"] = date_format(version.effective_to)
        return _("In force from %(begins)s until %(ends)s.") % values
    if version.effective_from <= timezone.localdate():
        return _("In force at once (from %(begins)s) until another version begins.") % values
    return _("In force from %(begins)s until another version begins.") % values


def _differences(
    version: CriteriaVersion, present: CriteriaVersion | None, rows: Mapping[str, list[str]]
) -> list[Difference]:
    if present is None:
        return []
    before, after = _values(present), _values(version)
    found = []
    for field in _compared():
        if field.name in IN_WORDS or before[field.name] == after[field.name]:
            continue
        then, now = _shown(field, before[field.name]), _shown(field, after[field.name])
        if then != now:  # the order in which levels were ticked says nothing
            found.append(Difference(capfirst(str(field.verbose_name)), then, now))
    for label, chosen in rows.items():
        stored = _stored_rows(present)[label]
        if stored != chosen:
            found.append(Difference(label, "; ".join(stored) or "–", "; ".join(chosen) or "–"))
    return found


def _compared() -> list[Any]:
    return [field for field in CriteriaVersion._meta.concrete_fields if field.name not in NOT_COMPARED]


def _values(version: CriteriaVersion) -> dict[str, Any]:
    return {field.name: getattr(version, field.name) or _empty(field) for field in _compared()}


def _empty(field: models.Field) -> Any:
    """Return one value for whatever is empty: a translation that is missing may be stored as null or as nothing."""
    if isinstance(field, (models.CharField, models.TextField)):
        return ""
    return False if isinstance(field, models.BooleanField) else None


def _shown(field: Any, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(field, ArrayField):
        names = dict(CHOSEN.get(field.name) or field.base_field.choices or ())
        known = [str(name) for code, name in names.items() if code in value]
        return ", ".join([*known, *(str(item) for item in value if item not in names)]) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "–"
    if isinstance(value, date):
        return date_format(value)
    return str(dict(field.flatchoices).get(value, value))


BODIES, FALLBACKS = "bodies", "fallbacks"


def rows_by_label(bodies: Iterable[Any], fallbacks: Iterable[Any]) -> dict[str, list[str]]:
    """Return agencies and conditions in words, by what they are called."""
    return {
        _("Agencies that activate"): sorted(str(body) for body in bodies),
        _("Fallbacks of activation"): sorted(str(item) for item in fallbacks),
    }


def _stored_rows(version: CriteriaVersion) -> dict[str, list[str]]:
    agencies = Agency.objects.filter(Q(pk__in=version.bodies.values("agency")))
    return rows_by_label(agencies, [item.condition for item in version.fallbacks.all()])
