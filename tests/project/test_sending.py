"""Acts sent by the page's own script: it learns that we have them, and never before (U32)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from agencies.models import SubmittedAct
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
FETCH = {"X-Act": "fetch"}


def test_script_gets_address_and_time_of_receipt_and_the_repeat_the_same(
    intake_case: Any, california_officer: Any
) -> None:
    client = signed_in(california_officer)
    step = reverse("cases:case-step", args=[intake_case.pk, "activate"])
    for _time in range(2):
        answer = client.post(step, {"nonce": NONCE}, headers=FETCH)
        assert answer.status_code == 200
        assert answer.json()["url"] == reverse("cases:case-detail", args=[intake_case.pk])
        assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["received"])
    assert SubmittedAct.objects.count() == 1
    text = client.get(answer.json()["url"]).text
    assert text.count("(your time)") == 1


def test_refused_act_is_no_success_for_the_script(active_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    again = reverse("cases:case-step", args=[active_case.pk, "activate"])
    answer = client.post(again, {"nonce": NONCE}, headers=FETCH)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (409, "text/html")
    assert not SubmittedAct.objects.exists()


def test_signed_out_script_is_sent_to_the_sign_in(intake_case: Any, client: Any) -> None:
    step = reverse("cases:case-step", args=[intake_case.pk, "activate"])
    answer = client.post(step, {"nonce": NONCE}, headers=FETCH)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_every_page_of_a_signed_in_reader_carries_script_and_words(california_officer: Any, client: Any) -> None:
    text = signed_in(california_officer, "es").get("/desk/").text
    assert "js/sending.js" in text and "data-sending-words" in text
    assert "js/sending.js" not in client.get("/login/").text
