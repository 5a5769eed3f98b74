"""What each asked program can read, and which free words of a request it cannot (U11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.models import AlertProgram, ProgramDesk
from alerts import permissions
from alerts.models import ExtensionRequest
from cases.models import Case


@dataclass(frozen=True)
class FreeText:
    """Words that stay in the language in which they were written: what they are called, and that language."""

    label: Any
    language: str

    @property
    def language_name(self) -> Any:
        """Return the language by its own name."""
        return Language(self.language).label


def languages_read(programs: Iterable[AlertProgram]) -> dict[int, frozenset[str]]:
    """Return per program the languages that it works in, and those that its answering officers read, in two queries."""
    programs = list(programs)
    desks: dict[int, set[int]] = {}
    rows = ProgramDesk.objects.filter(program__in=programs, agency__is_active=True)
    for program_id, agency_id in rows.values_list("program_id", "agency_id"):
        desks.setdefault(program_id, set()).add(agency_id)
    read: dict[int, set[str]] = {}
    for membership in permissions.answering().select_related("user"):
        read.setdefault(membership.agency_id, set()).update(membership.user.languages_read)
    return {
        program.pk: frozenset(program.languages_required).union(
            *(read.get(agency, ()) for agency in desks.get(program.pk) or {program.agency_id})
        )
        for program in programs
    }


def free_texts(case: Case, note: str, note_language: str) -> list[FreeText]:
    """Return the words of a case and of the note to the program that nobody has translated; the rest is coded."""
    event = case.abduction
    found = [
        (event._meta.get_field("circumstances").verbose_name, event.circumstances, event.circumstances_language),
        (ExtensionRequest._meta.get_field("note").verbose_name, note, note_language),
    ]
    written = [FreeText(label, language) for label, text, language in found if text.strip() and language]
    told = {leg.places_language for leg in case.legs.all() if leg.has_words}
    return [*written, *(FreeText(_("places of a travel leg"), language) for language in sorted(told))]


def unread_by(languages: frozenset[str], texts: Iterable[FreeText]) -> list[FreeText]:
    """Return those of the texts that a reader of these languages cannot read."""
    return [text for text in texts if text.language not in languages]
