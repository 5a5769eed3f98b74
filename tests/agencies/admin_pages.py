"""What the tests of the administration share: addresses and forms."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from agencies.admin.branch_rows import BranchesField, as_typed

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
            if isinstance(form.fields[name], BranchesField):
                sent = {
                    f"{name}-{at}-{part}": text
                    for at, row in enumerate(value or ())
                    for part, text in as_typed(row).items()
                }
                values.update(sent)
            elif isinstance(value, bool):
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


def page_for_next(client, version):
    """Return the address of a new version made from this one, and what a browser would send from its page."""
    values = form_values(client.get(address(type(version), "add"), {"of": version.pk}))
    return address(type(version), "add"), values


def store(client, url, values):
    """Send a version of criteria as staff do: look at the preview, then save exactly that; return both answers."""
    shown = client.post(url, values)
    if "preview" not in (shown.context or {}):
        return shown, None
    return shown, client.post(url, {**values, "_shown": shown.context["preview"].seal})


def as_a_new_page(values):
    """Return the values of a stored object as the page for a new one would send them."""
    sent = {key: value for key, value in values.items() if not re.search(r"-\d+-(id|criteria)$", key)}
    return {key: 0 if key.endswith("-INITIAL_FORMS") else value for key, value in sent.items()}


def without_tokens(response):
    """Return a page without what differs between two answers to the same question."""
    return re.sub(r'(csrfmiddlewaretoken" value=|name="next" value=|data-now=|nonce=)"[^"]+"', "", response.text)
