"""Acts that record what happened outside the portal (U8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts import permissions
from alerts.forms.outside import OutsideAnswerForm
from alerts.models import ExtensionRequest
from alerts.services import outside as service

from .outside_page import activation_form
from .requests import FormAct


class RecordActivation(FormAct):
    """Records an alert in the program's own system: no CAP message, nothing public here."""

    prefix, success = "outside", _("The activation outside the portal was recorded.")

    def may(self, item: ExtensionRequest) -> bool:
        """The program itself, or the asking side of a program without people."""
        return permissions.can_answer_or_record(self.user, item)

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the form of the side that records."""
        return activation_form(item, self.user, data)

    def values(self, form: Any) -> dict[str, Any]:
        """Return the alert, and who told of it."""
        return form.values()  # type: ignore[no-any-return]

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Record the activation."""
        return service.record_activation(request=item, by=self.user, **values)


class RecordAnswer(FormAct):
    """Records what a program without people answered by telephone, fax or mail."""

    form_class, prefix, success = OutsideAnswerForm, "outside_answer", _("The answer was recorded.")

    def may(self, item: ExtensionRequest) -> bool:
        """Only the asking side, and only while nobody of the program could answer in the portal."""
        return permissions.can_record_answer(self.user, item)

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the form with the answers that fit where the request stands."""
        return OutsideAnswerForm(data, prefix=self.prefix, item=item)

    def values(self, form: Any) -> dict[str, Any]:
        """Return the answer, and who gave it."""
        return form.values()  # type: ignore[no-any-return]

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Record the answer."""
        return service.record_answer(request=item, by=self.user, **values)
