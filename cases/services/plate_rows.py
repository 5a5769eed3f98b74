"""Keeps a vehicle's plates in step with the plate columns that intake, API and partners still write (ADR 42)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from cases.choices import PlateStanding
from cases.models import Plate, Vehicle
from cases.models.plate import UNKNOWN_CHARACTER, plate_key

PLATE_COLUMNS = ("plate", "plate_issuer", "is_plate_partial")


def follow_vehicle(vehicle: Vehicle, names: Iterable[str], *, is_wrong: bool = True) -> None:
    """Write into the plates what was typed into the vehicle's plate columns; the caller holds a transaction.

    A number that differs corrects the newest current plate, which stays as wrong: whoever edits in place mends a
    mistake, unless they said that the new number is new information (`is_wrong` False): then it stays as former.
    """
    if not set(names) & set(PLATE_COLUMNS):
        return
    current = list(vehicle.plates.filter(standing=PlateStanding.CURRENT))
    same = next((plate for plate in current if plate.search_key == plate_key(vehicle.plate)), None)
    if same is not None:
        same.issuer = vehicle.plate_issuer
        same.issuing_country = country_of(vehicle) or same.issuing_country
        same.is_partial = vehicle.is_plate_partial
        same.save(update_fields=["issuer", "issuing_country", "is_partial"])
        return
    kept = None
    if vehicle.plate:
        kept = Plate.objects.create(
            case=vehicle.case, vehicle=vehicle, number=vehicle.plate, issuer=vehicle.plate_issuer,
            issuing_country=country_of(vehicle),
            is_partial=vehicle.is_plate_partial or UNKNOWN_CHARACTER in vehicle.plate,
        )  # fmt: skip
    if current:
        leave(current[-1], PlateStanding.WRONG if is_wrong else PlateStanding.FORMER, kept)


def country_of(vehicle: Vehicle) -> str:
    """Return the country of the vehicle's plate as far as its issuer tells it."""
    return vehicle.plate_issuer.country if vehicle.plate_issuer else ""


def leave(plate: Plate, standing: str, replacement: Plate | None) -> None:
    """Set a plate aside as former or as wrong; nothing of it is written over."""
    plate.standing, plate.replaced_at, plate.replaced_by = standing, timezone.now(), replacement
    plate.save(update_fields=["standing", "replaced_at", "replaced_by"])
