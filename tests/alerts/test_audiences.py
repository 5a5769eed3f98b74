"""For whom an alert is: what pages count before the activation is what the activation sends (ADR 82)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import Agency, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts.audience import audience_of, tag_of
from alerts.choices import LeftOut, Unreached
from alerts.models import Alert, Delivery, Recipient, RecipientDesk
from alerts.services import audiences, issuing

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle(draft_alert: Any) -> dict[str, Recipient]:
    """Recipients of every sort, by name."""
    program = draft_alert.program
    post = RecipientDesk.objects.create(
        program=program, agency=Agency.objects.get(code="us-ca-chp"), name="San Ysidro, secondary inspection"
    )
    radio = RecipientDesk.objects.create(program=program, organization="Radio Frontera", name="Newsroom")
    number = {"sms_number": "+526565550100", "sms_verified_number": "+526565550100"}

    def add(name: str, kind: str = "media", language: str = "es", **fields: Any) -> Recipient:
        made = {"email": f"{name}@circle.example", **fields}
        return Recipient.objects.create(program=program, name=name, kind=kind, language=language, **made)

    found = [
        add("radio", desk=radio, role="spreads"), add("weekly", language="en", desk=radio, role="spreads"),
        add("post", "border", "en", desk=post, role="acts", **number), add("patrol", "police", role="acts"),
        add("buses", "transport"), add("unproven", "border", email="", sms_number="+526565550101"),
        add("elsewhere", "police", role="acts"), add("here", "police", role="acts"),
        add("retired", is_active=False), add("drill", is_exercise_only=True),
    ]  # fmt: skip
    circle = {item.name: item for item in found}
    circle["elsewhere"].areas.set(["MX-SON"])
    circle["here"].areas.set(["MX-BCN", "MX-SON"])
    return circle


def names(rows: Any) -> set[str]:
    return {item.name for item in rows}


EVERYBODY = {"radio", "weekly", "post", "patrol", "buses", "here"}


def test_everybody_at_first_and_why_the_others_are_not(draft_alert: Any, circle: Any) -> None:
    found = audience_of(draft_alert)
    assert names(found.told) == EVERYBODY
    assert found.messages == 7, "the border post by mail and text message"
    assert [(item.name, reason) for item, reason in found.unreached] == [("unproven", Unreached.UNVERIFIED)]
    assert found.left_out == [(LeftOut.INACTIVE, 1), (LeftOut.ELSEWHERE, 1)]


def test_counts_by_channel_country_language_kind_and_agency(draft_alert: Any, circle: Any) -> None:
    parts = audience_of(draft_alert).parts
    counted = {by: {part.key: (part.recipients, part.messages) for part in rows} for by, rows in parts.items()}
    chp = f"a{Agency.objects.get(code='us-ca-chp').pk}"
    assert counted == {
        "channel": {"email": (6, 6), "sms": (1, 1)},
        "country": {"MX": (5, 5), "US": (1, 2)},
        "language": {"es": (4, 4), "en": (2, 3)},
        "kind": {"media": (2, 2), "border": (1, 2), "police": (2, 2), "transport": (1, 1)},
        "agency": {"oRadio Frontera": (2, 2), chp: (1, 2), "": (3, 3)},
    }
    assert names(audience_of(draft_alert).within("country", "US")) == {"post"}


@pytest.mark.parametrize(
    ("kinds", "roles", "expected"),
    [
        (["police", "border"], [], {"post", "patrol", "here"}),
        ([], ["spreads"], {"radio", "weekly", "buses"}),
        (["transport", "media"], ["acts"], {"buses"}),
    ],
)
def test_kind_and_role_narrow_and_no_role_is_never_left_out(
    kinds: list[str], roles: list[str], expected: set[str], draft_alert: Any, circle: Any
) -> None:
    Alert.objects.filter(pk=draft_alert.pk).update(audience_kinds=kinds, audience_roles=roles)
    found = audience_of(Alert.objects.get(pk=draft_alert.pk))
    assert names(found.told) == expected
    wanted = expected | names(item for item, _reason in found.unreached)
    assert dict(found.left_out)[LeftOut.NOT_CHOSEN] == len((EVERYBODY | {"unproven"}) - wanted)


def test_preview_is_what_the_activation_sends(approved_alert: Any, circle: Any, baja_coordinator: Any) -> None:
    before = audience_of(approved_alert)
    message = issuing.activate(alert=approved_alert, by=baja_coordinator)
    rows = list(message.deliveries.values_list("recipient_id", "channel", "address"))
    assert len(rows) == before.messages == 7
    assert {row[0] for row in rows} == {item.pk for item in before.told}
    assert tag_of(rows) == before.tag


def test_update_reaches_the_present_audience_and_whoever_got_the_alert(
    approved_alert: Any, circle: Any, baja_coordinator: Any
) -> None:
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    got = Delivery.objects.filter(message__alert=approved_alert)
    got.filter(recipient=circle["radio"]).update(state="sent", attempts=1)
    circle["radio"].areas.set(["MX-SON"])  # since then wants another area
    circle["elsewhere"].areas.add("MX-BCN")  # and this one wants it now
    message = approved_alert.messages.get()
    copy = type(message).objects.create(
        alert=approved_alert, msg_type="Update", identifier="x.2", sender=message.sender, sent=message.sent,
        references="", xml=b"", texts=message.texts, expires_at=message.expires_at,
    )  # fmt: skip
    issuing.tell(copy, approved_alert)
    assert names(row.recipient for row in copy.deliveries.select_related("recipient")) == EVERYBODY | {"elsewhere"}


def press(person: Any, alert: Any, step: str, **form: Any) -> str:
    """Take a step on the page as it is now; give the page that follows."""
    client = Client()
    client.force_login(person)
    shown = client.get(reverse("alerts:alert-detail", args=[alert.pk])).text
    nonce = re.search(r'name="nonce" value="([\w-]{22})', shown)
    assert nonce
    answer = client.post(reverse("alerts:alert-step", args=[alert.pk, step]), {"nonce": nonce[1] + "-x", **form})
    return client.get(answer["Location"]).text


def shown_tag(person: Any, alert: Any) -> str:
    client = Client()
    client.force_login(person)
    found = re.search(r'name="audience" value="(\w{32})"', client.get(alert_page(alert)).text)
    assert found
    return found[1]


def alert_page(alert: Any) -> str:
    return reverse("alerts:alert-detail", args=[alert.pk])


def test_activation_says_to_how_many_it_goes(approved_alert: Any, circle: Any, baja_coordinator: Any) -> None:
    baja_coordinator.language = "en"
    baja_coordinator.save()
    tag = shown_tag(baja_coordinator, approved_alert)
    page = press(baja_coordinator, approved_alert, "activate", audience=tag)
    assert "It goes to 6 recipients by 7 messages." in page
    assert "Recipients were changed" not in page


def test_activation_says_when_recipients_changed_since_the_page(
    approved_alert: Any, circle: Any, baja_coordinator: Any
) -> None:
    baja_coordinator.language = "en"
    baja_coordinator.save()
    tag = shown_tag(baja_coordinator, approved_alert)
    Recipient.objects.filter(name="patrol").update(is_active=False)
    page = press(baja_coordinator, approved_alert, "activate", audience=tag)
    assert "It goes to 5 recipients by 6 messages." in page
    assert "Recipients were changed after your page was shown" in page
    assert Delivery.objects.filter(message__alert=approved_alert).count() == 6


def test_choosing_voids_the_approval_once(approved_alert: Any, circle: Any, baja_coordinator: Any) -> None:
    chosen = {"kinds": ["police", "border"], "roles": ["acts", "spreads", "informed"]}
    assert audiences.choose_audience(alert=approved_alert, by=baja_coordinator, **chosen)
    approved_alert.refresh_from_db()
    assert (approved_alert.status, approved_alert.audience_kinds, approved_alert.audience_roles) == (
        "draft", ["police", "border"], [],
    )  # fmt: skip
    assert not approved_alert.texts.filter(approved_at__isnull=False).exists()
    assert not audiences.choose_audience(alert=approved_alert, by=baja_coordinator, **chosen)
    assert AuditEvent.objects.filter(action="alert.audience_chosen").count() == 1


def test_same_choice_leaves_an_approval_alone(approved_alert: Any, baja_coordinator: Any) -> None:
    assert not audiences.choose_audience(alert=approved_alert, by=baja_coordinator, kinds=[], roles=[])
    approved_alert.refresh_from_db()
    assert approved_alert.status == "approved"


def test_who_may_choose(draft_alert: Any, active_case: Any, california_officer: Any, baja_staff: Any) -> None:
    for person in (california_officer, baja_staff):
        with pytest.raises(NotPermitted):
            audiences.choose_audience(alert=draft_alert, by=person, kinds=["police"], roles=[])


def test_alert_in_force_is_not_narrowed(active_alert: Any, baja_coordinator: Any) -> None:
    with pytest.raises(ActRefused):
        audiences.choose_audience(alert=active_alert, by=baja_coordinator, kinds=["police"], roles=[])


def address(alert: Any) -> str:
    return reverse("alerts:alert-audience", args=[alert.pk])


def test_page_lists_what_is_behind_a_count(draft_alert: Any, circle: Any, client: Any, baja_coordinator: Any) -> None:
    client.force_login(baja_coordinator)
    whole = client.get(address(draft_alert)).text
    part = client.get(address(draft_alert), {"by": "country", "value": "US"}).text
    assert all(name in whole for name in EVERYBODY | {"unproven"})
    assert "@circle.example" not in whole
    assert re.findall(r'<th scope="row"[^>]*><div>(\w+)', part) == ["post"]
    for wrong in ({"by": "country", "value": "CA"}, {"by": "nothing", "value": "x"}):
        assert client.get(address(draft_alert), wrong).status_code == 404


def test_page_chooses_and_refuses_nobody(draft_alert: Any, circle: Any, client: Any, baja_coordinator: Any) -> None:
    client.force_login(baja_coordinator)
    nothing = client.post(address(draft_alert), {"nonce": "n1", "audience-kinds": ["police"]})
    assert nothing.status_code == 422
    chosen = {"nonce": "n2", "audience-kinds": ["police"], "audience-roles": ["acts", "spreads"]}
    for _time in range(2):
        assert client.post(address(draft_alert), chosen)["Location"] == address(draft_alert)
    draft_alert.refresh_from_db()
    assert (draft_alert.audience_kinds, draft_alert.audience_roles) == (["police"], ["acts", "spreads"])


def test_page_is_the_programs_own(draft_alert: Any, client: Any, california_officer: Any, baja_staff: Any) -> None:
    for person in (california_officer, baja_staff):
        client.force_login(person)
        assert client.get(address(draft_alert)).status_code == 404
        assert client.post(address(draft_alert), {"audience-kinds": ["police"]}).status_code == 404


def test_page_of_an_alert_in_force_points_to_its_deliveries(
    active_alert: Any, client: Any, baja_coordinator: Any
) -> None:
    client.force_login(baja_coordinator)
    assert 'id="everybody"' not in client.get(address(active_alert)).text


def test_api_tells_and_chooses(draft_alert: Any, circle: Any, client: Any, baja_coordinator: Any) -> None:
    client.force_login(baja_coordinator)
    url = reverse("api:alert-audience", args=[draft_alert.pk])
    told = client.get(url).json()
    assert (told["recipients"], told["messages"], told["is_cut"]) == (6, 7, False)
    assert told["unreached"] == [{"id": circle["unproven"].pk, "name": "unproven", "reason": "unverified"}]
    assert told["left_out"] == {"inactive": 1, "elsewhere": 1}
    assert {item["key"]: item["messages"] for item in told["by"]["channel"]} == {"email": 6, "sms": 1}
    wrong = client.post(url, {"kinds": ["everyone"], "roles": []}, content_type="application/json")
    assert wrong.status_code == 400
    assert client.post(url, {"kinds": ["police"], "roles": []}, content_type="application/json").status_code == 200
    assert names(audience_of(Alert.objects.get(pk=draft_alert.pk)).told) == {"patrol", "here"}


def test_counting_costs_the_same_for_many(draft_alert: Any, circle: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            audience_of(Alert.objects.get(pk=draft_alert.pk))
        return len(queries)

    few = cost()
    desk = RecipientDesk.objects.create(program=draft_alert.program, organization="Telediario")
    Recipient.objects.bulk_create(
        Recipient(program=draft_alert.program, name=f"m{number}", kind="media", language="es", desk=desk,
                  email=f"m{number}@circle.example")
        for number in range(60)
    )  # fmt: skip
    assert cost() == few


def test_desk_is_of_an_agency_or_of_an_organization(draft_alert: Any) -> None:
    from django.core.exceptions import ValidationError

    both = RecipientDesk(program=draft_alert.program, agency=draft_alert.program.agency, organization="Radio")
    neither = RecipientDesk(program=draft_alert.program, name="Newsroom")
    for desk in (both, neither):
        with pytest.raises(ValidationError):
            desk.full_clean()
