"""Words as they are given: only what changes, one version of each language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from agencies.refusals import EditConflict
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


def refuse_differences(values: Mapping[str, Any], now: Mapping[str, Any], *, is_newer: bool) -> None:
    """Refuse, with both values of each field, what somebody else changed to another value since it was read (U31).

    `values` is a validated change, `now` holds the present value of every field under its address ("es.headline",
    "photo"). A field goes through where the present value is that of `base` or the new one already. Without a base
    nothing tells who changed what, so every field that would change is shown.
    """
    if not is_newer:
        return
    mine, base = _by_address(values), _by_address(values.get("base") or {})
    conflicts = {
        address: {"mine": value, "theirs": now[address]}
        for address, value in mine.items()
        if address in now and now[address] not in (value, base.get(address, serializers.empty))
    }
    if conflicts:
        raise EditConflict(_("A colleague changed the same fields"), conflicts)


def present_values(present: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the words by language as they are now, each under its address."""
    return {
        f"{language}.{name}": text[name].replace("\r\n", "\n")
        for language, text in present.items() for name in drafts.TEXT_FIELDS
    }  # fmt: skip


def _by_address(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        f"{words['language']}.{name}": value.replace("\r\n", "\n")
        for words in values.get("texts", ()) for name, value in words.items() if name != "language"
    }  # fmt: skip
    return found | {name: values[name] for name in ("duration_hours", "photo", "areas") if name in values}
