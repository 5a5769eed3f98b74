"""Forms of Updates and of withdrawals from the public."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from alerts import terms
from alerts.choices import RedactionKind
from alerts.forms.headlines import HeadlineField
from alerts.models import Alert, AlertUpdate
from cases.choices import PersonRole
from cases.models import Child, Person
from cases.models.code import code_choices


class UpdateTextForm(forms.Form):
    """The words of an Update in one language."""

    headline = HeadlineField()
    description = forms.CharField(label=_("Description"), max_length=2000, widget=forms.Textarea(attrs={"rows": 9}))
    instruction = forms.CharField(label=_("Instruction"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any = None, *, language: str, initial: Any = None) -> None:
        super().__init__(data, prefix=language, initial=initial)
        self.language = language
        self.language_label = dict(Language.choices)[language]
        for field in self.fields.values():
            field.widget.attrs["lang"] = language


class UpdateForms:
    """Words in every language on one page."""

    def __init__(self, update: AlertUpdate, data: Any = None) -> None:
        self.texts = [UpdateTextForm(data, language=code, initial=text) for code, text in sorted(update.texts.items())]

    @property
    def all(self) -> list[forms.BaseForm]:
        """Return every form of the page."""
        return [*self.texts]

    def is_valid(self) -> bool:
        """Validate every form, so that the page shows all errors at once."""
        return all([form.is_valid() for form in self.all])

    def words(self) -> dict[str, dict[str, str]]:
        """Return the words by language, with line ends as \\n."""
        return {
            form.language: {name: value.replace("\r\n", "\n") for name, value in form.cleaned_data.items()}
            for form in self.texts
        }


class RefuseForm(forms.Form):
    """Why the program does not issue a prepared Update."""

    reason = forms.ChoiceField(label=_("Reason"), choices=lambda: code_choices("update_refusal", blank=False))


class RenewForm(forms.Form):
    """A new term, counted from the issue of the Update, and why."""

    hours = forms.IntegerField(label=_("New duration from its issue, in hours"), min_value=terms.SHORTEST_HOURS)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("renewal_reason", blank_label=_("No reason chosen"))
    )

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        rules = terms.rules_for(alert)
        longest = terms.longest_renewal(rules, activated_at=alert.activated_at, at=timezone.now())
        kwargs.setdefault("initial", {"hours": min(alert.duration_hours, longest)})
        super().__init__(*args, **kwargs)
        hours = self.fields["hours"]
        hours.validators.append(MaxValueValidator(longest))
        hours.widget.attrs["max"] = longest
        hours.help_text = _("At most %(hours)s, by the rules of your program.") % {"hours": longest}


class WithdrawForm(forms.Form):
    """What is taken out of the public, and why. Choices are the parts that are public of this alert's case."""

    what = forms.ChoiceField(label=_("What is withdrawn"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("takedown_reason", blank_label=_("No reason chosen"))
    )

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alert = alert
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (key, label) for key, label, _child, _person in self._parts()
        ]

    def clean(self) -> dict[str, Any]:
        """Name the child or person that the choice stands for."""
        cleaned = super().clean() or {}
        for key, _label, child, person in self._parts():
            if key == cleaned.get("what"):
                cleaned.update(kind=key.partition("-")[0], child=child, person=person)
        return cleaned

    def _parts(self) -> list[tuple[str, str, Child | None, Person | None]]:
        labels = dict(RedactionKind.choices)

        def said_of(kind: RedactionKind, name: str) -> str:
            return f"{gettext('%(label)s:') % {'label': labels[kind]}} {name}"

        parts: list[tuple[str, str, Child | None, Person | None]] = [
            ("photo", str(labels[RedactionKind.PHOTO]), None, None)
        ]
        for child in self.alert.case.children.all():
            parts.append((f"child_name-{child.pk}", said_of(RedactionKind.CHILD_NAME, child.name), child, None))
        said = (PersonRole.ABDUCTOR, PersonRole.SUSPECT, PersonRole.COMPANION)
        for person in self.alert.case.people.filter(role__in=said):
            name = person.name or person.also_known_as or person.get_role_display()
            parts.append((f"person_name-{person.pk}", said_of(RedactionKind.PERSON_NAME, name), None, person))
            parts.append((f"person_looks-{person.pk}", said_of(RedactionKind.PERSON_LOOKS, name), None, person))
            parts.append((f"person-{person.pk}", said_of(RedactionKind.PERSON, name), None, person))
        return [*parts, ("whole", str(labels[RedactionKind.WHOLE]), None, None)]
