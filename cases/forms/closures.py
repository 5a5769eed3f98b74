"""Forms that end a case and open it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseStatus, ChildStatus
from cases.models import Case, Child
from cases.models.code import code_choices
from cases.services.closures import DECEASED, STEP_OF_REASON


class CloseForm(forms.Form):
    """The result, the category now, and whether and how the alert led to the result: asked at every end (U17)."""

    reason = forms.ChoiceField(label=_("Result"), choices=[])
    alert_effect = forms.ChoiceField(
        label=_("Did the alert lead to the result, and how?"),
        choices=lambda: code_choices("alert_effect", blank_label=_("Choose an answer")),
    )
    category = forms.ChoiceField(
        label=_("Category now"),
        choices=lambda: code_choices("case_category", blank_label=_("Choose a category")),
        help_text=_("The category recorded at intake stays as it was."),
    )
    is_family_informed = forms.BooleanField(
        label=_("The family has been informed"),
        required=False,
        help_text=_("Only after a death: other agencies see it once the family has been informed."),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = case.status == CaseStatus.RECOVERED
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (code, label)
            for code, label in code_choices("closure_reason", blank_label=_("Choose a result"))
            if found or not code or code in STEP_OF_REASON
        ]
        self.fields["category"].initial = case.abduction.category_at_intake
        if not found:
            del self.fields["is_family_informed"]

    def clean(self) -> dict[str, Any]:
        """Refuse "family informed" for any other result than a death."""
        values = super().clean() or {}
        if values.get("is_family_informed") and values.get("reason") != DECEASED:
            self.add_error("is_family_informed", _("This is recorded after a death only."))
        return values


class ReopenForm(forms.Form):
    """Who is missing again, and why."""

    children: forms.ModelMultipleChoiceField[Child] = forms.ModelMultipleChoiceField(
        label=_("Missing again"), queryset=Child.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("recovery_end_reason", blank_label=_("Choose a reason"))
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recovered = case.children.filter(status=ChildStatus.RECOVERED)
        field: Any = self.fields["children"]
        field.queryset = recovered
        field.label_from_instance = lambda child: child.name or str(child)
        self.is_child_needed = not case.is_open and not case.children.exclude(status=ChildStatus.RECOVERED).exists()
        if case.children.count() == 1 and len(recovered) == 1:
            field.initial = [recovered[0].pk]

    def clean(self) -> dict[str, Any]:
        """Refuse an open case in which nobody would be missing."""
        values = super().clean() or {}
        if self.is_child_needed and not values.get("children"):
            self.add_error("children", _("Choose at least one child who is missing."))
        return values
