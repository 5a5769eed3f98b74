"""Telephone numbers in the admin: typed as people write them, stored as E.164 (U27)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, AlertProgram
from agencies.phones import EXAMPLES, MOST_TYPED, SEPARATORS, read_phone, read_tip_number, show_phone

# PostgreSQL's way of writing what the reader of each field returns: `read_phone`, and `read_tip_number` for tip lines.
NUMBER = r"\+(1[2-9][0-9]{2}[2-9][0-9]{6}|52[0-9]{10}|(?!1|52)[1-9][0-9]{7,14})"
STORED = {
    "desk_phone": rf"^{NUMBER}$", "desk_fax": rf"^{NUMBER}$", "abroad_phone": rf"^{NUMBER}$",
    "tip_phone": rf"^({NUMBER}|[*#]?[0-9]{{2,6}})$",
}  # fmt: skip
TO_MEND = _("“{typed}” could not be read as a number and stands as it was typed. Write it as {example}.")


class _NumberInput(forms.TextInput):
    input_type = "tel"


class _NumberBox(forms.CharField):
    """A number as a person writes it; spaces and hyphens are no change."""

    widget = _NumberInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is dialed, not how it is written."""
        return SEPARATORS.sub("", str(initial or "")) != SEPARATORS.sub("", str(data or ""))


def number_box(label: Any, help_text: Any = "", required: bool = False) -> _NumberBox:
    """Return the box for a number as a person writes it."""
    return _NumberBox(label=capfirst(label), help_text=help_text, required=required, max_length=MOST_TYPED)


class _NumbersForm(forms.ModelForm):
    """Reads numbers by the country of the row. A number that nobody could read yet may stay while others change."""

    readers: dict[str, Callable[[str, str], Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = getattr(self.instance, "country", "")
        for name in self.readers:
            typed = getattr(self.instance, name, "")
            if name in self.fields and not self._is_read(name, typed):
                example = EXAMPLES.get(country, EXAMPLES["US"])
                self.fields[name].help_text = format_lazy(TO_MEND, typed=typed, example=example)

    def read_number(self, name: str) -> Any:
        """Return what its reader makes of a typed number; None for one not asked for, refused, or left as it is."""
        if name not in self.cleaned_data:
            return None
        stored, typed = getattr(self.instance, name, ""), self.cleaned_data[name]
        if name not in self.changed_data and not self._is_read(name, stored):
            self.cleaned_data[name] = stored
            return None
        try:
            return self.readers[name](typed, self.cleaned_data.get("country") or self.instance.country)
        except ValueError as error:
            self.add_error(name, str(error.args[0]))
            return None

    def _is_read(self, name: str, number: str) -> bool:
        """Say whether a stored number is what its field's own reader returns; any country may read it then."""
        try:
            return not number or self.readers[name](number, "") in (number, (number, ""))
        except ValueError:
            return False


class AgencyForm(_NumbersForm):
    """An agency with the numbers of its desk; the extension is typed behind the number."""

    readers = {"desk_phone": read_phone, "desk_fax": read_phone}
    desk_phone = number_box(_("24-hour desk phone"), _("With its extension, if it has one: +1 915 555 0199 ext. 12."))
    desk_fax = number_box(_("24-hour desk fax"))

    class Meta:
        model = Agency
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["desk_phone"] = show_phone(self.instance.desk_phone, self.instance.desk_extension)
        self.initial["desk_fax"] = show_phone(self.instance.desk_fax)

    def clean(self) -> dict[str, Any]:
        """Store numbers as E.164, the extension beside its number. Refuses a fax with an extension."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        found = self.read_number("desk_phone")
        if found is not None:
            cleaned["desk_phone"], self.instance.desk_extension = found
        fax = self.read_number("desk_fax")
        if fax is not None:
            cleaned["desk_fax"] = fax[0]
            if fax[1]:
                self.add_error("desk_fax", _("A fax number has no extension."))
        return cleaned


class ProgramForm(_NumbersForm):
    """A program with its tip lines: a number, or a short one such as 911, 089 or *4141."""

    readers = {"tip_phone": read_tip_number, "abroad_phone": read_phone}
    tip_phone = number_box(_("tip line"), _("A number, or a short one as it is dialed: 911, 089, *4141."), True)
    abroad_phone = number_box(_("tip line from abroad"), _("Short numbers cannot be dialed from abroad."), True)

    class Meta:
        model = AlertProgram
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.readers:
            self.initial[name] = show_phone(getattr(self.instance, name))

    def clean(self) -> dict[str, Any]:
        """Store numbers as E.164. Refuses an extension: the public dials one number."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        found = self.read_number("tip_phone")
        if found is not None:
            cleaned["tip_phone"] = found
        abroad = self.read_number("abroad_phone")
        if abroad is not None:
            cleaned["abroad_phone"] = abroad[0]
            if abroad[1]:
                self.add_error("abroad_phone", _("A tip line has no extension: the public dials one number."))
        return cleaned


class NumbersToMend(admin.SimpleListFilter):
    """Rows with a number that could not be read when numbers began to be stored as E.164."""

    title = _("phone numbers")
    parameter_name = "numbers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one question asked of a row."""
        return [("to_mend", _("To be mended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with a number that stands as it was typed."""
        if self.value() != "to_mend":
            return queryset
        names = ("desk_phone", "desk_fax") if queryset.model is Agency else ("tip_phone", "abroad_phone")
        wrong = Q()
        for name in names:
            wrong |= ~Q(**{name: ""}) & ~Q(**{f"{name}__regex": STORED[name]})
        return queryset.filter(wrong)
