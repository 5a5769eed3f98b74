"""Desks say once a month by a link whether their numbers are right; pages flag those not lately verified (U42)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.desk_checks import ask_due, hash_of
from agencies.models import Agency, AlertProgram, AuditEvent, DeskCheck
from alerts.management.commands import relay
from tests.agencies.admin_pages import address, form_values

pytestmark = pytest.mark.django_db
DESK = "ca-qc-sq"


@pytest.fixture
def desk(settings: Any) -> Agency:
    """The only desk with an address: Québec's, which works in two languages."""
    settings.DESK_CHECKS_PER_ROUND = 2
    Agency.objects.exclude(code=DESK).update(desk_email="")
    Agency.objects.filter(code=DESK).update(
        desk_email="garde@quebec.example", desk_phone="+14185550100", languages=["fr", "en"]
    )
    return Agency.objects.get(code=DESK)


def link_in(mail: Any) -> str:
    return re.search(r"https?://\S+(/numbers/\S+/)", mail.body)[1]  # type: ignore[index]


def standing() -> str:
    return Agency.objects.get(code=DESK).desk_standing


def test_desk_is_asked_once_in_four_weeks_in_its_languages(desk: Agency, mailoutbox: Any) -> None:
    assert ask_due in relay.PERIODIC
    assert (ask_due(), ask_due()) == (1, 0)
    [mail] = mailoutbox
    assert mail.to == ["garde@quebec.example"]
    assert "418" in mail.body and mail.body.count(link_in(mail)) == 2
    assert mail.body.index("joignent") < mail.body.index("other programs reach")
    DeskCheck.objects.update(asked_at=timezone.now() - timedelta(days=28, minutes=1))
    assert ask_due() == 1
    assert link_in(mailoutbox[0]) != link_in(mailoutbox[1])


def test_mail_that_the_server_refuses_is_tried_again(desk: Agency, mailoutbox: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(ConnectionError("away")))
        assert ask_due() == 0
    assert ask_due() == 0, "not at once"
    DeskCheck.objects.update(next_try_at=timezone.now())
    assert ask_due() == 1
    assert DeskCheck.objects.count() == len(mailoutbox) == 1


def test_none_is_asked_where_it_is_switched_off(desk: Agency, settings: Any, mailoutbox: Any) -> None:
    settings.DESK_CHECKS_PER_ROUND = 0
    assert (ask_due(), mailoutbox) == (0, [])


def test_link_answers_and_grants_nothing_else(desk: Agency, mailoutbox: Any, client: Client) -> None:
    ask_due()
    link = link_in(mailoutbox[0])
    page = client.get(link)
    assert (page.status_code, standing()) == (200, "never")
    assert DeskCheck.objects.get().token_hash == hash_of(link.split("/")[-2])
    assert page.headers["Cache-Control"] == "no-store"
    assert client.post(link, {"answer": "else"}).status_code == 422
    assert (client.post(link, {"answer": "right"}).status_code, standing()) == (200, "verified")
    client.post(link, {"answer": "right"})
    assert AuditEvent.objects.filter(action="desk.verified").count() == 1
    client.post(link, {"answer": "wrong"})
    assert standing() == "wrong"
    for said in ("right", "wrong", "right"):
        assert client.post(link, {"answer": said}).status_code == 200
    assert client.post(link, {"answer": "wrong"}).status_code == 409
    assert client.get("/desk/").status_code == 302, "the link signs nobody in"


def test_link_that_is_over_or_never_was_is_not_found(desk: Agency, mailoutbox: Any, client: Client) -> None:
    ask_due()
    link = link_in(mailoutbox[0])
    DeskCheck.objects.update(asked_at=timezone.now() - timedelta(days=29))
    for gone in (link, "/numbers/nonsense/"):
        assert client.get(gone).status_code == client.post(gone, {"answer": "right"}).status_code == 404


def test_numbers_grow_stale_and_changed_ones_are_unverified(
    desk: Agency, make_user: Any, client: Client, superuser: Any
) -> None:
    Agency.objects.filter(pk=desk.pk).update(desk_verified_at=timezone.now() - timedelta(days=32))
    assert standing() == "stale"
    Agency.objects.filter(pk=desk.pk).update(desk_verified_at=timezone.now(), desk_wrong_at=timezone.now())
    staff = make_user("simone.staff@quebec.example", DESK, "staff", "en", is_staff=True)
    client.force_login(staff)
    where = address(Agency, "change", desk.pk)
    before = client.get(where)
    assert "Wrong, says the desk" in before.text
    assert client.post(where, {**form_values(before), "desk_phone": "418 555-0177"}).status_code == 302
    assert standing() == "never"
    assert "Never verified by the desk" in client.get(address(Agency, "changelist")).text


def test_page_of_sending_flags_what_is_not_verified(desk: Agency, active_case: Any, california_officer: Any) -> None:
    client = Client()
    client.force_login(california_officer)
    where = reverse("alerts:request-send", args=[active_case.pk])

    def flagged() -> str:
        text = client.get(where).text
        item = text[text.index(f'value="{AlertProgram.objects.get(agency=desk).code}"') :]
        return item[: item.index("</li>")]

    assert "Never verified by the desk" in flagged()
    Agency.objects.filter(pk=desk.pk).update(desk_verified_at=timezone.now() - timedelta(days=40))
    assert "Not verified for more than a month" in flagged()
    assert "Last verified" in flagged()
    Agency.objects.filter(pk=desk.pk).update(desk_verified_at=timezone.now())
    assert "Numbers of the desk" not in flagged()
