"""Acts on requests, and on what happens outside the portal, as a browser sends them: who, where, with which form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram
from alerts.services import outside, requests
from tests.alerts.test_outbound import active_case_of

Act = tuple[Any, str, dict[str, Any]]


def _record_activation(get: Callable[[str], Any]) -> Act:
    asked = get("accepted_request")
    return get("baja_coordinator"), reverse("alerts:request-outside", args=[asked.pk]), {
        "outside-number": "BC-9", "outside-area": "Tijuana", "outside-channels": ["broadcast"],
        "outside-starts_at": "2026-11-22T10:00", "outside-time_zone": "America/Tijuana",
        "outside-link": "https://alerta.example/9", "outside-text_language": "es",
    }  # fmt: skip


def _record_answer(get: Callable[[str], Any]) -> Act:
    officer = get("california_officer")
    program = AlertProgram.objects.get(code="us-nm")  # nobody of it works in the portal
    asked = requests.send_request(case=get("active_case"), program=program, by=officer)
    now = timezone.localtime(timezone.now(), ZoneInfo("America/Denver"))
    return officer, reverse("alerts:request-outside-answer", args=[asked.pk]), {
        "outside_answer-step": "acknowledge", "outside_answer-name": "Sgt. Noor", "outside_answer-position": "Watch",
        "outside_answer-channel": "fax", "outside_answer-answered_at": f"{now:%Y-%m-%dT%H:%M}",
        "outside_answer-time_zone": "America/Denver",
    }  # fmt: skip


def _changed(get: Callable[[str], Any], name: str, form: dict[str, Any]) -> Act:
    asked, officer, now = get("accepted_request"), get("baja_coordinator"), timezone.now()
    outside.record_activation(request=asked, by=officer, alert=outside.OutsideAlert(
        number="BC-9", area="Tijuana", channels=["broadcast"], starts_at=now - timedelta(minutes=9),
        expires_at=now + timedelta(hours=20), time_zone="America/Tijuana", link="https://alerta.example/9",
    ))  # fmt: skip
    return officer, reverse(f"alerts:{name}", args=[asked.pk]), {"version": "1", **form}


def _correct_outside(get: Callable[[str], Any]) -> Act:
    return _changed(get, "request-outside-correct", {
        "outside-number": "BC-10", "outside-area": "Tijuana", "outside-channels": ["broadcast"],
        "outside-starts_at": "2026-11-22T10:00", "outside-time_zone": "America/Tijuana",
        "outside-link": "https://alerta.example/9", "outside-text_language": "es",
        "outside-reason": "recorded_wrongly",
    })  # fmt: skip


def _renew_outside(get: Callable[[str], Any]) -> Act:
    later = timezone.localtime(timezone.now() + timedelta(hours=30), ZoneInfo("America/Tijuana"))
    return _changed(get, "request-outside-renew", {
        "outside-expires_at": f"{later:%Y-%m-%dT%H:%M}", "outside-time_zone": "America/Tijuana",
        "outside-reason": "child_still_missing",
    })  # fmt: skip


def _hand_on(get: Callable[[str], Any]) -> Act:
    asked = get("sent_request")
    return get("baja_coordinator"), reverse("alerts:request-hand-on", args=[asked.pk, "up-mx-fgr"]), {
        "up-mx-fgr-program": "mx-fgr",
    }  # fmt: skip


def _ask_again(get: Callable[[str], Any]) -> Act:
    asked = get("sent_request")
    requests.withdraw(request=asked, by=get("california_officer"))
    return get("california_officer"), reverse("alerts:request-again", args=[asked.pk]), {"kind": "activate"}


def _send_the_draft(get: Callable[[str], Any]) -> Act:
    officer, program = get("california_officer"), AlertProgram.objects.get(code="us-nm")
    draft = requests.save_draft(case=get("active_case"), program=program, by=officer)
    return officer, reverse("alerts:request-draft", args=[draft.pk]), {
        "draft-kind": "activate", "draft-note": "Now", "draft-seen_kind": "activate", "draft-seen_note": "",
        "send": "1",
    }  # fmt: skip


def _escalate(get: Callable[[str], Any]) -> Act:
    case = active_case_of(get("baja_coordinator"), "mx-bcn-amber")
    return get("baja_coordinator"), reverse("alerts:case-escalate", args=[case.pk, "mx-fgr"]), {"escalate-note": "Ya"}


ACTS_OUTSIDE: dict[str, Callable[[Callable[[str], Any]], Act]] = {
    "record activation outside": _record_activation, "record answer from outside": _record_answer,
    "correct what is outside": _correct_outside, "renew what is outside": _renew_outside,
    "hand on": _hand_on, "hand the decision up": _escalate, "ask again": _ask_again, "send the draft": _send_the_draft,
}  # fmt: skip
