"""Tests of a recipient's webhook: asked for in a row, sent by whoever sends webhooks, answered in the same row."""

from __future__ import annotations

from typing import cast

from django.db import transaction
from django.utils import timezone

from alerts.channels import webhook
from alerts.models import Recipient
from alerts.webhooks import compose_test

AT_ONCE = 20


def send_tests() -> int:
    """Send the tests that were asked for; return how many. One that is lost with its sender is asked for again."""
    if not Recipient.objects.filter(test_asked_at__isnull=False).exists():
        return 0
    with transaction.atomic():
        waiting = Recipient.objects.select_for_update(of=("self",), skip_locked=True).select_related("program")
        asked = list(waiting.filter(test_asked_at__isnull=False)[:AT_ONCE])
        Recipient.objects.filter(pk__in=[item.pk for item in asked]).update(test_asked_at=None)
    with webhook.Poster() as poster:
        poster.begin((recipient.pk, compose_test(recipient)) for recipient in asked)
        while poster.pending:
            for key, outcome in poster.outcomes():
                of_one = Recipient.objects.filter(pk=cast(int, key))
                of_one.update(tested_at=timezone.now(), test_result=outcome.detail)
    return len(asked)
