"""What the tests of the administration share: addresses and forms."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase 7"


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_values(response):
    """Return what a browser would send back from an unchanged form, inlines included."""
    values = {}

    def keep(form):
        for name in form.fields:
            value = form[name].value()
            if isinstance(value, bool):
                if value:
                    values[form.add_prefix(name)] = "on"
            elif value is not None:
                values[form.add_prefix(name)] = getattr(value, "pk", value)

    keep(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        values.update({inline.formset.management_form.add_prefix(key): value
                       for key, value in inline.formset.management_form.initial.items()})  # fmt: skip
        for form in inline.formset.forms:
            keep(form)
    return values


def without_tokens(response):
    """Return a page without what differs between two answers to the same question."""
    return re.sub(r'(csrfmiddlewaretoken" value=|name="next" value=|data-now=|nonce=)"[^"]+"', "", response.text)
