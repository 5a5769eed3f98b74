"""The coded facts of a case: what is read with it, and what the lead agency changes."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agencies.api.fields import InstantField, SubdivisionField
from agencies.api.serializers import StrictSerializer
from cases.countries import country_choices
from cases.models import Abduction, Child, CrossingIndication, Person, Plate, Vehicle
from cases.models.plate import UNKNOWN_CHARACTER

from .fields import MOST_ROWS, CodedSerializer, GarmentSerializer, MarkSerializer, PhoneValueField
from .merging import BaseField
from .places import PLACE_PARTS, PlaceParts

OLDEST_CAR = 1900
NAMES = ("given_names", "first_surname", "second_surname", "name_on_document", "also_known_as")
SAID = ("version", "base", "is_correction")  # what a change says of itself, besides the facts
CUSTODY = ("custody", "custody_holder", "custody_country", "custody_subdivision")
LOOKS = ("sex", "birth_date", "age_years", "height_cm", "weight_kg", "hair", "eyes", "skin", "clothing", "marks")


def not_in_future(moment: Any) -> None:
    """Refuse a moment that has not come yet."""
    if moment is not None and moment > timezone.now():
        raise serializers.ValidationError(_("This moment is in the future."))


def known_country(country: str) -> str:
    """Return a country's code as it came. Refuses what is none."""
    if country and country not in dict(country_choices()):
        raise serializers.ValidationError(_("This is not the code of a country."))
    return country


class FactsSerializer(CodedSerializer):
    """One row of facts. A change names the `version` of the facts that it was made on, and the `base` it had read."""

    base = BaseField()

    version = serializers.IntegerField(
        write_only=True,
        required=False,
        min_value=1,
        help_text="Needed for a change: the `facts_version` read.",
    )
    is_correction = serializers.BooleanField(
        write_only=True,
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether a known value was wrong (true) or gives way to something new (false). Needed where an alert "
        "is active or a request was received.",
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a change that does not say on which version it was made."""
        if self.instance is not None and "version" not in values:
            raise serializers.ValidationError({"version": [self.fields["version"].error_messages["required"]]})
        return values

    def after(self, values: dict[str, Any], name: str) -> Any:
        """Return what a field would hold after the change."""
        return values[name] if name in values else getattr(self.instance, name, None)

    def apply_to(self, row: models.Model) -> list[str]:
        """Write the validated values into a row, unsaved; return the names of the fields that changed."""
        changed = []
        for name, value in self.validated_data.items():
            if name not in SAID and getattr(row, name) != value:
                setattr(row, name, value)
                changed.append(name)
        return changed


class AbductionSerializer(PlaceParts, FactsSerializer):
    """When, where and how."""

    subdivision = SubdivisionField(allow_null=True, required=False)
    happened_at = InstantField(allow_null=True, required=False, validators=[not_in_future])

    class Meta:
        model = Abduction
        fields = (
            "id", "kind", "happened_at", "time_zone", "place", "subdivision", *PLACE_PARTS, "place_kind", "how_taken",
            "force", "weapon", "threats", "dangers", "circumstances", "circumstances_language", "category_at_intake",
            *SAID,
        )  # fmt: skip
        read_only_fields = ("id",)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a time without its zone, free text without its language, another category than the first."""
        values = super().validate(values)
        self.check_place(values, self.instance)
        if self.after(values, "happened_at") and not self.after(values, "time_zone"):
            raise serializers.ValidationError({"time_zone": [_("Choose the time zone of the place.")]})
        if self.after(values, "circumstances") and not self.after(values, "circumstances_language"):
            message = _("Say in which language the circumstances are written.")
            raise serializers.ValidationError({"circumstances_language": [message]})
        frozen = getattr(self.instance, "category_at_intake", "")  # domain §5.1
        if frozen and values.get("category_at_intake", frozen) != frozen:
            message = _("The category at intake cannot be changed once it is recorded.")
            raise serializers.ValidationError({"category_at_intake": [message]})
        return values


class DescribedSerializer(FactsSerializer):
    """Names and description of a person."""

    age_years = serializers.IntegerField(min_value=0, max_value=120, allow_null=True, required=False)
    height_cm = serializers.IntegerField(min_value=20, max_value=250, allow_null=True, required=False)
    weight_kg = serializers.IntegerField(min_value=1, max_value=300, allow_null=True, required=False)
    clothing = GarmentSerializer(many=True, required=False, max_length=MOST_ROWS)
    marks = MarkSerializer(many=True, required=False, max_length=MOST_ROWS)

    def validate_birth_date(self, born: Any) -> Any:
        """Refuse a birth that has not happened."""
        if born and born > timezone.localdate():
            raise serializers.ValidationError(_("This date is in the future."))
        return born


class ChildSerializer(DescribedSerializer):
    """A child; its status changes by steps only."""

    nationalities = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=MOST_ROWS
    )
    languages_spoken = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=MOST_ROWS
    )

    custody_country = serializers.CharField(
        required=False, allow_blank=True, max_length=2, help_text="Where the court of the order sits (ISO 3166-1)."
    )
    custody_subdivision = SubdivisionField(allow_null=True, required=False)

    class Meta:
        model = Child
        fields = (
            "id", "status", *NAMES, *LOOKS, "medical", "nationalities", "languages_spoken", *CUSTODY, *SAID,
        )  # fmt: skip
        read_only_fields = ("id", "status")

    def validate_custody_country(self, country: str) -> str:
        """Refuse what is no country."""
        return known_country(country)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Take the country of the court from its state, entity or province; refuse another one."""
        values = super().validate(values)
        court = self.after(values, "custody_subdivision")
        if court and values.get("custody_country", court.country) not in ("", court.country):
            raise serializers.ValidationError(
                {"custody_country": [_("The court that was chosen is in another country.")]}
            )
        return {**values, "custody_country": court.country} if court else values


class PersonSerializer(DescribedSerializer):
    """Somebody else in the case, who may be known by an online handle or a telephone number alone (U3)."""

    phone = PhoneValueField()

    class Meta:
        model = Person
        fields = (
            "id", "role", "relationship", *NAMES, *LOOKS, "cautions", "online_handle", "online_platform", "phone",
            "phone_extension", *SAID,
        )  # fmt: skip
        read_only_fields = ("id", "phone_extension")

    def apply_to(self, row: Any) -> list[str]:
        """Keep number and extension apart; the rest as everywhere."""
        phone = self.validated_data.pop("phone", None)
        changed = super().apply_to(row)
        number, extension = phone or ("", "")
        if phone is not None and (number, extension) != (row.phone, row.phone_extension):
            row.phone, row.phone_extension = number, extension
            changed += ["phone", "phone_extension"]
        return changed


class PlateSerializer(CodedSerializer):
    """A plate of a vehicle; a replaced one stays, as former or as wrong. Write ? for every unknown character."""

    issuer = SubdivisionField(allow_null=True, required=False)
    issuing_country = serializers.CharField(required=False, allow_blank=True, max_length=2)

    class Meta:
        model = Plate
        fields = (
            "id", "number", "is_partial", "issuing_country", "issuer", "kind", "valid_from", "valid_until", "standing",
            "replaced_at", "replaced_by",
        )  # fmt: skip
        read_only_fields = ("id", "standing", "replaced_at", "replaced_by")

    def validate_number(self, number: str) -> str:
        """Keep the plate as printed, in capitals; any sign that people use for an unknown character becomes ?."""
        return " ".join(re.sub(r"[*_¿]", UNKNOWN_CHARACTER, number.upper()).split())

    def validate_issuing_country(self, country: str) -> str:
        """Refuse what is no country."""
        return known_country(country)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse an issuer of another country than the one named, and an end before the beginning."""
        issuer, country = values.get("issuer"), values.get("issuing_country")
        if issuer and country and issuer.country != country:
            raise serializers.ValidationError(
                {"issuing_country": [_("The issuer that was chosen is in another country.")]}
            )
        first, last = values.get("valid_from"), values.get("valid_until")
        if first and last and last < first:
            raise serializers.ValidationError({"valid_until": [_("The end is before the beginning.")]})
        return values


class VehicleSerializer(FactsSerializer):
    """A vehicle. Its plate columns repeat the newest current one of `plates`."""

    plates = PlateSerializer(many=True, read_only=True)

    plate_issuer = SubdivisionField(allow_null=True, required=False)

    class Meta:
        model = Vehicle
        fields = (
            "id", "make", "model", "year", "color", "second_color", "style", "plate", "plate_issuer",
            "is_plate_partial", "has_no_plates", "plates", *SAID,
        )  # fmt: skip
        read_only_fields = ("id", "plates")

    def validate_year(self, year: int | None) -> int | None:
        """Refuse what is no year: in a Mexican record *modelo* is the year (domain §4.5)."""
        if year is not None and not OLDEST_CAR <= year <= timezone.localdate().year + 1:
            raise serializers.ValidationError(_("Enter the model year with four digits."))
        return year

    def validate_plate(self, plate: str) -> str:
        """Keep the plate as printed, in capitals, without outer spaces."""
        return " ".join(plate.upper().split())


class CrossingSerializer(FactsSerializer):
    """A sign that a border is near."""

    toward_subdivision = SubdivisionField(allow_null=True, required=False)
    observed_at = InstantField(allow_null=True, required=False, validators=[not_in_future])

    class Meta:
        model = CrossingIndication
        fields = (
            "id", "toward", "toward_subdivision", "evidence", "crossing_point", "confidence", "observed_at",
            "time_zone", "sighting", *SAID,
        )  # fmt: skip
        read_only_fields = ("id", "sighting")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a time without its zone."""
        values = super().validate(values)
        if self.after(values, "observed_at") and not self.after(values, "time_zone"):
            raise serializers.ValidationError({"time_zone": [_("Choose the time zone of the place.")]})
        return values


class FactsSaved(StrictSerializer):
    """The answer to a change of facts: names of fields, never their values."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()
    facts_version = serializers.IntegerField()
    changed = serializers.ListField(child=serializers.CharField())
