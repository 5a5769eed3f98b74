"""Acknowledgement tokens: 128 bits in the mail, a hash in the database."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid

import pytest
from django.forms.models import model_to_dict

from alerts import delivery
from alerts.models import Delivery, DeliveryAttempt
from alerts.tokens import hash_of, token_for


def test_token_has_128_bits_and_no_padding():
    token = token_for(uuid.uuid4())
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)
    assert len(base64.urlsafe_b64decode(token + "==")) * 8 == 128


def test_token_differs_per_delivery_and_stays_for_a_retry():
    ids = [uuid.uuid4() for _number in range(1000)]
    tokens = [token_for(one) for one in ids]
    assert len(set(tokens)) == 1000
    assert [token_for(one) for one in ids] == tokens


def test_token_cannot_be_derived_without_the_secret(settings):
    delivery_id = uuid.uuid4()
    ours = token_for(delivery_id)
    settings.SECRET_KEY = "another secret of sufficient length 0123456789 0123456789"
    assert token_for(delivery_id) != ours


def test_hash_is_sha256():
    assert hash_of("a token") == hashlib.sha256(b"a token").hexdigest()


@pytest.mark.django_db
def test_mail_holds_the_token_and_the_database_only_its_hash(active_alert, mailoutbox, client):
    while delivery.send_due():
        pass
    (row,) = Delivery.objects.filter(message__alert=active_alert)
    (mail,) = [mail for mail in mailoutbox if mail.to == [row.address]]
    (token,) = re.findall(r"/acknowledge/([^/\s]+)/", mail.body)
    assert token == token_for(row.pk)
    assert row.token_hash == hash_of(token)
    stored = [model_to_dict(row), *DeliveryAttempt.objects.values(), dict(row.message.texts)]
    assert token not in repr(stored)
    assert token not in bytes(row.message.xml).decode()
    assert client.get(f"/acknowledge/{token}/").status_code == 200
    assert client.get(f"/acknowledge/{row.token_hash}/").status_code == 404
    assert client.get(f"/acknowledge/{row.pk}/").status_code == 404


@pytest.mark.django_db
def test_notice_to_a_portal_user_has_no_token(sent_request):
    assert set(Delivery.objects.filter(notice__isnull=False).values_list("token_hash", flat=True)) == {""}
