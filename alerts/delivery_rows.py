"""Deliveries of one alert as its program looks at them: by country, agency and recipient, narrowed, page by page.

Where a recipient is, its desk says (ADR 82): the same rule as in `audience`, here in SQL, so that a page of any depth
costs the same number of queries however many recipients there are.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.models import User
from alerts.choices import DeliveryState
from alerts.models import Alert, Delivery

PAGE_SIZE = 50
ORDER = ("in_country", "of_whom", "recipient__name", "pk")  # country → agency or organization → recipient → message


class Shown(TextChoices):
    """Which deliveries of an alert are shown."""

    FAILED = "failed", _("Failed")
    UNACKNOWLEDGED = "unacknowledged", _("Not acknowledged")


@dataclass(frozen=True)
class RowsPage:
    """Some deliveries, and the id after which the next page begins; empty on the last."""

    rows: list[Delivery]
    after: str


def deliveries_of(alert: Alert, user: User) -> QuerySet[Delivery]:
    """Return the deliveries of an alert that this person may see; who may look at all, `can_see_deliveries` says."""
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(user).filter(message__alert=alert)  # type: ignore[attr-defined]
    return rows


def placed(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Add to each delivery the country (`in_country`), the agency or organization of its recipient in the reader's
    language (`of_whom`, "" without a desk), and a key of it (`whose`) like those of `audience`.
    """
    return rows.annotate(
        in_country=Case(
            When(recipient__desk__isnull=True, then=F("recipient__program__country")),
            When(~Q(recipient__desk__country=""), then=F("recipient__desk__country")),
            When(recipient__desk__agency__isnull=False, then=F("recipient__desk__agency__country")),
            default=F("recipient__desk__program__country"),
            output_field=CharField(),
        ),
        of_whom=Case(
            When(recipient__desk__isnull=True, then=Value("")),
            When(recipient__desk__agency__isnull=True, then=F("recipient__desk__organization")),
            default=_agency_name(),
            output_field=CharField(),
        ),
        whose=Case(
            When(recipient__desk__isnull=True, then=Value("")),
            When(
                recipient__desk__agency__isnull=True,
                then=Concat(Value("o"), F("recipient__desk__organization"), output_field=CharField()),
            ),
            default=Concat(Value("a"), Cast("recipient__desk__agency_id", CharField()), output_field=CharField()),
            output_field=CharField(),
        ),
    )


def narrowed(rows: QuerySet[Delivery], wanted: Mapping[str, Any]) -> QuerySet[Delivery]:
    """Return of placed deliveries what a filter asks for; what it leaves empty narrows nothing.

    Not acknowledged is what its recipient has not acknowledged by any channel; what was never sent, nobody awaits.
    """
    plain = {"channel": "channel", "language": "language", "country": "in_country", "whose": "whose"}
    rows = rows.filter(**{column: wanted[name] for name, column in plain.items() if wanted.get(name)})
    if wanted.get("show") == Shown.FAILED:
        rows = rows.filter(state=DeliveryState.FAILED)
    if wanted.get("show") == Shown.UNACKNOWLEDGED:
        elsewhere = Delivery.objects.filter(
            message=OuterRef("message"), recipient=OuterRef("recipient"), acknowledged_at__isnull=False
        )
        rows = rows.filter(~Exists(elsewhere)).exclude(state=DeliveryState.SUPPRESSED)
    return rows


def in_full(rows: QuerySet[Delivery], alert: Alert, most: int | None = None) -> list[Delivery]:
    """Return placed deliveries of one alert in their order, with what a table shows of each; `most` cuts them off."""
    whole = rows.order_by(*ORDER).select_related("recipient__desk__agency", "message", "sent_again_by")
    found = list(whole.defer("message__xml", "message__texts", "message__facts", "message__references")[:most])
    for row in found:
        assert row.message is not None  # noqa: S101  deliveries of an alert carry its messages
        row.message.alert = alert
    return found


def page_of(rows: QuerySet[Delivery], alert: Alert, after: str) -> RowsPage:
    """Return one page of placed deliveries with their tries. Refuses a key that names none of these (ValueError)."""
    if after:
        try:
            last = rows.values_list(*ORDER).get(pk=uuid.UUID(after))
        except Delivery.DoesNotExist as error:
            raise ValueError(after) from error
        rows = rows.filter(_behind(last))
    found = in_full(rows.prefetch_related("tries"), alert, PAGE_SIZE + 1)
    return RowsPage(found[:PAGE_SIZE], str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else "")


def _behind(last: tuple[Any, ...]) -> Q:
    """Return the condition for rows that come after these values of `ORDER`."""
    behind = Q()
    for column, value in reversed(list(zip(ORDER, last, strict=True))):
        further = Q(**{f"{column}__gt": value})
        behind = further | Q(**{column: value}) & behind if behind else further
    return behind


def _agency_name() -> Coalesce:
    language = get_language()
    spoken = language if language in Language.values else Language.EN
    name = "recipient__desk__agency__name"
    return Coalesce(NullIf(F(f"{name}_{spoken}"), Value("")), F(f"{name}_en"), Value(""))
