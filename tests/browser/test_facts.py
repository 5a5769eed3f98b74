"""The facts of a case in a browser: what is typed keeps itself, and every page of facts fits a phone and a desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.conftest import Visitor
from tests.portal import wait_until

PASSWORD = "correct horse battery staple"
SAVED, WAITING = "saved", "waiting"


@pytest.fixture
def case(own_database: str, django_db_blocker: Any) -> Any:
    """A case of California with a row of every kind, shared with Baja California; all names are invented."""
    from agencies.models import Agency, AlertProgram, User
    from agencies.services import grant_membership
    from alerts.services.requests import acknowledge, send_request
    from cases import workflow
    from cases.models import Child, CrossingIndication, Link, ParallelNotice, Person, Sighting, TravelLeg, Vehicle
    from cases.services.corrections import propose_correction, propose_row
    from cases.services.facts import record_facts
    from cases.services.files import open_case
    from cases.services.records import add_reference, record_notice
    from cases.services.sightings import add_sighting

    def someone(email: str, agency: str, language: str) -> Any:
        user = User.objects.create_user(
            email, PASSWORD, full_name=email.partition("@")[0].replace(".", " ").title(), language=language,
            reads_languages=[language], time_zone="America/Los_Angeles",
        )  # fmt: skip
        grant_membership(user=user, agency=Agency.objects.get(code=agency), role="coordinator", by=None)
        return user

    with django_db_blocker.unblock():
        officers = {
            language: someone(f"olga.officer.{language}@california.example", "us-ca-chp", language)
            for language in ("en", "es", "fr")
        }
        baja = someone("blanca.coord@baja.example", "mx-bcn-amber", "es")
        by = officers["en"]
        made = open_case(by=by, agency=Agency.objects.get(code="us-ca-chp"))
        child = Child(given_names="Ximena", first_surname="De la Cruz", sex="F", age_years=7, height_cm=120)
        person = Person(role="suspect", given_names="Waldo", first_surname="Quimby", relationship="parent")
        vehicle = Vehicle(make="Ford", model="F-150", year=2019, color="BLU", plate="7XYZ123")
        leg = TravelLeg(
            mode="bus", carrier="Greyhound", route="1204", to_place="Bus station of El Paso", places_language="en",
            arrival_zone="America/Denver", arrives_at=timezone.now() + timedelta(hours=2),
        )  # fmt: skip
        rows: list[Any] = [
            (child, ["given_names"]), (person, ["given_names"]), (vehicle, ["plate"]), (leg, ["mode"]),
            (CrossingIndication(toward="MX", evidence="witness", confidence="likely"), ["toward"]),
        ]  # fmt: skip
        record_facts(case=made, by=by, items=rows)
        record_facts(case=made, by=by, items=[(Link(child=child, vehicle=vehicle), ["child"])])
        workflow.apply(made, "activate", by=by)
        asked = send_request(case=made, program=AlertProgram.objects.get(code="mx-bcn"), by=by)
        acknowledge(request=asked, by=baja)
        add_sighting(case=made, by=baja, sighting=Sighting(
            evidence="camera", seen_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana"
        ))  # fmt: skip
        add_reference(case=made, by=by, kind="nic", number="M-123456789")
        record_notice(case=made, by=by, notice=ParallelNotice(body="ncmec", outcome="sent"))
        propose_correction(
            case=made, by=baja, subject=vehicle, field_name="plate", before=["7XYZ123"], value=["7XYZ124"],
            reason="La leyó una cámara del puente.",
        )  # fmt: skip
        train = {"mode": "train", "carrier": "Amtrak", "from_place": "Estación del norte", "places_language": "es"}
        propose_row(case=made, by=baja, kind="travelleg", row=train, reason="Lo dijo la vendedora de boletos.")
        return made, officers, baja


@pytest.mark.browser
def test_closed_tab_loses_nothing_and_a_lost_line_is_said(
    chromium: Any, portal: Any, case: Any, django_db_blocker: Any
) -> None:
    from cases.services.facts import record_facts

    made, officers, _baja = case
    visitor = Visitor(chromium, portal, "en")
    visitor.sign_in(officers["en"].email, PASSWORD)
    page = visitor.page

    def state() -> str | None:
        found: str | None = page.get_attribute("[data-autosave-state]", "data-state")
        return found

    page.goto(f"/cases/{made.pk}/facts/")
    visitor.context.set_offline(True)
    page.fill('[name="event-place"]', "Chula Vista")
    wait_until(lambda: state() == WAITING, seconds=20, what="the page says that nothing was saved yet")
    assert "Not saved yet" in page.inner_text("[data-autosave-state]")
    visitor.context.set_offline(False)
    wait_until(lambda: state() == SAVED, seconds=30, what="the page saved itself once the line was back")
    assert "(your time)" in page.inner_text("[data-autosave-state]")
    page.close()
    visitor.page = page = visitor.context.new_page()
    page.goto(f"/cases/{made.pk}/facts/")
    assert page.input_value('[name="event-place"]') == "Chula Vista"
    visitor.picture("40-facts-continued")
    page.fill('[name="vehicle-year"]', "19")
    visitor.press("main form[data-autosave] button[type=submit]")
    page.click(".error-summary__list a")
    assert page.evaluate("document.activeElement.name") == "vehicle-year"
    visitor.picture("41-facts-errors")
    with django_db_blocker.unblock():
        event = made.abduction
        event.place = "Otay Mesa"
        record_facts(case=made, by=officers["fr"], items=[(event, ["place"])])
    page.fill('[name="vehicle-year"]', "2020")
    page.check('[name="change-kind"][value="new"]')
    visitor.press("main form[data-autosave] button[type=submit]")
    assert "Chula Vista" in page.inner_text("#conflicts ~ fieldset") and "Otay Mesa" in page.inner_text("main")
    visitor.picture("42-facts-conflict")
    page.check('[name="choose-event-place"][value="mine"]')
    visitor.press("main form[data-autosave] button[type=submit]")
    assert page.url.endswith(f"/cases/{made.pk}/"), page.url
    with django_db_blocker.unblock():
        made.abduction.refresh_from_db()
        assert (made.abduction.place, made.vehicles.get().year) == ("Chula Vista", 2020)
        assert not made.facts_drafts.exists()
    visitor.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_pages_of_facts_fit_a_phone_and_a_desk(
    language: str, chromium: Any, portal: Any, case: Any, django_db_blocker: Any
) -> None:
    made, officers, baja = case
    with django_db_blocker.unblock():
        rows = {
            "child": made.children.get(), "person": made.people.get(), "vehicle": made.vehicles.get(),
            "leg": made.legs.get(), "link": made.links.get(), "crossing": made.crossingindications.get(),
        }  # fmt: skip
        plate, sighting, notice = made.plates.get(), made.sightings.get(), made.parallel_notices.get()
        baja.language = language
        baja.save(update_fields=["language"])
    of_the_lead = {
        "50-case": "", "51-facts": "facts/", "52-place": "place/",
        **{f"53-{kind}": f"facts/{kind}/{row.pk}/" for kind, row in rows.items()},
        **{f"54-add-{kind}": f"facts/add/{kind}/" for kind in rows},
        "55-plate-add": f"vehicles/{rows['vehicle'].pk}/plates/", "56-plate-replace": f"plates/{plate.pk}/replace/",
        "57-sighting-add": "sightings/", "58-take-over": f"sightings/{sighting.pk}/indication/",
        "59-reference": "references/", "60-notice-add": "notices/", "61-notice": f"notices/{notice.pk}/",
    }  # fmt: skip
    of_the_asked = {
        "62-corrections": "corrections/", "63-correction": f"corrections/vehicle/{rows['vehicle'].pk}/plate/",
        "64-propose-indication": f"sightings/{sighting.pk}/indication/",
        "65-new-leg": "corrections/new/travelleg/", "66-new-link": "corrections/new/link/", "67-as-asked": "",
    }  # fmt: skip
    for person, pages in ((officers[language], of_the_lead), (baja, of_the_asked)):
        visitor = Visitor(chromium, portal, language)
        visitor.sign_in(person.email, PASSWORD)
        for name, address in pages.items():
            answer = visitor.page.goto(f"/cases/{made.pk}/{address}")
            assert answer is not None and answer.status == 200, address
            visitor.picture(name)
        visitor.close()
