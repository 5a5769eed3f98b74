"""Proposed corrections: an agency that may not change facts says what it knows better (U31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from cases.choices import AccessLevel, CorrectionDecision, PartGroup

from .case_access import CaseAccess
from .code import CodeField
from .part_mark import PartRelease
from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User


# Rows that another agency may propose whole, by the name of their kind.
NEW_ROWS = ("travelleg", "link")


class CorrectionQuerySet(CaseScopedQuerySet):
    """Proposals by who has to act on them."""

    def visible_to(self, user: User) -> CorrectionQuerySet:
        """Return the proposals on visible cases, without those about parts that are police-only to this person.

        A whole new row is told to the lead agency and to who proposed it alone: nobody has said yet what of it is held
        back.
        """
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        found = super().visible_to(user)
        led = CaseAccess.objects.valid().filter(case=OuterRef("case"), agency_id__in=mine, level=AccessLevel.OWN)  # type: ignore[attr-defined]
        kinds = ("abduction", "child", "person", "vehicle", "crossingindication", "sighting", "travelleg", "document")
        for name in kinds:
            model: Any = apps.get_model("cases", name)
            for group in model.groups():
                given = PartRelease.objects.current().filter(  # type: ignore[attr-defined]
                    subject_id=OuterRef("subject_id"), group=group, agency_id__in=mine
                )
                is_row = group == PartGroup.ROW
                held = Q(is_police_only=True) if is_row else model.is_held(group)
                about: Any = Q(subject_type=name) & Exists(model._base_manager.filter(held, pk=OuterRef("subject_id")))
                if not is_row:
                    about &= Q(field_name__in=model.PARTS[group])
                found = found.exclude(about & ~Q(agency_id__in=mine) & ~Exists(led) & ~Exists(given))
        joined: Any = apps.get_model("cases", "link")._base_manager.filter(pk=OuterRef("subject_id"))
        for name in ("person", "vehicle", "leg"):  # a link to what is hidden would tell of it
            end: Any = joined.model._meta.get_field(name).related_model
            read = end.objects.visible_to(user)
            joined = joined.filter(Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__in": read.values("pk")}))
        found = found.exclude(Q(subject_type="link", row={}) & ~Q(agency_id__in=mine) & ~Exists(joined))
        found = found.exclude(~Q(row={}) & ~Q(agency_id__in=mine) & ~Exists(led))
        return found  # type: ignore[return-value]

    def open(self) -> CorrectionQuerySet:
        """Return those that nobody has decided."""
        return self.filter(decision="")

    def to_decide(self, user: User) -> CorrectionQuerySet:
        """Return the open proposals on cases that the person's agencies lead and the person may edit."""
        led = CaseAccess.objects.valid().filter(  # type: ignore[attr-defined]
            agency_id__in=access.agency_ids(user, Capability.EDIT_CASES), level=AccessLevel.OWN
        )
        return self.visible_to(user).open().filter(case__in=led.values("case"))  # type: ignore[attr-defined, no-any-return]

    def decided_lately(self, user: User, *, since: Any) -> CorrectionQuerySet:
        """Return what was decided of the proposals of the person's agencies since a moment."""
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        return self.visible_to(user).filter(agency_id__in=mine, decided_at__gte=since)  # type: ignore[return-value]


class CorrectionProposal(CaseScoped):
    """One field of one row of facts, the value it had, the value proposed, and why. Values are as a form sends them.

    Or a whole new `row`: what was typed by the name of its field; `subject_id` is then the key that it will have.
    """

    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    subject_type = models.CharField(_("kind of object"), max_length=40)
    subject_id = models.UUIDField(_("object"))
    field_name = models.CharField(_("field"), max_length=60, blank=True)
    before = models.JSONField(_("value before"), default=list)
    value = models.JSONField(_("proposed value"), default=list)
    row = models.JSONField(_("proposed new row"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    reason_language = models.CharField(_("language of the reason"), max_length=2, choices=Language.choices)
    decision = models.CharField(_("decision"), max_length=10, choices=CorrectionDecision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    refusal = CodeField(_("reason of the refusal"), list_name="correction_refusal")

    objects = CorrectionQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("proposed correction")
        verbose_name_plural = _("proposed corrections")
        ordering = ["proposed_at", "id"]
        indexes = [
            models.Index(fields=["case"], name="correction_open", condition=models.Q(decision="")),
            models.Index(fields=["agency", "-decided_at"], name="correction_decided"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
                | (~models.Q(decision="") & models.Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="correction_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(decision="refused") | ~models.Q(refusal=""), name="correction_refusal_has_reason"
            ),
            models.CheckConstraint(
                condition=(models.Q(row={}) & ~models.Q(field_name=""))
                | (~models.Q(row={}) & models.Q(field_name="", subject_type__in=NEW_ROWS)),
                name="correction_of_a_field_or_a_new_row",
            ),
        ]

    def subject(self) -> Any:
        """Return the row of facts as it is now, or None when it is gone, or its kind is."""
        try:
            model = apps.get_model("cases", self.subject_type)
        except LookupError:
            return None
        return model._default_manager.filter(pk=self.subject_id, case_id=self.case_id).first()
