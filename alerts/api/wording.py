"""Words as they are given: only what changes, one version of each language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from alerts.services import drafts


def whole_words(
    present: Mapping[str, Mapping[str, str]], given: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """Return whole texts by language, filled up with the words that stay. Refuses a language that is not there."""
    whole: dict[str, dict[str, str]] = {}
    for words in given:
        text = present.get(words["language"])
        if text is None:
            raise serializers.ValidationError({"texts": [_("The alert has no text in this language.")]})
        whole[words["language"]] = {
            name: words.get(name, text[name]).replace("\r\n", "\n") for name in drafts.TEXT_FIELDS
        }
    return whole
