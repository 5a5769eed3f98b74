"""The event: when, where and how the child was taken or last seen, and whether a border is near."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language
from cases.choices import Answer, EventKind, PartGroup

from .code import CodeField, CodeListField
from .part import Parted, PartedManager, police_only
from .place import EXACT_ADDRESS, ZONE_CHOICES, PlaceDetail

# Where the exact address is that of somebody who needs protection (U48): home, shelter, school.
PROTECTED_PLACES = frozenset({
    "home", "relative_home", "school", "daycare", "shelter", "hospital", "visitation_center",
})  # fmt: skip


class Abduction(Parted, PlaceDetail):
    """The event of a case, one each. `happened_at` is an instant; its zone is the place's."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {
        PartGroup.ADDRESS: EXACT_ADDRESS, PartGroup.WORDS: ("circumstances", "circumstances_language"),
    }  # fmt: skip
    DECIDING: ClassVar[tuple[str, ...]] = ("place_kind",)

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="abduction", verbose_name=_("case"))
    kind = models.CharField(_("what is known"), max_length=10, choices=EventKind.choices, default=EventKind.LAST_SEEN)
    happened_at = models.DateTimeField(_("date and time"), null=True, blank=True)
    time_zone = models.CharField(_("time zone of the place"), max_length=40, choices=ZONE_CHOICES, blank=True)
    place_kind = CodeField(_("kind of place"), list_name="place_kind")
    how_taken = CodeField(_("how the child was taken"), list_name="how_taken")
    force = models.CharField(_("force used"), max_length=8, choices=Answer.choices, default=Answer.UNKNOWN)
    weapon = CodeField(_("weapon"), list_name="weapon")
    threats = models.CharField(_("threats made"), max_length=8, choices=Answer.choices, default=Answer.UNKNOWN)
    dangers = CodeListField(_("reasons for danger"), list_name="danger")
    circumstances = models.TextField(
        _("circumstances"), blank=True, max_length=4000,
        help_text=_("For the agencies on the case only; it is not published."),
    )  # fmt: skip
    circumstances_language = models.CharField(
        _("language of the circumstances"), max_length=2, choices=Language.choices, blank=True
    )
    category_at_intake = CodeField(_("category at intake"), list_name="case_category")
    category_at_closure = CodeField(_("category at closure"), list_name="case_category")

    class Meta(Parted.Meta):
        verbose_name = _("abduction")
        verbose_name_plural = _("abductions")
        constraints = [
            models.CheckConstraint(
                condition=Q(happened_at__isnull=True) | ~Q(time_zone=""), name="abduction_time_has_zone"
            )
        ]

    @classmethod
    def by_kind(cls, group: str, told: dict[str, Any]) -> bool:
        """Hold back the exact address of a home, a shelter, a school (U48)."""
        return group == PartGroup.ADDRESS and told["place_kind"] in PROTECTED_PLACES

    @classmethod
    def is_held(cls, group: str) -> Q:
        """Hold back the exact address of a protected place unless somebody released it."""
        marked = super().is_held(group)
        if group != PartGroup.ADDRESS:
            return marked
        return marked | (Q(place_kind__in=PROTECTED_PLACES) & ~Q(**{"part_marks__has_key": group}))


class CrossingIndication(Parted):
    """One sign that the child may be taken across a border (U2)."""

    IN_ROW: ClassVar[tuple[str, ...]] = ("evidence", "observed_at", "time_zone", "crossing_point", "confidence")
    is_police_only = police_only(Value(value=False))

    evidence = CodeField(_("evidence"), list_name="crossing_evidence")
    observed_at = models.DateTimeField(_("observed"), null=True, blank=True)
    time_zone = models.CharField(_("time zone of the observation"), max_length=40, choices=ZONE_CHOICES, blank=True)
    toward = models.CharField(_("toward"), max_length=2, choices=Country.choices)
    toward_subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("toward which state, entity or province"),
    )  # fmt: skip
    crossing_point = CodeField(_("border crossing"), list_name="crossing_point")
    confidence = CodeField(_("confidence"), list_name="crossing_confidence")
    sighting = models.OneToOneField(
        "cases.Sighting", models.SET_NULL, null=True, blank=True, editable=False, related_name="indication",
        verbose_name=_("taken over from the sighting"),
    )  # fmt: skip

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("indication of crossing")
        verbose_name_plural = _("indications of crossing")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(observed_at__isnull=True) | ~Q(time_zone=""), name="crossing_time_has_zone"
            )
        ]
