"""Words of an alert or Update that two officers changed: together field by field, or both values to choose (U31)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any, Protocol

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.templatetags.punctuation import colon
from alerts.models import Alert
from cases.forms.conflicts import Conflict, read_base, sent_values
from cases.services.merging import Typed
from cases.views.merging import Who, put_together

MERGED = _("Saved together with what a colleague changed in the meantime. Read the whole text once more.")


class WordForms(Protocol):
    """The forms of one page of words."""

    @property
    def all(self) -> Iterable[forms.BaseForm]:
        """Return every form of the page; those of words have their language as prefix."""


@dataclasses.dataclass(frozen=True)
class WordsState:
    """What a page of words began with, and what two officers changed to different values."""

    base: Typed | None
    content_hash: str
    conflicts: tuple[Conflict, ...] = ()
    is_merged: bool = False

    @property
    def base_as_json(self) -> str:
        """Return what the page's hidden field holds."""
        return json.dumps(self.base, ensure_ascii=False)


def fresh_state(now: WordForms, present_hash: str) -> WordsState:
    """Return what a page begins with that shows the words as they are now."""
    return WordsState(sent_values(now.all), present_hash)


def words_together(
    typed: QueryDict, now: WordForms, present_hash: str, who: Who
) -> tuple[MultiValueDict[str, str], WordsState]:
    """Put typed words together with the words as they are now; return them with what has to be chosen.

    A page without its beginning keeps the hash it was made on, so that a save over a newer version is refused.
    """
    seen_hash = typed.get("content_hash", "")
    base = read_base(typed)
    if base is None:
        return typed, WordsState(None, seen_hash)
    together, conflicts = put_together(typed, now.all, base, who)
    state = dataclasses.replace(
        fresh_state(now, present_hash), conflicts=tuple(map(_in_its_language, conflicts)),
        is_merged=seen_hash != present_hash,
    )  # fmt: skip
    return together, state


def who_worded(alert: Alert) -> Who:
    """Return the question who last wrote the words of a field's language, and when."""
    texts = {text.language: text for text in alert.texts.select_related("author")}

    def of(field: forms.BoundField) -> tuple[str, Any]:
        text = texts.get(str(field.form.prefix))
        return (text.author.full_name, text.written_at) if text and text.author else ("", None)

    return of


def nobody_known(_field: forms.BoundField) -> tuple[str, None]:
    """Return no author: an Update keeps who worded it, not who worded which field."""
    return "", None


def _in_its_language(conflict: Conflict) -> Conflict:
    """Say which language a field's words are in: the same field stands on the page once for each."""
    prefix = conflict.name.split("-", 1)[0]
    if prefix not in Language.values:
        return conflict
    return dataclasses.replace(
        conflict, label=f"{colon(str(Language(prefix).label))} {conflict.label}", language=prefix
    )
