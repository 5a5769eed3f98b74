"""No name, photo or suspect detail without an authority for this program (U28)."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from agencies.choices import NEVER_PUBLIC, Country, Language, PublicField
from agencies.models import AlertProgram, CriteriaVersion
from agencies.refusals import ActRefused, NotPermitted
from alerts import publication
from alerts.composing.compose import compose
from alerts.gathering import gather_facts, lexicon
from alerts.models import PublicAlert
from alerts.services import approvals, drafts, issuing, publishing
from cases.choices import PublicItem
from cases.models import Child, Person, PublicationAuthority
from cases.services.facts import add_photo
from cases.services.publication import public_items, record_authority, revoke_authority

pytestmark = pytest.mark.django_db
NAMES = ("Zoraida", "Quimby", "Waldemar")
LOOKS = ("41", "cabello negro")


@pytest.fixture
def bare_case(active_case: Any) -> Any:
    """California's case before anybody recorded an authority."""
    PublicationAuthority.objects.all().delete()
    return active_case


@pytest.fixture
def baja() -> AlertProgram:
    return AlertProgram.objects.get(code="mx-bcn")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "JPEG")
    return out.getvalue()


def words(case: Any, program: AlertProgram, language: str = "es") -> str:
    """Return everything the program's composed text says."""
    text = compose(gather_facts(case, program, "BCN-2026-0001"), language, lexicon())  # type: ignore[arg-type]
    return "\n".join((text.headline, text.description, text.instruction, text.short))


def items_of(case: Any, *wanted: str) -> list[Any]:
    return [(item, subject) for item, subject in public_items(case) if item in wanted]


def test_nothing_is_told_without_an_authority(bare_case, baja):
    for language in ("en", "es", "fr"):
        text = words(bare_case, baja, language)
        assert not [name for name in NAMES if name in text]
    text = words(bare_case, baja)
    assert not [look for look in LOOKS if look in text]
    assert "7 años" in text and "7XYZ123" in text, "what needs no authority is told"


@pytest.mark.parametrize(
    "item, told, untold",
    [
        (PublicItem.CHILD_NAME, ["Zoraida Quimby"], ["Waldemar", "41"]),
        (PublicItem.SUSPECT_NAME, ["Waldemar Quimby"], ["Zoraida", "41"]),
        (PublicItem.SUSPECT_DETAILS, ["41"], ["Zoraida", "Waldemar"]),
    ],
)
def test_each_item_has_its_own_authority(bare_case, baja, california_officer, item, told, untold):
    record_authority(
        case=bare_case, by=california_officer, items=items_of(bare_case, item), countries=["MX"],
        basis="prosecutor_order",
    )  # fmt: skip
    text = words(bare_case, baja)
    assert [word for word in told if word not in text] == []
    assert [word for word in untold if word in text] == []


def test_authority_of_one_jurisdiction_serves_no_other(bare_case, baja, california_officer):
    named = items_of(bare_case, PublicItem.CHILD_NAME)
    record_authority(case=bare_case, by=california_officer, items=named, countries=["US"], basis="court_order")
    assert "Zoraida" not in words(bare_case, baja)
    assert "Zoraida" in words(bare_case, AlertProgram.objects.get(code="us-ca"))
    chihuahua = AlertProgram.objects.get(code="mx-chh")
    record_authority(case=bare_case, by=california_officer, items=named, programs=[baja], basis="court_order")
    assert "Zoraida" in words(bare_case, baja)
    assert "Zoraida" not in words(bare_case, chihuahua)


def test_ended_and_revoked_authorities_serve_nobody(bare_case, baja, california_officer):
    named = items_of(bare_case, PublicItem.CHILD_NAME)
    (row,) = record_authority(
        case=bare_case, by=california_officer, items=named, countries=["MX"], basis="court_order",
        valid_until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    assert "Zoraida" in words(bare_case, baja)
    PublicationAuthority.objects.update(valid_until=timezone.now())
    assert "Zoraida" not in words(bare_case, baja)
    PublicationAuthority.objects.update(valid_until=None)
    revoke_authority(authority=row, by=california_officer)
    assert "Zoraida" not in words(bare_case, baja)
    with pytest.raises(ActRefused):
        revoke_authority(authority=row, by=california_officer)


def test_asked_program_records_for_itself_only(draft_alert, baja_coordinator, quebec_coordinator, baja):
    case = draft_alert.case
    PublicationAuthority.objects.all().delete()
    named = items_of(case, PublicItem.CHILD_NAME)
    for by, kwargs in (
        (baja_coordinator, {"countries": ["MX"]}),
        (baja_coordinator, {"programs": [AlertProgram.objects.get(code="us-ca")]}),
        (quebec_coordinator, {"programs": [baja]}),
    ):
        with pytest.raises(NotPermitted):
            record_authority(case=case, by=by, items=named, basis="court_order", **kwargs)
    assert not PublicationAuthority.objects.exists()
    record_authority(case=case, by=baja_coordinator, items=named, programs=[baja], basis="court_order")
    assert PublicationAuthority.objects.get().recorded_by == baja_coordinator


def test_untouched_draft_tells_the_name_once_its_authority_is_recorded(bare_case, draft_alert, baja_coordinator):
    alert = draft_alert
    PublicationAuthority.objects.all().delete()
    drafts.write_from_facts(alert=alert, by=baja_coordinator)
    assert "Zoraida" not in alert.texts.get(language="es").description
    publishing.record_for_alert(
        alert=alert, by=baja_coordinator, items=items_of(alert.case, PublicItem.CHILD_NAME), basis="court_order",
        authorizer="court",
    )  # fmt: skip
    assert "Zoraida" in alert.texts.get(language="es").description


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_name_typed_without_an_authority_goes_no_further(draft_alert, baja_coordinator, language):
    PublicationAuthority.objects.all().delete()
    drafts.write_from_facts(alert=draft_alert, by=baja_coordinator)
    assert publication.objections(draft_alert) == []
    draft_alert.texts.filter(language=language).update(headline="ALERTA AMBER: ZORAIDA QUIMBY")
    with pytest.raises(ActRefused) as refusal:
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    assert str(refusal.value.message).endswith(f": {Language(language).label}.")


def test_given_name_that_is_a_color_is_not_taken_for_one(draft_alert, baja_coordinator):
    Child.objects.update(given_names="Rosa", first_surname="Blanco")
    PublicationAuthority.objects.filter(item="child_name").delete()
    draft_alert.texts.update(headline="Niña con blusa rosa", description="Blusa rosa.")
    assert publication.objections(draft_alert) == []
    draft_alert.texts.update(headline="Buscamos a Rosa")
    (objection,) = publication.objections(draft_alert)  # one sentence for all languages
    assert objection.endswith(": English, Español, Français.")


def test_activation_is_refused_when_a_published_name_lost_its_authority(
    approved_alert, baja_coordinator, california_officer
):
    for row in PublicationAuthority.objects.filter(item="child_name"):
        revoke_authority(authority=row, by=california_officer)
    with pytest.raises(ActRefused) as refusal:
        issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert "authority" in str(refusal.value.message)
    assert not PublicAlert.objects.exists()


def test_authority_that_ends_within_the_term_is_shown_and_refuses_nothing(client, approved_alert, baja_coordinator):
    PublicationAuthority.objects.update(valid_until=timezone.now() + timedelta(hours=2))
    client.force_login(baja_coordinator)
    page = client.get(f"/desk/alerts/{approved_alert.pk}/")
    assert {item["row"].state for item in page.context["publishing"]["public_items"]} == {"expires"}
    assert "Termina antes" in page.content.decode()
    issuing.activate(alert=approved_alert, by=baja_coordinator)


def test_photo_of_one_jurisdiction_is_not_shown_by_another(draft_alert, california_officer, baja_coordinator):
    photo = add_photo(
        case=draft_alert.case, by=california_officer, raw=picture(), child=draft_alert.case.children.get()
    )
    record_authority(
        case=draft_alert.case, by=california_officer, items=[(PublicItem.PHOTO, photo)], countries=["US"],
        basis="court_order",
    )  # fmt: skip
    with pytest.raises(ActRefused):
        drafts.edit_alert(alert=draft_alert, by=baja_coordinator, texts={}, duration_hours=24, photo=photo)
    draft_alert.photo = photo
    assert approvals.publishable(draft_alert).photo is None


def test_rules_of_the_program_keep_fields_out(active_case, baja, california_officer):
    Child.objects.update(medical=["asthma"])
    photo = add_photo(case=active_case, by=california_officer, raw=picture(), person=active_case.people.get())
    record_authority(
        case=active_case, by=california_officer, items=[(PublicItem.PHOTO, photo)], countries=["MX"],
        basis="court_order",
    )  # fmt: skip
    assert "Waldemar" in words(active_case, baja)
    assert publication.allowed_for(baja, active_case).shows(photo)
    CriteriaVersion.objects.filter(program=baja).update(public_fields=[])
    assert "Waldemar" not in words(active_case, baja)
    assert not publication.allowed_for(baja, active_case).shows(photo)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_no_program_tells_a_birth_date_or_a_race_where_the_law_forbids_it(active_case, language):
    """Every seeded program, whatever its row says: full birth date and race never in Mexico and Canada."""
    Child.objects.update(birth_date=date(2018, 3, 14), age_years=None)
    forms = ("2018", "14 de marzo", "14 mars", "March 14")
    CriteriaVersion.objects.update(public_fields=PublicField.values)
    for program in AlertProgram.objects.all():
        fields = publication.public_fields(program)
        if program.country in (Country.MX, Country.CA):
            assert not fields & {PublicField.BIRTH_DATE, PublicField.RACE}, program.code
        text = words(active_case, program, language)
        assert [form for form in forms if form in text] == [], program.code
    assert set(NEVER_PUBLIC) == {Country.MX, Country.CA}


def test_birth_date_typed_by_hand_goes_no_further_in_mexico(draft_alert, baja_coordinator):
    Child.objects.update(birth_date=date(2019, 3, 14))
    draft_alert.texts.filter(language="es").update(description="Nació el 14/03/2019.")
    with pytest.raises(ActRefused) as refusal:
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    assert "date of birth" in str(refusal.value.message)


def test_form_on_the_case_page_records_several_items_at_once(client, bare_case, california_officer):
    client.force_login(california_officer)
    page = client.get(f"/cases/{bare_case.pk}/")
    form = page.context["authority_form"]
    data = {
        "nonce": "n1", "authority-items": [value for value, _label in form.fields["items"].choices],
        "authority-jurisdictions": ["US", "MX"], "authority-basis": "parental_consent",
        "authority-authorizer": "parental_authority", "authority-authorizer_name": "Mother",
    }  # fmt: skip
    assert client.post(f"/cases/{bare_case.pk}/authorities/", data).status_code == 302
    rows = PublicationAuthority.objects.values_list("item", "country").order_by("item", "country")
    wanted = [(item, country) for item in ("child_name", "suspect_details", "suspect_name") for country in ("MX", "US")]
    assert list(rows) == wanted
    bad = client.post(f"/cases/{bare_case.pk}/authorities/", {"nonce": "n2", "authority-authorizer_name": "Kept"})
    assert bad.status_code == 422 and b"Kept" in bad.content


def test_signed_document_is_kept_and_anything_else_refused(client, bare_case, california_officer):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(california_officer)
    items = [f"child_name:{bare_case.children.get().pk}"]
    data = {"authority-items": items, "authority-jurisdictions": ["US"], "authority-basis": "court_order",
            "authority-authorizer": "court"}  # fmt: skip
    path = f"/cases/{bare_case.pk}/authorities/"
    page = SimpleUploadedFile("a.html", b"<script>alert(1)</script>")
    assert client.post(path, {**data, "nonce": "n1", "authority-document": page}).status_code == 409
    assert not PublicationAuthority.objects.exists()
    signed = SimpleUploadedFile("signed.pdf", b"%PDF-1.7 signed")
    assert client.post(path, {**data, "nonce": "n2", "authority-document": signed}).status_code == 302
    assert bytes(PublicationAuthority.objects.get().document.content) == b"%PDF-1.7 signed"


def test_suspect_without_details_keeps_the_warning(bare_case, baja):
    assert Person.objects.count() == 1
    with_details = words(bare_case, baja)
    assert "No se acerque" in with_details or "no se acerque" in with_details.lower()
