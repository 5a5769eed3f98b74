"""A pseudo-language wraps every translatable string in ⟦ ⟧; whatever stays bare was not translatable.

User content, names of people and places, code labels (which staff translate in the database), numbers, dates and
composed alert texts (which are linguistic data of their own, not gettext) are known and left out by value.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real
from lxml import html
from pypdf import PdfReader

from tests.reading import as_read

OPEN, CLOSE = "⟦", "⟧"
ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "data-label", "label", "summary")
LETTERS = re.compile(r"[^\W\d_]{2,}")
WRAPPED = re.compile(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧")
# Names of languages in themselves, the product's name, and words that are the same for every reader by law or standard.
SAME_FOR_ALL = {
    "English", "Español", "Français", "AMBER", "Bridge", "EXERCISE", "SIMULACRO", "EXERCICE", "cm", "kg", "UTC",
    "PST", "PDT", "CAP", "EN", "ES", "FR", "en", "es", "fr", "Nov", "Dec", "Jan", "Oct", "Sep", "d", "h", "min",
}  # fmt: skip


class PseudoCatalog(trans_real.DjangoTranslation):
    """English, with every string wrapped."""

    def __init__(self) -> None:
        super().__init__("en", domain="django")

    @staticmethod
    def wrap(message: str) -> str:
        text = message.rpartition("\x04")[2]  # Django's pgettext asks for context, separator and message in one
        return f"{OPEN}{text}{CLOSE}" if text.strip() else text

    def gettext(self, message: str) -> str:
        return self.wrap(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.wrap(singular if number == 1 else plural)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        return self.ngettext(singular, plural, number)


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make English the pseudo-language for one test."""
    catalog = PseudoCatalog()
    monkeypatch.setitem(trans_real._translations, "en", catalog)
    monkeypatch.setattr(trans_real, "_default", catalog)
    with translation.override("en"):
        trans_real._active.value = catalog
        yield


def bare_texts(page: str, known: set[str]) -> list[str]:
    """Return the visible texts and labels of a page that are neither wrapped nor known content."""
    page = as_read(page)
    # A string may hold a link or emphasis: what is wrapped goes before the page is taken apart.
    while WRAPPED.search(page):
        page = WRAPPED.sub(" ", page)
    tree = html.fromstring(page)
    for skipped in tree.iter("script", "style", "noscript", "svg"):
        skipped.text = ""
    found = [text for element in tree.iter() if isinstance(element.tag, str) for text in _texts_of(element)]
    return sorted({text.strip() for text in found if _is_bare(text, known)})


def _texts_of(element: Any) -> Iterator[str]:
    if element.tag not in ("script", "style", "textarea"):
        yield element.text or ""
    yield element.tail or ""
    for name in ATTRIBUTES:
        yield element.get(name, "")
    if element.tag == "input" and element.get("type") in ("submit", "button"):
        yield element.get("value", "")


@cache
def _any_of(known: frozenset[str]) -> re.Pattern[str]:
    """Whole words only, the longest first: a short code must not hide part of a longer word."""
    values = "|".join(re.escape(value) for value in sorted(known, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{values})(?!\w)")


def _is_bare(text: str, known: set[str]) -> bool:
    rest = text
    while WRAPPED.search(rest):
        rest = WRAPPED.sub(" ", rest)
    if LETTERS.search(rest):
        rest = _any_of(frozenset(known)).sub(" ", rest)
    return any(word not in SAME_FOR_ALL for word in LETTERS.findall(rest))


def known_content() -> set[str]:
    """Return everything that comes from rows: names, references, code labels, composed texts."""
    from agencies.models import Agency, AlertProgram, CriteriaVersion, Holiday, Subdivision, User
    from alerts.models import Alert, AlertText, ExtensionRequest, Recipient, RecipientDesk
    from cases.countries import country_choices
    from cases.models import Case, Child, CodeValue, Person, Vehicle
    from cases.models.abduction import ZONE_CHOICES
    from cases.zones import zone_choices

    known: set[str] = {name for _code, name in country_choices()}
    known |= {label for _zone, label in zone_choices()}  # the administration shows the zones as they are stored
    known |= {label for _zone, label in ZONE_CHOICES} | {zone for zone, _label in ZONE_CHOICES}
    for model in (Agency, AlertProgram, Holiday, Subdivision):
        for language in ("en", "es", "fr"):
            known |= set(model.objects.values_list(f"name_{language}", flat=True))
    for label in ("label_en", "label_es", "label_fr"):
        known |= set(CodeValue.objects.values_list(label, flat=True))
        known |= {text.lower() for text in CodeValue.objects.values_list(label, flat=True)}
    known |= set(CriteriaVersion.objects.values_list("danger_test_en", flat=True))
    known |= set(CriteriaVersion.objects.values_list("source", flat=True))
    for text in AlertText.objects.all():
        known |= {text.event, text.headline, text.instruction, *text.description.splitlines()}
    for case in Case.objects.all():
        known |= {case.reference, str(case.pk)}
    known |= {alert.number for alert in Alert.objects.all()}
    known |= {request.number for request in ExtensionRequest.objects.all()}
    for person in [*Child.objects.all(), *Person.objects.all()]:
        known |= {person.name, person.given_names, person.first_surname}
    for vehicle in Vehicle.objects.all():
        known |= {vehicle.make, vehicle.model, vehicle.plate}
    for user in User.objects.all():
        known |= {user.full_name, user.email}
    known |= {recipient.name for recipient in Recipient.objects.all()} | {"San Diego"}
    for desk in RecipientDesk.objects.all():
        known |= {desk.organization, desk.name, str(desk)}
    return {value for value in known if value}


def codes_shown_to_staff() -> set[str]:
    """Return the identifiers that staff see as such: codes, prefixes, CAP senders, audit actions, hashes."""
    from agencies.models import Agency, AlertProgram, AuditEvent, Subdivision
    from alerts.models import Alert
    from cases.models import CodeValue

    columns = [
        (Agency, "code"), (AlertProgram, "code"), (AlertProgram, "number_prefix"), (AlertProgram, "cap_sender"),
        (Subdivision, "code"), (Subdivision, "ncic"), (AuditEvent, "action"), (AuditEvent, "object_type"),
        (CodeValue, "code"), (Alert, "content_hash"),
    ]  # fmt: skip
    found = {str(value) for model, column in columns for value in model.objects.values_list(column, flat=True)}
    return {value for value in found if len(value) > 1}  # a single letter would hide half of any word


@pytest.mark.django_db
def test_every_page_is_translatable(
    pseudo: None, client: Any, active_alert: Any, active_case: Any, california_coordinator: Any, baja_approver: Any
) -> None:
    from alerts.services import text_reviews

    active_alert.refresh_from_db()
    known = known_content()
    bare: dict[str, list[str]] = {}
    pages = [
        ("alerts:desk", []), ("cases:case-list", []), ("cases:case-detail", [active_case.pk]),
        ("cases:case-facts", [active_case.pk]), ("cases:case-open", []), ("alerts:cap-import", []),
        *(("cases:row-add", [active_case.pk, kind]) for kind in ("child", "person", "vehicle", "leg", "link")),
        ("cases:plate-replace", [active_case.pk, active_case.plates.get().pk]),
        ("cases:place-detail", [active_case.pk]), ("cases:sighting-add", [active_case.pk]),
        ("cases:reference-add", [active_case.pk]), ("cases:parallel-notice-add", [active_case.pk]),
        ("alerts:criteria-desk", [active_case.pk]), ("alerts:criteria-answer", [active_case.pk, "us-tx"]),
        ("alerts:request-list", []), ("alerts:request-detail", [active_alert.request_id]),
        ("alerts:request-send", [active_case.pk]), ("alerts:case-requests", [active_case.pk]),
        ("alerts:alert-list", []),
        ("alerts:alert-detail", [active_alert.pk]), ("public:alert-list", ["en"]),
        ("public:alert-detail", ["en", active_alert.public.public_id]), ("public:alert-number-form", []),
    ]  # fmt: skip
    review = text_reviews.ask_review(alert=active_alert, by=baja_approver, language="en", source_language="es")
    known |= {
        part for words in (review.words, review.facts_words) for text in words.values() for part in text.split("\n")
    }
    text_reviews.take(review=review, by=california_coordinator)
    pages.append(("alerts:text-review", [review.pk]))
    for user in (california_coordinator, baja_approver):
        client.force_login(user)
        user.language = "en"
        user.save(update_fields=["language"])
        for name, arguments in pages:
            answer = client.get(reverse(name, args=arguments))
            if answer.status_code == 200 and (found := bare_texts(answer.text, known)):
                bare[f"{name} of {user}"] = found
    client.logout()
    for path in ("/login/", "/nowhere/"):
        if found := bare_texts(client.get(path).text, known):
            bare[path] = found
    assert bare == {}, "\n".join(f"{name}: {texts}" for name, texts in bare.items())


@pytest.mark.django_db
def test_every_refusal_is_translatable(
    pseudo: None, client: Any, active_case: Any, california_officer: Any, active_alert: Any
) -> None:
    known = known_content()
    client.force_login(california_officer)
    step = reverse("cases:case-step", args=[active_case.pk, "activate"])
    conflict = client.post(step, {"nonce": "n1"})
    assert conflict.status_code == 409
    assert bare_texts(conflict.text, known) == []
    wrong = client.post(
        reverse("cases:case-facts", args=[active_case.pk]),
        {"child-height_cm": "1100", "event-happened_at": "yesterday", "vehicle-year": "12", "child-birth_date": "x"},
    )
    assert wrong.status_code == 422
    assert bare_texts(wrong.text, known | {"yesterday"}) == []
    refused = client.post(reverse("alerts:cap-import"), {"nonce": "n2"})
    assert refused.status_code == 422
    assert bare_texts(refused.text, known) == []


@pytest.mark.django_db
def test_every_mail_is_translatable(pseudo: None, active_alert: Any, mailoutbox: list[Any]) -> None:
    from alerts import delivery
    from alerts.models import Delivery

    Delivery.objects.update(language="en")
    while delivery.send_due():
        pass
    known = known_content()
    for mail in mailoutbox:
        lines = [mail.subject, *mail.body.splitlines()]
        lines = [re.sub(r"https?://\S+", "", line) for line in lines]
        assert [line for line in lines if _is_bare(line, known)] == [], mail.subject


@pytest.mark.django_db
def test_every_word_of_the_poster_is_translatable(pseudo: None, active_alert: Any) -> None:
    from alerts.models import PublicAlert
    from alerts.posters import render_poster
    from alerts.presenting import poster_content

    public = PublicAlert.objects.prefetch_related("texts", "photos").select_related("program").get()
    content = poster_content(public, "en")
    assert all(label.startswith(OPEN) for label in content.labels.values())
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(render_poster(content))).pages)
    rest = WRAPPED.sub(" ", " ".join(text.split()))
    told = " ".join(
        [content.event, content.headline, *content.paragraphs, content.instruction, content.program_name,
         content.as_of, content.valid_until, content.page_url]
    )  # fmt: skip
    assert set(LETTERS.findall(rest)) <= set(LETTERS.findall(told)) | SAME_FOR_ALL
    assert OPEN in text


@pytest.mark.django_db
def test_every_admin_page_is_translatable(
    pseudo: None, client: Any, active_alert: Any, california_staff: Any, superuser: Any
) -> None:
    """Every changelist, add and change page of every registered model, for staff and for the administrator."""
    from django.contrib import admin

    from cases.models import PlaceZone

    known = known_content() | codes_shown_to_staff()
    known |= {part for zone in PlaceZone.objects.all() for part in (zone.name, zone.subdivision_id)}
    bare: dict[str, list[str]] = {}
    pages_seen = 0
    for user in (california_staff, superuser):
        client.force_login(user)
        paths = [reverse("admin:index")]
        for model in admin.site._registry:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            paths += [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
            first = model._default_manager.order_by("pk").first()
            paths += [reverse(f"{base}_change", args=[first.pk])] if first else []
        for path in paths:
            answer = client.get(path)
            if answer.status_code == 200:
                pages_seen += 1
                if found := bare_texts(answer.text, known):
                    bare[f"{path} of {user}"] = found
    assert pages_seen > 30
    assert bare == {}, "\n".join(f"{name}: {texts}" for name, texts in bare.items())


@pytest.mark.django_db
def test_every_page_of_recipients_editors_and_the_end_is_translatable(
    pseudo: None, client: Any, draft_alert: Any, recipient: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    """The pages around the path: editing, acknowledging, acknowledged, ended, refused, signed out, locked."""
    from django.template.loader import render_to_string

    from agencies.models import ActivationFallback, AlertProgram, CriteriaVersion
    from alerts.gathering import content_hash
    from alerts.models import Delivery
    from alerts.services import drafts, issuing
    from alerts.tokens import token_for

    baja_coordinator.language = "en"
    baja_coordinator.save(update_fields=["language"])
    client.force_login(baja_coordinator)
    pages = {"edit": client.get(reverse("alerts:alert-edit", args=[draft_alert.pk]))}
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    AlertProgram.objects.filter(pk=draft_alert.program_id).update(single_officer_activation=True)
    draft_alert.approval_calls.update(due_at=timezone.now())
    ActivationFallback.objects.create(
        criteria=CriteriaVersion.ruling_for(draft_alert.program), condition_en="San Diego",
        agency=draft_alert.program.agency,
    )  # fmt: skip
    for name in ("alone", "fallback", "approval", "detail"):
        pages[name] = client.get(reverse(f"alerts:alert-{name}", args=[draft_alert.pk]))
    drafts.approve(alert=draft_alert, by=baja_approver, seen_hash=content_hash(draft_alert))
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    Delivery.objects.update(language="en")
    link = reverse("alerts:delivery-acknowledge", args=[token_for(Delivery.objects.get(message__isnull=False).pk)])
    pages |= {"acknowledge": client.get(link), "acknowledged": client.post(link, {"name": ""})}
    Delivery.objects.filter(message__isnull=False).update(attempts=1, state="sent")
    issuing.cancel(alert=draft_alert, by=baja_coordinator, reason="found_safe")
    Delivery.objects.update(language="en")
    cancel = Delivery.objects.get(message__msg_type="Cancel")
    pages |= {
        "ended": client.get(reverse("public:alert-detail", args=["en", draft_alert.public.public_id])),
        "ended link": client.get(link),
        "cancel": client.get(reverse("alerts:delivery-acknowledge", args=[token_for(cancel.pk)])),
        "number": client.get(reverse("public:alert-number", args=[draft_alert.number])),
    }
    known = known_content()
    for message in cancel.message.alert.messages.all():
        known |= {part for text in message.texts.values() for words in text.values() for part in words.splitlines()}
    texts = {name: answer.text for name, answer in pages.items()}
    for template in ("400.html", "403_csrf.html", "429.html", "500.html", "registration/locked.html"):
        texts[template] = render_to_string(template, {"html_lang": "en-US"})
    bare = {name: found for name, text in texts.items() if (found := bare_texts(text, known))}
    assert bare == {}, "\n".join(f"{name}: {found}" for name, found in bare.items())


@pytest.mark.django_db
def test_language_can_be_switched_on_refusals_too(client: Any, active_case: Any, california_officer: Any) -> None:
    client.force_login(california_officer)
    for answer in (
        client.get("/nowhere/"),
        client.post(reverse("cases:case-step", args=[active_case.pk, "activate"]), {"nonce": "again"}),
    ):
        assert answer.status_code in (404, 409)
        assert reverse("agencies:set-language") in answer.text
