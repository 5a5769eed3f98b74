"""The timeline of a case: rows that are only added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability

from .case import Case
from .part import PartedQuerySet
from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User


class CaseEventQuerySet(CaseScopedQuerySet):
    """Entries: some stay inside one agency."""

    def visible_to(self, user: User) -> CaseEventQuerySet:
        """Return the entries of visible cases, those kept inside an agency only to its own people."""
        kept_inside = Q(only_for__isnull=True) | Q(only_for_id__in=access.agency_ids(user, Capability.VIEW_CASES))
        found = self.filter(kept_inside, case__in=Case.objects.visible_to(user))
        for name in ("photo", "sighting", "externalreference"):  # an entry would tell of a row that is police-only
            model = apps.get_model("cases", name)
            hidden: Any = PartedQuerySet(model).filter(case=OuterRef("case"), is_police_only=True)
            hidden = hidden.exclude(pk__in=PartedQuerySet(model).visible_to(user).filter(is_police_only=True))
            written = hidden.annotate(written=Cast("pk", models.CharField())).filter(written=OuterRef("subject_id"))
            found = found.exclude(Q(subject_type=name) & Exists(written))
        return found


class CaseEvent(CaseScoped):
    """What happened to the case, in codes and ids; a trigger refuses changes."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="events", verbose_name=_("case"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what"), max_length=60)
    actor = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    only_for = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only for")
    )
    subject_type = models.CharField(_("kind of object"), max_length=40, blank=True)
    subject_id = models.CharField(_("object"), max_length=40, blank=True)
    detail = models.JSONField(_("detail"), default=dict)

    objects = CaseEventQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["case", "at"], name="case_event_timeline")]
