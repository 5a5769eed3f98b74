"""Who gets an alert, by what and in which language: chosen by one rule for the page before and for the act (ADR 82)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from agencies.choices import Country, Language
from alerts.choices import Channel, LeftOut, RecipientKind, Unreached
from alerts.models import Alert, Recipient
from alerts.models.delivery import in_area_of, wants_case_of
from alerts.simulated import address_for

Sent = tuple[int, str, str]  # recipient, channel, address


def select(alert: Alert) -> QuerySet[Recipient]:
    """Return the recipients to whom a message of this alert is sent now: what activation queues, and what pages count.

    One without an address in use is among them and gets nothing; `Audience.unreached` names them.
    """
    return Recipient.objects.told_by(alert).order_by("name", "pk")


@dataclass(frozen=True)
class Part:
    """How many recipients and messages one channel, country, agency, language or kind has of an audience."""

    key: str
    label: str
    recipients: int
    messages: int


@dataclass(frozen=True)
class Audience:
    """Who would get an alert now, with how many messages; who cannot be reached and why; who is left out and why."""

    told: list[Recipient]
    unreached: list[tuple[Recipient, Unreached]]
    left_out: list[tuple[LeftOut, int]]
    messages: int
    tag: str  # changes with every recipient, channel and address
    parts: dict[str, list[Part]] = field(default_factory=dict)

    def within(self, by: str, key: str) -> list[Recipient]:
        """Return the recipients behind one of the counts."""
        return [recipient for recipient in self.told if key in KEYS[by](recipient)]


def audience_of(alert: Alert) -> Audience:
    """Return the audience as it is now, in a constant number of queries however many recipients there are."""
    # One object per program and agency, however many recipients share it.
    chosen = list(select(alert).prefetch_related("program", "desk__program", "desk__agency"))
    told = [recipient for recipient in chosen if recipient.addresses]
    unreached = [(recipient, _why_unreached(recipient)) for recipient in chosen if not recipient.addresses]
    sent = [
        (recipient.pk, channel, address_for(channel, address, is_exercise=alert.is_exercise))
        for recipient in told for channel, address in recipient.addresses
    ]  # fmt: skip
    return Audience(
        told, unreached, _left_out(alert, {recipient.pk for recipient in chosen}), len(sent), tag_of(sent),
        {by: _parts(by, told) for by in KEYS},
    )  # fmt: skip


def tag_of(sent: Iterable[Sent]) -> str:
    """Return a tag of who is told by what at which address; the same for a preview and for the deliveries made of it.

    It is kept short enough for a form and says nothing of anybody.
    """
    listed = sorted(f"{recipient} {channel} {address}" for recipient, channel, address in sent)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()[:32]


def _channels(recipient: Recipient) -> list[str]:
    return [channel for channel, _address in recipient.addresses]


def _agency(recipient: Recipient) -> str:
    if recipient.desk is None:
        return ""
    return f"a{recipient.desk.agency_id}" if recipient.desk.agency_id else f"o{recipient.desk.organization}"


def _country(recipient: Recipient) -> str:
    return recipient.desk.where if recipient.desk is not None else recipient.program.country


# What the counts are by; each says under which keys a recipient counts.
KEYS: dict[str, Callable[[Recipient], list[str]]] = {
    "channel": _channels,
    "country": lambda recipient: [_country(recipient)],
    "language": lambda recipient: [recipient.language],
    "kind": lambda recipient: [recipient.kind],
    "agency": lambda recipient: [_agency(recipient)],
}
LABELS: dict[str, Callable[[str, Recipient], Any]] = {
    "channel": lambda key, _recipient: Channel(key).label,
    "country": lambda key, _recipient: Country(key).label,
    "language": lambda key, _recipient: Language(key).label,
    "kind": lambda key, _recipient: RecipientKind(key).label,
    "agency": lambda key, recipient: recipient.desk.of_whom if recipient.desk else _("No desk recorded"),
}


def _parts(by: str, told: list[Recipient]) -> list[Part]:
    recipients: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    example: dict[str, Recipient] = {}
    for recipient in told:
        for key in KEYS[by](recipient):
            recipients[key] += 1
            messages[key] += 1 if by == "channel" else len(recipient.addresses)
            example.setdefault(key, recipient)
    return [
        Part(key, str(LABELS[by](key, example[key])), many, messages[key]) for key, many in recipients.most_common()
    ]


def _why_unreached(recipient: Recipient) -> Unreached:
    if recipient.sms_number and not recipient.has_verified_number and not (recipient.email or recipient.webhook_url):
        return Unreached.UNVERIFIED
    return Unreached.NOT_BY_THESE if recipient.chosen_channels else Unreached.NO_ADDRESS


def _left_out(alert: Alert, chosen: set[int]) -> list[tuple[LeftOut, int]]:
    """Return how many of the program's recipients get nothing, by the first reason that leaves them out."""
    asked = {"is_there": in_area_of(alert), "is_wanted": wants_case_of(alert) or Q(pk__isnull=False)}
    found = {name: ExpressionWrapper(condition, output_field=BooleanField()) for name, condition in asked.items()}
    rows = Recipient.objects.kept_for(alert).exclude(pk__in=chosen).annotate(**found)
    counts = Counter(_why_left_out(*row) for row in rows.values_list("is_active", *asked))
    return [(reason, counts[reason]) for reason in LeftOut if counts[reason]]


def _why_left_out(is_active: bool, is_there: bool, is_wanted: bool) -> LeftOut:
    if not is_active:
        return LeftOut.INACTIVE
    if not is_there:
        return LeftOut.ELSEWHERE
    return LeftOut.NOT_CHOSEN if is_wanted else LeftOut.OTHER_CASES
