"""What recipients want: kinds of cases, kinds of updates, channels (ADR 82)."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.audience import audience_of
from alerts.choices import LeftOut, Unreached
from alerts.models import Recipient
from alerts.services import issuing
from alerts.texts import previews
from cases.models import Abduction

pytestmark = pytest.mark.django_db
NUMBER = {"sms_number": "+526565550100", "sms_verified_number": "+526565550100"}


def add(alert: Any, name: str, **fields: Any) -> Recipient:
    made = {"email": f"{name}@wants.example", "kind": "media", "language": "es", **fields}
    return Recipient.objects.create(program=alert.program, name=name, **made)


def told(alert: Any) -> set[str]:
    return {item.name for item in audience_of(alert).told}


def set_kind(alert: Any, kind: str) -> None:
    Abduction.objects.filter(case=alert.case_id).update(category_at_intake=kind)


def test_kind_of_case_is_wanted_or_not_and_an_unknown_one_reaches_everybody(draft_alert: Any) -> None:
    add(draft_alert, "all")
    add(draft_alert, "family", wants_case_kinds=["FAM"])
    add(draft_alert, "both", wants_case_kinds=["FAM", "NFA"])
    set_kind(draft_alert, "")
    assert told(draft_alert) == {"all", "family", "both"}
    set_kind(draft_alert, "NFA")
    assert told(draft_alert) == {"all", "both"}
    assert audience_of(draft_alert).left_out == [(LeftOut.OTHER_CASES, 1)]
    set_kind(draft_alert, "FAM")
    assert told(draft_alert) == {"all", "family", "both"}


def test_only_chosen_channels_are_used(draft_alert: Any) -> None:
    every = add(draft_alert, "every", **NUMBER)
    text = add(draft_alert, "text", sms_number="+526565550101", sms_verified_number="+526565550101",
               chosen_channels=["sms"])  # fmt: skip
    mail = add(draft_alert, "mail", sms_number="+526565550102", sms_verified_number="+526565550102",
               chosen_channels=["email"])  # fmt: skip
    by = {item.name: [channel for channel, _address in item.addresses] for item in (every, text, mail)}
    assert by == {"every": ["email", "sms"], "text": ["sms"], "mail": ["email"]}
    assert audience_of(draft_alert).messages == 4
    assert [item.recipients for item in previews(draft_alert, draft_alert.texts.all())] == [2]


def test_channel_without_its_address_is_named(draft_alert: Any) -> None:
    add(draft_alert, "unproven", sms_number="+526565550100", chosen_channels=["sms"])
    assert [(item.name, why) for item, why in audience_of(draft_alert).unreached] == [
        ("unproven", Unreached.NOT_BY_THESE)
    ]


@pytest.mark.parametrize(("is_lesser", "expected"), [(True, {"all"}), (False, {"all", "few"})])
def test_lesser_updates_go_to_who_wants_them(
    is_lesser: bool, expected: set[str], approved_alert: Any, baja_coordinator: Any
) -> None:
    add(approved_alert, "all")
    add(approved_alert, "few", wants_every_update=False)
    first = issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert first.deliveries.count() == 2, "the alert itself reaches both"
    update = type(first).objects.create(
        alert=approved_alert, msg_type="Update", identifier="x.2", sender=first.sender, sent=first.sent,
        references="", xml=b"", texts=first.texts, expires_at=first.expires_at,
    )  # fmt: skip
    issuing.tell(update, approved_alert, is_lesser=is_lesser)
    assert {row.recipient.name for row in update.deliveries.select_related("recipient") if row.recipient} == expected
