"""What officers type: names, aliases and descriptions without an authority are found; the rest is read (U28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from agencies.models import CriteriaVersion
from agencies.refusals import ActRefused
from alerts import publication
from alerts.gathering import content_hash
from alerts.models import Alert, AlertUpdate
from alerts.services import approvals, drafts, updates
from alerts.services.updates import update_hash
from alerts.typed_words import names_of, plain_of, root_of, words_in
from cases.models import Child, Person, PublicationAuthority, Sighting
from cases.services.publication import public_items, record_authority
from tests.alerts.test_updates import change_plate, prepared
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
READ = "typed_words_read"


@pytest.fixture
def alert(draft_alert: Any, baja_coordinator: Any) -> Any:
    """Baja California's draft; nobody may be named, no suspect described, no medical need told."""
    for version in CriteriaVersion.objects.filter(program=draft_alert.program):
        fields = [name for name in version.public_fields if name != "medical"]
        CriteriaVersion.objects.filter(pk=version.pk).update(public_fields=fields)
    PublicationAuthority.objects.all().delete()
    case = draft_alert.case
    case.children.update(second_surname="de la Cruz", hair="BRO", also_known_as="Zori", medical=["90"])
    case.people.filter(role="suspect").update(
        first_surname="Brown", second_surname="Zqvist", also_known_as="El Güero, Zqtwo", online_handle="@zq_hunter",
        hair="BLK", eyes="GRN", marks=[{"kind": "tattoo", "location": ""}], cautions=["00"],
    )  # fmt: skip
    case.abduction.place = "Villa Tzqcruz"
    case.abduction.save()
    drafts.write_from_facts(alert=draft_alert, by=baja_coordinator)
    return draft_alert


def type_in(alert: Any, by: Any, **words: str) -> None:
    texts = {
        text.language: {
            "headline": text.headline, "instruction": text.instruction,
            "description": f"{text.description}\n{words.get(text.language, '')}".strip(),
        }
        for text in alert.texts.all()
    }  # fmt: skip
    drafts.edit_alert(alert=alert, by=by, texts=texts, duration_hours=alert.duration_hours, photo=None)


def allow(alert: Any, by: Any, *items: str) -> None:
    chosen = [(item, subject) for item, subject in public_items(alert.case) if item in items]
    record_authority(case=alert.case, by=by, items=chosen, programs=[alert.program], basis="court_order")


SAID = [
    # A surname alone, either of two, whatever the accents and capitals; particles stay with their name.
    ("La menor edad: Quimby fue vista.", "Quimby"), ("Vista con la familia QUÍMBY.", "QUÍMBY"),
    ("La niña De La Cruz fue vista.", "De La Cruz"), ("El señor Zqvist conduce.", "Zqvist"),
    # Aliases and online handles.
    ("Lo llaman el guero.", "el guero"), ("Se hace llamar Zqtwo.", "Zqtwo"), ("Usa @ZQ_Hunter en línea.", "ZQ Hunter"),
    ("Le dicen Zori.", "Zori"),
    # A surname that is a color too counts as it is written.
    ("Conduce el señor Brown.", "Brown"),
    # What a person who may not be described looks like, in any language, in any form of the word.
    ("El hombre tiene cabello negro.", "negro"), ("Hombre de pelo corto negro.", "negro"), ("Ojos: verdes.", "verdes"),
    ("The man has black hair.", "black"), ("Un homme aux cheveux noirs.", "noirs"), ("Tiene tatuajes.", "tatuajes"),
    ("Persona armada y peligrosa.", "Persona armada y peligrosa"),
    # Medical needs, which this program may not tell: recorded or not, by their noun or as an adjective.
    ("La niña tiene diabetes.", "diabetes"), ("Es diabética.", "diabética"), ("Padece epilepsia.", "epilepsia"),
    ("She is epileptic.", "epileptic"), ("Elle est allergique.", "allergique"),
]  # fmt: skip
PASSES = [
    "Quimbyville queda lejos.", "La cruz del camino.", "Lleva una chamarra brown.", "Vehículo negro.",
    "Lleva camisa negra.", "Cabello castaño, camisa negra.", "Cabello castaño y camisa negra.", "Pelo largo.",
    "Bebió alcohol.", "Vista cerca de Tzqcruz.", "Programa Alerta AMBER Baja California.", "Zorita no es Zori2.",
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "word"), SAID)
def test_typed_word_without_an_authority_is_named_with_its_language(
    alert: Any, baja_coordinator: Any, sentence: str, word: str
) -> None:
    type_in(alert, baja_coordinator, es=sentence)
    with translation.override("en"):
        found = publication.objections(alert)
    assert [line for line in found if f"“{word}”" in line and line.endswith(": Español.")], found
    with pytest.raises(ActRefused):
        drafts.submit(alert=alert, by=baja_coordinator)


@pytest.mark.parametrize("sentence", PASSES)
def test_words_that_say_nothing_of_anybody_pass(alert: Any, baja_coordinator: Any, sentence: str) -> None:
    type_in(alert, baja_coordinator, es=sentence)
    assert publication.objections(alert) == []


def test_word_of_somebody_who_may_be_named_passes_for_all(
    alert: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    alert.case.people.filter(role="suspect").update(first_surname="Quimby")
    type_in(alert, baja_coordinator, es="La familia Quimby la busca.")
    assert publication.objections(alert)
    allow(alert, california_officer, "child_name")
    assert publication.objections(alert) == []


def test_described_suspect_may_be_described_by_hand(alert: Any, california_officer: Any, baja_coordinator: Any) -> None:
    type_in(alert, baja_coordinator, fr="Un homme aux cheveux noirs, avec un tatouage.")
    assert len(publication.objections(alert)) == 2
    allow(alert, california_officer, "suspect_details")
    assert publication.objections(alert) == []


def test_place_of_the_case_is_no_name(alert: Any, baja_coordinator: Any) -> None:
    type_in(alert, baja_coordinator, es="Vista en Zqvist.")
    assert publication.objections(alert)
    alert.case.abduction.municipality = "Zqvist"
    alert.case.abduction.save()
    assert publication.objections(Alert.objects.get(pk=alert.pk)) == []


@pytest.mark.parametrize(
    ("surname", "sentence"),
    [
        ("Guerrero", "Placas de Guerrero."), ("Hidalgo", "Va hacia Hidalgo."), ("Jalisco", "Vista camino a Jalisco."),
        ("Córdova", "Cruce por el Puente Córdova-Américas."),
    ],
)  # fmt: skip
def test_plate_issuer_crossing_and_direction_are_no_names(
    alert: Any, baja_coordinator: Any, california_officer: Any, surname: str, sentence: str
) -> None:
    case = alert.case
    case.people.filter(role="suspect").update(first_surname=surname)
    type_in(alert, baja_coordinator, es=sentence)
    assert publication.objections(alert)
    case.plates.update(issuer="MX-GRO")
    case.crossingindications.update(toward_subdivision="MX-HID", crossing_point="bridge_of_the_americas")
    Sighting.objects.create(
        case=case, evidence="camera", seen_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana",
        toward="MX", toward_subdivision_id="MX-JAL", reported_by=california_officer, agency=case.lead_agency,
    )  # fmt: skip
    assert publication.objections(Alert.objects.get(pk=alert.pk)) == []


@pytest.mark.parametrize(
    ("field", "name", "found", "passes"),
    [
        # In capitals, or with one where the record has none.
        ("first_surname", "Guerrero", "BUSCAN A GUERRERO", "El guerrero."),
        ("first_surname", "Lee", "LEE WANTED", "Lée"),
        ("also_known_as", "sol", "Le dicen Sol.", "Bajo el sol."),
        ("online_handle", "@tigre99", "Es tigre99.", "Tigre"),
        # A common word is none.
        ("first_surname", "Calle", "La familia Calle.", "En la calle 5."),
        ("also_known_as", "Will", "Llaman a Will.", "The vehicle will turn."),
        ("first_surname", "Moreno", "El señor Moreno.", "Un hombre moreno."),
        ("second_surname", "Moreno", "EL SEÑOR MORENO", "Una mujer morena."),
    ],
)  # fmt: skip
def test_single_name_is_one_where_it_is_typed_with_a_capital(
    alert: Any, baja_coordinator: Any, field: str, name: str, found: str, passes: str
) -> None:
    alert.case.people.filter(role="suspect").update(**{field: name})
    type_in(alert, baja_coordinator, es=passes)
    assert publication.objections(alert) == []
    type_in(alert, baja_coordinator, es=found)
    assert publication.objections(Alert.objects.get(pk=alert.pk))


def test_every_language_that_says_it_is_named_once(alert: Any, baja_coordinator: Any) -> None:
    type_in(alert, baja_coordinator, es="Zqvist", en="Zqvist and Zqvist", fr="La rue zqvist.")
    with translation.override("en"):
        (found,) = [line for line in publication.objections(alert) if "“Zqvist”" in line]
    assert found.endswith(": English, Español.")


def test_composed_words_are_not_searched_for_single_words(alert: Any) -> None:
    alert.texts.update(description="Zqvist")
    assert publication.objections(alert) == []


@pytest.mark.parametrize(
    ("person", "names"),
    [
        (Child(given_names="Ana", first_surname="de la Cruz"), {"ana de la cruz", "de la cruz"}),
        (Child(given_names="Ana", first_surname="García", second_surname="Márquez"),
         {"ana garcia marquez", "ana garcia", "ana marquez", "garcia marquez", "garcia", "marquez"}),
        (Child(given_names="Ana", first_surname="O'Hara-Smith"), {"ana o hara smith", "o hara smith"}),
        (Person(also_known_as="El Tigre / Beto", online_handle="@beto_99"), {"el tigre", "beto", "beto 99"}),
        (Child(given_names="Ana"), set()), (Child(given_names="Ana", first_surname="X"), {"ana x"}),
    ],
)  # fmt: skip
def test_names_by_which_somebody_would_be_known(person: Any, names: set[str]) -> None:
    assert {" ".join(item.words) for item in names_of(person)} == names


@pytest.mark.parametrize(
    ("forms", "root"),
    [
        (["castaño", "castaña", "castaños"], "castan"), (["negro", "negra", "negros"], "negr"),
        (["tattoo", "tattoos"], None), (["cicatriz", "cicatrices"], "cicatriz"), (["noir", "noirs", "noires"], "noir"),
        (["café", "cafés"], "cafe"),
    ],
)  # fmt: skip
def test_forms_of_a_word_share_their_root(forms: Iterable[str], root: str | None) -> None:
    roots = {root_of(plain_of(form)) for form in forms}
    assert len(roots) == 1
    assert root is None or roots == {root}


def test_words_are_whole_and_plain() -> None:
    assert [word.plain for word in words_in("L'Œuvre_de Núñez-Ibáñez")] == ["l", "oeuvre", "de", "nunez", "ibanez"]


# --- the approver's word --------------------------------------------------------------------------------


@pytest.fixture
def typed(alert: Any, baja_coordinator: Any) -> Any:
    """The draft with one harmless sentence typed in Spanish, submitted."""
    type_in(alert, baja_coordinator, es="Vista cerca del puente.")
    # An edit counts for the languages whose words it changes alone.
    assert {text.language: text.is_typed for text in alert.texts.all()} == {"en": False, "es": True, "fr": False}
    drafts.submit(alert=alert, by=baja_coordinator)
    return alert


def test_approver_says_to_have_read_every_typed_word(typed: Any, baja_approver: Any) -> None:
    with pytest.raises(ActRefused) as refused:
        drafts.approve(alert=typed, by=baja_approver, seen_hash=content_hash(typed))
    assert "Español" in str(refused.value.message)
    assert not typed.texts.filter(approved_at__isnull=False).exists()
    drafts.approve(alert=typed, by=baja_approver, seen_hash=content_hash(typed), typed_words_read=True)
    kept = {text.language: text.typed_read_by for text in typed.texts.all()}
    assert kept == {"en": None, "es": baja_approver, "fr": None}
    assert typed.texts.get(language="es").typed_read_at is not None


def test_words_that_change_again_are_read_again(typed: Any, baja_coordinator: Any, baja_approver: Any) -> None:
    drafts.approve(alert=typed, by=baja_approver, seen_hash=content_hash(typed), typed_words_read=True)
    drafts.revise(alert=typed, by=baja_coordinator)
    assert not typed.texts.filter(typed_read_at__isnull=False).exists()
    drafts.submit(alert=typed, by=baja_coordinator)
    approvals.approve(alert=typed, by=baja_approver, seen_hash=content_hash(typed), typed_words_read=True)
    type_in(typed, baja_coordinator, es="Otra vez.")
    assert not typed.texts.filter(typed_read_at__isnull=False).exists()


def test_composed_words_ask_for_nothing(approved_alert: Any) -> None:
    assert approved_alert.status == "approved"
    assert not approved_alert.texts.filter(typed_read_at__isnull=False).exists()


def test_page_asks_with_a_tick_and_keeps_who_gave_it(typed: Any, baja_approver: Any) -> None:
    client = signed_in(baja_approver, "en")
    for name in ("alerts:alert-detail", "alerts:alert-approval"):
        page = client.get(reverse(name, args=[typed.pk])).text
        assert f'name="{READ}"' in page and "every word that was typed by hand (Español)" in page
    step = reverse("alerts:alert-step", args=[typed.pk, "approve"])
    body = {"nonce": NONCE, "content_hash": content_hash(typed)}
    client.post(step, body)
    typed.refresh_from_db()
    assert typed.status == "submitted"
    assert client.post(step, {**body, "nonce": f"{NONCE}2", READ: "1"}).status_code == 302
    assert "Every typed word read by:" in client.get(reverse("alerts:alert-detail", args=[typed.pk])).text


def test_page_of_composed_words_asks_for_no_tick(draft_alert: Any, baja_coordinator: Any, baja_approver: Any) -> None:
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    page = signed_in(baja_approver, "en").get(reverse("alerts:alert-approval", args=[draft_alert.pk])).text
    assert READ not in page


def test_partner_system_says_it_too(typed: Any, baja_approver: Any) -> None:
    client = signed_in(baja_approver)
    approve = reverse("api:alert-approve", args=[typed.pk])
    body = {"content_hash": content_hash(typed)}
    assert client.post(approve, body, "application/json").status_code == 409
    assert client.post(approve, {**body, READ: "perhaps"}, "application/json").status_code == 400
    assert client.post(approve, {**body, READ: True}, "application/json").status_code == 200
    texts = client.get(reverse("api:alert-detail", args=[typed.pk])).json()["texts"]
    assert [text["language"] for text in texts if text["typed_read_at"]] == ["es"]


# --- Updates --------------------------------------------------------------------------------------------


@pytest.fixture
def changed(active_alert: Any, active_case: Any, california_officer: Any) -> AlertUpdate:
    """The prepared Update after California recorded another plate."""
    change_plate(active_case, california_officer)
    return prepared(active_alert)


def test_words_typed_by_hand_are_read_before_they_are_issued(
    changed: AlertUpdate, baja_coordinator: Any, baja_approver: Any
) -> None:
    words = {code: dict(text) for code, text in changed.texts.items()}
    words["es"]["headline"] = "Otra cosa"
    updates.edit(update=changed, by=baja_coordinator, texts=words)
    updates.submit(update=changed, by=baja_coordinator)
    assert changed.typed_languages == ["es"]
    with pytest.raises(ActRefused) as refusal:
        updates.issue(update=changed, by=baja_approver, seen_hash=update_hash(changed))
    assert "Español" in str(refusal.value.message)
    client = signed_in(baja_approver)
    assert 'name="typed_words_read"' in client.get(reverse("alerts:update-detail", args=[changed.pk])).text
    issue, body = reverse("api:update-issue", args=[changed.pk]), {"content_hash": update_hash(changed)}
    assert client.post(issue, body, "application/json").status_code == 409
    assert client.post(issue, {**body, "typed_words_read": True}, "application/json").status_code == 200
    changed.refresh_from_db()
    assert (changed.status, changed.typed_read_by) == ("issued", baja_approver)
    assert changed.typed_read_at is not None


def test_name_typed_into_an_update_goes_no_further(changed: AlertUpdate, baja_coordinator: Any) -> None:
    PublicationAuthority.objects.all().delete()
    updates.edit(
        update=changed, by=baja_coordinator,
        texts={"es": {"headline": "ALERTA", "description": "La familia Quimby.", "instruction": "Llame."}},
    )  # fmt: skip
    with pytest.raises(ActRefused) as refusal:
        updates.submit(update=changed, by=baja_coordinator)
    assert "Quimby" in str(refusal.value.message)
