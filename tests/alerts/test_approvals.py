"""Approval language by language: what an approval covers, what waits, what is published (U10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from lxml import etree

from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import delivery
from alerts.choices import ApprovalBasis, TextStanding
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage, PublicAlert, Recipient
from alerts.services import approvals, drafts, issuing
from tests.alerts.test_guards import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reads_two(make_user):
    """A third coordinator of Baja California, who works in Spanish and English."""
    user = make_user("bruno.approver@baja.example", "mx-bcn-amber", "coordinator", "es")
    user.reads_languages = ["es", "en"]
    user.save()
    return user


def edited(alert: Alert, language: str, by: Any) -> Alert:
    """Write one free word into one language, which nobody has reviewed then."""
    words = words_of(alert)[language]
    words["headline"] = words["headline"][:140] + " (canary)"
    drafts.edit_alert(
        alert=alert, by=by, texts={language: words}, duration_hours=alert.duration_hours, photo=alert.photo
    )
    return alert


def approved(alert: Alert, by: Any, **kwargs: Any) -> Alert:
    """Approve what is there now."""
    given = {"seen_hash": content_hash(alert), "typed_words_read": True, **kwargs}
    approvals.approve(alert=alert, by=by, **given)
    alert.refresh_from_db()
    return alert


def bases(alert: Alert) -> dict[str, str]:
    """Return on what each approved language rests."""
    return dict(alert.texts.filter(approved_at__isnull=False).values_list("language", "approval_basis"))


def test_approver_vouches_for_what_they_read_and_composed_words_go_along(draft_alert, baja_coordinator, baja_approver):
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert draft_alert.status == "approved"
    assert bases(draft_alert) == {"es": "read", "en": "composed", "fr": "composed"}
    assert {text.reviewer for text in draft_alert.texts.exclude(language="es")} == {None}


def test_unreviewed_words_are_published_nowhere(draft_alert, baja_coordinator, baja_approver, recipient, client):
    edited(draft_alert, "en", baja_coordinator)
    reader = Recipient.objects.create(
        program=draft_alert.program, name="KPBX", kind="media", email="desk@kpbx.example", language="en"
    )
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert bases(draft_alert) == {"es": "read", "fr": "composed"}
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    message = AlertMessage.objects.get()
    languages = etree.fromstring(bytes(message.xml)).xpath("//*[local-name()='language']/text()")
    assert languages == ["es-MX", "fr-CA"]
    assert b"canary" not in bytes(message.xml)
    public = PublicAlert.objects.get()
    assert sorted(public.texts.values_list("language", flat=True)) == ["es", "fr"]
    spanish = public.texts.get(language="es").headline
    page = client.get(f"/en/alerts/{public.public_id}/").content.decode()
    assert "not approved in English yet" in page and 'lang="es"' in page and "canary" not in page
    assert client.get(f"/en/alerts/{public.public_id}/poster.pdf").content.startswith(b"%PDF")
    assert "canary" not in client.get("/feeds/en.atom").content.decode()
    delivery.send_due()
    sent = {item.to[0]: item for item in mail.outbox}
    assert spanish in sent[reader.email].body
    assert "not available in English yet" in sent[reader.email].body and "canary" not in sent[reader.email].body
    assert "aún no" not in sent[recipient.email].body


def test_nobody_approves_words_in_a_language_they_do_not_read(draft_alert, baja_coordinator, baja_approver):
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        approved(draft_alert, baja_approver, languages=["es", "en"])
    assert "do not read" in str(refusal.value.message)
    draft_alert.refresh_from_db()
    assert (draft_alert.status, bases(draft_alert)) == ("submitted", {})


def test_who_declared_no_language_reads_the_one_of_their_pages(baja_approver):
    baja_approver.reads_languages = []
    assert baja_approver.languages_read == {"es"}


def test_edited_words_that_a_second_reader_approves_are_reviewed(draft_alert, baja_coordinator, reads_two):
    edited(draft_alert, "en", baja_coordinator)
    assert draft_alert.texts.get(language="en").standing == TextStanding.UNREVIEWED
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, reads_two)
    english = draft_alert.texts.get(language="en")
    assert (english.standing, english.approval_basis, english.reviewer) == ("reviewed", "read", reads_two)


def test_alert_waits_for_every_required_language_and_no_other(draft_alert, baja_coordinator, baja_approver, reads_two):
    program = draft_alert.program
    program.languages_required = ["es", "en"]
    program.save()
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert (draft_alert.status, bases(draft_alert)) == ("submitted", {"es": "read"})
    with pytest.raises(TransitionConflict):
        issuing.activate(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, reads_two, languages=["en"])
    assert draft_alert.status == "approved"
    assert bases(draft_alert) == {"es": "read", "en": "read", "fr": "composed"}
    assert draft_alert.texts.get(language="es").approved_by == baja_approver
    issuing.activate(alert=draft_alert, by=baja_coordinator)


def test_composed_words_alone_do_not_meet_a_required_language(draft_alert, baja_coordinator, baja_approver):
    program = draft_alert.program
    program.languages_required = ["en"]
    program.save()
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert draft_alert.status == "submitted"


def test_editing_one_language_voids_its_approval_and_the_alerts_hash_only(
    approved_alert, baja_coordinator, baja_approver, reads_two
):
    edited(approved_alert, "en", reads_two)
    approved_alert.refresh_from_db()
    assert (approved_alert.status, approved_alert.content_hash) == ("draft", "")
    assert bases(approved_alert) == {"es": "read", "fr": "composed"}
    drafts.submit(alert=approved_alert, by=reads_two)
    approved(approved_alert, baja_approver)
    assert approved_alert.status == "approved"
    assert bases(approved_alert) == {"es": "read", "fr": "composed"}
    assert set(approvals.approved_texts(approved_alert)) == {"es", "fr"}


def test_another_term_voids_every_language(approved_alert, baja_coordinator):
    drafts.edit_alert(
        alert=approved_alert, by=baja_coordinator, texts={}, duration_hours=approved_alert.duration_hours + 1,
        photo=approved_alert.photo,
    )  # fmt: skip
    assert bases(approved_alert) == {}


def test_return_to_draft_voids_every_language(approved_alert, baja_coordinator):
    drafts.revise(alert=approved_alert, by=baja_coordinator)
    approved_alert.refresh_from_db()
    assert (approved_alert.status, bases(approved_alert)) == ("draft", {})


def test_language_approved_later_goes_out_with_the_activation(draft_alert, baja_coordinator, baja_approver, reads_two):
    edited(draft_alert, "en", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    approved(draft_alert, reads_two, languages=["en"])
    assert draft_alert.status == "approved"
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    assert sorted(AlertMessage.objects.get().texts) == ["en", "es", "fr"]


def test_language_approved_after_the_activation_is_ready_for_an_update(
    draft_alert, baja_coordinator, baja_approver, reads_two
):
    edited(draft_alert, "en", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, reads_two, languages=["en"])
    assert draft_alert.status == "active"
    assert set(approvals.publishable(draft_alert).texts) == {"en", "es", "fr"}
    assert sorted(PublicAlert.objects.get().texts.values_list("language", flat=True)) == ["es", "fr"]


def test_unapproved_words_may_change_without_undoing_the_approval(draft_alert, baja_coordinator, baja_approver):
    edited(draft_alert, "en", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    draft_alert.texts.filter(language="en").update(headline="Another word")
    assert approvals.is_as_approved(draft_alert)
    draft_alert.texts.filter(language="es").update(headline="Otra palabra")
    assert not approvals.is_as_approved(draft_alert)


def test_approver_of_the_last_version_may_approve_the_next_which_another_wrote(
    approved_alert, baja_coordinator, baja_approver
):
    """Written before the last approval is approved already; since then somebody else wrote."""
    edited(approved_alert, "es", baja_approver)
    drafts.submit(alert=approved_alert, by=baja_approver)
    with pytest.raises(ActRefused):
        approved(approved_alert, baja_approver)
    approved(approved_alert, baja_coordinator)
    assert (approved_alert.status, approved_alert.approved_by) == ("approved", baja_coordinator)


def test_officer_of_another_program_approves_no_language(approved_alert, california_coordinator):
    with pytest.raises(NotPermitted):
        approved(approved_alert, california_coordinator)


def test_the_page_says_what_the_approval_covers(client, draft_alert, baja_coordinator, baja_approver):
    edited(draft_alert, "fr", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    client.force_login(baja_approver)
    page = client.get(f"/desk/alerts/{draft_alert.pk}/")
    approving = page.context["approving"]
    named = {key: [text.language for text in approving[key]] for key in ("covered", "along", "behind")}
    assert named == {"covered": ["es"], "along": ["en"], "behind": ["fr"]}
    assert approving["missing"] == []
    nonce = page.context["nonce"]
    form = {"nonce": f"{nonce}-approve", "content_hash": page.context["content_hash"], "languages_shown": "1",
            "languages": ["es"]}  # fmt: skip
    assert client.post(f"/desk/alerts/{draft_alert.pk}/approve/", form).status_code == 302
    draft_alert.refresh_from_db()
    assert (draft_alert.status, bases(draft_alert)) == ("approved", {"es": ApprovalBasis.READ, "en": "composed"})


def test_the_form_without_a_language_approves_nothing(client, draft_alert, baja_coordinator, baja_approver):
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    client.force_login(baja_approver)
    page = client.get(f"/desk/alerts/{draft_alert.pk}/")
    form = {"nonce": "n-approve", "content_hash": page.context["content_hash"], "languages_shown": "1"}
    assert client.post(f"/desk/alerts/{draft_alert.pk}/approve/", form).status_code == 409
    draft_alert.refresh_from_db()
    assert draft_alert.status == "submitted"
