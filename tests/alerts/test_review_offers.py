"""Whom the portal tells that words wait for a review (U10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts.desk_items import what_needs
from alerts.models import Alert, Delivery, TextReview
from alerts.services import text_reviews
from tests.alerts.test_approvals import edited
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


def test_offer_is_told_to_those_who_work_in_the_language_and_compose(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any, california_coordinator: Any, make_user: Any
) -> None:
    make_user("jurist.fr@quebec.example", "ca-qc-sq", "legal_advisor", "fr")
    edited(draft_alert, "fr", baja_coordinator)
    review = text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    told = Delivery.objects.filter(notice__text_review=review).values_list("user__email", flat=True)
    assert list(told) == [quebec_coordinator.email]


@pytest.fixture
def montreal(make_user: Any) -> Any:
    """A duty officer of Montréal's police, which runs Québec's program with the Sûreté."""
    return make_user("mireille@spvm.example", "ca-qc-spvm", "duty_officer", "fr")


@pytest.fixture
def texan(make_user: Any) -> Any:
    """A coordinator of Texas who declared French."""
    person = make_user("ty@texas.example", "us-tx-dps", "coordinator", "en")
    person.reads_languages = ["en", "fr"]
    person.save()
    return person


def ask(alert: Alert, by: Any, **chosen: Any) -> TextReview:
    edited(alert, "fr", by)
    return text_reviews.ask_review(alert=alert, by=by, language="fr", source_language="es", **chosen)


def told(review: TextReview) -> set[str]:
    return set(Delivery.objects.filter(notice__text_review=review).values_list("user__email", flat=True))


def on_desk(person: Any) -> bool:
    fresh = type(person).objects.get(pk=person.pk)
    return "text_review" in [item.kind for item in what_needs(fresh)]


CHOICES: list[tuple[dict[str, list[str]], set[str]]] = [
    ({}, {"quebec", "montreal", "texan"}), ({"countries": ["CA"]}, {"quebec", "montreal"}),
    ({"countries": ["US"]}, {"texan"}), ({"programs": ["us-tx"]}, {"texan"}),
    ({"programs": ["ca-qc"]}, {"quebec", "montreal"}), ({"countries": ["CA", "US"]}, {"quebec", "montreal", "texan"}),
    ({"countries": ["CA"], "programs": ["us-tx"]}, {"quebec", "montreal", "texan"}),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "asked"), CHOICES)
def test_only_those_who_are_chosen_are_told_see_and_take_a_review(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any, montreal: Any, texan: Any,
    chosen: dict[str, list[str]], asked: set[str],
) -> None:  # fmt: skip
    people = {"quebec": quebec_coordinator, "montreal": montreal, "texan": texan}
    review = ask(draft_alert, baja_coordinator, **chosen)
    assert told(review) == {people[name].email for name in asked}
    for name, person in people.items():
        visible = TextReview.objects.visible_to(person).exists()  # type: ignore[attr-defined]
        client = signed_in(person)
        listed = client.get(reverse("api:text-review-list")).json()["results"]
        opened = client.get(review.url).status_code == 200
        assert {visible, bool(listed), opened, on_desk(person)} == {name in asked}, name
    for name in set(people) - asked:
        with pytest.raises(NotPermitted):
            text_reviews.take(review=review, by=people[name])
        assert signed_in(people[name]).post(reverse("api:text-review-take", args=[review.pk])).status_code == 404
    text_reviews.take(review=review, by=people[min(asked)])
    assert TextReview.objects.get().taken_by == people[min(asked)]


def test_choice_of_which_nobody_could_review_is_refused(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, quebec_coordinator: Any
) -> None:
    baja_coordinator.reads_languages = ["es", "fr"]
    baja_coordinator.save()
    for chosen in ({"countries": ["US"]}, {"programs": ["us-tx"]}, {"countries": ["MX"]}):
        with pytest.raises(ActRefused):  # in Mexico only whoever asks reads French
            ask(draft_alert, baja_coordinator, **chosen)
    assert not TextReview.objects.exists()
    assert not Delivery.objects.filter(notice__kind="text_review_wanted").exists()


def test_page_offers_those_who_could_review_and_keeps_the_choice(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any, texan: Any
) -> None:
    edited(draft_alert, "fr", baja_coordinator)
    client = signed_in(baja_coordinator, "es")
    address = reverse("alerts:alert-detail", args=[draft_alert.pk])
    page = html.fromstring(client.get(address).text)
    assert page.xpath('//input[@name="review-fr-countries"]/@value') == ["US", "MX", "CA"]
    assert page.xpath('//input[@name="review-fr-programs"]/@value') == ["ca-qc", "us-tx"]
    assert page.xpath('//input[starts-with(@name, "review-fr-")][@checked]') == [], "at first everybody is asked"
    ask_page = reverse("alerts:text-review-ask", args=[draft_alert.pk, "fr"])
    typed = {"review-fr-source_language": "es", "review-fr-programs": ["ca-qc"], "nonce": NONCE}
    wrong = {**typed, "review-fr-programs": ["us-ca"], "nonce": f"{NONCE}0"}
    client.post(ask_page, wrong)
    assert not TextReview.objects.exists(), "a program in which nobody reads the language is not on the list"
    for _time in range(2):
        assert client.post(ask_page, typed).status_code == 302
    review = TextReview.objects.get()
    assert (review.countries, review.programs) == ([], ["ca-qc"])
    for place in (address, review.url):
        assert "Solo se preguntó" in client.get(place).text
    event = AuditEvent.objects.get(action="textreview.asked")
    said = {name: event.detail[name] for name in ("language", "countries", "programs")}
    assert said == {"language": "fr", "countries": [], "programs": ["ca-qc"]}


def test_partner_system_asks_chosen_programs_once(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any, texan: Any
) -> None:
    edited(draft_alert, "fr", baja_coordinator)
    client = signed_in(baja_coordinator)
    address = reverse("api:alert-ask-review", args=[draft_alert.pk])
    body = {"language": "fr", "source_language": "es", "countries": ["CA"], "programs": ["us-tx"]}
    for wrong, field in (({"countries": ["FR"]}, "countries"), ({"programs": ["zz-zz"]}, "programs")):
        answer = client.post(address, {**body, **wrong}, "application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    nobody = {**body, "countries": ["MX"], "programs": []}
    assert client.post(address, nobody, "application/json").status_code == 409
    key = {"Idempotency-Key": "one"}
    first, second = (client.post(address, body, "application/json", headers=key) for _time in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert (first.json()["countries"], first.json()["programs"]) == (["CA"], ["us-tx"])
    assert told(TextReview.objects.get()) == {quebec_coordinator.email, texan.email}
