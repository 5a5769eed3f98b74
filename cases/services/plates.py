"""Adding a plate to a vehicle, and putting one in the place of another."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions
from cases.choices import PlateReplacement, PlateStanding
from cases.models import Case, Plate, Vehicle
from cases.models.plate import UNKNOWN_CHARACTER, plate_key

from .facts import record_facts
from .plate_rows import PLATE_COLUMNS, leave

FIELDS = ("number", "issuer", "issuing_country", "kind", "is_partial", "valid_from", "valid_until")


@transaction.atomic
def add_plate(*, vehicle: Vehicle, by: User, plate: Plate) -> Plate:
    """Record one more plate that the vehicle carries now.

    Refuses everybody but the lead agency, an ended case, and a plate that the vehicle has already.
    """
    case = _locked(vehicle, by)
    _refuse_known(vehicle, plate)
    _record(case, by, vehicle, plate)
    return plate


@transaction.atomic
def replace_plate(*, earlier: Plate, by: User, plate: Plate, because: str, on: date | None = None) -> Plate:
    """Put a plate in the place of another: a correction leaves the earlier one as wrong, a change as former.

    `on` is the day of a change. Refuses everybody but the lead agency, an ended case, a plate that does not count
    any more, and a replacement that the vehicle has already. A correction is what alerts must take back (U20).
    """
    vehicle = earlier.vehicle
    case = _locked(vehicle, by)
    earlier.refresh_from_db(from_queryset=Plate.objects.select_for_update())
    if earlier.standing != PlateStanding.CURRENT:
        raise ActRefused(_("This plate was replaced already. Load the page again."))
    _refuse_known(vehicle, plate)
    is_change = because == PlateReplacement.CHANGE
    if is_change:
        plate.valid_from = plate.valid_from or on
        earlier.valid_until = on or timezone.localdate()
        earlier.save(update_fields=["valid_until"])
    # The earlier one stops counting before anybody is told of the change: programs compose their Updates at once.
    plate.case, plate.vehicle = case, vehicle
    plate.save()
    leave(earlier, PlateStanding.FORMER if is_change else PlateStanding.WRONG, plate)
    _record(case, by, vehicle, plate, is_correction=not is_change)
    return plate


def _locked(vehicle: Vehicle, by: User) -> Case:
    if not permissions.can_edit_case(by, vehicle.case):
        raise NotPermitted
    return Case.objects.select_for_update(no_key=True).get(pk=vehicle.case_id)


def _refuse_known(vehicle: Vehicle, plate: Plate) -> None:
    if vehicle.plates.current().filter(search_key=plate_key(plate.number)).exists():  # type: ignore[attr-defined]
        raise ActRefused(_("The vehicle has this plate already."))


def _record(case: Case, by: User, vehicle: Vehicle, plate: Plate, *, is_correction: bool = False) -> None:
    plate.vehicle = vehicle
    plate.is_partial = plate.is_partial or UNKNOWN_CHARACTER in plate.number
    plate.issuing_country = plate.issuer.country if plate.issuer else plate.issuing_country
    vehicle.plate, vehicle.plate_issuer, vehicle.is_plate_partial = plate.number, plate.issuer, plate.is_partial
    names = [*PLATE_COLUMNS]
    if vehicle.has_no_plates:
        vehicle.has_no_plates = False
        names.append("has_no_plates")
    given = [name for name in FIELDS if getattr(plate, name) not in (None, "", False)]
    record_facts(case=case, by=by, items=[(plate, given), (vehicle, names)], is_correction=is_correction)
