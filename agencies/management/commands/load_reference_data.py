"""Load or refresh reference data from the files in `data/`; what staff changed since is kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from agencies.choices import SEED_MINUTES
from agencies.models import (
    ActivatingBody,
    ActivationFallback,
    Agency,
    AlertProgram,
    CriteriaVersion,
    Holiday,
    ProgramDesk,
    ProgramLadder,
    ProgramRoute,
    Subdivision,
)
from agencies.reference_files import LANGUAGES, desk_numbers, names, read_programs, read_rows, tip_numbers
from agencies.services import agencies_without_roles, ensure_role_groups

LABEL_KEYS = ("code", "en", "es", "fr", "grammar")
TRANSLATED_CRITERIA = ("danger_test", "activating_bodies", "notes")
AGENCY_KEYS = ("kind", "country", "time_zone", "languages", "desk_email")
PROGRAM_KEYS = (
    "country", "number_prefix", "cap_sender", "tip_phone_display", "languages_required",
    "cancel_on_recovery", "single_officer_activation", "time_zone", "is_hub",
)  # fmt: skip


class Command(BaseCommand):
    """Safe to run again at every start and every release."""

    help = "Load subdivisions, agencies, programs, criteria and code lists."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Add what is missing, row by row."""
        self.load_subdivisions()
        self.load_agencies()
        self.load_programs()
        self.load_codes()
        self.load_places()
        self.load_holidays()
        if options["verbosity"]:
            self.stdout.write("Reference data is loaded.")

    def load_subdivisions(self) -> None:
        """Load states, entidades and provinces with their neighbors."""
        rows = read_rows("subdivisions.json")
        if Subdivision.objects.count() == len(rows):
            return
        for row in rows:
            Subdivision.objects.update_or_create(
                code=row["code"],
                defaults={
                    **names(row),
                    **{key: row[key] for key in ("country", "kind", "fips", "sgc", "inegi", "ncic", "outline")},
                    "latitude": row["centroid"][0],
                    "longitude": row["centroid"][1],
                },
            )
        for row in rows:
            Subdivision.objects.get(code=row["code"]).neighbors.set(row["neighbors"])

    def load_agencies(self) -> None:
        """Load agencies that are not there yet, each with its role groups."""
        rows = read_rows("agencies.json")
        present = set(Agency.objects.values_list("code", flat=True))
        Agency.objects.bulk_create(
            Agency(
                code=row["code"],
                subdivision_id=row["subdivision"],
                **names(row),
                **desk_numbers(row),
                **{key: row[key] for key in AGENCY_KEYS},
            )
            for row in rows
            if row["code"] not in present
        )
        agencies = Agency.objects.in_bulk(field_name="code")
        for row in rows:
            agency = agencies[row["code"]]
            if row["parent"] and agency.parent_id is None:
                agency.parent = agencies[row["parent"]]
                agency.save(update_fields=["parent"])
        ensure_role_groups(*agencies_without_roles())

    def load_programs(self) -> None:
        """Load programs that are not there yet, each with its first criteria version, then what surrounds them."""
        rows = read_programs()
        agencies = Agency.objects.in_bulk(field_name="code")
        present = set(AlertProgram.objects.values_list("code", flat=True))
        AlertProgram.objects.bulk_create(
            AlertProgram(
                code=row["code"],
                agency=agencies[row["agency"]],
                subdivision_id=row["subdivision"],
                **names(row),
                **escalation_words(row),
                **tip_numbers(row),
                **{key: row[key] for key in PROGRAM_KEYS},
            )
            for row in rows
            if row["code"] not in present
        )
        for row in rows:  # programs of an older release have no words for being handed a decision
            if words := escalation_words(row):
                AlertProgram.objects.filter(code=row["code"], escalation_label_en__isnull=True).update(**words)
        programs = AlertProgram.objects.in_bulk(field_name="code")
        CriteriaVersion.objects.bulk_create(
            first_version(programs[row["code"]], row["criteria"]) for row in rows if row["code"] not in present
        )
        self.load_desks_and_routes(rows, programs, agencies)
        self.load_bodies(rows, programs, agencies)
        ProgramLadder.objects.bulk_create(
            ProgramLadder(program=program, step=step, minutes=minutes)
            for program in AlertProgram.objects.filter(ladder__isnull=True)
            for step, minutes in SEED_MINUTES.items()
        )

    def load_desks_and_routes(self, rows: Any, programs: Any, agencies: Any) -> None:
        """Give desks and routes to programs that have none, also to those of an older release."""
        with_desks = set(ProgramDesk.objects.values_list("program__code", flat=True))
        with_routes = set(ProgramRoute.objects.values_list("program__code", flat=True))
        ProgramDesk.objects.bulk_create(
            ProgramDesk(program=programs[row["code"]], agency=agencies[code], position=position)
            for row in rows
            if row["code"] not in with_desks
            for position, code in enumerate(row["desks"], start=1)
        )
        ProgramRoute.objects.bulk_create(
            ProgramRoute(
                program=programs[row["code"]],
                kind=route["kind"],
                to_program=programs[route["to"]],
                position=position,
                source=route["source"],
            )
            for row in rows
            if row["code"] not in with_routes
            for position, route in enumerate(row["routes"], start=1)
        )

    def load_bodies(self, rows: Any, programs: Any, agencies: Any) -> None:
        """Give activating bodies to versions that have none; a hub that activates nothing has none on purpose.

        A program that staff added in an older release keeps its own agency as its body.
        """
        seeds = {programs[row["code"]].pk: row for row in rows}
        bodies, fallbacks = [], []
        for version in CriteriaVersion.objects.filter(bodies__isnull=True).select_related("program"):
            seed = seeds.get(version.program_id)
            codes = seed["bodies"] if seed else []
            own = [version.program.agency_id] if seed is None and not version.program.is_hub else []
            bodies += [
                ActivatingBody(criteria=version, agency_id=agency_id)
                for agency_id in [*(agencies[code].pk for code in codes), *own]
            ]
            fallbacks += [
                ActivationFallback(criteria=version, agency=agencies.get(item["agency"]), **names(item, "condition"))
                for item in (seed["fallbacks"] if seed else [])
            ]
        ActivatingBody.objects.bulk_create(bodies)
        ActivationFallback.objects.bulk_create(fallbacks)

    def load_places(self) -> None:
        """Load the time zones of places that are not there yet; the app of cases owns the table."""
        model = apps.get_model("cases", "PlaceZone")  # by name: agencies may not import cases
        source = Path(apps.get_app_config("cases").path) / "data" / "places.json"
        present = set(model.objects.values_list("subdivision_id", "key"))
        wanted = {
            (row["subdivision"], model.key_of(name)): model(
                subdivision_id=row["subdivision"], name=name, key=model.key_of(name), kind=row["kind"],
                time_zone=row["time_zone"],
            )
            for row in json.loads(source.read_text(encoding="utf-8"))["places"]
            for name in row["names"]
        }  # fmt: skip
        model.objects.bulk_create(row for key, row in wanted.items() if key not in present)

    def load_holidays(self) -> None:
        """Load the holidays of the three countries that are not there yet; those of states are rows that staff add."""
        present = set(Holiday.objects.values_list("country", "subdivision", "day"))
        Holiday.objects.bulk_create(
            Holiday(country=row["country"], subdivision_id=row["subdivision"], day=day, **names(row))
            for row in read_rows("holidays.json")
            for day in map(date.fromisoformat, row["days"])
            if (row["country"], row["subdivision"], day) not in present
        )

    def load_codes(self) -> None:
        """Load code values that are not there yet; the app of cases owns the lists."""
        model = apps.get_model("cases", "CodeValue")  # by name: agencies may not import cases
        source = Path(apps.get_app_config("cases").path) / "data" / "codes.json"
        present = set(model.objects.values_list("list_name", "code"))
        lists = json.loads(source.read_text(encoding="utf-8"))["lists"]
        model.objects.bulk_create(
            model(
                list_name=list_name,
                code=row["code"],
                position=position,
                grammar={**{key: row[key] for key in row if key not in LABEL_KEYS}, **row.get("grammar", {})},
                **{f"label_{language}": row[language] for language in LANGUAGES},
            )
            for list_name, rows in lists.items()
            for position, row in enumerate(rows)
            if (list_name, row["code"]) not in present
        )


def escalation_words(row: dict[str, Any]) -> dict[str, str]:
    """Return the words by which others hand a decision up to a program; nothing where nobody does."""
    return names(row, "escalation_label") if "escalation_label_en" in row else {}


def first_version(program: AlertProgram, row: dict[str, Any]) -> CriteriaVersion:
    """Return a program's first criteria version, not stored; nobody has verified it."""
    translated = {key: value for field in TRANSLATED_CRITERIA for key, value in names(row, field).items()}
    known = {field.name for field in CriteriaVersion._meta.get_fields()}
    plain = {key: value for key, value in row.items() if key in known - translated.keys() - {"version"}}
    return CriteriaVersion(program=program, version=1, **{**plain, **translated})
