"""What stands beside the facts: numbers of the case in other systems, and notices to other bodies."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import NoticeBody, NoticeOutcome, PartGroup, ReferenceKind

from .code import CodeField
from .comparing import letters_and_digits
from .part import Parted, PartedManager, police_only


def reference_key(number: str) -> str:
    """Return a number as it is compared: letters and digits only, in capitals."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


class ExternalReference(Parted):
    """The case's number in another system (U23): the number and nothing else, never what a query returned (CJIS)."""

    IN_ROW: ClassVar[tuple[str, ...]] = ("number",)
    is_police_only = police_only(Value(value=False))

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="references", verbose_name=_("case"))
    kind = models.CharField(_("system"), max_length=18, choices=ReferenceKind.choices)
    number = models.CharField(_("number"), max_length=40)
    search_key = models.GeneratedField(
        expression=letters_and_digits("number"), output_field=models.CharField(max_length=40), db_persist=True,
        verbose_name=_("number as compared"),
    )  # fmt: skip
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("external reference")
        verbose_name_plural = _("external references")
        ordering = ["kind", "number"]
        indexes = [models.Index(fields=["search_key"], name="reference_search", opclasses=["text_pattern_ops"])]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "search_key"], name="one_reference_per_case_and_system")
        ]


class ParallelNotice(Parted):
    """A notice to a body outside the alert programs (domain §2.3, step 4), with how it went."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {
        PartGroup.CONTACT: ("reference", "contact_name", "contact_phone", "contact_extension", "contact_fax"),
    }  # fmt: skip

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="parallel_notices", verbose_name=_("case"))
    body = models.CharField(_("organization"), max_length=18, choices=NoticeBody.choices)
    country = models.CharField(_("country"), max_length=2, blank=True)
    outcome = models.CharField(_("outcome"), max_length=14, choices=NoticeOutcome.choices)
    withheld_for = CodeField(_("why the organization is not notified"), list_name="notice_withheld")
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    contact_name = models.CharField(_("person"), max_length=120, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=16, blank=True)
    contact_extension = models.CharField(_("extension"), max_length=8, blank=True)
    contact_fax = models.CharField(_("fax"), max_length=16, blank=True)
    noted_at = models.DateTimeField(_("when"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))

    class Meta(Parted.Meta):
        verbose_name = _("parallel notice")
        verbose_name_plural = _("parallel notices")
        ordering = ["body", "country", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "body", "country"], name="one_notice_per_body_and_country"),
            models.CheckConstraint(
                condition=(Q(outcome=NoticeOutcome.WITHHELD) & ~Q(withheld_for=""))
                | (~Q(outcome=NoticeOutcome.WITHHELD) & Q(withheld_for="")),
                name="notice_withheld_for_a_reason",
            ),
        ]
