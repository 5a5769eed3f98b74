"""What the pages of an alert show about its approval, language by language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from agencies.choices import Language
from agencies.models import User
from alerts import alert_guards, permissions
from alerts.choices import AlertStatus, TextStanding
from alerts.models import Alert
from alerts.services import approvals


def approving_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return which texts this person's approval would cover now, which go along, and which are missing."""
    is_open = alert.status in approvals.APPROVABLE
    if not is_open or not permissions.can_approve(user, alert):
        return {}
    covered = [text for text in approvals.texts_to_approve(alert, user) if not text.is_approved]
    if alert.status != AlertStatus.SUBMITTED and not covered:
        return {}
    names = {text.language for text in covered}
    others = [text for text in alert.texts.all() if text.language not in names and not text.is_approved]
    missing = alert_guards.languages_unapproved(alert) - names
    return {
        "covered": covered,
        "along": [text for text in others if text.standing != TextStanding.UNREVIEWED],
        "behind": [text for text in others if text.standing == TextStanding.UNREVIEWED],
        "missing": language_labels(missing),
        "typed": language_labels(text.language for text in covered if text.is_typed),
    }


def language_labels(codes: Iterable[str]) -> list[str]:
    """Return languages as they call themselves, in a fixed order."""
    return [str(Language(code).label) for code in sorted(codes)]


def chosen_languages(post: QueryDict) -> list[str] | None:
    """Return the languages that the form names, or None where it has no choice of languages."""
    if "languages_shown" not in post:
        return None
    return [language for language in post.getlist("languages") if language in Language.values]
