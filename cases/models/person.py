"""Children and other people: names as each country writes them, coded descriptions."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.phones import show_phone
from cases.choices import ChildStatus, PartGroup, PersonRole, Sex

from .code import CodeField, CodeListField
from .part import Parted, PartedManager, police_only


def _unaccented(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


NAMES = ("given_names", "first_surname", "second_surname", "also_known_as")
PAPERS = ("name_on_document", "birth_date")
LOOKS = ("height_cm", "weight_kg", "hair", "eyes", "skin", "clothing", "marks")


class Described(Parted):
    """A name in its parts (U24) and a physical description in NCIC codes (domain §4.2)."""

    given_names = models.CharField(_("given names"), max_length=80, blank=True)
    first_surname = models.CharField(_("first surname"), max_length=80, blank=True)
    second_surname = models.CharField(_("second surname"), max_length=80, blank=True)
    name_on_document = models.CharField(_("name as on the document"), max_length=200, blank=True)
    also_known_as = models.CharField(_("also known as"), max_length=200, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    age_years = models.PositiveSmallIntegerField(_("age in years"), null=True, blank=True)
    height_cm = models.PositiveSmallIntegerField(_("height in centimeters"), null=True, blank=True)
    weight_kg = models.PositiveSmallIntegerField(_("weight in kilograms"), null=True, blank=True)
    hair = CodeField(_("hair"), list_name="hair")
    eyes = CodeField(_("eyes"), list_name="eyes")
    skin = CodeField(_("skin"), list_name="skin")
    clothing = models.JSONField(
        _("clothing"), default=list, blank=True, help_text=_("Rows of a garment and its colors.")
    )
    marks = models.JSONField(_("distinguishing marks"), default=list, blank=True)

    class Meta(Parted.Meta):
        abstract = True

    @property
    def name(self) -> str:
        """Return the whole name in its order, no part split."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)

    def age_now(self) -> int | None:
        """Return the age in whole years today, by the date of birth where it is known."""
        if self.birth_date is None:
            return self.age_years
        today = timezone.localdate()
        before_birthday = (today.month, today.day) < (self.birth_date.month, self.birth_date.day)
        return today.year - self.birth_date.year - before_birthday

    @property
    def surnames(self) -> str:
        """Return both surnames whole: De la Cruz is one, and nobody has a middle name."""
        return " ".join(part for part in (self.first_surname, self.second_surname) if part)

    @property
    def sorting_key(self) -> tuple[str, str]:
        """Return what a list of people is sorted by: surnames as written, then given names, accents left out."""
        return _unaccented(self.surnames or self.given_names), _unaccented(self.given_names)


class Child(Described):
    """A child of the case, with a search of its own: located, identified and recovered one by one."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {
        PartGroup.NAMES: NAMES, PartGroup.PAPERS: (*PAPERS, "nationalities"), PartGroup.LOOKS: LOOKS,
        PartGroup.HEALTH: ("medical",),
        PartGroup.CUSTODY: ("custody", "custody_holder", "custody_country", "custody_subdivision"),
    }  # fmt: skip

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="children", verbose_name=_("case"))
    status = models.CharField(_("status"), max_length=10, choices=ChildStatus.choices, default=ChildStatus.MISSING)
    medical = CodeListField(_("medical needs"), list_name="caution")
    nationalities = models.JSONField(_("nationalities"), default=list, blank=True)
    languages_spoken = models.JSONField(_("languages spoken"), default=list, blank=True)
    custody = CodeField(_("custody"), list_name="custody_status")
    custody_holder = CodeField(_("custody held by"), list_name="custody_holder")
    custody_country = models.CharField(_("country of the court"), max_length=2, blank=True)
    custody_subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("state, entity or province of the court"),
    )  # fmt: skip

    class Meta(Described.Meta):
        verbose_name = _("child")
        verbose_name_plural = _("children")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ChildStatus.values), name="child_status_known")
        ]


class Person(Described):
    """Somebody else in the case, in one of NCMEC's five roles. Who reported or called is the lead agency's to know."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {
        PartGroup.NAMES: NAMES, PartGroup.PAPERS: PAPERS, PartGroup.LOOKS: LOOKS,
        PartGroup.CONTACT: ("phone", "phone_extension", "online_handle", "online_platform"),
    }  # fmt: skip
    IN_ROW: ClassVar[tuple[str, ...]] = ("relationship", "cautions", "sex", "age_years")
    is_police_only = police_only(Q(role__in=(PersonRole.REPORTER, PersonRole.CALLER)))

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="people", verbose_name=_("case"))
    role = models.CharField(_("role"), max_length=10, choices=PersonRole.choices, default=PersonRole.SUSPECT)
    relationship = CodeField(_("relationship to the child"), list_name="relationship")
    cautions = CodeListField(_("cautions"), list_name="caution")
    online_handle = models.CharField(_("online handle"), max_length=80, blank=True)
    online_platform = CodeField(_("platform"), list_name="online_platform")
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    phone_extension = models.CharField(_("extension"), max_length=8, blank=True)
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    objects = PartedManager()  # type: ignore[misc]
    SUSPECTED = (PersonRole.ABDUCTOR, PersonRole.SUSPECT, PersonRole.COMPANION)

    class Meta(Described.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["id"]

    @classmethod
    def row_by_kind(cls, told: dict[str, Any]) -> bool:
        """Hold back who reported or called."""
        return told.get("role") in (PersonRole.REPORTER, PersonRole.CALLER)

    @property
    def known_as(self) -> str:
        """Return what the person can be called by: a name, else an alias, an online handle, a phone number."""
        return self.name or self.also_known_as or self.online_handle or show_phone(self.phone)


class Vehicle(Parted):
    """A vehicle; in a Mexican record *modelo* is the year and *submarca* the model (domain §4.5).

    Its plates over time are rows of `Plate`; the columns here repeat the newest current one, as it is typed at intake.
    """

    IN_ROW: ClassVar[tuple[str, ...]] = (
        "make", "model", "year", "color", "second_color", "style", "plate", "plate_issuer", "is_plate_partial",
        "has_no_plates",
    )  # fmt: skip
    is_police_only = police_only(Value(value=False))
    make = models.CharField(_("make"), max_length=60, blank=True)
    model = models.CharField(_("model"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    color = CodeField(_("color"), list_name="vehicle_color")
    second_color = CodeField(_("second color"), list_name="vehicle_color")
    style = CodeField(_("body style"), list_name="vehicle_style")
    plate = models.CharField(_("license plate"), max_length=15, blank=True)
    plate_issuer = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("plate issued by"),
    )  # fmt: skip
    is_plate_partial = models.BooleanField(_("plate known in part only"), default=False)
    has_no_plates = models.BooleanField(_("carries no plates"), default=False)

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("vehicle")
        verbose_name_plural = _("vehicles")
        ordering = ["id"]
