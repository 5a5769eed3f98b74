"""Who gets the demo's alerts: media, police, border posts and transport of each program, in three languages."""

from __future__ import annotations

from django.utils import timezone

from agencies.choices import Country, Language
from agencies.models import AlertProgram
from alerts.choices import RecipientKind as K
from alerts.models import Recipient

# Per home language: kind, language of the recipient, name, address; {place} is the program's region.
CIRCLES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    Language.EN: (
        (K.MEDIA, "en", "Demo Radio {place}", "newsroom@demo-radio"),
        (K.MEDIA, "es", "Televisión Demo {place}", "redaccion@demo-tv"),
        (K.MEDIA, "fr", "Agence Exemple {place}", "redaction@demo-agence"),
        (K.POLICE, "en", "Demo Police Dispatch {place}", "dispatch@demo-police"),
        (K.BORDER, "en", "Demo Border Post {place}", "watch@demo-border"),
        (K.TRANSPORT, "en", "Demo Bus Lines {place}", "safety@demo-bus"),
        (K.PARTNER, "es", "Demo Community Center {place}", "avisos@demo-center"),
    ),
    Language.ES: (
        (K.MEDIA, "es", "Radio Demo {place}", "redaccion@demo-radio"),
        (K.MEDIA, "en", "Demo Border Weekly {place}", "newsroom@demo-weekly"),
        (K.MEDIA, "fr", "Agence Exemple {place}", "redaction@demo-agence"),
        (K.POLICE, "es", "Policía Demo {place}", "despacho@demo-policia"),
        (K.BORDER, "es", "Cruce Fronterizo Demo {place}", "guardia@demo-cruce"),
        (K.TRANSPORT, "es", "Autobuses Demo {place}", "seguridad@demo-autobuses"),
        (K.PARTNER, "es", "Asociación Demo {place}", "avisos@demo-asociacion"),
    ),
    Language.FR: (
        (K.MEDIA, "fr", "Radio Démo {place}", "redaction@demo-radio"),
        (K.MEDIA, "en", "Demo Gazette {place}", "newsroom@demo-gazette"),
        (K.MEDIA, "es", "Semanario Ejemplo {place}", "redaccion@demo-semanario"),
        (K.POLICE, "fr", "Police Démo {place}", "repartition@demo-police"),
        (K.BORDER, "fr", "Poste frontalier Démo {place}", "quart@demo-poste"),
        (K.TRANSPORT, "fr", "Autocars Démo {place}", "securite@demo-autocars"),
        (K.PARTNER, "fr", "Organisme Exemple {place}", "avis@demo-organisme"),
    ),
}
EXERCISE: dict[str, tuple[str, str]] = {
    Language.EN: ("Exercise desk {place}", "exercise@demo-desk"),
    Language.ES: ("Mesa de simulacros {place}", "simulacros@demo-mesa"),
    Language.FR: ("Bureau des exercices {place}", "exercices@demo-bureau"),
}


# Border posts get text messages too. Numbers that no telephone has (555 01…); in the demo the simulator takes them.
NUMBERS = {Country.US: "+19155550199", Country.MX: "+526565550199", Country.CA: "+15145550199"}


def create_recipients() -> None:
    """Give every program its recipients, among them some for exercises only."""
    rows = []
    for program in AlertProgram.objects.select_related("agency", "subdivision"):
        home = program.languages_required[0]
        rows += [_recipient(program, *entry) for entry in CIRCLES[home]]
        for language in dict.fromkeys((home, Language.EN, Language.ES)):
            name, address = EXERCISE[language]
            rows.append(_recipient(program, K.PARTNER, language, name, address, is_exercise_only=True))
    Recipient.objects.bulk_create(rows)


def _recipient(
    program: AlertProgram, kind: str, language: str, name: str, address: str, *, is_exercise_only: bool = False
) -> Recipient:
    where = program.subdivision
    number = NUMBERS[Country(program.country)] if kind == K.BORDER else ""
    return Recipient(
        program=program,
        kind=kind,
        language=language,
        name=name.format(place=getattr(where, f"name_{language}") if where else "FGR"),
        email=f"{address}.{program.code}.example",
        sms_number=number,
        sms_verified_number=number,
        sms_verified_at=timezone.now() if number else None,
        is_exercise_only=is_exercise_only,
    )
