"""Load or refresh reference data from the files in `data/`; what staff changed since is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from agencies.models import Agency, AlertProgram, CriteriaVersion, Subdivision
from agencies.services import agencies_without_roles, ensure_role_groups

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGES = ("en", "es", "fr")
LABEL_KEYS = ("code", "en", "es", "fr", "grammar")
TRANSLATED_CRITERIA = ("danger_test", "activating_bodies", "notes")


def names(row: dict[str, Any], field: str = "name") -> dict[str, str]:
    """Return a translated field of a row, as modeltranslation's columns."""
    return {f"{field}_{language}": row[f"{field}_{language}"] for language in LANGUAGES}


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
        if options["verbosity"]:
            self.stdout.write("Reference data is loaded.")

    def load_subdivisions(self) -> None:
        """Load states, entidades and provinces with their neighbors."""
        rows = json.loads((DATA / "subdivisions.json").read_text(encoding="utf-8"))
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
        for row in json.loads((DATA / "agencies.json").read_text(encoding="utf-8")):
            fields = {
                key: row[key] for key in ("kind", "country", "time_zone", "languages", "desk_phone", "desk_email")
            }
            agency, _made = Agency.objects.get_or_create(
                code=row["code"], defaults={**names(row), **fields, "subdivision_id": row["subdivision"]}
            )
            if row["parent"] and agency.parent_id is None:
                agency.parent = Agency.objects.get(code=row["parent"])
                agency.save(update_fields=["parent"])
        for agency in agencies_without_roles():
            ensure_role_groups(agency)

    def load_programs(self) -> None:
        """Load programs that are not there yet, each with its first criteria version."""
        for row in json.loads((DATA / "programs.json").read_text(encoding="utf-8")):
            keys = (
                "country", "number_prefix", "cap_sender", "tip_phone", "tip_phone_display", "abroad_phone",
                "languages_required", "cancel_on_recovery", "single_officer_activation", "time_zone",
            )  # fmt: skip
            program, made = AlertProgram.objects.get_or_create(
                code=row["code"],
                defaults={
                    **names(row),
                    **{key: row[key] for key in keys},
                    "agency": Agency.objects.get(code=row["agency"]),
                    "subdivision_id": row["subdivision"],
                },
            )
            if made:
                self.load_criteria(program, row["criteria"])

    def load_criteria(self, program: AlertProgram, row: dict[str, Any]) -> None:
        """Load a program's first criteria version; nobody has verified it."""
        translated = {key: value for field in TRANSLATED_CRITERIA for key, value in names(row, field).items()}
        known = {field.name for field in CriteriaVersion._meta.get_fields()}
        plain = {key: value for key, value in row.items() if key in known - translated.keys() - {"version"}}
        CriteriaVersion.objects.create(program=program, version=1, **{**plain, **translated})

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
