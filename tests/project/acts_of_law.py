"""Acts of criteria and legal reviews, as a browser sends them: who, where, and what the form holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from agencies.models import Agency, AlertProgram
from cases.services.opinions import ask_opinion, give_opinion, record_opinion

Act = tuple[Any, str, dict[str, Any]]


def _record_opinion(get: Callable[[str], Any]) -> Act:
    return get("california_legal"), reverse("cases:opinion-record", args=[get("active_case").pk]), {
        "opinion-opinion": "in_favor", "opinion-grounds": "Grounds.",
    }  # fmt: skip


def _release_opinion(get: Callable[[str], Any]) -> Act:
    case, advisor = get("sent_request").case, get("california_legal")
    review = record_opinion(case=case, by=advisor, opinion="in_favor", grounds="Grounds.")
    return advisor, reverse("cases:opinion-release", args=[case.pk, review.pk]), {
        f"release-{review.pk}-agency": str(Agency.objects.get(code="mx-bcn-amber").pk),
        f"release-{review.pk}-scope": "whole",
    }  # fmt: skip


def _ask_opinion(get: Callable[[str], Any]) -> Act:
    get("california_legal")
    return get("california_coordinator"), reverse("cases:opinion-ask", args=[get("active_case").pk]), {
        "ask-question": "custody", "ask-hours": "1",
    }  # fmt: skip


def _give_opinion(get: Callable[[str], Any]) -> Act:
    case, advisor = get("active_case"), get("california_legal")
    review = ask_opinion(case=case, by=get("california_coordinator"), question="custody", hours=1)
    return advisor, reverse("cases:opinion-give", args=[case.pk, review.pk]), {
        f"give-{review.pk}-opinion": "against", f"give-{review.pk}-grounds": "Grounds.",
    }  # fmt: skip


def _ask_again(get: Callable[[str], Any]) -> Act:
    case, asker = get("active_case"), get("california_coordinator")
    get("california_legal")
    review = ask_opinion(case=case, by=asker, question="custody", hours=1)
    give_opinion(review=review, by=get("california_legal"), opinion="more_facts", grounds="Which court?")
    return asker, reverse("cases:opinion-ask-again", args=[case.pk, review.pk]), {"again-hours": "2"}


def _ask_elsewhere(get: Callable[[str], Any]) -> Act:
    quebec = Agency.objects.get(code="ca-qc-sq")
    get("make_user")("juriste@quebec.example", quebec.code, "legal_advisor", "fr")
    return get("california_coordinator"), reverse("cases:opinion-ask-elsewhere", args=[get("active_case").pk]), {
        "elsewhere-agency": str(quebec.pk), "elsewhere-question": "custody", "elsewhere-hours": "2",
        "elsewhere-sight_hours": "24",
    }  # fmt: skip


def _withdraw_question(get: Callable[[str], Any]) -> Act:
    case, asker = get("active_case"), get("california_coordinator")
    get("california_legal")
    review = ask_opinion(case=case, by=asker, question="custody", hours=1)
    return asker, reverse("cases:opinion-withdraw", args=[case.pk, review.pk]), {}


def _answer_criteria(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("alerts:criteria-answer", args=[get("active_case").pk, "us-ca"]), {
        "criteria-danger": "yes",
    }  # fmt: skip


def _decide_at_home(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("cases:home-decision", args=[get("active_case").pk]), {
        "home-program": str(AlertProgram.objects.get(code="us-ca").pk), "home-outcome": "prealert",
    }  # fmt: skip


ACTS_OF_LAW: dict[str, Callable[[Callable[[str], Any]], Act]] = {
    "record opinion": _record_opinion, "release opinion": _release_opinion, "ask opinion": _ask_opinion,
    "give opinion": _give_opinion, "ask again": _ask_again, "answer criteria": _answer_criteria,
    "decide at home": _decide_at_home, "ask elsewhere": _ask_elsewhere, "withdraw question": _withdraw_question,
}  # fmt: skip
