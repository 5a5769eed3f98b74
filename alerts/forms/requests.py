"""Forms of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agencies.choices import AlertReach
from agencies.models import Agency, AlertProgram, Subdivision
from agencies.uploads import AtMost
from alerts.choices import ACTIVATE, ASKS_FOR_ALERT, NATIONAL_DECISION
from alerts.models import ExtensionRequest
from alerts.services.lower_levels import LEVELS_OF_AN_ALERT
from alerts.services.requests import reaches_of
from alerts.workflow import activates_nothing
from cases.models import Case
from cases.models.code import code_choices, code_label

DECISIONS = [
    ("accept", _("Accept")),
    ("accept_changed_area", _("Accept with a changed area")),
    ("accept_lower_level", _("Accept at a lower level")),
    ("decline", _("Decline")),
]


class ImportCapForm(forms.Form):
    """A partner's CAP alert."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.none())
    file = forms.FileField(
        label=_("CAP file"),
        validators=[AtMost(settings.ALERTS_CAP_MAX_BYTES)],
        help_text=_("An XML file in the Common Alerting Protocol, at most 5 MB. It is kept byte for byte."),
        widget=forms.FileInput(attrs={"accept": ".xml,.cap,application/cap+xml,application/xml,text/xml"}),
    )

    def __init__(self, *args: Any, agency_ids: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.filter(pk__in=agency_ids)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        if len(agency_ids) == 1:
            self.fields["agency"].initial = agencies.first()
            self.fields["agency"].widget = forms.HiddenInput()


class RequestWordsForm(forms.Form):
    """What is asked for, with a note: a draft, or a request that is asked again."""

    kind = forms.ChoiceField(label=_("What is requested"), choices=lambda: code_choices("request_kind", blank=False))
    note = forms.CharField(
        label=_("Note to the program"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in your language; the coded facts reach the program in its own."),
    )  # fmt: skip


class DraftForm(RequestWordsForm):
    """The same for a draft, with what stood there when the page was read: colleagues write on it too (U31)."""

    seen_kind = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_note = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    @classmethod
    def of(cls, item: ExtensionRequest) -> DraftForm:
        """Return the form as the draft stands now."""
        seen = {"seen_kind": item.kind, "seen_note": item.note}
        return cls(initial={"kind": item.kind, "note": item.note, **seen}, prefix="draft")


class SendRequestForm(RequestWordsForm):
    """Which programs are asked, for what; one note for all of them (U21)."""

    program: forms.ModelMultipleChoiceField[AlertProgram] = forms.ModelMultipleChoiceField(
        label=_("Receiving programs"), queryset=AlertProgram.objects.none(), to_field_name="code",
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one program.")},
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, asker_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = AlertProgram.objects.run_by([case.lead_agency_id, *([asker_id] if asker_id else [])])
        kinds = [
            (code, label) for code, label in code_choices("request_kind", blank=False) if code != NATIONAL_DECISION
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # the decision is handed up by an act of its own
        programs = AlertProgram.objects.filter(is_active=True).exclude(pk__in=own.values("pk"))
        self.fields["program"].queryset = programs.select_related("agency").order_by("country", "code")  # type: ignore[attr-defined]
        self.fields["note"].label = _("Note to the programs")

    @property
    def chosen(self) -> set[str]:
        """Return the codes that are ticked, also those of a page that comes back."""
        return {str(code) for code in self["program"].value() or ()}


class WithdrawForm(forms.Form):
    """Why a request is taken back."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("withdrawal_reason", blank_label=_("No reason chosen")),
        required=False,
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note to the program"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawAllForm(WithdrawForm):
    """Why all requests of a case are taken back; the reason reaches every program in its own language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        self.fields["note"].label = _("Note to the programs")


class AcknowledgeForm(forms.Form):
    """Who acknowledges, in which position, under which number of their own (U23)."""

    receiver_reference = forms.CharField(label=_("Your file number"), max_length=60, required=False)
    position = forms.CharField(label=_("Your position"), max_length=80, required=False)
    note = forms.CharField(
        label=_("Note to the requesting agency"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class DecisionForm(forms.Form):
    """The receiving program's decision; what each decision needs is asked for beside its field."""

    decision = forms.ChoiceField(label=_("Decision"), choices=DECISIONS, widget=forms.RadioSelect)
    area_words = forms.CharField(
        label=_("Changed area, in words"), required=False, max_length=300,
        help_text=_("For instance the counties or municipalities in which you will alert."),
    )  # fmt: skip
    area: forms.ModelMultipleChoiceField[Subdivision] = forms.ModelMultipleChoiceField(
        label=_("Changed area"), queryset=Subdivision.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    level = forms.ChoiceField(
        label=_("Level, if you accept at a lower one"),
        choices=lambda: [
            ("", _("No level chosen")),
            *((code, code_label("notice_level", code)) for code in LEVELS_OF_AN_ALERT),
        ],
        required=False,
    )
    reach = forms.ChoiceField(
        label=_("Level on which alerts go out"), choices=[], required=False,
        help_text=_("On the level of the state it goes on alone; on every other one your national alert is prepared."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason, if you decline"),
        choices=lambda: code_choices("decline_reason", blank_label=_("No reason chosen")),
        required=False,
    )
    alternative = forms.ChoiceField(
        label=_("Alternative you offer"),
        choices=lambda: code_choices("alternative", blank_label=_("No alternative")),
        required=False,
    )
    note = forms.CharField(
        label=_("Note to the requesting agency"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, item: ExtensionRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_levels(item)
        if item.kind in ASKS_FOR_ALERT and activates_nothing(item.program):  # a hub tells and passes on
            self.fields["decision"].choices = [DECISIONS[-1]]  # type: ignore[attr-defined]
            del self.fields["area"], self.fields["area_words"], self.fields["level"]
        elif item.kind != ACTIVATE:  # a notice is accepted or declined as it was asked for
            self.fields["decision"].choices = [DECISIONS[0], DECISIONS[-1]]  # type: ignore[attr-defined]
            del self.fields["area"], self.fields["area_words"], self.fields["level"]
        elif item.program.subdivision_id:
            del self.fields["area"]
        else:
            self.fields["area"].queryset = Subdivision.objects.filter(country=item.program.country)  # type: ignore[attr-defined]

    def _offer_levels(self, item: ExtensionRequest) -> None:
        """Offer the program's levels where the decision on them was handed to it."""
        if item.kind != NATIONAL_DECISION or activates_nothing(item.program):
            del self.fields["reach"]
            return
        labels = dict(AlertReach.choices)
        offered = [(code, labels[code]) for code in reaches_of(item.program)]  # type: ignore[index]
        self.fields["reach"].choices = [("", _("No level chosen")), *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the decision needs beside its field."""
        cleaned = super().clean() or {}
        if "reach" in self.fields:
            if cleaned.get("decision") == "decline":
                cleaned["reach"] = ""
            elif not cleaned.get("reach"):
                self.add_error("reach", _("Say on which level alerts go out."))
        decision = cleaned.get("decision")
        if decision == "decline" and not cleaned.get("reason"):
            self.add_error("reason", _("A decline needs a reason."))
        if decision == "accept_lower_level" and not cleaned.get("level"):
            self.add_error("level", _("Accepting at a lower level needs the level."))
        area = [place.pk for place in cleaned.get("area") or ()]
        if decision == "accept_changed_area" and not area and not cleaned.get("area_words"):
            self.add_error("area_words", _("Accepting with a changed area needs the area."))
        return {**cleaned, "area": area}


class QuestionForm(forms.Form):
    """What the program asks before it decides."""

    questions = forms.MultipleChoiceField(
        label=_("Questions"), choices=lambda: code_choices("request_question", blank=False), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The requesting agency reads them in its own language."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Further question"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Free text stays in your language, marked as untranslated."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for at least one question."""
        cleaned = super().clean() or {}
        if not cleaned.get("questions") and not cleaned.get("text"):
            self.add_error("questions", _("Choose a question or write one."))
        return cleaned


class AnswerForm(forms.Form):
    """One coded answer for each question of the open round, and free words beside them."""

    text = forms.CharField(
        label=_("Further answer"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Free text stays in your language, marked as untranslated."),
    )  # fmt: skip

    def __init__(self, *args: Any, questions: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for code in self.questions:
            self.fields[f"answer_{code}"] = forms.ChoiceField(
                label=code_label("request_question", code),
                choices=code_choices("request_answer", blank_label=_("No answer chosen")),
                required=False,
            )
        self.order_fields([*(f"answer_{code}" for code in self.questions), "text"])

    def clean(self) -> dict[str, Any]:
        """Ask for an answer to every question, or for words."""
        cleaned = super().clean() or {}
        answers = {code: cleaned.get(f"answer_{code}", "") for code in self.questions}
        text = cleaned.get("text", "")
        if not text:
            for code in self.questions:
                if not answers[code]:
                    self.add_error(f"answer_{code}", _("Answer every question, or write an answer."))
            if not self.questions:
                self.add_error("text", _("Answer every question, or write an answer."))
        return {"answers": answers, "text": text}


class CancellationForm(forms.Form):
    """Why the asking side wants the alert to end."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("end_reason", blank_label=_("No reason chosen"))
    )
    note = forms.CharField(
        label=_("Note to the program"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class RefusalForm(forms.Form):
    """Why the program keeps its alert running."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("cancellation_refusal", blank_label=_("No reason chosen"))
    )
    note = forms.CharField(
        label=_("Note to the requesting agency"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
