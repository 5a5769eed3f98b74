"""Signing in, sending forms, and reading a page that came back with errors."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from cases.models import Case, Document, Photo

NONCE = "the-nonce-of-one-form"
TAGS = {"en": "en-US", "es": "es-MX", "fr": "fr-CA"}


def signed_in(person: Any, language: str = "") -> Client:
    """Return a browser in which this person, reading this language, has signed in."""
    if language:
        person.language = language
        person.save(update_fields=["language"])
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def stored() -> tuple[int, int, int]:
    """Return how many cases, documents and photos there are."""
    return Case.objects.count(), Document.objects.count(), Photo.objects.count()


def assert_error_beside(page: html.HtmlElement, name: str, typed: str | None) -> None:
    """The field holds what was typed, says that it is wrong, and leads a screen reader to the words of the error."""
    (field,) = page.xpath(f'//*[@name="{name}" and not(@type="hidden")]')
    assert field.get("aria-invalid") == "true", name
    described = field.get("aria-describedby", "").split()
    texts = [" ".join(page.get_element_by_id(key).itertext()).strip() for key in described]
    assert any(key.endswith("_error") for key in described), name
    assert all(texts), name
    if typed is None:
        return
    if field.tag == "select":
        chosen = field.xpath("./option[@selected]/@value")
        assert chosen == ([typed] if typed else chosen), name
    else:
        assert (field.text_content().strip() if field.tag == "textarea" else field.get("value", "")) == typed, name
