"""Code lists: values with labels in three languages that staff may extend and retire, never delete."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases.code_lists import CodeList


class CodeValue(models.Model):
    """One value of one list, for instance `hair` / `BRO`; `grammar` serves the composing of sentences."""

    list_name = models.CharField(_("list"), max_length=30, choices=CodeList.choices)
    code = models.CharField(_("code"), max_length=40)
    label = models.CharField(_("label"), max_length=160)
    grammar = models.JSONField(_("grammar"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("code value")
        verbose_name_plural = _("code lists")
        ordering = ["list_name", "position", "code"]
        default_permissions = ("add", "change", "view")
        constraints = [models.UniqueConstraint(fields=["list_name", "code"], name="one_value_per_list_and_code")]

    def __str__(self) -> str:
        return f"{self.get_list_name_display()}: {self.label}"


# Labels are read often and change rarely: one query a minute and process instead of one per label.
KEPT_SECONDS = 60
_kept: dict[str, Any] = {"at": 0.0, "rows": []}


def code_rows() -> list[dict[str, Any]]:
    """Return every code value as a row, at most a minute old."""
    if time.monotonic() - _kept["at"] > KEPT_SECONDS or not _kept["rows"]:
        _kept["rows"] = list(
            CodeValue.objects.values(
                "list_name", "code", "label_en", "label_es", "label_fr", "grammar", "is_retired", "position"
            ).order_by("list_name", "position", "code")
        )
        _kept["at"] = time.monotonic()
        _kept["labels"] = {(row["list_name"], row["code"]): row for row in _kept["rows"]}
    rows: list[dict[str, Any]] = _kept["rows"]
    return rows


def forget_codes() -> None:
    """Read the lists anew at the next question, after staff changed one."""
    _kept.update(at=0.0, rows=[])


def code_label(list_name: str, code: str) -> str:
    """Return the label in the reader's language; the code itself where the list does not know it."""
    if not code:
        return ""
    code_rows()
    row = _kept.get("labels", {}).get((list_name, code))
    return row[f"label_{(get_language() or 'en')[:2]}"] if row else code


def code_choices(list_name: str, *, blank: bool = True, blank_label: object = "") -> list[tuple[str, str]]:
    """Return the choices of a list in the reader's language, without retired values.

    `blank` puts the empty choice first; it reads "Not known" unless `blank_label` says otherwise.
    """
    language = (get_language() or "en")[:2]
    chosen = [
        (row["code"], row[f"label_{language}"])
        for row in code_rows()
        if row["list_name"] == list_name and not row["is_retired"]
    ]
    return [("", str(blank_label) or gettext("Not known")), *chosen] if blank else chosen


class CodeField(models.CharField):
    """A code of one list. The form offers the list's values; a value retired later stays readable."""

    def __init__(self, *args: Any, list_name: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("blank", True)
        self.list_name = list_name
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the list's name in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "list_name": self.list_name}

    def formfield(self, **kwargs: Any) -> Any:
        """Return a choice of the list's present values."""
        kwargs.pop("widget", None)
        return forms.ChoiceField(
            label=capfirst(self.verbose_name), help_text=self.help_text, required=not self.blank,
            choices=lambda: code_choices(self.list_name),
        )  # fmt: skip

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """Give the model a `get_<name>_label` beside Django's own display methods."""
        super().contribute_to_class(cls, name, private_only)
        list_name = self.list_name

        def label(instance: models.Model) -> str:
            return code_label(list_name, getattr(instance, name))

        setattr(cls, f"get_{name}_label", label)


class CodeListField(models.JSONField):
    """Several codes of one list, as a JSON array."""

    def __init__(self, *args: Any, list_name: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        self.list_name = list_name
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the list's name in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "list_name": self.list_name}

    def formfield(self, **kwargs: Any) -> Any:
        """Return checkboxes of the list's present values."""
        return forms.MultipleChoiceField(
            label=capfirst(self.verbose_name), help_text=self.help_text, required=False,
            choices=lambda: code_choices(self.list_name, blank=False), widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip


lazy_code_label = lazy(code_label, str)
