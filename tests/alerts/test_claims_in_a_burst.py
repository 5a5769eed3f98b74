"""A claim reads what it claims, however much more waits, also before the planner has counted a burst of new rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies.models import AlertProgram
from alerts import delivery
from alerts.models import AlertMessage, Delivery, Recipient
from tests.alerts.test_delivery import sent_to  # noqa: F401

pytestmark = pytest.mark.django_db


def blocks_read(limit: int) -> int:
    """Return how many blocks a claim of so many rows touches; it claims nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(delivery.CLAIM_SETTINGS)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {delivery.CLAIM}", ["email", 0, limit, 20])
        (found,) = cursor.fetchone()
        transaction.set_rollback(True)
    plan = found if isinstance(found, list) else json.loads(found)
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])


def add_recipients(message: AlertMessage, count: int) -> None:
    program = AlertProgram.objects.get(code="mx-bcn")
    more = [
        Recipient(program=program, name=f"more {number}", kind="media", email=f"more{number}@x.example", language="es")
        for number in range(count)
    ]
    delivery.queue_message(message, Recipient.objects.bulk_create(more))


def test_claim_of_ten_reads_no_more_where_ten_times_as_many_wait(sent_to: Any):  # noqa: F811
    message = sent_to(60)[0].message
    few = blocks_read(10)
    add_recipients(message, 600)
    many = blocks_read(10)
    assert many < 4 * few, (few, many)  # an index of more rows is a level or two deeper; reading all is eleven times


def test_forty_mails_cost_the_questions_of_ten(sent_to: Any):  # noqa: F811
    message = sent_to(10)[0].message
    asked = []
    for more in (0, 30):
        add_recipients(message, more)
        with CaptureQueriesContext(connection) as queries:
            assert delivery.send_due() >= 10
        asked.append(len(queries))
        Delivery.objects.filter(message=message).update(state="queued")
    assert asked[1] < asked[0] + 5, [query["sql"][:120] for query in queries]


def test_message_behind_an_unsent_one_costs_a_look_and_is_not_claimed(sent_to: Any):  # noqa: F811
    first = sent_to(60)[0].message
    update = AlertMessage.objects.create(
        alert=first.alert, msg_type="Update", identifier="u", sender=first.sender, sent=first.sent, xml=b"<alert/>",
        texts=first.texts, expires_at=first.expires_at,
    )  # fmt: skip
    recipients = list(Recipient.objects.filter(deliveries__message=first))
    delivery.queue_message(update, recipients)
    Delivery.objects.filter(message=first, recipient=recipients[0]).update(state="sent")
    with transaction.atomic():
        claimed = delivery._claim(500, 0)
    of_update = [row for row in claimed if row.message_id == update.pk]
    assert [row.recipient_id for row in of_update] == [recipients[0].pk]
    assert len(claimed) == len(recipients)
