"""Words reviewed by colleagues in other countries: what asking releases, to whom, and what a review changes (U10)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import delivery
from alerts.choices import TextStanding
from alerts.desk_items import what_needs
from alerts.models import Alert, AlertUpdate, Delivery, TextReview
from alerts.services import approvals, drafts, issuing, preparing, takedown, text_reviews, updates
from alerts.services.updates import update_hash
from cases.models import Case, Child, PublicationAuthority, Vehicle
from cases.services.facts import record_facts
from tests.alerts.test_approvals import approved, bases, edited
from tests.reading import as_read

pytestmark = pytest.mark.django_db
record = partial(text_reviews.record_review, typed_words_read=True)


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def asked(draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any) -> TextReview:
    """French words that an officer of Baja California edited, offered for review; Québec's coordinator reads French."""
    edited(draft_alert, "fr", baja_coordinator)
    return text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")


@pytest.fixture
def taken(asked: TextReview, quebec_coordinator: Any) -> TextReview:
    """The same, taken by Québec's coordinator."""
    text_reviews.take(review=asked, by=quebec_coordinator)
    return asked


def kinds(user: Any) -> list[str]:
    """Return the kinds of what waits on this person's desk."""
    return [item.kind for item in what_needs(type(user).objects.get(pk=user.pk))]


def test_taking_shows_the_words_and_nothing_else_of_the_case(taken: TextReview, quebec_coordinator: Any) -> None:
    client = signed_in(quebec_coordinator)
    page = client.get(taken.url)
    assert page.status_code == 200
    for words in (taken.words, taken.source_words, taken.facts_words):
        assert words["headline"] in page.context["form"].initial.values() or words["headline"] in as_read(page.text)
    case = taken.case
    assert case.reference not in page.text and str(case.pk) not in page.text and "/cases/" not in page.text.replace(
        "href=\"/cases/\"", "")  # fmt: skip
    for address in (
        reverse("alerts:alert-detail", args=[taken.alert_id]), reverse("cases:case-detail", args=[case.pk]),
        reverse("alerts:request-detail", args=[taken.alert.request_id]),
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert not Case.objects.visible_to(quebec_coordinator).exists()
    assert not Alert.objects.visible_to(quebec_coordinator).exists()
    assert AuditEvent.objects.filter(action="textreview.read", actor_id=quebec_coordinator.pk).exists()


def test_queue_tells_number_and_program_but_no_word_before_it_is_taken(
    asked: TextReview, quebec_coordinator: Any, mailoutbox: list[Any]
) -> None:
    item = next(item for item in what_needs(quebec_coordinator) if item.kind == "text_review")
    assert (item.reference, item.url) == (asked.alert.number, asked.url)
    page = signed_in(quebec_coordinator).get(asked.url)
    assert page.context["form"] is None
    for trace in ("Zoraida", "Quimby", "7XYZ123", "canary", asked.case.reference, asked.words["headline"]):
        assert trace not in page.text, trace
    while delivery.send_due():
        pass
    (mail,) = [mail for mail in mailoutbox if mail.to == [quebec_coordinator.email]]
    assert asked.alert.number in mail.subject and asked.url in mail.body
    for trace in ("Zoraida", "Quimby", "7XYZ123", asked.case.reference):
        assert trace not in mail.subject + mail.body, trace


@pytest.mark.parametrize(
    ("agency", "role", "reads"),
    [
        ("ca-qc-sq", "coordinator", []),  # pages in French, but declared no language
        ("ca-qc-sq", "coordinator", ["en"]),
        ("ca-qc-sq", "staff", ["fr"]),
        ("ca-qc-sq", "legal_advisor", ["fr"]),
        ("ca-on-tps", "coordinator", ["fr"]),  # police that runs no program
    ],
)
def test_who_may_not_review_learns_nothing(
    asked: TextReview, make_user: Any, agency: str, role: str, reads: list[str]
) -> None:
    person = make_user("x@elsewhere.example", agency, role, "fr")
    person.reads_languages = reads
    person.save()
    assert not TextReview.objects.visible_to(person).exists()
    assert "text_review" not in kinds(person)
    assert signed_in(person).get(asked.url).status_code == 404
    with pytest.raises(NotPermitted):
        text_reviews.take(review=asked, by=person)
    assert not Delivery.objects.filter(notice__kind="text_review_wanted", user=person).exists()


def test_only_one_colleague_has_the_words_and_may_hand_them_back(
    taken: TextReview, quebec_coordinator: Any, make_user: Any
) -> None:
    second = make_user("mireille@spvm.example", "ca-qc-spvm", "duty_officer", "fr")
    assert signed_in(second).get(taken.url).status_code == 404
    with pytest.raises(TransitionConflict):
        text_reviews.take(review=taken, by=second)
    with pytest.raises(NotPermitted):
        record(review=taken, by=second, words=taken.words)
    text_reviews.hand_back(review=taken, by=quebec_coordinator)
    assert signed_in(quebec_coordinator).get(taken.url).context["form"] is None
    text_reviews.take(review=taken, by=second)
    assert taken.taken_by == second
    assert signed_in(quebec_coordinator).get(taken.url).status_code == 404


def test_author_of_the_words_reviews_them_not(draft_alert: Alert, baja_coordinator: Any, baja_approver: Any) -> None:
    for person in (baja_coordinator, baja_approver):
        person.reads_languages = ["es", "fr"]
        person.save()
    edited(draft_alert, "fr", baja_coordinator)
    review = text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    with pytest.raises(NotPermitted):
        text_reviews.take(review=review, by=baja_coordinator)
    text_reviews.take(review=review, by=baja_approver)  # a colleague of the same program may


def test_confirmed_words_are_reviewed_by_name_and_go_along(
    taken: TextReview, quebec_coordinator: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    record(review=taken, by=quebec_coordinator, words=taken.words, note="Rien à redire.")
    alert = taken.alert
    text = alert.texts.get(language="fr")
    assert (taken.status, taken.note, text.reviewer) == ("confirmed", "Rien à redire.", quebec_coordinator)
    assert text.standing == TextStanding.REVIEWED
    page = signed_in(quebec_coordinator).get(taken.url)
    assert page.status_code == 200 and "canary" not in page.text
    drafts.submit(alert=alert, by=baja_coordinator)
    approved(alert, baja_approver)
    assert bases(alert) == {"es": "read", "en": "composed", "fr": "reviewed"}
    event = alert.case.events.get(kind="textreview.confirm")
    assert (event.actor, event.agency.code, event.only_for.code) == (quebec_coordinator, "ca-qc-sq", "mx-bcn-amber")
    own_page = signed_in(baja_coordinator).get(reverse("alerts:alert-detail", args=[alert.pk])).text
    assert quebec_coordinator.full_name in own_page and "Rien à redire." in own_page


def test_reviewed_words_meet_a_required_language_which_composed_ones_do_not(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, quebec_coordinator: Any
) -> None:
    program = draft_alert.program
    program.languages_required = ["es", "fr"]
    program.save()
    review = text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    text_reviews.take(review=review, by=quebec_coordinator)
    record(review=review, by=quebec_coordinator, words=review.words)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert draft_alert.status == "approved"
    assert bases(draft_alert) == {"es": "read", "en": "composed", "fr": "reviewed"}


def test_correction_voids_the_approval_of_its_language_only(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, quebec_coordinator: Any
) -> None:
    review = text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert set(bases(draft_alert)) == {"en", "es", "fr"}
    text_reviews.take(review=review, by=quebec_coordinator)
    words = {**review.words, "headline": review.words["headline"][:150] + " (corrigé)"}
    record(review=review, by=quebec_coordinator, words=words)
    draft_alert.refresh_from_db()
    assert (draft_alert.status, bases(draft_alert)) == ("approved", {"es": "read", "en": "composed"})
    assert quebec_coordinator.pk in draft_alert.authors
    assert approvals.is_as_approved(draft_alert)
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    message = draft_alert.messages.get()
    assert sorted(message.texts) == ["en", "es"]
    update = AlertUpdate.objects.get()  # and the language follows
    assert (update.kind, update.texts["fr"]["headline"]) == ("languages", words["headline"])


def test_words_changed_since_they_were_offered_need_a_new_review(
    taken: TextReview, quebec_coordinator: Any, baja_coordinator: Any
) -> None:
    edited(taken.alert, "fr", baja_coordinator)
    taken.refresh_from_db()
    assert taken.status == "superseded"
    with pytest.raises(TransitionConflict):
        record(review=taken, by=quebec_coordinator, words=taken.words)
    assert taken.alert.texts.get(language="fr").reviewer is None
    assert signed_in(quebec_coordinator).get(taken.url).context["form"] is None


def test_what_ended_or_was_withdrawn_is_shown_to_nobody_elsewhere(
    active_alert: Alert, baja_coordinator: Any, baja_approver: Any, quebec_coordinator: Any
) -> None:
    review = text_reviews.ask_review(alert=active_alert, by=baja_coordinator, language="fr", source_language="es")
    text_reviews.take(review=review, by=quebec_coordinator)
    client = signed_in(quebec_coordinator)
    assert client.get(review.url).context["form"] is not None
    takedown.withdraw(alert=active_alert, by=baja_approver, kind="photo", reason="error")
    assert client.get(review.url).status_code == 404
    with pytest.raises(NotPermitted):
        record(review=review, by=quebec_coordinator, words=review.words)
    with pytest.raises(ActRefused):
        text_reviews.ask_review(alert=active_alert, by=baja_coordinator, language="en", source_language="es")


def test_review_of_a_case_that_ended_is_gone(taken: TextReview, quebec_coordinator: Any) -> None:
    Case.objects.filter(pk=taken.case.pk).update(status="hoax")
    assert signed_in(quebec_coordinator).get(taken.url).status_code == 404
    assert "text_review" not in kinds(quebec_coordinator)


def test_offer_can_be_taken_back(taken: TextReview, quebec_coordinator: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    nonce = client.get(taken.url).context["nonce"]
    step = reverse("alerts:text-review-step", args=[taken.pk, "withdraw"])
    assert client.post(step, {"nonce": f"{nonce}-withdraw"}).status_code == 302
    page = signed_in(quebec_coordinator).get(taken.url)
    assert page.context["form"] is None and "canary" not in page.text


def test_only_the_program_itself_releases_words(
    asked: TextReview, draft_alert: Alert, california_coordinator: Any, baja_coordinator: Any
) -> None:
    with pytest.raises(NotPermitted):
        text_reviews.ask_review(alert=draft_alert, by=california_coordinator, language="en", source_language="es")
    with pytest.raises(ActRefused):  # asked for already
        text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    with pytest.raises(ActRefused):  # beside itself
        text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="en", source_language="en")


def test_words_without_authority_are_not_released(draft_alert: Alert, baja_coordinator: Any) -> None:
    PublicationAuthority.objects.filter(item="child_name").delete()
    edited(draft_alert, "fr", baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    assert "authority" in str(refusal.value.message)
    assert not TextReview.objects.exists()


def test_page_takes_records_and_brings_a_wrong_correction_back(asked: TextReview, quebec_coordinator: Any) -> None:
    client = signed_in(quebec_coordinator)
    nonce = client.get(asked.url).context["nonce"]
    step = reverse("alerts:text-review-step", args=[asked.pk, "take"])
    assert client.post(step, {"nonce": f"{nonce}-take"})["Location"] == asked.url
    form = {f"words-{name}": value for name, value in {**asked.words, "typed_words_read": "on"}.items()}
    wrong = client.post(asked.url, {**form, "words-headline": "", "nonce": "n-review"})
    assert wrong.status_code == 422 and asked.words["description"].splitlines()[0] in wrong.text
    Child.objects.create(case=asked.case, given_names="Wilhelmina", first_surname="Quimby")  # nobody may name her
    named = {**form, "words-headline": "Wilhelmina Quimby disparue", "nonce": "n-review"}
    refused = client.post(asked.url, named)
    assert refused.status_code == 422 and "Wilhelmina Quimby disparue" in refused.text, "what was typed comes back"
    done = client.post(asked.url, {**form, "words-headline": "Enfant disparue", "nonce": "n-review"})
    assert done.status_code == 302
    asked.refresh_from_db()
    assert asked.status == "corrected"
    assert asked.alert.texts.get(language="fr").headline == "Enfant disparue"


def test_api_offers_takes_and_records(draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any) -> None:
    asker, reviewer = signed_in(baja_coordinator), signed_in(quebec_coordinator)
    asked = asker.post(
        f"/api/v1/alerts/{draft_alert.pk}/ask-review/", {"language": "fr", "source_language": "es"},
        content_type="application/json",
    )  # fmt: skip
    assert asked.status_code == 201
    address = f"/api/v1/text-reviews/{asked.json()['id']}/"
    assert reviewer.get(address).json()["words"] is None
    assert reviewer.post(f"{address}take/", content_type="application/json").status_code == 200
    words = reviewer.get(address).json()["words"]
    assert asker.get(address).json()["words"] is None
    done = reviewer.post(f"{address}record/", words, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "confirmed")
    assert reviewer.get(address).json()["words"] is None
    assert len(reviewer.get("/api/v1/text-reviews/").json()["results"]) == 1


# --- a language that follows while the alert is active -------------------------------------------------------------


@pytest.fixture
def waiting(draft_alert: Alert, recipient: Any, baja_coordinator: Any, baja_approver: Any) -> Alert:
    """An active alert whose English words were edited and not reviewed: it went out in Spanish and French."""
    edited(draft_alert, "en", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    assert not AlertUpdate.objects.exists()
    return draft_alert


def reviewed_in_english(alert: Alert, by: Any, reader: Any) -> None:
    """Let a colleague in California confirm the English words."""
    review = text_reviews.ask_review(alert=alert, by=by, language="en", source_language="es")
    text_reviews.take(review=review, by=reader)
    record(review=review, by=reader, words=review.words)


def test_reviewed_language_follows_as_an_update_of_two_people(
    waiting: Alert, baja_coordinator: Any, baja_approver: Any, california_coordinator: Any, client: Client
) -> None:
    english = waiting.texts.get(language="en").headline
    reviewed_in_english(waiting, baja_coordinator, california_coordinator)
    update = waiting.updates.get()
    issued = waiting.messages.get().texts
    assert (update.kind, update.status) == ("languages", "prepared")
    assert {code: text["source"] for code, text in update.texts.items()} == {
        "es": "composed", "fr": "composed", "en": "reviewed",
    }  # fmt: skip
    assert {code: update.texts[code]["headline"] for code in issued} == {
        code: text["headline"] for code, text in issued.items()
    }
    assert waiting.duties.open().get().kind == "issue_update"
    updates.submit(update=update, by=baja_coordinator)
    with pytest.raises(ActRefused):
        updates.issue(update=update, by=baja_coordinator, seen_hash=update_hash(update))
    message = updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert sorted(message.texts) == ["en", "es", "fr"]
    page = as_read(client.get(f"/en/alerts/{waiting.public.public_id}/").text)
    assert english in page and "not approved in English yet" not in page


def test_update_of_languages_carries_no_unreviewed_language(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, california_coordinator: Any
) -> None:
    edited(draft_alert, "en", baja_coordinator)
    edited(draft_alert, "fr", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    reviewed_in_english(draft_alert, baja_coordinator, california_coordinator)
    assert sorted(draft_alert.updates.get().texts) == ["en", "es"]


def test_approver_who_reads_the_language_lets_it_follow_too(waiting: Alert, make_user: Any) -> None:
    reader = make_user("bruno.approver@baja.example", "mx-bcn-amber", "coordinator", "es")
    reader.reads_languages = ["es", "en"]
    reader.save()
    approved(waiting, reader, languages=["en"])
    assert waiting.updates.get().kind == "languages"


def test_words_of_earlier_facts_do_not_follow(
    waiting: Alert, baja_coordinator: Any, california_coordinator: Any, california_officer: Any
) -> None:
    review = text_reviews.ask_review(alert=waiting, by=baja_coordinator, language="en", source_language="es")
    text_reviews.take(review=review, by=california_coordinator)
    vehicle = Vehicle.objects.get()
    vehicle.plate = "8ABC456"
    record_facts(case=waiting.case, by=california_officer, items=[(vehicle, ["plate"])])
    record(review=review, by=california_coordinator, words=review.words)
    update = waiting.updates.open().get()
    assert update.kind == "change"
    assert "canary" not in str(update.texts) and "8ABC456" in update.texts["en"]["description"]


def test_renewal_takes_the_reviewed_language_along(
    waiting: Alert, baja_coordinator: Any, california_coordinator: Any
) -> None:
    preparing.prepare(alert=waiting, kind="renewal", by=baja_coordinator, hours=24, reason="new_area")
    reviewed_in_english(waiting, baja_coordinator, california_coordinator)
    update = waiting.updates.open().get()
    assert (update.kind, update.hours, sorted(update.texts)) == ("renewal", 24, ["en", "es", "fr"])


def test_confirming_what_is_public_already_prepares_nothing(
    active_alert: Alert, baja_coordinator: Any, california_coordinator: Any
) -> None:
    reviewed_in_english(active_alert, baja_coordinator, california_coordinator)
    assert not active_alert.updates.exists()


def test_correcting_what_is_public_prepares_an_update(
    active_alert: Alert, baja_coordinator: Any, california_coordinator: Any
) -> None:
    review = text_reviews.ask_review(alert=active_alert, by=baja_coordinator, language="en", source_language="es")
    text_reviews.take(review=review, by=california_coordinator)
    words = {**review.words, "headline": "Missing child"}
    record(review=review, by=california_coordinator, words=words)
    update = active_alert.updates.get()
    assert (update.kind, update.texts["en"]["headline"]) == ("languages", "Missing child")
    assert california_coordinator.pk in update.authors
