"""Further questions of criteria as rows of a form: which question, what it hangs on, and what opens it (U33)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.apps import apps
from django.core.validators import validate_slug
from django.template import loader
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

LEAST, SPARE, MOST = 4, 2, 20  # rows on a page
ANSWERS, AGE = ("yes", "no"), "age"
OPENERS = [("yes", _("the answer yes")), ("no", _("the answer no")), (AGE, _("the age of the child"))]
PARTS = ("question", "after", "opener", "age")
OLDEST = 130  # years: nobody's age is more


class BranchRows(forms.Widget):
    """Numbered rows of four fields; its questions are drawn by a tag of `cases`, which knows their words."""

    template_name = "admin/agencies/criteriaversion/branches.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the rows that are filled, and empty ones behind them."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        filled = [row if set(row) == set(PARTS) else as_typed(row) for row in value or ()]
        count = min(MOST, max(LEAST, len(filled) + SPARE))
        rows = [*filled, *(dict.fromkeys(PARTS, "") for _number in range(count - len(filled)))]
        context["widget"] |= {"rows": list(enumerate(rows)), "openers": OPENERS}
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> Any:
        return loader.render_to_string(template_name, context)

    def value_from_datadict(self, data: Mapping[str, Any], _files: Any, name: str) -> list[dict[str, str]]:
        """Return what was typed, row by row, without the empty rows."""
        rows = (
            {part: str(data.get(f"{name}-{number}-{part}", "")).strip() for part in PARTS} for number in range(MOST)
        )
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], _files: Any, name: str) -> bool:
        """Say whether the page that was sent had no rows at all."""
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, _id: str) -> str:
        """Return nothing: every field of a row has a label of its own."""
        return ""


class BranchesField(forms.Field):
    """Rows as typed, cleaned into the rows that a version keeps."""

    widget = BranchRows

    def clean(self, value: list[dict[str, str]]) -> list[dict[str, Any]]:
        """Return the rows to keep. Refuses, by the number of the row, what could not be asked of an officer."""
        rows: list[dict[str, Any]] = []
        faults: list[str] = []
        known = further_questions()
        for number, typed in enumerate(value or (), start=1):
            fault = _fault(typed, known, {row["question"] for row in rows})
            if fault:
                faults.append(str(_("Row %(row)s: %(fault)s") % {"row": number, "fault": fault}))
            else:
                rows.append(_as_kept(typed))
        if faults:
            raise forms.ValidationError(faults)
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the rows as they are kept with those typed."""
        return [as_typed(row) for row in initial or ()] != list(data or ())


def further_questions() -> frozenset[str]:
    """Return the codes of the list of further questions that are not retired."""
    model = apps.get_model("cases", "CodeValue")  # by name: agencies may not import cases
    rows = model.objects.filter(list_name="criteria_branch", is_retired=False)
    return frozenset(rows.values_list("code", flat=True))


def as_typed(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a kept row as its fields on a page hold it."""
    is_age = "max_age" in row
    return {
        "question": str(row.get("question", "")), "after": str(row.get("after", "")),
        "opener": AGE if is_age else str(row.get("answer", "")), "age": str(row["max_age"]) if is_age else "",
    }  # fmt: skip


def branches_formfield(db_field: Any) -> forms.Field:
    """Return the rows as the field of a version's form."""
    return BranchesField(
        label=capfirst(str(db_field.verbose_name)), required=False,
        help_text=_("Asked only after an answer, or only of children up to an age. A row left empty is no question."),
    )  # fmt: skip


def _fault(typed: dict[str, str], known: frozenset[str], before: set[str]) -> Any:
    """Return the first fault of a row, "" where it could be asked."""
    is_age = typed["opener"] == AGE
    faults = (
        (
            not (typed["question"] and typed["after"] and typed["opener"] in (*ANSWERS, AGE)),
            _("Choose the question, what it hangs on, and what opens it."),
        ),
        (typed["question"] not in known, _("This question is not on the list of further questions.")),
        (typed["question"] in before, _("This question stands in an earlier row.")),
        (
            typed["after"] == typed["question"] or not _is_code(typed["after"]),
            _("A question cannot hang on this one."),
        ),
        (is_age and not _is_age(typed["age"]), _("Give the oldest age in whole years.")),
        (not is_age and bool(typed["age"]), _("An age goes with the age of the child alone.")),
    )
    return next((sentence for is_wrong, sentence in faults if is_wrong), "")


def _is_age(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(OLDEST)) and int(text) <= OLDEST


def _is_code(text: str) -> bool:
    try:
        validate_slug(text)
    except forms.ValidationError:
        return False
    return True


def _as_kept(typed: dict[str, str]) -> dict[str, Any]:
    opener = {"max_age": int(typed["age"])} if typed["opener"] == AGE else {"answer": typed["opener"]}
    return {"question": typed["question"], "after": typed["after"], **opener}
