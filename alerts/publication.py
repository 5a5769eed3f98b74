"""What one program's public text and picture may carry, and what of an alert lost its authority (U28)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from agencies.choices import NEVER_PUBLIC, Language, PublicField
from agencies.models import AlertProgram, CriteriaVersion
from alerts import typed_words
from alerts.choices import TextSource
from alerts.models import Alert
from cases.choices import PUBLIC_ROLES, ChildStatus, PublicItem
from cases.models import Case, Child, Person, Photo
from cases.models.publication import Granted, granted_to

DATE_FORMATS = ("Y-m-d", "d/m/Y", "j/n/Y", "m/d/Y", "n/j/Y", "d-m-Y", "DATE_FORMAT", "SHORT_DATE_FORMAT")


@dataclass(frozen=True)
class Allowed:
    """What a program may tell in public about one case: the fields of its rules and its authorities."""

    fields: frozenset[str]
    granted: Granted

    def names_child(self, child: Child) -> bool:
        """Say whether the child's name may stand in public text."""
        return self.granted.covers(PublicItem.CHILD_NAME, child.pk)

    def names_suspect(self, person: Person) -> bool:
        """Say whether the person's name may stand in public text."""
        return self.covers_key(PublicItem.SUSPECT_NAME, str(person.pk))

    def describes_suspect(self, person: Person) -> bool:
        """Say whether looks, relationship and cautions of the person may stand in public text."""
        return self.granted.covers(PublicItem.SUSPECT_DETAILS, person.pk)

    def covers_key(self, item: str, key: str) -> bool:
        """Say whether an item of the row with this key may be told; facts that were issued know keys alone."""
        if item == PublicItem.SUSPECT_NAME and PublicField.SUSPECT_NAME not in self.fields:
            return False
        return bool(key) and self.granted.covers(item, uuid.UUID(key))

    def shows(self, photo: Photo) -> bool:
        """Say whether the photo may be shown, a police-only one never; one of a suspect needs the program's rule."""
        if photo.is_police_only:
            return False
        if photo.person_id and PublicField.SUSPECT_PHOTO not in self.fields:
            return False
        return self.granted.covers(PublicItem.PHOTO, photo.pk)


class _Everything(Allowed):
    """Nothing is left out: what an agency on the case reads, which is not what the public may be told."""

    def names_child(self, child: Child) -> bool:
        """Say that the name is read."""
        return True

    def names_suspect(self, person: Person) -> bool:
        """Say that the name is read."""
        return True

    def describes_suspect(self, person: Person) -> bool:
        """Say that the description is read."""
        return True


EVERYTHING = _Everything(frozenset(PublicField.values), Granted())


def public_fields(program: AlertProgram, criteria: CriteriaVersion | None = None) -> frozenset[str]:
    """Return what the program's rules allow, without what its country's law keeps out of any public text.

    `criteria` is the version that an alert was activated under; without one that which counts for its terms, too.
    """
    criteria = criteria or CriteriaVersion.ruling_for(program)
    return frozenset(criteria.public_fields if criteria else ()) - NEVER_PUBLIC.get(program.country, frozenset())


def allowed_for(program: AlertProgram, case: Case, criteria: CriteriaVersion | None = None) -> Allowed:
    """Return what the program may tell in public about the case now, by the rules that count or by those named."""
    return Allowed(public_fields(program, criteria), granted_to(program, case))


def allowed_by(alert: Alert) -> Allowed:
    """Return what an alert may tell in public now: by the rules it was activated under, before that its program's."""
    return allowed_for(alert.program, alert.case, alert.criteria)


def objections(alert: Alert) -> list[str]:
    """Return, in the reader's language, what the alert would publish without a right to; none when all is well."""
    rows = list(alert.texts.all())
    texts = {text.language: told(text.headline, text.description, text.instruction) for text in rows}
    typed = {text.language for text in rows if text.source != TextSource.COMPOSED}
    return objections_to(alert, alert.photo, texts, typed)


def told(*words: str) -> str:
    """Return the parts of a text as they are searched: none runs into the next."""
    return "\n".join(words)


def objections_to(
    alert: Alert, photo: Photo | None, texts: Mapping[str, str], typed: Collection[str] = ()
) -> list[str]:
    """Return the same for words by language and a photo that the alert's program is about to publish.

    In the languages that are `typed`, words that somebody wrote by hand are searched for surnames alone, aliases,
    handles, and descriptions by their coded labels too; composed words tell nothing without its authority.
    """
    case, allowed = alert.case, allowed_by(alert)
    found = []
    if photo is not None and not allowed.shows(photo):
        found.append(_("The photo has no recorded authority to be published."))
    children = list(case.children.all())
    unnamed = _unnamed(case, children, allowed)
    said = {code: words for code, words in texts.items() if code in typed}
    recognized = _recognized(alert, said, unnamed, allowed) if said else []
    found += _worded(recognized, typed_words.NAME)
    by_hand = {item.language for item in recognized if item.kind == typed_words.NAME}
    naming = [code for code, words in texts.items() if code not in by_hand
              and any(_names(words, person) for person in unnamed)]  # fmt: skip
    if naming:
        found.append(
            _("The text names a person without a recorded authority to publish the name: %(language)s.")
            % {"language": _own_names(naming)}
        )
    telling = [
        code for code, words in texts.items() if any(_tells_birth_date(words, child, code) for child in children)
    ]
    if telling and PublicField.BIRTH_DATE not in allowed.fields:
        found.append(
            _("The text tells a full date of birth, which this program may not publish: %(language)s.")
            % {"language": _own_names(telling)}
        )
    return found + _worded(recognized, typed_words.LOOKS) + _worded(recognized, typed_words.MEDICAL)


OBJECTIONS = {
    typed_words.NAME: gettext_lazy(
        "The text says “%(words)s”, a name without a recorded authority to publish it: %(language)s."
    ),
    typed_words.LOOKS: gettext_lazy(
        "The text says “%(words)s” and describes a person without a recorded authority to do so: %(language)s."
    ),
    typed_words.MEDICAL: gettext_lazy(
        "The text says “%(words)s”, a medical need, which this program may not publish: %(language)s."
    ),
}


def _worded(recognized: Iterable[typed_words.Found], kind: str) -> list[str]:
    """Return one objection for each word of a kind, with the languages in which it stands."""
    languages: dict[str, list[str]] = {}
    for item in recognized:
        if item.kind == kind:
            languages.setdefault(item.words, []).append(item.language)
    return [str(OBJECTIONS[kind]) % {"words": words, "language": _own_names(codes)}
            for words, codes in languages.items()]  # fmt: skip


def _recognized(
    alert: Alert, texts: Mapping[str, str], unnamed: list[Child | Person], allowed: Allowed
) -> list[typed_words.Found]:
    people: list[Person] = list(alert.case.people.all())
    suspects = [person for person in people if person.role in PUBLIC_ROLES]
    others = [person for person in people if person.role not in PUBLIC_ROLES]  # nothing authorizes their names
    keys = {person.pk for person in unnamed}
    everybody: list[Child | Person] = [*alert.case.children.all(), *suspects]
    described = [one for one in suspects if one.cleared_at is None and allowed.describes_suspect(one)]
    return typed_words.recognized(
        alert, texts, unnamed=[*unnamed, *others],
        named=[one for one in everybody if one.pk not in keys],
        described=described, undescribed=[one for one in suspects if one not in described],
        is_medical_told=PublicField.MEDICAL in allowed.fields,
    )  # fmt: skip


def _own_names(languages: Iterable[str]) -> str:
    """Return languages as they call themselves, as over the texts, in a fixed order."""
    return ", ".join(str(Language(code).label) for code in Language.values if code in languages)


@dataclass(frozen=True)
class ItemStanding:
    """Whether one item may be published by one program: present, missing or expires."""

    item: str
    subject: Child | Person | Photo
    state: str
    ends: datetime | None


def standings(
    items: list[tuple[str, Child | Person | Photo]], granted: Granted, *, needed_until: datetime | None = None
) -> list[ItemStanding]:
    """Return the standing of each item; `expires` means before the alert's own end."""
    return [_standing(item, subject, granted, needed_until) for item, subject in items]


def term_end(alert: Alert) -> datetime:
    """Return when the alert ends, or would end if it were activated now."""
    return alert.expires_at or timezone.now() + timedelta(hours=alert.duration_hours)


def _standing(
    item: str, subject: Child | Person | Photo, granted: Granted, needed_until: datetime | None
) -> ItemStanding:
    subject_id: uuid.UUID = subject.pk
    if not granted.covers(item, subject_id):
        return ItemStanding(item, subject, "missing", None)
    ends = granted.ends(item, subject_id)
    is_short = ends is not None and needed_until is not None and ends < needed_until
    return ItemStanding(item, subject, "expires" if is_short else "present", ends)


def _unnamed(case: Case, children: list[Child], allowed: Allowed) -> list[Child | Person]:
    suspects = case.people.filter(role__in=PUBLIC_ROLES)
    return [
        *(child for child in children if child.status == ChildStatus.RECOVERED or not allowed.names_child(child)),
        *(person for person in suspects if person.cleared_at or not allowed.names_suspect(person)),
    ]


def _names(words: str, person: Child | Person) -> bool:
    """Say whether a text names a person: in full whatever the letters' case, or by given names as written.

    Given names alone count as written only, because Rosa is also a color; an alias of one word with a capital.
    """
    given, surname = person.given_names.strip(), person.first_surname.strip()
    whole = [name for name in (person.name, f"{given} {surname}".strip(), person.also_known_as.strip()) if name]
    for name in whole:
        whole_words = rf"(?<!\w){re.escape(name)}(?!\w)"
        said = re.findall(whole_words, words, re.IGNORECASE) if len(name) > 2 and name not in (given, surname) else []
        if any(not (found.isalpha() and found[0].islower()) for found in said):
            return True
    return bool(given) and re.search(rf"(?<!\w){re.escape(given)}(?!\w)", words) is not None


def _tells_birth_date(words: str, child: Child, language: str) -> bool:
    if child.birth_date is None:
        return False
    with override(language):
        written = {date_format(child.birth_date, name).casefold() for name in DATE_FORMATS}
    return any(form in words.casefold() for form in written)
