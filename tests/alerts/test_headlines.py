"""The headline as a field: shown whole, kept on one line."""

from __future__ import annotations

import pytest
from django import forms

from alerts.forms.alerts import AlertTextForm
from alerts.forms.text_reviews import ReviewForm
from alerts.forms.updates import UpdateTextForm


@pytest.mark.parametrize("form", [AlertTextForm, ReviewForm, UpdateTextForm])
def test_headline_is_shown_whole_and_kept_on_one_line(form: type[forms.BaseForm]) -> None:
    field = form.base_fields["headline"]
    assert isinstance(field.widget, forms.Textarea)
    assert field.clean(" Alerte AMBER\u00a0: Zoraida,\r\nfillette \t de 7 ans ") == (
        "Alerte AMBER\u00a0: Zoraida, fillette de 7 ans"
    )
    assert field.clean("x" * 80 + "\r\n" + "x" * 79) == "x" * 80 + " " + "x" * 79
    for wrong in ("", " \r\n ", "x" * 161):
        with pytest.raises(forms.ValidationError):
            field.clean(wrong)
