"""Who knows of an alert and how long it took: counts per country and agency of its recipients, made by the database.

A recipient counts once, whatever the channels and messages: the board is about people, the page of deliveries about
messages (ADR 79).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.contrib.postgres.aggregates import BoolAnd, BoolOr
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Min, Q, QuerySet

from alerts.choices import DeliveryState, MessageType
from alerts.delivery_rows import placed
from alerts.models import Delivery

# All sums of one board in one pass: per agency, per country, per alert, and over everything.
FIGURES = """
    SELECT in_country, whose, of_whom, alert_id, count(*), count(*) FILTER (WHERE is_accepted),
           count(*) FILTER (WHERE has_arrived), count(acknowledged), count(charge_taken),
           count(*) FILTER (WHERE has_failed AND acknowledged IS NULL),
           min(EXTRACT(epoch FROM acknowledged - began) / 60),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM acknowledged - began) / 60),
           max(EXTRACT(epoch FROM acknowledged - began) / 60), GROUPING(whose, in_country, alert_id)
    FROM ({told}) told
    GROUP BY GROUPING SETS ((in_country, whose, of_whom), (in_country), (alert_id), ())
    ORDER BY in_country, of_whom, whose
"""
AGENCY, COUNTRY, ALERT, EVERYTHING = 1, 5, 6, 7  # what GROUPING says of each of these sets


@dataclass(frozen=True)
class Figures:
    """How many recipients know, and after how many minutes the first, half of those who know, and the last."""

    recipients: int = 0
    accepted: int = 0
    arrived: int = 0
    acknowledged: int = 0
    in_charge: int = 0
    failed: int = 0
    first: float | None = None
    median: float | None = None
    last: float | None = None

    @property
    def not_yet(self) -> int:
        """Return how many have neither acknowledged nor failed."""
        return self.recipients - self.acknowledged - self.failed


@dataclass(frozen=True)
class AgencyFigures:
    """The same of one agency or organization; `whose` is a key, "" where no desk is recorded."""

    country: str
    whose: str
    of_whom: str
    figures: Figures

    @property
    def key(self) -> str:
        """Return `whose` for an address."""
        return quote(self.whose)


@dataclass(frozen=True)
class Board:
    """The sums of one board."""

    everything: Figures = Figures()
    by_country: dict[str, Figures] = field(default_factory=dict)
    agencies: list[AgencyFigures] = field(default_factory=list)
    by_alert: dict[Any, Figures] = field(default_factory=dict)


def board_of(rows: QuerySet[Delivery], *, of_the_end: bool = False) -> Board:
    """Return the board of deliveries that somebody may see, in one query however many there are.

    Counted is what tells of an alert, from its activation; `of_the_end` counts its Cancel, from when that was issued.
    What was suppressed nobody is told any more: it does not count. A recipient has failed when every message to them
    has and nobody of them acknowledged, by telephone neither; accepted means handed on to a mail server or provider.
    """
    is_cancel = Q(message__msg_type=MessageType.CANCEL)
    counted = rows.filter(is_cancel if of_the_end else ~is_cancel).exclude(state=DeliveryState.SUPPRESSED)
    began = Min("message__created_at") if of_the_end else Min("message__alert__activated_at")
    told = (
        placed(counted)
        .order_by()
        .annotate(alert_id=F("message__alert_id"))
        .values("recipient_id", "alert_id", "in_country", "of_whom", "whose")
        .annotate(
            is_accepted=BoolOr(Q(sent_at__isnull=False) | Q(state=DeliveryState.DELIVERED)),
            has_arrived=BoolOr(Q(state=DeliveryState.DELIVERED)),
            has_failed=BoolAnd(Q(state=DeliveryState.FAILED)),
            acknowledged=Min("acknowledged_at"),
            charge_taken=Min("charge_taken_at"),
            began=began,
        )
    )
    try:
        inner, params = told.query.sql_with_params()
    except EmptyResultSet:  # of no alert
        return Board()
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(told=inner), params)
        return _board(cursor.fetchall())


def _board(found: list[tuple[Any, ...]]) -> Board:
    everything, by_country, agencies, by_alert = Figures(), {}, [], {}
    for country, whose, of_whom, alert_id, *counts, first, median, last, kind in found:
        minutes = (None if value is None else float(value) for value in (first, median, last))
        figures = Figures(*counts, *minutes)
        if kind == AGENCY:
            agencies.append(AgencyFigures(country, whose, of_whom, figures))
        elif kind == COUNTRY:
            by_country[country] = figures
        elif kind == ALERT:
            by_alert[alert_id] = figures
        else:
            everything = figures
    return Board(everything, by_country, agencies, by_alert)
