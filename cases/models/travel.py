"""How they travel: legs by bus, train, flight, ferry or on foot, and who is with whom, in what (U3, U26)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import scope
from agencies.choices import Language
from cases.choices import PartGroup, TravelMode

from .code import CodeField
from .part import Parted, PartedManager, PartedQuerySet, police_only
from .place import ZONE_CHOICES
from .scoped import CaseScoped, CaseScopedQuerySet


class TravelLegQuerySet(PartedQuerySet):
    """Legs by when they end."""

    def arriving(self, now: datetime | None = None) -> TravelLegQuerySet:
        """Return the legs whose expected arrival lies ahead, the next one first."""
        return self.filter(arrives_at__gt=now or timezone.now()).order_by("arrives_at", "id")


class TravelLeg(Parted):
    """One part of a journey. Times are instants; each end has the zone of its place.

    The booking comes from a carrier's list of passengers: by itself it is told to no other agency.
    """

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {PartGroup.TICKET: ("ticket",)}
    IN_ROW: ClassVar[tuple[str, ...]] = (
        "carrier", "route", "from_place", "from_subdivision", "departs_at", "departure_zone", "to_place",
        "to_subdivision", "arrives_at", "arrival_zone", "places_language", "confidence",
    )  # fmt: skip
    is_police_only = police_only(Value(value=False))

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="legs", verbose_name=_("case"))
    mode = models.CharField(_("means of travel"), max_length=8, choices=TravelMode.choices)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    route = models.CharField(_("route, train or flight number"), max_length=40, blank=True)
    ticket = models.CharField(_("ticket or booking number"), max_length=40, blank=True)
    from_place = models.CharField(_("place of departure"), max_length=120, blank=True)
    from_subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("from which state, entity or province"),
    )  # fmt: skip
    departs_at = models.DateTimeField(_("expected departure"), null=True, blank=True)
    departure_zone = models.CharField(_("time zone of the departure"), max_length=40, choices=ZONE_CHOICES, blank=True)
    to_place = models.CharField(_("place of arrival"), max_length=120, blank=True)
    to_subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("to which state, entity or province"),
    )  # fmt: skip
    arrives_at = models.DateTimeField(_("expected arrival"), null=True, blank=True)
    arrival_zone = models.CharField(_("time zone of the arrival"), max_length=40, choices=ZONE_CHOICES, blank=True)
    places_language = models.CharField(_("language of the places"), max_length=2, choices=Language.choices, blank=True)
    confidence = CodeField(_("confidence"), list_name="crossing_confidence")

    objects = PartedManager.from_queryset(TravelLegQuerySet)()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("travel leg")
        verbose_name_plural = _("travel legs")
        ordering = [F("departs_at").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(departs_at__isnull=True) | ~Q(departure_zone=""))
                & (Q(arrives_at__isnull=True) | ~Q(arrival_zone="")),
                name="leg_times_have_zones",
            ),
            models.CheckConstraint(
                condition=Q(departs_at__isnull=True) | Q(arrives_at__isnull=True) | Q(arrives_at__gt=F("departs_at")),
                name="leg_arrives_after_departure",
            ),
        ]

    @property
    def has_words(self) -> bool:
        """Say whether a place of the leg is told in words of a language, not by its name alone (U11)."""
        return bool(self.places_language and (self.from_place.strip() or self.to_place.strip()))

    @classmethod
    def by_kind(cls, group: str, _told: dict[str, Any]) -> bool:
        """Hold back the booking."""
        return group == PartGroup.TICKET

    @classmethod
    def is_held(cls, group: str) -> Q:
        """Hold back the booking unless somebody released it."""
        return super().is_held(group) | ~Q(**{"part_marks__has_key": group})


class LinkQuerySet(CaseScopedQuerySet):
    """Links by time."""

    def current(self, now: datetime | None = None) -> LinkQuerySet:
        """Return the links that hold at this moment."""
        at = now or timezone.now()
        has_begun = Q(since__isnull=True) | Q(since__lte=at)
        return self.filter(has_begun, Q(until__isnull=True) | Q(until__gt=at))


class LinkManager(models.Manager.from_queryset(LinkQuerySet)):  # type: ignore[misc]
    """The links of whom and what is read here."""

    def get_queryset(self) -> LinkQuerySet:
        """Return them; a link to what is hidden would tell of it."""
        rows = super().get_queryset()
        if scope.current().everything:
            return rows  # type: ignore[no-any-return]
        for name in ("person", "vehicle", "leg"):
            read = self.model._meta.get_field(name).related_model._default_manager.all()
            rows = rows.filter(Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__in": read}))
        return rows  # type: ignore[no-any-return]


class Link(CaseScoped):
    """Who is with whom, in what, and since when: "Ana is with X in the Ford since 18:10"."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="links", verbose_name=_("case"))
    child = models.ForeignKey(
        "cases.Child", models.CASCADE, null=True, blank=True, related_name="links", verbose_name=_("child")
    )
    person = models.ForeignKey(
        "cases.Person", models.CASCADE, null=True, blank=True, related_name="links", verbose_name=_("person")
    )
    vehicle = models.ForeignKey(
        "cases.Vehicle", models.CASCADE, null=True, blank=True, related_name="links", verbose_name=_("vehicle")
    )
    leg = models.ForeignKey(
        TravelLeg, models.CASCADE, null=True, blank=True, related_name="links", verbose_name=_("travel leg")
    )
    since = models.DateTimeField(_("since"), null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    time_zone = models.CharField(_("time zone of the place"), max_length=40, choices=ZONE_CHOICES, blank=True)
    confidence = CodeField(_("confidence"), list_name="crossing_confidence")

    objects = LinkManager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False) | Q(person__isnull=False), name="link_is_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(vehicle__isnull=False)
                | Q(leg__isnull=False)
                | Q(child__isnull=False, person__isnull=False),
                name="link_has_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gt=F("since")),
                name="link_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True, until__isnull=True) | ~Q(time_zone=""), name="link_times_have_zone"
            ),
        ]

    @property
    def is_current(self) -> bool:
        """Say whether the link holds now."""
        now = timezone.now()
        return (self.since is None or self.since <= now) and (self.until is None or self.until > now)
