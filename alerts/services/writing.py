"""Free words between two sides: kept with the language in which they were written."""

from __future__ import annotations

from django.utils.translation import get_language

from agencies.models import User
from alerts.models import ExtensionRequest, RequestNote


def written_language(text: str) -> str:
    """Return the language of the page on which words were written, or nothing where there are none."""
    return (get_language() or "en")[:2] if text else ""


def keep_note(
    *, request: ExtensionRequest, by: User, kind: str, text: str = "", reason: str = ""
) -> RequestNote | None:
    """Keep the words of one side; nothing is made where nothing was said."""
    if not text.strip() and not reason:
        return None
    return RequestNote.objects.create(
        request=request, kind=kind, reason=reason, text=text, language=written_language(text), written_by=by
    )
