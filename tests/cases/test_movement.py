"""Travel legs, links, people known by little: what alerts and pages make of them (U3, U26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram
from alerts.composing.compose import compose
from alerts.gathering import gather_facts, lexicon
from cases.models import Case, Child, Link, Person, TravelLeg, Vehicle
from cases.services.facts import record_facts
from cases.services.links import record_link
from tests.authorities import authorize_everything
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db


def texts(case: Case) -> dict[str, str]:
    facts = gather_facts(case, AlertProgram.objects.get(code="mx-bcn"), "BC-1")
    return {language: compose(facts, language, lexicon()).description for language in ("en", "es", "fr")}  # type: ignore[arg-type]


def put_in(case: Case, officer: Any, vehicle: Vehicle, since: Any = None, **who: Any) -> Link:
    link = Link(case=case, vehicle=vehicle, since=since, time_zone="America/Denver" if since else "", **who)
    record_link(case=case, by=officer, link=link, names=["vehicle", *who, *(["since"] if since else [])])
    return link


@pytest.fixture
def two_cars(intake_case: Case, california_officer: Any) -> tuple[Vehicle, Vehicle]:
    """The Ford, and a second car with a second child of the case."""
    second = Vehicle(make="Dodge", model="Caravan", plate="AAA111")
    record_facts(
        case=intake_case, by=california_officer,
        items=[(second, ["make", "plate"]), (Child(given_names="Abel", first_surname="Quimby", sex="M"), ["sex"])],
    )  # fmt: skip
    authorize_everything(intake_case, california_officer)
    return intake_case.vehicles.get(make="Ford"), second


def test_text_says_who_is_in_which_vehicle(
    intake_case: Case, california_officer: Any, two_cars: tuple[Vehicle, Vehicle]
) -> None:
    ford, dodge = two_cars
    first, second = intake_case.children.order_by("id")
    put_in(intake_case, california_officer, ford, child=first, person=intake_case.people.get())
    put_in(intake_case, california_officer, dodge, child=second)
    told = texts(intake_case)
    assert "Zoraida Quimby and Waldemar Quimby may be in this vehicle." in told["en"]
    assert "Abel Quimby may be in this vehicle." in told["en"]
    assert "En este vehículo podrían ir Zoraida Quimby y Waldemar Quimby." in told["es"]
    assert "En este vehículo podría ir Abel Quimby." in told["es"]
    assert "Zoraida Quimby et Waldemar Quimby pourraient se trouver dans ce véhicule." in told["fr"]
    assert "Abel Quimby pourrait se trouver dans ce véhicule." in told["fr"]


def test_who_changes_the_vehicle_has_left_the_first_one(
    intake_case: Case, california_officer: Any, two_cars: tuple[Vehicle, Vehicle]
) -> None:
    """A vehicle that everybody has left is no longer looked for."""
    ford, dodge = two_cars
    child, at = intake_case.children.order_by("id")[0], timezone.now() - timedelta(hours=1)
    earlier = put_in(intake_case, california_officer, ford, since=at - timedelta(hours=2), child=child)
    version = intake_case.facts_version
    put_in(intake_case, california_officer, dodge, since=at, child=child)
    earlier.refresh_from_db()
    assert earlier.until == at
    assert intake_case.facts_version == version + 1
    for text in texts(intake_case).values():
        assert "7XYZ123" not in text
        assert "AAA111" in text


def test_link_that_has_not_begun_is_not_told(
    intake_case: Case, california_officer: Any, two_cars: tuple[Vehicle, Vehicle]
) -> None:
    child = intake_case.children.order_by("id")[0]
    put_in(intake_case, california_officer, two_cars[0], since=timezone.now() + timedelta(hours=1), child=child)
    assert "may be in this vehicle" not in texts(intake_case)["en"]


def test_recovered_child_is_named_in_no_vehicle(
    intake_case: Case, california_officer: Any, two_cars: tuple[Vehicle, Vehicle]
) -> None:
    first, second = intake_case.children.order_by("id")
    put_in(intake_case, california_officer, two_cars[0], child=first)
    put_in(intake_case, california_officer, two_cars[1], child=second)
    Child.objects.filter(pk=first.pk).update(status="recovered")
    told = texts(intake_case)["en"]
    assert "Zoraida" not in told
    assert "Abel Quimby may be in this vehicle." in told


def test_journey_is_told_while_somebody_is_on_it(intake_case: Case, california_officer: Any) -> None:
    child = intake_case.children.order_by("id")[0]
    bus = TravelLeg.objects.create(
        case=intake_case, mode="bus", carrier="Greyhound", from_place="San Diego", to_place="Tijuana",
        to_subdivision_id="MX-BCN",
    )  # fmt: skip
    assert "traveling by bus" not in texts(intake_case)["en"], "nobody is on it yet"
    link = Link(case=intake_case, child=child, leg=bus)
    record_link(case=intake_case, by=california_officer, link=link, names=["child", "leg"])
    told = texts(intake_case)
    assert "may be traveling by bus from San Diego to Tijuana, Baja California." in told["en"]
    assert "podría viajar en autobús de San Diego a Tijuana, Baja California." in told["es"]
    assert "Greyhound" not in told["en"], "carrier and ticket are for officers"
    Child.objects.filter(pk=child.pk).update(status="recovered")
    assert "traveling by bus" not in texts(intake_case)["en"]


# Legs


LEG = {
    "mode": "bus", "carrier": "Greyhound", "route": "1204", "from_place": "Montréal", "from_subdivision": "CA-QC",
    "departs_at": "2031-03-01T14:00", "to_place": "Chicago", "to_subdivision": "US-IL",
    "arrives_at": "2031-03-01T20:30", "confidence": "likely", "nonce": NONCE,
}  # fmt: skip


def test_leg_takes_both_zones_from_its_places(intake_case: Case, california_officer: Any) -> None:
    address = reverse("cases:row-add", args=[intake_case.pk, "leg"])
    assert signed_in(california_officer).post(address, LEG).status_code == 302
    leg = TravelLeg.objects.get()
    assert (leg.departure_zone, leg.arrival_zone) == ("America/Toronto", "America/Chicago")
    assert leg.arrives_at - leg.departs_at == timedelta(hours=7, minutes=30)  # type: ignore[operator]


def test_leg_that_arrives_before_it_departs_comes_back(intake_case: Case, california_officer: Any) -> None:
    from lxml import html

    address = reverse("cases:row-add", args=[intake_case.pk, "leg"])
    for wrong in ({"arrives_at": "2031-03-01T12:00"}, {"to_place": "Nowhere"}):
        response = signed_in(california_officer).post(address, {**LEG, **wrong})
        assert response.status_code == 422
        beside = "arrives_at" if "arrives_at" in wrong else "arrival_zone"
        assert_error_beside(html.fromstring(response.text), beside, wrong.get("arrives_at"))
    assert not TravelLeg.objects.exists()


def test_next_arrival_counts_down_on_case_and_request(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case, now = sent_request.case, timezone.now()
    legs = [
        TravelLeg(mode="train", carrier=carrier, arrives_at=now + timedelta(hours=hours), arrival_zone="America/Denver")
        for carrier, hours in (("Past Lines", -1), ("Later Lines", 9), ("Next Lines", 2))
    ]
    record_facts(case=case, by=california_officer, items=[(leg, ["mode"]) for leg in legs])
    for person, address in (
        (california_officer, reverse("cases:case-detail", args=[case.pk])),
        (baja_coordinator, reverse("alerts:request-detail", args=[sent_request.pk])),
    ):
        page = signed_in(person).get(address).text
        card = page.partition('id="next-arrival"')[2].partition("</section>")[0]
        assert f'data-since="{legs[2].arrives_at.astimezone(ZoneInfo(person.time_zone)):%Y-%m-%dT%H:%M}' in card
        assert "Next Lines" in card
        assert "Later Lines" not in card


# People


def test_person_may_be_known_by_a_handle_or_a_number_alone(intake_case: Case, california_officer: Any) -> None:
    client, address = signed_in(california_officer), reverse("cases:row-add", args=[intake_case.pk, "person"])
    form = {"role": "suspect", "sex": "U", "nonce": NONCE}
    unread = client.post(address, {**form, "phone": "555 0199"})
    assert unread.status_code == 422
    assert "555 0199" in unread.text
    typed = {"online_handle": "@lobo_77", "online_platform": "discord", "phone": "+52 656 555 0199 ext 12"}
    assert client.post(address, {**form, **typed}).status_code == 302
    person = Person.objects.get(online_handle="@lobo_77")
    assert (person.phone, person.phone_extension, person.known_as) == ("+526565550199", "12", "@lobo_77")
    page = client.get(reverse("cases:case-detail", args=[intake_case.pk])).text
    assert "+52\u00a0656\u00a0555\u00a00199, ext. 12" in page
    edit = client.get(reverse("cases:row-change", args=[intake_case.pk, "person", person.pk])).text
    assert "ext. 12" in edit


def test_several_children_each_have_a_page(intake_case: Case, california_officer: Any) -> None:
    client, version = signed_in(california_officer), intake_case.facts_version
    add = reverse("cases:row-add", args=[intake_case.pk, "child"])
    form = {
        "given_names": "Ana", "first_surname": "De la Cruz", "sex": "F", "height_cm": "3 ft 11 in",
        "weight_kg": "51 lb", "nationality_1": "GT", "nationality_2": "MX", "language_1": "quc", "nonce": NONCE,
    }  # fmt: skip
    assert client.post(add, form).status_code == 302
    child = Child.objects.get(given_names="Ana")
    assert (child.height_cm, child.weight_kg, child.nationalities, child.languages_spoken) == (
        119, 23, ["GT", "MX"], ["quc"],
    )  # fmt: skip
    page = client.get(reverse("cases:case-detail", args=[intake_case.pk])).text
    for shown in ("Guatemala, Mexico", "K&#x27;iche&#x27;", "119 cm (3 ft 11 in)", "23 kg (51 lb)"):
        assert shown in page
    change = reverse("cases:row-change", args=[intake_case.pk, "child", child.pk])
    stale = client.post(
        change, {**form, "sex": "U", "nonce": "a-second-nonce-of-a-form", "facts_version": str(version)}
    )
    assert stale.status_code == 409


def test_only_the_lead_agency_has_pages_of_rows(sent_request: Any, baja_coordinator: Any) -> None:
    case, client = sent_request.case, signed_in(baja_coordinator)
    assert client.get(reverse("cases:row-add", args=[case.pk, "child"])).status_code == 404
    assert client.get(reverse("cases:row-change", args=[case.pk, "child", case.children.get().pk])).status_code == 404
    assert client.get(reverse("cases:place-detail", args=[case.pk])).status_code == 404


def test_link_needs_two_ends_of_the_same_case(
    intake_case: Case, california_officer: Any, california_coordinator: Any
) -> None:
    from agencies.models import Agency
    from cases.services.files import open_case

    other = open_case(by=california_coordinator, agency=Agency.objects.get(code="us-ca-chp"))
    stranger = Vehicle.objects.create(case=other, make="Kia")
    client, address = signed_in(california_officer), reverse("cases:row-add", args=[intake_case.pk, "link"])
    child = intake_case.children.get()
    for form in ({}, {"child": child.pk}, {"child": child.pk, "vehicle": stranger.pk}):
        assert client.post(address, {**form, "nonce": NONCE}).status_code == 422
    good = {"child": child.pk, "vehicle": intake_case.vehicles.get().pk, "since": "2026-11-20T18:10", "nonce": NONCE}
    assert client.post(address, good).status_code == 422, "a time without its zone"
    assert client.post(address, {**good, "time_zone": "America/Denver"}).status_code == 302
    assert Link.objects.get().since.isoformat() == "2026-11-21T01:10:00+00:00"  # type: ignore[union-attr]
