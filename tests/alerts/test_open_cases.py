"""After the broadcast: nothing of the child, unless the program's rules and an approver keep the open case (U13)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.urls import reverse
from lxml import html
from PIL import Image

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts.management.commands.relay import PERIODIC
from alerts.models import Alert, PublicAlert, Redaction
from alerts.services import issuing, open_cases, takedown
from cases.models import CaseEvent, Child, PublicationAuthority
from cases.services.closures import close_case
from cases.services.facts import add_photo, record_facts
from cases.services.publication import revoke_authority
from cases.services.recoveries import confirm_identity
from tests.alerts.expiring import allow_open_cases, expire, expire_with_open_cases
from tests.alerts.test_recovery import located, recover
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db
CANARIES = ("Zoraida", "Quimby", "Waldemar", "7XYZ123")
CONTINUES = {
    "en": "The broadcast period has ended, the search continues",
    "es": "Concluyó el periodo de difusión; la búsqueda continúa",
    "fr": "La période de diffusion est terminée, les recherches se poursuivent",
}


def picture() -> bytes:
    """Return a small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(out, "JPEG")
    return out.getvalue()


def everything_public(client: Any, public: PublicAlert) -> str:
    """Return what a stranger reads at every public address of an alert, in three languages."""
    read = []
    for language in ("en", "es", "fr"):
        for name, args in (
            ("public:alert-detail", [language, public.public_id]),
            ("public:alert-poster", [language, public.public_id]),
            ("public:alert-list", [language]),
            ("public:feed", [language]),
        ):
            read.append(client.get(reverse(name, args=args)).content.decode(errors="replace"))
    read.append(client.get(reverse("public:alert-cap", args=[public.public_id])).content.decode())
    read.append(client.get(reverse("public:alert-number-form"), {"number": public.number}).content.decode())
    return "\n".join(read)


def detail(client: Any, language: str = "en") -> Any:
    """Return the answer of the alert's public page."""
    return client.get(reverse("public:alert-detail", args=[language, PublicAlert.objects.get().public_id]))


@pytest.fixture
def shown_alert(intake_case: Any, california_officer: Any, request: pytest.FixtureRequest) -> Alert:
    """The active alert with the child's picture."""
    child = intake_case.children.get()
    add_photo(case=intake_case, by=california_officer, raw=picture(), child=child, basis="parental_consent")
    alert: Alert = request.getfixturevalue("active_alert")
    alert.refresh_from_db()
    assert PublicAlert.objects.get().photos.exists()
    return alert


@pytest.fixture
def open_case(shown_alert: Alert, baja_approver: Any) -> Alert:
    """The alert after its broadcast, put up again as an open case."""
    expire_with_open_cases(shown_alert)
    open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    return shown_alert


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_expired_page_says_that_the_search_goes_on_and_names_nobody(language, shown_alert, client):
    expire_with_open_cases(shown_alert)  # allowed, yet nobody has decided
    public, program = PublicAlert.objects.get(), shown_alert.program
    answer = detail(client, language)
    page = answer.content.decode()
    assert answer.status_code == 410
    assert CONTINUES[language] in page
    assert f'href="tel:{program.tip_phone}"' in page
    assert f'href="tel:{program.abroad_phone}"' in page
    read = everything_public(client, public)
    assert not [canary for canary in CANARIES if canary in read]
    assert "/alerts/photos/" not in read


def test_expired_page_of_a_case_that_ended_since_asks_to_delete(shown_alert, client, california_coordinator):
    expire(shown_alert)
    assert CONTINUES["en"] in detail(client).content.decode()
    close_case(case=shown_alert.case, by=california_coordinator, reason="hoax", alert_effect="no_alert", category="FAM")
    page = detail(client).content.decode()
    assert "please delete posts and pictures" in page
    assert CONTINUES["en"] not in page


def test_open_case_shows_what_was_issued_until_the_search_is_over(open_case, client):
    public = PublicAlert.objects.get()
    for language in ("en", "es", "fr"):
        answer = detail(client, language)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert CONTINUES[language] in page
        assert "Zoraida Quimby" in page
        assert 'href="tel:911"' in page
        assert answer["X-Robots-Tag"].startswith("noindex")
        assert answer["Cache-Control"] == "max-age=30, must-revalidate"
    assert client.get(reverse("public:alert-photo", args=[public.photos.get().public_id])).status_code == 200
    said = {text.language: text.description for text in public.texts.all()}
    assert said == {code: text["description"] for code, text in open_case.messages.get().texts.items()}


def test_feeds_lists_posters_and_cap_treat_the_open_case_as_ended(open_case, client):
    public = PublicAlert.objects.get()
    for language in ("en", "es", "fr"):
        for name in ("public:alert-list", "public:feed"):
            read = client.get(reverse(name, args=[language])).content.decode()
            assert public.number not in read
            assert "Zoraida" not in read
        assert client.get(reverse("public:alert-poster", args=[language, public.public_id])).status_code == 410
    assert client.get(reverse("public:alert-cap", args=[public.public_id])).status_code == 410


def test_number_look_up_agrees_with_the_page(shown_alert, client, baja_approver):
    number, form = shown_alert.number, reverse("public:alert-number-form")
    expire_with_open_cases(shown_alert)
    asked = client.get(form, {"number": number}).content.decode()
    assert CONTINUES["en"] in asked
    assert shown_alert.program.tip_phone in asked
    assert PublicAlert.objects.get().public_id not in asked
    open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    address = reverse("public:alert-detail", args=["en", PublicAlert.objects.get().public_id])
    asked = client.get(form, {"number": number}).content.decode()
    assert "Not active" in asked
    assert address in asked
    assert client.get(reverse("public:alert-number", args=[number]))["Location"] == address
    takedown.withdraw(alert=shown_alert, by=baja_approver, kind="whole", reason="family_request")
    assert address not in client.get(form, {"number": number}).content.decode()
    assert client.get(reverse("public:alert-number", args=[number])).status_code == 200


def test_fresh_decision_is_recorded_with_its_reason(open_case, baja_approver, client, baja_coordinator):
    event = CaseEvent.objects.get(kind="alert.open_case")
    assert (event.actor, event.detail) == (baja_approver, {"reason": "public_can_help"})
    assert AuditEvent.objects.filter(action="alert.open_case", actor_id=baja_approver.pk).count() == 1
    open_case.refresh_from_db()
    assert open_case.status == "expired"
    client.force_login(baja_coordinator)
    page = client.get(reverse("cases:case-detail", args=[open_case.case_id])).content.decode()
    assert "La ciudadanía todavía puede ayudar en la búsqueda" in page


def test_program_whose_rules_do_not_allow_it_keeps_nothing(shown_alert, baja_approver, client):
    expire(shown_alert)
    with pytest.raises(ActRefused) as refusal:
        open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    assert "keep nothing public" in str(refusal.value.message)
    client.force_login(baja_approver)
    page = client.get(reverse("alerts:alert-detail", args=[shown_alert.pk])).content.decode()
    assert reverse("alerts:alert-open-case", args=[shown_alert.pk]) not in page


def test_active_or_cancelled_alert_is_no_open_case(shown_alert, baja_approver):
    allow_open_cases(shown_alert.program)
    with pytest.raises(ActRefused):
        open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    issuing.cancel(alert=shown_alert, by=baja_approver, reason="suspect_caught")
    with pytest.raises(ActRefused):
        open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    assert not PublicAlert.objects.get().is_open_case


def test_who_wrote_or_submitted_the_words_does_not_decide(shown_alert, baja_coordinator):
    expire_with_open_cases(shown_alert)
    with pytest.raises(ActRefused) as refusal:
        open_cases.put_up(alert=shown_alert, by=baja_coordinator, reason="public_can_help")
    assert "another approver" in str(refusal.value.message)


def test_nobody_else_puts_it_up(shown_alert, california_coordinator, make_user):
    expire_with_open_cases(shown_alert)
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    for by in (california_coordinator, officer):
        with pytest.raises(NotPermitted):
            open_cases.put_up(alert=shown_alert, by=by, reason="public_can_help")


def test_reason_is_needed_and_it_is_put_up_once(open_case, baja_approver, client):
    with pytest.raises(ActRefused) as refusal:
        open_cases.put_up(alert=open_case, by=baja_approver, reason="public_can_help")
    assert "public already" in str(refusal.value.message)
    takedown.withdraw(alert=open_case, by=baja_approver, kind="photo", reason="error")
    client.force_login(baja_approver)
    assert client.post(reverse("alerts:alert-open-case", args=[open_case.pk]), {"nonce": "n"}).status_code == 422


@pytest.mark.parametrize("item", ["child_name", "photo"])
def test_what_lost_its_authority_is_not_shown_again(item, shown_alert, baja_approver, california_officer, client):
    expire_with_open_cases(shown_alert)
    for row in PublicationAuthority.objects.filter(item=item):
        revoke_authority(authority=row, by=california_officer)
    open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    public = PublicAlert.objects.get()
    read = everything_public(client, public)
    assert ("Zoraida" in read) == (item != "child_name")
    assert public.photos.exists() == (item != "photo")
    assert "7XYZ123" in read


def test_facts_learned_after_the_last_issue_are_not_shown(shown_alert, baja_approver, california_officer, client):
    expire_with_open_cases(shown_alert)
    vehicle = shown_alert.case.vehicles.get()
    vehicle.plate = "8CANARY"
    record_facts(case=shown_alert.case, by=california_officer, items=[(vehicle, ["plate"])])
    open_cases.put_up(alert=shown_alert, by=baja_approver, reason="new_sightings")
    assert "8CANARY" not in everything_public(client, PublicAlert.objects.get())


def test_approver_takes_a_part_or_all_of_it_down_at_once(open_case, baja_approver, client):
    public = PublicAlert.objects.get()
    child = open_case.case.children.get()
    assert (
        takedown.withdraw(alert=open_case, by=baja_approver, kind="child_name", reason="family_request", child=child)
        is None
    )
    read = everything_public(client, public)
    assert "Zoraida" not in read
    assert "7XYZ123" in read
    takedown.withdraw(alert=open_case, by=baja_approver, kind="whole", reason="family_request")
    read = everything_public(client, public)
    assert not [canary for canary in CANARIES if canary in read]
    assert detail(client).status_code == 410
    with pytest.raises(ActRefused) as refusal:
        open_cases.put_up(alert=open_case, by=baja_approver, reason="public_can_help")
    assert "Only a new alert" in str(refusal.value.message)


def test_recovery_takes_it_down_in_its_own_transaction(open_case, california_officer, baja_coordinator, client):
    child = open_case.case.children.get()
    recovery = located(child, baja_coordinator)
    assert detail(client).status_code == 200  # not yet: identity is pending
    for officer in (baja_coordinator, california_officer):
        confirm_identity(recovery=recovery, by=officer, method="document")
    public = PublicAlert.objects.get()
    assert not public.texts.exists()
    assert not public.photos.exists()
    read = everything_public(client, public)
    assert not [canary for canary in CANARIES if canary in read]
    assert "please delete posts and pictures" in read


def test_hoax_takes_it_down(open_case, california_coordinator, client):
    close_case(case=open_case.case, by=california_coordinator, reason="hoax", alert_effect="no_alert", category="FAM")
    assert not PublicAlert.objects.get().texts.exists()
    assert detail(client).status_code == 410


def test_of_two_children_the_recovered_one_leaves_the_open_case(
    intake_case, california_officer, baja_coordinator, baja_approver, request, client
):
    brother = Child(given_names="Ezequiel", first_surname="Quimby", sex="M", age_years=4)
    record_facts(case=intake_case, by=california_officer, items=[(brother, ["given_names"])])
    authorize_everything(intake_case, california_officer)
    alert = request.getfixturevalue("active_alert")
    expire_with_open_cases(alert)
    open_cases.put_up(alert=alert, by=baja_approver, reason="public_can_help")
    girl = alert.case.children.get(given_names="Zoraida")
    recover(girl, baja_coordinator, california_officer)
    read = everything_public(client, PublicAlert.objects.get())
    assert "Zoraida" not in read
    assert "Ezequiel" in read
    assert Redaction.objects.get().child == girl
    assert not alert.updates.exists()


def test_child_recovered_between_expiry_and_decision_is_never_shown(
    intake_case, california_officer, baja_coordinator, baja_approver, request, client
):
    brother = Child(given_names="Ezequiel", first_surname="Quimby", sex="M", age_years=4)
    record_facts(case=intake_case, by=california_officer, items=[(brother, ["given_names"])])
    authorize_everything(intake_case, california_officer)
    alert = request.getfixturevalue("active_alert")
    expire_with_open_cases(alert)
    recover(alert.case.children.get(given_names="Zoraida"), baja_coordinator, california_officer)
    open_cases.put_up(alert=alert, by=baja_approver, reason="public_can_help")
    read = everything_public(client, PublicAlert.objects.get())
    assert "Zoraida" not in read
    assert "Ezequiel" in read


def test_rules_taken_back_take_the_page_down_within_the_next_round(open_case, client):
    assert open_cases.end_unfounded() == 0
    allow_open_cases(open_case.program, False)
    assert open_cases.end_unfounded in PERIODIC
    assert open_cases.end_unfounded() == 1
    assert detail(client).status_code == 410
    assert CaseEvent.objects.filter(kind="alert.open_case_ended", actor=None).count() == 1
    assert open_cases.end_unfounded() == 0


def test_approver_sees_which_authorities_hold_before_deciding(shown_alert, baja_approver, california_officer, client):
    expire_with_open_cases(shown_alert)
    for row in PublicationAuthority.objects.filter(item="child_name"):
        revoke_authority(authority=row, by=california_officer)
    client.force_login(baja_approver)
    page = html.fromstring(client.get(reverse("alerts:alert-detail", args=[shown_alert.pk])).content.decode())
    (section,) = page.xpath('//section[@id="publication"]')
    assert section.xpath('.//li[contains(., "Zoraida")][contains(., "no se publica")]')
    assert section.xpath('.//li[contains(., "Waldemar")][contains(., "Autorización registrada")]')


def test_page_puts_it_up_in_one_act(shown_alert, baja_approver, client):
    expire_with_open_cases(shown_alert)
    client.force_login(baja_approver)
    address = reverse("alerts:alert-open-case", args=[shown_alert.pk])
    page = client.get(reverse("alerts:alert-detail", args=[shown_alert.pk])).content.decode()
    assert address in page
    assert client.post(address, {"nonce": "a"}).status_code == 422
    assert client.post(address, {"nonce": "b", "open-case-reason": "new_sightings"}).status_code == 302
    assert PublicAlert.objects.get().is_open_case
    page = client.get(reverse("alerts:alert-detail", args=[shown_alert.pk])).content.decode()
    assert reverse("alerts:alert-withdraw", args=[shown_alert.pk]) in page


def test_api_puts_it_up_like_the_page(shown_alert, baja_approver, baja_coordinator, california_coordinator, client):
    expire_with_open_cases(shown_alert)
    address = reverse("api:alert-open-case", args=[shown_alert.pk])
    body = {"reason": "public_can_help"}
    for person, status in ((california_coordinator, 404), (baja_coordinator, 409), (baja_approver, 200)):
        client.force_login(person)
        assert client.post(address, {"reason": "x"}, content_type="application/json").status_code in (400, 404)
        assert client.post(address, body, content_type="application/json").status_code == status
    assert PublicAlert.objects.get().is_open_case
