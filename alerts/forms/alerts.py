"""Forms of alerts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Subdivision
from agencies.refusals import ActRefused
from alerts import terms
from alerts.forms.headlines import HeadlineField
from alerts.models import Alert, AlertText
from alerts.publication import allowed_by
from alerts.territory import territory_of
from cases.models import Photo
from cases.models.code import code_choices


class AlertTextForm(forms.ModelForm):
    """The words in one language."""

    class Meta:
        model = AlertText
        fields = ("headline", "description", "instruction")
        field_classes = {"headline": HeadlineField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 9}),
            "instruction": forms.Textarea(attrs={"rows": 4}),
            "headline": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["lang"] = self.instance.language


def _photo_label(photo: Photo) -> str:
    return f"{photo.child.name if photo.child else photo.case} – {photo.width}\u00a0×\u00a0{photo.height}\u00a0px"


class AreaForm(forms.Form):
    """Where a national program's alert applies: places of its own country."""

    areas: forms.ModelMultipleChoiceField[Subdivision] = forms.ModelMultipleChoiceField(
        label=_("Area of the alert"), queryset=Subdivision.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("Your program alerts in its own country only. For another country, send a request."),
        error_messages={"invalid_choice": _("The area is outside the program's territory.")},
    )  # fmt: skip

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alert = alert
        field: Any = self.fields["areas"]
        field.queryset = territory_of(alert.program).order_by("name")
        field.label_from_instance = lambda place: place.name
        field.initial = sorted(alert.areas.values_list("subdivision_id", flat=True))

    @property
    def chosen_area(self) -> list[str] | None:
        """Return the codes of the area that was chosen; None where there was nothing to choose."""
        return [place.pk for place in self.cleaned_data["areas"]] if "areas" in self.fields else None


class AlertSettingsForm(AreaForm):
    """Term and picture; of a national program the area, which for every other one is its own territory."""

    duration_hours = forms.IntegerField(label=_("Duration in hours"), min_value=1, max_value=168)
    photo = forms.ModelChoiceField(
        label=_("Photo"), queryset=Photo.objects.none(), required=False, empty_label=_("No photo"),
        help_text=_("Only photos with a recorded authority can be chosen."),
    )  # fmt: skip
    field_order = ("duration_hours", "photo", "areas")

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, alert=alert, **kwargs)
        self.fields["duration_hours"].initial = alert.duration_hours
        allowed = allowed_by(alert)
        photos = Photo.objects.released().filter(case=alert.case).select_related("case", "child").defer("jpeg")
        may_be_shown = [photo.pk for photo in photos if allowed.shows(photo)]
        self.fields["photo"].queryset = photos.filter(pk__in=may_be_shown)  # type: ignore[attr-defined]
        # Officers see the name on this page anyway; the size tells two pictures of one child apart.
        self.fields["photo"].label_from_instance = (  # type: ignore[attr-defined]
            lambda photo: (
                f"{photo.child.name if photo.child else photo.case} – {photo.width}\u00a0×\u00a0{photo.height}\u00a0px"
            )
        )
        self.fields["photo"].initial = alert.photo_id
        if alert.program.subdivision_id is not None:
            del self.fields["areas"]  # another program has nothing to choose

    def clean_duration_hours(self) -> int:
        """Refuse a term outside the program's limits, beside the field (U12)."""
        hours: int = self.cleaned_data["duration_hours"]
        try:
            terms.check_term(terms.rules_of(self.alert.program), hours)
        except ActRefused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal
        return hours


class AlertForms:
    """Words in three languages, term and picture on one page."""

    def __init__(self, alert: Alert, data: Any = None) -> None:
        self.settings = AlertSettingsForm(data, alert=alert, prefix="settings")
        self.texts = [AlertTextForm(data, instance=text, prefix=text.language) for text in alert.texts.all()]

    @property
    def all(self) -> list[forms.BaseForm]:
        """Return every form of the page."""
        return [self.settings, *self.texts]

    def is_valid(self) -> bool:
        """Validate every form, so that the page shows all errors at once."""
        return all([form.is_valid() for form in self.all])

    def words(self) -> dict[str, dict[str, str]]:
        """Return the words by language, with line ends as \\n."""
        return {
            form.instance.language: {name: value.replace("\r\n", "\n") for name, value in form.cleaned_data.items()}
            for form in self.texts
        }


class ExplainedEndForm(forms.Form):
    """Asks why an alert ends before its program's shortest duration, and only then (U12)."""

    explanation = forms.CharField(
        label=_("Why it ends before its shortest duration"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, alert: Alert | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at, self.rules = timezone.now(), terms.rules_for(alert) if alert else terms.TermRules()
        self.activated_at = alert.activated_at if alert else None
        if not terms.is_before_minimum(self.rules, activated_at=self.activated_at, at=self.at):
            del self.fields["explanation"]
            return
        self.fields["explanation"].help_text = _(
            "Alerts of your program last at least %(hours)s hours. Not needed when the child is found, the report is"
            " false or the alert endangers the child."
        ) % {"hours": self.rules.min_hours}

    def check_explanation(self, reason: str) -> None:
        """Put the refusal of the program's rules beside the field."""
        if "explanation" not in self.fields:
            return
        words = self.cleaned_data.get("explanation", "")
        try:
            terms.check_early_end(
                self.rules, activated_at=self.activated_at, at=self.at, reason=reason, explanation=words
            )
        except ActRefused as refusal:
            self.add_error("explanation", str(refusal.message))


class CancelForm(ExplainedEndForm):
    """Why an alert ends; the public text is the same for every reason (U17)."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("end_reason", blank_label=_("No reason chosen"))
    )
    field_order = ("reason", "explanation")

    def clean(self) -> dict[str, Any]:
        """Ask for the explanation that the program's rules want."""
        values = super().clean() or {}
        if values.get("reason"):
            self.check_explanation(values["reason"])
        return values


class AgreeForm(ExplainedEndForm):
    """Agreeing to cancel what the other side asks to end, for the reason that it gave."""

    def __init__(self, *args: Any, reason: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason = reason

    def clean(self) -> dict[str, Any]:
        """Ask for the explanation that the program's rules want."""
        values = super().clean() or {}
        self.check_explanation(self.reason)
        return values


class AcknowledgementForm(forms.Form):
    """Who received an alert at a shared address."""

    name = forms.CharField(label=_("Your name and position"), max_length=120, required=False)
    position = forms.CharField(label=_("Your position"), max_length=80)

    def __init__(self, *args: Any, is_shared: bool, **kwargs: Any) -> None:
        """Ask for both at the shared address of a desk; a person's own address says who they are (U38)."""
        super().__init__(*args, **kwargs)
        if is_shared:
            self.fields["name"].label, self.fields["name"].required = _("Your name"), True
        else:
            del self.fields["position"]
